//! Asks the system bus whether firewalld runs, which every user may, and what its zones are, where
//! that takes no password.
//!
//! firewalld has polkit put its question on the person's screen whenever a caller may not know:
//! it always allows interaction (its `dbus_polkit_require_auth`), whatever flags the call has.
//! So polkit is asked first, by us and without interaction (`CheckAuthorization`, flags 0), and
//! firewalld only where the answer is yes. Nothing is ever started by asking.
//!
//! firewalld keeps two sets of rules: those in force, and its permanent configuration, which takes
//! their place whenever it is reloaded or started (firewalld(1), "Runtime versus Permanent").

use std::collections::{BTreeSet, HashMap};
use std::os::unix::fs::MetadataExt as _;

use zbus::blocking::Connection;
use zbus::blocking::fdo::DBusProxy;
use zbus::names::BusName;
use zbus::zvariant::{DynamicDeserialize, DynamicType, OwnedObjectPath, OwnedValue, Type, Value};

use super::system_bus;
use crate::evidence::{Fact, Gap, Policy, Remark, ZoneEntry, ZoneEntryKind};
use crate::platform::incoming::{Incoming, Judgement};
use crate::platform::parse::firewalld::{self as parse, Service, Zone};

const NAME: &str = "org.fedoraproject.FirewallD1";
const PATH: &str = "/org/fedoraproject/FirewallD1";
const CONFIG: &str = "/org/fedoraproject/FirewallD1/config";
const POLKIT: &str = "org.freedesktop.PolicyKit1";
const NETWORK_MANAGER: &str = "org.freedesktop.NetworkManager";

/// What must be allowed to read zones, services and direct rules.
const RIGHTS: [&str; 3] = [
    "org.fedoraproject.FirewallD1.info",
    "org.fedoraproject.FirewallD1.config.info",
    "org.fedoraproject.FirewallD1.direct.info",
];

/// What firewalld comes with besides zones: it lets in neighbour discovery, no TCP.
const HARMLESS_POLICY: &str = "allow-host-ipv6";

/// A running firewalld.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// What is in force.
    pub zones: Result<InForce, Gap>,
    /// What may be in force after it is reloaded; nothing where that could not be read. There are
    /// two where `NetworkManager` may bind interfaces to other zones than the permanent ones.
    pub reloaded: Vec<InForce>,
}

/// firewalld's rules as they are in force, or will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// The zones that something is bound to, and the default one.
    pub zones: Vec<Zone>,
    /// The name of the default zone.
    pub default: String,
    /// All is dropped.
    pub panics: bool,
    /// Whether the zones are all there is: no direct rules, no policies of the person's own.
    pub is_all: bool,
}

impl InForce {
    /// What becomes of a connection.
    pub fn judge(&self, connection: &Incoming) -> Judgement {
        if self.panics {
            return Judgement {
                policy: Some(Policy::Drop),
                rule: Some("panic mode".to_owned()),
                is_default: false,
            };
        }
        let mut judged = parse::judge(&self.zones, Some(&self.default), connection);
        if !self.is_all {
            judged.policy = None;
        }
        judged
    }

    /// The zone that a connection meets, where there is but one.
    pub fn zone(&self, connection: &Incoming) -> Option<String> {
        match *parse::zones_met(&self.zones, Some(&self.default), connection) {
            [zone] => Some(zone.name.clone()),
            _ => None,
        }
    }

    /// What becomes of connections to ports that no rule names.
    pub fn otherwise(&self, connection: &Incoming) -> Option<Policy> {
        let met = parse::zones_met(&self.zones, Some(&self.default), connection);
        let mut targets = met.into_iter().map(parse::target);
        let first = targets.next()??;
        targets.all(|other| other == Some(first)).then_some(first)
    }
}

