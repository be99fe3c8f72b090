//! Follows a new TCP connection from another machine through chains of filter rules, as far as
//! the rules can be understood.
//!
//! A rule we understand applies always or never; any other applies sometimes. What comes out is
//! every fate that is possible then: only when there is but one do we know what the firewall does.
//! Where rules come from (nft, iptables, ufw) is not known here.

use std::collections::{BTreeMap, HashMap};
use std::ops::BitOr;

use crate::evidence::Policy;

/// The connection whose fate is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet {
    /// The port it goes to; nothing for a port that no rule names.
    pub port: Option<u16>,
    /// Over IPv6.
    pub v6: bool,
}

/// Whether a rule applies to the packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Applies {
    /// It does not.
    Never,
    /// It may: it depends on the sender, the interface, the time, or on what we do not understand.
    Sometimes,
    /// It does.
    Always,
}

impl Applies {
    /// Always or never.
    #[must_use]
    pub fn when(condition: bool) -> Self {
        if condition { Self::Always } else { Self::Never }
    }

    /// The opposite; sometimes stays sometimes.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Never => Self::Always,
            Self::Sometimes => Self::Sometimes,
            Self::Always => Self::Never,
        }
    }
}

/// What a rule does with a packet it applies to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing that decides, such as counting.
    Continue,
    /// Decides, for this base chain.
    Decide(Policy),
    /// Something whose end we do not see: another destination, a queue, an unknown target.
    Obscure,
    /// Asks another chain, and goes on when that does not decide.
    Jump(String),
    /// Asks another chain instead of the rest of this one.
    Goto(String),
    /// Leaves this chain undecided.
    Return,
}

/// A rule, as far as we understand it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Whether it applies.
    pub applies: Applies,
    /// What it does then.
    pub action: Action,
}

/// A chain of rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    /// Where the kernel enters it; nothing for a chain that only other chains enter.
    pub entry: Option<Entry>,
    /// Its rules, in order.
    pub rules: Vec<Rule>,
}

/// Where and when the kernel enters a base chain, and what follows when no rule decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The place on the packet's way.
    pub hook: Hook,
    /// The order among the chains of a hook.
    pub priority: i64,
    /// What follows when no rule decides.
    pub policy: Policy,
}

/// The places a packet for this machine passes, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hook {
    /// At the device.
    Ingress,
    /// Before routing.
    Prerouting,
    /// On the way to a local socket.
    Input,
}

/// The fates that are possible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fates(u8);

impl Fates {
    const ALLOW: Self = Self(1);
    const DROP: Self = Self(2);
    const REJECT: Self = Self(4);
    /// Decided by something we do not see through.
    const OBSCURE: Self = Self(8);
    /// No rule decided.
    const UNDECIDED: Self = Self(16);

    fn of(policy: Policy) -> Self {
        match policy {
            Policy::Allow => Self::ALLOW,
            Policy::Drop => Self::DROP,
            Policy::Reject => Self::REJECT,
        }
    }

    fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The fate, when there is but one.
    #[must_use]
    pub fn only(self) -> Option<Policy> {
        [Policy::Allow, Policy::Drop, Policy::Reject]
            .into_iter()
            .find(|&policy| Self::of(policy) == self)
    }
}

impl BitOr for Fates {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The chains of one table or rule set, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chains(pub BTreeMap<String, Chain>);

impl Chains {
    /// Whether anything here can stop a connection: a base chain with rules or a strict policy.
    #[must_use]
    pub fn filter_anything(&self) -> bool {
        self.0.values().any(|chain| {
            chain
                .entry
                .is_some_and(|entry| entry.policy != Policy::Allow || !chain.rules.is_empty())
        })
    }

    fn fates_in(&self, name: &str, known: &mut HashMap<String, Fates>) -> Fates {
        if let Some(&fates) = known.get(name) {
            return fates;
        }
        let Some(chain) = self.0.get(name) else {
            return Fates::OBSCURE;
        };
        // The kernel allows no loops; should a text show one, its end cannot be seen.
        known.insert(name.to_owned(), Fates::OBSCURE);
        let fates = self.follow(chain, known);
        known.insert(name.to_owned(), fates);
        fates
    }

