//! Understands what systems and their tools tell: one file per format.
//!
//! Everything here is a pure function of text, compiled and tested on every system. Text comes
//! from outside: whatever it holds, a parser answers, and never panics.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

pub mod cgroup;
pub mod container_keeper;
pub mod dconf;
pub mod excluded_ports;
pub mod fib_trie;
pub mod firewall_output;
pub mod firewalld;
pub mod iptables;
pub mod name_settings;
pub mod neighbours;
pub mod net_firewall_profile;
pub mod netsh_profiles;
pub mod netstat_macos;
pub mod nft;
pub mod os_release;
pub mod owner_tables;
pub mod passwd;
pub mod pfctl;
pub mod portproxy;
pub mod proc_counters;
pub mod proc_net;
pub mod proc_pid;
pub mod proc_route;
pub mod proc_unix;
mod property_list;
pub mod proxies;
pub mod relay_command;
pub mod rtnetlink;
pub mod semanage;
pub mod service_settings;
pub mod sock_diag;
pub mod socketfilterfw;
pub mod system_version;
pub mod systemd;
pub mod ufw;
pub mod ufw_status;
pub mod user_preferences;
pub mod windows_firewall;
pub mod windows_release;
pub mod windows_rules;
pub mod windows_service;

/// A listening TCP socket as Linux tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListeningSocket {
    /// The address it is bound to; an IPv4-mapped one is given as the IPv4 address it means.
    pub addr: SocketAddr,
    /// Connections that wait to be accepted.
    pub waiting: u32,
    /// How many may wait; `/proc` does not tell.
    pub queue_limit: Option<u32>,
    /// `IPV6_V6ONLY` (ipv6(7)), for an IPv6 socket; `/proc` does not tell.
    pub v6_only: Option<bool>,
    /// The user who made the socket.
    pub uid: u32,
    /// The number by which `/proc/PID/fd` names it.
    pub inode: u64,
    /// The index of the only interface whose connections it takes (`SO_BINDTODEVICE`); `/proc` does
    /// not tell.
    pub device: Option<u32>,
    /// The id of the control group that it was made in (Linux 5.7); `/proc` does not tell.
    pub cgroup: Option<u64>,
}

impl ListeningSocket {
    /// Whether a connection to `place` may meet it; it may where an IPv6 wildcard does not tell
    /// whether it takes IPv4.
    #[must_use]
    pub fn takes(&self, place: SocketAddr) -> bool {
        let fits = match (self.addr.ip(), place.ip().to_canonical()) {
            (IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V4(_))
            | (IpAddr::V6(Ipv6Addr::UNSPECIFIED), IpAddr::V6(_)) => true,
            (IpAddr::V6(Ipv6Addr::UNSPECIFIED), IpAddr::V4(_)) => self.v6_only != Some(true),
            (bound, asked) => bound == asked,
        };
        fits && self.addr.port() == place.port()
    }
}

/// A text that is not in the format we know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is not understood")]
pub struct Malformed {
    /// The first line that we do not understand, counted from one.
    pub line: usize,
}
