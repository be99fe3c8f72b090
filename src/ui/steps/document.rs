//! Step 5: the report, previewed exactly as it will be saved.

use std::path::Path;

use egui::{Color32, CornerRadius, Frame, Id, Margin, ScrollArea, Stroke, TextEdit, Ui, UiBuilder};

use super::top_ui;
use crate::case::Case;
use crate::evidence::printable;
use crate::i18n::Texts;
use crate::report::Format;
use crate::ui::theme::{self, palette};
use crate::ui::widgets::scroll::scrolled_ui;
use crate::ui::widgets::text;
use crate::wizard::{Action, Dialog, Document, RunState, SaveState, Wizard};

/// Draws step 5.
pub fn document_step_ui(
    ui: &mut Ui,
    wizard: &Wizard,
    case: &Case,
    texts: &'static Texts,
    preview: &str,
) -> Option<Action> {
    let words = &texts.window.document;
    let lead = match wizard.run().map(|run| run.state) {
        Some(RunState::Cancelled) => &words.lead_stopped,
        Some(RunState::Waiting | RunState::Running) => &words.lead_running,
        Some(RunState::Complete) | None => &words.lead,
    };
    top_ui(ui, &words.title, lead, case, texts);
    let action = save_state_ui(ui, wizard, texts);
    // Under ids of its own, so that what has the focus keeps it when the panel above appears.
    let below = UiBuilder::new().scope_id(Id::unique("report"));
    let below = ui.scope_builder(below, |ui| {
        let action = format_ui(ui, wizard, texts, preview);
        preview_ui(ui, preview, texts);
        action
    });
    action.or(below.inner)
}

/// The choice of format, and copying.
fn format_ui(ui: &mut Ui, wizard: &Wizard, texts: &'static Texts, preview: &str) -> Option<Action> {
    let words = &texts.window.document;
    let mut action = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().interact_size.y = text::BUTTON;
        text::body(ui, &words.format);
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
    action
}

fn save_state_ui(ui: &mut Ui, wizard: &Wizard, texts: &'static Texts) -> Option<Action> {
    let document = &wizard.document;
    let (fill, ink, sentence) = save_sentence(ui, document, texts)?;
    let words = &texts.window.document;
    let mut action = None;
    Frame::new()
        .fill(fill)
        .corner_radius(CornerRadius::same(10))
        .inner_margin(Margin::symmetric(14, 10))
        .show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            let response = text::tinted(ui, &sentence, ink);
            text::announce(ui, response.id);
            match &document.save {
                SaveState::Failed(_) => {
                    text::body(ui, &words.failed_kept);
                }
                SaveState::Occupied(_) => {
                    if text::button(ui, &words.replace, true).clicked() {
                        action = Some(Action::Replace);
                    }
                }
                SaveState::Idle | SaveState::Saved(_) => {}
            }
            if document.offers_path() && !matches!(document.save, SaveState::Saved(_)) {
                action = action.take().or(path_ui(ui, wizard, texts));
            }
        });
    action
}

/// How saving stands, in words, with the colours for it.
fn save_sentence(
    ui: &Ui,
    document: &Document,
    texts: &'static Texts,
) -> Option<(Color32, Color32, String)> {
    let words = &texts.window.document;
    let palette = palette(ui);
    let shown = |path: &Path| printable(&path.display().to_string()).into_owned();
    Some(match (&document.save, document.dialog) {
        (SaveState::Saved(path), _) => {
            let sentence = words.saved.fill(&[("path", &shown(path))]);
            (palette.fine_soft, palette.fine, sentence)
        }
        (SaveState::Failed(reason), _) => {
            let sentence = words.failed.fill(&[("reason", &printable(reason))]);
            (palette.trouble_soft, palette.trouble, sentence)
        }
        (SaveState::Occupied(path), _) => {
            let sentence = words.occupied.fill(&[("path", &shown(path))]);
            (palette.caution_soft, palette.text, sentence)
        }
        (SaveState::Idle, Dialog::Unasked) => return None,
        (SaveState::Idle, Dialog::Open) => (palette.sunken, palette.text, words.choosing.clone()),
        (SaveState::Idle, Dialog::OpenBesidePath) => {
            (palette.sunken, palette.text, words.beside_dialog.clone())
        }
        (SaveState::Idle, Dialog::Closed) => {
            (palette.sunken, palette.text, words.no_choice.clone())
        }
        (SaveState::Idle, Dialog::Missing) => {
            (palette.sunken, palette.text, words.no_dialog.clone())
        }
    })
}

/// Saving without a file dialog: a path to edit and a button.
fn path_ui(ui: &mut Ui, wizard: &Wizard, texts: &'static Texts) -> Option<Action> {
    let words = &texts.window.document;
    let mut path = wizard.document.path.clone();
    let is_filled = !path.trim().is_empty();
    let field = text::field(ui, &mut path, path_id(), &words.path, f32::INFINITY);
    let pressed = text::button(ui, &words.save_here, is_filled).clicked();
    if field.changed() {
        Some(Action::PathTyped(path))
    } else if pressed || text::entered(ui, &field) {
        Some(Action::SaveToPath)
    } else {
        None
    }
}

fn path_id() -> Id {
    Id::unique("path-field")
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
        let room = ScrollArea::both()
            .id_salt("preview")
            .max_height(room)
            .auto_shrink([false, true]);
        scrolled_ui(ui, room, texts, |ui| {
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
