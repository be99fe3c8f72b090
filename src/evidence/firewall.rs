//! Firewalls of this machine and what could be read of them.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::{Attempt, Evidence, Fact, Listener, Outcome, Reach};

/// A firewall found on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Firewall {
    /// Which one.
    pub kind: FirewallKind,
    /// Whether it filters now.
    pub active: Fact<bool>,
    /// What it does with incoming connections that no rule names.
    pub inbound_default: Fact<Policy>,
    /// What it does with incoming connections to the target's port.
    pub port: Fact<Policy>,
    /// What decides that, where one thing does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<DecidingRule>,
    /// What else is to be known of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Remark>,
}

/// Something about a firewall and the target's port that its own window and its rules do not say.
/// What is not remarked on need not be absent: it may not have been readable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Remark {
    /// It would keep others out, and Docker publishes the port, which usually goes past it.
    PassedByDocker,
    /// It lets the port in, and its permanent configuration does so too.
    Lasts,
    /// It lets the port in until it is reloaded: its permanent configuration does not.
    EndsAtReload,
    /// It does not let the port in, but its permanent configuration does, once that is loaded.
    BeginsAtReload,
    /// What is in force and not in its permanent configuration.
    LostAtReload {
        /// All of it.
        entries: Vec<ZoneEntry>,
    },
    /// What is in its permanent configuration and not in force.
    BroughtByReload {
        /// All of it.
        entries: Vec<ZoneEntry>,
    },
    /// The rules that were made on its machine have no effect: a policy voids them.
    VoidsLocalRules,
    /// It keeps all incoming connections out, whatever its rules are.
    IgnoresRules,
    /// A rule lets the port in on private networks, and this network counts as a public one.
    AllowsOnPrivateNetworks,
    /// What it does depends on the program: some are kept from being reached.
    BlocksPrograms {
        /// Which, and by what.
        rules: Vec<ProgramRule>,
    },
    /// While it is on, ports on which nothing listens are silent as well.
    HidesClosedPorts,
    /// Something else differs: what a zone does by default, which zone is the default one, direct
    /// rules.
    ChangedByReload,
    /// What would be in force after a reload could not be read.
    SavedRulesUnread,
}

impl Remark {
    /// Whether it says what the firewall's rules make of the port.
    fn is_about_port(&self) -> bool {
        match self {
            Self::Lasts | Self::EndsAtReload | Self::BeginsAtReload => true,
            Self::PassedByDocker
            | Self::VoidsLocalRules
            | Self::IgnoresRules
            | Self::AllowsOnPrivateNetworks
            | Self::BlocksPrograms { .. }
            | Self::HidesClosedPorts
            | Self::LostAtReload { .. }
            | Self::BroughtByReload { .. }
            | Self::ChangedByReload
            | Self::SavedRulesUnread => false,
        }
    }
}

/// A rule that keeps a program from being reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgramRule {
    /// What the rule is called among the firewall's data; nothing where it is only the program's
    /// entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The program's path.
    pub program: String,
}

/// One setting of a zone of firewalld.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ZoneEntry {
    /// The zone.
    pub zone: String,
    /// What kind of setting it is.
    pub kind: ZoneEntryKind,
    /// The setting, as firewall-cmd(1) takes and prints it.
    pub value: String,
}

/// What can be set in a zone and decides about connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ZoneEntryKind {
    /// An interface bound to it.
    Interface,
    /// Senders bound to it.
    Source,
    /// A service let in.
    Service,
    /// A port let in.
    Port,
    /// A protocol let in.
    Protocol,
    /// A sender's port let in.
    SourcePort,
    /// A port handed on.
    ForwardPort,
    /// A rule in the rich language.
    RichRule,
}

impl ZoneEntryKind {
    /// Its name in firewall-cmd's options, as in `--add-port`.
    #[must_use]
    pub fn option(self) -> &'static str {
        match self {
            Self::Interface => "interface",
            Self::Source => "source",
            Self::Service => "service",
            Self::Port => "port",
            Self::Protocol => "protocol",
            Self::SourcePort => "source-port",
            Self::ForwardPort => "forward-port",
            Self::RichRule => "rich-rule",
        }
    }
}

impl ZoneEntry {
    /// How it is named as what decides.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { zone, kind, value } = self;
        if *kind == ZoneEntryKind::RichRule {
            return value.clone();
        }
        format!("zone {zone}, {} {value}", kind.option())
    }
}

impl Firewall {
    /// Whether it keeps connections to the target's port out.
    #[must_use]
    pub fn stops_port(&self) -> bool {
        let off = self.active.known() == Some(&false);
        !off && self
            .port
            .known()
            .is_some_and(|policy| *policy != Policy::Allow)
    }

