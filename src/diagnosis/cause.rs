//! Every cause we can name. One cause is one thing a person can do something about; the ids are
//! the stable vocabulary of the report and of scripts, and never change.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::Impact;

/// What is the matter, with the data its sentence needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "id", rename_all = "kebab-case")]
pub enum Cause {
    /// Connected, and nothing speaks against the service working.
    Reachable,
    /// Connected; the service waits for its client to speak, so whether it works is unknown.
    ReachableSilent,
    /// What was typed names no TCP endpoint: broadcast, multicast, link-local without zone.
    BadAddress,
    /// The name does not exist.
    NameNotFound,
    /// The name exists without an A or AAAA record.
    NameHasNoAddress,
    /// The name leads to an address that is not the service's: a search domain's wildcard, an
    /// invented answer, an old record.
    NameResolvesWrong {
        /// The address it leads to.
        address: IpAddr,
    },
    /// A filter answers `0.0.0.0` or `::`.
    NameBlocked,
    /// A line in the hosts file shadows DNS.
    HostsFileOverride {
        /// The address in that line.
        address: IpAddr,
    },
    /// A `.local` name, and nothing here speaks mDNS.
    MdnsUnavailable,
    /// The configured resolvers do not answer.
    ResolverUnreachable,
    /// The resolver answers SERVFAIL or REFUSED.
    ResolverFailure,
    /// This machine's resolver settings are empty or leave DNS out.
    ResolverMisconfigured,
    /// Names are looked up, but only after a dead resolver timed out.
    ResolverSlow,
    /// No usable interface or address.
    NoNetwork,
    /// The interface has no carrier.
    LinkDown {
        /// That interface.
        interface: String,
    },
    /// No route for the target's network.
    NoDefaultRoute,
    /// The next hop does not answer.
    GatewayDown {
        /// That hop.
        gateway: IpAddr,
    },
    /// A remote target is taken for a neighbour.
    WrongNetmask,
    /// A local bridge or VPN network (Docker, a virtual machine) covers the target's address.
    LocalSubnetOverlap {
        /// The interface of that network.
        interface: String,
    },
    /// A tunnel's route captures the target.
    VpnRoute {
        /// The tunnel's interface.
        interface: String,
    },
    /// A local prohibit, blackhole or unreachable route.
    RouteProhibited,
    /// The target has only IPv6 (or is an IPv6 literal) and this machine has none.
    Ipv6Unavailable,
    /// The program is bound to a source address that this machine does not have.
    SourceAddressMissing,
    /// Nobody at that address answers on the target's own network.
    HostDown,
    /// A router on the way has no route.
    NoRouteBeyond {
        /// The router that said so.
        router: Option<IpAddr>,
    },
    /// Packets circle until their hop limit ends.
    RoutingLoop,
    /// The name's IPv6 addresses fail, IPv4 works.
    Ipv6PathBroken,
    /// Some of the name's addresses fail, others of the same family work.
    OneAddressDead {
        /// The first that fails.
        address: IpAddr,
        /// How many more fail.
        #[serde(default)]
        more: usize,
    },
    /// Connects, sometimes late or not at all.
    PacketLoss,
    /// Small packets pass, large ones vanish.
    MtuBlackHole,
    /// The handshake passes, data vanish.
    DataDropped,
    /// A device on the way forgets idle connections.
    IdleStateLost,
    /// No answer, and nothing shows where it is lost.
    SilentDrop,
    /// The public address of one's own network, asked for from inside it.
    NatHairpin,
    /// Two machines answer for the address.
    AddressConflict,
    /// The host answers otherwise, this port is silent.
    FirewallDropsPort,
    /// The host is there, but answers nothing at all.
    FirewallDropsAll,
    /// The host refuses by rule.
    FirewallRejects,
    /// This client is refused, others are served.
    SourceBlocked,
    /// The first connections pass, then they are dropped or refused.
    RateLimited,
    /// Open over one family, closed over the other.
    Ipv6Firewall {
        /// The family that is closed.
        blocked: Family,
    },
    /// A device between drops the port.
    PathFirewallDrops {
        /// The last hop that still answered.
        after: Option<IpAddr>,
    },
    /// A device between refuses with ICMP.
    PathFirewallRejects {
        /// The device.
        device: IpAddr,
    },
    /// A device between answers with a reset in place of the target.
    PathFirewallResets {
        /// The hop it stands at.
        hop: Option<IpAddr>,
    },
    /// This machine's own firewall drops outgoing packets.
    LocalFirewallDrops,
    /// This machine's own firewall refuses outgoing connections.
    LocalFirewallRejects,
    /// A sandbox or policy forbids the program to connect.
    LocalPolicyDenies,
    /// The server's answers are dropped on their way out.
    ReplyLost,
    /// The host is up and nothing listens on this port.
    NothingListening,
    /// The service was found on another port of that host.
    WrongPort {
        /// That port.
        found: u16,
    },
    /// The service listens on loopback only, and was asked for elsewhere.
    LoopbackOnly {
        /// The address it listens on.
        address: IpAddr,
    },
    /// The service listens on another address of its host.
    BoundElsewhere {
        /// The address it listens on.
        address: IpAddr,
    },
    /// Listens on one family and was asked over the other.
    WrongFamily {
        /// The family that was used and is refused.
        used: Family,
        /// An address of the other family where the service is.
        works: SocketAddr,
    },
    /// The service on that port speaks UDP.
    UdpService,
    /// The service runs, listening on a Unix socket only.
    UnixSocketOnly {
        /// The socket's file, when it was seen.
        path: Option<String>,
    },
    /// The client runs in a container, whose localhost is not the host's.
    LocalhostIsContainer {
        /// The address of the host as the container sees it.
        gateway: Option<IpAddr>,
    },
    /// The service runs in a container whose port is not published.
    NotPublished,
    /// The service cannot bind: a reserved range, a missing privilege, or the port is taken.
    PortReserved,
    /// Listening, and the queue of waiting connections is full.
    AcceptQueueFull,
    /// The system accepts, the program does not serve.
    ServerHung,
    /// Answers, but late.
    ServerSlow,
    /// Accepts, then resets.
    ServerResets,
    /// A relay (docker-proxy, `ssh -L`, a load balancer) accepts and closes: nothing behind it.
    ForwarderWithoutBackend,
    /// Sometimes there, sometimes not: it restarts.
    ServiceFlapping,
    /// Another program or protocol answers on that port.
    WrongService {
        /// What answers, when it showed itself.
        found: Option<String>,
    },
    /// TLS spoken to a port without TLS.
    TlsToPlainPort,
    /// Plain text spoken to a TLS port.
    PlainToTlsPort,
    /// The certificate's time is over.
    CertificateExpired {
        /// Its last day, as `YYYY-MM-DD`.
        until: Option<String>,
    },
    /// The certificate's time has not begun.
    CertificateNotYetValid {
        /// Its first day, as `YYYY-MM-DD`.
        from: Option<String>,
    },
    /// The certificate is for other names.
    CertificateNameMismatch {
        /// Those names.
        names: Vec<String>,
    },
    /// Nobody this machine trusts has signed the certificate.
    CertificateUntrusted {
        /// Who signed it.
        issuer: Option<String>,
        /// It was signed with its own key.
        self_signed: bool,
    },
    /// This machine's clock explains the certificate error.
    ClockWrong,
    /// The two sides have no TLS version or cipher in common.
    TlsVersionUnsupported,
    /// The server wants a client certificate.
    ClientCertificateRequired,
    /// The web application answers with an error of its own.
    HttpError {
        /// The status it answered with.
        status: u16,
    },
    /// A reverse proxy cannot reach what is behind it.
    BackendDown {
        /// The status it answered with: 502 or 503.
        status: u16,
    },
    /// A reverse proxy waited for what is behind it in vain.
    BackendTimeout,
    /// The server refuses this host name.
    HostHeaderRejected,
    /// A login page answers in place of the target.
    CaptivePortal,
    /// The database insists on TLS.
    DatabaseRequiresTls,
    /// TLS was asked for, and the database has none.
    DatabaseWithoutTls,
    /// A configured proxy does not answer; directly it works.
    ProxyDead {
        /// The proxy.
        proxy: String,
    },
    /// Directly it is closed, a proxy is the way out.
    ProxyRequired {
        /// The proxy.
        proxy: String,
    },
    /// The proxy cannot reach an internal name that is reachable directly.
    ProxyBypassMissing {
        /// The proxy.
        proxy: String,
    },
    /// This machine has no port left for another connection.
    ClientOutOfPorts,
    /// This program may open no further file or connection.
    ClientOutOfDescriptors,
    /// What was seen fits no cause.
    Undetermined,
}

