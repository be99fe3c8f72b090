//! `wrong-service` and what services say of themselves in words: `source-blocked`,
//! `database-without-tls`.
//!
//! Protocols are known by their first bytes: RFC 4253, 4.2 (SSH), RFC 9112, 4 (HTTP), RFC 5321 and 959
//! (SMTP and FTP: 220), RFC 3501 (IMAP), RFC 1939 (POP3), RFC 6143 (VNC), Redis' and MySQL's own
//! pages, RFC 8446, 5.1 (a TLS record). Which service is expected is certain where a scheme says so;
//! a port number is a custom.

use super::clues::{of_exchange, of_exchanges, of_standing};
use super::reading::{connected, finding, is_postgres, or, protocol_was_named};
use crate::diagnosis::{Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{Evidence, Exchange, Fact, Heard, PageSays, Spoke};
use crate::target::{Protocol, TlsMode};

/// Another program or protocol answers than the one that was named.
pub fn wrong_service(evidence: &Evidence) -> Option<Finding> {
    let (cause, clues) = another(evidence).filter(|_| protocol_was_named(evidence))?;
    Some(finding(cause, Certainty::Certain, clues))
}

/// Another program or protocol answers than the one that usually has this port.
pub fn wrong_service_by_port(evidence: &Evidence) -> Option<Finding> {
    let (cause, mut clues) = another(evidence).filter(|_| !protocol_was_named(evidence))?;
    let is_busy = |e: &&Exchange| e.heard.announces_end() && e.closed == Fact::Known(false);
    let busy = evidence.exchanges.iter().find(is_busy);
    let mut others = vec![or(Cause::Reachable, DecidingTest::UseUsualClient)];
    if let Some(&Exchange { addr, .. }) = busy {
        // Who must close and does not is still at something: there may be more to come.
        clues.insert(1, Clue::StayedOpen { addr });
        others.insert(0, or(Cause::ServerSlow, DecidingTest::TryLater));
    }
    let mut finding = finding(cause, Certainty::Likely, clues);
    finding.alternatives = others;
    Some(finding)
}

fn another(evidence: &Evidence) -> Option<(Cause, Vec<Clue>)> {
    let expected = expected(evidence)?;
    let (exchange, found) = evidence.exchanges.iter().find_map(|exchange| {
        let found = shows(exchange).filter(|found| *found != expected)?;
        Some((exchange, found))
    })?;
    let serves_elsewhere = |e: &Exchange| shows(e) == Some(expected);
    if !connected(evidence) || evidence.exchanges.iter().any(serves_elsewhere) {
        return None;
    }
    let mut clues: Vec<Clue> = of_exchange(exchange).into_iter().collect();
    if let Heard::Http {
        server: Some(server),
        ..
    } = &exchange.heard
    {
        let server = server.clone();
        clues.insert(0, Clue::ServerNamesItself { server });
    }
    clues.extend(of_standing(evidence));
    let found = Some(found.to_owned());
    Some((Cause::WrongService { found }, clues))
}

/// Whether an answer shows what was expected, or something else by which it is known.
pub fn shows_itself(evidence: &Evidence) -> bool {
    evidence
        .exchanges
        .iter()
        .any(|exchange| shows(exchange).is_some())
}

/// The service says in words that it does not serve this client: MySQL's errors 1129 and 1130, and
/// Redis' protected mode.
pub fn refused_in_words(evidence: &Evidence) -> Option<Finding> {
    let refuses = |e: &Exchange| match &e.heard {
        Heard::Text { start } => {
            start.starts_with("-DENIED") || REFUSED_BY_MYSQL.contains(&mysql_error(start))
        }
        _ => false,
    };
    let clues = of_exchanges(evidence, refuses).filter(|_| connected(evidence))?;
    Some(finding(Cause::SourceBlocked, Certainty::Certain, clues))
}

/// TLS is wanted, and the database says that it has none.
pub fn database_without_tls(evidence: &Evidence) -> Option<Finding> {
    let insists = matches!(
        evidence.target.tls,
        Some(TlsMode::Require | TlsMode::Verify)
    );
    let has_none = |e: &Exchange| {
        e.spoke == Spoke::PostgresSslRequest
            && matches!(&e.heard, Heard::Text { start } if start == "N")
    };
    if !insists || !connected(evidence) {
        return None;
    }
    let mut clues = of_exchanges(evidence, has_none)?;
    clues.insert(1, Clue::AddressAsksForTls);
    Some(finding(
        Cause::DatabaseWithoutTls,
        Certainty::Certain,
        clues,
    ))
}

/// What should answer, by the names of [`by_first_bytes`]; nothing when anything may.
fn expected(evidence: &Evidence) -> Option<&str> {
    let service = evidence.target.service.as_deref();
    match (evidence.target.protocol, service) {
        (Protocol::Http | Protocol::Https, _) => Some(HTTP),
        (Protocol::ConnectOnly, _) | (Protocol::ListenOnly | Protocol::Tls, None) => None,
        (Protocol::ListenOnly | Protocol::Tls, Some(service)) => Some(match service {
            "ssh" | "sftp" => SSH,
            "smtp" | "smtps" | "submission" => SMTP,
            "ftp" | "ftps" => FTP,
            "imap" | "imaps" => IMAP,
            "pop3" | "pop3s" => POP3,
            "vnc" => VNC,
            "redis" => REDIS,
            "mysql" => MYSQL,
            "postgresql" | "redshift" | "cockroachdb" => POSTGRESQL,
            // These speak HTTP, over a port that is listened to only.
            "docker" | "etcd" | "vault" | "winrm" | "http-proxy" | "clickhouse" | "grpc"
            | "neo4j" | "ipp" | "kubernetes" => HTTP,
            other => other,
        }),
    }
}

/// What an answer shows itself to be; nothing when it could be anything.
fn shows(exchange: &Exchange) -> Option<&'static str> {
    match &exchange.heard {
        Heard::Text { start } if exchange.spoke == Spoke::PostgresSslRequest => {
            if is_postgres(start) {
                Some(POSTGRESQL)
            } else {
                by_first_bytes(start)
            }
        }
        Heard::Text { start } | Heard::NotTls { start } => by_first_bytes(start),
        Heard::Http { server, page, .. } => {
            let is_airplay = |server: &String| server.starts_with("AirTunes");
            if page.says == Some(PageSays::MongoDb) {
                Some(MONGODB)
            } else if server.as_ref().is_some_and(is_airplay) {
                Some(AIRPLAY)
            } else {
                Some(HTTP)
            }
        }
        Heard::Nothing
        | Heard::Closed
        | Heard::Reset
        | Heard::Tls { .. }
        | Heard::TlsAlert { .. }
        | Heard::TlsIncompatible { .. }
        | Heard::Failed { .. } => None,
    }
}

