//! Bundled JSON whose parts are parsed when they are first read: of thousands of sentences one
//! answer needs a few dozen.

use std::fmt;
use std::ops::Deref;
use std::sync::OnceLock;

use serde::de::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A part of a bundled file.
///
/// It panics where it is read and is not of its shape. Formatting it with `Debug` reads all that it
/// holds, which is how the tests parse every part.
pub struct Section<T> {
    json: &'static str,
    parsed: OnceLock<Box<T>>,
}

impl<T> Section<T> {
    fn new(json: &'static str) -> Self {
        Self {
            json,
            parsed: OnceLock::new(),
        }
    }
}

/// Where the file leaves the part out.
impl<T: Default> Default for Section<T> {
    fn default() -> Self {
        let section = Self::new("");
        section.parsed.get_or_init(Box::default);
        section
    }
}

impl<'de: 'static, T> Deserialize<'de> for Section<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json: &'static RawValue = Deserialize::deserialize(deserializer)?;
        Ok(Self::new(json.get()))
    }
}

impl<T: Deserialize<'static>> Deref for Section<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.parsed.get_or_init(|| Box::new(parse(self.json)))
    }
}

impl<T: Deserialize<'static> + fmt::Debug> fmt::Debug for Section<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// Parses a bundled file but for its sections.
///
/// # Panics
///
/// Where it is not of the shape asked for.
#[must_use]
pub fn parse<T: Deserialize<'static>>(json: &'static str) -> T {
    serde_json::from_str(json).expect("a bundled file parses: tests read all of each")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_parsed_when_it_is_read() {
        let sections: Vec<Section<u8>> = parse("[1, \"no number\"]");
        assert_eq!(*sections[0], 1);
        assert!(std::panic::catch_unwind(|| *sections[1]).is_err());
    }

    #[test]
    fn a_section_that_is_left_out_is_empty() {
        assert_eq!(*Section::<Vec<u8>>::default(), Vec::<u8>::new());
    }
}
