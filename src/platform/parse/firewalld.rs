//! firewalld's zones, as `firewall-cmd --list-all-zones` prints them (firewall-cmd(1)) or its D-Bus
//! interface tells them, and what they make of a connection (firewalld.zone(5),
//! firewalld.richlanguage(5)).
//!
//! A zone is chosen by the sender, else by the interface, else it is the default one. In a zone
//! rules that deny come before those that allow, and what nothing names meets the zone's target.
//! Policies between zones and direct rules are not listed there; whoever judges by a listing alone
//! cannot know them.

mod rich_rule;

use crate::evidence::{Policy, ZoneEntry, ZoneEntryKind};
use crate::platform::incoming::{Applies, Incoming, Judgement, Network, Rule};
use rich_rule::RichRule;

/// A zone as it is in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Zone {
    /// Its name.
    pub name: String,
    /// Whether interfaces or senders are bound to it now.
    pub active: bool,
    /// What happens to what no rule names: `default`, `ACCEPT`, `DROP` or `%%REJECT%%`.
    pub target: String,
    /// The interfaces bound to it.
    pub interfaces: Vec<String>,
    /// The senders bound to it: networks, MAC addresses, sets.
    pub sources: Vec<String>,
    /// The services let in.
    pub services: Vec<Service>,
    /// The ports let in, as `5432/tcp` or `1000-2000/tcp`.
    pub ports: Vec<String>,
    /// The protocols let in.
    pub protocols: Vec<String>,
    /// The senders' ports let in.
    pub source_ports: Vec<String>,
    /// Where ports are sent to another machine or port.
    pub forward_ports: Vec<String>,
    /// Rules in the rich language.
    pub rich_rules: Vec<String>,
}

/// A service that a zone lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Its TCP ports; nothing where its definition is not known.
    pub ports: Option<Vec<String>>,
}

impl Zone {
    /// Whether interfaces or senders are bound to it.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        !(self.interfaces.is_empty() && self.sources.is_empty())
    }

    /// What is set in it, as firewall-cmd(1) takes it.
    pub fn entries(&self) -> impl Iterator<Item = ZoneEntry> {
        let services = self.services.iter().map(|service| &service.name);
        let of = |kind| move |value: &String| (kind, value.clone());
        let interfaces = self.interfaces.iter().map(of(ZoneEntryKind::Interface));
        let all = interfaces
            .chain(self.sources.iter().map(of(ZoneEntryKind::Source)))
            .chain(services.map(of(ZoneEntryKind::Service)))
            .chain(self.ports.iter().map(of(ZoneEntryKind::Port)))
            .chain(self.protocols.iter().map(of(ZoneEntryKind::Protocol)))
            .chain(self.source_ports.iter().map(of(ZoneEntryKind::SourcePort)))
            .chain(
                self.forward_ports
                    .iter()
                    .map(of(ZoneEntryKind::ForwardPort)),
            )
            .chain(self.rich_rules.iter().map(of(ZoneEntryKind::RichRule)));
        all.map(|(kind, value)| ZoneEntry {
            zone: self.name.clone(),
            kind,
            value,
        })
    }
}

impl Service {
    /// A service as firewalld ships it.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let mut shipped = SERVICES.lines().map(str::split_ascii_whitespace);
        let ports = shipped.find_map(|mut words| {
            (words.next() == Some(name)).then(|| words.map(str::to_owned).collect())
        });
        Self {
            name: name.to_owned(),
            ports,
        }
    }

    fn holds(&self, port: u16) -> Applies {
        match &self.ports {
            Some(ports) => Applies::when(ports.iter().any(|range| covers(range, port))),
            None => Applies::Sometimes,
        }
    }
}

/// The zones of `--list-all-zones` or `--list-all`; nothing when the text does not have the form.
/// The keys are never translated.
#[must_use]
pub fn zones(listing: &str) -> Option<Vec<Zone>> {
    let mut zones: Vec<Zone> = Vec::new();
    let mut rich = false;
    for line in listing.lines().filter(|line| !line.trim().is_empty()) {
        if !line.starts_with(char::is_whitespace) {
            zones.push(read_head(line));
            rich = false;
            continue;
        }
        let zone = zones.last_mut()?;
        match line.trim().split_once(':') {
            _ if rich && line.trim_start().starts_with("rule ") => {
                zone.rich_rules.push(line.trim().to_owned());
            }
            Some((key, value)) => {
                rich = key == "rich rules";
                read_value(zone, key, value);
            }
            None => return None,
        }
    }
    let is_whole = |zone: &Zone| !zone.target.is_empty();
    (!zones.is_empty() && zones.iter().all(is_whole)).then_some(zones)
}

