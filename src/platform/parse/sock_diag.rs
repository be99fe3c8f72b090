//! `sock_diag(7)`: the kernel's own list of listening TCP sockets, which any user may ask for over
//! netlink. It tells more than `/proc/net/tcp`, and much faster: that file is made by walking
//! through the table of all connections, which has room for hundreds of thousands.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::RangeInclusive;

use super::ListeningSocket;
use crate::evidence::{Connections, SeenConnection, Stage, Transfer};

/// The answers so far.
#[derive(Debug, Default)]
pub struct Answer {
    /// The sockets.
    pub sockets: Vec<ListeningSocket>,
    /// The kernel said that this was all.
    pub complete: bool,
}

/// `AF_INET` on Linux.
pub const INET: u8 = 2;
/// `AF_INET6` on Linux.
pub const INET6: u8 = 10;

const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const SOCK_DIAG_BY_FAMILY: u16 = 20;
const NLM_F_REQUEST: u16 = 1;
const NLM_F_REQUEST_DUMP: u16 = 0x301;
const INET_DIAG_REQ_BYTECODE: u16 = 1;
const INET_DIAG_BC_JMP: u8 = 1;
const INET_DIAG_BC_S_GE: u8 = 2;
const INET_DIAG_BC_S_LE: u8 = 3;
const INET_DIAG_INFO: u16 = 2;
const IPPROTO_TCP: u8 = 6;
const TCP_ESTABLISHED: u8 = 1;
const TCP_SYN_RECV: u8 = 3;
const TCP_FIN_WAIT1: u8 = 4;
const TCP_FIN_WAIT2: u8 = 5;
const TCP_TIME_WAIT: u8 = 6;
const TCP_CLOSE_WAIT: u8 = 8;
const TCP_LAST_ACK: u8 = 9;
const TCP_LISTEN: u8 = 10;
const TCP_CLOSING: u8 = 11;
/// How the kernel calls a handshake that is not finished since Linux 4.4, in requests only.
const TCP_NEW_SYN_RECV: u8 = 12;
const INET_DIAG_SKV6ONLY: u16 = 11;
const INET_DIAG_CGROUP_ID: u16 = 21;
const HEADER: usize = 16;
const DIAG_MESSAGE: usize = 72;

/// A request for the listening TCP sockets of an address family ([`INET`] or [`INET6`]) on some
/// ports: `struct nlmsghdr` and `struct inet_diag_req_v2`, and for less than all ports a program of
/// `struct inet_diag_bc_op` by which the kernel leaves the others out.
#[must_use]
pub fn request(family: u8, ports: &[RangeInclusive<u16>]) -> Vec<u8> {
    let mut bytes = request_for(family, &[TCP_LISTEN], 0);
    if !ports.contains(&(0..=u16::MAX)) {
        let filter = port_filter(ports);
        let length = u16::try_from(4 + filter.len()).unwrap_or_default();
        bytes.extend(length.to_ne_bytes());
        bytes.extend(INET_DIAG_REQ_BYTECODE.to_ne_bytes());
        bytes.extend(filter);
        let length = u32::try_from(bytes.len()).unwrap_or_default();
        bytes[..4].copy_from_slice(&length.to_ne_bytes());
    }
    bytes
}

/// Two tests a range, each followed by its port: not before the first, not behind the last. A socket
/// in a range jumps to the end of the program, which takes it; any other goes on with the next range,
/// and from the last one four bytes past the end, which leaves it out. The kernel checks a program by
/// following the `yes` of every operation, so these must lead through all of it.
fn port_filter(ports: &[RangeInclusive<u16>]) -> Vec<u8> {
    let mut program = Vec::with_capacity(ports.len() * 20);
    for (index, range) in ports.iter().enumerate() {
        if index > 0 {
            let behind = (ports.len() - index) * 20;
            let end = u16::try_from(behind).unwrap_or(u16::MAX);
            program.extend([INET_DIAG_BC_JMP, 4]);
            program.extend(end.to_ne_bytes());
        }
        for (code, port, no) in [
            (INET_DIAG_BC_S_GE, range.start(), 20_u16),
            (INET_DIAG_BC_S_LE, range.end(), 12),
        ] {
            program.extend([code, 8]);
            program.extend(no.to_ne_bytes());
            program.extend([0, 0]);
            program.extend(port.to_ne_bytes());
        }
    }
    program
}

