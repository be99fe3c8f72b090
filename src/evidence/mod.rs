//! What was seen: facts with their time, no opinions, no input or output.
//!
//! Observations come in one by one and are folded into [`Evidence`] by [`Evidence::record`].
//! Everything is plain data that survives a trip through JSON, so a saved report can be
//! diagnosed again.

mod attempt;
mod background;
mod certificate;
mod contained;
mod departure;
mod firewall;
mod hops;
mod known_program;
mod listener;
mod names;
mod network;
mod port_use;
mod presence;
mod printable;
mod proxy;
mod reference_ports;
mod service_settings;
mod service_state;
mod system;
mod watch;

pub use attempt::*;
pub use background::*;
pub use certificate::*;
pub use contained::*;
pub use departure::*;
pub use firewall::*;
pub use hops::*;
pub use known_program::*;
pub use listener::*;
pub use names::*;
pub use network::*;
pub use port_use::*;
pub use presence::*;
pub use printable::{printable, printable_bytes};
pub use proxy::*;
pub use reference_ports::{belongs_to_another_service, belongs_to_same_service, neighbour_ports};
pub use service_settings::*;
pub use service_state::*;
pub use system::*;
pub use watch::*;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::target::{Said, Target};

/// Something we looked for: what we found, or why we do not know.
///
/// "We could not look" is never "there is nothing".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact<T> {
    /// We looked, and this is what there is.
    Known(T),
    /// We do not know, and this is why.
    Unknown(Gap),
}

impl<T> Fact<T> {
    /// The value, when we know it.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown(_) => None,
        }
    }

    /// The same about the value in its place.
    pub fn as_ref(&self) -> Fact<&T> {
        match self {
            Self::Known(value) => Fact::Known(value),
            Self::Unknown(gap) => Fact::Unknown(gap.clone()),
        }
    }

    /// The same about what `change` makes of the value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Fact<U> {
        match self {
            Self::Known(value) => Fact::Known(change(value)),
            Self::Unknown(gap) => Fact::Unknown(gap),
        }
    }
}

impl<T> Default for Fact<T> {
    fn default() -> Self {
        Self::Unknown(Gap::NotAsked)
    }
}

/// Why something is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gap {
    /// Nobody asked, or the answer could not matter.
    NotAsked,
    /// Asked, and not answered yet.
    Pending,
    /// The system tells it to administrators only.
    NeedsAdmin,
    /// No answer within the time we give.
    TimedOut,
    /// The program or service that would tell is not there.
    ToolMissing,
    /// It is there, and could not be read.
    Unreadable {
        /// What was tried, such as a path, and the system's error.
        what: String,
    },
    /// Every program was looked at, and none has it.
    NoHolder,
    /// The process that opened it has ended, and Windows still has it under that process's id: another
    /// one has inherited it.
    HolderEnded {
        /// The id, which no process has.
        pid: u32,
    },
    /// This system has no such thing, or this build cannot ask it.
    Unsupported,
}

/// The operating system a fact or a command belongs to: a value, never a `cfg`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Os {
    /// Linux.
    Linux,
    /// Windows.
    Windows,
    /// macOS.
    Macos,
}

impl Os {
    /// What Ketnoi is called in terminals: on Windows the program with the window has none.
    #[must_use]
    pub fn terminal_program(self) -> &'static str {
        match self {
            Self::Windows => "ketnoi-cli",
            Self::Linux | Self::Macos => "ketnoi",
        }
    }

    /// The same on the system that this program was built for: the one of paths with backslashes is
    /// Windows.
    #[must_use]
    pub fn terminal_program_here() -> &'static str {
        let here = if std::path::MAIN_SEPARATOR == '\\' {
            Self::Windows
        } else {
            Self::Linux
        };
        here.terminal_program()
    }
}

