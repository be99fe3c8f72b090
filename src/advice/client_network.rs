//! For whom a firewall rule should open a port: as few as the evidence allows.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Placeholder;
use crate::evidence::{Evidence, InterfaceAddress, NetworkState, is_private};

/// The clients a rule is for, as the server sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientNetwork {
    /// A network both machines are part of.
    OnLink {
        /// Its first address.
        network: IpAddr,
        /// The length of its prefix.
        prefix: u8,
    },
    /// This machine alone, behind a router.
    Client(IpAddr),
    /// Not known: what the server sees may be an address of a router or provider.
    Unknown {
        /// Whether the connection was over IPv6.
        v6: bool,
    },
}

impl ClientNetwork {
    /// The clients to be let in, judged by how this machine reaches `server`.
    #[must_use]
    pub fn towards(server: IpAddr, evidence: &Evidence) -> Self {
        let unknown = Self::Unknown {
            v6: server.is_ipv6(),
        };
        let Some(network) = evidence.network.known() else {
            return unknown;
        };
        if network.is_own(server) {
            return own_network(server, network).unwrap_or(unknown);
        }
        if let Some(address) = on_link(server, network) {
            return Self::of(address);
        }
        match source(server, evidence, network) {
            // A private server sees private clients; towards a public one the address is
            // translated on the way.
            Some(own) if is_private(own) && is_private(server) => Self::Client(own),
            Some(_) | None => unknown,
        }
    }

    /// Whether the rule is for IPv6.
    #[must_use]
    pub fn is_v6(self) -> bool {
        match self {
            Self::OnLink { network, .. } => network.is_ipv6(),
            Self::Client(ip) => ip.is_ipv6(),
            Self::Unknown { v6 } => v6,
        }
    }

    fn of(address: InterfaceAddress) -> Self {
        Self::OnLink {
            network: first_address(address),
            prefix: address.prefix,
        }
    }
}

/// `192.168.1.0/24`, `10.0.0.5/32`, or a placeholder that no tool accepts.
impl fmt::Display for ClientNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnLink { network, prefix } => write!(f, "{network}/{prefix}"),
            Self::Client(ip @ IpAddr::V4(_)) => write!(f, "{ip}/32"),
            Self::Client(ip @ IpAddr::V6(_)) => write!(f, "{ip}/128"),
            Self::Unknown { .. } => f.write_str(Placeholder::Subnet.text()),
        }
    }
}

fn own_network(own: IpAddr, network: &NetworkState) -> Option<ClientNetwork> {
    up_addresses(network)
        .find(|address| address.ip == own && is_private(own))
        .map(ClientNetwork::of)
}

fn on_link(server: IpAddr, network: &NetworkState) -> Option<InterfaceAddress> {
    up_addresses(network).find(|address| address.contains(server))
}

fn up_addresses(network: &NetworkState) -> impl Iterator<Item = InterfaceAddress> {
    let usable = network.interfaces.iter().filter(|i| i.up && !i.loopback);
    usable.flat_map(|interface| interface.addresses.iter().copied())
}

fn source(server: IpAddr, evidence: &Evidence, network: &NetworkState) -> Option<IpAddr> {
    let attempts = evidence.attempts.iter();
    let tried = attempts.filter(|attempt| attempt.addr.ip() == server);
    let routes = network.routes.iter().filter(|route| route.to == server);
    tried
        .filter_map(|attempt| attempt.source)
        .chain(routes.filter_map(|route| route.source))
        .next()
}

fn first_address(address: InterfaceAddress) -> IpAddr {
    match address.ip {
        IpAddr::V4(ip) => {
            let host_bits = 32 - u32::from(address.prefix.min(32));
            let mask = u32::MAX.checked_shl(host_bits).unwrap_or(0);
            Ipv4Addr::from_bits(ip.to_bits() & mask).into()
        }
        IpAddr::V6(ip) => {
            let host_bits = 128 - u32::from(address.prefix.min(128));
            let mask = u128::MAX.checked_shl(host_bits).unwrap_or(0);
            Ipv6Addr::from_bits(ip.to_bits() & mask).into()
        }
    }
}
