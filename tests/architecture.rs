//! Who may use whom, by reading `src`: the one-way flow from target to report, and the few places
//! that may know the window, the network, the operating system, other programs or a colour.
//!
//! Paths are read from the code with comments, texts and unit tests blanked out; what a macro
//! makes of them is not seen.

#![expect(clippy::unwrap_used, reason = "test code")]

use std::fmt::Write as _;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

/// A room of `src` and the rooms it may name.
struct Room {
    name: &'static str,
    may_use: &'static [&'static str],
}

const fn room(name: &'static str, may_use: &'static [&'static str]) -> Room {
    Room { name, may_use }
}

/// In the order in which data flow.
const ROOMS: &[Room] = &[
    room("target", &[]),
    room("evidence", &["target"]),
    room("bundled", &[]),
    // What is known of services before anything was asked.
    room("catalogue", &["bundled", "evidence", "target"]),
    room("diagnosis", &["evidence", "target"]),
    room("advice", &["diagnosis", "catalogue", "evidence", "target"]),
    room("case", UP_TO_ADVICE),
    // The wizard keeps the choice of format and language as plain values, and what was read of a
    // saved report; it words, reads and writes nothing.
    room(
        "wizard",
        &[
            "report::Format",
            "report::Stamp",
            "report::opened",
            "i18n::Language",
            "case",
            "advice",
            "diagnosis",
            "evidence",
            "target",
        ],
    ),
    room(
        "i18n",
        &[
            "bundled",
            "case",
            "advice",
            "diagnosis",
            "catalogue",
            "evidence",
            "target",
        ],
    ),
    room(
        "report",
        &[
            "i18n",
            "case",
            "advice",
            "diagnosis",
            "catalogue",
            "evidence",
            "target",
        ],
    ),
    room("platform", &["catalogue", "evidence", "target"]),
    room("probe", &["platform::socket", "evidence", "target"]),
    room(
        "worker",
        &["probe", "platform", "catalogue", "evidence", "target"],
    ),
    // Settings are written like any file: whole or not at all. They remember a language, and of a
    // target what may be remembered.
    room("settings", &["save", "i18n::Language", "target::Target"]),
    room("save", &[]),
    // Leaves a log of a panic, and says where in the language that was chosen.
    room("crash", &["save", "settings", "i18n"]),
    // A face like `app`: it joins the machine, the network and the worker itself.
    room(
        "cli",
        &[
            "worker",
            "platform::self",
            "platform::Platform",
            "platform::current",
            "probe::SystemNetwork",
            "report",
            "i18n",
            "settings",
            "save",
            "case",
            "advice",
            "diagnosis",
            "evidence",
            "target",
        ],
    ),
    room(
        "ui",
        &[
            "wizard",
            "report",
            "i18n",
            "case",
            "advice",
            "diagnosis",
            "catalogue",
            "evidence",
            "target",
        ],
    ),
    room("app", EVERYTHING),
    room("main", EVERYTHING),
    room("bin", &["cli", "crash"]),
    room("lib", EVERYTHING),
];

const UP_TO_ADVICE: &[&str] = &["advice", "diagnosis", "catalogue", "evidence", "target"];
const EVERYTHING: &[&str] = &["*"];

/// Something that only a few files may name.
struct Reserved {
    what: &'static str,
    pattern: &'static str,
    /// Rooms, or files below `src`.
    places: &'static [&'static str],
}

const RESERVED: &[Reserved] = &[
    Reserved {
        what: "the window library",
        pattern: r"\b(egui|eframe|winit|epaint)\b\s*(::|;)",
        places: &["ui", "app", "main"],
    },
    Reserved {
        what: "the asynchronous runtime",
        pattern: r"\btokio(_rustls)?\b\s*(::|;)",
        places: &["probe", "platform", "worker", "cli"],
    },
    Reserved {
        what: "a choice by operating system",
        pattern: r"\bcfg(_attr)?!?\s*\([^\]]*\b(target_os|target_family|target_vendor|windows|unix)\b",
        // Commands are started in the root folder, where there is one.
        places: &["platform/mod.rs", "platform/command.rs", "main.rs"],
    },
    Reserved {
        what: "a started program",
        pattern: r"\bCommand::new\b|\bprocess::Command\b|\bprocess::\{[^}]*\bCommand\b",
        places: &["platform/command.rs"],
    },
    Reserved {
        what: "a colour",
        pattern: r"\bColor32::(from_|[A-SU-Z]|T[A-QS-Z])|\bhex_color!|\bRgba::from_",
        places: &["ui/theme.rs"],
    },
    Reserved {
        what: "a size, a margin or how round a corner is",
        pattern: r"\bFontId::(new|proportional|monospace)\s*\(|\bMargin::(same|symmetric)\s*\(|\bCornerRadius::same\s*\(",
        places: &["ui/theme.rs"],
    },
    Reserved {
        what: "the outside world, in a room of pure functions",
        pattern: r"\bstd::(fs|process|thread|env)\b|\b(TcpStream|TcpListener|UdpSocket)\b",
        places: &[
            "i18n", "report", "platform", "probe", "worker", "settings", "save", "cli", "ui",
            "app", "main", "bin", "lib", "crash",
        ],
    },
];

