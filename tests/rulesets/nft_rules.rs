//! Random rule sets of nft: tables of several families, base chains on every hook with their own
//! priorities and policies, jumps, sets, maps, marks, connection state.

use std::fmt::Write as _;

use crate::chance::Chance;

/// A rule set as nft reads it. Some are not accepted by the kernel; then the next seed is taken.
pub fn ruleset(chance: &mut Chance) -> String {
    let mut text = String::new();
    for number in 0..=chance.below(3) {
        let family = *chance.one_of(&["inet", "inet", "ip", "ip6"]);
        text += &table(chance, family, number);
    }
    if chance.percent(6) {
        let rule = format!("{} counter drop", condition(chance, "netdev"));
        write!(
            text,
            "table netdev n {{\n chain i {{\n type filter hook ingress device \"eth0\" priority 0;\n\
             {rule}\n }}\n}}\n"
        )
        .unwrap();
    }
    text
}

fn table(chance: &mut Chance, family: &'static str, number: usize) -> String {
    let mut table = Table {
        chance,
        family,
        rejects: false,
        side_chains: 0,
    };
    table.rejects = table.chance.percent(60);
    table.side_chains = table.chance.below(4);
    let mut text = format!("table {family} t{number} {{\n");
    text += &sets(table.chance, family);
    // A chain is only led to from those above it.
    for index in (0..table.side_chains).rev() {
        let rules = table.rules(index + 1, false);
        writeln!(text, " chain side{index} {{\n{rules} }}").unwrap();
    }
    let hooks: &[&str] = if table.rejects {
        &["input", "input", "output"]
    } else {
        &["prerouting", "input", "input", "output", "postrouting"]
    };
    for index in 0..=table.chance.below(3) {
        let hook = *table.chance.one_of(hooks);
        text += &table.base_chain(index, hook);
    }
    if table.chance.percent(10) {
        text += " chain nat {\n type nat hook prerouting priority dstnat;\n";
        let port = *table.chance.one_of(&crate::world::PORTS);
        let to = *table.chance.one_of(&crate::world::PORTS);
        writeln!(text, " tcp dport {port} counter redirect to :{to}\n }}").unwrap();
    }
    text + "}\n"
}

struct Table<'a> {
    chance: &'a mut Chance,
    family: &'static str,
    /// Whether rules may refuse, which not every hook allows.
    rejects: bool,
    side_chains: usize,
}

