//! The window, drawn from the wizard's state. Drawing asks for nothing but an [`Action`].
//!
//! Deliberately absent: input and output, text (all of it is in `i18n`), and colours (all of
//! them are in [`theme`]).

mod keyboard;
pub mod steps;
pub mod theme;
pub mod widgets;

use egui::{Align, Id, Layout, Popup, Rect, ScrollArea, Sense, Ui, UiBuilder, Vec2, pos2, vec2};

use crate::i18n::{Language, Texts, Wording};
use crate::ui::theme::{GRID, line, palette, radius, space};
use crate::ui::widgets::scroll::scrolled_ui;
use crate::ui::widgets::toast::toast_ui;
use crate::ui::widgets::{icon, text};
use crate::wizard::{Action, RunState, Step, StepState, Theme, Wizard};

/// Draws the whole window. `preview` is the report as it would be saved.
pub fn window_ui(ui: &mut Ui, wizard: &Wizard, preview: &str) -> Option<Action> {
    let texts = Texts::of(wizard.preferences.language);
    ui.accesskit_node_builder(egui::accesskit_root_id(), |window| {
        window.set_label(texts.window.shell.window_title.as_str());
        window.set_language(texts.language.code());
    });
    keyboard::leave_to_input_method(ui);
    keyboard::follow_step(ui, wizard);
    let mut action = keyboard::shortcut(ui, wizard);
    widgets::timeline::keep_time(ui, wizard);

    let room = Room::of(ui.max_rect().size());
    let frame = Areas::of(ui, room);
    frame.paint(ui);
    // In this order Tab walks and a screen reader reads: where one is, the page, where one goes.
    keep(
        &mut action,
        area_ui(ui, frame.rail, |ui| rail_ui(ui, wizard, texts, room)),
    );
    keep(
        &mut action,
        area_ui(ui, frame.page, |ui| page_ui(ui, wizard, texts, preview)),
    );
    let footer = |ui: &mut Ui| {
        let action = footer_ui(ui, wizard, texts, room);
        Areas::remember_footer(ui, ui.min_rect().height());
        action
    };
    keep(&mut action, area_ui(ui, frame.footer, footer));
    keep(
        &mut action,
        area_ui(ui, frame.header, |ui| header_ui(ui, wizard, texts, room)),
    );
    toast_ui(
        ui,
        wizard,
        ui.max_rect().bottom() - frame.bars[1].top(),
        texts,
    );
    keep(&mut action, steps::dropped_ui(ui, wizard, texts));
    keyboard::come_around(ui);
    if wizard.is_running() {
        theme::keep_moving(ui);
    }
    action
}

/// How much room the window has; the zoom counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    /// The rail stands on the left.
    Wide,
    /// The rail is a bar on top.
    Narrow,
    /// The rail is a row of numbers within the header, and buttons that can are icons.
    Tight,
}

impl Room {
    fn of(size: Vec2) -> Self {
        if theme::is_tight(size) {
            Self::Tight
        } else if size.x < theme::NARROW {
            Self::Narrow
        } else {
            Self::Wide
        }
    }
}

/// Where the parts of the window are.
struct Areas {
    header: Rect,
    rail: Rect,
    page: Rect,
    footer: Rect,
    /// What of it is bars rather than page.
    bars: [Rect; 2],
}

impl Areas {
    fn of(ui: &Ui, room: Room) -> Self {
        let whole = ui.max_rect();
        let bar = |content: f32| content + 2.0 * GRID;
        let top = match room {
            Room::Wide => bar(32.0),
            Room::Narrow => bar(32.0 + 4.0 + 36.0),
            Room::Tight => bar(36.0),
        };
        let footer_height = ui.data_mut(|data| data.get_temp(Self::footer_id()));
        let bottom = bar(footer_height.unwrap_or(text::BUTTON));
        let (above, rest) = whole.split_top_bottom_at_y(whole.top() + top);
        let (middle, below) = rest.split_top_bottom_at_y(rest.bottom() - bottom);
        let inside = |rect: Rect| rect.shrink2(vec2(2.0 * GRID, GRID));
        let inner = inside(above);
        let (header, rail, page) = match room {
            Room::Wide => {
                let (rail, page) = middle.split_left_right_at_x(middle.left() + RAIL);
                (inner, rail.shrink2(vec2(12.0, 16.0)), page)
            }
            Room::Narrow => {
                let (header, rail) = inner.split_top_bottom_at_y(inner.top() + 34.0);
                (header, rail.with_min_y(rail.top() + 2.0), middle)
            }
            Room::Tight => {
                let numbers = 5.0 * (NUMBER + 4.0);
                let (rail, header) = inner.split_left_right_at_x(inner.left() + numbers);
                (header, rail, middle)
            }
        };
        Self {
            header,
            rail,
            page,
            footer: inside(below),
            bars: [above, below],
        }
    }

