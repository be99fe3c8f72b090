//! What a report says, in which order: the verdict, what to do, then everything that was seen.

use std::time::Duration;

use super::document::{Bar, Block, Document, Path, Phrase, Stop, Table};
use super::environment::{Environment, InterfaceInUse};
use super::json::{Contact, contacted};
use super::{Stamp, comparison, ends};
use crate::advice::command_line::CommandLine;
use crate::advice::{Advice, Fix};
use crate::case::Case;
use crate::case::local::{LocalView, Standing};
use crate::case::path::{Waypoint, path};
use crate::diagnosis::Impact;
use crate::evidence::{
    Attempt, Background, Evidence, Fact, Firewall, Gap, Listener, Question, Watch,
};
use crate::i18n::texts::ReportTexts;
use crate::i18n::wording::{duration, moment, os_name};
use crate::i18n::{Texts, Wording, wording};
use crate::target::PortSource;

/// The case as a document.
pub(super) fn document(case: &Case, texts: &'static Texts, stamp: &Stamp) -> Document {
    let evidence = case.evidence();
    let writer = Writer {
        case,
        evidence,
        stamp,
        texts,
        words: &texts.report,
        wording: Wording::new(texts, &evidence.target),
    };
    let mut blocks = Vec::new();
    if stamp.anonymised {
        let note = Phrase::words(&texts.report.anonymised);
        blocks.push(Block::Paragraph(note));
    }
    blocks.extend(if evidence.complete {
        writer.verdict()
    } else {
        writer.unfinished()
    });
    if evidence.complete {
        blocks.extend(comparison::blocks(case, texts));
        blocks.extend(writer.advice());
    }
    blocks.extend(writer.seen());
    blocks.extend(writer.this_machine());
    blocks.extend(writer.environment());
    blocks.extend(writer.timeline());
    Document {
        title: texts
            .report
            .title
            .fill(&[("endpoint", &evidence.target.endpoint())]),
        blocks,
    }
}

/// The view of a port of this machine as a document.
pub(super) fn local_document(view: &LocalView, texts: &'static Texts, stamp: &Stamp) -> Document {
    let evidence = view.case.evidence();
    let writer = Writer {
        case: &view.case,
        evidence,
        stamp,
        texts,
        words: &texts.report,
        wording: Wording::new(texts, &evidence.target),
    };
    let mut blocks = Vec::new();
    if stamp.anonymised {
        let note = Phrase::words(&texts.report.anonymised);
        blocks.push(Block::Paragraph(note));
    }
    let standing = view.standing();
    let wording = &writer.wording;
    blocks.push(Block::Verdict(
        impact(standing),
        wording.standing_title(standing),
        wording.standing_meaning(standing).to_owned(),
    ));
    blocks.push(Block::Values(writer.local_circumstances(view)));
    blocks.extend(writer.arrivals(&view.watch));
    blocks.extend(writer.this_machine());
    blocks.extend(writer.environment());
    blocks.extend(writer.timeline());
    Document {
        title: wording.local_report_title(view),
        blocks,
    }
}

/// How much a standing hinders those who connect from outside.
fn impact(standing: Standing) -> Impact {
    match standing {
        Standing::Open => Impact::None,
        Standing::FirewallsUnread | Standing::Unknown => Impact::Degraded,
        Standing::Closed | Standing::ThisMachineOnly | Standing::ShutByFirewall { .. } => {
            Impact::Blocked
        }
    }
}

struct Writer<'a> {
    case: &'a Case,
    evidence: &'a Evidence,
    stamp: &'a Stamp,
    texts: &'static Texts,
    words: &'static ReportTexts,
    wording: Wording<'a>,
}

