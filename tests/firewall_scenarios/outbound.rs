//! Rules on the client that stop its own connections: they are named, the fix lets this one pass,
//! and the undo brings the rules back.

use crate::machine::{Machine, not_run, what_is_missing};
use crate::scenario::{Scenario, V4, V6, advice_in, report, rules_of, script};

fn play(firewall: &str, rules: &str, asked: &'static str, fate: &str, rule: &str) {
    if let Some(missing) = what_is_missing() {
        not_run(&missing);
        return;
    }
    let scenario = Scenario {
        firewall: "nftables",
        rules: "true",
        asked,
        fate: "allow",
        rule: "",
    };
    let (client, _server) = scenario.machines();
    client.root(rules);
    let before = rules_of(&client);
    assert_eq!(scenario.fate_of(&client), fate, "the scenario is wrong");
    let check = scenario.check(&["--timeout", "1"]).join(" ");
    let report = report(&client.root(&format!("{check} || true")));
    let cause = format!("local-firewall-{fate}s");
    assert_eq!(report["verdict"]["cause"], cause, "{:#}", report["verdict"]);
    assert_eq!(report["verdict"]["certainty"], "certain");
    let outbound = &report["evidence"]["outbound"]["known"][0];
    assert_eq!(outbound["firewall"], firewall, "{outbound:#}");
    let named = outbound["rule"]["text"].as_str().unwrap_or_default();
    assert!(named.contains(rule), "{outbound:#}");

    is_honest(&scenario, &client, fate);

    let advice = advice_in(&report, "allow-outbound");
    let advice = advice.unwrap_or_else(|| panic!("no fix: {:#}", report["advice"]));
    client.root(&script(&advice["apply"]));
    assert_eq!(scenario.fate_of(&client), "allow", "{advice:#}");
    client.root(&script(&advice["undo"]));
    assert_eq!(rules_of(&client), before, "{advice:#}");
    assert_eq!(scenario.fate_of(&client), fate);
}

/// Without rights: what is hidden is said to be, and never that it lets the connection out. What ufw
/// does by default everybody may read.
fn is_honest(scenario: &Scenario, client: &Machine, fate: &str) {
    let seen = report(&client.nobody(&scenario.check(&["--timeout", "1"])));
    let outbound = &seen["evidence"]["outbound"];
    let Some(judged) = outbound["known"].as_array() else {
        assert!(!outbound["unknown"].is_null(), "{outbound:#}");
        return;
    };
    let policy = &judged[0]["policy"];
    assert!(
        policy["known"] == fate || !policy["unknown"].is_null(),
        "{outbound:#}"
    );
    assert_eq!(judged[0]["firewall"], "ufw");
}

#[test]
fn what_ufw_does_by_default_is_told_to_those_who_may_not_read_its_rules() {
    if let Some(missing) = what_is_missing() {
        not_run(&missing);
        return;
    }
    let scenario = Scenario {
        firewall: "nftables",
        rules: "true",
        asked: V4,
        fate: "allow",
        rule: "",
    };
    let (client, _server) = scenario.machines();
    client.root("ufw allow out 53; ufw default deny outgoing; ufw --force enable");
    let seen = report(&client.nobody(&scenario.check(&["--timeout", "1"])));
    let outbound = &seen["evidence"]["outbound"]["known"][0];
    assert_eq!(
        outbound["rule"]["text"], "default deny outgoing",
        "{seen:#}"
    );
    assert_eq!(outbound["policy"]["unknown"], "needs-admin", "{seen:#}");
}

#[test]
fn ufw_denies_what_leaves_by_a_rule() {
    let rules = "ufw deny out 5432/tcp; ufw --force enable";
    play("ufw", rules, V4, "drop", "-j DROP");
}

#[test]
fn ufw_rejects_what_leaves_by_a_rule() {
    let rules = "ufw reject out to any port 5432 proto tcp; ufw --force enable";
    play("ufw", rules, V4, "reject", "-j REJECT");
}

#[test]
fn ufw_denies_what_leaves_by_default() {
    let rules = "ufw allow out 53; ufw default deny outgoing; ufw --force enable";
    play("ufw", rules, V4, "drop", "policy drop");
}

#[test]
fn nftables_drops_what_leaves() {
    let rules = "nft 'table inet host { chain out { type filter hook output priority 0;
        ip daddr 10.77.1.0/24 tcp dport 5432 drop; }; }'";
    play("nftables", rules, V4, "drop", "dport 5432");
}

#[test]
fn nftables_drops_what_leaves_in_a_chain_of_its_own() {
    let rules = "nft 'table inet host { chain services { tcp dport 5432 drop; };
        chain out { type filter hook output priority 0; jump services; }; }'";
    play("nftables", rules, V6, "drop", "dport 5432");
}

#[test]
fn iptables_drops_what_leaves() {
    let rules = "iptables -A OUTPUT -p tcp --dport 5432 -j DROP";
    play("iptables", rules, V4, "drop", "--dport 5432");
}

#[test]
fn iptables_drops_what_leaves_by_default() {
    let rules = "ip6tables -A OUTPUT -p ipv6-icmp -j ACCEPT; ip6tables -P OUTPUT DROP";
    play("iptables", rules, V6, "drop", "policy drop");
}

#[test]
fn ufw_denies_what_leaves_over_ipv6_by_default() {
    let rules = "ufw allow out 53; ufw default deny outgoing; ufw --force enable";
    play("ufw", rules, V6, "drop", "policy drop");
}

#[test]
fn iptables_legacy_drops_what_leaves_beside_rules_of_the_newer_back_end() {
    let rules = "iptables -A OUTPUT -p udp --dport 9 -j DROP
        iptables-legacy -A OUTPUT -p tcp --dport 5432 -j DROP";
    play("iptables", rules, V4, "drop", "--dport 5432");
}

#[test]
fn iptables_drops_what_leaves_beside_rules_of_the_older_back_end() {
    let rules = "iptables-legacy -A OUTPUT -p udp --dport 9 -j DROP
        iptables -A OUTPUT -p tcp --dport 5432 -j DROP";
    play("iptables", rules, V4, "drop", "--dport 5432");
}
