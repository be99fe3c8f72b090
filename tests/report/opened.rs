//! A saved report on the screens of the window: the same as when it was made, and said to be one.

use std::path::PathBuf;
use std::time::Duration;

use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use ketnoi::case::Case;
use ketnoi::evidence::{Evidence, Os};
use ketnoi::i18n::{Language, Texts};
use ketnoi::report::opened::{OpenError, Saved, open, open_bytes};
use ketnoi::report::{Format, Stamp, anonymised, json, render};
use ketnoi::ui;
use ketnoi::wizard::{Action, Effect, Opening, Preferences, RunState, Step, Theme, Wizard};
use serde_json::{Value, json};

use crate::{all_evidence, evidence, stamp};

const FILE: &str = "/home/an/ketnoi-db-5432.ketnoi.json";

/// Faults of many kinds.
const CASES: [&str; 12] = [
    "loopback-only",
    "closed-local-port",
    "accept-queue-full-here",
    "bound-to-another-address",
    "bpf-hook-denies",
    "proxy-of-kde-is-gone-beside-one-that-works",
    "proxy-by-a-script-that-was-not-run",
    "closed-local-port-while-running",
    "another-service-next-door",
    "bound-to-an-address-that-is-gone",
    "another-postgresql-on-its-unix-socket",
    "another-program-next-door-here",
];

fn wizard(language: Language, os: Os) -> Wizard {
    let preferences = Preferences {
        language,
        theme: Theme::System,
        less_movement: None,
        keep_recents: false,
        recents: Vec::new(),
    };
    Wizard::new(preferences, os, Duration::from_secs(4))
}

/// The wizard after this very case was tested.
fn tested(case: &Case, language: Language) -> Wizard {
    let mut wizard = wizard(language, case.evidence().os);
    wizard.update(Action::Typed("127.0.0.1:1".to_owned()));
    wizard.update(Action::Forward);
    wizard.update(Action::Typed(case.evidence().target.input.clone()));
    wizard.said.clone_from(&case.evidence().said);
    let run = &mut wizard.runs[0];
    run.case = case.clone().into();
    run.state = RunState::Complete;
    wizard
}

/// The wizard after this report was opened.
fn opened(report: &str, language: Language, os: Os) -> Wizard {
    let mut wizard = wizard(language, os);
    let path = PathBuf::from(FILE);
    let effects = wizard.update(Action::OpenReport(path.clone()));
    assert_eq!(effects, [Effect::ReadReport(path.clone())]);
    let saved = Saved::try_from(open(report).unwrap()).unwrap();
    wizard.update(Action::ReportRead(path, Ok(Box::new(saved))));
    assert_eq!(wizard.step, Step::Connection);
    assert_eq!(wizard.opening, Opening::Idle);
    wizard
}

fn complete(name: &str) -> Case {
    let mut evidence = evidence(name);
    evidence.complete = true;
    Case::new(evidence)
}

fn harness(wizard: Wizard) -> Harness<'static, Wizard> {
    Harness::builder()
        .with_size([1000.0, 3000.0])
        .with_context_setup(ui::theme::install)
        .build_ui_state(
            |ui, wizard: &mut Wizard| {
                ui::window_ui(ui, wizard, "# Ketnoi\n");
            },
            wizard,
        )
}

/// All that a screen reader is told of each step, in order.
fn told(harness: &mut Harness<'static, Wizard>, wizard: &Wizard, step: Step) -> Vec<String> {
    let mut wizard = wizard.clone();
    wizard.update(Action::GoTo(step));
    *harness.state_mut() = wizard;
    harness.run_steps(2);
    let nodes = harness.get_all_by(|node| node.label().is_some() || node.value().is_some());
    let words = nodes.flat_map(|node| {
        let node = node.accesskit_node();
        [node.label(), node.value()]
    });
    words
        .flatten()
        .map(|words| words.trim().to_owned())
        .collect()
}

