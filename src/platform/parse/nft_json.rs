//! `nft -j list ruleset` (libnftables-json(5)): tables, base chains and rules, seen by one packet.
//!
//! Understood are the expressions of ordinary host firewalls: ports, protocol, connection state,
//! the loopback interface, verdicts and verdict maps written in place. Anything else makes its
//! rule one that may or may not apply.

use serde_json::Value;

use crate::evidence::Policy;
use crate::platform::packet_filter::{Action, Applies, Chain, Chains, Entry, Hook, Packet, Rule};

/// A table and its chains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// `ip`, `ip6`, `inet`, `netdev`, …
    pub family: String,
    /// Its name.
    pub name: String,
    /// Its chains as `packet` meets them.
    pub chains: Chains,
}

impl Table {
    /// Whether the table was made by iptables or ip6tables, which keep their rules in tables and
    /// chains of fixed names.
    #[must_use]
    pub fn is_of_iptables(&self) -> bool {
        matches!(self.family.as_str(), "ip" | "ip6")
            && matches!(
                self.name.as_str(),
                "filter" | "nat" | "mangle" | "raw" | "security"
            )
            && self.chains.0.iter().any(|(name, chain)| {
                chain.entry.is_some() && name.bytes().all(|byte| byte.is_ascii_uppercase())
            })
    }

    /// Whether firewalld made it.
    #[must_use]
    pub fn is_of_firewalld(&self) -> bool {
        self.name == "firewalld"
    }
}

/// The tables whose chains `packet` may pass; nothing when the text is no rule set.
#[must_use]
pub fn tables(json: &str, packet: Packet) -> Option<Vec<Table>> {
    let ruleset: Value = serde_json::from_str(json).ok()?;
    let mut tables = Vec::new();
    for object in ruleset.get("nftables")?.as_array()? {
        if let Some(table) = object.get("table") {
            table_of(&mut tables, text(table, "family")?, text(table, "name")?);
        } else if let Some(chain) = object.get("chain") {
            let entry = entry(chain);
            let chain = chain_of(&mut tables, chain, "name")?;
            chain.entry = entry;
            if entry.is_some_and(|entry| entry.hook == Hook::Ingress) {
                chain.rules.push(OTHER_DEVICE);
            }
        } else if let Some(rule) = object.get("rule") {
            let rules = read_rule(rule.get("expr")?.as_array()?, packet);
            chain_of(&mut tables, rule, "chain")?.rules.extend(rules);
        }
    }
    tables.retain(|table| match table.family.as_str() {
        "ip" => !packet.v6,
        "ip6" => packet.v6,
        "inet" | "netdev" => true,
        _ => false,
    });
    Some(tables)
}

fn text<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object.get(key)?.as_str()
}

fn table_of<'a>(tables: &'a mut Vec<Table>, family: &str, name: &str) -> &'a mut Table {
    let known = tables
        .iter()
        .position(|table| table.family == family && table.name == name);
    let index = known.unwrap_or_else(|| {
        tables.push(Table {
            family: family.to_owned(),
            name: name.to_owned(),
            chains: Chains::default(),
        });
        tables.len() - 1
    });
    &mut tables[index]
}

fn chain_of<'a>(tables: &'a mut Vec<Table>, object: &Value, key: &str) -> Option<&'a mut Chain> {
    let table = table_of(tables, text(object, "family")?, text(object, "table")?);
    let name = text(object, key)?.to_owned();
    Some(table.chains.0.entry(name).or_default())
}

fn entry(chain: &Value) -> Option<Entry> {
    let hook = match text(chain, "hook")? {
        "ingress" => Hook::Ingress,
        "prerouting" => Hook::Prerouting,
        "input" => Hook::Input,
        _ => return None,
    };
    Some(Entry {
        hook,
        priority: chain.get("prio").and_then(Value::as_i64).unwrap_or(0),
        policy: match text(chain, "policy") {
            Some("drop") => Policy::Drop,
            _ => Policy::Allow,
        },
    })
}

