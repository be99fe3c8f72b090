//! The real window, driven from outside by keyboard and mouse, in both languages.
//!
//! Each test has a display, a home folder and settings of its own, and no desktop: no service that
//! could open a file dialog and, unless the test brings one, no program that could show one, so
//! saving takes the path that the window itself offers. Where a test asks what a screen reader is
//! told, it has an accessibility bus of its own as well.
//!
//! Needs Xvfb, xdotool, xclip and at-spi2-core; what needs a network of its own also needs root, and
//! what types Vietnamese needs ibus with ibus-unikey.
//! Where they are missing the tests say so and pass; with `CI=true` they fail. `KETNOI_BINARY` names
//! another program to drive than the one built with the tests.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "test code")]

mod desk;
mod display;
mod input_method;
#[path = "../firewall_scenarios/machine.rs"]
#[expect(dead_code, reason = "the firewall scenarios need more of it")]
mod machine;
mod panels;
mod reader;
mod saving;
mod steps;
mod tasks;
mod trouble;

use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// How long anything may take on a slow machine without a graphics card.
const PATIENCE: Duration = Duration::from_secs(30);

/// Says that a test did not run; where everything must run, fails.
fn not_run(missing: &str) {
    let message = format!("the window test needs {missing}");
    assert!(std::env::var("CI").is_err(), "{message}");
    let _ = writeln!(std::io::stderr(), "not run: {message}");
}

/// A port of this machine on which nothing listens.
fn closed_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the window is driven from outside"
)]
fn command(program: &Path) -> Command {
    Command::new(program)
}
