//! The machines of a [`Plan`], built out of network namespaces, and what is done to them. They are
//! gone when the test ends, however it ends.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::plan::{Machine, Plan};
use crate::servers::{PUBLIC, SERVE};
use crate::{janitor, rivals, sandbox, servers};

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

/// Machines and what runs in them.
pub struct Lab {
    /// What the names of its namespaces begin with.
    run: String,
    machines: &'static [Machine],
    servers: Vec<(Machine, Child)>,
    /// Where a user without rights may start the program from, and read whom to trust.
    public: PathBuf,
    /// The words of a command that the program is started by, like `env NAME=VALUE`.
    within: Vec<String>,
    sandboxed: bool,
}

/// The server's end of a story.
pub struct ServerEnd<'a> {
    pub machine: Machine,
    /// The command of Ketnoi's that is given there.
    pub words: &'a [&'a str],
    pub is_admin: bool,
    /// It goes on while the client tests.
    pub is_watching: bool,
}

/// What was said about a target.
pub struct Said {
    /// By Ketnoi.
    pub output: Output,
    /// By others, when they were asked.
    pub rivals: Vec<rivals::Answer>,
}

impl Lab {
    /// Builds a plan. Nothing where that cannot be had, having said why.
    pub fn new(plan: &Plan) -> Option<Self> {
        if let Some(missing) = what_is_missing() {
            skip(&missing);
            return None;
        }
        static JANITOR: Once = Once::new();
        JANITOR.call_once(janitor::hire);
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let run = format!("kn-{}-{number}", std::process::id());
        let lab = Self {
            machines: plan.machines,
            servers: Vec::new(),
            public: folder_for_everybody(&run),
            run,
            within: Vec::new(),
            sandboxed: false,
        };
        for machine in plan.machines {
            let folder = lab.etc(*machine);
            std::fs::create_dir_all(&folder).unwrap();
            for (file, text) in ETC {
                std::fs::write(folder.join(file), text).unwrap();
            }
        }
        lab.build(plan);
        Some(lab)
    }

    fn build(&self, plan: &Plan) {
        batch(&[], &plan.world(|machine| self.name(machine)));
        for machine in plan.machines {
            batch(&["-n", &self.name(*machine)], &plan.inside(*machine));
            if plan.forwards(*machine) {
                self.sysctl(*machine, "net.ipv4.ip_forward=1");
                self.sysctl(*machine, "net.ipv6.conf.all.forwarding=1");
            }
        }
    }

    /// Writes a file of settings that a machine sees below /etc.
    pub fn settings(&self, machine: Machine, file: &str, text: &str) {
        std::fs::write(self.etc(machine).join(file), text).unwrap();
    }

    /// Writes a file of settings that the user who asks has at home, on every machine.
    pub fn keep(&self, file: &str, contents: &[u8]) {
        let path = self.home().join(file);
        let folder = path.parent().unwrap();
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(path, contents).unwrap();
    }

    fn home(&self) -> PathBuf {
        self.public.join("home")
    }

    /// Puts a filter chain onto a machine: `hook` is where it stands, `rule` is what it does.
    pub fn filter(&self, machine: Machine, hook: &str, rule: &str) {
        let chain = format!("type filter hook {hook} priority 0; policy accept;");
        let table = format!("table inet lab {{ chain {hook} {{ {chain} }}; }}");
        self.nft(machine, &table);
        self.nft(machine, &format!("add rule inet lab {hook} {rule}"));
    }

    /// Gives nft(8) of a machine a command, and gives back what it prints.
    pub fn nft(&self, machine: Machine, command: &str) -> String {
        self.done(machine, &["nft", command])
    }

    /// Does something to a machine's network: `words` are those of ip(8).
    pub fn ip(&self, machine: Machine, words: &str) {
        batch(&["-n", &self.name(machine)], words);
    }

    /// Gives the kernel of a machine a setting, as sysctl(8) takes it.
    pub fn sysctl(&self, machine: Machine, setting: &str) {
        self.done(machine, &["sysctl", "-qw", setting]);
    }

