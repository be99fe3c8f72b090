//! What else of this machine has to do with a port: UDP and Unix sockets and connections, which any
//! user may read, and programs that are stopped.
//!
//! Whose listener another user's is cannot be told without admin rights. A stopped program of that
//! user in the same network is told all the same: `/proc/PID/stat` and `/proc/PID/net` are open to
//! everybody.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use super::containers;
use super::holders::{pids, process, shows_all};
use super::listeners;
use super::{Linux, netlink, read, read_if_there, read_text, unreadable};
use crate::evidence::{
    Connections, Gap, PortPart, PortRange, PortUse, Process, printable, socket_service,
};
use crate::platform::parse::{ListeningSocket, proc_net, proc_pid, proc_unix};

/// As for the search of listeners: a machine where this is not enough is not waited for.
const SEARCH_PATIENCE: Duration = Duration::from_millis(300);

/// Missing where `SELinux` is off.
const SELINUX: &str = "/sys/fs/selinux/enforce";

/// More of one kind would tell no more.
const MOST: usize = 16;

/// Everything but its TCP listeners that has to do with `port`.
pub fn of(linux: &Linux, port: u16) -> Result<PortUse, Gap> {
    let mut found = PortUse {
        udp: udp_sockets(linux, port)?,
        has_labelled_ports: selinux_enforces(Path::new(SELINUX)),
        ..PortUse::default()
    };
    match unix_sockets(linux) {
        Some(unix) => found.unix = unix,
        None => found.unread.push(PortPart::UnixSockets),
    }
    match is_lent_to_clients(linux, port) {
        Some(is_lent) => found.lent_to_clients = is_lent,
        None => found.unread.push(PortPart::LentPorts),
    }
    found.first_unprivileged = first_unprivileged(linux).filter(|first| port < *first);
    let listening = listeners::sockets_on(linux, &[port..=port]).ok();
    // Without a listener only a port that clients borrow can be held by connections.
    if found.may_be_lent() || listening.as_ref().is_none_or(|all| !all.is_empty()) {
        match connections(linux, port) {
            Some(connections) => found.connections = connections,
            None => found.unread.push(PortPart::Connections),
        }
    }
    match listening {
        None => found
            .unread
            .extend([PortPart::Programs, PortPart::Containers]),
        Some(listening) if listening.is_empty() => {
            let inside = containers::listening_on(linux, port);
            found.in_containers = inside.in_containers;
            found.in_namespaces = inside.in_namespaces;
            if inside.was_cut_short || !shows_all(&linux.proc) {
                found.unread.push(PortPart::Containers);
            }
        }
        Some(listening) => {
            if !programs(linux, port, &listening, &mut found) {
                found.unread.push(PortPart::Programs);
            }
        }
    }
    Ok(found)
}

/// Whether `SELinux` does more than log: everybody may read that (selinux(8), "selinuxfs").
fn selinux_enforces(file: &Path) -> bool {
    read_text(file).is_ok_and(|state| state.trim() == "1")
}

fn udp_sockets(linux: &Linux, port: u16) -> Result<Vec<SocketAddr>, Gap> {
    let path = linux.proc.join("net/udp");
    let mut tables = vec![(read(&path)?, path)];
    let path = linux.proc.join("net/udp6");
    tables.extend(read_if_there(&path)?.map(|table| (table, path)));
    let mut sockets = Vec::new();
    for (table, path) in tables {
        let open = proc_net::open_udp_sockets(&table);
        sockets.extend(open.map_err(|malformed| unreadable(&path, &malformed))?);
    }
    sockets.retain(|socket| socket.port() == port);
    sockets.sort_unstable();
    sockets.dedup();
    sockets.truncate(MOST);
    Ok(sockets)
}

/// A kernel without Unix sockets has no table of them, and a sandbox may hide it.
fn unix_sockets(linux: &Linux) -> Option<Vec<String>> {
    // Names need not be UTF-8.
    let table = fs::read(linux.proc.join("net/unix")).ok()?;
    let table = String::from_utf8_lossy(&table);
    let paths = proc_unix::listening_paths(&table).ok()?;
    let of_services = paths
        .into_iter()
        .filter(|path| socket_service(path).is_some());
    let mut paths: Vec<String> = of_services
        .map(|path| printable(path).into_owned())
        .collect();
    paths.truncate(MOST);
    Some(paths)
}

