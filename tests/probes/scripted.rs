//! Order and bounds of an investigation, on scripted networks under paused time.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ketnoi::evidence::{
    About, Attempt, DirectAnswer, DnsAnswer, Fact, Gap, Heard, IcmpError, Lookup, LookupOutcome,
    NameSettings, Observation, Outcome, Proxy, ProxyKind, ProxyRule, ProxySetting, ProxySource,
    Spoke, Transfer,
};
use ketnoi::probe::{Handshake, Hello, Network, SrvRecord};
use ketnoi::target::{Host, Protocol, Target};
use tokio::time::{Instant, sleep};

use crate::support::{Machine, Run, addr, job, literal, name, run, run_on, target};

const PATIENCE: Duration = Duration::from_secs(4);

/// What happens to connects to one endpoint, and when; silence where nothing is scripted.
#[derive(Clone, Copy)]
struct Answer {
    to: SocketAddr,
    after: Duration,
    outcome: Outcome,
    icmp: Option<IcmpError>,
}

/// A network that answers from a script, and writes down when it was asked.
struct Script {
    connects: Vec<Answer>,
    lookup: LookupOutcome,
    lookup_takes: Duration,
    dns_servers: Fact<Vec<SocketAddr>>,
    srv: Vec<SrvRecord>,
    start: Instant,
    asked: RefCell<Vec<(u128, SocketAddr)>>,
    asked_dns: RefCell<Vec<(u128, String)>>,
    spoke: RefCell<Vec<&'static str>>,
    /// Whether peers speak when they are listened to.
    greets: bool,
    /// Set: questions are not answered, and this became of them.
    transfer: Option<Transfer>,
    /// Whether peers that say nothing close when we do.
    closes_with_us: bool,
    open: Cell<usize>,
    most_open: Cell<usize>,
}

fn script(connects: &[(&str, u64, Outcome)]) -> Script {
    let answer = |(to, millis, outcome): &(&str, u64, Outcome)| Answer {
        to: addr(to),
        after: Duration::from_millis(*millis),
        outcome: *outcome,
        icmp: None,
    };
    Script {
        connects: connects.iter().map(answer).collect(),
        lookup: LookupOutcome::NotFound { eai_code: -2 },
        lookup_takes: Duration::from_millis(5),
        dns_servers: Fact::Known(vec![addr("192.168.7.1:53")]),
        srv: Vec::new(),
        start: Instant::now(),
        asked: RefCell::default(),
        asked_dns: RefCell::default(),
        spoke: RefCell::default(),
        greets: true,
        transfer: None,
        closes_with_us: true,
        open: Cell::default(),
        most_open: Cell::default(),
    }
}

impl Script {
    fn now(&self) -> u128 {
        self.start.elapsed().as_millis()
    }

    /// Ports in the order they were connected to, with the milliseconds since the start.
    fn ports_asked(&self) -> Vec<(u128, u16)> {
        let asked = self.asked.borrow();
        asked.iter().map(|(at, to)| (*at, to.port())).collect()
    }

    fn says(&self, what: &'static str) -> Heard {
        self.spoke.borrow_mut().push(what);
        Heard::Text {
            start: what.to_owned(),
        }
    }
}

impl Network for Script {
    type Stream = ();

    async fn resolve(&self, _host: &str, _port: u16, limit: Duration) -> Lookup {
        sleep(self.lookup_takes.min(limit)).await;
        let outcome = if self.lookup_takes > limit {
            LookupOutcome::TimedOut
        } else {
            self.lookup.clone()
        };
        let took = self.lookup_takes.min(limit);
        Lookup { outcome, took }
    }

    async fn srv(
        &self,
        question: &str,
        _limit: Duration,
    ) -> Result<Vec<SrvRecord>, Fact<Vec<DirectAnswer>>> {
        let asked = (self.now(), question.to_owned());
        self.asked_dns.borrow_mut().push(asked);
        if self.srv.is_empty() {
            Err(Fact::Known(Vec::new()))
        } else {
            Ok(self.srv.clone())
        }
    }

    fn dns_servers(&self) -> Fact<Vec<SocketAddr>> {
        self.dns_servers.clone()
    }

