//! One fault each.

use crate::network::Machine::{Client, Server};
use crate::network::{Lab, SERVER};
use crate::verdict::{BLOCKED, WORKS, expect};

const CERTAIN: &[&str] = &["certain"];
const SURE_ENOUGH: &[&str] = &["certain", "likely"];
const LIKELY: &[&str] = &["likely"];
const HUMBLE: &[&str] = &["likely", "possible"];

fn at_server(port: u16) -> String {
    format!("{SERVER}:{port}")
}

#[test]
fn a_closed_port_of_another_machine() {
    let Some(lab) = Lab::new() else { return };
    let said = lab.check(Client, &at_server(5432));
    expect(&said, "nothing-listening", LIKELY, BLOCKED);
}

#[test]
fn a_closed_port_of_this_machine() {
    let Some(lab) = Lab::new() else { return };
    let said = lab.check(Client, "127.0.0.1:9");
    expect(&said, "nothing-listening", CERTAIN, BLOCKED);
}

#[test]
fn a_service_on_loopback_asked_by_the_machines_other_address() {
    let Some(mut lab) = Lab::new() else { return };
    lab.serve(Server, "silent", "127.0.0.1:5432");
    let said = lab.check(Server, &at_server(5432));
    expect(&said, "loopback-only", CERTAIN, BLOCKED);
    let said = lab.check(Client, &at_server(5432));
    expect(&said, "nothing-listening", LIKELY, BLOCKED);
}

#[test]
fn localhost_where_the_service_has_ipv4_only() {
    let Some(mut lab) = Lab::new() else { return };
    lab.serve(Client, "silent", "127.0.0.1:5432");
    let said = lab.check(Client, "localhost:5432");
    expect(&said, "wrong-family", SURE_ENOUGH, WORKS);
    let said = lab.check(Client, "[::1]:5432");
    expect(&said, "wrong-family", SURE_ENOUGH, BLOCKED);
}

#[test]
fn the_service_is_on_the_next_port() {
    let Some(mut lab) = Lab::new() else { return };
    lab.serve(Server, "silent", "0.0.0.0:5433");
    let said = lab.check(Server, "127.0.0.1:5432");
    expect(&said, "wrong-port", LIKELY, BLOCKED);
    let said = lab.check(Client, &at_server(5432));
    expect(&said, "wrong-port", LIKELY, BLOCKED);
}

#[test]
fn a_name_that_nobody_knows() {
    let Some(mut lab) = Lab::new() else { return };
    lab.serve(Server, "dns", "10.77.1.10:53");
    let said = lab.check(Client, "nowhere.lab.test:5432");
    expect(&said, "name-not-found", SURE_ENOUGH, BLOCKED);
    let said = lab.check(Client, "db.lab.test:5432");
    expect(&said, "nothing-listening", LIKELY, BLOCKED);
}

#[test]
fn a_resolver_that_does_not_answer() {
    let Some(lab) = Lab::new() else { return };
    lab.filter(Server, "input", "udp dport 53 drop");
    let said = lab.check(Client, "db.lab.test:5432");
    expect(&said, "resolver-unreachable", SURE_ENOUGH, BLOCKED);
}

#[test]
fn one_port_is_dropped() {
    let Some(lab) = Lab::new() else { return };
    lab.filter(Server, "input", "tcp dport 5432 drop");
    let said = lab.check(Client, &at_server(5432));
    expect(&said, "firewall-drops-port", LIKELY, BLOCKED);
}

#[test]
fn everything_is_dropped() {
    let Some(lab) = Lab::new() else { return };
    lab.filter(Server, "input", "meta l4proto { tcp, udp, icmp } drop");
    let said = lab.check(Client, &at_server(5432));
    // The neighbour table says that the machine is there.
    expect(&said, "firewall-drops-all", LIKELY, BLOCKED);
}

#[test]
fn the_target_rejects_with_port_unreachable() {
    let Some(lab) = Lab::new() else { return };
    lab.filter(
        Server,
        "input",
        "tcp dport 5432 reject with icmp type port-unreachable",
    );
    let said = lab.check(Client, &at_server(5432));
    expect(&said, "firewall-rejects", SURE_ENOUGH, BLOCKED);
}

#[test]
fn the_target_rejects_with_admin_prohibited() {
    let Some(lab) = Lab::new() else { return };
    lab.filter(
        Server,
        "input",
        "tcp dport 5432 reject with icmp type admin-prohibited",
    );
    let said = lab.check(Client, &at_server(5432));
    expect(&said, "firewall-rejects", SURE_ENOUGH, BLOCKED);
}

#[test]
fn this_machine_rejects_its_own_connection() {
    let Some(lab) = Lab::new() else { return };
    lab.filter(
        Client,
        "output",
        "tcp dport 5432 reject with icmp type admin-prohibited",
    );
    let said = lab.check(Client, &at_server(5432));
    expect(&said, "local-firewall-rejects", SURE_ENOUGH, BLOCKED);
}

#[test]
fn nobody_has_the_address() {
    let Some(lab) = Lab::new() else { return };
    let said = lab.check(Client, "10.77.1.99:5432");
    expect(&said, "host-down", HUMBLE, BLOCKED);
}

#[test]
fn a_machine_without_a_network() {
    let Some(lab) = Lab::without_wire() else {
        return;
    };
    let said = lab.check(Client, &at_server(5432));
    expect(&said, "no-network", CERTAIN, BLOCKED);
}

#[test]
fn a_machine_without_a_default_route() {
    let Some(lab) = Lab::new() else { return };
    let said = lab.check(Client, "10.78.0.1:5432");
    expect(&said, "no-default-route", CERTAIN, BLOCKED);
}

#[test]
fn tls_to_a_port_without_tls() {
    let Some(mut lab) = Lab::new() else { return };
    lab.serve(Server, "web", &at_server(8443));
    let said = lab.check(Client, &format!("https://{SERVER}:8443"));
    expect(&said, "tls-to-plain-port", SURE_ENOUGH, BLOCKED);
}

#[test]
fn plain_text_to_a_port_with_tls() {
    let Some(mut lab) = Lab::new() else { return };
    lab.serve(Server, "tls", &at_server(8080));
    let said = lab.check(Client, &format!("http://{SERVER}:8080"));
    expect(&said, "plain-to-tls-port", SURE_ENOUGH, BLOCKED);
}

#[test]
fn an_open_port_that_greets() {
    let Some(mut lab) = Lab::new() else { return };
    lab.serve(Server, "ssh", &at_server(22));
    let said = lab.check(Client, &at_server(22));
    expect(&said, "reachable", SURE_ENOUGH, WORKS);
}

#[test]
fn an_open_port_that_waits() {
    let Some(mut lab) = Lab::new() else { return };
    lab.serve(Server, "silent", &at_server(27017));
    let said = lab.check(Client, &at_server(27017));
    expect(&said, "reachable-silent", HUMBLE, WORKS);
}