/// One rule, or several when a verdict map is written out.
fn read_rule(expressions: &[Value], packet: Packet) -> Vec<Rule> {
    let mut applies = Applies::Always;
    let mut not_understood = false;
    for expression in expressions {
        let Some((name, content)) = single(expression) else {
            return vec![OBSCURE];
        };
        match name {
            "match" => applies = applies.min(read_match(content, packet)),
            "counter" | "log" | "comment" | "mangle" | "notrack" | "meter" | "dup" => {}
            "limit" | "ct count" | "quota" | "set" => applies = applies.min(Applies::Sometimes),
            "vmap" => return read_verdict_map(content, applies, packet),
            _ => {
                if let Some(action) = verdict(name, content) {
                    return vec![Rule { applies, action }];
                }
                // A condition, or a target that decides in a way we do not see.
                not_understood = true;
                applies = applies.min(Applies::Sometimes);
            }
        }
    }
    match (applies, not_understood) {
        (Applies::Never, _) | (_, false) => vec![],
        (Applies::Sometimes | Applies::Always, true) => vec![OBSCURE],
    }
}

const OBSCURE: Rule = Rule {
    applies: Applies::Sometimes,
    action: Action::Obscure,
};

/// An ingress chain belongs to one device; a packet may come by another.
const OTHER_DEVICE: Rule = Rule {
    applies: Applies::Sometimes,
    action: Action::Decide(Policy::Allow),
};

fn single(object: &Value) -> Option<(&str, &Value)> {
    let object = object.as_object()?;
    let (name, content) = object.iter().next()?;
    (object.len() == 1).then_some((name.as_str(), content))
}

fn verdict(name: &str, content: &Value) -> Option<Action> {
    Some(match name {
        "accept" => Action::Decide(Policy::Allow),
        "drop" => Action::Decide(Policy::Drop),
        "reject" => Action::Decide(Policy::Reject),
        "continue" => Action::Continue,
        "return" => Action::Return,
        "jump" => Action::Jump(text(content, "target")?.to_owned()),
        "goto" => Action::Goto(text(content, "target")?.to_owned()),
        "dnat" | "redirect" | "tproxy" | "queue" | "fwd" | "synproxy" => Action::Obscure,
        _ => return None,
    })
}

/// `KEY vmap { VALUE : VERDICT, … }`. The values of a map exclude each other, so their order does
/// not matter.
fn read_verdict_map(content: &Value, before: Applies, packet: Packet) -> Vec<Rule> {
    let pairs = content.get("data").and_then(|data| data.get("set"));
    let (Some(key), Some(pairs)) = (content.get("key"), pairs.and_then(Value::as_array)) else {
        return vec![OBSCURE];
    };
    let rule = |pair: &Value| {
        let (value, (name, content)) = (pair.get(0)?, single(pair.get(1)?)?);
        Some(Rule {
            applies: before.min(compare(key, value, packet)),
            action: verdict(name, content)?,
        })
    };
    pairs
        .iter()
        .map(|pair| rule(pair).unwrap_or(OBSCURE))
        .collect()
}

fn read_match(content: &Value, packet: Packet) -> Applies {
    let (Some(left), Some(right)) = (content.get("left"), content.get("right")) else {
        return Applies::Sometimes;
    };
    let applies = compare(left, right, packet);
    match text(content, "op") {
        Some("==" | "in") => applies,
        Some("!=") if impossible(left, packet) => Applies::Never,
        Some("!=") => applies.negated(),
        _ if impossible(left, packet) => Applies::Never,
        _ => Applies::Sometimes,
    }
}

/// Whether a match reads a header that the packet has not got: then it fails, `!=` or not.
fn impossible(left: &Value, packet: Packet) -> bool {
    let protocol = left
        .get("payload")
        .and_then(|payload| text(payload, "protocol"));
    match protocol {
        Some("ip" | "icmp") => packet.v6,
        Some("ip6" | "icmpv6") => !packet.v6,
        Some("udp" | "udplite" | "sctp" | "dccp" | "esp" | "ah" | "arp") => true,
        _ => false,
    }
}

