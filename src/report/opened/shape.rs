//! The shape of a text that is known to be JSON: whether a report may be that deep and that large,
//! and where in it a place is. It looks at brackets, commas and strings, and reads no value.

use std::fmt::Write as _;

use super::OpenError;

/// A value that others lie in, up to where it was looked at.
enum Frame<'a> {
    /// A list, with the number of values before.
    List(usize),
    /// An object, with the number of fields before, and the key of the present one.
    Object(usize, Option<&'a str>),
}

/// Whether nothing in the text is deeper or larger than in any report, so that to judge and to show
/// it takes no time that could be noticed.
pub(super) fn check(text: &str) -> Result<(), OpenError> {
    walk(text, text.len()).map(drop)
}

/// The place that is `column` bytes into a line: `rounds[0].evidence.os`. Empty for the whole.
pub(super) fn place(text: &str, line: usize, column: usize) -> String {
    let before: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let frames = walk(text, before.saturating_add(column).min(text.len()));
    let mut place = String::new();
    for frame in frames.into_iter().flatten() {
        let written = match frame {
            Frame::List(index) => write!(place, "[{index}]"),
            Frame::Object(_, Some(key)) if place.is_empty() => write!(place, "{key}"),
            Frame::Object(_, Some(key)) => write!(place, ".{key}"),
            Frame::Object(_, None) => Ok(()),
        };
        written.expect("writing to a String");
    }
    place
}

/// The values around the byte at `end`, the outermost first.
fn walk(text: &str, end: usize) -> Result<Vec<Frame<'_>>, OpenError> {
    let bytes = &text.as_bytes()[..end];
    let mut frames = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'[' => frames.push(Frame::List(0)),
            b'{' => frames.push(Frame::Object(0, None)),
            b']' | b'}' => drop(frames.pop()),
            b',' => {
                let count = match frames.last_mut() {
                    Some(Frame::List(count)) => count,
                    Some(Frame::Object(count, key)) => {
                        *key = None;
                        count
                    }
                    None => &mut 0,
                };
                *count += 1;
                if *count >= MOST_VALUES {
                    return Err(OpenError::TooLong);
                }
            }
            b'"' => {
                let length = string_length(&bytes[at + 1..]);
                if length > LONGEST_STRING {
                    return Err(OpenError::TooLong);
                }
                if let Some(Frame::Object(_, key @ None)) = frames.last_mut() {
                    *key = text.get(at + 1..at + 1 + length);
                }
                at += length + 1;
            }
            _ => {}
        }
        if frames.len() > DEEPEST {
            return Err(OpenError::TooDeep);
        }
        at += 1;
    }
    Ok(frames)
}

/// How far it is to the quotation mark that ends a string.
fn string_length(bytes: &[u8]) -> usize {
    let mut is_escaped = false;
    let is_end = |byte: &u8| {
        let ends = *byte == b'"' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        ends
    };
    bytes.iter().position(is_end).unwrap_or(bytes.len())
}

/// Far more values in one list than any name has addresses or any test has questions.
const MOST_VALUES: usize = 2000;

/// Far more than a banner or a command line is kept of.
const LONGEST_STRING: usize = 64 << 10;

/// A report is a dozen deep.
const DEEPEST: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_by_its_keys() {
        let text = "{\n \"a\": {\"b\": [1, {\"c\\\"\": \"x,{\", \"d\": 2}]},\n \"e\": 3}";
        let place_of = |needle: &str| {
            let at = text.find(needle).unwrap() + needle.len();
            let before = &text[..at];
            let start = before.rfind('\n').map_or(0, |newline| newline + 1);
            place(text, before.matches('\n').count() + 1, at - start)
        };
        assert_eq!(place_of("\"x,{\""), "a.b[1].c\\\"");
        assert_eq!(place_of("2"), "a.b[1].d");
        assert_eq!(place_of("2}"), "a.b[1]");
        assert_eq!(place_of("3"), "e");
        assert_eq!(place(text, 99, 99), "");
        assert_eq!(place("{\"ế\":1}", 1, 4), "");
    }

    #[test]
    fn what_is_larger_than_any_report_is_refused() {
        let list = |count: usize| format!("{{\"x\": [{}1]}}", "1,".repeat(count - 1));
        assert_eq!(check(&list(MOST_VALUES)), Ok(()));
        assert_eq!(check(&list(MOST_VALUES + 1)), Err(OpenError::TooLong));
        let string = |length: usize| format!("[\"{}\\\"\"]", "x".repeat(length - 2));
        assert_eq!(check(&string(LONGEST_STRING)), Ok(()));
        assert_eq!(check(&string(LONGEST_STRING + 1)), Err(OpenError::TooLong));
        let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(check(&deep(DEEPEST)), Ok(()));
        assert_eq!(check(&deep(DEEPEST + 1)), Err(OpenError::TooDeep));
    }
}
