//! Reports: every format in every language, replay from JSON, and nothing hostile gets through.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may stop")]

mod agreement;
mod ends;
mod hostile;
mod mutation;
mod opened;
mod schema;

use std::fs;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use ketnoi::case::{Case, Tried};
use ketnoi::catalogue;
use ketnoi::diagnosis::diagnose;
use ketnoi::evidence::{Evidence, Exchange, Fact, Heard, Listener, Process, Spoke};
use ketnoi::i18n::{Language, Texts, Wording};
use ketnoi::report::{Format, Stamp, json, render, suggested_name};
use serde_json::Value;

fn stamp() -> Stamp {
    Stamp {
        created: Timestamp::from_second(1_795_000_000).unwrap(),
        took: Duration::from_micros(3_100),
        anonymised: false,
    }
}

/// The evidence of every file in `tests/cases`, with its name.
fn all_evidence() -> Vec<(String, Evidence)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut all: Vec<(String, Evidence)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .map(|path| {
            let file: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            let evidence = serde_json::from_value(file["evidence"].clone()).unwrap();
            (
                path.file_stem().unwrap().to_str().unwrap().to_owned(),
                evidence,
            )
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(!all.is_empty());
    all
}

fn evidence(name: &str) -> Evidence {
    let mut all = all_evidence().into_iter();
    all.find(|(known, _)| known == name).unwrap().1
}

fn in_every_form(case: &Case) -> Vec<String> {
    let mut all = Vec::new();
    for language in Language::ALL {
        for format in Format::ALL {
            all.push(render(case, format, Texts::of(language), &stamp()));
        }
    }
    all
}

#[test]
fn every_case_is_told_in_every_format_and_language() {
    for (name, evidence) in all_evidence() {
        let endpoint = evidence.target.endpoint();
        let case = Case::new(evidence);
        for report in in_every_form(&case) {
            assert!(report.ends_with('\n'), "{name}");
            assert!(!report.contains("{}"), "{name}: {report}");
            assert!(
                report.lines().all(|line| line == line.trim_end()),
                "{name}: {report}"
            );
        }
        let text = render(&case, Format::Text, Texts::of(Language::Vi), &stamp());
        assert!(text.contains(&endpoint), "{name}: {text}");
    }
}

#[test]
fn a_report_replays_into_the_same_diagnosis() {
    for (name, evidence) in all_evidence() {
        let case = Case::new(evidence);
        for report in [
            json::line(&case, Texts::of(Language::Vi), &stamp()),
            json::pretty(&case, Texts::of(Language::En), &stamp()),
        ] {
            let report: Value = serde_json::from_str(&report).unwrap();
            let replayed: Evidence = serde_json::from_value(report["evidence"].clone()).unwrap();
            assert_eq!(&replayed, case.evidence(), "{name}");
            assert_eq!(&diagnose(&replayed), case.diagnosis(), "{name}");
            let verdict = &report["verdict"];
            assert_eq!(
                verdict["cause"],
                case.diagnosis().verdict.cause.id(),
                "{name}"
            );
            assert!(
                verdict["alternatives"].as_array().unwrap().len() <= 2,
                "{name}"
            );
        }
    }
}

#[test]
fn the_line_is_one_line_and_its_keys_are_in_the_order_of_the_contract() {
    let case = Case::new(evidence("loopback-only"));
    let line = json::line(&case, Texts::of(Language::En), &stamp());
    assert!(!line.contains('\n'));
    let keys = [
        "\"schema\"",
        "\"version\"",
        "\"created\"",
        "\"took_ms\"",
        "\"target\"",
        "\"verdict\"",
        "\"contacted\"",
        "\"evidence\"",
        "\"advice\"",
    ];
    let places: Vec<usize> = keys.iter().map(|key| line.find(key).unwrap()).collect();
    assert!(places.is_sorted(), "{line}");
    let report: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(report["created"], "2026-11-18T11:06:40.000Z");
    assert_eq!(report["took_ms"], 3.1);
    assert_eq!(report["verdict"]["cause"], "loopback-only");
    assert_eq!(report["verdict"]["impact"], "blocked");
}

#[test]
fn the_ids_are_the_same_in_every_language() {
    let case = Case::new(evidence("loopback-only"));
    let ids = |language| {
        let line = json::line(&case, Texts::of(language), &stamp());
        let report: Value = serde_json::from_str(&line).unwrap();
        let advice = report["advice"].as_array().unwrap().clone();
        let ids: Vec<Value> = advice.iter().map(|one| one["id"].clone()).collect();
        (report["verdict"]["cause"].clone(), ids)
    };
    assert_eq!(ids(Language::Vi), ids(Language::En));
}

/// What somebody might put into a banner, a program's name or a command line.
const HOSTILE: &[&str] = &[
    "\u{1b}[31mred\u{1b}[0m \u{1b}]0;title\u{7}",
    "\u{202e}gnp.exe\u{2066}x\u{2069}\u{200b}\u{feff}",
    "a\u{9b}2J\u{85}\u{2028}\u{e0041}",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "x\n\n# Heading\n\n- item\n\n```\n~~~\n",
    "![pixel](https://evil.example/p.png) [click](javascript:alert(1))",
    "`` ` ``` `**bold**` | cell | \\| cell",
    "@someone closes #1 GH-1 :100: $x$ www.evil.example",
    "{host} {port} {0} %s ${HOME} $(id) `id`",
    "\"><img src=x onerror=alert(1)>' onload='alert(1) x=\"",
    "</code></style></svg></title><script>alert(1)</script><style>body{display:none}",
    "]]> --> <!-- <![CDATA[ <svg onload=alert(1)> &lt;script&gt; &#60;b&#62;",
    "<a href=javascript:alert(1)>x</a> <meta http-equiv=refresh content=0> <base href=//evil.example>",
    "</article>\n<article>\n",
];

fn hostile_case(text: &str) -> Case {
    let mut evidence = evidence("closed-local-port");
    let addr = "127.0.0.1:5432".parse().unwrap();
    evidence.exchanges = vec![Exchange {
        addr,
        spoke: Spoke::Nothing,
        heard: Heard::Text {
            start: text.to_owned(),
        },
        took: Duration::from_millis(1),
        transfer: Fact::default(),
        small_segments: false,
        closed: Fact::default(),
    }];
    evidence.listeners = Fact::Known(vec![Listener {
        addr: "127.0.0.1:5433".parse().unwrap(),
        takes_ipv4: Fact::default(),
        process: Fact::Known(Process {
            pid: 7,
            name: text.to_owned(),
            command: Some(text.to_owned()),
        }),
        user: Fact::Known(text.to_owned()),
        queue: Fact::default(),
    }]);
    text.clone_into(&mut evidence.target.input);
    Case::new(evidence)
}

#[test]
fn no_treacherous_character_gets_into_a_report() {
    for text in HOSTILE {
        let case = hostile_case(text);
        for report in in_every_form(&case) {
            let treacherous = |c: char| {
                (c.is_control() && c != '\n')
                    || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
            };
            assert!(!report.contains(treacherous), "{text:?}: {report}");
        }
    }
}

#[test]
fn hostile_text_becomes_neither_html_nor_lines_of_markdown() {
    for text in HOSTILE {
        let case = hostile_case(text);
        let report = render(&case, Format::Markdown, Texts::of(Language::En), &stamp());
        assert!(
            !report
                .lines()
                .any(|line| line == "# Heading" || line == "- item")
        );
        let without_code = outside_code(&report).replace("\\[", "").replace("\\]", "");
        for bad in [
            "<script",
            "<img",
            "![",
            "](",
            "@someone",
            "www.",
            "https://evil",
        ] {
            assert!(!without_code.contains(bad), "{bad} in {without_code}");
        }
    }
}

#[test]
fn hostile_text_changes_nothing_of_a_page_but_its_text() {
    for language in Language::ALL {
        let page = |text| {
            let case = hostile_case(text);
            render(&case, Format::Html, Texts::of(language), &stamp())
        };
        let calm = tags(&page("calm"));
        for text in HOSTILE {
            let page = page(text);
            assert_eq!(tags(&page), calm, "{page}");
        }
        let page = page("<script>alert(1)</script>\"><img src=x onerror='alert(1)'>");
        let told = "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&gt;&lt;img src=x \
                    onerror=&#39;alert(1)&#39;&gt;";
        // The address that was typed, the program, its command and its user.
        assert!(page.matches(told).count() >= 4, "{page}");
    }
}

#[test]
fn a_page_stands_alone() {
    for (name, evidence) in all_evidence() {
        let case = Case::new(evidence);
        for language in Language::ALL {
            let page = render(&case, Format::Html, Texts::of(language), &stamp());
            let start = format!("<!DOCTYPE html>\n<html lang=\"{}\">\n", language.code());
            assert!(page.starts_with(&start), "{name}: {page}");
            assert!(page.contains("content=\"default-src 'none'; style-src 'unsafe-inline';"));
            for tag in tags(&page) {
                // A page leads to documentation alone, and only where somebody follows the link.
                if tag == "<a rel= href=" {
                    continue;
                }
                for bad in ["<script", "<link", "<a ", "<img", " src=", " href=", " on"] {
                    assert!(!tag.contains(bad), "{name}: {tag}");
                }
            }
            for link in page.split("href=\"").skip(1) {
                let (url, _) = link.split_once('"').unwrap();
                let docs = catalogue::all().iter().map(|service| &service.docs);
                assert!(docs.into_iter().any(|known| known == url), "{name}: {url}");
            }
            let (_, style) = page.split_once("<style>").unwrap();
            let (style, _) = style.split_once("</style>").unwrap();
            assert!(
                !style.contains("url(") && !style.contains("@import"),
                "{style}"
            );
        }
    }
}

/// The tags of a page with the names of their attributes: between its own `<` and `>` a page has
/// no others, and none of its values has a quotation mark.
fn tags(page: &str) -> Vec<String> {
    let tag = |rest: &str| {
        let (tag, _) = rest.split_once('>').unwrap();
        let names: Vec<&str> = tag.split('"').step_by(2).collect();
        format!("<{}", names.concat())
    };
    page.split('<').skip(1).map(tag).collect()
}

/// The report without what stands between backticks, by `CommonMark`'s rule: a run of backticks
/// is closed by the next run of the same length.
fn outside_code(markdown: &str) -> String {
    // Links of our own are text of ours.
    let docs = catalogue::all().iter().map(|service| &service.docs);
    let mut rest = docs.fold(markdown.to_owned(), |text, url| {
        text.replace(&format!("<{url}>"), "")
    });
    let mut outside = String::new();
    while let Some(open) = rest.find('`') {
        let escaped = rest[..open].ends_with('\\');
        let run = rest[open..].chars().take_while(|c| *c == '`').count();
        outside.push_str(&rest[..open]);
        let after = rest[open + run..].to_owned();
        let close = if escaped { None } else { closing(&after, run) };
        rest = close.map_or(after.clone(), |end| after[end..].to_owned());
    }
    outside + &rest
}

fn closing(text: &str, run: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = text[at..].find('`') {
        let start = at + found;
        let length = text[start..].chars().take_while(|c| *c == '`').count();
        if length == run {
            return Some(start + length);
        }
        at = start + length;
    }
    None
}

#[test]
fn the_documentation_of_a_service_is_a_link() {
    let case = Case::new(evidence("loopback-only"));
    let docs = case.advice().iter().find_map(Wording::advice_docs).unwrap();
    let told = |format| render(&case, format, Texts::of(Language::En), &stamp());
    let link = format!("<a rel=\"noreferrer\" href=\"{docs}\">{docs}</a>");
    assert!(told(Format::Html).contains(&link));
    assert!(told(Format::Markdown).contains(&format!("<{docs}>")));
    assert!(told(Format::Text).contains(docs));
}

#[test]
fn a_proposed_name_is_accepted_everywhere() {
    let mut evidence = evidence("closed-local-port");
    for host in [
        "../../etc/passwd",
        "fe80::1%eth0",
        "con",
        "a\u{1b}b",
        "",
        "máy.vn",
        "...",
    ] {
        evidence.target.host = ketnoi::target::Host::Name {
            ascii: host.to_owned(),
            unicode: host.to_owned(),
        };
        let case = Case::new(evidence.clone());
        let name = suggested_name(&case, Format::Json, &stamp());
        assert!(name.starts_with("ketnoi-"), "{name}");
        assert_eq!(
            Format::of_path(Path::new(&name)),
            Some(Format::Json),
            "{name}"
        );
        assert!(name.len() < 120 && !name.contains(".."), "{name}");
        assert!(
            name.chars()
                .all(|c| c.is_ascii_alphanumeric() || "-.".contains(c)),
            "{name}"
        );
    }
    assert_eq!(Format::of_path(Path::new("x/R.MD")), Some(Format::Markdown));
    assert_eq!(Format::of_path(Path::new("x/r")), None);
}

#[test]
fn a_stopped_test_is_reported_without_a_verdict() {
    let mut evidence = evidence("closed-local-port-while-running");
    evidence.complete = false;
    let case = Case::new(evidence);
    for language in Language::ALL {
        let texts = Texts::of(language);
        let verdict = Wording::new(texts, &case.evidence().target);
        let verdict = verdict.finding_title(&case.diagnosis().verdict);
        for format in [Format::Markdown, Format::Text] {
            let report = render(&case, format, texts, &stamp());
            assert!(!report.contains(&verdict), "{report}");
            assert!(!report.contains(&texts.report.advice), "{report}");
            let report = report.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(report.contains(&texts.report.unfinished), "{report}");
        }
    }
}

/// A service that did not start, tested again after an advice was followed.
fn tried_in_vain() -> Case {
    let before = Case::new(evidence("closed-local-port"));
    let tried = Tried::of(&before.advice()[0]);
    before
        .clone()
        .next_round(Some(tried), before.evidence().clone())
}

#[test]
fn before_and_after_stand_in_every_format() {
    let case = tried_in_vain();
    for language in Language::ALL {
        let texts = Texts::of(language);
        let wording = Wording::new(texts, &case.evidence().target);
        let comparison = case.comparison().unwrap();
        let tried = wording.tried(comparison.tried.unwrap());
        for format in Format::ALL {
            if format == Format::Json {
                continue;
            }
            let report = render(&case, format, texts, &stamp());
            assert!(report.contains(&texts.comparison.title), "{report}");
            let title = wording.course_title(comparison.course);
            assert!(
                report.contains(title) && report.contains(&tried),
                "{report}"
            );
        }
    }
    for report in in_every_form(&Case::new(evidence("closed-local-port"))) {
        assert!(!report.contains("\"rounds\"") && !report.contains("\"comparison\""));
        for language in Language::ALL {
            assert!(!report.contains(&Texts::of(language).comparison.title));
        }
    }
}

#[test]
fn rounds_in_json_replay_into_the_same_comparison() {
    let case = tried_in_vain();
    let line = json::line(&case, Texts::of(Language::En), &stamp());
    let report: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(report["comparison"]["course"], "unchanged");
    assert_eq!(report["comparison"]["says"], "no-effect");
    assert_eq!(report["rounds"][0]["cause"], "nothing-listening");
    let answers = report["comparison"]["answers"].as_array().unwrap();
    assert!(
        answers
            .iter()
            .all(|row| row["change"] == "same" || row["change"] == "asked-once")
    );
    let read = |value: &Value| serde_json::from_value::<Evidence>(value.clone()).unwrap();
    let before = Case::new(read(&report["rounds"][0]["evidence"]));
    let tried: Tried = serde_json::from_value(report["rounds"][0]["tried"].clone()).unwrap();
    let replayed = before
        .clone()
        .next_round(Some(tried), read(&report["evidence"]));
    assert_eq!(replayed, case);
    assert_eq!(
        json::line(&replayed, Texts::of(Language::En), &stamp()),
        line
    );
}

#[test]
fn every_proxy_setting_is_told_with_what_its_proxy_said() {
    let case = Case::new(evidence("proxy-of-kde-is-gone-beside-one-that-works"));
    for told in in_every_form(&case) {
        for part in [
            "http_proxy",
            "10.77.1.1:8118",
            "kde",
            "10.77.1.1:3128",
            "200",
        ] {
            assert!(told.to_lowercase().contains(part), "{part} in {told}");
        }
    }
    let script = Case::new(evidence("proxy-by-a-script-that-was-not-run"));
    for told in in_every_form(&script) {
        assert!(told.contains("wpad.example.vn"), "{told}");
    }
}
