//! Part of step 3: the line that is to be run on the other computer, a place for the report it
//! saves, and what both ends make together.

use std::sync::Arc;

use egui::{Event, Id, TextEdit, Ui};

use crate::case::ends::{
    FAR_FILE, JointCause, NEAR_FILE, Roles, Story, far_end_command, near_end_command, source_near,
};
use crate::diagnosis::Certainty;
use crate::evidence::{Os, printable};
use crate::i18n::{Texts, Wording};
use crate::ui::theme::{self, palette, space};
use crate::ui::widgets::certainty_mark::certainty_mark_ui;
use crate::ui::widgets::command_block::command_block_ui;
use crate::ui::widgets::finding_card::bullet_ui;
use crate::ui::widgets::kept::{Same, kept};
use crate::ui::widgets::notice::{Tone, inline_error_ui, notice_ui};
use crate::ui::widgets::text;
use crate::ui::widgets::text_area::text_area_ui;
use crate::wizard::{Action, Run, RunState, Wizard};

/// Draws the cards where the target is another computer: the one here is the client.
pub fn other_end_ui(
    ui: &mut Ui,
    wizard: &Wizard,
    run: &Run,
    texts: &'static Texts,
) -> Option<Action> {
    let words = &texts.window.other_end;
    let mut action = verdict_ui(ui, run, Roles::ClientFirst, texts);
    theme::card(palette(ui)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        action = action.take().or(server_line_ui(ui, wizard, run, texts));
    });
    theme::card(palette(ui)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        text::heading(ui, &words.title);
        action = action.take().or(field_ui(ui, wizard, FAR_FILE, texts));
    });
    action
}

/// What both ends make together, where the target is this computer and a client's report was
/// brought.
pub fn client_verdict_ui(ui: &mut Ui, run: &Run, texts: &'static Texts) -> Option<Action> {
    verdict_ui(ui, run, Roles::ServerFirst, texts)
}

/// Draws the place for a client's report, folded: most who test a port of their own computer miss
/// nothing.
pub fn client_end_ui(
    ui: &mut Ui,
    wizard: &Wizard,
    run: &Run,
    texts: &'static Texts,
) -> Option<Action> {
    let words = &texts.window.other_end;
    let other = &wizard.other_end;
    let mut action = None;
    theme::card(palette(ui)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        let is_in_use =
            other.is_being_read || other.problem.is_some() || !other.text.trim().is_empty();
        text::header(ui, &words.client_title, theme::body())
            .id_salt("client-end")
            .open(is_in_use.then_some(true))
            .show(ui, |ui| {
                let shown = other.os.unwrap_or(wizard.os);
                if let Some(command) = near_end_command(shown, &run.case, NEAR_FILE) {
                    text::body(ui, &words.client_lead);
                    action = system_ui(ui, shown, texts);
                    let copied = wizard.copied.as_deref();
                    let copy = command_block_ui(ui, &command.display(), copied, texts);
                    action = action.take().or(copy);
                }
                action = action.take().or(field_ui(ui, wizard, NEAR_FILE, texts));
            });
    });
    action
}

/// The line to be run on the other computer.
fn server_line_ui(
    ui: &mut Ui,
    wizard: &Wizard,
    run: &Run,
    texts: &'static Texts,
) -> Option<Action> {
    let words = &texts.window.other_end;
    let target = &run.case.evidence().target;
    let host = target.host.to_string();
    let host = printable(&host);
    let host = text::shortened(&host, text::LONGEST_WORD);
    let lead = &texts.window.listener.elsewhere_lead;
    text::body(ui, &lead.fill(&[("host", &host)]));
    let shown = wizard.other_end.os.unwrap_or(wizard.os);
    let action = system_ui(ui, shown, texts);
    let command = far_end_command(shown, target.port, source_near(&run.case), FAR_FILE);
    let copied = wizard.copied.as_deref();
    let action = action.or(command_block_ui(ui, &command.display(), copied, texts));
    let lead = match shown {
        Os::Windows => &words.lead_without_watch,
        Os::Linux | Os::Macos => &words.lead,
    };
    text::body(ui, &lead.fill(&[("port", &target.port)]));
    text::weak(ui, &words.admin_hint);
    action
}

/// The choice of the system that a line is shown for.
fn system_ui(ui: &mut Ui, shown: Os, texts: &'static Texts) -> Option<Action> {
    let words = &texts.window.other_end;
    let mut action = None;
    text::field_pair(ui, &words.system, |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = space::LARGE;
            for (os, name) in [(Os::Linux, &words.unix), (Os::Windows, &words.windows)] {
                let is_chosen = (os == Os::Windows) == (shown == Os::Windows);
                let choice = text::with_focus_ring(ui, |ui| ui.radio(is_chosen, name.as_str()));
                if choice.clicked() {
                    action = Some(Action::ChooseFarSystem(os));
                }
            }
        });
    });
    action
}

