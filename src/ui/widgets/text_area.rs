//! A field of several lines. It grows with what is in it up to a height, and scrolls from there on
//! within its frame.

use egui::{Frame, Response, ScrollArea, TextEdit, Ui};

use super::scroll::scrolled_ui;
use super::text;
use crate::i18n::Texts;

/// Draws `edit`, which has an id of its own, within `frame`.
pub fn text_area_ui(
    ui: &mut Ui,
    edit: TextEdit<'_>,
    frame: Frame,
    name: &str,
    is_enabled: bool,
    tallest: f32,
    texts: &'static Texts,
) -> Response {
    let shown = frame.show(ui, |ui| {
        let room = ScrollArea::vertical().id_salt(name).max_height(tallest);
        scrolled_ui(ui, room, texts, |ui| {
            let edit = edit.desired_width(f32::INFINITY).frame(Frame::NONE);
            ui.add_enabled(is_enabled, edit).accessible_name(name)
        })
    });
    let field = shown.inner;
    // The margin belongs to the field.
    let is_pressed = ui.input(|input| input.pointer.primary_pressed());
    if is_pressed && is_enabled && ui.rect_contains_pointer(shown.response.rect) {
        field.request_focus();
    }
    text::focus_ring_around(ui, &field, shown.response.rect);
    field
}
