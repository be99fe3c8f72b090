//! Every colour, size and font of the window. Nothing else names a colour.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the one place for colours"
)]

use std::sync::Arc;

use egui::{
    Color32, Context, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Frame, Margin,
    Stroke, Style, TextStyle, Theme, Vec2, Visuals, vec2,
};

/// The colours of one theme, by what they are for.
#[derive(Clone, Copy, Debug)]
pub struct Palette {
    /// Behind everything.
    pub background: Color32,
    /// Cards.
    pub surface: Color32,
    /// Fields, command blocks, the selected step.
    pub sunken: Color32,
    /// Lines around cards and fields.
    pub border: Color32,
    /// Lines around things that can be pressed (WCAG 1.4.11: 3 : 1).
    pub control_border: Color32,
    /// Text.
    pub text: Color32,
    /// Second-rank text.
    pub weak: Color32,
    /// The one accent: primary buttons, links, focus.
    pub accent: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    /// The accent under the pointer.
    pub accent_hover: Color32,
    /// Selected text's background.
    pub selection: Color32,
    /// Fine.
    pub fine: Color32,
    /// Behind `fine`.
    pub fine_soft: Color32,
    /// Trouble.
    pub trouble: Color32,
    /// Behind `trouble`.
    pub trouble_soft: Color32,
    /// Partly, or look here.
    pub caution: Color32,
    /// Behind `caution`.
    pub caution_soft: Color32,
}

/// The light colours.
pub const LIGHT: Palette = Palette {
    background: Color32::from_rgb(0xf4, 0xf6, 0xf9),
    surface: Color32::from_rgb(0xff, 0xff, 0xff),
    sunken: Color32::from_rgb(0xec, 0xf0, 0xf5),
    border: Color32::from_rgb(0xdb, 0xe1, 0xea),
    control_border: Color32::from_rgb(0x7a, 0x85, 0x98),
    text: Color32::from_rgb(0x16, 0x1e, 0x2b),
    weak: Color32::from_rgb(0x52, 0x5e, 0x70),
    accent: Color32::from_rgb(0x0b, 0x5c, 0xad),
    on_accent: Color32::from_rgb(0xff, 0xff, 0xff),
    accent_hover: Color32::from_rgb(0x08, 0x4b, 0x8f),
    selection: Color32::from_rgb(0xc5, 0xdf, 0xfa),
    fine: Color32::from_rgb(0x12, 0x6e, 0x43),
    fine_soft: Color32::from_rgb(0xe2, 0xf4, 0xea),
    trouble: Color32::from_rgb(0xb3, 0x26, 0x1e),
    trouble_soft: Color32::from_rgb(0xfc, 0xe9, 0xe7),
    caution: Color32::from_rgb(0x84, 0x51, 0x00),
    caution_soft: Color32::from_rgb(0xfd, 0xf0, 0xd5),
};

/// The dark colours.
pub const DARK: Palette = Palette {
    background: Color32::from_rgb(0x12, 0x16, 0x1d),
    surface: Color32::from_rgb(0x1b, 0x21, 0x2b),
    sunken: Color32::from_rgb(0x24, 0x2c, 0x38),
    border: Color32::from_rgb(0x33, 0x3d, 0x4b),
    control_border: Color32::from_rgb(0x74, 0x82, 0x96),
    text: Color32::from_rgb(0xe9, 0xee, 0xf5),
    weak: Color32::from_rgb(0xa6, 0xb3, 0xc4),
    accent: Color32::from_rgb(0x7c, 0xb8, 0xff),
    on_accent: Color32::from_rgb(0x07, 0x1d, 0x36),
    accent_hover: Color32::from_rgb(0x9c, 0xca, 0xff),
    selection: Color32::from_rgb(0x26, 0x43, 0x66),
    fine: Color32::from_rgb(0x66, 0xd1, 0x9a),
    fine_soft: Color32::from_rgb(0x18, 0x33, 0x28),
    trouble: Color32::from_rgb(0xff, 0x93, 0x89),
    trouble_soft: Color32::from_rgb(0x42, 0x1f, 0x1f),
    caution: Color32::from_rgb(0xf3, 0xbd, 0x57),
    caution_soft: Color32::from_rgb(0x3a, 0x2d, 0x13),
};

