//! Words for whatever follows from evidence: causes, clues, advice, and the small words of tables.
//!
//! Only the shape is here; the sentences stand in `i18n/*.json`, and what goes into their
//! placeholders is decided in [`crate::i18n::wording`].

#![expect(
    missing_docs,
    reason = "a field is named after the variant or the case that it words"
)]

use serde::Deserialize;

use super::advice::AdviceTexts;
use super::{Plural, Template};
use crate::bundled::Section;
use crate::diagnosis::Certainty;

/// The words of causes, clues and advice.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "'de: 'static"))]
pub struct VerdictTexts {
    pub classic: ClassicTexts,
    pub unnamed: UnnamedTexts,
    pub date: Template,
    pub cause: Section<CauseTexts>,
    pub certainty: CertaintyTexts,
    pub clue: Section<ClueTexts>,
    pub address_kind: Section<AddressKindTexts>,
    pub icmp: Section<IcmpTexts>,
    pub decided_by: Section<DecidedByTexts>,
    pub advice: Section<AdviceTexts>,
    pub placeholder: Section<PlaceholderTexts>,
    pub risk: Section<RiskTexts>,
    pub place: PlaceTexts,
    pub gap: GapTexts,
    pub outcome: Section<OutcomeTexts>,
    pub heard: Section<HeardTexts>,
    pub lookup: LookupTexts,
    pub reach: Section<ReachTexts>,
    pub listener: Section<ListenerTexts>,
    pub background: Section<BackgroundTexts>,
    pub known_program: Section<KnownProgramTexts>,
    pub port_use: Section<PortUseTexts>,
    pub service_state: Section<ServiceStateTexts>,
    pub service_settings: Section<ServiceSettingsTexts>,
    pub firewall: Section<FirewallTexts>,
    pub policy: PolicyTexts,
    pub about: Section<AboutTexts>,
    pub address_problem: Section<AddressProblemTexts>,
    pub said: Section<SaidTexts>,
    pub not_tcp: NotTcpTexts,
}

/// The classic line that search engines and colleagues know, and its reasons.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassicTexts {
    pub line: Template,
    pub refused: String,
    pub refused_check: String,
    pub no_answer: String,
    pub host_unreachable: String,
    pub network_unreachable: String,
    pub denied: String,
    pub address_not_available: String,
    pub out_of_descriptors: String,
    pub reset: String,
    pub name_not_found: String,
    pub name_has_no_address: String,
    pub name_lookup_failed: String,
    pub other: String,
}

/// Stand-ins for something whose name is not known.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnnamedTexts {
    pub router: String,
    pub device: String,
    pub program: String,
    pub dns_server: String,
}

