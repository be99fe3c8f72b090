//! The connection whose fate is asked for.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which way a connection is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From another machine to this one.
    In,
    /// From this machine to another.
    Out,
    /// From this machine to itself.
    Within,
}

/// The first packet of a TCP connection. What is not known is left open; the answer may then be
/// that it depends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Which way.
    pub way: Way,
    /// Over IPv6.
    pub v6: bool,
    /// Where it comes from.
    pub source: Option<IpAddr>,
    /// The port it comes from.
    pub source_port: Option<u16>,
    /// Where it goes.
    pub destination: Option<IpAddr>,
    /// The port it goes to; nothing for a port that no rule names.
    pub port: Option<u16>,
    /// The interface it comes in by, or leaves by.
    pub interface: Option<String>,
    /// The user whose program opens it, on this machine.
    pub user: Option<u32>,
    /// Further addresses that are known to be this machine's.
    pub own: Vec<IpAddr>,
    /// Whether the route back to the source leaves by the same interface (what a reverse path
    /// filter asks).
    pub returns: Option<bool>,
}

impl Packet {
    /// A connection to `port` of which nothing more is known.
    #[must_use]
    pub fn new(way: Way, v6: bool, port: Option<u16>) -> Self {
        Self {
            way,
            v6,
            source: None,
            source_port: None,
            destination: None,
            port,
            interface: (way == Way::Within).then(|| "lo".to_owned()),
            user: None,
            own: Vec::new(),
            returns: (way == Way::Within).then_some(true),
        }
    }

    /// A connection between two addresses.
    #[must_use]
    pub fn between(way: Way, source: Option<IpAddr>, destination: IpAddr, port: u16) -> Self {
        let destination = destination.to_canonical();
        Self {
            source: source.map(|ip| ip.to_canonical()),
            destination: Some(destination),
            ..Self::new(way, destination.is_ipv6(), Some(port))
        }
    }

    /// Whether an address is this machine's, as far as the packet tells.
    pub(super) fn is_own(&self, address: IpAddr) -> bool {
        let end = match self.way {
            Way::In => self.destination,
            Way::Out => self.source,
            Way::Within => self.destination.filter(|ip| Some(*ip) == self.source),
        };
        address.is_loopback() || end == Some(address) || self.own.contains(&address)
    }
}

/// An address as a number of its family.
pub fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(u32::from(v4)),
        IpAddr::V6(v6) => u128::from(v6),
    }
}

/// The address that is this number in its family.
pub fn address(number: u128, v6: bool) -> Option<IpAddr> {
    if v6 {
        return Some(Ipv6Addr::from(number).into());
    }
    Some(Ipv4Addr::from(u32::try_from(number).ok()?).into())
}