impl Table<'_> {
    fn base_chain(&mut self, index: usize, hook: &str) -> String {
        let priorities: &[i32] = match hook {
            "prerouting" | "output" => &[-350, -300, -150, -50, 0, 20],
            _ => &[-150, -10, 0, 10, 50, 120],
        };
        let priority = *self.chance.one_of(priorities);
        let strict = self.chance.percent(if hook == "input" { 40 } else { 4 });
        let policy = if strict { "drop" } else { "accept" };
        let rules = self.rules(0, priority < -200);
        format!(
            " chain base{index} {{\n type filter hook {hook} priority {priority}; policy {policy};\n{rules} }}\n"
        )
    }

    /// Rules that may lead to the side chains from `first_side` on.
    fn rules(&mut self, first_side: usize, is_early: bool) -> String {
        let mut text = String::new();
        for _ in 0..=self.chance.below(6) {
            // nft takes no rule that is about two protocols.
            let family = match self.family {
                "inet" => *self.chance.one_of(&["ip", "ip6"]),
                family => family,
            };
            if self.chance.percent(6) {
                let other = self
                    .chance
                    .one_of(&OTHER_PROTOCOLS)
                    .replace("FAMILY", family);
                let verdict = self.verdict(first_side);
                writeln!(text, "  {other} counter {verdict}").unwrap();
                continue;
            }
            let conditions = self.chance.below(4);
            let conditions = (0..conditions).map(|_| condition(self.chance, family) + " ");
            let conditions: String = conditions.collect();
            let action = self.action(first_side, is_early);
            writeln!(text, "  {conditions}counter {action}").unwrap();
        }
        text
    }

    fn action(&mut self, first_side: usize, is_early: bool) -> String {
        let verdict = self.verdict(first_side);
        match self.chance.below(20) {
            0 => {
                let mark = self.chance.below(8);
                format!("meta mark set {mark}")
            }
            1 => {
                let (mark, flip) = (self.chance.below(16), self.chance.below(16));
                format!("meta mark set mark and {mark} xor {flip}")
            }
            2 => "meta mark set tcp dport map { 22 : 1, 80-443 : 2 }".to_owned(),
            3 if !is_early => format!("ct mark set {}", self.chance.below(4)),
            3 if is_early => "notrack".to_owned(),
            4 => {
                let other = self.verdict(first_side);
                format!("tcp dport vmap {{ 22 : {verdict}, 80-443 : {other} }}")
            }
            5 => "tcp dport vmap @verdicts".to_owned(),
            6 => {
                let other = self.verdict(first_side);
                format!(
                    "iifname . tcp dport vmap {{ \"eth0\" . 22 : {verdict}, \"lo\" . 80 : {other} }}"
                )
            }
            7 => format!("ct state vmap {{ new : {verdict}, established : accept }}"),
            8 => String::new(),
            10..=12 if self.rejects => format!("reject{}", self.answer()),
            9 => {
                let other = self.verdict(first_side);
                format!("tcp dport vmap {{ 5432 : {verdict}, * : {other} }}")
            }
            _ => verdict,
        }
    }

    /// How a rule refuses; nft knows ICMP errors for both families only where both are.
    fn answer(&mut self) -> &'static str {
        let answers: &[&'static str] = match self.family {
            "inet" => &[
                "",
                " with tcp reset",
                " with icmpx admin-prohibited",
                " with icmp port-unreachable",
                " with icmpv6 port-unreachable",
            ],
            "ip" => &["", " with tcp reset", " with icmp host-prohibited"],
            _ => &["", " with tcp reset", " with icmpv6 no-route"],
        };
        answers[self.chance.below(answers.len())]
    }

    fn verdict(&mut self, first_side: usize) -> String {
        let sides = self.side_chains.saturating_sub(first_side);
        match self.chance.below(12) {
            4 | 5 => "drop".to_owned(),
            6 => "return".to_owned(),
            7..=9 if sides > 0 => {
                let side = first_side + self.chance.below(sides);
                let how = if self.chance.percent(70) {
                    "jump"
                } else {
                    "goto"
                };
                format!("{how} side{side}")
            }
            10 => "continue".to_owned(),
            _ => "accept".to_owned(),
        }
    }
}

/// What no TCP packet is, whatever else it says.
const OTHER_PROTOCOLS: [&str; 6] = [
    "udp dport 53",
    "udp dport != 53",
    "meta l4proto udp",
    "meta l4proto != tcp",
    "meta l4proto { tcp, udp } th dport 22-80",
    "meta protocol FAMILY meta l4proto { udp, sctp }",
];

fn sets(chance: &mut Chance, family: &str) -> String {
    let mut text = String::from(
        " set ports { type inet_service; flags interval; elements = { 22, 80-443 } }\n\
         \x20set links { type ifname; elements = { \"eth0\", \"lo\" } }\n\
         \x20map verdicts { type inet_service : verdict; elements = { 443 : accept, 8080 : drop } }\n",
    );
    let last = *chance.one_of(&[2, 129, 200]);
    if family != "ip6" {
        write!(
            text,
            " set hosts {{ type ipv4_addr; flags interval; elements = {{ 10.9.0.2-10.9.0.{last}, 127.0.0.0/8 }} }}\n\
             \x20set pairs {{ type ipv4_addr . inet_service; flags interval; elements = {{ 10.9.0.0/24 . 22, 10.9.1.1-10.9.1.{last} . 80-5432 }} }}\n"
        )
        .unwrap();
    }
    if family != "ip" {
        writeln!(
            text,
            " set hosts6 {{ type ipv6_addr; flags interval; elements = {{ fd09::/112, ::1 }} }}"
        )
        .unwrap();
    }
    text
}