/// A request for the TCP connections of an address family whose own port is `port`.
#[must_use]
pub fn connections_request(family: u8, port: u16) -> Vec<u8> {
    let states = [
        TCP_ESTABLISHED,
        TCP_SYN_RECV,
        TCP_NEW_SYN_RECV,
        TCP_TIME_WAIT,
    ];
    request_for(family, &states, port)
}

/// A request for the same, with those that are being closed.
#[must_use]
pub fn arrivals_request(family: u8, port: u16) -> Vec<u8> {
    let states = [
        TCP_ESTABLISHED,
        TCP_SYN_RECV,
        TCP_NEW_SYN_RECV,
        TCP_FIN_WAIT1,
        TCP_FIN_WAIT2,
        TCP_TIME_WAIT,
        TCP_CLOSE_WAIT,
        TCP_LAST_ACK,
        TCP_CLOSING,
    ];
    request_for(family, &states, port)
}

fn request_for(family: u8, states: &[u8], port: u16) -> Vec<u8> {
    let states = states.iter().fold(0_u32, |set, state| set | 1 << state);
    let length = 72_u32;
    let mut bytes = Vec::with_capacity(72);
    bytes.extend(length.to_ne_bytes());
    bytes.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    bytes.extend(NLM_F_REQUEST_DUMP.to_ne_bytes());
    bytes.extend([0; 8]);
    bytes.extend([family, IPPROTO_TCP, 0, 0]);
    bytes.extend(states.to_ne_bytes());
    bytes.extend(port.to_be_bytes());
    bytes.resize(72, 0);
    bytes
}

/// The answers to [`connections_request`] so far.
#[derive(Debug, Default)]
pub struct ConnectionsAnswer {
    /// The connections on the asked port.
    pub connections: Connections,
    /// The kernel said that this was all.
    pub complete: bool,
}

impl ConnectionsAnswer {
    /// Reads one datagram of the answer, as [`Answer::read`]. Counts what is on `port`: an old
    /// kernel may not heed that part of the request.
    pub fn read(&mut self, datagram: &[u8], port: u16) -> Option<()> {
        self.complete |= messages(datagram, |message| {
            let own_port = u16::from_be_bytes(bytes_at(message, 4)?);
            if own_port == port {
                let count = &mut self.connections;
                match message.get(1)? {
                    &TCP_ESTABLISHED => count.established += 1,
                    &TCP_SYN_RECV | &TCP_NEW_SYN_RECV => {
                        let (here, there) = (bytes_at::<16>(message, 8)?, bytes_at(message, 24)?);
                        count.half_open += 1;
                        count.half_open_here += u32::from(here == there);
                    }
                    &TCP_TIME_WAIT => count.time_wait += 1,
                    _ => {}
                }
            }
            Some(())
        })?;
        Some(())
    }
}

/// The answers to [`arrivals_request`] so far.
#[derive(Debug, Default)]
pub struct ArrivalsAnswer {
    /// The connections on the asked port.
    pub connections: Vec<SeenConnection>,
    /// The kernel said that this was all.
    pub complete: bool,
}

impl ArrivalsAnswer {
    /// Reads one datagram of the answer, as [`ConnectionsAnswer::read`].
    pub fn read(&mut self, datagram: &[u8], port: u16) -> Option<()> {
        self.complete |= messages(datagram, |message| {
            let (here, there) = (endpoint_at(message, 8, 4)?, endpoint_at(message, 24, 6)?);
            let stage = match *message.get(1)? {
                TCP_SYN_RECV | TCP_NEW_SYN_RECV => Stage::HalfOpen,
                TCP_ESTABLISHED => Stage::Established,
                _ => Stage::Closing,
            };
            if here.port() == port {
                let seen = SeenConnection { here, there, stage };
                self.connections.push(seen);
            }
            Some(())
        })?;
        Some(())
    }
}

/// An address and a port of `struct inet_diag_msg`; IPv4 over an IPv6 socket is told as IPv4.
fn endpoint_at(message: &[u8], address: usize, port: usize) -> Option<SocketAddr> {
    let ip: IpAddr = match *message.first()? {
        INET => Ipv4Addr::from(bytes_at::<4>(message, address)?).into(),
        INET6 => Ipv6Addr::from(bytes_at::<16>(message, address)?).into(),
        _ => return None,
    };
    let port = u16::from_be_bytes(bytes_at(message, port)?);
    Some(SocketAddr::new(ip.to_canonical(), port))
}

