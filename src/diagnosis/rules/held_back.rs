//! `local-firewall-drops` and `local-firewall-rejects`, where no ICMP error tells: the packets of
//! the attempt never left this machine.
//!
//! Linux counts an IP packet as made (`OutRequests`) before its own output rules see it, and as
//! sent (`OutTransmits`, since 6.7) after they let it pass. A rule that drops gives connect(2) no
//! error: the SYN is repeated (at once counted in `TCPRetransFail`) and there is silence. A rule
//! that resets answers in the target's name, and no interface has sent a packet. The counters are
//! the whole machine's, so two of them must agree.
//!
//! Never certain of a drop: what an eBPF program of the program's control group stops on its way out
//! (`IPAddressDeny=`, systemd.resource-control(5)) is counted in the same way.

use super::clues::of_attempts;
use super::reading::{all_telling, finding, is_own, or, refused_by_reset};
use crate::diagnosis::{Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{Attempt, Departure, Evidence, Outbound, Outcome};

/// The target is silent, and what was sent to it was stopped here.
pub fn dropped_before_leaving(evidence: &Evidence) -> Option<Finding> {
    let silent = all_elsewhere(evidence, |a| a.outcome == Outcome::Silent)?;
    let (departure, certainty) = agreed(evidence, &silent, was_dropped)?;
    let clues = clues(evidence, departure, &silent);
    let mut found = finding(Cause::LocalFirewallDrops, certainty, clues);
    found.alternatives = vec![
        or(Cause::LocalPolicyDenies, DecidingTest::ReadFirewallHere),
        or(Cause::FirewallDropsPort, DecidingTest::ReadFirewallHere),
    ];
    Some(found)
}

/// The target refused with a reset, though nothing was sent to it.
pub fn reset_before_leaving(evidence: &Evidence) -> Option<Finding> {
    let refused = all_elsewhere(evidence, refused_by_reset)?;
    let (departure, certainty) = agreed(evidence, &refused, was_reset)?;
    let clues = clues(evidence, departure, &refused);
    let mut found = finding(Cause::LocalFirewallRejects, certainty, clues);
    found.alternatives = vec![or(Cause::NothingListening, DecidingTest::ReadFirewallHere)];
    Some(found)
}

/// Whether counters show that the packets of this attempt left; nothing when they do not tell.
pub fn left(evidence: &Evidence, attempt: &Attempt) -> Option<bool> {
    let departure = departure_of(evidence, attempt)?;
    if departure.is_complete() {
        return Some(true);
    }
    was_dropped(departure).map(|_| false)
}

fn clues(evidence: &Evidence, departure: &Departure, attempts: &[&Attempt]) -> Vec<Clue> {
    let mut clues = vec![Clue::PacketsHeldBack {
        addr: departure.to,
        made: departure.made,
        sent: departure.sent,
    }];
    let judged = evidence.outbound.known().into_iter().flatten();
    clues.extend(judged.filter_map(of_default));
    clues.extend(of_attempts(attempts.iter().copied()));
    clues
}

/// What a firewall does by default, where its rules are hidden.
fn of_default(outbound: &Outbound) -> Option<Clue> {
    let is_hidden = outbound.policy.known().is_none();
    let rule = outbound
        .rule
        .as_ref()
        .filter(|rule| rule.is_default && is_hidden)?;
    Some(Clue::OutboundByDefault {
        addr: outbound.to,
        firewall: outbound.firewall?,
        rule: rule.text.clone(),
    })
}

/// All telling attempts, when they pass the test and none went to this machine.
pub fn all_elsewhere(
    evidence: &Evidence,
    test: impl Fn(&Attempt) -> bool,
) -> Option<Vec<&Attempt>> {
    let attempts = all_telling(evidence, test)?;
    let elsewhere = |a: &&Attempt| is_own(evidence, a.addr.ip()) == Some(false);
    attempts.iter().all(elsewhere).then_some(attempts)
}

/// What all departures of the attempts show together; nothing when one of them is unclear.
fn agreed<'e>(
    evidence: &'e Evidence,
    attempts: &[&Attempt],
    read: impl Fn(&Departure) -> Option<Certainty>,
) -> Option<(&'e Departure, Certainty)> {
    let read: Option<Vec<_>> = attempts
        .iter()
        .map(|attempt| {
            let departure = departure_of(evidence, attempt)?;
            Some((departure, read(departure)?))
        })
        .collect();
    read?.into_iter().min_by_key(|(_, certainty)| *certainty)
}

