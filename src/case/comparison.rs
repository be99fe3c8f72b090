//! Two tests of one target, compared question by question: what changed, what stayed, how the
//! second ended beside the first, and what that says of the fix that was tried between them.
//!
//! Pure, and careful: the fix is never said to have helped. What was seen to change is told; what
//! was asked only once, or under other conditions, is told as that.

mod answers;
mod fix;

use std::net::{IpAddr, SocketAddr};

use serde::Serialize;

pub use answers::{Answer, Change, Row, Topic};
pub use fix::{Insight, Says, Suspect};

use super::path::proven_up_to;
use super::{Case, Tried};
use crate::advice::Advice;
use crate::diagnosis::{Cause, Impact};
use crate::evidence::{Evidence, LookupOutcome};

/// An earlier and a later test of one target, beside each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison<'a> {
    /// The earlier test.
    pub before: &'a Case,
    /// The later one.
    pub after: &'a Case,
    /// How the later one ended, beside the earlier.
    pub course: Course,
    /// What was done between them.
    pub tried: Option<&'a Tried>,
    /// What became of that, where it can be told.
    pub insight: Option<Insight>,
    /// Each question with both answers, in the order of the way.
    pub rows: Vec<Row<'a>>,
    /// In what the two tests were not the same, so that the answers may differ for that alone.
    pub caveats: Vec<Caveat>,
    /// The next thing to try: its place in the later test's advice.
    pub next: Option<usize>,
}

/// How the later test ended, beside the earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Course {
    /// It did not work, or not fully, and does now.
    WorksNow,
    /// It did not connect, and does now; whether the service works is not known.
    ConnectsNow,
    /// It did not work, and does in part now.
    WorksInPart,
    /// It worked before, and still does.
    StillWorks,
    /// It worked before, at least in part, and does less now.
    Worse,
    /// Another cause, farther on the way: what was in the way before no longer is.
    Further,
    /// Another cause.
    OtherCause,
    /// The same cause, and some answers changed.
    SameCause,
    /// The same cause, and every answer that both tests have is the same.
    Unchanged,
    /// One of the tests was stopped before its end.
    Unfinished,
}

/// Something in which two tests differ besides what may have been mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Caveat {
    /// The name led to other addresses.
    OtherAddresses,
    /// Packets left under another address of this machine: another network, a VPN.
    OtherWay,
    /// Silent peers were given another time.
    OtherPatience,
    /// Another number of connects was made.
    OtherConnects,
    /// The two tests seem to be from two machines.
    OtherMachine,
}

impl<'a> Comparison<'a> {
    /// Compares an earlier test with a later one, between which the person has `tried` something.
    #[must_use]
    pub fn of(before: &'a Case, after: &'a Case, tried: Option<&'a Tried>) -> Self {
        let rows = answers::rows(before.evidence(), after.evidence());
        let course = course(before, after, &rows);
        let insight = tried.and_then(|tried| fix::insight(tried, before, after, course));
        Self {
            before,
            after,
            course,
            tried,
            insight,
            rows,
            caveats: caveats(before, after),
            next: next(after, tried, course),
        }
    }

    /// What to try next, while there is something left to mend that was not tried.
    #[must_use]
    pub fn next_advice(&self) -> Option<&'a Advice> {
        self.after.advice().get(self.next?)
    }

    /// The rows with this kind of change.
    pub fn with(&self, change: Change) -> impl Iterator<Item = &Row<'a>> {
        self.rows.iter().filter(move |row| row.change == change)
    }
}

/// Whether two tests ask for the same endpoint, in the same way.
#[must_use]
pub fn is_same_target(one: &Evidence, other: &Evidence) -> bool {
    let (one, other) = (&one.target, &other.target);
    (&one.host, one.port, one.protocol, one.tls)
        == (&other.host, other.port, other.protocol, other.tls)
}

