//! The targets on the command line, understood: addresses, pasted errors, standard input.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use super::failure::Failure;
use super::output::Output;
use crate::evidence::printable;
use crate::i18n::Texts;
use crate::report::opened::LONGEST_REPORT;
use crate::target::{AddressError, LONGEST_TEXT, Understanding, understand};

/// One input as given and what it was understood to be.
pub(super) struct Input {
    /// The text.
    pub text: String,
    /// What it means.
    pub meaning: Result<Understanding, AddressError>,
}

/// Reads and understands every input; `-` is standard input, read once.
pub(super) fn read(targets: &[String], texts: &Texts) -> Result<Vec<Input>, Failure> {
    let mut pasted: Option<String> = None;
    // One byte more than is understood, so that a text that is too long is seen to be.
    let limit = u64::try_from(LONGEST_TEXT).expect("a mebibyte") + 1;
    let mut inputs = Vec::with_capacity(targets.len());
    for target in targets {
        let text = match (target.as_str(), &pasted) {
            ("-", Some(pasted)) => pasted.clone(),
            ("-", None) => pasted
                .insert(decoded(&standard_input(texts, limit)?))
                .clone(),
            _ => target.clone(),
        };
        let meaning = understand(&text);
        inputs.push(Input { text, meaning });
    }
    Ok(inputs)
}

/// The text of a firewall's output, from a file or `-` for standard input.
pub(super) fn firewall_output(path: &Path, texts: &Texts) -> Result<String, Failure> {
    file(path, MOST_OUTPUT, texts)
}

/// The text of a list of targets, from a file or `-` for standard input.
pub(super) fn list(path: &Path, texts: &Texts) -> Result<String, Failure> {
    file(path, LONGEST_LIST, texts)
}

/// The text of a saved report, so much of it that one that is too long is seen to be.
pub(super) fn report(path: &Path, texts: &Texts) -> Result<Vec<u8>, Failure> {
    let limit = u64::try_from(LONGEST_REPORT).expect("some mebibytes") + 1;
    bytes_of(path, limit, texts)
}

/// The same of an ordinary file: anything else might never end.
pub(super) fn plain_report(path: &Path, texts: &Texts) -> Result<Vec<u8>, Failure> {
    match path.metadata() {
        Ok(about) if !about.is_file() => {
            let error = io::Error::from(io::ErrorKind::InvalidInput);
            Err(unreadable(path, &error, texts))
        }
        Ok(_) => report(path, texts),
        Err(error) => Err(unreadable(path, &error, texts)),
    }
}

fn unreadable(path: &Path, error: &io::Error, texts: &Texts) -> Failure {
    let reason = Output::reason(error);
    let path = printable(&path.to_string_lossy()).into_owned();
    let values: &[(&str, &dyn std::fmt::Display)] = &[("path", &path), ("reason", &reason)];
    let sentence = texts.cli.file_unreadable.fill(values);
    Failure::new("input-unreadable", sentence)
}

fn file(path: &Path, limit: u64, texts: &Texts) -> Result<String, Failure> {
    bytes_of(path, limit, texts).map(|bytes| decoded(&bytes))
}

fn bytes_of(path: &Path, limit: u64, texts: &Texts) -> Result<Vec<u8>, Failure> {
    if path.as_os_str() == "-" {
        return standard_input(texts, limit);
    }
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes));
    match read {
        Ok(_) => Ok(bytes),
        Err(error) => Err(unreadable(path, &error, texts)),
    }
}

/// A million targets; longer lists are mistakes.
const LONGEST_LIST: u64 = 64 << 20;

/// Longer outputs are no firewall's.
const MOST_OUTPUT: u64 = 16 << 20;

fn standard_input(texts: &Texts, limit: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    match io::stdin().lock().take(limit).read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => {
            let reason = Output::reason(&error);
            let sentence = texts.cli.input_unreadable.fill(&[("reason", &reason)]);
            Err(Failure::new("input-unreadable", sentence))
        }
    }
}

/// UTF-8, or UTF-16 when a byte order mark says so, as Windows shells write it; what is neither
/// is replaced.
fn decoded(bytes: &[u8]) -> String {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes
            .as_chunks::<2>()
            .0
            .iter()
            .map(|&pair| unit(pair))
            .collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_a_windows_shell_is_read() {
        assert_eq!(decoded(b"\xff\xfed\0b\0"), "db");
        assert_eq!(decoded(b"\xfe\xff\0d\0b"), "db");
        assert_eq!(decoded(b"\xef\xbb\xbfdb"), "db");
        assert_eq!(decoded(b"d\xffb"), "d\u{fffd}b");
    }
}
