//! From a diagnosis to what a person can do: pure functions over plain data.
//!
//! Nothing is ever run from here. What is advised follows a few rules that tests hold: no firewall
//! is turned off; a port is opened only where the evidence speaks of a firewall, for one port and
//! as few clients as are known; what changes something says how to take it back; and what lets
//! others in says so.

mod client_network;
pub mod command_line;
mod linux;
mod macos;
mod plan;
mod proxy;
mod task;
pub(crate) mod terminal;
mod windows;

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

pub use plan::advise;

use crate::evidence::{FirewallKind, Os, ProxySource, SettingLine};
use crate::target::Host;
use command_line::CommandLine;

/// The first port that every program may take (ip(7)).
const FIRST_UNPRIVILEGED: u16 = 1024;

/// One thing the person can do, with the ways to do it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advice {
    /// What to do, with the data its words need.
    pub kind: AdviceKind,
    /// On which machine.
    pub place: Place,
    /// Ways to do it, the fitting one first; empty when words are enough.
    pub fixes: Vec<Fix>,
}

/// Where advice is to be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// On this machine.
    Here,
    /// On the machine that was asked for.
    OnTarget,
    /// On another machine, the one that wants to connect to this one.
    OnClient,
}

/// One way to follow an advice, for one system and one tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// The system the commands are for.
    pub os: Os,
    /// The firewall they address, when they do.
    pub firewall: Option<FirewallKind>,
    /// Commands that only look, to be run first.
    pub check: Vec<CommandLine>,
    /// The commands that change something, in order.
    pub apply: Vec<CommandLine>,
    /// The commands that take it back.
    pub undo: Vec<CommandLine>,
    /// Whether `apply` needs admin rights.
    pub needs_admin: bool,
    /// What it risks.
    pub risk: Risk,
}

/// What a fix can do wrong. Each is worded in every language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// It only looks, or changes how you call.
    None,
    /// A program starts, and runs until it is stopped.
    StartsService,
    /// A service restarts; those who use it are interrupted.
    RestartsService,
    /// The port becomes reachable for the named network.
    OpensPortToNetwork,
    /// Machines outside the named network no longer get in.
    ClosesPortToOthers,
    /// The service becomes reachable for other machines; it needs a password first.
    ExposesService,
    /// A setting of the whole system is another one until it is taken back.
    ChangesSystem,
    /// Remembered answers are forgotten.
    ClearsCache,
    /// What can be reached through the VPN only is out of reach.
    LeavesVpn,
    /// Machines of the network are trusted as those of a home network are.
    TrustsNetwork,
    /// Every certificate of that issuer is trusted.
    TrustsCertificate,
}

impl Risk {
    /// Whether nothing remains that could be taken back.
    #[must_use]
    pub fn passes_by_itself(self) -> bool {
        match self {
            Self::None | Self::RestartsService | Self::ClearsCache => true,
            Self::StartsService
            | Self::OpensPortToNetwork
            | Self::ClosesPortToOthers
            | Self::ExposesService
            | Self::ChangesSystem
            | Self::LeavesVpn
            | Self::TrustsNetwork
            | Self::TrustsCertificate => false,
        }
    }
}

