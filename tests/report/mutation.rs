//! Reports as somebody might have broken or forged them: real ones, changed at random by a seed.
//! Whatever comes of it opens, or is refused in a sentence; what opens is told in the formats.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use ketnoi::case::ends::OtherReport;
use ketnoi::case::local::LocalView;
use ketnoi::case::{Case, Tried};
use ketnoi::evidence::{Arrival, Evidence, Fact, Os, Stage, Watch};
use ketnoi::i18n::{Language, Texts};
use ketnoi::report::opened::{
    Either, OpenError, OpenedLocal, Saved, open_bytes, open_either_bytes,
};
use ketnoi::report::{Format, Redactor, Stamp, anonymised, json, render, render_local};
use ketnoi::target::Target;
use serde_json::{Map, Value, json};

/// Real reports, and every value that stands in them, by its key.
pub struct Corpus {
    reports: Vec<Value>,
    values: BTreeMap<String, Vec<Value>>,
    /// A test to tell the view of a port beside.
    client: Case,
}

/// The machine that a test was made on, as it would look at its own port.
fn view_of(mut evidence: Evidence) -> LocalView {
    evidence.target = LocalView::target(evidence.target.port);
    let arrival = |from: &str, stage| Arrival {
        from: from.parse().expect("an address"),
        to: "10.77.1.10".parse().expect("an address"),
        connections: 1,
        stage,
        half_open: Duration::from_secs(1),
        first: Duration::ZERO,
        last: Duration::from_secs(2),
        were_there: stage == Stage::Established,
    };
    LocalView {
        case: Case::new(evidence),
        from: Some("10.77.1.2".parse().expect("an address")),
        watch: Watch {
            began: Timestamp::from_second(1_795_000_000).expect("in range"),
            lasted: Duration::from_mins(1),
            polls: 600,
            longest_gap: Duration::from_millis(110),
            arrivals: Fact::Known(vec![
                arrival("10.77.1.2", Stage::HalfOpen),
                arrival("fd77:1::2", Stage::Established),
            ]),
            untold: 3,
        },
    }
}

fn server_of(evidence: Evidence) -> Arc<OtherReport> {
    let LocalView { case, from, watch } = view_of(evidence);
    Arc::new(OtherReport {
        case,
        watch: Some(watch),
        from,
        began: Some(Timestamp::from_second(1_795_000_000).expect("in range")),
        anonymised: false,
    })
}

/// What became of a changed report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was told in a format.
    Opened,
    /// It was refused.
    Refused,
}

impl Corpus {
    /// The reports of every file in `tests/cases`, some with a round before.
    pub fn of_cases() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
        let mut paths: Vec<_> = fs::read_dir(folder)
            .expect("the cases are there")
            .map(|entry| entry.expect("a folder that can be read").path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
            .collect();
        paths.sort();
        let stamp = Stamp {
            created: Timestamp::from_second(1_795_000_000).expect("in range"),
            took: Duration::from_micros(3_100),
            anonymised: false,
        };
        let report = |(index, path): (usize, &std::path::PathBuf)| {
            let text = fs::read_to_string(path).expect("a case that can be read");
            let file: Value = serde_json::from_str(&text).expect("JSON");
            let evidence: Evidence =
                serde_json::from_value(file["evidence"].clone()).expect("evidence");
            let mut case = Case::new(evidence.clone());
            if index % 4 == 0 {
                let tried = case.advice().first().map(Tried::of);
                case = case.next_round(tried, evidence.clone());
            }
            let texts = Texts::of(Language::En);
            let line = match index % 4 {
                1 => json::line(&case.beside(Some(server_of(evidence))), texts, &stamp),
                3 => json::local_line(&view_of(evidence), texts, &stamp),
                _ => json::line(&case, texts, &stamp),
            };
            serde_json::from_str(&line).expect("JSON")
        };
        let reports: Vec<Value> = paths.iter().enumerate().map(report).collect();
        let mut values = BTreeMap::new();
        for report in &reports {
            gather(report, &mut values);
        }
        let target = Target::from_parts("10.77.1.10", "5432").expect("an endpoint");
        let mut client = Evidence::new(target, Os::Linux, Duration::from_secs(4));
        client.complete = true;
        Self {
            reports,
            values,
            client: Case::new(client),
        }
    }

