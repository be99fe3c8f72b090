//! The file of a batch's results: a line of JSON for each, added as it comes. A line that was cut
//! short, because the program was killed or the disk was full, counts as not written.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use serde::Deserialize;

use super::super::asked::{Asked, key};
use super::super::check::shown;
use super::super::failure::Failure;
use super::super::output::Output;
use super::tally::{Row, Tally};
use crate::diagnosis::{Certainty, Impact};
use crate::i18n::Texts;
use crate::report::json::SCHEMA;
use crate::report::opened::LONGEST_REPORT;
use crate::target::Target;

/// Where results are added.
pub(super) struct Results {
    file: Option<(File, String)>,
}

/// What a result tells of its target.
#[derive(Deserialize)]
struct Saved {
    schema: String,
    took_ms: f64,
    verdict: SavedVerdict,
    evidence: SavedEvidence,
}

#[derive(Deserialize)]
struct SavedVerdict {
    reachable: bool,
    impact: Impact,
    cause: String,
    certainty: Certainty,
    summary: String,
}

#[derive(Deserialize)]
struct SavedEvidence {
    target: Target,
}

/// A file that goes on from here, or why it cannot.
enum Earlier {
    /// Everything up to this length is whole lines.
    Whole(u64),
    /// The line with this number is no result.
    Foreign(usize),
}

impl Results {
    /// Keeps nothing.
    pub fn nowhere() -> Self {
        Self { file: None }
    }

    /// A new file; an old one of that name is gone.
    pub fn create(path: &Path, texts: &Texts) -> Result<Self, Failure> {
        let file = File::create(path).map_err(|error| unwritable(path, &error, texts))?;
        Ok(Self::of(file, path))
    }

    /// The file as it is, without the line that was cut short; takes what it has out of `targets`
    /// and into `tally`. A file that is not there yet is a new one.
    pub fn resume(
        path: &Path,
        targets: &mut Vec<Asked>,
        tally: &mut Tally,
        texts: &Texts,
    ) -> Result<Self, Failure> {
        let unusable = |error: &io::Error| unwritable(path, error, texts);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(|error| unusable(&error))?;
        let mut wanted: HashSet<String> = targets.iter().map(|asked| key(&asked.target)).collect();
        let earlier = read_earlier(&file, |target, row| {
            if wanted.remove(&key(target)) {
                tally.add(row);
            }
        });
        let length = match earlier.map_err(|error| unusable(&error))? {
            Earlier::Whole(length) => length,
            Earlier::Foreign(line) => {
                let path = shown(path);
                let values: &[(&str, &dyn std::fmt::Display)] = &[("path", &path), ("line", &line)];
                let sentence = texts.cli.batch.foreign_results.fill(values);
                return Err(Failure::new("foreign-results", sentence));
            }
        };
        let cut = file.set_len(length);
        cut.and_then(|()| file.seek(SeekFrom::Start(length)))
            .map_err(|error| unusable(&error))?;
        targets.retain(|asked| wanted.contains(&key(&asked.target)));
        Ok(Self::of(file, path))
    }

    fn of(file: File, path: &Path) -> Self {
        let file = Some((file, shown(path)));
        Self { file }
    }

    /// Adds a result, in one piece as far as the system goes along.
    pub fn add(&mut self, line: &str, texts: &Texts) -> Result<(), Failure> {
        let Some((file, path)) = &mut self.file else {
            return Ok(());
        };
        let written = file.write_all(format!("{line}\n").as_bytes());
        written.map_err(|error| failure(path, &error, texts))
    }
}

/// Gives every result in the file to `tell`, one line in memory at a time.
fn read_earlier(file: &File, mut tell: impl FnMut(&Target, Row)) -> io::Result<Earlier> {
    let mut reader = BufReader::new(file);
    let longest = u64::try_from(LONGEST_REPORT).unwrap_or(u64::MAX);
    let (mut length, mut number, mut line) = (0, 0, Vec::new());
    loop {
        line.clear();
        number += 1;
        let read = (&mut reader).take(longest).read_until(b'\n', &mut line)?;
        if line.last() != Some(&b'\n') {
            let is_too_long = u64::try_from(read).is_ok_and(|read| read == longest);
            return Ok(if is_too_long {
                Earlier::Foreign(number)
            } else {
                Earlier::Whole(length)
            });
        }
        match serde_json::from_slice::<Saved>(&line) {
            Ok(saved) if saved.schema == SCHEMA => {
                let target = saved.evidence.target.clone();
                tell(&target, saved.into());
            }
            Ok(_) | Err(_) => return Ok(Earlier::Foreign(number)),
        }
        length += u64::try_from(read).unwrap_or_default();
    }
}

impl From<Saved> for Row {
    fn from(saved: Saved) -> Self {
        Self {
            input: saved.evidence.target.input.clone(),
            endpoint: saved.evidence.target.endpoint(),
            host: saved.evidence.target.host.to_string(),
            port: saved.evidence.target.port,
            reachable: saved.verdict.reachable,
            impact: saved.verdict.impact,
            cause: saved.verdict.cause,
            certainty: saved.verdict.certainty,
            summary: saved.verdict.summary,
            took_ms: saved.took_ms,
        }
    }
}

fn unwritable(path: &Path, error: &io::Error, texts: &Texts) -> Failure {
    failure(&shown(path), error, texts)
}

fn failure(path: &str, error: &io::Error, texts: &Texts) -> Failure {
    let reason = Output::reason(error);
    let values: &[(&str, &dyn std::fmt::Display)] = &[("path", &path), ("reason", &reason)];
    Failure::new("output-unwritable", texts.cli.not_saved.fill(values))
}
