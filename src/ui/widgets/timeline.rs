//! The timing waterfall: what was asked, when, and how long the answer took.

use std::time::Duration;

use egui::text::LayoutJob;
use egui::{Align2, Id, Rect, Role, Sense, Shape, Stroke, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use crate::evidence::{About, Question};
use crate::i18n::Texts;
use crate::i18n::wording::{Wording, duration};
use crate::ui::theme::{self, line, palette, radius, space};
use crate::wizard::{Run, RunState, Wizard};

/// Notes when the test under way began, so that the bars of open questions can grow.
pub fn keep_time(ui: &Ui, wizard: &Wizard) {
    let mut runs = wizard.runs.iter();
    let Some(run) = runs.find(|run| run.state == RunState::Running) else {
        return;
    };
    let now = ui.input(|input| input.time);
    ui.data_mut(|data| {
        let (id, _) = *data.get_temp_mut_or(begun_key(), (run.id, now));
        if id != run.id {
            data.insert_temp(begun_key(), (run.id, now));
        }
    });
}

/// How long the test has been under way.
fn elapsed(ui: &Ui, run: &Run) -> Duration {
    let now = ui.input(|input| input.time);
    match ui.data_mut(|data| data.get_temp::<(u64, f64)>(begun_key())) {
        Some((id, begun)) if id == run.id => Duration::try_from_secs_f64(now - begun),
        Some(_) | None => return Duration::ZERO,
    }
    .unwrap_or_default()
}

fn begun_key() -> Id {
    Id::unique("run-begun")
}

/// Draws one bar a question on a common scale.
pub fn timeline_ui(ui: &mut Ui, run: &Run, wording: &Wording<'_>, texts: &'static Texts) {
    let questions = &run.case.evidence().timeline;
    let running = run.state == RunState::Running;
    let now = if running {
        elapsed(ui, run)
    } else {
        Duration::ZERO
    };
    let scale = questions.iter().map(end).max().unwrap_or_default();
    let mut scale = scale.max(now).max(Duration::from_micros(100)).as_secs_f32();
    if !running && questions.iter().any(|question| question.took.is_none()) {
        // How long the open ones waited is not known: they lead beyond what is.
        scale *= 1.25;
    }
    let list = UiBuilder::new()
        .accessibility_role(Role::List)
        .accessibility_label(texts.window.connection.timeline.as_str());
    ui.scope_builder(list, |ui| {
        for question in questions.iter().take(MOST_ROWS) {
            let bar = match question.took {
                Some(_) => Bar::Ended(end(question)),
                None if running => Bar::Growing(now),
                None => Bar::Stopped,
            };
            row_ui(ui, question, bar, scale, wording, texts);
        }
    });
}

/// How a row's bar ends.
#[derive(Clone, Copy)]
enum Bar {
    /// The answer came then.
    Ended(Duration),
    /// No answer until now.
    Growing(Duration),
    /// No answer before the test was stopped.
    Stopped,
}

fn row_ui(
    ui: &mut Ui,
    question: &Question,
    bar: Bar,
    scale: f32,
    wording: &Wording<'_>,
    texts: &'static Texts,
) {
    let palette = palette(ui);
    let width = ui.available_width().min(theme::COLUMN);
    let label = wording.about(&question.about);
    let time = match (question.took, bar) {
        (Some(took), _) => duration(texts.language, took),
        (None, Bar::Stopped) => texts.window.connection.timeline_stopped.clone(),
        (None, Bar::Ended(_) | Bar::Growing(_)) => texts.window.connection.timeline_open.clone(),
    };
    // Where there is little room, the bar stands below what it is about.
    let is_stacked = width < LEAST_WIDTH;
    let column = if is_stacked {
        width - TIME
    } else {
        (width * 0.42).min(330.0)
    };
    let mut job = LayoutJob::simple(
        label.clone(),
        theme::small(),
        palette.text,
        column - space::SMALL,
    );
    job.wrap.max_rows = 3;
    let galley = ui.painter().layout_job(job);
    let height = if is_stacked {
        galley.size().y + BAR + space::SMALL
    } else {
        (galley.size().y + space::TIGHT).max(ROW)
    };
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, format!("{label}: {time}")));

    let painter = ui.painter_at(rect);
    if galley.elided {
        response.on_hover_text(label);
    }
    let (top, track) = if is_stacked {
        let bottom = rect.bottom() - space::TIGHT;
        let from = pos2(rect.left(), bottom - BAR);
        (
            rect.top(),
            Rect::from_min_max(from, pos2(rect.right(), bottom)),
        )
    } else {
        let middle = rect.center().y;
        let from = pos2(rect.left() + column, middle - BAR / 2.0);
        let to = pos2(rect.right() - TIME, middle + BAR / 2.0);
        (middle - galley.size().y / 2.0, Rect::from_min_max(from, to))
    };
    painter.galley(pos2(rect.left(), top), galley, palette.text);
    painter.rect_filled(track, radius::MARK, palette.sunken);
    let at = |moment: Duration| track.left() + track.width() * (moment.as_secs_f32() / scale);
    let from = at(question.start).min(track.right() - 4.0);
    let about_this_computer = matches!(
        question.about,
        About::Listeners | About::Network | About::Firewalls
    );
    match bar {
        Bar::Ended(end) | Bar::Growing(end) => {
            let color = if about_this_computer || question.took.is_none() {
                palette.control_border
            } else {
                palette.accent
            };
            let drawn = Rect::from_x_y_ranges(from..=at(end).max(from + 4.0), track.y_range());
            painter.rect_filled(drawn.intersect(track), radius::MARK, color);
        }
        Bar::Stopped => {
            let ends = [from, track.right()].map(|x| pos2(x, track.center().y));
            let stroke = Stroke::new(line::STRONG, palette.control_border);
            painter.extend(Shape::dashed_line(&ends, stroke, 4.0, 4.0));
        }
    }
    let (corner, anchor) = if is_stacked {
        (rect.right_top(), Align2::RIGHT_TOP)
    } else {
        (rect.right_center(), Align2::RIGHT_CENTER)
    };
    painter.text(corner, anchor, time, theme::small(), palette.weak);
}

fn end(question: &Question) -> Duration {
    question.start + question.took.unwrap_or_default()
}

/// Below this width a bar stands below its label.
const LEAST_WIDTH: f32 = 420.0;

/// The room for a time.
const TIME: f32 = 84.0;

/// How thick a bar is.
const BAR: f32 = 10.0;

/// How tall a row is at least.
const ROW: f32 = 24.0;

/// More rows than anyone reads; the report has them all.
const MOST_ROWS: usize = 40;
