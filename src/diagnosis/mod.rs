//! From evidence to a verdict: pure functions, no input or output.
//!
//! Every rule reads the evidence and either names a cause with its clues and its certainty, or
//! keeps quiet. [`diagnose`] ranks what the rules found.

mod cause;
mod rules;

pub use cause::{Cause, Family, Waypoint};

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::evidence::{
    Evidence, FirewallKind, IcmpError, MacAddress, Policy, PortRange, Process, ProxyFollowers,
    ProxySource, Remark, ServiceUnit, SettingLine, millis,
};
use crate::target::SaidDetail;

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// It fits what was seen, and so do other causes.
    Possible,
    /// It explains what was seen better than anything else we know.
    Likely,
    /// The evidence proves it.
    Certain,
}

/// How much the person is hindered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Impact {
    /// Nothing is wrong.
    None,
    /// It works, but not fully.
    Degraded,
    /// It does not work.
    Blocked,
}

/// A cause with what speaks for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What is the matter.
    pub cause: Cause,
    /// How sure that is.
    pub certainty: Certainty,
    /// The evidence, the strongest first.
    pub because: Vec<Clue>,
    /// Look-alikes that the evidence does not exclude, the likelier first, at most two; used when
    /// this finding becomes the verdict.
    pub alternatives: Vec<Alternative>,
}

/// Another cause that fits, and the test that would decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alternative {
    /// The other cause.
    pub cause: Cause,
    /// How sure.
    pub certainty: Certainty,
    /// What would tell the two apart.
    pub decided_by: DecidingTest,
}

/// The verdict over all the evidence so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// Some address of the target accepted a connection.
    pub reachable: bool,
    /// How much the person is hindered.
    pub impact: Impact,
    /// The leading finding with its alternatives.
    pub verdict: Finding,
}

/// A test that tells look-alikes apart. Each is worded in every language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecidingTest {
    /// Run Ketnoi on the target machine and look at who listens there.
    LookAtListenersOnTarget,
    /// Read the firewall's rules on the target machine.
    ReadFirewallOnTarget,
    /// Read this machine's firewall rules with admin rights.
    ReadFirewallHere,
    /// Try from another machine or network.
    TryFromElsewhere,
    /// Try again in a minute.
    TryLater,
    /// Use the usual client program of the service.
    UseUsualClient,
    /// Ask what program answers on the other port.
    AskWhatRunsOnPort {
        /// That port.
        port: u16,
    },
    /// Check that the machine is switched on and has this address.
    CheckMachineIsOn,
    /// Connect by address instead of by name.
    ConnectByAddress,
    /// Look the name up at the DNS server itself.
    CompareWithDns,
    /// Run the test ten times.
    RepeatTest,
    /// Disconnect the VPN and test again.
    BypassVpn,
    /// Test without the proxy.
    BypassProxy,
    /// Test over the other of IPv4 and IPv6.
    UseOtherFamily,
    /// Read the service's log on the target machine.
    LookAtServiceLog,
    /// Lower the MTU and test again.
    LowerMtu,
    /// Compare the waiting connections with their limit on the target machine.
    LookAtQueueOnTarget,
    /// Compare this machine's clock with the true time.
    CheckClock,
    /// Look at what runs and listens inside the container.
    LookInsideContainer,
    /// Compare the address that the program is bound to with this machine's.
    CheckSourceAddress,
    /// Compare the MAC addresses that answered with those of the target machine's own adapters.
    CompareMacAddresses,
}

/// How the fate of a connection differs from what the pasted rules of the target make of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Contradiction {
    /// The target is this machine, and what was read of its rules says otherwise.
    OtherThanHere,
    /// They let it in, and nothing came back.
    OpenButSilent,
    /// They let it in, and it was rejected by a rule somewhere.
    OpenButRejected,
    /// They keep it out, and it was accepted.
    ClosedButAccepted,
    /// They drop it silently, and it was answered.
    SilentButAnswered,
    /// They reject it with an answer, and nothing came back.
    RejectedButSilent,
}

