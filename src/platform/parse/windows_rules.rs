//! Windows Defender Firewall's own data as JSON, as the command we show makes it out of
//! `Get-NetFirewallProfile`, `Get-NetConnectionProfile`, `Get-NetFirewallRule` and its port,
//! program, service, interface and address filters. Property names and numbers are the same in every language of
//! Windows; display names are not looked at to judge.
//!
//! The profiles alone, as `Get-NetFirewallProfile | ConvertTo-Json` prints them, are read too: they
//! tell no rules, so what becomes of a port is not known from them.
//!
//! A rule that blocks beats every rule that allows; what no rule names meets the profile's default
//! (`Get-NetFirewallRule`, "Action"). In the active store only rules that are in force are listed.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use super::net_firewall_profile::{Profile, profiles};
use crate::evidence::{
    DecidingRule, Fact, Firewall, FirewallKind, Gap, Policy, ProgramRule, Remark,
};
use crate::platform::incoming::{Applies, Incoming, Judgement, Network, Rule};

/// What the data make of a connection; nothing when they are no such data.
#[must_use]
pub fn judge(json: &str, connection: &Incoming) -> Option<Firewall> {
    let value: Value = serde_json::from_str(json).ok()?;
    let data = if value.get("profiles").is_some() {
        serde_json::from_value(value).ok()?
    } else {
        Data::of_profiles(value)
    };
    let all = profiles(&data.profiles.to_string())?;
    let in_force = profiles_in_force(&data, &all);
    let same = |read: fn(&Profile) -> Option<Policy>| {
        let first = read(in_force.first()?)?;
        in_force
            .iter()
            .all(|one| read(one) == Some(first))
            .then_some(first)
    };
    let is_off = !in_force.is_empty() && in_force.iter().all(|one| one.enabled == Some(false));
    let is_on = !in_force.is_empty() && in_force.iter().all(|one| one.enabled == Some(true));
    let otherwise = same(|profile| profile.inbound_default);
    let names: Vec<&str> = in_force.iter().map(|one| one.name.as_str()).collect();
    let default = default_name(&data, &names);
    let are_told = !data.rules.is_null();
    let ignores_rules = !is_off && all_in_force(&data, &names, "AllowInboundRules");
    let judged = if ignores_rules {
        Judgement {
            policy: Some(Policy::Drop),
            rule: Some(format!(
                "AllowInboundRules False, profile {}",
                names.join(", ")
            )),
            is_default: true,
        }
    } else if are_told {
        Judgement::first_match(&rules(&data, &names, connection), otherwise, &default)
    } else {
        UNKNOWN
    };
    let remarks = if is_off {
        Vec::new()
    } else {
        remarks(&data, &names, &judged, ignores_rules, connection)
    };
    let it_depends = || {
        if are_told {
            Gap::Unreadable {
                what: "rules that depend on program, sender or profile".to_owned(),
            }
        } else {
            Gap::NotAsked
        }
    };
    let fact = |policy: Option<Policy>| match policy {
        _ if is_off => Fact::Known(Policy::Allow),
        Some(policy) => Fact::Known(policy),
        None => Fact::Unknown(it_depends()),
    };
    let rule = judged.rule.filter(|_| !is_off).map(|text| DecidingRule {
        text,
        chain: None,
        zone: None,
        is_default: judged.is_default,
    });
    Some(Firewall {
        kind: FirewallKind::WindowsDefender,
        active: if is_off || is_on {
            Fact::Known(is_on)
        } else {
            Fact::Unknown(it_depends())
        },
        inbound_default: fact(otherwise),
        port: fact(judged.policy),
        rule,
        remarks,
    })
}

const UNKNOWN: Judgement = Judgement {
    policy: None,
    rule: None,
    is_default: false,
};

