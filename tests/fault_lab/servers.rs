//! What listens in the lab. A server is this very test program, started again inside a machine.
//!
//! `silent` accepts and waits, `restarting` does so for a while and is then gone for a while, `ssh`
//! greets, `web` speaks HTTP and answers with an error, `http-…` with that status, `postgres` has no
//! TLS, `tls` speaks it, with an `expired` certificate or wanting one (`mutual`), others
//! end the connection (`resets`, `resets-on-data`, `hangs-up`), and `dns` knows the one name
//! `db.lab.test`, or answers for anything (`dns-for-anything`).

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{ServerConfig, ServerConnection};
use socket2::{Domain, Socket, Type};

/// What to be: a kind and an address. Without it this is no server but a test that passes.
pub const SERVE: &str = "KETNOI_TEST_SERVE";

#[test]
fn serve() {
    let Ok(order) = std::env::var(SERVE) else {
        return;
    };
    let (kind, address) = order.split_once(' ').unwrap();
    if let "dns" | "dns-for-anything" = kind {
        let socket = UdpSocket::bind(address).unwrap();
        ready();
        answer_names(&socket, kind == "dns-for-anything");
    }
    if kind == "restarting" {
        come_and_go(address);
    }
    let listener = TcpListener::bind(address).unwrap();
    ready();
    let tls = tls_config(kind);
    let mut held = Vec::new();
    for stream in listener.incoming().map_while(Result::ok) {
        stream
            .set_read_timeout(Some(Duration::from_secs(5)))
            .unwrap();
        let _ = match kind {
            "silent" => Ok(()),
            "ssh" => (&stream).write_all(b"SSH-2.0-OpenSSH_9.2\r\n"),
            "web" => answer_web(&stream, "400 Bad Request"),
            "page" => answer_web(&stream, "200 OK"),
            "login-proxy" => answer_web(&stream, "407 Proxy Authentication Required"),
            "lost-proxy" => answer_web(&stream, "502 Bad Gateway"),
            "tls" | "tls-expired" | "tls-mutual" => answer_tls(&stream, &tls),
            "hangs-up" => {
                drop(stream);
                continue;
            }
            "resets" => {
                reset(&stream);
                continue;
            }
            "resets-on-data" => {
                let _ = (&stream).read(&mut [0; 4096]);
                reset(&stream);
                continue;
            }
            "postgres" => answer_postgres(&stream),
            _ if kind.starts_with("http-") => answer_http(&stream, &kind["http-".len()..]),
            other => panic!("no such server: {other}"),
        };
        held.push(stream);
    }
}

/// Listens for a while and is gone for longer, for ever.
fn come_and_go(address: &str) -> ! {
    let (there, gone) = (Duration::from_millis(600), Duration::from_millis(900));
    let address: std::net::SocketAddr = address.parse().unwrap();
    let socket = || {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None).unwrap();
        socket.set_reuse_address(true).unwrap();
        socket.bind(&address.into()).unwrap();
        socket.listen(16).unwrap();
        socket
    };
    let first = socket();
    ready();
    std::thread::sleep(there);
    drop(first);
    loop {
        std::thread::sleep(gone);
        let again = socket();
        std::thread::sleep(there);
        drop(again);
    }
}

fn ready() {
    let mut out = std::io::stdout();
    writeln!(out, "\nready").unwrap();
    out.flush().unwrap();
}

fn answer_web(mut stream: &TcpStream, status: &str) -> std::io::Result<()> {
    let _ = stream.read(&mut [0; 4096])?;
    let head = format!("HTTP/1.1 {status}\r\nServer: lab\r\nContent-Length: 0\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    stream.shutdown(std::net::Shutdown::Both)
}

/// A handshake; to what is no TLS, the alert that says so.
fn answer_tls(mut stream: &TcpStream, config: &Arc<ServerConfig>) -> std::io::Result<()> {
    let mut session = ServerConnection::new(Arc::clone(config)).unwrap();
    let shaken = session.complete_io(&mut stream);
    while session.wants_write() {
        session.write_tls(&mut stream)?;
    }
    shaken.map(drop)
}

/// Lets the stream end in a reset when it is dropped.
fn reset(stream: &TcpStream) {
    let at_once = socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO));
    at_once.unwrap();
}

fn answer_http(mut stream: &TcpStream, status: &str) -> std::io::Result<()> {
    let _ = stream.read(&mut [0; 4096])?;
    let head = format!("HTTP/1.1 {status} Lab\r\nServer: lab\r\nContent-Length: 0\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    stream.shutdown(std::net::Shutdown::Both)
}

/// Answers `SSLRequest`, and nothing else.
fn answer_postgres(mut stream: &TcpStream) -> std::io::Result<()> {
    let mut question = [0; 8];
    stream.read_exact(&mut question)?;
    if question == [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f] {
        stream.write_all(b"N")?;
    }
    Ok(())
}

fn tls_config(kind: &str) -> Arc<ServerConfig> {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(["db.lab.test".to_owned()]).unwrap();
    if kind == "tls-expired" {
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    }
    let own = params.self_signed(&key).unwrap().der().clone();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    let clients = if kind == "tls-mutual" {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(own.clone()).unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        versions.with_client_cert_verifier(verifier.build().unwrap())
    } else {
        versions.with_no_client_auth()
    };
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let config = clients.with_single_cert(vec![own], key);
    Arc::new(config.unwrap())
}

/// `db.lab.test` is 10.77.1.10 and has no IPv6 address; no other name exists, unless there is an
/// answer for anything.
fn answer_names(socket: &UdpSocket, for_anything: bool) -> ! {
    const KNOWN: &[u8] = b"\x02db\x03lab\x04test\x00";
    const ADDRESS: [u8; 4] = [10, 77, 1, 10];
    let mut bytes = [0; 1500];
    loop {
        let (size, from) = socket.recv_from(&mut bytes).unwrap();
        let name_end = 12 + bytes[12..size].iter().position(|b| *b == 0).unwrap() + 1;
        let question = &bytes[12..name_end + 4];
        let is_known = for_anything || bytes[12..name_end].to_ascii_lowercase() == KNOWN;
        let has_record = is_known && bytes[name_end..name_end + 2] == [0, 1];
        let code = if is_known { 0 } else { 3 };
        let mut answer = bytes[..2].to_vec();
        answer.extend([0x81, 0x80 | code, 0, 1, 0, u8::from(has_record), 0, 0, 0, 0]);
        answer.extend(question);
        if has_record {
            answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
            answer.extend(ADDRESS);
        }
        socket.send_to(&answer, from).unwrap();
    }
}
