//! The words of the command line, understood once. Nothing is printed or done here.

use std::ffi::{OsStr, OsString};
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use lexopt::Arg;

use crate::i18n::Language;
use crate::report::Format;
use crate::worker::{PATIENCE, WATCH};

/// What the command line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// How Ketnoi is used.
    Help,
    /// Which Ketnoi this is.
    Version,
    /// Test targets.
    Check(Check),
    /// Compare two saved reports.
    Compare(Compare),
    /// Look at one port of this machine.
    Local(Local),
}

/// A request to look at one port of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Local {
    /// The port.
    pub port: u16,
    /// How long arriving connections are watched.
    pub watch: Duration,
    /// The client for which this machine's firewalls are judged.
    pub from: Option<IpAddr>,
    /// One line of JSON instead of words.
    pub json: bool,
    /// Whether names and addresses are told.
    pub privacy: Privacy,
    /// Where to save the report as well, and as what.
    pub output: Option<(PathBuf, Format)>,
}

/// A request to compare two saved reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Compare {
    /// Their files, the earlier first unless they say otherwise themselves.
    pub reports: [PathBuf; 2],
    /// One line of JSON instead of words.
    pub json: bool,
    /// Replace names and addresses by pseudonyms.
    pub anonymise: bool,
}

/// Whether names and addresses are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Privacy {
    /// As they are.
    Open,
    /// Pseudonyms stand for them.
    Anonymised,
}

/// A request to test targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Check {
    /// What was given as targets, `-` for standard input; never empty.
    pub targets: Vec<String>,
    /// One line of JSON for each target instead of words.
    pub json: bool,
    /// Say what was understood and contact nobody.
    pub dry_run: bool,
    /// How long a silent peer is given.
    pub patience: Duration,
    /// How many connects to the asked port: one unless told.
    pub connects: u16,
    /// Ask no other port of the target's host.
    pub target_only: bool,
    /// The machine for which this machine's firewalls are judged.
    pub from: Option<IpAddr>,
    /// A file with a firewall's output, `-` for standard input.
    pub firewall_output: Option<PathBuf>,
    /// Whether names and addresses are told.
    pub privacy: Privacy,
    /// Where to save the report as well, and as what.
    pub output: Option<(PathBuf, Format)>,
    /// How many targets are tested, when they are many.
    pub batch: Option<Batch>,
}

/// A request to test many targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Batch {
    /// A file with a target on each line, `-` for standard input.
    pub list: PathBuf,
    /// How many sockets may be open at a time.
    pub parallel: usize,
    /// Ask whatever decides, as for one target.
    pub full: bool,
    /// Leave out the targets that the results have already.
    pub resume: bool,
    /// Where each result is added as a line of JSON.
    pub results: Option<PathBuf>,
    /// Where a table of all results is saved.
    pub table: Option<PathBuf>,
}

/// The options that only a batch has, as given.
#[derive(Default)]
struct BatchOptions {
    list: Option<PathBuf>,
    parallel: Option<usize>,
    full: bool,
    resume: bool,
}

/// Why a command line asks for nothing Ketnoi can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Misuse {
    /// The first word is no command.
    UnknownCommand(String),
    /// There is no such option.
    UnknownOption(String),
    /// The option wants a value and got none.
    ValueMissing(String),
    /// The option takes no value and got one.
    ValueUnexpected(String),
    /// The time is no number of seconds between 0 and [`LONGEST_PATIENCE`].
    BadTimeout(String),
    /// The number of connects is none between 2 and [`MOST_CONNECTS`].
    BadRepeat(String),
    /// `local` without a port.
    NoPort,
    /// The port is no number from 1 to 65535.
    BadPort(String),
    /// The time to watch is no number of seconds up to [`LONGEST_PATIENCE`].
    BadWatch(String),
    /// The client is no IP address.
    BadAddress(String),
    /// The language is not one Ketnoi speaks.
    BadLanguage(String),
    /// The file's ending names no format.
    UnknownEnding(String),
    /// `check` without a target.
    NoTarget,
    /// A dry run makes no report that could be saved.
    OutputOfDryRun,
    /// `compare` without exactly two reports.
    NotTwoReports,
    /// Standard input is asked to be two things.
    InputTwice,
    /// The number of sockets is none between 1 and [`MOST_PARALLEL`].
    BadParallel(String),
    /// The option belongs to a batch, and there is no list of targets.
    WithoutList(String),
    /// The option belongs to single targets, or to a batch that asks everything.
    NotInSurvey(String),
    /// A batch saves lines of JSON and a table, each once; the file is something else.
    NotForBatch(String),
    /// Nothing was saved that could be gone on with.
    ResumeWhat,
}

