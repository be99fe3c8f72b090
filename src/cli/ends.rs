//! `ketnoi compare` of two reports that are from two ends: a client's and a server's.

use serde::Serialize;

use super::layout::paragraph;
use super::output::Output;
use super::{BLOCKED, WORKS};
use crate::case::ends::{End, Story};
use crate::diagnosis::Impact;
use crate::evidence::printable;
use crate::i18n::wording::end_summary;
use crate::i18n::{Texts, Wording};
use crate::report::{JointPart, json};

/// A client's report and a server's.
pub(super) struct Ends<'a> {
    pub story: Story<'a>,
    pub anonymised: bool,
    pub texts: &'static Texts,
}

#[derive(Serialize)]
struct Report {
    schema: &'static str,
    /// Names and addresses are pseudonyms.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    anonymised: bool,
    target: String,
    client: EndPart,
    server: EndPart,
    verdict: JointPart,
}

#[derive(Serialize)]
struct EndPart {
    created: Option<String>,
    summary: String,
}

impl Ends<'_> {
    /// Says what the two make together; the exit status is the client's.
    pub fn tell(&self, as_json: bool, output: &mut Output) -> i32 {
        if as_json {
            output.print_line(&self.json());
        } else {
            output.print(&self.text());
        }
        match self.story.client.case.diagnosis().impact {
            Impact::None | Impact::Degraded => WORKS,
            Impact::Blocked => BLOCKED,
        }
    }

    fn wording(&self) -> Wording<'_> {
        Wording::new(self.texts, &self.story.client.case.evidence().target)
    }

    fn json(&self) -> String {
        let Story {
            client,
            server,
            joint,
            ..
        } = &self.story;
        let part = |end: &End<'_>| EndPart {
            created: end.began.map(|created| created.to_string()),
            summary: end_summary(self.texts, end),
        };
        let report = Report {
            schema: "ketnoi-ends/1",
            anonymised: self.anonymised,
            target: client.case.evidence().target.endpoint(),
            client: part(client),
            server: part(server),
            verdict: JointPart::of(joint, server.case.evidence().os, &self.wording()),
        };
        let line = serde_json::to_string(&report).expect("strings, ids and times");
        json::harmless(line)
    }

    fn text(&self) -> String {
        let words = &self.texts.ends;
        let wording = self.wording();
        let Story {
            client,
            server,
            joint,
            ..
        } = &self.story;
        let mut text = String::new();
        paragraph(&mut text, &wording.joint_title(joint), "", "");
        let endpoint = client.case.evidence().target.endpoint();
        let certainty = wording.certainty(joint.certainty);
        let line = format!("{} ({certainty})", printable(&endpoint));
        paragraph(&mut text, &line, "  ", "  ");
        paragraph(&mut text, &wording.joint_text(joint), "  ", "  ");
        if let Some(test) = &joint.decided_by {
            let way = wording.joint_test(test, server.case.evidence().os);
            let way = words.decided_by.fill(&[("test", &way)]);
            paragraph(&mut text, &way, "  ", "  ");
        }
        text.push('\n');
        for (label, end) in [(&words.client, client), (&words.server, server)] {
            let summary = end_summary(self.texts, end);
            let line = match end.began {
                Some(created) => format!("{label} ({created:.0}): {summary}"),
                None => format!("{label}: {summary}"),
            };
            paragraph(&mut text, &line, "  ", "    ");
        }
        let clues = joint.because.iter().map(|clue| wording.joint_clue(clue));
        bullets(&mut text, &words.because, clues);
        let doubts = joint.doubts.iter().map(|doubt| wording.doubt(*doubt));
        bullets(&mut text, &words.doubts, doubts);
        text
    }
}

fn bullets(text: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    for (index, line) in lines.enumerate() {
        if index == 0 {
            text.push('\n');
            paragraph(text, title, "  ", "  ");
        }
        paragraph(text, &line, "  • ", "    ");
    }
}
