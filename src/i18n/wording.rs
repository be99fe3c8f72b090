//! The one bridge from data to sentences: a new cause, clue or advice does not compile until it
//! is worded here.
//!
//! Nothing is decided here but the choice of words. Whatever came from a host, a program or a
//! banner passes [`printable`] on its way into a sentence.

mod advice;
mod background;
mod cause;
mod comparison;
mod ends;
mod lesson;
mod listener;
mod local;
mod path;
mod proxies;
mod service_state;

pub use comparison::RowWords;
pub use ends::end_summary;

use std::borrow::Cow;
use std::fmt::Display;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::error_code;
use super::texts::{Texts, VerdictTexts};
use super::{Language, Plural, Template};
use crate::catalogue;
use crate::diagnosis::{AddressKind, Certainty, Clue, Contradiction, DecidingTest};
use crate::evidence::{
    About, Attempt, Evidence, Exchange, Fact, Firewall, FirewallKind, Gap, Heard, IcmpError,
    Lookup, LookupOutcome, Os, OsRelease, Outbound, Outcome, Policy, PortRange, Process, Remark,
    ZoneEntry, printable,
};
use crate::target::{AddressError, AddressProblem, NotTcp, Said, SaidDetail, SaidKind, Target};

/// Words one target's case in one language.
#[derive(Clone, Copy, Debug)]
pub struct Wording<'a> {
    texts: &'static Texts,
    target: &'a Target,
}

impl<'a> Wording<'a> {
    /// Words for `target` in the language of `texts`.
    #[must_use]
    pub fn new(texts: &'static Texts, target: &'a Target) -> Self {
        Self { texts, target }
    }

    /// The classic line, “Cannot connect to host:port: reason”, when nothing connected and
    /// something is known of the reason.
    #[must_use]
    pub fn classic_line(&self, evidence: &Evidence) -> Option<String> {
        let reason = self.classic_reason(evidence)?;
        let endpoint = self.endpoint();
        Some(
            self.verdict()
                .classic
                .line
                .fill(&[("endpoint", &endpoint), ("reason", &reason)]),
        )
    }

    /// “Connection refused. Please check the server.”
    #[must_use]
    pub fn classic_refusal(&self) -> &'static str {
        &self.verdict().classic.refused_check
    }

    /// The word for a certainty.
    #[must_use]
    pub fn certainty(&self, certainty: Certainty) -> &'static str {
        self.verdict().certainty.of(certainty)
    }

    /// The test that would decide between look-alikes.
    #[must_use]
    pub fn deciding_test(&self, test: DecidingTest) -> String {
        let words = &self.verdict().decided_by;
        let host = self.host();
        match test {
            DecidingTest::LookAtListenersOnTarget => {
                words.look_at_listeners_on_target.fill(&[("host", &host)])
            }
            DecidingTest::ReadFirewallOnTarget => {
                words.read_firewall_on_target.fill(&[("host", &host)])
            }
            DecidingTest::ReadFirewallHere => words.read_firewall_here.clone(),
            DecidingTest::TryFromElsewhere => words.try_from_elsewhere.clone(),
            DecidingTest::TryLater => words.try_later.clone(),
            DecidingTest::UseUsualClient => words.use_usual_client.clone(),
            DecidingTest::AskWhatRunsOnPort { port } => {
                words.ask_what_runs_on_port.fill(&[("port", &port)])
            }
            DecidingTest::CheckMachineIsOn => words.check_machine_is_on.fill(&[("host", &host)]),
            DecidingTest::ConnectByAddress => words.connect_by_address.clone(),
            DecidingTest::CompareWithDns => words.compare_with_dns.fill(&[("host", &host)]),
            DecidingTest::RepeatTest => words.repeat_test.clone(),
            DecidingTest::BypassVpn => words.bypass_vpn.clone(),
            DecidingTest::BypassProxy => words.bypass_proxy.clone(),
            DecidingTest::UseOtherFamily => words.use_other_family.clone(),
            DecidingTest::LookAtServiceLog => words.look_at_service_log.fill(&[("host", &host)]),
            DecidingTest::LowerMtu => words.lower_mtu.clone(),
            DecidingTest::LookAtQueueOnTarget => {
                words.look_at_queue_on_target.fill(&[("host", &host)])
            }
            DecidingTest::CheckClock => words.check_clock.clone(),
            DecidingTest::LookInsideContainer => words.look_inside_container.clone(),
            DecidingTest::CheckSourceAddress => words.check_source_address.clone(),
            DecidingTest::CompareMacAddresses => {
                words.compare_mac_addresses.fill(&[("host", &host)])
            }
        }
    }

    fn classic_reason(&self, evidence: &Evidence) -> Option<&'static str> {
        let words = &self.verdict().classic;
        let lookup = evidence.lookup.known().map(|lookup| &lookup.outcome);
        match lookup {
            Some(LookupOutcome::NotFound { .. }) => return Some(&words.name_not_found),
            Some(LookupOutcome::NoAddress { .. }) => return Some(&words.name_has_no_address),
            Some(LookupOutcome::Failed { .. } | LookupOutcome::TimedOut) => {
                return Some(&words.name_lookup_failed);
            }
            Some(LookupOutcome::Found(_)) | None => {}
        }
        let outcomes = || evidence.attempts.iter().map(|attempt| attempt.outcome);
        if outcomes().any(|outcome| outcome == Outcome::Connected) {
            return None;
        }
        outcomes().next().and_then(|outcome| match outcome {
            Outcome::Connected => None,
            Outcome::Refused => Some(words.refused.as_str()),
            Outcome::Silent => Some(&words.no_answer),
            Outcome::HostUnreachable => Some(&words.host_unreachable),
            Outcome::NetworkUnreachable => Some(&words.network_unreachable),
            Outcome::Denied => Some(&words.denied),
            Outcome::AddressNotAvailable => Some(&words.address_not_available),
            Outcome::OutOfDescriptors => Some(&words.out_of_descriptors),
            Outcome::Reset => Some(&words.reset),
            Outcome::Other => Some(&words.other),
        })
    }

    fn verdict(&self) -> &'static VerdictTexts {
        &self.texts.verdict
    }

    fn host(&self) -> String {
        printable(&self.target.host.to_string()).into_owned()
    }

    fn endpoint(&self) -> String {
        printable(&self.target.endpoint()).into_owned()
    }

    fn took(&self, took: Duration) -> String {
        duration(self.texts.language, took)
    }
}