/// All that was seen about one target in one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// What was asked for.
    pub target: Target,
    /// What the pasted error said, when the target was read from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<Said>,
    /// The system we ran on.
    pub os: Os,
    /// Which release of it; read by every test that asks all it can.
    #[serde(default)]
    pub os_release: Fact<OsRelease>,
    /// How long a silent peer was given.
    #[serde(with = "millis", rename = "patience_ms")]
    pub patience: Duration,
    /// What the system's resolver said; `NotAsked` for a literal address.
    #[serde(default)]
    pub lookup: Fact<Lookup>,
    /// What the configured DNS servers said when asked directly; asked only when it decides.
    #[serde(default)]
    pub direct_lookup: Fact<Vec<DirectAnswer>>,
    /// How this machine looks names up; read only when it decides.
    #[serde(default)]
    pub name_settings: Fact<NameSettings>,
    /// What the configured DNS servers say about names that do not exist; asked only when no
    /// address of the target's name connects.
    #[serde(default)]
    pub invented_names: Fact<Vec<InventedName>>,
    /// One connection attempt for each address of the target.
    #[serde(default)]
    pub attempts: Vec<Attempt>,
    /// Whether the packets of failed attempts left this machine.
    #[serde(default)]
    pub departures: Vec<Departure>,
    /// What the neighbour table says of silent addresses on the own network.
    #[serde(default)]
    pub neighbours: Vec<Neighbour>,
    /// Whether silent addresses answered a ping.
    #[serde(default)]
    pub pings: Vec<Ping>,
    /// Connects with a hop limit, made only when they decide.
    #[serde(default)]
    pub hops: Vec<HopAttempt>,
    /// Attempts to other ports of the same host, made only when they decide.
    #[serde(default)]
    pub references: Vec<Attempt>,
    /// Further connects to the target's own port, in the order in which they began; made only when
    /// asked for.
    #[serde(default)]
    pub repeats: Vec<Repeat>,
    /// What connected peers sent, and what they answered.
    #[serde(default)]
    pub exchanges: Vec<Exchange>,
    /// This machine's TCP listeners that matter for the target's port.
    #[serde(default)]
    pub listeners: Fact<Vec<Listener>>,
    /// What stands behind the listeners on the target's port.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub backgrounds: Vec<Background>,
    /// What else of this machine has to do with the target's port; read only when it decides.
    #[serde(default)]
    pub port_use: Fact<PortUse>,
    /// What the service manager says of the service that is expected on the port, or of each that
    /// uses it by default; asked only when nothing of this machine listens there, or a program that is
    /// none of the service's.
    #[serde(default)]
    pub service_states: Fact<Vec<ServiceState>>,
    /// Where those services are set to listen, by their own files; read only when no address of this
    /// machine accepted a connection.
    #[serde(default)]
    pub service_settings: Fact<Vec<ServiceSettings>>,
    /// What every place that may name a proxy says for the target; read only for web targets on
    /// other machines.
    #[serde(default)]
    pub proxies: Fact<Vec<ProxySetting>>,
    /// What came of asking those proxies for the target.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proxy_tests: Vec<ProxyTest>,
    /// Connects around a tunnel that the target's route leads into, made only when it is silent.
    #[serde(default)]
    pub bypasses: Vec<Bypass>,
    /// A connect to the default gateway on the asked port, made only for loopback in a container.
    #[serde(default)]
    pub at_gateway: Option<Attempt>,
    /// Whether all links of this machine but loopback are made by software, as a container's are;
    /// looked at only when loopback refuses.
    #[serde(default)]
    pub in_container: Fact<bool>,
    /// The ports left for connections to the target; counted only when there seems to be none.
    #[serde(default)]
    pub own_ports: Fact<OwnPorts>,
    /// This machine's interfaces, addresses and default routes.
    #[serde(default)]
    pub network: Fact<NetworkState>,
    /// The firewalls of this machine.
    #[serde(default)]
    pub firewalls: Fact<Vec<Firewall>>,
    /// What the packet filters of this machine do with connections to the target; looked at only
    /// when it is elsewhere and in trouble.
    #[serde(default)]
    pub outbound: Fact<Vec<Outbound>>,
    /// What outputs of firewalls at the target, which the person pasted, make of the connection:
    /// not seen by us, so never more than what was told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pasted_firewalls: Vec<Firewall>,
    /// What other outputs at the target, which the person pasted, say of the port.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pasted_ports: Vec<PastedPort>,
    /// Every question with its start and duration, in the order they were asked.
    #[serde(default)]
    pub timeline: Vec<Question>,
    /// The run has ended; nothing more will come.
    #[serde(default)]
    pub complete: bool,
}

