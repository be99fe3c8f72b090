//! Addresses in place of addresses: of the same kind, and with the same neighbours.
//!
//! What an address tells besides who it is stays visible: that it is loopback, private,
//! link-local, shared (RFC 6598) or public, and with which others it shares a network, bit by bit
//! of the prefix. Public addresses become ones that are set aside for documents and measurements
//! (RFC 5737, RFC 2544, RFC 3849), so that nobody takes them for real. Which address comes out
//! depends on nothing but the order in which addresses were met.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::evidence::{InterfaceAddress, NetworkState};

/// The addresses met so far and what stands for them.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    /// The networks that this machine is part of: within them more than the usual is kept.
    networks: Vec<Network>,
    /// Whether the bit after a prefix is turned over.
    turned: BTreeMap<Prefix, bool>,
    /// The hosts of each network, numbered.
    hosts: BTreeMap<Prefix, BTreeMap<u128, u128>>,
    /// What stands for the first bits of public addresses.
    blocks: BTreeMap<Prefix, u128>,
    /// How many networks of 256 public IPv4 addresses are given away, from below and from above.
    given: (u32, u32),
}

/// The first bits of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Prefix {
    width: u32,
    length: u32,
    bits: u128,
}

/// A network of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    address: Bits,
    length: u32,
}

/// An address as a number of 32 or 128 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bits {
    width: u32,
    value: u128,
}

/// Which part of an address is kept.
enum Kind {
    /// All of it: it says nothing of whose it is.
    Same,
    /// So many bits, which make the kind.
    Kept(u32),
    /// None: it becomes one for documents.
    Public,
}

impl Addresses {
    /// Takes note of the networks that a machine is part of, before any address is met.
    pub(super) fn learn(&mut self, network: &NetworkState) {
        let all = network.interfaces.iter().flat_map(|i| &i.addresses);
        for InterfaceAddress { ip, prefix } in all {
            let address = Bits::of(*ip);
            let length = u32::from(*prefix).min(address.width);
            let network = Network { address, length };
            if !self.networks.contains(&network) {
                self.networks.push(network);
            }
        }
        // The first and the last address of a network mean something, so they stay first and last.
        for network in self.networks.clone() {
            if network.address.width == V4 {
                let depth = self.depth(network.address);
                let hosts = ones(V4 - network.length);
                let first = network.address.value & !hosts;
                self.keep(Bits::v4(first), network.length, depth);
                self.keep(Bits::v4(first | hosts), network.length, depth);
            }
        }
        for network in self.networks.clone() {
            if let Some(kept) = stretched(network) {
                self.keep(network.address, network.length, kept);
            }
        }
        // Virtual machines and containers without a network of their own are known by it.
        let user_mode = Bits::of(Ipv4Addr::new(10, 0, 2, 0).into());
        self.keep(user_mode, 8, 24);
    }

    /// What stands for a socket's address; the port and the zone stay.
    pub(super) fn endpoint(&mut self, mut addr: SocketAddr) -> SocketAddr {
        addr.set_ip(self.address(addr.ip()));
        addr
    }

    /// What stands for an address.
    pub(super) fn address(&mut self, ip: IpAddr) -> IpAddr {
        if let IpAddr::V6(v6) = ip
            && let Some((start, v4)) = embedded(v6)
        {
            let IpAddr::V4(v4) = self.address(v4.into()) else {
                return ip;
            };
            return Ipv6Addr::from_bits(start | u128::from(v4.to_bits())).into();
        }
        let address = Bits::of(ip);
        let depth = self.depth(address);
        let network = match kind(ip) {
            Kind::Same => return ip,
            Kind::Kept(kept) => {
                let kept = kept.min(depth);
                address.start(kept) | self.scrambled(address, kept, depth)
            }
            Kind::Public if let Some(kept) = self.within_stretched(address) => {
                address.start(kept) | self.scrambled(address, kept, depth)
            }
            Kind::Public => {
                let length = self.block_length(address);
                self.block(address, length) | self.scrambled(address, length, depth)
            }
        };
        let host = self.host(address, network, depth);
        Bits {
            value: network | host,
            ..address
        }
        .ip()
    }

    /// How many bits are taken for the network's: 24 or 64, more where this machine is part of a
    /// smaller network there.
    fn depth(&self, address: Bits) -> u32 {
        let usual = if address.width == V4 { 24 } else { 64 };
        let beside = self.networks.iter().filter(|network| {
            network.address.width == address.width
                && network.address.start(usual) == address.start(usual)
                && network.length < address.width
        });
        beside.fold(usual, |depth, network| depth.max(network.length))
    }

