//! The rules, one file per cause or family of look-alikes, and their ranking.
//!
//! A rule is a pure function that names a cause, with the clues it saw and how sure it is, or
//! keeps quiet. Rules do not know of each other's findings; where two may speak about the same
//! evidence, certainty decides, and then the order of [`RULES`].

mod address_conflict;
mod after_accept;
mod bad_address;
mod bind_refused;
mod bound_elsewhere;
mod certificate;
mod client_limits;
mod clues;
mod container;
mod denied_here;
mod detour;
mod forwarding;
mod held_back;
mod host_down;
mod icmp_reject;
mod ipv6_unavailable;
mod lost_data;
mod mixed_addresses;
mod name;
mod name_settings;
mod nat_hairpin;
mod no_network;
mod not_published;
mod nothing_listening;
mod on_the_way;
mod own_network;
mod own_rules;
mod pasted_error;
mod presence;
mod proxy;
mod reachable;
mod reading;
mod reads_and_waits;
mod repeated;
mod reply_lost;
mod resolver;
mod resolver_slow;
mod routing_loop;
mod served_here;
mod service_setting;
mod silence;
mod undetermined;
mod web;
mod wrong_answer;
mod wrong_family;
mod wrong_port;
mod wrong_protocol;
mod wrong_service;

#[cfg(test)]
mod fixtures;

use std::net::Ipv4Addr;

use super::{AddressKind, Cause, Certainty, Clue, Diagnosis, Finding};
use crate::evidence::{Evidence, Firewall, Policy};

/// Evidence to a finding, or nothing.
type Rule = fn(&Evidence) -> Option<Finding>;

/// Every rule, in the order that decides between equally certain findings: what stops a
/// connection earlier comes first, because it explains what comes later. An address that is none,
/// then the own network, the name, what this machine forbids, the answers from the way, and last
/// the far end, where the special explanation stands before the plain one.
const RULES: &[Rule] = &[
    bad_address::bad_address,
    // A row of connects outweighs the first of them.
    address_conflict::address_conflict,
    repeated::service_flapping,
    repeated::rate_limited,
    repeated::packet_loss,
    no_network::no_network,
    name_settings::resolver_misconfigured,
    name_settings::mdns_unavailable,
    name::name_without_address,
    resolver::resolver_trouble,
    wrong_answer::name_blocked,
    wrong_answer::hosts_file_override,
    wrong_answer::name_resolves_wrong,
    ipv6_unavailable::ipv6_unavailable,
    client_limits::client_out_of_descriptors,
    client_limits::client_out_of_ports,
    pasted_error::source_address_missing,
    own_network::link_down,
    own_network::gateway_down,
    detour::vpn_route,
    detour::local_subnet_overlap,
    detour::wrong_netmask,
    proxy::proxy_required,
    denied_here::route_prohibited,
    denied_here::denied_by_policy,
    own_rules::dropped_by_own_rule,
    own_rules::rejected_by_own_rule,
    held_back::dropped_before_leaving,
    held_back::reset_before_leaving,
    no_network::no_default_route,
    icmp_reject::rejected_with_icmp,
    wrong_service::wrong_service,
    wrong_service::refused_in_words,
    wrong_service::database_without_tls,
    pasted_error::database_requires_tls,
    routing_loop::routing_loop,
    wrong_protocol::tls_to_plain_port,
    wrong_protocol::plain_to_tls_port,
    certificate::client_certificate_required,
    certificate::tls_refused,
    certificate::out_of_time,
    certificate::untrusted,
    certificate::name_mismatch,
    web::host_header_rejected,
    web::captive_portal,
    web::web_error,
    wrong_family::one_family_refused,
    wrong_family::listens_on_other_family,
    bind_refused::port_taken,
    bound_elsewhere::loopback_only,
    bound_elsewhere::bound_elsewhere,
    icmp_reject::reset_in_place_of_a_listener,
    on_the_way::path_firewall_resets,
    nat_hairpin::nat_hairpin,
    served_here::unix_socket_only,
    served_here::udp_service_here,
    served_here::port_reserved,
    bind_refused::port_forbidden,
    bind_refused::said_to_be_reserved,
    wrong_port::wrong_port,
    container::localhost_is_container,
    not_published::not_published,
    nothing_listening::nothing_listening,
    forwarding::target_forwards_to_nobody,
    host_down::host_down,
    reply_lost::reply_lost,
    served_here::accept_queue_full_here,
    on_the_way::path_firewall_drops,
    silence::firewall_drops_port,
    presence::only_ping_answered,
    presence::firewall_drops_all,
    silence::silent_drop,
    mixed_addresses::ipv6_firewall,
    mixed_addresses::ipv6_path_broken,
    mixed_addresses::one_address_dead,
    bind_refused::answered_by_holder,
    served_here::server_hung_here,
    served_here::holder_ended_here,
    served_here::relay_without_backend_here,
    proxy::proxy_dead,
    proxy::proxy_bypass_missing,
    resolver_slow::resolver_slow,
    lost_data::mtu_black_hole,
    lost_data::data_dropped,
    after_accept::server_resets,
    after_accept::forwarder_without_backend,
    after_accept::server_hung,
    reads_and_waits::speaks_another_protocol,
    reads_and_waits::waits_for_another_client,
    after_accept::server_slow,
    pasted_error::idle_state_lost,
    wrong_service::wrong_service_by_port,
    reachable::reachable,
    reachable::reachable_silent,
];

