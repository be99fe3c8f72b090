//! Before and after: how the test went beside the one before, what that says of what was tried, and
//! each question with both its answers. What stayed the same is folded away.

use egui::Ui;

use super::finding_card::bullet_ui;
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
pub fn comparison_card_ui(ui: &mut Ui, case: &Case, texts: &'static Texts) {
    let Some(comparison) = case.comparison() else {
        return;
    };
    let wording = Wording::new(texts, &case.evidence().target);
    theme::card(palette(ui)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        headline_ui(ui, &comparison, &wording);
        outcome_ui(ui, &comparison, &wording, texts);
        caveats_ui(ui, &comparison, &wording, texts);
        changed_ui(ui, &comparison, &wording);
        folded_ui(ui, &comparison, Change::Same, &wording);
        folded_ui(ui, &comparison, Change::AskedOnce, &wording);
        rounds_ui(ui, case, &wording, texts);
    });
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
        verdict_ui(ui, &words.before, &round.case.diagnosis().verdict, &wording);
        text::pair(ui, &words.after, |ui| {
            let shown = text::body(ui, now);
            text::announce(ui, shown.id);
        });
    });
}

fn headline_ui(ui: &mut Ui, comparison: &Comparison<'_>, wording: &Wording<'_>) {
    let course = comparison.course;
    ui.horizontal_top(|ui| {
        let (rect, _) = ui.allocate_exact_size(egui::vec2(24.0, 24.0), egui::Sense::hover());
        let state = state_of(course);
        icon::step_state(ui.painter(), rect.center(), 11.0, state, palette(ui));
        ui.vertical(|ui| {
            let title = text::heading(ui, wording.course_title(course));
            text::announce(ui, title.id);
            text::body(ui, wording.course_meaning(course));
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
fn outcome_ui(
    ui: &mut Ui,
    comparison: &Comparison<'_>,
    wording: &Wording<'_>,
    texts: &'static Texts,
) {
    let words = &texts.comparison;
    if let Some(tried) = comparison.tried {
        text::pair(ui, &words.tried, |ui| {
            text::body(ui, &wording.tried(tried));
            if let Some(insight) = wording.insight(comparison) {
                text::body(ui, &insight);
            }
        });
    }
    let (before, after) = (comparison.before.diagnosis(), comparison.after.diagnosis());
    verdict_ui(ui, &words.before, &before.verdict, wording);
    verdict_ui(ui, &words.after, &after.verdict, wording);
    if let Some(next) = comparison.next_advice() {
        text::pair(ui, &words.next, |ui| {
            text::strong(ui, &wording.advice_title(next));
        });
    }
}

fn verdict_ui(ui: &mut Ui, label: &str, verdict: &Finding, wording: &Wording<'_>) {
    text::pair(ui, label, |ui| {
        let title = wording.finding_title(verdict);
        text::body(ui, &text::shortened(&title, text::LONGEST_WORD));
    });
}

fn caveats_ui(
    ui: &mut Ui,
    comparison: &Comparison<'_>,
    wording: &Wording<'_>,
    texts: &'static Texts,
) {
    if comparison.caveats.is_empty() {
        return;
    }
    let caution = palette(ui).caution;
    text::tinted(ui, &texts.comparison.caveat.lead, caution);
    for caveat in &comparison.caveats {
        bullet_ui(ui, wording.caveat(*caveat));
    }
}

/// Each question whose answer changed, the old answer beside the new one.
fn changed_ui(ui: &mut Ui, comparison: &Comparison<'_>, wording: &Wording<'_>) {
    let os = comparison.after.evidence().os;
    let mut rows = comparison.with(Change::Changed).take(MOST_ROWS).peekable();
    if rows.peek().is_none() {
        return;
    }
    ui.add_space(GRID);
    let count = comparison.with(Change::Changed).count();
    text::strong(ui, &wording.change(Change::Changed, count));
    for row in rows {
        let words = wording.row(row, os);
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.spacing_mut().interact_size.y = 0.0;
            text::weak(ui, &shown(&words.question));
            ui.horizontal_wrapped(|ui| {
                text::body(ui, &shown(&words.before));
                text::weak(ui, "→");
                text::strong(ui, &shown(&words.after));
            });
        });
    }
}

/// The questions of another kind, behind a line that counts them.
fn folded_ui(ui: &mut Ui, comparison: &Comparison<'_>, change: Change, wording: &Wording<'_>) {
    let os = comparison.after.evidence().os;
    let count = comparison.with(change).count();
    if count == 0 {
        return;
    }
    text::header(ui, &wording.change(change, count), theme::body())
        .id_salt(change)
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = space::HAIR;
            for row in comparison.with(change).take(MOST_ROWS) {
                let row = wording.row(row, os);
                text::weak(ui, &shown(&row.question));
                let answers = if change == Change::Same {
                    row.after
                } else {
                    format!("{} → {}", row.before, row.after)
                };
                text::body(ui, &shown(&answers));
            }
        });
}

/// How each of the rounds ended, and what was tried after it, when there were several.
fn rounds_ui(ui: &mut Ui, case: &Case, wording: &Wording<'_>, texts: &'static Texts) {
    let words = &texts.comparison;
    let rounds = case.rounds();
    if rounds.len() < 2 {
        return;
    }
    text::header(ui, &words.rounds, theme::body())
        .id_salt("rounds")
        .show(ui, |ui| {
            for (index, round) in rounds.iter().enumerate() {
                let label = words.round.fill(&[("number", &(index + 1))]);
                verdict_ui(ui, &label, &round.case.diagnosis().verdict, wording);
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