/// Clues.
impl Wording<'_> {
    /// One piece of evidence as a sentence without full stop.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "one flat match")]
    pub fn clue(&self, clue: &Clue) -> String {
        let words = &self.verdict().clue;
        match clue {
            Clue::Connected { addr, took } => {
                let took = self.took(*took);
                words.connected.fill(&[("addr", addr), ("took", &took)])
            }
            Clue::RefusedWithReset { addr, took } => {
                let took = self.took(*took);
                words
                    .refused_with_reset
                    .fill(&[("addr", addr), ("took", &took)])
            }
            Clue::NoAnswer { addr, waited } => {
                let waited = self.took(*waited);
                words.no_answer.fill(&[("addr", addr), ("waited", &waited)])
            }
            Clue::IcmpFrom { addr, icmp, took } => self.icmp_clue(*addr, *icmp, *took),
            Clue::SystemError {
                addr,
                os_code,
                at_once,
            } => {
                let code = errno_of_any_system(*os_code);
                let template = if *at_once {
                    &words.system_error_at_once
                } else {
                    &words.system_error
                };
                template.fill(&[("addr", addr), ("code", &code)])
            }
            Clue::NoListenerHere { port } => words.no_listener_here.fill(&[("port", port)]),
            Clue::ListenerHere { addr, process } => match process {
                Some(process) => {
                    let process = self.process(process);
                    words
                        .listener_here
                        .fill(&[("process", &process), ("addr", addr)])
                }
                None => words.listener_here_unknown.fill(&[("addr", addr)]),
            },
            Clue::ServiceUnit { service: _, unit } => self.service_unit(unit),
            Clue::ServiceSetting { setting, .. } => self.setting(setting),
            Clue::ServiceSettingsUnread { service, file } => self.settings_unread(service, file),
            Clue::NoServiceUnit { service } => self.no_service_unit(service),
            Clue::PortTaken { addr, process } => match process {
                Some(process) => {
                    let process = self.process(process);
                    words
                        .port_taken
                        .fill(&[("process", &process), ("addr", addr)])
                }
                None => words.port_taken_unknown.fill(&[("addr", addr)]),
            },
            Clue::PortNeedsAdmin { port, first } => words
                .port_needs_admin
                .fill(&[("port", port), ("first", first)]),
            Clue::PortInReservedRange { port, first, last } => words
                .port_in_reserved_range
                .fill(&[("port", port), ("first", first), ("last", last)]),
            Clue::PastedReserved { port, range } => match range {
                Some(PortRange { first, last }) => {
                    words
                        .pasted_reserved
                        .fill(&[("port", port), ("first", first), ("last", last)])
                }
                None => words.pasted_not_reserved.fill(&[("port", port)]),
            },
            Clue::PastedLabel { port, label } => match label {
                Some(label) => words
                    .pasted_label
                    .fill(&[("port", port), ("label", &printable(label))]),
                None => words.pasted_no_label.fill(&[("port", port)]),
            },
            Clue::ListenersUnknown => words.listeners_unknown.clone(),
            Clue::TargetIsThisMachine { ip } => words.target_is_this_machine.fill(&[("ip", ip)]),
            Clue::TargetIsElsewhere { ip } => words.target_is_elsewhere.fill(&[("ip", ip)]),
            Clue::OtherPortOpen { port } => words.other_port_open.fill(&[("port", port)]),
            Clue::OtherPortRefused { port } => words.other_port_refused.fill(&[("port", port)]),
            Clue::OtherPortsSilent { count } => words.other_ports_silent.fill(*count),
            Clue::NoUsableAddress => words.no_usable_address.clone(),
            Clue::NoDefaultGateway => words.no_default_gateway.clone(),
            Clue::NoRouteTo { ip, os_code } => {
                let code = errno_of_any_system(*os_code);
                words.no_route_to.fill(&[("ip", ip), ("code", &code)])
            }
            Clue::OnSameNetwork { ip } => words.on_same_network.fill(&[("ip", ip)]),
            Clue::StoppedAtHop { addr, hops, router } => {
                words
                    .stopped_at_hop
                    .fill(&[("addr", addr), ("hops", hops), ("router", router)])
            }
            Clue::RefusedWithinHops { addr, hops } => words
                .refused_within_hops
                .fill(&[("addr", addr), ("hops", hops)]),
            Clue::NeighbourAnswers { ip } => words.neighbour_answers.fill(&[("ip", ip)]),
            Clue::PingAnswered { ip } => words.ping_answered.fill(&[("ip", ip)]),
            Clue::PacketsHeldBack { addr, made, sent } => match sent {
                Some(sent) => {
                    words
                        .packets_held_back
                        .fill(&[("addr", addr), ("made", made), ("sent", sent)])
                }
                None => words.packets_held_back_uncounted.fill(&[("addr", addr)]),
            },
            Clue::PacketsSent { addr } => words.packets_sent.fill(&[("addr", addr)]),
            Clue::AddressKind { ip, kind } => {
                let kind = self.address_kind(*kind);
                words.address_kind.fill(&[("ip", ip), ("kind", &kind)])
            }
            Clue::NameResolved { addresses } => {
                let (host, addresses) = (self.host(), list(addresses));
                words
                    .name_resolved
                    .fill(&[("host", &host), ("addresses", &addresses)])
            }
            Clue::ResolverSaysNotFound { eai_code } => words
                .resolver_says_not_found
                .fill(&[("code", &eai_of_any_system(*eai_code))]),
            Clue::ResolverSaysNoAddress { eai_code } => words
                .resolver_says_no_address
                .fill(&[("code", &eai_of_any_system(*eai_code))]),
            Clue::ResolverFailed { eai_code, took } => {
                let (code, took) = (eai_of_any_system(*eai_code), self.took(*took));
                words
                    .resolver_failed
                    .fill(&[("code", &code), ("took", &took)])
            }
            Clue::ResolverTimedOut { waited } => words
                .resolver_timed_out
                .fill(&[("waited", &self.took(*waited))]),
            Clue::DnsServerSilent { server } => words
                .dns_server_silent
                .fill(&[("server", &self.dns_server(*server))]),
            Clue::DnsServerSaid { server, code } => words.dns_server_said.fill(&[
                ("server", &self.dns_server(*server)),
                ("code", &printable(code)),
            ]),
            Clue::DnsServerGives { server, addresses } => words.dns_server_gives.fill(&[
                ("server", &self.dns_server(*server)),
                ("addresses", &list(addresses)),
            ]),
            Clue::NameIsAlias { aliases } => words
                .name_is_alias
                .fill(&[("host", &self.host()), ("aliases", &chain(aliases))]),
            Clue::HostsFileGives { addresses } => words
                .hosts_file_gives
                .fill(&[("host", &self.host()), ("addresses", &list(addresses))]),
            Clue::InventedNameResolves { name, addresses } => words
                .invented_name_resolves
                .fill(&[("name", &printable(name)), ("addresses", &list(addresses))]),
            Clue::ProxyConfigured { proxy, source } => words.proxy_configured.fill(&[
                ("source", &self.proxy_source(*source)),
                ("proxy", &printable(proxy)),
            ]),
            Clue::ProxyFollowedOnly { followers } => words
                .proxy_followed_only
                .fill(&[("followers", &self.proxy_followers(*followers))]),
            Clue::ProxyScriptNotRun { source } => words
                .proxy_script_not_run
                .fill(&[("source", &self.proxy_source(*source))]),
            Clue::ProxyNotReached { proxy } => words
                .proxy_not_reached
                .fill(&[("proxy", &printable(proxy))]),
            Clue::ProxyAnswered { proxy, status } => words
                .proxy_answered
                .fill(&[("proxy", &printable(proxy)), ("status", status)]),
            Clue::NoCarrier { interface } => words
                .no_carrier
                .fill(&[("interface", &printable(interface))]),
            Clue::RouteVia {
                ip,
                interface,
                gateway,
            } => {
                let interface = printable(interface);
                match gateway {
                    Some(gateway) => words.route_via.fill(&[
                        ("ip", ip),
                        ("interface", &interface),
                        ("gateway", gateway),
                    ]),
                    None => words
                        .route_via_neighbour
                        .fill(&[("ip", ip), ("interface", &interface)]),
                }
            }
            Clue::ConnectedAround { interface, addr } => words
                .connected_around
                .fill(&[("interface", &printable(interface)), ("addr", addr)]),
            Clue::NeighbourSilent { addr, waited } => words
                .neighbour_silent
                .fill(&[("addr", addr), ("waited", &self.took(*waited))]),
            Clue::InContainer => words.in_container.clone(),
            Clue::OwnPortsUsedUp { in_use, available } => words
                .own_ports_used_up
                .fill(&[("in_use", in_use), ("available", available)]),
            Clue::NoResolverConfigured => words.no_resolver_configured.clone(),
            Clue::NamesWithoutDns { sources } => words
                .names_without_dns
                .fill(&[("sources", &printable(sources))]),
            Clue::NamesWithoutMdns { sources } => words
                .names_without_mdns
                .fill(&[("sources", &printable(sources))]),
            Clue::NameTook { took } => words.name_took.fill(&[("took", &self.took(*took))]),
            Clue::GreetingHeard { start } => {
                words.greeting_heard.fill(&[("start", &printable(start))])
            }
            Clue::NothingHeard { waited } => {
                words.nothing_heard.fill(&[("waited", &self.took(*waited))])
            }
            Clue::TlsCompleted { version } => words
                .tls_completed
                .fill(&[("version", &printable(version))]),
            Clue::AnswerIsNotTls { start } => words
                .answer_is_not_tls
                .fill(&[("start", &printable(&first_line(start)))]),
            Clue::ClosedOnTlsHello { reset: false } => words.closed_on_tls_hello.clone(),
            Clue::ClosedOnTlsHello { reset: true } => words.reset_on_tls_hello.clone(),
            Clue::PlainAnsweredWithTlsAlert { alert } => words
                .plain_answered_with_tls_alert
                .fill(&[("alert", &printable(alert))]),
            Clue::HttpSaysWantsTls { status } => {
                words.http_says_wants_tls.fill(&[("status", status)])
            }
            Clue::HttpAnswered { status } => words.http_answered.fill(&[("status", status)]),
            Clue::PeerClosed { addr } => words.peer_closed.fill(&[("addr", addr)]),
            Clue::Repeated {
                addr,
                total,
                connected,
                late,
                refused,
                silent,
            } => words.repeated.fill(&[
                ("addr", addr),
                ("total", total),
                ("connected", connected),
                ("late", late),
                ("refused", refused),
                ("silent", silent),
            ]),
            Clue::AdapterAnswered {
                addr,
                mac,
                total,
                connected,
            } => words.adapter_answered.fill(&[
                ("addr", addr),
                ("mac", mac),
                ("total", total),
                ("connected", connected),
            ]),
            Clue::PeerReset { addr } => words.peer_reset.fill(&[("addr", addr)]),
            Clue::QueueHere {
                addr,
                waiting,
                limit,
            } => match limit {
                Some(limit) => {
                    words
                        .queue_here
                        .fill(&[("addr", addr), ("waiting", waiting), ("limit", limit)])
                }
                None => words
                    .queue_here_unlimited
                    .fill(&[("addr", addr), ("waiting", waiting)]),
            },
            Clue::HalfOpenHere { port, count } => words
                .half_open_here
                .fill(&[("port", port), ("count", count)]),
            Clue::FirewallHere {
                firewall,
                policy,
                rule,
            } => self.firewall_clue(*firewall, *policy, rule.as_deref()),
            Clue::FirewallUnread { firewalls } => {
                let names = firewalls.iter().map(|kind| Self::firewall_name(*kind));
                let names: Vec<_> = names.collect();
                words
                    .firewall_unread
                    .fill(&[("firewall", &names.join(", ")), ("port", &self.target.port)])
            }
            Clue::FirewallRemark { firewall, remark } => self.remark(*firewall, remark),
            Clue::OutboundHere {
                addr,
                firewall,
                policy,
                rule,
                stops_answer,
            } => {
                let template = if *stops_answer {
                    &words.answer_here
                } else {
                    &words.outbound_here
                };
                template.fill(&[
                    ("firewall", &Self::firewall_name(*firewall)),
                    ("addr", addr),
                    ("policy", &self.policy(*policy)),
                    ("rule", &printable(rule)),
                ])
            }
            Clue::OutboundByDefault {
                addr,
                firewall,
                rule,
            } => self.outbound_by_default(*addr, *firewall, rule),
            Clue::FirewallPasted {
                firewall,
                policy,
                rule,
            } => match (policy, rule) {
                (Some(policy), Some(rule)) => words.firewall_pasted.fill(&[
                    ("firewall", &Self::firewall_name(*firewall)),
                    ("port", &self.target.port),
                    ("policy", &self.policy(*policy)),
                    ("rule", &printable(rule)),
                ]),
                (Some(policy), None) => words.firewall_pasted_unnamed.fill(&[
                    ("firewall", &Self::firewall_name(*firewall)),
                    ("port", &self.target.port),
                    ("policy", &self.policy(*policy)),
                ]),
                (None, _) => words.firewall_pasted_unclear.fill(&[
                    ("firewall", &Self::firewall_name(*firewall)),
                    ("port", &self.target.port),
                ]),
            },
            Clue::PastedContradicts {
                firewall,
                contradiction,
            } => {
                let words = &words.pasted_contradicts;
                let text = match contradiction {
                    Contradiction::OtherThanHere => &words.other_than_here,
                    Contradiction::OpenButSilent => &words.open_but_silent,
                    Contradiction::OpenButRejected => &words.open_but_rejected,
                    Contradiction::ClosedButAccepted => &words.closed_but_accepted,
                    Contradiction::SilentButAnswered => &words.silent_but_answered,
                    Contradiction::RejectedButSilent => &words.rejected_but_silent,
                };
                text.fill(&[
                    ("firewall", &Self::firewall_name(*firewall)),
                    ("port", &self.target.port),
                ])
            }
            Clue::StoppedHere { process } => words
                .stopped_here
                .fill(&[("process", &self.process(process))]),
            Clue::HolderEnded { addr, pid, heirs } => {
                let place: [(&str, &dyn std::fmt::Display); 2] = [("addr", addr), ("pid", pid)];
                let ended = words.holder_ended.fill(&place);
                if heirs.is_empty() {
                    return ended;
                }
                let heirs = self.processes(heirs);
                words
                    .holder_ended_heirs
                    .fill(&[("ended", &ended), ("heirs", &heirs)])
            }
            Clue::RelayHere { process } => words
                .relay_here
                .fill(&[("process", &self.process(process))]),
            Clue::UdpSocketHere { addr } => words.udp_socket_here.fill(&[("addr", addr)]),
            Clue::UnixSocketHere { path } => {
                words.unix_socket_here.fill(&[("path", &printable(path))])
            }
            Clue::PortHeldByConnections { port, count } => words
                .port_held_by_connections
                .fill(&[("port", port), ("count", count)]),
            Clue::TlsRefused { alert } => words.tls_refused.fill(&[("alert", &printable(alert))]),
            Clue::TlsIncompatible { what } => {
                words.tls_incompatible.fill(&[("what", &printable(what))])
            }
            Clue::ClientCertificateAsked => words.client_certificate_asked.clone(),
            Clue::CertificateDates { from, until } => words
                .certificate_dates
                .fill(&[("from", &self.date(from)), ("until", &self.date(until))]),
            Clue::CertificateNames { names: all } => {
                words.certificate_names.fill(&[("names", &names(all))])
            }
            Clue::CertificateIssuer { issuer } => words
                .certificate_issuer
                .fill(&[("issuer", &printable(issuer))]),
            Clue::ChainEndsBefore { issuer } => words
                .chain_ends_before
                .fill(&[("issuer", &printable(issuer))]),
            Clue::CertificateFits => words.certificate_fits.clone(),
            Clue::ClockHere { day } => words.clock_here.fill(&[("day", &self.date(day))]),
            Clue::ClockThere { day } => words.clock_there.fill(&[("day", &self.date(day))]),
            Clue::HttpRedirects { location } => words
                .http_redirects
                .fill(&[("location", &printable(location))]),
            Clue::HttpRefusesHost { status } => words.http_refuses_host.fill(&[("status", status)]),
            Clue::ServerNamesItself { server } => words
                .server_names_itself
                .fill(&[("server", &printable(server))]),
            Clue::PostgresAnswered { has_tls: true } => words.postgres_answered.clone(),
            Clue::PostgresAnswered { has_tls: false } => {
                words.postgres_answered_without_tls.clone()
            }
            Clue::AddressAsksForTls => words.address_asks_for_tls.clone(),
            Clue::AddressForbidsTls => words.address_forbids_tls.clone(),
            Clue::QuestionUnanswered { waited } => words
                .question_unanswered
                .fill(&[("waited", &self.took(*waited))]),
            Clue::DataAcknowledged { addr } => words.data_acknowledged.fill(&[("addr", addr)]),
            Clue::DataUnacknowledged {
                addr,
                retransmitted,
            } => words
                .data_unacknowledged
                .fill(&[("addr", addr), ("count", retransmitted)]),
            Clue::WindowClosed { addr } => words.window_closed.fill(&[("addr", addr)]),
            Clue::SmallSegmentsPass { addr } => words.small_segments_pass.fill(&[("addr", addr)]),
            Clue::ErrorSaid { detail } => self.error_said(*detail),
            Clue::NotAnOwnAddress { ip } => words.not_an_own_address.fill(&[("ip", ip)]),
            Clue::OwnHandshakeWaits { port } => words.own_handshake_waits.fill(&[("port", port)]),
            Clue::AnsweredByNextRouter { addr } => {
                words.answered_by_next_router.fill(&[("addr", addr)])
            }
            Clue::ListensInContainer { process } => words
                .listens_in_container
                .fill(&[("process", &self.process(process))]),
            Clue::SignedToReadAlong { product } => words
                .signed_to_read_along
                .fill(&[("product", &printable(product))]),
            Clue::PublishedAt { addr } => words.published_at.fill(&[("addr", addr)]),
            Clue::NobodyBehind { place } => {
                words.nobody_behind.fill(&[("place", &printable(place))])
            }
            Clue::ClosedWithUs { addr } => words.closed_with_us.fill(&[("addr", addr)]),
            Clue::StayedOpen { addr } => words.stayed_open.fill(&[("addr", addr)]),
            Clue::AnsweredLate { addr, took } => words
                .answered_late
                .fill(&[("addr", addr), ("took", &self.took(*took))]),
        }
    }

    fn error_said(&self, detail: SaidDetail) -> String {
        let words = &self.verdict().clue;
        match detail {
            SaidDetail::SourceAddress {
                address: Some(address),
            } => words.error_said_source.fill(&[("address", &address)]),
            SaidDetail::SourceAddress { address: None } => words.error_said_some_source.clone(),
            SaidDetail::IdleConnection => words.error_said_idle.clone(),
            SaidDetail::TlsDemanded => words.error_said_tls.clone(),
        }
    }

    /// The stable id of a clue, the same as in the report's JSON.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "one flat match")]
    pub fn clue_id(clue: &Clue) -> &'static str {
        match clue {
            Clue::Connected { .. } => "connected",
            Clue::RefusedWithReset { .. } => "refused-with-reset",
            Clue::NoAnswer { .. } => "no-answer",
            Clue::IcmpFrom { .. } => "icmp-from",
            Clue::SystemError { .. } => "system-error",
            Clue::NoListenerHere { .. } => "no-listener-here",
            Clue::ServiceUnit { .. } => "service-unit",
            Clue::NoServiceUnit { .. } => "no-service-unit",
            Clue::PortTaken { .. } => "port-taken",
            Clue::PastedReserved { .. } => "pasted-reserved",
            Clue::PastedLabel { .. } => "pasted-label",
            Clue::PortNeedsAdmin { .. } => "port-needs-admin",
            Clue::PortInReservedRange { .. } => "port-in-reserved-range",
            Clue::ServiceSetting { .. } => "service-setting",
            Clue::ServiceSettingsUnread { .. } => "service-settings-unread",
            Clue::ListenerHere { .. } => "listener-here",
            Clue::ListenersUnknown => "listeners-unknown",
            Clue::TargetIsThisMachine { .. } => "target-is-this-machine",
            Clue::TargetIsElsewhere { .. } => "target-is-elsewhere",
            Clue::OtherPortOpen { .. } => "other-port-open",
            Clue::OtherPortRefused { .. } => "other-port-refused",
            Clue::OtherPortsSilent { .. } => "other-ports-silent",
            Clue::NameResolved { .. } => "name-resolved",
            Clue::ResolverSaysNotFound { .. } => "resolver-says-not-found",
            Clue::ResolverSaysNoAddress { .. } => "resolver-says-no-address",
            Clue::ResolverFailed { .. } => "resolver-failed",
            Clue::ResolverTimedOut { .. } => "resolver-timed-out",
            Clue::DnsServerSilent { .. } => "dns-server-silent",
            Clue::DnsServerSaid { .. } => "dns-server-said",
            Clue::DnsServerGives { .. } => "dns-server-gives",
            Clue::NameIsAlias { .. } => "name-is-alias",
            Clue::HostsFileGives { .. } => "hosts-file-gives",
            Clue::InventedNameResolves { .. } => "invented-name-resolves",
            Clue::ProxyConfigured { .. } => "proxy-configured",
            Clue::ProxyFollowedOnly { .. } => "proxy-followed-only",
            Clue::ProxyScriptNotRun { .. } => "proxy-script-not-run",
            Clue::ProxyNotReached { .. } => "proxy-not-reached",
            Clue::ProxyAnswered { .. } => "proxy-answered",
            Clue::NoCarrier { .. } => "no-carrier",
            Clue::RouteVia { .. } => "route-via",
            Clue::ConnectedAround { .. } => "connected-around",
            Clue::NeighbourSilent { .. } => "neighbour-silent",
            Clue::InContainer => "in-container",
            Clue::OwnPortsUsedUp { .. } => "own-ports-used-up",
            Clue::NoResolverConfigured => "no-resolver-configured",
            Clue::NamesWithoutDns { .. } => "names-without-dns",
            Clue::NamesWithoutMdns { .. } => "names-without-mdns",
            Clue::NameTook { .. } => "name-took",
            Clue::NoUsableAddress => "no-usable-address",
            Clue::NoDefaultGateway => "no-default-gateway",
            Clue::NoRouteTo { .. } => "no-route-to",
            Clue::OnSameNetwork { .. } => "on-same-network",
            Clue::StoppedAtHop { .. } => "stopped-at-hop",
            Clue::RefusedWithinHops { .. } => "refused-within-hops",
            Clue::NeighbourAnswers { .. } => "neighbour-answers",
            Clue::PingAnswered { .. } => "ping-answered",
            Clue::PacketsHeldBack { .. } => "packets-held-back",
            Clue::PacketsSent { .. } => "packets-sent",
            Clue::AddressKind { .. } => "address-kind",
            Clue::GreetingHeard { .. } => "greeting-heard",
            Clue::NothingHeard { .. } => "nothing-heard",
            Clue::TlsCompleted { .. } => "tls-completed",
            Clue::AnswerIsNotTls { .. } => "answer-is-not-tls",
            Clue::ClosedOnTlsHello { .. } => "closed-on-tls-hello",
            Clue::PlainAnsweredWithTlsAlert { .. } => "plain-answered-with-tls-alert",
            Clue::HttpSaysWantsTls { .. } => "http-says-wants-tls",
            Clue::HttpAnswered { .. } => "http-answered",
            Clue::PeerClosed { .. } => "peer-closed",
            Clue::Repeated { .. } => "repeated",
            Clue::AdapterAnswered { .. } => "adapter-answered",
            Clue::PeerReset { .. } => "peer-reset",
            Clue::QueueHere { .. } => "queue-here",
            Clue::HalfOpenHere { .. } => "half-open-here",
            Clue::FirewallHere { .. } => "firewall-here",
            Clue::FirewallUnread { .. } => "firewall-unread",
            Clue::FirewallRemark { .. } => "firewall-remark",
            Clue::OutboundHere { .. } => "outbound-here",
            Clue::OutboundByDefault { .. } => "outbound-by-default",
            Clue::FirewallPasted { .. } => "firewall-pasted",
            Clue::PastedContradicts { .. } => "pasted-contradicts",
            Clue::StoppedHere { .. } => "stopped-here",
            Clue::HolderEnded { .. } => "holder-ended",
            Clue::RelayHere { .. } => "relay-here",
            Clue::UdpSocketHere { .. } => "udp-socket-here",
            Clue::UnixSocketHere { .. } => "unix-socket-here",
            Clue::PortHeldByConnections { .. } => "port-held-by-connections",
            Clue::TlsRefused { .. } => "tls-refused",
            Clue::TlsIncompatible { .. } => "tls-incompatible",
            Clue::ClientCertificateAsked => "client-certificate-asked",
            Clue::CertificateDates { .. } => "certificate-dates",
            Clue::CertificateNames { .. } => "certificate-names",
            Clue::CertificateIssuer { .. } => "certificate-issuer",
            Clue::ChainEndsBefore { .. } => "chain-ends-before",
            Clue::CertificateFits => "certificate-fits",
            Clue::ClockHere { .. } => "clock-here",
            Clue::ClockThere { .. } => "clock-there",
            Clue::HttpRedirects { .. } => "http-redirects",
            Clue::HttpRefusesHost { .. } => "http-refuses-host",
            Clue::ServerNamesItself { .. } => "server-names-itself",
            Clue::PostgresAnswered { .. } => "postgres-answered",
            Clue::AddressAsksForTls => "address-asks-for-tls",
            Clue::AddressForbidsTls => "address-forbids-tls",
            Clue::QuestionUnanswered { .. } => "question-unanswered",
            Clue::DataAcknowledged { .. } => "data-acknowledged",
            Clue::DataUnacknowledged { .. } => "data-unacknowledged",
            Clue::WindowClosed { .. } => "window-closed",
            Clue::SmallSegmentsPass { .. } => "small-segments-pass",
            Clue::ErrorSaid { .. } => "error-said",
            Clue::NotAnOwnAddress { .. } => "not-an-own-address",
            Clue::OwnHandshakeWaits { .. } => "own-handshake-waits",
            Clue::AnsweredByNextRouter { .. } => "answered-by-next-router",
            Clue::ListensInContainer { .. } => "listens-in-container",
            Clue::PublishedAt { .. } => "published-at",
            Clue::SignedToReadAlong { .. } => "signed-to-read-along",
            Clue::NobodyBehind { .. } => "nobody-behind",
            Clue::ClosedWithUs { .. } => "closed-with-us",
            Clue::StayedOpen { .. } => "stayed-open",
            Clue::AnsweredLate { .. } => "answered-late",
        }
    }

    fn icmp_clue(&self, addr: SocketAddr, icmp: IcmpError, took: Duration) -> String {
        let sender = or_unnamed(icmp.sender, &self.verdict().unnamed.device);
        let (took, raw) = (self.took(took), raw_icmp(icmp));
        self.verdict().clue.icmp_from.fill(&[
            ("sender", &sender),
            ("addr", &addr),
            ("took", &took),
            ("meaning", &self.icmp_meaning(icmp)),
            ("raw", &raw),
        ])
    }

    fn icmp_meaning(&self, icmp: IcmpError) -> &'static str {
        let words = &self.verdict().icmp;
        match (icmp.v6, icmp.kind, icmp.code) {
            _ if icmp_prohibits(icmp) => &words.prohibited,
            (false, 3, 0 | 6 | 11) | (true, 1, 0) => &words.network_unreachable,
            (false, 3, 1 | 7 | 12) | (true, 1, 3) => &words.host_unreachable,
            (false, 3, 2) | (true, 4, 1) => &words.protocol_unreachable,
            (false, 3, 3) | (true, 1, 4) => &words.port_unreachable,
            (false, 3, 4) | (true, 2, _) => &words.too_big,
            (false, 11, _) | (true, 3, _) => &words.hop_limit,
            (false | true, _, _) => &words.other,
        }
    }

    fn address_kind(&self, kind: AddressKind) -> &'static str {
        let words = &self.verdict().address_kind;
        match kind {
            AddressKind::Broadcast => &words.broadcast,
            AddressKind::Multicast => &words.multicast,
            AddressKind::LinkLocalWithoutZone => &words.link_local_without_zone,
            AddressKind::Reserved => &words.reserved,
        }
    }

    fn dns_server(&self, server: Option<SocketAddr>) -> Cow<'static, str> {
        or_unnamed(server, &self.verdict().unnamed.dns_server)
    }
}

