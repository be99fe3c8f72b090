//! Who listens on a port in another network of this machine: a container's, or that of a namespace
//! without one.
//!
//! `/proc/PID/net` shows the network that a process is in, to everybody (proc(5)), and the files below
//! have one inode number for each network: so who shares a network is told without entering it. A
//! container's first process is the child of the engine's keeper (containerd-shim for Docker, conmon
//! for Podman, lxc-start, systemd-nspawn). No engine is asked.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use super::holders::{Search, parent, pids, process};
use super::{Linux, read, read_if_there};
use crate::evidence::{Contained, Container, Process, printable};
use crate::platform::parse::{
    ListeningSocket, cgroup, container_keeper, fib_trie, proc_net, proc_pid, relay_command,
};

/// Who listens on a port in other networks of this machine.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Inside {
    /// In containers.
    pub in_containers: Vec<Contained>,
    /// In networks without a container, as `ip netns` and systemd's `PrivateNetwork=` make them.
    pub in_namespaces: Vec<Contained>,
    /// Time ran out, so there may be more.
    pub was_cut_short: bool,
}

/// Who listens on `port` in another network.
pub fn listening_on(linux: &Linux, port: u16) -> Inside {
    let start = Instant::now();
    let mut inside = Inside::default();
    for network in networks(&linux.proc, start) {
        if start.elapsed() > SEARCH_PATIENCE {
            break;
        }
        let Some(first) = first_of(&linux.proc, &network) else {
            continue;
        };
        let Some(found) = listener_in(&linux.proc, first, |socket| socket.addr.port() == port)
        else {
            continue;
        };
        let list = if found.is_container {
            &mut inside.in_containers
        } else {
            &mut inside.in_namespaces
        };
        if list.len() < MOST {
            list.push(found.contained);
        }
    }
    inside.was_cut_short = start.elapsed() > SEARCH_PATIENCE;
    if !inside.in_containers.is_empty() {
        publish(&linux.proc, &mut inside.in_containers);
    }
    inside
}

/// Whose address `place` is among the other networks, and who listens there; nothing when none of
/// them has that address, or none could be read.
pub fn at(linux: &Linux, place: SocketAddr) -> Option<(Option<Contained>, Option<Container>)> {
    let start = Instant::now();
    let has_it = |first: &u32| {
        start.elapsed() < SEARCH_PATIENCE && addresses(&linux.proc, *first).contains(&place.ip())
    };
    let networks = networks(&linux.proc, start).into_iter();
    let mut firsts = networks.filter_map(|network| first_of(&linux.proc, &network));
    let first = firsts.find(has_it)?;
    let found = listener_in(&linux.proc, first, |socket| socket.takes(place));
    Some(match found {
        Some(found) => {
            let container = found.contained.container.clone();
            (Some(found.contained), container)
        }
        None => (None, container_of(&linux.proc, first)),
    })
}

/// The container that a process is in or keeps; by the control group, by its keeper, and with the
/// names that Docker tells root.
pub fn container_of(proc: &Path, pid: u32) -> Option<Container> {
    let keeper = keeper(proc, pid);
    let kept = keeper.as_ref().and_then(container_keeper::container);
    let table = fs::read(proc.join(format!("{pid}/cgroup"))).unwrap_or_default();
    let table = String::from_utf8_lossy(&table);
    let mut container = kept.or_else(|| cgroup::container(cgroup::path(&table)?))?;
    let id = keeper.as_ref().and_then(container_keeper::whole_id);
    let id = id.or_else(|| cgroup::path(&table).and_then(cgroup::whole_id));
    if let Some((name, image)) = id.and_then(|id| docker_names(Path::new(DOCKER), id)) {
        container.name = Some(printable(&name).into_owned());
        container.image = image.map(|image| printable(&image).into_owned());
    }
    Some(container)
}

/// The processes of each network but our own, the newest first: where time runs out, what a person has
/// just started has been seen.
fn networks(proc: &Path, start: Instant) -> Vec<Vec<u32>> {
    let network = |folder: &Path| {
        let metadata = fs::metadata(folder.join("net/tcp"));
        metadata.ok().map(|metadata| metadata.ino())
    };
    let own = network(proc);
    let kernel = kernel_threads(proc);
    let mut networks: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
    for pid in pids(proc).into_iter().filter(|pid| !kernel.contains(pid)) {
        if start.elapsed() > SEARCH_PATIENCE {
            break;
        }
        let of_process = network(&proc.join(pid.to_string()));
        if let Some(other) = of_process.filter(|ino| Some(*ino) != own) {
            networks.entry(other).or_default().push(pid);
        }
    }
    networks.into_values().collect()
}