/// What the rules alone do not say.
fn remarks(
    data: &Data,
    names: &[&str],
    judged: &Judgement,
    ignores_rules: bool,
    connection: &Incoming,
) -> Vec<Remark> {
    let is_open = judged.policy == Some(Policy::Allow);
    let voids = !is_open && all_in_force(data, names, "AllowLocalFirewallRules");
    let is_public = list(&data.networks)
        .iter()
        .any(|network| category(&network["NetworkCategory"]) == Some("Public"));
    let allows = |rule: &Rule| rule.does == Some(Policy::Allow) && rule.applies == Applies::Always;
    let is_left_out = is_public
        && judged.is_default
        && !is_open
        && !ignores_rules
        && rules(data, &["Private"], connection).iter().any(allows);
    let rules = blocked_programs(data, names, connection);
    let blocks = (!rules.is_empty()).then_some(Remark::BlocksPrograms { rules });
    [
        ignores_rules.then_some(Remark::IgnoresRules),
        voids.then_some(Remark::VoidsLocalRules),
        is_left_out.then_some(Remark::AllowsOnPrivateNetworks),
        blocks,
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The programs that a rule keeps from being reached on the port, as a cancelled question of
/// Windows leaves them: such rules beat all that allow.
fn blocked_programs(data: &Data, profiles: &[&str], connection: &Incoming) -> Vec<ProgramRule> {
    let filters = Filters::of(data);
    let blocked = |rule: &Value| {
        let read = read(&filters, rule, profiles, connection)?;
        let id = rule["InstanceID"].as_str()?;
        let program = filters.programs.get(id)?["Program"].as_str()?;
        let is_meant = read.does == Some(Policy::Drop)
            && read.applies != Applies::Never
            && !matches!(program, "Any" | "System");
        is_meant.then(|| ProgramRule {
            id: Some(id.to_owned()),
            program: program.to_owned(),
        })
    };
    let mut all: Vec<ProgramRule> = list(&data.rules).iter().filter_map(blocked).collect();
    all.truncate(MOST_PROGRAMS);
    all
}

/// More of them would hide the rest.
const MOST_PROGRAMS: usize = 20;

/// Whether every profile in force says `False` (`GpoBoolean`: 0).
fn all_in_force(data: &Data, names: &[&str], key: &str) -> bool {
    let mut own = list(&data.profiles).iter().filter(|profile| {
        let name = profile["Name"].as_str().unwrap_or_default();
        names.contains(&name)
    });
    let says_no = |profile: &Value| {
        profile[key].as_u64() == Some(0) || profile[key].as_str() == Some("False")
    };
    !names.is_empty() && own.clone().count() > 0 && own.all(says_no)
}

#[derive(Default, Deserialize)]
struct Data {
    profiles: Value,
    #[serde(default)]
    networks: Value,
    #[serde(default)]
    rules: Value,
    #[serde(default)]
    ports: Value,
    #[serde(default)]
    programs: Value,
    #[serde(default)]
    services: Value,
    #[serde(default)]
    interfaces: Value,
    #[serde(default)]
    addresses: Value,
}

impl Data {
    fn of_profiles(profiles: Value) -> Self {
        Self {
            profiles,
            ..Self::default()
        }
    }
}

/// The filters of all rules: each has the `InstanceID` of its rule.
struct Filters<'a> {
    ports: HashMap<&'a str, &'a Value>,
    programs: HashMap<&'a str, &'a Value>,
    services: HashMap<&'a str, &'a Value>,
    interfaces: HashMap<&'a str, &'a Value>,
    addresses: HashMap<&'a str, &'a Value>,
}

impl<'a> Filters<'a> {
    fn of(data: &'a Data) -> Self {
        let by_rule = |filters: &'a Value| {
            let all = list(filters).iter();
            all.filter_map(|one| Some((one["InstanceID"].as_str()?, one)))
                .collect()
        };
        Self {
            ports: by_rule(&data.ports),
            programs: by_rule(&data.programs),
            services: by_rule(&data.services),
            interfaces: by_rule(&data.interfaces),
            addresses: by_rule(&data.addresses),
        }
    }
}

/// A list, or the single object that PowerShell makes of a list of one.
fn list(value: &Value) -> &[Value] {
    match value {
        Value::Array(all) => all,
        Value::Object(_) => std::slice::from_ref(value),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => &[],
    }
}

/// The profiles of the networks this machine is in; all where that is not told.
fn profiles_in_force<'a>(data: &Data, all: &'a [Profile]) -> Vec<&'a Profile> {
    let names: Vec<&str> = list(&data.networks)
        .iter()
        .filter_map(|network| category(&network["NetworkCategory"]))
        .collect();
    let is_in_force = |one: &&Profile| names.is_empty() || names.contains(&one.name.as_str());
    all.iter().filter(is_in_force).collect()
}

