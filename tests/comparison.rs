//! Before and after: what two tests of one target say together, and what that says of the fix that
//! was tried between them. Never more than was seen.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may stop")]

use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use ketnoi::advice::{AdviceKind, Place};
use ketnoi::case::comparison::{
    Answer, Caveat, Change, Comparison, Course, Insight, Says, Suspect, Topic, is_same_machine,
    is_same_target,
};
use ketnoi::case::{Case, Tried};
use ketnoi::diagnosis::Impact;
use ketnoi::evidence::{
    Attempt, Evidence, Exchange, Fact, Firewall, FirewallKind, Gap, Heard, Listener, LookupOutcome,
    NameSettings, Outcome, Policy, Process, Spoke,
};
use ketnoi::i18n::{Language, Texts, Wording};
use proptest::prelude::*;

/// The evidence of every file in `tests/cases`, by its name.
static CASES: LazyLock<Vec<(String, Evidence)>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut all: Vec<(String, Evidence)> = files
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let mut file: serde_json::Value =
                serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            let mut evidence: Evidence = serde_json::from_value(file["evidence"].take()).unwrap();
            evidence.complete = true;
            (name, evidence)
        })
        .collect();
    all.sort_by(|one, other| one.0.cmp(&other.0));
    all
});

fn seen(name: &str) -> Evidence {
    let found = CASES.iter().find(|(known, _)| known == name);
    found.unwrap_or_else(|| panic!("{name}")).1.clone()
}

fn here(kind: AdviceKind) -> Tried {
    Tried {
        kind,
        place: Place::Here,
    }
}

fn listener(addr: &str, pid: u32) -> Listener {
    Listener {
        addr: addr.parse().unwrap(),
        takes_ipv4: Fact::default(),
        process: Fact::Known(Process {
            pid,
            name: "server".to_owned(),
            command: None,
        }),
        user: Fact::default(),
        queue: Fact::default(),
    }
}

fn connected(addr: &str) -> Attempt {
    Attempt {
        addr: addr.parse().unwrap(),
        outcome: Outcome::Connected,
        took: Duration::from_micros(90),
        os_code: None,
        at_once: false,
        source: None,
        icmp: None,
    }
}

fn firewall(kind: FirewallKind, port: Fact<Policy>) -> Firewall {
    Firewall {
        kind,
        active: Fact::Known(true),
        inbound_default: Fact::Known(Policy::Drop),
        port,
        rule: None,
        remarks: Vec::new(),
    }
}

/// What is concluded when `before` became `after` once `tried` was done.
fn insight(before: Evidence, after: Evidence, tried: &Tried) -> (Course, Option<Insight>) {
    let (before, after) = (Case::new(before), Case::new(after));
    let comparison = Comparison::of(&before, &after, Some(tried));
    (comparison.course, comparison.insight)
}

fn that(suspect: Suspect, says: Says) -> Insight {
    Insight { suspect, says }
}

/// `before`, in which what listens is something else.
fn with_listeners(mut evidence: Evidence, listeners: Vec<Listener>) -> Evidence {
    evidence.listeners = Fact::Known(listeners);
    evidence
}

/// The target works now: its only address connects, and the peer greets.
fn greeted(mut evidence: Evidence) -> Evidence {
    let addr = evidence.attempts[0].addr;
    evidence.attempts = vec![connected(&addr.to_string())];
    evidence.exchanges = vec![Exchange {
        addr,
        spoke: Spoke::Nothing,
        heard: Heard::Text {
            start: "220 hello".to_owned(),
        },
        took: Duration::from_millis(1),
        transfer: Fact::default(),
        small_segments: false,
        closed: Fact::default(),
    }];
    evidence.target.service = None;
    evidence
}

