//! The verdict of two ends in a report: the part of the document, and of the JSON, with the same
//! words as on a terminal and stable ids.

use std::net::IpAddr;

use jiff::Timestamp;
use serde::Serialize;

use super::document::{Block, Phrase};
use crate::case::Case;
use crate::case::ends::{Doubt, End, Joint, JointCause, JointTest, Roles, Story};
use crate::diagnosis::Certainty;
use crate::evidence::{Evidence, Os, Watch};
use crate::i18n::wording::{end_summary, moment};
use crate::i18n::{Texts, Wording};

/// The section of a document; nothing where no report of another computer was brought, and where
/// the two are not from two ends.
pub(super) fn blocks(case: &Case, began: Timestamp, texts: &'static Texts) -> Vec<Block> {
    let Some(story) = case.story(Some(began)) else {
        return Vec::new();
    };
    let words = &texts.ends;
    let Story {
        client,
        server,
        joint,
        ..
    } = &story;
    let wording = Wording::new(texts, &client.case.evidence().target);
    let end = |end: &End<'_>| {
        let summary = end_summary(texts, end);
        Phrase::words(match end.began {
            Some(began) => format!("{}: {summary}", moment(texts.language, began)),
            None => summary,
        })
    };
    let certainty = wording.certainty(joint.certainty);
    let mut values = vec![
        (texts.report.certainty.clone(), Phrase::words(certainty)),
        (words.client.clone(), end(client)),
        (words.server.clone(), end(server)),
    ];
    if let Some(from) = server.from {
        let label = texts.local.from.clone();
        values.push((label, Phrase::code(from.to_string())));
    }
    let mut blocks = vec![
        Block::Section(words.heading.clone()),
        Block::Paragraph(Phrase::strong(wording.joint_title(joint))),
        Block::Paragraph(Phrase::words(wording.joint_text(joint))),
    ];
    if let Some(test) = &joint.decided_by {
        let test = wording.joint_test(test, server.case.evidence().os);
        let test = words.decided_by.fill(&[("test", &test)]);
        blocks.push(Block::Paragraph(Phrase::words(test)));
    }
    blocks.push(Block::Values(values));
    let clues = joint.because.iter().map(|clue| wording.joint_clue(clue));
    let doubts = joint.doubts.iter().map(|doubt| wording.doubt(*doubt));
    for (title, lines) in [
        (&words.because, clues.collect::<Vec<_>>()),
        (&words.doubts, doubts.collect()),
    ] {
        if !lines.is_empty() {
            blocks.push(Block::Part(title.clone()));
            blocks.push(Block::Bullets(
                lines.into_iter().map(Phrase::words).collect(),
            ));
        }
    }
    blocks
}

/// The other computer's report as JSON, with all that its replay takes, and what the two make
/// together.
#[derive(Serialize)]
pub(super) struct OtherEndPart<'a> {
    /// Which end it is.
    role: Role,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<String>,
    /// Its names are not those of the report: one of the two was anonymised before they met.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    anonymised: bool,
    summary: String,
    verdict: JointPart,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    watch: Option<&'a Watch>,
    evidence: &'a Evidence,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Role {
    Client,
    Server,
}

impl<'a> OtherEndPart<'a> {
    /// The part of a case whose test began then.
    pub(super) fn of(case: &'a Case, began: Timestamp, texts: &'static Texts) -> Option<Self> {
        let story = case.story(Some(began))?;
        let (role, other) = match story.roles {
            Roles::ClientFirst => (Role::Server, story.server),
            Roles::ServerFirst => (Role::Client, story.client),
        };
        let wording = Wording::new(texts, &story.client.case.evidence().target);
        let server_os = story.server.case.evidence().os;
        Some(Self {
            role,
            created: other.began.map(|began| format!("{began:.3}")),
            anonymised: other.anonymised,
            summary: end_summary(texts, &other),
            verdict: JointPart::of(&story.joint, server_os, &wording),
            from: other.from,
            watch: other.watch,
            evidence: other.case.evidence(),
        })
    }
}

/// The verdict of a client's and a server's report.
#[derive(Debug, Serialize)]
pub struct JointPart {
    #[serde(flatten)]
    cause: JointCause,
    certainty: Certainty,
    summary: String,
    because: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<TestPart>,
    doubts: Vec<DoubtPart>,
}

#[derive(Debug, Serialize)]
struct TestPart {
    #[serde(flatten)]
    test: JointTest,
    text: String,
}

#[derive(Debug, Serialize)]
struct DoubtPart {
    #[serde(flatten)]
    doubt: Doubt,
    text: String,
}

impl JointPart {
    /// What is said of two ends, the server's of which runs this system.
    #[must_use]
    pub fn of(joint: &Joint, server: Os, wording: &Wording<'_>) -> Self {
        let test = joint.decided_by.as_ref().map(|test| TestPart {
            text: wording.joint_test(test, server),
            test: test.clone(),
        });
        let doubts = joint.doubts.iter().map(|doubt| DoubtPart {
            text: wording.doubt(*doubt),
            doubt: *doubt,
        });
        Self {
            cause: joint.cause.clone(),
            certainty: joint.certainty,
            summary: format!(
                "{}. {}",
                wording.joint_title(joint),
                wording.joint_text(joint)
            ),
            because: joint
                .because
                .iter()
                .map(|clue| wording.joint_clue(clue))
                .collect(),
            decided_by: test,
            doubts: doubts.collect(),
        }
    }
}
