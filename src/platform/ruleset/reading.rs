//! What rules read of a packet at a place on its way.

use super::compare::Reading;
use super::constant::{LOCAL, TCP, TRANSLATED, UNICAST, state};
use super::packet::number;
use super::{End, Hook, Lack, Leg, Packet, Selector, Way};

/// Where connection tracking looks at a packet first (`NF_IP_PRI_CONNTRACK`): chains before it see
/// no connection.
const TRACKING: i64 = -200;

/// Where sources are translated, also back (`NF_IP_PRI_NAT_SRC`).
pub const SOURCE_TRANSLATION: i64 = 100;

/// Where destinations are translated (`NF_IP_PRI_NAT_DST`).
pub const DESTINATION_TRANSLATION: i64 = -100;

/// A packet on its way, and what rules have made of it so far.
#[derive(Clone, Debug)]
pub struct Passage<'a> {
    pub packet: &'a Packet,
    pub leg: Leg,
    pub hook: Hook,
    pub priority: i64,
    /// Where the connection goes, after translation.
    pub address: Reading,
    /// The port it goes to, after translation.
    pub port: Reading,
    pub mark: Reading,
    pub connection_mark: Reading,
    /// Whether connection tracking sees the packet; nothing when it depends.
    pub tracked: Option<bool>,
    /// Whether it saw the packet that this one answers.
    pub opening_tracked: Option<bool>,
    pub destination_translated: Option<bool>,
    pub source_translated: bool,
    /// Whether the interface is another than that of the packet, for it goes elsewhere.
    pub rerouted: bool,
}

impl<'a> Passage<'a> {
    pub fn new(packet: &'a Packet) -> Self {
        let port = packet
            .port
            .map_or(Reading::Unnamed, |port| Reading::Number(port.into()));
        let address = packet.destination.map(number);
        Self {
            packet,
            leg: Leg::Opening,
            hook: Hook::Ingress,
            priority: 0,
            address: address.map_or(Reading::Unknown(Lack::Destination), Reading::Number),
            port,
            mark: Reading::Number(0),
            connection_mark: Reading::Number(0),
            tracked: Some(true),
            opening_tracked: Some(true),
            destination_translated: Some(false),
            source_translated: false,
            rerouted: false,
        }
    }

    /// The answer sets out.
    pub fn turn_back(&mut self) {
        self.leg = Leg::Answer;
        self.mark = Reading::Number(0);
        self.opening_tracked = self.tracked;
        self.tracked = Some(true);
    }

    /// What `selector` reads here.
    pub fn read(&self, selector: &Selector) -> Reading {
        match selector {
            Selector::Address { v6, .. } | Selector::HeaderProtocol { v6 }
                if *v6 != self.packet.v6 =>
            {
                Reading::Absent
            }
            Selector::Foreign => Reading::Absent,
            Selector::Address { end, .. } => self.address(*end),
            Selector::Port(end) => self.port(*end),
            Selector::TcpFlags => Reading::Number(match self.leg {
                Leg::Opening => 0x02,
                Leg::Answer => 0x12,
            }),
            Selector::Protocol | Selector::HeaderProtocol { .. } => Reading::Number(TCP),
            Selector::Family => Reading::Number(if self.packet.v6 { 10 } else { 2 }),
            Selector::EtherType => Reading::Number(if self.packet.v6 { 0x86dd } else { 0x0800 }),
            Selector::InName | Selector::InIndex => self.interface(true),
            Selector::OutName | Selector::OutIndex => self.interface(false),
            Selector::Mark => self.mark.clone(),
            Selector::ConnectionMark => self.of_connection(self.connection_mark.clone()),
            Selector::State => self.state(),
            Selector::Status => self.of_connection(Reading::Unknown(Lack::Moment)),
            Selector::Direction => self.of_connection(Reading::Number(match self.leg {
                Leg::Opening => 0,
                Leg::Answer => 1,
            })),
            Selector::AddressType { end, on_interface } => self.address_type(*end, *on_interface),
            Selector::ReturnRoute => self.return_route(),
            Selector::User => self.user(),
            Selector::PacketType if self.comes_in() => Reading::Number(0),
            Selector::PacketType => Reading::Unknown(Lack::Unread("pkttype".to_owned())),
            Selector::Masked(inner, mask) => self.masked(inner, *mask),
            Selector::Unread(text) => Reading::Unknown(Lack::Unread(text.clone())),
        }
    }

    /// Whether the packet is on the way from a device to a socket.
    pub fn comes_in(&self) -> bool {
        match self.hook {
            Hook::Ingress | Hook::Prerouting | Hook::Input | Hook::Forward => true,
            Hook::Output | Hook::Postrouting | Hook::Egress => false,
        }
    }

    /// Whether connection tracking has not looked yet; nothing at the very place where it does. On
    /// loopback a packet comes in with the connection it went out with.
    pub fn is_before_tracking(&self) -> Option<bool> {
        if self.packet.way == Way::Within && self.comes_in() {
            return Some(false);
        }
        match self.hook {
            Hook::Ingress => Some(true),
            Hook::Prerouting | Hook::Output if self.priority == TRACKING => None,
            Hook::Prerouting | Hook::Output => Some(self.priority < TRACKING),
            Hook::Input | Hook::Forward | Hook::Postrouting | Hook::Egress => Some(false),
        }
    }

