//! For each cause what a person does next, the most promising first.
//!
//! Only chooses and orders; the commands themselves are in one file per system.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::client_network::{ClientNetwork, is_private};
use super::command_line::CommandLine;
use super::service::{self, Service};
use super::{
    Advice, AdviceKind, Fix, Place, Placeholder, Risk, Setting, linux, macos, safe_host, windows,
};
use crate::diagnosis::{Cause, Certainty, Clue, DecidingTest, Diagnosis};
use crate::evidence::{Evidence, FirewallKind, Listener, Os, Outcome, Process, Reach};
use crate::target::{Host, Protocol, Target};

/// What can be done about a diagnosis, the most promising first.
///
/// While the verdict is not certain, the test that would decide comes first.
#[must_use]
pub fn advise(diagnosis: &Diagnosis, evidence: &Evidence) -> Vec<Advice> {
    let plan = Plan::new(diagnosis, evidence);
    let mut advice = plan.for_cause(&diagnosis.verdict.cause);
    if diagnosis.verdict.certainty != Certainty::Certain {
        let tests = diagnosis.verdict.alternatives.iter();
        if let Some(first) = tests.map(|other| other.decided_by).next() {
            plan.put_first(first, &mut advice);
        }
    }
    advice
}

/// What all advice of one case is drawn from.
struct Plan<'a> {
    evidence: &'a Evidence,
    target: &'a Target,
    /// The target is this machine.
    is_here: bool,
    /// The address that was asked, when one is known.
    ip: Option<IpAddr>,
    /// The program that listens, when one was seen.
    process: Option<&'a Process>,
}

impl<'a> Plan<'a> {
    fn new(diagnosis: &'a Diagnosis, evidence: &'a Evidence) -> Self {
        Self {
            evidence,
            target: &evidence.target,
            is_here: is_here(diagnosis, evidence),
            ip: asked_ip(evidence),
            process: process(diagnosis),
        }
    }

    fn for_cause(&self, cause: &Cause) -> Vec<Advice> {
        match cause {
            Cause::Reachable => vec![words(AdviceKind::CheckProgramSettings)],
            Cause::ReachableSilent => vec![
                words(AdviceKind::UseUsualClient),
                words(AdviceKind::CheckProgramSettings),
            ],
            Cause::BadAddress => vec![words(AdviceKind::EnterAddress)],
            Cause::NameNotFound => vec![
                words(AdviceKind::CheckSpelling),
                words(AdviceKind::CheckNetwork),
                self.check_dns(),
            ],
            Cause::NameHasNoAddress => vec![
                words(AdviceKind::CheckSpelling),
                words(AdviceKind::AskForDnsRecord),
                self.check_dns(),
            ],
            Cause::ResolverUnreachable => vec![
                words(AdviceKind::CheckNetwork),
                self.check_dns(),
                words(AdviceKind::TestAgain),
            ],
            Cause::ResolverFailure => vec![
                words(AdviceKind::TestAgain),
                self.check_dns(),
                words(AdviceKind::CheckNetwork),
            ],
            Cause::NoNetwork => vec![
                words(AdviceKind::TurnNetworkOn),
                words(AdviceKind::TestAgain),
            ],
            Cause::NoDefaultRoute | Cause::RouteProhibited => {
                vec![words(AdviceKind::CheckNetwork), self.check_routes()]
            }
            Cause::Ipv6Unavailable => {
                vec![words(AdviceKind::UseIpv4), words(AdviceKind::CheckNetwork)]
            }
            Cause::HostDown => vec![
                words(AdviceKind::CheckMachineIsOn),
                words(AdviceKind::CheckNetwork),
                words(AdviceKind::TryFromElsewhere),
            ],
            Cause::NoRouteBeyond { router } => vec![
                words(AdviceKind::CheckNetwork),
                words(AdviceKind::AskNetworkAdmin { device: *router }),
                self.check_routes(),
            ],
            Cause::Ipv6PathBroken | Cause::OneAddressDead { .. } => self.use_what_works(),
            Cause::SilentDrop => self.find_the_silence(),
            Cause::FirewallDropsPort | Cause::FirewallRejects => self.open_firewall(),
            Cause::PathFirewallRejects { device } => vec![
                words(AdviceKind::AskNetworkAdmin {
                    device: Some(*device),
                }),
                words(AdviceKind::TryFromElsewhere),
                words(AdviceKind::SaveReport),
            ],
            Cause::LocalFirewallRejects => vec![
                self.find_outbound_rule(),
                words(AdviceKind::AllowProgram),
                words(AdviceKind::TryFromElsewhere),
            ],
            Cause::LocalPolicyDenies => vec![
                words(AdviceKind::AllowProgram),
                words(AdviceKind::TryFromElsewhere),
            ],
            Cause::NothingListening => self.start(),
            Cause::WrongPort { found } => vec![
                words(AdviceKind::UsePort { found: *found }),
                self.check_port(),
            ],
            Cause::LoopbackOnly { address } => self.open_loopback(*address),
            Cause::BoundElsewhere { address } => vec![
                use_address(SocketAddr::new(*address, self.target.port)),
                self.listen_on_network(),
            ],
            Cause::WrongFamily { works, .. } => vec![use_address(*works), self.check_port()],
            Cause::TlsToPlainPort => vec![
                words(AdviceKind::UsePlainText {
                    url: self.url_with_scheme(&PLAIN_OF_TLS),
                }),
                self.check_port(),
            ],
            Cause::PlainToTlsPort => vec![
                words(AdviceKind::UseTls {
                    url: self.url_with_scheme(&TLS_OF_PLAIN),
                }),
                self.check_port(),
            ],
            Cause::Undetermined => vec![
                words(AdviceKind::TestAgain),
                words(AdviceKind::SaveReport),
                words(AdviceKind::TryFromElsewhere),
            ],
        }
    }

