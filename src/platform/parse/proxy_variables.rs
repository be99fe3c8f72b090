//! The variables that name a proxy: `http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`, in both
//! spellings, as curl(1) reads them. There is no standard; where programs differ, the common
//! reading is taken.

use std::net::IpAddr;

use crate::evidence::{Proxy, ProxyKind};

/// The proxy for a target, if the variables name one.
pub fn proxy(
    variable: impl Fn(&str) -> Option<String>,
    host: &str,
    port: u16,
    https: bool,
) -> Option<Proxy> {
    let names = if https {
        ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
    } else {
        ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]
    };
    let exceptions = variable("no_proxy").or_else(|| variable("NO_PROXY"));
    let (name, value) = names
        .iter()
        .find_map(|name| Some((name, variable(name).filter(|value| !value.is_empty())?)))?;
    let (kind, proxy_host, proxy_port) = endpoint(&value)?;
    Some(Proxy {
        host: proxy_host,
        port: proxy_port,
        kind,
        variable: (*name).to_owned(),
        bypassed: is_exempt(exceptions.as_deref().unwrap_or_default(), host, port),
    })
}

/// The parts of `http://user:password@host:port/`, without what is secret.
fn endpoint(value: &str) -> Option<(ProxyKind, String, u16)> {
    let (scheme, rest) = value
        .trim()
        .split_once("://")
        .unwrap_or(("http", value.trim()));
    let (kind, usual_port) = match scheme.to_ascii_lowercase().as_str() {
        "http" => (ProxyKind::Http, 80),
        "https" => (ProxyKind::Https, 443),
        "socks" | "socks4" | "socks4a" | "socks5" | "socks5h" => (ProxyKind::Socks, 1080),
        _ => return None,
    };
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
        Some(port) => port.parse().ok().filter(|port| *port != 0)?,
        None => usual_port,
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
    let is_usable = !host.is_empty() && host.len() <= 253 && host.chars().all(is_plain);
    is_usable.then(|| (kind, host.to_ascii_lowercase(), port))
}

/// Whether a list of exceptions has the target: `*`, a name or a domain with all below it, an
/// address, a network such as `10.0.0.0/8`, each with a port or without.
fn is_exempt(list: &str, host: &str, port: u16) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    list.split([',', ' ']).any(|entry| {
        let entry = entry.trim().to_ascii_lowercase();
        let entry = match entry.rsplit_once(':') {
            Some((name, digits)) if !name.contains(':') => {
                if digits.parse() != Ok(port) {
                    return false;
                }
                name.to_owned()
            }
            _ => entry,
        };
        let entry = entry.trim_start_matches("*.").trim_start_matches('.');
        let is_below = || {
            host.strip_suffix(entry)
                .is_some_and(|left| left.ends_with('.'))
        };
        !entry.is_empty()
            && (entry == "*" || entry == host || in_network(entry, &host) || is_below())
    })
}

fn in_network(entry: &str, host: &str) -> bool {
    let Some((network, prefix)) = entry.split_once('/') else {
        return false;
    };
    let (Ok(network), Ok(prefix), Ok(ip)) = (
        network.parse::<IpAddr>(),
        prefix.parse::<u8>(),
        host.parse::<IpAddr>(),
    ) else {
        return false;
    };
    crate::evidence::InterfaceAddress {
        ip: network,
        prefix,
    }
    .contains(ip)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(variables: &[(&str, &str)], host: &str, https: bool) -> Option<Proxy> {
        let find = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name)?;
            Some(found.1.to_owned())
        };
        proxy(find, host, 443, https)
    }

    #[test]
    fn credentials_are_dropped() {
        let variables = [("https_proxy", "http://joe:se@cret@Proxy.corp:3128/x?y")];
        let found = read(&variables, "db.example", true).unwrap();
        assert_eq!(found.endpoint(), "proxy.corp:3128");
        assert_eq!(found.variable, "https_proxy");
        assert!(!format!("{found:?}").contains("cret"));
    }

    #[test]
    fn each_scheme_has_its_variable_and_both_spellings_count() {
        let variables = [
            ("HTTP_PROXY", "10.0.0.1:8080"),
            ("ALL_PROXY", "socks5h://[::1]"),
        ];
        let plain = read(&variables, "db.example", false).unwrap();
        assert_eq!(
            (plain.endpoint().as_str(), plain.kind),
            ("10.0.0.1:8080", ProxyKind::Http)
        );
        let secure = read(&variables, "db.example", true).unwrap();
        assert_eq!(
            (secure.endpoint().as_str(), secure.kind),
            ("[::1]:1080", ProxyKind::Socks)
        );
        assert_eq!(read(&[], "db.example", true), None);
        assert_eq!(read(&[("https_proxy", "")], "db.example", true), None);
    }

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
            ("", "db.example", false),
        ] {
            assert_eq!(is_exempt(list, host, 443), exempt, "{list} {host}");
        }
    }

    #[test]
    fn what_is_no_proxy_is_none() {
        for value in [
            "ftp://x:1",
            "http://",
            "http://a b:1",
            "http://x:0",
            "http://x:no",
            "http://[::1",
        ] {
            assert_eq!(
                read(&[("https_proxy", value)], "db.example", true),
                None,
                "{value}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(value in any::<String>(), list in any::<String>(), host in any::<String>()) {
            let _ = read(&[("https_proxy", &value), ("no_proxy", &list)], &host, true);
        }
    }
}
