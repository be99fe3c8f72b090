//! `resolver-slow`: the service works, and every start waits for a DNS server that is dead.
//!
//! The resolver asks its servers one after another and gives each five seconds (resolv.conf(5),
//! `timeout`), so a lookup that took seconds and worked passed over a silent one. The servers'
//! own answers prove it, where the silent one is the first that is listed: the later ones are asked
//! only when it fails (resolv.conf(5), `nameserver`). Where the connection fails too, that is the trouble and this is not.

use std::time::Duration;

use super::clues::of_direct_answer;
use super::name::direct_answers;
use super::reachable::works;
use super::reading::{finding, name, or};
use crate::diagnosis::{Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{DnsAnswer, Evidence, LookupOutcome};

/// No working resolver takes this long; `options timeout:2` for a dead one does.
const SLOW: Duration = Duration::from_secs(2);

/// Names are looked up only after a dead resolver timed out.
pub fn resolver_slow(evidence: &Evidence) -> Option<Finding> {
    name(evidence)?;
    let lookup = evidence.lookup.known()?;
    let was_found = matches!(&lookup.outcome, LookupOutcome::Found(found) if !found.is_empty());
    if !was_found || lookup.took < SLOW || !works(evidence) {
        return None;
    }
    let direct = direct_answers(evidence);
    let is_dead = |answer: &DnsAnswer| matches!(answer, DnsAnswer::Silent | DnsAnswer::Unreachable);
    let mut clues = vec![Clue::NameTook { took: lookup.took }];
    clues.extend(direct.iter().map(of_direct_answer));
    if let [first, later @ ..] = direct
        && is_dead(&first.answer)
        && later.iter().any(|a| !is_dead(&a.answer))
    {
        return Some(finding(Cause::ResolverSlow, Certainty::Certain, clues));
    }
    // Nobody who is asked before the one that answers is shown to be dead: it may have been a
    // moment's loss.
    let mut guess = finding(Cause::ResolverSlow, Certainty::Possible, clues);
    guess.alternatives = vec![or(Cause::PacketLoss, DecidingTest::RepeatTest)];
    Some(guess)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::*;
    use crate::evidence::{Heard, Spoke};

    fn looked_up_in(millis: u64) -> Scene {
        let ip = "10.77.1.10";
        let found = LookupOutcome::Found(vec!["10.77.1.10:5432".parse().unwrap()]);
        Scene::new("srv.lab.test:5432")
            .lookup(found, millis)
            .connected(ip)
            .exchange(ip, Spoke::Nothing, Heard::Nothing)
    }

    fn living() -> DnsAnswer {
        DnsAnswer::Addresses(vec!["10.77.1.10".parse().unwrap()])
    }

    #[test]
    fn a_dead_server_before_a_living_one_makes_lookups_slow() {
        let scene = looked_up_in(5005).direct(&[DnsAnswer::Silent, living()]);
        says(resolver_slow, &scene, "resolver-slow", Certainty::Certain);
    }

    #[test]
    fn without_a_dead_server_before_a_living_one_it_may_have_been_a_moments_loss() {
        for direct in [[living(), living()], [living(), DnsAnswer::Silent]] {
            let scene = looked_up_in(5005).direct(&direct);
            let found = says(resolver_slow, &scene, "resolver-slow", Certainty::Possible);
            assert_eq!(others(&found), ["packet-loss"]);
        }
    }

    #[test]
    fn a_quick_lookup_or_a_failing_connection_is_another_matter() {
        silent(resolver_slow, &looked_up_in(30));
        let refused = Scene::new("srv.lab.test:5432")
            .lookup(
                LookupOutcome::Found(vec!["10.77.1.10:5432".parse().unwrap()]),
                5005,
            )
            .refused("10.77.1.10")
            .direct(&[DnsAnswer::Silent, living()]);
        silent(resolver_slow, &refused);
    }
}
