//! What two reports say of each other: which connect of the client matters, whether the server has
//! the address it went to, whether the server was watched then, and who was seen.

use std::net::IpAddr;
use std::time::Duration;

use jiff::Timestamp;

use super::{A_WHILE, Doubt, End, Joint, JointCause, JointClue, JointTest};
use crate::diagnosis::{Certainty, Clue};
use crate::evidence::{
    About, Arrival, Attempt, Evidence, Firewall, Listener, Os, Outcome, Policy, Stage, Watch,
    is_private,
};

/// The client's report beside the server's.
pub(super) struct Pair<'a> {
    pub client: &'a End<'a>,
    pub server: &'a End<'a>,
    /// The connect that the verdict is about.
    pub attempt: Option<&'a Attempt>,
    /// Whether the server has the address that it went to; nothing where that cannot be told.
    pub is_servers: Option<bool>,
    /// Whether the server was watched when it was made.
    pub watched: Watched,
    /// The time between the reports.
    pub apart: Option<Duration>,
}

/// Whether the server was watched when the client tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Watched {
    /// It was.
    Yes,
    /// It was watched at another time.
    Missed,
    /// A report does not say when it was made.
    TimesUnknown,
    /// It was not watched, or could not be.
    No,
}

/// What the server's own firewalls do with the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filter<'a> {
    /// They let it in.
    LetsIn,
    /// This one does not.
    Stops(&'a Firewall, Policy),
    /// That is not known.
    Unread,
}

impl<'a> Pair<'a> {
    pub fn of(client: &'a End<'a>, server: &'a End<'a>) -> Self {
        let comparable = !client.anonymised && !server.anonymised;
        let network = server.case.evidence().network.known();
        let network = network.filter(|_| comparable);
        let has = |ip: IpAddr| network.map(|network| network.is_own(ip));
        let attempts = &client.case.evidence().attempts;
        let failed = |attempt: &&Attempt| attempt.outcome != Outcome::Connected;
        let at_server = |attempt: &&Attempt| has(attempt.addr.ip()) == Some(true);
        // One address of several that works is no trouble, unless the client calls it so.
        let blocked = !client.case.diagnosis().reachable;
        let wanted = |attempt: &&Attempt| failed(attempt) == blocked;
        let attempt = attempts
            .iter()
            .find(|attempt| at_server(attempt) && wanted(attempt))
            .or_else(|| attempts.iter().find(wanted));
        let is_servers = attempt.and_then(|attempt| has(attempt.addr.ip()));
        let watched = watched(client, server, attempt);
        Self {
            client,
            server,
            attempt,
            is_servers,
            watched,
            apart: apart(client, server),
        }
    }

