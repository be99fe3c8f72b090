//! Windows: listeners with their programs from the owner tables, network from the IP helper, the
//! state of Windows Defender Firewall from the registry, services from their manager.
//!
//! The firewall's COM interface (`INetFwPolicy2`) would tell single rules as well. It would take COM in
//! a thread of its own and much unsafe code for each property of some hundreds of rules, and it counts
//! neither for the rules of other protection programs nor for Hyper-V's. The rules are told by pasting
//! what PowerShell lists of them.

mod services;
mod sockets;

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use windows_registry::{CURRENT_USER, Key, LOCAL_MACHINE};

use super::incoming::Incoming;
use super::parse::excluded_ports;
use super::parse::net_firewall_profile::{self, Profile};
use super::parse::portproxy::{self, Forward};
use super::parse::proxies::internet_settings::{self, InternetSettings};
use super::parse::proxies::{WebTarget, variables};
use super::parse::windows_firewall::{
    MACHINE_KEY, POLICY_KEY, PROFILES, RegistryValues, firewall, profile,
};
use super::parse::{user_preferences, windows_release};
use super::{Platform, command, name_files, owner_tables, route_table};
use crate::catalogue::Service;
use crate::evidence::{
    Background, Fact, Firewall, Gap, Listener, NameSettings, NetworkState, Os, OsRelease, PortPart,
    PortRange, PortUse, ProxySetting, ProxySource, Relay, ServiceState,
};

/// This machine, running Windows.
pub struct Windows;

impl Platform for Windows {
    fn os(&self) -> Os {
        Os::Windows
    }

    fn os_release(&self) -> Fact<OsRelease> {
        let values = LOCAL_MACHINE.open(windows_release::KEY).map(|key| {
            let text = |name| key.get_string(name).ok();
            windows_release::Values {
                product_name: text("ProductName"),
                display_version: text("DisplayVersion"),
                build: text("CurrentBuildNumber"),
                update: key.get_u32("UBR").ok(),
            }
        });
        let release = values.ok().as_ref().and_then(windows_release::release);
        release.map_or_else(
            || Fact::Unknown(unreadable(windows_release::KEY)),
            Fact::Known,
        )
    }

    /// The tables show every user's sockets.
    fn listeners(&self) -> Fact<Vec<Listener>> {
        match sockets::listeners() {
            Ok(listeners) => Fact::Known(listeners),
            Err(gap) => Fact::Unknown(gap),
        }
    }

    /// A relay's command line is not told here, but what Windows itself passes on is.
    fn backgrounds(&self, port: u16, listeners: &[Listener]) -> Vec<Background> {
        let forwards = forwards();
        let mut told = owner_tables::relays(port, listeners, |listener| {
            let its = forwards.iter().find(|one| one.is_at(listener.addr))?;
            Some(Relay::to(Some(its.to.clone())))
        });
        told.extend(sockets::inherited(port, listeners));
        told
    }

    fn port_use(&self, port: u16) -> Fact<PortUse> {
        let mut port_use = match sockets::port_use(port) {
            Ok(port_use) => port_use,
            Err(gap) => return Fact::Unknown(gap),
        };
        match excluded_ports() {
            Ok(ranges) => port_use.reserved = excluded_ports::of_port(&ranges, port),
            Err(_) => port_use.unread.push(PortPart::ReservedPorts),
        }
        Fact::Known(port_use)
    }

