//! What we know of well-known services: names, ports, how to start them, where they listen.
//!
//! The table stands in `assets/services.json` and is read when advice first needs it. Nothing here
//! says that a service is there or how this one is set up: files and units are those of the usual
//! installations.

use std::borrow::Cow;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::bundled::{Section, parse};
use crate::evidence::{Os, Process};
use crate::target::Target;

/// A service of the table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "'de: 'static"))]
pub struct Service {
    /// Its id.
    pub id: String,
    /// Its name, the same in every language.
    pub name: String,
    /// Other ids it goes by, such as that of its protocol.
    #[serde(default, rename = "as")]
    pub also: Vec<String>,
    /// The ports it uses by default, the usual one first.
    pub ports: Vec<u16>,
    /// Names of its programs, and of scripts that an interpreter runs for it.
    #[serde(default)]
    pub processes: Vec<String>,
    /// The line of its settings that makes it listen on `{address}`.
    #[serde(default)]
    pub bind: Option<String>,
    /// The command-line option that does the same.
    #[serde(default)]
    pub option: Option<String>,
    /// On Linux.
    #[serde(default)]
    pub linux: Section<OnLinux>,
    /// On Windows.
    #[serde(default)]
    pub windows: Section<OnWindows>,
    /// On macOS.
    #[serde(default)]
    pub macos: Section<OnMacos>,
    /// Where its settings are explained by those who make it.
    pub docs: String,
    /// What is typical of it, and why it may refuse, in every language.
    pub note: Section<Note>,
}

/// How a service is kept on Linux.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OnLinux {
    /// Its systemd units: distributions differ.
    pub units: Vec<String>,
    /// Its file of settings.
    pub file: Option<String>,
    /// What to install to have it.
    pub packages: Packages,
}

/// The packages that bring a service and set it up, where one is enough.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Packages {
    /// On Debian and its kin.
    pub debian: Option<String>,
    /// On Fedora and its kin.
    pub fedora: Option<String>,
}

/// How a service is kept on Windows.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OnWindows {
    /// Its Windows services.
    pub services: Vec<String>,
    /// Its file of settings.
    pub file: Option<String>,
}

/// How a service is kept on macOS.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OnMacos {
    /// Its Homebrew formulas.
    pub formulas: Vec<String>,
    /// Its file of settings.
    pub file: Option<String>,
    /// The line that makes it listen on `{address}`, where that file has a form of its own.
    pub bind: Option<String>,
}

/// A sentence or two in every language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    en: String,
    vi: String,
}

impl Service {
    /// What is typical of it, in the language of this code.
    #[must_use]
    pub fn note(&self, language: &str) -> Option<&str> {
        match language {
            "en" => Some(&self.note.en),
            "vi" => Some(&self.note.vi),
            _ => None,
        }
    }

    /// Whether a program is one of its own, by its name or what it was started with.
    #[must_use]
    pub fn is_run_by(&self, process: &Process) -> bool {
        let command = process.command.as_deref().unwrap_or_default();
        self.processes.iter().any(|name| {
            program_name(&process.name) == *name
                || command
                    .split_whitespace()
                    .any(|word| program_name(word) == *name)
        })
    }

    /// Whether a systemd unit is one of its own: `postgresql@15-main.service` is an instance of
    /// `postgresql`.
    #[must_use]
    pub fn has_unit(&self, unit: &str) -> bool {
        let stem = unit.rsplit_once('.').map_or(unit, |(stem, _)| stem);
        let base = stem.split_once('@').map_or(stem, |(base, _)| base);
        let mut units = self.linux.units.iter();
        units.any(|own| own == base || own == stem)
    }

    /// Whether a Windows service is one of its own. Some carry a version at their end, and Windows does
    /// not tell large letters from small ones here.
    #[must_use]
    pub fn is_windows_service(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        self.windows.services.iter().any(|own| {
            let own = own.to_ascii_lowercase();
            match own.strip_suffix('*') {
                Some(start) => name.starts_with(start),
                None => name == own,
            }
        })
    }

    /// The line of its settings on a system that makes it listen on `{address}`.
    #[must_use]
    pub fn bind(&self, os: Os) -> Option<&str> {
        let own = match os {
            Os::Macos => self.macos.bind.as_deref(),
            Os::Linux | Os::Windows => None,
        };
        own.or(self.bind.as_deref())
    }

    /// Its file of settings on a system.
    #[must_use]
    pub fn file(&self, os: Os) -> Option<&str> {
        match os {
            Os::Linux => self.linux.file.as_deref(),
            Os::Windows => self.windows.file.as_deref(),
            Os::Macos => self.macos.file.as_deref(),
        }
    }
}

