//! A document as one HTML file: no scripts, nothing fetched, light and dark, fit for paper.
//!
//! Two doors lead into the page. [`Page::markup`] takes what is written in this file, which the
//! compiler sees to: it takes `'static` text only. [`Page::text`] takes everything else and is the
//! only place that escapes. The policy in the head forbids what neither lets in.

use std::fmt::Write as _;

use super::document::{Bar, Block, Document, Path, Phrase, Span, Stop, Table};
use super::text::wrapped;
use crate::case::path::LinkState;
use crate::diagnosis::Impact;
use crate::evidence::printable;

/// The document as HTML, in the language of this code.
#[must_use]
pub(super) fn render(document: &Document, language: &str) -> String {
    let mut page = Page(String::with_capacity(32 * 1024));
    page.markup("<!DOCTYPE html>\n<html lang=\"");
    page.text(language);
    page.markup(
        "\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<title>",
    );
    page.text(&document.title);
    page.markup("</title>\n<style>\n");
    page.markup(include_str!("../../assets/report.css"));
    page.markup("</style>\n</head>\n<body>\n");
    page.markup(MAIN);
    page.markup("<h1>");
    page.text(&document.title);
    page.markup("</h1>\n");
    for block in &document.blocks {
        page.block(block);
    }
    page.markup(MAIN_END);
    page.markup("</body>\n</html>\n");
    page.0
}

/// Several pages as one: the first, with the reports of the others after its own.
#[must_use]
pub(super) fn joined(pages: &[String]) -> String {
    let report = |page: &'_ String| -> Option<String> {
        let (_, rest) = page.split_once(MAIN)?;
        let (report, _) = rest.rsplit_once(MAIN_END)?;
        Some(report.to_owned())
    };
    let Some((first, others)) = pages.split_first() else {
        return String::new();
    };
    let mut all = String::new();
    for report in others.iter().filter_map(report) {
        write!(all, "{MAIN_END}{MAIN}{report}").expect("writing to a String");
    }
    match first.rsplit_once(MAIN_END) {
        Some((start, end)) => format!("{start}{all}{MAIN_END}{end}"),
        None => first.clone(),
    }
}

/// No text can hold these: it is escaped.
const MAIN: &str = "<article>\n";
const MAIN_END: &str = "</article>\n";

struct Page(String);

impl Page {
    /// Markup of our own.
    fn markup(&mut self, markup: &'static str) {
        self.0.push_str(markup);
    }

