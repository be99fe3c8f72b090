//! Machines and wires: network namespaces that are gone when the test ends, however it ends.
//!
//! A [`Lab`] is a client, 10.77.1.2, and a server, 10.77.1.10, on one wire. What runs in them ends
//! with the lab.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::rivals;
use crate::servers::SERVE;

/// The server's address.
pub const SERVER: &str = "10.77.1.10";

/// The server's IPv6 address, as it stands before a port.
pub const SERVER_V6: &str = "[fd77:1::10]";

/// The files below /etc that a machine of the lab sees instead of this machine's.
const ETC: [(&str, &str); 3] = [
    ("hosts", "::1 localhost\n127.0.0.1 localhost\n"),
    (
        "nsswitch.conf",
        "passwd: files\ngroup: files\nhosts: files dns\n",
    ),
    ("resolv.conf", "nameserver 10.77.1.10\n"),
];

/// A client and a server, or what is left of them.
pub struct Lab {
    client: String,
    server: String,
    servers: Vec<Child>,
    /// Where a user without rights may start the program from.
    programs: tempfile::TempDir,
}

/// What was said about a target.
pub struct Said {
    /// By Ketnoi.
    pub output: Output,
    /// By others, when they were asked.
    pub rivals: Vec<rivals::Answer>,
}

/// One of the machines.
#[derive(Clone, Copy)]
pub enum Machine {
    Client,
    Server,
}

impl Lab {
    /// Two machines on one wire. Nothing where that cannot be had, having said why.
    pub fn new() -> Option<Self> {
        let lab = Self::without_wire()?;
        let (client, server) = (&lab.client, &lab.server);
        ip(&format!(
            "link add eth0 netns {client} type veth peer name eth0 netns {server}"
        ));
        for (machine, host) in [(client, "2"), (server, "10")] {
            ip(&format!("-n {machine} addr add 10.77.1.{host}/24 dev eth0"));
            ip(&format!(
                "-n {machine} addr add fd77:1::{host}/64 dev eth0 nodad"
            ));
            ip(&format!("-n {machine} link set eth0 up"));
        }
        Some(lab)
    }

    /// Two machines that have nothing but themselves.
    pub fn without_wire() -> Option<Self> {
        if let Some(missing) = what_is_missing() {
            assert!(
                std::env::var("CI").is_err(),
                "the fault lab needs {missing}"
            );
            let _ = writeln!(std::io::stderr(), "not run: the fault lab needs {missing}");
            return None;
        }
        static JANITOR: Once = Once::new();
        JANITOR.call_once(hire_janitor);
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = |role| format!("kn-{}-{number}-{role}", std::process::id());
        let lab = Self {
            client: name("client"),
            server: name("server"),
            servers: Vec::new(),
            programs: programs_for_everybody(),
        };
        for machine in [&lab.client, &lab.server] {
            let folder = etc_of(machine);
            std::fs::create_dir_all(&folder).unwrap();
            for (file, text) in ETC {
                std::fs::write(folder.join(file), text).unwrap();
            }
            ip(&format!("netns add {machine}"));
            ip(&format!("-n {machine} link set lo up"));
        }
        Some(lab)
    }

    /// Writes a file of settings that a machine sees below /etc.
    pub fn settings(&self, machine: Machine, file: &str, text: &str) {
        let name = match machine {
            Machine::Client => &self.client,
            Machine::Server => &self.server,
        };
        std::fs::write(etc_of(name).join(file), text).unwrap();
    }

    /// Puts a filter chain onto a machine: `hook` is where it stands, `rule` is what it does.
    pub fn filter(&self, machine: Machine, hook: &str, rule: &str) {
        let chain = format!("type filter hook {hook} priority 0; policy accept; {rule};");
        self.nft(
            machine,
            &format!("table inet lab {{ chain {hook} {{ {chain} }}; }}"),
        );
    }

    /// Gives nft(8) of a machine a command, and gives back what it prints.
    pub fn nft(&self, machine: Machine, command: &str) -> String {
        let done = self.inside(machine, &["nft", command]).output().unwrap();
        expect_done(&done, command);
        String::from_utf8(done.stdout).unwrap()
    }

    /// Makes a machine ask the resolver at `address`.
    pub fn resolver(&self, machine: Machine, address: &str) {
        let file = etc_of(self.name(machine)).join("resolv.conf");
        std::fs::write(file, format!("nameserver {address}\n")).unwrap();
    }

