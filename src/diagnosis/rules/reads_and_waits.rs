//! `reachable-silent` and `wrong-service` where a question or a greeting is missing: nothing is said,
//! and yet somebody reads.
//!
//! Once we close our side (shutdown(2), a FIN: RFC 9293, 3.6) a program that reads gets the end of the
//! data (read(2) gives 0), and nearly every one closes then. The system of a program that is stopped,
//! stuck or out of descriptors confirms our FIN and sends none. So whoever closes with us is no hung
//! server: it is one that waits for something else than what we said. Some relays close as well on
//! behalf of a server behind them that is hung (nginx: `proxy_half_close off`), so that is never
//! excluded.

use super::after_accept::is_silent_when_due;
use super::clues::{of_exchange, of_standing};
use super::reading::{another_address_serves, connected, finding, or, protocol_was_named};
use crate::diagnosis::{Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{Evidence, Exchange, Fact};

/// Somebody reads on a port that is only by custom the service's whose question was asked.
pub fn waits_for_another_client(evidence: &Evidence) -> Option<Finding> {
    let clues = reads(evidence).filter(|_| !protocol_was_named(evidence))?;
    let mut found = finding(Cause::ReachableSilent, Certainty::Possible, clues);
    found.alternatives = vec![
        or(
            Cause::WrongService { found: None },
            DecidingTest::UseUsualClient,
        ),
        or(Cause::ServerHung, DecidingTest::LookAtServiceLog),
    ];
    Some(found)
}

/// Somebody reads, and does not speak the protocol that was named.
pub fn speaks_another_protocol(evidence: &Evidence) -> Option<Finding> {
    let clues = reads(evidence).filter(|_| protocol_was_named(evidence))?;
    let cause = Cause::WrongService { found: None };
    let mut found = finding(cause, Certainty::Likely, clues);
    found.alternatives = vec![or(Cause::ServerHung, DecidingTest::LookAtServiceLog)];
    Some(found)
}

fn reads(evidence: &Evidence) -> Option<Vec<Clue>> {
    let exchange = evidence
        .exchanges
        .iter()
        .find(|e| closes_with_us(evidence, e))?;
    let addr = exchange.addr;
    if !connected(evidence) || another_address_serves(evidence, addr) {
        return None;
    }
    let mut clues = vec![Clue::ClosedWithUs { addr }];
    clues.extend(of_exchange(exchange));
    clues.extend(of_standing(evidence));
    Some(clues)
}

/// Whether a peer that should have spoken did not, and closed as soon as we had.
pub fn closes_with_us(evidence: &Evidence, exchange: &Exchange) -> bool {
    exchange.closed == Fact::Known(true) && is_silent_when_due(evidence, exchange)
}

#[cfg(test)]
mod tests {
    use super::super::after_accept::server_hung;
    use super::super::fixtures::{Scene, others, says, silent};
    use super::*;
    use crate::evidence::{Heard, Spoke};
    use std::time::Duration;

    const IP: &str = "10.77.1.10";

    fn unanswered(closed: Fact<bool>) -> Scene {
        let mut scene = Scene::new("10.77.1.10:5432")
            .service("postgresql")
            .connected(IP)
            .stalled(IP, Spoke::PostgresSslRequest, (0, 0, 0));
        scene.last().closed = closed;
        scene
    }

    #[test]
    fn who_closes_when_we_do_reads_and_is_not_hung() {
        let scene = unanswered(Fact::Known(true));
        let rule = waits_for_another_client;
        let found = says(rule, &scene, "reachable-silent", Certainty::Possible);
        assert_eq!(others(&found), ["wrong-service", "server-hung"]);
        silent(server_hung, &scene);
        silent(speaks_another_protocol, &scene);
    }

    #[test]
    fn where_the_protocol_was_named_another_one_is_spoken() {
        let scene = unanswered(Fact::Known(true)).scheme("postgres");
        let rule = speaks_another_protocol;
        let found = says(rule, &scene, "wrong-service", Certainty::Likely);
        assert_eq!(others(&found), ["server-hung"]);
        silent(waits_for_another_client, &scene);
    }

    #[test]
    fn who_stays_or_was_not_waited_for_may_be_hung() {
        for closed in [Fact::Known(false), Fact::default()] {
            let scene = unanswered(closed);
            silent(waits_for_another_client, &scene);
            silent(speaks_another_protocol, &scene);
            says(server_hung, &scene, "server-hung", Certainty::Likely);
        }
    }

    #[test]
    fn a_service_that_should_greet_and_closes_with_us_is_read_too() {
        let mut scene = Scene::new("10.77.1.10:3306")
            .service("mysql")
            .connected(IP)
            .exchange(IP, Spoke::Nothing, Heard::Nothing);
        scene.last().took = Duration::from_secs(4);
        scene.last().closed = Fact::Known(true);
        let rule = waits_for_another_client;
        says(rule, &scene, "reachable-silent", Certainty::Possible);
        silent(server_hung, &scene);
    }
}
