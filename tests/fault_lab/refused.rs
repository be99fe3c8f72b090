//! Ports that refuse, and where the service is instead.

use crate::script::faults;

faults! {
    a_closed_port_of_another_machine: "
        client asks 10.77.1.10:5432 => nothing-listening (likely)";

    a_closed_port_behind_two_routers: "
        routed
        client asks 10.77.2.2:5432 => nothing-listening (likely)";

    a_closed_port_of_this_machine: "
        client asks 127.0.0.1:9 => nothing-listening (certain)";

    localhost_where_another_machine_was_meant: "
        server serves silent 10.77.1.10:5432
        client asks localhost:5432 => nothing-listening (certain)";

    a_port_that_the_firewall_lets_through_to_nobody: "
        server input ct state established,related accept
        server nft add rule inet lab input tcp dport { 22, 5432 } accept
        server nft add rule inet lab input meta l4proto tcp drop
        client asks 10.77.1.10:5432 => nothing-listening (likely)";

    a_reset_by_rule_in_place_of_a_listener: "
        # From outside it looks like a closed port, which is why that is never certain.
        server serves silent 0.0.0.0:5432
        server input tcp dport 5432 reject with tcp reset
        client asks 10.77.1.10:5432 => nothing-listening|firewall-rejects (likely)";

    a_reset_by_rule_on_the_machine_itself: "
        server serves silent 0.0.0.0:5432
        server input tcp dport 5432 reject with tcp reset
        server asks 10.77.1.10:5432 => firewall-rejects (likely)";

    a_service_on_loopback_asked_by_the_machines_other_address: "
        server serves silent 127.0.0.1:5432
        server asks 10.77.1.10:5432 => loopback-only (certain)
        client asks 10.77.1.10:5432 => nothing-listening (likely)";

    a_service_on_the_loopback_of_ipv6: "
        server serves silent [::1]:5432
        server asks [fd77:1::10]:5432 => loopback-only (certain)
        client asks [fd77:1::10]:5432 => nothing-listening (likely)";

    a_service_on_another_address_of_its_machine: "
        server ip addr add 10.77.50.1/24 dev lo
        server serves silent 10.77.50.1:5432
        server asks 10.77.1.10:5432 => bound-elsewhere (certain)
        client asks 10.77.1.10:5432 => nothing-listening (likely)";

    a_container_that_is_published_on_loopback_only: "
        hosting
        container serves silent 10.77.60.2:5432
        server serves relay:10.77.60.2:5432 127.0.0.1:5432
        server asks 10.77.1.10:5432 => loopback-only (certain)
        client asks 10.77.1.10:5432 => nothing-listening (likely)";

    a_container_whose_port_is_not_published: "
        hosting
        server ip link add docker0 up type bridge
        container serves contained:silent 10.77.60.2:5439
        server asks 127.0.0.1:5439 => not-published (likely)
        server asks 10.77.1.10:5439 => not-published (likely)
        client asks 10.77.1.10:5439 => nothing-listening (likely)";

    a_service_on_the_network_asked_on_loopback: "
        server serves silent 10.77.1.10:5432
        server asks 127.0.0.1:5432 => bound-elsewhere (certain)";

    localhost_where_the_service_has_ipv4_only: "
        client serves silent 127.0.0.1:5432
        client asks localhost:5432 => wrong-family (certain), works
        client asks [::1]:5432 => wrong-family (certain)";

    localhost_where_the_service_has_ipv6_only: "
        client serves silent [::1]:5432
        client asks localhost:5432 => wrong-family (certain), works
        client asks 127.0.0.1:5432 => wrong-family (certain)";

    a_service_on_ipv4_only_asked_over_ipv6: "
        server serves silent 0.0.0.0:5432
        server asks [fd77:1::10]:5432 => wrong-family (certain)
        client asks [fd77:1::10]:5432 => nothing-listening (likely)";

    a_service_on_ipv6_only_asked_over_ipv4: "
        server serves silent:v6only [::]:5432
        server asks 10.77.1.10:5432 => wrong-family (certain)
        client asks 10.77.1.10:5432 => nothing-listening (likely)";

    a_name_whose_service_has_ipv4_only: "
        server serves dns 10.77.1.10:53
        server serves silent 0.0.0.0:27017
        client asks both.lab.test:27017 => wrong-family (likely), works";

    the_service_is_on_the_next_port: "
        server serves silent 0.0.0.0:5433
        server asks 127.0.0.1:5432 => wrong-port (likely)
        client asks 10.77.1.10:5432 => wrong-port (likely)";

    a_stranger_on_the_next_port: "
        server serves silent 0.0.0.0:40002
        server asks 127.0.0.1:40001 => nothing-listening (certain)
        client asks 10.77.1.10:40001 => nothing-listening (likely)";

    the_service_is_on_its_other_usual_port: "
        server serves http:200 10.77.1.10:8080
        client asks http://10.77.1.10 => wrong-port (likely)";

    a_service_that_speaks_udp: "
        server serves udp 10.77.1.10:5432
        server asks 10.77.1.10:5432 => udp-service (likely)
        client asks 10.77.1.10:5432 => udp-service|nothing-listening (likely)";

    a_tunnel_that_speaks_udp_on_a_port_that_clients_borrow: "
        server serves udp 10.77.1.10:51820
        server asks 10.77.1.10:51820 => udp-service (likely)";

    a_database_on_its_unix_socket_only: "
        server serves unix .s.PGSQL.5432
        server asks 127.0.0.1:5432 => unix-socket-only (certain)
        client asks 10.77.1.10:5432 => nothing-listening (likely)";

    a_port_that_an_outgoing_connection_holds: "
        server serves silent 10.77.1.10:5432
        client sysctl net.ipv4.ip_local_port_range=45000 45000
        client serves holds:1 10.77.1.10:5432
        client sysctl net.ipv4.ip_local_port_range=32768 60999
        client asks 127.0.0.1:45000 => port-reserved (likely)";

    a_port_that_forwards_into_a_container_without_a_listener: "
        hosting
        server nft table ip nat { chain in { type nat hook prerouting priority dstnat; tcp dport 5432 dnat to 10.77.60.2; }; }
        client asks 10.77.1.10:5432 => forwarder-without-backend|nothing-listening (likely)";
}
