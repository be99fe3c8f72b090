//! The real window, from an address to a saved report, by keyboard alone, in both languages.
//!
//! Each test has a display, a home folder and settings of its own, and no desktop: no bus that
//! could open a file dialog and, unless the test brings one, no program that could show one, so
//! saving takes the path that the window itself offers. What the window shows is read from the display's memory, and only to know
//! that it shows something else than before; what counts is the saved file.
//!
//! Needs Xvfb, xdotool and xclip. Where they are missing the tests say so and pass; with `CI=true` they
//! fail. `KETNOI_BINARY` names another program to drive than the one built with the tests.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "test code")]

use std::cell::Cell;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long anything may take on a slow machine without a graphics card.
const PATIENCE: Duration = Duration::from_secs(30);

/// More points than a blinking cursor or a focus ring has.
const CHANGED_POINTS: usize = 600;

#[test]
fn from_an_address_to_a_saved_report_in_english() {
    let Some(mut desk) = Desk::new("en_US.UTF-8") else {
        return;
    };
    let (address, saved) = desk.diagnose_a_closed_port_and_save();
    assert!(saved.contains(&address), "{saved}");
    assert!(saved.contains(&title_of_nothing_listening("en")), "{saved}");
}

#[test]
fn from_an_address_to_a_saved_report_in_vietnamese() {
    let Some(mut desk) = Desk::new("vi_VN.UTF-8") else {
        return;
    };
    let (address, saved) = desk.diagnose_a_closed_port_and_save();
    assert!(saved.contains(&address), "{saved}");
    assert!(saved.contains(&title_of_nothing_listening("vi")), "{saved}");
}

#[test]
fn what_was_copied_elsewhere_is_pasted_and_what_is_copied_here_reaches_others() {
    let Some(mut desk) = Desk::new("en_US.UTF-8") else {
        return;
    };
    let address = format!("127.0.0.1:{}", closed_port());
    desk.copy_elsewhere(&format!("Error: connect ECONNREFUSED {address}"));
    desk.see_change("the pasted error", &["key", "ctrl+v"]);
    desk.see_change("step 2 for the test", &["key", "Return"]);
    for step in ["step 3", "step 4", "step 5"] {
        desk.see_change(step, &["key", "Return"]);
    }
    // Tab walks over the formats, which Space chooses, to the button that copies the report. Keys
    // that come within one picture would count once, so they are pressed one by one.
    desk.wait("the copied report", |desk| {
        for key in ["Tab", "space"] {
            desk.xdotool(&["key", key]);
            std::thread::sleep(Duration::from_millis(150));
        }
        let copied = desk.clipboard();
        copied.contains(&address) && copied.contains(&title_of_nothing_listening("en"))
    });
}

/// A stand-in for the program that shows file dialogs: the first is closed after a while, in the
/// second a place is chosen.
#[test]
fn a_closed_file_dialog_opens_again_and_a_chosen_place_is_used() {
    let Some(mut desk) = Desk::new("en_US.UTF-8") else {
        return;
    };
    let chosen = desk.home.path().join("chosen.md");
    let script = format!(
        "#!/bin/sh\nif [ -e shown ]; then echo {}; else : > shown; /bin/sleep 0.6; exit 1; fi\n",
        chosen.display()
    );
    desk.install("zenity", &script);
    let address = format!("127.0.0.1:{}", closed_port());
    desk.see_change("the typed address", &["type", &address]);
    desk.see_change("step 2 for the test", &["key", "Return"]);
    let pressed = Cell::new(Instant::now());
    desk.wait("the saved report", |desk| {
        // Pressed while the first is open it changes nothing; afterwards it opens the second.
        if pressed.get().elapsed() > Duration::from_millis(500) {
            desk.xdotool(&["key", "ctrl+s"]);
            pressed.set(Instant::now());
        }
        chosen.exists()
    });
    let saved = std::fs::read_to_string(chosen).unwrap();
    assert!(saved.contains(&address), "{saved}");
}

