//! Advice about this machine and its network: names, routes, VPN, proxies, clock and limits.

use super::{Plan, here, looking, use_address, words};
use crate::advice::task::{Change, Look};
use crate::advice::{Advice, AdviceKind, linux, macos, proxy, safe_host, terminal, windows};
use crate::diagnosis::Family;
use crate::evidence::{Os, Outcome, Proxy, ProxySource, ProxyVariable};
use crate::target::Host;

impl Plan<'_> {
    /// Some addresses of the name work: use the first that does.
    pub(super) fn use_what_works(&self) -> Vec<Advice> {
        let mut attempts = self.evidence.attempts.iter();
        let works = attempts.find(|attempt| attempt.outcome == Outcome::Connected);
        let mut advice: Vec<Advice> = works
            .map(|attempt| use_address(attempt.addr))
            .into_iter()
            .collect();
        advice.push(words(AdviceKind::AskNetworkAdmin { device: None }));
        advice
    }

    pub(super) fn check_dns(&self) -> Advice {
        let os = self.evidence.os;
        let host = self.safe_name();
        let commands = match os {
            Os::Linux => linux::check_dns(host.as_deref()),
            Os::Windows => windows::check_dns(host.as_deref()),
            Os::Macos => macos::check_dns(host.as_deref()),
        };
        here(AdviceKind::CheckDns, looking(os, None, commands))
    }

    pub(super) fn check_routes(&self) -> Advice {
        let os = self.evidence.os;
        let ip = self.ip.map(|ip| ip.to_string());
        let commands = match os {
            Os::Linux => linux::check_routes(ip.as_deref()),
            Os::Windows => windows::check_routes(ip.as_deref()),
            Os::Macos => macos::check_routes(ip.as_deref()),
        };
        here(AdviceKind::CheckRoutes, looking(os, None, commands))
    }

    /// An address of another family that accepted.
    pub(super) fn other_family(&self, than: Family) -> Option<Advice> {
        let mut attempts = self.evidence.attempts.iter();
        let works = attempts.find(|attempt| {
            attempt.outcome == Outcome::Connected && Family::of(attempt.addr.ip()) != than
        });
        works.map(|attempt| use_address(attempt.addr))
    }

    pub(super) fn edit_hosts_file(&self) -> Advice {
        let host = self.safe_name();
        self.change_here(
            AdviceKind::EditHostsFile,
            Change::EditHostsFile(host.as_deref()),
        )
    }

    /// Nothing where not even a safe name is known.
    pub(super) fn show_the_way(&self) -> Option<Advice> {
        let address = self.ip.map(|ip| ip.to_string());
        let to = address.or_else(|| safe_host(&self.target.host))?;
        Some(self.look_here(AdviceKind::ShowTheWay, Look::Way(&to)))
    }

    pub(super) fn repeat_test(&self) -> Advice {
        let os = self.evidence.os;
        let commands = self
            .endpoint_here()
            .map(|endpoint| looking(os, None, vec![terminal::check_repeatedly(os, &endpoint)]));
        Advice {
            fixes: commands.into_iter().collect(),
            ..words(AdviceKind::RepeatTest)
        }
    }

    pub(super) fn disconnect_vpn(&self) -> Advice {
        self.change_here(AdviceKind::DisconnectVpn, Change::DisconnectVpn)
    }

    pub(super) fn lower_mtu(&self) -> Advice {
        self.change_here(AdviceKind::LowerMtu, Change::LowerMtu)
    }

    pub(super) fn set_clock(&self) -> Advice {
        self.change_here(AdviceKind::SetClock, Change::SetClock)
    }

    pub(super) fn trust_certificate(&self) -> Advice {
        self.change_here(AdviceKind::TrustCertificate, Change::TrustCertificate)
    }

    pub(super) fn check_proxy(&self) -> Advice {
        self.look_here(AdviceKind::CheckProxy, Look::Proxy)
    }

    /// For the places that name `endpoint`, or any proxy where that is not told.
    pub(super) fn go_without_proxy(&self, endpoint: Option<&str>) -> Advice {
        let os = self.evidence.os;
        let places = self.naming(endpoint);
        let fix =
            |(place, endpoint): &(ProxySource, String)| proxy::go_without(os, *place, endpoint);
        Advice {
            fixes: places.iter().map(fix).collect(),
            ..words(AdviceKind::GoWithoutProxy {
                places: places.iter().map(|(place, _)| *place).collect(),
            })
        }
    }

    pub(super) fn set_proxy(&self, proxy: &str) -> Advice {
        let kind = AdviceKind::SetProxy {
            proxy: proxy.to_owned(),
        };
        here(kind, terminal::set_proxy(self.evidence.os))
    }

    pub(super) fn add_proxy_bypass(&self, endpoint: &str) -> Advice {
        let os = self.evidence.os;
        let host = safe_host(&self.target.host);
        let places = self.naming(Some(endpoint)).into_iter();
        let places: Vec<ProxySource> = places.map(|(place, _)| place).collect();
        let fixes = host.map(|host| {
            let fix = |place: &ProxySource| proxy::exempt(os, *place, &host);
            places.iter().map(fix).collect()
        });
        Advice {
            fixes: fixes.unwrap_or_default(),
            ..words(AdviceKind::AddProxyBypass { places })
        }
    }

    /// The places that name a proxy, each once, with its endpoint. Where none is known, as in a
    /// report of another time, it is taken for the environment's.
    fn naming(&self, endpoint: Option<&str>) -> Vec<(ProxySource, String)> {
        let settings = self.evidence.proxies.known().into_iter().flatten();
        let mut places: Vec<(ProxySource, String)> = Vec::new();
        for setting in settings {
            let Some(named) = setting.proxy().map(Proxy::endpoint) else {
                continue;
            };
            let is_meant = endpoint.is_none_or(|endpoint| endpoint == named);
            if is_meant && places.iter().all(|(place, _)| *place != setting.from) {
                places.push((setting.from, named));
            }
        }
        if places.is_empty() {
            let variable = ProxyVariable::Https;
            places.push((ProxySource::Environment { variable }, String::new()));
        }
        places
    }

    pub(super) fn reuse_connections(&self) -> Advice {
        self.look_here(AdviceKind::ReuseConnections, Look::Connections)
    }

    pub(super) fn raise_file_limit(&self) -> Option<Advice> {
        let fix = terminal::raise_file_limit(self.evidence.os)?;
        Some(here(AdviceKind::RaiseFileLimit, fix))
    }

    /// The name in a form for commands; nothing where an address was typed.
    fn safe_name(&self) -> Option<String> {
        match &self.target.host {
            Host::Name { .. } => safe_host(&self.target.host),
            Host::V4(_) | Host::V6 { .. } => None,
        }
    }
}
