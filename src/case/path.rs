//! The way from this computer to the service as a row of waypoints, each link of it verified,
//! broken or unknown: what the path picture draws and what its text equivalent says.

use std::time::Duration;

use crate::diagnosis::{Cause, Impact};
use crate::evidence::{Fact, Outcome};

use super::Case;

/// A place on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Waypoint {
    /// Where we stand.
    ThisComputer,
    /// The lookup of the name.
    Name,
    /// This computer's firewall and policies.
    OwnFirewall,
    /// The network between: adapters, routers, VPNs.
    Network,
    /// The firewall of the other machine.
    TargetFirewall,
    /// The other machine.
    Host,
    /// The port, and the program that listens on it.
    Port,
    /// What the program speaks.
    Service,
}

/// How the link that leads to a waypoint stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkState {
    /// Seen to work.
    Verified,
    /// Works in part: for some addresses, or for one family.
    Partly,
    /// The connection breaks here.
    Broken,
    /// Nothing seen either way.
    Unknown,
}

/// One waypoint with the link that leads to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where the link leads.
    pub to: Waypoint,
    /// How it stands.
    pub state: LinkState,
    /// How long it took, where that was measured.
    pub took: Option<Duration>,
}

/// The links after [`Waypoint::ThisComputer`], in order.
#[must_use]
pub fn path(case: &Case) -> Vec<Link> {
    let breaks = breaks_at(case);
    let proven = proven_up_to(case);
    let partly = case.diagnosis().reachable && case.diagnosis().impact == Impact::Degraded;
    waypoints(case)
        .into_iter()
        .map(|to| {
            let state = match breaks {
                Some(broken) if to == broken => LinkState::Broken,
                _ if proven.is_none_or(|proven| to > proven) => LinkState::Unknown,
                _ if partly && to >= Waypoint::Network => LinkState::Partly,
                _ => LinkState::Verified,
            };
            Link {
                to,
                state,
                took: took(case, to),
            }
        })
        .collect()
}

/// The waypoint a cause belongs to: the one the connection does not get to.
#[must_use]
pub fn place_of(cause: &Cause) -> Option<Waypoint> {
    match cause {
        Cause::Reachable
        | Cause::ReachableSilent
        | Cause::SilentDrop
        | Cause::Ipv6PathBroken
        | Cause::OneAddressDead { .. }
        | Cause::Undetermined => None,
        Cause::NameNotFound
        | Cause::NameHasNoAddress
        | Cause::ResolverUnreachable
        | Cause::ResolverFailure => Some(Waypoint::Name),
        Cause::LocalFirewallRejects | Cause::LocalPolicyDenies => Some(Waypoint::OwnFirewall),
        Cause::BadAddress
        | Cause::NoNetwork
        | Cause::NoDefaultRoute
        | Cause::RouteProhibited
        | Cause::Ipv6Unavailable
        | Cause::NoRouteBeyond { .. }
        | Cause::PathFirewallRejects { .. } => Some(Waypoint::Network),
        Cause::FirewallDropsPort | Cause::FirewallRejects => Some(Waypoint::TargetFirewall),
        Cause::HostDown => Some(Waypoint::Host),
        Cause::NothingListening
        | Cause::WrongPort { .. }
        | Cause::LoopbackOnly { .. }
        | Cause::BoundElsewhere { .. }
        | Cause::WrongFamily { .. } => Some(Waypoint::Port),
        Cause::TlsToPlainPort | Cause::PlainToTlsPort => Some(Waypoint::Service),
    }
}

fn waypoints(case: &Case) -> Vec<Waypoint> {
    let about_name = place_of(&case.diagnosis().verdict.cause) == Some(Waypoint::Name);
    let mut row = Vec::with_capacity(6);
    if about_name {
        row.push(Waypoint::Name);
    }
    if case.target_is_here() == Some(true) {
        if breaks_at(case) == Some(Waypoint::OwnFirewall) {
            row.push(Waypoint::OwnFirewall);
        }
        if matches!(
            breaks_at(case),
            Some(Waypoint::Network | Waypoint::TargetFirewall)
        ) {
            row.push(Waypoint::TargetFirewall);
        }
    } else {
        row.extend([
            Waypoint::OwnFirewall,
            Waypoint::Network,
            Waypoint::TargetFirewall,
            Waypoint::Host,
        ]);
    }
    row.extend([Waypoint::Port, Waypoint::Service]);
    row
}

fn breaks_at(case: &Case) -> Option<Waypoint> {
    let diagnosis = case.diagnosis();
    if diagnosis.reachable && diagnosis.impact != Impact::Blocked {
        return None;
    }
    place_of(&diagnosis.verdict.cause)
}

/// The last waypoint that the evidence shows the packets to have reached.
fn proven_up_to(case: &Case) -> Option<Waypoint> {
    let diagnosis = case.diagnosis();
    match &diagnosis.verdict.cause {
        Cause::Reachable => Some(Waypoint::Service),
        _ if diagnosis.reachable => Some(Waypoint::Port),
        Cause::FirewallDropsPort | Cause::FirewallRejects => Some(Waypoint::Network),
        Cause::NoRouteBeyond { .. } | Cause::PathFirewallRejects { .. } => {
            Some(Waypoint::OwnFirewall)
        }
        Cause::Undetermined | Cause::SilentDrop => answered(case).then_some(Waypoint::Host),
        named if place_of(named) == Some(Waypoint::Port) => Some(Waypoint::Host),
        _ => None,
    }
}

/// Whether the machine itself answered on any port.
fn answered(case: &Case) -> bool {
    let evidence = case.evidence();
    let mut attempts = evidence.attempts.iter().chain(&evidence.references);
    attempts.any(|attempt| match attempt.outcome {
        Outcome::Connected => true,
        Outcome::Refused => attempt.icmp.is_none(),
        _ => false,
    })
}

fn took(case: &Case, to: Waypoint) -> Option<Duration> {
    let evidence = case.evidence();
    match to {
        Waypoint::Name => match &evidence.lookup {
            Fact::Known(lookup) => Some(lookup.took),
            Fact::Unknown(_) => None,
        },
        Waypoint::Port => {
            let connected = evidence
                .attempts
                .iter()
                .filter(|a| a.outcome == Outcome::Connected);
            connected.map(|attempt| attempt.took).min()
        }
        _ => None,
    }
}
