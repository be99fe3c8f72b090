//! A machine that a service may have to itself, gone when the test ends, however it ends.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

/// Namespaces of its own, kept by one process that waits.
pub struct Machine {
    keeper: Child,
    /// The first process inside.
    pid: u32,
    /// Where a user without rights may start the program from.
    programs: tempfile::TempDir,
}

/// What was said about a target.
pub struct Verdict {
    pub cause: String,
    pub reachable: bool,
    pub line: String,
    json: Value,
}

/// Everything below these folders is a copy on write. Without `/tmp`, where the program is.
const SETUP: &str = "
    mount -t tmpfs tmpfs /mnt
    for folder in etc var run; do
        mkdir -p /mnt/$folder/upper /mnt/$folder/work
        mount -t overlay -o lowerdir=/$folder,upperdir=/mnt/$folder/upper,workdir=/mnt/$folder/work overlay /$folder
    done
    ip link set lo up
    ip link add eth0 type veth peer name wire
    ip link set wire up
    ip addr add 10.77.1.10/24 dev eth0
    ip link set eth0 up
    echo ready
    exec sleep infinity
";

/// How long a service may take to listen: databases look through their files first.
const START_PATIENCE: Duration = Duration::from_mins(1);

impl Machine {
    /// A machine with the service whose program is named. Nothing where that cannot be had, having
    /// said why.
    pub fn new(program: &str) -> Option<Self> {
        let is_root = fs::metadata("/proc/self")
            .is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
        let overlays = fs::read_to_string("/proc/filesystems").unwrap_or_default();
        let missing = if !is_root {
            "root"
        } else if !overlays.contains("overlay") {
            "overlayfs"
        } else if !Path::new(program).exists() {
            program
        } else {
            return Some(Self::start_up());
        };
        assert!(
            std::env::var("CI").is_err(),
            "the test of services needs {missing}"
        );
        let _ = writeln!(std::io::stderr(), "not run: it needs {missing}");
        None
    }

    fn start_up() -> Self {
        let mut keeper = command("setpriv")
            .args(["--pdeathsig=KILL", "unshare", "--net", "--mount", "--pid"])
            .args(["--fork", "--kill-child", "--mount-proc", "sh", "-e", "-c"])
            .arg(SETUP)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut ready = [0; 6];
        let said = keeper.stdout.as_mut().unwrap();
        std::io::Read::read_exact(said, &mut ready).expect("namespaces and overlays");
        let id = keeper.id();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
        let pid = children.trim().parse().unwrap();
        Self {
            keeper,
            pid,
            programs: programs_for_everybody(),
        }
    }

    /// Runs a shell script inside.
    pub fn run(&self, script: &str) {
        let log = self.programs.path().join("log");
        let log = fs::File::options().create(true).append(true).open(log);
        let log = log.unwrap();
        let done = self
            .inside(&["sh", "-c", script])
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .status()
            .unwrap();
        assert!(done.success(), "{script}: {}", self.log());
    }

    /// Starts a service and returns when something listens on the port.
    pub fn start(&self, script: &str, port: u16) {
        self.run(script);
        let began = Instant::now();
        while !self.listens(port) {
            let is_late = began.elapsed() > START_PATIENCE;
            assert!(!is_late, "nothing on port {port}: {}", self.log());
            sleep(Duration::from_millis(50));
        }
    }

    /// Ends every program but the one that keeps the machine.
    pub fn stop(&self) {
        self.run(
            "kill -TERM -1; for try in $(seq 100); do \
             [ \"$(ls -d /proc/[0-9]* | wc -l)\" -le 5 ] && exit; sleep 0.05; done; kill -9 -1",
        );
    }

    /// Puts `line` into a file of settings, in place of the lines that begin with `key`.
    pub fn set(&self, file: &str, key: &str, line: &str) {
        let script = format!(
            "python3 - {file} <<'END'\n\
             import os, sys\n\
             file, key, line = sys.argv[1], {key:?}, {line:?}\n\
             old = open(file).read().splitlines() if os.path.exists(file) else []\n\
             at = [i for i, text in enumerate(old) if text.strip().startswith(key)]\n\
             new = [line if [i] == at[:1] else text for i, text in enumerate(old) if i not in at[1:]]\n\
             open(file, 'w').write('\\n'.join(new if at else old + [line]) + '\\n')\n\
             END"
        );
        self.run(&script);
    }

    /// What `ketnoi check TARGET --json` says inside, as a user.
    pub fn check(&self, target: &str, user: &str) -> Verdict {
        self.check_on("unix:path=/nonexistent/bus", target, user)
    }

