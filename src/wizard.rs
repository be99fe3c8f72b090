//! The wizard's state and its one transition function. Pure: what must happen in the world is
//! returned as [`Effect`]s, what has happened comes in as [`Action`]s.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::case::ends::OtherReport;
use crate::case::path::Waypoint;
use crate::case::{Case, Tried};
use crate::diagnosis::Impact;
use crate::evidence::{Evidence, Fact, Listener, Observation, Os};
use crate::i18n::Language;
use crate::report::opened::Saved;
use crate::report::{Format, Stamp};
use crate::target::{self, AddressError, AddressProblem, Host, Said, Target, Understanding};

/// The five steps, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// What to reach.
    Address,
    /// What happened on the way.
    Connection,
    /// Who listens on this machine.
    Listener,
    /// Firewalls, and what to do.
    Firewall,
    /// The document to hand on.
    Report,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 5] = [
        Self::Address,
        Self::Connection,
        Self::Listener,
        Self::Firewall,
        Self::Report,
    ];

    /// Its place, counted from 0.
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }

    /// The step before, if there is one.
    #[must_use]
    pub fn previous(self) -> Option<Self> {
        self.index().checked_sub(1).map(|index| Self::ALL[index])
    }

    /// The step after, if there is one.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        Self::ALL.get(self.index() + 1).copied()
    }
}

/// How a step stands, for the rail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StepState {
    /// Nothing happened yet.
    Todo,
    /// Under way.
    Running,
    /// Nothing wrong here.
    Fine,
    /// The trouble shows here.
    Problem,
    /// It works, but not fully.
    Partly,
    /// Does not apply to this target.
    NotNeeded,
    /// Nothing is wrong here, and what to do about the trouble elsewhere stands here.
    Advice,
    /// Stopped by the person.
    Cancelled,
    /// Looked at, and could not tell.
    Unknown,
}

/// Light, dark, or as the system says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Follow the system.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// What a person prefers; kept between starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preferences {
    /// The language of the window.
    pub language: Language,
    /// The colours.
    pub theme: Theme,
    /// Whether things on the screen may not move; nothing means as the system says.
    pub less_movement: Option<bool>,
    /// Whether to remember what was tested.
    pub keep_recents: bool,
    /// What was tested, the newest first, without secrets.
    pub recents: Vec<String>,
}

/// The address field and what was understood of it.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// As typed or pasted.
    pub text: String,
    /// The reading of `text`; nothing while it is empty.
    pub reading: Option<Result<Understanding, AddressError>>,
    /// The host as understood or corrected by hand.
    pub host: String,
    /// The port as understood or corrected by hand.
    pub port: String,
    /// Whether host or port were corrected, so that they win over the reading.
    pub corrected: bool,
    /// The person asked to start, so what is wrong may be said loudly.
    pub submitted: bool,
}

/// A field of the address step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The address or error text.
    Text,
    /// The host.
    Host,
    /// The port.
    Port,
}

/// One target under test.
#[derive(Clone, Debug)]
pub struct Run {
    /// Tells this run's observations from those of an earlier one.
    pub id: u64,
    /// What is known. Another case is another allocation, so what was made from one is told by it.
    pub case: Arc<Case>,
    /// How far it is.
    pub state: RunState,
    /// When it was begun.
    pub began: Option<Timestamp>,
    /// The saved report that it was read from; nothing for a test of this session.
    pub opened: Option<OpenedReport>,
}

/// What a report that was opened says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedReport {
    /// The name of its file.
    pub file: String,
    /// When its test was made, and how. One with pseudonyms names nothing that could be tested
    /// again.
    pub stamp: Stamp,
}

/// How it stands with opening a saved report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Opening {
    /// None was asked for, or it is on the screen.
    #[default]
    Idle,
    /// The system's dialog is open.
    Choosing,
    /// This file is being read.
    Reading(PathBuf),
    /// The system has no dialog for it.
    NoDialog,
    /// It could not be opened, for the reason that this sentence gives.
    Failed(String),
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// Not started: other targets come first.
    Waiting,
    /// Under way.
    Running,
    /// Over.
    Complete,
    /// Stopped by the person.
    Cancelled,
}

/// The report step's own state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The chosen format.
    pub format: Format,
    /// Names and addresses are replaced by pseudonyms.
    pub anonymise: bool,
    /// Where to save without a file dialog; editable.
    pub path: String,
    /// How it stands with the system's file dialog.
    pub dialog: Dialog,
    /// How the last attempt to save went.
    pub save: SaveState,
}

/// How it stands with the system's file dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialog {
    /// It was not asked for.
    Unasked,
    /// It is open.
    Open,
    /// It is open, and the path is offered beside it: it was closed before, or was asked for again
    /// and may never come.
    OpenBesidePath,
    /// It was closed without a choice; the path is offered beside it.
    Closed,
    /// This system has none; the path takes its place.
    Missing,
}

impl Dialog {
    /// Whether its answer is still to come.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::OpenBesidePath)
    }
}

