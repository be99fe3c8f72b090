//! The listings of nft(8): `nft -j list ruleset` ([`from_json`], libnftables-json(5)) and
//! `nft list ruleset` ([`from_text`]).

mod condition;
mod json;
mod print;
mod rule;
mod selector;
mod text;
mod words;

pub use json::from_json;
pub use text::from_text;

/// Longer listings are not read.
const MOST_BYTES: usize = 32 << 20;

#[cfg(test)]
mod tests;