proptest! {
    /// However long the answers took, a test beside itself has nothing that changed.
    #[test]
    fn a_test_compared_to_itself_has_not_changed(index in 0..CASES.len(), slower in 1_u32..9) {
        let (name, evidence) = &CASES[index];
        let mut again = evidence.clone();
        for attempt in again.attempts.iter_mut().chain(&mut again.references) {
            attempt.took *= slower;
        }
        for exchange in &mut again.exchanges {
            exchange.took *= slower;
        }
        let before = Case::new(evidence.clone());
        // Slowness is evidence of its own: what it turns into another verdict is no test of this.
        let after = Case::new(if Case::new(again.clone()).diagnosis() == before.diagnosis() {
            again
        } else {
            evidence.clone()
        });
        let comparison = Comparison::of(&before, &after, None);
        prop_assert!(comparison.rows.iter().all(|row| row.change != Change::Changed), "{name}");
        prop_assert!(comparison.caveats.is_empty(), "{name}: {:?}", comparison.caveats);
        let expected = match before.diagnosis().impact {
            Impact::None => Course::StillWorks,
            Impact::Degraded | Impact::Blocked => Course::Unchanged,
        };
        prop_assert_eq!(comparison.course, expected, "{}", name);
        prop_assert_eq!(comparison.insight, None);
    }

    /// Any two tests can be compared and worded, in both directions, whatever was tried.
    #[test]
    fn any_two_tests_can_be_compared(one in 0..CASES.len(), other in 0..CASES.len()) {
        let (before, after) = (Case::new(CASES[one].1.clone()), Case::new(CASES[other].1.clone()));
        for advice in before.advice() {
            let tried = Tried::of(advice);
            let comparison = Comparison::of(&before, &after, Some(&tried));
            let better = after.diagnosis().impact < before.diagnosis().impact;
            let claims = matches!(
                comparison.course,
                Course::WorksNow | Course::ConnectsNow | Course::WorksInPart
            );
            prop_assert!(!claims || better, "{} {}", CASES[one].0, CASES[other].0);
            for language in Language::ALL {
                let target = &after.evidence().target;
                let wording = Wording::new(Texts::of(language), target);
                for row in &comparison.rows {
                    let words = wording.row(row, after.evidence().os);
                    prop_assert!(!words.question.is_empty());
                    prop_assert!(!words.before.is_empty() && !words.after.is_empty(), "{row:?}");
                }
                prop_assert!(wording.insight(&comparison).is_none_or(|text| !text.is_empty()));
            }
        }
    }
}

#[test]
fn a_service_that_was_started_is_seen_to_listen_and_to_answer() {
    let before = seen("closed-local-port");
    let addr = before.attempts[0].addr;
    let after = with_listeners(
        greeted(before.clone()),
        vec![listener(&addr.to_string(), 7)],
    );
    let (old, new) = (Case::new(before), Case::new(after));
    let tried = here(AdviceKind::StartService { service: None });
    let comparison = Comparison::of(&old, &new, Some(&tried));
    assert_eq!(comparison.course, Course::WorksNow);
    assert_eq!(
        comparison.insight,
        Some(that(Suspect::Service, Says::Mended))
    );
    assert_eq!(comparison.next, None, "nothing is left to try");
    let changed: Vec<Topic> = comparison
        .with(Change::Changed)
        .map(|row| row.topic)
        .collect();
    assert!(changed.contains(&Topic::Connect(addr)), "{changed:?}");
    assert!(changed.contains(&Topic::Listener(addr)), "{changed:?}");
    let mut greeting = comparison.with(Change::AskedOnce);
    assert!(
        greeting.any(
            |row| matches!(row.topic, Topic::Exchange { .. }) && row.before == Answer::NotAsked
        )
    );
}

#[test]
fn a_service_that_did_not_start_is_told_and_the_next_fix_offered() {
    let before = Case::new(seen("closed-local-port"));
    let start = before
        .advice()
        .iter()
        .find(|advice| matches!(advice.kind, AdviceKind::StartService { .. }));
    let tried = Tried::of(start.unwrap());
    let after = before
        .clone()
        .next_round(Some(tried.clone()), before.evidence().clone());
    let comparison = after.comparison().unwrap();
    assert_eq!(comparison.course, Course::Unchanged);
    assert_eq!(
        comparison.insight,
        Some(that(Suspect::Service, Says::NoEffect))
    );
    let next = &after.advice()[comparison.next.unwrap()];
    assert_ne!(Tried::of(next), tried);
    assert!(after.was_tried(start.unwrap()));

    // A round later that one was tried as well.
    let second = Tried::of(next);
    let third = after
        .clone()
        .next_round(Some(second.clone()), before.evidence().clone());
    assert_eq!(third.rounds().len(), 2);
    let next = third.comparison().unwrap().next;
    let next = next.map(|at| Tried::of(&third.advice()[at]));
    assert!(next.is_none_or(|next| next != tried && next != second));
}

