//! What stands behind a listener on the asked port: what started its program and when, and where a
//! relay leads.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::Process;

/// What stands behind one listener. What is not known is left out: most of it is told of one's own
/// programs, and of others' to administrators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Background {
    /// The listener.
    pub addr: SocketAddr,
    /// How long its program had run when it was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_secs: Option<u64>,
    /// The systemd unit that it belongs to, such as `nginx.service`: also of programs that are
    /// hidden otherwise, since the socket itself tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The container that it runs in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<Container>,
    /// The programs that started it, the nearest first, without the first process of the system.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parents: Vec<Process>,
    /// The system's manager holds the socket, and starts the program when somebody connects.
    #[serde(default)]
    pub is_activated_by_socket: bool,
    /// The program is stopped: by a signal or a debugger.
    #[serde(default)]
    pub is_stopped: bool,
    /// The only interface whose connections it takes (`SO_BINDTODEVICE`, socket(7)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interface: Option<String>,
    /// Where the process that opened it has ended ([`Gap::HolderEnded`](super::Gap::HolderEnded)): the
    /// programs that it started and that still run, of which one may have inherited the socket.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub heirs: Vec<Process>,
    /// The program only passes connections on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relay: Option<Relay>,
}

impl Background {
    /// Nothing is known yet.
    #[must_use]
    pub fn of(addr: SocketAddr) -> Self {
        Self {
            addr,
            age_secs: None,
            unit: None,
            container: None,
            parents: Vec::new(),
            is_activated_by_socket: false,
            is_stopped: false,
            interface: None,
            heirs: Vec::new(),
            relay: None,
        }
    }
}

/// A container of this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    /// Its engine, when the place tells: `docker`, `podman`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// Its id, or its name where it has no id.
    pub id: String,
    /// What its engine calls it, as far as that may be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The image that it was made from, as far as that may be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
}

impl Container {
    /// Only the engine and the id are known.
    #[must_use]
    pub fn new(engine: Option<&str>, id: &str) -> Self {
        Self {
            engine: engine.map(str::to_owned),
            id: id.to_owned(),
            name: None,
            image: None,
        }
    }
}

/// Where a program passes connections on to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relay {
    /// The place, as its command line tells; nothing when that does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The machine through which it goes, for a tunnel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<String>,
    /// What stands at the place, when that is on this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behind: Option<Behind>,
}

impl Relay {
    /// A relay without a tunnel, of which no more is known than where it leads.
    #[must_use]
    pub fn to(to: Option<String>) -> Self {
        Self {
            to,
            through: None,
            behind: None,
        }
    }
}

/// What stands at the place that a relay leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Behind {
    /// Whether somebody listens there.
    pub is_listened_on: bool,
    /// The program that does, when it may be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<Process>,
    /// The container that the place is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<Container>,
}
