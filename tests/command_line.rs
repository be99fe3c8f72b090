//! The command line, as a person or a script meets it: the real program against loopback sockets.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may stop")]
#![expect(
    clippy::disallowed_methods,
    reason = "the test starts the program and servers for it"
)]

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;

use serde_json::Value;
use socket2::{Domain, Socket, Type};

#[path = "command_line/batch.rs"]
mod batch;
#[path = "command_line/local.rs"]
mod local;

/// The program with settings of nobody, in English.
fn ketnoi(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ketnoi"));
    command
        .args(arguments)
        .env("XDG_CONFIG_HOME", env!("CARGO_TARGET_TMPDIR"))
        .env("LC_ALL", "en_US.UTF-8")
        .env_remove("LANGUAGE")
        .stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    ketnoi(arguments).output().unwrap()
}

fn run_with_input(arguments: &[&str], input: &str) -> Output {
    let mut child = ketnoi(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The only line of standard output, as JSON.
fn json(output: &Output) -> Value {
    let text = stdout(output);
    assert_eq!(text.lines().count(), 1, "{text}{}", stderr(output));
    assert!(text.ends_with('\n'));
    serde_json::from_str(&text).unwrap()
}

/// A port that is taken, so that nobody else gets it, and on which nobody listens.
fn closed_port() -> (Socket, u16) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    socket.bind(&any.into()).unwrap();
    let port = socket.local_addr().unwrap().as_socket().unwrap().port();
    (socket, port)
}

/// A server that greets each client with `greeting` and then waits for it to leave.
fn greeter(greeting: &'static [u8]) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            // A client that has left already is no fault of the server's.
            let _ = client.write_all(greeting);
            let _ = std::io::copy(&mut client, &mut std::io::sink());
        }
    });
    port
}

