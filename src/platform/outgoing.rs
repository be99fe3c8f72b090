//! A connection from this machine to another, and what its rules make of it.

use std::net::{IpAddr, SocketAddr};

use super::filtered;
use super::ruleset::{By, Leg, Listing, Packet, Ruleset, Way, verdict};
use crate::evidence::{DecidingRule, Fact, FirewallKind, Gap, NetworkState, Outbound, Via};

/// The connection whose fate is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Where to.
    pub to: SocketAddr,
    /// The own address it has.
    pub source: Option<IpAddr>,
    /// The interface it leaves by.
    pub interface: Option<String>,
}

impl Outgoing {
    /// A connection to `to` by the route that this machine has there.
    #[must_use]
    pub fn new(to: SocketAddr, state: &NetworkState) -> Self {
        let route = state.routes.iter().find(|route| route.to == to.ip());
        let via = route.and_then(|route| route.via.known());
        Self {
            to,
            source: route.and_then(|route| route.source),
            interface: via.map(|via: &Via| via.interface.clone()),
        }
    }

    fn packet(&self, user: Option<u32>) -> Packet {
        Packet {
            interface: self.interface.clone(),
            user,
            returns: Some(true),
            ..Packet::between(Way::Out, self.source, self.to.ip(), self.to.port())
        }
    }
}

/// Follows a connection of the user's through all rules of this machine.
#[must_use]
pub fn judge(ruleset: &Ruleset, connection: &Outgoing, user: Option<u32>) -> Outbound {
    let fate = verdict(ruleset, &connection.packet(user));
    let decision = fate.decision();
    let by_rule = decision.and_then(|decision| {
        Some(DecidingRule {
            text: filtered::name(decision)?,
            chain: filtered::chain(decision),
            zone: None,
            is_default: !matches!(decision.by, By::Rule(_)),
        })
    });
    Outbound {
        to: connection.to,
        policy: match fate.policy() {
            // Where it goes then is not what was asked for.
            Some(policy) if !fate.translated => Fact::Known(policy),
            Some(_) | None => Fact::Unknown(Gap::Unreadable {
                what: "rules that depend on more than is known".to_owned(),
            }),
        },
        firewall: decision.and_then(|decision| kind(ruleset, &decision.by)),
        rule: by_rule,
        stops_answer: decision.is_some_and(|decision| decision.leg == Leg::Answer),
    }
}

/// Whose rule it is, by the table and the chain that it stands in.
fn kind(ruleset: &Ruleset, by: &By) -> Option<FirewallKind> {
    let (family, table, chain) = by.chain()?;
    let listing = by.listing()?;
    let is_it = |other: &&super::ruleset::Table| {
        other.family == family && other.name == table && other.listing == listing
    };
    let table = ruleset.tables.iter().find(is_it)?;
    // ufw sets the policies of the chains that lead to its own.
    let is_policy = matches!(by, By::Policy { .. });
    let has_ufw = || table.chains.keys().any(|name| name.starts_with("ufw"));
    Some(if table.is_of_firewalld() {
        FirewallKind::Firewalld
    } else if chain.starts_with("ufw") || (is_policy && has_ufw()) {
        FirewallKind::Ufw
    } else if listing != Listing::Nft || table.is_of_iptables() {
        FirewallKind::Iptables
    } else {
        FirewallKind::Nftables
    })
}
