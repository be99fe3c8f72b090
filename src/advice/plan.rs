//! For each cause what a person does next, the most promising first.
//!
//! Only chooses and orders; the commands themselves are in one file per system.

mod firewall;
mod network;
mod service;

use std::net::{IpAddr, SocketAddr};

use self::service::{PLAIN_OF_TLS, TLS_OF_PLAIN};
use super::command_line::CommandLine;
use super::task::{Change, Look};
use super::{Advice, AdviceKind, Fix, Place, Risk, linux, macos, safe_host, terminal, windows};
use crate::diagnosis::{Cause, Certainty, Clue, DecidingTest, Diagnosis, Family, SettingSays};
use crate::evidence::{Evidence, FirewallKind, Os, Process, SettingLine};
use crate::target::{Host, Target};

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
    /// The line of the service's settings that the verdict names.
    setting: Option<(SettingSays, &'a SettingLine)>,
    /// The port that another program has taken from the service, and that program.
    taken: Option<(u16, Option<&'a Process>)>,
    /// The service was started without the rights that its port needs.
    lacks_rights: bool,
}

impl<'a> Plan<'a> {
    fn new(diagnosis: &'a Diagnosis, evidence: &'a Evidence) -> Self {
        Self {
            evidence,
            target: &evidence.target,
            is_here: is_here(diagnosis, evidence),
            ip: asked_ip(evidence),
            process: process(diagnosis),
            setting: setting(diagnosis),
            taken: taken(diagnosis),
            lacks_rights: diagnosis
                .verdict
                .because
                .iter()
                .any(|clue| matches!(clue, Clue::PortNeedsAdmin { .. })),
        }
    }

    #[expect(clippy::too_many_lines, reason = "one flat match")]
    fn for_cause(&self, cause: &Cause) -> Vec<Advice> {
        match cause {
            Cause::Reachable => {
                let mut advice = Vec::from_iter(self.let_others_in());
                advice.push(words(AdviceKind::CheckProgramSettings));
                advice.extend(self.keep_firewall_rule());
                advice.extend(self.limit_published_port());
                advice
            }
            Cause::ReachableSilent => {
                let mut advice = Vec::from_iter(self.let_others_in());
                advice.push(words(AdviceKind::UseUsualClient));
                advice.push(words(AdviceKind::CheckProgramSettings));
                advice.extend(self.keep_firewall_rule());
                advice.extend(self.limit_published_port());
                advice
            }
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
            Cause::NameResolvesWrong { .. } => vec![
                words(AdviceKind::UseFullName),
                self.check_dns(),
                self.flush_dns_cache(),
                words(AdviceKind::AskNetworkAdmin { device: None }),
            ],
            Cause::NameBlocked => vec![
                words(AdviceKind::AllowNameInFilter),
                self.check_dns(),
                words(AdviceKind::AskNetworkAdmin { device: None }),
            ],
            Cause::HostsFileOverride { .. } => vec![self.edit_hosts_file(), self.flush_dns_cache()],
            Cause::MdnsUnavailable => vec![
                self.change_here(AdviceKind::EnableMdns, Change::EnableMdns),
                words(AdviceKind::ConnectByAddress),
                words(AdviceKind::CheckMachineIsOn),
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
            Cause::ResolverMisconfigured => vec![
                self.change_here(AdviceKind::ResetDns, Change::ResetDns),
                self.check_dns(),
                words(AdviceKind::CheckNetwork),
            ],
            Cause::ResolverSlow => vec![
                self.change_here(AdviceKind::RemoveDeadDnsServer, Change::RemoveDeadDnsServer),
                self.check_dns(),
                words(AdviceKind::AskNetworkAdmin { device: None }),
            ],
            Cause::NoNetwork => vec![
                words(AdviceKind::TurnNetworkOn),
                words(AdviceKind::TestAgain),
            ],
            Cause::LinkDown { .. } => vec![
                words(AdviceKind::TurnNetworkOn),
                self.look_here(AdviceKind::CheckLink, Look::Link),
                words(AdviceKind::TestAgain),
            ],
            Cause::GatewayDown { gateway } => vec![
                words(AdviceKind::RestartRouter),
                self.look_here(
                    AdviceKind::CheckGateway { gateway: *gateway },
                    Look::Gateway(*gateway),
                ),
                self.check_routes(),
            ],
            Cause::WrongNetmask => vec![
                self.look_here(AdviceKind::UseAutomaticAddress, Look::Addresses),
                words(AdviceKind::CheckMachineIsOn),
                words(AdviceKind::AskNetworkAdmin { device: None }),
            ],
            Cause::LocalSubnetOverlap { interface } => vec![
                self.look_here(
                    AdviceKind::MoveLocalNetwork {
                        interface: interface.clone(),
                    },
                    Look::LocalNetworks,
                ),
                self.check_routes(),
            ],
            Cause::VpnRoute { .. } => vec![
                self.disconnect_vpn(),
                words(AdviceKind::LetLocalNetworkBypassVpn),
                self.check_routes(),
            ],
            Cause::SourceAddressMissing => vec![
                self.look_here(AdviceKind::RemoveFixedSource, Look::Addresses),
                words(AdviceKind::CheckNetwork),
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
            Cause::RoutingLoop => {
                let mut advice = vec![words(AdviceKind::AskNetworkAdmin { device: None })];
                advice.extend(self.show_the_way());
                advice.push(words(AdviceKind::TryFromElsewhere));
                advice
            }
            Cause::Ipv6PathBroken | Cause::OneAddressDead { .. } => self.use_what_works(),
            Cause::PacketLoss => vec![
                words(AdviceKind::ImproveSignal),
                self.repeat_test(),
                words(AdviceKind::TryFromElsewhere),
            ],
            Cause::MtuBlackHole => vec![
                self.lower_mtu(),
                self.disconnect_vpn(),
                words(AdviceKind::AskNetworkAdmin { device: None }),
            ],
            Cause::DataDropped => vec![
                words(AdviceKind::TryFromElsewhere),
                words(AdviceKind::AllowProgram),
                words(AdviceKind::AskNetworkAdmin { device: None }),
            ],
            Cause::IdleStateLost => vec![
                self.change_here(AdviceKind::KeepAlive, Change::KeepAlive),
                words(AdviceKind::AskNetworkAdmin { device: None }),
            ],
            Cause::NatHairpin => vec![
                words(AdviceKind::UseInsideAddress),
                words(AdviceKind::TryFromElsewhere),
            ],
            Cause::AddressConflict => vec![
                self.compare_adapters(),
                words(AdviceKind::AskNetworkAdmin { device: None }),
            ],
            Cause::SilentDrop => self.find_the_silence(),
            Cause::FirewallDropsPort | Cause::FirewallRejects => self.open_firewall(),
            Cause::FirewallDropsAll => self.open_silent_machine(),
            Cause::SourceBlocked => vec![
                self.lift_ban(),
                words(AdviceKind::TryFromElsewhere),
                words(AdviceKind::AskServiceOwner),
            ],
            Cause::RateLimited => vec![
                words(AdviceKind::TestAgain),
                self.reuse_connections(),
                self.read_firewall(),
            ],
            Cause::Ipv6Firewall { blocked } => self.open_family(*blocked),
            Cause::PathFirewallDrops { .. } => {
                let mut advice = vec![
                    words(AdviceKind::TryFromElsewhere),
                    words(AdviceKind::AllowInCloud),
                    words(AdviceKind::AskNetworkAdmin { device: None }),
                ];
                advice.extend(self.show_the_way());
                advice
            }
            Cause::PathFirewallRejects { device } => vec![
                words(AdviceKind::AskNetworkAdmin {
                    device: Some(*device),
                }),
                words(AdviceKind::TryFromElsewhere),
                words(AdviceKind::SaveReport),
            ],
            Cause::PathFirewallResets { hop } => vec![
                words(AdviceKind::AskNetworkAdmin { device: *hop }),
                words(AdviceKind::TryFromElsewhere),
                words(AdviceKind::SaveReport),
            ],
            Cause::LocalFirewallDrops => {
                let mut advice = Vec::from_iter(self.allow_outbound());
                advice.extend([
                    self.find_outbound_rule(),
                    words(AdviceKind::AllowProgram),
                    self.disconnect_vpn(),
                    words(AdviceKind::TryFromElsewhere),
                ]);
                advice
            }
            Cause::LocalFirewallRejects => {
                let mut advice = Vec::from_iter(self.allow_outbound());
                advice.extend([
                    self.find_outbound_rule(),
                    words(AdviceKind::AllowProgram),
                    words(AdviceKind::TryFromElsewhere),
                ]);
                advice
            }
            Cause::LocalPolicyDenies => vec![
                words(AdviceKind::AllowProgram),
                words(AdviceKind::TryFromElsewhere),
            ],
            Cause::ReplyLost => {
                let mut advice = vec![
                    self.look_there(AdviceKind::CheckWayBack, Look::WayBack),
                    self.read_firewall(),
                ];
                if !self.is_here {
                    advice.push(self.check_on_target());
                }
                advice
            }
            Cause::NothingListening => {
                let mut advice = self.start();
                advice.extend(self.label_port());
                advice
            }
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
            Cause::UdpService => vec![
                words(AdviceKind::UseUdp),
                self.look_there(AdviceKind::LookAtUdp, Look::UdpListeners),
                self.check_port(),
            ],
            Cause::UnixSocketOnly { path } => vec![
                self.placed(AdviceKind::UseUnixSocket { path: path.clone() }, Vec::new()),
                self.look_there(AdviceKind::TurnOnTcp, Look::SocketFiles),
            ],
            Cause::LocalhostIsContainer { gateway } => {
                let mut advice = vec![words(AdviceKind::UseContainerNames)];
                let outside = gateway.map(|ip| SocketAddr::new(ip, self.target.port));
                advice.extend(outside.map(use_address));
                advice.push(words(AdviceKind::CheckWhichMachine));
                advice
            }
            Cause::NotPublished => self.publish_port(),
            Cause::PortReserved => self.free_the_port(),
            Cause::AcceptQueueFull => vec![
                words(AdviceKind::TestAgain),
                self.look_at_queue(),
                self.read_log(),
                self.restart(),
            ],
            Cause::ServerHung => self
                .free_inherited_port()
                .into_iter()
                .chain([
                    self.read_log(),
                    self.restart(),
                    words(AdviceKind::UseUsualClient),
                ])
                .collect(),
            Cause::ServerSlow => vec![
                words(AdviceKind::TestAgain),
                self.check_load(),
                self.read_log(),
                words(AdviceKind::RaiseTimeout),
            ],
            Cause::ServerResets => vec![
                self.read_log(),
                self.placed(AdviceKind::CheckServiceLimits, Vec::new()),
                words(AdviceKind::TryFromElsewhere),
            ],
            Cause::ForwarderWithoutBackend => vec![
                self.look_there(AdviceKind::CheckBackend, Look::Forwarding),
                self.look_inside_container(),
                self.read_log(),
            ],
            Cause::ServiceFlapping => vec![self.read_log(), self.repeat_test(), self.check_load()],
            Cause::WrongService { .. } => {
                let mut advice = self.free_port_for_service();
                advice.push(self.check_port());
                if advice.len() == 1 {
                    advice.push(self.find_port_owner());
                }
                advice
            }
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
            Cause::CertificateExpired { .. } => vec![
                self.change_there(AdviceKind::RenewCertificate, Change::RenewCertificate),
                words(AdviceKind::AskServiceOwner),
                self.set_clock(),
            ],
            Cause::CertificateNotYetValid { .. } => {
                vec![self.set_clock(), words(AdviceKind::AskServiceOwner)]
            }
            Cause::CertificateNameMismatch { names } => vec![
                words(AdviceKind::UseCoveredName {
                    names: names.clone(),
                }),
                self.check_dns(),
                words(AdviceKind::AskServiceOwner),
            ],
            Cause::CertificateUntrusted {
                self_signed: true, ..
            } => vec![self.trust_certificate(), words(AdviceKind::AskServiceOwner)],
            Cause::CertificateUntrusted {
                self_signed: false, ..
            } => vec![
                words(AdviceKind::AskServiceOwner),
                words(AdviceKind::SendWholeChain),
                self.trust_certificate(),
                words(AdviceKind::TryFromElsewhere),
            ],
            Cause::ClockWrong => vec![self.set_clock()],
            Cause::TlsVersionUnsupported => vec![
                words(AdviceKind::UpdateTls),
                words(AdviceKind::AskServiceOwner),
            ],
            Cause::ClientCertificateRequired => vec![
                words(AdviceKind::SetClientCertificate),
                words(AdviceKind::AskServiceOwner),
            ],
            Cause::HttpError { status } => self.read_http_error(*status),
            Cause::BackendDown { .. } => vec![
                self.check_upstream(),
                words(AdviceKind::TestAgain),
                words(AdviceKind::AskServiceOwner),
            ],
            Cause::BackendTimeout => vec![
                self.check_upstream(),
                self.check_load(),
                words(AdviceKind::TestAgain),
            ],
            Cause::HostHeaderRejected => vec![
                self.placed(AdviceKind::AllowHostName, Vec::new()),
                words(AdviceKind::AskServiceOwner),
            ],
            Cause::CaptivePortal => vec![
                words(AdviceKind::SignIn),
                words(AdviceKind::TryFromElsewhere),
            ],
            Cause::DatabaseRequiresTls => vec![
                words(AdviceKind::TurnOnDatabaseTls),
                words(AdviceKind::AskServiceOwner),
            ],
            Cause::DatabaseWithoutTls => vec![
                self.placed(AdviceKind::TurnOnServerTls, Vec::new()),
                words(AdviceKind::AskServiceOwner),
            ],
            Cause::ProxyDead { proxy } => vec![
                self.check_proxy(),
                self.go_without_proxy(Some(proxy)),
                words(AdviceKind::AskNetworkAdmin { device: None }),
            ],
            Cause::ProxyRequired { proxy } => vec![
                self.set_proxy(proxy),
                words(AdviceKind::AskNetworkAdmin { device: None }),
            ],
            Cause::ProxyBypassMissing { proxy } => vec![
                self.add_proxy_bypass(proxy),
                self.check_proxy(),
                words(AdviceKind::AskNetworkAdmin { device: None }),
            ],
            Cause::ClientOutOfPorts => vec![
                self.reuse_connections(),
                self.change_here(AdviceKind::WidenPortRange, Change::WidenPortRange),
            ],
            Cause::ClientOutOfDescriptors => {
                let mut advice = vec![self.reuse_connections()];
                advice.extend(self.raise_file_limit());
                advice
            }
            Cause::Undetermined => vec![
                words(AdviceKind::TestAgain),
                words(AdviceKind::SaveReport),
                words(AdviceKind::TryFromElsewhere),
            ],
        }
    }

    /// Moves the advice that carries out the deciding test to the front, or puts it there.
    fn put_first(&self, test: DecidingTest, advice: &mut Vec<Advice>) {
        let Some(first) = self.carrying_out(test) else {
            return;
        };
        advice.retain(|other| other.kind != first.kind);
        advice.insert(0, first);
    }

    /// The advice that carries out a deciding test, where there is one.
    fn carrying_out(&self, test: DecidingTest) -> Option<Advice> {
        match test {
            DecidingTest::LookAtListenersOnTarget if self.is_here => None,
            DecidingTest::LookAtListenersOnTarget => Some(self.check_on_target()),
            // What leaves this machine for another is decided by its rules for that.
            DecidingTest::ReadFirewallHere if !self.is_here => Some(self.find_outbound_rule()),
            DecidingTest::ReadFirewallOnTarget | DecidingTest::ReadFirewallHere => {
                Some(self.read_firewall())
            }
            DecidingTest::TryFromElsewhere => Some(words(AdviceKind::TryFromElsewhere)),
            DecidingTest::TryLater => Some(words(AdviceKind::TestAgain)),
            DecidingTest::UseUsualClient => Some(words(AdviceKind::UseUsualClient)),
            DecidingTest::CheckMachineIsOn => Some(words(AdviceKind::CheckMachineIsOn)),
            DecidingTest::CompareWithDns => Some(self.check_dns()),
            DecidingTest::RepeatTest => Some(self.repeat_test()),
            DecidingTest::BypassVpn => Some(self.disconnect_vpn()),
            DecidingTest::BypassProxy => Some(self.go_without_proxy(None)),
            DecidingTest::UseOtherFamily => {
                self.ip.and_then(|ip| self.other_family(Family::of(ip)))
            }
            DecidingTest::LookAtServiceLog => Some(self.read_log()),
            DecidingTest::LowerMtu => Some(self.lower_mtu()),
            DecidingTest::LookAtQueueOnTarget => Some(self.look_at_queue()),
            DecidingTest::CheckClock => Some(self.set_clock()),
            DecidingTest::LookInsideContainer => Some(self.look_inside_container()),
            DecidingTest::CheckSourceAddress => {
                Some(self.look_here(AdviceKind::RemoveFixedSource, Look::Addresses))
            }
            DecidingTest::CompareMacAddresses => Some(self.compare_adapters()),
            DecidingTest::ConnectByAddress => Some(words(AdviceKind::ConnectByAddress)),
            DecidingTest::AskWhatRunsOnPort { .. } => None,
        }
    }

    fn compare_adapters(&self) -> Advice {
        self.look_here(AdviceKind::ResolveAddressConflict, Look::Neighbours)
    }

    fn flush_dns_cache(&self) -> Advice {
        self.change_here(AdviceKind::FlushDnsCache, Change::FlushDnsCache)
    }

    fn look_at_queue(&self) -> Advice {
        self.look_there(AdviceKind::LookAtQueue, Look::Queue(self.target.port))
    }

    fn check_load(&self) -> Advice {
        self.look_there(AdviceKind::CheckLoad, Look::Load)
    }

    fn check_upstream(&self) -> Advice {
        self.look_there(AdviceKind::CheckUpstream, Look::Upstream)
    }

    fn check_on_target(&self) -> Advice {
        let endpoint = self.endpoint_there();
        let ask = |os| vec![terminal::check(os, &endpoint)];
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

    /// The target as this machine may name it, where it can be named safely.
    fn endpoint_here(&self) -> Option<String> {
        let (host, port) = (safe_host(&self.target.host)?, self.target.port);
        Some(if host.contains(':') {
            format!("[{host}]:{port}")
        } else {
            format!("{host}:{port}")
        })
    }

    /// Advice for this machine with commands that only look.
    fn look_here(&self, kind: AdviceKind, look: Look) -> Advice {
        let os = self.evidence.os;
        here(kind, looking(os, None, commands_for(os, look)))
    }

    /// Advice for the target's machine with commands that only look.
    fn look_there(&self, kind: AdviceKind, look: Look) -> Advice {
        let fix = |os| looking(os, None, commands_for(os, look));
        self.placed(kind, SYSTEMS.map(fix).to_vec())
    }

    /// Advice for this machine with the ways its system has to follow it.
    fn change_here(&self, kind: AdviceKind, change: Change) -> Advice {
        Advice {
            fixes: ways_to(self.evidence.os, change),
            ..words(kind)
        }
    }

    /// Advice for the target's machine with the ways each system has to follow it.
    fn change_there(&self, kind: AdviceKind, change: Change) -> Advice {
        let ways = SYSTEMS.into_iter().flat_map(|os| ways_to(os, change));
        self.placed(kind, ways.collect())
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
            SYSTEMS.to_vec()
        }
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

fn commands_for(os: Os, look: Look) -> Vec<CommandLine> {
    match os {
        Os::Linux => linux::look(look),
        Os::Windows => windows::look(look),
        Os::Macos => macos::look(look),
    }
}

fn ways_to(os: Os, change: Change) -> Vec<Fix> {
    match os {
        Os::Linux => linux::change(change),
        Os::Windows => windows::change(change),
        Os::Macos => macos::change(change),
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

fn taken(diagnosis: &Diagnosis) -> Option<(u16, Option<&Process>)> {
    let mut clues = diagnosis.verdict.because.iter();
    clues.find_map(|clue| {
        let Clue::PortTaken { addr, process } = clue else {
            return None;
        };
        Some((addr.port(), process.as_ref()))
    })
}

fn setting(diagnosis: &Diagnosis) -> Option<(SettingSays, &SettingLine)> {
    let mut clues = diagnosis.verdict.because.iter();
    clues.find_map(|clue| {
        let Clue::ServiceSetting { says, setting, .. } = clue else {
            return None;
        };
        Some((*says, setting))
    })
}

const SYSTEMS: [Os; 3] = [Os::Linux, Os::Windows, Os::Macos];
