//! Where a service is set to listen, by the lines of its own files of settings.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Gap;

/// Where one service is set to listen. A service may be told otherwise when it is started, so this is
/// what its files say, not what it does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceSettings {
    /// The service, by its id in the catalogue.
    pub service: String,
    /// The file that was read first, which may include others.
    pub file: String,
    /// The lines that say where it listens, without those that a later one overrides. Where none says
    /// so, what holds by default.
    #[serde(default)]
    pub lines: Vec<SettingLine>,
    /// Files that could not be read, or were not, and why: they may say otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<UnreadFile>,
}

/// A line of settings that says where a service listens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingLine {
    /// The file.
    pub file: String,
    /// The number of the line, from 1; nothing where no line of the file says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The line; of what holds by default, the setting that would say otherwise. Hostile text.
    pub text: String,
    /// Nothing is set there: the line, where there is one, is commented out, and the default holds.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_default: bool,
    /// The port that it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// The addresses that it says, as they stand there: `*`, `localhost`, `127.0.0.1`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<String>,
    /// It says that the service does not listen on TCP at all.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_without_tcp: bool,
}

/// A file of settings that was not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadFile {
    /// Its path.
    pub file: String,
    /// Why.
    pub gap: Gap,
}

/// Where a program was told to look for its settings when it was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedSettings {
    /// This file.
    File(String),
    /// This folder, which holds PostgreSQL's data and its settings (postgres(1), `-D`).
    Folder(String),
}

impl NamedSettings {
    /// What a command line names, if it names a place from the root on. A file that it names counts before
    /// a folder.
    #[must_use]
    pub fn of(command: &str) -> Option<Self> {
        let mut words = command.split_whitespace().skip(1).peekable();
        let mut folder = None;
        while let Some(word) = words.next() {
            let value = word.split_once('=').map_or(word, |(_, value)| value);
            let ends = |ending: &&str| value.ends_with(*ending);
            if value.starts_with('/') && ENDINGS.iter().any(ends) {
                return Some(Self::File(value.to_owned()));
            }
            if word == "-D" {
                folder = words.peek().filter(|next| next.starts_with('/')).copied();
            }
        }
        folder.map(|folder| Self::Folder(folder.trim_end_matches('/').to_owned()))
    }

    /// The file that holds the settings.
    #[must_use]
    pub fn file(&self) -> String {
        match self {
            Self::File(file) => file.clone(),
            Self::Folder(folder) => format!("{folder}/postgresql.conf"),
        }
    }
}

/// How files of settings are called.
const ENDINGS: [&str; 6] = [".conf", ".cnf", ".cfg", ".ini", ".yml", ".yaml"];

impl ServiceSettings {
    /// Whether a program that was told to use `named` may have these settings.
    #[must_use]
    pub fn may_be(&self, named: &NamedSettings) -> bool {
        let file = named.file();
        let mut read = self.lines.iter().map(|line| &line.file);
        let mut unread = self.unread.iter().map(|unread| &unread.file);
        self.file == file || read.any(|one| *one == file) || unread.any(|one| *one == file)
    }

    /// The line that says another port than `port`, where none says `port`; the one that says `found`
    /// before others.
    #[must_use]
    pub fn other_port(&self, port: u16, found: Option<u16>) -> Option<&SettingLine> {
        let ports = || self.lines.iter().filter(|line| line.port.is_some());
        if ports().any(|line| line.port == Some(port)) {
            return None;
        }
        let mut there = ports().filter(|line| line.port == found);
        there.next().or_else(|| ports().next())
    }

    /// The line that keeps the service to this machine on `port`, where no line gives it another
    /// address.
    #[must_use]
    pub fn loopback_only(&self, port: u16) -> Option<&SettingLine> {
        let is_kept = |line: &&SettingLine| line.addresses.iter().all(|one| is_loopback(one));
        let mut places = self.places(port);
        let first = places.next().filter(is_kept)?;
        places.all(|line| is_kept(&line)).then_some(first)
    }

    /// The first line that names addresses for `port`, where no line takes every address.
    #[must_use]
    pub fn some_addresses(&self, port: u16) -> Option<&SettingLine> {
        let takes_any = |line: &SettingLine| line.addresses.iter().any(|one| is_any(one));
        let first = self.places(port).next()?;
        (!self.places(port).any(takes_any)).then_some(first)
    }

