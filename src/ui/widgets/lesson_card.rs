//! “What does this mean?”: what went over the wire, the error that programs show for it, and how
//! a program handles it. Closed until somebody asks.

use egui::Ui;

use super::command_block::code_block_ui;
use super::text;
use super::wire_picture::wire_picture_ui;
use crate::case::Case;
use crate::case::lesson::{Lesson, lesson};
use crate::evidence::Os;
use crate::i18n::program_error::shown;
use crate::i18n::{Texts, Wording};
use crate::ui::theme::{self, GRID, palette};
use crate::wizard::Action;

/// Draws the card for a test that has ended, when there is something to learn.
pub fn lesson_card_ui(
    ui: &mut Ui,
    case: &Case,
    copied: Option<&str>,
    texts: &'static Texts,
) -> Option<Action> {
    let lesson = lesson(case)?;
    let words = &texts.window.lesson;
    let wording = Wording::new(texts, &case.evidence().target);
    let os = case.evidence().os;
    theme::card(palette(ui))
        .show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            let header = text::header(ui, &words.title, theme::strong()).id_salt("lesson");
            let shown = header.show(ui, |ui| {
                content_ui(ui, &lesson, os, copied, &wording, texts)
            });
            shown.body_returned.flatten()
        })
        .inner
}

fn content_ui(
    ui: &mut Ui,
    lesson: &Lesson,
    os: Os,
    copied: Option<&str>,
    wording: &Wording<'_>,
    texts: &'static Texts,
) -> Option<Action> {
    let words = &texts.window.lesson;
    text::body(ui, &wording.meaning(lesson.ending));
    ui.add_space(GRID);
    text::heading(ui, &words.wire);
    wire_picture_ui(ui, lesson, wording);
    let errors = shown(lesson.ending, os);
    if !errors.is_empty() {
        ui.add_space(GRID);
        text::heading(ui, &words.errors);
        for error in errors {
            text::pair(ui, error.language, |ui| {
                text::mono(ui, &error.text);
            });
        }
    }
    let sample = wording.python_sample(lesson.ending)?;
    ui.add_space(GRID);
    text::heading(ui, &words.code);
    code_block_ui(ui, &sample, &words.code, copied, texts)
}