    async fn ask_dns_server(
        &self,
        server: SocketAddr,
        name: &str,
        limit: Duration,
    ) -> DirectAnswer {
        let asked = (self.now(), name.to_owned());
        self.asked_dns.borrow_mut().push(asked);
        sleep(limit).await;
        DirectAnswer {
            server: Some(server),
            answer: DnsAnswer::Silent,
            aliases: Vec::new(),
            took: limit,
        }
    }

    async fn connect(&self, to: SocketAddr, patience: Duration) -> (Attempt, Option<()>) {
        self.asked.borrow_mut().push((self.now(), to));
        self.open.set(self.open.get() + 1);
        self.most_open
            .set(self.most_open.get().max(self.open.get()));
        let silence = Answer {
            to,
            after: patience,
            outcome: Outcome::Silent,
            icmp: None,
        };
        let scripted = self.connects.iter().find(|a| a.to == to).copied();
        let answer = scripted.filter(|a| a.after <= patience).unwrap_or(silence);
        sleep(answer.after).await;
        self.open.set(self.open.get() - 1);
        let attempt = Attempt {
            addr: to,
            outcome: answer.outcome,
            took: answer.after,
            os_code: None,
            at_once: false,
            source: None,
            icmp: answer.icmp,
        };
        let stream = (answer.outcome == Outcome::Connected).then_some(());
        (attempt, stream)
    }

    async fn listen(&self, _stream: &mut (), limit: Duration) -> Heard {
        let heard = self.says("listen");
        if self.greets {
            return heard;
        }
        sleep(limit).await;
        Heard::Nothing
    }

    async fn connect_small(&self, to: SocketAddr, patience: Duration) -> (Attempt, Option<()>) {
        self.spoke.borrow_mut().push("in small segments");
        self.connect(to, patience).await
    }

    async fn secure(&self, _stream: (), hello: Hello<'_>, limit: Duration) -> Handshake<()> {
        let heard = self.says(if hello.http {
            "hello for http"
        } else {
            "hello"
        });
        if self.transfer.is_none() {
            return Handshake {
                heard,
                transfer: Fact::default(),
                stream: Some(()),
            };
        }
        sleep(limit).await;
        Handshake {
            heard: Heard::Nothing,
            transfer: self.transfer(&()),
            stream: None,
        }
    }

    async fn say_large_hello(&self, (): &mut (), _: Hello<'_>, _: Duration) -> Heard {
        self.says("large hello");
        Heard::Nothing
    }

    async fn ask_first(&self, (): &mut (), question: Spoke, limit: Duration) -> Heard {
        let heard = self.says(match question {
            Spoke::PostgresSslRequest => "has it TLS",
            Spoke::RedisPing => "ping",
            other => panic!("{other:?} is no first question"),
        });
        if self.transfer.is_none() {
            return heard;
        }
        sleep(limit).await;
        Heard::Nothing
    }

    async fn finish(&self, (): &mut (), limit: Duration) -> Heard {
        self.says("nothing more");
        if self.closes_with_us {
            return Heard::Closed;
        }
        sleep(limit).await;
        Heard::Nothing
    }

    fn transfer(&self, (): &()) -> Fact<Transfer> {
        self.transfer.map_or(Fact::default(), Fact::Known)
    }

    async fn request(&self, _stream: &mut (), _host: &Host, _port: u16, _limit: Duration) -> Heard {
        self.says("request")
    }
}

const REMOTE: &str = "192.168.7.9";
const REMOTE_5432: &str = "192.168.7.9:5432";

fn listening(host: Host) -> Target {
    target(host, 5432, Protocol::ListenOnly)
}

async fn check(script: &Script, host: Host) -> Run {
    run(script, job(listening(host), PATIENCE)).await
}

#[tokio::test(start_paused = true)]
async fn a_silent_host_is_asked_nothing_else_for_1100_milliseconds_and_then_one_by_one() {
    let script = script(&[]);
    let run = check(&script, literal(REMOTE)).await;
    let asked = script.ports_asked();
    assert_eq!(
        asked.iter().map(|(_, port)| *port).collect::<Vec<_>>(),
        [5432, 443, 80, 22, 445]
    );
    assert!(asked[1].0 >= 1100, "{asked:?}");
    assert_eq!(script.most_open.get(), 2, "the target and one reference");
    assert_eq!(script.now(), 4000);
    assert_eq!(run.evidence.attempts[0].took, PATIENCE);
    assert_eq!(run.reference_ports(), [443, 80, 22, 445]);
}

