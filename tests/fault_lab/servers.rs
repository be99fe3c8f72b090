//! What listens in the lab. A server is this very test program, started again inside a machine, and
//! told what to be: `KIND ADDRESS` or `KIND:DETAIL ADDRESS`.
//!
//! | kind | what it does |
//! |---|---|
//! | `silent`, `silent:v6only` | accepts and waits; on IPv6 alone |
//! | `takes:N` | accepts N connections, and no more |
//! | `deaf` | listens, and never accepts; three connections fill its queue |
//! | `restarting` | is there for a while and then gone for a while |
//! | `resets`, `resets-on-data`, `hangs-up` | ends the connection |
//! | `relay:ADDRESS` | accepts and passes on to that address |
//! | `says:TEXT` | greets with a line; `+` is a blank |
//! | `http:STATUS`, `late:SECONDS` | answers a request |
//! | `redirects:URL` | leads elsewhere |
//! | `for-localhost` | refuses other host names |
//! | `postgres`, `mysql:ERROR` | has no TLS; greets with this error |
//! | `tls`, `tls:…` | see [`tls`] |
//! | `dns`, `dns:…` | see [`names`] |
//! | `udp`, `unix` | receives datagrams; listens on a Unix socket |
//! | `calls:MILLIS` | no server: asks the network for ever other neighbours, starting after a while |
//! | `tunnel` | a card whose packets go nowhere |
//! | `contained:KIND` | the same as KIND, started by what looks like the keeper of a container |
//! | `holds:N` | no server: opens N connections to ADDRESS and keeps them |

mod names;
mod tls;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::time::Duration;

use crate::network::start;

use socket2::{Domain, SockRef, Socket, Type};

/// What to be. Without it this is no server but a test that passes.
pub const SERVE: &str = "KETNOI_TEST_SERVE";

/// Where files go that the client is to read: the certificate of whom it is to trust.
pub const PUBLIC: &str = "KETNOI_TEST_PUBLIC";

/// The lab's folder that everybody may read.
fn public() -> PathBuf {
    PathBuf::from(std::env::var(PUBLIC).unwrap())
}

/// Long enough to be heard out, and short enough to free who waits behind.
const PATIENCE: Duration = Duration::from_secs(8);

/// What starts a server, which ends with whoever started it.
pub fn command() -> [String; 6] {
    let this = std::env::current_exe().unwrap();
    [
        "setpriv",
        "--pdeathsig=KILL",
        this.to_str().unwrap(),
        "--exact",
        "servers::serve",
        "--nocapture",
    ]
    .map(str::to_owned)
}

#[test]
fn serve() {
    let Ok(order) = std::env::var(SERVE) else {
        return;
    };
    let (kind, address) = order.split_once(' ').unwrap();
    let (kind, detail) = kind.split_once(':').unwrap_or((kind, ""));
    match kind {
        "dns" => names::serve(address, detail),
        "udp" => keep(&UdpSocket::bind(address).unwrap()),
        "unix" => keep(&UnixListener::bind(public().join(address)).unwrap()),
        "tunnel" => swallow(address),
        "deaf" => keep(&listen(address, 2, false)),
        "holds" => hold(address, detail.parse().unwrap()),
        "restarting" => come_and_go(address),
        "contained" => contain(detail, address),
        "calls" => call(address, detail.parse().unwrap()),
        _ => accept(kind, detail, address),
    }
}

fn accept(kind: &str, detail: &str, address: &str) {
    let listener: TcpListener = listen(address, 64, detail == "v6only").into();
    let tls = (kind == "tls").then(|| tls::config(detail));
    ready();
    let mut held = Vec::new();
    for stream in listener.incoming().map_while(Result::ok) {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let _ = match kind {
            "silent" | "takes" => Ok(()),
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
            "relay" => {
                pass_on(stream, detail);
                continue;
            }
            "says" => (&stream).write_all(format!("{}\r\n", detail.replace('+', " ")).as_bytes()),
            "http" => answer(&stream, detail, ""),
            "late" => {
                std::thread::sleep(Duration::from_secs(detail.parse().unwrap()));
                answer(&stream, "200 OK", "")
            }
            "redirects" => answer(&stream, "302 Found", &format!("Location: {detail}\r\n")),
            "for-localhost" => answer_localhost(&stream),
            "postgres" => answer_postgres(&stream),
            "mysql" => (&stream).write_all(&mysql_error(detail)),
            "tls" => tls::answer(&stream, detail, tls.as_ref().unwrap()),
            other => panic!("no such server: {other}"),
        };
        held.push(stream);
        if kind == "takes" && held.len() == detail.parse::<usize>().unwrap() {
            stay(&held)
        }
    }
}

fn listen(address: &str, queue: i32, v6only: bool) -> Socket {
    let address: SocketAddr = address.parse().unwrap();
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None).unwrap();
    socket.set_reuse_address(true).unwrap();
    if v6only {
        socket.set_only_v6(true).unwrap();
    }
    socket.bind(&address.into()).unwrap();
    socket.listen(queue).unwrap();
    socket
}

