//! A message that floats over the page for a moment: that something was copied or saved. Whatever it
//! says also stands where it was asked for, so nobody has to catch it.

use egui::{Align2, Area, Id, Order, RichText, Ui, vec2};

use super::icon;
use crate::i18n::Texts;
use crate::ui::theme::{self, GRID, line, motion, palette};
use crate::wizard::{SaveState, Wizard};

/// What was done last, for which a toast is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Done {
    copied: Option<String>,
    is_saved: bool,
}

/// What is said, and since when.
#[derive(Clone, Debug)]
struct Shown {
    sentence: String,
    since: f64,
}

/// Shows what was done since the last frame, above the footer, whose height is given.
pub fn toast_ui(ui: &Ui, wizard: &Wizard, footer: f32, texts: &'static Texts) {
    let now = ui.input(|input| input.time);
    notice_change(ui, wizard, now, texts);
    let Some(shown) = ui.data_mut(|data| data.get_temp::<Shown>(shown_key())) else {
        return;
    };
    let left = shown.since + motion::TOAST - now;
    if left <= 0.0 {
        ui.data_mut(|data| data.remove::<Shown>(shown_key()));
        return;
    }
    ui.ctx()
        .request_repaint_after(std::time::Duration::from_secs_f64(left));
    let colors = palette(ui);
    Area::new(Id::unique("toast"))
        .order(Order::Tooltip)
        .interactable(false)
        .anchor(Align2::CENTER_BOTTOM, vec2(0.0, -footer - GRID))
        .show(ui, |ui| {
            theme::toast(colors).show(ui, |ui| {
                ui.horizontal(|ui| {
                    let (rect, _) = ui.allocate_exact_size(vec2(16.0, 16.0), egui::Sense::hover());
                    let stroke = egui::Stroke::new(line::STRONG, colors.surface);
                    icon::check(ui.painter(), rect.center(), 7.0, stroke);
                    let sentence = RichText::new(&shown.sentence)
                        .font(theme::body())
                        .color(colors.surface);
                    ui.add(egui::Label::new(sentence).extend());
                });
            });
        });
}

/// Compares with the frame before: what is new is worth a toast.
fn notice_change(ui: &Ui, wizard: &Wizard, now: f64, texts: &'static Texts) {
    let done = Done {
        copied: wizard.copied.clone(),
        is_saved: matches!(wizard.document.save, SaveState::Saved(_)),
    };
    let before = ui.data_mut(|data| data.get_temp::<Done>(done_key()));
    if before.as_ref() == Some(&done) {
        return;
    }
    let words = &texts.window.shell;
    let before = before.unwrap_or_else(|| done.clone());
    let sentence = if done.is_saved && !before.is_saved {
        Some(&words.toast_saved)
    } else if done.copied.is_some() && done.copied != before.copied {
        Some(&words.toast_copied)
    } else {
        None
    };
    ui.data_mut(|data| {
        data.insert_temp(done_key(), done);
        if let Some(sentence) = sentence {
            let sentence = sentence.clone();
            data.insert_temp(
                shown_key(),
                Shown {
                    sentence,
                    since: now,
                },
            );
        }
    });
}

fn done_key() -> Id {
    Id::unique("toast-done")
}

fn shown_key() -> Id {
    Id::unique("toast-shown")
}
