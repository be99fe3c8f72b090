//! Words for proxy settings and for what proxies answered.

use serde::Deserialize;

use super::Template;

/// What places say of proxies, and what the proxies say.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the keys are the documentation")]
pub struct ProxyTexts {
    pub title: String,
    pub variable: Template,
    pub file: Template,
    pub settings: Template,
    pub followers: ProxyFollowersTexts,
    pub followed: Template,
    pub direct: String,
    pub through: Template,
    pub exempt: Template,
    pub script: String,
    pub script_from: Template,
    pub discovery: String,
    pub answered: Template,
    pub accepted: String,
    pub not_reached: Template,
    pub without_address: String,
    pub joined: Template,
    pub places: ProxyPlaceTexts,
}

/// Where each place is to be found, and since when a change counts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProxyPlaceTexts {
    pub environment: String,
    pub etc_environment: String,
    pub gnome: String,
    pub kde: String,
    pub windows: String,
    pub win_http: String,
    pub macos: String,
}

/// Who follows a setting.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the keys are the documentation")]
pub struct ProxyFollowersTexts {
    pub command_line: String,
    pub desktop: String,
    pub next_login: String,
    pub services: String,
}
