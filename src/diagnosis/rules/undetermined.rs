//! `undetermined`: what was seen fits no cause we can name. Then the report at least says what was
//! seen: this file collects it, and claims nothing.

use super::clues::{of_attempts, of_direct_answer, of_exchange, of_lookup, of_reference};
use super::name::direct_answers;
use super::reading::{finding, route_to};
use crate::diagnosis::{Cause, Certainty, Clue, Finding};
use crate::evidence::Evidence;

/// More would bury the reader.
const CLUES_AT_MOST: usize = 12;

/// Everything that was seen, conversations first, and no cause.
pub fn undetermined(evidence: &Evidence) -> Finding {
    let mut clues: Vec<Clue> = Vec::new();
    clues.extend(evidence.exchanges.iter().filter_map(of_exchange));
    clues.extend(of_attempts(&evidence.attempts));
    for attempt in &evidence.attempts {
        let ip = attempt.addr.ip();
        let route = route_to(evidence, ip).filter(|route| route.source.is_none());
        let no_route = route.and_then(|route| route.os_code);
        clues.extend(no_route.map(|os_code| Clue::NoRouteTo { ip, os_code }));
    }
    clues.extend(evidence.references.iter().filter_map(of_reference));
    clues.extend(evidence.lookup.known().map(of_lookup));
    clues.extend(direct_answers(evidence).iter().map(of_direct_answer));
    clues.truncate(CLUES_AT_MOST);
    finding(Cause::Undetermined, Certainty::Possible, clues)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::Scene;
    use super::*;
    use crate::evidence::{Heard, Spoke};

    #[test]
    fn what_was_seen_is_said() {
        let scene = Scene::new("10.77.1.10:5432")
            .connected("10.77.1.10")
            .exchange("10.77.1.10", Spoke::Nothing, Heard::Closed);
        let addr = "10.77.1.10:5432".parse().unwrap();
        let found = undetermined(&scene.evidence);
        assert_eq!(found.because[0], Clue::PeerClosed { addr });
        assert_eq!(found.because.len(), 2);
    }

    #[test]
    fn nothing_seen_is_nothing_said() {
        let found = undetermined(&Scene::new("10.77.1.10:5432").evidence);
        assert_eq!(found.because, Vec::new());
        assert_eq!(found.certainty, Certainty::Possible);
    }
}
