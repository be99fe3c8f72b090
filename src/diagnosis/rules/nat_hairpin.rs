//! `nat-hairpin`: the public address of one's own network, from inside it.
//!
//! A port that a router forwards is open to the internet; whether it is from inside as well depends
//! on the router turning the packets around ("hairpinning", RFC 4787, 6, and RFC 5382, 7.2, which many
//! do not do). A public address that answers packets with a hop limit of one is the next router's own,
//! because any other would have reported "time exceeded" (RFC 1812, 5.3.1); and where this machine's
//! own address is private, that router is the one that translates. Whether the port is forwarded at
//! all cannot be seen from inside, so this is never certain; and a router that takes everybody's web
//! requests for itself (a transparent proxy, a sign-in page) looks alike on web ports.

use std::net::IpAddr;

use super::clues::{of_attempts, of_reference};
use super::detour::kind_of_way;
use super::reading::{all_telling, finding, is_on_link, or, references, refused_by_reset};
use crate::diagnosis::{Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{Attempt, Evidence, HopAttempt, LinkKind, NetworkState, Outcome};

/// The next router itself has the target's public address, and does not serve the port.
pub fn nat_hairpin(evidence: &Evidence) -> Option<Finding> {
    let network = evidence.network.known()?;
    let failed = all_telling(evidence, |a| {
        a.outcome == Outcome::Silent || refused_by_reset(a)
    })?;
    let outside =
        |a: &&Attempt| is_public(a.addr.ip()) && is_on_link(evidence, a.addr.ip()) == Some(false);
    if !failed.iter().all(outside) || !is_translated(network) {
        return None;
    }
    let first = failed.first()?;
    let answers: Vec<&HopAttempt> = at_the_next_router(evidence, first).collect();
    let own = answers.iter().find(|hop| !is_web(hop));
    let hop = own.or(answers.first())?;
    let certainty = if own.is_some() && !may_answer_for_anybody(evidence, first) {
        Certainty::Likely
    } else {
        Certainty::Possible
    };
    let mut clues = vec![Clue::AnsweredByNextRouter {
        addr: hop.attempt.addr,
    }];
    clues.extend(of_attempts(failed.iter().copied()));
    clues.extend(references(evidence, &failed).find_map(of_reference));
    let mut found = finding(Cause::NatHairpin, certainty, clues);
    let elsewhere = DecidingTest::TryFromElsewhere;
    found.alternatives = vec![if refused_by_reset(first) {
        or(Cause::NothingListening, elsewhere)
    } else {
        or(Cause::FirewallDropsPort, elsewhere)
    }];
    Some(found)
}

/// A tunnel, or the user-mode network of a virtual machine or container (QEMU, `VirtualBox`,
/// slirp4netns: 10.0.2.0/24), may take every connection for itself, whatever its hop limit.
fn may_answer_for_anybody(evidence: &Evidence, attempt: &Attempt) -> bool {
    let is_user_mode = |ip: IpAddr| matches!(ip, IpAddr::V4(v4) if v4.octets()[..3] == [10, 0, 2]);
    kind_of_way(evidence, attempt) == Some(LinkKind::Tunnel)
        || attempt.source.is_some_and(is_user_mode)
}

/// Answers of other ports of the target to packets that no router may pass on.
fn at_the_next_router<'e>(
    evidence: &'e Evidence,
    asked: &Attempt,
) -> impl Iterator<Item = &'e HopAttempt> {
    let addr = asked.addr;
    evidence.hops.iter().filter(move |hop| {
        let other = hop.attempt.addr;
        hop.hops == 1 && hop.is_answered() && other.ip() == addr.ip() && other != addr
    })
}

/// A device on the way may answer on such a port for anybody.
fn is_web(hop: &HopAttempt) -> bool {
    let accepted = hop.attempt.outcome == Outcome::Connected;
    accepted
        && matches!(
            hop.attempt.addr.port(),
            80 | 443 | 8000 | 8080 | 8081 | 8443
        )
}

/// Whether this machine has private IPv4 addresses only (RFC 1918, RFC 6598).
fn is_translated(network: &NetworkState) -> bool {
    let mut own = network
        .interfaces
        .iter()
        .filter(|interface| interface.up && !interface.loopback)
        .flat_map(|interface| &interface.addresses)
        .map(|own| own.ip)
        .filter(IpAddr::is_ipv4)
        .peekable();
    own.peek().is_some() && own.all(|ip| !is_public(ip))
}

fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            let is_shared = first == 100 && (64..128).contains(&second);
            !(v4.is_private() || v4.is_loopback() || v4.is_link_local() || is_shared)
        }
        // Nobody translates IPv6 to share an address.
        IpAddr::V6(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::*;

    const PUBLIC: &str = "203.0.113.7";

    fn answered(mut scene: Scene, port: u16, hops: u8, outcome: Outcome) -> Scene {
        let mut attempt = scene.evidence.attempts[0].clone();
        attempt.addr.set_port(port);
        attempt.outcome = outcome;
        scene.evidence.hops.push(HopAttempt { hops, attempt });
        scene
    }

    fn inside(scene: Scene) -> Scene {
        scene.network("192.168.1.20/24")
    }

    fn refused() -> Scene {
        Scene::new("203.0.113.7:5432").refused(PUBLIC)
    }

    #[test]
    fn a_public_address_that_the_next_router_has_is_the_own_networks() {
        let id = "nat-hairpin";
        let scene = answered(inside(refused()), 5433, 1, Outcome::Refused);
        let found = says(nat_hairpin, &scene, id, Certainty::Likely);
        assert_eq!(others(&found), ["nothing-listening"]);
        let quiet = Scene::new("203.0.113.7:5432").silent(PUBLIC);
        let scene = answered(inside(quiet), 22, 1, Outcome::Connected);
        let found = says(nat_hairpin, &scene, id, Certainty::Likely);
        assert_eq!(others(&found), ["firewall-drops-port"]);
    }

    #[test]
    fn on_a_web_port_the_router_may_answer_for_anybody() {
        let quiet = Scene::new("203.0.113.7:5432").silent(PUBLIC);
        let scene = answered(inside(quiet), 443, 1, Outcome::Connected);
        says(nat_hairpin, &scene, "nat-hairpin", Certainty::Possible);
    }

    #[test]
    fn who_is_farther_away_or_needs_no_translation_is_another_matter() {
        silent(
            nat_hairpin,
            &answered(inside(refused()), 5433, 3, Outcome::Refused),
        );
        silent(nat_hairpin, &inside(refused()));
        let public = refused().network("198.51.100.9/24");
        silent(nat_hairpin, &answered(public, 5433, 1, Outcome::Refused));
        let private = Scene::new("10.9.9.9:5432").refused("10.9.9.9");
        silent(
            nat_hairpin,
            &answered(inside(private), 5433, 1, Outcome::Refused),
        );
        silent(nat_hairpin, &answered(refused(), 5433, 1, Outcome::Refused));
    }
}
