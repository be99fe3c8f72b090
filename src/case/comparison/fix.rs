//! What became of the fix that was tried between two tests: whether what it is meant to change has
//! changed, and what that says of the cause.
//!
//! A fix is about one suspect: a firewall's rules, a program that does not listen, a line in the
//! hosts file. Where this machine shows the suspect, both tests tell whether it was mended. Where it
//! is another machine's, or was not looked at, nothing is concluded.

use std::net::IpAddr;

use serde::Serialize;

use super::Course;
use crate::advice::{AdviceKind, Place};
use crate::case::{Case, Tried};
use crate::evidence::{
    Certificate, Evidence, Firewall, FirewallKind, Heard, LinkKind, Listener, Policy, Process,
};

/// What two tests say of the suspect that a fix is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Insight {
    /// The suspect.
    pub suspect: Suspect,
    /// What is said of it.
    pub says: Says,
}

/// What a fix is meant to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Suspect {
    /// The rules for the port in the firewalls of the machine that has the service. Which one of
    /// them stops it, where one was seen to.
    Firewall(Option<FirewallKind>),
    /// This machine's rules for connections from here.
    OutboundRules,
    /// A program that does not listen.
    Service,
    /// The addresses that the program listens on.
    Binding,
    /// A program that hangs or is in a bad state.
    Program,
    /// A line in the hosts file.
    HostsFile,
    /// The DNS servers that are configured.
    Resolvers,
    /// A VPN's route.
    Vpn,
    /// The network's own link.
    Link,
    /// The proxy settings.
    Proxy,
    /// The certificate that the server shows.
    Certificate,
}

/// What is said of a suspect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Says {
    /// It is mended, and the connection is better for it or fails for another reason now.
    Mended,
    /// It is mended, and the connection fails as before: it was not the cause, or not alone.
    RuledOut,
    /// It is as it was: the fix did not take effect.
    NoEffect,
    /// It is as it was, and yet the connection is better: something else has made the difference.
    SomethingElse,
    /// It cannot be seen from here.
    Unseen,
}

/// How a suspect stands after the fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sight {
    /// As the fix wants it, and not so before.
    Mended,
    /// As the fix wants it; how it was before is not known.
    InOrder,
    /// Not as the fix wants it.
    AsBefore,
    /// Not seen.
    Hidden,
}

impl Sight {
    /// From whether the suspect was in order before, and is now; nothing where it was never at
    /// fault.
    fn of(was_in_order: Option<bool>, is_in_order: Option<bool>) -> Option<Self> {
        match (was_in_order, is_in_order) {
            (Some(true), _) => None,
            (Some(false), Some(true)) => Some(Self::Mended),
            (None, Some(true)) => Some(Self::InOrder),
            (Some(false) | None, Some(false)) => Some(Self::AsBefore),
            (Some(false) | None, None) => Some(Self::Hidden),
        }
    }
}

/// What became of what was tried; nothing where the fix is about nothing that is looked at.
pub(super) fn insight(
    tried: &Tried,
    before: &Case,
    after: &Case,
    course: Course,
) -> Option<Insight> {
    let suspect = suspect(&tried.kind)?;
    let is_seen = tried.place == Place::Here || is_seen_from_afar(suspect);
    let sight = if is_seen {
        look(suspect, before.evidence(), after.evidence())?
    } else {
        Sight::Hidden
    };
    let says = match progress(course)? {
        Progress::Better => match sight {
            Sight::Mended => Says::Mended,
            Sight::AsBefore => Says::SomethingElse,
            Sight::InOrder | Sight::Hidden => return None,
        },
        Progress::Other => match sight {
            Sight::Mended => Says::Mended,
            Sight::AsBefore => Says::NoEffect,
            Sight::InOrder | Sight::Hidden => return None,
        },
        Progress::Same => match sight {
            Sight::Mended | Sight::InOrder => Says::RuledOut,
            Sight::AsBefore => Says::NoEffect,
            Sight::Hidden => Says::Unseen,
        },
    };
    let suspect = match suspect {
        Suspect::Firewall(_) if is_seen => Suspect::Firewall(stopping(after.evidence())),
        other => other,
    };
    Some(Insight { suspect, says })
}