/// `NetworkCategory`: Public 0, Private 1, `DomainAuthenticated` 2.
fn category(value: &Value) -> Option<&'static str> {
    match (value.as_u64(), value.as_str()) {
        (Some(0), _) | (_, Some("Public")) => Some("Public"),
        (Some(1), _) | (_, Some("Private")) => Some("Private"),
        (Some(2), _) | (_, Some("DomainAuthenticated")) => Some("Domain"),
        _ => None,
    }
}

/// The default with its profiles; where a policy voids local rules, that is said.
fn default_name(data: &Data, names: &[&str]) -> String {
    let profiles = names.join(", ");
    let voids = list(&data.profiles).iter().any(|profile| {
        let name = profile["Name"].as_str().unwrap_or_default();
        // GpoBoolean: False 0.
        let allow = &profile["AllowLocalFirewallRules"];
        names.contains(&name) && (allow.as_u64() == Some(0) || allow.as_str() == Some("False"))
    });
    let note = if voids {
        ", AllowLocalFirewallRules False"
    } else {
        ""
    };
    format!("DefaultInboundAction, profile {profiles}{note}")
}

/// The rules for what comes in, those that block first.
fn rules(data: &Data, profiles: &[&str], connection: &Incoming) -> Vec<Rule> {
    let filters = Filters::of(data);
    let mut rules: Vec<Rule> = list(&data.rules)
        .iter()
        .filter_map(|rule| read(&filters, rule, profiles, connection))
        .collect();
    rules.sort_by_key(|rule| rule.does != Some(Policy::Drop));
    rules
}

fn read(
    filters: &Filters<'_>,
    rule: &Value,
    profiles: &[&str],
    connection: &Incoming,
) -> Option<Rule> {
    let is = |key: &str, number: u64, name: &str| {
        rule[key].as_u64() == Some(number) || rule[key].as_str() == Some(name)
    };
    if is("Enabled", 2, "False") || is("Direction", 2, "Outbound") {
        return None;
    }
    let id = rule["InstanceID"].as_str()?;
    let told = |filters: &HashMap<&str, &Value>, key: &str, holds: &dyn Fn(&Value) -> Applies| {
        let value = filters.get(id).and_then(|filter| filter.get(key));
        value.map_or(Applies::Sometimes, holds)
    };
    let applies = [
        of_profile(&rule["Profile"], profiles),
        told(&filters.ports, "Protocol", &of_protocol),
        told(&filters.ports, "LocalPort", &|ports| {
            of_ports(ports, connection.port)
        }),
        told(&filters.ports, "RemotePort", &of_any),
        told(&filters.addresses, "RemoteAddress", &|from| {
            of_senders(from, connection)
        }),
        told(&filters.addresses, "LocalAddress", &of_any),
        // Whose program listens there is not told, nor whether it is a service or of an app.
        told(&filters.programs, "Program", &of_any),
        told(&filters.programs, "Package", &of_package),
        told(&filters.services, "Service", &of_any),
        told(&filters.interfaces, "InterfaceType", &of_any),
    ];
    let program = filters.programs.get(id);
    let program = program.and_then(|filter| filter["Program"].as_str());
    let program = program.unwrap_or("Any");
    let does = if is("Action", 4, "Block") {
        Some(Policy::Drop)
    } else if is("Action", 2, "Allow") {
        Some(Policy::Allow)
    } else {
        None
    };
    let verb = if does == Some(Policy::Drop) {
        "Block"
    } else {
        "Allow"
    };
    Some(Rule {
        applies: applies.into_iter().min()?,
        does,
        text: format!("{verb} {id}, Program {program}"),
    })
}

/// A mask: Domain 1, Private 2, Public 4, and 0 for any; or names.
fn of_profile(value: &Value, profiles: &[&str]) -> Applies {
    let holds = |name: &str| match (value.as_u64(), value.as_str()) {
        (Some(0), _) => true,
        (Some(mask), _) => {
            let bit = match name {
                "Domain" => 1,
                "Private" => 2,
                _ => 4,
            };
            mask & bit != 0
        }
        (None, Some(names)) => names == "Any" || names.split(',').any(|one| one.trim() == name),
        (None, None) => false,
    };
    let count = profiles.iter().filter(|name| holds(name)).count();
    if count == profiles.len() {
        Applies::Always
    } else if count == 0 {
        Applies::Never
    } else {
        Applies::Sometimes
    }
}

