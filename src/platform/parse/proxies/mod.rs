//! Where systems and desktops keep their proxies: one file per place, and what they share.

pub mod exceptions;
pub mod gnome;
pub mod internet_settings;
pub mod kioslaverc;
pub mod macos;
pub mod variables;

use std::net::IpAddr;

use crate::evidence::{Proxy, ProxyKind, ProxyRule};
use exceptions::Exceptions;

/// The web target that a proxy is wanted for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebTarget {
    /// Its name, in ASCII, or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whether it is asked over TLS.
    pub https: bool,
}

impl WebTarget {
    /// The target at `host`.
    #[must_use]
    pub fn new(host: &str, port: u16, https: bool) -> Self {
        Self {
            host: host.trim_end_matches('.').to_ascii_lowercase(),
            port,
            https,
        }
    }

    fn ip(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

/// What an address of a proxy and its exceptions say for the target.
fn rule(proxy: Proxy, exceptions: &Exceptions, target: &WebTarget) -> ProxyRule {
    if exceptions.have(target) {
        ProxyRule::Exempt(proxy)
    } else {
        ProxyRule::Through(proxy)
    }
}

/// The parts of `http://user:password@host:port/`, without what is secret. Where no scheme is
/// told it is HTTP.
#[must_use]
pub fn address(value: &str) -> Option<Proxy> {
    address_of(value, ProxyKind::Http)
}

/// As [`address`], where the setting tells what the proxy speaks and a scheme need not.
fn address_of(value: &str, unless_told: ProxyKind) -> Option<Proxy> {
    let (kind, rest) = match value.trim().split_once("://") {
        Some((scheme, rest)) => (kind(scheme)?, rest),
        None => (unless_told, value.trim()),
    };
    let (host, port) = host_and_port(rest)?;
    let usual_port = match kind {
        ProxyKind::Http => 80,
        ProxyKind::Https => 443,
        ProxyKind::Socks => 1080,
    };
    Some(Proxy {
        host,
        port: port.unwrap_or(usual_port),
        kind,
    })
}

fn kind(scheme: &str) -> Option<ProxyKind> {
    match scheme.to_ascii_lowercase().as_str() {
        "http" => Some(ProxyKind::Http),
        "https" => Some(ProxyKind::Https),
        "socks" | "socks4" | "socks4a" | "socks5" | "socks5h" => Some(ProxyKind::Socks),
        _ => None,
    }
}

/// A proxy whose host and port are kept apart. A port of 0 is none.
fn apart(host: &str, port: Option<u16>, kind: ProxyKind) -> Option<Proxy> {
    let port = port.filter(|port| *port != 0)?;
    let with_scheme = address_of(host.trim(), kind)?;
    Some(Proxy {
        port,
        kind,
        ..with_scheme
    })
}

/// What an address of a script says for any target: its host, and nothing of what may be secret.
fn script(url: &str) -> ProxyRule {
    let host = url
        .trim()
        .split_once("://")
        .and_then(|(_, rest)| host_and_port(rest))
        .map(|(host, _)| host);
    ProxyRule::Script { host }
}

/// The host and port of what follows a scheme, without user, password, path and query.
fn host_and_port(rest: &str) -> Option<(String, Option<u16>)> {
    let (authority, behind) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    // A password with such a letter in it, not encoded: what would be left is no host.
    if behind.contains('@') {
        return None;
    }
    let authority = authority.rsplit('@').next()?;
    let (host, port) = match authority.strip_prefix('[') {
        Some(v6) => v6.split_once(']')?,
        None => match authority.rsplit_once(':') {
            Some((host, _)) => (host, &authority[host.len()..]),
            None => (authority, ""),
        },
    };
    let port = match port.strip_prefix(':') {
        Some(port) => Some(port.parse().ok().filter(|port| *port != 0)?),
        None => None,
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
    let is_usable = !host.is_empty() && host.len() <= 253 && host.chars().all(is_plain);
    is_usable.then(|| (host.to_ascii_lowercase(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(value: &str) -> Option<(String, ProxyKind)> {
        address(value).map(|proxy| (proxy.endpoint(), proxy.kind))
    }

    #[test]
    fn an_address_is_read_without_what_is_secret() {
        let proxy = address("http://joe:se@cret@Proxy.corp:3128/x?y").unwrap();
        assert_eq!(proxy.endpoint(), "proxy.corp:3128");
        assert!(!format!("{proxy:?}").contains("cret"));
        assert_eq!(
            told("10.0.0.1:8080"),
            Some(("10.0.0.1:8080".to_owned(), ProxyKind::Http))
        );
        assert_eq!(
            told("socks5h://[::1]"),
            Some(("[::1]:1080".to_owned(), ProxyKind::Socks))
        );
    }

    #[test]
    fn what_is_no_address_is_none() {
        for value in [
            "ftp://x:1",
            "http://",
            "http://a b:1",
            "http://x:0",
            "http://x:no",
            "http://[::1",
            // A password that holds a slash: what stands before it is no host.
            "http://joe:a/b@proxy:3128",
        ] {
            assert_eq!(address(value), None, "{value}");
        }
    }

    #[test]
    fn of_a_script_only_the_host_is_kept() {
        let host = |url| match script(url) {
            ProxyRule::Script { host } => host,
            other => panic!("{other:?}"),
        };
        let url = "http://joe:secret@WPAD.example.vn:8080/proxy.pac?key=1";
        assert_eq!(host(url).as_deref(), Some("wpad.example.vn"));
        assert_eq!(host("file:///etc/proxy.pac"), None);
        assert_eq!(host("data:text/plain,secret"), None);
    }
}
