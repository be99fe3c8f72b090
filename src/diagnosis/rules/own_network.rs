//! `link-down` and `gateway-down`: the packet does not get past this machine's own wire.
//!
//! A route may stay when the wire loses its signal (ip-route(8), `linkdown`), and the kernel then
//! looks for a neighbour in vain. It does the same for a gateway that is gone: after three
//! unanswered questions, one second apart (arp(7); RFC 4861, 7.2.2), it says "host unreachable" in
//! its own name, long after a rule would have. Which neighbour was looked for, the route tells.

use super::clues::of_attempts;
use super::reading::{NEIGHBOUR_GIVEN_UP, Sender, all_telling, finding, icmp_sender, or, route_to};
use crate::diagnosis::{Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{Attempt, Evidence, Outcome, Via};

/// The interface that the route leads through has no signal.
pub fn link_down(evidence: &Evidence) -> Option<Finding> {
    let failed = all_telling(evidence, |a| {
        matches!(
            a.outcome,
            Outcome::HostUnreachable | Outcome::NetworkUnreachable | Outcome::Silent
        ) && way(evidence, a).is_some_and(|via| lacks_signal(evidence, &via.interface))
    })?;
    let interface = way(evidence, failed.first()?)?.interface.clone();
    let mut clues = vec![Clue::NoCarrier {
        interface: interface.clone(),
    }];
    clues.extend(of_attempts(failed));
    let cause = Cause::LinkDown { interface };
    Some(finding(cause, Certainty::Certain, clues))
}

/// The next hop was looked for, and did not answer.
pub fn gateway_down(evidence: &Evidence) -> Option<Finding> {
    let failed = all_telling(evidence, |a| {
        gave_up_on_neighbour(evidence, a).is_some()
            && way(evidence, a)
                .is_some_and(|via| via.gateway.is_some() && !lacks_signal(evidence, &via.interface))
    })?;
    let first = failed.first()?;
    let gateway = way(evidence, first)?.gateway?;
    let mut clues = vec![Clue::RouteVia {
        ip: first.addr.ip(),
        interface: way(evidence, first)?.interface.clone(),
        gateway: Some(gateway),
    }];
    clues.extend(of_attempts(failed.iter().copied()));
    let certainty = failed
        .iter()
        .filter_map(|a| gave_up_on_neighbour(evidence, a))
        .min()?;
    let mut found = finding(Cause::GatewayDown { gateway }, certainty, clues);
    if certainty < Certainty::Certain {
        let rule = or(Cause::FirewallRejects, DecidingTest::TryFromElsewhere);
        found.alternatives = vec![rule];
    }
    Some(found)
}

/// How sure it is that the kernel here gave up on a neighbour; nothing when it did not.
fn gave_up_on_neighbour(evidence: &Evidence, attempt: &Attempt) -> Option<Certainty> {
    if attempt.outcome != Outcome::HostUnreachable || attempt.took < NEIGHBOUR_GIVEN_UP {
        return None;
    }
    match attempt.icmp {
        Some(icmp) => {
            let by_us = icmp_sender(evidence, attempt, &icmp) == Sender::ThisMachine;
            by_us.then_some(Certainty::Certain)
        }
        // Systems that keep the message to themselves.
        None => (!attempt.at_once).then_some(Certainty::Likely),
    }
}

fn way<'e>(evidence: &'e Evidence, attempt: &Attempt) -> Option<&'e Via> {
    route_to(evidence, attempt.addr.ip())?.via.known()
}

fn lacks_signal(evidence: &Evidence, interface: &str) -> bool {
    evidence.network.known().is_some_and(|network| {
        let link = network.link(interface);
        link.is_some_and(|link| link.carrier == Some(false) && !link.kind.is_made_up())
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, says, silent};
    use super::*;
    use crate::evidence::LinkKind;

    fn unreachable(ip: &str, millis: u64) -> Scene {
        Scene::new(&format!("{ip}:5432"))
            .icmp(ip, 3, 1, "10.77.1.2", millis)
            .network("10.77.1.2/24")
    }

    #[test]
    fn a_wire_without_a_signal_is_the_cause_whatever_comes_back() {
        let scene = unreachable("10.77.1.10", 3070)
            .via("10.77.1.10", "eth0", None)
            .link("eth0", Some(false), LinkKind::Card);
        says(link_down, &scene, "link-down", Certainty::Certain);
        silent(gateway_down, &scene);
        let silence = Scene::new("10.77.1.10:5432")
            .silent("10.77.1.10")
            .network("10.77.1.2/24")
            .via("10.77.1.10", "eth0", None)
            .link("eth0", Some(false), LinkKind::Card);
        says(link_down, &silence, "link-down", Certainty::Certain);
    }

    #[test]
    fn a_bridge_without_ports_is_no_pulled_cable() {
        let scene = unreachable("172.17.0.9", 3070)
            .via("172.17.0.9", "docker0", None)
            .link("docker0", Some(false), LinkKind::Bridge);
        silent(link_down, &scene);
    }

    #[test]
    fn a_gateway_that_was_looked_for_in_vain_is_down() {
        let scene = unreachable("10.77.2.2", 3070)
            .via("10.77.2.2", "eth0", Some("10.77.1.254"))
            .link("eth0", Some(true), LinkKind::Card);
        says(gateway_down, &scene, "gateway-down", Certainty::Certain);
        silent(link_down, &scene);
    }

    #[test]
    fn a_neighbour_a_quick_rule_and_an_unread_route_are_no_gateway() {
        let neighbour = unreachable("10.77.1.99", 3070).via("10.77.1.99", "eth0", None);
        let quick = unreachable("10.77.2.2", 2).via("10.77.2.2", "eth0", Some("10.77.1.1"));
        let unread = unreachable("10.77.2.2", 3070);
        for scene in [neighbour, quick, unread] {
            silent(gateway_down, &scene);
            silent(link_down, &scene);
        }
    }

    #[test]
    fn a_router_far_away_that_reports_is_not_the_gateway() {
        let scene = Scene::new("10.77.2.77:5432")
            .icmp("10.77.2.77", 3, 1, "10.77.9.2", 3080)
            .network("10.77.1.2/24")
            .via("10.77.2.77", "eth0", Some("10.77.1.1"));
        silent(gateway_down, &scene);
    }
}