/// The field for the report that the line saves.
fn field_ui(ui: &mut Ui, wizard: &Wizard, file: &str, texts: &'static Texts) -> Option<Action> {
    let words = &texts.window.other_end;
    let other = &wizard.other_end;
    text::body(ui, &words.bring.fill(&[("file", &file)]));
    let pasted = long_paste(ui).filter(|_| !other.is_being_read);
    let mut given = other.text.clone();
    let edit = TextEdit::multiline(&mut given)
        .id(field_id())
        .font(theme::mono())
        .desired_rows(2)
        .char_limit(LONGEST_SHOWN);
    let is_open = !other.is_being_read;
    let frame = theme::field(palette(ui));
    let field = text_area_ui(ui, edit, frame, &words.field, is_open, 120.0, texts);
    let changed = field.changed();
    if let Some(problem) = &other.problem {
        inline_error_ui(ui, problem);
    }
    if other.is_being_read {
        let said = text::weak(ui, &words.being_read);
        text::announce(ui, said.id);
    }
    if let Some(pasted) = pasted {
        return Some(Action::OtherEndPasted(pasted));
    }
    let is_ready = !other.is_being_read && !other.text.trim().is_empty();
    if text::button(ui, &words.read, is_ready).clicked() {
        return Some(Action::ReadOtherEnd);
    }
    changed.then_some(Action::OtherEndTyped(given))
}

/// A long text that is being pasted into the field: it is taken before the field would lay it out.
fn long_paste(ui: &Ui) -> Option<String> {
    let has_focus = ui.memory(|memory| memory.has_focus(field_id()));
    if !has_focus {
        return None;
    }
    ui.input_mut(|input| {
        let is_long =
            |event: &egui::Event| matches!(event, Event::Paste(text) if text.len() > LONGEST_SHOWN);
        let at = input.events.iter().position(is_long)?;
        match input.events.remove(at) {
            Event::Paste(text) => Some(text),
            _ => None,
        }
    })
}

fn field_id() -> Id {
    Id::unique("other-end")
}

/// What both ends make together, where a report was brought.
fn verdict_ui(ui: &mut Ui, run: &Run, own: Roles, texts: &'static Texts) -> Option<Action> {
    run.case.other_end()?;
    let words = &texts.window.other_end;
    let mut action = None;
    let mut put_away = |ui: &mut Ui| {
        if text::link_button(ui, &words.put_away).clicked() {
            action = Some(Action::DropOtherEnd);
        }
    };
    if matches!(run.state, RunState::Waiting | RunState::Running) {
        notice_ui(ui, Tone::Quiet, &words.wait, |_| {});
        return None;
    }
    let inputs = (Same(Arc::clone(&run.case)), run.began, own, texts.language);
    let card = kept(ui, "both-ends", inputs, || {
        let story = run.case.story(run.began)?;
        (story.roles == own).then(|| JointCard::of(&story, texts))
    });
    let Some(card) = &*card else {
        let sentence = match own {
            Roles::ClientFirst => &words.not_servers,
            Roles::ServerFirst => &words.not_clients,
        };
        notice_ui(ui, Tone::Caution, sentence, put_away);
        return action;
    };
    theme::card(palette(ui)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        joint_ui(ui, card, texts);
        put_away(ui);
    });
    action
}

/// What both ends make together, in words.
struct JointCard {
    cause: JointCause,
    certainty: Certainty,
    title: String,
    text: String,
    decided_by: Option<String>,
    because: Vec<String>,
    doubts: Vec<String>,
}

impl JointCard {
    fn of(story: &Story<'_>, texts: &'static Texts) -> Self {
        let joint = &story.joint;
        let wording = Wording::new(texts, &story.client.case.evidence().target);
        let os = story.server.case.evidence().os;
        let test = joint.decided_by.as_ref();
        let because = joint.because.iter().map(|clue| wording.joint_clue(clue));
        let doubts = joint.doubts.iter().map(|doubt| wording.doubt(*doubt));
        Self {
            cause: joint.cause.clone(),
            certainty: joint.certainty,
            title: wording.joint_title(joint),
            text: wording.joint_text(joint),
            decided_by: test.map(|test| wording.joint_test(test, os)),
            because: because.collect(),
            doubts: doubts.collect(),
        }
    }
}

fn joint_ui(ui: &mut Ui, card: &JointCard, texts: &'static Texts) {
    let ends = &texts.ends;
    text::weak(ui, &ends.heading);
    let title = text::heading(ui, &card.title);
    text::announce(ui, title.id);
    let palette = palette(ui);
    let ink = match (&card.cause, card.certainty) {
        (JointCause::Works, _) => palette.fine,
        (JointCause::Undecided, _) => palette.weak,
        (_, Certainty::Certain | Certainty::Likely) => palette.trouble,
        (_, Certainty::Possible) => palette.caution,
    };
    let words = &texts.window.connection.certainty;
    certainty_mark_ui(ui, card.certainty, words.of(card.certainty), ink);
    text::body(ui, &card.text);
    if let Some(test) = &card.decided_by {
        text::body(ui, &ends.decided_by.fill(&[("test", test)]));
    }
    for (heading, lines) in [(&ends.because, &card.because), (&ends.doubts, &card.doubts)] {
        if !lines.is_empty() {
            text::strong(ui, heading);
        }
        for line in lines {
            bullet_ui(ui, &printable(line));
        }
    }
}

/// As much as is shown of what is pasted: to lay out more takes time that could be noticed.
const LONGEST_SHOWN: usize = 64 << 10;
