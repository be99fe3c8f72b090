//! Advice about the service itself: starting it, letting it listen, reading what it says.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::{Plan, SYSTEMS, here, is_loopback, looking, use_address, words};
use crate::advice::command_line::CommandLine;
use crate::advice::task::{Change, Look};
use crate::advice::{
    Advice, AdviceKind, FIRST_UNPRIVILEGED, Fix, Place, Placeholder, Setting, linux, macos,
    safe_host, terminal, windows,
};
use crate::catalogue::{self, Service};
use crate::diagnosis::SettingSays;
use crate::evidence::{
    Fact, Failure, Gap, NamedSettings, Os, PastedPort, ServiceUnit, SettingLine, Startup,
    UnitState, is_private,
};
use crate::target::Protocol;

impl Plan<'_> {
    pub(super) fn start(&self) -> Vec<Advice> {
        let told = self.start_as_told();
        let mut advice = told.unwrap_or_else(|| self.start_as_usual());
        // A service that is set to another port is started in vain.
        if self.set_to(SettingSays::OtherPort).is_some() {
            advice.sort_by_key(|one| !matches!(one.kind, AdviceKind::CheckPort { .. }));
        }
        advice
    }

    fn start_as_usual(&self) -> Vec<Advice> {
        let mut fixes = Vec::new();
        if let Some(service) = self.service() {
            fixes.extend(linux::start(service));
            fixes.extend(windows::start(service));
            fixes.extend(macos::start(service));
        }
        let service = self.service().map(|service| service.id.clone());
        let start = self.placed(AdviceKind::StartService { service }, fixes);
        let mut advice = vec![start, self.check_port()];
        if self.is_here {
            if is_loopback(&self.target.host) {
                advice.push(words(AdviceKind::CheckWhichMachine));
            }
            advice.push(words(AdviceKind::TestAgain));
        } else {
            advice.push(self.check_on_target());
            advice.push(self.listen_on_network());
            advice.extend(self.tunnel(Ipv4Addr::LOCALHOST.into()));
        }
        advice
    }

    /// What to do about a service whose state this machine's service manager told.
    fn start_as_told(&self) -> Option<Vec<Advice>> {
        let is_told = self.is_here && self.evidence.os != Os::Macos;
        let state = self.evidence.meant_service().filter(|_| is_told)?;
        let service = catalogue::known(&state.service)?;
        let mut advice = match state.telling() {
            Some(unit) => self.start_unit(service, unit)?,
            None => self.install(service)?,
        };
        if let Some(free) = self.free_taken_port() {
            advice.insert(0, free);
        }
        let mut others = vec![self.check_port(), words(AdviceKind::TestAgain)];
        if is_loopback(&self.target.host) {
            others.insert(1, words(AdviceKind::CheckWhichMachine));
        }
        others.retain(|other| advice.iter().all(|one| one.kind != other.kind));
        advice.extend(others);
        Some(advice)
    }

    /// By what the unit does, and nothing for one whose name is not of the service.
    fn start_unit(&self, service: &Service, unit: &ServiceUnit) -> Option<Vec<Advice>> {
        let os = self.evidence.os;
        let name = unit_of(os, service, unit)?;
        let service = || Some(service.id.clone());
        let start = || {
            let too_often = unit.failure == Some(Failure::StartLimit);
            let fix = match unit.state {
                _ if os == Os::Windows => windows::start_service(name),
                UnitState::Exited => linux::restart_unit(name),
                _ => linux::start_unit(name, too_often),
            };
            self.placed(AdviceKind::StartService { service: service() }, vec![fix])
        };
        let log = || {
            let commands = match os {
                Os::Windows => windows::log_of(name),
                Os::Linux | Os::Macos => linux::log_of(name),
            };
            let kind = AdviceKind::ReadServiceLog { service: service() };
            self.placed(kind, vec![looking(os, None, commands)])
        };
        let is_stopped = unit.state == UnitState::Stopped;
        let barred = match unit.startup {
            Startup::Masked => Some(linux::unmask_unit(name)),
            Startup::Barred if is_stopped => Some(windows::allow_service(name)),
            Startup::Barred | Startup::Enabled | Startup::Disabled | Startup::Other => None,
        };
        if let Some(fix) = barred {
            let kind = AdviceKind::UnmaskService { service: service() };
            return Some(vec![self.placed(kind, vec![fix])]);
        }
        let mut advice = match unit.state {
            UnitState::Failed => vec![log(), start()],
            UnitState::Starting if unit.failure.is_some() => vec![log()],
            UnitState::Starting => vec![words(AdviceKind::TestAgain), log()],
            UnitState::Running => vec![self.check_port(), log()],
            UnitState::Exited | UnitState::Stopping | UnitState::Stopped | UnitState::Other => {
                vec![start(), log()]
            }
        };
        if unit.startup == Startup::Disabled && unit.state != UnitState::Running {
            let fix = match os {
                Os::Windows => windows::enable_service(name),
                Os::Linux | Os::Macos => linux::enable_unit(name),
            };
            let kind = AdviceKind::EnableService { service: service() };
            advice.push(self.placed(kind, vec![fix]));
        }
        Some(advice)
    }

    fn install(&self, service: &Service) -> Option<Vec<Advice>> {
        let ways = linux::install(service);
        let id = Some(service.id.clone());
        let kind = AdviceKind::InstallService { service: id };
        (!ways.is_empty()).then(|| vec![self.placed(kind, ways)])
    }

    /// The service shows itself to its own machine only. Opening it comes first, since others are
    /// to reach it; what opens nothing follows.
    pub(super) fn open_loopback(&self, address: IpAddr) -> Vec<Advice> {
        let mut advice = vec![self.listen_on_network()];
        if self.is_here {
            advice.push(use_address(SocketAddr::new(address, self.target.port)));
        }
        advice.extend(self.tunnel(address));
        advice
    }

    pub(super) fn check_port(&self) -> Advice {
        let port = self.target.port;
        let usual = self.service().and_then(|service| {
            let is_unusual = !service.ports.contains(&port);
            is_unusual.then(|| service.ports.first().copied()).flatten()
        });
        words(AdviceKind::CheckPort {
            service: self.service().map(|service| service.id.clone()),
            usual,
            set: self.set_to(SettingSays::OtherPort).cloned(),
        })
    }

    pub(super) fn listen_on_network(&self) -> Advice {
        let Some(service) = self.service() else {
            let nothing_known = AdviceKind::ListenOnNetwork {
                service: None,
                settings: Vec::new(),
            };
            return self.placed(nothing_known, Vec::new());
        };
        let settings = self.settings(service);
        let mut fixes = Vec::new();
        if service.bind.is_some() {
            fixes.extend(linux::restart(service));
            fixes.extend(windows::restart(service));
            fixes.extend(macos::restart(service));
        }
        let kind = AdviceKind::ListenOnNetwork {
            service: Some(service.id.clone()),
            settings,
        };
        self.placed(kind, fixes)
    }

    fn settings(&self, service: &Service) -> Vec<Setting> {
        let mut settings: Vec<Setting> = self
            .systems()
            .into_iter()
            .filter_map(|os| {
                let (file, line) = (service.file(os)?, service.bind(os)?);
                let read = self
                    .read_setting(service)
                    .filter(|_| os == self.evidence.os);
                let named = self
                    .named_settings(service)
                    .filter(|_| os == self.evidence.os);
                let named = named.map(|named| named.file()).filter(|_| read.is_none());
                let usual = || read.map_or(file, |(file, _)| file).to_owned();
                Some(Setting {
                    os,
                    file: Some(named.unwrap_or_else(usual)),
                    at: read.and_then(|(_, at)| at),
                    line: self.fill_setting(line),
                })
            })
            .collect();
        settings.extend(service.option.as_deref().map(|option| Setting {
            os: self.evidence.os,
            file: None,
            at: None,
            line: self.fill_setting(option),
        }));
        settings
    }

    /// Where the program on the port was told to look for its settings, if it is the service's and they
    /// are not the usual ones, which were read.
    fn named_settings(&self, service: &Service) -> Option<NamedSettings> {
        let listeners = self.evidence.listeners_on_port().filter(|_| self.is_here)?;
        let mut holders = listeners.iter().filter_map(|one| one.process.known());
        let holder = holders.find(|process| service.is_run_by(process))?;
        let named = NamedSettings::of(holder.command.as_deref()?)?;
        let mut read = self.evidence.service_settings.known().into_iter().flatten();
        let is_usual = read.any(|one| one.service == service.id && one.may_be(&named));
        (!is_usual).then_some(named)
    }

    /// The file, and the line in it, that says on this machine where the service listens. Where no line
    /// says so, a file that is only usual is as good as any.
    fn read_setting(&self, service: &Service) -> Option<(&str, Option<usize>)> {
        let line = self
            .set_to(SettingSays::ThisMachineOnly)
            .or_else(|| self.set_to(SettingSays::OtherAddresses));
        if let Some(line) = line.filter(|line| line.line.is_some()) {
            return Some((line.file.as_str(), line.line));
        }
        // The usual file is one of several installations: which one is here was seen.
        let is_pattern = service.file(self.evidence.os)?.contains('*');
        let all = self.evidence.service_settings.known()?;
        let of_service = all.iter().find(|one| one.service == service.id)?;
        is_pattern.then_some((of_service.file.as_str(), None))
    }

    /// The line of the service's settings that the verdict names.
    fn set_to(&self, wanted: SettingSays) -> Option<&SettingLine> {
        let is_told = self.is_here.then_some(self.setting).flatten();
        is_told
            .filter(|(says, _)| *says == wanted)
            .map(|(_, line)| line)
    }

    /// The address a service should listen on is the one that was asked, where that can be its
    /// own: a public one may be a router's.
    fn fill_setting(&self, line: &str) -> String {
        let own = self
            .ip
            .filter(|ip| !ip.is_loopback() && (self.is_here || is_private(*ip)));
        let address = match own {
            Some(IpAddr::V6(ip)) if line.contains("{address}:") => format!("[{ip}]"),
            Some(ip) => ip.to_string(),
            None => Placeholder::Address.text().to_owned(),
        };
        line.replace("{address}", &address)
            .replace("{port}", &self.target.port.to_string())
    }

    /// A way in that opens nothing to others; `inside` is where the service listens there.
    pub(super) fn tunnel(&self, inside: IpAddr) -> Option<Advice> {
        let host = safe_host(&self.target.host)?;
        if is_loopback(&self.target.host) || self.target.port == SSH {
            return None;
        }
        let port = self.target.port;
        let local = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), tunnel_port(port));
        let forward = format!("{}:{}", local.port(), SocketAddr::new(inside, port));
        let there = format!("{}@{host}", Placeholder::User.text());
        let os = self.evidence.os;
        let ssh = CommandLine::on(os, ["ssh", "-N", "-L", &forward, &there]);
        Some(Advice {
            kind: AdviceKind::TunnelThroughSsh { local },
            place: if self.is_here {
                Place::OnClient
            } else {
                Place::Here
            },
            fixes: vec![Fix {
                apply: vec![ssh],
                ..looking(os, None, Vec::new())
            }],
        })
    }

    /// The target's address with the scheme that goes with its own in `pairs`.
    pub(super) fn url_with_scheme(&self, pairs: &[(&str, &'static str)]) -> Option<String> {
        let own = match (&self.target.scheme, self.target.protocol) {
            (Some(scheme), _) => scheme.as_str(),
            (None, Protocol::Https) => "https",
            (None, Protocol::Http) => "http",
            (None, Protocol::ListenOnly | Protocol::ConnectOnly | Protocol::Tls) => return None,
        };
        let (_, other) = pairs.iter().find(|(scheme, _)| *scheme == own)?;
        let host = safe_host(&self.target.host)?;
        let port = self.target.port;
        Some(if host.contains(':') {
            format!("{other}://[{host}]:{port}")
        } else {
            format!("{other}://{host}:{port}")
        })
    }

    fn service(&self) -> Option<&'static Service> {
        catalogue::of(self.target, self.process)
    }

    /// The service as it is, without a change of its settings.
    pub(super) fn restart(&self) -> Advice {
        let mut fixes = Vec::new();
        if let Some(service) = self.service() {
            fixes.extend(linux::restart_as_it_is(service));
            fixes.extend(windows::restart_as_it_is(service));
            fixes.extend(macos::restart_as_it_is(service));
        }
        let service = self.service().map(|service| service.id.clone());
        self.placed(AdviceKind::RestartService { service }, fixes)
    }

    pub(super) fn read_log(&self) -> Advice {
        let service = self.service();
        let fixes = vec![
            looking(Os::Linux, None, linux::read_log(service)),
            looking(Os::Windows, None, windows::read_log(service)),
            looking(Os::Macos, None, macos::read_log(service)),
        ];
        let service = service.map(|service| service.id.clone());
        self.placed(AdviceKind::ReadServiceLog { service }, fixes)
    }

    /// The service could not take its port.
    pub(super) fn free_the_port(&self) -> Vec<Advice> {
        let mut advice = self.free_port_for_service();
        if !advice.is_empty() {
            return advice;
        }
        advice.extend([
            self.find_port_owner(),
            self.placed(AdviceKind::UseFreePort, Vec::new()),
            self.read_log(),
        ]);
        if self.target.port < FIRST_UNPRIVILEGED && self.systems().contains(&Os::Linux) {
            let allow = self.change_there(AdviceKind::AllowLowPort, Change::AllowLowPort);
            let at = if self.lacks_rights { 0 } else { advice.len() };
            advice.insert(at, allow);
        }
        advice.extend(self.label_port());
        advice
    }

    /// Where another program has the port of a service that failed: to free it, and to start the service
    /// then.
    pub(super) fn free_port_for_service(&self) -> Vec<Advice> {
        let Some(free) = self.free_taken_port() else {
            return Vec::new();
        };
        let state = self.evidence.meant_service();
        let start = state.and_then(|state| {
            let service = catalogue::known(&state.service)?;
            self.start_unit(service, state.telling()?)
        });
        let mut advice = vec![free];
        advice.extend(start.into_iter().flatten());
        advice
    }

    fn free_taken_port(&self) -> Option<Advice> {
        let (port, process) = self.taken.filter(|_| self.is_here)?;
        let program = process.map(|process| process.name.clone());
        let kind = AdviceKind::FreePort { port, program };
        Some(self.look_there(kind, Look::PortOwner(port)))
    }

    /// The process that opened the port has ended, and another program has inherited it: the service
    /// cannot have it again while that one runs.
    pub(super) fn free_inherited_port(&self) -> Option<Advice> {
        let port = self.target.port;
        let mut listeners = self.evidence.listeners_on_port()?.into_iter();
        let listener = listeners.find_map(|listener| match listener.process {
            Fact::Unknown(Gap::HolderEnded { pid }) => Some((listener.addr, pid)),
            Fact::Known(_) | Fact::Unknown(_) => None,
        });
        let (addr, parent) = listener.filter(|_| self.is_here)?;
        let mut backgrounds = self.evidence.backgrounds.iter();
        let heirs = backgrounds.find(|one| one.addr == addr && !one.heirs.is_empty());
        let program = match heirs.map(|one| one.heirs.as_slice()) {
            Some([only]) => Some(only.name.clone()),
            Some(_) | None => None,
        };
        let kind = AdviceKind::FreePort { port, program };
        Some(self.look_there(kind, Look::Heirs { port, parent }))
    }

    /// Under `SELinux` a service that starts need not be let listen.
    pub(super) fn label_port(&self) -> Option<Advice> {
        let port_use = self.evidence.port_use.known().filter(|_| self.is_here)?;
        let service = self.target.service.as_deref();
        let fix = || linux::label_port(self.target.port, service);
        let has_label = self.evidence.pasted_ports.iter().any(|told| match told {
            PastedPort::Labelled { labels } => labels
                .first()
                .is_some_and(|label| linux::label_of(service) == Some(label.as_str())),
            PastedPort::Reserved { .. } => false,
        });
        let is_meant = port_use.has_labelled_ports && !has_label;
        is_meant.then(|| here(AdviceKind::LabelPort, fix()))
    }

    /// Where its program is known, there is nothing to be found.
    pub(super) fn find_port_owner(&self) -> Advice {
        let listeners = self.evidence.listeners_on_port().filter(|_| self.is_here);
        let mut holders = listeners.into_iter().flatten();
        if let Some(holder) = holders.find_map(|one| one.process.known()) {
            let kind = AdviceKind::FreePort {
                port: self.target.port,
                program: Some(holder.name.clone()),
            };
            return self.look_there(kind, Look::PortOwner(self.target.port));
        }
        self.look_there(AdviceKind::FindPortOwner, Look::PortOwner(self.target.port))
    }

    pub(super) fn publish_port(&self) -> Vec<Advice> {
        let fixes = SYSTEMS.map(terminal::publish_port).to_vec();
        let mut advice = vec![
            self.placed(AdviceKind::PublishPort, fixes),
            self.look_inside_container(),
        ];
        if !self.is_here {
            advice.push(self.check_on_target());
        }
        advice
    }

    pub(super) fn look_inside_container(&self) -> Advice {
        let look = |os| looking(os, None, terminal::look_inside_container(os));
        self.placed(AdviceKind::LookInsideContainer, SYSTEMS.map(look).to_vec())
    }

    pub(super) fn read_http_error(&self, status: u16) -> Vec<Advice> {
        let mut advice = vec![self.read_log(), words(AdviceKind::AskServiceOwner)];
        if (400..500).contains(&status) {
            advice.insert(0, words(AdviceKind::CheckWebAddress));
        }
        advice
    }
}

