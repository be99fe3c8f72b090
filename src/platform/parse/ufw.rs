//! ufw's files (ufw(8), ufw-framework(8)): whether it is enabled, its default, and its rules for a
//! port. Its application profiles and hand-written `before.rules` are not read.

use crate::evidence::Policy;
use crate::platform::packet_filter::{Action, Applies, Rule};

/// `ENABLED=` in `/etc/ufw/ufw.conf`; nothing when it is not said.
#[must_use]
pub fn enabled(conf: &str) -> Option<bool> {
    match setting(conf, "ENABLED")?.to_ascii_lowercase().as_str() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// `DEFAULT_INPUT_POLICY=` in `/etc/default/ufw`.
#[must_use]
pub fn default_input_policy(defaults: &str) -> Option<Policy> {
    match setting(defaults, "DEFAULT_INPUT_POLICY")?
        .to_ascii_uppercase()
        .as_str()
    {
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

/// The rules of `user.rules` or `user6.rules` for incoming TCP connections to `port`, in the order
/// in which they are tried. ufw writes each rule as a comment that starts with `### tuple ###`.
#[must_use]
pub fn incoming_rules(user_rules: &str, port: u16) -> Vec<Rule> {
    user_rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix("### tuple ###"))
        .filter_map(|tuple| read_tuple(tuple, port))
        .collect()
}

/// `ACTION PROTOCOL DPORT DESTINATION SPORT SOURCE [DAPP SAPP] DIRECTION [comment=…]`. A tuple
/// that we do not understand may be a rule for the port.
fn read_tuple(tuple: &str, port: u16) -> Option<Rule> {
    let fields: Vec<_> = tuple
        .split_ascii_whitespace()
        .take_while(|field| !field.starts_with("comment="))
        .collect();
    let obscure = Some(Rule {
        applies: Applies::Sometimes,
        action: Action::Obscure,
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
    // Rules for forwarded traffic (`route:…`) and for what leaves do not concern us.
    if action.starts_with("route:") || direction.starts_with("out") {
        return None;
    }
    if !matches!(protocol, "tcp" | "any") || covers(ports, port) == Some(false) {
        return None;
    }
    let anyone = |address: &str| matches!(address, "any" | "0.0.0.0/0" | "::/0");
    let unconditional = anyone(destination)
        && anyone(source)
        && source_port == "any"
        && direction == "in"
        && covers(ports, port) == Some(true);
    Some(Rule {
        applies: if unconditional {
            Applies::Always
        } else {
            Applies::Sometimes
        },
        action: read_action(action.split('_').next().unwrap_or(action)),
    })
}

fn read_action(action: &str) -> Action {
    match action {
        // `limit` lets in until the sender is too quick.
        "allow" | "limit" => Action::Decide(Policy::Allow),
        "deny" => Action::Decide(Policy::Drop),
        "reject" => Action::Decide(Policy::Reject),
        _ => Action::Obscure,
    }
}

/// Whether a list such as `22,80,8000:8100` or `any` holds the port; nothing when it cannot be
/// read.
fn covers(ports: &str, port: u16) -> Option<bool> {
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
    use crate::platform::packet_filter::first_match;
    use proptest::prelude::*;

    fn policy(rules: &str) -> Option<Policy> {
        first_match(&incoming_rules(rules, 5432), Policy::Drop).only()
    }

    #[test]
    fn settings_are_read_as_the_shell_would() {
        assert_eq!(enabled("# ENABLED=yes\nENABLED=no\n"), Some(false));
        assert_eq!(enabled("ENABLED=no\nENABLED=\"yes\"\n"), Some(true));
        assert_eq!(enabled("LOGLEVEL=low\n"), None);
        assert_eq!(
            default_input_policy("DEFAULT_INPUT_POLICY=\"DROP\"\n"),
            Some(Policy::Drop)
        );
        assert_eq!(default_input_policy("DEFAULT_INPUT_POLICY=\n"), None);
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

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>(), port in any::<u16>()) {
            let _ = (enabled(&text), default_input_policy(&text), filters_ipv6(&text));
            let _ = incoming_rules(&text, port);
            let _ = incoming_rules(&format!("### tuple ### {text}"), port);
        }
    }
}
