//! Step 2: what happened on the way: the verdict, every address, and the time it took.

use egui::{Sense, Ui, vec2};

use super::{before_after_ui, top_ui};
use crate::case::Case;
use crate::catalogue;
use crate::diagnosis::Impact;
use crate::evidence::{
    Attempt, Evidence, Fact, Heard, Outcome, ProxyRule, ProxySetting, printable,
};
use crate::i18n::Texts;
use crate::i18n::wording::{self, Wording, duration, limit};
use crate::ui::theme::{self, palette, space};
use crate::ui::widgets::finding_card::finding_card_ui;
use crate::ui::widgets::lesson_card::lesson_card_ui;
use crate::ui::widgets::notice::{Tone, notice_ui};
use crate::ui::widgets::timeline::timeline_ui;
use crate::ui::widgets::{icon, text};
use crate::wizard::{Action, Run, RunState, StepState, Wizard};

/// Draws step 2.
pub fn connection_step_ui(
    ui: &mut Ui,
    wizard: &Wizard,
    run: &Run,
    texts: &'static Texts,
) -> Option<Action> {
    let words = &texts.window.connection;
    let case = &run.case;
    let wording = Wording::new(texts, &case.evidence().target);
    let mut action = None;
    match run.state {
        RunState::Waiting | RunState::Running => running_ui(ui, run, texts),
        RunState::Cancelled => {
            top_ui(ui, &words.cancelled, &words.cancelled_detail, run, texts);
        }
        RunState::Complete => {
            let title = wording.finding_title(&case.diagnosis().verdict);
            let line = wording.classic_line(case.evidence());
            let line = line.unwrap_or_else(|| endpoint(case));
            top_ui(ui, &title, &line, run, texts);
            before_after_ui(ui, run, texts);
            finding_card_ui(ui, case, texts);
            first_advice_ui(ui, case, &wording, texts);
            action = lesson_card_ui(ui, case, wizard.copied.as_deref(), texts);
        }
    }
    said_ui(ui, wizard, run, texts);
    addresses_ui(ui, case, &wording, texts);
    proxies_ui(ui, case, &wording, texts);
    if !case.evidence().timeline.is_empty() {
        theme::card(palette(ui)).show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            text::heading(ui, &words.timeline);
            ui.spacing_mut().item_spacing.y = space::HAIR;
            timeline_ui(ui, run, &wording, texts);
        });
    }
    action
}

fn running_ui(ui: &mut Ui, run: &Run, texts: &'static Texts) {
    let words = &texts.window.connection;
    let evidence = run.case.evidence();
    let endpoint = evidence.target.endpoint();
    let title = words.testing.fill(&[("endpoint", &printable(&endpoint))]);
    let patience = limit(texts.language, evidence.patience);
    let line = words.testing_detail.fill(&[("patience", &patience)]);
    top_ui(ui, &title, &line, run, texts);
}

/// The target with what it is known to be, for a verdict whose title does not name it.
fn endpoint(case: &Case) -> String {
    let target = &case.evidence().target;
    let endpoint = target.endpoint();
    let endpoint = printable(&endpoint);
    match target.service.as_deref().and_then(catalogue::known) {
        Some(service) => format!("{endpoint} ({})", service.name),
        None => endpoint.into_owned(),
    }
}

/// The first card of step 4, in short.
fn first_advice_ui(ui: &mut Ui, case: &Case, wording: &Wording<'_>, texts: &'static Texts) {
    let Some(first) = case.advice().first() else {
        return;
    };
    theme::card(palette(ui)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        let heading = match case.diagnosis().impact {
            Impact::None if case.evidence().keeps_others_out().is_none() => {
                &texts.window.firewall.fixes_if
            }
            Impact::None | Impact::Degraded | Impact::Blocked => &texts.window.connection.next_step,
        };
        text::heading(ui, heading);
        text::strong(ui, &wording.advice_title(first));
        let detail = wording.advice_detail(first);
        text::body(ui, detail.lines().next().unwrap_or_default());
    });
}

