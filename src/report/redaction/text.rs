//! Running text that somebody else wrote: banners, errors, rules. A word stays when it is one of a
//! list that says nothing of anybody, a number when it is short; names and addresses become what
//! stands for them elsewhere; of everything else an ellipsis is left.

use std::net::{IpAddr, SocketAddr};

use super::Redactor;
use super::names::{Kind, hint};

/// What stands for what was left out.
pub(super) const LEFT_OUT: char = '…';

impl Redactor {
    /// The text with nothing in it that tells of whom it is.
    pub(super) fn text(&mut self, text: &str) -> String {
        let mut told = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if let Some((escape, length)) = escape(rest) {
                push(&mut told, escape);
                rest = &rest[length..];
            } else if is_of_word(first) {
                let end = rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
                let word = self.word(&rest[..end]);
                push(&mut told, &word);
                rest = &rest[end..];
            } else {
                // Marks are the text's own shape. Letters of other scripts are words (above).
                let mark = if first.is_ascii() { first } else { LEFT_OUT };
                push(&mut told, mark.encode_utf8(&mut [0; 4]));
                rest = &rest[first.len_utf8()..];
            }
        }
        told
    }

    /// One word with what closes a sentence around it.
    fn word(&mut self, word: &str) -> String {
        let start = word.trim_start_matches(SURROUNDS);
        let core = start.trim_end_matches(SURROUNDS);
        let before = &word[..word.len() - start.len()];
        let after = &start[core.len()..];
        // `::1` begins with what surrounds other words.
        if let Some(told) = self.literal(word) {
            return told;
        }
        format!("{before}{}{after}", self.core(core))
    }

    fn core(&mut self, word: &str) -> String {
        if word.is_empty() {
            return String::new();
        }
        if let Some(told) = self.literal(word) {
            return told;
        }
        if is_kept(word) {
            return word.to_owned();
        }
        if let Some(known) = self.names.known(word) {
            return known.to_owned();
        }
        if let Some((user, host)) = word.split_once('@')
            && !user.is_empty()
        {
            let user = self.user(user);
            return format!("{user}@{}", self.core(host));
        }
        if word.contains(':') {
            if is_hardware_address(word, ':') {
                return LEFT_OUT.to_string();
            }
            let parts: Vec<String> = word.split(':').map(|part| self.core(part)).collect();
            return parts.join(":");
        }
        if is_host_name(word) {
            return self.names.host(word);
        }
        let parts = word.split_inclusive(['-', '_', '+', '~', '@', '%', '=']);
        let parts: Vec<&str> = parts.collect();
        if parts.len() > 1 && !is_hardware_address(word, '-') {
            let mut told = String::new();
            for part in parts {
                let core = part.trim_end_matches(['-', '_', '+', '~', '@', '%', '=']);
                push(&mut told, &self.core(core));
                told.push_str(&part[core.len()..]);
            }
            return told;
        }
        self.plain(word)
    }

    /// A word without marks but dots.
    fn plain(&self, word: &str) -> String {
        let is_port = word.parse().is_ok_and(|port| self.ports.contains(&port));
        if is_port || is_number(word) || word.split('.').all(super::words::is_plain) {
            return word.to_owned();
        }
        match hint(word) {
            Some(hint) => format!("{LEFT_OUT}{hint}{LEFT_OUT}"),
            None => LEFT_OUT.to_string(),
        }
    }

    /// An address, with its zone or its port.
    fn literal(&mut self, word: &str) -> Option<String> {
        if let Ok(addr) = word.parse::<SocketAddr>() {
            return Some(self.addresses.endpoint(addr).to_string());
        }
        let (address, zone) = word
            .split_once('%')
            .map_or((word, None), |(address, zone)| (address, Some(zone)));
        let ip: IpAddr = address.parse().ok()?;
        let ip = self.addresses.address(ip);
        Some(match zone {
            Some(zone) => format!("{ip}%{}", self.interface(zone)),
            None => ip.to_string(),
        })
    }

    /// A user's name; those that every system has stay.
    pub(super) fn user(&mut self, user: &str) -> String {
        if KEPT_USERS.contains(&user) {
            return user.to_owned();
        }
        self.names.of(Kind::User, user)
    }
}

