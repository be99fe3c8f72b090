//! `ipv6-unavailable`: the target has only IPv6 addresses and this machine has no IPv6.
//!
//! connect(2) fails at once: EADDRNOTAVAIL where IPv6 is switched off, ENETUNREACH where there is
//! only a link-local address. `AI_ADDRCONFIG` does not hide such names, because a link-local
//! address counts as configured (RFC 6724, getaddrinfo(3)). A dual-stack name never gets here:
//! its IPv4 addresses tell more.

use super::clues::of_attempts;
use super::reading::{all_telling, finding, has_family, is_own, lacks_route, or};
use crate::diagnosis::{Cause, Certainty, DecidingTest, Family, Finding};
use crate::evidence::{Evidence, NetworkState, Outcome};

/// Only IPv6 was asked for, and this machine cannot send any.
pub fn ipv6_unavailable(evidence: &Evidence) -> Option<Finding> {
    let failed = all_telling(evidence, |a| {
        lacks_route(a) && a.addr.is_ipv6() && !is_mapped(a.addr.ip())
    })?;
    let no_address = failed
        .iter()
        .all(|a| a.outcome == Outcome::AddressNotAvailable);
    let clues = of_attempts(failed.iter().copied());
    let Some(network) = evidence.network.known() else {
        let certainty = if no_address {
            Certainty::Likely
        } else {
            Certainty::Possible
        };
        let mut guess = finding(Cause::Ipv6Unavailable, certainty, clues);
        guess.alternatives = vec![or(Cause::NoDefaultRoute, DecidingTest::TryFromElsewhere)];
        return Some(guess);
    };
    let goes_home = failed
        .iter()
        .all(|a| is_own(evidence, a.addr.ip()) == Some(true));
    let proven = if goes_home {
        no_address && !has_any_v6(network)
    } else {
        !has_family(network, Family::V6) && has_family(network, Family::V4)
    };
    proven.then(|| finding(Cause::Ipv6Unavailable, Certainty::Certain, clues))
}

fn is_mapped(ip: std::net::IpAddr) -> bool {
    ip.to_canonical().is_ipv4()
}

fn has_any_v6(network: &NetworkState) -> bool {
    network
        .interfaces
        .iter()
        .flat_map(|interface| &interface.addresses)
        .any(|address| address.ip.is_ipv6())
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::*;

    fn v6_only(outcome: Outcome, os_code: i32) -> Scene {
        Scene::new("[2001:db8::7]:443").at_once("2001:db8::7", outcome, os_code)
    }

    #[test]
    fn only_ipv4_here_and_only_ipv6_there() {
        for (outcome, code) in [
            (Outcome::NetworkUnreachable, 101),
            (Outcome::AddressNotAvailable, 99),
        ] {
            let scene = v6_only(outcome, code).network("10.77.1.2/24 fe80::2/64");
            says(
                ipv6_unavailable,
                &scene,
                "ipv6-unavailable",
                Certainty::Certain,
            );
        }
    }

    #[test]
    fn a_machine_with_ipv6_has_another_trouble() {
        let scene = v6_only(Outcome::NetworkUnreachable, 101).network("10.77.1.2/24 fd77:1::2/64");
        silent(ipv6_unavailable, &scene);
    }

    #[test]
    fn a_machine_with_nothing_has_no_network_rather() {
        silent(
            ipv6_unavailable,
            &v6_only(Outcome::NetworkUnreachable, 101).network(""),
        );
    }

    #[test]
    fn a_name_that_also_has_ipv4_is_not_stuck() {
        let scene = v6_only(Outcome::NetworkUnreachable, 101)
            .refused("192.0.2.7")
            .network("10.77.1.2/24");
        silent(ipv6_unavailable, &scene);
    }

    #[test]
    fn without_the_network_it_stays_a_guess() {
        let scene = v6_only(Outcome::NetworkUnreachable, 101);
        let guess = says(
            ipv6_unavailable,
            &scene,
            "ipv6-unavailable",
            Certainty::Possible,
        );
        assert_eq!(others(&guess), ["no-default-route"]);
    }

    #[test]
    fn a_silent_ipv6_address_is_no_lack_of_ipv6() {
        silent(
            ipv6_unavailable,
            &Scene::new("[2001:db8::7]:443").silent("2001:db8::7"),
        );
    }
}
