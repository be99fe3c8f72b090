//! Name lookups, connection attempts, and what a connected peer said.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Fact, MacAddress, Presented, millis};

/// What the system's resolver (getaddrinfo(3)) said about a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lookup {
    /// The answer.
    pub outcome: LookupOutcome,
    /// How long it took.
    #[serde(with = "millis", rename = "took_ms")]
    pub took: Duration,
}

/// The answers a resolver can give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LookupOutcome {
    /// These addresses, in the order programs will try them, none twice.
    Found(Vec<SocketAddr>),
    /// No such name: `EAI_NONAME` (and on some systems `EAI_NODATA`), `WSAHOST_NOT_FOUND`.
    NotFound {
        /// The system's own code.
        eai_code: i32,
    },
    /// The name exists without an address: `EAI_NODATA` (glibc -5), `WSANO_DATA` 11004.
    NoAddress {
        /// The system's own code.
        eai_code: i32,
    },
    /// No usable answer: `EAI_AGAIN`, `EAI_FAIL` and the like.
    Failed {
        /// The system's own code.
        eai_code: i32,
    },
    /// No answer within the time we give.
    TimedOut,
}

/// What one configured DNS server said when asked directly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectAnswer {
    /// The server; nothing when several were asked as one.
    pub server: Option<SocketAddr>,
    /// Its answer.
    pub answer: DnsAnswer,
    /// The names that the asked one is an alias of, in the order in which they lead on (CNAME,
    /// RFC 1034, 3.6.2); the last is the one that has the addresses, or lacks them.
    ///
    /// getaddrinfo(3) is not asked for its `AI_CANONNAME`: the binding we use ends the program at a
    /// name that is not UTF-8, which a hosts file or a code page may hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// How long it took.
    #[serde(with = "millis", rename = "took_ms")]
    pub took: Duration,
}

/// Answers of a DNS server, by response code (RFC 1035, 4.1.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DnsAnswer {
    /// Addresses.
    Addresses(Vec<IpAddr>),
    /// NOERROR without a matching record.
    NoRecords,
    /// NXDOMAIN.
    NxDomain,
    /// SERVFAIL.
    ServerFailure,
    /// REFUSED.
    Refused,
    /// Another response code.
    OtherCode(u16),
    /// No answer within the time we give.
    Silent,
    /// The question could not be sent, or its port was closed.
    Unreachable,
}

/// One TCP connect to one address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Where to.
    pub addr: SocketAddr,
    /// What came of it.
    pub outcome: Outcome,
    /// How long that took.
    #[serde(with = "millis", rename = "took_ms")]
    pub took: Duration,
    /// The system's error number (errno, `WSAGetLastError`), when there was an error.
    pub os_code: Option<i32>,
    /// True when connect(2) itself failed, before a packet could leave: the cause is local.
    #[serde(default)]
    pub at_once: bool,
    /// The address this machine used as its own, when known.
    pub source: Option<IpAddr>,
    /// The ICMP error behind the outcome (Linux: `IP_RECVERR`, ip(7)).
    pub icmp: Option<IcmpError>,
}

/// A further connect to the target's own port, made only when more were asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeat {
    /// When it began, counted from the start of the run.
    #[serde(with = "millis", rename = "start_ms")]
    pub start: Duration,
    /// The adapter that the neighbour table named for the address just before, so the one that the
    /// first packet went to; nothing beyond a router, and where the table does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mac: Option<MacAddress>,
    /// What came of it.
    pub attempt: Attempt,
}

/// A connect to the target through another interface than the system chooses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bypass {
    /// That interface.
    pub interface: String,
    /// What came of it.
    pub attempt: Attempt,
}

/// How a connection attempt can end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The peer accepted.
    Connected,
    /// ECONNREFUSED. Without an ICMP error: a reset, so the peer (or a device speaking for it)
    /// answered and said no. With one: a device refused by rule.
    Refused,
    /// No answer at all within the patience, or the system's own time-out.
    Silent,
    /// EHOSTUNREACH, EHOSTDOWN.
    HostUnreachable,
    /// ENETUNREACH.
    NetworkUnreachable,
    /// EACCES, EPERM, `WSAEACCES`: this machine forbids it (or, with an ICMPv6 error, a device).
    Denied,
    /// EADDRNOTAVAIL.
    AddressNotAvailable,
    /// EMFILE, ENFILE: no descriptor left.
    OutOfDescriptors,
    /// ECONNRESET, ECONNABORTED while connecting.
    Reset,
    /// Any other error; `os_code` tells it.
    Other,
}

/// An ICMP or ICMPv6 error that ended a connection attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IcmpError {
    /// True for ICMPv6 (RFC 4443), false for ICMP (RFC 792).
    pub v6: bool,
    /// The type.
    pub kind: u8,
    /// The code.
    pub code: u8,
    /// Who sent it; this machine's own address when the kernel made it up (neighbour not found,
    /// own firewall).
    pub sender: Option<IpAddr>,
    /// The TTL or hop limit it arrived with (Linux: `IP_RECVTTL`, ip(7)).
    ///
    /// Of a TCP answer no ordinary program is told: Linux reads both options for datagrams, raw
    /// sockets and error queues only, and `TCP_INFO` has no such field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u8>,
}

