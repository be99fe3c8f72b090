//! The tables in which Windows gives every socket an owner, in the bytes that `GetExtendedTcpTable`
//! and `GetExtendedUdpTable` leave (`MIB_TCPTABLE_OWNER_PID` and its kin, iprtrmib.h, tcpmib.h), and
//! whose process ids are those of programs that still run.
//!
//! A socket keeps the id of the process that opened it. When that process ends while another one has
//! inherited the handle, the socket stays, and listens, under an id that no process has.

use std::net::{IpAddr, SocketAddr};

use crate::evidence::{Connections, Process};

/// A socket with its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnedSocket {
    /// The address that it is bound to.
    pub addr: SocketAddr,
    /// `MIB_TCP_STATE`; nothing for UDP.
    pub state: Option<u32>,
    /// The process that opened it.
    pub pid: u32,
}

impl OwnedSocket {
    /// Whether it listens for TCP.
    #[must_use]
    pub fn listens(&self) -> bool {
        self.state == Some(LISTEN)
    }

    /// Whether it has an owner: process 0 is nobody, and is named where none is known.
    #[must_use]
    pub fn is_owned(&self) -> bool {
        self.pid != 0
    }
}

/// How one kind of table is laid out: every number of a row is 32 bits long, and addresses and ports
/// are in the order of the network.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    row: usize,
    addr: (usize, usize),
    port: usize,
    state: Option<usize>,
    pid: usize,
}

/// `MIB_TCPROW_OWNER_PID`: state, address, port, their peer's, owner.
pub const TCP: Layout = Layout {
    row: 24,
    addr: (4, 4),
    port: 8,
    state: Some(0),
    pid: 20,
};

/// `MIB_TCP6ROW_OWNER_PID`: address, scope, port, their peer's, state, owner.
pub const TCP6: Layout = Layout {
    row: 56,
    addr: (0, 16),
    port: 20,
    state: Some(48),
    pid: 52,
};

/// `MIB_UDPROW_OWNER_PID`: address, port, owner.
pub const UDP: Layout = Layout {
    row: 12,
    addr: (0, 4),
    port: 4,
    state: None,
    pid: 8,
};

/// `MIB_UDP6ROW_OWNER_PID`: address, scope, port, owner.
pub const UDP6: Layout = Layout {
    row: 28,
    addr: (0, 16),
    port: 20,
    state: None,
    pid: 24,
};

/// The sockets of a table: how many rows there are, and the rows. Nothing when it is cut short.
#[must_use]
pub fn sockets(table: &[u8], layout: Layout) -> Option<Vec<OwnedSocket>> {
    let count = usize::try_from(number(table, 0)?).ok()?;
    let rows = table.get(HEADING..)?;
    let rows = rows.get(..count.checked_mul(layout.row)?)?;
    rows.chunks_exact(layout.row)
        .map(|row| socket(row, layout))
        .collect()
}

fn socket(row: &[u8], layout: Layout) -> Option<OwnedSocket> {
    let (start, length) = layout.addr;
    let ip = row.get(start..start + length)?;
    let ip: IpAddr = match length {
        4 => <[u8; 4]>::try_from(ip).ok()?.into(),
        _ => <[u8; 16]>::try_from(ip).ok()?.into(),
    };
    // The upper half of the number may hold anything.
    let port = row.get(layout.port..layout.port + 2)?;
    let port = u16::from_be_bytes(port.try_into().ok()?);
    Some(OwnedSocket {
        addr: SocketAddr::new(ip, port),
        state: match layout.state {
            Some(at) => Some(number(row, at)?),
            None => None,
        },
        pid: number(row, layout.pid)?,
    })
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + 4)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

/// What the connections on `port` are.
#[must_use]
pub fn connections(sockets: &[OwnedSocket], port: u16) -> Connections {
    let mut found = Connections::default();
    for socket in sockets.iter().filter(|socket| socket.addr.port() == port) {
        match socket.state {
            Some(ESTABLISHED) => found.established += 1,
            Some(SYN_RECEIVED) => found.half_open += 1,
            Some(TIME_WAIT) => found.time_wait += 1,
            Some(_) | None => {}
        }
    }
    found
}

/// A program that runs, as a snapshot of all of them tells it (`PROCESSENTRY32W`, tlhelp32.h).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// Its process id.
    pub pid: u32,
    /// The id of the process that started it, which may have ended since.
    pub parent: u32,
    /// The name of its file.
    pub name: String,
}

