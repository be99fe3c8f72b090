//! Sockets of Windows, which sends the SYN again after each reset, so that a refusal takes two
//! seconds unless it is told not to.

use std::ffi::c_void;
use std::net::SocketAddr;
use std::os::windows::io::AsRawSocket as _;
use std::ptr;

use socket2::Socket;
use windows_sys::Win32::Networking::WinSock::WSAIoctl;

#[path = "socket_other.rs"]
mod rest;

pub(super) use rest::{bind_to, forget_icmp, icmp_error, transfer, use_small_segments};

/// `SIO_TCP_INITIAL_RTO`: `_WSAIOW(IOC_VENDOR, 17)` of mstcpip.h.
const SIO_TCP_INITIAL_RTO: u32 = 0x9800_0011;

/// `TCP_INITIAL_RTO_PARAMETERS` of mstcpip.h.
#[repr(C)]
struct InitialRto {
    rtt_millis: u16,
    max_syn_retransmissions: u8,
}

/// The first reset shall be the answer. Towards this machine only: on a network a SYN can be lost,
/// and then the next one is needed.
pub(super) fn prepare(socket: &Socket, addr: SocketAddr) {
    if !addr.ip().to_canonical().is_loopback() {
        return rest::prepare(socket, addr);
    }
    let parameters = InitialRto {
        // TCP_INITIAL_RTO_UNSPECIFIED_RTT and TCP_INITIAL_RTO_NO_SYN_RETRANSMISSIONS
        rtt_millis: u16::MAX,
        max_syn_retransmissions: u8::MAX - 1,
    };
    let handle = usize::try_from(socket.as_raw_socket()).unwrap_or(usize::MAX);
    let length = u32::try_from(size_of::<InitialRto>()).unwrap_or_default();
    let mut returned = 0;
    #[expect(unsafe_code, reason = "no crate wraps this option")]
    // SAFETY: the socket is open for as long as it is borrowed, the input is what the option asks
    // for and outlives the call, which waits, as it is given nothing to go on later.
    let _failed = unsafe {
        WSAIoctl(
            handle,
            SIO_TCP_INITIAL_RTO,
            ptr::from_ref(&parameters).cast::<c_void>(),
            length,
            ptr::null_mut(),
            0,
            &raw mut returned,
            ptr::null_mut(),
            None,
        )
    };
    // Where Windows knows no such option, refusals stay slow, and right.
}
