//! `kioslaverc`, where KDE keeps its proxy settings: `[Proxy Settings]` in an INI file, first the
//! user's own, then the system's.

use super::exceptions::{Exceptions, Spelling};
use super::{WebTarget, address_of, rule, script};
use crate::evidence::{Fact, Gap, ProxyKind, ProxyRule};

/// What the files say for the target, the user's own first; nothing where no kind was ever chosen.
#[must_use]
pub fn says(files: &[String], target: &WebTarget) -> Option<Fact<ProxyRule>> {
    let value = |key: &str| {
        let mut found = files.iter().filter_map(|text| value_in(text, key));
        found.next().filter(|value| !value.is_empty())
    };
    let known = match value("ProxyType")? {
        "0" => ProxyRule::Direct,
        "1" => {
            let list = value("NoProxyFor").unwrap_or_default();
            let exceptions = Exceptions::in_text(list, Spelling::Endings)
                .reversed(value("ReversedException") == Some("true"));
            return Some(by_hand(value, &exceptions, target));
        }
        "2" => match value("Proxy Config Script") {
            Some(url) => script(url),
            None => return Some(unreadable("Proxy Config Script")),
        },
        "3" => ProxyRule::Discovery,
        // As the variables have it, which are looked at themselves.
        "4" => return None,
        _ => return Some(unreadable("ProxyType")),
    };
    Some(Fact::Known(known))
}

/// The proxy of the target's own scheme, else the one for all (SOCKS).
fn by_hand<'a>(
    value: impl Fn(&str) -> Option<&'a str>,
    exceptions: &Exceptions,
    target: &WebTarget,
) -> Fact<ProxyRule> {
    let own = if target.https {
        "httpsProxy"
    } else {
        "httpProxy"
    };
    for (key, kind) in [(own, ProxyKind::Http), ("socksProxy", ProxyKind::Socks)] {
        let Some(text) = value(key) else {
            continue;
        };
        return match one(text, kind) {
            Some(proxy) => Fact::Known(rule(proxy, exceptions, target)),
            None => unreadable(key),
        };
    }
    Fact::Known(ProxyRule::Direct)
}

/// `http://proxy.example 3128`: a space stands before the port, in older files a colon.
fn one(text: &str, kind: ProxyKind) -> Option<crate::evidence::Proxy> {
    match text.trim().rsplit_once(' ') {
        Some((url, port)) => address_of(&format!("{}:{port}", url.trim_end_matches('/')), kind),
        None => address_of(text, kind),
    }
}

fn unreadable(key: &str) -> Fact<ProxyRule> {
    Fact::Unknown(Gap::Unreadable {
        what: format!("kioslaverc: {key}"),
    })
}

/// The last value of a key in the section, whatever is noted behind the key, as in `key[$e]=`.
fn value_in<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let mut is_ours = false;
    let mut found = None;
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            is_ours = line.starts_with("[Proxy Settings]");
        } else if is_ours && let Some((name, value)) = line.split_once('=') {
            let name = name.split_once('[').map_or(name, |(name, _)| name);
            if name.trim() == key {
                found = Some(value.trim());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str, https: bool) -> Option<Fact<ProxyRule>> {
        let files = [text.to_owned()];
        says(&files, &WebTarget::new("db.example", 443, https))
    }

    fn endpoint(says: Option<Fact<ProxyRule>>) -> String {
        match says {
            Some(Fact::Known(ProxyRule::Through(proxy))) => proxy.endpoint(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_port_stands_behind_a_space_or_a_colon() {
        for value in [
            "http://proxy 3128",
            "http://joe:secret@proxy:3128",
            "proxy:3128",
        ] {
            let text = format!("[Proxy Settings]\nProxyType=1\nhttpProxy[$e]={value}\n");
            assert_eq!(endpoint(read(&text, false)), "proxy:3128", "{value}");
            assert_eq!(read(&text, true), Some(Fact::Known(ProxyRule::Direct)));
        }
    }

    #[test]
    fn other_sections_and_what_was_never_chosen_say_nothing() {
        assert_eq!(read("[Other]\nProxyType=0\n", true), None);
        assert_eq!(read("ProxyType=0\n", true), None);
        assert_eq!(read("[Proxy Settings]\nhttpsProxy=proxy:1\n", true), None);
        assert_eq!(read("[Proxy Settings]\nProxyType=4\n", true), None);
    }

    #[test]
    fn the_kinds_that_name_no_proxy() {
        let kind = |lines: &str| read(&format!("[Proxy Settings]\n{lines}"), true);
        assert_eq!(kind("ProxyType=0"), Some(Fact::Known(ProxyRule::Direct)));
        assert_eq!(kind("ProxyType=3"), Some(Fact::Known(ProxyRule::Discovery)));
        assert!(matches!(kind("ProxyType=7"), Some(Fact::Unknown(_))));
        let script = kind("ProxyType=2\nProxy Config Script=http://wpad.example/x?secret");
        let host = Some("wpad.example".to_owned());
        assert_eq!(script, Some(Fact::Known(ProxyRule::Script { host })));
    }

    #[test]
    fn exceptions_may_be_reversed() {
        let text = "[Proxy Settings]\nProxyType=1\nhttpsProxy=proxy 1\nNoProxyFor=ample\n";
        let says = read(text, true);
        assert!(matches!(says, Some(Fact::Known(ProxyRule::Exempt(_)))));
        let reversed = format!("{text}ReversedException=true\n");
        assert_eq!(endpoint(read(&reversed, true)), "proxy:1");
    }

    #[test]
    fn what_the_user_left_unsaid_the_system_says() {
        let files = [
            "[Proxy Settings]\nhttpsProxy=own:1\n",
            "[Proxy Settings]\nProxyType=1\n",
        ];
        let files = files.map(str::to_owned);
        let says = says(&files, &WebTarget::new("db.example", 443, true));
        assert_eq!(endpoint(says), "own:1");
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>()) {
            let _ = read(&text, true);
            let _ = read(&format!("[Proxy Settings]\nProxyType=1\nhttpsProxy={text}"), true);
        }
    }
}
