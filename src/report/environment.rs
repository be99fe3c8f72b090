//! Where a test was made: what a colleague asks for first. Every format tells it from here.

use std::net::IpAddr;

use serde::Serialize;

use crate::evidence::{Evidence, Fact, Interface, NetworkState, Os, OsRelease, ProxySetting};
use crate::i18n::Wording;

/// The machine that tested.
#[derive(Serialize)]
pub(super) struct Environment<'a> {
    /// Its system.
    pub os: Os,
    /// Which release of it.
    pub os_release: &'a Fact<OsRelease>,
    /// The network interfaces that are up and have an address, the target's first.
    pub interfaces: Fact<Vec<InterfaceInUse<'a>>>,
    /// The other interfaces.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub idle_interfaces: Vec<&'a str>,
    /// Where packets for other networks go; known and empty: nowhere.
    pub default_gateways: Fact<&'a [IpAddr]>,
    /// What each place that may name a proxy says for the target.
    pub proxies: Fact<Vec<ProxyLine>>,
}

/// An interface that packets can leave through.
#[derive(Serialize)]
pub(super) struct InterfaceInUse<'a> {
    pub name: &'a str,
    /// Each with the length of its network's prefix.
    pub addresses: Vec<String>,
    /// The target is reached through it.
    pub leads_to_target: bool,
}

/// A place that may name a proxy, and what it says, in words.
#[derive(Serialize)]
pub(super) struct ProxyLine {
    pub from: String,
    pub says: String,
}

impl<'a> Environment<'a> {
    pub fn of(evidence: &'a Evidence, wording: &Wording<'_>) -> Self {
        let network = evidence.network.as_ref();
        let all = network.known().map_or(&[][..], |known| &known.interfaces);
        let idle = all.iter().filter(|interface| !is_in_use(interface));
        let proxy = |setting: &ProxySetting| {
            let (from, says) = wording.proxy_setting(evidence, setting);
            ProxyLine { from, says }
        };
        Self {
            os: evidence.os,
            os_release: &evidence.os_release,
            interfaces: network.clone().map(in_use),
            idle_interfaces: idle.map(|interface| interface.name.as_str()).collect(),
            default_gateways: match network {
                Fact::Known(network) => network.default_gateways.as_ref().map(Vec::as_slice),
                Fact::Unknown(gap) => Fact::Unknown(gap),
            },
            proxies: evidence
                .proxies
                .as_ref()
                .map(|all| all.iter().map(proxy).collect()),
        }
    }
}

fn in_use(network: &NetworkState) -> Vec<InterfaceInUse<'_>> {
    let ways = || network.routes.iter().filter_map(|route| route.via.known());
    let one = |interface: &'_ Interface| {
        let addresses = interface.addresses.iter();
        addresses
            .map(|address| format!("{}/{}", address.ip, address.prefix))
            .collect()
    };
    let used = network.interfaces.iter().filter(|one| is_in_use(one));
    let mut all: Vec<InterfaceInUse<'_>> = used
        .map(|interface| InterfaceInUse {
            name: &interface.name,
            addresses: one(interface),
            leads_to_target: ways().any(|way| way.interface == interface.name),
        })
        .collect();
    all.sort_by_key(|interface| !interface.leads_to_target);
    all
}

fn is_in_use(interface: &Interface) -> bool {
    interface.up && !interface.addresses.is_empty()
}
