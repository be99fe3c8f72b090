//! Addresses that are none, and names that lead nowhere, late, or somewhere else.

use crate::script::faults;

faults! {
    the_broadcast_address_of_the_own_network: "
        client asks 10.77.1.255:5432 => bad-address (certain)";

    an_address_of_a_group: "
        client asks 224.0.0.251:5353 => bad-address (certain)";

    a_link_local_address_without_its_zone: "
        client asks [fe80::1]:5432 => bad-address (certain)";

    a_name_that_nobody_knows: "
        server serves dns 10.77.1.10:53
        client asks nowhere.lab.test:5432 => name-not-found (certain)
        client asks db.lab.test:5432 => nothing-listening (likely)";

    an_alias_of_a_name_that_is_gone: "
        server serves dns 10.77.1.10:53
        client asks gone.lab.test:5432 => name-not-found (certain)";

    a_single_word_without_a_search_domain: "
        server serves dns 10.77.1.10:53
        client asks db:5432 => name-not-found (certain)";

    a_name_without_an_address: "
        server serves dns 10.77.1.10:53
        client asks mail.lab.test:5432 => name-has-no-address (certain)";

    an_international_name: "
        server serves dns 10.77.1.10:53
        server serves says:SSH-2.0-OpenSSH_9.2 10.77.1.10:22
        client asks bücher.lab.test:22 => reachable (certain), works";

    a_name_that_is_blocked: "
        server serves dns 10.77.1.10:53
        client asks ads.lab.test:443 => name-blocked (certain)";

    a_name_that_is_blocked_in_the_hosts_file: "
        client has hosts: 0.0.0.0 ads.example
        client asks ads.example:443 => hosts-file-override (certain)";

    a_hosts_line_that_shadows_dns: "
        server serves dns 10.77.1.10:53
        client has hosts: 127.0.0.1 localhost db.lab.test
        client asks db.lab.test:5432 => hosts-file-override (likely)";

    a_hosts_line_that_dns_agrees_with: "
        server serves dns 10.77.1.10:53
        client has hosts: 10.77.1.10 db.lab.test
        client asks db.lab.test:5432 => nothing-listening (likely)";

    a_record_of_an_address_that_was_given_up: "
        server serves dns 10.77.1.10:53
        client asks moved.lab.test:5432 => host-down (likely)";

    a_resolver_that_answers_for_anything: "
        server serves dns:anything 10.77.1.10:53
        client asks typo.exampel:5432 => name-resolves-wrong (likely)";

    a_search_domain_in_which_every_name_exists: "
        server serves dns 10.77.1.10:53
        client has resolv.conf: nameserver 10.77.1.10; search wild.test
        client asks db:5432 => name-resolves-wrong (likely)";

    a_local_name_where_nobody_speaks_mdns: "
        server serves dns 10.77.1.10:53
        client asks printer.local:631 => mdns-unavailable (likely)";

    a_resolver_that_fails: "
        server serves dns:servfail 10.77.1.10:53
        client asks db.lab.test:5432 => resolver-failure (certain)";

    a_resolver_that_refuses: "
        server serves dns:refused 10.77.1.10:53
        client asks db.lab.test:5432 => resolver-failure (certain)";

    a_resolver_that_keeps_silent: "
        server serves dns:silent 10.77.1.10:53
        client asks db.lab.test:5432 => resolver-unreachable (certain)";

    a_resolver_behind_a_firewall: "
        server input udp dport 53 drop
        client asks db.lab.test:5432 => resolver-unreachable (certain)";

    a_resolver_that_does_not_run: "
        client asks db.lab.test:5432 => resolver-unreachable (certain)";

    a_resolver_beyond_every_route: "
        client has resolv.conf: nameserver 10.99.0.53
        client asks db.lab.test:5432 => resolver-unreachable|no-default-route (likely)";

    settings_without_a_resolver: "
        client has resolv.conf:
        client asks db.lab.test:5432 => resolver-misconfigured (certain)";

    sources_of_names_without_dns: "
        server serves dns 10.77.1.10:53
        client has nsswitch.conf: hosts: files
        client asks db.lab.test:5432 => resolver-misconfigured (certain)";

    a_dead_resolver_before_a_living_one: "
        server serves dns 10.77.1.10:53
        server serves says:SSH-2.0-OpenSSH_9.2 10.77.1.10:22
        # Nobody has the first address.
        client has resolv.conf: nameserver 10.77.1.99; nameserver 10.77.1.10
        client asks db.lab.test:22 => resolver-slow (certain), works";

    one_of_two_addresses_that_is_dead: "
        server serves dns 10.77.1.10:53
        server serves silent 10.77.1.10:27017
        client asks two.lab.test:27017 => one-address-dead (certain), works";

    an_ipv6_address_that_is_dead: "
        server serves dns 10.77.1.10:53
        server serves silent 10.77.1.10:27017
        client asks dead6.lab.test:27017 => ipv6-path-broken (certain), works";

    a_firewall_that_was_opened_for_ipv4_only: "
        server serves dns 10.77.1.10:53
        server serves silent [::]:27017
        server input meta nfproto ipv6 tcp dport 27017 drop
        client asks both.lab.test:27017 => ipv6-firewall (likely), works";

    a_way_that_lets_no_ipv6_through: "
        routed
        near serves dns 10.77.1.1:53
        far serves silent [::]:27017
        near forward meta nfproto ipv6 drop
        client has resolv.conf: nameserver 10.77.1.1
        client asks far.lab.test:27017 => ipv6-path-broken|ipv6-firewall (likely), works";

    a_name_with_ipv6_only_where_there_is_none: "
        server serves dns 10.77.1.10:53
        client ip addr del fd77:1::2/64 dev eth0
        client asks six.lab.test:5432 => ipv6-unavailable (certain)";
}
