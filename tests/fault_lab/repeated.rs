//! Faults that show only when the same port is asked several times.

use crate::script::faults;

faults! {
    a_limit_that_rejects_what_is_too_much: "
        server serves silent 10.77.1.10:5432
        server input tcp dport 5432 ct state new limit rate over 2/minute burst 5 packets reject with icmp type port-unreachable
        client asks 10.77.1.10:5432 --repeat 12 => rate-limited (likely), works";

    a_limit_that_drops_what_is_too_much: "
        server serves silent 10.77.1.10:5432
        server input tcp dport 5432 ct state new limit rate over 1/minute burst 4 packets drop
        client asks 10.77.1.10:5432 --repeat 12 => rate-limited (likely), works";

    a_service_that_restarts_again_and_again: "
        server serves restarting 10.77.1.10:5432
        client asks 10.77.1.10:5432 --repeat 20 => service-flapping (likely), works";

    two_machines_with_one_address: "
        doubled
        # Each calls for a neighbour every 2.4 s, once, and by turns.
        server sysctl net.ipv4.neigh.eth0.mcast_solicit=1
        far sysctl net.ipv4.neigh.eth0.mcast_solicit=1
        server serves silent 10.77.1.10:5432
        server serves calls:0 10.77.1
        far serves calls:1200 10.77.1
        client asks 10.77.1.10:5432 --repeat 24 => address-conflict (likely), works";

    two_machines_with_one_address_and_the_same_service: "
        doubled
        server serves silent 10.77.1.10:27017
        far serves silent 10.77.1.10:27017
        client asks 10.77.1.10:27017 --repeat 8 => reachable-silent (likely), works";

    every_third_packet_is_lost: "
        # Of the SYNs alone, and by count, so that chance has no part in it.
        server serves silent 10.77.1.10:5432
        server input tcp flags syn numgen inc mod 3 == 2 drop
        client asks 10.77.1.10:5432 --repeat 12 => packet-loss (likely), works";

    a_port_that_refuses_every_time: "
        client asks 10.77.1.10:5432 --repeat 12 => nothing-listening (likely)";

    a_port_that_accepts_every_time: "
        server serves silent 10.77.1.10:27017
        client asks 10.77.1.10:27017 --repeat 12 => reachable-silent (likely), works";
}
