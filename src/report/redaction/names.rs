//! Names in place of names: hosts label by label, everything else by its kind and a number.

use std::collections::BTreeMap;

/// What was given another name so far.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// What stands for a name of a kind.
    given: BTreeMap<(Kind, String), String>,
    /// How many of each kind there are.
    count: BTreeMap<Kind, usize>,
    /// The same for running text, whatever the kind.
    known: BTreeMap<String, String>,
}

/// Kinds of names, each numbered on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// The first label of a host name.
    Host,
    /// Another label of it.
    Domain,
    /// The last label of it.
    TopLevel,
    /// A user.
    User,
    /// A program.
    Program,
    /// A folder.
    Folder,
    /// A unit of the system's manager.
    Unit,
    /// A container.
    Container,
    /// What a container was made from.
    Image,
    /// A network interface.
    Interface,
    /// A zone of firewalld.
    Zone,
    /// A chain of a packet filter.
    Chain,
    /// A table of a packet filter.
    Table,
    /// The holder or the signer of a certificate.
    Identity,
    /// A service.
    Service,
    /// The scheme of a URL.
    Scheme,
    /// A source of names.
    Source,
}

impl Kind {
    /// How names of the kind begin. They are data, as host names are: the same in every language.
    fn word(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Domain => "domain",
            Self::TopLevel => "example",
            Self::User => "user",
            Self::Program => "program",
            Self::Folder => "folder",
            Self::Unit => "unit",
            Self::Container => "container",
            Self::Image => "image",
            Self::Interface => "interface",
            Self::Zone => "zone",
            Self::Chain => "chain",
            Self::Table => "table",
            Self::Identity => "identity",
            Self::Service => "service",
            Self::Scheme => "scheme",
            Self::Source => "source",
        }
    }
}

impl Names {
    /// `user-1` for the first user, and for him every time.
    pub(super) fn of(&mut self, kind: Kind, name: &str) -> String {
        if let Some(given) = self.given.get(&(kind, name.to_owned())) {
            return given.clone();
        }
        let count = self.count.entry(kind).or_default();
        *count += 1;
        let given = match (kind, *count) {
            (Kind::TopLevel, 1) => kind.word().to_owned(),
            (_, number) => format!("{}-{number}", kind.word()),
        };
        self.given.insert((kind, name.to_owned()), given.clone());
        // A letter or two are a word of many texts.
        if name.chars().count() > 2 && kind != Kind::TopLevel {
            self.known
                .entry(name.to_lowercase())
                .or_insert_with(|| given.clone());
        }
        given
    }

    /// What stands in running text for a name that was met.
    pub(super) fn known(&self, word: &str) -> Option<&str> {
        self.known.get(&word.to_lowercase()).map(String::as_str)
    }

    /// A host name of as many labels, each of which stands for the same label everywhere: so a
    /// name below another is still below it, and a certificate for another name is still for
    /// another. Labels that have a meaning of their own stay.
    pub(super) fn host(&mut self, name: &str) -> String {
        let name = name.to_lowercase();
        if KEPT_NAMES.contains(&name.as_str()) {
            return name;
        }
        let (body, dot) = name
            .strip_suffix('.')
            .map_or((name.as_str(), ""), |body| (body, "."));
        let labels: Vec<&str> = body.split('.').collect();
        let last = labels.len() - 1;
        let told: Vec<String> = labels
            .iter()
            .enumerate()
            .map(|(at, label)| match at {
                _ if is_kept_label(label) => (*label).to_owned(),
                _ if at == last && last > 0 => {
                    if KEPT_ENDS.contains(label) {
                        (*label).to_owned()
                    } else {
                        self.of(Kind::TopLevel, label)
                    }
                }
                _ => self.label(label, at == 0),
            })
            .collect();
        told.join(".") + dot
    }

    /// A label is the same wherever it stands, and keeps the words that a verdict may rest on.
    fn label(&mut self, label: &str, is_first: bool) -> String {
        for kind in [Kind::Host, Kind::Domain] {
            if let Some(given) = self.given.get(&(kind, label.to_owned())) {
                return with_hint(given, label);
            }
        }
        let kind = if is_first { Kind::Host } else { Kind::Domain };
        let given = self.of(kind, label);
        with_hint(&given, label)
    }
}

/// `host-1-portal` for `guest-portal`: the words that tell a page to sign in at, or a protocol.
fn with_hint(given: &str, label: &str) -> String {
    match hint(label) {
        Some(hint) => format!("{given}-{hint}"),
        None => given.to_owned(),
    }
}

/// The word within a text that a verdict may rest on, where there is one.
pub(super) fn hint(text: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    HINTS.into_iter().find(|hint| text.contains(hint))
}

/// What rules look for within names and paths, the more telling first.
const HINTS: [&str; 12] = [
    "captive", "hotspot", "portal", "wifi", "guest", "login", "signin", "sign-in", "splash",
    "auth", "smtp", "ftp",
];

/// Labels that say nothing of whose name it is: `www`, a wildcard, and those of services (`_tcp`).
fn is_kept_label(label: &str) -> bool {
    let service = |name: &str| {
        matches!(name, "tcp" | "udp" | "tls") || crate::target::known_port::scheme(name).is_some()
    };
    label.is_empty()
        || matches!(label, "www" | "*" | "localhost")
        || label.strip_prefix('_').is_some_and(service)
}

/// Ends of names that are asked for in a way of their own (RFC 6761, RFC 6762, RFC 8375), or that
/// many networks use.
const KEPT_ENDS: [&str; 11] = [
    "arpa",
    "home",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "onion",
    "test",
];

/// Names that are the same on many machines.
const KEPT_NAMES: [&str; 4] = [
    "host.docker.internal",
    "gateway.docker.internal",
    "kubernetes.docker.internal",
    "host.containers.internal",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_name_keeps_its_shape_and_loses_its_words() {
        let mut names = Names::default();
        for (before, after) in [
            ("db.corp.acme.com", "host-1.domain-1.domain-2.example"),
            ("www.acme.com.", "www.domain-2.example."),
            ("*.acme.com", "*.domain-2.example"),
            ("ACME.com", "domain-2.example"),
            ("acme.org", "domain-2.example-2"),
            ("db", "host-1"),
            ("localhost", "localhost"),
            ("printer.local", "host-2.local"),
            ("ketnoi-51ab.invalid", "host-3.invalid"),
            ("_mongodb._tcp.acme.com", "_mongodb._tcp.domain-2.example"),
            ("host.docker.internal", "host.docker.internal"),
            ("guest-wifi.acme.com", "host-4-wifi.domain-2.example"),
            ("", ""),
        ] {
            assert_eq!(names.host(before), after, "{before}");
        }
    }

    #[test]
    fn a_name_is_found_again_in_running_text() {
        let mut names = Names::default();
        assert_eq!(names.of(Kind::User, "alice"), "user-1");
        assert_eq!(names.of(Kind::User, "bob"), "user-2");
        assert_eq!(names.of(Kind::Container, "alice"), "container-1");
        assert_eq!(names.known("Alice"), Some("user-1"));
        assert_eq!(names.known("carol"), None);
    }
}