#[tokio::test(start_paused = true)]
async fn the_first_reference_that_answers_is_the_last_one_asked() {
    let script = script(&[("192.168.7.9:80", 3, Outcome::Refused)]);
    let run = check(&script, literal(REMOTE)).await;
    assert_eq!(run.reference_ports(), [443, 80]);
}

#[tokio::test(start_paused = true)]
async fn a_short_patience_leaves_no_time_for_references() {
    let script = script(&[]);
    let short = Duration::from_millis(1200);
    let run = run(&script, job(listening(literal(REMOTE)), short)).await;
    assert_eq!(run.reference_ports(), Vec::<u16>::new());
    assert_eq!(script.now(), 1200);
}

#[tokio::test(start_paused = true)]
async fn an_answer_after_a_while_ends_the_questions_to_other_ports() {
    let script = script(&[(REMOTE_5432, 1500, Outcome::HostUnreachable)]);
    let run = check(&script, literal(REMOTE)).await;
    assert_eq!(script.ports_asked().len(), 2);
    assert_eq!(script.now(), 1500);
    assert_eq!(run.evidence.attempts[0].outcome, Outcome::HostUnreachable);
    assert_closed(&run);
}

#[tokio::test(start_paused = true)]
async fn a_refused_remote_port_leads_to_its_neighbours_until_one_is_open() {
    let open = ("192.168.7.9:5433", 1, Outcome::Connected);
    let script = script(&[(REMOTE_5432, 1, Outcome::Refused), open]);
    let run = check(&script, literal(REMOTE)).await;
    assert_eq!(run.reference_ports().len(), 1);
    assert_eq!(script.most_open.get(), 1);
    assert_eq!(run.evidence.exchanges, [], "nothing is said to a reference");
}

