//! The way from this computer to the service, drawn: a tile for each waypoint, a link between,
//! and the broken one marked by form, word and colour. While a test runs, something travels along
//! the first link that is not known yet.

use std::sync::Arc;

use egui::text::LayoutJob;
use egui::{
    Align, Align2, Galley, Painter, Pos2, Rect, Role, Sense, Shape, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};

use super::{icon, text};
use crate::case::path::{Link, LinkState, Waypoint, path};
use crate::i18n::wording::duration;
use crate::i18n::{Texts, Wording};
use crate::ui::theme::{self, Palette, line, motion, palette, radius, space};
use crate::wizard::{Run, RunState};

/// Draws the path of a run.
pub fn path_picture_ui(ui: &mut Ui, run: &Run, texts: &'static Texts) {
    let case = &run.case;
    let wording = Wording::new(texts, &case.evidence().target);
    let stops = stops(path(case), &wording, texts);
    let palette = palette(ui);
    let width = ui.available_width().min(theme::COLUMN);
    let form = Form::new(ui, &stops, width, palette);
    let (rect, response) = ui.allocate_exact_size(vec2(width, form.height()), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, wording.path_spoken(case)));
    if let Some(whole) = form.hidden(&stops) {
        response.on_hover_text(whole);
    }

    let painter = ui.painter_at(rect.expand(2.0));
    let frame = Stroke::new(line::THIN, palette.border);
    let round = f32::from(radius::CARD);
    painter.rect(rect, round, palette.surface, frame, StrokeKind::Inside);
    let is_open = matches!(run.state, RunState::Running | RunState::Waiting);
    let frontier = stops.iter().position(Stop::is_ahead);
    let mut center = rect.left_top() + vec2(space::MEDIUM + form.pitch / 2.0, form.middle());
    let centers = stops.iter().map(|_| {
        let here = center;
        center.x += form.pitch;
        here
    });
    let centers: Vec<Pos2> = centers.collect();
    for (index, stop) in stops.iter().enumerate() {
        let here = centers[index];
        if let (Some(link), Some(before)) = (stop.link, index.checked_sub(1)) {
            let half = form.tile / 2.0 + 3.0;
            let ends = [centers[before] + vec2(half, 0.0), here - vec2(half, 0.0)];
            draw_link(&painter, ends, link, stop, texts, palette);
            if is_open && frontier == Some(index) {
                draw_traveller(ui, &painter, ends, palette);
            }
        }
        draw_tile(&painter, here, form.tile, stop, palette);
    }
    form.draw_captions(&painter, &centers, rect);
}

/// A waypoint, and the link that leads to it.
struct Stop {
    place: Waypoint,
    link: Option<Link>,
    name: String,
    /// What the link's state is called, where it stands out.
    word: Option<&'static str>,
}

impl Stop {
    fn state(&self) -> LinkState {
        // This computer is where we are.
        self.link.map_or(LinkState::Verified, |link| link.state)
    }

    /// Nothing is known of it yet.
    fn is_ahead(&self) -> bool {
        self.state() == LinkState::Unknown
    }
}

fn stops(links: Vec<Link>, wording: &Wording<'_>, texts: &'static Texts) -> Vec<Stop> {
    let stop = |place, link: Option<Link>| Stop {
        place,
        link,
        name: wording.waypoint(place),
        word: match link.map(|link| link.state) {
            Some(LinkState::Broken) => Some(&texts.window.path.broken),
            Some(LinkState::Partly) => Some(&texts.window.path.partly),
            Some(LinkState::Verified | LinkState::Unknown) | None => None,
        },
    };
    let first = stop(Waypoint::ThisComputer, None);
    let rest = links.into_iter().map(|link| stop(link.to, Some(link)));
    std::iter::once(first).chain(rest).collect()
}

/// How large everything is in the room there is.
struct Form {
    /// From one tile to the next.
    pitch: f32,
    tile: f32,
    captions: Captions,
}

enum Captions {
    /// Below each tile.
    Each(Vec<Arc<Galley>>),
    /// Where tiles stand too close: below all, what the one that stands out is called.
    One(Option<Arc<Galley>>),
}

