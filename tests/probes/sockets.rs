//! Real sockets on loopback, each on a port the system gave.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ketnoi::evidence::{
    About, DnsAnswer, Exchange, Fact, Heard, LookupOutcome, Observation, Os, Outcome, Page, Spoke,
};
use ketnoi::probe::{Network as _, SystemNetwork};
use ketnoi::target::{Host, Protocol};
use socket2::{Domain, Socket, Type};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::support::{Run, job, literal, name, run, target};

const PATIENCE: Duration = Duration::from_secs(4);

fn network() -> SystemNetwork {
    SystemNetwork::new(Os::Linux)
}

/// Asks 127.0.0.1, or another host that leads there.
async fn check(host: Host, addr: SocketAddr, protocol: Protocol) -> Run {
    let target = target(host, addr.port(), protocol);
    run(&network(), job(target, PATIENCE)).await
}

async fn check_here(addr: SocketAddr, protocol: Protocol) -> Vec<(Spoke, Heard)> {
    let run = check(literal("127.0.0.1"), addr, protocol).await;
    let said = |e: Exchange| (e.spoke, e.heard);
    run.evidence.exchanges.into_iter().map(said).collect()
}

/// A server that does one thing with each connection.
async fn serve<F>(act: impl Fn(TcpStream) -> F + Send + 'static) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(act(stream));
        }
    });
    addr
}

/// A server that greets, and then waits for the other to hang up.
async fn greet(text: &'static [u8]) -> SocketAddr {
    serve(move |mut stream| async move {
        stream.write_all(text).await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await
}

/// A server that says one thing once it has been spoken to, and hangs up.
async fn answer(text: &'static [u8]) -> SocketAddr {
    serve(move |mut stream| async move {
        let _ = stream.read(&mut [0; 4096]).await;
        let _ = stream.write_all(text).await;
    })
    .await
}

/// A server that speaks TLS with a certificate nobody trusts, and says one thing inside.
async fn secure(text: &'static [u8]) -> SocketAddr {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    serve(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let _ = stream.write_all(text).await;
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.shutdown().await;
            }
        }
    })
    .await
}

/// A port on which nobody listens: bound, so that nobody else takes it meanwhile.
fn closed_port() -> (Socket, SocketAddr) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    socket.bind(&any.into()).unwrap();
    let addr = socket.local_addr().unwrap().as_socket().unwrap();
    (socket, addr)
}

/// A listener whose accept queue is full, so that further connects get no answer.
fn full_queue() -> (Socket, std::net::TcpStream, SocketAddr) {
    let (socket, addr) = closed_port();
    socket.listen(0).unwrap();
    let waiting = std::net::TcpStream::connect(addr).unwrap();
    (socket, waiting, addr)
}

fn text(start: &str) -> Heard {
    Heard::Text {
        start: start.to_owned(),
    }
}

#[tokio::test]
async fn a_closed_port_is_refused_without_icmp_and_is_connected_to_once() {
    let (_socket, addr) = closed_port();
    let run = check(literal("127.0.0.1"), addr, Protocol::Http).await;
    let [attempt] = run.evidence.attempts.as_slice() else {
        panic!("{:?}", run.evidence.attempts);
    };
    assert_eq!(attempt.outcome, Outcome::Refused);
    assert_eq!(attempt.os_code, Some(111));
    assert_eq!(attempt.icmp, None);
    assert!(!attempt.at_once);
    assert_eq!(run.evidence.references, []);
    assert_eq!(run.listeners_asked(), 1);
    assert_eq!(run.firewalls_asked(), 0);
    assert_eq!(run.observations.last(), Some(&Observation::Complete));
}

#[tokio::test]
async fn a_greeting_is_heard_and_escaped() {
    let addr = greet(b"SSH-2.0-x\x1b[31m\r\n").await;
    let heard = check_here(addr, Protocol::ListenOnly).await;
    assert_eq!(heard, [(Spoke::Nothing, text("SSH-2.0-x\\x1b[31m\\r\\n"))]);
}

#[tokio::test]
async fn a_peer_that_waits_to_be_spoken_to_is_listened_to_for_a_bounded_time() {
    let addr = greet(b"").await;
    let target = target(literal("127.0.0.1"), addr.port(), Protocol::ListenOnly);
    let run = run(&network(), job(target, Duration::from_millis(400))).await;
    let [exchange] = run.evidence.exchanges.as_slice() else {
        panic!("{:?}", run.evidence.exchanges);
    };
    assert_eq!(exchange.heard, Heard::Nothing);
    assert!(exchange.took >= Duration::from_millis(200));
    assert_eq!(run.evidence.attempts[0].outcome, Outcome::Connected);
}

