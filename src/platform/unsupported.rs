//! A system we know nothing of: connections can still be tested, the machine itself is unknown.

use std::net::IpAddr;

use super::Platform;
use super::incoming::Incoming;
use crate::evidence::{Fact, Firewall, Gap, Listener, NetworkState, Os};

/// Answers every question with "this build cannot ask it".
pub struct Unsupported;

impl Platform for Unsupported {
    /// The commands of the other Unixes are closest to Linux's.
    fn os(&self) -> Os {
        Os::Linux
    }

    fn listeners(&self) -> Fact<Vec<Listener>> {
        Fact::Unknown(Gap::Unsupported)
    }

    fn network(&self, _: &[IpAddr]) -> Fact<NetworkState> {
        Fact::Unknown(Gap::Unsupported)
    }

    fn firewalls(&self, _: &Incoming) -> Fact<Vec<Firewall>> {
        Fact::Unknown(Gap::Unsupported)
    }
}
