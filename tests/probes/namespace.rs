//! What the kernel says of networks that are out of order, in a network namespace of the test's
//! own: ICMP errors and their sender, errors before any packet, and a peer that is not there.
#![cfg(target_os = "linux")]

use std::net::IpAddr;
use std::time::{Duration, Instant};

use ketnoi::evidence::{Attempt, IcmpError, Os, Outcome};
use ketnoi::probe::{Network as _, SystemNetwork};

use crate::support::addr;

/// A wire with nobody at the other end; neighbours are given up after one question. 10.99.0.9
/// has a made-up hardware address, so that packets to it vanish.
const SETTING: &str = "
    set -e
    ip link set lo up
    ip link add here type veth peer name there
    ip link set there up
    ip addr add 10.99.0.1/24 dev here
    ip addr add fd99::1/64 dev here nodad
    for v in ipv4 ipv6; do echo 1 > /proc/sys/net/$v/neigh/here/mcast_solicit; done
    ip link set here up
    ip neigh add 10.99.0.9 lladdr 02:00:00:00:00:09 dev here
    ip route add prohibit 10.99.1.1
    ip route add unreachable 10.99.1.2
    exec \"$@\"
";

/// Runs this very test again in a namespace, as its root user.
fn again_inside(test: &str) {
    #[expect(
        clippy::disallowed_methods,
        reason = "a process must enter the namespace before it has threads"
    )]
    let mut unshare = std::process::Command::new("unshare");
    let this = std::env::current_exe().unwrap();
    let ran = unshare
        .args(["-Urn", "sh", "-c", SETTING, "sh"])
        .arg(this)
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    let complained = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}{complained}");
    assert!(said.contains("1 passed"), "{said}{complained}");
}

const INSIDE: &str = "KETNOI_TEST_INSIDE_NAMESPACE";

async fn connect(to: &str, patience_millis: u64) -> Attempt {
    let patience = Duration::from_millis(patience_millis);
    let network = SystemNetwork::new(Os::Linux);
    let (attempt, _) = network.connect(addr(to), patience).await;
    attempt
}

#[tokio::test]
async fn the_kernel_tells_what_is_wrong_with_the_network() {
    if std::env::var_os(INSIDE).is_none() {
        again_inside("namespace::the_kernel_tells_what_is_wrong_with_the_network");
        return;
    }
    let (off, off_v6) = tokio::join!(connect("10.99.0.7:80", 4000), connect("[fd99::7]:80", 4000));
    host_unreachable_by_own_word(&off, "10.99.0.1", (3, 1));
    host_unreachable_by_own_word(&off_v6, "fd99::1", (1, 3));

    let prohibited = connect("10.99.1.1:80", 4000).await;
    assert_eq!(prohibited.outcome, Outcome::Denied);
    let unreachable = connect("10.99.1.2:80", 4000).await;
    assert_eq!(unreachable.outcome, Outcome::HostUnreachable);
    let no_route = connect("10.98.0.1:80", 4000).await;
    assert_eq!(no_route.outcome, Outcome::NetworkUnreachable);
    for local in [prohibited, unreachable, no_route] {
        assert!(local.at_once, "{local:?}");
        assert_eq!(local.icmp, None, "{local:?}");
    }

    let start = Instant::now();
    let silent = connect("10.99.0.9:80", 600).await;
    assert_eq!(silent.outcome, Outcome::Silent);
    assert_eq!(silent.source, Some(ip("10.99.0.1")));
    assert!(start.elapsed() >= Duration::from_millis(600));

    let zoned = SystemNetwork::new(Os::Linux)
        .resolve("fe80::7%here", 80, Duration::from_secs(4))
        .await;
    let text = format!("{zoned:?}");
    assert!(text.contains("fe80::7%"), "{text}");
}

/// The kernel speaks for the neighbour that did not answer.
fn host_unreachable_by_own_word(attempt: &Attempt, own: &str, (kind, code): (u8, u8)) {
    assert_eq!(attempt.outcome, Outcome::HostUnreachable, "{attempt:?}");
    assert_eq!(attempt.os_code, Some(113));
    assert!(!attempt.at_once);
    let icmp = IcmpError {
        v6: ip(own).is_ipv6(),
        kind,
        code,
        sender: Some(ip(own)),
        // What is sent begins with this many, and nobody was between.
        ttl: Some(64),
    };
    assert_eq!(attempt.icmp, Some(icmp));
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}
