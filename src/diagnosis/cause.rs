//! Every cause we can name. One cause is one thing a person can do something about; the ids are
//! the stable vocabulary of the report and of scripts, and never change.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

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
        match self {
            Self::Reachable => "reachable",
            Self::ReachableSilent => "reachable-silent",
            Self::BadAddress => "bad-address",
            Self::NameNotFound => "name-not-found",
            Self::NameHasNoAddress => "name-has-no-address",
            Self::NameResolvesWrong { .. } => "name-resolves-wrong",
            Self::NameBlocked => "name-blocked",
            Self::HostsFileOverride { .. } => "hosts-file-override",
            Self::MdnsUnavailable => "mdns-unavailable",
            Self::ResolverUnreachable => "resolver-unreachable",
            Self::ResolverFailure => "resolver-failure",
            Self::ResolverMisconfigured => "resolver-misconfigured",
            Self::ResolverSlow => "resolver-slow",
            Self::NoNetwork => "no-network",
            Self::LinkDown { .. } => "link-down",
            Self::NoDefaultRoute => "no-default-route",
            Self::GatewayDown { .. } => "gateway-down",
            Self::WrongNetmask => "wrong-netmask",
            Self::LocalSubnetOverlap { .. } => "local-subnet-overlap",
            Self::VpnRoute { .. } => "vpn-route",
            Self::RouteProhibited => "route-prohibited",
            Self::Ipv6Unavailable => "ipv6-unavailable",
            Self::SourceAddressMissing => "source-address-missing",
            Self::HostDown => "host-down",
            Self::NoRouteBeyond { .. } => "no-route-beyond",
            Self::RoutingLoop => "routing-loop",
            Self::Ipv6PathBroken => "ipv6-path-broken",
            Self::OneAddressDead { .. } => "one-address-dead",
            Self::PacketLoss => "packet-loss",
            Self::MtuBlackHole => "mtu-black-hole",
            Self::DataDropped => "data-dropped",
            Self::IdleStateLost => "idle-state-lost",
            Self::SilentDrop => "silent-drop",
            Self::NatHairpin => "nat-hairpin",
            Self::AddressConflict => "address-conflict",
            Self::FirewallDropsPort => "firewall-drops-port",
            Self::FirewallDropsAll => "firewall-drops-all",
            Self::FirewallRejects => "firewall-rejects",
            Self::SourceBlocked => "source-blocked",
            Self::RateLimited => "rate-limited",
            Self::Ipv6Firewall { .. } => "ipv6-firewall",
            Self::PathFirewallDrops { .. } => "path-firewall-drops",
            Self::PathFirewallRejects { .. } => "path-firewall-rejects",
            Self::PathFirewallResets { .. } => "path-firewall-resets",
            Self::LocalFirewallDrops => "local-firewall-drops",
            Self::LocalFirewallRejects => "local-firewall-rejects",
            Self::LocalPolicyDenies => "local-policy-denies",
            Self::ReplyLost => "reply-lost",
            Self::NothingListening => "nothing-listening",
            Self::WrongPort { .. } => "wrong-port",
            Self::LoopbackOnly { .. } => "loopback-only",
            Self::BoundElsewhere { .. } => "bound-elsewhere",
            Self::WrongFamily { .. } => "wrong-family",
            Self::UdpService => "udp-service",
            Self::UnixSocketOnly { .. } => "unix-socket-only",
            Self::LocalhostIsContainer { .. } => "localhost-is-container",
            Self::NotPublished => "not-published",
            Self::PortReserved => "port-reserved",
            Self::AcceptQueueFull => "accept-queue-full",
            Self::ServerHung => "server-hung",
            Self::ServerSlow => "server-slow",
            Self::ServerResets => "server-resets",
            Self::ForwarderWithoutBackend => "forwarder-without-backend",
            Self::ServiceFlapping => "service-flapping",
            Self::WrongService { .. } => "wrong-service",
            Self::TlsToPlainPort => "tls-to-plain-port",
            Self::PlainToTlsPort => "plain-to-tls-port",
            Self::CertificateExpired { .. } => "certificate-expired",
            Self::CertificateNotYetValid { .. } => "certificate-not-yet-valid",
            Self::CertificateNameMismatch { .. } => "certificate-name-mismatch",
            Self::CertificateUntrusted { .. } => "certificate-untrusted",
            Self::ClockWrong => "clock-wrong",
            Self::TlsVersionUnsupported => "tls-version-unsupported",
            Self::ClientCertificateRequired => "client-certificate-required",
            Self::HttpError { .. } => "http-error",
            Self::BackendDown { .. } => "backend-down",
            Self::BackendTimeout => "backend-timeout",
            Self::HostHeaderRejected => "host-header-rejected",
            Self::CaptivePortal => "captive-portal",
            Self::DatabaseRequiresTls => "database-requires-tls",
            Self::DatabaseWithoutTls => "database-without-tls",
            Self::ProxyDead { .. } => "proxy-dead",
            Self::ProxyRequired { .. } => "proxy-required",
            Self::ProxyBypassMissing { .. } => "proxy-bypass-missing",
            Self::ClientOutOfPorts => "client-out-of-ports",
            Self::ClientOutOfDescriptors => "client-out-of-descriptors",
            Self::Undetermined => "undetermined",
        }
    }
}