impl Evidence {
    /// Evidence about `target` before anything was asked.
    #[must_use]
    pub fn new(target: Target, os: Os, patience: Duration) -> Self {
        Self {
            target,
            said: None,
            os,
            os_release: Fact::default(),
            patience,
            lookup: Fact::default(),
            direct_lookup: Fact::default(),
            name_settings: Fact::default(),
            invented_names: Fact::default(),
            attempts: Vec::new(),
            departures: Vec::new(),
            neighbours: Vec::new(),
            pings: Vec::new(),
            hops: Vec::new(),
            references: Vec::new(),
            repeats: Vec::new(),
            exchanges: Vec::new(),
            listeners: Fact::default(),
            backgrounds: Vec::new(),
            port_use: Fact::default(),
            service_states: Fact::default(),
            service_settings: Fact::default(),
            proxies: Fact::default(),
            proxy_tests: Vec::new(),
            bypasses: Vec::new(),
            at_gateway: None,
            in_container: Fact::default(),
            own_ports: Fact::default(),
            network: Fact::default(),
            firewalls: Fact::default(),
            outbound: Fact::default(),
            pasted_firewalls: Vec::new(),
            pasted_ports: Vec::new(),
            timeline: Vec::new(),
            complete: false,
        }
    }

    /// What came of asking this proxy.
    #[must_use]
    pub fn proxy_test(&self, proxy: &Proxy) -> Option<&ProxyTest> {
        self.proxy_tests.iter().find(|test| test.proxy == *proxy)
    }

    /// Folds one observation in.
    pub fn record(&mut self, observation: Observation) {
        match observation {
            Observation::Asked(question) => self.asked(question),
            Observation::OsRelease(release) => self.os_release = release,
            Observation::Lookup(lookup) => self.lookup = lookup,
            Observation::SrvTarget { host, port } => {
                self.target.host = host;
                self.target.port = port;
            }
            Observation::DirectLookup(answers) => self.direct_lookup = answers,
            Observation::NameSettings(settings) => self.name_settings = settings,
            Observation::InventedNames(answers) => self.invented_names = answers,
            Observation::Attempt(attempt) => {
                replace_or_push(&mut self.attempts, attempt, |a| a.addr);
            }
            Observation::Hop(hop) => self.hops.push(hop),
            Observation::Neighbour(neighbour) => {
                replace_or_push(&mut self.neighbours, neighbour, |n| n.ip);
            }
            Observation::Ping(ping) => replace_or_push(&mut self.pings, ping, |p| p.to),
            Observation::Departure(departure) => {
                replace_or_push(&mut self.departures, departure, |d| d.to);
            }
            Observation::Reference(attempt) => {
                replace_or_push(&mut self.references, attempt, |a| a.addr);
            }
            Observation::Repeat(repeat) => {
                let later = |known: &Repeat| known.start <= repeat.start;
                let at = self.repeats.partition_point(later);
                self.repeats.insert(at, repeat);
            }
            Observation::Exchange(exchange) => self.exchanges.push(exchange),
            Observation::Listeners(listeners) => self.listeners = listeners,
            Observation::Backgrounds(backgrounds) => self.backgrounds = backgrounds,
            Observation::PortUse(port_use) => self.port_use = port_use,
            Observation::ServiceStates(states) => self.service_states = states,
            Observation::ServiceSettings(settings) => self.service_settings = settings,
            Observation::Proxies(settings) => self.proxies = settings,
            Observation::ProxyTest(test) => {
                replace_or_push(&mut self.proxy_tests, test, |test| test.proxy.clone());
            }
            Observation::Bypass(bypass) => self.bypasses.push(bypass),
            Observation::AtGateway(attempt) => self.at_gateway = Some(attempt),
            Observation::InContainer(in_container) => self.in_container = in_container,
            Observation::OwnPorts(ports) => self.own_ports = ports,
            Observation::Network(network) => self.network = network,
            Observation::Firewalls(firewalls) => self.firewalls = firewalls,
            Observation::Outbound(outbound) => self.outbound = outbound,
            Observation::PastedFirewall(firewall) => {
                replace_or_push(&mut self.pasted_firewalls, firewall, |f| f.kind);
            }
            Observation::PastedPort(port) => {
                replace_or_push(&mut self.pasted_ports, port, std::mem::discriminant);
            }
            Observation::Complete => self.complete = true,
        }
    }

