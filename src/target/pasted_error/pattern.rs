//! A regular expression that is compiled on first need and tried only where a plain word occurs.
//!
//! The word is looked for in the lower-cased line: searching a word costs a hundredth of running
//! an expression, and a start that meets no error message compiles nothing.

use std::sync::OnceLock;

use regex::Regex;

/// A shape of text, found by a word in it.
pub struct Pattern {
    /// A word that every match contains, in lower case.
    pub needle: &'static str,
    shape: &'static str,
    compiled: OnceLock<Regex>,
}

impl Pattern {
    /// A pattern. In the shape `{host}` stands for a host, `{bare}` for one that may be IPv6,
    /// `{quoted}` for one between quotes, `{port}` for a port and `{addr}` for both together.
    pub const fn new(needle: &'static str, shape: &'static str) -> Self {
        Self {
            needle,
            shape,
            compiled: OnceLock::new(),
        }
    }

    /// The expression, when its word is in the line.
    pub fn in_line(&self, lower: &str) -> Option<&Regex> {
        lower.contains(self.needle).then(|| self.regex())
    }

    /// The expression.
    pub fn regex(&self) -> &Regex {
        self.compiled.get_or_init(|| {
            let shape = self
                .shape
                .replace("{host}", HOST)
                .replace("{quoted}", r#"(?P<host>[^"'\s]+)"#)
                .replace("{bare}", r#"(?P<host>[^\s"'`,;()<>{}|=/\\@]+)"#)
                .replace("{port}", "(?P<port>[0-9]{1,5})")
                .replace("{addr}", r#"(?P<addr>[^\s"'`,;()<>{}|]+)"#);
            Regex::new(&shape).expect("the shapes are constants, each compiled by a test")
        })
    }
}

const HOST: &str = r#"(?P<host>\[[^\]\s]+\]|[^\s"'‘’“”`,;()<>\[\]{}|=/\\@:]+)"#;
