//! `rtnetlink(7)`: the kernel's links, and the route it chooses for an address, which any user may
//! ask for. Unlike `/proc/net/route` it knows every table and every rule (ip-rule(8)).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A network interface as the kernel tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its number.
    pub index: u32,
    /// Its name.
    pub name: String,
    /// `IFLA_INFO_KIND`: `bridge`, `tun`, `wireguard`, `veth`, …; nothing for a real card.
    pub kind: Option<String>,
    /// The type of hardware (`ARPHRD_*`).
    pub hardware: u16,
    /// Whether there is a signal; nothing where the driver does not tell.
    pub carrier: Option<bool>,
    /// Its other end is in another network namespace (`IFLA_LINK_NETNSID`).
    pub other_end_elsewhere: bool,
    /// It is a port of a bridge or bond.
    pub is_port: bool,
}

/// The route that the kernel chooses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// The number of the interface it leaves through.
    pub interface: Option<u32>,
    /// The next hop; nothing when the target is taken for a neighbour.
    pub gateway: Option<IpAddr>,
}

/// What a dump of links has told so far.
#[derive(Debug, Default)]
pub struct Links {
    /// The links.
    pub links: Vec<Link>,
    /// The kernel said that this was all.
    pub complete: bool,
}

/// A request for all links: `struct nlmsghdr` and `struct ifinfomsg`.
#[must_use]
pub fn links_request() -> Vec<u8> {
    request(RTM_GETLINK, NLM_F_REQUEST_DUMP, &[0; LINK_MESSAGE])
}

/// A request for the route to an address: `struct nlmsghdr`, `struct rtmsg`, `RTA_DST`.
#[must_use]
pub fn route_request(to: IpAddr) -> Vec<u8> {
    let (family, address) = match to {
        IpAddr::V4(ip) => (INET, ip.octets().to_vec()),
        IpAddr::V6(ip) => (INET6, ip.octets().to_vec()),
    };
    let bits = u8::try_from(address.len() * 8).unwrap_or(u8::MAX);
    let mut payload = vec![family, bits];
    payload.resize(ROUTE_MESSAGE, 0);
    let length = u16::try_from(4 + address.len()).unwrap_or(u16::MAX);
    payload.extend(length.to_ne_bytes());
    payload.extend(RTA_DST.to_ne_bytes());
    payload.extend(address);
    request(RTM_GETROUTE, NLM_F_REQUEST, &payload)
}

impl Links {
    /// Reads one datagram of the answer; nothing when it is an error or cut short.
    pub fn read(&mut self, datagram: &[u8]) -> Option<()> {
        for_each_message(datagram, |kind, message| {
            match kind {
                NLMSG_DONE => self.complete = true,
                NLMSG_ERROR => return None,
                RTM_NEWLINK => self.links.push(read_link(message)?),
                _ => {}
            }
            Some(())
        })
    }
}

/// The route in the kernel's answer; nothing when it has none, or the answer is not understood.
#[must_use]
pub fn route(datagram: &[u8]) -> Option<Route> {
    let mut found = None;
    for_each_message(datagram, |kind, message| {
        match kind {
            NLMSG_ERROR => return None,
            RTM_NEWROUTE if found.is_none() => found = Some(read_route(message)?),
            _ => {}
        }
        Some(())
    })?;
    found
}

fn read_link(message: &[u8]) -> Option<Link> {
    let hardware = u16_at(message, 2)?;
    let index = u32_at(message, 4)?;
    let mut link = Link {
        index,
        name: String::new(),
        kind: None,
        hardware,
        carrier: None,
        other_end_elsewhere: false,
        is_port: false,
    };
    for (kind, value) in attributes(message.get(LINK_MESSAGE..)?) {
        match kind {
            IFLA_IFNAME => link.name = text(value),
            IFLA_MASTER => link.is_port = true,
            IFLA_LINK_NETNSID => link.other_end_elsewhere = true,
            IFLA_CARRIER => link.carrier = value.first().map(|&carrier| carrier != 0),
            IFLA_LINKINFO => {
                let kind = attributes(value).find(|(kind, _)| *kind == IFLA_INFO_KIND);
                link.kind = kind.map(|(_, value)| text(value));
            }
            _ => {}
        }
    }
    Some(link)
}

fn read_route(message: &[u8]) -> Option<Route> {
    let mut route = Route::default();
    for (kind, value) in attributes(message.get(ROUTE_MESSAGE..)?) {
        match kind {
            RTA_OIF => route.interface = u32_at(value, 0),
            RTA_GATEWAY => route.gateway = address(value),
            // A next hop of the other family (RFC 5549): its family, then its address.
            RTA_VIA => route.gateway = value.get(2..).and_then(address),
            _ => {}
        }
    }
    Some(route)
}

fn request(kind: u16, flags: u16, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(HEADER + payload.len()).unwrap_or(u32::MAX);
    let mut bytes = Vec::with_capacity(HEADER + payload.len());
    bytes.extend(length.to_ne_bytes());
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(flags.to_ne_bytes());
    bytes.extend([0; 8]);
    bytes.extend(payload);
    bytes
}

