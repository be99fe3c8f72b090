//! Standard output and standard error: a reader that has gone away is no error, a full disk is.

use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal as _, Write as _};

use super::FAILED;
use super::failure::Failure;
use crate::evidence::printable;
use crate::i18n::Texts;

/// Where the answers go.
pub(super) struct Output {
    texts: &'static Texts,
    json: bool,
    /// The first failure of writing; nothing is written after it.
    broken: Option<io::Error>,
}

impl Output {
    pub fn new(texts: &'static Texts, json: bool) -> Self {
        Self {
            texts,
            json,
            broken: None,
        }
    }

    /// Prints text that has been made harmless already, and sees it off at once.
    pub fn print(&mut self, text: &str) {
        if self.broken.is_some() {
            return;
        }
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(text.as_bytes());
        self.broken = written.and_then(|()| stdout.flush()).err();
    }

    /// Whether nothing more can be printed.
    pub fn is_broken(&self) -> bool {
        self.broken.is_some()
    }

    /// Prints one line.
    pub fn print_line(&mut self, line: &str) {
        self.print(&format!("{line}\n"));
    }

    /// Says why something could not be done; returns the exit status for that.
    pub fn fail(&mut self, failure: &Failure) -> i32 {
        if self.json {
            self.print_line(&failure.json());
        }
        complain(failure.message());
        FAILED
    }

    /// Words of the system, for a sentence.
    pub fn reason(error: &dyn Display) -> String {
        printable(&error.to_string()).into_owned()
    }

    /// The exit status after all: a full disk turns success into failure, a reader that has gone
    /// away does not.
    pub fn finish(mut self, status: i32) -> i32 {
        match self.broken.take() {
            Some(error) if error.kind() != ErrorKind::BrokenPipe => {
                let reason = Self::reason(&error);
                let sentence = self
                    .texts
                    .cli
                    .output_unwritable
                    .fill(&[("reason", &reason)]);
                complain(&sentence);
                FAILED
            }
            Some(_) | None => status,
        }
    }

    /// Whether colours are welcome on standard output (<https://no-color.org>).
    pub fn is_colourful() -> bool {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        !refused && !dumb && io::stdout().is_terminal()
    }
}

/// One line on standard error.
pub(super) fn complain(sentence: &str) {
    let one_line = sentence.replace('\n', " ");
    // There is nobody left to tell when this fails.
    let _ = writeln!(io::stderr().lock(), "ketnoi: {}", printable(&one_line));
}
