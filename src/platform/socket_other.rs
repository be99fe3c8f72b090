//! Sockets of systems that keep the ICMP errors of a connecting socket to themselves.
//!
//! On Windows, [`prepare`] is the place to set `SIO_TCP_INITIAL_RTO` one day: without it a refusal
//! takes two seconds there, because the SYN is sent again after each reset.

use std::net::SocketAddr;

use socket2::Socket;
use tokio::net::TcpStream;

use crate::evidence::IcmpError;

/// Nothing to ask for.
pub(super) fn prepare(_socket: &Socket, _addr: SocketAddr) {}

/// Nothing was asked for.
pub(super) fn forget_icmp(_stream: &TcpStream, _addr: SocketAddr) {}

/// Not told.
pub(super) fn icmp_error(_stream: &TcpStream) -> Option<IcmpError> {
    None
}