impl Writer<'_> {
    fn verdict(&self) -> Vec<Block> {
        let (words, wording) = (self.words, &self.wording);
        let finding = &self.case.diagnosis().verdict;
        let explanation = wording.finding_explanation(finding);
        let mut blocks = vec![
            Block::Verdict(
                self.case.diagnosis().impact,
                wording.finding_title(finding),
                explanation,
            ),
            Block::Path(self.path()),
        ];
        let certainty = wording.certainty(finding.certainty);
        let mut values = vec![(words.certainty.clone(), Phrase::words(certainty))];
        if let Some(line) = wording.classic_line(self.evidence) {
            values.push((words.classic.clone(), Phrase::words(line)));
        }
        values.extend(self.circumstances());
        blocks.push(Block::Values(values));
        blocks.extend(self.both_ends());
        if !finding.because.is_empty() {
            let clues = finding.because.iter().map(|clue| wording.clue(clue));
            blocks.push(Block::Section(words.because.clone()));
            blocks.push(Block::Bullets(clues.map(Phrase::words).collect()));
        }
        if !finding.alternatives.is_empty() {
            blocks.push(Block::Section(words.alternatives.clone()));
            blocks.push(Block::Bullets(self.alternatives()));
        }
        blocks
    }

    fn path(&self) -> Path {
        let wording = &self.wording;
        let stops = path(self.case).into_iter().map(|link| Stop {
            name: wording.waypoint(link.to),
            state: link.state,
            took: link.took.map(|took| duration(self.texts.language, took)),
        });
        Path {
            line: wording.path_line(self.case),
            spoken: wording.path_spoken(self.case),
            start: wording.waypoint(Waypoint::ThisComputer),
            stops: stops.collect(),
        }
    }

    /// What was seen so far is no ground for a verdict: the next answer could have changed it.
    fn unfinished(&self) -> Vec<Block> {
        let mut blocks = vec![
            Block::Paragraph(Phrase::strong(self.words.unfinished.clone())),
            Block::Values(self.circumstances()),
        ];
        blocks.extend(self.both_ends());
        blocks
    }

    /// What this test and the other computer's report make together: before what speaks for the
    /// verdict of this test alone, as it may say more.
    fn both_ends(&self) -> Vec<Block> {
        ends::blocks(self.case, self.stamp.created, self.texts)
    }

    fn circumstances(&self) -> Vec<(String, Phrase)> {
        let (words, evidence) = (self.words, self.evidence);
        let language = self.texts.language;
        let mut values = vec![(words.target.clone(), self.asked())];
        if let Some(said) = &evidence.said {
            let said = Phrase::words(wording::said(self.texts, said));
            values.push((words.pasted.clone(), said));
        }
        values.extend([
            (
                words.created.clone(),
                Phrase::words(moment(language, self.stamp.created)),
            ),
            (
                words.took.clone(),
                Phrase::words(duration(language, self.stamp.took)),
            ),
            (
                words.patience.clone(),
                Phrase::words(duration(language, evidence.patience)),
            ),
        ]);
        values
    }

    fn local_circumstances(&self, view: &LocalView) -> Vec<(String, Phrase)> {
        let (words, language) = (self.words, self.texts.language);
        let mut values = Vec::new();
        if let Some(from) = view.from {
            let label = self.texts.local.from.clone();
            values.push((label, Phrase::code(from.to_string())));
        }
        values.extend([
            (
                words.created.clone(),
                Phrase::words(moment(self.texts.language, self.stamp.created)),
            ),
            (
                self.texts.local.watched.clone(),
                Phrase::words(duration(language, view.watch.lasted)),
            ),
        ]);
        values
    }

    /// Who was seen coming, and what could not be seen.
    fn arrivals(&self, watch: &Watch) -> Vec<Block> {
        let words = &self.texts.local;
        let mut blocks = vec![Block::Section(self.wording.arrivals_title(watch))];
        let network = &self.evidence.network;
        if let Some(none) = self.wording.no_arrivals(watch) {
            blocks.push(Block::Paragraph(Phrase::words(none)));
        } else {
            let all = watch.arrivals.known().into_iter().flatten();
            let rows = all.map(|arrival| {
                vec![
                    Phrase::words(self.wording.arrival_from(arrival, network)),
                    Phrase::code(arrival.to.to_string()),
                    Phrase::words(arrival.connections.to_string()),
                    Phrase::words(self.wording.arrival_stage(arrival)),
                ]
            });
            blocks.push(Block::Table(Table {
                columns: columns(&[
                    &words.column_from,
                    &words.column_to,
                    &words.column_connections,
                    &words.column_stage,
                ]),
                rows: rows.collect(),
            }));
        }
        let limits = self.wording.watch_limits(watch).into_iter();
        blocks.extend(limits.map(|line| Block::Paragraph(Phrase::words(line))));
        blocks
    }

    /// What was typed, and whether the port is a guess.
    fn asked(&self) -> Phrase {
        let target = &self.evidence.target;
        let asked = Phrase::code(&target.input);
        match target.port_from {
            PortSource::Guess => {
                let note = self.words.port_guessed.fill(&[("port", &target.port)]);
                asked.and_words(format!(" ({note})"))
            }
            PortSource::Typed | PortSource::Scheme | PortSource::ErrorText => asked,
        }
    }

    fn alternatives(&self) -> Vec<Phrase> {
        let others = self.case.diagnosis().verdict.alternatives.iter();
        let one = others.map(|other| {
            let cause = self.wording.cause_title(&other.cause);
            let certainty = self.wording.certainty(other.certainty);
            let test = self.wording.deciding_test(other.decided_by);
            let sentence = self.words.alternative.fill(&[
                ("cause", &cause),
                ("certainty", &certainty),
                ("test", &test),
            ]);
            Phrase::words(sentence)
        });
        one.collect()
    }

    fn advice(&self) -> Vec<Block> {
        let all = self.case.advice();
        if all.is_empty() {
            return Vec::new();
        }
        let mut blocks = vec![Block::Section(self.words.advice.clone())];
        for (index, advice) in all.iter().enumerate() {
            let title = self.wording.advice_title(advice);
            blocks.push(Block::Part(format!("{}. {title}", index + 1)));
            blocks.extend(self.one_advice(advice));
        }
        blocks
    }

    fn one_advice(&self, advice: &Advice) -> Vec<Block> {
        let place = self.wording.place(advice.place);
        let detail = self.wording.advice_detail(advice);
        let mut blocks: Vec<Block> = std::iter::once(format!("{place}."))
            .chain(detail.lines().map(str::to_owned))
            .map(|line| Block::Paragraph(linked(&line, Wording::advice_docs(advice))))
            .collect();
        for fix in &advice.fixes {
            blocks.extend(self.fix(fix));
        }
        blocks
    }

    fn fix(&self, fix: &Fix) -> Vec<Block> {
        let words = self.words;
        let mut name = os_name(fix.os).to_owned();
        if let Some(firewall) = fix.firewall {
            name = format!("{name}, {}", Wording::firewall_name(firewall));
        }
        let mut blocks = vec![Block::Paragraph(Phrase::strong(name))];
        for (label, commands) in [
            (&words.check, &fix.check),
            (&words.apply, &fix.apply),
            (&words.undo, &fix.undo),
        ] {
            if let Some(first) = commands.first() {
                blocks.push(Block::Paragraph(Phrase::words(format!("{label}:"))));
                let lines = commands.iter().map(CommandLine::display).collect();
                blocks.push(Block::Commands(first.shell, lines));
            }
        }
        let mut notes = vec![(
            words.risk.clone(),
            Phrase::words(self.wording.risk(fix.risk)),
        )];
        if fix.needs_admin {
            notes.push((words.rights.clone(), Phrase::words(&words.needs_admin)));
        }
        blocks.push(Block::Values(notes));
        blocks
    }

    fn seen(&self) -> Vec<Block> {
        let (words, evidence) = (self.words, self.evidence);
        let mut blocks = vec![Block::Section(words.seen.clone())];
        let mut values = Vec::new();
        if let Fact::Known(lookup) = &evidence.lookup {
            values.push((
                words.lookup.clone(),
                Phrase::words(self.wording.lookup(lookup)),
            ));
        } else if evidence.target.host.literal().is_none() {
            values.push((words.lookup.clone(), self.gap(&evidence.lookup)));
        }
        values.extend(self.dns_servers());
        for exchange in &evidence.exchanges {
            let heard = self.wording.heard(exchange);
            values.push((exchange.addr.to_string(), Phrase::words(heard)));
        }
        let nobody = || Phrase::words(&words.nobody);
        let everyone = contacted(evidence);
        let contacted = everyone
            .iter()
            .enumerate()
            .fold(Phrase::default(), |phrase, (at, one)| {
                let phrase = if at == 0 {
                    phrase
                } else {
                    phrase.and_words(", ")
                };
                match one {
                    Contact::Resolver(name) => {
                        phrase.and_words(words.system_resolver.fill(&[("name", name)]))
                    }
                    Contact::Peer(addr) => phrase.and_code(addr.to_string()),
                    Contact::Router(ip) => phrase.and_code(ip.to_string()),
                }
            });
        let contacted = if everyone.is_empty() {
            nobody()
        } else {
            contacted
        };
        values.push((words.contacted.clone(), contacted));
        let repeats = evidence.repeats.iter().map(|again| again.attempt.clone());
        for (title, attempts) in [
            (&words.attempts, &evidence.attempts),
            (&words.repeats, &repeats.collect()),
            (&words.references, &evidence.references),
        ] {
            if !attempts.is_empty() {
                blocks.push(Block::Part(title.clone()));
                blocks.push(Block::Table(self.attempts(attempts)));
            }
        }
        blocks.push(Block::Values(values));
        blocks
    }

    fn dns_servers(&self) -> Vec<(String, Phrase)> {
        let answers = self.evidence.direct_lookup.known().into_iter().flatten();
        let one = answers.map(|direct| {
            let server = match direct.server {
                Some(server) => format!("{} {server}", self.words.dns_server),
                None => self.words.dns_server.clone(),
            };
            (server, Phrase::words(self.wording.direct_answer(direct)))
        });
        one.collect()
    }

    fn attempts(&self, attempts: &[Attempt]) -> Table {
        let words = self.words;
        let rows = attempts.iter().map(|attempt| {
            vec![
                Phrase::code(attempt.addr.to_string()),
                Phrase::words(self.wording.outcome(attempt)),
                Phrase::words(duration(self.texts.language, attempt.took)),
                Phrase::code(Wording::raw_outcome(attempt, self.evidence.os)),
            ]
        });
        Table {
            columns: columns(&[&words.address, &words.result, &words.took, &words.raw]),
            rows: rows.collect(),
        }
    }

    fn this_machine(&self) -> Vec<Block> {
        let words = self.words;
        let mut blocks = vec![Block::Section(words.this_machine.clone())];
        blocks.push(Block::Part(words.listeners.clone()));
        blocks.push(match &self.evidence.listeners {
            Fact::Known(listeners) if listeners.is_empty() => {
                Block::Paragraph(Phrase::words(&words.no_listeners))
            }
            Fact::Known(_) => Block::Table(self.listeners()),
            Fact::Unknown(Gap::NotAsked) if self.case.target_is_here() == Some(false) => {
                Block::Paragraph(Phrase::words(&words.not_asked_elsewhere))
            }
            unknown @ Fact::Unknown(_) => Block::Paragraph(self.gap(unknown)),
        });
        blocks.extend(self.on_port());
        blocks.extend(self.service());
        blocks.push(Block::Part(words.firewalls.clone()));
        blocks.push(match &self.evidence.firewalls {
            Fact::Known(firewalls) if firewalls.is_empty() => {
                Block::Paragraph(Phrase::words(&words.no_firewalls))
            }
            Fact::Known(firewalls) => Block::Values(
                firewalls
                    .iter()
                    .map(|firewall| {
                        let state = self.wording.firewall_state(firewall);
                        let name = Wording::firewall_name(firewall.kind).to_owned();
                        (name, Phrase::words(state))
                    })
                    .collect(),
            ),
            unknown @ Fact::Unknown(_) => Block::Paragraph(self.of_network(unknown)),
        });
        blocks.extend(self.remarks());
        let outbound = self.wording.outbound(&self.evidence.outbound);
        blocks.extend(
            outbound
                .into_iter()
                .map(|line| Block::Paragraph(Phrase::words(line))),
        );
        let pasted = &self.evidence.pasted_firewalls;
        if !pasted.is_empty() {
            let one = |firewall: &Firewall| {
                let name = Wording::firewall_name(firewall.kind);
                let name = words.firewall_pasted.fill(&[("firewall", &name)]);
                (name, Phrase::words(self.wording.firewall_state(firewall)))
            };
            blocks.push(Block::Values(pasted.iter().map(one).collect()));
            let remarks = pasted.iter().flat_map(|firewall| {
                let remarks = firewall.own_remarks().into_iter();
                remarks.map(|remark| self.wording.remark(firewall.kind, &remark))
            });
            blocks.extend(remarks.map(|remark| Block::Paragraph(Phrase::words(remark))));
        }
        blocks
    }

    /// What is to be known of the firewalls besides their state.
    fn remarks(&self) -> Vec<Block> {
        let firewalls = self.evidence.firewalls.known().into_iter().flatten();
        let all = firewalls.flat_map(|firewall| {
            let remarks = self.evidence.remarks_on(firewall).into_iter();
            remarks.map(|remark| self.wording.remark(firewall.kind, &remark))
        });
        all.map(|remark| Block::Paragraph(Phrase::words(remark)))
            .collect()
    }

    fn listeners(&self) -> Table {
        let words = self.words;
        let listeners = self.evidence.listeners.known().into_iter().flatten();
        let rows = listeners.map(|listener| {
            let user = match &listener.user {
                Fact::Known(user) => Phrase::code(user),
                unknown @ Fact::Unknown(_) => self.gap(unknown),
            };
            vec![
                Phrase::code(listener.addr.to_string()),
                Phrase::words(self.wording.listener_owner(listener)),
                user,
                Phrase::words(self.wording.reach(listener, self.background(listener))),
            ]
        });
        Table {
            columns: columns(&[&words.address, &words.program, &words.user, &words.reach]),
            rows: rows.collect(),
        }
    }

    fn background(&self, listener: &Listener) -> Option<&Background> {
        let mut all = self.evidence.backgrounds.iter();
        all.find(|background| background.addr == listener.addr)
    }

    /// What is known of the listeners on the port, and of what else has to do with it.
    fn on_port(&self) -> Vec<Block> {
        let listeners = self.evidence.listeners_on_port().unwrap_or_default();
        let own = u32::from(self.case.diagnosis().reachable);
        let mut blocks = Vec::new();
        if self.case.is_answered_by_nobody() {
            let words = &self.texts.window.listener.answered_all_the_same;
            blocks.push(Block::Paragraph(Phrase::words(words)));
        }
        for listener in &listeners {
            let background = self.background(listener);
            let os = self.evidence.os;
            let facts = self.wording.listener_facts(listener, background, own, os);
            let mut values = values(facts);
            let process = listener.process.known();
            let command = process.and_then(|process| process.command.as_deref());
            values.extend(command.map(|command| {
                let label = &self.texts.verdict.listener.command;
                (label.clone(), Phrase::code(command))
            }));
            let addr = Phrase::code(listener.addr.to_string());
            blocks.extend([Block::Paragraph(addr), Block::Values(values)]);
        }
        let told = self.wording.port_use(&self.evidence.port_use, &listeners);
        if !told.is_empty() {
            let port = self.evidence.target.port;
            let heading = &self.texts.window.listener.beside;
            blocks.push(Block::Part(heading.fill(&[("port", &port)])));
            blocks.push(Block::Values(values(told)));
        }
        blocks
    }

    /// What the service manager says of the expected service, and what its own settings say.
    fn service(&self) -> Option<Block> {
        let states = self.wording.service_states(&self.evidence.service_states);
        let settings = self
            .wording
            .service_settings(&self.evidence.service_settings);
        let label = &self.texts.verdict.service_settings.label;
        let settings = settings.into_iter().map(|line| (label.clone(), line));
        let told = states.into_iter().chain(settings);
        let values: Vec<_> = told
            .map(|(label, value)| (label, Phrase::words(value)))
            .collect();
        (!values.is_empty()).then_some(Block::Values(values))
    }

    /// The machine that tested, its way into the network, and the proxies that are set.
    fn environment(&self) -> Vec<Block> {
        let (words, wording) = (self.words, &self.wording);
        let environment = Environment::of(self.evidence, wording);
        let version = Phrase::words(env!("CARGO_PKG_VERSION"));
        let mut values = vec![
            (
                words.system.clone(),
                Phrase::words(wording.system(environment.os, environment.os_release)),
            ),
            (words.version.clone(), version),
        ];
        match &environment.interfaces {
            Fact::Known(interfaces) => {
                let line = |one: &InterfaceInUse<'_>| {
                    let addresses = Phrase::code(one.addresses.join(", "));
                    let phrase = if one.leads_to_target {
                        addresses.and_words(format!(" ({})", words.leads_to_target))
                    } else {
                        addresses
                    };
                    (one.name.to_owned(), phrase)
                };
                values.extend(interfaces.iter().map(line));
            }
            unknown @ Fact::Unknown(_) => {
                values.push((words.network.clone(), self.of_network(unknown)));
            }
        }
        if !environment.idle_interfaces.is_empty() {
            let idle = Phrase::code(environment.idle_interfaces.join(", "));
            values.push((words.idle_interfaces.clone(), idle));
        }
        if environment.interfaces.known().is_some() {
            let gateways = match environment.default_gateways {
                Fact::Known([]) => Phrase::words(&words.no_gateways),
                Fact::Known(gateways) => {
                    let all: Vec<String> = gateways.iter().map(ToString::to_string).collect();
                    Phrase::code(all.join(", "))
                }
                ref unknown @ Fact::Unknown(_) => self.gap(unknown),
            };
            values.push((words.gateways.clone(), gateways));
        }
        let title = &self.texts.proxies.title;
        match environment.proxies {
            Fact::Known(lines) if lines.is_empty() => {
                values.push((title.clone(), Phrase::words(&words.no_proxies)));
            }
            Fact::Known(lines) => {
                let lines = lines.into_iter();
                values.extend(lines.map(|line| (line.from, Phrase::words(line.says))));
            }
            Fact::Unknown(Gap::NotAsked | Gap::Pending) => {
                values.push((title.clone(), Phrase::words(&words.proxies_not_asked)));
            }
            ref unknown @ Fact::Unknown(_) => values.push((title.clone(), self.gap(unknown))),
        }
        vec![
            Block::Section(words.environment.clone()),
            Block::Values(values),
        ]
    }

    fn timeline(&self) -> Vec<Block> {
        let (words, language) = (self.words, self.texts.language);
        if self.evidence.timeline.is_empty() {
            return Vec::new();
        }
        let rows = self.evidence.timeline.iter().map(|question| {
            let took = question.took.map(|took| duration(language, took));
            vec![
                Phrase::words(self.wording.about(&question.about)),
                Phrase::words(duration(language, question.start)),
                Phrase::words(took.unwrap_or_else(|| words.unanswered.clone())),
            ]
        });
        vec![
            Block::Section(words.timeline.clone()),
            Block::Timeline(
                Table {
                    columns: columns(&[&words.question, &words.start, &words.took]),
                    rows: rows.collect(),
                },
                bars(&self.evidence.timeline),
            ),
        ]
    }

    /// Why something of the network is not known: it is not asked for where the target is this
    /// computer.
    fn of_network<T>(&self, fact: &Fact<T>) -> Phrase {
        match fact {
            Fact::Unknown(Gap::NotAsked) if self.case.target_is_here() == Some(true) => {
                Phrase::words(&self.words.not_asked_here)
            }
            Fact::Known(_) | Fact::Unknown(_) => self.gap(fact),
        }
    }

    fn gap<T>(&self, fact: &Fact<T>) -> Phrase {
        match fact {
            Fact::Known(_) => Phrase::default(),
            Fact::Unknown(gap) => Phrase::words(self.wording.gap(gap)),
        }
    }
}

