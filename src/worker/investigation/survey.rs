//! The short look at one of many targets: its name, one connect to each address, and whether the
//! peer greets. Of this machine only tables are read, and only where nothing connects.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::sync::Semaphore;

use super::asking::together;
use super::conversation::{GREETING_PATIENCE, SPEAK_FIRST};
use super::{Investigation, MOST_ADDRESSES, is_endpoint, is_here};
use crate::evidence::{About, Heard, NetworkState, Observation, Outcome, Spoke};
use crate::probe::Network;
use crate::target::{Host, Protocol};

impl<N: Network> Investigation<'_, N> {
    /// Nobody who holds a permit of the `ration` waits for another one.
    pub(super) async fn survey(&self, ration: &Semaphore) {
        let Some(addresses) = self.surveyed_addresses(ration).await else {
            return;
        };
        let all = addresses.iter().map(|addr| self.glance(*addr, ration));
        let outcomes = together(all.map(Box::pin).collect()).await;
        if !outcomes.contains(&Some(Outcome::Connected)) {
            self.look_here(&addresses, ration).await;
        }
    }

    async fn surveyed_addresses(&self, ration: &Semaphore) -> Option<Vec<SocketAddr>> {
        let _permit = ration.acquire().await;
        let endpoint = self.find_endpoint().await?;
        let (host, port) = self.endpoint.get_or_init(|| endpoint);
        let mut addresses = match host {
            Host::Name { ascii, .. } => self.resolve(ascii, *port).await?,
            Host::V4(_) | Host::V6 { .. } => self.addresses(host, *port).await?,
        };
        addresses.retain(|addr| is_endpoint(*addr, None));
        addresses.truncate(MOST_ADDRESSES);
        Some(addresses)
    }

    /// Connects once, and hears whether the peer greets.
    async fn glance(&self, addr: SocketAddr, ration: &Semaphore) -> Option<Outcome> {
        // Nobody closes the ration.
        let _permit = ration.acquire().await.ok()?;
        let asked = self.ask(About::Connect(addr));
        self.may_connect();
        let (attempt, stream) = self.network.connect(addr, self.job.patience).await;
        drop(asked);
        let (outcome, distance) = (attempt.outcome, attempt.took);
        self.tell(Observation::Attempt(attempt));
        if let (Some(mut stream), Some(limit)) = (stream, self.time_to_greet(distance)) {
            let listening = self.network.listen(&mut stream, limit);
            let heard = self.timed(About::Greeting(addr), listening).await;
            // In so short a time silence says nothing.
            if heard.0 != Heard::Nothing {
                self.exchange(addr, Spoke::Nothing, heard);
            }
        }
        Some(outcome)
    }

    /// How long a greeting is waited for; not at all where callers speak first.
    fn time_to_greet(&self, distance: Duration) -> Option<Duration> {
        let target = &self.job.target;
        let is_due = |service| SPEAK_FIRST.contains(&service);
        match (target.protocol, target.service.as_deref()) {
            (Protocol::ListenOnly, Some(service)) if is_due(service) => {
                Some(GREETING_PATIENCE.min(self.job.patience))
            }
            (Protocol::ListenOnly, None) => {
                Some((distance * 2).clamp(LEAST_GREETING, GREETING_PATIENCE))
            }
            _ => None,
        }
    }

    /// What this machine's own tables tell of addresses that do not connect.
    async fn look_here(&self, addresses: &[SocketAddr], ration: &Semaphore) {
        let _permit = ration.acquire().await;
        let ips: Vec<IpAddr> = addresses.iter().map(SocketAddr::ip).collect();
        let only_here = ips.iter().all(|ip| is_here(*ip));
        let state = if only_here {
            None
        } else {
            Some(self.network_state(ips.clone()).await)
        };
        let state = state.as_ref().and_then(|state| state.known());
        let is_own = |state: &NetworkState| ips.iter().any(|ip| state.is_own(*ip));
        if ips.iter().any(|ip| is_here(*ip)) || state.is_some_and(is_own) {
            self.listeners().await;
        }
    }
}

/// How long a peer near by is given to greet, where it is not known to.
const LEAST_GREETING: Duration = Duration::from_millis(100);
