//! Proxies that are gone, needed, or in the way. The proxy is another address of the server.

use crate::network::Lab;
use crate::plan::Machine::{Client, Server};
use crate::plan::NEIGHBOURS;
use crate::script::faults;

faults! {
    a_proxy_that_is_gone: "
        server ip addr add 10.77.1.20/24 dev eth0
        server serves http:200 10.77.1.10:8080
        client within env http_proxy=http://10.77.1.20:3128/
        client asks http://10.77.1.10:8080 => proxy-dead (certain), works";

    a_proxy_that_nobody_has: "
        server serves http:200 10.77.1.10:8080
        client within env http_proxy=http://10.77.1.99:3128/
        client asks http://10.77.1.10:8080 => proxy-dead (likely), works";

    a_proxy_that_is_the_way_out: "
        # Beyond a router that forwards nothing: no proxy is the way to a neighbour.
        server ip addr add 10.77.1.20/24 dev eth0
        server serves http:407 10.77.1.20:3128
        client ip route add 10.78.0.0/16 via 10.77.1.10
        client within env HTTP_PROXY=10.77.1.20:3128
        client asks http://10.78.0.1 => proxy-required (likely)";

    a_proxy_that_cannot_reach_what_the_direct_way_does: "
        server ip addr add 10.77.1.20/24 dev eth0
        server serves http:200 10.77.1.10:8080
        server serves http:502 10.77.1.20:3128
        client within env all_proxy=http://10.77.1.20:3128
        client asks http://10.77.1.10:8080 => proxy-bypass-missing (certain), works";
}

#[test]
fn the_password_of_a_proxy_is_not_told() {
    let Some(mut lab) = Lab::new(&NEIGHBOURS) else {
        return;
    };
    lab.ip(Server, "addr add 10.77.1.20/24 dev eth0");
    lab.serve(Server, "http:200", "10.77.1.10:8080");
    lab.start_within("env http_proxy=http://joe:secret@10.77.1.20:3128/");
    let said = lab.check(Client, "http://10.77.1.10:8080");
    let told = String::from_utf8_lossy(&said.output.stdout);
    assert!(!told.contains("secret") && told.contains("10.77.1.20:3128"));
}
