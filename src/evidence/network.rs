//! This machine's interfaces, addresses and default routes.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Fact;

/// What this machine has of network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkState {
    /// Every interface, loopback included.
    pub interfaces: Vec<Interface>,
    /// The gateways of the default routes; known and empty: there is none. The unspecified address
    /// stands for a default route without a gateway, through a point-to-point link.
    pub default_gateways: Fact<Vec<IpAddr>>,
    /// For the target's addresses: how this machine would send to them.
    #[serde(default)]
    pub routes: Vec<RouteTo>,
}

/// A network interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interface {
    /// Its name, such as `eth0` or `Wi-Fi`.
    pub name: String,
    /// Administratively up.
    pub up: bool,
    /// The loopback interface.
    pub loopback: bool,
    /// Its addresses.
    pub addresses: Vec<InterfaceAddress>,
    /// What kind of link it is.
    #[serde(default)]
    pub link: Fact<LinkState>,
}

/// The link behind an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkState {
    /// Whether there is a signal; nothing where the driver does not tell.
    #[serde(default)]
    pub carrier: Option<bool>,
    /// Its kind.
    pub kind: LinkKind,
}

/// Kinds of links, as far as they matter for where packets go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkKind {
    /// A network card, or something that stands for one.
    Card,
    /// A bridge, as Docker and virtual machines have.
    Bridge,
    /// A tunnel: a VPN.
    Tunnel,
    /// One end of a pair whose other end is in another network namespace.
    Pair,
    /// Something else made by software.
    Other,
}

impl LinkKind {
    /// Whether the link is made by software alone, so that no cable can be out.
    #[must_use]
    pub fn is_made_up(self) -> bool {
        match self {
            Self::Bridge | Self::Tunnel | Self::Other => true,
            Self::Card | Self::Pair => false,
        }
    }
}

/// The way a packet takes from here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Via {
    /// The interface it leaves through.
    pub interface: String,
    /// The next hop; nothing when the target is taken for a neighbour.
    pub gateway: Option<IpAddr>,
}

/// This machine's ports for outgoing connections, seen towards one address and port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnPorts {
    /// How many there are.
    pub available: usize,
    /// How many of them are in use.
    pub in_use: usize,
}

/// An address of an interface with its prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterfaceAddress {
    /// The address.
    pub ip: IpAddr,
    /// The length of the network prefix in bits.
    pub prefix: u8,
}

/// The route to one address, from what the system would use as source (a UDP connect(2) sends
/// nothing and tells).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTo {
    /// Where to.
    pub to: IpAddr,
    /// The own address it would use; nothing when the system has no route.
    pub source: Option<IpAddr>,
    /// The error number when there is no route.
    pub os_code: Option<i32>,
    /// The way the system chooses.
    #[serde(default)]
    pub via: Fact<Via>,
}

impl NetworkState {
    /// Whether `ip` is one of this machine's own addresses (loopback and the unspecified address,
    /// which Linux and macOS take for this machine, included).
    #[must_use]
    pub fn is_own(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        ip.is_loopback()
            || ip.is_unspecified()
            || self.addresses().any(|(_, address)| address.ip == ip)
    }

    /// An address that other machines may know this one by: that of the way to the target before
    /// others.
    #[must_use]
    pub fn own_address(&self) -> Option<IpAddr> {
        let usual = |ip: &IpAddr| !ip.is_loopback() && !is_link_local(*ip);
        let towards = self
            .routes
            .iter()
            .find_map(|route| route.source.filter(usual));
        let mut all = self.addresses().filter(|(interface, _)| interface.up);
        towards.or_else(|| all.find_map(|(_, address)| Some(address.ip).filter(usual)))
    }

    /// The interface that has the address.
    #[must_use]
    pub fn interface_of(&self, ip: IpAddr) -> Option<String> {
        let mut all = self.interfaces.iter();
        let has = |interface: &&Interface| interface.addresses.iter().any(|a| a.ip == ip);
        all.find(has).map(|interface| interface.name.clone())
    }