#[test]
fn the_source_keeps_the_architecture() {
    let files = source_files();
    assert!(files.len() > 10, "the source was not read");
    let mut complaints = String::new();
    for (path, text) in files {
        for complaint in complaints_about(&path, &text) {
            writeln!(complaints, "src/{path}: {complaint}").unwrap();
        }
    }
    assert!(complaints.is_empty(), "\n{complaints}");
}

#[test]
fn a_room_that_looks_downstream_is_found() {
    let complain = |path, code| complaints_about(path, code).join("; ");
    for (path, code) in [
        ("target/address.rs", "use crate::evidence::Fact;"),
        (
            "diagnosis/rules/silence.rs",
            "use crate::{advice, evidence::{Evidence, Fact}};",
        ),
        ("diagnosis/mod.rs", "fn f() { crate::i18n::texts() }"),
        ("case.rs", "use super::report::json;"),
        ("evidence/attempt.rs", "use super::super::diagnosis::Cause;"),
        ("probe/tcp.rs", "use crate::platform::command::run;"),
        ("ui/steps/address.rs", "use crate::worker::Job;"),
        ("wizard.rs", "use crate::i18n::{Language, Texts};"),
        ("wizard.rs", "fn f() { crate::report::Document::new() }"),
        ("cellar.rs", ""),
    ] {
        assert_ne!(complain(path, code), "", "{path}: {code}");
    }
    for (path, code) in [
        (
            "diagnosis/rules/silence.rs",
            "use crate::evidence::{Evidence, Fact};",
        ),
        (
            "target/address.rs",
            "//! See crate::evidence.\n/* crate::advice */ const A: &str = \"crate::ui\";",
        ),
        ("evidence/mod.rs", "mod m { use super::attempt; }"),
        ("probe/tcp.rs", "use crate::platform::socket;"),
        ("wizard.rs", "use crate::report::Format;"),
        ("app.rs", "use crate::worker::Job;"),
        (
            "target/mod.rs",
            "#[cfg(test)]\nmod tests { use crate::diagnosis::Cause; }",
        ),
    ] {
        assert_eq!(complain(path, code), "", "{path}: {code}");
    }
}

#[test]
fn a_reserved_name_in_the_wrong_place_is_found() {
    let complain = |path, code| complaints_about(path, code).join("; ");
    for (path, code) in [
        ("wizard.rs", "fn f(ui: &mut egui::Ui) {}"),
        ("diagnosis/mod.rs", "#[tokio::main] async fn f() {}"),
        ("probe/tcp.rs", "#[cfg(target_os = \"linux\")] fn f() {}"),
        ("platform/linux.rs", "if cfg!(not(windows)) {}"),
        ("platform/linux.rs", "std::process::Command::new(\"ip\")"),
        ("platform/linux.rs", "use std::process::{self, Command};"),
        ("ui/mod.rs", "let red = Color32::from_rgb(1, 2, 3);"),
        ("ui/mod.rs", "let red = egui::Color32::RED;"),
        ("diagnosis/mod.rs", "std::fs::read(path)"),
    ] {
        assert_ne!(complain(path, code), "", "{path}: {code}");
    }
    for (path, code) in [
        (
            "ui/mod.rs",
            "fn f(ui: &mut egui::Ui) -> Color32 { Color32::TRANSPARENT }",
        ),
        (
            "ui/theme.rs",
            "const RED: Color32 = Color32::from_rgb(1, 2, 3);",
        ),
        (
            "platform/mod.rs",
            "#[cfg(target_os = \"linux\")] mod linux;",
        ),
        ("platform/command.rs", "std::process::Command::new(\"ip\")"),
        (
            "main.rs",
            "#![cfg_attr(target_os = \"windows\", windows_subsystem = \"windows\")]",
        ),
        (
            "advice/linux.rs",
            "CommandLine::new(\"ufw\"); let c = '\"'; let os = \"egui::Ui\";",
        ),
        (
            "advice/linux.rs",
            "#[cfg(test)] mod tests { fn f() { std::fs::read(p); } }",
        ),
        (
            "target/mod.rs",
            "const RAW: &str = r#\"\"tokio::spawn\"\"#; fn f<'a>(a: &'a str) {}",
        ),
    ] {
        assert_eq!(complain(path, code), "", "{path}: {code}");
    }
}

/// What speaks against a file, given its path below `src`.
fn complaints_about(path: &str, text: &str) -> Vec<String> {
    let code = without_unit_tests(&code_only(text));
    let Some(room) = room_of(path) else {
        return vec!["no such room in the table of this test".to_owned()];
    };
    let downstream = rooms_named(path, &code).into_iter();
    let downstream = downstream.filter(|used| !may_use(room, used));
    let downstream = downstream.map(|used| format!("{} may not use {used}", room.name));
    let reserved = RESERVED.iter().filter(|reserved| {
        let allowed = |place: &&str| *place == path || *place == room.name;
        !reserved.places.iter().any(allowed)
    });
    let reserved = reserved.filter_map(|reserved| {
        let found = Regex::new(reserved.pattern).unwrap().find(&code)?;
        let line = code[..found.start()].lines().count().max(1);
        Some(format!(
            "line {line} names {}: {}",
            reserved.what,
            found.as_str()
        ))
    });
    downstream.chain(reserved).collect()
}

