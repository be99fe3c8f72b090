//! Where on the way packets are lost, or answered in the target's name: connects with a hop limit,
//! one by one, a dozen or so, and only where another port of the same host shows how far it is.
//!
//! Their answers come within a round trip. Silence is waited for briefly, so each question is
//! asked again before anything follows from it.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::Investigation;
use crate::evidence::{About, HopAttempt, Observation, Os};
use crate::probe::Network;

impl<N: Network> Investigation<'_, N> {
    /// Whether what refuses `asked` stands nearer than what answers on `other`. Packets to `asked`
    /// are given too few hops to reach the host.
    pub(super) async fn where_refused(&self, asked: SocketAddr, other: SocketAddr, until: Instant) {
        let search = async {
            let mut hops = self.distance(other).await?;
            while hops > 1 {
                hops -= 1;
                if !self.within(asked, hops).await?.is_answered() {
                    break;
                }
            }
            Some(())
        };
        let _ = timeout_at(until, search).await;
    }

    /// How far packets to the silent `asked` get, when the host answers on `other`.
    pub(super) async fn where_dropped(&self, asked: SocketAddr, other: SocketAddr, until: Instant) {
        let search = async {
            let distance = self.distance(other).await?;
            let before = distance.checked_sub(1).filter(|hops| *hops > 0)?;
            let reached = |seen: &HopAttempt| seen.stopped_by().is_some();
            // The last router before the host: does it see packets to either port?
            if reached(&self.within(asked, before).await?)
                || !reached(&self.within(other, before).await?)
                || reached(&self.within(asked, before).await?)
            {
                return None;
            }
            // It sees those to the other port only, so they are lost before it.
            let (mut passed, mut lost) = (0, before);
            while lost - passed > 1 {
                let middle = passed + (lost - passed) / 2;
                if reached(&self.within(asked, middle).await?) {
                    passed = middle;
                } else {
                    lost = middle;
                }
            }
            Some(())
        };
        let _ = timeout_at(until, search).await;
    }

    /// The lowest hop limit with which `addr` answers. Twice as far each time, then halving: few of
    /// these packets reach the host.
    async fn distance(&self, addr: SocketAddr) -> Option<u8> {
        let (mut too_near, mut far_enough) = (0, 1);
        while !self.within(addr, far_enough).await?.is_answered() {
            if far_enough >= FARTHEST {
                return None;
            }
            (too_near, far_enough) = (far_enough, far_enough * 2);
        }
        while far_enough - too_near > 1 {
            let middle = too_near + (far_enough - too_near) / 2;
            if self.within(addr, middle).await?.is_answered() {
                far_enough = middle;
            } else {
                too_near = middle;
            }
        }
        Some(far_enough)
    }

    async fn within(&self, addr: SocketAddr, hops: u8) -> Option<HopAttempt> {
        if self.os != Os::Linux {
            // Elsewhere the system keeps to itself which router answered.
            return None;
        }
        let asked = self.ask(About::Hop { addr, hops });
        let attempt = self.network.connect_within(addr, hops, HOP_PATIENCE).await;
        drop(asked);
        let seen = HopAttempt {
            hops,
            attempt: attempt?,
        };
        self.tell(Observation::Hop(seen.clone()));
        Some(seen)
    }
}

/// Nobody on the Internet is farther away.
const FARTHEST: u8 = 32;

/// Longer than most round trips, shorter than the second after which a SYN is repeated.
const HOP_PATIENCE: Duration = Duration::from_millis(350);
