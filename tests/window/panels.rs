//! What a screen reader is told of a saved report of another computer: what it is, what step 3
//! offers to look at that computer, and the menu of colours, in both languages.

use std::path::Path;
use std::time::Duration;

use ketnoi::case::Case;
use ketnoi::evidence::Evidence;
use ketnoi::i18n::{Language, Texts, Wording};
use ketnoi::report::{self, Format, Stamp};

use crate::desk::{Desk, Hands};
use crate::reader::Role;
use crate::steps::{expect_named, expect_sound};

#[test]
fn a_saved_report_is_told_to_a_screen_reader_in_english() {
    told_of_a_saved_report(Language::En);
}

#[test]
fn a_saved_report_is_told_to_a_screen_reader_in_vietnamese() {
    told_of_a_saved_report(Language::Vi);
}

fn told_of_a_saved_report(language: Language) {
    let Some(mut desk) = Desk::with_reader(language) else {
        return;
    };
    let texts = desk.texts();
    let words = &texts.window;
    let case = tested_elsewhere();
    let path = desk.home.path().join("elsewhere.ketnoi.json");
    std::fs::write(&path, as_report(&case, texts)).unwrap();
    let dialog = format!("#!/bin/sh\n/bin/sleep 0.6\necho '{}'\n", path.display());
    desk.install("zenity", &dialog);
    desk.see(Role::Heading, &words.address.title);
    desk.key("ctrl+o");

    let wording = Wording::new(texts, &case.evidence().target);
    let verdict = wording.finding_title(&case.diagnosis().verdict);
    desk.see(Role::Heading, &verdict);
    desk.see(Role::Button, &words.opened.test_here);
    expect_sound(&mut desk, 1);

    desk.press(Hands::Keyboard, Role::Button, &words.shell.primary[1]);
    desk.see(Role::Entry, &words.other_end.field);
    expect_sound(&mut desk, 2);

    let menu = format!("{}: {}", words.shell.theme, words.shell.theme_system);
    desk.press(Hands::Keyboard, Role::Button, &menu);
    desk.see(Role::CheckBox, &words.shell.less_movement);
    expect_named(&desk);
    desk.key("Escape");
}

/// A test of a machine that answers, and drops what comes to one port.
fn tested_elsewhere() -> Case {
    let name = "silent-port-of-a-host-that-answers";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/cases/{name}.json"));
    let mut file: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut evidence: Evidence = serde_json::from_value(file["evidence"].take()).unwrap();
    evidence.complete = true;
    Case::new(evidence)
}

fn as_report(case: &Case, texts: &'static Texts) -> String {
    let stamp = Stamp {
        created: "2026-11-22T14:05:00Z".parse().unwrap(),
        took: Duration::from_millis(240),
        anonymised: false,
    };
    report::render(case, Format::Json, texts, &stamp)
}
