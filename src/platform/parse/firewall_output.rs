//! A firewall's own output that a person pasted: which it is, told by its form and never by words
//! that are translated, and what it makes of a connection.

use super::firewalld::{self, Zone};
use super::{iptables, netsh_profiles, nft, pfctl, socketfilterfw, ufw_status, windows_rules};
use crate::evidence::{
    DecidingRule, Fact, Firewall, FirewallKind, Gap, Policy, ProgramRule, Remark,
};
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
        .or_else(|| Some(of_nft(nft::from_text(text)?, connection)))
        .or_else(|| zones(text, connection))
        .or_else(|| windows_profiles(text))
        .or_else(|| macos_application(text))
        .or_else(|| pfctl::judge(text, connection).map(|judged| pf(&judged)))
}

/// Longer outputs are not read.
const MOST_BYTES: usize = 16 << 20;

fn json(text: &str, connection: &Incoming) -> Option<Firewall> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let rules = nft::from_json(text).map(|rules| of_nft(rules, connection));
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

/// `iptables-save`, `ip6tables-save`, or both after each other.
fn iptables_save(text: &str, connection: &Incoming) -> Option<Firewall> {
    if !text.lines().any(|line| line.trim() == "COMMIT") {
        return None;
    }
    let mut rules = Ruleset::default();
    let mut is_told = false;
    let mut is_whole = !text.lines().any(iptables::hides_legacy_tables);
    for part in iptables::listings(text) {
        let family = iptables::family(&part);
        let tables = iptables::from_save(&part, family.unwrap_or(Family::Ip))?.tables;
        // The rules of one family say nothing of the other.
        if family.is_none_or(|family| (family == Family::Ip6) == connection.v6) {
            rules.tables.extend(tables);
            is_told = true;
            is_whole &= family.is_some();
        }
    }
    if !(is_told && is_whole) {
        return Some(Firewall {
            active: Fact::Unknown(Gap::NotAsked),
            ..firewall(FirewallKind::Iptables, true, None, &UNKNOWN)
        });
    }
    let judged = filtered::judge(&rules, connection);
    let otherwise = filtered::otherwise(&rules, connection);
    let active = rules.tables.iter().any(Table::filters_anything);
    let mut firewall = firewall(FirewallKind::Iptables, active, otherwise, &judged.judgement);
    if let Some(rule) = &mut firewall.rule {
        rule.chain = judged.chain;
    }
    Some(firewall)
}