    /// Moves the advice that carries out the deciding test to the front, or puts it there.
    fn put_first(&self, test: DecidingTest, advice: &mut Vec<Advice>) {
        let first = match test {
            DecidingTest::LookAtListenersOnTarget if !self.is_here => self.check_on_target(),
            DecidingTest::ReadFirewallOnTarget | DecidingTest::ReadFirewallHere => {
                self.read_firewall()
            }
            DecidingTest::TryFromElsewhere => words(AdviceKind::TryFromElsewhere),
            DecidingTest::TryLater => words(AdviceKind::TestAgain),
            DecidingTest::UseUsualClient => words(AdviceKind::UseUsualClient),
            DecidingTest::CheckMachineIsOn => words(AdviceKind::CheckMachineIsOn),
            DecidingTest::LookAtListenersOnTarget
            | DecidingTest::AskWhatRunsOnPort { .. }
            | DecidingTest::ConnectByAddress => return,
        };
        advice.retain(|other| other.kind != first.kind);
        advice.insert(0, first);
    }

    fn start(&self) -> Vec<Advice> {
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

    /// The service shows itself to its own machine only. Opening it comes first, since others are
    /// to reach it; what opens nothing follows.
    fn open_loopback(&self, address: IpAddr) -> Vec<Advice> {
        let mut advice = vec![self.listen_on_network()];
        if self.is_here {
            advice.push(use_address(SocketAddr::new(address, self.target.port)));
        }
        advice.extend(self.tunnel(address));
        advice
    }

    /// A rule is offered only where the service can be reached behind it, as far as we can see.
    fn open_firewall(&self) -> Vec<Advice> {
        let mut advice = Vec::new();
        if self.is_here {
            if self.nothing_to_let_in() {
                advice.push(self.read_firewall());
            } else {
                advice.push(self.allow_in_firewall());
            }
            advice.push(words(AdviceKind::TestAgain));
        } else {
            advice.push(self.check_on_target());
            advice.push(self.allow_in_firewall());
            advice.extend(self.tunnel(Ipv4Addr::LOCALHOST.into()));
            advice.push(words(AdviceKind::TryFromElsewhere));
        }
        advice
    }

    fn find_the_silence(&self) -> Vec<Advice> {
        let mut advice = vec![
            self.read_firewall(),
            words(AdviceKind::TryFromElsewhere),
            words(AdviceKind::SaveReport),
        ];
        if !self.is_here {
            advice.insert(0, self.check_on_target());
        }
        advice
    }

    /// Some addresses of the name work: use the first that does.
    fn use_what_works(&self) -> Vec<Advice> {
        let mut attempts = self.evidence.attempts.iter();
        let works = attempts.find(|attempt| attempt.outcome == Outcome::Connected);
        let mut advice: Vec<Advice> = works
            .map(|attempt| use_address(attempt.addr))
            .into_iter()
            .collect();
        advice.push(words(AdviceKind::AskNetworkAdmin { device: None }));
        advice
    }

    fn check_port(&self) -> Advice {
        let port = self.target.port;
        let usual = self.service().and_then(|service| {
            let is_unusual = !service.ports.contains(&port);
            is_unusual.then(|| service.ports.first().copied()).flatten()
        });
        words(AdviceKind::CheckPort {
            service: self.service().map(|service| service.id.clone()),
            usual,
        })
    }

    fn listen_on_network(&self) -> Advice {
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
                let (file, line) = (service.file(os)?, service.bind.as_deref()?);
                Some(Setting {
                    os,
                    file: Some(file.to_owned()),
                    line: self.fill_setting(line),
                })
            })
            .collect();
        settings.extend(service.option.as_deref().map(|option| Setting {
            os: self.evidence.os,
            file: None,
            line: self.fill_setting(option),
        }));
        settings
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

