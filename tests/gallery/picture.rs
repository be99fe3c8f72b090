//! A state of the window, drawn without one.

use std::time::Duration;

use egui::{Theme, UiBuilder};
use egui_kittest::Harness;
use ketnoi::i18n::Texts;
use ketnoi::report::{self, Stamp};
use ketnoi::ui;
use ketnoi::wizard::Wizard;

/// The whole window of so many points, each so many pixels wide, with the report that belongs to
/// the state. Drawn until nothing more falls into place.
pub fn drawn(
    wizard: Wizard,
    theme: Theme,
    points: [f32; 2],
    scale: f32,
) -> Harness<'static, Wizard> {
    let preview = preview(&wizard);
    let mut harness = Harness::builder()
        .with_size(points)
        .with_pixels_per_point(scale)
        .with_theme(theme)
        .with_context_setup(ui::theme::install)
        .build_ui_state(
            move |ui, wizard: &mut Wizard| {
                let whole = UiBuilder::new().max_rect(ui.ctx().content_rect());
                ui.scope_builder(whole, |ui| ui::window_ui(ui, wizard, &preview));
            },
            wizard,
        );
    harness.run_steps(3);
    harness
}

/// The report as the window would show it.
fn preview(wizard: &Wizard) -> String {
    let stamp = Stamp {
        created: "2026-11-22T14:05:00Z".parse().expect("a time"),
        took: Duration::from_millis(240),
        anonymised: false,
    };
    let texts = Texts::of(wizard.preferences.language);
    let format = wizard.document.format;
    wizard
        .case()
        .map(|case| report::render(case, format, texts, &stamp))
        .unwrap_or_default()
}

/// What a theme is called in the name of a file.
pub fn theme_name(theme: Theme) -> &'static str {
    match theme {
        Theme::Dark => "dark",
        Theme::Light => "light",
    }
}