/// Nothing drawn.
pub const CLEAR: Color32 = Color32::TRANSPARENT;

/// Distances, in points. Each is a multiple of half a [`GRID`].
pub mod space {
    /// Between things that belong together: the lines of a list.
    pub const HAIR: f32 = 2.0;
    /// Within a row.
    pub const TIGHT: f32 = 4.0;
    /// Between rows.
    pub const SMALL: f32 = 8.0;
    /// Between blocks of a card.
    pub const MEDIUM: f32 = 12.0;
    /// The margin of a card.
    pub const LARGE: f32 = 16.0;
    /// The margin of a page.
    pub const PAGE: f32 = 24.0;
}

/// How round corners are, in points.
pub mod radius {
    /// Bars and marks.
    pub const MARK: u8 = 4;
    /// What can be pressed or typed into, and blocks within a card.
    pub const CONTROL: u8 = 8;
    /// The tiles of pictures, the items of the rail, notices.
    pub const TILE: u8 = 10;
    /// Cards.
    pub const CARD: u8 = 12;
}

/// How thick lines are, in points.
pub mod line {
    /// Around cards and fields.
    pub const THIN: f32 = 1.0;
    /// What the eye shall find: focus, links of the path, marks.
    pub const STRONG: f32 = 2.0;
    /// The links of the path that are known.
    pub const BOLD: f32 = 2.5;
}

/// How long movements take, in seconds.
pub mod motion {
    /// Opening, closing, changing colour.
    pub const QUICK: f32 = 0.12;
    /// How often something that moves while a test runs is drawn anew.
    pub const FRAME: f32 = 0.04;
    /// How often something that stands still while a test runs is drawn anew: a time that counts.
    pub const SLOW_FRAME: f32 = 0.25;
    /// One turn of the ring, one passage along the path.
    pub const TURN: f64 = 1.2;
    /// How long a toast stays.
    pub const TOAST: f64 = 4.0;
}

/// One step of the grid, in points.
pub const GRID: f32 = space::SMALL;
/// The widest a column of text gets, so that lines stay readable.
pub const COLUMN: f32 = 860.0;
/// Below this window width the rail folds into a bar on top.
pub const NARROW: f32 = 860.0;

/// Whether a window of this size has room for the most important only; the zoom counts.
#[must_use]
pub fn is_tight(window: Vec2) -> bool {
    window.x < 560.0 || window.y < 400.0
}

/// The sizes of text, in points.
pub mod size {
    /// A screen's title.
    pub const TITLE: f32 = 24.0;
    /// A screen's title where there is little room.
    pub const TITLE_TIGHT: f32 = 18.0;
    /// The heading of a card.
    pub const HEADING: f32 = 17.0;
    /// Running text.
    pub const BODY: f32 = 15.0;
    /// Captions.
    pub const SMALL: f32 = 13.0;
    /// Addresses and commands: this typeface is wider than the other.
    pub const MONO: f32 = 14.0;
    /// The least height of what is pressed, but links within text.
    pub const TARGET: f32 = 32.0;
}

/// The colours of the theme in force.
#[must_use]
pub fn palette(ui: &egui::Ui) -> &'static Palette {
    if ui.visuals().dark_mode {
        &DARK
    } else {
        &LIGHT
    }
}

/// Big titles, smaller where a window of this size has little room.
#[must_use]
pub fn title(window: Vec2) -> FontId {
    FontId::new(
        if is_tight(window) {
            size::TITLE_TIGHT
        } else {
            size::TITLE
        },
        semibold_family(),
    )
}

/// Headings of cards.
#[must_use]
pub fn heading() -> FontId {
    FontId::new(size::HEADING, semibold_family())
}

/// Emphasis within text, labels of buttons.
#[must_use]
pub fn strong() -> FontId {
    FontId::new(size::BODY, semibold_family())
}

/// Running text.
#[must_use]
pub fn body() -> FontId {
    FontId::new(size::BODY, FontFamily::Proportional)
}

/// Captions.
#[must_use]
pub fn small() -> FontId {
    FontId::new(size::SMALL, FontFamily::Proportional)
}

