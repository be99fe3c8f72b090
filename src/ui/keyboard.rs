//! The keyboard: what keys do wherever they are pressed, and where the focus goes.

use egui::text::CCursorRange;
use egui::text_edit::TextEditState;
use egui::{Event, EventFilter, Id, ImeEvent, Key, Modifiers, Popup, Ui, ViewportCommand, vec2};

use crate::ui::steps::address;
use crate::ui::widgets::text;
use crate::wizard::{Action, Part, Step, Wizard};

/// Brings the focus to where a person goes on after the step has changed: into the address field
/// on step 1, to the title elsewhere.
pub fn follow_step(ui: &Ui, wizard: &Wizard) {
    let id = Id::unique("step-on-screen");
    let before = ui.data_mut(|data| data.get_temp::<Step>(id));
    if before == Some(wizard.step) {
        return;
    }
    ui.data_mut(|data| data.insert_temp(id, wizard.step));
    match wizard.step {
        Step::Address => select_all(ui, address::field_id(), &wizard.entry.text),
        Step::Connection | Step::Listener | Step::Firewall | Step::Report => {
            text::focus_next_title(ui);
        }
    }
}

/// Keeps from the window the keys that belong to an input method: while it composes a word, Enter
/// takes the word and Escape drops it. Not every system keeps them to itself.
pub fn leave_to_input_method(ui: &Ui) {
    let id = Id::unique("composing");
    let before = ui.data_mut(|data| data.get_temp::<bool>(id));
    // A word that was left unfinished elsewhere belongs to no field any more.
    let mut composes = before.unwrap_or(false) && ui.text_edit_focused();
    ui.input_mut(|input| {
        input.events.retain(|event| match event {
            Event::Ime(ImeEvent::Preedit { text, .. }) => {
                composes = !text.is_empty();
                true
            }
            Event::Ime(ImeEvent::Commit(_)) | Event::Text(_) | Event::Paste(_) => {
                composes = false;
                true
            }
            Event::Key {
                key: Key::Enter | Key::Escape,
                ..
            } => !composes,
            _ => true,
        });
    });
    ui.data_mut(|data| data.insert_temp(id, composes));
}

/// Keys that mean the same everywhere.
pub fn shortcut(ui: &Ui, wizard: &Wizard) -> Option<Action> {
    let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
    if pressed(Modifiers::ALT, Key::ArrowLeft) {
        return Some(Action::Back);
    }
    if pressed(Modifiers::COMMAND, Key::L) {
        if wizard.step != Step::Address {
            return Some(Action::GoTo(Step::Address));
        }
        // No action, which would win over what is typed in the same frame.
        select_all(ui, address::field_id(), &wizard.entry.text);
    }
    if pressed(Modifiers::COMMAND, Key::S) && wizard.can_open(Step::Report) {
        return Some(Action::Save);
    }
    if pressed(Modifiers::COMMAND, Key::O) {
        return Some(Action::ChooseReport);
    }
    if pressed(Modifiers::NONE, Key::F5) {
        return Some(Action::TestAgain);
    }
    if wizard.is_running() && pressed(Modifiers::NONE, Key::Escape) {
        return Some(Action::Cancel);
    }
    let elsewhere = ui.memory(egui::Memory::focused) == text::title_id(ui);
    let nowhere = ui.memory(|memory| memory.focused().is_none());
    if (nowhere || elsewhere) && pressed(Modifiers::NONE, Key::Enter) {
        return Some(forward(ui, wizard));
    }
    None
}

/// The primary button's action. Where something is still to be filled in, the focus goes there.
pub fn forward(ui: &Ui, wizard: &Wizard) -> Action {
    if wizard.step == Step::Address
        && let Some(missing) = wizard.entry.missing()
    {
        match missing {
            Part::Text => select_all(ui, address::field_id(), &wizard.entry.text),
            Part::Host => select_all(ui, address::host_id(), &wizard.entry.host),
            Part::Port => select_all(ui, address::port_id(), &wizard.entry.port),
        }
    }
    Action::Forward
}

/// Scrolls the surrounding page by the keys for it. Those that move a cursor do so only while no
/// text is being edited, and those that walk through a menu only while none is open.
pub fn scroll_page(ui: &Ui) {
    let free = !ui.text_edit_focused() && !Popup::is_any_open(ui.ctx());
    if free && let Some(focused) = ui.memory(egui::Memory::focused) {
        // Otherwise the arrows would carry the focus from button to button.
        let filter = EventFilter {
            vertical_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(focused, filter));
    }
    let screenful = (ui.clip_rect().height() - LINE).max(LINE);
    let keys: [(Key, f32, bool); 6] = [
        (Key::PageUp, screenful, true),
        (Key::PageDown, -screenful, true),
        (Key::ArrowUp, LINE, free),
        (Key::ArrowDown, -LINE, free),
        (Key::Home, WHOLE_PAGE, free),
        (Key::End, -WHOLE_PAGE, free),
    ];
    for (key, delta, enabled) in keys {
        if enabled && ui.input_mut(|input| input.consume_key(Modifiers::NONE, key)) {
            ui.scroll_with_delta(vec2(0.0, delta));
        }
    }
}

/// Tab on the last control leads to the first one: egui lets go of the focus there, and gives it to
/// the first only when it draws again, whenever that is. So it draws again at once.
pub fn come_around(ui: &Ui) {
    let is_tab = ui.input(|input| input.key_pressed(Key::Tab));
    if is_tab && ui.memory(|memory| memory.focused().is_none()) {
        ui.request_discard("Tab comes around");
    }
}

/// Puts what is on the clipboard into a text field, in place of what is in it.
pub fn paste_into(ui: &Ui, field: Id, text: &str) {
    select_all(ui, field, text);
    ui.send_viewport_cmd(ViewportCommand::RequestPaste);
}

/// Focuses a text field so that typing replaces what is in it.
fn select_all(ui: &Ui, field: Id, text: &str) {
    let mut state = TextEditState::load(ui, field).unwrap_or_default();
    let all = CCursorRange::select_all_str(text);
    state.cursor.set_char_range(Some(all));
    state.store(ui, field);
    ui.memory_mut(|memory| memory.request_focus(field));
}

/// How far an arrow key scrolls, in points.
const LINE: f32 = 56.0;

/// Farther than any page is long.
const WHOLE_PAGE: f32 = 1e6;