/// What the system's file dialog said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DialogAnswer {
    /// This place was chosen.
    Chosen(PathBuf),
    /// It was closed without a choice.
    Closed,
    /// There is no such dialog.
    Missing,
}

/// How saving stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaveState {
    /// Nothing was saved yet.
    Idle,
    /// A file is there already; it is replaced only when the person says so.
    Occupied(PathBuf),
    /// It is being written there.
    Saving(PathBuf),
    /// Saved there.
    Saved(PathBuf),
    /// Saving failed; the reason is a sentence of the system.
    Failed(String),
}

impl Document {
    /// Whether the path is offered on the page.
    #[must_use]
    pub fn offers_path(&self) -> bool {
        matches!(
            self.dialog,
            Dialog::OpenBesidePath | Dialog::Closed | Dialog::Missing
        ) || matches!(self.save, SaveState::Occupied(_) | SaveState::Failed(_))
    }
}

/// The field for a firewall's output, as pasted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paste {
    /// Its text.
    pub text: String,
    /// The text was looked at and is no output that is known.
    pub is_unknown: bool,
    /// The text is being looked at; it stays as it is meanwhile.
    pub is_being_read: bool,
}

/// The part of step 3 for the report of the other computer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OtherEnd {
    /// The system that the line is shown for; the own one's, until another is chosen.
    pub os: Option<Os>,
    /// The report as pasted, or the path of its file.
    pub text: String,
    /// It is being read; the text stays as it is meanwhile.
    pub is_being_read: bool,
    /// Why it cannot be read.
    pub problem: Option<String>,
    /// How often a report was brought or put away, so that what shows it is drawn anew.
    pub changes: u32,
}

/// Everything the window shows.
#[derive(Clone, Debug)]
pub struct Wizard {
    /// The step on the screen.
    pub step: Step,
    /// The address field.
    pub entry: Entry,
    /// The targets of this session, in order; empty before the first test.
    pub runs: Vec<Run>,
    /// Which of `runs` is on the screen.
    pub shown: usize,
    /// What the pasted error said.
    pub said: Option<Said>,
    /// What listens on this machine, for one-click examples.
    pub listeners: Fact<Vec<Listener>>,
    /// Whether the system asks for things not to move.
    pub stillness: Fact<bool>,
    /// The report step.
    pub document: Document,
    /// What a person prefers.
    pub preferences: Preferences,
    /// How long a silent peer is given.
    pub patience: Duration,
    /// The system we run on.
    pub os: Os,
    /// The field for a firewall's output.
    pub paste: Paste,
    /// How it stands with opening a saved report.
    pub opening: Opening,
    /// The report of the other computer.
    pub other_end: OtherEnd,
    /// What was copied last, to mark its button.
    pub copied: Option<String>,
    last_run: u64,
}

/// What the person did, or what has happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// The address text changed.
    Typed(String),
    /// The host was corrected by hand.
    HostCorrected(String),
    /// The port was corrected by hand.
    PortCorrected(String),
    /// A proposed mend or a recent target was taken.
    Taken(String),
    /// A program that listens here was picked, by its endpoint.
    Picked(String),
    /// The step's primary button.
    Forward,
    /// Back one step.
    Back,
    /// A step of the rail.
    GoTo(Step),
    /// Run the same tests again.
    TestAgain,
    /// The advice at this place was followed: run the same tests again, and compare.
    Followed(usize),
    /// Stop what runs.
    Cancel,
    /// Show another target of the session.
    Show(usize),
    /// Copy this text.
    Copy(String),
    /// Change the language.
    Speak(Language),
    /// Change the colours.
    Dress(Theme),
    /// Let nothing move on the screen, or let it.
    LessMovement(bool),
    /// Whether the system asks for that.
    StillnessRead(Fact<bool>),
    /// Remember targets, or stop doing so (and forget them).
    KeepRecents(bool),
    /// Forget all recent targets.
    ForgetRecents,
    /// Choose the report's format.
    ChooseFormat(Format),
    /// Replace names and addresses in the report by pseudonyms, or show them again.
    Anonymise(bool),
    /// Save the report, from whichever step.
    Save,
    /// The dialog has answered.
    DialogAnswered(DialogAnswer),
    /// The path on the page was edited.
    PathTyped(String),
    /// Save to the path on the page, unless a file is there.
    SaveToPath,
    /// Replace the file that is there.
    Replace,
    /// The outcome of saving.
    SaveEnded(SaveState),
    /// The text of the field for a firewall's output changed.
    OutputPasted(String),
    /// Read that field.
    ReadOutput,
    /// What it says about run `.0`; nothing where it is not recognised.
    OutputRead(u64, Option<Observation>),
    /// Choose a saved report to be opened.
    ChooseReport,
    /// The dialog for that has answered.
    ReportChosen(DialogAnswer),
    /// Open this saved report.
    OpenReport(PathBuf),
    /// The report in the file `.0` was read, or could not be.
    ReportRead(PathBuf, Result<Box<Saved>, String>),
    /// The line for the other computer is wanted for this system.
    ChooseFarSystem(Os),
    /// The text of the field for the other computer's report changed.
    OtherEndTyped(String),
    /// Read that field.
    ReadOtherEnd,
    /// A text that is too long to be shown was pasted into it: read it at once.
    OtherEndPasted(String),
    /// The report that was brought for the target, or why it cannot be read.
    OtherEndRead(Box<Target>, Result<Box<OtherReport>, String>),
    /// Put that report away.
    DropOtherEnd,
    /// Run `.0` was begun at this time.
    Begun(u64, Timestamp),
    /// Something was seen by run `.0`.
    Observed(u64, Observation),
    /// This machine's listeners, for the examples.
    ListenersRead(Fact<Vec<Listener>>),
}

