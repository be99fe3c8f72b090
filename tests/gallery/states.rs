//! Every state the window can be in, as far as it looks different: made from the cases of
//! `tests/cases` and by hand, without a network.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ketnoi::case::Case;
use ketnoi::case::ends::OtherReport;
use ketnoi::case::local::LocalView;
use ketnoi::evidence::{
    About, Attempt, Evidence, Fact, Gap, Interface, InterfaceAddress, Listener, Lookup,
    LookupOutcome, NetworkState, Observation, Os, Outcome, Process, Question, Watch,
};
use ketnoi::i18n::{Language, Texts};
use ketnoi::report::opened::{LONGEST_REPORT, Saved, open_bytes};
use ketnoi::report::{Stamp, anonymised};
use ketnoi::target::Target;
use ketnoi::wizard::{
    Action, DialogAnswer, Effect, Preferences, RunState, SaveState, Step, Theme, Wizard,
};

/// A state by name, the step it belongs to, and how it comes about.
pub struct State {
    pub name: &'static str,
    pub step: Step,
    /// Whether it is among those whose picture is kept.
    pub is_main: bool,
    make: fn(Language) -> Wizard,
}

impl State {
    /// The wizard in this state.
    pub fn wizard(&self, language: Language) -> Wizard {
        let mut wizard = (self.make)(language);
        if wizard.step != self.step {
            wizard.update(Action::GoTo(self.step));
        }
        assert_eq!(wizard.step, self.step, "{}", self.name);
        wizard
    }
}

const fn kept(name: &'static str, step: Step, make: fn(Language) -> Wizard) -> State {
    State {
        name,
        step,
        is_main: true,
        make,
    }
}

const fn edge(name: &'static str, step: Step, make: fn(Language) -> Wizard) -> State {
    State {
        name,
        step,
        is_main: false,
        make,
    }
}

