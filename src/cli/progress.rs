//! One line that says what is being waited for, for as long as a person waits at a terminal.

use std::io::{IsTerminal as _, Write as _, stderr};
use std::time::Duration;

use super::arguments::Check;
use crate::i18n::Texts;
use crate::i18n::wording::duration;

/// Most answers are there before anybody would have read the line.
const DELAY: Duration = Duration::from_millis(400);

/// The line on standard error; nothing where that is no terminal.
pub(super) struct Progress {
    texts: &'static Texts,
    patience: Duration,
    is_wanted: bool,
    is_shown: bool,
}

impl Progress {
    pub fn of(check: &Check, texts: &'static Texts) -> Self {
        Self {
            texts,
            patience: check.patience,
            is_wanted: stderr().is_terminal(),
            is_shown: false,
        }
    }

    /// When the line is to be shown; never, when it is there already or not wanted.
    pub async fn due(&self) {
        if !self.is_wanted || self.is_shown {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(DELAY).await;
    }

    /// Shows that `open` targets have not answered yet.
    pub fn show(&mut self, open: usize) {
        let words = &self.texts.cli.waiting;
        let patience = duration(self.texts.language, self.patience);
        let line = if open == 1 { &words.one } else { &words.other };
        self.put(&line.fill(&[("count", &open), ("patience", &patience)]));
    }

    /// Shows a line in the place of the one before.
    pub fn put(&mut self, line: &str) {
        if !self.is_wanted {
            return;
        }
        // There is nobody left to tell when this fails.
        let _ = write!(stderr(), "\r{line}\u{1b}[K");
        let _ = stderr().flush();
        self.is_shown = true;
    }

    /// Takes the line away: back to its start, and erase to its end (ECMA-48, EL).
    pub fn clear(&mut self) {
        if self.is_shown {
            let _ = write!(stderr(), "\r\u{1b}[K");
            let _ = stderr().flush();
            self.is_shown = false;
        }
    }
}
