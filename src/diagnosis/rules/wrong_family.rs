//! `wrong-family`: the service listens on IPv4 only and was asked over IPv6, or the reverse.
//!
//! A socket bound to 0.0.0.0 takes IPv4 only; one bound to :: takes IPv4 too unless
//! `IPV6_V6ONLY` is set (ipv6(7), RFC 3493, 5.3), which the system rarely tells. The everyday case
//! is `localhost`: it names `::1` as well as 127.0.0.1 (RFC 6761, 6.3), and many programs listen on
//! one of them. Programs that try only the first address then fail, though the service runs.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::clues::{of_attempts, of_listener, of_place};
use super::reading::{
    all_own, family_of, finding, has_family, or, passed_by, refused_by_reset, telling_attempts,
};
use crate::diagnosis::{Cause, Certainty, Clue, DecidingTest, Family, Finding};
use crate::evidence::{Attempt, Evidence, Fact, Listener, Outcome, is_link_local};

/// Some of the name's addresses are refused, those of the other family work.
pub fn one_family_refused(evidence: &Evidence) -> Option<Finding> {
    let telling = telling_attempts(evidence);
    let (working, failing): (Vec<&Attempt>, Vec<&Attempt>) = telling
        .iter()
        .partition(|attempt| attempt.outcome == Outcome::Connected);
    let (works, refused) = (*working.first()?, *failing.first()?);
    let used = family_of(refused);
    let by_family = failing
        .iter()
        .all(|a| refused_by_reset(a) && family_of(a) == used)
        && working.iter().all(|a| family_of(a) != used);
    if !by_family {
        return None;
    }
    let mut clues = of_attempts(failing.iter().chain(&working).copied());
    let cause = Cause::WrongFamily {
        used,
        works: works.addr,
    };
    let here = all_own(evidence, &telling);
    if !here {
        clues.extend(of_place(evidence, refused));
        let mut guess = finding(cause, Certainty::Likely, clues);
        guess.alternatives = vec![or(
            Cause::FirewallRejects,
            DecidingTest::LookAtListenersOnTarget,
        )];
        return Some(guess);
    }
    let Some(listeners) = evidence.listeners_on_port() else {
        clues.push(Clue::ListenersUnknown);
        return Some(finding(cause, Certainty::Likely, clues));
    };
    let takes = |l: &Listener| l.accepts(refused.addr.ip());
    if listeners.iter().any(|l| takes(l) == Some(true)) {
        return None;
    }
    let certain = !listeners.is_empty() && listeners.iter().all(|l| takes(l) == Some(false));
    let certainty = if certain {
        Certainty::Certain
    } else {
        Certainty::Likely
    };
    clues.extend(listeners.iter().map(|l| of_listener(l)));
    Some(finding(cause, certainty, clues))
}

/// This machine was asked over one family and refused; the service listens on the other.
pub fn listens_on_other_family(evidence: &Evidence) -> Option<Finding> {
    let (asked, listeners) = passed_by(evidence)?;
    let first = *asked.first()?;
    let used = family_of(first);
    if asked.iter().any(|attempt| family_of(attempt) != used) {
        return None;
    }
    let ip = first.addr.ip().to_canonical();
    let same_place = |l: &&&Listener| {
        let bound = l.addr.ip();
        Family::of(bound) != used
            && (bound.is_unspecified() || bound.is_loopback() == ip.is_loopback())
    };
    let listener: &Listener = listeners.iter().find(same_place)?;
    let cause = Cause::WrongFamily {
        used,
        works: where_it_works(evidence, listener, ip),
    };
    // An IPv6 wildcard may take IPv4; refused all the same, it probably does not.
    let excluded = listeners.iter().all(|l| l.accepts(ip) == Some(false));
    let mut clues = vec![of_listener(listener)];
    clues.extend(of_attempts(asked.iter().copied()));
    clues.extend(of_place(evidence, first));
    let certainty = if excluded {
        Certainty::Certain
    } else {
        Certainty::Likely
    };
    let mut found = finding(cause, certainty, clues);
    if !excluded {
        found.alternatives = vec![or(Cause::FirewallRejects, DecidingTest::ReadFirewallHere)];
    }
    Some(found)
}

