//! Links, chosen routes, and what this process has left: netlink and `/proc`.

use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsRawFd as _;
use std::path::Path;

use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, recv, send, setsockopt, socket,
    sockopt::ReceiveTimeout,
};
use nix::sys::time::{TimeVal, TimeValLike as _};

use super::{read, read_if_there, unreadable};
use crate::evidence::{Fact, Gap, Interface, LinkKind, LinkState, OwnPorts, RouteTo, Via};
use crate::platform::parse::proc_net::ports_towards;
use crate::platform::parse::rtnetlink::{Link, Links, links_request, route, route_request};

/// Adds to the interfaces what kind of link they are and whether there is a signal, and to the
/// routes which way the kernel chooses. Where the kernel does not answer, both stay unknown.
pub fn complete(interfaces: &mut [Interface], routes: &mut [RouteTo]) {
    let Ok(links) = links() else { return };
    for interface in interfaces {
        let link = links.iter().find(|link| link.name == interface.name);
        interface.link = link.map_or_else(Fact::default, |link| Fact::Known(state(link)));
    }
    for to in routes.iter_mut().filter(|to| to.source.is_some()) {
        to.via = chosen(to.to, &links).map_or_else(Fact::default, Fact::Known);
    }
}

/// How many of this machine's ports are in use towards `to`.
pub fn own_ports(proc: &Path, to: SocketAddr) -> Result<OwnPorts, Gap> {
    let path = proc.join("sys/net/ipv4/ip_local_port_range");
    let range = read(&path)?;
    let mut ends = range.split_whitespace().map(str::parse::<usize>);
    let (Some(Ok(first)), Some(Ok(last))) = (ends.next(), ends.next()) else {
        return Err(unreadable(&path, &"not a range"));
    };
    let mut in_use = Vec::new();
    for table in ["net/tcp", "net/tcp6"] {
        if let Some(text) = read_if_there(&proc.join(table))? {
            in_use.extend(ports_towards(&text, to));
        }
    }
    in_use.sort_unstable();
    in_use.dedup();
    in_use.retain(|port| (first..=last).contains(&usize::from(*port)));
    Ok(OwnPorts {
        available: (last + 1).saturating_sub(first),
        in_use: in_use.len(),
    })
}

fn state(link: &Link) -> LinkState {
    let tunnels = [
        "tun",
        "wireguard",
        "ppp",
        "ipip",
        "gre",
        "sit",
        "vti",
        "xfrm",
    ];
    // ARPHRD_PPP and ARPHRD_NONE: links without hardware addresses.
    let is_tunnel = |kind: &str| tunnels.contains(&kind) || matches!(link.hardware, 512 | 65534);
    let kind = match link.kind.as_deref() {
        Some("bridge") => LinkKind::Bridge,
        // What is beside a macvlan is the network of its card, and never the host.
        Some("veth") if link.other_end_elsewhere && !link.is_port => LinkKind::Pair,
        Some(kind) if is_tunnel(kind) => LinkKind::Tunnel,
        None if is_tunnel("") => LinkKind::Tunnel,
        None | Some("veth" | "vlan" | "bond" | "team" | "macvlan" | "ipvlan") => LinkKind::Card,
        Some(_) => LinkKind::Other,
    };
    LinkState {
        carrier: link.carrier,
        kind,
    }
}

fn chosen(to: IpAddr, links: &[Link]) -> Option<Via> {
    let answer = ask(&route_request(to), |_| true).ok()?;
    let route = route(&answer)?;
    let index = route.interface?;
    let link = links.iter().find(|link| link.index == index)?;
    Some(Via {
        interface: link.name.clone(),
        gateway: route.gateway,
    })
}

fn links() -> nix::Result<Vec<Link>> {
    let mut links = Links::default();
    ask(&links_request(), |datagram| {
        links.read(datagram).is_none() || links.complete
    })?;
    if links.complete {
        Ok(links.links)
    } else {
        Err(nix::errno::Errno::EPROTO)
    }
}

/// Asks, gives each datagram to `is_last`, and returns the last.
fn ask(request: &[u8], mut is_last: impl FnMut(&[u8]) -> bool) -> nix::Result<Vec<u8>> {
    let socket = socket(
        AddressFamily::Netlink,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        SockProtocol::NetlinkRoute,
    )?;
    // The kernel answers at once; this is only to never wait for ever.
    setsockopt(&socket, ReceiveTimeout, &TimeVal::milliseconds(200))?;
    let socket = socket.as_raw_fd();
    send(socket, request, MsgFlags::empty())?;
    let mut datagram = vec![0; 32 << 10];
    loop {
        let length = recv(socket, &mut datagram, MsgFlags::empty())?;
        if length == 0 || is_last(&datagram[..length]) {
            datagram.truncate(length);
            return Ok(datagram);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_among_the_links_and_leads_to_itself() {
        let links = links().unwrap();
        assert!(links.iter().any(|link| link.name == "lo"));
        let via = chosen("127.0.0.1".parse().unwrap(), &links).unwrap();
        assert_eq!((via.interface.as_str(), via.gateway), ("lo", None));
    }

    #[test]
    fn this_machine_has_ports_left() {
        let to = "192.0.2.1:9".parse().unwrap();
        let ports = own_ports(Path::new("/proc"), to).unwrap();
        assert!(ports.available > 0 && ports.in_use < ports.available);
    }
}
