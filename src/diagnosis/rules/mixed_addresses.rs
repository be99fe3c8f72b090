//! `ipv6-path-broken` and `one-address-dead`: some of the name's addresses work, others do not.
//!
//! Programs that try one address after another (RFC 6724) wait for the dead one; those that try
//! two at once (RFC 8305) hide it. A machine without IPv6 passes over such addresses at once, and
//! nothing is wrong. IPv6 refused with a reset is a matter of the listener: see `wrong_family`.

use super::clues::of_attempts;
use super::reading::{
    NEIGHBOUR_WOULD_SHOW, family_of, finding, or, refused_by_reset, spoke_oddly, telling_attempts,
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
        assert_eq!(found.cause, Cause::OneAddressDead { address });
        silent(ipv6_path_broken, &scene);
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
