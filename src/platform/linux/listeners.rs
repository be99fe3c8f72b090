//! Finds the listening sockets, over netlink or in `/proc/net`, and their programs in `/proc/PID/fd`.
//!
//! The search for programs is the slow part: it is made only for the sockets that matter and ends
//! when all of them are found. Of another user's programs nothing is told without admin rights;
//! their sockets are listed all the same.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::net::{IpAddr, Ipv6Addr};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use super::{Linux, netlink, read, read_if_there, unreadable};
use crate::evidence::{Fact, Gap, Listener, Process, Queue, is_near, relevant_to};
use crate::platform::parse::{ListeningSocket, passwd, proc_net, proc_pid};

/// Enough for thousands of processes; a machine where it is not is told so, not waited for.
const SEARCH_PATIENCE: Duration = Duration::from_millis(500);

/// Every listening socket.
pub fn all(linux: &Linux) -> Fact<Vec<Listener>> {
    match sockets(linux) {
        Ok(sockets) => {
            let mut search = Search::new(&linux.proc, &sockets);
            search.find(&sockets);
            Fact::Known(search.describe(&sockets, &linux.etc))
        }
        Err(gap) => Fact::Unknown(gap),
    }
}

/// The listening sockets that matter for `port`.
pub fn near(linux: &Linux, port: u16) -> Fact<Vec<Listener>> {
    let sockets = match sockets(linux) {
        Ok(sockets) => sockets,
        Err(gap) => return Fact::Unknown(gap),
    };
    let near: Vec<_> = sockets
        .iter()
        .copied()
        .filter(|socket| is_near(socket.addr.port(), port))
        .collect();
    if near.is_empty() {
        return Fact::Known(Vec::new());
    }
    let mut search = Search::new(&linux.proc, &sockets);
    search.find(&near);
    search.find_other_sockets_of_the_found();
    let candidates: Vec<_> = sockets
        .into_iter()
        .filter(|socket| {
            is_near(socket.addr.port(), port) || search.holders.contains_key(&socket.inode)
        })
        .collect();
    Fact::Known(relevant_to(port, search.describe(&candidates, &linux.etc)))
}

/// The listening sockets themselves, without their programs.
pub(super) fn sockets(linux: &Linux) -> Result<Vec<ListeningSocket>, Gap> {
    let told = linux.netlink.then(netlink::listening_sockets);
    let mut sockets = match told {
        Some(Ok(sockets)) => sockets,
        Some(Err(_)) | None => sockets_in_proc(&linux.proc)?,
    };
    sockets.sort_unstable_by_key(|socket| (socket.addr.port(), socket.addr, socket.inode));
    Ok(sockets)
}

/// The slow way, for kernels and sandboxes where netlink does not answer.
fn sockets_in_proc(proc: &Path) -> Result<Vec<ListeningSocket>, Gap> {
    let path = proc.join("net/tcp");
    let sockets = proc_net::listening_sockets(&read(&path)?);
    let mut sockets = sockets.map_err(|malformed| unreadable(&path, &malformed))?;
    let path = proc.join("net/tcp6");
    if let Some(table) = read_if_there(&path)? {
        let more = proc_net::listening_sockets(&table);
        sockets.extend(more.map_err(|malformed| unreadable(&path, &malformed))?);
    }
    Ok(sockets)
}

/// A search through the processes for the holders of sockets.
struct Search<'a> {
    proc: &'a Path,
    /// Every listening socket, wanted or not.
    listening: HashSet<u64>,
    /// Who holds which socket, by inode.
    holders: HashMap<u64, Process>,
    /// Processes whose sockets we were not allowed to see.
    some_were_hidden: bool,
    /// The user we are; nothing when `/proc` does not tell.
    own_uid: Option<u32>,
    ran_out_of_time: bool,
}

impl<'a> Search<'a> {
    fn new(proc: &'a Path, sockets: &[ListeningSocket]) -> Self {
        Self {
            proc,
            listening: sockets.iter().map(|socket| socket.inode).collect(),
            holders: HashMap::new(),
            some_were_hidden: false,
            own_uid: fs::metadata(proc.join("self"))
                .ok()
                .map(|metadata| metadata.uid()),
            ran_out_of_time: false,
        }
    }

