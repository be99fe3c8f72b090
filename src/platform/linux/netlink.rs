//! Asks the kernel over netlink for its TCP sockets, for the state of a connection, and for its
//! neighbours.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::os::fd::{AsRawFd as _, OwnedFd};

use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, recv, send, setsockopt, socket,
    sockopt::ReceiveTimeout,
};
use nix::sys::time::{TimeVal, TimeValLike as _};

use crate::evidence::{Connections, SeenConnection, Transfer};
use crate::platform::parse::sock_diag::{
    Answer, ArrivalsAnswer, ConnectionsAnswer, INET, INET6, arrivals_request, connection_request,
    connections_request, read_transfer, request,
};
use crate::platform::parse::{ListeningSocket, neighbours};

/// The listening TCP sockets of both families on some ports, which the kernel picks out.
///
/// # Errors
/// When the kernel does not answer, or not to the end.
pub fn listening_sockets(ports: &[RangeInclusive<u16>]) -> nix::Result<Vec<ListeningSocket>> {
    let mut answer = Answer::default();
    for family in [INET, INET6] {
        answer.complete = false;
        ask(&request(family, ports), |datagram| {
            answer.read(datagram)?;
            Some(answer.complete)
        })?;
    }
    Ok(answer.sockets)
}

/// The TCP connections of both families whose own port is `port`.
///
/// # Errors
/// As [`listening_sockets`].
pub fn connections_on(port: u16) -> nix::Result<Connections> {
    let mut answer = ConnectionsAnswer::default();
    for family in [INET, INET6] {
        answer.complete = false;
        ask(&connections_request(family, port), |datagram| {
            answer.read(datagram, port)?;
            Some(answer.complete)
        })?;
    }
    Ok(answer.connections)
}

/// The TCP connections of both families whose own port is `port`, each with its ends.
///
/// # Errors
/// As [`listening_sockets`].
pub fn arrivals_on(port: u16) -> nix::Result<Vec<SeenConnection>> {
    let mut answer = ArrivalsAnswer::default();
    for family in [INET, INET6] {
        answer.complete = false;
        ask(&arrivals_request(family, port), |datagram| {
            answer.read(datagram, port)?;
            Some(answer.complete)
        })?;
    }
    Ok(answer.connections)
}

/// The neighbours of both families.
///
/// # Errors
/// As [`listening_sockets`].
pub fn neighbours() -> nix::Result<Vec<neighbours::Entry>> {
    let mut answer = neighbours::Answer::default();
    ask_of(
        SockProtocol::NetlinkRoute,
        &neighbours::request(),
        |datagram| {
            answer.read(datagram)?;
            Some(answer.complete)
        },
    )?;
    Ok(answer.entries)
}

/// Asks the kernel's socket tables.
fn ask(request: &[u8], read: impl FnMut(&[u8]) -> Option<bool>) -> nix::Result<()> {
    ask_of(SockProtocol::NetlinkSockDiag, request, read)
}

/// What became of the bytes sent over a connection of this machine.
///
/// # Errors
/// When the kernel does not answer, or knows no such connection.
pub fn transfer(here: SocketAddr, there: SocketAddr) -> nix::Result<Transfer> {
    let request = connection_request(here, there).ok_or(Errno::EINVAL)?;
    let socket = open(SockProtocol::NetlinkSockDiag)?;
    let socket = socket.as_raw_fd();
    send(socket, &request, MsgFlags::empty())?;
    let mut datagram = vec![0; 4 << 10];
    let length = recv(socket, &mut datagram, MsgFlags::empty())?;
    read_transfer(&datagram[..length]).ok_or(Errno::EPROTO)
}

fn open(protocol: SockProtocol) -> nix::Result<OwnedFd> {
    let socket = socket(
        AddressFamily::Netlink,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        protocol,
    )?;
    // The kernel answers at once; this is only to never wait for ever.
    setsockopt(&socket, ReceiveTimeout, &TimeVal::milliseconds(200))?;
    Ok(socket)
}

