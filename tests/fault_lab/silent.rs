//! Ports that do not answer at all.

use crate::script::faults;

faults! {
    one_port_is_dropped: "
        server input tcp dport 5432 drop
        client asks 10.77.1.10:5432 => firewall-drops-port (likely)";

    one_port_is_dropped_over_ipv6: "
        server input tcp dport 5432 drop
        client asks [fd77:1::10]:5432 => firewall-drops-port (likely)";

    a_firewall_that_lets_only_ssh_through: "
        server serves silent 10.77.1.10:5432
        server serves says:SSH-2.0-OpenSSH_9.2 10.77.1.10:22
        server input ct state established,related accept
        server nft add rule inet lab input tcp dport 22 accept
        server nft add rule inet lab input meta l4proto tcp drop
        client asks 10.77.1.10:5432 => firewall-drops-port (likely)";

    everything_is_dropped: "
        # The neighbour table says that the machine is there.
        server input meta l4proto { tcp, udp, icmp } drop
        client asks 10.77.1.10:5432 => firewall-drops-all (likely)";

    nobody_has_the_address: "
        client asks 10.77.1.99:5432 => host-down (likely)";

    nobody_has_the_ipv6_address: "
        client asks [fd77:1::99]:5432 => host-down (likely)";

    a_network_that_keeps_its_guests_apart: "
        # They hear nothing of each other, as if the other were off.
        switched
        near ip link set eth0 type bridge_slave isolated on
        near ip link set eth1 type bridge_slave isolated on
        client asks 10.77.1.10:5432 => host-down (likely)";

    a_server_without_a_way_back: "
        routed
        far serves silent 10.77.2.2:5432
        far ip route del default via 10.77.2.1
        client asks 10.77.2.2:5432 => silent-drop (likely)";

    a_server_that_expects_us_from_elsewhere: "
        # The strict reverse-path filter drops what comes in where no answer would go out.
        routed
        far serves silent 10.77.2.2:5432
        far ip link add other type bridge
        far ip link set other up
        far ip route add 10.77.1.0/24 dev other
        far sysctl net.ipv4.conf.all.rp_filter=1
        client asks 10.77.2.2:5432 => silent-drop (likely)";

    a_router_that_drops_the_port: "
        routed
        far serves silent 10.77.2.2:5432
        near forward tcp dport 5432 drop
        client asks 10.77.2.2:5432 => path-firewall-drops (likely)";

    a_second_router_that_drops_the_port: "
        # The last hop before the target drops as the target would.
        routed
        far serves silent 10.77.2.2:5432
        beyond forward tcp dport 5432 drop
        client asks 10.77.2.2:5432 => path-firewall-drops|firewall-drops-port (likely)";

    a_far_host_that_drops_the_port: "
        routed
        far serves silent 10.77.2.2:5432
        far input tcp dport 5432 drop
        client asks 10.77.2.2:5432 => firewall-drops-port (likely)";

    a_far_host_that_drops_everything: "
        # Behind a router nothing shows that it is there.
        routed
        far input meta l4proto { tcp, udp, icmp } drop
        client asks 10.77.2.2:5432 => silent-drop|firewall-drops-all (likely)";

    a_limit_of_connections_that_is_reached: "
        server serves silent 10.77.1.10:5432
        server input tcp dport 5432 ct state new ct count over 2 drop
        client serves holds:2 10.77.1.10:5432
        client asks 10.77.1.10:5432 => rate-limited|firewall-drops-port (likely)";

    a_full_queue_that_is_set_to_abort: "
        # New connections are dropped all the same.
        server sysctl net.ipv4.tcp_abort_on_overflow=1
        server serves deaf 10.77.1.10:5432
        server serves holds:3 10.77.1.10:5432
        server asks 10.77.1.10:5432 => accept-queue-full (certain)";

    a_queue_of_waiting_connections_that_is_full: "
        # From outside a full queue is as silent as a rule.
        server serves deaf 10.77.1.10:5432
        server serves holds:3 10.77.1.10:5432
        server asks 10.77.1.10:5432 => accept-queue-full (certain)
        client asks 10.77.1.10:5432 => accept-queue-full|firewall-drops-port (likely)";
}
