//! The window program: drains the worker into the wizard, draws, and carries out the one action
//! that drawing returned. One loop, one writer.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use eframe::{CreationContext, Frame, NativeOptions, Renderer};
use egui::{Context, ThemePreference, Ui, ViewportBuilder, ViewportCommand, ViewportId};
use rfd::FileHandle;

use crate::case::Case;
use crate::case::ends::OtherReport;
use crate::cli;
use crate::crash;
use crate::evidence::{Os, printable};
use crate::i18n::{Language, Texts};
use crate::platform;
use crate::report::opened::Saved;
use crate::report::{self, Stamp};
use crate::save;
use crate::settings::{self, Recents, Settings, SettingsFile, WindowSize, Zoom};
use crate::target::Target;
use crate::ui;
use crate::wizard::{
    Action, DialogAnswer, Effect, Preferences, RunState, SaveState, Step, Theme, Wizard,
};
use crate::worker::{Job, PATIENCE, Worker};

/// Opens the window and stays until it is closed. The exit status: 0, or 2 when no window can be
/// opened (no display, no usable graphics), which is said in one sentence. A saved `report` is
/// opened at once.
#[must_use]
pub fn run(report: Option<&Path>) -> i32 {
    let file = SettingsFile::of_system();
    let settings = file.load();
    let language = settings.language.unwrap_or_else(Language::of_system);
    let mut tried = Vec::new();
    for renderer in renderers(platform::current().os()) {
        match open(renderer, &file, &settings, report) {
            Ok(()) => return 0,
            // winit found no display: no renderer will.
            Err(eframe::Error::Winit(_) | eframe::Error::WinitEventLoop(_)) => break,
            Err(error) => tried.push(format!("{renderer}: {error}")),
        }
    }
    let os = platform::current().os();
    let texts = Texts::of(language);
    let sentence = cli::no_window_sentence(texts, os, !tried.is_empty());
    let told = match details(&tried) {
        // What the drivers say is for whoever knows them.
        Some(Ok(log)) => {
            let place = texts.cli.details_in.fill(&[("path", &log.display())]);
            format!("{sentence}\n\n{place}")
        }
        Some(Err(details)) => format!("{sentence}\n\n{details}"),
        None => sentence.to_owned(),
    };
    if !platform::alert(&told) {
        #[expect(clippy::print_stderr, reason = "there is no window to say it in")]
        {
            eprintln!("{told}");
        }
    }
    2
}

/// Where a log says what became of each renderer; the text itself where none can be written.
fn details(tried: &[String]) -> Option<Result<PathBuf, String>> {
    if tried.is_empty() {
        return None;
    }
    let details = tried.join("\n");
    Some(crash::keep_log("window", &details).ok_or_else(|| printable(&details).into_owned()))
}

/// Those that this program was built with, the better one first. On Windows wgpu draws with
/// DirectX 12, which needs no graphics card (WARP) and so works over Remote Desktop; old virtual
/// machines have at most OpenGL. On Linux OpenGL is the lighter one.
fn renderers(os: Os) -> impl Iterator<Item = Renderer> {
    let names = match os {
        Os::Linux => ["glow", "wgpu"],
        Os::Windows | Os::Macos => ["wgpu", "glow"],
    };
    names.into_iter().filter_map(|name| name.parse().ok())
}

fn open(
    renderer: Renderer,
    file: &SettingsFile,
    settings: &Settings,
    report: Option<&Path>,
) -> Result<(), eframe::Error> {
    let started = Instant::now();
    let size = settings.window.unwrap_or(WindowSize {
        width: 1000.0,
        height: 700.0,
    });
    let texts = Texts::of(settings.language.unwrap_or_else(Language::of_system));
    let mut viewport = ViewportBuilder::default()
        .with_app_id("ketnoi")
        .with_title(texts.window.shell.window_title.as_str())
        .with_inner_size([size.width, size.height])
        .with_min_inner_size([480.0, 360.0]);
    if let Ok(icon) = eframe::icon_data::from_png_bytes(ICON) {
        viewport = viewport.with_icon(icon);
    }
    let options = NativeOptions {
        viewport,
        renderer,
        ..NativeOptions::default()
    };
    let name = texts.window.shell.window_title.as_str();
    eframe::run_native(
        name,
        options,
        Box::new(|creation| {
            let (file, settings) = (file.clone(), settings.clone());
            let mut app = App::new(creation, file, settings, started)?;
            app.first_report = report.map(Path::to_owned);
            Ok(Box::new(app))
        }),
    )
}

