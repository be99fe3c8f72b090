//! Asks the system bus whether firewalld runs, which every user may, and what its zones are, where
//! that takes no password.
//!
//! firewalld has polkit put its question on the person's screen whenever a caller may not know:
//! it always allows interaction (its `dbus_polkit_require_auth`), whatever flags the call has.
//! So polkit is asked first, by us and without interaction (`CheckAuthorization`, flags 0), and
//! firewalld only where the answer is yes. Nothing is ever started by asking.

use std::collections::HashMap;
use std::os::unix::fs::MetadataExt as _;

use zbus::blocking::Connection;
use zbus::blocking::fdo::DBusProxy;
use zbus::names::BusName;
use zbus::zvariant::{DynamicDeserialize, DynamicType, OwnedValue, Type, Value};

use super::system_bus;
use crate::evidence::{Fact, Gap, Policy};
use crate::platform::incoming::{Incoming, Judgement};
use crate::platform::parse::firewalld::{self as parse, Service, Zone};

const NAME: &str = "org.fedoraproject.FirewallD1";
const PATH: &str = "/org/fedoraproject/FirewallD1";
const POLKIT: &str = "org.freedesktop.PolicyKit1";

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
}

/// firewalld's rules as they are in force.
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

/// firewalld, when it runs.
pub fn ask() -> Fact<Option<Running>> {
    system_bus::ask(running)
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
    Ok(Some(Running { zones }))
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
    let default: String = call(bus, "", "getDefaultZone", &())?;
    let active: Bindings = call(bus, ".zone", "getActiveZones", &())?;
    let policies: Bindings = call(bus, ".policy", "getActivePolicies", &())?;
    let direct: Vec<OwnedDirectRule> = call(bus, ".direct", "getAllRules", &())?;
    let panics: bool = call(bus, "", "queryPanicMode", &())?;
    let mut names: Vec<&String> = active.keys().collect();
    if !active.contains_key(&default) {
        names.push(&default);
    }
    names.sort();
    let zones = names
        .into_iter()
        .map(|name| zone(bus, name, active.contains_key(name)))
        .collect::<zbus::Result<_>>()?;
    Ok(InForce {
        zones,
        default,
        panics,
        is_all: direct.is_empty() && policies.keys().all(|name| name == HARMLESS_POLICY),
    })
}

/// Zones or policies, each with what is bound to it by kind.
type Bindings = HashMap<String, HashMap<String, Vec<String>>>;

/// Family, table, chain, priority and arguments.
type OwnedDirectRule = (String, String, String, i32, Vec<String>);

fn zone(bus: &Connection, name: &str, active: bool) -> zbus::Result<Zone> {
    let mut settings: HashMap<String, OwnedValue> = call(bus, ".zone", "getZoneSettings2", &name)?;
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
    zone.services = services.iter().map(|name| service(bus, name)).collect();
    Ok(zone)
}

/// The definition in force, which need not be the one that firewalld ships.
fn service(bus: &Connection, name: &str) -> Service {
    let settings: zbus::Result<HashMap<String, OwnedValue>> =
        call(bus, "", "getServiceSettings2", &name);
    let Ok(mut settings) = settings else {
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

fn take<T: TryFrom<OwnedValue>>(
    settings: &mut HashMap<String, OwnedValue>,
    key: &str,
) -> Option<T> {
    settings.remove(key)?.try_into().ok()
}

fn call<T, B>(bus: &Connection, interface: &str, method: &str, body: &B) -> zbus::Result<T>
where
    T: for<'a> DynamicDeserialize<'a> + Type,
    B: serde::Serialize + DynamicType,
{
    let interface = format!("{NAME}{interface}");
    let reply = bus.call_method(Some(NAME), PATH, Some(interface.as_str()), method, body)?;
    reply.body().deserialize()
}
