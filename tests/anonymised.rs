//! Anonymised reports: nothing private in any format or language, and the same verdict as before.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may stop")]

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use ketnoi::case::ends::OtherReport;
use ketnoi::case::local::LocalView;
use ketnoi::case::{Case, Tried};
use ketnoi::evidence::{Evidence, Watch};
use ketnoi::i18n::{Language, Texts, Wording};
use ketnoi::report::opened::{open, tried_between};
use ketnoi::report::{
    Format, Redactor, Stamp, anonymised, json, render, render_local, suggested_name,
};
use ketnoi::target::{Understanding, understand};
use proptest::prelude::*;
use serde_json::{Value, json};

fn stamp() -> Stamp {
    Stamp {
        created: Timestamp::from_second(1_795_000_000).unwrap(),
        took: Duration::from_micros(3_100),
        anonymised: true,
    }
}

/// The evidence of every file in `tests/cases`, as JSON, with its name.
fn all_evidence() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut all: Vec<(String, Value)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .map(|path| {
            let file: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, file["evidence"].clone())
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(!all.is_empty());
    all
}

/// What a case says, without the names and addresses in it.
fn shape(case: &Case) -> impl PartialEq + std::fmt::Debug + use<> {
    let diagnosis = case.diagnosis();
    let verdict = &diagnosis.verdict;
    let clues: Vec<&str> = verdict.because.iter().map(Wording::clue_id).collect();
    let others = verdict.alternatives.iter();
    let others: Vec<_> = others
        .map(|a| (a.cause.id(), a.certainty, a.decided_by))
        .collect();
    let advice = case.advice().iter();
    let advice: Vec<_> = advice
        .map(|advice| {
            let fixes = advice.fixes.iter();
            let fixes: Vec<_> = fixes
                .map(|fix| (fix.os, fix.firewall, fix.apply.len()))
                .collect();
            (Wording::advice_id(&advice.kind), advice.place, fixes)
        })
        .collect();
    (
        (diagnosis.impact, verdict.cause.id(), verdict.certainty),
        clues,
        others,
        advice,
        case.target_is_here(),
    )
}

#[test]
fn every_case_keeps_its_verdict_its_clues_and_its_advice() {
    for (name, evidence) in all_evidence() {
        let case = Case::new(serde_json::from_value(evidence).unwrap());
        let told = anonymised(&case);
        assert_eq!(shape(&told), shape(&case), "{name}");
        assert_eq!(anonymised(&case), told, "{name}: the same every time");
    }
}

/// Every secret that is planted below, in lower case. None is a word of Ketnoi's.
const SECRETS: &[&str] = &[
    // The typed address.
    "hunter2",
    "alicekey",
    "tok3nvalue",
    "vaultpath",
    "fragm3nt",
    "dbmaster",
    "acmecorp",
    // Names and addresses of the network.
    "10.77.31.8",
    "10.77.31",
    "93.184.215.77",
    "fd12:3456:789a",
    "5054:ff:fe12",
    "corpsearch",
    "acme-vpn0",
    "10.99.88.77",
    "81.2.69.142",
    "192.168.44",
    "100.77.66.55",
    "2606:2800:21f",
    // Programs and users.
    "payrolld",
    "/srv/payroll",
    "bobsmith",
    "--license=zx81spectrum",
    "zx81spectrum",
    "ledgertool",
    "nightly-batch",
    "f00dcafe1234",
    "backoffice",
    "jumphost7",
    "carolnguyen",
    "/home/dave.tran",
    "dave.tran",
    "mysock",
    "xkcd936",
    // What others said.
    "mailserver9",
    "erika.mustermann",
    "acme-internal",
    "4532015112830366",
    "dossier",
    "blueharbour",
    "mitrarootca",
    "intranet7",
    "squidward",
    "proxyvault",
    "noproxyvar",
    "pineapple",
    "d3tail",
    "52:54:00:ab:cd:ef",
    "bệnh viện",
    "hacker-chain",
    "quiet-zone",
    "fw-comment-77",
    "wages-db",
    "aliastarget",
    "wagesimage",
    "0a:1b:2c:3d:4e:5f",
    "secretalert",
    "bespokesource",
    "0912.345.678",
];

