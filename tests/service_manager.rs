//! Why a service does not listen, as systemd tells it: the real program against a bus of its own, on
//! which the test speaks as systemd does.
//!
//! Needs `dbus-daemon` on Linux; where it is missing the tests say so and pass; with `CI=true` they
//! fail.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "test code")]
#![expect(
    clippy::disallowed_methods,
    reason = "the test starts the program and a bus for it"
)]
#![expect(clippy::needless_pass_by_value, reason = "so the bus hands them over")]

mod fake_systemd;

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::process::{Command, Stdio};

use fake_systemd::{Bus, STOPPED, Unit};
use serde_json::Value;

const FAILED: Unit = Unit {
    active: "failed",
    sub: "failed",
    result: "exit-code",
    exit: (1, 1),
    ..STOPPED
};

/// What stands for all clusters of PostgreSQL on Debian.
const OF_ALL: Unit = Unit {
    name: "postgresql.service",
    active: "active",
    sub: "exited",
    file: "enabled",
    exit: (1, 0),
    ..STOPPED
};

trait Check {
    /// What `ketnoi check TARGET --json` says with this system bus.
    fn check(&self, target: &str) -> Value;
}

impl Check for Bus {
    fn check(&self, target: &str) -> Value {
        check_on(&self.address, target)
    }
}

/// What `ketnoi check TARGET --json` says with this system bus.
fn check_on(bus: &str, target: &str) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_ketnoi"))
        .args(["check", target, "--json", "--lang", "en"])
        .env("DBUS_SYSTEM_BUS_ADDRESS", bus)
        .env("XDG_CONFIG_HOME", env!("CARGO_TARGET_TMPDIR"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// An endpoint of this machine where PostgreSQL is expected and nobody listens: below the ports that
/// the system lends to clients.
fn closed() -> String {
    let mut ports = 21_000..22_000;
    let port = ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    format!("postgres://127.0.0.1:{}/", port.unwrap())
}

/// What is said of the first clue of this kind.
fn clue<'v>(said: &'v Value, id: &str) -> &'v str {
    let clues = said["verdict"]["because"].as_array().unwrap();
    let found = clues.iter().find(|clue| clue["clue"] == id);
    found.map_or_else(
        || panic!("no {id}: {said}"),
        |clue| clue["text"].as_str().unwrap(),
    )
}

fn has_clue(said: &Value, id: &str) -> bool {
    let clues = said["verdict"]["because"].as_array().unwrap();
    clues.iter().any(|clue| clue["clue"] == id)
}

/// The commands that the advice with this id applies, and those that take it back.
fn commands(said: &Value, id: &str) -> (Vec<String>, Vec<String>) {
    let all = said["advice"].as_array().unwrap();
    let advice = all.iter().find(|advice| advice["id"] == id);
    let advice = advice.unwrap_or_else(|| panic!("no {id}: {said}"));
    let lines = |key: &str| {
        let lines = advice[key].as_array().unwrap().iter();
        lines
            .map(|line| line.as_str().unwrap().to_owned())
            .collect()
    };
    (lines("apply"), lines("undo"))
}

/// The first advice; where PostgreSQL is installed on this machine and set to its usual port, that
/// the asked one is another comes before it.
fn first_advice(said: &Value) -> &str {
    let ids = said["advice"].as_array().unwrap().iter();
    let mut ids = ids.map(|advice| advice["id"].as_str().unwrap());
    let is_set_elsewhere = has_clue(said, "service-setting");
    ids.find(|id| !(is_set_elsewhere && *id == "check-port"))
        .unwrap()
}

#[test]
fn a_stopped_service_is_started_by_the_name_of_its_unit() {
    let Some(bus) = Bus::new() else { return };
    let said = bus.with(&[OF_ALL, STOPPED]).check(&closed());
    assert_eq!(said["verdict"]["cause"], "nothing-listening");
    let unit = clue(&said, "service-unit");
    assert!(
        unit.contains("postgresql@15-main.service: stopped"),
        "{unit}"
    );
    assert!(unit.contains("starts with the system"), "{unit}");
    let summary = said["verdict"]["summary"].as_str().unwrap();
    assert!(
        summary.contains("PostgreSQL is installed, but stopped."),
        "{summary}"
    );
    let (apply, undo) = commands(&said, "start-service");
    assert_eq!(apply, ["sudo systemctl start postgresql@15-main.service"]);
    assert_eq!(undo, ["sudo systemctl stop postgresql@15-main.service"]);
    assert_eq!(first_advice(&said), "start-service");
}

