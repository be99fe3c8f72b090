//! What went over the wire, for whoever wants to learn from it: the messages in their order, and
//! how the attempt ended for the program that made it.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::Case;
use crate::evidence::{
    Attempt, Evidence, Exchange, Fact, Heard, IcmpError, LookupOutcome, Outcome, Presented, Spoke,
};

/// One attempt, told message by message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lesson {
    /// How it ended.
    pub ending: Ending,
    /// Who was spoken to.
    pub peer: Peer,
    /// What was sent and what came back, in order.
    pub messages: Vec<Message>,
}

/// How an attempt ends, as the program that makes it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ending {
    /// The name does not exist, or has no address.
    NameUnknown,
    /// The resolver gave no usable answer.
    NameFailed,
    /// A reset: nobody listens, or somebody says so.
    Refused,
    /// An ICMP error that the system reports as a refusal.
    Rejected,
    /// Nothing came back.
    TimedOut,
    /// No machine there, or a device says so.
    HostUnreachable,
    /// No way there.
    NetworkUnreachable,
    /// This machine, or a device, forbids it.
    Denied,
    /// Accepted, and cut by a reset.
    Reset,
    /// Accepted, and closed without a word.
    Closed,
    /// Accepted, and silent after a question.
    Stalled,
    /// The certificate is not to be trusted.
    BadCertificate,
    /// The TLS handshake ended with an alert, or no version fits.
    TlsFailed,
    /// The answer to a TLS hello is no TLS.
    NotTls,
    /// A web server answered with an error (status 400 and above).
    HttpError,
    /// It works.
    Works,
}

/// Who is at the other end of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// The system's resolver.
    Resolver,
    /// This address and port.
    Endpoint(SocketAddr),
}

/// One message, or the lack of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it is.
    pub kind: MessageKind,
    /// How long after the one before, where that was measured.
    pub took: Option<Duration>,
}

/// The messages worth telling (RFC 9293, 3.5; RFC 792; RFC 8446, 2; RFC 9110, 9.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    /// A name is looked up.
    Query,
    /// There is no such name, or no address for it.
    NoSuchName,
    /// The lookup failed.
    LookupFailed,
    /// May I connect?
    Syn,
    /// You may.
    SynAck,
    /// No.
    Rst,
    /// A device reports that the packet cannot go on.
    Icmp {
        /// The error.
        icmp: IcmpError,
    },
    /// This machine stopped it before a packet left.
    StoppedHere,
    /// Nothing came back.
    Silence,
    /// A TLS `ClientHello`.
    TlsHello,
    /// The TLS handshake completed.
    TlsDone,
    /// A TLS alert, or the end of a handshake that does not fit.
    TlsAlert,
    /// A question in the service's own protocol: `GET /`, `PING`, `SSLRequest`.
    Request,
    /// Bytes of the service.
    Answer,
    /// An HTTP status.
    Status {
        /// RFC 9110, 15.
        status: u16,
    },
    /// The peer closes in an orderly way.
    Fin,
}

impl MessageKind {
    /// Whether this machine sends it.
    #[must_use]
    pub fn is_ours(self) -> bool {
        match self {
            Self::Query | Self::Syn | Self::TlsHello | Self::Request => true,
            Self::NoSuchName
            | Self::LookupFailed
            | Self::SynAck
            | Self::Rst
            | Self::Icmp { .. }
            | Self::StoppedHere
            | Self::Silence
            | Self::TlsDone
            | Self::TlsAlert
            | Self::Answer
            | Self::Status { .. }
            | Self::Fin => false,
        }
    }

    /// Who sends it where that is not the peer: a router on the way.
    #[must_use]
    pub fn device(self) -> Option<IpAddr> {
        let Self::Icmp { icmp } = self else {
            return None;
        };
        icmp.sender
    }
}

/// The lesson of a test that has ended; nothing where no message tells anything.
#[must_use]
pub fn lesson(case: &Case) -> Option<Lesson> {
    let evidence = case.evidence();
    if !evidence.complete {
        return None;
    }
    if let Some(of_name) = of_lookup(evidence) {
        return Some(of_name);
    }
    let attempt = telling_attempt(evidence)?;
    let mut messages = vec![sent(MessageKind::Syn)];
    let ending = if attempt.outcome == Outcome::Connected {
        messages.push(Message {
            kind: MessageKind::SynAck,
            took: Some(attempt.took),
        });
        let exchange = telling_exchange(evidence, attempt.addr);
        exchange.map_or(Ending::Works, |exchange| {
            of_exchange(exchange, &mut messages)
        })
    } else {
        let (ending, kind) = of_failure(attempt)?;
        messages.push(Message {
            kind,
            took: Some(attempt.took),
        });
        ending
    };
    Some(Lesson {
        ending,
        peer: Peer::Endpoint(attempt.addr),
        messages,
    })
}

fn sent(kind: MessageKind) -> Message {
    Message { kind, took: None }
}

