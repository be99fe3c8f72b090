//! `tls-to-plain-port` and `plain-to-tls-port`: the port works, and speaks the other language.
//!
//! Sources: RFC 8446, 5.1 (every TLS answer is a record that begins with its type and version;
//! other bytes are no TLS) and 6 (alerts); the answers with which web servers meet plain HTTP on
//! an HTTPS port (status 400 with a sentence that says so). A peer that merely hangs up proves
//! nothing: then it is possible at most.

use super::clues::of_exchanges;
use super::reading::{connected, finding, or};
use crate::diagnosis::{Cause, Certainty, DecidingTest, Finding};
use crate::evidence::{Evidence, Exchange, Heard, Spoke};
use crate::target::Protocol;

/// Ports whose usual services speak TLS from the first byte (IANA port registry).
pub const TLS_PORTS: [u16; 9] = [443, 465, 636, 853, 989, 990, 993, 995, 8443];

/// TLS was asked for, and the port answered with something else.
pub fn tls_to_plain_port(evidence: &Evidence) -> Option<Finding> {
    let wants_tls = matches!(evidence.target.protocol, Protocol::Tls | Protocol::Https);
    if !wants_tls || !connected(evidence) || speaks_tls(evidence) {
        return None;
    }
    let not_tls = |e: &Exchange| {
        matches!(
            (e.spoke, &e.heard),
            (Spoke::TlsHello | Spoke::HttpsGet, Heard::NotTls { .. })
                | (Spoke::TlsHello, Heard::Text { .. } | Heard::Http { .. })
                | (
                    Spoke::HttpGet,
                    Heard::Http {
                        wants_tls: false,
                        ..
                    }
                )
        )
    };
    let hung_up = |e: &Exchange| {
        e.spoke == Spoke::TlsHello && matches!(e.heard, Heard::Closed | Heard::Reset)
    };
    let cause = Cause::TlsToPlainPort;
    if let Some(clues) = of_exchanges(evidence, not_tls) {
        return Some(finding(cause, Certainty::Certain, clues));
    }
    let clues = of_exchanges(evidence, hung_up)?;
    let hangs_up_anyway =
        |e: &Exchange| e.spoke == Spoke::Nothing && matches!(e.heard, Heard::Closed | Heard::Reset);
    if evidence.exchanges.iter().any(hangs_up_anyway) {
        return None;
    }
    let mut found = finding(cause, Certainty::Possible, clues);
    found.alternatives = vec![
        or(Cause::ServerResets, DecidingTest::LookAtServiceLog),
        or(
            Cause::ForwarderWithoutBackend,
            DecidingTest::LookAtListenersOnTarget,
        ),
    ];
    Some(found)
}

/// Plain text was spoken, and the port answered that it wants TLS.
pub fn plain_to_tls_port(evidence: &Evidence) -> Option<Finding> {
    let wants_tls = matches!(evidence.target.protocol, Protocol::Tls | Protocol::Https);
    if wants_tls || !connected(evidence) {
        return None;
    }
    let says_tls = |e: &Exchange| {
        matches!(
            (e.spoke, &e.heard),
            (
                Spoke::HttpGet | Spoke::RedisPing | Spoke::PostgresSslRequest,
                Heard::TlsAlert { .. }
            ) | (
                Spoke::HttpGet,
                Heard::Http {
                    wants_tls: true,
                    ..
                }
            )
        )
    };
    let hung_up =
        |e: &Exchange| e.spoke == Spoke::HttpGet && matches!(e.heard, Heard::Closed | Heard::Reset);
    let cause = Cause::PlainToTlsPort;
    if let Some(clues) = of_exchanges(evidence, says_tls) {
        return Some(finding(cause, Certainty::Certain, clues));
    }
    let clues = of_exchanges(evidence, hung_up)?;
    TLS_PORTS
        .contains(&evidence.target.port)
        .then(|| finding(cause, Certainty::Possible, clues))
}

/// Some address of the target does speak TLS: then the port is no plain one.
fn speaks_tls(evidence: &Evidence) -> bool {
    evidence.exchanges.iter().any(|exchange| {
        matches!(
            (exchange.spoke, &exchange.heard),
            (_, Heard::Tls { .. } | Heard::TlsAlert { .. }) | (Spoke::HttpsGet, Heard::Http { .. })
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, says, silent};
    use super::*;

    const IP: &str = "10.77.1.10";

    fn https() -> Scene {
        Scene::new("10.77.1.10:8080")
            .protocol(Protocol::Https)
            .connected(IP)
    }

    fn http(port: u16) -> Scene {
        Scene::new(&format!("10.77.1.10:{port}"))
            .protocol(Protocol::Http)
            .connected(IP)
    }

    fn not_tls() -> Heard {
        Heard::NotTls {
            start: "HTTP/1.1 400 Bad Request".to_owned(),
        }
    }

    fn completed() -> Heard {
        Heard::Tls {
            version: "TLS 1.3".to_owned(),
            certificates: 1,
            presented: None,
        }
    }

    fn answer(status: u16, wants_tls: bool) -> Heard {
        Heard::Http {
            status,
            server: None,
            wants_tls,
            page: crate::evidence::Page::default(),
        }
    }

    fn alert() -> Heard {
        Heard::TlsAlert {
            alert: "decode_error".to_owned(),
            certificate_wanted: false,
        }
    }

    #[test]
    fn an_answer_that_is_no_tls_proves_a_plain_port() {
        let scene = https().exchange(IP, Spoke::TlsHello, not_tls());
        says(
            tls_to_plain_port,
            &scene,
            "tls-to-plain-port",
            Certainty::Certain,
        );
    }

    #[test]
    fn hanging_up_on_a_tls_hello_proves_little() {
        for heard in [Heard::Closed, Heard::Reset] {
            let scene = https().exchange(IP, Spoke::TlsHello, heard);
            says(
                tls_to_plain_port,
                &scene,
                "tls-to-plain-port",
                Certainty::Possible,
            );
        }
    }

    #[test]
    fn a_peer_that_hangs_up_on_everyone_is_not_judged_by_its_tls() {
        let scene = https()
            .exchange(IP, Spoke::Nothing, Heard::Closed)
            .exchange(IP, Spoke::TlsHello, Heard::Closed);
        silent(tls_to_plain_port, &scene);
    }

    #[test]
    fn a_port_that_completes_tls_or_alerts_speaks_tls() {
        for heard in [completed(), alert()] {
            silent(
                tls_to_plain_port,
                &https().exchange(IP, Spoke::TlsHello, heard),
            );
        }
        silent(tls_to_plain_port, &https());
    }

    #[test]
    fn a_tls_alert_or_a_sentence_proves_a_tls_port() {
        for heard in [alert(), answer(400, true)] {
            let scene = http(8443).exchange(IP, Spoke::HttpGet, heard);
            says(
                plain_to_tls_port,
                &scene,
                "plain-to-tls-port",
                Certainty::Certain,
            );
        }
    }

    #[test]
    fn hanging_up_on_plain_text_counts_only_on_a_tls_port() {
        let hung_up = |port| http(port).exchange(IP, Spoke::HttpGet, Heard::Reset);
        says(
            plain_to_tls_port,
            &hung_up(8443),
            "plain-to-tls-port",
            Certainty::Possible,
        );
        silent(plain_to_tls_port, &hung_up(8080));
    }

    #[test]
    fn an_http_answer_is_plain_enough() {
        silent(
            plain_to_tls_port,
            &http(8080).exchange(IP, Spoke::HttpGet, answer(200, false)),
        );
        silent(plain_to_tls_port, &http(8080));
    }
}
