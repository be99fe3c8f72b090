//! A case told again so that nobody can tell whose it is: names, addresses, programs and whatever
//! else somebody else has worded are replaced before any format is written, so all formats say the
//! same. What stands for a thing stands for it everywhere: in both tests of a comparison, in advice
//! and in commands.
//!
//! Diagnosis and advice are drawn anew from the evidence told again, so nothing of the old can slip
//! through them; what the rules read in the evidence is kept, so they say what they said before.
//! Every field of the evidence is named in `evidence`: a new one does not compile until it is
//! decided what becomes of it.

mod addresses;
mod evidence;
mod names;
mod text;
mod words;

use std::collections::BTreeSet;
use std::mem::discriminant;
use std::sync::Arc;

use crate::case::ends::OtherReport;
use crate::case::local::LocalView;
use crate::case::{Case, Round, Tried};
use crate::evidence::{Attempt, Evidence, MacAddress};

/// What stands for what, in cases that belong together.
#[derive(Debug, Default)]
pub struct Redactor {
    addresses: addresses::Addresses,
    names: names::Names,
    /// The network adapters met so far.
    adapters: Vec<MacAddress>,
    /// The ports that the cases are about: numbers that may stay in a text.
    ports: BTreeSet<u16>,
}

impl Redactor {
    /// Gives a name to all that a case and its rounds are about. Cases that are told beside each
    /// other are all met before, so that running text leaves out the same in each.
    pub fn meet(&mut self, case: &Case) {
        let rounds = case.rounds().iter().map(|round| &round.case);
        let other = case.other_end().map(|other| &other.case);
        let all: Vec<&Case> = std::iter::once(case).chain(rounds).chain(other).collect();
        for case in &all {
            self.learn(case.evidence());
        }
        // The target comes first, so that it is the first host in the report.
        for case in &all {
            self.evidence(case.evidence());
        }
    }

    /// The case told again, with its rounds.
    #[must_use]
    pub fn retell(&mut self, case: &Case) -> Case {
        self.meet(case);
        let evidence = self.evidence(case.evidence());
        let rounds = case.rounds().iter().map(|round| {
            let told = Case::new(self.evidence(round.case.evidence()));
            Round {
                tried: round
                    .tried
                    .as_ref()
                    .and_then(|t| same(t, &round.case, &told)),
                case: told,
            }
        });
        let rounds = rounds.collect();
        let other = case.other_end().map(|other| Arc::new(self.other(other)));
        Case::with_rounds(evidence, rounds).beside(other)
    }

    fn other(&mut self, other: &OtherReport) -> OtherReport {
        let OtherReport {
            case,
            watch,
            from,
            began,
            anonymised,
        } = other;
        OtherReport {
            case: Case::new(self.evidence(case.evidence())),
            watch: watch.as_ref().map(|watch| self.watch(watch)),
            from: from.map(|ip| self.addresses.address(ip)),
            began: *began,
            anonymised: *anonymised,
        }
    }

    /// The view of a port told again.
    #[must_use]
    pub fn retell_local(&mut self, view: &LocalView) -> LocalView {
        let LocalView { case, from, watch } = view;
        LocalView {
            case: self.retell(case),
            from: from.map(|ip| self.addresses.address(ip)),
            watch: self.watch(watch),
        }
    }

    fn learn(&mut self, evidence: &Evidence) {
        if let Some(network) = evidence.network.known() {
            self.addresses.learn(network);
        }
        let attempts = evidence.attempts.iter().chain(&evidence.references);
        let listeners = evidence.listeners.known().into_iter().flatten();
        self.ports.insert(evidence.target.port);
        self.ports
            .extend(attempts.map(|Attempt { addr, .. }| addr.port()));
        self.ports
            .extend(listeners.map(|listener| listener.addr.port()));
    }
}

/// The case told again on its own.
#[must_use]
pub fn anonymised(case: &Case) -> Case {
    Redactor::default().retell(case)
}

/// What was tried, as the case told again advises it.
fn same(tried: &Tried, case: &Case, told: &Case) -> Option<Tried> {
    let at = case
        .advice()
        .iter()
        .position(|advice| Tried::of(advice) == *tried);
    let same_kind = |other: &Tried| {
        other.place == tried.place && discriminant(&other.kind) == discriminant(&tried.kind)
    };
    let there = at
        .and_then(|at| told.advice().get(at))
        .map(Tried::of)
        .filter(same_kind);
    there.or_else(|| told.advice().iter().map(Tried::of).find(same_kind))
}
