//! What scrolls: egui's scroll area, whose bars a screen reader can name.

use egui::{ScrollArea, Ui};

use crate::i18n::Texts;

/// Draws what `area` scrolls.
pub fn scrolled_ui<R>(
    ui: &mut Ui,
    area: ScrollArea,
    texts: &'static Texts,
    add: impl FnOnce(&mut Ui) -> R,
) -> R {
    let shown = area.show(ui, add);
    // egui gives a bar this id, by its axis, and no name.
    for bar in [0_usize, 1].map(|axis| shown.id.with(axis)) {
        if ui.ctx().has_accesskit_node(bar) {
            ui.ctx().accesskit_node_builder(bar, |bar| {
                bar.set_label(texts.window.shell.scroll_bar.as_str());
            });
        }
    }
    shown.inner
}
