//! One case as a few lines for a terminal: the verdict, what speaks for it, what to do.

use std::fmt::Write as _;

use super::layout::paragraph;
use crate::advice::command_line::CommandLine;
use crate::advice::{Advice, Fix, Risk};
use crate::case::Case;
use crate::diagnosis::Impact;
use crate::evidence::{Example, Os, printable};
use crate::i18n::wording::duration;
use crate::i18n::{Texts, Wording};
use crate::report::Stamp;
use crate::target::PortSource;

/// How things stand out. Without colours nothing but words and signs is left.
#[derive(Clone, Copy)]
struct Paint {
    colourful: bool,
}

impl Paint {
    fn with(self, code: &str, text: &str) -> String {
        if self.colourful {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    fn command(self, text: &str) -> String {
        self.with("36", text)
    }

    fn verdict(self, impact: Impact, text: &str) -> String {
        match impact {
            Impact::None => self.with("1;32", text),
            Impact::Degraded => self.with("1;33", text),
            Impact::Blocked => self.with("1;31", text),
        }
    }
}

/// The answer for one target, ending with a line break.
pub(super) fn answer(case: &Case, texts: &'static Texts, stamp: &Stamp, colourful: bool) -> String {
    let target = &case.evidence().target;
    let teller = Teller {
        case,
        texts,
        wording: Wording::new(texts, target),
        paint: Paint { colourful },
    };
    let mut answer = teller.verdict(stamp);
    teller.because(&mut answer);
    teller.backgrounds(&mut answer);
    teller.alternatives(&mut answer);
    teller.advice(&mut answer);
    answer
}

/// What listens on this machine, each with the line that tests it.
pub(super) fn offer(examples: &[Example], texts: &Texts) -> String {
    let mut offer = format!("{}:\n", texts.cli.listening_here);
    let ketnoi = Os::terminal_program_here();
    let line = |example: &Example| format!("{ketnoi} check {}", printable(&example.endpoint));
    let width = examples.iter().map(|one| line(one).chars().count()).max();
    let width = width.unwrap_or(0);
    for example in examples {
        let program = example.process.map(|process| process.name.as_str());
        let program = printable(program.unwrap_or_default());
        let row = format!("  {:width$}   {program}", line(example));
        writeln!(offer, "{}", row.trim_end()).expect("writing to a String");
    }
    offer
}

struct Teller<'a> {
    case: &'a Case,
    texts: &'static Texts,
    wording: Wording<'a>,
    paint: Paint,
}

impl Teller<'_> {
    fn verdict(&self, stamp: &Stamp) -> String {
        let diagnosis = self.case.diagnosis();
        let finding = &diagnosis.verdict;
        let sign = match diagnosis.impact {
            Impact::None => "✓",
            Impact::Degraded => "!",
            Impact::Blocked => "✗",
        };
        let title = self.wording.finding_title(finding);
        let headline = self
            .paint
            .verdict(diagnosis.impact, &format!("{sign} {}", printable(&title)));
        let endpoint = self.case.evidence().target.endpoint();
        let endpoint = self.paint.bold(&printable(&endpoint));
        let sureness = self.texts.cli.certainty_and_time.fill(&[
            ("certainty", &self.wording.certainty(finding.certainty)),
            ("took", &duration(self.texts.language, stamp.took)),
        ]);
        let mut answer = format!(
            "{headline}\n  {endpoint} {}\n",
            self.paint.dim(&format!("({sureness})"))
        );
        let target = &self.case.evidence().target;
        if target.port_from == PortSource::Guess {
            let note = self.texts.cli.port_guessed.fill(&[("port", &target.port)]);
            paragraph(&mut answer, &note, "  ", "  ");
        }
        let explanation = self.wording.finding_explanation(finding);
        paragraph(&mut answer, &explanation, "  ", "  ");
        let path = self.wording.path_line(self.case);
        answer.push('\n');
        paragraph(&mut answer, &path, "  ", "  ");
        answer
    }

