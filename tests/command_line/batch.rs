//! Many targets at once: `ketnoi check --targets`.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::{closed_port, greeter, ketnoi, run, run_with_input, stderr, stdout};

/// A folder of a test's own.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn file(folder: &tempfile::TempDir, name: &str, content: &str) -> String {
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

/// How often each cause is told.
fn causes(lines: &str) -> BTreeMap<String, usize> {
    let mut causes = BTreeMap::new();
    for line in lines.lines() {
        let result: Value = serde_json::from_str(line).unwrap();
        let cause = result["verdict"]["cause"].as_str().unwrap().to_owned();
        *causes.entry(cause).or_default() += 1;
    }
    causes
}

#[test]
fn a_dry_run_says_what_a_list_means_and_which_line_means_nothing() {
    let folder = folder();
    let list = file(&folder, "targets", "# all\n127.0.0.1:1\n\n:x\n");
    let output = run(&[
        "check",
        "db:2",
        "--targets",
        &list,
        "--dry-run",
        "--lang",
        "en",
    ]);
    assert_eq!(output.status.code(), Some(2));
    let said = stdout(&output);
    assert!(said.contains("127.0.0.1") && said.contains("db"), "{said}");
    assert!(stderr(&output).contains('4'), "{}", stderr(&output));
    let empty = file(&folder, "empty", "# none\n");
    let output = run(&["check", "--targets", &empty, "--dry-run"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(!stderr(&output).is_empty());
}

#[test]
fn each_target_of_a_list_is_told_once() {
    let folder = folder();
    let (_socket, closed) = closed_port();
    let open = greeter(b"SSH-2.0-test\r\n");
    let list = format!(
        "# our servers\n\n127.0.0.1:{closed}\n  127.0.0.1:{open}   # greets\n127.0.0.1:{closed}\n"
    );
    let list = file(&folder, "list.txt", &list);
    let output = run(&["check", "--targets", &list, "--json"]);
    let told = causes(&stdout(&output));
    assert_eq!(told.get("nothing-listening"), Some(&1), "{told:?}");
    assert_eq!(told.values().sum::<usize>(), 2, "{told:?}");
    assert_eq!(output.status.code(), Some(1));
    let summary = stderr(&output);
    assert!(summary.contains("2 of 2 targets tested"), "{summary}");
}

#[test]
fn in_words_each_is_a_line_and_the_sum_comes_last() {
    let (_socket, closed) = closed_port();
    let list = format!("127.0.0.1:{closed}\n");
    let output = run_with_input(&["check", "--targets", "-", "--lang", "vi"], &list);
    let text = stdout(&output);
    let mut lines = text.lines();
    let first = lines.next().unwrap();
    assert!(
        first.starts_with(&format!("✗ 127.0.0.1:{closed}")),
        "{text}"
    );
    assert!(text.contains("Đã kiểm tra 1/1 địa chỉ"), "{text}");
    assert!(
        text.trim_end().ends_with(&format!("127.0.0.1:{closed}")),
        "{text}"
    );
}

#[test]
fn a_line_that_is_no_target_is_named_and_the_others_are_tested() {
    let (_socket, closed) = closed_port();
    let list = format!("what is this\n127.0.0.1:{closed}\n127.0.0.1:99999\n");
    let output = run_with_input(&["check", "--targets", "-", "--json"], &list);
    assert_eq!(output.status.code(), Some(2));
    let lines: Vec<Value> = stdout(&output)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let at: Vec<Option<u64>> = lines
        .iter()
        .map(|line| line["error"]["line"].as_u64())
        .collect();
    assert_eq!(at, [Some(1), Some(3), None]);
    assert!(stderr(&output).contains("Line 1: "), "{}", stderr(&output));
    assert_eq!(lines[2]["verdict"]["cause"], "nothing-listening");
}

#[test]
fn what_was_cut_short_is_done_again_and_nothing_twice() {
    let folder = folder();
    let ports: Vec<_> = (0..6).map(|_| closed_port()).collect();
    let lines = ports.iter().map(|(_, port)| format!("127.0.0.1:{port}\n"));
    let list = lines.collect::<Vec<_>>().concat();
    let list = file(&folder, "list.txt", &list);
    let results = folder.path().join("results.jsonl");
    let path = results.to_str().unwrap();
    run(&["check", "--targets", &list, "-o", path]);
    let whole = fs::read_to_string(&results).unwrap();
    assert_eq!(whole.lines().count(), 6);

    // Killed within the fourth line.
    let third: usize = whole.split_inclusive('\n').take(3).map(str::len).sum();
    fs::write(&results, &whole[..third + 100]).unwrap();
    let table = folder.path().join("table.csv");
    let output = run(&[
        "check",
        "--targets",
        &list,
        "--resume",
        "-o",
        path,
        "-o",
        table.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let resumed = fs::read_to_string(&results).unwrap();
    assert!(resumed.starts_with(&whole[..third]));
    let ports_of = |lines: &str| {
        let port =
            |line: &str| serde_json::from_str::<Value>(line).unwrap()["target"]["port"].as_u64();
        let mut ports: Vec<_> = lines.lines().map(port).collect();
        ports.sort_unstable();
        ports
    };
    assert_eq!(ports_of(&resumed), ports_of(&whole));
    let told = stdout(&output);
    assert!(
        told.contains("3 of them were in the file already"),
        "{told}"
    );
    // The words tell of those that were left to do, the table of all.
    assert_eq!(
        stdout(&output).matches("✗ 127.0.0.1:").count(),
        3,
        "{}",
        stdout(&output)
    );
    assert_eq!(fs::read_to_string(&table).unwrap().lines().count(), 7);
}

#[test]
fn a_file_of_something_else_is_left_alone() {
    let folder = folder();
    let precious = file(&folder, "notes.jsonl", "{\"dear\": \"diary\"}\n");
    let output = run(&["check", "--targets", "-", "--resume", "-o", &precious]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("line 1"), "{}", stderr(&output));
    assert_eq!(
        fs::read_to_string(&precious).unwrap(),
        "{\"dear\": \"diary\"}\n"
    );
}

#[test]
fn the_table_is_of_all_results_and_has_no_secrets() {
    let folder = folder();
    let (_socket, closed) = closed_port();
    let table: PathBuf = folder.path().join("t.csv");
    let list = format!("http://user:secret@127.0.0.1:{closed}/path?query=secret\n");
    let list = file(&folder, "l", &list);
    let output = run(&["check", "--targets", &list, "-o", table.to_str().unwrap()]);
    let table = fs::read_to_string(&table).unwrap();
    assert!(
        !table.contains("secret") && !stdout(&output).contains("secret"),
        "{table}"
    );
    let mut lines = table.lines();
    let head = "target,host,port,reachable,impact,cause,certainty,took_ms,summary";
    assert_eq!(lines.next(), Some(head));
    let row = lines.next().unwrap();
    let expected = format!(",127.0.0.1,{closed},false,blocked,nothing-listening,");
    assert!(row.contains(&expected), "{row}");
}

#[test]
fn a_reader_that_leaves_ends_the_batch() {
    use std::io::{BufRead as _, BufReader};
    use std::process::Stdio;
    let (_socket, closed) = closed_port();
    let folder = folder();
    // A kilobyte for each, more than a pipe holds.
    let lines = (1..=400).map(|n| format!("127.0.0.{}:{closed}\n", n % 250 + 1));
    let list = lines.collect::<Vec<_>>().concat();
    let list = file(&folder, "list.txt", &list);
    let mut child = ketnoi(&["check", "--targets", &list, "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut first)
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.code().is_some_and(|code| code < 2),
        "{}",
        stderr(&output)
    );
}
