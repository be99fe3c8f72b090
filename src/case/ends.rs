//! Two ends of one story: what a client's test saw, and what the server says of itself, make one
//! verdict.
//!
//! Pure. A rule speaks only where both ends together show it; what one end did not look at, looked
//! at when the other was not testing, or could not read, is a doubt that is told with the verdict,
//! and leaves it open where it matters.

mod pair;
mod rules;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use super::Case;
use super::local::{Standing, standing};
use crate::advice::command_line::CommandLine;
use crate::advice::safe_host;
use crate::diagnosis::{Certainty, Clue};
use crate::evidence::{FirewallKind, NetworkState, Os, Policy, Process, Stage, Watch, millis};
use pair::Pair;

/// A report, and when it was made.
#[derive(Clone, Copy, Debug)]
pub struct End<'a> {
    /// What was seen.
    pub case: &'a Case,
    /// What was seen arriving, where the port was watched.
    pub watch: Option<&'a Watch>,
    /// The client for which the firewalls there were judged.
    pub from: Option<IpAddr>,
    /// When it was begun, by the clock of its machine.
    pub began: Option<Timestamp>,
    /// Its names and addresses are pseudonyms of its own.
    pub anonymised: bool,
}

impl End<'_> {
    /// How the port stands for others, where this is the view of a port and no test.
    #[must_use]
    pub fn standing(&self) -> Option<Standing> {
        self.watch.map(|_| standing(self.case.evidence()))
    }
}

/// Somebody else's report, kept.
#[derive(Clone, Debug, PartialEq)]
pub struct OtherReport {
    /// What was seen.
    pub case: Case,
    /// What was seen arriving, where the port was watched.
    pub watch: Option<Watch>,
    /// The client for which the firewalls there were judged.
    pub from: Option<IpAddr>,
    /// When it was begun, by the clock of its machine.
    pub began: Option<Timestamp>,
    /// Its names and addresses are not those of the report it stands beside: one of the two was
    /// anonymised by itself, or both were.
    pub anonymised: bool,
}

impl OtherReport {
    /// The report as one end of a story.
    #[must_use]
    pub fn end(&self) -> End<'_> {
        End {
            case: &self.case,
            watch: self.watch.as_ref(),
            from: self.from,
            began: self.began,
            anonymised: self.anonymised,
        }
    }
}

/// The verdict of two ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Joint {
    /// What is the matter.
    pub cause: JointCause,
    /// How sure that is.
    pub certainty: Certainty,
    /// What speaks for it, at either end.
    pub because: Vec<JointClue>,
    /// What would settle it, where it is not settled.
    pub decided_by: Option<JointTest>,
    /// What the reports lack, or do not tell.
    pub doubts: Vec<Doubt>,
}

/// What two ends can show together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "cause")]
pub enum JointCause {
    /// The client connects, and finds nothing wrong.
    Works,
    /// The connection stands at both ends; what is wrong is what is said over it.
    ArrivesAndFails,
    /// The client's test ended before a packet left for the server.
    EndsAtClient,
    /// The service listens on loopback alone.
    LoopbackOnly,
    /// The service listens on other addresses of the server than the one that is asked for.
    OtherAddress {
        /// The address that the client asks for.
        asked: IpAddr,
        /// One that is listened on.
        listens: IpAddr,
    },
    /// The service listens over the other of IPv4 and IPv6.
    OtherFamily {
        /// Whether it listens over IPv6.
        listens_v6: bool,
    },
    /// Nothing listens on the port, and what may be meant listens on another one.
    OtherPort {
        /// That port.
        listens: u16,
    },
    /// Nothing listens on the port.
    NothingListens,
    /// The service does not accept, and its queue is full.
    QueueFull,
    /// A firewall of the server itself keeps the client out.
    ServerFirewall {
        /// Which.
        firewall: FirewallKind,
        /// Whether it is silent or says no.
        policy: Policy,
        /// The rule, where one decides.
        rule: Option<String>,
    },
    /// The client's packets arrive, and the answers get lost.
    ReplyLost,
    /// Others get in, and this client does not.
    SourceLimited,
    /// The server listens and lets in, and the client's packets do not arrive.
    DroppedBetween,
    /// The server listens and lets in, and something on the way says no in its name.
    RejectedBetween,
    /// A firewall drops the packets: the server's own, which could not be read, or one on the way.
    DroppedSomewhere,
    /// The address that the client asks for leads to another machine than the one that was looked
    /// at: a forward to the wrong one, or to none.
    LeadsElsewhere {
        /// That address.
        asked: IpAddr,
    },
    /// Something accepts the client's connection, and nothing on the server listens.
    AcceptedElsewhere,
    /// The two reports do not decide.
    Undecided,
}

