//! What is spoken once a connection stands: the protocol of the target and nothing else. Where a
//! question gets no answer, the kernel is asked what became of its bytes, and the question is
//! repeated over a connection of its own when that tells a hung program from a broken way.

use std::net::SocketAddr;
use std::time::Duration;

use super::Investigation;
use crate::evidence::{About, Exchange, Fact, Heard, Observation, Outcome, Spoke, Transfer};
use crate::probe::{Hello, Network};
use crate::target::Protocol;

impl<N: Network> Investigation<'_, N> {
    /// Speaks with a connected peer as far as the target's protocol allows; the connect took
    /// `distance`. Gives what was heard last.
    pub(super) async fn converse(
        &self,
        addr: SocketAddr,
        mut stream: N::Stream,
        distance: Duration,
    ) -> Option<Heard> {
        match self.job.target.protocol {
            Protocol::ConnectOnly => None,
            Protocol::ListenOnly => Some(match self.first_question() {
                Some(question) => self.ask_first(addr, &mut stream, question, distance).await,
                None => self.listen(addr, &mut stream).await,
            }),
            Protocol::Http => {
                let (heard, got_stuck) = self.request(addr, &mut stream, Spoke::HttpGet).await;
                if got_stuck {
                    drop(stream);
                    self.repeat_request(addr, again(distance)).await;
                }
                Some(heard)
            }
            Protocol::Tls => {
                let (heard, secured) = self.secure(addr, stream, false, distance).await;
                if let Some((mut stream, took)) = secured {
                    self.listen_inside(addr, &mut stream, took).await;
                }
                Some(heard)
            }
            Protocol::Https => match self.secure(addr, stream, true, distance).await {
                (_, Some((mut stream, _))) => {
                    Some(self.request(addr, &mut stream, Spoke::HttpsGet).await.0)
                }
                (heard, None) => Some(heard),
            },
        }
    }

    fn service(&self) -> &str {
        self.job.target.service.as_deref().unwrap_or_default()
    }

    /// The harmless first question of a service whose client speaks first.
    fn first_question(&self) -> Option<Spoke> {
        match self.service() {
            "postgresql" | "redshift" | "cockroachdb" => Some(Spoke::PostgresSslRequest),
            "redis" => Some(Spoke::RedisPing),
            _ => None,
        }
    }

    /// Waits for a greeting. Where one is due and does not come, sees whether anybody reads.
    async fn listen(&self, addr: SocketAddr, stream: &mut N::Stream) -> Heard {
        let patience = self.job.patience;
        let is_due = SPEAK_FIRST.contains(&self.service());
        let limit = if is_due {
            // Some greet late on purpose, and hang up on callers who leave before.
            patience.saturating_sub(LAST_MOMENT.min(patience / 10))
        } else {
            GREETING_PATIENCE.min(patience / 2)
        };
        let last = patience.saturating_sub(limit);
        let listening = async {
            match self.network.listen(stream, limit).await {
                Heard::Nothing if is_due => self.finish(stream, last).await,
                heard => (heard, Fact::default()),
            }
        };
        let ((heard, closed), took) = self.timed(About::Greeting(addr), listening).await;
        let (spoke, transfer) = (Spoke::Nothing, Fact::default());
        let exchange = of(addr, spoke, (heard, took), transfer);
        self.tell_exchange(Exchange { closed, ..exchange })
    }

    /// Closes our side. A program that reads learns of it and closes too; a system whose program is
    /// stopped or stuck confirms it, and that is all. What is still said counts as an answer.
    async fn finish(&self, stream: &mut N::Stream, limit: Duration) -> (Heard, Fact<bool>) {
        match self.network.finish(stream, limit).await {
            Heard::Nothing => (Heard::Nothing, Fact::Known(false)),
            Heard::Closed | Heard::Reset => (Heard::Nothing, Fact::Known(true)),
            heard => (heard, Fact::default()),
        }
    }

    /// Asks the first question, after a moment in which a peer that hangs up on everybody, or
    /// speaks another protocol, shows it.
    async fn ask_first(
        &self,
        addr: SocketAddr,
        stream: &mut N::Stream,
        question: Spoke,
        distance: Duration,
    ) -> Heard {
        let moment = (distance * 2).clamp(LEAST_MOMENT, GREETING_PATIENCE);
        let listening = self.network.listen(stream, moment);
        let heard = self.timed(About::Greeting(addr), listening).await;
        if heard.0 != Heard::Nothing {
            return self.exchange(addr, Spoke::Nothing, heard);
        }
        let asking = self.ask_out(stream, question);
        let ((heard, closed, transfer), took) =
            self.timed(About::FirstQuestion(addr), asking).await;
        let exchange = of(addr, question, (heard, took), transfer);
        self.tell_exchange(Exchange { closed, ..exchange })
    }

    /// Asks, and waits for the answer. If none has come after half the patience although the peer's
    /// system has the question, sees whether anybody reads it: that takes no answer away, for
    /// whoever reads the end has read the question before it.
    async fn ask_out(
        &self,
        stream: &mut N::Stream,
        question: Spoke,
    ) -> (Heard, Fact<bool>, Fact<Transfer>) {
        let half = self.job.patience / 2;
        let heard = self.network.ask_first(stream, question, half).await;
        if heard.announces_end() {
            let limit = GREETING_PATIENCE.min(half);
            let closed = self.network.closes(stream, limit).await;
            return (heard, closed, Fact::default());
        }
        if heard != Heard::Nothing {
            return (heard, Fact::default(), Fact::default());
        }
        let transfer = self.network.transfer(stream);
        if transfer.known().is_some_and(has_arrived) {
            let (heard, closed) = self.finish(stream, half).await;
            return (heard, closed, transfer);
        }
        let heard = self.network.listen(stream, half).await;
        let transfer = self.transfer(&heard, stream);
        (heard, Fact::default(), transfer)
    }

    /// What was heard, and whether the request got stuck on its way.
    async fn request(
        &self,
        addr: SocketAddr,
        stream: &mut N::Stream,
        spoke: Spoke,
    ) -> (Heard, bool) {
        let (host, port) = self.endpoint();
        let request = self.network.request(stream, host, port, self.job.patience);
        let (heard, took) = self.timed(About::Http(addr), request).await;
        let transfer = self.transfer(&heard, stream);
        let got_stuck = transfer.known().is_some_and(Transfer::is_stuck);
        let heard = self.tell_exchange(of(addr, spoke, (heard, took), transfer));
        (heard, got_stuck)
    }

    /// The request once more, in small packets.
    async fn repeat_request(&self, addr: SocketAddr, again: Duration) {
        let Some(mut stream) = self.connect_again(addr, true, again).await else {
            return;
        };
        let (host, port) = self.endpoint();
        let request = self.network.request(&mut stream, host, port, again);
        let (heard, took) = self.timed(About::Repeated(addr), request).await;
        let transfer = self.transfer(&heard, &stream);
        let exchange = of(addr, Spoke::HttpGet, (heard, took), transfer);
        self.tell_exchange(in_small_segments(exchange));
    }

    async fn secure(
        &self,
        addr: SocketAddr,
        stream: N::Stream,
        http: bool,
        distance: Duration,
    ) -> (Heard, Option<(N::Stream, Duration)>) {
        let handshake = self
            .network
            .secure(stream, self.hello(http), self.job.patience);
        let (shaken, took) = self.timed(About::Tls(addr), handshake).await;
        let is_silent = shaken.heard == Heard::Nothing;
        let got_stuck = shaken.transfer.known().map(Transfer::is_stuck);
        let answer = (shaken.heard, took);
        let heard = self.tell_exchange(of(addr, Spoke::TlsHello, answer, shaken.transfer));
        if is_silent && let Some(got_stuck) = got_stuck {
            let again = again(distance);
            self.repeat_hello(addr, http, got_stuck, again).await;
        }
        (heard, shaken.stream.map(|stream| (stream, took)))
    }

    /// Finds out whether large packets are what does not pass: a hello that fills several packets,
    /// then the one that stalled in small packets.
    async fn repeat_hello(&self, addr: SocketAddr, http: bool, got_stuck: bool, again: Duration) {
        if !got_stuck && self.large_hello(addr, http, false, again).await == Some(true) {
            self.large_hello(addr, http, true, again).await;
            return;
        }
        let Some(stream) = self.connect_again(addr, true, again).await else {
            return;
        };
        let handshake = self.network.secure(stream, self.hello(http), again);
        let (shaken, took) = self.timed(About::Repeated(addr), handshake).await;
        let exchange = of(addr, Spoke::TlsHello, (shaken.heard, took), shaken.transfer);
        self.tell_exchange(in_small_segments(exchange));
    }

    /// Whether a large hello got stuck on its way.
    async fn large_hello(
        &self,
        addr: SocketAddr,
        http: bool,
        small: bool,
        again: Duration,
    ) -> Option<bool> {
        let mut stream = self.connect_again(addr, small, again).await?;
        let saying = self
            .network
            .say_large_hello(&mut stream, self.hello(http), again);
        let (heard, took) = self.timed(About::Repeated(addr), saying).await;
        let transfer = self.transfer(&heard, &stream);
        let got_stuck = transfer.known().map(Transfer::is_stuck);
        let exchange = of(addr, Spoke::LargeTlsHello, (heard, took), transfer);
        self.tell_exchange(if small {
            in_small_segments(exchange)
        } else {
            exchange
        });
        got_stuck
    }

    fn hello(&self, http: bool) -> Hello<'_> {
        Hello {
            host: self.endpoint().0,
            http,
        }
    }

    /// One more connection to a port that has accepted before, within the bound of connects.
    async fn connect_again(
        &self,
        addr: SocketAddr,
        small: bool,
        again: Duration,
    ) -> Option<N::Stream> {
        if !self.may_connect() {
            return None;
        }
        let connecting = async {
            if small {
                self.network.connect_small(addr, again).await
            } else {
                self.network.connect(addr, again).await
            }
        };
        let ((attempt, stream), _) = self.timed(About::Connect(addr), connecting).await;
        (attempt.outcome == Outcome::Connected).then_some(stream)?
    }

    /// After a handshake a peer may greet, or send the alert that TLS 1.3 allows it to delay
    /// (RFC 8446, 4.4.2.4). Both come within a round trip, so little time is spent on it; silence
    /// says nothing and is not told.
    async fn listen_inside(&self, addr: SocketAddr, stream: &mut N::Stream, handshake: Duration) {
        let limit = (handshake * 2).clamp(LEAST_MOMENT, GREETING_PATIENCE);
        let listening = self.network.listen(stream, limit);
        let heard = self.timed(About::Greeting(addr), listening).await;
        if heard.0 != Heard::Nothing {
            self.exchange(addr, Spoke::Nothing, heard);
        }
    }

    /// What became of our bytes, where nothing came back.
    fn transfer(&self, heard: &Heard, stream: &N::Stream) -> Fact<Transfer> {
        if *heard == Heard::Nothing {
            self.network.transfer(stream)
        } else {
            Fact::default()
        }
    }

    pub(super) fn exchange(
        &self,
        addr: SocketAddr,
        spoke: Spoke,
        answer: (Heard, Duration),
    ) -> Heard {
        self.tell_exchange(of(addr, spoke, answer, Fact::default()))
    }

    fn tell_exchange(&self, exchange: Exchange) -> Heard {
        let heard = exchange.heard.clone();
        self.tell(Observation::Exchange(exchange));
        heard
    }
}