/// Gives each socket of a datagram to `read`; whether the kernel said that this was all.
fn messages(datagram: &[u8], mut read: impl FnMut(&[u8]) -> Option<()>) -> Option<bool> {
    let (mut rest, mut complete) = (datagram, false);
    while rest.len() >= HEADER {
        let length = usize::try_from(u32_at(rest, 0)?).ok()?;
        let message = rest.get(HEADER..length)?;
        match u16_at(rest, 4)? {
            NLMSG_DONE => complete = true,
            NLMSG_ERROR => return None,
            SOCK_DIAG_BY_FAMILY => read(message)?,
            _ => {}
        }
        rest = rest.get(aligned(length)..).unwrap_or_default();
    }
    Some(complete)
}

/// A request for one TCP connection, with its `struct tcp_info`; nothing when the two addresses are
/// of different families.
#[must_use]
pub fn connection_request(here: SocketAddr, there: SocketAddr) -> Option<Vec<u8>> {
    let (family, zone) = match (here, there) {
        (SocketAddr::V4(_), SocketAddr::V4(_)) => (INET, 0),
        (SocketAddr::V6(_), SocketAddr::V6(there)) => (INET6, there.scope_id()),
        _ => return None,
    };
    let mut bytes = request_for(family, &[TCP_LISTEN], 0);
    bytes[6..8].copy_from_slice(&NLM_F_REQUEST.to_ne_bytes());
    // `idiag_ext`: one bit for each attribute, the first being number 1.
    bytes[18] = 1 << (INET_DIAG_INFO - 1);
    bytes[20..24].copy_from_slice(&u32::MAX.to_ne_bytes());
    bytes[24..26].copy_from_slice(&here.port().to_be_bytes());
    bytes[26..28].copy_from_slice(&there.port().to_be_bytes());
    for (at, ip) in [(28, here.ip()), (44, there.ip())] {
        match ip {
            IpAddr::V4(ip) => bytes[at..at + 4].copy_from_slice(&ip.octets()),
            IpAddr::V6(ip) => bytes[at..at + 16].copy_from_slice(&ip.octets()),
        }
    }
    bytes[60..64].copy_from_slice(&zone.to_ne_bytes());
    // INET_DIAG_NOCOOKIE
    bytes[64..72].copy_from_slice(&[0xff; 8]);
    Some(bytes)
}

/// The transfer state in the answer to [`connection_request`]: `struct tcp_info` (linux/tcp.h),
/// whose fields never move; newer ones follow older ones.
#[must_use]
pub fn read_transfer(datagram: &[u8]) -> Option<Transfer> {
    let length = usize::try_from(u32_at(datagram, 0)?).ok()?;
    if u16_at(datagram, 4)? != SOCK_DIAG_BY_FAMILY {
        return None;
    }
    let attributes = datagram.get(HEADER + DIAG_MESSAGE..length)?;
    let info = attribute(attributes, INET_DIAG_INFO)?;
    Some(Transfer {
        unacknowledged: u32_at(info, 24)?,
        path_mtu: u32_at(info, 60)?,
        retransmitted: resent(info)?,
        // Linux 4.1 and 4.6.
        acknowledged: bytes_at(info, 120).map(u64::from_ne_bytes)?,
        unsent: u32_at(info, 144)?,
    })
}

/// How often data were sent again. The kernel's own count takes in the SYN of the handshake, which
/// carries none.
fn resent(info: &[u8]) -> Option<u32> {
    let all = u32_at(info, 100)?;
    // Since Linux 4.6 and 4.19; of several segments the first of which is not sent again.
    let data_segments = u32_at(info, 156);
    let bytes = bytes_at(info, 208).map(u64::from_ne_bytes);
    Some(match (data_segments, bytes) {
        (_, Some(0)) => 0,
        (Some(segments), _) => all.min(segments.saturating_sub(1)),
        (None, _) => all,
    })
}

impl Answer {
    /// Reads one datagram of the answer.
    ///
    /// Returns nothing when the kernel reported an error or the datagram is cut short.
    pub fn read(&mut self, datagram: &[u8]) -> Option<()> {
        self.complete |= messages(datagram, |message| {
            self.sockets.push(read_socket(message)?);
            Some(())
        })?;
        Some(())
    }
}