/// Adds to a text; what was left out in several pieces was left out once.
fn push(told: &mut String, more: &str) {
    let more = if told.ends_with(LEFT_OUT) {
        more.trim_start_matches(LEFT_OUT)
    } else {
        more
    };
    told.push_str(more);
}

/// An escape at the start of a text, as the evidence has them, and its length. A byte that may be
/// part of a letter is left out.
fn escape(text: &str) -> Option<(&str, usize)> {
    let escape = text.strip_prefix('\\')?;
    for plain in ["r", "n", "\\"] {
        if escape.starts_with(plain) {
            return Some((&text[..2], 2));
        }
    }
    let byte = u8::from_str_radix(escape.strip_prefix('x')?.get(..2)?, 16).ok()?;
    // 255 begins an error of MySQL's, and is part of no letter in UTF-8.
    let is_harmless = byte < b' ' || byte == u8::MAX;
    Some((if is_harmless { &text[..4] } else { "…" }, 4))
}

fn is_of_word(character: char) -> bool {
    character.is_alphanumeric() || ".-_@:%+~".contains(character)
}

/// What stands around a word without being part of it.
const SURROUNDS: [char; 8] = ['.', ':', '-', '+', '_', '~', '%', '@'];

/// A letter alone, a number of at most three digits, or a word of the list.
fn is_kept(word: &str) -> bool {
    let is_letter = word.len() == 1 && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_short = (1..=3).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit());
    is_letter || is_short || super::words::is_plain(word)
}

/// A version or its like: at most three parts, each of one or two digits, with a letter in the last
/// as in `9.2p1`.
fn is_number(word: &str) -> bool {
    if matches!(word, "003.003" | "003.007" | "003.008") {
        return true;
    }
    let parts: Vec<&str> = word.split('.').collect();
    let is_part = |part: &str| {
        let digits = |text: &str| text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        let cut = part.find(|c: char| c.is_ascii_lowercase());
        part.starts_with(|c: char| c.is_ascii_digit())
            && match cut {
                Some(at) => digits(&part[..at]) && digits(&part[at + 1..]),
                None => digits(part),
            }
    };
    let is_version = |part: &&str| part.strip_prefix('v').map_or(is_part(part), is_part);
    parts.len() <= 3
        && parts.first().is_some_and(is_version)
        && parts[1..].iter().all(|p| is_part(p))
}

/// At least two labels of letters and digits, the last of them letters: and no file.
pub(super) fn is_host_name(word: &str) -> bool {
    let labels: Vec<&str> = word.split('.').collect();
    let is_label = |label: &&str| {
        !label.is_empty()
            && label
                .chars()
                .all(|c| c.is_alphanumeric() || "-_".contains(c))
    };
    let last = labels.last().copied().unwrap_or_default();
    labels.len() > 1
        && labels.iter().all(is_label)
        && last.chars().count() > 1
        && last.chars().all(char::is_alphabetic)
        && !FILES.contains(&last.to_ascii_lowercase().as_str())
}

fn is_hardware_address(word: &str, between: char) -> bool {
    let parts: Vec<&str> = word.split(between).collect();
    let is_byte = |part: &&str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_hexdigit());
    parts.len() == 6 && parts.iter().all(is_byte)
}

/// Endings of files, which are no domains.
const FILES: [&str; 24] = [
    "cfg", "cnf", "conf", "cpp", "crt", "exe", "html", "ini", "jar", "js", "json", "key", "log",
    "pem", "php", "pid", "rs", "scope", "service", "slice", "sock", "socket", "toml", "yaml",
];

/// Users that every system has.
const KEPT_USERS: [&str; 9] = [
    "0",
    "root",
    "daemon",
    "nobody",
    "www-data",
    "SYSTEM",
    "LOCAL SERVICE",
    "NETWORK SERVICE",
    "systemd-resolve",
];
