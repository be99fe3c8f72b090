//! macOS: listeners from libproc (own processes) and `netstat` (everybody's), network from the
//! routing socket, the application firewall from `socketfilterfw`.

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use system_configuration::core_foundation::base::TCFType as _;
use system_configuration::core_foundation::propertylist::{
    create_data, kCFPropertyListXMLFormat_v1_0,
};
use system_configuration::dynamic_store::SCDynamicStoreBuilder;

use super::incoming::Incoming;
use super::parse::netstat_macos::{self, ListeningSocket};
use super::parse::proxies::{self, WebTarget, variables};
use super::parse::socketfilterfw::{self, State};
use super::parse::system_version;
use super::parse::user_preferences;
use super::{Platform, command, name_files, owner_tables, route_table};
use crate::evidence::{
    Background, Fact, Firewall, FirewallKind, Gap, Listener, NameSettings, NetworkState, Os,
    OsRelease, Policy, PortPart, PortUse, Process, ProxySetting, ProxySource,
};

/// This machine, a Mac.
pub struct Macos;

const PATIENCE: Duration = Duration::from_secs(1);

impl Platform for Macos {
    fn os(&self) -> Os {
        Os::Macos
    }

    fn os_release(&self) -> Fact<OsRelease> {
        const FILE: &str = "/System/Library/CoreServices/SystemVersion.plist";
        let text = std::fs::read_to_string(FILE).ok();
        let release = text.as_deref().and_then(system_version::release);
        release.map_or_else(|| Fact::Unknown(unreadable(FILE)), Fact::Known)
    }

    /// Sockets of other users' processes are not shown by libproc; netstat has them, so both
    /// are joined. Without netstat the list would pass for whole and not be.
    fn listeners(&self) -> Fact<Vec<Listener>> {
        let netstat = command::output(
            Path::new("/usr/sbin/netstat"),
            &["-an", "-p", "tcp"],
            PATIENCE,
        );
        let sockets = match netstat {
            Ok(output) => netstat_macos::listening_sockets(&output),
            Err(gap) => return Fact::Unknown(gap),
        };
        let Some(sockets) = sockets else {
            return Fact::Unknown(unreadable("netstat"));
        };
        let own = listeners::get_all().unwrap_or_default();
        let own: Vec<_> = own
            .into_iter()
            .filter(|own| own.protocol == listeners::Protocol::TCP)
            .filter(|own| own.state == listeners::SocketState::Listen)
            .collect();
        let join = |socket: ListeningSocket| join(socket, &own);
        Fact::Known(sockets.into_iter().map(join).collect())
    }

    fn backgrounds(&self, port: u16, listeners: &[Listener]) -> Vec<Background> {
        owner_tables::relays(port, listeners, |_| None)
    }

    fn port_use(&self, port: u16) -> Fact<PortUse> {
        let sockets = match listeners::get_all() {
            Ok(sockets) => sockets,
            Err(error) => return Fact::Unknown(unreadable(&error.to_string())),
        };
        let udp = sockets
            .iter()
            .filter(|one| one.protocol == listeners::Protocol::UDP)
            .map(|one| one.socket);
        // Only the own programs' sockets are told by libproc.
        let unread = vec![
            PortPart::Connections,
            PortPart::Programs,
            PortPart::Containers,
        ];
        Fact::Known(owner_tables::port_use(port, udp, unread))
    }

    fn network(&self, targets: &[IpAddr]) -> Fact<NetworkState> {
        route_table::network(targets)
    }

    /// A switch that was never touched is in no file, and tells nothing.
    fn wants_stillness(&self) -> Fact<bool> {
        let switch = ["read", "com.apple.universalaccess", "reduceMotion"];
        match command::output(Path::new("/usr/bin/defaults"), &switch, PATIENCE) {
            Ok(output) => match user_preferences::reduces_motion(&output) {
                Some(wanted) => Fact::Known(wanted),
                None => Fact::Unknown(unreadable("reduceMotion")),
            },
            Err(gap) => Fact::Unknown(gap),
        }
    }

