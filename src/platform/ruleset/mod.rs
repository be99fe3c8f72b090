//! What a listing of packet-filter rules says, and what the kernel makes of it for one TCP
//! connection: [`verdict`].
//!
//! The model is that of nftables (nft(8)); iptables fits into it, with its rules' own text. Where
//! rules come from is not known here, and nothing is asked of the machine. What is not understood
//! stays in the model as such, and makes an answer unknown, never "open".

mod compare;
mod constant;
mod fate;
mod packet;
mod reading;
mod walk;

use std::collections::BTreeMap;

use crate::evidence::Policy;
pub(in crate::platform) use constant::{parse_number, prefix};
pub use fate::{By, Decision, Doubt, Ending, Fate, Lack, Leg, RuleName};
pub use packet::{Packet, Way};
pub use walk::verdict;

/// Tables of rules, in the order in which they are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ruleset {
    /// The tables.
    pub tables: Vec<Table>,
}

/// Which packets a table sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// IPv4.
    Ip,
    /// IPv6.
    Ip6,
    /// Both.
    Inet,
    /// All that passes a device.
    Netdev,
    /// What a bridge forwards.
    Bridge,
    /// ARP.
    Arp,
}

impl Family {
    /// As nft writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ip => "ip",
            Self::Ip6 => "ip6",
            Self::Inet => "inet",
            Self::Netdev => "netdev",
            Self::Bridge => "bridge",
            Self::Arp => "arp",
        }
    }

    /// The family of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let all = [
            Self::Ip,
            Self::Ip6,
            Self::Inet,
            Self::Netdev,
            Self::Bridge,
            Self::Arp,
        ];
        all.into_iter().find(|family| family.name() == name)
    }
}

/// Who wrote a table, as far as its listing tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Listing {
    /// nft lists it.
    #[default]
    Nft,
    /// `iptables-save` or `ip6tables-save` lists it.
    Iptables,
    /// Only `iptables-legacy-save` does, as `iptables` is of the newer back end.
    IptablesLegacy,
    /// Only `iptables-nft-save` does, as `iptables` is of the older back end.
    IptablesNft,
}

/// A table: chains, and the sets and maps that their rules name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Which packets it sees.
    pub family: Family,
    /// Its name.
    pub name: String,
    /// Who lists it.
    pub listing: Listing,
    /// Switched off (`flags dormant`).
    pub dormant: bool,
    /// Its chains, by name.
    pub chains: BTreeMap<String, Chain>,
    /// Its sets and maps, by name.
    pub sets: BTreeMap<String, Set>,
}

impl Table {
    /// An empty table.
    #[must_use]
    pub fn new(family: Family, name: &str, listing: Listing) -> Self {
        Self {
            family,
            name: name.to_owned(),
            listing,
            dormant: false,
            chains: BTreeMap::new(),
            sets: BTreeMap::new(),
        }
    }

    /// Whether iptables or ip6tables made it: they keep their rules in tables and base chains of
    /// fixed names.
    #[must_use]
    pub fn is_of_iptables(&self) -> bool {
        let is_upper = |name: &String| name.bytes().all(|byte| byte.is_ascii_uppercase());
        let mut bases = self.chains.iter().filter(|(_, chain)| chain.base.is_some());
        matches!(self.family, Family::Ip | Family::Ip6)
            && matches!(
                self.name.as_str(),
                "filter" | "nat" | "mangle" | "raw" | "security"
            )
            && bases.any(|(name, _)| is_upper(name))
    }

    /// Whether firewalld made it.
    #[must_use]
    pub fn is_of_firewalld(&self) -> bool {
        self.name == "firewalld"
    }

    /// Whether anything here can stop a connection: a base chain with rules or a strict policy.
    #[must_use]
    pub fn filters_anything(&self) -> bool {
        let strict = |base: &Base| base.policy != Policy::Allow;
        let filters = |chain: &Chain| {
            let base = chain.base.as_ref();
            base.is_some_and(|base| strict(base) || !chain.rules.is_empty())
        };
        !self.dormant && self.chains.values().any(filters)
    }
}

/// A chain of rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    /// Where the kernel enters it; nothing for a chain that only other chains enter.
    pub base: Option<Base>,
    /// Its rules, in order.
    pub rules: Vec<Rule>,
}

/// Where and when the kernel enters a base chain, and what follows when no rule decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// What it is for.
    pub kind: Kind,
    /// The place on a packet's way.
    pub hook: Hook,
    /// The order among the chains of a hook.
    pub priority: i64,
    /// What follows when no rule decides.
    pub policy: Policy,
    /// Its devices, for ingress and egress; none when the listing does not tell.
    pub devices: Vec<String>,
    /// Its place in the listing: of equal priorities the kernel enters the newest first.
    pub order: usize,
}

/// The types of base chains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Lets pass and stops.
    Filter,
    /// Translates addresses; sees only the first packet of a connection.
    Nat,
    /// May choose another route.
    Route,
}

/// The places a packet passes (nft(8), "Address families").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hook {
    /// At the device it comes in by.
    Ingress,
    /// Before routing.
    Prerouting,
    /// On the way to a local socket.
    Input,
    /// On the way from one device to another.
    Forward,
    /// From a local socket.
    Output,
    /// After routing.
    Postrouting,
    /// At the device it leaves by.
    Egress,
}

impl Hook {
    /// As nft writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Prerouting => "prerouting",
            Self::Input => "input",
            Self::Forward => "forward",
            Self::Output => "output",
            Self::Postrouting => "postrouting",
            Self::Egress => "egress",
        }
    }

    /// The hook of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let all = [
            Self::Ingress,
            Self::Prerouting,
            Self::Input,
            Self::Forward,
            Self::Output,
            Self::Postrouting,
            Self::Egress,
        ];
        all.into_iter().find(|hook| hook.name() == name)
    }
}

