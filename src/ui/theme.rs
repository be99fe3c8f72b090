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
    control_border: Color32::from_rgb(0x86, 0x91, 0xa3),
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
    selection: Color32::from_rgb(0x2c, 0x4c, 0x73),
    fine: Color32::from_rgb(0x66, 0xd1, 0x9a),
    fine_soft: Color32::from_rgb(0x18, 0x33, 0x28),
    trouble: Color32::from_rgb(0xff, 0x93, 0x89),
    trouble_soft: Color32::from_rgb(0x42, 0x1f, 0x1f),
    caution: Color32::from_rgb(0xf3, 0xbd, 0x57),
    caution_soft: Color32::from_rgb(0x3a, 0x2d, 0x13),
};

/// Nothing drawn.
pub const CLEAR: Color32 = Color32::TRANSPARENT;

/// One step of the grid, in points.
pub const GRID: f32 = 8.0;
/// The widest a column of text gets, so that lines stay readable.
pub const COLUMN: f32 = 860.0;
/// Below this window width the rail folds into a bar on top.
pub const NARROW: f32 = 860.0;

/// Whether a window of this size has room for the most important only; the zoom counts.
#[must_use]
pub fn is_tight(window: Vec2) -> bool {
    window.x < 560.0 || window.y < 400.0
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
        if is_tight(window) { 18.0 } else { 24.0 },
        semibold_family(),
    )
}

/// Headings of cards.
#[must_use]
pub fn heading() -> FontId {
    FontId::new(16.5, semibold_family())
}

/// Emphasis within text, labels of buttons.
#[must_use]
pub fn strong() -> FontId {
    FontId::new(15.0, semibold_family())
}

/// Running text.
#[must_use]
pub fn body() -> FontId {
    FontId::new(15.0, FontFamily::Proportional)
}

/// Captions.
#[must_use]
pub fn small() -> FontId {
    FontId::new(13.0, FontFamily::Proportional)
}

/// Addresses and commands.
#[must_use]
pub fn mono() -> FontId {
    FontId::new(14.0, FontFamily::Monospace)
}

fn semibold_family() -> FontFamily {
    FontFamily::Name("semibold".into())
}

/// A card.
pub fn card(palette: &Palette) -> Frame {
    Frame::new()
        .fill(palette.surface)
        .stroke(Stroke::new(1.0, palette.border))
        .corner_radius(CornerRadius::same(12))
        .inner_margin(Margin::same(16))
}

/// A quiet block inside a card: commands, raw values.
pub fn block(palette: &Palette) -> Frame {
    Frame::new()
        .fill(palette.sunken)
        .corner_radius(CornerRadius::same(8))
        .inner_margin(Margin::symmetric(12, 8))
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
    style.spacing.interact_size = vec2(32.0, 32.0);
    style.spacing.scroll = egui::style::ScrollStyle::thin();
    style.animation_time = 0.1;
    style.url_in_tooltip = true;
    style
}

fn visuals(palette: &Palette, base: Visuals) -> Visuals {
    let mut visuals = base;
    visuals.panel_fill = palette.background;
    visuals.window_fill = palette.surface;
    visuals.window_stroke = Stroke::new(1.0, palette.border);
    visuals.window_corner_radius = CornerRadius::same(12);
    visuals.menu_corner_radius = CornerRadius::same(8);
    visuals.extreme_bg_color = palette.surface;
    visuals.text_edit_bg_color = Some(palette.surface);
    visuals.faint_bg_color = palette.sunken;
    visuals.code_bg_color = palette.sunken;
    visuals.hyperlink_color = palette.accent;
    visuals.warn_fg_color = palette.caution;
    visuals.error_fg_color = palette.trouble;
    visuals.weak_text_color = Some(palette.weak);
    visuals.selection.bg_fill = palette.selection;
    visuals.selection.stroke = Stroke::new(2.0, palette.accent);
    // A blinking cursor draws a frame twice a second for ever; ours stands still.
    visuals.text_cursor.blink = false;
    visuals.text_cursor.stroke = Stroke::new(2.0, palette.accent);

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
        widget.bg_stroke = Stroke::new(1.0, border);
        widget.fg_stroke = Stroke::new(1.0, palette.text);
        widget.corner_radius = CornerRadius::same(8);
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

    #[test]
    fn text_has_aa_contrast_on_everything_it_stands_on() {
        for (theme, palette) in [("light", LIGHT), ("dark", DARK)] {
            let grounds = [palette.background, palette.surface, palette.sunken];
            let inks = [
                ("text", palette.text),
                ("weak", palette.weak),
                ("accent", palette.accent),
                ("fine", palette.fine),
                ("trouble", palette.trouble),
                ("caution", palette.caution),
            ];
            for (name, ink) in inks {
                for ground in grounds {
                    let contrast = contrast(ink, ground);
                    assert!(
                        contrast >= 4.5,
                        "{theme} {name} on {ground:?}: {contrast:.2}"
                    );
                }
            }
            for (name, ink, ground) in [
                ("primary button", palette.on_accent, palette.accent),
                (
                    "primary button under the pointer",
                    palette.on_accent,
                    palette.accent_hover,
                ),
                ("fine banner", palette.fine, palette.fine_soft),
                ("trouble banner", palette.trouble, palette.trouble_soft),
                ("caution banner", palette.caution, palette.caution_soft),
                ("text on fine", palette.text, palette.fine_soft),
                ("text on trouble", palette.text, palette.trouble_soft),
                ("text on caution", palette.text, palette.caution_soft),
                ("selected text", palette.text, palette.selection),
            ] {
                let contrast = contrast(ink, ground);
                assert!(contrast >= 4.5, "{theme} {name}: {contrast:.2}");
            }
        }
    }

    #[test]
    fn controls_stand_out_from_what_is_behind_them() {
        for palette in [LIGHT, DARK] {
            assert!(contrast(palette.control_border, palette.surface) >= 3.0);
            assert!(contrast(palette.control_border, palette.background) >= 2.9);
            assert!(contrast(palette.accent, palette.surface) >= 3.0);
        }
    }
}
