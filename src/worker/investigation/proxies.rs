//! The configured proxies: which of them programs take to the target, and whether they get there.
//!
//! Asked beside the direct way, each once, and only for web targets. A proxy on the target's own
//! host is left alone: nothing is asked of a host in parallel.

use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;

use tokio::time::Instant;

use super::asking::{here, together};
use super::{Investigation, TABLE_PATIENCE};
use crate::evidence::{
    About, LookupOutcome, Observation, Outcome, Proxy, ProxyKind, ProxySetting, ProxyTest,
};
use crate::platform::parse::proxies::WebTarget;
use crate::probe::Network;
use crate::target::{Host, Protocol};

impl<N: Network> Investigation<'_, N> {
    /// Asks the proxies that programs would take to the target at `targets`.
    pub(super) async fn try_proxies(&self, targets: &[IpAddr]) {
        let https = match self.job.target.protocol {
            Protocol::Http => false,
            Protocol::Https => true,
            Protocol::ListenOnly | Protocol::ConnectOnly | Protocol::Tls => return,
        };
        if self.job.target_only {
            return;
        }
        let (host, port) = self.endpoint();
        let name = match host {
            Host::Name { ascii, .. } => ascii.clone(),
            Host::V4(address) => address.to_string(),
            Host::V6 { address, .. } => address.to_string(),
        };
        let target = WebTarget::new(&name, port, https);
        let platform = Arc::clone(&self.platform);
        let found = here(TABLE_PATIENCE, move || platform.proxies(&target)).await;
        self.tell(Observation::Proxies(found.clone()));
        let mut proxies: Vec<Proxy> = Vec::new();
        for proxy in found
            .known()
            .into_iter()
            .flatten()
            .filter_map(ProxySetting::proxy)
        {
            if !proxies.contains(proxy) && proxies.len() < MOST_PROXIES {
                proxies.push(proxy.clone());
            }
        }
        let all = proxies
            .into_iter()
            .map(|proxy| self.try_proxy(proxy, targets, https));
        together(all.map(Box::pin).collect()).await;
    }

    /// Asks one proxy for the target.
    async fn try_proxy(&self, proxy: Proxy, targets: &[IpAddr], https: bool) {
        let (host, port) = self.endpoint();
        let began = Instant::now();
        let addresses = self.addresses_of(&proxy).await;
        let left = || self.job.patience.saturating_sub(began.elapsed());
        let kind = proxy.kind;
        let mut test = ProxyTest {
            proxy,
            attempt: None,
            heard: None,
        };
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
            if let (true, Some(mut stream), ProxyKind::Http) = (is_connected, stream, kind) {
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

/// So many different proxies are asked, those first that are named first.
const MOST_PROXIES: usize = 3;

/// Of a proxy's name so many addresses are tried.
const MOST_ADDRESSES_OF_A_PROXY: usize = 4;
