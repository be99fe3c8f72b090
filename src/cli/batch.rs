//! `ketnoi check --targets`: many targets, a bounded number at a time, each told as its answer
//! stands.

pub(super) mod list;
mod results;
mod table;
mod tally;

use std::io;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime;
use tokio::sync::Semaphore;
use tokio::task::{JoinError, JoinSet, LocalSet};

use super::arguments::{Batch, Check, Privacy};
use super::asked::Asked;
use super::check;
use super::output::{self, Output};
use super::progress::Progress;
use super::{INTERRUPTED, WORKS};
use crate::case::Case;
use crate::i18n::Texts;
use crate::report::{self, Redactor, Stamp};
use crate::worker::{Depth, Investigator, Job};
use results::Results;
use tally::{Row, Tally};

/// A test that asks everything has at most about so many sockets open for one address.
const SOCKETS_OF_A_FULL_TEST: usize = 4;

/// How often a person at a terminal sees how far it is.
const TICK: Duration = Duration::from_millis(250);

/// Tests the targets of a list; returns the highest exit status of all.
pub(super) fn run(check: &Check, batch: &Batch, texts: &'static Texts, output: &mut Output) -> i32 {
    let (mut targets, misread) = match list::read(check, batch, texts, output) {
        Ok(read) => read,
        Err(failure) => return output.fail(&failure),
    };
    let mut tally = Tally::new(targets.len(), misread, batch.table.is_some());
    let results = match &batch.results {
        Some(path) if batch.resume => Results::resume(path, &mut targets, &mut tally, texts),
        Some(path) => Results::create(path, texts),
        None => Ok(Results::nowhere()),
    };
    let results = match results {
        Ok(results) => results,
        Err(failure) => return output.fail(&failure),
    };
    tally.go_on();
    let runtime = match runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output.fail(&check::not_started(texts, &error)),
    };
    let mut session = Session {
        check,
        batch,
        texts,
        results,
        tally,
        redactor: Redactor::default(),
        output,
    };
    let status = LocalSet::new().block_on(&runtime, session.test(targets));
    // A resolver that hangs must not keep the process.
    runtime.shutdown_background();
    status.max(session.finish())
}

/// One run of a batch.
struct Session<'a> {
    check: &'a Check,
    batch: &'a Batch,
    texts: &'static Texts,
    results: Results,
    tally: Tally,
    /// One for all targets, so that a name stands for the same in each answer.
    redactor: Redactor,
    output: &'a mut Output,
}

impl Session<'_> {
    async fn test(&mut self, targets: Vec<Asked>) -> i32 {
        let investigator = Investigator::of_system();
        let ration = Arc::new(Semaphore::new(self.batch.parallel));
        let at_a_time = if self.batch.full {
            self.batch.parallel.div_ceil(SOCKETS_OF_A_FULL_TEST)
        } else {
            self.batch.parallel
        };
        let mut waiting = targets.into_iter();
        let mut tests = JoinSet::new();
        let mut interrupt = pin!(tokio::signal::ctrl_c());
        let mut progress = Progress::of(self.check, self.texts);
        let mut tick = tokio::time::interval(TICK);
        loop {
            while tests.len() < at_a_time
                && let Some(asked) = waiting.next()
            {
                let job = self.job(&asked, &ration);
                tests.spawn_local(check::examine_one(job, asked.said, investigator.clone()));
            }
            let ended = tokio::select! {
                biased;
                _ = &mut interrupt => {
                    progress.clear();
                    output::complain(&self.texts.cli.batch.interrupted);
                    return INTERRUPTED;
                }
                ended = tests.join_next() => ended,
                _ = tick.tick() => {
                    progress.put(&self.tally.progress(self.texts));
                    continue;
                }
            };
            let Some(ended) = ended else {
                progress.clear();
                return WORKS;
            };
            progress.clear();
            if let Some(status) = self.take(ended) {
                return status;
            }
        }
    }

    fn job(&self, asked: &Asked, ration: &Arc<Semaphore>) -> Job {
        let depth = if self.batch.full {
            Depth::Full
        } else {
            Depth::Survey(Arc::clone(ration))
        };
        Job {
            connects: self.check.connects,
            target_only: self.check.target_only,
            from: self.check.from,
            depth,
            ..Job::new(0, asked.target.clone(), self.check.patience)
        }
    }

    /// Tells a result; gives an exit status where nothing more can be told.
    fn take(&mut self, ended: Result<(Case, Stamp), JoinError>) -> Option<i32> {
        let (mut case, mut stamp) = match ended {
            Ok(answer) => answer,
            Err(error) => {
                let error = io::Error::other(error);
                return Some(self.output.fail(&check::not_started(self.texts, &error)));
            }
        };
        if self.check.privacy == Privacy::Anonymised {
            case = self.redactor.retell(&case);
            stamp.anonymised = true;
        }
        let row = Row::of(&case, &stamp, self.texts);
        if self.check.json || self.batch.results.is_some() {
            let line = report::json::line(&case, self.texts, &stamp);
            if self.check.json {
                self.output.print_line(&line);
            }
            if let Err(failure) = self.results.add(&line, self.texts) {
                return Some(self.output.fail(&failure));
            }
        }
        if !self.check.json {
            self.output.print_line(&row.line(self.texts));
        }
        self.tally.add(row);
        self.output.is_broken().then_some(WORKS)
    }

    /// Sums up, and saves the table.
    fn finish(&mut self) -> i32 {
        let summary = self.tally.summary(self.texts);
        if self.check.json {
            output::complain(summary.trim_end());
        } else {
            self.output.print(&format!("\n{summary}"));
        }
        if let Some(path) = &self.batch.results {
            self.say_saved(path);
        }
        let mut status = self.tally.status();
        if let Some(path) = &self.batch.table {
            let table = table::csv(self.tally.rows());
            status = status.max(check::save(path, table.as_bytes(), self.texts));
        }
        status
    }

    fn say_saved(&self, path: &Path) {
        let path = check::shown(path);
        output::complain(&self.texts.cli.saved.fill(&[("path", &path)]));
    }
}
