//! Connections that arrive at one port of this machine while somebody looks: what polls of the
//! table of connections have seen, and what they cannot see.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Fact, millis};

/// One TCP connection whose own port is the one asked about, as a poll sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenConnection {
    /// This machine's end.
    pub here: SocketAddr,
    /// The other end.
    pub there: SocketAddr,
    /// How far it has come.
    pub stage: Stage,
}

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The first packet arrived, and the answer to it was not confirmed (SYN-RECEIVED).
    HalfOpen,
    /// It stands.
    Established,
    /// It stood, and one end has closed it.
    Closing,
}

/// What was seen arriving at a port while it was watched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    /// When it began, by this machine's clock.
    #[serde(with = "moment")]
    pub began: Timestamp,
    /// How long it lasted.
    #[serde(with = "millis", rename = "lasted_ms")]
    pub lasted: Duration,
    /// How often the table was read.
    pub polls: u32,
    /// The longest time between two readings: a connection that came and went within it may not have
    /// been seen.
    #[serde(with = "millis", rename = "longest_gap_ms")]
    pub longest_gap: Duration,
    /// Who was seen, in the order of arrival.
    pub arrivals: Fact<Vec<Arrival>>,
    /// How many more there were than are told.
    #[serde(default)]
    pub untold: u32,
}

/// The connections from one address to one address of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// Where they came from.
    pub from: IpAddr,
    /// The address of this machine they came to.
    pub to: IpAddr,
    /// How many were seen.
    pub connections: u32,
    /// The farthest that any of them came.
    pub stage: Stage,
    /// The longest that one of them was seen to wait for the end of its handshake.
    #[serde(with = "millis", rename = "half_open_ms")]
    pub half_open: Duration,
    /// When the first was seen, counted from the start of the watch.
    #[serde(with = "millis", rename = "first_ms")]
    pub first: Duration,
    /// When the last of them was seen.
    #[serde(with = "millis", rename = "last_ms")]
    pub last: Duration,
    /// All of them were there when the watch began.
    #[serde(default)]
    pub were_there: bool,
}

impl Watch {
    /// The arrivals from `ip`.
    pub fn from(&self, ip: IpAddr) -> impl Iterator<Item = &Arrival> {
        let ip = ip.to_canonical();
        let all = self.arrivals.known().into_iter().flatten();
        all.filter(move |arrival| arrival.from == ip)
    }
}

impl Arrival {
    /// Whether the handshake of none of them was finished, and one waited longer than any way takes:
    /// the answer was sent again and again, and nothing came back.
    #[must_use]
    pub fn is_unanswered(&self) -> bool {
        self.stage == Stage::HalfOpen && self.half_open >= SUSPICIOUS
    }
}

/// A handshake that is not finished by now lacks an answer: the first is sent again after a second
/// (RFC 6298).
const SUSPICIOUS: Duration = Duration::from_millis(900);

/// Puts polls together.
#[derive(Clone, Debug, Default)]
pub struct Watcher {
    known: Vec<Followed>,
    /// Where each connection stands in `known`, by its two ends.
    places: HashMap<(SocketAddr, SocketAddr), usize>,
    polls: u32,
    last_poll: Duration,
    longest_gap: Duration,
    /// The most connections of one poll that were too many to follow.
    beyond: u32,
}

#[derive(Clone, Copy, Debug)]
struct Followed {
    connection: SeenConnection,
    first: Duration,
    last: Duration,
    half_open: Duration,
    was_there: bool,
}

impl Watcher {
    /// Adds what a poll at `at` has seen, counted from the start of the watch.
    pub fn poll(&mut self, at: Duration, seen: &[SeenConnection]) {
        let mut beyond = 0_u32;
        for connection in seen {
            let ends = (connection.here, connection.there);
            if let Some(place) = self.places.get(&ends) {
                self.known[*place].seen_again(at, connection.stage);
            } else if self.known.len() < MOST_FOLLOWED {
                self.places.insert(ends, self.known.len());
                self.known.push(Followed {
                    connection: *connection,
                    first: at,
                    last: at,
                    half_open: Duration::ZERO,
                    was_there: self.polls == 0,
                });
            } else {
                beyond = beyond.saturating_add(1);
            }
        }
        self.beyond = self.beyond.max(beyond);
        if self.polls > 0 {
            self.longest_gap = self.longest_gap.max(at.saturating_sub(self.last_poll));
        }
        self.polls += 1;
        self.last_poll = at;
    }

    /// What was seen by all polls.
    #[must_use]
    pub fn watch(&self, began: Timestamp, lasted: Duration) -> Watch {
        let mut arrivals: Vec<Arrival> = Vec::new();
        let mut places: HashMap<(IpAddr, IpAddr), usize> = HashMap::new();
        for one in &self.known {
            let ends = (one.connection.there.ip(), one.connection.here.ip());
            if let Some(place) = places.get(&ends) {
                one.join(&mut arrivals[*place]);
            } else {
                places.insert(ends, arrivals.len());
                arrivals.push(one.alone());
            }
        }
        // Who came while it was watched tells more than who had been there before.
        let beyond = arrivals.len().saturating_sub(MOST_TOLD);
        arrivals.sort_by_key(|arrival| arrival.were_there);
        arrivals.truncate(MOST_TOLD);
        arrivals.sort_by_key(|arrival| arrival.first);
        let beyond = u32::try_from(beyond).unwrap_or(u32::MAX);
        let untold = self.beyond.saturating_add(beyond);
        Watch {
            began,
            lasted,
            polls: self.polls,
            longest_gap: self.longest_gap,
            arrivals: Fact::Known(arrivals),
            untold,
        }
    }
}