/// What must happen in the world.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Start this run, cancelling any other.
    Probe {
        /// The run's id.
        run: u64,
        /// What to reach.
        target: Box<Target>,
    },
    /// Read a firewall's output for this run.
    ReadOutput {
        /// The run's id.
        run: u64,
        /// The output.
        text: String,
    },
    /// Read the report of the other computer, which is this text or the file of this name.
    ReadOtherEnd {
        /// What it is brought for.
        target: Box<Target>,
        /// The report, or its path.
        text: String,
    },
    /// Stop the running one.
    CancelProbe,
    /// Open the system's dialog for a saved report.
    OpenReportDialog,
    /// Read this saved report.
    ReadReport(PathBuf),
    /// Read this machine's listeners for the examples.
    ListListeners,
    /// Propose a path on the page.
    SuggestPath,
    /// Open the system's save dialog. What will be saved is the report as it is now.
    OpenSaveDialog,
    /// Write the report as it was when the dialog was opened.
    WriteDraft(PathBuf),
    /// Write the report as it is now.
    WriteReport {
        /// Where.
        path: PathBuf,
        /// Whether a file that is there may be replaced.
        replace: bool,
    },
    /// Put this on the clipboard.
    CopyText(String),
    /// Keep the preferences.
    StorePreferences,
}

impl Wizard {
    /// A fresh wizard.
    #[must_use]
    pub fn new(preferences: Preferences, os: Os, patience: Duration) -> Self {
        Self {
            step: Step::Address,
            entry: Entry::default(),
            runs: Vec::new(),
            shown: 0,
            said: None,
            listeners: Fact::default(),
            stillness: Fact::default(),
            document: Document {
                format: Format::Markdown,
                anonymise: false,
                path: String::new(),
                dialog: Dialog::Unasked,
                save: SaveState::Idle,
            },
            preferences,
            patience,
            os,
            paste: Paste::default(),
            opening: Opening::Idle,
            other_end: OtherEnd::default(),
            copied: None,
            last_run: 0,
        }
    }

    /// The run on the screen.
    #[must_use]
    pub fn run(&self) -> Option<&Run> {
        self.runs.get(self.shown)
    }

    /// The case on the screen.
    #[must_use]
    pub fn case(&self) -> Option<&Case> {
        self.run().map(|run| run.case.as_ref())
    }

