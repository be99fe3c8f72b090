//! One port of this machine, looked at from inside: who listens, who may reach it by that alone,
//! which firewall keeps them out, and who was seen coming. Nothing is connected to.

use std::net::{IpAddr, Ipv4Addr};

use serde::Serialize;

use super::Case;
use crate::evidence::{Evidence, FirewallKind, Watch};
use crate::target::{Host, Target};

/// A port of a machine as the machine itself sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalView {
    /// What its tables say. Its target is the port on loopback, which nobody connected to, so that
    /// its diagnosis says nothing.
    pub case: Case,
    /// The client for which the firewalls were judged; any other machine where it is not told.
    pub from: Option<IpAddr>,
    /// What was seen arriving.
    pub watch: Watch,
}

/// How the port stands for other machines, as far as this one can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "standing")]
pub enum Standing {
    /// Nothing listens on it.
    Closed,
    /// Only programs of this machine can reach who listens.
    ThisMachineOnly,
    /// Others could reach it, and a firewall of this machine keeps them out.
    ShutByFirewall {
        /// Which.
        firewall: FirewallKind,
    },
    /// Others can reach it, as far as this machine is concerned.
    Open,
    /// Others can reach who listens; what the firewalls do with the port could not be read.
    FirewallsUnread,
    /// Who listens could not be read.
    Unknown,
}

impl LocalView {
    /// The target that stands for a port of this machine.
    #[must_use]
    pub fn target(port: u16) -> Target {
        Target::new(Host::V4(Ipv4Addr::LOCALHOST), port)
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.case.evidence().target.port
    }

    /// How the port stands for other machines.
    #[must_use]
    pub fn standing(&self) -> Standing {
        standing(self.case.evidence())
    }
}

/// How the asked port of the machine stands for others.
pub(super) fn standing(evidence: &Evidence) -> Standing {
    let Some(listeners) = evidence.listeners_on_port() else {
        return Standing::Unknown;
    };
    if listeners.is_empty() {
        return Standing::Closed;
    }
    if listeners.iter().all(|l| evidence.is_for_itself(l)) {
        return Standing::ThisMachineOnly;
    }
    if evidence.firewalls.known().is_none() {
        return Standing::FirewallsUnread;
    }
    let mut doubtful = evidence.doubtful_firewalls();
    if let Some(firewall) = evidence.doubtful_firewalls().find(|one| one.stops_port()) {
        return Standing::ShutByFirewall {
            firewall: firewall.kind,
        };
    }
    if doubtful.next().is_some() {
        return Standing::FirewallsUnread;
    }
    Standing::Open
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::evidence::{Fact, Firewall, Gap, Listener, Os, Policy};

    fn evidence(listeners: &[&str]) -> Evidence {
        let mut evidence = Evidence::new(LocalView::target(5432), Os::Linux, Duration::ZERO);
        let listeners = listeners.iter().map(|addr| Listener {
            addr: addr.parse().unwrap(),
            takes_ipv4: Fact::default(),
            process: Fact::default(),
            user: Fact::default(),
            queue: Fact::default(),
        });
        evidence.listeners = Fact::Known(listeners.collect());
        evidence.firewalls = Fact::Known(Vec::new());
        evidence
    }

    fn firewall(port: Fact<Policy>) -> Firewall {
        Firewall {
            kind: FirewallKind::Nftables,
            active: Fact::Known(true),
            inbound_default: Fact::default(),
            port,
            rule: None,
            remarks: Vec::new(),
        }
    }

    #[test]
    fn who_listens_decides_before_the_firewalls_do() {
        assert_eq!(standing(&evidence(&[])), Standing::Closed);
        assert_eq!(standing(&evidence(&["0.0.0.0:5433"])), Standing::Closed);
        let local = evidence(&["127.0.0.1:5432", "[::1]:5432"]);
        assert_eq!(standing(&local), Standing::ThisMachineOnly);
        let open = evidence(&["127.0.0.1:5432", "10.0.0.5:5432"]);
        assert_eq!(standing(&open), Standing::Open);
    }

    #[test]
    fn what_could_not_be_read_is_not_open() {
        let mut all = evidence(&["0.0.0.0:5432"]);
        all.firewalls = Fact::Known(vec![firewall(Fact::Unknown(Gap::NeedsAdmin))]);
        assert_eq!(standing(&all), Standing::FirewallsUnread);
        all.firewalls = Fact::default();
        assert_eq!(standing(&all), Standing::FirewallsUnread);
        // What firewalld does is seen in the packet filters.
        let mut unasked = firewall(Fact::default());
        unasked.kind = FirewallKind::Firewalld;
        unasked.active = Fact::Unknown(Gap::TimedOut);
        all.firewalls = Fact::Known(vec![unasked.clone()]);
        assert_eq!(standing(&all), Standing::FirewallsUnread);
        let open = firewall(Fact::Known(Policy::Allow));
        all.firewalls = Fact::Known(vec![unasked, open]);
        assert_eq!(standing(&all), Standing::Open);
        all.firewalls = Fact::Known(vec![firewall(Fact::Known(Policy::Drop))]);
        let firewall = FirewallKind::Nftables;
        assert_eq!(standing(&all), Standing::ShutByFirewall { firewall });
        all.listeners = Fact::Unknown(Gap::NeedsAdmin);
        assert_eq!(standing(&all), Standing::Unknown);
    }
}
