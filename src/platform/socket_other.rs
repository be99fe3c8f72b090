//! Sockets of systems that keep the ICMP errors of a connecting socket to themselves.

use std::io;
use std::net::SocketAddr;

use socket2::Socket;
use tokio::net::TcpStream;

use crate::evidence::{Fact, Gap, IcmpError, Transfer};

/// Nothing to ask for.
pub(in crate::platform) fn prepare(_socket: &Socket, _addr: SocketAddr) {}

/// Not asked for yet (`IP_BOUND_IF`, `IP_UNICAST_IF`).
pub(in crate::platform) fn bind_to(_socket: &Socket, _interface: &str) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Nothing was asked for.
pub(in crate::platform) fn forget_icmp(_stream: &TcpStream, _addr: SocketAddr) {}

/// Not asked for on this system.
pub(in crate::platform) fn use_small_segments(_socket: &Socket) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

/// Not told.
pub(in crate::platform) fn icmp_error(_stream: &TcpStream) -> Option<IcmpError> {
    None
}

/// This build does not ask (macOS: `TCP_CONNECTION_INFO`, Windows: `SIO_TCP_INFO`).
pub(in crate::platform) fn transfer(_stream: &TcpStream) -> Fact<Transfer> {
    Fact::Unknown(Gap::Unsupported)
}
