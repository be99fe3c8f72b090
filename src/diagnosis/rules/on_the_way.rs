//! `path-firewall-drops` and `path-firewall-resets`: connects with a hop limit show that a device
//! before the target decides.
//!
//! A router reports "time exceeded" for a packet whose hop limit ends with it (RFC 1812, 5.3.1). A
//! router that reports it for another port of the same host and twice not for the asked one never
//! saw the latter's packets. A reset that comes with a hop limit with which packets to another port
//! end at a router cannot come from the target. Never certain: ports may take different ways
//! (RFC 2992), and a router may limit how often it reports.

use super::clues::{of_attempts, of_reference};
use super::held_back::left;
use super::reading::{all_telling, finding, is_on_link, or, references, refused_by_reset};
use crate::diagnosis::{Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{Attempt, Evidence, HopAttempt, Outcome};

/// The port is silent, and its packets do not reach a router that other packets reach.
pub fn path_firewall_drops(evidence: &Evidence) -> Option<Finding> {
    let silent = all_beyond(evidence, |a| a.outcome == Outcome::Silent)?;
    let attempt = *silent.first()?;
    if left(evidence, attempt) == Some(false) {
        return None;
    }
    let lost_at = lost_before(evidence, attempt)?;
    let after = hops_to(evidence, attempt)
        .filter(|hop| hop.hops < lost_at)
        .filter(|hop| hop.stopped_by().is_some())
        .max_by_key(|hop| hop.hops);
    let other = others_hops(evidence, attempt)
        .find(|hop| hop.hops == lost_at && hop.stopped_by().is_some())?;
    let mut clues: Vec<Clue> = after.and_then(of_hop).into_iter().collect();
    clues.extend(of_hop(other));
    clues.extend(of_attempts(silent.iter().copied()));
    clues.extend(references(evidence, &silent).find_map(of_reference));
    let cause = Cause::PathFirewallDrops {
        after: after.and_then(HopAttempt::stopped_by),
    };
    let mut found = finding(cause, Certainty::Likely, clues);
    found.alternatives = vec![
        or(Cause::FirewallDropsPort, DecidingTest::ReadFirewallOnTarget),
        or(Cause::SilentDrop, DecidingTest::TryLater),
    ];
    Some(found)
}

/// The port is refused from nearer than the host is.
pub fn path_firewall_resets(evidence: &Evidence) -> Option<Finding> {
    let refused = all_beyond(evidence, refused_by_reset)?;
    let attempt = *refused.first()?;
    let answered = hops_to(evidence, attempt)
        .filter(|hop| refused_by_reset(&hop.attempt))
        .min_by_key(|hop| hop.hops)?;
    // With the same limit, packets to another port end at a router.
    let ended = others_hops(evidence, attempt)
        .find(|hop| hop.hops >= answered.hops && hop.stopped_by().is_some())?;
    if ended.stopped_by() == Some(attempt.addr.ip()) {
        return None;
    }
    // A router resets what it will not pass on after it has counted the hop.
    let device = hops_to(evidence, attempt)
        .find(|hop| hop.hops + 1 == answered.hops)
        .and_then(HopAttempt::stopped_by);
    let mut clues = vec![Clue::RefusedWithinHops {
        addr: attempt.addr,
        hops: answered.hops,
    }];
    clues.extend(of_hop(ended));
    clues.extend(of_attempts(refused.iter().copied()));
    let cause = Cause::PathFirewallResets { hop: device };
    let mut found = finding(cause, Certainty::Likely, clues);
    found.alternatives = vec![or(
        Cause::NothingListening,
        DecidingTest::LookAtListenersOnTarget,
    )];
    Some(found)
}

/// The lowest hop limit at which the asked port was silent, twice where it was compared, and
/// another port was not.
fn lost_before(evidence: &Evidence, attempt: &Attempt) -> Option<u8> {
    let is_silent = |hop: &&HopAttempt| hop.attempt.outcome == Outcome::Silent;
    let silent_hops = || hops_to(evidence, attempt).filter(is_silent);
    let compared = others_hops(evidence, attempt).filter(|hop| hop.stopped_by().is_some());
    compared.map(|hop| hop.hops).find(|hops| {
        silent_hops().filter(|hop| hop.hops == *hops).count() >= 2
            && !hops_to(evidence, attempt)
                .any(|hop| hop.hops >= *hops && hop.stopped_by().is_some())
    })
}

fn hops_to<'e>(evidence: &'e Evidence, attempt: &Attempt) -> impl Iterator<Item = &'e HopAttempt> {
    let addr = attempt.addr;
    let hops = evidence.hops.iter();
    hops.filter(move |hop| hop.attempt.addr == addr)
}

