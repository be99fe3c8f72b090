//! One port of this machine: `ketnoi local`, and two ends beside each other.

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::thread;

use serde_json::{Value, json};

use super::{closed_port, greeter, json, run, stderr, stdout};

#[test]
fn who_listens_and_who_comes_is_told_without_connecting_anywhere() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let port = addr.port().to_string();
    let client = thread::spawn(move || std::net::TcpStream::connect(addr).unwrap());
    let kept = client.join().unwrap();
    let output = run(&["local", &port, "--watch", "0.3", "--json"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let report = json(&output);
    assert_eq!(report["schema"], "ketnoi-local/1");
    assert_eq!(report["standing"], "this-machine-only");
    assert_eq!(report["port"], addr.port());
    assert_eq!(report["evidence"]["attempts"], json!([]));
    let arrivals = &report["watch"]["arrivals"]["known"];
    assert_eq!(arrivals[0]["from"], "127.0.0.1", "{report}");
    assert_eq!(arrivals[0]["connections"], 1);
    assert_eq!(arrivals[0]["were_there"], true);
    assert!(report["watch"]["polls"].as_u64().unwrap() > 1);
    drop(kept);
    // The listener itself was not connected to.
    assert_eq!(listener.accept().unwrap().1.ip(), addr.ip());
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err());
}

#[test]
fn a_port_that_nobody_has_is_said_to_be_closed_in_both_languages() {
    let (_socket, port) = closed_port();
    let port = port.to_string();
    for (language, words) in [
        ("en", "✗ Nothing listens on port"),
        ("vi", "✗ Không có chương trình nào lắng nghe ở cổng"),
    ] {
        let output = run(&["local", &port, "--watch", "0", "--lang", language]);
        assert_eq!(output.status.code(), Some(1));
        assert!(stdout(&output).starts_with(words), "{}", stdout(&output));
    }
    let output = run(&["local", "0", "--json"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(json(&output)["error"]["code"], "usage");
}

#[test]
fn the_view_is_saved_in_every_format_and_without_what_is_private() {
    let folder = tempfile::tempdir().unwrap();
    let port = greeter(b"hello\r\n").to_string();
    for ending in ["json", "md", "html", "txt"] {
        let path = folder.path().join(format!("view.{ending}"));
        let file = path.to_str().unwrap();
        let words = ["local", &port, "--watch", "0", "--output", file];
        let output = run(&[&words[..], &["--anonymise"]].concat());
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(&port), "{text}");
        assert!(!text.contains("command_line"), "{text}");
        if ending == "json" {
            let report: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(report["anonymised"], true);
        }
    }
}

#[test]
fn a_view_is_compared_with_a_clients_test_only() {
    let folder = tempfile::tempdir().unwrap();
    let (_socket, port) = closed_port();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (view, test) = (path("view.json"), path("test.json"));
    run(&["local", &port.to_string(), "--watch", "0", "-o", &view]);
    run(&["check", &format!("127.0.0.1:{port}"), "-o", &test]);
    let output = run(&["compare", &view, &test, "--json"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(json(&output)["error"]["code"], "two-views");

    // The same test, as another machine would have made it.
    let mut client: Value = serde_json::from_str(&fs::read_to_string(&test).unwrap()).unwrap();
    let evidence = &mut client["evidence"];
    let view_of: Value = serde_json::from_str(&fs::read_to_string(&view).unwrap()).unwrap();
    let interfaces = view_of["evidence"]["network"]["known"]["interfaces"].clone();
    let own = interfaces.as_array().unwrap().iter().find_map(|interface| {
        let all = interface["addresses"].as_array()?;
        let v4 = all
            .iter()
            .find(|a| a["ip"].as_str().unwrap().contains('.'))?;
        (interface["loopback"] == false).then(|| v4["ip"].as_str().unwrap().to_owned())
    });
    let Some(own) = own else {
        let message = "this machine has no address but loopback";
        assert!(std::env::var("CI").is_err(), "{message}");
        let _ = writeln!(std::io::stderr(), "not run: {message}");
        return;
    };
    evidence["target"]["host"] = json!({ "v4": own });
    evidence["attempts"][0]["addr"] = json!(format!("{own}:{port}"));
    evidence["network"] =
        json!({ "known": { "interfaces": [], "default_gateways": { "known": [] } } });
    fs::write(&test, client.to_string()).unwrap();
    for pair in [[&view, &test], [&test, &view]] {
        let output = run(&["compare", pair[0], pair[1], "--json"]);
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        let report = json(&output);
        assert_eq!(report["schema"], "ketnoi-ends/1");
        assert_eq!(report["verdict"]["cause"], "nothing-listens", "{report}");
    }
    for (language, words) in [("en", "Nothing on the server"), ("vi", "trên máy chủ")] {
        let output = run(&["compare", &test, &view, "--lang", language]);
        assert!(stdout(&output).contains(words), "{}", stdout(&output));
    }
    let output = run(&["compare", &test, &view, "--anonymise"]);
    assert!(!stdout(&output).contains(&own), "{}", stdout(&output));
}
