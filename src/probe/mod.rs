//! Asks the network: names, connects, and what connected peers say.
//!
//! [`Network`] is the seam: the worker decides what is asked and in which order, tests answer from
//! a script. Every answer is a fact, failures included, and every question has its limit. Nobody
//! is asked but the target, its other ports, and the configured resolvers; nothing is said but
//! what the target's protocol allows.

mod bytes;
mod certificates;
mod dns;
mod greeting;
mod http;
mod tcp;
mod tls;

pub use dns::SrvRecord;

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio_rustls::rustls::ClientConfig;

use tcp::Connection;

use crate::evidence::{Attempt, DirectAnswer, Fact, Heard, Lookup, Os, Spoke, Transfer};
use crate::platform::socket::{self, Manner};
use crate::target::Host;

/// The network as we may ask it. Dropping a future abandons its question.
#[expect(
    async_fn_in_trait,
    reason = "asked from one thread; the futures need not travel"
)]
pub trait Network {
    /// A connection that stands.
    type Stream;

    /// Asks the system's resolver for the addresses of `host`, a name or a literal with a zone.
    async fn resolve(&self, host: &str, port: u16, limit: Duration) -> Lookup;

    /// Asks for the SRV records of `question`, the best first (RFC 2782); on failure, what the
    /// servers said instead.
    async fn srv(
        &self,
        question: &str,
        limit: Duration,
    ) -> Result<Vec<SrvRecord>, Fact<Vec<DirectAnswer>>>;

    /// The DNS servers this machine is configured to ask.
    fn dns_servers(&self) -> Fact<Vec<SocketAddr>>;

    /// Asks one DNS server for the addresses of `name`.
    async fn ask_dns_server(&self, server: SocketAddr, name: &str, limit: Duration)
    -> DirectAnswer;

    /// Connects once; silence ends at `patience`.
    async fn connect(
        &self,
        addr: SocketAddr,
        patience: Duration,
    ) -> (Attempt, Option<Self::Stream>);

    /// Connects once with packets that may pass only `hops` routers, and hangs up; nothing where
    /// that cannot be asked.
    async fn connect_within(
        &self,
        _addr: SocketAddr,
        _hops: u8,
        _patience: Duration,
    ) -> Option<Attempt> {
        None
    }

    /// Sends one echo request and says whether it was answered; nothing where that is not allowed.
    async fn ping(&self, _addr: SocketAddr, _limit: Duration) -> Option<bool> {
        None
    }

    /// [`Network::connect`] with small segments; fails at once where the system cannot.
    async fn connect_small(
        &self,
        addr: SocketAddr,
        patience: Duration,
    ) -> (Attempt, Option<Self::Stream>);

    /// Asks a proxy for the target: to be connected with it (`tunnel`), or for its front page.
    async fn ask_proxy(
        &self,
        _stream: &mut Self::Stream,
        _host: &Host,
        _port: u16,
        _tunnel: bool,
        _limit: Duration,
    ) -> Heard {
        Heard::Nothing
    }

    /// Connects once through an interface, whatever the routes say; nothing where the system or
    /// this build cannot.
    async fn connect_through(
        &self,
        _interface: &str,
        _addr: SocketAddr,
        _patience: Duration,
    ) -> Option<Attempt> {
        None
    }

    /// Listens for a greeting and says nothing.
    async fn listen(&self, stream: &mut Self::Stream, limit: Duration) -> Heard;

    /// Says a TLS hello, with the host's name when it has one, and refuses no certificate.
    async fn secure(
        &self,
        stream: Self::Stream,
        hello: Hello<'_>,
        limit: Duration,
    ) -> Handshake<Self::Stream>;

    /// Says a TLS hello that fills several packets, and reads the first bytes of the answer.
    async fn say_large_hello(
        &self,
        stream: &mut Self::Stream,
        hello: Hello<'_>,
        limit: Duration,
    ) -> Heard;

    /// Asks the harmless first question of a protocol, and reads the first bytes of the answer.
    async fn ask_first(&self, stream: &mut Self::Stream, question: Spoke, limit: Duration)
    -> Heard;

    /// Whether the peer closes its side by itself within `limit`.
    async fn closes(&self, _stream: &mut Self::Stream, _limit: Duration) -> Fact<bool> {
        Fact::default()
    }

