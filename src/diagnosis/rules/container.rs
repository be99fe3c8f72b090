//! `localhost-is-container`: the client runs in a container, and asks its own loopback for a
//! service of the host.
//!
//! A network namespace has a loopback interface of its own (`network_namespaces(7)`), and of links
//! only such as software makes: the card belongs to the host, and a container that has it shares the
//! host's network, loopback included. The default route leads through one end of a veth(4) pair whose
//! other end is elsewhere. (The file that engines leave behind, `/.dockerenv`, is in virtual machines
//! made from an image too.) What listens on the asked port of the default gateway is then the
//! host's, unless the gateway is something else: asked once.

use super::clues::of_attempts;
use super::reading::{finding, or, refused_here};
use crate::diagnosis::{Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{Attempt, Evidence, Outcome};

/// Nothing listens on the loopback of this container, and the host has the port open.
pub fn localhost_is_container(evidence: &Evidence) -> Option<Finding> {
    let refused = refused_on_loopback(evidence)?;
    let at_gateway = evidence.at_gateway.as_ref()?;
    if !in_container(evidence) || at_gateway.outcome != Outcome::Connected {
        return None;
    }
    let port = evidence.target.port;
    let mut clues = vec![
        Clue::InContainer,
        Clue::Connected {
            addr: at_gateway.addr,
            took: at_gateway.took,
        },
        Clue::NoListenerHere { port },
    ];
    clues.extend(of_attempts(refused));
    let gateway = Some(at_gateway.addr.ip());
    let cause = Cause::LocalhostIsContainer { gateway };
    // The gateway may be a router with a service of its own on that port.
    let mut found = finding(cause, Certainty::Likely, clues);
    found.alternatives = vec![or(
        Cause::NothingListening,
        DecidingTest::LookInsideContainer,
    )];
    Some(found)
}

/// Whether a container's loopback was asked, so that the service may be the host's although it does
/// not show itself at the gateway.
pub fn may_be_outside(evidence: &Evidence) -> bool {
    in_container(evidence) && refused_on_loopback(evidence).is_some()
}

fn in_container(evidence: &Evidence) -> bool {
    let leads_out = evidence
        .network
        .known()
        .and_then(|network| network.default_gateways.known())
        .is_none_or(|gateways| !gateways.is_empty());
    // The gateway is asked in a container only.
    evidence.at_gateway.is_some() || (evidence.in_container.known() == Some(&true) && leads_out)
}

/// Every address is loopback and refused, and nothing here listens on the port.
fn refused_on_loopback(evidence: &Evidence) -> Option<Vec<&Attempt>> {
    let refused = refused_here(evidence)?;
    let on_loopback = refused
        .iter()
        .all(|a| a.addr.ip().to_canonical().is_loopback());
    let nobody = evidence.listeners_on_port()?.is_empty();
    (on_loopback && nobody).then_some(refused)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, says, silent};
    use super::*;
    use crate::evidence::{Fact, LinkKind};

    fn refused() -> Scene {
        Scene::new("127.0.0.1:5432")
            .refused("127.0.0.1")
            .listeners(&[])
            .network("10.77.1.2/24")
    }

    fn in_namespace() -> Scene {
        refused().link("eth0", Some(true), LinkKind::Pair)
    }

    #[test]
    fn a_gateway_with_the_port_open_is_the_host() {
        let scene = in_namespace().at_gateway("10.77.1.1:5432", Outcome::Connected);
        says(
            localhost_is_container,
            &scene,
            "localhost-is-container",
            Certainty::Likely,
        );
    }

    #[test]
    fn a_gateway_without_it_leaves_the_question_open() {
        let scene = in_namespace().at_gateway("10.77.1.1:5432", Outcome::Refused);
        silent(localhost_is_container, &scene);
        assert!(may_be_outside(&scene.evidence));
    }

    #[test]
    fn links_made_by_software_that_lead_out_may_be_a_containers() {
        let contained = |scene: Scene, in_container| {
            let mut evidence = scene.evidence;
            evidence.in_container = Fact::Known(in_container);
            evidence
        };
        let link = || refused().link("eth0", Some(true), LinkKind::Other);
        assert!(may_be_outside(&contained(link(), true)));
        assert!(!may_be_outside(&contained(link(), false)));
        assert!(!may_be_outside(&contained(link().without_gateway(), true)));
    }

    #[test]
    fn a_plain_machine_or_a_listener_is_another_matter() {
        let plain = refused();
        silent(localhost_is_container, &plain);
        assert!(!may_be_outside(&plain.evidence));
        let listening = in_namespace()
            .listeners(&["10.77.1.2:5432"])
            .at_gateway("10.77.1.1:5432", Outcome::Connected);
        silent(localhost_is_container, &listening);
        let elsewhere = Scene::new("10.77.1.2:5432")
            .refused("10.77.1.2")
            .listeners(&[])
            .network("10.77.1.2/24")
            .link("eth0", Some(true), LinkKind::Pair)
            .at_gateway("10.77.1.1:5432", Outcome::Connected);
        silent(localhost_is_container, &elsewhere);
    }
}
