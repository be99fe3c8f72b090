//! Lines for a terminal: no wider than most are, and harmless.

use std::fmt::Write as _;

use crate::evidence::printable;
use crate::report::wrapped;

/// How wide the lines are at most.
pub(super) const WIDTH: usize = 80;

/// Adds `content` to `text` as lines of at most [`WIDTH`], the first and the `others` with their own
/// indent.
pub(super) fn paragraph(text: &mut String, content: &str, first: &str, others: &str) {
    let content = printable(content);
    for (index, line) in wrapped(&content, WIDTH, first, others).iter().enumerate() {
        let indent = if index == 0 { first } else { others };
        writeln!(text, "{indent}{line}").expect("writing to a String");
    }
}