/// A display, a home, and the program in between.
struct Desk {
    program: Child,
    display: Display,
    home: tempfile::TempDir,
}

impl Desk {
    /// Starts the program and waits until it has drawn. Nothing where that cannot be, having said
    /// why.
    fn new(locale: &str) -> Option<Self> {
        let display = Display::new()?;
        let home = tempfile::tempdir().unwrap();
        let runtime = home.path().join(".runtime");
        std::fs::create_dir(&runtime).unwrap();
        let binary = std::env::var_os("KETNOI_BINARY");
        let binary = binary.unwrap_or_else(|| env!("CARGO_BIN_EXE_ketnoi").into());
        let program = command(Path::new(&binary))
            .env_clear()
            .env("DISPLAY", &display.name)
            .env("HOME", home.path())
            .env("LANG", locale)
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .env("XDG_RUNTIME_DIR", runtime)
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
            .env("PATH", home.path().join("programs"))
            .current_dir(home.path())
            .spawn()
            .unwrap();
        let mut desk = Self {
            program,
            display,
            home,
        };
        desk.focus_the_window();
        desk.wait("the first picture", |desk| desk.display.has_picture());
        Some(desk)
    }

    /// Gives back the address that was typed and the report that was saved.
    fn diagnose_a_closed_port_and_save(&mut self) -> (String, String) {
        let address = format!("127.0.0.1:{}", closed_port());
        self.see_change("the typed address", &["type", &address]);
        self.see_change("step 2 for the test", &["key", "Return"]);
        // Listener, firewall, report.
        for step in ["step 3", "step 4", "step 5"] {
            self.see_change(step, &["key", "Return"]);
        }
        self.see_change("the answer to saving", &["key", "ctrl+s"]);
        // The dialog that cannot open takes its time to say so; then Ctrl+S saves to the path.
        let pressed = Cell::new(Instant::now());
        self.wait("the saved report", |desk| {
            if pressed.get().elapsed() > Duration::from_millis(500) {
                desk.xdotool(&["key", "ctrl+s"]);
                pressed.set(Instant::now());
            }
            desk.saved_report().is_some()
        });
        let saved = self.saved_report().unwrap();
        (address, std::fs::read_to_string(saved).unwrap())
    }

    /// Puts a program where the window finds it.
    fn install(&self, name: &str, script: &str) {
        let folder = self.home.path().join("programs");
        std::fs::create_dir_all(&folder).unwrap();
        let program = folder.join(name);
        std::fs::write(&program, script).unwrap();
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(program, executable).unwrap();
    }

    fn focus_the_window(&mut self) {
        let any = ["search", "--onlyvisible", "--name", "."];
        self.wait("the window", |desk| {
            let found = desk.xdotool(&any);
            found.lines().next().is_some_and(|window| {
                desk.xdotool(&["windowfocus", window]);
                desk.xdotool(&["getwindowfocus"]).trim() == window
            })
        });
    }

    /// Presses keys and waits until the window shows something else.
    fn see_change(&mut self, what: &str, keys: &[&str]) {
        let before = self.display.picture();
        self.xdotool(keys);
        self.wait(what, |desk| {
            changed_points(&before, &desk.display.picture()) > CHANGED_POINTS
        });
    }

