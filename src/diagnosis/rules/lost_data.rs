//! `mtu-black-hole` and `data-dropped`: the handshake passes, and what is said afterwards does not.
//!
//! Sources: tcp(7) (`TCP_INFO`: segments sent again and acknowledged by nobody), RFC 2923, 2.1 (path
//! MTU black holes), tcp(7) (`TCP_MAXSEG`). A peer's system acknowledges what arrives even when its
//! program is hung, so bytes that nobody acknowledges were lost on the way, or their
//! acknowledgement was. Packets of different size tell the two causes apart.

use super::clues::{of_exchange, of_fate, of_standing};
use super::reading::{Fate, another_address_serves, connected, fate, finding, is_question, or};
use crate::diagnosis::{Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{Evidence, Exchange, Heard};

/// Large packets vanish, and the same data pass in small ones.
pub fn mtu_black_hole(evidence: &Evidence) -> Option<Finding> {
    let small = evidence
        .exchanges
        .iter()
        .find(|e| e.small_segments && passed(e))?;
    let large = evidence.exchanges.iter().find(|e| {
        !e.small_segments
            && e.addr == small.addr
            && e.spoke == small.spoke
            && e.heard == Heard::Nothing
    })?;
    if !connected(evidence) || another_address_serves(evidence, small.addr) && !small_serves(small)
    {
        return None;
    }
    let was_lost = is_lost(large);
    // Unanswered but arrived, and answered in small packets: then it is the answer that vanishes.
    let answered = small.heard != Heard::Nothing;
    let certainty = match (was_lost, answered) {
        (true, _) | (false, true) => Certainty::Likely,
        (false, false) => return None,
    };
    let mut clues: Vec<Clue> = of_fate(large).into_iter().collect();
    clues.push(Clue::SmallSegmentsPass { addr: small.addr });
    clues.extend(of_exchange(large));
    clues.extend(of_standing(evidence));
    let mut found = finding(Cause::MtuBlackHole, certainty, clues);
    found.alternatives = vec![or(Cause::DataDropped, DecidingTest::LowerMtu)];
    Some(found)
}

/// Data vanish whatever the size of the packets, or are never taken.
pub fn data_dropped(evidence: &Evidence) -> Option<Finding> {
    let questions = || evidence.exchanges.iter().filter(|e| is_question(e.spoke));
    let exchange = questions().find(|e| is_lost(e) || fate(e) == Some(Fate::NotTaken))?;
    let of_peer = || questions().filter(|e| e.addr == exchange.addr);
    if !connected(evidence)
        || another_address_serves(evidence, exchange.addr)
        || of_peer().any(|e| e.small_segments && passed(e))
    {
        return None;
    }
    let mut clues: Vec<Clue> = of_fate(exchange).into_iter().collect();
    clues.extend(of_exchange(exchange));
    clues.extend(of_standing(evidence));
    let mut found = finding(Cause::DataDropped, Certainty::Likely, clues);
    if !is_lost(exchange) {
        // The window is closed: a device accepted for somebody who is not there, or a program
        // that takes nothing.
        found.alternatives = vec![
            or(
                Cause::ForwarderWithoutBackend,
                DecidingTest::LookAtListenersOnTarget,
            ),
            or(Cause::ServerHung, DecidingTest::LookAtServiceLog),
        ];
        return Some(found);
    }
    let again = of_peer().any(|e| e.small_segments && is_lost(e));
    // A slow way, or a queue that filled after the handshake, loses data just so.
    let queue = or(Cause::AcceptQueueFull, DecidingTest::LookAtQueueOnTarget);
    found.alternatives = if again {
        vec![queue]
    } else {
        vec![or(Cause::MtuBlackHole, DecidingTest::LowerMtu), queue]
    };
    Some(found)
}

fn is_lost(exchange: &Exchange) -> bool {
    matches!(fate(exchange), Some(Fate::Lost { .. }))
}

/// Whether the peer's system has the data, or even answered.
fn passed(exchange: &Exchange) -> bool {
    let heard_something = match exchange.heard {
        Heard::Nothing | Heard::Reset | Heard::Closed | Heard::Failed { .. } => false,
        Heard::Text { .. }
        | Heard::Tls { .. }
        | Heard::TlsAlert { .. }
        | Heard::TlsIncompatible { .. }
        | Heard::NotTls { .. }
        | Heard::Http { .. } => true,
    };
    heard_something || fate(exchange) == Some(Fate::Acknowledged)
}

fn small_serves(small: &Exchange) -> bool {
    matches!(small.heard, Heard::Tls { .. } | Heard::Http { .. })
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::*;
    use crate::evidence::Spoke;
    use crate::target::Protocol;

    const IP: &str = "10.77.2.2";
    const ARRIVED: (u32, u32, u32) = (0, 0, 0);
    const LOST: (u32, u32, u32) = (1, 3, 0);
    const NOT_TAKEN: (u32, u32, u32) = (0, 0, 8);

    fn https() -> Scene {
        Scene::new("10.77.2.2:8443")
            .protocol(Protocol::Https)
            .connected(IP)
    }

    fn completed() -> Heard {
        Heard::Tls {
            version: "TLS 1.3".to_owned(),
            certificates: 1,
            presented: None,
        }
    }

    fn large(state: (u32, u32, u32)) -> Scene {
        https()
            .stalled(IP, Spoke::TlsHello, ARRIVED)
            .stalled(IP, Spoke::LargeTlsHello, state)
    }

    #[test]
    fn what_is_lost_in_large_packets_and_arrives_in_small_ones_fell_into_a_black_hole() {
        let small = large(LOST)
            .stalled(IP, Spoke::LargeTlsHello, ARRIVED)
            .in_small_segments();
        says(mtu_black_hole, &small, "mtu-black-hole", Certainty::Likely);
        silent(data_dropped, &small);
    }

    #[test]
    fn an_answer_that_comes_only_in_small_packets_speaks_for_a_black_hole() {
        let small = large(ARRIVED)
            .exchange(IP, Spoke::TlsHello, completed())
            .in_small_segments();
        let found = says(mtu_black_hole, &small, "mtu-black-hole", Certainty::Likely);
        assert_eq!(others(&found), ["data-dropped"]);
    }

    #[test]
    fn what_is_lost_in_small_packets_too_is_dropped_for_what_it_is() {
        let lost = || https().stalled(IP, Spoke::HttpGet, LOST);
        let again = lost().stalled(IP, Spoke::HttpGet, LOST).in_small_segments();
        says(data_dropped, &again, "data-dropped", Certainty::Likely);
        silent(mtu_black_hole, &again);
        let found = says(data_dropped, &lost(), "data-dropped", Certainty::Likely);
        assert_eq!(others(&found), ["mtu-black-hole", "accept-queue-full"]);
    }

    #[test]
    fn a_closed_window_takes_nothing() {
        let closed = https().stalled(IP, Spoke::TlsHello, NOT_TAKEN);
        let found = says(data_dropped, &closed, "data-dropped", Certainty::Likely);
        assert_eq!(others(&found), ["forwarder-without-backend", "server-hung"]);
    }

    #[test]
    fn data_that_arrived_or_whose_fate_is_unknown_are_not_lost() {
        for scene in [
            large(ARRIVED),
            https().exchange(IP, Spoke::TlsHello, Heard::Nothing),
            https().exchange(IP, Spoke::TlsHello, completed()),
            https(),
            large(ARRIVED)
                .stalled(IP, Spoke::TlsHello, ARRIVED)
                .in_small_segments(),
        ] {
            silent(data_dropped, &scene);
            silent(mtu_black_hole, &scene);
        }
    }
}
