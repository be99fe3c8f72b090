//! How long frames take with much to show: the step of the connection with sixty addresses and the
//! step of this computer with two hundred programs that listen, scrolled from end to end in a real
//! window of 1000 × 700 points. Prints the median, the 99th percentile and the longest, in
//! milliseconds, from one frame to the next: laying out, painting and showing it.

#[path = "../../gallery/states.rs"]
#[expect(dead_code, reason = "the gallery needs more of it")]
mod states;

use std::time::Instant;

use eframe::NativeOptions;
use egui::{Context, Event, Key, Modifiers, RawInput, Ui, ViewportBuilder, ViewportCommand};
use ketnoi::i18n::Language;
use ketnoi::ui;
use ketnoi::wizard::Wizard;

/// Frames of each screen; the first ones, in which glyphs are drawn for the first time, do not count.
const FRAMES: usize = 400;
const WARM_UP: usize = 20;
/// From here on the page is scrolled back.
const TURN: usize = 200;

struct Bench {
    screens: Vec<(&'static str, Wizard)>,
    last: Option<Instant>,
    took: Vec<f64>,
}

impl eframe::App for Bench {
    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        let now = Instant::now();
        if let Some(last) = self.last.replace(now) {
            self.took.push((now - last).as_secs_f64() * 1000.0);
        }
        if self.took.len() == FRAMES {
            self.tell();
            self.took.clear();
            self.last = None;
            self.screens.remove(0);
        }
        let Some((_, wizard)) = self.screens.first() else {
            ui.send_viewport_cmd(ViewportCommand::Close);
            return;
        };
        ui::window_ui(ui, wizard, "");
        ui.request_repaint();
    }

    fn raw_input_hook(&mut self, _ctx: &Context, input: &mut RawInput) {
        let key = if self.took.len() < TURN {
            Key::ArrowDown
        } else {
            Key::ArrowUp
        };
        input.events.push(Event::Key {
            key,
            physical_key: None,
            pressed: true,
            repeat: true,
            modifiers: Modifiers::NONE,
        });
    }
}

impl Bench {
    fn tell(&self) {
        let mut took = self.took[WARM_UP..].to_vec();
        took.sort_by(f64::total_cmp);
        let longest = took.last().copied().unwrap_or_default();
        let [median, late] = [took.len() / 2, took.len() * 99 / 100].map(|index| took[index]);
        let name = self.screens[0].0;
        #[expect(clippy::print_stdout, reason = "what the benchmark is for")]
        {
            println!("frames {name} p50 {median:.2} p99 {late:.2} max {longest:.2}");
        }
    }
}

fn main() -> eframe::Result {
    let screen = |name: &'static str| {
        let state = states::STATES.iter().find(|state| state.name == name);
        (
            name,
            state.expect("a state of this name").wizard(Language::Vi),
        )
    };
    let bench = Bench {
        screens: vec![screen("sixty-addresses"), screen("two-hundred-others")],
        last: None,
        took: Vec::new(),
    };
    let options = NativeOptions {
        viewport: ViewportBuilder::default().with_inner_size([1000.0, 700.0]),
        ..NativeOptions::default()
    };
    eframe::run_native(
        "Frames",
        options,
        Box::new(|creation| {
            ui::theme::install(&creation.egui_ctx);
            Ok(Box::new(bench))
        }),
    )
}
