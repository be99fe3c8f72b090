//! What this machine's service manager says of the service that is expected on the asked port:
//! whether it has it, whether it runs, and how it ended.

use serde::{Deserialize, Serialize};

use super::Evidence;

/// What the service manager says of one service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceState {
    /// The service, by its id in the catalogue.
    pub service: String,
    /// Its units. None: the service manager does not know it, though it may be started by hand or
    /// in a container.
    pub units: Vec<ServiceUnit>,
}

/// What a service manager keeps running: a unit of systemd, such as `postgresql@15-main.service`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceUnit {
    /// Its name; hostile text.
    pub name: String,
    /// What it does now.
    pub state: UnitState,
    /// Whether it starts with the system.
    pub startup: Startup,
    /// How it ended, where that was not as it should.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// How often it was restarted by itself since it was started.
    #[serde(default)]
    pub restarts: u32,
    /// How long it has been in this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since_secs: Option<u64>,
    /// Whether it starts its program with the right to listen on the ports of administrators, where
    /// that is told. A program's file may carry that right too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may_use_low_ports: Option<bool>,
}

/// What a unit does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnitState {
    /// A program of it runs.
    Running,
    /// It counts as active, and no program of it runs: it did what it had to, or stands for others.
    Exited,
    /// It is being started, or waits to be started once more.
    Starting,
    /// It is being stopped.
    Stopping,
    /// It ended as it should not.
    Failed,
    /// It does not run.
    Stopped,
    /// A state that we have no word for.
    Other,
}

/// Whether a unit starts with the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Startup {
    /// It does.
    Enabled,
    /// It does not.
    Disabled,
    /// It may not be started at all (`systemctl mask`).
    Masked,
    /// It may not be started until that is set otherwise (Windows: the start type "disabled").
    Barred,
    /// Others decide, or it is not known.
    Other,
}

/// How a unit ended that should not have (`Result` in systemd.service(5) and org.freedesktop.systemd1(5)).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "kebab-case")]
pub enum Failure {
    /// Its program ended with this status.
    ExitStatus {
        /// The status.
        status: i32,
    },
    /// A command that starts it failed, before there was a main program.
    Command,
    /// A signal ended its program.
    Signal {
        /// Its number (signal(7)).
        signal: i32,
    },
    /// It took too long.
    Timeout,
    /// The system ended it because memory ran out.
    OutOfMemory,
    /// It was started too often in a short time.
    StartLimit,
    /// Another reason, by the service manager's own word.
    Other {
        /// That word; hostile text.
        result: String,
    },
}

impl ServiceState {
    /// The unit whose state says most about why nothing listens. One that only stands for others
    /// comes last, then those that run; a failure comes first.
    #[must_use]
    pub fn telling(&self) -> Option<&ServiceUnit> {
        self.units.iter().min_by_key(|unit| {
            let state = match unit.state {
                UnitState::Failed => 0,
                UnitState::Starting | UnitState::Stopping => 1,
                UnitState::Stopped | UnitState::Other => 2,
                UnitState::Running => 3,
                UnitState::Exited => 4,
            };
            // What starts with the system is what somebody meant to run.
            (state, unit.startup != Startup::Enabled)
        })
    }
}

impl Evidence {
    /// What the service manager says of the one service that is meant here. Where several use the port
    /// by default, one is meant only if it failed, or somebody had it start with the system.
    #[must_use]
    pub fn meant_service(&self) -> Option<&ServiceState> {
        match self.service_states.known()?.as_slice() {
            [only] => Some(only),
            several => {
                let having = |wanted: fn(&ServiceUnit) -> bool| {
                    let mut states = several.iter();
                    states.find(|state| state.telling().is_some_and(wanted))
                };
                having(|unit| unit.state == UnitState::Failed)
                    .or_else(|| having(|unit| unit.startup == Startup::Enabled))
            }
        }
    }

    /// The service that is meant here and the unit of it that failed, if it did.
    #[must_use]
    pub fn failed_service(&self) -> Option<(&str, &ServiceUnit)> {
        let state = self.meant_service()?;
        let unit = state.telling()?;
        (unit.state == UnitState::Failed).then_some((state.service.as_str(), unit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(name: &str, state: UnitState, startup: Startup) -> ServiceUnit {
        ServiceUnit {
            name: name.to_owned(),
            state,
            startup,
            failure: None,
            restarts: 0,
            since_secs: None,
            may_use_low_ports: None,
        }
    }

    fn telling(units: Vec<ServiceUnit>) -> String {
        let service = "postgresql".to_owned();
        let state = ServiceState { service, units };
        state.telling().unwrap().name.clone()
    }

    #[test]
    fn a_unit_that_stands_for_others_tells_least() {
        let of_all = || unit("all", UnitState::Exited, Startup::Enabled);
        for state in [UnitState::Running, UnitState::Stopped, UnitState::Failed] {
            let instance = unit("instance", state, Startup::Other);
            assert_eq!(telling(vec![of_all(), instance]), "instance");
        }
        assert_eq!(telling(vec![of_all()]), "all");
    }

    #[test]
    fn failures_come_first_and_then_what_somebody_meant_to_run() {
        let stopped = || unit("stopped", UnitState::Stopped, Startup::Disabled);
        let meant = || unit("meant", UnitState::Stopped, Startup::Enabled);
        let failed = unit("failed", UnitState::Failed, Startup::Disabled);
        assert_eq!(telling(vec![stopped(), meant()]), "meant");
        assert_eq!(telling(vec![stopped(), meant(), failed]), "failed");
    }
}
