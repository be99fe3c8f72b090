//! Real listening sockets, found through the platform: our own with process and name, another
//! user's with a hidden owner, a relay's with what is behind it, and one in another network.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "helpers fail the test like the test itself, and say why it could not run"
)]

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv6Addr, SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

use ketnoi::evidence::{Background, Fact, Gap, Listener};
use ketnoi::platform;
use socket2::{Domain, Socket, Type};

fn listen(addr: &str) -> TcpListener {
    let addr: SocketAddr = addr.parse().unwrap();
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, None).unwrap();
    if addr.is_ipv6() {
        socket.set_only_v6(true).unwrap();
    }
    socket.bind(&addr.into()).unwrap();
    socket.listen(16).unwrap();
    socket.into()
}

fn find(listeners: &Fact<Vec<Listener>>, addr: SocketAddr) -> Listener {
    let listeners = listeners.known().expect("this machine's listeners");
    let found = listeners.iter().find(|listener| listener.addr == addr);
    found
        .unwrap_or_else(|| panic!("{addr} among {listeners:?}"))
        .clone()
}

fn own_name() -> String {
    let name = fs::read_to_string("/proc/self/comm").unwrap();
    name.trim_end().to_owned()
}

#[test]
fn our_own_listeners_are_found_with_process_user_and_queue() {
    let platform = platform::current();
    for bind in ["127.0.0.1:0", "0.0.0.0:0", "[::1]:0", "[::]:0"] {
        let socket = listen(bind);
        let addr = socket.local_addr().unwrap();
        for listeners in [
            platform.listeners_near(addr.port(), &[]),
            platform.listeners(),
        ] {
            let listener = find(&listeners, addr);
            let process = listener.process.known().expect("our own process");
            assert_eq!(process.pid, std::process::id());
            assert_eq!(process.name, own_name());
            assert!(process.command.as_ref().unwrap().contains("listeners"));
            assert!(listener.user.known().is_some());
            assert_eq!(listener.queue.known().unwrap().waiting, 0);
            assert_eq!(listener.queue.known().unwrap().limit, Some(16));
            if addr.ip() == Ipv6Addr::UNSPECIFIED {
                assert_eq!(listener.takes_ipv4, Fact::Known(false));
            }
        }
    }
}

#[test]
fn connections_that_wait_are_counted() {
    let socket = listen("127.0.0.1:0");
    let addr = socket.local_addr().unwrap();
    let _waiting = [(); 3].map(|()| std::net::TcpStream::connect(addr).unwrap());
    let listeners = platform::current().listeners_near(addr.port(), &[]);
    let listener = find(&listeners, addr);
    assert_eq!(listener.queue.known().unwrap().waiting, 3);
}

#[test]
fn an_ipv4_address_in_ipv6_form_is_shown_as_the_ipv4_address() {
    let socket = Socket::new(Domain::IPV6, Type::STREAM, None).unwrap();
    socket.set_only_v6(false).unwrap();
    let mapped: SocketAddr = "[::ffff:127.0.0.1]:0".parse().unwrap();
    socket.bind(&mapped.into()).unwrap();
    socket.listen(1).unwrap();
    let port = socket.local_addr().unwrap().as_socket().unwrap().port();
    let listeners = platform::current().listeners_near(port, &[]);
    find(&listeners, SocketAddr::from(([127, 0, 0, 1], port)));
}

#[test]
fn a_wildcard_for_both_families_says_so() {
    let socket = Socket::new(Domain::IPV6, Type::STREAM, None).unwrap();
    socket.set_only_v6(false).unwrap();
    let any: SocketAddr = "[::]:0".parse().unwrap();
    socket.bind(&any.into()).unwrap();
    socket.listen(1).unwrap();
    let addr = socket.local_addr().unwrap().as_socket().unwrap();
    let listeners = platform::current().listeners_near(addr.port(), &[]);
    assert_eq!(find(&listeners, addr).takes_ipv4, Fact::Known(true));
}

#[test]
fn a_port_that_is_taken_without_listening_has_no_listener() {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    socket.bind(&any.into()).unwrap();
    let addr = socket.local_addr().unwrap().as_socket().unwrap();
    let listeners = platform::current().listeners_near(addr.port(), &[]);
    let listeners = listeners.known().unwrap();
    assert!(listeners.iter().all(|listener| listener.addr != addr));
}

/// The address that the observer looks for; set only in the observer.
const OBSERVED: &str = "KETNOI_TEST_OBSERVED_LISTENER";

/// Root listens, and the same test looks at it as `nobody` in a second process.
#[test]
fn another_users_listener_is_listed_with_a_hidden_owner() {
    if let Ok(addr) = env::var(OBSERVED) {
        return observe(addr.parse().unwrap());
    }
    if !is_root() {
        return skip("only root can become another user");
    }
    let socket = listen("127.0.0.1:0");
    let output = observe_as_nobody(socket.local_addr().unwrap());
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}

