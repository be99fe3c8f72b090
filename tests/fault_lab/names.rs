//! Names that lead nowhere, or somewhere else.

use crate::network::Lab;
use crate::network::Machine::{Client, Server};
use crate::verdict::{BLOCKED, WORKS, expect};

const CERTAIN: &[&str] = &["certain"];
const LIKELY: &[&str] = &["likely"];

const NAMED: &str = "db.lab.test:5432";

#[test]
fn a_hosts_line_that_shadows_dns() {
    let Some(mut lab) = Lab::new() else { return };
    lab.serve(Server, "dns", "10.77.1.10:53");
    lab.settings(Client, "hosts", "127.0.0.1 localhost db.lab.test\n");
    let said = lab.check(Client, NAMED);
    expect(&said, "hosts-file-override", LIKELY, BLOCKED);
}

#[test]
fn a_hosts_line_that_dns_agrees_with() {
    let Some(mut lab) = Lab::new() else { return };
    lab.serve(Server, "dns", "10.77.1.10:53");
    lab.settings(Client, "hosts", "10.77.1.10 db.lab.test\n");
    let said = lab.check(Client, NAMED);
    expect(&said, "nothing-listening", LIKELY, BLOCKED);
}

#[test]
fn a_resolver_that_answers_for_anything() {
    let Some(mut lab) = Lab::new() else { return };
    lab.serve(Server, "dns-for-anything", "10.77.1.10:53");
    let said = lab.check(Client, "typo.exampel:5432");
    expect(&said, "name-resolves-wrong", LIKELY, BLOCKED);
}

#[test]
fn a_blocked_name_in_the_hosts_file() {
    let Some(lab) = Lab::new() else { return };
    lab.settings(Client, "hosts", "0.0.0.0 ads.example\n");
    let said = lab.check(Client, "ads.example:443");
    expect(&said, "hosts-file-override", CERTAIN, BLOCKED);
}

#[test]
fn settings_without_a_resolver() {
    let Some(lab) = Lab::new() else { return };
    lab.settings(Client, "resolv.conf", "");
    let said = lab.check(Client, NAMED);
    expect(&said, "resolver-misconfigured", CERTAIN, BLOCKED);
}

#[test]
fn sources_of_names_without_dns() {
    let Some(mut lab) = Lab::new() else { return };
    lab.serve(Server, "dns", "10.77.1.10:53");
    lab.settings(Client, "nsswitch.conf", "hosts: files\n");
    let said = lab.check(Client, NAMED);
    expect(&said, "resolver-misconfigured", CERTAIN, BLOCKED);
}

#[test]
fn a_local_name_where_nobody_speaks_mdns() {
    let Some(mut lab) = Lab::new() else { return };
    lab.serve(Server, "dns", "10.77.1.10:53");
    let said = lab.check(Client, "printer.local:631");
    expect(&said, "mdns-unavailable", LIKELY, BLOCKED);
}

#[test]
fn a_dead_resolver_before_a_living_one() {
    let Some(mut lab) = Lab::new() else { return };
    lab.serve(Server, "dns", "10.77.1.10:53");
    lab.serve(Server, "ssh", "10.77.1.10:22");
    // Nobody has the first address.
    let both = "nameserver 10.77.1.99\nnameserver 10.77.1.10\n";
    lab.settings(Client, "resolv.conf", both);
    let said = lab.check(Client, "db.lab.test:22");
    expect(&said, "resolver-slow", CERTAIN, WORKS);
}
