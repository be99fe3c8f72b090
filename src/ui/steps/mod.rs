//! The five steps, one file each.

pub(super) mod address;
mod connection;
mod document;
mod firewall;
mod listener;
mod opened;
mod other_end;
mod pasted_output;

use egui::Ui;

pub use opened::dropped_ui;

use super::widgets::comparison_card::{comparison_card_ui, verdict_before_ui};
use super::widgets::path_picture::path_picture_ui;
use super::widgets::text;
use crate::i18n::Texts;
use crate::wizard::{Action, Run, RunState, Step, Wizard};

/// Draws the step on the screen.
pub fn step_ui(
    ui: &mut Ui,
    wizard: &Wizard,
    texts: &'static Texts,
    preview: &str,
) -> Option<Action> {
    opened::opening_ui(ui, wizard, texts);
    let run = match (wizard.step, wizard.run()) {
        (Step::Address, _) | (_, None) => return address::address_step_ui(ui, wizard, texts),
        (_, Some(run)) => run,
    };
    let again = opened::opened_ui(ui, run, texts);
    let switched = targets_ui(ui, wizard, texts);
    let action = match wizard.step {
        Step::Address => None,
        Step::Connection => connection::connection_step_ui(ui, wizard, run, texts),
        Step::Listener => listener::listener_step_ui(ui, wizard, run, texts),
        Step::Firewall => firewall::firewall_step_ui(ui, wizard, run, texts),
        Step::Report => document::document_step_ui(ui, wizard, run, texts, preview),
    };
    again.or(switched).or(action)
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
fn top_ui(ui: &mut Ui, title: &str, line: &str, run: &Run, texts: &'static Texts) {
    heading_ui(ui, title, line);
    path_picture_ui(ui, run, texts);
}

/// Title, and one line below it.
fn heading_ui(ui: &mut Ui, title: &str, line: &str) {
    text::title(ui, title);
    if !line.is_empty() {
        text::subtitle(ui, line);
    }
}

/// The test before beside this one: shown where “test again” is pressed.
fn before_after_ui(ui: &mut Ui, run: &Run, texts: &'static Texts) {
    let words = &texts.window.shell;
    let now = match run.state {
        RunState::Complete => return comparison_card_ui(ui, &run.case, texts),
        RunState::Waiting => &words.state_todo,
        RunState::Running => &words.state_running,
        RunState::Cancelled => &words.state_cancelled,
    };
    verdict_before_ui(ui, &run.case, now, texts);
}
