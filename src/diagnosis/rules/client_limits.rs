//! `client-out-of-ports` and `client-out-of-descriptors`: this machine cannot open one more
//! connection.
//!
//! connect(2) takes a port of `ip_local_port_range` (ip(7)) that is not yet in use towards the
//! same address and port, and says EADDRNOTAVAIL when there is none; finished connections keep
//! theirs for a minute (TIME-WAIT, RFC 9293, 3.6.1). EMFILE and ENFILE come from socket(2), before
//! anything is sent.

use super::clues::of_attempts;
use super::reading::{all_telling, family_of, finding, has_family, or};
use crate::diagnosis::{Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{Evidence, Outcome};

/// Every port of this machine is in use towards the target.
pub fn client_out_of_ports(evidence: &Evidence) -> Option<Finding> {
    let failed = all_telling(evidence, |a| {
        a.at_once && a.outcome == Outcome::AddressNotAvailable
    })?;
    let used = evidence.own_ports.known()?;
    // Without an own address of the family the error says that.
    let network = evidence.network.known();
    let has_address = network.is_none_or(|network| {
        failed
            .iter()
            .all(|a| has_family(network, family_of(a)) || network.is_own(a.addr.ip()))
    });
    // Some ports of the range may be reserved or held by sockets of other programs.
    let is_much = used.in_use.saturating_mul(10) >= used.available.saturating_mul(9);
    if !has_address || used.in_use == 0 || !is_much {
        return None;
    }
    let mut clues = vec![Clue::OwnPortsUsedUp {
        in_use: used.in_use,
        available: used.available,
    }];
    clues.extend(of_attempts(failed));
    let all = used.in_use >= used.available;
    let certainty = if all {
        Certainty::Certain
    } else {
        Certainty::Likely
    };
    let mut found = finding(Cause::ClientOutOfPorts, certainty, clues);
    found.alternatives = vec![or(Cause::SourceAddressMissing, DecidingTest::TryLater)];
    Some(found)
}

/// No descriptor was left for another socket.
pub fn client_out_of_descriptors(evidence: &Evidence) -> Option<Finding> {
    let failed = all_telling(evidence, |a| {
        a.at_once && a.outcome == Outcome::OutOfDescriptors
    })?;
    let clues = of_attempts(failed);
    Some(finding(
        Cause::ClientOutOfDescriptors,
        Certainty::Certain,
        clues,
    ))
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, says, silent};
    use super::*;

    fn no_address() -> Scene {
        Scene::new("10.77.1.10:5432")
            .at_once("10.77.1.10", Outcome::AddressNotAvailable, 99)
            .network("10.77.1.2/24")
    }

    #[test]
    fn a_range_that_is_used_up_is_proof() {
        let scene = no_address().own_ports(10, 10);
        says(
            client_out_of_ports,
            &scene,
            "client-out-of-ports",
            Certainty::Certain,
        );
        let nearly = no_address().own_ports(27_000, 28_232);
        says(
            client_out_of_ports,
            &nearly,
            "client-out-of-ports",
            Certainty::Likely,
        );
    }

    #[test]
    fn free_ports_or_unread_ones_accuse_nobody() {
        silent(client_out_of_ports, &no_address().own_ports(3, 28_232));
        silent(client_out_of_ports, &no_address());
        let v6 = Scene::new("[fd77:1::10]:5432")
            .at_once("fd77:1::10", Outcome::AddressNotAvailable, 99)
            .network("10.77.1.2/24")
            .own_ports(10, 10);
        silent(client_out_of_ports, &v6);
    }

    #[test]
    fn a_descriptor_that_is_not_there_is_said_by_the_system() {
        let scene =
            Scene::new("10.77.1.10:5432").at_once("10.77.1.10", Outcome::OutOfDescriptors, 24);
        says(
            client_out_of_descriptors,
            &scene,
            "client-out-of-descriptors",
            Certainty::Certain,
        );
        silent(client_out_of_descriptors, &no_address());
    }
}
