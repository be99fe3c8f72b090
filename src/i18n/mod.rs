//! Words: typed texts in every language, and the bridge from data to sentences.

pub mod error_code;
pub mod program_error;
pub mod texts;
pub mod wording;

pub use texts::{Plural, Template, Texts};
pub use wording::Wording;

use serde::{Deserialize, Serialize};

/// The languages Ketnoi speaks. A further one is one more file and one more line here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Vietnamese.
    Vi,
    /// English.
    En,
}

impl Language {
    /// Every language, in the order the switch shows them.
    pub const ALL: [Self; 2] = [Self::Vi, Self::En];

    /// The ISO 639-1 code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }

    /// The language's name in itself.
    #[must_use]
    pub fn own_name(self) -> &'static str {
        match self {
            Self::Vi => "Tiếng Việt",
            Self::En => "English",
        }
    }

    /// The language of a code or locale name (`vi`, `vi_VN.UTF-8`, `en-US`), if we speak it.
    #[must_use]
    pub fn from_locale(locale: &str) -> Option<Self> {
        let language = locale.split(['_', '-', '.', '@']).next()?;
        Self::ALL
            .into_iter()
            .find(|known| known.code().eq_ignore_ascii_case(language))
    }

    /// The system's language, English when we do not speak it.
    #[must_use]
    pub fn of_system() -> Self {
        sys_locale::get_locale()
            .and_then(|locale| Self::from_locale(&locale))
            .unwrap_or(Self::En)
    }

    /// The decimal separator.
    #[must_use]
    pub fn decimal_separator(self) -> char {
        match self {
            Self::Vi => ',',
            Self::En => '.',
        }
    }
}