    /// A question's second report, with its duration, replaces the first.
    fn asked(&mut self, question: Question) {
        let same = |q: &&mut Question| q.about == question.about && q.start == question.start;
        match self.timeline.iter_mut().find(same) {
            Some(known) => *known = question,
            None => self.timeline.push(question),
        }
    }
}

fn replace_or_push<T, K: PartialEq>(list: &mut Vec<T>, new: T, key: impl Fn(&T) -> K) {
    match list.iter_mut().find(|old| key(old) == key(&new)) {
        Some(old) => *old = new,
        None => list.push(new),
    }
}

/// One thing that was seen, as the worker sends it.
#[derive(Clone, Debug, PartialEq)]
pub enum Observation {
    /// A question was asked (without duration) or has been answered (with it).
    Asked(Question),
    /// Which release of its system this machine runs.
    OsRelease(Fact<OsRelease>),
    /// The system resolver's answer.
    Lookup(Fact<Lookup>),
    /// An SRV record led to this endpoint, which takes the place of the typed one.
    SrvTarget {
        /// The host of the record.
        host: crate::target::Host,
        /// Its port.
        port: u16,
    },
    /// The DNS servers' own answers.
    DirectLookup(Fact<Vec<DirectAnswer>>),
    /// How this machine looks names up.
    NameSettings(Fact<NameSettings>),
    /// What the DNS servers say about names that do not exist.
    InventedNames(Fact<Vec<InventedName>>),
    /// A connection attempt to the target has ended.
    Attempt(Attempt),
    /// A connect with a hop limit has ended.
    Hop(HopAttempt),
    /// What the neighbour table says of an address.
    Neighbour(Neighbour),
    /// An address answered a ping, or did not.
    Ping(Ping),
    /// How this machine's counters changed around an attempt.
    Departure(Departure),
    /// A connection attempt to another port of the same host has ended.
    Reference(Attempt),
    /// A further connect to the target has ended.
    Repeat(Repeat),
    /// A connected peer has spoken, or kept silent.
    Exchange(Exchange),
    /// This machine's listeners.
    Listeners(Fact<Vec<Listener>>),
    /// What stands behind the listeners on the target's port.
    Backgrounds(Vec<Background>),
    /// What else of this machine has to do with the target's port.
    PortUse(Fact<PortUse>),
    /// What the service manager says of the expected service.
    ServiceStates(Fact<Vec<ServiceState>>),
    /// Where the expected service is set to listen.
    ServiceSettings(Fact<Vec<ServiceSettings>>),
    /// What the places that may name a proxy say for the target.
    Proxies(Fact<Vec<ProxySetting>>),
    /// What came of asking one of the proxies.
    ProxyTest(ProxyTest),
    /// A connection attempt around a tunnel has ended.
    Bypass(Bypass),
    /// A connection attempt to the default gateway has ended.
    AtGateway(Attempt),
    /// Whether all links but loopback are made by software.
    InContainer(Fact<bool>),
    /// The ports left for connections to the target.
    OwnPorts(Fact<OwnPorts>),
    /// This machine's network.
    Network(Fact<NetworkState>),
    /// This machine's firewalls.
    Firewalls(Fact<Vec<Firewall>>),
    /// What its packet filters do with connections to the target.
    Outbound(Fact<Vec<Outbound>>),
    /// What a firewall's output that the person pasted says.
    PastedFirewall(Firewall),
    /// What another pasted output says of the target's port.
    PastedPort(PastedPort),
    /// Nothing more will come.
    Complete,
}

