//! The five steps, one file each.

pub(super) mod address;
mod connection;
mod document;
mod firewall;
mod listener;
mod pasted_output;

use egui::Ui;

use super::theme::{self, palette};
use super::widgets::path_picture::path_picture_ui;
use super::widgets::text;
use crate::case::Case;
use crate::i18n::{Texts, Wording};
use crate::wizard::{Action, Run, RunState, Step, Wizard};

/// Draws the step on the screen.
pub fn step_ui(
    ui: &mut Ui,
    wizard: &Wizard,
    texts: &'static Texts,
    preview: &str,
) -> Option<Action> {
    let case = match (wizard.step, wizard.case()) {
        (Step::Address, _) | (_, None) => return address::address_step_ui(ui, wizard, texts),
        (_, Some(case)) => case,
    };
    let switched = targets_ui(ui, wizard, texts);
    let action = match wizard.step {
        Step::Address => None,
        Step::Connection => connection::connection_step_ui(ui, wizard, case, texts),
        Step::Listener => listener::listener_step_ui(ui, wizard, case, texts),
        Step::Firewall => firewall::firewall_step_ui(ui, wizard, case, texts),
        Step::Report => document::document_step_ui(ui, wizard, case, texts, preview),
    };
    switched.or(action)
}

/// The targets of a session with several, to switch between.
fn targets_ui(ui: &mut Ui, wizard: &Wizard, texts: &'static Texts) -> Option<Action> {
    if wizard.runs.len() < 2 {
        return None;
    }
    let mut action = None;
    ui.horizontal_wrapped(|ui| {
        for (index, run) in wizard.runs.iter().enumerate() {
            let endpoint = run.case.evidence().target.endpoint();
            let label = crate::evidence::printable(&endpoint).into_owned();
            let label = text::shortened(&label, text::LONGEST_WORD).into_owned();
            let response = ui.selectable_label(wizard.shown == index, label);
            text::focus_ring(ui, &response);
            let number = index + 1;
            let count = wizard.runs.len();
            let place = texts
                .window
                .shell
                .target_of
                .fill(&[("number", &number), ("count", &count)]);
            if response.on_hover_text(place).clicked() {
                action = Some(Action::Show(index));
            }
        }
    });
    action
}

/// Title, one line below it, and the path picture: the top of every step but the first.
fn top_ui(ui: &mut Ui, title: &str, line: &str, case: &Case, texts: &'static Texts) {
    text::title(ui, title);
    if !line.is_empty() {
        text::subtitle(ui, line);
    }
    path_picture_ui(ui, case, texts);
}

/// How the test before ended, and this one: shown where “test again” is pressed.
fn before_after_ui(ui: &mut Ui, run: &Run, texts: &'static Texts) {
    let Some(before) = &run.before else { return };
    let words = &texts.window.connection;
    let verdict = |case: &Case| {
        let wording = Wording::new(texts, &case.evidence().target);
        wording.finding_title(&case.diagnosis().verdict)
    };
    let after = match run.state {
        RunState::Complete => verdict(&run.case),
        RunState::Waiting => texts.window.shell.state_todo.clone(),
        RunState::Running => texts.window.shell.state_running.clone(),
        RunState::Cancelled => texts.window.shell.state_cancelled.clone(),
    };
    theme::block(palette(ui)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        for (label, title) in [(&words.before, verdict(before)), (&words.after, after)] {
            text::pair(ui, label, |ui| {
                let shown = text::body(ui, &text::shortened(&title, text::LONGEST_WORD));
                text::announce(ui, shown.id);
            });
        }
    });
}
