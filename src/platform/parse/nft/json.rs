//! `nft -j list ruleset`.

use serde_json::Value;

use super::condition::{Bits, Comparison, all_bits, condition, has, is_of_family, one, unreadable};
use super::{MOST_BYTES, print, selector};
use crate::evidence::Policy;
use crate::platform::ruleset::{
    Base, Chain, Data, Element, End, Family, Hook, Kind, Lack, Listing, Mark, Rule, Ruleset,
    Selector, Span, Statement, Table, Translation, Values, Verdict, parse_number, prefix,
};

/// The rules that `nft -j list ruleset` shows; nothing when the text is no such listing.
#[must_use]
pub fn from_json(json: &str) -> Option<Ruleset> {
    if json.len() > MOST_BYTES {
        return None;
    }
    let listing: Value = serde_json::from_str(json).ok()?;
    let mut ruleset = Ruleset::default();
    for (order, object) in listing.get("nftables")?.as_array()?.iter().enumerate() {
        let (what, content) = single(object)?;
        match what {
            "table" => {
                let dormant = has_word(content.get("flags"), "dormant");
                table(&mut ruleset, content, "name")?.dormant = dormant;
            }
            "chain" => {
                let base = base(content, order)?;
                chain(&mut ruleset, content, "name")?.base = base;
            }
            "set" | "map" => {
                let set = elements_of_named(content);
                let name = text(content, "name")?;
                let table = table(&mut ruleset, content, "table")?;
                let known = table.sets.entry(name.to_owned()).or_default();
                known.elements = set;
            }
            "rule" => {
                let rule = rule(content)?;
                let expressions = content.get("expr")?.as_array()?;
                for name in expressions.iter().filter_map(changed_set) {
                    let table = table(&mut ruleset, content, "table")?;
                    table.sets.entry(name.to_owned()).or_default().changing = true;
                }
                chain(&mut ruleset, content, "chain")?.rules.push(rule);
            }
            _ => {}
        }
    }
    Some(ruleset)
}

/// A member that is a text.
pub fn text<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object.get(key)?.as_str()
}

/// An object with one member.
pub fn single(object: &Value) -> Option<(&str, &Value)> {
    let object = object.as_object()?;
    let (name, content) = object.iter().next()?;
    (object.len() == 1).then_some((name.as_str(), content))
}

/// A text, or a list of texts, that holds a word.
fn has_word(value: Option<&Value>, word: &str) -> bool {
    match value {
        Some(Value::String(text)) => text == word,
        Some(Value::Array(texts)) => texts.iter().any(|text| text == word),
        _ => false,
    }
}

fn table<'a>(ruleset: &'a mut Ruleset, object: &Value, name: &str) -> Option<&'a mut Table> {
    let family = Family::named(text(object, "family")?)?;
    let name = text(object, name)?;
    let tables = &mut ruleset.tables;
    let known = tables
        .iter()
        .position(|table| table.family == family && table.name == name);
    let index = known.unwrap_or_else(|| {
        tables.push(Table::new(family, name, Listing::Nft));
        tables.len() - 1
    });
    Some(&mut tables[index])
}

fn chain<'a>(ruleset: &'a mut Ruleset, object: &Value, name: &str) -> Option<&'a mut Chain> {
    let table = table(ruleset, object, "table")?;
    Some(
        table
            .chains
            .entry(text(object, name)?.to_owned())
            .or_default(),
    )
}

/// Nothing at all for a hook that is not known, as nothing can be said then.
#[expect(
    clippy::option_option,
    reason = "not readable, or readable and no base chain"
)]
fn base(chain: &Value, order: usize) -> Option<Option<Base>> {
    let Some(hook) = text(chain, "hook") else {
        return Some(None);
    };
    let devices = match chain.get("dev") {
        Some(Value::String(device)) => vec![device.clone()],
        Some(Value::Array(devices)) => {
            let devices = devices.iter().filter_map(Value::as_str);
            devices.map(str::to_owned).collect()
        }
        _ => Vec::new(),
    };
    Some(Some(Base {
        kind: match text(chain, "type")? {
            "nat" => Kind::Nat,
            "route" => Kind::Route,
            _ => Kind::Filter,
        },
        hook: Hook::named(hook)?,
        priority: chain.get("prio").and_then(Value::as_i64)?,
        policy: match text(chain, "policy") {
            Some("drop") => Policy::Drop,
            _ => Policy::Allow,
        },
        devices,
        order,
    }))
}

