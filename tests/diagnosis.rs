//! Evidence from files and the verdict it must lead to: one case, one file in `tests/cases`.
//!
//! A case says what was seen in a sentence, gives the evidence as a saved report would, and what
//! is expected. Beside the cases stand the promises that hold for any evidence whatever.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may stop")]

use std::collections::BTreeSet;
use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use ketnoi::diagnosis::{Cause, Certainty, Clue, Diagnosis, Finding, Impact, diagnose};
use ketnoi::evidence::{
    Attempt, Bypass, Certificate, DirectAnswer, DnsAnswer, Evidence, Exchange, Fact, Gap, Heard,
    IcmpError, Interface, InterfaceAddress, InventedName, LinkKind, LinkState, Listener, Lookup,
    LookupOutcome, NameSettings, NetworkState, Observation, Os, Outcome, OwnPorts, Page, Presented,
    Process, Queue, RouteTo, Spoke, Transfer, Via,
};
use ketnoi::target::{Host, Protocol, Target};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde::Deserialize;

/// One file of `tests/cases`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What was seen, in a sentence for the reader.
    seen: String,
    evidence: Evidence,
    expect: Expected,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    cause: Cause,
    certainty: Certainty,
    impact: Impact,
    reachable: bool,
    /// The ids, in order.
    alternatives: Vec<String>,
}

impl Expected {
    fn of(diagnosis: &Diagnosis) -> Self {
        let verdict = &diagnosis.verdict;
        let ids = verdict.alternatives.iter().map(|a| a.cause.id().to_owned());
        Self {
            cause: verdict.cause.clone(),
            certainty: verdict.certainty,
            impact: diagnosis.impact,
            reachable: diagnosis.reachable,
            alternatives: ids.collect(),
        }
    }
}

/// All of them, by name; read once.
fn cases() -> &'static [(String, Case)] {
    static CASES: LazyLock<Vec<(String, Case)>> = LazyLock::new(read_cases);
    &CASES
}

fn read_cases() -> Vec<(String, Case)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cases: Vec<(String, Case)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let case = serde_json::from_str(&fs::read_to_string(&path).unwrap());
            let case = case.unwrap_or_else(|error| panic!("{name}: {error}"));
            (name, case)
        })
        .collect();
    cases.sort_by(|(one, _), (other, _)| one.cmp(other));
    cases
}