    fn done(&self, machine: Machine, words: &[&str]) -> String {
        let done = self.inside(machine, words).output().unwrap();
        expect_done(&done, &words.join(" "));
        String::from_utf8(done.stdout).unwrap()
    }

    /// Starts a server of `kind` (see [`crate::servers`]) and returns when it is ready.
    pub fn serve(&mut self, machine: Machine, kind: &str, address: &str) {
        let words = servers::command();
        let mut server = self
            .inside(machine, &words.each_ref().map(String::as_str))
            .env(SERVE, format!("{kind} {address}"))
            .env(PUBLIC, &self.public)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(server.stdout.take().unwrap());
        self.servers.push((machine, server));
        let is_ready = said
            .lines()
            .map_while(Result::ok)
            .any(|line| line.ends_with("ready"));
        assert!(is_ready, "no {kind} server on {address}");
    }

    /// Stops a machine's servers, as a debugger or Ctrl+Z does.
    pub fn freeze(&self, machine: Machine) {
        for (_, server) in self.servers.iter().filter(|(of, _)| *of == machine) {
            let number = server.id().to_string();
            let done = start("kill").args(["-STOP", &number]).output().unwrap();
            expect_done(&done, "kill -STOP");
        }
    }

    /// From now on starts the program by these words, which end where the program's begin.
    pub fn start_within(&mut self, words: &str) {
        self.within = words.split(' ').map(str::to_owned).collect();
    }

    /// From now on forbids the program to connect. Whether that can be had here.
    pub fn sandbox(&mut self) -> bool {
        self.sandboxed = true;
        sandbox::is_available()
    }

    /// What `ketnoi check TARGET --json` says on a machine, as a user without rights.
    pub fn check(&self, machine: Machine, target: &str) -> Said {
        self.check_with(machine, target, &[])
    }

    /// The same with more options.
    pub fn check_with(&self, machine: Machine, target: &str, options: &[&str]) -> Said {
        let program = self.public.join("ketnoi");
        let program = program.to_str().unwrap();
        let within: Vec<&str> = self.within.iter().map(String::as_str).collect();
        let words = [
            within.as_slice(),
            &[program, "check", target, "--json"],
            options,
        ];
        let output = self.as_nobody(machine, &words.concat());
        let rivals = if rivals::are_wanted() && within.is_empty() && !target.contains(' ') {
            rivals::ask(target, |words| self.as_nobody(machine, words))
        } else {
            Vec::new()
        };
        Said { output, rivals }
    }

    /// What `ketnoi compare` says of two ends: of a test on the `client`'s machine, made while
    /// `ketnoi local` or another test ran on the server's, or after it.
    pub fn two_ends(&self, server: &ServerEnd<'_>, client: Machine, check: &[&str]) -> Output {
        let folder = self.public.join("reports");
        if !folder.exists() {
            std::fs::create_dir(&folder).unwrap();
            let everybody = std::fs::Permissions::from_mode(0o777);
            std::fs::set_permissions(&folder, everybody).unwrap();
        }
        let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
        let (servers, clients) = (path("server.json"), path("client.json"));
        let program = self.public.join("ketnoi");
        let program = program.to_str().unwrap();
        let words = [&[program], server.words, &["--output", &servers]].concat();
        let mut looks = if server.is_admin {
            self.inside(server.machine, &words)
        } else {
            self.nobody(server.machine, &words)
        };
        let mut looks = looks
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(looks.stderr.take().unwrap());
        let mut said = said.lines().map_while(Result::ok);
        if server.is_watching {
            assert!(said.any(|line| line.contains("Watching")), "no watch");
        } else {
            looks.wait().unwrap();
        }
        let words = [&[program, "check"], check, &["--output", &clients]].concat();
        self.as_nobody(client, &words);
        if server.is_watching {
            let number = looks.id().to_string();
            let done = start("kill").args(["-INT", &number]).output().unwrap();
            expect_done(&done, "kill -INT");
        }
        looks.wait().unwrap();
        let compare = [program, "compare", &clients, &servers, "--json"];
        self.as_nobody(client, &compare)
    }

