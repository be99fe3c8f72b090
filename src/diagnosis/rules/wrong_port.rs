//! `wrong-port`: refused here, and the service is on another port of that host.
//!
//! PostgreSQL moves to 5433 when 5432 is taken, development servers count upwards. What answers next
//! door may be something else, so this is never certain: asking what runs there decides. And it takes
//! more than being next door: one of the service's usual ports, its own program, or one that serves
//! whatever it is told to, as development servers do. A stranger next door is but an alternative. The
//! ports that count are `evidence::neighbour_ports`; a machine's own table may also show the service's
//! program on any port.

use super::clues::{of_attempts, of_listener, of_reference};
use super::reading::{all_telling, finding, or, references, refused_by_reset, refused_here};
use crate::diagnosis::{Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{
    Attempt, Evidence, Listener, Outcome, belongs_to_another_service, belongs_to_same_service,
    neighbour_ports,
};

/// Another port of the same host accepts, and something speaks for the service being there.
pub fn wrong_port(evidence: &Evidence) -> Option<Finding> {
    let (asked, door) = open_door(evidence)?;
    if !door.is_related {
        return None;
    }
    let mut clues = of_attempts(asked);
    clues.push(door.clue);
    let cause = Cause::WrongPort { found: door.port };
    let mut found = finding(cause, Certainty::Likely, clues);
    let test = DecidingTest::AskWhatRunsOnPort { port: door.port };
    found.alternatives = vec![or(Cause::NothingListening, test)];
    Some(found)
}

/// An open port beside the refused one.
pub struct OpenDoor {
    /// Which.
    pub port: u16,
    /// Something speaks for the service being behind it, beside the number of the port.
    pub is_related: bool,
    clue: Clue,
}

/// The best open port beside a refused one: from this machine's table when the target is here,
/// else from the ports that were tried.
pub fn open_door(evidence: &Evidence) -> Option<(Vec<&Attempt>, OpenDoor)> {
    let asked = all_telling(evidence, refused_by_reset)?;
    let mut doors = match (refused_here(evidence), evidence.listeners.known()) {
        (Some(asked), Some(listeners)) => {
            if listeners
                .iter()
                .any(|l| l.addr.port() == evidence.target.port)
            {
                return None;
            }
            doors_here(evidence, &asked, listeners)
        }
        (Some(_), None) | (None, _) => doors_tried(evidence, &asked),
    };
    // Stable: among equals the likelier port stays in front.
    doors.sort_by_key(|door| !door.is_related);
    let best = doors.into_iter().next()?;
    Some((asked, best))
}

fn doors_here(evidence: &Evidence, asked: &[&Attempt], listeners: &[Listener]) -> Vec<OpenDoor> {
    let service = evidence.target.service.as_deref();
    let reachable = |l: &&Listener| asked.iter().all(|a| l.accepts(a.addr.ip()) != Some(false));
    let door = |l: &Listener| OpenDoor {
        port: l.addr.port(),
        is_related: is_related(evidence, l),
        clue: of_listener(l),
    };
    let own_program =
        |l: &&Listener| program_of(l).is_some_and(|program| Some(program) == service_key(service));
    let near = neighbour_ports(evidence.target.port, service);
    let on = |port: u16| listeners.iter().filter(move |l| l.addr.port() == port);
    listeners
        .iter()
        .filter(own_program)
        .chain(near.into_iter().flat_map(on))
        .filter(reachable)
        .map(door)
        .collect()
}

fn doors_tried(evidence: &Evidence, asked: &[&Attempt]) -> Vec<OpenDoor> {
    let target = &evidence.target;
    let service = target.service.as_deref();
    let open = |port: u16| {
        let mut tried = references(evidence, asked).filter(move |r| r.addr.port() == port);
        tried.find(|r| r.outcome == Outcome::Connected)
    };
    let door = |reference: &Attempt| {
        let port = reference.addr.port();
        of_reference(reference).map(|clue| OpenDoor {
            port,
            is_related: belongs_to_same_service(port, target.port, service),
            clue,
        })
    };
    neighbour_ports(target.port, service)
        .into_iter()
        .filter_map(open)
        .filter_map(door)
        .collect()
}

/// What a program is says more than its port: a known server is of this service or of another one.
fn is_related(evidence: &Evidence, listener: &Listener) -> bool {
    let (wanted, found) = (evidence.target.port, listener.addr.port());
    let service = evidence.target.service.as_deref();
    if let Some(program) = program_of(listener) {
        return Some(program) == service_key(service);
    }
    belongs_to_same_service(found, wanted, service)
        || (serves_anything(listener) && !belongs_to_another_service(found, wanted, service))
}

/// The service whose known server program holds this socket; nothing for programs that serve
/// anything (interpreters, relays) and for those hidden from us.
fn program_of(listener: &Listener) -> Option<&'static str> {
    let name = name_of(listener)?;
    let is_it = |names: &[&str]| names.contains(&name.as_str());
    let known = PROGRAMS.iter().find(|(_, names)| is_it(names));
    known.map(|(service, _)| *service)
}

