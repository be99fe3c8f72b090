//! The least a window program costs: eframe with the renderer of this system, one label, no font
//! of its own, nothing behind it. What Ketnoi's first frame, memory and idleness are compared with.
//!
//! With `KETNOI_FIRST_FRAME` set it says when its first frame is drawn and closes, as Ketnoi does.

use std::time::Instant;

use egui::{CentralPanel, Ui, ViewportBuilder, ViewportCommand};

struct Bare {
    started: Instant,
    is_measured: bool,
    is_drawn: bool,
}

impl eframe::App for Bare {
    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        CentralPanel::default().show(ui, |ui| ui.label("bare"));
        if !self.is_measured {
            return;
        }
        if self.is_drawn {
            ui.ctx().send_viewport_cmd(ViewportCommand::Close);
            return;
        }
        self.is_drawn = true;
        let took = self.started.elapsed().as_secs_f64() * 1000.0;
        #[expect(clippy::print_stderr, reason = "the benchmark reads this line")]
        {
            eprintln!("first-frame-ms {took:.1}");
        }
        ui.ctx().request_repaint();
    }
}

fn main() -> eframe::Result {
    let bare = Bare {
        started: Instant::now(),
        is_measured: std::env::var_os("KETNOI_FIRST_FRAME").is_some(),
        is_drawn: false,
    };
    let options = eframe::NativeOptions {
        viewport: ViewportBuilder::default().with_inner_size([1000.0, 700.0]),
        ..eframe::NativeOptions::default()
    };
    eframe::run_native("Bare window", options, Box::new(|_| Ok(Box::new(bare))))
}