/// What a person can do. Each is worded in every language.
///
/// A `service` is an id of the known-services table ([`catalogue::known`](crate::catalogue::known)).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum AdviceKind {
    /// Start the service.
    StartService {
        /// Which one, when known.
        service: Option<String>,
    },
    /// Let the service start with the system.
    EnableService {
        /// Which one, when known.
        service: Option<String>,
    },
    /// Let a service start that must not.
    UnmaskService {
        /// Which one, when known.
        service: Option<String>,
    },
    /// Install the service.
    InstallService {
        /// Which one, when known.
        service: Option<String>,
    },
    /// Compare the port with the service's settings.
    CheckPort {
        /// The service expected there.
        service: Option<String>,
        /// The port it uses by default, when that is another one.
        usual: Option<u16>,
        /// The line of its settings that names another port, when it was read.
        set: Option<SettingLine>,
    },
    /// Connect to another port, where the service was found.
    UsePort {
        /// That port.
        found: u16,
    },
    /// Connect to another address, where the service was found.
    UseAddress {
        /// That address and its port.
        addr: SocketAddr,
    },
    /// Make the service listen where others can reach it.
    ListenOnNetwork {
        /// Which one, when known.
        service: Option<String>,
        /// Where that is set, the fitting system first.
        settings: Vec<Setting>,
    },
    /// Reach a service that stays private, through SSH.
    TunnelThroughSsh {
        /// The local end of the tunnel.
        local: SocketAddr,
    },
    /// Allow the port in the firewall.
    AllowInFirewall,
    /// Let fewer machines in on a port that Docker publishes past the firewall.
    LimitPublishedPort,
    /// Save the rule that lets the port in, so that it outlasts a restart.
    KeepFirewallRule,
    /// Read the firewall's rules for incoming connections.
    ReadFirewallRules,
    /// Read the firewall's rules for outgoing connections.
    FindOutboundRule,
    /// Let this machine's connections to the target pass its own firewall.
    AllowOutbound,
    /// Ask whether the service is on this machine at all: `localhost` is always the own machine.
    CheckWhichMachine,
    /// Run Ketnoi on the target.
    CheckOnTarget,
    /// Give Ketnoi what the target's firewall prints.
    PasteFirewallOutput,
    /// Check how the name is spelt.
    CheckSpelling,
    /// Check network and VPN.
    CheckNetwork,
    /// Look at the DNS settings.
    CheckDns,
    /// Ask for an A or AAAA record.
    AskForDnsRecord,
    /// Turn on Wi-Fi or plug in the cable.
    TurnNetworkOn,
    /// Look at this machine's routes.
    CheckRoutes,
    /// Use IPv4 instead of IPv6.
    UseIpv4,
    /// See whether the machine is on.
    CheckMachineIsOn,
    /// Ask whoever runs the network.
    AskNetworkAdmin {
        /// The device that answered, when one did.
        device: Option<IpAddr>,
    },
    /// Allow the program to connect.
    AllowProgram,
    /// Connect with TLS.
    UseTls {
        /// The address to use, for web services.
        url: Option<String>,
    },
    /// Connect without TLS.
    UsePlainText {
        /// The address to use, for web services.
        url: Option<String>,
    },
    /// Use the name with its domain.
    UseFullName,
    /// Connect by address instead of by name.
    ConnectByAddress,
    /// Make this machine forget the DNS answers it remembers.
    FlushDnsCache,
    /// Allow the name where a DNS filter blocks it.
    AllowNameInFilter,
    /// Correct the hosts file.
    EditHostsFile,
    /// Let this machine look up `.local` names.
    EnableMdns,
    /// Take the DNS servers that the network names.
    ResetDns,
    /// Keep only DNS servers that answer.
    RemoveDeadDnsServer,
    /// See whether the network adapter has a signal.
    CheckLink,
    /// See whether the router answers.
    CheckGateway {
        /// That router.
        gateway: IpAddr,
    },
    /// Restart the router.
    RestartRouter,
    /// Take address and netmask from the network.
    UseAutomaticAddress,
    /// Give a local bridge or VPN network another range of addresses.
    MoveLocalNetwork {
        /// The interface of that network.
        interface: String,
    },
    /// Disconnect the VPN.
    DisconnectVpn,
    /// Let the local network go outside the VPN.
    LetLocalNetworkBypassVpn,
    /// Remove the program's fixed source address.
    RemoveFixedSource,
    /// List the routers on the way.
    ShowTheWay,
    /// Use a cable, or move nearer to the Wi-Fi.
    ImproveSignal,
    /// Test ten times in a row.
    RepeatTest,
    /// Lower the MTU.
    LowerMtu,
    /// Keep connections alive.
    KeepAlive,
    /// Use the server's private address.
    UseInsideAddress,
    /// Give one of two machines another address.
    ResolveAddressConflict,
    /// Tell Windows that the network is a private one.
    MarkNetworkPrivate,
    /// Let the client in again.
    LiftBan,
    /// Reuse connections instead of opening new ones.
    ReuseConnections,
    /// Let ufw take rules for IPv6.
    TurnOnIpv6Rules,
    /// Allow the port on a device in between: a cloud's security group, a router.
    AllowInCloud,
    /// Look at routes and outbound rules on the target.
    CheckWayBack,
    /// Choose UDP in the program.
    UseUdp,
    /// See which UDP ports are open.
    LookAtUdp,
    /// Connect through the service's socket file.
    UseUnixSocket {
        /// The file, when it is known.
        path: Option<String>,
    },
    /// Make the service listen on TCP at all.
    TurnOnTcp,
    /// Use the names that containers have for each other and for their host.
    UseContainerNames,
    /// Publish the container's port.
    PublishPort,
    /// Look at what runs and listens inside the container.
    LookInsideContainer,
    /// Find the program that uses the port.
    FindPortOwner,
    /// Take a port from the program that has it, so that the service can start.
    FreePort {
        /// The port.
        port: u16,
        /// That program, where it is known; hostile text.
        program: Option<String>,
    },
    /// Move the service to a free port.
    UseFreePort,
    /// Allow the program to use a port below 1024.
    AllowLowPort,
    /// Compare the waiting connections with their limit.
    LookAtQueue,
    /// Give the port the label that `SELinux` wants of the service.
    LabelPort,
    /// Restart the service.
    RestartService {
        /// Which one, when known.
        service: Option<String>,
    },
    /// Read the service's log.
    ReadServiceLog {
        /// Which one, when known.
        service: Option<String>,
    },
    /// See whether the server is overloaded.
    CheckLoad,
    /// Let the program wait longer.
    RaiseTimeout,
    /// Check how many and whom the service accepts.
    CheckServiceLimits,
    /// See whether what a relay leads to runs.
    CheckBackend,
    /// See where a web server passes its requests.
    CheckUpstream,
    /// Check and set this machine's clock.
    SetClock,
    /// Renew the certificate.
    RenewCertificate,
    /// Use a name that the certificate holds.
    UseCoveredName {
        /// The names it holds.
        names: Vec<String>,
    },
    /// Trust the certificate or its issuer.
    TrustCertificate,
    /// Ask whoever runs the service.
    AskServiceOwner,
    /// Update TLS on the older side.
    UpdateTls,
    /// Let the server send the whole chain of certificates, not its own alone.
    SendWholeChain,
    /// Give the program its client certificate.
    SetClientCertificate,
    /// Check the path and the right to it.
    CheckWebAddress,
    /// Let the web application serve this name.
    AllowHostName,
    /// Sign in to the network.
    SignIn,
    /// Turn TLS on in the database's client.
    TurnOnDatabaseTls,
    /// Turn TLS on at the database.
    TurnOnServerTls,
    /// Look at the proxy settings.
    CheckProxy,
    /// Try without the proxy.
    GoWithoutProxy {
        /// The places that name it.
        places: Vec<ProxySource>,
    },
    /// Go through the proxy.
    SetProxy {
        /// The proxy.
        proxy: String,
    },
    /// Let the name bypass the proxy.
    AddProxyBypass {
        /// The places that name it.
        places: Vec<ProxySource>,
    },
    /// Widen the range of this machine's ports.
    WidenPortRange,
    /// Raise the limit of open files.
    RaiseFileLimit,
    /// Enter the address of one machine.
    EnterAddress,
    /// Try the usual client program.
    UseUsualClient,
    /// Check the client program's settings.
    CheckProgramSettings,
    /// Wait, then test again.
    TestAgain,
    /// Try from another machine or network.
    TryFromElsewhere,
    /// Save the report for somebody who can help.
    SaveReport,
}

