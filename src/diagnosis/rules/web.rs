//! What a web server answered of itself or of what is behind it: `http-error`, `backend-down`,
//! `backend-timeout`, `host-header-rejected`, `captive-portal`.
//!
//! Sources: RFC 9110, 15.5 and 15.6 (status codes), RFC 6585, 6 (511), the sentences by which
//! frameworks refuse a host name. A page that wants a login (401, 403) or is not there (404) proves a
//! working web server: `GET /` was our question, not the person's.

use super::clues::of_exchanges;
use super::reading::{connected, finding, is_on_link, is_own, or};
use crate::diagnosis::{Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{Evidence, Exchange, Heard, Page, PageSays, Spoke};
use crate::target::Host;

/// The application, or the gateway before it, reports an error of its own.
pub fn web_error(evidence: &Evidence) -> Option<Finding> {
    let (_, status, _) = answers(evidence).find(|(_, status, _)| is_error(*status))?;
    let clues = of_exchanges(evidence, |e| has_status(e, status))?;
    let log = DecidingTest::LookAtServiceLog;
    let (cause, certainty, other) = match status {
        // "Received an invalid response from an inbound server".
        502 => (Cause::BackendDown { status }, Certainty::Certain, None),
        // A gateway without a backend says so, and so does an application in maintenance.
        503 => (
            Cause::BackendDown { status },
            Certainty::Likely,
            Some(Cause::HttpError { status }),
        ),
        504 => (Cause::BackendTimeout, Certainty::Certain, None),
        429 => (
            Cause::HttpError { status },
            Certainty::Likely,
            Some(Cause::RateLimited),
        ),
        _ => (Cause::HttpError { status }, Certainty::Certain, None),
    };
    let mut found = finding(cause, certainty, clues);
    found.alternatives.extend(other.map(|other| or(other, log)));
    Some(found)
}

/// Errors that hinder whoever asks. 511 is the network's, not the application's.
fn is_error(status: u16) -> bool {
    matches!(status, 429 | 500..=510 | 512..=599)
}

/// The server serves other host names only.
pub fn host_header_rejected(evidence: &Evidence) -> Option<Finding> {
    let refuses = |e: &Exchange| match &e.heard {
        Heard::Http { status, page, .. } => {
            *status == MISDIRECTED
                || matches!(
                    page.says,
                    Some(PageSays::HostNotAllowed | PageSays::SomeHostNotAllowed)
                )
        }
        _ => false,
    };
    let (_, status, page) = answers(evidence).find(|(exchange, ..)| refuses(exchange))?;
    let mut clues = of_exchanges(evidence, refuses)?;
    let elsewhere = DecidingTest::TryFromElsewhere;
    let (certainty, other) = match page.says {
        Some(PageSays::HostNotAllowed) => {
            clues.insert(0, Clue::HttpRefusesHost { status });
            (Certainty::Certain, None)
        }
        Some(PageSays::SomeHostNotAllowed) => {
            (Certainty::Likely, Some(or(Cause::SourceBlocked, elsewhere)))
        }
        // 421 is also said where a connection is shared between names (RFC 9110, 15.5.20).
        Some(PageSays::MongoDb) | None => (Certainty::Likely, None),
    };
    let mut found = finding(Cause::HostHeaderRejected, certainty, clues);
    found.alternatives.extend(other);
    Some(found)
}

/// A sign-in page answers in place of the target.
///
/// 511 says so itself. Otherwise it is a guess: a redirect from a bare address beyond the own
/// network to the login page of a name; an own server may do that too.
pub fn captive_portal(evidence: &Evidence) -> Option<Finding> {
    let says_so = |e: &Exchange| has_status(e, NETWORK_AUTHENTICATION);
    if let Some(clues) = of_exchanges(evidence, says_so).filter(|_| connected(evidence)) {
        return Some(finding(Cause::CaptivePortal, Certainty::Certain, clues));
    }
    let (exchange, status, location) = answers(evidence).find_map(|(exchange, status, page)| {
        let location = page.location.as_deref()?;
        let leads_away = matches!(status, 301 | 302 | 303 | 307 | 308)
            && exchange.spoke == Spoke::HttpGet
            && looks_like_a_portal(evidence, location);
        leads_away.then_some((exchange, status, location))
    })?;
    let ip = exchange.addr.ip();
    // A portal stands on the way, and no way leads to a neighbour.
    if is_own(evidence, ip) != Some(false) || is_on_link(evidence, ip) != Some(false) {
        return None;
    }
    let mut clues = of_exchanges(evidence, |e| has_status(e, status))?;
    clues.insert(
        0,
        Clue::HttpRedirects {
            location: location.to_owned(),
        },
    );
    // A login alone may be a company's own, to which its servers send everybody.
    let is_literal = evidence.target.host.literal().is_some();
    let certainty = if is_literal && words_in(host_of(location), &OF_A_NETWORK) {
        Certainty::Likely
    } else {
        Certainty::Possible
    };
    let mut found = finding(Cause::CaptivePortal, certainty, clues);
    found.alternatives = vec![or(Cause::Reachable, DecidingTest::TryFromElsewhere)];
    Some(found)
}

/// Whether a redirect leads to the sign-in page of somebody else. From a name that takes more: many
/// an application sends its users to a common login.
fn looks_like_a_portal(evidence: &Evidence, location: &str) -> bool {
    let location = location.to_ascii_lowercase();
    let Some((_, rest)) = location.split_once("://") else {
        return false;
    };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host_of(&location);
    match &evidence.target.host {
        Host::V4(ip) => host != ip.to_string() && words_in(rest, &SIGN_IN),
        Host::V6 { .. } => !authority.starts_with('[') && words_in(rest, &SIGN_IN),
        Host::Name { ascii, .. } => {
            !related(host, ascii)
                && words_in(host, &OF_A_NETWORK)
                && words_in(&format!("{host}/{path}"), &SIGN_IN)
        }
    }
}

/// The host in a URL; nothing where there is none.
fn host_of(location: &str) -> &str {
    let rest = location.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    authority.split(':').next().unwrap_or_default()
}

fn words_in(text: &str, words: &[&str]) -> bool {
    let text = text.to_ascii_lowercase();
    words.iter().any(|word| text.contains(word))
}

/// Whether two names share their last two labels.
fn related(one: &str, other: &str) -> bool {
    let end = |name: &str| {
        let mut labels = name.trim_end_matches('.').rsplit('.');
        (
            labels.next().map(str::to_ascii_lowercase),
            labels.next().map(str::to_ascii_lowercase),
        )
    };
    end(one) == end(other)
}

/// The HTTP answers, and what they tell.
fn answers(evidence: &Evidence) -> impl Iterator<Item = (&Exchange, u16, &Page)> {
    let connected = connected(evidence);
    evidence
        .exchanges
        .iter()
        .filter(move |_| connected)
        .filter_map(|exchange| match &exchange.heard {
            Heard::Http {
                status,
                wants_tls: false,
                page,
                ..
            } => Some((exchange, *status, page)),
            _ => None,
        })
}

fn has_status(exchange: &Exchange, wanted: u16) -> bool {
    matches!(exchange.heard, Heard::Http { status, wants_tls: false, .. } if status == wanted)
}

const MISDIRECTED: u16 = 421;
const NETWORK_AUTHENTICATION: u16 = 511;

/// Words in the address of a page to sign in at.
const SIGN_IN: [&str; 9] = [
    "login", "signin", "sign-in", "portal", "captive", "hotspot", "splash", "guest", "auth",
];

/// Words in the name of a network's own page.
const OF_A_NETWORK: [&str; 5] = ["captive", "hotspot", "portal", "wifi", "guest"];

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::*;

    const IP: &str = "10.77.1.10";

    fn heard(status: u16, page: Page) -> Heard {
        Heard::Http {
            status,
            server: None,
            wants_tls: false,
            page,
        }
    }

    fn answered(status: u16) -> Scene {
        let scene = Scene::new("10.77.1.10:8080").connected(IP);
        scene.exchange(IP, Spoke::HttpGet, heard(status, Page::default()))
    }

    #[test]
    fn an_error_of_the_application_and_one_of_its_gateway_are_told_apart() {
        says(web_error, &answered(500), "http-error", Certainty::Certain);
        says(
            web_error,
            &answered(502),
            "backend-down",
            Certainty::Certain,
        );
        says(
            web_error,
            &answered(504),
            "backend-timeout",
            Certainty::Certain,
        );
        let found = says(web_error, &answered(503), "backend-down", Certainty::Likely);
        assert_eq!(others(&found), ["http-error"]);
        says(web_error, &answered(429), "http-error", Certainty::Likely);
    }

    #[test]
    fn a_page_that_wants_a_login_or_is_missing_is_no_error_of_the_server() {
        for status in [200, 302, 401, 403, 404, 405, 511] {
            silent(web_error, &answered(status));
        }
        silent(web_error, &Scene::new("10.77.1.10:8080").connected(IP));
    }

    #[test]
    fn a_refused_host_name_is_proved_by_the_sentence_that_says_so() {
        let says_so = Page {
            says: Some(PageSays::HostNotAllowed),
            ..Page::default()
        };
        let scene = Scene::new("app.example:5173").connected(IP).exchange(
            IP,
            Spoke::HttpGet,
            heard(403, says_so),
        );
        let rule = host_header_rejected;
        says(rule, &scene, "host-header-rejected", Certainty::Certain);
        says(
            rule,
            &answered(421),
            "host-header-rejected",
            Certainty::Likely,
        );
        silent(rule, &answered(403));
        silent(rule, &answered(400));
    }

    fn redirected(endpoint: &str, ip: &str, location: &str) -> Scene {
        let page = Page {
            location: Some(location.to_owned()),
            ..Page::default()
        };
        Scene::new(endpoint)
            .connected(ip)
            .exchange(ip, Spoke::HttpGet, heard(302, page))
            .network("10.77.1.2/24")
    }

    #[test]
    fn a_far_address_that_sends_to_somebodys_login_may_be_a_portal() {
        let far = redirected("10.77.2.2:80", "10.77.2.2", "http://portal.example/login");
        let found = says(captive_portal, &far, "captive-portal", Certainty::Likely);
        let login = redirected("10.77.2.2:80", "10.77.2.2", "http://login.example/auth");
        says(
            captive_portal,
            &login,
            "captive-portal",
            Certainty::Possible,
        );
        assert_eq!(others(&found), ["reachable"]);
        says(
            captive_portal,
            &answered(511),
            "captive-portal",
            Certainty::Certain,
        );
    }

    #[test]
    fn a_neighbour_a_move_to_https_and_a_common_login_are_no_portals() {
        for (endpoint, ip, location) in [
            ("10.77.1.10:80", IP, "http://portal.example/login"),
            ("10.77.2.2:80", "10.77.2.2", "https://10.77.2.2/login"),
            ("10.77.2.2:80", "10.77.2.2", "/login"),
            ("10.77.2.2:80", "10.77.2.2", "https://www.example/"),
            (
                "app.example:80",
                "10.77.2.2",
                "https://accounts.other/login",
            ),
            (
                "app.corp.example:80",
                "10.77.2.2",
                "https://portal.corp.example/login",
            ),
        ] {
            silent(captive_portal, &redirected(endpoint, ip, location));
        }
    }

    #[test]
    fn without_the_network_nobody_is_called_a_portal() {
        let mut scene = redirected("10.77.2.2:80", "10.77.2.2", "http://portal.example/login");
        scene.evidence.network = crate::evidence::Fact::default();
        silent(captive_portal, &scene);
    }
}