#[tokio::test]
async fn nothing_is_said_to_a_port_that_acts_on_bytes() {
    let addr = greet(b"hello").await;
    assert_eq!(check_here(addr, Protocol::ConnectOnly).await, []);
}

#[tokio::test]
async fn http_answers_tell_status_and_server() {
    for (said, status, server) in [
        (
            &b"HTTP/1.1 200 OK\r\nServer: x/1\r\n\r\nhi"[..],
            200,
            Some("x/1"),
        ),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", 404, None),
    ] {
        let heard = check_here(answer(said).await, Protocol::Http).await;
        let expected = Heard::Http {
            status,
            server: server.map(str::to_owned),
            wants_tls: false,
            page: Page::default(),
        };
        assert_eq!(heard, [(Spoke::HttpGet, expected)]);
    }
}

#[tokio::test]
async fn a_port_that_answers_plain_http_with_a_wish_for_tls_is_understood() {
    let said = b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
    let heard = check_here(answer(said).await, Protocol::Http).await;
    let expected = Heard::Http {
        status: 400,
        server: None,
        wants_tls: true,
        page: Page::default(),
    };
    assert_eq!(heard, [(Spoke::HttpGet, expected)]);
}

#[tokio::test]
async fn plain_http_to_a_tls_port_meets_an_alert() {
    let heard = check_here(secure(b"").await, Protocol::Http).await;
    assert!(
        matches!(heard.as_slice(), [(Spoke::HttpGet, Heard::TlsAlert { .. })]),
        "{heard:?}"
    );
}

