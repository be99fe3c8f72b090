//! The kernel's own word on what decides.
//!
//! A chain before all others has the packets to the port traced (nft(8), "MONITOR"): the kernel
//! then tells of every rule that a packet fits, by table, chain and handle, and of every policy it
//! meets. That covers iptables, ufw and firewalld as well, whose rules have no counters or none that
//! tell them apart. Only the older tables of iptables-legacy are not traced so: there the counters
//! are compared.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use ketnoi::platform::incoming::Incoming;
use ketnoi::platform::parse::ufw;
use serde_json::Value;

use crate::machine::Machine;
use crate::scenario::{PORT, Scenario};

/// Packets to these ports are traced too: when one of them is told of, all before it were.
const BEGIN: u16 = 40_001;
const END: u16 = 40_002;

const TABLE: &str = "inet witness";

/// What a packet met.
#[derive(Debug)]
struct Met {
    /// The family, such as `inet`, with the table.
    table: String,
    chain: String,
    /// The rule and its handle; nothing for the chain's policy.
    rule: Option<(String, u64)>,
    /// What it did.
    verdict: String,
}

impl Scenario {
    /// What Ketnoi names is what the kernel met last, or what let the packet in.
    pub fn is_witnessed(&self, client: &Machine, server: &mut Machine, named: &Value) {
        if self.rules.contains("iptables-legacy") {
            self.is_counted(client, server, named);
            return;
        }
        let met = self.trace(client, server);
        let is_rule_of = |met: &Met, table: &str, chain: &str| {
            met.table == table && met.chain == chain && met.rule.is_some()
        };
        let decides: Vec<&Met> = if self.fate == "allow" {
            assert!(met.iter().all(|one| one.verdict != "drop"), "{met:#?}");
            met.iter().filter(|one| one.verdict == "accept").collect()
        } else {
            met.last().into_iter().collect()
        };
        let is_named = |one: &&&Met| {
            let text = named["text"].as_str().unwrap();
            match self.firewall {
                "firewalld" => {
                    is_rule_of(one, "inet firewalld", &one.chain)
                        && is_of_zone(&one.chain, &one.rule.as_ref().unwrap().0, named)
                }
                "ufw" => self.is_ufws(server, one, named),
                "nftables" => {
                    let place = &named["chain"];
                    let word = |key: &str| place[key].as_str().unwrap().to_owned();
                    let table = format!("{} {}", word("family"), word("table"));
                    one.table == table
                        && one.chain == word("chain")
                        && match &one.rule {
                            Some((rule, _)) => normal(rule) == normal(text),
                            None => named["is_default"] == true,
                        }
                }
                _ => self.is_of_iptables(server, one, named),
            }
        };
        let found = decides.iter().filter(is_named).count();
        assert_eq!(found, 1, "named {named:#}\nmet {met:#?}");
    }