/// The longest patience that can be asked for.
pub(super) const LONGEST_PATIENCE: Duration = Duration::from_mins(10);

/// The most connects that can be asked for.
pub(super) const MOST_CONNECTS: u16 = 100;

/// The most sockets that a batch may have open: a process has 256 to 1024 descriptors as a rule.
pub(super) const MOST_PARALLEL: usize = 500;

/// How many sockets a batch has open unless told otherwise.
const USUAL_PARALLEL: usize = 64;

/// The language asked for with `--lang`, also when the rest of the line is wrong, so that even
/// that is said in the right one.
pub(super) fn language_asked_for(arguments: &[OsString]) -> Option<Language> {
    let mut words = arguments.iter().map(|word| word.to_string_lossy());
    let mut language = None;
    while let Some(word) = words.next() {
        let value = match word.strip_prefix("--lang") {
            Some("") => words.next(),
            Some(value) => value.strip_prefix('=').map(|value| value.to_owned().into()),
            None => None,
        };
        language = value
            .and_then(|value| Language::from_locale(&value))
            .or(language);
    }
    language
}

/// Whether JSON is asked for, also when the rest of the line is wrong.
pub(super) fn json_asked_for(arguments: &[OsString]) -> bool {
    arguments.iter().any(|word| word == "--json")
}

/// Understands the arguments after the program's name.
pub(super) fn parse(arguments: Vec<OsString>) -> Result<Request, Misuse> {
    let mut words = lexopt::Parser::from_args(arguments);
    match next(&mut words)? {
        None | Some(Arg::Long("help") | Arg::Short('h')) => Ok(Request::Help),
        Some(Arg::Long("version") | Arg::Short('V')) => Ok(Request::Version),
        // `ketnoi --lang vi --help`
        Some(Arg::Long("lang")) => {
            language(&mut words)?;
            let rest = words.raw_args().map_err(|error| misuse(&error))?;
            parse(rest.collect())
        }
        Some(Arg::Value(word)) if word == "check" => check(&mut words),
        Some(Arg::Value(word)) if word == "compare" => compare(&mut words),
        Some(Arg::Value(word)) if word == "local" => local(&mut words),
        Some(Arg::Value(word)) if word == "help" => Ok(Request::Help),
        Some(Arg::Value(word)) => Err(Misuse::UnknownCommand(lossy(&word))),
        Some(option @ (Arg::Long(_) | Arg::Short(_))) => Err(Misuse::UnknownOption(spelt(&option))),
    }
}

fn check(words: &mut lexopt::Parser) -> Result<Request, Misuse> {
    let mut check = Check {
        targets: Vec::new(),
        json: false,
        dry_run: false,
        patience: PATIENCE,
        connects: 1,
        target_only: false,
        from: None,
        firewall_output: None,
        privacy: Privacy::Open,
        output: None,
        batch: None,
    };
    let (mut outputs, mut batch) = (Vec::new(), BatchOptions::default());
    while let Some(argument) = next(words)? {
        match argument {
            Arg::Value(target) => check.targets.push(lossy(&target)),
            Arg::Long("json") => check.json = true,
            Arg::Long("dry-run") => check.dry_run = true,
            Arg::Long("lang") => language(words)?,
            Arg::Long("timeout") => check.patience = patience(&lossy(&value(words)?))?,
            Arg::Long("repeat") => check.connects = connects(&lossy(&value(words)?))?,
            Arg::Long("target-only") => check.target_only = true,
            Arg::Long("anonymise" | "anonymize") => check.privacy = Privacy::Anonymised,
            Arg::Long("firewall-output") => {
                check.firewall_output = Some(PathBuf::from(value(words)?));
            }
            Arg::Long("from") => check.from = Some(address(&lossy(&value(words)?))?),
            Arg::Long("output") | Arg::Short('o') => outputs.push(PathBuf::from(value(words)?)),
            Arg::Long("targets") => batch.list = Some(PathBuf::from(value(words)?)),
            Arg::Long("parallel") => batch.parallel = Some(parallel(&lossy(&value(words)?))?),
            Arg::Long("full") => batch.full = true,
            Arg::Long("resume") => batch.resume = true,
            Arg::Long("help") | Arg::Short('h') => return Ok(Request::Help),
            Arg::Long("version") | Arg::Short('V') => return Ok(Request::Version),
            option @ (Arg::Long(_) | Arg::Short(_)) => {
                return Err(Misuse::UnknownOption(spelt(&option)));
            }
        }
    }
    if check.targets.is_empty() && batch.list.is_none() {
        return Err(Misuse::NoTarget);
    }
    let is_input = |path: &Option<PathBuf>| path.as_ref().is_some_and(|p| p.as_os_str() == "-");
    let readers = [
        is_input(&check.firewall_output),
        is_input(&batch.list),
        check.targets.iter().any(|target| target == "-"),
    ];
    if readers.into_iter().filter(|reads| *reads).count() > 1 {
        return Err(Misuse::InputTwice);
    }
    check.batch = batch.understood(&check, &mut outputs)?;
    let output = outputs.pop();
    if check.dry_run && output.is_some() {
        return Err(Misuse::OutputOfDryRun);
    }
    let json = check.json;
    check.output = output.map(|path| with_format(path, json)).transpose()?;
    Ok(Request::Check(check))
}

