//! Part of step 3 where the target is another computer: the line that is to be run there, a place
//! for the report it saves, and what both ends make together.

use egui::{Id, ScrollArea, TextEdit, Ui};

use crate::case::ends::{
    End, FAR_FILE, Joint, OtherReport, Roles, far_end_command, joint, roles, source_near,
};
use crate::diagnosis::Certainty;
use crate::evidence::{Os, printable};
use crate::i18n::{Texts, Wording};
use crate::ui::theme::{self, GRID, palette};
use crate::ui::widgets::certainty_mark::certainty_mark_ui;
use crate::ui::widgets::command_block::command_block_ui;
use crate::ui::widgets::finding_card::bullet_ui;
use crate::ui::widgets::notice::{Tone, inline_error_ui, notice_ui};
use crate::ui::widgets::scroll::scrolled_ui;
use crate::ui::widgets::text;
use crate::wizard::{Action, Run, RunState, Wizard};

/// Draws the cards.
pub fn other_end_ui(
    ui: &mut Ui,
    wizard: &Wizard,
    run: &Run,
    texts: &'static Texts,
) -> Option<Action> {
    let mut action = None;
    if let Some(report) = wizard.other_report() {
        action = verdict_ui(ui, run, report, texts);
    }
    theme::card(palette(ui)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        action = action.take().or(line_ui(ui, wizard, run, texts));
    });
    ui.add_space(GRID);
    theme::card(palette(ui)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        action = action.take().or(field_ui(ui, wizard, texts));
    });
    action
}

/// The line to be run on the other computer.
fn line_ui(ui: &mut Ui, wizard: &Wizard, run: &Run, texts: &'static Texts) -> Option<Action> {
    let words = &texts.window.other_end;
    let target = &run.case.evidence().target;
    let host = target.host.to_string();
    let host = printable(&host);
    let host = text::shortened(&host, text::LONGEST_WORD);
    text::body(
        ui,
        &texts
            .window
            .listener
            .elsewhere_lead
            .fill(&[("host", &host)]),
    );
    let shown = wizard.other_end.os.unwrap_or(wizard.os);
    let mut action = None;
    text::pair(ui, &words.system, |ui| {
        ui.horizontal_wrapped(|ui| {
            for (os, name) in [(Os::Linux, &words.unix), (Os::Windows, &words.windows)] {
                let is_chosen = (os == Os::Windows) == (shown == Os::Windows);
                let choice = text::with_focus_ring(ui, |ui| ui.radio(is_chosen, name.as_str()));
                if choice.clicked() {
                    action = Some(Action::ChooseFarSystem(os));
                }
            }
        });
    });
    let command = far_end_command(shown, target.port, source_near(&run.case), FAR_FILE);
    let copied = wizard.copied.as_deref();
    action = action.or(command_block_ui(ui, &command.display(), copied, texts));
    text::body(ui, &words.lead.fill(&[("port", &target.port)]));
    text::weak(ui, &words.admin_hint);
    action
}

/// The field for the report that the line saves.
fn field_ui(ui: &mut Ui, wizard: &Wizard, texts: &'static Texts) -> Option<Action> {
    let words = &texts.window.other_end;
    let other = &wizard.other_end;
    text::heading(ui, &words.title);
    text::body(ui, &words.bring.fill(&[("file", &FAR_FILE)]));
    let mut given = other.text.clone();
    let edit = TextEdit::multiline(&mut given)
        .id(Id::unique("other-end"))
        .font(theme::mono())
        .desired_width(f32::INFINITY)
        .desired_rows(2)
        .char_limit(MOST_CHARACTERS)
        .frame(theme::field(palette(ui)));
    let mut changed = false;
    let room = ScrollArea::vertical()
        .id_salt("other-end")
        .max_height(120.0);
    scrolled_ui(ui, room, texts, |ui| {
        let field = ui.add_enabled(!other.is_being_read, edit);
        let field = field.accessible_name(words.field.as_str());
        text::focus_ring(ui, &field);
        changed = field.changed();
    });
    if let Some(problem) = &other.problem {
        inline_error_ui(ui, problem);
    }
    if other.is_being_read {
        let said = text::weak(ui, &words.being_read);
        text::announce(ui, said.id);
    }
    let is_ready = !other.is_being_read && !other.text.trim().is_empty();
    if text::button(ui, &words.read, is_ready).clicked() {
        return Some(Action::ReadOtherEnd);
    }
    changed.then_some(Action::OtherEndTyped(given))
}

/// What both ends make together.
fn verdict_ui(
    ui: &mut Ui,
    run: &Run,
    report: &OtherReport,
    texts: &'static Texts,
) -> Option<Action> {
    let words = &texts.window.other_end;
    let stamp = run.opened.as_ref().map(|opened| &opened.stamp);
    let client = End {
        case: &run.case,
        watch: None,
        from: None,
        began: run.began,
        anonymised: stamp.is_some_and(|stamp| stamp.anonymised),
    };
    let server = report.end();
    let is_over = matches!(run.state, RunState::Complete | RunState::Cancelled);
    if !is_over {
        notice_ui(ui, Tone::Quiet, &words.wait, |_| {});
        return None;
    }
    if roles(&client, &server) != Some(Roles::ClientFirst) {
        notice_ui(ui, Tone::Caution, &words.not_servers, |_| {});
        return None;
    }
    let joint = joint(&client, &server);
    let mut action = None;
    theme::card(palette(ui)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        joint_ui(ui, run, report.case.evidence().os, &joint, texts);
        if text::link_button(ui, &words.put_away).clicked() {
            action = Some(Action::DropOtherEnd);
        }
    });
    ui.add_space(GRID);
    action
}

fn joint_ui(ui: &mut Ui, run: &Run, server: Os, joint: &Joint, texts: &'static Texts) {
    let ends = &texts.ends;
    let wording = Wording::new(texts, &run.case.evidence().target);
    text::weak(ui, &ends.heading);
    let title = text::heading(ui, &wording.joint_title(joint));
    text::announce(ui, title.id);
    let palette = palette(ui);
    let ink = match joint.certainty {
        Certainty::Certain | Certainty::Likely => palette.trouble,
        Certainty::Possible => palette.caution,
    };
    let words = &texts.window.connection.certainty;
    certainty_mark_ui(ui, joint.certainty, words.of(joint.certainty), ink);
    text::body(ui, &wording.joint_text(joint));
    if let Some(test) = &joint.decided_by {
        let test = wording.joint_test(test, server);
        text::body(ui, &ends.decided_by.fill(&[("test", &test)]));
    }
    let clues = joint.because.iter().map(|clue| wording.joint_clue(clue));
    let doubts = joint.doubts.iter().map(|doubt| wording.doubt(*doubt));
    for (heading, lines) in [
        (&ends.because, clues.collect::<Vec<_>>()),
        (&ends.doubts, doubts.collect()),
    ] {
        if !lines.is_empty() {
            text::strong(ui, heading);
        }
        for line in lines {
            bullet_ui(ui, &printable(&line));
        }
    }
}

/// As much as a report may be long.
const MOST_CHARACTERS: usize = 8 << 20;