#[test]
fn every_case_leads_to_its_verdict() {
    let wrong: Vec<String> = cases()
        .iter()
        .filter_map(|(name, case)| {
            let got = Expected::of(&diagnose(&case.evidence));
            let expected = &case.expect;
            (got != *expected).then(|| {
                format!(
                    "{name} ({})\n  expected {expected:?}\n  got      {got:?}",
                    case.seen
                )
            })
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_cause_is_the_verdict_of_some_case() {
    let seen: BTreeSet<&str> = cases()
        .iter()
        .map(|(_, case)| case.expect.cause.id())
        .collect();
    let without_a_case: Vec<&str> = VOCABULARY
        .into_iter()
        .filter(|id| !seen.contains(id))
        .collect();
    assert_eq!(without_a_case, [] as [&str; 0]);
}

#[test]
fn the_vocabulary_has_every_cause_once() {
    let vocabulary = BTreeSet::from(VOCABULARY.map(str::to_owned));
    assert_eq!(vocabulary.len(), VOCABULARY.len(), "an id is there twice");
    assert_eq!(all_cause_ids(), vocabulary);
}

/// The stable ids, in the order of the pages that name them: none ever changes or goes.
const VOCABULARY: [&str; 87] = [
    "reachable",
    "reachable-silent",
    "bad-address",
    "name-not-found",
    "name-has-no-address",
    "name-resolves-wrong",
    "name-blocked",
    "hosts-file-override",
    "mdns-unavailable",
    "resolver-unreachable",
    "resolver-failure",
    "resolver-misconfigured",
    "resolver-slow",
    "no-network",
    "link-down",
    "no-default-route",
    "gateway-down",
    "wrong-netmask",
    "local-subnet-overlap",
    "vpn-route",
    "route-prohibited",
    "ipv6-unavailable",
    "source-address-missing",
    "host-down",
    "no-route-beyond",
    "routing-loop",
    "ipv6-path-broken",
    "one-address-dead",
    "packet-loss",
    "mtu-black-hole",
    "data-dropped",
    "idle-state-lost",
    "silent-drop",
    "nat-hairpin",
    "address-conflict",
    "firewall-drops-port",
    "firewall-drops-all",
    "firewall-rejects",
    "source-blocked",
    "rate-limited",
    "ipv6-firewall",
    "path-firewall-drops",
    "path-firewall-rejects",
    "path-firewall-resets",
    "local-firewall-drops",
    "local-firewall-rejects",
    "local-policy-denies",
    "reply-lost",
    "nothing-listening",
    "wrong-port",
    "loopback-only",
    "bound-elsewhere",
    "wrong-family",
    "udp-service",
    "unix-socket-only",
    "localhost-is-container",
    "not-published",
    "port-reserved",
    "accept-queue-full",
    "server-hung",
    "server-slow",
    "server-resets",
    "forwarder-without-backend",
    "service-flapping",
    "wrong-service",
    "tls-to-plain-port",
    "plain-to-tls-port",
    "certificate-expired",
    "certificate-not-yet-valid",
    "certificate-name-mismatch",
    "certificate-untrusted",
    "clock-wrong",
    "tls-version-unsupported",
    "client-certificate-required",
    "http-error",
    "backend-down",
    "backend-timeout",
    "host-header-rejected",
    "captive-portal",
    "database-requires-tls",
    "database-without-tls",
    "proxy-dead",
    "proxy-required",
    "proxy-bypass-missing",
    "client-out-of-ports",
    "client-out-of-descriptors",
    "undetermined",
];

/// The ids of all causes, as serde lists them when it meets an unknown one.
fn all_cause_ids() -> BTreeSet<String> {
    let error = serde_json::from_str::<Cause>(r#"{"id":"?"}"#).unwrap_err();
    let message = error.to_string();
    let (_, list) = message.split_once("expected one of ").unwrap();
    let ids = list.split('`').skip(1).step_by(2).map(str::to_owned);
    ids.collect()
}

#[test]
fn a_case_is_diagnosed_the_same_after_a_trip_through_json() {
    for (name, case) in cases() {
        let saved = serde_json::to_string(&case.evidence).unwrap();
        let read: Evidence = serde_json::from_str(&saved).unwrap();
        let (first, second) = (diagnose(&case.evidence), diagnose(&read));
        assert_eq!(first, second, "{name}");
        let saved = serde_json::to_string(&first).unwrap();
        assert_eq!(
            serde_json::from_str::<Diagnosis>(&saved).unwrap(),
            first,
            "{name}"
        );
    }
}

/// The observations that add up to the evidence, in the order in which they are usually made.
fn observations(evidence: &Evidence) -> Vec<Observation> {
    let mut all = Vec::new();
    let asked = |gap: &Gap| *gap != Gap::NotAsked;
    let was_asked = |known: bool, gap: Option<&Gap>| known || gap.is_some_and(asked);
    macro_rules! fact {
        ($field:ident, $observation:ident) => {
            let gap = match &evidence.$field {
                Fact::Known(_) => None,
                Fact::Unknown(gap) => Some(gap),
            };
            if was_asked(gap.is_none(), gap) {
                all.push(Observation::$observation(evidence.$field.clone()));
            }
        };
    }
    fact!(lookup, Lookup);
    fact!(network, Network);
    fact!(listeners, Listeners);
    fact!(port_use, PortUse);
    fact!(direct_lookup, DirectLookup);
    fact!(name_settings, NameSettings);
    fact!(invented_names, InventedNames);
    all.extend(evidence.attempts.iter().cloned().map(Observation::Attempt));
    all.extend(evidence.hops.iter().cloned().map(Observation::Hop));
    all.extend(
        evidence
            .neighbours
            .iter()
            .copied()
            .map(Observation::Neighbour),
    );
    let pasted = evidence.pasted_firewalls.iter().cloned();
    all.extend(pasted.map(Observation::PastedFirewall));
    all.extend(evidence.pings.iter().copied().map(Observation::Ping));
    all.extend(
        evidence
            .departures
            .iter()
            .copied()
            .map(Observation::Departure),
    );
    all.extend(
        evidence
            .references
            .iter()
            .cloned()
            .map(Observation::Reference),
    );
    all.extend(evidence.repeats.iter().cloned().map(Observation::Repeat));
    all.extend(
        evidence
            .exchanges
            .iter()
            .cloned()
            .map(Observation::Exchange),
    );
    fact!(proxies, Proxies);
    let tested = evidence.proxy_tests.iter().cloned();
    all.extend(tested.map(Observation::ProxyTest));
    all.extend(evidence.bypasses.iter().cloned().map(Observation::Bypass));
    all.extend(
        evidence
            .at_gateway
            .iter()
            .cloned()
            .map(Observation::AtGateway),
    );
    fact!(in_container, InContainer);
    fact!(own_ports, OwnPorts);
    fact!(firewalls, Firewalls);
    fact!(service_states, ServiceStates);
    fact!(service_settings, ServiceSettings);
    fact!(outbound, Outbound);
    all
}

/// Diagnoses after each observation, the end included, and gives the diagnoses in order.
fn play(evidence: &Evidence, order: &[Observation]) -> Vec<Diagnosis> {
    let mut growing = Evidence::new(evidence.target.clone(), evidence.os, evidence.patience);
    growing.said.clone_from(&evidence.said);
    let mut diagnoses = vec![diagnose(&growing)];
    for observation in order.iter().cloned().chain([Observation::Complete]) {
        growing.record(observation);
        diagnoses.push(diagnose(&growing));
    }
    diagnoses
}

/// A certain verdict stays: every later one names the same cause, as certain.
fn assert_never_taken_back(name: &str, diagnoses: &[Diagnosis]) {
    let last = &diagnoses.last().unwrap().verdict;
    for diagnosis in diagnoses {
        let verdict = &diagnosis.verdict;
        if verdict.certainty == Certainty::Certain {
            assert_eq!(verdict.cause, last.cause, "{name}: taken back");
            assert_eq!(last.certainty, Certainty::Certain, "{name}: doubted later");
        }
    }
}

#[test]
fn a_certain_verdict_is_never_taken_back_while_a_case_unfolds() {
    for (name, case) in cases() {
        let order = observations(&case.evidence);
        assert_never_taken_back(name, &play(&case.evidence, &order));
        let backwards: Vec<Observation> = order.into_iter().rev().collect();
        assert_never_taken_back(name, &play(&case.evidence, &backwards));
    }
}

#[test]
fn a_case_played_to_its_end_leads_to_its_verdict() {
    for (name, case) in cases() {
        if case.evidence.complete {
            let diagnoses = play(&case.evidence, &observations(&case.evidence));
            let end = Expected::of(diagnoses.last().unwrap());
            assert_eq!(end, case.expect, "{name}");
        }
    }
}

#[test]
fn an_observation_that_is_missing_never_leads_to_another_certainty() {
    // What could not be looked at must not turn one proven cause into another proven one.
    for (name, case) in cases() {
        let whole = diagnose(&case.evidence).verdict;
        let blinded: [fn(&mut Evidence); 3] = [
            |evidence| evidence.listeners = Fact::Unknown(Gap::NeedsAdmin),
            |evidence| evidence.network = Fact::Unknown(Gap::TimedOut),
            |evidence| evidence.direct_lookup = Fact::Unknown(Gap::Unsupported),
        ];
        for blind in blinded {
            let mut evidence = case.evidence.clone();
            blind(&mut evidence);
            let partial = diagnose(&evidence).verdict;
            if partial.certainty == Certainty::Certain {
                assert_eq!(partial.cause.id(), whole.cause.id(), "{name}");
            }
        }
    }
}

/// The promises of every diagnosis.
fn check_promises(evidence: &Evidence) -> Result<(), TestCaseError> {
    let diagnosis = diagnose(evidence);
    let verdict: &Finding = &diagnosis.verdict;
    let is = |cause: &Cause| verdict.cause == *cause;
    let connected = evidence
        .attempts
        .iter()
        .any(|attempt| attempt.outcome == Outcome::Connected);
    prop_assert_eq!(diagnosis.reachable, connected);
    prop_assert!(verdict.alternatives.len() <= 2);
    for other in &verdict.alternatives {
        prop_assert!(verdict.certainty < Certainty::Certain);
        prop_assert!(other.certainty <= verdict.certainty);
        prop_assert_ne!(other.cause.id(), verdict.cause.id());
    }
    if verdict.certainty == Certainty::Certain && !evidence.complete {
        prop_assert!(is(&Cause::BadAddress));
    }
    prop_assert!(is(&Cause::Undetermined) || !verdict.because.is_empty());
    prop_assert!(!is(&Cause::Undetermined) || verdict.certainty == Certainty::Possible);
    let never_certain = [
        Cause::ReachableSilent,
        Cause::HostDown,
        Cause::SilentDrop,
        Cause::FirewallDropsPort,
        Cause::ForwarderWithoutBackend,
    ];
    prop_assert!(verdict.certainty < Certainty::Certain || !never_certain.iter().any(is));
    let is_wrong_port = matches!(verdict.cause, Cause::WrongPort { .. });
    prop_assert!(!is_wrong_port || verdict.certainty < Certainty::Certain);
    prop_assert!(diagnosis.impact == Impact::Blocked || connected);
    if diagnosis.impact == Impact::None {
        prop_assert!(is(&Cause::Reachable) || is(&Cause::ReachableSilent));
    }
    if verdict.certainty == Certainty::Certain && is(&Cause::NothingListening) {
        // Proven only by this machine's own table.
        let port = evidence.target.port;
        let listeners = evidence.listeners.known();
        prop_assert!(listeners.is_some_and(|all| all.iter().all(|l| l.addr.port() != port)));
    }
    prop_assert!(verdict.because.iter().all(|clue| is_true(clue, evidence)));
    Ok(())
}

/// A clue says no more than was seen.
fn is_true(clue: &Clue, evidence: &Evidence) -> bool {
    let others = || evidence.references.iter().chain(&evidence.at_gateway);
    let attempts = || evidence.attempts.iter().chain(others());
    match clue {
        Clue::Connected { addr, .. } => {
            attempts().any(|a| a.addr == *addr && a.outcome == Outcome::Connected)
        }
        Clue::RefusedWithReset { addr, .. } => {
            attempts().any(|a| a.addr == *addr && a.outcome == Outcome::Refused && a.icmp.is_none())
        }
        Clue::NoAnswer { addr, .. } => {
            attempts().any(|a| a.addr == *addr && a.outcome == Outcome::Silent)
        }
        Clue::IcmpFrom { addr, icmp, .. } => {
            attempts().any(|a| a.addr == *addr && a.icmp == Some(*icmp))
        }
        Clue::NoListenerHere { port } => evidence
            .listeners
            .known()
            .is_some_and(|all| all.iter().all(|l| l.addr.port() != *port)),
        Clue::ServiceUnit { service, unit } => {
            let states = evidence.service_states.known();
            let of_service = states
                .into_iter()
                .flatten()
                .filter(|s| s.service == *service);
            of_service.flat_map(|state| &state.units).any(|u| u == unit)
        }
        Clue::ServiceSetting {
            service, setting, ..
        } => {
            let settings = evidence.service_settings.known();
            let of_service = settings
                .into_iter()
                .flatten()
                .filter(|s| s.service == *service);
            of_service
                .flat_map(|one| &one.lines)
                .any(|line| line == setting)
        }
        Clue::NoServiceUnit { service } => {
            let states = evidence.service_states.known();
            let of_service = states.into_iter().flatten().find(|s| s.service == *service);
            of_service.is_some_and(|state| state.units.is_empty())
        }
        Clue::ListenersUnknown => evidence.listeners.known().is_none(),
        Clue::NoUsableAddress => evidence
            .network
            .known()
            .is_some_and(|network| !network.has_usable_address()),
        Clue::TargetIsElsewhere { ip } => evidence
            .network
            .known()
            .is_some_and(|network| !network.is_own(*ip)),
        Clue::OtherPortOpen { port } => evidence
            .references
            .iter()
            .any(|r| r.addr.port() == *port && r.outcome == Outcome::Connected),
        Clue::OtherPortsSilent { count } => *count <= evidence.references.len(),
        _ => true,
    }
}

// Arbitrary evidence, from few addresses, ports and codes, so that they meet.

const PORTS: [u16; 6] = [22, 23, 80, 5432, 5433, 8443];

fn ip() -> impl Strategy<Value = IpAddr> {
    const IPS: [&str; 12] = [
        "127.0.0.1",
        "::1",
        "0.0.0.0",
        "::",
        "10.77.1.2",
        "10.77.1.10",
        "10.77.1.255",
        "10.77.2.2",
        "fd77:1::2",
        "fd77:1::10",
        "fe80::1",
        "224.0.0.1",
    ];
    select(&IPS[..]).prop_map(|ip| ip.parse().unwrap())
}

fn addr() -> impl Strategy<Value = SocketAddr> {
    (ip(), select(&PORTS[..])).prop_map(|(ip, port)| SocketAddr::new(ip, port))
}

fn took() -> impl Strategy<Value = Duration> {
    select(&[0_u64, 1, 999, 1000, 2500, 3070, 4000, 10_000][..]).prop_map(Duration::from_millis)
}

fn fact<T: std::fmt::Debug + Clone>(
    known: impl Strategy<Value = T>,
) -> impl Strategy<Value = Fact<T>> {
    let gap = select(vec![
        Gap::NotAsked,
        Gap::Pending,
        Gap::NeedsAdmin,
        Gap::TimedOut,
    ]);
    prop_oneof![3 => known.prop_map(Fact::Known), 1 => gap.prop_map(Fact::Unknown)]
}

fn attempt() -> impl Strategy<Value = Attempt> {
    let outcome = select(vec![
        Outcome::Connected,
        Outcome::Refused,
        Outcome::Silent,
        Outcome::HostUnreachable,
        Outcome::NetworkUnreachable,
        Outcome::Denied,
        Outcome::AddressNotAvailable,
        Outcome::OutOfDescriptors,
        Outcome::Reset,
        Outcome::Other,
    ]);
    let code = select(vec![1, 13, 22, 24, 65, 92, 99, 101, 111, 113, 10013]);
    let icmp = (
        any::<bool>(),
        select(vec![1_u8, 3, 11]),
        0_u8..14,
        option::of(ip()),
    )
        .prop_map(|(v6, kind, code, sender)| IcmpError {
            v6,
            kind,
            code,
            sender,
            ttl: None,
        });
    let told = (
        option::of(code),
        any::<bool>(),
        option::of(ip()),
        option::weighted(0.3, icmp),
    );
    (addr(), outcome, took(), told).prop_map(
        |(addr, outcome, took, (os_code, at_once, source, icmp))| Attempt {
            addr,
            outcome,
            took,
            os_code,
            at_once,
            source,
            icmp,
        },
    )
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("SSH-2.0-x".to_owned()),
        Just("220 hello".to_owned()),
        ".{0,8}"
    ]
}

fn presented() -> impl Strategy<Value = Presented> {
    let seconds = || select(vec![i64::MIN, 0, 1_790_000_000, 1_800_000_000, i64::MAX]);
    let own = (text(), seconds(), seconds(), any::<bool>()).prop_map(
        |(name, not_before, not_after, self_signed)| Certificate {
            subject: name.clone(),
            issuer: name.clone(),
            names: vec![name],
            not_before,
            not_after,
            self_signed,
        },
    );
    (
        vec(own, 0..2),
        fact(any::<bool>()),
        fact(any::<bool>()),
        seconds(),
        any::<bool>(),
    )
        .prop_map(
            |(chain, name_fits, trusted, clock, certificate_wanted)| Presented {
                chain,
                name_fits,
                trusted,
                clock,
                certificate_wanted,
            },
        )
}

fn transfer() -> impl Strategy<Value = Transfer> {
    (0_u32..2, 0_u32..2, 0_u32..2).prop_map(|(unacknowledged, retransmitted, unsent)| Transfer {
        acknowledged: 1,
        unacknowledged,
        unsent,
        retransmitted,
        path_mtu: 1500,
    })
}

fn exchange() -> impl Strategy<Value = Exchange> {
    let spoke = select(vec![
        Spoke::Nothing,
        Spoke::TlsHello,
        Spoke::LargeTlsHello,
        Spoke::HttpGet,
        Spoke::HttpsGet,
        Spoke::PostgresSslRequest,
        Spoke::RedisPing,
    ]);
    let http = (100_u16..600, any::<bool>()).prop_map(|(status, wants_tls)| Heard::Http {
        status,
        server: None,
        wants_tls,
        page: Page::default(),
    });
    let heard = prop_oneof![
        Just(Heard::Nothing),
        Just(Heard::Closed),
        Just(Heard::Reset),
        text().prop_map(|start| Heard::Text { start }),
        text().prop_map(|start| Heard::NotTls { start }),
        (text(), any::<bool>()).prop_map(|(alert, certificate_wanted)| Heard::TlsAlert {
            alert,
            certificate_wanted
        }),
        text().prop_map(|what| Heard::TlsIncompatible { what }),
        (text(), option::of(presented())).prop_map(|(version, presented)| Heard::Tls {
            version,
            certificates: 1,
            presented: presented.map(Box::new),
        }),
        http,
        text().prop_map(|what| Heard::Failed {
            what,
            os_code: None
        }),
    ];
    (
        (addr(), spoke, heard, took()),
        fact(transfer()),
        (any::<bool>(), fact(any::<bool>())),
    )
        .prop_map(
            |((addr, spoke, heard, took), transfer, (small_segments, closed))| Exchange {
                addr,
                spoke,
                heard,
                took,
                transfer,
                small_segments,
                closed,
            },
        )
}

fn lookup() -> impl Strategy<Value = Lookup> {
    let code = || select(vec![-2, -3, -4, -5, -11, 8, 11001, 11002]);
    let outcome = prop_oneof![
        vec(addr(), 0..4).prop_map(LookupOutcome::Found),
        code().prop_map(|eai_code| LookupOutcome::NotFound { eai_code }),
        code().prop_map(|eai_code| LookupOutcome::NoAddress { eai_code }),
        code().prop_map(|eai_code| LookupOutcome::Failed { eai_code }),
        Just(LookupOutcome::TimedOut),
    ];
    (outcome, took()).prop_map(|(outcome, took)| Lookup { outcome, took })
}

fn direct_answers() -> impl Strategy<Value = Vec<DirectAnswer>> {
    let answer = prop_oneof![
        vec(ip(), 0..3).prop_map(DnsAnswer::Addresses),
        Just(DnsAnswer::NoRecords),
        Just(DnsAnswer::NxDomain),
        Just(DnsAnswer::ServerFailure),
        Just(DnsAnswer::Refused),
        any::<u16>().prop_map(DnsAnswer::OtherCode),
        Just(DnsAnswer::Silent),
        Just(DnsAnswer::Unreachable),
    ];
    let answer =
        (option::of(addr()), answer, took()).prop_map(|(server, answer, took)| DirectAnswer {
            server,
            answer,
            aliases: Vec::new(),
            took,
        });
    vec(answer, 0..3)
}

fn name_settings() -> impl Strategy<Value = NameSettings> {
    let sources = select(vec!["", "files", "files dns", "files mdns4 dns", "resolve"]);
    let sources = sources.prop_map(|line| line.split(' ').map(str::to_owned).collect());
    (fact(vec(ip(), 0..2)), fact(sources), fact(vec(ip(), 0..2))).prop_map(
        |(hosts_file, sources, resolvers)| NameSettings {
            hosts_file,
            sources,
            resolvers,
            ..NameSettings::default()
        },
    )
}

fn invented_names() -> impl Strategy<Value = Vec<InventedName>> {
    direct_answers().prop_map(|answers| {
        let invented = |answer| InventedName {
            name: "made-up.invalid".to_owned(),
            answer,
        };
        answers.into_iter().map(invented).collect()
    })
}

fn listener() -> impl Strategy<Value = Listener> {
    let process = select(vec!["postgres", "redis-server", "python3", "sshd", ""]);
    let queue = (0_u32..4, option::of(0_u32..4));
    (addr(), fact(any::<bool>()), fact(process), fact(queue)).prop_map(
        |(addr, takes_ipv4, process, queue)| Listener {
            addr,
            takes_ipv4,
            process: match process {
                Fact::Known(name) => Fact::Known(Process {
                    pid: 1,
                    name: name.to_owned(),
                    command: None,
                }),
                Fact::Unknown(gap) => Fact::Unknown(gap),
            },
            user: Fact::default(),
            queue: match queue {
                Fact::Known((waiting, limit)) => Fact::Known(Queue { waiting, limit }),
                Fact::Unknown(gap) => Fact::Unknown(gap),
            },
        },
    )
}

fn link() -> impl Strategy<Value = LinkState> {
    let kinds = [
        LinkKind::Card,
        LinkKind::Bridge,
        LinkKind::Tunnel,
        LinkKind::Pair,
        LinkKind::Other,
    ];
    (option::of(any::<bool>()), select(kinds.to_vec()))
        .prop_map(|(carrier, kind)| LinkState { carrier, kind })
}

fn network() -> impl Strategy<Value = NetworkState> {
    // Prefixes beyond the family's length too: a report may be edited.
    let address = (ip(), any::<u8>()).prop_map(|(ip, prefix)| InterfaceAddress { ip, prefix });
    let interface = (
        any::<bool>(),
        any::<bool>(),
        vec(address, 0..3),
        fact(link()),
    )
        .prop_map(|(up, loopback, addresses, link)| Interface {
            name: "eth0".to_owned(),
            up,
            loopback,
            addresses,
            link,
        });
    let route = (
        ip(),
        option::of(ip()),
        option::of(select(vec![1, 13, 22, 101])),
        fact(option::of(ip())),
    )
        .prop_map(|(to, source, os_code, gateway)| RouteTo {
            to,
            source,
            os_code,
            via: match gateway {
                Fact::Known(gateway) => Fact::Known(Via {
                    interface: "eth0".to_owned(),
                    gateway,
                }),
                Fact::Unknown(gap) => Fact::Unknown(gap),
            },
        });
    (
        vec(interface, 0..3),
        fact(vec(ip(), 0..3)),
        vec(route, 0..3),
    )
        .prop_map(|(interfaces, default_gateways, routes)| NetworkState {
            interfaces,
            default_gateways,
            routes,
        })
}

fn target() -> impl Strategy<Value = Target> {
    let named = select(vec!["localhost", "srv.example", "printer.local"]);
    let host = prop_oneof![
        named.prop_map(|name| Host::Name {
            ascii: name.to_owned(),
            unicode: name.to_owned(),
        }),
        (ip(), option::of(Just("eth0".to_owned()))).prop_map(|(ip, zone)| match ip {
            IpAddr::V4(v4) => Host::V4(v4),
            IpAddr::V6(address) => Host::V6 { address, zone },
        }),
    ];
    let service = option::of(select(vec![
        "postgresql",
        "ssh",
        "http",
        "telnet",
        "unheard-of",
    ]));
    let protocol = select(vec![
        Protocol::ListenOnly,
        Protocol::ConnectOnly,
        Protocol::Http,
        Protocol::Tls,
        Protocol::Https,
    ]);
    (host, select(&PORTS[..]), service, protocol).prop_map(|(host, port, service, protocol)| {
        // As a report would hold it, so that a new field of a target changes nothing here.
        let target = serde_json::json!({
            "input": "typed",
            "host": host,
            "port": port,
            "port_from": "typed",
            "service": service,
            "protocol": protocol,
        });
        serde_json::from_value(target).unwrap()
    })
}

prop_compose! {
    fn evidence()(
        target in target(),
        os in select(vec![Os::Linux, Os::Windows, Os::Macos]),
        complete in any::<bool>(),
        lookup in fact(lookup()),
        direct_lookup in fact(direct_answers()),
        name_settings in fact(name_settings()),
        invented_names in fact(invented_names()),
        attempts in vec(attempt(), 0..4),
        references in vec(attempt(), 0..4),
        exchanges in vec(exchange(), 0..3),
        listeners in fact(vec(listener(), 0..4)),
        network in fact(network()),
        at_gateway in option::of(attempt()),
        around in option::of(attempt()),
        in_container in fact(any::<bool>()),
        own_ports in fact((0_usize..3, 0_usize..3)),
    ) -> Evidence {
        let mut evidence = Evidence::new(target, os, Duration::from_secs(4));
        evidence.complete = complete;
        evidence.lookup = lookup;
        evidence.direct_lookup = direct_lookup;
        evidence.name_settings = name_settings;
        evidence.invented_names = invented_names;
        evidence.attempts = attempts;
        evidence.references = references;
        evidence.exchanges = exchanges;
        evidence.listeners = listeners;
        evidence.network = network;
        evidence.at_gateway = at_gateway;
        evidence.bypasses = around
            .into_iter()
            .map(|attempt| Bypass {
                interface: "eth0".to_owned(),
                attempt,
            })
            .collect();
        evidence.in_container = in_container;
        evidence.own_ports = match own_ports {
            Fact::Known((available, in_use)) => Fact::Known(OwnPorts { available, in_use }),
            Fact::Unknown(gap) => Fact::Unknown(gap),
        };
        evidence
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn any_evidence_keeps_the_promises(evidence in evidence()) {
        check_promises(&evidence)?;
    }

    #[test]
    fn evidence_near_a_case_keeps_the_promises(
        pick in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
        extra in attempt(),
        listeners in fact(vec(listener(), 0..3)),
        network in fact(network()),
        change in 0_u8..6,
    ) {
        let mut evidence = pick.get(cases()).1.evidence.clone();
        let donor = &other.get(cases()).1.evidence;
        match change {
            0 => evidence.attempts.push(extra),
            1 => evidence.listeners = listeners,
            2 => evidence.network = network,
            3 => evidence.references.clone_from(&donor.references),
            4 => evidence.exchanges.clone_from(&donor.exchanges),
            _ => evidence.os = donor.os,
        }
        check_promises(&evidence)?;
    }

    #[test]
    fn no_order_of_observations_takes_a_certain_verdict_back(
        pick in any::<prop::sample::Index>(),
        seed in vec(any::<u32>(), 12),
    ) {
        let (name, case) = pick.get(cases());
        let mut keyed: Vec<_> = observations(&case.evidence).into_iter().zip(seed).collect();
        keyed.sort_by_key(|(_, key)| *key);
        let order: Vec<_> = keyed.into_iter().map(|(observation, _)| observation).collect();
        assert_never_taken_back(name, &play(&case.evidence, &order));
    }
}