/// Every cause.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "'de: 'static"))]
pub struct CauseTexts {
    pub reachable: Section<CauseText>,
    pub reachable_here_only: Section<UnprovedText>,
    pub reachable_silent: Section<CauseText>,
    pub bad_address: Section<CauseText>,
    pub name_not_found: Section<CauseText>,
    pub name_has_no_address: Section<CauseText>,
    pub name_resolves_wrong: Section<CauseText>,
    pub name_blocked: Section<CauseText>,
    pub hosts_file_override: Section<CauseText>,
    pub mdns_unavailable: Section<CauseText>,
    pub resolver_unreachable: Section<CauseText>,
    pub resolver_failure: Section<CauseText>,
    pub resolver_misconfigured: Section<CauseText>,
    pub resolver_slow: Section<CauseText>,
    pub no_network: Section<CauseText>,
    pub link_down: Section<CauseText>,
    pub no_default_route: Section<CauseText>,
    pub gateway_down: Section<CauseText>,
    pub wrong_netmask: Section<CauseText>,
    pub local_subnet_overlap: Section<CauseText>,
    pub vpn_route: Section<CauseText>,
    pub route_prohibited: Section<CauseText>,
    pub ipv6_unavailable: Section<CauseText>,
    pub source_address_missing: Section<CauseText>,
    pub host_down: Section<CauseText>,
    pub no_route_beyond: Section<CauseText>,
    pub routing_loop: Section<CauseText>,
    pub ipv6_path_broken: Section<CauseText>,
    pub one_address_dead: Section<CauseText>,
    pub several_addresses_dead: Section<CauseText>,
    pub packet_loss: Section<CauseText>,
    pub mtu_black_hole: Section<CauseText>,
    pub data_dropped: Section<CauseText>,
    pub idle_state_lost: Section<CauseText>,
    pub silent_drop: Section<CauseText>,
    pub nat_hairpin: Section<CauseText>,
    pub address_conflict: Section<CauseText>,
    pub firewall_drops_port: Section<CauseText>,
    pub firewall_drops_all: Section<CauseText>,
    pub firewall_rejects: Section<CauseText>,
    pub source_blocked: Section<CauseText>,
    pub rate_limited: Section<CauseText>,
    pub ipv6_firewall: Section<CauseText>,
    pub path_firewall_drops: Section<CauseText>,
    pub path_firewall_rejects: Section<CauseText>,
    pub path_firewall_resets: Section<CauseText>,
    pub local_firewall_drops: Section<CauseText>,
    pub local_firewall_rejects: Section<CauseText>,
    pub local_policy_denies: Section<CauseText>,
    pub reply_lost: Section<CauseText>,
    pub nothing_listening: Section<CauseText>,
    pub wrong_port: Section<CauseText>,
    pub loopback_only: Section<CauseText>,
    pub bound_elsewhere: Section<CauseText>,
    pub wrong_family: Section<CauseText>,
    pub udp_service: Section<CauseText>,
    pub unix_socket_only: Section<CauseText>,
    pub localhost_is_container: Section<CauseText>,
    pub not_published: Section<CauseText>,
    pub port_reserved: Section<CauseText>,
    pub accept_queue_full: Section<CauseText>,
    pub server_hung: Section<CauseText>,
    pub server_slow: Section<CauseText>,
    pub server_resets: Section<CauseText>,
    pub forwarder_without_backend: Section<CauseText>,
    pub service_flapping: Section<CauseText>,
    pub wrong_service: Section<CauseText>,
    pub tls_to_plain_port: Section<CauseText>,
    pub plain_to_tls_port: Section<CauseText>,
    pub certificate_expired: Section<CauseText>,
    pub certificate_not_yet_valid: Section<CauseText>,
    pub certificate_name_mismatch: Section<CauseText>,
    pub certificate_untrusted: Section<CauseText>,
    pub certificate_self_signed: Section<CauseText>,
    pub clock_wrong: Section<CauseText>,
    pub tls_version_unsupported: Section<CauseText>,
    pub client_certificate_required: Section<CauseText>,
    pub http_error: Section<CauseText>,
    pub backend_down: Section<CauseText>,
    pub backend_timeout: Section<CauseText>,
    pub host_header_rejected: Section<CauseText>,
    pub captive_portal: Section<CauseText>,
    pub database_requires_tls: Section<CauseText>,
    pub database_without_tls: Section<CauseText>,
    pub proxy_dead: Section<CauseText>,
    pub proxy_required: Section<CauseText>,
    pub proxy_bypass_missing: Section<CauseText>,
    pub client_out_of_ports: Section<CauseText>,
    pub client_out_of_descriptors: Section<CauseText>,
    pub undetermined: Section<CauseText>,
}

/// One cause.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CauseText {
    pub title: Template,
    pub explanation: Template,
    /// What is said instead while the datum that the explanation names is not known.
    #[serde(default)]
    pub explanation_unnamed: Option<Template>,
    pub advice: Template,
    /// What is said while the cause is not proved, where the title would say too much.
    #[serde(default)]
    pub unproved: Option<UnprovedText>,
}

/// A cause that is not proved: what was seen, and what it may mean.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnprovedText {
    pub title: Template,
    pub explanation: Template,
}