    fn paint(&self, ui: &Ui) {
        let palette = palette(ui);
        ui.painter()
            .rect_filled(ui.max_rect(), 0.0, palette.background);
        for bar in self.bars {
            ui.painter().rect_filled(bar, 0.0, palette.surface);
        }
        let edge = egui::Stroke::new(line::THIN, palette.border);
        let [above, below] = self.bars;
        ui.painter()
            .hline(above.x_range(), above.bottom() - 0.5, edge);
        ui.painter().hline(below.x_range(), below.top() + 0.5, edge);
    }

    /// The footer's buttons may need two rows: how tall they are is known once they are drawn.
    fn remember_footer(ui: &Ui, height: f32) {
        let known = ui.data_mut(|data| data.get_temp::<f32>(Self::footer_id()));
        if known.is_none_or(|known| (known - height).abs() > 0.5) {
            ui.data_mut(|data| data.insert_temp(Self::footer_id(), height));
            ui.request_discard("the footer's height");
        }
    }

    fn footer_id() -> Id {
        Id::unique("footer-height")
    }
}

fn area_ui(ui: &mut Ui, area: Rect, add: impl FnOnce(&mut Ui) -> Option<Action>) -> Option<Action> {
    ui.scope_builder(UiBuilder::new().max_rect(area), add).inner
}

fn page_ui(ui: &mut Ui, wizard: &Wizard, texts: &'static Texts, preview: &str) -> Option<Action> {
    let mut action = None;
    // The bar lies over the margin, so that what is on the page keeps its width when it comes.
    let scroll_bar = ui.spacing().scroll.floating_allocated_width;
    ui.spacing_mut().scroll.floating_allocated_width = 0.0;
    let page = ScrollArea::vertical()
        .id_salt(wizard.step)
        .auto_shrink([false, false]);
    scrolled_ui(ui, page, texts, |ui| {
        ui.spacing_mut().scroll.floating_allocated_width = scroll_bar;
        theme::page(ui.ctx().content_rect().size()).show(ui, |ui| {
            let column = column_of(ui);
            ui.scope_builder(UiBuilder::new().max_rect(column), |ui| {
                ui.spacing_mut().item_spacing.y = GRID * 1.25;
                action = steps::step_ui(ui, wizard, texts, preview);
            });
        });
        // At the end, or what scrolls within the page would take it for itself.
        keyboard::scroll_page(ui);
    });
    action
}

/// The column of the page: in the middle of a window that is wider than lines should be.
fn column_of(ui: &Ui) -> Rect {
    let whole = ui.available_rect_before_wrap();
    let spare = (whole.width() - theme::COLUMN).max(0.0);
    whole.shrink2(vec2(spare / 2.0, 0.0))
}

/// The first action of a frame wins: one press, one action.
fn keep(action: &mut Option<Action>, new: Option<Action>) {
    if action.is_none() {
        *action = new;
    }
}

fn header_ui(ui: &mut Ui, wizard: &Wizard, texts: &'static Texts, room: Room) -> Option<Action> {
    let mut action = None;
    let row = Layout::left_to_right(Align::Center);
    ui.allocate_ui_with_layout(ui.available_size(), row, |ui| {
        if room != Room::Tight {
            let (rect, _) = ui.allocate_exact_size(vec2(26.0, 26.0), Sense::hover());
            icon::mark(ui.painter(), rect, palette(ui));
            text::heading(ui, &texts.window.shell.window_title);
        }
        let languages = Language::ALL.map(|language| language_width(ui, language));
        let gaps = 2.0 * ui.spacing().item_spacing.x;
        push_right(ui, languages.iter().sum::<f32>() + THEME_BUTTON + gaps);
        keep(&mut action, language_switch_ui(ui, wizard, texts));
        keep(&mut action, theme_menu_ui(ui, wizard, texts));
    });
    action
}