    /// The resolvers are the configuration daemon's; `resolv.conf` is there for show (its own words).
    fn name_settings(&self, name: &str) -> Fact<NameSettings> {
        Fact::Known(NameSettings {
            hosts_file: name_files::hosts_file(Path::new("/etc/hosts"), name),
            ..NameSettings::default()
        })
    }

    fn proxies(&self, target: &WebTarget) -> Fact<Vec<ProxySetting>> {
        let own = variables::own(|name: &str| std::env::var(name).ok(), target);
        let says = match proxies_in_force() {
            Ok(plist) => proxies::macos::says(&plist, target),
            Err(gap) => vec![Fact::Unknown(gap)],
        };
        let system = says.into_iter().map(|says| ProxySetting {
            from: ProxySource::Macos,
            says,
        });
        Fact::Known(own.into_iter().chain(system).collect())
    }

    fn firewalls(&self, _: &Incoming) -> Fact<Vec<Firewall>> {
        let answer = command::output(
            Path::new("/usr/libexec/ApplicationFirewall/socketfilterfw"),
            &["--getglobalstate"],
            PATIENCE,
        );
        Fact::Known(vec![application_firewall(answer), packet_filter()])
    }
}

fn unreadable(what: &str) -> Gap {
    Gap::Unreadable {
        what: what.to_owned(),
    }
}

/// The proxies of the network in use, as a property list. The store keeps what is in force, which
/// the file of preferences does not tell.
fn proxies_in_force() -> Result<String, Gap> {
    let store = SCDynamicStoreBuilder::new("ketnoi").build();
    let values = store.and_then(|store| store.get_proxies());
    let values = values.ok_or_else(|| unreadable("SCDynamicStoreCopyProxies"))?;
    let written = create_data(values.as_CFTypeRef(), kCFPropertyListXMLFormat_v1_0);
    let data = written.map_err(|_error| unreadable("SCDynamicStoreCopyProxies"))?;
    Ok(String::from_utf8_lossy(data.bytes()).into_owned())
}

fn join(socket: ListeningSocket, own: &[listeners::Listener]) -> Listener {
    let process = own.iter().find(|own| own.socket == socket.addr);
    Listener {
        addr: socket.addr,
        takes_ipv4: socket.takes_ipv4.map_or_else(Fact::default, Fact::Known),
        process: match process.map(|own| &own.process) {
            Some(process) => Fact::Known(Process {
                pid: process.pid,
                name: process.name.clone(),
                command: Some(process.path.clone()),
            }),
            None => Fact::Unknown(Gap::NeedsAdmin),
        },
        user: Fact::Unknown(Gap::Unsupported),
        queue: Fact::Unknown(Gap::Unsupported),
    }
}

/// It lets in or blocks program by program, so a port's fate is not known when it is on.
fn application_firewall(answer: Result<String, Gap>) -> Firewall {
    let state = answer.and_then(|output| {
        socketfilterfw::state(&output).ok_or_else(|| unreadable("socketfilterfw"))
    });
    let (active, port) = match state {
        Ok(State::Off) => (Fact::Known(false), Fact::Known(Policy::Allow)),
        Ok(State::On) => (Fact::Known(true), Fact::Unknown(Gap::Unsupported)),
        Ok(State::BlocksAll) => (Fact::Known(true), Fact::Known(Policy::Drop)),
        Err(gap) => (Fact::Unknown(gap.clone()), Fact::Unknown(gap)),
    };
    Firewall {
        kind: FirewallKind::MacosApplication,
        active,
        inbound_default: port.clone(),
        port,
        rule: None,
        remarks: Vec::new(),
    }
}

/// pf's state and rules are told to root only.
fn packet_filter() -> Firewall {
    Firewall {
        kind: FirewallKind::Pf,
        active: Fact::Unknown(Gap::NeedsAdmin),
        inbound_default: Fact::Unknown(Gap::NeedsAdmin),
        port: Fact::Unknown(Gap::NeedsAdmin),
        rule: None,
        remarks: Vec::new(),
    }
}
