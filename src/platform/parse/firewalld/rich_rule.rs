//! firewalld's rich language (firewalld.richlanguage(5)), read for one connection.

use super::{Service, covers, is_tcp};
use crate::evidence::Policy;
use crate::platform::incoming::{Applies, Incoming, Network, Rule};

/// A rich rule that has to do with the connection.
pub(super) struct RichRule {
    /// Negative: before all else. Positive: after all else.
    pub priority: i32,
    /// What it does.
    pub rule: Rule,
}

impl RichRule {
    /// By priority; of equal ones those that deny come first.
    pub fn order(&self) -> (i32, bool) {
        (self.priority, self.rule.does == Some(Policy::Allow))
    }

    /// Stands among the zone's ports and services.
    pub fn is_plain_allow(&self) -> bool {
        self.priority == 0 && self.rule.does == Some(Policy::Allow)
    }
}

/// `rule [priority="P"] [family="F"] [source [not] address="A"] [destination …] ELEMENT … ACTION`.
/// Nothing for one that decides nothing.
pub(super) fn read(text: &str, connection: &Incoming) -> Option<RichRule> {
    let words = words(text);
    let parts = parts(&words);
    let head = parts.first()?;
    let priority = match head.attribute("priority") {
        Some(priority) => priority.parse().ok()?,
        None => 0,
    };
    let does = parts.iter().find_map(|part| match part.name {
        "accept" => Some(Some(Policy::Allow)),
        "drop" => Some(Some(Policy::Drop)),
        "reject" => Some(Some(Policy::Reject)),
        // Where it leads is not seen.
        "forward-port" => Some(None),
        _ => None,
    })?;
    let applies = parts.iter().map(|part| part.applies(connection)).min()?;
    Some(RichRule {
        priority,
        rule: Rule {
            applies,
            does,
            text: text.to_owned(),
        },
    })
}

/// A word of the language with its attributes.
struct Part<'a> {
    name: &'a str,
    negated: bool,
    attributes: Vec<(&'a str, &'a str)>,
}

impl Part<'_> {
    fn attribute(&self, name: &str) -> Option<&str> {
        let mut all = self.attributes.iter();
        all.find(|(key, _)| *key == name).map(|(_, value)| *value)
    }

    fn applies(&self, connection: &Incoming) -> Applies {
        let holds = self.holds(connection).unwrap_or(Applies::Sometimes);
        if self.negated { holds.negated() } else { holds }
    }

    /// Whether the connection fits; nothing where that is not understood.
    fn holds(&self, connection: &Incoming) -> Option<Applies> {
        match self.name {
            "rule" => {
                let family = self.attribute("family");
                let is_ours = family.is_none_or(|name| (name == "ipv6") == connection.v6);
                Some(Applies::when(is_ours))
            }
            "source" => Some(connection.is_from(Network::parse(self.attribute("address")?)?)),
            "destination" => Some(connection.is_to(Network::parse(self.attribute("address")?)?)),
            "port" => {
                let is_tcp = self.attribute("protocol") == Some("tcp");
                let is_ours = covers(self.attribute("port")?, connection.port);
                Some(Applies::when(is_tcp && is_ours))
            }
            "service" => Some(Service::named(self.attribute("name")?).holds(connection.port)),
            "protocol" => Some(is_tcp(self.attribute("value")?)),
            // Packets of other kinds.
            "icmp-block" | "icmp-type" => Some(Applies::Never),
            "log" | "nflog" | "audit" | "accept" | "drop" | "reject" => Some(Applies::Always),
            // How often it acts, and what we do not know.
            _ => None,
        }
    }
}

fn parts(words: &[String]) -> Vec<Part<'_>> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    for word in words {
        let word = word.as_str();
        match (word.split_once('='), parts.last_mut()) {
            (Some(attribute), Some(part)) => part.attributes.push(attribute),
            (None, Some(part)) if word.eq_ignore_ascii_case("not") => part.negated = true,
            (Some(_), None) | (None, _) => parts.push(Part {
                name: word,
                negated: false,
                attributes: Vec::new(),
            }),
        }
    }
    parts
}

/// Words without their quotes; quotes hold spaces together.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in text.chars() {
        match character {
            '"' => quoted = !quoted,
            ' ' | '\t' if !quoted => words.push(String::new()),
            other => words.last_mut().expect("begun with one").push(other),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