    /// Whether anything is being tested.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.runs.iter().any(|run| run.state == RunState::Running)
    }

    /// Whether things on the screen may not move: the person's word counts more than the system's.
    #[must_use]
    pub fn is_still(&self) -> bool {
        let of_system = self.stillness.known().copied().unwrap_or(false);
        self.preferences.less_movement.unwrap_or(of_system)
    }

    /// The targets that the address step would test now.
    #[must_use]
    pub fn ready_targets(&self) -> Vec<Target> {
        self.entry.targets()
    }

    /// Whether a step can be opened from the rail.
    #[must_use]
    pub fn can_open(&self, step: Step) -> bool {
        step == Step::Address || !self.runs.is_empty()
    }

    /// Takes one action, and tells what must happen in the world.
    pub fn update(&mut self, action: Action) -> Vec<Effect> {
        if !matches!(
            action,
            Action::Observed(..)
                | Action::ListenersRead(_)
                | Action::StillnessRead(_)
                | Action::Copy(_)
        ) {
            self.copied = None;
            if matches!(self.opening, Opening::Failed(_) | Opening::NoDialog) {
                self.opening = Opening::Idle;
            }
        }
        match action {
            Action::Typed(text) | Action::Taken(text) => self.entry = Entry::reading(text),
            Action::Picked(endpoint) => self.entry.pick(endpoint),
            Action::HostCorrected(host) => self.entry.correct_host(host),
            Action::PortCorrected(port) => self.entry.correct_port(port),
            Action::Forward => return self.forward(),
            Action::Back => return self.step.previous().map_or_else(Vec::new, |s| self.open(s)),
            Action::GoTo(step) => return self.open(step),
            Action::TestAgain => return self.test_again(None),
            Action::Followed(index) => return self.followed(index),
            Action::Cancel => return self.cancel(),
            Action::Show(index) => {
                self.shown = index.min(self.runs.len().saturating_sub(1));
                return self.begin_document();
            }
            Action::Copy(text) => {
                self.copied = Some(text.clone());
                return vec![Effect::CopyText(text)];
            }
            Action::Speak(language) => return self.prefer(|p| p.language = language),
            Action::Dress(theme) => return self.prefer(|p| p.theme = theme),
            Action::LessMovement(less) => return self.prefer(|p| p.less_movement = Some(less)),
            Action::StillnessRead(stillness) => self.stillness = stillness,
            Action::KeepRecents(keep) => {
                return self.prefer(|preferences| {
                    preferences.keep_recents = keep;
                    if !keep {
                        preferences.recents.clear();
                    }
                });
            }
            Action::ForgetRecents => return self.prefer(|p| p.recents.clear()),
            Action::ChooseFormat(format) => self.choose_format(format),
            Action::Anonymise(anonymise) => {
                self.document.anonymise = anonymise;
                // The proposed name of the file has the host in it.
                return self.begin_document();
            }
            Action::Save => return self.save(),
            Action::DialogAnswered(answer) => return self.dialog_answered(answer),
            Action::PathTyped(path) => {
                self.document.path = path;
                self.document.save = SaveState::Idle;
            }
            Action::SaveToPath => return self.write_to_path(false),
            Action::Replace => return self.write_to_path(true),
            Action::SaveEnded(ended) => self.document.save = ended,
            Action::OutputPasted(text) => {
                self.paste = Paste {
                    text,
                    ..Paste::default()
                };
            }
            Action::ReadOutput => return self.read_output(),
            Action::OutputRead(run, told) => self.output_read(run, told),
            Action::ChooseReport => return self.choose_report(),
            Action::ReportChosen(answer) => return self.report_chosen(answer),
            // What is dropped beside the place for the other computer's report is that.
            Action::OpenReport(path) if self.takes_other_end() => {
                let path = path.to_string_lossy().into_owned();
                self.other_end.text.clone_from(&path);
                return self.read_other_end(path);
            }
            Action::OpenReport(path) => return self.open_report(path),
            Action::ReportRead(path, read) => return self.report_read(&path, read),
            Action::ChooseFarSystem(os) => self.other_end.os = Some(os),
            Action::OtherEndTyped(text) => {
                self.other_end.text = text;
                self.other_end.problem = None;
            }
            Action::ReadOtherEnd => return self.read_other_end(self.other_end.text.clone()),
            Action::OtherEndPasted(text) => return self.read_other_end(text),
            Action::OtherEndRead(target, read) => return self.other_end_read(&target, read),
            Action::DropOtherEnd => return self.drop_other_end(),
            Action::Begun(id, began) => {
                let mut runs = self.runs.iter_mut();
                if let Some(run) = runs.find(|run| run.id == id) {
                    run.began = Some(began);
                }
            }
            Action::Observed(run, observation) => return self.observed(run, observation),
            Action::ListenersRead(listeners) => self.listeners = listeners,
        }
        Vec::new()
    }

    fn forward(&mut self) -> Vec<Effect> {
        match self.step {
            Step::Address => self.submit(),
            Step::Connection | Step::Listener | Step::Firewall => self
                .step
                .next()
                .map_or_else(Vec::new, |step| self.open(step)),
            Step::Report => self.save(),
        }
    }

    fn open(&mut self, step: Step) -> Vec<Effect> {
        if !self.can_open(step) {
            return Vec::new();
        }
        self.step = step;
        match step {
            Step::Address | Step::Listener => vec![Effect::ListListeners],
            Step::Connection | Step::Firewall => Vec::new(),
            Step::Report => self.suggest_path(),
        }
    }

    fn submit(&mut self) -> Vec<Effect> {
        self.entry.submitted = true;
        let targets = self.entry.targets();
        if targets.is_empty() {
            return Vec::new();
        }
        self.said = self.entry.said().cloned();
        let mut effects = self.begin_document();
        if self.preferences.keep_recents {
            self.preferences
                .remember(targets.iter().map(|target| target.input.clone()));
            effects.push(Effect::StorePreferences);
        }
        let before = std::mem::take(&mut self.runs);
        let brought = |target: &Target| {
            let mut cases = before.iter().map(|run| &run.case);
            let same = cases.find(|case| case.evidence().target == *target)?;
            same.other_end().cloned()
        };
        self.runs = targets
            .into_iter()
            .map(|target| {
                let other = brought(&target);
                let mut run = self.new_run(target);
                run.case = Arc::new(Arc::unwrap_or_clone(run.case).beside(other));
                run
            })
            .collect();
        self.shown = 0;
        self.step = Step::Connection;
        effects.extend(self.start_next());
        effects
    }

    /// Tests the target on the screen once more. On step 1 that is the one in the field.
    fn test_again(&mut self, tried: Option<&Tried>) -> Vec<Effect> {
        if self.step == Step::Address {
            let tested = self.runs.iter().map(|run| &run.case.evidence().target);
            if self.runs.is_empty() || !tested.eq(&self.entry.targets()) {
                return self.submit();
            }
            self.step = Step::Connection;
        }
        if self.run().and_then(Run::retest).is_none() {
            return Vec::new();
        }
        // The worker does one at a time: what it drops is taken up afterwards, from the start.
        for index in 0..self.runs.len() {
            if index == self.shown || self.runs[index].state == RunState::Running {
                let tried = tried.filter(|_| index == self.shown);
                self.runs[index] = self.anew(index, tried.cloned());
            }
        }
        let mut effects = self.start(self.shown);
        effects.extend(self.begin_document());
        effects
    }

    fn followed(&mut self, index: usize) -> Vec<Effect> {
        let advice = self.case().and_then(|case| case.advice().get(index));
        let tried = advice.map(Tried::of);
        self.test_again(tried.as_ref())
    }

    /// The same target's next run, which remembers how the ones before ended.
    fn anew(&mut self, index: usize, tried: Option<Tried>) -> Run {
        let run = &self.runs[index];
        let old = Arc::clone(&run.case);
        // A report from another system is from another machine: that is no before to this test. Nor
        // is one that does not tell by its addresses which machine it is from.
        let may_be_here = old.evidence().os == self.os && old.evidence().network.known().is_some();
        let is_from_here = run.opened.is_none() || may_be_here;
        let is_over = run.state == RunState::Complete && is_from_here;
        let target = run
            .retest()
            .unwrap_or_else(|| old.evidence().target.clone());
        let mut run = self.new_run(target);
        let evidence = run.case.evidence().clone();
        run.case = Arc::new(if is_over {
            Arc::unwrap_or_clone(old).next_round(tried, evidence)
        } else {
            let rounds = if is_from_here { old.rounds() } else { &[] };
            let other_end = old.other_end().cloned();
            Case::with_rounds(evidence, rounds.to_vec()).beside(other_end)
        });
        run
    }

    fn choose_report(&mut self) -> Vec<Effect> {
        if self.opening == Opening::Choosing {
            return Vec::new();
        }
        self.opening = Opening::Choosing;
        vec![Effect::OpenReportDialog]
    }

    fn report_chosen(&mut self, answer: DialogAnswer) -> Vec<Effect> {
        if self.opening == Opening::Choosing {
            self.opening = match answer {
                DialogAnswer::Chosen(path) => return self.open_report(path),
                DialogAnswer::Closed => Opening::Idle,
                DialogAnswer::Missing => Opening::NoDialog,
            };
        }
        Vec::new()
    }

    fn open_report(&mut self, path: PathBuf) -> Vec<Effect> {
        self.opening = Opening::Reading(path.clone());
        vec![Effect::ReadReport(path)]
    }

    /// Shows the report in place of what was tested. One that nobody waits for any more is dropped.
    fn report_read(&mut self, path: &Path, read: Result<Box<Saved>, String>) -> Vec<Effect> {
        if !matches!(&self.opening, Opening::Reading(awaited) if awaited == path) {
            return Vec::new();
        }
        let opened = match read {
            Ok(opened) => *opened,
            Err(sentence) => {
                self.opening = Opening::Failed(sentence);
                return Vec::new();
            }
        };
        self.opening = Opening::Idle;
        let mut effects = self.cancel();
        self.last_run += 1;
        let evidence = opened.case.evidence();
        self.entry = Entry::reading(evidence.target.input.clone());
        self.said.clone_from(&evidence.said);
        let state = if evidence.complete {
            RunState::Complete
        } else {
            RunState::Cancelled
        };
        let file = path.file_name().unwrap_or(path.as_os_str());
        self.runs = vec![Run {
            id: self.last_run,
            state,
            began: Some(opened.stamp.created),
            opened: Some(OpenedReport {
                file: file.to_string_lossy().into_owned(),
                stamp: opened.stamp,
            }),
            case: Arc::new(opened.case),
        }];
        self.shown = 0;
        self.paste = Paste::default();
        self.step = Step::Connection;
        effects.extend(self.begin_document());
        effects
    }

    fn cancel(&mut self) -> Vec<Effect> {
        if !self.is_running() {
            return Vec::new();
        }
        for run in &mut self.runs {
            if matches!(run.state, RunState::Running | RunState::Waiting) {
                run.state = RunState::Cancelled;
            }
        }
        vec![Effect::CancelProbe]
    }

    /// Folds an observation into its run; one of a run that is over is dropped.
    fn observed(&mut self, id: u64, observation: Observation) -> Vec<Effect> {
        let running = |run: &&mut Run| run.id == id && run.state == RunState::Running;
        let Some(run) = self.runs.iter_mut().find(running) else {
            return Vec::new();
        };
        let over = observation == Observation::Complete;
        Arc::make_mut(&mut run.case).record(observation);
        if !over {
            return Vec::new();
        }
        run.state = RunState::Complete;
        self.start_next()
    }

    fn read_output(&mut self) -> Vec<Effect> {
        let is_ready = !self.paste.is_being_read && !self.paste.text.trim().is_empty();
        let Some(run) = self.runs.get(self.shown).filter(|_| is_ready) else {
            return Vec::new();
        };
        self.paste.is_being_read = true;
        self.paste.is_unknown = false;
        vec![Effect::ReadOutput {
            run: run.id,
            text: self.paste.text.clone(),
        }]
    }

    /// What was pasted counts after the run's end as well. The field is empty for the next one.
    fn output_read(&mut self, id: u64, told: Option<Observation>) {
        self.paste.is_being_read = false;
        let run = self.runs.iter_mut().find(|run| run.id == id);
        match (run, told) {
            (Some(run), Some(told)) => {
                Arc::make_mut(&mut run.case).record(told);
                self.paste = Paste::default();
            }
            (_, None) => self.paste.is_unknown = true,
            (None, Some(_)) => {}
        }
    }

    fn read_other_end(&mut self, text: String) -> Vec<Effect> {
        let is_ready = !self.other_end.is_being_read && !text.trim().is_empty();
        let Some(run) = self.runs.get(self.shown).filter(|_| is_ready) else {
            return Vec::new();
        };
        self.other_end.is_being_read = true;
        self.other_end.problem = None;
        vec![Effect::ReadOtherEnd {
            target: Box::new(run.case.evidence().target.clone()),
            text,
        }]
    }

    /// Puts the report beside every test of the target that it was brought for.
    fn other_end_read(
        &mut self,
        target: &Target,
        read: Result<Box<OtherReport>, String>,
    ) -> Vec<Effect> {
        let other = &mut self.other_end;
        other.is_being_read = false;
        let report = match read {
            Ok(report) => report,
            Err(problem) => {
                other.problem = Some(problem);
                return Vec::new();
            }
        };
        other.text.clear();
        other.changes += 1;
        let of_target = |run: &&mut Run| run.case.evidence().target == *target;
        for run in self.runs.iter_mut().filter(of_target) {
            let report = OtherReport {
                anonymised: report.anonymised || run.is_anonymised(),
                ..(*report).clone()
            };
            run.case = Arc::new(Case::clone(&run.case).beside(Some(Arc::new(report))));
        }
        // Another report than before.
        self.begin_document()
    }

    fn drop_other_end(&mut self) -> Vec<Effect> {
        if let Some(run) = self.runs.get_mut(self.shown) {
            run.case = Arc::new(Case::clone(&run.case).beside(None));
            self.other_end.changes += 1;
        }
        self.begin_document()
    }

    /// Whether the place for the other computer's report is on the screen.
    #[must_use]
    pub fn takes_other_end(&self) -> bool {
        let is_told_apart = self.case().and_then(Case::target_is_here).is_some();
        self.step == Step::Listener && is_told_apart
    }

    fn start_next(&mut self) -> Vec<Effect> {
        let waiting = self
            .runs
            .iter()
            .position(|run| run.state == RunState::Waiting);
        waiting.map_or_else(Vec::new, |index| self.start(index))
    }

    fn start(&mut self, index: usize) -> Vec<Effect> {
        let run = &mut self.runs[index];
        run.state = RunState::Running;
        let target = Box::new(run.case.evidence().target.clone());
        vec![Effect::Probe {
            run: run.id,
            target,
        }]
    }

    fn new_run(&mut self, target: Target) -> Run {
        self.last_run += 1;
        let mut evidence = Evidence::new(target, self.os, self.patience);
        evidence.said.clone_from(&self.said);
        let case = Arc::new(Case::new(evidence));
        Run {
            id: self.last_run,
            case,
            state: RunState::Waiting,
            opened: None,
            began: None,
        }
    }

    fn prefer(&mut self, change: impl FnOnce(&mut Preferences)) -> Vec<Effect> {
        change(&mut self.preferences);
        vec![Effect::StorePreferences]
    }

    fn choose_format(&mut self, format: Format) {
        self.document.format = format;
        self.document.save = SaveState::Idle;
        if !self.document.path.is_empty() {
            let path = format.renamed(Path::new(&self.document.path));
            self.document.path = path.to_string_lossy().into_owned();
        }
    }

    /// Another report than before: nothing of it is saved, and it gets a name of its own.
    fn begin_document(&mut self) -> Vec<Effect> {
        self.document.save = SaveState::Idle;
        self.document.path.clear();
        self.suggest_path()
    }

    fn suggest_path(&self) -> Vec<Effect> {
        let wanted = self.step == Step::Report && self.document.path.is_empty();
        wanted.then_some(Effect::SuggestPath).into_iter().collect()
    }

    /// Opens the dialog; where there is none, saves to the path that stands on the page.
    fn save(&mut self) -> Vec<Effect> {
        let was_here = self.step == Step::Report;
        if !self.can_open(Step::Report) {
            return Vec::new();
        }
        let mut effects = self.open(Step::Report);
        match self.document.dialog {
            Dialog::Unasked | Dialog::Closed => {
                self.document.dialog = match self.document.dialog {
                    Dialog::Closed => Dialog::OpenBesidePath,
                    _ => Dialog::Open,
                };
                self.document.save = SaveState::Idle;
                effects.push(Effect::OpenSaveDialog);
            }
            Dialog::Open => self.document.dialog = Dialog::OpenBesidePath,
            Dialog::Missing if was_here => effects.extend(self.write_to_path(false)),
            Dialog::OpenBesidePath | Dialog::Missing => {}
        }
        effects
    }

    fn dialog_answered(&mut self, answer: DialogAnswer) -> Vec<Effect> {
        self.document.dialog = match answer {
            DialogAnswer::Chosen(path) => {
                self.document.dialog = Dialog::Unasked;
                self.document.save = SaveState::Saving(path.clone());
                return vec![Effect::WriteDraft(path)];
            }
            DialogAnswer::Closed => Dialog::Closed,
            DialogAnswer::Missing => Dialog::Missing,
        };
        Vec::new()
    }

    fn write_to_path(&mut self, replace: bool) -> Vec<Effect> {
        let path = PathBuf::from(self.document.path.trim());
        if path.as_os_str().is_empty() {
            return Vec::new();
        }
        self.document.save = SaveState::Saving(path.clone());
        vec![Effect::WriteReport { path, replace }]
    }

    /// How a step stands.
    #[must_use]
    pub fn step_state(&self, step: Step) -> StepState {
        let Some(run) = self.run() else {
            return StepState::Todo;
        };
        match step {
            Step::Address => StepState::Fine,
            Step::Connection => run.connection_state(),
            Step::Listener => run.listener_state(),
            Step::Firewall => run.firewall_state(),
            Step::Report => match self.document.save {
                SaveState::Saved(_) => StepState::Fine,
                SaveState::Failed(_) => StepState::Problem,
                SaveState::Idle | SaveState::Saving(_) | SaveState::Occupied(_) => StepState::Todo,
            },
        }
    }
}

