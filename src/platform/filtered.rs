//! What the rules of a packet filter make of a connection from another machine: the evaluator's
//! answer ([`super::ruleset`]) in the terms of our evidence.

use super::incoming::{Incoming, Judgement};
use super::ruleset::{By, Decision, Listing, Packet, Ruleset, Way, verdict};
use crate::evidence::{FilterChain, Policy};

/// What becomes of the connection, and where that is decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filtered {
    /// What becomes of it.
    pub judgement: Judgement,
    /// The chain that decides, where it is one.
    pub chain: Option<FilterChain>,
}

/// Follows the connection through the rules.
#[must_use]
pub fn judge(ruleset: &Ruleset, connection: &Incoming) -> Filtered {
    let fate = verdict(ruleset, &packet(connection, Some(connection.port)));
    let decision = fate.decision();
    // Where it goes then is not the service that was asked for.
    let policy = fate.policy().filter(|_| !fate.translated);
    Filtered {
        judgement: Judgement {
            policy,
            rule: decision.and_then(name),
            is_default: decision.is_some_and(|one| !matches!(one.by, By::Rule(_))),
        },
        chain: decision.and_then(chain),
    }
}

/// What becomes of connections to ports that no rule names.
#[must_use]
pub fn otherwise(ruleset: &Ruleset, connection: &Incoming) -> Option<Policy> {
    verdict(ruleset, &packet(connection, None)).policy()
}

fn packet(connection: &Incoming, port: Option<u16>) -> Packet {
    Packet {
        source: connection.source,
        destination: connection.destination,
        interface: connection.interface.clone(),
        ..Packet::new(Way::In, connection.v6, port)
    }
}

/// What decides, as its tool prints it.
#[must_use]
pub fn name(decision: &Decision) -> Option<String> {
    match &decision.by {
        By::Rule(rule) => Some(rule.text.clone()),
        By::Policy { table, chain, .. } => {
            let policy = match decision.ending.policy()? {
                Policy::Allow => "accept",
                Policy::Drop | Policy::Reject => "drop",
            };
            Some(format!("{table} {chain} policy {policy}"))
        }
        By::Nothing => None,
    }
}

/// The chain it stands in.
#[must_use]
pub fn chain(decision: &Decision) -> Option<FilterChain> {
    let (family, table, chain) = decision.by.chain()?;
    Some(FilterChain {
        family: family.name().to_owned(),
        table: table.to_owned(),
        chain: chain.to_owned(),
        legacy: decision.by.listing() == Some(Listing::IptablesLegacy),
        newer: decision.by.listing() == Some(Listing::IptablesNft),
    })
}
