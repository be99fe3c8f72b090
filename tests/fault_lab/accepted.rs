//! Ports that accept, and what is wrong afterwards.

use crate::script::faults;

faults! {
    a_service_that_greets: "
        server serves says:SSH-2.0-OpenSSH_9.2 10.77.1.10:22
        client asks 10.77.1.10:22 => reachable (certain), works";

    a_service_that_waits: "
        server serves silent 10.77.1.10:27017
        client asks 10.77.1.10:27017 => reachable-silent (likely), works";

    an_unknown_service_that_keeps_silent: "
        server serves silent 10.77.1.10:40001
        client asks 10.77.1.10:40001 => reachable-silent (likely), works";

    a_server_that_resets_at_once: "
        server serves resets 10.77.1.10:5432
        client asks 10.77.1.10:5432 => server-resets (likely)";

    a_server_that_resets_at_the_first_bytes: "
        server serves resets-on-data 10.77.1.10:5432
        client asks 10.77.1.10:5432 => server-resets (likely)";

    a_server_that_hangs_up_at_once: "
        server serves hangs-up 10.77.1.10:5432
        client asks 10.77.1.10:5432 => forwarder-without-backend (likely)";

    an_ssh_server_that_hangs_up_at_once: "
        server serves hangs-up 10.77.1.10:22
        client asks 10.77.1.10:22 => forwarder-without-backend (likely|possible)";

    a_relay_with_nothing_behind_it: "
        server serves relay:127.0.0.1:9999 10.77.1.10:5432
        client asks 10.77.1.10:5432 => forwarder-without-backend (likely)";

    a_published_port_of_a_container_that_listens_on_its_loopback: "
        hosting
        container serves silent 127.0.0.1:5432
        server serves relay:10.77.60.2:5432 10.77.1.10:5432
        client asks 10.77.1.10:5432 => forwarder-without-backend (likely)";

    a_database_that_accepts_and_keeps_silent: "
        server serves silent 10.77.1.10:5432
        client asks 10.77.1.10:5432 => server-hung (likely)";

    a_database_that_should_greet_and_keeps_silent: "
        server serves silent 10.77.1.10:3306
        client asks 10.77.1.10:3306 => server-hung (likely)";

    a_program_that_is_stopped: "
        server serves http:200 10.77.1.10:8080
        server freezes
        server asks http://10.77.1.10:8080 => server-hung (likely)
        client asks http://10.77.1.10:8080 => server-hung (likely)";

    a_program_that_takes_no_more_connections: "
        # As one does that has no descriptor left.
        server serves takes:1 10.77.1.10:5432
        server serves holds:1 10.77.1.10:5432
        server asks 10.77.1.10:5432 => server-hung (likely)
        client asks 10.77.1.10:5432 => server-hung (likely)";

    a_web_server_that_keeps_silent: "
        server serves silent 10.77.1.10:8080
        client asks http://10.77.1.10:8080 => server-hung (likely)";

    a_web_server_that_answers_late: "
        server serves late:3 10.77.1.10:8080
        client asks http://10.77.1.10:8080 => server-slow (likely), works";

    ssh_where_a_web_page_was_named: "
        server serves says:SSH-2.0-OpenSSH_9.2 10.77.1.10:8080
        client asks http://10.77.1.10:8080 => wrong-service (certain)";

    a_web_server_on_the_port_of_a_database: "
        server serves http:400 10.77.1.10:5432
        client asks 10.77.1.10:5432 => wrong-service (likely)";

    a_database_that_answers: "
        server serves postgres 10.77.1.10:5432
        client asks 10.77.1.10:5432 => reachable (certain), works";

    a_database_without_tls_for_who_wants_it: "
        server serves postgres 10.77.1.10:5432
        client asks postgres://10.77.1.10:5432/app?sslmode=require => database-without-tls (certain)";

    a_database_that_does_not_serve_this_address: "
        server serves mysql:1130 10.77.1.10:3306
        client asks 10.77.1.10:3306 => source-blocked (certain)";

    a_database_that_blocked_this_address_after_errors: "
        server serves mysql:1129 10.77.1.10:3306
        client asks 10.77.1.10:3306 => source-blocked (certain)";

    a_handshake_that_a_device_on_the_way_completes: "
        routed
        near sysctl net.ipv4.tcp_syncookies=1
        near sysctl net.netfilter.nf_conntrack_tcp_loose=0
        near nft table ip raw { chain p { type filter hook prerouting priority -300; tcp dport 5432 tcp flags syn notrack; }; }
        near forward tcp dport 5432 ct state invalid,untracked synproxy mss 1460 wscale 7 timestamp sack-perm
        near nft add rule inet lab forward ct state invalid drop
        far input tcp dport 5432 drop
        client asks 10.77.2.2:5432 => data-dropped|server-hung|forwarder-without-backend (likely|possible)";
}
