//! Signs that a silent machine is there: the neighbour table, and an answer to a ping.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// What this machine's neighbour table (arp(7), RFC 4861) says of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Neighbour {
    /// The address.
    pub ip: IpAddr,
    /// Its state.
    pub state: NeighbourState,
}

impl Neighbour {
    /// Whether it has answered, lately or some time ago.
    #[must_use]
    pub fn is_there(&self) -> bool {
        match self.state {
            NeighbourState::Reachable | NeighbourState::Stale => true,
            NeighbourState::Failed | NeighbourState::Fixed => false,
        }
    }
}

/// How sure the table is of a neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NeighbourState {
    /// It answered within the last half minute or so.
    Reachable,
    /// It answered some time ago.
    Stale,
    /// It did not answer, or has not yet.
    Failed,
    /// It is never asked: configured by hand, or a link without neighbours.
    Fixed,
}

/// Whether an address answered an ICMP echo request (RFC 792, RFC 4443).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ping {
    /// The address.
    pub to: IpAddr,
    /// Whether it did; silence says little, many machines are told not to.
    pub answered: bool,
}
