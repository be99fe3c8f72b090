//! Every parser against what the systems and their tools really print: `captures/<os>/`.

#![expect(
    clippy::unwrap_used,
    reason = "helpers fail the test like the test itself"
)]

use std::net::IpAddr;

use ketnoi::evidence::{Fact, FirewallKind, Policy, ProxyRule, Remark};
use ketnoi::platform::filtered;
use ketnoi::platform::incoming::Incoming;
use ketnoi::platform::parse::dconf::{self, Database};
use ketnoi::platform::parse::net_firewall_profile::{self, Profile};
use ketnoi::platform::parse::proxies::{WebTarget, gnome, kioslaverc, macos};
use ketnoi::platform::parse::socketfilterfw::{self, State};
use ketnoi::platform::parse::ufw::Way;
use ketnoi::platform::parse::{
    ListeningSocket, excluded_ports, firewall_output, iptables, netstat_macos, nft, proc_net,
    proc_route, ufw, windows_firewall,
};
use ketnoi::platform::ruleset::{Family, Table};

macro_rules! capture {
    ($path:literal) => {
        include_str!(concat!("captures/", $path))
    };
}

const ALLOW: Option<Policy> = Some(Policy::Allow);
const DROP: Option<Policy> = Some(Policy::Drop);
const REJECT: Option<Policy> = Some(Policy::Reject);
const OPEN: Option<Policy> = None;

fn in_nft(json: &str, port: u16, v6: bool) -> Option<Policy> {
    let rules = nft::from_json(json).unwrap();
    let connection = Incoming::to_port(port, v6);
    filtered::judge(&rules, &connection).judgement.policy
}

fn in_iptables(text: &str, port: u16) -> Option<Policy> {
    let rules = iptables::from_save(text, Family::Ip).unwrap();
    let connection = Incoming::to_port(port, false);
    filtered::judge(&rules, &connection).judgement.policy
}

#[test]
fn listening_sockets_of_linux() {
    let read = |table| {
        let sockets = proc_net::listening_sockets(table).unwrap();
        let one = |socket: &ListeningSocket| {
            let (uid, inode, waiting) = (socket.uid, socket.inode, socket.waiting);
            format!("{} {uid} {inode} {waiting}", socket.addr)
        };
        sockets.iter().map(one).collect::<Vec<_>>()
    };
    assert_eq!(
        read(capture!("linux/proc-net-tcp.txt")),
        [
            "127.0.0.1:5432 115 20311 0",
            "127.0.0.53:53 991 16690 0",
            "0.0.0.0:22 0 18121 0",
            "127.0.0.1:8080 1000 98330 129",
        ]
    );
    assert_eq!(
        read(capture!("linux/proc-net-tcp6.txt")),
        [
            "[::1]:5432 115 20310 0",
            "[::]:3000 1000 99001 0",
            "127.0.0.1:8081 1000 99017 0",
            "[fe80::5aa8:1ff:e256:34fe]:22 0 18123 0",
        ]
    );
}

#[test]
fn default_gateways_of_linux() {
    let ips = |ips: &[&str]| -> Vec<IpAddr> { ips.iter().map(|ip| ip.parse().unwrap()).collect() };
    let v4 = proc_route::default_gateways_v4(capture!("linux/proc-net-route.txt"));
    // The half default of a VPN (0.0.0.0/1) is no default route.
    assert_eq!(v4.unwrap(), ips(&["192.168.1.1", "10.0.0.1"]));
    let v6 = proc_route::default_gateways_v6(capture!("linux/proc-net-ipv6_route.txt"));
    assert_eq!(v6.unwrap(), ips(&["fe80::211:22ff:fe33:4455"]));
}

#[test]
fn an_nft_host_firewall() {
    let json = capture!("linux/nft-host.json");
    for (port, expected) in [
        (22, ALLOW),
        (8005, ALLOW),
        (3306, REJECT),
        // For one network only.
        (5432, OPEN),
    ] {
        assert_eq!(in_nft(json, port, false), expected, "{port}");
    }
    // Over IPv6 no rule is for 5432.
    assert_eq!(in_nft(json, 5432, true), DROP);
}

#[test]
fn firewalld_through_nft() {
    let json = capture!("linux/nft-firewalld.json");
    assert_eq!(in_nft(json, 22, false), ALLOW);
    assert_eq!(in_nft(json, 8003, false), ALLOW);
    assert_eq!(in_nft(json, 5432, false), REJECT);
    // Over IPv6 it depends on the way back to the sender.
    assert_eq!(in_nft(json, 22, true), OPEN);
    let rules = nft::from_json(json).unwrap();
    assert!(rules.tables.iter().all(Table::is_of_firewalld));
}

