//! What is wrong with this machine's own network, or where it sends its packets.

use crate::script::faults;

faults! {
    a_machine_without_a_network: "
        alone
        client asks 10.77.1.10:5432 => no-network (certain)";

    a_card_that_is_switched_off: "
        client ip link set eth0 down
        client asks 10.77.1.10:5432 => no-network (certain)";

    a_machine_to_which_nobody_gave_an_address: "
        client ip addr flush dev eth0
        client ip addr add 169.254.7.7/16 dev eth0
        client asks 10.77.1.10:5432 => no-network (certain)";

    a_machine_without_a_default_route: "
        client asks 10.78.0.1:5432 => no-default-route (certain)";

    ipv6_that_is_switched_off: "
        client sysctl net.ipv6.conf.all.disable_ipv6=1
        client asks [fd77:1::10]:5432 => ipv6-unavailable (certain)";

    a_wire_without_a_signal: "
        server ip link set eth0 down
        client asks 10.77.1.10:5432 => link-down (certain)";

    a_gateway_that_is_gone: "
        client ip route add default via 10.77.1.254
        client asks 10.78.0.1:5432 => gateway-down (certain)";

    a_gateway_of_ipv6_that_is_gone: "
        client ip route add default via fd77:1::fe
        client asks [fd78::1]:5432 => gateway-down (certain)";

    a_mask_that_is_too_short: "
        client ip addr del 10.77.1.2/24 dev eth0
        client ip addr add 10.77.1.2/16 dev eth0
        client ip route add default via 10.77.1.10
        client asks 10.77.2.2:5432 => wrong-netmask (possible)";

    a_bridge_that_covers_the_address: "
        client ip link add br-test type bridge
        client ip link add port type veth peer name other
        client ip link set port master br-test up
        client ip link set other up
        client ip addr add 172.18.0.1/16 dev br-test
        client ip link set br-test up
        client asks 172.18.5.5:5432 => local-subnet-overlap (likely)";

    a_tunnel_that_swallows_the_own_network: "
        server serves silent 10.77.1.10:5432
        client serves tunnel tun0
        client ip route add 10.77.1.10/32 dev tun0
        client asks 10.77.1.10:5432 => vpn-route (likely)";

    a_tunnel_whose_other_end_keeps_silent: "
        client serves tunnel tun0
        client ip route add 10.99.0.0/16 dev tun0
        client asks 10.99.0.5:5432 => silent-drop|vpn-route (likely)";

    a_route_that_prohibits: "
        routed
        client ip route add prohibit 10.77.2.2/32
        client asks 10.77.2.2:5432 => route-prohibited (certain)";

    a_route_into_a_black_hole: "
        routed
        client ip route add blackhole 10.77.2.0/24
        client asks 10.77.2.2:5432 => route-prohibited (certain)";

    a_route_that_is_unreachable: "
        routed
        client ip route add unreachable 10.77.2.2/32
        client asks 10.77.2.2:5432 => route-prohibited (certain)";

    a_route_of_ipv6_that_prohibits: "
        routed
        client ip route add prohibit fd77:2::/64
        client asks [fd77:2::2]:5432 => route-prohibited (certain)";

    a_route_of_ipv6_into_a_black_hole: "
        routed
        client ip route add blackhole fd77:2::/64
        client asks [fd77:2::2]:5432 => route-prohibited (certain)";

    a_container_that_asks_its_own_loopback: "
        # One end of a pair whose other end is elsewhere, and the default route through it.
        hosting
        container asks 127.0.0.1:5432 => nothing-listening (likely)
        server serves silent 10.77.60.1:5432
        container asks 127.0.0.1:5432 => localhost-is-container (likely)";
}
