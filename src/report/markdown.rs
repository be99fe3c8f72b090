//! A document as Markdown, meant for GitHub (GitHub Flavored Markdown) and readable as it is.
//!
//! Hosts, banners and program names are hostile: nothing they contain may become formatting,
//! HTML, a link, a mention or an image. Control and bidirectional characters are spelt out first
//! ([`printable`]); so no text has more than one line, and no line can be closed from within.

use std::fmt::Write as _;

use super::document::{Block, Document, Phrase, Span, Table};
use crate::advice::command_line::Shell;
use crate::evidence::printable;

/// The document as Markdown.
#[must_use]
pub(super) fn render(document: &Document) -> String {
    let mut markdown = format!("# {}\n", words(&document.title));
    for block in &document.blocks {
        markdown.push('\n');
        write_block(&mut markdown, block);
    }
    markdown
}

fn write_block(markdown: &mut String, block: &Block) {
    match block {
        Block::Verdict(_, title, explanation) => {
            line(markdown, &phrase(&Phrase::strong(title), Place::Line));
            line(markdown, "");
            line(markdown, &words(explanation));
        }
        Block::Path(path) => line(markdown, &words(&path.line)),
        Block::Section(title) => line(markdown, &format!("## {}", words(title))),
        Block::Part(title) => line(markdown, &format!("### {}", words(title))),
        Block::Paragraph(text) => line(markdown, &phrase(text, Place::Line)),
        Block::Bullets(items) => {
            for item in items {
                line(markdown, &format!("- {}", phrase(item, Place::Line)));
            }
        }
        Block::Values(values) => {
            for (name, value) in values {
                let value = phrase(value, Place::Line);
                line(markdown, &format!("- {}: {value}", words(name)));
            }
        }
        Block::Table(table) | Block::Timeline(table, _) => write_table(markdown, table),
        Block::Commands(shell, commands) => write_commands(markdown, *shell, commands),
    }
}

fn write_table(markdown: &mut String, table: &Table) {
    let columns: Vec<String> = table.columns.iter().map(|name| words(name)).collect();
    line(markdown, &format!("| {} |", columns.join(" | ")));
    line(markdown, &format!("|{}", " --- |".repeat(columns.len())));
    for row in &table.rows {
        let cells: Vec<String> = row.iter().map(|cell| phrase(cell, Place::Cell)).collect();
        line(markdown, &format!("| {} |", cells.join(" | ")));
    }
}

/// A fenced block; its fence is longer than any that the commands contain.
fn write_commands(markdown: &mut String, shell: Shell, commands: &[String]) {
    let longest = commands.iter().map(|command| longest_run(command)).max();
    let fence = "`".repeat(longest.unwrap_or(0).max(2) + 1);
    let language = match shell {
        Shell::Posix => "sh",
        Shell::PowerShell => "powershell",
    };
    line(markdown, &format!("{fence}{language}"));
    for command in commands {
        line(markdown, &printable(command));
    }
    line(markdown, &fence);
}

fn line(markdown: &mut String, text: &str) {
    markdown.push_str(text);
    markdown.push('\n');
}

/// Where a text stands: a bar means something in a table's cell only, but there even in code.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Line,
    Cell,
}

fn phrase(phrase: &Phrase, place: Place) -> String {
    let spans = phrase.0.iter().enumerate().map(|(at, span)| match span {
        Span::Words(text) if at == 0 => words_in(text.trim_start(), place),
        Span::Words(text) => words_in(text, place),
        Span::Strong(text) => format!("**{}**", words_in(text.trim(), place)),
        Span::Code(text) => code(text, place),
        Span::Link(url) => format!("<{url}>"),
    });
    spans.collect()
}

fn words(text: &str) -> String {
    words_in(text.trim_start(), Place::Line)
}

/// Words that stay words: what Markdown takes for formatting is escaped, and what GitHub would
/// make a link or mention of, whatever the escapes, is set as code.
fn words_in(text: &str, place: Place) -> String {
    let text = printable(text);
    let mut escaped = String::with_capacity(text.len() + 8);
    for (index, piece) in text.split_inclusive(char::is_whitespace).enumerate() {
        let word = piece.trim_end_matches(char::is_whitespace);
        if is_link_like(word) {
            // What closes a sentence stays outside, as in “see 10.0.0.1:80:”.
            let link = word.trim_end_matches([':', ',', ';', '.', ')']);
            escaped.push_str(&code(link, place));
            escaped.push_str(&word[link.len()..]);
        } else {
            let marker = if index == 0 { block_marker(word) } else { None };
            for (at, character) in word.char_indices() {
                if marker == Some(at) {
                    escaped.push('\\');
                }
                escape_into(&mut escaped, character);
            }
        }
        escaped.push_str(&piece[word.len()..]);
    }
    escaped
}

