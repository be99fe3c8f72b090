//! `accept-queue-full`, `server-hung`, `forwarder-without-backend`, `udp-service`,
//! `unix-socket-only` and `port-reserved`, where the target is this machine and its own tables
//! tell what a client can only guess.
//!
//! Linux drops a SYN silently when more connections wait to be accepted than listen(2) allows
//! (`sk_acceptq_is_full`: more, not as many), or when too many handshakes are open and SYN cookies
//! are off (tcp(7), `tcp_max_syn_backlog`). It also finishes handshakes for a program that does not
//! run: what stays in the queue after we have listened for a while was accepted by the system alone.

use std::net::SocketAddr;

use super::after_accept::is_silent_when_due;
use super::bind_refused::port_forbidden;
use super::clues::{of_attempts, of_ended_holder, of_exchange, of_listener, of_place};
use super::reading::{all_own, all_telling, finding, or, refused_here};
use super::wrong_port::open_door;
use crate::diagnosis::{Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{
    Attempt, Evidence, Exchange, Heard, Listener, Outcome, PortUse, Process, Queue, Relay, Spoke,
    is_socket_of, socket_port,
};
use crate::target::known_port;

/// Fewer unfinished handshakes are those of clients that come and go.
const MANY_HALF_OPEN: u32 = 3;

/// This machine is silent to itself because a queue of the service is full.
pub fn accept_queue_full_here(evidence: &Evidence) -> Option<Finding> {
    let silent = all_telling(evidence, |a| a.outcome == Outcome::Silent)?;
    if !all_own(evidence, &silent) {
        return None;
    }
    let listeners = met_listeners(evidence, &silent)?;
    let mut clues = of_attempts(silent.iter().copied());
    clues.extend(listeners.iter().map(|listener| of_listener(listener)));
    clues.extend(silent.first().and_then(|a| of_place(evidence, a)));
    let full = listeners
        .iter()
        .filter_map(|listener| Some((listener, fullness(listener.queue.known()?)?)))
        .max_by_key(|(_, certainty)| *certainty);
    if let Some((listener, certainty)) = full {
        clues.splice(0..0, of_queue(listener));
        let mut found = finding(Cause::AcceptQueueFull, certainty, clues);
        found.alternatives = vec![or(Cause::FirewallDropsPort, DecidingTest::ReadFirewallHere)];
        return Some(found);
    }
    let half_open = evidence.port_use.known()?.connections.half_open;
    if half_open < MANY_HALF_OPEN {
        return None;
    }
    let clue = Clue::HalfOpenHere {
        port: evidence.target.port,
        count: half_open,
    };
    clues.insert(0, clue);
    let mut found = finding(Cause::AcceptQueueFull, Certainty::Likely, clues);
    found.alternatives = vec![or(Cause::FirewallDropsPort, DecidingTest::ReadFirewallHere)];
    Some(found)
}

/// The system of this machine accepted, and after we had listened the program still had not.
pub fn server_hung_here(evidence: &Evidence) -> Option<Finding> {
    let (accepted, listeners) = accepted_in_silence(evidence)?;
    let not_served = listeners
        .iter()
        .find(|l| l.queue.known().is_some_and(|queue| queue.waiting > 0))?;
    let port_use = evidence.port_use.known();
    let stopped = port_use.and_then(|port_use| stopped_holder(port_use, not_served));
    let mut clues: Vec<Clue> = stopped
        .map(|process| Clue::StoppedHere {
            process: process.clone(),
        })
        .into_iter()
        .collect();
    clues.extend(of_queue(not_served));
    clues.extend(evidence.exchanges.iter().filter_map(of_exchange));
    clues.extend(of_attempts(accepted));
    // Busy for a second, as a program that serves one client after the other may be, is not hung.
    // And a stopped program of the same user need not be the one that has the port.
    let is_holder = not_served.process.known().is_some() && stopped.is_some();
    let certainty = if is_holder {
        Certainty::Certain
    } else {
        Certainty::Likely
    };
    let mut found = finding(Cause::ServerHung, certainty, clues);
    found.alternatives = vec![or(Cause::ServerSlow, DecidingTest::TryLater)];
    Some(found)
}

/// This machine accepts for a process that has ended, and nobody speaks: whoever has inherited its
/// socket does not serve it. Windows keeps a socket for as long as some process has a handle of it.
pub fn holder_ended_here(evidence: &Evidence) -> Option<Finding> {
    let (accepted, listeners) = accepted_in_silence(evidence)?;
    // Beside a listener whose program runs, that one may have been met.
    let ended: Option<Vec<Clue>> = listeners
        .iter()
        .map(|listener| of_ended_holder(evidence, listener))
        .collect();
    let mut clues = ended?;
    clues.extend(evidence.exchanges.iter().filter_map(of_exchange));
    clues.extend(of_attempts(accepted));
    // Who speaks first may only be waiting for a client of its own.
    let is_due = |e: &Exchange| is_silent_when_due(evidence, e);
    let certainty = if evidence.exchanges.iter().any(is_due) {
        Certainty::Likely
    } else {
        Certainty::Possible
    };
    let mut found = finding(Cause::ServerHung, certainty, clues);
    found.alternatives = vec![or(Cause::ReachableSilent, DecidingTest::UseUsualClient)];
    Some(found)
}

/// A relay of this machine accepted and hung up: behind it there is nothing.
pub fn relay_without_backend_here(evidence: &Evidence) -> Option<Finding> {
    let accepted = all_telling(evidence, |a| a.outcome == Outcome::Connected)?;
    let hung_up = |e: &Exchange| {
        matches!(e.heard, Heard::Closed | Heard::Reset)
            && matches!(e.spoke, Spoke::Nothing | Spoke::TlsHello | Spoke::HttpGet)
    };
    let all_hung_up = !evidence.exchanges.is_empty() && evidence.exchanges.iter().all(hung_up);
    if !all_hung_up || !all_own(evidence, &accepted) {
        return None;
    }
    let listeners = met_listeners(evidence, &accepted)?;
    let unmasked = |listener: &&Listener| relay_of(evidence, listener).is_some();
    let named = listeners
        .iter()
        .filter(|listener| listener.process.known().is_some_and(passes_on) || unmasked(listener))
        .find_map(|listener| listener.process.known());
    let told = evidence.port_use.known().map(|port_use| &port_use.relays);
    let process = named.or(told.and_then(|relays| relays.first()))?;
    let mut relays = listeners
        .iter()
        .filter_map(|listener| relay_of(evidence, listener));
    let leads = relays.find_map(|relay| Some((relay.to.clone()?, relay.behind.as_ref()?)));
    let mut clues = vec![Clue::RelayHere {
        process: process.clone(),
    }];
    // A relay passes on a reset as well, and makes its own only for what it has not read.
    let resets = evidence.exchanges.iter().any(|e| e.heard == Heard::Reset);
    let certainty = match leads {
        Some((place, behind)) if !behind.is_listened_on => {
            clues.push(Clue::NobodyBehind { place });
            // Another of its targets may be what was meant, such as one of several of a tunnel.
            Certainty::Likely
        }
        Some(_) => Certainty::Possible,
        None if resets => Certainty::Possible,
        None => Certainty::Likely,
    };
    clues.extend(evidence.exchanges.iter().filter_map(of_exchange));
    clues.extend(of_attempts(accepted));
    let mut found = finding(Cause::ForwarderWithoutBackend, certainty, clues);
    found.alternatives = vec![or(Cause::ServerResets, DecidingTest::LookInsideContainer)];
    Some(found)
}

/// Nothing listens for TCP here, and a program receives UDP on the very port.
pub fn udp_service_here(evidence: &Evidence) -> Option<Finding> {
    let (refused, port_use) = refused_without_listener(evidence)?;
    let udp = udp_service(evidence, port_use, &refused)?;
    let mut clues = vec![
        Clue::UdpSocketHere { addr: udp },
        Clue::NoListenerHere {
            port: evidence.target.port,
        },
    ];
    clues.extend(of_attempts(refused));
    let mut found = finding(Cause::UdpService, Certainty::Likely, clues);
    found.alternatives = vec![or(
        Cause::NothingListening,
        DecidingTest::LookAtListenersOnTarget,
    )];
    Some(found)
}

/// Nothing listens for TCP here, and the service listens on a Unix socket.
pub fn unix_socket_only(evidence: &Evidence) -> Option<Finding> {
    let (refused, port_use) = refused_without_listener(evidence)?;
    let path = service_socket(evidence, port_use)?;
    let door = open_door(evidence).filter(|(_, door)| door.is_related);
    // Where the socket does not say for which port it stands, a port of the service says more.
    if socket_port(&path).is_none() && door.is_some() {
        return None;
    }
    let mut clues = vec![
        Clue::UnixSocketHere { path: path.clone() },
        Clue::NoListenerHere {
            port: evidence.target.port,
        },
    ];
    clues.extend(of_attempts(refused));
    // The name of the socket says which port the service would have.
    let certainty = match socket_port(&path) {
        Some(_) => Certainty::Certain,
        None => Certainty::Likely,
    };
    let mut found = finding(Cause::UnixSocketOnly { path: Some(path) }, certainty, clues);
    found.alternatives = vec![or(
        Cause::NothingListening,
        DecidingTest::LookAtListenersOnTarget,
    )];
    Some(found)
}

/// Nothing listens, and connections hold the port that the system lends to clients: a service
/// cannot bind to it meanwhile (EADDRINUSE; bind(2)).
pub fn port_reserved(evidence: &Evidence) -> Option<Finding> {
    let (refused, port_use) = refused_without_listener(evidence)?;
    if !is_held(port_use) {
        return None;
    }
    let port = evidence.target.port;
    let mut clues = vec![
        Clue::PortHeldByConnections {
            port,
            count: port_use.connections.established,
        },
        Clue::NoListenerHere { port },
    ];
    clues.extend(of_attempts(refused));
    let mut found = finding(Cause::PortReserved, Certainty::Likely, clues);
    found.alternatives = vec![or(Cause::NothingListening, DecidingTest::LookAtServiceLog)];
    Some(found)
}

/// Whether one of these rules names what stands in the place of a TCP listener, so that it is not
/// proven that the service does not run.
pub fn is_served_otherwise(evidence: &Evidence) -> bool {
    refused_without_listener(evidence).is_some_and(|(refused, port_use)| {
        udp_service(evidence, port_use, &refused).is_some()
            || service_socket(evidence, port_use).is_some()
            || is_held(port_use)
            || port_forbidden(evidence).is_some()
            || port_use.open_in_containers().next().is_some()
    })
}

fn refused_without_listener(evidence: &Evidence) -> Option<(Vec<&Attempt>, &PortUse)> {
    let refused = refused_here(evidence)?;
    let port_use = evidence.port_use.known()?;
    evidence
        .listeners_on_port()?
        .is_empty()
        .then_some((refused, port_use))
}

/// A socket that receives UDP where the attempts went, though TCP was refused there.
pub fn udp_twin(evidence: &Evidence) -> Option<SocketAddr> {
    let (refused, port_use) = refused_without_listener(evidence)?;
    open_to(port_use, &refused)
}

/// A socket on a port that is lent to clients is most likely a client's, unless a service that
/// speaks UDP usually has the port.
fn udp_service(
    evidence: &Evidence,
    port_use: &PortUse,
    refused: &[&Attempt],
) -> Option<SocketAddr> {
    let service = evidence.target.service.as_deref();
    let is_usual = service.is_some_and(known_port::speaks_udp);
    open_to(port_use, refused).filter(|_| is_usual || !port_use.may_be_lent())
}

fn open_to(port_use: &PortUse, refused: &[&Attempt]) -> Option<SocketAddr> {
    let takes = |socket: &&SocketAddr| {
        let bound = socket.ip();
        bound.is_unspecified() || refused.iter().any(|attempt| attempt.addr.ip() == bound)
    };
    port_use.udp.iter().find(takes).copied()
}

/// The socket of the service that was asked for.
fn service_socket(evidence: &Evidence, port_use: &PortUse) -> Option<String> {
    let is_it = |path: &&String| is_socket_of(path, &evidence.target);
    port_use.unix.iter().find(is_it).cloned()
}

fn is_held(port_use: &PortUse) -> bool {
    port_use.lent_to_clients && port_use.connections.established > 0
}

/// The attempts at this machine that were all accepted, and after which nobody spoke, with the
/// listeners that they met.
fn accepted_in_silence(evidence: &Evidence) -> Option<(Vec<&Attempt>, Vec<&Listener>)> {
    let accepted = all_telling(evidence, |a| a.outcome == Outcome::Connected)?;
    let quiet = |e: &Exchange| e.heard == Heard::Nothing;
    let kept_quiet = !evidence.exchanges.is_empty() && evidence.exchanges.iter().all(quiet);
    if !kept_quiet || !all_own(evidence, &accepted) {
        return None;
    }
    let listeners = met_listeners(evidence, &accepted)?;
    Some((accepted, listeners))
}

/// The listeners that the attempts met; nothing when there are none or they are unknown.
fn met_listeners<'e>(evidence: &'e Evidence, attempts: &[&Attempt]) -> Option<Vec<&'e Listener>> {
    let mut listeners = evidence.listeners_on_port()?;
    listeners.retain(|listener| {
        attempts
            .iter()
            .any(|attempt| listener.accepts(attempt.addr.ip()) != Some(false))
    });
    (!listeners.is_empty()).then_some(listeners)
}