    /// The same with a system bus.
    pub fn check_on(&self, bus: &str, target: &str, user: &str) -> Verdict {
        let program = self.programs.path().join("ketnoi");
        let words = ["setpriv", "--reuid", user, "--clear-groups"];
        let output = self
            .inside(&words)
            .arg(program)
            .args(["check", target, "--json", "--lang", "en"])
            .env("DBUS_SYSTEM_BUS_ADDRESS", bus)
            .output()
            .unwrap();
        let line = String::from_utf8(output.stdout).unwrap();
        let json: Value = serde_json::from_str(&line).unwrap();
        let verdict = &json["verdict"];
        Verdict {
            cause: verdict["cause"].as_str().unwrap().to_owned(),
            reachable: verdict["reachable"] == true,
            line,
            json,
        }
    }

    /// Whether the setting that is named stands in this file, in a line with this text; without one in
    /// no line.
    pub fn expect_named(&self, said: &Verdict, file: &str, text: Option<&str>) {
        let clue = said.clue("service-setting");
        let (place, _) = clue.split_once(": ").unwrap();
        let (named, line) = match place.split_once(", line ") {
            Some((named, line)) => (named, Some(line)),
            None => (place, None),
        };
        assert!(fits(file, named), "{clue}");
        assert_eq!(line.is_some(), text.is_some(), "{clue}");
        if let (Some(line), Some(text)) = (line, text) {
            self.run(&format!("sed -n {line}p {named} | grep -q -e '{text}'"));
        }
    }

    fn listens(&self, port: u16) -> bool {
        let end = format!(":{port:04X}");
        let is_it = |row: &str| {
            let mut fields = row.split_ascii_whitespace();
            fields.nth(1).is_some_and(|local| local.ends_with(&end)) && fields.nth(1) == Some("0A")
        };
        ["tcp", "tcp6"].into_iter().any(|table| {
            let table = fs::read_to_string(format!("/proc/{}/net/{table}", self.pid));
            table.unwrap_or_default().lines().any(is_it)
        })
    }

    fn inside(&self, words: &[&str]) -> Command {
        let mut enter = command("nsenter");
        enter.args(["--net", "--mount", "--pid", "--target"]);
        enter.arg(self.pid.to_string()).args(words);
        enter
    }

    fn log(&self) -> String {
        fs::read_to_string(self.programs.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.keeper.kill();
        let _ = self.keeper.wait();
    }
}

/// Whether a path fits a pattern with one `*` at most.
fn fits(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        Some((start, end)) => path.starts_with(start) && path.ends_with(end),
        None => path == pattern,
    }
}

impl Verdict {
    /// What is said of the first clue of this kind.
    pub fn clue(&self, id: &str) -> &str {
        let clues = self.json["verdict"]["because"].as_array().unwrap();
        let clue = clues.iter().find(|clue| clue["clue"] == id);
        let clue = clue.unwrap_or_else(|| panic!("no {id}: {}", self.line));
        clue["text"].as_str().unwrap()
    }

    /// Whether the advice with this id has this command.
    pub fn applies(&self, id: &str, command: &str) -> bool {
        let mut advice = self.json["advice"].as_array().unwrap().iter();
        let advice = advice.find(|one| one["id"] == id);
        let apply = advice.and_then(|one| one["apply"].as_array());
        apply.is_some_and(|lines| lines.iter().any(|line| line == command))
    }

    /// The setting that is advised, in this file or, without one, for the command line.
    pub fn setting(&self, file: Option<&str>) -> String {
        let advice = self.json["advice"].as_array().unwrap().iter();
        let settings = advice
            .filter_map(|one| one["settings"].as_array())
            .flatten();
        let is_it = |named: Option<&str>| match (file, named) {
            (Some(file), Some(named)) => fits(file, named),
            (file, named) => file == named,
        };
        let mut settings = settings.filter(|setting| is_it(setting["file"].as_str()));
        let setting = settings
            .next()
            .unwrap_or_else(|| panic!("no setting in {file:?}: {}", self.json["advice"]));
        setting["line"].as_str().unwrap().to_owned()
    }
}

/// A copy of the program that everybody may run: the build folder may be root's alone.
fn programs_for_everybody() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("ketnoi");
    fs::copy(env!("CARGO_BIN_EXE_ketnoi"), &copy).unwrap();
    for path in [folder.path(), &copy] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}

#[expect(
    clippy::disallowed_methods,
    reason = "namespaces are made by the system's own tools"
)]
fn command(program: &str) -> Command {
    Command::new(program)
}
