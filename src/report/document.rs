//! A document without a format: what the renderers of Markdown and plain text have in common.
//!
//! It knows nothing of causes or evidence. Its strings may be hostile; making them harmless is
//! the duty of each renderer, which knows what its format takes for more than text.

use crate::advice::command_line::Shell;

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

    /// Adds a raw value.
    #[must_use]
    pub fn and_code(mut self, code: impl Into<String>) -> Self {
        self.0.push(Span::Code(code.into()));
        self
    }
}