    /// The bits from `from` to `to`, each turned over or not as it is for all with the same start:
    /// so that two addresses have as many bits in common as before, and the first one met is zero.
    fn scrambled(&mut self, address: Bits, from: u32, to: u32) -> u128 {
        let mut bits = 0;
        for length in from..to {
            let bit = address.bit(length);
            let turned = *self
                .turned
                .entry(address.prefix(length))
                .or_insert(bit == 1);
            bits |= (bit ^ u128::from(turned)) << (address.width - 1 - length);
        }
        bits
    }

    /// Keeps the bits from `from` to `to` as they are.
    fn keep(&mut self, address: Bits, from: u32, to: u32) {
        for length in from..to {
            self.turned.entry(address.prefix(length)).or_insert(false);
        }
    }

    /// The number of a host in its network. The first and the last address of a network stay, and
    /// so does everything in a network too small for others.
    fn host(&mut self, address: Bits, network: u128, depth: u32) -> u128 {
        let mask = ones(address.width - depth);
        let host = address.value & mask;
        if mask <= 1 || host == 0 || host == mask {
            return host;
        }
        let key = Prefix {
            width: address.width,
            length: depth,
            bits: network,
        };
        let known = self.hosts.entry(key).or_default();
        let next = known.len() as u128 + 1;
        *known.entry(host).or_insert(next)
    }

    /// The length of what is replaced as a whole in a public address: an own network's, where there
    /// is one, so that it stays one.
    fn block_length(&self, address: Bits) -> u32 {
        if address.width == V6 {
            return 48;
        }
        let own = self.networks.iter().filter(|network| {
            network.address.width == V4
                && network.length < 24
                && network.address.start(network.length) == address.start(network.length)
        });
        let shortest = own.map(|network| network.length).min();
        shortest.unwrap_or(24).max(SHORTEST_BLOCK)
    }

    /// How many bits a public address has from an own private network whose mask is too short, so
    /// that it takes the address in: these are kept, as they tell nothing else.
    fn within_stretched(&self, address: Bits) -> Option<u32> {
        let around = self.networks.iter().filter(|network| {
            network.address.width == address.width
                && stretched(**network).is_some()
                && network.address.start(network.length) == address.start(network.length)
        });
        around.map(|network| network.length).min()
    }

    fn block(&mut self, address: Bits, length: u32) -> u128 {
        let prefix = address.prefix(length);
        if let Some(known) = self.blocks.get(&prefix) {
            return *known;
        }
        let block = if address.width == V6 {
            // As many as 16 bits have room for; no test meets more.
            let number = self.blocks.keys().filter(|known| known.width == V6).count();
            Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0).to_bits()
                | (number as u128 & 0xffff) << 80
        } else {
            u128::from(self.v4_block(length).to_bits())
        };
        self.blocks.insert(prefix, block);
        block
    }

    fn v4_block(&mut self, length: u32) -> Ipv4Addr {
        let (below, above) = &mut self.given;
        if length == 24 {
            let number = *below;
            *below += 1;
            return match number {
                0 => Ipv4Addr::new(203, 0, 113, 0),
                1 => Ipv4Addr::new(198, 51, 100, 0),
                2 => Ipv4Addr::new(192, 0, 2, 0),
                // Where a report has more than any test meets, it goes on into what nobody uses.
                _ => match u8::try_from((number - 3) % 256) {
                    Ok(third) if number < 3 + 256 => Ipv4Addr::new(198, 18, third, 0),
                    _ => Ipv4Addr::from_bits(0xf000_0000 | (number << 8) & 0x0fff_ff00),
                },
            };
        }
        let size = 1 << (24 - length);
        *above = (*above).div_ceil(size) * size + size;
        Ipv4Addr::from_bits(MEASURED_END.wrapping_sub(*above << 8))
    }
}

/// The end of 198.18.0.0/15 (RFC 2544).
const MEASURED_END: u32 = 0xc614_0000;

/// Half of the half of 198.18.0.0/15.
const SHORTEST_BLOCK: u32 = 17;

const V4: u32 = 32;
const V6: u32 = 128;

fn kind(ip: IpAddr) -> Kind {
    match ip {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            match (first, second) {
                (127 | 224..=239, _) => Kind::Same,
                _ if v4.is_unspecified() || v4.is_broadcast() => Kind::Same,
                (0 | 10, _) => Kind::Kept(8),
                (172, 16..=31) => Kind::Kept(12),
                (192, 168) | (169, 254) => Kind::Kept(16),
                (100, 64..=127) => Kind::Kept(10),
                (240.., _) => Kind::Kept(4),
                _ => Kind::Public,
            }
        }
        IpAddr::V6(v6) if v6.is_loopback() || v6.is_unspecified() || v6.is_multicast() => {
            Kind::Same
        }
        IpAddr::V6(v6) if v6.is_unicast_link_local() => Kind::Kept(10),
        IpAddr::V6(v6) if v6.is_unique_local() => Kind::Kept(8),
        IpAddr::V6(_) => Kind::Public,
    }
}

