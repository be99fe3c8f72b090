//! Every case of `tests/cases` on the screens that show its verdict, in both languages: the title,
//! the broken link of the path picture, and nothing wider than the window.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may stop")]

use std::fs;
use std::path::Path;
use std::time::Duration;

use egui::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use ketnoi::case::Case;
use ketnoi::case::path::{LinkState, path};
use ketnoi::diagnosis::Impact;
use ketnoi::evidence::Evidence;
use ketnoi::i18n::{Language, Texts, Wording};
use ketnoi::ui;
use ketnoi::wizard::{Action, Preferences, RunState, Step, Theme, Wizard};

/// Every case of `tests/cases` as a test that has ended, by the name of its file.
fn cases() -> Vec<(String, Case)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cases: Vec<(String, Case)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let text = fs::read_to_string(&path).unwrap();
            let mut file: serde_json::Value = serde_json::from_str(&text).unwrap();
            let mut evidence: Evidence = serde_json::from_value(file["evidence"].take()).unwrap();
            evidence.complete = true;
            (name, Case::new(evidence))
        })
        .collect();
    cases.sort_by(|one, other| one.0.cmp(&other.0));
    assert!(cases.len() > 200, "{} cases", cases.len());
    cases
}

/// A wizard that shows `case` on `step`.
fn showing(case: Case, step: Step, language: Language) -> Wizard {
    let preferences = Preferences {
        language,
        theme: Theme::System,
        less_movement: None,
        keep_recents: false,
        recents: Vec::new(),
    };
    let mut wizard = Wizard::new(preferences, case.evidence().os, Duration::from_secs(4));
    wizard.update(Action::Typed("127.0.0.1:1".to_owned()));
    wizard.update(Action::Forward);
    let run = &mut wizard.runs[0];
    run.case = case.into();
    run.state = RunState::Complete;
    wizard.update(Action::GoTo(step));
    wizard
}

fn harness(wizard: Wizard, size: [f32; 2]) -> Harness<'static, Wizard> {
    Harness::builder()
        .with_size(size)
        .with_context_setup(ui::theme::install)
        .build_ui_state(
            |ui, wizard: &mut Wizard| {
                ui::window_ui(ui, wizard, "# Ketnoi\n");
            },
            wizard,
        )
}

/// Draws `case` on `step` in a window that may have shown another before.
fn show(harness: &mut Harness<'static, Wizard>, case: &Case, step: Step, language: Language) {
    *harness.state_mut() = showing(case.clone(), step, language);
    harness.run_steps(2);
}

/// The nodes that are wider than the window.
fn too_wide(harness: &Harness<'static, Wizard>, width: f32) -> Vec<String> {
    let labels = harness.get_all_by(|node| {
        matches!(
            node.role(),
            Role::Label | Role::Heading | Role::Button | Role::Image
        )
    });
    labels
        .filter(|node| node.rect().left() < 0.0 || node.rect().right() > width)
        .map(|node| format!("{:?} {:?}", node.accesskit_node().label(), node.rect()))
        .collect()
}

#[test]
fn every_verdict_stands_on_its_screen_with_the_link_that_is_broken() {
    let cases = cases();
    for language in Language::ALL {
        let texts = Texts::of(language);
        let first = showing(cases[0].1.clone(), Step::Connection, language);
        let mut harness = harness(first, [1000.0, 700.0]);
        for (name, case) in &cases {
            show(&mut harness, case, Step::Connection, language);
            let wording = Wording::new(texts, &case.evidence().target);
            let verdict = &case.diagnosis().verdict;
            let title = wording.finding_title(verdict);
            harness.get_by_role_and_label(Role::Heading, &title);
            harness.get_by_role_and_label(Role::Image, &wording.path_spoken(case));

            let links = path(case);
            let broken = links.iter().filter(|link| link.state == LinkState::Broken);
            let broken: Vec<_> = broken.map(|link| link.to).collect();
            let expected = match case.diagnosis().impact {
                Impact::Blocked => verdict.cause.place(),
                Impact::None | Impact::Degraded => None,
            };
            let shown = expected.filter(|place| links.iter().any(|link| link.to == *place));
            assert_eq!(broken, Vec::from_iter(shown), "{name}: {links:?}");
            assert_eq!(expected.is_some(), shown.is_some(), "{name}: {expected:?}");
        }
    }
}

#[test]
fn no_screen_is_wider_than_a_small_window() {
    let cases = cases();
    // The second is 720 × 520 points at twice the size.
    for size in [[720.0, 520.0], [360.0, 260.0]] {
        for language in Language::ALL {
            let first = showing(cases[0].1.clone(), Step::Connection, language);
            let mut harness = harness(first, size);
            for (name, case) in &cases {
                for step in [Step::Connection, Step::Listener, Step::Firewall] {
                    show(&mut harness, case, step, language);
                    let wide = too_wide(&harness, size[0]);
                    assert!(wide.is_empty(), "{name} {step:?} {language:?}: {wide:?}");
                }
            }
        }
    }
}

#[test]
fn what_it_means_is_one_click_away_in_both_languages() {
    for language in Language::ALL {
        let words = &Texts::of(language).window.lesson;
        let first = showing(cases()[0].1.clone(), Step::Connection, language);
        let mut harness = harness(first, [1000.0, 1600.0]);
        let mut told = 0;
        for (name, case) in &cases() {
            show(&mut harness, case, Step::Connection, language);
            let Some(header) = harness.query_by_label(&words.title) else {
                continue;
            };
            if harness.query_by_label(&words.wire).is_none() {
                header.click();
                harness.run_steps(12);
            }
            told += 1;
            harness.get_by_label(&words.wire);
            let pictures = harness.get_all_by_role(Role::Image).count();
            assert_eq!(pictures, 2, "{name}: the path and the wire");
            let wide = too_wide(&harness, 1000.0);
            assert!(wide.is_empty(), "{name} {language:?}: {wide:?}");
        }
        assert!(told > 150, "{told} verdicts have something to teach");
    }
}

#[test]
fn the_second_step_shows_each_proxy_setting_with_what_its_proxy_said() {
    let cases = cases();
    let name = "proxy-of-kde-is-gone-beside-one-that-works";
    let (_, case) = cases.iter().find(|(known, _)| known == name).unwrap();
    for language in Language::ALL {
        let texts = Texts::of(language);
        let shown = showing(case.clone(), Step::Connection, language);
        let mut harness = harness(shown, [1000.0, 700.0]);
        harness.run_steps(2);
        let wording = Wording::new(texts, &case.evidence().target);
        let settings = case.evidence().proxies.known().unwrap();
        assert_eq!(settings.len(), 2);
        for setting in settings {
            let (place, line) = wording.proxy_setting(case.evidence(), setting);
            harness.get_by_label(&place);
            harness.get_by_label(&line);
        }
    }
}
