//! The proxy that programs of this user go through, and what it says about the target.

use serde::{Deserialize, Serialize};

use super::{Attempt, Heard};

/// A configured proxy for the target. Credentials are dropped while it is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proxy {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// What it speaks.
    pub kind: ProxyKind,
    /// The variable that names it, such as `https_proxy`.
    pub variable: String,
    /// The list of exceptions (`no_proxy`) has the target: programs go directly.
    pub bypassed: bool,
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

/// What came of asking the proxy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProxyTest {
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