/// The programs that run and were started by the process that had an id which no process has any
/// more: a handle that may be inherited goes to those. More of them would tell no more.
#[must_use]
pub fn heirs(running: &[Running], ended: u32) -> Vec<Process> {
    let children = running.iter().filter(|one| one.parent == ended);
    let heir = |one: &Running| Process {
        pid: one.pid,
        name: one.name.clone(),
        command: None,
    };
    children.map(heir).take(MOST).collect()
}

/// Before the rows stands their number.
const HEADING: usize = 4;

/// More would tell no more.
const MOST: usize = 8;

// `MIB_TCP_STATE`.
const LISTEN: u32 = 2;
const SYN_RECEIVED: u32 = 4;
const ESTABLISHED: u32 = 5;
const TIME_WAIT: u32 = 11;

#[cfg(test)]
mod tests {
    use super::*;

    /// A table as the system leaves it, from the rows in hexadecimal.
    fn table(rows: &[&str]) -> Vec<u8> {
        let mut bytes = u32::try_from(rows.len()).unwrap().to_le_bytes().to_vec();
        for row in rows {
            let digits: String = row.split_whitespace().collect();
            let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
            bytes.extend((0..digits.len()).step_by(2).map(byte));
        }
        bytes
    }

    #[test]
    fn every_row_has_its_address_state_and_owner() {
        let tcp = table(&[
            // 0.0.0.0:3000 listens, owned by 4321; rubbish above the port
            "02000000 00000000 0bb8adde 00000000 00000000 e1100000",
            // 127.0.0.1:3000 to 127.0.0.1:51000, established
            "05000000 7f000001 0bb80000 7f000001 c7380000 e1100000",
        ]);
        let tcp = sockets(&tcp, TCP).unwrap();
        assert_eq!(tcp[0].addr, "0.0.0.0:3000".parse().unwrap());
        assert!(tcp[0].listens() && !tcp[1].listens());
        assert_eq!((tcp[0].pid, tcp[1].pid), (4321, 4321));
        assert!(tcp[0].is_owned());
        let of_nobody = table(&["0b000000 7f000001 0bb80000 7f000001 c7380000 00000000"]);
        assert!(!sockets(&of_nobody, TCP).unwrap()[0].is_owned());
        assert_eq!(connections(&tcp, 3000).established, 1);
        assert_eq!(connections(&tcp, 51_000), Connections::default());
        let tcp6 = table(&["00000000000000000000000000000001 00000000 15380000 \
             00000000000000000000000000000000 00000000 00000000 02000000 04000000"]);
        let tcp6 = sockets(&tcp6, TCP6).unwrap();
        assert_eq!(tcp6[0].addr, "[::1]:5432".parse().unwrap());
        assert!(tcp6[0].listens());
        assert_eq!(tcp6[0].pid, 4);
        let udp = sockets(&table(&["0a4d0102 0035ffff 2a000000"]), UDP).unwrap();
        assert_eq!(udp[0].addr, "10.77.1.2:53".parse().unwrap());
        assert_eq!((udp[0].state, udp[0].pid), (None, 42));
        let udp6 = table(&["00000000000000000000000000000000 00000000 14e90000 2b000000"]);
        let udp6 = sockets(&udp6, UDP6).unwrap();
        assert_eq!(udp6[0].addr, "[::]:5353".parse().unwrap());
        assert_eq!(udp6[0].pid, 43);
    }

    #[test]
    fn a_table_that_is_cut_short_is_none() {
        let whole = table(&["02000000 00000000 0bb80000 00000000 00000000 e1100000"]);
        for length in 0..whole.len() {
            assert_eq!(sockets(&whole[..length], TCP), None, "{length}");
        }
        assert_eq!(sockets(&u32::MAX.to_le_bytes(), TCP6), None);
        assert_eq!(sockets(&[0; 64], TCP), Some(Vec::new()));
    }

    #[test]
    fn those_whom_the_ended_process_started_may_have_its_socket() {
        let running = |pid, parent, name: &str| Running {
            pid,
            parent,
            name: name.to_owned(),
        };
        let all = [
            running(4, 0, "System"),
            running(900, 4321, "máy chủ.exe"),
            running(901, 900, "esbuild.exe"),
        ];
        let heirs = |ended| -> Vec<u32> { heirs(&all, ended).iter().map(|p| p.pid).collect() };
        assert_eq!(heirs(4321), [900]);
        assert!(heirs(4322).is_empty());
    }
}