/// A protocol by its first bytes, as the evidence shows them.
fn by_first_bytes(start: &str) -> Option<&'static str> {
    let begins = |with: &str| start.starts_with(with);
    // A name such as `smtp.example` may stand in the greeting of either.
    let is_one_of_both = |start: &str| start.contains("smtp") != start.contains("ftp");
    let lower = start.to_ascii_lowercase();
    if begins("SSH-") {
        Some(SSH)
    } else if begins("HTTP/1.") || lower.starts_with("<!doctype html") || lower.starts_with("<html")
    {
        Some(HTTP)
    } else if begins("220") && lower.contains("smtp") && is_one_of_both(&lower) {
        Some(SMTP)
    } else if begins("220") && lower.contains("ftp") && is_one_of_both(&lower) {
        Some(FTP)
    } else if begins("* OK") || begins("* PREAUTH") {
        Some(IMAP)
    } else if begins("+OK") && !begins("+OK\\r\\n") {
        Some(POP3)
    } else if begins("RFB 0") {
        Some(VNC)
    } else if begins("+PONG") || begins("-NOAUTH") || begins("-DENIED Redis") {
        Some(REDIS)
    } else if is_mysql(start) {
        Some(MYSQL)
    } else {
        None
    }
}

/// MySQL's first packet: three bytes of length, number 0, then protocol 10 or an error (255).
fn is_mysql(start: &str) -> bool {
    let header = ["\\x00\\x00\\x00\\n", "\\x00\\x00\\x00\\xff"];
    let greets = header
        .iter()
        .any(|header| start.find(header).is_some_and(|at| (1..=4).contains(&at)));
    greets && (mysql_error(start).is_some() || start.contains("mysql") || has_version(start))
}

