//! A policy of the system that forbids a program to connect: Landlock (landlock(7), since Linux 6.7
//! for TCP). What a thread forbids itself holds for all that it starts.

use std::process::{Command, Output};

use landlock::{ABI, Access as _, AccessNet, Ruleset, RulesetAttr as _, RulesetStatus};

/// Whether the kernel has it.
pub fn is_available() -> bool {
    in_a_thread(|| forbid_connecting() == RulesetStatus::FullyEnforced)
}

/// Runs a command that may not connect.
pub fn output(command: &mut Command) -> Output {
    in_a_thread(|| {
        forbid_connecting();
        command.output().unwrap()
    })
}

fn forbid_connecting() -> RulesetStatus {
    let access = AccessNet::from_all(ABI::V4) & AccessNet::ConnectTcp;
    let rules = Ruleset::default().handle_access(access).unwrap();
    rules.create().unwrap().restrict_self().unwrap().ruleset
}

fn in_a_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("sandboxed".to_owned());
        thread.spawn_scoped(scope, work).unwrap().join().unwrap()
    })
}