fn of_lookup(evidence: &Evidence) -> Option<Lesson> {
    let lookup = evidence.lookup.known()?;
    let (ending, kind) = match lookup.outcome {
        LookupOutcome::Found(_) => return None,
        LookupOutcome::NotFound { .. } | LookupOutcome::NoAddress { .. } => {
            (Ending::NameUnknown, MessageKind::NoSuchName)
        }
        LookupOutcome::Failed { .. } => (Ending::NameFailed, MessageKind::LookupFailed),
        LookupOutcome::TimedOut => (Ending::NameFailed, MessageKind::Silence),
    };
    let answer = Message {
        kind,
        took: Some(lookup.took),
    };
    Some(Lesson {
        ending,
        peer: Peer::Resolver,
        messages: vec![sent(MessageKind::Query), answer],
    })
}

/// The connection that stands, or else the first that failed.
fn telling_attempt(evidence: &Evidence) -> Option<&Attempt> {
    let attempts = &evidence.attempts;
    let connected = attempts
        .iter()
        .find(|attempt| attempt.outcome == Outcome::Connected);
    connected.or(attempts.first())
}

fn of_failure(attempt: &Attempt) -> Option<(Ending, MessageKind)> {
    let ending = match attempt.outcome {
        Outcome::Refused if attempt.icmp.is_some() => Ending::Rejected,
        Outcome::Refused => Ending::Refused,
        Outcome::Silent => Ending::TimedOut,
        Outcome::HostUnreachable => Ending::HostUnreachable,
        Outcome::NetworkUnreachable => Ending::NetworkUnreachable,
        Outcome::Denied => Ending::Denied,
        Outcome::Reset => Ending::Reset,
        Outcome::Connected
        | Outcome::AddressNotAvailable
        | Outcome::OutOfDescriptors
        | Outcome::Other => return None,
    };
    let kind = match (attempt.icmp, ending) {
        _ if attempt.at_once => MessageKind::StoppedHere,
        (Some(icmp), _) if icmp.sender == attempt.source && icmp.sender.is_some() => {
            MessageKind::StoppedHere
        }
        (Some(icmp), _) => MessageKind::Icmp { icmp },
        (None, Ending::Refused | Ending::Reset) => MessageKind::Rst,
        (None, Ending::TimedOut) => MessageKind::Silence,
        (None, _) => MessageKind::StoppedHere,
    };
    Some((ending, kind))
}

/// The exchange that failed, or else the last.
fn telling_exchange(evidence: &Evidence, addr: SocketAddr) -> Option<&Exchange> {
    let all = || evidence.exchanges.iter().filter(|e| e.addr == addr);
    let failed = all().find(|exchange| ending_of(exchange) != Ending::Works);
    failed.or_else(|| all().next_back())
}

fn of_exchange(exchange: &Exchange, messages: &mut Vec<Message>) -> Ending {
    match exchange.spoke {
        Spoke::Nothing => {}
        Spoke::TlsHello | Spoke::LargeTlsHello => messages.push(sent(MessageKind::TlsHello)),
        Spoke::HttpsGet => {
            messages.push(sent(MessageKind::TlsHello));
            messages.push(sent(MessageKind::TlsDone));
            messages.push(sent(MessageKind::Request));
        }
        Spoke::HttpGet | Spoke::PostgresSslRequest | Spoke::RedisPing => {
            messages.push(sent(MessageKind::Request));
        }
    }
    let ending = ending_of(exchange);
    let kind = match &exchange.heard {
        // Who only listens may hear nothing from a service in good health.
        Heard::Nothing if ending == Ending::Works => return ending,
        Heard::Nothing => MessageKind::Silence,
        Heard::Text { .. } | Heard::NotTls { .. } => MessageKind::Answer,
        Heard::Closed => MessageKind::Fin,
        Heard::Reset => MessageKind::Rst,
        Heard::Tls { .. } => MessageKind::TlsDone,
        Heard::TlsAlert { .. } | Heard::TlsIncompatible { .. } => MessageKind::TlsAlert,
        Heard::Http { status, .. } => MessageKind::Status { status: *status },
        Heard::Failed { .. } => return ending,
    };
    messages.push(Message {
        kind,
        took: Some(exchange.took),
    });
    ending
}

fn ending_of(exchange: &Exchange) -> Ending {
    match &exchange.heard {
        Heard::Nothing if exchange.spoke == Spoke::Nothing => Ending::Works,
        Heard::Nothing => Ending::Stalled,
        Heard::Closed => Ending::Closed,
        Heard::Reset => Ending::Reset,
        Heard::TlsAlert { .. } | Heard::TlsIncompatible { .. } => Ending::TlsFailed,
        Heard::NotTls { .. } => Ending::NotTls,
        Heard::Http { status, .. } if *status >= 400 => Ending::HttpError,
        Heard::Tls {
            presented: Some(presented),
            ..
        } if is_doubtful(presented) => Ending::BadCertificate,
        Heard::Tls { .. } | Heard::Text { .. } | Heard::Http { .. } | Heard::Failed { .. } => {
            Ending::Works
        }
    }
}

