//! Where Linux desktops and systems keep their proxies: the own environment, GNOME's dconf, KDE's
//! `kioslaverc`, `/etc/environment`. Files are read, nothing is started and no bus is asked.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::evidence::{Fact, Gap, ProxyRule, ProxySetting, ProxySource};
use crate::platform::parse::dconf::{self, Database, Source};
use crate::platform::parse::proxies::{WebTarget, gnome, kioslaverc, variables};

/// What is needed to find the settings.
pub struct Places<E> {
    /// `/etc`.
    pub etc: PathBuf,
    /// The variables of the own environment.
    pub variable: E,
}

impl<E: Fn(&str) -> Option<String>> Places<E> {
    /// Every setting that says something for the target, the own environment's first.
    pub fn settings(&self, target: &WebTarget) -> Vec<ProxySetting> {
        let mut found: Vec<ProxySetting> =
            variables::own(&self.variable, target).into_iter().collect();
        let desktop = self.desktop();
        if desktop.may_be(GNOME_AND_ITS_RELATIVES) {
            found.extend(said(ProxySource::Gnome, self.gnome(target)));
        }
        if desktop.may_be(&["kde"]) {
            found.extend(said(ProxySource::Kde, self.kde(target)));
        }
        found.extend(self.etc_environment(target));
        found
    }

    fn gnome(&self, target: &WebTarget) -> Option<Fact<ProxyRule>> {
        let mut files = Vec::new();
        for path in self.databases() {
            match contents(&path) {
                Ok(bytes) => files.extend(bytes),
                Err(gap) => return Some(Fact::Unknown(gap)),
            }
        }
        let databases: Vec<Database<'_>> = files
            .iter()
            .filter_map(|bytes| Database::read(bytes))
            .collect();
        gnome::says(|path| dconf::stacked(&databases, path), target)
    }

    /// The databases of dconf, as its profile stacks them (dconf(7)); without one there is the
    /// user's alone.
    fn databases(&self) -> Vec<PathBuf> {
        let chosen = self.set("DCONF_PROFILE");
        let folder = self.etc.join("dconf");
        let profile = folder
            .join("profile")
            .join(chosen.as_deref().unwrap_or("user"));
        let text = contents(&profile).ok().flatten().unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let mut sources = dconf::profile(&text);
        if sources.is_empty() {
            sources.push(Source::User("user"));
        }
        let config = self.config();
        let path = |source: Source<'_>| match source {
            Source::User(name) => config
                .as_ref()
                .map(|config| config.join("dconf").join(name)),
            Source::System(name) => Some(folder.join("db").join(name)),
            Source::File(path) => Some(path.into()),
        };
        sources.into_iter().filter_map(path).collect()
    }

    fn kde(&self, target: &WebTarget) -> Option<Fact<ProxyRule>> {
        let own = self.config().map(|config| config.join("kioslaverc"));
        let system = self.etc.join("xdg/kioslaverc");
        let mut files = Vec::new();
        for path in own.into_iter().chain([system]) {
            match contents(&path) {
                Ok(bytes) => files.extend(bytes.map(|bytes| lossy(&bytes))),
                Err(gap) => return Some(Fact::Unknown(gap)),
            }
        }
        kioslaverc::says(&files, target)
    }

    fn etc_environment(&self, target: &WebTarget) -> Option<ProxySetting> {
        // A file that cannot be read says nothing that we could name a variable for.
        let bytes = contents(&self.etc.join("environment")).ok()??;
        variables::in_etc_environment(&lossy(&bytes), &self.variable, target)
    }

    /// The desktop that runs, or none where we were started from elsewhere.
    fn desktop(&self) -> Desktop {
        Desktop(
            self.set("XDG_CURRENT_DESKTOP")
                .map(|names| names.to_ascii_lowercase()),
        )
    }

    /// The user's folder for settings.
    fn config(&self) -> Option<PathBuf> {
        let told = self.set("XDG_CONFIG_HOME").map(PathBuf::from);
        let usual = || Some(Path::new(&self.set("HOME")?).join(".config"));
        told.filter(|path| path.is_absolute()).or_else(usual)
    }

    fn set(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }
}

/// What `XDG_CURRENT_DESKTOP` has: names with a colon between them, in small letters.
struct Desktop(Option<String>);

impl Desktop {
    /// Whether it is one of these, as far as is known. Started over SSH or by a timer we do not
    /// know which desktop the person uses.
    fn may_be(&self, names: &[&str]) -> bool {
        let is_one = |own: &str| names.contains(&own);
        self.0.as_ref().is_none_or(|own| own.split(':').any(is_one))
    }
}

/// The desktops whose programs take the settings of GNOME.
const GNOME_AND_ITS_RELATIVES: &[&str] = &[
    "gnome",
    "unity",
    "x-cinnamon",
    "cinnamon",
    "pantheon",
    "budgie",
    "deepin",
    "ukui",
    "cosmic",
    "mate",
];

