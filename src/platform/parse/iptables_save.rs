//! What `iptables-save` and `ip6tables-save` print: tables, chains and rules, seen by one packet.
//!
//! Understood are protocol, ports, connection state, the loopback interface, TCP flags and
//! address types. Any other condition makes its rule one that may or may not apply.

use crate::evidence::Policy;
use crate::platform::packet_filter::{Action, Applies, Chain, Chains, Entry, Hook, Packet, Rule};

/// The tables, each with its chains as `packet` meets them; nothing when the text does not have
/// the form.
#[must_use]
pub fn tables(text: &str, packet: Packet) -> Option<Vec<Chains>> {
    let mut tables: Vec<(&str, Chains)> = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('*') {
            tables.push((name, Chains::default()));
        } else if let Some(declaration) = line.strip_prefix(':') {
            let (table, chains) = tables.last_mut()?;
            let (name, chain) = read_chain(table, declaration)?;
            chains.0.insert(name.to_owned(), chain);
        } else if let Some(rule) = line.strip_prefix("-A ") {
            let (_, chains) = tables.last_mut()?;
            let words = split_words(rule);
            let (chain, conditions) = words.split_first()?;
            let rule = read_rule(conditions, packet);
            chains.0.get_mut(chain)?.rules.push(rule);
        } else if !(line.is_empty() || line.starts_with('#') || line == "COMMIT") {
            return None;
        }
    }
    Some(tables.into_iter().map(|(_, chains)| chains).collect())
}

/// `NAME POLICY [packets:bytes]`; own chains have `-` for a policy.
fn read_chain<'a>(table: &str, declaration: &'a str) -> Option<(&'a str, Chain)> {
    let mut words = declaration.split_ascii_whitespace();
    let (name, policy) = (words.next()?, words.next()?);
    let policy = match policy {
        "DROP" => Policy::Drop,
        _ => Policy::Allow,
    };
    let hook = match name {
        "PREROUTING" => Some(Hook::Prerouting),
        "INPUT" => Some(Hook::Input),
        _ => None,
    };
    let priority = match table {
        "raw" => -300,
        "mangle" => -150,
        "nat" => -100,
        "security" => 50,
        _ => 0,
    };
    let entry = hook.map(|hook| Entry {
        hook,
        priority,
        policy,
    });
    let rules = Vec::new();
    Some((name, Chain { entry, rules }))
}

/// Words, with double quotes and backslashes as iptables-save writes them.
fn split_words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            '\\' if quoted => word.get_or_insert_default().extend(characters.next()),
            character if character.is_ascii_whitespace() && !quoted => words.extend(word.take()),
            character => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}

fn read_rule(words: &[String], packet: Packet) -> Rule {
    let mut applies = Applies::Always;
    let mut action = Action::Continue;
    let mut words = words.iter().map(String::as_str);
    let mut negated = false;
    while let Some(word) = words.next() {
        let met = match word {
            "!" => {
                negated = true;
                continue;
            }
            // What follows a target are its own options.
            "-j" | "-g" => {
                action = read_target(word, words.next().unwrap_or_default());
                break;
            }
            "-m" | "--comment" => {
                words.next();
                continue;
            }
            "-p" => Applies::when(matches!(words.next(), Some("tcp" | "6" | "all"))),
            "-i" => match words.next() {
                Some("lo") => Applies::Never,
                _ => Applies::Sometimes,
            },
            "--dport" | "--dports" => ports(words.next().unwrap_or_default(), packet.port),
            "--ctstate" | "--state" => {
                let mut states = words.next().unwrap_or_default().split(',');
                Applies::when(states.any(|state| state == "NEW"))
            }
            "--dst-type" => match words.next() {
                Some("LOCAL" | "UNICAST") => Applies::Always,
                Some("BROADCAST" | "MULTICAST" | "ANYCAST") => Applies::Never,
                _ => Applies::Sometimes,
            },
            "--tcp-flags" => syn_flags(words.next(), words.next()),
            "--icmp-type" | "--icmpv6-type" => {
                words.next();
                Applies::Never
            }
            option if option.starts_with('-') => Applies::Sometimes,
            // The value of an option that we do not know.
            _ => continue,
        };
        applies = applies.min(if negated { met.negated() } else { met });
        negated = false;
    }
    Rule { applies, action }
}

