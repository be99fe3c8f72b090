//! Small readers over the evidence that several rules share. Each answers one question and says
//! nothing when the evidence does not; what follows from the answer is for the rules.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::bind_refused::is_taken;
use crate::diagnosis::{Alternative, Cause, Certainty, DecidingTest, Family, Finding};
use crate::evidence::{
    Attempt, Evidence, Exchange, Heard, IcmpError, Listener, Lookup, LookupOutcome, NetworkState,
    Outcome, RouteTo, Spoke, is_link_local,
};
use crate::target::Host;

/// A rule answers within a round trip; later than this an answer had to wait for something.
pub const AT_ONCE: Duration = Duration::from_secs(1);

/// A rule of this machine answers without asking anybody: later than this the system looked for
/// somebody, of whom another program may have asked before.
pub const AT_ONCE_HERE: Duration = Duration::from_millis(100);

/// The kernel gives up on a neighbour after three unanswered questions, one second apart (Linux
/// arp(7), `mcast_solicit`; RFC 4861, section 10). Earlier than this it is a rule whose first
/// answer was lost, or the end of somebody else's wait for the same neighbour.
pub const NEIGHBOUR_GIVEN_UP: Duration = Duration::from_millis(2500);

/// A silent peer that was given less time may still be a neighbour that does not exist: the
/// kernel says so after 3.07 s.
pub const NEIGHBOUR_WOULD_SHOW: Duration = Duration::from_millis(3100);

/// A finding without alternatives.
pub fn finding(
    cause: Cause,
    certainty: Certainty,
    because: Vec<crate::diagnosis::Clue>,
) -> Finding {
    Finding {
        cause,
        certainty,
        because,
        alternatives: Vec::new(),
    }
}

/// A possible look-alike.
pub fn or(cause: Cause, decided_by: DecidingTest) -> Alternative {
    Alternative {
        cause,
        certainty: Certainty::Possible,
        decided_by,
    }
}

/// The attempts that tell something about the target: all, except those of a family this machine
/// does not have when the other family got farther. A dual-stack name asked from a machine
/// without IPv6 is the everyday case; programs pass over such addresses without delay.
pub fn telling_attempts(evidence: &Evidence) -> Vec<&Attempt> {
    let has_left = |family| {
        let mut of_family = evidence
            .attempts
            .iter()
            .filter(move |a| family_of(a) == family);
        of_family.any(|attempt| !lacks_route(attempt))
    };
    let (v4, v6) = (has_left(Family::V4), has_left(Family::V6));
    evidence
        .attempts
        .iter()
        .filter(|attempt| match family_of(attempt) {
            Family::V4 => v4 || !v6,
            Family::V6 => v6 || !v4,
        })
        .collect()
}

/// The family an attempt was made over.
pub fn family_of(attempt: &Attempt) -> Family {
    Family::of(attempt.addr.ip().to_canonical())
}

/// Whether the system refused to send at all, for want of a route or an own address.
pub fn lacks_route(attempt: &Attempt) -> bool {
    failed_here(attempt)
        && matches!(
            attempt.outcome,
            Outcome::NetworkUnreachable | Outcome::HostUnreachable | Outcome::AddressNotAvailable
        )
}

/// Whether connect(2) itself failed with an error that only this machine can have made.
///
/// A refusal may come at once too: on the loopback interface the answer is there before the call
/// returns.
pub fn failed_here(attempt: &Attempt) -> bool {
    attempt.at_once
        && attempt.icmp.is_none()
        && !matches!(
            attempt.outcome,
            Outcome::Connected | Outcome::Refused | Outcome::Silent | Outcome::Reset
        )
}

/// Whether a reset came back: something with that address answered, and said no.
pub fn refused_by_reset(attempt: &Attempt) -> bool {
    attempt.outcome == Outcome::Refused && attempt.icmp.is_none()
}

/// Whether any address of the target accepted a connection.
pub fn connected(evidence: &Evidence) -> bool {
    let repeats = evidence.repeats.iter().map(|repeat| &repeat.attempt);
    evidence
        .attempts
        .iter()
        .chain(repeats)
        .any(|attempt| attempt.outcome == Outcome::Connected)
}

/// The telling attempts, when there are some and each passes the test.
pub fn all_telling(evidence: &Evidence, test: impl Fn(&Attempt) -> bool) -> Option<Vec<&Attempt>> {
    let telling = telling_attempts(evidence);
    (!telling.is_empty() && telling.iter().all(|attempt| test(attempt))).then_some(telling)
}

/// The target's addresses, as far as known: the literal, or what the name resolved to.
pub fn addresses(evidence: &Evidence) -> Vec<IpAddr> {
    if let Some(literal) = evidence.target.host.literal() {
        return vec![literal];
    }
    match evidence.lookup.known().map(|lookup| &lookup.outcome) {
        Some(LookupOutcome::Found(found)) => found.iter().map(SocketAddr::ip).collect(),
        Some(_) | None => evidence.attempts.iter().map(|a| a.addr.ip()).collect(),
    }
}

