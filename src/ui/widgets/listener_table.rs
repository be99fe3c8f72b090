//! Programs that listen on this computer, one card each.

use egui::Ui;

use super::text;
use crate::evidence::{Evidence, Listener, printable};
use crate::i18n::Texts;
use crate::i18n::wording::Wording;
use crate::ui::theme::{self, palette, space};

/// Draws one card a listener, with what the evidence has of it. So many as `own` of
/// the waiting connections are not worth a word.
pub fn listener_table_ui(
    ui: &mut Ui,
    listeners: &[&Listener],
    evidence: &Evidence,
    own: u32,
    wording: &Wording<'_>,
    texts: &'static Texts,
) {
    for (index, listener) in listeners.iter().take(MOST_CARDS).enumerate() {
        ui.push_id(index, |ui| {
            listener_ui(ui, listener, evidence, own, wording, texts);
        });
    }
}

/// Draws one line a listener: where, who, and who can reach it.
pub fn listener_lines_ui(ui: &mut Ui, listeners: &[&Listener], wording: &Wording<'_>) {
    ui.spacing_mut().item_spacing.y = space::HAIR;
    for listener in listeners.iter().take(MOST_CARDS) {
        ui.horizontal_wrapped(|ui| {
            text::mono(ui, &listener.addr.to_string());
            text::body(ui, &wording.listener_owner(listener));
            text::weak(ui, &wording.reach(listener, None));
        });
    }
}

fn listener_ui(
    ui: &mut Ui,
    listener: &Listener,
    evidence: &Evidence,
    own: u32,
    wording: &Wording<'_>,
    texts: &'static Texts,
) {
    let words = &texts.window.listener;
    theme::block(palette(ui)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = space::TIGHT;
        text::pair(ui, &words.program, |ui| {
            text::strong(ui, &wording.listener_owner(listener));
        });
        text::pair(ui, &words.address, |ui| {
            text::mono(ui, &listener.addr.to_string());
        });
        let mut backgrounds = evidence.backgrounds.iter();
        let background = backgrounds.find(|one| one.addr == listener.addr);
        facts_ui(
            ui,
            &wording.listener_facts(listener, background, own, evidence.os),
        );
        let command = listener
            .process
            .known()
            .and_then(|process| process.command.as_deref());
        if let Some(command) = command.filter(|command| !command.is_empty()) {
            let header = text::header(ui, &texts.verdict.listener.command, theme::body());
            header.id_salt("command").show(ui, |ui| {
                text::mono(ui, &printable(command));
            });
        }
    });
}

/// Draws labels and sentences beside each other.
pub fn facts_ui(ui: &mut Ui, facts: &[(&str, String)]) {
    for (label, value) in facts {
        text::pair(ui, label, |ui| {
            text::body(ui, value);
        });
    }
}

/// More cards than anyone reads; the report has them all.
const MOST_CARDS: usize = 60;
