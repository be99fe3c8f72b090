//! Follows a connection through the base chains on its way, as the kernel does: `accept` ends only
//! its own base chain, `drop` is final, and the answer has to pass as well.
//!
//! Where a condition depends on what is not known, both ways are followed and every end is kept.

use std::cmp::Reverse;

use super::compare::{Reading, Truth, candidates, is_among};
use super::packet::address;
use super::reading::{DESTINATION_TRANSLATION, Passage, SOURCE_TRANSLATION};
use super::{
    Base, By, Chain, Data, Decision, Doubt, Element, Ending, Family, Fate, Hook, Kind, Lack, Leg,
    Mark, Match, Packet, Rule, RuleName, Ruleset, Selector, Span, Statement, Table, Translation,
    Values, Verdict, Way,
};
use crate::evidence::Policy;

/// What the rules make of a connection: of the packet that opens it, and of the answer.
///
/// A connection is let through when every base chain on both ways lets it pass. What would have to
/// be known is named where several ends are possible; what is not understood is never "allowed".
#[must_use]
pub fn verdict(ruleset: &Ruleset, packet: &Packet) -> Fate {
    let mut walk = Walk::new(ruleset, packet);
    let mut arrives = walk.pass(Leg::Opening);
    if arrives {
        walk.at.turn_back();
        arrives = walk.pass(Leg::Answer);
    }
    walk.end(arrives)
}

/// How many rules are looked at for one answer.
const MOST_STEPS: usize = 200_000;

/// How many elements of a set are looked at for the price of one rule.
const ELEMENTS_OF_A_STEP: usize = 100;

/// How deep chains may lead into each other; the kernel allows nft 16.
const MOST_DEPTH: usize = 64;

/// How many doubts are worth telling.
const MOST_DOUBTS: usize = 8;

/// How many rules are kept that may decide the same: that it is one of many, a few tell.
const MOST_DECISIONS: usize = 16;

struct Walk<'a> {
    ruleset: &'a Ruleset,
    at: Passage<'a>,
    fate: Fate,
    /// What let the packet pass, in the last base chain where a rule did; else by policy.
    passed: Vec<Decision>,
    /// What let it pass in the base chain it is in.
    passing: Vec<Decision>,
    /// Whether all packets that are still on their way come by here.
    sure: bool,
    steps: usize,
}

/// How a rule or a chain may be left; several may be possible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Left {
    /// With a verdict for the base chain.
    decided: bool,
    /// To the next rule; of a chain, at its end.
    next: bool,
    /// By a return; never of a chain.
    returned: bool,
}

impl Left {
    const DECIDED: Self = Self {
        decided: true,
        next: false,
        returned: false,
    };
    const NEXT: Self = Self {
        decided: false,
        next: true,
        returned: false,
    };
    const RETURNED: Self = Self {
        decided: false,
        next: false,
        returned: true,
    };

    fn or(self, other: Self) -> Self {
        Self {
            decided: self.decided || other.decided,
            next: self.next || other.next,
            returned: self.returned || other.returned,
        }
    }
}

/// A rule, and where it stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    table: &'a Table,
    chain: &'a str,
    number: usize,
    rule: &'a Rule,
}

impl<'a> Walk<'a> {
    fn new(ruleset: &'a Ruleset, packet: &'a Packet) -> Self {
        Self {
            ruleset,
            at: Passage::new(packet),
            fate: Fate::default(),
            passed: Vec::new(),
            passing: Vec::new(),
            sure: true,
            steps: MOST_STEPS,
        }
    }

    /// All base chains on the way of one packet; whether it may arrive.
    fn pass(&mut self, leg: Leg) -> bool {
        let hooks: &[Hook] = match (self.at.packet.way, leg) {
            (Way::In, Leg::Opening) | (Way::Out, Leg::Answer) => &INWARDS,
            (Way::Out, Leg::Opening) | (Way::In, Leg::Answer) => &OUTWARDS,
            (Way::Within, _) => &WITHIN,
        };
        hooks.iter().all(|hook| self.hook(*hook))
    }

