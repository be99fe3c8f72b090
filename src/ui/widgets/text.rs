//! Text in the sizes of the theme, and buttons in its two ranks.

use egui::{Button, Color32, Id, Label, Response, RichText, Role, Stroke, Ui, WidgetInfo, vec2};

use crate::ui::theme::{self, palette};

/// A screen's title: a heading for screen readers, read out when it changes.
pub fn title(ui: &mut Ui, text: &str) -> Response {
    let response = ui.add(Label::new(RichText::new(text).font(theme::title())).wrap());
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, text));
    announce(ui, response.id);
    response
}

/// A heading within a screen.
pub fn heading(ui: &mut Ui, text: &str) -> Response {
    let response = ui.add(Label::new(RichText::new(text).font(theme::heading())).wrap());
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, text));
    response
}

/// Running text.
pub fn body(ui: &mut Ui, text: &str) -> Response {
    ui.add(Label::new(RichText::new(text).font(theme::body())).wrap())
}

/// Running text in a colour.
pub fn tinted(ui: &mut Ui, text: &str, color: Color32) -> Response {
    ui.add(Label::new(RichText::new(text).font(theme::body()).color(color)).wrap())
}

/// Emphasis.
pub fn strong(ui: &mut Ui, text: &str) -> Response {
    ui.add(Label::new(RichText::new(text).font(theme::strong())).wrap())
}

/// Second-rank text.
pub fn weak(ui: &mut Ui, text: &str) -> Response {
    let color = palette(ui).weak;
    ui.add(Label::new(RichText::new(text).font(theme::small()).color(color)).wrap())
}

/// Addresses, raw values.
pub fn mono(ui: &mut Ui, text: &str) -> Response {
    ui.add(Label::new(RichText::new(text).font(theme::mono())).wrap())
}

/// The one button a screen wants pressed.
pub fn primary_button(ui: &mut Ui, text: &str, enabled: bool) -> Response {
    let palette = palette(ui);
    ui.scope(|ui| {
        let widgets = &mut ui.visuals_mut().widgets;
        for (widget, fill) in [
            (&mut widgets.inactive, palette.accent),
            (&mut widgets.hovered, palette.accent_hover),
            (&mut widgets.active, palette.accent_hover),
        ] {
            widget.weak_bg_fill = fill;
            widget.bg_stroke = Stroke::NONE;
            widget.fg_stroke.color = palette.on_accent;
        }
        let label = RichText::new(text)
            .font(theme::strong())
            .color(palette.on_accent);
        let button = Button::new(label).min_size(vec2(0.0, 40.0));
        with_focus_ring(ui, |ui| ui.add_enabled(enabled, button))
    })
    .inner
}

/// Any other button.
pub fn button(ui: &mut Ui, text: &str, enabled: bool) -> Response {
    let label = RichText::new(text).font(theme::body());
    let button = Button::new(label).min_size(vec2(0.0, 36.0));
    with_focus_ring(ui, |ui| ui.add_enabled(enabled, button))
}

/// A button that looks like a link.
pub fn link_button(ui: &mut Ui, text: &str) -> Response {
    let color = palette(ui).accent;
    let label = RichText::new(text).font(theme::body()).color(color);
    let button = Button::new(label).frame(false).min_size(vec2(0.0, 28.0));
    with_focus_ring(ui, |ui| ui.add(button))
}

/// Draws a ring around what has the keyboard's focus.
pub fn with_focus_ring(ui: &mut Ui, add: impl FnOnce(&mut Ui) -> Response) -> Response {
    let response = add(ui);
    focus_ring(ui, &response);
    response
}

/// The ring itself.
pub fn focus_ring(ui: &Ui, response: &Response) {
    if response.has_focus() {
        let ring = Stroke::new(2.0, palette(ui).accent);
        let rect = response.rect.expand(3.0);
        ui.painter()
            .rect_stroke(rect, 10.0, ring, egui::StrokeKind::Outside);
    }
}

/// Makes screen readers read this widget out when its text changes.
pub fn announce(ui: &Ui, id: Id) {
    ui.ctx()
        .accesskit_node_builder(id, |node| node.set_live(egui::accesskit::Live::Polite));
}

/// A label and its value beside each other, the value free to wrap.
pub fn pair(ui: &mut Ui, label: &str, value: impl FnOnce(&mut Ui)) {
    ui.horizontal_top(|ui| {
        let column = 132.0_f32.min(ui.available_width() * 0.35);
        ui.allocate_ui_with_layout(
            vec2(column, 20.0),
            egui::Layout::left_to_right(egui::Align::Min),
            |ui| {
                ui.set_min_width(column);
                weak(ui, label);
            },
        );
        ui.vertical(value);
    });
}
