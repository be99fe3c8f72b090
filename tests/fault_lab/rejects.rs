//! Rules that refuse with a message, and listeners that are elsewhere: each kind of message, over
//! both families.

use crate::network::Machine::{Client, Server};
use crate::network::{Lab, SERVER, SERVER_V6};
use crate::verdict::{BLOCKED, expect};

const CERTAIN: &[&str] = &["certain"];
const SURE_ENOUGH: &[&str] = &["certain", "likely"];
const LIKELY: &[&str] = &["likely"];

/// The server refuses port 5432 with this message.
#[track_caller]
fn rejected(target: &str, family: &str, message: &str) {
    let Some(mut lab) = Lab::new() else { return };
    lab.serve(Server, "silent", &format!("{target}:5432"));
    let rule = format!("tcp dport 5432 reject with {family} type {message}");
    lab.filter(Server, "input", &rule);
    let said = lab.check(Client, &format!("{target}:5432"));
    // The kernel limits how often it sends such messages; one that comes with the second SYN only
    // proves less.
    expect(&said, "firewall-rejects", SURE_ENOUGH, BLOCKED);
}

fn rejected_v4(message: &str) {
    rejected(SERVER, "icmp", message);
}

fn rejected_v6(message: &str) {
    rejected(SERVER_V6, "icmpv6", message);
}

#[test]
fn host_unreachable() {
    rejected_v4("host-unreachable");
}

#[test]
fn net_unreachable() {
    rejected_v4("net-unreachable");
}

#[test]
fn protocol_unreachable() {
    rejected_v4("prot-unreachable");
}

#[test]
fn host_prohibited() {
    rejected_v4("host-prohibited");
}

#[test]
fn net_prohibited() {
    rejected_v4("net-prohibited");
}

#[test]
fn no_route_over_ipv6() {
    rejected_v6("no-route");
}

#[test]
fn admin_prohibited_over_ipv6() {
    rejected_v6("admin-prohibited");
}

#[test]
fn address_unreachable_over_ipv6() {
    rejected_v6("addr-unreachable");
}

#[test]
fn port_unreachable_over_ipv6() {
    rejected_v6("port-unreachable");
}

#[test]
fn a_reset_by_rule_in_place_of_a_listener() {
    let Some(mut lab) = Lab::new() else { return };
    lab.serve(Server, "silent", "0.0.0.0:5432");
    lab.filter(Server, "input", "tcp dport 5432 reject with tcp reset");
    // From outside it looks like a closed port, which is why that is never certain.
    let said = lab.check(Client, &format!("{SERVER}:5432"));
    expect(&said, "nothing-listening", LIKELY, BLOCKED);
}

#[test]
fn a_service_on_another_address_of_its_machine() {
    let Some(mut lab) = Lab::new() else { return };
    lab.ip(Server, "addr add 10.77.50.1/24 dev lo");
    lab.serve(Server, "silent", "10.77.50.1:5432");
    let said = lab.check(Server, &format!("{SERVER}:5432"));
    expect(&said, "bound-elsewhere", CERTAIN, BLOCKED);
    let said = lab.check(Client, &format!("{SERVER}:5432"));
    expect(&said, "nothing-listening", LIKELY, BLOCKED);
}

#[test]
fn a_service_on_ipv4_only_asked_over_ipv6() {
    let Some(mut lab) = Lab::new() else { return };
    lab.serve(Server, "silent", "0.0.0.0:5432");
    let said = lab.check(Server, &format!("{SERVER_V6}:5432"));
    expect(&said, "wrong-family", CERTAIN, BLOCKED);
}