/// Every service of the table.
#[must_use]
pub fn all() -> &'static [Service] {
    static TABLE: LazyLock<Vec<Service>> =
        LazyLock::new(|| parse(include_str!("../assets/services.json")));
    &TABLE
}

/// The service with this id, if the table has it.
#[must_use]
pub fn known(id: &str) -> Option<&'static Service> {
    all()
        .iter()
        .find(|service| service.id == id || service.also.iter().any(|also| also == id))
}

/// What people call the service or protocol with this id: by its name in the table, in capitals
/// where it is an abbreviation, otherwise as it is.
#[must_use]
pub fn name_of(id: &str) -> Cow<'_, str> {
    if ABBREVIATIONS.contains(&id) {
        Cow::Owned(id.to_ascii_uppercase())
    } else {
        known(id).map_or(Cow::Borrowed(id), |service| Cow::Borrowed(&service.name))
    }
}

/// The service a target is about: what the program shows, what the address names, or what alone
/// uses the port.
#[must_use]
pub fn of(target: &Target, process: Option<&Process>) -> Option<&'static Service> {
    process
        .and_then(|process| run_by(process, target.port))
        .or_else(|| target.service.as_deref().and_then(known))
        .or_else(|| alone_on(target.port))
}

/// The services that may be expected at a target: the one it is about, or all that use its port by
/// default.
#[must_use]
pub fn expected(target: &Target) -> Vec<&'static Service> {
    match of(target, None) {
        Some(service) => vec![service],
        None => all()
            .iter()
            .filter(|service| service.ports.contains(&target.port))
            .collect(),
    }
}

/// The service a program runs, the one of the port where a program serves several.
fn run_by(process: &Process, port: u16) -> Option<&'static Service> {
    let candidates = || all().iter().filter(|service| service.is_run_by(process));
    candidates()
        .find(|service| service.ports.contains(&port))
        .or_else(|| candidates().next())
}

/// `node_modules/.bin/vite.js` is `vite`.
fn program_name(word: &str) -> &str {
    let file = word.rsplit(['/', '\\']).next().unwrap_or(word);
    [".exe", ".js", ".cmd"]
        .into_iter()
        .find_map(|ending| file.strip_suffix(ending))
        .unwrap_or(file)
}

fn alone_on(port: u16) -> Option<&'static Service> {
    let mut services = all().iter().filter(|service| service.ports.contains(&port));
    let first = services.next()?;
    services.next().is_none().then_some(first)
}