impl BatchOptions {
    /// The batch that is asked for, and takes its files from `outputs`.
    fn understood(
        self,
        check: &Check,
        outputs: &mut Vec<PathBuf>,
    ) -> Result<Option<Batch>, Misuse> {
        let Some(list) = self.list else {
            let given = [
                ("--parallel", self.parallel.is_some()),
                ("--full", self.full),
                ("--resume", self.resume),
            ];
            let given = given.into_iter().find(|(_, is_given)| *is_given);
            return match given {
                Some((option, _)) => Err(Misuse::WithoutList(option.to_owned())),
                None => Ok(None),
            };
        };
        let alone = [
            ("--repeat", check.connects > 1),
            ("--firewall-output", check.firewall_output.is_some()),
            ("--from", check.from.is_some()),
        ];
        if let Some((option, _)) = alone.into_iter().find(|(_, given)| *given && !self.full) {
            return Err(Misuse::NotInSurvey(option.to_owned()));
        }
        if check.dry_run && !outputs.is_empty() {
            return Err(Misuse::OutputOfDryRun);
        }
        let mut batch = Batch {
            list,
            parallel: self.parallel.unwrap_or(USUAL_PARALLEL),
            full: self.full,
            resume: self.resume,
            results: None,
            table: None,
        };
        for path in outputs.drain(..) {
            let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
            let place = match ending.to_str() {
                Some("csv") => &mut batch.table,
                Some("jsonl" | "ndjson" | "json") => &mut batch.results,
                _ if check.json => &mut batch.results,
                _ => return Err(Misuse::NotForBatch(lossy(path.as_os_str()))),
            };
            if place.is_some() {
                return Err(Misuse::NotForBatch(lossy(path.as_os_str())));
            }
            *place = Some(path);
        }
        // Results under pseudonyms do not tell which targets they are of.
        let is_told = check.privacy == Privacy::Open;
        if batch.resume && (batch.results.is_none() || !is_told) {
            return Err(Misuse::ResumeWhat);
        }
        Ok(Some(batch))
    }
}

fn compare(words: &mut lexopt::Parser) -> Result<Request, Misuse> {
    let (mut reports, mut json, mut anonymise) = (Vec::new(), false, false);
    while let Some(argument) = next(words)? {
        match argument {
            Arg::Value(report) => reports.push(PathBuf::from(report)),
            Arg::Long("json") => json = true,
            Arg::Long("anonymise" | "anonymize") => anonymise = true,
            Arg::Long("lang") => language(words)?,
            Arg::Long("help") | Arg::Short('h') => return Ok(Request::Help),
            Arg::Long("version") | Arg::Short('V') => return Ok(Request::Version),
            option @ (Arg::Long(_) | Arg::Short(_)) => {
                return Err(Misuse::UnknownOption(spelt(&option)));
            }
        }
    }
    match <[PathBuf; 2]>::try_from(reports) {
        Ok(reports) => Ok(Request::Compare(Compare {
            reports,
            json,
            anonymise,
        })),
        Err(_) => Err(Misuse::NotTwoReports),
    }
}