/// How the connection fares after the fix.
enum Progress {
    /// It works, at least in part.
    Better,
    /// It fails for another reason.
    Other,
    /// It fails for the same reason.
    Same,
}

/// Nothing where what was tried has mended nothing for sure: it worked before, or a test was
/// stopped.
fn progress(course: Course) -> Option<Progress> {
    match course {
        Course::WorksNow | Course::ConnectsNow | Course::WorksInPart => Some(Progress::Better),
        Course::Further | Course::OtherCause => Some(Progress::Other),
        Course::SameCause | Course::Unchanged => Some(Progress::Same),
        Course::StillWorks | Course::Worse | Course::Unfinished => None,
    }
}

/// Whether the suspect shows itself to whoever connects, wherever the fix was made.
fn is_seen_from_afar(suspect: Suspect) -> bool {
    match suspect {
        Suspect::Certificate => true,
        Suspect::Firewall(_)
        | Suspect::OutboundRules
        | Suspect::Service
        | Suspect::Binding
        | Suspect::Program
        | Suspect::HostsFile
        | Suspect::Resolvers
        | Suspect::Vpn
        | Suspect::Link
        | Suspect::Proxy => false,
    }
}

/// The suspect that an advice is about. Advice that only looks, asks somebody or changes how one
/// calls is about none.
#[expect(clippy::too_many_lines, reason = "one flat match")]
fn suspect(kind: &AdviceKind) -> Option<Suspect> {
    match kind {
        AdviceKind::AllowInFirewall | AdviceKind::TurnOnIpv6Rules => Some(Suspect::Firewall(None)),
        AdviceKind::FindOutboundRule | AdviceKind::AllowOutbound => Some(Suspect::OutboundRules),
        AdviceKind::StartService { .. }
        | AdviceKind::UnmaskService { .. }
        | AdviceKind::InstallService { .. }
        | AdviceKind::TurnOnTcp
        | AdviceKind::PublishPort
        | AdviceKind::AllowLowPort => Some(Suspect::Service),
        AdviceKind::ListenOnNetwork { .. } => Some(Suspect::Binding),
        AdviceKind::RestartService { .. } => Some(Suspect::Program),
        AdviceKind::EditHostsFile => Some(Suspect::HostsFile),
        AdviceKind::ResetDns | AdviceKind::RemoveDeadDnsServer => Some(Suspect::Resolvers),
        AdviceKind::DisconnectVpn => Some(Suspect::Vpn),
        AdviceKind::TurnNetworkOn => Some(Suspect::Link),
        AdviceKind::CheckProxy
        | AdviceKind::GoWithoutProxy { .. }
        | AdviceKind::SetProxy { .. }
        | AdviceKind::AddProxyBypass { .. } => Some(Suspect::Proxy),
        AdviceKind::RenewCertificate | AdviceKind::SendWholeChain => Some(Suspect::Certificate),
        AdviceKind::EnableService { .. }
        | AdviceKind::CheckPort { .. }
        | AdviceKind::UsePort { .. }
        | AdviceKind::UseAddress { .. }
        | AdviceKind::TunnelThroughSsh { .. }
        | AdviceKind::ReadFirewallRules
        | AdviceKind::CheckWhichMachine
        | AdviceKind::CheckOnTarget
        | AdviceKind::CheckSpelling
        | AdviceKind::CheckNetwork
        | AdviceKind::CheckDns
        | AdviceKind::AskForDnsRecord
        | AdviceKind::CheckRoutes
        | AdviceKind::UseIpv4
        | AdviceKind::CheckMachineIsOn
        | AdviceKind::AskNetworkAdmin { .. }
        | AdviceKind::AllowProgram
        | AdviceKind::UseTls { .. }
        | AdviceKind::UsePlainText { .. }
        | AdviceKind::UseFullName
        | AdviceKind::ConnectByAddress
        | AdviceKind::FlushDnsCache
        | AdviceKind::AllowNameInFilter
        | AdviceKind::EnableMdns
        | AdviceKind::CheckLink
        | AdviceKind::CheckGateway { .. }
        | AdviceKind::RestartRouter
        | AdviceKind::UseAutomaticAddress
        | AdviceKind::MoveLocalNetwork { .. }
        | AdviceKind::LetLocalNetworkBypassVpn
        | AdviceKind::RemoveFixedSource
        | AdviceKind::ShowTheWay
        | AdviceKind::ImproveSignal
        | AdviceKind::RepeatTest
        | AdviceKind::LowerMtu
        | AdviceKind::KeepAlive
        | AdviceKind::UseInsideAddress
        | AdviceKind::ResolveAddressConflict
        | AdviceKind::MarkNetworkPrivate
        | AdviceKind::LiftBan
        | AdviceKind::ReuseConnections
        | AdviceKind::AllowInCloud
        | AdviceKind::CheckWayBack
        | AdviceKind::UseUdp
        | AdviceKind::LookAtUdp
        | AdviceKind::UseUnixSocket { .. }
        | AdviceKind::UseContainerNames
        | AdviceKind::LookInsideContainer
        | AdviceKind::LimitPublishedPort
        | AdviceKind::KeepFirewallRule
        | AdviceKind::LabelPort
        | AdviceKind::PasteFirewallOutput
        | AdviceKind::FindPortOwner
        | AdviceKind::UseFreePort
        | AdviceKind::FreePort { .. }
        | AdviceKind::LookAtQueue
        | AdviceKind::ReadServiceLog { .. }
        | AdviceKind::CheckLoad
        | AdviceKind::RaiseTimeout
        | AdviceKind::CheckServiceLimits
        | AdviceKind::CheckBackend
        | AdviceKind::CheckUpstream
        | AdviceKind::SetClock
        | AdviceKind::UseCoveredName { .. }
        | AdviceKind::TrustCertificate
        | AdviceKind::AskServiceOwner
        | AdviceKind::UpdateTls
        | AdviceKind::SetClientCertificate
        | AdviceKind::CheckWebAddress
        | AdviceKind::AllowHostName
        | AdviceKind::SignIn
        | AdviceKind::TurnOnDatabaseTls
        | AdviceKind::TurnOnServerTls
        | AdviceKind::WidenPortRange
        | AdviceKind::RaiseFileLimit
        | AdviceKind::EnterAddress
        | AdviceKind::UseUsualClient
        | AdviceKind::CheckProgramSettings
        | AdviceKind::TestAgain
        | AdviceKind::TryFromElsewhere
        | AdviceKind::SaveReport => None,
    }
}