fn observe(addr: SocketAddr) {
    let platform = platform::current();
    for listeners in [
        platform.listeners_near(addr.port(), &[]),
        platform.listeners(),
    ] {
        let listener = find(&listeners, addr);
        assert_eq!(listener.process, Fact::Unknown(Gap::NeedsAdmin));
        assert_eq!(listener.user, Fact::Known("root".to_owned()));
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the observer must be another process of another user"
)]
fn observe_as_nobody(addr: SocketAddr) -> Output {
    // The build folder may be closed to other users.
    let folder = tempfile::tempdir().unwrap();
    let observer = folder.path().join("observer");
    fs::copy(env::current_exe().unwrap(), &observer).unwrap();
    for path in [folder.path(), &observer] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(observer)
        .args([
            "--exact",
            "another_users_listener_is_listed_with_a_hidden_owner",
        ])
        .env(OBSERVED, addr.to_string())
        .current_dir("/")
        .output()
        .unwrap()
}

fn is_root() -> bool {
    let own = fs::metadata("/proc/self").unwrap();
    std::os::unix::fs::MetadataExt::uid(&own) == 0
}

fn skip(why: &str) {
    eprintln!("could not run: {why}");
    assert_ne!(env::var("CI").as_deref(), Ok("true"), "CI has all it takes");
}

/// A program that this test started, and ends.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "what is found out about other programs takes other programs"
)]
fn program(name: &str) -> Command {
    Command::new(name)
}

/// Asks again until there is an answer, as another program starts when it likes.
fn before_long<T>(mut ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "in vain");
        std::thread::yield_now();
    }
}

/// What stands behind the listener at `addr`, once it is there.
fn background_of(addr: SocketAddr) -> Background {
    let platform = platform::current();
    before_long(|| {
        let listeners = platform.listeners_near(addr.port(), &[]);
        let listeners = listeners.known().unwrap();
        let mut all = platform.backgrounds(addr.port(), listeners).into_iter();
        all.find(|background| background.addr == addr && background.age_secs.is_some())
    })
}

#[test]
fn a_relay_is_unmasked_with_what_is_behind_it_and_told_to_be_stopped() {
    if !fs::exists("/usr/bin/socat").unwrap() {
        return skip("socat is not installed");
    }
    let served = listen("127.0.0.1:0");
    let place = served.local_addr().unwrap();
    // Nobody else asks for a port of this address.
    let free = listen("127.83.7.1:0").local_addr().unwrap();
    let from = format!(
        "TCP-LISTEN:{},bind={},fork,reuseaddr",
        free.port(),
        free.ip()
    );
    let socat = program("/usr/bin/socat")
        .args([from, format!("TCP:{place}")])
        .spawn();
    let socat = Started(socat.unwrap());
    let relay = background_of(free).relay.unwrap();
    assert_eq!(relay.to, Some(place.to_string()));
    let behind = relay.behind.unwrap();
    assert_eq!(behind.process.unwrap().pid, std::process::id());
    assert!(behind.is_listened_on);

    drop(served);
    let stop = program("/bin/kill")
        .args(["-STOP", &socat.0.id().to_string()])
        .status();
    assert!(stop.unwrap().success());
    let background = before_long(|| Some(background_of(free)).filter(|found| found.is_stopped));
    assert!(!background.relay.unwrap().behind.unwrap().is_listened_on);
}

/// Set only in the program that listens in a network of its own.
const APART: &str = "KETNOI_TEST_LISTENER_APART";

#[test]
fn a_listener_in_another_network_is_told_with_its_program() {
    if env::var(APART).is_ok() {
        let socket = listen("0.0.0.0:0");
        println!("port {}", socket.local_addr().unwrap().port());
        // Until the test has seen enough.
        let _ = std::io::stdin().lock().read_line(&mut String::new());
        return;
    }
    if !is_root() {
        return skip("only root can make a network");
    }
    let apart = program("/usr/bin/unshare")
        .arg("--net")
        .arg(env::current_exe().unwrap())
        .args([
            "--exact",
            "a_listener_in_another_network_is_told_with_its_program",
        ])
        .arg("--nocapture")
        .env(APART, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut apart = Started(apart.unwrap());
    let mut lines = BufReader::new(apart.0.stdout.take().unwrap()).lines();
    let port = lines.find_map(|line| line.unwrap().rsplit_once("port ")?.1.parse().ok());
    let port: u16 = port.unwrap();
    let port_use = platform::current().port_use(port);
    let all = &port_use.known().unwrap().in_namespaces;
    let found = all.iter().find(|inside| inside.process.pid == apart.0.id());
    let found = found.unwrap_or_else(|| panic!("{port_use:?}"));
    assert_eq!(found.addr, Some(SocketAddr::from(([0, 0, 0, 0], port))));
    assert_eq!(found.process.name, own_name());
}
