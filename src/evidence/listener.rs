//! Sockets listening on this machine, and the programs behind them.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::{Evidence, Fact};

/// One listening TCP socket of this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listener {
    /// The address it is bound to.
    pub addr: SocketAddr,
    /// For an IPv6 wildcard: whether it also takes IPv4 (`IPV6_V6ONLY`, ipv6(7)). The system
    /// rarely tells; then it is unknown.
    #[serde(default)]
    pub takes_ipv4: Fact<bool>,
    /// The program.
    pub process: Fact<Process>,
    /// The user who owns the socket, by name or number.
    pub user: Fact<String>,
    /// Connections waiting to be accepted, and how many may wait.
    #[serde(default)]
    pub queue: Fact<Queue>,
}

/// A program that holds a socket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its process id.
    pub pid: u32,
    /// Its short name.
    pub name: String,
    /// Its command line, as far as readable; hostile text.
    #[serde(default)]
    pub command: Option<String>,
}

/// The accept queue of a listener (listen(2)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// How many wait now.
    pub waiting: u32,
    /// How many may wait.
    pub limit: Option<u32>,
}

/// Who can reach a listener, by its address alone; a firewall may still say no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// Only programs on this machine.
    ThisMachine,
    /// Those who reach this one address.
    OneAddress(IpAddr),
    /// Everyone who reaches any IPv4 address of this machine.
    AnyIpv4,
    /// Everyone who reaches any IPv6 address of this machine, and nobody over IPv4.
    OnlyIpv6,
    /// Everyone who reaches any IPv6 address of this machine, and perhaps over IPv4.
    AnyIpv6,
    /// Everyone who reaches any address of this machine.
    Anyone,
}

impl Listener {
    /// Who can reach this socket.
    #[must_use]
    pub fn reach(&self) -> Reach {
        match self.addr.ip() {
            ip if ip.is_loopback() => Reach::ThisMachine,
            IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Reach::AnyIpv4,
            IpAddr::V6(Ipv6Addr::UNSPECIFIED) => match self.takes_ipv4 {
                Fact::Known(true) => Reach::Anyone,
                Fact::Known(false) => Reach::OnlyIpv6,
                Fact::Unknown(_) => Reach::AnyIpv6,
            },
            ip => Reach::OneAddress(ip),
        }
    }

    /// Whether a connection to `ip` on this machine would meet this socket: no when it cannot,
    /// unknown when an IPv6 wildcard may or may not take IPv4.
    #[must_use]
    pub fn accepts(&self, ip: IpAddr) -> Option<bool> {
        match (self.addr.ip().to_canonical(), ip.to_canonical()) {
            (IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V4(_))
            | (IpAddr::V6(Ipv6Addr::UNSPECIFIED), IpAddr::V6(_)) => Some(true),
            (IpAddr::V6(Ipv6Addr::UNSPECIFIED), IpAddr::V4(_)) => self.takes_ipv4.known().copied(),
            (bound, asked) => Some(bound == asked),
        }
    }
}

impl Evidence {
    /// The listeners on the target's port; nothing when the table is unknown.
    #[must_use]
    pub fn listeners_on_port(&self) -> Option<Vec<&Listener>> {
        let on_port = |listener: &&Listener| listener.addr.port() == self.target.port;
        Some(self.listeners.known()?.iter().filter(on_port).collect())
    }

    /// The interface to which the listener is bound, where it is to one (`SO_BINDTODEVICE`, socket(7)).
    #[must_use]
    pub fn device_of(&self, listener: &Listener) -> Option<&str> {
        let mut all = self.backgrounds.iter();
        let own = all.find(|background| background.addr == listener.addr);
        own?.interface.as_deref()
    }

    /// Whether only programs of the listener's own machine reach it.
    #[must_use]
    pub fn is_for_itself(&self, listener: &Listener) -> bool {
        listener.reach() == Reach::ThisMachine || self.device_of(listener) == Some("lo")
    }
}

/// Of `all` listeners those that matter for `port`: the sockets on it, and as many as are worth a
/// word of those within two of it (a mistyped port is rarely further off), on the `others` where its
/// service may be, and on the other ports of the same programs.
#[must_use]
pub fn relevant_to(port: u16, others: &[u16], all: Vec<Listener>) -> Vec<Listener> {
    let pid = |listener: &Listener| listener.process.known().map(|process| process.pid);
    let programs: HashSet<u32> = all
        .iter()
        .filter(|listener| listener.addr.port() == port)
        .filter_map(pid)
        .collect();
    let (mut beside, mut of_programs) = (0, 0);
    all.into_iter()
        .filter(|listener| {
            let count = if listener.addr.port() == port {
                return true;
            } else if is_near(listener.addr.port(), port) || others.contains(&listener.addr.port())
            {
                &mut beside
            } else if pid(listener).is_some_and(|pid| programs.contains(&pid)) {
                &mut of_programs
            } else {
                return false;
            };
            *count += 1;
            *count <= MOST_OTHERS
        })
        .collect()
}

