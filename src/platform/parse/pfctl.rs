//! What `pfctl -sr` prints (pfctl(8), pf.conf(5)): the last rule that applies decides, unless an
//! earlier one says `quick`. Without a rule all passes.

use crate::evidence::Policy;
use crate::platform::incoming::{Applies, Incoming, Judgement, Network, Rule};

/// What becomes of a connection; nothing when the text is no such listing.
#[must_use]
pub fn judge(listing: &str, connection: &Incoming) -> Option<Judgement> {
    let lines = listing.lines().map(str::trim).filter(|l| !l.is_empty());
    let mut rules = Vec::new();
    for line in lines {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        match *words.first()? {
            "pass" | "block" | "anchor" => rules.extend(read(&words, line, connection)),
            "scrub" | "scrub-anchor" | "nat-anchor" | "rdr-anchor" | "match" | "No" => {}
            _ => return None,
        }
    }
    // A quick rule that applies ends the search, wherever it stands; else the last one counts.
    let (quick, mut plain): (Vec<_>, Vec<_>) = rules.into_iter().partition(|(quick, _)| *quick);
    plain.reverse();
    let in_order: Vec<Rule> = quick
        .into_iter()
        .chain(plain)
        .map(|(_, rule)| rule)
        .collect();
    Some(Judgement::first_match(
        &in_order,
        Some(Policy::Allow),
        "no rule",
    ))
}

/// `pass|block [drop|return…] [in|out] [quick] [on IF] [inet|inet6] [proto P] from A to B [port = N]`.
fn read(words: &[&str], line: &str, connection: &Incoming) -> Option<(bool, Rule)> {
    let (action, mut rest) = words.split_first()?;
    let does = match *action {
        "pass" => Some(Policy::Allow),
        "block" if rest.first().is_some_and(|how| how.starts_with("return")) => {
            Some(Policy::Reject)
        }
        "block" => Some(Policy::Drop),
        // What an anchor holds is not listed here.
        _ => None,
    };
    let mut applies = Applies::Always;
    // What an anchor holds may be quick.
    let mut is_quick = does.is_none();
    let mut is_of_target = false;
    while let Some(word) = rest.first() {
        match *word {
            "out" => return None,
            "quick" => is_quick = true,
            "to" => is_of_target = true,
            _ => {}
        }
        let (holds, length) = condition(rest, is_of_target, connection);
        applies = applies.min(holds);
        rest = &rest[length..];
    }
    let rule = Rule {
        applies,
        does,
        text: line.to_owned(),
    };
    Some((is_quick, rule))
}

/// Whether what the rule says next holds, and how many words that takes. What is not understood may
/// hold.
fn condition(words: &[&str], is_of_target: bool, connection: &Incoming) -> (Applies, usize) {
    let end = |address: &str, holds: &dyn Fn(Network) -> Applies| {
        Network::parse(address).map_or(Applies::Sometimes, holds)
    };
    match *words {
        [
            "in" | "quick" | "log" | "all" | "drop" | "return" | "return-rst",
            ..,
        ] => (Applies::Always, 1),
        ["from" | "to" | "flags", "any", ..]
        | ["flags", "S/SA", ..]
        | ["keep" | "modulate", "state", ..] => (Applies::Always, 2),
        ["inet", ..] => (Applies::when(!connection.v6), 1),
        ["inet6", ..] => (Applies::when(connection.v6), 1),
        ["proto", name, ..] => (protocol(name), 2),
        ["on", name, ..] => (interface(name, connection), 2),
        ["from", address, ..] => (end(address, &|network| connection.is_from(network)), 2),
        ["to", address, ..] => (end(address, &|network| connection.is_to(network)), 2),
        ["port", "=", number, ..] if is_of_target => {
            let number = number.parse::<u16>();
            let holds = number.map_or(Applies::Sometimes, |number| {
                Applies::when(number == connection.port)
            });
            (holds, 3)
        }
        _ => (Applies::Sometimes, 1),
    }
}

/// A name, and no list.
fn protocol(name: &str) -> Applies {
    if name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    {
        Applies::when(matches!(name, "tcp" | "6"))
    } else {
        Applies::Sometimes
    }
}

/// The names of interfaces end in a number; others are groups, or say which it is not.
fn interface(name: &str, connection: &Incoming) -> Applies {
    if name.ends_with(|last: char| last.is_ascii_digit()) {
        connection.is_by(name)
    } else {
        Applies::Sometimes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn policy(listing: &str) -> Option<Policy> {
        judge(listing, &Incoming::to_port(5432, false)).and_then(|judged| judged.policy)
    }

    #[test]
    fn the_last_rule_decides_unless_one_is_quick() {
        let block = "block drop in all\n";
        let pass = "pass in proto tcp from any to any port = 5432 flags S/SA keep state\n";
        assert_eq!(policy(&format!("{block}{pass}")), Some(Policy::Allow));
        assert_eq!(policy(&format!("{pass}{block}")), Some(Policy::Drop));
        let quick = "block return in quick proto tcp from any to any port = 5432\n";
        assert_eq!(policy(&format!("{quick}{pass}")), Some(Policy::Reject));
        assert_eq!(policy("pass out all\n"), Some(Policy::Allow));
        let some = "block drop in proto tcp from 10.0.0.0/8 to any port = 5432\n";
        assert_eq!(policy(some), None);
        assert_eq!(policy("anchor \"com.apple/*\" all\n"), None);
        assert_eq!(
            judge("Status: Enabled\n", &Incoming::to_port(80, false)),
            None
        );
    }

    #[test]
    fn an_anchor_may_hold_a_quick_rule() {
        let pass = "pass in all flags S/SA keep state\n";
        let anchor = "anchor \"com.apple/*\" all\n";
        assert_eq!(policy(&format!("{anchor}{pass}")), None);
        assert_eq!(
            policy(&format!("block drop in quick all\n{anchor}")),
            Some(Policy::Drop)
        );
    }

    #[test]
    fn a_rule_with_words_that_are_not_understood_may_apply() {
        let rule = |rest: &str| policy(&format!("block drop in all\npass in {rest}\n"));
        assert_eq!(
            rule("inet proto tcp from any to any port = 5432"),
            Some(Policy::Allow)
        );
        assert_eq!(rule("proto udp all"), Some(Policy::Drop));
        for rest in [
            "proto tcp from any to any port = 5432 user = 501",
            "all tagged trusted",
            "all probability 50%",
            "proto tcp all os \"Linux\"",
            "on ! en0 all",
            "on egress all",
            "proto { tcp udp } all",
            "from ! 10.0.0.1 to any",
        ] {
            assert_eq!(rule(rest), None, "{rest}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>()) {
            let _ = policy(&text);
            let _ = policy(&format!("block in {text}"));
        }
    }
}
