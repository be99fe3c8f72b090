//! Evidence and what follows from it, never out of step.

pub mod lesson;
pub mod path;

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use crate::advice::{self, Advice};
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
}

impl Case {
    /// A case with the evidence so far.
    #[must_use]
    pub fn new(evidence: Evidence) -> Self {
        let diagnosis = diagnosis::diagnose(&evidence);
        let advice = advice::advise(&diagnosis, &evidence);
        Self {
            evidence,
            diagnosis,
            advice,
        }
    }

    /// Folds one observation in and derives diagnosis and advice from the whole.
    pub fn record(&mut self, observation: Observation) {
        let mut evidence = self.evidence.clone();
        evidence.record(observation);
        *self = Self::new(evidence);
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