/// After the protocol's number comes a version, such as `8.0.36` or `5.5.5-10.11.6-MariaDB`.
fn has_version(start: &str) -> bool {
    start
        .split_once("\\x00\\x00\\x00\\n")
        .is_some_and(|(_, version)| version.starts_with(|c: char| c.is_ascii_digit()))
}

/// The number of a MySQL error packet, low byte first, as the evidence escapes it.
fn mysql_error(start: &str) -> Option<u16> {
    let (_, code) = start.split_once("\\x00\\x00\\x00\\xff")?;
    let (low, rest) = escaped_byte(code)?;
    let (high, _) = escaped_byte(rest)?;
    Some(u16::from_le_bytes([low, high]))
}

/// One byte of escaped text, and the rest.
fn escaped_byte(text: &str) -> Option<(u8, &str)> {
    let Some(escape) = text.strip_prefix('\\') else {
        let byte = *text.as_bytes().first().filter(|byte| byte.is_ascii())?;
        return Some((byte, &text[1..]));
    };
    for (name, byte) in [("r", b'\r'), ("n", b'\n'), ("\\", b'\\')] {
        if let Some(rest) = escape.strip_prefix(name) {
            return Some((byte, rest));
        }
    }
    let digits = escape.strip_prefix('x')?;
    let byte = u8::from_str_radix(digits.get(..2)?, 16).ok()?;
    Some((byte, digits.get(2..)?))
}

/// `ER_HOST_IS_BLOCKED` and `ER_HOST_NOT_PRIVILEGED`.
const REFUSED_BY_MYSQL: [Option<u16>; 2] = [Some(1129), Some(1130)];

