//! Asks systemd on the system bus about the units of a service, which every user may.
//!
//! Two questions find the units, loaded ones and files that nobody has loaded; a few more tell of each
//! how it fares. Nothing is started and nothing is loaded: systemd itself is never started by a
//! question, and `LoadUnit` is not asked.

use std::time::{SystemTime, UNIX_EPOCH};

use zbus::blocking::Connection;
use zbus::blocking::fdo::DBusProxy;
use zbus::names::BusName;
use zbus::zvariant::{OwnedObjectPath, OwnedValue};

use super::system_bus;
use crate::catalogue::Service;
use crate::evidence::{Fact, Gap, ServiceState, ServiceUnit, UnitState, printable};
use crate::platform::parse::systemd::{self, Properties};

const NAME: &str = "org.freedesktop.systemd1";
const PATH: &str = "/org/freedesktop/systemd1";
const MANAGER: &str = "org.freedesktop.systemd1.Manager";
const SOCKET: &str = "org.freedesktop.systemd1.Socket";
const UNIT: &str = "org.freedesktop.systemd1.Unit";

/// So many units of one service are told of: clusters of a database, sites of a web server.
const MOST: usize = 8;

/// What systemd says of services; those without a unit are left out.
pub(super) fn states_of(services: &[&'static Service]) -> Fact<Vec<ServiceState>> {
    let has_units = |service: &&&'static Service| !service.linux.units.is_empty();
    let services: Vec<&Service> = services.iter().filter(has_units).copied().collect();
    if services.is_empty() {
        return Fact::Unknown(Gap::NotAsked);
    }
    if !system_bus::is_there() {
        return Fact::Unknown(Gap::ToolMissing);
    }
    match system_bus::ask(move |bus| states(bus, &services)) {
        Fact::Known(Some(states)) => Fact::Known(states),
        Fact::Known(None) => Fact::Unknown(Gap::ToolMissing),
        Fact::Unknown(gap) => Fact::Unknown(gap),
    }
}

/// The states; nothing where systemd is not on the bus.
fn states(bus: &Connection, services: &[&Service]) -> zbus::Result<Option<Vec<ServiceState>>> {
    let name = BusName::try_from(NAME)?;
    if !DBusProxy::new(bus)?.name_has_owner(name)? {
        return Ok(None);
    }
    let state = |service: &&Service| {
        Ok(ServiceState {
            service: service.id.clone(),
            units: units(bus, &patterns(&service.linux.units))?,
        })
    };
    services
        .iter()
        .map(state)
        .collect::<zbus::Result<_>>()
        .map(Some)
}

/// The unit, the instances of a template (a cluster of PostgreSQL), and the socket that starts it.
fn patterns(names: &[String]) -> Vec<String> {
    let of_name = |name: &String| {
        [
            format!("{name}.service"),
            format!("{name}@*.service"),
            format!("{name}.socket"),
        ]
    };
    names.iter().flat_map(of_name).collect()
}

/// The units that match.
fn units(bus: &Connection, patterns: &[String]) -> zbus::Result<Vec<ServiceUnit>> {
    let in_any_state: [&str; 0] = [];
    let list = |method| {
        let which = (in_any_state.as_slice(), patterns);
        bus.call_method(Some(NAME), PATH, Some(MANAGER), method, &which)
    };
    let loaded: Vec<Loaded> = list("ListUnitsByPatterns")?.body().deserialize()?;
    let files: Vec<(String, String)> = list("ListUnitFilesByPatterns")?.body().deserialize()?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0, |now| u64::try_from(now.as_micros()).unwrap_or(u64::MAX));
    let mut units: Vec<ServiceUnit> = loaded
        .iter()
        .filter_map(|one| systemd::unit(&properties(bus, one, &files), now))
        .take(MOST)
        .collect();
    for (path, state) in files {
        let unloaded = unloaded(&path, &state);
        let is_new = |unit: &ServiceUnit| units.iter().all(|known| known.name != unit.name);
        if let Some(unit) = unloaded.filter(|unit| units.len() < MOST && is_new(unit)) {
            units.push(unit);
        }
    }
    Ok(units)
}

