//! `firewall-rejects`, `path-firewall-rejects`, `local-firewall-rejects` and `no-route-beyond`:
//! somebody answered the connection with an ICMP error, and said who they are.
//!
//! Sources: RFC 792 and RFC 1812, 5.2.7 (type 3; codes 9, 10 and 13 are "administratively
//! prohibited"), RFC 4443, 3.1 (type 1). A kernel answers a closed TCP port with a reset (RFC
//! 9293, 3.10.7.1), never with "port unreachable": whoever sends that, sends it by rule.
//! "Host unreachable" is different: a kernel says it after seconds, when a neighbour does not
//! answer, and that is `host_down`'s business.

use super::clues::{of_attempts, of_ended_holder, of_listener, of_place};
use super::reading::{
    AT_ONCE, AT_ONCE_HERE, NEIGHBOUR_GIVEN_UP, Sender, connected, finding, icmp_sender, or,
    refused_here, telling_attempts,
};
use crate::diagnosis::{Alternative, Cause, Certainty, DecidingTest, Finding};
use crate::evidence::{Attempt, Evidence, IcmpError, Os, Outcome};

/// Linux gives this errno for ICMP "protocol unreachable", which for TCP only a rule produces.
const LINUX_ENOPROTOOPT: i32 = 92;

/// An ICMP error that only a rule, or a router without a route, sends.
pub fn rejected_with_icmp(evidence: &Evidence) -> Option<Finding> {
    if connected(evidence) {
        return None;
    }
    let telling = telling_attempts(evidence);
    let readings: Vec<_> = telling.iter().map(|a| read(evidence, a)).collect();
    let (attempt, reading) = telling
        .iter()
        .zip(&readings)
        .find_map(|(attempt, reading)| Some((attempt, reading.as_ref()?)))?;
    let (cause, certainty) = reading.clone();
    let unanimous = readings
        .iter()
        .all(|other| other.as_ref().is_some_and(|(c, _)| c.id() == cause.id()));
    let certainty = if unanimous {
        certainty
    } else {
        certainty.min(Certainty::Likely)
    };
    let mut clues = of_attempts(telling.iter().copied());
    clues.extend(of_place(evidence, attempt));
    let mut found = finding(cause, certainty, clues);
    if certainty < Certainty::Certain {
        found.alternatives = look_alikes(&found.cause);
    }
    Some(found)
}

/// The cause one attempt's error stands for.
fn read(evidence: &Evidence, attempt: &Attempt) -> Option<(Cause, Certainty)> {
    let Some(icmp) = attempt.icmp else {
        return without_message(evidence, attempt);
    };
    let meaning = Meaning::of(icmp)?;
    let at_once = attempt.took < AT_ONCE;
    let waited_for_somebody = attempt.took >= NEIGHBOUR_GIVEN_UP;
    let rejects = |certainty| Some((Cause::FirewallRejects, certainty));
    let rejects_here = |certainty| Some((Cause::LocalFirewallRejects, certainty));
    match (icmp_sender(evidence, attempt, &icmp), meaning) {
        (Sender::Target, Meaning::Rule | Meaning::Policy) => rejects(Certainty::Certain),
        // Asked a host for itself, and it has no way to itself: a rule that says so. After seconds
        // it forwards the connection to somebody who is gone.
        (Sender::Target, Meaning::NoRoute | Meaning::NoHost) => {
            (!waited_for_somebody).then_some(())?;
            rejects(if at_once {
                Certainty::Certain
            } else {
                Certainty::Likely
            })
        }
        (Sender::ThisMachine, Meaning::Rule | Meaning::Policy | Meaning::NoRoute) => {
            rejects_here(Certainty::Certain)
        }
        // Quick, it is a rule, or another program's question about a dead neighbour just ended.
        (Sender::ThisMachine, Meaning::NoHost) => {
            (attempt.took < AT_ONCE_HERE).then_some(())?;
            rejects_here(Certainty::Likely)
        }
        (Sender::Device(device), Meaning::Rule) => Some((
            Cause::PathFirewallRejects { device },
            sure_of_device(evidence),
        )),
        (Sender::Device(device), Meaning::Policy) => {
            Some((Cause::PathFirewallRejects { device }, Certainty::Likely))
        }
        (Sender::Device(router), Meaning::NoRoute) => Some((
            Cause::NoRouteBeyond {
                router: Some(router),
            },
            sure_of_device(evidence),
        )),
        (Sender::Unknown, Meaning::Rule | Meaning::Policy) => rejects(Certainty::Likely),
        (Sender::Unknown, Meaning::NoRoute) => {
            Some((Cause::NoRouteBeyond { router: None }, Certainty::Likely))
        }
        (Sender::Device(_) | Sender::Unknown, Meaning::NoHost) => None,
    }
}