impl Run {
    /// What to test when it is tested again. That of a report that was opened was parsed by nobody
    /// yet, so it is read as if it were typed; nothing where that gives another target, or none.
    #[must_use]
    pub fn retest(&self) -> Option<Target> {
        let target = &self.case.evidence().target;
        if self.opened.is_none() {
            return Some(target.clone());
        }
        if self.is_anonymised() {
            return None;
        }
        let is_same = |read: &Target| {
            read.host == target.host && (read.port == target.port || target.srv.is_some())
        };
        let typed = Entry::reading(target.input.clone()).targets();
        match typed.as_slice() {
            [read] if is_same(read) => Some(read.clone()),
            _ => {
                let read = Target::from_parts(&target.host.to_string(), &target.port.to_string());
                read.ok().filter(is_same)
            }
        }
    }

    /// Whether it is a saved report whose names and addresses are pseudonyms already.
    #[must_use]
    pub fn is_anonymised(&self) -> bool {
        self.opened
            .as_ref()
            .is_some_and(|opened| opened.stamp.anonymised)
    }

    /// Whether the verdict's cause sits at one of these places.
    fn breaks_at(&self, places: &[Waypoint]) -> bool {
        self.case
            .diagnosis()
            .verdict
            .cause
            .place()
            .is_some_and(|place| places.contains(&place))
    }

