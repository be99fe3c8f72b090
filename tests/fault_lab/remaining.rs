//! Faults that show only in what a program said, in this machine's own tables, or in who answers.

use crate::script::faults;

faults! {
    a_program_bound_to_an_address_that_is_gone: "
        server serves silent 10.77.1.10:40001
        client pastes dial tcp 10.0.0.5:0->10.77.1.10:40001: bind: cannot assign requested address => source-address-missing (likely)
        client pastes dial tcp 10.77.1.2:0->10.77.1.10:40001: bind: cannot assign requested address => reachable-silent (likely), works";

    an_idle_connection_that_was_forgotten: "
        server serves silent 10.77.1.10:40001
        client pastes Communications link failure to 10.77.1.10:40001: The last packet successfully received from the server was 3,600,123 milliseconds ago => idle-state-lost (possible), works
        client pastes Communications link failure to 10.77.1.10:40001: The last packet successfully received from the server was 12 milliseconds ago => reachable-silent (likely), works";

    a_database_that_wants_tls: "
        server serves silent 10.77.1.10:40001
        client pastes connection to server at '10.77.1.10', port 40001 failed: FATAL: no pg_hba.conf entry for host '10.77.1.2', user 'app', database 'app', no encryption => database-requires-tls (possible)";

    the_public_address_of_the_own_router: "
        client ip route add default via 10.77.1.10
        server ip addr add 203.0.113.7/32 dev lo
        client asks 203.0.113.7:40001 => nat-hairpin (likely)";

    a_public_address_beyond_the_router: "
        routed
        far ip addr add 203.0.113.7/32 dev lo
        near ip route add 203.0.113.7/32 via 10.77.9.2
        beyond ip route add 203.0.113.7/32 via 10.77.2.2
        client asks 203.0.113.7:40001 => nothing-listening (likely)";

    answers_that_a_rule_drops_on_their_way_out: "
        server serves silent 10.77.1.10:40001
        server output tcp sport 40001 drop
        server asks 10.77.1.10:40001 => reply-lost (likely)";

    questions_that_a_rule_drops_before_they_arrive: "
        server serves silent 10.77.1.10:40001
        server input tcp dport 40001 drop
        server asks 10.77.1.10:40001 => firewall-drops-port|local-firewall-drops|silent-drop (likely|possible)";
}
