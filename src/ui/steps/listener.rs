//! Step 3: who listens on this computer, and who can therefore reach it.

use egui::Ui;

use super::other_end::{client_end_ui, client_verdict_ui, other_end_ui};
use super::top_ui;
use crate::case::Case;
use crate::evidence::{Evidence, Fact, Gap, Listener, printable};
use crate::i18n::wording;
use crate::i18n::{Texts, Wording};
use crate::ui::theme::{self, palette};
use crate::ui::widgets::empty_state::empty_state_ui;
use crate::ui::widgets::listener_table::{facts_ui, listener_lines_ui, listener_table_ui};
use crate::ui::widgets::notice::{Tone, notice_ui};
use crate::ui::widgets::{icon, text};
use crate::wizard::{Action, Run, RunState, Wizard};

/// Draws step 3.
pub fn listener_step_ui(
    ui: &mut Ui,
    wizard: &Wizard,
    run: &Run,
    texts: &'static Texts,
) -> Option<Action> {
    let words = &texts.window.listener;
    let case = &run.case;
    let target = &case.evidence().target;
    let host = target.host.to_string();
    match case.target_is_here() {
        Some(false) => {
            let title = words.title_elsewhere.fill(&[("host", &printable(&host))]);
            top_ui(ui, &title, "", run, texts);
            other_end_ui(ui, wizard, run, texts)
        }
        Some(true) => {
            let title = words.title_here.fill(&[("port", &target.port)]);
            top_ui(ui, &title, "", run, texts);
            let action = client_verdict_ui(ui, run, texts);
            here_ui(ui, wizard, case, texts);
            action.or(client_end_ui(ui, wizard, run, texts))
        }
        None => {
            // While the test runs it is not known yet, which is no finding.
            let title = match run.state {
                RunState::Waiting | RunState::Running => &words.title_pending,
                RunState::Cancelled | RunState::Complete => &words.title_unsure,
            };
            top_ui(ui, title, "", run, texts);
            here_ui(ui, wizard, case, texts);
            None
        }
    }
}

/// This computer's listeners: the main thing when the target is here.
fn here_ui(ui: &mut Ui, wizard: &Wizard, case: &Case, texts: &'static Texts) {
    let words = &texts.window.listener;
    let evidence = case.evidence();
    let port = evidence.target.port;
    let wording = Wording::new(texts, &evidence.target);
    let listeners = match &evidence.listeners {
        Fact::Known(listeners) => listeners,
        Fact::Unknown(gap) => {
            let tone = match gap {
                Gap::NotAsked | Gap::Pending => Tone::Quiet,
                Gap::NeedsAdmin
                | Gap::TimedOut
                | Gap::ToolMissing
                | Gap::Unreadable { .. }
                | Gap::Unsupported
                | Gap::NoHolder
                | Gap::HolderEnded { .. } => Tone::Caution,
            };
            notice_ui(ui, tone, &unknown(wizard, gap, texts), |_| {});
            return;
        }
    };
    let (on_port, others): (Vec<&Listener>, Vec<&Listener>) = listeners
        .iter()
        .partition(|listener| listener.addr.port() == port);
    let pids: Vec<u32> = on_port
        .iter()
        .filter_map(|l| l.process.known().map(|p| p.pid))
        .collect();
    let (same, near): (Vec<&Listener>, Vec<&Listener>) = others.into_iter().partition(|l| {
        l.process
            .known()
            .is_some_and(|process| pids.contains(&process.pid))
    });

    // The connection that this test made may still be in the queue.
    let own = u32::from(case.diagnosis().reachable);
    theme::card(palette(ui)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        if on_port.is_empty() {
            let title = words.none.fill(&[("port", &port)]);
            let detail = if case.is_answered_by_nobody() {
                &words.answered_all_the_same
            } else if case.diagnosis().reachable {
                ""
            } else {
                &words.none_detail
            };
            empty_state_ui(ui, icon::closed_port, &title, detail);
        } else {
            text::heading(ui, &words.on_port.fill(on_port.len()));
            ui.push_id("on-port", |ui| {
                listener_table_ui(ui, &on_port, evidence, own, &wording, texts);
            });
        }
    });
    service_ui(ui, case, &wording, texts);
    let beside = wording.port_use(&evidence.port_use, &on_port);
    beside_ui(ui, &beside, port, texts);
    group_ui(
        ui,
        &words.same_program,
        "same",
        &same,
        evidence,
        &wording,
        texts,
    );
    group_ui(ui, &words.near, "near", &near, evidence, &wording, texts);
    if on_port.is_empty() {
        elsewhere_here_ui(ui, wizard, port, &near, &wording, texts);
    }
}

