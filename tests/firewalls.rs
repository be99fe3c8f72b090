//! Real firewalls, made with the system's tools in a network namespace of their own and read
//! through the platform. Only root can make one.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "helpers fail the test like the test itself, and say why it could not run"
)]

use std::process::Output;
use std::{env, fs};

use ketnoi::evidence::{Fact, Firewall, FirewallKind, Policy};
use ketnoi::platform;
use ketnoi::platform::incoming::Incoming;
use ketnoi::platform::outgoing::Outgoing;

/// Set only inside the namespace: the shell command that loads the rules.
const RULES: &str = "KETNOI_TEST_FIREWALL_RULES";

/// Runs the test called `name` again in a new namespace; there, loads the rules and returns true.
#[expect(
    clippy::disallowed_methods,
    reason = "a namespace of its own needs a process of its own"
)]
fn inside_namespace(name: &str, rules: &str) -> bool {
    let run = |program: &str, arguments: &[&str]| -> Output {
        std::process::Command::new(program)
            .args(arguments)
            .env(RULES, rules)
            .output()
            .unwrap()
    };
    let text = |output: &Output| {
        String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr)
    };
    if let Ok(rules) = env::var(RULES) {
        let loaded = run("/bin/sh", &["-ec", &rules]);
        assert!(loaded.status.success(), "{}", text(&loaded));
        return true;
    }
    if fs::metadata("/proc/self")
        .map(|own| std::os::unix::fs::MetadataExt::uid(&own))
        .unwrap()
        != 0
    {
        eprintln!("could not run: only root can make a namespace");
        assert_ne!(
            env::var("CI").as_deref(),
            Ok("true"),
            "CI runs this as root"
        );
        return false;
    }
    let own = env::current_exe().unwrap();
    let own = own.to_str().unwrap();
    let output = run("unshare", &["--net", own, "--exact", name, "--nocapture"]);
    let text = text(&output);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
    false
}

fn firewall(kind: FirewallKind, port: u16) -> Firewall {
    let firewalls = platform::current().firewalls(&Incoming::to_port(port, false));
    let firewalls = firewalls.known().unwrap();
    let found = firewalls.iter().find(|firewall| firewall.kind == kind);
    found
        .unwrap_or_else(|| panic!("{kind:?} in {firewalls:?}"))
        .clone()
}

fn port(kind: FirewallKind, number: u16) -> Option<Policy> {
    firewall(kind, number).port.known().copied()
}

#[test]
fn rules_of_nft_decide_ports() {
    let rules = "nft add table inet t
        nft add chain inet t in '{ type filter hook input priority 0; policy drop; }'
        nft add rule inet t in tcp dport 5432 accept
        nft add rule inet t in ip saddr 192.0.2.7 tcp dport 80 accept
        nft add rule inet t in tcp dport 3306 reject";
    if !inside_namespace("rules_of_nft_decide_ports", rules) {
        return;
    }
    let nft = FirewallKind::Nftables;
    assert_eq!(firewall(nft, 22).active, Fact::Known(true));
    assert_eq!(firewall(nft, 22).inbound_default, Fact::Known(Policy::Drop));
    assert_eq!(port(nft, 5432), Some(Policy::Allow));
    assert_eq!(port(nft, 3306), Some(Policy::Reject));
    assert_eq!(port(nft, 22), Some(Policy::Drop));
    assert_eq!(port(nft, 80), None);
}

#[test]
fn rules_of_both_kinds_of_iptables_are_found() {
    for back_end in ["nft", "legacy"] {
        let rules = format!(
            "iptables-{back_end} -A INPUT -p tcp --dport 5432 -j REJECT
             iptables-{back_end} -A INPUT -s 192.0.2.7 -p tcp --dport 80 -j DROP"
        );
        if !inside_namespace("rules_of_both_kinds_of_iptables_are_found", &rules) {
            continue;
        }
        let iptables = FirewallKind::Iptables;
        assert_eq!(firewall(iptables, 22).active, Fact::Known(true));
        assert_eq!(port(iptables, 5432), Some(Policy::Reject));
        assert_eq!(port(iptables, 22), Some(Policy::Allow));
        assert_eq!(port(iptables, 80), None);
        assert_eq!(
            firewall(FirewallKind::Nftables, 22).active,
            Fact::Known(false)
        );
        return;
    }
}

#[test]
fn a_machine_without_rules_filters_nothing() {
    if !inside_namespace("a_machine_without_rules_filters_nothing", "true") {
        return;
    }
    for kind in [FirewallKind::Nftables, FirewallKind::Iptables] {
        assert_eq!(firewall(kind, 22).active, Fact::Known(false), "{kind:?}");
        assert_eq!(port(kind, 22), Some(Policy::Allow), "{kind:?}");
    }
}

#[test]
fn the_rule_that_stops_what_leaves_is_named() {
    let rules = "nft add table inet t
        nft add chain inet t out '{ type filter hook output priority 0; policy accept; }'
        nft add rule inet t out ip daddr 192.0.2.0/24 tcp dport 5432 drop
        nft add rule inet t out meta skuid 4242 reject
        iptables -A INPUT -p tcp --sport 80 -j DROP";
    if !inside_namespace("the_rule_that_stops_what_leaves_is_named", rules) {
        return;
    }
    let to = |port| Outgoing {
        to: std::net::SocketAddr::from(([192, 0, 2, 7], port)),
        source: None,
        interface: None,
    };
    let judged = platform::current().outbound(&[to(5432), to(22), to(80)]);
    let told = judged.known().unwrap().iter().map(|outbound| {
        let rule = outbound.rule.as_ref().map(|rule| rule.text.as_str());
        let policy = outbound.policy.known().copied();
        (policy, outbound.firewall, rule, outbound.stops_answer)
    });
    let (drop, allow) = (Some(Policy::Drop), Some(Policy::Allow));
    let (nft, iptables) = (Some(FirewallKind::Nftables), Some(FirewallKind::Iptables));
    let leaving = "ip daddr 192.0.2.0/24 tcp dport 5432 drop";
    let answer = "-A INPUT -p tcp -m tcp --sport 80 -j DROP";
    let told: Vec<_> = told.collect();
    assert_eq!(told[0], (drop, nft, Some(leaving), false));
    assert_eq!((told[1].0, told[1].3), (allow, false));
    assert_eq!(told[2], (drop, iptables, Some(answer), true));
}
