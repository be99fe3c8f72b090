use proptest::prelude::*;

use super::*;
use crate::platform::ruleset::{Packet, Ruleset, Statement, Way, verdict};

/// One rule set, as both listings of nft 1.0.6 show it.
const JSON: &str = include_str!("../../../../tests/captures/linux/nft-everything.json");
const TEXT: &str = include_str!("../../../../tests/captures/linux/nft-everything.txt");

#[test]
fn both_listings_hold_the_same_rules_in_the_same_words() {
    let (json, text) = (from_json(JSON).unwrap(), from_text(TEXT).unwrap());
    let rules = |ruleset: &Ruleset| -> Vec<(Option<u64>, String)> {
        let chains = ruleset
            .tables
            .iter()
            .flat_map(|table| table.chains.values());
        let rules = chains.flat_map(|chain| &chain.rules);
        rules.map(|rule| (rule.handle, rule.text.clone())).collect()
    };
    let (json, text) = (rules(&json), rules(&text));
    assert_eq!(json.len(), text.len());
    let differ = json
        .into_iter()
        .zip(text)
        .filter(|(json, text)| json != text);
    assert_eq!(differ.collect::<Vec<_>>(), []);
}

#[test]
fn both_listings_are_understood_alike() {
    let (json, text) = (from_json(JSON).unwrap(), from_text(TEXT).unwrap());
    let mut differ: Vec<String> = Vec::new();
    for (one, other) in json.tables.iter().zip(&text.tables) {
        for (chain, others) in one.chains.values().zip(other.chains.values()) {
            for (rule, other) in chain.rules.iter().zip(&others.rules) {
                let is_seen = |statement: &Statement| !matches!(statement, Statement::Unseen(_));
                let is_read = other.statements.iter().all(is_seen);
                if is_read && rule.statements != other.statements {
                    differ.push(format!("{other:?} in text, {rule:?} in JSON"));
                }
            }
        }
        assert_eq!(one.sets, other.sets);
    }
    assert!(differ.is_empty(), "{differ:#?}");
}

#[test]
fn a_listing_that_was_cut_is_none() {
    let cut = &TEXT[..TEXT.len() / 2];
    assert_eq!(from_text(cut), None);
    assert_eq!(from_text("table inet t {"), None);
    assert_eq!(from_text("add table inet t"), None);
    assert_eq!(from_json("{}"), None);
    assert_eq!(from_text(""), Some(Ruleset::default()));
}

proptest! {
    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        let _ = from_text(&text);
        let _ = from_json(&text);
    }

    #[test]
    fn any_rule_is_answered(words in prop::collection::vec(word(), 0..12)) {
        let rule = words.join(" ");
        let text = format!(
            "table inet t {{\nset s {{\ntype {rule}\nelements = {{ {rule} }}\n}}\nchain c {{\n\
             type filter hook input priority filter; policy accept;\n{rule}\n}}\n}}\n"
        );
        if let Some(ruleset) = from_text(&text) {
            let _ = verdict(&ruleset, &Packet::new(Way::In, false, Some(22)));
        }
    }

    #[test]
    fn a_listing_with_anything_changed_is_answered(at in 0..JSON.len(), with in "[0-9a-z\"{}\\[\\], ]{0,4}") {
        let (before, after) = JSON.split_at(at);
        let changed = format!("{before}{with}{}", after.get(with.len()..).unwrap_or_default());
        let _ = from_json(&changed);
    }
}

fn word() -> impl Strategy<Value = String> {
    "ip|ip6|tcp|saddr|dport|flags|syn|ct|state|new|meta|mark|set|map|vmap|@s|\\{|\\}|,|:|\\.|22|10.0.0.0/8|fe80::1-fe80::9|accept|jump c|reject|with|limit|rate|1/second|dnat|to|/|&|\\(|\\)|!=|fib|type|comment|\"x|counter|timeout"
}