    fn allow_in_firewall(&self) -> Advice {
        let port = self.target.port;
        let clients = self.ip.map_or(ClientNetwork::Unknown { v6: false }, |ip| {
            ClientNetwork::towards(ip, self.evidence)
        });
        let fixes = self.firewalls().into_iter().flat_map(|kind| match kind {
            FirewallKind::Ufw
            | FirewallKind::Firewalld
            | FirewallKind::Nftables
            | FirewallKind::Iptables => linux::allow_port(kind, port, clients),
            FirewallKind::WindowsDefender => vec![windows::allow_port(port, clients)],
            FirewallKind::MacosApplication => vec![macos::allow_program()],
            FirewallKind::Pf => vec![match clients {
                // To pf the placeholder would be the name of a table (pf.conf(5)).
                ClientNetwork::Unknown { .. } => {
                    looking(Os::Macos, Some(kind), macos::read_pf_rules())
                }
                ClientNetwork::OnLink { .. } | ClientNetwork::Client(_) => {
                    macos::allow_port_in_pf(port, clients)
                }
            }],
        });
        let fixes = fixes.collect();
        self.placed(AdviceKind::AllowInFirewall, fixes)
    }

    fn read_firewall(&self) -> Advice {
        let fixes = self.firewalls().into_iter().map(|kind| match kind {
            FirewallKind::Ufw
            | FirewallKind::Firewalld
            | FirewallKind::Nftables
            | FirewallKind::Iptables => looking(Os::Linux, Some(kind), linux::read_rules(kind)),
            FirewallKind::WindowsDefender => {
                let port = self.target.port.to_string();
                looking(Os::Windows, Some(kind), windows::read_rules(&port))
            }
            FirewallKind::MacosApplication => {
                looking(Os::Macos, Some(kind), macos::read_application_rules())
            }
            FirewallKind::Pf => looking(Os::Macos, Some(kind), macos::read_pf_rules()),
        });
        let fixes = fixes.collect();
        self.placed(AdviceKind::ReadFirewallRules, fixes)
    }