impl JointCause {
    /// The stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Works => "works",
            Self::ArrivesAndFails => "arrives-and-fails",
            Self::EndsAtClient => "ends-at-client",
            Self::LoopbackOnly => "loopback-only",
            Self::OtherAddress { .. } => "other-address",
            Self::OtherFamily { .. } => "other-family",
            Self::OtherPort { .. } => "other-port",
            Self::NothingListens => "nothing-listens",
            Self::QueueFull => "queue-full",
            Self::ServerFirewall { .. } => "server-firewall",
            Self::ReplyLost => "reply-lost",
            Self::SourceLimited => "source-limited",
            Self::DroppedBetween => "dropped-between",
            Self::RejectedBetween => "rejected-between",
            Self::DroppedSomewhere => "dropped-somewhere",
            Self::LeadsElsewhere { .. } => "leads-elsewhere",
            Self::AcceptedElsewhere => "accepted-elsewhere",
            Self::Undecided => "undecided",
        }
    }
}

/// A piece of evidence from one of the ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JointClue {
    /// What the client saw.
    Client(Clue),
    /// The server has the address that the client asks for.
    AddressIsServers(IpAddr),
    /// The server has no such address.
    AddressIsNotServers(IpAddr),
    /// Who listens on the server.
    Listens {
        /// Where.
        addr: SocketAddr,
        /// The program.
        process: Option<Process>,
    },
    /// Nothing on the server listens on the port.
    NothingListens,
    /// So many connections wait in the server's queue, and so many may.
    Queue {
        /// How many wait.
        waiting: u32,
        /// How many may.
        limit: u32,
    },
    /// The firewalls of the server let the client in.
    FirewallsLetIn,
    /// A firewall of the server does not.
    FirewallStops {
        /// Which.
        firewall: FirewallKind,
        /// What it does.
        policy: Policy,
        /// The rule.
        rule: Option<String>,
    },
    /// What a firewall of the server does could not be read.
    FirewallUnread,
    /// The server was watched when the client tested, and nothing came from the client.
    NothingArrived(Duration),
    /// The client was seen arriving at the server.
    Arrived {
        /// From.
        from: IpAddr,
        /// How far its connection came.
        stage: Stage,
    },
    /// Others were seen whose connections stand.
    OthersArrived(usize),
    /// The server has tested the port itself.
    OwnTest {
        /// Whether its connection was accepted.
        works: bool,
    },
}

/// What would settle what two reports leave open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "test")]
pub enum JointTest {
    /// Watch the port on the server while the client tests.
    WatchWhileTesting {
        /// The port.
        port: u16,
        /// The client's address, for which the firewalls there are to be judged.
        from: Option<IpAddr>,
    },
    /// The same with admin rights.
    WatchAsAdmin {
        /// The port.
        port: u16,
        /// As above.
        from: Option<IpAddr>,
    },
    /// Compare the address that the client asks for with those of the server, and look where a
    /// forward leads.
    LookAtForward {
        /// The addresses of the server.
        own: Vec<IpAddr>,
    },
    /// Look at what filters between the two.
    LookBetween,
    /// Look at the server's way back to the client, and at what filters on it.
    LookAtWayBack,
    /// Look for a rule or a list that names who may connect.
    LookAtSourceRules,
}

