//! How sure a finding is: three bars, as many of them filled, and the word.

use egui::{Color32, Rect, Sense, Ui, pos2, vec2};

use super::text;
use crate::diagnosis::Certainty;
use crate::ui::theme::{palette, radius};

/// Draws the bars and the sentence beside them. The sentence says all; the bars are for the eye.
pub fn certainty_mark_ui(ui: &mut Ui, certainty: Certainty, sentence: &str, ink: Color32) {
    ui.horizontal_top(|ui| {
        bars_ui(ui, certainty, ink);
        text::tinted(ui, sentence, ink);
    });
}

/// The bars alone, as tall as a line of text.
pub fn bars_ui(ui: &mut Ui, certainty: Certainty, ink: Color32) {
    let filled = match certainty {
        Certainty::Possible => 1,
        Certainty::Likely => 2,
        Certainty::Certain => 3,
    };
    let (rect, _) = ui.allocate_exact_size(vec2(20.0, text::LINE), Sense::hover());
    let empty = palette(ui).control_border.gamma_multiply(0.5);
    let bottom = rect.center().y + 6.0;
    for (index, height) in [5.0_f32, 8.5, 12.0].into_iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "three bars")]
        let left = rect.left() + 1.0 + 6.5 * index as f32;
        let bar = Rect::from_min_max(pos2(left, bottom - height), pos2(left + 4.5, bottom));
        let color = if index < filled { ink } else { empty };
        ui.painter().rect_filled(bar, radius::MARK / 3, color);
    }
}
