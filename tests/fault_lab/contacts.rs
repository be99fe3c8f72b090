//! Whom the program sends packets to: the target, the configured resolver, and nobody else. The
//! kernel of the client counts everything that goes elsewhere (neighbour discovery aside).

use crate::network::{Lab, SERVER, SERVER_V6};
use crate::plan::Machine::{Client, Server};
use crate::plan::NEIGHBOURS;

const RESOLVER: &str = "10.77.1.53";

/// Counts what is neither for the target nor for the resolver nor for the machine itself.
const WATCH: &str = "table inet watch {
    counter elsewhere { }
    chain output {
        type filter hook output priority 100; policy accept;
        oif lo accept
        ip daddr { 10.77.1.10, 10.77.1.53 } accept
        ip6 daddr fd77:1::10 accept
        meta l4proto ipv6-icmp accept
        counter name elsewhere
    }
}";

#[test]
fn every_packet_goes_to_the_target_or_the_resolver() {
    let Some(mut lab) = Lab::new(&NEIGHBOURS) else {
        return;
    };
    lab.ip(Server, &format!("addr add {RESOLVER}/24 dev eth0"));
    lab.settings(Client, "resolv.conf", &format!("nameserver {RESOLVER}\n"));
    lab.serve(Server, "dns", &format!("{RESOLVER}:53"));
    lab.serve(Server, "http:400", &format!("{SERVER}:8080"));
    lab.serve(Server, "tls", &format!("{SERVER}:8443"));
    lab.serve(Server, "silent", &format!("{SERVER}:6379"));
    lab.filter(Server, "input", "tcp dport 5432 drop");
    lab.nft(Client, WATCH);
    for target in [
        format!("{SERVER}:9"),
        format!("{SERVER}:5432"),
        format!("{SERVER_V6}:9"),
        format!("http://{SERVER}:8080/path?query"),
        format!("https://{SERVER}:8443"),
        format!("https://{SERVER}:8080"),
        format!("redis://{SERVER}:6379"),
        "db.lab.test:9".to_owned(),
        "nowhere.lab.test:9".to_owned(),
        "printer.local:9100".to_owned(),
        "localhost:9".to_owned(),
    ] {
        let said = lab.check(Client, &target);
        assert!(!said.output.stdout.is_empty(), "{target}");
        let counted = lab.nft(Client, "list counter inet watch elsewhere");
        assert!(counted.contains("packets 0 "), "{target}: {counted}");
    }
}

#[test]
fn the_watch_sees_a_packet_that_goes_elsewhere() {
    let Some(lab) = Lab::new(&NEIGHBOURS) else {
        return;
    };
    lab.ip(Server, "addr add 10.77.1.99/24 dev eth0");
    lab.nft(Client, WATCH);
    lab.check(Client, "10.77.1.99:9");
    let counted = lab.nft(Client, "list counter inet watch elsewhere");
    assert!(!counted.contains("packets 0 "), "{counted}");
}