/// Whether the queue drops what comes: it does when more wait than may; as many as may is a moment
/// before or after.
fn fullness(queue: &Queue) -> Option<Certainty> {
    match queue.waiting.cmp(&queue.limit?) {
        std::cmp::Ordering::Greater => Some(Certainty::Certain),
        std::cmp::Ordering::Equal if queue.waiting > 0 => Some(Certainty::Likely),
        std::cmp::Ordering::Equal | std::cmp::Ordering::Less => None,
    }
}

fn of_queue(listener: &Listener) -> Option<Clue> {
    let queue = listener.queue.known()?;
    Some(Clue::QueueHere {
        addr: listener.addr,
        waiting: queue.waiting,
        limit: queue.limit,
    })
}

/// The stopped program behind a listener: the one that holds it where that is known, and otherwise
/// the only one of its user.
fn stopped_holder<'e>(port_use: &'e PortUse, listener: &Listener) -> Option<&'e Process> {
    match listener.process.known() {
        Some(holder) => port_use.stopped.iter().find(|p| p.pid == holder.pid),
        None => match port_use.stopped.as_slice() {
            [only] => Some(only),
            _ => None,
        },
    }
}

/// Where a listener passes connections on to.
fn relay_of<'e>(evidence: &'e Evidence, listener: &Listener) -> Option<&'e Relay> {
    let mut backgrounds = evidence.backgrounds.iter();
    let its = backgrounds.find(|background| background.addr == listener.addr)?;
    its.relay.as_ref()
}

