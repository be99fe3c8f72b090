//! `firewall-drops-port` and `silent-drop`: no answer at all.
//!
//! A host without a firewall answers every connection (RFC 9293, 3.10.7.1), so silence means that
//! somebody dropped a packet. When another port of the same host answers, the way and the host are
//! fine and it is this port; when nothing answers, nobody can say where it is lost. Never certain
//! from one side: a full queue of waiting connections (listen(2)) is as silent, and a Windows host
//! is silent for ports where nothing listens (its firewall's stealth mode).

use super::clues::{of_attempts, of_listener, of_place, of_reference};
use super::held_back::left;
use super::reading::{
    NEIGHBOUR_WOULD_SHOW, Sender, all_own, all_telling, finding, icmp_sender, is_on_link, or,
    references,
};
use crate::diagnosis::{Alternative, Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{Attempt, Evidence, Os, Outcome, neighbour_ports};

/// The target is silent, and another port of the same host answered.
pub fn firewall_drops_port(evidence: &Evidence) -> Option<Finding> {
    let silent = all_telling(evidence, |a| a.outcome == Outcome::Silent)?;
    if all_own(evidence, &silent) {
        return drops_here(evidence, &silent);
    }
    let answering: Vec<&Attempt> = references(evidence, &silent)
        .filter(|reference| host_answered(evidence, reference))
        .collect();
    let open = answering
        .iter()
        .copied()
        .find(|reference| reference.outcome == Outcome::Connected);
    let telling = open.or(answering.first().copied())?;
    let mut clues = of_attempts(silent.iter().copied());
    clues.extend(of_reference(telling));
    clues.extend(silent.first().and_then(|a| of_place(evidence, a)));
    let mut found = finding(Cause::FirewallDropsPort, Certainty::Likely, clues);
    found.alternatives = may_be_here(evidence, &silent);
    found.alternatives.extend(service_next_door(evidence, open));
    found.alternatives.extend([
        or(Cause::AcceptQueueFull, DecidingTest::LookAtQueueOnTarget),
        or(
            Cause::NothingListening,
            DecidingTest::LookAtListenersOnTarget,
        ),
    ]);
    Some(found)
}

/// The target is silent, and nothing else of it was heard.
pub fn silent_drop(evidence: &Evidence) -> Option<Finding> {
    let silent = all_telling(evidence, |a| a.outcome == Outcome::Silent)?;
    let asked: Vec<&Attempt> = references(evidence, &silent).collect();
    let here = all_own(evidence, &silent);
    let others_silent = asked
        .iter()
        .filter(|reference| reference.outcome == Outcome::Silent)
        .count();
    let mut clues = of_attempts(silent.iter().copied());
    if others_silent > 0 {
        clues.push(Clue::OtherPortsSilent {
            count: others_silent,
        });
    }
    clues.extend(silent.first().and_then(|a| place(evidence, a)));
    // Without a second question there is nothing to compare with.
    let certainty = if others_silent > 0 && !here {
        Certainty::Likely
    } else {
        Certainty::Possible
    };
    let mut found = finding(Cause::SilentDrop, certainty, clues);
    let test = if here {
        DecidingTest::ReadFirewallHere
    } else {
        DecidingTest::ReadFirewallOnTarget
    };
    found.alternatives.push(or(Cause::FirewallDropsPort, test));
    if !here {
        found.alternatives.extend(may_be_here(evidence, &silent));
    }
    if !here && silent.iter().any(|a| may_be_absent(evidence, a)) {
        found
            .alternatives
            .push(or(Cause::HostDown, DecidingTest::CheckMachineIsOn));
    }
    Some(found)
}

/// Unless counters show that packets left, a rule of this machine may have dropped them: silence is
/// all that connect(2) sees of it.
fn may_be_here(evidence: &Evidence, silent: &[&Attempt]) -> Vec<Alternative> {
    let all_left = silent.iter().all(|a| left(evidence, a) == Some(true));
    let doubt = or(Cause::LocalFirewallDrops, DecidingTest::ReadFirewallHere);
    // Elsewhere connect(2) reports what the own firewall drops.
    if all_left || evidence.os != Os::Linux {
        Vec::new()
    } else {
        vec![doubt]
    }
}

/// A machine that does not answer itself: no way is between, so a rule or the program's queue.
fn drops_here(evidence: &Evidence, silent: &[&Attempt]) -> Option<Finding> {
    let listeners = evidence.listeners_on_port()?;
    let is_full = |queue: &crate::evidence::Queue| {
        queue
            .limit
            .is_some_and(|limit| queue.waiting >= limit.max(1))
    };
    if listeners
        .iter()
        .any(|l| l.queue.known().is_some_and(is_full))
    {
        return None;
    }
    let mut clues = of_attempts(silent.iter().copied());
    clues.extend(listeners.iter().map(|l| of_listener(l)));
    clues.extend(silent.first().and_then(|a| of_place(evidence, a)));
    let mut found = finding(Cause::FirewallDropsPort, Certainty::Likely, clues);
    found.alternatives = vec![or(Cause::SilentDrop, DecidingTest::ReadFirewallHere)];
    Some(found)
}

/// Whether the host itself, not a device before it, answered on this port.
fn host_answered(evidence: &Evidence, reference: &Attempt) -> bool {
    match (reference.outcome, reference.icmp) {
        (Outcome::Connected, _) | (Outcome::Refused, None) => true,
        (_, Some(icmp)) => icmp_sender(evidence, reference, &icmp) == Sender::Target,
        _ => false,
    }
}

fn service_next_door(evidence: &Evidence, open: Option<&Attempt>) -> Option<Alternative> {
    let port = open?.addr.port();
    let target = &evidence.target;
    let service = target.service.as_deref();
    let is_near = neighbour_ports(target.port, service).contains(&port)
        && !crate::evidence::belongs_to_another_service(port, target.port, service);
    is_near.then(|| {
        or(
            Cause::WrongPort { found: port },
            DecidingTest::AskWhatRunsOnPort { port },
        )
    })
}

/// Linux says after three seconds that a neighbour does not exist; other systems, and routers that
/// keep quiet, leave it open.
fn may_be_absent(evidence: &Evidence, attempt: &Attempt) -> bool {
    let would_show = evidence.os == Os::Linux
        && is_on_link(evidence, attempt.addr.ip()) == Some(true)
        && attempt.took >= NEIGHBOUR_WOULD_SHOW;
    !would_show
}

fn place(evidence: &Evidence, attempt: &Attempt) -> Option<Clue> {
    let ip = attempt.addr.ip();
    if is_on_link(evidence, ip) == Some(true) {
        return Some(Clue::OnSameNetwork { ip });
    }
    of_place(evidence, attempt)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::*;

    fn quiet() -> Scene {
        Scene::new("10.77.1.10:5432")
            .service("postgresql")
            .silent("10.77.1.10")
            .left("10.77.1.10:5432")
            .network("10.77.1.2/24")
    }

    #[test]
    fn another_port_that_answers_means_this_port_is_dropped() {
        for outcome in [Outcome::Connected, Outcome::Refused] {
            let scene = quiet().reference("10.77.1.10:22", outcome);
            let found = says(
                firewall_drops_port,
                &scene,
                "firewall-drops-port",
                Certainty::Likely,
            );
            assert_eq!(others(&found), ["accept-queue-full", "nothing-listening"]);
        }
    }

    #[test]
    fn what_is_not_known_to_have_left_may_have_been_dropped_here() {
        let mut scene = quiet();
        scene.evidence.departures.clear();
        let found = says(silent_drop, &scene, "silent-drop", Certainty::Possible);
        assert_eq!(others(&found)[1], "local-firewall-drops");
        let scene = scene.reference("10.77.1.10:22", Outcome::Connected);
        let (rule, id) = (firewall_drops_port, "firewall-drops-port");
        let found = says(rule, &scene, id, Certainty::Likely);
        assert_eq!(others(&found)[0], "local-firewall-drops");
    }

    #[test]
    fn an_open_port_next_door_may_be_the_one_that_was_meant() {
        let scene = quiet().reference("10.77.1.10:5433", Outcome::Connected);
        let found = says(
            firewall_drops_port,
            &scene,
            "firewall-drops-port",
            Certainty::Likely,
        );
        assert_eq!(
            others(&found),
            ["wrong-port", "accept-queue-full", "nothing-listening"]
        );
    }

    #[test]
    fn when_nothing_answers_nobody_knows_where_it_is_lost() {
        let scene = quiet()
            .reference("10.77.1.10:22", Outcome::Silent)
            .reference("10.77.1.10:443", Outcome::Silent);
        silent(firewall_drops_port, &scene);
        let found = says(silent_drop, &scene, "silent-drop", Certainty::Likely);
        assert!(found.because.contains(&Clue::OtherPortsSilent { count: 2 }));
        assert_eq!(others(&found), ["firewall-drops-port"]);
    }

    #[test]
    fn without_a_second_question_it_stays_possible() {
        silent(firewall_drops_port, &quiet());
        says(silent_drop, &quiet(), "silent-drop", Certainty::Possible);
    }

    #[test]
    fn a_host_beyond_a_router_or_asked_too_briefly_may_be_off() {
        let beyond = Scene::new("10.77.2.2:5432")
            .silent("10.77.2.2")
            .left("10.77.2.2:5432")
            .network("10.77.1.2/24");
        let found = says(silent_drop, &beyond, "silent-drop", Certainty::Possible);
        assert_eq!(others(&found), ["firewall-drops-port", "host-down"]);
        let mut brief = quiet();
        brief.evidence.attempts[0].took = std::time::Duration::from_secs(2);
        let found = says(silent_drop, &brief, "silent-drop", Certainty::Possible);
        assert_eq!(others(&found), ["firewall-drops-port", "host-down"]);
    }

    #[test]
    fn a_device_that_answers_in_between_is_not_the_host() {
        let mut scene = quiet().reference("10.77.1.10:22", Outcome::HostUnreachable);
        scene.evidence.references[0].icmp = Some(crate::evidence::IcmpError {
            v6: false,
            kind: 3,
            code: 13,
            sender: Some("10.77.9.2".parse().unwrap()),
            ttl: None,
        });
        silent(firewall_drops_port, &scene);
    }

    #[test]
    fn this_machine_silent_to_itself_has_a_rule() {
        let own = || {
            Scene::new("10.77.1.10:5432")
                .silent("10.77.1.10")
                .network("10.77.1.10/24")
        };
        let scene = own().listeners(&["0.0.0.0:5432 postgres"]);
        says(
            firewall_drops_port,
            &scene,
            "firewall-drops-port",
            Certainty::Likely,
        );
        let mut full = scene;
        if let crate::evidence::Fact::Known(listeners) = &mut full.evidence.listeners {
            listeners[0].queue = crate::evidence::Fact::Known(crate::evidence::Queue {
                waiting: 3,
                limit: Some(2),
            });
        }
        silent(firewall_drops_port, &full);
        silent(firewall_drops_port, &own());
        says(silent_drop, &own(), "silent-drop", Certainty::Possible);
    }

    #[test]
    fn any_answer_is_no_silence() {
        for scene in [
            Scene::new("10.77.1.10:5432").refused("10.77.1.10"),
            quiet().connected("fd77:1::10"),
            Scene::new("10.77.1.10:5432"),
        ] {
            silent(firewall_drops_port, &scene);
            silent(silent_drop, &scene);
        }
    }
}