fn connections(linux: &Linux, port: u16) -> Option<Connections> {
    let told = linux.netlink.then(|| netlink::connections_on(port));
    told?.ok()
}

/// `ip_local_port_range` without `ip_local_reserved_ports`, which are for those who ask for them by
/// number (ip(7)).
fn is_lent_to_clients(linux: &Linux, port: u16) -> Option<bool> {
    let range = setting(linux, "ip_local_port_range")?;
    let mut ends = range.split_ascii_whitespace().map(str::parse::<u16>);
    let (first, last) = (ends.next()?.ok()?, ends.next()?.ok()?);
    let kept_back = || setting(linux, "ip_local_reserved_ports").unwrap_or_default();
    Some((first..=last).contains(&port) && !is_listed(&kept_back(), port))
}

/// Whether a port is in a list such as `8080,9148-9150`.
fn is_listed(ports: &str, port: u16) -> bool {
    ports.trim().split(',').any(|entry| {
        let (first, last) = entry.split_once('-').unwrap_or((entry, entry));
        let ends = first.parse().ok().zip(last.parse().ok());
        ends.is_some_and(|(first, last)| PortRange { first, last }.contains(port))
    })
}

/// `ip_unprivileged_port_start` (ip(7), since Linux 4.11; before it was 1024).
fn first_unprivileged(linux: &Linux) -> Option<u16> {
    setting(linux, "ip_unprivileged_port_start")?
        .trim()
        .parse()
        .ok()
}

fn setting(linux: &Linux, name: &str) -> Option<String> {
    read(&linux.proc.join("sys/net/ipv4").join(name)).ok()
}

/// The stopped programs that may hold a listener on `port`, and the relays that do. Whether all
/// programs were looked at.
fn programs(linux: &Linux, port: u16, listening: &[ListeningSocket], found: &mut PortUse) -> bool {
    let start = Instant::now();
    let mut is_whole = shows_all(&linux.proc);
    for pid in pids(&linux.proc) {
        if start.elapsed() > SEARCH_PATIENCE {
            is_whole = false;
            break;
        }
        if may_hold(linux, pid, listening) {
            found.stopped.extend(process(&linux.proc, pid));
        }
        found.relays.extend(relay(linux, pid, port));
    }
    found.stopped.truncate(MOST);
    found.relays.truncate(MOST);
    is_whole
}

/// A docker-proxy that passes `port` on: `docker-proxy -proto tcp -host-port 5432 …`.
fn relay(linux: &Linux, pid: u32, port: u16) -> Option<Process> {
    let comm = fs::read(linux.proc.join(format!("{pid}/comm"))).ok()?;
    if proc_pid::name(&comm) != "docker-proxy" {
        return None;
    }
    let relay = process(&linux.proc, pid)?;
    let mut words = relay.command.as_deref()?.split(' ');
    let is_it = words.any(|word| word == "-host-port") && words.next()?.parse() == Ok(port);
    is_it.then_some(relay)
}

