//! The verdict in three parts: what happened, why we think so, how sure we are; then what else
//! it could be, each with the test that would decide.

use egui::Ui;

use super::certainty_mark::{bars_ui, certainty_mark_ui};
use super::{icon, text};
use crate::case::Case;
use crate::diagnosis::{Clue, Impact};
use crate::i18n::Texts;
use crate::i18n::wording::Wording;
use crate::ui::theme::{self, GRID, palette, space};
use crate::wizard::StepState;

/// Draws the verdict of a case whose test has ended.
pub fn finding_card_ui(ui: &mut Ui, case: &Case, texts: &'static Texts) {
    let palette = palette(ui);
    let diagnosis = case.diagnosis();
    let wording = Wording::new(texts, &case.evidence().target);
    let (ink, soft, state) = match diagnosis.impact {
        Impact::None => (palette.fine, palette.fine_soft, StepState::Fine),
        Impact::Degraded => (palette.caution, palette.caution_soft, StepState::Partly),
        Impact::Blocked => (palette.trouble, palette.trouble_soft, StepState::Problem),
    };
    theme::bare_card(palette).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 0.0;
        banner_ui(ui, soft, |ui| {
            let (rect, _) = ui.allocate_exact_size(egui::vec2(24.0, 24.0), egui::Sense::hover());
            icon::step_state(ui.painter(), rect.center(), 11.0, state, palette);
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = space::SMALL;
                text::body(ui, &wording.finding_explanation(&diagnosis.verdict));
                let certainty = diagnosis.verdict.certainty;
                let words = &texts.window.connection.certainty;
                certainty_mark_ui(ui, certainty, words.of(certainty), ink);
            });
        });
        theme::below_band().show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = space::TIGHT;
            evidence_ui(ui, &diagnosis.verdict.because, &wording, texts);
            alternatives_ui(ui, case, &wording, texts);
        });
    });
}

fn banner_ui(ui: &mut Ui, fill: egui::Color32, add: impl FnOnce(&mut Ui)) {
    theme::band(fill).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ui.horizontal_top(add);
    });
}

fn evidence_ui(ui: &mut Ui, clues: &[Clue], wording: &Wording<'_>, texts: &'static Texts) {
    if clues.is_empty() {
        return;
    }
    text::heading(ui, &texts.window.connection.why);
    for clue in clues.iter().take(FIRST_CLUES) {
        bullet_ui(ui, &wording.clue(clue));
    }
    if clues.len() > FIRST_CLUES {
        text::header(ui, &texts.window.shell.details, theme::body())
            .id_salt("clues")
            .show(ui, |ui| {
                for clue in &clues[FIRST_CLUES..] {
                    bullet_ui(ui, &wording.clue(clue));
                }
            });
    }
}

fn alternatives_ui(ui: &mut Ui, case: &Case, wording: &Wording<'_>, texts: &'static Texts) {
    let alternatives = &case.diagnosis().verdict.alternatives;
    if alternatives.is_empty() {
        return;
    }
    ui.add_space(GRID);
    text::heading(ui, &texts.window.connection.alternatives);
    for (index, alternative) in alternatives.iter().enumerate() {
        if index > 0 {
            ui.add_space(space::TIGHT);
        }
        let sure = wording.certainty(alternative.certainty);
        let title = wording.cause_title(&alternative.cause);
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = space::SMALL;
            bars_ui(ui, alternative.certainty, palette(ui).weak);
            text::body(ui, &format!("{title} ({sure})"));
        });
        let test = wording.deciding_test(alternative.decided_by);
        ui.horizontal_top(|ui| {
            ui.add_space(20.0 + space::SMALL);
            text::weak(
                ui,
                &texts.window.connection.decided_by.fill(&[("test", &test)]),
            );
        });
    }
}

/// One line of a list.
pub fn bullet_ui(ui: &mut Ui, line: &str) {
    let weak = palette(ui).weak;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::SMALL;
        let size = egui::vec2(10.0, text::LINE);
        let (rect, _) = ui.allocate_exact_size(size, egui::Sense::hover());
        ui.painter().circle_filled(rect.center(), 2.5, weak);
        text::body(ui, line);
    });
}

/// How many clues stand open; the rest is one click away.
const FIRST_CLUES: usize = 4;