/// Whether a careful program turns this certificate down (RFC 5280, 6.1; RFC 6125).
fn is_doubtful(presented: &Presented) -> bool {
    let own = presented.chain.first();
    presented.name_fits == Fact::Known(false)
        || presented.trusted == Fact::Known(false)
        || own.is_some_and(|own| !own.is_valid_at(presented.clock))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Os;

    const ADDR: &str = "192.0.2.1:5432";

    fn evidence(attempt: Attempt, exchanges: Vec<Exchange>) -> Evidence {
        let target = serde_json::from_value(serde_json::json!({
            "input": ADDR,
            "host": { "v4": "192.0.2.1" },
            "port": 5432,
            "port_from": "typed",
            "service": null,
            "protocol": "listen-only",
        }))
        .unwrap();
        let mut evidence = Evidence::new(target, Os::Linux, Duration::from_secs(4));
        evidence.attempts = vec![attempt];
        evidence.exchanges = exchanges;
        evidence.complete = true;
        evidence
    }

    fn attempt(outcome: Outcome, icmp: Option<IcmpError>) -> Attempt {
        Attempt {
            addr: ADDR.parse().unwrap(),
            outcome,
            took: Duration::from_millis(2),
            os_code: None,
            at_once: false,
            source: Some("192.0.2.7".parse().unwrap()),
            icmp,
        }
    }

    fn exchange(spoke: Spoke, heard: Heard) -> Exchange {
        Exchange {
            addr: ADDR.parse().unwrap(),
            spoke,
            heard,
            took: Duration::from_millis(3),
            transfer: Fact::default(),
            closed: Fact::default(),
            small_segments: false,
        }
    }

    fn told(evidence: Evidence) -> (Ending, Vec<MessageKind>) {
        let lesson = lesson(&Case::new(evidence)).unwrap();
        let kinds = lesson.messages.iter().map(|message| message.kind);
        (lesson.ending, kinds.collect())
    }

    #[test]
    fn a_refusal_is_a_reset_or_an_icmp_error() {
        use MessageKind::{Icmp, Rst, StoppedHere, Syn};
        let reset = evidence(attempt(Outcome::Refused, None), Vec::new());
        assert_eq!(told(reset), (Ending::Refused, vec![Syn, Rst]));
        let icmp = |sender: &str| IcmpError {
            v6: false,
            kind: 3,
            code: 3,
            sender: Some(sender.parse().unwrap()),
            ttl: None,
        };
        let of_router = icmp("192.0.2.254");
        let rejected = evidence(attempt(Outcome::Refused, Some(of_router)), Vec::new());
        let icmp_message = Icmp { icmp: of_router };
        assert_eq!(told(rejected), (Ending::Rejected, vec![Syn, icmp_message]));
        let of_ourselves = attempt(Outcome::HostUnreachable, Some(icmp("192.0.2.7")));
        let not_found = evidence(of_ourselves, Vec::new());
        assert_eq!(
            told(not_found),
            (Ending::HostUnreachable, vec![Syn, StoppedHere])
        );
    }

    #[test]
    fn what_follows_after_accepting_is_told_to_the_first_failure() {
        use MessageKind::{Fin, Request, Silence, Status, Syn, SynAck};
        let accepted = || attempt(Outcome::Connected, None);
        let silent = vec![exchange(Spoke::RedisPing, Heard::Nothing)];
        assert_eq!(
            told(evidence(accepted(), silent)),
            (Ending::Stalled, vec![Syn, SynAck, Request, Silence])
        );
        let closed = vec![
            exchange(Spoke::Nothing, Heard::Closed),
            exchange(Spoke::Nothing, Heard::Nothing),
        ];
        assert_eq!(
            told(evidence(accepted(), closed)),
            (Ending::Closed, vec![Syn, SynAck, Fin])
        );
        let page = Heard::Http {
            status: 502,
            server: None,
            wants_tls: false,
            page: crate::evidence::Page::default(),
        };
        assert_eq!(
            told(evidence(accepted(), vec![exchange(Spoke::HttpGet, page)])),
            (
                Ending::HttpError,
                vec![Syn, SynAck, Request, Status { status: 502 }]
            )
        );
    }

    #[test]
    fn a_service_that_waits_for_its_client_works() {
        let quiet = vec![exchange(Spoke::Nothing, Heard::Nothing)];
        let connected = evidence(attempt(Outcome::Connected, None), quiet);
        let (ending, messages) = told(connected);
        assert_eq!(ending, Ending::Works);
        assert_eq!(messages, [MessageKind::Syn, MessageKind::SynAck]);
    }

    #[test]
    fn nothing_is_told_before_the_end() {
        let mut running = evidence(attempt(Outcome::Silent, None), Vec::new());
        running.complete = false;
        assert_eq!(lesson(&Case::new(running)), None);
    }
}
