//! The targets of a batch: one on each line of a file, and those on the command line.

use std::collections::HashSet;

use super::super::arguments::{Batch, Check};
use super::super::check::Asked;
use super::super::failure::Failure;
use super::super::inputs;
use super::super::output::Output;
use crate::i18n::Texts;
use crate::target::{Understanding, understand};

/// The targets, none twice, and how many lines could not be understood; each of those is told.
pub(super) fn read(
    check: &Check,
    batch: &Batch,
    texts: &Texts,
    output: &mut Output,
) -> Result<(Vec<Asked>, usize), Failure> {
    let mut targets = Targets::default();
    let mut misread = 0;
    for input in inputs::read(&check.targets, texts)? {
        if let Err(failure) = targets.take(input.meaning, texts) {
            output.fail(&failure);
            misread += 1;
        }
    }
    let text = inputs::list(&batch.list, texts)?;
    for (index, line) in text.lines().enumerate() {
        let address = without_comment(line);
        if address.is_empty() {
            continue;
        }
        if let Err(failure) = targets.take(understand(address), texts) {
            output.fail(&failure.on_line(texts, index + 1));
            misread += 1;
        }
    }
    Ok((targets.all, misread))
}

#[derive(Default)]
struct Targets {
    all: Vec<Asked>,
    seen: HashSet<String>,
}

impl Targets {
    fn take(
        &mut self,
        meaning: Result<Understanding, crate::target::AddressError>,
        texts: &Texts,
    ) -> Result<(), Failure> {
        match meaning {
            Ok(Understanding::Targets { targets, said }) => {
                for target in targets {
                    if self.seen.insert(key(&target)) {
                        let said = said.clone();
                        self.all.push(Asked { target, said });
                    }
                }
                Ok(())
            }
            Ok(Understanding::Incomplete { host, port, said }) => {
                Err(Failure::of_incomplete(texts, host.as_ref(), port, &said))
            }
            Ok(Understanding::NotTcp(not_tcp)) => Err(Failure::of_not_tcp(texts, &not_tcp)),
            Err(error) => Err(Failure::of_address(texts, &error)),
        }
    }
}

/// What makes two targets the same for a batch: what would be asked, not how it was spelt.
pub(super) fn key(target: &crate::target::Target) -> String {
    let scheme = target.scheme.as_deref().unwrap_or_default();
    let tls = target.tls;
    format!("{scheme} {} {} {tls:?}", target.host.ascii(), target.port)
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

    #[test]
    fn the_same_endpoint_spelt_twice_is_one_target() {
        let key_of = |text: &str| match understand(text) {
            Ok(Understanding::Targets { targets, .. }) => key(&targets[0]),
            other => panic!("{other:?}"),
        };
        assert_eq!(key_of("DB.example:5432"), key_of("db.example:5432"));
        assert_ne!(key_of("db.example:5432"), key_of("db.example:5433"));
        assert_ne!(key_of("http://a:80"), key_of("https://a:80"));
    }
}
