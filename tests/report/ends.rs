//! The report of the other computer in a report: told in every format, kept with it, told again
//! without what is private, and the same from either end.

use std::net::IpAddr;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use ketnoi::case::Case;
use ketnoi::case::ends::{JointCause, OtherReport, Roles};
use ketnoi::case::local::LocalView;
use ketnoi::evidence::{
    Arrival, Attempt, DecidingRule, Evidence, Fact, Firewall, FirewallKind, Interface,
    InterfaceAddress, Listener, NetworkState, Os, Outcome, Policy, Process, Queue, Stage, Watch,
};
use ketnoi::i18n::{Language, Texts, Wording};
use ketnoi::report::opened::open;
use ketnoi::report::{Format, anonymised, json, render, render_local};
use ketnoi::target::Target;
use serde_json::Value;

use crate::{HOSTILE, stamp};

const SERVER: &str = "203.0.113.77";
const CLIENT: &str = "198.51.100.23";

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn network(address: &str) -> Fact<NetworkState> {
    Fact::Known(NetworkState {
        interfaces: vec![Interface {
            name: "eth0".to_owned(),
            up: true,
            loopback: false,
            addresses: vec![InterfaceAddress {
                ip: ip(address),
                prefix: 24,
            }],
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
        process: Fact::Known(Process {
            pid: 7,
            name: "secretd".to_owned(),
            command: None,
        }),
        user: Fact::Known("mallory".to_owned()),
        queue: Fact::default(),
    }
}

/// A client's test that ended so, beside what the server tells of itself.
struct Pair {
    client: Evidence,
    server: Evidence,
    watch: Watch,
}

impl Pair {
    /// Nobody answers the client; on the server something listens, nothing filters, nobody came.
    fn new(outcome: Outcome) -> Self {
        let target = Target::from_parts(SERVER, "5432").unwrap();
        let mut client = Evidence::new(target, Os::Linux, Duration::from_secs(4));
        client.complete = true;
        client.network = network(CLIENT);
        let took = match outcome {
            Outcome::Silent => Duration::from_secs(4),
            _ => Duration::from_millis(1),
        };
        client.attempts = vec![Attempt {
            addr: format!("{SERVER}:5432").parse().unwrap(),
            outcome,
            took,
            os_code: None,
            at_once: false,
            source: Some(ip(CLIENT)),
            icmp: None,
        }];
        let mut server = Evidence::new(LocalView::target(5432), Os::Linux, Duration::ZERO);
        server.complete = true;
        server.network = network(SERVER);
        server.listeners = Fact::Known(vec![listener("0.0.0.0:5432")]);
        server.firewalls = Fact::Known(Vec::new());
        Self {
            client,
            server,
            watch: Watch {
                began: stamp().created,
                lasted: Duration::from_mins(1),
                polls: 600,
                longest_gap: Duration::from_millis(110),
                arrivals: Fact::Known(Vec::new()),
                untold: 0,
            },
        }
    }

    fn listens(mut self, all: &[&str]) -> Self {
        self.server.listeners = Fact::Known(all.iter().map(|addr| listener(addr)).collect());
        self
    }

    fn filtered(mut self, rule: &str) -> Self {
        self.server.firewalls = Fact::Known(vec![Firewall {
            kind: FirewallKind::Nftables,
            active: Fact::Known(true),
            inbound_default: Fact::default(),
            port: Fact::Known(Policy::Drop),
            rule: Some(DecidingRule {
                text: rule.to_owned(),
                chain: None,
                zone: None,
                is_default: false,
            }),
            remarks: Vec::new(),
        }]);
        self
    }

    fn queued(mut self) -> Self {
        let Fact::Known(listeners) = &mut self.server.listeners else {
            unreachable!("it was set");
        };
        listeners[0].queue = Fact::Known(Queue {
            waiting: 129,
            limit: Some(128),
        });
        self
    }

    fn saw(mut self, from: &str, stage: Stage) -> Self {
        let Fact::Known(arrivals) = &mut self.watch.arrivals else {
            unreachable!("it was watched");
        };
        arrivals.push(Arrival {
            from: ip(from),
            to: ip(SERVER),
            connections: 1,
            stage,
            half_open: Duration::from_secs(3),
            first: Duration::from_secs(1),
            last: Duration::from_secs(2),
            were_there: false,
        });
        self
    }

    fn looked_at(mut self, port: u16) -> Self {
        self.server.target = LocalView::target(port);
        self
    }

    fn elsewhere(mut self) -> Self {
        self.server.network = network("203.0.113.99");
        self
    }

    /// The client's report with the server's beside it.
    fn of_client(&self) -> Case {
        let server = OtherReport {
            case: Case::new(self.server.clone()),
            watch: Some(self.watch.clone()),
            from: None,
            began: Some(stamp().created),
            anonymised: false,
        };
        Case::new(self.client.clone()).beside(Some(Arc::new(server)))
    }

    fn cause(&self) -> JointCause {
        let case = self.of_client();
        case.story(Some(stamp().created)).unwrap().joint.cause
    }
}

/// Pairs whose verdicts differ, with the ids of those.
fn pairs() -> Vec<(&'static str, Pair)> {
    let silent = || Pair::new(Outcome::Silent);
    let refused = || Pair::new(Outcome::Refused);
    vec![
        ("dropped-between", silent()),
        ("loopback-only", refused().listens(&["127.0.0.1:5432"])),
        ("nothing-listens", refused().listens(&[])),
        ("other-port", refused().listens(&["0.0.0.0:5433"])),
        ("other-address", refused().listens(&["10.8.0.5:5432"])),
        ("other-family", refused().listens(&["[2001:db8::5]:5432"])),
        ("server-firewall", silent().filtered("tcp dport 5432 drop")),
        ("queue-full", silent().queued()),
        ("reply-lost", silent().saw(CLIENT, Stage::HalfOpen)),
        (
            "source-limited",
            silent()
                .saw("192.0.2.8", Stage::Established)
                .saw("192.0.2.9", Stage::Established),
        ),
        ("leads-elsewhere", silent().elsewhere()),
        ("undecided", refused().looked_at(8080)),
        ("works", Pair::new(Outcome::Connected)),
    ]
}

#[test]
fn the_pairs_have_the_verdicts_they_are_named_for() {
    for (id, pair) in pairs() {
        assert_eq!(pair.cause().id(), id);
    }
}

/// Words as every format has them: letters and digits, whatever stands between them.
fn words(text: &str) -> String {
    let plain = ["&lt;", "&gt;", "&quot;", "&#39;", "&amp;"]
        .iter()
        .fold(text.to_owned(), |text, escape| text.replace(escape, ""));
    let mut inside = false;
    let outside = plain.chars().filter(|c| {
        inside = (inside || *c == '<') && *c != '>';
        !inside
    });
    outside.filter(|c| c.is_alphanumeric()).collect()
}

#[test]
fn both_ends_stand_in_every_format_and_come_back_with_the_report() {
    for (id, pair) in pairs() {
        let case = pair.of_client();
        let story = case.story(Some(stamp().created)).unwrap();
        for language in Language::ALL {
            let texts = Texts::of(language);
            let wording = Wording::new(texts, &case.evidence().target);
            let mut sentences = vec![
                wording.joint_title(&story.joint),
                wording.joint_text(&story.joint),
                wording.certainty(story.joint.certainty).to_owned(),
            ];
            let because = story.joint.because.iter();
            sentences.extend(because.map(|clue| wording.joint_clue(clue)));
            let doubts = story.joint.doubts.iter();
            sentences.extend(doubts.map(|doubt| wording.doubt(*doubt)));
            for format in [Format::Html, Format::Markdown, Format::Text] {
                let report = words(&render(&case, format, texts, &stamp()));
                for sentence in &sentences {
                    let wanted = words(sentence);
                    assert!(report.contains(&wanted), "{id}, {format:?}: {sentence}");
                }
            }
            let report = json::pretty(&case, texts, &stamp());
            let read: Value = serde_json::from_str(&report).unwrap();
            assert_eq!(read["other_end"]["verdict"]["cause"], id);
            assert_eq!(read["other_end"]["role"], "server");
            let opened = open(&report).unwrap();
            assert_eq!(opened.case, case, "{id}");
            for format in Format::ALL {
                assert_eq!(
                    render(&opened.case, format, texts, &stamp()),
                    render(&case, format, texts, &stamp()),
                    "{id}"
                );
            }
        }
    }
}

#[test]
fn a_report_without_another_end_is_as_it_was() {
    let case = Case::new(pairs()[0].1.client.clone());
    for language in Language::ALL {
        let texts = Texts::of(language);
        for format in Format::ALL {
            let report = render(&case, format, texts, &stamp());
            assert!(!report.contains("other_end"), "{report}");
            assert!(!report.contains(&texts.ends.heading), "{report}");
        }
    }
}

#[test]
fn the_verdict_is_the_same_from_either_end() {
    for (id, pair) in pairs() {
        if id == "undecided" {
            continue;
        }
        // On the server the person tests the server's own port.
        let mut own = pair.server.clone();
        own.target = pair.client.target.clone();
        if id == "leads-elsewhere" {
            own.target = Target::from_parts("203.0.113.99", "5432").unwrap();
        }
        let client = OtherReport {
            case: Case::new(pair.client.clone()),
            watch: None,
            from: None,
            began: Some(stamp().created),
            anonymised: false,
        };
        let on_server = Case::new(own.clone()).beside(Some(Arc::new(client)));
        let server = OtherReport {
            case: Case::new(own),
            watch: None,
            from: None,
            began: Some(stamp().created),
            anonymised: false,
        };
        let on_client = Case::new(pair.client.clone()).beside(Some(Arc::new(server)));
        let there = on_server.story(Some(stamp().created)).unwrap();
        let here = on_client.story(Some(stamp().created)).unwrap();
        assert_eq!(there.roles, Roles::ServerFirst);
        assert_eq!(here.roles, Roles::ClientFirst);
        assert_eq!(there.joint, here.joint, "{id}");
        let report = json::line(&on_server, Texts::of(Language::En), &stamp());
        let read: Value = serde_json::from_str(&report).unwrap();
        assert_eq!(read["other_end"]["role"], "client");
        assert_eq!(open(&report).unwrap().case, on_server, "{id}");
    }
}

#[test]
fn an_anonymised_report_has_the_same_verdict_and_no_name_of_either_end() {
    let secrets = [
        SERVER,
        CLIENT,
        "203.0.113.99",
        "192.0.2.8",
        "secretd",
        "mallory",
    ];
    for (id, pair) in pairs() {
        let case = pair.of_client();
        let told = anonymised(&case);
        let stamp = ketnoi::report::Stamp {
            anonymised: true,
            ..stamp()
        };
        for language in Language::ALL {
            for format in Format::ALL {
                let report = render(&told, format, Texts::of(language), &stamp);
                for secret in secrets {
                    assert!(!report.contains(secret), "{id}, {format:?}: {secret}");
                }
            }
        }
        let report = json::line(&told, Texts::of(Language::En), &stamp);
        let opened = open(&report).unwrap();
        let joint = |case: &Case| case.story(Some(stamp.created)).unwrap().joint;
        assert_eq!(joint(&opened.case).cause.id(), id);
        assert_eq!(
            joint(&opened.case).certainty,
            joint(&case).certainty,
            "{id}"
        );
        assert_eq!(joint(&opened.case).doubts, joint(&case).doubts, "{id}");
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the program is started as a person does"
)]
fn ketnoi() -> Command {
    Command::new(env!("CARGO_BIN_EXE_ketnoi"))
}

/// The verdicts as the command line prints them, and the views of a port that it saves.
#[test]
fn the_command_line_follows_its_schemas() {
    let folder = tempfile::tempdir().unwrap();
    let texts = Texts::of(Language::En);
    for (id, pair) in pairs() {
        let view = LocalView {
            case: Case::new(pair.server.clone()),
            from: Some(ip(CLIENT)),
            watch: pair.watch.clone(),
        };
        let [client, server] = ["client.json", "server.json"].map(|name| folder.path().join(name));
        let alone = Case::new(pair.client.clone());
        std::fs::write(&client, json::pretty(&alone, texts, &stamp())).unwrap();
        let written = render_local(&view, Format::Json, texts, &stamp());
        crate::schema::follows("local", &serde_json::from_str(&written).unwrap());
        std::fs::write(&server, written).unwrap();
        for more in [&[][..], &["--anonymise"]] {
            let printed = ketnoi()
                .arg("compare")
                .args([&client, &server])
                .arg("--json")
                .args(more)
                .output()
                .unwrap();
            let printed: Value = serde_json::from_slice(&printed.stdout).unwrap();
            crate::schema::follows("ends", &printed);
            assert_eq!(printed["verdict"]["cause"], id);
        }
        let reported = json::line(&pair.of_client(), texts, &stamp());
        crate::schema::follows("report", &serde_json::from_str(&reported).unwrap());
    }
    // Of this machine, as it is.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port().to_string();
    let printed = ketnoi()
        .args(["local", &port, "--watch", "0", "--json"])
        .output()
        .unwrap();
    let printed: Value = serde_json::from_slice(&printed.stdout).unwrap();
    crate::schema::follows("local", &printed);
}

/// What the other computer's report holds is as foreign as anything.
#[test]
fn nothing_of_the_other_end_becomes_more_than_text() {
    let english = Texts::of(Language::En);
    let page = |rule: &str| {
        let case = Pair::new(Outcome::Silent).filtered(rule).of_client();
        render(&case, Format::Html, english, &stamp())
    };
    let calm = crate::tags(&page("calm"));
    for text in HOSTILE {
        assert_eq!(crate::tags(&page(text)), calm, "{text:?}");
        let case = Pair::new(Outcome::Silent).filtered(text).of_client();
        for format in Format::ALL {
            crate::mutation::is_harmless(&render(&case, format, english, &stamp()));
        }
    }
}
