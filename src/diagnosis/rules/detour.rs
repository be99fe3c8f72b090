//! `vpn-route`, `local-subnet-overlap` and `wrong-netmask`: this machine sends the packet somewhere
//! else than the person means.
//!
//! The most specific route wins (ip-route(8)), so a tunnel's route or the network of a local
//! bridge (Docker's is 172.17.0.0/16 unless told otherwise) takes what was meant for elsewhere,
//! and a mask that is too short makes neighbours of machines behind the router. That a tunnel is
//! to blame is proven by a connection around it (`SO_BINDTODEVICE`, socket(7), allowed to everyone
//! since Linux 5.7). The others cannot be proven: a machine that is off looks the same.

use std::net::{IpAddr, Ipv4Addr};

use super::clues::of_attempts;
use super::reading::{
    NEIGHBOUR_GIVEN_UP, Sender, all_telling, connected, finding, icmp_sender, is_own, or, route_to,
};
use crate::diagnosis::{Alternative, Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{Attempt, Evidence, LinkKind, NetworkState, Outcome, Via};

/// A tunnel takes the packets, and they are lost in it.
pub fn vpn_route(evidence: &Evidence) -> Option<Finding> {
    if connected(evidence) {
        return None;
    }
    let network = evidence.network.known()?;
    let captured = all_telling(evidence, |a| {
        is_lost(a) && kind_of_way(evidence, a) == Some(LinkKind::Tunnel)
    })?;
    let first = captured.first()?;
    let via = way(evidence, first)?;
    let around = evidence.bypasses.iter().find(|bypass| {
        let same = captured.iter().any(|a| a.addr == bypass.attempt.addr);
        same && bypass.attempt.outcome == Outcome::Connected
    });
    let mut clues = Vec::new();
    clues.extend(around.map(|bypass| Clue::ConnectedAround {
        interface: bypass.interface.clone(),
        addr: bypass.attempt.addr,
    }));
    clues.push(route_clue(first.addr.ip(), via));
    clues.extend(of_attempts(captured.iter().copied()));
    let cause = Cause::VpnRoute {
        interface: via.interface.clone(),
    };
    if around.is_some() {
        // Around the tunnel another machine may have the same address.
        let mut found = finding(cause, Certainty::Likely, clues);
        found.alternatives = vec![or(Cause::SilentDrop, DecidingTest::BypassVpn)];
        return Some(found);
    }
    // The address lies in the network of a card as well: two networks of the same numbers.
    let is_at_home = network.interfaces.iter().any(|interface| {
        let link = interface.link.known();
        let is_card = link.is_some_and(|link| !link.kind.is_made_up());
        let mut addresses = interface.addresses.iter();
        interface.up && is_card && addresses.any(|own| own.contains(first.addr.ip()))
    });
    if !is_at_home {
        return None;
    }
    let mut found = finding(cause, Certainty::Likely, clues);
    found.alternatives = vec![or(Cause::SilentDrop, DecidingTest::BypassVpn)];
    Some(found)
}

/// The network of a local bridge covers the address, and nobody on the bridge has it, nor would:
/// Docker and its like give addresses from the lowest on.
pub fn local_subnet_overlap(evidence: &Evidence) -> Option<Finding> {
    let absent = all_telling(evidence, |a| {
        place_on_bridge(evidence, a).is_some_and(|place| place >= BEYOND_CONTAINERS)
    })?;
    let first = absent.first()?;
    let interface = way(evidence, first)?.interface.clone();
    let cause = Cause::LocalSubnetOverlap { interface };
    misled(evidence, cause, Certainty::Likely, &absent)
}

/// The address is taken for a neighbour, though it is outside the usual /24 that this machine
/// shares with its gateway.
///
/// Where the mask takes in addresses that no private network has (RFC 1918), it is wrong. Otherwise
/// a large network and a machine that is off look the same.
pub fn wrong_netmask(evidence: &Evidence) -> Option<Finding> {
    let absent = all_telling(evidence, |a| {
        short_mask(evidence, a).is_some() && !has_far_neighbour(evidence, a)
    })?;
    let is_absurd = |a: &&Attempt| short_mask(evidence, a) == Some(Mask::BeyondPrivate);
    let certainty = if absent.iter().all(is_absurd) {
        Certainty::Likely
    } else {
        Certainty::Possible
    };
    misled(evidence, Cause::WrongNetmask, certainty, &absent)
}

/// What else an absent neighbour may be: one that was never meant to be a neighbour.
pub fn was_meant_elsewhere(evidence: &Evidence, attempt: &Attempt) -> Option<Alternative> {
    if place_on_bridge(evidence, attempt).is_some() {
        let interface = way(evidence, attempt)?.interface.clone();
        let cause = Cause::LocalSubnetOverlap { interface };
        return Some(or(cause, DecidingTest::TryFromElsewhere));
    }
    short_mask(evidence, attempt)
        .is_some()
        .then(|| or(Cause::WrongNetmask, DecidingTest::TryFromElsewhere))
}

fn misled(
    evidence: &Evidence,
    cause: Cause,
    certainty: Certainty,
    absent: &[&Attempt],
) -> Option<Finding> {
    let first = absent.first()?;
    let mut clues = vec![route_clue(first.addr.ip(), way(evidence, first)?)];
    clues.extend(of_attempts(absent.iter().copied()));
    let mut found = finding(cause, certainty, clues);
    found.alternatives = vec![or(Cause::HostDown, DecidingTest::CheckMachineIsOn)];
    Some(found)
}

/// More containers than this are rare on one bridge.
const BEYOND_CONTAINERS: u128 = 256;

/// The number of an address in the network of a bridge on which the kernel looked for it in vain.
fn place_on_bridge(evidence: &Evidence, attempt: &Attempt) -> Option<u128> {
    let network = evidence.network.known()?;
    let ip = attempt.addr.ip().to_canonical();
    if !is_absent_neighbour(evidence, attempt)
        || kind_of_way(evidence, attempt) != Some(LinkKind::Bridge)
    {
        return None;
    }
    let via = way(evidence, attempt)?;
    // A bridge that carries the way to the internet is the machine's own network card.
    if leads_to_gateway(network, &via.interface) {
        return None;
    }
    let mut addresses = network.interfaces.iter().flat_map(|i| &i.addresses);
    let own = addresses.find(|own| own.contains(ip))?;
    Some(match ip {
        IpAddr::V4(v4) => {
            let host_bits = u32::MAX.checked_shr(own.prefix.into()).unwrap_or(0);
            u128::from(v4.to_bits() & host_bits)
        }
        IpAddr::V6(v6) => v6.to_bits() & u128::MAX.checked_shr(own.prefix.into()).unwrap_or(0),
    })
}

/// A prefix that makes neighbours of machines beyond the gateway's own /24.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mask {
    /// As a large network may have.
    Short,
    /// It takes in public addresses beside private ones.
    BeyondPrivate,
}

