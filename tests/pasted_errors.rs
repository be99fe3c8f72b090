//! Error messages as people paste them: each with what has to be understood.

use std::fmt::Write as _;

use ketnoi::target::{AddressProblem, NotTcp, PortSource, Said, Understanding, said, understand};

/// `refused/111 10.0.0.5:5432`: what was said and where, in one line.
fn summary(text: &str) -> String {
    match understand(text) {
        Ok(Understanding::Targets { targets, said }) => {
            let mut line = said.map_or_else(|| "-".to_owned(), |said| said_in_short(&said));
            for target in targets {
                let guessed = match target.port_from {
                    PortSource::Guess => "~",
                    PortSource::Typed | PortSource::Scheme | PortSource::ErrorText => "",
                };
                write!(line, " {}{guessed}", target.endpoint()).expect("writing to a String");
            }
            line
        }
        Ok(Understanding::Incomplete { host, port, said }) => {
            let said = said_in_short(&said);
            match (host, port) {
                (None, None) => format!("{said} -"),
                (Some(host), None) => format!("{said} {host}:?"),
                (None, Some(port)) => format!("{said} ?:{port}"),
                (Some(_), Some(_)) => panic!("{text}: complete, and called incomplete"),
            }
        }
        Ok(Understanding::NotTcp(NotTcp::LocalSocket { path })) => {
            let said = said(text).map_or_else(|| "other".to_owned(), |said| said_in_short(&said));
            format!("{said} ={path}")
        }
        Ok(Understanding::NotTcp(other)) => format!("{other:?}"),
        Err(error) if error.problem == AddressProblem::NothingFound => "nothing".to_owned(),
        Err(error) => format!("{error:?}"),
    }
}

fn said_in_short(said: &Said) -> String {
    let kind = serde_json::to_value(said.kind).expect("kinds have names");
    let kind = kind.as_str().expect("names are text");
    match &said.code {
        Some(code) => format!("{kind}/{code}"),
        None => kind.to_owned(),
    }
}

/// Compares all cases and shows every difference at once.
fn check<'a>(cases: impl IntoIterator<Item = (&'a str, &'a str, String)>) {
    let mut differences = String::new();
    for (name, text, expected) in cases {
        let seen = summary(text);
        if seen != expected {
            writeln!(
                differences,
                "{name}: {text}\n  seen     {seen}\n  expected {expected}"
            )
            .expect("writing to a String");
        }
    }
    assert!(differences.is_empty(), "\n{differences}");
}

#[test]
fn every_line_of_the_catalogue_is_understood() {
    let catalogue = include_str!("captures/errors/lines.tsv");
    let lines = catalogue.lines().filter(|line| !line.starts_with('#'));
    check(lines.map(|line| {
        let mut columns = line.splitn(4, '\t');
        let mut column = || columns.next().expect("four columns");
        let (program, said, place, text) = (column(), column(), column(), column());
        (program, text, format!("{said} {place}"))
    }));
}

/// The sections of a capture: `### program`, then what it printed.
fn sections(capture: &str) -> impl Iterator<Item = (&str, &str)> {
    capture
        .split("### ")
        .skip(1)
        .filter_map(|section| section.split_once('\n'))
        .filter(|(_, text)| !text.trim().is_empty())
}

fn check_capture(capture: &str, expected: &str) {
    let mut expected: std::collections::HashMap<&str, &str> = expected
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .collect();
    check(sections(capture).map(|(program, text)| {
        let expected = expected.remove(program).unwrap_or("no expectation");
        (program, text, expected.to_owned())
    }));
    assert!(expected.is_empty(), "no such section: {expected:?}");
}

#[test]
fn what_programs_print_when_they_are_refused_is_understood() {
    check_capture(
        include_str!("captures/errors/refused.txt"),
        include_str!("captures/errors/refused.expected.tsv"),
    );
}

#[test]
fn what_programs_print_when_a_firewall_rejects_is_understood() {
    check_capture(
        include_str!("captures/errors/rejected.txt"),
        include_str!("captures/errors/rejected.expected.tsv"),
    );
}

#[test]
fn what_programs_print_about_an_unknown_name_is_understood() {
    check_capture(
        include_str!("captures/errors/unknown-name.txt"),
        include_str!("captures/errors/unknown-name.expected.tsv"),
    );
}

#[test]
fn a_pasted_block_is_understood_as_its_heading_says() {
    let blocks = include_str!("captures/errors/blocks.txt");
    check(sections(blocks).map(|(expected, text)| ("block", text, expected.to_owned())));
}
