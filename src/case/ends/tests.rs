//! Pairs of reports, set up in a line or two, and what they make together.

use std::net::IpAddr;
use std::time::Duration;

use jiff::Timestamp;

use super::{Doubt, End, Joint, JointCause, JointClue, JointTest, Roles, joint, roles};
use crate::case::Case;
use crate::case::local::LocalView;
use crate::diagnosis::Certainty::{self, Certain, Likely, Possible};
use crate::evidence::{
    Arrival, Attempt, Background, Evidence, Fact, Firewall, FirewallKind, Gap, Interface,
    InterfaceAddress, Listener, NetworkState, Os, Outcome, Policy, Queue, Stage, Watch,
};
use crate::target::Target;

const SERVER: &str = "10.0.0.5";
const CLIENT: &str = "10.0.0.9";

/// A client's test beside a server's view.
struct Story {
    client: Evidence,
    server: Evidence,
    watch: Option<Watch>,
    from: Option<IpAddr>,
    /// Seconds from the client's test to the server's watch.
    later: i64,
    anonymised: bool,
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn network(addresses: &[&str]) -> Fact<NetworkState> {
    let addresses = addresses.iter().map(|address| InterfaceAddress {
        ip: ip(address),
        prefix: if address.contains(':') { 64 } else { 24 },
    });
    Fact::Known(NetworkState {
        interfaces: vec![Interface {
            name: "eth0".to_owned(),
            up: true,
            loopback: false,
            addresses: addresses.collect(),
            link: Fact::default(),
        }],
        default_gateways: Fact::default(),
        routes: Vec::new(),
    })
}

fn listener(addr: &str) -> Listener {
    Listener {
        addr: addr.parse().unwrap(),
        takes_ipv4: Fact::Known(false),
        process: Fact::default(),
        user: Fact::default(),
        queue: Fact::default(),
    }
}

fn firewall(port: Fact<Policy>) -> Firewall {
    Firewall {
        kind: FirewallKind::Nftables,
        active: Fact::Known(true),
        inbound_default: Fact::default(),
        port,
        rule: None,
        remarks: Vec::new(),
    }
}

fn arrival(from: &str, stage: Stage, half_open: u64) -> Arrival {
    Arrival {
        from: ip(from),
        to: ip(SERVER),
        connections: 1,
        stage,
        half_open: Duration::from_millis(half_open),
        first: Duration::from_secs(1),
        last: Duration::from_secs(2),
        were_there: false,
    }
}

/// The client at 10.0.0.9 gets no answer from 10.0.0.5:5432; there something listens everywhere, no
/// firewall stops it, and nobody came while it was watched.
fn story() -> Story {
    let target = Target::from_parts(SERVER, "5432").unwrap();
    let mut client = Evidence::new(target, Os::Linux, Duration::from_secs(4));
    client.complete = true;
    client.network = network(&[CLIENT]);
    let mut server = Evidence::new(LocalView::target(5432), Os::Linux, Duration::ZERO);
    server.complete = true;
    server.network = network(&[SERVER, "fd00::5"]);
    server.listeners = Fact::Known(vec![listener("0.0.0.0:5432")]);
    server.firewalls = Fact::Known(Vec::new());
    let story = Story {
        client,
        server,
        watch: Some(Watch {
            began: Timestamp::UNIX_EPOCH,
            lasted: Duration::from_secs(8),
            polls: 100,
            longest_gap: Duration::from_millis(60),
            arrivals: Fact::Known(Vec::new()),
            untold: 0,
        }),
        from: None,
        later: 0,
        anonymised: false,
    };
    story.ends("10.0.0.5:5432", Outcome::Silent)
}

impl Story {
    /// The client's connect ends so.
    fn ends(mut self, addr: &str, outcome: Outcome) -> Self {
        let took = match outcome {
            Outcome::Silent => Duration::from_secs(4),
            _ => Duration::from_millis(1),
        };
        self.client.attempts = vec![Attempt {
            addr: addr.parse().unwrap(),
            outcome,
            took,
            os_code: None,
            at_once: false,
            source: Some(ip(if addr.starts_with('[') {
                "fd00::9"
            } else {
                CLIENT
            })),
            icmp: None,
        }];
        self
    }

    fn refused(self) -> Self {
        self.ends("10.0.0.5:5432", Outcome::Refused)
    }

    fn listens(mut self, all: &[&str]) -> Self {
        self.server.listeners = Fact::Known(all.iter().map(|addr| listener(addr)).collect());
        self
    }

    fn filters(mut self, port: Fact<Policy>) -> Self {
        self.server.firewalls = Fact::Known(vec![firewall(port)]);
        self
    }

