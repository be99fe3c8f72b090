//! Conditions and marks, as both listings of nft spell them.

use crate::platform::ruleset::{Element, Mark, Match, Selector, Span, Statement, Values};

/// How a condition compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    Unequal,
    /// Any of the bits is set.
    AnyBit,
    /// None of the bits is set.
    NoBit,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    pub fn of(sign: &str) -> Option<Self> {
        Some(match sign {
            "==" => Self::Equal,
            "!=" => Self::Unequal,
            "in" => Self::AnyBit,
            "!" => Self::NoBit,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            _ => return None,
        })
    }
}

/// A condition. One that cannot be is understood as one that we cannot read.
pub fn condition(reads: Vec<Selector>, comparison: Comparison, values: Values) -> Statement {
    let other = match comparison {
        Comparison::Equal | Comparison::Unequal => None,
        Comparison::AnyBit | Comparison::NoBit => {
            any_bit(&reads, &values, comparison == Comparison::AnyBit)
        }
        Comparison::Less
        | Comparison::LessOrEqual
        | Comparison::Greater
        | Comparison::GreaterOrEqual => {
            let elements = bounds(comparison, &values);
            let Some(elements) = elements else {
                return Statement::Match(unreadable(String::new()));
            };
            return Statement::Match(Match {
                reads,
                values: Values::Written(elements),
                negated: false,
            });
        }
    };
    Statement::Match(other.unwrap_or(Match {
        reads,
        values,
        negated: matches!(comparison, Comparison::Unequal | Comparison::NoBit),
    }))
}

/// A condition of which we do not know whether it holds.
pub fn unreadable(text: String) -> Match {
    Match {
        reads: vec![Selector::Unread(text)],
        values: Values::Written(vec![one(Span::Numbers(0, 0))]),
        negated: false,
    }
}

/// The condition that a packet has what is read of it: expressions about a header end their rule
/// for packets without.
pub fn has(reads: Vec<Selector>) -> Statement {
    let anything = Element {
        spans: Vec::new(),
        data: None,
    };
    Statement::Match(Match {
        reads,
        values: Values::Written(vec![anything]),
        negated: false,
    })
}

/// The condition that the packet is of a family.
pub fn is_of_family(v6: bool) -> Statement {
    let family = if v6 { 10 } else { 2 };
    let values = Values::Written(vec![one(Span::Numbers(family, family))]);
    condition(vec![Selector::Family], Comparison::Equal, values)
}

/// An element that stands for one span of values.
pub fn one(span: Span) -> Element {
    Element {
        spans: vec![span],
        data: None,
    }
}

fn any_bit(reads: &[Selector], values: &Values, set: bool) -> Option<Match> {
    let ([selector], Values::Written(elements)) = (reads, values) else {
        return None;
    };
    let [element] = elements.as_slice() else {
        return None;
    };
    let mask = number(element)?;
    Some(Match {
        reads: vec![Selector::Masked(Box::new(selector.clone()), mask)],
        values: Values::Written(vec![one(Span::Numbers(0, 0))]),
        negated: set,
    })
}

fn bounds(comparison: Comparison, values: &Values) -> Option<Vec<Element>> {
    let Values::Written(elements) = values else {
        return None;
    };
    let [element] = elements.as_slice() else {
        return None;
    };
    let number = number(element)?;
    let span = match comparison {
        Comparison::Less => number.checked_sub(1).map(|last| (0, last)),
        Comparison::LessOrEqual => Some((0, number)),
        Comparison::Greater => number.checked_add(1).map(|first| (first, u128::MAX)),
        Comparison::GreaterOrEqual => Some((number, u128::MAX)),
        Comparison::Equal | Comparison::Unequal | Comparison::AnyBit | Comparison::NoBit => {
            return None;
        }
    };
    let span = span.map(|(first, last)| one(Span::Numbers(first, last)));
    Some(span.into_iter().collect())
}

fn number(element: &Element) -> Option<u128> {
    match element.spans.as_slice() {
        [Span::Numbers(first, last)] if first == last => Some(*first),
        _ => None,
    }
}

/// All bits of several values together, as `syn,ack` and `syn | ack` mean; unread when one is.
pub fn all_bits(spans: impl IntoIterator<Item = Span>) -> Span {
    let mut bits = 0;
    for span in spans {
        match span {
            Span::Numbers(first, last) if first == last => bits |= first,
            other => return other,
        }
    }
    Span::Numbers(bits, bits)
}

/// A computed mark, one operation after the other.
#[derive(Clone, Copy, Debug)]
pub struct Bits {
    keep: u32,
    flip: u32,
}

impl Bits {
    /// The mark as it is.
    pub const SAME: Self = Self {
        keep: u32::MAX,
        flip: 0,
    };

    /// A constant.
    pub fn constant(value: u32) -> Self {
        Self {
            keep: 0,
            flip: value,
        }
    }

    /// The result of `&`, `|` or `^` with a constant.
    pub fn then(self, sign: &str, value: u32) -> Option<Self> {
        let Self { keep, flip } = self;
        Some(match sign {
            "&" => Self {
                keep: keep & value,
                flip: flip & value,
            },
            "|" => Self {
                keep: keep & !value,
                flip: flip & !value | value,
            },
            "^" => Self {
                keep,
                flip: flip ^ value,
            },
            _ => return None,
        })
    }

    pub fn mark(self) -> Mark {
        Mark::Computed {
            keep: self.keep,
            flip: self.flip,
        }
    }
}