    /// Looks for the holders of `wanted`, newest processes first: what a person has just started
    /// is found soonest, and a service before the manager that handed it the socket.
    fn find(&mut self, wanted: &[ListeningSocket]) {
        // Looking through everything for what we may not see anyway would only take time.
        let mut missing: HashSet<u64> = wanted
            .iter()
            .filter(|socket| !self.belongs_to_another_user(socket))
            .map(|socket| socket.inode)
            .collect();
        let start = Instant::now();
        for pid in pids(self.proc) {
            if missing.is_empty() {
                return;
            }
            if start.elapsed() > SEARCH_PATIENCE {
                self.ran_out_of_time = true;
                return;
            }
            for inode in self.held_by(pid) {
                if self.holders.contains_key(&inode) && !missing.contains(&inode) {
                    continue;
                }
                let Some(process) = self.outermost_holder(pid, inode) else {
                    continue;
                };
                // A manager keeps the sockets it hands out; the service itself may still come.
                if !hands_out_sockets(&process) {
                    missing.remove(&inode);
                }
                self.holders.insert(inode, process);
            }
        }
    }

    /// A program may hold sockets that the worker, through which it was found, has not got.
    fn find_other_sockets_of_the_found(&mut self) {
        let mut found: Vec<_> = self.holders.values().cloned().collect();
        found.sort_unstable_by_key(|process| process.pid);
        found.dedup_by_key(|process| process.pid);
        for process in found {
            for inode in self.held_by(process.pid) {
                let holder = self.holders.entry(inode);
                holder.or_insert_with(|| process.clone());
            }
        }
    }

    /// The listening sockets among the open files of a process.
    fn held_by(&mut self, pid: u32) -> Vec<u64> {
        let entries = match fs::read_dir(self.proc.join(format!("{pid}/fd"))) {
            Ok(entries) => entries,
            Err(error) => {
                self.some_were_hidden |= error.kind() == std::io::ErrorKind::PermissionDenied;
                return Vec::new();
            }
        };
        let mut inodes: Vec<u64> = entries
            .flatten()
            .filter_map(|entry| {
                let link = fs::read_link(entry.path()).ok()?;
                proc_pid::socket_inode(link.to_str()?)
            })
            .filter(|inode| self.listening.contains(inode))
            .collect();
        inodes.sort_unstable();
        inodes.dedup();
        inodes
    }

    /// Workers inherit a socket from the program that opened it: climbs to that program, but not
    /// to a manager that opened it for a service.
    fn outermost_holder(&mut self, pid: u32, inode: u64) -> Option<Process> {
        let mut holder = process(self.proc, pid)?;
        // Bounded, as a process may end and its number be taken by another meanwhile.
        for _ in 0..8 {
            let stat = fs::read(self.proc.join(format!("{}/stat", holder.pid))).ok();
            let parent = stat.and_then(|stat| proc_pid::parent(&String::from_utf8_lossy(&stat)));
            let Some(parent) = parent.filter(|&parent| parent > 1) else {
                break;
            };
            if !self.held_by(parent).contains(&inode) {
                break;
            }
            match process(self.proc, parent) {
                Some(parent) if !hands_out_sockets(&parent) => holder = parent,
                _ => break,
            }
        }
        Some(holder)
    }

    fn describe(&self, sockets: &[ListeningSocket], etc: &Path) -> Vec<Listener> {
        let passwd = fs::read(etc.join("passwd")).unwrap_or_default();
        let passwd = String::from_utf8_lossy(&passwd);
        let describe = |socket: &ListeningSocket| {
            let user = passwd::user_name(&passwd, socket.uid);
            Listener {
                addr: socket.addr,
                takes_ipv4: takes_ipv4(socket, sockets),
                process: self.process_of(socket),
                user: Fact::Known(user.map_or_else(|| socket.uid.to_string(), str::to_owned)),
                queue: Fact::Known(Queue {
                    waiting: socket.waiting,
                    limit: socket.queue_limit,
                }),
            }
        };
        sockets.iter().map(describe).collect()
    }

    fn process_of(&self, socket: &ListeningSocket) -> Fact<Process> {
        match self.holders.get(&socket.inode) {
            Some(process) => Fact::Known(process.clone()),
            None if self.ran_out_of_time => Fact::Unknown(Gap::TimedOut),
            None if self.some_were_hidden || self.belongs_to_another_user(socket) => {
                Fact::Unknown(Gap::NeedsAdmin)
            }
            // Held by the kernel itself (NFS), by another container, or gone by now.
            None => Fact::Unknown(Gap::Unreadable {
                what: "/proc/*/fd".to_owned(),
            }),
        }
    }

    fn belongs_to_another_user(&self, socket: &ListeningSocket) -> bool {
        self.own_uid
            .is_some_and(|own| own != 0 && own != socket.uid)
    }
}

