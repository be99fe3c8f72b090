//! Finds the listening sockets, over netlink or in `/proc/net`, with their programs.
//!
//! Of another user's programs nothing is told without admin rights; their sockets are listed all
//! the same.

use std::fs;
use std::net::{IpAddr, Ipv6Addr};
use std::ops::RangeInclusive;
use std::path::Path;

use super::holders::Search;
use super::{Linux, netlink, read, read_if_there, unreadable};
use crate::evidence::{Fact, Gap, Listener, NEIGHBOURHOOD, Process, Queue, is_near, relevant_to};
use crate::platform::parse::{ListeningSocket, passwd, proc_net};

/// Every listening socket.
pub fn all(linux: &Linux) -> Fact<Vec<Listener>> {
    match sockets(linux) {
        Ok(sockets) => {
            let mut search = Search::new(&linux.proc);
            search.find(&sockets);
            Fact::Known(describe(&search, &sockets, &linux.etc))
        }
        Err(gap) => Fact::Unknown(gap),
    }
}

/// The listening sockets that matter for `port`, and those on the `others`.
pub fn near(linux: &Linux, port: u16, others: &[u16]) -> Fact<Vec<Listener>> {
    let ports = ports_near(port, others);
    let near = match sockets_on(linux, &ports) {
        Ok(near) => near,
        Err(gap) => return Fact::Unknown(gap),
    };
    if near.is_empty() {
        return Fact::Known(Vec::new());
    }
    let is_on_port = |socket: &&ListeningSocket| socket.addr.port() == port;
    let on_port: Vec<ListeningSocket> = near.iter().filter(is_on_port).copied().collect();
    // Who is next door matters only where nobody is at home.
    let wanted = if on_port.is_empty() { &near } else { &on_port };
    let mut search = Search::new(&linux.proc);
    search.find(wanted);
    let inodes = on_port.iter().map(|socket| socket.inode);
    let has_others = search.find_other_sockets_of_holders(inodes);
    let mut candidates = near;
    // The whole table is asked for only where it can tell more.
    if has_others && let Ok(all) = sockets(linux) {
        let is_theirs = |socket: &ListeningSocket| search.holder(socket.inode).is_some();
        let is_candidate = |socket: &ListeningSocket| is_on(socket, &ports) || is_theirs(socket);
        candidates = all.into_iter().filter(is_candidate).collect();
    }
    let described = describe(&search, &candidates, &linux.etc);
    Fact::Known(relevant_to(port, others, described))
}

/// The listening sockets themselves, without their programs.
fn sockets(linux: &Linux) -> Result<Vec<ListeningSocket>, Gap> {
    sockets_on(linux, &[0..=u16::MAX])
}

/// `port` and those beside it, and the `others` that are further off.
fn ports_near(port: u16, others: &[u16]) -> Vec<RangeInclusive<u16>> {
    let first = port.saturating_sub(NEIGHBOURHOOD);
    let mut ports = vec![first..=port.saturating_add(NEIGHBOURHOOD)];
    let far = others.iter().filter(|other| !is_near(**other, port));
    ports.extend(far.map(|other| *other..=*other));
    ports
}

fn is_on(socket: &ListeningSocket, ports: &[RangeInclusive<u16>]) -> bool {
    let port = socket.addr.port();
    ports.iter().any(|range| range.contains(&port))
}

pub(super) fn sockets_on(
    linux: &Linux,
    ports: &[RangeInclusive<u16>],
) -> Result<Vec<ListeningSocket>, Gap> {
    let told = linux.netlink.then(|| netlink::listening_sockets(ports));
    let mut sockets = match told {
        Some(Ok(sockets)) => sockets,
        Some(Err(_)) | None => sockets_in_proc(&linux.proc)?,
    };
    sockets.retain(|socket| is_on(socket, ports));
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

fn describe(search: &Search<'_>, sockets: &[ListeningSocket], etc: &Path) -> Vec<Listener> {
    let passwd = fs::read(etc.join("passwd")).unwrap_or_default();
    let passwd = String::from_utf8_lossy(&passwd);
    let describe = |socket: &ListeningSocket| {
        let user = passwd::user_name(&passwd, socket.uid);
        Listener {
            addr: socket.addr,
            takes_ipv4: takes_ipv4(socket, sockets),
            process: process_of(search, socket),
            user: Fact::Known(user.map_or_else(|| socket.uid.to_string(), str::to_owned)),
            queue: Fact::Known(Queue {
                waiting: socket.waiting,
                limit: socket.queue_limit,
            }),
        }
    };
    sockets.iter().map(describe).collect()
}

fn process_of(search: &Search<'_>, socket: &ListeningSocket) -> Fact<Process> {
    match search.holder(socket.inode) {
        Some(process) => Fact::Known(process.clone()),
        None if !search.has_looked_for(socket.inode) => Fact::Unknown(Gap::NotAsked),
        None if search.ran_out_of_time => Fact::Unknown(Gap::TimedOut),
        None if search.some_were_hidden || search.belongs_to_another_user(socket) => {
            Fact::Unknown(Gap::NeedsAdmin)
        }
        // Held by the kernel itself (NFS), by another container, or gone by now.
        None => Fact::Unknown(Gap::NoHolder),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;
    use std::os::unix::fs::{MetadataExt as _, symlink};
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
            let listeners = near(&self.linux(), port, &[]);
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
        for listeners in [all(&linux), near(&linux, 80, &[])] {
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
    fn who_is_next_door_is_looked_for_only_where_nobody_is_at_home() {
        let machine = Machine::new()
            .listens(8081, 1001)
            .listens(8082, 1002)
            .runs(600, 1, "app", &[1001])
            .runs(400, 1, "other", &[1002]);
        let (app, other) = (|| "600 app".to_owned(), || "400 other".to_owned());
        assert_eq!(machine.near(8080), [(8081, app()), (8082, other())]);
        let unasked = "NotAsked".to_owned();
        assert_eq!(machine.near(8081), [(8081, app()), (8082, unasked)]);
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
        assert_eq!(listener.process, Fact::Unknown(Gap::NoHolder));
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
            device: None,
            cgroup: None,
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
