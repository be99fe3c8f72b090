//! What a case expects of the program's one line of JSON, and of its exit status.

use std::process::Output;

use serde_json::Value;

/// Exit status when the target works, fully or nearly.
pub const WORKS: i32 = 0;

/// Exit status when it does not.
pub const BLOCKED: i32 = 1;

/// Compares the verdict with the cause, the certainties that are honest here, and the exit status.
pub fn expect(said: &Output, cause: &str, certainties: &[&str], status: i32) {
    let text = String::from_utf8_lossy(&said.stdout);
    let complaint = String::from_utf8_lossy(&said.stderr);
    let shown = format!("{text}\n{complaint}");
    let lines: Vec<&str> = text.lines().collect();
    let [line] = lines.as_slice() else {
        panic!("not one line: {shown}");
    };
    let report: Value = serde_json::from_str(line).unwrap();
    assert_eq!(report["schema"], "ketnoi-report/1", "{shown}");
    let verdict = &report["verdict"];
    assert_eq!(verdict["cause"], cause, "{shown}");
    let certainty = verdict["certainty"].as_str().unwrap();
    assert!(certainties.contains(&certainty), "{certainty}: {shown}");
    assert_eq!(said.status.code(), Some(status), "{shown}");
    let impact = verdict["impact"].as_str().unwrap();
    assert_eq!(impact == "blocked", status == BLOCKED, "{shown}");
}
