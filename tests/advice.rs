//! What advice must never do, over every cause, on every system, here and elsewhere.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::LazyLock;
use std::time::Duration;

use ketnoi::advice::command_line::{CommandLine, Shell};
use ketnoi::advice::{Advice, AdviceKind, Fix, Place, Placeholder, Risk, advise, safe_host};
use ketnoi::catalogue;
use ketnoi::diagnosis::{
    Alternative, Cause, Certainty, Clue, DecidingTest, Diagnosis, Family, Finding, Impact,
    SettingSays,
};
use ketnoi::evidence::{
    Attempt, Background, DecidingRule, Evidence, Fact, Failure, FilterChain, Firewall,
    FirewallKind, Gap, Interface, InterfaceAddress, Listener, NetworkState, Os, Outcome, Policy,
    PortUse, Process, Proxy, ProxyKind, ProxyRule, ProxySetting, ProxySource, ProxyVariable,
    Remark, ServiceSettings, ServiceState, ServiceUnit, SettingLine, Startup, UnitState, ZoneEntry,
    ZoneEntryKind,
};
use ketnoi::i18n::{Language, Texts, Wording};
use ketnoi::target::{Host, PortSource, Protocol, Target};

const HERE: &str = "192.168.1.20";
const NEIGHBOUR: &str = "192.168.1.10";
const FAR: &str = "10.9.0.1";
const PUBLIC: &str = "203.0.113.7";
const SYSTEMS: [Os; 3] = [Os::Linux, Os::Windows, Os::Macos];

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn target(host: &str, port: u16) -> Target {
    let host = match host.parse() {
        Ok(IpAddr::V4(address)) => Host::V4(address),
        Ok(IpAddr::V6(address)) => Host::V6 {
            address,
            zone: None,
        },
        Err(_) => Host::Name {
            ascii: host.to_owned(),
            unicode: host.to_owned(),
        },
    };
    // By way of JSON, so that a target's further fields take their defaults.
    serde_json::from_value(serde_json::json!({
        "input": format!("{host}:{port}"),
        "host": host,
        "port": port,
        "port_from": PortSource::Typed,
        "scheme": null,
        "service": null,
        "protocol": Protocol::ListenOnly,
        "srv": null,
    }))
    .unwrap()
}

fn evidence(host: &str, port: u16, os: Os) -> Evidence {
    let mut evidence = Evidence::new(target(host, port), os, Duration::from_secs(4));
    let interface = |name: &str, loopback, address: &str, prefix| Interface {
        name: name.to_owned(),
        up: true,
        loopback,
        addresses: vec![InterfaceAddress {
            ip: ip(address),
            prefix,
        }],
        link: Fact::default(),
    };
    evidence.network = Fact::Known(NetworkState {
        interfaces: vec![
            interface("lo", true, "127.0.0.1", 8),
            interface("eth0", false, HERE, 24),
            interface("eth0", false, "fd00::20", 64),
        ],
        ..NetworkState::default()
    });
    if let Some(address) = evidence.target.host.literal() {
        evidence.attempts = vec![attempt(address, port)];
    }
    evidence
}

fn attempt(address: IpAddr, port: u16) -> Attempt {
    Attempt {
        addr: SocketAddr::new(address, port),
        outcome: Outcome::Refused,
        took: Duration::from_millis(1),
        os_code: Some(111),
        at_once: false,
        source: Some(ip(HERE)),
        icmp: None,
    }
}

fn diagnosis(cause: Cause) -> Diagnosis {
    Diagnosis {
        reachable: false,
        impact: Impact::Blocked,
        verdict: Finding {
            cause,
            certainty: Certainty::Certain,
            because: Vec::new(),
            alternatives: Vec::new(),
        },
    }
}

/// Every cause, each from the one before: a new cause does not compile until it is listed.
#[expect(clippy::too_many_lines, reason = "one flat match")]
fn every_cause() -> Vec<Cause> {
    let text = str::to_owned;
    let following = |cause: &Cause| match cause {
        Cause::Reachable => Some(Cause::ReachableSilent),
        Cause::ReachableSilent => Some(Cause::BadAddress),
        Cause::BadAddress => Some(Cause::NameNotFound),
        Cause::NameNotFound => Some(Cause::NameHasNoAddress),
        Cause::NameHasNoAddress => Some(Cause::NameResolvesWrong { address: ip(FAR) }),
        Cause::NameResolvesWrong { .. } => Some(Cause::NameBlocked),
        Cause::NameBlocked => Some(Cause::HostsFileOverride { address: ip(FAR) }),
        Cause::HostsFileOverride { .. } => Some(Cause::MdnsUnavailable),
        Cause::MdnsUnavailable => Some(Cause::ResolverUnreachable),
        Cause::ResolverUnreachable => Some(Cause::ResolverFailure),
        Cause::ResolverFailure => Some(Cause::ResolverMisconfigured),
        Cause::ResolverMisconfigured => Some(Cause::ResolverSlow),
        Cause::ResolverSlow => Some(Cause::NoNetwork),
        Cause::NoNetwork => Some(Cause::LinkDown {
            interface: text("eth0"),
        }),
        Cause::LinkDown { .. } => Some(Cause::NoDefaultRoute),
        Cause::NoDefaultRoute => Some(Cause::GatewayDown {
            gateway: ip("192.168.1.1"),
        }),
        Cause::GatewayDown { .. } => Some(Cause::WrongNetmask),
        Cause::WrongNetmask => Some(Cause::LocalSubnetOverlap {
            interface: text("docker0"),
        }),
        Cause::LocalSubnetOverlap { .. } => Some(Cause::VpnRoute {
            interface: text("tun0"),
        }),
        Cause::VpnRoute { .. } => Some(Cause::RouteProhibited),
        Cause::RouteProhibited => Some(Cause::Ipv6Unavailable),
        Cause::Ipv6Unavailable => Some(Cause::SourceAddressMissing),
        Cause::SourceAddressMissing => Some(Cause::HostDown),
        Cause::HostDown => Some(Cause::NoRouteBeyond { router: None }),
        Cause::NoRouteBeyond { .. } => Some(Cause::RoutingLoop),
        Cause::RoutingLoop => Some(Cause::Ipv6PathBroken),
        Cause::Ipv6PathBroken => Some(Cause::OneAddressDead {
            address: ip(FAR),
            more: 0,
        }),
        Cause::OneAddressDead { .. } => Some(Cause::PacketLoss),
        Cause::PacketLoss => Some(Cause::MtuBlackHole),
        Cause::MtuBlackHole => Some(Cause::DataDropped),
        Cause::DataDropped => Some(Cause::IdleStateLost),
        Cause::IdleStateLost => Some(Cause::SilentDrop),
        Cause::SilentDrop => Some(Cause::NatHairpin),
        Cause::NatHairpin => Some(Cause::AddressConflict),
        Cause::AddressConflict => Some(Cause::FirewallDropsPort),
        Cause::FirewallDropsPort => Some(Cause::FirewallDropsAll),
        Cause::FirewallDropsAll => Some(Cause::FirewallRejects),
        Cause::FirewallRejects => Some(Cause::SourceBlocked),
        Cause::SourceBlocked => Some(Cause::RateLimited),
        Cause::RateLimited => Some(Cause::Ipv6Firewall {
            blocked: Family::V6,
        }),
        Cause::Ipv6Firewall { .. } => Some(Cause::PathFirewallDrops {
            after: Some(ip(FAR)),
        }),
        Cause::PathFirewallDrops { .. } => Some(Cause::PathFirewallRejects { device: ip(FAR) }),
        Cause::PathFirewallRejects { .. } => Some(Cause::PathFirewallResets { hop: Some(ip(FAR)) }),
        Cause::PathFirewallResets { .. } => Some(Cause::LocalFirewallDrops),
        Cause::LocalFirewallDrops => Some(Cause::LocalFirewallRejects),
        Cause::LocalFirewallRejects => Some(Cause::LocalPolicyDenies),
        Cause::LocalPolicyDenies => Some(Cause::ReplyLost),
        Cause::ReplyLost => Some(Cause::NothingListening),
        Cause::NothingListening => Some(Cause::WrongPort { found: 5433 }),
        Cause::WrongPort { .. } => Some(Cause::LoopbackOnly {
            address: ip("127.0.0.1"),
        }),
        Cause::LoopbackOnly { .. } => Some(Cause::BoundElsewhere {
            address: ip("192.168.1.21"),
        }),
        Cause::BoundElsewhere { .. } => Some(Cause::WrongFamily {
            used: Family::V4,
            works: "[::1]:5432".parse().unwrap(),
        }),
        Cause::WrongFamily { .. } => Some(Cause::UdpService),
        Cause::UdpService => Some(Cause::UnixSocketOnly {
            path: Some(text("/run/mysqld/mysqld.sock")),
        }),
        Cause::UnixSocketOnly { .. } => Some(Cause::LocalhostIsContainer {
            gateway: Some(ip("172.17.0.1")),
        }),
        Cause::LocalhostIsContainer { .. } => Some(Cause::NotPublished),
        Cause::NotPublished => Some(Cause::PortReserved),
        Cause::PortReserved => Some(Cause::AcceptQueueFull),
        Cause::AcceptQueueFull => Some(Cause::ServerHung),
        Cause::ServerHung => Some(Cause::ServerSlow),
        Cause::ServerSlow => Some(Cause::ServerResets),
        Cause::ServerResets => Some(Cause::ForwarderWithoutBackend),
        Cause::ForwarderWithoutBackend => Some(Cause::ServiceFlapping),
        Cause::ServiceFlapping => Some(Cause::WrongService {
            found: Some(text("SSH-2.0")),
        }),
        Cause::WrongService { .. } => Some(Cause::TlsToPlainPort),
        Cause::TlsToPlainPort => Some(Cause::PlainToTlsPort),
        Cause::PlainToTlsPort => Some(Cause::CertificateExpired {
            until: Some(text("2026-11-22")),
        }),
        Cause::CertificateExpired { .. } => Some(Cause::CertificateNotYetValid {
            from: Some(text("2026-11-22")),
        }),
        Cause::CertificateNotYetValid { .. } => Some(Cause::CertificateNameMismatch {
            names: vec![text("example.vn")],
        }),
        Cause::CertificateNameMismatch { .. } => Some(Cause::CertificateUntrusted {
            issuer: Some(text("Example CA")),
            self_signed: false,
        }),
        Cause::CertificateUntrusted { .. } => Some(Cause::ClockWrong),
        Cause::ClockWrong => Some(Cause::TlsVersionUnsupported),
        Cause::TlsVersionUnsupported => Some(Cause::ClientCertificateRequired),
        Cause::ClientCertificateRequired => Some(Cause::HttpError { status: 404 }),
        Cause::HttpError { .. } => Some(Cause::BackendDown { status: 502 }),
        Cause::BackendDown { .. } => Some(Cause::BackendTimeout),
        Cause::BackendTimeout => Some(Cause::HostHeaderRejected),
        Cause::HostHeaderRejected => Some(Cause::CaptivePortal),
        Cause::CaptivePortal => Some(Cause::DatabaseRequiresTls),
        Cause::DatabaseRequiresTls => Some(Cause::DatabaseWithoutTls),
        Cause::DatabaseWithoutTls => Some(Cause::ProxyDead {
            proxy: text("10.0.0.1:3128"),
        }),
        Cause::ProxyDead { .. } => Some(Cause::ProxyRequired {
            proxy: text("10.0.0.1:3128"),
        }),
        Cause::ProxyRequired { .. } => Some(Cause::ProxyBypassMissing {
            proxy: text("10.0.0.1:3128"),
        }),
        Cause::ProxyBypassMissing { .. } => Some(Cause::ClientOutOfPorts),
        Cause::ClientOutOfPorts => Some(Cause::ClientOutOfDescriptors),
        Cause::ClientOutOfDescriptors => Some(Cause::Undetermined),
        Cause::Undetermined => None,
    };
    std::iter::successors(Some(Cause::Reachable), following).collect()
}

