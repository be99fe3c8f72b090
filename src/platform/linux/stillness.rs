//! Whether the desktop asks programs not to move things: told by its settings portal
//! (org.freedesktop.portal.Settings) on the session's bus.

use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;
use zbus::blocking::fdo::DBusProxy;
use zbus::names::BusName;
use zbus::zvariant::{OwnedValue, Value};

use super::system_bus::ask_on;
use crate::evidence::{Fact, Gap};

/// What the desktop asks for; unknown where it does not say.
pub(super) fn wanted() -> Fact<bool> {
    match ask_on(Builder::session, asked) {
        Fact::Known(Some(wanted)) => Fact::Known(wanted),
        Fact::Known(None) => Fact::Unknown(Gap::Unsupported),
        Fact::Unknown(gap) => Fact::Unknown(gap),
    }
}

fn asked(bus: &Connection) -> zbus::Result<Option<bool>> {
    // A portal that does not run is not started for this.
    let name = BusName::try_from(NAME)?;
    if !DBusProxy::new(bus)?.name_has_owner(name)? {
        return Ok(None);
    }
    let mut answers = SETTINGS.iter().filter_map(|(group, key, reading)| {
        let reply = bus.call_method(Some(NAME), PATH, Some(INTERFACE), "Read", &(group, key));
        // A desktop knows its own settings only; an error is a setting that it does not know.
        let value: OwnedValue = reply.ok()?.body().deserialize().ok()?;
        reading(&value)
    });
    Ok(answers.next())
}

/// Reads a setting's value: whether stillness is wanted.
type Reading = fn(&Value<'_>) -> Option<bool>;

/// The settings that say so, with the one that all desktops share first. Old portals wrap a value
/// twice, newer ones once.
const SETTINGS: [(&str, &str, Reading); 3] = [
    (
        "org.freedesktop.appearance",
        "reduced-motion",
        |value| match bare(value) {
            Value::U32(0) => Some(false),
            Value::U32(1) => Some(true),
            _ => None,
        },
    ),
    (
        "org.gnome.desktop.interface",
        "enable-animations",
        |value| match bare(value) {
            Value::Bool(enabled) => Some(!enabled),
            _ => None,
        },
    ),
    (
        "org.kde.kdeglobals.KDE",
        "AnimationDurationFactor",
        |value| match bare(value) {
            Value::Str(factor) => factor.parse::<f64>().ok().map(|factor| factor <= 0.0),
            Value::F64(factor) => Some(*factor <= 0.0),
            _ => None,
        },
    ),
];

fn bare<'v>(value: &'v Value<'v>) -> &'v Value<'v> {
    match value {
        Value::Value(inner) => bare(inner),
        other => other,
    }
}

const NAME: &str = "org.freedesktop.portal.Desktop";
const PATH: &str = "/org/freedesktop/portal/desktop";
const INTERFACE: &str = "org.freedesktop.portal.Settings";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_desktop_says_it_in_its_own_way() {
        let read = |key: &str, value: Value<'_>| {
            let (_, _, reading) = SETTINGS.iter().find(|(_, name, _)| *name == key).unwrap();
            reading(&value)
        };
        assert_eq!(read("reduced-motion", Value::U32(1)), Some(true));
        let wrapped = Value::Value(Box::new(Value::U32(0)));
        assert_eq!(read("reduced-motion", wrapped), Some(false));
        assert_eq!(read("reduced-motion", Value::U32(7)), None);
        assert_eq!(read("enable-animations", Value::Bool(false)), Some(true));
        let kde = |factor: &'static str| read("AnimationDurationFactor", Value::from(factor));
        assert_eq!(kde("0"), Some(true));
        assert_eq!(kde("1.5"), Some(false));
        assert_eq!(kde("fast"), None);
    }
}
