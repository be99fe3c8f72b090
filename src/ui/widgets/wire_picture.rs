//! The messages of one attempt between two lifelines, drawn from top to bottom.

use egui::text::LayoutJob;
use egui::{Align, Painter, Pos2, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::{icon, text};
use crate::case::lesson::{Lesson, MessageKind};
use crate::case::path::Waypoint;
use crate::i18n::Wording;
use crate::ui::theme::{self, Palette, line, palette};

/// Draws what went over the wire.
pub fn wire_picture_ui(ui: &mut Ui, lesson: &Lesson, wording: &Wording<'_>) {
    #[expect(clippy::cast_precision_loss, reason = "a handful of messages")]
    let height = TOP + ROW * lesson.messages.len() as f32 + 8.0;
    let size = vec2(ui.available_width().min(WIDEST), height);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response
        .widget_info(|| WidgetInfo::labeled(Role::Image, true, wording.messages_spoken(lesson)));

    let palette = palette(ui);
    let painter = ui.painter_at(rect.expand(2.0));
    let margin = (rect.width() / 5.0).clamp(24.0, 84.0);
    let [ours, theirs] = [rect.left() + margin, rect.right() - margin];
    let names = [
        (ours, wording.waypoint(Waypoint::ThisComputer)),
        (theirs, wording.peer(lesson.peer)),
    ];
    for (x, name) in names {
        let name = text::shortened(&name, LONGEST_NAME).into_owned();
        caption(
            &painter,
            pos2(x, rect.top()),
            2.0 * margin,
            &name,
            palette.text,
        );
        let lifeline = [pos2(x, rect.top() + TOP - 8.0), pos2(x, rect.bottom())];
        painter.line_segment(lifeline, Stroke::new(line::STRONG, palette.control_border));
    }
    let mut y = rect.top() + TOP + ROW - 10.0;
    for message in &lesson.messages {
        let ends = [pos2(ours + 6.0, y), pos2(theirs - 6.0, y)];
        let color = ink(message.kind, palette);
        arrow(&painter, ends, message.kind, color);
        let said = wording.message_line(lesson, message);
        let at = pos2(ours.midpoint(theirs), y - 24.0);
        caption(&painter, at, theirs - ours - 20.0, &said, palette.text);
        y += ROW;
    }
}

fn arrow(painter: &Painter, [ours, theirs]: [Pos2; 2], kind: MessageKind, color: egui::Color32) {
    let stroke = Stroke::new(line::STRONG, color);
    match kind {
        MessageKind::Silence => {
            painter.extend(Shape::dashed_line(&[ours, theirs], stroke, 4.0, 6.0));
            icon::cross(painter, ours.lerp(theirs, 0.5), 5.0, stroke);
        }
        MessageKind::StoppedHere => {
            let end = ours + vec2(26.0, 0.0);
            painter.line_segment([ours, end - vec2(8.0, 0.0)], stroke);
            icon::cross(painter, end, 5.0, stroke);
        }
        _ if kind.is_ours() => pointed(painter, ours, theirs, stroke),
        _ => pointed(painter, theirs, ours, stroke),
    }
}

/// A level line with a point at its end.
fn pointed(painter: &Painter, from: Pos2, to: Pos2, stroke: Stroke) {
    painter.line_segment([from, to], stroke);
    let back = 8.0 * (from.x - to.x).signum();
    let barb = |up: f32| to + vec2(back, up);
    let point = vec![barb(-5.0), to, barb(5.0)];
    painter.add(Shape::line(point, stroke));
}

fn ink(kind: MessageKind, palette: &Palette) -> egui::Color32 {
    match kind {
        MessageKind::Query | MessageKind::Syn | MessageKind::TlsHello | MessageKind::Request => {
            palette.accent
        }
        MessageKind::SynAck | MessageKind::TlsDone | MessageKind::Answer => palette.fine,
        MessageKind::Status { status } if status < 400 => palette.fine,
        MessageKind::Silence => palette.control_border,
        MessageKind::Status { .. }
        | MessageKind::NoSuchName
        | MessageKind::LookupFailed
        | MessageKind::Rst
        | MessageKind::Icmp { .. }
        | MessageKind::StoppedHere
        | MessageKind::TlsAlert
        | MessageKind::Fin => palette.trouble,
    }
}

fn caption(painter: &Painter, top: Pos2, width: f32, text: &str, color: egui::Color32) {
    let mut job = LayoutJob::simple(text.to_owned(), theme::small(), color, width);
    job.halign = Align::Center;
    job.wrap.max_rows = 1;
    painter.galley(top, painter.layout_job(job), color);
}

const LONGEST_NAME: usize = 26;
/// Room for the names of both ends.
const TOP: f32 = 32.0;
const ROW: f32 = 40.0;
const WIDEST: f32 = 620.0;
