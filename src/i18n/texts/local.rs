//! The words of one port of this computer, looked at from inside.

#![expect(
    missing_docs,
    reason = "a key names its text; i18n/en.json is the reference"
)]

use serde::Deserialize;

use super::{Plural, Template};

/// A port of this computer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalTexts {
    pub title: Template,
    pub standing: StandingTexts,
    pub meaning: MeaningTexts,
    pub from: String,
    pub watched: String,
    pub listening: String,
    pub listens_at: Template,
    pub nobody: Template,
    pub near: String,
    pub firewalls: String,
    pub firewall: Template,
    pub own_addresses: String,
    pub own_address: Template,
    pub arrivals: Template,
    pub arrivals_now: String,
    pub none: Template,
    pub unwatched: Template,
    pub limits: Template,
    pub limits_once: String,
    pub untold: Template,
    pub column_from: String,
    pub column_to: String,
    pub column_connections: String,
    pub column_stage: String,
    pub arrival: Plural,
    pub half_open: String,
    pub half_open_for: Template,
    pub established: String,
    pub closing: String,
    pub were_there: Template,
    pub own: Template,
    pub watching: Template,
}

/// How the port stands for other computers, as a title.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandingTexts {
    pub closed: Template,
    pub this_machine_only: Template,
    pub shut_by_firewall: Template,
    pub open: Template,
    pub firewalls_unread: Template,
    pub unknown: Template,
}

/// The same in a sentence or two.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeaningTexts {
    pub closed: String,
    pub this_machine_only: String,
    pub shut_by_firewall: String,
    pub open: String,
    pub firewalls_unread: String,
    pub unknown: String,
}
