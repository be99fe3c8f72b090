//! The fault lab: each case builds its own machines out of network namespaces, breaks something, and
//! asks the real program, as a user without rights, what is wrong.
//!
//! Needs root on Linux and the commands `ip`, `nft`, `sysctl` and `setpriv`. Where they are missing
//! the cases say so and pass; with `CI=true` they fail. A case is a script: see [`script`].
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "test code")]
#![expect(
    clippy::items_after_statements,
    reason = "a counter stands where it counts"
)]

// How the lab is built.
mod janitor;
mod network;
mod plan;
mod rivals;
mod sandbox;
mod script;
mod servers;
mod verdict;

// The faults, from the address to the answer.
mod accepted;
mod certificates;
mod names;
mod own_limits;
mod own_network;
mod proxies;
mod refused;
mod rejected;
mod remaining;
mod repeated;
mod silent;
mod the_way;
mod two_ends;
mod web;

// What is measured beside the verdicts.
mod contacts;
