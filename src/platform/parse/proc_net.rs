//! `/proc/net/tcp` and `/proc/net/tcp6` (proc(5)): the sockets that listen, with queue, user and
//! inode. Which program holds an inode is not told here.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{ListeningSocket, Malformed};

/// The listening sockets of a table.
///
/// # Errors
/// When a row is not in the known format: half a table must not pass for the whole.
pub fn listening_sockets(table: &str) -> Result<Vec<ListeningSocket>, Malformed> {
    let mut lines = table.lines().enumerate();
    match lines.next() {
        Some((_, heading)) if heading.contains("local_address") => {}
        _ => return Err(Malformed { line: 1 }),
    }
    let mut sockets = Vec::new();
    for (index, row) in lines {
        match read_row(row) {
            Some(Row::Listening(socket)) => sockets.push(socket),
            Some(Row::Other) => {}
            None => return Err(Malformed { line: index + 1 }),
        }
    }
    Ok(sockets)
}

/// The sockets of `/proc/net/udp` or `/proc/net/udp6` that are open to any peer.
///
/// # Errors
/// As [`listening_sockets`].
pub fn open_udp_sockets(table: &str) -> Result<Vec<SocketAddr>, Malformed> {
    let mut lines = table.lines().enumerate();
    match lines.next() {
        Some((_, heading)) if heading.contains("local_address") => {}
        _ => return Err(Malformed { line: 1 }),
    }
    let read = |row: &str| {
        let mut fields = row.split_ascii_whitespace();
        Some((read_addr(fields.nth(1)?)?, read_addr(fields.next()?)?))
    };
    let mut sockets = Vec::new();
    for (index, row) in lines {
        let (local, peer) = read(row).ok_or(Malformed { line: index + 1 })?;
        if peer.port() == 0 && peer.ip().is_unspecified() {
            sockets.push(local);
        }
    }
    Ok(sockets)
}

/// The own ports of a table's sockets whose peer is `to`, finished ones that linger included. Rows
/// that are not understood are passed over: fewer ports prove less.
#[must_use]
pub fn ports_towards(table: &str, to: SocketAddr) -> Vec<u16> {
    let read = |row: &str| {
        let mut fields = row.split_ascii_whitespace();
        Some((read_addr(fields.nth(1)?)?, read_addr(fields.next()?)?))
    };
    let rows = table.lines().skip(1).filter_map(read);
    let towards = rows.filter(|(_, peer)| {
        (peer.ip().to_canonical(), peer.port()) == (to.ip().to_canonical(), to.port())
    });
    towards.map(|(local, _)| local.port()).collect()
}

enum Row {
    Listening(ListeningSocket),
    Other,
}

fn read_row(row: &str) -> Option<Row> {
    let mut fields = row.split_ascii_whitespace();
    let local = fields.nth(1)?;
    let state = fields.nth(1)?;
    if state != LISTEN {
        return (state.len() == 2).then_some(Row::Other);
    }
    // For a listening socket `rx_queue` counts the connections that wait for accept(2).
    let (_, waiting) = fields.next()?.split_once(':')?;
    let uid = fields.nth(2)?;
    let inode = fields.nth(1)?;
    Some(Row::Listening(ListeningSocket {
        addr: read_addr(local)?,
        waiting: u32::from_str_radix(waiting, 16).ok()?,
        queue_limit: None,
        v6_only: None,
        uid: uid.parse().ok()?,
        inode: inode.parse().ok()?,
        device: None,
        cgroup: None,
    }))
}

const LISTEN: &str = "0A";

fn read_addr(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    Some(SocketAddr::new(read_ip(ip)?, port))
}

fn read_ip(hex: &str) -> Option<IpAddr> {
    if !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    match hex.len() {
        8 => Some(IpAddr::V4(Ipv4Addr::from(read_word(hex)?))),
        32 => {
            let mut octets = [0; 16];
            for (index, word) in octets.chunks_exact_mut(4).enumerate() {
                word.copy_from_slice(&read_word(&hex[index * 8..index * 8 + 8])?);
            }
            Some(IpAddr::V6(Ipv6Addr::from(octets)).to_canonical())
        }
        _ => None,
    }
}

/// The kernel prints addresses as words in its own byte order; in memory they are in the order of
/// the network.
fn read_word(hex: &str) -> Option<[u8; 4]> {
    Some(u32::from_str_radix(hex, 16).ok()?.to_ne_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEADING: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when \
                           retrnsmt   uid  timeout inode\n";

    fn table(rows: &str) -> String {
        format!("{HEADING}{rows}")
    }

    #[test]
    fn a_full_queue_is_counted_and_other_states_are_left_out() {
        let text = table(
            "   0: 0100007F:1538 00000000:0000 0A 00000000:00000003 00:00000000 00000000   115        0 19283 1 0000000000000000 100 0 0 10 0\n   \
             1: 0100007F:1538 0100007F:C001 01 00000000:00000000 02:00000000 00000000   115        0 19290 2 0000000000000000 20 4 30 10 -1\n",
        );
        assert_eq!(
            listening_sockets(&text).unwrap(),
            [ListeningSocket {
                addr: "127.0.0.1:5432".parse().unwrap(),
                waiting: 3,
                queue_limit: None,
                v6_only: None,
                uid: 115,
                inode: 19283,
                device: None,
                cgroup: None,
            }]
        );
    }

    #[test]
    fn a_mapped_address_is_the_ipv4_address_it_means() {
        let text = table(
            "   0: 0000000000000000FFFF00000100007F:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 777 1 0 100 0 0 10 0\n   \
             1: 00000000000000000000000001000000:1F91 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 778 1 0 100 0 0 10 0\n",
        );
        let addrs: Vec<_> = listening_sockets(&text)
            .unwrap()
            .iter()
            .map(|socket| socket.addr.to_string())
            .collect();
        assert_eq!(addrs, ["127.0.0.1:8080", "[::1]:8081"]);
    }

    #[test]
    fn a_connected_udp_socket_is_a_clients() {
        let text = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n\
             11: 00000000:1538 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 778 2 0 0\n\
             12: 0100007F:A000 0100007F:0035 01 00000000:00000000 00:00000000 00000000     0        0 779 2 0 0\n";
        let open = open_udp_sockets(text).unwrap();
        assert_eq!(open, ["0.0.0.0:5432".parse().unwrap()]);
        assert_eq!(open_udp_sockets(""), Err(Malformed { line: 1 }));
        let cut = format!("{text}  13: 0000");
        assert_eq!(open_udp_sockets(&cut), Err(Malformed { line: 4 }));
    }

    #[test]
    fn half_a_table_is_no_table() {
        assert_eq!(listening_sockets(""), Err(Malformed { line: 1 }));
        let cut = table("   0: 0100007F:1538 00000000:0000 0A 000000");
        assert_eq!(listening_sockets(&cut), Err(Malformed { line: 2 }));
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>(), rows in "[ 0-9A-F:\n]{0,400}") {
            let _ = listening_sockets(&text);
            let _ = listening_sockets(&table(&rows));
            let _ = open_udp_sockets(&table(&rows));
        }
    }
}