/// Evidence with a secret in every place where there is text or an address.
fn planted() -> Evidence {
    let typed = "postgres://alicekey:hunter2@DBMASTER.acmecorp.com:5432/vaultpath?sslmode=require&password=tok3nvalue#fragm3nt";
    let Ok(Understanding::Targets { targets, .. }) = understand(typed) else {
        panic!("{typed} names an endpoint")
    };
    let program = json!({"pid": 77, "name": "payrolld",
        "command": "/srv/payroll/payrolld --license=zx81spectrum --user bobsmith --password hunter2"});
    let attempt = |addr: &str, outcome: &str| {
        json!({"addr": addr, "outcome": outcome, "took_ms": 12.5, "os_code": 111, "source": "10.77.31.8",
            "icmp": {"v6": false, "kind": 3, "code": 1, "sender": "192.168.44.1"}})
    };
    let certificate = |subject: &str, issuer: &str| {
        json!({"subject": subject, "issuer": issuer, "names": ["*.acmecorp.com", "93.184.215.77", "intranet7"],
            "not_before": 1_700_000_123, "not_after": 1_900_000_456, "self_signed": false})
    };
    let heard = |spoke: &str, heard: Value| json!({"addr": "93.184.215.77:5432", "spoke": spoke, "heard": heard, "took_ms": 1.5});
    let rule = json!({"text": "-A hacker-chain -s 10.99.88.77/32 -m comment --comment \"fw-comment-77\" -j DROP",
        "chain": {"family": "ip", "table": "filter", "chain": "hacker-chain"}, "zone": "quiet-zone"});
    let firewall = json!({"kind": "iptables", "active": {"known": true}, "inbound_default": {"known": "drop"},
        "port": {"known": "drop"}, "rule": rule});
    let answer = json!({"server": "10.99.88.77:53", "answer": {"addresses": ["81.2.69.142"]}, "aliases": ["aliastarget.acmecorp.com"], "took_ms": 2.0});
    let banner = "220 mailserver9.acmecorp.com ESMTP erika.mustermann@acme-internal.org card 4532015112830366 \
        at 10.99.88.77 call 0912.345.678, dossier of B\u{1ec7}nh vi\u{1ec7}n \\xe1\\xbb\\x87 52:54:00:ab:cd:ef\\r\\n";
    let proxy = json!({"host": "proxyvault.acmecorp.com", "port": 3128, "kind": "http"});
    let mut evidence = json!({
        "target": targets[0], "os": "linux", "patience_ms": 3000.0,
        "said": {"kind": "other", "code": "PINEAPPLE_D3TAIL",
            "detail": {"source-address": {"address": "10.99.88.77"}}},
        "lookup": {"known": {"outcome": {"found": ["93.184.215.77:5432", "[2606:2800:21f::9]:5432"]}, "took_ms": 3.0}},
        "direct_lookup": {"known": [answer]},
        "name_settings": {"known": {"hosts_file": {"known": ["192.168.44.9"]},
            "sources": {"known": ["files", "bespokesource", "dns"]},
            "resolvers": {"known": ["10.99.88.77"]}, "search": ["corpsearch.acmecorp.com"], "ndots": 1}},
        "invented_names": {"known": [{"name": "ketnoi-51ab.corpsearch.acmecorp.com", "answer": answer}]},
        "attempts": [attempt("93.184.215.77:5432", "connected"), attempt("[2606:2800:21f::9]:5432", "silent")],
        "departures": [{"to": "93.184.215.77:5432", "made": 1, "sent": 1, "interfaces_sent": 1}],
        "neighbours": [{"ip": "192.168.44.1", "state": "reachable"}],
        "pings": [{"to": "93.184.215.77", "answered": true}],
        "hops": [{"hops": 1, "attempt": attempt("93.184.215.77:5432", "silent")}],
        "references": [attempt("93.184.215.77:22", "connected")],
        "repeats": [{"start_ms": 1.0, "mac": "0a:1b:2c:3d:4e:5f", "attempt": attempt("93.184.215.77:5432", "refused")}],
        "exchanges": [
            heard("nothing", json!({"text": {"start": banner}})),
            heard("tls-hello", json!({"tls": {"version": "TLS 1.3 pineapple", "certificates": 2, "presented": {
                "chain": [certificate("CN=dbmaster.acmecorp.com", "O=Blueharbour, CN=MitraRootCA"),
                    certificate("CN=MitraRootCA, OU=dossier", "CN=MitraRootCA")],
                "name_fits": {"known": false}, "trusted": {"unknown": {"unreadable": {"what": "d3tail of blueharbour"}}},
                "clock": 1_795_000_000}}})),
            heard("tls-hello", json!({"tls-alert": {"alert": "secretalert"}})),
            heard("tls-hello", json!({"tls-incompatible": {"what": "peer pineapple at dbmaster.acmecorp.com"}})),
            heard("http-get", json!({"http": {"status": 302, "server": "squidward/4.1 (acme-internal)", "wants_tls": false,
                "page": {"location": "https://login.intranet7.acmecorp.com/dossier/dave.tran/", "date": null, "says": null}}})),
            heard("http-get", json!({"failed": {"what": "write to /home/dave.tran/x: Permission denied", "os_code": 13}})),
            heard("http-get", json!({"not-tls": {"start": "HTTP/1.1 400 Bad Request\\r\\nServer: acme-internal\\r\\n"}})),
        ],
        "listeners": {"known": [{"addr": "10.77.31.8:5432", "process": {"known": program}, "user": {"known": "bobsmith"}},
            {"addr": "[fd12:3456:789a::5054:ff:fe12:1]:5433", "process": {"unknown": {"unreadable": {"what": "/proc/77/fd of carolnguyen"}}},
                "user": {"known": "carolnguyen"}}]},
        "backgrounds": [{"addr": "10.77.31.8:5432", "age_secs": 5, "unit": "nightly-batch.service",
            "container": {"engine": "docker", "id": "f00dcafe1234", "name": "wages-db",
                "image": "registry.acmecorp.com/team/wagesimage:3"}, "parents": [program, {"pid": 5, "name": "ledgertool"}],
            "interface": "acme-vpn0", "relay": {"to": "backoffice:5432", "through": "carolnguyen@jumphost7.acmecorp.com"}}],
        "port_use": {"known": {"udp": ["10.77.31.8:5432"], "unix": ["/home/dave.tran/.s.PGSQL.5432", "/srv/payroll/mysock"],
            "stopped": [program], "relays": [program], "in_containers": [program]}},
        "proxies": {"known": [
            {"from": {"environment": {"variable": "https_proxy"}}, "says": {"known": {"through": proxy}}},
            {"from": "gnome", "says": {"unknown": {"unreadable": {"what": "noproxyvar of carolnguyen"}}}}]},
        "proxy_tests": [{"proxy": proxy, "attempt": attempt("10.99.88.77:3128", "connected"), "heard": {"text": {"start": "xkcd936"}}}],
        "bypasses": [{"interface": "acme-vpn0", "attempt": attempt("93.184.215.77:5432", "connected")}],
        "at_gateway": attempt("192.168.44.1:5432", "refused"),
        "network": {"known": {"interfaces": [
            {"name": "acme-vpn0", "up": true, "loopback": false, "addresses": [{"ip": "10.77.31.8", "prefix": 24},
                {"ip": "fd12:3456:789a::5054:ff:fe12:1", "prefix": 64}, {"ip": "100.77.66.55", "prefix": 10}]},
            {"name": "br-f00dcafe1234", "up": true, "loopback": false, "addresses": [{"ip": "192.168.44.5", "prefix": 20}]}],
            "default_gateways": {"known": ["192.168.44.1"]},
            "routes": [{"to": "93.184.215.77", "source": "10.77.31.8", "os_code": null,
                "via": {"known": {"interface": "acme-vpn0", "gateway": "192.168.44.1"}}}]}},
        "firewalls": {"known": [firewall]},
        "outbound": {"known": [{"to": "93.184.215.77:5432", "policy": {"known": "drop"}, "firewall": "iptables", "rule": rule}]},
        "pasted_firewalls": [firewall],
        "timeline": [{"about": {"name": "dbmaster.acmecorp.com"}, "start_ms": 0.0, "took_ms": 1.0},
            {"about": {"srv": "_mongodb._tcp.dbmaster.acmecorp.com"}, "start_ms": 0.0},
            {"about": {"dns-server": "10.99.88.77:53"}, "start_ms": 0.0},
            {"about": {"ping": "93.184.215.77"}, "start_ms": 0.0}],
        "complete": true
    });
    evidence["target"]["srv"] = json!("_pineapple._tcp");
    serde_json::from_value(evidence).unwrap()
}