fn short_mask(evidence: &Evidence, attempt: &Attempt) -> Option<Mask> {
    let network = evidence.network.known()?;
    let IpAddr::V4(ip) = attempt.addr.ip().to_canonical() else {
        return None;
    };
    let is_made_up = kind_of_way(evidence, attempt).is_some_and(LinkKind::is_made_up);
    if !is_absent_neighbour(evidence, attempt) || is_made_up {
        return None;
    }
    let own = own_beside_gateway(network, &way(evidence, attempt)?.interface, ip)?;
    Some(if own.is_private() && !ip.is_private() {
        Mask::BeyondPrivate
    } else {
        Mask::Short
    })
}

/// Whether another neighbour is known that lies as far out as the target: then the mask is right.
fn has_far_neighbour(evidence: &Evidence, attempt: &Attempt) -> bool {
    let is_far = |ip| {
        let network = evidence.network.known();
        network.is_some_and(|network| network.is_far_neighbour(ip))
    };
    let target = attempt.addr.ip().to_canonical();
    let mut others = evidence.neighbours.iter().filter(|n| n.ip != target);
    others.any(|other| other.is_there() && is_far(other.ip))
}

/// Whether a tunnel may be to blame: then a connection around it decides.
fn is_lost(attempt: &Attempt) -> bool {
    matches!(attempt.outcome, Outcome::Silent | Outcome::HostUnreachable) && !attempt.at_once
}

