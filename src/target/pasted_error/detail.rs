//! What an error message says beyond its class: that a program was bound to an own address, that a
//! connection broke which had been idle, that the server wants TLS. By words of the programs that
//! print them, which do not translate these.

use std::net::{IpAddr, SocketAddr};

use crate::target::SaidDetail;

/// Reads a line in ASCII lower case.
pub fn in_line(lower: &str) -> Option<SaidDetail> {
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if has(&SOURCE_ADDRESS) {
        let address = own_address(lower);
        Some(SaidDetail::SourceAddress { address })
    } else if has(&IDLE) || idle_for_long(lower) {
        Some(SaidDetail::IdleConnection)
    } else if has(&TLS_DEMANDED) {
        Some(SaidDetail::TlsDemanded)
    } else {
        None
    }
}

/// Whether a line says that PostgreSQL turned the client away with TLS too: then TLS is not what it
/// wants (20.1, `pg_hba.conf`; a client that prefers TLS tries both and prints two lines).
pub fn refuses_with_tls(lower: &str) -> bool {
    let of_tls = [", ssl encryption", ", gss encryption", ", ssl on"];
    lower.contains("no pg_hba.conf entry") && of_tls.iter().any(|words| lower.contains(words))
}

/// Words that make a line worth reading.
pub fn signals() -> impl Iterator<Item = &'static str> {
    let all = [&SOURCE_ADDRESS[..], &IDLE, &TLS_DEMANDED];
    all.into_iter().flatten().copied().chain([LAST_PACKET])
}

/// EADDRNOTAVAIL (99 on Linux, 49 on macOS, 10049 on Windows), in the words of systems and shapes of
/// programs.
const SOURCE_ADDRESS: [&str; 7] = [
    "eaddrnotavail",
    "assign requested address",
    "address is not valid in its context",
    "errno 99]",
    "errno 49]",
    "winerror 10049",
    "os error 10049",
];

/// What clients and pools say of connections that were left alone: OpenSSH, the drivers of MySQL and
/// SQL Server, `HikariCP`, `SQLAlchemy`.
const IDLE: [&str; 7] = [
    "client_loop: send disconnect",
    "packet_write_wait:",
    "server has gone away",
    "connection has been idle",
    "idle connection was closed",
    "after being idle",
    "no longer usable after idle",
];

/// PostgreSQL's `pg_hba.conf` without a line for plain text, MySQL's error 3159, SQL Server, MongoDB.
const TLS_DEMANDED: [&str; 6] = [
    ", no encryption",
    ", ssl off",
    "using insecure transport are prohibited",
    "ssl connection is required",
    "server requires encryption",
    "server requires tls",
];

/// Connector/J tells how long a connection was left alone.
const LAST_PACKET: &str = "last packet successfully received from the server was ";

/// A minute: shorter pauses are no idleness.
const LONG_MILLIS: u64 = 60_000;

fn idle_for_long(lower: &str) -> bool {
    let Some((_, rest)) = lower.split_once(LAST_PACKET) else {
        return false;
    };
    let number = rest.split_once(' ').map_or(rest, |(number, _)| number);
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    digits
        .parse::<u64>()
        .is_ok_and(|millis| millis >= LONG_MILLIS)
}

/// The address a program was bound to, where it prints one: Node (`Local (10.0.0.5:0)`), Go
/// (`10.0.0.5:0->`), OpenSSH (`bind 10.0.0.5: `), curl (`bind to '10.0.0.5'`). An unspecified address
/// leaves the choice to the system.
fn own_address(lower: &str) -> Option<IpAddr> {
    let after = |mark: &str| lower.split_once(mark).map(|(_, rest)| rest);
    let arrow = lower
        .split_once("->")
        .and_then(|(before, _)| before.rsplit(' ').next());
    let candidates = [
        after("local ("),
        arrow,
        after("bind to '"),
        after("bind ["),
        after("bind: "),
        after("bind "),
    ];
    let address = candidates.into_iter().flatten().find_map(address)?;
    (!address.is_unspecified()).then_some(address)
}

/// The address at the start of a text, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let end = |c: char| !(c.is_ascii_hexdigit() || matches!(c, '.' | ':' | '[' | ']'));
    let word = text.split(end).next()?.trim_end_matches(':');
    let word = word.strip_suffix(']').unwrap_or(word);
    let endpoint = word.parse::<SocketAddr>().map(|addr| addr.ip());
    endpoint.or_else(|_| word.parse()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detail(line: &str) -> Option<SaidDetail> {
        in_line(&line.to_ascii_lowercase())
    }

    #[test]
    fn the_own_address_is_read_where_a_program_prints_it() {
        for (line, own) in [
            (
                "Error: connect EADDRNOTAVAIL 10.77.1.10:5432 - Local (10.0.0.5:0)",
                Some("10.0.0.5"),
            ),
            (
                "Error: connect EADDRNOTAVAIL 10.77.1.10:5432 - Local (0.0.0.0:0)",
                None,
            ),
            (
                "dial tcp 10.0.0.5:0->10.77.1.10:5432: bind: cannot assign requested address",
                Some("10.0.0.5"),
            ),
            (
                "bind 10.0.0.5: Cannot assign requested address",
                Some("10.0.0.5"),
            ),
            (
                "bind [2001:db8::5]:0: Cannot assign requested address",
                Some("2001:db8::5"),
            ),
            ("OSError: [Errno 99] Cannot assign requested address", None),
            (
                "The requested address is not valid in its context 10.0.0.5:5432",
                None,
            ),
        ] {
            let address = own.map(|own| own.parse().unwrap());
            assert_eq!(
                detail(line),
                Some(SaidDetail::SourceAddress { address }),
                "{line}"
            );
        }
    }

    #[test]
    fn a_connection_that_was_left_alone_is_told_from_one_that_was_busy() {
        let packet = |millis| {
            format!(
                "The last packet successfully received from the server was {millis} milliseconds ago."
            )
        };
        for line in [
            packet("3,600,123"),
            "client_loop: send disconnect: Broken pipe".to_owned(),
            "(2006, 'MySQL server has gone away')".to_owned(),
        ] {
            assert_eq!(detail(&line), Some(SaidDetail::IdleConnection), "{line}");
        }
        for line in [
            packet("12"),
            packet(""),
            "read: connection reset by peer".to_owned(),
        ] {
            assert_eq!(detail(&line), None, "{line}");
        }
    }

    #[test]
    fn a_server_that_wants_tls_says_so() {
        for line in [
            "FATAL:  no pg_hba.conf entry for host \"10.0.0.5\", user \"app\", database \"app\", no encryption",
            "FATAL: no pg_hba.conf entry for host \"10.0.0.5\", user \"app\", database \"app\", SSL off",
            "ERROR 3159 (HY000): Connections using insecure transport are prohibited while --require_secure_transport=ON.",
        ] {
            assert_eq!(detail(line), Some(SaidDetail::TlsDemanded), "{line}");
        }
        let with_tls = "no pg_hba.conf entry for host \"10.0.0.5\", SSL encryption";
        assert_eq!(detail(with_tls), None);
        assert!(refuses_with_tls(&with_tls.to_ascii_lowercase()));
    }
}
