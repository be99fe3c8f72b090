//! Before and after: how the test went beside the one before, what that says of what was tried, and
//! each question with both its answers. What stayed the same is folded away.

use std::sync::Arc;

use egui::Ui;

use super::finding_card::bullet_ui;
use super::kept::{Same, kept};
use super::{icon, text};
use crate::case::Case;
use crate::case::comparison::{Change, Comparison, Course};
use crate::diagnosis::Finding;
use crate::evidence::printable;
use crate::i18n::Texts;
use crate::i18n::wording::Wording;
use crate::ui::theme::{self, GRID, palette, space};
use crate::wizard::StepState;

/// Draws the card of a test that has ended and had one before; else nothing.
pub fn comparison_card_ui(ui: &mut Ui, case: &Arc<Case>, texts: &'static Texts) {
    let inputs = (Same(Arc::clone(case)), texts.language);
    let Some(card) = &*kept(ui, "comparison", inputs, || Card::of(case, texts)) else {
        return;
    };
    theme::card(palette(ui)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        headline_ui(ui, card);
        outcome_ui(ui, card, texts);
        caveats_ui(ui, card, texts);
        changed_ui(ui, &card.changed);
        folded_ui(ui, Change::Same, &card.same);
        folded_ui(ui, Change::AskedOnce, &card.asked_once);
        rounds_ui(ui, case, texts);
    });
}

/// A comparison in words.
struct Card {
    course: Course,
    title: &'static str,
    meaning: &'static str,
    /// What was tried, and what that says.
    tried: Option<(String, Option<String>)>,
    before: String,
    after: String,
    /// What to try next.
    next: Option<String>,
    caveats: Vec<&'static str>,
    changed: Rows,
    same: Rows,
    asked_once: Rows,
}

/// The questions of one kind: how many there are in a line, and each as far as they are shown.
struct Rows {
    heading: String,
    rows: Vec<ShownRow>,
}

/// A question and its answers.
struct ShownRow {
    question: String,
    before: String,
    after: String,
}

impl Card {
    fn of(case: &Case, texts: &'static Texts) -> Option<Self> {
        let comparison = case.comparison()?;
        let wording = Wording::new(texts, &case.evidence().target);
        let tried = comparison.tried.map(|tried| {
            let insight = wording.insight(&comparison);
            (wording.tried(tried), insight)
        });
        let next = comparison.next_advice();
        let caveats = comparison.caveats.iter();
        let rows = |change| Rows::of(&comparison, change, &wording);
        Some(Self {
            course: comparison.course,
            title: wording.course_title(comparison.course),
            meaning: wording.course_meaning(comparison.course),
            tried,
            before: title_of(&comparison.before.diagnosis().verdict, &wording),
            after: title_of(&comparison.after.diagnosis().verdict, &wording),
            next: next.map(|next| wording.advice_title(next)),
            caveats: caveats.map(|caveat| wording.caveat(*caveat)).collect(),
            changed: rows(Change::Changed),
            same: rows(Change::Same),
            asked_once: rows(Change::AskedOnce),
        })
    }
}

impl Rows {
    fn of(comparison: &Comparison<'_>, change: Change, wording: &Wording<'_>) -> Self {
        let os = comparison.after.evidence().os;
        let count = comparison.with(change).count();
        let rows = comparison.with(change).take(MOST_ROWS).map(|row| {
            let words = wording.row(row, os);
            ShownRow {
                question: shown(&words.question),
                before: shown(&words.before),
                after: shown(&words.after),
            }
        });
        Self {
            heading: wording.change(change, count),
            rows: rows.collect(),
        }
    }
}

/// Draws how the test before ended while the next one is under way or was stopped.
pub fn verdict_before_ui(ui: &mut Ui, case: &Case, now: &str, texts: &'static Texts) {
    let Some(round) = case.rounds().last() else {
        return;
    };
    let words = &texts.comparison;
    let wording = Wording::new(texts, &case.evidence().target);
    theme::block(palette(ui)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        if let Some(tried) = &round.tried {
            text::pair(ui, &words.tried, |ui| {
                text::body(ui, &wording.tried(tried));
            });
        }
        let before = title_of(&round.case.diagnosis().verdict, &wording);
        verdict_ui(ui, &words.before, &before);
        text::pair(ui, &words.after, |ui| {
            let shown = text::body(ui, now);
            text::announce(ui, shown.id);
        });
    });
}