    fn as_nobody(&self, machine: Machine, words: &[&str]) -> Output {
        let mut command = self.nobody(machine, words);
        if self.sandboxed {
            sandbox::output(&mut command)
        } else {
            command.output().unwrap()
        }
    }

    fn nobody(&self, machine: Machine, words: &[&str]) -> Command {
        let nobody = [
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
        ];
        let words = [&nobody[..], words].concat();
        let mut command = self.inside(machine, &words);
        command.env_clear().envs([
            ("PATH", "/usr/bin:/bin"),
            ("HOME", self.home().to_str().unwrap()),
            ("LANG", "C.UTF-8"),
        ]);
        if self.ca().exists() {
            command.env("SSL_CERT_FILE", self.ca());
        }
        command
    }

    fn inside(&self, machine: Machine, words: &[&str]) -> Command {
        let mut command = start("ip");
        command
            .args(["netns", "exec", &self.name(machine)])
            .args(words);
        command
    }

    /// The certificate of whom the client trusts, when a server has made one.
    fn ca(&self) -> PathBuf {
        self.public.join("ca.pem")
    }

    fn name(&self, machine: Machine) -> String {
        format!("{}-{}", self.run, machine.name())
    }

    fn etc(&self, machine: Machine) -> PathBuf {
        Path::new("/etc/netns").join(self.name(machine))
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        for (_, server) in &mut self.servers {
            let _ = server.kill();
            let _ = server.wait();
        }
        for machine in self.machines {
            let _ = start("ip")
                .args(["netns", "del", &self.name(*machine)])
                .output();
            let _ = std::fs::remove_dir_all(self.etc(*machine));
        }
        let _ = std::fs::remove_dir_all(&self.public);
    }
}

/// Says that a case was not run, and why; where everything must run, fails.
pub fn skip(missing: &str) {
    let message = format!("the fault lab needs {missing}");
    assert!(std::env::var("CI").is_err(), "{message}");
    let _ = writeln!(std::io::stderr(), "not run: {message}");
}

fn what_is_missing() -> Option<String> {
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    if !is_root {
        return Some("root".to_owned());
    }
    let runs = |name: &&str| start(name).arg("--version").output().is_err();
    if let Some(command) = ["nft", "setpriv", "sysctl"].iter().find(|name| runs(name)) {
        return Some(format!("the command {command}"));
    }
    let allowed = start("unshare").args(["--net", "true"]).output();
    let allowed = allowed.is_ok_and(|done| done.status.success());
    (!allowed).then(|| "leave to make network namespaces".to_owned())
}

/// A folder with a copy of the program that everybody may run: the build folder may be root's alone.
fn folder_for_everybody(name: &str) -> PathBuf {
    let folder = Path::new("/tmp").join(name);
    std::fs::create_dir(&folder).unwrap();
    let everybody = || std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&folder, everybody()).unwrap();
    let copy = folder.join("ketnoi");
    std::fs::copy(env!("CARGO_BIN_EXE_ketnoi"), &copy).unwrap();
    std::fs::set_permissions(&copy, everybody()).unwrap();
    folder
}

/// Lets ip(8) do several things, one a line.
fn batch(options: &[&str], commands: &str) {
    let mut ip = start("ip");
    ip.args(options).args(["-batch", "-"]);
    let mut ip = ip
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = ip.stdin.take().unwrap();
    input.write_all(commands.as_bytes()).unwrap();
    drop(input);
    expect_done(&ip.wait_with_output().unwrap(), commands);
}

fn expect_done(done: &Output, what: &str) {
    let complaint = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{what}: {complaint}");
}

#[expect(
    clippy::disallowed_methods,
    reason = "namespaces are made by the system's own tools"
)]
pub fn start(program: &str) -> Command {
    Command::new(program)
}