/// How sure a finding is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertaintyTexts {
    pub possible: String,
    pub likely: String,
    pub certain: String,
}

impl CertaintyTexts {
    /// The words for one certainty.
    #[must_use]
    pub fn of(&self, certainty: Certainty) -> &str {
        match certainty {
            Certainty::Possible => &self.possible,
            Certainty::Likely => &self.likely,
            Certainty::Certain => &self.certain,
        }
    }
}

/// Pieces of evidence, as sentences without full stop.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClueTexts {
    pub connected: Template,
    pub refused_with_reset: Template,
    pub no_answer: Template,
    pub icmp_from: Template,
    pub system_error: Template,
    pub system_error_at_once: Template,
    pub no_listener_here: Template,
    pub listener_here: Template,
    pub listener_here_unknown: Template,
    pub service_unit: Template,
    pub windows_service: Template,
    pub no_service_unit: Template,
    pub port_taken: Template,
    pub port_taken_unknown: Template,
    pub port_needs_admin: Template,
    pub port_in_reserved_range: Template,
    pub pasted_reserved: Template,
    pub pasted_not_reserved: Template,
    pub pasted_label: Template,
    pub pasted_no_label: Template,
    pub service_settings_unread: Template,
    pub listeners_unknown: String,
    pub target_is_this_machine: Template,
    pub target_is_elsewhere: Template,
    pub other_port_open: Template,
    pub other_port_refused: Template,
    pub other_ports_silent: Plural,
    pub name_resolved: Template,
    pub resolver_says_not_found: Template,
    pub resolver_says_no_address: Template,
    pub resolver_failed: Template,
    pub resolver_timed_out: Template,
    pub dns_server_silent: Template,
    pub dns_server_said: Template,
    pub no_usable_address: String,
    pub no_default_gateway: String,
    pub no_route_to: Template,
    pub on_same_network: Template,
    pub stopped_at_hop: Template,
    pub refused_within_hops: Template,
    pub neighbour_answers: Template,
    pub ping_answered: Template,
    pub packets_held_back: Template,
    pub packets_held_back_uncounted: Template,
    pub packets_sent: Template,
    pub address_kind: Template,
    pub greeting_heard: Template,
    pub nothing_heard: Template,
    pub tls_completed: Template,
    pub answer_is_not_tls: Template,
    pub closed_on_tls_hello: String,
    pub reset_on_tls_hello: String,
    pub plain_answered_with_tls_alert: Template,
    pub http_says_wants_tls: Template,
    pub http_answered: Template,
    pub peer_closed: Template,
    pub peer_reset: Template,
    pub repeated: Template,
    pub adapter_answered: Template,
    pub queue_here: Template,
    pub queue_here_unlimited: Template,
    pub half_open_here: Template,
    pub firewall_here: Template,
    pub firewall_here_unnamed: Template,
    pub firewall_unread: Template,
    pub outbound_here: Template,
    pub answer_here: Template,
    pub firewall_pasted: Template,
    pub firewall_pasted_unnamed: Template,
    pub firewall_pasted_unclear: Template,
    pub pasted_contradicts: ContradictionTexts,
    pub stopped_here: Template,
    pub holder_ended: Template,
    pub holder_ended_heirs: Template,
    pub relay_here: Template,
    pub udp_socket_here: Template,
    pub unix_socket_here: Template,
    pub port_held_by_connections: Template,
    pub dns_server_gives: Template,
    pub name_is_alias: Template,
    pub hosts_file_gives: Template,
    pub invented_name_resolves: Template,
    pub proxy_configured: Template,
    pub proxy_followed_only: Template,
    pub proxy_script_not_run: Template,
    pub proxy_not_reached: Template,
    pub proxy_answered: Template,
    pub no_carrier: Template,
    pub route_via: Template,
    pub route_via_neighbour: Template,
    pub connected_around: Template,
    pub neighbour_silent: Template,
    pub in_container: String,
    pub own_ports_used_up: Template,
    pub no_resolver_configured: String,
    pub names_without_dns: Template,
    pub names_without_mdns: Template,
    pub name_took: Template,
    pub tls_refused: Template,
    pub tls_incompatible: Template,
    pub client_certificate_asked: String,
    pub certificate_dates: Template,
    pub certificate_names: Template,
    pub certificate_issuer: Template,
    pub chain_ends_before: Template,
    pub certificate_fits: String,
    pub clock_here: Template,
    pub clock_there: Template,
    pub http_redirects: Template,
    pub http_refuses_host: Template,
    pub server_names_itself: Template,
    pub postgres_answered: String,
    pub postgres_answered_without_tls: String,
    pub address_asks_for_tls: String,
    pub address_forbids_tls: String,
    pub question_unanswered: Template,
    pub data_acknowledged: Template,
    pub data_unacknowledged: Template,
    pub window_closed: Template,
    pub small_segments_pass: Template,
    pub closed_with_us: Template,
    pub stayed_open: Template,
    pub error_said_source: Template,
    pub error_said_some_source: String,
    pub error_said_idle: String,
    pub error_said_tls: String,
    pub not_an_own_address: Template,
    pub own_handshake_waits: Template,
    pub answered_by_next_router: Template,
    pub listens_in_container: Template,
    pub published_at: Template,
    pub nobody_behind: Template,
    pub signed_to_read_along: Template,
    pub answered_late: Template,
}