fn escape_into(escaped: &mut String, character: char) {
    match character {
        '<' => escaped.push_str("&lt;"),
        '>' => escaped.push_str("&gt;"),
        '&' => escaped.push_str("&amp;"),
        // An escaped bar still ends a cell when an escaped backslash stands before it.
        '|' => escaped.push_str("&#124;"),
        '\\' | '`' | '*' | '_' | '[' | ']' | '~' => {
            escaped.push('\\');
            escaped.push(character);
        }
        _ => escaped.push(character),
    }
}

/// Whether GitHub links, mentions, draws or typesets this word after Markdown is done with it:
/// URLs, `www.`, e-mail addresses, `@someone`, `#1`, `$math$`, and `:100:`, which IPv6 addresses
/// are full of.
fn is_link_like(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let has_issue_number = lower.split('#').skip(1).any(|rest| {
        let number = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
        number.starts_with(|c: char| c.is_ascii_digit())
    });
    let parts: Vec<&str> = lower.split(':').collect();
    let has_shortcode = parts.len() > 2 && parts[1..parts.len() - 1].iter().any(|p| !p.is_empty());
    lower.contains("://")
        || lower.contains("www.")
        || lower.contains("mailto:")
        || lower.contains("xmpp:")
        || lower.contains(['@', '$'])
        || has_issue_number
        || has_shortcode
}

/// Where the first word of a line has the character that would make it a list, a heading or a
/// rule; a backslash before it keeps it a word.
fn block_marker(word: &str) -> Option<usize> {
    if word.starts_with(['-', '+', '#', '=']) {
        return Some(0);
    }
    let point = word.strip_suffix(['.', ')'])?;
    let is_number = !point.is_empty() && point.bytes().all(|b| b.is_ascii_digit());
    is_number.then_some(point.len())
}

/// A code span whose fence is longer than any that the text contains (`CommonMark`, 6.1).
fn code(text: &str, place: Place) -> String {
    let mut text = printable(text).into_owned();
    if place == Place::Cell {
        // A bar ends the cell even in code, and escapes do not nest: it is spelt out.
        text = text.replace('|', "\\u{7c}");
    }
    if text.trim().is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    let needs_room = text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']);
    let room = if needs_room { " " } else { "" };
    let mut span = String::new();
    write!(span, "{fence}{room}{text}{room}{fence}").expect("writing to a String");
    span
}

/// The length of the longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_words_are_left_as_they_are() {
        for text in [
            "Máy đang bật, nhưng không chương trình nào lắng nghe.",
            "It listens on 127.0.0.1:5432 (postgres, PID 12), 0,4\u{a0}ms",
            "3 addresses; ::1 - not this one",
        ] {
            assert_eq!(words(text), text);
        }
    }

    #[test]
    fn formatting_and_html_become_text() {
        assert_eq!(
            words("<script>alert(1)</script> **b** _i_ [x](y) ![x](y) `c` ~~s~~ &lt;"),
            "&lt;script&gt;alert(1)&lt;/script&gt; \\*\\*b\\*\\* \\_i\\_ \\[x\\](y) !\\[x\\](y) \
             \\`c\\` \\~\\~s\\~\\~ &amp;lt;"
        );
    }

    #[test]
    fn the_first_word_starts_no_list_heading_or_rule() {
        assert_eq!(words("- x"), "\\- x");
        assert_eq!(words("# x"), "\\# x");
        assert_eq!(words("1. x"), "1\\. x");
        assert_eq!(words("---"), "\\---");
        assert_eq!(words("    x"), "x");
        assert_eq!(words("1.2.3.4 x"), "1.2.3.4 x");
    }

    #[test]
    fn what_github_would_link_mention_or_draw_is_code() {
        assert_eq!(
            words("see http://a.example/ now"),
            "see `http://a.example/` now"
        );
        assert_eq!(words("@someone"), "`@someone`");
        assert_eq!(words("www.a.example"), "`www.a.example`");
        assert_eq!(words("closes #12"), "closes `#12`");
        assert_eq!(words("$x$"), "`$x$`");
        assert_eq!(words("to a:100: no"), "to `a:100`: no");
        assert_eq!(words("2001:db8:100:1 is"), "`2001:db8:100:1` is");
    }

    #[test]
    fn a_code_span_cannot_be_closed_from_within() {
        assert_eq!(code("a`b``c", Place::Line), "```a`b``c```");
        assert_eq!(code("`", Place::Line), "`` ` ``");
        assert_eq!(code("x\n\n# y", Place::Line), "`x\\u{a}\\u{a}# y`");
        assert_eq!(code("", Place::Line), "");
    }

    #[test]
    fn a_bar_ends_no_cell() {
        assert_eq!(code(r"a\|b", Place::Cell), r"`a\\u{7c}b`");
        assert_eq!(words_in(r"a\|b", Place::Cell), r"a\\&#124;b");
    }

    #[test]
    fn a_command_cannot_close_its_block() {
        let mut markdown = String::new();
        let commands = ["echo '```'".to_owned(), "a\nb".to_owned()];
        write_commands(&mut markdown, Shell::Posix, &commands);
        assert_eq!(markdown, "````sh\necho '```'\na\\u{a}b\n````\n");
    }
}