/// Facts.
impl Wording<'_> {
    /// Why something is not known.
    #[must_use]
    pub fn gap(&self, reason: &Gap) -> String {
        gap(self.texts, reason)
    }

    /// A system, by its release where that is known.
    #[must_use]
    pub fn system(&self, os: Os, release: &Fact<OsRelease>) -> String {
        match release {
            Fact::Known(OsRelease {
                name,
                build: Some(build),
            }) => {
                let values: &[(&str, &dyn std::fmt::Display)] = &[("name", name), ("build", build)];
                self.texts.report.os_release.fill(values)
            }
            Fact::Known(OsRelease { name, build: None }) => name.clone(),
            Fact::Unknown(_) => os_name(os).to_owned(),
        }
    }

    /// Why something could not be read, for after words that say that it could not.
    #[must_use]
    pub fn gap_reason(&self, reason: &Gap) -> String {
        gap_reason(self.texts, reason)
    }

    /// How a connection attempt ended, in a word or two.
    #[must_use]
    pub fn outcome(&self, attempt: &Attempt) -> &'static str {
        let words = &self.verdict().outcome;
        match attempt.outcome {
            Outcome::Connected => &words.connected,
            Outcome::Refused if attempt.icmp.is_some() => &words.refused_by_rule,
            Outcome::HostUnreachable | Outcome::NetworkUnreachable | Outcome::Denied
                if attempt.icmp.is_some_and(icmp_prohibits) =>
            {
                &words.refused_by_rule
            }
            Outcome::Refused => &words.refused,
            Outcome::Silent => &words.silent,
            Outcome::HostUnreachable => &words.host_unreachable,
            Outcome::NetworkUnreachable => &words.network_unreachable,
            Outcome::Denied => &words.denied,
            Outcome::AddressNotAvailable => &words.address_not_available,
            Outcome::OutOfDescriptors => &words.out_of_descriptors,
            Outcome::Reset => &words.reset,
            Outcome::Other => &words.other,
        }
    }

    /// The same with the system's own names, for the details: `ECONNREFUSED (111)`,
    /// `EHOSTUNREACH (113), ICMP 3/13 from 10.0.0.1`. Empty when the system reported nothing.
    #[must_use]
    pub fn raw_outcome(attempt: &Attempt, os: Os) -> String {
        let code = attempt.os_code.map(|code| error_code::errno(os, code));
        let icmp = attempt.icmp.map(|icmp| match icmp.sender {
            Some(sender) => format!("{} from {sender}", raw_icmp(icmp)),
            None => raw_icmp(icmp),
        });
        let parts: Vec<String> = code.into_iter().chain(icmp).collect();
        parts.join(", ")
    }

    /// What a connected peer did.
    #[must_use]
    pub fn heard(&self, exchange: &Exchange) -> String {
        let words = &self.verdict().heard;
        match &exchange.heard {
            Heard::Nothing => words.nothing.fill(&[("took", &self.took(exchange.took))]),
            Heard::Text { start } => words.text.fill(&[("start", &printable(start))]),
            Heard::Closed => words.closed.clone(),
            Heard::Reset => words.reset.clone(),
            Heard::Tls {
                version,
                certificates,
                ..
            } => counted(
                &words.tls,
                *certificates,
                &[("version", &printable(version))],
            ),
            Heard::TlsAlert { alert, .. } => words.tls_alert.fill(&[("alert", &printable(alert))]),
            Heard::TlsIncompatible { what } => {
                words.tls_incompatible.fill(&[("what", &printable(what))])
            }
            Heard::NotTls { start } => words
                .not_tls
                .fill(&[("start", &printable(&first_line(start)))]),
            Heard::Http {
                status,
                wants_tls: true,
                ..
            } => words.http_wants_tls.fill(&[("status", status)]),
            Heard::Http {
                status,
                server: Some(server),
                wants_tls: false,
                ..
            } => words
                .http_server
                .fill(&[("status", status), ("server", &printable(server))]),
            Heard::Http {
                status,
                server: None,
                wants_tls: false,
                ..
            } => words.http.fill(&[("status", status)]),
            Heard::Failed { what, .. } => words.failed.fill(&[("what", &printable(what))]),
        }
    }

    /// What the system's resolver said.
    #[must_use]
    pub fn lookup(&self, lookup: &Lookup) -> String {
        let words = &self.verdict().lookup;
        match &lookup.outcome {
            LookupOutcome::Found(addresses) => {
                let ips: Vec<IpAddr> = addresses.iter().map(SocketAddr::ip).collect();
                counted(&words.found, ips.len(), &[("addresses", &list(&ips))])
            }
            LookupOutcome::NotFound { eai_code } => words
                .not_found
                .fill(&[("code", &eai_of_any_system(*eai_code))]),
            LookupOutcome::NoAddress { eai_code } => words
                .no_address
                .fill(&[("code", &eai_of_any_system(*eai_code))]),
            LookupOutcome::Failed { eai_code } => words
                .failed
                .fill(&[("code", &eai_of_any_system(*eai_code))]),
            LookupOutcome::TimedOut => words.timed_out.fill(&[("took", &self.took(lookup.took))]),
        }
    }

    /// The product's own name of a firewall.
    #[must_use]
    pub fn firewall_name(kind: FirewallKind) -> &'static str {
        match kind {
            FirewallKind::Ufw => "ufw",
            FirewallKind::Firewalld => "firewalld",
            FirewallKind::Nftables => "nftables",
            FirewallKind::Iptables => "iptables",
            FirewallKind::WindowsDefender => "Windows Defender Firewall",
            FirewallKind::MacosApplication => "macOS Application Firewall",
            FirewallKind::Pf => "pf",
        }
    }

    fn firewall_clue(&self, kind: FirewallKind, policy: Policy, rule: Option<&str>) -> String {
        let words = &self.verdict().clue;
        let (firewall, policy) = (Self::firewall_name(kind), self.policy(policy));
        let port = self.target.port;
        match rule {
            Some(rule) => words.firewall_here.fill(&[
                ("firewall", &firewall),
                ("port", &port),
                ("policy", &policy),
                ("rule", &printable(rule)),
            ]),
            None => words.firewall_here_unnamed.fill(&[
                ("firewall", &firewall),
                ("port", &port),
                ("policy", &policy),
            ]),
        }
    }

    /// Whether a firewall filters, and what it does with the target's port.
    #[must_use]
    pub fn firewall_state(&self, firewall: &Firewall) -> String {
        let words = &self.verdict().firewall;
        let port = self.target.port;
        match (&firewall.active, &firewall.port, &firewall.inbound_default) {
            (Fact::Unknown(Gap::NotAsked), Fact::Unknown(_), Fact::Known(policy)) => {
                let policy = self.policy(*policy);
                words.unknown_default.fill(&[("policy", &policy)])
            }
            (Fact::Unknown(gap), _, _) => words.unknown.fill(&[("gap", &self.gap(gap))]),
            (Fact::Known(false), _, _) => words.off.clone(),
            (Fact::Known(true), Fact::Known(policy), _) => {
                let policy = self.policy(*policy);
                match &firewall.rule {
                    Some(rule) => words.on_port_rule.fill(&[
                        ("port", &port),
                        ("policy", &policy),
                        ("rule", &printable(&rule.text)),
                    ]),
                    None => words.on_port.fill(&[("port", &port), ("policy", &policy)]),
                }
            }
            (Fact::Known(true), Fact::Unknown(Gap::NotAsked), Fact::Known(policy)) => {
                words.on_default.fill(&[("policy", &self.policy(*policy))])
            }
            (Fact::Known(true), Fact::Unknown(Gap::NotAsked), Fact::Unknown(_)) => words.on.clone(),
            (Fact::Known(true), Fact::Unknown(gap), Fact::Known(policy)) => {
                words.on_default_port_unknown.fill(&[
                    ("policy", &self.policy(*policy)),
                    ("port", &port),
                    ("gap", &self.gap(gap)),
                ])
            }
            (Fact::Known(true), Fact::Unknown(gap), Fact::Unknown(_)) => words
                .on_port_unknown
                .fill(&[("port", &port), ("gap", &self.gap(gap))]),
        }
    }

    /// What else is to be known of a firewall.
    #[must_use]
    pub fn remark(&self, kind: FirewallKind, remark: &Remark) -> String {
        let words = &self.verdict().firewall.remark;
        let (firewall, port) = (Self::firewall_name(kind), self.target.port);
        let common: Values = &[("firewall", &firewall), ("port", &port)];
        let with = |text: &Template, entries: &[ZoneEntry]| {
            let entries: Vec<String> = entries.iter().map(ZoneEntry::text).collect();
            text.fill(&[
                ("firewall", &firewall),
                ("entries", &names(&entries).as_str()),
            ])
        };
        match remark {
            Remark::PassedByDocker => words.passed_by_docker.fill(common),
            Remark::Lasts => words.lasts.fill(common),
            Remark::EndsAtReload => words.ends_at_reload.fill(common),
            Remark::BeginsAtReload => words.begins_at_reload.fill(common),
            Remark::LostAtReload { entries } => with(&words.lost_at_reload, entries),
            Remark::BroughtByReload { entries } => with(&words.brought_by_reload, entries),
            Remark::VoidsLocalRules => words.voids_local_rules.fill(common),
            Remark::IgnoresRules => words.ignores_rules.fill(common),
            Remark::AllowsOnPrivateNetworks => words.allows_on_private_networks.fill(common),
            Remark::BlocksPrograms { rules } => {
                let programs: Vec<String> = rules.iter().map(|rule| rule.program.clone()).collect();
                let programs = names(&programs);
                words
                    .blocks_programs
                    .fill(&[("firewall", &firewall), ("programs", &programs.as_str())])
            }
            Remark::HidesClosedPorts => words.hides_closed_ports.fill(common),
            Remark::ChangedByReload => words.changed_by_reload.fill(common),
            Remark::SavedRulesUnread => words.saved_rules_unread.fill(common),
        }
    }

    /// What the rules here do with connections to the target, a line for each of its addresses;
    /// none where that was not asked.
    #[must_use]
    pub fn outbound(&self, outbound: &Fact<Vec<Outbound>>) -> Vec<String> {
        let words = &self.verdict().firewall;
        match outbound {
            Fact::Known(all) => all.iter().map(|one| self.outbound_state(one)).collect(),
            Fact::Unknown(Gap::NotAsked | Gap::Pending | Gap::Unsupported) => Vec::new(),
            Fact::Unknown(
                gap @ (Gap::NeedsAdmin
                | Gap::TimedOut
                | Gap::ToolMissing
                | Gap::Unreadable { .. }
                | Gap::NoHolder
                | Gap::HolderEnded { .. }),
            ) => vec![
                words
                    .outbound_unread
                    .fill(&[("gap", &self.gap_reason(gap))]),
            ],
        }
    }

    fn outbound_by_default(&self, addr: SocketAddr, kind: FirewallKind, rule: &str) -> String {
        self.verdict().firewall.outbound_by_default.fill(&[
            ("firewall", &Self::firewall_name(kind)),
            ("addr", &addr),
            ("rule", &printable(rule)),
        ])
    }

    fn outbound_state(&self, outbound: &Outbound) -> String {
        let words = &self.verdict().firewall;
        let addr = outbound.to;
        let policy = match &outbound.policy {
            Fact::Known(policy) => self.policy(*policy),
            Fact::Unknown(gap) => {
                if let (Some(firewall), Some(rule)) = (outbound.firewall, &outbound.rule)
                    && rule.is_default
                {
                    return self.outbound_by_default(addr, firewall, &rule.text);
                }
                let gap = self.gap(gap);
                return words
                    .outbound_unknown
                    .fill(&[("addr", &addr), ("gap", &gap)]);
            }
        };
        let (Some(kind), Some(rule)) = (outbound.firewall, &outbound.rule) else {
            return words.outbound.fill(&[("addr", &addr), ("policy", &policy)]);
        };
        let template = if outbound.stops_answer {
            &words.outbound_answer
        } else {
            &words.outbound_rule
        };
        template.fill(&[
            ("addr", &addr),
            ("policy", &policy),
            ("firewall", &Self::firewall_name(kind)),
            ("rule", &printable(&rule.text)),
        ])
    }

    /// What a firewall does with a packet.
    #[must_use]
    pub fn policy(&self, policy: Policy) -> &'static str {
        let words = &self.verdict().policy;
        match policy {
            Policy::Allow => &words.allow,
            Policy::Drop => &words.drop,
            Policy::Reject => &words.reject,
        }
    }

    /// A row of the timeline.
    #[must_use]
    pub fn about(&self, about: &About) -> String {
        let words = &self.verdict().about;
        match about {
            About::Name(name) => words.name.fill(&[("name", &printable(name))]),
            About::Srv(name) => words.srv.fill(&[("name", &printable(name))]),
            About::DnsServer(addr) => words.dns_server.fill(&[("addr", addr)]),
            About::Connect(addr) => words.connect.fill(&[("addr", addr)]),
            About::Repeats(addr) => words.repeats.fill(&[("addr", addr)]),
            About::Hop { addr, hops } => words.hop.fill(&[("addr", addr), ("hops", hops)]),
            About::Ping(ip) => words.ping.fill(&[("ip", ip)]),
            About::Reference(addr) => words.reference.fill(&[("addr", addr)]),
            About::Greeting(addr) => words.greeting.fill(&[("addr", addr)]),
            About::Tls(addr) => words.tls.fill(&[("addr", addr)]),
            About::Http(addr) => words.http.fill(&[("addr", addr)]),
            About::Proxy(addr) => words.proxy.fill(&[("addr", addr)]),
            About::Around(addr) => words.around.fill(&[("addr", addr)]),
            About::Gateway(addr) => words.gateway.fill(&[("addr", addr)]),
            About::OwnPorts => words.own_ports.clone(),
            About::NameSettings => words.name_settings.clone(),
            About::FirstQuestion(addr) => words.first_question.fill(&[("addr", addr)]),
            About::Repeated(addr) => words.repeated.fill(&[("addr", addr)]),
            About::Listeners => words.listeners.clone(),
            About::PortUse => words.port_use.clone(),
            About::ServiceStates => words.service_states.clone(),
            About::ServiceSettings => words.service_settings.clone(),
            About::Network => words.network.clone(),
            About::Firewalls => words.firewalls.clone(),
        }
    }

    fn process(&self, process: &Process) -> String {
        let name = printable(&process.name);
        self.verdict()
            .listener
            .owner
            .fill(&[("name", &name), ("pid", &process.pid)])
    }
}

