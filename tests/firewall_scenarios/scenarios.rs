//! The scenarios, by firewall. Each is what root types on the server, the address that the client
//! asks for, what the kernel does with its connection, and a part of the rule that decides.

use crate::scenario::{OTHER_V4, Scenario, V4, V6};

fn play(
    firewall: &'static str,
    rules: &'static str,
    asked: &'static str,
    fate: &'static str,
    rule: &'static str,
) {
    Scenario {
        firewall,
        rules,
        asked,
        fate,
        rule,
    }
    .play();
}

/// A test for each scenario.
macro_rules! scenarios {
    ($firewall:literal, $($name:ident: $rules:expr, $asked:expr => $fate:literal, $rule:literal;)+) => {
        $(
            #[test]
            fn $name() {
                play($firewall, $rules, $asked, $fate, $rule);
            }
        )+
    };
}

/// ufw writes its files anew with the first rule that is made.
const SSH: &str = "ufw allow 22/tcp; ufw --force enable";

scenarios! { "ufw",
    ufw_denies_by_default:
        SSH,
        V4 => "drop", "default deny incoming";
    ufw_denies_by_default_over_ipv6:
        SSH,
        V6 => "drop", "default deny incoming";
    ufw_rejects_by_default:
        "ufw allow 22/tcp; ufw default reject incoming; ufw --force enable",
        V4 => "reject", "default reject incoming";
    ufw_allows_the_port:
        "ufw allow 22/tcp; ufw allow 5432/tcp; ufw --force enable",
        V4 => "allow", "allow proto tcp from any to any port 5432";
    ufw_allows_the_clients_network:
        "ufw allow 22/tcp; ufw allow proto tcp from 10.77.1.0/24 to any port 5432; ufw --force enable",
        V4 => "allow", "from 10.77.1.0/24";
    ufw_allows_another_network:
        "ufw allow 22/tcp; ufw allow proto tcp from 10.77.3.0/24 to any port 5432; ufw --force enable",
        V4 => "drop", "default deny incoming";
    ufw_allows_another_interface:
        "ufw allow 22/tcp; ufw allow in on eth9 to any port 5432 proto tcp; ufw --force enable",
        V4 => "drop", "default deny incoming";
    ufw_allows_the_interface:
        "ufw allow 22/tcp; ufw allow in on eth0 to any port 5432 proto tcp; ufw --force enable",
        V4 => "allow", "allow in on eth0";
    ufw_allows_another_address_of_the_server:
        "ufw allow 22/tcp; ufw allow proto tcp from any to 10.77.1.10 port 5432; ufw --force enable",
        OTHER_V4 => "drop", "default deny incoming";
    ufw_allows_over_ipv4_only:
        "ufw allow 22/tcp; ufw allow proto tcp from 0.0.0.0/0 to any port 5432; ufw --force enable",
        V6 => "drop", "default deny incoming";
    ufw_denies_the_client_before_it_allows_all:
        "ufw allow 22/tcp; ufw deny from 10.77.1.2; ufw allow 5432/tcp; ufw --force enable",
        V4 => "drop", "deny from 10.77.1.2";
    ufw_rejects_the_port:
        "ufw allow 22/tcp; ufw reject 5432/tcp; ufw allow 5000:6000/tcp; ufw --force enable",
        V4 => "reject", "reject proto tcp";
    ufw_allows_a_profile:
        "printf '[Lab]\\ntitle=Lab\\ndescription=Lab\\nports=5432/tcp|80/tcp\\n' \
            >/etc/ufw/applications.d/lab; ufw allow 22/tcp; ufw allow Lab; ufw --force enable",
        V4 => "allow", "port 5432";
}

