//! Action sequences through the wizard: what a person does, and what must follow.

#![expect(clippy::unwrap_used, reason = "test code")]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ketnoi::evidence::{Attempt, Fact, NetworkState, Observation, Os, Outcome};
use ketnoi::i18n::Language;
use ketnoi::report::Format;
use ketnoi::wizard::{
    Action, Effect, Preferences, RunState, SaveState, Step, StepState, Theme, Wizard,
};

fn wizard() -> Wizard {
    let preferences = Preferences {
        language: Language::En,
        theme: Theme::System,
        keep_recents: true,
        recents: Vec::new(),
    };
    Wizard::new(preferences, Os::Linux, Duration::from_secs(4))
}

fn refused(addr: &str) -> Observation {
    let addr: SocketAddr = addr.parse().unwrap();
    Observation::Attempt(Attempt {
        addr,
        outcome: Outcome::Refused,
        took: Duration::from_micros(200),
        os_code: Some(111),
        at_once: false,
        source: Some(addr.ip()),
        icmp: None,
    })
}

fn probed(effects: &[Effect]) -> Vec<u64> {
    let run = |effect: &Effect| match effect {
        Effect::Probe { run, .. } => Some(*run),
        _ => None,
    };
    effects.iter().filter_map(run).collect()
}

/// Types an address, starts the test and lets it end refused.
fn refused_case() -> (Wizard, u64) {
    let mut wizard = wizard();
    wizard.update(Action::Typed("127.0.0.1:8080".to_owned()));
    let run = probed(&wizard.update(Action::Forward))[0];
    wizard.update(Action::Observed(
        run,
        Observation::Network(Fact::Known(NetworkState::default())),
    ));
    wizard.update(Action::Observed(run, refused("127.0.0.1:8080")));
    wizard.update(Action::Observed(
        run,
        Observation::Listeners(Fact::Known(Vec::new())),
    ));
    wizard.update(Action::Observed(run, Observation::Complete));
    (wizard, run)
}

#[test]
fn an_address_leads_to_a_verdict_and_on_to_the_report() {
    let (mut wizard, _) = refused_case();
    assert_eq!(wizard.step, Step::Connection);
    assert_eq!(
        wizard.case().unwrap().diagnosis().verdict.cause.id(),
        "nothing-listening"
    );
    assert_eq!(wizard.step_state(Step::Connection), StepState::Problem);
    assert_eq!(wizard.step_state(Step::Listener), StepState::Problem);
    assert_eq!(wizard.step_state(Step::Firewall), StepState::NotNeeded);
    for step in [Step::Listener, Step::Firewall, Step::Report] {
        wizard.update(Action::Forward);
        assert_eq!(wizard.step, step);
    }
    assert_eq!(wizard.update(Action::Forward), [Effect::OpenSaveDialog]);
    wizard.update(Action::SaveEnded(Ok(PathBuf::from("/tmp/report.md"))));
    assert_eq!(wizard.step_state(Step::Report), StepState::Fine);
}

#[test]
fn nothing_starts_before_an_address_is_understood() {
    let mut wizard = wizard();
    assert!(wizard.update(Action::Forward).is_empty());
    wizard.update(Action::Typed("127.0.0.1:99999".to_owned()));
    assert!(wizard.update(Action::Forward).is_empty());
    assert_eq!(wizard.step, Step::Address);
    assert!(!wizard.can_open(Step::Connection));
}

#[test]
fn an_error_without_address_waits_for_host_and_port() {
    let mut wizard = wizard();
    let pasted = "ConnectionRefusedError: [Errno 111] Connection refused";
    wizard.update(Action::Typed(pasted.to_owned()));
    assert!(wizard.ready_targets().is_empty());
    wizard.update(Action::HostCorrected("127.0.0.1".to_owned()));
    wizard.update(Action::PortCorrected("8080".to_owned()));
    assert_eq!(wizard.ready_targets()[0].endpoint(), "127.0.0.1:8080");
    assert_eq!(probed(&wizard.update(Action::Forward)).len(), 1);
    assert!(
        wizard.said.is_some(),
        "what the error said is kept for the verdict"
    );
}

#[test]
fn a_correction_by_hand_wins_over_the_reading() {
    let mut wizard = wizard();
    wizard.update(Action::Typed("db.example:5432".to_owned()));
    wizard.update(Action::PortCorrected("5433".to_owned()));
    assert_eq!(wizard.ready_targets()[0].endpoint(), "db.example:5433");
}