impl Form {
    fn new(ui: &Ui, stops: &[Stop], width: f32, palette: &Palette) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "at most nine waypoints")]
        let pitch = (width - 2.0 * space::MEDIUM) / stops.len() as f32;
        if pitch < LEAST_CAPTION {
            let loud = stops.iter().find(|stop| stop.word.is_some());
            let caption = loud.map(|stop| {
                let name = text::shortened(&stop.name, LONGEST_CAPTION);
                let said = format!("{name}: {}", stop.word.unwrap_or_default());
                laid_out(
                    ui,
                    said,
                    ink(stop.state(), palette),
                    width - 2.0 * space::MEDIUM,
                )
            });
            return Self {
                pitch,
                tile: (pitch * 0.66).clamp(16.0, TILE),
                captions: Captions::One(caption),
            };
        }
        let room = pitch - space::SMALL;
        let captions = stops.iter().map(|stop| {
            let color = match stop.state() {
                LinkState::Broken => palette.trouble,
                LinkState::Unknown => palette.weak,
                LinkState::Verified | LinkState::Partly => palette.text,
            };
            let mut said = text::shortened(&stop.name, longest(room)).into_owned();
            if let Some(word) = stop.word.filter(|_| pitch - TILE < LEAST_WORD) {
                said = format!("{said}\n{word}");
            }
            laid_out(ui, said, color, room)
        });
        Self {
            pitch,
            tile: TILE,
            captions: Captions::Each(captions.collect()),
        }
    }

    /// From the top of the picture to the middle of the tiles.
    fn middle(&self) -> f32 {
        let above = match self.captions {
            // Times stand above the links, and need no more room than this.
            Captions::Each(_) => space::LARGE,
            Captions::One(_) => space::MEDIUM,
        };
        above + self.tile / 2.0
    }

    fn height(&self) -> f32 {
        let below = match &self.captions {
            Captions::Each(all) => {
                let tallest = all.iter().map(|galley| galley.size().y);
                CAPTION_GAP + tallest.fold(0.0, f32::max) + space::MEDIUM
            }
            Captions::One(Some(one)) => CAPTION_GAP + one.size().y + space::SMALL,
            Captions::One(None) => space::MEDIUM,
        };
        self.middle() + self.tile / 2.0 + below
    }

    /// What is not shown in full, for whoever hovers.
    fn hidden(&self, stops: &[Stop]) -> Option<String> {
        let names = || stops.iter().map(|stop| stop.name.as_str());
        let is_cut = |name: &str| {
            name.split(' ')
                .any(|word| word.chars().count() > LONGEST_CAPTION)
        };
        match self.captions {
            Captions::Each(_) => names().find(|name| is_cut(name)).map(str::to_owned),
            Captions::One(_) => Some(names().collect::<Vec<_>>().join(" → ")),
        }
    }

    fn draw_captions(&self, painter: &Painter, centers: &[Pos2], rect: Rect) {
        let below = |center: Pos2| center.y + self.tile / 2.0 + CAPTION_GAP;
        match &self.captions {
            Captions::Each(all) => {
                for (caption, center) in all.iter().zip(centers) {
                    let at = pos2(center.x, below(*center));
                    painter.galley(at, caption.clone(), theme::CLEAR);
                }
            }
            Captions::One(Some(one)) => {
                let at = pos2(rect.center().x, below(centers[0]));
                painter.galley(at, one.clone(), theme::CLEAR);
            }
            Captions::One(None) => {}
        }
    }
}

/// A caption, centred on where it is drawn.
fn laid_out(ui: &Ui, said: String, color: egui::Color32, width: f32) -> Arc<Galley> {
    let mut job = LayoutJob::simple(said, theme::small(), color, width);
    job.halign = Align::Center;
    job.wrap.max_rows = 3;
    ui.painter().layout_job(job)
}

/// How many letters a word of a caption may have, so that it fits two rows.
fn longest(room: f32) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a small positive number"
    )]
    let letters = (2.0 * room / LETTER) as usize;
    letters.clamp(8, LONGEST_CAPTION)
}

