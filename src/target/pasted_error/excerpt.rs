//! What is read of a pasted text: all of a short one; of a long log the lines that tell of a
//! failure and their surroundings, the first and the last of them.
//!
//! One pass of one expression finds the telling lines of a mebibyte in milliseconds; everything
//! costlier sees only the excerpt.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::{endpoint, said};

/// Texts up to this size are read whole.
const READ_WHOLE: usize = 64 * 1024;

/// How much of a longer text is read from its beginning, and as much again from its end.
const READ_OF_LONG: usize = 48 * 1024;

/// Longer lines are read in pieces.
const LONGEST_LINE: usize = 4 * 1024;

/// Lines around a telling line that may belong to it: a traceback, an object, an assignment.
const CONTEXT: usize = 6;

/// The lines to read.
pub fn excerpt(text: &str) -> Vec<&str> {
    if text.len() <= READ_WHOLE {
        return lines(text).collect();
    }
    let telling = telling_places(text);
    let ranges = if telling.is_empty() {
        let head = text.floor_char_boundary(READ_OF_LONG);
        let tail = text.ceil_char_boundary(text.len() - READ_OF_LONG / 2);
        // Between 64 and 72 KiB the two would overlap.
        vec![0..head, tail.max(head)..text.len()]
    } else {
        first_and_last(text, &telling)
    };
    ranges
        .into_iter()
        .flat_map(|range| lines(&text[range]))
        .collect()
}

/// The text without the escape sequences that colour a terminal.
pub fn without_colours(text: &str) -> Cow<'_, str> {
    if !text.contains('\u{1b}') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '\u{1b}' {
            plain.push(character);
        } else if characters.next_if_eq(&'[').is_some() {
            // ECMA-48: parameters up to a final byte.
            while characters
                .next_if(|next| matches!(next, ' '..='?'))
                .is_some()
            {}
            characters.next_if(|next| matches!(next, '@'..='~'));
        }
    }
    Cow::Owned(plain)
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(pieces)
}

/// A line, or its pieces when it is very long.
fn pieces(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let line = rest?;
        let (piece, tail) = line.split_at(line.floor_char_boundary(LONGEST_LINE));
        rest = (!tail.is_empty()).then_some(tail);
        Some(piece)
    })
}

/// Where the text tells of a failure: one place per line, or per piece of a long line.
fn telling_places(text: &str) -> Vec<usize> {
    let mut places = Vec::new();
    let mut from = 0;
    while let Some(found) = SIGNALS.find_at(text, from) {
        places.push(found.start());
        let far = text.floor_char_boundary(found.end() + LONGEST_LINE);
        from = match text[found.end()..far].find('\n') {
            Some(length) => found.end() + length + 1,
            None => far,
        };
    }
    places
}

/// The surroundings of the first and of the last telling places, as far as there is room.
fn first_and_last(text: &str, places: &[usize]) -> Vec<Range<usize>> {
    let mut first: Vec<Range<usize>> = Vec::new();
    let mut room = READ_OF_LONG;
    let mut taken = 0;
    for place in places {
        let mut range = surroundings(text, *place);
        range.start = range.start.max(first.last().map_or(0, |last| last.end));
        if range.is_empty() {
            taken += 1;
            continue;
        }
        if range.len() > room {
            break;
        }
        room -= range.len();
        taken += 1;
        first.push(range);
    }
    let floor = first.last().map_or(0, |last| last.end);
    let mut last: Vec<Range<usize>> = Vec::new();
    let mut room = READ_OF_LONG;
    for place in places[taken..].iter().rev() {
        let mut range = surroundings(text, *place);
        let ceiling = last.last().map_or(text.len(), |next| next.start);
        range = range.start.max(floor)..range.end.min(ceiling);
        if range.is_empty() {
            continue;
        }
        if range.len() > room {
            break;
        }
        room -= range.len();
        last.push(range);
    }
    last.reverse();
    first.extend(last);
    first
}

fn surroundings(text: &str, place: usize) -> Range<usize> {
    let earliest = text.ceil_char_boundary(place.saturating_sub(LONGEST_LINE));
    let latest = text.floor_char_boundary(place + LONGEST_LINE);
    let start = text[earliest..place]
        .rmatch_indices('\n')
        .nth(CONTEXT)
        .map_or(earliest, |(at, _)| earliest + at + 1);
    let end = text[place..latest]
        .match_indices('\n')
        .nth(CONTEXT)
        .map_or(latest, |(at, _)| place + at + 1);
    start..end
}

/// Every word that some shape or clue needs.
static SIGNALS: LazyLock<Regex> = LazyLock::new(|| {
    let words: Vec<String> = endpoint::signals()
        .chain(said::signals())
        .map(regex::escape)
        .collect();
    Regex::new(&format!("(?i:{})", words.join("|"))).expect("escaped words always compile")
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_log_is_read_around_its_failures() {
        let mut log = "12:00:01 all is well at 10.0.0.1:80\n".repeat(10_000);
        log.insert_str(
            200_000 - 200_000 % 36,
            "HOST = 'db'\ndial tcp db:1: refused\n",
        );
        let lines = excerpt(&log);
        assert!(lines.contains(&"dial tcp db:1: refused"));
        assert!(lines.contains(&"HOST = 'db'"));
        assert!(lines.len() < 40, "{}", lines.len());
    }

    #[test]
    fn the_excerpt_is_bounded_and_in_order() {
        for unit in ["connection refused\n", "refused ", "é", "refused é\r\n"] {
            let log = unit.repeat((1 << 20) / unit.len());
            let lines = excerpt(&log);
            let size: usize = lines.iter().map(|line| line.len()).sum();
            assert!(size <= 2 * READ_OF_LONG, "{unit:?}: {size}");
            assert!(lines.iter().all(|line| line.len() <= LONGEST_LINE));
            let starts: Vec<_> = lines.iter().map(|line| line.as_ptr()).collect();
            assert!(starts.is_sorted());
        }
    }

    #[test]
    fn colours_of_a_terminal_are_dropped() {
        assert_eq!(
            without_colours("\u{1b}[1;31merror\u{1b}[0m: x\u{1b}"),
            "error: x"
        );
    }
}
