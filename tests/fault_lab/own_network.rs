//! What is wrong with this machine's own network, or where it sends its packets.

use crate::network::Machine::{Client, Server};
use crate::network::{Lab, SERVER};
use crate::verdict::{BLOCKED, expect};

const CERTAIN: &[&str] = &["certain"];
const LIKELY: &[&str] = &["likely"];

fn target() -> String {
    format!("{SERVER}:5432")
}

#[test]
fn a_wire_without_a_signal() {
    let Some(lab) = Lab::new() else { return };
    lab.ip(Server, "link set eth0 down");
    let said = lab.check(Client, &target());
    expect(&said, "link-down", CERTAIN, BLOCKED);
}

#[test]
fn a_gateway_that_is_gone() {
    let Some(lab) = Lab::new() else { return };
    lab.ip(Client, "route add default via 10.77.1.254");
    let said = lab.check(Client, "10.78.0.1:5432");
    expect(&said, "gateway-down", CERTAIN, BLOCKED);
}

#[test]
fn a_bridge_that_covers_the_address() {
    let Some(lab) = Lab::new() else { return };
    lab.ip(Client, "link add br-test type bridge");
    lab.ip(Client, "link add port type veth peer name other");
    lab.ip(Client, "link set port master br-test up");
    lab.ip(Client, "link set other up");
    lab.ip(Client, "addr add 172.18.0.1/16 dev br-test");
    lab.ip(Client, "link set br-test up");
    let said = lab.check(Client, "172.18.5.5:5432");
    expect(&said, "local-subnet-overlap", LIKELY, BLOCKED);
}

#[test]
fn a_mask_that_is_too_short() {
    let Some(lab) = Lab::new() else { return };
    lab.ip(Client, "addr del 10.77.1.2/24 dev eth0");
    lab.ip(Client, "addr add 10.77.1.2/16 dev eth0");
    lab.ip(Client, "route add default via 10.77.1.10");
    let said = lab.check(Client, "10.77.2.2:5432");
    expect(&said, "wrong-netmask", &["possible"], BLOCKED);
}

#[test]
fn a_container_that_asks_its_own_loopback() {
    let Some(mut lab) = Lab::new() else { return };
    // One end of a pair whose other end is elsewhere, and the default route through it.
    lab.ip(Client, &format!("route add default via {SERVER}"));
    let said = lab.check(Client, "127.0.0.1:5432");
    expect(&said, "nothing-listening", LIKELY, BLOCKED);
    lab.serve(Server, "silent", &target());
    let said = lab.check(Client, "127.0.0.1:5432");
    expect(&said, "localhost-is-container", LIKELY, BLOCKED);
}
