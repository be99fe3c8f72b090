//! Each question of two tests with both its answers. How long an answer took is no part of it, nor
//! what changes by itself from one moment to the next, such as the fill of a queue.

use std::net::{IpAddr, SocketAddr};

use serde::Serialize;

use crate::evidence::{
    Attempt, DirectAnswer, DnsAnswer, Evidence, Exchange, Fact, Firewall, FirewallKind, Gap, Heard,
    Listener, Lookup, Neighbour, Outbound, Outcome, Ping, ProxySetting, ProxySource, ProxyTest,
    RouteTo, Spoke, Transfer,
};

/// One question, and what each of the two tests got for an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Row<'a> {
    /// The question.
    pub topic: Topic,
    /// The earlier answer.
    pub before: Answer<'a>,
    /// The later one.
    pub after: Answer<'a>,
    /// Whether they say the same.
    pub change: Change,
}

/// How two answers to one question stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// They say the same.
    Same,
    /// They say something different.
    Changed,
    /// Only one of the tests asked.
    AskedOnce,
}

/// What a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// The addresses of the name, from the system.
    Lookup,
    /// What a DNS server says of it.
    DnsServer(Option<SocketAddr>),
    /// What the hosts file says of it.
    HostsFile,
    /// The DNS servers that are configured.
    Resolvers,
    /// The way to an address.
    Route(IpAddr),
    /// Whether a neighbour answers below IP.
    Neighbour(IpAddr),
    /// Whether a machine answers a ping.
    Ping(IpAddr),
    /// A connection to the target.
    Connect(SocketAddr),
    /// Further connections to it.
    Repeats(SocketAddr),
    /// A connection to another port of its host.
    Reference(SocketAddr),
    /// What a connected peer says to nothing, or to what we said.
    Exchange {
        /// The peer.
        addr: SocketAddr,
        /// What we said.
        spoke: Spoke,
        /// In small segments, because large ones had been lost.
        small_segments: bool,
    },
    /// Whether anybody listens on the port of this machine.
    Listeners,
    /// Who listens there at an address.
    Listener(SocketAddr),
    /// The firewalls of this machine, where none can be named.
    Firewalls,
    /// What one of them does with the port.
    Firewall(FirewallKind),
    /// What this machine's rules do with connections to an address.
    Outbound(SocketAddr),
    /// What a place says of proxies.
    Proxy(ProxySource),
    /// What the proxy at an address says of the target; without one its name led nowhere.
    ProxyTest(Option<SocketAddr>),
}

