//! Words for what a person can do about a cause.
//!
//! Only the shape is here, as in [`super::verdict`].

#![expect(
    missing_docs,
    reason = "a field is named after the variant or the case that it words"
)]

use serde::Deserialize;

use super::Template;

/// What a person can do.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdviceTexts {
    pub start_service: ServiceText,
    pub enable_service: ServiceText,
    pub unmask_service: ServiceText,
    pub install_service: ServiceText,
    pub check_port: CheckPortText,
    pub use_port: AdviceText,
    pub use_address: AdviceText,
    pub listen_on_network: ListenOnNetworkText,
    pub tunnel_through_ssh: AdviceText,
    pub allow_in_firewall: AllowInFirewallText,
    pub limit_published_port: AdviceText,
    pub keep_firewall_rule: AdviceText,
    pub read_firewall_rules: AdviceText,
    pub find_outbound_rule: AdviceText,
    pub label_port: AdviceText,
    pub allow_outbound: AdviceText,
    pub check_which_machine: AdviceText,
    pub check_on_target: AdviceText,
    pub paste_firewall_output: AdviceText,
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
    pub use_full_name: AdviceText,
    pub connect_by_address: AdviceText,
    pub flush_dns_cache: AdviceText,
    pub allow_name_in_filter: AdviceText,
    pub edit_hosts_file: AdviceText,
    pub enable_mdns: AdviceText,
    pub reset_dns: AdviceText,
    pub remove_dead_dns_server: AdviceText,
    pub check_link: AdviceText,
    pub check_gateway: AdviceText,
    pub restart_router: AdviceText,
    pub use_automatic_address: AdviceText,
    pub move_local_network: AdviceText,
    pub disconnect_vpn: AdviceText,
    pub let_local_network_bypass_vpn: AdviceText,
    pub remove_fixed_source: AdviceText,
    pub show_the_way: AdviceText,
    pub improve_signal: AdviceText,
    pub repeat_test: AdviceText,
    pub lower_mtu: AdviceText,
    pub keep_alive: AdviceText,
    pub use_inside_address: AdviceText,
    pub resolve_address_conflict: AdviceText,
    pub mark_network_private: AdviceText,
    pub lift_ban: AdviceText,
    pub reuse_connections: AdviceText,
    pub turn_on_ipv6_rules: AdviceText,
    pub allow_in_cloud: AdviceText,
    pub check_way_back: AdviceText,
    pub use_udp: AdviceText,
    pub look_at_udp: AdviceText,
    pub use_unix_socket: UseUnixSocketText,
    pub turn_on_tcp: AdviceText,
    pub use_container_names: AdviceText,
    pub publish_port: AdviceText,
    pub look_inside_container: AdviceText,
    pub find_port_owner: AdviceText,
    pub use_free_port: AdviceText,
    pub free_port: FreePortText,
    pub allow_low_port: AdviceText,
    pub look_at_queue: AdviceText,
    pub restart_service: ServiceText,
    pub read_service_log: ServiceText,
    pub check_load: AdviceText,
    pub raise_timeout: AdviceText,
    pub check_service_limits: AdviceText,
    pub check_backend: AdviceText,
    pub check_upstream: AdviceText,
    pub set_clock: AdviceText,
    pub renew_certificate: AdviceText,
    pub use_covered_name: UseCoveredNameText,
    pub trust_certificate: AdviceText,
    pub ask_service_owner: AdviceText,
    pub update_tls: AdviceText,
    pub send_whole_chain: AdviceText,
    pub set_client_certificate: AdviceText,
    pub check_web_address: AdviceText,
    pub allow_host_name: AdviceText,
    pub sign_in: AdviceText,
    pub turn_on_database_tls: AdviceText,
    pub turn_on_server_tls: AdviceText,
    pub check_proxy: AdviceText,
    pub go_without_proxy: AdviceText,
    pub set_proxy: AdviceText,
    pub add_proxy_bypass: AdviceText,
    pub widen_port_range: AdviceText,
    pub raise_file_limit: AdviceText,
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