/// What is wrong with a typed address.
#[must_use]
pub fn address_problem(texts: &Texts, error: &AddressError) -> String {
    let words = &texts.verdict.address_problem;
    let sentence = match error.problem {
        AddressProblem::Empty => &words.empty,
        AddressProblem::TooLong => &words.too_long,
        AddressProblem::HostMissing => &words.host_missing,
        AddressProblem::PortMissing => &words.port_missing,
        AddressProblem::PortNotANumber => &words.port_not_a_number,
        AddressProblem::PortTooLarge => &words.port_too_large,
        AddressProblem::PortZero => &words.port_zero,
        AddressProblem::BadIpv4 => &words.bad_ipv4,
        AddressProblem::BadIpv6 => &words.bad_ipv6,
        AddressProblem::Ipv6NeedsBrackets => &words.ipv6_needs_brackets,
        AddressProblem::BadHostName => &words.bad_host_name,
        AddressProblem::UnknownScheme => &words.unknown_scheme,
        AddressProblem::NothingFound => &words.nothing_found,
    };
    sentence.clone()
}

/// Why something is not known.
#[must_use]
pub fn gap(texts: &Texts, gap: &Gap) -> String {
    let words = &texts.verdict.gap;
    match gap {
        Gap::NotAsked => words.not_asked.clone(),
        Gap::Pending => words.pending.clone(),
        Gap::NeedsAdmin => words.needs_admin.clone(),
        Gap::TimedOut => words.timed_out.clone(),
        Gap::ToolMissing => words.tool_missing.clone(),
        Gap::Unreadable { what } => words.unreadable.fill(&[("what", &printable(what))]),
        Gap::NoHolder => words.no_holder.clone(),
        Gap::HolderEnded { pid } => words.holder_ended.fill(&[("pid", pid)]),
        Gap::Unsupported => words.unsupported.clone(),
    }
}