/// Where the system does not hand over the message, its errno may still give a rule away; whose
/// rule stays open.
fn without_message(evidence: &Evidence, attempt: &Attempt) -> Option<(Cause, Certainty)> {
    let by_protocol = evidence.os == Os::Linux
        && attempt.outcome == Outcome::Other
        && attempt.os_code == Some(LINUX_ENOPROTOOPT);
    // EACCES later than at once is ICMPv6 "administratively prohibited" or "policy" (Linux).
    let by_policy = evidence.os == Os::Linux
        && attempt.outcome == Outcome::Denied
        && !attempt.at_once
        && attempt.addr.is_ipv6();
    (by_protocol || by_policy).then_some((Cause::FirewallRejects, Certainty::Likely))
}

/// A sender that is not the target is a device between only if it is not this machine under
/// another of its addresses.
fn sure_of_device(evidence: &Evidence) -> Certainty {
    match evidence.network.known() {
        Some(_) => Certainty::Certain,
        None => Certainty::Likely,
    }
}

fn look_alikes(cause: &Cause) -> Vec<Alternative> {
    match cause {
        Cause::FirewallRejects | Cause::PathFirewallRejects { .. } => Vec::new(),
        Cause::LocalFirewallRejects => {
            vec![or(Cause::HostDown, DecidingTest::CheckMachineIsOn)]
        }
        _ => vec![or(Cause::HostDown, DecidingTest::TryFromElsewhere)],
    }
}

/// What an ICMP error says, whoever says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// Prohibited, or an error that TCP never gets without a rule.
    Rule,
    /// ICMPv6: the source address failed a policy, or the route is made to reject.
    Policy,
    /// No route to the destination.
    NoRoute,
    /// The destination does not answer on its own network.
    NoHost,
}

impl Meaning {
    fn of(icmp: IcmpError) -> Option<Self> {
        match (icmp.v6, icmp.kind, icmp.code) {
            (false, 3, 2 | 3 | 9 | 10 | 13) | (true, 1, 1 | 4) => Some(Self::Rule),
            (true, 1, 5 | 6) => Some(Self::Policy),
            (false, 3, 0) | (true, 1, 0) => Some(Self::NoRoute),
            (false, 3, 1) | (true, 1, 3) => Some(Self::NoHost),
            _ => None,
        }
    }
}

