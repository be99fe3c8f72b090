//! Machines out of namespaces that end with the process that made them.
//!
//! A machine is a process that sleeps, first of its own process namespace. When it ends, and it is
//! killed when the test ends in whatever way, the kernel ends everything in it and takes its
//! networks and mounts away: there is nothing to clean up and no name that could remain.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};

/// The folders below `/etc` of which a machine has a copy of its own.
const SETTINGS: &str = "ufw default firewalld";

/// Gives the machine a `/run`, settings, a `sudo` and the program of its own, then sleeps.
const BOOT: &str = r#"
    mount -t tmpfs tmpfs /run
    mkdir -p /run/etc /run/bin /run/dbus
    for folder in $SETTINGS; do
        [ -d "/etc/$folder" ] || continue
        cp -a "/etc/$folder" "/run/etc/$folder"
        mount --bind "/run/etc/$folder" "/etc/$folder"
    done
    printf '#!/bin/sh\nexec "$@"\n' >/run/bin/sudo
    touch /run/bin/ketnoi
    chmod 755 /run/bin/sudo /run/bin/ketnoi
    mount --bind "$KETNOI" /run/bin/ketnoi
    ip link set lo up
    echo ready
    exec sleep infinity
"#;

/// One machine; it is gone when this is dropped.
pub struct Machine {
    keeper: Child,
    started: Vec<Child>,
}

impl Machine {
    /// A machine without a network.
    pub fn new() -> Self {
        let mut keeper = start("setpriv")
            .args(["--pdeathsig=KILL", "unshare"])
            .args(["--mount", "--net", "--pid", "--fork", "--kill-child"])
            .args(["--mount-proc", "sh", "-ec", BOOT])
            .env("SETTINGS", SETTINGS)
            .env("KETNOI", env!("CARGO_BIN_EXE_ketnoi"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        wait_for_line(&mut keeper, "ready");
        Self {
            keeper,
            started: Vec::new(),
        }
    }

    /// Joins two machines with a wire between their `eth0`.
    pub fn join(one: &Self, other: &Self) {
        let done = start("ip")
            .args(["link", "add", "eth0", "netns", &one.id(), "type", "veth"])
            .args(["peer", "name", "eth0", "netns", &other.id()])
            .output()
            .unwrap();
        expect_done(&done, "ip link add");
    }

    /// Runs a script in a root shell of the machine; it has to end well. Gives back its output.
    pub fn root(&self, script: &str) -> String {
        let done = self.inside(&["sh", "-ec", script]).output().unwrap();
        expect_done(&done, script);
        String::from_utf8_lossy(&done.stdout).into_owned()
    }

    /// What a program of the machine prints, run by a user without rights.
    pub fn nobody(&self, words: &[&str]) -> String {
        let done = self.as_nobody(words).output().unwrap();
        String::from_utf8_lossy(&done.stdout).into_owned()
    }

    /// A program of the machine, to be run by a user without rights.
    pub fn as_nobody(&self, words: &[&str]) -> Command {
        let nobody = [
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
        ];
        self.inside(&[&nobody[..], words].concat())
    }

    /// Starts what runs on, and waits until it has printed a line that ends with `ready`.
    pub fn start(&mut self, words: &[&str], ready: &str) {
        let mut child = self.inside(words).stdout(Stdio::piped()).spawn().unwrap();
        wait_for_line(&mut child, ready);
        self.started.push(child);
    }

    /// Starts what runs on; each line that it prints, as it comes.
    pub fn lines_of(&mut self, words: &[&str]) -> Receiver<String> {
        let mut child = self.inside(words).stdout(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        let (sender, receiver) = channel();
        std::thread::Builder::new()
            .spawn(move || {
                let lines = said.lines().map_while(Result::ok);
                // Nobody may listen any more.
                let _ = lines.map(|line| sender.send(line)).find(Result::is_err);
            })
            .unwrap();
        self.started.push(child);
        receiver
    }

    fn id(&self) -> String {
        self.keeper.id().to_string()
    }

    fn inside(&self, words: &[&str]) -> Command {
        let id = self.id();
        let mut command = start("nsenter");
        command
            .args(["--target", &id, "--mount", "--net"])
            .arg(format!("--pid=/proc/{id}/ns/pid_for_children"))
            .args(words)
            .env_clear()
            .env("PATH", "/run/bin:/usr/sbin:/usr/bin:/sbin:/bin")
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null());
        command
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.keeper.kill();
        let _ = self.keeper.wait();
        for child in &mut self.started {
            let _ = child.wait();
        }
    }
}

/// What stands against building machines here; nothing when they can be built.
pub fn what_is_missing() -> Option<String> {
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    if !is_root {
        return Some("root".to_owned());
    }
    let runs = |name: &&str| start(name).arg("--version").output().is_err();
    let programs = [
        "ip",
        "nft",
        "iptables",
        "ip6tables",
        "ufw",
        "firewall-cmd",
        "dbus-daemon",
        "setpriv",
    ];
    if let Some(program) = programs.iter().find(|name| runs(name)) {
        return Some(format!("the program {program}"));
    }
    let allowed = start("unshare")
        .args(["--mount", "--net", "--pid", "--fork", "true"])
        .output();
    let allowed = allowed.is_ok_and(|done| done.status.success());
    (!allowed).then(|| "leave to make namespaces".to_owned())
}

/// Says why a scenario did not run; with `CI=true` it has to.
pub fn not_run(missing: &str) {
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "the firewall scenarios need {missing}"
    );
    let _ = writeln!(
        std::io::stderr(),
        "not run: the firewall scenarios need {missing}"
    );
}

fn wait_for_line(child: &mut Child, ready: &str) {
    let mut said = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.trim_end().ends_with(ready) {
        line.clear();
        let read = said.read_line(&mut line).unwrap();
        assert_ne!(read, 0, "it ended before it was {ready}");
    }
    // What it says later is read by nobody and must not stop it.
    std::thread::Builder::new()
        .spawn(move || {
            let mut rest = Vec::new();
            let _ = said.read_to_end(&mut rest);
        })
        .unwrap();
}

fn expect_done(done: &Output, what: &str) {
    let complaint = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{what}: {complaint}");
}

#[expect(
    clippy::disallowed_methods,
    reason = "namespaces are made by the system's own tools"
)]
fn start(program: &str) -> Command {
    Command::new(program)
}