    pub fn client_evidence(&self) -> &'a Evidence {
        self.client.case.evidence()
    }

    pub fn server_evidence(&self) -> &'a Evidence {
        self.server.case.evidence()
    }

    /// The port that the client asked for.
    pub fn port(&self) -> u16 {
        self.client_evidence().target.port
    }

    /// Whether the server's report is about that port.
    pub fn is_same_port(&self) -> bool {
        self.server_evidence().target.port == self.port()
    }

    /// Those who listen on the port of the server.
    pub fn listeners(&self) -> Option<Vec<&'a Listener>> {
        self.server_evidence()
            .listeners_on_port()
            .filter(|_| self.is_same_port())
    }

    /// Who would get the client's connection, as far as addresses go: at the address that was asked
    /// for where that is the server's, at any but loopback where it may be passed on.
    pub fn open_listener(&self) -> Option<&'a Listener> {
        let attempt = self.attempt?;
        let takes = |listener: &&Listener| match self.is_servers {
            Some(true) => listener.accepts(attempt.addr.ip()) != Some(false),
            Some(false) | None => !listener.addr.ip().is_loopback(),
        };
        // One that is bound to an interface takes only what comes in there.
        let evidence = self.server_evidence();
        let is_free = |listener: &&Listener| evidence.device_of(listener).is_none();
        let mut free = self.listeners()?.into_iter().filter(is_free);
        free.find(takes)
    }

    /// How the connect that matters ended, where it ended so.
    pub fn ended(&self, outcomes: &[Outcome]) -> Option<&'a Attempt> {
        self.attempt
            .filter(|attempt| outcomes.contains(&attempt.outcome))
    }

    /// Nobody answered the client.
    pub fn silent(&self) -> Option<&'a Attempt> {
        let silent = self.ended(&[Outcome::Silent, Outcome::HostUnreachable])?;
        // Where a router says that there is no way, that is an answer.
        let is_told = silent.icmp.is_some_and(|icmp| icmp.sender != silent.source);
        (!is_told).then_some(silent)
    }

    /// Somebody said no to the client.
    pub fn rejected(&self) -> Option<&'a Attempt> {
        let attempt = self.attempt?;
        let has_failed = attempt.outcome != Outcome::Connected;
        (has_failed && !attempt.at_once && self.silent().is_none()).then_some(attempt)
    }

    /// What the server's firewalls do with a connection to the port.
    pub fn filter(&self) -> Filter<'a> {
        let evidence = self.server_evidence();
        if evidence.firewalls.known().is_none() || !self.is_same_port() {
            return Filter::Unread;
        }
        let is_for_client = self.server.from.is_none() || self.is_judged_for_client();
        let mut doubtful = evidence.doubtful_firewalls();
        let stops = |one: &'a Firewall| {
            let policy = one.port.known().filter(|_| one.stops_port())?;
            Some(Filter::Stops(one, *policy))
        };
        match evidence.doubtful_firewalls().find_map(stops) {
            Some(stops) if is_for_client => stops,
            Some(_) => Filter::Unread,
            None if doubtful.next().is_some() => Filter::Unread,
            None => Filter::LetsIn,
        }
    }

    /// Whether the server's firewalls were judged for this very client.
    fn is_judged_for_client(&self) -> bool {
        let source = self.attempt.and_then(|attempt| attempt.source);
        self.server.from.is_some() && self.server.from == source && !self.is_anonymised()
    }

    fn is_anonymised(&self) -> bool {
        self.client.anonymised || self.server.anonymised
    }

    /// The client, as it was seen arriving, and how sure it is that it was this test of this client:
    /// by its own address, or by the only other one that came while it tested, as from behind a
    /// router that changes addresses.
    pub fn seen(&self) -> Option<(&'a Arrival, Certainty)> {
        let watch = self.server.watch?;
        let source = self.attempt?.source.filter(|_| !self.is_anonymised());
        let of_port = self.is_same_port();
        let by_address = source.and_then(|source| watch.from(source).find(|one| !one.were_there));
        if let Some(own) = by_address.filter(|_| of_port) {
            // Many networks have the same private addresses; but who reaches this server by its own
            // address is on the same one.
            let is_on_one = self.is_servers == Some(true) && Some(own.to) == self.asked();
            let certainty = if !self.is_of_the_test(own, watch) {
                Certainty::Possible
            } else if is_on_one || !is_private(own.from) {
                Certainty::Certain
            } else {
                Certainty::Likely
            };
            return Some((own, certainty));
        }
        // Behind a router that changes addresses the client has another one; on the same network
        // there is none.
        if !of_port || self.is_near() || watch.untold > 0 {
            return None;
        }
        let mut strangers = self.strangers(watch).filter(|arrival| !arrival.were_there);
        let only = strangers.next().filter(|_| strangers.next().is_none())?;
        self.is_of_the_test(only, watch)
            .then_some((only, Certainty::Likely))
    }

    /// The address that the client connected to.
    fn asked(&self) -> Option<IpAddr> {
        Some(self.attempt?.addr.ip().to_canonical())
    }

    /// Whether it came while the client tested, as far as the clocks of both agree.
    fn is_of_the_test(&self, arrival: &Arrival, watch: &Watch) -> bool {
        let (Some(attempt), Some(began)) = (self.attempt, began(self.client, self.attempt)) else {
            return false;
        };
        let at = |after: Duration| watch.began.checked_add(after).ok();
        let ended = began.checked_add(attempt.took + CLOCKS).ok();
        let (Some(first), Some(last)) = (at(arrival.first), at(arrival.last + CLOCKS)) else {
            return false;
        };
        self.watched == Watched::Yes && last >= began && ended.is_some_and(|end| first <= end)
    }

    /// How the server's own test of the port ended, where its report is a test that is over.
    pub fn own_test(&self) -> Option<JointClue> {
        let is_test = self.server.watch.is_none() && self.is_same_port();
        let is_over =
            self.server_evidence().complete && !self.server_evidence().attempts.is_empty();
        let works = self.server.case.diagnosis().reachable;
        (is_test && is_over).then_some(JointClue::OwnTest { works })
    }

    /// Whether client and server are on one network, so that nothing between changes addresses.
    fn is_near(&self) -> bool {
        let (Some(attempt), false) = (self.attempt, self.is_anonymised()) else {
            return false;
        };
        let near = |evidence: &Evidence, ip: IpAddr| {
            let network = evidence.network.known();
            network.is_some_and(|network| network.is_on_link(ip))
        };
        self.is_servers == Some(true)
            && near(self.client_evidence(), attempt.addr.ip())
            && attempt
                .source
                .is_none_or(|source| near(self.server_evidence(), source))
    }

    /// Arrivals from other machines than the server itself.
    fn strangers(&self, watch: &'a Watch) -> impl Iterator<Item = &'a Arrival> {
        let network = self.server_evidence().network.known();
        let arrivals = watch.arrivals.known().into_iter().flatten();
        arrivals.filter(move |arrival| {
            !arrival.from.is_loopback() && network.is_none_or(|own| !own.is_own(arrival.from))
        })
    }

    /// The others, beside the client, whose connections stand.
    pub fn others_inside(&self) -> Vec<&'a Arrival> {
        let Some(watch) = self.server.watch.filter(|_| self.is_same_port()) else {
            return Vec::new();
        };
        let source = self.attempt.and_then(|attempt| attempt.source);
        let stand = self
            .strangers(watch)
            .filter(|arrival| arrival.stage > Stage::HalfOpen && Some(arrival.from) != source);
        stand.collect()
    }

    /// The server was watched when the client tested, and the client was not seen.
    pub fn nothing_arrived(&self) -> Option<JointClue> {
        let watch = self.server.watch?;
        // A connection that stood for a moment may have come and gone between two readings, and of
        // many arrivals not all are told.
        let may_be_missed =
            self.ended(&[Outcome::Connected, Outcome::Reset]).is_some() || watch.untold > 0;
        let is_seen = self.seen().is_some() || !self.is_same_port() || may_be_missed;
        // Behind a router that changes addresses any of several strangers may be the client.
        let may_be_seen = !self.is_near()
            && self
                .attempt?
                .source
                .is_none_or(|source| self.is_anonymised() || watch.from(source).next().is_none())
            && self
                .strangers(watch)
                .any(|arrival| !arrival.were_there && arrival.is_unanswered());
        (self.watched == Watched::Yes && !is_seen && !may_be_seen)
            .then_some(JointClue::NothingArrived(watch.lasted))
    }

    /// Connections of the client that stood before the watch began: it gets through, or did.
    pub fn has_older(&self) -> bool {
        let source = self.attempt.and_then(|attempt| attempt.source);
        let (Some(watch), Some(source)) = (self.server.watch, source) else {
            return false;
        };
        watch
            .from(source)
            .any(|arrival| arrival.were_there && arrival.stage == Stage::Established)
    }

    /// Whether the server may pass the port on, to a container or another machine, before anything
    /// that listens there matters: on Linux that is a rule, which may not have been read.
    pub fn may_be_forwarded(&self) -> bool {
        self.server_evidence().os == Os::Linux && self.filter() == Filter::Unread
    }

    /// What is true of the server explains the client only where the address leads to it: of an
    /// address that it has not, that is no more than possible.
    pub fn as_far_as_it_leads_there(&self, certainty: Certainty) -> Certainty {
        match self.is_servers {
            Some(false) => Certainty::Possible,
            Some(true) => certainty,
            None => certainty.min(Certainty::Likely),
        }
    }

    /// What would settle that.
    pub fn whether_it_leads_there(&self) -> Option<JointTest> {
        let own = self.own();
        (self.is_servers == Some(false)).then_some(JointTest::LookAtForward { own })
    }

    /// Nobody on the client's own network answers to the address: no forward has it either.
    pub fn is_nobodys(&self) -> bool {
        let Some(attempt) = self.attempt else {
            return false;
        };
        let mut neighbours = self.client_evidence().neighbours.iter();
        let failed = neighbours.any(|one| one.ip == attempt.addr.ip() && !one.is_there());
        attempt.outcome == Outcome::HostUnreachable || failed
    }

    /// What the client saw of the connect that matters.
    pub fn of_client(&self) -> Option<JointClue> {
        let attempt = self.attempt?;
        let (addr, took) = (attempt.addr, attempt.took);
        let clue = match (attempt.outcome, attempt.icmp) {
            (Outcome::Connected, _) => Clue::Connected { addr, took },
            (Outcome::Silent, None) => Clue::NoAnswer { addr, waited: took },
            (Outcome::HostUnreachable, _) if self.silent().is_some() => {
                Clue::NeighbourSilent { addr, waited: took }
            }
            (_, Some(icmp)) => Clue::IcmpFrom { addr, icmp, took },
            (Outcome::Refused, None) => Clue::RefusedWithReset { addr, took },
            (Outcome::Reset, None) => Clue::PeerReset { addr },
            (_, None) => Clue::SystemError {
                addr,
                os_code: attempt.os_code?,
                at_once: attempt.at_once,
            },
        };
        Some(JointClue::Client(clue))
    }

    /// Whose the address is.
    pub fn of_address(&self) -> Option<JointClue> {
        let ip = self.attempt?.addr.ip();
        Some(if self.is_servers? {
            JointClue::AddressIsServers(ip)
        } else {
            JointClue::AddressIsNotServers(ip)
        })
    }

    /// What is known of the server's firewalls.
    pub fn of_filter(&self) -> JointClue {
        match self.filter() {
            Filter::LetsIn => JointClue::FirewallsLetIn,
            Filter::Stops(firewall, policy) => JointClue::FirewallStops {
                firewall: firewall.kind,
                policy,
                rule: firewall.rule.as_ref().map(|rule| rule.text.clone()),
            },
            Filter::Unread => JointClue::FirewallUnread,
        }
    }

    /// Where the two reports leave the matter open.
    pub fn undecided(&self) -> Joint {
        let mut because: Vec<JointClue> = Vec::new();
        because.extend(self.of_client());
        because.extend(self.of_address());
        because.extend(
            self.listeners()
                .and_then(|all| all.first().map(|listener| of_listener(listener))),
        );
        because.extend(self.nothing_arrived());
        because.extend(self.own_test());
        let fails_there = self.own_test() == Some(JointClue::OwnTest { works: false });
        let is_unread = self.filter() == Filter::Unread;
        let test = if self.is_servers == Some(false) {
            JointTest::LookAtForward { own: self.own() }
        } else if is_unread && (self.watched == Watched::Yes || fails_there) {
            self.watch_as_admin()
        } else if self.watched == Watched::Yes {
            JointTest::LookBetween
        } else {
            self.watch_while_testing()
        };
        Joint {
            cause: JointCause::Undecided,
            certainty: Certainty::Possible,
            because,
            decided_by: Some(test),
            doubts: Vec::new(),
        }
    }

    pub fn watch_while_testing(&self) -> JointTest {
        JointTest::WatchWhileTesting {
            port: self.port(),
            from: self.source_to_tell(),
        }
    }

    pub fn watch_as_admin(&self) -> JointTest {
        JointTest::WatchAsAdmin {
            port: self.port(),
            from: self.source_to_tell(),
        }
    }

    /// The client's address, where the server meets it under that.
    fn source_to_tell(&self) -> Option<IpAddr> {
        let near = self.is_near();
        self.attempt
            .and_then(|attempt| attempt.source)
            .filter(|_| near)
    }

    /// The addresses of the server that others may reach.
    pub fn own(&self) -> Vec<IpAddr> {
        let network = self.server_evidence().network.known();
        let interfaces = network.into_iter().flat_map(|network| &network.interfaces);
        let telling = interfaces.filter(|interface| interface.up && !interface.loopback);
        let all = telling.flat_map(|interface| &interface.addresses);
        let all = all.map(|address| address.ip);
        all.filter(|ip| !crate::evidence::is_link_local(*ip))
            .take(MOST_OWN)
            .collect()
    }

    /// What the reports lack for the cause to be certain, or for there to be one.
    pub fn doubts(&self, cause: &JointCause) -> Vec<Doubt> {
        let asked = self.port();
        let looked_at = self.server_evidence().target.port;
        let settled = matches!(
            cause,
            JointCause::Works | JointCause::ArrivesAndFails | JointCause::EndsAtClient
        );
        let shown_by_listeners = matches!(
            cause,
            JointCause::LoopbackOnly
                | JointCause::OtherAddress { .. }
                | JointCause::OtherFamily { .. }
                | JointCause::OtherPort { .. }
                | JointCause::NothingListens
                | JointCause::QueueFull
                | JointCause::ServerFirewall { .. }
        ) || settled;
        let arrived = self
            .seen()
            .is_some_and(|(_, certainty)| certainty > Certainty::Possible);
        let watch_matters = !shown_by_listeners && !arrived;
        let candidates = [
            (Doubt::OtherPorts { asked, looked_at }, asked != looked_at),
            (
                Doubt::Stopped,
                !(self.client_evidence().complete && self.server_evidence().complete),
            ),
            (Doubt::Anonymised, self.is_anonymised() && !settled),
            (
                Doubt::OtherHost,
                self.is_servers == Some(false)
                    && !arrived
                    && !matches!(
                        cause,
                        JointCause::ArrivesAndFails | JointCause::EndsAtClient
                    ),
            ),
            (
                Doubt::ListenersUnread,
                self.is_same_port() && self.listeners().is_none() && !settled,
            ),
            (Doubt::NoWatch, watch_matters && self.watched == Watched::No),
            (
                Doubt::WatchMissedTest,
                watch_matters && self.watched == Watched::Missed,
            ),
            (
                Doubt::TimesUnknown,
                !settled && (self.watched == Watched::TimesUnknown || self.apart.is_none()),
            ),
            (
                Doubt::FarApart {
                    apart: self.apart.unwrap_or_default(),
                },
                self.apart.is_some_and(|apart| apart > A_WHILE),
            ),
            (
                Doubt::ManyArrivals,
                watch_matters && self.server.watch.is_some_and(|watch| watch.untold > 0),
            ),
            (
                Doubt::MayBeForwarded,
                matches!(cause, JointCause::NothingListens) && self.may_be_forwarded(),
            ),
            (
                Doubt::FirewallsUnread,
                watch_matters && self.is_same_port() && self.filter() == Filter::Unread,
            ),
        ];
        let real = candidates.into_iter().filter(|(_, is_real)| *is_real);
        real.map(|(doubt, _)| doubt).collect()
    }
}

