//! What kept a service of this machine from its port: another program has it, it is for
//! administrators, or the system keeps it from programs. `port-reserved`, and `wrong-service` where
//! the other program answers.
//!
//! bind(2) says EADDRINUSE where a listener has the port on the same address or on a wildcard, and
//! EACCES below `ip_unprivileged_port_start` (ip(7)); Windows says WSAEACCES in an excluded range. Who
//! was refused is not seen here: that its unit failed is, and beside that it is likely.

use super::clues::{of_attempts, of_exchange, of_pasted_ports, of_service_state};
use super::reading::{all_own, all_telling, finding, or, refused_by_reset, refused_here};
use super::wrong_service::shows_itself;
use crate::diagnosis::{Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{
    Evidence, Failure, Listener, Outcome, PortRange, ServiceSettings, ServiceUnit,
};

/// The service failed, and another program has the port, on an address where it was not asked.
pub fn port_taken(evidence: &Evidence) -> Option<Finding> {
    let refused = refused_here(evidence)?;
    let taken = holder(evidence)?;
    let mut clues = vec![of_holder(taken)];
    clues.extend(of_service_state(evidence));
    clues.extend(of_attempts(refused));
    let mut found = finding(Cause::PortReserved, Certainty::Likely, clues);
    found.alternatives = vec![or(Cause::NothingListening, DecidingTest::LookAtServiceLog)];
    Some(found)
}

/// The service may not have the port: the system keeps it, or it is for administrators and the service
/// failed without their rights.
pub fn port_forbidden(evidence: &Evidence) -> Option<Finding> {
    let refused = refused_here(evidence)?;
    if !evidence.listeners_on_port()?.is_empty() {
        return None;
    }
    let mut clues = vec![of_range(evidence).or_else(|| of_privilege(evidence))?];
    clues.push(Clue::NoListenerHere {
        port: evidence.target.port,
    });
    clues.extend(of_service_state(evidence));
    clues.extend(of_attempts(refused));
    let mut found = finding(Cause::PortReserved, Certainty::Likely, clues);
    found.alternatives = vec![or(Cause::NothingListening, DecidingTest::LookAtServiceLog)];
    Some(found)
}

/// What was pasted says that the system of the target keeps the port from programs, and it is closed.
pub fn said_to_be_reserved(evidence: &Evidence) -> Option<Finding> {
    let refused = all_telling(evidence, refused_by_reset)?;
    let mut told = of_pasted_ports(evidence);
    let told = told.find(|clue| matches!(clue, Clue::PastedReserved { range: Some(_), .. }))?;
    let is_listened_on = all_own(evidence, &refused)
        && evidence
            .listeners_on_port()
            .is_some_and(|listeners| !listeners.is_empty());
    if is_listened_on {
        return None;
    }
    let mut clues = vec![told];
    clues.extend(of_attempts(refused));
    let mut found = finding(Cause::PortReserved, Certainty::Likely, clues);
    found.alternatives = vec![or(Cause::NothingListening, DecidingTest::LookAtServiceLog)];
    Some(found)
}

/// Another program took the port, so that the service failed, and that program answers in its place.
pub fn answered_by_holder(evidence: &Evidence) -> Option<Finding> {
    let connected = all_telling(evidence, |a| a.outcome == Outcome::Connected)?;
    // What shows itself in its answer is named by that.
    if !all_own(evidence, &connected) || shows_itself(evidence) {
        return None;
    }
    let holder = met(evidence)?;
    let found = holder.process.known().map(|process| process.name.clone());
    let mut clues = vec![of_holder(holder)];
    clues.extend(of_service_state(evidence));
    clues.extend(evidence.exchanges.iter().filter_map(of_exchange));
    clues.extend(of_attempts(connected));
    let mut found = finding(Cause::WrongService { found }, Certainty::Likely, clues);
    found.alternatives = vec![or(Cause::ReachableSilent, DecidingTest::UseUsualClient)];
    Some(found)
}

/// The listener that a connection met, of a service that failed: by then another's, since the service
/// manager was only asked where it is none of the service's.
fn met(evidence: &Evidence) -> Option<&Listener> {
    evidence.failed_service()?;
    let mut listeners = evidence.listeners_on_port()?.into_iter();
    listeners.find(|listener| {
        let mut asked = evidence.attempts.iter().map(|attempt| attempt.addr.ip());
        asked.any(|ip| listener.accepts(ip) != Some(false))
    })
}

/// Whether the listeners on the port are another program's, which has taken it from a service that
/// failed: then the service is not to be found where they are.
pub fn is_taken(evidence: &Evidence) -> bool {
    holder(evidence).is_some()
}

/// What further explains a closed port of a service that failed, or another's answer on it.
pub fn of(evidence: &Evidence, cause: &Cause) -> Vec<Clue> {
    match cause {
        Cause::NothingListening => of_other_port(evidence).into_iter().collect(),
        Cause::WrongService { .. } => met(evidence).map_or_else(Vec::new, |holder| {
            let mut clues = of_service_state(evidence);
            clues.push(of_holder(holder));
            clues
        }),
        _ => Vec::new(),
    }
}

/// The service wants another port too, which somebody else has: it starts with both or not at all.
fn of_other_port(evidence: &Evidence) -> Option<Clue> {
    let (service, _) = evidence.failed_service()?;
    let asked = evidence.target.port;
    let ports = |settings: &ServiceSettings| -> Vec<u16> {
        settings.lines.iter().filter_map(|line| line.port).collect()
    };
    let settings = evidence.service_settings.known()?;
    let its = settings.iter().filter(|one| one.service == service);
    // Another instance of the service has its own ports.
    let wanted = its.map(ports).find(|ports| ports.contains(&asked))?;
    let mut listeners = evidence.listeners.known()?.iter();
    let taken = listeners.find(|listener| {
        let port = listener.addr.port();
        port != asked && wanted.contains(&port)
    })?;
    Some(of_holder(taken))
}

/// The listener on the port of a program that is not the service, which failed.
fn holder(evidence: &Evidence) -> Option<&Listener> {
    stopped_by_itself(evidence)?;
    let listeners = evidence.listeners_on_port()?;
    let refused = refused_here(evidence)?;
    let takes = |listener: &&Listener| {
        let mut asked = refused.iter().map(|attempt| attempt.addr.ip());
        asked.any(|ip| listener.accepts(ip) == Some(true))
    };
    if listeners.iter().any(takes) {
        return None;
    }
    listeners.into_iter().next()
}

/// The unit that failed as one does whose program was refused a port: it ends, or is started again
/// and again. What a signal, the memory or the time ended was not refused.
fn stopped_by_itself(evidence: &Evidence) -> Option<&ServiceUnit> {
    let (_, unit) = evidence.failed_service()?;
    match unit.failure {
        Some(Failure::ExitStatus { .. } | Failure::Command | Failure::StartLimit) | None => {
            Some(unit)
        }
        Some(
            Failure::Signal { .. }
            | Failure::Timeout
            | Failure::OutOfMemory
            | Failure::Other { .. },
        ) => None,
    }
}

fn of_holder(listener: &Listener) -> Clue {
    Clue::PortTaken {
        addr: listener.addr,
        process: listener.process.known().cloned(),
    }
}

/// The range that the system keeps.
fn of_range(evidence: &Evidence) -> Option<Clue> {
    let PortRange { first, last } = evidence.port_use.known()?.reserved?;
    let port = evidence.target.port;
    Some(Clue::PortInReservedRange { port, first, last })
}

/// The port is for administrators, and the service that failed starts without their rights.
fn of_privilege(evidence: &Evidence) -> Option<Clue> {
    let first = evidence.port_use.known()?.first_unprivileged?;
    let unit = stopped_by_itself(evidence)?;
    let port = evidence.target.port;
    (unit.may_use_low_ports == Some(false)).then_some(Clue::PortNeedsAdmin { port, first })
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::*;
    use crate::diagnosis::diagnose;
    use crate::evidence::{
        Fact, Heard, PastedPort, PortUse, ServiceState, SettingLine, Spoke, Startup, UnitState,
    };

    fn unit(state: UnitState) -> ServiceUnit {
        ServiceUnit {
            name: "postgresql@15-main.service".to_owned(),
            state,
            startup: Startup::Enabled,
            failure: Some(Failure::ExitStatus { status: 1 }),
            restarts: 0,
            since_secs: Some(120),
            may_use_low_ports: Some(false),
        }
    }

    fn with(mut scene: Scene, state: UnitState) -> Scene {
        scene.evidence.service_states = Fact::Known(vec![ServiceState {
            service: "postgresql".to_owned(),
            units: vec![unit(state)],
        }]);
        scene
    }

    fn refused() -> Scene {
        Scene::new("127.0.0.1:5432")
            .service("postgresql")
            .refused("127.0.0.1")
    }

    fn verdict(scene: &Scene) -> &'static str {
        diagnose(&scene.evidence).verdict.cause.id()
    }

    #[test]
    fn who_has_the_port_elsewhere_on_this_machine_is_named_where_the_service_failed() {
        let held = || refused().listeners(&["127.0.0.2:5432 nginx"]);
        let scene = with(held(), UnitState::Failed);
        let found = says(port_taken, &scene, "port-reserved", Certainty::Likely);
        assert_eq!(others(&found), ["nothing-listening"]);
        assert!(matches!(found.because[0], Clue::PortTaken { .. }));
        assert_eq!(verdict(&scene), "port-reserved");
        // A service that was not tried was not refused either.
        let stopped = with(held(), UnitState::Stopped);
        silent(port_taken, &stopped);
        assert_eq!(verdict(&stopped), "bound-elsewhere");
        silent(port_taken, &held());
    }

    #[test]
    fn who_answers_in_the_place_of_a_service_that_failed_is_not_it() {
        let answered = |heard| {
            let scene = Scene::new("127.0.0.1:5432")
                .service("postgresql")
                .connected("127.0.0.1")
                .exchange("127.0.0.1", Spoke::PostgresSslRequest, heard)
                .listeners(&["0.0.0.0:5432 python3"]);
            with(scene, UnitState::Failed)
        };
        let (rule, id) = (answered_by_holder, "wrong-service");
        let found = says(rule, &answered(Heard::Nothing), id, Certainty::Likely);
        let cause = Cause::WrongService {
            found: Some("python3".to_owned()),
        };
        assert_eq!(found.cause, cause);
        // Something that speaks as the service does may be what was meant, such as a pool.
        let pool = answered(Heard::Text {
            start: "S".to_owned(),
        });
        silent(rule, &pool);
        // What shows itself is named by that, and the holder stands beside it.
        let web = answered(Heard::Text {
            start: "HTTP/1.1 400 Bad Request".to_owned(),
        });
        silent(rule, &web);
        let because = diagnose(&web.evidence).verdict.because;
        let is_told = |clue: &Clue| matches!(clue, Clue::PortTaken { .. });
        assert_eq!(verdict(&web), id);
        assert_eq!(because.iter().filter(|clue| is_told(clue)).count(), 1);
    }

    #[test]
    fn a_low_port_is_for_those_with_the_rights() {
        let port_use = PortUse {
            first_unprivileged: Some(1024),
            ..PortUse::default()
        };
        let low = |state| {
            let scene = Scene::new("127.0.0.1:80").refused("127.0.0.1");
            let mut scene = with(scene.listeners(&[]), state);
            scene.evidence.port_use = Fact::Known(port_use.clone());
            scene
        };
        let id = "port-reserved";
        let scene = low(UnitState::Failed);
        says(port_forbidden, &scene, id, Certainty::Likely);
        assert_eq!(verdict(&scene), id);
        silent(port_forbidden, &low(UnitState::Stopped));
        // What memory or a signal ended was not refused the port.
        for failure in [Failure::OutOfMemory, Failure::Signal { signal: 11 }] {
            let mut ended = low(UnitState::Failed);
            if let Fact::Known(states) = &mut ended.evidence.service_states {
                states[0].units[0].failure = Some(failure);
            }
            silent(port_forbidden, &ended);
            assert_eq!(verdict(&ended), "nothing-listening");
        }
        let mut granted = low(UnitState::Failed);
        if let Fact::Known(states) = &mut granted.evidence.service_states {
            states[0].units[0].may_use_low_ports = Some(true);
        }
        silent(port_forbidden, &granted);
        silent(
            port_forbidden,
            &with(refused().listeners(&[]), UnitState::Failed),
        );
    }

    #[test]
    fn a_range_that_the_system_keeps_is_no_place_to_listen() {
        let mut scene = refused().listeners(&[]);
        scene.evidence.port_use = Fact::Known(PortUse {
            reserved: Some(PortRange {
                first: 5400,
                last: 5499,
            }),
            ..PortUse::default()
        });
        let id = "port-reserved";
        let found = says(port_forbidden, &scene, id, Certainty::Likely);
        let clue = Clue::PortInReservedRange {
            port: 5432,
            first: 5400,
            last: 5499,
        };
        assert_eq!(found.because[0], clue);
        assert_eq!(verdict(&scene), id);
        // Whoever listens there was let.
        scene = scene.listeners(&["127.0.0.2:5432"]);
        silent(port_forbidden, &scene);
    }

    #[test]
    fn a_range_that_was_pasted_explains_a_closed_port_elsewhere() {
        let refused = || {
            Scene::new("10.77.1.10:5432")
                .refused("10.77.1.10")
                .network("10.77.1.2/24")
        };
        let told = |range| {
            let mut scene = refused();
            scene.evidence.pasted_ports = vec![PastedPort::Reserved { range }];
            scene
        };
        let range = PortRange {
            first: 5400,
            last: 5499,
        };
        let (rule, id) = (said_to_be_reserved, "port-reserved");
        says(rule, &told(Some(range)), id, Certainty::Likely);
        assert_eq!(verdict(&told(Some(range))), id);
        silent(rule, &told(None));
        assert_eq!(verdict(&told(None)), "nothing-listening");
        silent(rule, &refused());
        let here = Scene::new("127.0.0.1:5432").refused("127.0.0.1");
        let mut here = here.listeners(&[]);
        here.evidence.pasted_ports = vec![PastedPort::Reserved { range: Some(range) }];
        assert_eq!(verdict(&here), id);
        let mut open = Scene::new("10.77.1.10:5432").connected("10.77.1.10");
        open.evidence.pasted_ports = vec![PastedPort::Reserved { range: Some(range) }];
        silent(rule, &open);
    }

    #[test]
    fn a_second_port_that_is_taken_keeps_the_first_closed() {
        let line = |port| SettingLine {
            file: "/etc/nginx/sites-enabled/default".to_owned(),
            line: Some(22),
            text: format!("listen {port};"),
            is_default: false,
            port: Some(port),
            addresses: Vec::new(),
            is_without_tcp: false,
        };
        let settings = |ports: &[u16]| ServiceSettings {
            service: "postgresql".to_owned(),
            file: "/etc/nginx/nginx.conf".to_owned(),
            lines: ports.iter().map(|port| line(*port)).collect(),
            unread: Vec::new(),
        };
        let clue = |all: Vec<ServiceSettings>| {
            let scene = refused().listeners(&["0.0.0.0:5433 apache2"]);
            let mut scene = with(scene, UnitState::Failed);
            scene.evidence.service_settings = Fact::Known(all);
            let diagnosis = diagnose(&scene.evidence);
            assert_eq!(diagnosis.verdict.cause.id(), "nothing-listening");
            let mut because = diagnosis.verdict.because.into_iter();
            because.find(|clue| matches!(clue, Clue::PortTaken { .. }))
        };
        assert!(clue(vec![settings(&[5432, 5433])]).is_some());
        assert!(clue(vec![settings(&[5432, 5434])]).is_none());
        // Another instance has its own port.
        assert!(clue(vec![settings(&[5432]), settings(&[5433])]).is_none());
    }
}