/// A reset although a program here listens on this very address: a rule answered in its place, or,
/// on Windows, the system because too many connections wait to be accepted (listen, winsock2.h:
/// "the client will receive an error with an indication of WSAECONNREFUSED").
///
/// Only this machine's own table shows that; from elsewhere such a rule cannot be told from a
/// closed port.
pub fn reset_in_place_of_a_listener(evidence: &Evidence) -> Option<Finding> {
    let asked = refused_here(evidence)?;
    let listeners = evidence.listeners_on_port()?;
    let takes = |attempt: &&Attempt| {
        let ip = attempt.addr.ip();
        listeners.iter().find(|l| l.accepts(ip) == Some(true))
    };
    let (attempt, listener) = asked
        .iter()
        .find_map(|attempt| Some((attempt, takes(attempt)?)))?;
    let mut clues = of_attempts(asked.iter().copied());
    clues.push(of_listener(listener));
    clues.extend(of_place(evidence, attempt));
    if evidence.os == Os::Windows {
        clues.extend(of_ended_holder(evidence, listener));
        let mut found = finding(Cause::AcceptQueueFull, Certainty::Likely, clues);
        found.alternatives = vec![or(Cause::FirewallRejects, DecidingTest::ReadFirewallHere)];
        return Some(found);
    }
    let mut found = finding(Cause::FirewallRejects, Certainty::Likely, clues);
    found.alternatives = vec![or(Cause::NothingListening, DecidingTest::TryLater)];
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::*;

    const TARGET: &str = "10.77.1.10:5432";

    fn scene(code: u8, sender: &str, millis: u64) -> Scene {
        Scene::new(TARGET)
            .icmp("10.77.1.10", 3, code, sender, millis)
            .network("10.77.1.2/24")
    }

    #[test]
    fn the_target_itself_rejects_by_rule() {
        for code in [2, 3, 9, 10, 13, 0, 1] {
            let scene = scene(code, "10.77.1.10", 1);
            says(
                rejected_with_icmp,
                &scene,
                "firewall-rejects",
                Certainty::Certain,
            );
        }
    }

    #[test]
    fn the_target_rejects_over_ipv6_too() {
        for code in [0, 1, 3, 4, 5, 6] {
            let scene =
                Scene::new("[fd77:1::10]:5432").icmp("fd77:1::10", 1, code, "fd77:1::10", 1);
            says(
                rejected_with_icmp,
                &scene,
                "firewall-rejects",
                Certainty::Certain,
            );
        }
    }

    #[test]
    fn a_target_that_looks_for_a_host_for_seconds_forwards_to_nobody() {
        silent(rejected_with_icmp, &scene(1, "10.77.1.10", 3070));
        // Rejects are rate-limited: the second try, after a second, may get the first answer.
        let limited = scene(1, "10.77.1.10", 1030);
        says(
            rejected_with_icmp,
            &limited,
            "firewall-rejects",
            Certainty::Likely,
        );
    }

    #[test]
    fn this_machine_rejects_by_its_own_rule() {
        for code in [3, 13] {
            let scene = scene(code, "10.77.1.2", 0);
            says(
                rejected_with_icmp,
                &scene,
                "local-firewall-rejects",
                Certainty::Certain,
            );
        }
    }

    #[test]
    fn host_unreachable_from_here_at_once_is_probably_a_rule() {
        let found = says(
            rejected_with_icmp,
            &scene(1, "10.77.1.2", 0),
            "local-firewall-rejects",
            Certainty::Likely,
        );
        assert_eq!(others(&found), ["host-down"]);
        silent(rejected_with_icmp, &scene(1, "10.77.1.2", 3070));
    }

    #[test]
    fn a_device_between_rejects_by_rule() {
        for code in [3, 9, 10, 13] {
            let found = says(
                rejected_with_icmp,
                &scene(code, "10.77.9.2", 1),
                "path-firewall-rejects",
                Certainty::Certain,
            );
            let device = "10.77.9.2".parse().unwrap();
            assert_eq!(found.cause, Cause::PathFirewallRejects { device });
        }
    }

    #[test]
    fn a_router_without_a_route_says_so() {
        let found = says(
            rejected_with_icmp,
            &scene(0, "10.77.9.2", 1),
            "no-route-beyond",
            Certainty::Certain,
        );
        let router = Some("10.77.9.2".parse().unwrap());
        assert_eq!(found.cause, Cause::NoRouteBeyond { router });
    }

    #[test]
    fn a_sender_that_may_be_this_machine_is_not_accused_for_certain() {
        let mut unread = scene(13, "10.77.9.2", 1);
        unread.evidence.network = crate::evidence::Fact::default();
        says(
            rejected_with_icmp,
            &unread,
            "path-firewall-rejects",
            Certainty::Likely,
        );
        unread.evidence.attempts[0].source = None;
        says(
            rejected_with_icmp,
            &unread,
            "firewall-rejects",
            Certainty::Likely,
        );
    }

    #[test]
    fn time_exceeded_and_a_dead_neighbour_are_other_matters() {
        let loops = Scene::new(TARGET).icmp("10.77.1.10", 11, 0, "10.77.9.2", 1);
        silent(rejected_with_icmp, &loops);
        silent(rejected_with_icmp, &scene(1, "10.77.9.2", 3070));
        silent(
            rejected_with_icmp,
            &Scene::new(TARGET).refused("10.77.1.10"),
        );
    }

    #[test]
    fn protocol_unreachable_is_a_rule_even_without_the_message() {
        let bare = Scene::new(TARGET).later("10.77.1.10", Outcome::Other, 92, 1);
        says(
            rejected_with_icmp,
            &bare,
            "firewall-rejects",
            Certainty::Likely,
        );
        silent(rejected_with_icmp, &bare.os(Os::Macos));
    }

    #[test]
    fn one_address_that_rejects_and_one_that_does_not_leave_a_doubt() {
        let mixed = scene(13, "10.77.1.10", 1).silent("fd77:1::10");
        says(
            rejected_with_icmp,
            &mixed,
            "firewall-rejects",
            Certainty::Likely,
        );
        silent(
            rejected_with_icmp,
            &scene(13, "10.77.1.10", 1).connected("fd77:1::10"),
        );
    }

    #[test]
    fn a_reset_where_a_program_listens_is_a_rule() {
        let refused = || {
            Scene::new(TARGET)
                .refused("10.77.1.10")
                .network("10.77.1.10/24")
        };
        let scene = refused().listeners(&["0.0.0.0:5432 postgres"]);
        let found = says(
            reset_in_place_of_a_listener,
            &scene,
            "firewall-rejects",
            Certainty::Likely,
        );
        assert_eq!(others(&found), ["nothing-listening"]);
        silent(
            reset_in_place_of_a_listener,
            &refused().listeners(&["127.0.0.1:5432"]),
        );
        silent(reset_in_place_of_a_listener, &refused().listeners(&[]));
        silent(reset_in_place_of_a_listener, &refused());
    }

    #[test]
    fn windows_resets_what_no_longer_fits_into_a_queue() {
        let mut scene = Scene::new(TARGET)
            .refused("10.77.1.10")
            .network("10.77.1.10/24")
            .listeners(&["0.0.0.0:5432 postgres.exe"]);
        scene.evidence.os = Os::Windows;
        let rule = reset_in_place_of_a_listener;
        let found = says(rule, &scene, "accept-queue-full", Certainty::Likely);
        assert_eq!(others(&found), ["firewall-rejects"]);
    }
}