    /// What is to be known of it, with what follows from its kind: Windows Defender Firewall answers
    /// nobody on ports without a listener while it is on (Microsoft, "Stealth mode").
    #[must_use]
    pub fn own_remarks(&self) -> Vec<Remark> {
        let is_on = self.active.known() == Some(&true);
        let hides = is_on && self.kind == FirewallKind::WindowsDefender;
        let hides = hides.then_some(Remark::HidesClosedPorts);
        let is_new = |remark: &Remark| !self.remarks.contains(remark);
        let all = self.remarks.iter().cloned();
        all.chain(hides.filter(is_new)).collect()
    }

    /// Whether it may do so, as far as could be read.
    #[must_use]
    pub fn may_stop_port(&self) -> bool {
        let off = self.active.known() == Some(&false);
        !off && self.port.known() != Some(&Policy::Allow)
    }
}

/// What the packet filters of this machine do with a connection from it to an address of the
/// target, both ways: the packet that opens it, and the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outbound {
    /// Where to.
    pub to: SocketAddr,
    /// What becomes of the connection, as far as it is up to them.
    pub policy: Fact<Policy>,
    /// The firewall that decides, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firewall: Option<FirewallKind>,
    /// What decides there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<DecidingRule>,
    /// Whether it is the answer that is stopped.
    #[serde(default)]
    pub stops_answer: bool,
}

impl Evidence {
    /// Whether the firewall's answer holds for the target's port. A container's published port is
    /// handed on before ufw's and firewalld's own rules for this machine are asked (Docker, "Packet
    /// filtering and firewalls"), so what these say of the port may not be what others meet.
    #[must_use]
    pub fn may_be_passed_by(&self, firewall: &Firewall) -> bool {
        matches!(firewall.kind, FirewallKind::Ufw | FirewallKind::Firewalld)
            && self.may_be_published()
    }

    /// The firewall of this machine that keeps others out of the target's port, where this machine
    /// reached it at an address that others use as well.
    #[must_use]
    pub fn keeps_others_out(&self) -> Option<&Firewall> {
        if !self.is_reached_where_others_ask() {
            return None;
        }
        let mut firewalls = self.firewalls.known()?.iter();
        firewalls.find(|firewall| firewall.stops_port() && !self.may_be_passed_by(firewall))
    }

    /// Whether a firewall of this machine may do so, which was not read.
    #[must_use]
    pub fn may_keep_others_out(&self) -> bool {
        self.is_reached_where_others_ask()
            && (self.firewalls.known().is_none() || self.doubtful_firewalls().next().is_some())
    }

    /// Whether this machine reached the target at an address of its own that others use as well.
    fn is_reached_where_others_ask(&self) -> bool {
        let Some(network) = self.network.known() else {
            return false;
        };
        let is_for_others = |attempt: &Attempt| {
            let ip = attempt.addr.ip().to_canonical();
            !ip.is_loopback() && !ip.is_unspecified() && network.is_own(ip)
        };
        let mut connected = self
            .attempts
            .iter()
            .filter(|attempt| attempt.outcome == Outcome::Connected);
        connected.any(is_for_others)
    }

    /// What is to be known of a firewall, with what only the listeners tell.
    #[must_use]
    pub fn remarks_on(&self, firewall: &Firewall) -> Vec<Remark> {
        let may_be_passed_by = self.may_be_passed_by(firewall);
        let is_passed_by = may_be_passed_by && self.is_published() && firewall.stops_port();
        let docker = is_passed_by.then_some(Remark::PassedByDocker);
        let own = firewall.own_remarks().into_iter();
        let holds = |remark: &Remark| !(may_be_passed_by && remark.is_about_port());
        docker.into_iter().chain(own.filter(holds)).collect()
    }

    /// The firewalls that may keep others out of the target's port, as far as could be read. ufw and
    /// firewalld act through the packet filters: where what these do is known, it does not matter
    /// that those could not be asked. What a container's published port goes past is left out.
    pub fn doubtful_firewalls(&self) -> impl Iterator<Item = &Firewall> {
        let all = || self.firewalls.known().into_iter().flatten();
        let is_filter =
            |one: &&Firewall| matches!(one.kind, FirewallKind::Nftables | FirewallKind::Iptables);
        let is_read = all().any(|one| is_filter(&one))
            && all().filter(is_filter).all(|one| !one.may_stop_port());
        let is_covered = move |one: &Firewall| {
            let is_manager = matches!(one.kind, FirewallKind::Ufw | FirewallKind::Firewalld);
            is_manager && is_read && one.active.known().is_none()
        };
        let doubtful = all().filter(|one| one.may_stop_port() && !self.may_be_passed_by(one));
        doubtful.filter(move |one| !is_covered(one))
    }

