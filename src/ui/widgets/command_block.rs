//! A command to copy: shown whole, never run.

use egui::{Role, ScrollArea, Ui, WidgetInfo};

use super::text;
use crate::evidence::printable;
use crate::i18n::Texts;
use crate::ui::theme::{self, palette};
use crate::wizard::Action;

/// One command with its copy button.
pub fn command_block_ui(
    ui: &mut Ui,
    command: &str,
    copied: Option<&str>,
    texts: &'static Texts,
) -> Option<Action> {
    let mut action = None;
    theme::block(palette(ui)).show(ui, |ui| {
        ui.horizontal(|ui| {
            let words = &texts.window.shell;
            let label = if copied == Some(command) {
                &words.copied
            } else {
                &words.copy
            };
            let button = text::button_width(ui, label, theme::body());
            let room = ui.available_width() - button - ui.spacing().item_spacing.x;
            ui.allocate_ui(egui::vec2(room.max(120.0), 24.0), |ui| {
                ui.set_min_width(room.max(120.0));
                ScrollArea::horizontal().id_salt(command).show(ui, |ui| {
                    text::mono(ui, &printable(command));
                });
            });
            let button = text::button(ui, label, true);
            button.widget_info(|| {
                WidgetInfo::labeled(
                    Role::Button,
                    true,
                    format!("{label}: {}", printable(command)),
                )
            });
            if copied == Some(command) {
                text::announce(ui, button.id);
            }
            if button.clicked() {
                action = Some(Action::Copy(command.to_owned()));
            }
        });
    });
    action
}
