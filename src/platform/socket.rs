//! What sockets and the resolver tell beyond std: the ICMP error behind a failed connect, whether
//! connect(2) itself failed, and getaddrinfo's own code.
//!
//! Error numbers are read here and nowhere else, by an [`Os`] value, so that those of every system
//! are tested on any. What an outcome means is for the diagnosis.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use dns_lookup::AddrInfoHints;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use super::socket_os;
use crate::evidence::{Fact, IcmpError, LookupOutcome, Os, Outcome, Transfer};

/// A connect that did not lead to a connection.
#[derive(Debug)]
pub struct ConnectFailure {
    /// The system's error; nothing when the patience ran out.
    pub error: Option<io::Error>,
    /// connect(2) itself failed, or the socket could not even be made.
    pub at_once: bool,
    /// The own address the system had chosen, when it still tells.
    pub source: Option<IpAddr>,
    /// The ICMP error that ended the attempt.
    pub icmp: Option<IcmpError>,
}

/// In which manner to connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// As the system chooses.
    Usual,
    /// With segments of 536 bytes, which every way takes.
    SmallSegments,
    /// With packets that may pass only so many routers.
    WithinHops(u8),
}

/// Connects, and keeps what the system says when that fails. Small segments fail at once where the
/// system has no such option.
///
/// Dropping the future closes the socket.
///
/// # Errors
/// A [`ConnectFailure`], also when `patience` ran out.
pub async fn connect(
    os: Os,
    addr: SocketAddr,
    patience: Duration,
    manner: Manner,
) -> Result<TcpStream, ConnectFailure> {
    let socket = new_socket(addr).map_err(ConnectFailure::at_once)?;
    prepare(&socket, addr, manner).map_err(ConnectFailure::at_once)?;
    finish(os, socket, addr, patience).await
}

/// [`connect`] through an interface, whatever the routes say; nothing where the system does not
/// allow it.
pub async fn connect_through(
    os: Os,
    interface: &str,
    addr: SocketAddr,
    patience: Duration,
) -> Option<Result<TcpStream, ConnectFailure>> {
    let socket = new_socket(addr).ok()?;
    socket_os::bind_to(&socket, interface).ok()?;
    Some(finish(os, socket, addr, patience).await)
}

async fn finish(
    os: Os,
    socket: Socket,
    addr: SocketAddr,
    patience: Duration,
) -> Result<TcpStream, ConnectFailure> {
    let stream = begin(os, socket, addr).map_err(ConnectFailure::at_once)?;
    let ended = timeout(patience, stream.writable()).await;
    let error = match ended {
        Err(_elapsed) => None,
        Ok(ready) => match ready.and_then(|()| stream.take_error()) {
            Ok(None) => {
                socket_os::forget_icmp(&stream, addr);
                return Ok(stream);
            }
            Ok(Some(error)) | Err(error) => Some(error),
        },
    };
    Err(ConnectFailure {
        icmp: error.as_ref().and_then(|_| socket_os::icmp_error(&stream)),
        source: own_address(&stream),
        at_once: false,
        error,
    })
}

/// Sends one echo request, without any privilege where the system allows that (icmp(7),
/// `ping_group_range`), and says whether it was answered; nothing where it cannot be sent.
pub async fn ping(addr: SocketAddr, limit: Duration) -> Option<bool> {
    let (protocol, request) = match addr {
        SocketAddr::V4(_) => (Protocol::ICMPV4, 8),
        SocketAddr::V6(_) => (Protocol::ICMPV6, 128),
    };
    let socket = Socket::new(Domain::for_address(addr), Type::DGRAM, Some(protocol)).ok()?;
    socket.set_nonblocking(true).ok()?;
    socket.connect(&addr.into()).ok()?;
    let socket = UdpSocket::from_std(socket.into()).ok()?;
    // Type, code, checksum and identifier (which the system fills in), sequence number, data.
    let packet = [
        request, 0, 0, 0, 0, 0, 0, 1, b'k', b'e', b't', b'n', b'o', b'i',
    ];
    socket.send(&packet).await.ok()?;
    let mut answer = [0; 64];
    let heard = timeout(limit, socket.recv(&mut answer)).await;
    Some(matches!(heard, Ok(Ok(length)) if length > 0))
}

fn new_socket(addr: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    socket_os::prepare(&socket, addr);
    Ok(socket)
}

