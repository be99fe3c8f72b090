//! Firewalls of this machine and what could be read of them.

use serde::{Deserialize, Serialize};

use super::Fact;

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