fn departure_of<'e>(evidence: &'e Evidence, attempt: &Attempt) -> Option<&'e Departure> {
    evidence.departures.iter().find(|d| d.to == attempt.addr)
}

/// The first SYN and its repetition were dropped here.
fn was_dropped(departure: &Departure) -> Option<Certainty> {
    let repeated_in_vain = departure.retransmissions_failed.is_some_and(|n| n > 0);
    if !repeated_in_vain {
        return None;
    }
    let was_held_back = match departure.held_back() {
        Some(held_back) => held_back > 1,
        // This kernel does not count what it sends.
        None => departure.interfaces_sent == 0 && departure.made > 0,
    };
    was_held_back.then_some(Certainty::Likely)
}

/// The SYN was answered here: no interface sent anything.
fn was_reset(departure: &Departure) -> Option<Certainty> {
    let held_back = departure.held_back().is_some_and(|n| n > 0);
    (held_back && departure.interfaces_sent == 0).then_some(Certainty::Certain)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, says, silent};
    use super::*;

    const TO: &str = "10.77.1.10:5432";

    fn departure(made: u64, sent: Option<u64>, failed: u64, interfaces_sent: u64) -> Departure {
        Departure {
            to: TO.parse().unwrap(),
            made,
            sent,
            forwarded: 0,
            retransmissions_failed: Some(failed),
            interfaces_sent,
        }
    }

    fn with(mut scene: Scene, departure: Departure) -> Scene {
        scene.evidence.departures.push(departure);
        scene.network("10.77.1.2/24")
    }

    fn quiet(departure: Departure) -> Scene {
        with(Scene::new(TO).silent("10.77.1.10"), departure)
    }

    fn refused(departure: Departure) -> Scene {
        with(Scene::new(TO).refused("10.77.1.10"), departure)
    }

    #[test]
    fn what_is_made_and_not_sent_was_dropped_here() {
        let (rule, id) = (dropped_before_leaving, "local-firewall-drops");
        says(
            rule,
            &quiet(departure(2, Some(0), 1, 0)),
            id,
            Certainty::Likely,
        );
    }

    #[test]
    fn other_traffic_does_not_hide_it() {
        let (rule, id) = (dropped_before_leaving, "local-firewall-drops");
        says(
            rule,
            &quiet(departure(40, Some(38), 1, 37)),
            id,
            Certainty::Likely,
        );
        silent(rule, &quiet(departure(40, Some(39), 0, 39)));
    }

    #[test]
    fn without_the_counter_of_sent_packets_silent_interfaces_are_a_sign_only() {
        let (rule, id) = (dropped_before_leaving, "local-firewall-drops");
        says(
            rule,
            &quiet(departure(2, None, 1, 0)),
            id,
            Certainty::Likely,
        );
        silent(rule, &quiet(departure(2, None, 1, 3)));
        silent(rule, &quiet(departure(2, None, 0, 0)));
        silent(reset_before_leaving, &refused(departure(2, None, 0, 0)));
    }

    #[test]
    fn what_left_was_dropped_elsewhere() {
        let scene = quiet(departure(2, Some(2), 0, 2));
        silent(dropped_before_leaving, &scene);
        assert_eq!(
            left(&scene.evidence, &scene.evidence.attempts[0]),
            Some(true)
        );
    }

    #[test]
    fn on_a_machine_that_forwards_the_counters_cannot_be_compared() {
        let mut forwarding = departure(2, Some(2), 0, 9);
        forwarding.forwarded = 4;
        let scene = quiet(forwarding);
        silent(dropped_before_leaving, &scene);
        assert_eq!(left(&scene.evidence, &scene.evidence.attempts[0]), None);
    }

    #[test]
    fn a_reset_although_nothing_left_was_made_here() {
        let (rule, id) = (reset_before_leaving, "local-firewall-rejects");
        says(
            rule,
            &refused(departure(2, Some(1), 0, 0)),
            id,
            Certainty::Certain,
        );
        silent(rule, &refused(departure(1, Some(1), 0, 1)));
        silent(rule, &refused(departure(9, Some(8), 0, 8)));
    }

    #[test]
    fn without_counters_nothing_is_said() {
        let quiet = Scene::new(TO).silent("10.77.1.10").network("10.77.1.2/24");
        silent(dropped_before_leaving, &quiet);
        assert_eq!(left(&quiet.evidence, &quiet.evidence.attempts[0]), None);
        let own = with(
            Scene::new(TO).silent("10.77.1.10"),
            departure(2, Some(0), 1, 0),
        );
        silent(dropped_before_leaving, &own.network("10.77.1.10/24"));
    }
}
