//! From an address to a saved or copied report, by keyboard alone. What the window shows is read
//! from the display's memory, and only to know that it shows something else than before; what counts
//! is the saved file.

use std::cell::Cell;
use std::time::{Duration, Instant};

use ketnoi::i18n::{Language, Texts};

use crate::closed_port;
use crate::desk::Desk;

#[test]
fn from_an_address_to_a_saved_report_in_english() {
    let Some(mut desk) = Desk::new(Language::En) else {
        return;
    };
    let (address, saved) = desk.diagnose_a_closed_port_and_save();
    assert!(saved.contains(&address), "{saved}");
    assert!(
        saved.contains(&title_of_nothing_listening(Language::En, &address)),
        "{saved}"
    );
}

#[test]
fn from_an_address_to_a_saved_report_in_vietnamese() {
    let Some(mut desk) = Desk::new(Language::Vi) else {
        return;
    };
    let (address, saved) = desk.diagnose_a_closed_port_and_save();
    assert!(saved.contains(&address), "{saved}");
    assert!(
        saved.contains(&title_of_nothing_listening(Language::Vi, &address)),
        "{saved}"
    );
}

#[test]
fn what_was_copied_elsewhere_is_pasted_and_what_is_copied_here_reaches_others() {
    let Some(mut desk) = Desk::new(Language::En) else {
        return;
    };
    let address = format!("127.0.0.1:{}", closed_port());
    desk.copy_elsewhere(&format!("Error: connect ECONNREFUSED {address}"));
    desk.see_change("the pasted error", &["key", "ctrl+v"]);
    desk.see_change("step 2 for the test", &["key", "Return"]);
    for step in ["step 3", "step 4", "step 5"] {
        desk.see_change(step, &["key", "Return"]);
    }
    // Tab walks over the formats, which Space chooses, to the button that copies the report. Keys
    // that come within one picture would count once, so they are pressed one by one.
    desk.wait("the copied report", |desk| {
        for key in ["Tab", "space"] {
            desk.display.xdotool(&["key", key]);
            std::thread::sleep(Duration::from_millis(150));
        }
        let copied = desk.display.clipboard();
        copied.contains(&address)
            && copied.contains(&title_of_nothing_listening(Language::En, &address))
    });
}

/// A stand-in for the program that shows file dialogs: the first is closed after a while, in the
/// second a place is chosen.
#[test]
fn a_closed_file_dialog_opens_again_and_a_chosen_place_is_used() {
    let Some(mut desk) = Desk::new(Language::En) else {
        return;
    };
    let chosen = desk.home.path().join("chosen.md");
    let script = format!(
        "#!/bin/sh\nif [ -e shown ]; then echo {}; else : > shown; /bin/sleep 0.6; exit 1; fi\n",
        chosen.display()
    );
    desk.install("zenity", &script);
    let address = format!("127.0.0.1:{}", closed_port());
    desk.see_change("the typed address", &["type", &address]);
    desk.see_change("step 2 for the test", &["key", "Return"]);
    let pressed = Cell::new(Instant::now());
    desk.wait("the saved report", |desk| {
        // Pressed while the first is open it changes nothing; afterwards it opens the second.
        if pressed.get().elapsed() > Duration::from_millis(500) {
            desk.display.xdotool(&["key", "ctrl+s"]);
            pressed.set(Instant::now());
        }
        chosen.exists()
    });
    let saved = std::fs::read_to_string(chosen).unwrap();
    assert!(saved.contains(&address), "{saved}");
}

impl Desk {
    /// Gives back the address that was typed and the report that was saved.
    fn diagnose_a_closed_port_and_save(&mut self) -> (String, String) {
        let address = format!("127.0.0.1:{}", closed_port());
        self.see_change("the typed address", &["type", &address]);
        self.see_change("step 2 for the test", &["key", "Return"]);
        // Listener, firewall, report.
        for step in ["step 3", "step 4", "step 5"] {
            self.see_change(step, &["key", "Return"]);
        }
        self.see_change("the answer to saving", &["key", "ctrl+s"]);
        // The dialog that cannot open takes its time to say so; then Ctrl+S saves to the path.
        let pressed = Cell::new(Instant::now());
        self.wait("the saved report", |desk| {
            if pressed.get().elapsed() > Duration::from_millis(500) {
                desk.display.xdotool(&["key", "ctrl+s"]);
                pressed.set(Instant::now());
            }
            desk.saved_report().is_some()
        });
        (address, self.saved_report().unwrap().text)
    }

    /// Presses keys and waits until the window shows something else.
    fn see_change(&mut self, what: &str, keys: &[&str]) {
        let before = self.display.picture();
        self.display.xdotool(keys);
        self.wait(what, |desk| {
            changed_points(&before, &desk.display.picture()) > CHANGED_POINTS
        });
    }

    /// Puts text on the clipboard as another program would.
    fn copy_elsewhere(&mut self, text: &str) {
        self.display.copy(text);
        self.wait("the clipboard", |desk| desk.display.clipboard() == text);
    }
}

fn changed_points(before: &[u8], after: &[u8]) -> usize {
    let points = before.chunks_exact(4).zip(after.chunks_exact(4));
    points.filter(|(before, after)| before != after).count()
}

/// The verdict's title as the texts have it.
fn title_of_nothing_listening(language: Language, address: &str) -> String {
    let (_, port) = address.rsplit_once(':').unwrap();
    let title = &Texts::of(language).verdict.cause.nothing_listening.title;
    title.fill(&[("port", &port)])
}

/// More points than a blinking cursor or a focus ring has.
const CHANGED_POINTS: usize = 600;