fn elements_of_named(set: &Value) -> Vec<Element> {
    let types: Vec<Selector> = match set.get("type") {
        Some(Value::Array(types)) => types.iter().map(of_type).collect(),
        Some(only) => vec![of_type(only)],
        None => Vec::new(),
    };
    let elements = set.get("elem").and_then(Value::as_array);
    let elements = elements.into_iter().flatten();
    let has_data = set.get("map").is_some();
    elements
        .map(|value| {
            if has_data {
                map_element(value, &types)
            } else {
                element(value, &types)
            }
        })
        .collect()
}

fn of_type(value: &Value) -> Selector {
    match (value.as_str(), single(value)) {
        (Some(name), _) => selector::of_type(name),
        // Newer versions write `typeof` as the expression it was.
        (None, Some(("typeof", expression))) => read_selector(expression),
        (None, _) => read_selector(value),
    }
}

fn rule(content: &Value) -> Option<Rule> {
    let expressions = content.get("expr")?.as_array()?;
    let statements = expressions.iter().flat_map(statements).collect();
    Some(Rule {
        handle: content.get("handle").and_then(Value::as_u64),
        text: print::rule(
            text(content, "family")?,
            expressions,
            text(content, "comment"),
        ),
        statements,
    })
}

/// The set that a statement adds to or takes from.
fn changed_set(expression: &Value) -> Option<&str> {
    match single(expression)? {
        ("set", content) => text(content, "set"),
        ("map", content) => text(content, "map"),
        ("meter", content) => text(content, "name"),
        _ => None,
    }
    .map(|name| name.trim_start_matches('@'))
}

fn statements(expression: &Value) -> Vec<Statement> {
    let unseen = || vec![Statement::Unseen(print::statement(expression))];
    let Some((name, content)) = single(expression) else {
        return unseen();
    };
    match name {
        "match" => vec![read_match(content)],
        "counter" | "log" | "comment" | "dup" | "last" | "ct helper" | "ct timeout"
        | "ct expectation" | "secmark" => vec![Statement::Harmless],
        "limit" | "quota" | "ct count" => vec![Statement::Sometimes(Lack::Moment)],
        "notrack" => vec![Statement::NoTrack],
        "mangle" => vec![mangle(content).unwrap_or_else(|| unseen().remove(0))],
        "set" | "map" | "meter" => change_of_set(content),
        "vmap" => vec![verdict_map(content).unwrap_or_else(|| unseen().remove(0))],
        "reject" => reject(content),
        "dnat" | "redirect" | "snat" | "masquerade" => translate(name, content, expression),
        _ => match verdict(name, content) {
            Some(verdict) => vec![Statement::Verdict(verdict)],
            None => unseen(),
        },
    }
}

fn verdict(name: &str, content: &Value) -> Option<Verdict> {
    Some(match name {
        "accept" => Verdict::Decide(Policy::Allow),
        "drop" => Verdict::Decide(Policy::Drop),
        "continue" => Verdict::Continue,
        "return" => Verdict::Return,
        "jump" => Verdict::Jump(text(content, "target")?.to_owned()),
        "goto" => Verdict::Goto(text(content, "target")?.to_owned()),
        _ => return None,
    })
}

/// An ICMP error of one family is a condition on the family as well.
fn reject(content: &Value) -> Vec<Statement> {
    let family = match text(content, "type") {
        Some("icmp") => Some(is_of_family(false)),
        Some("icmpv6") => Some(is_of_family(true)),
        _ => None,
    };
    let reject = Statement::Verdict(Verdict::Decide(Policy::Reject));
    family.into_iter().chain([reject]).collect()
}

fn read_match(content: &Value) -> Statement {
    let comparison = Comparison::of(text(content, "op").unwrap_or("=="));
    let (Some(left), Some(right), Some(comparison)) =
        (content.get("left"), content.get("right"), comparison)
    else {
        return Statement::Match(unreadable(print::condition(content)));
    };
    let reads = selectors(left);
    let values = values(right, &reads);
    condition(reads, comparison, values)
}

fn selectors(expression: &Value) -> Vec<Selector> {
    match single(expression) {
        Some(("concat", parts)) => {
            let parts = parts.as_array().into_iter().flatten();
            parts.map(read_selector).collect()
        }
        _ => vec![read_selector(expression)],
    }
}

