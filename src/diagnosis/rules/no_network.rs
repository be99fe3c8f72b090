//! `no-network` and `no-default-route`: this machine cannot send the packet anywhere.
//!
//! connect(2) fails at once with ENETUNREACH (Linux, macOS 51, Windows 10051), on macOS and
//! Windows also with EHOSTUNREACH (65, 10065). The error alone does not tell the two apart, nor
//! from a route somebody forbade; the interfaces and default routes do.

use super::clues::{of_attempts, of_lookup};
use super::reading::{
    all_telling, connected, failed_lookup, finding, has_family, is_on_link, is_own, lacks_route,
    or, route_to,
};
use crate::diagnosis::{Cause, Certainty, Clue, DecidingTest, Family, Finding};
use crate::evidence::{Attempt, Evidence, Os, Outcome};

/// No interface but loopback is up with a usable address, and the target is not this machine.
///
/// Outranks whatever the resolver said: without a network it could not say anything else.
pub fn no_network(evidence: &Evidence) -> Option<Finding> {
    let network = evidence.network.known()?;
    if network.has_usable_address() || connected(evidence) {
        return None;
    }
    let mut clues = vec![Clue::NoUsableAddress];
    if let Some(lookup) = failed_lookup(evidence) {
        clues.push(of_lookup(lookup));
    } else {
        let failed = all_telling(evidence, |a| lacks_route(a) && !goes_home(evidence, a))?;
        clues.extend(of_attempts(failed));
    }
    Some(finding(Cause::NoNetwork, Certainty::Certain, clues))
}

/// There is a network, and no route to the target's.
pub fn no_default_route(evidence: &Evidence) -> Option<Finding> {
    let failed = all_telling(evidence, |a| {
        lacks_route(a)
            && a.outcome != Outcome::AddressNotAvailable
            && !goes_home(evidence, a)
            && is_on_link(evidence, a.addr.ip()) != Some(true)
            && !is_forbidden(evidence, a)
    })?;
    let mut clues: Vec<Clue> = failed.iter().filter_map(|a| no_route(a)).collect();
    let Some(network) = evidence.network.known() else {
        let mut guess = finding(Cause::NoDefaultRoute, Certainty::Possible, clues);
        guess.alternatives = vec![or(Cause::NoNetwork, DecidingTest::TryFromElsewhere)];
        return failed.iter().all(|a| a.addr.is_ipv4()).then_some(guess);
    };
    let families: Vec<Family> = failed
        .iter()
        .map(|a| super::reading::family_of(a))
        .collect();
    // A machine without any IPv6 has its own cause; see `ipv6_unavailable`.
    let lacks_v6 = families.contains(&Family::V6) && !has_family(network, Family::V6);
    if !network.has_usable_address() || lacks_v6 {
        return None;
    }
    let certainty = match network.default_gateways.known() {
        Some(gateways)
            if gateways
                .iter()
                .any(|ip| families.contains(&Family::of(*ip))) =>
        {
            return None;
        }
        Some(_) => {
            clues.insert(0, Clue::NoDefaultGateway);
            Certainty::Certain
        }
        None => Certainty::Likely,
    };
    Some(finding(Cause::NoDefaultRoute, certainty, clues))
}

/// On Linux a missing route is ENETUNREACH; EHOSTUNREACH at once is an `unreachable` route, which
/// somebody made (ip-route(8)).
fn is_forbidden(evidence: &Evidence, attempt: &Attempt) -> bool {
    let routed = route_to(evidence, attempt.addr.ip()).is_some_and(|route| route.source.is_some());
    let by_rule = evidence.os == Os::Linux && attempt.outcome == Outcome::HostUnreachable;
    by_rule || routed
}

fn goes_home(evidence: &Evidence, attempt: &Attempt) -> bool {
    is_own(evidence, attempt.addr.ip()) == Some(true)
}

fn no_route(attempt: &Attempt) -> Option<Clue> {
    attempt.os_code.map(|os_code| Clue::NoRouteTo {
        ip: attempt.addr.ip(),
        os_code,
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::*;
    use crate::evidence::LookupOutcome;

    fn unroutable() -> Scene {
        Scene::new("10.77.2.2:5432").at_once("10.77.2.2", Outcome::NetworkUnreachable, 101)
    }

    #[test]
    fn no_address_but_loopback_means_no_network() {
        let scene = unroutable().network("");
        says(no_network, &scene, "no-network", Certainty::Certain);
        silent(no_default_route, &scene);
    }

    #[test]
    fn an_address_that_dhcp_did_not_give_is_no_network() {
        let scene = unroutable().network("169.254.7.9/16");
        says(no_network, &scene, "no-network", Certainty::Certain);
    }

    #[test]
    fn without_a_network_a_failed_lookup_is_the_networks_fault() {
        let failed = LookupOutcome::Failed { eai_code: -3 };
        let scene = Scene::new("db.example:5432").lookup(failed, 2).network("");
        says(no_network, &scene, "no-network", Certainty::Certain);
    }

    #[test]
    fn loopback_needs_no_network() {
        silent(
            no_network,
            &Scene::new("127.0.0.1:80").refused("127.0.0.1").network(""),
        );
    }

    #[test]
    fn an_address_without_a_gateway_means_no_default_route() {
        let scene = unroutable().network("10.77.1.2/24").without_gateway();
        says(
            no_default_route,
            &scene,
            "no-default-route",
            Certainty::Certain,
        );
        silent(no_network, &scene);
    }

    #[test]
    fn on_macos_and_windows_the_error_may_be_host_unreachable() {
        for (os, code) in [(Os::Macos, 65), (Os::Windows, 10065)] {
            let scene = Scene::new("10.77.2.2:5432")
                .os(os)
                .at_once("10.77.2.2", Outcome::HostUnreachable, code)
                .network("10.77.1.2/24")
                .without_gateway();
            says(
                no_default_route,
                &scene,
                "no-default-route",
                Certainty::Certain,
            );
        }
    }

    #[test]
    fn a_gateway_of_the_family_speaks_against_a_missing_route() {
        silent(no_default_route, &unroutable().network("10.77.1.2/24"));
    }

    #[test]
    fn a_gateway_of_the_other_family_does_not_help() {
        let mut scene = unroutable().network("10.77.1.2/24").without_gateway();
        scene.network_mut().default_gateways =
            crate::evidence::Fact::Known(vec!["fd77:1::1".parse().unwrap()]);
        says(
            no_default_route,
            &scene,
            "no-default-route",
            Certainty::Certain,
        );
    }

    #[test]
    fn the_error_alone_is_not_enough_to_be_sure() {
        let guess = says(
            no_default_route,
            &unroutable(),
            "no-default-route",
            Certainty::Possible,
        );
        assert_eq!(others(&guess), ["no-network"]);
        silent(no_network, &unroutable());
    }

    #[test]
    fn an_answer_from_far_away_is_no_matter_of_this_machine() {
        let scene = Scene::new("10.99.0.5:5432")
            .icmp("10.99.0.5", 3, 0, "10.77.9.2", 2)
            .network("10.77.1.2/24")
            .without_gateway();
        silent(no_network, &scene);
        silent(no_default_route, &scene);
    }
}