/// How many bits make the kind of a network's addresses, where its mask is shorter.
fn stretched(network: Network) -> Option<u32> {
    match kind(network.address.ip()) {
        Kind::Kept(kept) => Some(kept).filter(|kept| network.length < *kept),
        Kind::Same | Kind::Public => None,
    }
}

/// The IPv4 address within an IPv6 address, and what stands before it: mapped (RFC 4291, 2.5.5.2)
/// or translated (RFC 6052).
fn embedded(v6: Ipv6Addr) -> Option<(u128, Ipv4Addr)> {
    let bits = v6.to_bits();
    let start = bits & !ones(32);
    let starts = [
        Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0),
        Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0),
    ];
    let v4 = u32::try_from(bits & ones(32)).ok()?;
    starts
        .iter()
        .any(|known| known.to_bits() == start)
        .then_some((start, Ipv4Addr::from_bits(v4)))
}

/// So many ones at the end.
fn ones(count: u32) -> u128 {
    1_u128.checked_shl(count).map_or(u128::MAX, |one| one - 1)
}

impl Bits {
    fn of(ip: IpAddr) -> Self {
        match ip {
            IpAddr::V4(v4) => Self::v4(v4.to_bits().into()),
            IpAddr::V6(v6) => Self {
                width: V6,
                value: v6.to_bits(),
            },
        }
    }

    fn v4(value: u128) -> Self {
        Self { width: V4, value }
    }

    fn ip(self) -> IpAddr {
        match u32::try_from(self.value) {
            Ok(value) if self.width == V4 => Ipv4Addr::from_bits(value).into(),
            Ok(_) | Err(_) => Ipv6Addr::from_bits(self.value).into(),
        }
    }

    /// The first bits, with zeros after them.
    fn start(self, length: u32) -> u128 {
        self.value & ones(self.width) & !ones(self.width - length.min(self.width))
    }

    /// The bit after so many others.
    fn bit(self, length: u32) -> u128 {
        (self.value >> (self.width - 1 - length)) & 1
    }

