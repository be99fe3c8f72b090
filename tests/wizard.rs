//! Action sequences through the wizard: what a person does, and what must follow.

#![expect(clippy::unwrap_used, reason = "test code")]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ketnoi::case::ends::OtherReport;
use ketnoi::case::path::LinkState;
use ketnoi::evidence::{Attempt, Fact, NetworkState, Observation, Os, Outcome};
use ketnoi::i18n::Language;
use ketnoi::report::Format;
use ketnoi::wizard::{
    Action, Dialog, DialogAnswer, Effect, Part, Preferences, RunState, SaveState, Step, StepState,
    Theme, Wizard,
};

fn wizard() -> Wizard {
    let preferences = Preferences {
        language: Language::En,
        theme: Theme::System,
        less_movement: None,
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
    assert_eq!(wizard.step_state(Step::Firewall), StepState::Advice);
    for step in [Step::Listener, Step::Firewall, Step::Report] {
        wizard.update(Action::Forward);
        assert_eq!(wizard.step, step);
    }
    let effects = wizard.update(Action::Forward);
    assert!(effects.contains(&Effect::OpenSaveDialog));
    wizard.update(Action::SaveEnded(SaveState::Saved(PathBuf::from(
        "/tmp/report.md",
    ))));
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
    let before = &run.case.rounds()[0];
    assert_eq!(before.tried, None);
    assert_eq!(
        before.case.diagnosis().verdict.cause.id(),
        "nothing-listening"
    );
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
fn a_dialog_that_was_closed_opens_again() {
    let (mut wizard, _) = refused_case();
    assert_eq!(
        wizard.update(Action::Save),
        [Effect::SuggestPath, Effect::OpenSaveDialog],
        "from any step"
    );
    assert_eq!(wizard.step, Step::Report);
    wizard.update(Action::PathTyped("/tmp/report.md".to_owned()));
    wizard.update(Action::DialogAnswered(DialogAnswer::Closed));
    assert!(wizard.document.offers_path());
    assert_eq!(wizard.update(Action::Save), [Effect::OpenSaveDialog]);
    assert!(wizard.document.offers_path(), "beside the dialog");
}

#[test]
fn where_there_is_no_dialog_the_path_on_the_page_takes_its_place() {
    let (mut wizard, _) = refused_case();
    wizard.update(Action::Save);
    wizard.update(Action::DialogAnswered(DialogAnswer::Missing));
    assert!(wizard.document.offers_path());
    wizard.update(Action::PathTyped("/tmp/report.md".to_owned()));
    wizard.update(Action::ChooseFormat(Format::Json));
    assert_eq!(wizard.document.path, "/tmp/report.ketnoi.json");
    let path = PathBuf::from("/tmp/report.ketnoi.json");
    let replace = false;
    assert_eq!(
        wizard.update(Action::Save),
        [Effect::WriteReport { path, replace }]
    );
    wizard.update(Action::GoTo(Step::Connection));
    assert_eq!(wizard.update(Action::Save), [], "nothing is saved unseen");
    assert_eq!(wizard.step, Step::Report);
}

#[test]
fn a_file_that_is_there_is_replaced_only_when_told_so() {
    let (mut wizard, _) = refused_case();
    wizard.update(Action::GoTo(Step::Report));
    wizard.update(Action::PathTyped("/tmp/report.md".to_owned()));
    let path = PathBuf::from("/tmp/report.md");
    wizard.update(Action::SaveEnded(SaveState::Occupied(path.clone())));
    let write = |replace| Effect::WriteReport {
        path: path.clone(),
        replace,
    };
    assert_eq!(wizard.update(Action::SaveToPath), [write(false)]);
    assert_eq!(wizard.update(Action::Replace), [write(true)]);
    wizard.update(Action::PathTyped("/tmp/other.md".to_owned()));
    assert_eq!(wizard.document.save, SaveState::Idle);
}

#[test]
fn what_the_dialog_saves_is_fixed_when_it_opens() {
    let (mut wizard, _) = refused_case();
    wizard.update(Action::Save);
    wizard.update(Action::ChooseFormat(Format::Json));
    assert!(wizard.document.dialog.is_open());
    let chosen = PathBuf::from("/tmp/report.md");
    let answer = DialogAnswer::Chosen(chosen.clone());
    assert_eq!(
        wizard.update(Action::DialogAnswered(answer)),
        [Effect::WriteDraft(chosen)]
    );
}

#[test]
fn a_dialog_that_never_comes_does_not_bar_saving() {
    let (mut wizard, _) = refused_case();
    wizard.update(Action::Save);
    wizard.update(Action::PathTyped("/tmp/report.md".to_owned()));
    assert!(!wizard.document.offers_path());
    assert_eq!(wizard.update(Action::Save), [], "one dialog at a time");
    assert_eq!(wizard.document.dialog, Dialog::OpenBesidePath);
    assert!(wizard.document.offers_path());
    let saved = SaveState::Saved(PathBuf::from("/tmp/report.md"));
    wizard.update(Action::SaveEnded(saved.clone()));
    wizard.update(Action::DialogAnswered(DialogAnswer::Closed));
    assert_eq!(
        wizard.document.save, saved,
        "a late answer takes nothing back"
    );
}

#[test]
fn what_is_missing_is_named_in_order() {
    let mut wizard = wizard();
    assert_eq!(wizard.entry.missing(), Some(Part::Text));
    wizard.update(Action::Typed("Connection refused".to_owned()));
    assert_eq!(wizard.entry.missing(), Some(Part::Host));
    wizard.update(Action::HostCorrected("127.0.0.1".to_owned()));
    assert_eq!(wizard.entry.missing(), Some(Part::Port));
    assert!(!wizard.entry.submitted);
    assert_eq!(wizard.update(Action::Forward), []);
    assert!(wizard.entry.submitted);
    wizard.update(Action::PortCorrected("99999".to_owned()));
    assert_eq!(wizard.entry.missing(), Some(Part::Port));
    wizard.update(Action::PortCorrected("8080".to_owned()));
    assert_eq!(wizard.entry.missing(), None);
}

#[test]
fn a_picked_program_fills_in_what_a_pasted_error_lacks() {
    let mut wizard = wizard();
    let pasted = "ConnectionRefusedError: [Errno 111] Connection refused";
    wizard.update(Action::Typed(pasted.to_owned()));
    wizard.update(Action::Picked("localhost:8000".to_owned()));
    assert_eq!(wizard.entry.text, pasted);
    assert_eq!(wizard.ready_targets()[0].endpoint(), "localhost:8000");
    assert_eq!(probed(&wizard.update(Action::Forward)).len(), 1);
    assert!(wizard.said.is_some());

    wizard.update(Action::Typed("db.example:5432".to_owned()));
    wizard.update(Action::Picked("localhost:8000".to_owned()));
    assert_eq!(wizard.entry.text, "localhost:8000");
}

#[test]
fn testing_again_from_the_address_step_shows_the_test() {
    let (mut wizard, first) = refused_case();
    wizard.update(Action::GoTo(Step::Address));
    let again = probed(&wizard.update(Action::TestAgain));
    assert_eq!(wizard.step, Step::Connection);
    assert!(again[0] > first);
    assert_eq!(wizard.case().unwrap().rounds().len(), 1);

    wizard.update(Action::GoTo(Step::Address));
    wizard.update(Action::Typed("127.0.0.1:9090".to_owned()));
    wizard.update(Action::TestAgain);
    let target = wizard.case().unwrap().evidence().target.endpoint();
    assert_eq!(
        target, "127.0.0.1:9090",
        "what stands in the field is tested"
    );
}

#[test]
fn the_report_of_another_test_gets_a_name_of_its_own() {
    let (mut wizard, _) = refused_case();
    wizard.update(Action::GoTo(Step::Report));
    wizard.update(Action::PathTyped("/tmp/report.md".to_owned()));
    let effects = wizard.update(Action::TestAgain);
    assert!(
        matches!(effects[..], [Effect::Probe { .. }, Effect::SuggestPath]),
        "the name has the time of the test, which must have begun: {effects:?}"
    );
    assert_eq!(wizard.document.path, "");
}

#[test]
fn testing_one_target_again_only_delays_the_others() {
    let mut wizard = wizard();
    let text = "postgresql://10.0.0.1:5432,10.0.0.2:5432/app";
    wizard.update(Action::Typed(text.to_owned()));
    let first = probed(&wizard.update(Action::Forward))[0];
    let second = probed(&wizard.update(Action::Observed(first, Observation::Complete)))[0];
    wizard.update(Action::Observed(second, refused("10.0.0.2:5432")));
    let again = probed(&wizard.update(Action::TestAgain))[0];
    assert_eq!(wizard.runs[1].state, RunState::Waiting);
    assert!(wizard.runs[1].case.evidence().attempts.is_empty());
    let then = probed(&wizard.update(Action::Observed(again, Observation::Complete)));
    assert_eq!(then, [wizard.runs[1].id]);
}

#[test]
fn a_stopped_test_gives_no_verdict() {
    let mut wizard = wizard();
    wizard.update(Action::Typed("127.0.0.1:8080".to_owned()));
    let run = probed(&wizard.update(Action::Forward))[0];
    for observation in [
        Observation::Network(Fact::Known(NetworkState::default())),
        Observation::Listeners(Fact::Known(Vec::new())),
        refused("127.0.0.1:8080"),
    ] {
        wizard.update(Action::Observed(run, observation));
    }
    let broken = |wizard: &Wizard| {
        let links = ketnoi::case::path::path(wizard.case().unwrap());
        links.iter().any(|link| link.state != LinkState::Unknown)
    };
    assert!(
        !broken(&wizard),
        "while it runs nothing is marked that may change"
    );
    wizard.update(Action::Cancel);
    assert!(!broken(&wizard));
    for step in [Step::Connection, Step::Listener, Step::Firewall] {
        assert_eq!(wizard.step_state(step), StepState::Cancelled);
    }
}

#[test]
fn a_language_is_switched_without_losing_anything() {
    let (mut wizard, _) = refused_case();
    let effects = wizard.update(Action::Speak(Language::Vi));
    assert_eq!(effects, [Effect::StorePreferences]);
    assert_eq!(wizard.step, Step::Connection);
    assert!(wizard.case().is_some());
}

#[test]
fn what_was_pasted_is_looked_at_once_and_stays_until_it_is_read() {
    let (mut wizard, run) = refused_case();
    assert_eq!(wizard.update(Action::ReadOutput), [], "nothing was pasted");
    wizard.update(Action::OutputPasted("no firewall".to_owned()));
    let effects = wizard.update(Action::ReadOutput);
    assert!(matches!(effects[..], [Effect::ReadOutput { .. }]));
    assert!(wizard.paste.is_being_read);
    assert_eq!(wizard.update(Action::ReadOutput), [], "one at a time");
    wizard.update(Action::OutputRead(run, None));
    assert!(wizard.paste.is_unknown && !wizard.paste.is_being_read);
    assert_eq!(wizard.paste.text, "no firewall");
}

#[test]
fn the_other_computers_report_belongs_to_the_target_it_was_brought_for() {
    let mut wizard = wizard();
    wizard.update(Action::Typed("10.0.0.5:5432".to_owned()));
    wizard.update(Action::Forward);
    assert!(wizard.update(Action::ReadOtherEnd).is_empty());
    wizard.update(Action::OtherEndTyped("/tmp/server.json".to_owned()));
    let effects = wizard.update(Action::ReadOtherEnd);
    let [Effect::ReadOtherEnd { target, text }] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!(text, "/tmp/server.json");
    assert!(wizard.other_end.is_being_read);
    // Once is enough.
    assert!(wizard.update(Action::ReadOtherEnd).is_empty());
    let failed = Err("no such file".to_owned());
    wizard.update(Action::OtherEndRead(target.clone(), failed));
    assert_eq!(wizard.other_end.problem.as_deref(), Some("no such file"));
    assert_eq!(wizard.other_end.text, "/tmp/server.json");
    let report = Box::new(OtherReport {
        case: wizard.case().unwrap().clone(),
        watch: None,
        from: None,
        began: None,
        anonymised: false,
    });
    wizard.update(Action::OtherEndRead(target.clone(), Ok(report)));
    let brought = |wizard: &Wizard| wizard.case().unwrap().other_end().is_some();
    assert!(brought(&wizard));
    assert!(wizard.other_end.text.is_empty());
    // The next test of the same target has it as well.
    wizard.update(Action::TestAgain);
    assert!(brought(&wizard));
    wizard.update(Action::GoTo(Step::Address));
    wizard.update(Action::Typed("10.0.0.5:5432".to_owned()));
    wizard.update(Action::Forward);
    assert!(brought(&wizard));
    wizard.update(Action::DropOtherEnd);
    assert!(!brought(&wizard));
    let long = "{".repeat(100_000);
    let effects = wizard.update(Action::OtherEndPasted(long.clone()));
    assert!(matches!(&effects[..], [Effect::ReadOtherEnd { text, .. }] if *text == long));
    assert!(wizard.other_end.text.is_empty(), "it is not laid out");
    wizard.update(Action::Typed("10.0.0.6:5432".to_owned()));
    wizard.update(Action::GoTo(Step::Address));
    wizard.update(Action::Forward);
    assert!(!brought(&wizard));
}