fn look(suspect: Suspect, before: &Evidence, after: &Evidence) -> Option<Sight> {
    // Where only a change can be seen, what was there before is what the fix was to change.
    let changed = |differs: Option<bool>| Sight::of(Some(false), differs);
    let stands =
        |in_order: fn(&Evidence) -> Option<bool>| Sight::of(in_order(before), in_order(after));
    match suspect {
        Suspect::Firewall(_) => stands(lets_in),
        Suspect::OutboundRules => stands(lets_out),
        Suspect::Service => stands(is_listened_on),
        Suspect::Binding => stands(meets_listener),
        Suspect::Vpn => stands(keeps_out_of_tunnels),
        Suspect::Link => stands(has_network),
        Suspect::Program => changed(differ(programs(before), programs(after), |old, new| {
            !new.iter().any(|pid| old.contains(pid))
        })),
        Suspect::HostsFile => changed(differ(hosts_file(before), hosts_file(after), PartialEq::ne)),
        Suspect::Resolvers => changed(differ(resolvers(before), resolvers(after), PartialEq::ne)),
        Suspect::Proxy => changed(differ(
            before.proxies.known(),
            after.proxies.known(),
            PartialEq::ne,
        )),
        Suspect::Certificate => changed(differ(shown(before), shown(after), PartialEq::ne)),
    }
}

/// Whether two things that were both seen differ.
fn differ<T>(before: Option<T>, after: Option<T>, differ: fn(&T, &T) -> bool) -> Option<bool> {
    Some(differ(&before?, &after?))
}

/// Whether this machine's firewalls let the port in. One that a container's published port passes
/// by, and one whose rules were not read, leave it open.
fn lets_in(evidence: &Evidence) -> Option<bool> {
    if stopping(evidence).is_some() {
        return Some(false);
    }
    let lets_in =
        |firewall: &Firewall| !firewall.may_stop_port() && !evidence.may_be_passed_by(firewall);
    let found = evidence.firewalls.known()?;
    (!found.is_empty() && found.iter().all(lets_in)).then_some(true)
}

