//! What Windows tells of a service: its start type from the registry, and what it does from the service
//! control manager, in numbers that no language changes (`SERVICE_STATUS_PROCESS` and
//! `QUERY_SERVICE_CONFIG` of winsvc.h, exit codes of winerror.h).

use crate::evidence::{Failure, ServiceUnit, Startup, UnitState, printable};

/// Where the registry keeps what services are set to, a key for each.
pub const KEY: &str = r"SYSTEM\CurrentControlSet\Services";

/// A service in Windows' own numbers.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// The name of its key, which is not the one that is shown.
    pub name: String,
    /// `Start`.
    pub start: Option<u32>,
    /// What it does, where that was told.
    pub status: Option<Status>,
}

/// What a service does.
#[derive(Clone, Copy, Debug, Default)]
pub struct Status {
    /// `dwCurrentState`.
    pub state: u32,
    /// `dwWin32ExitCode`.
    pub exit_code: u32,
    /// `dwServiceSpecificExitCode`, which says more where the other one says that it does.
    pub specific_exit_code: u32,
}

/// The service as a unit of the service manager.
#[must_use]
pub fn unit(told: &Told) -> ServiceUnit {
    let failure = told.status.and_then(failure);
    let state = match told.status.map(|status| status.state) {
        Some(SERVICE_STOPPED) if failure.is_some() => UnitState::Failed,
        Some(SERVICE_STOPPED) => UnitState::Stopped,
        Some(SERVICE_START_PENDING) => UnitState::Starting,
        Some(SERVICE_STOP_PENDING) => UnitState::Stopping,
        Some(SERVICE_RUNNING) => UnitState::Running,
        // It waits, or is about to.
        Some(_) | None => UnitState::Other,
    };
    ServiceUnit {
        name: printable(&told.name).into_owned(),
        state,
        startup: match told.start {
            Some(0..=SERVICE_AUTO_START) => Startup::Enabled,
            Some(SERVICE_DEMAND_START) => Startup::Disabled,
            Some(SERVICE_DISABLED) => Startup::Barred,
            Some(_) | None => Startup::Other,
        },
        failure,
        restarts: 0,
        since_secs: None,
        may_use_low_ports: None,
    }
}

/// How it ended, where that was not as it should. That it was never started since the system was is no
/// failure.
fn failure(status: Status) -> Option<Failure> {
    let code = match status.exit_code {
        _ if status.state != SERVICE_STOPPED => return None,
        NO_ERROR | ERROR_SERVICE_NEVER_STARTED => return None,
        ERROR_SERVICE_SPECIFIC_ERROR => status.specific_exit_code,
        ERROR_SERVICE_REQUEST_TIMEOUT => return Some(Failure::Timeout),
        code => code,
    };
    // HRESULTs use the highest bit.
    let status = code.cast_signed();
    Some(Failure::ExitStatus { status })
}

const SERVICE_STOPPED: u32 = 1;
const SERVICE_START_PENDING: u32 = 2;
const SERVICE_STOP_PENDING: u32 = 3;
const SERVICE_RUNNING: u32 = 4;

const SERVICE_AUTO_START: u32 = 2;
const SERVICE_DEMAND_START: u32 = 3;
const SERVICE_DISABLED: u32 = 4;

const NO_ERROR: u32 = 0;
const ERROR_SERVICE_REQUEST_TIMEOUT: u32 = 1053;
const ERROR_SERVICE_SPECIFIC_ERROR: u32 = 1066;
const ERROR_SERVICE_NEVER_STARTED: u32 = 1077;

#[cfg(test)]
mod tests {
    use super::*;

    fn told(start: u32, state: u32, exit_code: u32, specific_exit_code: u32) -> ServiceUnit {
        unit(&Told {
            name: "postgresql-x64-16".to_owned(),
            start: Some(start),
            status: Some(Status {
                state,
                exit_code,
                specific_exit_code,
            }),
        })
    }

    #[test]
    fn a_service_runs_stands_still_or_has_failed() {
        let running = told(2, 4, 0, 0);
        assert_eq!(running.state, UnitState::Running);
        assert_eq!(running.startup, Startup::Enabled);
        let stopped = told(3, 1, 0, 0);
        assert_eq!(stopped.state, UnitState::Stopped);
        assert_eq!(stopped.startup, Startup::Disabled);
        let never = told(4, 1, 1077, 0);
        assert_eq!((never.state, never.failure), (UnitState::Stopped, None));
        assert_eq!(never.startup, Startup::Barred);
        assert_eq!(told(2, 2, 0, 0).state, UnitState::Starting);
        assert_eq!(told(2, 3, 0, 0).state, UnitState::Stopping);
        assert_eq!(told(2, 7, 0, 0).state, UnitState::Other);
    }

    #[test]
    fn how_a_service_ended_is_told_by_its_code() {
        let how = |code, specific| {
            let unit = told(2, 1, code, specific);
            assert_eq!(unit.state, UnitState::Failed);
            unit.failure.unwrap()
        };
        // ERROR_PROCESS_ABORTED: its program ended by itself.
        assert_eq!(how(1067, 0), Failure::ExitStatus { status: 1067 });
        assert_eq!(how(1066, 10_048), Failure::ExitStatus { status: 10_048 });
        let status = 0x8000_4005_u32.cast_signed();
        assert_eq!(how(0x8000_4005, 0), Failure::ExitStatus { status });
        assert_eq!(how(1053, 0), Failure::Timeout);
        // A code that is left from before is none of a service that runs.
        assert_eq!(told(2, 4, 1067, 0).failure, None);
    }

    #[test]
    fn what_the_manager_does_not_tell_is_not_known() {
        let unit = unit(&Told {
            name: "sshd".to_owned(),
            start: None,
            status: None,
        });
        assert_eq!(
            (unit.state, unit.startup),
            (UnitState::Other, Startup::Other)
        );
    }
}
