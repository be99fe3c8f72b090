//! A system bus of the test's own, on which the test speaks as systemd does.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};

use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;
use zbus::zvariant::OwnedObjectPath;

/// A unit as systemd has it.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Its name.
    pub name: &'static str,
    pub load: &'static str,
    pub active: &'static str,
    pub sub: &'static str,
    /// `UnitFileState`.
    pub file: &'static str,
    pub result: &'static str,
    pub exit: (i32, i32),
    pub restarts: u32,
    pub user: &'static str,
    /// `AmbientCapabilities`.
    pub ambient: u64,
}

/// One that does not run, and starts with the system.
pub const STOPPED: Unit = Unit {
    name: "postgresql@15-main.service",
    load: "loaded",
    active: "inactive",
    sub: "dead",
    file: "enabled-runtime",
    result: "success",
    exit: (0, 0),
    restarts: 0,
    user: "",
    ambient: 0,
};

/// `org.freedesktop.systemd1.Manager`.
struct Manager {
    units: Vec<Unit>,
    /// Files and their states.
    files: Vec<(&'static str, &'static str)>,
}

type Row = (
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

#[zbus::interface(name = "org.freedesktop.systemd1.Manager")]
impl Manager {
    /// Of units that are in memory, by the names they go by first.
    fn list_units_by_patterns(&self, states: Vec<String>, patterns: Vec<String>) -> Vec<Row> {
        assert!(states.is_empty());
        let rows = self.units.iter().enumerate().map(|(at, unit)| {
            (
                unit.name.to_owned(),
                "A service".to_owned(),
                unit.load.to_owned(),
                unit.active.to_owned(),
                unit.sub.to_owned(),
                String::new(),
                path_of(at),
                0,
                String::new(),
                OwnedObjectPath::try_from("/").unwrap(),
            )
        });
        rows.filter(|row| matches(&patterns, &row.0)).collect()
    }

    /// Of files, wherever they are.
    fn list_unit_files_by_patterns(
        &self,
        states: Vec<String>,
        patterns: Vec<String>,
    ) -> Vec<(String, String)> {
        assert!(states.is_empty());
        self.files
            .iter()
            .filter(|(name, _)| matches(&patterns, name))
            .map(|(name, state)| {
                let path = format!("/lib/systemd/system/{name}");
                (path, (*state).to_owned())
            })
            .collect()
    }
}

/// As fnmatch(3) does, for patterns with one `*` at most.
fn matches(patterns: &[String], name: &str) -> bool {
    patterns
        .iter()
        .any(|pattern| match pattern.split_once('*') {
            Some((start, end)) => {
                name.len() >= pattern.len() - 1 && name.starts_with(start) && name.ends_with(end)
            }
            None => name == pattern,
        })
}

fn path_of(at: usize) -> OwnedObjectPath {
    OwnedObjectPath::try_from(format!("/org/freedesktop/systemd1/unit/u{at}")).unwrap()
}

/// `org.freedesktop.systemd1.Unit`.
struct AnyUnit {
    file: &'static str,
    /// In microseconds since 1970.
    changed: u64,
}

#[zbus::interface(name = "org.freedesktop.systemd1.Unit")]
impl AnyUnit {
    #[zbus(property)]
    fn unit_file_state(&self) -> String {
        self.file.to_owned()
    }

    #[zbus(property)]
    fn state_change_timestamp(&self) -> u64 {
        self.changed
    }
}

/// `org.freedesktop.systemd1.Service`.
struct OfService(Unit);

#[zbus::interface(name = "org.freedesktop.systemd1.Service")]
impl OfService {
    #[zbus(property)]
    fn result(&self) -> String {
        self.0.result.to_owned()
    }

    #[zbus(property)]
    fn exec_main_code(&self) -> i32 {
        self.0.exit.0
    }

    #[zbus(property)]
    fn exec_main_status(&self) -> i32 {
        self.0.exit.1
    }

    #[zbus(property, name = "NRestarts")]
    fn n_restarts(&self) -> u32 {
        self.0.restarts
    }

    #[zbus(property)]
    fn user(&self) -> String {
        self.0.user.to_owned()
    }

    #[zbus(property)]
    fn ambient_capabilities(&self) -> u64 {
        self.0.ambient
    }
}

/// A bus with a systemd on it, both gone when the test ends.
pub struct Bus {
    daemon: Child,
    /// As in `DBUS_SYSTEM_BUS_ADDRESS`.
    pub address: String,
    systemd: Option<Connection>,
    _folder: tempfile::TempDir,
}

impl Bus {
    /// Nothing where there is no `dbus-daemon`, having said so.
    pub fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        // Every user may ask a system bus.
        let everybody = fs::Permissions::from_mode(0o755);
        fs::set_permissions(folder.path(), everybody).unwrap();
        let socket = folder.path().join("bus");
        let config = folder.path().join("bus.conf");
        let text = CONFIG.replace("SOCKET", socket.to_str().unwrap());
        fs::write(&config, text).unwrap();
        let started = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", config.display()))
            .args(["--nofork", "--print-address=1"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn();
        let Ok(mut daemon) = started else {
            assert!(std::env::var("CI").is_err(), "the test needs dbus-daemon");
            let _ = writeln!(std::io::stderr(), "not run: it needs dbus-daemon");
            return None;
        };
        let mut address = String::new();
        let said = daemon.stdout.as_mut().unwrap();
        BufReader::new(said).read_line(&mut address).unwrap();
        Some(Self {
            daemon,
            address: address.trim().to_owned(),
            systemd: None,
            _folder: folder,
        })
    }

    /// The same bus with these units.
    pub fn with(mut self, units: &[Unit]) -> Self {
        let units = units.to_vec();
        let manager = Manager {
            units: units.clone(),
            files: vec![
                ("postgresql@.service", "indirect"),
                ("vsftpd.service", "disabled"),
                ("mysql.service", "alias"),
            ],
        };
        let bus = Builder::address(self.address.as_str()).unwrap();
        let mut bus = bus.serve_at("/org/freedesktop/systemd1", manager).unwrap();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let now = u64::try_from(now.unwrap().as_micros()).unwrap();
        for (at, unit) in units.into_iter().enumerate() {
            let any = AnyUnit {
                file: unit.file,
                changed: now - 125_000_000,
            };
            bus = bus.serve_at(path_of(at), any).unwrap();
            bus = bus.serve_at(path_of(at), OfService(unit)).unwrap();
        }
        let bus = bus.name("org.freedesktop.systemd1").unwrap();
        self.systemd = Some(bus.build().unwrap());
        self
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

const CONFIG: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=SOCKET</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
  </policy>
</busconfig>
"#;
