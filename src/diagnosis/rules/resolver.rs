//! `resolver-unreachable` and `resolver-failure`: nobody could say whether the name exists.
//!
//! getaddrinfo(3) answers `EAI_AGAIN` for silence, a closed port, SERVFAIL and REFUSED alike
//! (Windows 11002, 11003). What tells them apart: the servers' own answers when asked directly
//! (RFC 1035, 4.1.1: response codes 2 and 5), and failing that the time, because glibc waits five
//! seconds for a silent server (resolv.conf(5), `timeout`).

use std::time::Duration;

use super::clues::{of_direct_answer, of_lookup};
use super::name::direct_answers;
use super::reading::{failed_lookup, finding, is_on_link, name, or};
use crate::diagnosis::{Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{DirectAnswer, DnsAnswer, Evidence, LookupOutcome, Os};

/// Longer than any answer takes, shorter than one wait for a silent server.
const SILENT_SERVER: Duration = Duration::from_secs(4);

const GLIBC_EAI_AGAIN: i32 = -3;
const GLIBC_EAI_FAIL: i32 = -4;
const MACOS_EAI_AGAIN: i32 = 2;
const MACOS_EAI_FAIL: i32 = 4;
const WSATRY_AGAIN: i32 = 11002;
const WSANO_RECOVERY: i32 = 11003;

/// The system's resolver failed: its servers are silent, or answer with an error.
pub fn resolver_trouble(evidence: &Evidence) -> Option<Finding> {
    name(evidence)?;
    let lookup = failed_lookup(evidence)?;
    let direct = direct_answers(evidence);
    match &lookup.outcome {
        LookupOutcome::Failed { .. } | LookupOutcome::TimedOut => {}
        // Off Linux "not found" may stand for "nobody answered"; only silent servers prove it.
        LookupOutcome::NotFound { .. } if evidence.os != Os::Linux && !direct.is_empty() => {}
        LookupOutcome::NotFound { .. }
        | LookupOutcome::NoAddress { .. }
        | LookupOutcome::Found(_) => return None,
    }
    let (unreachable, failing) = (Cause::ResolverUnreachable, Cause::ResolverFailure);
    let (cause, certainty, other) = match servers(evidence) {
        Servers::AllSilent => match network_trouble(evidence) {
            Some(trouble) => (unreachable, Certainty::Likely, Some(trouble)),
            None => (unreachable, Certainty::Certain, None),
        },
        Servers::AllFailing => (failing, Certainty::Certain, None),
        Servers::SomeFailing => (failing, Certainty::Likely, Some(unreachable)),
        Servers::Answering => (failing, Certainty::Possible, Some(unreachable)),
        Servers::AboutTheName => return None,
        Servers::NoneConfigured => (unreachable, Certainty::Likely, None),
        Servers::Unasked => match lookup.outcome {
            LookupOutcome::TimedOut => (unreachable, Certainty::Likely, None),
            LookupOutcome::Failed { eai_code } if lookup.took >= SILENT_SERVER => (
                unreachable,
                Certainty::Likely,
                is_of_server(eai_code).then_some(failing),
            ),
            LookupOutcome::Failed {
                eai_code: GLIBC_EAI_FAIL | MACOS_EAI_FAIL | WSANO_RECOVERY,
            } => (failing, Certainty::Likely, Some(unreachable)),
            LookupOutcome::Failed { eai_code } if is_of_server(eai_code) => {
                (failing, Certainty::Possible, Some(unreachable))
            }
            LookupOutcome::Failed { .. }
            | LookupOutcome::Found(_)
            | LookupOutcome::NotFound { .. }
            | LookupOutcome::NoAddress { .. } => return None,
        },
    };
    let mut clues: Vec<Clue> = direct.iter().map(of_direct_answer).collect();
    clues.push(of_lookup(lookup));
    let mut found = finding(cause, certainty, clues);
    found
        .alternatives
        .extend(other.map(|cause| or(cause, DecidingTest::ConnectByAddress)));
    Some(found)
}

/// Other codes (`EAI_SYSTEM`, `EAI_MEMORY`, …) say nothing about any server.
fn is_of_server(eai_code: i32) -> bool {
    [
        GLIBC_EAI_AGAIN,
        GLIBC_EAI_FAIL,
        MACOS_EAI_AGAIN,
        MACOS_EAI_FAIL,
        WSATRY_AGAIN,
        WSANO_RECOVERY,
    ]
    .contains(&eai_code)
}

/// The configured DNS servers, taken together.
enum Servers {
    Unasked,
    NoneConfigured,
    AllSilent,
    AllFailing,
    SomeFailing,
    /// They know the name's addresses, only the system's resolver does not.
    Answering,
    /// They say that the name, or its address, is missing.
    AboutTheName,
}

fn servers(evidence: &Evidence) -> Servers {
    let Some(answers) = evidence.direct_lookup.known() else {
        return Servers::Unasked;
    };
    let count = |test: fn(&DnsAnswer) -> bool| answers.iter().filter(|a| test(&a.answer)).count();
    let failing = count(|a| {
        matches!(
            a,
            DnsAnswer::ServerFailure | DnsAnswer::Refused | DnsAnswer::OtherCode(_)
        )
    });
    let silent = count(|a| matches!(a, DnsAnswer::Silent | DnsAnswer::Unreachable));
    if answers.is_empty() {
        Servers::NoneConfigured
    } else if count(|a| matches!(a, DnsAnswer::NxDomain | DnsAnswer::NoRecords)) > 0 {
        Servers::AboutTheName
    } else if silent == answers.len() {
        Servers::AllSilent
    } else if failing == answers.len() {
        Servers::AllFailing
    } else if failing > 0 {
        Servers::SomeFailing
    } else {
        Servers::Answering
    }
}

/// A silent server is no wonder where nothing can be sent to it, and nobody can tell where the
/// network was not read.
fn network_trouble(evidence: &Evidence) -> Option<Cause> {
    let Some(network) = evidence.network.known() else {
        return Some(Cause::NoNetwork);
    };
    let gateways = network.default_gateways.known();
    let has_none = gateways.is_some_and(Vec::is_empty);
    (has_none && !all_near(evidence)).then_some(Cause::NoDefaultRoute)
}

/// Whether no default route is needed to reach any of the servers. One on this machine passes the
/// question on, nobody knows where to.
fn all_near(evidence: &Evidence) -> bool {
    let is_near = |answer: &DirectAnswer| {
        let ip = answer.server.map(|server| server.ip());
        ip.and_then(|ip| is_on_link(evidence, ip)) == Some(true)
    };
    direct_answers(evidence).iter().all(is_near)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::*;

    fn again(millis: u64) -> Scene {
        let failed = LookupOutcome::Failed { eai_code: -3 };
        Scene::new("db.example:5432")
            .lookup(failed, millis)
            .network("10.77.1.2/24")
    }

    #[test]
    fn silent_servers_are_unreachable() {
        for answers in [
            vec![DnsAnswer::Silent],
            vec![DnsAnswer::Unreachable, DnsAnswer::Silent],
        ] {
            let scene = again(10_000).direct(&answers);
            says(
                resolver_trouble,
                &scene,
                "resolver-unreachable",
                Certainty::Certain,
            );
        }
    }

    #[test]
    fn servers_that_answer_with_an_error_are_failing() {
        for answer in [DnsAnswer::ServerFailure, DnsAnswer::Refused] {
            let scene = again(2).direct(&[answer]);
            says(
                resolver_trouble,
                &scene,
                "resolver-failure",
                Certainty::Certain,
            );
        }
    }

    #[test]
    fn a_silent_and_a_failing_server_leave_a_doubt() {
        let scene = again(5000).direct(&[DnsAnswer::Silent, DnsAnswer::ServerFailure]);
        let found = says(
            resolver_trouble,
            &scene,
            "resolver-failure",
            Certainty::Likely,
        );
        assert_eq!(others(&found), ["resolver-unreachable"]);
    }

    #[test]
    fn without_asking_directly_the_time_tells_a_little() {
        says(
            resolver_trouble,
            &again(10_000),
            "resolver-unreachable",
            Certainty::Likely,
        );
        let quick = says(
            resolver_trouble,
            &again(2),
            "resolver-failure",
            Certainty::Possible,
        );
        assert_eq!(others(&quick), ["resolver-unreachable"]);
    }

    #[test]
    fn no_answer_in_time_is_an_unreachable_resolver() {
        let scene = Scene::new("db.example:5432").lookup(LookupOutcome::TimedOut, 12_000);
        says(
            resolver_trouble,
            &scene,
            "resolver-unreachable",
            Certainty::Likely,
        );
    }

    #[test]
    fn servers_that_no_route_leads_to_may_be_innocent() {
        let scene = again(10_000)
            .direct(&[DnsAnswer::Unreachable])
            .network("10.78.1.2/24")
            .without_gateway();
        let found = says(
            resolver_trouble,
            &scene,
            "resolver-unreachable",
            Certainty::Likely,
        );
        assert_eq!(others(&found), ["no-default-route"]);
    }

    #[test]
    fn a_silent_neighbour_needs_no_default_route() {
        let scene = again(10_000)
            .direct(&[DnsAnswer::Silent])
            .network("10.77.1.2/24")
            .without_gateway();
        says(
            resolver_trouble,
            &scene,
            "resolver-unreachable",
            Certainty::Certain,
        );
    }

    #[test]
    fn where_the_network_was_not_read_it_may_be_to_blame() {
        let mut scene = again(10_000).direct(&[DnsAnswer::Silent]);
        scene.evidence.network = crate::evidence::Fact::default();
        let found = says(
            resolver_trouble,
            &scene,
            "resolver-unreachable",
            Certainty::Likely,
        );
        assert_eq!(others(&found), ["no-network"]);
    }

    #[test]
    fn on_macos_not_found_with_silent_servers_is_the_resolver() {
        let folded = LookupOutcome::NotFound { eai_code: 8 };
        let scene = Scene::new("db.example:5432")
            .os(Os::Macos)
            .lookup(folded, 10_000)
            .network("10.77.1.2/24");
        silent(resolver_trouble, &scene);
        let scene = scene.direct(&[DnsAnswer::Silent]);
        says(
            resolver_trouble,
            &scene,
            "resolver-unreachable",
            Certainty::Certain,
        );
    }

    #[test]
    fn an_answer_about_the_name_is_no_resolver_trouble() {
        silent(resolver_trouble, &again(2).direct(&[DnsAnswer::NxDomain]));
        silent(
            resolver_trouble,
            &Scene::new("db:5432").found(&["192.0.2.7"]),
        );
        silent(resolver_trouble, &Scene::new("db:5432"));
    }

    #[test]
    fn an_error_that_is_not_the_servers_blames_nobody() {
        let system = LookupOutcome::Failed { eai_code: -11 };
        silent(resolver_trouble, &Scene::new("db:5432").lookup(system, 1));
    }
}