/// What was seen, or why nothing was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer<'a> {
    /// Nobody asked.
    NotAsked,
    /// Asked, and not known.
    Unknown(&'a Gap),
    /// Looked at, and there is none.
    Nothing,
    /// What the resolver said.
    Lookup(&'a Lookup),
    /// What a DNS server said.
    Dns(&'a DnsAnswer),
    /// Addresses.
    Addresses(&'a [IpAddr]),
    /// A way.
    Route(&'a RouteTo),
    /// Whether somebody is there.
    Presence(bool),
    /// How a connection ended.
    Attempt(&'a Attempt),
    /// How many of several connections were accepted.
    Repeats {
        /// Those that were.
        connected: usize,
        /// All.
        total: usize,
    },
    /// What a connected peer did.
    Exchange(&'a Exchange),
    /// A program that listens.
    Listener(&'a Listener),
    /// A firewall's state.
    Firewall(&'a Firewall),
    /// What rules do with connections from here.
    Outbound(&'a Outbound),
    /// What is set.
    Proxy(&'a ProxySetting),
    /// What came of asking it.
    ProxyTest(&'a ProxyTest),
}

/// Every question that one of the two tests asked, in the order of the way.
pub(super) fn rows<'a>(before: &'a Evidence, after: &'a Evidence) -> Vec<Row<'a>> {
    let (mut old, mut new) = (asked(before), asked(after));
    old.truncate(MOST_TOPICS);
    new.truncate(MOST_TOPICS);
    let mut topics: Vec<Topic> = Vec::new();
    for (topic, _) in old.iter().chain(&new) {
        if !topics.contains(topic) {
            topics.push(*topic);
        }
    }
    topics.sort_by_key(Topic::place);
    let rows = topics.into_iter().map(|topic| {
        let before = answer(&old, topic, before);
        let after = answer(&new, topic, after);
        Row {
            topic,
            before,
            after,
            change: change(&before, &after),
        }
    });
    let told = rows.filter(|row| row.before != Answer::NotAsked || row.after != Answer::NotAsked);
    told.collect()
}

/// The answer of one test to a question that one of the two has asked.
fn answer<'a>(asked: &[(Topic, Answer<'a>)], topic: Topic, evidence: &'a Evidence) -> Answer<'a> {
    let found = asked.iter().find(|(known, _)| *known == topic);
    match (found, topic) {
        (Some((_, answer)), _) => *answer,
        // A table that was read, and does not have it.
        (None, Topic::Listener(_) | Topic::Listeners) => absent(&evidence.listeners),
        (None, Topic::Firewall(_) | Topic::Firewalls) => absent(&evidence.firewalls),
        (None, Topic::Outbound(_)) => absent(&evidence.outbound),
        (None, Topic::Proxy(_)) => absent(&evidence.proxies),
        (None, _) => Answer::NotAsked,
    }
}

fn absent<T>(table: &Fact<T>) -> Answer<'_> {
    match table {
        Fact::Known(_) => Answer::Nothing,
        Fact::Unknown(gap) => unknown(gap),
    }
}

fn unknown(gap: &Gap) -> Answer<'_> {
    match gap {
        Gap::NotAsked | Gap::Pending => Answer::NotAsked,
        Gap::NeedsAdmin
        | Gap::TimedOut
        | Gap::ToolMissing
        | Gap::Unreadable { .. }
        | Gap::NoHolder
        | Gap::HolderEnded { .. }
        | Gap::Unsupported => Answer::Unknown(gap),
    }
}

fn of_fact<'a, T>(fact: &'a Fact<T>, answer: impl Fn(&'a T) -> Answer<'a>) -> Answer<'a> {
    match fact {
        Fact::Known(value) => answer(value),
        Fact::Unknown(gap) => unknown(gap),
    }
}

/// What one test has asked, each question once.
fn asked(evidence: &Evidence) -> Vec<(Topic, Answer<'_>)> {
    let mut asked = about_the_name(evidence);
    asked.extend(about_the_way(evidence));
    asked.extend(about_the_port(evidence));
    asked.extend(about_this_machine(evidence));
    asked
}

fn about_the_name(evidence: &Evidence) -> Vec<(Topic, Answer<'_>)> {
    let mut asked = vec![(Topic::Lookup, of_fact(&evidence.lookup, Answer::Lookup))];
    let direct = evidence.direct_lookup.known().into_iter().flatten();
    asked.extend(direct.map(|DirectAnswer { server, answer, .. }| {
        (Topic::DnsServer(*server), Answer::Dns(answer))
    }));
    if let Some(settings) = evidence.name_settings.known() {
        asked.push((
            Topic::HostsFile,
            of_fact(&settings.hosts_file, |ips| addresses(ips)),
        ));
        asked.push((
            Topic::Resolvers,
            of_fact(&settings.resolvers, |ips| addresses(ips)),
        ));
    }
    asked
}

fn addresses(ips: &[IpAddr]) -> Answer<'_> {
    if ips.is_empty() {
        Answer::Nothing
    } else {
        Answer::Addresses(ips)
    }
}

fn about_the_way(evidence: &Evidence) -> Vec<(Topic, Answer<'_>)> {
    let network = evidence.network.known();
    let routes = network.into_iter().flat_map(|network| &network.routes);
    let routes = routes.map(|route| (Topic::Route(route.to), Answer::Route(route)));
    let neighbours = evidence.neighbours.iter().map(|neighbour| {
        let is_there = Neighbour::is_there(neighbour);
        (Topic::Neighbour(neighbour.ip), Answer::Presence(is_there))
    });
    let pings = evidence.pings.iter();
    let pings = pings.map(|Ping { to, answered }| (Topic::Ping(*to), Answer::Presence(*answered)));
    routes.chain(neighbours).chain(pings).collect()
}

fn about_the_port(evidence: &Evidence) -> Vec<(Topic, Answer<'_>)> {
    let mut asked: Vec<(Topic, Answer<'_>)> = Vec::new();
    for attempt in &evidence.attempts {
        asked.push((Topic::Connect(attempt.addr), Answer::Attempt(attempt)));
        asked.extend(repeats(evidence, attempt.addr));
    }
    for reference in &evidence.references {
        asked.push((Topic::Reference(reference.addr), Answer::Attempt(reference)));
    }
    for exchange in &evidence.exchanges {
        let topic = Topic::Exchange {
            addr: exchange.addr,
            spoke: exchange.spoke,
            small_segments: exchange.small_segments,
        };
        asked.push((topic, Answer::Exchange(exchange)));
    }
    asked
}

fn repeats(evidence: &Evidence, addr: SocketAddr) -> Option<(Topic, Answer<'_>)> {
    let again = || {
        let repeats = evidence.repeats.iter().map(|repeat| &repeat.attempt);
        repeats.filter(move |attempt| attempt.addr == addr)
    };
    let connected = again().filter(|attempt| attempt.outcome == Outcome::Connected);
    let (connected, total) = (connected.count(), again().count());
    (total > 0).then_some((Topic::Repeats(addr), Answer::Repeats { connected, total }))
}

fn about_this_machine(evidence: &Evidence) -> Vec<(Topic, Answer<'_>)> {
    let listeners = evidence.listeners_on_port().into_iter().flatten();
    let mut asked: Vec<(Topic, Answer<'_>)> = listeners
        .map(|listener| (Topic::Listener(listener.addr), Answer::Listener(listener)))
        .collect();
    if asked.is_empty() {
        asked.push((Topic::Listeners, absent(&evidence.listeners)));
    }
    match &evidence.firewalls {
        Fact::Known(found) if !found.is_empty() => asked.extend(
            found
                .iter()
                .map(|firewall| (Topic::Firewall(firewall.kind), Answer::Firewall(firewall))),
        ),
        none_or_unknown => asked.push((Topic::Firewalls, absent(none_or_unknown))),
    }
    let outbound = evidence.outbound.known().into_iter().flatten();
    asked.extend(outbound.map(|one| (Topic::Outbound(one.to), Answer::Outbound(one))));
    let settings = evidence.proxies.known().into_iter().flatten();
    asked.extend(settings.map(|setting| (Topic::Proxy(setting.from), Answer::Proxy(setting))));
    let tests = evidence.proxy_tests.iter().map(|test| {
        let addr = test.attempt.as_ref().map(|attempt| attempt.addr);
        (Topic::ProxyTest(addr), Answer::ProxyTest(test))
    });
    asked.extend(tests);
    asked
}

fn change(before: &Answer<'_>, after: &Answer<'_>) -> Change {
    if matches!(before, Answer::NotAsked) || matches!(after, Answer::NotAsked) {
        Change::AskedOnce
    } else if says_the_same(before, after) {
        Change::Same
    } else {
        Change::Changed
    }
}

/// Whether two answers say the same, whenever and however fast they came.
fn says_the_same(before: &Answer<'_>, after: &Answer<'_>) -> bool {
    match (before, after) {
        (Answer::Lookup(old), Answer::Lookup(new)) => old.outcome == new.outcome,
        (Answer::Attempt(old), Answer::Attempt(new)) => ended_alike(old, new),
        (Answer::Exchange(old), Answer::Exchange(new)) => {
            heard_alike(&old.heard, &new.heard)
                && old.transfer.known().map(Transfer::is_stuck)
                    == new.transfer.known().map(Transfer::is_stuck)
        }
        (Answer::Listener(old), Answer::Listener(new)) => {
            (&old.process, &old.user, &old.takes_ipv4) == (&new.process, &new.user, &new.takes_ipv4)
        }
        (Answer::ProxyTest(old), Answer::ProxyTest(new)) => {
            let alike = match (&old.attempt, &new.attempt) {
                (Some(old), Some(new)) => ended_alike(old, new),
                (old, new) => old.is_none() && new.is_none(),
            };
            alike && old.heard == new.heard
        }
        (old, new) => old == new,
    }
}

fn ended_alike(old: &Attempt, new: &Attempt) -> bool {
    (old.outcome, old.os_code, old.icmp) == (new.outcome, new.os_code, new.icmp)
}

/// A web server's date, the moment a certificate was judged at and what follows the beginning of a
/// greeting (`MySQL`'s has a new salt each time) are other ones with every connection.
fn heard_alike(old: &Heard, new: &Heard) -> bool {
    let mut pair = [old.clone(), new.clone()];
    for heard in &mut pair {
        match heard {
            Heard::Http { page, .. } => page.date = None,
            Heard::Tls {
                presented: Some(presented),
                ..
            } => presented.clock = 0,
            Heard::Text { start } | Heard::NotTls { start } => {
                *start = start.chars().take(BEGINNING).collect();
            }
            Heard::Nothing
            | Heard::Closed
            | Heard::Reset
            | Heard::Tls { .. }
            | Heard::TlsAlert { .. }
            | Heard::TlsIncompatible { .. }
            | Heard::Failed { .. } => {}
        }
    }
    pair[0] == pair[1]
}

/// No test asks more; an opened report may claim to.
const MOST_TOPICS: usize = 1000;

/// So many characters of a greeting tell who speaks, and no more.
const BEGINNING: usize = 16;

impl Topic {
    /// Its place on the way: names first, what is said last, this machine at the end.
    fn place(&self) -> u8 {
        match self {
            Self::Lookup => 0,
            Self::DnsServer(_) => 1,
            Self::HostsFile => 2,
            Self::Resolvers => 3,
            Self::Proxy(_) => 4,
            Self::ProxyTest(_) => 5,
            Self::Route(_) => 6,
            Self::Connect(_) => 7,
            Self::Repeats(_) => 8,
            Self::Exchange { .. } => 9,
            Self::Neighbour(_) => 10,
            Self::Ping(_) => 11,
            Self::Reference(_) => 12,
            Self::Listeners | Self::Listener(_) => 13,
            Self::Firewalls | Self::Firewall(_) => 14,
            Self::Outbound(_) => 15,
        }
    }

    /// The stable id of its kind, for reports.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Lookup => "lookup",
            Self::DnsServer(_) => "dns-server",
            Self::HostsFile => "hosts-file",
            Self::Resolvers => "resolvers",
            Self::Proxy(_) => "proxy",
            Self::ProxyTest(_) => "proxy-test",
            Self::Route(_) => "route",
            Self::Connect(_) => "connect",
            Self::Repeats(_) => "repeats",
            Self::Exchange { spoke, .. } => match spoke {
                Spoke::Nothing => "greeting",
                Spoke::TlsHello | Spoke::LargeTlsHello => "tls",
                Spoke::HttpGet | Spoke::HttpsGet => "http",
                Spoke::PostgresSslRequest | Spoke::RedisPing => "first-question",
            },
            Self::Neighbour(_) => "neighbour",
            Self::Ping(_) => "ping",
            Self::Reference(_) => "reference",
            Self::Listeners => "listeners",
            Self::Listener(_) => "listener",
            Self::Firewalls => "firewalls",
            Self::Firewall(_) => "firewall",
            Self::Outbound(_) => "outbound",
        }
    }
}
