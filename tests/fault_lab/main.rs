//! Real faults in real networks: each case builds its own machines out of network namespaces,
//! breaks something, and asks the real program, as a user without rights, what is wrong.
//!
//! Needs root on Linux and the commands `ip`, `nft` and `setpriv`. Where they are missing the
//! cases say so and pass; with `CI=true` they fail.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "test code")]
#![expect(
    clippy::items_after_statements,
    reason = "a counter stands where it counts"
)]

mod cases;
mod contacts;
mod names;
mod network;
mod own_network;
mod protocol;
mod proxies;
mod rejects;
mod repeated;
mod rivals;
mod servers;
mod verdict;