impl Running {
    /// What reloading does to a connection, and to what is in force.
    pub fn remarks(&self, connections: &[Incoming]) -> Vec<Remark> {
        let Ok(now) = &self.zones else {
            return Vec::new();
        };
        let Some(saved) = self.reloaded.first() else {
            return vec![Remark::SavedRulesUnread];
        };
        let fate = |rules: &[InForce]| {
            let each = connections
                .iter()
                .flat_map(|connection| rules.iter().map(|rules| rules.judge(connection)));
            Judgement::agreed(&each.collect::<Vec<_>>()).policy
        };
        let own = match (fate(std::slice::from_ref(now)), fate(&self.reloaded)) {
            (Some(Policy::Allow), Some(Policy::Allow)) => Some(Remark::Lasts),
            (Some(Policy::Allow), Some(Policy::Drop | Policy::Reject)) => {
                Some(Remark::EndsAtReload)
            }
            (Some(Policy::Drop | Policy::Reject), Some(Policy::Allow)) => {
                Some(Remark::BeginsAtReload)
            }
            (Some(Policy::Drop | Policy::Reject), Some(Policy::Drop | Policy::Reject))
            | (None, _)
            | (_, None) => None,
        };
        let lost = now.without(saved);
        let brought = saved.without(now);
        let lost = (!lost.is_empty()).then_some(Remark::LostAtReload { entries: lost });
        let brought = (!brought.is_empty()).then_some(Remark::BroughtByReload { entries: brought });
        let more = (!now.differs_by_entries(saved)).then_some(Remark::ChangedByReload);
        [own, lost, brought, more].into_iter().flatten().collect()
    }
}

impl InForce {
    /// What is set here and not there.
    fn without(&self, other: &Self) -> Vec<ZoneEntry> {
        let there: BTreeSet<ZoneEntry> = other.zones.iter().flat_map(Zone::entries).collect();
        let here = self.zones.iter().flat_map(Zone::entries);
        // An interface need not be bound to the default zone to meet it.
        let is_default = |entry: &ZoneEntry| {
            entry.kind == ZoneEntryKind::Interface
                && entry.zone == self.default
                && entry.zone == other.default
        };
        let mut only: Vec<ZoneEntry> = here
            .filter(|entry| !is_default(entry) && !there.contains(entry))
            .collect();
        only.sort();
        only
    }

    /// Whether what is set in zones is all that may differ.
    fn differs_by_entries(&self, other: &Self) -> bool {
        let has_same_target = |zone: &Zone| {
            let mut there = other.zones.iter();
            let same = there.find(|other| other.name == zone.name);
            same.is_none_or(|other| other.target == zone.target)
        };
        self.default == other.default
            && self.is_all
            && other.is_all
            && self.zones.iter().all(has_same_target)
    }
}

/// firewalld, when it runs. What is in force does not wait for what is saved.
pub fn ask() -> Fact<Option<Running>> {
    // It is asked over the bus alone: where there is none, nobody can tell.
    if !system_bus::is_there() {
        return Fact::Unknown(Gap::ToolMissing);
    }
    let mut running = system_bus::ask(running);
    if let Fact::Known(Some(running)) = &mut running
        && let Ok(now) = running.zones.clone()
        && let Fact::Known(reloaded) = system_bus::ask(move |bus| reloaded(bus, &now))
    {
        running.reloaded = reloaded;
    }
    running
}

fn running(bus: &Connection) -> zbus::Result<Option<Running>> {
    if !has_owner(bus, NAME)? {
        return Ok(None);
    }
    let zones = if may_ask(bus) {
        in_force(bus).map_err(|error| Gap::Unreadable {
            what: format!("firewalld: {error}"),
        })
    } else {
        Err(Gap::NeedsAdmin)
    };
    Ok(Some(Running {
        zones,
        reloaded: Vec::new(),
    }))
}

fn has_owner(bus: &Connection, name: &'static str) -> zbus::Result<bool> {
    let proxy = DBusProxy::new(bus)?;
    Ok(proxy.name_has_owner(BusName::try_from(name)?)?)
}

/// Whether firewalld would answer without a question to the person. Where polkit does not run,
/// firewalld answers root alone.
fn may_ask(bus: &Connection) -> bool {
    let Ok(true) = has_owner(bus, POLKIT) else {
        return std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    };
    RIGHTS
        .iter()
        .all(|right| is_allowed(bus, right).unwrap_or(false))
}

fn is_allowed(bus: &Connection, right: &str) -> zbus::Result<bool> {
    let own = bus.unique_name().map(ToString::to_string);
    let name = Value::from(own.unwrap_or_default());
    let subject = ("system-bus-name", HashMap::from([("name", name)]));
    let details = HashMap::<&str, &str>::new();
    let without_interaction = 0_u32;
    let reply = bus.call_method(
        Some(POLKIT),
        "/org/freedesktop/PolicyKit1/Authority",
        Some("org.freedesktop.PolicyKit1.Authority"),
        "CheckAuthorization",
        &(subject, right, details, without_interaction, ""),
    )?;
    let body = reply.body();
    let (allowed, _, _): (bool, bool, HashMap<String, String>) = body.deserialize()?;
    Ok(allowed)
}