/// Who listens.
pub(super) fn of_listener(listener: &Listener) -> JointClue {
    JointClue::Listens {
        addr: listener.addr,
        process: listener.process.known().cloned(),
    }
}

/// Whether a first packet of the client fell into the time of the watch: it is sent at once, and
/// while nobody answers again after one second and after three (RFC 6298; Windows: the same).
fn watched(client: &End<'_>, server: &End<'_>, attempt: Option<&Attempt>) -> Watched {
    let Some(watch) = server.watch else {
        return Watched::No;
    };
    if watch.arrivals.known().is_none() || watch.polls < 2 {
        return Watched::No;
    }
    let (Some(began), Some(attempt)) = (began(client, attempt), attempt) else {
        return Watched::TimesUnknown;
    };
    let is_watched = |after: Duration| {
        let Ok(at) = began.checked_add(after) else {
            return false;
        };
        let Ok(end) = watch.began.checked_add(watch.lasted) else {
            return false;
        };
        (watch.began..=end).contains(&at)
    };
    let mut sent = SENT.into_iter().filter(|after| *after <= attempt.took);
    if sent.any(is_watched) {
        Watched::Yes
    } else {
        Watched::Missed
    }
}

/// When the client began to connect.
fn began(client: &End<'_>, attempt: Option<&Attempt>) -> Option<Timestamp> {
    let its = About::Connect(attempt?.addr);
    let mut questions = client.case.evidence().timeline.iter();
    let asked = questions.find(|question| question.about == its);
    let start = asked.map_or(Duration::ZERO, |question| question.start);
    client.began?.checked_add(start).ok()
}

/// More addresses of a server help nobody to compare.
const MOST_OWN: usize = 8;

/// So much may the clocks of two machines differ, and a connection last beyond a test.
const CLOCKS: Duration = Duration::from_secs(2);

/// When the first packet of a connection is sent, while nobody answers.
const SENT: [Duration; 3] = [
    Duration::ZERO,
    Duration::from_secs(1),
    Duration::from_secs(3),
];

/// The time between two reports; the server's is that of its watch where it has one.
fn apart(client: &End<'_>, server: &End<'_>) -> Option<Duration> {
    let of_server = server.watch.map(|watch| watch.began).or(server.began);
    let apart: Timestamp = client.began?;
    Some(apart.duration_since(of_server?).unsigned_abs())
}
