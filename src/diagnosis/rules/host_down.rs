//! `host-down`: nobody at that address answers on the target's own network.
//!
//! A neighbour that does not answer is given up after about three seconds (arp(7), RFC 4861,
//! 7.2.2); the kernel then makes up ICMP "host unreachable" in its own name, and a router does the
//! same for its network (RFC 1812, 5.2.7.1). Never certain: a machine that is off, a stale
//! address and a network that keeps its guests apart look alike.
//!
//! Where the way leads over a gateway and this machine itself gives up, it is the gateway that is
//! missing: that is not this cause.

use super::clues::{of_attempts, of_place};
use super::detour::{was_meant_elsewhere, wrong_netmask};
use super::reading::{
    AT_ONCE, AT_ONCE_HERE, NEIGHBOUR_GIVEN_UP, Sender, connected, finding, icmp_sender, is_on_link,
    is_own, or, refused_by_reset, telling_attempts,
};
use crate::diagnosis::{Alternative, Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{Attempt, Evidence, Os, Outcome};

/// The system, or a router at the far end, looked for the host and did not find it.
pub fn host_down(evidence: &Evidence) -> Option<Finding> {
    let telling = telling_attempts(evidence);
    if connected(evidence) || telling.iter().any(|a| refused_by_reset(a)) {
        return None;
    }
    let absences: Vec<_> = telling.iter().map(|a| absent(evidence, a)).collect();
    let (attempt, absence) = telling
        .iter()
        .zip(&absences)
        .find_map(|(attempt, absence)| Some((attempt, absence.as_ref()?)))?;
    let unanimous = absences.iter().all(Option::is_some);
    // A mask that may be wrong explains it as well.
    let certainty = if unanimous && wrong_netmask(evidence).is_none() {
        absence.certainty
    } else {
        Certainty::Possible
    };
    let mut clues = of_attempts(telling.iter().copied());
    let ip = attempt.addr.ip();
    if is_on_link(evidence, ip) == Some(true) {
        clues.push(Clue::OnSameNetwork { ip });
    } else {
        clues.extend(of_place(evidence, attempt));
    }
    let mut found = finding(Cause::HostDown, certainty, clues);
    found.alternatives.clone_from(&absence.alternatives);
    found
        .alternatives
        .extend(was_meant_elsewhere(evidence, attempt));
    Some(found)
}

struct Absence {
    certainty: Certainty,
    alternatives: Vec<Alternative>,
}

impl Absence {
    fn of(certainty: Certainty, alternatives: Vec<Alternative>) -> Self {
        Self {
            certainty,
            alternatives,
        }
    }
}

fn absent(evidence: &Evidence, attempt: &Attempt) -> Option<Absence> {
    let ip = attempt.addr.ip();
    if attempt.outcome != Outcome::HostUnreachable || is_own(evidence, ip) == Some(true) {
        return None;
    }
    let late = attempt.took >= AT_ONCE;
    let on_link = is_on_link(evidence, ip);
    let Some(icmp) = attempt.icmp else {
        return without_message(evidence, attempt, late, on_link);
    };
    let message = (icmp.v6, icmp.kind, icmp.code);
    if !matches!(message, (false, 3, 1) | (true, 1, 3)) {
        return None;
    }
    let sender = icmp_sender(evidence, attempt, &icmp);
    let late = late || (sender == Sender::ThisMachine && attempt.took >= AT_ONCE_HERE);
    match (sender, late, on_link) {
        (Sender::ThisMachine, true, Some(true)) if attempt.took < NEIGHBOUR_GIVEN_UP => {
            let rule = or(Cause::LocalFirewallRejects, DecidingTest::ReadFirewallHere);
            Some(Absence::of(Certainty::Possible, vec![rule]))
        }
        (Sender::ThisMachine, true, Some(true)) | (Sender::Device(_), true, _) => {
            Some(Absence::of(Certainty::Likely, Vec::new()))
        }
        (Sender::ThisMachine, true, None) | (Sender::Unknown, true, _) => {
            Some(Absence::of(Certainty::Possible, Vec::new()))
        }
        // Quick from a router: it knew already, or refuses in these words.
        (Sender::Device(device), false, _) => {
            let router = Some(device);
            let test = DecidingTest::TryFromElsewhere;
            let alternatives = vec![
                or(Cause::NoRouteBeyond { router }, test),
                or(Cause::PathFirewallRejects { device }, test),
            ];
            Some(Absence::of(Certainty::Possible, alternatives))
        }
        (Sender::ThisMachine | Sender::Target | Sender::Unknown, ..) => None,
    }
}

/// Systems that keep the ICMP message to themselves. EHOSTUNREACH at once may be any rule (on
/// Linux firewalld's), so only the late one counts there.
fn without_message(
    evidence: &Evidence,
    attempt: &Attempt,
    late: bool,
    on_link: Option<bool>,
) -> Option<Absence> {
    if attempt.at_once || (!late && evidence.os == Os::Linux) {
        return None;
    }
    if late && on_link == Some(true) {
        return Some(Absence::of(Certainty::Likely, Vec::new()));
    }
    let rule = or(Cause::FirewallRejects, DecidingTest::ReadFirewallOnTarget);
    Some(Absence::of(Certainty::Possible, vec![rule]))
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::*;

    fn unreachable(ip: &str, sender: &str, millis: u64) -> Scene {
        Scene::new(&format!("{ip}:5432"))
            .icmp(ip, 3, 1, sender, millis)
            .network("10.77.1.2/24")
    }

    #[test]
    fn a_neighbour_that_does_not_answer_is_probably_down() {
        let scene = unreachable("10.77.1.99", "10.77.1.2", 3070);
        let found = says(host_down, &scene, "host-down", Certainty::Likely);
        let ip = "10.77.1.99".parse().unwrap();
        assert!(found.because.contains(&Clue::OnSameNetwork { ip }));
    }

    #[test]
    fn half_a_wait_may_be_a_rule_whose_answer_came_late() {
        let scene = unreachable("10.77.1.99", "10.77.1.2", 1030);
        let found = says(host_down, &scene, "host-down", Certainty::Possible);
        assert_eq!(others(&found), ["local-firewall-rejects"]);
        // Somebody asked for the neighbour before: the rest of the wait is shorter, and no rule waits.
        let rest = unreachable("10.77.1.99", "10.77.1.2", 983);
        says(host_down, &rest, "host-down", Certainty::Possible);
        silent(super::super::icmp_reject::rejected_with_icmp, &rest);
    }

    #[test]
    fn a_router_that_looked_for_seconds_reached_the_hosts_network() {
        let scene = unreachable("10.77.2.77", "10.77.9.2", 3080);
        says(host_down, &scene, "host-down", Certainty::Likely);
    }

    #[test]
    fn a_router_that_knows_at_once_may_mean_something_else() {
        let scene = unreachable("10.77.2.77", "10.77.9.2", 2);
        let found = says(host_down, &scene, "host-down", Certainty::Possible);
        assert_eq!(others(&found), ["no-route-beyond", "path-firewall-rejects"]);
    }

    #[test]
    fn a_gateway_that_does_not_answer_is_not_the_host() {
        silent(host_down, &unreachable("10.77.2.2", "10.77.1.2", 3070));
    }

    #[test]
    fn a_rule_that_says_host_unreachable_at_once_is_no_absence() {
        silent(host_down, &unreachable("10.77.1.99", "10.77.1.2", 0));
        silent(host_down, &unreachable("10.77.1.10", "10.77.1.10", 1));
    }

    #[test]
    fn a_target_that_forwards_to_nobody_is_not_down() {
        silent(host_down, &unreachable("10.77.1.10", "10.77.1.10", 3070));
    }

    #[test]
    fn without_the_network_it_stays_possible() {
        let scene = Scene::new("10.77.1.99:5432").icmp("10.77.1.99", 3, 1, "10.77.1.2", 3070);
        says(host_down, &scene, "host-down", Certainty::Possible);
    }

    #[test]
    fn where_the_message_is_hidden_the_time_must_do() {
        let late = |os| {
            Scene::new("10.77.1.99:5432")
                .os(os)
                .later("10.77.1.99", Outcome::HostUnreachable, 65, 3070)
                .network("10.77.1.2/24")
        };
        says(host_down, &late(Os::Macos), "host-down", Certainty::Likely);
        let quick = Scene::new("10.77.1.99:5432")
            .later("10.77.1.99", Outcome::HostUnreachable, 113, 1)
            .network("10.77.1.2/24");
        silent(host_down, &quick);
    }

    #[test]
    fn a_host_that_refuses_on_its_other_address_is_not_down() {
        let scene = unreachable("10.77.1.99", "10.77.1.2", 3070).refused("fd77:1::10");
        silent(host_down, &scene);
        silent(
            host_down,
            &Scene::new("10.77.1.99:5432").silent("10.77.1.99"),
        );
    }
}
