//! Evidence and what follows from it, never out of step.

pub mod comparison;
pub mod ends;
pub mod lesson;
pub mod local;
pub mod path;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use comparison::Comparison;
use ends::{End, OtherReport, Story};

use crate::advice::{self, Advice, AdviceKind, Place};
use crate::diagnosis::{self, Diagnosis};
use crate::evidence::{Evidence, Fact, LookupOutcome, Observation};

/// One target's evidence with its diagnosis and advice.
///
/// The only way to change it is [`Case::record`], which derives everything anew.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    evidence: Evidence,
    diagnosis: Diagnosis,
    advice: Vec<Advice>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rounds: Vec<Round>,
    #[serde(skip)]
    other_end: Option<Arc<OtherReport>>,
}

/// An earlier test of the same target that ended, and what was done after it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Round {
    /// That test; its own rounds stand beside it.
    pub case: Case,
    /// What the person says to have done then; nothing where the test was only repeated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tried: Option<Tried>,
}

/// An advice that the person says to have followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// Which one.
    pub kind: AdviceKind,
    /// On which machine.
    pub place: Place,
}

impl Tried {
    /// That this advice was followed.
    #[must_use]
    pub fn of(advice: &Advice) -> Self {
        Self {
            kind: advice.kind.clone(),
            place: advice.place,
        }
    }
}

impl Case {
    /// A case with the evidence so far.
    #[must_use]
    pub fn new(evidence: Evidence) -> Self {
        Self::with_rounds(evidence, Vec::new())
    }

    /// A case with the tests before it, the oldest first.
    #[must_use]
    pub fn with_rounds(evidence: Evidence, mut rounds: Vec<Round>) -> Self {
        rounds.drain(..rounds.len().saturating_sub(MOST_ROUNDS));
        let diagnosis = diagnosis::diagnose(&evidence);
        let advice = advice::advise(&diagnosis, &evidence);
        Self {
            evidence,
            diagnosis,
            advice,
            rounds,
            other_end: None,
        }
    }

    /// The next test of the same target, of which only `evidence` is known yet, after the person
    /// has `tried` something.
    #[must_use]
    pub fn next_round(mut self, tried: Option<Tried>, evidence: Evidence) -> Self {
        let mut rounds = std::mem::take(&mut self.rounds);
        let other_end = self.other_end.take();
        rounds.push(Round { case: self, tried });
        Self::with_rounds(evidence, rounds).beside(other_end)
    }

    /// Folds one observation in and derives diagnosis and advice from the whole.
    pub fn record(&mut self, observation: Observation) {
        let mut evidence = self.evidence.clone();
        evidence.record(observation);
        let other_end = self.other_end.take();
        *self = Self::with_rounds(evidence, std::mem::take(&mut self.rounds)).beside(other_end);
    }

    /// The same case with the report of the other computer beside it, or without.
    #[must_use]
    pub fn beside(mut self, other_end: Option<Arc<OtherReport>>) -> Self {
        self.other_end = other_end;
        self
    }

    /// What was seen.
    #[must_use]
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// What it means.
    #[must_use]
    pub fn diagnosis(&self) -> &Diagnosis {
        &self.diagnosis
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> &[Advice] {
        &self.advice
    }

    /// The tests before this one, the oldest first.
    #[must_use]
    pub fn rounds(&self) -> &[Round] {
        &self.rounds
    }

    /// The report of the other computer that was brought for this test.
    #[must_use]
    pub fn other_end(&self) -> Option<&Arc<OtherReport>> {
        self.other_end.as_ref()
    }

    /// What this test, begun then, and the report of the other computer make together; nothing where
    /// none was brought, and where the two are not a client's and a server's.
    #[must_use]
    pub fn story(&self, began: Option<Timestamp>) -> Option<Story<'_>> {
        let own = End {
            case: self,
            watch: None,
            from: None,
            began,
            anonymised: false,
        };
        Story::of(own, self.other_end.as_ref()?.end())
    }

    /// What this test and the one before say, question by question; nothing before its end, and
    /// where there was none before.
    #[must_use]
    pub fn comparison(&self) -> Option<Comparison<'_>> {
        let before = self.rounds.last().filter(|_| self.evidence.complete)?;
        Some(Comparison::of(&before.case, self, before.tried.as_ref()))
    }

    /// Whether the person has followed this advice since the first of the rounds.
    #[must_use]
    pub fn was_tried(&self, advice: &Advice) -> bool {
        let tried = Tried::of(advice);
        self.rounds
            .iter()
            .any(|round| round.tried.as_ref() == Some(&tried))
    }

    /// The target's addresses as far as they are known: the literal, or what the name gave.
    #[must_use]
    pub fn addresses(&self) -> Vec<IpAddr> {
        if let Some(ip) = self.evidence.target.host.literal() {
            return vec![ip];
        }
        match self.evidence.lookup.known().map(|lookup| &lookup.outcome) {
            Some(LookupOutcome::Found(found)) => found.iter().map(SocketAddr::ip).collect(),
            Some(_) | None => Vec::new(),
        }
    }

    /// Whether this machine answered on the port although no program listens there: its rules pass
    /// the connection on, or the system still holds the port of a program that has ended.
    #[must_use]
    pub fn is_answered_by_nobody(&self) -> bool {
        let listeners = self.evidence.listeners_on_port();
        self.target_is_here() == Some(true)
            && self.diagnosis.reachable
            && listeners.is_some_and(|listeners| listeners.is_empty())
    }

    /// Whether the target is this very machine; nothing while that cannot be told.
    #[must_use]
    pub fn target_is_here(&self) -> Option<bool> {
        let addresses = self.addresses();
        if addresses.is_empty() {
            return None;
        }
        if addresses
            .iter()
            .all(|ip| ip.is_loopback() || ip.is_unspecified())
        {
            return Some(true);
        }
        match &self.evidence.network {
            Fact::Known(network) => Some(addresses.iter().any(|ip| network.is_own(*ip))),
            Fact::Unknown(_) => None,
        }
    }
}

/// Older rounds tell no more, and each weighs as much as a report.
const MOST_ROUNDS: usize = 8;