fn prepare(socket: &Socket, addr: SocketAddr, manner: Manner) -> io::Result<()> {
    match (manner, addr) {
        (Manner::Usual, _) => Ok(()),
        (Manner::SmallSegments, _) => socket_os::use_small_segments(socket),
        (Manner::WithinHops(hops), SocketAddr::V4(_)) => socket.set_ttl_v4(hops.into()),
        (Manner::WithinHops(hops), SocketAddr::V6(_)) => socket.set_unicast_hops_v6(hops.into()),
    }
}

/// Sends the first SYN.
fn begin(os: Os, socket: Socket, addr: SocketAddr) -> io::Result<TcpStream> {
    match socket.connect(&addr.into()) {
        Err(error) if !is_in_progress(os, &error) => Err(error),
        Ok(()) | Err(_) => TcpStream::from_std(socket.into()),
    }
}

/// The source address, unless the system has forgotten it already.
pub fn own_address(stream: &TcpStream) -> Option<IpAddr> {
    let ip = stream.local_addr().ok()?.ip();
    (!ip.is_unspecified()).then_some(ip)
}

/// What became of the bytes that were sent.
#[must_use]
pub fn transfer(stream: &TcpStream) -> Fact<Transfer> {
    socket_os::transfer(stream)
}

impl ConnectFailure {
    fn at_once(error: io::Error) -> Self {
        Self {
            error: Some(error),
            at_once: true,
            source: None,
            icmp: None,
        }
    }
}

/// EINPROGRESS, and what Windows says in its place (`WSAEWOULDBLOCK`).
fn is_in_progress(os: Os, error: &io::Error) -> bool {
    let in_progress = match os {
        Os::Linux => 115,
        Os::Macos => 36,
        Os::Windows => 10035,
    };
    error.raw_os_error() == Some(in_progress)
}

/// What an error number of connect(2) says, on the system it comes from.
#[must_use]
pub fn outcome(os: Os, code: i32) -> Outcome {
    match os {
        Os::Linux => outcome_on_linux(code),
        Os::Macos => outcome_on_macos(code),
        Os::Windows => outcome_on_windows(code),
    }
}

/// asm-generic/errno.h. EPIPE is a reset that came after the peer had closed.
fn outcome_on_linux(code: i32) -> Outcome {
    match code {
        111 => Outcome::Refused,
        110 => Outcome::Silent,
        112 | 113 => Outcome::HostUnreachable,
        100 | 101 => Outcome::NetworkUnreachable,
        1 | 13 => Outcome::Denied,
        99 => Outcome::AddressNotAvailable,
        23 | 24 => Outcome::OutOfDescriptors,
        32 | 103 | 104 => Outcome::Reset,
        _ => Outcome::Other,
    }
}

/// sys/errno.h of macOS.
fn outcome_on_macos(code: i32) -> Outcome {
    match code {
        61 => Outcome::Refused,
        60 => Outcome::Silent,
        64 | 65 => Outcome::HostUnreachable,
        50 | 51 => Outcome::NetworkUnreachable,
        1 | 13 => Outcome::Denied,
        49 => Outcome::AddressNotAvailable,
        23 | 24 => Outcome::OutOfDescriptors,
        32 | 53 | 54 => Outcome::Reset,
        _ => Outcome::Other,
    }
}

/// Windows Sockets error codes.
fn outcome_on_windows(code: i32) -> Outcome {
    match code {
        10061 => Outcome::Refused,
        10060 => Outcome::Silent,
        10064 | 10065 => Outcome::HostUnreachable,
        10050 | 10051 => Outcome::NetworkUnreachable,
        10013 => Outcome::Denied,
        10049 => Outcome::AddressNotAvailable,
        10024 => Outcome::OutOfDescriptors,
        10053 | 10054 => Outcome::Reset,
        _ => Outcome::Other,
    }
}