fn room_of(path: &str) -> Option<&'static Room> {
    let name = path.split('/').next()?.trim_end_matches(".rs");
    ROOMS.iter().find(|room| room.name == name)
}

fn may_use(room: &Room, used: &str) -> bool {
    let own = used.split("::").next() == Some(room.name);
    let covers = |allowed: &&str| {
        *allowed == "*" || *allowed == used || used.starts_with(&format!("{allowed}::"))
    };
    own || room.may_use.iter().any(covers)
}

/// The rooms that code names, as `room` or `room::item`, by `crate::` or by climbing out with `super::`.
fn rooms_named(path: &str, code: &str) -> Vec<String> {
    static ROOTED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\b(crate|(?:super::)*super)::").unwrap());
    let depth = module_depth(path);
    let mut named = Vec::new();
    for root in ROOTED.captures_iter(code) {
        let climbed = root[1].split("::").count();
        if &root[1] != "crate" && climbed < depth {
            continue;
        }
        let rest = &code[root.get(0).unwrap().end()..];
        named.extend(first_segments(rest));
    }
    named.retain(|used| room_of(used.split("::").next().unwrap_or_default()).is_some());
    named.sort();
    named.dedup();
    named
}

/// How many `super` lead from the file's module to the root.
fn module_depth(path: &str) -> usize {
    let file_is_module = !path.ends_with("mod.rs");
    path.matches('/').count() + usize::from(file_is_module)
}

/// `a::b` of `a::b::C`, and of each branch of `{a::b::C, d::{e, f}}`.
fn first_segments(rest: &str) -> Vec<String> {
    static PATH: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^\s*([a-z_0-9]+)(?:::(\w+))?(?:::\{([^}]*))?").unwrap());
    if let Some(group) = rest.strip_prefix('{') {
        return branches(group)
            .iter()
            .flat_map(|branch| first_segments(branch))
            .collect();
    }
    let Some(path) = PATH.captures(rest) else {
        return Vec::new();
    };
    let name = &path[1];
    match (path.get(2), path.get(3)) {
        (Some(module), _) => vec![format!("{name}::{}", module.as_str())],
        (None, Some(group)) => {
            let modules = group.as_str().split(',').map(str::trim);
            modules.map(|module| format!("{name}::{module}")).collect()
        }
        (None, None) => vec![name.to_owned()],
    }
}

/// Splits the inside of a brace group at its own commas, up to its closing brace.
fn branches(group: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut depth = 0;
    for character in group.chars() {
        match character {
            '}' if depth == 0 => break,
            ',' if depth == 0 => found.push(String::new()),
            _ => {
                depth += i32::from(character == '{') - i32::from(character == '}');
                found.last_mut().expect("never empty").push(character);
            }
        }
    }
    found
}

/// Blanks comments and the insides of literals; lines stay where they are.
fn code_only(text: &str) -> String {
    static NOT_CODE: LazyLock<Regex> = LazyLock::new(|| {
        let parts = [
            r"//[^\n]*",
            r"(?s:/\*.*?\*/)",
            r##"(?s:\bb?r#".*?"#)"##,
            r#"(?s:b?"(?:[^"\\]|\\.)*")"#,
            r"b?'(?:[^'\\]|\\[^'])[^'\s]{0,8}'|'\\''",
        ];
        Regex::new(&parts.join("|")).unwrap()
    });
    let blank = |found: &regex::Captures| -> String {
        let is_line = |character: &char| *character == '\n';
        found[0].chars().filter(is_line).collect::<String>() + " "
    };
    NOT_CODE.replace_all(text, blank).into_owned()
}

/// Drops `#[cfg(test)] mod …`: a unit test may bring its material from anywhere.
fn without_unit_tests(code: &str) -> String {
    static TESTS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"#\[cfg\(test\)\]\s*(pub(\(crate\))? )?mod \w+ *\{").unwrap());
    let mut kept = String::new();
    let mut rest = code;
    while let Some(start) = TESTS.find(rest) {
        kept.push_str(&rest[..start.start()]);
        let inside = &rest[start.end()..];
        let mut depth = 1;
        let end = inside.find(|character| {
            depth += i32::from(character == '{') - i32::from(character == '}');
            depth == 0
        });
        rest = end.map_or("", |end| &inside[end + 1..]);
    }
    kept + rest
}

/// Every Rust file below `src` with its text, but for files of unit tests.
fn source_files() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(&root).unwrap().to_str().unwrap();
            let name = name.replace('\\', "/");
            if is_source(&name) {
                files.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

fn is_source(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|ending| ending == "rs")
        && !name.ends_with("tests.rs")
        && !name.contains("tests/")
}
