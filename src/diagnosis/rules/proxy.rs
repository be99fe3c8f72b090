//! `proxy-dead`, `proxy-required` and `proxy-bypass-missing`: the way through the configured proxy
//! and the direct way do not agree.
//!
//! Programs that read `http_proxy` and its like (curl(1), most libraries), and those that follow
//! the settings of the desktop (browsers), send everything to the
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
use crate::evidence::{
    Attempt, Evidence, Heard, Outcome, Proxy, ProxyFollowers, ProxyRule, ProxySetting, ProxySource,
    ProxyTest,
};
use crate::target::Protocol;

/// The proxy cannot be connected to, and directly the target works.
pub fn proxy_dead(evidence: &Evidence) -> Option<Finding> {
    let tested = tested(evidence).find(Tested::is_out_of_reach)?;
    if !works(evidence) {
        return None;
    }
    let proxy = tested.proxy.endpoint();
    let mut clues = tested.clues(evidence);
    clues.push(Clue::ProxyNotReached {
        proxy: proxy.clone(),
    });
    clues.extend(of_attempts(telling_attempts(evidence)));
    // A name may have another address, on which programs reach the proxy.
    let is_literal = tested.proxy.host.parse::<std::net::IpAddr>().is_ok();
    let attempt = tested.test.attempt.as_ref();
    let refused = attempt.is_some_and(|attempt| attempt.outcome == Outcome::Refused);
    let certainty = if is_literal && refused {
        tested.at_most(Certainty::Certain)
    } else {
        Certainty::Likely
    };
    Some(finding(Cause::ProxyDead { proxy }, certainty, clues))
}

/// Whether some programs would be sent to a proxy that cannot be connected to, or that does not
/// get to the target.
pub fn stands_in_the_way(evidence: &Evidence) -> bool {
    tested(evidence).any(|tested| tested.is_out_of_reach() || tested.fails(evidence))
}

/// Directly there is no connection, and the proxy answers.
pub fn proxy_required(evidence: &Evidence) -> Option<Finding> {
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
    let how_sure = |tested: &Tested<'_>| match tested.status()? {
        // The answer may be the proxy's own.
        200..=399 | 401 | 404 => Some(Certainty::Likely),
        WANTS_LOGIN if refused => Some(Certainty::Possible),
        WANTS_LOGIN => Some(Certainty::Likely),
        _ => None,
    };
    let mut answering: Vec<(Certainty, Tested<'_>)> = tested(evidence)
        .filter_map(|tested| Some((how_sure(&tested)?, tested)))
        .collect();
    // Stable: among equals the one that is named first.
    answering.sort_by_key(|(certainty, _)| std::cmp::Reverse(*certainty));
    let (certainty, tested) = answering.into_iter().next()?;
    let proxy = tested.proxy.endpoint();
    let mut clues = tested.clues(evidence);
    clues.extend(tested.answered());
    clues.extend(of_attempts(telling));
    let mut found = finding(Cause::ProxyRequired { proxy }, certainty, clues);
    found.alternatives = vec![or(Cause::SilentDrop, DecidingTest::TryFromElsewhere)];
    Some(found)
}

/// The proxy cannot reach the target, or refuses to, and directly it works.
pub fn proxy_bypass_missing(evidence: &Evidence) -> Option<Finding> {
    let tested = tested(evidence).find(|tested| tested.fails(evidence))?;
    if !works(evidence) {
        return None;
    }
    let proxy = tested.proxy.endpoint();
    let mut clues = tested.clues(evidence);
    clues.extend(tested.answered());
    clues.extend(of_attempts(telling_attempts(evidence)));
    let certainty = tested.at_most(Certainty::Certain);
    let mut found = finding(Cause::ProxyBypassMissing { proxy }, certainty, clues);
    if evidence.target.host.literal().is_none() && tested.status() == Some(503) {
        // Some services say so themselves, now and then.
        found.certainty = Certainty::Likely;
        found.alternatives = vec![or(Cause::ServiceFlapping, DecidingTest::RepeatTest)];
    }
    Some(found)
}

