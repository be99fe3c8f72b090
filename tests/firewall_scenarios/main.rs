//! Real firewalls on real machines: each scenario builds a server and a client out of namespaces,
//! lets a firewall's own tool set its rules, and holds what Ketnoi says against what the kernel does.
//!
//! The rule that Ketnoi names has to be the one that decides: the kernel is its witness, which traces
//! the client's packet through the rules.
//!
//! On the server Ketnoi is asked as root, where it has to know, and as a user without rights, where
//! it must not pretend to. The fix it proposes is pasted into a root shell there: then the client
//! gets through. The undo is pasted too: then the rules are the ones from before.
//!
//! Everything is private to a scenario: network, processes, `/run`, the system bus and the settings
//! below `/etc`. Needs root on Linux; where that is missing the scenarios say so and pass, with
//! `CI=true` they fail.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "test code")]

mod lasting;
mod machine;
mod outbound;
mod scenario;
mod scenarios;
mod witness;
