//! `local-firewall-drops` and `local-firewall-rejects`, where this machine's rules could be read:
//! they were followed for this very connection, and they stop it.
//!
//! Rules alone prove nothing of a connection that behaved otherwise: a drop has to be seen as
//! silence, and where counters show that the packets left, the rules are not what stopped them.

use super::clues::of_attempts;
use super::held_back::{all_elsewhere, left};
use super::reading::{Sender, finding, icmp_sender};
use crate::diagnosis::{Cause, Certainty, Clue, Finding};
use crate::evidence::{Attempt, Evidence, Outbound, Outcome, Policy};

/// The target is silent, and a rule here drops what goes there or the answers to it.
pub fn dropped_by_own_rule(evidence: &Evidence) -> Option<Finding> {
    let silent = all_elsewhere(evidence, |attempt| attempt.outcome == Outcome::Silent)?;
    let stopped = all_stopped(evidence, &silent, Policy::Drop)?;
    let is_answer = stopped.iter().all(|outbound| outbound.stops_answer);
    let has_left = |attempt: &&Attempt| left(evidence, attempt) == Some(true);
    if !is_answer && silent.iter().any(has_left) {
        return None;
    }
    Some(found(Cause::LocalFirewallDrops, &stopped, &silent))
}

/// The connection failed as rejected ones do, and a rule here rejects it.
pub fn rejected_by_own_rule(evidence: &Evidence) -> Option<Finding> {
    let failed = all_elsewhere(evidence, |attempt| was_rejected_here(evidence, attempt))?;
    let stopped = all_stopped(evidence, &failed, Policy::Reject)?;
    Some(found(Cause::LocalFirewallRejects, &stopped, &failed))
}

/// A reset that may be this machine's own, or an ICMP error that is. Without a route, an address or
/// a descriptor no packet got as far as a rule.
fn was_rejected_here(evidence: &Evidence, attempt: &Attempt) -> bool {
    let by_icmp = |icmp| icmp_sender(evidence, attempt, icmp) == Sender::ThisMachine;
    let looks_rejected = match attempt.outcome {
        Outcome::Refused => attempt.icmp.as_ref().is_none_or(by_icmp),
        Outcome::HostUnreachable | Outcome::NetworkUnreachable | Outcome::Denied => {
            attempt.icmp.as_ref().is_some_and(by_icmp)
        }
        Outcome::Connected
        | Outcome::Silent
        | Outcome::AddressNotAvailable
        | Outcome::OutOfDescriptors
        | Outcome::Reset
        | Outcome::Other => false,
    };
    looks_rejected && left(evidence, attempt) != Some(true)
}

fn found(cause: Cause, stopped: &[&Outbound], attempts: &[&Attempt]) -> Finding {
    let mut clues: Vec<Clue> = stopped
        .iter()
        .filter_map(|outbound| clue(outbound))
        .collect();
    clues.extend(of_attempts(attempts.iter().copied()));
    finding(cause, Certainty::Certain, clues)
}

/// What the rules say of each attempt, when they do the same with all.
fn all_stopped<'e>(
    evidence: &'e Evidence,
    attempts: &[&Attempt],
    policy: Policy,
) -> Option<Vec<&'e Outbound>> {
    let judged = evidence.outbound.known()?;
    let of = |attempt: &&Attempt| {
        let mut judged = judged.iter();
        judged.find(|one| one.to == attempt.addr && one.policy.known() == Some(&policy))
    };
    attempts.iter().map(of).collect()
}

fn clue(outbound: &Outbound) -> Option<Clue> {
    Some(Clue::OutboundHere {
        addr: outbound.to,
        firewall: outbound.firewall?,
        policy: *outbound.policy.known()?,
        rule: outbound.rule.as_ref()?.text.clone(),
        stops_answer: outbound.stops_answer,
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, says, silent};
    use super::*;
    use crate::evidence::{DecidingRule, Fact, FirewallKind};

    const TO: &str = "10.77.1.10:5432";

    fn under(mut scene: Scene, policy: Policy) -> Scene {
        let rule = DecidingRule {
            text: "tcp dport 5432 drop".to_owned(),
            chain: None,
            zone: None,
            is_default: false,
        };
        scene.evidence.outbound = Fact::Known(vec![Outbound {
            to: TO.parse().unwrap(),
            policy: Fact::Known(policy),
            firewall: Some(FirewallKind::Nftables),
            rule: Some(rule),
            stops_answer: false,
        }]);
        scene.network("10.77.1.2/24")
    }

    fn quiet() -> Scene {
        Scene::new(TO).silent("10.77.1.10")
    }

    #[test]
    fn a_rule_that_stops_the_connection_is_the_cause() {
        let dropped = under(quiet(), Policy::Drop);
        let id = "local-firewall-drops";
        let found = says(dropped_by_own_rule, &dropped, id, Certainty::Certain);
        assert!(matches!(found.because[0], Clue::OutboundHere { .. }));
        let refused = Scene::new(TO).refused("10.77.1.10");
        let rejected = under(refused, Policy::Reject);
        let id = "local-firewall-rejects";
        says(rejected_by_own_rule, &rejected, id, Certainty::Certain);
    }

    #[test]
    fn a_connect_that_found_no_way_got_to_no_rule() {
        let mut nowhere = under(Scene::new(TO).refused("10.77.1.10"), Policy::Reject);
        nowhere.evidence.attempts[0].outcome = Outcome::NetworkUnreachable;
        silent(rejected_by_own_rule, &nowhere);
        nowhere.evidence.attempts[0].outcome = Outcome::OutOfDescriptors;
        silent(rejected_by_own_rule, &nowhere);
    }

    #[test]
    fn rules_that_let_it_pass_or_were_not_read_explain_nothing() {
        silent(dropped_by_own_rule, &under(quiet(), Policy::Allow));
        silent(dropped_by_own_rule, &quiet().network("10.77.1.2/24"));
        // What is rejected is not met with silence.
        silent(rejected_by_own_rule, &under(quiet(), Policy::Reject));
        silent(dropped_by_own_rule, &under(quiet(), Policy::Reject));
    }

    #[test]
    fn packets_that_left_were_not_stopped_by_a_rule() {
        silent(dropped_by_own_rule, &under(quiet().left(TO), Policy::Drop));
    }
}