/// Name, description, load state, active state, sub state, followed unit, path, and three of a job.
type Loaded = (
    String,
    String,
    String,
    String,
    String,
    String,
    OwnedObjectPath,
    u32,
    String,
    OwnedObjectPath,
);

/// What is not told stays empty: a service has more properties than a socket, and older versions have
/// fewer.
fn properties(bus: &Connection, unit: &Loaded, files: &[(String, String)]) -> Properties {
    let (name, _, load, active, sub, _, path, ..) = unit;
    let kind = match name.rsplit_once('.') {
        Some((_, "socket")) => SOCKET,
        _ => "org.freedesktop.systemd1.Service",
    };
    let of_file = || files.iter().find(|(path, _)| file_name(path) == name);
    Properties {
        name: name.clone(),
        load: load.clone(),
        active: active.clone(),
        sub: sub.clone(),
        file: property(bus, path, UNIT, "UnitFileState")
            .or_else(|| of_file().map(|(_, state)| state.clone()))
            .unwrap_or_default(),
        result: property(bus, path, kind, "Result").unwrap_or_default(),
        exit_code: property(bus, path, kind, "ExecMainCode").unwrap_or_default(),
        exit_status: property(bus, path, kind, "ExecMainStatus").unwrap_or_default(),
        restarts: property(bus, path, kind, "NRestarts").unwrap_or_default(),
        changed: property(bus, path, UNIT, "StateChangeTimestamp").unwrap_or_default(),
        user: property(bus, path, kind, "User").filter(|_| kind != SOCKET),
        dynamic_user: property(bus, path, kind, "DynamicUser").unwrap_or_default(),
        ambient_capabilities: property(bus, path, kind, "AmbientCapabilities").unwrap_or_default(),
    }
}

fn property<T: TryFrom<OwnedValue>>(
    bus: &Connection,
    path: &OwnedObjectPath,
    interface: &str,
    name: &str,
) -> Option<T> {
    let reply = bus.call_method(
        Some(NAME),
        path.as_str(),
        Some("org.freedesktop.DBus.Properties"),
        "Get",
        &(interface, name),
    );
    let value: OwnedValue = reply.ok()?.body().deserialize().ok()?;
    value.try_into().ok()
}

/// A unit whose file is there and that nobody has loaded: it does not run. A template runs only as its
/// instances, and another name is no other unit.
fn unloaded(path: &str, state: &str) -> Option<ServiceUnit> {
    let name = file_name(path);
    if name.contains("@.") || state == "alias" {
        return None;
    }
    Some(ServiceUnit {
        name: printable(name).into_owned(),
        state: UnitState::Stopped,
        startup: systemd::startup(state),
        failure: None,
        restarts: 0,
        since_secs: None,
        may_use_low_ports: None,
    })
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;

    #[test]
    fn a_service_without_units_asks_nobody() {
        let by_hand = catalogue::known("vite").unwrap();
        assert_eq!(states_of(&[by_hand]), Fact::Unknown(Gap::NotAsked));
    }

    #[test]
    fn a_name_stands_for_its_unit_its_instances_and_its_socket() {
        let patterns = patterns(&["postgresql".to_owned()]);
        let expected = [
            "postgresql.service",
            "postgresql@*.service",
            "postgresql.socket",
        ];
        assert_eq!(patterns, expected);
    }

    #[test]
    fn templates_and_other_names_are_no_units() {
        let folder = "/usr/lib/systemd/system";
        let file = |name: &str, state| unloaded(&format!("{folder}/{name}"), state);
        assert_eq!(file("postgresql@.service", "indirect"), None);
        assert_eq!(file("mysql.service", "alias"), None);
        let disabled = file("vsftpd.service", "disabled").unwrap();
        assert_eq!(disabled.name, "vsftpd.service");
        assert_eq!(disabled.state, UnitState::Stopped);
    }
}