    /// Traces the client's first packet through the server's rules.
    fn trace(&self, client: &Machine, server: &mut Machine) -> Vec<Met> {
        server.root(&format!(
            "nft 'table {TABLE} {{ chain first {{
                type filter hook prerouting priority -500;
                tcp dport {{ {BEGIN}, {PORT}, {END} }} meta nftrace set 1; }}; }}'"
        ));
        let lines = server.lines_of(&["nft", "-a", "monitor", "trace"]);
        self.until_marked(BEGIN, client, &lines);
        assert_eq!(self.fate_of(client), self.fate);
        let seen = self.until_marked(END, client, &lines);
        server.root(&format!("nft delete table {TABLE}"));
        let port = format!("tcp dport {PORT} ");
        let first = seen.iter().find(|line| line.contains(&port));
        let first = id(first.unwrap_or_else(|| panic!("nothing of the port: {seen:#?}")));
        let own = seen.iter().filter(|line| id(line) == first);
        // A number may come again with a later packet.
        let mut starts = 0;
        let own = own.take_while(|line| {
            starts += usize::from(line.contains(&format!(" {TABLE} first packet: ")));
            starts < 2
        });
        let met = own.filter_map(|line| Met::read(line));
        met.filter(|met| met.table != TABLE).collect()
    }

    /// Knocks at the marked port until the kernel tells of it; what it tells until then.
    fn until_marked(&self, mark: u16, client: &Machine, lines: &Receiver<String>) -> Vec<String> {
        let host = self.host();
        let knock = format!("timeout 0.2 bash -c 'echo >/dev/tcp/{host}/{mark}' || true");
        let mark = format!("tcp dport {mark} ");
        let mut seen = Vec::new();
        for _ in 0..100 {
            client.root(&format!("({knock}) 2>/dev/null"));
            loop {
                match lines.recv_timeout(Duration::from_millis(100)) {
                    Ok(line) if line.contains(&mark) => return seen,
                    Ok(line) => seen.push(line),
                    Err(RecvTimeoutError::Timeout) => break,
                    Err(RecvTimeoutError::Disconnected) => panic!("nft monitor ended"),
                }
            }
        }
        panic!("the kernel tells of nothing");
    }

    /// ufw's own rules are written by iptables, each behind what ufw calls it.
    fn is_ufws(&self, server: &Machine, met: &Met, named: &Value) -> bool {
        let (table, tool, digit) = self.iptables();
        if met.table != table {
            return false;
        }
        if named["is_default"] == true {
            return match &met.rule {
                None => met.chain == "INPUT",
                Some(_) => met.chain == "ufw-reject-input" || met.chain.starts_with("ufw-skip-to"),
            };
        }
        let Some(index) = index_of(server, met) else {
            return false;
        };
        let chain = server.root(&format!("{tool} -S {}", met.chain));
        let rule = chain
            .lines()
            .filter(|line| line.starts_with("-A"))
            .nth(index);
        let files = server.root(&format!("cat /etc/ufw/user{digit}.rules"));
        let lines: Vec<&str> = files.lines().collect();
        let connection = Incoming::to_port(PORT, digit == "6");
        // Every rule of a tuple follows it, in the order in which they were loaded.
        let mut tuple = "";
        let mut at = 0;
        for line in lines {
            if line.starts_with("### tuple ###") {
                tuple = line;
            } else if line.starts_with(&format!("-A {} ", met.chain)) {
                if at == index {
                    let read = ufw::rules(tuple, ufw::Way::In, &connection);
                    let text = read.first().map(|rule| rule.text.clone());
                    assert!(text.is_some(), "{tuple} {rule:?}");
                    return text.as_deref() == named["text"].as_str();
                }
                at += 1;
            }
        }
        false
    }

    fn is_of_iptables(&self, server: &Machine, met: &Met, named: &Value) -> bool {
        let (table, tool, _) = self.iptables();
        let text = named["text"].as_str().unwrap();
        if met.table != table {
            return false;
        }
        if met.rule.is_none() {
            return named["is_default"] == true && text.contains(&format!(" {} policy", met.chain));
        }
        let Some(index) = index_of(server, met) else {
            return false;
        };
        let chain = server.root(&format!("{tool} -S {}", met.chain));
        let mut rules = chain.lines().filter(|line| line.starts_with("-A"));
        rules.nth(index) == Some(text)
    }

    /// The legacy tables have counters for rules and policies.
    fn is_counted(&self, client: &Machine, server: &Machine, named: &Value) {
        assert_eq!(
            named["is_default"], true,
            "rules would have to be told apart"
        );
        let packets = || {
            let listing = server.root("iptables-legacy -L INPUT -v -x -n");
            let head = listing.lines().next().unwrap().to_owned();
            let words: Vec<&str> = head.split_whitespace().collect();
            let at = words.iter().position(|word| *word == "packets,").unwrap();
            (
                words[at - 2].to_owned(),
                words[at - 1].parse::<u64>().unwrap(),
            )
        };
        let (policy, before) = packets();
        assert_eq!(self.fate_of(client), self.fate);
        let (_, after) = packets();
        assert!(after > before, "{before} {after}");
        let named = named["text"].as_str().unwrap();
        assert!(
            named.ends_with(&format!("INPUT policy {}", policy.to_lowercase())),
            "{named}"
        );
    }

    /// The table in nft's words, the tool, and what it adds to the names of ufw's files.
    fn iptables(&self) -> (&'static str, &'static str, &'static str) {
        if self.host().contains(':') {
            ("ip6 filter", "ip6tables", "6")
        } else {
            ("ip filter", "iptables", "")
        }
    }
}

