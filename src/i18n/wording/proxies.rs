//! Proxy settings in words: where one is, who follows it, what it says for the target, and what
//! the proxy answered.

use super::Wording;
use crate::evidence::{
    Evidence, Fact, Heard, Outcome, ProxyFollowers, ProxyRule, ProxySetting, ProxySource,
    ProxyTest, printable,
};

impl Wording<'_> {
    /// Where a setting is, within a sentence.
    #[must_use]
    pub fn proxy_source(&self, source: ProxySource) -> String {
        let words = &self.texts.proxies;
        let name = source.name();
        match source {
            ProxySource::Environment { .. } => words.variable.fill(&[("name", &name)]),
            ProxySource::EtcEnvironment { variable } => words
                .file
                .fill(&[("file", &name), ("name", &variable.name())]),
            ProxySource::Gnome
            | ProxySource::Kde
            | ProxySource::Windows
            | ProxySource::WinHttp
            | ProxySource::Macos => words.settings.fill(&[("name", &name)]),
        }
    }

    /// The programs that follow a setting.
    #[must_use]
    pub fn proxy_followers(&self, followers: ProxyFollowers) -> &'static str {
        let words = &self.texts.proxies.followers;
        match followers {
            ProxyFollowers::CommandLine => &words.command_line,
            ProxyFollowers::Desktop => &words.desktop,
            ProxyFollowers::NextLogin => &words.next_login,
            ProxyFollowers::Services => &words.services,
        }
    }

    /// What a setting says for the target.
    #[must_use]
    pub fn proxy_rule(&self, rule: &Fact<ProxyRule>) -> String {
        let words = &self.texts.proxies;
        match rule {
            Fact::Unknown(gap) => self.gap(gap),
            Fact::Known(ProxyRule::Direct) => words.direct.clone(),
            Fact::Known(ProxyRule::Through(proxy)) => {
                let endpoint = proxy.endpoint();
                words.through.fill(&[("proxy", &printable(&endpoint))])
            }
            Fact::Known(ProxyRule::Exempt(proxy)) => {
                let endpoint = proxy.endpoint();
                words.exempt.fill(&[("proxy", &printable(&endpoint))])
            }
            Fact::Known(ProxyRule::Script { host: Some(host) }) => {
                words.script_from.fill(&[("host", &printable(host))])
            }
            Fact::Known(ProxyRule::Script { host: None }) => words.script.clone(),
            Fact::Known(ProxyRule::Discovery) => words.discovery.clone(),
        }
    }

    /// What came of asking a proxy.
    #[must_use]
    pub fn proxy_test(&self, test: &ProxyTest) -> String {
        let words = &self.texts.proxies;
        match (&test.heard, &test.attempt) {
            (Some(Heard::Http { status, .. }), _) => words.answered.fill(&[("status", status)]),
            (_, Some(attempt)) if attempt.outcome == Outcome::Connected => words.accepted.clone(),
            (_, Some(attempt)) => {
                let outcome = self.outcome(attempt);
                words.not_reached.fill(&[("outcome", &outcome)])
            }
            (_, None) => words.without_address.clone(),
        }
    }

    /// A setting as a line: its name, and who follows it whither with what success.
    #[must_use]
    pub fn proxy_setting(&self, evidence: &Evidence, setting: &ProxySetting) -> (String, String) {
        let words = &self.texts.proxies;
        let mut says = self.proxy_rule(&setting.says);
        let test = setting.proxy().and_then(|proxy| evidence.proxy_test(proxy));
        if let Some(test) = test {
            let answer = self.proxy_test(test);
            says = words.joined.fill(&[("rule", &says), ("answer", &answer)]);
        }
        let followers = self.proxy_followers(setting.from.followers());
        let line = words
            .followed
            .fill(&[("followers", &followers), ("rule", &says)]);
        let name = match setting.from {
            ProxySource::EtcEnvironment { variable } => {
                format!("{} ({})", setting.from.name(), variable.name())
            }
            other => other.name().to_owned(),
        };
        (name, line)
    }
}
