//! Before and after in a report: the part of the document, and of the JSON, that tells how this
//! test went beside the one before.

use serde::Serialize;

use super::document::{Block, Phrase, Table};
use crate::advice::Place;
use crate::case::comparison::{Caveat, Change, Comparison, Course, Row, Says};
use crate::case::{Case, Round, Tried};
use crate::diagnosis::Certainty;
use crate::evidence::Evidence;
use crate::i18n::{Texts, Wording};

/// The section of a document; nothing where no test came before.
pub(super) fn blocks(case: &Case, texts: &'static Texts) -> Vec<Block> {
    let Some(comparison) = case.comparison() else {
        return Vec::new();
    };
    let words = &texts.comparison;
    let wording = Wording::new(texts, &case.evidence().target);
    let course = comparison.course;
    let mut blocks = vec![
        Block::Section(words.title.clone()),
        Block::Paragraph(Phrase::strong(wording.course_title(course))),
        Block::Paragraph(Phrase::words(wording.course_meaning(course))),
    ];
    let insight = wording.insight(&comparison);
    blocks.extend(insight.map(|insight| Block::Paragraph(Phrase::words(insight))));
    blocks.push(Block::Values(values(case, &comparison, &wording, texts)));
    if !comparison.caveats.is_empty() {
        let caveats = comparison.caveats.iter();
        let caveats = caveats.map(|caveat| Phrase::words(wording.caveat(*caveat)));
        blocks.push(Block::Paragraph(Phrase::words(&words.caveat.lead)));
        blocks.push(Block::Bullets(caveats.collect()));
    }
    for change in [Change::Changed, Change::Same, Change::AskedOnce] {
        let rows: Vec<&Row<'_>> = comparison.with(change).collect();
        if rows.is_empty() {
            continue;
        }
        blocks.push(Block::Part(wording.change(change, rows.len())));
        blocks.push(Block::Table(table(&rows, case, &wording, texts)));
    }
    blocks
}

/// Every round with what was tried after it, then this test and what to try next.
fn values(
    case: &Case,
    comparison: &Comparison<'_>,
    wording: &Wording<'_>,
    texts: &'static Texts,
) -> Vec<(String, Phrase)> {
    let words = &texts.comparison;
    let rounds = case.rounds();
    let mut values = Vec::new();
    for (index, round) in rounds.iter().enumerate() {
        let label = if index + 1 == rounds.len() {
            words.before.clone()
        } else {
            words.round.fill(&[("number", &(index + 1))])
        };
        let title = wording.finding_title(&round.case.diagnosis().verdict);
        values.push((label, Phrase::words(title)));
        if let Some(tried) = &round.tried {
            values.push((words.tried.clone(), Phrase::words(wording.tried(tried))));
        }
    }
    let title = wording.finding_title(&case.diagnosis().verdict);
    values.push((words.after.clone(), Phrase::words(title)));
    values.extend(comparison.next_advice().map(|next| {
        let title = wording.advice_title(next);
        (words.next.clone(), Phrase::words(title))
    }));
    values
}

fn table(rows: &[&Row<'_>], case: &Case, wording: &Wording<'_>, texts: &'static Texts) -> Table {
    let words = &texts.comparison;
    let os = case.evidence().os;
    let rows = rows.iter().map(|row| {
        let row = wording.row(row, os);
        let cells = [row.question, row.before, row.after];
        cells.into_iter().map(Phrase::words).collect()
    });
    let columns = [&words.question, &words.before, &words.after];
    Table {
        columns: columns.into_iter().cloned().collect(),
        rows: rows.collect(),
    }
}

/// The comparison as JSON.
#[derive(Debug, Serialize)]
pub struct ComparisonPart {
    course: Course,
    summary: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tried: Option<TriedPart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    says: Option<Says>,
    caveats: Vec<Caveat>,
    answers: Vec<RowPart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct TriedPart {
    id: &'static str,
    title: String,
    place: Place,
}

#[derive(Debug, Serialize)]
struct RowPart {
    about: &'static str,
    question: String,
    change: Change,
    before: String,
    after: String,
}

impl ComparisonPart {
    /// What a report says of two tests.
    #[must_use]
    pub fn of(comparison: &Comparison<'_>, wording: &Wording<'_>) -> Self {
        let case = comparison.after;
        let course = comparison.course;
        let meaning = wording.course_meaning(course);
        let insight = wording.insight(comparison);
        let sentences = [Some(meaning.to_owned()), insight];
        let next = comparison.next_advice();
        let os = case.evidence().os;
        let answers = comparison.rows.iter().map(|row| {
            let words = wording.row(row, os);
            RowPart {
                about: row.topic.id(),
                question: words.question,
                change: row.change,
                before: words.before,
                after: words.after,
            }
        });
        Self {
            course,
            summary: sentences
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" "),
            tried: comparison.tried.map(|tried| TriedPart::of(tried, wording)),
            says: comparison.insight.map(|insight| insight.says),
            caveats: comparison.caveats.clone(),
            answers: answers.collect(),
            next: next.map(|next| Wording::advice_id(&next.kind)),
        }
    }
}

impl TriedPart {
    fn of(tried: &Tried, wording: &Wording<'_>) -> Self {
        Self {
            id: Wording::advice_id(&tried.kind),
            title: wording.tried(tried),
            place: tried.place,
        }
    }
}

/// An earlier test as JSON, with all that its replay takes.
#[derive(Serialize)]
pub(super) struct RoundPart<'a> {
    cause: &'static str,
    certainty: Certainty,
    summary: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tried: Option<&'a Tried>,
    evidence: &'a Evidence,
}

impl<'a> RoundPart<'a> {
    /// The part of one round.
    pub(super) fn of(round: &'a Round, wording: &Wording<'_>) -> Self {
        let verdict = &round.case.diagnosis().verdict;
        Self {
            cause: verdict.cause.id(),
            certainty: verdict.certainty,
            summary: wording.finding_title(verdict),
            tried: round.tried.as_ref(),
            evidence: round.case.evidence(),
        }
    }
}
