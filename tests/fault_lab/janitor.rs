//! Who cleans up after the lab, whatever happens to it.

use std::process::Stdio;

use crate::network::start;

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