/// The default zone, where the listing says which it is.
#[must_use]
pub fn default_zone(listing: &str) -> Option<String> {
    let mut heads = listing
        .lines()
        .filter_map(|line| line.trim().split_once(" ("));
    let found = heads.find(|(_, state)| state.starts_with("default"))?;
    Some(found.0.to_owned())
}

/// `public`, `public (active)`, `public (default, active)`.
fn read_head(line: &str) -> Zone {
    let (name, state) = line.trim().split_once(" (").unwrap_or((line.trim(), ""));
    Zone {
        name: name.to_owned(),
        active: state.contains("active"),
        ..Zone::default()
    }
}

fn read_value(zone: &mut Zone, key: &str, value: &str) {
    let words = || value.split_ascii_whitespace().map(str::to_owned).collect();
    match key {
        "target" => value.trim().clone_into(&mut zone.target),
        "interfaces" => zone.interfaces = words(),
        "sources" => zone.sources = words(),
        "ports" => zone.ports = words(),
        "protocols" => zone.protocols = words(),
        "source-ports" => zone.source_ports = words(),
        "forward-ports" => zone.forward_ports = words(),
        "services" => {
            zone.services = value.split_ascii_whitespace().map(Service::named).collect();
        }
        _ => {}
    }
}

/// What becomes of a connection that meets these zones. Where no zone names its sender or its
/// interface it meets `default`; where that is not known, any zone without senders of its own may
/// be the one.
#[must_use]
pub fn judge(zones: &[Zone], default: Option<&str>, connection: &Incoming) -> Judgement {
    let met = zones_met(zones, default, connection);
    let all: Vec<Judgement> = met
        .into_iter()
        .map(|zone| judge_in(zone, connection))
        .collect();
    Judgement::agreed(&all)
}

/// What a zone does with what none of its rules names.
#[must_use]
pub fn target(zone: &Zone) -> Option<Policy> {
    match zone.target.as_str() {
        "ACCEPT" => Some(Policy::Allow),
        "DROP" => Some(Policy::Drop),
        "default" | "%%REJECT%%" | "REJECT" => Some(Policy::Reject),
        _ => None,
    }
}

/// The zones that the connection may meet.
#[must_use]
pub fn zones_met<'a>(
    zones: &'a [Zone],
    default: Option<&str>,
    connection: &Incoming,
) -> Vec<&'a Zone> {
    let mut met = Vec::new();
    for zone in zones {
        match loosest(
            zone.sources
                .iter()
                .map(|source| is_sender(source, connection)),
        ) {
            Applies::Always => {
                met.push(zone);
                return met;
            }
            Applies::Sometimes => met.push(zone),
            Applies::Never => {}
        }
    }
    let by_interface = |zone: &&Zone| loosest(zone.interfaces.iter().map(|i| is_by(i, connection)));
    let sure = zones
        .iter()
        .find(|zone| by_interface(zone) == Applies::Always);
    if let Some(zone) = sure {
        met.push(zone);
        return met;
    }
    met.extend(
        zones
            .iter()
            .filter(|zone| by_interface(zone) == Applies::Sometimes),
    );
    match default {
        Some(default) => met.extend(zones.iter().filter(|zone| zone.name == default)),
        None => met.extend(zones.iter().filter(|zone| zone.sources.is_empty())),
    }
    met
}

/// A MAC address or a set may be the sender's.
fn is_sender(source: &str, connection: &Incoming) -> Applies {
    Network::parse(source).map_or(Applies::Sometimes, |network| connection.is_from(network))
}

/// An interface name that ends in `+` stands for all that begin so.
fn is_by(interface: &str, connection: &Incoming) -> Applies {
    match (&connection.interface, interface.strip_suffix('+')) {
        (Some(own), Some(start)) => Applies::when(own.starts_with(start)),
        _ => connection.is_by(interface),
    }
}

fn loosest(all: impl Iterator<Item = Applies>) -> Applies {
    all.max().unwrap_or(Applies::Never)
}

