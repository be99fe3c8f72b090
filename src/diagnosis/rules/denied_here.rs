//! `route-prohibited`, `local-policy-denies` and, on Windows, `local-firewall-rejects`: this
//! machine itself forbids the connection before a packet leaves.
//!
//! Sources: ip-route(8) (`prohibit` gives EACCES, `blackhole` EINVAL, `unreachable`
//! EHOSTUNREACH), landlock(7) and selinux(8) (EACCES for TCP connects only), the connect hooks of
//! bpf(2) and seccomp(2) (EPERM), the Windows Filtering Platform (WSAEACCES). A route forbids
//! every protocol, so a UDP connect(2), which sends nothing, gets the same error; a policy on TCP
//! leaves it alone. ICMPv6 can cause EACCES too, but later and with a message to show for it.

use super::clues::of_attempts;
use super::reading::{all_telling, failed_here, finding, is_on_link, or, route_to};
use crate::diagnosis::{Cause, Certainty, DecidingTest, Finding};
use crate::evidence::{Attempt, Evidence, Os, Outcome};

const EPERM: i32 = 1;
const EACCES: i32 = 13;
const EINVAL: i32 = 22;
const LINUX_EHOSTUNREACH: i32 = 113;
const MACOS_EHOSTUNREACH: i32 = 65;

/// The route itself answers with the same error.
pub fn route_prohibited(evidence: &Evidence) -> Option<Finding> {
    if evidence.os != Os::Linux {
        return None;
    }
    let failed = all_telling(evidence, |attempt| {
        let forbids = |code: &i32| [EACCES, EINVAL, LINUX_EHOSTUNREACH].contains(code);
        let code = attempt.os_code.filter(forbids);
        let route = route_to(evidence, attempt.addr.ip());
        failed_here(attempt)
            && code.is_some()
            && route.is_some_and(|route| route.source.is_none() && route.os_code == code)
    })?;
    let clues = of_attempts(failed);
    Some(finding(Cause::RouteProhibited, Certainty::Certain, clues))
}

/// The route exists, and connecting is forbidden all the same.
pub fn denied_by_policy(evidence: &Evidence) -> Option<Finding> {
    match evidence.os {
        Os::Linux => denied_on_linux(evidence),
        Os::Macos => denied_on_macos(evidence),
        Os::Windows => denied_on_windows(evidence),
    }
}

fn denied_on_linux(evidence: &Evidence) -> Option<Finding> {
    let denied = all_denied(evidence)?;
    let clues = of_attempts(denied.iter().copied());
    let routed = |a: &&Attempt| route_to(evidence, a.addr.ip()).map(|r| r.source.is_some());
    // No route answers EPERM, and netfilter answers a TCP connect with silence.
    let by_code = denied.iter().all(|a| a.os_code == Some(EPERM));
    if by_code || denied.iter().all(|a| routed(a) == Some(true)) {
        return Some(finding(Cause::LocalPolicyDenies, Certainty::Certain, clues));
    }
    let mut guess = finding(Cause::LocalPolicyDenies, Certainty::Possible, clues);
    guess.alternatives = vec![or(Cause::RouteProhibited, DecidingTest::TryFromElsewhere)];
    Some(guess)
}

/// A sandbox answers EPERM. Local network privacy (macOS 15) answers EHOSTUNREACH at once for
/// neighbours that have a route; a neighbour that is off takes seconds to show.
fn denied_on_macos(evidence: &Evidence) -> Option<Finding> {
    if let Some(denied) = all_denied(evidence) {
        let clues = of_attempts(denied);
        return Some(finding(Cause::LocalPolicyDenies, Certainty::Likely, clues));
    }
    let hidden = all_telling(evidence, |attempt| {
        let ip = attempt.addr.ip();
        failed_here(attempt)
            && attempt.os_code == Some(MACOS_EHOSTUNREACH)
            && is_on_link(evidence, ip) == Some(true)
            && route_to(evidence, ip).is_some_and(|route| route.source.is_some())
    })?;
    let mut privacy = finding(
        Cause::LocalPolicyDenies,
        Certainty::Likely,
        of_attempts(hidden),
    );
    privacy.alternatives = vec![
        or(Cause::HostDown, DecidingTest::CheckMachineIsOn),
        or(Cause::LocalFirewallRejects, DecidingTest::ReadFirewallHere),
    ];
    Some(privacy)
}

