//! `service-flapping`, `rate-limited` and `packet-loss`: the same question, asked again, is
//! answered otherwise. Shown only by a row of connects, which is made when asked for.
//!
//! What comes and goes refuses with a reset while it is gone, because its host is up. A limit lets
//! the first connects of a period pass and treats the rest alike: silently (nftables `limit`,
//! `ct count`) or with an ICMP reject (`ufw limit`). Lost packets hit any connect; a lost SYN is
//! sent again after a second (RFC 6298, 2.1), so what connects late does so by whole seconds.
//! None is certain from one side: a device before several machines, or a queue that is full at
//! times, looks much the same. That two machines answer by turns (`address_conflict`) stays
//! possible where nothing tells which of them was asked.

use std::net::SocketAddr;
use std::time::Duration;

use super::reading::{finding, is_on_link, or};
use crate::diagnosis::{Alternative, Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{Attempt, Evidence, MacAddress, Outcome};

/// Fewer connects show no pattern.
const LEAST: usize = 5;

/// A SYN is sent again after one second; less later than the quickest is no lost packet.
const A_RETRY: Duration = Duration::from_millis(900);

/// How one connect of a row ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Prompt,
    Late,
    /// By reset.
    Refused,
    /// By an ICMP error.
    Rejected,
    Silent,
    Other,
}

impl Fate {
    fn connected(self) -> bool {
        matches!(self, Self::Prompt | Self::Late)
    }
}

/// The row of connects to one address.
pub struct Row {
    pub addr: SocketAddr,
    pub fates: Vec<Fate>,
    /// The adapter that each connect went to, where that is known.
    pub macs: Vec<Option<MacAddress>>,
}

impl Row {
    /// The same adapter was asked all along, so the same machine answered.
    fn is_of_one_adapter(&self) -> bool {
        let mut known = self.macs.iter().flatten();
        let first = known.next();
        // The first connect is what finds the neighbour.
        let told = self.macs.iter().skip(1).all(Option::is_some);
        told && known.all(|mac| Some(mac) == first)
    }

    fn count(&self, test: impl Fn(Fate) -> bool) -> usize {
        self.fates.iter().filter(|fate| test(**fate)).count()
    }

    pub fn clue(&self) -> Clue {
        Clue::Repeated {
            addr: self.addr,
            total: self.fates.len(),
            connected: self.count(Fate::connected),
            late: self.count(|fate| fate == Fate::Late),
            refused: self.count(|fate| matches!(fate, Fate::Refused | Fate::Rejected)),
            silent: self.count(|fate| fate == Fate::Silent),
        }
    }

    fn finding(&self, cause: Cause, certainty: Certainty, other: Alternative) -> Finding {
        let mut found = finding(cause, certainty, vec![self.clue()]);
        found.alternatives = vec![other];
        found
    }
}

/// Whether some address answered otherwise when asked again: then a single answer proves little.
pub fn answers_differ(evidence: &Evidence) -> bool {
    let differ = |row: &Row| {
        let first = row.fates.first().copied();
        row.fates.iter().any(|fate| Some(*fate) != first)
    };
    rows(evidence).iter().any(differ)
}

/// Whether some address that was asked again did not accept every time.
pub fn fails_at_times(evidence: &Evidence) -> bool {
    let fails = |row: &Row| !row.fates.iter().all(|fate| fate.connected());
    rows(evidence).iter().any(fails)
}

/// There, gone and there again, or the other way round.
pub fn service_flapping(evidence: &Evidence) -> Option<Finding> {
    rows(evidence).iter().find_map(|row| {
        let told: Vec<bool> = row
            .fates
            .iter()
            .filter(|fate| fate.connected() || **fate == Fate::Refused)
            .map(|fate| fate.connected())
            .collect();
        let changes = told.windows(2).filter(|pair| pair[0] != pair[1]).count();
        let certainty = match changes {
            0 => return None,
            // It may have been stopped or started just now, once.
            1 => Certainty::Possible,
            _ => Certainty::Likely,
        };
        let other = or(Cause::RateLimited, DecidingTest::LookAtServiceLog);
        let mut found = row.finding(Cause::ServiceFlapping, certainty, other);
        // Two neighbours with one address, of which only one has the service.
        if is_on_link(evidence, row.addr.ip()) == Some(true) && !row.is_of_one_adapter() {
            let test = DecidingTest::CheckMachineIsOn;
            found.alternatives.push(or(Cause::AddressConflict, test));
        }
        Some(found)
    })
}

