//! `loopback-only` and `bound-elsewhere`: the service runs on this machine, bound to an address
//! that was not asked.
//!
//! A socket bound to an address takes only connections to that address (bind(2), ip(7)); the
//! kernel answers all others with a reset. From another machine this cannot be told from a closed
//! port; here the listener table shows it. Asked over another family, see `wrong_family`.

use std::net::IpAddr;

use super::clues::{of_attempts, of_listener, of_place};
use super::reading::{family_of, finding, passed_by};
use crate::diagnosis::{Cause, Certainty, Clue, Family, Finding};
use crate::evidence::{Attempt, Evidence, Listener};

/// It listens on 127.0.0.1 or `::1` only, and another address of this machine was asked.
pub fn loopback_only(evidence: &Evidence) -> Option<Finding> {
    let (asked, listeners) = passed_by(evidence)?;
    let apart = asked.iter().all(|a| !is_loopback(a.addr.ip()))
        && listeners.iter().all(|l| is_loopback(l.addr.ip()));
    let listener = *nearest(&asked, &listeners).filter(|_| apart)?;
    let address = listener.addr.ip();
    let clues = clues(evidence, &asked, &listeners);
    let cause = Cause::LoopbackOnly { address };
    Some(finding(cause, Certainty::Certain, clues))
}

/// It listens on one other address of this machine.
pub fn bound_elsewhere(evidence: &Evidence) -> Option<Finding> {
    let (asked, listeners) = passed_by(evidence)?;
    let asked_loopback = asked.iter().all(|a| is_loopback(a.addr.ip()));
    let elsewhere: Vec<&Listener> = listeners
        .iter()
        .copied()
        .filter(|l| !l.addr.ip().is_unspecified())
        .filter(|l| asked_loopback || !is_loopback(l.addr.ip()))
        .collect();
    let address = nearest(&asked, &elsewhere)?.addr.ip();
    // With a wildcard beside it that may take the asked family, the refusal has another reason.
    let excluded = listeners
        .iter()
        .all(|l| asked.iter().all(|a| l.accepts(a.addr.ip()) == Some(false)));
    let clues = clues(evidence, &asked, &listeners);
    let cause = Cause::BoundElsewhere { address };
    excluded.then(|| finding(cause, Certainty::Certain, clues))
}

fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

/// The listener to name: one of the asked family, if there is one.
fn nearest<'l>(asked: &[&Attempt], listeners: &'l [&'l Listener]) -> Option<&'l &'l Listener> {
    let family = family_of(asked.first()?);
    let same = listeners
        .iter()
        .find(|l| Family::of(l.addr.ip().to_canonical()) == family);
    same.or(listeners.first())
}

fn clues(evidence: &Evidence, asked: &[&Attempt], listeners: &[&Listener]) -> Vec<Clue> {
    let mut clues: Vec<Clue> = listeners.iter().map(|l| of_listener(l)).collect();
    clues.extend(of_attempts(asked.iter().copied()));
    clues.extend(asked.first().and_then(|a| of_place(evidence, a)));
    clues
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, says, silent};
    use super::*;

    fn own_address() -> Scene {
        Scene::new("10.77.1.10:5432")
            .refused("10.77.1.10")
            .network("10.77.1.10/24 10.77.50.1/24")
    }

    #[test]
    fn a_listener_on_loopback_does_not_serve_the_own_address() {
        let scene = own_address().listeners(&["[::1]:5432 postgres", "127.0.0.1:5432 postgres"]);
        let found = says(loopback_only, &scene, "loopback-only", Certainty::Certain);
        let address = "127.0.0.1".parse().unwrap();
        assert_eq!(found.cause, Cause::LoopbackOnly { address });
        silent(bound_elsewhere, &scene);
    }

    #[test]
    fn a_listener_on_another_own_address_is_bound_elsewhere() {
        let scene = own_address().listeners(&["10.77.50.1:5432", "127.0.0.1:5432"]);
        let found = says(
            bound_elsewhere,
            &scene,
            "bound-elsewhere",
            Certainty::Certain,
        );
        let address = "10.77.50.1".parse().unwrap();
        assert_eq!(found.cause, Cause::BoundElsewhere { address });
        silent(loopback_only, &scene);
    }

    #[test]
    fn loopback_asked_and_another_address_bound() {
        let scene = Scene::new("127.0.0.1:5432")
            .refused("127.0.0.1")
            .listeners(&["192.168.1.5:5432"]);
        says(
            bound_elsewhere,
            &scene,
            "bound-elsewhere",
            Certainty::Certain,
        );
        silent(loopback_only, &scene);
    }

    #[test]
    fn a_wildcard_serves_every_address() {
        for socket in ["0.0.0.0:5432", "[::]:5432"] {
            silent(loopback_only, &own_address().listeners(&[socket]));
            let both = own_address().listeners(&[socket, "10.77.50.1:5432"]);
            silent(bound_elsewhere, &both);
        }
    }

    #[test]
    fn other_ports_and_an_unread_table_say_nothing() {
        for scene in [
            own_address().listeners(&["127.0.0.1:5433"]),
            own_address().listeners(&[]),
            own_address(),
        ] {
            silent(loopback_only, &scene);
            silent(bound_elsewhere, &scene);
        }
    }

    #[test]
    fn another_machines_port_is_not_judged_by_our_table() {
        let scene = Scene::new("10.77.1.10:5432")
            .refused("10.77.1.10")
            .network("10.77.1.2/24")
            .listeners(&["127.0.0.1:5432"]);
        silent(loopback_only, &scene);
        silent(bound_elsewhere, &scene);
    }
}