/// Whether the program is one that runs other people's servers, or passes connections on.
fn serves_anything(listener: &Listener) -> bool {
    name_of(listener).is_some_and(|name| {
        // `python3.11`, `ruby3.1`, `php8.2`
        let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        SERVING_ANYTHING.contains(&bare)
    })
}

fn name_of(listener: &Listener) -> Option<String> {
    let name = listener.process.known()?.name.to_ascii_lowercase();
    Some(name.strip_suffix(".exe").unwrap_or(&name).to_owned())
}

fn service_key(service: Option<&str>) -> Option<&'static str> {
    let service = service?;
    let (_, key) = SPELLINGS.iter().find(|(name, _)| *name == service)?;
    Some(key)
}

/// Server programs that serve one thing only.
const PROGRAMS: &[(&str, &[&str])] = &[
    ("postgresql", &["postgres", "postmaster", "pgbouncer"]),
    ("mysql", &["mysqld", "mariadbd"]),
    ("redis", &["redis-server", "valkey-server", "keydb-server"]),
    ("mongodb", &["mongod", "mongos"]),
    ("http", &["nginx", "apache2", "httpd", "caddy", "lighttpd"]),
    ("ssh", &["sshd", "sshd-session", "dropbear"]),
    ("smtp", &["master", "exim4", "sendmail"]),
    ("memcached", &["memcached"]),
    ("mssql", &["sqlservr"]),
    ("nats", &["nats-server"]),
    ("mqtt", &["mosquitto"]),
    ("smb", &["smbd"]),
    ("ldap", &["slapd"]),
    ("ftp", &["vsftpd", "proftpd"]),
    ("imap", &["dovecot"]),
    (
        "dns",
        &["systemd-resolve", "systemd-resolved", "dnsmasq", "named"],
    ),
    ("printing", &["cupsd"]),
];

/// Interpreters and development servers, and relays into containers and other machines. Node.js calls
/// its first thread so on Linux since version 22.
const SERVING_ANYTHING: &[&str] = &[
    "python",
    "node",
    "mainthread",
    "deno",
    "bun",
    "ruby",
    "php",
    "java",
    "dotnet",
    "perl",
    "beam.smp",
    "uvicorn",
    "gunicorn",
    "hypercorn",
    "puma",
    "vite",
    "esbuild",
    "webpack",
    "next-server",
    "hugo",
    "docker-proxy",
    "rootlessport",
    "slirp",
    "ssh",
    "socat",
    "kubectl",
    "wslrelay",
];