fn others_hops<'e>(
    evidence: &'e Evidence,
    attempt: &Attempt,
) -> impl Iterator<Item = &'e HopAttempt> {
    let addr = attempt.addr;
    let hops = evidence.hops.iter();
    hops.filter(move |hop| hop.attempt.addr.ip() == addr.ip() && hop.attempt.addr != addr)
}

fn of_hop(hop: &HopAttempt) -> Option<Clue> {
    Some(Clue::StoppedAtHop {
        addr: hop.attempt.addr,
        hops: hop.hops,
        router: hop.stopped_by()?,
    })
}

/// The telling attempts, when all pass the test and go beyond a router.
fn all_beyond(evidence: &Evidence, test: impl Fn(&Attempt) -> bool) -> Option<Vec<&Attempt>> {
    let attempts = all_telling(evidence, test)?;
    let beyond = |a: &&Attempt| is_on_link(evidence, a.addr.ip()) == Some(false);
    attempts.iter().all(beyond).then_some(attempts)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::*;
    use crate::evidence::IcmpError;
    use std::time::Duration;

    fn hop(mut scene: Scene, port: u16, hops: u8, outcome: Outcome, router: Option<&str>) -> Scene {
        let icmp = router.map(|router| IcmpError {
            v6: false,
            kind: 11,
            code: 0,
            sender: Some(router.parse().unwrap()),
            ttl: None,
        });
        let attempt = Attempt {
            addr: format!("10.77.2.2:{port}").parse().unwrap(),
            outcome,
            took: Duration::from_millis(1),
            os_code: None,
            at_once: false,
            source: None,
            icmp,
        };
        scene.evidence.hops.push(HopAttempt { hops, attempt });
        scene
    }

    const R1: Option<&str> = Some("10.77.1.1");
    const R2: Option<&str> = Some("10.77.9.2");
    const STOPPED: Outcome = Outcome::HostUnreachable;

    fn quiet() -> Scene {
        Scene::new("10.77.2.2:5432")
            .silent("10.77.2.2")
            .left("10.77.2.2:5432")
            .reference("10.77.2.2:443", Outcome::Refused)
            .network("10.77.1.2/24")
    }

    fn refused() -> Scene {
        Scene::new("10.77.2.2:5432")
            .refused("10.77.2.2")
            .network("10.77.1.2/24")
    }

    fn lost_at_the_second() -> Scene {
        let scene = hop(quiet(), 5432, 2, Outcome::Silent, None);
        let scene = hop(scene, 443, 2, STOPPED, R2);
        hop(scene, 5432, 2, Outcome::Silent, None)
    }

    #[test]
    fn a_router_that_sees_only_the_other_port_is_behind_the_device_that_drops() {
        let scene = hop(lost_at_the_second(), 5432, 1, STOPPED, R1);
        let (rule, id) = (path_firewall_drops, "path-firewall-drops");
        let found = says(rule, &scene, id, Certainty::Likely);
        let after = R1.map(|ip| ip.parse().unwrap());
        assert_eq!(found.cause, Cause::PathFirewallDrops { after });
        assert_eq!(others(&found), ["firewall-drops-port", "silent-drop"]);
    }

    #[test]
    fn silence_must_be_seen_twice_and_compared() {
        let once = hop(quiet(), 5432, 2, Outcome::Silent, None);
        silent(path_firewall_drops, &hop(once, 443, 2, STOPPED, R2));
        let alone = hop(quiet(), 5432, 2, Outcome::Silent, None);
        let alone = hop(alone, 5432, 2, Outcome::Silent, None);
        silent(path_firewall_drops, &alone);
        let passed = hop(lost_at_the_second(), 5432, 2, STOPPED, R2);
        silent(path_firewall_drops, &passed);
        silent(path_firewall_drops, &quiet());
    }

    #[test]
    fn the_last_router_sees_what_the_host_drops() {
        let scene = hop(quiet(), 5432, 2, STOPPED, R2);
        silent(path_firewall_drops, &scene);
    }

    #[test]
    fn a_reset_from_nearer_than_the_host_is_forged() {
        let scene = hop(refused(), 5432, 1, STOPPED, R1);
        let scene = hop(scene, 5432, 2, Outcome::Refused, None);
        let scene = hop(scene, 5433, 2, STOPPED, R2);
        let (rule, id) = (path_firewall_resets, "path-firewall-resets");
        let found = says(rule, &scene, id, Certainty::Likely);
        let hop = R1.map(|ip| ip.parse().unwrap());
        assert_eq!(found.cause, Cause::PathFirewallResets { hop });
    }

    #[test]
    fn a_reset_from_as_far_as_the_host_is_the_hosts() {
        let scene = hop(refused(), 5432, 2, STOPPED, R2);
        let scene = hop(scene, 5432, 3, Outcome::Refused, None);
        let same = hop(scene, 5433, 3, Outcome::Refused, None);
        silent(path_firewall_resets, &same);
        silent(path_firewall_resets, &refused());
    }
}