    fn service_states(&self, services: &[&'static Service]) -> Fact<Vec<ServiceState>> {
        services::states_of(services)
    }

    fn network(&self, targets: &[IpAddr]) -> Fact<NetworkState> {
        route_table::network(targets)
    }

    fn wants_stillness(&self) -> Fact<bool> {
        const DESKTOP: &str = r"Control Panel\Desktop";
        let mask = CURRENT_USER
            .open(DESKTOP)
            .and_then(|key| key.get_value("UserPreferencesMask"));
        match mask
            .ok()
            .and_then(|mask| user_preferences::wants_stillness(&mask))
        {
            Some(wanted) => Fact::Known(wanted),
            None => Fact::Unknown(unreadable(DESKTOP)),
        }
    }

    fn name_settings(&self, name: &str) -> Fact<NameSettings> {
        let hosts = system_folder().join(r"System32\drivers\etc\hosts");
        Fact::Known(NameSettings {
            hosts_file: name_files::hosts_file(&hosts, name),
            ..NameSettings::default()
        })
    }

    fn proxies(&self, target: &WebTarget) -> Fact<Vec<ProxySetting>> {
        let own = variables::own(|name: &str| std::env::var(name).ok(), target);
        let user = internet_settings::says(&internet_settings(), target);
        let user = user.into_iter().map(|says| ProxySetting {
            from: ProxySource::Windows,
            says,
        });
        let services = win_http_settings().map(|blob| ProxySetting {
            from: ProxySource::WinHttp,
            says: internet_settings::win_http_says(&blob, target),
        });
        Fact::Known(own.into_iter().chain(user).chain(services).collect())
    }

    fn firewalls(&self, _: &Incoming) -> Fact<Vec<Firewall>> {
        match registry_profiles().or_else(shell_profiles) {
            Some(profiles) => Fact::Known(vec![firewall(&profiles)]),
            None => Fact::Unknown(unreadable(MACHINE_KEY)),
        }
    }
}

fn unreadable(what: &str) -> Gap {
    Gap::Unreadable {
        what: what.to_owned(),
    }
}

/// The ranges that Windows keeps from programs: no interface tells them but that of netsh.
fn excluded_ports() -> Result<Vec<PortRange>, Gap> {
    let arguments = ["interface", "ipv4", "show", "excludedportrange", "tcp"];
    let netsh = system_folder().join(r"System32\netsh.exe");
    let listing = command::lossy_output(&netsh, &arguments, NETSH_PATIENCE)?;
    excluded_ports::ranges(&listing).ok_or_else(|| unreadable("netsh"))
}

fn system_folder() -> PathBuf {
    let system = std::env::var_os("SystemRoot").unwrap_or_else(|| r"C:\Windows".into());
    PathBuf::from(system)
}

/// It answers in some fifty milliseconds.
const NETSH_PATIENCE: Duration = Duration::from_millis(500);

/// What `netsh interface portproxy` was told to pass on.
fn forwards() -> Vec<Forward> {
    let Ok(root) = LOCAL_MACHINE.open(portproxy::KEY) else {
        return Vec::new();
    };
    let of_family = |family: &&str| {
        let key = root.open(format!(r"{family}\tcp")).ok()?;
        let values = key.values().ok()?;
        let read = |(name, data): (String, windows_registry::Value)| {
            portproxy::value(family, &name, &String::try_from(data).ok()?)
        };
        Some(values.filter_map(read).collect::<Vec<_>>())
    };
    portproxy::FAMILIES
        .iter()
        .filter_map(of_family)
        .flatten()
        .collect()
}

/// The settings of this user, or those of the machine where a policy has all users share them.
fn internet_settings() -> InternetSettings {
    let policy = LOCAL_MACHINE.open(internet_settings::POLICY_KEY);
    let per_user = policy.and_then(|key| key.get_u32("ProxySettingsPerUser"));
    let root = if matches!(per_user, Ok(0)) {
        LOCAL_MACHINE
    } else {
        CURRENT_USER
    };
    let Ok(key) = root.open(internet_settings::KEY) else {
        return InternetSettings::default();
    };
    InternetSettings {
        proxy_enable: key.get_u32("ProxyEnable").ok(),
        proxy_server: key.get_string("ProxyServer").ok(),
        proxy_override: key.get_string("ProxyOverride").ok(),
        auto_config_url: key.get_string("AutoConfigURL").ok(),
        connection: blob(&key, "DefaultConnectionSettings"),
    }
}

fn win_http_settings() -> Option<Vec<u8>> {
    let key = LOCAL_MACHINE.open(internet_settings::KEY).ok()?;
    blob(&key, "WinHttpSettings")
}

fn blob(settings: &Key, name: &str) -> Option<Vec<u8>> {
    let key = settings.open(internet_settings::CONNECTIONS_KEY).ok()?;
    Some(key.get_value(name).ok()?.to_vec())
}

fn registry_profiles() -> Option<Vec<Profile>> {
    let machine = LOCAL_MACHINE.open(MACHINE_KEY).ok()?;
    let policy = LOCAL_MACHINE.open(POLICY_KEY).ok();
    let read = |name: &str| {
        let policy = policy.as_ref().map(|key| values(key, name));
        profile(name, policy.unwrap_or_default(), values(&machine, name))
    };
    Some(PROFILES.into_iter().map(read).collect())
}

fn values(key: &Key, profile: &str) -> RegistryValues {
    let Ok(key) = key.open(profile) else {
        return RegistryValues::default();
    };
    RegistryValues {
        enable_firewall: key.get_u32("EnableFirewall").ok(),
        default_inbound_action: key.get_u32("DefaultInboundAction").ok(),
    }
}

/// The same from PowerShell, where the registry does not tell.
fn shell_profiles() -> Option<Vec<Profile>> {
    let powershell = LOCAL_MACHINE
        .open(r"SOFTWARE\Microsoft\PowerShell\1\PowerShellEngine")
        .and_then(|key| key.get_string("ApplicationBase"))
        .ok()?;
    let program = std::path::Path::new(&powershell).join("powershell.exe");
    let script = "Get-NetFirewallProfile | Select-Object Name,Enabled,DefaultInboundAction \
                  | ConvertTo-Json";
    let arguments = ["-NoProfile", "-NonInteractive", "-Command", script];
    let json = command::output(&program, &arguments, Duration::from_secs(2)).ok()?;
    net_firewall_profile::profiles(&json)
}
