//! More connects to the same port, when they were asked for: whether a service comes and goes, is
//! limited, or packets are lost shows in a row of answers only.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::asking::{here, together};
use super::{Investigation, TABLE_PATIENCE};
use crate::evidence::{About, MacAddress, Observation, Repeat};
use crate::probe::Network;

impl<N: Network> Investigation<'_, N> {
    /// Connects again until the job's number of connects is reached, at a steady pace however long
    /// an answer takes. Nothing is said, and what connects is closed at once.
    pub(super) async fn repeat(&self, addr: SocketAddr) {
        let more = self.job.connects.saturating_sub(1);
        if more == 0 {
            return;
        }
        let _asked = self.ask(About::Repeats(addr));
        let begin = Instant::now();
        let one = |number: u16| async move {
            sleep_until(begin + PACE * u32::from(number)).await;
            let mac = self.mac_of(addr.ip()).await;
            let start = self.start.elapsed();
            let (attempt, _hang_up) = self.network.connect(addr, self.job.patience).await;
            self.tell(Observation::Repeat(Repeat {
                start,
                mac,
                attempt,
            }));
        };
        together((1..=more).map(|number| Box::pin(one(number))).collect()).await;
    }

    /// Which adapter the next packet for a neighbour goes to.
    async fn mac_of(&self, ip: IpAddr) -> Option<MacAddress> {
        let state = self.state.get()?;
        if state.is_own(ip) || !state.is_on_link(ip) {
            return None;
        }
        let platform = Arc::clone(&self.platform);
        let mac = here(TABLE_PATIENCE, move || platform.mac_of(ip)).await;
        mac.known().copied().flatten()
    }
}

/// The time between two connects.
const PACE: Duration = Duration::from_millis(250);
