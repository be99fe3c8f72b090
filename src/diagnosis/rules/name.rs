//! `name-not-found` and `name-has-no-address`: the resolver answered, and the answer is no.
//!
//! Sources: getaddrinfo(3) (`EAI_NONAME`, `EAI_NODATA`), RFC 1035, 4.1.1, RFC 2308, section 2
//! (NXDOMAIN and NODATA), Windows Sockets (11001, 11004). glibc and Windows tell the two apart; macOS,
//! musl and others fold "no address", and macOS even "no answer", into "no such name": then the
//! DNS servers' own answers decide.

use super::clues::{of_aliases, of_direct_answer, of_lookup};
use super::reading::{failed_lookup, finding, name, or};
use crate::diagnosis::{Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{DirectAnswer, DnsAnswer, Evidence, LookupOutcome, NameSettings, Os};

/// The name does not exist, or exists without an address.
pub fn name_without_address(evidence: &Evidence) -> Option<Finding> {
    name(evidence)?;
    let lookup = failed_lookup(evidence)?;
    let direct = direct_answers(evidence);
    let dns = Dns::of(direct);
    let (cause, certainty) = match (&lookup.outcome, dns) {
        (LookupOutcome::NotFound { .. }, Dns::Mute) if evidence.os != Os::Linux => return None,
        // Where the system's resolver failed, DNS itself may still be clear about the name.
        (
            LookupOutcome::NotFound { .. } | LookupOutcome::Failed { .. } | LookupOutcome::TimedOut,
            Dns::NoRecords,
        )
        | (LookupOutcome::Found(_), _) => (Cause::NameHasNoAddress, Certainty::Likely),
        (LookupOutcome::NotFound { .. }, dns) => {
            (Cause::NameNotFound, how_sure_of_absence(evidence, dns))
        }
        (LookupOutcome::NoAddress { .. }, dns) => (
            Cause::NameHasNoAddress,
            match dns {
                Dns::Unasked | Dns::NoRecords => Certainty::Certain,
                Dns::NxDomain | Dns::Mute => Certainty::Likely,
                Dns::Addresses => Certainty::Possible,
            },
        ),
        (LookupOutcome::Failed { .. } | LookupOutcome::TimedOut, Dns::NxDomain) => {
            (Cause::NameNotFound, Certainty::Likely)
        }
        (LookupOutcome::Failed { .. } | LookupOutcome::TimedOut, _) => return None,
    };
    let mut clues: Vec<Clue> = vec![of_lookup(lookup)];
    clues.extend(direct.iter().map(of_direct_answer));
    clues.extend(of_aliases(direct));
    let mut found = finding(cause, certainty, clues);
    if dns == Dns::Addresses {
        // DNS knows the name and this machine's resolver does not: the resolver's settings.
        found.alternatives = vec![or(Cause::ResolverFailure, DecidingTest::TryLater)];
    }
    Some(found)
}

fn how_sure_of_absence(evidence: &Evidence, dns: Dns) -> Certainty {
    // `.local` belongs to multicast DNS (RFC 6762): a plain resolver's "no" may only mean that
    // nobody asked the neighbours.
    let is_local = name(evidence).is_some_and(|name| name.rsplit('.').next() == Some("local"));
    // Without a network Windows answers "no such host" too, macOS answers it for nearly all.
    let is_plain = evidence.os == Os::Linux || dns == Dns::NxDomain;
    // Where DNS is left out of the sources of names, the system's "no" is not DNS's.
    let settings = evidence.name_settings.known();
    let asked_dns = settings.and_then(NameSettings::asks_dns) != Some(false);
    match dns {
        Dns::Addresses => Certainty::Possible,
        Dns::NxDomain if is_plain && !is_local => Certainty::Certain,
        Dns::Unasked if is_plain && !is_local && asked_dns => Certainty::Certain,
        Dns::Unasked | Dns::NxDomain | Dns::NoRecords | Dns::Mute => Certainty::Likely,
    }
}

/// The DNS servers' own answers, taken together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dns {
    Unasked,
    Addresses,
    NoRecords,
    NxDomain,
    /// Asked, and none of them said anything about the name.
    Mute,
}

impl Dns {
    fn of(answers: &[DirectAnswer]) -> Self {
        let any = |test: fn(&DnsAnswer) -> bool| answers.iter().any(|a| test(&a.answer));
        if answers.is_empty() {
            Self::Unasked
        } else if any(|a| matches!(a, DnsAnswer::Addresses(found) if !found.is_empty())) {
            Self::Addresses
        } else if any(|a| matches!(a, DnsAnswer::NoRecords | DnsAnswer::Addresses(_))) {
            Self::NoRecords
        } else if any(|a| matches!(a, DnsAnswer::NxDomain)) {
            Self::NxDomain
        } else {
            Self::Mute
        }
    }
}

