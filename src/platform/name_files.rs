//! Reads the files that decide how names are looked up. A file that is not there says nothing;
//! one that cannot be read leaves its question open.

use std::fs::File;
use std::io::{self, Read as _};
use std::net::IpAddr;
use std::path::Path;

use super::parse::name_settings;
use crate::evidence::{Fact, Gap, NameSettings};

/// The settings of a system that keeps them all in `etc`.
#[must_use]
pub fn from_folder(etc: &Path, name: &str) -> NameSettings {
    let resolv = text(&etc.join("resolv.conf"));
    let conf = resolv.known().map(|text| name_settings::resolv_conf(text));
    let conf_or_nothing = conf.unwrap_or_default();
    NameSettings {
        hosts_file: hosts_file(&etc.join("hosts"), name),
        sources: map(text(&etc.join("nsswitch.conf")), |text| {
            name_settings::nsswitch_hosts(text)
        }),
        resolvers: map(resolv, |_| conf_or_nothing.resolvers.clone()),
        search: conf_or_nothing.search,
        ndots: conf_or_nothing.ndots,
    }
}

/// What a hosts file says about `name`.
#[must_use]
pub fn hosts_file(path: &Path, name: &str) -> Fact<Vec<IpAddr>> {
    map(text(path), |text| name_settings::hosts(text, name))
}

fn map<T>(text: Fact<String>, understood: impl FnOnce(&str) -> T) -> Fact<T> {
    match text {
        Fact::Known(text) => Fact::Known(understood(&text)),
        Fact::Unknown(gap) => Fact::Unknown(gap),
    }
}

fn text(path: &Path) -> Fact<String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MOST_BYTES).read_to_end(&mut bytes));
    match read {
        Ok(_) => Fact::Known(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Fact::Known(String::new()),
        Err(error) => Fact::Unknown(Gap::Unreadable {
            what: format!("{}: {error}", path.display()),
        }),
    }
}

/// Lists of blocked names make long hosts files.
const MOST_BYTES: u64 = 16 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_known_to_say_nothing() {
        let etc = tempfile::tempdir().unwrap();
        let settings = from_folder(etc.path(), "db");
        assert_eq!(settings.resolvers, Fact::Known(Vec::new()));
        assert_eq!(settings.hosts_file, Fact::Known(Vec::new()));
        assert_eq!(settings.asks_dns(), Some(true));
    }

    #[test]
    fn what_cannot_be_read_stays_unknown() {
        let etc = tempfile::tempdir().unwrap();
        std::fs::create_dir(etc.path().join("resolv.conf")).unwrap();
        let settings = from_folder(etc.path(), "db");
        assert!(matches!(settings.resolvers, Fact::Unknown(_)));
    }
}