#[test]
fn iptables_rules_are_read_from_iptables_save_and_recognised_in_nft() {
    let text = capture!("linux/iptables-save.txt");
    for (port, expected) in [
        (22, ALLOW),
        (8005, ALLOW),
        (443, ALLOW),
        (3306, REJECT),
        (8443, DROP),
        (5432, OPEN),
    ] {
        assert_eq!(in_iptables(text, port), expected, "{port}");
    }
    let json = capture!("linux/nft-iptables.json");
    let rules = nft::from_json(json).unwrap();
    assert!(rules.tables[0].is_of_iptables());
    // What nft cannot show of them must not be taken for nothing.
    assert_eq!(in_nft(json, 8005, false), OPEN);
}

#[test]
fn ufw_says_the_same_in_its_files_and_in_the_kernel() {
    assert_eq!(ufw::enabled(capture!("linux/ufw.conf")), Some(true));
    let defaults = capture!("linux/ufw-default.conf");
    assert_eq!(ufw::default_policy(defaults, Way::In), DROP);
    assert_eq!(ufw::filters_ipv6(defaults), Some(true));
    let rules = capture!("linux/ufw-user.rules");
    let rules6 = capture!("linux/ufw-user6.rules");
    for (port, v4, v6) in [
        (22, ALLOW, ALLOW),
        (3306, REJECT, REJECT),
        (8005, ALLOW, ALLOW),
        (2222, ALLOW, ALLOW),
        // For one network; ufw made no rule for IPv6.
        (5432, OPEN, DROP),
        // On one interface.
        (9000, OPEN, OPEN),
        // Forwarded, not let in.
        (443, DROP, DROP),
    ] {
        let of = |rules, v6| {
            let rules = ufw::rules(rules, Way::In, &Incoming::to_port(port, v6));
            ufw::judge(&rules, Way::In, Policy::Drop).policy
        };
        assert_eq!((of(rules, false), of(rules6, true)), (v4, v6), "{port}");
        // In the kernel a limit is a condition; the files say what is meant.
        if port != 2222 {
            let loaded = capture!("linux/iptables-save-ufw.txt");
            assert_eq!(in_iptables(loaded, port), v4, "{port}");
        }
    }
}

#[test]
fn firewall_profiles_of_windows() {
    let json = capture!("windows/get-net-firewall-profile.json");
    let profiles = net_firewall_profile::profiles(json).unwrap();
    let states: Vec<_> = profiles
        .iter()
        .map(|profile: &Profile| {
            (
                profile.name.as_str(),
                profile.enabled,
                profile.inbound_default,
            )
        })
        .collect();
    assert_eq!(
        states,
        [
            ("Domain", Some(true), DROP),
            ("Private", Some(false), ALLOW),
            ("Public", Some(true), OPEN),
        ]
    );
    // Which of them is in force is not known here.
    assert!(
        windows_firewall::firewall(&profiles)
            .active
            .known()
            .is_none()
    );
    let domain = windows_firewall::firewall(&profiles[..1]);
    assert_eq!(domain.active, Fact::Known(true));
    assert_eq!(domain.inbound_default, Fact::Known(Policy::Drop));
}

#[test]
fn the_application_firewall_of_macos() {
    let state = socketfilterfw::state;
    assert_eq!(
        state(capture!("macos/socketfilterfw-off.txt")),
        Some(State::Off)
    );
    assert_eq!(
        state(capture!("macos/socketfilterfw-on.txt")),
        Some(State::On)
    );
    assert_eq!(
        state(capture!("macos/socketfilterfw-blocks-all.txt")),
        Some(State::BlocksAll)
    );
}

#[test]
fn listening_sockets_of_macos() {
    let sockets = netstat_macos::listening_sockets(capture!("macos/netstat.txt")).unwrap();
    let sockets: Vec<_> = sockets
        .iter()
        .map(|socket| (socket.addr.to_string(), socket.takes_ipv4))
        .collect();
    let socket = |addr: &str, takes_ipv4| (addr.to_owned(), takes_ipv4);
    assert_eq!(
        sockets,
        [
            socket("127.0.0.1:5432", None),
            socket("[::1]:5432", Some(false)),
            socket("[::]:3000", Some(true)),
            socket("[::]:7000", Some(false)),
            socket("0.0.0.0:7000", None),
            socket("[fe80::1]:8080", Some(false)),
        ]
    );
}