    fn because(&self, answer: &mut String) {
        let clues = &self.case.diagnosis().verdict.because;
        if clues.is_empty() {
            return;
        }
        self.heading(answer, &self.texts.cli.because);
        for clue in clues {
            paragraph(answer, &self.wording.clue(clue), "  • ", "    ");
        }
    }

    /// Who listens on the port of this machine, and what stands behind it.
    fn backgrounds(&self, answer: &mut String) {
        let evidence = self.case.evidence();
        let listeners = evidence.listeners.known().into_iter().flatten();
        for background in &evidence.backgrounds {
            let Some(listener) = listeners.clone().find(|l| l.addr == background.addr) else {
                continue;
            };
            let heading = format!(
                "{}, {}",
                background.addr,
                self.wording.listener_owner(listener)
            );
            self.heading(answer, &heading);
            let own = u32::from(self.case.diagnosis().reachable);
            let facts = self
                .wording
                .listener_facts(listener, Some(background), own, evidence.os);
            for (label, value) in facts {
                paragraph(answer, &format!("{label}: {value}"), "  • ", "    ");
            }
        }
    }

    fn alternatives(&self, answer: &mut String) {
        let others = &self.case.diagnosis().verdict.alternatives;
        if others.is_empty() {
            return;
        }
        self.heading(answer, &self.texts.cli.alternatives);
        for other in others {
            let title = self.wording.cause_title(&other.cause);
            let certainty = self.wording.certainty(other.certainty);
            paragraph(answer, &format!("{title} ({certainty})"), "  • ", "    ");
            let test = self.wording.deciding_test(other.decided_by);
            let test = self.texts.cli.decided_by.fill(&[("test", &test)]);
            paragraph(answer, &test, "    ", "    ");
        }
    }

    fn advice(&self, answer: &mut String) {
        let all = self.case.advice();
        if all.is_empty() || self.case.diagnosis().impact == Impact::None {
            return;
        }
        self.heading(answer, &self.texts.cli.advice);
        for (index, advice) in all.iter().enumerate() {
            self.one_advice(answer, index + 1, advice);
        }
    }

    fn one_advice(&self, answer: &mut String, number: usize, advice: &Advice) {
        let title = self.wording.advice_title(advice);
        let title = self.paint.bold(&printable(&title));
        let place = self
            .paint
            .dim(&format!("· {}", self.wording.place(advice.place)));
        writeln!(answer, "  {number}. {title} {place}").expect("writing to a String");
        // The fitting way only, with its own notes; the report has them all.
        let mut shown = advice.clone();
        shown.fixes.truncate(1);
        for line in self.wording.advice_detail(&shown).lines() {
            paragraph(answer, line, "     ", "     ");
        }
        if let Some(fix) = shown.fixes.first() {
            self.fix(answer, fix);
        }
        if advice.fixes.len() > 1 {
            let more = self.texts.cli.more_ways.fill(advice.fixes.len() - 1);
            paragraph(answer, &self.paint.dim(&more), "     ", "     ");
        }
    }

    fn fix(&self, answer: &mut String, fix: &Fix) {
        self.commands(answer, &fix.check);
        self.commands(answer, &fix.apply);
        if !fix.undo.is_empty() {
            let undo = self.paint.dim(&format!("{}:", self.texts.cli.undo));
            writeln!(answer, "     {undo}").expect("writing to a String");
            self.commands(answer, &fix.undo);
        }
        let mut notes = Vec::new();
        if fix.risk != Risk::None {
            notes.push(self.wording.risk(fix.risk));
        }
        if fix.needs_admin {
            notes.push(&self.texts.cli.needs_admin);
        }
        if !notes.is_empty() {
            let notes = self.paint.dim(&format!("({})", notes.join("; ")));
            writeln!(answer, "     {notes}").expect("writing to a String");
        }
    }

    /// A command stays on one line, so that it can be copied.
    fn commands(&self, answer: &mut String, commands: &[CommandLine]) {
        for command in commands {
            let command = self.paint.command(&printable(&command.display()));
            writeln!(answer, "       {command}").expect("writing to a String");
        }
    }

    fn heading(&self, answer: &mut String, title: &str) {
        writeln!(answer, "\n  {}", self.paint.bold(title)).expect("writing to a String");
    }
}