/// Whether two tests were made on one machine, by the addresses of its interfaces; nothing where
/// they do not tell. A machine that moved to another network looks like another one.
#[must_use]
pub fn is_same_machine(one: &Evidence, other: &Evidence) -> Option<bool> {
    if one.os != other.os {
        return Some(false);
    }
    let (one, other) = (own_addresses(one)?, own_addresses(other)?);
    if one.is_empty() || other.is_empty() {
        return None;
    }
    Some(one.iter().any(|ip| other.contains(ip)))
}

fn own_addresses(evidence: &Evidence) -> Option<Vec<IpAddr>> {
    let interfaces = &evidence.network.known()?.interfaces;
    let telling = interfaces.iter().filter(|interface| !interface.loopback);
    let addresses = telling.flat_map(|interface| &interface.addresses);
    Some(addresses.map(|address| address.ip).collect())
}

fn course(before: &Case, after: &Case, rows: &[Row<'_>]) -> Course {
    if !(before.evidence().complete && after.evidence().complete) {
        return Course::Unfinished;
    }
    let (old, new) = (before.diagnosis(), after.diagnosis());
    match (old.impact, new.impact) {
        (Impact::None, Impact::None) => return Course::StillWorks,
        (_, Impact::None) if new.verdict.cause == Cause::ReachableSilent => {
            return Course::ConnectsNow;
        }
        (_, Impact::None) => return Course::WorksNow,
        (Impact::Blocked, Impact::Degraded) => return Course::WorksInPart,
        (old, new) if new > old => return Course::Worse,
        _ => {}
    }
    if old.verdict.cause.id() != new.verdict.cause.id() {
        let is_further = proven_up_to(after) > proven_up_to(before);
        return if is_further {
            Course::Further
        } else {
            Course::OtherCause
        };
    }
    let is_changed = |row: &Row<'_>| row.change == Change::Changed;
    if old.verdict.cause != new.verdict.cause || rows.iter().any(is_changed) {
        Course::SameCause
    } else {
        Course::Unchanged
    }
}

fn caveats(before: &Case, after: &Case) -> Vec<Caveat> {
    let (before, after) = (before.evidence(), after.evidence());
    let differ = [
        (
            Caveat::OtherMachine,
            is_same_machine(before, after) == Some(false),
        ),
        (Caveat::OtherAddresses, led_elsewhere(before, after)),
        (Caveat::OtherWay, left_otherwise(before, after)),
        (Caveat::OtherPatience, before.patience != after.patience),
        (
            Caveat::OtherConnects,
            before.repeats.len() != after.repeats.len(),
        ),
    ];
    let differ = differ.into_iter().filter(|(_, differs)| *differs);
    differ.map(|(caveat, _)| caveat).collect()
}

fn led_elsewhere(before: &Evidence, after: &Evidence) -> bool {
    match (found(before), found(after)) {
        (Some(old), Some(new)) => old != new,
        (Some(_) | None, None) | (None, Some(_)) => false,
    }
}

/// The addresses of the name, in one order.
fn found(evidence: &Evidence) -> Option<Vec<SocketAddr>> {
    match &evidence.lookup.known()?.outcome {
        LookupOutcome::Found(addresses) => {
            let mut addresses = addresses.clone();
            addresses.sort_unstable();
            Some(addresses)
        }
        LookupOutcome::NotFound { .. }
        | LookupOutcome::NoAddress { .. }
        | LookupOutcome::Failed { .. }
        | LookupOutcome::TimedOut => None,
    }
}

/// Whether an address was connected to under different addresses of this machine.
fn left_otherwise(before: &Evidence, after: &Evidence) -> bool {
    before.attempts.iter().any(|old| {
        let same = after.attempts.iter().find(|new| new.addr == old.addr);
        match (old.source, same.and_then(|new| new.source)) {
            (Some(old), Some(new)) => old != new,
            (Some(_) | None, None) | (None, Some(_)) => false,
        }
    })
}

/// The first advice that was not followed yet, while there is something left to mend.
fn next(after: &Case, tried: Option<&Tried>, course: Course) -> Option<usize> {
    if after.diagnosis().impact == Impact::None || course == Course::Unfinished {
        return None;
    }
    let is_new = |advice: &Advice| tried != Some(&Tried::of(advice)) && !after.was_tried(advice);
    after.advice().iter().position(is_new)
}
