//! The proxy settings of GNOME and its relatives: `org.gnome.system.proxy`, as dconf keeps it.
//! What its schema presets is left unsaid there.

use super::exceptions::{Exceptions, Spelling};
use super::{WebTarget, apart, rule, script};
use crate::evidence::{Fact, Gap, ProxyKind, ProxyRule};
use crate::platform::parse::dconf::Value;

/// What the settings say for the target; nothing where the mode was never chosen.
pub fn says(value: impl Fn(&str) -> Option<Value>, target: &WebTarget) -> Option<Fact<ProxyRule>> {
    let text = |key: &str| match value(&format!("/system/proxy/{key}"))? {
        Value::Text(text) => Some(text).filter(|text| !text.is_empty()),
        Value::Number(_) | Value::Texts(_) => None,
    };
    let known = match text("mode")?.as_str() {
        "none" => ProxyRule::Direct,
        "auto" => match text("autoconfig-url") {
            Some(url) => script(&url),
            None => ProxyRule::Discovery,
        },
        "manual" => {
            let exceptions = match value("/system/proxy/ignore-hosts") {
                Some(Value::Texts(entries)) => Exceptions::of(entries, Spelling::Domains),
                _ => Exceptions::default(),
            };
            return Some(by_hand(&text, &value, &exceptions, target));
        }
        _ => return Some(unreadable("mode")),
    };
    Some(Fact::Known(known))
}

/// The proxy of the target's own scheme, else the one for all (SOCKS).
fn by_hand(
    text: &impl Fn(&str) -> Option<String>,
    value: &impl Fn(&str) -> Option<Value>,
    exceptions: &Exceptions,
    target: &WebTarget,
) -> Fact<ProxyRule> {
    let own = if target.https { "https" } else { "http" };
    for (scheme, kind) in [(own, ProxyKind::Http), ("socks", ProxyKind::Socks)] {
        let Some(host) = text(&format!("{scheme}/host")) else {
            continue;
        };
        let port = match value(&format!("/system/proxy/{scheme}/port")) {
            Some(Value::Number(port)) => u16::try_from(port).ok(),
            // The schema's own, which is only told for HTTP.
            None if scheme == "http" => Some(8080),
            Some(Value::Text(_) | Value::Texts(_)) | None => None,
        };
        return match apart(&host, port, kind) {
            Some(proxy) => Fact::Known(rule(proxy, exceptions, target)),
            None => unreadable(scheme),
        };
    }
    Fact::Known(ProxyRule::Direct)
}

fn unreadable(key: &str) -> Fact<ProxyRule> {
    Fact::Unknown(Gap::Unreadable {
        what: format!("/system/proxy/{key}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[(&str, Value)], https: bool) -> Option<Fact<ProxyRule>> {
        let find = |path: &str| {
            let found = values
                .iter()
                .find(|(known, _)| path.strip_prefix("/system/proxy/") == Some(known));
            found.map(|(_, value)| value.clone())
        };
        says(find, &WebTarget::new("db.example", 443, https))
    }

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn what_was_never_chosen_says_nothing() {
        assert_eq!(read(&[("http/host", text("proxy"))], false), None);
    }

    #[test]
    fn each_scheme_has_its_own_and_socks_is_for_all() {
        let values = [
            ("mode", text("manual")),
            ("http/host", text("proxy")),
            ("socks/host", text("10.0.0.1")),
            ("socks/port", Value::Number(1080)),
        ];
        let through = |https| match read(&values, https) {
            Some(Fact::Known(ProxyRule::Through(proxy))) => (proxy.endpoint(), proxy.kind),
            other => panic!("{other:?}"),
        };
        assert_eq!(through(false), ("proxy:8080".to_owned(), ProxyKind::Http));
        assert_eq!(
            through(true),
            ("10.0.0.1:1080".to_owned(), ProxyKind::Socks)
        );
    }

    #[test]
    fn a_host_without_a_port_is_no_way() {
        let values = [("mode", text("manual")), ("https/host", text("proxy"))];
        assert!(matches!(read(&values, true), Some(Fact::Unknown(_))));
        assert_eq!(read(&values, false), Some(Fact::Known(ProxyRule::Direct)));
    }

    #[test]
    fn no_proxy_and_a_script_that_the_network_may_offer() {
        let none = read(&[("mode", text("none"))], true);
        assert_eq!(none, Some(Fact::Known(ProxyRule::Direct)));
        let auto = read(
            &[("mode", text("auto")), ("autoconfig-url", text(""))],
            true,
        );
        assert_eq!(auto, Some(Fact::Known(ProxyRule::Discovery)));
        let odd = read(&[("mode", text("what"))], true);
        assert!(matches!(odd, Some(Fact::Unknown(_))));
    }
}
