//! Who listens on a port inside a container of this machine, in a network of its own.
//!
//! A container's first process is the child of the engine's keeper (containerd-shim for Docker, conmon
//! for Podman, lxc-start, systemd-nspawn), and `/proc/PID/net` shows the network that a process is in,
//! to everybody (proc(5)).

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::holders::{pids, process};
use super::{Linux, read};
use crate::evidence::Process;
use crate::platform::parse::{proc_net, proc_pid};

/// The first processes of containers in whose network somebody listens on `port`, open to others.
///
/// A machine without a container's link is not searched: that costs one look at the links.
pub fn listening_on(linux: &Linux, port: u16) -> Vec<Process> {
    if has_container_link(Path::new("/sys/class/net")) {
        search(&linux.proc, port)
    } else {
        Vec::new()
    }
}

fn has_container_link(links: &Path) -> bool {
    let mut links = fs::read_dir(links).into_iter().flatten().flatten();
    links.any(|link| {
        let name = link.file_name();
        let name = name.to_string_lossy();
        LINKS.iter().any(|start| name.starts_with(start))
    })
}

fn search(proc: &Path, port: u16) -> Vec<Process> {
    let start = Instant::now();
    let in_time = |_: &u32| start.elapsed() < SEARCH_PATIENCE;
    let keepers = pids(proc)
        .into_iter()
        .take_while(in_time)
        .filter(|pid| is_keeper(proc, *pid));
    let inside = keepers.flat_map(|keeper| children(proc, keeper));
    inside
        .filter(|pid| listens(proc, *pid, port))
        .filter_map(|pid| process(proc, pid))
        .take(MOST)
        .collect()
}

fn is_keeper(proc: &Path, pid: u32) -> bool {
    let comm = fs::read(proc.join(format!("{pid}/comm"))).unwrap_or_default();
    KEEPERS.contains(&proc_pid::name(&comm).as_str())
}

/// The kernel lists children by the thread that has started them (proc(5), `children`).
fn children(proc: &Path, pid: u32) -> Vec<u32> {
    let threads = fs::read_dir(proc.join(format!("{pid}/task")));
    let threads = threads.into_iter().flatten().flatten();
    let lists = threads.map(|thread| read(&thread.path().join("children")).unwrap_or_default());
    lists
        .flat_map(|list| {
            let children = list.split_ascii_whitespace();
            children
                .filter_map(|child| child.parse().ok())
                .collect::<Vec<_>>()
        })
        .collect()
}

fn listens(proc: &Path, pid: u32, port: u16) -> bool {
    ["net/tcp", "net/tcp6"].iter().any(|table| {
        let table = read(&proc.join(format!("{pid}/{table}"))).unwrap_or_default();
        let sockets = proc_net::listening_sockets(&table).unwrap_or_default();
        sockets
            .iter()
            .any(|s| s.addr.port() == port && !s.addr.ip().is_loopback())
    })
}

/// How the links begin that engines make: Docker, its networks, Podman, CNI, LXC, and the halves that
/// stay on the host.
const LINKS: [&str; 7] = ["docker", "br-", "podman", "cni", "lxc", "ve-", "veth"];

/// A name is cut after fifteen characters (proc(5), comm).
const KEEPERS: [&str; 4] = ["containerd-shim", "conmon", "lxc-start", "systemd-nspawn"];

/// As for the search of listeners: a machine where this is not enough is not waited for.
const SEARCH_PATIENCE: Duration = Duration::from_millis(300);

/// More would tell no more.
const MOST: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

    fn with(proc: &Path, file: &str, text: &str) {
        let path = proc.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn machine(address: &str, keeper: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let proc = folder.path();
        with(proc, "40/comm", &format!("{keeper}\n"));
        with(proc, "40/task/40/children", "");
        with(proc, "40/task/44/children", "41 ");
        with(proc, "41/comm", "postgres\n");
        with(proc, "41/cmdline", "postgres\0");
        let socket = format!(
            "   0: {address}:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000    70        0 9001 1\n"
        );
        with(proc, "41/net/tcp", &format!("{HEAD}{socket}"));
        folder
    }

    #[test]
    fn who_listens_in_a_container_is_found_by_its_keeper() {
        let docker = machine("00000000", "containerd-shim");
        let found = search(docker.path(), 5432);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].pid, found[0].name.as_str()), (41, "postgres"));
        assert_eq!(search(docker.path(), 5433), []);
    }

    #[test]
    fn who_listens_to_himself_or_in_no_container_is_not() {
        let to_itself = machine("0100007F", "conmon");
        assert_eq!(search(to_itself.path(), 5432), []);
        let plain = machine("00000000", "bash");
        assert_eq!(search(plain.path(), 5432), []);
    }

    #[test]
    fn a_machine_without_a_containers_link_is_not_searched() {
        let folder = tempfile::tempdir().unwrap();
        for link in ["lo", "eth0"] {
            fs::create_dir(folder.path().join(link)).unwrap();
        }
        assert!(!has_container_link(folder.path()));
        fs::create_dir(folder.path().join("docker0")).unwrap();
        assert!(has_container_link(folder.path()));
        assert!(!has_container_link(&folder.path().join("gone")));
    }
}
