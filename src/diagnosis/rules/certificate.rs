//! What is wrong with the certificate a peer showed, and with the clock that says so; a client
//! certificate that is missing; TLS versions that do not meet.
//!
//! Sources: RFC 5280, 4.1.2.5 and 6.1 (validity, path validation), RFC 6125 (names), RFC 8446, 4.3.2,
//! 4.4.2.4 and 6.2 (certificate requests and alerts). Each defect is found out on its own, so the one
//! that is named is there whatever else is wrong. Time comes first, because a wrong clock makes every
//! certificate look bad; a foreign signer before the name, because who makes his own certificates
//! rarely names them well.

use super::clues::{of_exchange, of_standing};
use super::reading::{connected, finding, or};
use crate::diagnosis::{Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{
    Certificate, Evidence, Exchange, Fact, Heard, Os, Presented, Spoke, inspecting_product,
};

/// The certificate's time is over, or has not begun, or this machine's clock is wrong.
pub fn out_of_time(evidence: &Evidence) -> Option<Finding> {
    let (exchange, presented, own) =
        all_own(evidence).find(|(_, presented, own)| !own.is_valid_at(presented.clock))?;
    let is_over = presented.clock > own.not_after;
    let mut clues = vec![dates(own)];
    clues.extend(day(presented.clock).map(|day| Clue::ClockHere { day }));
    let there = clock_there(evidence, exchange);
    clues.extend(there.and_then(day).map(|day| Clue::ClockThere { day }));
    clues.extend(connection(evidence, exchange));
    let as_certificate = if is_over {
        Cause::CertificateExpired {
            until: day(own.not_after),
        }
    } else {
        Cause::CertificateNotYetValid {
            from: day(own.not_before),
        }
    };
    if !is_over && presented.clock < EARLIEST {
        return Some(finding(Cause::ClockWrong, Certainty::Certain, clues));
    }
    let proved = match there {
        Some(there) => !own.is_valid_at(there),
        // Nobody makes certificates for the future, but many a clock is behind; and one that is set
        // to the local time of another zone is hours ahead.
        None => is_over && (own.not_after < EARLIEST || own.not_after + ZONES < presented.clock),
    };
    if proved {
        return Some(finding(as_certificate, Certainty::Certain, clues));
    }
    // By the server's own clock its certificate is good.
    let (cause, other) = if there.is_some() {
        (Cause::ClockWrong, as_certificate)
    } else {
        (as_certificate, Cause::ClockWrong)
    };
    let mut found = finding(cause, Certainty::Likely, clues);
    found.alternatives = vec![or(other, DecidingTest::CheckClock)];
    Some(found)
}

/// Nobody this machine trusts has signed it.
pub fn untrusted(evidence: &Evidence) -> Option<Finding> {
    let (exchange, presented, own) =
        all_own(evidence).find(|(_, presented, _)| presented.trusted == Fact::Known(false))?;
    let mut clues = vec![Clue::CertificateIssuer {
        issuer: own.issuer.clone(),
    }];
    clues.extend(
        inspecting_product(&own.issuer).map(|product| Clue::SignedToReadAlong {
            product: product.to_owned(),
        }),
    );
    // Signed by one that was not sent: a foreign root, or a link that the server forgot and other
    // programs fetch or remember.
    let mut signed = presented.chain.iter().zip(presented.chain.iter().skip(1));
    let before_gap = signed
        .find(|(one, next)| one.issuer != next.subject)
        .map(|(one, _)| one);
    let end = before_gap.or(presented.chain.last().filter(|end| !end.self_signed));
    clues.extend(end.map(|end| Clue::ChainEndsBefore {
        issuer: end.issuer.clone(),
    }));
    // Whoever trusts it still has the wrong name.
    if presented.name_fits == Fact::Known(false) && !own.names.is_empty() {
        clues.push(Clue::CertificateNames {
            names: own.names.clone(),
        });
    }
    clues.extend(connection(evidence, exchange));
    // Windows and macOS fetch roots, or judge by more than a list of them.
    let is_proven = own.self_signed || (end.is_none() && evidence.os == Os::Linux);
    let certainty = if is_proven {
        Certainty::Certain
    } else {
        Certainty::Likely
    };
    let cause = Cause::CertificateUntrusted {
        issuer: Some(own.issuer.clone()),
        self_signed: own.self_signed,
    };
    Some(finding(cause, certainty, clues))
}

/// It is for other names.
pub fn name_mismatch(evidence: &Evidence) -> Option<Finding> {
    let (exchange, _, own) =
        all_own(evidence).find(|(_, presented, _)| presented.name_fits == Fact::Known(false))?;
    let names = own.names.clone();
    let mut clues = Vec::new();
    if !names.is_empty() {
        clues.push(Clue::CertificateNames {
            names: names.clone(),
        });
    }
    clues.extend(connection(evidence, exchange));
    let cause = Cause::CertificateNameMismatch { names };
    Some(finding(cause, Certainty::Certain, clues))
}

/// The server wants a client certificate, and we have none.
pub fn client_certificate_required(evidence: &Evidence) -> Option<Finding> {
    let asked = presented(evidence).any(|(_, presented)| presented.certificate_wanted);
    let judge = |exchange: &Exchange| match &exchange.heard {
        Heard::TlsAlert { alert, .. } if alert == "certificate_required" => {
            Some(Certainty::Certain)
        }
        // After the request an empty list was our answer; some alerts are usual for that (RFC 5246,
        // 7.4.6), others may be about anything.
        Heard::TlsAlert {
            alert,
            certificate_wanted,
        } if asked || *certificate_wanted => Some(if MISSES_IT.contains(&alert.as_str()) {
            Certainty::Likely
        } else {
            Certainty::Possible
        }),
        // nginx answers inside TLS that no required certificate was sent. A 401 or 403 is the
        // application's own.
        Heard::Http {
            status: 400 | 496, ..
        } if asked => Some(Certainty::Likely),
        Heard::Reset | Heard::Closed if asked && exchange.spoke != Spoke::TlsHello => {
            Some(Certainty::Likely)
        }
        Heard::TlsAlert { .. }
        | Heard::Reset
        | Heard::Closed
        | Heard::Http { .. }
        | Heard::Nothing
        | Heard::Text { .. }
        | Heard::Tls { .. }
        | Heard::TlsIncompatible { .. }
        | Heard::NotTls { .. }
        | Heard::Failed { .. } => None,
    };
    let judged = evidence
        .exchanges
        .iter()
        .filter_map(|exchange| Some((judge(exchange)?, exchange)));
    let (certainty, exchange) = judged.max_by_key(|(certainty, _)| *certainty)?;
    let mut clues = Vec::new();
    let asked_before = matches!(
        exchange.heard,
        Heard::TlsAlert {
            certificate_wanted: true,
            ..
        }
    );
    if asked || asked_before {
        clues.push(Clue::ClientCertificateAsked);
    }
    clues.extend(of_exchange(exchange));
    clues.extend(of_standing(evidence));
    let mut found = finding(Cause::ClientCertificateRequired, certainty, clues);
    found.alternatives = vec![match exchange.heard {
        Heard::Http { .. } => or(Cause::Reachable, DecidingTest::UseUsualClient),
        _ => or(Cause::ServerResets, DecidingTest::LookAtServiceLog),
    }];
    connected(evidence).then_some(found)
}

/// What servers say to a client without a certificate, when they do not say `certificate_required`.
const MISSES_IT: [&str; 4] = [
    "handshake_failure",
    "bad_certificate",
    "certificate_unknown",
    "access_denied",
];

/// No version or cipher in common, or a server that does not serve this name at all.
pub fn tls_refused(evidence: &Evidence) -> Option<Finding> {
    let judge = |exchange: &Exchange| match &exchange.heard {
        // Versions before 1.2 have been given up everywhere (RFC 8996). Of ciphers and the like
        // another client may have more than we do.
        Heard::TlsIncompatible { what } => Some((
            Cause::TlsVersionUnsupported,
            if what.contains("ServerDoesNotSupportTls12Or13") {
                Certainty::Certain
            } else {
                Certainty::Likely
            },
        )),
        Heard::TlsAlert {
            alert,
            certificate_wanted: false,
        } if exchange.spoke == Spoke::TlsHello => match alert.as_str() {
            "protocol_version" => Some((Cause::TlsVersionUnsupported, Certainty::Certain)),
            "insufficient_security" | "handshake_failure" => {
                Some((Cause::TlsVersionUnsupported, Certainty::Likely))
            }
            "unrecognised_name" | "unrecognized_name" => {
                Some((Cause::HostHeaderRejected, Certainty::Likely))
            }
            _ => None,
        },
        _ => None,
    };
    let mut judged = evidence
        .exchanges
        .iter()
        .filter_map(|exchange| Some((judge(exchange)?, exchange)));
    let ((cause, certainty), exchange) = judged.next()?;
    let mut clues: Vec<Clue> = of_exchange(exchange).into_iter().collect();
    clues.extend(of_standing(evidence));
    let mut found = finding(cause, certainty, clues);
    if certainty != Certainty::Certain {
        found.alternatives = vec![or(
            Cause::ClientCertificateRequired,
            DecidingTest::UseUsualClient,
        )];
    }
    connected(evidence).then_some(found)
}

/// Every handshake that completed and told what was shown.
pub fn presented(evidence: &Evidence) -> impl Iterator<Item = (&Exchange, &Presented)> {
    evidence
        .exchanges
        .iter()
        .filter_map(|exchange| match &exchange.heard {
            Heard::Tls {
                presented: Some(presented),
                ..
            } => Some((exchange, presented.as_ref())),
            _ => None,
        })
}

/// Valid now, for this name, and signed by somebody this machine trusts.
pub fn is_sound(presented: &Presented) -> bool {
    let valid = presented
        .chain
        .first()
        .is_some_and(|own| own.is_valid_at(presented.clock));
    valid && presented.name_fits == Fact::Known(true) && presented.trusted == Fact::Known(true)
}

/// Something is known to be wrong with it.
pub fn has_defect(presented: &Presented) -> bool {
    let out_of_time = presented
        .chain
        .first()
        .is_some_and(|own| !own.is_valid_at(presented.clock));
    let no = Fact::Known(false);
    out_of_time || presented.name_fits == no || presented.trusted == no
}

/// Every certificate that a peer showed as its own, where TLS is what was asked for.
fn all_own(evidence: &Evidence) -> impl Iterator<Item = (&Exchange, &Presented, &Certificate)> {
    let connected = connected(evidence);
    presented(evidence)
        .filter(move |_| connected)
        .filter_map(|(exchange, presented)| Some((exchange, presented, presented.chain.first()?)))
}

/// The clock of the peer, where it told it over the same connection.
fn clock_there(evidence: &Evidence, handshake: &Exchange) -> Option<i64> {
    let mut inside = evidence
        .exchanges
        .iter()
        .filter(|e| e.addr == handshake.addr && e.spoke == Spoke::HttpsGet);
    inside.find_map(|exchange| match &exchange.heard {
        Heard::Http { page, .. } => page.date,
        _ => None,
    })
}

fn connection(evidence: &Evidence, exchange: &Exchange) -> Vec<Clue> {
    let mut clues: Vec<Clue> = of_exchange(exchange).into_iter().collect();
    clues.extend(of_standing(evidence));
    clues
}

fn dates(own: &Certificate) -> Clue {
    Clue::CertificateDates {
        from: day(own.not_before).unwrap_or_default(),
        until: day(own.not_after).unwrap_or_default(),
    }
}

/// The day, as `YYYY-MM-DD`.
fn day(seconds: i64) -> Option<String> {
    let time = jiff::Timestamp::from_second(seconds).ok()?;
    Some(time.strftime("%Y-%m-%d").to_string())
}

/// Farther than any two time zones are apart (26 hours), with a margin for a clock that drifts.
const ZONES: i64 = 2 * 86_400;

/// No clock that is right says less: 16 April 2026, when the compiler came out that this program
/// needs at least.
const EARLIEST: i64 = 1_776_297_600;

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::*;
    use crate::evidence::{Gap, Page};
    use crate::target::Protocol;

    const IP: &str = "10.77.1.10";
    const DAY: i64 = 86_400;
    const NOW: i64 = EARLIEST + 100 * DAY;

    fn good() -> Presented {
        Presented {
            chain: vec![Certificate {
                subject: "CN=db.example".to_owned(),
                issuer: "CN=Some CA".to_owned(),
                names: vec!["db.example".to_owned()],
                not_before: NOW - 30 * DAY,
                not_after: NOW + 30 * DAY,
                self_signed: false,
            }],
            name_fits: Fact::Known(true),
            trusted: Fact::Known(true),
            clock: NOW,
            certificate_wanted: false,
        }
    }

    fn https() -> Scene {
        Scene::new("10.77.1.10:8443")
            .protocol(Protocol::Https)
            .connected(IP)
    }

    fn shown(change: impl Fn(&mut Presented)) -> Scene {
        let mut presented = good();
        change(&mut presented);
        https().exchange(
            IP,
            Spoke::TlsHello,
            Heard::Tls {
                version: "TLS 1.3".to_owned(),
                certificates: 1,
                presented: Some(Box::new(presented)),
            },
        )
    }

    fn page(scene: Scene, status: u16, date: Option<i64>) -> Scene {
        let page = Page {
            date,
            ..Page::default()
        };
        let heard = Heard::Http {
            status,
            server: None,
            wants_tls: false,
            page,
        };
        scene.exchange(IP, Spoke::HttpsGet, heard)
    }

    fn expired() -> Scene {
        shown(|p| p.chain[0].not_after = NOW - 3 * DAY)
    }

    fn early() -> Scene {
        shown(|p| p.chain[0].not_before = NOW + DAY)
    }

    #[test]
    fn a_sound_certificate_is_nobodys_fault() {
        for rule in [
            out_of_time,
            untrusted,
            name_mismatch,
            client_certificate_required,
        ] {
            silent(rule, &shown(|_| {}));
            silent(rule, &https());
        }
    }

    #[test]
    fn a_time_that_is_over_proves_itself_unless_the_servers_clock_objects() {
        let id = "certificate-expired";
        says(out_of_time, &expired(), id, Certainty::Certain);
        says(
            out_of_time,
            &page(expired(), 200, Some(NOW)),
            id,
            Certainty::Certain,
        );
        let objects = page(expired(), 200, Some(NOW - 4 * DAY));
        let found = says(out_of_time, &objects, "clock-wrong", Certainty::Likely);
        assert_eq!(others(&found), [id]);
    }

    #[test]
    fn a_clock_hours_ahead_explains_a_time_that_has_just_ended() {
        let id = "certificate-expired";
        let just = || shown(|p| p.chain[0].not_after = NOW - DAY);
        let found = says(out_of_time, &just(), id, Certainty::Likely);
        assert_eq!(others(&found), ["clock-wrong"]);
        let agrees = page(just(), 200, Some(NOW));
        says(out_of_time, &agrees, id, Certainty::Certain);
        // Whatever the clock says, it is later than that.
        let long_ago = shown(|p| {
            p.chain[0].not_after = EARLIEST - DAY;
            p.clock = EARLIEST;
        });
        says(out_of_time, &long_ago, id, Certainty::Certain);
    }

    #[test]
    fn a_time_that_has_not_begun_speaks_against_the_clock_as_well() {
        let id = "certificate-not-yet-valid";
        let found = says(out_of_time, &early(), id, Certainty::Likely);
        assert_eq!(others(&found), ["clock-wrong"]);
        says(
            out_of_time,
            &page(early(), 200, Some(NOW)),
            id,
            Certainty::Certain,
        );
        let later = page(early(), 200, Some(NOW + 2 * DAY));
        says(out_of_time, &later, "clock-wrong", Certainty::Likely);
    }

    #[test]
    fn a_clock_before_the_program_was_made_is_wrong() {
        let stopped = shown(|p| p.clock = 0);
        says(out_of_time, &stopped, "clock-wrong", Certainty::Certain);
    }

    #[test]
    fn a_foreign_signer_is_proved_where_the_chain_is_whole_and_roots_are_a_list() {
        let id = "certificate-untrusted";
        let whole = || {
            shown(|p| {
                let root = Certificate {
                    subject: "CN=Some CA".to_owned(),
                    self_signed: true,
                    ..p.chain[0].clone()
                };
                p.chain.push(root);
                p.trusted = Fact::Known(false);
            })
        };
        says(untrusted, &whole(), id, Certainty::Certain);
        says(untrusted, &whole().os(Os::Windows), id, Certainty::Likely);
        says(untrusted, &whole().os(Os::Macos), id, Certainty::Likely);
        let own = shown(|p| {
            p.trusted = Fact::Known(false);
            p.chain[0].self_signed = true;
        });
        let found = says(untrusted, &own.os(Os::Windows), id, Certainty::Certain);
        assert!(matches!(
            found.cause,
            Cause::CertificateUntrusted {
                self_signed: true,
                ..
            }
        ));
        silent(
            untrusted,
            &shown(|p| p.trusted = Fact::Unknown(Gap::ToolMissing)),
        );
    }

    #[test]
    fn a_chain_that_ends_early_may_only_lack_a_link() {
        let cut = shown(|p| p.trusted = Fact::Known(false));
        let found = says(untrusted, &cut, "certificate-untrusted", Certainty::Likely);
        let issuer = "CN=Some CA".to_owned();
        assert!(found.because.contains(&Clue::ChainEndsBefore { issuer }));
    }

    #[test]
    fn a_product_that_reads_along_is_named() {
        let read = shown(|p| {
            p.trusted = Fact::Known(false);
            p.chain[0].issuer = "CN=Avast Web/Mail Shield Root".to_owned();
        });
        let found = untrusted(&read.evidence).unwrap();
        let product = "Avast".to_owned();
        assert!(found.because.contains(&Clue::SignedToReadAlong { product }));
    }

    #[test]
    fn another_name_is_proved_and_an_unread_one_is_not() {
        let other = shown(|p| p.name_fits = Fact::Known(false));
        says(
            name_mismatch,
            &other,
            "certificate-name-mismatch",
            Certainty::Certain,
        );
        let unread = Gap::Unreadable {
            what: "x".to_owned(),
        };
        silent(
            name_mismatch,
            &shown(|p| p.name_fits = Fact::Unknown(unread.clone())),
        );
    }

    fn alert(name: &str, certificate_wanted: bool) -> Heard {
        Heard::TlsAlert {
            alert: name.to_owned(),
            certificate_wanted,
        }
    }

    #[test]
    fn a_client_certificate_is_missing_when_the_alert_says_so_or_follows_the_request() {
        let id = "client-certificate-required";
        let rule = client_certificate_required;
        let late =
            shown(|_| {}).exchange(IP, Spoke::HttpsGet, alert("certificate_required", false));
        says(rule, &late, id, Certainty::Certain);
        let old = https().exchange(IP, Spoke::TlsHello, alert("handshake_failure", true));
        says(rule, &old, id, Certainty::Likely);
        silent(tls_refused, &old);
        let odd = https().exchange(IP, Spoke::TlsHello, alert("internal_error", true));
        let found = says(rule, &odd, id, Certainty::Possible);
        assert_eq!(others(&found), ["server-resets"]);
        let asked = || shown(|p| p.certificate_wanted = true);
        let cut = asked().exchange(IP, Spoke::HttpsGet, Heard::Reset);
        says(rule, &cut, id, Certainty::Likely);
        says(rule, &page(asked(), 400, None), id, Certainty::Likely);
        for status in [200, 401, 403] {
            silent(rule, &page(asked(), status, None));
        }
        let other = https().exchange(IP, Spoke::TlsHello, alert("handshake_failure", false));
        silent(rule, &other);
    }

    #[test]
    fn versions_that_do_not_meet_are_told_by_the_alert_or_by_us() {
        let id = "tls-version-unsupported";
        let said = |name| https().exchange(IP, Spoke::TlsHello, alert(name, false));
        says(
            tls_refused,
            &said("protocol_version"),
            id,
            Certainty::Certain,
        );
        says(
            tls_refused,
            &said("handshake_failure"),
            id,
            Certainty::Likely,
        );
        says(
            tls_refused,
            &said("unrecognised_name"),
            "host-header-rejected",
            Certainty::Likely,
        );
        let what = "ServerDoesNotSupportTls12Or13".to_owned();
        let ours = https().exchange(IP, Spoke::TlsHello, Heard::TlsIncompatible { what });
        says(tls_refused, &ours, id, Certainty::Certain);
        for what in ["NoKxGroupsInCommon", "NoCipherSuitesInCommon"] {
            let what = what.to_owned();
            let ours = https().exchange(IP, Spoke::TlsHello, Heard::TlsIncompatible { what });
            says(tls_refused, &ours, id, Certainty::Likely);
        }
        says(
            tls_refused,
            &said("insufficient_security"),
            id,
            Certainty::Likely,
        );
        silent(tls_refused, &said("internal_error"));
        silent(tls_refused, &https());
    }
}
