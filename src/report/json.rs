//! A case as JSON: the machine-readable contract `ketnoi-report/1`.
//!
//! The keys and ids are stable and the same in every language; `summary`, `text`, `title` and
//! `decided_by` are sentences in the language asked for. `evidence` can be read back and gives
//! the same diagnosis.

use std::borrow::Cow;
use std::fmt::{self, Display, Formatter, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde::{Serialize, Serializer};

use super::Stamp;
use super::comparison::{ComparisonPart, RoundPart};
use super::ends::OtherEndPart;
use super::environment::Environment;
use crate::advice::command_line::{CommandLine, Shell};
use crate::advice::{Advice, AdviceKind, Fix, Place, Risk, Setting};
use crate::case::Case;
use crate::case::local::{LocalView, Standing};
use crate::diagnosis::{Certainty, Impact};
use crate::evidence::{About, Evidence, FirewallKind, HopAttempt, Os, Watch, millis, printable};
use crate::i18n::{Texts, Wording};
use crate::target::Target;

/// The name of the contract.
pub const SCHEMA: &str = "ketnoi-report/1";

/// The name of the contract for the view of a port of this machine.
pub const LOCAL_SCHEMA: &str = "ketnoi-local/1";

/// The view of a port on one line, without a line break at its end.
#[must_use]
pub fn local_line(view: &LocalView, texts: &'static Texts, stamp: &Stamp) -> String {
    let report = LocalReport::new(view, texts, stamp);
    harmless(serde_json::to_string(&report).unwrap_or_else(|error| impossible(&error)))
}

/// The view of a port on many lines.
#[must_use]
pub fn pretty_local(view: &LocalView, texts: &'static Texts, stamp: &Stamp) -> String {
    let report = LocalReport::new(view, texts, stamp);
    let json = serde_json::to_string_pretty(&report);
    let mut json = harmless(json.unwrap_or_else(|error| impossible(&error)));
    json.push('\n');
    json
}

/// The report on one line, without a line break at its end.
#[must_use]
pub fn line(case: &Case, texts: &'static Texts, stamp: &Stamp) -> String {
    let report = Report::new(case, texts, stamp);
    harmless(serde_json::to_string(&report).unwrap_or_else(|error| impossible(&error)))
}

/// The report on many lines, for people to look into.
#[must_use]
pub fn pretty(case: &Case, texts: &'static Texts, stamp: &Stamp) -> String {
    let report = Report::new(case, texts, stamp);
    let json = serde_json::to_string_pretty(&report);
    let mut json = harmless(json.unwrap_or_else(|error| impossible(&error)));
    json.push('\n');
    json
}

/// A report has string keys and finite numbers, which is all that JSON asks for.
fn impossible(error: &serde_json::Error) -> String {
    unreachable!("a report is always JSON: {error}")
}

/// JSON in which every character that could steer a terminal or reorder text is a `\uXXXX` escape.
/// Such characters stand in strings only; the line breaks between values stay.
#[must_use]
pub fn harmless(json: String) -> String {
    let is_treacherous = |c: char| {
        c != '\n'
            && !(' '..='~').contains(&c)
            && matches!(printable(c.encode_utf8(&mut [0; 4])), Cow::Owned(_))
    };
    if !json.chars().any(is_treacherous) {
        return json;
    }
    let mut escaped = String::with_capacity(json.len() + 64);
    for character in json.chars() {
        if is_treacherous(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(escaped, "\\u{unit:04x}").expect("writing to a String");
            }
        } else {
            escaped.push(character);
        }
    }
    escaped
}

#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    version: &'static str,
    #[serde(serialize_with = "to_the_millisecond")]
    created: jiff::Timestamp,
    #[serde(with = "millis")]
    took_ms: Duration,
    /// Names and addresses are pseudonyms.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    anonymised: bool,
    target: TargetPart<'a>,
    verdict: VerdictPart,
    environment: Environment<'a>,
    contacted: Vec<String>,
    evidence: &'a Evidence,
    advice: Vec<AdvicePart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comparison: Option<ComparisonPart>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rounds: Vec<RoundPart<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    other_end: Option<OtherEndPart<'a>>,
}

#[derive(Serialize)]
struct LocalReport<'a> {
    schema: &'static str,
    version: &'static str,
    #[serde(serialize_with = "to_the_millisecond")]
    created: jiff::Timestamp,
    #[serde(with = "millis")]
    took_ms: Duration,
    /// Names and addresses are pseudonyms.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    anonymised: bool,
    port: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<IpAddr>,
    #[serde(flatten)]
    standing: Standing,
    summary: String,
    watch: &'a Watch,
    evidence: &'a Evidence,
}

