//! The only place that starts a program: one of the system's own, named by its full path, with no
//! input, bounded output and bounded time.

use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::evidence::Gap;

/// More output than this is no answer of the programs we ask.
const OUTPUT_LIMIT: u64 = 16 << 20;

/// What a program prints, when it ends well within `patience`; it is ended otherwise.
///
/// # Errors
/// The reason why there is no answer.
pub fn output(program: &Path, arguments: &[&str], patience: Duration) -> Result<String, Gap> {
    let bytes = bytes(program, arguments, patience)?;
    String::from_utf8(bytes).map_err(|error| Gap::Unreadable {
        what: format!("{}: {error}", program.display()),
    })
}

/// As [`output`], for what is read by its structure: letters of another encoding become `�`, as those
/// that the consoles of Windows have.
///
/// # Errors
/// The reason why there is no answer.
#[cfg_attr(not(windows), expect(dead_code, reason = "asked for on Windows alone"))]
pub fn lossy_output(program: &Path, arguments: &[&str], patience: Duration) -> Result<String, Gap> {
    let bytes = bytes(program, arguments, patience)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn bytes(program: &Path, arguments: &[&str], patience: Duration) -> Result<Vec<u8>, Gap> {
    let unreadable = |what: &dyn std::fmt::Display| Gap::Unreadable {
        what: format!("{}: {what}", program.display()),
    };
    let deadline = Instant::now() + patience;
    let mut child = match start(program, arguments) {
        Ok(child) => child,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(Gap::ToolMissing),
        Err(error) => return Err(unreadable(&error)),
    };
    let read =
        read_in_background(&mut child).and_then(|answer| match answer.recv_timeout(patience) {
            Ok(bytes) => Ok(bytes?),
            Err(_) => Err(std::io::ErrorKind::TimedOut.into()),
        });
    let status = wait(&mut child, deadline);
    match (read, status) {
        (Ok(bytes), Some(status)) if status.success() => Ok(bytes),
        (Ok(_), Some(status)) => Err(unreadable(&status)),
        (Err(error), Some(_)) if error.kind() != std::io::ErrorKind::TimedOut => {
            Err(unreadable(&error))
        }
        (Ok(_) | Err(_), _) => Err(Gap::TimedOut),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that starts programs"
)]
fn start(program: &Path, arguments: &[&str]) -> std::io::Result<Child> {
    let mut command = std::process::Command::new(program);
    command.args(arguments);
    for name in [
        "LD_PRELOAD",
        "LD_LIBRARY_PATH",
        "LD_AUDIT",
        "IFS",
        "ENV",
        "BASH_ENV",
    ] {
        command.env_remove(name);
    }
    without_console(&mut command);
    command
        .env("LC_ALL", "C")
        .current_dir(if cfg!(unix) { "/" } else { "." })
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
}

/// Windows opens a console window for what a program without one starts, unless it is told not to
/// (`CREATE_NO_WINDOW`).
fn without_console(command: &mut std::process::Command) {
    #[cfg(windows)]
    std::os::windows::process::CommandExt::creation_flags(command, 0x0800_0000);
    #[cfg(not(windows))]
    let _ = command;
}

fn read_in_background(
    child: &mut Child,
) -> std::io::Result<mpsc::Receiver<std::io::Result<Vec<u8>>>> {
    let stdout = child.stdout.take().expect("stdout is piped");
    let (sender, receiver) = mpsc::channel();
    thread::Builder::new()
        .name("command-output".to_owned())
        .spawn(move || {
            let mut bytes = Vec::new();
            let result = stdout.take(OUTPUT_LIMIT).read_to_end(&mut bytes);
            // Nobody listens any more when the time was up.
            let _ = sender.send(result.map(|_| bytes));
        })?;
    Ok(receiver)
}

/// Waits for the end until `deadline`, and ends the program then.
fn wait(child: &mut Child, deadline: Instant) -> Option<std::process::ExitStatus> {
    let mut pause = Duration::from_micros(200);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < deadline => thread::sleep(pause),
            Ok(None) | Err(_) => break,
        }
        pause = (pause * 2).min(Duration::from_millis(20));
    }
    // It may have ended by itself in between.
    let _ = child.kill();
    let _ = child.wait();
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str, patience_millis: u64) -> Result<String, Gap> {
        let shell = Path::new("/bin/sh");
        output(
            shell,
            &["-c", script],
            Duration::from_millis(patience_millis),
        )
    }

    #[test]
    fn only_a_good_end_is_an_answer() {
        assert_eq!(shell("echo yes", 5000), Ok("yes\n".to_owned()));
        let refused = shell("echo half; exit 4", 5000).unwrap_err();
        assert!(matches!(refused, Gap::Unreadable { what } if what.contains("exit status: 4")));
    }

    #[test]
    fn a_program_that_takes_too_long_is_ended() {
        let start = Instant::now();
        assert_eq!(shell("exec sleep 60", 100), Err(Gap::TimedOut));
        assert_eq!(shell("exec >&-; exec sleep 60", 100), Err(Gap::TimedOut));
        assert!(start.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn a_program_that_is_not_there_is_missing() {
        let nowhere = Path::new("/nonexistent/program");
        let answer = output(nowhere, &[], Duration::from_secs(1));
        assert_eq!(answer, Err(Gap::ToolMissing));
    }
}
