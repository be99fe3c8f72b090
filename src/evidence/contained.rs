//! Who listens inside another network of this machine: a container's, or that of a namespace.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::{Container, Process};

/// A program that listens on the asked port in a network of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contained {
    /// The program; where it is hidden, the first one of its network.
    #[serde(flatten)]
    pub process: Process,
    /// The address that it listens on, inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub addr: Option<SocketAddr>,
    /// The container, when it is told which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<Container>,
    /// The addresses of that network, but loopback and those of one link.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<IpAddr>,
    /// Where programs of this machine listen that pass connections on to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub published: Vec<SocketAddr>,
}

impl Contained {
    /// Only the program and where it listens are known.
    #[must_use]
    pub fn new(process: Process, addr: Option<SocketAddr>) -> Self {
        Self {
            process,
            addr,
            container: None,
            addresses: Vec::new(),
            published: Vec::new(),
        }
    }

    /// Whether somebody outside its network could reach it, if the way led there.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.addr.is_none_or(|addr| !addr.ip().is_loopback())
    }

    /// Whether a connection to `addr` in its network would meet it.
    #[must_use]
    pub fn is_at(&self, addr: SocketAddr) -> bool {
        let own = self.addresses.contains(&addr.ip());
        self.addr.is_some_and(|bound| {
            let any = bound.ip().is_unspecified() && (bound.is_ipv6() || addr.is_ipv4());
            let fits = any || bound.ip() == addr.ip();
            own && fits && bound.port() == addr.port()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn postgres() -> Process {
        Process {
            pid: 41,
            name: "postgres".to_owned(),
            command: None,
        }
    }

    #[test]
    fn who_listens_on_loopback_inside_is_closed_to_others() {
        let at = |addr: &str| Contained::new(postgres(), Some(addr.parse().unwrap()));
        assert!(at("0.0.0.0:5432").is_open() && !at("127.0.0.1:5432").is_open());
        let unknown: Contained = serde_json::from_str(r#"{"pid":41,"name":"postgres"}"#).unwrap();
        assert_eq!(unknown, Contained::new(postgres(), None));
        assert!(unknown.is_open());
    }

    #[test]
    fn a_relay_meets_whoever_listens_on_an_address_of_that_network() {
        let mut inside = Contained::new(postgres(), Some("0.0.0.0:5432".parse().unwrap()));
        let to = |addr: &str| addr.parse().unwrap();
        assert!(!inside.is_at(to("172.17.0.2:5432")));
        inside.addresses = vec![to("172.17.0.2:1").ip()];
        assert!(inside.is_at(to("172.17.0.2:5432")));
        assert!(!inside.is_at(to("172.17.0.2:80")) && !inside.is_at(to("172.17.0.3:5432")));
        inside.addr = Some(to("127.0.0.1:5432"));
        assert!(!inside.is_at(to("172.17.0.2:5432")));
    }
}
