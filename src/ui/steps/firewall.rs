//! Step 4: the firewalls of this computer, and what to do, each fix with its undo.

use egui::Ui;

use super::pasted_output::pasted_output_ui;
use super::{before_after_ui, top_ui};
use crate::advice::command_line::CommandLine;
use crate::advice::{Advice, AdviceKind, Fix, Place, Risk};
use crate::case::Case;
use crate::diagnosis::Impact;
use crate::evidence::{Fact, Firewall, Gap, printable};
use crate::i18n::Texts;
use crate::i18n::Wording;
use crate::i18n::wording::os_name;
use crate::ui::theme::{self, palette};
use crate::ui::widgets::command_block::command_block_ui;
use crate::ui::widgets::empty_state::empty_state_ui;
use crate::ui::widgets::finding_card::bullet_ui;
use crate::ui::widgets::notice::{Tone, notice_ui};
use crate::ui::widgets::{icon, text};
use crate::wizard::{Action, Run, RunState, Wizard};

/// Draws step 4.
pub fn firewall_step_ui(
    ui: &mut Ui,
    wizard: &Wizard,
    run: &Run,
    texts: &'static Texts,
) -> Option<Action> {
    let words = &texts.window.firewall;
    let case = &run.case;
    let verdict = &case.diagnosis().verdict;
    let done = run.state == RunState::Complete;
    let fine = done
        && case.diagnosis().impact == Impact::None
        && case.evidence().keeps_others_out().is_none();
    let title = match fine {
        true if case.evidence().may_keep_others_out() => &words.title_fine_here,
        true => &words.title_fine,
        false => &words.title,
    };
    let wording = Wording::new(texts, &case.evidence().target);
    let line = if done {
        wording.finding_title(verdict)
    } else {
        String::new()
    };
    top_ui(ui, title, &line, run, texts);
    before_after_ui(ui, run, texts);

    let mut action = None;
    match run.state {
        RunState::Waiting | RunState::Running => {
            notice_ui(ui, Tone::Quiet, &words.fixes_waiting, |_| {});
        }
        RunState::Cancelled => {
            notice_ui(ui, Tone::Quiet, &words.fixes_stopped, |_| {});
        }
        RunState::Complete if case.advice().is_empty() => {
            theme::card(palette(ui)).show(ui, |ui| {
                ui.set_min_width(ui.available_width());
                let line = &words.fixes_none_detail;
                empty_state_ui(ui, icon::tasks, &words.fixes_none, line);
            });
        }
        RunState::Complete => {
            text::section(ui, if fine { &words.fixes_if } else { &words.fixes });
            if case.advice().iter().any(|advice| !advice.fixes.is_empty()) {
                text::weak(ui, &words.shown_only);
            }
            action = fixes_ui(ui, wizard, case, &wording, texts);
        }
    }
    firewalls_ui(ui, case, run.state, &wording, texts);
    if run.state == RunState::Complete {
        action = action.or(pasted_output_ui(ui, wizard, case, &wording, texts));
    }
    action
}

/// What was not tried yet first, in the order of promise; then what was, folded.
fn fixes_ui(
    ui: &mut Ui,
    wizard: &Wizard,
    case: &Case,
    wording: &Wording<'_>,
    texts: &'static Texts,
) -> Option<Action> {
    let all = case.advice().iter().enumerate();
    let (tried, new): (Vec<_>, Vec<_>) = all.partition(|(_, advice)| case.was_tried(advice));
    let mut action = None;
    for (index, advice) in new {
        let pressed = ui.push_id(index, |ui| {
            advice_ui(ui, wizard, index, advice, wording, texts)
        });
        action = action.or(pressed.inner);
    }
    if !tried.is_empty() {
        text::header(ui, &texts.comparison.tried_before, theme::body())
            .id_salt("tried")
            .show(ui, |ui| {
                for (index, advice) in tried {
                    let pressed = ui.push_id(index, |ui| {
                        advice_ui(ui, wizard, index, advice, wording, texts)
                    });
                    action = action.take().or(pressed.inner);
                }
            });
    }
    action
}

fn advice_ui(
    ui: &mut Ui,
    wizard: &Wizard,
    index: usize,
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
        text::body(ui, &wording.advice_detail_beside_settings(advice));
        for (index, (place, line)) in wording.settings(advice).into_iter().enumerate() {
            text::weak(ui, &place);
            ui.push_id(("setting", index), |ui| {
                let copied = wizard.copied.as_deref();
                action = action.take().or(command_block_ui(ui, line, copied, texts));
            });
        }
        match advice.fixes.as_slice() {
            [] => {}
            [only] => action = action.take().or(fix_ui(ui, wizard, only, wording, texts)),
            several => {
                for (index, fix) in several.iter().enumerate() {
                    let open = index == 0
                        && (advice.place == Place::Here
                            || Some(fix.os) == wizard.case().map(|case| case.evidence().os));
                    text::header(ui, &fix_name(several, index, texts), theme::body())
                        .id_salt(index)
                        .default_open(open)
                        .show(ui, |ui| {
                            action = action.take().or(fix_ui(ui, wizard, fix, wording, texts));
                        });
                }
            }
        }
        let (label, pressed) = match advice.kind {
            AdviceKind::TestAgain => (&texts.window.shell.test_again, Action::TestAgain),
            _ => (&words.done, Action::Followed(index)),
        };
        let can_test = wizard.run().is_some_and(|run| run.retest().is_some());
        let is_offered = can_test && shows_in_the_same_test(&advice.kind);
        if is_offered && text::button(ui, label, true).clicked() {
            // The card goes with the verdict it belongs to, and would take the focus along.
            text::focus_next_title(ui);
            action = Some(pressed);
        }
    });
    action
}