/// Addresses that are no endpoint.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressKindTexts {
    pub broadcast: String,
    pub multicast: String,
    pub link_local_without_zone: String,
    pub reserved: String,
}

/// What ICMP errors mean.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IcmpTexts {
    pub network_unreachable: String,
    pub host_unreachable: String,
    pub protocol_unreachable: String,
    pub port_unreachable: String,
    pub prohibited: String,
    pub hop_limit: String,
    pub too_big: String,
    pub other: String,
}

/// Tests that tell look-alikes apart.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecidedByTexts {
    pub look_at_listeners_on_target: Template,
    pub read_firewall_on_target: Template,
    pub read_firewall_here: String,
    pub try_from_elsewhere: String,
    pub try_later: String,
    pub use_usual_client: String,
    pub ask_what_runs_on_port: Template,
    pub check_machine_is_on: Template,
    pub connect_by_address: String,
    pub compare_with_dns: Template,
    pub repeat_test: String,
    pub bypass_vpn: String,
    pub bypass_proxy: String,
    pub use_other_family: String,
    pub look_at_service_log: Template,
    pub lower_mtu: String,
    pub look_at_queue_on_target: Template,
    pub check_clock: String,
    pub look_inside_container: String,
    pub check_source_address: String,
    pub compare_mac_addresses: Template,
}

/// What the person puts in the place of a placeholder in a command.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceholderTexts {
    pub subnet: Template,
    pub address: Template,
    pub program: Template,
    pub user: Template,
    pub interface: Template,
    pub connection: Template,
    pub dns_server: Template,
    pub container: Template,
    pub client: Template,
    pub jail: Template,
    pub certificate: Template,
    pub thumbprint: Template,
    pub proxy: Template,
    pub port_label: Template,
}

/// What a fix risks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskTexts {
    pub none: String,
    pub starts_service: String,
    pub restarts_service: String,
    pub opens_port_to_network: String,
    pub closes_port_to_others: String,
    pub exposes_service: String,
    pub changes_system: String,
    pub clears_cache: String,
    pub leaves_vpn: String,
    pub trusts_network: String,
    pub trusts_certificate: String,
}

/// Where advice is carried out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceTexts {
    pub here: String,
    pub on_target: Template,
    pub on_client: String,
}

/// Why something is not known.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GapTexts {
    pub not_asked: String,
    pub pending: String,
    pub needs_admin: String,
    pub timed_out: String,
    pub tool_missing: String,
    pub unreadable: Template,
    pub no_holder: String,
    pub holder_ended: Template,
    pub unsupported: String,
}

