//! A saved report, read back. Whatever is in the file, it is a case or one plain reason why not:
//! fields we do not know are passed over, those that are missing count as not asked, and what was
//! concluded then is concluded anew from the evidence.

mod shape;

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::error::Category;

use super::Stamp;
use super::json::{LOCAL_SCHEMA, SCHEMA};
use crate::case::ends::{End, OtherReport};
use crate::case::local::LocalView;
use crate::case::{Case, Round, Tried};
use crate::evidence::{Evidence, Watch, optional_millis, printable};
use crate::i18n::Texts;

/// A report that was read back.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// Its case, with the rounds before it.
    pub case: Case,
    /// When it was made, where it says so.
    pub created: Option<Timestamp>,
    /// How long its test took, where it says so.
    pub took: Option<Duration>,
    /// Its names and addresses are pseudonyms.
    pub anonymised: bool,
}

/// A view of a port that was read back.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenedLocal {
    /// The view.
    pub view: LocalView,
    /// When it was made, where it says so.
    pub created: Option<Timestamp>,
    /// Its names and addresses are pseudonyms.
    pub anonymised: bool,
}

/// A report of either kind that was read back.
#[derive(Clone, Debug, PartialEq)]
pub enum Either {
    /// A test of a target.
    Test(Box<Opened>),
    /// A view of one port of the machine that it was made on.
    Local(Box<OpenedLocal>),
}

impl Opened {
    /// The report as one end of a story.
    #[must_use]
    pub fn end(&self) -> End<'_> {
        End {
            case: &self.case,
            watch: None,
            from: None,
            began: self.created,
            anonymised: self.anonymised,
        }
    }
}

impl Either {
    /// The report as one to be kept beside a test.
    #[must_use]
    pub fn into_other(self) -> OtherReport {
        match self {
            Self::Test(opened) => OtherReport {
                case: opened.case,
                watch: None,
                from: None,
                began: opened.created,
                anonymised: opened.anonymised,
            },
            Self::Local(opened) => OtherReport {
                case: opened.view.case,
                watch: Some(opened.view.watch),
                from: opened.view.from,
                began: opened.created,
                anonymised: opened.anonymised,
            },
        }
    }

    fn test(self) -> Result<Opened, OpenError> {
        match self {
            Self::Test(opened) => Ok(*opened),
            Self::Local(_) => Err(OpenError::ViewOfPort),
        }
    }

    /// The report as one end of a story.
    #[must_use]
    pub fn end(&self) -> End<'_> {
        match self {
            Self::Test(opened) => opened.end(),
            Self::Local(opened) => End {
                case: &opened.view.case,
                watch: Some(&opened.view.watch),
                from: opened.view.from,
                began: opened.created,
                anonymised: opened.anonymised,
            },
        }
    }
}

/// A report that can be shown as it was when it was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Saved {
    /// Its case.
    pub case: Case,
    /// What it says of itself.
    pub stamp: Stamp,
}

impl TryFrom<Opened> for Saved {
    type Error = OpenError;

    fn try_from(opened: Opened) -> Result<Self, OpenError> {
        let missing = |field: &str| OpenError::Missing {
            field: field.to_owned(),
        };
        let stamp = Stamp {
            created: opened.created.ok_or_else(|| missing("created"))?,
            took: opened.took.ok_or_else(|| missing("took_ms"))?,
            anonymised: opened.anonymised,
        };
        Ok(Self {
            case: opened.case,
            stamp,
        })
    }
}