/// That a script chooses the proxy, where that may be why nothing connects.
pub fn of_script(evidence: &Evidence) -> Option<Clue> {
    if connected(evidence) {
        return None;
    }
    let is_script =
        |setting: &&ProxySetting| matches!(setting.says.known(), Some(ProxyRule::Script { .. }));
    let setting = settings(evidence).find(is_script)?;
    Some(Clue::ProxyScriptNotRun {
        source: setting.from,
    })
}

/// A proxy that programs use for the target, and what came of asking it.
struct Tested<'a> {
    proxy: &'a Proxy,
    test: &'a ProxyTest,
    /// The own environment names it, maybe beside others.
    named_by_environment: bool,
}

/// The proxies that were asked, in the order in which they are named.
fn tested(evidence: &Evidence) -> impl Iterator<Item = Tested<'_>> {
    let is_environment =
        |setting: &ProxySetting| matches!(setting.from, ProxySource::Environment { .. });
    let mut named: Vec<&Proxy> = Vec::new();
    for proxy in settings(evidence).filter_map(ProxySetting::proxy) {
        if !named.contains(&proxy) {
            named.push(proxy);
        }
    }
    named.into_iter().filter_map(move |proxy| {
        let test = evidence.proxy_test(proxy)?;
        let mut naming = settings(evidence).filter(|setting| setting.proxy() == Some(proxy));
        Some(Tested {
            proxy,
            test,
            named_by_environment: naming.any(is_environment),
        })
    })
}

fn settings(evidence: &Evidence) -> impl Iterator<Item = &ProxySetting> {
    evidence.proxies.known().into_iter().flatten()
}

