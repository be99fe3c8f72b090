//! The results as a table for a spreadsheet (CSV, RFC 4180).

use std::borrow::Cow;

use csv_core::Writer;
use serde::Serialize;

use super::tally::Row;
use crate::evidence::printable;

/// The table, with a line of headings. Headings and ids are the same in every language.
pub(super) fn csv(rows: &[Row]) -> String {
    let mut table = Table::default();
    table.line(&[
        "target",
        "host",
        "port",
        "reachable",
        "impact",
        "cause",
        "certainty",
        "took_ms",
        "summary",
    ]);
    for row in rows {
        table.line(&[
            &cell(&row.input),
            &cell(&row.host),
            &row.port.to_string(),
            &row.reachable.to_string(),
            &id(&row.impact),
            &cell(&row.cause),
            &id(&row.certainty),
            &format!("{:.1}", row.took_ms),
            &cell(&row.summary),
        ]);
    }
    String::from_utf8(table.bytes).expect("every cell is text")
}

/// What a value is called in reports.
fn id(value: &impl Serialize) -> String {
    let id = serde_json::to_value(value).ok();
    id.and_then(|id| id.as_str().map(str::to_owned))
        .unwrap_or_default()
}

#[derive(Default)]
struct Table {
    writer: Writer,
    bytes: Vec<u8>,
}

impl Table {
    fn line(&mut self, cells: &[&str]) {
        for (index, cell) in cells.iter().enumerate() {
            if index > 0 {
                self.write(1, |writer, room| writer.delimiter(room).1);
            }
            // Every character may be a quotation mark, and there are two around them.
            self.write(2 * cell.len() + 2, |writer, room| {
                writer.field(cell.as_bytes(), room).2
            });
        }
        // An end of quotation, and the end of the line.
        self.write(2, |writer, room| writer.terminator(room).1);
    }

    fn write(&mut self, most: usize, piece: impl FnOnce(&mut Writer, &mut [u8]) -> usize) {
        let start = self.bytes.len();
        // The writer closes the quotation of the cell before.
        self.bytes.resize(start + most + 1, 0);
        let written = piece(&mut self.writer, &mut self.bytes[start..]);
        self.bytes.truncate(start + written);
    }
}

/// Text that is no formula: spreadsheets take `=`, `+`, `-` and `@` at the start for one, some their
/// full-width forms as well (OWASP, CSV injection), and show text after an apostrophe as it is.
fn cell(text: &str) -> Cow<'_, str> {
    let text = printable(text);
    if text.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) {
        format!("'{text}").into()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::{Certainty, Impact};

    #[test]
    fn no_cell_is_a_formula_or_breaks_its_line() {
        let row = Row {
            input: "=HYPERLINK(\"x\"):1".to_owned(),
            endpoint: String::new(),
            host: "＠a\r\n\tb,c".to_owned(),
            port: 1,
            reachable: false,
            impact: Impact::Blocked,
            cause: "nothing-listening".to_owned(),
            certainty: Certainty::Likely,
            summary: "-1 \"two\", three".to_owned(),
            took_ms: 1.26,
        };
        let table = csv(&[row]);
        let mut lines = table.lines();
        assert!(lines.next().unwrap().starts_with("target,host,port,"));
        let line = lines.next().unwrap();
        assert!(
            line.starts_with("\"'=HYPERLINK(\"\"x\"\"):1\",\"'＠a"),
            "{line}"
        );
        assert!(line.ends_with("1.3,\"'-1 \"\"two\"\", three\""), "{line}");
        assert_eq!(lines.next(), None, "{table}");
    }
}
