//! The certificates a TLS peer showed, and what this machine makes of them: facts only, each on
//! its own, so that a rule can tell an expired certificate from a foreign one.

use serde::{Deserialize, Serialize};

use super::Fact;

/// What a peer showed in its handshake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presented {
    /// The certificates, the peer's own first, as far as they could be read; at most eight.
    pub chain: Vec<Certificate>,
    /// Whether the peer's certificate is for the name or address that was asked for.
    pub name_fits: Fact<bool>,
    /// Whether somebody this machine trusts has signed it, at a time when it was valid.
    pub trusted: Fact<bool>,
    /// This machine's clock, in seconds since 1970.
    pub clock: i64,
    /// The peer asked for a client certificate; we have none to show.
    #[serde(default)]
    pub certificate_wanted: bool,
}

/// One certificate (RFC 5280). All texts are printable and bounded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Whose it is.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// The names and addresses it is for; at most twenty.
    pub names: Vec<String>,
    /// The first second of its time, since 1970.
    pub not_before: i64,
    /// The last.
    pub not_after: i64,
    /// It names itself as its issuer.
    pub self_signed: bool,
}

impl Certificate {
    /// Whether the certificate's time has begun and is not over.
    #[must_use]
    pub fn is_valid_at(&self, time: i64) -> bool {
        (self.not_before..=self.not_after).contains(&time)
    }
}
