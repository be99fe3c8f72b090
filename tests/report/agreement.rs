//! The four formats of a report say the same: whoever is given one of them alone learns the cause,
//! how sure it is, what speaks for it, and what to do with the way back.

use std::collections::BTreeSet;

use ketnoi::advice::command_line::CommandLine;
use ketnoi::advice::{Advice, Fix, Place};
use ketnoi::case::Case;
use ketnoi::diagnosis::{Certainty, DecidingTest};
use ketnoi::i18n::{Language, Texts, Wording};
use ketnoi::report::{Format, json, render};
use serde_json::Value;

use crate::{all_evidence, stamp};

/// Words as every format has them: letters and digits, whatever stands between them.
fn words(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// A report without what its format makes of characters.
fn read(format: Format, report: &str) -> String {
    let text = match format {
        Format::Html => {
            let body = report.split_once("<body>").unwrap().1;
            let texts = body.split('<').map(|part| match part.split_once('>') {
                Some((_, text)) => text,
                None => part,
            });
            texts.collect()
        }
        Format::Markdown => report.to_owned(),
        Format::Text | Format::Json => return report.to_owned(),
    };
    let escapes = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ];
    let unescaped = |text: String, (escape, character)| text.replace(escape, character);
    escapes.into_iter().fold(text, unescaped)
}

/// What a reader has to find, as words, and as commands to be pasted letter by letter.
struct Content {
    words: Vec<String>,
    commands: Vec<String>,
}

fn content(case: &Case, texts: &'static Texts) -> Content {
    let wording = Wording::new(texts, &case.evidence().target);
    let verdict = &case.diagnosis().verdict;
    let mut words = vec![
        wording.finding_title(verdict),
        wording.finding_explanation(verdict),
        wording.certainty(verdict.certainty).to_owned(),
    ];
    words.extend(verdict.because.iter().map(|clue| wording.clue(clue)));
    for other in &verdict.alternatives {
        words.push(wording.cause_title(&other.cause));
        words.push(wording.deciding_test(other.decided_by));
    }
    let mut commands = Vec::new();
    for advice in case.advice() {
        words.push(wording.advice_title(advice));
        words.extend(wording.advice_detail(advice).lines().map(str::to_owned));
        for fix in &advice.fixes {
            words.push(wording.risk(fix.risk).to_owned());
            commands.extend(lines(fix));
        }
    }
    Content { words, commands }
}

fn lines(fix: &Fix) -> impl Iterator<Item = String> {
    let all = fix.check.iter().chain(&fix.apply).chain(&fix.undo);
    all.map(CommandLine::display)
}

#[test]
fn every_format_names_cause_certainty_evidence_fix_and_undo_in_both_languages() {
    let mut causes = BTreeSet::new();
    let mut with_undo = 0;
    for (name, evidence) in all_evidence() {
        if !evidence.complete {
            continue;
        }
        let case = Case::new(evidence);
        causes.insert(case.diagnosis().verdict.cause.id());
        let undoes = |advice: &Advice| advice.fixes.iter().any(|fix| !fix.undo.is_empty());
        with_undo += usize::from(case.advice().iter().any(undoes));
        for language in Language::ALL {
            let texts = Texts::of(language);
            let wanted = content(&case, texts);
            for format in [Format::Html, Format::Markdown, Format::Text] {
                let report = read(format, &render(&case, format, texts, &stamp()));
                let told = words(&report);
                for sentence in &wanted.words {
                    assert!(
                        told.contains(&words(sentence)),
                        "{name}, {format:?}: {sentence}"
                    );
                }
                for command in &wanted.commands {
                    assert!(report.contains(command), "{name}, {format:?}: {command}");
                }
            }
            json_says(&case, texts, &name);
        }
    }
    assert!(causes.len() >= 10, "{causes:?}");
    assert!(with_undo >= 10, "{with_undo}");
}

/// JSON has each of them in a field of its own.
fn json_says(case: &Case, texts: &'static Texts, name: &str) {
    let wording = Wording::new(texts, &case.evidence().target);
    let report: Value = serde_json::from_str(&json::line(case, texts, &stamp())).unwrap();
    let told = &report["verdict"];
    let verdict = &case.diagnosis().verdict;
    assert_eq!(told["cause"], verdict.cause.id(), "{name}");
    let (title, summary) = (
        wording.finding_title(verdict),
        told["summary"].as_str().unwrap(),
    );
    assert!(summary.starts_with(&title), "{name}: {summary}");
    let clues: Vec<String> = verdict
        .because
        .iter()
        .map(|clue| wording.clue(clue))
        .collect();
    assert_eq!(list(&told["because"], "text"), clues, "{name}");
    let others = verdict.alternatives.iter();
    let deciding: Vec<_> = others
        .map(|other| wording.deciding_test(other.decided_by))
        .collect();
    assert_eq!(
        list(&told["alternatives"], "decided_by"),
        deciding,
        "{name}"
    );
    let all = report["advice"].as_array().unwrap();
    assert_eq!(all.len(), case.advice().len(), "{name}");
    for (told, advice) in all.iter().zip(case.advice()) {
        assert_eq!(told["title"], wording.advice_title(advice), "{name}");
        assert_eq!(told["detail"], wording.advice_detail(advice), "{name}");
        let ways = told["ways"].as_array().unwrap();
        assert_eq!(ways.len(), advice.fixes.len(), "{name}");
        for (way, fix) in ways.iter().zip(&advice.fixes) {
            for (key, commands) in [
                ("check", &fix.check),
                ("apply", &fix.apply),
                ("undo", &fix.undo),
            ] {
                let commands: Vec<_> = commands.iter().map(CommandLine::display).collect();
                assert_eq!(way[key], Value::from(commands), "{name}");
            }
            assert_eq!(way["needs_admin"], fix.needs_admin, "{name}");
            assert_eq!(way["risk_text"], wording.risk(fix.risk), "{name}");
        }
    }
}

fn list(all: &Value, key: &str) -> Vec<String> {
    let texts = all.as_array().unwrap().iter();
    texts
        .map(|one| one[key].as_str().unwrap().to_owned())
        .collect()
}

/// What would decide is done where it says.
#[test]
fn rules_to_be_read_here_are_not_looked_for_on_the_target() {
    let mut read_here = 0;
    for (name, evidence) in all_evidence() {
        let case = Case::new(evidence);
        let verdict = &case.diagnosis().verdict;
        let first = verdict.alternatives.first();
        let is_read_here = first.is_some_and(|o| o.decided_by == DecidingTest::ReadFirewallHere);
        if verdict.certainty != Certainty::Certain && is_read_here {
            read_here += 1;
            assert_eq!(case.advice()[0].place, Place::Here, "{name}");
        }
    }
    assert!(read_here > 0);
}
