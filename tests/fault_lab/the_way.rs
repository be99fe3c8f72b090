//! What routers on the way say, or do to packets.

use crate::script::faults;

faults! {
    a_router_without_a_route: "
        routed
        client asks 10.99.0.5:5432 => no-route-beyond (certain|likely)";

    a_first_router_whose_route_is_unreachable: "
        routed
        near ip route add unreachable 10.99.0.0/16
        client asks 10.99.0.5:5432 => no-route-beyond|host-down (likely|possible)";

    a_router_without_a_route_for_ipv6: "
        routed
        client asks [fd99::5]:5432 => no-route-beyond (certain|likely)";

    a_router_with_a_route_that_prohibits: "
        routed
        near ip route add prohibit 10.77.2.0/24
        client asks 10.77.2.2:5432 => path-firewall-rejects (certain|likely)";

    a_router_with_a_route_of_ipv6_that_prohibits: "
        routed
        near ip route add prohibit fd77:2::/64
        client asks [fd77:2::2]:5432 => path-firewall-rejects (certain|likely)";

    a_router_with_a_black_hole: "
        routed
        near ip route add blackhole 10.77.2.0/24
        client asks 10.77.2.2:5432 => silent-drop|path-firewall-drops (likely)";

    a_host_that_is_off_behind_the_routers: "
        routed
        client asks 10.77.2.77:5432 => host-down (likely)";

    two_routers_that_send_to_each_other: "
        routed
        beyond ip route add 10.88.0.0/16 via 10.77.9.1
        client asks 10.88.0.5:5432 => routing-loop (certain)";

    two_routers_that_send_ipv6_to_each_other: "
        routed
        beyond ip route add fd88::/16 via fd77:9::1
        client asks [fd88::5]:5432 => routing-loop (certain)";

    a_narrow_way_that_does_not_say_so: "
        routed
        near ip link set eth1 mtu 1300
        beyond ip link set eth0 mtu 1300
        near output icmp type destination-unreachable drop
        beyond output icmp type destination-unreachable drop
        far serves tls:long 10.77.2.2:8443
        client asks https://10.77.2.2:8443 => mtu-black-hole (likely)";

    a_narrow_way_that_says_so: "
        routed
        near ip link set eth1 mtu 1300
        beyond ip link set eth0 mtu 1300
        far serves tls:web 10.77.2.2:8443
        client asks https://10.77.2.2:8443 => reachable (certain), works";

    large_packets_that_vanish: "
        # Otherwise several packets would cross this wire, and be counted, as one.
        client ip link set eth0 gso_max_segs 1
        server serves silent 10.77.1.10:8443
        server input tcp dport 8443 meta length > 1000 drop
        client asks https://10.77.1.10:8443 => mtu-black-hole (likely)";

    data_that_are_dropped_whatever_their_size: "
        server serves http:200 10.77.1.10:8080
        server input tcp dport 8080 meta length > 80 drop
        client asks http://10.77.1.10:8080 => data-dropped (likely)";

    a_router_that_drops_data: "
        routed
        far serves http:200 10.77.2.2:8080
        near forward tcp dport 8080 meta length > 80 drop
        client asks http://10.77.2.2:8080 => data-dropped (likely)";

    a_port_that_forwards_to_an_address_nobody_has: "
        hosting
        server nft table ip nat { chain in { type nat hook prerouting priority dstnat; tcp dport 5432 dnat to 10.77.60.9; }; }
        client asks 10.77.1.10:5432 => forwarder-without-backend (likely)";

    a_network_that_shows_its_sign_in_page: "
        routed
        near serves redirects:http://portal.lab.test/login 10.77.1.1:8000
        near nft table ip nat { chain in { type nat hook prerouting priority dstnat; iif eth0 tcp dport 80 redirect to :8000; }; }
        near forward iif eth0 drop
        client asks http://10.77.2.2 => captive-portal (likely)";
}
