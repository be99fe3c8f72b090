//! What the service manager and a service's own settings say, in words: a sentence for why nothing
//! listens, and a line for each unit and each setting.

use super::{Wording, service_name};
use crate::diagnosis::{Clue, Finding, SettingSays};
use crate::evidence::{
    Fact, Failure, Gap, ServiceSettings, ServiceState, ServiceUnit, SettingLine, Startup,
    UnitState, printable,
};

impl Wording<'_> {
    /// Why the expected service does not listen, in a sentence or two, where its service manager or its
    /// settings told.
    #[must_use]
    pub fn why_not(&self, finding: &Finding) -> Option<String> {
        let state = finding.because.iter().find_map(|clue| {
            if let Clue::ServiceUnit { service, unit } = clue {
                Some(self.why_unit(service, unit))
            } else if let Clue::NoServiceUnit { service } = clue {
                let words = &self.verdict().service_state;
                Some(words.none.fill(&[("service", &named(service))]))
            } else {
                None
            }
        });
        let setting = finding.because.iter().find_map(|clue| {
            if let Clue::ServiceSetting {
                service,
                says,
                setting,
            } = clue
            {
                Some(self.why_setting(service, *says, setting))
            } else {
                None
            }
        });
        let bind = finding
            .because
            .iter()
            .find_map(|clue| self.why_refused(clue));
        let told: Vec<String> = state.into_iter().chain(bind).chain(setting).collect();
        (!told.is_empty()).then(|| told.join(" "))
    }

    /// What kept the service from its port.
    fn why_refused(&self, clue: &Clue) -> Option<String> {
        let words = &self.verdict().service_state;
        match clue {
            Clue::PortTaken { addr, process } => Some(match process {
                Some(process) => words
                    .why_taken
                    .fill(&[("process", &self.process(process)), ("addr", addr)]),
                None => words.why_taken_unknown.fill(&[("addr", addr)]),
            }),
            Clue::PortNeedsAdmin { port, first } => Some(
                words
                    .why_needs_admin
                    .fill(&[("port", port), ("first", first)]),
            ),
            Clue::PortInReservedRange { port, first, last } => {
                Some(
                    words
                        .why_reserved
                        .fill(&[("port", port), ("first", first), ("last", last)]),
                )
            }
            _ => None,
        }
    }

    fn why_setting(&self, service: &str, says: SettingSays, line: &SettingLine) -> String {
        let words = &self.verdict().service_settings;
        let template = match says {
            SettingSays::OtherPort => &words.why_other_port,
            SettingSays::ThisMachineOnly => &words.why_this_machine_only,
            SettingSays::OtherAddresses => &words.why_other_addresses,
            SettingSays::NoTcp => &words.why_no_tcp,
        };
        let port = line.port.map(|port| port.to_string());
        template.fill(&[
            ("service", &named(service)),
            ("port", &port.unwrap_or_default()),
            ("asked", &self.target.port),
            ("place", &self.place_of(line)),
        ])
    }

    /// The file, and the line in it where there is one.
    fn place_of(&self, line: &SettingLine) -> String {
        let words = &self.verdict().service_settings;
        let file = printable(&line.file);
        match line.line {
            Some(number) => words.place.fill(&[("file", &file), ("line", &number)]),
            None => file.into_owned(),
        }
    }

    /// A line of settings with its place; of what holds by default, what that is.
    pub(super) fn setting(&self, line: &SettingLine) -> String {
        let words = &self.verdict().service_settings;
        let template = if line.is_default {
            &words.default
        } else {
            &words.said
        };
        let port = line.port.map(|port| port.to_string());
        let value = port.unwrap_or_else(|| line.addresses.join(", "));
        template.fill(&[
            ("place", &self.place_of(line)),
            ("text", &printable(&line.text)),
            ("value", &printable(&value)),
        ])
    }

    pub(super) fn settings_unread(&self, service: &str, file: &str) -> String {
        let words = &self.verdict().clue;
        words
            .service_settings_unread
            .fill(&[("service", &named(service)), ("file", &printable(file))])
    }

    /// What the services' own settings say, a line for each, and what of them could not be read.
    #[must_use]
    pub fn service_settings(&self, settings: &Fact<Vec<ServiceSettings>>) -> Vec<String> {
        let all = settings.known().into_iter().flatten();
        let told = all.flat_map(|settings| {
            let lines = settings.lines.iter().map(|line| self.setting(line));
            let unread = settings.unread.iter().map(|unread| {
                let gap = self.gap(&unread.gap);
                format!("{}: {gap}", printable(&unread.file))
            });
            lines.chain(unread)
        });
        told.collect()
    }

    fn why_unit(&self, service: &str, unit: &ServiceUnit) -> String {
        let words = &self.verdict().service_state;
        let service = named(service);
        let template = match unit.state {
            _ if unit.startup == Startup::Masked => &words.why_masked,
            UnitState::Stopped if unit.startup == Startup::Barred => &words.why_barred,
            UnitState::Failed => &words.why_failed,
            UnitState::Starting if unit.failure.is_some() => &words.why_restarting,
            UnitState::Starting => &words.why_starting,
            UnitState::Running => &words.why_running,
            UnitState::Exited => &words.why_exited,
            UnitState::Stopping | UnitState::Stopped => &words.why_stopped,
            UnitState::Other => &words.why_other,
        };
        let how = match &unit.failure {
            Some(failure) => self.failure(failure),
            None => words.no_reason.clone(),
        };
        let age = unit.since_secs.map(|secs| self.age(secs));
        match age.filter(|_| unit.state == UnitState::Failed) {
            Some(age) if unit.startup != Startup::Masked => {
                let values: super::Values = &[("service", &service), ("how", &how), ("age", &age)];
                words.why_failed_since.fill(values)
            }
            Some(_) | None => template.fill(&[("service", &service), ("how", &how)]),
        }
    }

    /// A unit, what it does, how it ended, and whether it starts with the system.
    pub(super) fn service_unit(&self, unit: &ServiceUnit) -> String {
        let told = self.unit_told(unit);
        let values: super::Values = &[("unit", &printable(&unit.name)), ("told", &told)];
        let words = &self.verdict().clue;
        // Windows' names of services have no ending.
        let template = match unit.name.rsplit_once('.') {
            Some((_, "service" | "socket")) => &words.service_unit,
            Some(_) | None => &words.windows_service,
        };
        template.fill(values)
    }

    pub(super) fn no_service_unit(&self, service: &str) -> String {
        let service = named(service);
        let words = &self.verdict().clue;
        words.no_service_unit.fill(&[("service", &service)])
    }

    /// What the service manager told, as a label and a line for each unit. Where it could not be asked
    /// one line says so.
    #[must_use]
    pub fn service_states(&self, states: &Fact<Vec<ServiceState>>) -> Vec<(String, String)> {
        let words = &self.verdict().service_state;
        let states = match states {
            Fact::Unknown(Gap::NotAsked | Gap::Pending | Gap::Unsupported) => return Vec::new(),
            Fact::Unknown(gap) => return vec![(words.label.clone(), self.gap(gap))],
            Fact::Known(states) => states,
        };
        let is_one = states.len() == 1;
        let told = states.iter().flat_map(|state| {
            let missing = state.units.is_empty() && is_one;
            let missing =
                missing.then(|| (words.label.clone(), self.no_service_unit(&state.service)));
            let units = state.units.iter();
            let units =
                units.map(|unit| (printable(&unit.name).into_owned(), self.unit_told(unit)));
            missing.into_iter().chain(units)
        });
        told.collect()
    }

    fn unit_told(&self, unit: &ServiceUnit) -> String {
        let words = &self.verdict().service_state;
        let state = match unit.state {
            UnitState::Running => &words.running,
            UnitState::Exited => &words.exited,
            UnitState::Starting => &words.starting,
            UnitState::Stopping => &words.stopping,
            UnitState::Failed => &words.failed,
            UnitState::Stopped => &words.stopped,
            UnitState::Other => &words.other,
        };
        let startup = match unit.startup {
            Startup::Enabled => Some(&words.enabled),
            Startup::Disabled => Some(&words.disabled),
            Startup::Masked => Some(&words.masked),
            Startup::Barred => Some(&words.barred),
            Startup::Other => None,
        };
        let mut parts = vec![state.clone()];
        parts.extend(unit.failure.as_ref().map(|failure| self.failure(failure)));
        let since = unit.since_secs.map(|secs| self.age(secs));
        parts.extend(since.map(|age| words.since.fill(&[("age", &age)])));
        parts.extend(startup.cloned());
        if unit.restarts > 0 {
            let restarts = usize::try_from(unit.restarts).unwrap_or(usize::MAX);
            parts.push(words.restarts.fill(restarts));
        }
        parts.join("; ")
    }

    fn failure(&self, failure: &Failure) -> String {
        let words = &self.verdict().service_state;
        match failure {
            Failure::ExitStatus { status } => words.exit_status.fill(&[("status", status)]),
            Failure::Command => words.command.clone(),
            Failure::Signal { signal } => words.signal.fill(&[("signal", signal)]),
            Failure::Timeout => words.timeout.clone(),
            Failure::OutOfMemory => words.out_of_memory.clone(),
            Failure::StartLimit => words.start_limit.clone(),
            Failure::Other { result } => printable(result).into_owned(),
        }
    }
}

/// The service by its name in the catalogue; a report of another version may have ids that we do not.
fn named(service: &str) -> String {
    let known = service_name(service).map(str::to_owned);
    known.unwrap_or_else(|| printable(service).into_owned())
}
