//! `--help`.

use std::fmt::Write as _;

use super::arguments::MOST_PARALLEL;
use super::layout::{WIDTH, paragraph};
use crate::i18n::texts::CliTexts;
use crate::report::wrapped;

/// How far the explanations are from the left edge.
const COLUMN: usize = 26;

/// How Ketnoi is used, in whose terminals it is called `program`.
pub(super) fn help(words: &CliTexts, program: &str) -> String {
    let mut help = String::new();
    paragraph(&mut help, &words.about, "", "");
    let check = format!("{program} check {}…", words.target);
    let local = format!("{program} local {}", words.port_word);
    let compare = format!("{program} compare");
    section(
        &mut help,
        &words.usage,
        &[
            ("ketnoi", &words.usage_window),
            (&check, &words.usage_check),
            (&local, &words.usage_local),
            (&compare, &words.usage_compare),
        ],
    );
    help.push('\n');
    paragraph(
        &mut help,
        &format!("{}: {}", words.target, words.target_help),
        "",
        "",
    );
    let timeout = format!("--timeout {}", words.seconds);
    let repeat = format!("--repeat {}", words.number);
    let watch = format!("--watch {}", words.seconds);
    let firewall_output = format!("--firewall-output {}", words.file);
    let from = format!("--from {}", words.address);
    let output = format!("-o, --output {}", words.file);
    let targets = format!("--targets {}", words.file);
    let parallel = format!("--parallel {}", words.number);
    let option_parallel = words.option_parallel.fill(&[("most", &MOST_PARALLEL)]);
    section(
        &mut help,
        &words.options,
        &[
            ("--json", &words.option_json),
            ("--lang vi|en", &words.option_lang),
            (&timeout, &words.option_timeout),
            (&repeat, &words.option_repeat),
            ("--target-only", &words.option_target_only),
            (&from, &words.option_from),
            (&watch, &words.option_watch),
            (&firewall_output, &words.option_firewall_output),
            (&output, &words.option_output),
            (&targets, &words.option_targets),
            (&parallel, &option_parallel),
            ("--full", &words.option_full),
            ("--resume", &words.option_resume),
            ("--anonymise", &words.option_anonymise),
            ("--dry-run", &words.option_dry_run),
            ("-h, --help", &words.option_help),
            ("-V, --version", &words.option_version),
        ],
    );
    section(
        &mut help,
        &words.exit_status,
        &[
            ("0", &words.exit_works),
            ("1", &words.exit_blocked),
            ("2", &words.exit_failed),
            ("local", &words.exit_local),
        ],
    );
    help
}

fn section(help: &mut String, title: &str, rows: &[(&str, &str)]) {
    writeln!(help, "\n{title}:").expect("writing to a String");
    for (name, meaning) in rows {
        let indent = " ".repeat(COLUMN);
        for (index, line) in wrapped(meaning, WIDTH, &indent, &indent).iter().enumerate() {
            let name = if index == 0 { name } else { "" };
            let room = COLUMN - 2;
            writeln!(help, "  {name:room$}{line}").expect("writing to a String");
        }
    }
}
