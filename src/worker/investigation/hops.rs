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
                if !self.asked_within(asked, hops).await?.is_answered() {
                    break;
                }
            }
            Some(())
        };
        let _ = timeout_at(until, search).await;
    }

    /// Whether packets to the silent `asked` get as far as the last router before the host, which
    /// answers on `other`: if not, they are lost before it.
    pub(super) async fn where_dropped(&self, asked: SocketAddr, other: SocketAddr, until: Instant) {
        let search = async {
            let distance = self.distance(other).await?;
            let before = distance.checked_sub(1).filter(|hops| *hops > 0)?;
            let reached = |seen: &HopAttempt| seen.stopped_by().is_some();
            if !reached(&self.asked_within(asked, before).await?)
                && reached(&self.within(other, before).await?)
            {
                self.asked_within(asked, before).await?;
            }
            Some(())
        };
        let _ = timeout_at(until, search).await;
    }

    /// The lowest hop limit with which `addr` answers. Twice as far each time, then step by step from
    /// the last that was too near, so that no more than two of these packets reach the host.
    async fn distance(&self, addr: SocketAddr) -> Option<u8> {
        let (mut too_near, mut far_enough) = (0, 1);
        while !self.within(addr, far_enough).await?.is_answered() {
            if far_enough >= FARTHEST {
                return None;
            }
            (too_near, far_enough) = (far_enough, far_enough * 2);
        }
        for hops in too_near + 1..far_enough {
            if self.within(addr, hops).await?.is_answered() {
                return Some(hops);
            }
        }
        Some(far_enough)
    }

    /// [`Self::within`] for the asked port, within the bound of connects.
    async fn asked_within(&self, asked: SocketAddr, hops: u8) -> Option<HopAttempt> {
        if !self.may_connect() {
            return None;
        }
        self.within(asked, hops).await
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
