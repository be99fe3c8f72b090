//! What else of this machine has to do with a port, beside its TCP listeners: UDP and Unix sockets,
//! connections that hold the port, and programs that are stopped.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::{Contained, Process};
use crate::target::Target;

/// What else of this machine has to do with a port.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortUse {
    /// UDP sockets bound to the port and open to any peer.
    #[serde(default)]
    pub udp: Vec<SocketAddr>,
    /// Unix sockets that listen under the name of a service we know ([`socket_service`]).
    #[serde(default)]
    pub unix: Vec<String>,
    /// TCP connections whose own port it is.
    #[serde(default)]
    pub connections: Connections,
    /// Stopped programs (a signal or a debugger: state T in proc(5)) that belong to the user of a
    /// listener on the port and see the same network.
    #[serde(default)]
    pub stopped: Vec<Process>,
    /// Programs that say on their command line that they pass this port on into a container.
    #[serde(default)]
    pub relays: Vec<Process>,
    /// Who listens on the port in the own network of a container; looked for only when nobody does
    /// here.
    #[serde(default)]
    pub in_containers: Vec<Contained>,
    /// The same in other networks of this machine, which belong to no container that we know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub in_namespaces: Vec<Contained>,
    /// `SELinux` enforces its policy here: a service may listen only on ports that carry its label
    /// (semanage-port(8)). Which label a port has, only administrators may list.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_labelled_ports: bool,
    /// The port is one of those that the system lends to outgoing connections.
    #[serde(default)]
    pub lent_to_clients: bool,
    /// The first port on which a program without admin rights may listen, where the port is below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_unprivileged: Option<u16>,
    /// The ports that the system keeps from programs, where the port is among them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved: Option<PortRange>,
    /// What could not be looked at, or not to its end: that nothing is said of it above does not mean
    /// that there is nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<PortPart>,
}

impl PortUse {
    /// Whether the port is lent to outgoing connections, as far as that could be read.
    #[must_use]
    pub fn may_be_lent(&self) -> bool {
        self.lent_to_clients || self.unread.contains(&PortPart::LentPorts)
    }

    /// Who listens in a container and could be reached from outside it, if a way led there.
    pub fn open_in_containers(&self) -> impl Iterator<Item = &Contained> {
        self.in_containers.iter().filter(|inside| inside.is_open())
    }
}

/// Ports from one to another, both of them included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortRange {
    /// The first.
    pub first: u16,
    /// The last.
    pub last: u16,
}

impl PortRange {
    /// Whether a port is one of them.
    #[must_use]
    pub fn contains(self, port: u16) -> bool {
        (self.first..=self.last).contains(&port)
    }
}

/// What an output that the person pasted says of the port on the target's machine: not seen by us.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "says", rename_all = "kebab-case")]
pub enum PastedPort {
    /// Which ports Windows keeps from programs.
    Reserved {
        /// The range that the port is in, if it is in one.
        range: Option<PortRange>,
    },
    /// Which labels `SELinux` gives to ports.
    Labelled {
        /// Those of the port, the one that decides first; hostile text.
        labels: Vec<String>,
    },
}

/// A part of [`PortUse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PortPart {
    /// Unix sockets.
    UnixSockets,
    /// Connections that have the port as their own.
    Connections,
    /// The ports that the system lends to outgoing connections.
    LentPorts,
    /// The ports that the system keeps from programs.
    ReservedPorts,
    /// Stopped programs, and those that pass the port on; Linux hides other users' with `hidepid`
    /// (proc(5)).
    Programs,
    /// Containers, by their first processes.
    Containers,
}

/// TCP connections of this machine whose own port is the one asked about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connections {
    /// Those that stand.
    pub established: u32,
    /// Those whose handshake is not finished (SYN-RECEIVED).
    pub half_open: u32,
    /// Of those, the ones that this machine itself began, from the very address it asked.
    #[serde(default)]
    pub half_open_here: u32,
    /// Those that are over and keep the port for a minute (TIME-WAIT; RFC 9293, 3.3.2).
    pub time_wait: u32,
}

/// The service that listens on a Unix socket of this name, by the names that services use.
#[must_use]
pub fn socket_service(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next()?;
    let is_socket = name.contains("sock") || name.starts_with(".s.");
    NAMES
        .iter()
        .find(|(start, _)| is_socket && name.starts_with(start))
        .map(|(_, service)| *service)
}

/// Whether a Unix socket is that of the service that was asked for; one that says its port in its name
/// must mean the target's.
#[must_use]
pub fn is_socket_of(path: &str, target: &Target) -> bool {
    match socket_port(path) {
        Some(port) => port == target.port,
        None => socket_service(path).is_some_and(|name| target.service.as_deref() == Some(name)),
    }
}

/// The port in the name of a PostgreSQL socket (`.s.PGSQL.5432`) or a MongoDB socket
/// (`mongodb-27017.sock`).
#[must_use]
pub fn socket_port(path: &str) -> Option<u16> {
    let name = path.rsplit('/').next()?;
    let number = name.strip_prefix(".s.PGSQL.").or_else(|| {
        let number = name.strip_prefix("mongodb-")?;
        number.strip_suffix(".sock")
    });
    number?.parse().ok()
}

/// How the names of sockets begin, and the service behind.
const NAMES: &[(&str, &str)] = &[
    (".s.PGSQL.", "postgresql"),
    ("mysqld.sock", "mysql"),
    ("mysql.sock", "mysql"),
    ("mariadb.sock", "mysql"),
    ("redis", "redis"),
    ("valkey", "redis"),
    ("mongodb-", "mongodb"),
    ("docker.sock", "docker"),
    ("memcached", "memcached"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_known_by_the_names_of_their_sockets() {
        let service = socket_service;
        assert_eq!(
            service("/var/run/postgresql/.s.PGSQL.5433"),
            Some("postgresql")
        );
        assert_eq!(service("/run/mysqld/mysqld.sock"), Some("mysql"));
        assert_eq!(service("/run/docker.sock"), Some("docker"));
        assert_eq!(service("/run/redis/redis-server.sock"), Some("redis"));
        assert_eq!(service("/run/redis/redis.conf"), None);
        assert_eq!(service("/run/mysqld/mysqlx.sock"), None);
        assert_eq!(service(""), None);
    }

    #[test]
    fn some_sockets_are_named_after_their_port() {
        assert_eq!(socket_port("/tmp/.s.PGSQL.5432"), Some(5432));
        assert_eq!(socket_port("/tmp/mongodb-27017.sock"), Some(27017));
        assert_eq!(socket_port("/tmp/.s.PGSQL.99999"), None);
        assert_eq!(socket_port("/run/docker.sock"), None);
    }
}
