//! Everything that is asked of one address: the connect, other ports of its host where they
//! decide, and what is spoken once a connection stands.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::asking::here;
use super::{Investigation, TABLE_PATIENCE, is_here};
use crate::evidence::{
    About, Attempt, Counters, Departure, Exchange, Heard, Observation, Os, Outcome, Ping, Spoke,
};
use crate::probe::{Hello, Network};
use crate::target::Protocol;
use crate::worker::reference_ports;

impl<N: Network> Investigation<'_, N> {
    /// Everything that is asked of one address.
    pub(super) async fn reach(&self, addr: SocketAddr, own: bool) {
        let (attempt, stream) = self.connect(addr, own).await;
        let outcome = attempt.outcome;
        let by_reset = outcome == Outcome::Refused && attempt.icmp.is_none();
        let told = outcome == Outcome::Connected || by_reset;
        // An own address says what this machine does, not what others see of it.
        let decided = told && (is_here(addr.ip()) || (!own && outcome == Outcome::Connected));
        if !decided {
            self.report_trouble();
        }
        if outcome != Outcome::Connected {
            self.report_failure(addr);
        }
        let took = attempt.took;
        self.tell(Observation::Attempt(attempt));
        if let Some(stream) = stream {
            let heard = self.converse(addr, stream).await;
            if own {
                self.look_behind(heard).await;
            }
        } else if own && (by_reset || outcome == Outcome::Silent) {
            self.port_use().await;
        } else if by_reset && !own {
            let service = self.job.target.service.as_deref();
            let ports = reference_ports::beside_refusal(addr.port(), service);
            let remaining = self.job.patience.saturating_sub(took);
            let is_enough = |outcome| outcome == Outcome::Connected;
            self.references(addr, &ports, remaining, is_enough).await;
        }
    }

    /// Connects once; when the peer keeps silent, asks other ports of its host meanwhile.
    ///
    /// Counters are read before, and again as soon as there is trouble: by then the SYN has been
    /// sent twice, and nothing else has been sent to the host.
    async fn connect(&self, addr: SocketAddr, own: bool) -> (Attempt, Option<N::Stream>) {
        let before = if own { None } else { self.counters().await };
        let _asked = self.ask(About::Connect(addr));
        let mut connect = pin!(self.network.connect(addr, self.job.patience));
        let suspicion = self.suspicion();
        if let Ok(ended) = timeout(suspicion, &mut connect).await {
            let outcome = ended.0.outcome;
            if matches!(outcome, Outcome::Refused | Outcome::Silent) {
                self.departure(addr, before).await;
            }
            return ended;
        }
        self.report_trouble();
        self.report_failure(addr);
        if let Ok(ended) = timeout(QUIET.saturating_sub(suspicion), &mut connect).await {
            if ended.0.outcome == Outcome::Silent {
                self.departure(addr, before).await;
            }
            return ended;
        }
        self.departure(addr, before).await;
        let ports = reference_ports::beside_silence(addr.port());
        let remaining = self.job.patience.saturating_sub(QUIET + LAST_WORD);
        let is_enough = |outcome| outcome != Outcome::Silent;
        let mut others = pin!(async {
            tokio::join!(
                self.references(addr, &ports, remaining, is_enough),
                self.look_for(addr, own),
            )
        });
        tokio::select! {
            biased;
            ended = &mut connect => return ended,
            _ = &mut others => {}
        }
        connect.await
    }

    /// Looks for signs of life of a silent machine: the neighbour table, and a ping, which takes
    /// no connect.
    async fn look_for(&self, addr: SocketAddr, own: bool) {
        if own || self.job.target_only {
            return;
        }
        let ip = addr.ip().to_canonical();
        let asked = self.ask(About::Ping(ip));
        let answered = self.network.ping(addr, PING_PATIENCE).await;
        drop(asked);
        if let Some(answered) = answered {
            self.tell(Observation::Ping(Ping { to: ip, answered }));
        }
        let platform = Arc::clone(&self.platform);
        let neighbours = here(TABLE_PATIENCE, move || platform.neighbours()).await;
        let all = neighbours.known().into_iter().flatten();
        for neighbour in all.filter(|neighbour| neighbour.ip == ip) {
            self.tell(Observation::Neighbour(*neighbour));
        }
    }

    async fn counters(&self) -> Option<Counters> {
        let platform = Arc::clone(&self.platform);
        let counters = here(TABLE_PATIENCE, move || platform.counters()).await;
        counters.known().copied()
    }

    async fn departure(&self, addr: SocketAddr, before: Option<Counters>) {
        if let Some(before) = before
            && let Some(after) = self.counters().await
        {
            let departure = Departure::between(addr, &before, &after);
            self.tell(Observation::Departure(departure));
        }
    }

    /// Asks other ports of the host, one by one, until an outcome is enough or `remaining` is used
    /// up.
    async fn references(
        &self,
        addr: SocketAddr,
        ports: &[u16],
        remaining: Duration,
        is_enough: impl Fn(Outcome) -> bool,
    ) {
        if self.job.target_only {
            return;
        }
        let until = Instant::now() + remaining;
        let share = u32::try_from(ports.len()).map_or(remaining, |n| remaining / n.max(1));
        let least = least_wait(self.os);
        for port in ports {
            let left = until.saturating_duration_since(Instant::now());
            // A shorter wait would take for silence what is none.
            if left < least {
                return;
            }
            let wait = share.clamp(least, left);
            let mut other = addr;
            other.set_port(*port);
            let asked = self.ask(About::Reference(other));
            let (attempt, _hang_up) = self.network.connect(other, wait).await;
            drop(asked);
            let outcome = attempt.outcome;
            self.tell(Observation::Reference(attempt));
            if is_enough(outcome) {
                return;
            }
        }
    }

    /// What is behind a port of this machine whose peer kept silent or hung up: the queue, which
    /// still holds our connection when the program does not accept any, and the programs.
    async fn look_behind(&self, heard: Option<Heard>) {
        match heard {
            Some(Heard::Nothing) => tokio::join!(self.listeners(), self.port_use()),
            Some(Heard::Closed | Heard::Reset) => (self.port_use().await, ()),
            Some(_) | None => ((), ()),
        };
    }

    /// Speaks with a connected peer as far as the target's protocol allows. Gives what was heard
    /// last.
    async fn converse(&self, addr: SocketAddr, mut stream: N::Stream) -> Option<Heard> {
        let target = &self.job.target;
        let patience = self.job.patience;
        match target.protocol {
            Protocol::ConnectOnly => None,
            Protocol::ListenOnly => {
                let limit = GREETING_PATIENCE.min(patience / 2);
                let heard = self.timed(About::Greeting(addr), async {
                    self.network.listen(&mut stream, limit).await
                });
                Some(self.exchange(addr, Spoke::Nothing, heard.await))
            }
            Protocol::Http => Some(self.request(addr, &mut stream, Spoke::HttpGet).await),
            Protocol::Tls => {
                let (heard, secured) = self.secure(addr, stream, false).await;
                if let Some((mut stream, took)) = secured {
                    self.listen_inside(addr, &mut stream, took).await;
                }
                Some(heard)
            }
            Protocol::Https => match self.secure(addr, stream, true).await {
                (_, Some((mut stream, _))) => {
                    Some(self.request(addr, &mut stream, Spoke::HttpsGet).await)
                }
                (heard, None) => Some(heard),
            },
        }
    }

    async fn request(&self, addr: SocketAddr, stream: &mut N::Stream, spoke: Spoke) -> Heard {
        let (host, port) = self.endpoint();
        let request = self.network.request(stream, host, port, self.job.patience);
        let heard = self.timed(About::Http(addr), request).await;
        self.exchange(addr, spoke, heard)
    }

    async fn secure(
        &self,
        addr: SocketAddr,
        stream: N::Stream,
        http: bool,
    ) -> (Heard, Option<(N::Stream, Duration)>) {
        let hello = Hello {
            host: self.endpoint().0,
            http,
        };
        let handshake = self.network.secure(stream, hello, self.job.patience);
        let ((heard, stream), took) = self.timed(About::Tls(addr), handshake).await;
        let heard = self.exchange(addr, Spoke::TlsHello, (heard, took));
        (heard, stream.map(|stream| (stream, took)))
    }

    /// After a handshake a peer may greet, or send the alert that TLS 1.3 allows it to delay
    /// (RFC 8446, 4.4.2.4). Both come within a round trip, so little time is spent on it; silence
    /// says nothing and is not told.
    async fn listen_inside(&self, addr: SocketAddr, stream: &mut N::Stream, handshake: Duration) {
        let limit = (handshake * 2).clamp(LEAST_AFTER_TLS, GREETING_PATIENCE);
        let listening = self.network.listen(stream, limit);
        let heard = self.timed(About::Greeting(addr), listening).await;
        if heard.0 != Heard::Nothing {
            self.exchange(addr, Spoke::Nothing, heard);
        }
    }

    fn exchange(&self, addr: SocketAddr, spoke: Spoke, (heard, took): (Heard, Duration)) -> Heard {
        self.tell(Observation::Exchange(Exchange {
            addr,
            spoke,
            heard: heard.clone(),
            took,
        }));
        heard
    }
}

/// The shortest wait whose silence means silence: elsewhere a refusal takes a round trip, on
/// Windows two seconds, because it tries again after a reset.
fn least_wait(os: Os) -> Duration {
    match os {
        Os::Linux | Os::Macos => Duration::from_millis(500),
        Os::Windows => Duration::from_millis(2500),
    }
}

/// How long a silent host is left alone: a repeated SYN (after one second) has been answered by
/// then, if it is.
const QUIET: Duration = Duration::from_millis(1100);

/// How long a ping is waited for.
const PING_PATIENCE: Duration = Duration::from_secs(1);

/// The last reference ends this long before the patience does.
const LAST_WORD: Duration = Duration::from_millis(50);

/// How long a peer that may speak first is listened to.
const GREETING_PATIENCE: Duration = Duration::from_secs(1);

/// The same after a TLS handshake, at least.
const LEAST_AFTER_TLS: Duration = Duration::from_millis(100);
