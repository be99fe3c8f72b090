//! Lists of targets that no proxy is for. Every place has a spelling of its own.

use std::net::IpAddr;

use super::WebTarget;
use crate::evidence::InterfaceAddress;

/// A list of exceptions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exceptions {
    entries: Vec<String>,
    spelling: Spelling,
    /// Everything but the list is exempt.
    reversed: bool,
}

/// What a name in the list stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spelling {
    /// Itself and every name below it, as `no_proxy` has it (curl(1)) and GNOME.
    #[default]
    Domains,
    /// Whatever ends in it, as KDE has it.
    Endings,
    /// Itself, with `*` for any letters, as Windows and macOS have it.
    Patterns,
}

impl Exceptions {
    /// The entries of a text, which commas, semicolons or spaces separate.
    #[must_use]
    pub fn in_text(text: &str, spelling: Spelling) -> Self {
        let parts = text.split([',', ';', ' ', '\t', '\r', '\n']);
        Self::of(parts.map(str::to_owned).collect(), spelling)
    }

    /// These entries.
    #[must_use]
    pub fn of(entries: Vec<String>, spelling: Spelling) -> Self {
        let mut entries = entries;
        entries.truncate(MOST_ENTRIES);
        Self {
            entries,
            spelling,
            reversed: false,
        }
    }

    /// The proxy is for the entries only.
    #[must_use]
    pub fn reversed(mut self, reversed: bool) -> Self {
        self.reversed = reversed;
        self
    }

    /// Whether no proxy is for the target.
    #[must_use]
    pub fn have(&self, target: &WebTarget) -> bool {
        let has = |entry: &String| is_for(entry.trim(), self.spelling, target);
        self.entries.iter().any(has) != self.reversed
    }
}

/// Longer lists are nobody's.
const MOST_ENTRIES: usize = 10_000;

/// Whether an entry is for the target: a name, an address, a network such as `10.0.0.0/8`, each
/// with a port or without; `*` for all, `<local>` for names without a dot.
fn is_for(entry: &str, spelling: Spelling, target: &WebTarget) -> bool {
    let entry = entry.to_ascii_lowercase();
    let entry = match entry.split_once("://") {
        Some((scheme, rest)) => {
            if (scheme == "https") != target.https {
                return false;
            }
            rest
        }
        None => entry.as_str(),
    };
    let Some(entry) = without_port(entry, target.port) else {
        return false;
    };
    if entry.is_empty() {
        return false;
    }
    let host = target.host.as_str();
    let ip = target.ip();
    if entry == "<local>" {
        return ip.is_none() && !host.contains('.');
    }
    let bare = entry.trim_start_matches('[').trim_end_matches(']');
    if entry == "*" || bare == host || ip.is_some_and(|ip| is_in_network(entry, ip)) {
        return true;
    }
    match spelling {
        Spelling::Domains => {
            let domain = entry.trim_start_matches("*.").trim_start_matches('.');
            let before = host.strip_suffix(domain);
            let is_below = |left: &str| left.is_empty() || left.ends_with('.');
            ip.is_none() && !domain.is_empty() && before.is_some_and(is_below)
        }
        Spelling::Endings => ip.is_none() && host.ends_with(entry.trim_start_matches('*')),
        Spelling::Patterns if entry.starts_with('.') => host.ends_with(entry),
        Spelling::Patterns => fits(entry, host),
    }
}

/// The entry without its port; nothing when that is another one.
fn without_port(entry: &str, port: u16) -> Option<&str> {
    match entry.rsplit_once(':') {
        Some((name, digits)) if !name.contains(':') || name.ends_with(']') => {
            (digits.parse() == Ok(port)).then_some(name)
        }
        _ => Some(entry),
    }
}

/// Whether a text fits a pattern in which `*` stands for any letters. Linear in their product.
fn fits(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else {
        return rest.is_empty();
    };
    for piece in pieces {
        let Some(at) = rest.find(piece) else {
            return false;
        };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
}

/// Whether an address is in a network; macOS leaves out what is zero, as in `169.254/16`.
fn is_in_network(entry: &str, ip: IpAddr) -> bool {
    let Some((network, prefix)) = entry.split_once('/') else {
        return false;
    };
    let missing = 3_usize.saturating_sub(network.matches('.').count());
    let whole = if network.contains(':') {
        network.to_owned()
    } else {
        format!("{network}{}", ".0".repeat(missing))
    };
    let (Ok(network), Ok(prefix)) = (whole.parse::<IpAddr>(), prefix.parse::<u8>()) else {
        return false;
    };
    InterfaceAddress {
        ip: network,
        prefix,
    }
    .contains(ip)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_are_names_domains_addresses_and_networks() {
        for (list, host, exempt) in [
            ("*", "db.example", true),
            ("localhost, db.example", "db.example", true),
            (".example", "db.example", true),
            ("example", "db.example", true),
            ("*.example", "db.example", true),
            ("ample", "db.example", false),
            ("db.example:443", "db.example", true),
            ("db.example:80", "db.example", false),
            ("10.0.0.0/8", "10.77.1.10", true),
            ("10.0.0.0/8", "192.0.2.1", false),
            ("10.77.1.10", "10.77.1.10", true),
            ("1.10", "10.77.1.10", false),
            ("[fd77::1]:443", "fd77::1", true),
            ("[fd77::1]:80", "fd77::1", false),
            ("fd77::/16", "fd77::1", true),
            ("DB.Example", "db.example", true),
            ("", "db.example", false),
            (".", "db.example", false),
        ] {
            check(list, Spelling::Domains, host, exempt);
        }
    }

    #[test]
    fn kde_exempts_whatever_ends_so() {
        check("ample", Spelling::Endings, "db.example", true);
        check("*.example", Spelling::Endings, "db.example", true);
        check("example.org", Spelling::Endings, "db.example", false);
        check("1.10", Spelling::Endings, "10.77.1.10", false);
        check("10.77.0.0/16", Spelling::Endings, "10.77.1.10", true);
    }

    #[test]
    fn windows_and_macos_have_patterns() {
        for (list, host, exempt) in [
            ("*.corp;<local>", "db.corp", true),
            ("*.corp;<local>", "intranet", true),
            ("*.corp;<local>", "db.example", false),
            ("<local>", "10.77.1.10", false),
            ("<local>", "fd77::1", false),
            ("<-loopback>", "db", false),
            ("10.*", "10.77.1.10", true),
            ("10.*.1.*", "10.77.1.10", true),
            ("10.*.2.*", "10.77.1.10", false),
            ("corp", "db.corp", false),
            ("https://*.corp", "db.corp", true),
            ("http://*.corp", "db.corp", false),
            ("*db*", "my.db.corp", true),
            ("169.254/16", "169.254.7.7", true),
            ("a*a", "a", false),
        ] {
            check(list, Spelling::Patterns, host, exempt);
        }
    }

    #[test]
    fn a_reversed_list_names_what_the_proxy_is_for() {
        let list = Exceptions::in_text("db.example", Spelling::Endings).reversed(true);
        assert!(!list.have(&WebTarget::new("db.example", 443, true)));
        assert!(list.have(&WebTarget::new("other.example", 443, true)));
    }

    fn check(list: &str, spelling: Spelling, host: &str, exempt: bool) {
        let target = WebTarget::new(host, 443, true);
        let list = Exceptions::in_text(list, spelling);
        assert_eq!(list.have(&target), exempt, "{list:?} {host}");
    }
}