#[test]
fn a_program_that_listens_and_is_still_refused_was_not_what_was_missing() {
    let before = seen("closed-local-port");
    let tried = here(AdviceKind::StartService { service: None });
    // The listener's table has it, and a connect is refused all the same.
    let addr = before.attempts[0].addr.to_string();
    let after = with_listeners(before.clone(), vec![listener(&addr, 7)]);
    let (course, insight) = insight(before, after, &tried);
    assert_ne!(course, Course::WorksNow);
    let insight = insight.unwrap();
    assert_eq!(insight.suspect, Suspect::Service);
    assert!(matches!(insight.says, Says::RuledOut | Says::Mended));
}

#[test]
fn a_binding_that_stays_on_loopback_took_no_effect() {
    let before = seen("loopback-only");
    let tried = here(AdviceKind::ListenOnNetwork {
        service: None,
        settings: Vec::new(),
    });
    let (course, told) = insight(before.clone(), before.clone(), &tried);
    assert_eq!(
        (course, told),
        (
            Course::Unchanged,
            Some(that(Suspect::Binding, Says::NoEffect))
        )
    );

    let bound = with_listeners(greeted(before.clone()), vec![listener("0.0.0.0:5432", 9)]);
    let (course, told) = insight(before, bound, &tried);
    assert_eq!(
        (course, told),
        (Course::WorksNow, Some(that(Suspect::Binding, Says::Mended)))
    );
}

#[test]
fn what_the_firewall_says_after_the_fix_decides_what_is_ruled_out() {
    let closed = |policy: Fact<Policy>| {
        let mut evidence = seen("silent-to-itself");
        evidence.firewalls = Fact::Known(vec![firewall(FirewallKind::Ufw, policy)]);
        evidence
    };
    let tried = here(AdviceKind::AllowInFirewall);
    let dropped = closed(Fact::Known(Policy::Drop));
    let (_, told) = insight(dropped.clone(), dropped.clone(), &tried);
    let ufw = Suspect::Firewall(Some(FirewallKind::Ufw));
    assert_eq!(told, Some(that(ufw, Says::NoEffect)));

    let allowed = closed(Fact::Known(Policy::Allow));
    let (course, told) = insight(dropped.clone(), allowed.clone(), &tried);
    if matches!(course, Course::SameCause) {
        assert_eq!(told, Some(that(Suspect::Firewall(None), Says::RuledOut)));
    }
    // It was open all along: the rule that was added says nothing.
    assert_eq!(insight(allowed.clone(), allowed, &tried).1, None);

    let unread = closed(Fact::Unknown(Gap::NeedsAdmin));
    let (_, told) = insight(unread.clone(), unread.clone(), &tried);
    assert_eq!(told, Some(that(Suspect::Firewall(None), Says::Unseen)));
    // Nobody saw that it was closed before: when it works then, that is not its merit.
    assert_eq!(insight(unread.clone(), greeted(unread), &tried).1, None);
    // The rule is not there, and it works: something else did it.
    let (course, told) = insight(dropped.clone(), greeted(dropped), &tried);
    assert_eq!(
        (course, told),
        (Course::WorksNow, Some(that(ufw, Says::SomethingElse)))
    );
}

#[test]
fn a_container_that_is_passed_on_is_not_let_in_by_ufw() {
    let mut evidence = seen("silent-to-itself");
    let port = evidence.target.port;
    let mut relay = listener(&format!("0.0.0.0:{port}"), 5);
    relay.process = Fact::Known(Process {
        pid: 5,
        name: "docker-proxy".to_owned(),
        command: None,
    });
    evidence.listeners = Fact::Known(vec![relay]);
    let allow = Fact::Known(Policy::Allow);
    evidence.firewalls = Fact::Known(vec![firewall(FirewallKind::Ufw, allow)]);
    let tried = here(AdviceKind::AllowInFirewall);
    let told = insight(evidence.clone(), evidence, &tried).1;
    assert_eq!(told, Some(that(Suspect::Firewall(None), Says::Unseen)));
}