#[tokio::test(start_paused = true)]
async fn a_refused_port_of_this_machine_needs_no_reference() {
    for host in ["127.0.0.1", "192.168.7.2"] {
        let to = format!("{host}:5432");
        let script = script(&[(&to, 0, Outcome::Refused)]);
        let run = check(&script, literal(host)).await;
        assert_eq!(script.ports_asked().len(), 1, "{host}");
        assert_eq!(run.listeners_asked(), 1, "{host}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_reject_is_not_followed_by_more_questions_to_the_host() {
    let mut script = script(&[(REMOTE_5432, 1, Outcome::Refused)]);
    script.connects[0].icmp = Some(IcmpError {
        v6: false,
        kind: 3,
        code: 3,
        sender: None,
        ttl: None,
    });
    let run = check(&script, literal(REMOTE)).await;
    assert_eq!(script.ports_asked().len(), 1);
    assert_eq!(run.firewalls_asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn addresses_are_tried_side_by_side_and_each_only_once() {
    let mut script = script(&[(REMOTE_5432, 30, Outcome::Connected)]);
    let addresses = [REMOTE_5432, "[2001:db8::9]:5432", "192.168.7.10:5432"];
    script.lookup = LookupOutcome::Found(addresses.map(addr).to_vec());
    let run = check(&script, name("db.test")).await;
    let asked = script.asked.borrow();
    // Before each connect this machine's counters are read, off the thread: which is first is open.
    let first: BTreeSet<_> = asked.iter().take(3).map(|(_, to)| *to).collect();
    assert_eq!(first, BTreeSet::from(addresses.map(addr)));
    assert_eq!(asked[0].0, asked[2].0);
    for to in addresses {
        assert_eq!(asked.iter().filter(|(_, a)| *a == addr(to)).count(), 1);
    }
    assert_eq!(run.evidence.attempts.len(), 3);
    assert_eq!(script.now(), 4005);
}

#[tokio::test(start_paused = true)]
async fn an_address_that_is_no_endpoint_is_never_connected_to() {
    for host in [
        "255.255.255.255",
        "192.168.7.255",
        "224.0.0.1",
        "240.0.0.1",
        "ff02::1",
        "fe80::1",
    ] {
        let script = script(&[]);
        let run = check(&script, literal(host)).await;
        assert_eq!(script.ports_asked(), [], "{host}");
        assert!(run.evidence.network.known().is_some(), "{host}");
        assert!(run.evidence.complete, "{host}");
        assert_eq!(script.now(), 0, "{host}");
    }
}

#[tokio::test(start_paused = true)]
async fn firewalls_are_asked_only_where_they_may_matter() {
    for (host, outcome, times) in [
        ("127.0.0.1", Outcome::Refused, 0),
        ("127.0.0.1", Outcome::Connected, 0),
        ("127.0.0.1", Outcome::Denied, 1),
        (REMOTE, Outcome::Connected, 0),
        (REMOTE, Outcome::Refused, 1),
        (REMOTE, Outcome::NetworkUnreachable, 1),
        ("192.168.7.2", Outcome::Connected, 1),
    ] {
        let script = script(&[(&format!("{host}:5432"), 0, outcome)]);
        let run = check(&script, literal(host)).await;
        assert_eq!(run.firewalls_asked(), times, "{host} {outcome:?}");
    }
}

#[tokio::test]
async fn a_firewall_service_that_hangs_delays_the_end_by_a_bounded_time() {
    let machine = Arc::new(Machine::default());
    let (hanging, hang) = std::sync::mpsc::channel();
    *machine.firewalls_hang.lock().unwrap() = Some(hang);
    let script = script(&[(REMOTE_5432, 0, Outcome::NetworkUnreachable)]);
    let job = job(listening(literal(REMOTE)), Duration::from_millis(600));
    let start = std::time::Instant::now();
    let run = run_on(Arc::clone(&machine), &script, job).await;
    drop(hanging);
    assert_eq!(run.evidence.firewalls, Fact::Unknown(Gap::TimedOut));
    assert!(start.elapsed() < Duration::from_secs(4));
}

#[tokio::test(start_paused = true)]
async fn an_unknown_name_is_asked_about_directly_and_connected_to_never() {
    let script = script(&[]);
    let run = check(&script, name("nx.test")).await;
    assert_eq!(script.ports_asked(), []);
    let asked = script.asked_dns.borrow();
    assert_eq!(asked.as_slice(), [(5, "nx.test".to_owned())]);
    let answers = run.evidence.direct_lookup.known().unwrap();
    assert_eq!(answers[0].answer, DnsAnswer::Silent);
    assert!(run.evidence.network.known().is_some());
    assert!(run.evidence.complete);
}

#[tokio::test(start_paused = true)]
async fn a_name_that_resolves_quickly_is_not_asked_about_directly() {
    let mut script = script(&[(REMOTE_5432, 1, Outcome::Connected)]);
    script.lookup = LookupOutcome::Found(vec![addr(REMOTE_5432)]);
    let run = check(&script, name("db.test")).await;
    assert_eq!(script.asked_dns.borrow().len(), 0);
    assert_eq!(run.evidence.direct_lookup, Fact::default());
}

#[tokio::test(start_paused = true)]
async fn a_name_that_leads_to_nobody_is_asked_about_directly_unless_it_is_short() {
    for (host, is_asked) in [("db.test", true), ("db", false)] {
        let mut script = script(&[(REMOTE_5432, 1, Outcome::Refused)]);
        script.lookup = LookupOutcome::Found(vec![addr(REMOTE_5432)]);
        let machine = Machine {
            name_settings: Some(NameSettings {
                search: vec!["corp.test".to_owned()],
                ..NameSettings::default()
            }),
            ..Machine::default()
        };
        let run = run_on(
            Arc::new(machine),
            &script,
            job(listening(name(host)), PATIENCE),
        )
        .await;
        let asked = script.asked_dns.borrow();
        let is_own = |(_, asked): &&(u128, String)| asked == host;
        assert_eq!(asked.iter().filter(is_own).count(), usize::from(is_asked));
        assert!(asked.iter().any(|(_, asked)| asked.ends_with(".invalid")));
        let is_told = run.evidence.direct_lookup.known().is_some();
        assert_eq!(is_told, is_asked, "{host}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_resolver_is_explained_while_it_is_waited_for_and_waited_for_not_for_ever() {
    let mut script = script(&[]);
    script.lookup_takes = Duration::from_mins(1);
    let run = check(&script, name("db.test")).await;
    let lookup = run.evidence.lookup.known().unwrap();
    assert_eq!(lookup.outcome, LookupOutcome::TimedOut);
    assert_eq!(script.asked_dns.borrow()[0].0, 2000);
    assert!(script.now() <= 12_000, "{}", script.now());
    let told = |about: fn(&Observation) -> bool| run.observations.iter().position(about);
    let direct = told(|o| matches!(o, Observation::DirectLookup(_)));
    assert!(direct < told(|o| matches!(o, Observation::Lookup(_))));
}

#[tokio::test(start_paused = true)]
async fn unreadable_dns_settings_are_a_gap_and_not_an_empty_list() {
    let mut script = script(&[]);
    script.dns_servers = Fact::Unknown(Gap::NeedsAdmin);
    let run = check(&script, name("nx.test")).await;
    assert_eq!(run.evidence.direct_lookup, Fact::Unknown(Gap::NeedsAdmin));
}

#[tokio::test(start_paused = true)]
async fn an_srv_record_takes_the_place_of_what_was_typed() {
    let mut script = script(&[("192.168.7.9:27018", 1, Outcome::Connected)]);
    script.srv = vec![SrvRecord {
        host: "shard.test".to_owned(),
        port: 27018,
        priority: 0,
        weight: 0,
    }];
    script.lookup = LookupOutcome::Found(vec![addr("192.168.7.9:27018")]);
    let mut target = listening(name("cluster.test"));
    target.srv = Some("_mongodb._tcp".to_owned());
    let run = run(&script, job(target, PATIENCE)).await;
    assert_eq!(script.asked_dns.borrow()[0].1, "_mongodb._tcp.cluster.test");
    assert_eq!(run.evidence.target.host, name("shard.test"));
    assert_eq!(run.evidence.target.port, 27018);
    assert_eq!(script.ports_asked(), [(5, 27018)]);
}

#[tokio::test(start_paused = true)]
async fn without_an_srv_record_there_is_nothing_to_connect_to() {
    let mut script = script(&[]);
    script.lookup = LookupOutcome::Found(vec![addr(REMOTE_5432)]);
    let mut target = listening(name("cluster.test"));
    target.srv = Some("_mongodb._tcp".to_owned());
    let run = run(&script, job(target, PATIENCE)).await;
    assert_eq!(script.ports_asked(), []);
    assert_eq!(run.evidence.direct_lookup, Fact::Known(Vec::new()));
    assert!(run.evidence.lookup.known().is_some());
    assert!(run.evidence.complete);
}

#[tokio::test(start_paused = true)]
async fn only_what_the_protocol_allows_is_said() {
    for (protocol, said) in [
        (Protocol::ConnectOnly, &[][..]),
        (Protocol::ListenOnly, &["listen"]),
        (Protocol::Http, &["request"]),
        (Protocol::Tls, &["hello", "listen"]),
        (Protocol::Https, &["hello for http", "request"]),
    ] {
        let script = script(&[(REMOTE_5432, 1, Outcome::Connected)]);
        let target = target(literal(REMOTE), 5432, protocol);
        let run = run(&script, job(target, PATIENCE)).await;
        assert_eq!(script.spoke.borrow().as_slice(), said);
        assert_eq!(script.ports_asked().len(), 1);
        let spoke: Vec<_> = run.evidence.exchanges.iter().map(|e| e.spoke).collect();
        assert_eq!(spoke.len(), said.len());
        assert_eq!(
            spoke.contains(&Spoke::HttpsGet),
            protocol == Protocol::Https
        );
    }
}

/// What is said to a connected peer that does not greet.
async fn said_to(service: &str, protocol: Protocol, transfer: Option<Transfer>) -> (Script, Run) {
    let mut script = script(&[(REMOTE_5432, 1, Outcome::Connected)]);
    (script.greets, script.transfer) = (false, transfer);
    let mut target = target(literal(REMOTE), 5432, protocol);
    target.service = Some(service.to_owned());
    let run = run(&script, job(target, PATIENCE)).await;
    (script, run)
}

#[tokio::test(start_paused = true)]
async fn a_service_whose_client_speaks_first_is_asked_its_harmless_question_after_a_moment() {
    for (service, question) in [("postgresql", "has it TLS"), ("redis", "ping")] {
        let (script, run) = said_to(service, Protocol::ListenOnly, None).await;
        assert_eq!(script.spoke.borrow().as_slice(), ["listen", question]);
        assert_eq!(run.evidence.exchanges.len(), 1);
        assert_eq!(script.ports_asked().len(), 1);
    }
    let (script, _) = said_to("mongodb", Protocol::ListenOnly, None).await;
    assert_eq!(script.spoke.borrow().as_slice(), ["listen"]);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_greets_is_listened_to_with_all_patience() {
    for (service, millis) in [("mysql", 3700), ("mongodb", 1000)] {
        let (_, run) = said_to(service, Protocol::ListenOnly, None).await;
        let took = run.evidence.exchanges[0].took;
        assert_eq!(took, Duration::from_millis(millis));
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_owes_a_word_is_left_in_the_end_to_see_whether_somebody_reads() {
    for (service, said, millis) in [
        ("redis", &["listen", "ping", "nothing more"][..], 2000),
        ("mysql", &["listen", "nothing more"], 3700),
    ] {
        let (script, run) = said_to(service, Protocol::ListenOnly, Some(ARRIVED)).await;
        assert_eq!(script.spoke.borrow().as_slice(), said);
        let exchange = &run.evidence.exchanges[0];
        assert_eq!(exchange.closed, Fact::Known(true));
        assert_eq!(exchange.took, Duration::from_millis(millis));
    }
    let (script, run) = said_to("redis", Protocol::ListenOnly, Some(LOST)).await;
    assert_eq!(
        script.spoke.borrow().as_slice(),
        ["listen", "ping", "listen"]
    );
    assert_eq!(run.evidence.exchanges[0].closed, Fact::default());
}

const ARRIVED: Transfer = Transfer {
    acknowledged: 300,
    unacknowledged: 0,
    unsent: 0,
    retransmitted: 0,
    path_mtu: 1500,
};

const LOST: Transfer = Transfer {
    acknowledged: 1,
    unacknowledged: 2,
    unsent: 0,
    retransmitted: 3,
    path_mtu: 1500,
};

#[tokio::test(start_paused = true)]
async fn a_stalled_hello_is_repeated_within_three_connects() {
    let https = Protocol::Https;
    for (became, said) in [
        (
            ARRIVED,
            &[
                "hello for http",
                "large hello",
                "in small segments",
                "hello for http",
            ][..],
        ),
        (
            LOST,
            &["hello for http", "in small segments", "hello for http"],
        ),
    ] {
        let (script, run) = said_to("https", https, Some(became)).await;
        assert_eq!(script.spoke.borrow().as_slice(), said);
        assert!(script.ports_asked().len() <= 3);
        assert!(script.now() <= 4000 + 2 * 1200 + 100);
        assert_closed(&run);
    }
}

#[tokio::test(start_paused = true)]
async fn a_question_that_arrived_is_not_repeated() {
    let (script, run) = said_to("redis", Protocol::ListenOnly, Some(ARRIVED)).await;
    assert_eq!(script.ports_asked().len(), 1);
    assert_eq!(run.evidence.exchanges[0].transfer, Fact::Known(ARRIVED));
}

#[tokio::test(start_paused = true)]
async fn every_question_is_on_the_timeline_with_its_end_and_completion_comes_last() {
    let mut script = script(&[("[2001:db8::9]:5432", 9, Outcome::Connected)]);
    let addresses = [REMOTE_5432, "[2001:db8::9]:5432"];
    script.lookup = LookupOutcome::Found(addresses.map(addr).to_vec());
    let run = check(&script, name("db.test")).await;
    assert_closed(&run);
    let abouts: Vec<_> = run.evidence.timeline.iter().map(|q| &q.about).collect();
    for about in [
        About::Name("db.test".to_owned()),
        About::Network,
        About::Firewalls,
        About::Connect(addr(REMOTE_5432)),
        About::Connect(addr("[2001:db8::9]:5432")),
        About::Greeting(addr("[2001:db8::9]:5432")),
        About::Reference(addr("192.168.7.9:443")),
    ] {
        assert!(abouts.contains(&&about), "{about:?} in {abouts:?}");
    }
}

/// No question is left open, and nothing comes after completion.
fn assert_closed(run: &Run) {
    for question in &run.evidence.timeline {
        assert!(question.took.is_some(), "{question:?}");
    }
    let complete = |o: &&Observation| **o == Observation::Complete;
    assert_eq!(run.observations.iter().filter(complete).count(), 1);
    assert_eq!(run.observations.last(), Some(&Observation::Complete));
}

#[tokio::test(start_paused = true)]
async fn more_connects_are_made_at_a_steady_pace_when_asked_for() {
    let network = script(&[(REMOTE_5432, 30, Outcome::Refused)]);
    let mut job = job(
        target(literal("192.168.7.9"), 5432, Protocol::ListenOnly),
        PATIENCE,
    );
    (job.connects, job.target_only) = (4, true);
    let run = run(&network, job).await;
    let starts: Vec<u128> = run
        .evidence
        .repeats
        .iter()
        .map(|r| r.start.as_millis())
        .collect();
    let first = starts[0];
    assert_eq!(starts, [first, first + 250, first + 500]);
    assert_eq!(network.ports_asked().len(), 4, "and no other port is asked");
    let contacted = run
        .evidence
        .timeline
        .iter()
        .filter(|q| matches!(q.about, About::Repeats(_)));
    assert_eq!(contacted.count(), 1);
}

/// A machine on which GNOME, KDE and others name these proxies, in this order.
fn machine_with_proxies(hosts: &[&str]) -> Arc<Machine> {
    let setting = |host: &&str| {
        let proxy = Proxy {
            host: (*host).to_owned(),
            port: 3128,
            kind: ProxyKind::Http,
        };
        ProxySetting {
            from: ProxySource::Gnome,
            says: Fact::Known(ProxyRule::Through(proxy)),
        }
    };
    Arc::new(Machine {
        proxies: hosts.iter().map(setting).collect(),
        ..Machine::default()
    })
}

fn web_job(host: &str) -> ketnoi::worker::Job {
    job(target(literal(host), 8080, Protocol::Http), PATIENCE)
}

#[tokio::test(start_paused = true)]
async fn three_proxies_at_most_are_asked_each_once_and_side_by_side() {
    let hosts = ["10.1.0.1", "10.1.0.1", "10.1.0.2", "10.1.0.3", "10.1.0.4"];
    let network = script(&[("192.168.7.9:8080", 5, Outcome::Refused)]);
    let run = run_on(
        machine_with_proxies(&hosts),
        &network,
        web_job("192.168.7.9"),
    )
    .await;
    let asked = network.asked.borrow();
    let proxies = asked.iter().filter(|(_, to)| to.port() == 3128);
    let proxies: Vec<SocketAddr> = proxies.map(|(_, to)| *to).collect();
    assert_eq!(
        proxies,
        ["10.1.0.1:3128", "10.1.0.2:3128", "10.1.0.3:3128"].map(addr)
    );
    assert_eq!(run.evidence.proxy_tests.len(), 3);
    assert!(
        network.now() <= PATIENCE.as_millis() + 500,
        "{}",
        network.now()
    );
}

#[tokio::test(start_paused = true)]
async fn a_proxy_on_the_host_of_the_target_is_left_alone() {
    let network = script(&[("192.168.7.9:8080", 5, Outcome::Refused)]);
    let machine = machine_with_proxies(&["192.168.7.9"]);
    let run = run_on(machine, &network, web_job("192.168.7.9")).await;
    assert_eq!(run.evidence.proxy_tests, []);
    assert!(network.ports_asked().iter().all(|(_, port)| *port != 3128));
}

#[tokio::test(start_paused = true)]
async fn proxies_are_looked_for_only_where_they_could_matter() {
    let remote = |protocol| job(target(literal("192.168.7.9"), 8080, protocol), PATIENCE);
    let mut alone = remote(Protocol::Http);
    alone.target_only = true;
    for (job, looks) in [
        (remote(Protocol::Http), 1),
        (remote(Protocol::ListenOnly), 0),
        (remote(Protocol::Tls), 0),
        (web_job("127.0.0.1"), 0),
        (alone, 0),
    ] {
        let run = run_on(machine_with_proxies(&[]), &script(&[]), job).await;
        assert_eq!(run.proxies_asked(), looks, "{}", run.evidence.target.input);
    }
}
