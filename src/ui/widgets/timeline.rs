//! The timing waterfall: what was asked, when, and how long the answer took.

use std::time::Duration;

use egui::{Align2, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::evidence::{About, Question};
use crate::i18n::Texts;
use crate::i18n::wording::{Wording, duration};
use crate::ui::theme::{self, palette};

/// Draws one bar a question on a common scale.
pub fn timeline_ui(
    ui: &mut Ui,
    questions: &[Question],
    wording: &Wording<'_>,
    texts: &'static Texts,
) {
    let scale = questions.iter().map(end).max().unwrap_or_default();
    let scale = scale.max(Duration::from_micros(100)).as_secs_f32();
    for question in questions.iter().take(MOST_ROWS) {
        row_ui(ui, question, scale, wording, texts);
    }
}

fn row_ui(
    ui: &mut Ui,
    question: &Question,
    scale: f32,
    wording: &Wording<'_>,
    texts: &'static Texts,
) {
    let palette = palette(ui);
    let width = ui.available_width().min(theme::COLUMN);
    let label = wording.about(&question.about);
    let time = match question.took {
        Some(took) => duration(texts.language, took),
        None => texts.window.connection.timeline_open.clone(),
    };
    let (rect, response) = ui.allocate_exact_size(vec2(width, 24.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, format!("{label}: {time}")));

    let painter = ui.painter_at(rect);
    let column = (width * 0.42).min(330.0);
    let galley = painter.layout_no_wrap(label, theme::small(), palette.text);
    let clipped = painter.with_clip_rect(rect.with_max_x(rect.left() + column - 8.0));
    clipped.galley(
        pos2(rect.left(), rect.center().y - galley.size().y / 2.0),
        galley,
        palette.text,
    );

    let track = Rect::from_min_max(
        pos2(rect.left() + column, rect.center().y - 5.0),
        pos2(rect.right() - 84.0, rect.center().y + 5.0),
    );
    painter.rect_filled(track, 5.0, palette.sunken);
    let at = |moment: Duration| track.left() + track.width() * (moment.as_secs_f32() / scale);
    let bar = Rect::from_x_y_ranges(
        at(question.start).min(track.right() - 4.0)
            ..=(at(end(question)).max(at(question.start) + 4.0)),
        track.y_range(),
    );
    let color = match (&question.about, question.took) {
        (_, None) | (About::Listeners | About::Network | About::Firewalls, Some(_)) => {
            palette.control_border
        }
        (_, Some(_)) => palette.accent,
    };
    painter.rect_filled(bar.intersect(track), 5.0, color);
    painter.text(
        rect.right_center(),
        Align2::RIGHT_CENTER,
        time,
        theme::small(),
        palette.weak,
    );
}

fn end(question: &Question) -> Duration {
    question.start + question.took.unwrap_or_default()
}

/// More rows than anyone reads; the report has them all.
const MOST_ROWS: usize = 40;
