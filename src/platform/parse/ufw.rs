//! ufw's files (ufw(8), ufw-framework(8)): whether it is enabled, its default, and its rules for a
//! connection.

use crate::evidence::Policy;
use crate::platform::incoming::{Applies, Incoming, Judgement, Network, Rule};

/// `ENABLED=` in `/etc/ufw/ufw.conf`; nothing when it is not said.
#[must_use]
pub fn enabled(conf: &str) -> Option<bool> {
    match setting(conf, "ENABLED")?.to_ascii_lowercase().as_str() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// Whose connections a rule is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Those from other machines.
    In,
    /// Those from this machine.
    Out,
}

impl Way {
    /// Its word in tuples and in rules as they are typed.
    fn word(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }
}

/// `DEFAULT_INPUT_POLICY=` or `DEFAULT_OUTPUT_POLICY=` in `/etc/default/ufw`.
#[must_use]
pub fn default_policy(defaults: &str, way: Way) -> Option<Policy> {
    let name = match way {
        Way::In => "DEFAULT_INPUT_POLICY",
        Way::Out => "DEFAULT_OUTPUT_POLICY",
    };
    match setting(defaults, name)?.to_ascii_uppercase().as_str() {
        "ACCEPT" => Some(Policy::Allow),
        "DROP" => Some(Policy::Drop),
        "REJECT" => Some(Policy::Reject),
        _ => None,
    }
}

/// `IPV6=` in `/etc/default/ufw`: whether `user6.rules` are in force.
#[must_use]
pub fn filters_ipv6(defaults: &str) -> Option<bool> {
    Some(setting(defaults, "IPV6")?.eq_ignore_ascii_case("yes"))
}

/// The last value of a shell-style assignment, without its quotes.
fn setting<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let value = text.lines().rev().find_map(|line| {
        let (left, right) = line.trim().split_once('=')?;
        (left.trim_end() == name).then_some(right)
    })?;
    Some(value.trim().trim_matches(['"', '\'']))
}

/// The rules of `user.rules` or `user6.rules`, as they concern the connection, in the order in
/// which they are tried. ufw writes each rule as a comment that starts with `### tuple ###`. Of a
/// connection from this machine `connection` tells the interface that it leaves by.
#[must_use]
pub fn rules(user_rules: &str, way: Way, connection: &Incoming) -> Vec<Rule> {
    user_rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix("### tuple ###"))
        .filter_map(|tuple| read_tuple(tuple, way, connection))
        .collect()
}

/// What becomes of a connection that meets these rules.
#[must_use]
pub fn judge(rules: &[Rule], way: Way, policy: Policy) -> Judgement {
    let word = match policy {
        Policy::Allow => "allow",
        Policy::Drop => "deny",
        Policy::Reject => "reject",
    };
    Judgement::first_match(rules, Some(policy), &default_rule(word, way))
}

/// How the default is typed after `ufw`.
fn default_rule(word: &str, way: Way) -> String {
    let direction = match way {
        Way::In => "incoming",
        Way::Out => "outgoing",
    };
    format!("default {word} {direction}")
}

/// Rules written by hand into `before.rules` or `before6.rules`, which come before all others, as
/// far as they may be for the port. What they do is not seen through.
#[must_use]
pub fn hand_made_rules(before_rules: &str, way: Way, port: u16) -> Vec<Rule> {
    let chains = match way {
        Way::In => ["ufw-before-input", "ufw6-before-input"],
        Way::Out => ["ufw-before-output", "ufw6-before-output"],
    };
    let lines = before_rules.lines().map(str::trim);
    let own = lines.filter(|line| {
        let chain = line
            .strip_prefix("-A ")
            .and_then(|rest| rest.split(' ').next());
        chain.is_some_and(|chain| chains.contains(&chain))
            && ["ACCEPT", "DROP", "REJECT"]
                .iter()
                .any(|end| line.contains(end))
            && may_be_for(line, port)
    });
    own.map(|line| Rule {
        applies: Applies::Sometimes,
        does: None,
        text: line.to_owned(),
    })
    .collect()
}