/// Look-alikes beyond these would be noise.
const ALTERNATIVES_AT_MOST: usize = 2;

/// Runs every rule and ranks the findings.
pub(super) fn run(evidence: &Evidence) -> Diagnosis {
    // A cause that cannot be shown is not named.
    let findings = RULES
        .iter()
        .filter_map(|rule| rule(evidence))
        .filter(|finding| !finding.because.is_empty());
    let mut verdict =
        ahead(findings.collect()).unwrap_or_else(|| undetermined::undetermined(evidence));
    hold_back(&mut verdict, evidence);
    doubt(&mut verdict, evidence);
    hear_pasted(&mut verdict, evidence);
    verdict.because.extend(proxy::of_script(evidence));
    let setting = service_setting::of(evidence, &verdict.cause);
    verdict.because.extend(setting);
    for clue in bind_refused::of(evidence, &verdict.cause) {
        if !verdict.because.contains(&clue) {
            verdict.because.push(clue);
        }
    }
    tidy(&mut verdict);
    let reachable = reading::connected(evidence);
    Diagnosis {
        reachable,
        impact: verdict.cause.impact(reachable),
        verdict,
    }
}

/// The most certain finding; among equals the first, in the order of [`RULES`].
fn ahead(mut findings: Vec<Finding>) -> Option<Finding> {
    // Stable, so the order of the rules is kept.
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.certainty));
    findings.into_iter().next()
}

/// Before the run has ended nothing is certain: another address may connect, a table may be read,
/// a peer may speak. And as long as an address has not been tried, nothing is even likely.
///
/// Only an address that no system connects to needs no further evidence. So a certain verdict is
/// never taken back.
fn hold_back(verdict: &mut Finding, evidence: &Evidence) {
    if evidence.complete || (verdict.cause == Cause::BadAddress && no_attempt_can_matter(verdict)) {
        return;
    }
    let at_most = if reading::all_tried(evidence) {
        Certainty::Likely
    } else {
        Certainty::Possible
    };
    verdict.certainty = verdict.certainty.min(at_most);
}

/// A single answer proves nothing where the same question was answered otherwise.
fn doubt(verdict: &mut Finding, evidence: &Evidence) {
    if repeated::answers_differ(evidence) {
        verdict.certainty = verdict.certainty.min(Certainty::Likely);
    }
}