    /// Whether Docker publishes the port to other machines: its relay listens on it.
    #[must_use]
    pub fn is_published(&self) -> bool {
        self.open_listeners()
            .any(|listener| self.is_dockers(listener) == Some(true))
    }

    /// Whether the port may be a container's: Docker's relay listens here, or somebody of whom
    /// nothing is known does, and there is Docker's bridge.
    fn may_be_published(&self) -> bool {
        let networks = self.network.known();
        let has_bridge = networks.is_some_and(|network| {
            let mut interfaces = network.interfaces.iter();
            interfaces.any(|interface| interface.name == "docker0")
        });
        self.open_listeners()
            .any(|listener| self.is_dockers(listener).unwrap_or(has_bridge))
    }

    /// The listeners on the target's port that other machines may reach.
    pub fn open_listeners(&self) -> impl Iterator<Item = &Listener> {
        let listeners = self.listeners_on_port().into_iter().flatten();
        listeners.filter(|listener| listener.reach() != Reach::ThisMachine)
    }

    /// Whether a listener is Docker's relay, by its name; where that is hidden, by the unit that
    /// its socket tells. Docker Engine starts its relays itself.
    fn is_dockers(&self, listener: &Listener) -> Option<bool> {
        if let Some(process) = listener.process.known() {
            return Some(process.name == "docker-proxy");
        }
        let mut all = self.backgrounds.iter();
        let background = all.find(|background| background.addr == listener.addr)?;
        let unit = background.unit.as_deref()?;
        Some(matches!(
            unit,
            "docker.service" | "snap.docker.dockerd.service"
        ))
    }
}

/// What decides about a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecidingRule {
    /// The rule as the firewall's own tool prints it, or the policy.
    pub text: String,
    /// Where it stands, in a packet filter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<FilterChain>,
    /// The zone it belongs to, in firewalld.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Whether it is what happens where no rule applies.
    #[serde(default)]
    pub is_default: bool,
}

/// A chain of a packet filter, as nft(8) names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilterChain {
    /// `ip`, `ip6` or `inet`.
    pub family: String,
    /// The table.
    pub table: String,
    /// The chain.
    pub chain: String,
    /// Whether it is one of the kernel's older tables, which `iptables-legacy` changes where
    /// `iptables` is the newer program.
    #[serde(default)]
    pub legacy: bool,
    /// Whether it is changed by `iptables-nft`, where `iptables` is the older program.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub newer: bool,
}

/// The firewalls we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FirewallKind {
    /// ufw(8).
    Ufw,
    /// firewalld(1).
    Firewalld,
    /// Rules loaded with nft(8).
    Nftables,
    /// Rules loaded with iptables(8) or ip6tables(8).
    Iptables,
    /// Windows Defender Firewall.
    WindowsDefender,
    /// The macOS application firewall.
    MacosApplication,
    /// pf(4) on macOS.
    Pf,
}

/// What a firewall does with a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// Lets it in.
    Allow,
    /// Drops it silently.
    Drop,
    /// Refuses it with an answer.
    Reject,
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::evidence::{Gap, Interface, InterfaceAddress, NetworkState, Os};
    use crate::target::Target;

    /// This machine, 10.0.0.5, reached itself there.
    fn reached(addr: &str, firewalls: Fact<Vec<Firewall>>) -> Evidence {
        let target = Target::from_parts("10.0.0.5", "5432").unwrap();
        let mut evidence = Evidence::new(target, Os::Linux, Duration::ZERO);
        let ip = "10.0.0.5".parse().unwrap();
        evidence.network = Fact::Known(NetworkState {
            interfaces: vec![Interface {
                name: "eth0".to_owned(),
                up: true,
                loopback: false,
                addresses: vec![InterfaceAddress { ip, prefix: 24 }],
                link: Fact::default(),
            }],
            ..NetworkState::default()
        });
        evidence.attempts = vec![Attempt {
            addr: addr.parse().unwrap(),
            outcome: Outcome::Connected,
            took: Duration::ZERO,
            os_code: None,
            at_once: false,
            source: None,
            icmp: None,
        }];
        evidence.firewalls = firewalls;
        evidence
    }

    #[test]
    fn a_firewall_that_was_not_read_may_keep_others_out_of_what_works_here() {
        let unread = || Fact::Unknown(Gap::NeedsAdmin);
        assert!(reached("10.0.0.5:5432", unread()).may_keep_others_out());
        // Others do not ask there.
        assert!(!reached("127.0.0.1:5432", unread()).may_keep_others_out());
        assert!(!reached("10.0.0.5:5432", Fact::Known(Vec::new())).may_keep_others_out());
    }
}