/// The program behind the window.
struct App {
    wizard: Wizard,
    worker: Worker,
    settings: Settings,
    file: SettingsFile,
    dialog: Option<SaveDialog>,
    report_dialog: Option<FileDialog>,
    /// Where saved reports come from once they are read.
    reports: (Sender<ReadReport>, Receiver<ReadReport>),
    /// The report that the program was started with, until it is opened.
    first_report: Option<PathBuf>,
    /// When each run that the wizard knows was started, and how long it took.
    clock: Vec<RunClock>,
    /// Where the other computer's reports come from once they are read.
    other_ends: (Sender<OtherEndRead>, Receiver<OtherEndRead>),
    /// Where it is told how saving went.
    saves: (Sender<SaveState>, Receiver<SaveState>),
    /// How many reports are being written.
    saving: usize,
    preview: Option<Preview>,
    first_frame: Option<FirstFrame>,
}

/// A file, and the report in it or why it cannot be opened.
type ReadReport = (PathBuf, Result<Box<Saved>, String>);
/// What a report was brought for, and the report or why it cannot be read.
type OtherEndRead = (Box<Target>, Result<Box<OtherReport>, String>);

/// An open save dialog, and what will be saved.
struct SaveDialog {
    dialog: FileDialog,
    text: String,
}

/// An open dialog of the system.
struct FileDialog {
    opened: Instant,
    answer: Receiver<Option<PathBuf>>,
}

impl FileDialog {
    /// Waits for the dialog on a thread of its own: the answer comes through a channel.
    fn open(
        ctx: &Context,
        waiting: impl Future<Output = Option<FileHandle>> + Send + 'static,
    ) -> std::io::Result<Self> {
        let (send, answer) = channel();
        let woken = ctx.clone();
        thread::Builder::new()
            .name("file-dialog".to_owned())
            .spawn(move || {
                let chosen = pollster::block_on(waiting).map(|file| file.path().to_owned());
                // The window may be gone by then; nobody waits for the answer any more.
                let _ = send.send(chosen);
                woken.request_repaint_of(ViewportId::ROOT);
            })?;
        Ok(Self {
            opened: Instant::now(),
            answer,
        })
    }

    /// What was answered, once it was.
    fn answer(&self) -> Option<DialogAnswer> {
        Some(match self.answer.try_recv().ok()? {
            Some(path) => DialogAnswer::Chosen(path),
            // Closing and having none look the same, but nobody closes a dialog that fast.
            None if self.opened.elapsed() < SOONEST_CLOSED => DialogAnswer::Missing,
            None => DialogAnswer::Closed,
        })
    }
}

/// The times of one run, for its report.
struct RunClock {
    run: u64,
    begun: Instant,
    created: jiff::Timestamp,
    took: Option<Duration>,
}

/// The report as last rendered, and what it was rendered from.
struct Preview {
    key: (u64, usize, u32, RunState, report::Format, bool, Language),
    text: String,
}

/// Reports how long the first frame took, then closes: for benchmarks.
struct FirstFrame {
    started: Instant,
    drawn: bool,
}

