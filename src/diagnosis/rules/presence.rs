//! `firewall-drops-all`, and `firewall-drops-port` of a machine that answers a ping: a neighbour on
//! the own network answers no connection, and yet it is there.
//!
//! ARP and neighbour discovery (RFC 826, RFC 4861) are answered below the firewall, so an entry that
//! is reachable while every port is silent shows a machine whose rules drop what comes in: the
//! stealth mode of macOS, a public profile on Windows. A machine that answers an echo request (as
//! ufw and firewalld let it) and none of its ports drops by a default rule.

use super::clues::{of_attempts, of_reference};
use super::held_back::left;
use super::reading::{all_telling, finding, is_on_link, or, references};
use crate::diagnosis::{Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{Attempt, Evidence, NeighbourState, Outcome};

/// All ports are silent, a ping is not answered, and the neighbour table knows the machine.
pub fn firewall_drops_all(evidence: &Evidence) -> Option<Finding> {
    let silent = silent_neighbours(evidence)?;
    let there = |a: &&Attempt| state_of(evidence, a) == Some(NeighbourState::Reachable);
    if !silent.iter().all(there) || silent.iter().any(|a| pinged(evidence, a) == Some(true)) {
        return None;
    }
    let mut clues: Vec<Clue> = silent
        .iter()
        .map(|a| Clue::NeighbourAnswers { ip: a.addr.ip() })
        .collect();
    clues.extend(silences(evidence, &silent));
    let mut found = finding(Cause::FirewallDropsAll, Certainty::Likely, clues);
    if silent.iter().any(|a| left(evidence, a) != Some(true)) {
        let test = DecidingTest::ReadFirewallHere;
        found.alternatives.push(or(Cause::LocalFirewallDrops, test));
    }
    found.alternatives.extend([
        or(Cause::FirewallDropsPort, DecidingTest::ReadFirewallOnTarget),
        or(Cause::SilentDrop, DecidingTest::TryLater),
    ]);
    Some(found)
}

/// All ports are silent, and a ping is answered.
pub fn only_ping_answered(evidence: &Evidence) -> Option<Finding> {
    let silent = silent_neighbours(evidence)?;
    if !silent.iter().all(|a| pinged(evidence, a) == Some(true)) {
        return None;
    }
    let mut clues: Vec<Clue> = silent
        .iter()
        .map(|a| Clue::PingAnswered { ip: a.addr.ip() })
        .collect();
    clues.extend(silences(evidence, &silent));
    let mut found = finding(Cause::FirewallDropsPort, Certainty::Likely, clues);
    if silent.iter().any(|a| left(evidence, a) != Some(true)) {
        let test = DecidingTest::ReadFirewallHere;
        found.alternatives.push(or(Cause::LocalFirewallDrops, test));
    }
    found.alternatives.extend([
        or(Cause::FirewallDropsAll, DecidingTest::ReadFirewallOnTarget),
        or(Cause::AcceptQueueFull, DecidingTest::LookAtQueueOnTarget),
    ]);
    Some(found)
}

/// The telling attempts, when all are silent, go to machines on the own network, and no other port
/// of theirs that was asked answered either.
fn silent_neighbours(evidence: &Evidence) -> Option<Vec<&Attempt>> {
    let silent = all_telling(evidence, |a| a.outcome == Outcome::Silent)?;
    let near = |a: &&Attempt| is_on_link(evidence, a.addr.ip()) == Some(true);
    let others: Vec<&Attempt> = references(evidence, &silent).collect();
    let all_silent = !others.is_empty() && others.iter().all(|r| r.outcome == Outcome::Silent);
    (silent.iter().all(near) && all_silent).then_some(silent)
}

fn silences(evidence: &Evidence, silent: &[&Attempt]) -> Vec<Clue> {
    let mut clues = of_attempts(silent.iter().copied());
    let count = references(evidence, silent).count();
    clues.push(Clue::OtherPortsSilent { count });
    clues
}

fn state_of(evidence: &Evidence, attempt: &Attempt) -> Option<NeighbourState> {
    let ip = attempt.addr.ip().to_canonical();
    let mut neighbours = evidence.neighbours.iter();
    neighbours.find(|n| n.ip == ip).map(|n| n.state)
}

/// Whether the machine answered a ping; nothing when it was not asked.
pub fn pinged(evidence: &Evidence, attempt: &Attempt) -> Option<bool> {
    let ip = attempt.addr.ip();
    let mut pings = evidence.pings.iter();
    pings.find(|ping| ping.to == ip).map(|ping| ping.answered)
}

/// The sign of life of the machine that an attempt went to: another port, or a ping.
pub fn sign_of_life(evidence: &Evidence, attempt: &Attempt) -> Option<Clue> {
    let asked = [attempt];
    let by_port = references(evidence, &asked)
        .filter(|r| r.icmp.is_none())
        .find_map(of_reference);
    by_port.or_else(|| {
        (pinged(evidence, attempt) == Some(true)).then_some(Clue::PingAnswered {
            ip: attempt.addr.ip(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::*;
    use crate::evidence::{Neighbour, Ping};

    fn quiet(state: NeighbourState) -> Scene {
        let mut scene = Scene::new("10.77.1.10:5432")
            .silent("10.77.1.10")
            .left("10.77.1.10:5432")
            .reference("10.77.1.10:443", Outcome::Silent)
            .network("10.77.1.2/24");
        scene.evidence.neighbours.push(Neighbour {
            ip: "10.77.1.10".parse().unwrap(),
            state,
        });
        scene
    }

    fn ping(mut scene: Scene, answered: bool) -> Scene {
        let to = "10.77.1.10".parse().unwrap();
        scene.evidence.pings.push(Ping { to, answered });
        scene
    }

    #[test]
    fn a_silent_machine_that_answers_arp_drops_everything() {
        let (rule, id) = (firewall_drops_all, "firewall-drops-all");
        let scene = quiet(NeighbourState::Reachable);
        let found = says(rule, &scene, id, Certainty::Likely);
        assert_eq!(others(&found), ["firewall-drops-port", "silent-drop"]);
        says(rule, &ping(scene, false), id, Certainty::Likely);
    }

    #[test]
    fn a_neighbour_that_is_not_known_to_be_there_may_be_off() {
        for state in [
            NeighbourState::Stale,
            NeighbourState::Failed,
            NeighbourState::Fixed,
        ] {
            silent(firewall_drops_all, &quiet(state));
        }
        let mut unread = quiet(NeighbourState::Reachable);
        unread.evidence.neighbours.clear();
        silent(firewall_drops_all, &unread);
    }

    #[test]
    fn a_machine_that_answers_a_ping_drops_ports() {
        let scene = ping(quiet(NeighbourState::Reachable), true);
        silent(firewall_drops_all, &scene);
        let (rule, id) = (only_ping_answered, "firewall-drops-port");
        says(rule, &scene, id, Certainty::Likely);
        silent(rule, &quiet(NeighbourState::Reachable));
    }

    #[test]
    fn a_port_that_answers_ends_the_silence() {
        let scene = quiet(NeighbourState::Reachable).reference("10.77.1.10:22", Outcome::Refused);
        silent(firewall_drops_all, &scene);
        silent(only_ping_answered, &ping(scene, true));
    }

    #[test]
    fn beyond_a_router_neither_sign_is_the_machines() {
        let scene = ping(quiet(NeighbourState::Reachable), true).network("10.78.0.2/24");
        silent(firewall_drops_all, &scene);
        silent(only_ping_answered, &scene);
    }
}