#[test]
fn pasted_outputs_are_known_by_their_form() {
    let of = |text: &str, port| {
        let connection = Incoming {
            source: "10.77.1.2".parse().ok(),
            ..Incoming::to_port(port, false)
        };
        firewall_output::read(text, &connection).map(|read| (read.kind, read.port.known().copied()))
    };
    let nft = capture!("linux/nft-host.json");
    assert_eq!(of(nft, 22), Some((FirewallKind::Nftables, ALLOW)));
    let firewalld = capture!("linux/nft-firewalld.json");
    assert_eq!(of(firewalld, 5432), Some((FirewallKind::Firewalld, REJECT)));
    let iptables = capture!("linux/iptables-save.txt");
    assert_eq!(of(iptables, 3306), Some((FirewallKind::Iptables, REJECT)));
    let zones = capture!("linux/firewall-cmd-list-all-zones.txt");
    assert_eq!(of(zones, 5432), Some((FirewallKind::Firewalld, OPEN)));
    let ufw = capture!("linux/ufw-status-verbose.txt");
    assert_eq!(of(ufw, 5432), Some((FirewallKind::Ufw, ALLOW)));
    assert_eq!(of(ufw, 80), Some((FirewallKind::Ufw, DROP)));
    let macos = capture!("macos/socketfilterfw-blocks-all.txt");
    assert_eq!(of(macos, 80), Some((FirewallKind::MacosApplication, DROP)));
    let rules = capture!("macos/pfctl-sr.txt");
    assert_eq!(of(rules, 3306), Some((FirewallKind::Pf, REJECT)));
    assert_eq!(of(rules, 5432), Some((FirewallKind::Pf, OPEN)));
    let profiles = capture!("windows/get-net-firewall-profile.json");
    assert_eq!(
        of(profiles, 80),
        Some((FirewallKind::WindowsDefender, OPEN))
    );
    for text in ["", "hello", "{}", "[]", "<xml/>", "Status: who knows"] {
        assert_eq!(of(text, 80), None, "{text}");
    }
}

/// What netsh prints in three languages. The words of the translated ones are ours; the form is that
/// of Windows, and nothing but the form is read.
#[test]
fn profiles_that_netsh_prints_are_told_by_their_form_in_any_language() {
    let read = |text: &str| {
        let firewall = firewall_output::read(text, &Incoming::to_port(5432, false)).unwrap();
        assert_eq!(firewall.kind, FirewallKind::WindowsDefender);
        // Neither is told without words.
        assert_eq!(firewall.active.known(), None);
        assert_eq!(firewall.port.known(), None);
        (firewall.inbound_default.known().copied(), firewall.remarks)
    };
    let english = read(capture!("windows/netsh-allprofiles-en.txt"));
    assert_eq!(english, (DROP, vec![Remark::VoidsLocalRules]));
    let german = read(capture!("windows/netsh-allprofiles-de.txt"));
    assert_eq!(german, (None, vec![Remark::VoidsLocalRules]));
    let vietnamese = read(capture!("windows/netsh-allprofiles-vi.txt"));
    assert_eq!(vietnamese, (DROP, vec![Remark::IgnoresRules]));
}

/// Only the form is read, so these differ in nothing but the words around it. What an administrator set
/// aside, programs may have.
#[test]
fn ports_that_windows_keeps_are_told_by_their_form_in_any_language() {
    for listing in [
        capture!("windows/netsh-excludedportrange-en.txt"),
        capture!("windows/netsh-excludedportrange-de.txt"),
        capture!("windows/netsh-excludedportrange-vi.txt"),
    ] {
        let ranges = excluded_ports::ranges(listing).unwrap();
        let told: Vec<_> = ranges
            .iter()
            .map(|range| (range.first, range.last))
            .collect();
        assert_eq!(
            told,
            [(1031, 1130), (5357, 5357), (5400, 5499), (61_117, 61_216)]
        );
        let of = |port| excluded_ports::of_port(&ranges, port).map(|range| range.first);
        assert_eq!(
            (of(5432), of(5499), of(5500)),
            (Some(5400), Some(5400), None)
        );
        assert_eq!(of(50_000), None);
    }
    for other in [
        capture!("windows/netsh-allprofiles-en.txt"),
        capture!("windows/netsh-portproxy-show-all.txt"),
    ] {
        assert_eq!(excluded_ports::ranges(other), None);
    }
}

