//! `routing-loop`: routers hand the packet to each other until its hop limit is used up.
//!
//! Each router takes one from the hop limit, and the one that takes the last says "time exceeded"
//! (RFC 792, type 11 code 0; RFC 4443, 3.3). Systems begin with 64 or more, and no way is that
//! long, so a plain connection that ends so went in circles.

use super::clues::of_attempts;
use super::reading::{Sender, all_telling, finding, icmp_sender, or};
use crate::diagnosis::{Cause, Certainty, DecidingTest, Finding};
use crate::evidence::{Attempt, Evidence};

/// Every address ended with "time exceeded in transit".
pub fn routing_loop(evidence: &Evidence) -> Option<Finding> {
    let circled = all_telling(evidence, ran_out_of_hops)?;
    let by_router = circled.iter().all(|attempt| {
        let sender = attempt
            .icmp
            .map(|icmp| icmp_sender(evidence, attempt, &icmp));
        matches!(sender, Some(Sender::Device(_)))
    });
    let certain = by_router && evidence.network.known().is_some();
    let certainty = if certain {
        Certainty::Certain
    } else {
        Certainty::Likely
    };
    let mut found = finding(Cause::RoutingLoop, certainty, of_attempts(circled));
    if !certain {
        let router = None;
        let alternative = or(
            Cause::NoRouteBeyond { router },
            DecidingTest::TryFromElsewhere,
        );
        found.alternatives = vec![alternative];
    }
    Some(found)
}

fn ran_out_of_hops(attempt: &Attempt) -> bool {
    attempt.icmp.is_some_and(|icmp| {
        matches!(
            (icmp.v6, icmp.kind, icmp.code),
            (false, 11, 0) | (true, 3, 0)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, says, silent};
    use super::*;

    #[test]
    fn time_exceeded_from_a_router_is_a_loop() {
        for (ip, kind, router) in [
            ("10.88.0.5", 11, "10.77.9.2"),
            ("2001:db8::5", 3, "fd77:9::2"),
        ] {
            let endpoint = if ip.contains(':') {
                format!("[{ip}]:80")
            } else {
                format!("{ip}:80")
            };
            let scene = Scene::new(&endpoint).icmp(ip, kind, 0, router, 2);
            says(routing_loop, &scene, "routing-loop", Certainty::Likely);
            let scene = scene.network("10.77.1.2/24 fd77:1::2/64");
            says(routing_loop, &scene, "routing-loop", Certainty::Certain);
        }
    }

    #[test]
    fn other_messages_and_missing_fragments_are_no_loop() {
        let reassembly = Scene::new("10.88.0.5:80").icmp("10.88.0.5", 11, 1, "10.77.9.2", 2);
        let no_route = Scene::new("10.88.0.5:80").icmp("10.88.0.5", 3, 0, "10.77.9.2", 2);
        let silence = Scene::new("10.88.0.5:80").silent("10.88.0.5");
        for scene in [reassembly, no_route, silence] {
            silent(routing_loop, &scene);
        }
    }
}