fn for_each_message(datagram: &[u8], mut read: impl FnMut(u16, &[u8]) -> Option<()>) -> Option<()> {
    let mut rest = datagram;
    while rest.len() >= HEADER {
        let length = usize::try_from(u32_at(rest, 0)?).ok()?;
        let message = rest.get(HEADER..length)?;
        read(u16_at(rest, 4)?, message)?;
        rest = rest.get(aligned(length)..).unwrap_or_default();
    }
    Some(())
}

/// The attributes of a message up to the first that is cut short.
fn attributes(bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let length = usize::from(u16_at(rest, 0)?);
        // The two highest bits say how the value is to be read.
        let kind = u16_at(rest, 2)? & 0x3fff;
        let value = rest.get(4..length)?;
        rest = rest.get(aligned(length)..).unwrap_or_default();
        Some((kind, value))
    })
}

/// A text that ends with a zero.
fn text(value: &[u8]) -> String {
    let end = value.iter().position(|b| *b == 0).unwrap_or(value.len());
    String::from_utf8_lossy(&value[..end]).into_owned()
}

fn address(value: &[u8]) -> Option<IpAddr> {
    match value.len() {
        4 => Some(Ipv4Addr::from(bytes_at::<4>(value, 0)?).into()),
        16 => Some(Ipv6Addr::from(bytes_at::<16>(value, 0)?).into()),
        _ => None,
    }
}

fn aligned(length: usize) -> usize {
    length.saturating_add(3) & !3
}

fn bytes_at<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes_at(bytes, at).map(u32::from_ne_bytes)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes_at(bytes, at).map(u16::from_ne_bytes)
}

const HEADER: usize = 16;
const LINK_MESSAGE: usize = 16;
const ROUTE_MESSAGE: usize = 12;

const INET: u8 = 2;
const INET6: u8 = 10;

const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const NLM_F_REQUEST: u16 = 0x1;
const NLM_F_REQUEST_DUMP: u16 = 0x301;
const RTM_NEWLINK: u16 = 16;
const RTM_GETLINK: u16 = 18;
const RTM_NEWROUTE: u16 = 24;
const RTM_GETROUTE: u16 = 26;

const IFLA_IFNAME: u16 = 3;
const IFLA_MASTER: u16 = 10;
const IFLA_LINKINFO: u16 = 18;
const IFLA_CARRIER: u16 = 33;
const IFLA_LINK_NETNSID: u16 = 37;
const IFLA_INFO_KIND: u16 = 1;

const RTA_DST: u16 = 1;
const RTA_OIF: u16 = 4;
const RTA_GATEWAY: u16 = 5;
const RTA_VIA: u16 = 18;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
        let length = u16::try_from(4 + value.len()).unwrap();
        let mut bytes = length.to_ne_bytes().to_vec();
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(value);
        bytes.resize(aligned(bytes.len()), 0);
        bytes
    }

    fn message(kind: u16, head: usize, attributes: &[Vec<u8>]) -> Vec<u8> {
        let mut payload = vec![0; head];
        payload.extend(attributes.concat());
        request(kind, 0, &payload)
    }

    #[test]
    fn a_link_has_its_kind_and_its_signal() {
        let kind = attribute(IFLA_INFO_KIND, b"veth\0");
        let mut datagram = message(
            RTM_NEWLINK,
            LINK_MESSAGE,
            &[
                attribute(IFLA_IFNAME, b"eth0\0"),
                attribute(IFLA_CARRIER, &[0]),
                attribute(IFLA_LINKINFO | 0x8000, &kind),
                attribute(IFLA_LINK_NETNSID, &[0; 4]),
            ],
        );
        datagram.extend(message(NLMSG_DONE, 4, &[]));
        let mut links = Links::default();
        links.read(&datagram).unwrap();
        assert!(links.complete);
        let link = &links.links[0];
        assert_eq!(
            (link.name.as_str(), link.kind.as_deref()),
            ("eth0", Some("veth"))
        );
        assert_eq!(
            (link.carrier, link.other_end_elsewhere),
            (Some(false), true)
        );
    }

    #[test]
    fn a_route_has_its_interface_and_its_gateway() {
        let datagram = message(
            RTM_NEWROUTE,
            ROUTE_MESSAGE,
            &[
                attribute(RTA_OIF, &3_u32.to_ne_bytes()),
                attribute(RTA_GATEWAY, &[10, 77, 1, 1]),
            ],
        );
        let found = route(&datagram).unwrap();
        assert_eq!(found.interface, Some(3));
        assert_eq!(found.gateway, Some("10.77.1.1".parse().unwrap()));
    }

    #[test]
    fn an_error_is_no_route_and_no_list_of_links() {
        let error = message(NLMSG_ERROR, 4, &[]);
        assert_eq!(route(&error), None);
        assert_eq!(Links::default().read(&error), None);
        assert_eq!(route(&[]), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes in any::<Vec<u8>>()) {
            let _ = (route(&bytes), Links::default().read(&bytes));
            let framed = request(RTM_NEWLINK, 0, &bytes);
            let _ = (route(&framed), Links::default().read(&framed));
            let _ = route(&request(RTM_NEWROUTE, 0, &bytes));
        }
    }
}