/// A moment in the time of this machine, with its distance from UTC.
#[must_use]
pub fn moment(language: Language, moment: Timestamp) -> String {
    let form = match language {
        Language::Vi => "%H:%M %d/%m/%Y (UTC%:z)",
        Language::En => "%Y-%m-%d %H:%M (UTC%:z)",
    };
    let time = moment.to_zoned(TimeZone::system());
    time.strftime(form).to_string()
}

/// Why something could not be read, for after words that say that it could not.
#[must_use]
pub fn gap_reason(texts: &Texts, reason: &Gap) -> String {
    match reason {
        Gap::Unreadable { what } => printable(what).into_owned(),
        other => gap(texts, other),
    }
}

/// What a pasted error said.
#[must_use]
pub fn said(texts: &Texts, said: &Said) -> String {
    let words = &texts.verdict.said;
    let kind = match said.kind {
        SaidKind::Refused => &words.refused,
        SaidKind::Timeout => &words.timeout,
        SaidKind::HostUnreach => &words.host_unreach,
        SaidKind::NetUnreach => &words.net_unreach,
        SaidKind::Denied => &words.denied,
        SaidKind::Reset => &words.reset,
        SaidKind::Closed => &words.closed,
        SaidKind::NxDomain => &words.nx_domain,
        SaidKind::DnsFail => &words.dns_fail,
        SaidKind::AddrInUse => &words.addr_in_use,
        SaidKind::Tls => &words.tls,
        SaidKind::Other => &words.other,
    };
    match &said.code {
        Some(code) => words
            .with_code
            .fill(&[("kind", kind), ("code", &printable(code))]),
        None => kind.clone(),
    }
}

