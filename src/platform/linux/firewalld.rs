//! Asks the system bus whether firewalld runs, which every user may; it is never started by that.
//!
//! Its zones and rules are not asked for: where a password is needed for them, firewalld itself
//! would put the question on the person's screen.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use zbus::blocking::connection::Builder;
use zbus::blocking::fdo::DBusProxy;
use zbus::names::BusName;

use crate::evidence::{Fact, Gap};

const NAME: &str = "org.fedoraproject.FirewallD1";
const PATIENCE: Duration = Duration::from_millis(500);

/// Whether firewalld runs.
pub fn is_running() -> Fact<bool> {
    asked(Builder::system)
}

/// zbus waits as long as the bus lets it, so it waits in a thread of its own.
fn asked(bus: impl FnOnce() -> zbus::Result<Builder<'static>> + Send + 'static) -> Fact<bool> {
    let (sender, receiver) = mpsc::channel();
    let thread = thread::Builder::new().name("system-bus".to_owned());
    let started = thread.spawn(move || {
        // Nobody listens any more when the time was up.
        let _ = sender.send(bus().and_then(name_has_owner));
    });
    let answer = match started {
        Ok(_) => receiver.recv_timeout(PATIENCE),
        Err(error) => return unreadable(&error),
    };
    match answer {
        Ok(Ok(running)) => Fact::Known(running),
        Ok(Err(error)) => unreadable(&error),
        Err(_) => Fact::Unknown(Gap::TimedOut),
    }
}

fn unreadable(error: &dyn std::fmt::Display) -> Fact<bool> {
    Fact::Unknown(Gap::Unreadable {
        what: format!("D-Bus: {error}"),
    })
}

fn name_has_owner(bus: Builder<'static>) -> zbus::Result<bool> {
    let connection = bus.build()?;
    let proxy = DBusProxy::new(&connection)?;
    Ok(proxy.name_has_owner(BusName::try_from(NAME)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    #[test]
    fn a_bus_that_is_silent_or_missing_is_no_answer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bus");
        let silent = UnixListener::bind(&path).unwrap();
        let address = format!("unix:path={}", path.display());
        let again = address.clone();
        let answer = asked(move || Builder::address(address.as_str()));
        assert_eq!(answer, Fact::Unknown(Gap::TimedOut));
        drop(silent);
        let answer = asked(move || Builder::address(again.as_str()));
        assert!(matches!(answer, Fact::Unknown(Gap::Unreadable { .. })));
    }
}
