//! The files that decide how names are looked up: hosts(5), resolv.conf(5), nsswitch.conf(5).

use std::net::IpAddr;

/// What resolv.conf(5) says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResolvConf {
    /// `nameserver`, in order; those that are no addresses are passed over, as glibc does.
    pub resolvers: Vec<IpAddr>,
    /// `search` or `domain`; the last such line counts.
    pub search: Vec<String>,
    /// `options ndots:N`.
    pub ndots: Option<u8>,
}

/// The addresses the hosts file gives for `name`, none twice.
#[must_use]
pub fn hosts(text: &str, name: &str) -> Vec<IpAddr> {
    let name = name.trim_end_matches('.');
    let mut found = Vec::new();
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default();
        let mut words = line.split_whitespace();
        let Some(ip) = words.next().and_then(address) else {
            continue;
        };
        let is_meant = words.any(|word| word.trim_end_matches('.').eq_ignore_ascii_case(name));
        if is_meant && !found.contains(&ip) && found.len() < MOST {
            found.push(ip);
        }
    }
    found
}

/// What resolv.conf says.
#[must_use]
pub fn resolv_conf(text: &str) -> ResolvConf {
    let mut conf = ResolvConf::default();
    for line in text.lines() {
        // A comment begins a line; elsewhere these signs are part of a word.
        if line.starts_with(['#', ';']) {
            continue;
        }
        let mut words = line.split_whitespace();
        match words.next() {
            Some("nameserver") => conf.resolvers.extend(words.next().and_then(address)),
            Some("search" | "domain") => conf.search = words.map(domain).take(MOST).collect(),
            Some("options") => {
                let mut ndots = words.filter_map(|word| word.strip_prefix("ndots:")?.parse().ok());
                conf.ndots = ndots.next_back().or(conf.ndots);
            }
            Some(_) | None => {}
        }
    }
    conf.resolvers.truncate(MOST_RESOLVERS);
    conf.search.retain(|domain| !domain.is_empty());
    conf
}

/// The sources of the `hosts:` line of nsswitch.conf, conditions included; empty without one.
#[must_use]
pub fn nsswitch_hosts(text: &str) -> Vec<String> {
    let mut sources = Vec::new();
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        let Some((database, rest)) = line.split_once(':') else {
            continue;
        };
        if database.trim() == "hosts" {
            // `[NOTFOUND = return]` may have blanks inside.
            sources = words_and_conditions(rest);
        }
    }
    sources
}

fn words_and_conditions(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut open = false;
    for word in text
        .replace(" =", "=")
        .replace("= ", "=")
        .split_whitespace()
    {
        match found.last_mut() {
            Some(condition) if open => {
                condition.push(' ');
                condition.push_str(word);
            }
            _ => found.push(word.to_owned()),
        }
        open = found
            .last()
            .is_some_and(|w| w.starts_with('[') && !w.ends_with(']'));
    }
    found.truncate(MOST);
    found
}

/// An address, with its zone left out: which interface it is for changes nothing here.
fn address(word: &str) -> Option<IpAddr> {
    word.split('%').next()?.parse().ok()
}

fn domain(word: &str) -> String {
    word.trim_matches('.').to_ascii_lowercase()
}

/// glibc asks the first three.
const MOST_RESOLVERS: usize = 3;

/// More than this is no settings file.
const MOST: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_hosts_line_may_have_several_names_and_a_comment() {
        let text = "127.0.0.1 localhost\n10.0.0.7\tDB.example db # the old one\n\
                    # 10.0.0.8 db\n::1 db\n10.0.0.7 db\nnonsense db\n";
        let expected: [IpAddr; 2] = ["10.0.0.7".parse().unwrap(), "::1".parse().unwrap()];
        assert_eq!(hosts(text, "db"), expected);
        assert_eq!(hosts(text, "db.example."), expected[..1]);
        assert_eq!(hosts(text, "other"), [] as [IpAddr; 0]);
    }

    #[test]
    fn resolv_conf_is_read_as_glibc_does() {
        let text = "# made by hand\n; so\nnameserver 10.0.0.1\nnameserver fe80::1%eth0\n\
                    nameserver what\ndomain old.test\nsearch corp.test. Lab.test\n\
                    options timeout:1 ndots:5 rotate\n";
        let conf = resolv_conf(text);
        assert_eq!(conf.resolvers.len(), 2);
        assert_eq!(conf.search, ["corp.test", "lab.test"]);
        assert_eq!(conf.ndots, Some(5));
        assert_eq!(resolv_conf(""), ResolvConf::default());
    }

    #[test]
    fn the_hosts_line_keeps_its_conditions() {
        let text = "passwd: files\nhosts:\tfiles mdns4_minimal [NOTFOUND = return] dns # x\n";
        assert_eq!(
            nsswitch_hosts(text),
            ["files", "mdns4_minimal", "[NOTFOUND=return]", "dns"]
        );
        assert_eq!(nsswitch_hosts("passwd: files\n"), [] as [String; 0]);
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>(), name in any::<String>()) {
            let _ = (hosts(&text, &name), resolv_conf(&text), nsswitch_hosts(&text));
        }
    }
}
