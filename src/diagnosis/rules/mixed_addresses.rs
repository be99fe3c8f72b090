//! `ipv6-path-broken`, `ipv6-firewall` and `one-address-dead`: some of the name's addresses work, others do not.
//!
//! Programs that try one address after another (RFC 6724) wait for the dead one; those that try
//! two at once (RFC 8305) hide it. A machine without IPv6 passes over such addresses at once, and
//! nothing is wrong. IPv6 refused with a reset is a matter of the listener: see `wrong_family`.

use super::clues::of_attempts;
use super::presence::sign_of_life;
use super::reading::{
    AT_ONCE, NEIGHBOUR_WOULD_SHOW, Sender, family_of, finding, icmp_sender, or, refused_by_reset,
    spoke_oddly, telling_attempts,
};
use crate::diagnosis::{Cause, Certainty, DecidingTest, Family, Finding};
use crate::evidence::{Attempt, Evidence, Outcome};

/// The name's IPv6 addresses fail, IPv4 works.
pub fn ipv6_path_broken(evidence: &Evidence) -> Option<Finding> {
    let (working, failing) = split(evidence)?;
    let only = |attempts: &[&Attempt], family| attempts.iter().all(|a| family_of(a) == family);
    let fits = only(&working, Family::V4)
        && only(&failing, Family::V6)
        && !failing.iter().all(|a| refused_by_reset(a));
    if !fits {
        return None;
    }
    // Silence, a reset or a message that says "prohibited" may as well be a rule for IPv6 only.
    let proven = failing.iter().all(|a| {
        matches!(
            a.outcome,
            Outcome::HostUnreachable | Outcome::NetworkUnreachable
        )
    });
    let clues = of_attempts(failing.iter().chain(&working).copied());
    if proven {
        return Some(finding(Cause::Ipv6PathBroken, Certainty::Certain, clues));
    }
    let mut guess = finding(Cause::Ipv6PathBroken, Certainty::Likely, clues);
    let by_rule = failing.iter().any(|a| a.outcome != Outcome::Silent);
    let rule = if by_rule {
        Cause::FirewallRejects
    } else {
        Cause::FirewallDropsPort
    };
    guess.alternatives = vec![or(rule, DecidingTest::ReadFirewallOnTarget)];
    Some(guess)
}

/// One family is open; over the other the machine answers, and drops or rejects this port.
pub fn ipv6_firewall(evidence: &Evidence) -> Option<Finding> {
    let (working, failing) = split(evidence)?;
    let blocked = family_of(failing.first()?);
    let apart = failing.iter().all(|a| family_of(a) == blocked)
        && working.iter().all(|a| family_of(a) != blocked);
    let is_by_rule = |a: &Attempt| {
        let prohibited = a.icmp.is_some_and(|icmp| {
            icmp_sender(evidence, a, &icmp) == Sender::Target && a.took < AT_ONCE
        });
        a.outcome == Outcome::Silent || prohibited
    };
    if !apart || !failing.iter().all(|a| is_by_rule(a)) {
        return None;
    }
    // Whoever rejects is there; of whoever is silent another sign is needed.
    let mut clues = of_attempts(failing.iter().copied());
    for silent in failing.iter().filter(|a| a.outcome == Outcome::Silent) {
        clues.push(sign_of_life(evidence, silent)?);
    }
    clues.extend(of_attempts(working));
    let mut found = finding(Cause::Ipv6Firewall { blocked }, Certainty::Likely, clues);
    if blocked == Family::V6 {
        let test = DecidingTest::ReadFirewallOnTarget;
        found.alternatives.push(or(Cause::Ipv6PathBroken, test));
    }
    let test = DecidingTest::LookAtQueueOnTarget;
    found.alternatives.push(or(Cause::AcceptQueueFull, test));
    Some(found)
}

/// Some of the name's addresses fail, others work.
pub fn one_address_dead(evidence: &Evidence) -> Option<Finding> {
    let (working, failing) = split(evidence)?;
    let same_family = |a: &&&Attempt| working.iter().any(|w| family_of(w) == family_of(a));
    let twin = failing.iter().find(same_family);
    let dead = *twin.or(failing.first())?;
    let patient = dead.outcome != Outcome::Silent || dead.took >= NEIGHBOUR_WOULD_SHOW;
    let certainty = if twin.is_some() && patient {
        Certainty::Certain
    } else {
        Certainty::Likely
    };
    let cause = Cause::OneAddressDead {
        address: dead.addr.ip(),
        more: failing.len() - 1,
    };
    let clues = of_attempts(failing.iter().chain(&working).copied());
    Some(finding(cause, certainty, clues))
}

