//! Step 5: the report, previewed exactly as it will be saved.

use egui::{CornerRadius, Frame, Margin, ScrollArea, Stroke, TextEdit, Ui};

use super::top_ui;
use crate::case::Case;
use crate::evidence::printable;
use crate::i18n::Texts;
use crate::report::Format;
use crate::ui::theme::{self, palette};
use crate::ui::widgets::text;
use crate::wizard::{Action, SaveState, Wizard};

/// Draws step 5.
pub fn document_step_ui(
    ui: &mut Ui,
    wizard: &Wizard,
    case: &Case,
    texts: &'static Texts,
    preview: &str,
) -> Option<Action> {
    let words = &texts.window.document;
    top_ui(ui, &words.title, &words.lead, case, texts);
    let mut action = save_state_ui(ui, wizard, texts);
    ui.horizontal_wrapped(|ui| {
        text::weak(ui, &words.format);
        for (format, name) in [
            (Format::Markdown, &words.markdown),
            (Format::Json, &words.json),
            (Format::Text, &words.text),
        ] {
            let chosen = wizard.document.format == format;
            let response = ui.radio(chosen, name.as_str());
            text::focus_ring(ui, &response);
            if response.clicked() && !chosen {
                action = Some(Action::ChooseFormat(format));
            }
        }
        let copied = wizard.copied.as_deref() == Some(preview);
        let label = if copied {
            &texts.window.shell.copied
        } else {
            &words.copy
        };
        let response = text::button(ui, label, true);
        if copied {
            text::announce(ui, response.id);
        }
        if response.clicked() {
            action = Some(Action::Copy(preview.to_owned()));
        }
    });
    preview_ui(ui, preview, texts);
    action
}

fn save_state_ui(ui: &mut Ui, wizard: &Wizard, texts: &'static Texts) -> Option<Action> {
    let words = &texts.window.document;
    let palette = palette(ui);
    let (fill, ink, sentence) = match &wizard.document.save {
        SaveState::Idle => return None,
        SaveState::Choosing => (palette.sunken, palette.text, words.choosing.clone()),
        SaveState::NoChoice => (palette.caution_soft, palette.text, words.no_choice.clone()),
        SaveState::Saved(path) => {
            let path = path.display().to_string();
            (
                palette.fine_soft,
                palette.fine,
                words.saved.fill(&[("path", &printable(&path))]),
            )
        }
        SaveState::Failed(reason) => {
            let reason = printable(reason);
            (
                palette.trouble_soft,
                palette.trouble,
                words.failed.fill(&[("reason", &reason)]),
            )
        }
    };
    let mut action = None;
    Frame::new()
        .fill(fill)
        .corner_radius(CornerRadius::same(10))
        .inner_margin(Margin::symmetric(14, 10))
        .show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            let response = text::tinted(ui, &sentence, ink);
            text::announce(ui, response.id);
            if matches!(wizard.document.save, SaveState::Failed(_)) {
                text::body(ui, &words.failed_kept);
            }
            if matches!(
                wizard.document.save,
                SaveState::Failed(_) | SaveState::NoChoice
            ) {
                action = inline_save_ui(ui, wizard, texts);
            }
        });
    action
}

/// Saving without a file dialog: a path to edit and a button.
fn inline_save_ui(ui: &mut Ui, wizard: &Wizard, texts: &'static Texts) -> Option<Action> {
    let words = &texts.window.document;
    let mut action = None;
    let mut path = wizard.document.path.clone();
    let frame = Frame::new()
        .fill(palette(ui).surface)
        .stroke(Stroke::new(1.0, palette(ui).control_border))
        .corner_radius(CornerRadius::same(8))
        .inner_margin(Margin::symmetric(10, 6));
    let edit = TextEdit::singleline(&mut path)
        .font(theme::mono())
        .desired_width(f32::INFINITY)
        .frame(frame);
    let response = ui.add(edit).accessible_name(words.path.as_str());
    text::focus_ring(ui, &response);
    if response.changed() {
        action = Some(Action::PathTyped(path));
    }
    if text::button(
        ui,
        &words.save_here,
        !wizard.document.path.trim().is_empty(),
    )
    .clicked()
    {
        action = Some(Action::SaveToPath);
    }
    action
}

fn preview_ui(ui: &mut Ui, preview: &str, texts: &'static Texts) {
    let palette = palette(ui);
    let frame = Frame::new()
        .fill(palette.surface)
        .stroke(Stroke::new(1.0, palette.border))
        .corner_radius(CornerRadius::same(10))
        .inner_margin(Margin::same(14));
    frame.show(ui, |ui| {
        let room = (ui.ctx().content_rect().height() - 420.0).max(220.0);
        ScrollArea::both()
            .id_salt("preview")
            .max_height(room)
            .auto_shrink([false, true])
            .show(ui, |ui| {
                let mut shown = preview;
                let edit = TextEdit::multiline(&mut shown)
                    .font(theme::mono())
                    .desired_width(f32::INFINITY)
                    .frame(Frame::NONE);
                ui.add(edit)
                    .accessible_name(texts.window.document.preview.as_str());
            });
    });
}