impl Met {
    /// `trace id ID FAMILY TABLE CHAIN rule TEXT # handle N (verdict V)` or `… CHAIN policy V`.
    fn read(line: &str) -> Option<Self> {
        let rest = line.strip_prefix("trace id ")?.split_once(' ')?.1;
        let mut words = rest.splitn(5, ' ');
        let table = format!("{} {}", words.next()?, words.next()?);
        let chain = words.next()?.to_owned();
        let (kind, rest) = (words.next()?, words.next()?);
        let (rule, verdict) = match kind {
            "rule" => {
                let (text, rest) = rest.rsplit_once(" # handle ")?;
                let (handle, verdict) = rest.split_once(" (verdict ")?;
                let rule = (text.to_owned(), handle.parse().ok()?);
                (
                    Some(rule),
                    verdict.trim_end().trim_end_matches(')').to_owned(),
                )
            }
            "policy" => (None, rest.trim().to_owned()),
            _ => return None,
        };
        Some(Self {
            table,
            chain,
            rule,
            verdict,
        })
    }
}

/// Which rule of its chain it is.
fn index_of(server: &Machine, met: &Met) -> Option<usize> {
    let (_, handle) = met.rule.as_ref()?;
    let listing = server.root(&format!("nft -a list chain {} {}", met.table, met.chain));
    let is_rule = |line: &&str| line.contains(" # handle ") && !line.contains("{ # handle ");
    let mut rules = listing.lines().filter(is_rule);
    rules.position(|rule| rule.ends_with(&format!(" # handle {handle}")))
}

fn id(line: &str) -> Option<&str> {
    line.strip_prefix("trace id ")?.split(' ').next()
}

/// Without what counts.
fn normal(rule: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    let mut all = rule.split_whitespace();
    while let Some(word) = all.next() {
        if matches!(word, "packets" | "bytes") {
            all.next();
        } else if word != "counter" {
            words.push(word);
        }
    }
    words.join(" ")
}

/// Whether a rule of firewalld's table is what stands for an entry of a zone (firewalld's chains
/// are named after the zone and what they do).
fn is_of_zone(chain: &str, rule: &str, named: &Value) -> bool {
    let text = named["text"].as_str().unwrap();
    let zone = named["zone"].as_str().unwrap();
    let chains =
        ["", "_pre", "_deny", "_allow", "_post"].map(|end| format!("filter_IN_{zone}{end}"));
    if !chains.iter().any(|own| own == chain) && chain != "filter_INPUT" {
        return false;
    }
    let entry = text.strip_prefix(&format!("zone {zone}, "));
    let has = |part: &str| rule.contains(part);
    match entry.and_then(|entry| entry.split_once(' ')) {
        Some(("target", "default")) => has("reject with icmpx"),
        Some(("target", "DROP")) => rule == "drop",
        Some(("target", "ACCEPT")) => rule == "accept",
        Some(("port", port)) => has(&format!("tcp dport {}", port.trim_end_matches("/tcp"))),
        Some(("service", "postgresql")) => has("tcp dport 5432"),
        // A rule in the rich language says whom it is for.
        None => {
            let address = text
                .split("address=\"")
                .nth(1)
                .and_then(|rest| rest.split('"').next());
            let verb = text.rsplit(' ').next().unwrap();
            address.is_some_and(|address| has(&format!("ip saddr {address}"))) && has(verb)
        }
        Some(_) => false,
    }
}
