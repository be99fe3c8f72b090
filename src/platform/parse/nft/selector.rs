//! What the expressions of nft read of a packet (nft(8), "Primary expressions", "Payload
//! expressions"), by the words that both of its listings use.

use crate::platform::ruleset::{End, Selector};

/// `tcp dport`, `ip saddr`, …
pub fn payload(protocol: &str, field: &str) -> Selector {
    let v6 = protocol == "ip6";
    match (protocol, field) {
        ("tcp" | "th", "sport") => Selector::Port(End::Source),
        ("tcp" | "th", "dport") => Selector::Port(End::Destination),
        ("tcp", "flags") => Selector::TcpFlags,
        ("ip" | "ip6", "saddr") => Selector::Address {
            end: End::Source,
            v6,
        },
        ("ip" | "ip6", "daddr") => Selector::Address {
            end: End::Destination,
            v6,
        },
        ("ip", "protocol") | ("ip6", "nexthdr") => Selector::HeaderProtocol { v6 },
        (
            "udp" | "udplite" | "sctp" | "dccp" | "icmp" | "icmpv6" | "igmp" | "esp" | "ah"
            | "comp" | "arp" | "gre" | "gretap" | "vxlan" | "geneve",
            _,
        ) => Selector::Foreign,
        _ => Selector::Unread(format!("{protocol} {field}")),
    }
}

/// `meta mark`, `iifname`, …
pub fn meta(key: &str) -> Selector {
    match key {
        "iifname" => Selector::InName,
        "oifname" => Selector::OutName,
        "iif" => Selector::InIndex,
        "oif" => Selector::OutIndex,
        "l4proto" => Selector::Protocol,
        "nfproto" => Selector::Family,
        "protocol" => Selector::EtherType,
        "mark" => Selector::Mark,
        "skuid" => Selector::User,
        "pkttype" => Selector::PacketType,
        _ => Selector::Unread(format!("meta {key}")),
    }
}

/// `ct state`, …
pub fn ct(key: &str) -> Selector {
    match key {
        "state" => Selector::State,
        "status" => Selector::Status,
        "mark" => Selector::ConnectionMark,
        "direction" => Selector::Direction,
        _ => Selector::Unread(format!("ct {key}")),
    }
}

/// `fib daddr . iif type`, …
pub fn fib<'a>(result: &str, keys: impl IntoIterator<Item = &'a str>) -> Selector {
    let keys: Vec<&str> = keys.into_iter().collect();
    let has = |key| keys.contains(&key);
    let end = match (has("saddr"), has("daddr")) {
        (true, false) => End::Source,
        (false, true) => End::Destination,
        _ => return Selector::Unread(format!("fib {result}")),
    };
    match result {
        "type" => Selector::AddressType {
            end,
            on_interface: has("iif") || has("oif"),
        },
        "oif" | "oifname" if end == End::Source && has("iif") => Selector::ReturnRoute,
        _ => Selector::Unread(format!("fib {result}")),
    }
}

/// What the elements of a set of this type are compared with.
pub fn of_type(name: &str) -> Selector {
    match name {
        "ipv4_addr" => payload("ip", "saddr"),
        "ipv6_addr" => payload("ip6", "saddr"),
        "inet_service" => payload("tcp", "dport"),
        "inet_proto" => meta("l4proto"),
        "nf_proto" => meta("nfproto"),
        "ether_type" => meta("protocol"),
        "ifname" => meta("iifname"),
        "iface_index" => meta("iif"),
        "mark" => meta("mark"),
        "uid" => meta("skuid"),
        "pkt_type" => meta("pkttype"),
        "ct_state" => ct("state"),
        "ct_status" => ct("status"),
        "ct_dir" => ct("direction"),
        "tcp_flag" => payload("tcp", "flags"),
        "fib_addrtype" => fib("type", ["daddr"]),
        _ => Selector::Unread(name.to_owned()),
    }
}
