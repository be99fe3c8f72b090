//! Rules of the JSON listing, as `nft -s list ruleset` prints them: so that a person finds the
//! rule in the tool's own words. What is not known here stays JSON.

use serde_json::Value;

use super::json::{single, text};
use crate::evidence::printable;

/// Longer rules are cut.
const MOST_CHARACTERS: usize = 400;

/// A rule of a table of this family, and its comment.
pub fn rule(family: &str, expressions: &[Value], comment: Option<&str>) -> String {
    let statement = |one: &Value| match (family, statement(one).as_str()) {
        // What nft takes for granted there.
        ("ip", "reject with icmp port-unreachable")
        | ("ip6", "reject with icmpv6 port-unreachable") => "reject".to_owned(),
        (_, printed) => printed.to_owned(),
    };
    let mut parts: Vec<String> = expressions.iter().map(statement).collect();
    parts.extend(comment.map(|comment| format!("comment {}", quoted(comment))));
    bounded(&parts.join(" "))
}

/// Harmless, and not longer than anybody reads.
pub fn bounded(text: &str) -> String {
    let text = printable(text);
    match text.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    }
}

/// One statement.
pub fn statement(statement: &Value) -> String {
    let Some((name, content)) = single(statement) else {
        return bounded(&statement.to_string());
    };
    let printed = match name {
        "match" => Some(condition(content)),
        "counter" => Some(match content.as_str() {
            Some(name) => format!("counter name {}", quoted(name)),
            None => "counter".to_owned(),
        }),
        "accept" | "drop" | "continue" | "return" | "notrack" => Some(name.to_owned()),
        "jump" | "goto" => text(content, "target").map(|target| format!("{name} {target}")),
        "reject" => Some(reject(content)),
        "vmap" => both(content, "key", "data", |key, data| {
            format!("{} vmap {}", expression(key), map(data, key, &Value::Null))
        }),
        "mangle" => both(content, "key", "value", |key, new| {
            format!("{} set {}", expression(key), new_value(new, key))
        }),
        "limit" => limit(content),
        "log" => Some(log(content)),
        "quota" => quota(content),
        "ct count" => content
            .get("val")
            .map(|limit| format!("ct count {}{limit}", over(content))),
        "set" => change_of_set(content),
        "masquerade" | "redirect" | "dnat" | "snat" => Some(translation(name, content)),
        _ => None,
    };
    printed.unwrap_or_else(|| bounded(&statement.to_string()))
}

/// What a mark becomes, also by a map.
fn new_value(new: &Value, key: &Value) -> String {
    match single(new) {
        Some(("map", content)) => both(content, "key", "data", |read, data| {
            format!("{} map {}", expression(read), map(data, read, key))
        })
        .unwrap_or_else(|| bounded(&new.to_string())),
        _ => value(new, key),
    }
}

/// A condition.
pub fn condition(content: &Value) -> String {
    let (Some(left), Some(right)) = (content.get("left"), content.get("right")) else {
        return bounded(&content.to_string());
    };
    let sign = text(content, "op").unwrap_or("==");
    let printed = value(right, left);
    if let Some(("&", operands)) = single(left)
        && let (Some(inner), Some(Value::Array(_))) = (operands.get(0), operands.get(1))
    {
        let negation = if sign == "!=" { "!= " } else { "" };
        let mask = value(&operands[1], inner);
        return format!("{} {negation}{printed} / {mask}", expression(inner));
    }
    let is_masked = matches!(single(left), Some(("&" | "|" | "^", _)));
    let is_set = matches!(single(right), Some(("set", _))) || printed.starts_with('@');
    let is_implied = match sign {
        "in" => true,
        "==" => !is_masked && (is_set || !is_bits(left)),
        _ => false,
    };
    let left = expression(left);
    if is_implied {
        format!("{left} {printed}")
    } else {
        format!("{left} {sign} {printed}")
    }
}

