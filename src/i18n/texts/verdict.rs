//! Words for whatever follows from evidence: causes, clues, advice, and the small words of tables.
//!
//! Only the shape is here; the sentences stand in `i18n/*.json`, and what goes into their
//! placeholders is decided in [`crate::i18n::wording`].

#![expect(
    missing_docs,
    reason = "a field is named after the variant or the case that it words"
)]

use serde::Deserialize;

use super::{Plural, Template};

/// The words of causes, clues and advice.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerdictTexts {
    pub classic: ClassicTexts,
    pub unnamed: UnnamedTexts,
    pub cause: CauseTexts,
    pub certainty: CertaintyTexts,
    pub clue: ClueTexts,
    pub address_kind: AddressKindTexts,
    pub icmp: IcmpTexts,
    pub decided_by: DecidedByTexts,
    pub advice: AdviceTexts,
    pub placeholder: PlaceholderTexts,
    pub risk: RiskTexts,
    pub place: PlaceTexts,
    pub gap: GapTexts,
    pub outcome: OutcomeTexts,
    pub heard: HeardTexts,
    pub lookup: LookupTexts,
    pub reach: ReachTexts,
    pub listener: ListenerTexts,
    pub firewall: FirewallTexts,
    pub policy: PolicyTexts,
    pub about: AboutTexts,
    pub address_problem: AddressProblemTexts,
    pub said: SaidTexts,
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
#[serde(deny_unknown_fields)]
pub struct CauseTexts {
    pub reachable: CauseText,
    pub reachable_silent: CauseText,
    pub bad_address: CauseText,
    pub name_not_found: CauseText,
    pub name_has_no_address: CauseText,
    pub resolver_unreachable: CauseText,
    pub resolver_failure: CauseText,
    pub no_network: CauseText,
    pub no_default_route: CauseText,
    pub route_prohibited: CauseText,
    pub ipv6_unavailable: CauseText,
    pub host_down: CauseText,
    pub no_route_beyond: CauseText,
    pub ipv6_path_broken: CauseText,
    pub one_address_dead: CauseText,
    pub silent_drop: CauseText,
    pub firewall_drops_port: CauseText,
    pub firewall_rejects: CauseText,
    pub path_firewall_rejects: CauseText,
    pub local_firewall_rejects: CauseText,
    pub local_policy_denies: CauseText,
    pub nothing_listening: CauseText,
    pub wrong_port: CauseText,
    pub loopback_only: CauseText,
    pub bound_elsewhere: CauseText,
    pub wrong_family: CauseText,
    pub tls_to_plain_port: CauseText,
    pub plain_to_tls_port: CauseText,
    pub undetermined: CauseText,
}

/// One cause.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CauseText {
    pub title: Template,
    pub explanation: Template,
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
}

/// What a person can do.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdviceTexts {
    pub start_service: StartServiceText,
    pub check_port: CheckPortText,
    pub use_port: AdviceText,
    pub use_address: AdviceText,
    pub listen_on_network: ListenOnNetworkText,
    pub tunnel_through_ssh: AdviceText,
    pub allow_in_firewall: AllowInFirewallText,
    pub read_firewall_rules: AdviceText,
    pub find_outbound_rule: AdviceText,
    pub check_which_machine: AdviceText,
    pub check_on_target: AdviceText,
    pub check_spelling: AdviceText,
    pub check_network: AdviceText,
    pub check_dns: AdviceText,
    pub ask_for_dns_record: AdviceText,
    pub turn_network_on: AdviceText,
    pub check_routes: AdviceText,
    pub use_ipv4: AdviceText,
    pub check_machine_is_on: AdviceText,
    pub ask_network_admin: AskNetworkAdminText,
    pub allow_program: AdviceText,
    pub use_tls: UseTlsText,
    pub use_plain_text: UsePlainTextText,
    pub enter_address: AdviceText,
    pub use_usual_client: AdviceText,
    pub check_program_settings: AdviceText,
    pub test_again: AdviceText,
    pub try_from_elsewhere: AdviceText,
    pub save_report: AdviceText,
}

/// An advice with one title and one explanation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdviceText {
    pub title: Template,
    pub detail: Template,
}

/// See [`AdviceTexts::start_service`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartServiceText {
    pub title: Template,
    pub title_unnamed: Template,
    pub detail: Template,
}

/// See [`AdviceTexts::check_port`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckPortText {
    pub title: Template,
    pub detail: Template,
    pub detail_usual: Template,
}

/// See [`AdviceTexts::listen_on_network`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListenOnNetworkText {
    pub title: Template,
    pub title_unnamed: Template,
    pub detail: Template,
    pub setting: Template,
    pub setting_start: Template,
}

/// See [`AdviceTexts::allow_in_firewall`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllowInFirewallText {
    pub title: Template,
    pub detail: Template,
    pub firewalld: Template,
    pub nftables: Template,
    pub iptables: Template,
}

/// See [`AdviceTexts::ask_network_admin`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskNetworkAdminText {
    pub title: Template,
    pub detail: Template,
    pub detail_device: Template,
}

/// See [`AdviceTexts::use_tls`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UseTlsText {
    pub title: Template,
    pub title_url: Template,
    pub detail: Template,
}

/// See [`AdviceTexts::use_plain_text`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsePlainTextText {
    pub title: Template,
    pub title_url: Template,
    pub detail: Template,
}

/// What the person puts in the place of a placeholder in a command.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceholderTexts {
    pub subnet: Template,
    pub address: Template,
    pub program: Template,
    pub user: Template,
}

/// What a fix risks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskTexts {
    pub none: String,
    pub starts_service: String,
    pub restarts_service: String,
    pub opens_port_to_network: String,
    pub exposes_service: String,
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
    pub any_ipv6: String,
    pub anyone: String,
}

/// Who a listener belongs to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListenerTexts {
    pub owner: Template,
    pub hidden: String,
    pub unknown: Template,
}

/// What state a firewall is in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirewallTexts {
    pub on: String,
    pub off: String,
    pub unknown: Template,
    pub on_port: Template,
    pub on_default: Template,
    pub on_port_unknown: Template,
    pub on_default_port_unknown: Template,
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
    pub reference: Template,
    pub greeting: Template,
    pub tls: Template,
    pub http: Template,
    pub listeners: String,
    pub network: String,
    pub firewalls: String,
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