/// What happened after a connection stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// With whom.
    pub addr: SocketAddr,
    /// What we said.
    pub spoke: Spoke,
    /// What came back.
    pub heard: Heard,
    /// How long we waited for it.
    #[serde(with = "millis", rename = "took_ms")]
    pub took: Duration,
    /// What became of the bytes we sent; looked at when nothing came back.
    #[serde(default)]
    pub transfer: Fact<Transfer>,
    /// The exchange repeated one that stalled, this time in small segments (536 bytes, the least
    /// every host takes: RFC 9293, 3.7.1).
    #[serde(default)]
    pub small_segments: bool,
    /// Whether the peer closed its side as well: waited for after an answer that announces it, and
    /// after silence, once we had closed ours.
    #[serde(default)]
    pub closed: Fact<bool>,
}

/// What became of the bytes sent over a connection (Linux: `TCP_INFO`, tcp(7)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// Bytes the peer's system has acknowledged; the SYN counts as one on some kernels.
    pub acknowledged: u64,
    /// Segments on their way that nobody has acknowledged.
    pub unacknowledged: u32,
    /// Bytes that wait here, because the peer's window is closed.
    pub unsent: u32,
    /// How often a segment with data was sent again.
    pub retransmitted: u32,
    /// The largest packet the way is believed to take.
    pub path_mtu: u32,
}

impl Transfer {
    /// Sent, sent again and again, and acknowledged by nobody: one loss alone is nothing unusual.
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        self.unacknowledged > 0 && self.retransmitted >= 2
    }
}

/// What we sent to a connected peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spoke {
    /// Nothing: we listened for a greeting.
    Nothing,
    /// A TLS `ClientHello` (RFC 8446).
    TlsHello,
    /// `GET / HTTP/1.1` in plain text.
    HttpGet,
    /// `GET / HTTP/1.1` inside TLS.
    HttpsGet,
    /// A TLS `ClientHello` padded beyond what one packet holds (RFC 7685).
    LargeTlsHello,
    /// PostgreSQL's `SSLRequest`: eight bytes that ask whether the server has TLS, before any
    /// name is given.
    PostgresSslRequest,
    /// Redis' `PING`, which needs no login to be answered.
    RedisPing,
}

/// What a connected peer answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Heard {
    /// Nothing within the time we listened.
    Nothing,
    /// Bytes that are no TLS: the first of them, with everything unprintable escaped.
    Text {
        /// At most 256 characters, printable ASCII with `\xNN` escapes.
        start: String,
    },
    /// The peer closed in an orderly way without a byte.
    Closed,
    /// The peer reset the connection.
    Reset,
    /// The TLS handshake completed.
    Tls {
        /// `TLS 1.3` or `TLS 1.2`.
        version: String,
        /// The number of certificates the peer showed.
        certificates: usize,
        /// Those certificates, and what this machine makes of them.
        #[serde(default)]
        presented: Option<Box<Presented>>,
    },
    /// The peer speaks TLS and ended the handshake with an alert, or answered plain text with one.
    TlsAlert {
        /// The alert's name, such as `handshake_failure`, or its number.
        alert: String,
        /// The peer had asked for a client certificate before.
        #[serde(default)]
        certificate_wanted: bool,
    },
    /// The peer speaks TLS, in no version or with no cipher that we have.
    TlsIncompatible {
        /// The library's description, escaped.
        what: String,
    },
    /// The peer's answer to our TLS hello was no TLS.
    NotTls {
        /// As in [`Heard::Text`].
        start: String,
    },
    /// An HTTP answer.
    Http {
        /// The status code.
        status: u16,
        /// The `Server` header, escaped as in [`Heard::Text`].
        server: Option<String>,
        /// The body says that plain HTTP reached an HTTPS port (nginx's 497, Go, Apache).
        wants_tls: bool,
        /// What else the answer tells of whoever gave it.
        #[serde(default)]
        page: Page,
    },
    /// Something failed in a way we have no word for.
    Failed {
        /// The library's description, escaped.
        what: String,
        /// The system's error number, if any.
        os_code: Option<i32>,
    },
}

impl Heard {
    /// Whether this is an HTTP answer whose sender must close the connection after it (RFC 9112, 9.6).
    #[must_use]
    pub fn announces_end(&self) -> bool {
        match self {
            Self::Text { start } | Self::NotTls { start } => {
                let head = start.to_ascii_lowercase();
                head.starts_with("http/1.") && head.contains("\\nconnection: close")
            }
            Self::Nothing
            | Self::Closed
            | Self::Reset
            | Self::Tls { .. }
            | Self::TlsAlert { .. }
            | Self::TlsIncompatible { .. }
            | Self::Http { .. }
            | Self::Failed { .. } => false,
        }
    }
}

/// What an HTTP answer tells beyond its status.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Where a redirect leads (`Location`), without query and fragment, escaped.
    pub location: Option<String>,
    /// The peer's clock (`Date`), in seconds since 1970.
    pub date: Option<i64>,
    /// Something its first bytes say that a status does not.
    pub says: Option<PageSays>,
}

/// Sentences by which servers explain themselves in the body of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PageSays {
    /// The host name of the request is not allowed.
    HostNotAllowed,
    /// A host is not allowed: it may be the name in the request, or whoever asks.
    SomeHostNotAllowed,
    /// This is `MongoDB`'s own port, and no web server.
    MongoDb,
}
