//! `reply-lost`: the server's answers are dropped on their way out, seen on the server's own machine.
//!
//! A SYN that was accepted waits in SYN-RECEIVED until its sender confirms the answer (RFC 9293,
//! 3.3.2). When this machine asks itself, is silent, and its own SYN waits there, the SYN arrived and
//! the answer did not: an outgoing rule that forgot answers (`tcp sport`, no `ct state established`).
//! From outside this looks like any other silence: there it is `firewall-drops-port` or
//! `silent-drop`.

use super::clues::{of_attempts, of_place};
use super::reading::{all_own, all_telling, finding, or};
use crate::diagnosis::{Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{Evidence, Outcome};

/// This machine's question to itself arrived, and its answer did not.
pub fn reply_lost(evidence: &Evidence) -> Option<Finding> {
    let silent = all_telling(evidence, |a| a.outcome == Outcome::Silent)?;
    let waiting = evidence.port_use.known()?.connections.half_open_here;
    if waiting == 0 || !all_own(evidence, &silent) {
        return None;
    }
    let mut clues = vec![Clue::OwnHandshakeWaits {
        port: evidence.target.port,
    }];
    clues.extend(silent.first().and_then(|a| of_place(evidence, a)));
    clues.extend(of_attempts(silent));
    let mut found = finding(Cause::ReplyLost, Certainty::Likely, clues);
    found.alternatives = vec![or(
        Cause::LocalFirewallDrops,
        DecidingTest::ReadFirewallHere,
    )];
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::*;
    use crate::evidence::{Connections, Fact, PortUse};

    fn own(half_open: u32, half_open_here: u32) -> Scene {
        let mut scene = Scene::new("10.77.1.10:5432")
            .silent("10.77.1.10")
            .listeners(&["0.0.0.0:5432"])
            .network("10.77.1.10/24");
        let connections = Connections {
            half_open,
            half_open_here,
            ..Connections::default()
        };
        scene.evidence.port_use = Fact::Known(PortUse {
            connections,
            ..PortUse::default()
        });
        scene
    }

    #[test]
    fn an_own_question_that_waits_was_answered_in_vain() {
        let found = says(reply_lost, &own(1, 1), "reply-lost", Certainty::Likely);
        assert_eq!(others(&found), ["local-firewall-drops"]);
    }

    #[test]
    fn the_handshakes_of_others_tell_nothing_of_ours() {
        silent(reply_lost, &own(4, 0));
        silent(reply_lost, &own(0, 0));
    }

    #[test]
    fn another_machines_silence_or_an_unread_table_is_another_matter() {
        silent(reply_lost, &own(1, 1).network("10.77.1.2/24"));
        let mut unread = own(1, 1);
        unread.evidence.port_use = Fact::default();
        silent(reply_lost, &unread);
    }
}