/// The firewall that stops the port, where one was seen to.
fn stopping(evidence: &Evidence) -> Option<FirewallKind> {
    let mut found = evidence.firewalls.known()?.iter();
    let stops =
        |firewall: &&Firewall| firewall.stops_port() && !evidence.may_be_passed_by(firewall);
    found.find(stops).map(|firewall| firewall.kind)
}

fn lets_out(after: &Evidence) -> Option<bool> {
    let judged = after.outbound.known().filter(|judged| !judged.is_empty())?;
    let policies = judged.iter().map(|one| one.policy.known().copied());
    let policies: Option<Vec<Policy>> = policies.collect();
    Some(policies?.iter().all(|policy| *policy == Policy::Allow))
}

fn is_listened_on(evidence: &Evidence) -> Option<bool> {
    Some(!evidence.listeners_on_port()?.is_empty())
}

/// Whether an asked address meets a program.
fn meets_listener(evidence: &Evidence) -> Option<bool> {
    let listeners = evidence.listeners_on_port()?;
    let mut asked = evidence.attempts.iter().map(|attempt| attempt.addr.ip());
    let accepted = |ip: IpAddr| {
        let answers = listeners.iter().map(|listener| listener.accepts(ip));
        let answers: Vec<Option<bool>> = answers.collect();
        if answers.contains(&Some(true)) {
            return Some(true);
        }
        (!answers.contains(&None)).then_some(false)
    };
    let first = accepted(asked.next()?)?;
    asked.try_fold(first, |any, ip| Some(any || accepted(ip)?))
}

/// The processes on the asked port. The system's manager, which holds the sockets of services that
/// it starts on demand, stays when they are restarted.
fn programs(evidence: &Evidence) -> Option<Vec<u32>> {
    let listeners = evidence.listeners_on_port()?;
    let program = |listener: &&Listener| listener.process.known().map(|Process { pid, .. }| *pid);
    let pids: Option<Vec<u32>> = listeners.iter().map(program).collect();
    pids.filter(|pids| !pids.is_empty() && !pids.contains(&1))
}

fn hosts_file(evidence: &Evidence) -> Option<&Vec<IpAddr>> {
    evidence.name_settings.known()?.hosts_file.known()
}

/// A resolver of this very machine stands in for servers that are configured elsewhere.
fn resolvers(evidence: &Evidence) -> Option<&Vec<IpAddr>> {
    let servers = evidence.name_settings.known()?.resolvers.known()?;
    (!servers.iter().any(IpAddr::is_loopback)).then_some(servers)
}

fn keeps_out_of_tunnels(evidence: &Evidence) -> Option<bool> {
    let network = evidence.network.known()?;
    let into_tunnel = |interface: &str| {
        let link = network.link(interface)?;
        Some(link.kind == LinkKind::Tunnel)
    };
    let ways = network.routes.iter().map(|route| route.via.known());
    let ways: Option<Vec<bool>> = ways.map(|via| into_tunnel(&via?.interface)).collect();
    Some(!ways.filter(|ways| !ways.is_empty())?.contains(&true))
}

/// Whether an interface has an address, and none that is up lacks a signal.
fn has_network(evidence: &Evidence) -> Option<bool> {
    let network = evidence.network.known()?;
    let mut links = network.interfaces.iter().filter(|interface| interface.up);
    let lacks_signal = links.any(|interface| {
        let link = interface.link.known();
        link.is_some_and(|link| link.carrier == Some(false) && !link.kind.is_made_up())
    });
    Some(network.has_usable_address() && !lacks_signal)
}

/// The first chain of certificates that was shown.
fn shown(evidence: &Evidence) -> Option<&Vec<Certificate>> {
    evidence
        .exchanges
        .iter()
        .find_map(|exchange| match &exchange.heard {
            Heard::Tls { presented, .. } => presented.as_deref().map(|presented| &presented.chain),
            Heard::Nothing
            | Heard::Text { .. }
            | Heard::Closed
            | Heard::Reset
            | Heard::TlsAlert { .. }
            | Heard::TlsIncompatible { .. }
            | Heard::NotTls { .. }
            | Heard::Http { .. }
            | Heard::Failed { .. } => None,
        })
}