/// Not for a line that names another protocol, state, interface or port; ufw's own are all such.
fn may_be_for(line: &str, port: u16) -> bool {
    let after = |option: &str| {
        let mut words = line.split_ascii_whitespace();
        words.find(|word| *word == option)?;
        words.next()
    };
    let protocol = after("-p").unwrap_or("tcp");
    let states = after("--ctstate").or(after("--state")).unwrap_or("NEW");
    let ports = after("--dport").or(after("--dports")).unwrap_or("any");
    matches!(protocol, "tcp" | "all" | "6")
        && states.contains("NEW")
        && after("-i") != Some("lo")
        && after("-o") != Some("lo")
        && after("-m") != Some("rt")
        && covers(ports, port) != Some(false)
}

/// `ACTION PROTOCOL DPORT DESTINATION SPORT SOURCE [DAPP SAPP] DIRECTION [comment=…]`. A tuple
/// that we do not understand may be a rule for the port.
fn read_tuple(tuple: &str, way: Way, connection: &Incoming) -> Option<Rule> {
    let fields: Vec<_> = tuple
        .split_ascii_whitespace()
        .take_while(|field| !field.starts_with("comment="))
        .collect();
    let obscure = Some(Rule {
        applies: Applies::Sometimes,
        does: None,
        text: tuple.trim().to_owned(),
    });
    let (&[action, protocol, ports, destination, source_port, source], rest) = fields
        .split_first_chunk::<6>()
        .map_or((&[""; 6], &[][..]), |(a, b)| (a, b));
    if action.is_empty() {
        return obscure;
    }
    let direction = match rest {
        [] | [_, _] => "in",
        [direction] | [_, _, direction] => direction,
        _ => return obscure,
    };
    let (towards, interface) = direction
        .split_once('_')
        .map_or((direction, None), |(way, interface)| (way, Some(interface)));
    // Rules for forwarded traffic (`route:…`) and for the other way do not concern us.
    let is_other_way = matches!(towards, "in" | "out") && towards != way.word();
    if action.starts_with("route:") || is_other_way {
        return None;
    }
    if !matches!(protocol, "tcp" | "any") {
        return None;
    }
    let by = match interface {
        Some(interface) => connection.is_by(interface),
        None => Applies::when(towards == way.word()),
    };
    let to_port = covers(ports, connection.port).map_or(Applies::Sometimes, Applies::when);
    let from_port = if source_port == "any" {
        Applies::Always
    } else {
        Applies::Sometimes
    };
    let applies = [
        by,
        to_port,
        from_port,
        address(source, |network| connection.is_from(network)),
        address(destination, |network| connection.is_to(network)),
    ];
    Some(Rule {
        applies: applies.into_iter().min()?,
        does: read_action(action.split('_').next().unwrap_or(action)),
        text: as_typed(
            action,
            protocol,
            ports,
            destination,
            source,
            (way, interface),
        ),
    })
}

fn address(written: &str, holds: impl Fn(Network) -> Applies) -> Applies {
    match written {
        "any" => Applies::Always,
        written => Network::parse(written).map_or(Applies::Sometimes, holds),
    }
}

/// The rule as it is typed after `ufw` (ufw(8), "full syntax").
fn as_typed(
    action: &str,
    protocol: &str,
    ports: &str,
    destination: &str,
    source: &str,
    (way, interface): (Way, Option<&str>),
) -> String {
    let any = |address: &str| match address {
        "0.0.0.0/0" | "::/0" => "any".to_owned(),
        other => other.to_owned(),
    };
    let mut words = vec![action.replace('_', " ")];
    // What is said of no direction is for what comes in.
    let names_way = way == Way::Out || interface.is_some();
    words.extend(names_way.then(|| way.word().to_owned()));
    words.extend(interface.map(|interface| format!("on {interface}")));
    words.extend((protocol != "any").then(|| format!("proto {protocol}")));
    words.push(format!("from {} to {}", any(source), any(destination)));
    words.extend((ports != "any").then(|| format!("port {ports}")));
    words.join(" ")
}