/// Asks the system's resolver, as the person's programs do; blocks until it answers, which may
/// take half a minute.
///
/// Takes literal addresses too, and turns the zone of `fe80::1%eth0` into its number.
#[must_use]
pub fn lookup(os: Os, host: &str, port: u16) -> LookupOutcome {
    // Without a socket type each address would come once per type.
    let hints = AddrInfoHints {
        socktype: dns_lookup::SockType::Stream.into(),
        ..AddrInfoHints::default()
    };
    match dns_lookup::getaddrinfo(Some(host), None, Some(hints)) {
        Err(error) => lookup_failure(os, error.error_num()),
        Ok(found) => {
            let mut addresses: Vec<SocketAddr> = Vec::new();
            for mut addr in found.filter_map(Result::ok).map(|info| info.sockaddr) {
                addr.set_port(port);
                if !addresses.contains(&addr) {
                    addresses.push(addr);
                }
            }
            LookupOutcome::Found(addresses)
        }
    }
}

/// What a code of getaddrinfo(3) says, on the system it comes from.
#[must_use]
pub fn lookup_failure(os: Os, eai_code: i32) -> LookupOutcome {
    match (os, eai_code) {
        (Os::Linux, -2) | (Os::Macos, 8) | (Os::Windows, 11001) => {
            LookupOutcome::NotFound { eai_code }
        }
        // -9 is glibc's EAI_ADDRFAMILY.
        (Os::Linux, -5 | -9) | (Os::Macos, 7) | (Os::Windows, 11004) => {
            LookupOutcome::NoAddress { eai_code }
        }
        (Os::Linux | Os::Macos | Os::Windows, _) => LookupOutcome::Failed { eai_code },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusal_silence_and_unreachability_have_their_numbers_on_every_system() {
        let rows = [
            (Outcome::Refused, 111, 61, 10061),
            (Outcome::Silent, 110, 60, 10060),
            (Outcome::HostUnreachable, 113, 65, 10065),
            (Outcome::HostUnreachable, 112, 64, 10064),
            (Outcome::NetworkUnreachable, 101, 51, 10051),
            (Outcome::NetworkUnreachable, 100, 50, 10050),
            (Outcome::Denied, 13, 13, 10013),
            (Outcome::AddressNotAvailable, 99, 49, 10049),
            (Outcome::OutOfDescriptors, 24, 24, 10024),
            (Outcome::Reset, 104, 54, 10054),
            (Outcome::Reset, 103, 53, 10053),
            (Outcome::Other, 22, 22, 10022),
        ];
        for (expected, linux, macos, windows) in rows {
            assert_eq!(outcome(Os::Linux, linux), expected, "Linux {linux}");
            assert_eq!(outcome(Os::Macos, macos), expected, "macOS {macos}");
            assert_eq!(outcome(Os::Windows, windows), expected, "Windows {windows}");
        }
    }

    #[test]
    fn a_number_of_one_system_means_nothing_on_another() {
        assert_eq!(outcome(Os::Macos, 111), Outcome::Other);
        assert_eq!(outcome(Os::Windows, 61), Outcome::Other);
        assert_eq!(outcome(Os::Linux, 10061), Outcome::Other);
    }

    #[test]
    fn resolver_codes_keep_their_meaning_and_their_number() {
        let not_found = |eai_code| LookupOutcome::NotFound { eai_code };
        let no_address = |eai_code| LookupOutcome::NoAddress { eai_code };
        let failed = |eai_code| LookupOutcome::Failed { eai_code };
        for (os, code, expected) in [
            (Os::Linux, -2, not_found(-2)),
            (Os::Linux, -5, no_address(-5)),
            (Os::Linux, -9, no_address(-9)),
            (Os::Linux, -3, failed(-3)),
            (Os::Windows, 11001, not_found(11001)),
            (Os::Windows, 11002, failed(11002)),
            (Os::Windows, 11003, failed(11003)),
            (Os::Windows, 11004, no_address(11004)),
            (Os::Macos, 8, not_found(8)),
            (Os::Macos, 2, failed(2)),
        ] {
            assert_eq!(lookup_failure(os, code), expected, "{os:?} {code}");
        }
    }

    #[test]
    fn a_literal_address_is_its_own_answer_once_and_with_the_port() {
        let expected = LookupOutcome::Found(vec!["127.0.0.1:80".parse().unwrap()]);
        assert_eq!(lookup(Os::Linux, "127.0.0.1", 80), expected);
    }

    #[test]
    fn a_zone_that_is_no_interface_is_not_found() {
        let outcome = lookup(Os::Linux, "fe80::1%no-such-zone", 80);
        assert!(
            matches!(outcome, LookupOutcome::NotFound { .. }),
            "{outcome:?}"
        );
    }
}
