//! Causes in words: titles, explanations and first advice, proved or not.

use std::fmt::Display;
use std::net::{IpAddr, SocketAddr};

use super::{Wording, bracketed, names, or_unnamed};
use crate::diagnosis::{Cause, Certainty, Clue, Family, Finding};
use crate::evidence::{FirewallKind, Policy, printable};
use crate::i18n::texts::{CauseText, Template};

impl Wording<'_> {
    /// What the finding is called. While it is not proved, the title says what was seen.
    #[must_use]
    pub fn finding_title(&self, finding: &Finding) -> String {
        if let Some(firewall) = keeps_others_out(finding) {
            let words = &self.verdict().cause.reachable_here_only.title;
            return words.fill(&[("firewall", &Self::firewall_name(firewall))]);
        }
        match &self.cause_text(&finding.cause).unproved {
            Some(unproved) if finding.certainty != Certainty::Certain => {
                self.fill_cause(&unproved.title, &finding.cause)
            }
            Some(_) | None => self.cause_title(&finding.cause),
        }
    }

    /// The finding in one or two plain sentences, careful while it is not proved.
    #[must_use]
    pub fn finding_explanation(&self, finding: &Finding) -> String {
        let explanation = self.bare_explanation(finding);
        match self.why_not(finding) {
            Some(why) => format!("{explanation} {why}"),
            None => explanation,
        }
    }

    fn bare_explanation(&self, finding: &Finding) -> String {
        if let Some(firewall) = keeps_others_out(finding) {
            let words = &self.verdict().cause.reachable_here_only.explanation;
            let values: [(&str, &dyn Display); 2] = [
                ("firewall", &Self::firewall_name(firewall)),
                ("port", &self.target.port),
            ];
            return words.fill(&values);
        }
        match &self.cause_text(&finding.cause).unproved {
            Some(unproved) if finding.certainty != Certainty::Certain => {
                self.fill_cause(&unproved.explanation, &finding.cause)
            }
            Some(_) | None => self.cause_explanation(&finding.cause),
        }
    }

    /// What the cause is called, such as “No service on port 5432”.
    #[must_use]
    pub fn cause_title(&self, cause: &Cause) -> String {
        self.fill_cause(&self.cause_text(cause).title, cause)
    }

    /// The cause in one or two plain sentences.
    #[must_use]
    pub fn cause_explanation(&self, cause: &Cause) -> String {
        self.fill_cause(self.explanation_of(cause), cause)
    }

    /// What to do first, in one sentence.
    #[must_use]
    pub fn cause_first_advice(&self, cause: &Cause) -> String {
        self.fill_cause(&self.cause_text(cause).advice, cause)
    }

    fn cause_text(&self, cause: &Cause) -> &'static CauseText {
        let words = &self.verdict().cause;
        match cause {
            Cause::Reachable => &words.reachable,
            Cause::ReachableSilent => &words.reachable_silent,
            Cause::BadAddress => &words.bad_address,
            Cause::NameNotFound => &words.name_not_found,
            Cause::NameHasNoAddress => &words.name_has_no_address,
            Cause::NameResolvesWrong { .. } => &words.name_resolves_wrong,
            Cause::NameBlocked => &words.name_blocked,
            Cause::HostsFileOverride { .. } => &words.hosts_file_override,
            Cause::MdnsUnavailable => &words.mdns_unavailable,
            Cause::ResolverUnreachable => &words.resolver_unreachable,
            Cause::ResolverFailure => &words.resolver_failure,
            Cause::ResolverMisconfigured => &words.resolver_misconfigured,
            Cause::ResolverSlow => &words.resolver_slow,
            Cause::NoNetwork => &words.no_network,
            Cause::LinkDown { .. } => &words.link_down,
            Cause::NoDefaultRoute => &words.no_default_route,
            Cause::GatewayDown { .. } => &words.gateway_down,
            Cause::WrongNetmask => &words.wrong_netmask,
            Cause::LocalSubnetOverlap { .. } => &words.local_subnet_overlap,
            Cause::VpnRoute { .. } => &words.vpn_route,
            Cause::RouteProhibited => &words.route_prohibited,
            Cause::Ipv6Unavailable => &words.ipv6_unavailable,
            Cause::SourceAddressMissing => &words.source_address_missing,
            Cause::HostDown => &words.host_down,
            Cause::NoRouteBeyond { .. } => &words.no_route_beyond,
            Cause::RoutingLoop => &words.routing_loop,
            Cause::Ipv6PathBroken => &words.ipv6_path_broken,
            Cause::OneAddressDead { more: 0, .. } => &words.one_address_dead,
            Cause::OneAddressDead { .. } => &words.several_addresses_dead,
            Cause::PacketLoss => &words.packet_loss,
            Cause::MtuBlackHole => &words.mtu_black_hole,
            Cause::DataDropped => &words.data_dropped,
            Cause::IdleStateLost => &words.idle_state_lost,
            Cause::SilentDrop => &words.silent_drop,
            Cause::NatHairpin => &words.nat_hairpin,
            Cause::AddressConflict => &words.address_conflict,
            Cause::FirewallDropsPort => &words.firewall_drops_port,
            Cause::FirewallDropsAll => &words.firewall_drops_all,
            Cause::FirewallRejects => &words.firewall_rejects,
            Cause::SourceBlocked => &words.source_blocked,
            Cause::RateLimited => &words.rate_limited,
            Cause::Ipv6Firewall { .. } => &words.ipv6_firewall,
            Cause::PathFirewallDrops { .. } => &words.path_firewall_drops,
            Cause::PathFirewallRejects { .. } => &words.path_firewall_rejects,
            Cause::PathFirewallResets { .. } => &words.path_firewall_resets,
            Cause::LocalFirewallDrops => &words.local_firewall_drops,
            Cause::LocalFirewallRejects => &words.local_firewall_rejects,
            Cause::LocalPolicyDenies => &words.local_policy_denies,
            Cause::ReplyLost => &words.reply_lost,
            Cause::NothingListening => &words.nothing_listening,
            Cause::WrongPort { .. } => &words.wrong_port,
            Cause::LoopbackOnly { .. } => &words.loopback_only,
            Cause::BoundElsewhere { .. } => &words.bound_elsewhere,
            Cause::WrongFamily { .. } => &words.wrong_family,
            Cause::UdpService => &words.udp_service,
            Cause::UnixSocketOnly { .. } => &words.unix_socket_only,
            Cause::LocalhostIsContainer { .. } => &words.localhost_is_container,
            Cause::NotPublished => &words.not_published,
            Cause::PortReserved => &words.port_reserved,
            Cause::AcceptQueueFull => &words.accept_queue_full,
            Cause::ServerHung => &words.server_hung,
            Cause::ServerSlow => &words.server_slow,
            Cause::ServerResets => &words.server_resets,
            Cause::ForwarderWithoutBackend => &words.forwarder_without_backend,
            Cause::ServiceFlapping => &words.service_flapping,
            Cause::WrongService { .. } => &words.wrong_service,
            Cause::TlsToPlainPort => &words.tls_to_plain_port,
            Cause::PlainToTlsPort => &words.plain_to_tls_port,
            Cause::CertificateExpired { .. } => &words.certificate_expired,
            Cause::CertificateNotYetValid { .. } => &words.certificate_not_yet_valid,
            Cause::CertificateNameMismatch { .. } => &words.certificate_name_mismatch,
            Cause::CertificateUntrusted {
                self_signed: true, ..
            } => &words.certificate_self_signed,
            Cause::CertificateUntrusted {
                self_signed: false, ..
            } => &words.certificate_untrusted,
            Cause::ClockWrong => &words.clock_wrong,
            Cause::TlsVersionUnsupported => &words.tls_version_unsupported,
            Cause::ClientCertificateRequired => &words.client_certificate_required,
            Cause::HttpError { .. } => &words.http_error,
            Cause::BackendDown { .. } => &words.backend_down,
            Cause::BackendTimeout => &words.backend_timeout,
            Cause::HostHeaderRejected => &words.host_header_rejected,
            Cause::CaptivePortal => &words.captive_portal,
            Cause::DatabaseRequiresTls => &words.database_requires_tls,
            Cause::DatabaseWithoutTls => &words.database_without_tls,
            Cause::ProxyDead { .. } => &words.proxy_dead,
            Cause::ProxyRequired { .. } => &words.proxy_required,
            Cause::ProxyBypassMissing { .. } => &words.proxy_bypass_missing,
            Cause::ClientOutOfPorts => &words.client_out_of_ports,
            Cause::ClientOutOfDescriptors => &words.client_out_of_descriptors,
            Cause::Undetermined => &words.undetermined,
        }
    }

    /// The explanation, or the one without the datum that is not known.
    fn explanation_of(&self, cause: &Cause) -> &'static Template {
        let text = self.cause_text(cause);
        match &text.explanation_unnamed {
            Some(unnamed) if self.data(cause).iter().any(|(_, text)| text.is_empty()) => unnamed,
            Some(_) | None => &text.explanation,
        }
    }

    fn fill_cause(&self, template: &Template, cause: &Cause) -> String {
        let (host, data) = (self.host(), self.data(cause));
        let mut values: Vec<(&str, &dyn Display)> =
            vec![("host", &host), ("port", &self.target.port)];
        values.extend(
            data.iter()
                .map(|(name, value)| (*name, value as &dyn Display)),
        );
        template.fill(&values)
    }

    /// The data of a cause as its sentences name them; a text is empty where its datum is not known.
    #[expect(clippy::too_many_lines, reason = "one flat match")]
    fn data(&self, cause: &Cause) -> Vec<(&'static str, String)> {
        let one = |name, value: &dyn Display| vec![(name, value.to_string())];
        match cause {
            Cause::NoRouteBeyond { router } => one(
                "router",
                &or_unnamed(*router, &self.verdict().unnamed.router),
            ),
            Cause::OneAddressDead { address, more } => vec![
                ("address", address.to_string()),
                ("count", (more + 1).to_string()),
            ],
            Cause::LoopbackOnly { address }
            | Cause::NameResolvesWrong { address }
            | Cause::HostsFileOverride { address } => one("address", address),
            Cause::PathFirewallRejects { device } => one("device", device),
            Cause::GatewayDown { gateway } => one("gateway", gateway),
            Cause::LinkDown { interface }
            | Cause::LocalSubnetOverlap { interface }
            | Cause::VpnRoute { interface } => one("interface", &printable(interface)),
            Cause::PathFirewallDrops { after: hop } | Cause::PathFirewallResets { hop } => {
                one("hop", &known(*hop))
            }
            Cause::LocalhostIsContainer { gateway } => one("gateway", &known(*gateway)),
            Cause::WrongPort { found } => one("found", found),
            Cause::BoundElsewhere { address } => {
                let found = SocketAddr::new(*address, self.target.port);
                vec![
                    ("address", address.to_string()),
                    ("found", found.to_string()),
                ]
            }
            Cause::WrongFamily { used, works } => {
                let (used, listens) = (used.name(), Family::of(works.ip()).name());
                let address = bracketed(works.ip());
                vec![
                    ("used", used.to_owned()),
                    ("listens", listens.to_owned()),
                    ("address", address),
                ]
            }
            Cause::Ipv6Firewall { blocked } => {
                let open = match blocked {
                    Family::V4 => Family::V6,
                    Family::V6 => Family::V4,
                };
                vec![
                    ("blocked", blocked.name().to_owned()),
                    ("open", open.name().to_owned()),
                ]
            }
            Cause::UnixSocketOnly { path } => one("path", &known_text(path.as_deref())),
            Cause::WrongService { found } => one("found", &known_text(found.as_deref())),
            Cause::CertificateUntrusted { issuer, .. } => {
                one("issuer", &known_text(issuer.as_deref()))
            }
            Cause::CertificateExpired { until: day }
            | Cause::CertificateNotYetValid { from: day } => {
                one("date", &self.date(day.as_deref().unwrap_or_default()))
            }
            Cause::CertificateNameMismatch { names } => one("names", &self::names(names)),
            Cause::HttpError { status } | Cause::BackendDown { status } => one("status", status),
            Cause::ProxyDead { proxy }
            | Cause::ProxyRequired { proxy }
            | Cause::ProxyBypassMissing { proxy } => one("proxy", &printable(proxy)),
            Cause::Reachable
            | Cause::ReachableSilent
            | Cause::BadAddress
            | Cause::NameNotFound
            | Cause::NameHasNoAddress
            | Cause::NameBlocked
            | Cause::MdnsUnavailable
            | Cause::ResolverUnreachable
            | Cause::ResolverFailure
            | Cause::ResolverMisconfigured
            | Cause::ResolverSlow
            | Cause::NoNetwork
            | Cause::NoDefaultRoute
            | Cause::WrongNetmask
            | Cause::RouteProhibited
            | Cause::Ipv6Unavailable
            | Cause::SourceAddressMissing
            | Cause::HostDown
            | Cause::RoutingLoop
            | Cause::Ipv6PathBroken
            | Cause::PacketLoss
            | Cause::MtuBlackHole
            | Cause::DataDropped
            | Cause::IdleStateLost
            | Cause::SilentDrop
            | Cause::NatHairpin
            | Cause::AddressConflict
            | Cause::FirewallDropsPort
            | Cause::FirewallDropsAll
            | Cause::FirewallRejects
            | Cause::SourceBlocked
            | Cause::RateLimited
            | Cause::LocalFirewallDrops
            | Cause::LocalFirewallRejects
            | Cause::LocalPolicyDenies
            | Cause::ReplyLost
            | Cause::NothingListening
            | Cause::UdpService
            | Cause::NotPublished
            | Cause::PortReserved
            | Cause::AcceptQueueFull
            | Cause::ServerHung
            | Cause::ServerSlow
            | Cause::ServerResets
            | Cause::ForwarderWithoutBackend
            | Cause::ServiceFlapping
            | Cause::TlsToPlainPort
            | Cause::PlainToTlsPort
            | Cause::ClockWrong
            | Cause::TlsVersionUnsupported
            | Cause::ClientCertificateRequired
            | Cause::BackendTimeout
            | Cause::HostHeaderRejected
            | Cause::CaptivePortal
            | Cause::DatabaseRequiresTls
            | Cause::DatabaseWithoutTls
            | Cause::ClientOutOfPorts
            | Cause::ClientOutOfDescriptors
            | Cause::Undetermined => Vec::new(),
        }
    }

    /// A day in the language's own form; what is no `YYYY-MM-DD` stays as it is.
    pub(super) fn date(&self, iso: &str) -> String {
        let mut parts = iso.splitn(3, '-').map(printable);
        let (year, month, day) = (parts.next(), parts.next(), parts.next());
        match (year, month, day) {
            (Some(year), Some(month), Some(day)) => {
                self.verdict()
                    .date
                    .fill(&[("year", &year), ("month", &month), ("day", &day)])
            }
            (_, _, _) => printable(iso).into_owned(),
        }
    }
}

/// The firewall of this machine that stops others where this machine itself gets through: that is
/// worth saying before all else.
fn keeps_others_out(finding: &Finding) -> Option<FirewallKind> {
    if !matches!(finding.cause, Cause::Reachable | Cause::ReachableSilent) {
        return None;
    }
    finding.because.iter().find_map(|clue| match clue {
        Clue::FirewallHere {
            firewall,
            policy: Policy::Drop | Policy::Reject,
            ..
        } => Some(*firewall),
        _ => None,
    })
}

/// An address that the sentence at hand names only when it is known.
fn known(address: Option<IpAddr>) -> String {
    address.map(|ip| ip.to_string()).unwrap_or_default()
}

/// A foreign text that the sentence at hand names only when it is known.
fn known_text(text: Option<&str>) -> String {
    text.map(|text| printable(text).into_owned())
        .unwrap_or_default()
}
