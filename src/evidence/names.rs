//! How this machine is set up to look names up, and what its resolvers say about names that
//! cannot exist.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{DirectAnswer, Fact};

/// The settings that decide who is asked for a name's addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameSettings {
    /// What the hosts file (hosts(5)) says about the asked name; known and empty: nothing.
    #[serde(default)]
    pub hosts_file: Fact<Vec<IpAddr>>,
    /// The sources of names in their order, as `hosts:` in nsswitch.conf(5) has them, conditions
    /// such as `[NOTFOUND=return]` included; known and empty: the file leaves it to the system.
    #[serde(default)]
    pub sources: Fact<Vec<String>>,
    /// The configured DNS servers (resolv.conf(5)); known and empty: none is.
    #[serde(default)]
    pub resolvers: Fact<Vec<IpAddr>>,
    /// The domains that complete short names.
    #[serde(default)]
    pub search: Vec<String>,
    /// A name with fewer dots is completed before it is asked for as it is.
    #[serde(default)]
    pub ndots: Option<u8>,
}

impl NameSettings {
    /// Whether DNS is among the sources of names; nothing when they are not known.
    ///
    /// `resolve` is systemd-resolved (nss-resolve(8)), which asks DNS servers of its own.
    #[must_use]
    pub fn asks_dns(&self) -> Option<bool> {
        self.leads_to(|source| matches!(source, "dns" | "resolve"))
    }

    /// Whether something here speaks multicast DNS (RFC 6762) when a name is looked up.
    #[must_use]
    pub fn asks_neighbours(&self) -> Option<bool> {
        self.leads_to(|source| source.starts_with("mdns") || source == "resolve")
    }

    /// Whether names may come from systemd-resolved, which has its own list of servers.
    #[must_use]
    pub fn asks_resolved(&self) -> Option<bool> {
        self.leads_to(|source| source == "resolve")
    }

    /// A source stands behind no condition that ends the search at "no such name". The condition
    /// after a source that answers for `.local` only does not end it for other names.
    fn leads_to(&self, is_wanted: impl Fn(&str) -> bool) -> Option<bool> {
        let sources = self.sources.known()?;
        if sources.is_empty() {
            return Some(is_wanted("dns"));
        }
        let mut before = "";
        for source in sources {
            if is_wanted(source) {
                return Some(true);
            }
            let ends = source.eq_ignore_ascii_case("[NOTFOUND=return]");
            if ends && !before.starts_with("mdns") {
                return Some(false);
            }
            before = source;
        }
        Some(false)
    }

    /// The domains that `name` is completed with before it is asked for as it is (resolv.conf(5),
    /// `search` and `ndots`).
    #[must_use]
    pub fn completions(&self, name: &str) -> &[String] {
        let dots = name.matches('.').count();
        let is_short = dots < usize::from(self.ndots.unwrap_or(1)) && !name.ends_with('.');
        if is_short { &self.search } else { &[] }
    }
}

/// What a resolver said about a name that was made up for the question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventedName {
    /// The name: below `.invalid`, where none exists (RFC 6761, 6.4), or below a domain that
    /// completes short names.
    pub name: String,
    /// What was said about it.
    pub answer: DirectAnswer,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(line: &str) -> NameSettings {
        NameSettings {
            sources: Fact::Known(line.split_whitespace().map(str::to_owned).collect()),
            ..NameSettings::default()
        }
    }

    #[test]
    fn dns_is_asked_unless_left_out_or_cut_off() {
        for (line, asks) in [
            ("files dns", true),
            ("files mdns4_minimal [NOTFOUND=return] dns", true),
            ("resolve [!UNAVAIL=return] dns", true),
            ("files resolve", true),
            ("files", false),
            ("files [NOTFOUND=return] dns", false),
            ("", true),
        ] {
            assert_eq!(sources(line).asks_dns(), Some(asks), "{line}");
        }
        assert_eq!(NameSettings::default().asks_dns(), None);
    }

    #[test]
    fn neighbours_are_asked_by_mdns_and_resolved_only() {
        for (line, asks) in [
            ("files dns", false),
            ("files mdns4_minimal [NOTFOUND=return] dns", true),
            ("files resolve", true),
            ("", false),
        ] {
            assert_eq!(sources(line).asks_neighbours(), Some(asks), "{line}");
        }
    }

    #[test]
    fn only_short_names_are_completed_first() {
        let settings = NameSettings {
            search: vec!["corp.test".to_owned()],
            ..NameSettings::default()
        };
        assert_eq!(settings.completions("db"), ["corp.test"]);
        assert_eq!(settings.completions("db."), [] as [String; 0]);
        assert_eq!(settings.completions("db.lab.test"), [] as [String; 0]);
        let kubernetes = NameSettings {
            ndots: Some(5),
            ..settings
        };
        assert_eq!(kubernetes.completions("db.lab.test").len(), 1);
    }
}