/// Anything that can be read or compared with.
pub fn expression(expression: &Value) -> String {
    let Some((kind, content)) = single(expression) else {
        return value(expression, &Value::Null);
    };
    let printed = match kind {
        "payload" => match (text(content, "protocol"), text(content, "field")) {
            (Some(protocol), Some(field)) => Some(format!("{protocol} {field}")),
            _ => None,
        },
        "meta" => text(content, "key").map(|key| {
            if IS_KNOWN_WITHOUT_META.contains(&key) {
                key.to_owned()
            } else {
                format!("meta {key}")
            }
        }),
        "ct" => text(content, "key").map(|key| match text(content, "dir") {
            Some(direction) => format!("ct {direction} {key}"),
            None => format!("ct {key}"),
        }),
        "fib" => fib(content),
        "socket" => text(content, "key").map(|key| format!("socket {key}")),
        "tcp option" => text(content, "name").map(|name| match text(content, "field") {
            Some(field) => format!("tcp option {name} {field}"),
            None => format!("tcp option {name}"),
        }),
        "concat" => content.as_array().map(|parts| {
            let parts: Vec<String> = parts.iter().map(self::expression).collect();
            parts.join(" . ")
        }),
        "&" | "|" | "^" => match (content.get(0), content.get(1)) {
            (Some(inner), Some(operand)) => {
                let operand = value(operand, inner);
                Some(format!("{} {kind} {operand}", self::expression(inner)))
            }
            _ => None,
        },
        "map" => both(content, "key", "data", |key, data| {
            format!(
                "{} map {}",
                self::expression(key),
                map(data, key, &Value::Null)
            )
        }),
        "prefix" | "range" | "set" | "elem" => Some(value(expression, &Value::Null)),
        _ => None,
    };
    printed.unwrap_or_else(|| bounded(&expression.to_string()))
}

const IS_KNOWN_WITHOUT_META: [&str; 6] =
    ["iif", "oif", "iifname", "oifname", "iifgroup", "oifgroup"];

/// A value as it is written beside `read`, which tells how.
fn value(value: &Value, read: &Value) -> String {
    match value {
        Value::Number(number) if is_mark(read) => number
            .as_u64()
            .map_or_else(|| number.to_string(), |mark| format!("0x{mark:08x}")),
        Value::Number(number) if is_bits(read) => number
            .as_u64()
            .map_or_else(|| number.to_string(), |bits| format!("0x{bits:x}")),
        Value::String(word) if is_interface(read) && word != "*" && !word.starts_with('@') => {
            quoted(word)
        }
        Value::String(word) => word.clone(),
        Value::Bool(true) => "exists".to_owned(),
        Value::Bool(false) => "missing".to_owned(),
        Value::Array(parts) => {
            let parts: Vec<String> = parts.iter().map(|part| self::value(part, read)).collect();
            parts.join(",")
        }
        Value::Object(_) => structured(value, read),
        Value::Number(_) | Value::Null => value.to_string(),
    }
}

fn structured(value: &Value, read: &Value) -> String {
    let Some((kind, content)) = single(value) else {
        return bounded(&value.to_string());
    };
    let part = |index| content.get(index).map(|part| self::value(part, read));
    match kind {
        "prefix" => match (content.get("addr"), content.get("len")) {
            (Some(address), Some(length)) => format!("{}/{length}", self::value(address, read)),
            _ => bounded(&value.to_string()),
        },
        "range" => match (part(0), part(1)) {
            (Some(first), Some(last)) => format!("{first}-{last}"),
            _ => bounded(&value.to_string()),
        },
        "elem" => content
            .get("val")
            .map_or_else(String::new, |inner| self::value(inner, read)),
        "concat" => {
            let reads = single(read).and_then(|(_, parts)| parts.as_array());
            let parts = content.as_array().into_iter().flatten().enumerate();
            let read_of = |index| {
                reads
                    .and_then(|reads| reads.get(index))
                    .unwrap_or(&Value::Null)
            };
            let parts: Vec<String> = parts
                .map(|(index, part)| self::value(part, read_of(index)))
                .collect();
            parts.join(" . ")
        }
        "set" => {
            let elements: Vec<String> = match content {
                Value::Array(elements) => {
                    elements.iter().map(|one| self::value(one, read)).collect()
                }
                only => vec![self::value(only, read)],
            };
            format!("{{ {} }}", elements.join(", "))
        }
        _ => expression(value),
    }
}

/// `@NAME` or `{ VALUE : DATA, … }`, the data as they are written beside `becomes`.
fn map(data: &Value, read: &Value, becomes: &Value) -> String {
    let Some(("set", Value::Array(pairs))) = single(data) else {
        return value(data, read);
    };
    let pair = |pair: &Value| {
        let (Some(key), Some(data)) = (pair.get(0), pair.get(1)) else {
            return value(pair, read);
        };
        let data = if single(data).is_some_and(|(name, _)| is_verdict(name)) {
            statement(data)
        } else {
            value(data, becomes)
        };
        format!("{} : {data}", value(key, read))
    };
    let pairs: Vec<String> = pairs.iter().map(pair).collect();
    format!("{{ {} }}", pairs.join(", "))
}

fn is_verdict(name: &str) -> bool {
    matches!(
        name,
        "accept" | "drop" | "continue" | "return" | "jump" | "goto" | "queue"
    )
}

