//! What stands behind the listeners on a port, from `/proc/PID` (proc(5)) and control groups.
//!
//! Read only when something listens there. Of a program that is hidden from this user the socket's
//! own control group still tells the unit: the kernel notes it when the socket is made.

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use nix::net::if_::if_indextoname;

use super::holders::{Search, hands_out_sockets, parent, process};
use super::{Linux, containers, listeners};
use crate::evidence::{Background, Behind, Interface, Listener, Process, Relay, printable};
use crate::platform::interfaces::interfaces;
use crate::platform::parse::{
    ListeningSocket, cgroup, container_keeper, proc_pid, proc_unix, relay_command,
};

/// Of this many listeners on one port the background is told.
const MOST: usize = 8;

/// So many control groups are looked through for that of a socket.
const MOST_GROUPS: usize = 4096;

/// The id of the group that holds all others and tells nothing.
const ROOT_GROUP: u64 = 1;

/// A chain of parents is cut here.
const MOST_PARENTS: usize = 6;

/// The times in `/proc/PID/stat` are counted in hundredths of a second (`USER_HZ`) on every
/// architecture that Rust builds for.
const TICKS_PER_SECOND: u64 = 100;

/// What stands behind `listeners`, which are on `port`.
pub(super) fn of(linux: &Linux, port: u16, listeners: &[Listener]) -> Vec<Background> {
    let sockets = listeners::sockets_on(linux, &[port..=port]).unwrap_or_default();
    let on_port = listeners.iter().filter(|l| l.addr.port() == port);
    on_port
        .take(MOST)
        .map(|listener| {
            let socket = sockets.iter().find(|socket| socket.addr == listener.addr);
            background(linux, listener, socket)
        })
        .collect()
}

fn background(linux: &Linux, listener: &Listener, socket: Option<&ListeningSocket>) -> Background {
    let mut background = Background::of(listener.addr);
    let device = socket.and_then(|socket| socket.device);
    let name = device.and_then(|index| if_indextoname(index).ok());
    background.interface = name.map(|name| printable(&name.to_string_lossy()).into_owned());
    let group = match listener.process.known() {
        Some(process) => {
            of_process(linux, process, socket, &mut background);
            let table = fs::read(linux.proc.join(format!("{}/cgroup", process.pid)));
            let table = table.unwrap_or_default();
            cgroup::path(&String::from_utf8_lossy(&table)).map(str::to_owned)
        }
        None => socket
            .and_then(|socket| socket.cgroup)
            .filter(|id| *id > ROOT_GROUP)
            .and_then(group_of_socket),
    };
    if let Some(group) = group {
        background.unit = cgroup::unit(&group).map(|unit| printable(unit).into_owned());
        background.container = cgroup::container(&group);
    }
    let process = listener.process.known();
    if let (Some(container), Some(process)) = (&mut background.container, process) {
        // What keeps the container knows it best, and may be that very program.
        let kept = container_keeper::container(process);
        let told = kept.or_else(|| containers::container_of(&linux.proc, process.pid));
        *container = told.unwrap_or_else(|| container.clone());
    }
    background
}

fn of_process(
    linux: &Linux,
    process: &Process,
    socket: Option<&ListeningSocket>,
    background: &mut Background,
) {
    let stat = fs::read(linux.proc.join(format!("{}/stat", process.pid)));
    let stat = stat.unwrap_or_default();
    let stat = String::from_utf8_lossy(&stat);
    let uptime = fs::read_to_string(linux.proc.join("uptime")).unwrap_or_default();
    background.age_secs = age_secs(&stat, &uptime);
    background.is_stopped = proc_pid::is_stopped(&stat);
    let relay = relay_command::relay(process, background.addr.port());
    background.relay = relay.map(|relay| Relay {
        behind: behind(linux, &relay),
        ..relay
    });
    background.parents = parents(&linux.proc, process.pid);
    background.is_activated_by_socket = hands_out_sockets(process)
        || socket.is_some_and(|socket| Search::new(&linux.proc).holds(1, socket.inode));
}

