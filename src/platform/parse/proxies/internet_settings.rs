//! The proxy settings of Windows: those of a user, which browsers and most programs follow, and
//! those of `WinHTTP`, which services follow. Both are in the registry.

use super::exceptions::{Exceptions, Spelling};
use super::{WebTarget, address_of, rule, script};
use crate::evidence::{Fact, Gap, ProxyKind, ProxyRule};

/// The key below `HKEY_CURRENT_USER`, or `HKEY_LOCAL_MACHINE` where [`POLICY_KEY`] says so.
pub const KEY: &str = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings";
/// The key below `HKEY_LOCAL_MACHINE` whose `ProxySettingsPerUser` is 0 where all users share the
/// settings of the machine.
pub const POLICY_KEY: &str =
    r"Software\Policies\Microsoft\Windows\CurrentVersion\Internet Settings";
/// The key below [`KEY`] that holds the blobs.
pub const CONNECTIONS_KEY: &str = "Connections";

/// What [`KEY`] holds, as far as it is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InternetSettings {
    /// `ProxyEnable`: 1 takes the proxy.
    pub proxy_enable: Option<u32>,
    /// `ProxyServer`: `proxy:3128`, or `http=proxy:3128;https=proxy:3129`.
    pub proxy_server: Option<String>,
    /// `ProxyOverride`: the exceptions.
    pub proxy_override: Option<String>,
    /// `AutoConfigURL`: the address of a script.
    pub auto_config_url: Option<String>,
    /// `DefaultConnectionSettings`, whose flags tell whether a script is looked for.
    pub connection: Option<Vec<u8>>,
}

/// What a user's settings say for the target, in the order in which Windows asks: a script that the
/// network offers, one that is named, a proxy. Nothing where nothing was ever set.
#[must_use]
pub fn says(settings: &InternetSettings, target: &WebTarget) -> Vec<Fact<ProxyRule>> {
    let set = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let mut found = Vec::new();
    let flags = settings.connection.as_deref().and_then(flags);
    if flags.is_some_and(|flags| flags & LOOKS_FOR_A_SCRIPT != 0) {
        found.push(Fact::Known(ProxyRule::Discovery));
    }
    if let Some(url) = set(&settings.auto_config_url) {
        found.push(Fact::Known(script(&url)));
        return found;
    }
    match (settings.proxy_enable, set(&settings.proxy_server)) {
        (Some(0), _) | (Some(_), None) => {
            if found.is_empty() {
                found.push(Fact::Known(ProxyRule::Direct));
            }
        }
        (Some(_), Some(server)) => {
            let exceptions = set(&settings.proxy_override).unwrap_or_default();
            found.push(by_hand(&server, &exceptions, target));
        }
        (None, _) => {}
    }
    found
}

/// What `WinHttpSettings` says for the target: flags, then the proxy and its exceptions, each with
/// its length before it.
#[must_use]
pub fn win_http_says(blob: &[u8], target: &WebTarget) -> Fact<ProxyRule> {
    let read = || {
        if flags(blob)? & TAKES_A_PROXY == 0 {
            return Some(Fact::Known(ProxyRule::Direct));
        }
        let (server, rest) = counted(blob.get(12..)?)?;
        let (exceptions, _) = counted(rest)?;
        Some(by_hand(&server, &exceptions, target))
    };
    read().unwrap_or_else(|| unreadable("WinHttpSettings"))
}

/// A version, how often it was changed, and then the flags.
fn flags(blob: &[u8]) -> Option<u32> {
    number(blob.get(8..)?)
}

const TAKES_A_PROXY: u32 = 2;
const LOOKS_FOR_A_SCRIPT: u32 = 8;

fn number(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?))
}

fn counted(bytes: &[u8]) -> Option<(String, &[u8])> {
    let length = usize::try_from(number(bytes)?).ok()?;
    let text = bytes.get(4..length.checked_add(4)?)?;
    let rest = &bytes[4 + length..];
    Some((String::from_utf8_lossy(text).into_owned(), rest))
}

