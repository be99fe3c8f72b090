//! The words of before and after.

#![expect(
    missing_docs,
    reason = "a key names its text; i18n/en.json is the reference"
)]

use serde::Deserialize;

use super::{Plural, Template};

/// Two tests of one target beside each other.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparisonTexts {
    pub title: String,
    pub before: String,
    pub after: String,
    pub tried: String,
    pub next: String,
    pub rounds: String,
    pub round: Template,
    pub question: String,
    pub changed: String,
    pub same: Plural,
    pub asked_once: Plural,
    pub tried_before: String,
    pub course: CourseTexts,
    pub meaning: CourseTexts,
    pub insight: InsightTexts,
    pub caveat: CaveatTexts,
    pub topic: TopicTexts,
    pub answer: AnswerTexts,
}

/// A text for each course that two tests can take.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CourseTexts {
    pub works_now: String,
    pub connects_now: String,
    pub works_in_part: String,
    pub still_works: String,
    pub worse: String,
    pub further: String,
    pub other_cause: String,
    pub same_cause: String,
    pub unchanged: String,
    pub unfinished: String,
}

/// What became of a fix.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InsightTexts {
    pub mended: String,
    pub something_else: String,
    pub unseen_elsewhere: String,
    pub unseen_here: String,
    pub untold: String,
    pub no_effect: SuspectTexts,
    pub ruled_out: SuspectTexts,
}

/// One thing said of each suspect.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuspectTexts {
    pub firewall: Template,
    pub outbound_rules: Template,
    pub service: Template,
    pub binding: Template,
    pub program: Template,
    pub hosts_file: Template,
    pub resolvers: Template,
    pub vpn: Template,
    pub link: Template,
    pub proxy: Template,
    pub certificate: Template,
}

/// In what two tests were not the same.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaveatTexts {
    pub lead: String,
    pub other_machine: String,
    pub other_addresses: String,
    pub other_way: String,
    pub other_patience: String,
    pub other_connects: String,
}

/// What questions are about, where the timeline has no words for it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopicTexts {
    pub hosts_file: String,
    pub resolvers: String,
    pub proxy: Template,
    pub proxy_test: String,
    pub route: Template,
    pub neighbour: Template,
    pub listeners: Template,
    pub listener: Template,
    pub firewalls: String,
    pub outbound: Template,
}

/// Answers, where the report has no words for them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerTexts {
    pub not_asked: String,
    pub none: String,
    pub nobody: String,
    pub via: Template,
    pub direct: Template,
    pub from: Template,
    pub no_route: String,
    pub there: String,
    pub away: String,
    pub repeats: Template,
    pub raw: Template,
}
