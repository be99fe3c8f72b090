//! The configured proxy: whether programs take it to the target, and whether it gets there.
//!
//! Asked beside the direct way, once, and only for web targets. A proxy on the target's own host is
//! left alone: nothing is asked of a host in parallel.

use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;

use tokio::time::Instant;

use super::asking::here;
use super::{Investigation, TABLE_PATIENCE};
use crate::evidence::{
    About, Fact, LookupOutcome, Observation, Outcome, Proxy, ProxyKind, ProxyTest,
};
use crate::probe::Network;
use crate::target::{Host, Protocol};

impl<N: Network> Investigation<'_, N> {
    /// Asks the proxy that programs would take to the target at `targets`.
    pub(super) async fn try_proxy(&self, targets: &[IpAddr]) {
        let https = match self.job.target.protocol {
            Protocol::Http => false,
            Protocol::Https => true,
            Protocol::ListenOnly | Protocol::ConnectOnly | Protocol::Tls => return,
        };
        if self.job.target_only {
            return;
        }
        let (host, port) = self.endpoint();
        let platform = Arc::clone(&self.platform);
        let name = match host {
            Host::Name { ascii, .. } => ascii.clone(),
            Host::V4(address) => address.to_string(),
            Host::V6 { address, .. } => address.to_string(),
        };
        let found = here(TABLE_PATIENCE, move || platform.proxy(&name, port, https)).await;
        self.tell(Observation::Proxy(found.clone()));
        let Fact::Known(Some(proxy)) = found else {
            return;
        };
        if proxy.bypassed {
            return;
        }
        let began = Instant::now();
        let addresses = self.addresses_of(&proxy).await;
        let left = || self.job.patience.saturating_sub(began.elapsed());
        let mut test = ProxyTest::default();
        // As programs do: one after the other, until one accepts.
        for (number, addr) in addresses.iter().enumerate() {
            if targets.contains(&addr.ip()) {
                return;
            }
            let _asked = self.ask(About::Proxy(*addr));
            let share = u32::try_from(addresses.len() - number).map_or(left(), |n| left() / n);
            let (attempt, stream) = self.network.connect(*addr, share).await;
            let is_connected = attempt.outcome == Outcome::Connected;
            test.attempt = Some(attempt);
            if let (true, Some(mut stream), ProxyKind::Http) = (is_connected, stream, proxy.kind) {
                let answer = self
                    .network
                    .ask_proxy(&mut stream, host, port, https, left());
                test.heard = Some(pin!(answer).await);
            }
            if is_connected {
                break;
            }
        }
        self.tell(Observation::ProxyTest(test));
    }

    /// Where the proxy is; empty when its name leads nowhere.
    async fn addresses_of(&self, proxy: &Proxy) -> Vec<SocketAddr> {
        if let Ok(ip) = proxy.host.parse::<IpAddr>() {
            return vec![SocketAddr::new(ip, proxy.port)];
        }
        let _asked = self.ask(About::Name(proxy.host.clone()));
        let patience = self.job.patience;
        let lookup = self
            .network
            .resolve(&proxy.host, proxy.port, patience)
            .await;
        match lookup.outcome {
            LookupOutcome::Found(mut found) => {
                found.truncate(MOST_ADDRESSES_OF_A_PROXY);
                found
            }
            LookupOutcome::NotFound { .. }
            | LookupOutcome::NoAddress { .. }
            | LookupOutcome::Failed { .. }
            | LookupOutcome::TimedOut => Vec::new(),
        }
    }
}

/// Of a proxy's name so many addresses are tried.
const MOST_ADDRESSES_OF_A_PROXY: usize = 4;
