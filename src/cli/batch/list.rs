//! The targets of a batch: one on each line of a file, and those on the command line.

use super::super::arguments::{Batch, Check};
use super::super::asked::{Asked, Targets};
use super::super::failure::Failure;
use super::super::inputs::{self, Input};
use super::super::output::Output;
use crate::i18n::Texts;
use crate::target::understand;

/// The targets, none twice, and how many lines could not be understood; each of those is told.
pub(super) fn read(
    check: &Check,
    batch: &Batch,
    texts: &Texts,
    output: &mut Output,
) -> Result<(Vec<Asked>, usize), Failure> {
    let mut targets = Targets::default();
    let mut misread = 0;
    for (line, input) in inputs_of(check, batch, texts)? {
        if let Err(unasked) = targets.take(input.meaning, texts) {
            output.fail(&unasked.failure.on(line, texts));
            misread += 1;
        }
    }
    Ok((targets.all, misread))
}

/// Those of the command line, and those of the list with their lines, counted from 1.
pub(in crate::cli) fn inputs_of(
    check: &Check,
    batch: &Batch,
    texts: &Texts,
) -> Result<Vec<(Option<usize>, Input)>, Failure> {
    let given = inputs::read(&check.targets, texts)?.into_iter();
    let mut all: Vec<_> = given.map(|input| (None, input)).collect();
    let text = inputs::list(&batch.list, texts)?;
    for (index, line) in text.lines().enumerate() {
        let address = without_comment(line);
        if !address.is_empty() {
            let input = Input {
                text: address.to_owned(),
                meaning: understand(address),
            };
            all.push((Some(index + 1), input));
        }
    }
    Ok(all)
}

/// The line up to a `#` at its start or after a space: elsewhere it is a URL's fragment.
fn without_comment(line: &str) -> &str {
    let comment = line.char_indices().find(|(at, c)| {
        *c == '#'
            && line[..*at]
                .chars()
                .next_back()
                .is_none_or(char::is_whitespace)
    });
    let end = comment.map_or(line.len(), |(at, _)| at);
    line[..end].trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_begins_at_the_start_or_after_a_space() {
        for (line, address) in [
            ("db:5432", "db:5432"),
            ("  db:5432  # main", "db:5432"),
            ("# db:5432", ""),
            ("\t#", ""),
            ("https://example.com/#top", "https://example.com/#top"),
            ("", ""),
        ] {
            assert_eq!(without_comment(line), address, "{line}");
        }
    }
}
