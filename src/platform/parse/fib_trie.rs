//! `/proc/net/fib_trie` and `/proc/net/if_inet6`: the addresses of a network, also of one that we are
//! not in. Neither is told anywhere else to those who may not enter it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The IPv4 addresses in `fib_trie`, without those of loopback: the leaves whose whole address is
/// local (`/32 host LOCAL`). What is not understood is passed over.
#[must_use]
pub fn addresses_v4(table: &str) -> Vec<IpAddr> {
    let mut leaf = None;
    let mut addresses = Vec::new();
    for line in table.lines().map(str::trim) {
        if let Some(address) = line.strip_prefix("|-- ") {
            leaf = address.parse::<Ipv4Addr>().ok();
        } else if line == "/32 host LOCAL" {
            let address = leaf.filter(|ip| !ip.is_loopback()).map(IpAddr::from);
            // The main table and the local one may be told one after the other, or be one.
            addresses.extend(address.filter(|ip| !addresses.contains(ip)));
        }
    }
    addresses
}

/// The IPv6 addresses in `if_inet6`, without those of loopback and of one link alone.
#[must_use]
pub fn addresses_v6(table: &str) -> Vec<IpAddr> {
    let read = |line: &str| {
        let digits = line.split_ascii_whitespace().next()?;
        let bits = u128::from_str_radix(digits, 16).ok()?;
        Some(Ipv6Addr::from(bits)).filter(|_| digits.len() == 32)
    };
    let reaches_far = |ip: &Ipv6Addr| !ip.is_loopback() && !ip.is_unicast_link_local();
    let addresses = table.lines().filter_map(read).filter(reaches_far);
    addresses.map(IpAddr::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TRIE: &str = "\
Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 127.0.0.0/8 2 0 2
        +-- 127.0.0.0/31 1 0 0
           |-- 127.0.0.0
              /8 host LOCAL
           |-- 127.0.0.1
              /32 host LOCAL
        |-- 127.255.255.255
           /32 link BROADCAST
     +-- 172.17.0.0/16 2 0 2
        +-- 172.17.0.0/30 2 0 2
           |-- 172.17.0.0
              /16 link UNICAST
           |-- 172.17.0.2
              /32 host LOCAL
        |-- 172.17.255.255
           /32 link BROADCAST
Local:
  +-- 172.17.0.0/16 2 0 2
           |-- 172.17.0.2
              /32 host LOCAL
";

    #[test]
    fn a_networks_own_addresses_are_told_once() {
        let address: IpAddr = "172.17.0.2".parse().unwrap();
        assert_eq!(addresses_v4(TRIE), [address]);
        assert_eq!(addresses_v4(""), Vec::<IpAddr>::new());
    }

    #[test]
    fn addresses_of_one_link_lead_nobody_there() {
        let table = "\
fe8000000000000000fc00fffe000001 04 40 20 80     eth0
fd000000000000000000000000000002 04 40 00 82     eth0
00000000000000000000000000000001 01 80 10 80       lo
";
        let address: IpAddr = "fd00::2".parse().unwrap();
        assert_eq!(addresses_v6(table), [address]);
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>(), rows in "[ 0-9a-f|/.\n-]{0,200}") {
            let _ = (addresses_v4(&text), addresses_v6(&text));
            let _ = (addresses_v4(&rows), addresses_v6(&rows));
        }
    }
}
