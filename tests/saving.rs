//! Saving where it cannot go well: whatever happens, the file is wholly the old one or wholly the
//! new one, and the command line says in words why, and what to do.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "test code")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use ketnoi::save::write_atomically;

#[expect(
    clippy::disallowed_methods,
    reason = "the program is started as a person does"
)]
fn command(program: &str) -> Command {
    Command::new(program)
}

/// What this system cannot do is said, and fails where everything is expected to run.
fn not_run(missing: &str) {
    let message = format!("this test needs {missing}");
    assert!(std::env::var("CI").is_err(), "{message}");
    let _ = writeln!(std::io::stderr(), "not run: {message}");
}

/// A target that refuses at once.
fn closed() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

fn saved_to(path: &Path) -> Output {
    command(env!("CARGO_BIN_EXE_ketnoi"))
        .args(["check", &closed(), "--lang", "en", "--output"])
        .arg(path)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// The test was made and told, the report not saved: said with the reason, and with what to do.
fn is_told(output: &Output, reason: &str) {
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains(reason), "{reason}: {told}");
    assert!(told.contains("--output"), "{told}");
    assert!(!output.stdout.is_empty());
}

#[test]
fn a_place_that_takes_no_file_is_named_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let gone = folder.path().join("gone/report.md");
    is_told(&saved_to(&gone), "the folder does not exist.");
    let directory = folder.path().join("report.md");
    fs::create_dir(&directory).unwrap();
    is_told(&saved_to(&directory), "this is a folder.");
    assert!(directory.is_dir());
    let protected = folder.path().join("old.md");
    fs::write(&protected, "old").unwrap();
    fs::set_permissions(&protected, fs::Permissions::from_mode(0o444)).unwrap();
    is_told(&saved_to(&protected), "the file is write-protected.");
    assert_eq!(fs::read_to_string(&protected).unwrap(), "old");
    let elsewhere = folder.path().join("new.md");
    assert_eq!(saved_to(&elsewhere).status.code(), Some(1));
    assert!(fs::read_to_string(&elsewhere).unwrap().starts_with("# "));
}

/// Whoever may write anywhere becomes somebody who may not.
#[test]
fn a_folder_that_may_not_be_written_keeps_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.md");
    fs::write(&path, "old").unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let mut program = command(env!("CARGO_BIN_EXE_ketnoi"));
    if fs::write(folder.path().join("probe"), "").is_ok() {
        program = command("setpriv");
        program.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
        program.arg(env!("CARGO_BIN_EXE_ketnoi"));
    }
    program.args(["check", &closed(), "--lang", "en", "--output"]);
    let output = program.arg(&path).output();
    let Ok(output) = output else {
        return not_run("setpriv (util-linux)");
    };
    is_told(&output, "writing is not allowed there.");
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
}

/// Runs a script as root of namespaces of its own, with `$FOLDER` for its mounts and `$KETNOI` for
/// the program; nothing where this system gives no such namespaces.
fn in_namespace(script: &str) -> Option<Output> {
    let folder = tempfile::tempdir().unwrap();
    let mut unshare = command("unshare");
    let output = unshare
        .args(["--user", "--map-root-user", "--mount", "sh", "-euc"])
        .arg(format!("echo in >&2\n{script}"))
        .env("FOLDER", folder.path())
        .env("KETNOI", env!("CARGO_BIN_EXE_ketnoi"))
        .env("TARGET", closed())
        .output()
        .ok()?;
    output.stderr.starts_with(b"in\n").then_some(output)
}

#[test]
fn a_full_disk_and_one_that_is_read_only_keep_the_old_file() {
    for (prepare, reason) in [
        (
            "mount -t tmpfs -o size=16k tmpfs $FOLDER; printf old > $FOLDER/report.html; \
             head -c 8000 /dev/zero > $FOLDER/filling",
            "the disk is full.",
        ),
        (
            "mount -t tmpfs tmpfs $FOLDER; printf old > $FOLDER/report.html; \
             mount -o remount,ro $FOLDER",
            "the disk is read-only.",
        ),
    ] {
        let script = format!(
            "{prepare}; status=0; \
             $KETNOI check $TARGET --lang en --output $FOLDER/report.html > /dev/null \
             || status=$?; \
             echo $status; cat $FOLDER/report.html; echo; ls -A $FOLDER"
        );
        let Some(output) = in_namespace(&script) else {
            return not_run("namespaces for users and mounts (unshare)");
        };
        let told = String::from_utf8_lossy(&output.stderr);
        let seen = String::from_utf8_lossy(&output.stdout);
        assert!(told.contains(reason), "{reason}: {told}");
        assert!(told.contains("--output"), "{told}");
        assert!(seen.starts_with("2\nold\n"), "{seen}{told}");
        // Nothing half-written is left behind.
        assert!(!seen.contains(".ketnoi-"), "{seen}");
    }
}

#[test]
fn whoever_has_the_old_file_open_reads_it_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.md");
    let old = "old ".repeat(50_000);
    fs::write(&path, &old).unwrap();
    let mut open = fs::File::open(&path).unwrap();
    let mut read = vec![0; 1000];
    open.read_exact(&mut read).unwrap();
    write_atomically(&path, b"new").unwrap();
    open.read_to_end(&mut read).unwrap();
    assert_eq!(read, old.as_bytes());
    assert_eq!(fs::read_to_string(&path).unwrap(), "new");
}

/// Two contents that no mixture of which is either.
fn contents() -> [Vec<u8>; 2] {
    [b'A', b'B'].map(|letter| vec![letter; 400_000])
}

/// Where the test below starts itself again, the file to be written over and over.
const FILE: &str = "KETNOI_TEST_SAVES_TO";

#[test]
fn saving_that_is_killed_leaves_the_old_file_or_the_new_one() {
    if let Some(path) = std::env::var_os(FILE) {
        writeln!(std::io::stderr(), "ready").unwrap();
        loop {
            for content in contents().into_iter().rev() {
                write_atomically(Path::new(&path), &content).unwrap();
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.md");
    let [first, second] = contents();
    fs::write(&path, &first).unwrap();
    let this = std::env::current_exe().unwrap();
    let mut seen = [0, 0];
    // So many times at least, and until it was met on either side.
    for round in 0..2000_u64 {
        if round >= 200 && seen[0] > 0 && seen[1] > 0 {
            break;
        }
        let mut child = command(this.to_str().unwrap())
            .args([
                "--exact",
                "saving_that_is_killed_leaves_the_old_file_or_the_new_one",
            ])
            .env(FILE, &path)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = child.stderr.take().unwrap();
        said.read_exact(&mut [0; 6]).unwrap();
        // Each round at another moment, so that every part of writing has its turn.
        sleep(Duration::from_micros(round * 1_730 % 40_000));
        child.kill().unwrap();
        child.wait().unwrap();
        let found = fs::read(&path).unwrap();
        let which = [&first, &second].iter().position(|whole| **whole == found);
        seen[which.expect("the file is whole")] += 1;
    }
    // Those that were killed had written for a while.
    assert!(seen[0] > 0 && seen[1] > 0, "{seen:?}");
}
