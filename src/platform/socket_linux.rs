//! The ICMP error behind a failed connect, on Linux: `IP_RECVERR` and the socket's error queue
//! (ip(7), ipv6(7)); no privilege needed. A socket still connecting queues them since Linux 5.8.
//! With `IP_RECVTTL` the queue tells the message's TTL too; of TCP's own answers, a SYN-ACK or a
//! reset, no option of an IPv4 socket does (`IP_RECVTTL` is not read in `tcp_recvmsg`).

use std::ffi::OsString;
use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd as _};

use nix::libc;
use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt,
};
use socket2::Socket;
use tokio::net::TcpStream;

use super::linux::netlink;
use crate::evidence::{Fact, Gap, IcmpError, Transfer};

/// Asks for ICMP errors to be queued; without them the outcome alone must do.
pub(super) fn prepare(socket: &Socket, addr: SocketAddr) {
    queue_icmp(socket, addr, true);
}

/// Sends through this interface only (`SO_BINDTODEVICE`, socket(7)): allowed to everyone since
/// Linux 5.7.
pub(super) fn bind_to(socket: &Socket, interface: &str) -> io::Result<()> {
    setsockopt(socket, sockopt::BindToDevice, &OsString::from(interface))?;
    Ok(())
}

/// Stops queueing once connected: from then on the option would turn passing ICMP errors into
/// fatal ones.
pub(super) fn forget_icmp(stream: &TcpStream, addr: SocketAddr) {
    queue_icmp(stream, addr, false);
}

/// Sends and takes segments of at most 536 bytes, from the first packet on (tcp(7), `TCP_MAXSEG`).
pub(super) fn use_small_segments(socket: &Socket) -> std::io::Result<()> {
    socket.set_tcp_mss(LEAST_SEGMENT)
}

fn queue_icmp(socket: &impl AsFd, addr: SocketAddr, wanted: bool) {
    let _ = match addr {
        SocketAddr::V4(_) => setsockopt(socket, sockopt::Ipv4RecvErr, &wanted)
            .and_then(|()| setsockopt(socket, sockopt::Ipv4RecvTtl, &wanted)),
        SocketAddr::V6(_) => setsockopt(socket, sockopt::Ipv6RecvErr, &wanted)
            .and_then(|()| setsockopt(socket, sockopt::Ipv6RecvHopLimit, &wanted)),
    };
}

/// The first ICMP error in the socket's queue.
pub(super) fn icmp_error(stream: &TcpStream) -> Option<IcmpError> {
    // A queue holds the few messages of one attempt; the bound is for a kernel gone mad.
    std::iter::from_fn(|| next_message(stream))
        .take(MOST_MESSAGES)
        .find_map(|icmp| icmp)
}

/// The next message of the queue, if there is one, and the ICMP error in it, if it has one.
#[expect(
    clippy::option_option,
    reason = "an empty queue ends the search, a message about something else does not"
)]
fn next_message(stream: &TcpStream) -> Option<Option<IcmpError>> {
    let mut packet = [0_u8; 64];
    let mut control = nix::cmsg_space!(libc::sock_extended_err, libc::sockaddr_in6, libc::c_int);
    let mut parts = [IoSliceMut::new(&mut packet)];
    let message = recvmsg::<SockaddrStorage>(
        stream.as_raw_fd(),
        &mut parts,
        Some(&mut control),
        MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT,
    )
    .ok()?;
    let (mut found, mut limit) = (None, None);
    for control in message.cmsgs().ok()? {
        match control {
            ControlMessageOwned::Ipv4RecvErr(error, from) => {
                found = icmp(error, from.and_then(ipv4));
            }
            ControlMessageOwned::Ipv6RecvErr(error, from) => {
                found = icmp(error, from.and_then(ipv6));
            }
            ControlMessageOwned::Ipv4Ttl(ttl) | ControlMessageOwned::Ipv6HopLimit(ttl) => {
                limit = u8::try_from(ttl).ok();
            }
            _ => {}
        }
    }
    Some(found.map(|icmp| IcmpError { ttl: limit, ..icmp }))
}

fn icmp(error: libc::sock_extended_err, sender: Option<IpAddr>) -> Option<IcmpError> {
    let v6 = match error.ee_origin {
        libc::SO_EE_ORIGIN_ICMP => false,
        libc::SO_EE_ORIGIN_ICMP6 => true,
        _ => return None,
    };
    Some(IcmpError {
        v6,
        kind: error.ee_type,
        code: error.ee_code,
        sender,
        ttl: None,
    })
}

fn ipv4(from: libc::sockaddr_in) -> Option<IpAddr> {
    let is_set = i32::from(from.sin_family) == libc::AF_INET;
    is_set.then(|| Ipv4Addr::from_bits(u32::from_be(from.sin_addr.s_addr)).into())
}

fn ipv6(from: libc::sockaddr_in6) -> Option<IpAddr> {
    let is_set = i32::from(from.sin6_family) == libc::AF_INET6;
    is_set.then(|| Ipv6Addr::from(from.sin6_addr.s6_addr).to_canonical())
}

/// What the kernel tells over netlink of this connection: the same as `TCP_INFO` would (tcp(7)),
/// without unsafe code.
pub(super) fn transfer(stream: &TcpStream) -> Fact<Transfer> {
    let (Ok(here), Ok(there)) = (stream.local_addr(), stream.peer_addr()) else {
        return Fact::Unknown(Gap::Unreadable {
            what: "getpeername".to_owned(),
        });
    };
    match netlink::transfer(here, there) {
        Ok(transfer) => Fact::Known(transfer),
        Err(error) => Fact::Unknown(Gap::Unreadable {
            what: error.to_string(),
        }),
    }
}

/// Every IPv4 host takes this much (RFC 9293, 3.7.1).
const LEAST_SEGMENT: u32 = 536;

const MOST_MESSAGES: usize = 16;
