//! The bundled typefaces hold every character the program writes, so that no system font is
//! needed: all of Vietnamese, and whatever the texts in `i18n/` use.
//!
//! The fonts are read with `skrifa`, the reader that egui itself draws with. Nothing is said
//! here about how the letters look.

#![expect(clippy::unwrap_used, reason = "test code")]

use std::collections::BTreeSet;
use std::path::Path;

use skrifa::raw::TableProvider as _;
use skrifa::{FontRef, MetadataProvider as _};
use unicode_normalization::UnicodeNormalization as _;

const FONTS: [&str; 3] = [
    "Inter-Regular.otf",
    "Inter-SemiBold.otf",
    "JetBrainsMono-NoLigatures.ttf",
];

/// The vowels of Vietnamese with their own marks; each is written in six tones.
const VOWELS: &str = "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY";

/// Grave, acute, tilde, hook above, dot below: the five tones that are written.
const TONES: [char; 5] = ['\u{300}', '\u{301}', '\u{303}', '\u{309}', '\u{323}'];

/// Circumflex, breve and horn: what makes a vowel of its own of a plain letter.
const VOWEL_MARKS: [char; 3] = ['\u{302}', '\u{306}', '\u{31B}'];

#[test]
fn every_vietnamese_letter_is_in_every_bundled_font() {
    let wanted = vietnamese();
    assert_eq!(wanted.len(), 24 * 6 + 2, "vowels in six tones, đ and Đ");
    for font in FONTS {
        assert_eq!(
            missing(font, &wanted),
            BTreeSet::new(),
            "{font} lacks letters"
        );
    }
}

#[test]
fn combining_marks_and_the_dong_sign_are_in_every_bundled_font() {
    let wanted = TONES.into_iter().chain(VOWEL_MARKS).chain(['₫']).collect();
    for font in FONTS {
        assert_eq!(
            missing(font, &wanted),
            BTreeSet::new(),
            "{font} lacks marks"
        );
    }
}

#[test]
fn every_character_of_the_texts_is_in_the_typeface_of_the_window() {
    let wanted = characters_of_the_texts();
    assert!(!wanted.is_empty(), "the texts were not read");
    for font in ["Inter-Regular.otf", "Inter-SemiBold.otf"] {
        assert_eq!(
            missing(font, &wanted),
            BTreeSet::new(),
            "{font} lacks characters"
        );
    }
}

/// `://` or `::` must not melt into one sign: an address is read letter by letter.
#[test]
fn the_typeface_of_addresses_has_no_ligatures() {
    let bytes = read("assets/fonts/JetBrainsMono-NoLigatures.ttf");
    let font = FontRef::new(&bytes).unwrap();
    let features = font.gsub().unwrap().feature_list().unwrap();
    let tags = features.feature_records().iter();
    let tags: Vec<String> = tags
        .map(|record| record.feature_tag().to_string())
        .collect();
    for on_by_default in ["calt", "clig", "liga", "rlig"] {
        assert!(!tags.iter().any(|tag| tag == on_by_default), "{tags:?}");
    }
}

#[test]
fn a_character_that_is_not_there_is_reported() {
    let thai = BTreeSet::from(['ก']);
    assert_eq!(missing("Inter-Regular.otf", &thai), thai);
}

#[test]
fn every_font_comes_with_its_licence() {
    for font in FONTS {
        let family = font.split('-').next().unwrap();
        let licence = read(&format!("assets/fonts/{family}-OFL.txt"));
        let licence = String::from_utf8(licence).unwrap();
        assert!(
            licence.starts_with("Copyright "),
            "{family}: no copyright line"
        );
        assert!(licence.contains("SIL OPEN FONT LICENSE Version 1.1"));
    }
}

fn vietnamese() -> BTreeSet<char> {
    let toned = VOWELS.chars().flat_map(|vowel| {
        let toned = TONES.map(|tone| [vowel, tone].into_iter().nfc().next().unwrap());
        std::iter::once(vowel).chain(toned)
    });
    toned.chain(['đ', 'Đ']).collect()
}

fn characters_of_the_texts() -> BTreeSet<char> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("i18n");
    let mut characters = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        collect_characters(&json, &mut characters);
    }
    characters
}

fn collect_characters(json: &serde_json::Value, into: &mut BTreeSet<char>) {
    match json {
        serde_json::Value::String(text) => {
            into.extend(text.chars().filter(|character| !character.is_control()));
        }
        serde_json::Value::Array(items) => {
            for item in items {
                collect_characters(item, into);
            }
        }
        serde_json::Value::Object(fields) => {
            for field in fields.values() {
                collect_characters(field, into);
            }
        }
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {}
    }
}

fn missing(font: &str, wanted: &BTreeSet<char>) -> BTreeSet<char> {
    let bytes = read(&format!("assets/fonts/{font}"));
    let font = FontRef::new(&bytes).unwrap();
    let map = font.charmap();
    let is_missing = |character: &&char| map.map(**character).is_none();
    wanted.iter().filter(is_missing).copied().collect()
}

fn read(path: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}
