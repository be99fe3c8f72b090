//! Pasted text with its typographic noise removed, remembering where each character stood.
//!
//! Full-width forms become ASCII, invisible characters go, every kind of blank becomes a space.
//! What an address means is not known here; only how to point back into the text as given.

use std::ops::{Deref, Range};

use crate::target::{AddressError, AddressProblem};

/// The cleaned text and the way back to the original.
pub struct Cleaned {
    text: String,
    /// For every byte of `text`, and one past its end: the index of the character as given.
    origin: Vec<usize>,
}

impl Cleaned {
    /// Cleans a text.
    pub fn new(given: &str) -> Self {
        let mut text = String::with_capacity(given.len());
        let mut origin = Vec::with_capacity(given.len() + 1);
        let mut count = 0;
        for (index, character) in given.chars().enumerate() {
            count = index + 1;
            if let Some(plain) = plain(character) {
                text.push(plain);
                origin.resize(text.len(), index);
            }
        }
        origin.push(count);
        Self { text, origin }
    }

    /// The whole text as a piece of itself.
    pub fn whole(&self) -> Piece<'_> {
        Piece {
            source: self,
            from: 0,
            to: self.text.len(),
        }
    }
}

/// A stretch of a cleaned text; reads as `&str`.
#[derive(Clone, Copy)]
pub struct Piece<'a> {
    source: &'a Cleaned,
    from: usize,
    to: usize,
}

impl Deref for Piece<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        self.text()
    }
}

impl<'a> Piece<'a> {
    /// The text, living as long as its source.
    pub fn text(self) -> &'a str {
        &self.source.text[self.from..self.to]
    }

    /// A part by byte range.
    pub fn part(self, range: Range<usize>) -> Self {
        Self {
            source: self.source,
            from: self.from + range.start,
            to: self.from + range.end,
        }
    }

    /// Everything before a byte position.
    pub fn before(self, at: usize) -> Self {
        self.part(0..at)
    }

    /// Everything from a byte position on.
    pub fn after(self, at: usize) -> Self {
        self.part(at..self.len())
    }

    /// The two sides of the first separator.
    pub fn split_at_first(self, separator: char) -> Option<(Self, Self)> {
        let at = self.find(separator)?;
        Some((self.before(at), self.after(at + separator.len_utf8())))
    }

    /// The two sides of the last separator.
    pub fn split_at_last(self, separator: char) -> Option<(Self, Self)> {
        let at = self.rfind(separator)?;
        Some((self.before(at), self.after(at + separator.len_utf8())))
    }

    /// The pieces between separators.
    pub fn split_all(self, separators: &'static [char]) -> impl Iterator<Item = Self> {
        let start = self.text().as_ptr().addr();
        self.text().split(separators).map(move |part| {
            let from = part.as_ptr().addr() - start;
            self.part(from..from + part.len())
        })
    }

    /// The piece without a prefix.
    pub fn without_prefix(self, prefix: &str) -> Option<Self> {
        self.starts_with(prefix).then(|| self.after(prefix.len()))
    }

    /// The piece without blanks at its ends.
    pub fn trimmed(self) -> Self {
        let text = self.text();
        let left = text.len() - text.trim_start().len();
        let right = text.trim_end().len();
        self.part(left..right.max(left))
    }

    /// The piece without the quotes, brackets and punctuation that surround a pasted address.
    pub fn unwrapped(self) -> Self {
        let mut piece = self;
        loop {
            let before = piece.len();
            piece = piece.without_ends(char::is_whitespace, char::is_whitespace);
            piece = piece.without_ends(opens, closes);
            if let Some(inner) = piece.inside_square_brackets() {
                piece = inner;
            }
            if piece.len() == before {
                return piece;
            }
        }
    }

    /// What is wrong with this piece, pointing at it.
    pub fn flaw(self, problem: AddressProblem) -> AddressError {
        let start = self.source.origin[self.from];
        let end = if self.from == self.to {
            start
        } else {
            self.source.origin[self.to - 1] + 1
        };
        AddressError {
            problem,
            at: start..end,
            mend: None,
        }
    }

    fn without_ends(self, left: fn(char) -> bool, right: fn(char) -> bool) -> Self {
        let text = self.text();
        let from = text.len() - text.trim_start_matches(left).len();
        let to = text.trim_end_matches(right).len();
        self.part(from..to.max(from))
    }

    /// The inside of `[db:5432]`, but not of `[::1]`, whose brackets belong to the address.
    fn inside_square_brackets(self) -> Option<Self> {
        let inner = self.text().strip_prefix('[')?.strip_suffix(']')?;
        let is_url = inner.contains("://");
        let belongs = inner.matches(':').count() > 1 || inner.contains(']');
        (is_url || !belongs).then(|| self.part(1..self.len() - 1))
    }
}

/// The plain form of a character; `None` when it is invisible.
fn plain(character: char) -> Option<char> {
    Some(match character {
        '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}' => return None,
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0)?,
        '\u{3002}' | '\u{ff61}' | '\u{2024}' => '.',
        '\u{fe55}' | '\u{2236}' | '\u{a789}' => ':',
        '\u{2044}' | '\u{2215}' => '/',
        '\u{2010}'..='\u{2013}' | '\u{2212}' => '-',
        _ if character.is_whitespace() || character.is_control() => ' ',
        _ => character,
    })
}

fn opens(character: char) -> bool {
    is_quote(character) || matches!(character, '<' | '(' | '{' | '《' | '「' | '『' | '【' | '*')
}

fn closes(character: char) -> bool {
    is_quote(character)
        || matches!(
            character,
            '>' | ')'
                | '}'
                | '》'
                | '」'
                | '』'
                | '】'
                | '*'
                | '.'
                | ','
                | ';'
                | '!'
                | '?'
                | '、'
                | '…'
        )
}

fn is_quote(character: char) -> bool {
    matches!(
        character,
        '"' | '\''
            | '`'
            | '´'
            | '“'
            | '”'
            | '„'
            | '‟'
            | '‘'
            | '’'
            | '‚'
            | '«'
            | '»'
            | '‹'
            | '›'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_and_invisible_characters_are_made_plain() {
        let cleaned = Cleaned::new("\u{feff}ｄｂ：５４３２\u{200b}");
        assert_eq!(cleaned.whole().text(), "db:5432");
    }

    #[test]
    fn a_flaw_points_into_the_text_as_given() {
        let cleaned = Cleaned::new("  «máy\u{200b}chủ：x»");
        let piece = cleaned.whole().unwrapped();
        let (host, port) = piece.split_at_first(':').unwrap();
        assert_eq!(host.text(), "máychủ");
        assert_eq!(host.flaw(AddressProblem::BadHostName).at, 3..10);
        assert_eq!(port.flaw(AddressProblem::PortNotANumber).at, 11..12);
    }

    #[test]
    fn wrappers_go_but_the_brackets_of_ipv6_stay() {
        for (given, inside) in [
            ("“db:5432”,", "db:5432"),
            ("<(db:5432)>.", "db:5432"),
            ("[db:5432]", "db:5432"),
            ("[::1]", "[::1]"),
            ("'[fe80::1%eth0]:80'", "[fe80::1%eth0]:80"),
            ("[http://[::1]:80]", "http://[::1]:80"),
            ("\"\"", ""),
        ] {
            assert_eq!(Cleaned::new(given).whole().unwrapped().text(), inside);
        }
    }
}