#[test]
fn a_service_that_failed_says_when_and_how_and_its_log_comes_first() {
    let Some(bus) = Bus::new() else { return };
    let said = bus.with(&[OF_ALL, FAILED]).check(&closed());
    let summary = said["verdict"]["summary"].as_str().unwrap();
    let told = "PostgreSQL is installed, but failed 2 minutes ago: exit status 1.";
    assert!(summary.contains(told), "{summary}");
    assert_eq!(first_advice(&said), "read-service-log");
    let (apply, _) = commands(&said, "start-service");
    assert_eq!(apply, ["sudo systemctl start postgresql@15-main.service"]);
}

/// The test itself is the other program.
#[test]
fn a_service_whose_port_another_program_has_is_told_which() {
    let Some(bus) = Bus::new() else { return };
    let bus = bus.with(&[OF_ALL, FAILED]);
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = holder.local_addr().unwrap().port();
    let taken = |said: &Value, addr: &str| {
        let clue = clue(said, "port-taken");
        let pid = format!("PID {}", std::process::id());
        assert!(clue.contains(addr) && clue.contains(&pid), "{clue}");
        let summary = said["verdict"]["summary"].as_str().unwrap();
        assert!(
            summary.contains(&format!("{addr}, so the service cannot")),
            "{summary}"
        );
        assert!(summary.contains("failed 2 minutes ago"), "{summary}");
        let all = said["advice"].as_array().unwrap();
        let first = all.iter().find(|one| one["id"] == "free-port");
        let title = first.unwrap()["title"].as_str().unwrap();
        assert!(title.contains(&port.to_string()), "{title}");
        let (apply, _) = commands(said, "start-service");
        assert_eq!(apply, ["sudo systemctl start postgresql@15-main.service"]);
    };
    let addr = format!("127.0.0.1:{port}");
    let said = bus.check(&format!("postgres://{addr}/"));
    assert_eq!(said["verdict"]["cause"], "wrong-service", "{said}");
    assert_eq!(said["verdict"]["certainty"], "likely");
    taken(&said, &addr);
    // On another address of the same machine it is in the way of a wildcard.
    let said = bus.check(&format!("postgres://127.0.0.2:{port}/"));
    assert_eq!(said["verdict"]["cause"], "port-reserved", "{said}");
    taken(&said, &addr);
}

#[test]
fn whoever_has_the_port_of_a_service_that_runs_or_is_stopped_is_not_accused() {
    let Some(bus) = Bus::new() else { return };
    let bus = bus.with(&[OF_ALL, STOPPED]);
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = holder.local_addr().unwrap().port();
    for host in ["127.0.0.1", "127.0.0.2"] {
        let said = bus.check(&format!("postgres://{host}:{port}/"));
        assert!(!has_clue(&said, "port-taken"), "{said}");
    }
}

#[test]
fn a_service_without_the_rights_for_a_low_port_is_said_to_lack_them() {
    let Some(bus) = Bus::new() else { return };
    let first = fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start").unwrap();
    let mut low = 1..first.trim().parse::<u16>().unwrap();
    let Some(port) = low.find(|port| std::net::TcpStream::connect(("127.0.0.1", *port)).is_err())
    else {
        let _ = writeln!(
            std::io::stderr(),
            "not run: every port is for everybody here"
        );
        return;
    };
    let of_user = |user| Unit { user, ..FAILED };
    let target = format!("postgres://127.0.0.1:{port}/");
    let said = bus.with(&[of_user("postgres")]).check(&target);
    assert_eq!(said["verdict"]["cause"], "port-reserved", "{said}");
    assert!(clue(&said, "port-needs-admin").contains("administrators"));
    let (apply, _) = commands(&said, "allow-low-port");
    assert!(apply[0].contains("cap_net_bind_service"), "{apply:?}");
    let granted = Unit {
        ambient: 1 << 10,
        ..of_user("postgres")
    };
    for unit in [of_user("root"), granted] {
        let Some(bus) = Bus::new() else { return };
        let said = bus.with(&[unit]).check(&target);
        assert_eq!(said["verdict"]["cause"], "nothing-listening", "{said}");
    }
}

