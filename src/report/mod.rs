//! A case as a document to hand on.
//!
//! JSON is for programs and for replay ([`json`]); Markdown, plain text and HTML are renderings of
//! one [`document`] whose content is chosen in `content`. Nothing is written to disk here.

mod comparison;
mod content;
pub mod document;
mod ends;
mod environment;
mod html;
pub mod json;
mod markdown;
pub mod opened;
mod redaction;
mod text;

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::case::Case;
use crate::case::local::LocalView;
use crate::i18n::Texts;
pub use comparison::ComparisonPart;
pub use ends::JointPart;
pub use redaction::{Redactor, anonymised};
pub use text::wrapped;

/// The formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Markdown.
    Markdown,
    /// JSON.
    Json,
    /// Plain text.
    Text,
    /// HTML.
    Html,
}

impl Format {
    /// Every format, in the order they are offered.
    pub const ALL: [Self; 4] = [Self::Markdown, Self::Html, Self::Json, Self::Text];

    /// The usual file extension, without dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Json => "json",
            Self::Text => "txt",
            Self::Html => "html",
        }
    }

    /// What a file is proposed to end in: that of a report to be opened again leads to Ketnoi.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Json => "ketnoi.json",
            Self::Markdown | Self::Text | Self::Html => self.extension(),
        }
    }

    /// The path of the same report in this format.
    #[must_use]
    pub fn renamed(self, path: &Path) -> PathBuf {
        let mut bare = path.with_extension("");
        if bare.extension().is_some_and(|ending| ending == "ketnoi") {
            bare.set_extension("");
        }
        let mut name = bare.into_os_string();
        name.push(".");
        name.push(self.ending());
        name.into()
    }

    /// The format that a file's ending names.
    #[must_use]
    pub fn of_path(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        match ending.as_str() {
            "md" | "markdown" => Some(Self::Markdown),
            "json" => Some(Self::Json),
            "txt" | "text" => Some(Self::Text),
            "html" | "htm" => Some(Self::Html),
            _ => None,
        }
    }
}

/// What a report says of itself: when its case was made, how long that took, and whether it was
/// told again without what is private.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// When.
    pub created: Timestamp,
    /// How long.
    pub took: Duration,
    /// The case went through [`anonymised`] or a [`Redactor`].
    pub anonymised: bool,
}

/// The case as a document.
#[must_use]
pub fn render(case: &Case, format: Format, texts: &'static Texts, stamp: &Stamp) -> String {
    match format {
        Format::Json => json::pretty(case, texts, stamp),
        Format::Markdown => markdown::render(&content::document(case, texts, stamp)),
        Format::Text => text::render(&content::document(case, texts, stamp)),
        Format::Html => html::render(
            &content::document(case, texts, stamp),
            texts.language.code(),
        ),
    }
}

/// The view of a port of this machine as a document.
#[must_use]
pub fn render_local(
    view: &LocalView,
    format: Format,
    texts: &'static Texts,
    stamp: &Stamp,
) -> String {
    let document = || content::local_document(view, texts, stamp);
    match format {
        Format::Json => json::pretty_local(view, texts, stamp),
        Format::Markdown => markdown::render(&document()),
        Format::Text => text::render(&document()),
        Format::Html => html::render(&document(), texts.language.code()),
    }
}

/// Several reports of one format as one file. Those of JSON become a list.
#[must_use]
pub fn joined(format: Format, reports: &[String]) -> String {
    match (format, reports) {
        (Format::Json, [_, _, ..]) => format!("[\n{}]\n", reports.join(",\n")),
        (Format::Html, reports) => html::joined(reports),
        (Format::Json | Format::Markdown | Format::Text, reports) => reports.join("\n"),
    }
}

/// The longest host that a proposed file name repeats.
const LONGEST_HOST: usize = 60;

/// A file name that every system accepts, such as `ketnoi-db.local-5432-2026-11-22-1405.md`.
#[must_use]
pub fn suggested_name(case: &Case, format: Format, stamp: &Stamp) -> String {
    let target = &case.evidence().target;
    let safe = |c: char| c.is_ascii_alphanumeric() || c == '.';
    let host: String = target.host.ascii().chars().take(LONGEST_HOST).collect();
    let host = host.replace(|c| !safe(c), "-");
    let time = stamp.created.to_zoned(TimeZone::system());
    format!(
        "ketnoi-{}-{}-{}.{}",
        host.trim_matches(['-', '.']),
        target.port,
        time.strftime("%Y-%m-%d-%H%M"),
        format.ending()
    )
}
