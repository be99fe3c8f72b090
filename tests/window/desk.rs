//! A display, a home, and the program in between.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use ketnoi::i18n::{Language, Texts};

use crate::display::Display;
use crate::input_method::InputMethod;
use crate::machine::Machine;
use crate::reader::{Item, Reader, Role};
use crate::{PATIENCE, command};

/// A display, a home, and the program in between.
pub struct Desk {
    program: Child,
    reader: Option<Reader>,
    _input_method: Option<InputMethod>,
    pub display: Display,
    pub home: tempfile::TempDir,
    pub language: Language,
}

/// What a desk has besides the program.
#[derive(Default)]
struct With<'a> {
    reader: bool,
    input_method: bool,
    machine: Option<&'a Machine>,
}

/// A report as somebody else gets it.
pub struct SavedReport {
    pub name: String,
    pub text: String,
}

/// How a person works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hands {
    Mouse,
    Keyboard,
}

impl Desk {
    /// Starts the program and waits until it has drawn. Nothing where that cannot be, having said
    /// why.
    pub fn new(language: Language) -> Option<Self> {
        Self::start(language, &With::default())
    }

    /// The same with a screen reader that listens.
    pub fn with_reader(language: Language) -> Option<Self> {
        let with = With {
            reader: true,
            ..With::default()
        };
        Self::start(language, &with)
    }

    /// The same with a Vietnamese input method as well.
    pub fn with_input_method(language: Language) -> Option<Self> {
        let with = With {
            reader: true,
            input_method: true,
            ..With::default()
        };
        Self::start(language, &with)
    }

    /// The same in the network of `machine`, as a user without rights.
    pub fn on(machine: &Machine, language: Language) -> Option<Self> {
        let with = With {
            reader: true,
            machine: Some(machine),
            ..With::default()
        };
        Self::start(language, &with)
    }

    fn start(language: Language, with: &With<'_>) -> Option<Self> {
        let missing = [
            Reader::what_is_missing().filter(|_| with.reader),
            InputMethod::what_is_missing().filter(|_| with.input_method),
        ];
        if let Some(missing) = missing.into_iter().flatten().next() {
            crate::not_run(missing);
            return None;
        }
        let machine = with.machine;
        let display = Display::new()?;
        let home = tempfile::tempdir().unwrap();
        let runtime = home.path().join(".runtime");
        std::fs::create_dir(&runtime).unwrap();
        if machine.is_some() {
            for folder in [home.path(), &runtime] {
                std::os::unix::fs::chown(folder, Some(NOBODY), Some(NOBODY)).unwrap();
            }
        }
        std::fs::set_permissions(&runtime, Permissions::from_mode(0o700)).unwrap();

        let start = |program: &str| {
            // The program finds others only where a test installs them.
            let others = format!("PATH={}", home.path().join("programs").display());
            let words = ["/usr/bin/env", &others, program];
            let mut command = if let Some(machine) = machine {
                machine.as_nobody(&words)
            } else {
                let mut command = command(Path::new(words[0]));
                command.args(&words[1..]);
                command
            };
            command
                .env_clear()
                .env("DISPLAY", &display.name)
                .env("HOME", home.path())
                .env("LANG", locale(language))
                .env("LIBGL_ALWAYS_SOFTWARE", "1")
                .env("XDG_RUNTIME_DIR", &runtime)
                .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
                .current_dir(home.path())
                .stdin(Stdio::null());
            command
        };
        let reader = with.reader.then(|| Reader::new(home.path(), start));
        let input_method = with.input_method.then(|| InputMethod::new(start));
        let mut program = start(&program(machine));
        if input_method.is_some() {
            program.envs(InputMethod::FOR_PROGRAMS);
        }
        if let Some(reader) = &reader {
            program.env("DBUS_SESSION_BUS_ADDRESS", reader.address());
        }
        let mut desk = Self {
            program: program.spawn().unwrap(),
            reader,
            _input_method: input_method,
            display,
            home,
            language,
        };
        desk.focus_the_window();
        desk.wait("the first picture", |desk| desk.display.has_picture());
        Some(desk)
    }

