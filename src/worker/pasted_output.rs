//! What a person pasted of the target's machine, read for the connection that was tested.

use crate::evidence::{Evidence, Observation, PastedPort, is_private};
use crate::platform::incoming::Incoming;
use crate::platform::parse::{excluded_ports, firewall_output, semanage};

/// What an output, taken where the target's service is, says: a firewall's of the connection that was
/// tested, `netsh`'s and `semanage`'s of its port. Nothing where it is not recognised.
#[must_use]
pub fn read_pasted_output(text: &str, evidence: &Evidence) -> Option<Observation> {
    let firewall = firewall_output::read(text, &connection(evidence));
    firewall.map(Observation::PastedFirewall).or_else(|| {
        Some(Observation::PastedPort(of_port(
            text,
            evidence.target.port,
        )?))
    })
}

fn of_port(text: &str, port: u16) -> Option<PastedPort> {
    if let Some(ranges) = excluded_ports::ranges(text) {
        let range = excluded_ports::of_port(&ranges, port);
        return Some(PastedPort::Reserved { range });
    }
    let labels = semanage::labels(text, port)?;
    Some(PastedPort::Labelled { labels })
}

/// The target sees this machine's own address only where no router translates it: among private
/// ones.
fn connection(evidence: &Evidence) -> Incoming {
    let attempt = evidence.attempts.first();
    let asked = attempt.map(|attempt| attempt.addr.ip());
    let asked = asked.or_else(|| evidence.target.host.literal());
    let destination = asked
        .map(|ip| ip.to_canonical())
        .filter(|ip| !ip.is_loopback() && !ip.is_unspecified());
    let is_own = |ip| {
        let network = evidence.network.known();
        network.is_some_and(|network| network.is_own(ip))
    };
    let is_elsewhere = destination.is_some_and(|ip| is_private(ip) && !is_own(ip));
    let source = attempt.and_then(|attempt| attempt.source);
    let v6 = asked.is_some_and(|ip| ip.to_canonical().is_ipv6());
    Incoming {
        source: source.filter(|ip| is_elsewhere && is_private(*ip)),
        destination,
        ..Incoming::to_port(evidence.target.port, v6)
    }
}