/// All that is written of a case: every format and language, and the name of its file.
fn written(case: &Case) -> Vec<String> {
    let mut all = Vec::new();
    for language in Language::ALL {
        let texts = Texts::of(language);
        all.push(json::line(case, texts, &stamp()));
        for format in Format::ALL {
            all.push(render(case, format, texts, &stamp()));
            all.push(suggested_name(case, format, &stamp()));
        }
    }
    all
}

fn found_in<'a>(written: &str, secrets: &[&'a str]) -> Vec<&'a str> {
    let written = written.to_lowercase();
    let found = secrets.iter().filter(|secret| written.contains(**secret));
    found.copied().collect()
}

#[test]
fn no_planted_secret_is_in_any_anonymised_format() {
    let evidence = planted();
    let plain = serde_json::to_string(&evidence).unwrap();
    // What the typed address has of secrets is dropped while it is read, in every mode.
    let (dropped, kept) = SECRETS.split_at(5);
    let first_part = plain.split("\"said\"").next().unwrap();
    assert_eq!(found_in(first_part, dropped), [""; 0], "{first_part}");
    let there = found_in(&plain, kept);
    assert!(there.len() >= 30, "{there:?}");
    let mut case = Case::new(evidence.clone());
    case = case
        .clone()
        .next_round(Tried::of(&case.advice()[0]).into(), evidence);
    for report in written(&anonymised(&case)) {
        assert_eq!(found_in(&report, SECRETS), [""; 0], "{report}");
    }
}

