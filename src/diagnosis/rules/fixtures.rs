//! A scene for a rule's tests, set up in a line or two: which target, what was seen.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use super::Rule;
use crate::diagnosis::{Certainty, Finding};
use crate::evidence::{
    Attempt, Bypass, DirectAnswer, DnsAnswer, Evidence, Exchange, Fact, Gap, Heard, IcmpError,
    Interface, InterfaceAddress, InventedName, LinkKind, LinkState, Listener, Lookup,
    LookupOutcome, MacAddress, NameSettings, NetworkState, Os, Outcome, OwnPorts, Process, Proxy,
    ProxyKind, ProxyRule, ProxySetting, ProxySource, ProxyTest, ProxyVariable, Repeat, RouteTo,
    Spoke, Transfer, Via,
};
use crate::target::{Host, Protocol, Target, TlsMode};

pub struct Scene {
    pub evidence: Evidence,
}

/// The rule names this cause with this certainty, and has something to show for it.
#[track_caller]
pub fn says(rule: Rule, scene: &Scene, id: &str, certainty: Certainty) -> Finding {
    let finding = rule(&scene.evidence).expect("the rule should speak");
    assert_eq!((finding.cause.id(), finding.certainty), (id, certainty));
    assert!(!finding.because.is_empty(), "a finding without a clue");
    finding
}

/// The rule keeps quiet.
#[track_caller]
pub fn silent(rule: Rule, scene: &Scene) {
    assert_eq!(rule(&scene.evidence), None);
}

/// The ids of a finding's alternatives.
pub fn others(finding: &Finding) -> Vec<&'static str> {
    finding.alternatives.iter().map(|a| a.cause.id()).collect()
}

impl Scene {
    /// Complete evidence about `host:port` on Linux, with nothing seen yet.
    pub fn new(endpoint: &str) -> Self {
        let (host, port) = endpoint.rsplit_once(':').unwrap();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let (address, zone) = bare
            .split_once('%')
            .map_or((bare, None), |(a, z)| (a, Some(z)));
        let host = match address.parse() {
            Ok(IpAddr::V4(v4)) => Host::V4(v4),
            Ok(IpAddr::V6(address)) => Host::V6 {
                address,
                zone: zone.map(str::to_owned),
            },
            Err(_) => Host::Name {
                ascii: bare.to_owned(),
                unicode: bare.to_owned(),
            },
        };
        // As a report would hold it, so that a new field of a target changes nothing here.
        let target: Target = serde_json::from_value(serde_json::json!({
            "input": endpoint,
            "host": host,
            "port": port.parse::<u16>().unwrap(),
            "port_from": "typed",
            "protocol": "listen-only",
        }))
        .unwrap();
        let mut evidence = Evidence::new(target, Os::Linux, Duration::from_secs(4));
        evidence.complete = true;
        Self { evidence }
    }

    pub fn os(mut self, os: Os) -> Self {
        self.evidence.os = os;
        self
    }

    pub fn running(mut self) -> Self {
        self.evidence.complete = false;
        self
    }

    pub fn service(mut self, service: &str) -> Self {
        self.evidence.target.service = Some(service.to_owned());
        self
    }

    pub fn protocol(mut self, protocol: Protocol) -> Self {
        self.evidence.target.protocol = protocol;
        self
    }

    pub fn lookup(mut self, outcome: LookupOutcome, millis: u64) -> Self {
        let took = Duration::from_millis(millis);
        self.evidence.lookup = Fact::Known(Lookup { outcome, took });
        self
    }

    pub fn found(self, ips: &[&str]) -> Self {
        let found = ips.iter().map(|ip| self.addr(ip)).collect();
        self.lookup(LookupOutcome::Found(found), 1)
    }

    pub fn direct(mut self, answers: &[DnsAnswer]) -> Self {
        let of = |answer: &DnsAnswer| DirectAnswer {
            server: Some("10.77.1.1:53".parse().unwrap()),
            answer: answer.clone(),
            aliases: Vec::new(),
            took: Duration::from_millis(2),
        };
        self.evidence.direct_lookup = Fact::Known(answers.iter().map(of).collect());
        self
    }

    fn settings(&mut self) -> &mut NameSettings {
        if self.evidence.name_settings.known().is_none() {
            self.evidence.name_settings = Fact::Known(NameSettings::default());
        }
        match &mut self.evidence.name_settings {
            Fact::Known(settings) => settings,
            Fact::Unknown(_) => unreachable!("set above"),
        }
    }

