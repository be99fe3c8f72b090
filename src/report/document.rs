//! A document without a format: what the renderers of Markdown, plain text and HTML have in common.
//!
//! It knows causes and evidence by their impact and the state of a link alone. Its strings may be hostile; making them harmless is
//! the duty of each renderer, which knows what its format takes for more than text.

use crate::advice::command_line::Shell;
use crate::case::path::LinkState;
use crate::diagnosis::Impact;

/// A report, ready to be written in some format.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// What it is about.
    pub title: String,
    /// Its parts, in reading order.
    pub blocks: Vec<Block>,
}

/// A part of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// What the whole comes down to, in a line and in a paragraph.
    Verdict(Impact, String, String),
    /// The way to the service.
    Path(Path),
    /// The start of a section.
    Section(String),
    /// The start of a part of a section.
    Part(String),
    /// A paragraph.
    Paragraph(Phrase),
    /// A list without order.
    Bullets(Vec<Phrase>),
    /// Values with their names.
    Values(Vec<(String, Phrase)>),
    /// A table.
    Table(Table),
    /// A table about stretches of time, one a row.
    Timeline(Table, Vec<Bar>),
    /// Commands to be pasted, one a line.
    Commands(Shell, Vec<String>),
}

/// Rows of equal length under named columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<Phrase>>,
}

/// The way from the place where it starts, in a form for each kind of page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// As a line of characters.
    pub line: String,
    /// As a sentence, for those who do not see the picture.
    pub spoken: String,
    /// Where it starts.
    pub start: String,
    /// The places on it, in order.
    pub stops: Vec<Stop>,
}

/// A place on the way, and the link that leads to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// What the place is called.
    pub name: String,
    /// How the link stands.
    pub state: LinkState,
    /// How long the link took, with its unit.
    pub took: Option<String>,
}

/// A stretch of time, in thousandths of all the time there is to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// When it starts.
    pub start: u32,
    /// When it ends; nothing where that is not known.
    pub end: Option<u32>,
}

/// Running text, parts of which stand out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Phrase(pub Vec<Span>);

/// A stretch of text of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// Words.
    Words(String),
    /// Words that matter most.
    Strong(String),
    /// An address, a name or a raw value, to be shown letter by letter.
    Code(String),
    /// The address of a page, of our own choosing: nobody else's text becomes a link.
    Link(&'static str),
}

impl Phrase {
    /// Words alone.
    pub fn words(words: impl Into<String>) -> Self {
        Self(vec![Span::Words(words.into())])
    }

    /// A raw value alone.
    pub fn code(code: impl Into<String>) -> Self {
        Self(vec![Span::Code(code.into())])
    }

    /// Words that matter most alone.
    pub fn strong(words: impl Into<String>) -> Self {
        Self(vec![Span::Strong(words.into())])
    }

    /// Adds words.
    #[must_use]
    pub fn and_words(mut self, words: impl Into<String>) -> Self {
        self.0.push(Span::Words(words.into()));
        self
    }

    /// Adds the address of a page.
    #[must_use]
    pub fn and_link(mut self, url: &'static str) -> Self {
        self.0.push(Span::Link(url));
        self
    }

    /// Adds a raw value.
    #[must_use]
    pub fn and_code(mut self, code: impl Into<String>) -> Self {
        self.0.push(Span::Code(code.into()));
        self
    }
}