    /// Says that nothing more will be said (shutdown(2)), and listens to what the peer makes of it.
    async fn finish(&self, _stream: &mut Self::Stream, _limit: Duration) -> Heard {
        Heard::Nothing
    }

    /// What became of the bytes sent over a connection.
    fn transfer(&self, stream: &Self::Stream) -> Fact<Transfer>;

    /// Says `GET / HTTP/1.1` and reads the head of the answer.
    async fn request(
        &self,
        stream: &mut Self::Stream,
        host: &Host,
        port: u16,
        limit: Duration,
    ) -> Heard;
}

/// What a TLS hello says beyond itself.
#[derive(Clone, Copy, Debug)]
pub struct Hello<'a> {
    /// For the server name indication (RFC 6066, 3), which literal addresses do not have.
    pub host: &'a Host,
    /// Offer `http/1.1` as the protocol to be spoken (RFC 7301).
    pub http: bool,
}

/// What came of a TLS hello.
#[derive(Debug)]
pub struct Handshake<S> {
    /// What came back.
    pub heard: Heard,
    /// What became of the hello, where nothing came back.
    pub transfer: Fact<Transfer>,
    /// The secured stream, when the handshake completed.
    pub stream: Option<S>,
}

impl<S> Handshake<S> {
    /// One that did not complete.
    #[must_use]
    pub fn without_stream(heard: Heard) -> Self {
        Self {
            heard,
            transfer: Fact::default(),
            stream: None,
        }
    }
}

/// The real network.
pub struct SystemNetwork {
    os: Os,
    tls: OnceLock<Arc<ClientConfig>>,
    tls_for_http: OnceLock<Arc<ClientConfig>>,
}

/// A TCP connection, plain or with TLS inside.
pub enum Stream {
    /// As it came.
    Plain(TcpStream),
    /// After a TLS handshake.
    Secured(Box<tls::Secured>),
    /// The peer accepted and reset before we could listen.
    Reset,
}

impl SystemNetwork {
    /// The network of this machine, whose error numbers are those of `os`.
    #[must_use]
    pub fn new(os: Os) -> Self {
        Self {
            os,
            tls: OnceLock::new(),
            tls_for_http: OnceLock::new(),
        }
    }

    /// Made when first needed: most targets speak no TLS.
    fn tls_config(&self, http: bool) -> Arc<ClientConfig> {
        let config = if http { &self.tls_for_http } else { &self.tls };
        Arc::clone(config.get_or_init(|| tls::config(http)))
    }
}

impl Network for SystemNetwork {
    type Stream = Stream;

    async fn resolve(&self, host: &str, port: u16, limit: Duration) -> Lookup {
        dns::resolve(self.os, host, port, limit).await
    }

    async fn srv(
        &self,
        question: &str,
        limit: Duration,
    ) -> Result<Vec<SrvRecord>, Fact<Vec<DirectAnswer>>> {
        dns::srv(dns::configured_servers(), question, limit).await
    }

    fn dns_servers(&self) -> Fact<Vec<SocketAddr>> {
        dns::configured_servers()
    }

    async fn ask_dns_server(
        &self,
        server: SocketAddr,
        name: &str,
        limit: Duration,
    ) -> DirectAnswer {
        dns::ask_for_addresses(server, name, limit).await
    }

    async fn connect(
        &self,
        addr: SocketAddr,
        patience: Duration,
    ) -> (Attempt, Option<Self::Stream>) {
        with_stream(tcp::connect(self.os, addr, patience, Manner::Usual).await)
    }

    async fn connect_small(
        &self,
        addr: SocketAddr,
        patience: Duration,
    ) -> (Attempt, Option<Self::Stream>) {
        with_stream(tcp::connect(self.os, addr, patience, Manner::SmallSegments).await)
    }

    async fn connect_within(
        &self,
        addr: SocketAddr,
        hops: u8,
        patience: Duration,
    ) -> Option<Attempt> {
        let (attempt, _hang_up) =
            tcp::connect(self.os, addr, patience, Manner::WithinHops(hops)).await;
        Some(attempt)
    }

    async fn ping(&self, addr: SocketAddr, limit: Duration) -> Option<bool> {
        socket::ping(addr, limit).await
    }