/// How a connection attempt ended, in a word or two.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomeTexts {
    pub connected: String,
    pub refused: String,
    pub refused_by_rule: String,
    pub silent: String,
    pub host_unreachable: String,
    pub network_unreachable: String,
    pub denied: String,
    pub address_not_available: String,
    pub out_of_descriptors: String,
    pub reset: String,
    pub other: String,
}

/// What a connected peer did.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeardTexts {
    pub nothing: Template,
    pub text: Template,
    pub closed: String,
    pub reset: String,
    pub tls: Plural,
    pub tls_alert: Template,
    pub tls_incompatible: Template,
    pub not_tls: Template,
    pub http: Template,
    pub http_server: Template,
    pub http_wants_tls: Template,
    pub failed: Template,
}

/// What the system's resolver said.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookupTexts {
    pub found: Plural,
    pub not_found: Template,
    pub no_address: Template,
    pub failed: Template,
    pub timed_out: Template,
}

/// Who can reach a listener.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReachTexts {
    pub this_machine: String,
    pub one_address: Template,
    pub any_ipv4: String,
    pub only_ipv6: String,
    pub any_ipv6: String,
    pub anyone: String,
    pub through_interface: Template,
}

/// Who a listener belongs to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListenerTexts {
    pub owner: Template,
    pub hidden: String,
    pub of_nobody: String,
    pub unknown: Template,
    pub reach: String,
    pub user: String,
    pub command: String,
    pub known_as: String,
    pub queue: String,
    pub queue_empty: Template,
    pub queue_of: Template,
    pub queue_full: Template,
    pub queue_waiting: Plural,
}

/// What programs are known to be.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownProgramTexts {
    pub air_play: String,
    pub http_sys: String,
    pub windows_file_sharing: String,
    pub windows_service: String,
    pub docker_desktop: String,
    pub wsl: String,
    pub editor: String,
    pub web_shield: Template,
}

/// What else has to do with a port.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortUseTexts {
    pub udp: String,
    pub udp_only: Template,
    pub udp_too: Template,
    pub unix: String,
    pub unix_socket: Template,
    pub connections: String,
    pub established: Plural,
    pub stopped: String,
    pub in_containers: String,
    pub in_namespaces: String,
    pub inside: String,
    pub inside_address: Template,
    pub inside_network: Template,
    pub way: String,
    pub way_published: Template,
    pub way_none: String,
    pub way_closed: String,
    pub unread: String,
    pub unread_unix_sockets: String,
    pub unread_connections: String,
    pub unread_lent_ports: String,
    pub unread_reserved_ports: String,
    pub unread_programs: String,
    pub unread_containers: String,
}

/// What a service's own settings say.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceSettingsTexts {
    pub label: String,
    pub place: Template,
    pub said: Template,
    pub default: Template,
    pub why_other_port: Template,
    pub why_this_machine_only: Template,
    pub why_other_addresses: Template,
    pub why_no_tcp: Template,
}

/// What the service manager says of a service.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceStateTexts {
    pub label: String,
    pub none: Template,
    pub why_running: Template,
    pub why_exited: Template,
    pub why_starting: Template,
    pub why_restarting: Template,
    pub why_failed: Template,
    pub why_failed_since: Template,
    pub why_masked: Template,
    pub why_barred: Template,
    pub why_stopped: Template,
    pub why_other: Template,
    pub why_taken: Template,
    pub why_taken_unknown: Template,
    pub why_needs_admin: Template,
    pub why_reserved: Template,
    pub running: String,
    pub exited: String,
    pub starting: String,
    pub stopping: String,
    pub failed: String,
    pub stopped: String,
    pub other: String,
    pub since: Template,
    pub enabled: String,
    pub disabled: String,
    pub masked: String,
    pub barred: String,
    pub restarts: Plural,
    pub exit_status: Template,
    pub command: String,
    pub signal: Template,
    pub timeout: String,
    pub out_of_memory: String,
    pub start_limit: String,
    pub no_reason: String,
}

