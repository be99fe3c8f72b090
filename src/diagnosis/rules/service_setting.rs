//! Which line of a service's own settings explains that it does not get the connection. A line says
//! what is set, which is not what is: so it stands beside a verdict and makes none.

use crate::diagnosis::{Cause, Clue, SettingSays};
use crate::evidence::{Evidence, Gap, ServiceSettings, SettingLine};

/// The line that goes with the cause, or that the settings could not be read.
pub fn of(evidence: &Evidence, cause: &Cause) -> Option<Clue> {
    let all = evidence.service_settings.known()?;
    let port = evidence.target.port;
    let found = match cause {
        Cause::NothingListening => elsewhere(all, port, None),
        Cause::WrongPort { found } => elsewhere(all, port, Some(*found)),
        Cause::UnixSocketOnly { .. } => all.iter().find_map(no_tcp),
        Cause::LoopbackOnly { .. } => on_port(all, port).find_map(|settings| {
            let line = settings.loopback_only(port)?;
            Some((settings, SettingSays::ThisMachineOnly, line))
        }),
        Cause::BoundElsewhere { .. } | Cause::WrongFamily { .. } => {
            on_port(all, port).find_map(|settings| {
                let line = settings.some_addresses(port)?;
                Some((settings, SettingSays::OtherAddresses, line))
            })
        }
        _ => return None,
    };
    if let Some((settings, says, line)) = found {
        return Some(Clue::ServiceSetting {
            service: settings.service.clone(),
            says,
            setting: line.clone(),
        });
    }
    let hidden = all.iter().find(|settings| settings.lines.is_empty())?;
    let unread = hidden
        .unread
        .iter()
        .find(|file| file.gap == Gap::NeedsAdmin)?;
    Some(Clue::ServiceSettingsUnread {
        service: hidden.service.clone(),
        file: unread.file.clone(),
    })
}

type Found<'e> = (&'e ServiceSettings, SettingSays, &'e SettingLine);

/// The settings that are not for another port.
fn on_port(all: &[ServiceSettings], port: u16) -> impl Iterator<Item = &ServiceSettings> {
    all.iter()
        .filter(move |one| one.other_port(port, None).is_none())
}

/// What keeps a service from the port: no TCP, or another port, the one where it was found first. Where
/// one is set to the very port, the others explain nothing.
fn elsewhere(all: &[ServiceSettings], port: u16, found: Option<u16>) -> Option<Found<'_>> {
    let move_of = |settings| moved(settings, port, found);
    let is_there = |(_, _, line): &Found<'_>| found.is_some() && line.port == found;
    if let Some(there) = all.iter().filter_map(move_of).find(is_there) {
        return Some(there);
    }
    if let Some(off) = all.iter().find_map(no_tcp) {
        return Some(off);
    }
    let moves: Option<Vec<Found<'_>>> = all.iter().map(move_of).collect();
    moves?.into_iter().next()
}

fn moved(settings: &ServiceSettings, port: u16, found: Option<u16>) -> Option<Found<'_>> {
    let line = settings.other_port(port, found)?;
    Some((settings, SettingSays::OtherPort, line))
}

fn no_tcp(settings: &ServiceSettings) -> Option<Found<'_>> {
    let line = settings.without_tcp()?;
    Some((settings, SettingSays::NoTcp, line))
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::Scene;
    use super::*;
    use crate::diagnosis::diagnose;
    use crate::evidence::{Fact, UnreadFile};

    const FILE: &str = "/etc/postgresql/15/main/postgresql.conf";

    fn line(port: Option<u16>, addresses: &[&str]) -> SettingLine {
        SettingLine {
            file: FILE.to_owned(),
            line: Some(64),
            text: "a line".to_owned(),
            is_default: false,
            port,
            addresses: addresses.iter().map(|one| (*one).to_owned()).collect(),
            is_without_tcp: false,
        }
    }

    fn settings(lines: Vec<SettingLine>) -> ServiceSettings {
        ServiceSettings {
            service: "postgresql".to_owned(),
            file: FILE.to_owned(),
            lines,
            unread: Vec::new(),
        }
    }

    /// What the settings say of a closed port of this machine.
    fn closed(all: Vec<ServiceSettings>) -> Option<SettingSays> {
        let mut scene = Scene::new("127.0.0.1:5432")
            .refused("127.0.0.1")
            .listeners(&[]);
        scene.evidence.service_settings = Fact::Known(all);
        says(&scene.evidence)
    }

    fn says(evidence: &Evidence) -> Option<SettingSays> {
        let clues = diagnose(evidence).verdict.because;
        clues.iter().find_map(|clue| match clue {
            Clue::ServiceSetting { says, .. } => Some(*says),
            _ => None,
        })
    }

    #[test]
    fn another_port_or_none_at_all_explains_a_closed_one() {
        let moved = settings(vec![line(Some(5433), &[])]);
        assert_eq!(closed(vec![moved.clone()]), Some(SettingSays::OtherPort));
        let mut off = settings(vec![line(None, &[])]);
        off.lines[0].is_without_tcp = true;
        assert_eq!(closed(vec![off]), Some(SettingSays::NoTcp));
        let there = settings(vec![line(Some(5432), &["*"])]);
        assert_eq!(closed(vec![there.clone()]), None);
        // Of two clusters one is set to the port: why it does not listen is not told by the other.
        assert_eq!(closed(vec![moved, there]), None);
        assert_eq!(closed(Vec::new()), None);
    }

    #[test]
    fn settings_that_only_admins_may_read_are_not_said_to_be_silent() {
        let mut scene = Scene::new("127.0.0.1:6379")
            .refused("127.0.0.1")
            .listeners(&[]);
        let mut hidden = settings(Vec::new());
        let file = "/etc/redis/redis.conf".to_owned();
        hidden.unread = vec![UnreadFile {
            file: file.clone(),
            gap: Gap::NeedsAdmin,
        }];
        scene.evidence.service_settings = Fact::Known(vec![hidden]);
        let because = diagnose(&scene.evidence).verdict.because;
        let service = "postgresql".to_owned();
        assert!(because.contains(&Clue::ServiceSettingsUnread { service, file }));
    }

    #[test]
    fn the_line_that_keeps_a_service_to_its_machine_is_named() {
        let mut scene = Scene::new("10.77.1.10:5432")
            .refused("10.77.1.10")
            .network("10.77.1.10/24")
            .listeners(&["127.0.0.1:5432"]);
        let elsewhere = settings(vec![line(Some(5433), &["localhost"])]);
        let kept = settings(vec![line(Some(5432), &[]), line(None, &["localhost"])]);
        scene.evidence.service_settings = Fact::Known(vec![elsewhere, kept]);
        assert_eq!(says(&scene.evidence), Some(SettingSays::ThisMachineOnly));
        scene.evidence.service_settings = Fact::default();
        assert_eq!(says(&scene.evidence), None);
    }
}
