//! Who cleans up after the lab, whatever happens to it.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::network::{Lab, start};
use crate::plan::ALONE;

/// Starts a shell that waits until this process is gone, whether it ended, was interrupted or was
/// killed, and then takes away what it left: programs in its machines, the machines, their files.
/// First of all it does so for earlier runs that are gone already.
pub fn hire() {
    const SCRIPT: &str = r#"
        sweep() {
            ip netns pids "$1" | xargs -r kill -9 2>/dev/null
            ip netns del "$1"
            rm -rf "/etc/netns/$1"
        }
        for name in $(ip netns list | awk '/^kn-/ { print $1 }'); do
            run=${name#kn-}
            [ -d "/proc/${run%%-*}" ] || sweep "$name"
        done
        cat >/dev/null
        for name in $(ip netns list | awk -v of="^kn-$1-" '$0 ~ of { print $1 }'); do
            sweep "$name"
        done
        rm -rf "/tmp/kn-$1-"*
    "#;
    let mut janitor = start("setsid");
    // Its end is seen by nobody: it outlives this process, whose end of the pipe it waits for.
    let hired = janitor
        .args(["sh", "-c", SCRIPT, "janitor"])
        .arg(std::process::id().to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::mem::forget(hired);
}

/// What there is of a run: its namespaces, files and processes.
fn left_of(run: &str) -> Vec<String> {
    let names_in = |folder: &str| -> Vec<String> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries
            .map(|entry| format!("{folder}/{}", entry.file_name().display()))
            .collect()
    };
    let files = ["/run/netns", "/etc/netns", "/tmp"].map(names_in).concat();
    let files = files.into_iter().filter(|path| path.contains(run));
    // Every server is told of a folder that has the name of its run.
    let is_of_run = |process: &String| {
        let environment = std::fs::read(format!("{process}/environ"));
        environment.is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(run))
    };
    let processes = names_in("/proc").into_iter().filter(is_of_run);
    files.chain(processes).collect()
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < end, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_run_that_is_killed_or_interrupted_leaves_nothing_behind() {
    if Lab::new(&ALONE).is_none() {
        return;
    }
    for signal in ["-KILL", "-INT"] {
        // A run in the background of a script ignores the interrupt, and so would this one.
        let mut run = start("env")
            .arg("--default-signal=INT")
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "accepted::a_web_server_that_keeps_silent"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let number = run.id().to_string();
        let name = format!("kn-{number}-");
        let has_server = || left_of(&name).iter().any(|path| path.starts_with("/proc"));
        wait_until("a server runs", has_server);
        let _ = start("kill").args([signal, &number]).output();
        assert!(!run.wait().unwrap().success());
        wait_until("nothing is left", || left_of(&name).is_empty());
    }
}
