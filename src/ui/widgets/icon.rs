//! The icons, drawn as shapes so that they need no font and scale to any size.

use std::f32::consts::TAU;

use egui::emath::Rot2;
use egui::{
    Color32, Painter, Pos2, Rect, Response, Shape, Stroke, StrokeKind, Ui, Vec2, pos2, vec2,
};

use crate::case::path::Waypoint;
use crate::ui::theme::{Palette, line, motion, moves};
use crate::wizard::StepState;

/// A step's state as a filled shape: the form alone tells it, colour only helps.
pub fn step_state(painter: &Painter, center: Pos2, radius: f32, state: StepState, p: &Palette) {
    let ink = Stroke::new(radius * 0.2, p.surface);
    match state {
        StepState::Todo => {
            painter.circle_stroke(center, radius - 1.0, Stroke::new(1.5, p.control_border));
        }
        StepState::Running => ring(painter, center, radius - 1.5, p),
        StepState::Fine => {
            painter.circle_filled(center, radius, p.fine);
            check(painter, center, radius * 0.55, ink);
        }
        StepState::Problem => {
            painter.circle_filled(center, radius, p.trouble);
            cross(painter, center, radius * 0.4, ink);
        }
        StepState::Partly => {
            painter.circle_filled(center, radius, p.caution);
            exclamation(
                painter,
                center,
                radius,
                Stroke::new(radius * 0.2, p.surface),
            );
        }
        StepState::NotNeeded => {
            painter.circle_stroke(center, radius - 1.0, Stroke::new(1.5, p.control_border));
            let half = vec2(radius * 0.4, 0.0);
            painter.line_segment([center - half, center + half], Stroke::new(2.0, p.weak));
        }
        StepState::Advice => {
            painter.circle_filled(center, radius, p.accent);
            let ink = Stroke::new(radius * 0.2, p.on_accent);
            list(painter, center, radius * 0.45, ink);
        }
        StepState::Cancelled => {
            painter.circle_stroke(center, radius - 1.0, Stroke::new(1.5, p.weak));
            let square = Rect::from_center_size(center, Vec2::splat(radius * 0.7));
            painter.rect_filled(square, 1.0, p.weak);
        }
        StepState::Unknown => {
            painter.circle_filled(center, radius, p.caution);
            question(
                painter,
                center,
                radius,
                Stroke::new(radius * 0.17, p.surface),
            );
        }
    }
}

/// A ring with a gap; it turns while something runs, and is drawn only then.
fn ring(painter: &Painter, center: Pos2, radius: f32, p: &Palette) {
    painter.circle_stroke(center, radius, Stroke::new(2.5, p.border));
    // Where movement is not wanted, a quarter of the ring is enough of a sign.
    let passed = if moves(painter.ctx()) {
        painter.ctx().input(|input| input.time) / motion::TURN
    } else {
        0.0
    };
    #[expect(clippy::cast_possible_truncation, reason = "the fraction of a turn")]
    let turn = passed.fract() as f32;
    let arc = (0_u8..=18).map(|step| {
        let angle = TAU * (turn + f32::from(step) / 18.0 * 0.3);
        center + radius * Vec2::angled(angle)
    });
    painter.add(Shape::line(arc.collect(), Stroke::new(2.5, p.accent)));
}

/// A check mark.
pub fn check(painter: &Painter, center: Pos2, size: f32, stroke: Stroke) {
    let points = [vec2(-0.8, 0.05), vec2(-0.2, 0.65), vec2(0.85, -0.6)];
    painter.add(Shape::line(
        points.map(|p| center + p * size).to_vec(),
        stroke,
    ));
}

/// A cross.
pub fn cross(painter: &Painter, center: Pos2, size: f32, stroke: Stroke) {
    let arm = Vec2::splat(size);
    painter.line_segment([center - arm, center + arm], stroke);
    painter.line_segment(
        [center + vec2(-size, size), center + vec2(size, -size)],
        stroke,
    );
}

/// Three lines, as of a list of things to do.
fn list(painter: &Painter, center: Pos2, size: f32, stroke: Stroke) {
    for line in [-1.0, 0.0, 1.0] {
        let y = center.y + line * size * 0.85;
        painter.hline(center.x - size..=center.x + size, y, stroke);
    }
}

/// How an icon is drawn: around a point, so large, in one colour.
pub type Draw = fn(&Painter, Pos2, f32, Color32);

