//! Rules that refuse with a message: each kind of message, over both families, from the target and
//! from the way.

use crate::script::faults;

faults! {
    port_unreachable: "
        server input tcp dport 5432 reject with icmp type port-unreachable
        client asks 10.77.1.10:5432 => firewall-rejects (certain|likely)";

    host_unreachable: "
        server input tcp dport 5432 reject with icmp type host-unreachable
        client asks 10.77.1.10:5432 => firewall-rejects (certain|likely)";

    net_unreachable: "
        server input tcp dport 5432 reject with icmp type net-unreachable
        client asks 10.77.1.10:5432 => firewall-rejects (certain|likely)";

    protocol_unreachable: "
        server input tcp dport 5432 reject with icmp type prot-unreachable
        client asks 10.77.1.10:5432 => firewall-rejects (certain|likely)";

    host_prohibited: "
        server input tcp dport 5432 reject with icmp type host-prohibited
        client asks 10.77.1.10:5432 => firewall-rejects (certain|likely)";

    net_prohibited: "
        server input tcp dport 5432 reject with icmp type net-prohibited
        client asks 10.77.1.10:5432 => firewall-rejects (certain|likely)";

    admin_prohibited: "
        server input tcp dport 5432 reject with icmp type admin-prohibited
        client asks 10.77.1.10:5432 => firewall-rejects (certain|likely)";

    no_route_over_ipv6: "
        server input tcp dport 5432 reject with icmpv6 type no-route
        client asks [fd77:1::10]:5432 => firewall-rejects (certain|likely)";

    admin_prohibited_over_ipv6: "
        server input tcp dport 5432 reject with icmpv6 type admin-prohibited
        client asks [fd77:1::10]:5432 => firewall-rejects (certain|likely)";

    address_unreachable_over_ipv6: "
        server input tcp dport 5432 reject with icmpv6 type addr-unreachable
        client asks [fd77:1::10]:5432 => firewall-rejects (certain|likely)";

    port_unreachable_over_ipv6: "
        server input tcp dport 5432 reject with icmpv6 type port-unreachable
        client asks [fd77:1::10]:5432 => firewall-rejects (certain|likely)";

    a_ban_of_this_address_alone: "
        # What is served over IPv6 is refused over IPv4; who else is served is not seen.
        server serves dns 10.77.1.10:53
        server serves silent [::]:27017
        server input ip saddr 10.77.1.2 tcp dport 27017 reject with icmp type port-unreachable
        client asks 10.77.1.10:27017 => firewall-rejects|source-blocked (certain|likely)
        client asks both.lab.test:27017 => ipv6-firewall|source-blocked|firewall-rejects (likely), works";

    a_far_host_that_prohibits: "
        routed
        far serves silent 10.77.2.2:5432
        far input tcp dport 5432 reject with icmp type admin-prohibited
        client asks 10.77.2.2:5432 => firewall-rejects (certain|likely)";

    a_router_that_prohibits: "
        routed
        far serves silent 10.77.2.2:5432
        near forward tcp dport 5432 reject with icmp type admin-prohibited
        client asks 10.77.2.2:5432 => path-firewall-rejects (certain|likely)";

    a_second_router_that_rejects_the_port: "
        routed
        far serves silent 10.77.2.2:5432
        beyond forward tcp dport 5432 reject with icmp type port-unreachable
        client asks 10.77.2.2:5432 => path-firewall-rejects (certain|likely)";

    a_router_that_prohibits_over_ipv6: "
        routed
        far serves silent [fd77:2::2]:5432
        near forward tcp dport 5432 reject with icmpv6 type admin-prohibited
        client asks [fd77:2::2]:5432 => path-firewall-rejects (certain|likely)";

    a_first_router_that_resets: "
        routed
        far serves silent 10.77.2.2:5432
        near forward tcp dport 5432 reject with tcp reset
        client asks 10.77.2.2:5432 => path-firewall-resets (likely)";

    a_last_router_that_resets: "
        # Its reset comes from as far as the target's own.
        routed
        far serves silent 10.77.2.2:5432
        beyond forward tcp dport 5432 reject with tcp reset
        client asks 10.77.2.2:5432 => nothing-listening|path-firewall-resets (likely)";
}