/// An address of the listener's family to connect to: for a wildcard, the loopback address when
/// loopback was asked, else one of this machine's own.
fn where_it_works(evidence: &Evidence, listener: &Listener, asked: IpAddr) -> SocketAddr {
    let bound = listener.addr.ip();
    if !bound.is_unspecified() {
        return listener.addr;
    }
    let family = Family::of(bound);
    let loopback = match family {
        Family::V4 => IpAddr::V4(Ipv4Addr::LOCALHOST),
        Family::V6 => IpAddr::V6(Ipv6Addr::LOCALHOST),
    };
    let own = match &evidence.network {
        Fact::Known(network) if !asked.is_loopback() && has_family(network, family) => network
            .interfaces
            .iter()
            .filter(|interface| interface.up && !interface.loopback)
            .flat_map(|interface| &interface.addresses)
            .map(|address| address.ip)
            .find(|ip| Family::of(*ip) == family && !is_link_local(*ip)),
        Fact::Known(_) | Fact::Unknown(_) => None,
    };
    SocketAddr::new(own.unwrap_or(loopback), listener.addr.port())
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::*;

    fn localhost() -> Scene {
        Scene::new("localhost:5432")
            .found(&["::1", "127.0.0.1"])
            .refused("::1")
            .connected("127.0.0.1")
    }

    fn works(finding: &Finding) -> String {
        match &finding.cause {
            Cause::WrongFamily { works, .. } => works.to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn localhost_refused_over_ipv6_and_served_over_ipv4() {
        for socket in ["127.0.0.1:5432 postgres", "0.0.0.0:5432"] {
            let scene = localhost().listeners(&[socket]);
            let found = says(
                one_family_refused,
                &scene,
                "wrong-family",
                Certainty::Certain,
            );
            assert_eq!(works(&found), "127.0.0.1:5432");
        }
    }

    #[test]
    fn without_the_table_localhost_stays_likely() {
        says(
            one_family_refused,
            &localhost(),
            "wrong-family",
            Certainty::Likely,
        );
    }

    #[test]
    fn a_listener_on_both_that_refuses_one_is_no_matter_of_families() {
        let scene = localhost().listeners(&["127.0.0.1:5432", "[::1]:5432"]);
        silent(one_family_refused, &scene);
    }

    #[test]
    fn a_remote_name_refused_over_ipv6_may_also_meet_a_rule() {
        let scene = Scene::new("db.example:5432")
            .found(&["fd77:1::10", "10.77.1.10"])
            .refused("fd77:1::10")
            .connected("10.77.1.10")
            .network("10.77.1.2/24");
        let found = says(
            one_family_refused,
            &scene,
            "wrong-family",
            Certainty::Likely,
        );
        assert_eq!(others(&found), ["firewall-rejects"]);
    }

    #[test]
    fn two_addresses_of_one_family_are_another_matter() {
        let scene = Scene::new("db.example:5432")
            .refused("10.77.1.10")
            .connected("10.77.1.11");
        silent(one_family_refused, &scene);
        silent(
            one_family_refused,
            &Scene::new("localhost:1").refused("::1"),
        );
    }

    #[test]
    fn an_own_ipv6_address_with_an_ipv4_listener() {
        let scene = || {
            Scene::new("[fd77:1::10]:5432")
                .refused("fd77:1::10")
                .network("10.77.1.10/24 fd77:1::10/64")
        };
        let wildcard = scene().listeners(&["0.0.0.0:5432 postgres"]);
        let found = says(
            listens_on_other_family,
            &wildcard,
            "wrong-family",
            Certainty::Certain,
        );
        assert_eq!(works(&found), "10.77.1.10:5432");
        silent(
            listens_on_other_family,
            &scene().listeners(&["127.0.0.1:5432"]),
        );
        silent(listens_on_other_family, &scene().listeners(&["[::]:5432"]));
        silent(listens_on_other_family, &scene().listeners(&[]));
        silent(listens_on_other_family, &scene());
    }

    #[test]
    fn an_ipv6_wildcard_that_refuses_ipv4_probably_is_ipv6_only() {
        let scene = Scene::new("127.0.0.1:5432")
            .refused("127.0.0.1")
            .listeners(&["[::]:5432"]);
        let found = says(
            listens_on_other_family,
            &scene,
            "wrong-family",
            Certainty::Likely,
        );
        assert_eq!(works(&found), "[::1]:5432");
        assert_eq!(others(&found), ["firewall-rejects"]);
    }

    #[test]
    fn a_literal_loopback_address_asked_over_the_wrong_family() {
        let scene = Scene::new("[::1]:5432")
            .refused("::1")
            .listeners(&["127.0.0.1:5432"]);
        let found = says(
            listens_on_other_family,
            &scene,
            "wrong-family",
            Certainty::Certain,
        );
        assert_eq!(works(&found), "127.0.0.1:5432");
    }

    #[test]
    fn another_machines_listeners_are_not_ours_to_read() {
        let scene = Scene::new("[fd77:1::10]:5432")
            .refused("fd77:1::10")
            .network("10.77.1.2/24 fd77:1::2/64")
            .listeners(&["0.0.0.0:5432"]);
        silent(listens_on_other_family, &scene);
    }
}