fn headline_ui(ui: &mut Ui, card: &Card) {
    ui.horizontal_top(|ui| {
        let (rect, _) = ui.allocate_exact_size(egui::vec2(24.0, 24.0), egui::Sense::hover());
        let state = state_of(card.course);
        icon::step_state(ui.painter(), rect.center(), 11.0, state, palette(ui));
        ui.vertical(|ui| {
            let title = text::heading(ui, card.title);
            text::announce(ui, title.id);
            text::body(ui, card.meaning);
        });
    });
}

fn state_of(course: Course) -> StepState {
    match course {
        Course::WorksNow | Course::ConnectsNow | Course::StillWorks => StepState::Fine,
        Course::WorksInPart => StepState::Partly,
        Course::Further | Course::OtherCause | Course::SameCause => StepState::Advice,
        Course::Unchanged | Course::Worse => StepState::Problem,
        Course::Unfinished => StepState::Unknown,
    }
}

/// What was tried and what that says, then both verdicts and what to try next.
fn outcome_ui(ui: &mut Ui, card: &Card, texts: &'static Texts) {
    let words = &texts.comparison;
    if let Some((tried, insight)) = &card.tried {
        text::pair(ui, &words.tried, |ui| {
            text::body(ui, tried);
            if let Some(insight) = insight {
                text::body(ui, insight);
            }
        });
    }
    verdict_ui(ui, &words.before, &card.before);
    verdict_ui(ui, &words.after, &card.after);
    if let Some(next) = &card.next {
        text::pair(ui, &words.next, |ui| {
            text::strong(ui, next);
        });
    }
}

fn verdict_ui(ui: &mut Ui, label: &str, title: &str) {
    text::pair(ui, label, |ui| {
        text::body(ui, title);
    });
}

fn title_of(verdict: &Finding, wording: &Wording<'_>) -> String {
    let title = wording.finding_title(verdict);
    text::shortened(&title, text::LONGEST_WORD).into_owned()
}

fn caveats_ui(ui: &mut Ui, card: &Card, texts: &'static Texts) {
    if card.caveats.is_empty() {
        return;
    }
    let caution = palette(ui).caution;
    text::tinted(ui, &texts.comparison.caveat.lead, caution);
    for caveat in &card.caveats {
        bullet_ui(ui, caveat);
    }
}

/// Each question whose answer changed, the old answer beside the new one.
fn changed_ui(ui: &mut Ui, changed: &Rows) {
    if changed.rows.is_empty() {
        return;
    }
    ui.add_space(GRID);
    text::strong(ui, &changed.heading);
    for row in &changed.rows {
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.spacing_mut().interact_size.y = 0.0;
            text::weak(ui, &row.question);
            ui.horizontal_wrapped(|ui| {
                text::body(ui, &row.before);
                text::weak(ui, "→");
                text::strong(ui, &row.after);
            });
        });
    }
}

/// The questions of another kind, behind a line that counts them.
fn folded_ui(ui: &mut Ui, change: Change, folded: &Rows) {
    if folded.rows.is_empty() {
        return;
    }
    text::header(ui, &folded.heading, theme::body())
        .id_salt(change)
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = space::HAIR;
            for row in &folded.rows {
                text::weak(ui, &row.question);
                if change == Change::Same {
                    text::body(ui, &row.after);
                } else {
                    text::body(ui, &format!("{} → {}", row.before, row.after));
                }
            }
        });
}

/// How each of the rounds ended, and what was tried after it, when there were several.
fn rounds_ui(ui: &mut Ui, case: &Case, texts: &'static Texts) {
    let words = &texts.comparison;
    let wording = Wording::new(texts, &case.evidence().target);
    let rounds = case.rounds();
    if rounds.len() < 2 {
        return;
    }
    text::header(ui, &words.rounds, theme::body())
        .id_salt("rounds")
        .show(ui, |ui| {
            for (index, round) in rounds.iter().enumerate() {
                let label = words.round.fill(&[("number", &(index + 1))]);
                let title = title_of(&round.case.diagnosis().verdict, &wording);
                verdict_ui(ui, &label, &title);
                if let Some(tried) = &round.tried {
                    text::pair(ui, &words.tried, |ui| {
                        text::body(ui, &wording.tried(tried));
                    });
                }
            }
        });
}

fn shown(line: &str) -> String {
    text::shortened(&printable(line), text::LONGEST_WORD).into_owned()
}

/// More rows of one kind than anyone reads; the report has them all.
const MOST_ROWS: usize = 40;