/// Service ids by the key of [`PROGRAMS`].
const SPELLINGS: &[(&str, &str)] = &[
    ("postgresql", "postgresql"),
    ("postgres", "postgresql"),
    ("mysql", "mysql"),
    ("mariadb", "mysql"),
    ("redis", "redis"),
    ("valkey", "redis"),
    ("mongodb", "mongodb"),
    ("http", "http"),
    ("https", "http"),
    ("ssh", "ssh"),
    ("smtp", "smtp"),
    ("submission", "smtp"),
    ("memcached", "memcached"),
    ("mssql", "mssql"),
    ("sqlserver", "mssql"),
    ("nats", "nats"),
    ("mqtt", "mqtt"),
    ("smb", "smb"),
    ("ldap", "ldap"),
    ("ftp", "ftp"),
    ("dns", "dns"),
    ("imap", "imap"),
    ("ipp", "printing"),
];

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::super::nothing_listening::nothing_listening;
    use super::*;

    fn far() -> Scene {
        Scene::new("10.77.1.10:5432")
            .service("postgresql")
            .refused("10.77.1.10")
            .network("10.77.1.2/24")
    }

    fn here(port: u16) -> Scene {
        Scene::new(&format!("127.0.0.1:{port}")).refused("127.0.0.1")
    }

    #[test]
    fn an_open_port_next_door_is_probably_the_service() {
        let scene = far().reference("10.77.1.10:5433", Outcome::Connected);
        let found = says(wrong_port, &scene, "wrong-port", Certainty::Likely);
        assert_eq!(found.cause, Cause::WrongPort { found: 5433 });
        let test = DecidingTest::AskWhatRunsOnPort { port: 5433 };
        assert_eq!(found.alternatives[0].decided_by, test);
        assert_eq!(others(&found), ["nothing-listening"]);
    }

    #[test]
    fn a_port_that_refuses_or_lies_far_away_is_no_door() {
        silent(
            wrong_port,
            &far().reference("10.77.1.10:5433", Outcome::Refused),
        );
        silent(
            wrong_port,
            &far().reference("10.77.1.10:22", Outcome::Connected),
        );
        silent(
            wrong_port,
            &far().reference("10.77.1.11:5433", Outcome::Connected),
        );
        silent(wrong_port, &far());
    }

    #[test]
    fn another_services_own_port_is_not_taken_for_this_one() {
        let telnet = Scene::new("10.77.1.10:23")
            .service("telnet")
            .refused("10.77.1.10")
            .reference("10.77.1.10:22", Outcome::Connected);
        silent(wrong_port, &telnet);
        assert!(!open_door(&telnet.evidence).unwrap().1.is_related);
    }

    #[test]
    fn a_listener_next_door_on_this_machine_counts() {
        let scene = here(8123).listeners(&["127.0.0.1:8124 python3"]);
        let found = says(wrong_port, &scene, "wrong-port", Certainty::Likely);
        assert_eq!(found.cause, Cause::WrongPort { found: 8124 });
        says(
            wrong_port,
            &here(8123).listeners(&["127.0.0.1:8124 python3.11"]),
            "wrong-port",
            Certainty::Likely,
        );
    }

    #[test]
    fn a_stranger_next_door_is_not_taken_for_the_service() {
        for stranger in [
            "127.0.0.1:8124",
            "127.0.0.1:8124 steam",
            "127.0.0.1:8124 nginx",
        ] {
            let scene = here(8123).listeners(&[stranger]);
            silent(wrong_port, &scene);
            says(
                nothing_listening,
                &scene,
                "nothing-listening",
                Certainty::Certain,
            );
        }
        let far = Scene::new("10.77.1.10:40001")
            .refused("10.77.1.10")
            .network("10.77.1.2/24")
            .reference("10.77.1.10:40002", Outcome::Connected);
        silent(wrong_port, &far);
        let found = says(
            nothing_listening,
            &far,
            "nothing-listening",
            Certainty::Likely,
        );
        assert_eq!(others(&found)[0], "wrong-port");
    }

    #[test]
    fn a_hidden_program_on_a_usual_port_of_the_service_is_probably_the_service() {
        let scene = here(5432)
            .service("postgresql")
            .listeners(&["0.0.0.0:5433"]);
        says(wrong_port, &scene, "wrong-port", Certainty::Likely);
    }

    #[test]
    fn a_listener_next_door_must_be_reachable_at_the_asked_address() {
        silent(
            wrong_port,
            &here(8123).listeners(&["10.77.1.10:8124 python3"]),
        );
        silent(wrong_port, &here(8123).listeners(&["[::1]:8124 python3"]));
        silent(wrong_port, &here(8123).listeners(&[]));
    }

    #[test]
    fn another_services_program_is_not_taken_for_this_one() {
        let scene = here(5432)
            .service("postgresql")
            .listeners(&["127.0.0.1:5433 redis-server"]);
        silent(wrong_port, &scene);
        assert!(!open_door(&scene.evidence).unwrap().1.is_related);
    }

    #[test]
    fn the_services_own_program_counts_on_any_port() {
        let scene = here(5432)
            .service("postgresql")
            .listeners(&["127.0.0.1:5431 redis-server", "0.0.0.0:6000 postgres"]);
        let found = says(wrong_port, &scene, "wrong-port", Certainty::Likely);
        assert_eq!(found.cause, Cause::WrongPort { found: 6000 });
    }

    #[test]
    fn a_service_on_the_asked_port_has_another_trouble() {
        let scene = here(8080).listeners(&["10.77.1.10:8080", "127.0.0.1:8081"]);
        silent(wrong_port, &scene);
    }
}