/// Protocols that are called by their first letters. Several programs speak some of them: the port
/// alone does not tell which.
const ABBREVIATIONS: [&str; 36] = [
    "afp", "amqp", "amqps", "dns", "ftp", "ftps", "grpc", "http", "https", "imap", "imaps", "ipp",
    "irc", "ircs", "ldap", "ldaps", "lpd", "mqtt", "mqtts", "nfs", "ntp", "pop3", "pop3s", "rtmp",
    "rtsp", "sip", "sips", "smtp", "smtps", "snmp", "socks", "stomp", "svn", "tftp", "xmpp", "vnc",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn services_and_protocols_are_called_as_people_call_them() {
        let names = ["postgresql", "https", "dns", "rdp", "etcd"].map(name_of);
        assert_eq!(
            names,
            ["PostgreSQL", "HTTPS", "DNS", "Remote Desktop", "etcd"]
        );
    }

    fn program(name: &str, command: &str) -> Process {
        Process {
            pid: 1,
            name: name.to_owned(),
            command: Some(command.to_owned()),
        }
    }

    #[test]
    fn the_table_parses_and_no_id_is_there_twice() {
        let mut ids = BTreeSet::new();
        for service in all() {
            assert!(!service.ports.is_empty(), "{}", service.id);
            assert!(!service.ports.contains(&0), "{}", service.id);
            for id in std::iter::once(&service.id).chain(&service.also) {
                assert!(ids.insert(id), "{id} is there twice");
            }
        }
        assert!(ids.len() > 35, "{}", ids.len());
        // Parses what would else be parsed when it is first read.
        assert!(format!("{:?}", all()).contains("postgresql"));
    }

    /// The table lives as long as the program.
    fn leaked(json: String) -> &'static str {
        Box::leak(json.into_boxed_str())
    }

    #[test]
    fn every_service_is_described_in_both_languages_and_documented() {
        for service in all() {
            let id = &service.id;
            assert!(service.docs.starts_with("https://"), "{id}");
            assert!(!service.docs.contains(' '), "{id}");
            for language in ["en", "vi"] {
                let note = service.note(language).unwrap();
                assert!(note.len() > 20 && note.ends_with('.'), "{id}: {note}");
            }
            assert_ne!(service.note("en"), service.note("vi"), "{id}");
        }
    }

    /// Programs that people start by hand, each in a way of its own.
    const STARTED_BY_HAND: [&str; 3] = ["minecraft", "spring", "gradio"];

    /// Services that no line of a file and no option makes listen elsewhere, or that are best not made
    /// to: Docker's own port gives the machine away, Plex listens on every address, and Gradio is told
    /// by the program that calls it.
    const WITHOUT_SETTING: [&str; 3] = ["docker", "plex", "gradio"];

    #[test]
    fn every_service_can_be_made_to_listen_on_an_address() {
        for service in all() {
            let can = service.bind.is_some() || service.option.is_some();
            let is_exempt = WITHOUT_SETTING.contains(&service.id.as_str());
            assert_ne!(can, is_exempt, "{}", service.id);
        }
    }

    #[test]
    fn every_service_says_how_it_is_started_on_some_system() {
        for service in all() {
            let by_manager = !service.linux.units.is_empty()
                || !service.windows.services.is_empty()
                || !service.macos.formulas.is_empty();
            let is_told = by_manager || service.option.is_some();
            let by_hand = STARTED_BY_HAND.contains(&service.id.as_str());
            assert!(is_told || by_hand, "{}", service.id);
        }
    }

    /// Ports that several services use by default, so that a port alone names none of them: those of
    /// the web, and those that frameworks for development have agreed on.
    const SHARED: [u16; 6] = [80, 443, 3000, 5000, 8000, 8080];

    #[test]
    fn a_port_is_shared_only_where_that_is_known() {
        let mut shared = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let ports = all().iter().flat_map(|service| &service.ports);
        shared.extend(ports.filter(|port| !seen.insert(**port)).copied());
        assert_eq!(shared, BTreeSet::from(SHARED));
    }

    #[test]
    fn an_unknown_key_is_no_service() {
        let known = r#"{"id": "x", "name": "X", "ports": [1], "docs": "https://x", "note": {"en": "", "vi": ""}"#;
        assert!(serde_json::from_str::<Service>(leaked(format!("{known}}}"))).is_ok());
        let unknown = leaked(format!(r#"{known}, "prots": [2]}}"#));
        assert!(serde_json::from_str::<Service>(unknown).is_err());
    }

    #[test]
    fn every_service_says_where_it_listens_or_needs_no_saying() {
        for service in all() {
            let files = [Os::Linux, Os::Windows, Os::Macos].map(|os| service.file(os));
            let has_file = files.iter().any(Option::is_some);
            assert_eq!(
                has_file,
                service.bind.is_some(),
                "{}: a line needs a file, a file needs a line",
                service.id
            );
            let lines = [Os::Linux, Os::Windows, Os::Macos].map(|os| service.bind(os));
            for line in lines.into_iter().flatten() {
                assert!(line.contains("{address}"), "{}: {line}", service.id);
            }
        }
    }

    #[test]
    fn a_development_server_is_known_by_its_command_line() {
        let vite = program("node", "node /app/node_modules/.bin/vite --port 8080");
        assert_eq!(run_by(&vite, 8080).unwrap().id, "vite");
        let django = program("python3", "python3 manage.py runserver");
        assert_eq!(run_by(&django, 8000).unwrap().id, "django");
        assert!(run_by(&program("python3", "python3 x.py"), 8000).is_none());
        assert_eq!(
            run_by(&program("postgres.exe", ""), 1).unwrap().id,
            "postgresql"
        );
    }

    #[test]
    fn services_of_windows_and_units_of_systemd_are_known_by_their_names() {
        let postgres = known("postgresql").unwrap();
        assert!(postgres.is_windows_service("PostgreSQL-x64-16"));
        assert!(!postgres.is_windows_service("MySQL80"));
        assert!(known("mysql").unwrap().is_windows_service("mysql80"));
        assert!(postgres.has_unit("postgresql@15-main.service"));
        assert!(postgres.has_unit("postgresql.socket"));
        assert!(!postgres.has_unit("postgresql-backup.service"));
    }

    #[test]
    fn a_port_that_several_share_names_none() {
        assert!(alone_on(3000).is_none());
        assert_eq!(alone_on(11434).unwrap().id, "ollama");
    }
}