/// A rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// The kernel's number for it, where the listing has it.
    pub handle: Option<u64>,
    /// How its tool prints it.
    pub text: String,
    /// What it says, in order: the first condition that does not hold ends it.
    pub statements: Vec<Statement>,
}

/// A part of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// A condition on the packet.
    Match(Match),
    /// A condition that the packet alone does not decide: how often, when.
    Sometimes(Lack),
    /// The verdict.
    Verdict(Verdict),
    /// The verdict that a map has for what is read of the packet.
    VerdictMap {
        /// What is read.
        reads: Vec<Selector>,
        /// Where it is looked up.
        map: Values,
    },
    /// Changes the packet's mark or its connection's.
    SetMark {
        /// Whether the connection's.
        of_connection: bool,
        /// What it becomes.
        to: Mark,
    },
    /// Sends the packet to another destination.
    Translate(Translation),
    /// Exempts the packet from connection tracking.
    NoTrack,
    /// Counts, logs, and the like: decides nothing.
    Harmless,
    /// Hands the packet to something whose end we do not see, or is not understood at all.
    Unseen(String),
}

/// A condition: what is read of the packet is, or is not, among the values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// What is read; several for a concatenation.
    pub reads: Vec<Selector>,
    /// The values it is compared with.
    pub values: Values,
    /// Whether it must not be among them.
    pub negated: bool,
}

/// The values of a condition or map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Values {
    /// Written in the rule.
    Written(Vec<Element>),
    /// Those of the set or map of this name.
    Named(String),
}

/// A named set or map.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Set {
    /// Its elements.
    pub elements: Vec<Element>,
    /// Whether it may hold something else: rules add to it or take away, or the listing may have
    /// left its elements out.
    pub changing: bool,
}

/// An element of a set or map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// The values it stands for: one span for each part of a concatenation. Empty for the element
    /// that stands for all that no other holds (`*`).
    pub spans: Vec<Span>,
    /// What a map has for it.
    pub data: Option<Data>,
}

/// Values next to each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// From the first to the last, both included. Addresses and names of values are numbers.
    Numbers(u128, u128),
    /// A name.
    Name(String),
    /// Every name that begins so (`eth*`).
    NameStart(String),
    /// Not understood.
    Unread(String),
}

/// What a map has for a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// A verdict.
    Verdict(Verdict),
    /// Something else, such as a mark or an address and a port.
    Spans(Vec<Span>),
}

/// What a rule does with a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Decides, for this base chain.
    Decide(Policy),
    /// Asks another chain, and goes on when that does not decide.
    Jump(String),
    /// Asks another chain instead of the rest of this one.
    Goto(String),
    /// Leaves this chain undecided.
    Return,
    /// Goes on with the next rule.
    Continue,
}

/// The new value of a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// `mark & keep ^ flip`: any constant, and any bits set, cleared or turned.
    Computed {
        /// The bits that stay.
        keep: u32,
        /// The bits that are turned afterwards.
        flip: u32,
    },
    /// The other mark: the connection's for the packet's and the other way round.
    Other,
    /// What a map has for what is read of the packet.
    Map {
        /// What is read.
        reads: Vec<Selector>,
        /// Where it is looked up.
        map: Values,
    },
    /// Not understood.
    Unread,
}

/// Another destination, or another source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Translation {
    /// To this machine itself.
    Redirect {
        /// To this port; the same when nothing is said.
        port: Option<Span>,
    },
    /// To another address, another port, or both.
    Destination {
        /// To this address.
        address: Option<Span>,
        /// To this port.
        port: Option<Span>,
    },
    /// The source is translated: the connection goes where it went.
    Source,
    /// Not understood.
    Unread(String),
}

/// One of the two ends of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Where it comes from.
    Source,
    /// Where it goes.
    Destination,
}

/// What a condition reads of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// An address.
    Address {
        /// Of which end.
        end: End,
        /// The header it is read from; packets of the other family have not got it.
        v6: bool,
    },
    /// A TCP port.
    Port(End),
    /// The flags of the TCP header.
    TcpFlags,
    /// The protocol over IP.
    Protocol,
    /// The same, from the header of one family.
    HeaderProtocol {
        /// The family.
        v6: bool,
    },
    /// IPv4 or IPv6, as Linux numbers address families.
    Family,
    /// The same, as Ethernet numbers protocols.
    EtherType,
    /// The name of the interface it came in by.
    InName,
    /// The name of the interface it leaves by.
    OutName,
    /// The interface it came in by, by number; listings give the name where there is one.
    InIndex,
    /// The interface it leaves by, by number.
    OutIndex,
    /// The packet's mark.
    Mark,
    /// The connection's mark.
    ConnectionMark,
    /// What connection tracking says of the packet, as bits.
    State,
    /// What connection tracking says of the connection, as bits.
    Status,
    /// Whether the packet goes the way of the first or back.
    Direction,
    /// What the routing table says an address is: ours, broadcast, somebody's.
    AddressType {
        /// Of which end.
        end: End,
        /// Whether only one interface is considered.
        on_interface: bool,
    },
    /// Whether the route back to the source leaves by the interface the packet came in by.
    ReturnRoute,
    /// The user whose program sends it.
    User,
    /// Whether the link layer meant it for us.
    PacketType,
    /// Some bits of it.
    Masked(Box<Selector>, u128),
    /// A header that no packet of a TCP connection has.
    Foreign,
    /// Something that is not known here.
    Unread(String),
}