/// What the reports lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "doubt")]
pub enum Doubt {
    /// The server's report did not watch for arriving connections, or could not.
    NoWatch,
    /// The client did not test while the server was watched.
    WatchMissedTest,
    /// A report does not say when it was made.
    TimesUnknown,
    /// So much time lies between the reports.
    FarApart {
        /// How much.
        #[serde(with = "millis", rename = "apart_ms")]
        apart: Duration,
    },
    /// The server has not the address that the client asked for.
    OtherHost,
    /// The reports are about different ports.
    OtherPorts {
        /// The one that the client asked for.
        asked: u16,
        /// The one that was looked at.
        looked_at: u16,
    },
    /// A report is anonymised, so its addresses cannot be compared with the other's.
    Anonymised,
    /// What the server's firewalls do could not be read, or was not looked at.
    FirewallsUnread,
    /// Who listens on the server could not be read, or was not looked at.
    ListenersUnread,
    /// One of the tests was stopped before its end.
    Stopped,
    /// More machines arrived at the server than its report tells.
    ManyArrivals,
    /// The server may pass the port on to a container or another machine; its rules for that were
    /// not read.
    MayBeForwarded,
}

/// Which of two reports is the server's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Roles {
    /// The first is the client's, the second the server's.
    ClientFirst,
    /// The other way round.
    ServerFirst,
}

/// Which end is which, where the reports are from two ends: a view of a local port is a server's,
/// and so is a test of a machine by itself beside a test of it by another.
#[must_use]
pub fn roles(first: &End<'_>, second: &End<'_>) -> Option<Roles> {
    match (is_server(first), is_server(second)) {
        (false, true) => Some(Roles::ClientFirst),
        (true, false) => Some(Roles::ServerFirst),
        (true, true) | (false, false) => None,
    }
}

fn is_server(end: &End<'_>) -> bool {
    end.watch.is_some() || end.case.target_is_here() == Some(true)
}

/// A client's report beside a server's, and what the two make together.
#[derive(Clone, Debug)]
pub struct Story<'a> {
    /// The client's.
    pub client: End<'a>,
    /// The server's.
    pub server: End<'a>,
    /// Which of the two it was told from.
    pub roles: Roles,
    /// The verdict.
    pub joint: Joint,
}

impl<'a> Story<'a> {
    /// The story of two reports; nothing where they are not from two ends.
    #[must_use]
    pub fn of(first: End<'a>, second: End<'a>) -> Option<Self> {
        let roles = roles(&first, &second)?;
        let (client, server) = match roles {
            Roles::ClientFirst => (first, second),
            Roles::ServerFirst => (second, first),
        };
        Some(Self {
            joint: joint(&client, &server),
            client,
            server,
            roles,
        })
    }
}

/// The verdict of a client's report and a server's.
#[must_use]
pub fn joint(client: &End<'_>, server: &End<'_>) -> Joint {
    let pair = Pair::of(client, server);
    let mut joint = rules::ALL
        .iter()
        .find_map(|rule| rule(&pair))
        .unwrap_or_else(|| pair.undecided());
    joint.doubts = pair.doubts(&joint.cause);
    // What was so some time ago may not be any more, and what a test had not asked yet when it was
    // stopped might have said otherwise.
    let most = match pair.apart {
        _ if !client.case.evidence().complete => Certainty::Possible,
        Some(apart) if apart > LONG_AGO => Certainty::Possible,
        Some(apart) if apart <= A_WHILE => Certainty::Certain,
        Some(_) | None => Certainty::Likely,
    };
    joint.certainty = joint.certainty.min(most);
    joint
}

/// Of two clients of one target, the one that gets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct OneWorks {
    /// It is the first.
    pub first: bool,
    /// In what they differ.
    pub differ: Differ,
}

