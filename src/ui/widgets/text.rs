//! Text in the sizes of the theme, and buttons in its two ranks.

use std::borrow::Cow;

use egui::{
    Button, CollapsingHeader, Color32, FontId, Id, Key, Label, Modifiers, Rect, Response, RichText,
    Role, Sense, Stroke, TextEdit, Ui, Vec2, WidgetInfo, vec2,
};

use super::icon;
use crate::evidence::printable;
use crate::ui::theme::{self, line, palette, radius, space};

/// A screen's title: a heading for screen readers, read out when it changes. It takes the focus
/// when [`focus_next_title`] asked for it, without being a stop for Tab otherwise.
pub fn title(ui: &mut Ui, text: &str) -> Response {
    let asked = ui
        .data_mut(|data| data.remove_temp::<()>(title_key()))
        .is_some();
    let focused = title_id(ui).is_some_and(|id| ui.memory(|memory| memory.has_focus(id)));
    let sense = if asked || focused {
        Sense::focusable_noninteractive()
    } else {
        Sense::hover()
    };
    let shown = shortened(text, LONGEST_WORD);
    let font = theme::title(ui.ctx().content_rect().size());
    let label = Label::new(RichText::new(&*shown).font(font)).wrap();
    // Drawn by hand: a label that has the focus underlines itself.
    let (at, galley, response) = label.sense(sense).layout_in_ui(ui);
    ui.painter().galley(at, galley, palette(ui).text);
    let response = whole_on_hover(response, &shown, text);
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, text));
    ui.data_mut(|data| data.insert_temp(title_key(), response.id));
    if asked {
        response.request_focus();
    }
    announce(ui, response.id);
    response
}

/// Lets the title that is drawn next take the focus.
pub fn focus_next_title(ui: &Ui) {
    ui.data_mut(|data| data.insert_temp(title_key(), ()));
}

/// The title drawn last.
#[must_use]
pub fn title_id(ui: &Ui) -> Option<Id> {
    ui.data_mut(|data| data.get_temp(title_key()))
}

fn title_key() -> Id {
    Id::unique("title")
}

/// The line below a title.
pub fn subtitle(ui: &mut Ui, text: &str) -> Response {
    let shown = shortened(text, LONGEST_WORD);
    let color = palette(ui).weak;
    whole_on_hover(tinted(ui, &shown, color), &shown, text)
}

fn whole_on_hover(response: Response, shown: &str, text: &str) -> Response {
    if shown == text {
        response
    } else {
        response.on_hover_text(text)
    }
}

/// The text with very long words, such as a host name of 253 characters, shortened in the middle:
/// names differ at both ends.
#[must_use]
pub fn shortened(text: &str, longest_word: usize) -> Cow<'_, str> {
    let is_long = |word: &str| word.chars().count() > longest_word;
    if !text.split(' ').any(is_long) {
        return Cow::Borrowed(text);
    }
    let words = text.split(' ').map(|word| {
        if !is_long(word) {
            return word.to_owned();
        }
        let letters: Vec<char> = word.chars().collect();
        let (start, end) = (
            &letters[..longest_word / 2],
            &letters[letters.len() - longest_word / 2..],
        );
        start.iter().chain(['…'].iter()).chain(end).collect()
    });
    Cow::Owned(words.collect::<Vec<String>>().join(" "))
}

/// The line that opens and closes what is below it. Left to itself it would not wrap, and widen
/// everything beside it.
pub fn header(ui: &Ui, text: &str, font: FontId) -> CollapsingHeader {
    let room = ui.available_width() - ui.spacing().indent - ui.spacing().item_spacing.x;
    let galley = ui
        .painter()
        .layout(text.to_owned(), font, palette(ui).text, room);
    CollapsingHeader::new(galley).icon(icon::chevron)
}

/// A heading within a screen.
pub fn heading(ui: &mut Ui, text: &str) -> Response {
    let shown = shortened(text, LONGEST_WORD);
    let label = Label::new(RichText::new(&*shown).font(theme::heading())).wrap();
    let response = whole_on_hover(ui.add(label), &shown, text);
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, text));
    response
}