fn in_force(bus: &Connection) -> zbus::Result<InForce> {
    let default: String = call(bus, PATH, "", "getDefaultZone", &())?;
    let active: Bindings = call(bus, PATH, ".zone", "getActiveZones", &())?;
    let policies: Bindings = call(bus, PATH, ".policy", "getActivePolicies", &())?;
    let direct: Vec<OwnedDirectRule> = call(bus, PATH, ".direct", "getAllRules", &())?;
    let panics: bool = call(bus, PATH, "", "queryPanicMode", &())?;
    let mut names: Vec<&String> = active.keys().collect();
    if !active.contains_key(&default) {
        names.push(&default);
    }
    names.sort();
    let zones = names
        .into_iter()
        .map(|name| zone(bus, Rules::InForce, name, active.contains_key(name)))
        .collect::<zbus::Result<_>>()?;
    Ok(InForce {
        zones,
        default,
        panics,
        is_all: direct.is_empty() && policies.keys().all(|name| name == HARMLESS_POLICY),
    })
}

/// What its permanent configuration makes of the zones, once it is loaded. Panic mode stays
/// (firewall-cmd(1), "--panic-on").
fn reloaded(bus: &Connection, now: &InForce) -> zbus::Result<Vec<InForce>> {
    let mut saved = permanent(bus, now)?;
    saved.panics = now.panics;
    let mut bound_as_now = saved.clone();
    for zone in &mut bound_as_now.zones {
        zone.interfaces.clear();
        let same = now.zones.iter().find(|other| other.name == zone.name);
        zone.interfaces
            .extend(same.into_iter().flat_map(|same| same.interfaces.clone()));
    }
    Ok(if has_owner(bus, NETWORK_MANAGER)? {
        vec![bound_as_now, saved]
    } else {
        vec![saved]
    })
}

fn permanent(bus: &Connection, now: &InForce) -> zbus::Result<InForce> {
    let default = permanent_default_zone(bus)?;
    let names: Vec<String> = call(bus, CONFIG, ".config", "getZoneNames", &())?;
    let direct: Vec<OwnedDirectRule> = call(bus, CONFIG, ".config.direct", "getAllRules", &())?;
    let mut zones = Vec::new();
    for name in &names {
        let was_met = now.zones.iter().any(|zone| &zone.name == name);
        let zone = zone(bus, Rules::Permanent, name, false)?;
        if was_met || zone.is_bound() || *name == default {
            zones.push(zone);
        }
    }
    Ok(InForce {
        zones,
        default,
        panics: false,
        is_all: direct.is_empty() && !has_own_policies(bus)?,
    })
}

fn permanent_default_zone(bus: &Connection) -> zbus::Result<String> {
    let property = (format!("{NAME}.config"), "DefaultZone");
    let properties = Some("org.freedesktop.DBus.Properties");
    let reply = bus.call_method(Some(NAME), CONFIG, properties, "Get", &property)?;
    let value: OwnedValue = reply.body().deserialize()?;
    Ok(value.try_into()?)
}