/// The same, and each that names a datum once more without it.
fn every_cause_with_gaps() -> Vec<Cause> {
    let mut causes = every_cause();
    causes.extend([
        Cause::PathFirewallDrops { after: None },
        Cause::PathFirewallResets { hop: None },
        Cause::UnixSocketOnly { path: None },
        Cause::LocalhostIsContainer { gateway: None },
        Cause::WrongService { found: None },
        Cause::CertificateExpired { until: None },
        Cause::CertificateNotYetValid { from: None },
        Cause::CertificateNameMismatch { names: Vec::new() },
        Cause::CertificateUntrusted {
            issuer: None,
            self_signed: false,
        },
        Cause::CertificateUntrusted {
            issuer: None,
            self_signed: true,
        },
        Cause::HttpError { status: 500 },
        Cause::Ipv6Firewall {
            blocked: Family::V4,
        },
    ]);
    causes
}

/// Every advice over every cause, system, place and a choice of services, under a name.
type Named = (String, Evidence, Advice);

fn all_advice() -> &'static [Named] {
    static ALL: LazyLock<Vec<Named>> = LazyLock::new(collect_advice);
    &ALL
}

fn collect_advice() -> Vec<Named> {
    let hosts = [
        "localhost",
        HERE,
        NEIGHBOUR,
        FAR,
        PUBLIC,
        "fd00::7",
        "db.example.vn",
    ];
    let ports = catalogue::all().iter().map(|service| service.ports[0]);
    let ports: BTreeSet<u16> = ports.chain([4321, 60_000]).collect();
    let mut all = Vec::new();
    for evidence in [published_past_ufw(HERE), published_past_ufw("fd00::20")] {
        for advice in advised(Cause::Reachable, &evidence) {
            all.push(("published past ufw".to_owned(), evidence.clone(), advice));
        }
    }
    for remarks in [until_reload(), after_reload()] {
        for cause in [Cause::Reachable, Cause::FirewallRejects] {
            let evidence = behind_firewalld(remarks.clone());
            for advice in advised(cause, &evidence) {
                all.push(("firewall-d".to_owned(), evidence.clone(), advice));
            }
        }
    }
    for evidence in every_state_of_a_service() {
        for advice in advised(Cause::NothingListening, &evidence) {
            all.push(("a service's state".to_owned(), evidence.clone(), advice));
        }
    }
    for cause in every_cause_with_gaps() {
        for host in hosts {
            for os in SYSTEMS {
                for &port in &ports {
                    // The service changes what is said of it, not of networks.
                    let every_service = matches!(host, "localhost" | NEIGHBOUR);
                    if !every_service && ![22, 80, 4321].contains(&port) {
                        continue;
                    }
                    let evidence = evidence(host, port, os);
                    for advice in advise(&diagnosis(cause.clone()), &evidence) {
                        let name = format!("{} {host}:{port} {os:?}", cause.id());
                        all.push((name, evidence.clone(), advice));
                    }
                }
            }
        }
    }
    all
}

/// A container's port on this machine, which ufw would keep others from.
fn published_past_ufw(host: &str) -> Evidence {
    let mut evidence = evidence(host, 5432, Os::Linux);
    evidence.firewalls = Fact::Known(vec![Firewall {
        kind: FirewallKind::Ufw,
        active: Fact::Known(true),
        inbound_default: Fact::Known(Policy::Drop),
        port: Fact::Known(Policy::Drop),
        rule: None,
        remarks: Vec::new(),
    }]);
    let addr = SocketAddr::new(ip("::"), 5432);
    evidence.listeners = Fact::Known(vec![Listener {
        addr,
        takes_ipv4: Fact::default(),
        process: Fact::Unknown(Gap::NeedsAdmin),
        user: Fact::default(),
        queue: Fact::default(),
    }]);
    evidence.backgrounds = vec![Background {
        unit: Some("docker.service".to_owned()),
        ..Background::of(addr)
    }];
    evidence
}

