//! `service-flapping`, `rate-limited` and `packet-loss`: the same question, asked again, is
//! answered otherwise. Shown only by a row of connects, which is made when asked for.
//!
//! What comes and goes refuses with a reset while it is gone, because its host is up. A limit lets
//! the first connects of a period pass and treats the rest alike: silently (nftables `limit`,
//! `ct count`) or with an ICMP reject (`ufw limit`). Lost packets hit any connect; a lost SYN is
//! sent again after a second (RFC 6298, 2.1), so what connects late does so by whole seconds.
//! None is certain from one side: a device before several machines, or a queue that is full at
//! times, looks much the same. Nor can `address-conflict` be more than an alternative: the neighbour
//! table keeps whom it met first for half a minute and longer (arp(7), RFC 5227, 1), so that two
//! machines with one address answer by turns, but not within one row. Switching one off decides.

use std::net::SocketAddr;
use std::time::Duration;

use super::reading::{finding, is_on_link, or};
use crate::diagnosis::{Alternative, Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{Attempt, Evidence, Outcome};

/// Fewer connects show no pattern.
const LEAST: usize = 5;

/// A SYN is sent again after one second; less later than the quickest is no lost packet.
const A_RETRY: Duration = Duration::from_millis(900);

/// How one connect of a row ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
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
struct Row {
    addr: SocketAddr,
    fates: Vec<Fate>,
}

impl Row {
    fn count(&self, test: impl Fn(Fate) -> bool) -> usize {
        self.fates.iter().filter(|fate| test(**fate)).count()
    }

    fn clue(&self) -> Clue {
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
        if is_on_link(evidence, row.addr.ip()) == Some(true) {
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
fn rows(evidence: &Evidence) -> Vec<Row> {
    let of = |first: &Attempt| {
        let repeats = evidence.repeats.iter().map(|repeat| &repeat.attempt);
        let all: Vec<&Attempt> = std::iter::once(first)
            .chain(repeats.filter(|again| again.addr == first.addr))
            .collect();
        let connected = all.iter().filter(|a| a.outcome == Outcome::Connected);
        let quickest = connected.map(|a| a.took).min().unwrap_or_default();
        Row {
            addr: first.addr,
            fates: all.iter().map(|attempt| fate(attempt, quickest)).collect(),
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

    /// Connects in order: `+` prompt, `~` late, `x` refused, `!` rejected, `.` silent.
    fn scene(row: &str) -> Scene {
        let first = row.chars().next().unwrap();
        let ip = "10.77.1.10";
        let attempt = |fate: char| {
            let scene = Scene::new("10.77.1.10:5432");
            let scene = match fate {
                '+' => scene.connected(ip),
                '~' => scene.connected_after(ip, 1040),
                'x' => scene.refused(ip),
                '!' => scene.icmp(ip, 3, 3, ip, 1),
                '.' => scene.silent(ip),
                other => panic!("no fate: {other}"),
            };
            scene.evidence.attempts.into_iter().next().unwrap()
        };
        let scene = Scene::new("10.77.1.10:5432").with(attempt(first));
        row.chars()
            .skip(1)
            .fold(scene, |scene, fate| scene.again(attempt(fate)))
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
