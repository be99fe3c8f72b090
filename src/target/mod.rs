//! What the person wants to reach.
//!
//! Text goes in once, through [`understand`]; from then on everyone trusts the types. Nothing
//! here asks the network, and nothing secret survives: user names, passwords, paths, queries and
//! fragments of a pasted URL are dropped while parsing.

mod address;
pub mod known_port;
mod pasted_error;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

pub use address::path_of_file_url;
pub use pasted_error::said;

/// The longest text that is read, in bytes.
pub const LONGEST_TEXT: usize = 1 << 20;

/// At most so many endpoints are taken from one text, so that a pasted log never turns into a
/// scan of everything it mentions.
pub const MOST_TARGETS: usize = 32;

/// Reads whatever the person pasted: an address, a URL, or a whole error message.
///
/// # Errors
///
/// When the text names nothing to test, with the place and, where there is one, a mend.
pub fn understand(text: &str) -> Result<Understanding, AddressError> {
    let flaw = |problem| AddressError {
        problem,
        at: 0..text.chars().count(),
        mend: None,
    };
    if text.len() > LONGEST_TEXT {
        return Err(flaw(AddressProblem::TooLong));
    }
    match address::read(text) {
        address::Reading::Address(understanding) => Ok(understanding),
        address::Reading::Empty => Err(flaw(AddressProblem::Empty)),
        address::Reading::Wrong(error) => match pasted_error::read(text) {
            Some(understanding) if pasted_error::said(text).is_some() => Ok(understanding),
            Some(_) | None => Err(error),
        },
        address::Reading::Prose { fallback } => pasted_error::read(text)
            .ok_or_else(|| fallback.unwrap_or_else(|| flaw(AddressProblem::NothingFound))),
    }
}

/// A TCP endpoint somebody wants to connect to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// What was typed, without credentials, path, query and fragment; safe to show and export.
    pub input: String,
    /// The machine.
    pub host: Host,
    /// The TCP port, never 0.
    pub port: u16,
    /// Where the port came from.
    pub port_from: PortSource,
    /// The URL scheme as typed, in lower case (`https`, `postgres`, `jdbc:mysql`).
    pub scheme: Option<String>,
    /// The service expected there, an id of the known-services table (`postgresql`, `redis`).
    pub service: Option<String>,
    /// What we may say to the port once connected.
    pub protocol: Protocol,
    /// Set when the real host and port must first be looked up by an SRV question (RFC 2782),
    /// as `mongodb+srv` does: the question's prefix, such as `_mongodb._tcp`.
    pub srv: Option<String>,
    /// What the address said about encryption (`sslmode=require`, `?tls=true`).
    #[serde(default)]
    pub tls: Option<TlsMode>,
}

/// What a connection option asks of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsMode {
    /// No TLS (`sslmode=disable`, `tls=false`).
    Disable,
    /// TLS if the server offers it.
    Prefer,
    /// TLS or nothing.
    Require,
    /// TLS with a certificate that is checked (`verify-ca`, `verify-full`).
    Verify,
}

/// The machine part of an address.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Host {
    /// A name to be resolved.
    Name {
        /// The form that goes to the resolver: lower case, punycode (RFC 5891).
        ascii: String,
        /// The form for people; equal to `ascii` when the name has no international letters.
        unicode: String,
    },
    /// An IPv4 literal.
    V4(Ipv4Addr),
    /// An IPv6 literal.
    V6 {
        /// The address.
        address: Ipv6Addr,
        /// The zone after `%` (RFC 4007), an interface name or number.
        zone: Option<String>,
    },
}

impl Host {
    /// The literal address, when the host is one.
    #[must_use]
    pub fn literal(&self) -> Option<IpAddr> {
        match self {
            Self::Name { .. } => None,
            Self::V4(address) => Some(IpAddr::V4(*address)),
            Self::V6 { address, .. } => Some(IpAddr::V6(*address)),
        }
    }

    /// The form for the resolver and for commands, without brackets: ASCII only.
    #[must_use]
    pub fn ascii(&self) -> String {
        match self {
            Self::Name { ascii, .. } => ascii.clone(),
            Self::V4(address) => address.to_string(),
            Self::V6 {
                address,
                zone: None,
            } => address.to_string(),
            Self::V6 {
                address,
                zone: Some(zone),
            } => format!("{address}%{zone}"),
        }
    }
}

impl fmt::Display for Host {
    /// The form for people, without brackets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name { unicode, .. } => f.write_str(unicode),
            Self::V4(_) | Self::V6 { .. } => f.write_str(&self.ascii()),
        }
    }
}

impl Target {
    /// The endpoint `host:port` as if typed so.
    #[must_use]
    pub fn new(host: Host, port: u16) -> Self {
        let mut target = Self {
            input: String::new(),
            host,
            port,
            port_from: PortSource::Typed,
            scheme: None,
            service: known_port::port(port).map(|known| known.service.to_owned()),
            protocol: known_port::protocol_of_port(port),
            srv: None,
            tls: None,
        };
        target.input = target.endpoint();
        target
    }

    /// The endpoint of a host and a port typed into two fields, as when the person corrects or
    /// completes what was understood. An address pasted whole into the host field is taken apart,
    /// and the port field wins over its port.
    ///
    /// # Errors
    ///
    /// When one of the fields cannot be read; the range and the mend concern that field alone,
    /// and [`AddressProblem::is_about_port`] tells which.
    pub fn from_parts(host_text: &str, port_text: &str) -> Result<Self, AddressError> {
        let port = address::port_alone(port_text)?;
        let host = address::host_alone(host_text)?;
        Ok(Self::new(host, port))
    }