    fn saw(mut self, arrivals: &[Arrival]) -> Self {
        let watch = self.watch.as_mut().unwrap();
        watch.arrivals = Fact::Known(arrivals.to_vec());
        self
    }

    fn unwatched(mut self) -> Self {
        self.watch = None;
        self
    }

    fn hosts(mut self, addresses: &[&str]) -> Self {
        self.server.network = network(addresses);
        self
    }

    fn later(mut self, seconds: i64) -> Self {
        self.later = seconds;
        self
    }

    fn joint(&self) -> Joint {
        let began = Timestamp::from_second(1_000_000).unwrap();
        let later = Timestamp::from_second(1_000_000 + self.later).unwrap();
        let mut watch = self.watch.clone();
        if let Some(watch) = &mut watch {
            watch.began = later;
        }
        let (client, server) = (
            Case::new(self.client.clone()),
            Case::new(self.server.clone()),
        );
        let client = End {
            case: &client,
            watch: None,
            from: None,
            began: Some(began),
            anonymised: self.anonymised,
        };
        let server = End {
            case: &server,
            watch: watch.as_ref(),
            from: self.from,
            began: Some(later),
            anonymised: false,
        };
        joint(&client, &server)
    }

    #[track_caller]
    fn says(&self, id: &str, certainty: Certainty) -> Joint {
        let joint = self.joint();
        assert_eq!(
            (joint.cause.id(), joint.certainty),
            (id, certainty),
            "{joint:?}"
        );
        joint
    }
}

#[test]
fn an_open_server_that_saw_nothing_has_a_firewall_before_it() {
    let joint = story().says("dropped-between", Likely);
    assert_eq!(joint.decided_by, Some(JointTest::LookBetween));
    assert!(joint.doubts.is_empty(), "{:?}", joint.doubts);
    story().refused().says("rejected-between", Likely);
}

#[test]
fn a_firewall_that_could_not_be_read_may_be_the_one() {
    let unread = || story().filters(Fact::Unknown(Gap::NeedsAdmin));
    let joint = unread().says("dropped-somewhere", Likely);
    assert!(joint.doubts.contains(&Doubt::FirewallsUnread));
    assert!(matches!(
        joint.decided_by,
        Some(JointTest::WatchAsAdmin { .. })
    ));
    // A refusal may come from either of them as well.
    unread().refused().says("undecided", Possible);
    let mut unasked = story();
    unasked.server.firewalls = Fact::default();
    unasked.says("dropped-somewhere", Likely);
}

#[test]
fn without_a_watch_at_that_time_nothing_seen_says_nothing() {
    let joint = story().unwatched().says("dropped-between", Possible);
    assert!(joint.doubts.contains(&Doubt::NoWatch));
    assert!(matches!(
        joint.decided_by,
        Some(JointTest::WatchWhileTesting { .. })
    ));
    let joint = story().later(60).says("dropped-between", Possible);
    assert!(joint.doubts.contains(&Doubt::WatchMissedTest));
    // The packet that is sent again after three seconds is met.
    story().later(2).says("dropped-between", Likely);
    // Of a test that ended at once there is but one packet.
    story().refused().later(2).says("undecided", Possible);
    let mut failed = story();
    failed.watch.as_mut().unwrap().arrivals = Fact::Unknown(Gap::Unsupported);
    failed.says("dropped-between", Possible);
    let mut once = story();
    once.watch.as_mut().unwrap().polls = 1;
    once.says("dropped-between", Possible);
}

#[test]
fn a_client_that_was_seen_and_got_nothing_lacks_the_answer() {
    let waits = arrival(CLIENT, Stage::HalfOpen, 3000);
    story().saw(&[waits]).says("reply-lost", Certain);
    // A moment of waiting is what every handshake has.
    let short = arrival(CLIENT, Stage::HalfOpen, 100);
    story().saw(&[short]).says("undecided", Possible);
    // Another who waits is no sign of this client where nothing between changes addresses.
    let other = arrival("10.0.0.77", Stage::HalfOpen, 3000);
    story().saw(&[other]).says("dropped-between", Likely);
}

#[test]
fn behind_a_router_that_changes_addresses_the_only_stranger_is_the_client() {
    let far = |arrivals: &[Arrival]| {
        let mut story = story()
            .hosts(&["192.168.1.5"])
            .ends("203.0.113.5:5432", Outcome::Silent)
            .saw(arrivals);
        story.client.network = network(&["172.16.0.9"]);
        story
    };
    let waits = arrival("198.51.100.7", Stage::HalfOpen, 3000);
    far(&[waits]).says("reply-lost", Likely);
    let another = arrival("198.51.100.8", Stage::HalfOpen, 3000);
    far(&[waits, another]).says("undecided", Possible);
}

#[test]
fn an_address_that_the_server_has_not_leads_elsewhere_if_nothing_came() {
    let elsewhere = || story().hosts(&["192.168.1.5"]);
    let joint = elsewhere().says("leads-elsewhere", Likely);
    assert!(joint.doubts.contains(&Doubt::OtherHost));
    let own = vec![ip("192.168.1.5")];
    assert_eq!(joint.decided_by, Some(JointTest::LookAtForward { own }));
    elsewhere().refused().says("leads-elsewhere", Likely);
    // What its own firewall may have stopped before would not have been seen.
    let unread = elsewhere().filters(Fact::Unknown(Gap::NeedsAdmin));
    unread.says("undecided", Possible);
    let drops = elsewhere().filters(Fact::Known(Policy::Drop));
    drops.says("server-firewall", Possible);
    // An address that nobody has leads nowhere.
    let nobodys = elsewhere().ends("10.0.0.5:5432", Outcome::HostUnreachable);
    nobodys.says("undecided", Possible);
    // Unwatched it may simply be the wrong report.
    let joint = elsewhere().unwatched().says("undecided", Possible);
    assert!(joint.doubts.contains(&Doubt::OtherHost));
    elsewhere().later(600).says("undecided", Possible);
    let mut unknown = story();
    unknown.server.network = Fact::default();
    unknown.says("undecided", Possible);
}

#[test]
fn who_listens_on_the_server_explains_a_refusal() {
    let local = || story().listens(&["127.0.0.1:5432", "[::1]:5432"]);
    local().refused().says("loopback-only", Certain);
    local().says("loopback-only", Likely);
    // Of a forward it is not known whether it leads there.
    let joint = local()
        .hosts(&["192.168.1.5"])
        .refused()
        .says("loopback-only", Possible);
    assert!(joint.doubts.contains(&Doubt::OtherHost));
    let none = || story().listens(&[]);
    none().refused().says("nothing-listens", Certain);
    // A closed port answers: silence takes something more.
    none().says("nothing-listens", Possible);
    let drops = none().filters(Fact::Known(Policy::Drop));
    drops.says("nothing-listens", Likely);
    // Rules that were not read may pass the port on.
    let unread = none()
        .refused()
        .filters(Fact::Unknown(Gap::NeedsAdmin))
        .says("nothing-listens", Likely);
    assert!(unread.doubts.contains(&Doubt::MayBeForwarded));
    let joint = story().listens(&["0.0.0.0:5433"]).refused().joint();
    assert_eq!(joint.cause, JointCause::OtherPort { listens: 5433 });
    let one = story().listens(&["10.8.0.5:5432"]).refused();
    let joint = one.says("other-address", Certain);
    let (asked, listens) = (ip(SERVER), ip("10.8.0.5"));
    assert_eq!(joint.cause, JointCause::OtherAddress { asked, listens });
    let v6 = story().listens(&["[::]:5432"]).refused();
    let joint = v6.says("other-family", Certain);
    assert_eq!(joint.cause, JointCause::OtherFamily { listens_v6: true });
    let v4 = story().ends("[fd00::5]:5432", Outcome::Refused);
    let joint = v4.says("other-family", Certain);
    assert_eq!(joint.cause, JointCause::OtherFamily { listens_v6: false });
}

#[test]
fn who_listens_must_be_known() {
    for outcome in [Outcome::Refused, Outcome::Silent] {
        let mut unread = story().ends("10.0.0.5:5432", outcome);
        unread.server.listeners = Fact::Unknown(Gap::NeedsAdmin);
        let joint = unread.says("undecided", Possible);
        assert!(joint.doubts.contains(&Doubt::ListenersUnread));
    }
}

#[test]
fn the_servers_own_firewall_must_do_what_the_client_saw() {
    let drops = || story().filters(Fact::Known(Policy::Drop));
    drops().says("server-firewall", Certain);
    drops().unwatched().says("server-firewall", Certain);
    drops().refused().says("undecided", Possible);
    let rejects = || story().filters(Fact::Known(Policy::Reject));
    rejects().refused().says("server-firewall", Certain);
    rejects().says("undecided", Possible);
    // Who was seen arriving was not dropped.
    let waits = arrival(CLIENT, Stage::HalfOpen, 3000);
    drops().saw(&[waits]).says("reply-lost", Certain);
    // Judged for somebody else it says nothing of this client.
    let mut other = drops();
    other.from = Some(ip("10.0.0.77"));
    other.says("dropped-somewhere", Likely);
    other.from = Some(ip(CLIENT));
    other.says("server-firewall", Certain);
    // One that is off stops nobody.
    let mut off = drops();
    let Fact::Known(all) = &mut off.server.firewalls else {
        unreachable!()
    };
    all[0].active = Fact::Known(false);
    off.says("dropped-between", Likely);
}

#[test]
fn others_inside_show_that_it_depends_on_who_asks() {
    let other = arrival("10.0.0.77", Stage::Established, 0);
    story().saw(&[other]).says("source-limited", Likely);
    // What stands since before the watch may be older than the rule that stops everybody.
    let old = Arrival {
        were_there: true,
        ..other
    };
    story().saw(&[old]).says("dropped-between", Likely);
    let unread = story().filters(Fact::Unknown(Gap::NeedsAdmin));
    unread.saw(&[old]).says("source-limited", Possible);
    let own = arrival(SERVER, Stage::Established, 0);
    story().saw(&[own]).says("dropped-between", Likely);
    story()
        .saw(&[other])
        .later(600)
        .says("dropped-between", Possible);
}

#[test]
fn a_full_queue_is_silent_towards_everybody() {
    let queue = |waiting| {
        let mut story = story();
        let Fact::Known(all) = &mut story.server.listeners else {
            unreachable!()
        };
        let limit = Some(2);
        all[0].queue = Fact::Known(Queue { waiting, limit });
        story
    };
    queue(3).says("queue-full", Certain);
    queue(0).says("dropped-between", Likely);
    queue(3)
        .hosts(&["192.168.1.5"])
        .says("leads-elsewhere", Likely);
}

#[test]
fn a_connection_that_stands_is_no_trouble_of_the_way() {
    let works = || story().ends("10.0.0.5:5432", Outcome::Connected);
    works().says("works", Certain);
    works().listens(&[]).says("accepted-elsewhere", Likely);
    // A connection may come and go between two readings of the table: that nobody was seen says
    // nothing of one that works.
    let elsewhere = || works().hosts(&["192.168.1.5"]);
    let joint = elsewhere().says("works", Likely);
    assert!(joint.doubts.contains(&Doubt::OtherHost));
    elsewhere().unwatched().says("works", Likely);
    let seen = arrival(CLIENT, Stage::Established, 0);
    elsewhere().saw(&[seen]).says("works", Certain);
}

#[test]
fn whoever_was_seen_may_be_somebody_else() {
    let far = || {
        let mut story = story()
            .hosts(&["192.168.1.5"])
            .ends("203.0.113.5:5432", Outcome::Silent);
        story.client.network = network(&["10.0.0.9"]);
        story
    };
    // Both networks have that address.
    let waits = arrival(CLIENT, Stage::HalfOpen, 3000);
    far().saw(&[waits]).says("reply-lost", Likely);
    // At another time it was another test.
    let joint = far().saw(&[waits]).later(600);
    let joint = joint.says("reply-lost", Possible);
    assert!(joint.doubts.contains(&Doubt::WatchMissedTest));
    let before = Arrival {
        first: Duration::ZERO,
        last: Duration::from_millis(1500),
        ..waits
    };
    story()
        .saw(&[before])
        .later(-6)
        .says("reply-lost", Possible);
}

#[test]
fn of_very_many_arrivals_not_all_are_told() {
    let mut many = story().saw(&[arrival("10.0.0.77", Stage::Established, 0)]);
    many.watch.as_mut().unwrap().untold = 7;
    let joint = many.joint();
    assert_eq!(joint.certainty, Possible, "{joint:?}");
    assert!(joint.doubts.contains(&Doubt::ManyArrivals));
}

#[test]
fn who_has_connections_that_stand_is_not_stopped_on_the_way() {
    let old = Arrival {
        were_there: true,
        ..arrival(CLIENT, Stage::Established, 0)
    };
    story().saw(&[old]).says("undecided", Possible);
}

#[test]
fn a_listener_that_is_bound_to_an_interface_is_not_open_to_all() {
    let bound = |interface: &str| {
        let mut story = story().refused();
        story.server.backgrounds = vec![Background {
            interface: Some(interface.to_owned()),
            ..Background::of("0.0.0.0:5432".parse().unwrap())
        }];
        story
    };
    bound("lo").says("loopback-only", Certain);
    bound("eth1").says("undecided", Possible);
}

#[test]
fn what_ends_at_the_client_is_not_the_servers() {
    let mut story = story();
    story.client.attempts[0].at_once = true;
    story.says("ends-at-client", Likely);
    story.client.attempts.clear();
    story.says("ends-at-client", Likely);
    story.client.complete = false;
    let joint = story.says("undecided", Possible);
    assert!(joint.doubts.contains(&Doubt::Stopped));
}

#[test]
fn reports_of_other_ports_times_and_pseudonyms_are_hedged() {
    let mut ports = story();
    ports.server.target = LocalView::target(8080);
    let joint = ports.says("undecided", Possible);
    let other = Doubt::OtherPorts {
        asked: 5432,
        looked_at: 8080,
    };
    assert!(joint.doubts.contains(&other));
    let mut pseudonyms = story();
    pseudonyms.anonymised = true;
    let joint = pseudonyms.says("undecided", Possible);
    assert!(joint.doubts.contains(&Doubt::Anonymised));
    let local = || story().listens(&["127.0.0.1:5432"]).refused();
    let joint = local().later(3600).says("loopback-only", Likely);
    assert!(matches!(joint.doubts.as_slice(), [Doubt::FarApart { .. }]));
    local().later(-200_000).says("loopback-only", Possible);
    let mut stopped = local();
    stopped.client.complete = false;
    let joint = stopped.says("loopback-only", Possible);
    assert!(joint.doubts.contains(&Doubt::Stopped));
}

#[test]
fn what_fails_on_the_server_itself_is_not_lost_between() {
    let tested = |outcome| {
        let mut story = story().unwatched();
        story.server.target = story.client.target.clone();
        story.server.attempts = story.client.attempts.clone();
        story.server.attempts[0].outcome = outcome;
        story
    };
    let fails = |works| JointClue::OwnTest { works };
    let joint = tested(Outcome::Connected).says("dropped-between", Possible);
    assert!(joint.because.contains(&fails(true)));
    let joint = tested(Outcome::Silent).says("undecided", Possible);
    assert!(joint.because.contains(&fails(false)));
    // Then its own firewall is the first to be read.
    let unread = tested(Outcome::Silent).filters(Fact::Unknown(Gap::NeedsAdmin));
    let joint = unread.says("undecided", Possible);
    assert!(matches!(
        joint.decided_by,
        Some(JointTest::WatchAsAdmin { .. })
    ));
}

#[test]
fn reports_without_a_time_may_be_of_different_times() {
    let story = story().listens(&["127.0.0.1:5432"]).refused();
    let (client, server) = (
        Case::new(story.client.clone()),
        Case::new(story.server.clone()),
    );
    let end = |case, watch| End {
        case,
        watch,
        from: None,
        began: None,
        anonymised: false,
    };
    let joint = joint(&end(&client, None), &end(&server, story.watch.as_ref()));
    assert_eq!(
        (joint.cause, joint.certainty),
        (JointCause::LoopbackOnly, Likely)
    );
    assert_eq!(joint.doubts, [Doubt::TimesUnknown]);
}

#[test]
fn the_line_for_the_client_names_what_it_can_reach() {
    let line = |host: &str, own: &[&str]| {
        let mut server = story().server;
        server.target = Target::from_parts(host, "5432").unwrap();
        server.network = network(own);
        let line = super::near_end_command(Os::Linux, &Case::new(server), "c.json");
        line.map(|line| line.display())
    };
    let check = |endpoint: &str| Some(format!("ketnoi check {endpoint} --output c.json"));
    assert_eq!(line("127.0.0.1", &[SERVER]), check("10.0.0.5:5432"));
    assert_eq!(line("10.0.0.5", &[SERVER]), check("10.0.0.5:5432"));
    assert_eq!(
        line("db.example.vn", &[SERVER]),
        check("db.example.vn:5432")
    );
    assert_eq!(line("::1", &["fd00::5"]), check("'[fd00::5]:5432'"));
    let mut hostile = story().server;
    hostile.target.host = crate::target::Host::Name {
        ascii: "-x".to_owned(),
        unicode: "-x".to_owned(),
    };
    hostile.network = Fact::default();
    let line = super::near_end_command(Os::Linux, &Case::new(hostile), "c.json");
    assert_eq!(line, None);
}

#[test]
fn the_server_is_the_end_that_looked_at_itself() {
    let story = story();
    let (client, server) = (
        Case::new(story.client.clone()),
        Case::new(story.server.clone()),
    );
    let end = |case, watch| End {
        case,
        watch,
        from: None,
        began: None,
        anonymised: false,
    };
    let (client, server) = (end(&client, None), end(&server, story.watch.as_ref()));
    assert_eq!(roles(&client, &server), Some(Roles::ClientFirst));
    assert_eq!(roles(&server, &client), Some(Roles::ServerFirst));
    assert_eq!(roles(&client, &client), None);
    assert_eq!(roles(&server, &server), None);
}
