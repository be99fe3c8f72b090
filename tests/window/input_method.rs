//! Vietnamese typed as it is typed on Linux: `IBus` with the engine Unikey, which composes a word from
//! keys (Telex) and hands it to the program over XIM.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ketnoi::i18n::{Language, wording};
use ketnoi::target;

use crate::PATIENCE;
use crate::desk::Desk;
use crate::reader::{Item, Role};

/// What is typed is composed, and counts as typed.
#[test]
fn vietnamese_is_composed_in_the_address_field() {
    for language in Language::ALL {
        let Some(mut desk) = Desk::with_input_method(language) else {
            return;
        };
        let words = &desk.texts().window.address;
        let field = desk.see(Role::Entry, &words.field);
        // Within a word, BackSpace is the input method's.
        compose(&desk, &field, "loo", "lô");
        desk.key("BackSpace");
        desk.wait("one letter less", |desk| desk.text_in(&field) == "l");

        compose(&desk, &field, "tieengs vieejt ", "tiếng việt ");
        let no_address = target::understand("tiếng việt").unwrap_err();
        desk.hear(&wording::address_problem(desk.texts(), &no_address));

        // What is no Vietnamese stays as it is.
        compose(&desk, &field, "127.0.0.1:9 ", "127.0.0.1:9 ");
        desk.see(Role::Heading, &words.understood);
    }
}

/// Types in place of what is in the field, no faster than people do, until that comes of it: the
/// window meets the input method some time after it is there, and has bare letters until then.
fn compose(desk: &Desk, field: &Item, keys: &str, composed: &str) {
    let start = Instant::now();
    while desk.text_in(field) != composed {
        assert!(start.elapsed() < PATIENCE, "{:?}", desk.text_in(field));
        desk.key("ctrl+a");
        desk.key("BackSpace");
        desk.display.xdotool(&["type", "--delay", "60", keys]);
        std::thread::sleep(Duration::from_millis(300));
    }
}

/// `IBus` on a display, with Unikey in use.
pub struct InputMethod {
    daemon: Child,
}

impl InputMethod {
    /// Where a program finds it. Xlib composes only in a locale that there is.
    pub const FOR_PROGRAMS: [(&str, &str); 2] =
        [("XMODIFIERS", "@im=ibus"), ("LC_CTYPE", "C.UTF-8")];

    /// The programs that are missing for it.
    pub fn what_is_missing() -> Option<&'static str> {
        let mut programs = [DAEMON, CONTROL, ENGINE].iter();
        let is_missing = programs.any(|program| !Path::new(program).exists());
        is_missing.then_some("ibus with ibus-unikey")
    }

    /// Starts it and waits until the engine is in use. `start` begins a program as the window will
    /// be.
    pub fn new(start: impl Fn(&str) -> Command) -> Self {
        let mut daemon = start("/usr/bin/setpriv");
        daemon
            .args(["--pdeathsig=KILL", DAEMON, "--xim"])
            .args(["--panel", "disable", "--emoji-extension", "disable"])
            // Its own windows are none of what a screen reader is asked about here.
            .env("NO_AT_BRIDGE", "1")
            .env("GSETTINGS_BACKEND", "memory")
            .env("LC_CTYPE", "C.UTF-8")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let daemon = daemon.spawn().unwrap();
        let method = Self { daemon };
        let begun = Instant::now();
        let control = |words: &[&str]| {
            let said = start(CONTROL).args(words).output().unwrap();
            String::from_utf8_lossy(&said.stdout).trim().to_owned()
        };
        while control(&["engine"]) != "Unikey" {
            assert!(begun.elapsed() < PATIENCE, "IBus does not take the engine");
            control(&["engine", "Unikey"]);
            std::thread::sleep(Duration::from_millis(100));
        }
        method
    }
}

impl Drop for InputMethod {
    fn drop(&mut self) {
        // What it started ends with it.
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

const DAEMON: &str = "/usr/bin/ibus-daemon";
const CONTROL: &str = "/usr/bin/ibus";
const ENGINE: &str = "/usr/libexec/ibus-engine-unikey";