/// WSAEACCES at once is the filtering platform: a firewall rule, or an app container.
fn denied_on_windows(evidence: &Evidence) -> Option<Finding> {
    let denied = all_denied(evidence)?;
    let mut blocked = finding(
        Cause::LocalFirewallRejects,
        Certainty::Likely,
        of_attempts(denied),
    );
    blocked.alternatives = vec![or(Cause::LocalPolicyDenies, DecidingTest::ReadFirewallHere)];
    Some(blocked)
}

fn all_denied(evidence: &Evidence) -> Option<Vec<&Attempt>> {
    all_telling(evidence, |attempt| {
        failed_here(attempt) && attempt.outcome == Outcome::Denied
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::*;

    fn denied(os_code: i32) -> Scene {
        Scene::new("10.77.2.2:5432").at_once("10.77.2.2", Outcome::Denied, os_code)
    }

    #[test]
    fn the_same_error_for_udp_means_the_route_forbids_it() {
        for (outcome, code) in [
            (Outcome::Denied, EACCES),
            (Outcome::Other, EINVAL),
            (Outcome::HostUnreachable, LINUX_EHOSTUNREACH),
        ] {
            let scene = Scene::new("10.77.2.2:5432")
                .at_once("10.77.2.2", outcome, code)
                .network("10.77.1.2/24")
                .route("10.77.2.2", None, Some(code));
            says(
                route_prohibited,
                &scene,
                "route-prohibited",
                Certainty::Certain,
            );
        }
    }

    #[test]
    fn a_missing_route_is_not_a_forbidden_one() {
        let scene = Scene::new("10.77.2.2:5432")
            .at_once("10.77.2.2", Outcome::NetworkUnreachable, 101)
            .network("10.77.1.2/24")
            .route("10.77.2.2", None, Some(101));
        silent(route_prohibited, &scene);
        silent(denied_by_policy, &scene);
    }

    #[test]
    fn an_open_route_with_a_denied_connect_means_a_policy() {
        let scene =
            denied(EACCES)
                .network("10.77.1.2/24")
                .route("10.77.2.2", Some("10.77.1.2"), None);
        says(
            denied_by_policy,
            &scene,
            "local-policy-denies",
            Certainty::Certain,
        );
        silent(route_prohibited, &scene);
    }

    #[test]
    fn eperm_is_a_policy_whatever_the_route_says() {
        let scene = denied(EPERM)
            .network("10.77.1.2/24")
            .route("10.77.2.2", None, Some(EPERM));
        says(
            denied_by_policy,
            &scene,
            "local-policy-denies",
            Certainty::Certain,
        );
        silent(route_prohibited, &scene);
    }

    #[test]
    fn eacces_without_a_route_lookup_could_be_either() {
        let guess = says(
            denied_by_policy,
            &denied(EACCES),
            "local-policy-denies",
            Certainty::Possible,
        );
        assert_eq!(others(&guess), ["route-prohibited"]);
        silent(route_prohibited, &denied(EACCES));
    }

    #[test]
    fn eacces_that_an_icmp_message_explains_is_not_made_here() {
        let scene = Scene::new("[fd77:1::10]:5432").icmp("fd77:1::10", 1, 1, "fd77:1::10", 1);
        silent(denied_by_policy, &scene);
        silent(route_prohibited, &scene);
    }

    #[test]
    fn windows_blocks_at_once_with_10013() {
        let scene = denied(10013).os(Os::Windows);
        let found = says(
            denied_by_policy,
            &scene,
            "local-firewall-rejects",
            Certainty::Likely,
        );
        assert_eq!(others(&found), ["local-policy-denies"]);
    }

    #[test]
    fn macos_hides_neighbours_from_apps_without_permission() {
        let scene = Scene::new("10.77.1.10:5432")
            .os(Os::Macos)
            .at_once("10.77.1.10", Outcome::HostUnreachable, 65)
            .network("10.77.1.2/24")
            .route("10.77.1.10", Some("10.77.1.2"), None);
        says(
            denied_by_policy,
            &scene,
            "local-policy-denies",
            Certainty::Likely,
        );
    }
}
