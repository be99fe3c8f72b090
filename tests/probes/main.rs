//! Asking the network: real loopback sockets, and scripted networks under paused time.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests are tests, though clippy cannot see it"
)]

mod namespace;
mod scripted;
mod sockets;
mod support;
mod worker;
