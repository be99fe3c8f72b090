//! What came of a batch, counted.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use super::super::{BLOCKED, FAILED, WORKS};
use crate::case::Case;
use crate::diagnosis::{Certainty, Impact};
use crate::evidence::printable;
use crate::i18n::wording::duration;
use crate::i18n::{Texts, Wording};
use crate::report::Stamp;

/// So many endpoints are named for each cause.
const MOST_EXAMPLES: usize = 2;

/// One result in short.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    /// What was typed, without what is secret.
    pub input: String,
    /// Host and port.
    pub endpoint: String,
    /// The host as people write it.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Whether some address accepted a connection.
    pub reachable: bool,
    /// How much it hinders.
    pub impact: Impact,
    /// The cause's stable id.
    pub cause: String,
    /// How sure that is.
    pub certainty: Certainty,
    /// The verdict in words.
    pub summary: String,
    /// How long the test took, in milliseconds.
    pub took_ms: f64,
}

impl Row {
    pub fn of(case: &Case, stamp: &Stamp, texts: &'static Texts) -> Self {
        let target = &case.evidence().target;
        let diagnosis = case.diagnosis();
        let finding = &diagnosis.verdict;
        Self {
            input: target.input.clone(),
            endpoint: target.endpoint(),
            host: target.host.to_string(),
            port: target.port,
            reachable: diagnosis.reachable,
            impact: diagnosis.impact,
            cause: finding.cause.id().to_owned(),
            certainty: finding.certainty,
            summary: Wording::new(texts, target).finding_title(finding),
            took_ms: stamp.took.as_secs_f64() * 1000.0,
        }
    }

    /// The result on one line for a terminal.
    pub fn line(&self, texts: &Texts) -> String {
        let sign = sign(self.impact);
        let took = Duration::from_secs_f64(self.took_ms.max(0.0) / 1000.0);
        let took = duration(texts.language, took);
        let endpoint = printable(&self.endpoint);
        let summary = printable(&self.summary);
        format!("{sign} {endpoint:28} {summary} ({took})")
    }
}

fn sign(impact: Impact) -> char {
    match impact {
        Impact::None => '✓',
        Impact::Degraded => '!',
        Impact::Blocked => '✗',
    }
}

/// The results so far.
pub(super) struct Tally {
    start: Instant,
    total: usize,
    misread: usize,
    done: usize,
    /// How many of them an earlier run has tested.
    resumed: usize,
    working: usize,
    causes: BTreeMap<String, Causes>,
    keeps_rows: bool,
    rows: Vec<Row>,
}

/// The targets with one cause.
struct Causes {
    count: usize,
    impact: Impact,
    examples: Vec<String>,
}

impl Tally {
    /// Nothing yet of so many targets, beside the lines that were no targets.
    pub fn new(total: usize, misread: usize, keeps_rows: bool) -> Self {
        Self {
            start: Instant::now(),
            total,
            misread,
            done: 0,
            resumed: 0,
            working: 0,
            causes: BTreeMap::new(),
            keeps_rows,
            rows: Vec::new(),
        }
    }

    pub fn add(&mut self, row: Row) {
        self.done += 1;
        self.working += usize::from(row.impact != Impact::Blocked);
        let causes = self.causes.entry(row.cause.clone()).or_insert(Causes {
            count: 0,
            impact: row.impact,
            examples: Vec::new(),
        });
        causes.count += 1;
        if causes.examples.len() < MOST_EXAMPLES {
            causes.examples.push(row.endpoint.clone());
        }
        if self.keeps_rows {
            self.rows.push(row);
        }
    }

    /// What was added so far is what an earlier run has tested.
    pub fn go_on(&mut self) {
        self.resumed = self.done;
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The highest exit status.
    pub fn status(&self) -> i32 {
        if self.misread > 0 {
            FAILED
        } else if self.working < self.done {
            BLOCKED
        } else {
            WORKS
        }
    }

    /// How far it is, on one line.
    pub fn progress(&self, texts: &Texts) -> String {
        let blocked = self.done - self.working;
        texts.cli.batch.progress.fill(&[
            ("done", &self.done),
            ("total", &self.total),
            ("blocked", &blocked),
        ])
    }

    /// All in a few lines, the commonest cause first.
    pub fn summary(&self, texts: &Texts) -> String {
        let words = &texts.cli.batch;
        let took = duration(texts.language, self.start.elapsed());
        let mut summary = words.summary.fill(&[
            ("done", &self.done),
            ("total", &self.total),
            ("working", &self.working),
            ("blocked", &(self.done - self.working)),
            ("took", &took),
        ]);
        if self.resumed > 0 {
            summary.push(' ');
            summary.push_str(&words.resumed.fill(self.resumed));
        }
        summary.push('\n');
        let mut causes: Vec<(&String, &Causes)> = self.causes.iter().collect();
        causes.sort_by_key(|(_, causes)| std::cmp::Reverse(causes.count));
        for (id, causes) in causes {
            let sign = sign(causes.impact);
            let examples = causes.examples.join(", ");
            let more = if causes.count > causes.examples.len() {
                ", …"
            } else {
                ""
            };
            let examples = printable(&examples);
            writeln!(
                summary,
                "{:>7}  {sign} {id:24} {examples}{more}",
                causes.count
            )
            .expect("writing to a String");
        }
        if self.misread > 0 {
            let misread = words.misread.fill(self.misread);
            writeln!(summary, "{:>7}  ? {misread}", self.misread).expect("writing to a String");
        }
        summary
    }
}