/// Why a text is no report that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// It is longer, or holds more of something, than any report.
    TooLong,
    /// Its values lie within each other more deeply than those of any report.
    TooDeep,
    /// It is no text: neither UTF-8, nor UTF-16 with a byte order mark.
    NotText,
    /// It is not one value of JSON.
    NotJson {
        /// Where that shows, counted from 1.
        line: usize,
    },
    /// It looks like a report to be read by people: Markdown, HTML or plain text.
    ToRead,
    /// It is JSON, and no report of Ketnoi's.
    NotAReport,
    /// It is the view of a port of the machine it was made on, which is of use beside a test only.
    ViewOfPort,
    /// It is a list, as several reports in one file are.
    Several,
    /// It follows another version of the contract.
    OtherVersion {
        /// Which.
        schema: String,
    },
    /// A field that every report has is not there.
    Missing {
        /// Which, as far as it is told.
        field: String,
    },
    /// Something stands there that is none of what we know.
    Unknown {
        /// Where, such as `evidence.attempts[0].outcome`.
        place: String,
    },
}

impl OpenError {
    /// Its stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong | Self::TooDeep => "report-too-long",
            Self::NotText
            | Self::NotJson { .. }
            | Self::ToRead
            | Self::NotAReport
            | Self::ViewOfPort
            | Self::Several => "not-a-report",
            Self::OtherVersion { .. } => "other-version",
            Self::Missing { .. } | Self::Unknown { .. } => "damaged-report",
        }
    }

    /// What is wrong with the file of this name, and what to do.
    #[must_use]
    pub fn sentence(&self, texts: &Texts, file: &str) -> String {
        let words = &texts.report.open;
        let file: &dyn std::fmt::Display = &printable(file);
        let shown = |text: &str| {
            printable(text)
                .chars()
                .take(LONGEST_SHOWN)
                .collect::<String>()
        };
        let reason = match self {
            Self::TooLong => words.too_long.clone(),
            Self::TooDeep => words.too_deep.clone(),
            Self::NotText => words.not_text.clone(),
            Self::NotJson { line } => words.not_json.fill(&[("line", line)]),
            Self::ToRead => words.to_read.clone(),
            Self::NotAReport => words.not_a_report.clone(),
            Self::ViewOfPort => words.view_of_port.clone(),
            Self::Several => words.several.clone(),
            Self::OtherVersion { schema } => {
                words.other_version.fill(&[("schema", &shown(schema))])
            }
            Self::Missing { field } => words.missing.fill(&[("field", &shown(field))]),
            Self::Unknown { place } => words.unknown.fill(&[("place", &shown(place))]),
        };
        words.failed.fill(&[("file", file), ("reason", &reason)])
    }
}

/// How much of a foreign word a sentence repeats.
const LONGEST_SHOWN: usize = 80;

/// Longer files are no reports: a hundred kilobytes are many, and a report has few rounds.
pub const LONGEST_REPORT: usize = 8 << 20;

/// Reads a report of a test as it is in a file; see [`open_either_bytes`].
///
/// # Errors
/// Where the bytes are no such report that can be read.
pub fn open_bytes(bytes: &[u8]) -> Result<Opened, OpenError> {
    open_either_bytes(bytes).and_then(Either::test)
}

/// Reads a report of either kind as it is in a file. A file that is longer than [`LONGEST_REPORT`] need not be
/// given whole.
///
/// # Errors
/// Where the bytes are no report that can be read.
pub fn open_either_bytes(bytes: &[u8]) -> Result<Either, OpenError> {
    if bytes.len() > LONGEST_REPORT {
        return Err(OpenError::TooLong);
    }
    open_either(&decoded(bytes).ok_or(OpenError::NotText)?)
}

/// UTF-8, or UTF-16 when a byte order mark says so, as Windows shells write it.
fn decoded(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let utf16 = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, odd) = rest.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|&pair| unit(pair)).collect();
        let text = String::from_utf16(&units).ok()?;
        odd.is_empty().then_some(Cow::Owned(text))
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
    }
}

/// Reads a report of a test as JSON.
///
/// # Errors
/// Where the text is no such report that can be read.
pub fn open(text: &str) -> Result<Opened, OpenError> {
    open_either(text).and_then(Either::test)
}

