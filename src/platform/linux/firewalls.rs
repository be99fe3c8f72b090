//! Finds ufw, firewalld, nftables and iptables, and what they do with a connection from another
//! machine.

use std::io;
use std::path::Path;

use super::packet_filters::{self, Loaded};
use super::{Linux, firewalld, read_text, unreadable};
use crate::evidence::{DecidingRule, Fact, Firewall, FirewallKind, Gap, Outbound, Policy};
use crate::platform::incoming::{Incoming, Judgement};
use crate::platform::outgoing::Outgoing;
use crate::platform::parse::ufw::{self, Way};

/// The firewalls of this machine. One that is not installed, and left no sign, is not listed.
pub fn found(linux: &Linux, connection: &Incoming) -> Vec<Firewall> {
    let loaded = Loaded::read(linux);
    let views = views(&linux.proc, connection);
    let all = [
        ufw(linux, &views),
        firewalld(linux, &loaded, &views),
        packet_filters::nftables(linux, &loaded, &views),
        packet_filters::iptables(linux, &loaded, &views),
    ];
    all.into_iter().flatten().collect()
}

/// Why a file gives no answer.
pub fn gap_of(path: &Path, error: &io::Error) -> Gap {
    match error.kind() {
        io::ErrorKind::PermissionDenied => Gap::NeedsAdmin,
        _ => unreadable(path, error),
    }
}

/// The connection over the family of its ends; where neither is known over IPv4, and over IPv6 where
/// this machine can be reached over it.
fn views(proc: &Path, connection: &Incoming) -> Vec<Incoming> {
    let addresses = read_text(&proc.join("net/if_inet6")).unwrap_or_default();
    let has_v6 = addresses
        .lines()
        .any(|line| line.split_ascii_whitespace().next_back() != Some("lo"));
    let is_over = |v6: bool| match connection.destination.or(connection.source) {
        Some(end) => end.is_ipv6() == v6,
        None => has_v6 || !v6,
    };
    let families = [false, true].into_iter().filter(|v6| is_over(*v6));
    let view = |v6| Incoming {
        v6,
        ..connection.clone()
    };
    families.map(view).collect()
}

fn ufw(linux: &Linux, views: &[Incoming]) -> Option<Firewall> {
    let conf = linux.etc.join("ufw/ufw.conf");
    // A removed package leaves its settings behind.
    linux.program("ufw")?;
    let active = match read_text(&conf) {
        Ok(text) => ufw::enabled(&text).ok_or_else(|| unreadable(&conf, &"ENABLED")),
        Err(error) => Err(gap_of(&conf, &error)),
    };
    let defaults = linux.etc.join("default/ufw");
    let defaults = read_text(&defaults).map_err(|error| gap_of(&defaults, &error));
    let inbound_default = defaults.as_ref().map_err(Gap::clone).and_then(|text| {
        let policy = ufw::default_policy(text, Way::In);
        policy.ok_or_else(|| unreadable(&linux.etc, &"DEFAULT_INPUT_POLICY"))
    });
    let judged = inbound_default.clone().and_then(|policy| {
        let filters_v6 = defaults.is_ok_and(|text| ufw::filters_ipv6(&text) == Some(true));
        ufw_port(&linux.etc, views, policy, filters_v6)
    });
    Some(judged_firewall(
        FirewallKind::Ufw,
        active,
        inbound_default,
        judged,
    ))
}

/// With `IPV6=no` ufw leaves IPv6 as it finds it; what it leaves there is not ours to tell.
fn ufw_port(
    etc: &Path,
    views: &[Incoming],
    policy: Policy,
    filters_v6: bool,
) -> Result<Judgement, Gap> {
    let judge = |connection: &Incoming| ufw_judgement(etc, Way::In, connection, policy);
    let seen = views.iter().filter(|view| filters_v6 || !view.v6);
    let judged: Vec<Judgement> = seen.map(judge).collect::<Result<_, Gap>>()?;
    Ok(Judgement::agreed(&judged))
}

