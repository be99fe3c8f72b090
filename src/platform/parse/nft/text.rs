//! `nft list ruleset`, with or without `-a` and `-s`: tables, chains, sets and their elements.

use super::rule::{Cursor, rule};
use super::words::{unquoted, words};
use super::{MOST_BYTES, print, selector};
use crate::evidence::Policy;
use crate::platform::ruleset::{
    Base, Chain, Family, Hook, Kind, Listing, Rule, Ruleset, Selector, Set, Table, parse_number,
};

/// The rules that `nft list ruleset` shows; nothing when the text is no such listing, or does not
/// go to its end.
#[must_use]
pub fn from_text(text: &str) -> Option<Ruleset> {
    if text.len() > MOST_BYTES {
        return None;
    }
    let mut lines = Lines::of(text);
    let mut ruleset = Ruleset::default();
    while let Some(line) = lines.next() {
        let words = words(line);
        let ["table", family, name, "{"] = *strs(&words) else {
            return None;
        };
        let mut table = Table::new(Family::named(family)?, unquoted(name), Listing::Nft);
        read_table(&mut lines, &mut table)?;
        ruleset.tables.push(table);
    }
    Some(ruleset)
}

/// The lines that say something.
struct Lines<'a> {
    lines: std::iter::Enumerate<std::str::Lines<'a>>,
    number: usize,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        Self {
            lines: text.lines().enumerate(),
            number: 0,
        }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        self.lines.find_map(|(number, line)| {
            self.number = number;
            let line = line.trim();
            (!line.is_empty() && !line.starts_with('#')).then_some(line)
        })
    }
}

fn strs(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

fn read_table(lines: &mut Lines<'_>, table: &mut Table) -> Option<()> {
    loop {
        let words = words(lines.next()?);
        match strs(&words).as_slice() {
            ["}"] => return Some(()),
            ["flags", flags @ ..] => table.dormant = flags.contains(&"dormant"),
            ["chain", name, "{"] => read_chain(lines, table, unquoted(name))?,
            ["set" | "map", name, "{"] => {
                let set = read_set(lines)?;
                let known = table.sets.entry(unquoted(name).to_owned()).or_default();
                known.elements = set.elements;
            }
            [.., "{"] => skip_block(lines)?,
            _ => {}
        }
    }
}

/// A counter, a quota, a flow table: what is in it decides nothing.
fn skip_block(lines: &mut Lines<'_>) -> Option<()> {
    let mut depth = 1_usize;
    while depth > 0 {
        for word in words(lines.next()?) {
            match word.as_str() {
                "{" => depth += 1,
                "}" => depth = depth.checked_sub(1)?,
                _ => {}
            }
        }
    }
    Some(())
}

fn read_chain(lines: &mut Lines<'_>, table: &mut Table, name: &str) -> Option<()> {
    let mut chain = Chain::default();
    loop {
        let line = lines.next()?;
        let words = words(line);
        match strs(&words).as_slice() {
            ["}"] => break,
            ["comment", _] => {}
            ["type", kind, "hook", rest @ ..] => {
                chain.base = Some(base(table.family, kind, rest, lines.number)?);
            }
            _ => {
                let (statements, changed) = rule(&words);
                for set in changed {
                    table.sets.entry(set).or_default().changing = true;
                }
                chain.rules.push(Rule {
                    handle: handle(line),
                    text: print::bounded(without_handle(line)),
                    statements,
                });
            }
        }
    }
    table.chains.insert(name.to_owned(), chain);
    Some(())
}

/// What `-a` adds to each line.
const HANDLE: &str = " # handle ";

fn handle(line: &str) -> Option<u64> {
    line.rsplit_once(HANDLE)?.1.parse().ok()
}

fn without_handle(line: &str) -> &str {
    handle(line)
        .and_then(|_| line.rsplit_once(HANDLE))
        .map_or(line, |(rule, _)| rule)
}

/// `input device "lo" priority filter + 10; policy drop;`.
fn base(family: Family, kind: &str, words: &[&str], order: usize) -> Option<Base> {
    let (hook, rest) = words.split_first()?;
    let at = rest.iter().position(|word| *word == "priority")?;
    let devices = rest[..at].iter().filter_map(|word| word.strip_prefix('"'));
    let mut parts = rest[at + 1..].split(|word| *word == ";");
    let priority = priority(family, parts.next()?)?;
    let policy = parts.find_map(|part| match part {
        ["policy", policy] => Some(*policy),
        _ => None,
    });
    Some(Base {
        kind: match kind {
            "nat" => Kind::Nat,
            "route" => Kind::Route,
            _ => Kind::Filter,
        },
        hook: Hook::named(hook)?,
        priority,
        policy: match policy {
            Some("drop") => Policy::Drop,
            _ => Policy::Allow,
        },
        devices: devices.map(str::to_owned).collect(),
        order,
    })
}

/// `filter`, `filter + 10`, `-300` (nft(8), "Standard priority names").
fn priority(family: Family, words: &[&str]) -> Option<i64> {
    let (name, offset) = match words {
        [name] => (name, 0),
        [name, "+", offset] => (name, offset.parse().ok()?),
        [name, "-", offset] => (name, -offset.parse::<i64>().ok()?),
        _ => return None,
    };
    let bridged = family == Family::Bridge;
    let value = match *name {
        "raw" => -300,
        "mangle" => -150,
        "dstnat" if bridged => -300,
        "dstnat" => -100,
        "filter" if bridged => -200,
        "filter" => 0,
        "security" => 50,
        "srcnat" if bridged => 300,
        "srcnat" | "out" => 100,
        number => number.parse().ok()?,
    };
    i64::checked_add(value, offset)
}

fn read_set(lines: &mut Lines<'_>) -> Option<Set> {
    let mut types = Vec::new();
    let mut set = Set::default();
    loop {
        let mut words = words(lines.next()?);
        match strs(&words).as_slice() {
            ["}"] => return Some(set),
            ["type", names @ ..] => {
                let keys = names.iter().take_while(|word| **word != ":");
                let keys = keys.filter(|word| !matches!(**word, "." | ";"));
                types = keys.map(|name| selector::of_type(name)).collect();
            }
            ["typeof", ..] => types = typeof_selectors(&words[1..]),
            ["elements", "=", "{", ..] => {
                while !is_closed(&words) {
                    words.extend(super::words::words(lines.next()?));
                }
                let mut cursor = Cursor::new(&words[2..]);
                set.elements = cursor.elements(&types);
            }
            _ => {}
        }
    }
}

fn typeof_selectors(words: &[String]) -> Vec<Selector> {
    Cursor::new(words).selectors().unwrap_or_default()
}

fn is_closed(words: &[String]) -> bool {
    let count = |brace: &str| words.iter().filter(|word| *word == brace).count();
    count("{") <= count("}")
}

/// A number of a listing that fits 32 bits.
pub fn mark_number(word: &str) -> Option<u32> {
    u32::try_from(parse_number(word)?).ok()
}
