//! What a screen reader is told of each step, and where Tab goes.

use ketnoi::i18n::{Language, Texts, wording};
use ketnoi::target;

use crate::closed_port;
use crate::desk::{Desk, Hands};
use crate::reader::{Item, Role};

#[test]
fn each_step_says_everything_to_a_screen_reader_in_english() {
    walk(Language::En);
}

#[test]
fn each_step_says_everything_to_a_screen_reader_in_vietnamese() {
    walk(Language::Vi);
}

fn walk(language: Language) {
    let Some(mut desk) = Desk::with_reader(language) else {
        return;
    };
    let texts = desk.texts();
    let words = &texts.window;
    let port = closed_port();
    let host = "127.0.0.1";

    desk.see(Role::Heading, &words.address.title);
    expect_sound(&mut desk, 0);
    desk.key("ctrl+l");
    let wrong = "127.0.0.1:99999";
    desk.enter(wrong);
    let error = target::understand(wrong).unwrap_err();
    desk.hear(&wording::address_problem(texts, &error));
    expect_sound(&mut desk, 0);
    desk.key("ctrl+l");
    desk.enter(&format!("{host}:{port}"));
    desk.see(Role::Heading, &words.address.understood);
    expect_sound(&mut desk, 0);

    let verdict = &texts.verdict.cause.nothing_listening.title;
    let verdict = verdict.fill(&[("port", &port)]);
    desk.key("ctrl+l");
    desk.key("Return");
    desk.hear(&verdict);
    desk.see(Role::Heading, &verdict);
    expect_the_way(&desk, texts, port);
    expect_the_times(&desk, texts);
    expect_sound(&mut desk, 1);
    desk.press(Hands::Keyboard, Role::Toggle, &words.lesson.title);
    desk.see(Role::Heading, &words.lesson.wire);
    expect_sound(&mut desk, 1);

    let titles = [
        words.listener.title_here.fill(&[("port", &port)]),
        words.firewall.title.clone(),
        words.document.title.clone(),
    ];
    for (index, title) in (2..).zip(&titles) {
        let forward = &words.shell.primary[index - 1];
        desk.press(Hands::Keyboard, Role::Button, forward);
        desk.hear(title);
        let heading = desk.see(Role::Heading, title);
        assert!(heading.is_focused(), "{}", heading.described());
        expect_the_way(&desk, texts, port);
        expect_sound(&mut desk, index);
        expect_the_verdict_in_reach(&desk, texts, &verdict);
    }
    let preview = desk.see(Role::Entry, &words.document.preview);
    let preview = desk.text_in(&preview);
    assert!(preview.contains(&verdict), "{preview}");

    desk.press(Hands::Keyboard, Role::Button, &words.document.copy);
    desk.hear(&words.shell.copied);
    let before = desk.focused().unwrap();
    desk.install("zenity", "#!/bin/sh\n/bin/sleep 0.6\nexit 1\n");
    desk.key("ctrl+s");
    desk.hear(&words.document.no_choice);
    // The panel that appeared above did not take the focus away.
    let after = desk.focused().unwrap();
    assert_eq!(before.path, after.path, "{}", after.described());
    desk.see(Role::Entry, &words.document.path);
    expect_sound(&mut desk, 4);
    desk.press(Hands::Keyboard, Role::Button, &words.document.save_here);
    desk.wait("the saved report", |desk| desk.saved_report().is_some());
    let saved = words.document.saved.fill(&[("path", &"\n")]);
    desk.hear(saved.lines().next().unwrap());
    expect_sound(&mut desk, 4);
}

/// Everything has a role and a name, the rail says which step this is, and Tab visits everything
/// that can be used, in the order in which it is read.
pub fn expect_sound(desk: &mut Desk, step: usize) {
    expect_named(desk);
    let screen = desk.screen();
    let tabs: Vec<&Item> = screen
        .iter()
        .filter(|item| item.role == Some(Role::Tab))
        .collect();
    let chosen: Vec<bool> = tabs.iter().map(|tab| tab.is_chosen()).collect();
    let expected: Vec<bool> = (0..5).map(|index| index == step).collect();
    assert_eq!(chosen, expected, "{}", desk.described());
    expect_tab_in_order(desk);
}

/// Everything has a role and a name.
pub fn expect_named(desk: &Desk) {
    for item in desk.screen() {
        let described = item.described();
        assert!(item.role.is_some(), "no role: {described}");
        assert!(!item.name.trim().is_empty(), "no name: {described}");
    }
}

fn expect_tab_in_order(desk: &mut Desk) {
    let mut at = desk.focused();
    let mut visited: Vec<Item> = Vec::new();
    loop {
        let next = desk.next_stop(at.as_ref());
        if visited.first().is_some_and(|first| first.path == next.path) {
            break;
        }
        visited.push(next.clone());
        at = Some(next);
        assert!(visited.len() < 200, "Tab does not come around");
    }
    let screen = desk.screen();
    let is_stop =
        |item: &&Item| item.is_focusable() && item.is_enabled() && item.role != Some(Role::Heading);
    let expected: Vec<&Item> = screen.iter().filter(is_stop).collect();
    let start = visited
        .iter()
        .position(|stop| stop.path == expected[0].path);
    visited.rotate_left(start.unwrap_or_default());
    let names =
        |items: &[&Item]| -> Vec<String> { items.iter().map(|item| item.name.clone()).collect() };
    let visited: Vec<&Item> = visited.iter().collect();
    assert_eq!(names(&visited), names(&expected), "\n{}", desk.described());
}

/// The path picture in words, with the broken link.
fn expect_the_way(desk: &Desk, texts: &Texts, port: u16) {
    let words = &texts.window.path;
    let broken = format!("{}: {}", words.port.fill(&[("port", &port)]), words.broken);
    let screen = desk.screen();
    let is_the_way = |item: &&Item| item.role == Some(Role::Image) && item.name.contains(&broken);
    assert!(
        screen.iter().any(|item| is_the_way(&item)),
        "{}",
        desk.described()
    );
}

/// The waterfall as a list, under its heading, with a time for each question.
fn expect_the_times(desk: &Desk, texts: &Texts) {
    let screen = desk.screen();
    let heading = &texts.window.connection.timeline;
    let list = screen.iter().position(|item| item.is(Role::List, heading));
    let list = list.unwrap_or_else(|| panic!("no list of times\n{}", desk.described()));
    let rows = screen[list + 1..].iter();
    let rows = rows.take_while(|item| item.role == Some(Role::ListItem));
    let rows: Vec<&str> = rows.map(|item| item.name.as_str()).collect();
    assert!(rows.len() >= 2, "{rows:?}");
    for row in rows {
        let time = row.rsplit_once(": ").unwrap().1;
        assert!(
            time.ends_with("\u{a0}ms") || time.ends_with("\u{a0}s"),
            "{row}"
        );
    }
}

/// The rail says on every screen how the test ended.
fn expect_the_verdict_in_reach(desk: &Desk, texts: &Texts, verdict: &str) {
    let screen = desk.screen();
    let name = &texts.window.shell.steps[1];
    let mut tabs = screen.iter().filter(|item| item.role == Some(Role::Tab));
    let tab = tabs.find(|tab| tab.name.contains(name.as_str())).unwrap();
    assert!(tab.description.contains(verdict), "{}", tab.described());
}
