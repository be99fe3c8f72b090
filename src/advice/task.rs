//! What is to be looked at or changed, before a system is chosen: each has commands of its own for
//! it, or none.

use std::net::IpAddr;

/// What commands can show without changing anything.
#[derive(Clone, Copy, Debug)]
pub enum Look<'a> {
    /// This machine's addresses and their netmasks.
    Addresses,
    /// Which network adapters have a signal.
    Link,
    /// Which adapters answer for the addresses nearby.
    Neighbours,
    /// Whether the next hop answers.
    Gateway(IpAddr),
    /// The routers on the way to an address or a safe name.
    Way(&'a str),
    /// Networks of containers and virtual machines, and the routes to them.
    LocalNetworks,
    /// The routes to the client, and the outbound rules.
    WayBack,
    /// Open UDP ports.
    UdpListeners,
    /// Listening socket files, or pipes.
    SocketFiles,
    /// Who listens on a port, and which ports nobody may take.
    PortOwner(u16),
    /// Which programs a process that has ended has left behind with its port.
    Heirs {
        /// The port.
        port: u16,
        /// The id of the process.
        parent: u32,
    },
    /// The queue of connections that wait for a port.
    Queue(u16),
    /// Load, memory and disk.
    Load,
    /// Connections of this machine.
    Connections,
    /// Where forwarded ports lead.
    Forwarding,
    /// A web server's error log, and who listens on its machine.
    Upstream,
    /// The proxy settings.
    Proxy,
}

/// What commands can change.
#[derive(Clone, Copy, Debug)]
pub enum Change<'a> {
    /// Forget the DNS answers that are remembered.
    FlushDnsCache,
    /// Edit the hosts file, keeping a copy; the name, when it is safe, is searched for.
    EditHostsFile(Option<&'a str>),
    /// Look up `.local` names.
    EnableMdns,
    /// Take the DNS servers that the network names.
    ResetDns,
    /// Keep only DNS servers that answer.
    RemoveDeadDnsServer,
    /// Disconnect the VPN.
    DisconnectVpn,
    /// Lower the MTU to 1400.
    LowerMtu,
    /// Send keep-alives after two minutes.
    KeepAlive,
    /// Tell the system that the network is a private one.
    MarkNetworkPrivate,
    /// Let a client in again.
    LiftBan(&'a str),
    /// Let ufw take rules for IPv6.
    TurnOnIpv6Rules,
    /// Allow one program ports below 1024.
    AllowLowPort,
    /// Turn automatic time on.
    SetClock,
    /// Renew the certificates that are about to expire.
    RenewCertificate,
    /// Trust a certificate.
    TrustCertificate,
    /// Widen the range of ports for outgoing connections.
    WidenPortRange,
}
