//! What a peer does once it has accepted: `server-resets`, `forwarder-without-backend`,
//! `server-hung`, `server-slow`.
//!
//! Sources: RFC 9293, 3.10.7.4 (a reset ends a connection that stood), tcp(7) (`TCP_INFO`: a system
//! acknowledges on behalf of a program that reads nothing). A relay accepts before it dials, and
//! closes in an orderly way when nobody answers there: docker-proxy, `ssh -L`, socat, load balancers
//! do, but so does a program that wants nobody; from outside that is never certain. Nor is a program
//! that keeps silent known to be hung: some only need longer than we wait.

use super::clues::{of_exchange, of_fate, of_standing};
use super::reachable::reachable;
use super::reading::{
    AT_ONCE, Fate, another_address_serves, connected, fate, finding, is_question, or,
    protocol_was_named,
};
use super::reads_and_waits::closes_with_us;
use super::wrong_protocol::TLS_PORTS;
use crate::diagnosis::{Alternative, Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{Evidence, Exchange, Heard, Outcome, Spoke};

/// It accepts, then resets.
pub fn server_resets(evidence: &Evidence) -> Option<Finding> {
    // A reset that answers a hello may be a plain port's: see `wrong_protocol`.
    let exchange = ended(evidence, |e| {
        e.heard == Heard::Reset && !matches!(e.spoke, Spoke::TlsHello | Spoke::LargeTlsHello)
    })?;
    // A device before the server may reset as well, so not even what comes unasked is proof.
    let mut found = finding(
        Cause::ServerResets,
        Certainty::Likely,
        clues(evidence, exchange),
    );
    found.alternatives = vec![
        or(
            Cause::ForwarderWithoutBackend,
            DecidingTest::LookAtListenersOnTarget,
        ),
        or(
            Cause::WrongService { found: None },
            DecidingTest::UseUsualClient,
        ),
    ];
    Some(found)
}

/// It accepts, then closes before a byte was said.
pub fn forwarder_without_backend(evidence: &Evidence) -> Option<Finding> {
    let exchange = ended(evidence, |e| {
        e.heard == Heard::Closed && !matches!(e.spoke, Spoke::TlsHello | Spoke::LargeTlsHello)
    })?;
    let may_want_tls =
        exchange.spoke == Spoke::HttpGet && TLS_PORTS.contains(&evidence.target.port);
    if speaks_tls(evidence, exchange) || may_want_tls {
        return None;
    }
    // Services that greet hang up on callers they do not want: too many, or not on the list.
    let may_not_want_us = exchange.spoke == Spoke::Nothing && greets(evidence);
    let certainty = if may_not_want_us || exchange.took > AT_ONCE {
        Certainty::Possible
    } else {
        Certainty::Likely
    };
    let cause = Cause::ForwarderWithoutBackend;
    let mut found = finding(cause, certainty, clues(evidence, exchange));
    let other = if may_not_want_us {
        or(Cause::SourceBlocked, DecidingTest::TryFromElsewhere)
    } else {
        or(
            Cause::WrongService { found: None },
            DecidingTest::UseUsualClient,
        )
    };
    found.alternatives = vec![
        or(Cause::ServerResets, DecidingTest::LookAtServiceLog),
        other,
    ];
    Some(found)
}

/// Its system takes our question, and no answer comes.
pub fn server_hung(evidence: &Evidence) -> Option<Finding> {
    let exchange = evidence
        .exchanges
        .iter()
        .find(|e| is_silent_when_due(evidence, e))?;
    let lost = |e: &Exchange| matches!(fate(e), Some(Fate::Lost { .. } | Fate::NotTaken));
    if !connected(evidence)
        || another_address_serves(evidence, exchange.addr)
        || closes_with_us(evidence, exchange)
        || evidence.exchanges.iter().any(lost)
        || evidence
            .exchanges
            .iter()
            .any(|e| e.addr == exchange.addr && answered_small(e))
    {
        return None;
    }
    let has_it = fate(exchange) == Some(Fate::Acknowledged) || exchange.spoke == Spoke::Nothing;
    let certainty = if has_it {
        Certainty::Likely
    } else {
        Certainty::Possible
    };
    let mut found = finding(Cause::ServerHung, certainty, clues(evidence, exchange));
    found.alternatives = look_alikes_of_silence(evidence, exchange, has_it);
    Some(found)
}

/// Whether somebody who should have spoken by now did not.
pub fn is_silent_when_due(evidence: &Evidence, exchange: &Exchange) -> bool {
    let is_due = is_question(exchange.spoke)
        || (greets(evidence)
            && exchange.took.as_secs_f64() >= evidence.patience.as_secs_f64() * NEARLY);
    exchange.heard == Heard::Nothing && !exchange.small_segments && is_due
}

fn answered_small(exchange: &Exchange) -> bool {
    exchange.small_segments && exchange.heard != Heard::Nothing
}

fn look_alikes_of_silence(
    evidence: &Evidence,
    exchange: &Exchange,
    has_it: bool,
) -> Vec<Alternative> {
    let asked_by_port = matches!(exchange.spoke, Spoke::PostgresSslRequest | Spoke::RedisPing)
        && !protocol_was_named(evidence);
    let slow = or(Cause::ServerSlow, DecidingTest::TryLater);
    match (has_it, asked_by_port) {
        // The port is a custom, no more: another service may be waiting for its own client.
        (true, true) => vec![
            or(Cause::ReachableSilent, DecidingTest::UseUsualClient),
            slow,
        ],
        (true, false) => vec![
            slow,
            or(
                Cause::WrongService { found: None },
                DecidingTest::UseUsualClient,
            ),
        ],
        (false, _) => vec![or(Cause::DataDropped, DecidingTest::TryFromElsewhere), slow],
    }
}

/// The exchange of a peer that is near and took long to answer.
pub fn answered_late(evidence: &Evidence) -> Option<&Exchange> {
    let distance = |e: &Exchange| {
        let mut attempts = evidence.attempts.iter().filter(|a| a.addr == e.addr);
        attempts
            .find(|a| a.outcome == Outcome::Connected)
            .map(|a| a.took)
    };
    let is_late = |e: &&Exchange| {
        let answers = matches!(
            e.heard,
            Heard::Http { .. } | Heard::Text { .. } | Heard::Tls { .. }
        );
        answers && e.took >= LATE && distance(e).is_some_and(|took| took < AT_ONCE)
    };
    evidence.exchanges.iter().find(is_late)
}

/// It answers well, and late.
pub fn server_slow(evidence: &Evidence) -> Option<Finding> {
    let exchange = answered_late(evidence)?;
    if another_address_serves(evidence, exchange.addr) {
        return None;
    }
    let mut clues = vec![Clue::AnsweredLate {
        addr: exchange.addr,
        took: exchange.took,
    }];
    clues.extend(of_exchange(exchange));
    clues.extend(of_standing(evidence));
    // What answers with an error is wrong in another way. And lost packets make any server late.
    reachable(evidence)?;
    let mut found = finding(Cause::ServerSlow, Certainty::Likely, clues);
    found.alternatives = vec![or(Cause::PacketLoss, DecidingTest::RepeatTest)];
    Some(found)
}

/// The exchange in which a peer ended the connection, unless another address serves.
fn ended(evidence: &Evidence, test: impl Fn(&Exchange) -> bool) -> Option<&Exchange> {
    let exchange = evidence.exchanges.iter().find(|exchange| test(exchange))?;
    let alone = connected(evidence) && !another_address_serves(evidence, exchange.addr);
    alone.then_some(exchange)
}

/// Whether TLS was set up with this peer before.
fn speaks_tls(evidence: &Evidence, exchange: &Exchange) -> bool {
    let mut of_peer = evidence
        .exchanges
        .iter()
        .filter(|e| e.addr == exchange.addr);
    of_peer.any(|e| matches!(e.heard, Heard::Tls { .. }))
}

fn clues(evidence: &Evidence, exchange: &Exchange) -> Vec<Clue> {
    let mut clues: Vec<Clue> = of_exchange(exchange).into_iter().collect();
    clues.extend(of_fate(exchange));
    clues.extend(of_standing(evidence));
    clues
}

/// Whether the service speaks first.
fn greets(evidence: &Evidence) -> bool {
    let service = evidence.target.service.as_deref().unwrap_or_default();
    GREET.contains(&service)
}

/// Services whose server greets before the client may speak (RFC 4253, 5321, 959, 3501, 1939, 6143,
/// and MySQL's handshake packet).
const GREET: [&str; 9] = [
    "ssh",
    "sftp",
    "smtp",
    "submission",
    "ftp",
    "imap",
    "pop3",
    "mysql",
    "vnc",
];

/// The share of the patience after which a greeting that is still to come is late.
const NEARLY: f64 = 0.9;

/// Later than this nobody is content.
const LATE: std::time::Duration = std::time::Duration::from_secs(3);

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::*;
    use crate::evidence::Page;
    use crate::target::Protocol;
    use std::time::Duration;

    const IP: &str = "10.77.1.10";
    const RULES: [super::super::Rule; 4] = [
        server_resets,
        forwarder_without_backend,
        server_hung,
        server_slow,
    ];

    fn postgres() -> Scene {
        Scene::new("10.77.1.10:5432")
            .service("postgresql")
            .connected(IP)
    }

    fn quick(mut scene: Scene) -> Scene {
        scene.last().took = Duration::from_millis(2);
        scene
    }

    #[test]
    fn a_reset_that_nothing_was_said_before_is_the_servers_own() {
        let id = "server-resets";
        let unasked = postgres().exchange(IP, Spoke::Nothing, Heard::Reset);
        says(server_resets, &unasked, id, Certainty::Likely);
        for spoke in [Spoke::PostgresSslRequest, Spoke::HttpGet] {
            let asked = postgres().exchange(IP, spoke, Heard::Reset);
            says(server_resets, &asked, id, Certainty::Likely);
        }
        silent(
            server_resets,
            &postgres().exchange(IP, Spoke::TlsHello, Heard::Reset),
        );
    }

    #[test]
    fn an_orderly_end_before_a_byte_is_what_relays_do_and_never_certain() {
        let id = "forwarder-without-backend";
        let closed = quick(postgres().exchange(IP, Spoke::Nothing, Heard::Closed));
        says(forwarder_without_backend, &closed, id, Certainty::Likely);
        let ssh = quick(
            Scene::new("10.77.1.10:22")
                .service("ssh")
                .connected(IP)
                .exchange(IP, Spoke::Nothing, Heard::Closed),
        );
        let found = says(forwarder_without_backend, &ssh, id, Certainty::Possible);
        assert_eq!(others(&found), ["server-resets", "source-blocked"]);
    }

    #[test]
    fn an_end_on_a_tls_port_or_inside_tls_is_no_relays() {
        let plain = Scene::new("10.77.1.10:443").connected(IP);
        silent(
            forwarder_without_backend,
            &quick(plain.exchange(IP, Spoke::HttpGet, Heard::Closed)),
        );
        let tls = Heard::Tls {
            version: "TLS 1.3".to_owned(),
            certificates: 1,
            presented: None,
        };
        let inside = postgres().exchange(IP, Spoke::TlsHello, tls).exchange(
            IP,
            Spoke::HttpsGet,
            Heard::Closed,
        );
        silent(forwarder_without_backend, &quick(inside));
    }

    #[test]
    fn a_question_that_arrived_and_is_not_answered_shows_a_program_that_does_not_serve() {
        let id = "server-hung";
        let hung = || postgres().stalled(IP, Spoke::PostgresSslRequest, (0, 0, 0));
        let found = says(server_hung, &hung(), id, Certainty::Likely);
        assert_eq!(others(&found), ["reachable-silent", "server-slow"]);
        let named = says(
            server_hung,
            &hung().scheme("postgres"),
            id,
            Certainty::Likely,
        );
        assert_eq!(others(&named), ["server-slow", "wrong-service"]);
        let unread = postgres().exchange(IP, Spoke::HttpGet, Heard::Nothing);
        let found = says(server_hung, &unread, id, Certainty::Possible);
        assert_eq!(others(&found), ["data-dropped", "server-slow"]);
    }

    #[test]
    fn a_question_that_did_not_arrive_says_nothing_of_the_program() {
        for state in [(1, 3, 0), (0, 0, 8)] {
            silent(server_hung, &postgres().stalled(IP, Spoke::HttpGet, state));
        }
    }

    #[test]
    fn a_service_that_should_greet_and_does_not_is_hung_and_another_may_wait() {
        let greeting = |service: &str| {
            let scene = Scene::new("10.77.1.10:3306").service(service).connected(IP);
            let mut scene = scene.exchange(IP, Spoke::Nothing, Heard::Nothing);
            scene.last().took = Duration::from_secs(4);
            scene
        };
        says(
            server_hung,
            &greeting("mysql"),
            "server-hung",
            Certainty::Likely,
        );
        silent(server_hung, &greeting("kafka"));
        let mut brief = greeting("mysql");
        brief.last().took = Duration::from_secs(1);
        silent(server_hung, &brief);
    }

    #[test]
    fn a_late_answer_is_late_whatever_it_says() {
        let page = Heard::Http {
            status: 200,
            server: None,
            wants_tls: false,
            page: Page::default(),
        };
        let web = Scene::new("10.77.1.10:8080")
            .protocol(Protocol::Http)
            .connected(IP);
        let mut scene = web.exchange(IP, Spoke::HttpGet, page);
        silent(server_slow, &scene);
        scene.last().took = Duration::from_millis(3500);
        says(server_slow, &scene, "server-slow", Certainty::Likely);
    }

    #[test]
    fn where_another_address_serves_the_name_is_not_down() {
        for (spoke, heard) in [
            (Spoke::Nothing, Heard::Reset),
            (Spoke::Nothing, Heard::Closed),
            (Spoke::HttpGet, Heard::Nothing),
        ] {
            let greeting = Heard::Text {
                start: "hello".to_owned(),
            };
            let scene = postgres()
                .connected("10.77.1.11")
                .exchange(IP, spoke, heard)
                .exchange("10.77.1.11", Spoke::Nothing, greeting);
            for rule in RULES {
                silent(rule, &scene);
            }
        }
    }

    #[test]
    fn nothing_heard_of_is_nothing_said() {
        for rule in RULES {
            silent(rule, &postgres());
            silent(rule, &Scene::new("10.77.1.10:5432"));
        }
    }
}