    /// Changes a report by this seed, reads it, and tells it where it opens, in the format that the
    /// seed chooses, an eighth of them anonymised as well.
    pub fn try_one(&self, seed: u64) -> Fate {
        let bytes = self.changed(seed);
        let texts = Texts::of(if seed.is_multiple_of(2) {
            Language::En
        } else {
            Language::Vi
        });
        let format = Format::ALL[usize::try_from(seed / 2 % 4).expect("less than four")];
        let view = match open_either_bytes(&bytes) {
            Ok(Either::Local(view)) => Some(*view),
            Ok(Either::Test(_)) | Err(_) => None,
        };
        if let Some(opened) = view {
            self.tell_view(opened, format, texts);
            return Fate::Opened;
        }
        match open_bytes(&bytes).and_then(Saved::try_from) {
            Ok(saved) => {
                is_harmless(&render(&saved.case, format, texts, &saved.stamp));
                if seed % 16 < 2 {
                    let told = anonymised(&saved.case);
                    is_harmless(&render(&told, Format::Text, texts, &saved.stamp));
                }
                Fate::Opened
            }
            Err(error) => {
                let sentence = error.sentence(texts, "report\u{1b}.json");
                is_harmless(&sentence);
                assert!(sentence.chars().count() < 400, "{sentence}");
                if let OpenError::OtherVersion { schema } = error {
                    assert_ne!(schema, "ketnoi-report/1");
                }
                Fate::Refused
            }
        }
    }

    /// Tells a view of a port by itself, and beside a client's test.
    fn tell_view(&self, opened: OpenedLocal, format: Format, texts: &'static Texts) {
        let stamp = Stamp {
            created: opened.created.unwrap_or_default(),
            took: Duration::ZERO,
            anonymised: opened.anonymised,
        };
        is_harmless(&render_local(&opened.view, format, texts, &stamp));
        let told = Redactor::default().retell_local(&opened.view);
        is_harmless(&render_local(&told, format, texts, &stamp));
        let other = Either::Local(Box::new(opened)).into_other();
        let case = self.client.clone().beside(Some(Arc::new(other)));
        is_harmless(&render(&case, format, texts, &stamp));
    }

    fn changed(&self, seed: u64) -> Vec<u8> {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let mut report = dice.one_of(&self.reports).clone();
        for _ in 0..=dice.below(4) {
            self.change_value(&mut report, &mut dice);
        }
        let mut bytes = if dice.below(2) == 0 {
            serde_json::to_vec(&report)
        } else {
            serde_json::to_vec_pretty(&report)
        }
        .expect("JSON");
        if dice.below(8) == 0 {
            for _ in 0..=dice.below(3) {
                change_bytes(&mut bytes, &mut dice);
            }
        }
        bytes
    }

    /// Changes one value somewhere in the report.
    fn change_value(&self, report: &mut Value, dice: &mut Dice) {
        let place = walk_to(report, dice);
        let (parent, key) = place.rsplit_once('/').unwrap_or(("", ""));
        let key = key.replace("~1", "/").replace("~0", "~");
        let Some(value) = report.pointer_mut(&place) else {
            return;
        };
        match dice.below(16) {
            // What stands elsewhere under that key: as a rule this is a report again.
            0..=6 => {
                if let Some(known) = self.values.get(&key) {
                    *value = dice.one_of(known).clone();
                }
            }
            7..=10 => *value = of_same_type(value, dice),
            11 => *value = anything(dice),
            12 => *value = nested(*dice.one_of(&[1, 3, 30, 70, 200]), value.take()),
            13 => {
                if let Value::Array(all) = value
                    && let Some(first) = all.first().cloned()
                {
                    let more = dice.one_of(&[1_usize, 2, 20, 2500]);
                    all.extend(std::iter::repeat_n(first, *more));
                }
            }
            14 => {
                if let Some(Value::Object(fields)) = report.pointer_mut(parent) {
                    fields.remove(&key);
                }
            }
            _ => {
                if let Value::Object(fields) = value {
                    fields.insert(dice.one_of(HOSTILE).to_string(), anything(dice));
                }
            }
        }
    }
}

/// A report tells nothing that could steer a terminal or reorder its text.
pub fn is_harmless(text: &str) {
    let treacherous = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
    };
    if let Some(at) = text.find(treacherous) {
        let rest: String = text[at..].chars().take(40).collect();
        panic!("told as it is: {rest:?}");
    }
}

