//! The window, drawn from the wizard's state. Drawing asks for nothing but an [`Action`].
//!
//! Deliberately absent: input and output, text (all of it is in `i18n`), and colours (all of
//! them are in [`theme`]).

pub mod steps;
pub mod theme;
pub mod widgets;

use egui::{CentralPanel, Frame, Key, Margin, Modifiers, Panel, ScrollArea, Sense, Ui, vec2};

use crate::i18n::{Language, Texts};
use crate::ui::theme::{GRID, palette};
use crate::ui::widgets::{icon, text};
use crate::wizard::{Action, SaveState, Step, StepState, Theme, Wizard};

/// Draws the whole window. `preview` is the report as it would be saved.
pub fn window_ui(ui: &mut Ui, wizard: &Wizard, preview: &str) -> Option<Action> {
    let texts = Texts::of(wizard.preferences.language);
    let palette = palette(ui);
    ui.painter()
        .rect_filled(ui.max_rect(), 0.0, palette.background);
    let narrow = ui.available_width() < theme::NARROW;

    let mut action = shortcut(ui, wizard);
    let bar = Frame::new()
        .fill(palette.surface)
        .inner_margin(Margin::symmetric(16, 8));
    Panel::top("header").frame(bar).show(ui, |ui| {
        keep(&mut action, header_ui(ui, wizard, texts));
        if narrow {
            keep(&mut action, compact_rail_ui(ui, wizard, texts));
        }
    });
    Panel::bottom("footer").frame(bar).show(ui, |ui| {
        keep(&mut action, footer_ui(ui, wizard, texts));
    });
    if !narrow {
        let rail = Frame::new()
            .fill(palette.background)
            .inner_margin(Margin::symmetric(12, 16));
        Panel::left("rail")
            .frame(rail)
            .resizable(false)
            .exact_size(RAIL)
            .show(ui, |ui| {
                keep(&mut action, rail_ui(ui, wizard, texts));
            });
    }
    let page = Frame::new().fill(palette.background);
    CentralPanel::no_frame().frame(page).show(ui, |ui| {
        let scroll = ScrollArea::vertical()
            .id_salt(wizard.step)
            .auto_shrink([false, false]);
        scroll.show(ui, |ui| {
            let margin = if narrow {
                Margin::symmetric(16, 16)
            } else {
                Margin::symmetric(24, 20)
            };
            Frame::new().inner_margin(margin).show(ui, |ui| {
                ui.set_max_width(theme::COLUMN.min(ui.available_width()));
                ui.spacing_mut().item_spacing.y = GRID * 1.25;
                keep(&mut action, steps::step_ui(ui, wizard, texts, preview));
            });
        });
    });
    action
}

/// The first action of a frame wins: one press, one action.
fn keep(action: &mut Option<Action>, new: Option<Action>) {
    if action.is_none() {
        *action = new;
    }
}

fn shortcut(ui: &mut Ui, wizard: &Wizard) -> Option<Action> {
    let typing = ui.memory(|memory| memory.focused().is_some());
    ui.input_mut(|input| {
        if input.consume_key(Modifiers::ALT, Key::ArrowLeft) {
            return Some(Action::Back);
        }
        if input.consume_key(Modifiers::COMMAND, Key::L) {
            return Some(Action::GoTo(Step::Address));
        }
        if input.consume_key(Modifiers::COMMAND, Key::S) && wizard.can_open(Step::Report) {
            return Some(match wizard.step {
                // Where no dialog came up, the path on the screen is the answer.
                Step::Report if wizard.document.save == SaveState::NoChoice => Action::SaveToPath,
                Step::Report => Action::ChooseFile,
                _ => Action::GoTo(Step::Report),
            });
        }
        if input.consume_key(Modifiers::NONE, Key::F5) {
            return Some(Action::TestAgain);
        }
        if wizard.is_running() && input.consume_key(Modifiers::NONE, Key::Escape) {
            return Some(Action::Cancel);
        }
        if !typing && input.consume_key(Modifiers::NONE, Key::Enter) {
            return Some(Action::Forward);
        }
        None
    })
}

fn header_ui(ui: &mut Ui, wizard: &Wizard, texts: &'static Texts) -> Option<Action> {
    let mut action = None;
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(26.0, 26.0), Sense::hover());
        icon::mark(ui.painter(), rect, palette(ui));
        text::heading(ui, &texts.window.shell.window_title);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            keep(&mut action, theme_menu_ui(ui, wizard, texts));
            keep(&mut action, language_switch_ui(ui, wizard, texts));
        });
    });
    action
}

fn language_switch_ui(ui: &mut Ui, wizard: &Wizard, texts: &'static Texts) -> Option<Action> {
    let mut action = None;
    for language in Language::ALL.into_iter().rev() {
        let chosen = wizard.preferences.language == language;
        let label = egui::RichText::new(language.code().to_uppercase()).font(theme::strong());
        let button = egui::Button::selectable(chosen, label).min_size(vec2(40.0, 32.0));
        let response = text::with_focus_ring(ui, |ui| ui.add(button));
        let name = format!("{}: {}", texts.window.shell.language, language.own_name());
        response.widget_info(|| {
            egui::WidgetInfo::selected(egui::Role::RadioButton, true, chosen, &name)
        });
        if response.on_hover_text(language.own_name()).clicked() && !chosen {
            action = Some(Action::Speak(language));
        }
    }
    action
}

