//! The variables that name a proxy: `http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`, in both
//! spellings, as curl(1) reads them. There is no standard; where programs differ, the common
//! reading is taken.

use super::exceptions::{Exceptions, Spelling};
use super::{WebTarget, address, rule};
use crate::evidence::{Fact, Gap, ProxyRule, ProxySetting, ProxySource, ProxyVariable};

/// The variable for the target and what it says; nothing where none is set.
pub fn setting(
    variable: impl Fn(&str) -> Option<String>,
    target: &WebTarget,
) -> Option<(ProxyVariable, Fact<ProxyRule>)> {
    let of_scheme = if target.https {
        [ProxyVariable::Https, ProxyVariable::HttpsInCapitals]
    } else {
        [ProxyVariable::Http, ProxyVariable::HttpInCapitals]
    };
    let of_all = [ProxyVariable::All, ProxyVariable::AllInCapitals];
    let exceptions = variable("no_proxy").or_else(|| variable("NO_PROXY"));
    let exceptions = Exceptions::in_text(&exceptions.unwrap_or_default(), Spelling::Domains);
    let mut candidates = of_scheme.into_iter().chain(of_all);
    let (found, value) = candidates.find_map(|candidate| {
        let value = variable(candidate.name())?;
        (!value.is_empty()).then_some((candidate, value))
    })?;
    let says = match address(&value) {
        Some(proxy) => Fact::Known(rule(proxy, &exceptions, target)),
        // The value may hold a password: it is not repeated.
        None => Fact::Unknown(Gap::Unreadable {
            what: found.name().to_owned(),
        }),
    };
    Some((found, says))
}

/// What the own environment says.
pub fn own(variable: impl Fn(&str) -> Option<String>, target: &WebTarget) -> Option<ProxySetting> {
    let (variable, says) = setting(variable, target)?;
    Some(ProxySetting {
        from: ProxySource::Environment { variable },
        says,
    })
}

/// What the text of `/etc/environment` says that the own environment does not.
pub fn in_etc_environment(
    text: &str,
    own: impl Fn(&str) -> Option<String>,
    target: &WebTarget,
) -> Option<ProxySetting> {
    let in_file = |name: &str| {
        // The last line of a name counts (pam_env(8)).
        let lines = text.lines().rev().filter_map(assignment);
        let found = lines.into_iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.to_owned())
    };
    if setting(&own, target).is_some() {
        return None;
    }
    let (variable, says) = setting(|name| own(name).or_else(|| in_file(name)), target)?;
    Some(ProxySetting {
        from: ProxySource::EtcEnvironment { variable },
        says,
    })
}

/// `NAME=value`, as `pam_env` reads a line: `export` before it and quotes around the value are
/// left out. To `pam_env` any `#` ends the line; one within a word may be part of a password, of
/// which no half is to be taken for a host.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let line = line.split_once(" #").map_or(line, |(before, _)| before);
    let line = line.trim();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=')?;
    let value = value.trim();
    let unquoted = ['"', '\'']
        .into_iter()
        .find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote));
    Some((name.trim(), unquoted.unwrap_or(value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn find<'a>(variables: &'a [(&str, &str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| {
            let found = variables.iter().find(|(known, _)| *known == name)?;
            Some(found.1.to_owned())
        }
    }

    fn read(variables: &[(&str, &str)], https: bool) -> Option<ProxySetting> {
        own(find(variables), &WebTarget::new("db.example", 443, https))
    }

    fn read_file(text: &str, variables: &[(&str, &str)]) -> Option<ProxySetting> {
        let target = WebTarget::new("db.example", 443, true);
        in_etc_environment(text, find(variables), &target)
    }

    fn endpoint(setting: &ProxySetting) -> String {
        setting.proxy().unwrap().endpoint()
    }

    #[test]
    fn each_scheme_has_its_variable_and_both_spellings_count() {
        let variables = [
            ("HTTP_PROXY", "10.0.0.1:8080"),
            ("ALL_PROXY", "socks5h://[::1]"),
        ];
        assert_eq!(endpoint(&read(&variables, false).unwrap()), "10.0.0.1:8080");
        let secure = read(&variables, true).unwrap();
        assert_eq!(endpoint(&secure), "[::1]:1080");
        let variable = ProxyVariable::AllInCapitals;
        assert_eq!(secure.from, ProxySource::Environment { variable });
        assert_eq!(read(&[], true), None);
        assert_eq!(read(&[("https_proxy", "")], true), None);
    }

    #[test]
    fn an_exempt_target_is_told_with_the_proxy_it_does_not_take() {
        let variables = [("https_proxy", "proxy:1"), ("NO_PROXY", "example")];
        let says = read(&variables, true).unwrap().says;
        assert!(matches!(says, Fact::Known(ProxyRule::Exempt(_))));
    }

    #[test]
    fn a_value_that_is_no_address_is_a_gap_that_repeats_nothing_of_it() {
        let setting = read(&[("https_proxy", "http://joe:a/secret@proxy:1")], true).unwrap();
        assert!(matches!(setting.says, Fact::Unknown(_)));
        assert!(!format!("{setting:?}").contains("secret"));
    }

    #[test]
    fn etc_environment_counts_where_the_own_environment_names_none() {
        let text = "# a proxy\nPATH=/bin\nexport https_proxy=\"http://old:1\" # no\n\
                    https_proxy='http://joe:secret@proxy.corp:3128/'\n";
        let setting = read_file(text, &[]).unwrap();
        assert_eq!(endpoint(&setting), "proxy.corp:3128");
        let variable = ProxyVariable::Https;
        assert_eq!(setting.from, ProxySource::EtcEnvironment { variable });
        assert!(!format!("{setting:?}").contains("secret"));
        assert_eq!(read_file(text, &[("ALL_PROXY", "other:1")]), None);
        assert_eq!(read_file("https_proxy=\nhttp_proxy=x:1", &[]), None);
        assert_eq!(read_file("#https_proxy=x:1", &[]), None);
    }

    #[test]
    fn no_half_of_a_password_is_taken_for_an_address() {
        let setting = read_file("https_proxy=http://joe:12#3@proxy.corp:3128", &[]).unwrap();
        assert!(matches!(setting.says, Fact::Unknown(_)));
    }

    #[test]
    fn the_exceptions_of_the_own_environment_hold_for_the_file_too() {
        let setting = read_file("https_proxy=proxy:1", &[("no_proxy", "*")]).unwrap();
        assert!(matches!(setting.says, Fact::Known(ProxyRule::Exempt(_))));
    }

    proptest! {
        #[test]
        fn any_text_is_answered(value in any::<String>(), list in any::<String>(), host in any::<String>()) {
            let target = WebTarget::new(&host, 443, true);
            let variables = [("https_proxy", value.as_str()), ("no_proxy", list.as_str())];
            let _ = own(find(&variables), &target);
            let _ = in_etc_environment(&value, |_| None, &target);
        }
    }
}