    async fn ask_proxy(
        &self,
        stream: &mut Self::Stream,
        host: &Host,
        port: u16,
        tunnel: bool,
        limit: Duration,
    ) -> Heard {
        let question = http::question_to_proxy(host, port, tunnel);
        match stream {
            Stream::Plain(stream) => http::ask(stream, &question, limit).await,
            Stream::Secured(stream) => http::ask(stream.as_mut(), &question, limit).await,
            Stream::Reset => Heard::Reset,
        }
    }

    async fn connect_through(
        &self,
        interface: &str,
        addr: SocketAddr,
        patience: Duration,
    ) -> Option<Attempt> {
        tcp::connect_through(self.os, interface, addr, patience).await
    }

    async fn listen(&self, stream: &mut Self::Stream, limit: Duration) -> Heard {
        match stream {
            Stream::Plain(stream) => greeting::listen(stream, limit).await,
            Stream::Secured(stream) => greeting::listen(stream.as_mut(), limit).await,
            Stream::Reset => Heard::Reset,
        }
    }

    async fn secure(
        &self,
        stream: Self::Stream,
        hello: Hello<'_>,
        limit: Duration,
    ) -> Handshake<Self::Stream> {
        let stream = match stream {
            Stream::Plain(stream) => stream,
            Stream::Secured(_) => {
                return Handshake::without_stream(bytes::failure("TLS inside TLS"));
            }
            Stream::Reset => return Handshake::without_stream(Heard::Reset),
        };
        let config = self.tls_config(hello.http);
        let shaken = tls::handshake(stream, config, hello.host, limit).await;
        Handshake {
            heard: shaken.heard,
            transfer: shaken.transfer,
            stream: shaken.stream.map(|s| Stream::Secured(Box::new(s))),
        }
    }

    async fn say_large_hello(
        &self,
        stream: &mut Self::Stream,
        hello: Hello<'_>,
        limit: Duration,
    ) -> Heard {
        let config = self.tls_config(hello.http);
        match (stream, tls::large_hello(config, hello.host)) {
            (Stream::Plain(stream), Some(hello)) => greeting::ask(stream, &hello, limit).await,
            (Stream::Plain(_), None) => bytes::failure("no large hello"),
            (Stream::Secured(_), _) => bytes::failure("TLS inside TLS"),
            (Stream::Reset, _) => Heard::Reset,
        }
    }

    async fn ask_first(
        &self,
        stream: &mut Self::Stream,
        question: Spoke,
        limit: Duration,
    ) -> Heard {
        let question = greeting::question(question);
        match stream {
            Stream::Plain(stream) => greeting::ask(stream, question, limit).await,
            Stream::Secured(stream) => greeting::ask(stream.as_mut(), question, limit).await,
            Stream::Reset => Heard::Reset,
        }
    }

    async fn closes(&self, stream: &mut Self::Stream, limit: Duration) -> Fact<bool> {
        Fact::Known(match stream {
            Stream::Plain(stream) => greeting::closes(stream, limit).await,
            Stream::Secured(stream) => greeting::closes(stream.as_mut(), limit).await,
            Stream::Reset => true,
        })
    }

    async fn finish(&self, stream: &mut Self::Stream, limit: Duration) -> Heard {
        match stream {
            Stream::Plain(stream) => greeting::finish(stream, limit).await,
            Stream::Secured(stream) => greeting::finish(stream.as_mut(), limit).await,
            Stream::Reset => Heard::Reset,
        }
    }

    fn transfer(&self, stream: &Self::Stream) -> Fact<Transfer> {
        match stream {
            Stream::Plain(stream) => socket::transfer(stream),
            Stream::Secured(stream) => socket::transfer(tls::beneath(stream)),
            Stream::Reset => Fact::default(),
        }
    }

    async fn request(
        &self,
        stream: &mut Self::Stream,
        host: &Host,
        port: u16,
        limit: Duration,
    ) -> Heard {
        let question = |default_port| http::question(host, port, default_port);
        match stream {
            Stream::Plain(stream) => http::ask(stream, &question(80), limit).await,
            Stream::Secured(stream) => http::ask(stream.as_mut(), &question(443), limit).await,
            Stream::Reset => Heard::Reset,
        }
    }
}

fn with_stream((attempt, connection): (Attempt, Connection)) -> (Attempt, Option<Stream>) {
    let stream = match connection {
        Connection::Standing(stream) => Some(Stream::Plain(stream)),
        Connection::Reset => Some(Stream::Reset),
        Connection::None => None,
    };
    (attempt, stream)
}