fn read_selector(expression: &Value) -> Selector {
    let read = || {
        let (kind, content) = single(expression)?;
        Some(match kind {
            "payload" => selector::payload(text(content, "protocol")?, text(content, "field")?),
            "meta" => selector::meta(text(content, "key")?),
            "ct" if content.get("dir").is_none() => selector::ct(text(content, "key")?),
            "fib" => {
                let keys = match content.get("flags")? {
                    Value::String(key) => vec![key.as_str()],
                    keys => keys.as_array()?.iter().filter_map(Value::as_str).collect(),
                };
                selector::fib(text(content, "result")?, keys)
            }
            "&" => {
                let inner = read_selector(content.get(0)?);
                let mask = match span(content.get(1)?, &inner) {
                    Span::Numbers(first, last) if first == last => first,
                    _ => return None,
                };
                Selector::Masked(Box::new(inner), mask)
            }
            _ => return None,
        })
    };
    read().unwrap_or_else(|| Selector::Unread(print::expression(expression)))
}

fn values(right: &Value, reads: &[Selector]) -> Values {
    if let Some(name) = right.as_str().and_then(|text| text.strip_prefix('@')) {
        return Values::Named(name.to_owned());
    }
    match single(right) {
        Some(("set", Value::Array(elements))) => {
            Values::Written(elements.iter().map(|value| element(value, reads)).collect())
        }
        Some(("set", only)) => Values::Written(vec![element(only, reads)]),
        _ => Values::Written(vec![element(right, reads)]),
    }
}

fn element(value: &Value, reads: &[Selector]) -> Element {
    if let Some(("elem", content)) = single(value)
        && let Some(value) = content.get("val")
    {
        return element(value, reads);
    }
    let spans = match (single(value), reads) {
        _ if value == "*" => Vec::new(),
        (Some(("concat", Value::Array(parts))), _) if parts.len() == reads.len() => parts
            .iter()
            .zip(reads)
            .map(|(part, selector)| span(part, selector))
            .collect(),
        (_, [only]) => vec![span(value, only)],
        _ => vec![unread(value)],
    };
    Element { spans, data: None }
}

/// `[VALUE, DATA]`.
fn map_element(pair: &Value, reads: &[Selector]) -> Element {
    let (Some(value), Some(data)) = (pair.get(0), pair.get(1)) else {
        return one(unread(pair));
    };
    let verdict = single(data).and_then(|(name, content)| verdict(name, content));
    let data = verdict.map_or_else(
        || Data::Spans(vec![span(data, &Selector::Mark)]),
        Data::Verdict,
    );
    Element {
        data: Some(data),
        ..element(value, reads)
    }
}

fn span(value: &Value, selector: &Selector) -> Span {
    match value {
        Value::Number(number) => {
            let number = number.as_u64().map(u128::from);
            number.map_or_else(|| unread(value), |number| Span::Numbers(number, number))
        }
        Value::Bool(yes) => Span::Numbers((*yes).into(), (*yes).into()),
        Value::String(word) => selector.span(word),
        Value::Array(parts) => all_bits(parts.iter().map(|part| span(part, selector))),
        Value::Object(_) => structured_span(value, selector).unwrap_or_else(|| unread(value)),
        Value::Null => unread(value),
    }
}

fn structured_span(value: &Value, selector: &Selector) -> Option<Span> {
    Some(match single(value)? {
        ("prefix", content) => {
            let Span::Numbers(start, _) = span(content.get("addr")?, selector) else {
                return None;
            };
            let length = content.get("len")?.as_u64()?;
            let bits = match selector {
                Selector::Address { v6: true, .. } => 128,
                Selector::Address { v6: false, .. } => 32,
                Selector::Port(_) => 16,
                _ => return None,
            };
            prefix(start, u32::try_from(length).ok()?, bits)?
        }
        ("range", content) => {
            let first = span(content.get(0)?, selector);
            let last = span(content.get(1)?, selector);
            let (Span::Numbers(first, _), Span::Numbers(_, last)) = (first, last) else {
                return None;
            };
            Span::Numbers(first, last)
        }
        ("|", Value::Array(parts)) => all_bits(parts.iter().map(|part| span(part, selector))),
        _ => return None,
    })
}

fn unread(value: &Value) -> Span {
    Span::Unread(print::expression(value))
}

