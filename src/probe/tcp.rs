//! One TCP connect, as an [`Attempt`].

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::evidence::{Attempt, Os, Outcome};
use crate::platform::socket::{self, ConnectFailure, Manner};

/// What came of a connect, beside its [`Attempt`].
pub(super) enum Connection {
    /// It stands.
    Standing(TcpStream),
    /// It stood, and was reset before we looked.
    Reset,
    /// There was none.
    None,
}

/// Connects once; silence ends at `patience`.
pub(super) async fn connect(
    os: Os,
    addr: SocketAddr,
    patience: Duration,
    manner: Manner,
) -> (Attempt, Connection) {
    let start = Instant::now();
    let connected = socket::connect(os, addr, patience, manner).await;
    ended(os, addr, start.elapsed(), connected)
}

/// Connects once through an interface; nothing where that cannot be asked for.
pub(super) async fn connect_through(
    os: Os,
    interface: &str,
    addr: SocketAddr,
    patience: Duration,
) -> Option<Attempt> {
    let start = Instant::now();
    let connected = socket::connect_through(os, interface, addr, patience).await?;
    let (attempt, _hang_up) = ended(os, addr, start.elapsed(), connected);
    Some(attempt)
}

fn ended(
    os: Os,
    addr: SocketAddr,
    took: Duration,
    connected: Result<TcpStream, ConnectFailure>,
) -> (Attempt, Connection) {
    match connected {
        Ok(stream) => {
            let source = socket::own_address(&stream);
            let attempt = accepted(addr, took, source);
            (attempt, Connection::Standing(stream))
        }
        Err(failure) => {
            let attempt = failed(os, addr, took, &failure);
            // A reset that answers a SYN is a refusal (RFC 9293, 3.10.7.3): one that is called a
            // reset came after the peer had accepted.
            if attempt.outcome == Outcome::Reset && !attempt.at_once && attempt.icmp.is_none() {
                (accepted(addr, took, attempt.source), Connection::Reset)
            } else {
                (attempt, Connection::None)
            }
        }
    }
}

fn accepted(addr: SocketAddr, took: Duration, source: Option<IpAddr>) -> Attempt {
    Attempt {
        addr,
        outcome: Outcome::Connected,
        took,
        os_code: None,
        at_once: false,
        source,
        icmp: None,
    }
}

fn failed(os: Os, addr: SocketAddr, took: Duration, failure: &ConnectFailure) -> Attempt {
    let os_code = failure.error.as_ref().and_then(io::Error::raw_os_error);
    let outcome = match (&failure.error, os_code) {
        (None, _) => Outcome::Silent,
        (Some(_), Some(code)) => socket::outcome(os, code),
        (Some(_), None) => Outcome::Other,
    };
    Attempt {
        addr,
        outcome,
        took,
        os_code,
        at_once: failure.at_once,
        source: failure.source,
        icmp: failure.icmp,
    }
}
