//! A saved report, read back. Whatever is in the file, it is a case or one plain reason why not:
//! fields we do not know are passed over, those that are missing count as not asked, and what was
//! concluded then is concluded anew from the evidence.

use jiff::Timestamp;
use serde::Deserialize;

use super::json::SCHEMA;
use crate::case::{Case, Round, Tried};
use crate::evidence::Evidence;

/// A report that was read back.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// Its case, with the rounds before it.
    pub case: Case,
    /// When it was made, where it says so.
    pub created: Option<Timestamp>,
}

/// Why a text is no report that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// It is longer than any report.
    TooLong,
    /// It is not one value of JSON.
    NotJson,
    /// It is JSON, and no report of Ketnoi's.
    NotAReport,
    /// It follows another version of the contract, or its evidence is none that we know.
    OtherVersion,
}

/// Longer files are no reports: a hundred kilobytes are many, and a report has few rounds.
pub const LONGEST_REPORT: usize = 8 << 20;

/// Reads a report as JSON.
///
/// # Errors
/// Where the text is no report that can be read.
pub fn open(text: &str) -> Result<Opened, OpenError> {
    if text.len() > LONGEST_REPORT {
        return Err(OpenError::TooLong);
    }
    let text = text.trim_start_matches('\u{feff}');
    serde_json::from_str::<serde::de::IgnoredAny>(text).map_err(|_error| OpenError::NotJson)?;
    let head: Head = serde_json::from_str(text).map_err(|_error| OpenError::NotAReport)?;
    if !head.schema.starts_with("ketnoi-report/") {
        return Err(OpenError::NotAReport);
    }
    if head.schema != SCHEMA {
        return Err(OpenError::OtherVersion);
    }
    let body: Body = serde_json::from_str(text).map_err(|_error| OpenError::OtherVersion)?;
    let mut all = body.rounds.iter().map(|round| &round.evidence);
    if asks_too_much(&body.evidence) || all.any(asks_too_much) {
        return Err(OpenError::TooLong);
    }
    let rounds = body.rounds.into_iter().map(|round| Round {
        case: Case::new(round.evidence),
        // What a newer Ketnoi advised may be nothing that this one knows.
        tried: round
            .tried
            .and_then(|tried| serde_json::from_value(tried).ok()),
    });
    Ok(Opened {
        case: Case::with_rounds(body.evidence, rounds.collect()),
        created: head.created.and_then(|created| created.parse().ok()),
    })
}

/// Whether there is more in it than any test asks, so that to judge it would take its time.
fn asks_too_much(evidence: &Evidence) -> bool {
    let listeners = evidence.listeners.known().map_or(0, Vec::len);
    let lengths = [
        evidence.attempts.len(),
        evidence.references.len(),
        evidence.repeats.len(),
        evidence.exchanges.len(),
        evidence.hops.len(),
        evidence.timeline.len(),
        listeners,
    ];
    lengths.into_iter().any(|length| length > MOST_ANSWERS)
}

/// Far more than any name has addresses or any test has questions.
const MOST_ANSWERS: usize = 2000;

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
    #[serde(default)]
    rounds: Vec<RoundBody>,
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
        for (text, error) in [
            ("", OpenError::NotJson),
            ("{", OpenError::NotJson),
            ("{} {}", OpenError::NotJson),
            (nested.as_str(), OpenError::NotJson),
            ("[]", OpenError::NotAReport),
            ("{\"schema\":7}", OpenError::NotAReport),
            ("{\"schema\":\"other/1\"}", OpenError::NotAReport),
            ("{\"schema\":\"ketnoi-report/2\"}", OpenError::OtherVersion),
            ("{\"schema\":\"ketnoi-report/1\"}", OpenError::OtherVersion),
            (
                "{\"schema\":\"ketnoi-report/1\",\"evidence\":{\"target\":1}}",
                OpenError::OtherVersion,
            ),
        ] {
            assert_eq!(open(text), Err(error), "{text:.60}");
        }
        let long = " ".repeat(LONGEST_REPORT + 1);
        assert_eq!(open(&long), Err(OpenError::TooLong));
    }
}
