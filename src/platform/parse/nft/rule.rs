//! A rule of the text listing (nft(8), "Expressions" and "Statements").

use super::condition::{Bits, Comparison, all_bits, condition, has, is_of_family, one};
use super::selector;
use super::words::unquoted;
use crate::evidence::Policy;
use crate::platform::ruleset::{
    Data, Element, End, Lack, Mark, Selector, Span, Statement, Translation, Values, Verdict,
    parse_number,
};

/// What a rule says, and the sets that it changes. The rest of a rule of which something is not
/// understood may do anything.
pub fn rule(words: &[String]) -> (Vec<Statement>, Vec<String>) {
    let mut cursor = Cursor::new(words);
    let mut statements = Vec::new();
    while cursor.peek().is_some() {
        let start = cursor.at;
        let Some(more) = cursor.statement() else {
            let rest: Vec<&str> = words[start..].iter().map(|word| unquoted(word)).collect();
            statements.push(Statement::Unseen(rest.join(" ")));
            break;
        };
        statements.extend(more);
    }
    (statements, cursor.changed)
}

/// A place in the words of a rule or a set.
pub struct Cursor<'a> {
    words: &'a [String],
    at: usize,
    changed: Vec<String>,
}

impl<'a> Cursor<'a> {
    pub fn new(words: &'a [String]) -> Self {
        Self {
            words,
            at: 0,
            changed: Vec::new(),
        }
    }

