//! A connection from another machine, and lists of rules of which the first that applies decides:
//! what ufw, firewalld's zones, pf and the listings of Windows have in common.
//!
//! A rule that depends on what is not known may apply: the answer is known only where every rule
//! that may decide says the same.

use std::net::IpAddr;

use crate::evidence::Policy;

/// The connection whose fate is asked for. What is not known is left open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// The port it goes to.
    pub port: u16,
    /// Over IPv6.
    pub v6: bool,
    /// Where it comes from.
    pub source: Option<IpAddr>,
    /// The address it goes to.
    pub destination: Option<IpAddr>,
    /// The interface it comes in by.
    pub interface: Option<String>,
}

impl Incoming {
    /// A connection to `port` of which nothing more is known.
    #[must_use]
    pub fn to_port(port: u16, v6: bool) -> Self {
        Self {
            port,
            v6,
            source: None,
            destination: None,
            interface: None,
        }
    }

    /// Whether it comes from the network.
    #[must_use]
    pub fn is_from(&self, network: Network) -> Applies {
        self.is_within(self.source, network)
    }

    /// Whether it goes to the network, or the one address.
    #[must_use]
    pub fn is_to(&self, network: Network) -> Applies {
        self.is_within(self.destination, network)
    }

    /// Whether it comes in by the interface.
    #[must_use]
    pub fn is_by(&self, interface: &str) -> Applies {
        match &self.interface {
            Some(own) => Applies::when(own == interface),
            None => Applies::Sometimes,
        }
    }

    fn is_within(&self, address: Option<IpAddr>, network: Network) -> Applies {
        if network.address.is_ipv6() != self.v6 {
            return Applies::Never;
        }
        if network.prefix == 0 {
            return Applies::Always;
        }
        match address {
            Some(address) => Applies::when(network.contains(address)),
            None => Applies::Sometimes,
        }
    }
}

/// A network, or with the longest prefix one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// `192.168.1.0/24`, `fd00::/8`, `10.0.0.7`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let longest = if address.is_ipv6() { 128 } else { 32 };
        let prefix = match prefix {
            Some(prefix) => prefix.parse().ok().filter(|prefix| *prefix <= longest)?,
            None => longest,
        };
        Some(Self { address, prefix })
    }

    fn contains(self, other: IpAddr) -> bool {
        let longest: u32 = if self.address.is_ipv6() { 128 } else { 32 };
        let shift = longest - u32::from(self.prefix);
        let head = |address: IpAddr| match address {
            IpAddr::V4(v4) => u128::from(v4.to_bits()).checked_shr(shift),
            IpAddr::V6(v6) => v6.to_bits().checked_shr(shift),
        };
        self.address.is_ipv6() == other.is_ipv6() && head(self.address) == head(other)
    }
}

/// Whether a rule applies to the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Applies {
    /// It does not.
    Never,
    /// It may: that depends on what is not known.
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

/// A rule as far as it concerns the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Whether it applies.
    pub applies: Applies,
    /// What it does then; nothing where we do not see it.
    pub does: Option<Policy>,
    /// How its tool prints it.
    pub text: String,
}

/// What becomes of the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// What surely happens; nothing when it depends.
    pub policy: Option<Policy>,
    /// The rule that decides; nothing when none does, or several may.
    pub rule: Option<String>,
    /// Whether no rule applies, so that it is the firewall's default that decides.
    pub is_default: bool,
}

impl Judgement {
    /// The first rule that applies decides, or what happens `otherwise` (nothing where that is not
    /// known), which goes by the name of `default`.
    #[must_use]
    pub fn first_match(rules: &[Rule], otherwise: Option<Policy>, default: &str) -> Self {
        let mut may_decide: Vec<Self> = Vec::new();
        let mut is_decided = false;
        for rule in rules.iter().filter(|rule| rule.applies != Applies::Never) {
            may_decide.push(Self {
                policy: rule.does,
                rule: Some(rule.text.clone()),
                is_default: false,
            });
            is_decided = rule.applies == Applies::Always;
            if is_decided {
                break;
            }
        }
        if !is_decided {
            may_decide.push(Self {
                policy: otherwise,
                rule: Some(default.to_owned()),
                is_default: true,
            });
        }
        Self::agreed(&may_decide)
    }

    /// What all have in common, each of which may be the one that counts.
    #[must_use]
    pub fn agreed(all: &[Self]) -> Self {
        let Some(first) = all.first() else {
            return Self {
                policy: None,
                rule: None,
                is_default: false,
            };
        };
        let policy = first.policy;
        let rule = first.rule.clone();
        Self {
            policy: policy.filter(|_| all.iter().all(|other| other.policy == policy)),
            rule: rule.filter(|_| all.iter().all(|other| other.rule == first.rule)),
            is_default: all.iter().all(|other| other.is_default),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(applies: Applies, does: Policy, text: &str) -> Rule {
        Rule {
            applies,
            does: Some(does),
            text: text.to_owned(),
        }
    }

    #[test]
    fn the_first_rule_that_surely_applies_decides_and_is_named() {
        let rules = [
            rule(Applies::Never, Policy::Drop, "a"),
            rule(Applies::Always, Policy::Allow, "b"),
            rule(Applies::Always, Policy::Drop, "c"),
        ];
        let judged = Judgement::first_match(&rules, Some(Policy::Reject), "default");
        assert_eq!(judged.policy, Some(Policy::Allow));
        assert_eq!(judged.rule.as_deref(), Some("b"));
        let judged = Judgement::first_match(&[], Some(Policy::Reject), "default");
        assert_eq!(judged.policy, Some(Policy::Reject));
        assert!(judged.is_default);
    }

    #[test]
    fn what_may_decide_leaves_it_open_unless_all_say_the_same() {
        let some = rule(Applies::Sometimes, Policy::Allow, "some");
        let judge =
            |otherwise| Judgement::first_match(std::slice::from_ref(&some), otherwise, "default");
        assert_eq!(judge(Some(Policy::Drop)).policy, None);
        assert_eq!(judge(None).policy, None);
        assert_eq!(judge(Some(Policy::Allow)).policy, Some(Policy::Allow));
        assert_eq!(judge(Some(Policy::Allow)).rule, None);
        let unseen = Rule {
            does: None,
            ..some.clone()
        };
        assert_eq!(
            Judgement::first_match(&[unseen], Some(Policy::Drop), "").policy,
            None
        );
        assert_eq!(Judgement::agreed(&[]).policy, None);
    }

    #[test]
    fn networks_hold_their_addresses_and_no_others() {
        let from = |source: &str, network: &str| {
            let source: IpAddr = source.parse().unwrap();
            let connection = Incoming {
                source: Some(source),
                ..Incoming::to_port(80, source.is_ipv6())
            };
            connection.is_from(Network::parse(network).unwrap())
        };
        assert_eq!(from("10.0.0.7", "10.0.0.0/24"), Applies::Always);
        assert_eq!(from("10.0.1.7", "10.0.0.0/24"), Applies::Never);
        assert_eq!(from("10.0.1.7", "0.0.0.0/0"), Applies::Always);
        assert_eq!(from("10.0.1.7", "::/0"), Applies::Never);
        assert_eq!(from("fd77::1", "fd77::1"), Applies::Always);
        let unknown = Incoming::to_port(80, false);
        assert_eq!(
            unknown.is_from(Network::parse("10.0.0.0/8").unwrap()),
            Applies::Sometimes
        );
        assert_eq!(Network::parse("10.0.0.0/33"), None);
        assert_eq!(Network::parse("ten"), None);
    }
}
