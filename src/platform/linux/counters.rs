//! Reads the counters that tell whether packets left this machine.

use super::{Linux, read, read_if_there, unreadable};
use crate::evidence::{Counters, Gap};
use crate::platform::parse::proc_counters;

/// The counters as they are now.
pub fn now(linux: &Linux) -> Result<Counters, Gap> {
    let file = |name: &str| linux.proc.join("net").join(name);
    let (snmp, dev) = (file("snmp"), file("dev"));
    let v4 = proc_counters::v4(&read(&snmp)?);
    let v6 = read_if_there(&file("snmp6"))?.and_then(|table| proc_counters::v6(&table));
    let tcp = read_if_there(&file("netstat"))?;
    let sent = proc_counters::interfaces_sent(&read(&dev)?);
    Ok(Counters {
        v4: v4.ok_or_else(|| unreadable(&snmp, &"OutRequests"))?,
        v6: v6.unwrap_or_default(),
        retransmissions_failed: tcp
            .and_then(|table| proc_counters::counter(&table, "TcpExt", "TCPRetransFail")),
        interfaces_sent: sent.ok_or_else(|| unreadable(&dev, &"format"))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_counts() {
        let before = now(&Linux::new()).unwrap();
        let after = now(&Linux::new()).unwrap();
        assert!(after.v4.made >= before.v4.made);
    }
}
