//! The way from this computer to the service as a row of waypoints, each link of it verified,
//! broken or unknown: what the path picture draws and what its text equivalent says.

use std::time::Duration;

pub use crate::diagnosis::Waypoint;
use crate::diagnosis::{Cause, Impact};
use crate::evidence::{Fact, Outcome};

use super::Case;

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
                _ if partly && is_hindered(to, &case.diagnosis().verdict.cause) => {
                    LinkState::Partly
                }
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

/// Whether what works in part does so on the link to this waypoint: a slow lookup or answer, or a
/// proxy that is not needed, leaves the rest of the way alone.
fn is_hindered(to: Waypoint, cause: &Cause) -> bool {
    match (cause, cause.place()) {
        (_, Some(place @ (Waypoint::Name | Waypoint::Service))) => to == place,
        (Cause::ProxyDead { .. } | Cause::ProxyBypassMissing { .. }, _) => to == Waypoint::Network,
        _ => to >= Waypoint::Network,
    }
}

fn waypoints(case: &Case) -> Vec<Waypoint> {
    let about_name = case.diagnosis().verdict.cause.place() == Some(Waypoint::Name);
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
    // Before the end a verdict is a guess: another answer may move the break.
    if !case.evidence().complete {
        return None;
    }
    if diagnosis.reachable && diagnosis.impact != Impact::Blocked {
        return None;
    }
    diagnosis.verdict.cause.place()
}

/// The last waypoint that the evidence shows the packets to have reached; nothing where it shows
/// none.
#[must_use]
pub fn proven_up_to(case: &Case) -> Option<Waypoint> {
    let diagnosis = case.diagnosis();
    // Nor is anything certain to stay: even behind a connection that was accepted, a sign-in page
    // may turn out to have answered.
    if !case.evidence().complete {
        return None;
    }
    match &diagnosis.verdict.cause {
        Cause::Reachable => Some(Waypoint::Service),
        Cause::ServerSlow if diagnosis.reachable => Some(Waypoint::Service),
        // Whoever accepts there is not the machine that was meant.
        Cause::NameResolvesWrong { .. } | Cause::NameBlocked => None,
        // What was accepted is lost, or answered, on the way.
        Cause::CaptivePortal | Cause::MtuBlackHole | Cause::DataDropped => {
            Some(Waypoint::OwnFirewall)
        }
        _ if diagnosis.reachable => Some(Waypoint::Port),
        Cause::NoRouteBeyond { .. }
        | Cause::RoutingLoop
        | Cause::PathFirewallDrops { after: Some(_) }
        | Cause::PathFirewallRejects { .. }
        | Cause::PathFirewallResets { .. } => Some(Waypoint::OwnFirewall),
        // Silence alone does not show that anything left this computer.
        Cause::FirewallDropsPort | Cause::FirewallDropsAll if !has_left(case) => None,
        Cause::FirewallDropsPort
        | Cause::FirewallDropsAll
        | Cause::FirewallRejects
        | Cause::SourceBlocked
        | Cause::RateLimited
        | Cause::ReplyLost => Some(Waypoint::Network),
        Cause::Undetermined
        | Cause::SilentDrop
        | Cause::AcceptQueueFull
        | Cause::ServiceFlapping => answered(case).then_some(Waypoint::Host),
        // Not reachable, so it was the machine that said so, not a relay that had accepted.
        Cause::ForwarderWithoutBackend => Some(Waypoint::Host),
        named if named.place() == Some(Waypoint::Port) => Some(Waypoint::Host),
        _ => None,
    }
}

/// Whether the kernel's counters show that the packets left this computer.
fn has_left(case: &Case) -> bool {
    let evidence = case.evidence();
    let mut silent = evidence
        .attempts
        .iter()
        .filter(|attempt| attempt.outcome == Outcome::Silent);
    let left = |to| {
        let mut departures = evidence.departures.iter().filter(|d| d.to == to);
        departures.any(crate::evidence::Departure::is_complete)
    };
    silent.any(|attempt| left(attempt.addr))
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

#[cfg(test)]
mod tests {
    use super::LinkState::{Broken, Partly, Unknown, Verified};
    use super::*;
    use crate::diagnosis::{Certainty, Diagnosis, Finding};
    use crate::evidence::{Evidence, Os};

    /// What the picture shows for a verdict, as the names of waypoints and states.
    fn picture(cause: Cause, reachable: bool, impact: Impact) -> Vec<(Waypoint, LinkState)> {
        let target = serde_json::from_value(serde_json::json!({
            "input": "192.0.2.1:5432",
            "host": { "v4": "192.0.2.1" },
            "port": 5432,
            "port_from": "typed",
            "service": null,
            "protocol": "listen-only",
        }))
        .unwrap();
        let mut evidence = Evidence::new(target, Os::Linux, Duration::from_secs(4));
        evidence.complete = true;
        let shown = Case {
            evidence,
            diagnosis: Diagnosis {
                reachable,
                impact,
                verdict: Finding {
                    cause,
                    certainty: Certainty::Likely,
                    because: Vec::new(),
                    alternatives: Vec::new(),
                },
            },
            advice: Vec::new(),
            rounds: Vec::new(),
            other_end: None,
        };
        let links = path(&shown).into_iter();
        links.map(|link| (link.to, link.state)).collect()
    }

    fn states(cause: Cause, reachable: bool, impact: Impact) -> Vec<LinkState> {
        let links = picture(cause, reachable, impact).into_iter();
        links.map(|(_, state)| state).collect()
    }

    #[test]
    fn a_wrong_certificate_breaks_the_last_link_only() {
        let cause = Cause::CertificateExpired { until: None };
        assert_eq!(
            states(cause, true, Impact::Blocked),
            [Verified, Verified, Verified, Verified, Verified, Broken]
        );
    }

    #[test]
    fn a_machine_that_forwards_to_nobody_was_reached() {
        assert_eq!(
            states(Cause::ForwarderWithoutBackend, false, Impact::Blocked),
            [Verified, Verified, Verified, Verified, Unknown, Broken]
        );
    }

    #[test]
    fn what_lies_beyond_a_break_on_the_way_is_unknown() {
        for cause in [Cause::CaptivePortal, Cause::MtuBlackHole] {
            assert_eq!(
                states(cause, true, Impact::Blocked),
                [Verified, Broken, Unknown, Unknown, Unknown, Unknown]
            );
        }
        assert_eq!(
            states(
                Cause::LinkDown {
                    interface: "eth0".to_owned()
                },
                false,
                Impact::Blocked
            ),
            [Unknown, Broken, Unknown, Unknown, Unknown, Unknown]
        );
    }

    #[test]
    fn a_slow_lookup_hinders_the_name_and_a_late_answer_the_service() {
        let slow_name = picture(Cause::ResolverSlow, true, Impact::Degraded);
        assert_eq!(slow_name[0], (Waypoint::Name, Partly));
        assert_eq!(slow_name[2], (Waypoint::Network, Verified));
        assert_eq!(
            states(Cause::ServerSlow, true, Impact::Degraded),
            [Verified, Verified, Verified, Verified, Verified, Partly]
        );
    }

    #[test]
    fn a_name_that_leads_elsewhere_proves_nothing_of_the_way() {
        let address = "192.0.2.1".parse().unwrap();
        assert_eq!(
            states(Cause::NameResolvesWrong { address }, true, Impact::Blocked)[..3],
            [Broken, Unknown, Unknown]
        );
    }
}