    fn hook(&mut self, hook: Hook) -> bool {
        self.at.hook = hook;
        let mut chains = Vec::new();
        for table in &self.ruleset.tables {
            for (name, chain) in &table.chains {
                if let Some(base) = chain.base.as_ref().filter(|base| base.hook == hook) {
                    chains.push((position(base), table, name.as_str(), chain, base));
                }
            }
        }
        chains.sort_by_key(|(position, ..)| *position);
        chains
            .into_iter()
            .all(|(position, table, name, chain, base)| {
                self.at.priority = position.0;
                !self.meets(table, base) || self.base_chain(table, name, chain, base)
            })
    }

    /// Whether packets of this family may come by a base chain. Translation is settled with the
    /// first packet, on loopback when it goes out.
    fn meets(&self, table: &Table, base: &Base) -> bool {
        let family = match table.family {
            Family::Ip => !self.at.packet.v6,
            Family::Ip6 => self.at.packet.v6,
            Family::Inet | Family::Netdev => true,
            Family::Bridge => self.at.packet.interface.as_deref() != Some("lo"),
            Family::Arp => false,
        };
        let comes_back = self.at.packet.way == Way::Within && self.at.comes_in();
        let settled = self.at.leg == Leg::Answer || comes_back || self.at.tracked == Some(false);
        family && !table.dormant && !(base.kind == Kind::Nat && settled)
    }

    /// Whether the packet may get past a base chain.
    fn base_chain(
        &mut self,
        table: &'a Table,
        name: &'a str,
        chain: &'a Chain,
        base: &Base,
    ) -> bool {
        let comes_by = self.comes_by(table, base);
        if comes_by == Truth::No {
            return true;
        }
        self.sure = comes_by == Truth::Yes;
        let before = self.fate.decisions.len();
        let left = self.chain(table, name, chain, 0);
        let by_policy = Decision {
            ending: Ending::Seen(base.policy),
            by: By::Policy {
                listing: table.listing,
                family: table.family,
                table: table.name.clone(),
                chain: name.to_owned(),
            },
            leg: self.at.leg,
        };
        let is_strict = base.policy != Policy::Allow;
        if left.next && is_strict {
            self.fate.decisions.push(by_policy.clone());
        }
        let by_rule = std::mem::take(&mut self.passing);
        let passes = !by_rule.is_empty() || (left.next && !is_strict);
        if comes_by == Truth::Yes {
            let by_policy = (left.next && !is_strict).then_some(by_policy);
            self.keep_passed(by_rule, by_policy, base);
        }
        match comes_by {
            Truth::Unsure(lack) => {
                if self.fate.decisions.len() > before {
                    self.doubt(lack, None);
                }
                true
            }
            Truth::Yes | Truth::No => passes,
        }
    }

    /// What is told of a connection that passes: the rule that let the first packet in, the last
    /// where several chains asked; where none did, the policy of the last chain that filters.
    fn keep_passed(&mut self, by_rule: Vec<Decision>, by_policy: Option<Decision>, base: &Base) {
        let is_of_device = matches!(base.hook, Hook::Ingress | Hook::Egress);
        if self.at.leg == Leg::Answer || base.kind == Kind::Nat || is_of_device {
            return;
        }
        let is_rule = |decision: &Decision| matches!(decision.by, By::Rule(_));
        let had_rule = self.passed.iter().any(is_rule);
        if !by_rule.is_empty() {
            self.passed = by_rule;
            self.passed.extend(by_policy);
        } else if !had_rule && let Some(by_policy) = by_policy {
            self.passed = vec![by_policy];
        }
    }

