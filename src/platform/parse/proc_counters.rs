//! `/proc/net/snmp`, `/proc/net/netstat`, `/proc/net/snmp6` and `/proc/net/dev`: the counters that
//! tell whether packets left this machine.

use crate::evidence::IpCounters;

/// A counter of `/proc/net/snmp` or `/proc/net/netstat`, where a line of names is followed by a
/// line of numbers: `Ip: … OutRequests …` and `Ip: … 14190 …`.
#[must_use]
pub fn counter(table: &str, group: &str, name: &str) -> Option<u64> {
    let mut lines = table.lines().filter_map(|line| {
        let (of, rest) = line.split_once(':')?;
        (of == group).then_some(rest)
    });
    let (names, numbers) = (lines.next()?, lines.next()?);
    let at = names.split_ascii_whitespace().position(|n| n == name)?;
    numbers.split_ascii_whitespace().nth(at)?.parse().ok()
}

/// The counters of IPv4 in `/proc/net/snmp`.
#[must_use]
pub fn v4(snmp: &str) -> Option<IpCounters> {
    Some(IpCounters {
        made: counter(snmp, "Ip", "OutRequests")?,
        sent: counter(snmp, "Ip", "OutTransmits"),
        forwarded: counter(snmp, "Ip", "ForwDatagrams")?,
    })
}

/// The counters of IPv6 in `/proc/net/snmp6`, one a line.
#[must_use]
pub fn v6(snmp6: &str) -> Option<IpCounters> {
    let counter = |name: &str| {
        snmp6.lines().find_map(|line| {
            let (of, number) = line.split_once(char::is_whitespace)?;
            (of == name).then(|| number.trim().parse::<u64>().ok())?
        })
    };
    Some(IpCounters {
        made: counter("Ip6OutRequests")?,
        sent: counter("Ip6OutTransmits"),
        forwarded: counter("Ip6OutForwDatagrams")?,
    })
}

/// The packets that the interfaces of `/proc/net/dev` sent, all but loopback.
#[must_use]
pub fn interfaces_sent(dev: &str) -> Option<u64> {
    let mut sum = 0_u64;
    for line in dev.lines().skip(2) {
        let (name, numbers) = line.split_once(':')?;
        if name.trim() != "lo" {
            // Eight columns of what was received, then bytes and packets sent.
            let sent: u64 = numbers.split_ascii_whitespace().nth(9)?.parse().ok()?;
            sum = sum.saturating_add(sent);
        }
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SNMP: &str = "Ip: Forwarding DefaultTTL InReceives ForwDatagrams OutRequests OutTransmits\n\
                        Ip: 2 64 21277 3 14190 14188\n\
                        Tcp: RtoAlgorithm ActiveOpens\nTcp: 1 5\n";

    #[test]
    fn numbers_stand_below_their_names() {
        assert_eq!(
            v4(SNMP),
            Some(IpCounters {
                made: 14190,
                sent: Some(14188),
                forwarded: 3,
            })
        );
        assert_eq!(counter(SNMP, "Tcp", "ActiveOpens"), Some(5));
        assert_eq!(counter(SNMP, "Tcp", "PassiveOpens"), None);
    }

    #[test]
    fn older_kernels_do_not_count_what_is_sent() {
        let old = SNMP.replace(" OutTransmits", "").replace(" 14188", "");
        let counters = v4(&old).unwrap();
        assert_eq!((counters.made, counters.sent), (14190, None));
        let six = "Ip6InReceives   \t5\nIp6OutForwDatagrams \t0\nIp6OutRequests    \t16\n";
        let counters = v6(six).unwrap();
        assert_eq!((counters.made, counters.sent), (16, None));
        assert_eq!(v6(""), None);
    }

    #[test]
    fn loopback_is_no_way_out() {
        let dev = "Inter-|   Receive                            |  Transmit\n \
                   face |bytes packets errs drop fifo frame compressed multicast|bytes packets errs\n    \
                   lo: 100 9 0 0 0 0 0 0 100 9 0 0 0 0 0 0\n  \
                   eth0: 1976 24 0 0 0 0 0 0 2096 26 0 0 0 0 0 0\n";
        assert_eq!(interfaces_sent(dev), Some(26));
        assert_eq!(
            interfaces_sent(&dev.replace("2096 26 0 0 0 0 0 0", "2096")),
            None
        );
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>()) {
            let _ = (v4(&text), v6(&text), interfaces_sent(&text));
        }
    }
}