fn of(
    addr: SocketAddr,
    spoke: Spoke,
    (heard, took): (Heard, Duration),
    transfer: Fact<Transfer>,
) -> Exchange {
    Exchange {
        addr,
        spoke,
        heard,
        took,
        transfer,
        small_segments: false,
        closed: Fact::default(),
    }
}

fn in_small_segments(exchange: Exchange) -> Exchange {
    Exchange {
        small_segments: true,
        ..exchange
    }
}

/// The peer's system has all that was sent.
fn has_arrived(transfer: &Transfer) -> bool {
    transfer.unacknowledged == 0 && transfer.unsent == 0
}

/// Services whose server greets before the client may speak.
pub(super) const SPEAK_FIRST: [&str; 9] = [
    "ssh",
    "sftp",
    "smtp",
    "submission",
    "ftp",
    "imap",
    "pop3",
    "mysql",
    "vnc",
];

/// How long a repeated exchange is given with a peer at this distance: a lost segment has been sent
/// again several times by then, because the first time-out is about a round trip more than 200 ms.
fn again(distance: Duration) -> Duration {
    (distance * 4).clamp(AGAIN_AT_LEAST, AGAIN_AT_MOST)
}

const AGAIN_AT_LEAST: Duration = Duration::from_millis(1200);
const AGAIN_AT_MOST: Duration = Duration::from_secs(4);

/// How long a peer that may speak first is listened to.
pub(super) const GREETING_PATIENCE: Duration = Duration::from_secs(1);

/// How long a peer that should have greeted is given to close with us.
const LAST_MOMENT: Duration = Duration::from_millis(300);

/// The least time in which a peer near by shows what it does by itself.
const LEAST_MOMENT: Duration = Duration::from_millis(100);
