//! Step 3: who listens on this computer, and who can therefore reach it.

use egui::Ui;

use super::top_ui;
use crate::advice::command_line::{CommandLine, Shell};
use crate::case::Case;
use crate::evidence::{Fact, Gap, Listener, Os, printable};
use crate::i18n::Texts;
use crate::i18n::Wording;
use crate::ui::theme::{self, palette};
use crate::ui::widgets::command_block::command_block_ui;
use crate::ui::widgets::listener_table::listener_table_ui;
use crate::ui::widgets::text;
use crate::wizard::{Action, Wizard};

/// Draws step 3.
pub fn listener_step_ui(
    ui: &mut Ui,
    wizard: &Wizard,
    case: &Case,
    texts: &'static Texts,
) -> Option<Action> {
    let words = &texts.window.listener;
    let target = &case.evidence().target;
    let host = target.host.to_string();
    match case.target_is_here() {
        Some(false) => {
            let title = words.title_elsewhere.fill(&[("host", &printable(&host))]);
            top_ui(ui, &title, "", case, texts);
            let action = elsewhere_ui(ui, wizard, case, texts);
            here_ui(ui, case, texts, false);
            action
        }
        Some(true) => {
            let title = words.title_here.fill(&[("port", &target.port)]);
            top_ui(ui, &title, "", case, texts);
            here_ui(ui, case, texts, true);
            None
        }
        None => {
            top_ui(ui, &words.title_unsure, "", case, texts);
            here_ui(ui, case, texts, true);
            None
        }
    }
}

fn elsewhere_ui(
    ui: &mut Ui,
    wizard: &Wizard,
    case: &Case,
    texts: &'static Texts,
) -> Option<Action> {
    let target = &case.evidence().target;
    let mut action = None;
    theme::card(palette(ui)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        let host = target.host.to_string();
        let lead = &texts.window.listener.elsewhere_lead;
        text::body(ui, &lead.fill(&[("host", &printable(&host))]));
        let shell = match wizard.os {
            Os::Windows => Shell::PowerShell,
            Os::Linux | Os::Macos => Shell::Posix,
        };
        let words = [
            "ketnoi".to_owned(),
            "check".to_owned(),
            ascii_endpoint(case),
        ];
        let command = CommandLine {
            shell,
            words: words.to_vec(),
        }
        .display();
        action = command_block_ui(ui, &command, wizard.copied.as_deref(), texts);
    });
    action
}

fn ascii_endpoint(case: &Case) -> String {
    let target = &case.evidence().target;
    match target.host.literal() {
        Some(ip) if ip.is_ipv6() => format!("[{}]:{}", target.host.ascii(), target.port),
        _ => format!("{}:{}", target.host.ascii(), target.port),
    }
}

/// This computer's listeners: the main thing when the target is here, a side note otherwise.
fn here_ui(ui: &mut Ui, case: &Case, texts: &'static Texts, is_target: bool) {
    let words = &texts.window.listener;
    let evidence = case.evidence();
    let port = evidence.target.port;
    let listeners = match &evidence.listeners {
        Fact::Known(listeners) => listeners,
        Fact::Unknown(Gap::NotAsked) if !is_target => return,
        Fact::Unknown(gap) => {
            let gap = Wording::new(texts, &evidence.target).gap(gap);
            text::body(ui, &words.unknown.fill(&[("gap", &gap)]));
            return;
        }
    };
    if !is_target {
        return;
    }
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

    let wording = Wording::new(texts, &evidence.target);
    theme::card(palette(ui)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        if on_port.is_empty() {
            text::heading(ui, &words.none.fill(&[("port", &port)]));
        } else {
            text::heading(ui, &words.on_port.fill(on_port.len()));
            ui.push_id("on-port", |ui| {
                listener_table_ui(ui, &on_port, &wording, texts);
            });
        }
    });
    group_ui(ui, &words.same_program, "same", &same, &wording, texts);
    group_ui(ui, &words.near, "near", &near, &wording, texts);
}

fn group_ui(
    ui: &mut Ui,
    title: &str,
    salt: &str,
    listeners: &[&Listener],
    wording: &Wording<'_>,
    texts: &'static Texts,
) {
    if listeners.is_empty() {
        return;
    }
    theme::card(palette(ui)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        text::heading(ui, title);
        ui.push_id(salt, |ui| listener_table_ui(ui, listeners, wording, texts));
    });
}
