//! Step 5: the report, previewed exactly as it will be saved.

use std::path::Path;

use egui::{Frame, Id, ScrollArea, TextEdit, Ui, UiBuilder};

use super::heading_ui;
use crate::evidence::printable;
use crate::i18n::Texts;
use crate::report::Format;
use crate::ui::theme::{self, palette, space};
use crate::ui::widgets::notice::{Tone, notice_ui};
use crate::ui::widgets::path_picture::path_picture_ui;
use crate::ui::widgets::scroll::scrolled_ui;
use crate::ui::widgets::text;
use crate::wizard::{Action, Dialog, Document, Run, RunState, SaveState, Wizard};

/// Draws step 5.
pub fn document_step_ui(
    ui: &mut Ui,
    wizard: &Wizard,
    run: &Run,
    texts: &'static Texts,
    preview: &str,
) -> Option<Action> {
    let words = &texts.window.document;
    let lead = match run.state {
        RunState::Cancelled => &words.lead_stopped,
        RunState::Waiting | RunState::Running => &words.lead_running,
        RunState::Complete => &words.lead,
    };
    let is_tight = theme::is_tight(ui.ctx().content_rect().size());
    heading_ui(ui, &words.title, if is_tight { "" } else { lead });
    // Where there is little room, how saving went stands above the picture.
    let mut action = None;
    if is_tight {
        action = save_state_ui(ui, wizard, texts);
    }
    path_picture_ui(ui, run, texts);
    if !is_tight {
        action = save_state_ui(ui, wizard, texts);
    }
    // Under ids of its own, so that what has the focus keeps it when the panel above appears.
    let below = UiBuilder::new().scope_id(Id::unique("report"));
    let below = ui.scope_builder(below, |ui| {
        let action = format_ui(ui, wizard, texts, preview);
        let action = action.or(privacy_ui(ui, wizard, run, texts));
        let action = action.or(open_ui(ui, texts));
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
        ui.spacing_mut().item_spacing.x = space::LARGE;
        // As tall as what stands beside it, so that both are on one line.
        let label =
            egui::Label::new(egui::RichText::new(words.format.as_str()).font(theme::body()));
        let width = text::button_width(ui, &words.format, theme::body())
            - 2.0 * ui.spacing().button_padding.x;
        ui.add_sized([width, text::BUTTON], label);
        for (format, name) in [
            (Format::Markdown, &words.markdown),
            (Format::Html, &words.html),
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

/// Whether the report is told without what is private.
fn privacy_ui(ui: &mut Ui, wizard: &Wizard, run: &Run, texts: &'static Texts) -> Option<Action> {
    let words = &texts.window.document;
    // What was taken out of a saved report cannot be put back.
    let is_done = run.is_anonymised();
    let mut anonymise = wizard.document.anonymise || is_done;
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let checkbox = egui::Checkbox::new(&mut anonymise, words.anonymise.as_str());
        let response = ui.add_enabled(!is_done, checkbox);
        text::focus_ring(ui, &response);
        ui.horizontal_top(|ui| {
            let spacing = ui.spacing();
            let label = spacing.icon_width + spacing.icon_spacing;
            ui.spacing_mut().item_spacing.x = 0.0;
            ui.add_space(label);
            text::weak(ui, &words.anonymise_help);
        });
        response.changed().then_some(Action::Anonymise(anonymise))
    })
    .inner
}

/// The way to a report that was saved before.
fn open_ui(ui: &mut Ui, texts: &'static Texts) -> Option<Action> {
    let open = text::link_button(ui, &texts.window.opened.open);
    open.clicked().then_some(Action::ChooseReport)
}

fn save_state_ui(ui: &mut Ui, wizard: &Wizard, texts: &'static Texts) -> Option<Action> {
    let document = &wizard.document;
    let (tone, sentence) = save_sentence(document, texts)?;
    let words = &texts.window.document;
    let mut action = None;
    notice_ui(ui, tone, &sentence, |ui| {
        match &document.save {
            SaveState::Failed(_) => {
                text::body(ui, &words.failed_kept);
            }
            SaveState::Occupied(_) => {
                if text::button(ui, &words.replace, true).clicked() {
                    action = Some(Action::Replace);
                }
            }
            SaveState::Idle | SaveState::Saving(_) | SaveState::Saved(_) => {}
        }
        let is_told = matches!(document.save, SaveState::Saving(_) | SaveState::Saved(_));
        if document.offers_path() && !is_told {
            action = action.take().or(path_ui(ui, wizard, texts));
        }
    });
    action
}

/// How saving stands, in words, with their tone.
fn save_sentence(document: &Document, texts: &'static Texts) -> Option<(Tone, String)> {
    let words = &texts.window.document;
    let shown = |path: &Path| printable(&path.display().to_string()).into_owned();
    Some(match (&document.save, document.dialog) {
        (SaveState::Saving(path), _) => {
            let sentence = words.saving.fill(&[("path", &shown(path))]);
            (Tone::Quiet, sentence)
        }
        (SaveState::Saved(path), _) => {
            let sentence = words.saved.fill(&[("path", &shown(path))]);
            (Tone::Fine, sentence)
        }
        (SaveState::Failed(reason), _) => {
            let sentence = words.failed.fill(&[("reason", &printable(reason))]);
            (Tone::Trouble, sentence)
        }
        (SaveState::Occupied(path), _) => {
            let sentence = words.occupied.fill(&[("path", &shown(path))]);
            (Tone::Caution, sentence)
        }
        (SaveState::Idle, Dialog::Unasked) => return None,
        (SaveState::Idle, Dialog::Open) => (Tone::Quiet, words.choosing.clone()),
        (SaveState::Idle, Dialog::OpenBesidePath) => (Tone::Quiet, words.beside_dialog.clone()),
        (SaveState::Idle, Dialog::Closed) => (Tone::Quiet, words.no_choice.clone()),
        (SaveState::Idle, Dialog::Missing) => (Tone::Quiet, words.no_dialog.clone()),
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
    theme::paper(palette(ui)).show(ui, |ui| {
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
