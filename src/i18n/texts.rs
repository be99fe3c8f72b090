//! Every sentence the program says, as typed fields read from `i18n/*.json`.
//!
//! A missing, extra or misspelt key fails to load, which a test notices; so does a placeholder
//! that one language has and another has not.

mod advice;
mod cli;
mod comparison;
mod ends;
mod local;
mod proxies;
mod report;
mod verdict;
mod window;

pub use advice::{AdviceText, AdviceTexts, ServiceText};
pub use cli::CliTexts;
pub use comparison::{ComparisonTexts, CourseTexts, SuspectTexts};
pub use ends::{EndsTexts, JointCauseText};
pub use local::LocalTexts;
pub use proxies::{ProxyFollowersTexts, ProxyTexts};
pub use report::ReportTexts;
pub use verdict::{CauseText, VerdictTexts};
pub use window::{EndingText, LessonTexts, WelcomeTexts, WindowTexts};

use std::borrow::Cow;
use std::fmt::Display;
use std::sync::LazyLock;

use serde::Deserialize;

use super::Language;
use crate::bundled::{Section, parse};
use crate::evidence::Os;

/// All texts of one language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "'de: 'static"))]
pub struct Texts {
    /// Which language these are in.
    pub language: Language,
    /// Causes, clues, advice and whatever else follows from evidence.
    pub verdict: Section<VerdictTexts>,
    /// What places say of proxies, and what the proxies say.
    pub proxies: Section<ProxyTexts>,
    /// Before and after.
    pub comparison: Section<ComparisonTexts>,
    /// A client's and a server's report together.
    pub ends: Box<EndsTexts>,
    /// One port of this computer, from inside.
    pub local: Box<LocalTexts>,
    /// The report's own words.
    pub report: Section<ReportTexts>,
    /// The command line.
    pub cli: Section<CliTexts>,
    /// The window.
    pub window: Section<WindowTexts>,
}

impl Texts {
    /// The texts of `language`; each part of them is parsed once, when it is first read.
    #[must_use]
    pub fn of(language: Language) -> &'static Self {
        static VI: LazyLock<Texts> = LazyLock::new(|| parse(as_called_here(VI_JSON)));
        static EN: LazyLock<Texts> = LazyLock::new(|| parse(as_called_here(EN_JSON)));
        match language {
            Language::Vi => &VI,
            Language::En => &EN,
        }
    }
}

/// The texts with the name that Ketnoi has in this system's terminals.
fn as_called_here(json: &'static str) -> &'static str {
    match called_as(json, Os::terminal_program_here()) {
        Cow::Borrowed(json) => json,
        Cow::Owned(json) => json.leak(),
    }
}

/// The texts, which say `ketnoi` in command lines, with another name of the program there.
fn called_as<'a>(json: &'a str, program: &str) -> Cow<'a, str> {
    if program == "ketnoi" {
        return json.into();
    }
    let mut renamed = json.to_owned();
    for rest in [" check", " local", " compare", " --help"] {
        renamed = renamed.replace(&format!("ketnoi{rest}"), &format!("{program}{rest}"));
    }
    renamed.into()
}

/// A sentence with `{placeholders}`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Template(String);

impl Template {
    /// The sentence with each `{name}` replaced by its value, in one pass: a value that looks
    /// like a placeholder stays as it is.
    #[must_use]
    pub fn fill(&self, values: &[(&str, &dyn Display)]) -> String {
        let mut filled = String::with_capacity(self.0.len() + 16);
        let mut rest = self.0.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            match values.iter().find(|(known, _)| *known == name) {
                Some((_, value)) => filled.push_str(&value.to_string()),
                None => debug_assert!(false, "no value for {{{name}}} in {:?}", self.0),
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }
}

/// A sentence that counts: English has two forms, Vietnamese the same twice.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plural {
    /// For exactly one.
    pub one: Template,
    /// For every other number.
    pub other: Template,
}

impl Plural {
    /// The form for `count`, with `{count}` filled in.
    #[must_use]
    pub fn fill(&self, count: usize) -> String {
        let template = if count == 1 { &self.one } else { &self.other };
        template.fill(&[("count", &count)])
    }
}

const VI_JSON: &str = include_str!("../../i18n/vi.json");
const EN_JSON: &str = include_str!("../../i18n/en.json");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_name_the_program_as_terminals_of_the_system_do() {
        for json in [EN_JSON, VI_JSON] {
            let renamed = called_as(json, Os::Windows.terminal_program());
            let lines = |text: &str, name: &str| text.matches(&format!("{name} check ")).count();
            assert!(lines(json, "ketnoi") > 3);
            assert_eq!(lines(&renamed, "ketnoi"), 0);
            let named_already = lines(json, "ketnoi-cli");
            assert_eq!(
                lines(&renamed, "ketnoi-cli"),
                lines(json, "ketnoi") + named_already
            );
            assert!(renamed.contains("ketnoi-cli --help"));
            assert!(matches!(
                called_as(json, Os::Linux.terminal_program()),
                Cow::Borrowed(_)
            ));
        }
    }
}
