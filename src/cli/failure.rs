//! Why Ketnoi could not do its work: one line for people, and an object for programs.

use serde::Serialize;

use super::arguments::{LONGEST_PATIENCE, MOST_CONNECTS, MOST_PARALLEL, Misuse};
use crate::evidence::printable;
use crate::i18n::texts::{CliTexts, Texts};
use crate::i18n::wording;
use crate::report::json::SCHEMA;
use crate::target::{AddressError, Host, NotTcp, Said};

/// One failure, worded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Failure {
    /// A stable id.
    code: String,
    /// A sentence in the chosen language.
    message: String,
    /// Where in the input, counted in characters from 0.
    at: Option<usize>,
    /// The line of the list of targets, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    /// Endpoints of this machine that may be meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    examples: Vec<String>,
}

#[derive(Serialize)]
struct ErrorObject<'a> {
    schema: &'static str,
    error: &'a Failure,
}

impl Failure {
    /// A failure without a place.
    pub fn new(code: &str, message: String) -> Self {
        Self {
            code: code.to_owned(),
            message,
            at: None,
            line: None,
            examples: Vec::new(),
        }
    }

    /// The input is no address.
    pub fn of_address(texts: &Texts, error: &AddressError) -> Self {
        let mut message = wording::address_problem(texts, error);
        if let Some(mend) = &error.mend {
            let mend = printable(mend);
            message.push(' ');
            message.push_str(&texts.cli.mend.fill(&[("mend", &mend)]));
        }
        let code = serde_json::to_value(error.problem).ok();
        Self {
            code: code
                .as_ref()
                .and_then(|code| code.as_str())
                .unwrap_or("bad-input")
                .to_owned(),
            message,
            at: Some(error.at.start),
            line: None,
            examples: Vec::new(),
        }
    }

    /// The input is an error message that lacks the host, the port or both.
    pub fn of_incomplete(
        texts: &Texts,
        host: Option<&Host>,
        port: Option<u16>,
        said: &Said,
    ) -> Self {
        let words = &texts.cli;
        let said = wording::said(texts, said);
        let (code, message) = match (host, port) {
            (None, Some(port)) => (
                "host-missing",
                words.no_host.fill(&[("said", &said), ("port", &port)]),
            ),
            (Some(host), None) => {
                let host = host.to_string();
                let host = printable(&host);
                let message = words.no_port.fill(&[("said", &said), ("host", &host)]);
                ("port-missing", message)
            }
            (None, None) | (Some(_), Some(_)) => (
                "address-missing",
                words.no_host_no_port.fill(&[("said", &said)]),
            ),
        };
        Self::new(code, message)
    }

    /// The same, with endpoints to choose from.
    pub fn with_examples(mut self, examples: Vec<String>) -> Self {
        self.examples = examples;
        self
    }

    /// The same, on a line of the list of targets, counted from 1, where it is of one.
    pub fn on(mut self, line: Option<usize>, texts: &Texts) -> Self {
        let Some(line) = line else { return self };
        let values: &[(&str, &dyn std::fmt::Display)] =
            &[("line", &line), ("message", &self.message)];
        self.message = texts.cli.batch.on_line.fill(values);
        self.line = Some(line);
        self
    }

    /// The input is nothing that TCP can reach.
    pub fn of_not_tcp(texts: &Texts, not_tcp: &NotTcp) -> Self {
        Self::new("not-tcp", wording::not_tcp(texts, not_tcp))
    }

    /// The command line asks for nothing we can do.
    pub fn of_misuse(words: &CliTexts, misuse: &Misuse) -> Self {
        let sentence = match misuse {
            Misuse::UnknownCommand(word) => {
                words.unknown_command.fill(&[("word", &printable(word))])
            }
            Misuse::UnknownOption(option) => {
                words.unknown_option.fill(&[("option", &printable(option))])
            }
            Misuse::ValueMissing(option) => {
                words.value_missing.fill(&[("option", &printable(option))])
            }
            Misuse::ValueUnexpected(option) => words
                .value_unexpected
                .fill(&[("option", &printable(option))]),
            Misuse::BadTimeout(value) => words.bad_timeout.fill(&[
                ("value", &printable(value)),
                ("longest", &LONGEST_PATIENCE.as_secs()),
            ]),
            Misuse::BadRepeat(value) => words
                .bad_repeat
                .fill(&[("value", &printable(value)), ("most", &MOST_CONNECTS)]),
            Misuse::NoPort => words.no_port_given.clone(),
            Misuse::BadPort(value) => words.bad_port.fill(&[("value", &printable(value))]),
            Misuse::BadWatch(value) => words.bad_watch.fill(&[
                ("value", &printable(value)),
                ("longest", &LONGEST_PATIENCE.as_secs()),
            ]),
            Misuse::BadAddress(value) => words.bad_address.fill(&[("value", &printable(value))]),
            Misuse::BadLanguage(value) => words.bad_language.fill(&[("value", &printable(value))]),
            Misuse::UnknownEnding(path) => words.unknown_ending.fill(&[("path", &printable(path))]),
            Misuse::NoTarget => words.no_target.clone(),
            Misuse::OutputOfDryRun => words.output_of_dry_run.clone(),
            Misuse::NotTwoReports => words.not_two_reports.clone(),
            Misuse::InputTwice => words.input_twice.clone(),
            Misuse::BadParallel(value) => words
                .batch
                .bad_parallel
                .fill(&[("value", &printable(value)), ("most", &MOST_PARALLEL)]),
            Misuse::WithoutList(option) => words.batch.without_list.fill(&[("option", option)]),
            Misuse::NotInSurvey(option) => words.batch.not_in_survey.fill(&[("option", option)]),
            Misuse::NotForBatch(path) => words
                .batch
                .not_for_batch
                .fill(&[("path", &printable(path))]),
            Misuse::ResumeWhat => words.batch.resume_what.clone(),
        };
        Self::new("usage", format!("{sentence} {}", words.see_help))
    }

    /// The line for people.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The object for programs, on one line.
    pub fn json(&self) -> String {
        let object = ErrorObject {
            schema: SCHEMA,
            error: self,
        };
        let json = serde_json::to_string(&object).expect("strings and a number");
        crate::report::json::harmless(json)
    }
}
