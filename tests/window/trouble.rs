//! What the program does where it cannot go on: graphics that do not work, and a panic.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ketnoi::i18n::{Language, Texts};

use crate::command;
use crate::desk::{locale, program};
use crate::display::Display;

/// Names drivers that are not there, so that EGL finds none and, where the display has no GLX either,
/// OpenGL does not work.
const NO_OPENGL: (&str, &str) = ("__EGL_VENDOR_LIBRARY_FILENAMES", "/nonexistent");

/// The same for Vulkan, under its name and the older one.
const NO_VULKAN: [(&str, &str); 2] = [
    ("VK_DRIVER_FILES", "/nonexistent"),
    ("VK_ICD_FILENAMES", "/nonexistent"),
];

/// The tests build a second renderer in, which the program that people get on Linux does not have.
#[test]
fn without_opengl_the_other_renderer_is_tried() {
    if std::env::var_os("KETNOI_BINARY").is_some() {
        return;
    }
    let Some(display) = Display::without_opengl() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let mut window = window(&display, home.path(), Language::En, "1");
    let ended = window.envs([NO_OPENGL]).output().unwrap();
    let said = said(&ended);
    assert!(ended.status.success(), "{said}");
    assert!(said.contains("first-frame-ms"), "{said}");
}

#[test]
fn without_graphics_it_says_what_to_do_in_both_languages() {
    let Some(display) = Display::without_opengl() else {
        return;
    };
    for language in Language::ALL {
        let home = tempfile::tempdir().unwrap();
        let mut window = window(&display, home.path(), language, "1");
        let window = window.envs([NO_OPENGL]).envs(NO_VULKAN);
        let ended = window.output().unwrap();
        let said = said(&ended);
        assert_eq!(ended.status.code(), Some(2), "{said}");
        let words = &Texts::of(language).cli;
        assert!(words.no_opengl.contains("ketnoi check"), "{said}");
        // What the drivers say is in a log, and not in the way.
        let log = log_below(home.path()).expect("a log below the home folder");
        let place = words.details_in.fill(&[("path", &log.display())]);
        let told: Vec<&str> = said.lines().filter(|line| !line.is_empty()).collect();
        assert!(told.ends_with(&[&words.no_opengl, &place]), "{said}");
        let log = std::fs::read_to_string(log).unwrap();
        assert!(log.contains("glow: "), "{log}");
        // What people get has one renderer.
        let has_both = std::env::var_os("KETNOI_BINARY").is_none();
        assert!(!has_both || log.contains("wgpu: "), "{log}");
    }
}

#[test]
fn a_panic_leaves_a_log_and_says_where() {
    let Some(display) = Display::new() else {
        return;
    };
    for language in Language::ALL {
        let home = tempfile::tempdir().unwrap();
        let ended = window(&display, home.path(), language, "panic")
            .output()
            .unwrap();
        let said = said(&ended);
        assert!(!ended.status.success(), "{said}");
        let log = log_below(home.path()).expect("a log below the home folder");
        let sentence = &Texts::of(language).cli.crashed;
        let sentence = sentence.fill(&[("path", &log.display())]);
        assert!(said.contains(&sentence), "{said}");
        let log = std::fs::read_to_string(log).unwrap();
        assert!(log.contains("KETNOI_FIRST_FRAME asked for it"), "{log}");
        assert!(log.contains("src/app.rs"), "{log}");
        assert!(log.contains(env!("CARGO_PKG_VERSION")), "{log}");
    }
}

/// The program on a display of its own, with nothing else around; it ends by itself.
fn window(display: &Display, home: &Path, language: Language, first_frame: &str) -> Command {
    let mut window = command(Path::new(&program(None)));
    window
        .env_clear()
        .env("DISPLAY", &display.name)
        .env("HOME", home)
        .env("PATH", home)
        .env("LANG", locale(language))
        .env("LIBGL_ALWAYS_SOFTWARE", "1")
        .env("XDG_RUNTIME_DIR", home)
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
        .env("KETNOI_FIRST_FRAME", first_frame)
        .current_dir(home);
    window
}

fn said(ended: &Output) -> String {
    String::from_utf8_lossy(&ended.stderr).into_owned()
}

fn log_below(folder: &Path) -> Option<PathBuf> {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "log") {
                return Some(path);
            }
        }
    }
    None
}
