//! The names that rules use for numbers (nft(8), "Data types"; iptables-extensions(8)).

use std::net::IpAddr;

use super::packet::number;
use super::{Selector, Span};

impl Selector {
    /// The values that a word of a rule means for this selector: a name, a number, an address or a
    /// prefix. Ranges are for the parsers, who know how their format writes them.
    #[must_use]
    pub fn span(&self, word: &str) -> Span {
        let read = match self {
            Self::Masked(inner, _) => return inner.span(word),
            Self::InName | Self::OutName | Self::InIndex | Self::OutIndex => Some(interface(word)),
            Self::Address { v6, .. } => network(word, *v6),
            Self::TcpFlags
            | Self::Protocol
            | Self::HeaderProtocol { .. }
            | Self::Family
            | Self::EtherType
            | Self::State
            | Self::Status
            | Self::Direction
            | Self::AddressType { .. }
            | Self::ReturnRoute
            | Self::User
            | Self::PacketType
            | Self::Port(_)
            | Self::Mark
            | Self::ConnectionMark
            | Self::Foreign
            | Self::Unread(_) => {
                let value = name_of(self.names(), word).or_else(|| parse_number(word));
                value.map(|value| Span::Numbers(value, value))
            }
        };
        read.unwrap_or_else(|| Span::Unread(word.to_owned()))
    }

    /// Whether its values are bits, of which a list means any of them.
    #[must_use]
    pub fn is_bits(&self) -> bool {
        matches!(self, Self::TcpFlags | Self::State | Self::Status)
    }

    fn names(&self) -> &'static [(&'static str, u128)] {
        match self {
            Self::TcpFlags => &TCP_FLAGS,
            Self::Protocol | Self::HeaderProtocol { .. } => &PROTOCOLS,
            Self::Family => &[("ipv4", 2), ("ipv6", 10)],
            Self::EtherType => &[("ip", 0x0800), ("ip6", 0x86dd), ("arp", 0x0806)],
            Self::State => &STATES,
            Self::Status => &STATUSES,
            Self::Direction => &[("original", 0), ("reply", 1)],
            Self::AddressType { .. } => &ADDRESS_TYPES,
            Self::ReturnRoute => &[("missing", 0), ("exists", 1)],
            Self::User => &[("root", 0)],
            Self::PacketType => &[
                ("host", 0),
                ("unicast", 0),
                ("broadcast", 1),
                ("multicast", 2),
            ],
            Self::Address { .. }
            | Self::Port(_)
            | Self::InName
            | Self::OutName
            | Self::InIndex
            | Self::OutIndex
            | Self::Mark
            | Self::ConnectionMark
            | Self::Masked(..)
            | Self::Foreign
            | Self::Unread(_) => &[],
        }
    }
}

/// A number as nft and iptables write it.
#[must_use]
pub fn parse_number(word: &str) -> Option<u128> {
    match word.strip_prefix("0x") {
        Some(digits) => u128::from_str_radix(digits, 16).ok(),
        None => word.parse().ok(),
    }
}

fn name_of(names: &[(&str, u128)], word: &str) -> Option<u128> {
    let mut names = names.iter();
    names
        .find(|(name, _)| name.eq_ignore_ascii_case(word))
        .map(|(_, value)| *value)
}

fn interface(word: &str) -> Span {
    match word.strip_suffix('*') {
        Some(start) => Span::NameStart(start.to_owned()),
        None => Span::Name(word.to_owned()),
    }
}

/// An address, or one with the length of its prefix.
fn network(word: &str, v6: bool) -> Option<Span> {
    let (address, length) = match word.split_once('/') {
        Some((address, length)) => (address, Some(length.parse().ok()?)),
        None => (word, None),
    };
    let address: IpAddr = address.parse().ok()?;
    if address.is_ipv6() != v6 {
        return None;
    }
    let bits: u32 = if v6 { 128 } else { 32 };
    prefix(number(address), length.unwrap_or(bits), bits)
}

/// The numbers of `bits` bits whose first `length` bits are those of `start`.
#[must_use]
pub fn prefix(start: u128, length: u32, bits: u32) -> Option<Span> {
    let host = bits.checked_sub(length)?;
    let rest = 1_u128.checked_shl(host).map_or(u128::MAX, |size| size - 1);
    Some(Span::Numbers(start & !rest, start | rest))
}

/// RFC 9293, section 3.1.
const TCP_FLAGS: [(&str, u128); 8] = [
    ("fin", 0x01),
    ("syn", 0x02),
    ("rst", 0x04),
    ("psh", 0x08),
    ("ack", 0x10),
    ("urg", 0x20),
    ("ecn", 0x40),
    ("cwr", 0x80),
];

/// TCP among the protocols over IP.
pub const TCP: u128 = 6;

const PROTOCOLS: [(&str, u128); 14] = [
    ("icmp", 1),
    ("igmp", 2),
    ("tcp", TCP),
    ("udp", 17),
    ("dccp", 33),
    ("gre", 47),
    ("esp", 50),
    ("ah", 51),
    ("icmpv6", 58),
    ("ipv6-icmp", 58),
    ("ospf", 89),
    ("comp", 108),
    ("sctp", 132),
    ("udplite", 136),
];

/// `enum ip_conntrack_info` as nft shows it to rules.
const STATES: [(&str, u128); 5] = [
    ("invalid", state::INVALID),
    ("established", state::ESTABLISHED),
    ("related", 4),
    ("new", state::NEW),
    ("untracked", state::UNTRACKED),
];

/// What connection tracking says of a packet.
pub mod state {
    /// It has no entry.
    pub const INVALID: u128 = 1;
    /// An answer was seen.
    pub const ESTABLISHED: u128 = 2;
    /// The first packet.
    pub const NEW: u128 = 8;
    /// Exempted.
    pub const UNTRACKED: u128 = 64;
}

/// The bit of a connection whose destination was translated (`IPS_DST_NAT`).
pub const TRANSLATED: u128 = 1 << 5;

/// `enum ip_conntrack_status`.
const STATUSES: [(&str, u128); 7] = [
    ("expected", 1),
    ("seen-reply", 1 << 1),
    ("assured", 1 << 2),
    ("confirmed", 1 << 3),
    ("snat", 1 << 4),
    ("dnat", TRANSLATED),
    ("dying", 1 << 9),
];

/// An address that is nobody's special (`RTN_UNICAST`).
pub const UNICAST: u128 = 1;

/// An address of this machine (`RTN_LOCAL`).
pub const LOCAL: u128 = 2;

const ADDRESS_TYPES: [(&str, u128); 9] = [
    ("unspec", 0),
    ("unicast", UNICAST),
    ("local", LOCAL),
    ("broadcast", 3),
    ("anycast", 4),
    ("multicast", 5),
    ("blackhole", 6),
    ("unreachable", 7),
    ("prohibit", 8),
];
