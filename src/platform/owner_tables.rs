//! What Windows and macOS tell of a port beside its TCP listeners, through the tables in which every
//! socket has an owner.

use std::net::SocketAddr;

use crate::evidence::{Background, Listener, PortPart, PortUse, Relay};
use crate::platform::parse::relay_command;

/// What has `port`, of all UDP sockets of the machine; what else there is was not read.
pub fn port_use(
    port: u16,
    udp: impl Iterator<Item = SocketAddr>,
    unread: Vec<PortPart>,
) -> PortUse {
    let mut udp: Vec<_> = udp.filter(|addr| addr.port() == port).collect();
    udp.sort_unstable();
    udp.dedup();
    udp.truncate(MOST);
    PortUse {
        udp,
        lent_to_clients: port >= FIRST_LENT,
        unread,
        ..PortUse::default()
    }
}

/// The listeners on `port` that only pass connections on: those that `forwarded` knows, and programs
/// that are known to do so.
pub fn relays(
    port: u16,
    listeners: &[Listener],
    forwarded: impl Fn(&Listener) -> Option<Relay>,
) -> Vec<Background> {
    let on_port = listeners.iter().filter(|one| one.addr.port() == port);
    let relay = |listener: &Listener| {
        let by_name = || relay_command::relay(listener.process.known()?, port);
        let relay = forwarded(listener).or_else(by_name)?;
        Some(Background {
            relay: Some(relay),
            ..Background::of(listener.addr)
        })
    };
    on_port.filter_map(relay).collect()
}

/// The first port that both systems lend to clients, unless they are told otherwise (RFC 6335, 6).
const FIRST_LENT: u16 = 49_152;

/// More would tell no more.
const MOST: usize = 16;