    /// The hosts file was read, and gives the name these addresses.
    pub fn hosts_file(mut self, ips: &[&str]) -> Self {
        let line = ips.iter().map(|ip| ip.parse().unwrap()).collect();
        self.settings().hosts_file = Fact::Known(line);
        self
    }

    /// The sources of names and the DNS servers are known.
    pub fn name_settings(mut self, sources: &str, resolvers: &[&str]) -> Self {
        let sources = sources.split_whitespace().map(str::to_owned).collect();
        let resolvers = resolvers.iter().map(|ip| ip.parse().unwrap()).collect();
        self.settings().sources = Fact::Known(sources);
        self.settings().resolvers = Fact::Known(resolvers);
        self
    }

    /// A name that does not exist was asked for.
    pub fn invented(mut self, answer: &DnsAnswer) -> Self {
        let answer = DirectAnswer {
            server: Some("10.77.1.1:53".parse().unwrap()),
            answer: answer.clone(),
            aliases: Vec::new(),
            took: Duration::from_millis(2),
        };
        self.evidence.invented_names = Fact::Known(vec![InventedName {
            name: "ketnoi-1a2b.invalid".to_owned(),
            answer,
        }]);
        self
    }

    fn addr(&self, ip: &str) -> SocketAddr {
        SocketAddr::new(ip.parse().unwrap(), self.evidence.target.port)
    }

    fn attempt(&self, ip: &str, outcome: Outcome, millis: u64) -> Attempt {
        Attempt {
            addr: self.addr(ip),
            outcome,
            took: Duration::from_millis(millis),
            os_code: None,
            at_once: false,
            source: None,
            icmp: None,
        }
    }

    pub fn with(mut self, attempt: Attempt) -> Self {
        self.evidence.attempts.push(attempt);
        self
    }

    pub fn connected(self, ip: &str) -> Self {
        let attempt = self.attempt(ip, Outcome::Connected, 1);
        self.with(attempt)
    }

    pub fn connected_after(self, ip: &str, millis: u64) -> Self {
        let attempt = self.attempt(ip, Outcome::Connected, millis);
        self.with(attempt)
    }

    /// Connects to one address in order: `+` prompt, `~` late, `x` refused, `!` rejected, `.` silent.
    pub fn row(endpoint: &str, row: &str) -> Self {
        let ip = endpoint.rsplit_once(':').unwrap().0;
        let attempt = |fate: char| {
            let scene = Self::new(endpoint);
            let scene = match fate {
                '+' => scene.connected(ip),
                '~' => scene.connected_after(ip, 1040),
                'x' => scene.refused(ip),
                '!' => scene.icmp(ip, 3, 3, ip, 1),
                '.' => scene.silent(ip),
                other => panic!("no fate: {other}"),
            };
            scene.evidence.attempts.into_iter().next().unwrap()
        };
        let mut attempts = row.chars().map(attempt);
        let scene = Self::new(endpoint).with(attempts.next().unwrap());
        attempts.fold(scene, Self::again)
    }

    /// The same was asked again.
    pub fn again(mut self, attempt: Attempt) -> Self {
        let start =
            Duration::from_millis(250) * u32::try_from(self.evidence.repeats.len()).unwrap();
        self.evidence.repeats.push(Repeat {
            start,
            mac: None,
            attempt,
        });
        self
    }

    /// The adapter that each connect after the first went to: a letter for each, a blank where the
    /// table did not tell.
    pub fn adapters(mut self, letters: &str) -> Self {
        for (repeat, letter) in self.evidence.repeats.iter_mut().zip(letters.bytes()) {
            repeat.mac = (letter != b' ').then_some(MacAddress([2, 0, 0, 0, 0, letter]));
        }
        self
    }

    pub fn refused(self, ip: &str) -> Self {
        let mut attempt = self.attempt(ip, Outcome::Refused, 1);
        attempt.os_code = Some(111);
        self.with(attempt)
    }

    pub fn silent(self, ip: &str) -> Self {
        let attempt = self.attempt(ip, Outcome::Silent, 4000);
        self.with(attempt)
    }

    /// Counters show that the packets of an attempt left this machine.
    pub fn left(mut self, endpoint: &str) -> Self {
        self.evidence.departures.push(crate::evidence::Departure {
            to: endpoint.parse().unwrap(),
            made: 2,
            sent: Some(2),
            forwarded: 0,
            retransmissions_failed: Some(0),
            interfaces_sent: 2,
        });
        self
    }

    /// connect(2) itself failed.
    pub fn at_once(self, ip: &str, outcome: Outcome, os_code: i32) -> Self {
        let mut attempt = self.attempt(ip, outcome, 0);
        (attempt.at_once, attempt.os_code) = (true, Some(os_code));
        self.with(attempt)
    }