fn theme_menu_ui(ui: &mut Ui, wizard: &Wizard, texts: &'static Texts) -> Option<Action> {
    let words = &texts.window.shell;
    let mut action = None;
    let mut chosen = wizard.preferences.theme;
    let name = |theme: Theme| match theme {
        Theme::System => words.theme_system.as_str(),
        Theme::Light => words.theme_light.as_str(),
        Theme::Dark => words.theme_dark.as_str(),
    };
    let combo = egui::ComboBox::from_id_salt("theme")
        .selected_text(name(chosen))
        .show_ui(ui, |ui| {
            for theme in [Theme::System, Theme::Light, Theme::Dark] {
                ui.selectable_value(&mut chosen, theme, name(theme));
            }
        });
    let label = format!("{}: {}", words.theme, name(chosen));
    let response = combo.response.accessible_name(label);
    text::focus_ring(ui, &response);
    response.on_hover_text(words.theme.as_str());
    if chosen != wizard.preferences.theme {
        action = Some(Action::Dress(chosen));
    }
    action
}

fn rail_ui(ui: &mut Ui, wizard: &Wizard, texts: &'static Texts) -> Option<Action> {
    let mut action = None;
    ui.spacing_mut().item_spacing.y = 4.0;
    for step in Step::ALL {
        let width = ui.available_width();
        if rail_item_ui(ui, wizard, texts, step, vec2(width, 44.0), true) {
            action = Some(Action::GoTo(step));
        }
    }
    action
}

fn compact_rail_ui(ui: &mut Ui, wizard: &Wizard, texts: &'static Texts) -> Option<Action> {
    let mut action = None;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let open = (ui.available_width() - 4.0 * 52.0).max(120.0);
        for step in Step::ALL {
            let here = step == wizard.step;
            let width = if here { open } else { 48.0 };
            if rail_item_ui(ui, wizard, texts, step, vec2(width, 36.0), here) {
                action = Some(Action::GoTo(step));
            }
        }
    });
    action
}

/// One step of the rail; true when it was pressed.
fn rail_item_ui(
    ui: &mut Ui,
    wizard: &Wizard,
    texts: &'static Texts,
    step: Step,
    size: egui::Vec2,
    labelled: bool,
) -> bool {
    let palette = palette(ui);
    let words = &texts.window.shell;
    let state = wizard.step_state(step);
    let enabled = wizard.can_open(step);
    let here = wizard.step == step;
    let sense = if enabled {
        Sense::click()
    } else {
        Sense::hover()
    };
    let (rect, response) = ui.allocate_exact_size(size, sense);
    let name = &words.steps[step.index()];
    response.widget_info(|| {
        let label = words.step_of.fill(&[
            ("number", &(step.index() + 1)),
            ("name", name),
            ("state", &state_name(state, texts)),
        ]);
        egui::WidgetInfo::selected(egui::Role::Tab, enabled, here, label)
    });

    if here {
        ui.painter().rect_filled(rect, 10.0, palette.sunken);
        let marker =
            egui::Rect::from_min_size(rect.min + vec2(0.0, 10.0), vec2(3.0, size.y - 20.0));
        ui.painter().rect_filled(marker, 2.0, palette.accent);
    } else if enabled && response.hovered() {
        ui.painter().rect_filled(rect, 10.0, palette.sunken);
    }
    let center = egui::pos2(rect.left() + 24.0, rect.center().y);
    icon::step_state(ui.painter(), center, 11.0, state, palette);
    if state == StepState::Todo {
        let number = (step.index() + 1).to_string();
        let at = egui::Align2::CENTER_CENTER;
        ui.painter()
            .text(center, at, number, theme::small(), palette.weak);
    }
    if labelled {
        let font = if here { theme::strong() } else { theme::body() };
        let color = if enabled { palette.text } else { palette.weak };
        let galley = ui
            .painter()
            .layout(name.clone(), font, color, size.x - 52.0);
        let at = egui::pos2(rect.left() + 46.0, rect.center().y - galley.size().y / 2.0);
        ui.painter().galley(at, galley, color);
    }
    text::focus_ring(ui, &response);
    response
        .on_hover_text(format!("{name}: {}", state_name(state, texts)))
        .clicked()
        && enabled
}

fn state_name(state: StepState, texts: &'static Texts) -> &'static str {
    let words = &texts.window.shell;
    match state {
        StepState::Todo => &words.state_todo,
        StepState::Running => &words.state_running,
        StepState::Fine => &words.state_fine,
        StepState::Problem => &words.state_problem,
        StepState::NotNeeded => &words.state_not_needed,
        StepState::Cancelled => &words.state_cancelled,
        StepState::Unknown => &words.state_unknown,
    }
}

fn footer_ui(ui: &mut Ui, wizard: &Wizard, texts: &'static Texts) -> Option<Action> {
    let words = &texts.window.shell;
    let mut action = None;
    ui.horizontal(|ui| {
        if wizard.step != Step::Address && text::button(ui, &words.back, true).clicked() {
            action = Some(Action::Back);
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let ready = wizard.step != Step::Address || !wizard.ready_targets().is_empty();
            let label = &words.primary[wizard.step.index()];
            if text::primary_button(ui, label, ready).clicked() {
                action = Some(Action::Forward);
            }
            if wizard.is_running() {
                if text::button(ui, &words.cancel, true).clicked() {
                    action = Some(Action::Cancel);
                }
            } else if !wizard.runs.is_empty()
                && wizard.step != Step::Address
                && text::button(ui, &words.test_again, true).clicked()
            {
                action = Some(Action::TestAgain);
            }
        });
    });
    action
}

/// The width of the rail.
const RAIL: f32 = 208.0;