    fn find_outbound_rule(&self) -> Advice {
        let os = self.evidence.os;
        let commands = match os {
            Os::Linux => linux::read_outbound_rules(),
            Os::Windows => windows::read_outbound_rules(),
            Os::Macos => macos::read_pf_rules(),
        };
        here(AdviceKind::FindOutboundRule, looking(os, None, commands))
    }

    fn check_dns(&self) -> Advice {
        let os = self.evidence.os;
        let host = match &self.target.host {
            Host::Name { .. } => safe_host(&self.target.host),
            Host::V4(_) | Host::V6 { .. } => None,
        };
        let commands = match os {
            Os::Linux => linux::check_dns(host.as_deref()),
            Os::Windows => windows::check_dns(host.as_deref()),
            Os::Macos => macos::check_dns(host.as_deref()),
        };
        here(AdviceKind::CheckDns, looking(os, None, commands))
    }

    fn check_routes(&self) -> Advice {
        let os = self.evidence.os;
        let ip = self.ip.map(|ip| ip.to_string());
        let commands = match os {
            Os::Linux => linux::check_routes(ip.as_deref()),
            Os::Windows => windows::check_routes(ip.as_deref()),
            Os::Macos => macos::check_routes(ip.as_deref()),
        };
        here(AdviceKind::CheckRoutes, looking(os, None, commands))
    }

    fn check_on_target(&self) -> Advice {
        let endpoint = self.endpoint_there();
        let ask = |os| vec![command(os, ["ketnoi", "check", &endpoint])];
        let systems = self.systems().into_iter();
        let fixes = systems.map(|os| looking(os, None, ask(os)));
        Advice {
            kind: AdviceKind::CheckOnTarget,
            place: Place::OnTarget,
            fixes: fixes.collect(),
        }
    }

    /// The target as its own machine may name it: a zone is a name of ours.
    fn endpoint_there(&self) -> String {
        let port = self.target.port;
        match safe_host(&self.target.host) {
            Some(host) if host.contains('%') => format!("localhost:{port}"),
            Some(host) if host.contains(':') => format!("[{host}]:{port}"),
            Some(host) => format!("{host}:{port}"),
            None => format!("localhost:{port}"),
        }
    }

