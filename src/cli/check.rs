//! Tests the targets, all at once, and prints each answer when it stands.

use std::io;
use std::path::Path;
use std::pin::pin;
use std::time::Instant;

use jiff::Timestamp;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::{JoinSet, LocalSet};

use super::arguments::{Check, Privacy};
use super::asked::{Asked, Targets};
use super::failure::Failure;
use super::inputs;
use super::output::{self, Output};
use super::progress::Progress;
use super::{BLOCKED, FAILED, INTERRUPTED, WORKS, answer, save_problem};
use crate::case::Case;
use crate::diagnosis::Impact;
use crate::evidence::{Fact, examples, printable};
use crate::i18n::Texts;
use crate::report::{self, Redactor, Stamp};
use crate::save::write_atomically;
use crate::target::Said;
use crate::worker::{self, Investigator, Job, read_pasted_output};

/// Tests what the line asks for; returns the highest exit status of all targets.
pub(super) fn run(check: &Check, texts: &'static Texts, output: &mut Output) -> i32 {
    let investigator = Investigator::of_system();
    let (targets, understood) = match targets(check, texts, &investigator, output) {
        Ok(targets) => targets,
        Err(failure) => return output.fail(&failure),
    };
    if targets.is_empty() {
        return understood;
    }
    let firewall_output = check.firewall_output.as_deref();
    let pasted = match firewall_output.map(|path| inputs::firewall_output(path, texts)) {
        Some(Err(failure)) => return output.fail(&failure),
        Some(Ok(text)) => Some(text),
        None => None,
    };
    let runtime = match worker::runtime() {
        Ok(runtime) => runtime,
        Err(error) => return output.fail(&not_started(texts, &error)),
    };
    let mut session = Session {
        check,
        texts,
        colourful: Output::is_colourful(),
        printed: 0,
        saved: Vec::new(),
        pasted,
        redactor: Redactor::default(),
        output,
    };
    let tested = LocalSet::new().block_on(&runtime, session.test(targets, &investigator));
    // A resolver that hangs must not keep the process.
    runtime.shutdown_background();
    let status = understood.max(tested);
    if status == INTERRUPTED && session.saved.is_empty() {
        return status;
    }
    status.max(session.save())
}

/// The targets that can be tested, none twice, and the status of what could not be understood.
fn targets(
    check: &Check,
    texts: &'static Texts,
    investigator: &Investigator,
    output: &mut Output,
) -> Result<(Vec<Asked>, i32), Failure> {
    let (mut targets, mut status) = (Targets::default(), WORKS);
    for input in inputs::read(&check.targets, texts)? {
        let Err(unasked) = targets.take(input.meaning, texts) else {
            continue;
        };
        let listeners = if unasked.may_be_here {
            investigator.listeners()
        } else {
            Fact::default()
        };
        let mut offer = examples(listeners.known().map_or(&[], Vec::as_slice));
        offer.truncate(MOST_EXAMPLES);
        let endpoints = offer.iter().map(|one| one.endpoint.clone()).collect();
        status = output.fail(&unasked.failure.with_examples(endpoints));
        if !check.json && !offer.is_empty() {
            output.print(&answer::offer(&offer, texts));
        }
    }
    Ok((targets.all, status))
}

pub(super) fn not_started(texts: &Texts, error: &io::Error) -> Failure {
    let reason = Output::reason(error);
    let sentence = texts.cli.system_failed.fill(&[("reason", &reason)]);
    Failure::new("system-failed", sentence)
}

/// One run of `ketnoi check`.
struct Session<'a> {
    check: &'a Check,
    texts: &'static Texts,
    colourful: bool,
    printed: usize,
    /// The reports for the file, in the order in which they finished.
    saved: Vec<String>,
    /// A firewall's output, to judge the targets' ports by.
    pasted: Option<String>,
    /// One for all targets, so that a name stands for the same in each answer.
    redactor: Redactor,
    output: &'a mut Output,
}

