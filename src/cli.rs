//! `ketnoi check`, `ketnoi local` and `ketnoi compare`: the command line.
//!
//! What it prints is decided in its parts: `arguments` understands the line, `inputs` the
//! targets on it, `check` tests them or `batch` very many, `answer` words the result. Here the parts are joined,
//! and the exit status is chosen.

mod answer;
mod arguments;
mod asked;
mod batch;
mod check;
mod compare;
mod dry_run;
mod ends;
mod failure;
mod help;
mod inputs;
mod layout;
mod local;
mod output;
mod progress;

use std::ffi::OsString;
use std::path::Path;

use crate::case::ends::OtherReport;
use crate::evidence::{Os, printable};
use crate::i18n::Texts;
use crate::report::opened::{Saved, open_bytes, open_either_bytes};
use crate::save::SaveProblem;
use crate::settings::SettingsFile;
use crate::target::path_of_file_url;
use arguments::Request;
use failure::Failure;
use output::Output;

/// It works, perhaps not fully.
const WORKS: i32 = 0;
/// Some target does not work.
const BLOCKED: i32 = 1;
/// Ketnoi could not do its work.
const FAILED: i32 = 2;
/// Interrupted by SIGINT (128 + 2, as shells have it).
const INTERRUPTED: i32 = 130;

/// Does what the arguments (without the program's name) ask for, and returns the exit status.
///
/// The caller ends the process with it at once: a resolver or a firewall service that hangs may
/// still be waited for on another thread.
#[must_use]
pub fn run(arguments: impl Iterator<Item = OsString>) -> i32 {
    let arguments: Vec<OsString> = arguments.collect();
    let language = arguments::language_asked_for(&arguments)
        .unwrap_or_else(|| SettingsFile::of_system().language());
    let texts = Texts::of(language);
    let json = arguments::json_asked_for(&arguments);
    let mut output = Output::new(texts, json);
    let status = match arguments::parse(arguments) {
        Ok(Request::Help) => {
            output.print(&help::help(&texts.cli, Os::terminal_program_here()));
            WORKS
        }
        Ok(Request::Version) => {
            output.print(concat!("ketnoi ", env!("CARGO_PKG_VERSION"), "\n"));
            WORKS
        }
        Ok(Request::Check(check)) if check.dry_run => dry_run::run(&check, texts, &mut output),
        Ok(Request::Check(check)) => match &check.batch {
            Some(batch) => batch::run(&check, batch, texts, &mut output),
            None => check::run(&check, texts, &mut output),
        },
        Ok(Request::Compare(compare)) => compare::run(&compare, texts, &mut output),
        Ok(Request::Local(local)) => local::run(&local, texts, &mut output),
        Err(misuse) => output.fail(&Failure::of_misuse(&texts.cli, &misuse)),
    };
    output.finish(status)
}

/// The saved report that the window is to open: the only argument, where it names one and is no
/// command, as a file manager passes it on.
#[must_use]
pub fn report_to_open(arguments: &[OsString]) -> Option<&Path> {
    let [only] = arguments else { return None };
    let path = Path::new(only);
    let name = path.file_name()?.to_string_lossy().to_lowercase();
    let is_option = only.to_string_lossy().starts_with('-');
    let is_named = name.ends_with(".ketnoi.json");
    (!is_option && (is_named || path.is_file())).then_some(path)
}

/// A saved report, or a sentence that says why the file cannot be opened.
///
/// # Errors
/// That sentence.
pub fn saved_report(path: &Path, texts: &Texts) -> Result<Saved, String> {
    let shown = path.to_string_lossy();
    let because = |reason: &str| {
        let values: &[(&str, &dyn std::fmt::Display)] =
            &[("file", &printable(&shown)), ("reason", &reason)];
        texts.report.open.failed.fill(values)
    };
    // A pipe may never end.
    if path.metadata().is_ok_and(|found| !found.is_file()) {
        return Err(because(&texts.report.open.not_a_file));
    }
    let bytes = inputs::report(path, texts).map_err(|failure| failure.message().to_owned())?;
    let read = open_bytes(&bytes).and_then(Saved::try_from);
    read.map_err(|error| error.sentence(texts, &shown))
}

/// What to say where no window can be opened; `has_display` where there is a display, and nothing
/// can be drawn on it.
#[must_use]
pub fn no_window_sentence(texts: &Texts, os: Os, has_display: bool) -> &str {
    let words = &texts.cli;
    match os {
        Os::Linux if has_display => &words.no_opengl,
        Os::Linux | Os::Macos => &words.no_display,
        Os::Windows => &words.no_graphics,
    }
}

/// The report of the other computer, which was pasted whole or named by its path, as it is dragged
/// or copied from a file manager; otherwise a sentence that says why it cannot be read.
///
/// # Errors
/// Where there is no file, or it is no report.
pub fn other_report(given: &str, texts: &Texts) -> Result<OtherReport, String> {
    let given = given.trim();
    let (name, bytes) = if given.starts_with(['{', '[']) {
        (
            texts.window.other_end.pasted.clone(),
            given.as_bytes().to_vec(),
        )
    } else {
        let bare = given.trim_matches(['"', '\'']);
        let named = path_of_file_url(bare);
        let path = Path::new(named.as_deref().unwrap_or(bare));
        let read = inputs::plain_report(path, texts);
        let bytes = read.map_err(|failure| failure.message().to_owned())?;
        (path.to_string_lossy().into_owned(), bytes)
    };
    let opened = open_either_bytes(&bytes).map_err(|error| error.sentence(texts, &name))?;
    Ok(opened.into_other())
}

/// Why a file could not be saved, as the end of a sentence.
#[must_use]
pub fn save_problem(texts: &Texts, problem: SaveProblem) -> &str {
    let words = &texts.cli;
    match problem {
        SaveProblem::FolderMissing => &words.save_folder_missing,
        SaveProblem::NotAllowed => &words.save_not_allowed,
        SaveProblem::WriteProtected => &words.save_write_protected,
        SaveProblem::IsFolder => &words.save_is_folder,
        SaveProblem::NotAFile => &words.save_not_a_file,
        SaveProblem::DiskFull => &words.save_disk_full,
        SaveProblem::ReadOnlyVolume => &words.save_read_only_volume,
        SaveProblem::BadName => &words.save_bad_name,
        SaveProblem::InUse => &words.save_in_use,
        SaveProblem::Other => &words.save_other,
    }
}