/// Every process, the newest first.
pub(super) fn pids(proc: &Path) -> Vec<u32> {
    let Ok(entries) = fs::read_dir(proc) else {
        return Vec::new();
    };
    let name = |entry: fs::DirEntry| entry.file_name().to_str()?.parse().ok();
    let mut pids: Vec<u32> = entries.flatten().filter_map(name).collect();
    pids.sort_unstable_by(|a, b| b.cmp(a));
    pids
}

/// A process by its number.
pub(super) fn process(proc: &Path, pid: u32) -> Option<Process> {
    let folder = proc.join(pid.to_string());
    let name = proc_pid::name(&fs::read(folder.join("comm")).ok()?);
    let cmdline = read_start(&folder.join("cmdline"));
    Some(Process {
        pid,
        name,
        command: cmdline.and_then(|bytes| proc_pid::command(&bytes)),
    })
}

/// Where the kernel did not say, a second socket for all IPv4 addresses on the same port
/// proves that this one leaves them alone.
fn takes_ipv4(socket: &ListeningSocket, sockets: &[ListeningSocket]) -> Fact<bool> {
    if socket.addr.ip() != IpAddr::V6(Ipv6Addr::UNSPECIFIED) {
        return Fact::default();
    }
    if let Some(v6_only) = socket.v6_only {
        return Fact::Known(!v6_only);
    }
    let has_twin = sockets.iter().any(|other| {
        other.addr.is_ipv4()
            && other.addr.ip().is_unspecified()
            && other.addr.port() == socket.addr.port()
    });
    if has_twin {
        return Fact::Known(false);
    }
    Fact::Unknown(Gap::Unreadable {
        what: "IPV6_V6ONLY".to_owned(),
    })
}

/// Programs that open sockets for services and keep them.
fn hands_out_sockets(process: &Process) -> bool {
    process.pid == 1
        || matches!(
            process.name.as_str(),
            "systemd" | "inetd" | "xinetd" | "s6-svscan"
        )
}