/// What the DNS servers said when asked directly; empty when nobody asked.
pub fn direct_answers(evidence: &Evidence) -> &[DirectAnswer] {
    evidence.direct_lookup.known().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::*;

    const NO_NAME: LookupOutcome = LookupOutcome::NotFound { eai_code: -2 };
    const NO_DATA: LookupOutcome = LookupOutcome::NoAddress { eai_code: -5 };
    const AGAIN: LookupOutcome = LookupOutcome::Failed { eai_code: -3 };

    #[test]
    fn where_an_alias_leads_is_told() {
        let mut scene = Scene::new("db.example:5432")
            .lookup(NO_NAME, 2)
            .direct(&[DnsAnswer::NxDomain]);
        let crate::evidence::Fact::Known(answers) = &mut scene.evidence.direct_lookup else {
            unreachable!("set above");
        };
        answers[0].aliases = vec!["old.example".to_owned()];
        let found = says(
            name_without_address,
            &scene,
            "name-not-found",
            Certainty::Certain,
        );
        let alias = Clue::NameIsAlias {
            aliases: vec!["old.example".to_owned()],
        };
        assert!(found.because.contains(&alias));
    }

    fn asked(outcome: LookupOutcome) -> Scene {
        Scene::new("nx.example:5432").lookup(outcome, 3)
    }

    fn address() -> DnsAnswer {
        DnsAnswer::Addresses(vec!["192.0.2.7".parse().unwrap()])
    }

    #[test]
    fn no_such_name_is_certain_when_nothing_contradicts() {
        for scene in [
            asked(NO_NAME),
            asked(NO_NAME).direct(&[DnsAnswer::NxDomain]),
        ] {
            says(
                name_without_address,
                &scene,
                "name-not-found",
                Certainty::Certain,
            );
        }
    }

    #[test]
    fn no_address_is_certain_when_nothing_contradicts() {
        for scene in [
            asked(NO_DATA),
            asked(NO_DATA).direct(&[DnsAnswer::NoRecords]),
        ] {
            says(
                name_without_address,
                &scene,
                "name-has-no-address",
                Certainty::Certain,
            );
        }
    }

    #[test]
    fn dns_that_knows_the_name_makes_it_a_guess() {
        let scene = asked(NO_NAME).direct(&[address()]);
        let guess = says(
            name_without_address,
            &scene,
            "name-not-found",
            Certainty::Possible,
        );
        assert_eq!(others(&guess), ["resolver-failure"]);
    }

    #[test]
    fn where_the_system_folds_its_answers_dns_decides() {
        let folded = || asked(LookupOutcome::NotFound { eai_code: 8 }).os(Os::Macos);
        says(
            name_without_address,
            &folded(),
            "name-not-found",
            Certainty::Likely,
        );
        let no_records = folded().direct(&[DnsAnswer::NoRecords]);
        says(
            name_without_address,
            &no_records,
            "name-has-no-address",
            Certainty::Likely,
        );
        let absent = folded().direct(&[DnsAnswer::NxDomain]);
        says(
            name_without_address,
            &absent,
            "name-not-found",
            Certainty::Certain,
        );
        silent(name_without_address, &folded().direct(&[DnsAnswer::Silent]));
    }

    #[test]
    fn a_local_name_may_only_lack_multicast_dns() {
        let scene = Scene::new("printer.local:631").lookup(NO_NAME, 3);
        says(
            name_without_address,
            &scene,
            "name-not-found",
            Certainty::Likely,
        );
    }

    #[test]
    fn a_failing_resolver_says_nothing_about_the_name() {
        silent(name_without_address, &asked(AGAIN));
        silent(
            name_without_address,
            &asked(AGAIN).direct(&[DnsAnswer::Silent]),
        );
        let absent = asked(AGAIN).direct(&[DnsAnswer::NxDomain]);
        says(
            name_without_address,
            &absent,
            "name-not-found",
            Certainty::Likely,
        );
    }

    #[test]
    fn a_name_that_was_found_or_not_asked_is_none_of_our_business() {
        silent(
            name_without_address,
            &Scene::new("db:5432").found(&["192.0.2.7"]),
        );
        silent(name_without_address, &Scene::new("db:5432"));
    }
}