/// Whether every address of the target has been tried, or will never be.
pub fn all_tried(evidence: &Evidence) -> bool {
    let tried = |ip: &IpAddr| evidence.attempts.iter().any(|a| a.addr.ip() == *ip);
    let known = evidence.target.host.literal().is_some() || evidence.lookup.known().is_some();
    evidence.complete || (known && addresses(evidence).iter().all(tried))
}

/// The lookup, when it ended without an address.
pub fn failed_lookup(evidence: &Evidence) -> Option<&Lookup> {
    let lookup = evidence.lookup.known()?;
    match &lookup.outcome {
        LookupOutcome::Found(found) if !found.is_empty() => None,
        LookupOutcome::Found(_)
        | LookupOutcome::NotFound { .. }
        | LookupOutcome::NoAddress { .. }
        | LookupOutcome::Failed { .. }
        | LookupOutcome::TimedOut => Some(lookup),
    }
}

/// The name that goes to the resolver, when the host is a name.
pub fn name(evidence: &Evidence) -> Option<&str> {
    match &evidence.target.host {
        Host::Name { ascii, .. } => Some(ascii.trim_end_matches('.')),
        Host::V4(_) | Host::V6 { .. } => None,
    }
}

/// Whether `ip` belongs to this machine. Loopback does without being asked; where the network was
/// not read, a connection whose source is its own target tells.
pub fn is_own(evidence: &Evidence, ip: IpAddr) -> Option<bool> {
    if let Some(network) = evidence.network.known() {
        return Some(network.is_own(ip));
    }
    let ip = ip.to_canonical();
    let meets_itself = |a: &Attempt| {
        a.addr.ip().to_canonical() == ip && a.source.as_ref().map(IpAddr::to_canonical) == Some(ip)
    };
    (ip.is_loopback() || ip.is_unspecified() || evidence.attempts.iter().any(meets_itself))
        .then_some(true)
}

/// Whether all these attempts went to this machine itself.
pub fn all_own(evidence: &Evidence, attempts: &[&Attempt]) -> bool {
    attempts
        .iter()
        .all(|attempt| is_own(evidence, attempt.addr.ip()) == Some(true))
}

/// Whether no router is between this machine and another one at `ip`.
pub fn is_on_link(evidence: &Evidence, ip: IpAddr) -> Option<bool> {
    let network = evidence.network.known()?;
    Some(network.is_on_link(ip) && !network.is_own(ip))
}

/// How this machine would send to `ip`.
pub fn route_to(evidence: &Evidence, ip: IpAddr) -> Option<&RouteTo> {
    let network = evidence.network.known()?;
    network.routes.iter().find(|route| route.to == ip)
}

/// Whether the network has an address of this family that reaches beyond the own link.
pub fn has_family(network: &NetworkState, family: Family) -> bool {
    network
        .interfaces
        .iter()
        .filter(|interface| interface.up && !interface.loopback)
        .flat_map(|interface| &interface.addresses)
        .any(|address| Family::of(address.ip) == family && !is_link_local(address.ip))
}

/// All addresses of the target are this machine's, and each refused with a reset.
pub fn refused_here(evidence: &Evidence) -> Option<Vec<&Attempt>> {
    let asked = all_telling(evidence, refused_by_reset)?;
    all_own(evidence, &asked).then_some(asked)
}

/// As [`refused_here`], with the listeners on the port, of which there are some and none surely
/// takes connections to an address that was asked: the service is somewhere else.
pub fn passed_by(evidence: &Evidence) -> Option<(Vec<&Attempt>, Vec<&Listener>)> {
    let asked = refused_here(evidence)?;
    let listeners = evidence.listeners_on_port()?;
    let takes = |listener: &&Listener| {
        asked
            .iter()
            .any(|attempt| listener.accepts(attempt.addr.ip()) == Some(true))
    };
    let is_service = !listeners.is_empty() && !is_taken(evidence);
    (is_service && !listeners.iter().any(takes)).then_some((asked, listeners))
}

/// Who sent an ICMP error, seen from the attempt it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// The target itself.
    Target,
    /// This machine: the kernel made it up, or the own firewall.
    ThisMachine,
    /// A device between.
    Device(IpAddr),
    /// It is not known, or not known well enough to accuse anyone.
    Unknown,
}

/// Who sent the ICMP error that ended an attempt.
pub fn icmp_sender(evidence: &Evidence, attempt: &Attempt, icmp: &IcmpError) -> Sender {
    let Some(sender) = icmp.sender.map(|ip| ip.to_canonical()) else {
        return Sender::Unknown;
    };
    if sender == attempt.addr.ip().to_canonical() {
        return Sender::Target;
    }
    let is_source = attempt.source.map(|source| source.to_canonical() == sender);
    match (is_source, is_own(evidence, sender)) {
        (Some(true), _) | (_, Some(true)) => Sender::ThisMachine,
        (Some(false), _) | (_, Some(false)) => Sender::Device(sender),
        (None, None) => Sender::Unknown,
    }
}