/// In what two clients differ, of which one gets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Differ {
    /// They were led to different addresses.
    Addresses,
    /// One came over IPv4, the other over IPv6.
    Families,
    /// In nothing but who they are.
    Asker,
}

/// Which of two clients gets through, where one does and the other does not.
#[must_use]
pub fn one_of_two(first: &Case, second: &Case) -> Option<OneWorks> {
    let reach = |case: &Case| case.evidence().complete.then(|| case.diagnosis().reachable);
    let (one, other) = (reach(first)?, reach(second)?);
    let addresses = |case: &Case| -> Vec<IpAddr> {
        let attempts = case.evidence().attempts.iter();
        attempts.map(|attempt| attempt.addr.ip()).collect()
    };
    let (of_first, of_second) = (addresses(first), addresses(second));
    if one == other || of_first.is_empty() || of_second.is_empty() {
        return None;
    }
    let differ = if of_first.iter().any(|ip| of_second.contains(ip)) {
        Differ::Asker
    } else if of_first.iter().all(IpAddr::is_ipv4) != of_second.iter().all(IpAddr::is_ipv4) {
        Differ::Families
    } else {
        Differ::Addresses
    };
    Some(OneWorks { first: one, differ })
}

/// The line to run on a server, so that it tells of a port and of who arrives there.
#[must_use]
pub fn far_end_command(os: Os, port: u16, from: Option<IpAddr>, file: &str) -> CommandLine {
    let mut words = vec![
        os.terminal_program().to_owned(),
        "local".to_owned(),
        port.to_string(),
    ];
    words.extend(["--watch".to_owned(), FAR_WATCH.as_secs().to_string()]);
    if let Some(from) = from {
        words.extend(["--from".to_owned(), from.to_string()]);
    }
    words.extend(["--output".to_owned(), file.to_owned()]);
    CommandLine::on(os, words)
}

/// The line to run on a client, so that it tests the port of this machine: by the name or address
/// that was tested here, or by this machine's own where that leads to whoever asks. Nothing where
/// neither can stand in a command.
#[must_use]
pub fn near_end_command(os: Os, server: &Case, file: &str) -> Option<CommandLine> {
    let evidence = server.evidence();
    let target = &evidence.target;
    let addresses = server.addresses();
    let is_for_itself = !addresses.is_empty()
        && addresses.iter().all(|ip| {
            let ip = ip.to_canonical();
            ip.is_loopback() || ip.is_unspecified()
        });
    let network = evidence.network.known().filter(|_| is_for_itself);
    let host = match network.and_then(NetworkState::own_address) {
        Some(own) => own.to_string(),
        None => safe_host(&target.host)?,
    };
    let endpoint = if host.contains(':') {
        format!("[{host}]:{}", target.port)
    } else {
        format!("{host}:{}", target.port)
    };
    let words = [os.terminal_program(), "check", &endpoint, "--output", file];
    Some(CommandLine::on(os, words))
}

/// The client's address as the server will meet it: told where both are on one network, so that
/// nothing between changes it.
#[must_use]
pub fn source_near(client: &Case) -> Option<IpAddr> {
    let evidence = client.evidence();
    let network = evidence.network.known()?;
    let mut attempts = evidence.attempts.iter();
    let near = attempts.find(|attempt| network.is_on_link(attempt.addr.ip()))?;
    near.source
}

/// Long enough to walk over to the other computer and test.
const FAR_WATCH: Duration = Duration::from_mins(1);

/// What the server's report is called in that line.
pub const FAR_FILE: &str = "ketnoi-server.json";

/// What a client's report is called in the line for it.
pub const NEAR_FILE: &str = "ketnoi-client.json";

/// Reports with more than this between them may each be true, and not of the same time.
const A_WHILE: Duration = Duration::from_mins(10);

/// Whatever was seen so long ago is no more than a hint.
const LONG_AGO: Duration = Duration::from_hours(24);