const SSH: &str = "SSH";
const HTTP: &str = "HTTP";
const SMTP: &str = "SMTP";
const FTP: &str = "FTP";
const IMAP: &str = "IMAP";
const POP3: &str = "POP3";
const VNC: &str = "VNC";
const REDIS: &str = "Redis";
const MYSQL: &str = "MySQL";
const POSTGRESQL: &str = "PostgreSQL";
const MONGODB: &str = "MongoDB";
/// The `AirPlay` receiver of macOS, which takes ports 5000 and 7000.
const AIRPLAY: &str = "AirPlay (AirTunes)";

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::*;
    use crate::evidence::Page;

    const IP: &str = "10.77.1.10";

    fn text(start: &str) -> Heard {
        Heard::Text {
            start: start.to_owned(),
        }
    }

    fn of(service: &str) -> Scene {
        Scene::new("10.77.1.10:5432").service(service).connected(IP)
    }

    #[test]
    fn protocols_are_known_by_their_first_bytes() {
        for (start, expected) in [
            ("SSH-2.0-OpenSSH_9.2\\r\\n", Some(SSH)),
            ("HTTP/1.1 400 Bad Request\\r\\n", Some(HTTP)),
            ("220 mail.example ESMTP Postfix\\r\\n", Some(SMTP)),
            ("220 (vsFTPd 3.0.3)\\r\\n", Some(FTP)),
            ("* OK [CAPABILITY IMAP4rev1] ready\\r\\n", Some(IMAP)),
            ("+OK Dovecot ready.\\r\\n", Some(POP3)),
            ("RFB 003.008\\n", Some(VNC)),
            ("-NOAUTH Authentication required.\\r\\n", Some(REDIS)),
            ("J\\x00\\x00\\x00\\n8.0.36\\x00\\x0b", Some(MYSQL)),
            (
                "H\\x00\\x00\\x00\\xffi\\x04Host '10.0.0.1' is blocked",
                Some(MYSQL),
            ),
            ("220 hello\\r\\n", None),
            ("220 smtp.example FTP ready\\r\\n", None),
            ("hello", None),
            ("\\x00\\x00\\x00\\n", None),
            ("", None),
        ] {
            assert_eq!(by_first_bytes(start), expected, "{start}");
        }
    }

    #[test]
    fn a_protocol_that_was_named_is_expected_for_certain_and_a_ports_is_not() {
        let id = "wrong-service";
        let http = |scene: Scene| {
            scene.protocol(Protocol::Http).exchange(
                IP,
                Spoke::HttpGet,
                text("SSH-2.0-OpenSSH_9.2\\r\\n"),
            )
        };
        says(
            wrong_service,
            &http(of("http").scheme("http")),
            id,
            Certainty::Certain,
        );
        let web =
            || of("postgresql").exchange(IP, Spoke::PostgresSslRequest, text("HTTP/1.1 400 x"));
        let found = says(wrong_service_by_port, &web(), id, Certainty::Likely);
        assert_eq!(others(&found), ["reachable"]);
        assert_eq!(
            found.cause,
            Cause::WrongService {
                found: Some(HTTP.to_owned())
            }
        );
    }

    #[test]
    fn who_announces_the_end_and_stays_may_be_slow() {
        let answer = "HTTP/1.1 400 Bad Request\\r\\nConnection: close\\r\\n";
        let answered = |closed| {
            let mut scene = of("postgresql").exchange(IP, Spoke::PostgresSslRequest, text(answer));
            scene.last().closed = closed;
            others(&says(
                wrong_service_by_port,
                &scene,
                "wrong-service",
                Certainty::Likely,
            ))
        };
        assert_eq!(answered(Fact::Known(false)), ["server-slow", "reachable"]);
        assert_eq!(answered(Fact::Known(true)), ["reachable"]);
        assert_eq!(answered(Fact::default()), ["reachable"]);
    }

    #[test]
    fn what_is_expected_or_could_be_anything_is_not_wrong() {
        let greeted =
            |service: &str, start: &str| of(service).exchange(IP, Spoke::Nothing, text(start));
        silent(wrong_service_by_port, &greeted("ssh", "SSH-2.0-x"));
        silent(wrong_service_by_port, &greeted("smtp", "220 mail ESMTP"));
        silent(
            wrong_service_by_port,
            &greeted("smtp", "421 Too many connections"),
        );
        let unknown = Scene::new("10.77.1.10:40001").connected(IP);
        silent(
            wrong_service,
            &unknown.exchange(IP, Spoke::Nothing, text("SSH-2.0-x")),
        );
        for answer in ["S", "N"] {
            let scene = of("postgresql").exchange(IP, Spoke::PostgresSslRequest, text(answer));
            silent(wrong_service_by_port, &scene);
        }
        silent(wrong_service_by_port, &of("postgresql"));
    }

    #[test]
    fn a_web_server_that_is_another_one_names_itself() {
        let answered = |server: Option<&str>, says| {
            let heard = Heard::Http {
                status: 403,
                server: server.map(str::to_owned),
                wants_tls: false,
                page: Page {
                    says,
                    ..Page::default()
                },
            };
            let scene = of("http").protocol(Protocol::Http).scheme("http");
            scene.exchange(IP, Spoke::HttpGet, heard)
        };
        let airplay = answered(Some("AirTunes/845.5.1"), None);
        says(wrong_service, &airplay, "wrong-service", Certainty::Certain);
        let mongo = answered(None, Some(PageSays::MongoDb));
        says(wrong_service, &mongo, "wrong-service", Certainty::Certain);
        silent(wrong_service, &answered(Some("nginx"), None));
    }

    #[test]
    fn a_refusal_in_words_is_proof() {
        for (service, start) in [
            (
                "mysql",
                "H\\x00\\x00\\x00\\xffi\\x04Host '10.0.0.1' is blocked",
            ),
            (
                "mysql",
                "D\\x00\\x00\\x00\\xffj\\x04Host '10.0.0.1' is not allowed",
            ),
            ("redis", "-DENIED Redis is running in protected mode"),
        ] {
            let scene = of(service).exchange(IP, Spoke::Nothing, text(start));
            says(
                refused_in_words,
                &scene,
                "source-blocked",
                Certainty::Certain,
            );
        }
        let busy = of("mysql").exchange(
            IP,
            Spoke::Nothing,
            text("\\x17\\x00\\x00\\x00\\xff\\x10\\x04Too many connections"),
        );
        silent(refused_in_words, &busy);
        silent(refused_in_words, &of("mysql"));
    }

    #[test]
    fn a_database_without_tls_hinders_only_who_wants_it() {
        let answered =
            |start| of("postgresql").exchange(IP, Spoke::PostgresSslRequest, text(start));
        let rule = database_without_tls;
        for tls in [TlsMode::Require, TlsMode::Verify] {
            says(
                rule,
                &answered("N").tls(tls),
                "database-without-tls",
                Certainty::Certain,
            );
            silent(rule, &answered("S").tls(tls));
        }
        silent(rule, &answered("N").tls(TlsMode::Prefer));
        silent(rule, &answered("N"));
    }
}