/// Why something is not for TCP, and what to do with it.
#[must_use]
pub fn not_tcp(texts: &Texts, not_tcp: &NotTcp) -> String {
    let words = &texts.verdict.not_tcp;
    match not_tcp {
        NotTcp::LocalSocket { path } => words.local_socket.fill(&[("path", &printable(path))]),
        NotTcp::Udp { port, service, .. } => words
            .udp
            .fill(&[("service", &printable(service)), ("port", port)]),
        NotTcp::File { scheme } => words.file.fill(&[("scheme", &printable(scheme))]),
    }
}

/// A duration for people: “0.4 ms”, “12 ms”, “3.1 s”, with the decimal separator of the language
/// and a no-break space before the unit.
#[must_use]
pub fn duration(language: Language, duration: Duration) -> String {
    let millis = duration.as_secs_f64() * 1000.0;
    let (number, unit) = match millis {
        ..0.095 => (format!("{millis:.2}"), "ms"),
        ..9.95 => (format!("{millis:.1}"), "ms"),
        ..999.5 => (format!("{millis:.0}"), "ms"),
        ..99_950.0 => (format!("{:.1}", millis / 1000.0), "s"),
        _ => (format!("{:.0}", millis / 1000.0), "s"),
    };
    let separator = language.decimal_separator().to_string();
    format!("{}\u{a0}{unit}", number.replace('.', &separator))
}

