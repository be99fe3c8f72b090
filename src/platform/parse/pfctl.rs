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
    let has = |word: &str| words.contains(&word);
    if has("out") {
        return None;
    }
    let after = |word: &str| {
        let at = words.iter().position(|other| *other == word)?;
        words.get(at + 1).copied()
    };
    let family = match (has("inet"), has("inet6")) {
        (true, false) => Applies::when(!connection.v6),
        (false, true) => Applies::when(connection.v6),
        _ => Applies::Always,
    };
    let protocol = after("proto").map_or(Applies::Always, |p| Applies::when(p == "tcp"));
    let interface = after("on").map_or(Applies::Always, |i| connection.is_by(i));
    let end = |word: &str, holds: &dyn Fn(Network) -> Applies| match after(word) {
        None | Some("any") => Applies::Always,
        Some(address) => Network::parse(address).map_or(Applies::Sometimes, holds),
    };
    let applies = [
        family,
        protocol,
        interface,
        end("from", &|network| connection.is_from(network)),
        end("to", &|network| connection.is_to(network)),
        port(words, connection.port),
    ];
    let does = match words[0] {
        "pass" => Some(Policy::Allow),
        "block" if has("return") || line.contains("return-") => Some(Policy::Reject),
        "block" => Some(Policy::Drop),
        _ => None,
    };
    let applies = applies.into_iter().min()?;
    let rule = Rule {
        // What an anchor holds is not listed here.
        applies: if does.is_none() {
            applies.min(Applies::Sometimes)
        } else {
            applies
        },
        does,
        text: line.to_owned(),
    };
    Some((has("quick"), rule))
}

/// `port = 22`; other comparisons, and lists, may hold.
fn port(words: &[&str], port: u16) -> Applies {
    let Some(at) = words.iter().rposition(|word| *word == "port") else {
        return Applies::Always;
    };
    let is_of_target = words
        .iter()
        .position(|word| *word == "to")
        .is_some_and(|to| to < at);
    match words.get(at + 1..at + 3) {
        Some(&["=", number]) if is_of_target => match number.parse::<u16>() {
            Ok(number) => Applies::when(number == port),
            Err(_) => Applies::Sometimes,
        },
        _ => Applies::Sometimes,
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

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>()) {
            let _ = policy(&text);
            let _ = policy(&format!("block in {text}"));
        }
    }
}