    /// Saving is atomic: a report that is there is whole.
    fn saved_report(&self) -> Option<PathBuf> {
        let mut folders = vec![self.home.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|ending| ending == "md") {
                    return Some(path);
                }
            }
        }
        None
    }

    fn wait(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !is_so(self) {
            if let Some(ended) = self.program.try_wait().unwrap() {
                panic!("waiting for {what}, the program ended: {ended}");
            }
            assert!(
                start.elapsed() < PATIENCE,
                "waited in vain for {what}; {}",
                self.display.keep_picture()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Puts text on the clipboard as another program would: it stays to hand the text over.
    fn copy_elsewhere(&mut self, text: &str) {
        let mut xclip = command(Path::new("xclip"))
            .env("DISPLAY", &self.display.name)
            .args(["-selection", "clipboard", "-in"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        xclip
            .stdin
            .take()
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
        assert!(xclip.wait().unwrap().success());
        self.wait("the clipboard", |desk| desk.clipboard() == text);
    }

    /// What another program would paste.
    fn clipboard(&self) -> String {
        let said = command(Path::new("xclip"))
            .env("DISPLAY", &self.display.name)
            .args(["-selection", "clipboard", "-out"])
            .output()
            .unwrap();
        String::from_utf8_lossy(&said.stdout).into_owned()
    }

    fn xdotool(&self, words: &[&str]) -> String {
        let mut xdotool = command(Path::new("xdotool"));
        let said = xdotool
            .env("DISPLAY", &self.display.name)
            .args(words)
            .output()
            .unwrap();
        String::from_utf8_lossy(&said.stdout).into_owned()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// A display in memory.
struct Display {
    server: Child,
    /// Such as `:7`.
    name: String,
    /// Where the server keeps what it shows.
    memory: tempfile::TempDir,
}

impl Display {
    fn new() -> Option<Self> {
        let is_missing = |name: &&str| command(Path::new(name)).arg("-help").output().is_err();
        if let Some(missing) = ["Xvfb", "xdotool", "xclip"]
            .iter()
            .find(|name| is_missing(name))
        {
            assert!(
                std::env::var("CI").is_err(),
                "the window test needs {missing}"
            );
            let _ = writeln!(
                std::io::stderr(),
                "not run: the window test needs {missing}"
            );
            return None;
        }
        let memory = tempfile::tempdir().unwrap();
        let mut server = command(Path::new("Xvfb"))
            .args(["-displayfd", "1", "-screen", "0", "1280x900x24"])
            .args(["-nolisten", "tcp", "-noreset", "-fbdir"])
            .arg(memory.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // The number comes when the server is ready.
        let mut number = String::new();
        let mut said = BufReader::new(server.stdout.take().unwrap());
        said.read_line(&mut number).unwrap();
        assert_ne!(number, "", "Xvfb ended");
        Some(Self {
            server,
            name: format!(":{}", number.trim()),
            memory,
        })
    }

    fn picture(&self) -> Vec<u8> {
        std::fs::read(self.memory_file()).unwrap()
    }

    /// Whether there is more than a bare background.
    fn has_picture(&self) -> bool {
        let picture = self.picture();
        let background = &picture[picture.len() - 4..];
        let drawn = picture.chunks_exact(4).filter(|point| *point != background);
        let mut colours: Vec<&[u8]> = drawn.collect();
        colours.sort_unstable();
        colours.dedup();
        // The file begins with a table of 256 colours.
        colours.len() > 600
    }

    /// Copies what is shown to where it outlives the test, for whoever looks into a failure.
    fn keep_picture(&self) -> String {
        let kept = std::env::temp_dir().join(format!("ketnoi-window-{}.xwd", std::process::id()));
        match std::fs::copy(self.memory_file(), &kept) {
            Ok(_) => format!("what was shown is in {}", kept.display()),
            Err(error) => format!("what was shown could not be kept: {error}"),
        }
    }

    fn memory_file(&self) -> PathBuf {
        self.memory.path().join("Xvfb_screen0")
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn changed_points(before: &[u8], after: &[u8]) -> usize {
    let points = before.chunks_exact(4).zip(after.chunks_exact(4));
    points.filter(|(before, after)| before != after).count()
}

fn closed_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// The title as the texts have it, up to its first placeholder.
fn title_of_nothing_listening(language: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("i18n/{language}.json"));
    let texts = std::fs::read_to_string(path).unwrap();
    let texts: serde_json::Value = serde_json::from_str(&texts).unwrap();
    let title = &texts["verdict"]["cause"]["nothing_listening"]["title"];
    let title = title.as_str().unwrap();
    title.split('{').next().unwrap().trim().to_owned()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the window is driven from outside"
)]
fn command(program: &Path) -> Command {
    Command::new(program)
}