#[test]
fn a_masked_service_is_unmasked_and_masked_again() {
    let Some(bus) = Bus::new() else { return };
    let masked = Unit {
        name: "postgresql.service",
        load: "masked",
        file: "masked",
        ..STOPPED
    };
    let said = bus.with(&[masked]).check(&closed());
    assert!(clue(&said, "service-unit").contains("masked"));
    let (apply, undo) = commands(&said, "unmask-service");
    let systemctl = |verb| format!("sudo systemctl {verb} postgresql.service");
    assert_eq!(apply, [systemctl("unmask"), systemctl("start")]);
    assert_eq!(undo, [systemctl("stop"), systemctl("mask")]);
}

#[test]
fn what_systemd_does_not_know_is_installed() {
    let Some(bus) = Bus::new() else { return };
    // Another unit is to start after it, so systemd has it in memory without a file.
    let missing = Unit {
        name: "postgresql.service",
        load: "not-found",
        file: "",
        ..STOPPED
    };
    let said = bus.with(&[missing]).check(&closed());
    assert!(clue(&said, "no-service-unit").contains("PostgreSQL"));
    let (apply, undo) = commands(&said, "install-service");
    assert_eq!(apply, ["sudo apt install postgresql"]);
    assert_eq!(undo, ["sudo apt remove postgresql"]);
}

#[test]
fn a_unit_that_nobody_loaded_is_known_by_its_file() {
    let Some(bus) = Bus::new() else { return };
    let closed = closed().replace("postgres:", "ftp:");
    let said = bus.with(&[]).check(&closed);
    let unit = clue(&said, "service-unit");
    assert!(
        unit.contains("vsftpd.service: stopped; does not start"),
        "{unit}"
    );
    let (apply, undo) = commands(&said, "enable-service");
    assert_eq!(apply, ["sudo systemctl enable vsftpd.service"]);
    assert_eq!(undo, ["sudo systemctl disable vsftpd.service"]);
}

#[test]
fn a_service_that_restarts_over_and_over_is_not_started_once_more() {
    let Some(bus) = Bus::new() else { return };
    let restarting = Unit {
        active: "activating",
        sub: "auto-restart",
        result: "signal",
        exit: (2, 9),
        restarts: 7,
        ..STOPPED
    };
    let said = bus.with(&[restarting]).check(&closed());
    let unit = clue(&said, "service-unit");
    assert!(
        unit.contains("ended by signal 9") && unit.contains("restarted 7 times"),
        "{unit}"
    );
    assert_eq!(first_advice(&said), "read-service-log");
}

#[test]
fn without_systemd_or_without_a_bus_nothing_is_said_of_units() {
    let Some(bus) = Bus::new() else { return };
    let nowhere = "unix:path=/nonexistent/bus";
    for said in [bus.check(&closed()), check_on(nowhere, &closed())] {
        assert_eq!(said["verdict"]["cause"], "nothing-listening");
        let states = &said["evidence"]["service_states"];
        let is_unknown = states.get("unknown").is_some();
        assert!(is_unknown && states["unknown"] != "not-asked", "{said}");
        for id in ["service-unit", "no-service-unit"] {
            assert!(!has_clue(&said, id), "{said}");
        }
        assert_eq!(first_advice(&said), "start-service");
    }
}

/// A bus that nobody may come to.
#[test]
fn no_bus_is_asked_about_a_port_that_answers_or_that_no_service_is_known_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bus");
    let bus = UnixListener::bind(&path).unwrap();
    bus.set_nonblocking(true).unwrap();
    let address = format!("unix:path={}", path.display());
    let open = TcpListener::bind("127.0.0.1:0").unwrap();
    let open = format!("127.0.0.1:{}", open.local_addr().unwrap().port());
    let unknown = closed().replace("postgres://", "");
    for target in [open.as_str(), "127.0.0.1:9", unknown.trim_end_matches('/')] {
        let said = check_on(&address, target);
        assert_eq!(
            said["evidence"]["service_states"]["unknown"], "not-asked",
            "{said}"
        );
        let came = bus.accept().map(|_| target);
        assert_eq!(came.unwrap_err().kind(), ErrorKind::WouldBlock, "{target}");
    }
}