#[test]
fn observations_of_a_cancelled_run_are_dropped() {
    let mut wizard = wizard();
    wizard.update(Action::Typed("127.0.0.1:8080".to_owned()));
    let run = probed(&wizard.update(Action::Forward))[0];
    assert_eq!(wizard.update(Action::Cancel), [Effect::CancelProbe]);
    wizard.update(Action::Observed(run, refused("127.0.0.1:8080")));
    assert!(wizard.case().unwrap().evidence().attempts.is_empty());
    assert_eq!(wizard.step_state(Step::Connection), StepState::Cancelled);
}

#[test]
fn testing_again_keeps_the_verdict_before() {
    let (mut wizard, first) = refused_case();
    let second = probed(&wizard.update(Action::TestAgain))[0];
    assert_ne!(first, second);
    let run = wizard.run().unwrap();
    let before = run.before.as_ref().unwrap();
    assert_eq!(before.diagnosis().verdict.cause.id(), "nothing-listening");
    assert!(run.case.evidence().attempts.is_empty());
    wizard.update(Action::Observed(first, refused("127.0.0.1:8080")));
    assert!(
        wizard.case().unwrap().evidence().attempts.is_empty(),
        "the old run is over"
    );
}

#[test]
fn several_hosts_are_tested_one_after_the_other() {
    let mut wizard = wizard();
    let text = "postgresql://10.0.0.1:5432,10.0.0.2:5432/app";
    wizard.update(Action::Typed(text.to_owned()));
    let first = probed(&wizard.update(Action::Forward));
    assert_eq!((first.len(), wizard.runs.len()), (1, 2));
    assert_eq!(wizard.runs[1].state, RunState::Waiting);
    let second = probed(&wizard.update(Action::Observed(first[0], Observation::Complete)));
    assert_eq!(second, [wizard.runs[1].id]);
}

#[test]
fn recents_hold_no_secret_and_can_be_switched_off() {
    let mut wizard = wizard();
    wizard.update(Action::Typed(
        "postgres://me:s3cret@db.example:5432/private?x=1".to_owned(),
    ));
    assert!(
        wizard
            .update(Action::Forward)
            .contains(&Effect::StorePreferences)
    );
    let recents = wizard.preferences.recents.join(" ");
    assert!(recents.contains("db.example"), "{recents}");
    for secret in ["me", "s3cret", "private", "x=1"] {
        assert!(!recents.contains(secret), "{secret} in {recents}");
    }
    wizard.update(Action::KeepRecents(false));
    assert!(wizard.preferences.recents.is_empty());
}

#[test]
fn without_a_dialog_saving_again_uses_the_inline_path() {
    let (mut wizard, _) = refused_case();
    wizard.update(Action::GoTo(Step::Report));
    wizard.update(Action::ChooseFile);
    wizard.update(Action::FileChosen(None));
    assert_eq!(wizard.document.save, SaveState::NoChoice);
    wizard.update(Action::PathTyped("/tmp/report.md".to_owned()));
    wizard.update(Action::ChooseFormat(Format::Json));
    assert_eq!(wizard.document.path, "/tmp/report.json");
}

#[test]
fn a_dialog_that_never_comes_does_not_bar_saving() {
    let (mut wizard, _) = refused_case();
    wizard.update(Action::GoTo(Step::Report));
    assert_eq!(wizard.update(Action::ChooseFile), [Effect::OpenSaveDialog]);
    assert!(
        wizard.update(Action::ChooseFile).is_empty(),
        "one dialog at a time"
    );
    assert_eq!(wizard.document.save, SaveState::NoChoice);
    let saved = PathBuf::from("/tmp/report.md");
    wizard.update(Action::SaveEnded(Ok(saved.clone())));
    wizard.update(Action::FileChosen(None));
    assert_eq!(
        wizard.document.save,
        SaveState::Saved(saved),
        "a late answer changes nothing"
    );
}

#[test]
fn a_language_is_switched_without_losing_anything() {
    let (mut wizard, _) = refused_case();
    let effects = wizard.update(Action::Speak(Language::Vi));
    assert_eq!(effects, [Effect::StorePreferences]);
    assert_eq!(wizard.step, Step::Connection);
    assert!(wizard.case().is_some());
}