fn of_protocol(value: &Value) -> Applies {
    let name = value.as_str().unwrap_or_default();
    Applies::when(matches!(name, "TCP" | "6" | "Any") || value.as_u64() == Some(6))
}

/// `Any`, which is 0 where it is a number; everything else depends.
fn of_any(value: &Value) -> Applies {
    if value == "Any" || value.as_u64() == Some(0) {
        Applies::Always
    } else {
        Applies::Sometimes
    }
}

/// Nothing where the rule is not for an app, else the app's SID.
fn of_package(value: &Value) -> Applies {
    if value.is_null() || value == "" {
        Applies::Always
    } else {
        of_any(value)
    }
}

/// `Any`, `5432`, `1000-2000`, or a list; names such as `RPC` stand for ports we do not know.
fn of_ports(value: &Value, port: u16) -> Applies {
    let one = |text: &str| {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        match (first.parse::<u16>(), last.parse::<u16>()) {
            (Ok(first), Ok(last)) => Applies::when((first..=last).contains(&port)),
            _ if text == "Any" => Applies::Always,
            _ => Applies::Sometimes,
        }
    };
    any(value, one)
}

/// `Any`, a network, or a list; `LocalSubnet` and ranges depend.
fn of_senders(value: &Value, connection: &Incoming) -> Applies {
    any(value, |text| match Network::parse(text) {
        _ if text == "Any" => Applies::Always,
        Some(network) => connection.is_from(network),
        None => Applies::Sometimes,
    })
}

