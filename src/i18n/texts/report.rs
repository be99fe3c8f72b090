//! The report's words.

use serde::Deserialize;

use super::Template;

/// See the module.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "a key names its text; i18n/en.json is the reference"
)]
pub struct ReportTexts {
    pub title: Template,
    pub anonymised: String,
    pub unfinished: String,
    pub certainty: String,
    pub classic: String,
    pub target: String,
    pub port_guessed: Template,
    pub pasted: String,
    pub created: String,
    pub took: String,
    pub patience: String,
    pub system: String,
    pub version: String,
    pub because: String,
    pub alternatives: String,
    pub alternative: Template,
    pub advice: String,
    pub check: String,
    pub apply: String,
    pub undo: String,
    pub risk: String,
    pub rights: String,
    pub needs_admin: String,
    pub seen: String,
    pub lookup: String,
    pub dns_server: String,
    pub dns_silent: String,
    pub dns_unreachable: String,
    pub contacted: String,
    pub system_resolver: Template,
    pub nobody: String,
    pub attempts: String,
    pub repeats: String,
    pub references: String,
    pub address: String,
    pub result: String,
    pub raw: String,
    pub this_machine: String,
    pub listeners: String,
    pub no_listeners: String,
    pub program: String,
    pub user: String,
    pub reach: String,
    pub environment: String,
    pub os_release: Template,
    pub network: String,
    pub leads_to_target: String,
    pub idle_interfaces: String,
    pub gateways: String,
    pub no_gateways: String,
    pub no_proxies: String,
    pub proxies_not_asked: String,
    pub not_asked_elsewhere: String,
    pub not_asked_here: String,
    pub firewalls: String,
    pub no_firewalls: String,
    pub firewall_pasted: Template,
    pub timeline: String,
    pub question: String,
    pub start: String,
    pub unanswered: String,
    pub open: OpenTexts,
}

/// Why a saved report cannot be opened.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenTexts {
    pub failed: Template,
    pub too_long: String,
    pub too_deep: String,
    pub not_text: String,
    pub not_json: Template,
    pub to_read: String,
    pub not_a_report: String,
    pub view_of_port: String,
    pub several: String,
    pub other_version: Template,
    pub missing: Template,
    pub unknown: Template,
    pub not_a_file: String,
}