/// The kernel here looked for a neighbour of this address and gave up.
fn is_absent_neighbour(evidence: &Evidence, attempt: &Attempt) -> bool {
    let by_us = attempt
        .icmp
        .is_none_or(|icmp| icmp_sender(evidence, attempt, &icmp) == Sender::ThisMachine);
    attempt.outcome == Outcome::HostUnreachable
        && !attempt.at_once
        && attempt.took >= NEIGHBOUR_GIVEN_UP
        && by_us
        && is_own(evidence, attempt.addr.ip()) == Some(false)
        && way(evidence, attempt).is_some_and(|via| via.gateway.is_none())
}

fn way<'e>(evidence: &'e Evidence, attempt: &Attempt) -> Option<&'e Via> {
    route_to(evidence, attempt.addr.ip())?.via.known()
}

pub fn kind_of_way(evidence: &Evidence, attempt: &Attempt) -> Option<LinkKind> {
    let network = evidence.network.known()?;
    let link = network.link(&way(evidence, attempt)?.interface)?;
    Some(link.kind)
}

fn leads_to_gateway(network: &NetworkState, interface: &str) -> bool {
    let gateways = network.default_gateways.known();
    let of_interface = network.interfaces.iter().find(|i| i.name == interface);
    let mut addresses = of_interface.iter().flat_map(|i| &i.addresses);
    addresses.any(|own| {
        let mut gateways = gateways.iter().flat_map(|all| all.iter());
        gateways.any(|gateway| own.contains(*gateway))
    })
}

/// The own IPv4 address of the interface that has a prefix shorter than /24 and shares its /24 with
/// a default gateway, where `ip` lies in that prefix and outside of that /24.
fn own_beside_gateway(network: &NetworkState, interface: &str, ip: Ipv4Addr) -> Option<Ipv4Addr> {
    let gateways = network.default_gateways.known()?;
    let of_interface = network.interfaces.iter().find(|i| i.name == interface)?;
    of_interface.addresses.iter().find_map(|own| match own.ip {
        IpAddr::V4(own_ip) => {
            let near_gateway = gateways
                .iter()
                .any(|gateway| matches!(gateway, IpAddr::V4(g) if same_24(*g, own_ip)));
            let is_outside = own.contains(ip.into()) && !same_24(ip, own_ip);
            (own.prefix < 24 && is_outside && near_gateway).then_some(own_ip)
        }
        IpAddr::V6(_) => None,
    })
}

fn same_24(one: Ipv4Addr, other: Ipv4Addr) -> bool {
    one.octets()[..3] == other.octets()[..3]
}