/// What ufw's files make of a connection.
fn ufw_judgement(
    etc: &Path,
    way: Way,
    connection: &Incoming,
    policy: Policy,
) -> Result<Judgement, Gap> {
    let digit = if connection.v6 { "6" } else { "" };
    let read = |name: &str| {
        let path = etc.join(format!("ufw/{name}{digit}.rules"));
        read_text(&path).map_err(|error| gap_of(&path, &error))
    };
    let mut rules = ufw::hand_made_rules(&read("before")?, way, connection.port);
    rules.extend(ufw::rules(&read("user")?, way, connection));
    Ok(ufw::judge(&rules, way, policy))
}

/// What ufw does with a connection from this machine, by its files alone: where it stops it, or does
/// so by default while its rules are hidden from us. That it lets it out says nothing of what else
/// there may be.
pub fn outbound_by_ufw(linux: &Linux, connection: &Outgoing) -> Option<Outbound> {
    linux.program("ufw")?;
    let conf = read_text(&linux.etc.join("ufw/ufw.conf")).ok()?;
    let defaults = read_text(&linux.etc.join("default/ufw")).ok()?;
    let v6 = connection.to.is_ipv6();
    let is_filtered = ufw::enabled(&conf)? && (!v6 || ufw::filters_ipv6(&defaults)?);
    let policy = ufw::default_policy(&defaults, Way::Out).filter(|_| is_filtered)?;
    let seen = Incoming {
        source: connection.source,
        destination: Some(connection.to.ip()),
        interface: connection.interface.clone(),
        ..Incoming::to_port(connection.to.port(), v6)
    };
    let (judged, fate) = match ufw_judgement(&linux.etc, Way::Out, &seen, policy) {
        Ok(judged) => {
            let fate = Fact::Known(judged.policy?);
            (judged, fate)
        }
        Err(gap) => (ufw::judge(&[], Way::Out, policy), Fact::Unknown(gap)),
    };
    let stops = judged.policy != Some(Policy::Allow);
    stops.then_some(Outbound {
        to: connection.to,
        policy: fate,
        firewall: Some(FirewallKind::Ufw),
        rule: judged.rule.map(|text| DecidingRule {
            text,
            chain: None,
            zone: None,
            is_default: judged.is_default,
        }),
        stops_answer: false,
    })
}

/// Its zones tell, where we may ask for them; else what it has loaded, where we may list that.
fn firewalld(linux: &Linux, loaded: &Loaded, views: &[Incoming]) -> Option<Firewall> {
    linux
        .program("firewalld")
        .or_else(|| linux.program("firewall-cmd"))?;
    let running = match firewalld::ask() {
        Fact::Known(running) => Ok(running),
        Fact::Unknown(gap) => Err(gap),
    };
    let active = running.as_ref().map(Option::is_some).map_err(Gap::clone);
    let running = running.ok().flatten();
    let remarks = running.as_ref().map(|running| running.remarks(views));
    if let Some(Ok(in_force)) = running.map(|running| running.zones) {
        let judged: Vec<Judgement> = views.iter().map(|view| in_force.judge(view)).collect();
        let otherwise = in_force.otherwise(views.first()?);
        let mut firewall = judged_firewall(
            FirewallKind::Firewalld,
            active,
            otherwise.ok_or_else(it_depends),
            Ok(Judgement::agreed(&judged)),
        );
        if let Some(rule) = &mut firewall.rule {
            rule.zone = in_force.zone(views.first()?);
        }
        firewall.remarks = remarks.unwrap_or_default();
        return Some(firewall);
    }
    Some(packet_filters::of_firewalld(loaded, views, active))
}

/// Not known, as it depends on what is not known of the connection.
pub fn it_depends() -> Gap {
    Gap::Unreadable {
        what: "rules that depend on sender, interface or address family".to_owned(),
    }
}

