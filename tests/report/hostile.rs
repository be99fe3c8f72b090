//! Broken and forged reports: some thousands of those that `cargo run --example mutate_reports`
//! tries, and every text of a report made hostile at once.

use std::collections::BTreeSet;

use ketnoi::case::Case;
use ketnoi::evidence::Evidence;
use ketnoi::i18n::{Language, Texts};
use ketnoi::report::{Format, anonymised, render};
use serde_json::Value;

use crate::mutation::{Corpus, Fate, is_harmless};
use crate::{HOSTILE, all_evidence, outside_code, stamp, tags};

#[test]
fn what_somebody_made_of_a_report_opens_or_is_refused_in_a_sentence() {
    let corpus = Corpus::of_cases();
    let opened = (0..CASES).filter(|seed| corpus.try_one(*seed) == Fate::Opened);
    let opened = opened.count();
    // Where nearly all open, or nearly none, the other way is hardly tried.
    let share = usize::try_from(CASES).unwrap() / 10;
    assert!((share..9 * share).contains(&opened), "{opened} opened");
}

/// As many as take some seconds.
const CASES: u64 = 2000;

/// Banners, certificates, hosts, programs, interfaces, containers, rules: whatever is text.
#[test]
fn no_text_of_a_report_becomes_more_than_text() {
    let mut most = 0;
    let english = Texts::of(Language::En);
    let page = |case: &Case| render(case, Format::Html, english, &stamp());
    let calm = all_evidence()
        .into_iter()
        .map(|(_, evidence)| Case::new(evidence));
    let ours: BTreeSet<String> = calm.flat_map(|case| tags(&page(&case))).collect();
    for (name, evidence) in all_evidence().into_iter().step_by(9) {
        let plain = serde_json::to_value(&evidence).unwrap();
        let places = free_texts(&plain);
        most = most.max(places.len());
        let told = |text: &str| {
            let mut value = plain.clone();
            for place in &places {
                *value.pointer_mut(place).unwrap() = text.into();
            }
            serde_json::from_value::<Evidence>(value).map(Case::new)
        };
        for text in HOSTILE {
            let Ok(case) = told(text) else { continue };
            let tags = tags(&page(&case));
            let foreign: Vec<_> = tags.iter().filter(|tag| !ours.contains(*tag)).collect();
            assert!(foreign.is_empty(), "{name}: {text:?}: {foreign:?}");
            for format in Format::ALL {
                is_harmless(&render(&case, format, english, &stamp()));
            }
            is_harmless(&render(&anonymised(&case), Format::Text, english, &stamp()));
            let markdown = render(&case, Format::Markdown, english, &stamp());
            let outside = outside_code(&markdown)
                .replace("\\[", "")
                .replace("\\]", "");
            for bad in [
                "<script",
                "<img",
                "![",
                "](",
                "@someone",
                "www.",
                "https://evil",
            ] {
                assert!(!outside.contains(bad), "{name}: {bad} in {outside}");
            }
        }
    }
    assert!(most > 8, "{most} texts in a report");
}

/// The texts that may be anything: those that stay evidence when they are changed.
fn free_texts(evidence: &Value) -> Vec<String> {
    let mut texts = Vec::new();
    list_texts(evidence, String::new(), &mut texts);
    let is_free = |place: &String| {
        let mut changed = evidence.clone();
        *changed.pointer_mut(place).unwrap() = "<calm>".into();
        serde_json::from_value::<Evidence>(changed).is_ok()
    };
    texts.retain(is_free);
    texts
}

fn list_texts(value: &Value, place: String, texts: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                list_texts(value, format!("{place}/{key}"), texts);
            }
        }
        Value::Array(all) => {
            for (index, value) in all.iter().enumerate() {
                list_texts(value, format!("{place}/{index}"), texts);
            }
        }
        Value::String(_) => texts.push(place),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