/// Sends a request and gives every datagram of the answer to `read`, until that says it was the
/// last one.
fn ask_of(
    protocol: SockProtocol,
    request: &[u8],
    mut read: impl FnMut(&[u8]) -> Option<bool>,
) -> nix::Result<()> {
    let socket = open(protocol)?;
    let socket = socket.as_raw_fd();
    send(socket, request, MsgFlags::empty())?;
    // The kernel fills datagrams of at most 32 KiB.
    let mut datagram = vec![0; 32 << 10];
    loop {
        let length = recv(socket, &mut datagram, MsgFlags::empty())?;
        if read(&datagram[..length]).ok_or(Errno::EPROTO)? {
            return Ok(());
        }
        if length == 0 {
            return Err(Errno::EPROTO);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Stage;
    use crate::platform::parse::proc_net;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn netlink_and_proc_tell_the_same() {
        let sockets = ["127.0.0.1:0", "0.0.0.0:0", "[::1]:0", "[::]:0"]
            .map(|addr| TcpListener::bind(addr).unwrap());
        let listed = listening_sockets(&[0..=u16::MAX]).unwrap();
        let read = |path| std::fs::read_to_string(path).unwrap();
        let mut in_proc = proc_net::listening_sockets(&read("/proc/net/tcp")).unwrap();
        in_proc.extend(proc_net::listening_sockets(&read("/proc/net/tcp6")).unwrap());
        for socket in sockets {
            let addr = socket.local_addr().unwrap();
            let in_netlink = listed.iter().find(|listed| listed.addr == addr).unwrap();
            let in_proc = in_proc.iter().find(|listed| listed.addr == addr).unwrap();
            assert_eq!(
                ListeningSocket {
                    queue_limit: None,
                    v6_only: None,
                    cgroup: None,
                    ..*in_netlink
                },
                *in_proc
            );
        }
    }

    #[test]
    fn the_kernel_picks_out_the_ports_that_are_asked_for() {
        let sockets = [(); 20].map(|()| TcpListener::bind("[::1]:0").unwrap());
        let mut ports = sockets
            .each_ref()
            .map(|socket| socket.local_addr().unwrap().port());
        ports.sort_unstable();
        for wanted in ports.chunks(5) {
            let ranges: Vec<_> = wanted.iter().map(|port| *port..=*port).collect();
            let listed = listening_sockets(&ranges).unwrap();
            let mut listed: Vec<u16> = listed.iter().map(|socket| socket.addr.port()).collect();
            listed.sort_unstable();
            listed.dedup();
            assert_eq!(listed, wanted);
        }
    }

    #[test]
    fn connections_are_counted_by_their_own_port() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let client = TcpStream::connect(addr).unwrap();
        let (_served, _) = listener.accept().unwrap();
        let on = |port| connections_on(port).unwrap().established;
        assert_eq!(on(addr.port()), 1);
        assert_eq!(on(client.local_addr().unwrap().port()), 1);
    }

    #[test]
    fn connections_on_a_port_are_told_with_both_ends() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let listener = TcpListener::bind(address).unwrap();
            let here = listener.local_addr().unwrap();
            let client = TcpStream::connect(here).unwrap();
            let seen = arrivals_on(here.port()).unwrap();
            let expected = SeenConnection {
                here,
                there: client.local_addr().unwrap(),
                stage: Stage::Established,
            };
            assert_eq!(seen, [expected]);
        }
    }

    #[test]
    fn the_neighbour_table_can_be_read() {
        neighbours().unwrap();
    }

    #[test]
    fn what_was_sent_and_acknowledged_is_told_of_a_connection_of_either_family() {
        use std::io::Write as _;
        for addr in ["127.0.0.1:0", "[::1]:0"] {
            let listener = TcpListener::bind(addr).unwrap();
            let there = listener.local_addr().unwrap();
            let mut stream = std::net::TcpStream::connect(there).unwrap();
            stream.write_all(&[0; 1000]).unwrap();
            let told = transfer(stream.local_addr().unwrap(), there).unwrap();
            assert!(told.acknowledged >= 1000, "{told:?}");
            assert_eq!(
                (told.unacknowledged, told.unsent, told.retransmitted),
                (0, 0, 0)
            );
            assert!(told.path_mtu > 1000, "{told:?}");
        }
        let (here, there) = ("127.0.0.1:1", "127.0.0.1:2");
        assert!(transfer(here.parse().unwrap(), there.parse().unwrap()).is_err());
    }

    #[test]
    fn more_sockets_than_fit_one_datagram_are_all_listed() {
        let sockets: Vec<_> = (0..400)
            .map(|_| TcpListener::bind("127.0.0.1:0").unwrap())
            .collect();
        let listed = listening_sockets(&[0..=u16::MAX]).unwrap();
        for socket in sockets {
            let addr = socket.local_addr().unwrap();
            assert!(listed.iter().any(|listed| listed.addr == addr));
        }
    }
}