    /// A way in that opens nothing to others; `inside` is where the service listens there.
    fn tunnel(&self, inside: IpAddr) -> Option<Advice> {
        let host = safe_host(&self.target.host)?;
        if is_loopback(&self.target.host) || self.target.port == SSH {
            return None;
        }
        let port = self.target.port;
        let local = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), tunnel_port(port));
        let forward = format!("{}:{}", local.port(), SocketAddr::new(inside, port));
        let there = format!("{}@{host}", Placeholder::User.text());
        let os = self.evidence.os;
        let ssh = command(os, ["ssh", "-N", "-L", &forward, &there]);
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
    fn url_with_scheme(&self, pairs: &[(&str, &'static str)]) -> Option<String> {
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
        service::of(self.target, self.process)
    }

    /// Advice for the target's machine: for the system we run on when that is this one, for
    /// every system otherwise.
    fn placed(&self, kind: AdviceKind, fixes: Vec<Fix>) -> Advice {
        let systems = self.systems();
        Advice {
            kind,
            place: if self.is_here {
                Place::Here
            } else {
                Place::OnTarget
            },
            fixes: fixes
                .into_iter()
                .filter(|fix| systems.contains(&fix.os))
                .collect(),
        }
    }

    fn systems(&self) -> Vec<Os> {
        if self.is_here {
            vec![self.evidence.os]
        } else {
            vec![Os::Linux, Os::Windows, Os::Macos]
        }
    }

    /// The firewalls to look at: here those that may be active, elsewhere the usual ones.
    fn firewalls(&self) -> Vec<FirewallKind> {
        let usual = |os| match os {
            Os::Linux => linux::FIREWALLS.to_vec(),
            Os::Windows => vec![FirewallKind::WindowsDefender],
            Os::Macos => vec![FirewallKind::MacosApplication],
        };
        if self.is_here
            && let Some(found) = self.evidence.firewalls.known()
        {
            let may_be_active = found
                .iter()
                .filter(|firewall| firewall.active.known() != Some(&false))
                .map(|firewall| firewall.kind);
            let kinds: Vec<FirewallKind> = may_be_active.collect();
            if !kinds.is_empty() {
                return kinds;
            }
        }
        self.systems().into_iter().flat_map(usual).collect()
    }

    /// The listeners of this machine are known, and none on the port can be reached from outside.
    fn nothing_to_let_in(&self) -> bool {
        let is_open = |listener: &Listener| {
            listener.addr.port() == self.target.port && listener.reach() != Reach::ThisMachine
        };
        let listeners = self.evidence.listeners.known();
        listeners.is_some_and(|listeners| !listeners.iter().any(is_open))
    }
}

/// Advice that needs no commands.
fn words(kind: AdviceKind) -> Advice {
    Advice {
        kind,
        place: Place::Here,
        fixes: Vec::new(),
    }
}

fn use_address(addr: SocketAddr) -> Advice {
    words(AdviceKind::UseAddress { addr })
}

/// Advice for this machine with one way to follow it.
fn here(kind: AdviceKind, fix: Fix) -> Advice {
    Advice {
        kind,
        place: Place::Here,
        fixes: vec![fix],
    }
}

/// Commands that change nothing.
fn looking(os: Os, firewall: Option<FirewallKind>, check: Vec<CommandLine>) -> Fix {
    Fix {
        os,
        firewall,
        check,
        apply: Vec::new(),
        undo: Vec::new(),
        needs_admin: false,
        risk: Risk::None,
    }
}

fn command<const N: usize>(os: Os, words: [&str; N]) -> CommandLine {
    match os {
        Os::Linux | Os::Macos => CommandLine::posix(words),
        Os::Windows => CommandLine::power_shell(words),
    }
}

fn is_here(diagnosis: &Diagnosis, evidence: &Evidence) -> bool {
    let clues = &diagnosis.verdict.because;
    let says_so = |clue: &Clue| matches!(clue, Clue::TargetIsThisMachine { .. });
    let network = evidence.network.known();
    is_loopback(&evidence.target.host)
        || clues.iter().any(says_so)
        || asked_ip(evidence)
            .is_some_and(|ip| ip.is_loopback() || network.is_some_and(|network| network.is_own(ip)))
}

fn is_loopback(host: &Host) -> bool {
    match host {
        Host::Name { ascii, .. } => ascii == "localhost" || ascii.ends_with(".localhost"),
        Host::V4(address) => address.is_loopback(),
        Host::V6 { address, .. } => address.is_loopback(),
    }
}

fn asked_ip(evidence: &Evidence) -> Option<IpAddr> {
    let attempted = evidence.attempts.first().map(|attempt| attempt.addr.ip());
    attempted.or_else(|| evidence.target.host.literal())
}

fn process(diagnosis: &Diagnosis) -> Option<&Process> {
    let mut clues = diagnosis.verdict.because.iter();
    clues.find_map(|clue| {
        let Clue::ListenerHere { process, .. } = clue else {
            return None;
        };
        process.as_ref()
    })
}

/// A local port for a tunnel that the service itself does not use: 15432 for 5432.
fn tunnel_port(port: u16) -> u16 {
    port.checked_add(10_000).unwrap_or_else(|| port - 10_000)
}

/// The port of SSH itself, which no tunnel through SSH can help.
const SSH: u16 = 22;

const PLAIN_OF_TLS: [(&str, &str); 6] = [
    ("https", "http"),
    ("wss", "ws"),
    ("rediss", "redis"),
    ("amqps", "amqp"),
    ("mqtts", "mqtt"),
    ("ldaps", "ldap"),
];

const TLS_OF_PLAIN: [(&str, &str); 6] = [
    ("http", "https"),
    ("ws", "wss"),
    ("redis", "rediss"),
    ("amqp", "amqps"),
    ("mqtt", "mqtts"),
    ("ldap", "ldaps"),
];
