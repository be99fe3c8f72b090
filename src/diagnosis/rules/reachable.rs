//! `reachable` and `reachable-silent`: the connection stands.
//!
//! How sure that is of the service working depends on how far we looked. A web page that comes,
//! an answer to a first question and a greeting that fits are proof. So is a TLS handshake whose
//! certificate is valid, fits and is trusted; a redirect or an error page shows a web server, not
//! the application. Silence is what most protocols begin with, and what a hung program does too:
//! never certain.

use super::after_accept::answered_late;
use super::certificate::{has_defect, is_sound, presented};
use super::clues::{of_attempts, of_exchange, of_firewalls};
use super::pasted_error::explains_more;
use super::proxy::stands_in_the_way;
use super::reading::{finding, is_postgres, is_redis, or, spoke_oddly, telling_attempts};
use super::reads_and_waits::waits_for_another_client;
use super::repeated::fails_at_times;
use super::wrong_service::wrong_service_by_port;
use crate::diagnosis::{Alternative, Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{Evidence, Exchange, Heard, Outcome, Spoke};
use crate::target::{Protocol, TlsMode};

/// Connected, and nothing speaks against the service working.
pub fn reachable(evidence: &Evidence) -> Option<Finding> {
    let mut clues = all_connected(evidence)?;
    clues.extend(of_firewalls(evidence));
    if evidence.exchanges.is_empty() {
        // Some ports act on bytes, and on silence: there we hang up, and that is all there is to
        // know. Elsewhere the conversation is still to come, or was cut short.
        let hung_up = evidence.target.protocol == Protocol::ConnectOnly;
        let certainty = if hung_up {
            Certainty::Likely
        } else {
            Certainty::Possible
        };
        return Some(finding(Cause::Reachable, certainty, clues));
    }
    let mut certainty = certainty(evidence)?;
    if explains_more(evidence) {
        certainty = Certainty::Possible;
    }
    // What speaks against it without proof is not to be outdone by this.
    let is_hindered = answered_late(evidence).is_some() || stands_in_the_way(evidence);
    if is_hindered || evidence.exchanges.iter().any(|e| e.heard == Heard::Nothing) {
        certainty = certainty.min(Certainty::Likely);
    }
    let heard: Vec<Clue> = evidence.exchanges.iter().filter_map(of_exchange).collect();
    clues.splice(0..0, heard);
    if fits(evidence) {
        clues.insert(0, Clue::CertificateFits);
    }
    let others = look_alikes(evidence);
    if others
        .iter()
        .any(|other| other.cause == Cause::DatabaseRequiresTls)
    {
        clues.push(Clue::AddressForbidsTls);
    }
    let mut found = finding(Cause::Reachable, certainty, clues);
    found.alternatives = others;
    Some(found)
}

/// The surest of what peers said, as far as the TLS around it is sound; nothing when something
/// speaks against the service.
fn certainty(evidence: &Evidence) -> Option<Certainty> {
    let mut inside: Option<Certainty> = None;
    let mut around: Option<Certainty> = None;
    for exchange in evidence
        .exchanges
        .iter()
        .filter(|e| e.heard != Heard::Nothing)
    {
        let how_well = how_well(evidence, exchange)?;
        if matches!(exchange.heard, Heard::Tls { .. }) {
            around = Some(around.map_or(how_well, |other| other.min(how_well)));
        } else {
            inside = Some(inside.map_or(how_well, |other| other.max(how_well)));
        }
    }
    match (inside, around) {
        (Some(inside), Some(around)) => Some(inside.min(around)),
        (one, None) | (None, one) => one,
    }
}

/// Whether every certificate that was shown is sound.
fn fits(evidence: &Evidence) -> bool {
    let mut shown = presented(evidence).peekable();
    shown.peek().is_some() && shown.all(|(_, presented)| is_sound(presented))
}

/// What an answer that works in part may hide.
fn look_alikes(evidence: &Evidence) -> Vec<Alternative> {
    let forbids_tls = evidence.target.tls == Some(TlsMode::Disable);
    let may_insist_on_tls = |e: &Exchange| {
        e.spoke == Spoke::PostgresSslRequest
            && matches!(&e.heard, Heard::Text { start } if start == "S")
    };
    let may_depend_on_host = |e: &Exchange| {
        matches!(
            e.heard,
            Heard::Http {
                status: 400 | 403,
                ..
            }
        )
    };
    let mut others = Vec::new();
    if forbids_tls && evidence.exchanges.iter().any(may_insist_on_tls) {
        others.push(or(Cause::DatabaseRequiresTls, DecidingTest::UseUsualClient));
    }
    if evidence.exchanges.iter().any(may_depend_on_host) {
        others.push(or(
            Cause::HostHeaderRejected,
            DecidingTest::ConnectByAddress,
        ));
    }
    others
}

/// Connected, and nothing was heard while we listened.
pub fn reachable_silent(evidence: &Evidence) -> Option<Finding> {
    let mut clues = all_connected(evidence)?;
    let listened = |e: &Exchange| e.spoke == Spoke::Nothing && e.heard == Heard::Nothing;
    if evidence.exchanges.is_empty() || !evidence.exchanges.iter().all(listened) {
        return None;
    }
    clues.extend(evidence.exchanges.iter().filter_map(of_exchange));
    clues.extend(of_firewalls(evidence));
    let certainty = if explains_more(evidence) {
        Certainty::Possible
    } else {
        Certainty::Likely
    };
    Some(finding(Cause::ReachableSilent, certainty, clues))
}

/// Whether the connection stands, as far as we looked. That another service than the port's usual
/// one answers is no trouble of the connection.
pub fn works(evidence: &Evidence) -> bool {
    [
        reachable,
        reachable_silent,
        waits_for_another_client,
        wrong_service_by_port,
    ]
    .iter()
    .any(|rule| rule(evidence).is_some())
}

/// Every address that matters accepted, and no peer behaved oddly.
fn all_connected(evidence: &Evidence) -> Option<Vec<Clue>> {
    let telling = telling_attempts(evidence);
    let stands = !telling.is_empty() && telling.iter().all(|a| a.outcome == Outcome::Connected);
    let well = !evidence.exchanges.iter().any(spoke_oddly) && !fails_at_times(evidence);
    (stands && well).then(|| of_attempts(telling))
}

/// What an answer proves of the service; nothing when it speaks against it.
fn how_well(evidence: &Evidence, exchange: &Exchange) -> Option<Certainty> {
    match &exchange.heard {
        Heard::Http { status, .. } => match status {
            200..=299 => Some(Certainty::Certain),
            500.. => None,
            _ => Some(Certainty::Likely),
        },
        Heard::Tls { presented, .. } => match presented {
            Some(presented) if is_sound(presented) => Some(Certainty::Certain),
            Some(presented) if has_defect(presented) => None,
            Some(_) | None => Some(Certainty::Likely),
        },
        Heard::Text { start } => match exchange.spoke {
            Spoke::PostgresSslRequest => {
                is_postgres(start).then(|| postgres_fits(evidence.target.tls, start))
            }
            Spoke::RedisPing => is_redis(start).then_some(Certainty::Certain),
            Spoke::Nothing
            | Spoke::TlsHello
            | Spoke::LargeTlsHello
            | Spoke::HttpGet
            | Spoke::HttpsGet => greeting_fits(evidence.target.service.as_deref(), start),
        },
        Heard::Nothing
        | Heard::Closed
        | Heard::Reset
        | Heard::TlsAlert { .. }
        | Heard::TlsIncompatible { .. }
        | Heard::NotTls { .. }
        | Heard::Failed { .. } => None,
    }
}

/// A server that has TLS may insist on it, and one that has none is of no use to who does.
fn postgres_fits(tls: Option<TlsMode>, start: &str) -> Certainty {
    let as_wished = match tls {
        None | Some(TlsMode::Prefer) => start == "S" || start == "N",
        Some(TlsMode::Disable) => start == "N",
        // Whether the certificate pleases is not known.
        Some(TlsMode::Require) => start == "S",
        Some(TlsMode::Verify) => false,
    };
    if as_wished {
        Certainty::Certain
    } else {
        Certainty::Likely
    }
}

/// How the services greet that speak first (RFC 4253, 5321, 959, 3501, 1939, 6143). A greeting of
/// another kind is another service, or a refusal in words.
const GREETINGS: &[(&str, &[&str])] = &[
    ("ssh", &["SSH-"]),
    ("sftp", &["SSH-"]),
    ("smtp", &["220"]),
    ("ftp", &["220"]),
    ("imap", &["* OK", "* PREAUTH"]),
    ("pop3", &["+OK"]),
    ("vnc", &["RFB "]),
];

fn greeting_fits(service: Option<&str>, start: &str) -> Option<Certainty> {
    let Some(service) = service else {
        return Some(Certainty::Certain);
    };
    let Some((_, begins)) = GREETINGS.iter().find(|(name, _)| *name == service) else {
        return Some(Certainty::Likely);
    };
    begins
        .iter()
        .any(|begin| start.starts_with(begin))
        .then_some(Certainty::Certain)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, says, silent};
    use super::*;

    const IP: &str = "10.77.1.10";

    fn connected() -> Scene {
        Scene::new("10.77.1.10:8080").connected(IP)
    }

    fn page(status: u16) -> Heard {
        Heard::Http {
            status,
            server: None,
            wants_tls: false,
            page: crate::evidence::Page::default(),
        }
    }

    fn text(start: &str) -> Heard {
        Heard::Text {
            start: start.to_owned(),
        }
    }

    fn completed() -> Heard {
        Heard::Tls {
            version: "TLS 1.3".to_owned(),
            certificates: 1,
            presented: None,
        }
    }

    #[test]
    fn a_page_that_comes_is_proof() {
        let scene = connected().exchange(IP, Spoke::HttpGet, page(200));
        let found = says(reachable, &scene, "reachable", Certainty::Certain);
        assert_eq!(found.because[0], Clue::HttpAnswered { status: 200 });
        silent(reachable_silent, &scene);
    }

    #[test]
    fn an_error_page_or_a_redirect_shows_a_web_server_only() {
        for status in [302, 404] {
            let scene = connected().exchange(IP, Spoke::HttpGet, page(status));
            says(reachable, &scene, "reachable", Certainty::Likely);
        }
        for status in [500, 502] {
            silent(
                reachable,
                &connected().exchange(IP, Spoke::HttpGet, page(status)),
            );
        }
    }

    #[test]
    fn a_completed_handshake_leaves_the_certificate_open() {
        let scene = connected().exchange(IP, Spoke::TlsHello, completed());
        says(reachable, &scene, "reachable", Certainty::Likely);
        let scene = scene.exchange(IP, Spoke::HttpsGet, page(200));
        says(reachable, &scene, "reachable", Certainty::Likely);
    }

    #[test]
    fn a_greeting_is_proof_when_it_fits() {
        let greeted = |service: Option<&str>, start| {
            let scene = connected().exchange(IP, Spoke::Nothing, text(start));
            match service {
                Some(service) => scene.service(service),
                None => scene,
            }
        };
        says(
            reachable,
            &greeted(None, "hello"),
            "reachable",
            Certainty::Certain,
        );
        let ssh = greeted(Some("ssh"), "SSH-2.0-OpenSSH_9.2");
        says(reachable, &ssh, "reachable", Certainty::Certain);
        let redis = greeted(Some("redis"), "-DENIED Redis is running in protected mode");
        says(reachable, &redis, "reachable", Certainty::Likely);
        silent(reachable, &greeted(Some("smtp"), "SSH-2.0-OpenSSH_9.2"));
        silent(
            reachable,
            &greeted(Some("smtp"), "421 Too many connections"),
        );
    }

    #[test]
    fn silence_is_never_certain() {
        let scene = connected().exchange(IP, Spoke::Nothing, Heard::Nothing);
        says(
            reachable_silent,
            &scene,
            "reachable-silent",
            Certainty::Likely,
        );
        silent(reachable, &scene);
    }

    #[test]
    fn before_the_conversation_it_is_only_possible() {
        says(reachable, &connected(), "reachable", Certainty::Possible);
        silent(reachable_silent, &connected());
        let hands_off = connected().protocol(Protocol::ConnectOnly);
        says(reachable, &hands_off, "reachable", Certainty::Likely);
    }

    #[test]
    fn a_peer_that_misbehaves_is_not_called_reachable() {
        for (spoke, heard) in [
            (Spoke::Nothing, Heard::Closed),
            (Spoke::Nothing, Heard::Reset),
            (Spoke::HttpGet, Heard::Nothing),
            (Spoke::HttpGet, text("SSH-2.0-x")),
            (Spoke::TlsHello, Heard::Nothing),
        ] {
            let scene = connected().exchange(IP, spoke, heard);
            silent(reachable, &scene);
            silent(reachable_silent, &scene);
        }
    }

    #[test]
    fn a_second_address_that_fails_is_not_passed_over() {
        let scene = connected().silent("10.77.1.99");
        silent(reachable, &scene);
        silent(reachable_silent, &scene);
    }

    #[test]
    fn an_ipv6_address_this_machine_cannot_use_is_passed_over() {
        let scene = connected()
            .at_once("fd77:1::10", Outcome::NetworkUnreachable, 101)
            .exchange(IP, Spoke::HttpGet, page(200));
        says(reachable, &scene, "reachable", Certainty::Certain);
    }

    #[test]
    fn nothing_asked_is_nothing_reached() {
        silent(reachable, &Scene::new("10.77.1.10:8080"));
        silent(reachable_silent, &Scene::new("10.77.1.10:8080"));
    }
}