impl<'a> LocalReport<'a> {
    fn new(view: &'a LocalView, texts: &'static Texts, stamp: &Stamp) -> Self {
        let evidence = view.case.evidence();
        let wording = Wording::new(texts, &evidence.target);
        let standing = view.standing();
        let title = wording.standing_title(standing);
        Self {
            schema: LOCAL_SCHEMA,
            version: env!("CARGO_PKG_VERSION"),
            created: stamp.created,
            took_ms: stamp.took,
            anonymised: stamp.anonymised,
            port: view.port(),
            from: view.from,
            standing,
            summary: format!("{title}. {}", wording.standing_meaning(standing)),
            watch: &view.watch,
            evidence,
        }
    }
}

#[derive(Serialize)]
struct TargetPart<'a> {
    input: &'a str,
    host: String,
    port: u16,
    scheme: Option<&'a str>,
    service: Option<&'a str>,
}

#[derive(Serialize)]
struct VerdictPart {
    reachable: bool,
    impact: Impact,
    cause: &'static str,
    certainty: Certainty,
    summary: String,
    because: Vec<CluePart>,
    alternatives: Vec<AlternativePart>,
}

#[derive(Serialize)]
struct CluePart {
    clue: &'static str,
    text: String,
}

#[derive(Serialize)]
struct AlternativePart {
    cause: &'static str,
    certainty: Certainty,
    decided_by: String,
}

/// The commands that stand beside it, and what is said of them, are those of the fitting way, which
/// is the first of its ways.
#[derive(Serialize)]
struct AdvicePart {
    id: &'static str,
    title: String,
    detail: String,
    place: Place,
    check: Vec<String>,
    apply: Vec<String>,
    undo: Vec<String>,
    needs_admin: bool,
    risk: Risk,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    settings: Vec<SettingPart>,
    ways: Vec<WayPart>,
}

/// A way to follow an advice, for one system and one tool.
#[derive(Serialize)]
struct WayPart {
    os: Os,
    /// The firewall it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    firewall: Option<FirewallKind>,
    /// The shell that its commands are written for; nothing where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    shell: Option<Shell>,
    check: Vec<String>,
    apply: Vec<String>,
    undo: Vec<String>,
    needs_admin: bool,
    risk: Risk,
    risk_text: String,
}

/// A line of settings, and the file it belongs to; without one it is an option of the command line.
#[derive(Serialize)]
struct SettingPart {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    /// The number of the line that says otherwise at present.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<usize>,
    line: String,
}

impl<'a> Report<'a> {
    fn new(case: &'a Case, texts: &'static Texts, stamp: &Stamp) -> Self {
        let evidence = case.evidence();
        let wording = Wording::new(texts, &evidence.target);
        Self {
            schema: SCHEMA,
            version: env!("CARGO_PKG_VERSION"),
            created: stamp.created,
            took_ms: stamp.took,
            anonymised: stamp.anonymised,
            target: TargetPart::of(&evidence.target),
            verdict: VerdictPart::of(case, &wording),
            environment: Environment::of(evidence, &wording),
            contacted: contacted(evidence)
                .iter()
                .map(ToString::to_string)
                .collect(),
            evidence,
            advice: case
                .advice()
                .iter()
                .map(|advice| AdvicePart::of(advice, &wording))
                .collect(),
            comparison: case
                .comparison()
                .map(|comparison| ComparisonPart::of(&comparison, &wording)),
            rounds: case
                .rounds()
                .iter()
                .map(|round| RoundPart::of(round, &wording))
                .collect(),
            other_end: OtherEndPart::of(case, stamp.created, texts),
        }
    }
}

impl<'a> TargetPart<'a> {
    fn of(target: &'a Target) -> Self {
        Self {
            input: &target.input,
            host: target.host.to_string(),
            port: target.port,
            scheme: target.scheme.as_deref(),
            service: target.service.as_deref(),
        }
    }
}

impl VerdictPart {
    fn of(case: &Case, wording: &Wording) -> Self {
        let diagnosis = case.diagnosis();
        let finding = &diagnosis.verdict;
        let title = wording.finding_title(finding);
        let because = finding.because.iter().map(|clue| CluePart {
            clue: Wording::clue_id(clue),
            text: wording.clue(clue),
        });
        let alternatives = finding.alternatives.iter().map(|other| AlternativePart {
            cause: other.cause.id(),
            certainty: other.certainty,
            decided_by: wording.deciding_test(other.decided_by),
        });
        Self {
            reachable: diagnosis.reachable,
            impact: diagnosis.impact,
            cause: finding.cause.id(),
            certainty: finding.certainty,
            summary: format!("{title}. {}", wording.finding_explanation(finding)),
            because: because.collect(),
            alternatives: alternatives.collect(),
        }
    }
}