/// Addresses and commands.
#[must_use]
pub fn mono() -> FontId {
    FontId::new(size::MONO, FontFamily::Monospace)
}

fn semibold_family() -> FontFamily {
    FontFamily::Name("semibold".into())
}

/// A card.
pub fn card(palette: &Palette) -> Frame {
    bare_card(palette).inner_margin(Margin::same(16))
}

/// A card whose parts have margins of their own: its bands reach to its edges.
pub fn bare_card(palette: &Palette) -> Frame {
    Frame::new()
        .fill(palette.surface)
        .stroke(Stroke::new(line::THIN, palette.border))
        .corner_radius(CornerRadius::same(radius::CARD))
}

/// The band on top of a [`bare_card`].
pub fn band(fill: Color32) -> Frame {
    // One less than the card: its line lies around the band.
    let round = radius::CARD - 1;
    Frame::new()
        .fill(fill)
        .corner_radius(CornerRadius {
            nw: round,
            ne: round,
            sw: 0,
            se: 0,
        })
        .inner_margin(Margin::symmetric(16, 12))
}

/// What stands below a [`band`].
pub fn below_band() -> Frame {
    Frame::new().inner_margin(Margin::symmetric(16, 12))
}

/// A quiet block inside a card: commands, raw values.
pub fn block(palette: &Palette) -> Frame {
    Frame::new()
        .fill(palette.sunken)
        .corner_radius(CornerRadius::same(radius::CONTROL))
        .inner_margin(Margin::symmetric(12, 8))
}

/// A notice in the page: how something of our own went.
pub fn notice(fill: Color32) -> Frame {
    Frame::new()
        .fill(fill)
        .corner_radius(CornerRadius::same(radius::TILE))
        .inner_margin(Margin::symmetric(14, 10))
}

/// What lies over the whole window while a file is held over it.
#[must_use]
pub fn veil(palette: &Palette) -> Color32 {
    palette.surface.gamma_multiply(0.92)
}

/// A message that floats over the page for a moment.
pub fn toast(palette: &Palette) -> Frame {
    Frame::new()
        .fill(palette.text)
        .corner_radius(CornerRadius::same(radius::TILE))
        .inner_margin(Margin::symmetric(14, 8))
}

/// A field to type into.
pub fn field(palette: &Palette) -> Frame {
    Frame::new()
        .fill(palette.surface)
        .stroke(Stroke::new(line::THIN, palette.control_border))
        .corner_radius(CornerRadius::same(radius::CONTROL))
        .inner_margin(Margin::symmetric(10, 6))
}

/// The one large field of the first step.
pub fn large_field(palette: &Palette) -> Frame {
    Frame::new()
        .fill(palette.surface)
        .stroke(Stroke::new(line::THIN * 1.5, palette.control_border))
        .corner_radius(CornerRadius::same(radius::TILE))
        .inner_margin(Margin::symmetric(14, 12))
}

/// A document to read.
pub fn paper(palette: &Palette) -> Frame {
    Frame::new()
        .fill(palette.surface)
        .stroke(Stroke::new(line::THIN, palette.border))
        .corner_radius(CornerRadius::same(radius::TILE))
        .inner_margin(Margin::same(14))
}

/// The page of a window that has so much room.
pub fn page(window: Vec2) -> Frame {
    Frame::new().inner_margin(if is_tight(window) {
        Margin::symmetric(16, 8)
    } else if window.x < NARROW {
        Margin::same(16)
    } else {
        Margin::symmetric(24, 20)
    })
}

/// Whether things may move: not where the system or the person asks for stillness.
#[must_use]
pub fn moves(ctx: &Context) -> bool {
    ctx.global_style().animation_time > 0.0
}

/// Lets things move, or keeps them still.
pub fn let_move(ctx: &Context, moves: bool) {
    let time = if moves { motion::QUICK } else { 0.0 };
    ctx.all_styles_mut(|style| style.animation_time = time);
}

/// Has the window drawn again soon, for what moves or counts while a test runs.
pub fn keep_moving(ctx: &Context) {
    let pause = if moves(ctx) {
        motion::FRAME
    } else {
        motion::SLOW_FRAME
    };
    ctx.request_repaint_after_secs(pause);
}