/// What stands at the place that a relay names, when that is on this machine.
fn behind(linux: &Linux, relay: &Relay) -> Option<Behind> {
    let to = relay.to.as_deref().filter(|_| relay.through.is_none())?;
    if to.starts_with('/') {
        let table = fs::read(linux.proc.join("net/unix")).ok()?;
        let table = String::from_utf8_lossy(&table);
        return Some(Behind {
            is_listened_on: proc_unix::listening_paths(&table).ok()?.contains(&to),
            process: None,
            container: None,
        });
    }
    let place = to.replacen("localhost:", "127.0.0.1:", 1);
    let place: SocketAddr = place.parse().ok()?;
    if is_here(place.ip()) {
        let port = place.port();
        let sockets = listeners::sockets_on(linux, &[port..=port]).ok()?;
        let listening = sockets.into_iter().find(|socket| socket.takes(place));
        let mut search = Search::new(&linux.proc);
        search.find(listening.as_slice());
        let holder = listening.and_then(|socket| search.holder(socket.inode));
        return Some(Behind {
            is_listened_on: listening.is_some(),
            process: holder.map(without_command),
            container: None,
        });
    }
    let (listener, container) = containers::at(linux, place)?;
    Some(Behind {
        is_listened_on: listener.is_some(),
        process: listener.map(|listener| without_command(&listener.process)),
        container,
    })
}

fn is_here(ip: IpAddr) -> bool {
    let is_own = |interface: &Interface| interface.addresses.iter().any(|own| own.ip == ip);
    ip.is_loopback() || interfaces().is_ok_and(|all| all.iter().any(is_own))
}

fn without_command(process: &Process) -> Process {
    Process {
        pid: process.pid,
        name: printable(&process.name).into_owned(),
        command: None,
    }
}

/// How long a process has run.
fn age_secs(stat: &str, uptime: &str) -> Option<u64> {
    let started = proc_pid::started(stat)? / TICKS_PER_SECOND;
    let now: u64 = uptime.split('.').next()?.parse().ok()?;
    Some(now.saturating_sub(started))
}

/// The programs that started a process, by name only.
fn parents(proc: &Path, pid: u32) -> Vec<Process> {
    let mut chain: Vec<Process> = Vec::new();
    let mut child = pid;
    while let Some(pid) = parent(proc, child).filter(|pid| *pid > 1) {
        let Some(found) = process(proc, pid) else {
            break;
        };
        chain.push(without_command(&found));
        if chain.len() == MOST_PARENTS {
            break;
        }
        child = pid;
    }
    chain
}

/// The control group with this id, which is the inode of its folder.
fn group_of_socket(id: u64) -> Option<String> {
    let roots = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].map(PathBuf::from);
    let root = roots
        .into_iter()
        .find(|root| root.join("cgroup.procs").exists())?;
    let mut folders = vec![root.clone()];
    let mut looked_at = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).ok()?.flatten() {
            if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                continue;
            }
            let path = entry.path();
            if entry.metadata().is_ok_and(|metadata| metadata.ino() == id) {
                let below = path.strip_prefix(&root).ok()?;
                return Some(format!("/{}", below.display()));
            }
            looked_at += 1;
            if looked_at > MOST_GROUPS {
                return None;
            }
            folders.push(path);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn our_own_listener_has_an_age_and_parents() {
        let linux = Linux::new();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let listeners = listeners::near(&linux, port, &[]);
        let all = of(&linux, port, listeners.known().unwrap());
        let [background] = &all[..] else {
            panic!("{all:?}");
        };
        assert!(background.age_secs.unwrap() < 3600);
        assert!(!background.parents.is_empty() && !background.is_stopped);
        assert_eq!((&background.relay, &background.interface), (&None, &None));
    }

    #[test]
    fn what_stands_behind_a_relay_is_looked_at_on_this_machine_alone() {
        let linux = Linux::new();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let place = listener.local_addr().unwrap();
        let to = |place: String| behind(&linux, &Relay::to(Some(place)));
        let found = to(format!("localhost:{}", place.port())).unwrap();
        assert_eq!(found.process.unwrap().pid, std::process::id());
        assert!(found.is_listened_on);
        drop(listener);
        assert!(!to(place.to_string()).unwrap().is_listened_on);
        assert_eq!(to("192.0.2.77:80".to_owned()), None);
        assert_eq!(to("svc/web:80".to_owned()), None);
        assert!(!to("/nowhere/x.sock".to_owned()).unwrap().is_listened_on);
        let far = Relay {
            through: Some("jump".to_owned()),
            ..Relay::to(Some(place.to_string()))
        };
        assert_eq!(behind(&linux, &far), None);
    }

    #[test]
    fn the_age_counts_from_the_start_of_the_process() {
        let stat = "7 (a b) S 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 12345 0 0";
        assert_eq!(age_secs(stat, "1000.50 20.00\n"), Some(877));
        assert_eq!(age_secs("7 (a", "1000.5"), None);
    }
}