    fn follow(&self, chain: &Chain, known: &mut HashMap<String, Fates>) -> Fates {
        let mut fates = Fates::default();
        for rule in &chain.rules {
            if rule.applies == Applies::Never {
                continue;
            }
            let (met, leaves) = match &rule.action {
                Action::Continue => continue,
                Action::Decide(policy) => (Fates::of(*policy), true),
                Action::Obscure => (Fates::OBSCURE, true),
                Action::Return => (Fates::UNDECIDED, true),
                Action::Goto(name) => (self.fates_in(name, known), true),
                Action::Jump(name) => {
                    let met = self.fates_in(name, known);
                    (met.without(Fates::UNDECIDED), !met.has(Fates::UNDECIDED))
                }
            };
            fates = fates | met;
            if leaves && rule.applies == Applies::Always {
                return fates;
            }
        }
        fates | Fates::UNDECIDED
    }
}

/// The fates of a packet that passes the base chains of all `tables`, in the kernel's order: what
/// one chain lets pass, a later one may still stop.
#[must_use]
pub fn fates(tables: &[Chains]) -> Fates {
    let mut entries: Vec<(Entry, &Chains, &str)> = Vec::new();
    for table in tables {
        let chains = table.0.iter();
        entries
            .extend(chains.filter_map(|(name, chain)| Some((chain.entry?, table, name.as_str()))));
    }
    entries.sort_by_key(|(entry, _, _)| (entry.hook, entry.priority));
    let mut met = Fates::default();
    for (entry, table, name) in entries {
        let mut here = table.fates_in(name, &mut HashMap::new());
        if here.has(Fates::UNDECIDED) {
            here = here.without(Fates::UNDECIDED) | Fates::of(entry.policy);
        }
        met = met | here.without(Fates::ALLOW);
        if !here.has(Fates::ALLOW) {
            return met;
        }
    }
    met | Fates::ALLOW
}

/// The fates in a single list of rules where the first that applies decides.
#[must_use]
pub fn first_match(rules: &[Rule], otherwise: Policy) -> Fates {
    let chain = Chain {
        entry: None,
        rules: rules.to_vec(),
    };
    let met = Chains::default().follow(&chain, &mut HashMap::new());
    if met.has(Fates::UNDECIDED) {
        met.without(Fates::UNDECIDED) | Fates::of(otherwise)
    } else {
        met
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(applies: Applies, action: Action) -> Rule {
        Rule { applies, action }
    }

    fn table(policy: Policy, chains: Vec<(&str, Vec<Rule>)>) -> Chains {
        let mut table = Chains::default();
        for (name, rules) in chains {
            let entry = (name == "input").then_some(Entry {
                hook: Hook::Input,
                priority: 0,
                policy,
            });
            table.0.insert(name.to_owned(), Chain { entry, rules });
        }
        table
    }

    #[test]
    fn the_first_rule_that_surely_applies_decides() {
        let rules = vec![
            rule(Applies::Never, Action::Decide(Policy::Drop)),
            rule(Applies::Always, Action::Continue),
            rule(Applies::Always, Action::Decide(Policy::Allow)),
            rule(Applies::Always, Action::Decide(Policy::Reject)),
        ];
        let table = table(Policy::Drop, vec![("input", rules)]);
        assert_eq!(fates(&[table]).only(), Some(Policy::Allow));
    }

    #[test]
    fn a_rule_for_some_senders_leaves_the_fate_open() {
        let some = rule(Applies::Sometimes, Action::Decide(Policy::Allow));
        let strict = table(Policy::Drop, vec![("input", vec![some.clone()])]);
        assert_eq!(fates(&[strict]).only(), None);
        let open = table(Policy::Allow, vec![("input", vec![some])]);
        assert_eq!(fates(&[open]).only(), Some(Policy::Allow));
    }

    #[test]
    fn an_accept_in_one_table_does_not_overrule_a_drop_in_another() {
        let accept = rule(Applies::Always, Action::Decide(Policy::Allow));
        let tables = [
            table(Policy::Allow, vec![("input", vec![accept])]),
            table(Policy::Drop, vec![("input", vec![])]),
        ];
        assert_eq!(fates(&tables).only(), Some(Policy::Drop));
    }

    #[test]
    fn a_jump_comes_back_and_a_goto_does_not() {
        let reject = rule(Applies::Always, Action::Decide(Policy::Reject));
        let enter = |action: fn(String) -> Action| {
            table(
                Policy::Drop,
                vec![
                    (
                        "input",
                        vec![rule(Applies::Always, action("side".into())), reject.clone()],
                    ),
                    ("side", vec![rule(Applies::Always, Action::Return)]),
                ],
            )
        };
        assert_eq!(fates(&[enter(Action::Jump)]).only(), Some(Policy::Reject));
        assert_eq!(fates(&[enter(Action::Goto)]).only(), Some(Policy::Drop));
    }

    #[test]
    fn what_we_cannot_see_through_is_not_known() {
        let lost = rule(Applies::Sometimes, Action::Jump("missing".into()));
        let lost = table(Policy::Allow, vec![("input", vec![lost])]);
        assert_eq!(fates(&[lost]).only(), None);
        let turn = rule(Applies::Always, Action::Jump("input".into()));
        let endless = table(Policy::Allow, vec![("input", vec![turn])]);
        assert_eq!(fates(&[endless]).only(), None);
    }

    #[test]
    fn an_empty_chain_that_lets_all_pass_filters_nothing() {
        assert!(!table(Policy::Allow, vec![("input", vec![])]).filter_anything());
        assert!(table(Policy::Drop, vec![("input", vec![])]).filter_anything());
        assert_eq!(fates(&[]).only(), Some(Policy::Allow));
    }
}