/// The proxy of the target's own scheme, or for all.
fn by_hand(server: &str, exceptions: &str, target: &WebTarget) -> Fact<ProxyRule> {
    let own = if target.https { "https" } else { "http" };
    let mut socks = None;
    let mut proxy = None;
    for part in server.split([';', ' ']).filter(|part| !part.is_empty()) {
        match part.split_once('=') {
            None => proxy = proxy.or(Some((part, ProxyKind::Http))),
            Some((scheme, one)) if scheme.eq_ignore_ascii_case(own) => {
                proxy = Some((one, ProxyKind::Http));
            }
            Some((scheme, one)) if scheme.eq_ignore_ascii_case("socks") => {
                socks = Some((one, ProxyKind::Socks));
            }
            Some(_) => {}
        }
    }
    let Some((address, kind)) = proxy.or(socks) else {
        return Fact::Known(ProxyRule::Direct);
    };
    match address_of(address, kind) {
        Some(proxy) => {
            let exceptions = Exceptions::in_text(exceptions, Spelling::Patterns);
            Fact::Known(rule(proxy, &exceptions, target))
        }
        None => unreadable("ProxyServer"),
    }
}

fn unreadable(value: &str) -> Fact<ProxyRule> {
    Fact::Unknown(Gap::Unreadable {
        what: value.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn target(https: bool) -> WebTarget {
        WebTarget::new("db.corp", 443, https)
    }

    fn enabled(server: &str, exceptions: &str) -> InternetSettings {
        InternetSettings {
            proxy_enable: Some(1),
            proxy_server: Some(server.to_owned()),
            proxy_override: Some(exceptions.to_owned()),
            ..InternetSettings::default()
        }
    }

    fn through(server: &str, https: bool) -> String {
        match says(&enabled(server, "<local>"), &target(https)).as_slice() {
            [Fact::Known(ProxyRule::Through(proxy))] => proxy.endpoint(),
            other => panic!("{other:?}"),
        }
    }

    fn blob(flags: u32, texts: &[&str]) -> Vec<u8> {
        let mut bytes = [70, 4, flags].map(u32::to_le_bytes).concat();
        for text in texts {
            bytes.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
            bytes.extend(text.as_bytes());
        }
        bytes.extend([0; 32]);
        bytes
    }

    #[test]
    fn one_proxy_may_be_for_all_or_each_scheme_have_its_own() {
        assert_eq!(through("proxy:3128", true), "proxy:3128");
        assert_eq!(through("http=a:1;https=b:2;socks=c:3", false), "a:1");
        assert_eq!(through("http=a:1;https=http://b:2", true), "b:2");
        assert_eq!(through("ftp=a:1;socks=c:3", true), "c:3");
        let other = says(&enabled("http=a:1", ""), &target(true));
        assert_eq!(other, [Fact::Known(ProxyRule::Direct)]);
    }

    #[test]
    fn exceptions_and_a_switch_leave_the_proxy_out() {
        let exempt = says(&enabled("proxy:3128", "*.corp;<local>"), &target(true));
        assert!(matches!(
            exempt.as_slice(),
            [Fact::Known(ProxyRule::Exempt(_))]
        ));
        let off = InternetSettings {
            proxy_enable: Some(0),
            ..enabled("proxy:3128", "")
        };
        assert_eq!(says(&off, &target(true)), [Fact::Known(ProxyRule::Direct)]);
        assert_eq!(says(&InternetSettings::default(), &target(true)), []);
    }

    #[test]
    fn a_script_decides_before_a_proxy_does() {
        let settings = InternetSettings {
            auto_config_url: Some("http://wpad.corp/x?secret".to_owned()),
            connection: Some(blob(0x0f, &[])),
            ..enabled("proxy:3128", "")
        };
        let host = Some("wpad.corp".to_owned());
        let expected = [ProxyRule::Discovery, ProxyRule::Script { host }].map(Fact::Known);
        assert_eq!(says(&settings, &target(true)), expected);
    }

    #[test]
    fn services_have_a_proxy_of_their_own() {
        let told = |bytes: &[u8]| win_http_says(bytes, &target(true));
        assert_eq!(told(&blob(1, &["", ""])), Fact::Known(ProxyRule::Direct));
        let through = told(&blob(3, &["proxy.corp:3128", "*.other"]));
        let Fact::Known(ProxyRule::Through(proxy)) = through else {
            panic!("{through:?}");
        };
        assert_eq!(proxy.endpoint(), "proxy.corp:3128");
        let exempt = told(&blob(3, &["proxy.corp:3128", "*.corp"]));
        assert!(matches!(exempt, Fact::Known(ProxyRule::Exempt(_))));
        assert!(matches!(told(&[3; 14]), Fact::Unknown(_)));
        assert!(matches!(told(&[]), Fact::Unknown(_)));
    }

    proptest! {
        #[test]
        fn anything_is_answered(bytes in any::<Vec<u8>>(), server in any::<String>(), list in any::<String>()) {
            let _ = win_http_says(&bytes, &target(true));
            let mut settings = enabled(&server, &list);
            settings.connection = Some(bytes);
            let _ = says(&settings, &target(true));
        }
    }
}