/// Whether this begins as a report of another format does.
fn is_to_read(text: &str) -> bool {
    let mut lines = text.trim_start().lines();
    let (first, second) = (lines.next().unwrap_or_default(), lines.next());
    let is_ruled =
        second.is_some_and(|line| line.len() > 2 && line.chars().all(|rule| rule == '='));
    first.starts_with("# ") || first.to_lowercase().starts_with("<!doctype html") || is_ruled
}

/// Reads a report of either kind as JSON.
///
/// # Errors
/// Where the text is no report that can be read.
pub fn open_either(text: &str) -> Result<Either, OpenError> {
    if text.len() > LONGEST_REPORT {
        return Err(OpenError::TooLong);
    }
    let text = text.trim_start_matches('\u{feff}');
    serde_json::from_str::<serde::de::IgnoredAny>(text).map_err(|error| {
        if is_to_read(text) {
            OpenError::ToRead
        } else {
            OpenError::NotJson { line: error.line() }
        }
    })?;
    shape::check(text)?;
    if text.trim_start().starts_with('[') {
        return Err(OpenError::Several);
    }
    let head: Head = serde_json::from_str(text).map_err(|_error| OpenError::NotAReport)?;
    let created = head.created.and_then(|created| created.parse().ok());
    match head.schema.as_str() {
        SCHEMA => Ok(Either::Test(Box::new(test(created, text)?))),
        LOCAL_SCHEMA => Ok(Either::Local(Box::new(local(created, text)?))),
        other if other.starts_with("ketnoi-report/") || other.starts_with("ketnoi-local/") => {
            let schema = head.schema;
            Err(OpenError::OtherVersion { schema })
        }
        _ => Err(OpenError::NotAReport),
    }
}

fn test(created: Option<Timestamp>, text: &str) -> Result<Opened, OpenError> {
    let body: Body = serde_json::from_str(text).map_err(|error| damaged(text, &error))?;
    let rounds = body.rounds.into_iter().map(|round| Round {
        case: Case::new(round.evidence),
        // What a newer Ketnoi advised may be nothing that this one knows.
        tried: round
            .tried
            .and_then(|tried| serde_json::from_value(tried).ok()),
    });
    let other_end = body.other_end.map(|other| {
        Arc::new(OtherReport {
            case: Case::new(other.evidence),
            watch: other.watch,
            from: other.from,
            began: other.created.and_then(|created| created.parse().ok()),
            anonymised: other.anonymised,
        })
    });
    Ok(Opened {
        case: Case::with_rounds(body.evidence, rounds.collect()).beside(other_end),
        created,
        took: body.took,
        anonymised: body.anonymised,
    })
}

fn local(created: Option<Timestamp>, text: &str) -> Result<OpenedLocal, OpenError> {
    let body: LocalBody = serde_json::from_str(text).map_err(|error| damaged(text, &error))?;
    Ok(OpenedLocal {
        created,
        anonymised: body.anonymised,
        view: LocalView {
            case: Case::new(body.evidence),
            from: body.from,
            watch: body.watch,
        },
    })
}

/// What serde says in its own words, as a value.
fn damaged(text: &str, error: &serde_json::Error) -> OpenError {
    let said = error.to_string();
    let missing = said.strip_prefix("missing field `");
    let field = missing.and_then(|rest| rest.split_once('`'));
    let place = shape::place(text, error.line(), error.column());
    match (field, error.classify()) {
        (Some((field, _)), Category::Data) if place.is_empty() => OpenError::Missing {
            field: field.to_owned(),
        },
        (Some((field, _)), Category::Data) => OpenError::Missing {
            field: format!("{place}.{field}"),
        },
        _ => OpenError::Unknown { place },
    }
}

/// What was tried between two reports, where the later one tells that the earlier came before it.
#[must_use]
pub fn tried_between<'a>(before: &Case, after: &'a Case) -> Option<&'a Tried> {
    let mut rounds = after.rounds().iter().rev();
    let same = rounds.find(|round| round.case.evidence() == before.evidence())?;
    same.tried.as_ref()
}

#[derive(Deserialize)]
struct Head {
    schema: String,
    #[serde(default)]
    created: Option<String>,
}