#[test]
fn programs_that_the_application_firewall_of_macos_blocks_are_named() {
    let read = |text: &str| firewall_output::read(text, &Incoming::to_port(80, false)).unwrap();
    let one = read(capture!("macos/socketfilterfw-apps.txt"));
    assert_eq!((one.active.known(), one.port.known()), (Some(&true), None));
    let [Remark::BlocksPrograms { rules }, Remark::HidesClosedPorts] = &one.remarks[..] else {
        panic!("{:?}", one.remarks);
    };
    let programs: Vec<&str> = rules.iter().map(|rule| rule.program.as_str()).collect();
    let blocked = ["/usr/local/bin/python3.12", "/opt/homebrew/bin/node"];
    assert_eq!(programs, blocked);
    let later = read(capture!("macos/socketfilterfw-later.txt"));
    assert_eq!(later.port.known(), Some(&Policy::Drop));
    assert_eq!(later.remarks, [Remark::IgnoresRules]);
    let (_, apps) = capture!("macos/socketfilterfw-apps.txt")
        .split_once("ALF")
        .unwrap();
    let alone = read(&format!("ALF{apps}"));
    assert_eq!((alone.active.known(), alone.port.known()), (None, None));
}

proptest::proptest! {
    #[test]
    fn any_pasted_text_is_answered(text in ".{0,400}") {
        let _ = firewall_output::read(&text, &Incoming::to_port(80, false));
        let _ = firewall_output::read(&format!("*filter\n{text}\nCOMMIT"), &Incoming::to_port(80, true));
    }
}

fn of_gnome(database: &[u8], host: &str, https: bool) -> String {
    let databases = [Database::read(database).unwrap()];
    let target = WebTarget::new(host, 443, https);
    told(gnome::says(
        |path| dconf::stacked(&databases, path),
        &target,
    ))
}

/// What a place says, in short.
fn told(says: impl IntoIterator<Item = Fact<ProxyRule>>) -> String {
    let one = |says| match says {
        Fact::Known(ProxyRule::Direct) => "direct".to_owned(),
        Fact::Known(ProxyRule::Through(proxy)) => proxy.endpoint(),
        Fact::Known(ProxyRule::Exempt(proxy)) => format!("not {}", proxy.endpoint()),
        Fact::Known(ProxyRule::Script { host }) => format!("script {host:?}"),
        Fact::Known(ProxyRule::Discovery) => "discovery".to_owned(),
        Fact::Unknown(gap) => format!("{gap:?}"),
    };
    let all: Vec<String> = says.into_iter().map(one).collect();
    all.join(", ")
}

#[test]
fn proxies_of_gnome() {
    let manual = include_bytes!("captures/linux/dconf/proxy-manual");
    for (host, https, says) in [
        ("web.example", false, "proxy.example.vn:3128"),
        ("web.example", true, "proxy.example.vn:3129"),
        ("db.intern.example.vn", true, "not proxy.example.vn:3129"),
        ("10.1.2.3", false, "not proxy.example.vn:3128"),
    ] {
        assert_eq!(of_gnome(manual, host, https), says, "{host}");
    }
    let script = include_bytes!("captures/linux/dconf/proxy-script");
    let says = of_gnome(script, "web.example", true);
    assert_eq!(says, "script Some(\"wpad.example.vn\")");
}

#[test]
fn what_an_administrator_locks_in_dconf_overrules_the_user() {
    let user = include_bytes!("captures/linux/dconf/proxy-manual");
    let system = include_bytes!("captures/linux/dconf/site-locked");
    let databases = [
        Database::read(user).unwrap(),
        Database::read(system).unwrap(),
    ];
    assert!(databases[1].locks("/system/proxy/mode"));
    assert!(!databases[1].locks("/system/proxy/http/host"));
    let target = WebTarget::new("web.example", 443, true);
    let says = gnome::says(|path| dconf::stacked(&databases, path), &target);
    assert_eq!(told(says), "direct");
}

#[test]
fn proxies_of_kde() {
    let files = [capture!("linux/kioslaverc").to_owned()];
    for (host, https, says) in [
        ("web.example", false, "proxy.example.vn:3128"),
        ("web.example", true, "proxy.example.vn:3129"),
        ("db.intern.example.vn", true, "not proxy.example.vn:3129"),
    ] {
        let target = WebTarget::new(host, 443, https);
        assert_eq!(told(kioslaverc::says(&files, &target)), says, "{host}");
    }
}

#[test]
fn proxies_of_macos() {
    let plist = capture!("macos/proxies.plist");
    for (host, https, says) in [
        ("web.example", false, "proxy.example.vn:3128"),
        ("web.example", true, "proxy.example.vn:3129"),
        ("printer.local", true, "not proxy.example.vn:3129"),
        ("169.254.7.7", false, "not proxy.example.vn:3128"),
        ("intranet", false, "not proxy.example.vn:3128"),
    ] {
        let target = WebTarget::new(host, 443, https);
        assert_eq!(told(macos::says(plist, &target)), says, "{host}");
    }
}