/// The first connects pass, the others do not.
pub fn rate_limited(evidence: &Evidence) -> Option<Finding> {
    rows(evidence).iter().find_map(|row| {
        let passed = row.fates.iter().take_while(|fate| fate.connected()).count();
        let rest = &row.fates[passed..];
        let stopped = |fate: &&Fate| matches!(fate, Fate::Silent | Fate::Rejected);
        let (stopped, let_in) = (
            rest.iter().filter(stopped).count(),
            rest.iter().filter(|fate| fate.connected()).count(),
        );
        // A limit lets one in now and then; what is lost at random does not spare the first.
        let fits =
            passed > 0 && stopped >= 3 && stopped + let_in == rest.len() && let_in * 4 <= stopped;
        if !fits || row.fates[..passed].contains(&Fate::Late) {
            return None;
        }
        let other = if rest.contains(&Fate::Rejected) {
            or(Cause::FirewallRejects, DecidingTest::ReadFirewallOnTarget)
        } else {
            or(Cause::AcceptQueueFull, DecidingTest::LookAtQueueOnTarget)
        };
        Some(row.finding(Cause::RateLimited, Certainty::Likely, other))
    })
}

/// Some connects come late by whole retries or not at all, without order.
pub fn packet_loss(evidence: &Evidence) -> Option<Finding> {
    rows(evidence).iter().find_map(|row| {
        let hurt = |fate: Fate| matches!(fate, Fate::Late | Fate::Silent);
        let last = row.fates.iter().rposition(|fate| fate.connected())?;
        // What is silent from some point on to the end has another reason.
        let within = row.fates[..last].iter().filter(|fate| hurt(**fate)).count();
        let hurt_in_all = within + usize::from(row.fates[last] == Fate::Late);
        let clean = row
            .fates
            .iter()
            .all(|fate| fate.connected() || *fate == Fate::Silent);
        if !clean || hurt_in_all < 2 {
            return None;
        }
        let other = or(Cause::AcceptQueueFull, DecidingTest::LookAtQueueOnTarget);
        Some(row.finding(Cause::PacketLoss, Certainty::Likely, other))
    })
}

/// The row of each address that was asked often enough: the first attempt, then its repeats.
pub fn rows(evidence: &Evidence) -> Vec<Row> {
    let of = |first: &Attempt| {
        let repeats = evidence
            .repeats
            .iter()
            .map(|again| (&again.attempt, again.mac));
        let all: Vec<(&Attempt, Option<MacAddress>)> = std::iter::once((first, None))
            .chain(repeats.filter(|(again, _)| again.addr == first.addr))
            .collect();
        let attempts = || all.iter().map(|(attempt, _)| *attempt);
        let connected = attempts().filter(|a| a.outcome == Outcome::Connected);
        let quickest = connected.map(|a| a.took).min().unwrap_or_default();
        Row {
            addr: first.addr,
            fates: attempts().map(|attempt| fate(attempt, quickest)).collect(),
            macs: all.iter().map(|(_, mac)| *mac).collect(),
        }
    };
    let rows = evidence.attempts.iter().map(of);
    rows.filter(|row| row.fates.len() >= LEAST).collect()
}

