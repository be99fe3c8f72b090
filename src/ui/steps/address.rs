//! Step 1: what to reach. One large field, and below it what we understood, as it is typed.

use egui::{
    Id, Key, KeyboardShortcut, Modifiers, Role, Sense, Stroke, TextEdit, Ui, Vec2, WidgetInfo,
};

use crate::catalogue;
use crate::evidence::{Fact, Gap, examples, is_private, printable};
use crate::i18n::Texts;
use crate::i18n::texts::WelcomeTexts;
use crate::i18n::wording;
use crate::target::{AddressError, Host, PortSource, Target, Understanding};
use crate::ui::keyboard;
use crate::ui::theme::{self, GRID, line, palette, radius, space};
use crate::ui::widgets::notice::{Tone, inline_error_ui, notice_ui};
use crate::ui::widgets::text_area::text_area_ui;
use crate::ui::widgets::{icon, text};
use crate::wizard::{Action, Entry, Part, Wizard};

/// Draws step 1.
pub fn address_step_ui(ui: &mut Ui, wizard: &Wizard, texts: &'static Texts) -> Option<Action> {
    let words = &texts.window.address;
    text::title(ui, &words.title);
    if !theme::is_tight(ui.ctx().content_rect().size()) {
        text::subtitle(ui, &words.lead);
    }

    ui.add_space(GRID / 2.0);
    let mut action = field_ui(ui, wizard, texts);
    let entry = &wizard.entry;
    // Where there is little room, what is wrong with the text stands next to it.
    let is_tight = theme::is_tight(ui.ctx().content_rect().size());
    if !is_tight {
        action = action.or(ways_ui(ui, wizard, texts));
    }
    action = action.or(match &entry.reading {
        None if entry.submitted => {
            inline_error_ui(ui, &texts.verdict.address_problem.empty);
            None
        }
        None => None,
        Some(Ok(reading)) => understood_ui(ui, wizard, reading, texts),
        Some(Err(error)) => error_ui(ui, entry, error, texts),
    });
    if is_tight {
        action = action.or(ways_ui(ui, wizard, texts));
    }
    let is_first = wizard.preferences.recents.is_empty();
    if is_first && entry.text.is_empty() {
        ui.add_space(GRID);
        welcome_ui(ui, texts);
    }
    if is_first {
        action = action.or(examples_ui(ui, wizard, texts));
        action.or(recents_ui(ui, wizard, texts))
    } else {
        action = action.or(recents_ui(ui, wizard, texts));
        action.or(examples_ui(ui, wizard, texts))
    }
}

/// What Ketnoi does, for whoever has tested nothing yet.
fn welcome_ui(ui: &mut Ui, texts: &'static Texts) {
    let promises = &texts.window.address.welcome;
    let icons: [icon::Draw; 3] = [icon::way, icon::reason, icon::tasks];
    theme::card(palette(ui)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        if ui.available_width() < THREE_COLUMNS {
            for (promise, draw) in promises.iter().zip(icons) {
                promise_ui(ui, promise, draw);
            }
        } else {
            ui.spacing_mut().item_spacing.x = space::PAGE;
            ui.columns_const(|columns: &mut [Ui; 3]| {
                for (column, (promise, draw)) in columns.iter_mut().zip(promises.iter().zip(icons))
                {
                    promise_ui(column, promise, draw);
                }
            });
        }
    });
}

fn promise_ui(ui: &mut Ui, promise: &WelcomeTexts, draw: icon::Draw) {
    let palette = palette(ui);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::MEDIUM;
        let (rect, _) = ui.allocate_exact_size(Vec2::splat(PROMISE), Sense::hover());
        ui.painter()
            .rect_filled(rect, radius::TILE, palette.selection);
        draw(ui.painter(), rect.center(), 20.0, palette.accent);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = space::HAIR;
            text::strong(ui, &promise.title);
            text::weak(ui, &promise.line);
        });
    });
}

/// The id of the address field, for the keyboard.
#[must_use]
pub fn field_id() -> Id {
    Id::unique("address-field")
}

/// The id of the field for the host.
#[must_use]
pub fn host_id() -> Id {
    Id::unique("host-field")
}

/// The id of the field for the port.
#[must_use]
pub fn port_id() -> Id {
    Id::unique("port-field")
}