fn any(value: &Value, one: impl Fn(&str) -> Applies) -> Applies {
    match value {
        Value::String(text) => one(text),
        Value::Array(all) => {
            let each = all
                .iter()
                .map(|text| text.as_str().map_or(Applies::Sometimes, &one));
            each.max().unwrap_or(Applies::Sometimes)
        }
        Value::Number(number) => one(&number.to_string()),
        Value::Null | Value::Bool(_) | Value::Object(_) => Applies::Sometimes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(action: u64, program: &str, allow_local: u64) -> String {
        format!(
            r#"{{"profiles":[{{"Name":"Private","Enabled":1,"DefaultInboundAction":4,"AllowLocalFirewallRules":1}},
                {{"Name":"Public","Enabled":1,"DefaultInboundAction":4,"AllowLocalFirewallRules":{allow_local}}}],
            "networks":{{"InterfaceAlias":"Ethernet","NetworkCategory":0}},
            "rules":[{{"InstanceID":"{{A}}","Enabled":1,"Direction":1,"Action":{action},"Profile":4}},
                {{"InstanceID":"{{B}}","Enabled":1,"Direction":1,"Action":2,"Profile":2}}],
            "ports":[{{"InstanceID":"{{A}}","Protocol":"TCP","LocalPort":["80","5000-6000"],"RemotePort":"Any"}},
                {{"InstanceID":"{{B}}","Protocol":"TCP","LocalPort":"9000","RemotePort":"Any"}}],
            "programs":[{{"InstanceID":"{{A}}","Program":"{program}","Package":null}}],
            "services":[{{"InstanceID":"{{A}}","Service":"Any"}}],
            "interfaces":[{{"InstanceID":"{{A}}","InterfaceType":0}}],
            "addresses":[{{"InstanceID":"{{A}}","LocalAddress":"Any","RemoteAddress":"Any"}},
                {{"InstanceID":"{{B}}","LocalAddress":"Any","RemoteAddress":"Any"}}]}}"#
        )
    }

    fn port(json: &str, port: u16) -> (Option<Policy>, String) {
        let firewall = judge(json, &Incoming::to_port(port, false)).unwrap();
        let text = firewall.rule.map(|rule| rule.text).unwrap_or_default();
        (firewall.port.known().copied(), text)
    }

    #[test]
    fn the_rule_of_the_profile_in_force_decides() {
        assert_eq!(port(&data(2, "Any", 1), 5432).0, Some(Policy::Allow));
        assert_eq!(port(&data(4, "Any", 1), 5432).0, Some(Policy::Drop));
        // That rule is for private networks, and this one is public.
        let (policy, rule) = port(&data(2, "Any", 1), 9000);
        assert_eq!(policy, Some(Policy::Drop));
        assert_eq!(rule, "DefaultInboundAction, profile Public");
    }

    #[test]
    fn a_rule_that_a_cancelled_dialog_left_blocks_its_program_and_is_named() {
        let (policy, rule) = port(&data(4, r"C:\\app.exe", 1), 5432);
        // Either way the port is closed; which of both does it depends on the program.
        assert_eq!(policy, Some(Policy::Drop));
        assert_eq!(rule, "");
        assert_eq!(port(&data(2, r"C:\\app.exe", 1), 5432).0, None);
    }

    #[test]
    fn a_rule_for_an_app_a_service_or_some_interfaces_may_apply() {
        let whole = data(2, "Any", 1);
        for (told, other) in [
            (r#""Package":null"#, r#""Package":"S-1-15-2-1""#),
            (r#","Package":null"#, ""),
            (r#""Service":"Any""#, r#""Service":"Spooler""#),
            (r#""InterfaceType":0"#, r#""InterfaceType":2"#),
            (r#""LocalAddress":"Any""#, r#""LocalAddress":"10.0.0.7""#),
            (r#""RemotePort":"Any""#, r#""RemotePort":"1024-65535""#),
            (r#"{"InstanceID":"{A}","Service":"Any"}"#, ""),
        ] {
            let changed = whole.replace(told, other);
            assert_ne!(changed, whole, "{told}");
            assert_eq!(port(&changed, 5432).0, None, "{told} {other}");
        }
    }

    #[test]
    fn a_policy_that_voids_local_rules_is_named() {
        let (_, rule) = port(&data(2, "Any", 0), 22);
        assert!(rule.ends_with("AllowLocalFirewallRules False"), "{rule}");
    }

    fn remarks(json: &str, port: u16) -> Vec<Remark> {
        let firewall = judge(json, &Incoming::to_port(port, false)).unwrap();
        firewall.remarks
    }

    #[test]
    fn what_the_rules_alone_do_not_say_is_remarked_on() {
        assert_eq!(remarks(&data(2, "Any", 1), 5432), []);
        // The rule for the port is for private networks, and this one is public.
        let private = data(2, "Any", 1).replace(r#""Profile":4"#, r#""Profile":2"#);
        let public = [Remark::AllowsOnPrivateNetworks];
        assert_eq!(remarks(&private, 5432), public);
        assert_eq!(remarks(&data(2, "Any", 0), 22), [Remark::VoidsLocalRules]);
        let program = ProgramRule {
            id: Some("{A}".to_owned()),
            program: r"C:\app.exe".to_owned(),
        };
        let rules = vec![program];
        let blocks = [Remark::BlocksPrograms { rules }];
        assert_eq!(remarks(&data(4, r"C:\\app.exe", 1), 5432), blocks);
        assert_eq!(remarks(&data(4, r"C:\\app.exe", 1), 22), []);
    }

    #[test]
    fn a_profile_that_keeps_all_out_keeps_out_what_a_rule_allows() {
        let shielded = data(2, "Any", 1).replace(
            r#""AllowLocalFirewallRules":1}]"#,
            r#""AllowLocalFirewallRules":1,"AllowInboundRules":0}]"#,
        );
        let (policy, rule) = port(&shielded, 5432);
        assert_eq!(policy, Some(Policy::Drop));
        assert_eq!(rule, "AllowInboundRules False, profile Public");
        assert_eq!(remarks(&shielded, 5432), [Remark::IgnoresRules]);
    }

    #[test]
    fn profiles_alone_tell_nothing_of_ports() {
        let alone = r#"[{"Name":"Public","Enabled":1,"DefaultInboundAction":4}]"#;
        let firewall = judge(alone, &Incoming::to_port(80, false)).unwrap();
        assert_eq!(firewall.active, Fact::Known(true));
        assert_eq!(firewall.inbound_default, Fact::Known(Policy::Drop));
        assert_eq!(firewall.port, Fact::Unknown(Gap::NotAsked));
    }

    #[test]
    fn other_json_is_none() {
        let connection = Incoming::to_port(80, false);
        for json in [
            "",
            "[]",
            "{}",
            r#"{"profiles":[]}"#,
            r#"{"profiles":7,"rules":{}}"#,
        ] {
            assert_eq!(judge(json, &connection), None, "{json}");
        }
    }
}