/// Listens for a while and is gone for longer, for ever.
fn come_and_go(address: &str) {
    let (there, gone) = (Duration::from_millis(600), Duration::from_millis(900));
    let first = listen(address, 16, false);
    ready();
    std::thread::sleep(there);
    drop(first);
    loop {
        std::thread::sleep(gone);
        let again = listen(address, 16, false);
        std::thread::sleep(there);
        drop(again);
    }
}

/// As every machine does that has something to send to its neighbours: asks who they are, and tells
/// all of them its own address thereby (ARP, RFC 826).
fn call(network: &str, first: u64) {
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    ready();
    std::thread::sleep(Duration::from_millis(first));
    for number in (100..250).cycle() {
        // Nobody is there.
        let _ = socket.send_to(b"?", format!("{network}.{number}:9"));
        std::thread::sleep(Duration::from_millis(2400));
    }
}

/// As Docker does: a keeper whose child serves in the container's network. The child says that it
/// is ready, and ends with its keeper.
fn contain(kind: &str, address: &str) {
    std::fs::write("/proc/self/comm", "containerd-shim").unwrap();
    let [program, words @ ..] = command();
    let mut child = start(&program)
        .args(words)
        .env(SERVE, format!("{kind} {address}"))
        .spawn()
        .unwrap();
    child.wait().unwrap();
}

fn hold(address: &str, count: usize) {
    let address: SocketAddr = address.parse().unwrap();
    let open = |_| TcpStream::connect_timeout(&address, Duration::from_secs(2)).unwrap();
    let held: Vec<TcpStream> = (0..count).map(open).collect();
    keep(&held);
}

/// Is ready, and keeps what it has.
fn keep<T>(kept: &T) {
    ready();
    stay(kept)
}

fn stay<T>(_kept: &T) -> ! {
    loop {
        std::thread::park();
    }
}

fn ready() {
    let mut out = std::io::stdout();
    writeln!(out, "\nready").unwrap();
    out.flush().unwrap();
}

fn answer(mut stream: &TcpStream, status: &str, headers: &str) -> std::io::Result<()> {
    let _ = stream.read(&mut [0; 4096])?;
    send_page(stream, status, headers)
}

fn send_page(mut stream: &TcpStream, status: &str, headers: &str) -> std::io::Result<()> {
    let status = status.replace('+', " ");
    let head =
        format!("HTTP/1.1 {status} Lab\r\nServer: lab\r\nContent-Length: 0\r\n{headers}\r\n");
    stream.write_all(head.as_bytes())?;
    stream.shutdown(std::net::Shutdown::Both)
}

/// As development servers do that know the names they are called by.
fn answer_localhost(mut stream: &TcpStream) -> std::io::Result<()> {
    const REFUSAL: &[u8] =
        b"HTTP/1.1 403 Forbidden\r\n\r\nBlocked request. This host is not allowed.\n";
    let mut request = [0; 4096];
    let size = stream.read(&mut request)?;
    let request = String::from_utf8_lossy(&request[..size]).to_ascii_lowercase();
    if request.contains("host: localhost") {
        return send_page(stream, "200", "");
    }
    stream.write_all(REFUSAL)?;
    stream.shutdown(std::net::Shutdown::Both)
}

/// As a VPN does whose other end is gone: takes every packet, and that is all.
fn swallow(name: &str) {
    const SCRIPT: &str = "
import fcntl, os, struct, subprocess, sys
tunnel = os.open('/dev/net/tun', os.O_RDWR)
TUNSETIFF, IFF_TUN_NO_PI = 0x400454ca, 0x1001
fcntl.ioctl(tunnel, TUNSETIFF, struct.pack('16sH22x', sys.argv[1].encode(), IFF_TUN_NO_PI))
os.system('ip addr add 10.200.0.2/24 dev ' + sys.argv[1] + ' && ip link set up dev ' + sys.argv[1])
print('ready', flush=True)
while True:
    os.read(tunnel, 65536)
";
    let mut python = start("/usr/bin/python3");
    panic!("{}", python.args(["-c", SCRIPT, name]).exec());
}

/// Lets the stream end in a reset when it is dropped.
fn reset(stream: &TcpStream) {
    SockRef::from(stream)
        .set_linger(Some(Duration::ZERO))
        .unwrap();
}

/// As docker-proxy and `ssh -L` do: accepts first, and connects to what is behind it later.
fn pass_on(stream: TcpStream, behind: &str) {
    if let Ok(other) = TcpStream::connect(behind) {
        let (mut here, mut there) = (stream.try_clone().unwrap(), other.try_clone().unwrap());
        let thread = std::thread::Builder::new().name("relay".to_owned());
        let _ = thread.spawn(move || std::io::copy(&mut there, &mut here));
        let (mut here, mut there) = (stream, other);
        let _ = std::io::copy(&mut here, &mut there);
    }
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

/// An error in place of the greeting: packet 0, 0xff, the number, a text.
fn mysql_error(number: &str) -> Vec<u8> {
    let number: u16 = number.parse().unwrap();
    let text = b"Host '10.77.1.2' is not allowed to connect to this MySQL server";
    let size = u8::try_from(text.len() + 3).unwrap();
    let mut packet = vec![size, 0, 0, 0, 0xff];
    packet.extend(number.to_le_bytes());
    packet.extend(text);
    packet
}
