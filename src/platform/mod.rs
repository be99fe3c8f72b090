//! Asks this machine: listeners, network, firewalls, and what a socket tells beyond std.
//!
//! The operating system is chosen here and nowhere else; what differs elsewhere is a value
//! ([`Os`]).

pub mod descriptors;
pub mod filtered;
pub mod incoming;
pub mod outgoing;
pub mod parse;
pub mod ruleset;
pub mod socket;
#[cfg_attr(target_os = "linux", path = "socket_linux.rs")]
#[cfg_attr(target_os = "windows", path = "socket_windows.rs")]
#[cfg_attr(
    not(any(target_os = "linux", target_os = "windows")),
    path = "socket_other.rs"
)]
mod socket_os;

#[cfg(any(target_os = "macos", target_os = "windows"))]
mod alert;
mod command;
mod interfaces;
#[cfg(any(target_os = "linux", target_os = "macos", target_os = "windows"))]
pub mod name_files;
pub mod unsupported;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(any(target_os = "macos", target_os = "windows"))]
mod owner_tables;
#[cfg(any(target_os = "macos", target_os = "windows"))]
mod route_table;
#[cfg(target_os = "windows")]
mod windows;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use crate::catalogue::Service;
use crate::evidence::{
    Background, Counters, Fact, Firewall, Gap, Listener, MacAddress, NameSettings, Neighbour,
    NetworkState, Os, OsRelease, Outbound, OwnPorts, PortUse, ProxySetting, SeenConnection,
    ServiceSettings, ServiceState, relevant_to,
};
use incoming::Incoming;
use outgoing::Outgoing;
use parse::proxies::WebTarget;

/// What this machine can be asked. Calls block for milliseconds at most, unless said otherwise.
pub trait Platform: Send + Sync + 'static {
    /// The system we run on.
    fn os(&self) -> Os;

    /// Which release of it.
    fn os_release(&self) -> Fact<OsRelease> {
        Fact::Unknown(Gap::Unsupported)
    }

    /// Every listening TCP socket of this machine, with its program where it may be known.
    ///
    /// Finding the programs takes longer the more processes run; see [`Self::listeners_near`].
    fn listeners(&self) -> Fact<Vec<Listener>>;

    /// The listeners that matter for `port` and the `others` where its service may be instead
    /// ([`relevant_to`]), with their programs. Where nothing listens there, no program is searched
    /// for.
    fn listeners_near(&self, port: u16, others: &[u16]) -> Fact<Vec<Listener>> {
        match self.listeners() {
            Fact::Known(all) => Fact::Known(relevant_to(port, others, all)),
            unknown @ Fact::Unknown(_) => unknown,
        }
    }

    /// What stands behind those of `listeners` that are on `port`, as far as it is told.
    fn backgrounds(&self, _port: u16, _listeners: &[Listener]) -> Vec<Background> {
        Vec::new()
    }

    /// What else of this machine has to do with `port`. Reads larger tables, for when a connection
    /// to this machine has failed.
    fn port_use(&self, _port: u16) -> Fact<PortUse> {
        Fact::Unknown(Gap::Unsupported)
    }

    /// The TCP connections whose own port is `port`, as they are now; listeners are none.
    fn connections_on(&self, _port: u16) -> Fact<Vec<SeenConnection>> {
        Fact::Unknown(Gap::Unsupported)
    }

    /// What the service manager says of `services`. Waits half a second at most, and for when nothing
    /// of this machine listens where the service is expected.
    fn service_states(&self, _services: &[&'static Service]) -> Fact<Vec<ServiceState>> {
        Fact::Unknown(Gap::Unsupported)
    }

    /// Where `services` are set to listen, by those of their files that may be read.
    fn service_settings(&self, _services: &[&'static Service]) -> Fact<Vec<ServiceSettings>> {
        Fact::Unknown(Gap::Unsupported)
    }

    /// The counters that tell whether packets left this machine, as they are now.
    fn counters(&self) -> Fact<Counters> {
        Fact::Unknown(Gap::Unsupported)
    }

    /// The neighbour table.
    fn neighbours(&self) -> Fact<Vec<Neighbour>> {
        Fact::Unknown(Gap::Unsupported)
    }

    /// The adapter that the neighbour table has for an address of the own network, if it has one.
    fn mac_of(&self, _ip: IpAddr) -> Fact<Option<MacAddress>> {
        Fact::Unknown(Gap::Unsupported)
    }

    /// Interfaces, default gateways, and the route to each of `targets`.
    fn network(&self, targets: &[IpAddr]) -> Fact<NetworkState>;

    /// How many of this machine's ports are in use towards `to`. Reads larger tables, for when no
    /// port seems to be left.
    fn own_ports(&self, _to: SocketAddr) -> Fact<OwnPorts> {
        Fact::Unknown(Gap::Unsupported)
    }

    /// What every place that may name a proxy says for a web target, the own environment's first.
    fn proxies(&self, _target: &WebTarget) -> Fact<Vec<ProxySetting>> {
        Fact::Unknown(Gap::Unsupported)
    }

    /// Whether there are links beside loopback, all of them made by software, as a container's are.
    fn in_container(&self) -> Fact<bool> {
        Fact::Unknown(Gap::Unsupported)
    }

    /// How this machine looks names up, and what its hosts file says about `name`.
    fn name_settings(&self, _name: &str) -> Fact<NameSettings> {
        Fact::Unknown(Gap::Unsupported)
    }

    /// The firewalls found, and what they do with a connection from another machine. Where its
    /// `destination` is not known it may be over either family.
    ///
    /// May take some seconds where the system is slow to answer, and may start a program of the system that lists the rules
    /// (`nft` and `iptables-save` when running as root, `socketfilterfw` on macOS). Not for the
    /// straight path of a check.
    fn firewalls(&self, connection: &Incoming) -> Fact<Vec<Firewall>>;

    /// Whether the person asks programs not to move things on the screen. May wait for the desktop for
    /// half a second.
    fn wants_stillness(&self) -> Fact<bool> {
        Fact::Unknown(Gap::Unsupported)
    }

    /// What the packet filters of this machine do with connections from it. May start a program of
    /// the system, as [`Self::firewalls`] does.
    fn outbound(&self, _connections: &[Outgoing]) -> Fact<Vec<Outbound>> {
        Fact::Unknown(Gap::Unsupported)
    }
}

/// The system this program was built for.
#[must_use]
pub fn current() -> Arc<dyn Platform> {
    #[cfg(target_os = "linux")]
    return Arc::new(linux::Linux::new());
    #[cfg(target_os = "macos")]
    return Arc::new(macos::Macos);
    #[cfg(target_os = "windows")]
    return Arc::new(windows::Windows);
    #[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "windows")))]
    return Arc::new(unsupported::Unsupported);
}

/// Says a sentence in a box of the system, for a program that has neither window nor terminal, and
/// waits until it is closed. Nothing is shown, and false returned, where programs are expected to
/// say such things to their terminal.
#[must_use]
pub fn alert(sentence: &str) -> bool {
    #[cfg(any(target_os = "macos", target_os = "windows"))]
    {
        alert::show(sentence);
        true
    }
    #[cfg(not(any(target_os = "macos", target_os = "windows")))]
    {
        let _ = sentence;
        false
    }
}