/// One piece of evidence, as a statement that can be worded. Each is true of the evidence it was
/// taken from, and says no more than was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "clue", rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each variant's line names its fields")]
pub enum Clue {
    /// A connection was accepted.
    Connected {
        addr: SocketAddr,
        #[serde(with = "millis", rename = "took_ms")]
        took: Duration,
    },
    /// A connection was refused, with a reset: something answered.
    RefusedWithReset {
        addr: SocketAddr,
        #[serde(with = "millis", rename = "took_ms")]
        took: Duration,
    },
    /// No answer came within the time given.
    NoAnswer {
        addr: SocketAddr,
        #[serde(with = "millis", rename = "waited_ms")]
        waited: Duration,
    },
    /// An ICMP error came back.
    IcmpFrom {
        addr: SocketAddr,
        icmp: IcmpError,
        #[serde(with = "millis", rename = "took_ms")]
        took: Duration,
    },
    /// The system reported an error, without an ICMP message to explain it.
    SystemError {
        addr: SocketAddr,
        os_code: i32,
        at_once: bool,
    },
    /// This machine's listener table has nothing on the port.
    NoListenerHere { port: u16 },
    /// A program here listens on the port at this address.
    ListenerHere {
        addr: SocketAddr,
        process: Option<Process>,
    },
    /// This machine's listeners could not be read.
    ListenersUnknown,
    /// A unit that the service manager of this machine has for the expected service.
    ServiceUnit { service: String, unit: ServiceUnit },
    /// The service manager of this machine has no unit for the expected service.
    NoServiceUnit { service: String },
    /// A firewall of this machine stops its own connections by default; whether a rule lets those to
    /// the address out, only administrators may read.
    OutboundByDefault {
        addr: SocketAddr,
        firewall: FirewallKind,
        rule: String,
    },
    /// A program listens on a port that the service wants, so that the service cannot.
    PortTaken {
        addr: SocketAddr,
        process: Option<Process>,
    },
    /// Only programs with the rights of administrators may listen on the port: it is below the first
    /// that is for everybody.
    PortNeedsAdmin { port: u16, first: u16 },
    /// The system keeps a range of ports from programs, and the port is in it.
    PortInReservedRange { port: u16, first: u16, last: u16 },
    /// A pasted output says whether Windows keeps the port of the target's machine from programs.
    PastedReserved { port: u16, range: Option<PortRange> },
    /// A pasted output says which label `SELinux` gives to the port of the target's machine.
    PastedLabel { port: u16, label: Option<String> },
    /// A line of a service's settings that says where it listens.
    ServiceSetting {
        service: String,
        says: SettingSays,
        setting: SettingLine,
    },
    /// The settings of a service could not be read.
    ServiceSettingsUnread { service: String, file: String },
    /// The target's address is one of this machine's own.
    TargetIsThisMachine { ip: IpAddr },
    /// The target is another machine, so its listeners cannot be seen from here.
    TargetIsElsewhere { ip: IpAddr },
    /// Another port of the same host accepted.
    OtherPortOpen { port: u16 },
    /// Another port of the same host was refused.
    OtherPortRefused { port: u16 },
    /// Other ports of the same host were silent too.
    OtherPortsSilent { count: usize },
    /// The name's addresses.
    NameResolved { addresses: Vec<IpAddr> },
    /// The resolver said that the name does not exist.
    ResolverSaysNotFound { eai_code: i32 },
    /// The resolver said that the name has no address.
    ResolverSaysNoAddress { eai_code: i32 },
    /// The system's resolver failed.
    ResolverFailed {
        eai_code: i32,
        #[serde(with = "millis", rename = "took_ms")]
        took: Duration,
    },
    /// The system's resolver gave no answer in time.
    ResolverTimedOut {
        #[serde(with = "millis", rename = "waited_ms")]
        waited: Duration,
    },
    /// A configured DNS server gave no answer when asked directly.
    DnsServerSilent { server: Option<SocketAddr> },
    /// A configured DNS server answered with an error code.
    DnsServerSaid {
        server: Option<SocketAddr>,
        code: String,
    },
    /// A DNS server gave other addresses than the system when asked directly.
    DnsServerGives {
        server: Option<SocketAddr>,
        addresses: Vec<IpAddr>,
    },
    /// DNS has the name as an alias of others, in the order in which they lead on.
    NameIsAlias { aliases: Vec<String> },
    /// The hosts file gives the name these addresses.
    HostsFileGives { addresses: Vec<IpAddr> },
    /// A name that was made up for the question leads to these addresses too.
    InventedNameResolves {
        name: String,
        addresses: Vec<IpAddr>,
    },
    /// A setting of this machine names a proxy for the target.
    ProxyConfigured { proxy: String, source: ProxySource },
    /// Only these programs take the proxy; others go another way.
    ProxyFollowedOnly { followers: ProxyFollowers },
    /// A setting leaves the choice of a proxy to a script, which was not run.
    ProxyScriptNotRun { source: ProxySource },
    /// The proxy could not be connected to.
    ProxyNotReached { proxy: String },
    /// The proxy answered a request for the target with this status.
    ProxyAnswered { proxy: String, status: u16 },
    /// An interface has no signal.
    NoCarrier { interface: String },
    /// The way this machine sends packets to an address.
    RouteVia {
        ip: IpAddr,
        interface: String,
        gateway: Option<IpAddr>,
    },
    /// Through this interface, around the tunnel, the connection was accepted.
    ConnectedAround { interface: String, addr: SocketAddr },
    /// This machine looked for a neighbour on the way to the address, and nobody answered.
    NeighbourSilent {
        addr: SocketAddr,
        #[serde(with = "millis", rename = "waited_ms")]
        waited: Duration,
    },
    /// The program runs in a container or network namespace.
    InContainer,
    /// So many of this machine's ports are in use towards the target.
    OwnPortsUsedUp { in_use: usize, available: usize },
    /// No DNS server is configured.
    NoResolverConfigured,
    /// The sources of names leave DNS out.
    NamesWithoutDns { sources: String },
    /// The sources of names leave multicast DNS out.
    NamesWithoutMdns { sources: String },
    /// The lookup worked, and took this long.
    NameTook {
        #[serde(with = "millis", rename = "took_ms")]
        took: Duration,
    },
    /// No interface but loopback has a usable address.
    NoUsableAddress,
    /// There is no default route.
    NoDefaultGateway,
    /// The system has no route to the address.
    NoRouteTo { ip: IpAddr, os_code: i32 },
    /// The target is on the same network as this machine.
    OnSameNetwork { ip: IpAddr },
    /// A packet that may pass only so many routers ended at this one.
    StoppedAtHop {
        addr: SocketAddr,
        hops: u8,
        router: IpAddr,
    },
    /// The refusal comes from no farther than this.
    RefusedWithinHops { addr: SocketAddr, hops: u8 },
    /// The machine answers on its own network, below any firewall.
    NeighbourAnswers { ip: IpAddr },
    /// The machine answered a ping.
    PingAnswered { ip: IpAddr },
    /// During the attempt this machine made packets and did not send all of them.
    PacketsHeldBack {
        addr: SocketAddr,
        made: u64,
        sent: Option<u64>,
    },
    /// During the attempt this machine sent all the packets it made.
    PacketsSent { addr: SocketAddr },
    /// The address is of a kind no TCP connection can go to.
    AddressKind { ip: IpAddr, kind: AddressKind },
    /// The peer spoke first.
    GreetingHeard { start: String },
    /// The peer said nothing while we listened.
    NothingHeard {
        #[serde(with = "millis", rename = "waited_ms")]
        waited: Duration,
    },
    /// A TLS handshake completed; that says nothing of the certificate.
    TlsCompleted { version: String },
    /// The peer answered a TLS hello with bytes that are no TLS.
    AnswerIsNotTls { start: String },
    /// The peer closed or reset when it got a TLS hello.
    ClosedOnTlsHello { reset: bool },
    /// A plain question was answered with a TLS alert.
    PlainAnsweredWithTlsAlert { alert: String },
    /// The HTTP answer says that the port wants HTTPS.
    HttpSaysWantsTls { status: u16 },
    /// An HTTP answer came.
    HttpAnswered { status: u16 },
    /// Several connects to the same port were answered like this; `late` counts among `connected`.
    Repeated {
        addr: SocketAddr,
        total: usize,
        connected: usize,
        late: usize,
        refused: usize,
        silent: usize,
    },
    /// Of so many connects that went to one adapter of the address, so many were accepted at once.
    AdapterAnswered {
        addr: SocketAddr,
        mac: MacAddress,
        total: usize,
        connected: usize,
    },
    /// A connected peer closed without a word.
    PeerClosed { addr: SocketAddr },
    /// A connected peer reset the connection.
    PeerReset { addr: SocketAddr },
    /// The queue of connections that wait for a program of this machine to accept them.
    QueueHere {
        addr: SocketAddr,
        waiting: u32,
        limit: Option<u32>,
    },
    /// Handshakes on the port of this machine that are not finished.
    HalfOpenHere { port: u16, count: u32 },
    /// What a firewall of this machine does with connections of other machines to the port.
    FirewallHere {
        firewall: FirewallKind,
        policy: Policy,
        rule: Option<String>,
    },
    /// Whether a firewall of this machine lets other machines in could not be read.
    FirewallUnread { firewalls: Vec<FirewallKind> },
    /// What else is to be known of a firewall of this machine.
    FirewallRemark {
        firewall: FirewallKind,
        remark: Remark,
    },
    /// What a packet filter of this machine does with the connection to the target, by which rule;
    /// with the answer to it, where that is what it stops.
    OutboundHere {
        addr: SocketAddr,
        firewall: FirewallKind,
        policy: Policy,
        rule: String,
        stops_answer: bool,
    },
    /// What a firewall at the target does with the port, by the output that the person pasted;
    /// nothing where that cannot be told.
    FirewallPasted {
        firewall: FirewallKind,
        policy: Option<Policy>,
        rule: Option<String>,
    },
    /// What the person pasted cannot be all: the connection had another fate.
    PastedContradicts {
        firewall: FirewallKind,
        contradiction: Contradiction,
    },
    /// A program of this machine is stopped.
    StoppedHere { process: Process },
    /// A socket of this machine listens whose process has ended; `heirs` were started by it.
    HolderEnded {
        addr: SocketAddr,
        pid: u32,
        heirs: Vec<Process>,
    },
    /// A program of this machine passes the port on.
    RelayHere { process: Process },
    /// A program of this machine receives UDP on the port.
    UdpSocketHere { addr: SocketAddr },
    /// A program of this machine listens on a Unix socket.
    UnixSocketHere { path: String },
    /// Connections of this machine have the port as their own.
    PortHeldByConnections { port: u16, count: u32 },
    /// The peer ended the TLS handshake with an alert.
    TlsRefused { alert: String },
    /// The peer offers no TLS version or cipher that we have.
    TlsIncompatible { what: String },
    /// The peer asked for a client certificate.
    ClientCertificateAsked,
    /// The days between which the peer's certificate is valid, as `YYYY-MM-DD`.
    CertificateDates { from: String, until: String },
    /// The names the peer's certificate is for.
    CertificateNames { names: Vec<String> },
    /// Who signed the peer's certificate.
    CertificateIssuer { issuer: String },
    /// The chain ends before this signer, whose certificate was not sent.
    ChainEndsBefore { issuer: String },
    /// The peer's certificate is valid now, for this name, and signed by somebody this machine trusts.
    CertificateFits,
    /// The day it is by this machine's clock, as `YYYY-MM-DD`.
    ClockHere { day: String },
    /// The day it is by the peer's clock, as `YYYY-MM-DD`.
    ClockThere { day: String },
    /// The HTTP answer sends elsewhere.
    HttpRedirects { location: String },
    /// The HTTP answer says that this host name is not allowed.
    HttpRefusesHost { status: u16 },
    /// How the web server calls itself.
    ServerNamesItself { server: String },
    /// PostgreSQL answered whether it has TLS.
    PostgresAnswered { has_tls: bool },
    /// The address that was typed asks for TLS.
    AddressAsksForTls,
    /// The address that was typed turns TLS off.
    AddressForbidsTls,
    /// The question of the expected protocol got no answer.
    QuestionUnanswered {
        #[serde(with = "millis", rename = "waited_ms")]
        waited: Duration,
    },
    /// The peer's system acknowledged what we sent.
    DataAcknowledged { addr: SocketAddr },
    /// Nobody acknowledged what we sent, though it was sent again.
    DataUnacknowledged {
        addr: SocketAddr,
        retransmitted: u32,
    },
    /// The peer accepted and takes no data: its window is closed.
    WindowClosed { addr: SocketAddr },
    /// The same data arrived when sent in small packets.
    SmallSegmentsPass { addr: SocketAddr },
    /// The pasted error said so.
    ErrorSaid { detail: SaidDetail },
    /// This machine does not have the address.
    NotAnOwnAddress { ip: IpAddr },
    /// This machine's own handshake with the port waits for its end: the question came, the answer did
    /// not.
    OwnHandshakeWaits { port: u16 },
    /// Packets that may pass no router were answered: the next router itself has the address.
    AnsweredByNextRouter { addr: SocketAddr },
    /// In a container of this machine somebody listens on the port; this is its first process.
    ListensInContainer { process: Process },
    /// A program of this machine passes this address on to it.
    PublishedAt { addr: SocketAddr },
    /// Nobody listens at the place of this machine that a relay leads to.
    NobodyBehind { place: String },
    /// The issuer of the certificate is that of a product that reads along.
    SignedToReadAlong { product: String },
    /// The peer closed its side as soon as we had closed ours: somebody reads there.
    ClosedWithUs { addr: SocketAddr },
    /// The peer announced that it closes the connection, and did not.
    StayedOpen { addr: SocketAddr },
    /// The peer answered late.
    AnsweredLate {
        addr: SocketAddr,
        #[serde(with = "millis", rename = "took_ms")]
        took: Duration,
    },
}

/// What a service's settings have to do with a connection that it does not get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SettingSays {
    /// It is set to another port.
    OtherPort,
    /// It is set to addresses that only this machine reaches.
    ThisMachineOnly,
    /// It is set to some addresses, the asked one not among them.
    OtherAddresses,
    /// It is set not to listen on TCP.
    NoTcp,
}

/// Kinds of addresses that are no endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AddressKind {
    /// 255.255.255.255 or a subnet's broadcast address.
    Broadcast,
    /// `224.0.0.0/4`, `ff00::/8`.
    Multicast,
    /// `fe80::/10` without a zone.
    LinkLocalWithoutZone,
    /// 240.0.0.0/4, which nobody uses.
    Reserved,
}

/// Runs the rules over the evidence and ranks what they found.
///
/// Works on partial evidence too: whatever can be told early is told early. Until
/// [`Evidence::complete`] the diagnosis is provisional and its impact only what it would be if
/// nothing more came: callers that show or act on it consult `complete`. A verdict that is already
/// certain is never taken back.
#[must_use]
pub fn diagnose(evidence: &Evidence) -> Diagnosis {
    rules::run(evidence)
}