/// A port of this machine that firewalld lets in where its remarks say so.
fn behind_firewalld(remarks: Vec<Remark>) -> Evidence {
    let mut evidence = evidence(HERE, 5432, Os::Linux);
    let lets_in = remarks.contains(&Remark::EndsAtReload);
    evidence.firewalls = Fact::Known(vec![Firewall {
        kind: FirewallKind::Firewalld,
        active: Fact::Known(true),
        inbound_default: Fact::Known(Policy::Reject),
        port: Fact::Known(if lets_in {
            Policy::Allow
        } else {
            Policy::Reject
        }),
        rule: Some(DecidingRule {
            text: "zone public, port 5432/tcp".to_owned(),
            chain: None,
            zone: Some("public".to_owned()),
            is_default: !lets_in,
        }),
        remarks,
    }]);
    evidence
}

fn zone_entry(zone: &str, port: &str) -> ZoneEntry {
    ZoneEntry {
        zone: zone.to_owned(),
        kind: ZoneEntryKind::Port,
        value: port.to_owned(),
    }
}

fn until_reload() -> Vec<Remark> {
    let entries = vec![
        zone_entry("public", "5432/tcp"),
        zone_entry("work", "1/tcp"),
    ];
    vec![Remark::EndsAtReload, Remark::LostAtReload { entries }]
}

fn after_reload() -> Vec<Remark> {
    let entries = vec![zone_entry("public", "5432/tcp")];
    vec![Remark::BeginsAtReload, Remark::BroughtByReload { entries }]
}

/// A service of this machine in every state that its service manager may tell.
fn every_state_of_a_service() -> Vec<Evidence> {
    let states = [
        UnitState::Running,
        UnitState::Exited,
        UnitState::Starting,
        UnitState::Stopping,
        UnitState::Failed,
        UnitState::Stopped,
        UnitState::Other,
    ];
    let startups = [
        Startup::Enabled,
        Startup::Disabled,
        Startup::Masked,
        Startup::Other,
    ];
    let units = states.into_iter().flat_map(|state| {
        startups.map(|startup| {
            let failed = state == UnitState::Failed;
            vec![ServiceUnit {
                failure: failed.then_some(Failure::StartLimit),
                ..unit("postgresql@15-main.service", state, startup)
            }]
        })
    });
    let mut all: Vec<Evidence> = units.map(told_of_postgresql).collect();
    all.push(told_of_postgresql(Vec::new()));
    all
}

fn unit(name: &str, state: UnitState, startup: Startup) -> ServiceUnit {
    ServiceUnit {
        name: name.to_owned(),
        state,
        startup,
        failure: None,
        restarts: 0,
        since_secs: None,
        may_use_low_ports: None,
    }
}

/// PostgreSQL is expected on this machine, and its service manager has these units of it.
fn told_of_postgresql(units: Vec<ServiceUnit>) -> Evidence {
    let mut evidence = evidence("127.0.0.1", 5432, Os::Linux);
    evidence.service_states = Fact::Known(vec![ServiceState {
        service: "postgresql".to_owned(),
        units,
    }]);
    evidence
}

fn commands(fix: &Fix) -> impl Iterator<Item = &CommandLine> {
    fix.check.iter().chain(&fix.apply).chain(&fix.undo)
}

fn advised(cause: Cause, evidence: &Evidence) -> Vec<Advice> {
    advise(&diagnosis(cause), evidence)
}

fn applied(advice: &Advice) -> Vec<String> {
    let fixes = advice.fixes.iter();
    fixes
        .flat_map(|fix| fix.apply.iter().map(CommandLine::display))
        .collect()
}

fn find(advice: &[Advice], id: &str) -> Advice {
    let mut all = advice.iter();
    all.find(|advice| Wording::advice_id(&advice.kind) == id)
        .unwrap_or_else(|| panic!("no {id} in {advice:#?}"))
        .clone()
}

fn has(advice: &[Advice], id: &str) -> bool {
    let mut ids = advice.iter().map(|advice| Wording::advice_id(&advice.kind));
    ids.any(|known| known == id)
}

#[test]
fn every_cause_has_advice_and_none_twice() {
    for cause in every_cause_with_gaps() {
        for host in ["localhost", NEIGHBOUR] {
            let advice = advised(cause.clone(), &evidence(host, 5432, Os::Linux));
            assert!(!advice.is_empty(), "{}", cause.id());
            let ids: BTreeSet<&str> = advice
                .iter()
                .map(|advice| Wording::advice_id(&advice.kind))
                .collect();
            assert_eq!(ids.len(), advice.len(), "{}", cause.id());
        }
    }
}

#[test]
fn what_changes_something_can_be_taken_back_and_what_only_looks_risks_nothing() {
    for (name, _, advice) in all_advice() {
        for fix in &advice.fixes {
            if fix.apply.is_empty() {
                assert_eq!(fix.risk, Risk::None, "{name}");
                assert!(!fix.check.is_empty(), "{name}: a fix without commands");
            } else {
                let passes = fix.risk.passes_by_itself();
                assert_eq!(passes, fix.undo.is_empty(), "{name}: {fix:?}");
            }
        }
    }
}

#[test]
fn nothing_is_ever_switched_off_or_flushed() {
    let forbidden = [
        "ufw disable",
        "iptables -F",
        "flush ruleset",
        "state off",
        "setenforce",
        "systemctl stop firewalld",
        "-Enabled False",
        "pfctl -d",
        "--setglobalstate",
        "advfirewall set",
        "Set-NetFirewallProfile",
        "Disable-NetFirewall",
        "mpssvc",
        "stop ufw",
        "stop nftables",
        "stop iptables",
        "iptables -P",
        "nft flush",
        "delete table",
        "winnat",
        "--insecure",
        "chmod",
    ];
    for (name, _, advice) in all_advice() {
        for command in advice.fixes.iter().flat_map(commands) {
            let line = command.display();
            for word in forbidden {
                assert!(!line.contains(word), "{name}: {line}");
            }
            // Taking back that a service starts with the system.
            let is_undo = line == "sudo systemctl disable postgresql@15-main.service";
            assert!(is_undo || !line.contains("disable"), "{name}: {line}");
        }
    }
}

#[test]
fn a_command_listens_everywhere_only_where_it_says_so() {
    for (name, _, advice) in all_advice() {
        for fix in &advice.fixes {
            let opens = commands(fix).any(|command| command.display().contains("0.0.0.0"));
            assert!(!opens || fix.risk == Risk::ExposesService, "{name}");
        }
    }
}

#[test]
fn settings_that_listen_everywhere_come_with_a_warning_in_every_language() {
    let mut seen = 0;
    for (name, evidence, advice) in all_advice() {
        let AdviceKind::ListenOnNetwork { settings, .. } = &advice.kind else {
            continue;
        };
        if settings.iter().all(|s| !s.line.contains("0.0.0.0")) {
            continue;
        }
        seen += 1;
        for (language, warning) in [(Language::En, "password"), (Language::Vi, "mật khẩu")] {
            let wording = Wording::new(Texts::of(language), &evidence.target);
            assert!(wording.advice_detail(advice).contains(warning), "{name}");
        }
    }
    assert!(seen > 0);
}

#[test]
fn all_advice_is_worded_in_every_language_without_a_placeholder_left() {
    for (name, evidence, advice) in all_advice() {
        for language in Language::ALL {
            let wording = Wording::new(Texts::of(language), &evidence.target);
            let (title, detail) = (wording.advice_title(advice), wording.advice_detail(advice));
            for text in [&title, &detail, &wording.place(advice.place)] {
                assert!(
                    !text.is_empty() && !text.contains(['{', '}']),
                    "{name}: {text}"
                );
            }
            assert!(!title.ends_with('.'), "{name}: {title}");
            for placeholder in advice.placeholders() {
                assert!(detail.contains(placeholder.text()), "{name}: {detail}");
            }
        }
    }
}

#[test]
fn every_cause_is_worded_proved_or_not() {
    for cause in every_cause_with_gaps() {
        for language in Language::ALL {
            let target = target("db.example.vn", 5432);
            let wording = Wording::new(Texts::of(language), &target);
            for certainty in [Certainty::Possible, Certainty::Certain] {
                let mut finding = diagnosis(cause.clone()).verdict;
                finding.certainty = certainty;
                for text in [
                    wording.finding_title(&finding),
                    wording.finding_explanation(&finding),
                    wording.cause_first_advice(&cause),
                ] {
                    assert!(!text.is_empty() && !text.contains(['{', '}']), "{text}");
                    // A datum that is not known leaves no hole.
                    for hole in ["  ", " ,", " ;", " . "] {
                        assert!(!text.contains(hole), "{}: {text}", cause.id());
                    }
                    assert!(!text.ends_with(" ."), "{}: {text}", cause.id());
                }
            }
        }
    }
}

