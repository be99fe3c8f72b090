//! Saved reports on the screen: how it stands with opening one, and that what is shown is one.

use egui::{Align2, Id, LayerId, Order, Ui};

use crate::evidence::{Fact, printable};
use crate::i18n::wording::moment;
use crate::i18n::{Texts, Wording};
use crate::ui::theme::{self, palette};
use crate::ui::widgets::notice::{Tone, notice_ui};
use crate::ui::widgets::text;
use crate::wizard::{Action, Opening, Run, Wizard};

/// How it stands with opening a report; nothing where there is nothing to say.
pub fn opening_ui(ui: &mut Ui, wizard: &Wizard, texts: &'static Texts) {
    let words = &texts.window.opened;
    let (tone, sentence) = match &wizard.opening {
        Opening::Idle => return,
        Opening::Choosing => (Tone::Quiet, words.choosing.clone()),
        Opening::Reading(path) => {
            let path = path.to_string_lossy();
            let sentence = words.reading.fill(&[("file", &printable(&path))]);
            (Tone::Quiet, sentence)
        }
        Opening::NoDialog => (Tone::Caution, words.no_dialog.clone()),
        Opening::Failed(sentence) => (Tone::Trouble, sentence.clone()),
    };
    notice_ui(ui, tone, &sentence, |_| {});
}

/// That the screens show a saved report, from when and from where, and the way to a test of now.
pub fn opened_ui(ui: &mut Ui, run: &Run, texts: &'static Texts) -> Option<Action> {
    let opened = run.opened.as_ref()?;
    let words = &texts.window.opened;
    let mut action = None;
    notice_ui(ui, Tone::Caution, &sentence(run, texts)?, |ui| {
        if run.retest().is_some() {
            if text::button(ui, &words.test_here, true).clicked() {
                action = Some(Action::TestAgain);
            }
        } else if opened.stamp.anonymised {
            text::weak(ui, &words.anonymised);
        }
    });
    action
}

fn sentence(run: &Run, texts: &'static Texts) -> Option<String> {
    let opened = run.opened.as_ref()?;
    let words = &texts.window.opened;
    let evidence = run.case.evidence();
    let wording = Wording::new(texts, &evidence.target);
    let when = moment(texts.language, opened.stamp.created);
    let system = wording.system(evidence.os, &evidence.os_release);
    let (system, file) = (short(&system), short(&opened.file));
    // Its own address tells one machine from another of the same kind.
    let own = match &evidence.network {
        Fact::Known(network) => network.own_address(),
        Fact::Unknown(_) => None,
    };
    let values: &[(&str, &dyn std::fmt::Display)] =
        &[("when", &when), ("system", &system), ("file", &file)];
    Some(match own {
        Some(own) => {
            let values: Vec<_> = values
                .iter()
                .copied()
                .chain([("address", &own as _)])
                .collect();
            words.lead_from.fill(&values)
        }
        None => words.lead.fill(values),
    })
}

/// A foreign name, as much of it as a sentence takes.
fn short(name: &str) -> String {
    let name = printable(name);
    let mut short: String = name.chars().take(LONGEST).collect();
    if short.len() < name.len() {
        short.push('…');
    }
    short
}

/// How much of a name the sentence repeats.
const LONGEST: usize = 60;

/// What is to happen with a file that is dropped on the window, or held over it.
pub fn dropped_ui(ui: &Ui, wizard: &Wizard, texts: &'static Texts) -> Option<Action> {
    let (is_held, dropped) = ui.input(|input| {
        let path = input
            .raw
            .dropped_files
            .first()
            .map(|file| file.path().to_owned());
        (!input.raw.hovered_files.is_empty(), path)
    });
    if is_held {
        let layer = LayerId::new(Order::Foreground, Id::unique("drop-here"));
        let painter = ui.ctx().layer_painter(layer);
        let (whole, colors) = (ui.ctx().content_rect(), palette(ui));
        painter.rect_filled(whole, 0.0, theme::veil(colors));
        painter.text(
            whole.center(),
            Align2::CENTER_CENTER,
            if wizard.takes_other_end() {
                &texts.window.other_end.drop_here
            } else {
                &texts.window.opened.drop_here
            },
            theme::strong(),
            colors.text,
        );
    }
    dropped.map(Action::OpenReport)
}
