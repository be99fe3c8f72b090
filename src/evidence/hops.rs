//! Connects whose packets may pass only so many routers: where on the way an answer comes from.

use serde::{Deserialize, Serialize};

use super::Attempt;

/// A connect whose packets were given a hop limit (`IP_TTL`, `IPV6_UNICAST_HOPS`): each router on
/// the way takes one off, and the one that finds none left reports "time exceeded" (RFC 792, RFC
/// 4443).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HopAttempt {
    /// The limit.
    pub hops: u8,
    /// What came of it, to the asked port or a reference port.
    pub attempt: Attempt,
}

impl HopAttempt {
    /// The router or host that reported that the limit was used up.
    #[must_use]
    pub fn stopped_by(&self) -> Option<std::net::IpAddr> {
        let icmp = self.attempt.icmp?;
        let used_up = matches!(
            (icmp.v6, icmp.kind, icmp.code),
            (false, 11, 0) | (true, 3, 0)
        );
        icmp.sender.filter(|_| used_up)
    }

    /// Whether the far end answered, or somebody in its name.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        use super::Outcome::{Connected, Refused};
        matches!(self.attempt.outcome, Connected | Refused) && self.attempt.icmp.is_none()
    }
}
