//! What is left of a panic: a log file with all that is known, and a sentence that says where it is.
//!
//! Installed before anything else runs, so that a window that cannot be drawn and a thread that
//! stops are told of as well. Nothing leaves this machine. The message may hold what was being looked
//! at, so the sentence asks the person to look at the file before it is sent.

use std::backtrace::Backtrace;
use std::fs;
use std::io::{self, Write as _};
use std::panic::{self, PanicHookInfo};
use std::path::PathBuf;

use etcetera::{AppStrategy as _, AppStrategyArgs};

use crate::i18n::Texts;
use crate::save::write_atomically;
use crate::settings::SettingsFile;

/// From here on a panic leaves a log and says so on standard error; `show` may show the sentence to
/// whoever sees no terminal.
pub fn leave_a_log(show: fn(&str)) {
    panic::set_hook(Box::new(move |panic| {
        let sentence = told(panic);
        // With nobody to read it there is still the log.
        let _ = writeln!(io::stderr(), "{sentence}");
        show(&sentence);
    }));
}

/// Writes the log; what to say.
fn told(panic: &PanicHookInfo<'_>) -> String {
    let texts = Texts::of(SettingsFile::of_system().language());
    let log = log_of(panic);
    match keep_log("crash", &log) {
        Some(path) => texts.cli.crashed.fill(&[("path", &path.display())]),
        // Then it is at least on the screen.
        None => format!("{}\n{log}", texts.cli.crashed_unlogged),
    }
}

/// Writes a log of this kind; where to. Nothing where there is no place for it.
#[must_use]
pub fn keep_log(kind: &str, log: &str) -> Option<PathBuf> {
    places(kind).into_iter().find(|path| {
        if let Some(folder) = path.parent() {
            // If this fails, so does the writing, and the next place is tried.
            let _ = fs::create_dir_all(folder);
        }
        write_atomically(path, log.as_bytes()).is_ok()
    })
}

/// Where the log may go, the best place first: the platform's folder for state or caches, then the
/// one for temporary files.
fn places(kind: &str) -> Vec<PathBuf> {
    let name = format!(
        "{kind}-{}.log",
        jiff::Timestamp::now().strftime("%Y%m%d-%H%M%S")
    );
    let ketnoi = AppStrategyArgs {
        top_level_domain: String::new(),
        author: "Ketnoi".to_owned(),
        app_name: "Ketnoi".to_owned(),
    };
    let own = etcetera::choose_app_strategy(ketnoi)
        .map(|strategy| strategy.state_dir().unwrap_or_else(|| strategy.cache_dir()));
    let temporary = std::env::temp_dir().join(format!("ketnoi-{name}"));
    let own = own.ok().map(|folder| folder.join(&name));
    own.into_iter().chain([temporary]).collect()
}

fn log_of(panic: &PanicHookInfo<'_>) -> String {
    use std::fmt::Write as _;
    let mut log = String::new();
    let thread = std::thread::current();
    // Writing to a string cannot fail.
    let _ = writeln!(log, "ketnoi {}", env!("CARGO_PKG_VERSION"));
    let _ = writeln!(log, "{} {}", std::env::consts::OS, std::env::consts::ARCH);
    let _ = writeln!(log, "{}", jiff::Timestamp::now());
    let _ = writeln!(log, "thread {}", thread.name().unwrap_or("without a name"));
    let _ = writeln!(log, "{panic}");
    let _ = writeln!(log, "{}", Backtrace::force_capture());
    log
}