/// A row of the table of causes.
struct Row {
    id: &'static str,
    harm: Harm,
    place: Option<Waypoint>,
}

fn row(id: &'static str, harm: Harm, place: Option<Waypoint>) -> Row {
    Row { id, harm, place }
}

/// Whom a cause leaves without service.
enum Harm {
    /// Nobody.
    Fine,
    /// Those that come at the wrong time, or by the wrong way; everybody where nothing connects.
    Partial,
    /// Everybody.
    Total,
}

/// A place on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Waypoint {
    /// Where we stand.
    ThisComputer,
    /// The lookup of the name.
    Name,
    /// This computer's firewall and policies.
    OwnFirewall,
    /// The network between: adapters, routers, VPNs.
    Network,
    /// The firewall of the other machine.
    TargetFirewall,
    /// The other machine.
    Host,
    /// The port, and the program that listens on it.
    Port,
    /// What the program speaks.
    Service,
}

/// An address family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Family {
    /// IPv4.
    #[serde(rename = "IPv4")]
    V4,
    /// IPv6.
    #[serde(rename = "IPv6")]
    V6,
}

impl Family {
    /// The family of an address.
    #[must_use]
    pub fn of(ip: IpAddr) -> Self {
        if ip.is_ipv4() { Self::V4 } else { Self::V6 }
    }

