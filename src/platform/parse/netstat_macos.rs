//! What `netstat -an -p tcp` prints on macOS: the listening sockets of all users, by numbers and
//! fixed words; macOS does not translate them. Programs are not told.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// A listening socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListeningSocket {
    /// The address it is bound to.
    pub addr: SocketAddr,
    /// For an IPv6 socket: whether it takes IPv4 as well (`tcp46`).
    pub takes_ipv4: Option<bool>,
}

/// The listening sockets; nothing when the text is no such table.
#[must_use]
pub fn listening_sockets(output: &str) -> Option<Vec<ListeningSocket>> {
    output.contains("Proto").then(|| {
        output
            .lines()
            .filter_map(read_row)
            .collect::<Vec<ListeningSocket>>()
    })
}

fn read_row(row: &str) -> Option<ListeningSocket> {
    let fields: Vec<_> = row.split_ascii_whitespace().collect();
    let [protocol, _, _, local, _, "LISTEN", ..] = fields[..] else {
        return None;
    };
    let (ip, port) = local.rsplit_once('.')?;
    let unspecified_v6 = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
    let (wildcard, takes_ipv4) = match protocol {
        "tcp4" => (IpAddr::V4(Ipv4Addr::UNSPECIFIED), None),
        "tcp6" => (unspecified_v6, Some(false)),
        "tcp46" => (unspecified_v6, Some(true)),
        _ => return None,
    };
    let ip = match ip {
        "*" => wildcard,
        // A link-local address is followed by its interface.
        ip => ip.split('%').next()?.parse().ok()?,
    };
    Some(ListeningSocket {
        addr: SocketAddr::new(ip, port.parse().ok()?),
        takes_ipv4,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_that_is_no_table_is_no_empty_table() {
        assert_eq!(listening_sockets("netstat: not found"), None);
        assert_eq!(
            listening_sockets("Active Internet connections\nProto Recv-Q\n"),
            Some(vec![])
        );
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>(), local in "[0-9a-f.:*%]{0,60}") {
            let _ = listening_sockets(&text);
            let _ = listening_sockets(&format!("Proto\ntcp4 0 0 {local} *.* LISTEN\n"));
        }
    }
}