scenarios! { "firewalld",
    firewalld_rejects_in_its_default_zone:
        "true",
        V4 => "reject", "zone public, target default";
    firewalld_drops_in_the_zone_of_the_interface:
        "firewall-cmd --zone=drop --change-interface=eth0",
        V4 => "drop", "zone drop, target DROP";
    firewalld_allows_the_port:
        "firewall-cmd --add-port=5432/tcp",
        V4 => "allow", "zone public, port 5432/tcp";
    firewalld_allows_the_service:
        "firewall-cmd --add-service=postgresql",
        V6 => "allow", "zone public, service postgresql";
    firewalld_allows_the_port_in_another_zone:
        "firewall-cmd --zone=internal --add-port=5432/tcp",
        V4 => "reject", "zone public, target default";
    firewalld_trusts_the_clients_network:
        "firewall-cmd --zone=trusted --add-source=10.77.1.0/24",
        V4 => "allow", "zone trusted, target ACCEPT";
    firewalld_trusts_another_network:
        "firewall-cmd --zone=trusted --add-source=10.77.3.0/24",
        V4 => "reject", "zone public, target default";
    firewalld_allows_the_port_for_another_network:
        "firewall-cmd --zone=internal --add-source=10.77.3.0/24
         firewall-cmd --zone=internal --add-port=5432/tcp",
        V4 => "reject", "zone public, target default";
    firewalld_drops_the_clients_network_and_allows_all_others:
        "firewall-cmd --add-port=5432/tcp
         firewall-cmd --zone=drop --add-source=10.77.1.0/24",
        V4 => "drop", "zone drop, target DROP";
    firewalld_allows_another_network_by_a_rich_rule:
        "firewall-cmd --add-rich-rule='rule family=\"ipv4\" source address=\"10.77.3.0/24\" \
            port port=\"5432\" protocol=\"tcp\" accept'",
        V4 => "reject", "zone public, target default";
    firewalld_allows_the_clients_network_by_a_rich_rule:
        "firewall-cmd --add-rich-rule='rule family=\"ipv4\" source address=\"10.77.1.0/24\" \
            port port=\"5432\" protocol=\"tcp\" accept'",
        V4 => "allow", "source address=\"10.77.1.0/24\"";
    firewalld_allows_over_ipv4_only:
        "firewall-cmd --add-rich-rule='rule family=\"ipv4\" \
            port port=\"5432\" protocol=\"tcp\" accept'",
        V6 => "reject", "zone public, target default";
    firewalld_rejects_the_client_before_it_allows_all:
        "firewall-cmd --add-port=5432/tcp
         firewall-cmd --add-rich-rule='rule family=\"ipv4\" source address=\"10.77.1.2\" drop'",
        V4 => "drop", "source address=\"10.77.1.2\"";
}

/// Strict as administrators write it, under names of their own.
macro_rules! nft {
    ($family:literal, $table:literal, $policy:literal, $rules:literal) => {
        concat!(
            "nft 'table ",
            $family,
            " ",
            $table,
            " { chain in {
            type filter hook input priority 0; policy ",
            $policy,
            ";
            ct state established,related accept; iif lo accept;
            icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept; ",
            $rules,
            "; }; }'"
        )
    };
}

