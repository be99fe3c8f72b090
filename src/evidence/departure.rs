//! Whether the packets of an attempt left this machine, by the kernel's counters around it.
//!
//! The counters are those of the whole machine: other traffic counts too. Differences between two
//! counters of the same packets are what other traffic disturbs least.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// The counters of this machine at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// IPv4 (`Ip` in /proc/net/snmp).
    pub v4: IpCounters,
    /// IPv6 (/proc/net/snmp6); zeros on a machine without it.
    pub v6: IpCounters,
    /// `TcpExt.TCPRetransFail`: repeated packets that the kernel could not send.
    pub retransmissions_failed: Option<u64>,
    /// Packets that went out through any interface but loopback.
    pub interfaces_sent: u64,
}

/// The counters of one family (RFC 4293).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IpCounters {
    /// `OutRequests`: packets made here.
    pub made: u64,
    /// `OutTransmits`: packets sent; counted since Linux 6.7.
    pub sent: Option<u64>,
    /// `ForwDatagrams`: packets passed on, which count as sent and not as made.
    pub forwarded: u64,
}

/// How the counters changed from just before a connect to its answer, or to the end of its first
/// silence, in which it was tried twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departure {
    /// Where the attempt went.
    pub to: SocketAddr,
    /// Packets made here, of the attempt's family.
    pub made: u64,
    /// Packets sent; nothing where the kernel does not count them.
    pub sent: Option<u64>,
    /// Packets passed on for others: then the two above cannot be compared.
    #[serde(default)]
    pub forwarded: u64,
    /// Repeated TCP packets that could not be sent.
    #[serde(default)]
    pub retransmissions_failed: Option<u64>,
    /// Packets that went out through any interface but loopback, of both families.
    pub interfaces_sent: u64,
}

impl Departure {
    /// What changed from `before` to `after` while `to` was connected to.
    #[must_use]
    pub fn between(to: SocketAddr, before: &Counters, after: &Counters) -> Self {
        let of = |counters: &Counters| match to.ip().to_canonical() {
            std::net::IpAddr::V4(_) => counters.v4,
            std::net::IpAddr::V6(_) => counters.v6,
        };
        let (old, new) = (of(before), of(after));
        let more = |old: Option<u64>, new: Option<u64>| Some(new?.saturating_sub(old?));
        Self {
            to,
            made: new.made.saturating_sub(old.made),
            sent: more(old.sent, new.sent),
            forwarded: new.forwarded.saturating_sub(old.forwarded),
            retransmissions_failed: more(
                before.retransmissions_failed,
                after.retransmissions_failed,
            ),
            interfaces_sent: after.interfaces_sent.saturating_sub(before.interfaces_sent),
        }
    }

    /// Whether all that this machine made was sent: then the attempt's packets were.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.forwarded == 0 && self.made > 0 && self.sent.is_some_and(|sent| sent >= self.made)
    }

    /// Packets that were made and not sent; nothing where that cannot be told.
    #[must_use]
    pub fn held_back(&self) -> Option<u64> {
        let sent = self.sent.filter(|_| self.forwarded == 0)?;
        Some(self.made.saturating_sub(sent))
    }
}