    /// `host:port` for people, with brackets around IPv6.
    #[must_use]
    pub fn endpoint(&self) -> String {
        match &self.host {
            Host::V6 { .. } => format!("[{}]:{}", self.host, self.port),
            Host::Name { .. } | Host::V4(_) => format!("{}:{}", self.host, self.port),
        }
    }
}

/// Where the port of a target came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PortSource {
    /// Written in the address.
    Typed,
    /// The default of the URL's scheme.
    Scheme,
    /// Read from a pasted error message.
    ErrorText,
    /// Nobody said; we assumed it, and say so.
    Guess,
}

/// What may be spoken to the port: only what was asked for, or what the known port speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// Connect and listen for a greeting, send nothing.
    ListenOnly,
    /// Connect and hang up: the port acts on bytes (printers, controllers), or on mere silence.
    ConnectOnly,
    /// Plain HTTP: one `GET /` without query or credentials.
    Http,
    /// TLS from the first byte (https, ldaps, …), then listen.
    Tls,
    /// HTTP inside TLS.
    Https,
}

/// What a pasted text turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Understanding {
    /// One or more endpoints to test, the likeliest first.
    Targets {
        /// Never empty, no endpoint twice.
        targets: Vec<Target>,
        /// What the pasted error said, when the text was one.
        said: Option<Said>,
    },
    /// An error message that lacks the host, the port or both.
    Incomplete {
        /// The host, when the text names one.
        host: Option<Host>,
        /// The port, when the text names one.
        port: Option<u16>,
        /// What the error said.
        said: Said,
    },
    /// Something real that TCP cannot reach: to be explained, not refused with a shrug.
    NotTcp(NotTcp),
}

/// A named thing that is no TCP endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotTcp {
    /// A Unix domain socket (unix(7)) or a Windows named pipe, by its path.
    LocalSocket {
        /// The path as written, cleaned of control characters.
        path: String,
    },
    /// A service that speaks UDP.
    Udp {
        /// The host as typed, when there is one.
        host: Option<Host>,
        /// The port.
        port: u16,
        /// Its name, such as `dns` or `ntp`.
        service: String,
    },
    /// A database or resource that is a file, such as `sqlite:` or `file:`.
    File {
        /// The scheme that says so.
        scheme: String,
    },
}

/// What a pasted error said, read from its codes and shapes and not from the words of a language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The class of failure.
    pub kind: SaidKind,
    /// The code as written (`111`, `10061`, `ECONNREFUSED`), when there was one.
    pub code: Option<String>,
    /// What else it said that tells a cause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<SaidDetail>,
}

/// What an error message may say beyond its class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SaidDetail {
    /// EADDRNOTAVAIL: an own address could not be had.
    SourceAddress {
        /// That address, where the message names one.
        address: Option<std::net::IpAddr>,
    },
    /// The connection had been idle when it broke.
    IdleConnection,
    /// The server accepts no connection without TLS.
    TlsDemanded,
}

/// Classes of failure that error messages tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SaidKind {
    /// ECONNREFUSED and its kin.
    Refused,
    /// Connection timed out.
    Timeout,
    /// EHOSTUNREACH, "no route to host".
    HostUnreach,
    /// ENETUNREACH.
    NetUnreach,
    /// EACCES, EPERM, WSAEACCES.
    Denied,
    /// ECONNRESET.
    Reset,
    /// The peer closed without an answer.
    Closed,
    /// The name does not exist.
    NxDomain,
    /// The name could not be looked up.
    DnsFail,
    /// EADDRINUSE: this machine could not bind.
    AddrInUse,
    /// A TLS or certificate failure.
    Tls,
    /// Something else, or a message that hides its reason.
    Other,
}

/// Why a text names no target, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressError {
    /// What is wrong.
    pub problem: AddressProblem,
    /// Where, as a range of characters (not bytes) of the text as given.
    pub at: std::ops::Range<usize>,
    /// A text that would be understood, when we can propose one.
    pub mend: Option<String>,
}

/// What can be wrong with an address. Each has its sentence in every language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AddressProblem {
    /// Nothing was typed.
    Empty,
    /// The text is longer than we read (1 MiB).
    TooLong,
    /// A port is there, the host is missing (`:8080`).
    HostMissing,
    /// A colon is there, the port is missing (`host:`).
    PortMissing,
    /// The port is not a number.
    PortNotANumber,
    /// The port is above 65535.
    PortTooLarge,
    /// Port 0 names no endpoint.
    PortZero,
    /// A dotted number that is no IPv4 address (an octet above 255, too few or too many parts,
    /// leading zeros that some programs read as octal).
    BadIpv4,
    /// An IPv6 address that does not parse, or whose bracket is not closed.
    BadIpv6,
    /// An IPv6 address and a port without brackets, which reads two ways.
    Ipv6NeedsBrackets,
    /// A host name with a letter or shape that names cannot have.
    BadHostName,
    /// The scheme is not one we know, and the URL names no port.
    UnknownScheme,
    /// No address, and no error message we recognise.
    NothingFound,
}

impl AddressProblem {
    /// Whether the port is at fault rather than the host or the text as a whole.
    #[must_use]
    pub fn is_about_port(self) -> bool {
        match self {
            Self::PortMissing | Self::PortNotANumber | Self::PortTooLarge | Self::PortZero => true,
            Self::Empty
            | Self::TooLong
            | Self::HostMissing
            | Self::BadIpv4
            | Self::BadIpv6
            | Self::Ipv6NeedsBrackets
            | Self::BadHostName
            | Self::UnknownScheme
            | Self::NothingFound => false,
        }
    }
}