/// Whether a process is stopped, belongs to the user of one of these sockets, and is where that
/// socket is.
fn may_hold(linux: &Linux, pid: u32, sockets: &[ListeningSocket]) -> bool {
    let folder = linux.proc.join(pid.to_string());
    let Ok(stat) = fs::read(folder.join("stat")) else {
        return false;
    };
    if !proc_pid::is_stopped(&String::from_utf8_lossy(&stat)) {
        return false;
    }
    let uid = fs::metadata(&folder).map(|metadata| metadata.uid());
    let Some(socket) = sockets
        .iter()
        .find(|socket| uid.as_ref().is_ok_and(|uid| *uid == socket.uid))
    else {
        return false;
    };
    let sees = |table: &str| {
        let listed = read(&folder.join(table)).ok();
        let listed = listed.and_then(|table| proc_net::listening_sockets(&table).ok());
        listed.is_some_and(|all| all.iter().any(|other| other.inode == socket.inode))
    };
    sees("net/tcp") || sees("net/tcp6")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::UdpSocket;
    use std::os::unix::net::UnixListener;

    #[test]
    fn selinux_has_a_say_only_where_it_enforces() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("enforce");
        assert!(!selinux_enforces(&file));
        for (state, enforces) in [("1", true), ("0", false), ("1\n", true), ("", false)] {
            fs::write(&file, state).unwrap();
            assert_eq!(selinux_enforces(&file), enforces, "{state:?}");
        }
    }

    #[test]
    fn a_udp_socket_and_the_socket_of_a_service_are_found() {
        let linux = Linux::new();
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        let addr = udp.local_addr().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".s.PGSQL.5432");
        let _unix = UnixListener::bind(&path).unwrap();
        let found = of(&linux, addr.port()).unwrap();
        assert_eq!(found.udp, [addr]);
        assert!(found.unix.contains(&path.to_str().unwrap().to_owned()));
        assert_eq!(found.stopped, []);
    }

    /// A machine made of files, on which nobody but pid 1 runs and the port is not lent.
    fn made_up() -> (tempfile::TempDir, Linux) {
        let root = tempfile::tempdir().unwrap();
        let with = |file: &str, text: &str| {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let heading = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when\n";
        with("proc/net/tcp", heading);
        with("proc/net/udp", heading);
        with(
            "proc/net/unix",
            "Num       RefCount Protocol Flags    Type St Inode Path\n",
        );
        with("proc/sys/net/ipv4/ip_local_port_range", "32768\t60999\n");
        with("proc/1/comm", "init\n");
        let linux = Linux {
            proc: root.path().join("proc"),
            netlink: false,
            ..Linux::new()
        };
        (root, linux)
    }

    #[test]
    fn the_system_tells_which_ports_are_for_administrators_and_for_those_who_ask() {
        let (_root, linux) = made_up();
        let settings = linux.proc.join("sys/net/ipv4");
        fs::write(settings.join("ip_unprivileged_port_start"), "1024\n").unwrap();
        fs::write(
            settings.join("ip_local_reserved_ports"),
            "40000,50000-50010\n",
        )
        .unwrap();
        let first = |port| of(&linux, port).unwrap().first_unprivileged;
        assert_eq!((first(80), first(1023)), (Some(1024), Some(1024)));
        assert_eq!((first(1024), first(5432)), (None, None));
        let lent = |port| of(&linux, port).unwrap().lent_to_clients;
        assert!(!lent(40_000) && lent(40_001) && !lent(50_005) && lent(50_011));
        fs::write(settings.join("ip_local_reserved_ports"), "\n").unwrap();
        assert!(lent(40_000));
        fs::write(settings.join("ip_unprivileged_port_start"), "0\n").unwrap();
        assert_eq!(first(80), None);
    }

    #[test]
    fn what_could_not_be_looked_at_is_said_and_is_not_nothing() {
        let (_root, linux) = made_up();
        assert_eq!(of(&linux, 5432).unwrap(), PortUse::default());
        let lent = of(&linux, 40_000).unwrap();
        assert!(lent.lent_to_clients);
        assert_eq!(lent.unread, [PortPart::Connections]);
        for (gone, unread) in [
            ("net/unix", &[PortPart::UnixSockets][..]),
            (
                "sys/net/ipv4/ip_local_port_range",
                &[PortPart::LentPorts, PortPart::Connections],
            ),
            ("1/comm", &[PortPart::Containers]),
            (
                "net/tcp",
                &[
                    PortPart::Connections,
                    PortPart::Programs,
                    PortPart::Containers,
                ],
            ),
        ] {
            let (_root, linux) = made_up();
            fs::remove_file(linux.proc.join(gone)).unwrap();
            assert_eq!(of(&linux, 5432).unwrap().unread, unread, "{gone}");
        }
    }

    #[test]
    fn a_running_program_is_not_stopped() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(of(&Linux::new(), port).unwrap().stopped, []);
    }
}