/// The telling attempts that connected and those that did not, when there are both and those that
/// connected went on well.
fn split(evidence: &Evidence) -> Option<(Vec<&Attempt>, Vec<&Attempt>)> {
    let (working, failing): (Vec<&Attempt>, Vec<&Attempt>) = telling_attempts(evidence)
        .into_iter()
        .partition(|attempt| attempt.outcome == Outcome::Connected);
    let well = !evidence.exchanges.iter().any(spoke_oddly);
    (well && !working.is_empty() && !failing.is_empty()).then_some((working, failing))
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::*;
    use crate::evidence::{Heard, Spoke};

    fn dual() -> Scene {
        Scene::new("srv.example:5432").connected("10.77.1.10")
    }

    #[test]
    fn unreachable_ipv6_beside_working_ipv4_is_a_broken_path() {
        let scene = dual().icmp("fd77:1::99", 1, 3, "fd77:1::2", 3070);
        says(
            ipv6_path_broken,
            &scene,
            "ipv6-path-broken",
            Certainty::Certain,
        );
    }

    #[test]
    fn silent_ipv6_may_as_well_be_a_firewall() {
        let scene = dual().silent("fd77:1::10");
        let found = says(
            ipv6_path_broken,
            &scene,
            "ipv6-path-broken",
            Certainty::Likely,
        );
        assert_eq!(others(&found), ["firewall-drops-port"]);
        let scene = dual().icmp("fd77:1::10", 1, 1, "fd77:1::10", 1);
        let found = says(
            ipv6_path_broken,
            &scene,
            "ipv6-path-broken",
            Certainty::Likely,
        );
        assert_eq!(others(&found), ["firewall-rejects"]);
    }

    #[test]
    fn ipv6_silent_on_a_machine_that_answers_over_ipv6_is_a_rule() {
        let (rule, id) = (ipv6_firewall, "ipv6-firewall");
        let port = dual()
            .silent("fd77:1::10")
            .reference("[fd77:1::10]:443", Outcome::Refused);
        let found = says(rule, &port, id, Certainty::Likely);
        assert_eq!(others(&found), ["ipv6-path-broken", "accept-queue-full"]);
        let rejected = dual().icmp("fd77:1::10", 1, 1, "fd77:1::10", 1);
        says(rule, &rejected, id, Certainty::Likely);
        silent(rule, &dual().silent("fd77:1::10"));
        silent(rule, &dual().silent("10.77.1.99"));
        silent(rule, &dual().icmp("fd77:1::99", 1, 3, "fd77:1::2", 3070));
    }

    #[test]
    fn a_machine_without_ipv6_misses_nothing() {
        let scene = dual().at_once("fd77:1::10", Outcome::NetworkUnreachable, 101);
        silent(ipv6_path_broken, &scene);
        silent(one_address_dead, &scene);
    }

    #[test]
    fn one_of_two_addresses_of_a_family_is_dead() {
        let scene = dual().icmp("10.77.1.99", 3, 1, "10.77.1.2", 3070);
        let found = says(
            one_address_dead,
            &scene,
            "one-address-dead",
            Certainty::Certain,
        );
        let address = "10.77.1.99".parse().unwrap();
        assert_eq!(found.cause, Cause::OneAddressDead { address, more: 0 });
        silent(ipv6_path_broken, &scene);
        let scene = scene.silent("10.77.1.98").silent("10.77.1.97");
        let found = says(
            one_address_dead,
            &scene,
            "one-address-dead",
            Certainty::Certain,
        );
        assert_eq!(found.cause, Cause::OneAddressDead { address, more: 2 });
    }

    #[test]
    fn a_short_silence_is_not_yet_death() {
        let mut scene = dual().silent("10.77.1.99");
        says(
            one_address_dead,
            &scene,
            "one-address-dead",
            Certainty::Certain,
        );
        scene.evidence.attempts[1].took = std::time::Duration::from_secs(1);
        says(
            one_address_dead,
            &scene,
            "one-address-dead",
            Certainty::Likely,
        );
    }

    #[test]
    fn an_address_that_connects_and_then_misbehaves_does_not_work() {
        let scene =
            dual()
                .silent("10.77.1.99")
                .exchange("10.77.1.10", Spoke::Nothing, Heard::Closed);
        silent(one_address_dead, &scene);
    }

    #[test]
    fn all_working_or_all_failing_is_not_mixed() {
        for scene in [
            dual().connected("fd77:1::10"),
            Scene::new("srv.example:5432")
                .silent("10.77.1.10")
                .silent("fd77:1::10"),
            Scene::new("srv.example:5432"),
        ] {
            silent(ipv6_path_broken, &scene);
            silent(one_address_dead, &scene);
        }
    }
}
