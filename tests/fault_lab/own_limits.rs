//! This machine's own rules, policies and limits.

use crate::network::Lab;
use crate::plan::Machine::Client;
use crate::plan::NEIGHBOURS;
use crate::script::faults;
use crate::verdict::{Expected, expect};

faults! {
    an_own_rule_that_drops_the_port: "
        server serves silent 10.77.1.10:5432
        client output tcp dport 5432 drop
        client asks 10.77.1.10:5432 => local-firewall-drops (likely)";

    an_own_rule_that_drops_everything_to_a_host: "
        server serves silent 10.77.1.10:5432
        client output ip daddr 10.77.1.10 drop
        client asks 10.77.1.10:5432 => local-firewall-drops (likely)";

    an_own_rule_against_one_user: "
        server serves silent 10.77.1.10:5432
        client output meta skuid 65534 tcp dport 5432 drop
        client asks 10.77.1.10:5432 => local-firewall-drops (likely)";

    an_own_rule_that_drops_over_ipv6: "
        server serves silent [fd77:1::10]:5432
        client output meta nfproto ipv6 tcp dport 5432 drop
        client asks [fd77:1::10]:5432 => local-firewall-drops (likely)";

    an_own_rule_that_rejects_as_unreachable: "
        server serves silent 10.77.1.10:5432
        client output tcp dport 5432 reject with icmp type port-unreachable
        client asks 10.77.1.10:5432 => local-firewall-rejects (certain)";

    an_own_rule_that_rejects_as_prohibited: "
        client output tcp dport 5432 reject with icmp type admin-prohibited
        client asks 10.77.1.10:5432 => local-firewall-rejects (certain)";

    an_own_rule_that_resets: "
        server serves silent 10.77.1.10:5432
        client output tcp dport 5432 reject with tcp reset
        client asks 10.77.1.10:5432 => local-firewall-rejects (certain)";

    a_rule_that_drops_on_loopback: "
        server serves silent 127.0.0.1:5432
        server input iif lo tcp dport 5432 drop
        server asks 127.0.0.1:5432 => firewall-drops-port (likely)";

    a_sandbox_that_forbids_to_connect: "
        server serves silent 10.77.1.10:5432
        client sandboxed
        client asks 10.77.1.10:5432 => local-policy-denies (certain)";

    every_own_port_in_use: "
        server serves silent 10.77.1.10:5432
        client sysctl net.ipv4.ip_local_port_range=40000 40009
        client serves holds:10 10.77.1.10:5432
        client asks 10.77.1.10:5432 => client-out-of-ports (certain)";
}

/// How many descriptors the program needs for itself is its own affair: the first limit at which it
/// says something leaves none for the connection.
#[test]
fn no_descriptor_left() {
    let Some(mut lab) = Lab::new(&NEIGHBOURS) else {
        return;
    };
    let mut all = (7..32).map(|limit| {
        lab.start_within(&format!("prlimit --nofile={limit}"));
        lab.check(Client, "10.77.1.10:5432")
    });
    let said = all.find(|said| matches!(said.output.status.code(), Some(0 | 1)));
    let expected = Expected::read("client-out-of-descriptors (certain)");
    expect(&said.unwrap(), &expected);
}