/// Whether there is a policy of the person's own that has both of its ends: only such is in force.
fn has_own_policies(bus: &Connection) -> zbus::Result<bool> {
    let names: Vec<String> = call(bus, CONFIG, ".config", "getPolicyNames", &())?;
    for name in names.iter().filter(|name| *name != HARMLESS_POLICY) {
        let at: OwnedObjectPath = call(bus, CONFIG, ".config", "getPolicyByName", name)?;
        let mut settings: Settings = call(bus, at.as_str(), ".config.policy", "getSettings", &())?;
        let mut ends = ["ingress_zones", "egress_zones"].into_iter();
        if ends.all(|end| take::<Vec<String>>(&mut settings, end).is_some_and(|z| !z.is_empty())) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Zones or policies, each with what is bound to it by kind.
type Bindings = HashMap<String, HashMap<String, Vec<String>>>;

/// Family, table, chain, priority and arguments.
type OwnedDirectRule = (String, String, String, i32, Vec<String>);

/// What is set in a zone, a service or a policy.
type Settings = HashMap<String, OwnedValue>;

/// Which of the two sets of rules.
#[derive(Clone, Copy)]
enum Rules {
    InForce,
    Permanent,
}

impl Rules {
    fn of_zone(self, bus: &Connection, name: &str) -> zbus::Result<Settings> {
        match self {
            Self::InForce => call(bus, PATH, ".zone", "getZoneSettings2", &name),
            Self::Permanent => {
                let at: OwnedObjectPath = call(bus, CONFIG, ".config", "getZoneByName", &name)?;
                call(bus, at.as_str(), ".config.zone", "getSettings2", &())
            }
        }
    }

    fn of_service(self, bus: &Connection, name: &str) -> zbus::Result<Settings> {
        match self {
            Self::InForce => call(bus, PATH, "", "getServiceSettings2", &name),
            Self::Permanent => {
                let at: OwnedObjectPath = call(bus, CONFIG, ".config", "getServiceByName", &name)?;
                call(bus, at.as_str(), ".config.service", "getSettings2", &())
            }
        }
    }
}

fn zone(bus: &Connection, rules: Rules, name: &str, active: bool) -> zbus::Result<Zone> {
    let mut settings = rules.of_zone(bus, name)?;
    let mut words = |key: &str| -> Vec<String> { take(&mut settings, key).unwrap_or_default() };
    let services = words("services");
    let mut zone = Zone {
        name: name.to_owned(),
        active,
        interfaces: words("interfaces"),
        sources: words("sources"),
        protocols: words("protocols"),
        rich_rules: words("rules_str"),
        ..Zone::default()
    };
    zone.target = take(&mut settings, "target").unwrap_or_default();
    let mut pairs = |key: &str| -> Vec<String> {
        let pairs: Vec<(String, String)> = take(&mut settings, key).unwrap_or_default();
        pairs.into_iter().map(|(a, b)| format!("{a}/{b}")).collect()
    };
    zone.ports = pairs("ports");
    zone.source_ports = pairs("source_ports");
    let forward: Vec<(String, String, String, String)> =
        take(&mut settings, "forward_ports").unwrap_or_default();
    let forward = forward.into_iter();
    zone.forward_ports = forward
        .map(|(port, protocol, to, at)| {
            format!("port={port}:proto={protocol}:toport={to}:toaddr={at}")
        })
        .collect();
    zone.services = services
        .iter()
        .map(|name| service(bus, rules, name))
        .collect();
    Ok(zone)
}

/// The definition of those rules, which need not be the one that firewalld ships.
fn service(bus: &Connection, rules: Rules, name: &str) -> Service {
    let Ok(mut settings) = rules.of_service(bus, name) else {
        return Service {
            name: name.to_owned(),
            ports: None,
        };
    };
    let ports: Vec<(String, String)> = take(&mut settings, "ports").unwrap_or_default();
    let includes: Vec<String> = take(&mut settings, "includes").unwrap_or_default();
    let is_tcp = |(_, protocol): &(String, String)| protocol == "tcp";
    let ports = ports.into_iter().filter(is_tcp).map(|(port, _)| port);
    Service {
        name: name.to_owned(),
        ports: includes.is_empty().then(|| ports.collect()),
    }
}

fn take<T: TryFrom<OwnedValue>>(settings: &mut Settings, key: &str) -> Option<T> {
    settings.remove(key)?.try_into().ok()
}

fn call<T, B>(
    bus: &Connection,
    path: &str,
    interface: &str,
    method: &str,
    body: &B,
) -> zbus::Result<T>
where
    T: for<'a> DynamicDeserialize<'a> + Type,
    B: serde::Serialize + DynamicType,
{
    let interface = format!("{NAME}{interface}");
    let reply = bus.call_method(Some(NAME), path, Some(interface.as_str()), method, body)?;
    reply.body().deserialize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_reload_brings_is_said_to_be_unread_where_it_was_not_read() {
        let now = InForce {
            zones: Vec::new(),
            default: "public".to_owned(),
            panics: false,
            is_all: true,
        };
        let unread = Running {
            zones: Ok(now.clone()),
            reloaded: Vec::new(),
        };
        assert_eq!(unread.remarks(&[]), [Remark::SavedRulesUnread]);
        let read = Running {
            reloaded: vec![now],
            ..unread
        };
        assert_eq!(read.remarks(&[]), []);
    }
}
