//! Random rule sets of iptables and ip6tables.

use std::fmt::Write as _;

use ketnoi::platform::ruleset::Family;

use crate::chance::Chance;

/// A rule set as `iptables-restore` reads it.
pub fn ruleset(chance: &mut Chance, family: Family) -> String {
    let mut text = String::new();
    for (table, hooks, percent) in [
        ("raw", &["PREROUTING", "OUTPUT"][..], 25),
        (
            "mangle",
            &["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
            30,
        ),
        ("filter", &["INPUT", "OUTPUT"], 100),
    ] {
        if chance.percent(percent) {
            text += &table_text(chance, family, table, hooks);
        }
    }
    if chance.percent(15) {
        let port = *chance.one_of(&crate::world::PORTS);
        let to = *chance.one_of(&crate::world::PORTS);
        write!(
            text,
            "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -m tcp --dport {port} -j REDIRECT --to-ports {to}\nCOMMIT\n"
        )
        .unwrap();
    }
    text
}

fn table_text(chance: &mut Chance, family: Family, table: &str, hooks: &[&str]) -> String {
    let mut text = format!("*{table}\n");
    for hook in hooks {
        let strict = chance.percent(if *hook == "INPUT" { 40 } else { 3 });
        writeln!(
            text,
            ":{hook} {} [0:0]",
            if strict { "DROP" } else { "ACCEPT" }
        )
        .unwrap();
    }
    text += ":side0 - [0:0]\n:side1 - [0:0]\n";
    for (chain, sides) in [("side1", &[][..]), ("side0", &["side1"])] {
        text += &rules(chance, family, table, chain, sides);
    }
    for hook in hooks {
        text += &rules(chance, family, table, hook, &["side0", "side1"]);
    }
    text + "COMMIT\n"
}

fn rules(chance: &mut Chance, family: Family, table: &str, chain: &str, sides: &[&str]) -> String {
    let mut text = String::new();
    for _ in 0..chance.below(6) {
        write!(text, "-A {chain}").unwrap();
        if chance.percent(50) {
            write!(text, " {}", tcp_condition(chance)).unwrap();
        }
        if chance.percent(40) {
            write!(text, " {}", address(chance, family)).unwrap();
        }
        if chance.percent(25) {
            write!(text, " {}", interface(chance, chain)).unwrap();
        }
        if chance.percent(50) {
            write!(text, " {}", condition(chance)).unwrap();
        }
        writeln!(text, " {}", target(chance, table, sides)).unwrap();
    }
    text
}

fn target(chance: &mut Chance, table: &str, sides: &[&str]) -> String {
    match chance.below(14) {
        0..=3 => "-j ACCEPT".to_owned(),
        4 | 5 => "-j DROP".to_owned(),
        6 if table == "filter" => "-j REJECT".to_owned(),
        7 => "-j RETURN".to_owned(),
        8 | 9 if !sides.is_empty() => format!("-j {}", chance.one_of(sides)),
        10 if !sides.is_empty() => format!("-g {}", chance.one_of(sides)),
        11 if table == "mangle" => format!(
            "-j MARK --set-xmark 0x{:x}/0x{:x}",
            chance.below(8),
            chance.below(16)
        ),
        12 if table == "mangle" => "-j CONNMARK --save-mark".to_owned(),
        13 if table == "raw" => "-j CT --notrack".to_owned(),
        _ => String::new(),
    }
}

/// iptables takes the protocol once.
fn tcp_condition(chance: &mut Chance) -> String {
    let not = *chance.one_of(&["", "", "! "]);
    let port = *chance.one_of(&crate::world::PORTS);
    match chance.below(6) {
        0..=2 => format!("-p tcp -m tcp {not}--dport {port}"),
        3 => format!("-p tcp -m multiport {not}--dports 22,80:1000,5432"),
        4 => format!("-p tcp -m tcp --sport {}:", 20_000 + chance.below(30_000)),
        _ => format!("-p tcp -m tcp {not}--tcp-flags FIN,SYN,RST,ACK SYN"),
    }
}

fn address(chance: &mut Chance, family: Family) -> String {
    let v4 = [
        "10.9.0.2",
        "10.9.0.0/24",
        "10.9.1.0/25",
        "127.0.0.0/8",
        "10.9.0.2/255.255.0.255",
    ];
    let v6 = ["fd09::2", "fd09::/64", "fd09:1::/112", "::1"];
    let not = *chance.one_of(&["", "", "! "]);
    let end = *chance.one_of(&["-s", "-d"]);
    let address = match family {
        Family::Ip6 => *chance.one_of(&v6),
        _ => *chance.one_of(&v4),
    };
    format!("{not}{end} {address}")
}

fn interface(chance: &mut Chance, chain: &str) -> String {
    let option = match chain {
        "PREROUTING" | "INPUT" => "-i",
        "OUTPUT" | "POSTROUTING" => "-o",
        _ => return String::new(),
    };
    let not = *chance.one_of(&["", "", "! "]);
    format!("{not}{option} {}", chance.one_of(&["eth0", "wlan+", "lo"]))
}

fn condition(chance: &mut Chance) -> String {
    let not = *chance.one_of(&["", "", "! "]);
    match chance.below(5) {
        0 | 1 => {
            let states = ["NEW", "RELATED,ESTABLISHED", "INVALID", "NEW,UNTRACKED"];
            format!("-m conntrack {not}--ctstate {}", chance.one_of(&states))
        }
        2 => {
            let types = ["LOCAL", "UNICAST", "LOCAL,UNICAST"];
            format!("-m addrtype {not}--dst-type {}", chance.one_of(&types))
        }
        3 => {
            let (mark, bits) = (chance.below(4), 1 + chance.below(7));
            format!("-m mark {not}--mark 0x{mark:x}/0x{bits:x}")
        }
        _ => "-m comment --comment \"a rule -j DROP\"".to_owned(),
    }
}