    /// Whether the packet comes by a base chain: those of devices see what passes the device, and
    /// nothing else is translated that is not tracked.
    fn comes_by(&self, table: &Table, base: &Base) -> Truth {
        if base.kind == Kind::Nat && self.at.tracked.is_none() {
            return Truth::Unsure(Lack::Earlier);
        }
        if table.family == Family::Bridge {
            return Truth::Unsure(Lack::Interface);
        }
        if !matches!(base.hook, Hook::Ingress | Hook::Egress) {
            return Truth::Yes;
        }
        match (self.at.packet.interface.as_deref(), base.devices.as_slice()) {
            (Some(name), devices) if devices.iter().any(|device| device == name) => Truth::Yes,
            // Interfaces lie upon each other, but nothing upon loopback nor loopback upon anything.
            (Some("lo"), [_, ..]) => Truth::No,
            (_, [only]) if only == "lo" => Truth::No,
            _ => Truth::Unsure(Lack::Interface),
        }
    }

    fn chain(&mut self, table: &'a Table, name: &'a str, chain: &'a Chain, depth: usize) -> Left {
        let mut left = Left::default();
        for (index, rule) in chain.rules.iter().enumerate() {
            let place = Place {
                table,
                chain: name,
                number: index + 1,
                rule,
            };
            if self.steps == 0 || depth > MOST_DEPTH {
                self.unseen(Lack::TooLong, place);
                return left.or(Left::DECIDED);
            }
            self.steps -= 1;
            let step = self.rule(place, depth);
            left.decided |= step.decided;
            left.returned |= step.returned;
            if !step.next {
                break;
            }
            left.next = index + 1 == chain.rules.len();
            self.sure &= !(step.decided || step.returned);
        }
        Left {
            decided: left.decided,
            next: left.next || left.returned || chain.rules.is_empty(),
            returned: false,
        }
    }

    fn rule(&mut self, place: Place<'a>, depth: usize) -> Left {
        let mut truth = Truth::Yes;
        let mut left = Left::default();
        for statement in &place.rule.statements {
            match statement {
                Statement::Match(condition) => {
                    self.pay_for(place.table, &condition.values);
                    truth = truth.and(self.holds(place.table, condition));
                }
                Statement::Sometimes(lack) => truth = truth.and(Truth::Unsure(lack.clone())),
                Statement::SetMark { of_connection, to } => {
                    truth = self.set_mark(place.table, *of_connection, to, truth);
                }
                Statement::NoTrack => self.exempt(&truth),
                Statement::Harmless => {}
                Statement::Verdict(verdict) => {
                    return left.or(self.obey(place, verdict, &truth, depth));
                }
                Statement::VerdictMap { reads, map } => {
                    self.pay_for(place.table, map);
                    return left.or(self.look_up(place, reads, map, &truth, depth));
                }
                Statement::Translate(translation) => {
                    return left.or(self.translate(place, translation, &truth));
                }
                Statement::Unseen(text) => {
                    let lack = Lack::Unread(text.clone());
                    self.unseen(lack.clone(), place);
                    left = left.or(Left::DECIDED);
                    truth = truth.and(Truth::Unsure(lack));
                }
            }
            if truth == Truth::No {
                break;
            }
        }
        left.or(Left::NEXT)
    }

    /// Many rules that name the same large set cost time as well.
    fn pay_for(&mut self, table: &'a Table, values: &'a Values) {
        let count = elements(table, values).map_or(0, <[Element]>::len);
        self.steps = self.steps.saturating_sub(count / ELEMENTS_OF_A_STEP);
    }

    fn obey(
        &mut self,
        place: Place<'a>,
        verdict: &'a Verdict,
        truth: &Truth,
        depth: usize,
    ) -> Left {
        let surely = *truth == Truth::Yes;
        let left = match verdict {
            Verdict::Decide(policy) => {
                self.decide(Ending::Seen(self.heard(*policy)), place);
                Left::DECIDED
            }
            Verdict::Return => Left::RETURNED,
            Verdict::Continue => Left::NEXT,
            Verdict::Jump(name) => self.enter(place, name, surely, depth),
            Verdict::Goto(name) => {
                let left = self.enter(place, name, surely, depth);
                Left {
                    returned: left.next,
                    next: false,
                    ..left
                }
            }
        };
        match truth {
            Truth::Unsure(lack) if left.decided || left.returned => {
                self.doubt(lack.clone(), Some(place));
                left.or(Left::NEXT)
            }
            Truth::Unsure(_) => left.or(Left::NEXT),
            Truth::Yes | Truth::No => left,
        }
    }