/// What was pasted is told to us, not seen: it proves nothing, and where it speaks against the
/// target's firewall that one is in doubt.
fn hear_pasted(verdict: &mut Finding, evidence: &Evidence) {
    let all = &evidence.pasted_firewalls;
    let lets_in = |firewall: &Firewall| {
        firewall.port.known() == Some(&Policy::Allow)
            && !clues::was_read_otherwise(firewall, evidence)
    };
    let blames_firewall = matches!(
        verdict.cause,
        Cause::FirewallDropsPort | Cause::FirewallDropsAll | Cause::FirewallRejects
    );
    if blames_firewall && !all.is_empty() && all.iter().all(lets_in) {
        verdict.certainty = Certainty::Possible;
    }
    verdict.because.extend(clues::of_pasted(evidence));
    for clue in clues::of_pasted_ports(evidence) {
        if !verdict.because.contains(&clue) {
            verdict.because.push(clue);
        }
    }
}

/// The kinds of address that connect(2) refuses on every system, whatever its network. (Windows
/// may find a zone for a link-local address by itself, and some networks do use 240/4.)
fn no_attempt_can_matter(verdict: &Finding) -> bool {
    verdict.because.iter().all(|clue| match clue {
        Clue::AddressKind { ip, kind } => match kind {
            AddressKind::Multicast => true,
            AddressKind::Broadcast => *ip == Ipv4Addr::BROADCAST,
            AddressKind::LinkLocalWithoutZone | AddressKind::Reserved => false,
        },
        _ => false,
    })
}

/// What is proven has no look-alikes, and no look-alike is surer than the verdict.
fn tidy(verdict: &mut Finding) {
    if verdict.certainty == Certainty::Certain {
        verdict.alternatives.clear();
    }
    let leading = verdict.cause.id();
    verdict.alternatives.retain(|a| a.cause.id() != leading);
    verdict.alternatives.truncate(ALTERNATIVES_AT_MOST);
}

#[cfg(test)]
mod tests {
    use super::fixtures::Scene;
    use super::reading::{finding, or};
    use super::*;
    use crate::diagnosis::{DecidingTest, Family, Impact};
    use crate::evidence::{Heard, LookupOutcome, Outcome, Spoke};

    fn verdict(scene: &Scene) -> (&'static str, Certainty, Impact) {
        let diagnosis = run(&scene.evidence);
        let Finding {
            cause, certainty, ..
        } = &diagnosis.verdict;
        (cause.id(), *certainty, diagnosis.impact)
    }

    #[test]
    fn the_more_certain_finding_leads_and_order_decides_a_tie() {
        let of = |cause, certainty| finding(cause, certainty, Vec::new());
        let leading = |findings| ahead(findings).unwrap().cause;
        let (possible, likely) = (Certainty::Possible, Certainty::Likely);
        assert_eq!(
            leading(vec![
                of(Cause::HostDown, possible),
                of(Cause::SilentDrop, likely),
                of(Cause::FirewallDropsPort, likely),
            ]),
            Cause::SilentDrop
        );
        assert_eq!(ahead(Vec::new()), None);
    }

    #[test]
    fn what_stops_a_connection_earlier_explains_what_comes_later() {
        let failed = LookupOutcome::Failed { eai_code: -3 };
        let scene = Scene::new("db.example:5432")
            .lookup(failed, 10_000)
            .direct(&[crate::evidence::DnsAnswer::Unreachable])
            .network("");
        assert_eq!(verdict(&scene).0, "no-network");
    }

    #[test]
    fn the_special_explanation_stands_before_the_plain_one() {
        let scene = Scene::new("127.0.0.1:8080")
            .refused("127.0.0.1")
            .listeners(&["127.0.0.1:8081 node"]);
        assert_eq!(verdict(&scene).0, "wrong-port");
    }

    #[test]
    fn nothing_is_certain_before_the_run_has_ended() {
        let refused = || {
            Scene::new("localhost:8080")
                .found(&["::1", "127.0.0.1"])
                .refused("::1")
                .listeners(&[])
        };
        let (cause, certainty, _) = verdict(&refused().running());
        assert_eq!(
            (cause, certainty),
            ("nothing-listening", Certainty::Possible)
        );
        let both = || refused().refused("127.0.0.1");
        assert_eq!(verdict(&both().running()).1, Certainty::Likely);
        assert_eq!(verdict(&both()).1, Certainty::Certain);
    }

