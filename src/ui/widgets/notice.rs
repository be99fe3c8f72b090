//! A notice within the page: how something of our own went, or what stands in the way. Its icon
//! tells the tone as well as its colour does.

use egui::{Color32, Id, Response, Sense, Ui, vec2};

use super::{icon, text};
use crate::ui::theme::{self, Palette, palette, space};
use crate::wizard::StepState;

/// What a notice says before it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Something to know.
    Quiet,
    /// It went well.
    Fine,
    /// Something to decide first.
    Caution,
    /// It did not work.
    Trouble,
}

impl Tone {
    fn ground(self, palette: &Palette) -> Color32 {
        match self {
            Self::Quiet => palette.sunken,
            Self::Fine => palette.fine_soft,
            Self::Caution => palette.caution_soft,
            Self::Trouble => palette.trouble_soft,
        }
    }

    fn ink(self, palette: &Palette) -> Color32 {
        match self {
            Self::Quiet => palette.text,
            Self::Fine => palette.fine,
            Self::Caution => palette.caution,
            Self::Trouble => palette.trouble,
        }
    }
}

/// Draws a notice with what belongs to it below its sentence, and has screen readers read it out.
pub fn notice_ui(ui: &mut Ui, tone: Tone, sentence: &str, below: impl FnOnce(&mut Ui)) {
    let palette = palette(ui);
    theme::notice(tone.ground(palette)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ui.horizontal_top(|ui| {
            mark(ui, tone);
            ui.vertical(|ui| {
                let said = text::tinted(ui, sentence, tone.ink(palette));
                text::announce(ui, said.id);
                if tone != Tone::Quiet {
                    bring_into_sight(ui, sentence, &said);
                }
                below(ui);
            });
        });
    });
}

/// What is wrong with the field above it, read out when it appears.
pub fn inline_error_ui(ui: &mut Ui, sentence: &str) -> Response {
    let ink = palette(ui).trouble;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::SMALL;
        mark(ui, Tone::Trouble);
        let said = text::tinted(ui, sentence, ink);
        text::announce(ui, said.id);
        bring_into_sight(ui, sentence, &said);
        said
    })
    .inner
}

/// Scrolls to what was not said in the frame before, so that nobody has to look for it.
fn bring_into_sight(ui: &Ui, sentence: &str, shown: &Response) {
    let id = shown.id.with("said");
    let pass = ui.ctx().cumulative_pass_nr();
    let said = (pass, Id::unique(sentence));
    let before = ui.data_mut(|data| {
        let before = data.get_temp::<(u64, Id)>(id);
        data.insert_temp(id, said);
        before
    });
    let is_new = before.is_none_or(|(then, what)| what != said.1 || then + 2 < pass);
    if is_new {
        shown.scroll_to_me(None);
    }
}

/// The icon, as tall as a line of text.
fn mark(ui: &mut Ui, tone: Tone) {
    let (rect, _) = ui.allocate_exact_size(vec2(18.0, text::LINE), Sense::hover());
    let (painter, palette) = (ui.painter(), palette(ui));
    let disc = |state| icon::step_state(painter, rect.center(), 8.0, state, palette);
    match tone {
        Tone::Quiet => icon::info(painter, rect.center(), 16.0, palette.weak),
        Tone::Fine => disc(StepState::Fine),
        Tone::Caution => disc(StepState::Partly),
        Tone::Trouble => disc(StepState::Problem),
    }
}
