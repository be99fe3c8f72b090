//! Asks services of the system or of the session over D-Bus, which every user may as long as nothing is changed.
//!
//! Nobody is started by a question and no password is asked for: where one would be needed, polkit
//! itself puts that on the person's screen, so such questions are not for here.

use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;

use crate::evidence::{Fact, Gap};
use crate::platform::descriptors;

/// Some dozens of answers, each of a millisecond, from a service that may have other things to do.
const PATIENCE: Duration = Duration::from_millis(1500);

/// zbus takes some five descriptors and panics where they cannot be had (async-io); what runs beside
/// it takes others meanwhile.
const SPARE: usize = 16;

/// Whether there is a bus to ask: a container rarely has one.
pub(super) fn is_there() -> bool {
    let is_named = std::env::var_os("DBUS_SYSTEM_BUS_ADDRESS").is_some();
    is_named || Path::new("/run/dbus/system_bus_socket").exists()
}

/// Asks the system bus.
pub(super) fn ask<T: Send + 'static>(
    question: impl FnOnce(&Connection) -> zbus::Result<T> + Send + 'static,
) -> Fact<T> {
    ask_on(Builder::system, question)
}

/// Asks a bus. zbus waits as long as the bus lets it, so it waits in a thread of its own.
pub(super) fn ask_on<T: Send + 'static>(
    bus: impl FnOnce() -> zbus::Result<Builder<'static>> + Send + 'static,
    question: impl FnOnce(&Connection) -> zbus::Result<T> + Send + 'static,
) -> Fact<T> {
    if let Err(error) = descriptors::make_sure_of(SPARE) {
        return unreadable(&error);
    }
    let (sender, receiver) = mpsc::channel();
    let thread = thread::Builder::new().name("system-bus".to_owned());
    let started = thread.spawn(move || {
        let connection = bus().and_then(Builder::build);
        // Nobody listens any more when the time was up.
        let _ = sender.send(connection.and_then(|connection| question(&connection)));
    });
    let answer = match started {
        Ok(_) => receiver.recv_timeout(PATIENCE),
        Err(error) => return unreadable(&error),
    };
    match answer {
        Ok(Ok(answer)) => Fact::Known(answer),
        Ok(Err(error)) => unreadable(&error),
        Err(_) => Fact::Unknown(Gap::TimedOut),
    }
}

fn unreadable<T>(error: &dyn std::fmt::Display) -> Fact<T> {
    Fact::Unknown(Gap::Unreadable {
        what: format!("D-Bus: {error}"),
    })
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
        let answer = ask_on(move || Builder::address(address.as_str()), |_| Ok(()));
        assert_eq!(answer, Fact::Unknown(Gap::TimedOut));
        drop(silent);
        let answer = ask_on(move || Builder::address(again.as_str()), |_| Ok(()));
        assert!(matches!(answer, Fact::Unknown(Gap::Unreadable { .. })));
    }
}