/// `struct inet_diag_msg` and its attributes.
fn read_socket(message: &[u8]) -> Option<ListeningSocket> {
    let attributes = message.get(DIAG_MESSAGE..)?;
    let v6_only = attribute(attributes, INET_DIAG_SKV6ONLY)
        .and_then(|value| value.first())
        .map(|&flag| flag != 0);
    Some(ListeningSocket {
        addr: endpoint_at(message, 8, 4)?,
        // Of a listening socket, the "receive queue" are the connections that wait for accept(2),
        // and the "send queue" is how many may.
        waiting: u32_at(message, 56)?,
        queue_limit: Some(u32_at(message, 60)?),
        v6_only,
        uid: u32_at(message, 64)?,
        inode: u32_at(message, 68)?.into(),
        device: u32_at(message, 40).filter(|index| *index != 0),
        cgroup: attribute(attributes, INET_DIAG_CGROUP_ID)
            .and_then(|value| bytes_at(value, 0))
            .map(u64::from_ne_bytes),
    })
}

fn attribute(mut attributes: &[u8], wanted: u16) -> Option<&[u8]> {
    loop {
        let length = usize::from(u16_at(attributes, 0)?);
        let kind = u16_at(attributes, 2)?;
        let value = attributes.get(4..length)?;
        if kind == wanted {
            return Some(value);
        }
        attributes = attributes.get(aligned(length)..)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn message(kind: u16, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(HEADER + payload.len()).unwrap();
        let mut bytes = length.to_ne_bytes().to_vec();
        bytes.extend(kind.to_ne_bytes());
        bytes.resize(HEADER, 0);
        bytes.extend(payload);
        bytes
    }

    fn socket(addr: &str, inode: u32, limit: u32, attributes: &[u8]) -> Vec<u8> {
        let addr: SocketAddr = addr.parse().unwrap();
        let mut payload = match addr.ip() {
            IpAddr::V4(ip) => [
                &[INET, 10, 0, 0],
                &addr.port().to_be_bytes()[..],
                &[0, 0],
                &ip.octets(),
            ]
            .concat(),
            IpAddr::V6(ip) => [
                &[INET6, 10, 0, 0],
                &addr.port().to_be_bytes()[..],
                &[0, 0],
                &ip.octets(),
            ]
            .concat(),
        };
        payload.resize(56, 0);
        for number in [2, limit, 1000, inode] {
            payload.extend(number.to_ne_bytes());
        }
        payload.extend(attributes);
        message(SOCK_DIAG_BY_FAMILY, &payload)
    }

    fn flag(kind: u16, value: u8) -> Vec<u8> {
        let mut bytes = 5_u16.to_ne_bytes().to_vec();
        bytes.extend(kind.to_ne_bytes());
        bytes.extend([value, 0, 0, 0]);
        bytes
    }

    #[test]
    fn the_v6only_flag_is_found_behind_other_attributes() {
        let attributes = [flag(8, 0), flag(INET_DIAG_SKV6ONLY, 1)].concat();
        let datagram = [
            socket("[::]:80", 7, 4096, &attributes),
            socket("[::ffff:127.0.0.1]:81", 8, 5, &flag(INET_DIAG_SKV6ONLY, 0)),
            socket("127.0.0.1:82", 9, 5, &[]),
            message(NLMSG_DONE, &[0; 4]),
        ]
        .concat();
        let mut answer = Answer::default();
        answer.read(&datagram).unwrap();
        assert!(answer.complete);
        let addrs: Vec<_> = answer
            .sockets
            .iter()
            .map(|socket| socket.addr.to_string())
            .collect();
        assert_eq!(addrs, ["[::]:80", "127.0.0.1:81", "127.0.0.1:82"]);
        assert_eq!(
            answer.sockets[0],
            ListeningSocket {
                addr: "[::]:80".parse().unwrap(),
                waiting: 2,
                queue_limit: Some(4096),
                v6_only: Some(true),
                uid: 1000,
                inode: 7,
                device: None,
                cgroup: None,
            }
        );
        assert_eq!(answer.sockets[1].v6_only, Some(false));
        assert_eq!(answer.sockets[2].v6_only, None);
    }

    #[test]
    fn an_error_of_the_kernel_is_no_answer() {
        let mut answer = Answer::default();
        assert_eq!(answer.read(&message(NLMSG_ERROR, &[0xff; 4])), None);
        assert!(!answer.complete);
    }

    #[test]
    fn a_length_of_zero_does_not_hold_us() {
        assert_eq!(Answer::default().read(&[0; 64]), None);
        assert_eq!(attribute(&[0; 64], 11), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes in any::<Vec<u8>>(), payload in any::<Vec<u8>>()) {
            let _ = Answer::default().read(&bytes);
            let _ = Answer::default().read(&message(SOCK_DIAG_BY_FAMILY, &payload));
        }
    }
}