impl Session<'_> {
    async fn test(&mut self, targets: Vec<Asked>, investigator: &Investigator) -> i32 {
        let (send, mut receive) = unbounded_channel();
        let mut open = targets.len();
        let mut tests = JoinSet::new();
        for group in by_host(targets) {
            let jobs = group.into_iter().map(|asked| {
                let job = Job {
                    connects: self.check.connects,
                    target_only: self.check.target_only,
                    from: self.check.from,
                    ..Job::new(0, asked.target, self.check.patience)
                };
                (job, asked.said)
            });
            let jobs: Vec<(Job, Option<Said>)> = jobs.collect();
            tests.spawn_local(examine(jobs, investigator.clone(), send.clone()));
        }
        drop(send);
        let mut status = WORKS;
        let mut interrupt = pin!(tokio::signal::ctrl_c());
        let mut progress = Progress::of(self.check, self.texts);
        loop {
            let finished = tokio::select! {
                biased;
                finished = receive.recv() => finished,
                _ = &mut interrupt => {
                    progress.clear();
                    output::complain(&self.texts.cli.interrupted);
                    return INTERRUPTED;
                }
                () = progress.due() => {
                    progress.show(open);
                    continue;
                }
            };
            progress.clear();
            match finished {
                Some((mut case, stamp)) => {
                    open -= 1;
                    self.read_pasted(&mut case);
                    status = status.max(self.tell(&case, &stamp));
                }
                None => break,
            }
        }
        while let Some(ended) = tests.join_next().await {
            if let Err(error) = ended {
                let error = io::Error::other(error);
                status = self.output.fail(&not_started(self.texts, &error));
            }
        }
        status
    }

    /// Adds what the firewall's output says of the case's port; where it is not recognised, says so.
    fn read_pasted(&self, case: &mut Case) {
        let Some(text) = &self.pasted else { return };
        if let Some(told) = read_pasted_output(text, case.evidence()) {
            case.record(told);
        } else {
            let path = self.check.firewall_output.as_deref();
            let path = path.map_or_else(String::new, shown);
            let sentence = &self.texts.cli.firewall_output_unknown;
            output::complain(&sentence.fill(&[("path", &path)]));
        }
    }

    fn tell(&mut self, case: &Case, stamp: &Stamp) -> i32 {
        if self.check.privacy == Privacy::Anonymised {
            let case = self.redactor.retell(case);
            let anonymised = true;
            self.tell_as_is(
                &case,
                &Stamp {
                    anonymised,
                    ..*stamp
                },
            )
        } else {
            self.tell_as_is(case, stamp)
        }
    }

    fn tell_as_is(&mut self, case: &Case, stamp: &Stamp) -> i32 {
        if self.check.json {
            let line = report::json::line(case, self.texts, stamp);
            self.output.print_line(&line);
        } else {
            let gap = if self.printed > 0 { "\n" } else { "" };
            let answer = answer::answer(case, self.texts, stamp, self.colourful);
            self.output.print(&format!("{gap}{answer}"));
        }
        self.printed += 1;
        if let Some((_, format)) = &self.check.output {
            self.saved
                .push(report::render(case, *format, self.texts, stamp));
        }
        match case.diagnosis().impact {
            Impact::None | Impact::Degraded => WORKS,
            Impact::Blocked => BLOCKED,
        }
    }

    /// Saves what was asked to be saved, several reports in one file.
    fn save(&mut self) -> i32 {
        let Some((path, format)) = &self.check.output else {
            return WORKS;
        };
        let text = report::joined(*format, &self.saved);
        save(path, text.as_bytes(), self.texts)
    }
}

/// Saves a file and says so, or why not; returns the exit status.
pub(super) fn save(path: &Path, content: &[u8], texts: &Texts) -> i32 {
    let saved = write_atomically(path, content);
    let path = shown(path);
    match saved {
        Ok(()) => {
            output::complain(&texts.cli.saved.fill(&[("path", &path)]));
            WORKS
        }
        Err(error) => {
            let reason = save_problem(texts, error.problem);
            let values: &[(&str, &dyn std::fmt::Display)] = &[("path", &path), ("reason", &reason)];
            output::complain(&texts.cli.not_saved.fill(values));
            FAILED
        }
    }
}

/// More listeners than these are not offered.
const MOST_EXAMPLES: usize = 12;

/// The targets of each host together: what rejects one port of a host may count all its connects.
fn by_host(targets: Vec<Asked>) -> Vec<Vec<Asked>> {
    let mut groups: Vec<Vec<Asked>> = Vec::new();
    for asked in targets {
        let same_host = |group: &&mut Vec<Asked>| group[0].target.host == asked.target.host;
        match groups.iter_mut().find(same_host) {
            Some(group) => group.push(asked),
            None => groups.push(vec![asked]),
        }
    }
    groups
}

/// The targets of one host, one after another, each from question to verdict. A verdict is drawn
/// once, at the end.
async fn examine(jobs: Vec<(Job, Option<Said>)>, investigator: Investigator, answers: Answers) {
    for (job, said) in jobs {
        let answer = examine_one(job, said, investigator.clone()).await;
        // Nobody listens any more after an interrupt.
        let _ = answers.send(answer);
    }
}

/// One target, from question to verdict.
pub(super) async fn examine_one(
    job: Job,
    said: Option<Said>,
    investigator: Investigator,
) -> (Case, Stamp) {
    let created = Timestamp::now();
    let start = Instant::now();
    let mut evidence = investigator.evidence(&job).await;
    evidence.said = said;
    let took = start.elapsed();
    let stamp = Stamp {
        created,
        took,
        anonymised: false,
    };
    (Case::new(evidence), stamp)
}

type Answers = UnboundedSender<(Case, Stamp)>;

pub(super) fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy()).into_owned()
}