    /// The lines that say at which addresses the service listens on `port`.
    fn places(&self, port: u16) -> impl Iterator<Item = &SettingLine> {
        let is_place = move |line: &&SettingLine| {
            !line.addresses.is_empty() && line.port.is_none_or(|own| own == port)
        };
        self.lines.iter().filter(is_place)
    }

    /// The line that keeps the service from TCP.
    #[must_use]
    pub fn without_tcp(&self) -> Option<&SettingLine> {
        self.lines.iter().find(|line| line.is_without_tcp)
    }
}

fn is_loopback(address: &str) -> bool {
    let ip = address.parse::<IpAddr>();
    address.eq_ignore_ascii_case("localhost") || ip.is_ok_and(|ip| ip.to_canonical().is_loopback())
}

fn is_any(address: &str) -> bool {
    let ip = address.parse::<IpAddr>();
    address == "*" || ip.is_ok_and(|ip| ip.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(lines: &[(Option<u16>, &[&str])]) -> ServiceSettings {
        let line = |(port, addresses): &(Option<u16>, &[&str])| SettingLine {
            file: "/etc/service.conf".to_owned(),
            line: Some(1),
            text: format!("{port:?} {addresses:?}"),
            is_default: false,
            port: *port,
            addresses: addresses.iter().map(|one| (*one).to_owned()).collect(),
            is_without_tcp: false,
        };
        ServiceSettings {
            service: "redis".to_owned(),
            file: "/etc/service.conf".to_owned(),
            lines: lines.iter().map(line).collect(),
            unread: Vec::new(),
        }
    }

    #[test]
    fn a_command_line_may_name_the_settings() {
        let named = NamedSettings::of;
        let file = |path: &str| Some(NamedSettings::File(path.to_owned()));
        let debian = "/usr/lib/postgresql/15/bin/postgres -D /var/lib/postgresql/15/main \
                      -c config_file=/etc/postgresql/15/main/postgresql.conf";
        assert_eq!(
            named(debian),
            file("/etc/postgresql/15/main/postgresql.conf")
        );
        let own = named("postgres -D /home/an/data/ -p 5433").unwrap();
        assert_eq!(own.file(), "/home/an/data/postgresql.conf");
        assert_eq!(
            named("mongod --config /etc/mongod.conf"),
            file("/etc/mongod.conf")
        );
        assert_eq!(
            named("mariadbd --defaults-file=/srv/my.cnf"),
            file("/srv/my.cnf")
        );
        for silent in [
            "",
            "/etc/x.conf",
            "postgres -D data",
            "postgres -D",
            "nginx -c nginx.conf",
        ] {
            assert_eq!(named(silent), None, "{silent}");
        }
        let settings = ServiceSettings {
            service: "postgresql".to_owned(),
            file: "/etc/postgresql/15/main/postgresql.conf".to_owned(),
            lines: Vec::new(),
            unread: Vec::new(),
        };
        assert!(settings.may_be(&named(debian).unwrap()));
        assert!(!settings.may_be(&own));
    }

    #[test]
    fn a_port_among_several_is_no_other_port() {
        let two = settings(&[(Some(80), &[]), (Some(443), &[])]);
        assert_eq!(two.other_port(443, None), None);
        assert_eq!(two.other_port(8080, None), Some(&two.lines[0]));
        assert_eq!(two.other_port(8080, Some(443)), Some(&two.lines[1]));
        assert_eq!(settings(&[(None, &["*"])]).other_port(80, None), None);
    }

    #[test]
    fn one_open_address_among_several_opens_the_service() {
        let kept = settings(&[(Some(1), &[]), (None, &["127.0.0.1", "::1"])]);
        assert_eq!(kept.loopback_only(1), Some(&kept.lines[1]));
        for address in ["*", "0.0.0.0", "192.168.1.5", "db.example"] {
            let open = settings(&[(None, &["127.0.0.1", address])]);
            assert_eq!(open.loopback_only(1), None, "{address}");
        }
        assert_eq!(settings(&[(Some(1), &[])]).loopback_only(1), None);
        let by_port = settings(&[(Some(80), &["127.0.0.1"]), (Some(443), &["*"])]);
        assert!(by_port.loopback_only(80).is_some() && by_port.loopback_only(443).is_none());
        let named = settings(&[(None, &["localhost", "192.168.1.5"])]);
        assert!(named.some_addresses(1).is_some());
        assert!(settings(&[(None, &["*"])]).some_addresses(1).is_none());
    }
}