/// The view of a port and the report beside a test hold evidence of their own, and who arrived.
#[test]
fn no_planted_secret_is_in_the_view_of_a_port_nor_in_the_other_end() {
    let evidence = planted();
    let arrivals = ["81.2.69.142", "10.99.88.77"].map(|from| {
        json!({"from": from, "to": "10.77.31.8", "connections": 1, "stage": "half-open",
            "half_open_ms": 3000.0, "first_ms": 1.0, "last_ms": 2.0})
    });
    let watch: Watch = serde_json::from_value(
        json!({"began": "2026-11-18T11:06:40Z", "lasted_ms": 60000.0,
        "polls": 600, "longest_gap_ms": 110.0, "arrivals": {"known": arrivals}}),
    )
    .unwrap();
    let from = Some("81.2.69.142".parse().unwrap());
    let mut of_port = evidence.clone();
    of_port.target = LocalView::target(5432);
    let view = LocalView {
        case: Case::new(of_port.clone()),
        from,
        watch: watch.clone(),
    };
    let told = Redactor::default().retell_local(&view);
    let other = OtherReport {
        case: Case::new(of_port),
        watch: Some(watch),
        from,
        began: Some(stamp().created),
        anonymised: false,
    };
    let case = Case::new(evidence.clone()).beside(Some(Arc::new(other.clone())));
    assert!(case.story(Some(stamp().created)).is_some());
    let mut all = written(&anonymised(&case));
    // The other way round: a client's report that was brought to a server's.
    let client = OtherReport {
        case: Case::new(evidence),
        watch: None,
        ..other
    };
    let server = Case::new(view.case.evidence().clone()).beside(Some(Arc::new(client)));
    all.extend(written(&anonymised(&server)));
    for language in Language::ALL {
        let texts = Texts::of(language);
        all.push(json::local_line(&told, texts, &stamp()));
        for format in Format::ALL {
            all.push(render_local(&told, format, texts, &stamp()));
        }
    }
    for report in all {
        assert_eq!(found_in(&report, SECRETS), [""; 0], "{report}");
    }
}

#[test]
fn a_report_says_that_it_is_anonymised() {
    let case = anonymised(&Case::new(planted()));
    for language in Language::ALL {
        let texts = Texts::of(language);
        for format in Format::ALL {
            let report = render(&case, format, texts, &stamp());
            if format == Format::Json {
                let report: Value = serde_json::from_str(&report).unwrap();
                assert_eq!(report["anonymised"], true);
            } else {
                let report = report.split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(report.contains(&texts.report.anonymised), "{report}");
            }
        }
    }
}

#[test]
fn what_belongs_together_still_does() {
    let told = anonymised(&Case::new(planted()));
    let report: Value =
        serde_json::from_str(&json::line(&told, Texts::of(Language::En), &stamp())).unwrap();
    let evidence = &report["evidence"];
    assert_eq!(report["target"]["host"], "host-1.domain-1.example");
    assert_eq!(
        report["target"]["input"],
        "postgres://host-1.domain-1.example:5432"
    );
    let listener = &evidence["listeners"]["known"][0];
    assert_eq!(listener["process"]["known"]["name"], "program-1");
    let user = listener["user"]["known"].as_str().unwrap();
    assert!(user.starts_with("user-"), "{user}");
    let own = &evidence["network"]["known"]["interfaces"][0]["addresses"][0]["ip"];
    assert_eq!(&evidence["attempts"][0]["source"], own);
    assert_eq!(evidence["attempts"][0]["addr"], "203.0.113.1:5432");
    let gateway = &evidence["network"]["known"]["default_gateways"]["known"][0];
    assert_eq!(&evidence["neighbours"][0]["ip"], gateway);
    let subject = &evidence["exchanges"][1]["heard"]["tls"]["presented"]["chain"][0];
    assert_eq!(subject["subject"], "CN=host-1.domain-1.example");
    assert_eq!(subject["names"][0], "*.domain-1.example");
    assert_eq!(subject["names"][1], "203.0.113.1");
}