fn read_action(action: &str) -> Option<Policy> {
    match action {
        // `limit` lets in until the sender is too quick.
        "allow" | "limit" => Some(Policy::Allow),
        "deny" => Some(Policy::Drop),
        "reject" => Some(Policy::Reject),
        _ => None,
    }
}

/// Whether a list such as `22,80,8000:8100` or `any` holds the port; nothing when it cannot be
/// read.
pub(super) fn covers(ports: &str, port: u16) -> Option<bool> {
    if ports == "any" {
        return Some(true);
    }
    let mut found = false;
    for part in ports.split(',') {
        let (first, last) = part.split_once(':').unwrap_or((part, part));
        let (first, last): (u16, u16) = (first.parse().ok()?, last.parse().ok()?);
        found |= (first..=last).contains(&port);
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn judged(rules: &str, connection: &Incoming) -> Judgement {
        judge(
            &super::rules(rules, Way::In, connection),
            Way::In,
            Policy::Drop,
        )
    }

    fn policy(rules: &str) -> Option<Policy> {
        judged(rules, &Incoming::to_port(5432, rules.contains("::/0"))).policy
    }

    #[test]
    fn settings_are_read_as_the_shell_would() {
        assert_eq!(enabled("# ENABLED=yes\nENABLED=no\n"), Some(false));
        assert_eq!(enabled("ENABLED=no\nENABLED=\"yes\"\n"), Some(true));
        assert_eq!(enabled("LOGLEVEL=low\n"), None);
        assert_eq!(
            default_policy("DEFAULT_INPUT_POLICY=\"DROP\"\n", Way::In),
            Some(Policy::Drop)
        );
        assert_eq!(default_policy("DEFAULT_INPUT_POLICY=\n", Way::In), None);
        assert_eq!(
            default_policy("DEFAULT_OUTPUT_POLICY=\"REJECT\"\n", Way::Out),
            Some(Policy::Reject)
        );
        assert_eq!(filters_ipv6("IPV6=yes\n"), Some(true));
    }

    #[test]
    fn the_first_rule_for_the_port_decides() {
        let allow = "### tuple ### allow tcp 5432 0.0.0.0/0 any 0.0.0.0/0 in comment=4b65\n";
        let deny = "### tuple ### deny_log-all any 5000:6000 0.0.0.0/0 any 0.0.0.0/0 in\n";
        let reject = "### tuple ### reject tcp 22,5432 ::/0 any ::/0 in\n";
        assert_eq!(policy(&format!("{allow}{deny}")), Some(Policy::Allow));
        assert_eq!(policy(&format!("{deny}{allow}")), Some(Policy::Drop));
        assert_eq!(policy(reject), Some(Policy::Reject));
        assert_eq!(policy(""), Some(Policy::Drop));
    }

    #[test]
    fn rules_for_other_ports_and_other_traffic_do_not_count() {
        let others = "### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in\n\
                      ### tuple ### allow udp 5432 0.0.0.0/0 any 0.0.0.0/0 in\n\
                      ### tuple ### allow tcp 5432 0.0.0.0/0 any 0.0.0.0/0 out\n\
                      ### tuple ### route:allow tcp 5432 0.0.0.0/0 any 0.0.0.0/0 in_eth0\n\
                      -A ufw-user-input -p tcp --dport 5432 -j ACCEPT\n";
        assert_eq!(policy(others), Some(Policy::Drop));
    }

    #[test]
    fn a_rule_for_some_senders_leaves_it_open() {
        for rule in [
            "allow tcp 5432 0.0.0.0/0 any 192.168.1.0/24 in",
            "allow tcp 5432 0.0.0.0/0 any 0.0.0.0/0 in_eth0",
            "allow tcp 80,443 192.168.1.7 any 0.0.0.0/0 Apache%20Full - in\n\
             ### tuple ### frob tcp 5432 0.0.0.0/0 any 0.0.0.0/0 in",
            "what",
        ] {
            assert_eq!(policy(&format!("### tuple ### {rule}\n")), None, "{rule}");
        }
    }

    #[test]
    fn a_rule_for_a_network_or_an_interface_holds_for_those() {
        let rules = "### tuple ### allow tcp 5432 0.0.0.0/0 any 10.77.1.0/24 in_eth0\n";
        let from = |source: &str, interface: &str| {
            let connection = Incoming {
                source: source.parse().ok(),
                interface: Some(interface.to_owned()),
                ..Incoming::to_port(5432, false)
            };
            judged(rules, &connection)
        };
        let inside = from("10.77.1.2", "eth0");
        assert_eq!(inside.policy, Some(Policy::Allow));
        let text = "allow in on eth0 proto tcp from 10.77.1.0/24 to any port 5432";
        assert_eq!(inside.rule.as_deref(), Some(text));
        assert_eq!(from("10.77.2.2", "eth0").policy, Some(Policy::Drop));
        assert_eq!(from("10.77.1.2", "eth1").policy, Some(Policy::Drop));
    }

    #[test]
    fn rules_for_what_leaves_are_another_list() {
        let rules = "### tuple ### deny tcp 5432 0.0.0.0/0 any 0.0.0.0/0 in\n\
                     ### tuple ### allow tcp 5432 10.77.1.10 any 0.0.0.0/0 out\n\
                     ### tuple ### reject tcp 5432 0.0.0.0/0 any 0.0.0.0/0 out_eth1\n";
        let to = |destination: &str, interface: &str| {
            let connection = Incoming {
                destination: destination.parse().ok(),
                interface: Some(interface.to_owned()),
                ..Incoming::to_port(5432, false)
            };
            let rules = super::rules(rules, Way::Out, &connection);
            judge(&rules, Way::Out, Policy::Drop)
        };
        let let_out = to("10.77.1.10", "eth0");
        assert_eq!(let_out.policy, Some(Policy::Allow));
        let text = "allow out proto tcp from any to 10.77.1.10 port 5432";
        assert_eq!(let_out.rule.as_deref(), Some(text));
        let rejected = to("10.77.1.11", "eth1");
        assert_eq!(rejected.policy, Some(Policy::Reject));
        let text = "reject out on eth1 proto tcp from any to any port 5432";
        assert_eq!(rejected.rule.as_deref(), Some(text));
        let by_default = to("10.77.1.11", "eth0");
        assert_eq!(by_default.policy, Some(Policy::Drop));
        assert_eq!(by_default.rule.as_deref(), Some("default deny outgoing"));
        let shipped = "-A ufw-before-output -o lo -j ACCEPT\n\
            -A ufw-before-output -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n";
        assert_eq!(hand_made_rules(shipped, Way::Out, 5432), []);
    }

    #[test]
    fn what_ufw_ships_is_not_hand_made_and_what_is_may_decide() {
        let shipped = "-A ufw-before-input -i lo -j ACCEPT\n\
            -A ufw-before-input -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n\
            -A ufw-before-input -m conntrack --ctstate INVALID -j DROP\n\
            -A ufw-before-input -p icmp --icmp-type echo-request -j ACCEPT\n\
            -A ufw-before-input -p udp --sport 67 --dport 68 -j ACCEPT\n\
            -A ufw-before-input -j ufw-not-local\n\
            -A ufw6-before-input -m rt --rt-type 0 -j DROP\n";
        assert_eq!(hand_made_rules(shipped, Way::In, 5432), []);
        let own = "-A ufw-before-input -p tcp --dport 5432 -j DROP\n";
        assert_eq!(hand_made_rules(own, Way::In, 5432).len(), 1);
        assert_eq!(hand_made_rules(own, Way::In, 80), []);
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>(), port in any::<u16>()) {
            let _ = (enabled(&text), default_policy(&text, Way::Out), filters_ipv6(&text));
            let connection = Incoming::to_port(port, false);
            for way in [Way::In, Way::Out] {
                let _ = super::rules(&format!("### tuple ### {text}"), way, &connection);
            }
            let _ = hand_made_rules(&format!("-A ufw-before-input {text} ACCEPT"), Way::In, port);
        }
    }
}
