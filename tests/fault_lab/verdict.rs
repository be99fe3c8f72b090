//! What a case expects of the program's one line of JSON, and of its exit status. Each answer is
//! also written down for the table that `tests/fault_lab/table.py` makes.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Output;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use crate::network::Said;
use crate::rivals::Answer;

/// What may be said of a target.
pub struct Expected<'a> {
    /// The truth, and what cannot be told from it there.
    causes: Vec<&'a str>,
    /// The certainties that are honest.
    certainties: Vec<&'a str>,
    /// It works, perhaps not fully.
    works: bool,
}

impl<'a> Expected<'a> {
    /// Reads `CAUSE|CAUSE (CERTAINTY|CERTAINTY), works`.
    pub fn read(text: &'a str) -> Self {
        let (causes, rest) = text.split_once(" (").unwrap();
        let (certainties, rest) = rest.split_once(')').unwrap();
        assert!(["", ", works"].contains(&rest), "{text}");
        Self {
            causes: causes.split('|').collect(),
            certainties: certainties.split('|').collect(),
            works: !rest.is_empty(),
        }
    }
}

/// Compares the verdict with what may be said, and the exit status with the verdict.
pub fn expect(said: &Said, expected: &Expected<'_>) {
    let Said { output, rivals } = said;
    let text = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = text.lines().collect();
    let [line] = lines.as_slice() else {
        panic!("not one line: {text}\n{complaint}");
    };
    let report: Value = serde_json::from_str(line).unwrap();
    let verdict = &report["verdict"];
    let (causes, certainties) = (&expected.causes, &expected.certainties);
    let shown = format!("wanted {causes:?} {certainties:?}\n{verdict:#}\n{complaint}\n{line}");
    assert_eq!(report["schema"], "ketnoi-report/1", "{shown}");
    write_down(&report, expected, rivals);
    let is_among = |all: &[&str], key: &str| all.contains(&verdict[key].as_str().unwrap());
    assert!(is_among(causes, "cause"), "{shown}");
    assert!(is_among(certainties, "certainty"), "{shown}");
    let status = i32::from(!expected.works);
    assert_eq!(output.status.code(), Some(status), "{shown}");
    assert_eq!(verdict["impact"] != "blocked", expected.works, "{shown}");
}

/// The same for the verdict of two ends.
pub fn expect_both(output: &Output, expected: &Expected<'_>) {
    let text = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    let report: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{complaint}"));
    let verdict = &report["verdict"];
    let (causes, certainties) = (&expected.causes, &expected.certainties);
    let shown = format!("wanted {causes:?} {certainties:?}\n{report:#}\n{complaint}");
    assert_eq!(report["schema"], "ketnoi-ends/1", "{shown}");
    let is_among = |all: &[&str], key: &str| all.contains(&verdict[key].as_str().unwrap());
    assert!(is_among(causes, "cause"), "{shown}");
    assert!(is_among(certainties, "certainty"), "{shown}");
    let status = i32::from(!expected.works);
    assert_eq!(output.status.code(), Some(status), "{shown}");
}

/// One file for each answer, so that cases that run side by side do not meet.
fn write_down(report: &Value, expected: &Expected<'_>, rivals: &[Answer]) {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fault_lab");
    std::fs::create_dir_all(&folder).unwrap();
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let verdict = &report["verdict"];
    let line = json!({
        "case": std::thread::current().name(),
        "target": report["target"]["input"],
        "expected": expected.causes,
        "honest": expected.certainties,
        "said": verdict["cause"],
        "certainty": verdict["certainty"],
        "alternatives": verdict["alternatives"].as_array().map_or_else(Vec::new, |all| {
            all.iter().map(|other| other["cause"].clone()).collect()
        }),
        "took_ms": report["took_ms"],
        "rivals": rivals.iter().cloned().collect::<BTreeMap<_, _>>(),
    });
    let file = folder.join(format!("{}-{number}.json", std::process::id()));
    std::fs::write(file, line.to_string()).unwrap();
}