impl App {
    fn new(
        creation: &CreationContext<'_>,
        file: SettingsFile,
        settings: Settings,
        started: Instant,
    ) -> std::io::Result<Self> {
        let ctx = &creation.egui_ctx;
        ui::theme::install(ctx);
        ctx.set_zoom_factor(settings.zoom.factor());
        let preferences = preferences(&settings);
        dress(ctx, preferences.theme);
        ui::theme::let_move(ctx, preferences.less_movement != Some(true));

        let platform = platform::current();
        let os = platform.os();
        let woken = ctx.clone();
        let worker = Worker::start(platform, move || woken.request_repaint_of(ViewportId::ROOT))?;
        worker.list_listeners();
        worker.ask_for_stillness();
        let measured = std::env::var_os(FIRST_FRAME).is_some();
        Ok(Self {
            wizard: Wizard::new(preferences, os, PATIENCE),
            worker,
            settings,
            file,
            dialog: None,
            report_dialog: None,
            reports: channel(),
            first_report: None,
            clock: Vec::new(),
            other_ends: channel(),
            saves: channel(),
            saving: 0,
            preview: None,
            first_frame: measured.then_some(FirstFrame {
                started,
                drawn: false,
            }),
        })
    }

    fn drain(&mut self, ctx: &Context, frame: &Frame) {
        for (run, observation) in self.worker.drain() {
            self.act(ctx, frame, Action::Observed(run, observation));
        }
        for (run, firewall) in self.worker.drain_outputs() {
            self.act(ctx, frame, Action::OutputRead(run, firewall));
        }
        if let Some(listeners) = self.worker.drain_listeners() {
            self.act(ctx, frame, Action::ListenersRead(listeners));
        }
        if let Some(stillness) = self.worker.drain_stillness() {
            self.act(ctx, frame, Action::StillnessRead(stillness));
            ui::theme::let_move(ctx, !self.wizard.is_still());
        }
        while let Ok((target, read)) = self.other_ends.1.try_recv() {
            self.act(ctx, frame, Action::OtherEndRead(target, read));
        }
        while let Ok(ended) = self.saves.1.try_recv() {
            self.saving -= 1;
            self.act(ctx, frame, Action::SaveEnded(ended));
        }
        let saving = self.dialog.as_ref();
        if let Some(answer) = saving.and_then(|saving| saving.dialog.answer()) {
            self.act(ctx, frame, Action::DialogAnswered(answer));
            self.dialog = None;
        }
        let choosing = self.report_dialog.as_ref();
        if let Some(answer) = choosing.and_then(FileDialog::answer) {
            self.report_dialog = None;
            self.act(ctx, frame, Action::ReportChosen(answer));
        }
        while let Ok((path, read)) = self.reports.1.try_recv() {
            self.act(ctx, frame, Action::ReportRead(path, read));
        }
    }

    fn act(&mut self, ctx: &Context, frame: &Frame, action: Action) {
        for effect in self.wizard.update(action) {
            self.carry_out(ctx, frame, effect);
        }
        let runs = &self.wizard.runs;
        self.clock
            .retain(|clock| runs.iter().any(|run| run.id == clock.run));
        for clock in &mut self.clock {
            let mut runs = runs.iter().filter(|run| run.id == clock.run);
            if clock.took.is_none() && runs.all(|run| run.state != RunState::Running) {
                clock.took = Some(clock.begun.elapsed());
            }
        }
    }

    fn carry_out(&mut self, ctx: &Context, frame: &Frame, effect: Effect) {
        match effect {
            Effect::Probe { run, target } => {
                let created = jiff::Timestamp::now();
                self.clock.push(RunClock {
                    run,
                    begun: Instant::now(),
                    created,
                    took: None,
                });
                self.act(ctx, frame, Action::Begun(run, created));
                self.worker
                    .ask(Job::new(run, *target, self.wizard.patience));
            }
            Effect::ReadOutput { run, text } => {
                let mut runs = self.wizard.runs.iter();
                if let Some(known) = runs.find(|known| known.id == run) {
                    let evidence = known.case.evidence().clone();
                    self.worker.read_output(run, text, evidence);
                }
            }
            Effect::ReadOtherEnd { target, text } => self.read_other_end(ctx, frame, target, text),
            Effect::CancelProbe => self.worker.cancel(),
            Effect::ListListeners => self.worker.list_listeners(),
            Effect::SuggestPath => {
                let path = self.suggested_path().unwrap_or_default();
                let path = path.to_string_lossy().into_owned();
                self.act(ctx, frame, Action::PathTyped(path));
            }
            Effect::OpenSaveDialog => self.open_dialog(ctx, frame),
            Effect::OpenReportDialog => self.open_report_dialog(ctx, frame),
            Effect::ReadReport(path) => self.read_report(ctx, frame, path),
            Effect::WriteDraft(path) => {
                let draft = self.dialog.as_ref().map(|dialog| dialog.text.clone());
                // The system's dialog has asked already.
                self.write(ctx, frame, path, true, draft);
            }
            Effect::WriteReport { path, replace } => {
                let report = self.report_text();
                self.write(ctx, frame, path, replace, report);
            }
            Effect::CopyText(text) => ctx.copy_text(text),
            Effect::StorePreferences => {
                dress(ctx, self.wizard.preferences.theme);
                ui::theme::let_move(ctx, !self.wizard.is_still());
                self.store(ctx);
            }
        }
    }