fn field_ui(ui: &mut Ui, wizard: &Wizard, texts: &'static Texts) -> Option<Action> {
    let mut text = wizard.entry.text.clone();
    let is_tight = theme::is_tight(ui.ctx().content_rect().size());
    let (fewest, tallest) = if is_tight {
        (1, TALLEST_TIGHT)
    } else {
        (2, TALLEST)
    };
    let rows = text.lines().count().clamp(fewest, 7);
    let newline = KeyboardShortcut::new(Modifiers::SHIFT, Key::Enter);
    let edit = TextEdit::multiline(&mut text)
        .id(field_id())
        .font(theme::mono())
        .hint_text(texts.window.address.hint.as_str())
        .desired_rows(rows)
        .char_limit(MOST_CHARACTERS)
        .return_key(newline);
    let frame = theme::large_field(palette(ui));
    let name = &texts.window.address.field;
    let response = text_area_ui(ui, edit, frame, name, true, tallest, texts);
    if ui.memory(|memory| memory.focused().is_none()) && wizard.entry.text.is_empty() {
        response.request_focus();
    }
    let enter = || ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
    let pressed = response.has_focus() && enter();
    if text::entered_at_last(ui, &response, pressed) {
        return Some(keyboard::forward(ui, wizard));
    }
    response.changed().then_some(Action::Typed(text))
}

/// Other ways to begin than typing.
fn ways_ui(ui: &mut Ui, wizard: &Wizard, texts: &'static Texts) -> Option<Action> {
    let mut action = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0 * GRID;
        if text::link_button(ui, &texts.window.address.paste).clicked() {
            keyboard::paste_into(ui, field_id(), &wizard.entry.text);
        }
        if text::link_button(ui, &texts.window.opened.open).clicked() {
            action = Some(Action::ChooseReport);
        }
    });
    action
}

fn understood_ui(
    ui: &mut Ui,
    wizard: &Wizard,
    reading: &Understanding,
    texts: &'static Texts,
) -> Option<Action> {
    let words = &texts.window.address;
    let entry = &wizard.entry;
    let mut action = None;
    theme::card(palette(ui)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        text::heading(ui, &words.understood);
        if let Some(said) = entry.said() {
            text::body(ui, &wording::said(texts, said));
        }
        match reading {
            Understanding::Targets { targets, .. } => {
                action = targets_ui(ui, wizard, targets, texts);
            }
            Understanding::Incomplete { host, port, .. } => {
                let missing = match (host, port) {
                    (None, None) => &words.missing_both,
                    (None, Some(_)) => &words.missing_host,
                    (Some(_), _) => &words.missing_port,
                };
                let is_loud = entry.submitted && !entry.corrected;
                if is_loud && entry.missing().is_some() {
                    inline_error_ui(ui, missing);
                } else {
                    text::body(ui, missing);
                }
                action = correction_ui(ui, wizard, None, texts);
                if !is_loud {
                    corrected_ui(ui, entry, texts);
                }
            }
            Understanding::NotTcp(thing) => {
                text::body(ui, &wording::not_tcp(texts, thing));
            }
        }
    });
    action
}

fn targets_ui(
    ui: &mut Ui,
    wizard: &Wizard,
    targets: &[Target],
    texts: &'static Texts,
) -> Option<Action> {
    let words = &texts.window.address;
    if let [target] = targets {
        let action = correction_ui(ui, wizard, Some(target), texts);
        if wizard.entry.corrected {
            corrected_ui(ui, &wizard.entry, texts);
        } else {
            facts_ui(ui, target, texts);
        }
        return action;
    }
    text::body(ui, &words.several.fill(targets.len()));
    for target in targets {
        text::mono(ui, &printable(&target.endpoint()));
    }
    None
}

