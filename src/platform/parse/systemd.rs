//! A unit's properties as systemd gives them on the bus (org.freedesktop.systemd1(5)).

use crate::evidence::{Failure, ServiceUnit, Startup, UnitState, printable};

/// What systemd says of a unit. Texts are systemd's own words, empty where it says nothing.
#[derive(Clone, Debug, Default)]
pub struct Properties {
    /// `Id`.
    pub name: String,
    /// `LoadState`: `loaded`, `not-found`, `masked`, `bad-setting`, `error`.
    pub load: String,
    /// `ActiveState`.
    pub active: String,
    /// `SubState`.
    pub sub: String,
    /// `UnitFileState`.
    pub file: String,
    /// `Result`.
    pub result: String,
    /// `ExecMainCode`: how the main program ended (`CLD_EXITED`, … of waitid(2)); 0 while it has not.
    pub exit_code: i32,
    /// `ExecMainStatus`: its status, or the signal.
    pub exit_status: i32,
    /// `NRestarts`.
    pub restarts: u32,
    /// `StateChangeTimestamp`: microseconds since 1970; 0 when the state never changed.
    pub changed: u64,
    /// `User`, empty where it is root; nothing for what runs no program, such as a socket.
    pub user: Option<String>,
    /// `DynamicUser`: it runs as a user that is made up for it.
    pub dynamic_user: bool,
    /// `AmbientCapabilities`, a bit for each (capabilities(7)).
    pub ambient_capabilities: u64,
}

/// The unit, when there is one; `now` counts as [`Properties::changed`] does.
#[must_use]
pub fn unit(properties: &Properties, now: u64) -> Option<ServiceUnit> {
    let startup = match properties.load.as_str() {
        "not-found" | "merged" => return None,
        "masked" => Startup::Masked,
        _ => startup(&properties.file),
    };
    let is_broken = matches!(properties.load.as_str(), "bad-setting" | "error");
    let state = if is_broken {
        UnitState::Failed
    } else {
        state(&properties.active, &properties.sub)
    };
    let changed = Some(properties.changed).filter(|at| *at > 0);
    Some(ServiceUnit {
        name: printable(&properties.name).into_owned(),
        state,
        startup,
        failure: if is_broken {
            Some(other(&properties.load))
        } else {
            failure(properties)
        },
        restarts: properties.restarts,
        since_secs: changed.map(|at| now.saturating_sub(at) / 1_000_000),
        may_use_low_ports: may_use_low_ports(properties),
    })
}

/// Whether the program starts as root or with `CAP_NET_BIND_SERVICE`.
fn may_use_low_ports(properties: &Properties) -> Option<bool> {
    const CAP_NET_BIND_SERVICE: u64 = 1 << 10;
    let user = properties.user.as_deref()?;
    let is_root = matches!(user, "" | "root" | "0") && !properties.dynamic_user;
    Some(is_root || properties.ambient_capabilities & CAP_NET_BIND_SERVICE != 0)
}

/// Whether a unit starts with the system, by the state of its file.
#[must_use]
pub fn startup(file: &str) -> Startup {
    match file {
        "enabled" | "enabled-runtime" => Startup::Enabled,
        "disabled" => Startup::Disabled,
        "masked" | "masked-runtime" => Startup::Masked,
        _ => Startup::Other,
    }
}

fn state(active: &str, sub: &str) -> UnitState {
    match (active, sub) {
        ("active", "exited") => UnitState::Exited,
        ("active" | "reloading" | "refreshing", _) => UnitState::Running,
        ("activating", _) => UnitState::Starting,
        ("deactivating", _) => UnitState::Stopping,
        ("failed", _) => UnitState::Failed,
        ("inactive", _) => UnitState::Stopped,
        _ => UnitState::Other,
    }
}

fn failure(properties: &Properties) -> Option<Failure> {
    let status = properties.exit_status;
    let has_ended = properties.exit_code != 0;
    match properties.result.as_str() {
        "" | "success" => None,
        "exit-code" if has_ended && status != 0 => Some(Failure::ExitStatus { status }),
        "exit-code" => Some(Failure::Command),
        "signal" | "core-dump" if has_ended && status != 0 => {
            Some(Failure::Signal { signal: status })
        }
        "timeout" | "watchdog" => Some(Failure::Timeout),
        "oom-kill" => Some(Failure::OutOfMemory),
        "start-limit-hit" => Some(Failure::StartLimit),
        result => Some(other(result)),
    }
}