/// How long something may take, a number of our own choice: “4 s”, where a measured time would be
/// “4.0 s”.
#[must_use]
pub fn limit(language: Language, limit: Duration) -> String {
    if limit.subsec_nanos() == 0 {
        format!("{}\u{a0}s", limit.as_secs())
    } else {
        duration(language, limit)
    }
}

/// The name of a system, the same in every language.
#[must_use]
pub fn os_name(os: Os) -> &'static str {
    match os {
        Os::Linux => "Linux",
        Os::Windows => "Windows",
        Os::Macos => "macOS",
    }
}

/// Values for placeholders.
type Values<'v> = &'v [(&'v str, &'v dyn Display)];

fn counted(plural: &Plural, count: usize, values: Values) -> String {
    let template = if count == 1 {
        &plural.one
    } else {
        &plural.other
    };
    let values: Vec<(&str, &dyn Display)> = std::iter::once(("count", &count as &dyn Display))
        .chain(values.iter().copied())
        .collect();
    template.fill(&values)
}

fn service_name(id: &str) -> Option<&'static str> {
    catalogue::known(id).map(|service| service.name.as_str())
}

fn or_unnamed(what: Option<impl Display>, unnamed: &'static str) -> Cow<'static, str> {
    what.map_or(Cow::Borrowed(unnamed), |what| Cow::Owned(what.to_string()))
}

/// An address as it stands before `:port`.
fn bracketed(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

fn list(items: &[impl Display]) -> String {
    let items: Vec<String> = items.iter().map(ToString::to_string).collect();
    items.join(", ")
}

/// The first names of a list that came from outside, with a sign that there are more.
fn names(names: &[String]) -> String {
    let shown: Vec<Cow<str>> = names
        .iter()
        .take(NAMES_AT_MOST)
        .map(|n| printable(n))
        .collect();
    let more = if names.len() > NAMES_AT_MOST {
        ", …"
    } else {
        ""
    };
    format!("{}{more}", shown.join(", "))
}

/// Of what a peer sent, with its line ends escaped, the first line: a whole web page is no evidence
/// that anybody reads.
fn first_line(start: &str) -> Cow<'_, str> {
    let mut previous = ' ';
    let end = start.char_indices().find_map(|(at, character)| {
        let is_line_end = previous == '\\' && matches!(character, 'r' | 'n');
        // An escaped backslash escapes nothing.
        previous = if previous == '\\' { ' ' } else { character };
        is_line_end.then(|| at - 1)
    });
    match end {
        Some(end) => Cow::Owned(format!("{}…", &start[..end])),
        None => Cow::Borrowed(start),
    }
}

/// Names that lead on to each other.
fn chain(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| printable(name)).collect();
    names.join(" → ")
}

fn raw_icmp(icmp: IcmpError) -> String {
    let (protocol, limit) = if icmp.v6 {
        ("ICMPv6", "hop limit")
    } else {
        ("ICMP", "TTL")
    };
    let raw = format!("{protocol} {}/{}", icmp.kind, icmp.code);
    match icmp.ttl {
        Some(ttl) => format!("{raw}, {limit} {ttl}"),
        None => raw,
    }
}

/// Whether a rule speaks: “administratively prohibited” and its kin (RFC 1812, 5.2.7.1; RFC 4443,
/// 3.1).
fn icmp_prohibits(icmp: IcmpError) -> bool {
    matches!(
        (icmp.v6, icmp.kind, icmp.code),
        (false, 3, 9 | 10 | 13) | (true, 1, 1 | 5 | 6)
    )
}

fn errno_of_any_system(code: i32) -> String {
    error_code::errno(error_code::system_of_errno(code), code)
}

fn eai_of_any_system(code: i32) -> String {
    error_code::eai(error_code::system_of_eai(code), code)
}