#[test]
fn the_ids_of_advice_are_those_of_its_json() {
    for (_, _, advice) in all_advice() {
        let json = serde_json::to_value(&advice.kind).unwrap();
        assert_eq!(json["kind"], Wording::advice_id(&advice.kind));
    }
}

#[test]
fn advice_survives_a_trip_through_json() {
    for (_, _, advice) in all_advice() {
        let json = serde_json::to_string(&advice).unwrap();
        assert_eq!(serde_json::from_str::<Advice>(&json).unwrap(), *advice);
    }
}

#[test]
fn here_only_our_own_system_is_spoken_to() {
    for os in SYSTEMS {
        for cause in every_cause() {
            for advice in advised(cause, &evidence("localhost", 5432, os)) {
                assert_eq!(advice.place, Place::Here);
                assert!(advice.fixes.iter().all(|fix| fix.os == os), "{advice:?}");
            }
        }
    }
}

#[test]
fn commands_are_in_the_shell_of_their_system() {
    for (name, _, advice) in all_advice() {
        for fix in &advice.fixes {
            let shell = match fix.os {
                Os::Linux | Os::Macos => Shell::Posix,
                Os::Windows => Shell::PowerShell,
            };
            assert!(commands(fix).all(|c| c.shell == shell), "{name}");
        }
    }
}

#[test]
fn every_cause_has_its_place_on_the_way_or_none_on_purpose() {
    let placeless: Vec<&str> = every_cause()
        .iter()
        .filter(|cause| cause.place().is_none())
        .map(Cause::id)
        .collect();
    assert_eq!(
        placeless,
        [
            "reachable",
            "reachable-silent",
            "ipv6-path-broken",
            "one-address-dead",
            "silent-drop",
            "client-out-of-ports",
            "client-out-of-descriptors",
            "undetermined",
        ]
    );
}

#[test]
fn commands_that_need_a_word_say_which() {
    for (name, _, advice) in all_advice() {
        let known: Vec<&str> = Placeholder::ALL.iter().map(|p| p.text()).collect();
        for word in advice
            .fixes
            .iter()
            .flat_map(commands)
            .flat_map(|c| &c.words)
        {
            let mut rest = word.as_str();
            while let Some((_, after)) = rest.split_once('<') {
                let found = known.iter().any(|text| after.starts_with(&text[1..]));
                assert!(found, "{name}: {word}");
                rest = after;
            }
        }
    }
}

#[test]
fn what_needs_admin_rights_asks_for_them() {
    for (name, _, advice) in all_advice() {
        for fix in &advice.fixes {
            let asks = fix.apply.iter().any(|command| command.words[0] == "sudo");
            assert!(!asks || fix.needs_admin, "{name}: {fix:?}");
            let posix = fix
                .apply
                .iter()
                .all(|command| command.shell == Shell::Posix);
            assert!(
                !fix.needs_admin || !posix || asks || fix.apply.is_empty(),
                "{name}: {fix:?}"
            );
        }
    }
}

#[test]
fn a_stopped_database_here_is_started_by_its_own_name() {
    let mut evidence = evidence("127.0.0.1", 5432, Os::Linux);
    evidence.target.service = Some("postgresql".to_owned());
    let advice = advised(Cause::NothingListening, &evidence);
    let start = &advice[0];
    assert_eq!(applied(start), ["sudo systemctl start postgresql"]);
    assert_eq!(start.place, Place::Here);
    let wording = Wording::new(Texts::of(Language::Vi), &evidence.target);
    assert_eq!(wording.advice_title(start), "Khởi động PostgreSQL");
}

#[test]
fn a_unit_with_a_name_that_is_not_the_services_is_not_put_into_a_command() {
    for name in [
        "--force.service",
        "ssh.service",
        "postgresql@$(reboot).service",
        "postgresql@15 main.service",
        "postgresql@15-main.target",
        "postgresql",
    ] {
        let units = vec![unit(name, UnitState::Stopped, Startup::Enabled)];
        let advice = advised(Cause::NothingListening, &told_of_postgresql(units));
        let start = find(&advice, "start-service");
        assert_eq!(
            applied(&start),
            ["sudo systemctl start postgresql"],
            "{name}"
        );
    }
}

#[test]
fn what_was_started_too_often_is_allowed_to_start_again_first() {
    let failed = ServiceUnit {
        failure: Some(Failure::StartLimit),
        ..unit("postgresql.service", UnitState::Failed, Startup::Enabled)
    };
    let advice = advised(Cause::NothingListening, &told_of_postgresql(vec![failed]));
    let systemctl = |verb: &str| format!("sudo systemctl {verb} postgresql.service");
    let start = find(&advice, "start-service");
    assert_eq!(
        applied(&start),
        [systemctl("reset-failed"), systemctl("start")]
    );
    assert!(has(&advice, "read-service-log"));
}

#[test]
fn a_service_that_runs_and_does_not_listen_there_is_not_started() {
    let running = vec![unit(
        "postgresql.service",
        UnitState::Running,
        Startup::Enabled,
    )];
    let advice = advised(Cause::NothingListening, &told_of_postgresql(running));
    assert!(!has(&advice, "start-service"));
    assert!(matches!(advice[0].kind, AdviceKind::CheckPort { .. }));
}

#[test]
fn an_unknown_service_gets_plain_words_and_no_invented_command() {
    let evidence = evidence("127.0.0.1", 4321, Os::Linux);
    let advice = advised(Cause::NothingListening, &evidence);
    assert_eq!(advice[0].kind, AdviceKind::StartService { service: None });
    assert!(advice[0].fixes.is_empty());
}

#[test]
fn localhost_raises_the_question_of_which_machine_is_meant() {
    let nothing = |host| advised(Cause::NothingListening, &evidence(host, 5432, Os::Linux));
    assert!(has(&nothing("localhost"), "check-which-machine"));
    assert!(has(&nothing("::1"), "check-which-machine"));
    assert!(!has(&nothing(NEIGHBOUR), "check-which-machine"));
}

#[test]
fn a_neighbour_is_opened_to_the_common_network_only() {
    let evidence = evidence(NEIGHBOUR, 5432, Os::Linux);
    let allow = find(
        &advised(Cause::FirewallDropsPort, &evidence),
        "allow-in-firewall",
    );
    let lines = applied(&allow);
    let rich = r#"'--add-rich-rule=rule family="ipv4" source address="192.168.1.0/24" port port="5432" protocol="tcp" accept'"#;
    assert_eq!(
        lines,
        [
            "sudo ufw allow proto tcp from 192.168.1.0/24 to any port 5432 comment ketnoi-5432".to_owned(),
            format!("sudo firewall-cmd {rich} --timeout=5m"),
            format!("sudo firewall-cmd --permanent {rich}"),
            "sudo firewall-cmd --reload".to_owned(),
            "sudo nft insert rule inet filter input ip saddr 192.168.1.0/24 tcp dport 5432 accept comment '\"ketnoi-5432\"'".to_owned(),
            "sudo iptables -I INPUT 1 -p tcp -s 192.168.1.0/24 --dport 5432 -m comment --comment ketnoi-5432 -j ACCEPT".to_owned(),
            "New-NetFirewallRule -Name ketnoi-5432 -DisplayName ketnoi-5432 -Direction Inbound -Action Allow -Protocol TCP -LocalPort 5432 -RemoteAddress LocalSubnet -Profile 'Private,Domain'".to_owned(),
            "sudo /usr/libexec/ApplicationFirewall/socketfilterfw --add '<PROGRAM>'".to_owned(),
            "sudo /usr/libexec/ApplicationFirewall/socketfilterfw --unblockapp '<PROGRAM>'".to_owned(),
        ]
    );
    assert_eq!(allow.placeholders(), [Placeholder::Program]);
}

