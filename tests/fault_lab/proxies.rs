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

    a_proxy_of_gnome_that_is_gone: "
        server ip addr add 10.77.1.20/24 dev eth0
        server serves http:200 10.77.1.10:8080
        client has hosts: 10.77.1.10 web.lab.test; 10.77.1.20 proxy.example.vn
        client keeps .config/dconf/user from linux/dconf/proxy-manual
        client asks http://web.lab.test:8080 => proxy-dead (likely), works
        # An exception of the settings.
        client asks http://10.77.1.10:8080 => reachable (certain), works";

    a_proxy_of_gnome_that_is_gone_beside_one_that_works: "
        server ip addr add 10.77.1.20/24 dev eth0
        server serves http:200 10.77.1.10:8080
        server serves http:200 10.77.1.20:8118
        client has hosts: 10.77.1.10 web.lab.test; 10.77.1.20 proxy.example.vn
        client keeps .config/dconf/user from linux/dconf/proxy-manual
        client within env http_proxy=10.77.1.20:8118 XDG_CURRENT_DESKTOP=ubuntu:GNOME
        client asks http://web.lab.test:8080 => proxy-dead (likely), works";

    a_script_of_gnome_is_not_run: "
        server serves http:200 10.77.1.10:8080
        client has hosts: 10.77.1.10 web.lab.test wpad.example.vn
        client keeps .config/dconf/user from linux/dconf/proxy-script
        client asks http://web.lab.test:8080 => reachable (certain), works";

    a_proxy_of_kde_that_is_the_way_out: "
        server ip addr add 10.77.1.20/24 dev eth0
        server serves http:407 10.77.1.20:3128
        client ip route add 10.78.0.0/16 via 10.77.1.10
        client keeps .config/kioslaverc: [Proxy Settings]; ProxyType=1; httpProxy=http://10.77.1.20 3128
        client asks http://10.78.0.1 => proxy-required (likely)";

    a_proxy_of_kde_does_not_count_on_another_desktop: "
        server serves http:200 10.77.1.10:8080
        client keeps .config/kioslaverc: [Proxy Settings]; ProxyType=1; httpProxy=http://10.77.1.99 3128
        client within env XDG_CURRENT_DESKTOP=XFCE
        client asks http://10.77.1.10:8080 => reachable (certain), works";

    a_proxy_of_the_next_login_that_cannot_reach_it: "
        server ip addr add 10.77.1.20/24 dev eth0
        server serves http:200 10.77.1.10:8080
        server serves http:504 10.77.1.20:3128
        client has environment: http_proxy=http://10.77.1.20:3128/
        client asks http://10.77.1.10:8080 => proxy-bypass-missing (likely), works";

    a_proxy_that_forbids_a_tunnel: "
        server ip addr add 10.77.1.20/24 dev eth0
        server serves tls:web 10.77.1.10:8443
        server serves http:403 10.77.1.20:3128
        client within env https_proxy=10.77.1.20:3128
        client asks https://10.77.1.10:8443 => proxy-bypass-missing (certain), works";

    no_proxy_is_asked_for_where_only_the_target_may_be: "
        server serves http:200 10.77.1.10:8080
        client within env http_proxy=http://10.77.1.99:3128/
        client asks http://10.77.1.10:8080 --target-only => reachable (certain), works";
}

#[test]
fn the_password_of_a_proxy_is_told_nowhere() {
    let Some(mut lab) = Lab::new(&NEIGHBOURS) else {
        return;
    };
    lab.ip(Server, "addr add 10.77.1.20/24 dev eth0");
    lab.serve(Server, "http:200", "10.77.1.10:8080");
    lab.start_within("env http_proxy=http://joe:secret@10.77.1.20:3128/");
    let kde = "[Proxy Settings]\nProxyType=1\nhttpProxy=http://joe:secret@10.77.1.20 3129\n";
    lab.keep(".config/kioslaverc", kde.as_bytes());
    let said = lab.check(Client, "http://10.77.1.10:8080");
    let told = String::from_utf8_lossy(&said.output.stdout);
    assert!(!told.contains("secret") && !told.contains("joe"), "{told}");
    assert!(told.contains("10.77.1.20:3128") && told.contains("10.77.1.20:3129"));
}
