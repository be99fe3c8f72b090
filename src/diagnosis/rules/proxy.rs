//! `proxy-dead`, `proxy-required` and `proxy-bypass-missing`: the way through the configured proxy
//! and the direct way do not agree.
//!
//! Programs that read `http_proxy` and its like (curl(1), most libraries) send everything to the
//! proxy, so a proxy that is gone makes a target unreachable that is fine; one that cannot reach
//! an internal name answers 502, 503 or 504 (RFC 9110, 15.6) in its place; and in some networks the
//! proxy is the only way out, which it shows by answering where the direct way is shut (407: it
//! wants to know who asks, 15.5.8).

use super::clues::of_attempts;
use super::reachable::works;
use super::reading::{
    connected, finding, is_on_link, is_own, or, refused_by_reset, telling_attempts,
};
use crate::diagnosis::{Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{Attempt, Evidence, Heard, Outcome, Proxy, ProxyTest};

/// The proxy cannot be connected to, and directly the target works.
pub fn proxy_dead(evidence: &Evidence) -> Option<Finding> {
    let (proxy, test) = tested(evidence)?;
    if !is_out_of_reach(evidence) || !works(evidence) {
        return None;
    }
    let mut clues = vec![
        configured(proxy),
        Clue::ProxyNotReached {
            proxy: proxy.endpoint(),
        },
    ];
    clues.extend(of_attempts(telling_attempts(evidence)));
    let cause = Cause::ProxyDead {
        proxy: proxy.endpoint(),
    };
    // A name may have another address, on which programs reach the proxy.
    let is_literal = proxy.host.parse::<std::net::IpAddr>().is_ok();
    let refused = test
        .attempt
        .as_ref()
        .is_some_and(|attempt| attempt.outcome == Outcome::Refused);
    let certainty = if is_literal && refused {
        Certainty::Certain
    } else {
        Certainty::Likely
    };
    Some(finding(cause, certainty, clues))
}

/// Whether programs would be sent to a proxy that cannot be connected to.
pub fn is_out_of_reach(evidence: &Evidence) -> bool {
    tested(evidence).is_some_and(|(_, test)| {
        let attempt = test.attempt.as_ref();
        attempt.is_none_or(|attempt| attempt.outcome != Outcome::Connected)
    })
}

/// Directly there is no connection, and the proxy answers.
pub fn proxy_required(evidence: &Evidence) -> Option<Finding> {
    let (proxy, test) = tested(evidence)?;
    let status = status(test)?;
    let telling = telling_attempts(evidence);
    let is_near = |a: &&Attempt| {
        let ip = a.addr.ip();
        is_own(evidence, ip) == Some(true) || is_on_link(evidence, ip) == Some(true)
    };
    // No proxy is the way to a neighbour.
    if connected(evidence) || telling.is_empty() || telling.iter().any(is_near) {
        return None;
    }
    // A refusal comes from the target or from a device in its place; that a proxy wants to know
    // who asks says nothing about what it could reach.
    let refused = telling.iter().any(|attempt| refused_by_reset(attempt));
    let certainty = match status {
        // The answer may be the proxy's own.
        200..=399 | 401 | 404 => Certainty::Likely,
        WANTS_LOGIN if refused => Certainty::Possible,
        WANTS_LOGIN => Certainty::Likely,
        _ => return None,
    };
    let mut clues = vec![
        configured(proxy),
        Clue::ProxyAnswered {
            proxy: proxy.endpoint(),
            status,
        },
    ];
    clues.extend(of_attempts(telling));
    let cause = Cause::ProxyRequired {
        proxy: proxy.endpoint(),
    };
    let mut found = finding(cause, certainty, clues);
    found.alternatives = vec![or(Cause::SilentDrop, DecidingTest::TryFromElsewhere)];
    Some(found)
}

/// The proxy cannot reach the target, and directly it works.
pub fn proxy_bypass_missing(evidence: &Evidence) -> Option<Finding> {
    let (proxy, test) = tested(evidence)?;
    let status = status(test).filter(|status| CANNOT_REACH.contains(status))?;
    if !works(evidence) {
        return None;
    }
    let mut clues = vec![
        configured(proxy),
        Clue::ProxyAnswered {
            proxy: proxy.endpoint(),
            status,
        },
    ];
    clues.extend(of_attempts(telling_attempts(evidence)));
    let cause = Cause::ProxyBypassMissing {
        proxy: proxy.endpoint(),
    };
    let mut found = finding(cause, Certainty::Certain, clues);
    if evidence.target.host.literal().is_none() && status == 503 {
        // Some services say so themselves, now and then.
        found.certainty = Certainty::Likely;
        found.alternatives = vec![or(Cause::ServiceFlapping, DecidingTest::RepeatTest)];
    }
    Some(found)
}

/// The proxy that programs use for the target, and what came of asking it.
fn tested(evidence: &Evidence) -> Option<(&Proxy, &ProxyTest)> {
    let proxy = evidence.proxy.known()?.as_ref()?;
    let test = evidence.proxy_test.known()?;
    (!proxy.bypassed).then_some((proxy, test))
}

fn status(test: &ProxyTest) -> Option<u16> {
    match test.heard.as_ref()? {
        Heard::Http { status, .. } => Some(*status),
        _ => None,
    }
}

fn configured(proxy: &Proxy) -> Clue {
    Clue::ProxyConfigured {
        proxy: proxy.endpoint(),
        variable: proxy.variable.clone(),
    }
}

const WANTS_LOGIN: u16 = 407;
const CANNOT_REACH: [u16; 3] = [502, 503, 504];

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::super::reachable::reachable;
    use super::*;
    use crate::evidence::Spoke;

    const IP: &str = "10.77.1.10";

    fn http(status: u16) -> Heard {
        serde_json::from_value(serde_json::json!({
            "http": {"status": status, "server": null, "wants_tls": false}
        }))
        .unwrap()
    }

    fn working() -> Scene {
        Scene::new("10.77.1.10:8080")
            .connected(IP)
            .exchange(IP, Spoke::HttpGet, http(200))
    }

    fn silence() -> Scene {
        Scene::new("10.77.2.2:80").silent("10.77.2.2")
    }

    #[test]
    fn a_proxy_that_is_gone_beside_a_target_that_works() {
        let scene = working().proxy(Outcome::Refused, None);
        says(proxy_dead, &scene, "proxy-dead", Certainty::Certain);
        silent(
            proxy_dead,
            &working().proxy(Outcome::Connected, Some(http(200))),
        );
        silent(proxy_dead, &working());
        silent(proxy_dead, &silence().proxy(Outcome::Refused, None));
    }

    #[test]
    fn a_proxy_that_may_be_gone_is_named_before_a_target_that_works() {
        let scene = working().proxy(Outcome::Silent, None);
        says(proxy_dead, &scene, "proxy-dead", Certainty::Likely);
        says(reachable, &scene, "reachable", Certainty::Likely);
    }

    #[test]
    fn a_target_that_is_exempt_does_not_need_the_proxy() {
        let mut scene = working().proxy(Outcome::Refused, None);
        scene.proxy_mut().bypassed = true;
        silent(proxy_dead, &scene);
    }

    #[test]
    fn a_proxy_that_answers_where_the_direct_way_is_shut() {
        let login = silence().proxy(Outcome::Connected, Some(http(407)));
        let found = says(proxy_required, &login, "proxy-required", Certainty::Likely);
        assert_eq!(others(&found), ["silent-drop"]);
        let passes = silence().proxy(Outcome::Connected, Some(http(200)));
        says(proxy_required, &passes, "proxy-required", Certainty::Likely);
    }

    #[test]
    fn a_proxy_that_cannot_either_or_is_not_needed_is_not_required() {
        silent(
            proxy_required,
            &silence().proxy(Outcome::Connected, Some(http(504))),
        );
        silent(proxy_required, &silence().proxy(Outcome::Refused, None));
        silent(
            proxy_required,
            &working().proxy(Outcome::Connected, Some(http(200))),
        );
        silent(proxy_required, &silence());
    }

    #[test]
    fn a_proxy_that_cannot_reach_what_the_direct_way_does() {
        let scene = working().proxy(Outcome::Connected, Some(http(502)));
        says(
            proxy_bypass_missing,
            &scene,
            "proxy-bypass-missing",
            Certainty::Certain,
        );
        silent(
            proxy_bypass_missing,
            &working().proxy(Outcome::Connected, Some(http(200))),
        );
        silent(
            proxy_bypass_missing,
            &silence().proxy(Outcome::Connected, Some(http(502))),
        );
    }
}