    #[test]
    fn an_address_no_system_connects_to_is_certain_at_once() {
        for target in ["[ff02::1]:80", "255.255.255.255:80", "224.0.0.1:80"] {
            let scene = Scene::new(target).running();
            assert_eq!(
                verdict(&scene),
                ("bad-address", Certainty::Certain, Impact::Blocked)
            );
        }
    }

    #[test]
    fn what_works_in_part_is_degraded() {
        let scene = Scene::new("localhost:5432")
            .refused("::1")
            .connected("127.0.0.1")
            .listeners(&["127.0.0.1:5432"]);
        assert_eq!(
            verdict(&scene),
            ("wrong-family", Certainty::Certain, Impact::Degraded)
        );
        let blocked = Scene::new("[::1]:5432")
            .refused("::1")
            .listeners(&["127.0.0.1:5432"]);
        assert_eq!(verdict(&blocked).2, Impact::Blocked);
    }

    #[test]
    fn what_connects_and_serves_nobody_is_blocked() {
        for cause in [
            Cause::HttpError { status: 500 },
            Cause::CertificateExpired { until: None },
            Cause::ServerHung,
            Cause::CaptivePortal,
            Cause::MtuBlackHole,
        ] {
            assert_eq!(cause.impact(true), Impact::Blocked, "{}", cause.id());
        }
    }

    #[test]
    fn what_serves_by_turns_or_late_is_degraded_only_when_something_connects() {
        for cause in [
            Cause::ResolverSlow,
            Cause::PacketLoss,
            Cause::ServerSlow,
            Cause::ServiceFlapping,
            Cause::RateLimited,
            Cause::Ipv6Firewall {
                blocked: Family::V6,
            },
        ] {
            assert_eq!(cause.impact(true), Impact::Degraded, "{}", cause.id());
            assert_eq!(cause.impact(false), Impact::Blocked, "{}", cause.id());
        }
    }

    #[test]
    fn a_peer_that_fails_in_a_way_without_a_name_is_reachable_and_not_understood() {
        let failed = Heard::Failed {
            what: "odd".to_owned(),
            os_code: None,
        };
        let scene = Scene::new("10.77.1.10:5432")
            .connected("10.77.1.10")
            .exchange("10.77.1.10", Spoke::Nothing, failed);
        let diagnosis = run(&scene.evidence);
        assert!(diagnosis.reachable);
        assert_eq!(
            verdict(&scene),
            ("undetermined", Certainty::Possible, Impact::Blocked)
        );
    }

    #[test]
    fn what_nobody_foresaw_is_undetermined() {
        for scene in [
            Scene::new("10.77.1.10:5432"),
            Scene::new("10.77.1.10:5432").at_once("10.77.1.10", Outcome::AddressNotAvailable, 99),
            Scene::new("10.88.0.5:5432").icmp("10.88.0.5", 11, 1, "10.77.9.2", 2),
            Scene::new("10.77.2.2:5432")
                .icmp("10.77.2.2", 3, 1, "10.77.1.2", 3070)
                .network("10.77.1.2/24"),
        ] {
            assert_eq!(
                verdict(&scene),
                ("undetermined", Certainty::Possible, Impact::Blocked)
            );
        }
    }

    #[test]
    fn a_certain_verdict_has_no_look_alikes_and_none_is_the_verdict_itself() {
        let mut certain = finding(Cause::NothingListening, Certainty::Certain, Vec::new());
        certain.alternatives = vec![or(Cause::FirewallRejects, DecidingTest::TryLater)];
        tidy(&mut certain);
        assert_eq!(certain.alternatives, Vec::new());
        let mut likely = finding(Cause::SilentDrop, Certainty::Likely, Vec::new());
        likely.alternatives = vec![
            or(Cause::SilentDrop, DecidingTest::TryLater),
            or(Cause::HostDown, DecidingTest::TryLater),
        ];
        tidy(&mut likely);
        assert_eq!(likely.alternatives.len(), 1);
    }
}