fn gather(value: &Value, values: &mut BTreeMap<String, Vec<Value>>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let known = values.entry(key.clone()).or_default();
                if known.len() < 200 && !known.contains(value) {
                    known.push(value.clone());
                }
                gather(value, values);
            }
        }
        Value::Array(all) => all.iter().for_each(|value| gather(value, values)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The pointer (RFC 6901) to a value that a walk from the outside ends at. It leads mostly into the
/// evidence, which is what is read.
fn walk_to(report: &Value, dice: &mut Dice) -> String {
    let mut place = String::new();
    let mut value = report;
    loop {
        let key = match value {
            Value::Object(fields) if place.is_empty() && dice.below(8) > 0 => {
                fields.keys().find(|key| *key == "evidence").cloned()
            }
            Value::Object(fields) => fields.keys().nth(dice.below(fields.len())).cloned(),
            Value::Array(all) if !all.is_empty() => Some(dice.below(all.len()).to_string()),
            _ => None,
        };
        let Some(key) = key else { return place };
        value = match value {
            Value::Object(fields) => &fields[&key],
            _ => &value[key.parse::<usize>().expect("an index")],
        };
        place.push('/');
        place.push_str(&key.replace('~', "~0").replace('/', "~1"));
        if dice.below(7) == 0 {
            return place;
        }
    }
}

fn of_same_type(value: &Value, dice: &mut Dice) -> Value {
    match value {
        Value::Null | Value::Object(_) | Value::Array(_) => anything(dice),
        Value::Bool(is_set) => json!(!is_set),
        Value::Number(_) => dice.one_of(&numbers()).clone(),
        Value::String(text) => match dice.below(4) {
            0 => json!(text.chars().rev().collect::<String>()),
            1 => json!(format!("{text}{}", dice.one_of(HOSTILE))),
            2 => json!(text.repeat(*dice.one_of(&[0, 2, 40, 4000]))),
            _ => json!(dice.one_of(HOSTILE)),
        },
    }
}

fn anything(dice: &mut Dice) -> Value {
    match dice.below(8) {
        0 => Value::Null,
        1 => json!(dice.below(2) == 0),
        2 | 3 => dice.one_of(&numbers()).clone(),
        4 | 5 => json!(dice.one_of(HOSTILE)),
        6 => json!([dice.one_of(HOSTILE), 1, null]),
        _ => Value::Object(Map::from_iter([("known".to_owned(), json!([]))])),
    }
}

fn nested(depth: usize, value: Value) -> Value {
    (0..depth).fold(value, |inner, level| {
        if level % 2 == 0 {
            json!([inner])
        } else {
            json!({ "known": inner })
        }
    })
}

fn numbers() -> [Value; 16] {
    [
        json!(0),
        json!(1),
        json!(-1),
        json!(32),
        json!(33),
        json!(128),
        json!(129),
        json!(255),
        json!(65535),
        json!(65536),
        json!(u32::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(0.5),
        json!(1e308),
        json!(-1e-308),
    ]
}

fn change_bytes(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let at = dice.below(bytes.len().max(1));
    let end = (at + dice.below(40)).min(bytes.len());
    match dice.below(6) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..end)),
        2 => {
            let again = bytes[at..end].to_vec();
            bytes.splice(at..at, again);
        }
        3 => bytes.insert(at, *dice.one_of(b"\0\"\\{}[],:\xff\xc3\x1b 9")),
        _ => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << dice.below(8);
            }
        }
    }
}

/// Numbers that a seed decides (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.roll() % u64::try_from(bound.max(1)).expect("64 bits")).expect("less")
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// What somebody might put into a banner, a program's name, a host's name or an address.
const HOSTILE: &[&str] = &[
    "",
    "\u{1b}[31mred\u{1b}]0;title\u{7}",
    "\u{202e}gnp.exe\u{2066}x\u{2069}\u{200b}\u{feff}",
    "a\u{9b}2J\u{85}\u{2028}\u{e0041}\0",
    "</article></style><script>alert(1)</script>\"' onload='x'",
    "x\n\n# Heading\n\n- item\n\n```\n| cell |",
    "=HYPERLINK(\"http://evil.example\")",
    "{host} {port} {0} %s ${HOME} $(id) `id` ; rm -rf /",
    "-oProxyCommand=id",
    "0.0.0.0",
    "255.255.255.255",
    "224.0.0.1:0",
    "127.0.0.1:65535",
    "::",
    "[::1]:0",
    "fe80::1%eth0",
    "::ffff:10.0.0.1",
    "[2001:db8::1%9]:443",
    "unknown",
    "not-asked",
    "connected",
    "refused",
    "silent",
    "xn--",
    "máy-chủ.example.vn",
    ".",
    "..",
    "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.z",
    "9999-12-31T23:59:59Z",
    "-009999-01-01T00:00:00Z",
];
