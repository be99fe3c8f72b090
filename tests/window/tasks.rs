//! What people come for, done by mouse alone and by keyboard alone, in both languages, by somebody
//! who reads what is on the screen: things are found by what they are and what they are called.

use ketnoi::i18n::Language;

use crate::desk::{Desk, Hands};
use crate::machine::{self, Machine};
use crate::not_run;
use crate::reader::Role;

/// The tests of one task, for either way to work and either language.
macro_rules! by_mouse_and_by_keyboard {
    ($task:ident) => {
        mod $task {
            use super::{Hands, Language};

            #[test]
            fn by_mouse_in_english() {
                super::$task(Hands::Mouse, Language::En);
            }

            #[test]
            fn by_mouse_in_vietnamese() {
                super::$task(Hands::Mouse, Language::Vi);
            }

            #[test]
            fn by_keyboard_in_english() {
                super::$task(Hands::Keyboard, Language::En);
            }

            #[test]
            fn by_keyboard_in_vietnamese() {
                super::$task(Hands::Keyboard, Language::Vi);
            }
        }
    };
}

by_mouse_and_by_keyboard!(why_is_it_refused_and_what_helps);
by_mouse_and_by_keyboard!(is_it_dropped_or_refused);
by_mouse_and_by_keyboard!(a_report_without_names_for_others);

/// A database that does not run: the reason, and the command that starts it, on the clipboard.
fn why_is_it_refused_and_what_helps(hands: Hands, language: Language) {
    let Some((_machines, mut desk)) = desk(language) else {
        return;
    };
    let words = &desk.texts().window;
    diagnose(&mut desk, hands, "localhost:5432");
    let title = &desk.texts().verdict.cause.nothing_listening.title;
    desk.see(Role::Heading, &title.fill(&[("port", &5432)]));

    desk.press(hands, Role::Button, &words.shell.primary[1]);
    desk.see(Role::Heading, &words.listener.none.fill(&[("port", &5432)]));
    desk.press(hands, Role::Button, &words.shell.primary[2]);
    desk.see(Role::Heading, &words.firewall.title);
    let command = "sudo systemctl start postgresql";
    desk.press(
        hands,
        Role::Button,
        &format!("{}: {command}", words.shell.copy),
    );
    desk.hear(&words.shell.copied);
    desk.wait("the command on the clipboard", |desk| {
        desk.display.clipboard() == command
    });
}

/// A server whose firewall drops a port: the verdict speaks of silence, and of no refusal.
fn is_it_dropped_or_refused(hands: Hands, language: Language) {
    let Some((_machines, mut desk)) = desk(language) else {
        return;
    };
    let texts = desk.texts();
    diagnose(&mut desk, hands, &format!("{SERVER}:5432"));
    let title = &texts.verdict.cause.firewall_drops_port.title;
    desk.see(Role::Heading, &title.fill(&[("port", &5432)]));
    desk.see(Role::Label, &texts.verdict.outcome.silent);
    let said = desk.described();
    assert!(
        !said.contains(texts.verdict.outcome.refused.as_str()),
        "{said}"
    );
}

/// A report for strangers: it keeps the verdict, and neither its text nor its name tells whose it is.
fn a_report_without_names_for_others(hands: Hands, language: Language) {
    let Some((_machines, mut desk)) = desk(language) else {
        return;
    };
    let texts = desk.texts();
    let words = &texts.window;
    diagnose(&mut desk, hands, &format!("{SERVER}:5432"));
    let title = &texts.verdict.cause.firewall_drops_port.title;
    let verdict = title.fill(&[("port", &5432)]);
    desk.see(Role::Heading, &verdict);

    for step in 1..4 {
        desk.press(hands, Role::Button, &words.shell.primary[step]);
    }
    desk.see(Role::Heading, &words.document.title);
    desk.press(hands, Role::CheckBox, &words.document.anonymise);
    let preview = desk.see(Role::Entry, &words.document.preview);
    desk.wait("the preview without the address", |desk| {
        !desk.text_in(&preview).contains(SERVER)
    });
    desk.press(hands, Role::Button, &words.shell.primary[4]);
    desk.press(hands, Role::Button, &words.document.save_here);
    desk.wait("the saved report", |desk| desk.saved_report().is_some());
    let saved = desk.saved_report().unwrap();
    assert!(saved.text.contains(&verdict), "{}", saved.text);
    let stamp = &texts.report.anonymised;
    assert!(saved.text.contains(stamp.as_str()), "{}", saved.text);
    for private in [SERVER, CLIENT] {
        assert!(!saved.text.contains(private), "{}", saved.text);
        assert!(!saved.name.contains(private), "{}", saved.name);
    }
}

/// Brings the address into the field and tests it. Whoever has but a mouse copied it elsewhere.
fn diagnose(desk: &mut Desk, hands: Hands, address: &str) {
    let words = &desk.texts().window;
    desk.see(Role::Heading, &words.address.title);
    match hands {
        Hands::Mouse => {
            desk.display.copy(address);
            desk.press(hands, Role::Button, &words.address.paste);
        }
        Hands::Keyboard => desk.enter(address),
    }
    desk.see(Role::Heading, &words.address.understood);
    desk.press(hands, Role::Button, &words.shell.primary[0]);
}

/// A computer where nothing listens, wired to a server that drops what comes to port 5432, and a
/// desk on it. Nothing where that cannot be, having said why.
fn desk(language: Language) -> Option<([Machine; 2], Desk)> {
    if let Some(missing) = machine::what_is_missing() {
        not_run(&missing);
        return None;
    }
    let machines = [Machine::new(), Machine::new()];
    Machine::join(&machines[0], &machines[1]);
    for (machine, address) in machines.iter().zip([CLIENT, SERVER]) {
        machine.root(&format!(
            "ip addr add {address}/24 dev eth0; ip link set eth0 up"
        ));
    }
    machines[1].root(
        "nft 'table inet t { chain c { type filter hook input priority 0; tcp dport 5432 drop; }; }'",
    );
    let desk = Desk::on(&machines[0], language)?;
    Some((machines, desk))
}

const CLIENT: &str = "10.77.9.2";
const SERVER: &str = "10.77.9.1";