/// An arrow to the left.
pub fn back(painter: &Painter, center: Pos2, size: f32, color: Color32) {
    let stroke = Stroke::new(2.0, color);
    let points = [vec2(0.25, -0.5), vec2(-0.25, 0.0), vec2(0.25, 0.5)];
    let points = points.map(|point| center + point * size).to_vec();
    painter.add(Shape::line(points, stroke));
}

/// An arrow that turns.
pub fn again(painter: &Painter, center: Pos2, size: f32, color: Color32) {
    let stroke = Stroke::new(2.0, color);
    let radius = size * 0.42;
    let arc = (0_u8..=20).map(|step| {
        let angle = TAU * (0.02 + f32::from(step) / 20.0 * 0.78);
        center + radius * Vec2::angled(angle)
    });
    let arc: Vec<Pos2> = arc.collect();
    let end = arc[20];
    let ahead = Vec2::angled(TAU * 1.05) * size;
    let aside = ahead.rot90();
    painter.add(Shape::line(arc, stroke));
    let head = [
        end + 0.24 * ahead,
        end - 0.02 * ahead + 0.18 * aside,
        end - 0.02 * ahead - 0.18 * aside,
    ];
    painter.add(Shape::convex_polygon(head.to_vec(), color, Stroke::NONE));
}

/// An i in a ring: something to know.
pub fn info(painter: &Painter, center: Pos2, size: f32, color: Color32) {
    let stroke = Stroke::new(1.8, color);
    painter.circle_stroke(center, size * 0.46, stroke);
    painter.circle_filled(center - vec2(0.0, size * 0.2), 1.3, color);
    let stem = [vec2(0.0, -0.03), vec2(0.0, 0.25)].map(|point| center + point * size);
    painter.line_segment(stem, stroke);
}

/// A door that nobody opens: a port without a program.
pub fn closed_port(painter: &Painter, center: Pos2, size: f32, color: Color32) {
    waypoint(painter, center, size, Waypoint::Port, color);
}

/// A list of things to do.
pub fn tasks(painter: &Painter, center: Pos2, size: f32, color: Color32) {
    list(
        painter,
        center,
        size * 0.45,
        Stroke::new(line::STRONG, color),
    );
}

/// Two ends and the way between, broken.
pub fn way(painter: &Painter, center: Pos2, size: f32, color: Color32) {
    let stroke = Stroke::new(line::STRONG, color);
    for side in [-1.0, 1.0] {
        let at = |x: f32| center + vec2(side * x, 0.0) * size;
        painter.circle_stroke(at(0.42), size * 0.12, stroke);
        painter.line_segment([at(0.3), at(0.2)], stroke);
    }
    cross(painter, center, size * 0.13, stroke);
}

/// A question mark alone: why.
pub fn reason(painter: &Painter, center: Pos2, size: f32, color: Color32) {
    question(
        painter,
        center,
        size * 0.8,
        Stroke::new(line::STRONG, color),
    );
}

/// A square.
pub fn stop(painter: &Painter, center: Pos2, size: f32, color: Color32) {
    let square = Rect::from_center_size(center, Vec2::splat(size * 0.6));
    painter.rect_filled(square, 2.0, color);
}

/// A disc, one half light and one dark.
pub fn theme(painter: &Painter, center: Pos2, size: f32, color: Color32) {
    let radius = size * 0.42;
    painter.circle_stroke(center, radius, Stroke::new(1.8, color));
    let half = (0_u8..=16).map(|step| {
        let angle = TAU * (0.25 + f32::from(step) / 16.0 * 0.5);
        center + radius * Vec2::angled(angle)
    });
    painter.add(Shape::convex_polygon(half.collect(), color, Stroke::NONE));
}

/// A question mark.
pub fn question(painter: &Painter, center: Pos2, size: f32, stroke: Stroke) {
    let hook = (0_u8..=12).map(|step| {
        let angle = TAU * (0.5 + f32::from(step) / 12.0 * 0.72);
        center + vec2(0.0, -0.22) * size + 0.27 * size * Vec2::angled(angle)
    });
    let mut points: Vec<Pos2> = hook.collect();
    points.push(center + vec2(0.0, 0.28) * size);
    painter.add(Shape::line(points, stroke));
    painter.circle_filled(
        center + vec2(0.0, 0.52) * size,
        stroke.width * 0.65,
        stroke.color,
    );
}

/// An exclamation mark.
fn exclamation(painter: &Painter, center: Pos2, size: f32, stroke: Stroke) {
    let stem = [vec2(0.0, -0.52), vec2(0.0, 0.14)].map(|point| center + point * size);
    painter.line_segment(stem, stroke);
    let dot = center + vec2(0.0, 0.48) * size;
    painter.circle_filled(dot, stroke.width * 0.65, stroke.color);
}