    /// `IPv4` or `IPv6`, the same in every language.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        }
    }
}

impl Cause {
    /// The stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.row().id
    }

    /// The waypoint it belongs to: the one the connection does not get to.
    ///
    /// None for what is fine, for what shows no place, for names of which some addresses work, and
    /// for what this computer runs out of before any link of the way is tried.
    #[must_use]
    pub fn place(&self) -> Option<Waypoint> {
        self.row().place
    }

    /// How much the person is hindered, when some address of the target accepted a connection, or
    /// none did.
    ///
    /// Degraded is what serves at least some callers, some of the time: one family or address works,
    /// a lookup or answer is late, connections succeed by turns, or the detour through a proxy fails
    /// where the direct way works. That takes an address that accepted a connection. What connects
    /// and still serves nobody is blocked as if it had not: a wrong certificate, an error page,
    /// another program, silence after the handshake.
    #[must_use]
    pub fn impact(&self, reachable: bool) -> Impact {
        match self.row().harm {
            Harm::Fine => Impact::None,
            Harm::Partial if reachable => Impact::Degraded,
            Harm::Partial | Harm::Total => Impact::Blocked,
        }
    }

    /// What is so of the cause whatever its data: the one table of all causes.
    #[rustfmt::skip]
    fn row(&self) -> Row {
        use Harm::{Fine, Partial, Total};
        use Waypoint::{Host, Name, Network, OwnFirewall, Port, Service, TargetFirewall};
        match self {
            Self::Reachable => row("reachable", Fine, None),
            Self::ReachableSilent => row("reachable-silent", Fine, None),
            Self::BadAddress => row("bad-address", Total, Some(Network)),
            Self::NameNotFound => row("name-not-found", Total, Some(Name)),
            Self::NameHasNoAddress => row("name-has-no-address", Total, Some(Name)),
            Self::NameResolvesWrong { .. } => row("name-resolves-wrong", Total, Some(Name)),
            Self::NameBlocked => row("name-blocked", Total, Some(Name)),
            Self::HostsFileOverride { .. } => row("hosts-file-override", Partial, Some(Name)),
            Self::MdnsUnavailable => row("mdns-unavailable", Total, Some(Name)),
            Self::ResolverUnreachable => row("resolver-unreachable", Total, Some(Name)),
            Self::ResolverFailure => row("resolver-failure", Total, Some(Name)),
            Self::ResolverMisconfigured => row("resolver-misconfigured", Total, Some(Name)),
            Self::ResolverSlow => row("resolver-slow", Partial, Some(Name)),
            Self::NoNetwork => row("no-network", Total, Some(Network)),
            Self::LinkDown { .. } => row("link-down", Total, Some(Network)),
            Self::NoDefaultRoute => row("no-default-route", Total, Some(Network)),
            Self::GatewayDown { .. } => row("gateway-down", Total, Some(Network)),
            Self::WrongNetmask => row("wrong-netmask", Total, Some(Network)),
            Self::LocalSubnetOverlap { .. } => row("local-subnet-overlap", Total, Some(Network)),
            Self::VpnRoute { .. } => row("vpn-route", Total, Some(Network)),
            Self::RouteProhibited => row("route-prohibited", Total, Some(Network)),
            Self::Ipv6Unavailable => row("ipv6-unavailable", Total, Some(Network)),
            Self::SourceAddressMissing => row("source-address-missing", Total, Some(Network)),
            Self::HostDown => row("host-down", Total, Some(Host)),
            Self::NoRouteBeyond { .. } => row("no-route-beyond", Total, Some(Network)),
            Self::RoutingLoop => row("routing-loop", Total, Some(Network)),
            Self::Ipv6PathBroken => row("ipv6-path-broken", Partial, None),
            Self::OneAddressDead { .. } => row("one-address-dead", Partial, None),
            Self::PacketLoss => row("packet-loss", Partial, Some(Network)),
            Self::MtuBlackHole => row("mtu-black-hole", Total, Some(Network)),
            Self::DataDropped => row("data-dropped", Total, Some(Network)),
            Self::IdleStateLost => row("idle-state-lost", Partial, Some(Network)),
            Self::SilentDrop => row("silent-drop", Total, None),
            Self::NatHairpin => row("nat-hairpin", Total, Some(Network)),
            Self::AddressConflict => row("address-conflict", Partial, Some(Host)),
            Self::FirewallDropsPort => row("firewall-drops-port", Total, Some(TargetFirewall)),
            Self::FirewallDropsAll => row("firewall-drops-all", Total, Some(TargetFirewall)),
            Self::FirewallRejects => row("firewall-rejects", Total, Some(TargetFirewall)),
            Self::SourceBlocked => row("source-blocked", Total, Some(TargetFirewall)),
            Self::RateLimited => row("rate-limited", Partial, Some(TargetFirewall)),
            Self::Ipv6Firewall { .. } => row("ipv6-firewall", Partial, Some(TargetFirewall)),
            Self::PathFirewallDrops { .. } => row("path-firewall-drops", Total, Some(Network)),
            Self::PathFirewallRejects { .. } => row("path-firewall-rejects", Total, Some(Network)),
            Self::PathFirewallResets { .. } => row("path-firewall-resets", Total, Some(Network)),
            Self::LocalFirewallDrops => row("local-firewall-drops", Total, Some(OwnFirewall)),
            Self::LocalFirewallRejects => row("local-firewall-rejects", Total, Some(OwnFirewall)),
            Self::LocalPolicyDenies => row("local-policy-denies", Total, Some(OwnFirewall)),
            Self::ReplyLost => row("reply-lost", Total, Some(TargetFirewall)),
            Self::NothingListening => row("nothing-listening", Total, Some(Port)),
            Self::WrongPort { .. } => row("wrong-port", Total, Some(Port)),
            Self::LoopbackOnly { .. } => row("loopback-only", Total, Some(Port)),
            Self::BoundElsewhere { .. } => row("bound-elsewhere", Total, Some(Port)),
            Self::WrongFamily { .. } => row("wrong-family", Partial, Some(Port)),
            Self::UdpService => row("udp-service", Total, Some(Port)),
            Self::UnixSocketOnly { .. } => row("unix-socket-only", Total, Some(Port)),
            Self::LocalhostIsContainer { .. } => row("localhost-is-container", Total, Some(Port)),
            Self::NotPublished => row("not-published", Total, Some(Port)),
            Self::PortReserved => row("port-reserved", Total, Some(Port)),
            Self::AcceptQueueFull => row("accept-queue-full", Total, Some(Port)),
            Self::ServerHung => row("server-hung", Total, Some(Service)),
            Self::ServerSlow => row("server-slow", Partial, Some(Service)),
            Self::ServerResets => row("server-resets", Total, Some(Service)),
            Self::ForwarderWithoutBackend => row("forwarder-without-backend", Total, Some(Service)),
            Self::ServiceFlapping => row("service-flapping", Partial, Some(Port)),
            Self::WrongService { .. } => row("wrong-service", Total, Some(Service)),
            Self::TlsToPlainPort => row("tls-to-plain-port", Total, Some(Service)),
            Self::PlainToTlsPort => row("plain-to-tls-port", Total, Some(Service)),
            Self::CertificateExpired { .. } => row("certificate-expired", Total, Some(Service)),
            Self::CertificateNotYetValid { .. } => row("certificate-not-yet-valid", Total, Some(Service)),
            Self::CertificateNameMismatch { .. } => row("certificate-name-mismatch", Total, Some(Service)),
            Self::CertificateUntrusted { .. } => row("certificate-untrusted", Total, Some(Service)),
            Self::ClockWrong => row("clock-wrong", Total, Some(Service)),
            Self::TlsVersionUnsupported => row("tls-version-unsupported", Total, Some(Service)),
            Self::ClientCertificateRequired => row("client-certificate-required", Total, Some(Service)),
            Self::HttpError { .. } => row("http-error", Total, Some(Service)),
            Self::BackendDown { .. } => row("backend-down", Total, Some(Service)),
            Self::BackendTimeout => row("backend-timeout", Total, Some(Service)),
            Self::HostHeaderRejected => row("host-header-rejected", Total, Some(Service)),
            Self::CaptivePortal => row("captive-portal", Total, Some(Network)),
            Self::DatabaseRequiresTls => row("database-requires-tls", Total, Some(Service)),
            Self::DatabaseWithoutTls => row("database-without-tls", Total, Some(Service)),
            Self::ProxyDead { .. } => row("proxy-dead", Partial, Some(Network)),
            Self::ProxyRequired { .. } => row("proxy-required", Total, Some(Network)),
            Self::ProxyBypassMissing { .. } => row("proxy-bypass-missing", Partial, Some(Network)),
            Self::ClientOutOfPorts => row("client-out-of-ports", Total, None),
            Self::ClientOutOfDescriptors => row("client-out-of-descriptors", Total, None),
            Self::Undetermined => row("undetermined", Total, None),
        }
    }
}