fn judge_in(zone: &Zone, connection: &Incoming) -> Judgement {
    let mut rich: Vec<RichRule> = zone
        .rich_rules
        .iter()
        .filter_map(|text| rich_rule::read(text, connection))
        .collect();
    rich.sort_by_key(RichRule::order);
    let is_late = |rule: &&RichRule| rule.priority > 0;
    let early = rich
        .iter()
        .filter(|rule| !is_late(rule) && !rule.is_plain_allow());
    let mut rules: Vec<Rule> = early.map(|rule| rule.rule.clone()).collect();
    let plain = rich
        .iter()
        .filter(|rule| !is_late(rule) && rule.is_plain_allow());
    rules.extend(plain.map(|rule| rule.rule.clone()));
    rules.extend(allowed(zone, connection.port));
    rules.extend(rich.iter().filter(is_late).map(|rule| rule.rule.clone()));
    let default = format!("zone {}, target {}", zone.name, zone.target);
    Judgement::first_match(&rules, target(zone), &default)
}

/// What the zone lets in by name, port or protocol.
fn allowed(zone: &Zone, port: u16) -> Vec<Rule> {
    let entry = |applies: Applies, what: String| Rule {
        applies,
        does: Some(Policy::Allow),
        text: format!("zone {}, {what}", zone.name),
    };
    let mut rules = Vec::new();
    let forwards = |forward: &&String| is_forwarded(forward, port);
    rules.extend(
        zone.forward_ports
            .iter()
            .filter(forwards)
            .map(|forward| Rule {
                does: None,
                ..entry(Applies::Sometimes, format!("forward-port {forward}"))
            }),
    );
    for service in &zone.services {
        rules.push(entry(
            service.holds(port),
            format!("service {}", service.name),
        ));
    }
    for named in &zone.ports {
        let applies = named_port(named, port);
        rules.push(entry(applies, format!("port {named}")));
    }
    for protocol in &zone.protocols {
        rules.push(entry(is_tcp(protocol), format!("protocol {protocol}")));
    }
    for named in &zone.source_ports {
        let applies = if named.ends_with("/tcp") {
            Applies::Sometimes
        } else {
            Applies::Never
        };
        rules.push(entry(applies, format!("source-port {named}")));
    }
    rules
}

/// `port=80-90:proto=tcp:toport=8080:toaddr=`.
fn is_forwarded(forward: &str, port: u16) -> bool {
    let field = |key| forward.split(':').find_map(|part| part.strip_prefix(key));
    let is_tcp = field("proto=").is_none_or(|protocol| protocol == "tcp");
    is_tcp && field("port=").is_none_or(|range| covers(range, port))
}

fn named_port(named: &str, port: u16) -> Applies {
    let covered = named
        .strip_suffix("/tcp")
        .is_some_and(|range| covers(range, port));
    Applies::when(covered)
}

fn is_tcp(protocol: &str) -> Applies {
    Applies::when(matches!(protocol, "tcp" | "6"))
}

/// Whether `5432` or `1000-2000` holds the port.
fn covers(range: &str, port: u16) -> bool {
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    let ends = (first.parse::<u16>(), last.parse::<u16>());
    matches!(ends, (Ok(first), Ok(last)) if (first..=last).contains(&port))
}

/// The services that firewalld ships and their TCP ports (its `services/*.xml`), one a line.
const SERVICES: &str = include_str!("../../../assets/firewalld-services.txt");

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LISTING: &str = "\
public (default, active)
  target: default
  icmp-block-inversion: no
  interfaces: eth0
  sources: 
  services: dhcpv6-client ssh
  ports: 8000-8100/tcp 53/udp
  protocols: 
  forward: yes
  masquerade: no
  forward-ports: 
  source-ports: 
  icmp-blocks: 
  rich rules: 
\trule family=\"ipv4\" source address=\"10.77.1.0/24\" port port=\"5432\" protocol=\"tcp\" accept
\trule family=\"ipv4\" source address=\"10.77.1.9\" reject

trusted (active)
  target: ACCEPT
  icmp-block-inversion: no
  interfaces: 
  sources: 192.168.7.0/24
  services: 
  ports: 
  rich rules: 