/// Installs fonts and both themes.
pub fn install(ctx: &Context) {
    ctx.set_fonts(fonts());
    ctx.set_style_of(Theme::Light, style(&LIGHT, Visuals::light()));
    ctx.set_style_of(Theme::Dark, style(&DARK, Visuals::dark()));
    ctx.options_mut(|options| {
        options.fallback_theme = Theme::Light;
        options.zoom_with_keyboard = true;
    });
}

/// The bundled typefaces, and nothing of egui's own.
#[must_use]
pub fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::empty();
    for (name, bytes) in [
        ("inter", INTER_REGULAR),
        ("inter-semibold", INTER_SEMIBOLD),
        ("jetbrains-mono", JETBRAINS_MONO),
    ] {
        fonts
            .font_data
            .insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let order = |first: &str, then: &str| vec![first.to_owned(), then.to_owned()];
    fonts
        .families
        .insert(FontFamily::Proportional, order("inter", "jetbrains-mono"));
    fonts
        .families
        .insert(FontFamily::Monospace, order("jetbrains-mono", "inter"));
    fonts
        .families
        .insert(semibold_family(), order("inter-semibold", "inter"));
    fonts
}

fn style(palette: &Palette, base: Visuals) -> Style {
    let mut style = Style {
        visuals: visuals(palette, base),
        ..Style::default()
    };
    style.text_styles = [
        (TextStyle::Heading, title(vec2(NARROW, NARROW))),
        (TextStyle::Body, body()),
        (TextStyle::Button, body()),
        (TextStyle::Monospace, mono()),
        (TextStyle::Small, small()),
    ]
    .into();
    // Stacked Vietnamese marks (ẵ, Ữ) need air between lines.
    style.spacing.extra_text_line_spacing = 3.0;
    style.spacing.item_spacing = vec2(GRID, GRID);
    style.spacing.button_padding = vec2(12.0, 6.0);
    style.spacing.indent = space::LARGE + space::TIGHT;
    // Between a box or a ring and its words.
    style.spacing.icon_spacing = GRID;
    style.spacing.interact_size = vec2(size::TARGET, size::TARGET);
    style.spacing.scroll = egui::style::ScrollStyle::thin();
    style.animation_time = motion::QUICK;
    style.url_in_tooltip = true;
    style
}

fn visuals(palette: &Palette, base: Visuals) -> Visuals {
    let mut visuals = base;
    visuals.panel_fill = palette.background;
    visuals.window_fill = palette.surface;
    visuals.window_stroke = Stroke::new(line::THIN, palette.border);
    visuals.window_corner_radius = CornerRadius::same(radius::CARD);
    visuals.menu_corner_radius = CornerRadius::same(radius::CONTROL);
    visuals.extreme_bg_color = palette.surface;
    visuals.text_edit_bg_color = Some(palette.surface);
    visuals.faint_bg_color = palette.sunken;
    visuals.code_bg_color = palette.sunken;
    visuals.hyperlink_color = palette.accent;
    visuals.warn_fg_color = palette.caution;
    visuals.error_fg_color = palette.trouble;
    visuals.weak_text_color = Some(palette.weak);
    visuals.selection.bg_fill = palette.selection;
    visuals.selection.stroke = Stroke::new(line::STRONG, palette.accent);
    // A blinking cursor draws a frame twice a second for ever; ours stands still.
    visuals.text_cursor.blink = false;
    // What is folded out stands below its line; the indent tells.
    visuals.indent_has_left_vline = false;
    visuals.text_cursor.stroke = Stroke::new(line::STRONG, palette.accent);

    let widgets = &mut visuals.widgets;
    for (widget, fill, border) in [
        (&mut widgets.noninteractive, palette.surface, palette.border),
        (
            &mut widgets.inactive,
            palette.surface,
            palette.control_border,
        ),
        (&mut widgets.hovered, palette.sunken, palette.control_border),
        (&mut widgets.active, palette.sunken, palette.accent),
        (&mut widgets.open, palette.sunken, palette.control_border),
    ] {
        widget.bg_fill = fill;
        widget.weak_bg_fill = fill;
        widget.bg_stroke = Stroke::new(line::THIN, border);
        widget.fg_stroke = Stroke::new(line::THIN, palette.text);
        widget.corner_radius = CornerRadius::same(radius::CONTROL);
        widget.expansion = 0.0;
    }
    visuals
}