    /// Starts a server of `kind` (see [`crate::servers`]) and returns when it is ready.
    pub fn serve(&mut self, machine: Machine, kind: &str, address: &str) {
        let this = std::env::current_exe().unwrap();
        let this = this.to_str().unwrap();
        let words = [
            "setpriv",
            "--pdeathsig=KILL",
            this,
            "--exact",
            "servers::serve",
            "--nocapture",
        ];
        let mut server = self
            .inside(machine, &words)
            .env(SERVE, format!("{kind} {address}"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(server.stdout.take().unwrap());
        self.servers.push(server);
        let is_ready = said
            .lines()
            .map_while(Result::ok)
            .any(|line| line.ends_with("ready"));
        assert!(is_ready, "no {kind} server on {address}");
    }

    /// Does something to a machine's network: `words` are those of ip(8).
    pub fn ip(&self, machine: Machine, words: &str) {
        ip(&format!("-n {} {words}", self.name(machine)));
    }

    /// What `ketnoi check TARGET --json` says on a machine, as a user without rights.
    pub fn check(&self, machine: Machine, target: &str) -> Said {
        self.check_with(machine, target, &[])
    }

    /// The same with more options.
    pub fn check_with(&self, machine: Machine, target: &str, options: &[&str]) -> Said {
        let program = self.programs.path().join("ketnoi");
        let program = program.to_str().unwrap();
        let words = [&[program, "check", target, "--json"], options].concat();
        let output = self.as_nobody(machine, &words);
        let rivals = if rivals::are_wanted() {
            rivals::ask(target, |words| self.as_nobody(machine, words))
        } else {
            Vec::new()
        };
        Said { output, rivals }
    }

    /// [`Self::check`] where a variable of the environment, given as `NAME=VALUE`, is set.
    pub fn check_where(&self, machine: Machine, variable: &str, target: &str) -> Said {
        let program = self.programs.path().join("ketnoi");
        let program = program.to_str().unwrap();
        let words = ["env", variable, program, "check", target, "--json"];
        Said {
            output: self.as_nobody(machine, &words),
            rivals: Vec::new(),
        }
    }

    fn as_nobody(&self, machine: Machine, words: &[&str]) -> Output {
        let nobody = [
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
        ];
        let words = [&nobody[..], words].concat();
        self.inside(machine, &words)
            .env_clear()
            .envs([
                ("PATH", "/usr/bin:/bin"),
                ("HOME", "/nonexistent"),
                ("LANG", "C.UTF-8"),
            ])
            .output()
            .unwrap()
    }

    fn inside(&self, machine: Machine, words: &[&str]) -> Command {
        let mut command = start("ip");
        command
            .args(["netns", "exec", self.name(machine)])
            .args(words);
        command
    }

    fn name(&self, machine: Machine) -> &str {
        match machine {
            Machine::Client => &self.client,
            Machine::Server => &self.server,
        }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        for server in &mut self.servers {
            let _ = server.kill();
            let _ = server.wait();
        }
        for machine in [&self.client, &self.server] {
            let _ = start("ip").args(["netns", "del", machine]).output();
            let _ = std::fs::remove_dir_all(etc_of(machine));
        }
    }
}

fn what_is_missing() -> Option<String> {
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    if !is_root {
        return Some("root".to_owned());
    }
    let runs = |name: &&str| start(name).arg("--version").output().is_err();
    if let Some(command) = ["nft", "setpriv"].iter().find(|name| runs(name)) {
        return Some(format!("the command {command}"));
    }
    let allowed = start("unshare").args(["--net", "true"]).output();
    let allowed = allowed.is_ok_and(|done| done.status.success());
    (!allowed).then(|| "leave to make network namespaces".to_owned())
}

/// Starts a shell that waits until this process is gone, whether it ended, was interrupted or was
/// killed, and then takes away what it left: programs in its machines, the machines, their files.
/// First of all it does so for earlier runs that are gone already.
fn hire_janitor() {
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
    "#;
    let mut janitor = start("setsid");
    // Its end is seen by nobody: it outlives this process, whose end of the pipe it waits for.
    let hired = janitor
        .args([
            "sh",
            "-c",
            SCRIPT,
            "janitor",
            &std::process::id().to_string(),
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::mem::forget(hired);
}

/// A copy of the program that everybody may run: the build folder may be root's alone.
fn programs_for_everybody() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let everybody = || std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(folder.path(), everybody()).unwrap();
    let copy = folder.path().join("ketnoi");
    std::fs::copy(env!("CARGO_BIN_EXE_ketnoi"), &copy).unwrap();
    std::fs::set_permissions(&copy, everybody()).unwrap();
    folder
}

fn etc_of(machine: &str) -> PathBuf {
    Path::new("/etc/netns").join(machine)
}

fn ip(words: &str) {
    let done = start("ip").args(words.split(' ')).output().unwrap();
    expect_done(&done, words);
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