/// One line of a service's settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// The system it is for.
    pub os: Os,
    /// The file, or nothing when it is an option on the command line.
    pub file: Option<String>,
    /// The number of the line that stands there at present, when it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<usize>,
    /// The line to set, or the option to start with.
    pub line: String,
}

/// Words in a command that the person has to replace. None is taken by any tool, so that a
/// command with one fails rather than does something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placeholder {
    /// The network of the client, as the server sees it.
    Subnet,
    /// The address of the server in its network.
    Address,
    /// The path of the service's program.
    Program,
    /// A user name on the target.
    User,
    /// A network interface.
    Interface,
    /// A VPN connection.
    Connection,
    /// The address of a DNS server.
    DnsServer,
    /// A container.
    Container,
    /// The address of the client, as the server sees it.
    Client,
    /// One of fail2ban's sets of rules.
    Jail,
    /// The path of a certificate's file.
    Certificate,
    /// What Windows names a certificate by.
    Thumbprint,
    /// The address of a proxy.
    Proxy,
    /// The label of ports that `SELinux` lets a service use.
    PortLabel,
}

impl Placeholder {
    /// Every placeholder.
    pub const ALL: [Self; 14] = [
        Self::Subnet,
        Self::Address,
        Self::Program,
        Self::User,
        Self::Interface,
        Self::Connection,
        Self::DnsServer,
        Self::Container,
        Self::Client,
        Self::Jail,
        Self::Certificate,
        Self::Thumbprint,
        Self::Proxy,
        Self::PortLabel,
    ];

