//! A command or a piece of code to copy: shown whole, never run.

use egui::{Role, ScrollArea, Ui, WidgetInfo, vec2};

use super::scroll::scrolled_ui;
use super::text;
use crate::evidence::printable;
use crate::i18n::Texts;
use crate::ui::theme::{self, palette, space};
use crate::wizard::Action;

/// One command with its copy button.
pub fn command_block_ui(
    ui: &mut Ui,
    command: &str,
    copied: Option<&str>,
    texts: &'static Texts,
) -> Option<Action> {
    let shown = printable(command);
    theme::block(palette(ui))
        .show(ui, |ui| {
            let label = copy_label(command, copied, texts);
            let button = text::button_width(ui, label, theme::body());
            let beside = ui.available_width() - button - ui.spacing().item_spacing.x;
            let content = |ui: &mut Ui, width: f32| {
                ui.allocate_ui(vec2(width, text::LINE + space::TIGHT), |ui| {
                    ui.set_min_width(width);
                    let room = ScrollArea::horizontal().id_salt(command);
                    scrolled_ui(ui, room, texts, |ui| text::mono(ui, &shown));
                });
                copy_button_ui(ui, command, &shown, copied, texts)
            };
            if beside < LEAST_WIDTH {
                let width = ui.available_width();
                ui.vertical(|ui| content(ui, width)).inner
            } else {
                ui.horizontal(|ui| content(ui, beside)).inner
            }
        })
        .inner
}

/// Several lines of code under a name, with one copy button below.
pub fn code_block_ui(
    ui: &mut Ui,
    code: &str,
    name: &str,
    copied: Option<&str>,
    texts: &'static Texts,
) -> Option<Action> {
    theme::block(palette(ui))
        .show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            let room = ScrollArea::horizontal().id_salt(code);
            scrolled_ui(ui, room, texts, |ui| text::code(ui, code));
            copy_button_ui(ui, code, name, copied, texts)
        })
        .inner
}

fn copy_button_ui(
    ui: &mut Ui,
    content: &str,
    name: &str,
    copied: Option<&str>,
    texts: &'static Texts,
) -> Option<Action> {
    let label = copy_label(content, copied, texts);
    let button = text::button(ui, label, true);
    button.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{label}: {name}")));
    if copied == Some(content) {
        text::announce(ui, button.id);
    }
    let pressed = button.clicked();
    pressed.then(|| Action::Copy(content.to_owned()))
}

fn copy_label(content: &str, copied: Option<&str>, texts: &'static Texts) -> &'static str {
    let words = &texts.window.shell;
    if copied == Some(content) {
        &words.copied
    } else {
        &words.copy
    }
}

/// A command that has less room beside its button stands above it.
const LEAST_WIDTH: f32 = 160.0;
