//! A part of the texts that is parsed when it is first read: of thousands of sentences one answer
//! needs a few dozen.

use std::ops::Deref;
use std::sync::OnceLock;

use serde::de::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A part of the bundled texts.
///
/// Reading it panics where the JSON is not of its shape. Each part says all it holds when it is
/// formatted with `Debug`, which is how the tests parse every one.
pub struct Section<T> {
    json: &'static str,
    parsed: OnceLock<Box<T>>,
}

impl<'de: 'static, T> Deserialize<'de> for Section<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json: &'static RawValue = Deserialize::deserialize(deserializer)?;
        Ok(Self {
            json: json.get(),
            parsed: OnceLock::new(),
        })
    }
}

impl<T: Deserialize<'static>> Deref for Section<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.parsed
            .get_or_init(|| Box::new(super::parse(self.json)))
    }
}

impl<T: Deserialize<'static> + std::fmt::Debug> std::fmt::Debug for Section<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        (**self).fmt(f)
    }
}
