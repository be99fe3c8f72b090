//! `ketnoi compare` of two reports that are from two ends: a client's and a server's.

use serde::Serialize;

use super::layout::paragraph;
use super::output::Output;
use super::{BLOCKED, WORKS};
use crate::case::ends::{End, Joint, joint};
use crate::diagnosis::Impact;
use crate::evidence::printable;
use crate::i18n::{Texts, Wording};
use crate::report::opened::{Either, Opened};
use crate::report::{JointPart, json};

/// A client's report and a server's.
pub(super) struct Ends<'a> {
    pub client: &'a Opened,
    pub server: &'a Either,
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
        let client = self.client.end();
        let joint = joint(&client, &self.server.end());
        if as_json {
            output.print_line(&self.json(&joint));
        } else {
            output.print(&self.text(&joint));
        }
        match client.case.diagnosis().impact {
            Impact::None | Impact::Degraded => WORKS,
            Impact::Blocked => BLOCKED,
        }
    }

    fn wording(&self) -> Wording<'_> {
        Wording::new(self.texts, &self.client.case.evidence().target)
    }

    fn json(&self, joint: &Joint) -> String {
        let [client, server] = self.summaries();
        let part = |end: &End<'_>, summary| EndPart {
            created: end.began.map(|created| created.to_string()),
            summary,
        };
        let server_os = self.server.end().case.evidence().os;
        let report = Report {
            schema: "ketnoi-ends/1",
            anonymised: self.anonymised,
            target: self.client.case.evidence().target.endpoint(),
            client: part(&self.client.end(), client),
            server: part(&self.server.end(), server),
            verdict: JointPart::of(joint, server_os, &self.wording()),
        };
        let line = serde_json::to_string(&report).expect("strings, ids and times");
        json::harmless(line)
    }

    /// What each of the reports says by itself.
    fn summaries(&self) -> [String; 2] {
        let of_test = |opened: &Opened| {
            let target = &opened.case.evidence().target;
            Wording::new(self.texts, target).finding_title(&opened.case.diagnosis().verdict)
        };
        let server = match self.server {
            Either::Test(opened) => of_test(opened),
            Either::Local(opened) => {
                let target = &opened.view.case.evidence().target;
                Wording::new(self.texts, target).standing_title(opened.view.standing())
            }
        };
        [of_test(self.client), server]
    }

    fn text(&self, joint: &Joint) -> String {
        let words = &self.texts.ends;
        let wording = self.wording();
        let mut text = String::new();
        paragraph(&mut text, &wording.joint_title(joint), "", "");
        let endpoint = self.client.case.evidence().target.endpoint();
        let certainty = wording.certainty(joint.certainty);
        let line = format!("{} ({certainty})", printable(&endpoint));
        paragraph(&mut text, &line, "  ", "  ");
        paragraph(&mut text, &wording.joint_text(joint), "  ", "  ");
        if let Some(test) = &joint.decided_by {
            let os = self.server.end().case.evidence().os;
            let way = wording.joint_test(test, os);
            let way = words.decided_by.fill(&[("test", &way)]);
            paragraph(&mut text, &way, "  ", "  ");
        }
        text.push('\n');
        let labels = [
            (&words.client, self.client.end()),
            (&words.server, self.server.end()),
        ];
        for ((label, end), summary) in labels.into_iter().zip(self.summaries()) {
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