    /// Goes through a chain that a rule names.
    fn enter(&mut self, place: Place<'a>, name: &str, surely: bool, depth: usize) -> Left {
        let Some((name, chain)) = place.table.chains.get_key_value(name) else {
            self.unseen(Lack::Unread(name.to_owned()), place);
            return Left::DECIDED;
        };
        let was_sure = self.sure;
        self.sure &= surely;
        let left = self.chain(place.table, name, chain, depth + 1);
        self.sure = was_sure;
        left
    }

    fn look_up(
        &mut self,
        place: Place<'a>,
        reads: &[Selector],
        map: &'a Values,
        truth: &Truth,
        depth: usize,
    ) -> Left {
        let readings = self.readings(reads);
        if readings.contains(&Reading::Absent) {
            return Left::NEXT;
        }
        let elements = match elements(place.table, map) {
            Ok(elements) => elements,
            Err(lack) => {
                self.unseen(lack, place);
                return Left::DECIDED.or(Left::NEXT);
            }
        };
        let (possible, may_be_none) = candidates(&readings, elements);
        let mut left = Left {
            next: may_be_none,
            ..Left::default()
        };
        for (found, element) in possible {
            left = left.or(match &element.data {
                Some(Data::Verdict(verdict)) => {
                    self.obey(place, verdict, &found.and(truth.clone()), depth)
                }
                Some(Data::Spans(_)) | None => {
                    self.unseen(Lack::Unread(place.rule.text.clone()), place);
                    Left::DECIDED
                }
            });
        }
        left
    }

    fn exempt(&mut self, truth: &Truth) {
        if self.at.is_before_tracking() != Some(false) {
            let surely = *truth == Truth::Yes && self.sure;
            self.at.tracked = surely.then_some(false);
        }
    }

    fn translate(&mut self, place: Place<'a>, translation: &Translation, truth: &Truth) -> Left {
        let surely = *truth == Truth::Yes && self.sure;
        let passes = match translation {
            Translation::Source => {
                self.at.source_translated = true;
                true
            }
            Translation::Redirect { .. } | Translation::Destination { .. } if surely => {
                self.redirect(translation)
            }
            Translation::Redirect { .. }
            | Translation::Destination { .. }
            | Translation::Unread(_) => false,
        };
        if passes {
            self.decide(Ending::Seen(Policy::Allow), place);
        } else {
            self.unseen(Lack::Forwarded, place);
        }
        match truth {
            Truth::Yes => Left::DECIDED,
            Truth::No | Truth::Unsure(_) => Left::DECIDED.or(Left::NEXT),
        }
    }

    /// Gives the packet another destination; false when it leaves the way that we follow.
    fn redirect(&mut self, translation: &Translation) -> bool {
        let Some(target) = self.target(translation) else {
            return false;
        };
        self.fate.translated = true;
        self.at.destination_translated = Some(true);
        self.at.address = target.address;
        self.at.port = target.port;
        match self.at.packet.way {
            Way::In | Way::Within => target.is_here,
            Way::Out => {
                self.at.rerouted = true;
                !target.is_here
            }
        }
    }

    /// Where a translation sends the packet; nothing when that is not one place.
    fn target(&self, translation: &Translation) -> Option<Target> {
        let at = &self.at;
        let port = |span: &Option<Span>| match span {
            None => Some(at.port.clone()),
            Some(span) => Some(Reading::Number(span.single_number()?)),
        };
        Some(match translation {
            // The address is the first one of the interface, which we do not know.
            Translation::Redirect { port: to } => Target {
                address: Reading::Unknown(Lack::Destination),
                port: port(to)?,
                is_here: true,
            },
            Translation::Destination {
                address: None,
                port: to,
            } => Target {
                address: at.address.clone(),
                port: port(to)?,
                is_here: at.packet.way != Way::Out,
            },
            Translation::Destination {
                address: Some(span),
                port: to,
            } => {
                let ip = span.single_number()?;
                Target {
                    address: Reading::Number(ip),
                    port: port(to)?,
                    is_here: at.packet.is_own(address(ip, at.packet.v6)?),
                }
            }
            Translation::Source | Translation::Unread(_) => return None,
        })
    }