/// The threads of the kernel: on most machines half of all processes, and never in another network.
fn kernel_threads(proc: &Path) -> HashSet<u32> {
    let parent = proc.join("2");
    let comm = fs::read(parent.join("comm")).unwrap_or_default();
    if proc_pid::name(&comm) != "kthreadd" {
        return HashSet::new();
    }
    let children = fs::read_to_string(parent.join("task/2/children")).unwrap_or_default();
    let children = children.split_ascii_whitespace();
    children.filter_map(|child| child.parse().ok()).collect()
}

/// The oldest process of a network but those that keep containers.
fn first_of(proc: &Path, network: &[u32]) -> Option<u32> {
    let is_keeper = |pid: u32| {
        let comm = fs::read(proc.join(format!("{pid}/comm"))).unwrap_or_default();
        KEEPERS.contains(&proc_pid::name(&comm).as_str())
    };
    network.iter().rev().copied().find(|pid| !is_keeper(*pid))
}

struct Found {
    contained: Contained,
    is_container: bool,
}

/// Who listens on a wanted socket in the network of `first`: one that is open to others before one
/// that is not.
fn listener_in(
    proc: &Path,
    first: u32,
    is_wanted: impl Fn(&ListeningSocket) -> bool,
) -> Option<Found> {
    let folder = proc.join(first.to_string());
    let tables = ["net/tcp", "net/tcp6"].map(|table| read_if_there(&folder.join(table)));
    let tables = tables.into_iter().filter_map(|table| table.ok().flatten());
    let sockets = tables.flat_map(|table| proc_net::listening_sockets(&table).unwrap_or_default());
    let wanted = sockets.filter(is_wanted);
    let socket = wanted.min_by_key(|socket| socket.addr.ip().is_loopback())?;
    let mut search = Search::new(proc);
    search.find(&[socket]);
    let holder = search.holder(socket.inode).cloned();
    let holder = holder.or_else(|| process(proc, first))?;
    let container = container_of(proc, first);
    Some(Found {
        is_container: container.is_some() || keeper(proc, first).is_some(),
        contained: Contained {
            addresses: addresses(proc, first),
            container,
            ..Contained::new(without_control(holder), Some(socket.addr))
        },
    })
}

fn without_control(process: Process) -> Process {
    Process {
        name: printable(&process.name).into_owned(),
        ..process
    }
}

fn addresses(proc: &Path, pid: u32) -> Vec<std::net::IpAddr> {
    let table = |name: &str| read(&proc.join(format!("{pid}/net/{name}"))).unwrap_or_default();
    let mut addresses = fib_trie::addresses_v4(&table("fib_trie"));
    addresses.extend(fib_trie::addresses_v6(&table("if_inet6")));
    addresses.truncate(MOST);
    addresses
}

/// The program that keeps the container of its child `pid`.
fn keeper(proc: &Path, pid: u32) -> Option<Process> {
    let keeper = process(proc, parent(proc, pid)?)?;
    KEEPERS.contains(&keeper.name.as_str()).then_some(keeper)
}

/// Notes which docker-proxy leads to each of `contained`.
fn publish(proc: &Path, contained: &mut [Contained]) {
    let start = Instant::now();
    for pid in pids(proc) {
        if start.elapsed() > SEARCH_PATIENCE {
            break;
        }
        let comm = fs::read(proc.join(format!("{pid}/comm"))).unwrap_or_default();
        if !relay_command::is_docker_proxy(&proc_pid::name(&comm)) {
            continue;
        }
        let published = process(proc, pid).and_then(|proxy| relay_command::published(&proxy));
        let Some((outside, inside)) = published else {
            continue;
        };
        for one in contained.iter_mut().filter(|one| one.is_at(inside)) {
            one.published.push(outside);
        }
    }
}

fn docker_names(folder: &Path, id: &str) -> Option<(String, Option<String>)> {
    let config = fs::read_to_string(folder.join(id).join("config.v2.json")).ok()?;
    container_keeper::docker_names(&config)
}

