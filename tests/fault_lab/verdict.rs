//! What a case expects of the program's one line of JSON, and of its exit status. Each answer is
//! also written down for the table that `tests/fault_lab/table.py` makes.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use crate::network::Said;
use crate::rivals::Answer;

/// Exit status when the target works, fully or nearly.
pub const WORKS: i32 = 0;

/// Exit status when it does not.
pub const BLOCKED: i32 = 1;

/// Compares the verdict with the cause, the certainties that are honest here, and the exit status.
pub fn expect(said: &Said, cause: &str, certainties: &[&str], status: i32) {
    let Said { output, rivals } = said;
    let text = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    let shown = format!("{text}\n{complaint}");
    let lines: Vec<&str> = text.lines().collect();
    let [line] = lines.as_slice() else {
        panic!("not one line: {shown}");
    };
    let report: Value = serde_json::from_str(line).unwrap();
    assert_eq!(report["schema"], "ketnoi-report/1", "{shown}");
    let verdict = &report["verdict"];
    let certainty = verdict["certainty"].as_str().unwrap();
    write_down(&report, cause, certainties, rivals);
    assert_eq!(verdict["cause"], cause, "{shown}");
    assert!(certainties.contains(&certainty), "{certainty}: {shown}");
    assert_eq!(output.status.code(), Some(status), "{shown}");
    let impact = verdict["impact"].as_str().unwrap();
    assert_eq!(impact == "blocked", status == BLOCKED, "{shown}");
}

/// One file for each answer, so that cases that run side by side do not meet.
fn write_down(report: &Value, cause: &str, certainties: &[&str], rivals: &[Answer]) {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fault_lab");
    std::fs::create_dir_all(&folder).unwrap();
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let verdict = &report["verdict"];
    let line = json!({
        "case": std::thread::current().name(),
        "target": report["target"]["input"],
        "expected": cause,
        "honest": certainties,
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