/// Whether what `left` reads of the packet is one of the values of `right`.
fn compare(left: &Value, right: &Value, packet: Packet) -> Applies {
    if impossible(left, packet) {
        return Applies::Never;
    }
    let Some((kind, content)) = single(left) else {
        return Applies::Sometimes;
    };
    let key = text(content, "key");
    match (kind, key) {
        ("payload", _) => {
            let (protocol, field) = (text(content, "protocol"), text(content, "field"));
            match (protocol, field) {
                (Some("tcp" | "th"), Some("dport")) => match packet.port {
                    Some(port) => among(right, &|value| port_matches(value, port)),
                    None => Applies::Never,
                },
                (Some("ip"), Some("protocol")) | (Some("ip6"), Some("nexthdr")) => {
                    among(right, &|value| is_word(value, &["tcp"], 6))
                }
                (Some("icmp" | "icmpv6"), _) => Applies::Never,
                _ => Applies::Sometimes,
            }
        }
        ("meta", Some("l4proto")) => among(right, &|value| is_word(value, &["tcp"], 6)),
        ("meta", Some("nfproto")) => {
            let (word, number) = if packet.v6 { ("ipv6", 10) } else { ("ipv4", 2) };
            among(right, &|value| is_word(value, &[word], number))
        }
        ("meta", Some("protocol")) => {
            let (word, number) = if packet.v6 {
                ("ip6", 0x86dd)
            } else {
                ("ip", 0x800)
            };
            among(right, &|value| is_word(value, &[word], number))
        }
        ("meta", Some("iifname" | "iif")) => among(right, &|value| match value.as_str() {
            Some("lo") => Applies::Never,
            _ => Applies::Sometimes,
        }),
        ("meta", Some("pkttype")) => among(right, &|value| is_word(value, &["host", "unicast"], 0)),
        ("ct", Some("state")) => among(right, &|value| is_word(value, &["new"], 8)),
        // A connection that another rule sent here is not one straight to this port.
        ("ct", Some("status")) => among(right, &|value| match value.as_str() {
            Some("dnat") => Applies::Never,
            _ => Applies::Sometimes,
        }),
        ("fib", _) => compare_route(content, right),
        _ => Applies::Sometimes,
    }
}

/// `fib daddr type local` holds for a packet to this machine; the reverse-path check (`fib saddr
/// oif missing`) does not, for a sender that is reached the way it came.
fn compare_route(fib: &Value, right: &Value) -> Applies {
    let flags = fib.get("flags").and_then(Value::as_array);
    let has = |flag: &str| flags.is_some_and(|all| all.iter().any(|one| one == flag));
    match text(fib, "result") {
        Some("type") if has("daddr") => among(right, &|value| is_word(value, &["local"], 2)),
        Some("oif" | "check") if has("saddr") && right == &Value::Bool(false) => Applies::Never,
        _ => Applies::Sometimes,
    }
}

/// Tries every value of a list, a set, or a single value.
fn among(right: &Value, one: &dyn Fn(&Value) -> Applies) -> Applies {
    let values = match right {
        Value::Array(values) => values,
        Value::Object(object) => match object.get("set").and_then(Value::as_array) {
            Some(values) => values,
            None => return one(right),
        },
        // `@name` refers to a set that others may fill.
        Value::String(name) if name.starts_with('@') => return Applies::Sometimes,
        _ => return one(right),
    };
    values.iter().map(one).max().unwrap_or(Applies::Never)
}

fn port_matches(value: &Value, port: u16) -> Applies {
    let number = |value: &Value| value.as_u64();
    if let Some(range) = value.get("range") {
        return match (range.get(0).and_then(number), range.get(1).and_then(number)) {
            (Some(first), Some(last)) => Applies::when((first..=last).contains(&port.into())),
            _ => Applies::Sometimes,
        };
    }
    match number(value) {
        Some(number) => Applies::when(number == u64::from(port)),
        None => Applies::Sometimes,
    }
}