/// Whether the same test can end otherwise once the advice was followed. It cannot where only the
/// caller changes what it calls, or where somebody looks elsewhere.
fn shows_in_the_same_test(kind: &AdviceKind) -> bool {
    !matches!(
        kind,
        AdviceKind::TunnelThroughSsh { .. }
            | AdviceKind::EnableService { .. }
            | AdviceKind::CheckPort { .. }
            | AdviceKind::UsePort { .. }
            | AdviceKind::UseAddress { .. }
            | AdviceKind::UseIpv4
            | AdviceKind::UseTls { .. }
            | AdviceKind::UsePlainText { .. }
            | AdviceKind::CheckSpelling
            | AdviceKind::EnterAddress
            | AdviceKind::CheckWhichMachine
            | AdviceKind::CheckOnTarget
            | AdviceKind::PasteFirewallOutput
            | AdviceKind::CheckProgramSettings
            | AdviceKind::UseUsualClient
            | AdviceKind::TryFromElsewhere
            | AdviceKind::SaveReport
    )
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

/// The system and the tool; where two fixes share them, also what tells them apart.
fn fix_name(fixes: &[Fix], index: usize, texts: &'static Texts) -> String {
    let name = |fix: &Fix| match fix.firewall {
        Some(kind) => format!("{}, {}", os_name(fix.os), Wording::firewall_name(kind)),
        None => os_name(fix.os).to_owned(),
    };
    let own = name(&fixes[index]);
    let is_alone = fixes.iter().filter(|fix| name(fix) == own).count() == 1;
    if is_alone {
        return own;
    }
    let words = &texts.window.firewall;
    let has = |word: &str| {
        let mut commands = fixes[index].apply.iter();
        commands.any(|command| command.words.iter().any(|w| w.starts_with(word)))
    };
    if has("--timeout") {
        format!("{own}, {}", words.fix_trial)
    } else if has("--permanent") {
        format!("{own}, {}", words.fix_lasting)
    } else {
        let first = fixes[index].apply.first().or(fixes[index].check.first());
        match first.and_then(|command| command.words.last()) {
            Some(word) => format!("{own}: {}", printable(word)),
            None => own,
        }
    }
}

fn firewalls_ui(
    ui: &mut Ui,
    case: &Case,
    state: RunState,
    wording: &Wording<'_>,
    texts: &'static Texts,
) {
    let words = &texts.window.firewall;
    theme::card(palette(ui)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        text::heading(ui, &words.firewalls_here);
        match &case.evidence().firewalls {
            Fact::Unknown(Gap::NotAsked | Gap::Pending) => {
                let why = match state {
                    RunState::Waiting | RunState::Running => &words.firewalls_pending,
                    RunState::Cancelled => &words.firewalls_stopped,
                    RunState::Complete => &words.firewalls_not_asked,
                };
                text::body(ui, why);
            }
            Fact::Unknown(gap) => {
                let gap = wording.gap_reason(gap);
                text::body(ui, &words.firewalls_unknown.fill(&[("gap", &gap)]));
            }
            Fact::Known(firewalls) if firewalls.is_empty() => {
                text::body(ui, &words.firewalls_none);
            }
            Fact::Known(firewalls) => {
                for firewall in firewalls {
                    firewall_ui(ui, case, firewall, wording);
                }
            }
        }
        for line in wording.outbound(&case.evidence().outbound) {
            bullet_ui(ui, &printable(&line));
        }
    });
}

fn firewall_ui(ui: &mut Ui, case: &Case, firewall: &Firewall, wording: &Wording<'_>) {
    let name = Wording::firewall_name(firewall.kind);
    let state = wording.firewall_state(firewall);
    bullet_ui(ui, &format!("{name}: {}", printable(&state)));
    for remark in case.evidence().remarks_on(firewall) {
        bullet_ui(ui, &printable(&wording.remark(firewall.kind, &remark)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{FirewallKind, Os};
    use crate::i18n::Language;

    fn fix(firewall: Option<FirewallKind>, command: &[&str]) -> Fix {
        Fix {
            os: Os::Linux,
            firewall,
            check: Vec::new(),
            apply: vec![CommandLine::posix(command.iter().copied())],
            undo: Vec::new(),
            needs_admin: true,
            risk: Risk::None,
        }
    }

    #[test]
    fn no_two_fixes_of_an_advice_have_the_same_name() {
        let firewalld = Some(FirewallKind::Firewalld);
        let fixes = [
            fix(firewalld, &["firewall-cmd", "--add", "--timeout=5m"]),
            fix(firewalld, &["firewall-cmd", "--permanent", "--add"]),
            fix(Some(FirewallKind::Ufw), &["ufw", "allow"]),
            fix(None, &["systemctl", "start", "redis"]),
            fix(None, &["systemctl", "start", "redis-server"]),
        ];
        let texts = Texts::of(Language::En);
        let names: Vec<String> = (0..fixes.len())
            .map(|index| fix_name(&fixes, index, texts))
            .collect();
        assert_eq!(
            names,
            [
                "Linux, firewalld, for five minutes",
                "Linux, firewalld, for good",
                "Linux, ufw",
                "Linux: redis",
                "Linux: redis-server"
            ]
        );
    }

    #[test]
    fn what_only_changes_the_call_cannot_show_in_the_same_test() {
        let local = "127.0.0.1:5433".parse().expect("an address");
        assert!(!shows_in_the_same_test(&AdviceKind::TunnelThroughSsh {
            local
        }));
        assert!(shows_in_the_same_test(&AdviceKind::StartService {
            service: None
        }));
    }
}