/// The name of a unit as a word for commands, where it is one of the service's: of an opened report
/// anything may be said.
fn unit_of<'u>(os: Os, service: &Service, unit: &'u ServiceUnit) -> Option<&'u str> {
    let name = unit.name.as_str();
    let is_harmless = |c: char| c.is_ascii_alphanumeric() || "@._-:$".contains(c);
    let is_unit = matches!(name.rsplit_once('.'), Some((_, "service" | "socket")));
    let is_its = match os {
        Os::Windows => service.is_windows_service(name),
        Os::Linux | Os::Macos => is_unit && service.has_unit(name),
    };
    (is_its && name.chars().all(is_harmless)).then_some(name)
}

/// A local port for a tunnel that the service itself does not use: 15432 for 5432.
fn tunnel_port(port: u16) -> u16 {
    port.checked_add(10_000).unwrap_or_else(|| port - 10_000)
}

/// The port of SSH itself, which no tunnel through SSH can help.
const SSH: u16 = 22;

pub(super) const PLAIN_OF_TLS: [(&str, &str); 6] = [
    ("https", "http"),
    ("wss", "ws"),
    ("rediss", "redis"),
    ("amqps", "amqp"),
    ("mqtts", "mqtt"),
    ("ldaps", "ldap"),
];

pub(super) const TLS_OF_PLAIN: [(&str, &str); 6] = [
    ("http", "https"),
    ("ws", "wss"),
    ("redis", "rediss"),
    ("amqp", "amqps"),
    ("mqtt", "mqtts"),
    ("ldap", "ldaps"),
];