/// What the pasted error said; after a test that found nothing wrong, that it no longer does.
fn said_ui(ui: &mut Ui, wizard: &Wizard, run: &Run, texts: &'static Texts) {
    let Some(said) = &wizard.said else { return };
    let said = wording::said(texts, said);
    if run.state == RunState::Complete && run.case.diagnosis().impact == Impact::None {
        let outdated = &texts.window.connection.said_outdated;
        notice_ui(ui, Tone::Quiet, &outdated.fill(&[("said", &said)]), |_| {});
    } else {
        notice_ui(ui, Tone::Quiet, &said, |_| {});
    }
}

fn addresses_ui(ui: &mut Ui, case: &Case, wording: &Wording<'_>, texts: &'static Texts) {
    let evidence = case.evidence();
    if evidence.attempts.is_empty() {
        return;
    }
    theme::card(palette(ui)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        text::heading(ui, &texts.window.connection.addresses);
        for attempt in &evidence.attempts {
            attempt_ui(ui, attempt, wording, texts);
        }
        text::header(ui, &texts.window.shell.details, theme::body())
            .id_salt("raw")
            .show(ui, |ui| {
                for attempt in evidence.attempts.iter().chain(&evidence.references) {
                    let raw = Wording::raw_outcome(attempt, evidence.os);
                    text::mono(ui, &format!("{}  {raw}", attempt.addr));
                }
                for direct in evidence.direct_lookup.known().into_iter().flatten() {
                    let server = direct.server.map_or_else(String::new, |it| it.to_string());
                    text::mono(ui, &format!("{server}  {}", wording.direct_answer(direct)));
                }
                for exchange in &evidence.exchanges {
                    text::mono(
                        ui,
                        &format!("{}  {}", exchange.addr, wording.heard(exchange)),
                    );
                }
            });
    });
}

/// The proxies that are set, and what each said.
fn proxies_ui(ui: &mut Ui, case: &Case, wording: &Wording<'_>, texts: &'static Texts) {
    let evidence = case.evidence();
    let settings = evidence.proxies.known().into_iter().flatten();
    let mut settings = settings.peekable();
    if settings.peek().is_none() {
        return;
    }
    theme::card(palette(ui)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        text::heading(ui, &texts.proxies.title);
        for setting in settings {
            let (name, line) = wording.proxy_setting(evidence, setting);
            ui.horizontal_wrapped(|ui| {
                state_ui(ui, state_of(evidence, setting));
                text::mono(ui, &name);
                text::body(ui, &line);
            });
        }
    });
}

/// Fine is a proxy that takes the request; that none is set, or not for the target, is no matter.
fn state_of(evidence: &Evidence, setting: &ProxySetting) -> StepState {
    let Some(proxy) = setting.proxy() else {
        return match &setting.says {
            Fact::Known(ProxyRule::Direct | ProxyRule::Exempt(_)) => StepState::NotNeeded,
            Fact::Known(_) | Fact::Unknown(_) => StepState::Unknown,
        };
    };
    let Some(test) = evidence.proxy_test(proxy) else {
        return StepState::Unknown;
    };
    let connected = |attempt: &Attempt| attempt.outcome == Outcome::Connected;
    match &test.heard {
        _ if !test.attempt.as_ref().is_some_and(connected) => StepState::Problem,
        Some(Heard::Http { status, .. }) if (200..400).contains(status) => StepState::Fine,
        Some(Heard::Http { .. }) => StepState::Problem,
        Some(_) | None => StepState::Unknown,
    }
}

fn state_ui(ui: &mut Ui, state: StepState) {
    let (rect, _) = ui.allocate_exact_size(vec2(text::LINE, text::LINE), Sense::hover());
    icon::step_state(ui.painter(), rect.center(), 8.0, state, palette(ui));
}

fn attempt_ui(ui: &mut Ui, attempt: &Attempt, wording: &Wording<'_>, texts: &'static Texts) {
    let state = match attempt.outcome {
        Outcome::Connected => StepState::Fine,
        Outcome::Silent => StepState::Unknown,
        Outcome::Refused
        | Outcome::HostUnreachable
        | Outcome::NetworkUnreachable
        | Outcome::Denied
        | Outcome::AddressNotAvailable
        | Outcome::OutOfDescriptors
        | Outcome::Reset
        | Outcome::Other => StepState::Problem,
    };
    ui.horizontal_wrapped(|ui| {
        state_ui(ui, state);
        text::mono(ui, &attempt.addr.to_string());
        text::body(ui, wording.outcome(attempt));
        text::weak(ui, &duration(texts.language, attempt.took));
    });
}