/// Where Docker keeps what it knows of its containers; open to root alone.
const DOCKER: &str = "/var/lib/docker/containers";

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

    const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    /// A service that listens on port 5432 of `address`, started by `keeper`.
    fn machine(address: &str, keeper: &str) -> (tempfile::TempDir, Linux) {
        let folder = tempfile::tempdir().unwrap();
        let proc = folder.path();
        with(proc, "40/comm", &format!("{keeper}\n"));
        let command = format!("{keeper}-runc-v2\0-namespace\0moby\0-id\0{ID}\0");
        with(proc, "40/cmdline", &command);
        with(proc, "41/comm", "postgres\n");
        with(proc, "41/cmdline", "postgres\0");
        with(proc, "41/stat", "41 (postgres) S 40 1 1");
        let socket = format!(
            "   0: {address}:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000    70        0 9001 1\n"
        );
        with(proc, "41/net/tcp", &format!("{HEAD}{socket}"));
        let trie = "  |-- 172.17.0.2\n     /32 host LOCAL\n";
        with(proc, "41/net/fib_trie", trie);
        let linux = Linux {
            proc: proc.to_owned(),
            etc: proc.join("etc"),
            programs: Vec::new(),
            netlink: false,
        };
        (folder, linux)
    }

    #[test]
    fn who_listens_in_a_container_is_found_with_its_place() {
        let (_folder, linux) = machine("00000000", "containerd-shim");
        let found = listening_on(&linux, 5432);
        assert_eq!(
            (found.in_containers.len(), found.in_namespaces.len()),
            (1, 0)
        );
        let inside = &found.in_containers[0];
        assert_eq!(
            (inside.process.pid, inside.process.name.as_str()),
            (41, "postgres")
        );
        assert_eq!(inside.addr, Some("0.0.0.0:5432".parse().unwrap()));
        assert_eq!(
            inside.container,
            Some(Container::new(Some("docker"), &ID[..12]))
        );
        assert_eq!(inside.published, []);
        assert_eq!(listening_on(&linux, 5433), Inside::default());
    }

    #[test]
    fn a_keeper_in_the_containers_network_is_not_taken_for_its_first_process() {
        let (folder, linux) = machine("00000000", "containerd-shim");
        fs::create_dir_all(folder.path().join("40/net")).unwrap();
        let table = |pid: u32| folder.path().join(format!("{pid}/net/tcp"));
        fs::hard_link(table(41), table(40)).unwrap();
        let found = listening_on(&linux, 5432).in_containers;
        assert_eq!(found[0].process.pid, 41);
    }

    #[test]
    fn who_listens_to_himself_or_in_no_container_is_told_apart() {
        let (_folder, to_itself) = machine("0100007F", "conmon");
        let found = listening_on(&to_itself, 5432).in_containers;
        assert!(found.len() == 1 && !found[0].is_open());
        let (_folder, plain) = machine("00000000", "bash");
        let found = listening_on(&plain, 5432);
        assert_eq!(
            (found.in_containers.len(), found.in_namespaces.len()),
            (0, 1)
        );
    }

    #[test]
    fn the_port_that_leads_into_a_container_is_found() {
        let (folder, linux) = machine("00000000", "containerd-shim");
        with(folder.path(), "50/comm", "docker-proxy\n");
        let command = "/usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 15432 \
                       -container-ip 172.17.0.2 -container-port 5432";
        with(folder.path(), "50/cmdline", &command.replace(' ', "\0"));
        let found = listening_on(&linux, 5432);
        let outside = "0.0.0.0:15432".parse().unwrap();
        assert_eq!(found.in_containers[0].published, [outside]);
    }

    #[test]
    fn what_stands_at_an_address_of_a_container_is_found() {
        let (_folder, linux) = machine("00000000", "containerd-shim");
        let at = |place: &str| at(&linux, place.parse().unwrap());
        let (listener, container) = at("172.17.0.2:5432").unwrap();
        assert_eq!(listener.unwrap().process.pid, 41);
        assert!(container.is_some());
        let (listener, container) = at("172.17.0.2:80").unwrap();
        assert!(listener.is_none() && container.is_some());
        assert_eq!(at("172.17.0.3:5432"), None);
    }

    #[test]
    fn processes_are_told_apart_by_their_networks() {
        let (folder, linux) = machine("00000000", "bash");
        let same = folder.path().join("42/net");
        fs::create_dir_all(&same).unwrap();
        fs::hard_link(folder.path().join("41/net/tcp"), same.join("tcp")).unwrap();
        assert_eq!(networks(&linux.proc, Instant::now()), [[42, 41]]);
        fs::create_dir_all(folder.path().join("net")).unwrap();
        fs::hard_link(same.join("tcp"), folder.path().join("net/tcp")).unwrap();
        assert_eq!(
            networks(&linux.proc, Instant::now()),
            Vec::<Vec<u32>>::new()
        );
    }

    #[test]
    fn threads_of_the_kernel_are_not_looked_at() {
        let (folder, linux) = machine("00000000", "bash");
        with(folder.path(), "2/task/2/children", "3 41 ");
        with(folder.path(), "2/comm", "init\n");
        assert_eq!(networks(&linux.proc, Instant::now()), [[41]]);
        with(folder.path(), "2/comm", "kthreadd\n");
        let none = Vec::<Vec<u32>>::new();
        assert_eq!(networks(&linux.proc, Instant::now()), none);
    }

    #[test]
    fn docker_names_what_it_keeps() {
        let folder = tempfile::tempdir().unwrap();
        let json = r#"{"Name":"/web","Config":{"Image":"nginx"}}"#;
        with(folder.path(), &format!("{ID}/config.v2.json"), json);
        let named = docker_names(folder.path(), ID).unwrap();
        assert_eq!(named, ("web".to_owned(), Some("nginx".to_owned())));
        assert_eq!(docker_names(folder.path(), "gone"), None);
    }
}