/// Attempts to other ports of a host that was asked.
pub fn references<'e>(
    evidence: &'e Evidence,
    asked: &[&Attempt],
) -> impl Iterator<Item = &'e Attempt> {
    let hosts: Vec<IpAddr> = asked.iter().map(|attempt| attempt.addr.ip()).collect();
    let asked_port = evidence.target.port;
    evidence
        .references
        .iter()
        .filter(move |r| r.addr.port() != asked_port && hosts.contains(&r.addr.ip()))
}

/// Whether a name other than `localhost` leads to this machine's loopback: then the name is
/// suspect before the service is (a line in the hosts file, a filter answering 0.0.0.0).
pub fn name_leads_to_loopback(evidence: &Evidence) -> bool {
    let Some(name) = name(evidence) else {
        return false;
    };
    let stays_here = |a: &Attempt| {
        let ip = a.addr.ip().to_canonical();
        ip.is_loopback() || ip.is_unspecified()
    };
    let is_localhost = name == "localhost" || name.ends_with(".localhost");
    !is_localhost && !evidence.attempts.is_empty() && evidence.attempts.iter().all(stays_here)
}

/// Whether a connected peer behaved in a way that fits no healthy service.
pub fn spoke_oddly(exchange: &Exchange) -> bool {
    match (&exchange.heard, exchange.spoke) {
        (
            Heard::Closed
            | Heard::Reset
            | Heard::Failed { .. }
            | Heard::TlsAlert { .. }
            | Heard::TlsIncompatible { .. }
            | Heard::NotTls { .. },
            _,
        )
        | (
            Heard::Nothing,
            Spoke::HttpGet
            | Spoke::HttpsGet
            | Spoke::TlsHello
            | Spoke::LargeTlsHello
            | Spoke::PostgresSslRequest
            | Spoke::RedisPing,
        )
        | (
            Heard::Text { .. },
            Spoke::HttpGet | Spoke::HttpsGet | Spoke::TlsHello | Spoke::LargeTlsHello,
        )
        | (
            Heard::Http { .. },
            Spoke::TlsHello | Spoke::LargeTlsHello | Spoke::PostgresSslRequest | Spoke::RedisPing,
        ) => true,
        (Heard::Http { wants_tls, .. }, Spoke::Nothing | Spoke::HttpGet | Spoke::HttpsGet) => {
            *wants_tls
        }
        // What answers the question of another protocol may be just what was wanted.
        (Heard::Nothing | Heard::Text { .. }, Spoke::Nothing)
        | (Heard::Text { .. }, Spoke::PostgresSslRequest | Spoke::RedisPing)
        | (Heard::Tls { .. }, _) => false,
    }
}

/// One byte answers `SSLRequest`: `S` or `N`; an old or unwilling server sends an error (`E`), as
/// text or with its length (PostgreSQL, 55.2.11).
pub fn is_postgres(start: &str) -> bool {
    start == "S" || start == "N" || start.starts_with("E\\x00")
}

/// What Redis answers to `PING` before a login. A refusal of this client (`-DENIED`) is no answer.
pub fn is_redis(start: &str) -> bool {
    start.starts_with("+PONG") || (start.starts_with('-') && !start.starts_with("-DENIED"))
}

/// Whether an exchange put a question, whatever it was.
pub fn is_question(spoke: Spoke) -> bool {
    match spoke {
        Spoke::Nothing => false,
        Spoke::TlsHello
        | Spoke::LargeTlsHello
        | Spoke::HttpGet
        | Spoke::HttpsGet
        | Spoke::PostgresSslRequest
        | Spoke::RedisPing => true,
    }
}

/// What became of a question that nobody answered; nothing where that is not known.
pub fn fate(exchange: &Exchange) -> Option<Fate> {
    let transfer = exchange.transfer.known()?;
    if exchange.heard != Heard::Nothing {
        return None;
    }
    Some(match transfer {
        t if t.is_stuck() => Fate::Lost {
            retransmitted: t.retransmitted,
        },
        t if t.unacknowledged == 0 && t.unsent > 0 => Fate::NotTaken,
        t if t.unacknowledged > 0 => Fate::Open,
        _ => Fate::Acknowledged,
    })
}

/// What can become of the bytes of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The peer's system has them.
    Acknowledged,
    /// Sent, sent again, and acknowledged by nobody.
    Lost {
        /// How often they were sent again.
        retransmitted: u32,
    },
    /// The peer's window is closed: they could not even be sent.
    NotTaken,
    /// On their way.
    Open,
}

/// Whether the person named the protocol, and we did not just read it from the port.
pub fn protocol_was_named(evidence: &Evidence) -> bool {
    evidence.target.scheme.is_some()
}

/// Whether another address of the target behaved well: then the trouble is that address's own.
pub fn another_address_serves(evidence: &Evidence, addr: SocketAddr) -> bool {
    let mut others = evidence.exchanges.iter().filter(|e| e.addr != addr);
    others.any(|other| other.heard != Heard::Nothing && !spoke_oddly(other))
}
