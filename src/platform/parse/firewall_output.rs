//! A firewall's own output that a person pasted: which it is, told by its form and never by words
//! that are translated, and what it makes of a connection.

use super::{firewalld, iptables, nft, pfctl, socketfilterfw, ufw_status, windows_rules};
use crate::evidence::{DecidingRule, Fact, Firewall, FirewallKind, Gap, Policy};
use crate::platform::filtered;
use crate::platform::incoming::{Incoming, Judgement};
use crate::platform::ruleset::{Family, Ruleset, Table};

/// What the output says; nothing where it is not recognised.
#[must_use]
pub fn read(text: &str, connection: &Incoming) -> Option<Firewall> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() || text.len() > MOST_BYTES {
        return None;
    }
    json(text, connection)
        .or_else(|| ufw(text, connection))
        .or_else(|| iptables_save(text, connection))
        .or_else(|| Some(of_ruleset(&nft::from_text(text)?, connection)))
        .or_else(|| zones(text, connection))
        .or_else(|| macos_application(text))
        .or_else(|| pfctl::judge(text, connection).map(|judged| pf(&judged)))
}

/// Longer outputs are not read.
const MOST_BYTES: usize = 16 << 20;

fn json(text: &str, connection: &Incoming) -> Option<Firewall> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let rules = nft::from_json(text).map(|rules| of_ruleset(&rules, connection));
    rules.or_else(|| windows_rules::judge(text, connection))
}

fn ufw(text: &str, connection: &Incoming) -> Option<Firewall> {
    let status = ufw_status::status(text)?;
    let judged = status.judge(connection);
    let otherwise = status.inbound_default;
    Some(firewall(
        FirewallKind::Ufw,
        status.active,
        otherwise,
        &judged,
    ))
}

/// `iptables-save` or `ip6tables-save`: which of the two, its addresses and its words tell.
fn iptables_save(text: &str, connection: &Incoming) -> Option<Firewall> {
    if !text.lines().any(|line| line.trim() == "COMMIT") {
        return None;
    }
    let is_v6 = ["icmp6", "ipv6-icmp", "ip6tables", "::/"]
        .iter()
        .any(|sign| text.contains(sign));
    let family = if is_v6 { Family::Ip6 } else { Family::Ip };
    let rules = iptables::from_save(text, family)?;
    // The rules of one family say nothing of the other.
    let judged = (is_v6 == connection.v6).then(|| filtered::judge(&rules, connection));
    let otherwise = filtered::otherwise(&rules, connection);
    let active = rules.tables.iter().any(Table::filters_anything);
    let Some(judged) = judged else {
        return Some(firewall(FirewallKind::Iptables, active, None, &UNKNOWN));
    };
    let mut firewall = firewall(FirewallKind::Iptables, active, otherwise, &judged.judgement);
    if let Some(rule) = &mut firewall.rule {
        rule.chain = judged.chain;
    }
    Some(firewall)
}

fn of_ruleset(rules: &Ruleset, connection: &Incoming) -> Firewall {
    let judged = filtered::judge(rules, connection);
    let active = rules.tables.iter().any(Table::filters_anything);
    let otherwise = filtered::otherwise(rules, connection);
    let kind = kind_of(
        rules,
        judged.chain.as_ref().map(|chain| chain.table.as_str()),
    );
    let mut firewall = firewall(kind, active, otherwise, &judged.judgement);
    if let Some(rule) = &mut firewall.rule {
        rule.chain = judged.chain;
    }
    firewall
}

/// Who has made the table that decides: its rules are changed by that tool.
fn kind_of(rules: &Ruleset, deciding: Option<&str>) -> FirewallKind {
    let decides = |table: &&Table| deciding.is_none_or(|name| table.name == name);
    let mut tables = rules.tables.iter().filter(decides).peekable();
    if tables.peek().is_some() && tables.clone().all(Table::is_of_firewalld) {
        return FirewallKind::Firewalld;
    }
    if tables.peek().is_some() && tables.clone().all(Table::is_of_iptables) {
        let is_of_ufw = |name: &String| name.starts_with("ufw");
        let ufw = tables.any(|table| table.chains.keys().any(is_of_ufw));
        return if ufw {
            FirewallKind::Ufw
        } else {
            FirewallKind::Iptables
        };
    }
    FirewallKind::Nftables
}

/// Which zone is the default one, `--list-all-zones` tells since firewalld 2; before that any zone
/// without senders may be.
fn zones(text: &str, connection: &Incoming) -> Option<Firewall> {
    let zones = firewalld::zones(text)?;
    let judged = firewalld::judge(&zones, firewalld::default_zone(text).as_deref(), connection);
    Some(firewall(FirewallKind::Firewalld, true, None, &judged))
}

fn macos_application(text: &str) -> Option<Firewall> {
    let (active, policy) = match socketfilterfw::state(text)? {
        socketfilterfw::State::Off => (false, Some(Policy::Allow)),
        socketfilterfw::State::On => (true, None),
        socketfilterfw::State::BlocksAll => (true, Some(Policy::Drop)),
    };
    let judged = Judgement { policy, ..UNKNOWN };
    Some(firewall(
        FirewallKind::MacosApplication,
        active,
        policy,
        &judged,
    ))
}

/// Whether pf is on at all, its rules do not tell.
fn pf(judged: &Judgement) -> Firewall {
    Firewall {
        active: Fact::Unknown(Gap::NotAsked),
        ..firewall(FirewallKind::Pf, true, None, judged)
    }
}

const UNKNOWN: Judgement = Judgement {
    policy: None,
    rule: None,
    is_default: false,
};

fn firewall(
    kind: FirewallKind,
    active: bool,
    otherwise: Option<Policy>,
    judged: &Judgement,
) -> Firewall {
    let it_depends = || Gap::Unreadable {
        what: "rules that depend on sender, interface or address family".to_owned(),
    };
    let fact = |policy: Option<Policy>| match policy {
        _ if !active => Fact::Known(Policy::Allow),
        Some(policy) => Fact::Known(policy),
        None => Fact::Unknown(it_depends()),
    };
    let rule = judged.rule.clone().filter(|_| active);
    Firewall {
        kind,
        active: Fact::Known(active),
        inbound_default: fact(otherwise),
        port: fact(judged.policy),
        rule: rule.map(|text| DecidingRule {
            text,
            chain: None,
            zone: None,
            is_default: judged.is_default,
        }),
    }
}
