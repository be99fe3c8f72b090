//! `resolver-misconfigured` and `mdns-unavailable`: this machine does not ask those who know.
//!
//! Without a `nameserver` line glibc asks 127.0.0.1 (resolv.conf(5)), where usually nobody
//! answers; without `dns` or `resolve` among the sources of nsswitch.conf(5) nobody is asked at
//! all. Names of one label below `.local` belong to multicast DNS (RFC 6762, 3), which on Linux an
//! own source speaks (`mdns4_minimal`, or systemd-resolved).

use super::clues::{of_direct_answer, of_lookup};
use super::name::direct_answers;
use super::reading::{failed_lookup, finding, name, or};
use crate::diagnosis::{Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{DnsAnswer, Evidence, LookupOutcome, NameSettings};

/// No DNS server is configured, or DNS is left out of the sources of names.
pub fn resolver_misconfigured(evidence: &Evidence) -> Option<Finding> {
    name(evidence)?;
    let lookup = failed_lookup(evidence)?;
    let settings = evidence.name_settings.known()?;
    let direct = direct_answers(evidence);
    let mut clues = vec![of_lookup(lookup)];
    clues.extend(direct.iter().map(of_direct_answer));
    match (&lookup.outcome, settings.asks_dns()) {
        (LookupOutcome::NotFound { .. } | LookupOutcome::Failed { .. }, Some(false)) => {
            let any = |test: fn(&DnsAnswer) -> bool| direct.iter().any(|a| test(&a.answer));
            let certainty = if any(|a| matches!(a, DnsAnswer::Addresses(_))) {
                Certainty::Certain
            } else if any(|a| matches!(a, DnsAnswer::NxDomain | DnsAnswer::NoRecords)) {
                // DNS has no address for the name either.
                return None;
            } else {
                Certainty::Likely
            };
            clues.insert(
                0,
                Clue::NamesWithoutDns {
                    sources: sources(settings),
                },
            );
            Some(finding(Cause::ResolverMisconfigured, certainty, clues))
        }
        (LookupOutcome::Failed { .. } | LookupOutcome::TimedOut, _)
            if settings.resolvers.known().is_some_and(Vec::is_empty)
                && settings.asks_resolved() == Some(false) =>
        {
            clues.insert(0, Clue::NoResolverConfigured);
            let cause = Cause::ResolverMisconfigured;
            Some(finding(cause, Certainty::Certain, clues))
        }
        _ => None,
    }
}

/// A `.local` name, and no source of names here speaks multicast DNS.
pub fn mdns_unavailable(evidence: &Evidence) -> Option<Finding> {
    let name = name(evidence)?;
    let lookup = failed_lookup(evidence)?;
    let label = name.strip_suffix(".local")?;
    let settings = evidence.name_settings.known()?;
    // Deeper names below `.local` are those of company networks, and in their DNS.
    if label.contains('.') || settings.asks_neighbours() != Some(false) {
        return None;
    }
    let clues = vec![
        Clue::NamesWithoutMdns {
            sources: sources(settings),
        },
        of_lookup(lookup),
    ];
    let mut found = finding(Cause::MdnsUnavailable, Certainty::Likely, clues);
    found.alternatives = vec![or(Cause::NameNotFound, DecidingTest::ConnectByAddress)];
    Some(found)
}

fn sources(settings: &NameSettings) -> String {
    match settings.sources.known() {
        Some(sources) if !sources.is_empty() => sources.join(" "),
        // What the C library does without the line (nsswitch.conf(5)).
        Some(_) | None => "files dns".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::*;

    const NO_NAME: LookupOutcome = LookupOutcome::NotFound { eai_code: -2 };
    const AGAIN: LookupOutcome = LookupOutcome::Failed { eai_code: -3 };

    fn scene(outcome: LookupOutcome, sources: &str, resolvers: &[&str]) -> Scene {
        Scene::new("srv.lab.test:5432")
            .lookup(outcome, 2)
            .name_settings(sources, resolvers)
    }

    #[test]
    fn without_a_resolver_the_settings_are_the_cause() {
        says(
            resolver_misconfigured,
            &scene(AGAIN, "files dns", &[]),
            "resolver-misconfigured",
            Certainty::Certain,
        );
        silent(resolver_misconfigured, &scene(AGAIN, "files resolve", &[]));
        silent(
            resolver_misconfigured,
            &scene(AGAIN, "files dns", &["10.77.1.1"]),
        );
    }

    #[test]
    fn sources_without_dns_are_the_cause_when_dns_knows_the_name() {
        let known = DnsAnswer::Addresses(vec!["10.77.1.10".parse().unwrap()]);
        let left_out = || scene(NO_NAME, "files", &["10.77.1.1"]);
        says(
            resolver_misconfigured,
            &left_out().direct(&[known]),
            "resolver-misconfigured",
            Certainty::Certain,
        );
        says(
            resolver_misconfigured,
            &left_out(),
            "resolver-misconfigured",
            Certainty::Likely,
        );
        silent(
            resolver_misconfigured,
            &left_out().direct(&[DnsAnswer::NxDomain]),
        );
        silent(
            resolver_misconfigured,
            &scene(NO_NAME, "files dns", &["10.77.1.1"]),
        );
    }

    #[test]
    fn settings_that_were_not_read_accuse_nobody() {
        let unread = Scene::new("printer.local:631").lookup(NO_NAME, 2);
        silent(resolver_misconfigured, &unread);
        silent(mdns_unavailable, &unread);
    }

    #[test]
    fn a_local_name_needs_somebody_who_speaks_mdns() {
        let local = |sources| {
            Scene::new("printer.local:631")
                .lookup(NO_NAME, 2)
                .name_settings(sources, &["10.77.1.1"])
        };
        let found = says(
            mdns_unavailable,
            &local("files dns"),
            "mdns-unavailable",
            Certainty::Likely,
        );
        assert_eq!(others(&found), ["name-not-found"]);
        silent(
            mdns_unavailable,
            &local("files mdns4_minimal [NOTFOUND=return] dns"),
        );
        let company = Scene::new("db.corp.local:5432")
            .lookup(NO_NAME, 2)
            .name_settings("files dns", &["10.77.1.1"]);
        silent(mdns_unavailable, &company);
    }
}