#[test]
fn of_another_machine_nothing_is_concluded() {
    let before = seen("silent-port-of-a-host-that-answers");
    let tried = Tried {
        kind: AdviceKind::AllowInFirewall,
        place: Place::OnTarget,
    };
    let (course, told) = insight(before.clone(), before.clone(), &tried);
    assert_eq!(course, Course::Unchanged);
    assert_eq!(told, Some(that(Suspect::Firewall(None), Says::Unseen)));
    let (course, told) = insight(before.clone(), greeted(before), &tried);
    assert_eq!((course, told), (Course::WorksNow, None));
}

#[test]
fn a_process_that_stayed_was_not_restarted() {
    let before = seen("program-does-not-accept-here");
    let held_by = |pid: u32| {
        let mut evidence = before.clone();
        if let Fact::Known(listeners) = &mut evidence.listeners {
            for listener in listeners {
                listener.process = self::listener("0.0.0.0:1", pid).process;
            }
        }
        evidence
    };
    let restart = here(AdviceKind::RestartService { service: None });
    let told = insight(held_by(40), held_by(40), &restart).1;
    assert_eq!(told, Some(that(Suspect::Program, Says::NoEffect)));
    let (course, told) = insight(held_by(40), held_by(41), &restart);
    assert_eq!(
        (course, told),
        (
            Course::SameCause,
            Some(that(Suspect::Program, Says::RuledOut))
        )
    );
    // The system's manager holds sockets across restarts.
    let told = insight(held_by(1), held_by(1), &restart).1;
    assert_eq!(told, Some(that(Suspect::Program, Says::Unseen)));
}

#[test]
fn a_hosts_file_that_says_the_same_was_not_changed() {
    let before = seen("hosts-file-shadows-dns");
    let tried = here(AdviceKind::EditHostsFile);
    let told = insight(before.clone(), before.clone(), &tried).1;
    assert_eq!(told, Some(that(Suspect::HostsFile, Says::NoEffect)));
    let mut after = before.clone();
    if let Fact::Known(NameSettings { hosts_file, .. }) = &mut after.name_settings {
        *hosts_file = Fact::Known(Vec::new());
    }
    let told = insight(before, after, &tried).1.unwrap();
    assert_eq!(told.suspect, Suspect::HostsFile);
    assert_ne!(told.says, Says::NoEffect);
}

#[test]
fn a_proxy_setting_that_is_the_same_is_told() {
    let before = seen("proxy-is-gone");
    let told = insight(before.clone(), before, &here(AdviceKind::CheckProxy)).1;
    assert_eq!(told, Some(that(Suspect::Proxy, Says::NoEffect)));
}

#[test]
fn the_same_certificate_is_seen_from_afar() {
    let before = seen("certificate-expired");
    let tried = Tried {
        kind: AdviceKind::RenewCertificate,
        place: Place::OnTarget,
    };
    let (course, told) = insight(before.clone(), before.clone(), &tried);
    assert_eq!(
        (course, told),
        (
            Course::Unchanged,
            Some(that(Suspect::Certificate, Says::NoEffect))
        )
    );
}

#[test]
fn a_refusal_after_silence_is_one_step_further() {
    let before = Case::new(seen("silent-port-of-a-host-that-answers"));
    let mut evidence = before.evidence().clone();
    let attempt = &mut evidence.attempts[0];
    attempt.outcome = Outcome::Refused;
    attempt.os_code = Some(111);
    attempt.took = Duration::from_millis(1);
    let after = Case::new(evidence);
    assert_eq!(
        Comparison::of(&before, &after, None).course,
        Course::Further
    );
    assert_eq!(
        Comparison::of(&after, &before, None).course,
        Course::OtherCause
    );
}

#[test]
fn what_worked_and_does_not_any_more_is_worse() {
    let before = seen("closed-local-port");
    let (works, fails) = (Case::new(greeted(before.clone())), Case::new(before));
    assert_eq!(Comparison::of(&works, &fails, None).course, Course::Worse);
    assert_eq!(
        Comparison::of(&works, &works, None).course,
        Course::StillWorks
    );
}