    /// Text of anybody: what could steer or reorder is spelt out, what HTML takes for more than
    /// text is escaped, between tags and within attributes alike (HTML, 13.1.2.3 and 13.1.4).
    fn text(&mut self, text: &str) {
        for character in printable(text).chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                _ => self.0.push(character),
            }
        }
    }

    fn number(&mut self, number: u32) {
        write!(self.0, "{number}").expect("writing to a String");
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Verdict(impact, title, explanation) => {
                self.markup(match impact {
                    Impact::None => "<section class=\"verdict verified\">\n<p>",
                    Impact::Degraded => "<section class=\"verdict partly\">\n<p>",
                    Impact::Blocked => "<section class=\"verdict broken\">\n<p>",
                });
                self.markup("<strong>");
                self.text(title);
                self.markup("</strong></p>\n<p>");
                self.text(explanation);
                self.markup("</p>\n</section>\n");
            }
            Block::Section(title) => {
                self.markup("<h2>");
                self.text(title);
                self.markup("</h2>\n");
            }
            Block::Part(title) => {
                self.markup("<h3>");
                self.text(title);
                self.markup("</h3>\n");
            }
            Block::Paragraph(phrase) => {
                self.markup("<p>");
                self.phrase(phrase);
                self.markup("</p>\n");
            }
            Block::Bullets(items) => {
                self.markup("<ul>\n");
                for item in items {
                    self.markup("<li>");
                    self.phrase(item);
                    self.markup("</li>\n");
                }
                self.markup("</ul>\n");
            }
            Block::Values(values) => {
                self.markup("<dl>\n");
                for (name, value) in values {
                    self.markup("<div><dt>");
                    self.text(name);
                    self.markup("</dt><dd>");
                    self.phrase(value);
                    self.markup("</dd></div>\n");
                }
                self.markup("</dl>\n");
            }
            Block::Table(table) => self.table(table, None),
            Block::Timeline(table, bars) => self.table(table, Some(bars)),
            Block::Path(path) => self.path(path),
            Block::Commands(_, commands) => {
                self.markup("<pre><code>");
                for (at, command) in commands.iter().enumerate() {
                    if at > 0 {
                        self.markup("\n");
                    }
                    self.text(command);
                }
                self.markup("</code></pre>\n");
            }
        }
    }

    fn phrase(&mut self, phrase: &Phrase) {
        for span in &phrase.0 {
            match span {
                Span::Words(words) => self.text(words),
                Span::Strong(words) => {
                    self.markup("<strong>");
                    self.text(words);
                    self.markup("</strong>");
                }
                Span::Code(code) => {
                    self.markup("<code>");
                    self.text(code);
                    self.markup("</code>");
                }
                Span::Link(url) => {
                    self.markup("<a rel=\"noreferrer\" href=\"");
                    self.text(url);
                    self.markup("\">");
                    self.text(url);
                    self.markup("</a>");
                }
            }
        }
    }

    fn table(&mut self, table: &Table, bars: Option<&Vec<Bar>>) {
        self.markup("<div class=\"wide\"><table>\n<thead><tr>");
        for (at, column) in table.columns.iter().enumerate() {
            self.markup("<th scope=\"col\">");
            self.text(column);
            self.markup("</th>");
            if at == 0 && bars.is_some() {
                self.markup("<td class=\"bar\"></td>");
            }
        }
        self.markup("</tr></thead>\n<tbody>\n");
        for (row, cells) in table.rows.iter().enumerate() {
            self.markup("<tr>");
            for (at, cell) in cells.iter().enumerate() {
                self.markup("<td>");
                self.phrase(cell);
                self.markup("</td>");
                if let Some(bars) = bars.filter(|_| at == 0) {
                    self.bar(bars.get(row));
                }
            }
            self.markup("</tr>\n");
        }
        self.markup("</tbody>\n</table></div>\n");
    }

    /// A row of the waterfall; its figures stand in the row's other cells.
    fn bar(&mut self, bar: Option<&Bar>) {
        self.markup("<td class=\"bar\"><svg viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">");
        if let Some(bar) = bar {
            // Wide enough to be seen, even where the answer came at once.
            let start = bar.start.min(1000 - LEAST_BAR);
            let width = bar.end.unwrap_or(1000).min(1000).saturating_sub(start);
            self.markup(match bar.end {
                Some(_) => "<rect class=\"ended\" y=\"1\" height=\"8\" rx=\"3\" x=\"",
                None => "<rect class=\"open\" y=\"4\" height=\"2\" x=\"",
            });
            self.number(start);
            self.markup("\" width=\"");
            self.number(width.max(LEAST_BAR));
            self.markup("\"/>");
        }
        self.markup("</svg></td>");
    }

    /// A tile for each place on the way, with the link that leads to it.
    fn path(&mut self, path: &Path) {
        let stops = u32::try_from(path.stops.len()).expect("as many stops as there are waypoints");
        let width = (stops + 1) * PITCH;
        self.markup("<div class=\"wide\"><svg class=\"path\" role=\"img\" viewBox=\"0 0 ");
        self.number(width);
        self.markup(" 112\" width=\"");
        self.number(width);
        self.markup("\" aria-label=\"");
        self.text(&path.spoken);
        self.markup("\">\n");
        let mut center = PITCH / 2;
        self.tile(center, LinkState::Verified, &path.start);
        for stop in &path.stops {
            self.link(center, stop);
            center += PITCH;
            self.tile(center, stop.state, &stop.name);
        }
        self.markup("</svg></div>\n");
    }

    fn tile(&mut self, center: u32, state: LinkState, name: &str) {
        self.group(state);
        self.markup("<rect y=\"22\" width=\"40\" height=\"40\" rx=\"10\" x=\"");
        self.number(center - 20);
        self.markup("\"/><svg y=\"30\" width=\"24\" height=\"24\" viewBox=\"0 0 24 24\" x=\"");
        self.number(center - 12);
        self.markup("\"><path d=\"");
        self.markup(match state {
            LinkState::Verified => "M5 13l5 5L19 7",
            LinkState::Partly => "M12 4v10M12 19v1",
            LinkState::Broken => "M6 6l12 12M18 6L6 18",
            LinkState::Unknown => "M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 18.5v.5",
        });
        self.markup("\"/></svg>");
        for (at, line) in caption(name).iter().enumerate() {
            self.markup(if at == 0 {
                "<text y=\"80\" x=\""
            } else {
                "<text y=\"96\" x=\""
            });
            self.number(center);
            self.markup("\">");
            self.text(line);
            self.markup("</text>");
        }
        self.markup("</g>\n");
    }

    fn link(&mut self, from: u32, stop: &Stop) {
        self.group(stop.state);
        self.markup("<line y1=\"42\" y2=\"42\" x1=\"");
        self.number(from + 24);
        self.markup("\" x2=\"");
        self.number(from + PITCH - 24);
        self.markup("\"/>");
        if let Some(took) = &stop.took {
            self.markup("<text class=\"took\" y=\"32\" x=\"");
            self.number(from + PITCH / 2);
            self.markup("\">");
            self.text(took);
            self.markup("</text>");
        }
        self.markup("</g>\n");
    }

    fn group(&mut self, state: LinkState) {
        self.markup(match state {
            LinkState::Verified => "<g class=\"verified\">",
            LinkState::Partly => "<g class=\"partly\">",
            LinkState::Broken => "<g class=\"broken\">",
            LinkState::Unknown => "<g class=\"unknown\">",
        });
    }
}

