//! Faults that one end alone cannot tell from others, asked at both ends.

use crate::script::faults;

faults! {
    the_servers_own_firewall_drops: "
        server serves silent 0.0.0.0:5432
        server input tcp dport 5432 drop
        server tells local 5432 as admin while client asks 10.77.1.10:5432 --timeout 1.5 => server-firewall (certain)
        # Without rights it is not known whose firewall it is.
        server tells local 5432 while client asks 10.77.1.10:5432 --timeout 1.5 => dropped-somewhere (likely)";

    the_servers_own_firewall_rejects: "
        server serves silent 0.0.0.0:5432
        server input tcp dport 5432 reject
        server tells local 5432 as admin while client asks 10.77.1.10:5432 => server-firewall (certain)";

    a_firewall_between_drops: "
        routed
        far serves silent 0.0.0.0:5432
        near forward tcp dport 5432 drop
        far tells local 5432 as admin while client asks 10.77.2.2:5432 --timeout 1.5 => dropped-between (likely)
        # Watched before, it has nothing to say of the way.
        far tells local 5432 --watch 0.1 as admin before client asks 10.77.2.2:5432 --timeout 1.5 => dropped-between (possible)";

    a_firewall_between_rejects: "
        routed
        far serves silent 0.0.0.0:5432
        near forward tcp dport 5432 reject with tcp reset
        far tells local 5432 as admin while client asks 10.77.2.2:5432 => rejected-between (likely)";

    answers_are_lost: "
        routed
        far serves silent 0.0.0.0:5432
        beyond forward tcp sport 5432 drop
        far tells local 5432 while client asks 10.77.2.2:5432 --timeout 2.5 => reply-lost (certain)";

    answers_are_lost_behind_a_router_that_changes_addresses: "
        routed
        far serves silent 0.0.0.0:5432
        near nft add table ip nat
        near nft add chain ip nat post { type nat hook postrouting priority srcnat; }
        near nft add rule ip nat post oif eth1 masquerade
        beyond forward tcp sport 5432 drop
        far tells local 5432 while client asks 10.77.2.2:5432 --timeout 2.5 => reply-lost (likely)";

    the_service_is_on_loopback: "
        server serves silent 127.0.0.1:5432
        server tells local 5432 while client asks 10.77.1.10:5432 => loopback-only (certain)
        # A test that the server makes of itself tells it as well.
        server tells check 10.77.1.10:5432 before client asks 10.77.1.10:5432 => loopback-only (certain)";

    the_service_is_on_another_interface: "
        server ip link add vpn0 type bridge
        server ip addr add 10.8.0.5/24 dev vpn0
        server ip link set vpn0 up
        server serves silent 10.8.0.5:5432
        server tells local 5432 while client asks 10.77.1.10:5432 => other-address (certain)";

    the_service_is_on_another_port: "
        server serves silent 0.0.0.0:5433
        server tells local 5432 while client asks 10.77.1.10:5432 => other-port (likely)";

    the_service_does_not_run: "
        server tells local 5432 as admin while client asks 10.77.1.10:5432 => nothing-listens (certain)";

    the_service_does_not_run_and_forwards_are_unread: "
        server tells local 5432 while client asks 10.77.1.10:5432 => nothing-listens (likely)";

    the_service_is_on_ipv6_alone: "
        server serves silent:v6only [::]:5432
        server tells local 5432 while client asks 10.77.1.10:5432 => other-family (certain)";

    the_service_is_on_ipv4_alone: "
        server serves silent 0.0.0.0:5432
        server tells local 5432 while client asks [fd77:1::10]:5432 => other-family (certain)";

    a_forward_to_a_machine_that_is_gone: "
        routed
        far serves silent 0.0.0.0:5432
        near nft add table ip nat
        near nft add chain ip nat pre { type nat hook prerouting priority dstnat; }
        near nft add rule ip nat pre tcp dport 5432 dnat to 10.77.2.99
        far tells local 5432 as admin while client asks 10.77.1.1:5432 --timeout 1.5 => leads-elsewhere (likely)";

    a_forward_to_a_service_on_loopback: "
        # It leads to the right machine, which the reports do not show.
        routed
        far serves silent 127.0.0.1:5432
        near nft add table ip nat
        near nft add chain ip nat pre { type nat hook prerouting priority dstnat; }
        near nft add rule ip nat pre tcp dport 5432 dnat to 10.77.2.2
        far tells local 5432 as admin while client asks 10.77.1.1:5432 => loopback-only (possible)";

    a_forward_that_works: "
        routed
        far serves says:SSH-2.0-OpenSSH_9.2 0.0.0.0:22
        near nft add table ip nat
        near nft add chain ip nat pre { type nat hook prerouting priority dstnat; }
        near nft add rule ip nat pre tcp dport { 22, 5432 } dnat to 10.77.2.2
        far tells local 22 while client asks 10.77.1.1:22 => works (certain), works
        # What accepts and says nothing is no trouble of the way.
        far serves silent 0.0.0.0:5432
        far tells local 5432 while client asks 10.77.1.1:5432 => arrives-and-fails (likely)";

    one_client_is_left_out: "
        routed
        far serves silent 0.0.0.0:5432
        near serves holds:1 10.77.2.2:5432
        far input ip saddr 10.77.1.2 tcp dport 5432 drop
        # What stands since before may be older than the rule.
        far tells local 5432 while client asks 10.77.2.2:5432 --timeout 1.5 => source-limited (possible)
        # Whoever names the client gets the rule.
        far tells local 5432 --from 10.77.1.2 as admin while client asks 10.77.2.2:5432 --timeout 1.5 => server-firewall (certain)";

    the_service_no_longer_accepts: "
        server serves deaf 0.0.0.0:5432
        server serves holds:3 10.77.1.10:5432
        server tells local 5432 while client asks 10.77.1.10:5432 --timeout 1.5 => queue-full (certain)";

    the_server_passes_it_on: "
        hosting
        container serves says:SSH-2.0-OpenSSH_9.2 0.0.0.0:22
        server nft add table ip nat
        server nft add chain ip nat pre { type nat hook prerouting priority dstnat; }
        server nft add rule ip nat pre tcp dport 22 dnat to 10.77.60.2
        server tells local 22 while client asks 10.77.1.10:22 => accepted-elsewhere (likely), works";

    the_report_is_from_another_machine: "
        server serves silent 0.0.0.0:5432
        server tells local 5432 as admin while client asks 10.77.1.99:5432 => undecided (possible)";

    the_report_is_about_another_port: "
        server serves silent 127.0.0.1:5432
        server tells local 8080 while client asks 10.77.1.10:5432 => undecided (possible)";
}