fn language_switch_ui(ui: &mut Ui, wizard: &Wizard, texts: &'static Texts) -> Option<Action> {
    let mut action = None;
    for language in Language::ALL {
        let chosen = wizard.preferences.language == language;
        let label = egui::RichText::new(language.code().to_uppercase()).font(theme::strong());
        let size = vec2(language_width(ui, language), theme::size::TARGET);
        let button = egui::Button::selectable(chosen, label).min_size(size);
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

fn language_width(ui: &Ui, language: Language) -> f32 {
    let code = language.code().to_uppercase();
    text::button_width(ui, &code, theme::strong()).max(36.0)
}

/// Leaves so much room free that what takes `width` ends at the right edge. Unlike a layout from
/// right to left it keeps the order of reading.
fn push_right(ui: &mut Ui, width: f32) {
    let gap = ui.spacing().item_spacing.x;
    let free = ui.available_width() - width;
    if free > gap {
        ui.add_space(free);
    }
}

fn theme_menu_ui(ui: &mut Ui, wizard: &Wizard, texts: &'static Texts) -> Option<Action> {
    let words = &texts.window.shell;
    let chosen = wizard.preferences.theme;
    let name = |theme: Theme| match theme {
        Theme::System => words.theme_system.as_str(),
        Theme::Light => words.theme_light.as_str(),
        Theme::Dark => words.theme_dark.as_str(),
    };
    let label = format!("{}: {}", words.theme, name(chosen));
    let button = text::icon_button(ui, &label, Vec2::splat(THEME_BUTTON), icon::theme);
    let mut action = None;
    let menu = Popup::menu(&button).accessible_name(words.theme.as_str());
    menu.show(|ui| {
        ui.set_min_width(170.0);
        // Menus have neither room around their words nor lines around their boxes.
        ui.spacing_mut().button_padding = vec2(GRID, space::TIGHT);
        let box_line = egui::Stroke::new(line::THIN, palette(ui).control_border);
        for theme in [Theme::System, Theme::Light, Theme::Dark] {
            let response = ui.selectable_label(theme == chosen, name(theme));
            text::focus_ring(ui, &response);
            if response.clicked() {
                action = Some(Action::Dress(theme));
                ui.close();
            }
        }
        // A line for the eye only: a separator would be something nameless to a screen reader.
        let width = ui.min_rect().width();
        let (gap, _) = ui.allocate_exact_size(vec2(width, GRID), Sense::hover());
        let edge = egui::Stroke::new(line::THIN, palette(ui).border);
        ui.painter().hline(gap.x_range(), gap.center().y, edge);
        let mut less = wizard.is_still();
        let widgets = &mut ui.visuals_mut().widgets;
        for widget in [&mut widgets.inactive, &mut widgets.hovered] {
            widget.bg_stroke = box_line;
        }
        let response = ui.checkbox(&mut less, words.less_movement.as_str());
        text::focus_ring(ui, &response);
        if response.changed() {
            action = Some(Action::LessMovement(less));
        }
    });
    action
}

fn rail_ui(ui: &mut Ui, wizard: &Wizard, texts: &'static Texts, room: Room) -> Option<Action> {
    let mut action = None;
    let width = ui.available_width();
    let item = |ui: &mut Ui, step: Step| {
        let here = step == wizard.step;
        let (size, labelled) = match room {
            Room::Wide => (vec2(width, 44.0), true),
            Room::Narrow if here => (vec2((width - 4.0 * 52.0).max(120.0), 36.0), true),
            Room::Narrow => (vec2(48.0, 36.0), false),
            Room::Tight => (vec2(NUMBER, 36.0), false),
        };
        rail_item_ui(ui, wizard, texts, step, size, labelled).then_some(Action::GoTo(step))
    };
    ui.spacing_mut().item_spacing = Vec2::splat(space::TIGHT);
    let mut items = |ui: &mut Ui| {
        for step in Step::ALL {
            keep(&mut action, item(ui, step));
        }
    };
    match room {
        Room::Wide => items(ui),
        Room::Narrow | Room::Tight => {
            ui.horizontal(items);
        }
    }
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
        egui::WidgetInfo::labeled(egui::Role::Tab, enabled, label)
    });
    ui.ctx()
        .accesskit_node_builder(response.id, |tab| tab.set_selected(here));

    if here {
        ui.painter().rect_filled(rect, radius::TILE, palette.sunken);
        let inset = vec2(0.0, f32::from(radius::TILE));
        let marker =
            Rect::from_min_size(rect.min + inset, vec2(3.0, rect.height() - 2.0 * inset.y));
        ui.painter()
            .rect_filled(marker, radius::MARK / 2, palette.accent);
    } else if enabled && response.hovered() {
        ui.painter().rect_filled(rect, radius::TILE, palette.sunken);
    }
    let center = pos2(rect.left() + 24.0_f32.min(size.x / 2.0), rect.center().y);
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
        .on_hover_text(step_hint(wizard, step, texts))
        .clicked()
        && enabled
}

