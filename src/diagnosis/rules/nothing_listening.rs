//! `nothing-listening`: the host is up, and nothing listens on this port.
//!
//! A kernel answers a connection to a closed port with a reset (RFC 9293, 3.10.7.1). From outside
//! a firewall rule that answers with a reset looks exactly the same, so only this machine's own
//! listener table proves it. On Windows and macOS an ICMP reject may end in the same error, and no
//! message shows it.

use super::bind_refused::said_to_be_reserved;
use super::clues::{of_attempts, of_place, of_service_state};
use super::container::may_be_outside;
use super::reading::{
    all_own, connected, finding, name_leads_to_loopback, or, refused_by_reset, telling_attempts,
};
use super::served_here::{is_served_otherwise, udp_twin};
use super::wrong_answer::leads_astray;
use super::wrong_port::open_door;
use crate::diagnosis::{Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{Attempt, Evidence};

/// Refused by reset, and no listener here or no way to look.
pub fn nothing_listening(evidence: &Evidence) -> Option<Finding> {
    let telling = telling_attempts(evidence);
    let refused: Vec<&Attempt> = telling
        .iter()
        .copied()
        .filter(|attempt| refused_by_reset(attempt))
        .collect();
    if refused.is_empty() || connected(evidence) {
        return None;
    }
    let unanimous = refused.len() == telling.len();
    let door = open_door(evidence).map(|(_, door)| door);
    // Then `wrong_port` names what to do, and this cause stands beside it.
    if door.as_ref().is_some_and(|door| door.is_related) {
        return None;
    }
    let mut clues = of_attempts(telling.iter().copied());
    clues.extend(refused.first().and_then(|a| of_place(evidence, a)));
    if all_own(evidence, &refused) {
        return here(evidence, clues, unanimous);
    }
    let mut found = finding(Cause::NothingListening, Certainty::Likely, clues);
    if let Some(door) = door {
        found.because.push(Clue::OtherPortOpen { port: door.port });
        let test = DecidingTest::AskWhatRunsOnPort { port: door.port };
        found
            .alternatives
            .push(or(Cause::WrongPort { found: door.port }, test));
    }
    found.alternatives.push(or(
        Cause::FirewallRejects,
        DecidingTest::LookAtListenersOnTarget,
    ));
    Some(found)
}

/// The target is this machine: its own table decides.
fn here(evidence: &Evidence, mut clues: Vec<Clue>, unanimous: bool) -> Option<Finding> {
    let port = evidence.target.port;
    let Some(listeners) = evidence.listeners_on_port() else {
        clues.push(Clue::ListenersUnknown);
        let mut guess = finding(Cause::NothingListening, Certainty::Likely, clues);
        guess.alternatives = vec![or(Cause::FirewallRejects, DecidingTest::ReadFirewallHere)];
        return Some(guess);
    };
    if !listeners.is_empty() {
        return None;
    }
    clues.push(Clue::NoListenerHere { port });
    clues.extend(udp_twin(evidence).map(|addr| Clue::UdpSocketHere { addr }));
    clues.extend(of_service_state(evidence));
    // A name that should lead elsewhere and leads to loopback: true that nothing listens here,
    // and probably not what is the matter.
    let proven = unanimous
        && !name_leads_to_loopback(evidence)
        && !is_served_otherwise(evidence)
        && said_to_be_reserved(evidence).is_none()
        && !leads_astray(evidence)
        && !may_be_outside(evidence);
    let certainty = if proven {
        Certainty::Certain
    } else {
        Certainty::Likely
    };
    let mut found = finding(Cause::NothingListening, certainty, clues);
    if may_be_outside(evidence) {
        let gateway = None;
        let outside = Cause::LocalhostIsContainer { gateway };
        found.alternatives = vec![or(outside, DecidingTest::LookInsideContainer)];
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::*;
    use crate::evidence::Outcome;

    fn local() -> Scene {
        Scene::new("127.0.0.1:8080").refused("127.0.0.1")
    }

    fn remote() -> Scene {
        Scene::new("10.77.1.10:5432")
            .refused("10.77.1.10")
            .network("10.77.1.2/24")
    }

    #[test]
    fn refused_here_with_no_listener_means_nothing_listening() {
        let found = says(
            nothing_listening,
            &local().listeners(&[]),
            "nothing-listening",
            Certainty::Certain,
        );
        assert!(found.because.contains(&Clue::NoListenerHere { port: 8080 }));
        assert!(found.alternatives.is_empty());
    }

    #[test]
    fn refused_on_both_loopback_addresses_is_as_certain() {
        let scene = Scene::new("localhost:8080")
            .found(&["::1", "127.0.0.1"])
            .refused("::1")
            .refused("127.0.0.1")
            .listeners(&["0.0.0.0:9999"]);
        says(
            nothing_listening,
            &scene,
            "nothing-listening",
            Certainty::Certain,
        );
    }

    #[test]
    fn a_table_that_could_not_be_read_is_not_an_empty_one() {
        let found = says(
            nothing_listening,
            &local(),
            "nothing-listening",
            Certainty::Likely,
        );
        assert!(found.because.contains(&Clue::ListenersUnknown));
    }

    #[test]
    fn from_elsewhere_a_reset_rule_cannot_be_excluded() {
        for scene in [remote(), remote().listeners(&[])] {
            let found = says(
                nothing_listening,
                &scene,
                "nothing-listening",
                Certainty::Likely,
            );
            assert_eq!(others(&found), ["firewall-rejects"]);
        }
    }

    #[test]
    fn a_target_whose_place_is_unknown_is_treated_as_another_machine() {
        let scene = Scene::new("10.77.1.10:5432")
            .refused("10.77.1.10")
            .listeners(&[]);
        says(
            nothing_listening,
            &scene,
            "nothing-listening",
            Certainty::Likely,
        );
    }

    #[test]
    fn a_name_that_should_lead_elsewhere_takes_the_certainty_away() {
        let scene = Scene::new("db.example:5432")
            .found(&["127.0.0.1"])
            .refused("127.0.0.1")
            .listeners(&[]);
        says(
            nothing_listening,
            &scene,
            "nothing-listening",
            Certainty::Likely,
        );
    }

    #[test]
    fn any_listener_on_the_port_speaks_against_it() {
        for socket in ["0.0.0.0:8080", "192.168.1.5:8080", "[::1]:8080"] {
            silent(nothing_listening, &local().listeners(&[socket]));
        }
    }

    #[test]
    fn a_service_next_door_comes_first_and_another_one_behind() {
        let door = remote()
            .service("postgresql")
            .reference("10.77.1.10:5433", Outcome::Connected);
        silent(nothing_listening, &door);
        let other = Scene::new("10.77.1.10:23")
            .service("telnet")
            .refused("10.77.1.10")
            .reference("10.77.1.10:22", Outcome::Connected);
        let found = says(
            nothing_listening,
            &other,
            "nothing-listening",
            Certainty::Likely,
        );
        assert_eq!(others(&found), ["wrong-port", "firewall-rejects"]);
    }

    #[test]
    fn an_icmp_message_and_a_connection_are_no_closed_port() {
        let icmp = Scene::new("10.77.1.10:5432").icmp("10.77.1.10", 3, 3, "10.77.1.10", 1);
        silent(nothing_listening, &icmp);
        silent(nothing_listening, &local().connected("::1").listeners(&[]));
        silent(nothing_listening, &Scene::new("10.77.1.10:5432"));
    }
}