fn read_target(option: &str, target: &str) -> Action {
    match target {
        "ACCEPT" => Action::Decide(Policy::Allow),
        "DROP" => Action::Decide(Policy::Drop),
        "REJECT" => Action::Decide(Policy::Reject),
        "RETURN" => Action::Return,
        "LOG" | "NFLOG" | "ULOG" | "AUDIT" | "MARK" | "CONNMARK" | "TRACE" | "CT" | "TCPMSS"
        | "SET" | "TTL" | "HL" | "DSCP" | "TOS" | "NOTRACK" | "CLASSIFY" | "CHECKSUM" => {
            Action::Continue
        }
        "DNAT" | "REDIRECT" | "TPROXY" | "NFQUEUE" | "QUEUE" | "NETMAP" | "SYNPROXY" => {
            Action::Obscure
        }
        chain if option == "-g" => Action::Goto(chain.to_owned()),
        // An extension that is no chain is not found when it is followed, and so is obscure.
        chain => Action::Jump(chain.to_owned()),
    }
}

fn ports(list: &str, port: Option<u16>) -> Applies {
    let Some(port) = port else {
        return Applies::Never;
    };
    let covers = |part: &str| {
        let (low, high) = part.split_once(':').unwrap_or((part, part));
        let low = if low.is_empty() { "0" } else { low };
        let high = if high.is_empty() { "65535" } else { high };
        match (low.parse::<u16>(), high.parse::<u16>()) {
            (Ok(low), Ok(high)) => Applies::when((low..=high).contains(&port)),
            _ => Applies::Sometimes,
        }
    };
    list.split(',')
        .map(covers)
        .max()
        .unwrap_or(Applies::Sometimes)
}

/// `--tcp-flags MASK SET`, for a packet that opens a connection: of all flags it has only SYN.
fn syn_flags(mask: Option<&str>, set: Option<&str>) -> Applies {
    let (Some(mask), Some(set)) = (mask, set) else {
        return Applies::Sometimes;
    };
    let looks_at_syn = mask == "ALL" || mask.split(',').any(|flag| flag == "SYN");
    Applies::when(match set {
        "SYN" => looks_at_syn,
        "NONE" => !looks_at_syn,
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::packet_filter::fates;
    use proptest::prelude::*;

    const PACKET: Packet = Packet {
        port: Some(5432),
        v6: false,
    };

    fn policy(policy: &str, rules: &str) -> Option<Policy> {
        let text = format!("*filter\n:INPUT {policy} [0:0]\n:side - [0:0]\n{rules}\nCOMMIT\n");
        fates(&tables(&text, PACKET).unwrap()).only()
    }

    #[test]
    fn ports_states_and_interfaces_are_understood() {
        for (rules, expected) in [
            (
                "-A INPUT -p tcp -m tcp --dport 5432 -j ACCEPT",
                Policy::Allow,
            ),
            (
                "-A INPUT -p tcp -m tcp --dport 5433 -j ACCEPT",
                Policy::Drop,
            ),
            (
                "-A INPUT -p tcp -m multiport --dports 22,5000:6000 -j ACCEPT",
                Policy::Allow,
            ),
            (
                "-A INPUT -p udp -m udp --dport 5432 -j ACCEPT",
                Policy::Drop,
            ),
            ("-A INPUT -i lo -j ACCEPT", Policy::Drop),
            (
                "-A INPUT ! -i lo -j REJECT --reject-with icmp-port-unreachable",
                Policy::Reject,
            ),
            (
                "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
                Policy::Drop,
            ),
            (
                "-A INPUT -p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT",
                Policy::Drop,
            ),
            (
                "-A INPUT -j side\n-A side -m comment --comment \"a -j DROP b\" -j ACCEPT",
                Policy::Allow,
            ),
        ] {
            assert_eq!(policy("DROP", rules), Some(expected), "{rules}");
        }
    }

    #[test]
    fn other_conditions_leave_it_open() {
        for rules in [
            "-A INPUT -s 192.168.1.0/24 -p tcp -m tcp --dport 5432 -j ACCEPT",
            "-A INPUT -i eth0 -j ACCEPT",
            "-A INPUT -m limit --limit 3/min -j ACCEPT",
            "-A INPUT -m set --match-set friends src -j ACCEPT",
            "-A INPUT -j EXTENSION --with option",
        ] {
            assert_eq!(policy("DROP", rules), None, "{rules}");
        }
    }

    #[test]
    fn another_form_is_no_rule_set() {
        assert_eq!(tables("-P INPUT ACCEPT\n", PACKET), None);
        assert_eq!(tables("*filter\n-A INPUT -j DROP\n", PACKET), None);
        assert_eq!(tables("", PACKET), Some(vec![]));
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>(), rule in any::<String>()) {
            let _ = tables(&text, PACKET);
            let rule = rule.replace(['\n', '\r'], " ");
            let text = format!("*filter\n:INPUT DROP [0:0]\n-A INPUT {rule}\nCOMMIT\n");
            let _ = tables(&text, PACKET).map(|tables| fates(&tables));
        }
    }
}