    fn prefix(self, length: u32) -> Prefix {
        Prefix {
            width: self.width,
            length,
            bits: self.start(length),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::evidence::{Fact, Interface};

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn machine(own: &[(IpAddr, u8)]) -> NetworkState {
        let addresses = own.iter().map(|(ip, prefix)| InterfaceAddress {
            ip: *ip,
            prefix: *prefix,
        });
        NetworkState {
            interfaces: vec![Interface {
                name: "eth0".to_owned(),
                up: true,
                loopback: false,
                addresses: addresses.collect(),
                link: Fact::default(),
            }],
            ..NetworkState::default()
        }
    }

    fn of(own: &[(IpAddr, u8)]) -> Addresses {
        let mut addresses = Addresses::default();
        addresses.learn(&machine(own));
        addresses
    }

    #[test]
    fn the_kind_of_an_address_stays() {
        let mut addresses = of(&[]);
        for (before, after) in [
            ("127.0.0.1", "127.0.0.1"),
            ("0.0.0.0", "0.0.0.0"),
            ("255.255.255.255", "255.255.255.255"),
            ("224.0.0.251", "224.0.0.251"),
            ("::1", "::1"),
            ("ff02::1", "ff02::1"),
            ("192.168.7.20", "192.168.0.1"),
            ("192.168.7.99", "192.168.0.2"),
            ("192.168.7.255", "192.168.0.255"),
            ("192.168.9.20", "192.168.8.1"),
            ("172.20.3.4", "172.16.0.1"),
            ("100.99.3.4", "100.64.0.1"),
            ("169.254.9.9", "169.254.0.1"),
            ("93.184.215.14", "203.0.113.1"),
            ("93.184.215.15", "203.0.113.2"),
            ("8.8.8.8", "198.51.100.1"),
            ("1.1.1.1", "192.0.2.1"),
            ("9.9.9.9", "198.18.0.1"),
            ("fe80::5054:ff:fe12:3456", "fe80::1"),
            ("fd12:3456:789a:1::53", "fd00::1"),
            ("2606:2800:21f:cb07::1", "2001:db8::1"),
            ("2606:2800:21f:cb08::1", "2001:db8:0:8::1"),
            ("2a00:1450::2", "2001:db8:1::1"),
            ("::ffff:192.168.7.20", "::ffff:192.168.0.1"),
            ("64:ff9b::808:808", "64:ff9b::c633:6401"),
        ] {
            assert_eq!(addresses.address(ip(before)), ip(after), "{before}");
        }
    }

    #[test]
    fn the_first_and_the_last_address_of_an_own_network_stay_so() {
        let mut addresses = of(&[(ip("10.77.1.2"), 16)]);
        assert_eq!(addresses.address(ip("10.77.1.2")), ip("10.64.1.1"));
        assert_eq!(addresses.address(ip("10.77.255.255")), ip("10.64.255.255"));
        assert_eq!(addresses.address(ip("10.77.0.0")), ip("10.64.0.0"));
        let mut small = of(&[(ip("198.51.100.130"), 28)]);
        let last = small.address(ip("198.51.100.143"));
        assert_eq!(last, ip("203.0.113.15"), "the last of sixteen");
    }

    #[test]
    fn a_public_address_within_a_mask_that_is_too_short_stays_within() {
        let own = (ip("192.168.7.20"), 8);
        let mut addresses = of(&[own]);
        let told = addresses.address(own.0);
        assert_eq!(told, ip("192.168.0.1"));
        let public = addresses.address(ip("192.31.7.9"));
        assert!(machine(&[(told, 8)]).is_on_link(public), "{public}");
        assert!(
            !is_private(public) && public != ip("192.31.7.9"),
            "{public}"
        );
    }

    #[test]
    fn the_user_mode_network_of_virtual_machines_is_kept_for_them() {
        let mut addresses = of(&[]);
        addresses.address(ip("10.0.3.15"));
        assert_eq!(addresses.address(ip("10.0.2.15")), ip("10.0.2.1"));
    }

    fn near(start: u32) -> impl Strategy<Value = IpAddr> {
        let starts = [
            0x0a4d_0100,
            0xc0a8_0700,
            0xac14_0300,
            0x5db8_d700,
            0x0808_0800,
            start,
        ];
        (0..starts.len(), any::<u32>(), 0..24_u32).prop_map(move |(which, low, bits)| {
            let mask = (1_u32 << bits) - 1;
            Ipv4Addr::from_bits(starts[which] & !mask | low & mask).into()
        })
    }

    fn near_v6() -> impl Strategy<Value = IpAddr> {
        let starts = [
            "fe80::",
            "fd12:3456:789a::",
            "2606:2800:21f::",
            "2001:470::",
        ];
        (0..starts.len(), any::<u128>(), 0..100_u32).prop_map(move |(which, low, bits)| {
            let start = starts[which].parse::<Ipv6Addr>().unwrap().to_bits();
            Ipv6Addr::from_bits(start & !ones(bits) | low & ones(bits)).into()
        })
    }

    fn is_private(ip: IpAddr) -> bool {
        match ip {
            IpAddr::V4(v4) => v4.is_private() || v4.is_link_local(),
            IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local(),
        }
    }

    fn any_address() -> impl Strategy<Value = IpAddr> {
        prop_oneof![near(0x0a4d_0000), near_v6()]
    }

    proptest! {
        #[test]
        fn different_addresses_stay_different_and_neighbours_neighbours(
            own in prop::collection::vec((any_address(), 17..=128_u8), 0..4),
            met in prop::collection::vec(any_address(), 1..40),
        ) {
            let own: Vec<(IpAddr, u8)> = own
                .into_iter()
                .map(|(ip, prefix)| (ip, if ip.is_ipv4() { prefix.min(32) } else { prefix.max(48) }))
                .collect();
            let mut addresses = of(&own);
            let network = machine(&own);
            let told: Vec<(IpAddr, IpAddr)> =
                own.iter().map(|(ip, _)| *ip).chain(met).map(|ip| (ip, addresses.address(ip))).collect();
            let retold: Vec<(IpAddr, u8)> =
                own.iter().map(|(ip, prefix)| (addresses.address(*ip), *prefix)).collect();
            let retold = machine(&retold);
            for (ip, after) in &told {
                prop_assert_eq!(addresses.address(*ip), *after, "the same every time");
                prop_assert_eq!(ip.is_ipv4(), after.is_ipv4());
                prop_assert_eq!(ip.is_loopback(), after.is_loopback());
                prop_assert_eq!(is_private(*ip), is_private(*after));
                prop_assert_eq!(network.is_own(*ip), retold.is_own(*after), "{} {}", ip, after);
                prop_assert_eq!(network.is_on_link(*ip), retold.is_on_link(*after), "{} {}", ip, after);
                prop_assert_eq!(
                    network.is_broadcast(*ip), retold.is_broadcast(*after), "{} {}", ip, after
                );
            }
            let before: BTreeSet<IpAddr> = told.iter().map(|(ip, _)| *ip).collect();
            let after: BTreeSet<IpAddr> = told.iter().map(|(_, ip)| *ip).collect();
            prop_assert_eq!(before.len(), after.len());
        }
    }
}