    fn connection_state(&self) -> StepState {
        match self.state {
            RunState::Waiting => StepState::Todo,
            RunState::Running => StepState::Running,
            RunState::Cancelled => StepState::Cancelled,
            RunState::Complete => match self.case.diagnosis().impact {
                Impact::None => StepState::Fine,
                Impact::Degraded => StepState::Partly,
                Impact::Blocked => StepState::Problem,
            },
        }
    }

    fn listener_state(&self) -> StepState {
        let evidence = self.case.evidence();
        let port = evidence.target.port;
        let listens = |listeners: &[Listener]| listeners.iter().any(|l| l.addr.port() == port);
        match (&evidence.listeners, self.state) {
            (_, RunState::Waiting) => StepState::Todo,
            (Fact::Known(listeners), RunState::Running | RunState::Cancelled)
                if listens(listeners) =>
            {
                StepState::Fine
            }
            (_, RunState::Running) => StepState::Running,
            (_, RunState::Cancelled) => StepState::Cancelled,
            // Another machine: its programs cannot be seen from here, which matters only when
            // something is wrong.
            (_, RunState::Complete) if self.case.target_is_here() == Some(false) => {
                match self.case.diagnosis().impact {
                    Impact::None => StepState::NotNeeded,
                    Impact::Degraded | Impact::Blocked => StepState::Unknown,
                }
            }
            (Fact::Known(_), RunState::Complete) if self.breaks_at(&[Waypoint::Port]) => {
                StepState::Problem
            }
            (Fact::Known(listeners), RunState::Complete) if listens(listeners) => StepState::Fine,
            (Fact::Known(_) | Fact::Unknown(_), RunState::Complete) => StepState::Unknown,
        }
    }