";

    fn judged(port: u16, source: &str) -> (Option<Policy>, Option<String>) {
        let source: std::net::IpAddr = source.parse().unwrap();
        let connection = Incoming {
            source: Some(source),
            interface: Some("eth0".to_owned()),
            ..Incoming::to_port(port, source.is_ipv6())
        };
        let zones = zones(LISTING).unwrap();
        let judged = judge(&zones, Some("public"), &connection);
        (judged.policy, judged.rule)
    }

    #[test]
    fn services_ports_and_targets_decide() {
        let named = |text: &str| Some(text.to_owned());
        let at = "10.0.0.1";
        assert_eq!(
            judged(22, at),
            (Some(Policy::Allow), named("zone public, service ssh"))
        );
        assert_eq!(
            judged(8050, at),
            (
                Some(Policy::Allow),
                named("zone public, port 8000-8100/tcp")
            )
        );
        assert_eq!(judged(53, at).0, Some(Policy::Reject));
        assert_eq!(
            judged(80, at),
            (Some(Policy::Reject), named("zone public, target default"))
        );
    }

    #[test]
    fn rich_rules_hold_for_their_senders_and_denials_come_first() {
        assert_eq!(judged(5432, "10.77.1.2").0, Some(Policy::Allow));
        assert!(
            judged(5432, "10.77.1.2")
                .1
                .unwrap()
                .starts_with("rule family")
        );
        assert_eq!(judged(5432, "10.77.1.9").0, Some(Policy::Reject));
        assert_eq!(judged(22, "10.77.1.9").0, Some(Policy::Reject));
        assert_eq!(judged(5432, "10.77.2.2").0, Some(Policy::Reject));
        assert_eq!(judged(5432, "fd77:1::2").0, Some(Policy::Reject));
    }

    #[test]
    fn a_sender_with_a_zone_of_its_own_meets_that_zone() {
        assert_eq!(judged(5432, "192.168.7.1").0, Some(Policy::Allow));
        // Any sender may be the trusted one where it is not known.
        let zones = zones(LISTING).unwrap();
        let judged = judge(&zones, Some("public"), &Incoming::to_port(80, false));
        assert_eq!(judged.policy, None);
    }

    #[test]
    fn a_service_that_we_do_not_know_may_hold_the_port() {
        let listing = LISTING.replace("dhcpv6-client ssh", "house-made");
        let zones = zones(&listing).unwrap();
        let connection = Incoming {
            source: Some("10.0.0.1".parse().unwrap()),
            interface: Some("eth0".to_owned()),
            ..Incoming::to_port(80, false)
        };
        assert_eq!(judge(&zones, Some("public"), &connection).policy, None);
    }

    #[test]
    fn a_port_within_a_forwarded_range_goes_elsewhere() {
        let forward = |text: &str, port| {
            let zone = Zone {
                name: "z".to_owned(),
                target: "DROP".to_owned(),
                forward_ports: vec![text.to_owned()],
                ..Zone::default()
            };
            judge(&[zone], Some("z"), &Incoming::to_port(port, false)).policy
        };
        let range = "port=5000-6000:proto=tcp:toport=:toaddr=10.0.0.9";
        assert_eq!(forward(range, 5432), None);
        assert_eq!(forward(range, 80), Some(Policy::Drop));
        assert_eq!(
            forward("port=80:proto=udp:toport=81:toaddr=", 80),
            Some(Policy::Drop)
        );
    }

    #[test]
    fn priorities_come_before_and_after_the_rest() {
        let rich = |text: &str| {
            let zone = Zone {
                name: "z".to_owned(),
                target: "DROP".to_owned(),
                ports: vec!["80/tcp".to_owned()],
                rich_rules: vec![text.to_owned()],
                ..Zone::default()
            };
            judge(&[zone], Some("z"), &Incoming::to_port(80, false)).policy
        };
        assert_eq!(rich("rule priority=\"5\" drop"), Some(Policy::Allow));
        assert_eq!(rich("rule priority=\"-5\" drop"), Some(Policy::Drop));
        assert_eq!(
            rich("rule port port=\"80\" protocol=\"udp\" drop"),
            Some(Policy::Allow)
        );
        assert_eq!(
            rich("rule service name=\"http\" reject"),
            Some(Policy::Reject)
        );
        assert_eq!(rich("rule source ipset=\"bad\" drop"), None);
        assert_eq!(rich("rule frob drop"), None);
    }

    #[test]
    fn other_texts_are_no_listing() {
        assert_eq!(zones(""), None);
        assert_eq!(zones("  target: default\n"), None);
        assert_eq!(zones("Status: active\n\nTo  Action From\n"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>(), rich in ".{0,80}") {
            let _ = zones(&text);
            let listing = format!("z\n  target: DROP\n  rich rules: \n\trule {rich}\n");
            if let Some(zones) = zones(&listing) {
                let _ = judge(&zones, None, &Incoming::to_port(80, false));
            }
        }
    }
}