/// A question we asked the world, for the timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// What was asked.
    pub about: About,
    /// When, counted from the start of the run.
    #[serde(with = "millis", rename = "start_ms")]
    pub start: Duration,
    /// How long the answer took; nothing while it is still open.
    #[serde(with = "optional_millis", rename = "took_ms", default)]
    pub took: Option<Duration>,
}

/// The subjects of our questions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// The addresses of a name, from the system.
    Name(String),
    /// An SRV record.
    Srv(String),
    /// A DNS server's own answer.
    DnsServer(std::net::SocketAddr),
    /// How this machine looks names up.
    NameSettings,
    /// A connection to the target.
    Connect(std::net::SocketAddr),
    /// Further connections to the target.
    Repeats(std::net::SocketAddr),
    /// A connection to the target's host that may pass only so many routers.
    Hop {
        /// The endpoint.
        addr: std::net::SocketAddr,
        /// The hop limit.
        hops: u8,
    },
    /// An echo request (ping) to the target.
    Ping(std::net::IpAddr),
    /// A connection to another port of the target's host.
    Reference(std::net::SocketAddr),
    /// A request for the target to the configured proxy.
    Proxy(std::net::SocketAddr),
    /// A connection to the target around a tunnel.
    Around(std::net::SocketAddr),
    /// A connection to the default gateway, on the asked port.
    Gateway(std::net::SocketAddr),
    /// The ports left for connections to the target.
    OwnPorts,
    /// A greeting, by listening.
    Greeting(std::net::SocketAddr),
    /// A TLS handshake.
    Tls(std::net::SocketAddr),
    /// An HTTP answer.
    Http(std::net::SocketAddr),
    /// The harmless first question of the protocol that is expected.
    FirstQuestion(std::net::SocketAddr),
    /// A stalled exchange, once more, with large or with small packets.
    Repeated(std::net::SocketAddr),
    /// This machine's listeners.
    Listeners,
    /// What else of this machine has to do with the target's port.
    PortUse,
    /// What the service manager says of the expected service.
    ServiceStates,
    /// The expected service's own settings.
    ServiceSettings,
    /// This machine's network.
    Network,
    /// This machine's firewalls.
    Firewalls,
}

/// A duration as JSON milliseconds with microsecond precision.
pub mod millis {
    use std::time::Duration;

    use serde::{Deserialize as _, Deserializer, Serializer};

    /// A year: no test takes that long, and thousands of them can be added up.
    const LONGEST: Duration = Duration::from_hours(365 * 24);

    /// Writes milliseconds, rounded to a microsecond.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        #[expect(
            clippy::cast_precision_loss,
            reason = "2^53 microseconds are 285 years"
        )]
        serializer.serialize_f64(duration.as_micros() as f64 / 1000.0)
    }

    /// Reads milliseconds; a negative, infinite or absurd number is an error, not a panic.
    ///
    /// # Errors
    /// Those of the deserializer, or a number that is no duration.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        let millis = f64::deserialize(deserializer)?;
        let micros = Duration::try_from_secs_f64((millis * 1000.0).round() / 1e6);
        let duration = micros.map_err(serde::de::Error::custom)?;
        if duration > LONGEST {
            return Err(serde::de::Error::custom("longer than any test"));
        }
        Ok(duration)
    }
}

/// [`millis`] for a duration that may be missing.
pub mod optional_millis {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes milliseconds or null.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(
        duration: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match duration {
            Some(duration) => super::millis::serialize(duration, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// Reads milliseconds or null.
    ///
    /// # Errors
    /// Those of the deserializer, or a number that is no duration.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        #[derive(Deserialize)]
        struct Wrapped(#[serde(with = "super::millis")] Duration);
        Ok(Option::<Wrapped>::deserialize(deserializer)?.map(|wrapped| wrapped.0))
    }
}
