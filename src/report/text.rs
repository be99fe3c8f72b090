//! A document as plain text, for a mail or a terminal: no markup, no escape codes, lines of at
//! most 80 characters except where a command or an address must stay whole.

use std::borrow::Cow;

use super::document::{Block, Document, Phrase, Span, Table};
use crate::evidence::printable;

/// The width lines are wrapped to.
const WIDTH: usize = 80;

/// The document as plain text.
#[must_use]
pub(super) fn render(document: &Document) -> String {
    let mut text = String::new();
    write_heading(&mut text, &document.title, '=');
    for block in &document.blocks {
        text.push('\n');
        write_block(&mut text, block);
    }
    text
}

fn write_block(text: &mut String, block: &Block) {
    match block {
        Block::Verdict(_, title, explanation) => {
            write_wrapped(text, &printable(title), "", "");
            text.push('\n');
            write_wrapped(text, &printable(explanation), "", "");
        }
        Block::Path(path) => write_wrapped(text, &printable(&path.line), "", ""),
        Block::Section(title) => {
            text.push('\n');
            write_heading(text, title, '-');
        }
        Block::Part(title) => write_wrapped(text, &printable(title), "", ""),
        Block::Paragraph(phrase) => write_wrapped(text, &plain(phrase), "", ""),
        Block::Bullets(items) => {
            for item in items {
                write_wrapped(text, &plain(item), "- ", "  ");
            }
        }
        Block::Values(values) => {
            for (name, value) in values {
                let name = format!("{}: ", printable(name));
                write_wrapped(text, &plain(value), &name, "  ");
            }
        }
        Block::Table(table) | Block::Timeline(table, _) => write_table(text, table),
        Block::Commands(_, commands) => {
            for command in commands {
                push_line(text, "    ", &printable(command));
            }
        }
    }
}

fn write_heading(text: &mut String, title: &str, rule: char) {
    let title = printable(title);
    push_line(text, "", &title);
    let width = title.chars().count().min(WIDTH);
    text.extend(std::iter::repeat_n(rule, width));
    text.push('\n');
}

/// Columns side by side when they fit, else one block of named values for each row.
fn write_table(text: &mut String, table: &Table) {
    let rows: Vec<Vec<String>> = table
        .rows
        .iter()
        .map(|row| row.iter().map(plain).collect())
        .collect();
    let widths: Vec<usize> = (0..table.columns.len())
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            let names = table.columns.get(column);
            let widths = cells.chain(names).map(|cell| cell.chars().count());
            widths.max().unwrap_or(0)
        })
        .collect();
    if widths.iter().sum::<usize>() + 2 * widths.len() <= WIDTH {
        let names: Vec<String> = table
            .columns
            .iter()
            .map(|name| printable(name).into_owned())
            .collect();
        push_line(text, "", &aligned(&names, &widths));
        for row in &rows {
            push_line(text, "", &aligned(row, &widths));
        }
    } else {
        for row in &rows {
            write_row_as_values(text, &table.columns, row);
        }
    }
}

fn aligned(cells: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        line.push_str(cell);
        line.extend(std::iter::repeat_n(' ', width + 2 - cell.chars().count()));
    }
    line.trim_end().to_owned()
}

fn write_row_as_values(text: &mut String, columns: &[String], row: &[String]) {
    for (index, (name, value)) in columns.iter().zip(row).enumerate() {
        if value.is_empty() {
            continue;
        }
        let bullet = if index == 0 { "- " } else { "  " };
        write_wrapped(text, value, &format!("{bullet}{name}: "), "    ");
    }
}

fn plain(phrase: &Phrase) -> String {
    let spans = phrase.0.iter().map(|span| match span {
        Span::Words(text) | Span::Strong(text) | Span::Code(text) => printable(text),
        Span::Link(url) => Cow::Borrowed(*url),
    });
    spans.collect()
}

fn write_wrapped(text: &mut String, content: &str, first: &str, others: &str) {
    for (index, line) in wrapped(content, WIDTH, first, others).iter().enumerate() {
        push_line(text, if index == 0 { first } else { others }, line);
    }
}

fn push_line(text: &mut String, indent: &str, line: &str) {
    text.push_str(indent);
    text.push_str(line);
    text.push('\n');
}

/// The text broken at spaces so that each line, with its indent, has at most `width` characters;
/// a word that is longer stays whole. No-break spaces do not break.
#[must_use]
pub fn wrapped(text: &str, width: usize, first: &str, others: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = first.chars().count();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let length = word.chars().count();
        match lines.last_mut() {
            Some(line) if line.is_empty() => {
                line.push_str(word);
                used += length;
            }
            Some(line) if used + 1 + length <= width => {
                line.push(' ');
                line.push_str(word);
                used += 1 + length;
            }
            Some(_) | None => {
                lines.push(word.to_owned());
                used = others.chars().count() + length;
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::command_line::Shell;

    #[test]
    fn lines_break_at_spaces_and_keep_long_words_and_units_whole() {
        assert_eq!(wrapped("aa bb cc", 7, "- ", "  "), ["aa bb", "cc"]);
        assert_eq!(wrapped("a 0,4\u{a0}ms", 6, "", ""), ["a", "0,4\u{a0}ms"]);
        assert_eq!(wrapped("abcdefghij k", 4, "", ""), ["abcdefghij", "k"]);
        assert_eq!(wrapped("", 4, "", ""), [""]);
    }

    #[test]
    fn control_characters_are_spelt_out_everywhere() {
        let hostile = "a\u{1b}[31m\u{202e}\nb";
        let phrase = Phrase::code(hostile);
        let document = Document {
            title: hostile.to_owned(),
            blocks: vec![
                Block::Section(hostile.to_owned()),
                Block::Part(hostile.to_owned()),
                Block::Paragraph(phrase.clone()),
                Block::Bullets(vec![phrase.clone()]),
                Block::Values(vec![(hostile.to_owned(), phrase.clone())]),
                Block::Table(Table {
                    columns: vec![hostile.to_owned()],
                    rows: vec![vec![phrase]],
                }),
                Block::Commands(Shell::Posix, vec![hostile.to_owned()]),
            ],
        };
        let text = render(&document);
        assert!(!text.contains(['\u{1b}', '\u{202e}']));
        assert!(text.lines().all(|line| !line.starts_with('b')), "{text}");
    }

    #[test]
    fn a_table_too_wide_becomes_named_values() {
        let table = Table {
            columns: vec!["One".to_owned(), "Two".to_owned()],
            rows: vec![vec![
                Phrase::words("x".repeat(50)),
                Phrase::words("y".repeat(50)),
            ]],
        };
        let mut text = String::new();
        write_table(&mut text, &table);
        let expected = format!("- One: {}\n  Two: {}\n", "x".repeat(50), "y".repeat(50));
        assert_eq!(text, expected);
    }
}
