//! Nothing to show, and why: an icon, what there is not, and what that means.

use egui::{Align, Layout, RichText, Sense, Ui, vec2};

use super::{icon, text};
use crate::ui::theme::{self, GRID, palette};

/// Draws the state in the middle of the room there is.
pub fn empty_state_ui(ui: &mut Ui, draw: icon::Draw, title: &str, line: &str) {
    let colors = palette(ui);
    ui.with_layout(Layout::top_down(Align::Center), |ui| {
        ui.add_space(GRID);
        let (rect, _) = ui.allocate_exact_size(vec2(DISC, DISC), Sense::hover());
        let painter = ui.painter();
        painter.circle_filled(rect.center(), DISC / 2.0, colors.sunken);
        draw(painter, rect.center(), DISC * 0.46, colors.weak);
        let heading = egui::Label::new(RichText::new(title).font(theme::heading())).wrap();
        let heading = ui.add(heading);
        heading.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Heading, true, title));
        if !line.is_empty() {
            text::tinted(ui, line, colors.weak);
        }
        ui.add_space(GRID);
    });
}

const DISC: f32 = 48.0;
