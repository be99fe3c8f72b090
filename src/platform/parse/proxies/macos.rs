//! The proxies that macOS has in force, as `SCDynamicStoreCopyProxies` tells them, written as an
//! XML property list: keys with numbers, texts and lists.

use super::exceptions::{Exceptions, Spelling};
use super::{WebTarget, apart, rule, script};
use crate::evidence::{Fact, Gap, ProxyKind, ProxyRule};
use crate::platform::parse::property_list::{Value, dictionary};

/// What the property list says for the target, in the order in which macOS asks: a script that the
/// network offers, one that is named, a proxy.
#[must_use]
pub fn says(plist: &str, target: &WebTarget) -> Vec<Fact<ProxyRule>> {
    let Some(values) = dictionary(plist) else {
        return vec![unreadable("property list")];
    };
    let number = |key: &str| match values.get(key)? {
        Value::Number(number) => Some(*number),
        Value::Text(_) | Value::Texts(_) => None,
    };
    let text = |key: &str| match values.get(key)? {
        Value::Text(text) => Some(text.as_str()),
        Value::Number(_) | Value::Texts(_) => None,
    };
    let is_on = |key: &str| number(key) == Some(1);
    let mut found = Vec::new();
    if is_on("ProxyAutoDiscoveryEnable") {
        found.push(Fact::Known(ProxyRule::Discovery));
    }
    if is_on("ProxyAutoConfigEnable") {
        found.push(match text("ProxyAutoConfigURLString") {
            Some(url) => Fact::Known(script(url)),
            None => unreadable("ProxyAutoConfigURLString"),
        });
        return found;
    }
    let mut exceptions = match values.get("ExceptionsList") {
        Some(Value::Texts(entries)) => entries.clone(),
        _ => Vec::new(),
    };
    if is_on("ExcludeSimpleHostnames") {
        exceptions.push("<local>".to_owned());
    }
    let exceptions = Exceptions::of(exceptions, Spelling::Patterns);
    let own = if target.https { "HTTPS" } else { "HTTP" };
    for (scheme, kind) in [(own, ProxyKind::Http), ("SOCKS", ProxyKind::Socks)] {
        if !is_on(&format!("{scheme}Enable")) {
            continue;
        }
        let port = number(&format!("{scheme}Port")).and_then(|port| u16::try_from(port).ok());
        let host = text(&format!("{scheme}Proxy")).unwrap_or_default();
        found.push(match apart(host, port, kind) {
            Some(proxy) => Fact::Known(rule(proxy, &exceptions, target)),
            None => unreadable(&format!("{scheme}Proxy")),
        });
        return found;
    }
    if found.is_empty() {
        found.push(Fact::Known(ProxyRule::Direct));
    }
    found
}

fn unreadable(key: &str) -> Fact<ProxyRule> {
    Fact::Unknown(Gap::Unreadable {
        what: key.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(inner: &str, https: bool) -> Vec<Fact<ProxyRule>> {
        let plist = format!("<?xml version=\"1.0\"?>\n<plist><dict>{inner}</dict></plist>");
        says(&plist, &WebTarget::new("db", 443, https))
    }

    #[test]
    fn nothing_switched_on_is_the_direct_way() {
        let off = "<key>HTTPEnable</key><integer>0</integer>\
                   <key>HTTPProxy</key><string>proxy</string>";
        assert_eq!(read(off, false), [Fact::Known(ProxyRule::Direct)]);
        assert_eq!(read("", true), [Fact::Known(ProxyRule::Direct)]);
    }

    #[test]
    fn what_is_set_for_one_interface_is_not_what_is_in_force() {
        let scoped = "<key>__SCOPED__</key><dict><key>en0</key><dict>\
                      <key>HTTPEnable</key><integer>1</integer>\
                      <key>HTTPProxy</key><string>other</string></dict></dict>";
        assert_eq!(read(scoped, false), [Fact::Known(ProxyRule::Direct)]);
    }

    #[test]
    fn simple_names_may_be_exempt() {
        let on = "<key>HTTPSEnable</key><integer>1</integer>\
                  <key>HTTPSPort</key><integer>3128</integer>\
                  <key>HTTPSProxy</key><string>proxy</string>";
        let through = read(on, true);
        assert!(matches!(
            through.as_slice(),
            [Fact::Known(ProxyRule::Through(_))]
        ));
        let simple = "<key>ExcludeSimpleHostnames</key><integer>1</integer>";
        let exempt = read(&format!("{simple}{on}"), true);
        assert!(matches!(
            exempt.as_slice(),
            [Fact::Known(ProxyRule::Exempt(_))]
        ));
    }

    #[test]
    fn a_proxy_without_a_port_is_no_way() {
        let on = "<key>HTTPEnable</key><integer>1</integer>\
                  <key>HTTPProxy</key><string>proxy</string>";
        assert!(matches!(read(on, false).as_slice(), [Fact::Unknown(_)]));
        let target = WebTarget::new("db", 80, false);
        assert!(matches!(says("", &target).as_slice(), [Fact::Unknown(_)]));
        assert!(matches!(
            says("<dict>", &target).as_slice(),
            [Fact::Unknown(_)]
        ));
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>(), inner in "[<>/a-zA-Z0-9 ]{0,200}") {
            let _ = says(&text, &WebTarget::new("db", 443, true));
            let _ = read(&inner, true);
        }
    }
}
