//! What packages install beside the program: the man pages and the shells' completions say what
//! `ketnoi --help` says, and the desktop's files are ones that desktops take.
//!
//! `UPDATE_PACKAGING=1 cargo test --test packaging` writes the pages and completions anew. The
//! desktop's files are checked by desktop-file-validate and appstreamcli; where these are missing
//! the test says so and passes; with `CI=true` it fails.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "test code")]

mod completions;
mod desktop;
mod help;
mod manual;
mod releases;

use std::path::PathBuf;
use std::process::{Command, Stdio};

use help::Help;

#[test]
fn the_man_pages_say_what_the_help_says() {
    check("assets/linux/man/ketnoi.1", &manual::page(&Help::of("en")));
    check(
        "assets/linux/man/vi/ketnoi.1",
        &manual::page(&Help::of("vi")),
    );
}

#[test]
fn the_completions_know_what_the_help_knows() {
    let help = Help::of("en");
    check(
        "assets/linux/completions/ketnoi.bash",
        &completions::bash(&help),
    );
    check("assets/linux/completions/_ketnoi", &completions::zsh(&help));
    check(
        "assets/linux/completions/ketnoi.fish",
        &completions::fish(&help),
    );
}

/// Compares a file of the project with what it should be, or writes it.
fn check(name: &str, expected: &str) {
    let path = in_project(name);
    if std::env::var_os("UPDATE_PACKAGING").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "{name} is not what --help says; UPDATE_PACKAGING=1 cargo test --test packaging writes it"
    );
}

/// A file of the project.
fn in_project(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// A program that this test starts, in English.
#[expect(
    clippy::disallowed_methods,
    reason = "the packages are looked at from outside"
)]
fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
    command
}

/// Says that a test did not run; where everything must run, fails.
fn not_run(missing: &str) {
    use std::io::Write as _;
    let message = format!("this test needs {missing}");
    assert!(std::env::var("CI").is_err(), "{message}");
    let _ = writeln!(std::io::stderr(), "not run: {message}");
}