fn route_clue(ip: IpAddr, via: &Via) -> Clue {
    Clue::RouteVia {
        ip,
        interface: via.interface.clone(),
        gateway: via.gateway,
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::super::host_down::host_down;
    use super::*;
    use crate::evidence::{Fact, Neighbour, NeighbourState};

    fn swallowed() -> Scene {
        Scene::new("10.77.1.10:5432")
            .silent("10.77.1.10")
            .network("10.77.1.2/24 10.200.0.2/24")
            .via("10.77.1.10", "tun0", None)
            .link("tun0", Some(true), LinkKind::Tunnel)
            .link("eth0", Some(true), LinkKind::Card)
    }

    #[test]
    fn a_connection_around_the_tunnel_speaks_against_it() {
        let scene = swallowed().bypass("10.77.1.10", "eth0", Outcome::Connected);
        says(vpn_route, &scene, "vpn-route", Certainty::Likely);
    }

    #[test]
    fn a_tunnel_that_takes_an_address_of_the_own_network_is_suspect() {
        let found = says(vpn_route, &swallowed(), "vpn-route", Certainty::Likely);
        assert_eq!(others(&found), ["silent-drop"]);
    }

    #[test]
    fn a_tunnel_that_leads_where_it_should_is_not_blamed() {
        let beyond = Scene::new("192.0.2.7:5432")
            .silent("192.0.2.7")
            .network("10.77.1.2/24")
            .via("192.0.2.7", "tun0", None)
            .link("tun0", Some(true), LinkKind::Tunnel);
        silent(vpn_route, &beyond);
        let refused = Scene::new("10.77.1.10:5432")
            .refused("10.77.1.10")
            .network("10.77.1.2/24")
            .via("10.77.1.10", "tun0", None)
            .link("tun0", Some(true), LinkKind::Tunnel);
        silent(vpn_route, &refused);
    }

    fn absent(ip: &str, own: &str) -> Scene {
        Scene::new(&format!("{ip}:5432"))
            .icmp(ip, 3, 1, "10.77.1.2", 3070)
            .network(own)
    }

    #[test]
    fn a_bridge_of_this_machine_that_covers_the_address_is_suspect() {
        let scene = absent("172.17.5.5", "10.77.1.2/24 172.17.0.1/16")
            .via("172.17.5.5", "docker0", None)
            .link("docker0", Some(true), LinkKind::Bridge);
        let found = says(
            local_subnet_overlap,
            &scene,
            "local-subnet-overlap",
            Certainty::Likely,
        );
        assert_eq!(others(&found), ["host-down"]);
    }

    #[test]
    fn a_bridge_that_is_the_machines_network_card_is_not() {
        let scene = absent("10.77.1.99", "10.77.1.2/24")
            .via("10.77.1.99", "eth0", None)
            .link("eth0", Some(true), LinkKind::Bridge);
        silent(local_subnet_overlap, &scene);
    }

    #[test]
    fn a_neighbour_beyond_the_gateways_own_24_may_be_none() {
        let scene = absent("10.77.2.2", "10.77.1.2/16")
            .via("10.77.2.2", "eth0", None)
            .link("eth0", Some(true), LinkKind::Card);
        let found = says(wrong_netmask, &scene, "wrong-netmask", Certainty::Possible);
        assert_eq!(others(&found), ["host-down"]);
    }

    #[test]
    fn a_mask_that_takes_in_public_addresses_is_wrong() {
        let scene = absent("192.0.2.9", "192.168.1.2/8")
            .via("192.0.2.9", "eth0", None)
            .link("eth0", Some(true), LinkKind::Card);
        let mut scene = scene;
        scene.network_mut().default_gateways = Fact::Known(vec!["192.168.1.1".parse().unwrap()]);
        says(wrong_netmask, &scene, "wrong-netmask", Certainty::Likely);
    }

    #[test]
    fn another_neighbour_as_far_out_shows_that_the_mask_is_right() {
        let mut scene = absent("10.77.2.2", "10.77.1.2/16").via("10.77.2.2", "eth0", None);
        scene.evidence.neighbours.push(Neighbour {
            ip: "10.77.5.9".parse().unwrap(),
            state: NeighbourState::Stale,
        });
        silent(wrong_netmask, &scene);
        says(host_down, &scene, "host-down", Certainty::Likely);
    }

    #[test]
    fn a_container_that_was_stopped_is_a_neighbour_that_is_off() {
        let scene = absent("172.17.0.5", "10.77.1.2/24 172.17.0.1/16")
            .via("172.17.0.5", "docker0", None)
            .link("docker0", Some(true), LinkKind::Bridge);
        silent(local_subnet_overlap, &scene);
        let found = says(host_down, &scene, "host-down", Certainty::Likely);
        assert_eq!(others(&found), ["local-subnet-overlap"]);
    }

    #[test]
    fn a_neighbour_in_the_same_24_or_behind_a_gateway_is_a_plain_one() {
        let near = absent("10.77.1.99", "10.77.1.2/16").via("10.77.1.99", "eth0", None);
        let usual = absent("10.77.1.99", "10.77.1.2/24").via("10.77.1.99", "eth0", None);
        let routed =
            absent("10.77.2.2", "10.77.1.2/16").via("10.77.2.2", "eth0", Some("10.77.1.1"));
        for scene in [near, usual, routed] {
            silent(wrong_netmask, &scene);
        }
    }
}