    /// What is known of the link of an interface.
    #[must_use]
    pub fn link(&self, interface: &str) -> Option<LinkState> {
        let found = self.interfaces.iter().find(|i| i.name == interface)?;
        found.link.known().copied()
    }

    /// The default gateway behind one end of a pair of links whose other end is in another network
    /// namespace, or behind a tunnel that a program of the host serves: then this is a container or
    /// the like, and the gateway its host. (A bridge may make it a router of the host's network.)
    #[must_use]
    pub fn namespace_gateway(&self) -> Option<IpAddr> {
        let gateways = self.default_gateways.known()?;
        let leads_out = |i: &&Interface| {
            let kind = i.link.known().map(|link| link.kind);
            matches!(kind, Some(LinkKind::Pair | LinkKind::Tunnel))
        };
        let mut ways = self.interfaces.iter().filter(leads_out);
        ways.find_map(|way| {
            let is_behind = |ip: &&IpAddr| way.addresses.iter().any(|own| own.contains(**ip));
            gateways.iter().find(is_behind).copied()
        })
    }

    /// Whether `ip` lies in the prefix of an interface that is up, so that no router is between.
    #[must_use]
    pub fn is_on_link(&self, ip: IpAddr) -> bool {
        self.addresses()
            .any(|(interface, address)| interface.up && address.contains(ip))
    }

    /// Whether `ip` is taken for a neighbour though it lies outside the /24 of the own address: that
    /// takes a network of more than the usual size, or a mask that is too short.
    #[must_use]
    pub fn is_far_neighbour(&self, ip: IpAddr) -> bool {
        let IpAddr::V4(v4) = ip else { return false };
        self.addresses().any(|(_, own)| match own.ip {
            IpAddr::V4(own_ip) => {
                own.prefix < 24 && own.contains(ip) && own_ip.octets()[..3] != v4.octets()[..3]
            }
            IpAddr::V6(_) => false,
        })
    }

    /// Whether `ip` is the broadcast address of one of this machine's IPv4 networks.
    #[must_use]
    pub fn is_broadcast(&self, ip: IpAddr) -> bool {
        let IpAddr::V4(ip) = ip else { return false };
        self.addresses().any(|(_, address)| match address.ip {
            IpAddr::V4(own) if address.prefix < 31 => {
                let host_bits = u32::MAX.checked_shr(address.prefix.into()).unwrap_or(0);
                ip.to_bits() == own.to_bits() | host_bits
            }
            IpAddr::V4(_) | IpAddr::V6(_) => false,
        })
    }

    /// Whether any interface but loopback is up with an address that is not link-local.
    #[must_use]
    pub fn has_usable_address(&self) -> bool {
        self.addresses().any(|(interface, address)| {
            interface.up && !interface.loopback && !is_link_local(address.ip)
        })
    }

    fn addresses(&self) -> impl Iterator<Item = (&Interface, &InterfaceAddress)> {
        self.interfaces
            .iter()
            .flat_map(|i| i.addresses.iter().map(move |a| (i, a)))
    }
}

impl InterfaceAddress {
    /// Whether `ip` lies in this prefix.
    #[must_use]
    pub fn contains(&self, ip: IpAddr) -> bool {
        match (self.ip, ip) {
            (IpAddr::V4(own), IpAddr::V4(ip)) => {
                let mask = u32::MAX
                    .checked_shl(32 - u32::from(self.prefix.min(32)))
                    .unwrap_or(0);
                own.to_bits() & mask == ip.to_bits() & mask
            }
            (IpAddr::V6(own), IpAddr::V6(ip)) => {
                let mask = u128::MAX
                    .checked_shl(128 - u32::from(self.prefix.min(128)))
                    .unwrap_or(0);
                own.to_bits() & mask == ip.to_bits() & mask
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// An address that more than one network has: RFC 1918, RFC 4193, and those of one link.
#[must_use]
pub fn is_private(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

/// 169.254.0.0/16 (RFC 3927) and `fe80::/10` (RFC 4291).
#[must_use]
pub fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}
