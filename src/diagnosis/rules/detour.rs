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
use crate::diagnosis::{Cause, Certainty, Clue, DecidingTest, Finding};
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

/// The network of a local bridge covers the address, and nobody on the bridge has it.
pub fn local_subnet_overlap(evidence: &Evidence) -> Option<Finding> {
    let network = evidence.network.known()?;
    let absent = all_telling(evidence, |a| {
        is_absent_neighbour(evidence, a) && kind_of_way(evidence, a) == Some(LinkKind::Bridge)
    })?;
    let first = absent.first()?;
    let via = way(evidence, first)?;
    // A bridge that carries the way to the internet is the machine's own network card.
    if leads_to_gateway(network, &via.interface) {
        return None;
    }
    let mut clues = vec![route_clue(first.addr.ip(), via)];
    clues.extend(of_attempts(absent.iter().copied()));
    let cause = Cause::LocalSubnetOverlap {
        interface: via.interface.clone(),
    };
    let mut found = finding(cause, Certainty::Likely, clues);
    found.alternatives = vec![or(Cause::HostDown, DecidingTest::CheckMachineIsOn)];
    Some(found)
}

/// The address is taken for a neighbour, though it is outside the usual /24 that this machine
/// shares with its gateway.
pub fn wrong_netmask(evidence: &Evidence) -> Option<Finding> {
    let network = evidence.network.known()?;
    let absent = all_telling(evidence, |a| {
        is_absent_neighbour(evidence, a)
            && kind_of_way(evidence, a).is_none_or(|kind| !kind.is_made_up())
            && way(evidence, a).is_some_and(|via| is_outside(network, &via.interface, a.addr.ip()))
    })?;
    let first = absent.first()?;
    let mut clues = vec![route_clue(first.addr.ip(), way(evidence, first)?)];
    clues.extend(of_attempts(absent.iter().copied()));
    let mut found = finding(Cause::WrongNetmask, Certainty::Likely, clues);
    found.alternatives = vec![or(Cause::HostDown, DecidingTest::CheckMachineIsOn)];
    Some(found)
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

fn kind_of_way(evidence: &Evidence, attempt: &Attempt) -> Option<LinkKind> {
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

/// An own IPv4 address of the interface with a prefix shorter than /24 shares its /24 with a
/// default gateway, and `ip` lies outside of it.
fn is_outside(network: &NetworkState, interface: &str, ip: IpAddr) -> bool {
    let IpAddr::V4(ip) = ip else { return false };
    let Some(gateways) = network.default_gateways.known() else {
        return false;
    };
    let of_interface = network.interfaces.iter().find(|i| i.name == interface);
    let mut addresses = of_interface.iter().flat_map(|i| &i.addresses);
    addresses.any(|own| match own.ip {
        IpAddr::V4(own_ip) => {
            let near_gateway = gateways
                .iter()
                .any(|gateway| matches!(gateway, IpAddr::V4(g) if same_24(*g, own_ip)));
            own.prefix < 24 && own.contains(ip.into()) && near_gateway && !same_24(ip, own_ip)
        }
        IpAddr::V6(_) => false,
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
    use super::*;

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
        let found = says(wrong_netmask, &scene, "wrong-netmask", Certainty::Likely);
        assert_eq!(others(&found), ["host-down"]);
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