/// Host and port, free to be corrected.
fn correction_ui(
    ui: &mut Ui,
    wizard: &Wizard,
    target: Option<&Target>,
    texts: &'static Texts,
) -> Option<Action> {
    let words = &texts.window.address;
    let entry = &wizard.entry;
    let mut host = entry.host.clone();
    let mut port = entry.port.clone();
    let mut action = None;
    text::field_pair(ui, &words.host, |ui| {
        action = match small_field_ui(ui, &mut host, host_id(), &words.host, 320.0) {
            Keys::Typed => Some(Action::HostCorrected(host)),
            Keys::Enter => Some(keyboard::forward(ui, wizard)),
            Keys::None => None,
        };
    });
    text::field_pair(ui, &words.port, |ui| {
        ui.horizontal_wrapped(|ui| {
            action = match small_field_ui(ui, &mut port, port_id(), &words.port, 90.0) {
                Keys::Typed => Some(Action::PortCorrected(port)),
                Keys::Enter => Some(keyboard::forward(ui, wizard)),
                Keys::None => action.take(),
            };
            if let Some(target) = target.filter(|_| !entry.corrected) {
                text::weak(ui, &port_source(target, texts));
            }
        });
    });
    action
}

/// What was done to a field of one line.
enum Keys {
    None,
    Typed,
    Enter,
}

fn small_field_ui(ui: &mut Ui, value: &mut String, id: Id, name: &str, width: f32) -> Keys {
    let width = width.min(ui.available_width() - 24.0);
    let response = text::field(ui, value, id, name, width);
    if response.changed() {
        Keys::Typed
    } else if text::entered(ui, &response) {
        Keys::Enter
    } else {
        Keys::None
    }
}

fn corrected_ui(ui: &mut Ui, entry: &Entry, texts: &'static Texts) {
    match entry.corrected_target() {
        Some(Ok(target)) => facts_ui(ui, &target, texts),
        Some(Err(error)) => {
            inline_error_ui(ui, &wording::address_problem(texts, &error));
        }
        // Only one of the two was emptied: the other cannot be tested alone.
        None if entry.submitted => {
            let problem = match entry.missing() {
                Some(Part::Host) => &texts.verdict.address_problem.host_missing,
                Some(Part::Port) => &texts.verdict.address_problem.port_missing,
                Some(Part::Text) | None => return,
            };
            inline_error_ui(ui, problem);
        }
        None => {}
    }
}

fn facts_ui(ui: &mut Ui, target: &Target, texts: &'static Texts) {
    let words = &texts.window.address;
    text::pair(ui, &words.service, |ui| match &target.service {
        Some(service) => {
            text::body(ui, &printable(&catalogue::name_of(service)));
        }
        None => {
            text::weak(ui, &words.service_unknown);
        }
    });
    text::pair(ui, &words.whereabouts, |ui| {
        text::body(ui, whereabouts(target, texts));
    });
}

fn whereabouts<'t>(target: &Target, texts: &'t Texts) -> &'t str {
    let words = &texts.window.address;
    let Some(ip) = target.host.literal() else {
        let is_localhost = matches!(&target.host, Host::Name { ascii, .. } if ascii == "localhost");
        return if is_localhost {
            &words.this_computer
        } else {
            &words.by_name
        };
    };
    if ip.is_loopback() || ip.is_unspecified() {
        &words.this_computer
    } else if is_private(ip) {
        &words.your_network
    } else {
        &words.the_internet
    }
}

fn port_source(target: &Target, texts: &'static Texts) -> String {
    let words = &texts.window.address;
    match target.port_from {
        PortSource::Typed => words.port_typed.clone(),
        PortSource::Scheme => {
            let scheme = target.scheme.as_deref().unwrap_or_default();
            words
                .port_from_scheme
                .fill(&[("scheme", &printable(scheme))])
        }
        PortSource::ErrorText => words.port_from_error.clone(),
        PortSource::Guess => words.port_guessed.clone(),
    }
}

fn error_ui(
    ui: &mut Ui,
    entry: &Entry,
    error: &AddressError,
    texts: &'static Texts,
) -> Option<Action> {
    let mut action = None;
    let sentence = wording::address_problem(texts, error);
    notice_ui(ui, Tone::Trouble, &sentence, |ui| {
        marked_ui(ui, &entry.text, error);
        if let Some(mend) = &error.mend {
            let words = &texts.window.address;
            let label = words.use_instead.fill(&[("text", &printable(mend))]);
            if text::button(ui, &label, true).clicked() {
                action = Some(Action::Taken(mend.clone()));
            }
        }
    });
    action
}