#[tokio::test]
async fn tls_to_a_plain_http_port_shows_what_it_answered() {
    let addr = answer(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    for protocol in [Protocol::Tls, Protocol::Https] {
        let start = "HTTP/1.1 400 Bad Request\\r\\n\\r\\n".to_owned();
        let heard = check_here(addr, protocol).await;
        assert_eq!(heard, [(Spoke::TlsHello, Heard::NotTls { start })]);
    }
}

#[tokio::test]
async fn tls_to_a_port_that_greets_first_shows_its_greeting() {
    let heard = check_here(greet(b"SSH-2.0-x\r\n").await, Protocol::Https).await;
    let start = "SSH-2.0-x\\r\\n".to_owned();
    assert_eq!(heard, [(Spoke::TlsHello, Heard::NotTls { start })]);
}

#[tokio::test]
async fn too_few_bytes_for_a_tls_record_are_no_tls_either() {
    let addr = answer(b"NO\n").await;
    let start = "NO\\n".to_owned();
    let heard = check_here(addr, Protocol::Tls).await;
    assert_eq!(heard, [(Spoke::TlsHello, Heard::NotTls { start })]);
}

#[tokio::test]
async fn a_handshake_completes_whatever_the_certificate_and_a_greeting_inside_is_heard() {
    let addr = secure(b"* OK ready\r\n").await;
    let heard = check_here(addr, Protocol::Tls).await;
    let [(Spoke::TlsHello, tls), (Spoke::Nothing, greeting)] = heard.as_slice() else {
        panic!("{heard:?}");
    };
    assert_eq!(*greeting, text("* OK ready\\r\\n"));
    let Heard::Tls {
        version,
        certificates: 1,
        presented: Some(presented),
    } = tls
    else {
        panic!("{tls:?}");
    };
    assert_eq!(version, "TLS 1.3");
    assert!(presented.chain[0].self_signed);
    assert!(!presented.certificate_wanted);
}

#[tokio::test]
async fn https_is_one_request_inside_tls_on_the_same_connection() {
    let addr = secure(b"HTTP/1.1 302 Found\r\n\r\n").await;
    let run = check(literal("127.0.0.1"), addr, Protocol::Https).await;
    let spoke: Vec<Spoke> = run.evidence.exchanges.iter().map(|e| e.spoke).collect();
    assert_eq!(spoke, [Spoke::TlsHello, Spoke::HttpsGet]);
    assert!(matches!(
        run.evidence.exchanges[1].heard,
        Heard::Http { status: 302, .. }
    ));
    assert_eq!(connects(&run), 1);
}

#[tokio::test]
async fn the_request_carries_nothing_but_itself() {
    let (send, mut received) = tokio::sync::mpsc::unbounded_channel();
    let addr = serve(move |mut stream| {
        let send = send.clone();
        async move {
            let mut question = vec![0; 4096];
            let count = stream.read(&mut question).await.unwrap();
            question.truncate(count);
            send.send(String::from_utf8(question).unwrap()).unwrap();
        }
    })
    .await;
    let heard = check_here(addr, Protocol::Http).await;
    assert_eq!(heard, [(Spoke::HttpGet, Heard::Closed)]);
    let expected = format!(
        "GET / HTTP/1.1\r\nHost: {addr}\r\nUser-Agent: ketnoi/{}\r\nAccept: */*\r\nConnection: \
         close\r\n\r\n",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(received.recv().await.unwrap(), expected);
}

#[tokio::test]
async fn a_peer_that_hangs_up_politely_or_rudely_is_told_apart() {
    let polite = serve(|stream| async { drop(stream) }).await;
    let rude = serve(|stream| async move {
        socket2::SockRef::from(&stream)
            .set_linger(Some(Duration::ZERO))
            .unwrap();
    })
    .await;
    for protocol in [Protocol::ListenOnly, Protocol::Http, Protocol::Tls] {
        // A peer may be faster in closing than we in speaking, which then meets a reset.
        let closed = &check_here(polite, protocol).await[0].1;
        let may_reset = protocol != Protocol::ListenOnly && *closed == Heard::Reset;
        assert!(
            *closed == Heard::Closed || may_reset,
            "{protocol:?} {closed:?}"
        );
        assert_eq!(
            check_here(rude, protocol).await[0].1,
            Heard::Reset,
            "{protocol:?}"
        );
    }
}

#[tokio::test]
async fn who_reads_closes_when_we_do_and_who_is_stuck_does_not() {
    for (reads, closed) in [(true, Heard::Closed), (false, Heard::Nothing)] {
        let addr = serve(move |mut stream| async move {
            if reads {
                let _ = stream.read_to_end(&mut Vec::new()).await;
            } else {
                std::future::pending::<()>().await;
            }
        })
        .await;
        let network = network();
        let (_, stream) = network.connect(addr, PATIENCE).await;
        let mut stream = stream.unwrap();
        let limit = Duration::from_millis(300);
        assert_eq!(network.finish(&mut stream, limit).await, closed);
    }
}

#[tokio::test]
async fn who_announces_the_end_and_closes_is_seen_to() {
    let network = network();
    for closes in [true, false] {
        let addr = serve(move |mut stream| async move {
            stream.write_all(&[b'x'; 2000]).await.unwrap();
            if !closes {
                std::future::pending::<()>().await;
            }
        })
        .await;
        let (_, stream) = network.connect(addr, PATIENCE).await;
        let mut stream = stream.unwrap();
        let seen = network
            .closes(&mut stream, Duration::from_millis(300))
            .await;
        assert_eq!(seen, Fact::Known(closes));
    }
}

#[tokio::test]
async fn a_flood_from_a_peer_is_cut() {
    let addr =
        serve(|mut stream| async move { while stream.write_all(&[b'A'; 8192]).await.is_ok() {} })
            .await;
    for protocol in [Protocol::ListenOnly, Protocol::Http, Protocol::Tls] {
        let heard = check_here(addr, protocol).await;
        let (Heard::Text { start } | Heard::NotTls { start }) = &heard[0].1 else {
            panic!("{heard:?}");
        };
        assert!(start.chars().count() <= 256);
        assert!(start.starts_with("AAAA"));
    }
}

#[tokio::test]
async fn an_endless_answer_to_a_bad_request_ends() {
    let addr = serve(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let start = Instant::now();
    let heard = check_here(addr, Protocol::Http).await;
    assert!(matches!(heard[0].1, Heard::Http { status: 400, .. }));
    assert!(start.elapsed() < PATIENCE / 2, "{:?}", start.elapsed());
}

#[tokio::test]
async fn the_unspecified_address_connects_to_this_machine() {
    let addr = greet(b"hi").await;
    let run = check(literal("0.0.0.0"), addr, Protocol::ListenOnly).await;
    assert_eq!(run.evidence.attempts[0].outcome, Outcome::Connected);
    assert_eq!(run.listeners_asked(), 1);
}

#[tokio::test]
async fn a_name_is_resolved_and_every_address_tested() {
    let addr = greet(b"hi").await;
    let run = check(name("localhost"), addr, Protocol::ListenOnly).await;
    let lookup = run.evidence.lookup.known().unwrap();
    let LookupOutcome::Found(found) = &lookup.outcome else {
        panic!("{lookup:?}");
    };
    let mut tested: Vec<_> = run.evidence.attempts.iter().map(|a| a.addr).collect();
    let mut found = found.clone();
    tested.sort();
    found.sort();
    assert_eq!(tested, found);
    let here = run
        .evidence
        .attempts
        .iter()
        .find(|a| a.addr == addr)
        .unwrap();
    assert_eq!(here.outcome, Outcome::Connected);
    assert_eq!(here.source, Some(addr.ip()));
}

#[tokio::test]
async fn a_silent_peer_is_silent_when_the_patience_is_over() {
    let (_socket, _waiting, addr) = full_queue();
    let patience = Duration::from_millis(700);
    let target = target(literal("127.0.0.1"), addr.port(), Protocol::Http);
    let start = Instant::now();
    let run = run(&network(), job(target, patience)).await;
    let took = start.elapsed();
    let attempt = &run.evidence.attempts[0];
    assert_eq!(attempt.outcome, Outcome::Silent);
    assert_eq!(attempt.os_code, None);
    assert!(attempt.took >= patience, "{:?}", attempt.took);
    assert!(took < patience + Duration::from_secs(2), "{took:?}");
    assert_eq!(run.firewalls_asked(), 1);
}

#[tokio::test]
async fn dropping_an_investigation_ends_it_at_once() {
    let (_socket, _waiting, addr) = full_queue();
    let target = target(literal("127.0.0.1"), addr.port(), Protocol::Http);
    let network = network();
    let start = Instant::now();
    let unfinished = run(&network, job(target, Duration::from_mins(1)));
    let cut = tokio::time::timeout(Duration::from_millis(50), unfinished).await;
    assert!(cut.is_err());
    assert!(start.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn a_dns_server_is_asked_directly_and_its_codes_are_kept() {
    let server = dns_server(|question| {
        let is_ipv4 = question[question.len() - 3] == 1;
        match question[13] {
            b'n' => reply(question, 3, &[]),
            b's' => reply(question, 2, &[]),
            b'r' => reply(question, 5, &[]),
            b'e' => reply(question, 0, &[]),
            // CNAME: `old.test`, its labels with their lengths, the last a pointer to the question's.
            b'a' => reply(
                question,
                3,
                &[&[0, 5, 0, 1, 0, 0, 0, 9, 0, 6, 3, b'O', b'l', b'd', 0xc0, 18]],
            ),
            _ if is_ipv4 => reply(
                question,
                0,
                &[&[0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 192, 0, 2, 7]],
            ),
            _ => reply(question, 0, &[]),
        }
    })
    .await;
    let limit = Duration::from_secs(2);
    for (name, expected) in [
        ("nx.test", DnsAnswer::NxDomain),
        ("sick.test", DnsAnswer::ServerFailure),
        ("refused.test", DnsAnswer::Refused),
        ("empty.test", DnsAnswer::NoRecords),
        (
            "db.test",
            DnsAnswer::Addresses(vec!["192.0.2.7".parse().unwrap()]),
        ),
    ] {
        let answer = network().ask_dns_server(server, name, limit).await;
        assert_eq!(answer.server, Some(server));
        assert_eq!(answer.answer, expected, "{name}");
        assert_eq!(answer.aliases, [] as [&str; 0]);
    }
    let gone = network().ask_dns_server(server, "alias.test", limit).await;
    assert_eq!(gone.answer, DnsAnswer::NxDomain);
    assert_eq!(gone.aliases, ["old.test"]);
}

#[tokio::test]
async fn a_dns_server_that_is_not_there_is_told_from_one_that_is_silent() {
    let silent = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let limit = Duration::from_millis(300);
    let ask = async |server| {
        network()
            .ask_dns_server(server, "db.test", limit)
            .await
            .answer
    };
    let addr = silent.local_addr().unwrap();
    assert_eq!(ask(addr).await, DnsAnswer::Silent);
    drop(silent);
    assert_eq!(ask(addr).await, DnsAnswer::Unreachable);
}

#[tokio::test]
async fn an_answer_to_another_question_is_not_taken() {
    let server = dns_server(|question| {
        let mut forged = reply(question, 3, &[]);
        forged[0] ^= 0xff;
        forged
    })
    .await;
    let limit = Duration::from_millis(300);
    let answer = network().ask_dns_server(server, "db.test", limit).await;
    assert_eq!(answer.answer, DnsAnswer::Silent);
}

/// How many connects a run reports, to the asked port and to others.
fn connects(run: &Run) -> usize {
    let is_connect = |about: &About| matches!(about, About::Connect(_) | About::Reference(_));
    let timeline = run.evidence.timeline.iter();
    timeline.filter(|q| is_connect(&q.about)).count()
}

/// A DNS server that answers every datagram.
async fn dns_server(answer: impl Fn(&[u8]) -> Vec<u8> + Send + 'static) -> SocketAddr {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let addr = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut question = [0; 512];
        while let Ok((count, from)) = socket.recv_from(&mut question).await {
            let answer = answer(&question[..count]);
            let _ = socket.send_to(&answer, from).await;
        }
    });
    addr
}

/// A response (RFC 1035, 4.1) that repeats the question; records come without their name.
fn reply(question: &[u8], code: u8, records: &[&[u8]]) -> Vec<u8> {
    let mut reply = question.to_vec();
    reply[2] = 0x81;
    reply[3] = 0x80 | code;
    reply[7] = u8::try_from(records.len()).unwrap();
    for record in records {
        // A pointer to the question's name.
        reply.extend([0xc0, 12]);
        reply.extend(*record);
    }
    reply
}
