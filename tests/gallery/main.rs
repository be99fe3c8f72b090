//! Every state of the window in both languages, from 720 × 520 points at a zoom of 200 % to
//! 1600 × 1000: no word is cut off, and none lies outside of what shows it.
//!
//! The same states are drawn on sheets to look at by `cargo run --example gallery`.

mod picture;
mod states;

use std::collections::BTreeSet;

use egui::epaint::TextShape;
use egui::{FontFamily, Rect, Shape, Theme};
use ketnoi::i18n::Language;
use ketnoi::wizard::Step;
use picture::{drawn, theme_name};

/// As wide as the windows that are looked at; tall enough for all of a page to be drawn.
const SIZES: [[f32; 2]; 4] = [
    [360.0, 4000.0],
    [720.0, 4000.0],
    [1000.0, 4000.0],
    [1600.0, 4000.0],
];

#[test]
fn no_word_is_cut_off_in_english() {
    let cut = words_cut_off(Language::En);
    assert!(cut.is_empty(), "{}", listed(&cut));
}

#[test]
fn no_word_is_cut_off_in_vietnamese() {
    let cut = words_cut_off(Language::Vi);
    assert!(cut.is_empty(), "{}", listed(&cut));
}

#[test]
fn every_step_has_states_whose_pictures_are_kept() {
    for step in Step::ALL {
        let mut of_step = states::STATES.iter().filter(|state| state.step == step);
        assert!(of_step.any(|state| state.is_main), "{step:?}");
    }
    let names: BTreeSet<&str> = states::STATES.iter().map(|state| state.name).collect();
    assert_eq!(names.len(), states::STATES.len(), "two states of one name");
}

/// `UPDATE_SNAPSHOTS=1` approves new pictures.
#[test]
fn the_main_states_look_as_approved_in_light() {
    assert_approved(Theme::Light);
}

#[test]
fn the_main_states_look_as_approved_in_dark() {
    assert_approved(Theme::Dark);
}

fn assert_approved(theme: Theme) {
    let mut differing = Vec::new();
    for state in states::STATES.iter().filter(|state| state.is_main) {
        for language in Language::ALL {
            let mut harness = drawn(state.wizard(language), theme, [1000.0, 700.0], 1.0);
            let step = state.step.index() + 1;
            let (code, theme) = (language.code(), theme_name(theme));
            let name = format!("states/{step}-{}-{code}-{theme}", state.name);
            let difference = harness.try_snapshot(&name).err();
            differing.extend(difference.map(|error| error.to_string()));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

fn listed(cut: &BTreeSet<String>) -> String {
    cut.iter().cloned().collect::<Vec<_>>().join("\n")
}

fn words_cut_off(language: Language) -> BTreeSet<String> {
    let mut cut = BTreeSet::new();
    for size in SIZES {
        let mut harness = drawn(states::STATES[0].wizard(language), Theme::Light, size, 1.0);
        for state in states::STATES {
            *harness.state_mut() = state.wizard(language);
            harness.run_steps(2);
            for shape in &harness.output().shapes {
                texts_in(&shape.shape, &mut |text| {
                    if let Some(how) = is_cut(text, shape.clip_rect) {
                        let words = text.galley.text();
                        cut.insert(format!("{}, {size:?}: {how}: {words}", state.name));
                    }
                });
            }
        }
    }
    cut
}

fn texts_in(shape: &Shape, found: &mut impl FnMut(&TextShape)) {
    match shape {
        Shape::Vec(shapes) => shapes.iter().for_each(|shape| texts_in(shape, found)),
        Shape::Text(text) => found(text),
        _ => {}
    }
}

/// How a text is cut, if it is. Commands, code and addresses scroll or have a whole form elsewhere,
/// and so have names that are longer than any line.
fn is_cut(text: &TextShape, clip: Rect) -> Option<&'static str> {
    let sections = &text.galley.job.sections;
    let is_mono = sections
        .first()
        .is_some_and(|section| section.format.font_id.family == FontFamily::Monospace);
    let words = text.galley.text();
    let has_long_word = words
        .split_whitespace()
        .any(|word| word.chars().count() > 40);
    if is_mono || has_long_word {
        return None;
    }
    if text.galley.elided {
        return Some("shortened");
    }
    let drawn = text.visual_bounding_rect();
    let is_outside = drawn.left() < clip.left() - 1.0 || drawn.right() > clip.right() + 1.0;
    (drawn.is_positive() && is_outside).then_some("cut off")
}