    /// Opens the system's dialog for saving. What will be saved is fixed now, whatever is chosen or
    /// tested meanwhile.
    fn open_dialog(&mut self, ctx: &Context, frame: &Frame) {
        let mut dialog = rfd::AsyncFileDialog::new().set_parent(frame);
        if let Some(path) = self.suggested_path() {
            if let Some(folder) = path.parent() {
                dialog = dialog.set_directory(folder);
            }
            if let Some(name) = path.file_name() {
                dialog = dialog.set_file_name(name.to_string_lossy());
            }
        }
        match (
            FileDialog::open(ctx, dialog.save_file()),
            self.report_text(),
        ) {
            (Ok(dialog), Some(text)) => self.dialog = Some(SaveDialog { dialog, text }),
            (Err(_), _) | (_, None) => {
                let missing = DialogAnswer::Missing;
                self.act(ctx, frame, Action::DialogAnswered(missing));
            }
        }
    }

    fn open_report_dialog(&mut self, ctx: &Context, frame: &Frame) {
        let words = &Texts::of(self.wizard.preferences.language).window.opened;
        let dialog = rfd::AsyncFileDialog::new()
            .set_parent(frame)
            .add_filter(words.file_kind.as_str(), &["json"]);
        if let Ok(dialog) = FileDialog::open(ctx, dialog.pick_file()) {
            self.report_dialog = Some(dialog);
        } else {
            let missing = DialogAnswer::Missing;
            self.act(ctx, frame, Action::ReportChosen(missing));
        }
    }

    /// Reads a saved report and judges it on a thread of its own: the disk may be slow, and the file
    /// may be anything.
    fn read_report(&mut self, ctx: &Context, frame: &Frame, path: PathBuf) {
        let texts = Texts::of(self.wizard.preferences.language);
        let (send, woken) = (self.reports.0.clone(), ctx.clone());
        let asked = path.clone();
        let thread = thread::Builder::new()
            .name("report-reader".to_owned())
            .spawn(move || {
                let read = cli::saved_report(&asked, texts).map(Box::new);
                // The window may be gone by then.
                let _ = send.send((asked, read));
                woken.request_repaint_of(ViewportId::ROOT);
            });
        if let Err(error) = thread {
            self.act(ctx, frame, Action::ReportRead(path, Err(error.to_string())));
        }
    }

    /// Reads the report of the other computer on a thread of its own: the disk may be slow, and the
    /// text may be anything.
    fn read_other_end(&mut self, ctx: &Context, frame: &Frame, target: Box<Target>, text: String) {
        let unread = target.clone();
        let texts = Texts::of(self.wizard.preferences.language);
        let (send, woken) = (self.other_ends.0.clone(), ctx.clone());
        let read = move || {
            let report = cli::other_report(&text, texts).map(Box::new);
            // The window may be gone by then.
            let _ = send.send((target, report));
            woken.request_repaint_of(ViewportId::ROOT);
        };
        let thread = thread::Builder::new().name("other-end".to_owned());
        if let Err(error) = thread.spawn(read) {
            let failed = Err(error.to_string());
            self.act(ctx, frame, Action::OtherEndRead(unread, failed));
        }
    }