#[test]
fn a_test_that_was_stopped_is_not_compared() {
    let whole = Case::new(seen("closed-local-port"));
    let mut evidence = whole.evidence().clone();
    evidence.complete = false;
    let stopped = whole.clone().next_round(None, evidence);
    assert_eq!(stopped.comparison(), None);
    let comparison = Comparison::of(&whole, &stopped, None);
    assert_eq!(comparison.course, Course::Unfinished);
    assert_eq!(comparison.next, None);
}

#[test]
fn other_conditions_are_named() {
    let before = seen("closed-remote-port-of-a-dual-stack-name");
    let caveats = |after: &Evidence| {
        let (before, after) = (Case::new(before.clone()), Case::new(after.clone()));
        Comparison::of(&before, &after, None).caveats
    };
    let mut other = before.clone();
    other.patience *= 2;
    assert_eq!(caveats(&other), [Caveat::OtherPatience]);
    let mut other = before.clone();
    if let Fact::Known(lookup) = &mut other.lookup {
        lookup.outcome = LookupOutcome::Found(vec!["10.9.9.9:5432".parse().unwrap()]);
    }
    assert_eq!(caveats(&other), [Caveat::OtherAddresses]);
    let sourced = |source: &str| {
        let mut evidence = before.clone();
        evidence.attempts[0].source = source.parse().ok();
        Case::new(evidence)
    };
    let (old, new) = (sourced("10.77.1.2"), sourced("10.8.0.2"));
    assert_eq!(Comparison::of(&old, &new, None).caveats, [Caveat::OtherWay]);
}

#[test]
fn machines_and_targets_are_told_apart() {
    let one = seen("loopback-only");
    assert!(is_same_target(&one, &one));
    assert_eq!(is_same_machine(&one, &one), Some(true));
    let mut other = one.clone();
    other.target.port = 5433;
    assert!(!is_same_target(&one, &other));
    if let Fact::Known(network) = &mut other.network {
        for interface in &mut network.interfaces {
            if !interface.loopback {
                interface.addresses.truncate(1);
                interface.addresses[0].ip = "10.9.9.9".parse().unwrap();
            }
        }
    }
    assert_eq!(is_same_machine(&one, &other), Some(false));
    other.network = Fact::default();
    assert_eq!(is_same_machine(&one, &other), None);
}

/// Every conclusion about every suspect has its sentence in both languages, and no two conclusions
/// of one suspect the same.
#[test]
fn every_conclusion_is_worded() {
    let case = Case::new(seen("closed-local-port"));
    let tried = here(AdviceKind::AllowInFirewall);
    let suspects = [
        Suspect::Firewall(None),
        Suspect::Firewall(Some(FirewallKind::Nftables)),
        Suspect::OutboundRules,
        Suspect::Service,
        Suspect::Binding,
        Suspect::Program,
        Suspect::HostsFile,
        Suspect::Resolvers,
        Suspect::Vpn,
        Suspect::Link,
        Suspect::Proxy,
        Suspect::Certificate,
    ];
    for language in Language::ALL {
        let wording = Wording::new(Texts::of(language), &case.evidence().target);
        for suspect in suspects {
            let mut told = Vec::new();
            for says in [
                Says::Mended,
                Says::RuledOut,
                Says::NoEffect,
                Says::SomethingElse,
                Says::Unseen,
            ] {
                let mut comparison = Comparison::of(&case, &case, Some(&tried));
                comparison.insight = Some(Insight { suspect, says });
                let sentence = wording.insight(&comparison).unwrap();
                assert!(sentence.ends_with(['.', '?']), "{sentence}");
                assert!(!told.contains(&sentence), "{suspect:?} {says:?}");
                told.push(sentence);
            }
        }
    }
}

#[test]
fn the_oldest_rounds_are_forgotten() {
    let mut case = Case::new(seen("closed-local-port"));
    for _ in 0..20 {
        let evidence = case.evidence().clone();
        case = case.next_round(None, evidence);
    }
    assert_eq!(case.rounds().len(), 8);
    assert!(
        case.rounds()
            .iter()
            .all(|round| round.case.rounds().is_empty())
    );
}
