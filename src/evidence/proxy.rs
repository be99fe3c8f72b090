//! The proxies that are set up on this machine, and what they say about the target.

use serde::{Deserialize, Serialize};

use super::{Attempt, Fact, Heard};

/// One place that may name a proxy, and what it says for the target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProxySetting {
    /// The place.
    pub from: ProxySource,
    /// What it says.
    pub says: Fact<ProxyRule>,
}

/// A place that may name a proxy. Each is followed by programs of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProxySource {
    /// The environment that Ketnoi runs in, which command-line programs started beside it share.
    Environment {
        /// The variable.
        variable: ProxyVariable,
    },
    /// `/etc/environment` (`pam_env(8)`): what programs of the next login have, and ours has not.
    EtcEnvironment {
        /// The variable.
        variable: ProxyVariable,
    },
    /// The settings of GNOME and its relatives.
    Gnome,
    /// The settings of KDE.
    Kde,
    /// What Windows keeps for this user.
    Windows,
    /// What Windows keeps for its services (`WinHTTP`).
    WinHttp,
    /// The network settings of macOS.
    Macos,
}

impl ProxySource {
    /// Who follows it.
    #[must_use]
    pub fn followers(self) -> ProxyFollowers {
        match self {
            Self::Environment { .. } => ProxyFollowers::CommandLine,
            Self::EtcEnvironment { .. } => ProxyFollowers::NextLogin,
            Self::Gnome | Self::Kde | Self::Windows | Self::Macos => ProxyFollowers::Desktop,
            Self::WinHttp => ProxyFollowers::Services,
        }
    }

    /// What it is called everywhere: a variable, a file, a desktop.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Environment { variable } => variable.name(),
            Self::EtcEnvironment { .. } => "/etc/environment",
            Self::Gnome => "GNOME",
            Self::Kde => "KDE",
            Self::Windows => "Windows",
            Self::WinHttp => "WinHTTP",
            Self::Macos => "macOS",
        }
    }
}

/// A variable that names a proxy; `no_proxy` names none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProxyVariable {
    /// For HTTP.
    #[serde(rename = "http_proxy")]
    Http,
    /// For HTTP; ignored by programs that may run as a CGI script.
    #[serde(rename = "HTTP_PROXY")]
    HttpInCapitals,
    /// For HTTP inside TLS.
    #[serde(rename = "https_proxy")]
    Https,
    /// The same.
    #[serde(rename = "HTTPS_PROXY")]
    HttpsInCapitals,
    /// For every scheme that has no variable of its own.
    #[serde(rename = "all_proxy")]
    All,
    /// The same.
    #[serde(rename = "ALL_PROXY")]
    AllInCapitals,
}

impl ProxyVariable {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Http => "http_proxy",
            Self::HttpInCapitals => "HTTP_PROXY",
            Self::Https => "https_proxy",
            Self::HttpsInCapitals => "HTTPS_PROXY",
            Self::All => "all_proxy",
            Self::AllInCapitals => "ALL_PROXY",
        }
    }
}

/// The programs that follow a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProxyFollowers {
    /// Programs started where Ketnoi was: `curl`, most libraries.
    CommandLine,
    /// Programs of the desktop, such as browsers.
    Desktop,
    /// Programs that are started after the next login.
    NextLogin,
    /// Services of Windows.
    Services,
}

/// What a setting says for one target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProxyRule {
    /// No proxy.
    Direct,
    /// Through this proxy.
    Through(Proxy),
    /// This proxy, but not for the target: the list of exceptions has it.
    Exempt(Proxy),
    /// A script (PAC) decides. It was not run, so anything may be true.
    Script {
        /// The host that has the script; nothing for a file.
        host: Option<String>,
    },
    /// A script decides, if the network offers one (WPAD). Nobody was asked.
    Discovery,
}

/// A proxy. Credentials are dropped while its address is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proxy {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// What it speaks.
    pub kind: ProxyKind,
}

/// What a proxy speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProxyKind {
    /// HTTP (RFC 9110, 7.6 and 9.3.6).
    Http,
    /// HTTP inside TLS.
    Https,
    /// SOCKS (RFC 1928).
    Socks,
}

/// What came of asking a proxy for the target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProxyTest {
    /// The proxy.
    pub proxy: Proxy,
    /// The connection to it; nothing when its name has no address.
    pub attempt: Option<Attempt>,
    /// Its answer to a request for the target; nothing when it was not asked.
    pub heard: Option<Heard>,
}

impl Proxy {
    /// `host:port`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl ProxySetting {
    /// The proxy that its followers take to the target.
    #[must_use]
    pub fn proxy(&self) -> Option<&Proxy> {
        match self.says.known()? {
            ProxyRule::Through(proxy) => Some(proxy),
            ProxyRule::Direct
            | ProxyRule::Exempt(_)
            | ProxyRule::Script { .. }
            | ProxyRule::Discovery => None,
        }
    }
}