fn of_nft(mut rules: Ruleset, connection: &Incoming) -> Firewall {
    // `nft -t` lists sets without their elements.
    let sets = rules.tables.iter_mut().flat_map(|table| &mut table.sets);
    for (_, set) in sets.filter(|(_, set)| set.elements.is_empty()) {
        set.changing = true;
    }
    let rules = &rules;
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
/// without senders may be. A zone alone does not tell whether the connection meets it, nor does one
/// that nothing is bound to.
fn zones(text: &str, connection: &Incoming) -> Option<Firewall> {
    let zones = firewalld::zones(text)?;
    let default = firewalld::default_zone(text);
    let met = firewalld::zones_met(&zones, default.as_deref(), connection);
    let judged = if zones.len() > 1 && met.into_iter().all(Zone::is_bound) {
        firewalld::judge(&zones, default.as_deref(), connection)
    } else {
        UNKNOWN
    };
    Some(firewall(FirewallKind::Firewalld, true, None, &judged))
}

/// Which of the profiles is in force, and whether it is on, is told in words of a language.
fn windows_profiles(text: &str) -> Option<Firewall> {
    let profiles = netsh_profiles::profiles(text)?;
    let all = |holds: fn(&netsh_profiles::Profile) -> bool| profiles.iter().all(holds);
    let first = profiles.first()?.inbound_default;
    let is_common = profiles.iter().all(|one| one.inbound_default == first);
    let remarks = [
        all(|one| one.ignores_rules).then_some(Remark::IgnoresRules),
        all(|one| one.voids_local_rules).then_some(Remark::VoidsLocalRules),
    ];
    Some(Firewall {
        active: Fact::Unknown(Gap::NotAsked),
        remarks: remarks.into_iter().flatten().collect(),
        ..firewall(
            FirewallKind::WindowsDefender,
            true,
            is_common.then_some(first),
            &UNKNOWN,
        )
    })
}

/// It decides by program; a list of programs alone does not tell whether it is on.
fn macos_application(text: &str) -> Option<Firewall> {
    let told = socketfilterfw::told(text)?;
    let blocks_all = told.blocks_all == Some(true);
    let policy = match told.state {
        Some(socketfilterfw::State::Off) => Some(Policy::Allow),
        Some(socketfilterfw::State::BlocksAll) => Some(Policy::Drop),
        Some(socketfilterfw::State::On) if blocks_all => Some(Policy::Drop),
        Some(socketfilterfw::State::On) | None => None,
    };
    let judged = Judgement { policy, ..UNKNOWN };
    let is_on = told.state != Some(socketfilterfw::State::Off);
    let kind = FirewallKind::MacosApplication;
    let mut firewall = firewall(kind, is_on, policy, &judged);
    if told.state.is_none() {
        firewall.active = Fact::Unknown(Gap::NotAsked);
    }
    if is_on {
        let rules: Vec<ProgramRule> = told
            .blocked
            .into_iter()
            .map(|program| ProgramRule { id: None, program })
            .collect();
        let blocked = (!rules.is_empty()).then_some(Remark::BlocksPrograms { rules });
        let hides = (told.hides == Some(true)).then_some(Remark::HidesClosedPorts);
        let ignores = blocks_all.then_some(Remark::IgnoresRules);
        firewall.remarks = [ignores, blocked, hides].into_iter().flatten().collect();
    }
    Some(firewall)
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
        remarks: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN_V4: &str = "# Generated by iptables-save v1.8.9 (nf_tables)\n*filter\n\
        :INPUT ACCEPT [0:0]\n-A INPUT -s 192.0.2.7/32 -p tcp -m tcp --dport 80 -j ACCEPT\nCOMMIT\n\
        # Completed\n";
    const CLOSED_V6: &str = "# Generated by ip6tables-save v1.8.9 (nf_tables)\n*filter\n\
        :INPUT DROP [0:0]\nCOMMIT\n# Completed\n";

    fn port(text: &str, v6: bool) -> Option<Policy> {
        let read = read(text, &Incoming::to_port(80, v6)).expect("recognised");
        read.port.known().copied()
    }

    /// A listing without the lines that begin with `#`.
    fn bare(text: &str) -> String {
        let rules = text.lines().filter(|line| !line.starts_with('#'));
        rules.flat_map(|line| [line, "\n"]).collect()
    }

    #[test]
    fn both_families_may_be_pasted_after_each_other() {
        let both = format!("{OPEN_V4}{CLOSED_V6}");
        assert_eq!(port(&both, false), Some(Policy::Allow));
        assert_eq!(port(&both, true), Some(Policy::Drop));
        let marked = bare(&CLOSED_V6.replace("COMMIT", "-A INPUT -s fd00::/8 -j DROP\nCOMMIT"));
        let both = format!("{}{marked}", bare(OPEN_V4));
        assert_eq!(port(&both, false), Some(Policy::Allow));
        assert_eq!(port(&both, true), Some(Policy::Drop));
        assert_eq!(port(OPEN_V4, true), None);
    }

    #[test]
    fn rules_of_a_family_that_is_not_told_are_not_judged() {
        assert_eq!(port(&bare(CLOSED_V6), true), None);
        assert_eq!(port(&bare(CLOSED_V6), false), None);
        assert_eq!(port(&format!("{OPEN_V4}{}", bare(CLOSED_V6)), false), None);
    }

    #[test]
    fn legacy_tables_that_are_not_listed_leave_it_open() {
        let warning =
            "# Warning: iptables-legacy tables present, use iptables-legacy-save to see them\n";
        assert_eq!(port(OPEN_V4, false), Some(Policy::Allow));
        assert_eq!(port(&format!("{OPEN_V4}{warning}"), false), None);
        assert_eq!(port(&format!("{warning}{OPEN_V4}"), false), None);
    }

    #[test]
    fn a_zone_alone_or_unbound_does_not_tell_what_the_connection_meets() {
        let zone = |head: &str, interfaces: &str| {
            format!("{head}\n  target: default\n  interfaces: {interfaces}\n  ports: 80/tcp\n")
        };
        let bound = zone("public (default, active)", "eth0");
        let other = zone("work (active)", "eth1");
        assert_eq!(port(&format!("{bound}{other}"), false), Some(Policy::Allow));
        assert_eq!(port(&bound, false), None);
        let unbound = zone("public (default)", "");
        assert_eq!(port(&format!("{unbound}{other}"), false), None);
    }

    #[test]
    fn a_set_without_elements_may_be_one_whose_elements_are_left_out() {
        let text = |elements: &str| {
            format!(
                "table inet t {{\nset banned {{\ntype ipv4_addr\n{elements}\n}}\nchain in {{\n\
                 type filter hook input priority filter; policy accept;\n\
                 ip saddr @banned drop\n}}\n}}\n"
            )
        };
        assert_eq!(port(&text(""), false), None);
        assert_eq!(port(&text(""), true), Some(Policy::Allow));
        let json = r#"{"nftables":[{"table":{"family":"inet","name":"t"}},
            {"chain":{"family":"inet","table":"t","name":"in","type":"filter","hook":"input",
             "prio":0,"policy":"accept"}},
            {"set":{"family":"inet","table":"t","name":"banned","type":"ipv4_addr"}},
            {"rule":{"family":"inet","table":"t","chain":"in","expr":[{"match":{"op":"==",
             "left":{"payload":{"protocol":"ip","field":"saddr"}},"right":"@banned"}},
             {"drop":null}]}}]}"#;
        assert_eq!(port(json, false), None);
    }
}