/// `KEY vmap { VALUE : VERDICT, … }`.
fn verdict_map(content: &Value) -> Option<Statement> {
    let reads = selectors(content.get("key")?);
    let map = map(content.get("data")?, &reads);
    Some(Statement::VerdictMap { reads, map })
}

fn map(data: &Value, reads: &[Selector]) -> Values {
    match (data.as_str(), single(data)) {
        (Some(name), _) => Values::Named(name.trim_start_matches('@').to_owned()),
        (None, Some(("set", Value::Array(pairs)))) => {
            Values::Written(pairs.iter().map(|pair| map_element(pair, reads)).collect())
        }
        (None, _) => Values::Written(vec![one(unread(data))]),
    }
}

/// `KEY set VALUE`: only marks, addresses and ports change what becomes of a packet.
fn mangle(content: &Value) -> Option<Statement> {
    let (kind, key) = single(content.get("key")?)?;
    let value = content.get("value")?;
    match (kind, read_selector(content.get("key")?)) {
        (_, Selector::Mark) => Some(Statement::SetMark {
            of_connection: false,
            to: mark(value, &Selector::Mark),
        }),
        (_, Selector::ConnectionMark) => Some(Statement::SetMark {
            of_connection: true,
            to: mark(value, &Selector::ConnectionMark),
        }),
        ("payload", _) => {
            let decides_nothing = matches!(
                text(key, "field"),
                Some("dscp" | "ecn" | "ttl" | "hoplimit" | "flowlabel" | "id")
            );
            decides_nothing.then_some(Statement::Harmless)
        }
        _ => Some(Statement::Harmless),
    }
}

fn mark(value: &Value, own: &Selector) -> Mark {
    if let Some(bits) = bits(value, own) {
        return bits.mark();
    }
    if let Some(("map", content)) = single(value)
        && let (Some(key), Some(data)) = (content.get("key"), content.get("data"))
    {
        let reads = selectors(key);
        let map = map(data, &reads);
        return Mark::Map { reads, map };
    }
    match read_selector(value) {
        Selector::Mark | Selector::ConnectionMark => Mark::Other,
        _ => Mark::Unread,
    }
}

fn bits(value: &Value, own: &Selector) -> Option<Bits> {
    if let Some(number) = mark_number(value) {
        return Some(Bits::constant(number));
    }
    if read_selector(value) == *own {
        return Some(Bits::SAME);
    }
    let (sign, operands) = single(value)?;
    let operand = mark_number(operands.get(1)?)?;
    bits(operands.get(0)?, own)?.then(sign, operand)
}

fn mark_number(value: &Value) -> Option<u32> {
    let number = match value {
        Value::Number(number) => number.as_u64()?.into(),
        Value::String(word) => parse_number(word)?,
        _ => return None,
    };
    u32::try_from(number).ok()
}

/// `add @SET { KEY … }`. A condition that stands with the element ends the rule like any other.
fn change_of_set(content: &Value) -> Vec<Statement> {
    let key = content.get("elem").or_else(|| content.get("key"));
    let key = key.map(|key| match single(key) {
        Some(("elem", content)) => content.get("val").unwrap_or(key),
        _ => key,
    });
    let with = match content.get("stmt") {
        Some(Value::Array(all)) => all.iter().flat_map(statements).collect(),
        Some(only) => statements(only),
        None => Vec::new(),
    };
    let key = key.map(|key| has(selectors(key)));
    key.into_iter().chain(with).collect()
}

fn translate(name: &str, content: &Value, expression: &Value) -> Vec<Statement> {
    let family = match text(content, "family") {
        Some("ip") => Some(false),
        Some("ip6") => Some(true),
        _ => None,
    };
    let address = content.get("addr").map(|value| {
        let v6 = value.as_str().is_some_and(|text| text.contains(':'));
        let v6 = family.unwrap_or(v6);
        let end = End::Destination;
        span(value, &Selector::Address { end, v6 })
    });
    let port = content
        .get("port")
        .map(|value| span(value, &selector::payload("tcp", "dport")));
    let unread = [&address, &port]
        .into_iter()
        .any(|span| matches!(span, Some(Span::Unread(_))));
    let translation = match name {
        "snat" | "masquerade" => Translation::Source,
        _ if unread => Translation::Unread(print::statement(expression)),
        "redirect" => Translation::Redirect { port },
        _ => Translation::Destination { address, port },
    };
    let family = family.map(is_of_family);
    family
        .into_iter()
        .chain([Statement::Translate(translation)])
        .collect()
}
