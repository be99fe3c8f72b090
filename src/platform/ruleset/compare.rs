//! Whether what a rule reads of a packet is among the values it names.

use super::{Element, Lack, Span};

/// What a selector reads of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// This number.
    Number(u128),
    /// This name; the empty one for no interface.
    Name(String),
    /// A value that no rule names.
    Unnamed,
    /// The packet has no such thing: the rule does not apply, whatever it compares with.
    Absent,
    /// Not known.
    Unknown(Lack),
    /// Not known, but of another machine: no loopback interface and no loopback address.
    Foreign(Lack),
}

/// Whether a condition holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It does not.
    No,
    /// It depends.
    Unsure(Lack),
    /// It does.
    Yes,
}

impl Truth {
    pub fn of(condition: bool) -> Self {
        if condition { Self::Yes } else { Self::No }
    }

    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Unsure(lack), _) | (_, Self::Unsure(lack)) => Self::Unsure(lack),
            (Self::Yes, Self::Yes) => Self::Yes,
        }
    }

    pub fn negated(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unsure(lack) => Self::Unsure(lack),
            Self::Yes => Self::No,
        }
    }
}

/// Whether the readings are those of one of the elements.
pub fn is_among(readings: &[Reading], elements: &[Element]) -> Truth {
    let mut doubt = None;
    for element in elements {
        match is_in(readings, element) {
            Truth::Yes => return Truth::Yes,
            Truth::Unsure(lack) => doubt = doubt.or(Some(lack)),
            Truth::No => {}
        }
    }
    doubt.map_or(Truth::No, Truth::Unsure)
}

/// The elements of a map that may be the one for the readings, each with whether it surely is;
/// and whether there may be none. Elements exclude each other.
pub fn candidates<'a>(
    readings: &[Reading],
    elements: &'a [Element],
) -> (Vec<(Truth, &'a Element)>, bool) {
    let mut possible = Vec::new();
    for element in elements.iter().filter(|element| !element.spans.is_empty()) {
        match is_in(readings, element) {
            Truth::Yes => return (vec![(Truth::Yes, element)], false),
            unsure @ Truth::Unsure(_) => possible.push((unsure, element)),
            Truth::No => {}
        }
    }
    let rest = elements.iter().find(|element| element.spans.is_empty());
    let truth = possible
        .first()
        .map_or(Truth::Yes, |(unsure, _)| unsure.clone());
    possible.extend(rest.map(|rest| (truth, rest)));
    (possible, rest.is_none())
}

/// The element for all that no other holds has no spans, and so holds everything.
fn is_in(readings: &[Reading], element: &Element) -> Truth {
    if element.spans.is_empty() {
        return Truth::Yes;
    }
    if element.spans.len() != readings.len() {
        return Truth::Unsure(Lack::Unread(String::new()));
    }
    let parts = readings.iter().zip(&element.spans);
    parts.fold(Truth::Yes, |all, (reading, span)| {
        all.and(holds(span, reading))
    })
}

fn holds(span: &Span, reading: &Reading) -> Truth {
    match (span, reading) {
        (_, Reading::Absent) | (Span::Numbers(..), Reading::Unnamed) => Truth::No,
        (Span::Unread(text), _) => Truth::Unsure(Lack::Unread(text.clone())),
        (Span::Numbers(first, last), Reading::Number(number)) => {
            Truth::of((first..=last).contains(&number))
        }
        (Span::Name(name), Reading::Name(read)) => Truth::of(name == read),
        (Span::NameStart(start), Reading::Name(read)) => Truth::of(read.starts_with(start)),
        (_, Reading::Foreign(_)) if is_of_loopback(span) => Truth::No,
        (_, Reading::Unknown(lack) | Reading::Foreign(lack)) => Truth::Unsure(lack.clone()),
        // Names where numbers are meant and the other way round, such as an interface that is
        // listed by its number.
        (Span::Numbers(..), Reading::Name(name)) => {
            if name.is_empty() {
                Truth::No
            } else {
                Truth::Unsure(Lack::Interface)
            }
        }
        (Span::Name(text) | Span::NameStart(text), Reading::Number(_) | Reading::Unnamed) => {
            Truth::Unsure(Lack::Unread(text.clone()))
        }
    }
}

/// `lo`, `127.0.0.0/8` and `::1`.
fn is_of_loopback(span: &Span) -> bool {
    match span {
        Span::Name(name) => name == "lo",
        Span::Numbers(first, last) => {
            (*first >= 0x7f00_0000 && *last <= 0x7fff_ffff) || (*first == 1 && *last == 1)
        }
        Span::NameStart(_) | Span::Unread(_) => false,
    }
}
