//! Real listening sockets, found through the platform: our own with process and name, another
//! user's with a hidden owner.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "helpers fail the test like the test itself, and say why it could not run"
)]

use std::net::{Ipv6Addr, SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Output;
use std::{env, fs};

use ketnoi::evidence::{Fact, Gap, Listener};
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
    if fs::metadata("/proc/self")
        .map(|own| std::os::unix::fs::MetadataExt::uid(&own))
        .unwrap()
        != 0
    {
        eprintln!("could not run: only root can become another user");
        assert_ne!(
            env::var("CI").as_deref(),
            Ok("true"),
            "CI runs this as root"
        );
        return;
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
    std::process::Command::new("setpriv")
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