impl Tested<'_> {
    fn is_out_of_reach(&self) -> bool {
        let attempt = self.test.attempt.as_ref();
        attempt.is_none_or(|attempt| attempt.outcome != Outcome::Connected)
    }

    /// It answers, and not with what the target would say.
    fn fails(&self, evidence: &Evidence) -> bool {
        match self.status() {
            Some(502..=504) => true,
            // Within a tunnel the target would answer: without one it is the proxy that forbids.
            Some(FORBIDS) => evidence.target.protocol == Protocol::Https,
            _ => false,
        }
    }

    fn status(&self) -> Option<u16> {
        match self.test.heard.as_ref()? {
            Heard::Http { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Only the own environment is known to be that of other programs: which of them follow a
    /// desktop's settings, or will be started after the next login, is not seen.
    fn at_most(&self, certainty: Certainty) -> Certainty {
        if self.named_by_environment {
            certainty
        } else {
            certainty.min(Certainty::Likely)
        }
    }

    fn answered(&self) -> Option<Clue> {
        Some(Clue::ProxyAnswered {
            proxy: self.proxy.endpoint(),
            status: self.status()?,
        })
    }

    /// Which settings name it, and who does not follow them.
    fn clues(&self, evidence: &Evidence) -> Vec<Clue> {
        let names_it = |setting: &&ProxySetting| setting.proxy() == Some(self.proxy);
        let naming: Vec<&ProxySetting> = settings(evidence).filter(names_it).collect();
        let mut clues: Vec<Clue> = naming
            .iter()
            .map(|setting| Clue::ProxyConfigured {
                proxy: self.proxy.endpoint(),
                source: setting.from,
            })
            .collect();
        clues.extend(only_followed_by(evidence, &naming));
        clues
    }
}

/// The only programs that take a proxy, where others are known to go another way: what the own
/// environment does not name, command-line programs do not take.
fn only_followed_by(evidence: &Evidence, naming: &[&ProxySetting]) -> Option<Clue> {
    let followers = |setting: &ProxySetting| setting.from.followers();
    let first = followers(naming.first()?);
    if naming.iter().any(|setting| followers(setting) != first) {
        return None;
    }
    let goes_otherwise = |setting: &ProxySetting| {
        followers(setting) == ProxyFollowers::Desktop
            && matches!(
                setting.says.known(),
                Some(ProxyRule::Direct | ProxyRule::Exempt(_) | ProxyRule::Through(_))
            )
    };
    let is_told = match first {
        ProxyFollowers::CommandLine => settings(evidence).any(goes_otherwise),
        ProxyFollowers::Desktop | ProxyFollowers::NextLogin | ProxyFollowers::Services => true,
    };
    is_told.then_some(Clue::ProxyFollowedOnly { followers: first })
}

const FORBIDS: u16 = 403;
const WANTS_LOGIN: u16 = 407;

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::super::reachable::reachable;
    use super::*;
    use crate::evidence::{Fact, Spoke};

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
        let setting = &mut scene.proxy_settings()[0];
        let proxy = setting.proxy().unwrap().clone();
        setting.says = Fact::Known(ProxyRule::Exempt(proxy));
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

    fn followed_only(found: &Finding) -> Vec<ProxyFollowers> {
        let only = |clue: &Clue| match clue {
            Clue::ProxyFollowedOnly { followers } => Some(*followers),
            _ => None,
        };
        found.because.iter().filter_map(only).collect()
    }

    #[test]
    fn a_desktop_setting_is_followed_by_programs_that_are_not_seen() {
        let scene = working().proxy_from(ProxySource::Gnome, Outcome::Refused, None);
        let found = says(proxy_dead, &scene, "proxy-dead", Certainty::Likely);
        assert_eq!(followed_only(&found), [ProxyFollowers::Desktop]);
        let cannot = Some(http(502));
        let scene = working().proxy_from(ProxySource::Kde, Outcome::Connected, cannot);
        let id = "proxy-bypass-missing";
        says(proxy_bypass_missing, &scene, id, Certainty::Likely);
    }

    #[test]
    fn what_the_environment_names_as_well_is_as_sure_as_if_it_were_alone() {
        let mut scene = working().proxy(Outcome::Refused, None);
        let proxy = scene.proxy_settings()[0].proxy().unwrap().clone();
        let scene = scene.proxy_setting(ProxySource::Gnome, ProxyRule::Through(proxy));
        let found = says(proxy_dead, &scene, "proxy-dead", Certainty::Certain);
        assert_eq!(followed_only(&found), []);
    }

    #[test]
    fn that_browsers_go_directly_is_told_where_it_is_known() {
        let dead = working().proxy(Outcome::Refused, None);
        let known = dead.proxy_setting(ProxySource::Windows, ProxyRule::Direct);
        let found = says(proxy_dead, &known, "proxy-dead", Certainty::Certain);
        assert_eq!(followed_only(&found), [ProxyFollowers::CommandLine]);
        let dead = working().proxy(Outcome::Refused, None);
        let open = dead.proxy_setting(ProxySource::Windows, ProxyRule::Discovery);
        let found = says(proxy_dead, &open, "proxy-dead", Certainty::Certain);
        assert_eq!(followed_only(&found), []);
    }

    #[test]
    fn a_proxy_of_the_desktop_may_be_the_way_out() {
        let login = Some(http(407));
        let scene = silence().proxy_from(ProxySource::Macos, Outcome::Connected, login);
        says(proxy_required, &scene, "proxy-required", Certainty::Likely);
    }

    #[test]
    fn a_proxy_that_forbids_a_tunnel_stands_in_the_way() {
        let https = || {
            let mut scene = Scene::new("10.77.1.10:8443").connected(IP);
            scene.evidence.target.protocol = Protocol::Https;
            scene.exchange(IP, Spoke::HttpsGet, http(200))
        };
        let forbids = https().proxy(Outcome::Connected, Some(http(403)));
        let id = "proxy-bypass-missing";
        says(proxy_bypass_missing, &forbids, id, Certainty::Certain);
        // Without a tunnel the answer may be the target's own.
        let page = working().proxy(Outcome::Connected, Some(http(403)));
        silent(proxy_bypass_missing, &page);
    }

    #[test]
    fn a_script_that_was_not_run_is_told_where_nothing_connects() {
        let script = || ProxyRule::Script { host: None };
        let told = silence().proxy_setting(ProxySource::Gnome, script());
        let source = ProxySource::Gnome;
        assert_eq!(
            of_script(&told.evidence),
            Some(Clue::ProxyScriptNotRun { source })
        );
        let works = working().proxy_setting(ProxySource::Gnome, script());
        assert_eq!(of_script(&works.evidence), None);
        let offered = silence().proxy_setting(ProxySource::Windows, ProxyRule::Discovery);
        assert_eq!(of_script(&offered.evidence), None);
    }
}
