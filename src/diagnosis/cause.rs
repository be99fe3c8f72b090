//! Every cause we can name. One cause is one thing a person can do something about; the ids are
//! the stable vocabulary of the report and of scripts, and never change.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

/// What is the matter, with the data its sentence needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "id", rename_all = "kebab-case")]
pub enum Cause {
    /// Connected, and nothing speaks against the service working.
    Reachable,
    /// Connected; the service waits for its client to speak, so whether it works is unknown.
    ReachableSilent,
    /// What was typed names no TCP endpoint: broadcast, multicast, link-local without zone.
    BadAddress,
    /// The name does not exist.
    NameNotFound,
    /// The name exists without an A or AAAA record.
    NameHasNoAddress,
    /// The configured resolvers do not answer.
    ResolverUnreachable,
    /// The resolver answers SERVFAIL or REFUSED.
    ResolverFailure,
    /// No usable interface or address.
    NoNetwork,
    /// No route for the target's network.
    NoDefaultRoute,
    /// A local prohibit, blackhole or unreachable route.
    RouteProhibited,
    /// The target has only IPv6 (or is an IPv6 literal) and this machine has none.
    Ipv6Unavailable,
    /// Nobody at that address answers on the target's own network.
    HostDown,
    /// A router on the way has no route.
    NoRouteBeyond {
        /// The router that said so.
        router: Option<IpAddr>,
    },
    /// The name's IPv6 addresses fail, IPv4 works.
    Ipv6PathBroken,
    /// Some of the name's addresses fail, others of the same family work.
    OneAddressDead {
        /// The first that fails.
        address: IpAddr,
    },
    /// No answer, and nothing shows where it is lost.
    SilentDrop,
    /// The host answers otherwise, this port is silent.
    FirewallDropsPort,
    /// The host refuses by rule.
    FirewallRejects,
    /// A device between refuses with ICMP.
    PathFirewallRejects {
        /// The device.
        device: IpAddr,
    },
    /// This machine's own firewall refuses outgoing connections.
    LocalFirewallRejects,
    /// A sandbox or policy forbids the program to connect.
    LocalPolicyDenies,
    /// The host is up and nothing listens on this port.
    NothingListening,
    /// The service was found on another port of that host.
    WrongPort {
        /// That port.
        found: u16,
    },
    /// The service listens on loopback only, and was asked for elsewhere.
    LoopbackOnly {
        /// The address it listens on.
        address: IpAddr,
    },
    /// The service listens on another address of its host.
    BoundElsewhere {
        /// The address it listens on.
        address: IpAddr,
    },
    /// Listens on one family and was asked over the other.
    WrongFamily {
        /// The family that was used and is refused.
        used: Family,
        /// An address of the other family where the service is.
        works: SocketAddr,
    },
    /// TLS spoken to a port without TLS.
    TlsToPlainPort,
    /// Plain text spoken to a TLS port.
    PlainToTlsPort,
    /// What was seen fits no cause.
    Undetermined,
}

/// An address family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Family {
    /// IPv4.
    #[serde(rename = "IPv4")]
    V4,
    /// IPv6.
    #[serde(rename = "IPv6")]
    V6,
}

impl Family {
    /// The family of an address.
    #[must_use]
    pub fn of(ip: IpAddr) -> Self {
        if ip.is_ipv4() { Self::V4 } else { Self::V6 }
    }

    /// `IPv4` or `IPv6`, the same in every language.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        }
    }
}

impl Cause {
    /// The stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Reachable => "reachable",
            Self::ReachableSilent => "reachable-silent",
            Self::BadAddress => "bad-address",
            Self::NameNotFound => "name-not-found",
            Self::NameHasNoAddress => "name-has-no-address",
            Self::ResolverUnreachable => "resolver-unreachable",
            Self::ResolverFailure => "resolver-failure",
            Self::NoNetwork => "no-network",
            Self::NoDefaultRoute => "no-default-route",
            Self::RouteProhibited => "route-prohibited",
            Self::Ipv6Unavailable => "ipv6-unavailable",
            Self::HostDown => "host-down",
            Self::NoRouteBeyond { .. } => "no-route-beyond",
            Self::Ipv6PathBroken => "ipv6-path-broken",
            Self::OneAddressDead { .. } => "one-address-dead",
            Self::SilentDrop => "silent-drop",
            Self::FirewallDropsPort => "firewall-drops-port",
            Self::FirewallRejects => "firewall-rejects",
            Self::PathFirewallRejects { .. } => "path-firewall-rejects",
            Self::LocalFirewallRejects => "local-firewall-rejects",
            Self::LocalPolicyDenies => "local-policy-denies",
            Self::NothingListening => "nothing-listening",
            Self::WrongPort { .. } => "wrong-port",
            Self::LoopbackOnly { .. } => "loopback-only",
            Self::BoundElsewhere { .. } => "bound-elsewhere",
            Self::WrongFamily { .. } => "wrong-family",
            Self::TlsToPlainPort => "tls-to-plain-port",
            Self::PlainToTlsPort => "plain-to-tls-port",
            Self::Undetermined => "undetermined",
        }
    }
}
