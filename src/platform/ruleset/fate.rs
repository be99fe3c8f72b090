//! What becomes of a connection, and which rule decides it.

use crate::evidence::Policy;

use super::{Family, Listing};

/// What may become of a connection: one decision where everything that matters is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fate {
    /// Every decision that is possible; never empty.
    pub decisions: Vec<Decision>,
    /// What would have to be known where several are possible.
    pub doubts: Vec<Doubt>,
    /// Whether rules send the connection to another address or port.
    pub translated: bool,
}

impl Fate {
    /// What surely happens; nothing when it depends, or ends where we do not see.
    #[must_use]
    pub fn policy(&self) -> Option<Policy> {
        let first = self.decisions.first()?.ending.policy()?;
        let same = |decision: &Decision| decision.ending.policy() == Some(first);
        self.decisions.iter().all(same).then_some(first)
    }

    /// The one thing that decides; nothing when several may.
    #[must_use]
    pub fn decision(&self) -> Option<&Decision> {
        match self.decisions.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }
}

/// An end of the way, and what brings it about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What happens.
    pub ending: Ending,
    /// What decides it.
    pub by: By,
    /// To which of the connection's packets.
    pub leg: Leg,
}

/// How a packet ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It passes, is dropped, or refused.
    Seen(Policy),
    /// Something that we do not see through decides.
    Unseen,
}

impl Ending {
    /// What happens, where we see it.
    #[must_use]
    pub fn policy(self) -> Option<Policy> {
        match self {
            Self::Seen(policy) => Some(policy),
            Self::Unseen => None,
        }
    }
}

/// What decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// A rule.
    Rule(RuleName),
    /// The policy of a base chain, as no rule decided.
    Policy {
        /// Who lists it.
        listing: Listing,
        /// The table's family.
        family: Family,
        /// The table.
        table: String,
        /// The chain.
        chain: String,
    },
    /// There is no base chain on the way.
    Nothing,
}

impl By {
    /// The family, the table and the chain in which it stands.
    #[must_use]
    pub fn chain(&self) -> Option<(Family, &str, &str)> {
        match self {
            Self::Rule(rule) => Some((rule.family, &rule.table, &rule.chain)),
            Self::Policy {
                family,
                table,
                chain,
                ..
            } => Some((*family, table, chain)),
            Self::Nothing => None,
        }
    }

    /// Who lists it, and so changes it.
    #[must_use]
    pub fn listing(&self) -> Option<Listing> {
        match self {
            Self::Rule(rule) => Some(rule.listing),
            Self::Policy { listing, .. } => Some(*listing),
            Self::Nothing => None,
        }
    }
}

/// Which rule: enough to find it in the tool's own listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleName {
    /// Who lists it.
    pub listing: Listing,
    /// The table's family.
    pub family: Family,
    /// The table.
    pub table: String,
    /// The chain.
    pub chain: String,
    /// Its place in the chain, counted from one.
    pub number: usize,
    /// The kernel's number for it.
    pub handle: Option<u64>,
    /// How its tool prints it.
    pub text: String,
}

/// Which packet of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leg {
    /// The first, which opens it.
    Opening,
    /// The answer to it.
    Answer,
}

/// Something that would have to be known, and the rule that asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// What is not known.
    pub lack: Lack,
    /// The rule; nothing where it is no single one.
    pub rule: Option<RuleName>,
}

/// What is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// Where the connection comes from.
    Source,
    /// The port it comes from.
    SourcePort,
    /// The address it goes to.
    Destination,
    /// The port it goes to.
    Port,
    /// The interface.
    Interface,
    /// The user whose program it is.
    User,
    /// The routes.
    Route,
    /// How many connections there were before, or the time of day.
    Moment,
    /// What an earlier rule did, whose condition is not known.
    Earlier,
    /// What a set holds by then: rules change it, or its elements are not listed.
    ChangingSet(String),
    /// Where it goes after its translation: not to this machine.
    Forwarded,
    /// The part of a rule that we do not understand.
    Unread(String),
    /// Too many rules, or chains that lead to each other.
    TooLong,
}