/// A firewall that does not filter lets everything in, whatever its settings are.
pub fn firewall(
    kind: FirewallKind,
    active: Result<bool, Gap>,
    inbound_default: Result<Policy, Gap>,
    port: Result<Policy, Gap>,
) -> Firewall {
    let off = active == Ok(false);
    let policy = |policy| if off { Ok(Policy::Allow) } else { policy };
    Firewall {
        kind,
        active: fact(active),
        inbound_default: fact(policy(inbound_default)),
        port: fact(policy(port)),
        rule: None,
        remarks: Vec::new(),
    }
}

/// A firewall whose rules we have judged: where one decides, it is named.
pub fn judged_firewall(
    kind: FirewallKind,
    active: Result<bool, Gap>,
    inbound_default: Result<Policy, Gap>,
    judged: Result<Judgement, Gap>,
) -> Firewall {
    let is_on = active != Ok(false);
    let rule = judged.as_ref().ok().and_then(|judged| {
        Some(DecidingRule {
            text: judged.rule.clone()?,
            chain: None,
            zone: None,
            is_default: judged.is_default,
        })
    });
    let port = judged.and_then(|judged| judged.policy.ok_or_else(it_depends));
    Firewall {
        rule: rule.filter(|_| is_on),
        ..firewall(kind, active, inbound_default, port)
    }
}

