//! `source-address-missing`, `idle-state-lost` and `database-requires-tls`: causes that a connect of
//! ours does not meet, because it is bound to no address, is never idle, and ends before a login.
//! Only the error message that was pasted tells of them.
//!
//! Sources: bind(2) and connect(2) (EADDRNOTAVAIL), RFC 5382, 5 (a NAT may forget a connection after
//! two hours and four minutes; many do after minutes), PostgreSQL, 20.1 (`hostssl`), MySQL's
//! `require_secure_transport`. A message may be old or another machine's, so none is certain; what is
//! seen now is what it must agree with.

use std::net::IpAddr;

use super::clues::of_standing;
use super::reachable::works;
use super::reading::{connected, finding, is_own, or};
use crate::diagnosis::{Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{Attempt, Evidence, Heard, Spoke};
use crate::target::SaidDetail;

/// A program was bound to an address that this machine does not have; where it names none, there may
/// be no port left.
pub fn source_address_missing(evidence: &Evidence) -> Option<Finding> {
    let SaidDetail::SourceAddress { address } = detail(evidence)? else {
        return None;
    };
    let certainty = match address.map(|ip| is_own(evidence, ip)) {
        Some(Some(false)) => Certainty::Likely,
        Some(None) => Certainty::Possible,
        // Without a name, what works for us speaks for an address of the program's own choice.
        None if connected(evidence) => Certainty::Possible,
        Some(Some(true)) | None => return None,
    };
    let mut clues = clues(evidence);
    if address.is_none() {
        // No address of its own choice was named: the system found none, or no port, to give.
        let mut found = finding(Cause::ClientOutOfPorts, certainty, clues);
        found.alternatives = vec![or(
            Cause::SourceAddressMissing,
            DecidingTest::CheckSourceAddress,
        )];
        return Some(found);
    }
    let missing = address.filter(|ip| is_own(evidence, *ip) == Some(false));
    clues.extend(missing.map(|ip: IpAddr| Clue::NotAnOwnAddress { ip }));
    let mut found = finding(Cause::SourceAddressMissing, certainty, clues);
    found.alternatives = vec![or(
        Cause::ClientOutOfPorts,
        DecidingTest::CheckSourceAddress,
    )];
    Some(found)
}

/// A connection broke that had been idle, and a new one works.
pub fn idle_state_lost(evidence: &Evidence) -> Option<Finding> {
    let is_here = |a: &Attempt| is_own(evidence, a.addr.ip()) == Some(true);
    let is_at_hand = evidence.attempts.iter().any(is_here);
    if detail(evidence)? != SaidDetail::IdleConnection || !works(evidence) || is_at_hand {
        return None;
    }
    let cause = Cause::IdleStateLost;
    let mut found = finding(cause, Certainty::Possible, clues(evidence));
    // Services hang up on idle clients too: MySQL after `wait_timeout`.
    found.alternatives = vec![
        or(Cause::ServerResets, DecidingTest::LookAtServiceLog),
        or(Cause::Reachable, DecidingTest::TryLater),
    ];
    Some(found)
}

/// The database turned a client away that came without TLS.
pub fn database_requires_tls(evidence: &Evidence) -> Option<Finding> {
    let said_of_tls = |word: &str| {
        evidence.exchanges.iter().any(|e| {
            e.spoke == Spoke::PostgresSslRequest
                && matches!(&e.heard, Heard::Text { start } if start == word)
        })
    };
    if detail(evidence)? != SaidDetail::TlsDemanded || !connected(evidence) || said_of_tls("N") {
        return None;
    }
    // Only PostgreSQL tells before a login that it has TLS, and what it is.
    let certainty = if said_of_tls("S") {
        Certainty::Likely
    } else {
        Certainty::Possible
    };
    let cause = Cause::DatabaseRequiresTls;
    let mut found = finding(cause, certainty, clues(evidence));
    // Its rules may have no line for this client with TLS either.
    found.alternatives = vec![or(Cause::SourceBlocked, DecidingTest::UseUsualClient)];
    Some(found)
}

/// Whether what was said explains a trouble that our own connect did not meet.
pub fn explains_more(evidence: &Evidence) -> bool {
    detail(evidence).is_some_and(|detail| match detail {
        SaidDetail::SourceAddress { .. } => source_address_missing(evidence).is_some(),
        SaidDetail::TlsDemanded => database_requires_tls(evidence).is_some(),
        SaidDetail::IdleConnection => true,
    })
}

fn detail(evidence: &Evidence) -> Option<SaidDetail> {
    evidence.said.as_ref()?.detail
}

fn clues(evidence: &Evidence) -> Vec<Clue> {
    let said = detail(evidence).map(|detail| Clue::ErrorSaid { detail });
    let mut clues: Vec<Clue> = said.into_iter().collect();
    clues.extend(of_standing(evidence));
    clues
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::super::reachable::reachable;
    use super::*;
    use crate::target::{Said, SaidKind};

    const IP: &str = "10.77.1.10";

    fn working() -> Scene {
        let answer = Heard::Text {
            start: "S".to_owned(),
        };
        Scene::new("10.77.1.10:5432")
            .service("postgresql")
            .connected(IP)
            .network("10.77.1.2/24")
            .exchange(IP, Spoke::PostgresSslRequest, answer)
    }

    fn said(mut scene: Scene, detail: SaidDetail) -> Scene {
        scene.evidence.said = Some(Said {
            kind: SaidKind::Other,
            code: None,
            detail: Some(detail),
        });
        scene
    }

    fn bound_to(address: Option<&str>) -> SaidDetail {
        SaidDetail::SourceAddress {
            address: address.map(|ip| ip.parse().unwrap()),
        }
    }

    #[test]
    fn an_address_that_is_not_this_machines_cannot_be_bound_to() {
        let rule = source_address_missing;
        let scene = said(working(), bound_to(Some("10.0.0.5")));
        let found = says(rule, &scene, "source-address-missing", Certainty::Likely);
        assert_eq!(others(&found), ["client-out-of-ports"]);
        silent(rule, &said(working(), bound_to(Some("10.77.1.2"))));
        silent(rule, &working());
    }

    #[test]
    fn without_the_address_it_stays_possible_where_we_connect_and_unsaid_elsewhere() {
        let rule = source_address_missing;
        let scene = said(working(), bound_to(None));
        let found = says(rule, &scene, "client-out-of-ports", Certainty::Possible);
        assert_eq!(others(&found), ["source-address-missing"]);
        let refused = Scene::new("10.77.1.10:5432").refused(IP);
        silent(rule, &said(refused, bound_to(None)));
    }

    #[test]
    fn an_idle_connection_that_broke_while_a_new_one_works_was_forgotten_by_somebody() {
        let rule = idle_state_lost;
        let scene = said(working(), SaidDetail::IdleConnection);
        let found = says(rule, &scene, "idle-state-lost", Certainty::Possible);
        assert_eq!(others(&found), ["server-resets", "reachable"]);
        let refused = Scene::new("10.77.1.10:5432").refused(IP);
        silent(rule, &said(refused, SaidDetail::IdleConnection));
        silent(rule, &working());
    }

    #[test]
    fn a_database_that_turned_plain_text_away_wants_tls() {
        let rule = database_requires_tls;
        let scene = said(working(), SaidDetail::TlsDemanded);
        let found = says(rule, &scene, "database-requires-tls", Certainty::Likely);
        assert_eq!(others(&found), ["source-blocked"]);
        silent(rule, &working());
        let mut without = said(working(), SaidDetail::TlsDemanded);
        without.last().heard = Heard::Text {
            start: "N".to_owned(),
        };
        silent(rule, &without);
    }

    #[test]
    fn what_was_said_is_doubted_by_a_connection_that_works_and_doubts_it() {
        let scene = said(working(), SaidDetail::TlsDemanded);
        says(reachable, &scene, "reachable", Certainty::Possible);
        says(reachable, &working(), "reachable", Certainty::Certain);
    }
}
