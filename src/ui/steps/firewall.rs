//! Step 4: the firewalls of this computer, and what to do, each fix with its undo.

use egui::{CollapsingHeader, Ui};

use super::top_ui;
use crate::advice::command_line::CommandLine;
use crate::advice::{Advice, Fix, Place, Risk};
use crate::case::Case;
use crate::diagnosis::Impact;
use crate::evidence::{Fact, Firewall, printable};
use crate::i18n::Texts;
use crate::i18n::Wording;
use crate::i18n::wording::os_name;
use crate::ui::theme::{self, GRID, palette};
use crate::ui::widgets::command_block::command_block_ui;
use crate::ui::widgets::finding_card::bullet_ui;
use crate::ui::widgets::text;
use crate::wizard::{Action, RunState, Wizard};

/// Draws step 4.
pub fn firewall_step_ui(
    ui: &mut Ui,
    wizard: &Wizard,
    case: &Case,
    texts: &'static Texts,
) -> Option<Action> {
    let words = &texts.window.firewall;
    let done = wizard
        .run()
        .is_some_and(|run| run.state == RunState::Complete);
    let fine = done && case.diagnosis().impact == Impact::None;
    let title = if fine {
        &words.title_fine
    } else {
        &words.title
    };
    let wording = Wording::new(texts, &case.evidence().target);
    let line = if done {
        wording.finding_title(&case.diagnosis().verdict)
    } else {
        String::new()
    };
    top_ui(ui, title, &line, case, texts);

    let mut action = None;
    if done {
        if !case.advice().is_empty() {
            text::heading(ui, &words.fixes);
            text::weak(ui, &words.shown_only);
        } else if !fine {
            text::body(ui, &words.fixes_none);
        }
        for (index, advice) in case.advice().iter().enumerate() {
            ui.push_id(index, |ui| {
                action = action
                    .take()
                    .or(advice_ui(ui, wizard, advice, &wording, texts));
            });
        }
    } else {
        text::weak(ui, &words.fixes_waiting);
    }
    firewalls_ui(ui, case, &wording, texts);
    action
}

fn advice_ui(
    ui: &mut Ui,
    wizard: &Wizard,
    advice: &Advice,
    wording: &Wording<'_>,
    texts: &'static Texts,
) -> Option<Action> {
    let words = &texts.window.firewall;
    let mut action = None;
    theme::card(palette(ui)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        text::heading(ui, &wording.advice_title(advice));
        text::weak(ui, &wording.place(advice.place));
        text::body(ui, &wording.advice_detail(advice));
        match advice.fixes.as_slice() {
            [] => {}
            [only] => action = fix_ui(ui, wizard, only, wording, texts),
            several => {
                for (index, fix) in several.iter().enumerate() {
                    let open = index == 0 && (advice.place == Place::Here || fix.os == wizard.os);
                    CollapsingHeader::new(fix_name(fix))
                        .id_salt(index)
                        .default_open(open)
                        .show(ui, |ui| {
                            action = action.take().or(fix_ui(ui, wizard, fix, wording, texts));
                        });
                }
            }
        }
        let changes = advice.fixes.iter().any(|fix| !fix.apply.is_empty());
        if changes && text::button(ui, &words.done, true).clicked() {
            action = Some(Action::TestAgain);
        }
    });
    action
}

fn fix_ui(
    ui: &mut Ui,
    wizard: &Wizard,
    fix: &Fix,
    wording: &Wording<'_>,
    texts: &'static Texts,
) -> Option<Action> {
    let words = &texts.window.firewall;
    let mut action = commands_ui(ui, wizard, &words.check, &fix.check, texts);
    action = action.or(commands_ui(ui, wizard, &words.apply, &fix.apply, texts));
    if fix.needs_admin {
        let caution = palette(ui).caution;
        text::tinted(ui, &words.needs_admin, caution);
    }
    if fix.risk != Risk::None {
        text::pair(ui, &words.risk, |ui| {
            text::body(ui, wording.risk(fix.risk));
        });
    }
    action.or(commands_ui(ui, wizard, &words.undo, &fix.undo, texts))
}

fn commands_ui(
    ui: &mut Ui,
    wizard: &Wizard,
    label: &str,
    commands: &[CommandLine],
    texts: &'static Texts,
) -> Option<Action> {
    if commands.is_empty() {
        return None;
    }
    text::weak(ui, label);
    let mut action = None;
    for (index, command) in commands.iter().enumerate() {
        ui.push_id((label, index), |ui| {
            let copied = wizard.copied.as_deref();
            action = action
                .take()
                .or(command_block_ui(ui, &command.display(), copied, texts));
        });
    }
    action
}

fn fix_name(fix: &Fix) -> String {
    let os = os_name(fix.os);
    match fix.firewall {
        Some(kind) => format!("{os}, {}", Wording::firewall_name(kind)),
        None => os.to_owned(),
    }
}

fn firewalls_ui(ui: &mut Ui, case: &Case, wording: &Wording<'_>, texts: &'static Texts) {
    let words = &texts.window.firewall;
    ui.add_space(GRID);
    theme::card(palette(ui)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        text::heading(ui, &words.firewalls_here);
        match &case.evidence().firewalls {
            Fact::Unknown(gap) => {
                let gap = wording.gap(gap);
                text::body(ui, &words.firewalls_unknown.fill(&[("gap", &gap)]));
            }
            Fact::Known(firewalls) if firewalls.is_empty() => {
                text::body(ui, &words.firewalls_none);
            }
            Fact::Known(firewalls) => {
                for firewall in firewalls {
                    firewall_ui(ui, firewall, wording);
                }
            }
        }
    });
}

fn firewall_ui(ui: &mut Ui, firewall: &Firewall, wording: &Wording<'_>) {
    let name = Wording::firewall_name(firewall.kind);
    let state = wording.firewall_state(firewall);
    bullet_ui(ui, &format!("{name}: {}", printable(&state)));
}