    /// The window's words.
    pub fn texts(&self) -> &'static Texts {
        Texts::of(self.language)
    }

    /// Puts a program where the window finds it.
    pub fn install(&self, name: &str, script: &str) {
        let folder = self.home.path().join("programs");
        std::fs::create_dir_all(&folder).unwrap();
        let program = folder.join(name);
        std::fs::write(&program, script).unwrap();
        std::fs::set_permissions(program, Permissions::from_mode(0o755)).unwrap();
    }

    /// Saving is atomic: a report that is there is whole.
    pub fn saved_report(&self) -> Option<SavedReport> {
        let mut folders = vec![self.home.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|ending| ending == "md") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    let name = path.display().to_string();
                    return Some(SavedReport { name, text });
                }
            }
        }
        None
    }

    /// Waits until something is so.
    pub fn wait(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        self.await_some(what, |desk| is_so(desk).then_some(()));
    }

    fn await_some<T>(&mut self, what: &str, look: impl Fn(&Self) -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(found) = look(self) {
                return found;
            }
            if let Some(ended) = self.program.try_wait().unwrap() {
                panic!("waiting for {what}, the program ended: {ended}");
            }
            assert!(
                start.elapsed() < PATIENCE,
                "waited in vain for {what}; {}\n{}",
                self.display.keep_picture(),
                self.described()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn focus_the_window(&mut self) {
        let any = ["search", "--onlyvisible", "--name", "."];
        self.wait("the window", |desk| {
            let found = desk.display.xdotool(&any);
            found.lines().next().is_some_and(|window| {
                desk.display.xdotool(&["windowfocus", window]);
                desk.display.xdotool(&["getwindowfocus"]).trim() == window
            })
        });
    }
}

/// What a screen reader is told, and hands that find things by it.
impl Desk {
    fn reader(&self) -> &Reader {
        self.reader.as_ref().expect("a desk with a reader")
    }

    /// What is on the screen, in the order in which it is read.
    pub fn screen(&self) -> Vec<Item> {
        self.reader().screen()
    }

    /// The text within a field.
    pub fn text_in(&self, item: &Item) -> String {
        self.reader().text_in(item)
    }

    /// Waits until this was read out by itself.
    pub fn hear(&mut self, sentence: &str) {
        self.await_some(&format!("“{sentence}” to be read out"), |desk| {
            let heard = desk.reader().heard();
            heard.iter().any(|one| one.contains(sentence)).then_some(())
        });
    }

    /// Waits until there is a `role` with this name that is enabled, and gives it back; of several
    /// the last.
    pub fn see(&mut self, role: Role, name: &str) -> Item {
        self.await_some(&format!("{role:?} “{name}”"), |desk| {
            let mut items = desk.screen().into_iter().rev();
            items.find(|item| item.is(role, name))
        })
    }

    /// Presses what has this role and name.
    pub fn press(&mut self, hands: Hands, role: Role, name: &str) {
        self.see(role, name);
        match hands {
            Hands::Mouse => self.click(role, name),
            Hands::Keyboard => {
                self.tab_to(role, name);
                self.key("Return");
            }
        }
    }

    /// Presses keys, named as xdotool has them.
    pub fn key(&self, keys: &str) {
        self.display.xdotool(&["key", keys]);
    }

    /// Types text.
    pub fn enter(&self, text: &str) {
        self.display.xdotool(&["type", text]);
    }

    fn click(&mut self, role: Role, name: &str) {
        let (x, y) = self.bring_into_sight(role, name);
        let (x, y) = (x.to_string(), y.to_string());
        self.display
            .xdotool(&["mousemove", &x, &y, "sleep", "0.1", "click", "1"]);
    }

    /// Turns the wheel until the thing is in the middle of the screen, or the page does not move.
    fn bring_into_sight(&mut self, role: Role, name: &str) -> (i32, i32) {
        let (left, top, width, height) = self.reader().window();
        let (x, y) = (left + width / 2, top + height / 2);
        let middle = top + height / 4..top + height * 3 / 4;
        let (x, y) = (x.to_string(), y.to_string());
        let mut before = self.at_rest(role, name);
        while !middle.contains(&before.1) {
            let wheel = if before.1 < middle.start { "4" } else { "5" };
            self.display.xdotool(&["mousemove", &x, &y, "click", wheel]);
            let now = self.at_rest(role, name);
            if now == before {
                break;
            }
            before = now;
        }
        before
    }

    /// The middle of a thing once it has stopped moving.
    fn at_rest(&mut self, role: Role, name: &str) -> (i32, i32) {
        let mut before = None;
        loop {
            let item = self.see(role, name);
            let now = self.reader().middle_of(&item);
            if let Some(place) = now.filter(|_| now == before) {
                return place;
            }
            before = now;
            std::thread::sleep(Duration::from_millis(150));
        }
    }

    fn tab_to(&mut self, role: Role, name: &str) {
        for _ in 0..MOST_STOPS {
            let focused = self.focused();
            if focused.as_ref().is_some_and(|item| item.is(role, name)) {
                return;
            }
            self.next_stop(focused.as_ref());
        }
        panic!(
            "Tab does not come to {role:?} “{name}”\n{}",
            self.described()
        );
    }

    /// Presses Tab, and gives back what has the focus then.
    pub fn next_stop(&mut self, from: Option<&Item>) -> Item {
        self.key("Tab");
        self.await_some("the focus to move on", |desk| {
            let now = desk.focused()?;
            from.is_none_or(|from| from.path != now.path).then_some(now)
        })
    }

    /// What has the keyboard's focus.
    pub fn focused(&self) -> Option<Item> {
        self.screen().into_iter().find(Item::is_focused)
    }

    /// The screen in lines, for whoever reads a failure.
    pub fn described(&self) -> String {
        let Some(reader) = &self.reader else {
            return String::new();
        };
        let lines = reader.screen().into_iter().map(|item| item.described());
        lines.collect::<Vec<String>>().join("\n")
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

pub fn locale(language: Language) -> &'static str {
    match language {
        Language::En => "en_US.UTF-8",
        Language::Vi => "vi_VN.UTF-8",
    }
}

/// The program to drive; a machine has a copy that everybody may run.
pub fn program(machine: Option<&Machine>) -> String {
    match (std::env::var("KETNOI_BINARY"), machine) {
        (_, Some(_)) => "/run/bin/ketnoi".to_owned(),
        (Ok(named), None) => named,
        (Err(_), None) => env!("CARGO_BIN_EXE_ketnoi").to_owned(),
    }
}

/// More than Tab has stops on any screen.
const MOST_STOPS: usize = 120;

/// The user without rights (Debian's base-passwd).
const NOBODY: u32 = 65534;
