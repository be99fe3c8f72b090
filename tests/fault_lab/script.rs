//! A fault as a short play: one line for each thing that is done, and for what is asked and said.
//!
//! The first line may name the [`Plan`](crate::plan::Plan); otherwise two machines are neighbours.
//! Then follow lines of a machine, a verb and its words:
//!
//! ```text
//! server serves silent 0.0.0.0:5432       starts a server (see servers.rs)
//! server input tcp dport 5432 drop        a rule in a chain: input, output, forward
//! near   nft add table …                  any other command for nft(8)
//! client ip route add default via …       a command for ip(8)
//! client sysctl net.ipv4.…=1              a setting of the kernel
//! client has hosts: 0.0.0.0 ads.example   a file below /etc; `;` ends a line of it
//! client keeps .config/x: [Part]; key=1   a file below the home of the user who asks
//! client keeps .config/x from linux/x     the same, one of `tests/captures`
//! server freezes                          stops the machine's servers
//! client within env http_proxy=…          what starts the program from now on
//! client sandboxed                        it may not connect from now on
//! client pastes dial tcp … refused => nothing-listening (likely)
//! server tells local 5432 while client asks 10.77.1.10:5432 => loopback-only (certain)
//! client asks 10.77.1.10:5432 --repeat 9 => rate-limited|packet-loss (likely|possible), works
//! ```
//!
//! An answer names the causes that may be said there, the truest first, and the certainties that
//! are honest. `tells` is about both ends: the server's report, made `while` the client asks or
//! `before` it, `as admin` or as a user without rights, and the client's, compared. Without `works` the program must call the target blocked.

use crate::network::{Lab, ServerEnd, skip};
use crate::plan::{ALONE, DOUBLED, HOSTING, Machine, NEIGHBOURS, ROUTED, SWITCHED};
use crate::verdict::{Expected, expect, expect_both};

/// One test for each fault: its name and its script.
macro_rules! faults {
    ($($name:ident: $script:literal;)+) => {$(
        #[test]
        fn $name() {
            $crate::script::play($script);
        }
    )+};
}
pub(crate) use faults;

/// Does and asks what a script says.
pub fn play(script: &str) {
    let lines = script.lines().map(str::trim);
    let mut lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut first = lines.clone();
    let plan = match first.next() {
        Some("alone") => ALONE,
        Some("switched") => SWITCHED,
        Some("doubled") => DOUBLED,
        Some("routed") => ROUTED,
        Some("hosting") => HOSTING,
        _ => NEIGHBOURS,
    };
    let Some(mut lab) = Lab::new(&plan) else {
        return;
    };
    if lines.clone().next().is_some_and(|line| !line.contains(' ')) {
        lines.next();
    }
    for line in lines {
        let Some((machine, deed)) = line.split_once(' ') else {
            panic!("who does what? {line}");
        };
        let machine = Machine::named(machine).unwrap_or_else(|| panic!("who? {line}"));
        if !act(&mut lab, machine, deed) {
            return;
        }
    }
}

/// Does one thing. Whether it could be done here.
fn act(lab: &mut Lab, machine: Machine, deed: &str) -> bool {
    let (verb, words) = deed.split_once(' ').unwrap_or((deed, ""));
    match verb {
        "serves" => {
            let (kind, address) = words.split_once(' ').unwrap();
            lab.serve(machine, kind, address);
        }
        "input" | "output" | "forward" => lab.filter(machine, verb, words),
        "nft" => drop(lab.nft(machine, words)),
        "ip" => lab.ip(machine, words),
        "sysctl" => lab.sysctl(machine, words),
        "has" => {
            let (file, text) = file_and_text(words);
            lab.settings(machine, file, &text);
        }
        "keeps" => keep(lab, words),
        "freezes" => lab.freeze(machine),
        "within" => lab.start_within(words),
        "sandboxed" if !lab.sandbox() => {
            skip("Landlock");
            return false;
        }
        "sandboxed" => {}
        "asks" => ask(lab, machine, words),
        "tells" => tell(lab, machine, words),
        "pastes" => paste(lab, machine, words),
        _ => panic!("what to do? {deed}"),
    }
    true
}

/// `FILE: line; line`, or `FILE from CAPTURE`.
fn keep(lab: &Lab, words: &str) {
    if let Some((file, capture)) = words.split_once(" from ") {
        let captures = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/captures");
        let capture = std::path::Path::new(captures).join(capture);
        lab.keep(file, &std::fs::read(capture).unwrap());
    } else {
        let (file, text) = file_and_text(words);
        lab.keep(file, text.as_bytes());
    }
}

/// `FILE: line; line`.
fn file_and_text(words: &str) -> (&str, String) {
    let (file, text) = words.split_once(':').unwrap();
    (file, format!("{}\n", text.trim().replace("; ", "\n")))
}

fn ask(lab: &Lab, machine: Machine, words: &str) {
    let (question, answer) = words.split_once(" => ").unwrap();
    let mut question = question.split_whitespace();
    let target = question.next().unwrap();
    let options: Vec<&str> = question.collect();
    let said = lab.check_with(machine, target, &options);
    expect(&said, &Expected::read(answer));
}

/// `COMMAND [as admin] while|before MACHINE asks TARGET => CAUSE (CERTAINTY)`.
fn tell(lab: &Lab, machine: Machine, words: &str) {
    let (both, answer) = words.split_once(" => ").unwrap();
    let (ends, is_watching) = match both.split_once(" while ") {
        Some(ends) => (ends, true),
        None => (both.split_once(" before ").unwrap(), false),
    };
    let (server, is_admin) = match ends.0.strip_suffix(" as admin") {
        Some(server) => (server, true),
        None => (ends.0, false),
    };
    let (client, check) = ends.1.split_once(" asks ").unwrap();
    let server: Vec<&str> = server.split_whitespace().collect();
    let server = ServerEnd {
        machine,
        words: &server,
        is_admin,
        is_watching,
    };
    let check: Vec<&str> = check.split_whitespace().collect();
    let said = lab.two_ends(&server, Machine::named(client).unwrap(), &check);
    expect_both(&said, &Expected::read(answer));
}

/// As [`ask`], with an error message in place of a target.
fn paste(lab: &Lab, machine: Machine, words: &str) {
    let (error, answer) = words.split_once(" => ").unwrap();
    let said = lab.check(machine, error);
    expect(&said, &Expected::read(answer));
}