#[test]
fn a_private_server_behind_a_router_is_opened_to_this_machine_only() {
    let evidence = evidence(FAR, 5432, Os::Linux);
    let allow = find(
        &advised(Cause::FirewallRejects, &evidence),
        "allow-in-firewall",
    );
    assert!(applied(&allow)[0].contains("from 192.168.1.20/32"));
}

#[test]
fn a_public_server_sees_an_address_we_do_not_know() {
    let evidence = evidence(PUBLIC, 5432, Os::Linux);
    let allow = find(
        &advised(Cause::FirewallRejects, &evidence),
        "allow-in-firewall",
    );
    assert!(applied(&allow)[0].contains("from '<SUBNET>' to"));
    assert!(allow.placeholders().contains(&Placeholder::Subnet));
}

#[test]
fn ipv6_rules_are_rules_for_ipv6() {
    let evidence = evidence("fd00::7", 5432, Os::Linux);
    let allow = find(
        &advised(Cause::FirewallDropsPort, &evidence),
        "allow-in-firewall",
    );
    let lines = applied(&allow);
    assert!(lines[1].contains(r#"family="ipv6" source address="fd00::/64""#));
    assert!(lines[4].contains("ip6 saddr fd00::/64"));
    assert!(lines[5].starts_with("sudo ip6tables "));
}

#[test]
fn no_firewall_is_opened_here_when_nothing_listens() {
    let mut evidence = evidence(HERE, 5432, Os::Linux);
    let listener = |address: &str| Listener {
        addr: address.parse().unwrap(),
        takes_ipv4: Fact::default(),
        process: Fact::Unknown(Gap::NeedsAdmin),
        user: Fact::default(),
        queue: Fact::default(),
    };
    for listeners in [vec![], vec![listener("127.0.0.1:5432")]] {
        evidence.listeners = Fact::Known(listeners);
        let advice = advised(Cause::FirewallDropsPort, &evidence);
        assert!(!has(&advice, "allow-in-firewall"));
        assert!(has(&advice, "read-firewall-rules"));
    }
    evidence.listeners = Fact::Known(vec![listener("0.0.0.0:5432")]);
    let advice = advised(Cause::FirewallDropsPort, &evidence);
    assert!(has(&advice, "allow-in-firewall"));
}

#[test]
fn no_other_cause_opens_a_firewall() {
    for (name, _, advice) in all_advice() {
        if advice.kind == AdviceKind::AllowInFirewall {
            let says_firewall = name.starts_with("firewall-") || name.starts_with("ipv6-firewall");
            assert!(says_firewall, "{name}");
        }
    }
}

#[test]
fn here_only_firewalls_that_may_be_active_are_changed() {
    let mut evidence = evidence(HERE, 5432, Os::Linux);
    let firewall = |kind, active| Firewall {
        kind,
        active,
        inbound_default: Fact::Known(Policy::Drop),
        port: Fact::default(),
        rule: None,
        remarks: Vec::new(),
    };
    evidence.firewalls = Fact::Known(vec![
        firewall(FirewallKind::Ufw, Fact::Known(false)),
        firewall(FirewallKind::Nftables, Fact::Unknown(Gap::NeedsAdmin)),
    ]);
    let allow = find(
        &advised(Cause::FirewallRejects, &evidence),
        "allow-in-firewall",
    );
    let kinds: Vec<_> = allow.fixes.iter().map(|fix| fix.firewall).collect();
    assert_eq!(kinds, [Some(FirewallKind::Nftables)]);
}

/// ufw with its rules in iptables, as root sees both; what decides in iptables stands in `chain`.
fn ufw_and_iptables(chain: &str, is_default: bool) -> Evidence {
    let mut evidence = evidence(HERE, 5432, Os::Linux);
    let firewall = |kind, chain: Option<FilterChain>| Firewall {
        kind,
        active: Fact::Known(true),
        inbound_default: Fact::Known(Policy::Drop),
        port: Fact::Known(Policy::Drop),
        rule: Some(DecidingRule {
            text: "drop".to_owned(),
            chain,
            zone: None,
            is_default,
        }),
        remarks: Vec::new(),
    };
    let chain = FilterChain {
        family: "ip".to_owned(),
        table: "filter".to_owned(),
        chain: chain.to_owned(),
        legacy: false,
        newer: false,
    };
    evidence.firewalls = Fact::Known(vec![
        firewall(FirewallKind::Ufw, None),
        firewall(FirewallKind::Iptables, Some(chain)),
    ]);
    evidence
}

#[test]
fn what_ufw_has_in_iptables_is_changed_by_ufw_alone() {
    let changed = |evidence: &Evidence| -> Vec<Option<FirewallKind>> {
        let allow = find(
            &advised(Cause::FirewallDropsPort, evidence),
            "allow-in-firewall",
        );
        allow.fixes.iter().map(|fix| fix.firewall).collect()
    };
    let ufw = Some(FirewallKind::Ufw);
    assert_eq!(changed(&ufw_and_iptables("INPUT", true)), [ufw]);
    assert_eq!(changed(&ufw_and_iptables("ufw-user-input", false)), [ufw]);
    // A rule of the administrator's own stops the port before ufw is asked.
    let own = changed(&ufw_and_iptables("INPUT", false));
    assert!(own.contains(&Some(FirewallKind::Iptables)), "{own:?}");
}

#[test]
fn a_service_that_was_started_with_settings_of_its_own_is_set_there() {
    let mut evidence = evidence(HERE, 5432, Os::Linux);
    let process = |command: &str| Process {
        pid: 7,
        name: "postgres".to_owned(),
        command: Some(command.to_owned()),
    };
    let mut file = |command: &str| {
        evidence.listeners = Fact::Known(vec![Listener {
            addr: SocketAddr::new(ip("127.0.0.1"), 5432),
            takes_ipv4: Fact::default(),
            process: Fact::Known(process(command)),
            user: Fact::default(),
            queue: Fact::default(),
        }]);
        let cause = Cause::LoopbackOnly {
            address: ip("127.0.0.1"),
        };
        let advice = find(&advised(cause, &evidence), "listen-on-network");
        let AdviceKind::ListenOnNetwork { settings, .. } = advice.kind else {
            panic!("{advice:?}");
        };
        settings[0].file.clone().unwrap()
    };
    assert_eq!(file("postgres -D /srv/pg"), "/srv/pg/postgresql.conf");
    assert_eq!(file("postgres"), "/etc/postgresql/*/main/postgresql.conf");
}

#[test]
fn a_port_that_docker_publishes_past_the_firewall_is_limited_in_dockers_own_chain() {
    let mut evidence = published_past_ufw(HERE);
    let limit = |evidence: &Evidence| {
        let advice = advised(Cause::Reachable, evidence);
        assert!(!has(&advice, "allow-in-firewall"));
        has(&advice, "limit-published-port").then(|| find(&advice, "limit-published-port"))
    };
    let found = limit(&evidence).unwrap();
    assert_eq!(
        applied(&found),
        [
            "sudo iptables -I DOCKER-USER 1 -i eth0 '!' -s 192.168.1.0/24 -p tcp -m conntrack \
          --ctorigdstport 5432 --ctdir ORIGINAL -m comment --comment ketnoi-5432 -j DROP"
        ]
    );
    let over_v6 = limit(&published_past_ufw("fd00::20")).unwrap();
    assert!(applied(&over_v6)[0].starts_with("sudo ip6tables -I DOCKER-USER"));
    // Published to this machine alone, or another program's: then the firewall decides.
    evidence.backgrounds[0].unit = Some("postgresql.service".to_owned());
    assert!(has(
        &advised(Cause::Reachable, &evidence),
        "allow-in-firewall"
    ));
    let mut private = published_past_ufw(HERE);
    if let Fact::Known(listeners) = &mut private.listeners {
        listeners[0].addr.set_ip(ip("127.0.0.1"));
    }
    assert!(!has(
        &advised(Cause::Reachable, &private),
        "limit-published-port"
    ));
}

#[test]
fn what_firewalld_lets_in_until_it_is_reloaded_is_saved_alone() {
    let evidence = behind_firewalld(until_reload());
    let keep = find(&advised(Cause::Reachable, &evidence), "keep-firewall-rule");
    let save = "sudo firewall-cmd --permanent --zone=public --add-port=5432/tcp";
    assert_eq!(applied(&keep), [save]);
    let undo = keep.fixes[0].undo[0].display();
    assert_eq!(undo, save.replace("--add", "--remove"));
}

#[test]
fn what_firewalld_has_saved_is_loaded_unless_that_ends_something() {
    let applied_for = |remarks| {
        let advice = advised(Cause::FirewallRejects, &behind_firewalld(remarks));
        applied(&find(&advice, "allow-in-firewall"))
    };
    assert_eq!(applied_for(after_reload()), ["sudo firewall-cmd --reload"]);
    let entries = vec![zone_entry("work", "80/tcp")];
    let lost = Remark::LostAtReload { entries };
    for more in [lost, Remark::ChangedByReload] {
        let lines = applied_for([after_reload(), vec![more]].concat());
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| line.contains("--add-rich-rule=")));
        assert!(!lines.iter().any(|line| line.contains("--timeout")));
    }
}