fn fib(content: &Value) -> Option<String> {
    let keys: Vec<&str> = match content.get("flags")? {
        Value::String(key) => vec![key],
        keys => keys.as_array()?.iter().filter_map(Value::as_str).collect(),
    };
    Some(format!(
        "fib {} {}",
        keys.join(" . "),
        text(content, "result")?
    ))
}

fn reject(content: &Value) -> String {
    match (text(content, "type"), text(content, "expr")) {
        (Some("icmpx"), Some("port-unreachable")) | (None, _) => "reject".to_owned(),
        (Some(kind), Some(code)) => format!("reject with {kind} {code}"),
        (Some(kind), None) => format!("reject with {kind}"),
    }
}

fn over(content: &Value) -> &'static str {
    match content.get("inv") {
        Some(Value::Bool(true)) => "over ",
        _ => "",
    }
}

fn limit(content: &Value) -> Option<String> {
    let rate = content.get("rate")?;
    let per = text(content, "per").unwrap_or("second");
    let unit = text(content, "rate_unit").filter(|unit| *unit != "packets");
    let unit = unit.map(|unit| format!(" {unit}")).unwrap_or_default();
    let burst = content
        .get("burst")
        .and_then(Value::as_u64)
        .filter(|burst| *burst != 5 && *burst != 0);
    let burst_unit = text(content, "burst_unit").unwrap_or("packets");
    let burst = burst
        .map(|burst| format!(" burst {burst} {burst_unit}"))
        .unwrap_or_default();
    Some(format!(
        "limit rate {}{rate}{unit}/{per}{burst}",
        over(content)
    ))
}

fn quota(content: &Value) -> Option<String> {
    let (limit, unit) = (content.get("val")?, text(content, "val_unit")?);
    Some(format!("quota {}{limit} {unit}", over(content)))
}

fn log(content: &Value) -> String {
    let mut words = vec!["log".to_owned()];
    for key in [
        "prefix",
        "group",
        "snaplen",
        "queue-threshold",
        "level",
        "flags",
    ] {
        match content.get(key) {
            Some(Value::String(word)) if key == "prefix" => {
                words.push(format!("prefix {}", quoted(word)));
            }
            Some(other) => words.push(format!("{key} {}", value(other, &Value::Null))),
            None => {}
        }
    }
    words.join(" ")
}

fn change_of_set(content: &Value) -> Option<String> {
    let element = content.get("elem")?;
    let mut inside = Vec::new();
    match single(element) {
        Some(("elem", inner)) => {
            inside.push(expression(inner.get("val")?));
            let timeout = inner.get("timeout");
            inside.extend(timeout.map(|seconds| format!("timeout {seconds}s")));
        }
        _ => inside.push(expression(element)),
    }
    let with = content.get("stmt").and_then(Value::as_array);
    inside.extend(with.into_iter().flatten().map(statement));
    let (operation, set) = (text(content, "op")?, text(content, "set")?);
    Some(format!("{operation} {set} {{ {} }}", inside.join(" ")))
}

fn translation(name: &str, content: &Value) -> String {
    let mut words = vec![name.to_owned()];
    words.extend(text(content, "family").map(str::to_owned));
    let plain = |key| content.get(key).map(|part| value(part, &Value::Null));
    words.extend(match (plain("addr"), plain("port")) {
        (None, None) => None,
        (Some(address), None) => Some(format!("to {address}")),
        (None, Some(port)) => Some(format!("to :{port}")),
        (Some(address), Some(port)) if address.contains(':') => {
            Some(format!("to [{address}]:{port}"))
        }
        (Some(address), Some(port)) => Some(format!("to {address}:{port}")),
    });
    words.extend(plain("flags"));
    words.join(" ")
}

fn is_mark(read: &Value) -> bool {
    match single(read) {
        Some(("meta" | "ct", content)) => text(content, "key") == Some("mark"),
        Some(("&" | "|" | "^", operands)) => operands.get(0).is_some_and(is_mark),
        _ => false,
    }
}

fn is_bits(read: &Value) -> bool {
    match single(read) {
        Some(("payload", content)) => text(content, "field") == Some("flags"),
        Some(("ct", content)) => matches!(text(content, "key"), Some("state" | "status")),
        _ => false,
    }
}

fn is_interface(read: &Value) -> bool {
    match single(read) {
        Some(("meta", content)) => {
            text(content, "key").is_some_and(|key| IS_KNOWN_WITHOUT_META.contains(&key))
        }
        _ => false,
    }
}

fn both(
    content: &Value,
    first: &str,
    second: &str,
    print: impl Fn(&Value, &Value) -> String,
) -> Option<String> {
    Some(print(content.get(first)?, content.get(second)?))
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}