#[test]
fn an_opened_report_shows_the_screens_it_was_made_from() {
    for language in Language::ALL {
        let texts = Texts::of(language);
        let mut harness = harness(wizard(language, Os::Linux));
        for name in CASES {
            let case = complete(name);
            let report = json::pretty(&case, texts, &stamp());
            let made = tested(&case, language);
            let shown = opened(&report, language, case.evidence().os);
            assert_eq!(shown.case(), Some(&case), "{name}");
            for step in Step::ALL {
                let before = told(&mut harness, &made, step);
                let mut after = told(&mut harness, &shown, step);
                let words = &texts.window.opened;
                let named = after
                    .iter()
                    .find(|line| line.contains("ketnoi-db-5432.ketnoi"));
                let mark = named.cloned().unwrap_or_default();
                // A sentence is told whole and by its lines.
                let is_mark = |line: &mut String| {
                    let is_new = !before.contains(line);
                    is_new && (mark.contains(line.as_str()) || *line == words.test_here)
                };
                let marks = after.extract_if(.., is_mark).count();
                assert_eq!(before, after, "{name}, {step:?}");
                assert_eq!(marks > 0, step != Step::Address, "{name}, {step:?}");
            }
        }
    }
}

#[test]
fn an_opened_report_is_told_as_when_it_was_made() {
    for (name, evidence) in all_evidence() {
        let case = Case::new(evidence);
        for language in Language::ALL {
            let texts = Texts::of(language);
            // The report may have been written in the other language.
            let report = json::line(&case, Texts::of(Language::Vi), &stamp());
            let saved = Saved::try_from(open_bytes(report.as_bytes()).unwrap()).unwrap();
            assert_eq!(saved.stamp, stamp(), "{name}");
            for format in [Format::Html, Format::Json] {
                let before = render(&case, format, texts, &stamp());
                let after = render(&saved.case, format, texts, &saved.stamp);
                assert_eq!(before, after, "{name}");
            }
        }
    }
}

#[test]
fn a_report_is_tested_again_from_here_unless_it_names_nothing() {
    let case = complete("loopback-only");
    let texts = Texts::of(Language::En);
    let report = json::line(&case, texts, &stamp());
    let mut here = opened(&report, Language::En, case.evidence().os);
    let effects = here.update(Action::TestAgain);
    let probed = effects.iter().find_map(|effect| match effect {
        Effect::Probe { target, .. } => Some(target.clone()),
        _ => None,
    });
    assert_eq!(*probed.unwrap(), case.evidence().target);
    assert!(here.run().unwrap().opened.is_none());
    assert_eq!(here.case().unwrap().rounds().len(), 1);

    // What another system saw is no before.
    let mut elsewhere = opened(&report, Language::En, Os::Windows);
    assert!(!elsewhere.update(Action::TestAgain).is_empty());
    assert!(elsewhere.case().unwrap().rounds().is_empty());

    let told = Stamp {
        anonymised: true,
        ..stamp()
    };
    let report = json::line(&anonymised(&case), texts, &told);
    let mut nameless = opened(&report, Language::En, case.evidence().os);
    assert!(nameless.update(Action::TestAgain).is_empty());
    let mut harness = harness(nameless);
    harness.run_steps(2);
    let words = &texts.window.opened;
    assert!(harness.query_by_label(&words.test_here).is_none());
    assert!(harness.query_by_label(&words.anonymised).is_some());
    assert!(
        harness
            .query_by_label(&texts.window.shell.test_again)
            .is_none()
    );
}

#[test]
fn a_forged_target_is_not_tested() {
    let texts = Texts::of(Language::En);
    let report = json::line(&complete("closed-local-port"), texts, &stamp());
    for (place, value) in [
        (
            "host",
            json!({"name": {"ascii": "-oProxyCommand=id", "unicode": "x"}}),
        ),
        (
            "host",
            json!({"name": {"ascii": "a b\u{1b}", "unicode": "x"}}),
        ),
        ("port", json!(0)),
    ] {
        let mut forged: Value = serde_json::from_str(&report).unwrap();
        forged["evidence"]["target"][place] = value;
        let mut wizard = opened(&forged.to_string(), Language::En, Os::Linux);
        assert!(wizard.update(Action::TestAgain).is_empty(), "{forged}");
    }
}