    /// Marks the packet, where `truth` holds; whether the rest of the rule is reached. A rule that
    /// reads what there is not ends.
    fn set_mark(
        &mut self,
        table: &'a Table,
        of_connection: bool,
        to: &'a Mark,
        truth: Truth,
    ) -> Truth {
        let own = if of_connection {
            Selector::ConnectionMark
        } else {
            Selector::Mark
        };
        let own = self.at.read(&own);
        let new = match to {
            Mark::Computed { keep: 0, flip } => Reading::Number((*flip).into()),
            Mark::Computed { keep, flip } => match &own {
                Reading::Number(mark) => {
                    Reading::Number(mark & u128::from(*keep) ^ u128::from(*flip))
                }
                other => other.clone(),
            },
            Mark::Other if of_connection => self.at.mark.clone(),
            Mark::Other => self.at.read(&Selector::ConnectionMark),
            Mark::Map { reads, map } => self.looked_up(table, reads, map),
            Mark::Unread => Reading::Unknown(Lack::Earlier),
        };
        if new == Reading::Absent {
            return Truth::No;
        }
        let surely = truth == Truth::Yes && self.sure;
        let is_known = matches!(new, Reading::Number(_));
        let new = if surely {
            new
        } else {
            Reading::Unknown(Lack::Earlier)
        };
        if !of_connection {
            self.at.mark = new;
        } else if own != Reading::Absent {
            self.at.connection_mark = new;
        }
        if is_known {
            truth
        } else {
            truth.and(Truth::Unsure(Lack::Earlier))
        }
    }

    /// The number that a map has; absent when it has none.
    fn looked_up(&self, table: &'a Table, reads: &[Selector], map: &'a Values) -> Reading {
        let readings = self.readings(reads);
        if readings.contains(&Reading::Absent) {
            return Reading::Absent;
        }
        let unknown = Reading::Unknown(Lack::Earlier);
        let Ok(elements) = elements(table, map) else {
            return unknown;
        };
        let (possible, _) = candidates(&readings, elements);
        match possible.as_slice() {
            [] => Reading::Absent,
            [
                (
                    Truth::Yes,
                    Element {
                        data: Some(Data::Spans(spans)),
                        ..
                    },
                ),
            ] => match spans.as_slice() {
                [span] => span.single_number().map_or(unknown, Reading::Number),
                _ => unknown,
            },
            _ => unknown,
        }
    }

    fn holds(&self, table: &'a Table, condition: &'a Match) -> Truth {
        let readings = self.readings(&condition.reads);
        if readings.contains(&Reading::Absent) {
            return Truth::No;
        }
        let found = match elements(table, &condition.values) {
            Ok(elements) => is_among(&readings, elements),
            Err(lack) => Truth::Unsure(lack),
        };
        if condition.negated {
            found.negated()
        } else {
            found
        }
    }

    fn readings(&self, reads: &[Selector]) -> Vec<Reading> {
        reads
            .iter()
            .map(|selector| self.at.read(selector))
            .collect()
    }

    fn decide(&mut self, ending: Ending, place: Place<'_>) {
        let decision = self.decision(ending, place);
        let list = match ending {
            Ending::Seen(Policy::Allow) => &mut self.passing,
            Ending::Seen(Policy::Drop | Policy::Reject) | Ending::Unseen => {
                &mut self.fate.decisions
            }
        };
        let is_known = if list.len() < MOST_DECISIONS {
            list.contains(&decision)
        } else {
            list.iter().any(|other| other.ending == ending)
        };
        if !is_known {
            list.push(decision);
        }
    }