/// What opens and closes: an arrow that turns from the side to below, as far as it is open.
pub fn chevron(ui: &mut Ui, openness: f32, response: &Response) {
    let color = ui.style().interact(response).fg_stroke.color;
    let turn = Rot2::from_angle(TAU * 0.25 * openness);
    let points = [vec2(-2.25, -4.5), vec2(2.25, 0.0), vec2(-2.25, 4.5)];
    // Its left edge is that of the lines around it, whatever room there is before the words.
    let center = pos2(response.rect.left() + 2.0, response.rect.center().y);
    let points = points.map(|point| center + turn * point);
    let stroke = Stroke::new(1.8, color);
    ui.painter().add(Shape::line(points.to_vec(), stroke));
}

/// A waypoint of the path, within a square around `center`.
pub fn waypoint(painter: &Painter, center: Pos2, size: f32, place: Waypoint, color: Color32) {
    let stroke = Stroke::new(1.8, color);
    let at = |x: f32, y: f32| center + vec2(x, y) * size * 0.5;
    let line = |points: &[(f32, f32)]| {
        let points = points.iter().map(|(x, y)| at(*x, *y)).collect();
        painter.add(Shape::line(points, stroke));
    };
    let frame = |min: Pos2, max: Pos2, round: f32| {
        painter.rect_stroke(
            Rect::from_min_max(min, max),
            round,
            stroke,
            StrokeKind::Middle,
        );
    };
    match place {
        Waypoint::ThisComputer => {
            frame(at(-0.9, -0.75), at(0.9, 0.4), 2.0);
            line(&[(0.0, 0.4), (0.0, 0.8)]);
            line(&[(-0.5, 0.8), (0.5, 0.8)]);
        }
        Waypoint::Name => {
            line(&[
                (-0.9, -0.3),
                (0.1, -0.75),
                (0.9, 0.05),
                (-0.1, 0.7),
                (-0.9, -0.3),
            ]);
            painter.circle_filled(at(-0.3, -0.2), 2.0, color);
        }
        Waypoint::OwnFirewall | Waypoint::TargetFirewall => {
            line(&[
                (0.0, -0.9),
                (0.75, -0.55),
                (0.7, 0.15),
                (0.0, 0.9),
                (-0.7, 0.15),
                (-0.75, -0.55),
                (0.0, -0.9),
            ]);
        }
        Waypoint::Network => {
            painter.circle_stroke(center, size * 0.43, stroke);
            line(&[(-0.85, 0.0), (0.85, 0.0)]);
            let meridian = (0_u8..=24).map(|step| {
                let turn = Vec2::angled(TAU * f32::from(step) / 24.0);
                center + vec2(turn.x * 0.4, turn.y * 0.86) * size * 0.5
            });
            painter.add(Shape::line(meridian.collect(), stroke));
        }
        Waypoint::Host => {
            frame(at(-0.7, -0.85), at(0.7, -0.05), 2.0);
            frame(at(-0.7, 0.05), at(0.7, 0.85), 2.0);
            painter.circle_filled(at(-0.4, -0.45), 1.8, color);
            painter.circle_filled(at(-0.4, 0.45), 1.8, color);
        }
        Waypoint::Port => {
            frame(at(-0.6, -0.85), at(0.6, 0.85), 2.0);
            painter.circle_filled(at(0.3, 0.05), 2.2, color);
        }
        Waypoint::Service => {
            frame(at(-0.85, -0.75), at(0.85, 0.35), 4.0);
            line(&[(-0.35, 0.35), (-0.35, 0.8), (0.1, 0.35)]);
            line(&[(-0.45, -0.2), (0.45, -0.2)]);
        }
    }
}

/// The mark of the program: two ends and the link between.
pub fn mark(painter: &Painter, rect: Rect, p: &Palette) {
    painter.rect_filled(rect, rect.width() * 0.24, p.accent);
    let (left, right) = (
        rect.left() + rect.width() * 0.28,
        rect.right() - rect.width() * 0.28,
    );
    let y = rect.center().y;
    let stroke = Stroke::new(rect.width() * 0.1, p.on_accent);
    painter.line_segment([pos2(left, y), pos2(right, y)], stroke);
    painter.circle_filled(pos2(left, y), rect.width() * 0.14, p.on_accent);
    painter.circle_filled(pos2(right, y), rect.width() * 0.14, p.on_accent);
}
