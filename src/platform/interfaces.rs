//! This machine's interfaces, and its route to an address, asked for in the same way on every
//! system.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use crate::evidence::{Fact, Interface, InterfaceAddress, RouteTo, is_link_local};

/// Every interface with its addresses.
///
/// # Errors
/// The system's.
pub fn interfaces() -> io::Result<Vec<Interface>> {
    let addresses = getifs::interface_addrs()?;
    let of = |index: u32| {
        addresses
            .iter()
            .filter(move |address| address.index() == index)
            .map(|address| InterfaceAddress {
                ip: address.addr(),
                prefix: address.prefix_len(),
            })
    };
    let interfaces = getifs::interfaces()?;
    let interfaces = interfaces.iter().map(|interface| Interface {
        name: interface.name().to_string(),
        up: interface.flags().contains(getifs::Flags::UP),
        loopback: interface.flags().contains(getifs::Flags::LOOPBACK),
        addresses: of(interface.index()).collect(),
        link: Fact::default(),
    });
    Ok(interfaces.collect())
}

/// How this machine would send to each of `targets`. Link-local IPv6 addresses are left out:
/// without their interface there is no answer for them.
pub fn routes(targets: &[IpAddr]) -> Vec<RouteTo> {
    targets
        .iter()
        .filter(|target| target.is_ipv4() || !is_link_local(**target))
        .map(|&to| match source_towards(to) {
            Ok(source) => RouteTo {
                to,
                source: Some(source),
                os_code: None,
                via: Fact::default(),
            },
            Err(error) => RouteTo {
                to,
                source: None,
                os_code: error.raw_os_error(),
                via: Fact::default(),
            },
        })
        .collect()
}

/// Connecting a UDP socket sends nothing, and lets the system choose route and source.
fn source_towards(to: IpAddr) -> io::Result<IpAddr> {
    let any: IpAddr = match to {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0))?;
    // Without it a broadcast address is refused, whatever the route.
    socket.set_broadcast(true)?;
    // The discard port; nothing is sent there.
    socket.connect(SocketAddr::new(to, 9))?;
    Ok(socket.local_addr()?.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_an_interface_that_is_up_and_leads_to_itself() {
        let interfaces = interfaces().unwrap();
        let own = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let loopback = interfaces
            .iter()
            .find(|interface| interface.addresses.iter().any(|address| address.ip == own))
            .unwrap();
        assert!(loopback.up && loopback.loopback);
        assert_eq!(loopback.addresses[0].prefix, 8);
        let route = &routes(&[own])[0];
        assert_eq!((route.source, route.os_code), (Some(own), None));
    }

    #[test]
    fn an_address_no_packet_can_be_sent_to_has_no_source() {
        let reserved: IpAddr = "240.0.0.1".parse().unwrap();
        let link_local: IpAddr = "fe80::1".parse().unwrap();
        let routes = routes(&[reserved, link_local]);
        assert_eq!(routes.len(), 1);
        assert_eq!(routes[0].source.is_none(), routes[0].os_code.is_some());
    }
}