/// Whether a symbolic or numeric constant is the one the packet has; other objects than plain
/// constants are not understood.
fn is_word(value: &Value, words: &[&str], number: u64) -> Applies {
    match value {
        Value::String(word) => Applies::when(words.contains(&word.as_str())),
        Value::Number(found) => Applies::when(found.as_u64() == Some(number)),
        _ => Applies::Sometimes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::packet_filter::fates;
    use proptest::prelude::*;
    use serde_json::json;

    const PACKET: Packet = Packet {
        port: Some(5432),
        v6: false,
    };

    fn policy(policy: &str, rules: &[Value]) -> Option<Policy> {
        let mut objects = vec![
            json!({"table": {"family": "inet", "name": "filter"}}),
            json!({"chain": {"family": "inet", "table": "filter", "name": "input", "type": "filter",
                             "hook": "input", "prio": 0, "policy": policy}}),
        ];
        for rule in rules {
            objects.push(
                json!({"rule": {"family": "inet", "table": "filter", "chain": "input",
                                         "expr": rule}}),
            );
        }
        let text = json!({ "nftables": objects }).to_string();
        let tables = tables(&text, PACKET).unwrap();
        let chains: Vec<_> = tables.into_iter().map(|table| table.chains).collect();
        fates(&chains).only()
    }

    fn dport(op: &str, right: &Value) -> Value {
        json!({"match": {"op": op, "right": right,
                         "left": {"payload": {"protocol": "tcp", "field": "dport"}}}})
    }

    #[test]
    fn ports_are_found_alone_in_sets_and_in_ranges() {
        let accept = json!({"accept": null});
        for (op, right, expected) in [
            ("==", json!(5432), Policy::Allow),
            ("==", json!(5433), Policy::Drop),
            ("!=", json!(22), Policy::Allow),
            (
                "==",
                json!({"set": [22, {"range": [5000, 6000]}]}),
                Policy::Allow,
            ),
            ("==", json!({"range": [80, 90]}), Policy::Drop),
        ] {
            let rule = json!([dport(op, &right), {"counter": {"packets": 0, "bytes": 0}}, accept]);
            assert_eq!(policy("drop", &[rule]), Some(expected), "{op} {right}");
        }
    }

    #[test]
    fn a_named_set_or_a_sender_leaves_it_open() {
        let saddr = json!({"match": {"op": "==", "right": "192.168.1.7",
            "left": {"payload": {"protocol": "ip", "field": "saddr"}}}});
        assert_eq!(policy("drop", &[json!([saddr, {"accept": null}])]), None);
        let named = json!([dport("==", &json!("@ports")), {"accept": null}]);
        assert_eq!(policy("drop", &[named]), None);
    }

    #[test]
    fn an_expression_we_do_not_know_may_decide_anything() {
        assert_eq!(policy("accept", &[json!([{"xt": null}])]), None);
        assert_eq!(
            policy("accept", &[json!([dport("==", &json!(22)), {"xt": null}])]),
            Some(Policy::Allow)
        );
    }

    #[test]
    fn a_condition_we_do_not_know_is_no_certain_match() {
        let strange = json!([{"xt": {"type": "match", "name": "conntrack"}}, {"accept": null}]);
        assert_eq!(policy("drop", &[strange]), None);
    }

    #[test]
    fn a_chain_of_one_device_does_not_speak_for_all() {
        let json = json!({"nftables": [
            {"chain": {"family": "netdev", "table": "t", "name": "c", "type": "filter",
                       "hook": "ingress", "prio": 0, "dev": "eth1", "policy": "drop"}}]});
        let tables = tables(&json.to_string(), PACKET).unwrap();
        assert_eq!(fates(&[tables[0].chains.clone()]).only(), None);
    }

    #[test]
    fn verdict_maps_written_in_place_are_followed() {
        let state = json!([{"vmap": {"key": {"ct": {"key": "state"}}, "data": {"set": [
            ["established", {"accept": null}], ["related", {"accept": null}],
            ["invalid", {"drop": null}]]}}}]);
        let reject = json!([{"reject": {"type": "icmpx", "expr": "admin-prohibited"}}]);
        assert_eq!(policy("accept", &[state, reject]), Some(Policy::Reject));
    }

    #[test]
    fn a_udp_rule_never_applies_even_when_negated() {
        let udp = json!([{"match": {"op": "!=", "right": 53,
            "left": {"payload": {"protocol": "udp", "field": "dport"}}}}, {"drop": null}]);
        assert_eq!(policy("accept", &[udp]), Some(Policy::Allow));
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>()) {
            let _ = tables(&text, PACKET);
        }

        #[test]
        fn any_rule_is_answered(left in json_value(), right in json_value(), op in "==|!=|in|<") {
            let rule = json!([{"match": {"op": op, "left": left, "right": right}}, {"drop": null}]);
            let _ = policy("accept", &[rule, json!([{"vmap": {"key": left, "data": right}}]), json!([left])]);
        }
    }

    fn json_value() -> impl Strategy<Value = Value> {
        let word = prop_oneof![
            "payload|protocol|tcp|dport|meta|key|iifname|ct|state|set|range|data|fib"
                .prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            Just(Value::Null),
        ];
        word.prop_recursive(4, 24, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::hash_map(
                    "payload|protocol|field|meta|key|ct|set|range|data|fib|jump|target",
                    inner,
                    0..3
                )
                .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }
}
