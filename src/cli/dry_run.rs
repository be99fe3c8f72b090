//! `--dry-run`: what was understood, without contacting anybody (`ketnoi-input/1`).

use serde::Serialize;

use super::arguments::{Check, Misuse};
use super::batch::list;
use super::failure::Failure;
use super::inputs::{self, Input};
use super::output::Output;
use super::{FAILED, WORKS};
use crate::evidence::printable;
use crate::i18n::Texts;
use crate::i18n::wording;
use crate::report::json::harmless;
use crate::target::{self, NotTcp, PortSource, Said, Target, Understanding};

/// One input as JSON.
#[derive(Serialize)]
struct Understood<'a> {
    schema: &'static str,
    target: Endpoint,
    /// Further endpoints that the same input names.
    others: Vec<Endpoint>,
    said: Option<&'a Said>,
}

/// An endpoint, as far as the input names it.
#[derive(Default, Serialize)]
struct Endpoint {
    host: Option<String>,
    port: Option<u16>,
    port_from: Option<PortSource>,
    scheme: Option<String>,
    service: Option<String>,
}

/// Prints what each input means; the exit status tells whether all could be understood.
pub(super) fn run(check: &Check, texts: &'static Texts, output: &mut Output) -> i32 {
    let inputs = match &check.batch {
        Some(batch) => list::inputs_of(check, batch, texts),
        None => inputs::read(&check.targets, texts)
            .map(|inputs| inputs.into_iter().map(|input| (None, input)).collect()),
    };
    let inputs = match inputs {
        Ok(inputs) if inputs.is_empty() => {
            return output.fail(&Failure::of_misuse(&texts.cli, &Misuse::NoTarget));
        }
        Ok(inputs) => inputs,
        Err(failure) => return output.fail(&failure),
    };
    let statuses = inputs
        .iter()
        .map(|(line, input)| tell(input, *line, check.json, texts, output));
    statuses.max().unwrap_or(FAILED)
}

fn tell(input: &Input, line: Option<usize>, json: bool, texts: &Texts, output: &mut Output) -> i32 {
    let understanding = match &input.meaning {
        Ok(understanding) => understanding,
        Err(error) => return output.fail(&Failure::of_address(texts, error).on(line, texts)),
    };
    if json {
        output.print_line(&as_json(understanding, &input.text));
    } else {
        output.print(&as_words(understanding, &input.text, texts));
    }
    WORKS
}

fn as_json(understanding: &Understanding, text: &str) -> String {
    let understood = match understanding {
        Understanding::Targets { targets, said } => {
            let mut endpoints = targets
                .iter()
                .map(|target| Endpoint::of(target, said.is_some()));
            json_line(&Understood {
                schema: SCHEMA,
                target: endpoints.next().unwrap_or_default(),
                others: endpoints.collect(),
                said: said.as_ref(),
            })
        }
        Understanding::Incomplete { host, port, said } => json_line(&Understood {
            schema: SCHEMA,
            target: Endpoint {
                host: host.as_ref().map(ToString::to_string),
                port: *port,
                ..Endpoint::default()
            },
            others: Vec::new(),
            said: Some(said),
        }),
        Understanding::NotTcp(not_tcp) => json_line(&Understood {
            schema: SCHEMA,
            target: Endpoint::of_not_tcp(not_tcp),
            others: Vec::new(),
            said: target::said(text).as_ref(),
        }),
    };
    harmless(understood)
}

const SCHEMA: &str = "ketnoi-input/1";

fn json_line(understood: &Understood) -> String {
    serde_json::to_string(understood).expect("strings and numbers")
}

impl Endpoint {
    /// A port that is only a guess from the program that an error names is left out.
    fn of(target: &Target, is_from_error: bool) -> Self {
        let is_guess = is_from_error && target.port_from == PortSource::Guess;
        Self {
            host: Some(target.host.to_string()),
            port: (!is_guess).then_some(target.port),
            port_from: Some(target.port_from),
            scheme: target.scheme.clone(),
            service: target.service.clone(),
        }
    }

    fn of_not_tcp(not_tcp: &NotTcp) -> Self {
        match not_tcp {
            NotTcp::Udp {
                host,
                port,
                service,
            } => Self {
                host: host.as_ref().map(ToString::to_string),
                port: Some(*port),
                service: Some(service.clone()),
                ..Self::default()
            },
            NotTcp::LocalSocket { .. } | NotTcp::File { .. } => Self::default(),
        }
    }
}

fn as_words(understanding: &Understanding, text: &str, texts: &Texts) -> String {
    let words = &texts.cli;
    let mut lines = Vec::new();
    match understanding {
        Understanding::Targets { targets, said } => {
            lines.extend(said.iter().map(|said| wording::said(texts, said)));
            for target in targets {
                let endpoint = target.endpoint();
                let endpoint = printable(&endpoint);
                let sentence = match target.port_from {
                    PortSource::Guess => &words.understood_guess,
                    PortSource::Typed | PortSource::Scheme | PortSource::ErrorText => {
                        &words.understood
                    }
                };
                lines.push(sentence.fill(&[("endpoint", &endpoint)]));
            }
        }
        Understanding::Incomplete { host, port, said } => {
            let failure = Failure::of_incomplete(texts, host.as_ref(), *port, said);
            lines.push(failure.message().to_owned());
        }
        Understanding::NotTcp(not_tcp) => {
            lines.extend(target::said(text).map(|said| wording::said(texts, &said)));
            lines.push(wording::not_tcp(texts, not_tcp));
        }
    }
    let mut answer = lines.join("\n");
    answer.push('\n');
    answer
}