    fn suggested_path(&self) -> Option<PathBuf> {
        let case = self.report_case()?;
        let name = report::suggested_name(&case, self.wizard.document.format, &self.stamp());
        let home = etcetera::home_dir().ok()?;
        let documents = home.join("Documents");
        Some(if documents.is_dir() {
            documents.join(name)
        } else {
            home.join(name)
        })
    }

    /// Writes on a thread of its own: the disk may be slow.
    fn write(
        &mut self,
        ctx: &Context,
        frame: &Frame,
        path: PathBuf,
        replace: bool,
        text: Option<String>,
    ) {
        let Some(text) = text else {
            self.act(ctx, frame, Action::SaveEnded(SaveState::Idle));
            return;
        };
        let texts = Texts::of(self.wizard.preferences.language);
        let (send, woken) = (self.saves.0.clone(), ctx.clone());
        let write = move || {
            let ended = if !replace && path.symlink_metadata().is_ok() {
                SaveState::Occupied(path)
            } else {
                match save::write_atomically(&path, text.as_bytes()) {
                    Ok(()) => SaveState::Saved(path),
                    Err(error) => {
                        SaveState::Failed(cli::save_problem(texts, error.problem).to_owned())
                    }
                }
            };
            // The window may be gone by then.
            let _ = send.send(ended);
            woken.request_repaint_of(ViewportId::ROOT);
        };
        let thread = thread::Builder::new().name("report-writer".to_owned());
        match thread.spawn(write) {
            Ok(_) => self.saving += 1,
            Err(error) => {
                let failed = SaveState::Failed(error.to_string());
                self.act(ctx, frame, Action::SaveEnded(failed));
            }
        }
    }

    /// The case on the screen, as the report tells it.
    fn report_case(&self) -> Option<Cow<'_, Case>> {
        let run = self.wizard.run()?;
        let mut case = Cow::Borrowed(run.case.as_ref());
        // What is not over yet has no verdict beside another report.
        let is_over = matches!(run.state, RunState::Complete | RunState::Cancelled);
        if !is_over && case.other_end().is_some() {
            case = Cow::Owned(case.into_owned().beside(None));
        }
        Some(if self.wizard.document.anonymise && !run.is_anonymised() {
            Cow::Owned(report::anonymised(&case))
        } else {
            case
        })
    }

    fn report_text(&self) -> Option<String> {
        let case = self.report_case()?;
        let texts = Texts::of(self.wizard.preferences.language);
        Some(report::render(
            &case,
            self.wizard.document.format,
            texts,
            &self.stamp(),
        ))
    }

    fn stamp(&self) -> Stamp {
        let anonymised = self.wizard.document.anonymise;
        let run = self.wizard.run();
        if let Some(opened) = run.and_then(|run| run.opened.as_ref()) {
            return Stamp {
                anonymised: anonymised || opened.stamp.anonymised,
                ..opened.stamp
            };
        }
        let run = run.map(|run| run.id);
        match self.clock.iter().find(|clock| Some(clock.run) == run) {
            Some(clock) => Stamp {
                created: clock.created,
                took: clock.took.unwrap_or_else(|| clock.begun.elapsed()),
                anonymised,
            },
            None => Stamp {
                created: jiff::Timestamp::now(),
                took: Duration::ZERO,
                anonymised,
            },
        }
    }

    /// Renders the preview when it is on the screen and what it shows has changed.
    fn refresh_preview(&mut self) {
        let Some(run) = self
            .wizard
            .run()
            .filter(|_| self.wizard.step == Step::Report)
        else {
            return;
        };
        let evidence = run.case.evidence();
        let key = (
            run.id,
            evidence.timeline.len()
                + evidence.attempts.len()
                + evidence.exchanges.len()
                + evidence.pasted_firewalls.len()
                + evidence.pasted_ports.len(),
            self.wizard.other_end.changes,
            run.state,
            self.wizard.document.format,
            self.wizard.document.anonymise,
            self.wizard.preferences.language,
        );
        if self
            .preview
            .as_ref()
            .is_some_and(|preview| preview.key == key)
        {
            return;
        }
        if let Some(text) = self.report_text() {
            self.preview = Some(Preview { key, text });
        }
    }

    /// Keeps what the person prefers. A folder that cannot be written costs only the memory.
    fn store(&mut self, ctx: &Context) {
        let preferences = &self.wizard.preferences;
        self.settings.language = Some(preferences.language);
        self.settings.theme = match preferences.theme {
            Theme::System => settings::Theme::System,
            Theme::Light => settings::Theme::Light,
            Theme::Dark => settings::Theme::Dark,
        };
        self.settings.less_movement = preferences.less_movement;
        self.settings.zoom = Zoom::new(ctx.zoom_factor());
        let size = ctx.content_rect().size() * ctx.zoom_factor();
        self.settings.window = Some(WindowSize {
            width: size.x,
            height: size.y,
        });
        self.settings.recents = Recents::of(preferences.keep_recents, preferences.recents.clone());
        let _ = self.file.save(&self.settings);
    }

    fn report_first_frame(&mut self, ctx: &Context) {
        let Some(first) = &mut self.first_frame else {
            return;
        };
        if first.drawn {
            ctx.send_viewport_cmd(ViewportCommand::Close);
            return;
        }
        first.drawn = true;
        let asked = std::env::var_os(FIRST_FRAME);
        assert!(
            asked.is_none_or(|asked| asked != "panic"),
            "{FIRST_FRAME} asked for it"
        );
        let took = first.started.elapsed().as_secs_f64() * 1000.0;
        #[expect(clippy::print_stderr, reason = "a benchmark reads this line")]
        {
            eprintln!("first-frame-ms {took:.1}");
        }
        ctx.request_repaint();
    }
}