/// The line that the error points at, with the place underlined.
fn marked_ui(ui: &mut Ui, text: &str, error: &AddressError) {
    if text.chars().count() > 300 || error.at.is_empty() {
        return;
    }
    let palette = palette(ui);
    let mut job = egui::text::LayoutJob::default();
    job.wrap.max_width = ui.available_width();
    for (index, character) in text.chars().enumerate() {
        let marked = error.at.contains(&index);
        let format = egui::TextFormat {
            font_id: theme::mono(),
            color: if marked {
                palette.trouble
            } else {
                palette.text
            },
            underline: if marked {
                Stroke::new(line::STRONG, palette.trouble)
            } else {
                Stroke::NONE
            },
            ..Default::default()
        };
        job.append(&printable(&character.to_string()), 0.0, format);
    }
    ui.label(job);
}

fn recents_ui(ui: &mut Ui, wizard: &Wizard, texts: &'static Texts) -> Option<Action> {
    let words = &texts.window.address;
    let preferences = &wizard.preferences;
    let mut action = None;
    ui.add_space(space::MEDIUM);
    ui.horizontal_wrapped(|ui| {
        text::heading(ui, &words.recents);
        let mut keep = preferences.keep_recents;
        let response = ui.checkbox(&mut keep, words.recents_keep.as_str());
        text::focus_ring(ui, &response);
        if response.changed() {
            action = Some(Action::KeepRecents(keep));
        }
        if !preferences.recents.is_empty() && text::link_button(ui, &words.recents_clear).clicked()
        {
            action = Some(Action::ForgetRecents);
        }
    });
    if preferences.recents.is_empty() {
        text::weak(ui, &words.recents_none);
        return action;
    }
    ui.horizontal_wrapped(|ui| {
        for recent in &preferences.recents {
            if chip_ui(ui, recent, None) {
                action = Some(Action::Taken(recent.clone()));
            }
        }
    });
    action
}

fn examples_ui(ui: &mut Ui, wizard: &Wizard, texts: &'static Texts) -> Option<Action> {
    let words = &texts.window.address;
    text::section(ui, &words.examples);
    match &wizard.listeners {
        Fact::Unknown(Gap::NotAsked | Gap::Pending) => {
            text::weak(ui, &words.examples_waiting);
            None
        }
        Fact::Unknown(gap) => {
            let why = wording::gap_reason(texts, gap);
            text::weak(ui, &texts.window.listener.unknown.fill(&[("gap", &why)]));
            None
        }
        Fact::Known(listeners) if listeners.is_empty() => {
            text::weak(ui, &words.examples_none);
            None
        }
        Fact::Known(listeners) => {
            let mut action = None;
            ui.horizontal_wrapped(|ui| {
                for example in examples(listeners).into_iter().take(MOST_EXAMPLES) {
                    let program = example.process.map(|process| process.name.as_str());
                    if chip_ui(ui, &example.endpoint, program) {
                        action = Some(Action::Picked(example.endpoint));
                    }
                }
            });
            action
        }
    }
}

fn chip_ui(ui: &mut Ui, label: &str, note: Option<&str>) -> bool {
    let palette = palette(ui);
    let mut job = egui::text::LayoutJob::default();
    let format = |font_id, color| egui::TextFormat {
        font_id,
        color,
        ..Default::default()
    };
    job.append(&printable(label), 0.0, format(theme::mono(), palette.text));
    if let Some(note) = note {
        job.append(&printable(note), 8.0, format(theme::small(), palette.weak));
    }
    let button = egui::Button::new(job)
        .min_size(egui::vec2(0.0, theme::size::TARGET))
        .truncate();
    let response = text::with_focus_ring(ui, |ui| ui.add(button));
    if let Some(note) = note {
        let name = format!("{} {}", printable(label), printable(note));
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    }
    response.clicked()
}

/// Below this width the promises stand below each other.
const THREE_COLUMNS: f32 = 600.0;

/// The side of a promise's tile.
const PROMISE: f32 = 36.0;

/// More listeners than these are not offered.
const MOST_EXAMPLES: usize = 12;

/// As much as the reader of pasted text takes.
const MOST_CHARACTERS: usize = 1 << 20;

/// How tall the field gets before what is in it scrolls.
const TALLEST: f32 = 166.0;

/// The same where there is little room: two lines.
const TALLEST_TIGHT: f32 = 44.0;