#[test]
fn the_rounds_of_a_case_are_compared_as_before() {
    let find = |name: &str| {
        let (_, evidence) = all_evidence()
            .into_iter()
            .find(|(known, _)| known == name)
            .unwrap();
        serde_json::from_value::<Evidence>(evidence).unwrap()
    };
    let first = Case::new(find("closed-local-port"));
    let tried = first.advice().iter().map(Tried::of);
    for tried in tried {
        let second = first
            .clone()
            .next_round(Some(tried.clone()), find("closed-local-port"));
        let told = anonymised(&second);
        let (before, after) = (second.comparison().unwrap(), told.comparison().unwrap());
        assert_eq!(after.course, before.course);
        assert_eq!(after.rows.len(), before.rows.len());
        let told_tried = after.tried.unwrap();
        assert_eq!(
            Wording::advice_id(&told_tried.kind),
            Wording::advice_id(&tried.kind)
        );
        assert!(
            told.was_tried(
                told.advice()
                    .iter()
                    .find(|one| Tried::of(one) == *told_tried)
                    .unwrap()
            )
        );
        // Two files of the same tests, as `ketnoi compare` reads them.
        let mut redactor = Redactor::default();
        redactor.meet(&first);
        redactor.meet(&second);
        let files = [&first, &second].map(|case| {
            let case = redactor.retell(case);
            open(&json::line(&case, Texts::of(Language::Vi), &stamp()))
                .unwrap()
                .case
        });
        assert_eq!(tried_between(&files[0], &files[1]), Some(told_tried));
    }
}

/// Replaces one text of a value, counted from 0 in the order of the value; false where there is none.
fn replace(value: &mut Value, at: &mut usize, with: &str) -> bool {
    match value {
        Value::String(text) => {
            if *at == 0 {
                with.clone_into(text);
                return true;
            }
            *at -= 1;
            false
        }
        Value::Array(all) => all.iter_mut().any(|one| replace(one, at, with)),
        Value::Object(all) => all.values_mut().any(|one| replace(one, at, with)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// How a secret may stand in a text.
const FORMS: &[&str] = &[
    "{}",
    "{}.example.com",
    "db.{}.local",
    "{}@mail.example",
    "bob@{}.org:22",
    "/home/{}/run.sh",
    "C:\\Users\\{}\\x.exe",
    "http://{}:80/login",
    "220 {} ESMTP ready\\r\\n",
    "SSH-2.0-{}_9.2",
    "Host '{}' is blocked",
    "CN={}, O=Some",
    "x\\x00{}\\xff",
    "{}-1.service",
    "postgres: {} idle",
    "--password={}",
    "[{}]",
    "10.0.0.1 {} 10.0.0.2",
    "a_{}_b",
    "{}%eth0",
    "user:{}",
    "\u{1b}[31m{}",
    "nginx/{}",
    "é{}é",
    "{}:5432",
    "{},{}",
    "1{}2",
    "root{}",
    "{}root",
    "EC{}",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn no_text_of_the_evidence_gets_through(
        which in any::<prop::sample::Index>(),
        places in prop::collection::vec((0..160_usize, 0..FORMS.len()), 1..8),
        secret in "[bcdfghjklmnpqrstvwxz]{8}",
        is_capital in any::<bool>(),
    ) {
        let mut all = all_evidence();
        all.push(("planted".to_owned(), serde_json::to_value(planted()).unwrap()));
        let (_, mut value) = which.get(&all).clone();
        let planted = if is_capital { secret.to_uppercase() } else { secret.clone() };
        for (at, form) in places {
            let mut changed = value.clone();
            let text = FORMS[form].replace("{}", &planted);
            if replace(&mut changed, &mut at.clone(), &text)
                && serde_json::from_value::<Evidence>(changed.clone()).is_ok()
            {
                value = changed;
            }
        }
        let case = Case::new(serde_json::from_value(value).unwrap());
        let told = anonymised(&case);
        for report in written(&told) {
            prop_assert!(!report.to_lowercase().contains(&secret), "{} in {}", secret, report);
        }
    }
}