    fn state(&self) -> Reading {
        let state = match (self.tracked, self.is_before_tracking(), self.leg) {
            (Some(false), _, _) => state::UNTRACKED,
            (None, _, _) | (_, None, _) => return Reading::Unknown(Lack::Earlier),
            (Some(true), Some(true), _) => state::INVALID,
            (Some(true), Some(false), Leg::Opening) => state::NEW,
            (Some(true), Some(false), Leg::Answer) => match self.opening_tracked {
                Some(true) => state::ESTABLISHED,
                // An answer to nothing that was seen.
                Some(false) => state::INVALID,
                None => return Reading::Unknown(Lack::Earlier),
            },
        };
        Reading::Number(state)
    }

    /// What is read of the connection, where there is one.
    fn of_connection(&self, reading: Reading) -> Reading {
        match self.state() {
            Reading::Number(state::INVALID | state::UNTRACKED) => Reading::Absent,
            unknown @ Reading::Unknown(_) => unknown,
            Reading::Number(_)
            | Reading::Name(_)
            | Reading::Unnamed
            | Reading::Absent
            | Reading::Foreign(_) => reading,
        }
    }

    fn masked(&self, inner: &Selector, mask: u128) -> Reading {
        if *inner == Selector::Status && mask == TRANSLATED {
            return self.of_connection(match self.destination_translated {
                Some(translated) => Reading::Number(if translated { TRANSLATED } else { 0 }),
                None => Reading::Unknown(Lack::Earlier),
            });
        }
        match self.read(inner) {
            Reading::Number(number) => Reading::Number(number & mask),
            Reading::Foreign(lack) => Reading::Unknown(lack),
            Reading::Unnamed => Reading::Unknown(Lack::Port),
            other @ (Reading::Name(_) | Reading::Absent | Reading::Unknown(_)) => other,
        }
    }

    /// Whether an end of this packet is the end that the connection goes to.
    fn is_target(&self, end: End) -> bool {
        (end == End::Destination) == (self.leg == Leg::Opening)
    }

    fn address(&self, end: End) -> Reading {
        if self.is_target(end) {
            if self.is_translated_back() {
                let original = self.packet.destination.map(number);
                return original.map_or(Reading::Unknown(Lack::Destination), Reading::Number);
            }
            return self.address.clone();
        }
        if self.hides_source() {
            return Reading::Unknown(Lack::Earlier);
        }
        match (self.packet.source, self.packet.way) {
            (Some(source), _) => Reading::Number(number(source)),
            (None, Way::In) => Reading::Foreign(Lack::Source),
            (None, Way::Out | Way::Within) => Reading::Unknown(Lack::Source),
        }
    }

    fn port(&self, end: End) -> Reading {
        if self.is_target(end) {
            if self.is_translated_back() {
                let original = self.packet.port;
                return original.map_or(Reading::Unnamed, |port| Reading::Number(port.into()));
            }
            return self.port.clone();
        }
        match self.packet.source_port {
            _ if self.hides_source() => Reading::Unknown(Lack::Earlier),
            Some(port) => Reading::Number(port.into()),
            None => Reading::Unknown(Lack::SourcePort),
        }
    }

    /// An answer comes from where the connection was sent to, until its source is translated back.
    fn is_translated_back(&self) -> bool {
        let has_passed = match self.hook {
            Hook::Postrouting | Hook::Input => self.priority > SOURCE_TRANSLATION,
            Hook::Egress => true,
            Hook::Ingress | Hook::Prerouting => self.packet.way == Way::Within,
            Hook::Forward | Hook::Output => false,
        };
        self.leg == Leg::Answer && has_passed
    }

    /// Whether another source than that of the packet is seen here.
    fn hides_source(&self) -> bool {
        let hidden = match (self.leg, self.hook) {
            (Leg::Opening, Hook::Postrouting) => self.priority >= SOURCE_TRANSLATION,
            (Leg::Opening, _) | (Leg::Answer, Hook::Ingress) => true,
            (Leg::Answer, Hook::Prerouting) => self.priority <= DESTINATION_TRANSLATION,
            (Leg::Answer, _) => false,
        };
        self.source_translated && hidden
    }

    fn interface(&self, inbound: bool) -> Reading {
        if inbound != self.comes_in() {
            return Reading::Name(String::new());
        }
        let leaves_as_it_came = self.packet.returns == Some(true);
        let may_differ =
            self.packet.way == Way::In && self.leg == Leg::Answer && !leaves_as_it_came;
        match &self.packet.interface {
            Some(name) if !may_differ && !self.rerouted => Reading::Name(name.clone()),
            Some(_) | None => Reading::Foreign(Lack::Interface),
        }
    }

    fn address_type(&self, end: End, on_interface: bool) -> Reading {
        if on_interface {
            return Reading::Unknown(Lack::Route);
        }
        let is_ours = match self.packet.way {
            Way::In => self.is_target(end),
            Way::Out => !self.is_target(end),
            Way::Within => true,
        };
        Reading::Number(if is_ours { LOCAL } else { UNICAST })
    }

    fn return_route(&self) -> Reading {
        match self.packet.returns {
            Some(returns) if self.comes_in() => Reading::Number(returns.into()),
            Some(_) | None => Reading::Unknown(Lack::Route),
        }
    }

    /// What comes in has no sender here; an answer belongs to the socket of the other side.
    fn user(&self) -> Reading {
        match (self.leg, self.packet.user) {
            (Leg::Opening, _) if self.comes_in() => Reading::Absent,
            (Leg::Opening, Some(user)) => Reading::Number(user.into()),
            (Leg::Opening, None) | (Leg::Answer, _) => Reading::Unknown(Lack::User),
        }
    }
}