#[test]
fn where_selinux_enforces_the_label_of_the_port_is_pointed_out() {
    let mut evidence = evidence(HERE, 5433, Os::Linux);
    evidence.target.service = Some("postgresql".to_owned());
    let nothing = |evidence: &Evidence| advised(Cause::NothingListening, evidence);
    assert!(!has(&nothing(&evidence), "label-port"));
    evidence.port_use = Fact::Known(PortUse {
        has_labelled_ports: true,
        ..PortUse::default()
    });
    let label = find(&nothing(&evidence), "label-port");
    let add = "sudo semanage port -a -t postgresql_port_t -p tcp 5433";
    assert_eq!(applied(&label), [add]);
    evidence.target.service = None;
    let label = find(&nothing(&evidence), "label-port");
    assert_eq!(label.placeholders(), [Placeholder::PortLabel]);
}

#[test]
fn a_hostile_entry_of_an_opened_report_stays_one_argument_or_reaches_no_command() {
    let remarks = |zone, port| {
        let entries = vec![zone_entry(zone, port)];
        vec![Remark::EndsAtReload, Remark::LostAtReload { entries }]
    };
    let keep = |remarks| {
        let advice = advised(Cause::Reachable, &behind_firewalld(remarks));
        has(&advice, "keep-firewall-rule").then(|| find(&advice, "keep-firewall-rule"))
    };
    assert_eq!(keep(remarks("public; id", "1/tcp")), None);
    let kept = keep(remarks("public", "1/tcp; id")).unwrap();
    assert_eq!(
        applied(&kept),
        ["sudo firewall-cmd --permanent --zone=public '--add-port=1/tcp; id'"]
    );
}

#[test]
fn the_line_that_keeps_a_service_to_its_machine_is_the_one_to_change() {
    let mut evidence = evidence(HERE, 5432, Os::Linux);
    let file = "/etc/postgresql/15/main/postgresql.conf";
    let line = SettingLine {
        file: file.to_owned(),
        line: Some(60),
        text: "listen_addresses".to_owned(),
        is_default: true,
        port: None,
        addresses: vec!["localhost".to_owned()],
        is_without_tcp: false,
    };
    let address = ip("127.0.0.1");
    let mut diagnosis = diagnosis(Cause::LoopbackOnly { address });
    let settings = |diagnosis: &Diagnosis, evidence: &Evidence| {
        let advice = advise(diagnosis, evidence);
        let AdviceKind::ListenOnNetwork { settings, .. } = advice[0].kind.clone() else {
            panic!("{advice:?}");
        };
        settings
    };
    let usual = settings(&diagnosis, &evidence);
    assert!(usual[0].file.as_deref().unwrap().contains('*'));
    diagnosis.verdict.because.push(Clue::ServiceSetting {
        service: "postgresql".to_owned(),
        says: SettingSays::ThisMachineOnly,
        setting: line.clone(),
    });
    let named = settings(&diagnosis, &evidence);
    assert_eq!(named[0].file.as_deref(), Some(file));
    assert_eq!(named[0].at, Some(60));
    // Without such a line the file that was read is still the one that is here.
    diagnosis.verdict.because.clear();
    evidence.service_settings = Fact::Known(vec![ServiceSettings {
        service: "postgresql".to_owned(),
        file: file.to_owned(),
        lines: Vec::new(),
        unread: Vec::new(),
    }]);
    let found = settings(&diagnosis, &evidence);
    assert_eq!((found[0].file.as_deref(), found[0].at), (Some(file), None));
}

#[test]
fn a_private_service_is_opened_on_the_asked_address_not_on_all() {
    let mut evidence = evidence(HERE, 6379, Os::Linux);
    evidence.target.service = Some("redis".to_owned());
    let advice = advised(
        Cause::LoopbackOnly {
            address: ip("127.0.0.1"),
        },
        &evidence,
    );
    let AdviceKind::ListenOnNetwork { settings, .. } = &advice[0].kind else {
        panic!("{advice:?}");
    };
    assert_eq!(settings[0].line, "bind 127.0.0.1 192.168.1.20");
    assert_eq!(settings[0].file.as_deref(), Some("/etc/redis/redis.conf"));
    assert!(
        advice[0]
            .fixes
            .iter()
            .all(|fix| fix.risk == Risk::ExposesService)
    );
    let tunnel = find(&advice, "tunnel-through-ssh");
    assert_eq!(tunnel.place, Place::OnClient);
    assert_eq!(
        applied(&tunnel),
        ["ssh -N -L 16379:127.0.0.1:6379 '<USER>@192.168.1.20'"]
    );
}

#[test]
fn a_development_server_is_named_after_its_program() {
    let mut diagnosis = diagnosis(Cause::LoopbackOnly {
        address: ip("127.0.0.1"),
    });
    diagnosis.verdict.because = vec![Clue::ListenerHere {
        addr: "127.0.0.1:8080".parse().unwrap(),
        process: Some(Process {
            pid: 7,
            name: "node".to_owned(),
            command: Some("node ./node_modules/.bin/vite --port 8080".to_owned()),
        }),
    }];
    let advice = advise(&diagnosis, &evidence(HERE, 8080, Os::Linux));
    let AdviceKind::ListenOnNetwork { service, settings } = &advice[0].kind else {
        panic!("{advice:?}");
    };
    assert_eq!(service.as_deref(), Some("vite"));
    assert_eq!(settings[0].line, "--host 0.0.0.0");
}

#[test]
fn the_deciding_test_comes_first_while_the_cause_is_not_certain() {
    let mut diagnosis = diagnosis(Cause::NothingListening);
    diagnosis.verdict.certainty = Certainty::Likely;
    diagnosis.verdict.alternatives = vec![Alternative {
        cause: Cause::FirewallRejects,
        certainty: Certainty::Possible,
        decided_by: DecidingTest::LookAtListenersOnTarget,
    }];
    let advice = advise(&diagnosis, &evidence("db.example.vn", 5432, Os::Linux));
    assert_eq!(advice[0].kind, AdviceKind::CheckOnTarget);
    assert_eq!(
        advice[0].fixes[0].check[0].display(),
        "ketnoi check db.example.vn:5432"
    );
    let kinds = advice
        .iter()
        .filter(|a| a.kind == AdviceKind::CheckOnTarget);
    assert_eq!(kinds.count(), 1);
}