/// A certificate may hold hundreds.
const NAMES_AT_MOST: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::{Cause, Finding, SettingSays};
    use crate::evidence::{
        Failure, MacAddress, ServiceUnit, SettingLine, Startup, UnitState, ZoneEntryKind,
    };

    #[test]
    fn durations_keep_a_sensible_number_of_digits() {
        let words = |micros| duration(Language::En, Duration::from_micros(micros));
        assert_eq!(words(43), "0.04\u{a0}ms");
        assert_eq!(words(440), "0.4\u{a0}ms");
        assert_eq!(words(9_960), "10\u{a0}ms");
        assert_eq!(words(999_700), "1.0\u{a0}s");
        assert_eq!(words(3_071_000), "3.1\u{a0}s");
        assert_eq!(words(133_000_000), "133\u{a0}s");
        assert_eq!(limit(Language::Vi, Duration::from_secs(4)), "4\u{a0}s");
        assert_eq!(
            limit(Language::Vi, Duration::from_millis(2500)),
            "2,5\u{a0}s"
        );
    }

    #[test]
    fn only_the_first_line_of_an_answer_is_quoted() {
        let page = r"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n<html>";
        assert_eq!(first_line(page), "HTTP/1.1 400 Bad Request…");
        assert_eq!(first_line(r"C:\\new"), r"C:\\new");
        assert_eq!(first_line("220 ready"), "220 ready");
    }

    fn target(host: &str) -> Target {
        serde_json::from_value(serde_json::json!({
            "input": host,
            "host": { "name": { "ascii": host, "unicode": host } },
            "port": 5432,
            "port_from": "typed",
            "scheme": null,
            "service": null,
            "protocol": "listen-only",
            "srv": null,
        }))
        .unwrap()
    }

    /// Every clue that carries foreign text carries this.
    const HOSTILE: &str = "\u{1b}[31m\u{202e}{host}";

    #[expect(clippy::too_many_lines, reason = "one of each")]
    fn every_clue() -> Vec<Clue> {
        let addr: SocketAddr = "192.0.2.1:5432".parse().unwrap();
        let (ip, port) = (addr.ip(), addr.port());
        let took = Duration::from_micros(440);
        let waited = Duration::from_secs(4);
        let start = HOSTILE.to_owned();
        let icmp = |v6, kind, code, sender| Clue::IcmpFrom {
            addr,
            icmp: IcmpError {
                v6,
                kind,
                code,
                sender,
                ttl: sender.map(|_| 62),
            },
            took,
        };
        vec![
            Clue::Connected { addr, took },
            Clue::RefusedWithReset { addr, took },
            Clue::NoAnswer { addr, waited },
            icmp(false, 3, 13, Some(ip)),
            icmp(true, 1, 4, None),
            Clue::SystemError {
                addr,
                os_code: 113,
                at_once: true,
            },
            Clue::SystemError {
                addr,
                os_code: 65,
                at_once: false,
            },
            Clue::NoListenerHere { port },
            Clue::ServiceUnit {
                service: HOSTILE.to_owned(),
                unit: ServiceUnit {
                    name: HOSTILE.to_owned(),
                    state: UnitState::Failed,
                    startup: Startup::Enabled,
                    failure: Some(Failure::Other {
                        result: HOSTILE.to_owned(),
                    }),
                    restarts: 2,
                    since_secs: Some(120),
                    may_use_low_ports: None,
                },
            },
            Clue::PortTaken {
                addr,
                process: Some(Process {
                    pid: 7,
                    name: start.clone(),
                    command: None,
                }),
            },
            Clue::PortTaken {
                addr,
                process: None,
            },
            Clue::OutboundByDefault {
                addr,
                firewall: FirewallKind::Ufw,
                rule: HOSTILE.to_owned(),
            },
            Clue::PortNeedsAdmin { port, first: 1024 },
            Clue::PastedReserved {
                port,
                range: Some(PortRange {
                    first: 5_400,
                    last: 5_499,
                }),
            },
            Clue::PastedReserved { port, range: None },
            Clue::PastedLabel {
                port,
                label: Some(HOSTILE.to_owned()),
            },
            Clue::PastedLabel { port, label: None },
            Clue::PortInReservedRange {
                port,
                first: 5_400,
                last: 5_499,
            },
            Clue::NoServiceUnit {
                service: HOSTILE.to_owned(),
            },
            Clue::ServiceSetting {
                service: HOSTILE.to_owned(),
                says: SettingSays::OtherPort,
                setting: SettingLine {
                    file: HOSTILE.to_owned(),
                    line: Some(64),
                    text: HOSTILE.to_owned(),
                    is_default: false,
                    port: Some(port),
                    addresses: vec![HOSTILE.to_owned()],
                    is_without_tcp: false,
                },
            },
            Clue::ServiceSettingsUnread {
                service: HOSTILE.to_owned(),
                file: HOSTILE.to_owned(),
            },
            Clue::ListenerHere {
                addr,
                process: Some(Process {
                    pid: 7,
                    name: start.clone(),
                    command: None,
                }),
            },
            Clue::ListenerHere {
                addr,
                process: None,
            },
            Clue::ListenersUnknown,
            Clue::TargetIsThisMachine { ip },
            Clue::TargetIsElsewhere { ip },
            Clue::OtherPortOpen { port },
            Clue::OtherPortRefused { port },
            Clue::OtherPortsSilent { count: 1 },
            Clue::OtherPortsSilent { count: 3 },
            Clue::NameResolved {
                addresses: vec![ip, ip],
            },
            Clue::ResolverSaysNotFound { eai_code: -2 },
            Clue::ResolverSaysNoAddress { eai_code: 11004 },
            Clue::ResolverFailed { eai_code: -3, took },
            Clue::ResolverTimedOut { waited },
            Clue::DnsServerSilent { server: None },
            Clue::DnsServerSaid {
                server: Some(addr),
                code: start.clone(),
            },
            Clue::NoUsableAddress,
            Clue::NoDefaultGateway,
            Clue::NoRouteTo { ip, os_code: 101 },
            Clue::OnSameNetwork { ip },
            Clue::AddressKind {
                ip,
                kind: AddressKind::Broadcast,
            },
            Clue::GreetingHeard {
                start: start.clone(),
            },
            Clue::NothingHeard { waited },
            Clue::TlsCompleted {
                version: start.clone(),
            },
            Clue::AnswerIsNotTls {
                start: start.clone(),
            },
            Clue::ClosedOnTlsHello { reset: true },
            Clue::ClosedOnTlsHello { reset: false },
            Clue::PlainAnsweredWithTlsAlert {
                alert: start.clone(),
            },
            Clue::HttpSaysWantsTls { status: 400 },
            Clue::HttpAnswered { status: 502 },
            Clue::PeerClosed { addr },
            Clue::PeerReset { addr },
            Clue::Repeated {
                addr,
                total: 20,
                connected: 12,
                late: 3,
                refused: 5,
                silent: 3,
            },
            Clue::AdapterAnswered {
                addr,
                mac: MacAddress([2, 0, 0, 0, 0, 1]),
                total: 8,
                connected: 0,
            },
            Clue::TlsRefused {
                alert: start.clone(),
            },
            Clue::TlsIncompatible {
                what: start.clone(),
            },
            Clue::ClientCertificateAsked,
            Clue::CertificateDates {
                from: "2020-01-01".to_owned(),
                until: "2030-01-01".to_owned(),
            },
            Clue::CertificateNames {
                names: vec![start.clone()],
            },
            Clue::CertificateIssuer {
                issuer: start.clone(),
            },
            Clue::ChainEndsBefore {
                issuer: start.clone(),
            },
            Clue::CertificateFits,
            Clue::ClockHere {
                day: "2020-01-01".to_owned(),
            },
            Clue::ClockThere {
                day: "2020-01-01".to_owned(),
            },
            Clue::HttpRedirects {
                location: start.clone(),
            },
            Clue::HttpRefusesHost { status: 403 },
            Clue::ServerNamesItself {
                server: start.clone(),
            },
            Clue::PostgresAnswered { has_tls: true },
            Clue::AddressAsksForTls,
            Clue::AddressForbidsTls,
            Clue::QuestionUnanswered { waited },
            Clue::DataAcknowledged { addr },
            Clue::DataUnacknowledged {
                addr,
                retransmitted: 3,
            },
            Clue::WindowClosed { addr },
            Clue::SmallSegmentsPass { addr },
            Clue::ErrorSaid {
                detail: SaidDetail::SourceAddress { address: Some(ip) },
            },
            Clue::ErrorSaid {
                detail: SaidDetail::SourceAddress { address: None },
            },
            Clue::ErrorSaid {
                detail: SaidDetail::IdleConnection,
            },
            Clue::ErrorSaid {
                detail: SaidDetail::TlsDemanded,
            },
            Clue::NotAnOwnAddress { ip },
            Clue::OwnHandshakeWaits { port: 5432 },
            Clue::AnsweredByNextRouter { addr },
            Clue::ListensInContainer {
                process: Process {
                    pid: 7,
                    name: start.clone(),
                    command: None,
                },
            },
            Clue::PublishedAt { addr },
            Clue::SignedToReadAlong {
                product: start.clone(),
            },
            Clue::NobodyBehind {
                place: start.clone(),
            },
            Clue::FirewallRemark {
                firewall: FirewallKind::Ufw,
                remark: Remark::PassedByDocker,
            },
            Clue::FirewallRemark {
                firewall: FirewallKind::Firewalld,
                remark: Remark::LostAtReload {
                    entries: vec![ZoneEntry {
                        zone: start.clone(),
                        kind: ZoneEntryKind::Port,
                        value: start.clone(),
                    }],
                },
            },
            Clue::ClosedWithUs { addr },
            Clue::StayedOpen { addr },
            Clue::AnsweredLate { addr, took },
        ]
    }

    #[test]
    fn clues_are_worded_without_letting_foreign_text_through() {
        for language in Language::ALL {
            let target = target(HOSTILE);
            let wording = Wording::new(Texts::of(language), &target);
            for clue in every_clue() {
                let sentence = wording.clue(&clue);
                assert!(!sentence.contains(['\u{1b}', '\u{202e}']), "{sentence:?}");
                assert!(!sentence.ends_with('.'), "{sentence}");
            }
        }
    }

    #[test]
    fn the_ids_of_clues_are_those_of_their_json() {
        for clue in every_clue() {
            let json = serde_json::to_value(&clue).unwrap();
            assert_eq!(json["clue"], Wording::clue_id(&clue));
        }
    }

    #[test]
    fn clues_read_well_in_vietnamese() {
        let target = target("db.example.vn");
        let wording = Wording::new(Texts::of(Language::Vi), &target);
        let sentences: Vec<String> = every_clue().iter().map(|c| wording.clue(c)).collect();
        assert_eq!(
            sentences[1],
            "192.0.2.1:5432 trả lời sau 0,4\u{a0}ms và từ chối"
        );
        assert_eq!(
            sentences[3],
            "192.0.2.1 báo về 192.0.2.1:5432 sau 0,4\u{a0}ms: bị quy tắc cấm (ICMP 3/13, TTL 62)"
        );
    }

    #[test]
    fn an_unproved_refusal_is_called_what_was_seen() {
        let target = target("db");
        let wording = Wording::new(Texts::of(Language::En), &target);
        let mut finding = Finding {
            cause: Cause::NothingListening,
            certainty: Certainty::Likely,
            because: Vec::new(),
            alternatives: Vec::new(),
        };
        assert_eq!(
            wording.finding_title(&finding),
            "The server answered, but refused the connection"
        );
        finding.certainty = Certainty::Certain;
        assert_eq!(wording.finding_title(&finding), "No service on port 5432");
    }

    fn attempt(outcome: Outcome, os_code: Option<i32>, icmp: Option<IcmpError>) -> Attempt {
        Attempt {
            addr: "192.0.2.1:5432".parse().unwrap(),
            outcome,
            took: Duration::ZERO,
            os_code,
            at_once: false,
            source: None,
            icmp,
        }
    }

    #[test]
    fn the_classic_line_names_the_reason_and_is_silent_after_success() {
        let target = target("db");
        let wording = Wording::new(Texts::of(Language::Vi), &target);
        let mut evidence = Evidence::new(target.clone(), Os::Linux, Duration::from_secs(4));
        assert_eq!(wording.classic_line(&evidence), None);
        evidence.attempts = vec![attempt(Outcome::Refused, Some(111), None)];
        assert_eq!(
            wording.classic_line(&evidence).unwrap(),
            "Không thể kết nối đến db:5432: kết nối bị từ chối"
        );
        evidence.attempts[0].outcome = Outcome::Connected;
        assert_eq!(wording.classic_line(&evidence), None);
    }

    #[test]
    fn a_rule_is_told_from_a_missing_machine_by_its_message() {
        let target = target("db");
        let wording = Wording::new(Texts::of(Language::En), &target);
        let icmp = IcmpError {
            v6: false,
            kind: 3,
            code: 13,
            sender: Some("10.0.0.1".parse().unwrap()),
            ttl: None,
        };
        let by_rule = attempt(Outcome::HostUnreachable, Some(113), Some(icmp));
        assert_eq!(wording.outcome(&by_rule), "refused by a firewall rule");
        assert_eq!(
            Wording::raw_outcome(&by_rule, Os::Linux),
            "EHOSTUNREACH (113), ICMP 3/13 from 10.0.0.1"
        );
        let off = attempt(Outcome::HostUnreachable, Some(113), None);
        assert_eq!(wording.outcome(&off), "machine not reachable");
        let silent = attempt(Outcome::Silent, None, None);
        assert_eq!(Wording::raw_outcome(&silent, Os::Linux), "");
    }

    #[test]
    fn vietnamese_durations_have_a_comma() {
        assert_eq!(
            duration(Language::Vi, Duration::from_micros(440)),
            "0,4\u{a0}ms"
        );
    }
}