/// All of them, in the order of the steps.
pub const STATES: &[State] = &[
    kept("first-start", Step::Address, first_start),
    kept("recents-and-examples", Step::Address, fresh),
    kept("understood", Step::Address, |language| {
        typed(language, PASTED)
    }),
    edge("several-targets", Step::Address, |language| {
        typed(
            language,
            "db-1.example.vn:5432\ndb-2.example.vn:5432\n10.0.0.7:6379",
        )
    }),
    edge("error-without-address", Step::Address, |language| {
        submitted(typed(language, "connect: Connection refused"))
    }),
    kept("invalid", Step::Address, |language| {
        submitted(typed(language, "localhost:99999"))
    }),
    edge("telex", Step::Address, |language| {
        typed(language, "lôcalhost:8080")
    }),
    edge("long-name-typed", Step::Address, |language| {
        typed(language, &format!("{}:5432", long_name()))
    }),
    edge("nothing-listens", Step::Address, nothing_listens),
    edge("listeners-unread", Step::Address, listeners_unread),
    edge("two-hundred-listeners", Step::Address, |language| {
        crowded(fresh(language))
    }),
    kept("probing", Step::Connection, probing),
    edge("slow", Step::Connection, slow),
    kept("cancelled", Step::Connection, cancelled),
    kept("refused", Step::Connection, refused),
    kept("works", Step::Connection, |l| ended(l, "web-page")),
    kept("works-in-part", Step::Connection, |l| {
        ended(l, "one-of-two-addresses-dead")
    }),
    edge("offline", Step::Connection, |l| ended(l, "no-network")),
    edge("firewall", Step::Connection, |l| {
        ended(l, "own-firewall-drops")
    }),
    edge("certificate", Step::Connection, |l| {
        ended(l, "certificate-expired")
    }),
    edge("silent", Step::Connection, |l| {
        ended(l, "silent-host-behind-a-router")
    }),
    edge("sixty-addresses", Step::Connection, sixty_addresses),
    edge("long-name", Step::Connection, long_name_unknown),
    edge("tested-again", Step::Connection, tested_again),
    kept("opened", Step::Connection, |l| opened(l, false)),
    edge("opened-anonymised", Step::Connection, |l| opened(l, true)),
    edge("not-json", Step::Address, |l| not_opened(l, b"# Ketnoi\n")),
    edge("another-schema", Step::Address, |l| {
        not_opened(l, br#"{"schema":"ketnoi-report/7"}"#)
    }),
    edge("too-long", Step::Address, |l| {
        not_opened(l, &vec![b' '; LONGEST_REPORT + 1])
    }),
    edge("not-opened-beside-a-test", Step::Report, |l| {
        not_opened(l, br#"{"schema":"other"}"#)
    }),
    kept("nobody-listens", Step::Listener, refused),
    edge("opened-fixes", Step::Firewall, |l| opened(l, false)),
    edge("opened-report", Step::Report, |l| opened(l, true)),
    kept("both-ends", Step::Listener, both_ends),
    edge("both-ends-here", Step::Listener, both_ends_here),
    edge("no-other-end", Step::Listener, |language| {
        let mut wizard = refused(language);
        let target = wizard.case().expect("a test").evidence().target.clone();
        let problem = Texts::of(language).report.open.not_a_report.clone();
        wizard.update(Action::OtherEndTyped("/home/an/photo.json".to_owned()));
        wizard.update(Action::OtherEndRead(Box::new(target), Err(problem)));
        wizard
    }),
    kept("another-machine", Step::Listener, |l| {
        ended(l, "silent-port-of-a-host-that-answers")
    }),
    edge("here-probing", Step::Listener, probing_by_name),
    edge("here-stopped", Step::Listener, |language| {
        let mut wizard = probing_by_name(language);
        wizard.update(Action::Cancel);
        wizard
    }),
    edge("only-loopback", Step::Listener, |l| {
        ended(l, "loopback-only")
    }),
    edge("two-hundred-others", Step::Listener, |l| {
        crowded(refused(l))
    }),
    edge("long-command", Step::Listener, long_command),
    edge("table-unread", Step::Listener, |l| {
        ended(l, "closed-local-port-and-table-unread")
    }),
    edge("long-name-elsewhere", Step::Listener, long_name_silent),
    kept("fixes", Step::Firewall, refused),
    kept("own-firewall", Step::Firewall, |l| {
        ended(l, "own-firewall-drops")
    }),
    edge("fixes-later", Step::Firewall, probing),
    edge("fixes-stopped", Step::Firewall, cancelled),
    edge("nothing-to-fix", Step::Firewall, |l| ended(l, "web-page")),
    edge("fixes-for-another-machine", Step::Firewall, |l| {
        ended(l, "silent-port-of-a-host-that-answers")
    }),
    edge("windows-fixes", Step::Firewall, |l| {
        ended(l, "windows-blocks-outgoing")
    }),
    edge("tested-again-fixes", Step::Firewall, tested_again),
    kept("report", Step::Report, refused),
    edge("report-so-far", Step::Report, probing),
    edge("report-choosing", Step::Report, |l| {
        saving(l, &[Action::Save])
    }),
    edge("report-no-dialog", Step::Report, |l| {
        saving(
            l,
            &[Action::Save, Action::DialogAnswered(DialogAnswer::Missing)],
        )
    }),
    kept("report-saved", Step::Report, |l| {
        let path = PathBuf::from("/home/an/Documents/ketnoi-127.0.0.1-8080.md");
        saving(
            l,
            &[Action::Save, Action::SaveEnded(SaveState::Saved(path))],
        )
    }),
    edge("report-not-saved", Step::Report, |l| {
        let why = match l {
            Language::En => "writing is not allowed there.",
            Language::Vi => "không có quyền ghi vào đó.",
        };
        saving(
            l,
            &[
                Action::Save,
                Action::DialogAnswered(DialogAnswer::Closed),
                Action::PathTyped("/root/report.md".to_owned()),
                Action::SaveEnded(SaveState::Failed(why.to_owned())),
            ],
        )
    }),
    edge("report-occupied", Step::Report, |l| {
        let path = PathBuf::from(format!("/home/an/{}/report.md", "folder/".repeat(30)));
        saving(
            l,
            &[Action::Save, Action::SaveEnded(SaveState::Occupied(path))],
        )
    }),
];

const PASTED: &str = "s.connect((\"127.0.0.1\", 8080))\n\
                      ConnectionRefusedError: [Errno 111] Connection refused";

/// Nothing was ever tested, and what listens here is not known yet.
fn first_start(language: Language) -> Wizard {
    let preferences = Preferences {
        language,
        theme: Theme::System,
        less_movement: None,
        keep_recents: true,
        recents: Vec::new(),
    };
    Wizard::new(preferences, Os::Linux, Duration::from_secs(4))
}

/// Something was tested before, and some programs listen here.
fn fresh(language: Language) -> Wizard {
    let mut wizard = first_start(language);
    let recents = ["db.local:5432", "api.example.vn:443", "192.168.1.10:3389"];
    wizard.preferences.recents = recents.map(str::to_owned).to_vec();
    let listeners = vec![
        listener("127.0.0.1:8000", 4711, "python3"),
        listener("0.0.0.0:5432", 815, "postgres"),
        listener("[::]:22", 601, "sshd"),
    ];
    wizard.update(Action::ListenersRead(Fact::Known(listeners)));
    wizard
}

fn typed(language: Language, text: &str) -> Wizard {
    let mut wizard = fresh(language);
    wizard.update(Action::Typed(text.to_owned()));
    wizard
}

/// What cannot be tested stays on the first step.
fn submitted(mut wizard: Wizard) -> Wizard {
    wizard.update(Action::Forward);
    wizard
}

fn nothing_listens(language: Language) -> Wizard {
    let mut wizard = first_start(language);
    wizard.update(Action::ListenersRead(Fact::Known(Vec::new())));
    wizard
}

fn listeners_unread(language: Language) -> Wizard {
    let mut wizard = first_start(language);
    let what = "/proc/net/tcp: Permission denied (os error 13)".to_owned();
    let unknown = Fact::Unknown(Gap::Unreadable { what });
    wizard.update(Action::ListenersRead(unknown));
    wizard
}

fn crowded(mut wizard: Wizard) -> Wizard {
    let listeners = (0..200_u16).map(|index| {
        let addr = format!("127.0.0.1:{}", 20_000 + 7 * index);
        listener(&addr, 1000 + u32::from(index), "node")
    });
    wizard.update(Action::ListenersRead(Fact::Known(listeners.collect())));
    wizard
}

pub fn listener(addr: &str, pid: u32, name: &str) -> Listener {
    let process = Process {
        pid,
        name: name.to_owned(),
        command: None,
    };
    Listener {
        addr: addr.parse().expect("an address"),
        takes_ipv4: Fact::default(),
        process: Fact::Known(process),
        user: Fact::Known("an".to_owned()),
        queue: Fact::default(),
    }
}

/// A name of 253 characters, the most there are (RFC 1035, 2.3.4).
pub fn long_name() -> String {
    let label = "a-very-long-label-of-a-name-that-somebody-really-did-register-ab";
    let name = [&label[..63], &label[..63], &label[..63], &label[..58], "vn"].join(".");
    assert_eq!(name.len(), 253);
    name
}

/// Submits what was typed; the id of its first run.
fn start(wizard: &mut Wizard) -> u64 {
    let effects = wizard.update(Action::Forward);
    probed(&effects)
}

fn probed(effects: &[Effect]) -> u64 {
    let run = effects.iter().find_map(|effect| match effect {
        Effect::Probe { run, .. } => Some(*run),
        _ => None,
    });
    run.expect("a test began")
}

fn observe(wizard: &mut Wizard, run: u64, observations: Vec<Observation>) {
    for observation in observations {
        wizard.update(Action::Observed(run, observation));
    }
}

fn asked(about: About, start_ms: u64, took_ms: Option<u64>) -> Observation {
    Observation::Asked(Question {
        about,
        start: Duration::from_millis(start_ms),
        took: took_ms.map(Duration::from_millis),
    })
}

fn attempt(addr: SocketAddr, outcome: Outcome, took: Duration) -> Observation {
    let os_code = match outcome {
        Outcome::Connected => None,
        Outcome::Refused => Some(111),
        _ => Some(110),
    };
    Observation::Attempt(Attempt {
        addr,
        outcome,
        took,
        os_code,
        at_once: false,
        source: None,
        icmp: None,
    })
}

fn found(addresses: &[SocketAddr]) -> Observation {
    Observation::Lookup(Fact::Known(Lookup {
        outcome: LookupOutcome::Found(addresses.to_vec()),
        took: Duration::from_millis(12),
    }))
}

/// A name was looked up, and its addresses are being tried.
fn probing(language: Language) -> Wizard {
    let mut wizard = typed(language, "db.example.vn:5432");
    let run = start(&mut wizard);
    let name = "db.example.vn".to_owned();
    let addresses: [SocketAddr; 2] =
        ["203.0.113.7:5432", "[2001:db8::7]:5432"].map(|addr| addr.parse().expect("an address"));
    let observations = vec![
        asked(About::Network, 0, Some(1)),
        asked(About::Name(name), 0, Some(12)),
        found(&addresses),
        Observation::Network(Fact::Known(NetworkState::default())),
        asked(About::Connect(addresses[0]), 12, None),
        asked(About::Connect(addresses[1]), 12, None),
    ];
    observe(&mut wizard, run, observations);
    wizard
}

/// The name is still being looked up: nobody knows yet which computer it is.
fn probing_by_name(language: Language) -> Wizard {
    let mut wizard = typed(language, "db.example.vn:5432");
    let run = start(&mut wizard);
    let name = "db.example.vn".to_owned();
    observe(&mut wizard, run, vec![asked(About::Name(name), 0, None)]);
    wizard
}

fn slow(language: Language) -> Wizard {
    let mut wizard = probing(language);
    let run = wizard.runs[0].id;
    let silent = "203.0.113.7:5432".parse().expect("an address");
    let took = Duration::from_secs(4);
    let observations = vec![
        asked(About::Connect(silent), 12, Some(4000)),
        attempt(silent, Outcome::Silent, took),
        asked(About::Ping(silent.ip()), 4012, None),
        asked(About::Listeners, 4012, None),
    ];
    observe(&mut wizard, run, observations);
    wizard
}

fn cancelled(language: Language) -> Wizard {
    let mut wizard = slow(language);
    wizard.update(Action::Cancel);
    wizard
}

/// A refused connection to this machine, tested to the end.
pub fn refused(language: Language) -> Wizard {
    let mut wizard = typed(language, PASTED);
    let run = start(&mut wizard);
    refuse(&mut wizard, run);
    wizard
}

fn refuse(wizard: &mut Wizard, run: u64) {
    let addr: SocketAddr = "127.0.0.1:8080".parse().expect("an address");
    let took = Duration::from_micros(240);
    let observations = vec![
        Observation::Network(Fact::Known(NetworkState::default())),
        Observation::Listeners(Fact::Known(Vec::new())),
        asked(About::Network, 0, Some(1)),
        Observation::Asked(Question {
            about: About::Connect(addr),
            start: Duration::ZERO,
            took: Some(took),
        }),
        asked(About::Listeners, 0, Some(3)),
        attempt(addr, Outcome::Refused, took),
        Observation::Complete,
    ];
    observe(wizard, run, observations);
}

/// The first fix was tried, and the same came of it.
fn tested_again(language: Language) -> Wizard {
    let mut wizard = refused(language);
    wizard.update(Action::GoTo(Step::Firewall));
    let effects = wizard.update(Action::Followed(0));
    refuse(&mut wizard, probed(&effects));
    wizard
}

/// A case of `tests/cases` whose test has ended.
fn ended(language: Language, name: &str) -> Wizard {
    // The package of the benchmark that uses these states lies deeper.
    let mut above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let path = above.find_map(|root| {
        let path = root.join(format!("tests/cases/{name}.json"));
        path.exists().then_some(path)
    });
    let path = path.unwrap_or_else(|| panic!("{name} is no case"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut file: serde_json::Value = serde_json::from_str(&text).expect("a case is JSON");
    let evidence: Evidence =
        serde_json::from_value(file["evidence"].take()).expect("a case holds evidence");
    with_evidence(language, evidence)
}

fn with_evidence(language: Language, mut evidence: Evidence) -> Wizard {
    evidence.complete = true;
    let mut wizard = fresh(language);
    wizard.os = evidence.os;
    wizard.update(Action::Typed(evidence.target.endpoint()));
    start(&mut wizard);
    wizard.runs.truncate(1);
    wizard.runs[0].case = Case::new(evidence).into();
    wizard.runs[0].state = RunState::Complete;
    wizard
}

/// A name with sixty addresses, of which a few are dead.
pub fn sixty_addresses(language: Language) -> Wizard {
    let mut wizard = typed(language, "cdn.example.vn:443");
    let run = start(&mut wizard);
    let addresses: Vec<SocketAddr> = (0..60_u8)
        .map(|index| {
            let text = if index % 3 == 0 {
                format!("[2001:db8:85a3:8d3:1319:8a2e:370:{index:x}]:443")
            } else {
                format!("203.0.113.{index}:443")
            };
            text.parse().expect("an address")
        })
        .collect();
    let mut observations = vec![
        asked(About::Name("cdn.example.vn".to_owned()), 0, Some(40)),
        found(&addresses),
        Observation::Network(Fact::Known(NetworkState::default())),
    ];
    for (index, addr) in (0..).zip(&addresses) {
        let (outcome, took) = match index % 10 {
            4 => (Outcome::Refused, 30 + index),
            7 => (Outcome::Silent, 4000),
            _ => (Outcome::Connected, 20 + index),
        };
        observations.push(asked(About::Connect(*addr), 40, Some(took)));
        observations.push(attempt(*addr, outcome, Duration::from_millis(took)));
    }
    observations.push(Observation::Complete);
    observe(&mut wizard, run, observations);
    wizard
}

fn long_name_unknown(language: Language) -> Wizard {
    let mut wizard = typed(language, &format!("{}:5432", long_name()));
    let run = start(&mut wizard);
    let lookup = Lookup {
        outcome: LookupOutcome::NotFound { eai_code: -2 },
        took: Duration::from_millis(30),
    };
    let observations = vec![
        asked(About::Name(long_name()), 0, Some(30)),
        Observation::Lookup(Fact::Known(lookup)),
        Observation::Network(Fact::Known(NetworkState::default())),
        Observation::Complete,
    ];
    observe(&mut wizard, run, observations);
    wizard
}

/// The longest name, of a machine that is not this one.
fn long_name_silent(language: Language) -> Wizard {
    let mut wizard = typed(language, &format!("{}:5432", long_name()));
    let run = start(&mut wizard);
    let addr = "203.0.113.7:5432".parse().expect("an address");
    let observations = vec![
        found(&[addr]),
        Observation::Network(Fact::Known(NetworkState::default())),
        attempt(addr, Outcome::Silent, Duration::from_secs(4)),
        Observation::Complete,
    ];
    observe(&mut wizard, run, observations);
    wizard
}

/// A program whose command line is longer than any window is wide.
fn long_command(language: Language) -> Wizard {
    let mut wizard = typed(language, "127.0.0.1:8080");
    let run = start(&mut wizard);
    let mut java = listener("127.0.0.1:8080", 90_210, "java");
    if let Fact::Known(process) = &mut java.process {
        let class_path = "/opt/app/lib/dependency-1.2.3.jar:".repeat(60);
        process.command = Some(format!("/usr/bin/java -cp {class_path} vn.example.Main"));
    }
    let addr = "127.0.0.1:8080".parse().expect("an address");
    let observations = vec![
        Observation::Network(Fact::Known(NetworkState::default())),
        Observation::Listeners(Fact::Known(vec![java])),
        attempt(addr, Outcome::Connected, Duration::from_micros(200)),
        Observation::Complete,
    ];
    observe(&mut wizard, run, observations);
    wizard
}

const STAMP: Stamp = Stamp {
    created: jiff::Timestamp::constant(1_795_000_000, 0),
    took: Duration::from_micros(3_100),
    anonymised: false,
};

/// A saved report on the screen.
fn opened(language: Language, is_anonymised: bool) -> Wizard {
    let case = ended(language, "bound-to-another-address")
        .runs
        .remove(0)
        .case;
    let saved = Saved {
        case: if is_anonymised {
            anonymised(&case)
        } else {
            Case::clone(&case)
        },
        stamp: Stamp {
            anonymised: is_anonymised,
            ..STAMP
        },
    };
    let mut wizard = fresh(language);
    let path = PathBuf::from("/home/an/ketnoi-server-8080-2026-11-18-1806.ketnoi.json");
    wizard.update(Action::OpenReport(path.clone()));
    wizard.update(Action::ReportRead(path, Ok(Box::new(saved))));
    wizard
}

/// A file that is no report that can be read; what was tested before stays.
fn not_opened(language: Language, bytes: &[u8]) -> Wizard {
    let mut wizard = refused(language);
    let step = if bytes.starts_with(b"{\"schema\":\"o") {
        Step::Report
    } else {
        Step::Address
    };
    wizard.update(Action::GoTo(step));
    let path = PathBuf::from("/home/an/Downloads/report.json");
    let error = open_bytes(bytes).expect_err("no report");
    let sentence = error.sentence(Texts::of(language), &path.to_string_lossy());
    wizard.update(Action::OpenReport(path.clone()));
    wizard.update(Action::ReportRead(path, Err(sentence)));
    wizard
}

fn network_of(ip: &str) -> Fact<NetworkState> {
    Fact::Known(NetworkState {
        interfaces: vec![Interface {
            name: "eth0".to_owned(),
            up: true,
            loopback: false,
            addresses: vec![InterfaceAddress {
                ip: ip.parse().expect("an address"),
                prefix: 24,
            }],
            link: Fact::default(),
        }],
        default_gateways: Fact::default(),
        routes: Vec::new(),
    })
}

/// What a client saw that nobody answered, and what the server saw meanwhile.
fn two_ends() -> [Evidence; 2] {
    let target = Target::from_parts("10.0.0.5", "5432").expect("an endpoint");
    let mut client = Evidence::new(target, Os::Linux, Duration::from_secs(4));
    client.network = network_of("10.0.0.9");
    client.attempts = vec![Attempt {
        addr: "10.0.0.5:5432".parse().expect("an address"),
        outcome: Outcome::Silent,
        took: Duration::from_secs(4),
        os_code: Some(110),
        at_once: false,
        source: Some("10.0.0.9".parse().expect("an address")),
        icmp: None,
    }];
    client.complete = true;
    let mut server = Evidence::new(LocalView::target(5432), Os::Linux, Duration::ZERO);
    server.network = network_of("10.0.0.5");
    server.listeners = Fact::Known(vec![listener("0.0.0.0:5432", 815, "postgres")]);
    server.firewalls = Fact::Known(Vec::new());
    server.complete = true;
    [client, server]
}

fn brought(mut wizard: Wizard, evidence: Evidence, watch: Option<Watch>) -> Wizard {
    wizard.runs[0].began = Some(STAMP.created);
    let target = wizard.runs[0].case.evidence().target.clone();
    let report = OtherReport {
        case: Case::new(evidence),
        watch,
        from: None,
        began: Some(STAMP.created),
        anonymised: false,
    };
    wizard.update(Action::OtherEndRead(Box::new(target), Ok(Box::new(report))));
    wizard
}

/// The client, with the server's report beside its test.
fn both_ends(language: Language) -> Wizard {
    let [client, server] = two_ends();
    let watch = Watch {
        began: STAMP.created,
        lasted: Duration::from_mins(1),
        polls: 600,
        longest_gap: Duration::from_millis(110),
        arrivals: Fact::Known(Vec::new()),
        untold: 0,
    };
    brought(with_evidence(language, client), server, Some(watch))
}

/// The server, with the client's report beside its test.
fn both_ends_here(language: Language) -> Wizard {
    let [client, mut server] = two_ends();
    server.target = client.target.clone();
    server.listeners = Fact::Known(vec![listener("127.0.0.1:5432", 815, "postgres")]);
    brought(with_evidence(language, server), client, None)
}

/// The report of a refused connection, after these actions.
fn saving(language: Language, actions: &[Action]) -> Wizard {
    let mut wizard = refused(language);
    wizard.update(Action::GoTo(Step::Report));
    for action in actions {
        wizard.update(action.clone());
    }
    wizard
}
