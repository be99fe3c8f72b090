//! The property lists of macOS, written as XML: as much of them as a flat dictionary has.

use std::collections::BTreeMap;

/// A value of the dictionary.
pub(super) enum Value {
    /// `<integer>`.
    Number(i64),
    /// `<string>`.
    Text(String),
    /// `<array>` of strings.
    Texts(Vec<String>),
}

/// The outermost dictionary; nothing when the text is no property list. Dictionaries within it,
/// such as those of single interfaces, are passed over.
pub(super) fn dictionary(plist: &str) -> Option<BTreeMap<String, Value>> {
    let mut values = BTreeMap::new();
    let mut elements = Elements { rest: plist };
    elements.find(|element| element.tag == "dict" || element.tag == "dict/")?;
    let mut depth = 1_u32;
    let mut key = None;
    let mut list: Option<Vec<String>> = None;
    for element in elements {
        match element.tag {
            "dict" => {
                depth += 1;
                key = None;
            }
            "/dict" => depth = depth.checked_sub(1)?,
            _ if depth > 1 => {}
            "key" => key = Some(element.text),
            "array" => list = Some(Vec::new()),
            "/array" => {
                if let (Some(key), Some(list)) = (key.take(), list.take()) {
                    values.insert(key, Value::Texts(list));
                }
            }
            "string" => match (&mut list, key.take()) {
                (Some(list), name) => {
                    list.push(element.text);
                    key = name;
                }
                (None, Some(name)) => drop(values.insert(name, Value::Text(element.text))),
                (None, None) => {}
            },
            "integer" => {
                if let (Some(name), Ok(number)) = (key.take(), element.text.trim().parse()) {
                    values.insert(name, Value::Number(number));
                }
            }
            _ => {}
        }
        if depth == 0 {
            return Some(values);
        }
    }
    None
}

/// The elements of a property list: what begins or ends, and the text behind it.
struct Elements<'a> {
    rest: &'a str,
}

struct Element<'a> {
    tag: &'a str,
    text: String,
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        let (_, rest) = self.rest.split_once('<')?;
        let (tag, rest) = rest.split_once('>')?;
        let end = rest.find('<').unwrap_or(rest.len());
        self.rest = &rest[end..];
        Some(Element {
            tag: tag.trim(),
            text: unescaped(&rest[..end]),
        })
    }
}

/// The five characters that XML escapes (XML 1.0, 4.6).
fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&amp;", "&")
}