    /// An error came later, without an ICMP message to explain it.
    pub fn later(self, ip: &str, outcome: Outcome, os_code: i32, millis: u64) -> Self {
        let mut attempt = self.attempt(ip, outcome, millis);
        attempt.os_code = Some(os_code);
        self.with(attempt)
    }

    /// An ICMP error of this type and code came from `sender`; this machine is 10.77.1.2 or
    /// `fd77:1::2`.
    pub fn icmp(self, ip: &str, kind: u8, code: u8, sender: &str, millis: u64) -> Self {
        let v6 = ip.contains(':');
        let outcome = match (v6, code) {
            (false, 3) | (true, 4) => Outcome::Refused,
            (false, 0 | 9) | (true, 0) => Outcome::NetworkUnreachable,
            (true, 1 | 5 | 6) => Outcome::Denied,
            (false, 2) => Outcome::Other,
            _ => Outcome::HostUnreachable,
        };
        let mut attempt = self.attempt(ip, outcome, millis);
        attempt.source = Some(if v6 { "fd77:1::2" } else { "10.77.1.2" }.parse().unwrap());
        attempt.icmp = Some(IcmpError {
            v6,
            kind,
            code,
            sender: Some(sender.parse().unwrap()),
            ttl: None,
        });
        self.with(attempt)
    }

    pub fn reference(mut self, endpoint: &str, outcome: Outcome) -> Self {
        let mut attempt = self.attempt("192.0.2.0", outcome, 1);
        attempt.addr = endpoint.parse().unwrap();
        self.evidence.references.push(attempt);
        self
    }

    pub fn exchange(mut self, ip: &str, spoke: Spoke, heard: Heard) -> Self {
        let addr = self.addr(ip);
        let took = Duration::from_secs(1);
        self.evidence.exchanges.push(Exchange {
            addr,
            spoke,
            heard,
            took,
            transfer: Fact::default(),
            small_segments: false,
            closed: Fact::default(),
        });
        self
    }

    /// The last exchange, to be changed.
    pub fn last(&mut self) -> &mut Exchange {
        self.evidence.exchanges.last_mut().unwrap()
    }

    /// A question without an answer, and what became of its bytes: unacknowledged segments, how
    /// often they were sent again, and what could not be sent.
    pub fn stalled(self, ip: &str, spoke: Spoke, state: (u32, u32, u32)) -> Self {
        let mut scene = self.exchange(ip, spoke, Heard::Nothing);
        scene.last().transfer = Fact::Known(Transfer {
            acknowledged: 1,
            unacknowledged: state.0,
            retransmitted: state.1,
            unsent: state.2,
            path_mtu: 1500,
        });
        scene
    }

    /// The last exchange was one in small segments.
    pub fn in_small_segments(mut self) -> Self {
        self.last().small_segments = true;
        self
    }

    pub fn scheme(mut self, scheme: &str) -> Self {
        self.evidence.target.scheme = Some(scheme.to_owned());
        self
    }

    pub fn tls(mut self, tls: TlsMode) -> Self {
        self.evidence.target.tls = Some(tls);
        self
    }

    /// The listener table is known; the sockets are `address:port` or `address:port program`.
    pub fn listeners(mut self, sockets: &[&str]) -> Self {
        let listener = |socket: &&str| {
            let (addr, program) = socket.split_once(' ').unwrap_or((socket, ""));
            let process = Process {
                pid: 7,
                name: program.to_owned(),
                command: None,
            };
            Listener {
                addr: addr.parse().unwrap(),
                takes_ipv4: Fact::default(),
                process: match program {
                    "" => Fact::Unknown(Gap::NeedsAdmin),
                    _ => Fact::Known(process),
                },
                user: Fact::default(),
                queue: Fact::default(),
            }
        };
        self.evidence.listeners = Fact::Known(sockets.iter().map(listener).collect());
        self
    }

    /// A network with these addresses (`address/prefix`), one interface each, and a default
    /// gateway for IPv4.
    pub fn network(mut self, addresses: &str) -> Self {
        let interface = |cidr: &str| {
            let (ip, prefix) = cidr.split_once('/').unwrap();
            Interface {
                name: "eth0".to_owned(),
                up: true,
                loopback: false,
                addresses: vec![InterfaceAddress {
                    ip: ip.parse().unwrap(),
                    prefix: prefix.parse().unwrap(),
                }],
                link: Fact::default(),
            }
        };
        let loopback = Interface {
            name: "lo".to_owned(),
            up: true,
            loopback: true,
            addresses: vec![
                InterfaceAddress {
                    ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
                    prefix: 8,
                },
                InterfaceAddress {
                    ip: IpAddr::V6(Ipv6Addr::LOCALHOST),
                    prefix: 128,
                },
            ],
            link: Fact::default(),
        };
        let mut interfaces = vec![loopback];
        interfaces.extend(addresses.split_whitespace().map(interface));
        self.evidence.network = Fact::Known(NetworkState {
            interfaces,
            default_gateways: Fact::Known(vec!["10.77.1.1".parse().unwrap()]),
            routes: Vec::new(),
        });
        self
    }