const INTER_REGULAR: &[u8] = include_bytes!("../../assets/fonts/Inter-Regular.otf");
const INTER_SEMIBOLD: &[u8] = include_bytes!("../../assets/fonts/Inter-SemiBold.otf");
const JETBRAINS_MONO: &[u8] = include_bytes!("../../assets/fonts/JetBrainsMono-NoLigatures.ttf");

#[cfg(test)]
mod tests {
    use super::*;

    /// Contrast as WCAG 2.2 defines it (relative luminance of sRGB).
    fn contrast(a: Color32, b: Color32) -> f64 {
        let luminance = |color: Color32| {
            let channel = |value: u8| {
                let value = f64::from(value) / 255.0;
                if value <= 0.04045 {
                    value / 12.92
                } else {
                    ((value + 0.055) / 1.055).powf(2.4)
                }
            };
            0.2126 * channel(color.r()) + 0.7152 * channel(color.g()) + 0.0722 * channel(color.b())
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// What is drawn on what. Text needs 4.5 : 1, large shapes and lines 3 : 1 (WCAG 2.2, 1.4.3 and
    /// 1.4.11). A new pair of colours on a screen is a new line here.
    fn pairs(p: &Palette) -> Vec<(&'static str, Color32, Color32, f64)> {
        const TEXT: f64 = 4.5;
        const SHAPE: f64 = 3.0;
        let grounds = [
            ("background", p.background),
            ("surface", p.surface),
            ("sunken", p.sunken),
        ];
        let softs = [
            ("fine_soft", p.fine_soft),
            ("trouble_soft", p.trouble_soft),
            ("caution_soft", p.caution_soft),
        ];
        let mut pairs = Vec::new();
        for (name, ground) in grounds {
            for ink in [p.text, p.weak, p.accent, p.fine, p.trouble, p.caution] {
                pairs.push((name, ink, ground, TEXT));
            }
            pairs.push((name, p.control_border, ground, SHAPE));
        }
        for (name, ground) in softs {
            for ink in [p.text, p.weak, p.accent] {
                pairs.push((name, ink, ground, TEXT));
            }
        }
        pairs.extend([
            ("its own soft", p.fine, p.fine_soft, TEXT),
            ("its own soft", p.trouble, p.trouble_soft, TEXT),
            ("its own soft", p.caution, p.caution_soft, TEXT),
            ("primary button", p.on_accent, p.accent, TEXT),
            ("primary button, hovered", p.on_accent, p.accent_hover, TEXT),
            ("selected", p.text, p.selection, TEXT),
            ("selected", p.accent, p.selection, TEXT),
            ("toast", p.surface, p.text, TEXT),
            ("mark in a disc", p.surface, p.fine, SHAPE),
            ("mark in a disc", p.surface, p.trouble, SHAPE),
            ("mark in a disc", p.surface, p.caution, SHAPE),
        ]);
        pairs
    }

    #[test]
    fn everything_drawn_stands_out_from_what_is_behind_it() {
        for (theme, palette) in [("light", LIGHT), ("dark", DARK)] {
            for (place, ink, ground, least) in pairs(&palette) {
                let contrast = contrast(ink, ground);
                assert!(
                    contrast >= least,
                    "{theme}, {place}: {ink:?} on {ground:?} has {contrast:.2}"
                );
            }
        }
    }

    #[test]
    fn sizes_are_on_the_grid_and_in_order() {
        let spaces = [
            space::TIGHT,
            space::SMALL,
            space::MEDIUM,
            space::LARGE,
            space::PAGE,
        ];
        for pair in spaces.windows(2) {
            assert!(pair[0] < pair[1]);
        }
        assert!(spaces.iter().all(|space| space % (GRID / 2.0) == 0.0));
        let sizes = [
            size::SMALL,
            size::BODY,
            size::HEADING,
            size::TITLE_TIGHT,
            size::TITLE,
        ];
        assert!(sizes.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