/// What else has to do with the port.
fn beside_ui(ui: &mut Ui, facts: &[(&str, String)], port: u16, texts: &'static Texts) {
    if facts.is_empty() {
        return;
    }
    theme::card(palette(ui)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        let heading = &texts.window.listener.beside;
        text::heading(ui, &heading.fill(&[("port", &port)]));
        facts_ui(ui, facts);
    });
}

/// Why the expected service does not get the connection, where its service manager or its settings told.
fn service_ui(ui: &mut Ui, case: &Case, wording: &Wording<'_>, texts: &'static Texts) {
    let Some(why) = wording.why_not(&case.diagnosis().verdict) else {
        return;
    };
    let evidence = case.evidence();
    let units = match &evidence.service_states {
        states @ Fact::Known(_) => wording.service_states(states),
        // The report says why they are not known.
        Fact::Unknown(_) => Vec::new(),
    };
    let settings = wording.service_settings(&evidence.service_settings);
    let label = &texts.verdict.service_settings.label;
    let settings = settings.into_iter().map(|line| (label.clone(), line));
    theme::card(palette(ui)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        text::strong(ui, &why);
        for (label, told) in units.into_iter().chain(settings) {
            text::pair(ui, &label, |ui| {
                text::body(ui, &told);
            });
        }
    });
}

/// Everything else that listens here, in short: the service may have another port than thought.
fn elsewhere_here_ui(
    ui: &mut Ui,
    wizard: &Wizard,
    port: u16,
    shown: &[&Listener],
    wording: &Wording<'_>,
    texts: &'static Texts,
) {
    // Of the machine that a report comes from, no more is known than stands in it.
    let is_here = wizard.run().is_some_and(|run| run.opened.is_none());
    let Some(all) = wizard.listeners.known().filter(|_| is_here) else {
        return;
    };
    let is_shown = |l: &&Listener| shown.iter().any(|shown| shown.addr == l.addr);
    let rest = all.iter().filter(|l| l.addr.port() != port && !is_shown(l));
    let mut rest: Vec<&Listener> = rest.collect();
    if rest.is_empty() {
        return;
    }
    rest.sort_by_key(|listener| (listener.process.known().is_none(), listener.addr.port()));
    let words = &texts.window.listener;
    theme::card(palette(ui)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        text::heading(ui, &words.elsewhere_here);
        listener_lines_ui(ui, &rest, wording);
    });
}

/// Why the listeners are not known.
fn unknown(wizard: &Wizard, gap: &Gap, texts: &'static Texts) -> String {
    let words = &texts.window.listener;
    let state = wizard.run().map(|run| run.state);
    match (gap, state) {
        (Gap::NotAsked | Gap::Pending, Some(RunState::Waiting | RunState::Running)) => {
            words.pending.clone()
        }
        (Gap::NotAsked | Gap::Pending, Some(RunState::Cancelled)) => words.stopped.clone(),
        (Gap::NotAsked, Some(RunState::Complete) | None) => words.not_asked.clone(),
        (gap, _) => words
            .unknown
            .fill(&[("gap", &wording::gap_reason(texts, gap))]),
    }
}

fn group_ui(
    ui: &mut Ui,
    title: &str,
    salt: &str,
    listeners: &[&Listener],
    evidence: &Evidence,
    wording: &Wording<'_>,
    texts: &'static Texts,
) {
    if listeners.is_empty() {
        return;
    }
    theme::card(palette(ui)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        text::heading(ui, title);
        ui.push_id(salt, |ui| {
            listener_table_ui(ui, listeners, evidence, 0, wording, texts);
        });
    });
}
