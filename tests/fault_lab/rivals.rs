//! What other programs say of the same faults, for the table in the README. Asked only with
//! `KETNOI_RIVALS` set: it takes time, and nothing here depends on it.

use std::process::Output;

/// A program and what it said.
pub type Answer = (&'static str, String);

/// Whether they are to be asked.
pub fn are_wanted() -> bool {
    std::env::var_os("KETNOI_RIVALS").is_some()
}

/// Asks each of them about a target; `run` starts a command where the target is asked from.
pub fn ask(target: &str, run: impl Fn(&[&str]) -> Output) -> Vec<Answer> {
    let (scheme, rest) = target.split_once("://").unwrap_or(("telnet", target));
    let endpoint = rest.split('/').next().unwrap();
    let Some((host, port)) = endpoint.rsplit_once(':') else {
        return Vec::new();
    };
    let host = host.trim_matches(['[', ']']);
    let family = if host.contains(':') { "-6" } else { "-4" };
    let nmap = run(&["nmap", family, "-Pn", "-sT", "--reason", "-p", port, host]);
    let nc = run(&["nc", "-v", "-z", "-w", "5", host, port]);
    let url = format!("{scheme}://{endpoint}");
    let curl = run(&["curl", "-sS", "-m", "6", "-o", "/dev/null", &url]);
    vec![
        (
            "nmap",
            of_nmap(&String::from_utf8_lossy(&nmap.stdout), port),
        ),
        ("nc", last_words(&nc.stderr)),
        ("curl", format!("exit {}", curl.status.code().unwrap_or(-1))),
    ]
}

/// State and reason, from a line such as `22/tcp closed ssh conn-refused`.
fn of_nmap(printed: &str, port: &str) -> String {
    let start = format!("{port}/tcp");
    let line = printed.lines().find(|line| line.starts_with(&start));
    line.map_or_else(
        || "nothing".to_owned(),
        |line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            format!("{} {}", words[1], words.last().unwrap())
        },
    )
}

/// What stands behind the last colon: `… failed: Connection refused`.
fn last_words(printed: &[u8]) -> String {
    let printed = String::from_utf8_lossy(printed);
    let line = printed.lines().last().unwrap_or("nothing");
    let words = line.rsplit(": ").next().unwrap_or(line);
    if words.contains("succeeded") {
        return "succeeded".to_owned();
    }
    words.to_owned()
}