#[derive(Deserialize)]
struct Body {
    evidence: Evidence,
    #[serde(default, rename = "took_ms", with = "optional_millis")]
    took: Option<Duration>,
    #[serde(default)]
    anonymised: bool,
    #[serde(default)]
    rounds: Vec<RoundBody>,
    #[serde(default)]
    other_end: Option<OtherEndBody>,
}

#[derive(Deserialize)]
struct OtherEndBody {
    evidence: Evidence,
    #[serde(default)]
    watch: Option<Watch>,
    #[serde(default)]
    from: Option<IpAddr>,
    #[serde(default)]
    created: Option<String>,
    #[serde(default)]
    anonymised: bool,
}

#[derive(Deserialize)]
struct LocalBody {
    evidence: Evidence,
    watch: Watch,
    #[serde(default)]
    from: Option<IpAddr>,
    #[serde(default)]
    anonymised: bool,
}

#[derive(Deserialize)]
struct RoundBody {
    #[serde(default)]
    tried: Option<serde_json::Value>,
    evidence: Evidence,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_report_is_told_in_one_word() {
        let nested = "[".repeat(100_000);
        let deep = format!("{nested}{}", "]".repeat(100_000));
        let unknown = |place: &str| OpenError::Unknown {
            place: place.to_owned(),
        };
        let missing = |field: &str| OpenError::Missing {
            field: field.to_owned(),
        };
        for (text, error) in [
            ("", OpenError::NotJson { line: 1 }),
            ("{\n\n", OpenError::NotJson { line: 3 }),
            ("{} {}", OpenError::NotJson { line: 1 }),
            ("# Connection report\n", OpenError::ToRead),
            ("<!DOCTYPE html>\n<html>", OpenError::ToRead),
            ("Connection report\n=================\n", OpenError::ToRead),
            (nested.as_str(), OpenError::NotJson { line: 1 }),
            (deep.as_str(), OpenError::TooDeep),
            ("[]", OpenError::Several),
            ("7", OpenError::NotAReport),
            ("{\"schema\":7}", OpenError::NotAReport),
            ("{\"schema\":\"other/1\"}", OpenError::NotAReport),
            (
                "{\"schema\":\"ketnoi-report/2\"}",
                OpenError::OtherVersion {
                    schema: "ketnoi-report/2".to_owned(),
                },
            ),
            ("{\"schema\":\"ketnoi-report/1\"}", missing("evidence")),
            (
                "{\"schema\":\"ketnoi-report/1\",\"evidence\":{\"target\":1}}",
                unknown("evidence.target"),
            ),
            (
                "{\"schema\":\"ketnoi-report/1\",\"evidence\":{\"os\":\"linux\"}}",
                missing("evidence.target"),
            ),
            (
                "{\"schema\":\"ketnoi-report/1\",\"evidence\":{\"os\":\"beos\"}}",
                unknown("evidence.os"),
            ),
        ] {
            assert_eq!(open(text), Err(error), "{text:.60}");
        }
        let long = " ".repeat(LONGEST_REPORT + 1);
        assert_eq!(open(&long), Err(OpenError::TooLong));
    }

    #[test]
    fn text_as_windows_shells_write_it_is_read_and_other_bytes_are_no_text() {
        let units = |unit: fn(u16) -> [u8; 2]| "\u{feff}{}".encode_utf16().flat_map(unit).collect();
        for bytes in [
            units(u16::to_le_bytes),
            units(u16::to_be_bytes),
            b"\xef\xbb\xbf{}".to_vec(),
        ] {
            assert_eq!(open_bytes(&bytes), Err(OpenError::NotAReport), "{bytes:?}");
        }
        for bytes in [
            &b"\xff\xfe{"[..],
            b"\xff\xfe\x00\xd8",
            b"{\xff}",
            b"\x1f\x8b",
        ] {
            assert_eq!(open_bytes(bytes), Err(OpenError::NotText), "{bytes:?}");
        }
    }
}