/// A report that is being written is not lost with the window.
impl Drop for App {
    fn drop(&mut self) {
        while self.saving > 0 && self.saves.1.recv_timeout(LONGEST_SAVE).is_ok() {
            self.saving -= 1;
        }
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &Context, frame: &mut Frame) {
        if let Some(path) = self.first_report.take() {
            self.act(ctx, frame, Action::OpenReport(path));
        }
        self.drain(ctx, frame);
        self.refresh_preview();
        if ctx.input(|input| input.viewport().close_requested()) {
            self.store(ctx);
        }
    }

    fn ui(&mut self, ui: &mut Ui, frame: &mut Frame) {
        let preview = self
            .preview
            .as_ref()
            .map_or("", |preview| preview.text.as_str());
        let action = ui::window_ui(ui, &self.wizard, preview);
        let ctx = ui.ctx().clone();
        if let Some(action) = action {
            self.act(&ctx, frame, action);
            ctx.request_repaint();
        }
        self.report_first_frame(&ctx);
    }
}

fn preferences(settings: &Settings) -> Preferences {
    Preferences {
        language: settings.language.unwrap_or_else(Language::of_system),
        theme: match settings.theme {
            settings::Theme::System => Theme::System,
            settings::Theme::Light => Theme::Light,
            settings::Theme::Dark => Theme::Dark,
        },
        less_movement: settings.less_movement,
        keep_recents: settings.recents.are_kept(),
        recents: settings.recents.targets().to_vec(),
    }
}

fn dress(ctx: &Context, theme: Theme) {
    ctx.set_theme(match theme {
        Theme::System => ThemePreference::System,
        Theme::Light => ThemePreference::Light,
        Theme::Dark => ThemePreference::Dark,
    });
}

/// A disk that takes longer than this to write a report does not keep the program from ending.
const LONGEST_SAVE: Duration = Duration::from_secs(5);

/// No person closes a file dialog sooner than this after it was asked for.
const SOONEST_CLOSED: Duration = Duration::from_millis(250);

/// With this in the environment the window closes after its first frame and says how long that took;
/// with `panic` for its value it panics there, to show what becomes of a panic.
const FIRST_FRAME: &str = "KETNOI_FIRST_FRAME";

const ICON: &[u8] = include_bytes!("../assets/icon/ketnoi-128.png");