fn other(result: &str) -> Failure {
    Failure::Other {
        result: printable(result).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_796_000_000_000_000;

    /// Written as `systemctl show` prints them.
    fn shown(lines: &str) -> Properties {
        let mut properties = Properties::default();
        for line in lines.split_whitespace() {
            let (key, value) = line.split_once('=').unwrap();
            match key {
                "Id" => properties.name = value.to_owned(),
                "LoadState" => properties.load = value.to_owned(),
                "ActiveState" => properties.active = value.to_owned(),
                "SubState" => properties.sub = value.to_owned(),
                "UnitFileState" => properties.file = value.to_owned(),
                "Result" => properties.result = value.to_owned(),
                "ExecMainCode" => properties.exit_code = value.parse().unwrap(),
                "ExecMainStatus" => properties.exit_status = value.parse().unwrap(),
                "NRestarts" => properties.restarts = value.parse().unwrap(),
                _ => panic!("{key}"),
            }
        }
        properties
    }

    fn read(lines: &str) -> ServiceUnit {
        unit(&shown(lines), NOW).unwrap()
    }

    #[test]
    fn a_program_of_an_ordinary_user_may_not_use_low_ports_unless_that_is_granted() {
        let of = |user: Option<&str>, dynamic_user, ambient_capabilities| {
            may_use_low_ports(&Properties {
                user: user.map(str::to_owned),
                dynamic_user,
                ambient_capabilities,
                ..Properties::default()
            })
        };
        assert_eq!(of(Some(""), false, 0), Some(true));
        assert_eq!(of(Some("root"), false, 0), Some(true));
        assert_eq!(of(Some("caddy"), false, 0), Some(false));
        assert_eq!(of(Some("caddy"), false, 1 << 10), Some(true));
        assert_eq!(of(Some(""), true, 0), Some(false));
        assert_eq!(of(None, false, 0), None);
    }

    #[test]
    fn a_cluster_of_postgresql_that_was_stopped() {
        let stopped = read(
            "Id=postgresql@15-main.service LoadState=loaded ActiveState=inactive SubState=dead \
             UnitFileState=enabled-runtime Result=success ExecMainCode=0 ExecMainStatus=0",
        );
        assert_eq!(stopped.name, "postgresql@15-main.service");
        assert_eq!(stopped.state, UnitState::Stopped);
        assert_eq!(stopped.startup, Startup::Enabled);
        assert_eq!((stopped.failure, stopped.since_secs), (None, None));
    }

    #[test]
    fn the_unit_that_stands_for_all_clusters_runs_no_program() {
        let all = read(
            "Id=postgresql.service LoadState=loaded ActiveState=active SubState=exited \
             UnitFileState=enabled Result=success ExecMainCode=1 ExecMainStatus=0",
        );
        assert_eq!(all.state, UnitState::Exited);
    }

    #[test]
    fn a_command_that_starts_a_service_may_fail_before_there_is_a_main_program() {
        let failed = read(
            "Id=postgresql@15-main.service LoadState=loaded ActiveState=failed SubState=failed \
             UnitFileState=enabled-runtime Result=exit-code ExecMainCode=0 ExecMainStatus=0",
        );
        assert_eq!(failed.failure, Some(Failure::Command));
        let protocol = read(
            "Id=a.service LoadState=loaded ActiveState=failed SubState=failed Result=protocol",
        );
        let result = "protocol".to_owned();
        assert_eq!(protocol.failure, Some(Failure::Other { result }));
    }

    #[test]
    fn programs_end_by_a_status_or_by_a_signal() {
        let failed = "Id=nginx.service LoadState=loaded ActiveState=failed SubState=failed \
                      UnitFileState=enabled";
        let by = |end: &str| read(&format!("{failed} {end}")).failure.unwrap();
        let status = "Result=exit-code ExecMainCode=1 ExecMainStatus=1";
        assert_eq!(by(status), Failure::ExitStatus { status: 1 });
        let signal = "Result=signal ExecMainCode=2 ExecMainStatus=9";
        assert_eq!(by(signal), Failure::Signal { signal: 9 });
        let dumped = "Result=core-dump ExecMainCode=3 ExecMainStatus=11";
        assert_eq!(by(dumped), Failure::Signal { signal: 11 });
        let killed = "Result=oom-kill ExecMainCode=2 ExecMainStatus=9";
        assert_eq!(by(killed), Failure::OutOfMemory);
        assert_eq!(by("Result=timeout"), Failure::Timeout);
        assert_eq!(by("Result=start-limit-hit"), Failure::StartLimit);
    }

    #[test]
    fn a_service_that_is_started_again_and_again() {
        let starting = read(
            "Id=redis-server.service LoadState=loaded ActiveState=activating \
             SubState=auto-restart UnitFileState=enabled Result=exit-code ExecMainCode=1 \
             ExecMainStatus=1 NRestarts=4",
        );
        assert_eq!(starting.state, UnitState::Starting);
        assert_eq!(starting.restarts, 4);
        assert_eq!(starting.failure, Some(Failure::ExitStatus { status: 1 }));
    }

    #[test]
    fn what_is_masked_broken_or_missing_is_told_apart() {
        let masked = read(
            "Id=mariadb.service LoadState=masked ActiveState=inactive SubState=dead \
             UnitFileState=masked",
        );
        assert_eq!(masked.startup, Startup::Masked);
        let broken = read("Id=a.service LoadState=bad-setting ActiveState=inactive SubState=dead");
        assert_eq!(broken.state, UnitState::Failed);
        let missing = "Id=mysql.service LoadState=not-found ActiveState=inactive SubState=dead";
        assert_eq!(unit(&shown(missing), NOW), None);
    }

    #[test]
    fn ages_count_from_the_last_change_and_never_from_the_future() {
        let mut properties = shown("Id=a.service LoadState=loaded ActiveState=failed SubState=x");
        properties.changed = NOW - 125_000_000;
        assert_eq!(unit(&properties, NOW).unwrap().since_secs, Some(125));
        properties.changed = NOW + 9;
        assert_eq!(unit(&properties, NOW).unwrap().since_secs, Some(0));
    }

    #[test]
    fn words_we_do_not_know_and_names_that_paint_are_harmless() {
        let odd = read("Id=a\u{1b}[31m.service LoadState=loaded ActiveState=odd SubState=x");
        assert_eq!((odd.state, odd.startup), (UnitState::Other, Startup::Other));
        assert!(!odd.name.contains('\u{1b}'));
    }
}