#[test]
fn every_deciding_test_is_worded_and_its_advice_comes_first() {
    let tests = [
        (DecidingTest::CompareWithDns, Some("check-dns")),
        (DecidingTest::RepeatTest, Some("repeat-test")),
        (DecidingTest::BypassVpn, Some("disconnect-vpn")),
        (DecidingTest::BypassProxy, Some("go-without-proxy")),
        (DecidingTest::UseOtherFamily, None),
        (DecidingTest::LookAtServiceLog, Some("read-service-log")),
        (DecidingTest::LowerMtu, Some("lower-mtu")),
        (DecidingTest::LookAtQueueOnTarget, Some("look-at-queue")),
        (DecidingTest::CheckClock, Some("set-clock")),
        (
            DecidingTest::LookInsideContainer,
            Some("look-inside-container"),
        ),
        (
            DecidingTest::CheckSourceAddress,
            Some("remove-fixed-source"),
        ),
        (DecidingTest::ConnectByAddress, Some("connect-by-address")),
        (
            DecidingTest::CompareMacAddresses,
            Some("resolve-address-conflict"),
        ),
    ];
    let evidence = evidence("db.example.vn", 5432, Os::Linux);
    for (test, id) in tests {
        for language in Language::ALL {
            let wording = Wording::new(Texts::of(language), &evidence.target);
            let words = wording.deciding_test(test);
            assert!(!words.is_empty() && !words.ends_with('.'), "{words}");
        }
        let mut diagnosis = diagnosis(Cause::SilentDrop);
        diagnosis.verdict.certainty = Certainty::Possible;
        diagnosis.verdict.alternatives = vec![Alternative {
            cause: Cause::Undetermined,
            certainty: Certainty::Possible,
            decided_by: test,
        }];
        let advice = advise(&diagnosis, &evidence);
        if let Some(id) = id {
            assert_eq!(Wording::advice_id(&advice[0].kind), id);
        }
    }
}

#[test]
fn a_test_over_the_other_family_names_an_address_that_accepted() {
    let mut evidence = evidence("db.example.vn", 5432, Os::Linux);
    let mut works = attempt(ip("198.51.100.2"), 5432);
    works.outcome = Outcome::Connected;
    evidence.attempts = vec![attempt(ip("2001:db8::1"), 5432), works.clone()];
    let blocked = Family::V6;
    let advice = advised(Cause::Ipv6Firewall { blocked }, &evidence);
    let addr = works.addr;
    assert_eq!(advice[0].kind, AdviceKind::UseAddress { addr });
    let allow = find(&advice, "allow-in-firewall");
    assert!(
        applied(&allow)
            .iter()
            .any(|line| line.contains("family=\"ipv6\""))
    );
}

#[test]
fn a_repeated_test_names_the_target_as_it_was_typed() {
    let repeat = |host| {
        let evidence = evidence(host, 5432, Os::Linux);
        let advice = find(&advised(Cause::PacketLoss, &evidence), "repeat-test");
        advice.fixes[0].check[0].display()
    };
    assert_eq!(
        repeat("db.example.vn"),
        "ketnoi check db.example.vn:5432 --repeat 10"
    );
    assert_eq!(
        repeat("fd00::7"),
        "ketnoi check '[fd00::7]:5432' --repeat 10"
    );
}

#[test]
fn the_hosts_file_is_kept_before_it_is_edited() {
    let evidence = evidence("db.example.vn", 5432, Os::Linux);
    let cause = Cause::HostsFileOverride { address: ip(FAR) };
    let edit = &advised(cause, &evidence)[0];
    assert_eq!(
        edit.fixes[0].check[0].display(),
        "grep -n -F db.example.vn /etc/hosts"
    );
    assert_eq!(
        applied(edit),
        [
            "sudo cp -p /etc/hosts /etc/hosts.ketnoi",
            "sudoedit /etc/hosts"
        ]
    );
    let undo: Vec<String> = edit.fixes[0]
        .undo
        .iter()
        .map(CommandLine::display)
        .collect();
    assert_eq!(undo, ["sudo cp -p /etc/hosts.ketnoi /etc/hosts"]);
}

#[test]
fn a_ban_is_lifted_for_the_address_that_the_server_sees() {
    let lift = |host| {
        let advice = advised(Cause::SourceBlocked, &evidence(host, 22, Os::Linux));
        applied(&find(&advice, "lift-ban"))[0].clone()
    };
    assert_eq!(
        lift(FAR),
        "sudo fail2ban-client set '<JAIL>' unbanip 192.168.1.20"
    );
    assert_eq!(
        lift(PUBLIC),
        "sudo fail2ban-client set '<JAIL>' unbanip '<CLIENT>'"
    );
}

#[test]
fn a_hung_database_is_read_before_it_is_restarted() {
    let mut evidence = evidence("127.0.0.1", 5432, Os::Linux);
    evidence.target.service = Some("postgresql".to_owned());
    let advice = advised(Cause::ServerHung, &evidence);
    let log = &advice[0];
    assert_eq!(Wording::advice_id(&log.kind), "read-service-log");
    assert_eq!(
        log.fixes[0].check[1].display(),
        "journalctl -u postgresql -n 50 --no-pager"
    );
    let restart = find(&advice, "restart-service");
    assert_eq!(applied(&restart), ["sudo systemctl restart postgresql"]);
    assert_eq!(restart.fixes[0].risk, Risk::RestartsService);
}

#[test]
fn foreign_text_of_a_cause_reaches_words_printably_and_commands_never() {
    let hostile = "\u{1b}[31m\u{202e}$(reboot)".to_owned();
    let some = Some(hostile.clone());
    let causes = [
        Cause::LinkDown {
            interface: hostile.clone(),
        },
        Cause::LocalSubnetOverlap {
            interface: hostile.clone(),
        },
        Cause::VpnRoute {
            interface: hostile.clone(),
        },
        Cause::UnixSocketOnly { path: some.clone() },
        Cause::WrongService {
            found: some.clone(),
        },
        Cause::CertificateExpired {
            until: some.clone(),
        },
        Cause::CertificateNotYetValid {
            from: Some(format!("{hostile}-{hostile}-{hostile}")),
        },
        Cause::CertificateNameMismatch {
            names: vec![hostile.clone(); 9],
        },
        Cause::CertificateUntrusted {
            issuer: some,
            self_signed: false,
        },
        Cause::ProxyDead {
            proxy: hostile.clone(),
        },
        Cause::ProxyRequired {
            proxy: hostile.clone(),
        },
        Cause::ProxyBypassMissing { proxy: hostile },
    ];
    for cause in causes {
        let evidence = evidence("db.example.vn", 5432, Os::Linux);
        let advice = advised(cause.clone(), &evidence);
        for command in advice.iter().flat_map(|a| &a.fixes).flat_map(commands) {
            assert!(!command.display().contains("reboot"), "{command}");
        }
        for language in Language::ALL {
            let wording = Wording::new(Texts::of(language), &evidence.target);
            let mut said = vec![
                wording.cause_title(&cause),
                wording.cause_explanation(&cause),
                wording.cause_first_advice(&cause),
            ];
            for advice in &advice {
                said.extend([wording.advice_title(advice), wording.advice_detail(advice)]);
            }
            for text in said {
                assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
            }
        }
    }
}

#[test]
fn the_day_of_a_certificate_is_in_the_form_of_the_language() {
    let target = target("db.example.vn", 443);
    let explained = |language, day: &str| {
        let until = Some(day.to_owned());
        Wording::new(Texts::of(language), &target)
            .cause_explanation(&Cause::CertificateExpired { until })
    };
    assert_eq!(
        explained(Language::Vi, "2026-11-22"),
        "Hạn dùng kết thúc ngày 22/11/2026."
    );
    assert_eq!(
        explained(Language::En, "2026-11-22"),
        "It was valid until 2026-11-22."
    );
    assert_eq!(
        explained(Language::Vi, "long ago"),
        "Hạn dùng kết thúc ngày long ago."
    );
}

#[test]
fn https_to_a_plain_port_is_mended_by_http_and_back() {
    let mut evidence = evidence("fd00::7", 8080, Os::Linux);
    evidence.target.scheme = Some("https".to_owned());
    let advice = advised(Cause::TlsToPlainPort, &evidence);
    let url = Some("http://[fd00::7]:8080".to_owned());
    assert_eq!(advice[0].kind, AdviceKind::UsePlainText { url });
    evidence.target.scheme = Some("ws".to_owned());
    let advice = advised(Cause::PlainToTlsPort, &evidence);
    let url = Some("wss://[fd00::7]:8080".to_owned());
    assert_eq!(advice[0].kind, AdviceKind::UseTls { url });
}