impl AdvicePart {
    fn of(advice: &Advice, wording: &Wording) -> Self {
        let fix = advice.fixes.first();
        let lines = |commands: Option<&Vec<CommandLine>>| {
            commands.map_or_else(Vec::new, |commands| lines(commands))
        };
        let ways = advice.fixes.iter().map(|fix| WayPart::of(fix, wording));
        Self {
            id: Wording::advice_id(&advice.kind),
            title: wording.advice_title(advice),
            detail: wording.advice_detail(advice),
            place: advice.place,
            check: lines(fix.map(|fix| &fix.check)),
            apply: lines(fix.map(|fix| &fix.apply)),
            undo: lines(fix.map(|fix| &fix.undo)),
            needs_admin: fix.is_some_and(|fix| fix.needs_admin),
            risk: fix.map_or(Risk::None, |fix| fix.risk),
            settings: settings(&advice.kind),
            ways: ways.collect(),
        }
    }
}

impl WayPart {
    fn of(fix: &Fix, wording: &Wording) -> Self {
        let mut commands = fix.check.iter().chain(&fix.apply).chain(&fix.undo);
        Self {
            os: fix.os,
            firewall: fix.firewall,
            shell: commands.next().map(|command| command.shell),
            check: lines(&fix.check),
            apply: lines(&fix.apply),
            undo: lines(&fix.undo),
            needs_admin: fix.needs_admin,
            risk: fix.risk,
            risk_text: wording.risk(fix.risk).to_owned(),
        }
    }
}

fn lines(commands: &[CommandLine]) -> Vec<String> {
    commands.iter().map(CommandLine::display).collect()
}

/// The lines that are to be set on the system that the first of them is for.
fn settings(kind: &AdviceKind) -> Vec<SettingPart> {
    let AdviceKind::ListenOnNetwork { settings, .. } = kind else {
        return Vec::new();
    };
    let os = settings.first().map(|setting| setting.os);
    let fitting = settings.iter().filter(|setting| Some(setting.os) == os);
    let part = |setting: &Setting| SettingPart {
        file: setting.file.clone(),
        at: setting.at,
        line: setting.line.clone(),
    };
    fitting.map(part).collect()
}

/// Somebody who was sent something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contact {
    /// The system's resolver, about this name; it asks on our behalf whomever it is set up to ask.
    Resolver(String),
    /// The target, another port of its host, or a DNS server.
    Peer(SocketAddr),
    /// A router at which a packet for the target ended, and which said so.
    Router(IpAddr),
}

/// As the contract has it, the same in every language.
impl Display for Contact {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resolver(name) => write!(f, "system resolver ({name})"),
            Self::Peer(addr) => addr.fmt(f),
            Self::Router(ip) => write!(f, "router {ip}"),
        }
    }
}

/// Everyone who was sent something, in the order of asking.
#[must_use]
pub fn contacted(evidence: &Evidence) -> Vec<Contact> {
    let mut all: Vec<Contact> = Vec::new();
    let asked = evidence
        .timeline
        .iter()
        .filter_map(|question| match &question.about {
            About::Name(name) | About::Srv(name) => Some(Contact::Resolver(name.clone())),
            About::DnsServer(addr)
            | About::Connect(addr)
            | About::Repeats(addr)
            | About::Reference(addr)
            | About::Around(addr)
            | About::Proxy(addr)
            | About::Gateway(addr)
            | About::Greeting(addr)
            | About::Tls(addr)
            | About::Http(addr)
            | About::Hop { addr, .. }
            | About::FirstQuestion(addr)
            | About::Repeated(addr) => Some(Contact::Peer(*addr)),
            // Who is pinged stands there for its connect already.
            About::Ping(_)
            | About::NameSettings
            | About::OwnPorts
            | About::Listeners
            | About::PortUse
            | About::ServiceStates
            | About::ServiceSettings
            | About::Network
            | About::Firewalls => None,
        });
    let tried = evidence.attempts.iter().chain(&evidence.references);
    let tried = tried.map(|attempt| Contact::Peer(attempt.addr));
    let stopped = evidence.hops.iter().filter_map(HopAttempt::stopped_by);
    for one in asked.chain(tried).chain(stopped.map(Contact::Router)) {
        if !all.contains(&one) {
            all.push(one);
        }
    }
    all
}

fn to_the_millisecond<S: Serializer>(
    time: &jiff::Timestamp,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{time:.3}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn treacherous_characters_become_escapes_that_read_back() {
        let text = "a\u{1b}[31m\u{202e}\u{7f}\u{85}\u{e0001}é";
        let json = harmless(serde_json::to_string(text).unwrap());
        assert_eq!(json, r#""a\u001b[31m\u202e\u007f\u0085\udb40\udc01é""#);
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }
}