/// A condition; those of a family are only for its tables.
fn condition(chance: &mut Chance, family: &str) -> String {
    let device = family == "netdev";
    let v4 = [
        "10.9.0.2",
        "10.9.0.0/24",
        "10.9.1.0/25",
        "127.0.0.0/8",
        "10.9.0.1-10.9.0.100",
        "{ 10.9.0.2, 10.9.1.128/25 }",
    ];
    let v6 = [
        "fd09::2",
        "fd09::/64",
        "fd09:1::/112",
        "::1",
        "{ fd09::1, fd09:1::2-fd09:1::8:2 }",
    ];
    let sign = *chance.one_of(&["", "", "!= "]);
    let end = *chance.one_of(&["saddr", "daddr"]);
    let port = *chance.one_of(&crate::world::PORTS);
    let source_port = 20_000 + chance.below(30_000);
    let choice = chance.below(if device { 9 } else { 34 });
    match choice {
        4 => format!("tcp dport {sign}{{ 22, 80-1000, 5432 }}"),
        5 => format!(
            "tcp dport {}",
            chance.one_of(&["< 100", ">= 443", "> 22", "<= 80", "!= 80-500", "1-100"])
        ),
        6 => format!(
            "tcp sport {} {source_port}",
            chance.one_of(&["<", ">", ">=", "!="])
        ),
        7 if family != "ip6" => format!("ip {end} {sign}{}", chance.one_of(&v4)),
        7 | 8 if family != "ip" => format!("ip6 {end} {sign}{}", chance.one_of(&v6)),
        8..=11 if family != "ip6" => format!("ip {end} {sign}{}", chance.one_of(&v4)),
        9..=12 if family != "ip" => format!("ip6 {end} {sign}{}", chance.one_of(&v6)),
        13 => format!(
            "iifname {sign}{}",
            chance.one_of(&[
                "\"eth0\"",
                "\"wlan*\"",
                "\"lo\"",
                "{ \"lo\", \"wlan*\" }",
                "@links"
            ])
        ),
        14 => format!(
            "oifname {sign}{}",
            chance.one_of(&["\"eth0\"", "\"wlan*\"", "\"lo\""])
        ),
        15 => format!("iif {sign}\"{}\"", chance.one_of(&["eth0", "wlan0", "lo"])),
        16 => format!("oif {sign}\"{}\"", chance.one_of(&["eth0", "wlan0", "lo"])),
        17 => format!("tcp dport {sign}@ports"),
        18 if family != "ip6" => format!("ip {end} {sign}@hosts"),
        19 if family != "ip6" => format!("ip {end} . tcp dport @pairs"),
        18 | 19 => format!("ip6 {end} {sign}@hosts6"),
        20 | 21 => format!(
            "ct state {}",
            chance.one_of(&[
                "new",
                "established,related",
                "{ new, untracked }",
                "invalid",
                "!= new",
                "! established"
            ])
        ),
        22 => (*chance.one_of(&[
            "tcp flags syn",
            "tcp flags & (fin|syn|rst|ack) == syn",
            "tcp flags & (syn|ack) == syn|ack",
            "tcp flags & ack != 0",
            "tcp flags == syn",
        ]))
        .to_owned(),
        23 => format!("meta l4proto {}", chance.one_of(&["tcp"])),
        24 => format!("meta protocol {family}"),
        25 => format!(
            "fib {end} type {sign}{}",
            chance.one_of(&["local", "unicast", "{ local, broadcast }"])
        ),
        26 => format!("meta mark {sign}{}", chance.below(8)),
        27 => format!("meta mark & {} == {}", 1 + chance.below(7), chance.below(4)),
        28 => format!("ct mark {sign}{}", chance.below(4)),
        29 => format!("ct direction {}", chance.one_of(&["original", "reply"])),
        30 => "ct status dnat".to_owned(),
        31 => format!("th dport {sign}{port}"),
        32 => (*chance.one_of(&[
            "limit rate 1000/second",
            "meta length > 10",
            "meta pkttype host",
        ]))
        .to_owned(),
        33 if family != "ip6" => format!("ip {end} & 255.255.0.255 == 10.9.0.2"),
        _ => format!("tcp dport {sign}{port}"),
    }
}
