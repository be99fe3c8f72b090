//! Faults that show only when the same port is asked several times.

use crate::network::Machine::{Client, Server};
use crate::network::{Lab, SERVER};
use crate::verdict::{BLOCKED, WORKS, expect};

const LIKELY: &[&str] = &["likely"];

const TEN_TIMES: &[&str] = &["--repeat", "12"];

fn target() -> String {
    format!("{SERVER}:5432")
}

#[test]
fn a_limit_that_rejects_what_is_too_much() {
    let Some(mut lab) = Lab::new() else { return };
    lab.serve(Server, "silent", &target());
    lab.filter(
        Server,
        "input",
        "tcp dport 5432 ct state new limit rate over 2/minute burst 5 packets \
         reject with icmp type port-unreachable",
    );
    let said = lab.check_with(Client, &target(), TEN_TIMES);
    expect(&said, "rate-limited", LIKELY, WORKS);
}

#[test]
fn a_limit_that_drops_what_is_too_much() {
    let Some(mut lab) = Lab::new() else { return };
    lab.serve(Server, "silent", &target());
    lab.filter(
        Server,
        "input",
        "tcp dport 5432 ct state new limit rate over 1/minute burst 4 packets drop",
    );
    let said = lab.check_with(Client, &target(), TEN_TIMES);
    expect(&said, "rate-limited", LIKELY, WORKS);
}

#[test]
fn a_service_that_restarts_again_and_again() {
    let Some(mut lab) = Lab::new() else { return };
    lab.serve(Server, "restarting", &target());
    let said = lab.check_with(Client, &target(), &["--repeat", "20"]);
    expect(&said, "service-flapping", LIKELY, WORKS);
}

#[test]
fn every_third_packet_is_lost() {
    let Some(mut lab) = Lab::new() else { return };
    lab.serve(Server, "silent", &target());
    // Of the SYNs alone, and by count, so that chance has no part in it.
    lab.filter(Server, "input", "tcp flags syn numgen inc mod 3 == 2 drop");
    let said = lab.check_with(Client, &target(), TEN_TIMES);
    expect(&said, "packet-loss", LIKELY, WORKS);
}

#[test]
fn a_port_that_refuses_every_time() {
    let Some(lab) = Lab::new() else { return };
    let said = lab.check_with(Client, &target(), TEN_TIMES);
    expect(&said, "nothing-listening", LIKELY, BLOCKED);
}

#[test]
fn a_port_that_accepts_every_time() {
    let Some(mut lab) = Lab::new() else { return };
    let target = format!("{SERVER}:27017");
    lab.serve(Server, "silent", &target);
    let said = lab.check_with(Client, &target, TEN_TIMES);
    expect(&said, "reachable-silent", LIKELY, WORKS);
}