impl Followed {
    fn seen_again(&mut self, at: Duration, stage: Stage) {
        if stage == Stage::HalfOpen {
            self.half_open = at.saturating_sub(self.first);
        }
        self.connection.stage = self.connection.stage.max(stage);
        self.last = at;
    }

    fn alone(&self) -> Arrival {
        Arrival {
            from: self.connection.there.ip(),
            to: self.connection.here.ip(),
            connections: 1,
            stage: self.connection.stage,
            half_open: self.half_open,
            first: self.first,
            last: self.last,
            were_there: self.was_there,
        }
    }

    fn join(&self, arrival: &mut Arrival) {
        arrival.connections = arrival.connections.saturating_add(1);
        arrival.stage = arrival.stage.max(self.connection.stage);
        arrival.half_open = arrival.half_open.max(self.half_open);
        arrival.last = arrival.last.max(self.last);
        arrival.were_there &= self.was_there;
    }
}

/// A time as RFC 3339 has it, to the millisecond.
mod moment {
    use jiff::Timestamp;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{time:.3}"))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// A busy server has more connections than help anybody; what is beyond is counted.
const MOST_FOLLOWED: usize = 4096;

/// More addresses would tell no more.
const MOST_TOLD: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(there: &str, stage: Stage) -> SeenConnection {
        SeenConnection {
            here: "10.0.0.5:5432".parse().unwrap(),
            there: there.parse().unwrap(),
            stage,
        }
    }

    fn arrivals(polls: &[(u64, &[SeenConnection])]) -> Vec<Arrival> {
        let mut watcher = Watcher::default();
        for (at, seen) in polls {
            watcher.poll(Duration::from_millis(*at), seen);
        }
        let watch = watcher.watch(Timestamp::UNIX_EPOCH, Duration::from_secs(3));
        watch.arrivals.known().unwrap().clone()
    }

    #[test]
    fn connections_from_one_address_are_told_together() {
        let one = seen("10.0.0.9:40000", Stage::Established);
        let other = seen("10.0.0.9:40001", Stage::HalfOpen);
        let told = arrivals(&[(0, &[one]), (50, &[one, other])]);
        assert_eq!(told.len(), 1);
        assert_eq!(
            (told[0].connections, told[0].stage),
            (2, Stage::Established)
        );
        assert!(!told[0].were_there && !told[0].is_unanswered());
    }

    #[test]
    fn a_handshake_that_goes_on_for_a_second_lacks_an_answer() {
        let waiting = seen("10.0.0.9:40000", Stage::HalfOpen);
        let short = arrivals(&[(0, &[waiting]), (400, &[waiting])]);
        assert!(!short[0].is_unanswered());
        let long = arrivals(&[(0, &[]), (50, &[waiting]), (1100, &[waiting]), (2000, &[])]);
        assert!(long[0].is_unanswered());
        let stands = seen("10.0.0.9:40000", Stage::Established);
        let late = arrivals(&[(50, &[waiting]), (1100, &[waiting]), (1200, &[stands])]);
        assert!(!late[0].is_unanswered());
    }

    #[test]
    fn what_was_there_before_is_told_apart_and_floods_are_bounded() {
        let old = seen("10.0.0.9:40000", Stage::Established);
        assert!(arrivals(&[(0, &[old]), (50, &[old])])[0].were_there);
        let flood: Vec<SeenConnection> = (0..9000_u32)
            .map(|n| {
                seen(
                    &format!("10.1.{}.{}:4000", n / 250, n % 250),
                    Stage::HalfOpen,
                )
            })
            .collect();
        let mut watcher = Watcher::default();
        watcher.poll(Duration::ZERO, &flood);
        let watch = watcher.watch(Timestamp::UNIX_EPOCH, Duration::ZERO);
        let told = watch.arrivals.known().unwrap().len();
        assert_eq!(told + usize::try_from(watch.untold).unwrap(), flood.len());
        // The same once more is no more than it was, and who comes anew is told first.
        watcher.poll(Duration::from_millis(50), &flood);
        let again = watcher.watch(Timestamp::UNIX_EPOCH, Duration::ZERO);
        assert_eq!(again.untold, watch.untold);
        let mut watcher = Watcher::default();
        watcher.poll(Duration::ZERO, &flood[..100]);
        let new = seen("10.9.9.9:4000", Stage::HalfOpen);
        watcher.poll(Duration::from_millis(50), &[new]);
        let watch = watcher.watch(Timestamp::UNIX_EPOCH, Duration::ZERO);
        assert!(watch.from(new.there.ip()).next().is_some());
    }
}
