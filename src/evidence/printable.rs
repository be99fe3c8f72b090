//! Hostile text made harmless: whatever comes from hosts, programs and banners goes through here
//! before it reaches a terminal, the window or a report.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with every control, bidirectional-override, invisible and line-breaking character
/// written as `\u{…}`, so that it can neither steer a terminal nor reorder what stands beside it
/// (Unicode Technical Report 36, section 3).
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_treacherous) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_treacherous(character) {
            write!(escaped, "\\u{{{:x}}}", u32::from(character)).expect("writing to a String");
        } else {
            escaped.push(character);
        }
    }
    Cow::Owned(escaped)
}

/// Bytes from the wire as printable ASCII, everything else as `\xNN`; at most `limit` bytes are
/// shown, and an ellipsis says that there was more.
#[must_use]
pub fn printable_bytes(bytes: &[u8], limit: usize) -> String {
    let mut escaped = String::with_capacity(limit.min(bytes.len()) + 16);
    for &byte in bytes.iter().take(limit) {
        match byte {
            b'\r' => escaped.push_str("\\r"),
            b'\n' => escaped.push_str("\\n"),
            b'\\' => escaped.push_str("\\\\"),
            b' '..=b'~' => escaped.push(char::from(byte)),
            _ => write!(escaped, "\\x{byte:02x}").expect("writing to a String"),
        }
    }
    if bytes.len() > limit {
        escaped.push('…');
    }
    escaped
}

fn is_treacherous(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmless_text_is_left_alone() {
        assert!(matches!(printable("máy chủ bücher-1"), Cow::Borrowed(_)));
    }

    #[test]
    fn escapes_and_overrides_are_spelt_out() {
        assert_eq!(
            printable("a\u{1b}[31mb\u{202e}c\n"),
            "a\\u{1b}[31mb\\u{202e}c\\u{a}"
        );
    }

    #[test]
    fn bytes_beyond_the_limit_are_cut_and_said_to_be_cut() {
        assert_eq!(printable_bytes(b"SSH-2.0\r\n\xff", 9), "SSH-2.0\\r\\n…");
        assert_eq!(printable_bytes(b"\x15\x03", 9), "\\x15\\x03");
    }
}