fn local(words: &mut lexopt::Parser) -> Result<Request, Misuse> {
    let (mut port, mut output) = (None, None);
    let (mut watch, mut from, mut json) = (WATCH, None, false);
    let mut privacy = Privacy::Open;
    while let Some(argument) = next(words)? {
        match argument {
            Arg::Value(given) if port.is_none() => port = Some(port_number(&lossy(&given))?),
            Arg::Value(given) => return Err(Misuse::BadPort(lossy(&given))),
            Arg::Long("watch") => watch = time_to_watch(&lossy(&value(words)?))?,
            Arg::Long("from") => from = Some(address(&lossy(&value(words)?))?),
            Arg::Long("json") => json = true,
            Arg::Long("anonymise" | "anonymize") => privacy = Privacy::Anonymised,
            Arg::Long("output") | Arg::Short('o') => output = Some(PathBuf::from(value(words)?)),
            Arg::Long("lang") => language(words)?,
            Arg::Long("help") | Arg::Short('h') => return Ok(Request::Help),
            Arg::Long("version") | Arg::Short('V') => return Ok(Request::Version),
            option @ (Arg::Long(_) | Arg::Short(_)) => {
                return Err(Misuse::UnknownOption(spelt(&option)));
            }
        }
    }
    Ok(Request::Local(Local {
        port: port.ok_or(Misuse::NoPort)?,
        watch,
        from,
        json,
        privacy,
        output: output.map(|path| with_format(path, json)).transpose()?,
    }))
}

/// A number, also after a colon or `localhost:`, as it stands in addresses.
fn port_number(text: &str) -> Result<u16, Misuse> {
    let number = text.strip_prefix("localhost").unwrap_or(text);
    let number = number.strip_prefix(':').unwrap_or(number).parse().ok();
    number
        .filter(|port| *port != 0)
        .ok_or_else(|| Misuse::BadPort(text.to_owned()))
}

/// The format is the one of the file's ending; with `--json` a file without an ending we know is
/// JSON too.
fn with_format(path: PathBuf, json: bool) -> Result<(PathBuf, Format), Misuse> {
    match Format::of_path(&path) {
        Some(format) => Ok((path, format)),
        None if json => Ok((path, Format::Json)),
        None => Err(Misuse::UnknownEnding(lossy(path.as_os_str()))),
    }
}

fn patience(seconds: &str) -> Result<Duration, Misuse> {
    time(seconds)
        .filter(|patience| !patience.is_zero())
        .ok_or_else(|| Misuse::BadTimeout(seconds.to_owned()))
}

fn time_to_watch(seconds: &str) -> Result<Duration, Misuse> {
    time(seconds).ok_or_else(|| Misuse::BadWatch(seconds.to_owned()))
}

/// A number of seconds up to [`LONGEST_PATIENCE`].
fn time(seconds: &str) -> Option<Duration> {
    // Vietnamese and many others write 2,5.
    let seconds = seconds.replace(',', ".").parse().ok()?;
    let time = Duration::try_from_secs_f64(seconds).ok()?;
    (time <= LONGEST_PATIENCE).then_some(time)
}

fn connects(number: &str) -> Result<u16, Misuse> {
    let connects = number.parse().ok();
    connects
        .filter(|connects| (2..=MOST_CONNECTS).contains(connects))
        .ok_or_else(|| Misuse::BadRepeat(number.to_owned()))
}

fn parallel(number: &str) -> Result<usize, Misuse> {
    let parallel = number.parse().ok();
    parallel
        .filter(|parallel| (1..=MOST_PARALLEL).contains(parallel))
        .ok_or_else(|| Misuse::BadParallel(number.to_owned()))
}

fn address(text: &str) -> Result<IpAddr, Misuse> {
    let address: Result<IpAddr, _> = text.parse();
    let address = address.map(|ip| ip.to_canonical()).ok();
    address.ok_or_else(|| Misuse::BadAddress(text.to_owned()))
}

/// Checks the value; [`language_asked_for`] has used it already.
fn language(words: &mut lexopt::Parser) -> Result<(), Misuse> {
    let code = lossy(&value(words)?);
    match Language::from_locale(&code) {
        Some(_) => Ok(()),
        None => Err(Misuse::BadLanguage(code)),
    }
}

