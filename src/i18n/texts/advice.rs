//! Words for what a person can do about a cause.
//!
//! Only the shape is here, as in [`super::verdict`].

#![expect(
    missing_docs,
    reason = "a field is named after the variant or the case that it words"
)]

use serde::Deserialize;

use super::Template;
use crate::bundled::Section;

/// What a person can do.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "'de: 'static"))]
pub struct AdviceTexts {
    pub start_service: Section<ServiceText>,
    pub enable_service: Section<ServiceText>,
    pub unmask_service: Section<ServiceText>,
    pub install_service: Section<ServiceText>,
    pub check_port: Section<CheckPortText>,
    pub use_port: Section<AdviceText>,
    pub use_address: Section<AdviceText>,
    pub listen_on_network: Section<ListenOnNetworkText>,
    pub tunnel_through_ssh: Section<AdviceText>,
    pub allow_in_firewall: Section<AllowInFirewallText>,
    pub limit_published_port: Section<AdviceText>,
    pub keep_firewall_rule: Section<AdviceText>,
    pub read_firewall_rules: Section<AdviceText>,
    pub find_outbound_rule: Section<AdviceText>,
    pub label_port: Section<AdviceText>,
    pub allow_outbound: Section<AdviceText>,
    pub check_which_machine: Section<AdviceText>,
    pub check_on_target: Section<AdviceText>,
    pub paste_firewall_output: Section<AdviceText>,
    pub check_spelling: Section<AdviceText>,
    pub check_network: Section<AdviceText>,
    pub check_dns: Section<AdviceText>,
    pub ask_for_dns_record: Section<AdviceText>,
    pub turn_network_on: Section<AdviceText>,
    pub check_routes: Section<AdviceText>,
    pub use_ipv4: Section<AdviceText>,
    pub check_machine_is_on: Section<AdviceText>,
    pub ask_network_admin: Section<AskNetworkAdminText>,
    pub allow_program: Section<AdviceText>,
    pub use_tls: Section<UseTlsText>,
    pub use_plain_text: Section<UsePlainTextText>,
    pub use_full_name: Section<AdviceText>,
    pub connect_by_address: Section<AdviceText>,
    pub flush_dns_cache: Section<AdviceText>,
    pub allow_name_in_filter: Section<AdviceText>,
    pub edit_hosts_file: Section<AdviceText>,
    pub enable_mdns: Section<AdviceText>,
    pub reset_dns: Section<AdviceText>,
    pub remove_dead_dns_server: Section<AdviceText>,
    pub check_link: Section<AdviceText>,
    pub check_gateway: Section<AdviceText>,
    pub restart_router: Section<AdviceText>,
    pub use_automatic_address: Section<AdviceText>,
    pub move_local_network: Section<AdviceText>,
    pub disconnect_vpn: Section<AdviceText>,
    pub let_local_network_bypass_vpn: Section<AdviceText>,
    pub remove_fixed_source: Section<AdviceText>,
    pub show_the_way: Section<AdviceText>,
    pub improve_signal: Section<AdviceText>,
    pub repeat_test: Section<AdviceText>,
    pub lower_mtu: Section<AdviceText>,
    pub keep_alive: Section<AdviceText>,
    pub use_inside_address: Section<AdviceText>,
    pub resolve_address_conflict: Section<AdviceText>,
    pub mark_network_private: Section<AdviceText>,
    pub lift_ban: Section<AdviceText>,
    pub reuse_connections: Section<AdviceText>,
    pub turn_on_ipv6_rules: Section<AdviceText>,
    pub allow_in_cloud: Section<AdviceText>,
    pub check_way_back: Section<AdviceText>,
    pub use_udp: Section<AdviceText>,
    pub look_at_udp: Section<AdviceText>,
    pub use_unix_socket: Section<UseUnixSocketText>,
    pub turn_on_tcp: Section<AdviceText>,
    pub use_container_names: Section<AdviceText>,
    pub publish_port: Section<AdviceText>,
    pub look_inside_container: Section<AdviceText>,
    pub find_port_owner: Section<AdviceText>,
    pub use_free_port: Section<AdviceText>,
    pub free_port: Section<FreePortText>,
    pub allow_low_port: Section<AdviceText>,
    pub look_at_queue: Section<AdviceText>,
    pub restart_service: Section<ServiceText>,
    pub read_service_log: Section<ServiceText>,
    pub check_load: Section<AdviceText>,
    pub raise_timeout: Section<AdviceText>,
    pub check_service_limits: Section<AdviceText>,
    pub check_backend: Section<AdviceText>,
    pub check_upstream: Section<AdviceText>,
    pub set_clock: Section<AdviceText>,
    pub renew_certificate: Section<AdviceText>,
    pub use_covered_name: Section<UseCoveredNameText>,
    pub trust_certificate: Section<AdviceText>,
    pub ask_service_owner: Section<AdviceText>,
    pub update_tls: Section<AdviceText>,
    pub send_whole_chain: Section<AdviceText>,
    pub set_client_certificate: Section<AdviceText>,
    pub check_web_address: Section<AdviceText>,
    pub allow_host_name: Section<AdviceText>,
    pub sign_in: Section<AdviceText>,
    pub turn_on_database_tls: Section<AdviceText>,
    pub turn_on_server_tls: Section<AdviceText>,
    pub check_proxy: Section<AdviceText>,
    pub go_without_proxy: Section<AdviceText>,
    pub set_proxy: Section<AdviceText>,
    pub add_proxy_bypass: Section<AdviceText>,
    pub widen_port_range: Section<AdviceText>,
    pub raise_file_limit: Section<AdviceText>,
    pub enter_address: Section<AdviceText>,
    pub use_usual_client: Section<AdviceText>,
    pub check_program_settings: Section<AdviceText>,
    pub test_again: Section<AdviceText>,
    pub try_from_elsewhere: Section<AdviceText>,
    pub save_report: Section<AdviceText>,
}

/// An advice with one title and one explanation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdviceText {
    pub title: Template,
    pub detail: Template,
}

/// An advice about a service that may have a name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceText {
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
    pub setting_now: Template,
}

/// See [`AdviceTexts::listen_on_network`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListenOnNetworkText {
    pub title: Template,
    pub title_unnamed: Template,
    pub detail: Template,
    pub setting: Template,
    pub setting_at: Template,
    pub setting_start: Template,
    pub setting_place: Template,
    pub setting_place_at: Template,
    pub setting_place_start: Template,
    pub setting_docs: Template,
}

/// See [`AdviceTexts::allow_in_firewall`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllowInFirewallText {
    pub title: Template,
    pub detail: Template,
    pub firewalld: Template,
    pub firewalld_reload: Template,
    pub firewalld_both: Template,
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

/// Taking a port from another program.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FreePortText {
    pub title: Template,
    pub detail: Template,
    pub detail_unnamed: Template,
}

/// See [`AdviceTexts::use_unix_socket`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UseUnixSocketText {
    pub title: Template,
    pub detail: Template,
    pub detail_path: Template,
}

/// See [`AdviceTexts::use_covered_name`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UseCoveredNameText {
    pub title: Template,
    pub detail: Template,
    pub detail_names: Template,
}