    /// What the asker hears of a verdict: that an answer was refused is told to its sender.
    fn heard(&self, policy: Policy) -> Policy {
        match (policy, self.at.leg) {
            (Policy::Reject, Leg::Answer) => Policy::Drop,
            (policy, _) => policy,
        }
    }

    fn decision(&self, ending: Ending, place: Place<'_>) -> Decision {
        Decision {
            ending,
            by: By::Rule(place.name()),
            leg: self.at.leg,
        }
    }

    fn unseen(&mut self, lack: Lack, place: Place<'_>) {
        self.doubt(lack, Some(place));
        self.decide(Ending::Unseen, place);
    }

    fn doubt(&mut self, lack: Lack, place: Option<Place<'_>>) {
        let doubt = Doubt {
            lack,
            rule: place.map(Place::name),
        };
        let doubts = &mut self.fate.doubts;
        if doubts.len() < MOST_DOUBTS && !doubts.contains(&doubt) {
            doubts.push(doubt);
        }
    }

    fn end(mut self, arrives: bool) -> Fate {
        if arrives {
            if self.passed.is_empty() {
                self.passed.push(Decision {
                    ending: Ending::Seen(Policy::Allow),
                    by: By::Nothing,
                    leg: Leg::Opening,
                });
            }
            self.fate.decisions.append(&mut self.passed);
        }
        if self.fate.policy().is_some() {
            self.fate.doubts.clear();
        }
        self.fate
    }
}

/// A new destination.
struct Target {
    address: Reading,
    port: Reading,
    is_here: bool,
}

impl Place<'_> {
    fn name(self) -> RuleName {
        RuleName {
            listing: self.table.listing,
            family: self.table.family,
            table: self.table.name.clone(),
            chain: self.chain.to_owned(),
            number: self.number,
            handle: self.rule.handle,
            text: self.rule.text.clone(),
        }
    }
}

impl Span {
    fn single_number(&self) -> Option<u128> {
        match self {
            Self::Numbers(first, last) => (first == last).then_some(*first),
            Self::Name(_) | Self::NameStart(_) | Self::Unread(_) => None,
        }
    }
}

/// The elements of a set or map; those of a set that rules change are not known.
fn elements<'a>(table: &'a Table, values: &'a Values) -> Result<&'a [Element], Lack> {
    match values {
        Values::Written(elements) => Ok(elements),
        Values::Named(name) => match table.sets.get(name) {
            Some(set) if set.changing => Err(Lack::ChangingSet(name.clone())),
            Some(set) => Ok(&set.elements),
            None => Err(Lack::Unread(format!("@{name}"))),
        },
    }
}

/// Where in the order of a hook a base chain is entered. Translation has a place of its own in the
/// kernel, whatever the priorities of its chains.
fn position(base: &Base) -> (i64, i64, Reverse<usize>) {
    let place = match (base.kind, base.hook) {
        (Kind::Nat, Hook::Prerouting | Hook::Output) => DESTINATION_TRANSLATION,
        (Kind::Nat, Hook::Input | Hook::Postrouting) => SOURCE_TRANSLATION,
        (Kind::Nat, Hook::Ingress | Hook::Forward | Hook::Egress)
        | (Kind::Filter | Kind::Route, _) => base.priority,
    };
    (place, base.priority, Reverse(base.order))
}