#[test]
fn a_name_with_some_dead_addresses_is_reached_by_one_that_works() {
    let mut evidence = evidence("db.example.vn", 5432, Os::Linux);
    let mut works = attempt(ip("198.51.100.2"), 5432);
    works.outcome = Outcome::Connected;
    evidence.attempts = vec![attempt(ip("2001:db8::1"), 5432), works.clone()];
    let advice = advised(Cause::Ipv6PathBroken, &evidence);
    let addr = works.addr;
    assert_eq!(advice[0].kind, AdviceKind::UseAddress { addr });
}

#[test]
fn a_hostile_host_of_an_opened_report_reaches_no_command() {
    let hostile = [
        "-oProxyCommand=reboot",
        "a;reboot",
        "$(reboot)",
        "`reboot`",
        "a b",
        "a\nreboot",
        "a'b",
        "“x”",
        "",
    ];
    for host in hostile {
        let host = Host::Name {
            ascii: host.to_owned(),
            unicode: host.to_owned(),
        };
        assert_eq!(safe_host(&host), None, "{host:?}");
        for cause in every_cause() {
            let mut evidence = evidence(NEIGHBOUR, 5432, Os::Linux);
            evidence.target.host = host.clone();
            for advice in advised(cause, &evidence) {
                for command in advice.fixes.iter().flat_map(commands) {
                    let line = command.display();
                    assert!(!line.contains("reboot") && !line.contains('“'), "{line}");
                }
            }
        }
    }
}

#[cfg(unix)]
mod in_a_real_shell {
    use std::process::Command;

    use super::*;
    use proptest::prelude::*;

    fn words_seen_by_sh(line: &str) -> Vec<String> {
        #[expect(clippy::disallowed_methods, reason = "a real shell is the judge here")]
        let output = Command::new("/bin/sh")
            .arg("-c")
            .arg(line)
            .output()
            .unwrap();
        assert!(output.status.success(), "{line}: {output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        let mut words: Vec<String> = text.split('\0').map(str::to_owned).collect();
        words.pop();
        words
    }

    fn printed(words: &[&str]) -> String {
        CommandLine::posix(["printf", r"%s\0"].iter().chain(words).copied()).display()
    }

    #[test]
    fn hostile_words_arrive_as_they_were() {
        let words = [
            "plain",
            "",
            " ",
            "it's",
            "''",
            "\"quoted\"",
            "$(reboot)",
            "${HOME}",
            "`reboot`",
            "a;b|c&d>e<f",
            "*",
            "~",
            "~root",
            "[a]",
            "{a,b}",
            "#x",
            "!x",
            "-n",
            "--",
            "A=b",
            "\\",
            "\\n",
            "a\\'b",
            "%s",
            "‘smart’ “quotes”",
            "địa chỉ",
        ];
        assert_eq!(words_seen_by_sh(&printed(&words)), words);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_printable_word_arrives_as_it_was(words in proptest::collection::vec("[ -~]{0,20}", 1..5)) {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            prop_assert_eq!(words_seen_by_sh(&printed(&words)), words);
        }
    }
}

mod as_power_shell_reads {
    use super::*;
    use proptest::prelude::*;

    /// Takes a line apart by PowerShell's rules for bare and single-quoted words
    /// (`about_Parsing`, `about_Quoting_Rules`).
    fn words_seen(line: &str) -> Vec<String> {
        let mut words = Vec::new();
        let mut rest = line.chars().peekable();
        while let Some(first) = rest.next() {
            let mut word = String::new();
            if is_quote(first) {
                while let Some(character) = rest.next() {
                    if !is_quote(character) || rest.next_if(|next| is_quote(*next)).is_some() {
                        word.push(character);
                    } else {
                        break;
                    }
                }
            } else {
                word.push(first);
                while let Some(character) = rest.next_if(|next| *next != ' ') {
                    word.push(character);
                }
                let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
                assert!(word.chars().all(is_plain), "bare: {word}");
            }
            words.push(word);
            assert!(matches!(rest.next(), Some(' ') | None), "{line}");
        }
        words
    }

    fn is_quote(character: char) -> bool {
        matches!(character, '\'' | '‘' | '’' | '‚' | '‛')
    }

    proptest! {
        #[test]
        fn any_printable_word_arrives_as_it_was(
            words in proptest::collection::vec("[ -~‘’‚‛“”„]{0,12}", 1..5)
        ) {
            let command = CommandLine::power_shell(
                std::iter::once("echo").chain(words.iter().map(String::as_str)),
            );
            prop_assert_eq!(&words_seen(&command.display())[1..], &words[..]);
        }
    }
}

#[test]
fn a_dead_proxy_is_left_where_it_is_set() {
    let places = [
        (
            Os::Linux,
            ProxySource::Gnome,
            "gsettings set org.gnome.system.proxy mode none",
        ),
        (
            Os::Linux,
            ProxySource::Kde,
            "kwriteconfig6 --file kioslaverc --group 'Proxy Settings' --key ProxyType 0",
        ),
        (
            Os::Linux,
            ProxySource::EtcEnvironment {
                variable: ProxyVariable::Https,
            },
            "sudo cp -p /etc/environment /etc/environment.ketnoi",
        ),
        (
            Os::Windows,
            ProxySource::WinHttp,
            "netsh winhttp reset proxy",
        ),
        (
            Os::Windows,
            ProxySource::Windows,
            "Set-ItemProperty -Path 'HKCU:\\Software\\Microsoft\\Windows\\CurrentVersion\\\
             Internet Settings' -Name ProxyEnable -Value 0",
        ),
        (
            Os::Macos,
            ProxySource::Macos,
            "sudo networksetup -setwebproxystate '<INTERFACE>' off",
        ),
    ];
    for (os, place, command) in places {
        let advice = with_proxy_of(
            os,
            place,
            Cause::ProxyDead {
                proxy: "10.0.0.1:3128".to_owned(),
            },
        );
        let leave = advice.iter().find(|advice| {
            advice.kind
                == AdviceKind::GoWithoutProxy {
                    places: vec![place],
                }
        });
        let fix = &leave.unwrap().fixes[0];
        assert_eq!(fix.apply[0].display(), command);
        assert!(!fix.undo.is_empty() && !fix.check.is_empty(), "{place:?}");
    }
}

#[test]
fn an_exception_is_made_where_the_proxy_is_set() {
    let proxy = "10.0.0.1:3128".to_owned();
    let advice = with_proxy_of(
        Os::Linux,
        ProxySource::Gnome,
        Cause::ProxyBypassMissing { proxy },
    );
    let places = vec![ProxySource::Gnome];
    let found = advice.iter().find(|advice| {
        advice.kind
            == AdviceKind::AddProxyBypass {
                places: places.clone(),
            }
    });
    let shown = found.unwrap().fixes[0].check[0].display();
    assert_eq!(shown, "gsettings get org.gnome.system.proxy ignore-hosts");
}

#[test]
fn an_endpoint_of_an_opened_report_is_no_option() {
    let place = ProxySource::WinHttp;
    let mut evidence = evidence(FAR, 443, Os::Windows);
    evidence.proxies = Fact::Known(vec![set_in(place, "/reset")]);
    let proxy = "/reset:3128".to_owned();
    let advice = advise(&diagnosis(Cause::ProxyDead { proxy }), &evidence);
    let leave = advice
        .iter()
        .find(|advice| matches!(advice.kind, AdviceKind::GoWithoutProxy { .. }));
    let undo = leave.unwrap().fixes[0].undo[0].display();
    assert_eq!(undo, "netsh winhttp set proxy '<PROXY>'");
}

fn with_proxy_of(os: Os, place: ProxySource, cause: Cause) -> Vec<Advice> {
    let mut evidence = evidence(FAR, 443, os);
    evidence.proxies = Fact::Known(vec![set_in(place, "10.0.0.1")]);
    advise(&diagnosis(cause), &evidence)
}

fn set_in(from: ProxySource, host: &str) -> ProxySetting {
    let proxy = Proxy {
        host: host.to_owned(),
        port: 3128,
        kind: ProxyKind::Http,
    };
    let says = Fact::Known(ProxyRule::Through(proxy));
    ProxySetting { from, says }
}