scenarios! { "nftables",
    nftables_drops_by_default:
        nft!("inet", "filter", "drop", "tcp dport 22 accept"),
        V4 => "drop", "policy drop";
    nftables_drops_by_default_over_ipv6:
        nft!("inet", "host", "drop", "tcp dport 22 accept"),
        V6 => "drop", "policy drop";
    nftables_rejects_at_its_end:
        nft!("inet", "host", "accept", "tcp dport { 22, 80 } accept; reject with icmpx admin-prohibited"),
        V4 => "reject", "reject";
    nftables_allows_the_port:
        nft!("inet", "host", "drop", "tcp dport { 22, 5000-6000 } accept"),
        V4 => "allow", "accept";
    nftables_allows_the_clients_network:
        nft!("inet", "host", "drop", "ip saddr 10.77.1.0/24 tcp dport 5432 accept"),
        V4 => "allow", "10.77.1.0/24";
    nftables_allows_another_network:
        nft!("inet", "host", "drop", "ip saddr 10.77.3.0/24 tcp dport 5432 accept"),
        V4 => "drop", "policy drop";
    nftables_allows_another_interface:
        nft!("inet", "host", "drop", "iifname \"eth9\" tcp dport 5432 accept"),
        V4 => "drop", "policy drop";
    nftables_allows_the_interface:
        nft!("inet", "host", "drop", "iifname \"eth0\" tcp dport 5432 accept"),
        V4 => "allow", "eth0";
    nftables_allows_over_ipv4_only:
        nft!("inet", "host", "drop", "meta nfproto ipv4 tcp dport 5432 accept"),
        V6 => "drop", "policy drop";
    nftables_drops_the_port_in_a_chain_of_its_own:
        "nft 'table inet host { chain services { tcp dport 5432 counter drop; };
            chain in { type filter hook input priority 0; jump services; }; }'",
        V4 => "drop", "dport 5432";
    nftables_drops_in_a_second_table_what_the_first_accepts:
        "nft 'table inet one { chain in { type filter hook input priority 0;
            tcp dport 5432 accept; }; }
            table inet two { chain in { type filter hook input priority 10; tcp dport 5432 drop; }; }'",
        V4 => "drop", "dport 5432";
}

/// Strict as administrators write it, for both families.
macro_rules! iptables {
    ($rules:literal) => {
        concat!(
            "for tool in iptables ip6tables; do
            $tool -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
            $tool -A INPUT -i lo -j ACCEPT
            $tool -A INPUT -p tcp --dport 22 -j ACCEPT
            $tool -P INPUT DROP; done
            ip6tables -A INPUT -p ipv6-icmp -j ACCEPT\n",
            $rules
        )
    };
}

scenarios! { "iptables",
    iptables_drops_by_default:
        iptables!(""),
        V4 => "drop", "policy drop";
    iptables_drops_by_default_over_ipv6:
        iptables!(""),
        V6 => "drop", "policy drop";
    iptables_rejects_at_its_end:
        iptables!("iptables -A INPUT -j REJECT --reject-with icmp-host-prohibited"),
        V4 => "reject", "-j REJECT";
    iptables_allows_the_port:
        iptables!("iptables -A INPUT -p tcp -m multiport --dports 5432,8080 -j ACCEPT"),
        V4 => "allow", "-j ACCEPT";
    iptables_allows_the_clients_network:
        iptables!("iptables -A INPUT -s 10.77.1.0/24 -p tcp --dport 5432 -j ACCEPT"),
        V4 => "allow", "10.77.1.0/24";
    iptables_allows_another_network:
        iptables!("iptables -A INPUT -s 10.77.3.0/24 -p tcp --dport 5432 -j ACCEPT"),
        V4 => "drop", "policy drop";
    iptables_allows_another_interface:
        iptables!("iptables -A INPUT -i eth9 -p tcp --dport 5432 -j ACCEPT"),
        V4 => "drop", "policy drop";
    iptables_allows_the_interface:
        iptables!("iptables -A INPUT -i eth+ -p tcp --dport 5432 -j ACCEPT"),
        V4 => "allow", "eth+";
    iptables_allows_over_ipv4_only:
        iptables!("iptables -A INPUT -p tcp --dport 5432 -j ACCEPT"),
        V6 => "drop", "policy drop";
    iptables_drops_the_port_in_a_chain_of_its_own:
        "iptables -N SERVICES; iptables -A SERVICES -p tcp --dport 5432 -j DROP
         iptables -A INPUT -j SERVICES",
        V4 => "drop", "--dport 5432";
    iptables_legacy_drops_beside_rules_of_the_newer_back_end:
        "iptables -A INPUT -p udp --dport 9 -j DROP
         iptables-legacy -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT
         iptables-legacy -P INPUT DROP",
        V4 => "drop", "policy drop";
    iptables_legacy_drops_by_default:
        "iptables-legacy -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT
         iptables-legacy -P INPUT DROP",
        V4 => "drop", "policy drop";
}
