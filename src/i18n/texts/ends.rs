//! The words of two ends: what a client's and a server's report say together.

#![expect(
    missing_docs,
    reason = "a key names its text; i18n/en.json is the reference"
)]

use serde::Deserialize;

use super::{Plural, Template};

/// Two ends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndsTexts {
    pub title: String,
    pub heading: String,
    pub client: String,
    pub server: String,
    pub because: String,
    pub doubts: String,
    pub decided_by: Template,
    pub cause: JointCauseTexts,
    pub one_of_two: OneOfTwoTexts,
    pub clue: JointClueTexts,
    pub test: JointTestTexts,
    pub doubt: DoubtTexts,
    pub minutes: Plural,
    pub hours: Plural,
    pub days: Plural,
    pub two_views: String,
}

/// A cause in a title and in some sentences.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JointCauseText {
    pub title: Template,
    pub text: Template,
}

/// What two ends can show together.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JointCauseTexts {
    pub works: JointCauseText,
    pub arrives_and_fails: JointCauseText,
    pub ends_at_client: JointCauseText,
    pub loopback_only: JointCauseText,
    pub other_address: JointCauseText,
    pub other_family_v6: JointCauseText,
    pub other_family_v4: JointCauseText,
    pub other_port: JointCauseText,
    pub nothing_listens: JointCauseText,
    pub queue_full: JointCauseText,
    pub server_firewall_drop: JointCauseText,
    pub server_firewall_reject: JointCauseText,
    pub reply_lost: JointCauseText,
    pub source_limited: JointCauseText,
    pub dropped_between: JointCauseText,
    pub dropped_between_perhaps: JointCauseText,
    pub rejected_between: JointCauseText,
    pub dropped_somewhere: JointCauseText,
    pub leads_elsewhere: JointCauseText,
    pub accepted_elsewhere: JointCauseText,
    pub undecided: JointCauseText,
}

/// Two clients, of which one gets through.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneOfTwoTexts {
    pub title: String,
    pub first_works: String,
    pub second_works: String,
    pub other_addresses: String,
    pub other_families: String,
    pub same_address: Template,
}

/// What was seen at either end.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JointClueTexts {
    pub client: Template,
    pub address_is_servers: Template,
    pub address_is_not_servers: Template,
    pub listens: Template,
    pub listens_unnamed: Template,
    pub nothing_listens: Template,
    pub queue: Template,
    pub firewalls_let_in: String,
    pub firewall_stops: Template,
    pub firewall_stops_rule: Template,
    pub firewall_unread: String,
    pub nothing_arrived: Template,
    pub arrived_half_open: Template,
    pub arrived: Template,
    pub others_arrived: Plural,
    pub works_there: String,
    pub fails_there: String,
}

/// What would settle it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JointTestTexts {
    pub watch_while_testing: Template,
    pub watch_as_admin: Template,
    pub look_for_packets: Template,
    pub look_at_forward: Template,
    pub look_between: String,
    pub look_at_way_back: String,
    pub look_at_source_rules: String,
}

/// What the reports lack.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DoubtTexts {
    pub no_watch: String,
    pub watch_missed_test: String,
    pub times_unknown: String,
    pub far_apart: Template,
    pub other_host: String,
    pub other_ports: Template,
    pub anonymised: String,
    pub firewalls_unread: String,
    pub listeners_unread: String,
    pub stopped: String,
    pub many_arrivals: String,
    pub may_be_forwarded: String,
}