#[test]
fn fields_that_are_new_are_passed_over_and_older_reports_are_read() {
    let case = complete("loopback-only");
    let report = json::line(&case, Texts::of(Language::En), &stamp());
    let mut newer: Value = serde_json::from_str(&report).unwrap();
    newer["more"] = json!({"deep": [[[1]]]});
    newer["evidence"]["more"] = json!(1);
    newer["evidence"]["target"]["more"] = json!("x");
    assert_eq!(open(&newer.to_string()).unwrap().case, case);
    let mut older: Value = serde_json::from_str(&report).unwrap();
    older.as_object_mut().unwrap().remove("environment");
    let evidence = older["evidence"].as_object_mut().unwrap();
    evidence.retain(|key, _| {
        ["target", "os", "patience_ms", "attempts", "complete"].contains(&key.as_str())
    });
    let read = open(&older.to_string()).unwrap().case;
    let least: Evidence = serde_json::from_value(older["evidence"].clone()).unwrap();
    assert_eq!(read, Case::new(least));
}

#[test]
fn what_is_wrong_with_a_report_is_said_with_its_place() {
    let report = json::line(
        &complete("loopback-only"),
        Texts::of(Language::En),
        &stamp(),
    );
    let broken = |change: &dyn Fn(&mut Value)| {
        let mut report: Value = serde_json::from_str(&report).unwrap();
        change(&mut report);
        open(&report.to_string())
            .and_then(Saved::try_from)
            .unwrap_err()
    };
    let unknown = |place: &str| OpenError::Unknown {
        place: place.to_owned(),
    };
    let missing = |field: &str| OpenError::Missing {
        field: field.to_owned(),
    };
    let remove = |value: &mut Value, key: &str| drop(value.as_object_mut().unwrap().remove(key));
    for (error, expected) in [
        (
            broken(&|r| r["evidence"]["attempts"][0]["took_ms"] = json!("fast")),
            unknown("evidence.attempts[0].took_ms"),
        ),
        (
            broken(&|r| r["evidence"]["attempts"][0]["outcome"] = json!("won")),
            unknown("evidence.attempts[0].outcome"),
        ),
        (
            broken(&|r| r["evidence"]["network"]["known"]["interfaces"] = json!({})),
            unknown("evidence.network.known.interfaces"),
        ),
        (
            broken(&|r| remove(&mut r["evidence"]["attempts"][0], "addr")),
            missing("evidence.attempts[0].addr"),
        ),
        (broken(&|r| remove(r, "created")), missing("created")),
        (broken(&|r| remove(r, "took_ms")), missing("took_ms")),
        (
            broken(&|r| r["rounds"] = json!([{"evidence": 1}])),
            unknown("rounds[0].evidence"),
        ),
    ] {
        assert_eq!(error, expected);
        for language in Language::ALL {
            let sentence = error.sentence(Texts::of(language), "x\u{1b}.ketnoi.json");
            assert!(!sentence.contains('\u{1b}'), "{sentence}");
            let place = match &expected {
                OpenError::Unknown { place } => place,
                OpenError::Missing { field } => field,
                other => panic!("{other:?}"),
            };
            assert!(sentence.contains(place), "{sentence}");
        }
    }
}

#[test]
fn a_report_that_nobody_waits_for_any_more_is_dropped_and_a_failure_is_shown() {
    let texts = Texts::of(Language::En);
    let report = json::line(&complete("loopback-only"), texts, &stamp());
    let saved = Saved::try_from(open(&report).unwrap()).unwrap();
    let mut wizard = wizard(Language::En, Os::Linux);
    wizard.update(Action::OpenReport("first".into()));
    wizard.update(Action::OpenReport("second".into()));
    wizard.update(Action::ReportRead("first".into(), Ok(Box::new(saved))));
    assert!(wizard.runs.is_empty());
    let sentence = OpenError::NotAReport.sentence(texts, "second");
    wizard.update(Action::ReportRead("second".into(), Err(sentence.clone())));
    let mut harness = harness(wizard);
    harness.run_steps(2);
    assert!(harness.query_by_label(&sentence).is_some());
    harness
        .state_mut()
        .update(Action::Typed("db:5432".to_owned()));
    harness.run_steps(2);
    assert!(harness.query_by_label(&sentence).is_none());
}
