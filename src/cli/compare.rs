//! `ketnoi compare`: two saved reports of one target, beside each other, or from its two ends.

use std::path::Path;

use serde::Serialize;

use super::arguments::Compare;
use super::ends::Ends;
use super::failure::Failure;
use super::layout::paragraph;
use super::output::Output;
use super::{BLOCKED, WORKS, inputs};
use crate::case::comparison::{Change, Comparison, is_same_machine, is_same_target};
use crate::case::ends::{Differ, FAR_FILE, OneWorks, Story, far_end_command, one_of_two};
use crate::diagnosis::Impact;
use crate::evidence::{Os, printable};
use crate::i18n::{Texts, Wording};
use crate::report::opened::{Either, Opened, open_either_bytes, tried_between};
use crate::report::{ComparisonPart, Redactor, json};

/// Compares the reports; the exit status is the later one's, or the client's.
pub(super) fn run(compare: &Compare, texts: &'static Texts, output: &mut Output) -> i32 {
    let [first, second] = &compare.reports;
    let opened = opened(first, texts).and_then(|first| Ok((first, opened(second, texts)?)));
    let (mut first, mut second) = match opened {
        Ok(both) => both,
        Err(failure) => return output.fail(&failure),
    };
    if compare.anonymise {
        let mut redactor = Redactor::default();
        redactor.meet(first.end().case);
        redactor.meet(second.end().case);
        for opened in [&mut first, &mut second] {
            match opened {
                Either::Test(opened) => opened.case = redactor.retell(&opened.case),
                Either::Local(opened) => opened.view = redactor.retell_local(&opened.view),
            }
        }
    }
    if let Some(story) = Story::of(first.end(), second.end()) {
        let ends = Ends {
            story,
            anonymised: compare.anonymise,
            texts,
        };
        return ends.tell(compare.json, output);
    }
    match (first, second) {
        (Either::Test(before), Either::Test(after)) => {
            in_time(compare, *before, *after, texts, output)
        }
        (Either::Local(_), _) | (_, Either::Local(_)) => {
            output.fail(&Failure::new("two-views", texts.ends.two_views.clone()))
        }
    }
}

/// Compares two tests, the earlier first.
fn in_time(
    compare: &Compare,
    mut before: Opened,
    mut after: Opened,
    texts: &'static Texts,
    output: &mut Output,
) -> i32 {
    if before.created > after.created && after.created.is_some() {
        std::mem::swap(&mut before, &mut after);
    }
    let (old, new) = (before.case.evidence(), after.case.evidence());
    if !is_same_target(old, new) {
        let (one, other) = (old.target.endpoint(), new.target.endpoint());
        let sentence = texts
            .cli
            .different_targets
            .fill(&[("first", &printable(&one)), ("second", &printable(&other))]);
        return output.fail(&Failure::new("different-targets", sentence));
    }
    let tried = tried_between(&before.case, &after.case);
    let comparison = Comparison::of(&before.case, &after.case, tried);
    let pair = Pair {
        before: &before,
        after: &after,
        comparison: &comparison,
        anonymised: compare.anonymise,
        texts,
        wording: Wording::new(texts, &new.target),
    };
    if compare.json {
        output.print_line(&pair.json());
    } else {
        output.print(&pair.text());
    }
    match after.case.diagnosis().impact {
        Impact::None | Impact::Degraded => WORKS,
        Impact::Blocked => BLOCKED,
    }
}

fn opened(path: &Path, texts: &Texts) -> Result<Either, Failure> {
    let bytes = inputs::report(path, texts)?;
    open_either_bytes(&bytes).map_err(|error| {
        let sentence = error.sentence(texts, &path.to_string_lossy());
        Failure::new(error.code(), sentence)
    })
}

/// Two reports of one target.
struct Pair<'a> {
    before: &'a Opened,
    after: &'a Opened,
    comparison: &'a Comparison<'a>,
    anonymised: bool,
    texts: &'static Texts,
    wording: Wording<'a>,
}

#[derive(Serialize)]
struct Report {
    schema: &'static str,
    /// Names and addresses are pseudonyms.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    anonymised: bool,
    target: String,
    /// Whether both are from one machine; null where they do not tell.
    same_machine: Option<bool>,
    /// Which of two machines gets through, where one does and the other does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    one_of_two: Option<OneWorks>,
    before: ReportEnd,
    after: ReportEnd,
    comparison: ComparisonPart,
}

#[derive(Serialize)]
struct ReportEnd {
    created: Option<String>,
    cause: &'static str,
    summary: String,
}