    pub fn network_mut(&mut self) -> &mut NetworkState {
        match &mut self.evidence.network {
            Fact::Known(network) => network,
            Fact::Unknown(_) => panic!("call network() first"),
        }
    }

    pub fn without_gateway(mut self) -> Self {
        self.network_mut().default_gateways = Fact::Known(Vec::new());
        self
    }

    /// The way this machine sends packets to an address.
    pub fn via(mut self, to: &str, interface: &str, gateway: Option<&str>) -> Self {
        self.network_mut().routes.push(RouteTo {
            to: to.parse().unwrap(),
            source: Some("10.77.1.2".parse().unwrap()),
            os_code: None,
            via: Fact::Known(Via {
                interface: interface.to_owned(),
                gateway: gateway.map(|ip| ip.parse().unwrap()),
            }),
        });
        self
    }

    /// The link of an interface, which is added where there is none of that name.
    pub fn link(mut self, name: &str, carrier: Option<bool>, kind: LinkKind) -> Self {
        let interfaces = &mut self.network_mut().interfaces;
        let link = Fact::Known(LinkState { carrier, kind });
        match interfaces.iter_mut().find(|i| i.name == name) {
            Some(interface) => interface.link = link,
            None => interfaces.push(Interface {
                name: name.to_owned(),
                up: true,
                loopback: false,
                addresses: Vec::new(),
                link,
            }),
        }
        self
    }

    /// A proxy is configured, and came to this.
    pub fn proxy(mut self, outcome: Outcome, heard: Option<Heard>) -> Self {
        let mut attempt = self.attempt("10.77.1.1", outcome, 1);
        attempt.addr.set_port(3128);
        let proxy = Proxy {
            host: "10.77.1.1".to_owned(),
            port: 3128,
            kind: ProxyKind::Http,
        };
        self.evidence.proxy_tests.push(ProxyTest {
            proxy: proxy.clone(),
            attempt: Some(attempt),
            heard,
        });
        let variable = ProxyVariable::Http;
        let from = ProxySource::Environment { variable };
        self.proxy_setting(from, ProxyRule::Through(proxy))
    }

    /// As [`Self::proxy`], named by another place than the own environment.
    pub fn proxy_from(self, from: ProxySource, outcome: Outcome, heard: Option<Heard>) -> Self {
        let mut scene = self.proxy(outcome, heard);
        scene.proxy_settings().last_mut().expect("just set").from = from;
        scene
    }

    /// A place says this of proxies.
    pub fn proxy_setting(mut self, from: ProxySource, rule: ProxyRule) -> Self {
        let says = Fact::Known(rule);
        self.proxy_settings().push(ProxySetting { from, says });
        self
    }

    pub fn proxy_settings(&mut self) -> &mut Vec<ProxySetting> {
        if let Fact::Unknown(_) = self.evidence.proxies {
            self.evidence.proxies = Fact::Known(Vec::new());
        }
        match &mut self.evidence.proxies {
            Fact::Known(settings) => settings,
            Fact::Unknown(_) => panic!("just set"),
        }
    }

    pub fn bypass(mut self, ip: &str, interface: &str, outcome: Outcome) -> Self {
        let attempt = self.attempt(ip, outcome, 1);
        let interface = interface.to_owned();
        self.evidence.bypasses.push(Bypass { interface, attempt });
        self
    }

    pub fn at_gateway(mut self, endpoint: &str, outcome: Outcome) -> Self {
        let mut attempt = self.attempt("192.0.2.0", outcome, 1);
        attempt.addr = endpoint.parse().unwrap();
        self.evidence.at_gateway = Some(attempt);
        self
    }

    pub fn own_ports(mut self, in_use: usize, available: usize) -> Self {
        self.evidence.own_ports = Fact::Known(OwnPorts { available, in_use });
        self
    }

    pub fn route(mut self, to: &str, source: Option<&str>, os_code: Option<i32>) -> Self {
        self.network_mut().routes.push(RouteTo {
            to: to.parse().unwrap(),
            source: source.map(|ip| ip.parse().unwrap()),
            os_code,
            via: Fact::default(),
        });
        self
    }
}