    fn firewall_state(&self) -> StepState {
        match (self.state, self.case.diagnosis().impact) {
            (RunState::Waiting, _) => StepState::Todo,
            (RunState::Running, _) => StepState::Running,
            (RunState::Cancelled, _) => StepState::Cancelled,
            (RunState::Complete, Impact::None) => match self.case.evidence().keeps_others_out() {
                Some(_) => StepState::Advice,
                None if self.case.evidence().may_keep_others_out() => StepState::Unknown,
                None => StepState::Fine,
            },
            (RunState::Complete, Impact::Degraded | Impact::Blocked)
                if self.breaks_at(&[Waypoint::OwnFirewall, Waypoint::TargetFirewall]) =>
            {
                StepState::Problem
            }
            (RunState::Complete, Impact::Degraded | Impact::Blocked) => {
                if self.case.advice().is_empty() {
                    StepState::Unknown
                } else {
                    StepState::Advice
                }
            }
        }
    }
}

impl Entry {
    fn reading(text: String) -> Self {
        let reading = (!text.trim().is_empty()).then(|| target::understand(&text));
        let (host, port) = match &reading {
            Some(Ok(Understanding::Targets { targets, .. })) if targets.len() == 1 => {
                (targets[0].host.to_string(), targets[0].port.to_string())
            }
            Some(Ok(Understanding::Incomplete { host, port, .. })) => (
                host.as_ref().map(Host::to_string).unwrap_or_default(),
                port.map(|port| port.to_string()).unwrap_or_default(),
            ),
            Some(Ok(Understanding::Targets { .. } | Understanding::NotTcp(_)) | Err(_)) | None => {
                <(String, String)>::default()
            }
        };
        Self {
            text,
            reading,
            host,
            port,
            corrected: false,
            submitted: false,
        }
    }