fn fate(attempt: &Attempt, quickest: Duration) -> Fate {
    match (attempt.outcome, attempt.icmp) {
        (Outcome::Connected, _) if attempt.took >= quickest + A_RETRY => Fate::Late,
        (Outcome::Connected, _) => Fate::Prompt,
        (_, Some(_)) => Fate::Rejected,
        (Outcome::Refused, None) => Fate::Refused,
        (Outcome::Silent, None) => Fate::Silent,
        (
            Outcome::HostUnreachable
            | Outcome::NetworkUnreachable
            | Outcome::Denied
            | Outcome::AddressNotAvailable
            | Outcome::OutOfDescriptors
            | Outcome::Reset
            | Outcome::Other,
            None,
        ) => Fate::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent as quiet};
    use super::*;
    use crate::diagnosis::rules::Rule;

    fn scene(row: &str) -> Scene {
        Scene::row("10.77.1.10:5432", row)
    }

    fn all_quiet(row: &str) {
        let rules: [Rule; 3] = [service_flapping, rate_limited, packet_loss];
        for rule in rules {
            quiet(rule, &scene(row));
        }
    }

    #[test]
    fn what_comes_and_goes_is_flapping() {
        let found = says(
            service_flapping,
            &scene("++xxx++xx"),
            "service-flapping",
            Certainty::Likely,
        );
        assert_eq!(others(&found), ["rate-limited"]);
        says(
            service_flapping,
            &scene("+++xxx"),
            "service-flapping",
            Certainty::Possible,
        );
        quiet(rate_limited, &scene("++xxx++xx"));
        quiet(packet_loss, &scene("++xxx++xx"));
    }

    #[test]
    fn neighbours_that_answer_by_turns_may_be_two() {
        let near = scene("++xxx++xx").network("10.77.1.2/24");
        let found = says(
            service_flapping,
            &near,
            "service-flapping",
            Certainty::Likely,
        );
        assert_eq!(others(&found), ["rate-limited", "address-conflict"]);
        let beyond = scene("++xxx++xx").network("10.78.1.2/24");
        let found = says(
            service_flapping,
            &beyond,
            "service-flapping",
            Certainty::Likely,
        );
        assert_eq!(others(&found), ["rate-limited"]);
    }

    #[test]
    fn what_one_adapter_answers_comes_from_one_machine() {
        let one = scene("++xxx++xx")
            .network("10.77.1.2/24")
            .adapters("aaaaaaaa");
        let found = says(
            service_flapping,
            &one,
            "service-flapping",
            Certainty::Likely,
        );
        assert_eq!(others(&found), ["rate-limited"]);
        let unsure = scene("++xxx++xx")
            .network("10.77.1.2/24")
            .adapters("aaa aaaa");
        let found = says(
            service_flapping,
            &unsure,
            "service-flapping",
            Certainty::Likely,
        );
        assert_eq!(others(&found), ["rate-limited", "address-conflict"]);
    }

    #[test]
    fn a_limit_lets_the_first_pass() {
        let rejected = says(
            rate_limited,
            &scene("++++++!!!!!"),
            "rate-limited",
            Certainty::Likely,
        );
        assert_eq!(others(&rejected), ["firewall-rejects"]);
        let dropped = says(
            rate_limited,
            &scene("++......+"),
            "rate-limited",
            Certainty::Likely,
        );
        assert_eq!(others(&dropped), ["accept-queue-full"]);
        quiet(packet_loss, &scene("++++++......"));
        quiet(service_flapping, &scene("++++++......"));
    }

    #[test]
    fn lost_packets_make_some_late_without_order() {
        says(
            packet_loss,
            &scene("+~++~+.+~"),
            "packet-loss",
            Certainty::Likely,
        );
        says(
            packet_loss,
            &scene("~+~~.~"),
            "packet-loss",
            Certainty::Likely,
        );
        quiet(rate_limited, &scene("+~++~+.+~"));
        quiet(packet_loss, &scene("++++~+++"));
    }

    #[test]
    fn the_same_answer_every_time_says_nothing_new() {
        for row in ["++++++++", "xxxxxxxx", "........", "!!!!!!!!"] {
            all_quiet(row);
            assert!(!answers_differ(&scene(row).evidence));
        }
    }

    #[test]
    fn one_that_is_late_was_accepted_all_the_same() {
        for (row, fails) in [
            ("~++++++", false),
            ("+++++++", false),
            ("++++.++", true),
            ("x++++++", true),
        ] {
            assert_eq!(fails_at_times(&scene(row).evidence), fails, "{row}");
        }
    }

    #[test]
    fn a_few_connects_show_no_pattern() {
        for row in ["+", "+x+", "+~~"] {
            all_quiet(row);
        }
    }

    #[test]
    fn another_address_is_another_row() {
        let other = scene("xxxx").evidence.repeats;
        let mut scene = scene("++++");
        scene.evidence.repeats.extend(other);
        assert!(answers_differ(&scene.evidence));
        for repeat in &mut scene.evidence.repeats {
            if repeat.attempt.outcome == Outcome::Refused {
                repeat.attempt.addr.set_port(1);
            }
        }
        assert!(!answers_differ(&scene.evidence));
    }
}