/// A heading of what follows on the page itself, with air between it and what stands above.
pub fn section(ui: &mut Ui, text: &str) -> Response {
    ui.add_space(space::MEDIUM);
    heading(ui, text)
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
    let shown = shortened(text, LONGEST_WORD);
    let label = Label::new(RichText::new(&*shown).font(theme::strong())).wrap();
    whole_on_hover(ui.add(label), &shown, text)
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

/// Lines of code as they are, none of them wrapped.
pub fn code(ui: &mut Ui, lines: &str) -> Response {
    let lines: Vec<Cow<'_, str>> = lines.lines().map(printable).collect();
    let text = RichText::new(lines.join("\n")).font(theme::mono());
    ui.add(Label::new(text).extend())
}

/// A field of one line.
pub fn field(ui: &mut Ui, value: &mut String, id: Id, name: &str, width: f32) -> Response {
    let edit = TextEdit::singleline(value)
        .id(id)
        .font(theme::mono())
        .char_limit(LONGEST_FIELD)
        .desired_width(width)
        .frame(theme::field(palette(ui)));
    let response = ui.add(edit).accessible_name(name);
    focus_ring(ui, &response);
    response
}

/// Whether Enter was pressed in this field of one line, which then has given up the focus. No
/// field that gets the focus instead sees the same key.
#[must_use]
pub fn entered(ui: &Ui, field: &Response) -> bool {
    let enter = || ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
    let pressed = field.lost_focus() && enter();
    entered_at_last(ui, field, pressed)
}

/// Whether Enter counts for this field now. `pressed` together with the last letter, as a slow
/// machine sees it, it counts in the next frame: what was typed has to be known by then.
#[must_use]
pub fn entered_at_last(ui: &Ui, field: &Response, pressed: bool) -> bool {
    let id = field.id.with("entered");
    let waited = ui.data_mut(|data| data.remove_temp::<()>(id)).is_some();
    let waits = pressed && field.changed();
    if waits {
        ui.data_mut(|data| data.insert_temp(id, ()));
    }
    (pressed || waited) && !waits
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
        let button = Button::new(label).wrap().min_size(vec2(0.0, BUTTON));
        with_focus_ring(ui, |ui| ui.add_enabled(enabled, button))
    })
    .inner
}

/// Any other button.
pub fn button(ui: &mut Ui, text: &str, enabled: bool) -> Response {
    let label = RichText::new(text).font(theme::body());
    let button = Button::new(label).min_size(vec2(0.0, BUTTON));
    with_focus_ring(ui, |ui| ui.add_enabled(enabled, button))
}

/// A button with an icon for a label; its name is for screen readers and for whoever hovers.
pub fn icon_button(ui: &mut Ui, name: &str, size: Vec2, draw: icon::Draw) -> Response {
    let response = with_focus_ring(ui, |ui| ui.add(Button::new("").min_size(size)));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    let color = palette(ui).text;
    draw(ui.painter(), response.rect.center(), 20.0, color);
    response.on_hover_text(name)
}

/// How wide a button with this label is.
#[must_use]
pub fn button_width(ui: &Ui, label: &str, font: FontId) -> f32 {
    let color = palette(ui).text;
    let galley = ui.painter().layout_no_wrap(label.to_owned(), font, color);
    galley.size().x + 2.0 * ui.spacing().button_padding.x
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
    focus_ring_around(ui, response, response.rect);
}

/// The ring around `rect`, of which what has the focus is a part.
pub fn focus_ring_around(ui: &Ui, response: &Response, rect: Rect) {
    if response.has_focus() {
        let ring = Stroke::new(line::STRONG, palette(ui).accent);
        let rect = rect.expand(line::STRONG + line::THIN);
        let round = f32::from(radius::TILE);
        ui.painter()
            .rect_stroke(rect, round, ring, egui::StrokeKind::Outside);
    }
    if response.gained_focus() {
        response.scroll_to_me(None);
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
        label_ui(ui, label, LINE, egui::Align::Min);
        ui.vertical(value);
    });
}

/// A label and a field beside each other, on one baseline.
pub fn field_pair(ui: &mut Ui, label: &str, field: impl FnOnce(&mut Ui)) {
    ui.horizontal_top(|ui| {
        label_ui(ui, label, FIELD, egui::Align::Center);
        ui.vertical(field);
    });
}

fn label_ui(ui: &mut Ui, label: &str, height: f32, align: egui::Align) {
    let column = 132.0_f32.min(ui.available_width() * 0.35);
    let layout = egui::Layout::left_to_right(align);
    ui.allocate_ui_with_layout(vec2(column, height), layout, |ui| {
        ui.set_min_size(vec2(column, height));
        weak(ui, label);
    });
}

/// The height of every button with a frame.
pub const BUTTON: f32 = 38.0;

/// The height of a line of running text.
pub const LINE: f32 = 20.0;

/// The height of a field of one line.
const FIELD: f32 = 32.0;

/// More than the longest host name or path that anyone types.
const LONGEST_FIELD: usize = 1000;

/// The longest word that is shown whole in titles.
pub const LONGEST_WORD: usize = 48;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_very_long_words_are_shortened_and_keep_both_ends() {
        assert_eq!(
            shortened("db.example.vn:5432 answers", LONGEST_WORD),
            "db.example.vn:5432 answers"
        );
        let host = format!("start.{}.end:5432", "a".repeat(240));
        let title = format!("The name {host} was not found");
        let short = shortened(&title, LONGEST_WORD);
        assert!(short.starts_with("The name start.aaa"), "{short}");
        assert!(
            short.contains('…') && short.ends_with("aaa.end:5432 was not found"),
            "{short}"
        );
        assert!(short.chars().count() < 80, "{short}");
    }
}