/// What stands behind a listener.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackgroundTexts {
    pub age: String,
    pub seconds: Plural,
    pub minutes: Plural,
    pub hours: Plural,
    pub days: Plural,
    pub heirs: String,
    pub started_by: String,
    pub unit: Template,
    pub container: Template,
    pub container_of: Template,
    pub container_image: Template,
    pub activated: String,
    pub leads_to: String,
    pub leads_through: Template,
    pub leads_somewhere: String,
    pub leads_to_listener: Template,
    pub leads_to_somebody: Template,
    pub leads_to_nobody: Template,
    pub state: String,
    pub stopped: String,
}

/// What state a firewall is in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirewallTexts {
    pub on: String,
    pub off: String,
    pub unknown: Template,
    pub unknown_default: Template,
    pub on_port: Template,
    pub on_port_rule: Template,
    pub on_default: Template,
    pub on_port_unknown: Template,
    pub on_default_port_unknown: Template,
    pub outbound: Template,
    pub outbound_rule: Template,
    pub outbound_answer: Template,
    pub outbound_unknown: Template,
    pub outbound_by_default: Template,
    pub outbound_unread: Template,
    pub remark: RemarkTexts,
}

/// How a connection went otherwise than the pasted rules say.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContradictionTexts {
    pub other_than_here: Template,
    pub open_but_silent: Template,
    pub open_but_rejected: Template,
    pub closed_but_accepted: Template,
    pub silent_but_answered: Template,
    pub rejected_but_silent: Template,
}

/// What else is to be known of a firewall.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemarkTexts {
    pub passed_by_docker: Template,
    pub lasts: Template,
    pub ends_at_reload: Template,
    pub begins_at_reload: Template,
    pub lost_at_reload: Template,
    pub brought_by_reload: Template,
    pub changed_by_reload: Template,
    pub saved_rules_unread: Template,
    pub voids_local_rules: Template,
    pub ignores_rules: Template,
    pub allows_on_private_networks: Template,
    pub blocks_programs: Template,
    pub hides_closed_ports: Template,
}

/// What a firewall does with a packet.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyTexts {
    pub allow: String,
    pub drop: String,
    pub reject: String,
}

/// Rows of the timeline.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AboutTexts {
    pub name: Template,
    pub srv: Template,
    pub dns_server: Template,
    pub connect: Template,
    pub repeats: Template,
    pub hop: Template,
    pub ping: Template,
    pub reference: Template,
    pub greeting: Template,
    pub tls: Template,
    pub http: Template,
    pub first_question: Template,
    pub repeated: Template,
    pub listeners: String,
    pub port_use: String,
    pub service_states: String,
    pub service_settings: String,
    pub network: String,
    pub firewalls: String,
    pub proxy: Template,
    pub around: Template,
    pub gateway: Template,
    pub own_ports: String,
    pub name_settings: String,
}

/// What is wrong with a typed address.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressProblemTexts {
    pub empty: String,
    pub too_long: String,
    pub host_missing: String,
    pub port_missing: String,
    pub port_not_a_number: String,
    pub port_too_large: String,
    pub port_zero: String,
    pub bad_ipv4: String,
    pub bad_ipv6: String,
    pub ipv6_needs_brackets: String,
    pub bad_host_name: String,
    pub unknown_scheme: String,
    pub nothing_found: String,
}

/// What a pasted error said.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaidTexts {
    pub with_code: Template,
    pub refused: String,
    pub timeout: String,
    pub host_unreach: String,
    pub net_unreach: String,
    pub denied: String,
    pub reset: String,
    pub closed: String,
    pub nx_domain: String,
    pub dns_fail: String,
    pub addr_in_use: String,
    pub tls: String,
    pub other: String,
}

/// Why something is not for TCP.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotTcpTexts {
    pub local_socket: Template,
    pub udp: Template,
    pub file: Template,
}