/// As much of a command line as we keep; its length is the program's choice.
fn read_start(path: &Path) -> Option<Vec<u8>> {
    use std::io::Read as _;
    let limit = u64::try_from(proc_pid::COMMAND_LIMIT).ok()?;
    let mut bytes = Vec::with_capacity(256);
    let file = fs::File::open(path).ok()?;
    file.take(limit).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;
    use std::os::unix::fs::symlink;
    use tempfile::TempDir;

    const HEADING: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when\n";

    /// A machine made of files: `/proc` and `/etc` of our own.
    struct Machine {
        root: TempDir,
        tcp: String,
    }

    impl Machine {
        fn new() -> Self {
            let root = tempfile::tempdir().unwrap();
            fs::create_dir_all(root.path().join("proc/net")).unwrap();
            fs::create_dir_all(root.path().join("proc/self")).unwrap();
            fs::create_dir(root.path().join("etc")).unwrap();
            Self {
                root,
                tcp: HEADING.to_owned(),
            }
        }

        fn listens(mut self, port: u16, inode: u64) -> Self {
            writeln!(
                self.tcp,
                "   0: 0100007F:{port:04X} 00000000:0000 0A 00000000:00000002 00:00000000 \
                 00000000  {}        0 {inode} 1 0 100 0 0 10 0",
                own_uid()
            )
            .unwrap();
            self
        }

        fn runs(self, pid: u32, parent: u32, name: &str, inodes: &[u64]) -> Self {
            let folder = self.root.path().join(format!("proc/{pid}"));
            fs::create_dir_all(folder.join("fd")).unwrap();
            fs::write(folder.join("comm"), format!("{name}\n")).unwrap();
            fs::write(folder.join("cmdline"), format!("{name}\0--serve\0")).unwrap();
            fs::write(
                folder.join("stat"),
                format!("{pid} ({name}) S {parent} 1 1"),
            )
            .unwrap();
            for inode in inodes {
                let link = folder.join(format!("fd/{inode}"));
                symlink(format!("socket:[{inode}]"), link).unwrap();
            }
            self
        }

        fn linux(&self) -> Linux {
            fs::write(self.root.path().join("proc/net/tcp"), &self.tcp).unwrap();
            Linux {
                proc: self.root.path().join("proc"),
                etc: self.root.path().join("etc"),
                programs: vec![],
                netlink: false,
            }
        }

        fn near(&self, port: u16) -> Vec<(u16, String)> {
            let listeners = near(&self.linux(), port);
            let listeners = listeners.known().unwrap().iter();
            listeners
                .map(|listener| (listener.addr.port(), owner(listener)))
                .collect()
        }
    }

    fn own_uid() -> u32 {
        fs::metadata("/proc/self").unwrap().uid()
    }

    fn owner(listener: &Listener) -> String {
        match &listener.process {
            Fact::Known(process) => format!("{} {}", process.pid, process.name),
            Fact::Unknown(gap) => format!("{gap:?}"),
        }
    }

    #[test]
    fn an_unreadable_table_is_not_an_empty_one() {
        let machine = Machine::new();
        let linux = machine.linux();
        fs::remove_file(linux.proc.join("net/tcp")).unwrap();
        for listeners in [all(&linux), near(&linux, 80)] {
            assert!(matches!(
                listeners,
                Fact::Unknown(Gap::Unreadable { what }) if what.contains("net/tcp")
            ));
        }
        fs::write(linux.proc.join("net/tcp"), "something else\n").unwrap();
        assert!(all(&linux).known().is_none());
        fs::write(linux.proc.join("net/tcp"), HEADING).unwrap();
        fs::create_dir(linux.proc.join("net/tcp6")).unwrap();
        assert!(all(&linux).known().is_none());
    }

    #[test]
    fn workers_are_named_by_the_program_that_started_them() {
        let machine = Machine::new()
            .listens(80, 1001)
            .runs(500, 1, "nginx", &[1001])
            .runs(501, 500, "nginx", &[1001])
            .runs(502, 500, "nginx", &[1001]);
        assert_eq!(machine.near(80), [(80, "500 nginx".to_owned())]);
    }

    #[test]
    fn a_service_is_named_before_the_manager_that_opened_its_socket() {
        let machine = Machine::new()
            .listens(22, 1001)
            .listens(631, 1002)
            .runs(1, 0, "systemd", &[1001, 1002])
            .runs(700, 1, "sshd", &[1001]);
        assert_eq!(machine.near(22), [(22, "700 sshd".to_owned())]);
        assert_eq!(machine.near(631), [(631, "1 systemd".to_owned())]);
    }

    #[test]
    fn a_programs_other_ports_are_found_though_only_its_worker_was_met_first() {
        let machine = Machine::new()
            .listens(8080, 1001)
            .listens(9999, 1002)
            .listens(3000, 1003)
            .runs(600, 1, "app", &[1001, 1002])
            .runs(601, 600, "app", &[1001])
            .runs(400, 1, "other", &[1003]);
        let app = || "600 app".to_owned();
        assert_eq!(machine.near(8080), [(8080, app()), (9999, app())]);
    }

    #[test]
    fn nothing_near_means_nothing_found() {
        let machine = Machine::new().listens(8080, 1001);
        assert_eq!(machine.near(9), []);
    }

    #[test]
    fn a_socket_nobody_seems_to_hold_is_listed_all_the_same() {
        let machine = Machine::new().listens(2049, 1001);
        let listeners = all(&machine.linux());
        let listener = &listeners.known().unwrap()[0];
        assert!(listener.process.known().is_none());
        assert_eq!(listener.queue.known().unwrap().waiting, 2);
    }

    #[test]
    fn users_are_named_where_the_machine_knows_their_names() {
        let machine = Machine::new().listens(80, 1001);
        let linux = machine.linux();
        let user = |linux: &Linux| all(linux).known().unwrap()[0].user.clone();
        assert_eq!(user(&linux), Fact::Known(own_uid().to_string()));
        let passwd = format!("someone:x:{}:1::/:/bin/sh\n", own_uid());
        fs::write(linux.etc.join("passwd"), passwd).unwrap();
        assert_eq!(user(&linux), Fact::Known("someone".to_owned()));
    }

    #[test]
    fn an_ipv6_wildcard_with_an_ipv4_twin_leaves_ipv4_alone() {
        let socket = |addr: &str| ListeningSocket {
            addr: addr.parse().unwrap(),
            waiting: 0,
            queue_limit: None,
            v6_only: None,
            uid: 0,
            inode: 1,
        };
        let (v6, v4) = (socket("[::]:80"), socket("0.0.0.0:80"));
        assert_eq!(takes_ipv4(&v6, &[v6, v4]), Fact::Known(false));
        assert!(takes_ipv4(&v6, &[v6]).known().is_none());
        let told = ListeningSocket {
            v6_only: Some(false),
            ..v6
        };
        assert_eq!(takes_ipv4(&told, &[told]), Fact::Known(true));
        assert_eq!(takes_ipv4(&v4, &[v4]), Fact::default());
    }
}