    /// How it stands in a command.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Subnet => "<SUBNET>",
            Self::Address => "<ADDRESS>",
            Self::Program => "<PROGRAM>",
            Self::User => "<USER>",
            Self::Interface => "<INTERFACE>",
            Self::Connection => "<CONNECTION>",
            Self::DnsServer => "<DNS-SERVER>",
            Self::Container => "<CONTAINER>",
            Self::Client => "<CLIENT>",
            Self::Jail => "<JAIL>",
            Self::Certificate => "<CERTIFICATE>",
            Self::Thumbprint => "<THUMBPRINT>",
            Self::Proxy => "<PROXY>",
            Self::PortLabel => "<LABEL>",
        }
    }
}

impl Advice {
    /// The placeholders in its commands and settings.
    #[must_use]
    pub fn placeholders(&self) -> Vec<Placeholder> {
        let mut settings: &[Setting] = &[];
        if let AdviceKind::ListenOnNetwork { settings: own, .. } = &self.kind {
            settings = own;
        }
        let commands = self
            .fixes
            .iter()
            .flat_map(|fix| fix.check.iter().chain(&fix.apply).chain(&fix.undo));
        let texts: Vec<&str> = commands
            .flat_map(|command| command.words.iter().map(String::as_str))
            .chain(settings.iter().map(|setting| setting.line.as_str()))
            .collect();
        let is_used =
            |placeholder: &Placeholder| texts.iter().any(|text| text.contains(placeholder.text()));
        Placeholder::ALL.into_iter().filter(is_used).collect()
    }
}

/// The one command whose output, pasted, tells what a firewall does with a port over IPv6 or IPv4.
#[must_use]
pub fn telling_command(kind: FirewallKind, v6: bool) -> CommandLine {
    let words: &[&str] = match kind {
        // Its words are translated.
        FirewallKind::Ufw => &["sudo", "env", "LC_ALL=C", "ufw", "status", "verbose"],
        FirewallKind::Firewalld => &["sudo", "firewall-cmd", "--list-all-zones"],
        FirewallKind::Nftables => &["sudo", "nft", "list", "ruleset"],
        FirewallKind::Iptables if v6 => &["sudo", "ip6tables-save"],
        FirewallKind::Iptables => &["sudo", "iptables-save"],
        FirewallKind::WindowsDefender => return windows::tell_all(),
        FirewallKind::MacosApplication => &[
            "/usr/libexec/ApplicationFirewall/socketfilterfw",
            "--getglobalstate",
        ],
        FirewallKind::Pf => &["sudo", "pfctl", "-sr"],
    };
    CommandLine::posix(words.iter().copied())
}

/// The host as a word for commands, when it is one that cannot be mistaken for an option or mean
/// anything to a shell or a tool. Parsing sees to that already; an opened report has not been
/// parsed.
#[must_use]
pub fn safe_host(host: &Host) -> Option<String> {
    let word = host.ascii();
    let is_harmless = |c: char| c.is_ascii_alphanumeric() || "._-:%".contains(c);
    let starts_well = word.starts_with(|c: char| c.is_ascii_alphanumeric() || "_:".contains(c));
    (starts_well && word.chars().all(is_harmless)).then_some(word)
}