fn next(words: &mut lexopt::Parser) -> Result<Option<Arg<'_>>, Misuse> {
    words.next().map_err(|error| misuse(&error))
}

fn value(words: &mut lexopt::Parser) -> Result<OsString, Misuse> {
    words.value().map_err(|error| misuse(&error))
}

fn misuse(error: &lexopt::Error) -> Misuse {
    match error {
        lexopt::Error::MissingValue { option } => {
            Misuse::ValueMissing(option.clone().unwrap_or_default())
        }
        lexopt::Error::UnexpectedValue { option, .. } => Misuse::ValueUnexpected(option.clone()),
        other => Misuse::UnknownOption(other.to_string()),
    }
}

fn spelt(option: &Arg<'_>) -> String {
    match option {
        Arg::Long(name) => format!("--{name}"),
        Arg::Short(letter) => format!("-{letter}"),
        Arg::Value(value) => lossy(value),
    }
}

fn lossy(text: &OsStr) -> String {
    text.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Request, Misuse> {
        parse(line.split_whitespace().map(OsString::from).collect())
    }

    fn checked(line: &str) -> Check {
        match parsed(line) {
            Ok(Request::Check(check)) => check,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn options_may_stand_before_between_and_after_targets() {
        let check = checked("check --json a:1 --timeout=2.5 - --lang vi --dry-run");
        assert_eq!(check.targets, ["a:1", "-"]);
        assert!(check.json && check.dry_run);
        assert_eq!(check.patience, Duration::from_millis(2500));
    }

    #[test]
    fn the_patience_is_four_seconds_unless_told() {
        assert_eq!(checked("check a:1").patience, Duration::from_secs(4));
        assert_eq!(
            checked("check a:1 --timeout 0,3").patience,
            Duration::from_millis(300)
        );
    }

    #[test]
    fn a_time_that_is_none_is_refused() {
        for seconds in ["0", "-1", "x", "1e9", "inf", "NaN", "601", ""] {
            assert_eq!(
                parsed(&format!("check a:1 --timeout={seconds}")),
                Err(Misuse::BadTimeout(seconds.to_owned()))
            );
        }
    }

    #[test]
    fn more_connects_are_a_number_within_bounds() {
        assert_eq!(checked("check a:1").connects, 1);
        assert_eq!(checked("check a:1 --repeat 20").connects, 20);
        for number in ["0", "1", "101", "-3", "x", "65537"] {
            let line = format!("check a:1 --repeat={number}");
            assert_eq!(parsed(&line), Err(Misuse::BadRepeat(number.to_owned())));
        }
        assert!(checked("check a:1 --target-only").target_only);
    }

    #[test]
    fn a_client_is_an_address() {
        let from = checked("check a:1 --from ::ffff:10.0.0.7").from;
        assert_eq!(from, "10.0.0.7".parse().ok());
        let misuse = Misuse::BadAddress("db".to_owned());
        assert_eq!(parsed("check a:1 --from db"), Err(misuse));
    }

    #[test]
    fn a_port_of_this_machine_is_looked_at() {
        let local = |line: &str| match parsed(line) {
            Ok(Request::Local(local)) => local,
            other => panic!("{line}: {other:?}"),
        };
        let plain = local("local 5432");
        assert_eq!((plain.port, plain.watch), (5432, Duration::from_secs(5)));
        let full = local("local --watch 0 localhost:80 -o r.json --anonymise --from ::1");
        assert_eq!((full.port, full.watch), (80, Duration::ZERO));
        assert_eq!(full.privacy, Privacy::Anonymised);
        assert_eq!(full.output.unwrap().1, Format::Json);
        for (line, misuse) in [
            ("local", Misuse::NoPort),
            ("local --json", Misuse::NoPort),
            ("local 0", Misuse::BadPort("0".to_owned())),
            ("local 65536", Misuse::BadPort("65536".to_owned())),
            ("local db:80", Misuse::BadPort("db:80".to_owned())),
            ("local 80 81", Misuse::BadPort("81".to_owned())),
            ("local 80 --watch -1", Misuse::BadWatch("-1".to_owned())),
            (
                "local 80 -o r.pdf",
                Misuse::UnknownEnding("r.pdf".to_owned()),
            ),
            (
                "local 80 --full",
                Misuse::UnknownOption("--full".to_owned()),
            ),
        ] {
            assert_eq!(parsed(line), Err(misuse), "{line}");
        }
    }

    #[test]
    fn the_files_ending_decides_on_the_format() {
        let format = |line: &str| checked(line).output.unwrap().1;
        assert_eq!(format("check a:1 -o r.md"), Format::Markdown);
        assert_eq!(format("check a:1 --output x/r.JSON"), Format::Json);
        assert_eq!(format("check a:1 --output=r.txt --json"), Format::Text);
        assert_eq!(format("check a:1 --output=r.htm"), Format::Html);
        assert_eq!(format("check a:1 --output=r --json"), Format::Json);
        assert_eq!(
            parsed("check a:1 --output r.pdf"),
            Err(Misuse::UnknownEnding("r.pdf".to_owned()))
        );
    }

    #[test]
    fn a_batch_has_a_list_and_files_of_its_own() {
        let check = checked("check --targets l.txt -o r.jsonl --output=t.CSV --resume");
        assert!(check.targets.is_empty() && check.output.is_none());
        let batch = check.batch.unwrap();
        assert_eq!(
            (batch.parallel, batch.full, batch.resume),
            (64, false, true)
        );
        assert_eq!(batch.results, Some(PathBuf::from("r.jsonl")));
        assert_eq!(batch.table, Some(PathBuf::from("t.CSV")));
        let full = checked("check --targets - a:1 --full --repeat 3 --parallel 500 --json -o r");
        assert_eq!(full.targets, ["a:1"]);
        let batch = full.batch.unwrap();
        assert_eq!((batch.parallel, batch.full), (500, true));
        assert_eq!(batch.results, Some(PathBuf::from("r")));
    }

    #[test]
    fn help_and_version_are_found_everywhere() {
        for line in ["--help", "-h", "help", "check --help", "--lang vi --help"] {
            assert_eq!(parsed(line), Ok(Request::Help), "{line}");
        }
        for line in ["--version", "-V", "check a:1 --version"] {
            assert_eq!(parsed(line), Ok(Request::Version), "{line}");
        }
    }

    #[test]
    fn what_cannot_be_understood_is_named() {
        let misuses = [
            ("a:1", Misuse::UnknownCommand("a:1".to_owned())),
            ("--jsn", Misuse::UnknownOption("--jsn".to_owned())),
            ("check -x a:1", Misuse::UnknownOption("-x".to_owned())),
            (
                "check a:1 --output",
                Misuse::ValueMissing("--output".to_owned()),
            ),
            (
                "check a:1 --json=1",
                Misuse::ValueUnexpected("--json".to_owned()),
            ),
            (
                "check a:1 --lang tlh",
                Misuse::BadLanguage("tlh".to_owned()),
            ),
            ("check --json", Misuse::NoTarget),
            ("check a:1 --dry-run -o r.md", Misuse::OutputOfDryRun),
            ("check - --firewall-output -", Misuse::InputTwice),
            ("check - --targets -", Misuse::InputTwice),
            ("check a:1 --full", Misuse::WithoutList("--full".to_owned())),
            (
                "check --targets l --parallel 0",
                Misuse::BadParallel("0".to_owned()),
            ),
            (
                "check --targets l --repeat 3",
                Misuse::NotInSurvey("--repeat".to_owned()),
            ),
            (
                "check --targets l -o r.md",
                Misuse::NotForBatch("r.md".to_owned()),
            ),
            (
                "check --targets l -o a.csv -o b.csv",
                Misuse::NotForBatch("b.csv".to_owned()),
            ),
            ("check --targets l --resume -o t.csv", Misuse::ResumeWhat),
            ("compare a.json", Misuse::NotTwoReports),
            ("compare a.json b.json c.json", Misuse::NotTwoReports),
        ];
        for (line, misuse) in misuses {
            assert_eq!(parsed(line), Err(misuse), "{line}");
        }
    }

    #[test]
    fn after_two_dashes_all_are_targets() {
        assert_eq!(checked("check -- --json").targets, ["--json"]);
    }

    #[test]
    fn the_language_is_found_on_a_wrong_line_too() {
        let asked = |line: &str| {
            let words: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
            language_asked_for(&words)
        };
        assert_eq!(asked("chekc --lang vi"), Some(Language::Vi));
        assert_eq!(asked("--lang=en --nonsense"), Some(Language::En));
        assert_eq!(asked("--lang"), None);
        assert_eq!(asked("--lang tlh"), None);
    }
}
