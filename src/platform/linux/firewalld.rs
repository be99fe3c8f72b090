//! Asks the system bus whether firewalld runs, which every user may; it is never started by that.
//!
//! Its zones and rules are not asked for: where a password is needed for them, firewalld itself
//! would put the question on the person's screen.

use zbus::blocking::fdo::DBusProxy;
use zbus::names::BusName;

use super::system_bus;
use crate::evidence::Fact;

const NAME: &str = "org.fedoraproject.FirewallD1";

/// Whether firewalld runs.
pub fn is_running() -> Fact<bool> {
    system_bus::ask(|connection| {
        let proxy = DBusProxy::new(connection)?;
        Ok(proxy.name_has_owner(BusName::try_from(NAME)?)?)
    })
}