fn fact<T>(result: Result<T, Gap>) -> Fact<T> {
    match result {
        Ok(value) => Fact::Known(value),
        Err(gap) => Fact::Unknown(gap),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use tempfile::TempDir;

    /// A machine made of files, on which `programs` are installed and we are not root.
    fn machine(programs: &[&str]) -> (TempDir, Linux) {
        let root = tempfile::tempdir().unwrap();
        let folder = |name: &str| root.path().join(name);
        for name in ["proc/self", "proc/net", "etc/ufw", "etc/default", "bin"] {
            fs::create_dir_all(folder(name)).unwrap();
        }
        for program in programs {
            fs::write(folder("bin").join(program), "").unwrap();
        }
        let linux = Linux {
            proc: folder("proc"),
            etc: folder("etc"),
            programs: vec![folder("bin")],
            netlink: false,
        };
        (root, linux)
    }

    fn to(port: u16) -> Incoming {
        Incoming::to_port(port, false)
    }

    fn write(linux: &Linux, file: &str, text: &str) {
        fs::write(linux.etc.join(file), text).unwrap();
    }

    #[test]
    fn what_is_not_installed_is_not_listed() {
        let (_root, linux) = machine(&[]);
        write(&linux, "ufw/ufw.conf", "ENABLED=yes\n");
        assert_eq!(found(&linux, &to(5432)), []);
    }

    #[test]
    fn what_ufw_does_with_own_connections_is_told_as_far_as_its_files_may_be_read() {
        let (_root, linux) = machine(&["ufw"]);
        let to = |addr: &str| Outgoing {
            to: addr.parse().unwrap(),
            source: None,
            interface: Some("eth0".to_owned()),
        };
        let told = |addr: &str| {
            let outbound = outbound_by_ufw(&linux, &to(addr))?;
            let rule = outbound.rule.unwrap();
            Some((outbound.policy.known().copied(), rule.text, rule.is_default))
        };
        let v4 = "10.77.1.10:5432";
        write(&linux, "ufw/ufw.conf", "ENABLED=yes\n");
        write(
            &linux,
            "default/ufw",
            "IPV6=yes\nDEFAULT_OUTPUT_POLICY=\"ACCEPT\"\n",
        );
        assert_eq!(told(v4), None);
        // Of rules that are hidden one may let it out.
        let deny = || "default deny outgoing".to_owned();
        let settings = "IPV6=yes\nDEFAULT_OUTPUT_POLICY=\"DROP\"\n";
        write(&linux, "default/ufw", settings);
        assert_eq!(told(v4), Some((None, deny(), true)));
        for file in ["before.rules", "before6.rules", "user6.rules"] {
            write(&linux, &format!("ufw/{file}"), "");
        }
        let rule = "### tuple ### allow tcp 5432 10.77.1.10 any 0.0.0.0/0 out\n";
        write(&linux, "ufw/user.rules", rule);
        assert_eq!(told(v4), None);
        assert_eq!(
            told("10.77.1.11:5432"),
            Some((Some(Policy::Drop), deny(), true))
        );
        assert_eq!(
            told("[fd77::1]:5432"),
            Some((Some(Policy::Drop), deny(), true))
        );
        write(&linux, "default/ufw", &settings.replace("=yes", "=no"));
        assert_eq!(told("[fd77::1]:5432"), None);
        write(&linux, "ufw/ufw.conf", "ENABLED=no\n");
        assert_eq!(told("10.77.1.11:5432"), None);
    }

    #[test]
    fn without_root_rules_are_unknown_and_not_absent() {
        let (_root, linux) = machine(&["nft", "iptables"]);
        let firewalls = found(&linux, &to(5432));
        let kinds: Vec<_> = firewalls.iter().map(|firewall| firewall.kind).collect();
        assert_eq!(kinds, [FirewallKind::Nftables, FirewallKind::Iptables]);
        for firewall in firewalls {
            assert_eq!(firewall.active, Fact::Unknown(Gap::NeedsAdmin));
            assert_eq!(firewall.inbound_default, Fact::Unknown(Gap::NeedsAdmin));
            assert_eq!(firewall.port, Fact::Unknown(Gap::NeedsAdmin));
        }
    }

    #[test]
    fn the_old_tables_of_the_kernel_are_a_sign_of_iptables() {
        let (_root, linux) = machine(&[]);
        fs::write(linux.proc.join("net/ip_tables_names"), "filter\n").unwrap();
        assert_eq!(found(&linux, &to(80))[0].kind, FirewallKind::Iptables);
    }

    #[test]
    fn ufw_is_read_from_its_files() {
        let (_root, linux) = machine(&["ufw"]);
        write(&linux, "ufw/ufw.conf", "ENABLED=yes\n");
        write(
            &linux,
            "default/ufw",
            "IPV6=yes\nDEFAULT_INPUT_POLICY=\"DROP\"\n",
        );
        let allow = "### tuple ### allow tcp 5432 0.0.0.0/0 any 0.0.0.0/0 in\n";
        write(&linux, "ufw/user.rules", allow);
        write(&linux, "ufw/before.rules", "");
        write(&linux, "ufw/before6.rules", "");
        write(
            &linux,
            "ufw/user6.rules",
            &allow.replace("0.0.0.0/0", "::/0"),
        );
        let policy = |port| found(&linux, &to(port))[0].port.clone();
        assert_eq!(found(&linux, &to(80))[0].active, Fact::Known(true));
        assert_eq!(policy(5432), Fact::Known(Policy::Allow));
        assert_eq!(policy(80), Fact::Known(Policy::Drop));
        // Open over one family only.
        let address = "fe80000000000000000000000000abcd 02 40 20 80 eth0\n";
        fs::write(linux.proc.join("net/if_inet6"), address).unwrap();
        assert_eq!(policy(5432), Fact::Known(Policy::Allow));
        write(&linux, "ufw/user6.rules", "");
        assert!(policy(5432).known().is_none());
    }

    #[test]
    fn a_disabled_ufw_stops_nothing() {
        let (_root, linux) = machine(&["ufw"]);
        write(&linux, "ufw/ufw.conf", "ENABLED=no\n");
        let ufw = &found(&linux, &to(80))[0];
        assert_eq!(ufw.active, Fact::Known(false));
        assert_eq!(ufw.port, Fact::Known(Policy::Allow));
    }

    #[test]
    fn an_ufw_whose_settings_cannot_be_read_is_unknown() {
        let (_root, linux) = machine(&["ufw"]);
        let ufw = &found(&linux, &to(80))[0];
        assert!(ufw.active.known().is_none());
        assert!(ufw.inbound_default.known().is_none());
        assert!(ufw.port.known().is_none());
    }
}