impl Pair<'_> {
    fn same_machine(&self) -> Option<bool> {
        is_same_machine(self.before.case.evidence(), self.after.case.evidence())
    }

    /// Which of two clients gets through, where one does and the other does not.
    fn one_of_two(&self) -> Option<OneWorks> {
        one_of_two(&self.before.case, &self.after.case)
            .filter(|_| self.same_machine() == Some(false))
    }

    /// That only one of the two gets through, and in what they differ.
    fn of_one(&self, one: OneWorks) -> [String; 2] {
        let words = &self.texts.ends.one_of_two;
        let which = if one.first {
            &words.first_works
        } else {
            &words.second_works
        };
        let why = match one.differ {
            Differ::Addresses => words.other_addresses.clone(),
            Differ::Families => words.other_families.clone(),
            Differ::Asker => {
                let evidence = self.after.case.evidence();
                let port = evidence.target.port;
                let command = far_end_command(Os::Linux, port, None, FAR_FILE).display();
                words.same_address.fill(&[("command", &command)])
            }
        };
        [which.clone(), why]
    }

    fn json(&self) -> String {
        let end = |opened: &Opened| {
            let verdict = &opened.case.diagnosis().verdict;
            ReportEnd {
                created: opened.created.map(|created| created.to_string()),
                cause: verdict.cause.id(),
                summary: self.wording.finding_title(verdict),
            }
        };
        let report = Report {
            schema: "ketnoi-comparison/1",
            anonymised: self.anonymised,
            target: self.after.case.evidence().target.endpoint(),
            same_machine: self.same_machine(),
            one_of_two: self.one_of_two(),
            before: end(self.before),
            after: end(self.after),
            comparison: ComparisonPart::of(self.comparison, &self.wording),
        };
        let line = serde_json::to_string(&report).expect("strings, ids and times");
        json::harmless(line)
    }

    fn text(&self) -> String {
        let words = &self.texts.comparison;
        let mut text = String::new();
        let course = self.comparison.course;
        // What two machines see is no before and after.
        let is_one = self.same_machine() != Some(false);
        let (title, meaning) = if is_one {
            let meaning = self.wording.course_meaning(course);
            (self.wording.course_title(course), meaning)
        } else {
            let cli = &self.texts.cli;
            (cli.two_machines.as_str(), cli.two_machines_meaning.as_str())
        };
        let one_works = self.one_of_two();
        let title = match one_works {
            Some(_) => &self.texts.ends.one_of_two.title,
            None => title,
        };
        paragraph(&mut text, title, "", "");
        let endpoint = self.after.case.evidence().target.endpoint();
        paragraph(&mut text, &endpoint, "  ", "  ");
        for sentence in one_works.into_iter().flat_map(|one| self.of_one(one)) {
            paragraph(&mut text, &sentence, "  ", "  ");
        }
        paragraph(&mut text, meaning, "  ", "  ");
        let labels = if is_one {
            (&words.before, &words.after)
        } else {
            (&self.texts.cli.first_report, &self.texts.cli.second_report)
        };
        text.push('\n');
        self.end(&mut text, labels.0, self.before);
        if let Some(tried) = self.comparison.tried {
            let tried = self.wording.tried(tried);
            paragraph(
                &mut text,
                &format!("{}: {tried}", words.tried),
                "  ",
                "    ",
            );
        }
        self.end(&mut text, labels.1, self.after);
        if let Some(insight) = self.wording.insight(self.comparison).filter(|_| is_one) {
            paragraph(&mut text, &insight, "  ", "  ");
        }
        self.caveats(&mut text, is_one);
        self.answers(&mut text);
        text
    }

    fn end(&self, text: &mut String, label: &str, opened: &Opened) {
        let title = self.wording.finding_title(&opened.case.diagnosis().verdict);
        let line = match opened.created {
            Some(created) => format!("{label} ({created:.0}): {title}"),
            None => format!("{label}: {title}"),
        };
        paragraph(text, &line, "  ", "    ");
    }

    fn caveats(&self, text: &mut String, is_one: bool) {
        let caveats = &self.comparison.caveats;
        if caveats.is_empty() || !is_one {
            return;
        }
        text.push('\n');
        paragraph(text, &self.texts.comparison.caveat.lead, "  ", "  ");
        for caveat in caveats {
            paragraph(text, self.wording.caveat(*caveat), "  • ", "    ");
        }
    }

    fn answers(&self, text: &mut String) {
        let os = self.after.case.evidence().os;
        for change in [Change::Changed, Change::AskedOnce] {
            let count = self.comparison.with(change).count();
            if count == 0 {
                continue;
            }
            text.push('\n');
            paragraph(text, &self.wording.change(change, count), "  ", "  ");
            for row in self.comparison.with(change) {
                let row = self.wording.row(row, os);
                let line = format!("{}: {} → {}", row.question, row.before, row.after);
                paragraph(text, &line, "  • ", "    ");
            }
        }
        let same = self.comparison.with(Change::Same).count();
        if same > 0 {
            text.push('\n');
            let same = self.wording.change(Change::Same, same);
            paragraph(text, &same, "  ", "  ");
        }
    }
}