/// The questions on one scale. How long the open ones waited is not known: room is left behind
/// the last answer for them to lead into.
fn bars(questions: &[Question]) -> Vec<Bar> {
    let end = |question: &Question| question.start + question.took.unwrap_or_default();
    let last = questions.iter().map(end).max().unwrap_or_default();
    let mut scale = last.max(Duration::from_micros(100)).as_micros();
    if questions.iter().any(|question| question.took.is_none()) {
        scale += scale / 4;
    }
    let part = |time: Duration| {
        let thousandths = time.as_micros() * 1000 / scale;
        u32::try_from(thousandths).unwrap_or(1000)
    };
    let one = |question: &Question| Bar {
        start: part(question.start),
        end: question.took.map(|_| part(end(question))),
    };
    questions.iter().map(one).collect()
}

/// The line; where it ends with the address of the documentation, that is a link.
fn linked(line: &str, docs: Option<&'static str>) -> Phrase {
    let lead = docs.and_then(|url| Some((line.strip_suffix(url)?, url)));
    match lead {
        Some((lead, url)) => Phrase::words(lead).and_link(url),
        None => Phrase::words(line),
    }
}

fn values(facts: Vec<(&'static str, String)>) -> Vec<(String, Phrase)> {
    let one = |(label, value): (&str, String)| (label.to_owned(), Phrase::words(value));
    facts.into_iter().map(one).collect()
}

fn columns(names: &[&String]) -> Vec<String> {
    names.iter().map(|name| (*name).clone()).collect()
}