/// A name in at most two short lines.
fn caption(name: &str) -> Vec<String> {
    let mut lines = wrapped(name, LONGEST_LINE, "", "");
    let is_cut = lines.len() > 2;
    lines.truncate(2);
    let last = lines.len() - 1;
    for (at, line) in lines.iter_mut().enumerate() {
        if line.chars().count() > LONGEST_LINE || (is_cut && at == last) {
            *line = line.chars().take(LONGEST_LINE - 1).chain(['…']).collect();
        }
    }
    lines
}

const LONGEST_LINE: usize = 16;

/// From one tile to the next.
const PITCH: u32 = 112;

/// The least width of a bar, in thousandths of the row.
const LEAST_BAR: u32 = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::command_line::Shell;

    const HOSTILE: &str =
        "</style><script>alert(1)</script>\"' onload='x' &lt; <!-- \u{202e}\u{1b}[2J";

    fn hostile_document() -> Document {
        let text = || HOSTILE.to_owned();
        let phrase = Phrase::words(HOSTILE).and_code(HOSTILE);
        let table = Table {
            columns: vec![text()],
            rows: vec![vec![phrase.clone()]],
        };
        let stop = Stop {
            name: text(),
            state: LinkState::Broken,
            took: Some(text()),
        };
        Document {
            title: text(),
            blocks: vec![
                Block::Verdict(Impact::Blocked, text(), text()),
                Block::Section(text()),
                Block::Part(text()),
                Block::Paragraph(Phrase::strong(HOSTILE)),
                Block::Bullets(vec![phrase.clone()]),
                Block::Values(vec![(text(), phrase)]),
                Block::Table(table.clone()),
                Block::Timeline(
                    table,
                    vec![Bar {
                        start: 2000,
                        end: None,
                    }],
                ),
                Block::Path(Path {
                    line: text(),
                    spoken: text(),
                    start: text(),
                    stops: vec![stop],
                }),
                Block::Commands(Shell::Posix, vec![text()]),
            ],
        }
    }

    #[test]
    fn nothing_but_our_own_markup_gets_into_a_page() {
        let page = render(&hostile_document(), HOSTILE);
        let (_, body) = page.split_once("</style>\n</head>").unwrap();
        for bad in [
            "<script", "</style", "<!--", "\u{202e}", "\u{1b}", "' on", "\"' ",
        ] {
            assert!(!body.contains(bad), "{bad}: {body}");
        }
        assert_eq!(page.matches("</style>").count(), 1);
        let calm = render(&Document::default(), "en");
        assert!(calm.contains("<html lang=\"en\">"), "{calm}");
    }

    #[test]
    fn pages_are_joined_into_one() {
        let pages = [HOSTILE, "two", "three"].map(|title| {
            let title = title.to_owned();
            render(
                &Document {
                    title,
                    blocks: Vec::new(),
                },
                "en",
            )
        });
        let all = joined(&pages);
        assert_eq!(all.matches("<html").count(), 1);
        assert_eq!(all.matches("<article>").count(), 3);
        assert_eq!(all.matches("</article>").count(), 3);
        assert!(all.find("<h1>two").unwrap() < all.find("<h1>three").unwrap());
        assert_eq!(joined(&pages[..1]), pages[0]);
    }

    #[test]
    fn a_long_name_is_cut_to_two_lines() {
        assert_eq!(caption("This computer"), ["This computer"]);
        assert_eq!(
            caption("Firewall of the other machine"),
            ["Firewall of the", "other machine"]
        );
        assert_eq!(caption("db.very-long-name.example"), ["db.very-long-na…"]);
        assert_eq!(
            caption("Firewall of the other machine there"),
            ["Firewall of the", "other machine…"]
        );
    }
}