fn said(from: ProxySource, says: Option<Fact<ProxyRule>>) -> Option<ProxySetting> {
    Some(ProxySetting { from, says: says? })
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What is in a file; nothing when there is none.
fn contents(path: &Path) -> Result<Option<Vec<u8>>, Gap> {
    let read = || -> io::Result<Vec<u8>> {
        // A pipe that somebody put there would keep us waiting.
        if !std::fs::metadata(path)?.is_file() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut bytes = Vec::new();
        File::open(path)?.take(MOST_BYTES).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    match read() {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Gap::Unreadable {
            what: format!("{}: {error}", path.display()),
        }),
    }
}

/// A database of settings has some hundred kilobytes.
const MOST_BYTES: u64 = 8 << 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Proxy, ProxyVariable};

    const MANUAL: &[u8] = include_bytes!("../../../tests/captures/linux/dconf/proxy-manual");

    /// A home and an `/etc` of its own.
    struct Machine {
        folder: tempfile::TempDir,
        variables: Vec<(&'static str, String)>,
    }

    impl Machine {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let home = folder.path().to_str().unwrap().to_owned();
            Self {
                folder,
                variables: vec![("HOME", home)],
            }
        }

        fn has(self, file: &str, contents: &[u8]) -> Self {
            let path = self.folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, contents).unwrap();
            self
        }

        fn with(mut self, name: &'static str, value: &str) -> Self {
            self.variables.push((name, value.to_owned()));
            self
        }

        /// Each setting with the proxy it leads through.
        fn says(&self) -> Vec<(ProxySource, Option<String>)> {
            let find = |name: &str| {
                let found = self.variables.iter().find(|(known, _)| *known == name)?;
                Some(found.1.clone())
            };
            let places = Places {
                etc: self.folder.path().join("etc"),
                variable: find,
            };
            let all = places.settings(&WebTarget::new("web.example", 443, true));
            let one = |setting: &ProxySetting| {
                let proxy = setting.proxy().map(Proxy::endpoint);
                (setting.from, proxy)
            };
            all.iter().map(one).collect()
        }
    }

    fn through(from: ProxySource, proxy: &str) -> (ProxySource, Option<String>) {
        (from, Some(proxy.to_owned()))
    }

    #[test]
    fn a_machine_without_settings_says_nothing() {
        assert_eq!(Machine::new().says(), []);
    }

    #[test]
    fn every_place_is_looked_at_where_the_desktop_is_not_known() {
        let machine = Machine::new()
            .has(".config/dconf/user", MANUAL)
            .has(".config/kioslaverc", b"[Proxy Settings]\nProxyType=0\n")
            .has("etc/environment", b"https_proxy=next:1\n");
        let variable = ProxyVariable::Https;
        assert_eq!(
            machine.says(),
            [
                through(ProxySource::Gnome, "proxy.example.vn:3129"),
                (ProxySource::Kde, None),
                through(ProxySource::EtcEnvironment { variable }, "next:1"),
            ]
        );
    }

    #[test]
    fn the_settings_of_another_desktop_do_not_count() {
        let machine = || {
            let kde = b"[Proxy Settings]\nProxyType=1\nhttpsProxy=kde 1\n";
            Machine::new()
                .has(".config/dconf/user", MANUAL)
                .has(".config/kioslaverc", kde)
        };
        let gnome = machine().with("XDG_CURRENT_DESKTOP", "ubuntu:GNOME");
        assert_eq!(
            gnome.says(),
            [through(ProxySource::Gnome, "proxy.example.vn:3129")]
        );
        let kde = machine().with("XDG_CURRENT_DESKTOP", "KDE");
        assert_eq!(kde.says(), [through(ProxySource::Kde, "kde:1")]);
        assert_eq!(machine().with("XDG_CURRENT_DESKTOP", "XFCE").says(), []);
    }

    #[test]
    fn an_administrator_may_set_what_the_user_did_not() {
        let profile = b"user-db:user\nsystem-db:local\n";
        let machine = Machine::new()
            .has("etc/dconf/profile/user", profile)
            .has("etc/dconf/db/local", MANUAL);
        assert_eq!(
            machine.says(),
            [through(ProxySource::Gnome, "proxy.example.vn:3129")]
        );
    }

    #[test]
    fn what_cannot_be_read_is_told_to_be_unknown() {
        let machine = Machine::new().has(".config/dconf/user/x", b"");
        assert_eq!(machine.says(), [(ProxySource::Gnome, None)]);
    }

    #[test]
    fn another_folder_for_settings_counts() {
        let machine = Machine::new().has("other/dconf/user", MANUAL);
        let other = machine.folder.path().join("other");
        let machine = machine.with("XDG_CONFIG_HOME", other.to_str().unwrap());
        assert_eq!(machine.says().len(), 1);
    }
}
