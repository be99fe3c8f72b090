//! `address-conflict`: two machines of the own network answer for one address.
//!
//! Both answer the question whose the address is (ARP, RFC 826; neighbour solicitations, RFC 4861),
//! and the table here keeps the adapter it was told last: whenever one of the two asks for somebody
//! itself, the table is corrected to its adapter (RFC 5227, 1). So connects go now to the one, now
//! to the other, and where only one of them has the service, what comes back goes by the adapter.
//! A row of connects shows that: each notes which adapter it went to.
//!
//! Never certain: one machine with two adapters in the same network answers with both of them, and
//! its rules may tell them apart. An address that moved once may have been taken over on purpose
//! (VRRP, RFC 9568; a cluster), so that is but possible. Where both serve alike nothing is said.

use super::reading::{finding, or};
use super::repeated::{Fate, Row, rows};
use crate::diagnosis::{Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{Evidence, MacAddress};

/// A single answer of an adapter may be chance.
const LEAST: usize = 2;

/// What became of the connects that went to one adapter.
struct Adapter {
    mac: MacAddress,
    fates: Vec<Fate>,
}

impl Adapter {
    fn prompt(&self) -> usize {
        let prompt = self.fates.iter().filter(|fate| **fate == Fate::Prompt);
        prompt.count()
    }

    fn clue(&self, row: &Row) -> Clue {
        Clue::AdapterAnswered {
            addr: row.addr,
            mac: self.mac,
            total: self.fates.len(),
            connected: self.prompt(),
        }
    }
}

/// One adapter of the address always accepts, and another never does.
pub fn address_conflict(evidence: &Evidence) -> Option<Finding> {
    rows(evidence).iter().find_map(|row| {
        let adapters = adapters(row);
        let told = || adapters.iter().filter(|one| one.fates.len() >= LEAST);
        let serves = told().find(|one| one.prompt() == one.fates.len())?;
        let refuses = told().find(|one| one.prompt() == 0)?;
        let certainty = if moves(row) > 1 {
            Certainty::Likely
        } else {
            Certainty::Possible
        };
        let clues = vec![serves.clue(row), refuses.clue(row), row.clue()];
        let mut found = finding(Cause::AddressConflict, certainty, clues);
        let test = DecidingTest::CompareMacAddresses;
        found.alternatives = vec![or(Cause::ServiceFlapping, test)];
        Some(found)
    })
}

/// The adapters of a row, in the order in which they were met.
fn adapters(row: &Row) -> Vec<Adapter> {
    let mut adapters: Vec<Adapter> = Vec::new();
    for (mac, fate) in row.macs.iter().zip(&row.fates) {
        let Some(mac) = *mac else { continue };
        match adapters.iter_mut().find(|known| known.mac == mac) {
            Some(known) => known.fates.push(*fate),
            None => adapters.push(Adapter {
                mac,
                fates: vec![*fate],
            }),
        }
    }
    adapters
}

/// How often the address went from one adapter to another.
fn moves(row: &Row) -> usize {
    let known: Vec<MacAddress> = row.macs.iter().flatten().copied().collect();
    known.windows(2).filter(|pair| pair[0] != pair[1]).count()
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::*;

    fn scene(row: &str, adapters: &str) -> Scene {
        let scene = Scene::row("10.77.1.10:5432", row).network("10.77.1.2/24");
        scene.adapters(adapters)
    }

    #[test]
    fn answers_that_go_by_the_adapter_come_from_two_machines() {
        for row in ["+++xxx+++", "+++...+++", "+++!!!+++", "+++~~~+++"] {
            let scene = scene(row, "aabbbaaa");
            let found = says(
                address_conflict,
                &scene,
                "address-conflict",
                Certainty::Likely,
            );
            assert_eq!(others(&found), ["service-flapping"], "{row}");
        }
    }

    #[test]
    fn an_address_that_moved_once_may_have_been_taken_over() {
        let scene = scene("++++xxxx", "aaabbbb");
        says(
            address_conflict,
            &scene,
            "address-conflict",
            Certainty::Possible,
        );
    }

    #[test]
    fn answers_that_do_not_go_by_the_adapter_have_another_reason() {
        // The service restarts; two adapters of one machine serve alike; one answer is chance.
        silent(address_conflict, &scene("++xx++xx+", "aaaaaaaa"));
        silent(address_conflict, &scene("++xx++xx+", "abababab"));
        silent(address_conflict, &scene("+++++++++", "aabbaabb"));
        silent(address_conflict, &scene("xxxxxxxxx", "aabbaabb"));
        silent(address_conflict, &scene("++++x++++", "aaabaaaa"));
    }

    #[test]
    fn where_the_table_does_not_tell_the_rule_is_quiet() {
        silent(address_conflict, &scene("+++xxx+++", ""));
        silent(address_conflict, &scene("+++xxx+++", "aa   aaa"));
    }
}
