//! What listens in the lab. A server is this very test program, started again inside a machine.
//!
//! `silent` accepts and waits, `restarting` does so for a while and is then gone for a while, `ssh` greets, `web` speaks HTTP, `tls` speaks TLS, and `dns` knows
//! the one name `db.lab.test`, or answers for anything (`dns-for-anything`).

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::PrivateKeyDer;
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
    let tls = tls_config();
    let mut held = Vec::new();
    for stream in listener.incoming().map_while(Result::ok) {
        stream
            .set_read_timeout(Some(Duration::from_secs(5)))
            .unwrap();
        let _ = match kind {
            "silent" => Ok(()),
            "ssh" => (&stream).write_all(b"SSH-2.0-OpenSSH_9.2\r\n"),
            "web" => answer_web(&stream),
            "tls" => answer_tls(&stream, &tls),
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

fn answer_web(mut stream: &TcpStream) -> std::io::Result<()> {
    let _ = stream.read(&mut [0; 4096])?;
    stream.write_all(b"HTTP/1.1 400 Bad Request\r\nServer: lab\r\nContent-Length: 0\r\n\r\n")?;
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

fn tls_config() -> Arc<ServerConfig> {
    let own = rcgen::generate_simple_self_signed(["db.lab.test".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(own.signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    Arc::new(config)
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
