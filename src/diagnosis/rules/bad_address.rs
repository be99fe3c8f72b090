//! `bad-address`: an address no TCP connection can go to, whatever runs there.
//!
//! A zone that this machine does not have makes no endpoint either.
//!
//! Sources: RFC 1122, 4.2.3.10 (TCP must not use broadcast or multicast addresses), RFC 1112,
//! section 4 (240.0.0.0/4 is reserved), RFC 4291, 2.5.6 and 2.7, RFC 4007, section 6 (a
//! link-local address means nothing without its zone). Known before anything is sent; port 0 is
//! refused earlier, while the address is read.

use std::net::{IpAddr, Ipv4Addr};

use super::clues::of_lookup;
use super::reading::{addresses, failed_lookup, finding};
use crate::diagnosis::{AddressKind, Cause, Certainty, Clue, Finding};
use crate::evidence::{Evidence, LookupOutcome, Outcome};
use crate::target::Host;

/// Every address of the target is of a kind that is no endpoint.
pub fn bad_address(evidence: &Evidence) -> Option<Finding> {
    // Some networks do use 240/4, and a netmask may be wrong: whoever answers is an endpoint.
    if evidence
        .attempts
        .iter()
        .any(|a| matches!(a.outcome, Outcome::Connected | Outcome::Refused))
    {
        return None;
    }
    if let Some(clues) = zone_not_here(evidence) {
        return Some(finding(Cause::BadAddress, Certainty::Likely, clues));
    }
    let addresses = addresses(evidence);
    let clues: Option<Vec<Clue>> = addresses
        .iter()
        .map(|&ip| kind_of(evidence, ip).map(|kind| Clue::AddressKind { ip, kind }))
        .collect();
    let clues = clues.filter(|clues| !clues.is_empty())?;
    Some(finding(Cause::BadAddress, Certainty::Certain, clues))
}

/// The system could not turn a typed zone (`fe80::1%eth9`) into one of its interfaces.
fn zone_not_here(evidence: &Evidence) -> Option<Vec<Clue>> {
    let Host::V6 {
        address,
        zone: Some(_),
    } = &evidence.target.host
    else {
        return None;
    };
    let lookup = failed_lookup(evidence)?;
    let (ip, kind) = (IpAddr::V6(*address), AddressKind::LinkLocalWithoutZone);
    Some(vec![Clue::AddressKind { ip, kind }, of_lookup(lookup)])
}

fn kind_of(evidence: &Evidence, ip: IpAddr) -> Option<AddressKind> {
    match ip.to_canonical() {
        IpAddr::V4(Ipv4Addr::BROADCAST) => Some(AddressKind::Broadcast),
        ip if ip.is_multicast() => Some(AddressKind::Multicast),
        IpAddr::V4(v4) if v4.octets()[0] >= 240 => Some(AddressKind::Reserved),
        IpAddr::V6(v6) if v6.is_unicast_link_local() && !has_zone(evidence, ip) => {
            Some(AddressKind::LinkLocalWithoutZone)
        }
        ip => {
            let network = evidence.network.known()?;
            (network.is_broadcast(ip) && !network.is_own(ip)).then_some(AddressKind::Broadcast)
        }
    }
}

fn has_zone(evidence: &Evidence, ip: IpAddr) -> bool {
    if let Host::V6 { zone, .. } = &evidence.target.host {
        return zone.is_some();
    }
    let with_scope = |addr: &std::net::SocketAddr| match addr {
        std::net::SocketAddr::V6(v6) => IpAddr::V6(*v6.ip()) == ip && v6.scope_id() != 0,
        std::net::SocketAddr::V4(_) => false,
    };
    match evidence.lookup.known().map(|lookup| &lookup.outcome) {
        Some(LookupOutcome::Found(found)) => found.iter().any(with_scope),
        Some(_) | None => evidence.attempts.iter().any(|a| with_scope(&a.addr)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, says, silent};
    use super::*;

    fn kind(scene: &Scene) -> AddressKind {
        match bad_address(&scene.evidence).unwrap().because[0] {
            Clue::AddressKind { kind, .. } => kind,
            ref other => panic!("{other:?}"),
        }
    }

    #[test]
    fn broadcast_multicast_and_reserved_are_known_before_anything_is_sent() {
        for (target, expected) in [
            ("255.255.255.255:80", AddressKind::Broadcast),
            ("224.0.0.1:80", AddressKind::Multicast),
            ("[ff02::1]:80", AddressKind::Multicast),
            ("240.0.0.1:80", AddressKind::Reserved),
            ("[fe80::1]:80", AddressKind::LinkLocalWithoutZone),
        ] {
            let scene = Scene::new(target);
            says(bad_address, &scene, "bad-address", Certainty::Certain);
            assert_eq!(kind(&scene), expected, "{target}");
        }
    }

    #[test]
    fn the_subnets_broadcast_address_is_told_by_the_own_network() {
        let scene = Scene::new("10.77.1.255:5432").network("10.77.1.2/24");
        says(bad_address, &scene, "bad-address", Certainty::Certain);
        silent(bad_address, &Scene::new("10.77.1.255:5432"));
        silent(
            bad_address,
            &Scene::new("10.77.2.255:5432").network("10.77.1.2/24"),
        );
    }

    #[test]
    fn an_endpoint_that_answers_is_no_bad_address() {
        silent(
            bad_address,
            &Scene::new("240.0.0.1:80").refused("240.0.0.1"),
        );
        silent(bad_address, &Scene::new("192.0.2.1:80"));
    }

    #[test]
    fn a_zone_makes_a_link_local_address_whole() {
        silent(bad_address, &Scene::new("[fe80::1%eth0]:80"));
        let failed = LookupOutcome::NotFound { eai_code: -2 };
        let unknown = Scene::new("[fe80::1%eth9]:80").lookup(failed, 1);
        says(bad_address, &unknown, "bad-address", Certainty::Likely);
    }

    #[test]
    fn one_good_address_among_a_names_is_enough() {
        silent(
            bad_address,
            &Scene::new("db:80").found(&["224.0.0.1", "192.0.2.1"]),
        );
    }
}