/// More other sockets of one kind would tell no more.
const MOST_OTHERS: usize = 32;

/// An endpoint of this machine that somebody listens on, as it may be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example<'a> {
    /// `localhost:8080`, or the one address that is listened on.
    pub endpoint: String,
    /// The program, when it is known.
    pub process: Option<&'a Process>,
}

/// One endpoint for each port that is listened on, those whose program is known first.
#[must_use]
pub fn examples(listeners: &[Listener]) -> Vec<Example<'_>> {
    let mut seen = HashSet::new();
    let known = |listener: &&Listener| listener.process.known().is_some();
    let (named, unnamed): (Vec<_>, Vec<_>) = listeners.iter().partition(known);
    named
        .into_iter()
        .chain(unnamed)
        .filter(|listener| seen.insert(listener.addr.port()))
        .map(|listener| Example {
            endpoint: if listener.addr.ip().is_unspecified() {
                format!("localhost:{}", listener.addr.port())
            } else {
                listener.addr.to_string()
            },
            process: listener.process.known(),
        })
        .collect()
}

/// Whether two ports are the same or at most two apart.
#[must_use]
pub fn is_near(one: u16, other: u16) -> bool {
    one.abs_diff(other) <= NEIGHBOURHOOD
}

/// How far apart ports may be that are taken for each other.
pub const NEIGHBOURHOOD: u16 = 2;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Gap;

    fn listener(addr: &str, pid: Option<u32>) -> Listener {
        let process = |pid| Process {
            pid,
            name: "server".to_owned(),
            command: None,
        };
        Listener {
            addr: addr.parse().unwrap(),
            takes_ipv4: Fact::default(),
            process: pid.map_or(Fact::Unknown(Gap::NeedsAdmin), |pid| {
                Fact::Known(process(pid))
            }),
            user: Fact::default(),
            queue: Fact::default(),
        }
    }

    fn relevant_ports(port: u16, all: Vec<Listener>) -> Vec<u16> {
        let relevant = relevant_to(port, &[], all);
        relevant
            .iter()
            .map(|listener| listener.addr.port())
            .collect()
    }

    #[test]
    fn the_port_its_neighbours_and_its_programs_other_ports_matter() {
        let all = vec![
            listener("0.0.0.0:22", Some(1)),
            listener("127.0.0.1:5429", Some(2)),
            listener("127.0.0.1:5430", Some(3)),
            listener("127.0.0.1:5432", Some(4)),
            listener("[::1]:5432", None),
            listener("127.0.0.1:5434", None),
            listener("127.0.0.1:5435", None),
            listener("127.0.0.1:9187", Some(4)),
        ];
        assert_eq!(relevant_ports(5432, all), [5430, 5432, 5432, 5434, 9187]);
    }

    #[test]
    fn each_port_is_offered_once_and_known_programs_come_first() {
        let all = [
            listener("0.0.0.0:22", None),
            listener("[::]:22", None),
            listener("127.0.0.1:8080", Some(7)),
        ];
        let offered: Vec<String> = examples(&all).into_iter().map(|e| e.endpoint).collect();
        assert_eq!(offered, ["127.0.0.1:8080", "localhost:22"]);
    }

    #[test]
    fn of_a_program_with_thousands_of_ports_some_are_told() {
        let many = (1000..9000).map(|port| listener(&format!("127.0.0.1:{port}"), Some(1)));
        let relevant = relevant_ports(8000, many.collect());
        assert!(relevant.contains(&8000) && relevant.contains(&8002));
        assert_eq!(relevant.len(), 1 + 4 + MOST_OTHERS);
    }

    #[test]
    fn the_services_other_usual_ports_matter() {
        let all = vec![listener("0.0.0.0:8080", None), listener("[::]:8000", None)];
        let relevant = relevant_to(80, &[8080], all);
        assert_eq!(relevant[0].addr.port(), 8080);
        assert_eq!(relevant.len(), 1);
    }

    #[test]
    fn hidden_owners_are_not_taken_for_one_program() {
        let all = vec![listener("0.0.0.0:80", None), listener("0.0.0.0:443", None)];
        assert_eq!(relevant_ports(80, all), [80]);
    }

    #[test]
    fn the_ends_of_the_range_have_neighbours_on_one_side() {
        let all = || vec![listener("[::]:1", None), listener("[::]:65535", None)];
        assert_eq!(relevant_ports(2, all()), [1]);
        assert_eq!(relevant_ports(65534, all()), [65535]);
    }
}