/// Programs that pass connections on to another machine or container.
fn passes_on(process: &Process) -> bool {
    matches!(
        process.name.as_str(),
        "docker-proxy"
            | "rootlessport"
            | "rootlesskit"
            | "conmon"
            | "slirp4netns"
            | "pasta"
            | "ssh"
            | "socat"
            | "kubectl"
            | "haproxy"
            | "com.docker.backend.exe"
            | "wslrelay.exe"
    )
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::*;
    use crate::evidence::{Background, Behind, Connections, Fact, Gap, Os};

    fn own(scene: Scene) -> Scene {
        scene.network("10.77.1.10/24")
    }

    fn queue(mut scene: Scene, waiting: u32, limit: u32) -> Scene {
        if let Fact::Known(listeners) = &mut scene.evidence.listeners {
            listeners[0].queue = Fact::Known(Queue {
                waiting,
                limit: Some(limit),
            });
        }
        scene
    }

    fn uses(mut scene: Scene, port_use: PortUse) -> Scene {
        scene.evidence.port_use = Fact::Known(port_use);
        scene
    }

    fn quiet() -> Scene {
        own(Scene::new("10.77.1.10:5432").silent("10.77.1.10")).listeners(&["0.0.0.0:5432"])
    }

    fn accepted(heard: Heard) -> Scene {
        own(Scene::new("10.77.1.10:5432").connected("10.77.1.10"))
            .exchange("10.77.1.10", Spoke::Nothing, heard)
            .listeners(&["0.0.0.0:5432"])
    }

    fn refused() -> Scene {
        own(Scene::new("10.77.1.10:5432").refused("10.77.1.10"))
            .service("postgresql")
            .listeners(&[])
    }

    fn program(name: &str) -> Process {
        Process {
            pid: 7,
            name: name.to_owned(),
            command: None,
        }
    }

    #[test]
    fn more_waiting_than_may_wait_is_a_full_queue() {
        let rule = accept_queue_full_here;
        let id = "accept-queue-full";
        says(rule, &queue(quiet(), 3, 2), id, Certainty::Certain);
        says(rule, &queue(quiet(), 2, 2), id, Certainty::Likely);
        silent(rule, &queue(quiet(), 1, 2));
        silent(rule, &queue(quiet(), 0, 0));
        silent(rule, &quiet());
    }

    #[test]
    fn a_queue_elsewhere_on_the_port_explains_nothing() {
        let other =
            own(Scene::new("10.77.1.10:5432").silent("10.77.1.10")).listeners(&["127.0.0.1:5432"]);
        silent(accept_queue_full_here, &queue(other, 3, 2));
        let remote = Scene::new("10.77.1.10:5432")
            .silent("10.77.1.10")
            .network("10.77.1.2/24")
            .listeners(&["0.0.0.0:5432"]);
        silent(accept_queue_full_here, &queue(remote, 3, 2));
    }

    #[test]
    fn many_unfinished_handshakes_are_the_other_queue() {
        let half_open = |count| PortUse {
            connections: Connections {
                half_open: count,
                ..Connections::default()
            },
            ..PortUse::default()
        };
        let rule = accept_queue_full_here;
        let full = uses(queue(quiet(), 0, 128), half_open(4));
        says(rule, &full, "accept-queue-full", Certainty::Likely);
        silent(rule, &uses(queue(quiet(), 0, 128), half_open(1)));
    }

    #[test]
    fn a_connection_that_stays_in_the_queue_was_not_served() {
        let waiting = queue(accepted(Heard::Nothing), 1, 4);
        says(server_hung_here, &waiting, "server-hung", Certainty::Likely);
        let stopped = PortUse {
            stopped: vec![program("postgres")],
            ..PortUse::default()
        };
        let of_the_same_user = uses(waiting, stopped.clone());
        let found = says(
            server_hung_here,
            &of_the_same_user,
            "server-hung",
            Certainty::Likely,
        );
        assert!(matches!(found.because[0], Clue::StoppedHere { .. }));
        let named = accepted(Heard::Nothing).listeners(&["0.0.0.0:5432 postgres"]);
        let holder = uses(queue(named, 1, 4), stopped);
        says(server_hung_here, &holder, "server-hung", Certainty::Certain);
    }

    #[test]
    fn a_listener_whose_process_has_ended_is_served_by_nobody_if_it_keeps_silent() {
        let addr = "0.0.0.0:5432".parse().unwrap();
        let ended = |mut scene: Scene| {
            scene.evidence.os = Os::Windows;
            if let Fact::Known(listeners) = &mut scene.evidence.listeners {
                listeners[0].process = Fact::Unknown(Gap::HolderEnded { pid: 4321 });
            }
            scene.evidence.backgrounds = vec![Background {
                heirs: vec![program("node.exe")],
                ..Background::of(addr)
            }];
            scene
        };
        let rule = holder_ended_here;
        let scene = ended(accepted(Heard::Nothing));
        let found = says(rule, &scene, "server-hung", Certainty::Possible);
        let told = Clue::HolderEnded {
            addr,
            pid: 4321,
            heirs: vec![program("node.exe")],
        };
        assert_eq!(found.because[0], told);
        let asked = own(Scene::new("10.77.1.10:5432").connected("10.77.1.10"))
            .exchange("10.77.1.10", Spoke::PostgresSslRequest, Heard::Nothing)
            .listeners(&["0.0.0.0:5432"]);
        says(rule, &ended(asked), "server-hung", Certainty::Likely);
        // An heir that serves the port is as good as the process that opened it.
        let greeted = Heard::Text {
            start: "hello".to_owned(),
        };
        silent(rule, &ended(accepted(greeted)));
        silent(rule, &accepted(Heard::Nothing));
        let beside = accepted(Heard::Nothing).listeners(&["0.0.0.0:5432", "10.77.1.10:5432 x"]);
        silent(rule, &ended(beside));
    }

    #[test]
    fn a_program_that_took_the_connection_is_not_hung() {
        silent(server_hung_here, &queue(accepted(Heard::Nothing), 0, 4));
        let greeted = Heard::Text {
            start: "hello".to_owned(),
        };
        silent(server_hung_here, &queue(accepted(greeted), 1, 4));
        silent(server_hung_here, &accepted(Heard::Nothing));
    }

    #[test]
    fn of_several_stopped_programs_nobody_knows_which_holds_the_listener() {
        let stopped = PortUse {
            stopped: vec![program("one"), program("other")],
            ..PortUse::default()
        };
        let scene = uses(queue(accepted(Heard::Nothing), 1, 4), stopped);
        says(server_hung_here, &scene, "server-hung", Certainty::Likely);
    }

    #[test]
    fn a_relay_that_hangs_up_has_nothing_behind_it() {
        let relay = PortUse {
            relays: vec![program("docker-proxy")],
            ..PortUse::default()
        };
        let rule = relay_without_backend_here;
        let id = "forwarder-without-backend";
        let told = uses(accepted(Heard::Closed), relay.clone());
        says(rule, &told, id, Certainty::Likely);
        let named = accepted(Heard::Reset).listeners(&["0.0.0.0:5432 ssh"]);
        // What is behind a relay may be what resets.
        says(rule, &named, id, Certainty::Possible);
        silent(rule, &accepted(Heard::Closed));
        silent(rule, &uses(accepted(Heard::Nothing), relay));
    }

    #[test]
    fn a_relay_that_says_where_it_leads_is_followed_to_whoever_is_there() {
        let leads = |heard, is_listened_on| {
            let mut scene = accepted(heard).listeners(&["0.0.0.0:5432 systemd-socket-"]);
            let behind = Behind {
                is_listened_on,
                process: None,
                container: None,
            };
            let relay = Relay {
                behind: Some(behind),
                ..Relay::to(Some("127.0.0.1:9999".to_owned()))
            };
            scene.evidence.backgrounds = vec![Background {
                relay: Some(relay),
                ..Background::of("0.0.0.0:5432".parse().unwrap())
            }];
            scene
        };
        let (rule, id) = (relay_without_backend_here, "forwarder-without-backend");
        let found = says(rule, &leads(Heard::Closed, false), id, Certainty::Likely);
        let place = "127.0.0.1:9999".to_owned();
        assert!(found.because.contains(&Clue::NobodyBehind { place }));
        says(rule, &leads(Heard::Reset, false), id, Certainty::Likely);
        says(rule, &leads(Heard::Closed, true), id, Certainty::Possible);
        silent(rule, &leads(Heard::Nothing, false));
    }

    #[test]
    fn a_udp_socket_on_the_port_is_the_service() {
        let udp = |addr: &str| PortUse {
            udp: vec![addr.parse().unwrap()],
            ..PortUse::default()
        };
        let scene = uses(refused(), udp("0.0.0.0:5432"));
        let found = says(udp_service_here, &scene, "udp-service", Certainty::Likely);
        assert_eq!(others(&found), ["nothing-listening"]);
        assert!(is_served_otherwise(&scene.evidence));
        silent(udp_service_here, &uses(refused(), udp("127.0.0.1:5432")));
        silent(udp_service_here, &refused());
        let tcp_too = refused().listeners(&["127.0.0.1:5432"]);
        silent(udp_service_here, &uses(tcp_too, udp("0.0.0.0:5432")));
        let mut lent = udp("0.0.0.0:5432");
        lent.lent_to_clients = true;
        silent(udp_service_here, &uses(refused(), lent.clone()));
        let wireguard = uses(refused().service("wireguard"), lent.clone());
        says(
            udp_service_here,
            &wireguard,
            "udp-service",
            Certainty::Likely,
        );
        let twin = udp_twin(&uses(refused(), lent).evidence);
        assert_eq!(twin, Some("0.0.0.0:5432".parse().unwrap()));
    }

    #[test]
    fn a_service_on_its_unix_socket_is_not_down() {
        let socket = |path: &str| PortUse {
            unix: vec![path.to_owned()],
            ..PortUse::default()
        };
        let (rule, id) = (unix_socket_only, "unix-socket-only");
        let named = uses(refused(), socket("/run/postgresql/.s.PGSQL.5432"));
        says(rule, &named, id, Certainty::Certain);
        silent(
            rule,
            &uses(refused(), socket("/run/postgresql/.s.PGSQL.5433")),
        );
        silent(rule, &uses(refused(), socket("/run/mysqld/mysqld.sock")));
        let mysql = refused().service("mysql");
        let mysql = uses(mysql, socket("/run/mysqld/mysqld.sock"));
        says(rule, &mysql, id, Certainty::Likely);
    }

    #[test]
    fn a_port_that_a_client_borrowed_cannot_be_listened_on() {
        let held = |lent_to_clients| PortUse {
            connections: Connections {
                established: 1,
                ..Connections::default()
            },
            lent_to_clients,
            ..PortUse::default()
        };
        let scene = uses(refused(), held(true));
        says(port_reserved, &scene, "port-reserved", Certainty::Likely);
        // Elsewhere these are what is left of a service's own connections.
        silent(port_reserved, &uses(refused(), held(false)));
        silent(port_reserved, &refused());
    }
}
