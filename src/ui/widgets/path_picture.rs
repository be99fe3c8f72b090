//! The way from this computer to the service, drawn: a tile for each waypoint, a link between,
//! and the broken one marked by form, word and colour.

use egui::{
    Align2, FontId, Painter, Pos2, Rect, Role, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo,
    pos2, vec2,
};

use super::{icon, text};
use crate::case::Case;
use crate::case::path::{Link, LinkState, Waypoint, path};
use crate::i18n::wording::duration;
use crate::i18n::{Texts, Wording};
use crate::ui::theme::{self, Palette, palette};

/// Draws the path of `case`.
pub fn path_picture_ui(ui: &mut Ui, case: &Case, texts: &'static Texts) {
    let wording = Wording::new(texts, &case.evidence().target);
    let links = path(case);
    let palette = palette(ui);
    let size = vec2(ui.available_width().min(theme::COLUMN), HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, wording.path_spoken(case)));
    let host = wording.waypoint(Waypoint::Host);
    if host.chars().count() > LONGEST_CAPTION && links.iter().any(|link| link.to == Waypoint::Host)
    {
        response.on_hover_text(host);
    }

    let painter = ui.painter_at(rect.expand(2.0));
    painter.rect(
        rect,
        12.0,
        palette.surface,
        Stroke::new(1.0, palette.border),
        StrokeKind::Inside,
    );
    #[expect(clippy::cast_precision_loss, reason = "at most nine waypoints")]
    let pitch = rect.width() / (links.len() + 1) as f32;
    let mut center = pos2(rect.left() + pitch / 2.0, rect.top() + 44.0);
    tile(
        &painter,
        center,
        Waypoint::ThisComputer,
        LinkState::Verified,
        palette,
    );
    caption(
        &painter,
        center,
        pitch,
        &wording.waypoint(Waypoint::ThisComputer),
        palette,
        false,
    );
    for link in &links {
        let next = center + vec2(pitch, 0.0);
        draw_link(&painter, center, next, link, texts, palette);
        tile(&painter, next, link.to, link.state, palette);
        let broken = link.state == LinkState::Broken;
        caption(
            &painter,
            next,
            pitch,
            &wording.waypoint(link.to),
            palette,
            broken,
        );
        center = next;
    }
}

fn draw_link(
    painter: &Painter,
    from: Pos2,
    to: Pos2,
    link: &Link,
    texts: &'static Texts,
    palette: &Palette,
) {
    let (start, end) = (
        from + vec2(TILE / 2.0 + 3.0, 0.0),
        to - vec2(TILE / 2.0 + 3.0, 0.0),
    );
    let middle = start.lerp(end, 0.5);
    let color = ink(link.state, palette);
    match link.state {
        LinkState::Verified | LinkState::Partly => {
            painter.line_segment([start, end], Stroke::new(2.5, color));
        }
        LinkState::Unknown => {
            let stroke = Stroke::new(2.0, color);
            painter.extend(Shape::dashed_line(&[start, end], stroke, 4.0, 5.0));
        }
        LinkState::Broken => {
            let stroke = Stroke::new(2.5, color);
            painter.line_segment([start, middle - vec2(8.0, 0.0)], stroke);
            painter.line_segment([middle + vec2(8.0, 0.0), end], stroke);
            icon::cross(painter, middle, 5.0, Stroke::new(2.5, color));
        }
    }
    if let Some(took) = link.took.filter(|_| link.state != LinkState::Unknown) {
        let text = duration(texts.language, took);
        let at = middle - vec2(0.0, 8.0);
        painter.text(
            at,
            Align2::CENTER_BOTTOM,
            text,
            caption_font(),
            palette.weak,
        );
    }
}

fn tile(painter: &Painter, center: Pos2, place: Waypoint, state: LinkState, palette: &Palette) {
    let color = ink(state, palette);
    let fill = match state {
        LinkState::Verified => palette.fine_soft,
        LinkState::Partly => palette.caution_soft,
        LinkState::Broken => palette.trouble_soft,
        LinkState::Unknown => palette.sunken,
    };
    let rect = Rect::from_center_size(center, vec2(TILE, TILE));
    let stroke = Stroke::new(if state == LinkState::Broken { 2.0 } else { 1.0 }, color);
    painter.rect(rect, 10.0, fill, stroke, StrokeKind::Inside);
    icon::waypoint(painter, center, 21.0, place, color);
}

fn caption(
    painter: &Painter,
    center: Pos2,
    pitch: f32,
    text: &str,
    palette: &Palette,
    broken: bool,
) {
    let color = if broken {
        palette.trouble
    } else {
        palette.text
    };
    let text = text::shortened(text, LONGEST_CAPTION).into_owned();
    let mut job = egui::text::LayoutJob::simple(text, caption_font(), color, pitch - 6.0);
    job.halign = egui::Align::Center;
    job.wrap.max_rows = 2;
    let galley = painter.layout_job(job);
    painter.galley(center + vec2(0.0, TILE / 2.0 + 7.0), galley, color);
}

fn ink(state: LinkState, palette: &Palette) -> egui::Color32 {
    match state {
        LinkState::Verified => palette.fine,
        LinkState::Partly => palette.caution,
        LinkState::Broken => palette.trouble,
        LinkState::Unknown => palette.control_border,
    }
}

fn caption_font() -> FontId {
    FontId::new(12.5, theme::body().family)
}

/// A host name longer than this is shortened under its tile.
const LONGEST_CAPTION: usize = 26;

const TILE: f32 = 42.0;
const HEIGHT: f32 = 118.0;