const INWARDS: [Hook; 3] = [Hook::Ingress, Hook::Prerouting, Hook::Input];
const OUTWARDS: [Hook; 3] = [Hook::Output, Hook::Postrouting, Hook::Egress];
const WITHIN: [Hook; 6] = [
    Hook::Output,
    Hook::Postrouting,
    Hook::Egress,
    Hook::Ingress,
    Hook::Prerouting,
    Hook::Input,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::parse::nft::from_text;

    /// A table with an input chain of these rules, and more chains.
    fn ruleset(policy: &str, rules: &str, more: &str) -> Ruleset {
        let text = format!(
            "table inet t {{\n{more}\nchain in {{\n\
             type filter hook input priority filter; policy {policy};\n{rules}\n}}\n}}"
        );
        from_text(&text).expect("a listing")
    }

    fn packet() -> Packet {
        Packet {
            interface: Some("eth0".to_owned()),
            returns: Some(true),
            ..Packet::between(
                Way::In,
                Some("192.0.2.7".parse().unwrap()),
                "192.0.2.1".parse().unwrap(),
                5432,
            )
        }
    }

    fn decided(ruleset: &Ruleset, packet: &Packet) -> (Option<Policy>, String) {
        let fate = verdict(ruleset, packet);
        let decision = fate.decision().filter(|_| fate.policy().is_some());
        let by = match decision.map(|decision| &decision.by) {
            Some(By::Rule(name)) => name.text.clone(),
            Some(By::Policy { chain, .. }) => format!("policy of {chain}"),
            Some(By::Nothing) => "nothing".to_owned(),
            None => format!("{:?}", fate.doubts.first().map(|doubt| &doubt.lack)),
        };
        (fate.policy(), by)
    }

    fn check(policy: &str, rules: &str, more: &str, expected: (Option<Policy>, &str)) {
        let (policy, by) = decided(&ruleset(policy, rules, more), &packet());
        assert_eq!((policy, by.as_str()), expected, "{rules}");
    }

    const ALLOW: Option<Policy> = Some(Policy::Allow);
    const DROP: Option<Policy> = Some(Policy::Drop);
    const REJECT: Option<Policy> = Some(Policy::Reject);

    #[test]
    fn the_first_rule_that_applies_decides_and_is_named() {
        let rules = "tcp dport 22 accept\nip saddr 192.0.2.0/24 tcp dport 5000-6000 reject\ndrop";
        let named = "ip saddr 192.0.2.0/24 tcp dport 5000-6000 reject";
        check("accept", rules, "", (REJECT, named));
        check("drop", "tcp dport 22 accept", "", (DROP, "policy of in"));
        assert_eq!(
            decided(&Ruleset::default(), &packet()),
            (ALLOW, "nothing".to_owned())
        );
    }

    #[test]
    fn a_jump_comes_back_and_a_goto_does_not() {
        let side = "chain side {\ntcp dport 5432 return\ndrop\n}";
        check("drop", "jump side\naccept", side, (ALLOW, "accept"));
        check("drop", "goto side\naccept", side, (DROP, "policy of in"));
        check(
            "accept",
            "jump missing",
            "",
            (None, "Some(Unread(\"missing\"))"),
        );
        let circle = "chain side {\njump side\n}";
        check("accept", "jump side", circle, (None, "Some(TooLong)"));
    }

    #[test]
    fn an_accept_ends_only_its_own_base_chain() {
        let later = "chain later {\n\
                     type filter hook input priority filter + 1; policy accept;\n\
                     tcp dport 5432 drop\n}";
        check("accept", "accept", later, (DROP, "tcp dport 5432 drop"));
    }

    #[test]
    fn what_is_not_known_leaves_both_ends_open() {
        let rules = ruleset("drop", "ip saddr 192.0.2.7 accept", "");
        let stranger = Packet {
            source: None,
            ..packet()
        };
        let fate = verdict(&rules, &stranger);
        assert_eq!((fate.policy(), fate.decisions.len()), (None, 2));
        assert_eq!(fate.doubts[0].lack, Lack::Source);
        // Nobody else has our loopback addresses.
        let rules = ruleset(
            "drop",
            "ip saddr 127.0.0.0/8 drop\niif \"lo\" drop\naccept",
            "",
        );
        assert_eq!(verdict(&rules, &stranger).policy(), ALLOW);
    }

    #[test]
    fn of_many_rules_that_may_decide_few_are_kept_and_none_of_their_ends_is_lost() {
        let banned = |number: u32| {
            let address = std::net::Ipv4Addr::from_bits(0x0a00_0000 + number);
            format!("ip saddr {address} drop\n")
        };
        let mut rules: String = (0..60_000).map(banned).collect();
        let stranger = Packet {
            source: None,
            ..packet()
        };
        let closed = verdict(&ruleset("drop", &rules, ""), &stranger);
        assert_eq!(closed.policy(), DROP);
        assert!(closed.decisions.len() <= MOST_DECISIONS + 1);
        rules.push_str("ip saddr 192.0.2.0/24 reject\n");
        assert_eq!(
            verdict(&ruleset("drop", &rules, ""), &stranger).policy(),
            None
        );
        assert_eq!(
            verdict(&ruleset("accept", &rules, ""), &stranger).policy(),
            None
        );
    }

    #[test]
    fn many_rules_that_name_a_large_set_are_too_long_and_not_let_through() {
        let addresses: Vec<String> = (0..10_000)
            .map(|number| std::net::Ipv4Addr::from_bits(0x0a00_0000 + 2 * number).to_string())
            .collect();
        let set = format!(
            "set banned {{\ntype ipv4_addr\nelements = {{ {} }}\n}}",
            addresses.join(", ")
        );
        let rule = "ip saddr @banned drop\n";
        check("accept", rule, &set, (ALLOW, "policy of in"));
        check(
            "accept",
            &rule.repeat(10_000),
            &set,
            (None, "Some(TooLong)"),
        );
    }

    #[test]
    fn the_answer_has_to_pass_as_well() {
        let out = "chain out {\ntype filter hook output priority filter; policy accept;\n\
                   tcp sport 5432 ct state established drop\n}";
        let fate = verdict(&ruleset("accept", "", out), &packet());
        assert_eq!(fate.policy(), DROP);
        assert_eq!(
            fate.decision().map(|decision| decision.leg),
            Some(Leg::Answer)
        );
    }

    #[test]
    fn a_mark_that_one_rule_sets_another_reads() {
        let rules =
            "tcp dport 5432 meta mark set 0x00000005\nmeta mark & 0x00000004 == 0x00000004 drop";
        let named = "meta mark & 0x00000004 == 0x00000004 drop";
        check("accept", rules, "", (DROP, named));
        let limited = "limit rate 1/second meta mark set 0x00000005\nmeta mark 0x00000005 drop";
        check("accept", limited, "", (None, "Some(Earlier)"));
    }

    #[test]
    fn tracking_sees_no_connection_before_its_place() {
        let early = "chain early {\ntype filter hook prerouting priority raw; policy accept;\n\
                     ct state invalid drop\n}";
        check("accept", "", early, (DROP, "ct state invalid drop"));
        let exempt = early.replace("ct state invalid drop", "notrack");
        check(
            "accept",
            "ct state new drop",
            &exempt,
            (ALLOW, "policy of in"),
        );
        check(
            "accept",
            "ct state untracked drop",
            &exempt,
            (DROP, "ct state untracked drop"),
        );
    }

    #[test]
    fn a_translation_to_another_port_is_followed() {
        let nat = "chain pre {\ntype nat hook prerouting priority dstnat; policy accept;\n\
                   tcp dport 5432 redirect to :80\n}";
        check("drop", "tcp dport 5432 accept", nat, (DROP, "policy of in"));
        check(
            "drop",
            "tcp dport 80 accept",
            nat,
            (ALLOW, "tcp dport 80 accept"),
        );
        let away = nat.replace("redirect to :80", "dnat ip to 198.51.100.1");
        check("accept", "", &away, (None, "Some(Forwarded)"));
    }

    #[test]
    fn what_is_not_understood_is_never_let_through() {
        for rules in [
            "xt match \"string\" drop",
            "queue to 1",
            "socket transparent 1 accept",
        ] {
            let (policy, _) = decided(&ruleset("accept", rules, ""), &packet());
            assert_eq!(policy, None, "{rules}");
        }
        check(
            "accept",
            "tcp dport 22 queue to 1",
            "",
            (ALLOW, "policy of in"),
        );
    }
}