    fn peek(&self) -> Option<&'a str> {
        self.words.get(self.at).map(String::as_str)
    }

    fn next(&mut self) -> Option<&'a str> {
        let word = self.peek()?;
        self.at += 1;
        Some(word)
    }

    fn take(&mut self, word: &str) -> bool {
        let is_next = self.peek() == Some(word);
        self.at += usize::from(is_next);
        is_next
    }

    fn next_if(&mut self, is_wanted: impl Fn(&str) -> bool) -> Option<&'a str> {
        let word = self.peek().filter(|word| is_wanted(word))?;
        self.at += 1;
        Some(word)
    }

    fn statement(&mut self) -> Option<Vec<Statement>> {
        if let Some(verdict) = self.verdict() {
            return Some(vec![Statement::Verdict(verdict)]);
        }
        let start = self.at;
        let statement = match self.next()? {
            "reject" => return Some(self.reject()),
            "notrack" => Statement::NoTrack,
            "comment" => {
                self.next();
                return Some(Vec::new());
            }
            "counter" => self.counter(),
            "last" => {
                if self.take("used") {
                    self.next();
                }
                Statement::Harmless
            }
            "log" => self.log(),
            "limit" => self.limit()?,
            "quota" => self.quota()?,
            "ct" if self.take("count") => {
                self.take("over");
                self.next()?;
                Statement::Sometimes(Lack::Moment)
            }
            "masquerade" | "snat" => {
                let family = self.family();
                let translation = self.ends_with(Translation::Source);
                return Some(family.into_iter().chain([translation]).collect());
            }
            "redirect" => return Some(vec![self.redirect()]),
            "dnat" => return self.dnat(),
            "add" | "update" | "delete" => return self.change_of_set(),
            _ => {
                self.at = start;
                return Some(vec![self.expression()?]);
            }
        };
        Some(vec![statement])
    }

    fn verdict(&mut self) -> Option<Verdict> {
        let verdict = match self.peek()? {
            "accept" => Verdict::Decide(Policy::Allow),
            "drop" => Verdict::Decide(Policy::Drop),
            "continue" => Verdict::Continue,
            "return" => Verdict::Return,
            "jump" => Verdict::Jump(unquoted(self.words.get(self.at + 1)?).to_owned()),
            "goto" => Verdict::Goto(unquoted(self.words.get(self.at + 1)?).to_owned()),
            _ => return None,
        };
        self.at += match verdict {
            Verdict::Jump(_) | Verdict::Goto(_) => 2,
            Verdict::Decide(_) | Verdict::Continue | Verdict::Return => 1,
        };
        Some(verdict)
    }

    /// An ICMP error of one family is a condition on the family as well.
    fn reject(&mut self) -> Vec<Statement> {
        let mut statements = Vec::new();
        if self.take("with") {
            match self.next() {
                Some("icmp") => statements.push(is_of_family(false)),
                Some("icmpv6") => statements.push(is_of_family(true)),
                _ => {}
            }
            self.take("type");
            self.next();
        }
        statements.push(Statement::Verdict(Verdict::Decide(Policy::Reject)));
        statements
    }

    fn counter(&mut self) -> Statement {
        if self.take("name") {
            self.next();
        }
        while self.take("packets") || self.take("bytes") {
            self.next();
        }
        Statement::Harmless
    }

    fn log(&mut self) -> Statement {
        while let Some("prefix" | "group" | "snaplen" | "queue-threshold" | "level" | "flags") =
            self.peek()
        {
            if self.next() == Some("flags") {
                self.next_if(|word| matches!(word, "tcp" | "ip"));
            }
            self.next();
            while self.take(",") {
                self.next();
            }
        }
        Statement::Harmless
    }

    /// `limit rate over 10 mbytes/second burst 5 packets`.
    fn limit(&mut self) -> Option<Statement> {
        if self.take("name") {
            self.next()?;
            return Some(Statement::Sometimes(Lack::Moment));
        }
        self.take("rate").then_some(())?;
        self.take("over");
        while !self.next()?.contains('/') {}
        if self.take("burst") {
            self.next()?;
            self.next()?;
        }
        Some(Statement::Sometimes(Lack::Moment))
    }

    /// `quota over 5 mbytes used 3 bytes`.
    fn quota(&mut self) -> Option<Statement> {
        if self.take("name") {
            self.next()?;
        } else {
            self.next_if(|word| matches!(word, "over" | "until"));
            self.next()?;
            self.next()?;
            if self.take("used") {
                self.next()?;
                self.next()?;
            }
        }
        Some(Statement::Sometimes(Lack::Moment))
    }

    /// A translation ends its rule; what follows are its own options and a comment.
    fn ends_with(&mut self, translation: Translation) -> Statement {
        self.at = self.words.len();
        Statement::Translate(translation)
    }

    fn redirect(&mut self) -> Statement {
        let port = if self.take("to") {
            let port = self.next().and_then(|word| word.strip_prefix(':'));
            Some(port_span(port.unwrap_or_default()))
        } else {
            None
        };
        self.ends_with(Translation::Redirect { port })
    }

    /// The family that a translation names is a condition on the packet.
    fn family(&mut self) -> Option<Statement> {
        let family = self.next_if(|word| matches!(word, "ip" | "ip6"))?;
        Some(is_of_family(family == "ip6"))
    }

    fn dnat(&mut self) -> Option<Vec<Statement>> {
        let start = self.at - 1;
        let family = self.family();
        self.take("to").then_some(())?;
        let target = self.next()?;
        let (address, port) = match target
            .strip_prefix('[')
            .and_then(|rest| rest.split_once(']'))
        {
            Some((address, port)) => (address, port.strip_prefix(':')),
            None if target.matches(':').count() == 1 => {
                let (address, port) = target.split_once(':')?;
                (address, Some(port))
            }
            None => (target, None),
        };
        let v6 = address.contains(':');
        let end = End::Destination;
        let address = (!address.is_empty()).then(|| span(address, &Selector::Address { end, v6 }));
        let port = port.map(port_span);
        let is_read = |span: &Option<Span>| !matches!(span, Some(Span::Unread(_)));
        let translation = if is_read(&address) && is_read(&port) {
            Translation::Destination { address, port }
        } else {
            Translation::Unread(self.words[start..].join(" "))
        };
        let translation = self.ends_with(translation);
        Some(family.into_iter().chain([translation]).collect())
    }

    /// `add @SET { KEY timeout 5s limit rate 3/second }`.
    fn change_of_set(&mut self) -> Option<Vec<Statement>> {
        let set = self.next()?.strip_prefix('@')?;
        self.changed.push(set.to_owned());
        self.take("{").then_some(())?;
        let mut statements = vec![has(self.selectors()?)];
        while !self.take("}") {
            match self.peek()? {
                "timeout" | "expires" => self.at += 2,
                "comment" | "counter" | "limit" | "quota" | "ct" => {
                    statements.extend(self.statement()?);
                }
                _ => return None,
            }
        }
        Some(statements)
    }

    /// A condition, a verdict map, or a change of the packet.
    fn expression(&mut self) -> Option<Statement> {
        let mut reads = self.selectors()?;
        if self.take("set") {
            return self.mangle(&reads);
        }
        if self.take("vmap") {
            let map = self.map(&reads)?;
            return Some(Statement::VerdictMap { reads, map });
        }
        if self.take("&") {
            let [inner] = reads.as_slice() else {
                return None;
            };
            let mask = self.bits(inner)?;
            reads = vec![Selector::Masked(Box::new(inner.clone()), mask)];
        }
        let sign = self
            .peek()
            .and_then(Comparison::of)
            .filter(|sign| *sign != Comparison::AnyBit);
        self.at += usize::from(sign.is_some());
        self.comparison(reads, sign)
    }

    fn comparison(&mut self, reads: Vec<Selector>, sign: Option<Comparison>) -> Option<Statement> {
        if let Some(name) = self.peek()?.strip_prefix('@') {
            self.at += 1;
            let values = Values::Named(name.to_owned());
            return Some(condition(reads, sign.unwrap_or(Comparison::Equal), values));
        }
        if self.peek() == Some("{") {
            let values = Values::Written(self.elements(&reads));
            return Some(condition(reads, sign.unwrap_or(Comparison::Equal), values));
        }
        if let [only] = reads.as_slice()
            && only.is_bits()
        {
            return self.bit_comparison(only, sign);
        }
        let element = self.element(&reads)?;
        let values = Values::Written(vec![element]);
        Some(condition(reads, sign.unwrap_or(Comparison::Equal), values))
    }

    /// `tcp flags syn / fin,syn,rst,ack`, `ct state established,related`.
    fn bit_comparison(
        &mut self,
        selector: &Selector,
        sign: Option<Comparison>,
    ) -> Option<Statement> {
        let bits = self.bits(selector)?;
        let values = Values::Written(vec![one(Span::Numbers(bits, bits))]);
        if self.take("/") {
            let mask = self.bits(selector)?;
            let masked = Selector::Masked(Box::new(selector.clone()), mask);
            return Some(condition(
                vec![masked],
                sign.unwrap_or(Comparison::Equal),
                values,
            ));
        }
        Some(condition(
            vec![selector.clone()],
            sign.unwrap_or(Comparison::AnyBit),
            values,
        ))
    }

    /// `syn`, `fin,syn`, `(fin | syn)`, `0x2`.
    fn bits(&mut self, selector: &Selector) -> Option<u128> {
        let in_parentheses = self.take("(");
        let mut spans = vec![span(self.next()?, selector)];
        while self.take(",") || self.take("|") {
            spans.push(span(self.next()?, selector));
        }
        if in_parentheses && !self.take(")") {
            return None;
        }
        match all_bits(spans) {
            Span::Numbers(first, last) if first == last => Some(first),
            _ => None,
        }
    }

    /// What an expression reads; several parts with a dot between.
    pub fn selectors(&mut self) -> Option<Vec<Selector>> {
        let mut selectors = vec![self.selector()?];
        while self.take(".") {
            selectors.push(self.selector()?);
        }
        Some(selectors)
    }

    fn selector(&mut self) -> Option<Selector> {
        Some(match self.next()? {
            "meta" => selector::meta(self.next()?),
            key @ ("iif" | "oif" | "iifname" | "oifname" | "iifgroup" | "oifgroup" | "mark"
            | "skuid" | "pkttype") => selector::meta(key),
            "ct" => match self.next()? {
                direction @ ("original" | "reply") => {
                    let family = self.next_if(|word| matches!(word, "ip" | "ip6"));
                    let family = family
                        .map(|family| format!("{family} "))
                        .unwrap_or_default();
                    Selector::Unread(format!("ct {direction} {family}{}", self.next()?))
                }
                key => selector::ct(key),
            },
            "fib" => {
                let mut keys = vec![self.next()?];
                while self.take(".") {
                    keys.push(self.next()?);
                }
                selector::fib(self.next()?, keys)
            }
            "tcp" if self.take("option") => {
                let text = format!("tcp option {} {}", self.next()?, self.next()?);
                Selector::Unread(text)
            }
            protocol @ ("ip" | "ip6" | "tcp" | "th" | "udp" | "udplite" | "sctp" | "dccp"
            | "icmp" | "icmpv6" | "igmp" | "esp" | "ah" | "comp" | "arp" | "gre"
            | "ether" | "vlan") => selector::payload(protocol, self.next()?),
            _ => return None,
        })
    }

    /// `@NAME` or `{ VALUE : DATA, … }`.
    fn map(&mut self, reads: &[Selector]) -> Option<Values> {
        if self.peek()? == "{" {
            return Some(Values::Written(self.elements(reads)));
        }
        let name = self.next()?.strip_prefix('@')?;
        Some(Values::Named(name.to_owned()))
    }

    /// `{ ELEMENT, … }`, of a set or a map.
    pub fn elements(&mut self, reads: &[Selector]) -> Vec<Element> {
        let mut elements = Vec::new();
        self.take("{");
        while !self.take("}") && self.peek().is_some() {
            let element = self.element(reads);
            let mut element = element.unwrap_or_else(|| one(Span::Unread(String::new())));
            // Timeouts, counters and comments.
            while self
                .peek()
                .is_some_and(|word| !matches!(word, "," | "}" | ":"))
            {
                self.at += 1;
            }
            if self.take(":") {
                element.data = Some(self.data());
            }
            elements.push(element);
            while self.peek().is_some_and(|word| !matches!(word, "," | "}")) {
                self.at += 1;
            }
            self.take(",");
        }
        elements
    }

    /// `VALUE . VALUE`.
    fn element(&mut self, reads: &[Selector]) -> Option<Element> {
        if self.take("*") {
            return Some(Element {
                spans: Vec::new(),
                data: None,
            });
        }
        let mut words = vec![self.next()?];
        while self.take(".") {
            words.push(self.next()?);
        }
        let spans = if words.len() == reads.len() {
            words
                .iter()
                .zip(reads)
                .map(|(word, selector)| span(word, selector))
                .collect()
        } else {
            vec![Span::Unread(words.join(" . "))]
        };
        Some(Element { spans, data: None })
    }

    fn data(&mut self) -> Data {
        if let Some(verdict) = self.verdict() {
            return Data::Verdict(verdict);
        }
        let word = self.next().unwrap_or_default();
        Data::Spans(vec![span(word, &Selector::Mark)])
    }

    /// `KEY set VALUE`: only marks, addresses and ports change what becomes of a packet.
    fn mangle(&mut self, reads: &[Selector]) -> Option<Statement> {
        let [key] = reads else {
            return None;
        };
        let of_connection = match key {
            Selector::Mark => false,
            Selector::ConnectionMark => true,
            Selector::Unread(text) => {
                let decides_nothing = ["meta ", "ct ", "tcp option "];
                let decides_nothing = decides_nothing.iter().any(|start| text.starts_with(start))
                    || matches!(
                        text.as_str(),
                        "ip dscp" | "ip ecn" | "ip ttl" | "ip6 hoplimit" | "ip6 dscp" | "ip id"
                    );
                // Its value may have several words, of which the last ones are known.
                self.next()?;
                while !self.is_at_statement() {
                    self.at += 1;
                }
                return decides_nothing.then_some(Statement::Harmless);
            }
            _ => return None,
        };
        let to = self.mark(key)?;
        Some(Statement::SetMark { of_connection, to })
    }

    fn is_at_statement(&self) -> bool {
        self.peek().is_none_or(|word| {
            matches!(
                word,
                "accept"
                    | "drop"
                    | "continue"
                    | "return"
                    | "jump"
                    | "goto"
                    | "reject"
                    | "counter"
                    | "log"
                    | "limit"
                    | "comment"
                    | "notrack"
                    | "meta"
                    | "ct"
                    | "tcp"
                    | "ip"
                    | "ip6"
                    | "iifname"
                    | "oifname"
                    | "iif"
                    | "oif"
            )
        })
    }

    fn mark(&mut self, own: &Selector) -> Option<Mark> {
        if let Some(number) = self.peek().and_then(super::text::mark_number) {
            self.at += 1;
            return Some(Bits::constant(number).mark());
        }
        let reads = self.selectors()?;
        if self.take("map") {
            let map = self.map(&reads)?;
            return Some(Mark::Map { reads, map });
        }
        let mut bits = Bits::SAME;
        let mut is_plain = true;
        while let Some(sign @ ("&" | "|" | "^")) = self.peek() {
            self.at += 1;
            bits = bits.then(sign, super::text::mark_number(self.next()?)?)?;
            is_plain = false;
        }
        Some(match reads.as_slice() {
            [only] if only == own => bits.mark(),
            [Selector::Mark | Selector::ConnectionMark] if is_plain => Mark::Other,
            _ => Mark::Unread,
        })
    }
}

fn port_span(word: &str) -> Span {
    span(word, &Selector::Port(End::Destination))
}

/// A value or a range of values.
fn span(word: &str, selector: &Selector) -> Span {
    let word = unquoted(word);
    let whole = selector.span(word);
    if let (Span::Unread(_), Some((first, last))) = (&whole, word.split_once('-'))
        && let (Span::Numbers(first, _), Span::Numbers(_, last)) =
            (selector.span(first), selector.span(last))
    {
        return Span::Numbers(first, last);
    }
    match whole {
        Span::Unread(_) if matches!(selector, Selector::Unread(_)) => {
            parse_number(word).map_or(whole, |number| Span::Numbers(number, number))
        }
        whole => whole,
    }
}