#[test]
fn a_closed_port_is_named_and_blocks() {
    let (_guard, port) = closed_port();
    let target = format!("127.0.0.1:{port}");
    let output = run(&["check", &target, "--json"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stderr(&output), "");
    let report = json(&output);
    assert_eq!(report["schema"], "ketnoi-report/1");
    assert_eq!(report["version"], env!("CARGO_PKG_VERSION"));
    assert!(report["created"].as_str().unwrap().ends_with('Z'));
    assert!(report["took_ms"].as_f64().unwrap() > 0.0);
    assert_eq!(report["target"]["input"], target.as_str());
    assert_eq!(report["target"]["host"], "127.0.0.1");
    assert_eq!(report["target"]["port"], port);
    assert_eq!(report["target"]["scheme"], Value::Null);
    let verdict = &report["verdict"];
    assert_eq!(verdict["reachable"], false);
    assert_eq!(verdict["impact"], "blocked");
    assert_eq!(verdict["cause"], "nothing-listening");
    assert!(
        verdict["summary"]
            .as_str()
            .unwrap()
            .contains(&port.to_string())
    );
    assert_eq!(verdict["because"][0]["clue"], "refused-with-reset");
    assert!(verdict["alternatives"].is_array());
    assert_eq!(report["contacted"], serde_json::json!([target]));
    assert_eq!(report["evidence"]["complete"], true);
    let advice = &report["advice"][0];
    for key in ["id", "title", "apply", "undo", "needs_admin", "risk"] {
        assert!(advice.get(key).is_some(), "{key}");
    }
}

#[test]
fn an_open_port_is_reachable() {
    let port = greeter(b"SSH-2.0-Test\r\n");
    let output = run(&["check", &format!("127.0.0.1:{port}"), "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    let report = json(&output);
    assert_eq!(report["verdict"]["reachable"], true);
    assert_eq!(report["verdict"]["cause"], "reachable");
    assert_eq!(report["verdict"]["impact"], "none");
}

#[test]
fn several_targets_give_a_line_each_and_the_highest_status() {
    let (_guard, closed) = closed_port();
    let open = greeter(b"220 hello\r\n");
    let (closed, open) = (format!("127.0.0.1:{closed}"), format!("127.0.0.1:{open}"));
    let output = run(&["check", &open, &closed, &open, "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    let mut inputs: Vec<String> = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|report| report["target"]["input"].as_str().unwrap().to_owned())
        .collect();
    inputs.sort();
    let mut expected = vec![closed, open];
    expected.sort();
    assert_eq!(inputs, expected);
}

#[test]
fn wrong_input_is_explained_and_fails() {
    let output = run(&["check", "db:0", "--json"]);
    assert_eq!(output.status.code(), Some(2));
    let report = json(&output);
    assert_eq!(report["schema"], "ketnoi-report/1");
    assert_eq!(report["error"]["code"], "port-zero");
    assert_eq!(report["error"]["at"], 3);
    assert!(report.get("verdict").is_none());
    let complaint = stderr(&output);
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
    assert!(complaint.contains(report["error"]["message"].as_str().unwrap()));
    let output = run(&["check", "db:0"]);
    assert_eq!(
        (output.status.code(), stdout(&output).as_str()),
        (Some(2), "")
    );
}

#[test]
fn an_error_without_an_address_and_a_socket_are_explained() {
    let cases = [
        (
            "ConnectionRefusedError: [Errno 111] Connection refused",
            "address-missing",
        ),
        ("unix:///var/run/docker.sock", "not-tcp"),
    ];
    for (text, code) in cases {
        let output = run(&["check", text, "--json"]);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert_eq!(json(&output)["error"]["code"], code);
        assert_eq!(stderr(&output).lines().count(), 1);
    }
}

#[test]
fn a_dry_run_says_what_a_pasted_error_means_and_contacts_nobody() {
    let port = greeter(b"");
    let pasted = format!(
        "Traceback (most recent call last):\n  File \"x.py\", line 3, in <module>\n    \
         s.connect((\"127.0.0.1\", {port}))\nConnectionRefusedError: [WinError 10061] \
         Không thể tạo kết nối\n"
    );
    let output = run_with_input(&["check", "-", "--dry-run", "--json"], &pasted);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let understood = json(&output);
    assert_eq!(understood["schema"], "ketnoi-input/1");
    assert_eq!(understood["target"]["host"], "127.0.0.1");
    assert_eq!(understood["target"]["port"], port);
    assert_eq!(understood["said"]["kind"], "refused");
    assert_eq!(understood["said"]["code"], "10061");
}

#[test]
fn a_dry_run_leaves_out_what_is_missing() {
    let text = "ConnectionRefusedError: [Errno 111] Connection refused";
    let understood = json(&run(&["check", text, "--dry-run", "--json"]));
    assert_eq!(understood["target"]["host"], Value::Null);
    assert_eq!(understood["target"]["port"], Value::Null);
    assert_eq!(understood["said"]["kind"], "refused");
    let understood = json(&run(&["check", "db:5432", "--dry-run", "--json"]));
    assert_eq!(understood["target"]["port"], 5432);
    assert_eq!(understood["said"], Value::Null);
}

#[test]
fn secrets_in_a_url_are_nowhere() {
    let (_guard, port) = closed_port();
    let url = format!("postgres://anna:s3cret@127.0.0.1:{port}/wages?token=t0ken");
    for arguments in [
        &["check", &url, "--json"][..],
        &["check", &url],
        &["check", &url, "--dry-run"],
    ] {
        let output = run(arguments);
        let said = stdout(&output) + &stderr(&output);
        for secret in ["anna", "s3cret", "wages", "t0ken"] {
            assert!(!said.contains(secret), "{secret} in {said}");
        }
    }
}

#[test]
fn a_hostile_greeting_reaches_no_terminal() {
    let port = greeter(b"\x1b[31mred\x1b]0;title\x07 \xe2\x80\xae \xc2\x9b2J\r\n");
    let target = format!("127.0.0.1:{port}");
    for arguments in [&["check", &target][..], &["check", &target, "--json"]] {
        let output = run(arguments);
        let said = stdout(&output) + &stderr(&output);
        assert!(said.contains("red"), "{said}");
        assert!(
            !said.contains(['\u{1b}', '\u{7}', '\u{202e}', '\u{9b}']),
            "{said:?}"
        );
    }
}

#[test]
fn hostile_arguments_are_spelt_out() {
    for arguments in [
        &["\u{1b}[31m"][..],
        &["check", "\u{1b}[31m:0\u{202e}"],
        &["check", "a:1", "--\u{1b}"],
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = stdout(&output) + &stderr(&output);
        assert!(!said.contains(['\u{1b}', '\u{202e}']), "{said:?}");
    }
}

#[test]
fn there_are_no_escape_codes_without_a_terminal() {
    let (_guard, port) = closed_port();
    for arguments in [&["--help"][..], &["check", &format!("127.0.0.1:{port}")]] {
        assert!(!stdout(&run(arguments)).contains('\u{1b}'));
    }
}

#[test]
fn it_speaks_vietnamese_when_asked() {
    let (_guard, port) = closed_port();
    let target = format!("127.0.0.1:{port}");
    let title = format!("Không có dịch vụ ở cổng {port}");
    let answer = stdout(&run(&["check", &target, "--lang", "vi"]));
    assert!(answer.contains(&title), "{answer}");
    assert!(answer.contains("Căn cứ"));
    let report = json(&run(&["check", &target, "--lang=vi", "--json"]));
    assert!(
        report["verdict"]["summary"]
            .as_str()
            .unwrap()
            .starts_with(&title)
    );
    assert!(stdout(&run(&["--help", "--lang", "vi"])).contains("Cách dùng"));
    assert!(stderr(&run(&["chekc", "--lang", "vi"])).contains("Không có lệnh"));
    let by_system = ketnoi(&["--help"])
        .env("LC_ALL", "vi_VN.UTF-8")
        .output()
        .unwrap();
    assert!(stdout(&by_system).contains("Cách dùng"));
}

#[test]
fn help_and_version_are_told() {
    let help = stdout(&run(&["--help"]));
    for option in [
        "check",
        "--json",
        "--lang",
        "--timeout",
        "--output",
        "--dry-run",
        "--version",
    ] {
        assert!(help.contains(option), "{option}");
    }
    assert!(
        help.lines().all(|line| line.chars().count() <= 80),
        "{help}"
    );
    assert_eq!(
        stdout(&run(&["--version"])),
        concat!("ketnoi ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn misuse_is_told_in_one_line() {
    for arguments in [
        &["frobnicate"][..],
        &["check"],
        &["check", "a:1", "--timeout", "soon"],
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(stdout(&output), "");
        assert_eq!(stderr(&output).lines().count(), 1);
    }
    assert_eq!(json(&run(&["check", "--json"]))["error"]["code"], "usage");
}

#[test]
fn the_report_is_saved_in_the_format_of_the_ending() {
    let (_guard, port) = closed_port();
    let target = format!("127.0.0.1:{port}");
    let folder = tempfile::tempdir().unwrap();
    for (name, start) in [
        ("r.md", "# "),
        ("r.json", "{"),
        ("r.txt", "Connection report: "),
    ] {
        let path = folder.path().join(name);
        let output = run(&["check", &target, "--output", path.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        let saved = std::fs::read_to_string(&path).unwrap();
        assert!(saved.starts_with(start), "{saved}");
        assert!(saved.contains(&target));
    }
}

#[test]
fn several_reports_in_one_file_are_a_list() {
    let (_guard, port) = closed_port();
    let (_other_guard, other) = closed_port();
    let targets = [format!("127.0.0.1:{port}"), format!("127.0.0.1:{other}")];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("two.json");
    let path = path.to_str().unwrap();
    let output = run(&["check", &targets[0], &targets[1], "-o", path]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let saved: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let inputs: Vec<&Value> = saved
        .as_array()
        .unwrap()
        .iter()
        .map(|r| &r["target"]["input"])
        .collect();
    // One host, so in the order in which they were given.
    assert_eq!(inputs, [&targets[0], &targets[1]]);
}

#[test]
fn the_report_keeps_what_a_pasted_error_said() {
    let (_guard, port) = closed_port();
    let text = format!("connect ECONNREFUSED 127.0.0.1:{port}");
    let report = json(&run(&["check", &text, "--json"]));
    assert_eq!(report["evidence"]["said"]["kind"], "refused");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.md");
    run(&["check", &text, "-o", path.to_str().unwrap()]);
    let saved = std::fs::read_to_string(&path).unwrap();
    assert!(
        saved.contains("Pasted error message: The error says"),
        "{saved}"
    );
}

#[test]
fn a_port_that_nobody_gave_is_called_a_guess() {
    let answer = stdout(&run(&["check", "127.0.0.1"]));
    assert!(
        answer.contains("No port was given, so 443 was assumed"),
        "{answer}"
    );
}

#[test]
fn the_path_shows_where_it_breaks() {
    let (_guard, port) = closed_port();
    let answer = stdout(&run(&["check", &format!("127.0.0.1:{port}")]));
    let path = format!("This\u{a0}computer ─✗─ Port\u{a0}{port} ┄?┄ Service");
    assert!(answer.contains(&path), "{answer}");
}

#[test]
fn an_error_without_an_address_offers_what_listens_here() {
    let port = greeter(b"");
    let text = "ConnectionRefusedError: [Errno 111] Connection refused";
    let endpoint = format!("127.0.0.1:{port}");
    let offered = json(&run(&["check", text, "--json"]));
    let examples = offered["error"]["examples"].as_array().unwrap();
    assert!(examples.len() <= 12);
    // Many tests listen at once, and only some are offered.
    assert!(
        examples.len() == 12 || examples.contains(&endpoint.into()),
        "{offered}"
    );
    let answer = stdout(&run(&["check", text]));
    assert!(
        answer.starts_with("Listening on this computer:\n  ketnoi check "),
        "{answer}"
    );
}

#[test]
fn a_failed_save_fails_and_says_why() {
    let (_guard, port) = closed_port();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("missing/r.md");
    let target = format!("127.0.0.1:{port}");
    let output = run(&[
        "check",
        &target,
        "--json",
        "--output",
        path.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(json(&output)["verdict"]["cause"], "nothing-listening");
    assert!(
        stderr(&output).contains("the folder does not exist"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let (_guard, port) = closed_port();
    let target = format!("127.0.0.1:{port}");
    let mut child = ketnoi(&["check", &target, "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stderr(&output), "");
}

#[cfg(target_os = "linux")]
#[test]
fn an_interrupt_ends_it_at_once() {
    let peer = silent_peer();
    let target = peer.target.clone();
    let (_guard, port) = closed_port();
    let closed = format!("127.0.0.2:{port}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.txt");
    let saved = path.to_str().unwrap();
    let mut child = ketnoi(&["check", &closed, &target, "--timeout", "60", "-o", saved])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The first target has been answered when its line is there.
    let mut answers = BufReader::new(child.stdout.take().unwrap());
    answers.read_line(&mut String::new()).unwrap();
    while !catches_interrupts(child.id()) {
        assert_eq!(child.try_wait().unwrap(), None, "it ended by itself");
        thread::yield_now();
    }
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(killed.unwrap().success());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130));
    let complaint = stderr(&ended);
    assert!(complaint.contains("Interrupted"), "{complaint}");
    let report = std::fs::read_to_string(&path).unwrap();
    assert!(
        report.contains(&closed) && !report.contains(&target),
        "{report}"
    );
}

/// A listener whose queue is full, so that further connections get no answer.
#[cfg(target_os = "linux")]
struct SilentPeer {
    target: String,
    _sockets: Vec<Socket>,
}

#[cfg(target_os = "linux")]
fn silent_peer() -> SilentPeer {
    let (listener, port) = closed_port();
    listener.listen(0).unwrap();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut sockets = vec![listener];
    for _ in 0..4 {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.set_nonblocking(true).unwrap();
        // In progress, or in the queue: either is what is wanted.
        let _ = socket.connect(&address.into());
        sockets.push(socket);
    }
    SilentPeer {
        target: address.to_string(),
        _sockets: sockets,
    }
}

/// Whether the process has a handler for SIGINT, the second bit of `SigCgt` (proc(5)).
#[cfg(target_os = "linux")]
fn catches_interrupts(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    caught
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & 0b10 != 0)
}

#[test]
fn two_reports_of_one_target_are_compared() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (before, after, other) = (path("before.json"), path("after.json"), path("other.json"));
    let (guard, port) = closed_port();
    let target = format!("127.0.0.1:{port}");
    run(&["check", &target, "--output", &before]);
    run(&["check", &format!("localhost:{port}"), "--output", &other]);
    guard.listen(8).unwrap();
    thread::spawn(move || {
        while let Ok((client, _)) = guard.accept() {
            let _ = client.send(b"220 hello\r\n");
        }
    });
    run(&["check", &target, "--output", &after]);

    let told = run(&["compare", &before, &after]);
    assert_eq!(told.status.code(), Some(0), "{}", stderr(&told));
    let text = stdout(&told);
    assert!(text.contains("refused → connected"), "{text}");
    // The reports tell themselves which is the earlier one.
    assert_eq!(stdout(&run(&["compare", &after, &before])), text);
    let comparison = json(&run(&["compare", &before, &after, "--json"]));
    assert_eq!(comparison["schema"], "ketnoi-comparison/1");
    assert_eq!(comparison["before"]["cause"], "nothing-listening");
    let course = comparison["comparison"]["course"].as_str().unwrap();
    assert!(matches!(course, "works-now" | "connects-now"), "{course}");

    let itself = run(&["compare", &before, &before]);
    assert_eq!(itself.status.code(), Some(1));
    assert!(stdout(&itself).contains("Nothing has changed"));
    let different = run(&["compare", &before, &other]);
    assert_eq!(different.status.code(), Some(2));
    assert!(stderr(&different).contains("different targets"));
}

#[test]
fn what_is_no_report_gives_one_clear_line() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join("no-report.json");
    for text in [
        "",
        "{}",
        "[[[[",
        "{\"schema\":\"ketnoi-report/9\",\"evidence\":{}}",
    ] {
        std::fs::write(&path, text).unwrap();
        let path = path.to_str().unwrap();
        let told = run(&["compare", path, path, "--json"]);
        assert_eq!(told.status.code(), Some(2), "{text}");
        assert_eq!(stderr(&told).lines().count(), 1);
        assert!(json(&told)["error"]["code"].is_string());
    }
    let missing = run(&["compare", "/nonexistent.json", "/nonexistent.json"]);
    assert_eq!(missing.status.code(), Some(2));
}

/// Every limit of open files from the least on: the program ends with a verdict or says that it
/// cannot work, and never breaks down. Below four, the system cannot even load it.
#[cfg(target_os = "linux")]
#[test]
fn with_few_descriptors_left_it_ends_with_an_answer() {
    let (_socket, port) = closed_port();
    let target = format!("127.0.0.1:{port}");
    let mut codes = BTreeSet::new();
    for limit in 3..=40 {
        let limited = Command::new("prlimit")
            .arg(format!("--nofile={limit}"))
            .arg(env!("CARGO_BIN_EXE_ketnoi"))
            .args(["check", &target, "--json"])
            .env("XDG_CONFIG_HOME", env!("CARGO_TARGET_TMPDIR"))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let (said, complaint) = (stdout(&limited), stderr(&limited));
        let status = limited.status.code();
        assert!(!complaint.contains("panicked"), "{limit}: {complaint}");
        if status == Some(NOT_LOADED) && said.is_empty() {
            assert!(limit < 5, "{limit}: {complaint}");
            continue;
        }
        let answer = json(&limited);
        let code = match &answer["error"]["code"] {
            Value::Null => &answer["verdict"]["cause"],
            code => code,
        };
        let wanted = if answer["error"].is_null() { 1 } else { 2 };
        assert_eq!(status, Some(wanted), "{limit}: {answer}");
        codes.insert(code.as_str().unwrap().to_owned());
    }
    // One after the other, as there are more and more.
    let wanted = [
        "client-out-of-descriptors",
        "nothing-listening",
        "system-failed",
    ];
    assert_eq!(codes, BTreeSet::from(wanted.map(str::to_owned)));
}

/// What ld.so(8) ends with when it cannot load a library.
#[cfg(target_os = "linux")]
const NOT_LOADED: i32 = 127;
