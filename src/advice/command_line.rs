//! A command as data, quoted for the shell it is shown for. Nothing here runs anything.
//!
//! Quoting keeps a word one word; it cannot keep a word that begins with a dash from being read as
//! an option. Whoever puts a foreign word into a command sees to that ([`super::safe_host`]).

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::evidence::{Os, printable};

/// A program and its arguments, never a string that a shell would take apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CommandLine {
    /// The shell it is to be typed into.
    pub shell: Shell,
    /// Program and arguments.
    pub words: Vec<String>,
}

/// The shells people paste commands into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shell {
    /// sh, bash, zsh.
    Posix,
    /// Windows PowerShell and PowerShell 7.
    PowerShell,
}

impl CommandLine {
    /// A command for sh, bash or zsh.
    pub fn posix<S: Into<String>>(words: impl IntoIterator<Item = S>) -> Self {
        Self::new(Shell::Posix, words)
    }

    /// A command for PowerShell.
    pub fn power_shell<S: Into<String>>(words: impl IntoIterator<Item = S>) -> Self {
        Self::new(Shell::PowerShell, words)
    }

    /// A command that is the same on every system, for the usual shell of this one.
    pub fn on<S: Into<String>>(os: Os, words: impl IntoIterator<Item = S>) -> Self {
        match os {
            Os::Linux | Os::Macos => Self::posix(words),
            Os::Windows => Self::power_shell(words),
        }
    }

    fn new<S: Into<String>>(shell: Shell, words: impl IntoIterator<Item = S>) -> Self {
        Self {
            shell,
            words: words.into_iter().map(Into::into).collect(),
        }
    }

    /// The command as one line for its shell.
    ///
    /// Control and other treacherous characters are spelt out rather than passed on: such a
    /// command fails instead of doing something that cannot be seen.
    #[must_use]
    pub fn display(&self) -> String {
        let mut line = String::new();
        for (position, word) in self.words.iter().enumerate() {
            let quoted = match self.shell {
                Shell::Posix => posix_word(word, position == 0),
                Shell::PowerShell => power_shell_word(word),
            };
            let is_quoted_program = position == 0 && quoted != *word;
            match (position, self.shell) {
                // PowerShell takes a quoted first word for a value; `&` calls it.
                (0, Shell::PowerShell) if is_quoted_program => line.push_str("& "),
                (0, Shell::Posix | Shell::PowerShell) => {}
                (_, Shell::Posix | Shell::PowerShell) => line.push(' '),
            }
            line.push_str(&quoted);
        }
        printable(&line).into_owned()
    }
}

impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.display())
    }
}

/// Single quotes keep everything but a single quote (POSIX.1, XCU 2.2.2).
fn posix_word(word: &str, is_program: bool) -> Cow<'_, str> {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "_@%+:,./-".contains(c);
    // `name=value` in front of a command is an assignment, and zsh expands a leading `=`.
    let is_bare = |c: char| harmless(c) || (c == '=' && !is_program && !word.starts_with('='));
    if !word.is_empty() && word.chars().all(is_bare) {
        return Cow::Borrowed(word);
    }
    Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")))
}

/// PowerShell ends a single-quoted string at any of five quotation marks; a doubled one stands for
/// itself (`about_Quoting_Rules`).
fn power_shell_word(word: &str) -> Cow<'_, str> {
    if is_bare_in_power_shell(word) {
        return Cow::Borrowed(word);
    }
    let mut quoted = String::with_capacity(word.len() + 2);
    quoted.push('\'');
    for character in word.chars() {
        quoted.push(character);
        if is_power_shell_quote(character) {
            quoted.push(character);
        }
    }
    quoted.push('\'');
    Cow::Owned(quoted)
}

/// Names, parameters and plain numbers; anything else PowerShell might take for an array, a
/// variable or a number with a suffix.
fn is_bare_in_power_shell(word: &str) -> bool {
    let option = word.strip_prefix("--").or_else(|| word.strip_prefix('-'));
    let name = option.unwrap_or(word);
    let is_number = option.is_none()
        && (word == "0" || (!word.starts_with('0') && word.bytes().all(|b| b.is_ascii_digit())));
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| {
            c.is_ascii_alphanumeric() || "_-".contains(c) || (option.is_none() && c == '.')
        });
    !word.is_empty() && (is_number || is_name)
}

fn is_power_shell_quote(character: char) -> bool {
    matches!(character, '\'' | '\u{2018}'..='\u{201b}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmless_words_stay_as_they_are() {
        let command = CommandLine::posix(["sudo", "ufw", "allow", "from", "192.168.1.0/24"]);
        assert_eq!(command.display(), "sudo ufw allow from 192.168.1.0/24");
        let command = CommandLine::power_shell(["Get-Service", "-Name", "sshd", "--x-y", "5432"]);
        assert_eq!(command.display(), "Get-Service -Name sshd --x-y 5432");
    }

    #[test]
    fn posix_quotes_whatever_a_shell_would_act_on() {
        let quoted = |word| CommandLine::posix(["echo", word]).display();
        assert_eq!(quoted("$(reboot)"), "echo '$(reboot)'");
        assert_eq!(quoted("it's"), r"echo 'it'\''s'");
        assert_eq!(quoted(""), "echo ''");
        assert_eq!(quoted("=ls"), "echo '=ls'");
        assert_eq!(quoted("<SUBNET>"), "echo '<SUBNET>'");
        assert_eq!(CommandLine::posix(["A=b", "c"]).display(), "'A=b' c");
    }

    #[test]
    fn power_shell_doubles_every_kind_of_single_quote() {
        let quoted = |word| CommandLine::power_shell(["echo", word]).display();
        assert_eq!(quoted("a'; reboot; '"), "echo 'a''; reboot; '''");
        assert_eq!(quoted("a’; reboot; ‘"), "echo 'a’’; reboot; ‘‘'");
        assert_eq!(quoted("‚‛"), "echo '‚‚‛‛'");
        assert_eq!(quoted("“$(reboot)”`n"), "echo '“$(reboot)”`n'");
        assert_eq!(quoted("Private,Domain"), "echo 'Private,Domain'");
        assert_eq!(quoted("0x10"), "echo '0x10'");
        assert_eq!(quoted("--%"), "echo '--%'");
    }

    #[test]
    fn a_quoted_program_is_called_not_printed_by_power_shell() {
        let command = CommandLine::power_shell([r"C:\Program Files\x.exe", "-v"]);
        assert_eq!(command.display(), r"& 'C:\Program Files\x.exe' -v");
    }

    #[test]
    fn control_characters_are_spelt_out() {
        let command = CommandLine::posix(["echo", "a\nb\u{1b}[31m\u{202e}"]);
        assert_eq!(command.display(), r"echo 'a\u{a}b\u{1b}[31m\u{202e}'");
    }
}