fn draw_link(
    painter: &Painter,
    [start, end]: [Pos2; 2],
    link: Link,
    stop: &Stop,
    texts: &'static Texts,
    palette: &Palette,
) {
    let middle = start.lerp(end, 0.5);
    let color = ink(link.state, palette);
    let bold = Stroke::new(line::BOLD, color);
    let length = start.distance(end);
    let arm = (length * 0.4).clamp(3.0, 5.0);
    match link.state {
        LinkState::Verified | LinkState::Partly => {
            painter.line_segment([start, end], bold);
        }
        LinkState::Unknown => {
            let stroke = Stroke::new(line::STRONG, color);
            painter.extend(Shape::dashed_line(&[start, end], stroke, 4.0, 5.0));
        }
        LinkState::Broken => {
            let gap = vec2(arm + 3.0, 0.0);
            // Shorter ones are all cross.
            if length > 2.0 * gap.x {
                painter.line_segment([start, middle - gap], bold);
                painter.line_segment([middle + gap, end], bold);
            }
            let stroke = Stroke::new(line::BOLD.min(arm * 0.6), color);
            icon::cross(painter, middle, arm, stroke);
        }
    }
    let fits = |galley: &Galley| galley.size().x <= length - space::TIGHT;
    let small = |said: String, color| painter.layout_no_wrap(said, theme::small(), color);
    if let Some(took) = link.took.filter(|_| link.state != LinkState::Unknown) {
        let time = small(duration(texts.language, took), palette.weak);
        if fits(&time) {
            let at = Align2::CENTER_BOTTOM.anchor_size(middle - vec2(0.0, 7.0), time.size());
            painter.galley(at.min, time, palette.weak);
        }
    }
    if let Some(word) = stop.word {
        let word = small(word.to_owned(), color);
        if length >= LEAST_WORD - 6.0 && fits(&word) {
            let at = Align2::CENTER_TOP.anchor_size(middle + vec2(0.0, 7.0), word.size());
            painter.galley(at.min, word, color);
        }
    }
}

/// What is under way: a dot that travels, or one that stands where movement is not wanted.
fn draw_traveller(ui: &Ui, painter: &Painter, [start, end]: [Pos2; 2], palette: &Palette) {
    let along = if theme::moves(ui) {
        #[expect(clippy::cast_possible_truncation, reason = "the fraction of a passage")]
        let passed = (ui.input(|input| input.time) / motion::TURN).fract() as f32;
        egui::emath::easing::cubic_in_out(passed)
    } else {
        0.5
    };
    painter.circle_filled(start.lerp(end, along), 4.0, palette.accent);
}

fn draw_tile(painter: &Painter, center: Pos2, side: f32, stop: &Stop, palette: &Palette) {
    let state = stop.state();
    let color = ink(state, palette);
    let fill = match state {
        LinkState::Verified => palette.fine_soft,
        LinkState::Partly => palette.caution_soft,
        LinkState::Broken => palette.trouble_soft,
        LinkState::Unknown => palette.sunken,
    };
    let rect = Rect::from_center_size(center, vec2(side, side));
    let wide = if state == LinkState::Broken {
        line::STRONG
    } else {
        line::THIN
    };
    let round = (side * 0.25).min(f32::from(radius::TILE));
    painter.rect(
        rect,
        round,
        fill,
        Stroke::new(wide, color),
        StrokeKind::Inside,
    );
    icon::waypoint(painter, center, side * 0.5, stop.place, color);
}

fn ink(state: LinkState, palette: &Palette) -> egui::Color32 {
    match state {
        LinkState::Verified => palette.fine,
        LinkState::Partly => palette.caution,
        LinkState::Broken => palette.trouble,
        LinkState::Unknown => palette.control_border,
    }
}

/// The longest word that is shown whole under its tile.
const LONGEST_CAPTION: usize = 26;
/// Tiles that stand closer have one caption for all.
const LEAST_CAPTION: f32 = 68.0;
/// Links that are shorter have their word below the tile.
const LEAST_WORD: f32 = 52.0;
/// The width of most letters of a caption.
const LETTER: f32 = 7.6;
const CAPTION_GAP: f32 = 6.0;
const TILE: f32 = 42.0;
