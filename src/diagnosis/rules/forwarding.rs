//! `forwarder-without-backend` of a machine that passes the port on to nobody.
//!
//! A host answers for itself at once. One that says "host unreachable" in its own name after
//! seconds has looked for a neighbour of its own (arp(7)): it passes the port on (DNAT, a published
//! container port) to an address that nobody has.

use super::clues::{of_attempts, of_place};
use super::reading::{NEIGHBOUR_GIVEN_UP, Sender, all_telling, finding, icmp_sender, or};
use crate::diagnosis::{Cause, Certainty, DecidingTest, Finding};
use crate::evidence::{Attempt, Evidence};

/// The target itself looked for somebody else and did not find them.
pub fn target_forwards_to_nobody(evidence: &Evidence) -> Option<Finding> {
    let attempts = all_telling(evidence, |a| looked_for_another(evidence, a))?;
    let mut clues = of_attempts(attempts.iter().copied());
    clues.extend(attempts.first().and_then(|a| of_place(evidence, a)));
    let mut found = finding(Cause::ForwarderWithoutBackend, Certainty::Likely, clues);
    found.alternatives = vec![or(
        Cause::FirewallRejects,
        DecidingTest::ReadFirewallOnTarget,
    )];
    Some(found)
}

fn looked_for_another(evidence: &Evidence, attempt: &Attempt) -> bool {
    let Some(icmp) = attempt.icmp else {
        return false;
    };
    let says_unreachable = matches!(
        (icmp.v6, icmp.kind, icmp.code),
        (false, 3, 1) | (true, 1, 3)
    );
    says_unreachable
        && attempt.took >= NEIGHBOUR_GIVEN_UP
        && icmp_sender(evidence, attempt, &icmp) == Sender::Target
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, says, silent};
    use super::*;

    fn scene(sender: &str, millis: u64) -> Scene {
        Scene::new("10.77.1.10:5432")
            .icmp("10.77.1.10", 3, 1, sender, millis)
            .network("10.77.1.2/24")
    }

    #[test]
    fn a_target_that_waited_for_a_neighbour_forwards() {
        let (rule, id) = (target_forwards_to_nobody, "forwarder-without-backend");
        says(rule, &scene("10.77.1.10", 3070), id, Certainty::Likely);
    }

    #[test]
    fn at_once_it_is_a_rule_and_from_elsewhere_the_target_is_off() {
        silent(target_forwards_to_nobody, &scene("10.77.1.10", 1));
        silent(target_forwards_to_nobody, &scene("10.77.1.2", 3070));
        silent(target_forwards_to_nobody, &scene("10.77.9.2", 3070));
        silent(
            target_forwards_to_nobody,
            &Scene::new("10.77.1.10:5432").refused("10.77.1.10"),
        );
    }
}