/// A step in a line: its state, and for the connection how the test ended.
fn step_hint(wizard: &Wizard, step: Step, texts: &'static Texts) -> String {
    let name = &texts.window.shell.steps[step.index()];
    let state = state_name(wizard.step_state(step), texts);
    match wizard.run() {
        Some(run) if step == Step::Connection && run.state == RunState::Complete => {
            let wording = Wording::new(texts, &run.case.evidence().target);
            let verdict = wording.finding_title(&run.case.diagnosis().verdict);
            format!("{name}: {state}. {verdict}")
        }
        Some(_) | None => format!("{name}: {state}"),
    }
}

fn state_name(state: StepState, texts: &'static Texts) -> &'static str {
    let words = &texts.window.shell;
    match state {
        StepState::Todo => &words.state_todo,
        StepState::Running => &words.state_running,
        StepState::Fine => &words.state_fine,
        StepState::Problem => &words.state_problem,
        StepState::Partly => &words.state_partly,
        StepState::NotNeeded => &words.state_not_needed,
        StepState::Advice => &words.state_advice,
        StepState::Cancelled => &words.state_cancelled,
        StepState::Unknown => &words.state_unknown,
    }
}

fn footer_ui(ui: &mut Ui, wizard: &Wizard, texts: &'static Texts, room: Room) -> Option<Action> {
    let words = &texts.window.shell;
    let mut action = None;
    let primary = words.primary[wizard.step.index()].as_str();
    let can_go_back = wizard.step != Step::Address;
    let second = if wizard.is_running() {
        Some((&words.cancel, Action::Cancel))
    } else if can_go_back && wizard.run().is_some_and(|run| run.retest().is_some()) {
        Some((&words.test_again, Action::TestAgain))
    } else {
        None
    };
    let gap = ui.spacing().item_spacing.x;
    let width = |label: &str| text::button_width(ui, label, theme::body());
    let back_width = if can_go_back {
        width(&words.back) + gap
    } else {
        0.0
    };
    let second_width = second.as_ref().map_or(0.0, |(label, _)| width(label) + gap);
    let primary_width = text::button_width(ui, primary, theme::strong());
    let all = back_width + second_width + primary_width;
    let fits = room != Room::Tight && all <= ui.available_width();
    let second_width = match &second {
        Some(_) if !fits => text::BUTTON + gap,
        Some(_) | None => second_width,
    };
    let quiet = |ui: &mut Ui, label: &str, draw: icon::Draw| {
        if fits {
            text::button(ui, label, true)
        } else {
            text::icon_button(ui, label, Vec2::splat(text::BUTTON), draw)
        }
    };
    ui.horizontal(|ui| {
        if can_go_back && quiet(ui, &words.back, icon::back).clicked() {
            action = Some(Action::Back);
        }
        push_right(ui, second_width + primary_width);
        if let Some((label, does)) = second {
            let draw = if does == Action::Cancel {
                icon::stop
            } else {
                icon::again
            };
            if quiet(ui, label, draw).clicked() {
                action = Some(does);
            }
        }
        let ready = wizard.step != Step::Address || !wizard.ready_targets().is_empty();
        if text::primary_button(ui, primary, ready).clicked() {
            action = Some(Action::Forward);
        }
    });
    action
}

/// The width of the rail.
const RAIL: f32 = 232.0;

/// The width of a step in the tightest rail.
const NUMBER: f32 = 34.0;

/// The side of the button that chooses the colours.
const THEME_BUTTON: f32 = theme::size::TARGET;