    /// Takes an endpoint of this machine. An error that names none keeps its text and what it says.
    fn pick(&mut self, endpoint: String) {
        let picked = Self::reading(endpoint);
        if let Some(Ok(Understanding::Incomplete { .. })) = self.reading {
            self.host = picked.host;
            self.port = picked.port;
            self.corrected = true;
            self.submitted = false;
        } else {
            *self = picked;
        }
    }

    fn correct_host(&mut self, host: String) {
        self.host = host;
        self.corrected = true;
        self.submitted = false;
    }

    fn correct_port(&mut self, port: String) {
        self.port = port;
        self.corrected = true;
        self.submitted = false;
    }

    /// What the pasted error said, if it was one.
    #[must_use]
    pub fn said(&self) -> Option<&Said> {
        match self.reading.as_ref()?.as_ref().ok()? {
            Understanding::Targets { said, .. } => said.as_ref(),
            Understanding::Incomplete { said, .. } => Some(said),
            Understanding::NotTcp(_) => None,
        }
    }

    /// The one target that host and port, as corrected by hand, make.
    #[must_use]
    pub fn corrected_target(&self) -> Option<Result<Target, AddressError>> {
        let filled = !self.host.trim().is_empty() && !self.port.trim().is_empty();
        (self.corrected && filled).then(|| Target::from_parts(&self.host, &self.port))
    }

    /// What has to be filled in or mended before anything can be tested.
    #[must_use]
    pub fn missing(&self) -> Option<Part> {
        if !self.targets().is_empty() {
            return None;
        }
        let in_fields =
            self.corrected || matches!(self.reading, Some(Ok(Understanding::Incomplete { .. })));
        if !in_fields {
            return Some(Part::Text);
        }
        let port_is_wrong = match self.corrected_target() {
            Some(Err(error)) => matches!(
                error.problem,
                AddressProblem::PortMissing
                    | AddressProblem::PortNotANumber
                    | AddressProblem::PortTooLarge
                    | AddressProblem::PortZero
            ),
            Some(Ok(_)) | None => !self.host.trim().is_empty(),
        };
        Some(if port_is_wrong {
            Part::Port
        } else {
            Part::Host
        })
    }

    /// The targets to test; empty when nothing was understood yet.
    #[must_use]
    pub fn targets(&self) -> Vec<Target> {
        if self.corrected {
            return self
                .corrected_target()
                .and_then(Result::ok)
                .into_iter()
                .collect();
        }
        match &self.reading {
            Some(Ok(Understanding::Targets { targets, .. })) => targets.clone(),
            Some(Ok(_) | Err(_)) | None => Vec::new(),
        }
    }
}

impl Preferences {
    /// Puts targets in front of the recent ones, each once.
    fn remember(&mut self, inputs: impl Iterator<Item = String>) {
        for input in inputs {
            self.recents.retain(|known| *known != input);
            self.recents.insert(0, input);
        }
        self.recents.truncate(MOST_RECENTS);
    }
}

/// How many recent targets are remembered.
const MOST_RECENTS: usize = 12;
