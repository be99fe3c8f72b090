//! Every step in both languages, drawn without a window: every letter has a glyph, every input a
//! name, and what needs more than a window's height looks as it was approved. `UPDATE_SNAPSHOTS=1`
//! approves new pictures; those of every state are in `gallery`.

#![expect(clippy::unwrap_used, reason = "test code")]

use std::net::SocketAddr;
use std::time::Duration;

use egui::{Key, Role, Theme as EguiTheme};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use ketnoi::case::Case;
use ketnoi::case::ends::OtherReport;
use ketnoi::case::local::LocalView;
use ketnoi::evidence::{
    About, Attempt, DecidingRule, Evidence, Fact, Firewall, FirewallKind, Interface,
    InterfaceAddress, Listener, NetworkState, Observation, Os, Outcome, Policy, Process, Question,
    Remark, ZoneEntry, ZoneEntryKind,
};
use ketnoi::i18n::{Language, Texts};
use ketnoi::ui;
use ketnoi::wizard::{Action, Effect, Opening, Preferences, Step, Theme, Wizard};

struct Screen {
    wizard: Wizard,
    effects: Vec<Effect>,
}

fn harness(wizard: Wizard, theme: EguiTheme, size: [f32; 2]) -> Harness<'static, Screen> {
    Harness::builder()
        .with_size(size)
        .with_theme(theme)
        .with_context_setup(ui::theme::install)
        .build_ui_state(
            |ui, screen: &mut Screen| {
                if let Some(action) = ui::window_ui(ui, &screen.wizard, "# Ketnoi\n") {
                    screen.effects.extend(screen.wizard.update(action));
                }
            },
            Screen {
                wizard,
                effects: Vec::new(),
            },
        )
}

fn fresh(language: Language) -> Wizard {
    let preferences = Preferences {
        language,
        theme: Theme::System,
        less_movement: None,
        keep_recents: true,
        recents: vec!["db.local:5432".to_owned()],
    };
    let mut wizard = Wizard::new(preferences, Os::Linux, Duration::from_secs(4));
    let process = Process {
        pid: 4711,
        name: "python3".to_owned(),
        command: None,
    };
    wizard.update(Action::ListenersRead(Fact::Known(vec![Listener {
        addr: "127.0.0.1:8000".parse().unwrap(),
        takes_ipv4: Fact::default(),
        process: Fact::Known(process),
        user: Fact::Known("an".to_owned()),
        queue: Fact::default(),
    }])));
    wizard
}

/// A refused connection to this machine, tested to the end.
fn refused(language: Language) -> Wizard {
    let mut wizard = fresh(language);
    let pasted = "s.connect((\"127.0.0.1\", 8080))\n\
                  ConnectionRefusedError: [Errno 111] Connection refused";
    wizard.update(Action::Typed(pasted.to_owned()));
    let effects = wizard.update(Action::Forward);
    let run = effects.iter().find_map(|effect| match effect {
        Effect::Probe { run, .. } => Some(*run),
        _ => None,
    });
    let run = run.expect("the pasted text names an endpoint");
    let addr: SocketAddr = "127.0.0.1:8080".parse().unwrap();
    let took = Duration::from_micros(240);
    for observation in [
        Observation::Network(Fact::Known(NetworkState::default())),
        Observation::Listeners(Fact::Known(Vec::new())),
        Observation::Asked(Question {
            about: About::Connect(addr),
            start: Duration::ZERO,
            took: Some(took),
        }),
        Observation::Attempt(Attempt {
            addr,
            outcome: Outcome::Refused,
            took,
            os_code: Some(111),
            at_once: false,
            source: Some(addr.ip()),
            icmp: None,
        }),
        Observation::Complete,
    ] {
        wizard.update(Action::Observed(run, observation));
    }
    wizard
}

#[test]
fn what_a_refusal_means_looks_as_approved_in_both_languages() {
    let mut differing = Vec::new();
    for (language, theme) in [
        (Language::Vi, EguiTheme::Dark),
        (Language::En, EguiTheme::Light),
    ] {
        let mut harness = harness(refused(language), theme, [1000.0, 1350.0]);
        harness.run_steps(3);
        let header = &Texts::of(language).window.lesson.title;
        harness.get_by_label(header).click();
        harness.run_steps(12);
        let name = format!("{}-2-lesson", language.code());
        let difference = harness.try_snapshot(&name).err();
        differing.extend(difference.map(|error| error.to_string()));
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

/// A service of this machine that firewalld lets others reach until it is reloaded.
fn let_in_for_now(language: Language) -> Wizard {
    let mut wizard = fresh(language);
    wizard.update(Action::Typed("192.0.2.10:5432".to_owned()));
    let effects = wizard.update(Action::Forward);
    let run = effects.iter().find_map(|effect| match effect {
        Effect::Probe { run, .. } => Some(*run),
        _ => None,
    });
    let run = run.expect("an endpoint");
    let addr: SocketAddr = "192.0.2.10:5432".parse().unwrap();
    let network = NetworkState {
        interfaces: vec![Interface {
            name: "eth0".to_owned(),
            up: true,
            loopback: false,
            link: Fact::default(),
            addresses: vec![InterfaceAddress {
                ip: addr.ip(),
                prefix: 24,
            }],
        }],
        ..NetworkState::default()
    };
    let entry = ZoneEntry {
        zone: "public".to_owned(),
        kind: ZoneEntryKind::Port,
        value: "5432/tcp".to_owned(),
    };
    let rule = DecidingRule {
        text: entry.text(),
        chain: None,
        zone: Some(entry.zone.clone()),
        is_default: false,
    };
    let entries = vec![entry];
    let firewalld = Firewall {
        kind: FirewallKind::Firewalld,
        active: Fact::Known(true),
        inbound_default: Fact::Known(Policy::Reject),
        port: Fact::Known(Policy::Allow),
        rule: Some(rule),
        remarks: vec![Remark::EndsAtReload, Remark::LostAtReload { entries }],
    };
    let took = Duration::from_micros(180);
    for observation in [
        Observation::Network(Fact::Known(network)),
        Observation::Firewalls(Fact::Known(vec![firewalld])),
        Observation::Attempt(Attempt {
            addr,
            outcome: Outcome::Connected,
            took,
            os_code: None,
            at_once: false,
            source: Some(addr.ip()),
            icmp: None,
        }),
        Observation::Complete,
    ] {
        wizard.update(Action::Observed(run, observation));
    }
    wizard
}

#[test]
fn what_a_firewall_lets_in_for_now_looks_as_approved_in_both_languages() {
    let mut differing = Vec::new();
    for (language, theme) in [
        (Language::Vi, EguiTheme::Dark),
        (Language::En, EguiTheme::Light),
    ] {
        let mut wizard = let_in_for_now(language);
        wizard.update(Action::GoTo(Step::Firewall));
        let mut harness = harness(wizard, theme, [1000.0, 1250.0]);
        harness.run_steps(3);
        let name = format!("{}-4-for-now", language.code());
        let difference = harness.try_snapshot(&name).err();
        differing.extend(difference.map(|error| error.to_string()));
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn every_step_fits_a_small_window() {
    for language in Language::ALL {
        for step in Step::ALL {
            let mut wizard = refused(language);
            wizard.update(Action::GoTo(step));
            let mut harness = harness(wizard, EguiTheme::Light, [720.0, 520.0]);
            harness.run_steps(3);
            let texts = Texts::of(language);
            let primary = &texts.window.shell.primary[step.index()];
            let button = harness.get_by_role_and_label(Role::Button, primary);
            let rect = button.rect();
            assert!(
                rect.right() <= 720.0 && rect.bottom() <= 520.0,
                "{primary}: {rect:?}"
            );
            assert!(
                rect.left() >= 0.0 && rect.width() > 40.0,
                "{primary}: {rect:?}"
            );
        }
    }
}

/// 720 × 520 points at a zoom of 200 %: nothing lies over anything else, or outside.
#[test]
fn every_step_fits_a_small_window_at_twice_the_size() {
    for language in Language::ALL {
        for step in Step::ALL {
            let mut wizard = refused(language);
            wizard.update(Action::GoTo(step));
            let mut harness = harness(wizard, EguiTheme::Light, [360.0, 260.0]);
            harness.run_steps(3);
            let words = &Texts::of(language).window.shell;
            let mut names = vec![words.primary[step.index()].as_str()];
            if step != Step::Address {
                names.extend([words.back.as_str(), words.test_again.as_str()]);
            }
            // The footer comes last; a card may have a button of the same name.
            let rect = |name: &&str| {
                let buttons = harness.get_all_by_role_and_label(Role::Button, name);
                buttons.last().unwrap().rect()
            };
            let mut rects: Vec<egui::Rect> = names.iter().map(rect).collect();
            rects.extend(harness.get_all_by_role(Role::Tab).map(|tab| tab.rect()));
            for language in Language::ALL {
                let name = format!("{}: {}", words.language, language.own_name());
                rects.push(harness.get_by_label(&name).rect());
            }
            let whole = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(360.0, 260.0));
            for (index, rect) in rects.iter().enumerate() {
                assert!(
                    whole.contains_rect(*rect),
                    "{language:?} {step:?}: {rect:?}"
                );
                for other in &rects[index + 1..] {
                    let over = rect.intersect(*other);
                    assert!(
                        over.width() <= 0.0 || over.height() <= 0.0,
                        "{language:?} {step:?}: {rect:?} over {other:?}"
                    );
                }
            }
        }
    }
    let mut harness = harness(fresh(Language::Vi), EguiTheme::Light, [360.0, 260.0]);
    harness.run_steps(3);
    let field = harness.get_by_label(&Texts::of(Language::Vi).window.address.field);
    assert!(field.rect().bottom() < 205.0, "{:?}", field.rect());
}

#[test]
fn enter_in_a_small_field_tests_or_goes_to_what_is_missing() {
    let mut harness = harness(fresh(Language::En), EguiTheme::Light, [1000.0, 700.0]);
    harness.run_steps(2);
    harness
        .get_by_label("Address or error message")
        .type_text("connect: Connection refused");
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    let missing = Texts::of(Language::En).window.address.missing_both.as_str();
    harness.get_by_label(missing);
    let machine = harness.get_by_role_and_label(Role::TextInput, "Machine");
    assert!(machine.is_focused());
    machine.type_text("127.0.0.1");
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    let port = harness.get_by_role_and_label(Role::TextInput, "Port");
    assert!(port.is_focused());
    port.type_text("8080");
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    assert_eq!(harness.state().wizard.step, Step::Connection);
}

#[test]
fn back_on_the_first_step_typing_replaces_the_address() {
    for keys in [
        (egui::Modifiers::COMMAND, Key::L),
        (egui::Modifiers::ALT, Key::ArrowLeft),
    ] {
        let mut harness = harness(refused(Language::En), EguiTheme::Light, [1000.0, 700.0]);
        harness.run_steps(2);
        harness.key_press_modifiers(keys.0, keys.1);
        harness.run_steps(3);
        harness.event(egui::Event::Text("localhost:1".to_owned()));
        harness.run_steps(2);
        assert_eq!(harness.state().wizard.entry.text, "localhost:1");
    }
}

#[test]
fn tab_leads_from_the_last_control_to_the_first_at_once() {
    let mut harness = harness(refused(Language::En), EguiTheme::Light, [1000.0, 700.0]);
    harness.run_steps(3);
    let is_last = |harness: &Harness<'_, Screen>| {
        let mut buttons = harness.get_all_by_role(Role::Button);
        let label = |node: &egui_kittest::Node<'_>| node.accesskit_node().label();
        buttons.any(|button| {
            button.is_focused() && label(&button).is_some_and(|l| l.starts_with("Colours"))
        })
    };
    for _ in 0..60 {
        if is_last(&harness) {
            break;
        }
        harness.key_press(Key::Tab);
        harness.step();
    }
    assert!(is_last(&harness));
    // Letting the key go would have the window drawn once more.
    harness.key_down(Key::Tab);
    harness.step();
    let mut tabs = harness.get_all_by_role(Role::Tab);
    assert!(tabs.next().unwrap().is_focused());
}

/// What scrolls within a page, such as the preview of the report, leaves the page its keys.
#[test]
fn every_page_with_a_verdict_scrolls_by_keyboard() {
    for step in [
        Step::Connection,
        Step::Listener,
        Step::Firewall,
        Step::Report,
    ] {
        let mut wizard = refused(Language::En);
        wizard.update(Action::GoTo(step));
        let mut harness = harness(wizard, EguiTheme::Light, [360.0, 260.0]);
        harness.run_steps(3);
        let title = |harness: &Harness<'_, Screen>| {
            let mut headings = harness.get_all_by_role(Role::Heading);
            let title = headings.find(egui_kittest::Node::is_focused);
            title.unwrap().rect().top()
        };
        let start = title(&harness);
        harness.key_press(Key::PageDown);
        harness.run_steps(12);
        assert!(title(&harness) < start - 20.0, "{step:?}");
    }
}

/// At 200 % in the smallest window a page shows no more than a few lines.
#[test]
fn an_error_is_in_sight_where_there_is_little_room() {
    let mut wizard = fresh(Language::Vi);
    wizard.update(Action::Typed("localhost:99999".to_owned()));
    let mut harness = harness(wizard, EguiTheme::Light, [360.0, 260.0]);
    harness.run_steps(12);
    let error = harness.get_by_label("Số cổng lớn nhất là 65535.").rect();
    let footer = harness.get_by_label("Kiểm tra kết nối").rect();
    let field = harness
        .get_by_role_and_label(Role::MultilineTextInput, "Địa chỉ hoặc thông báo lỗi")
        .rect();
    assert!(error.bottom() < footer.top(), "{error:?} {footer:?}");
    assert!(field.top() > 40.0, "{field:?}");
}

/// The steps, the languages and the colours stand on one line where they share it.
#[test]
fn what_shares_the_header_is_on_one_line() {
    let mut harness = harness(fresh(Language::En), EguiTheme::Light, [360.0, 260.0]);
    harness.run_steps(3);
    let mut middles: Vec<f32> = harness
        .get_all_by_role(Role::Tab)
        .chain(harness.get_all_by_role(Role::RadioButton))
        .map(|node| node.rect().center().y)
        .collect();
    let colours = harness.get_by_label("Colours: Same as the system");
    middles.push(colours.rect().center().y);
    assert_eq!(middles.len(), 8);
    let first = middles[0];
    assert!(
        middles.iter().all(|y| (y - first).abs() < 0.6),
        "{middles:?}"
    );
}

#[test]
fn a_page_scrolls_by_keyboard_and_tab_begins_with_it() {
    let mut wizard = refused(Language::En);
    wizard.update(Action::GoTo(Step::Firewall));
    let mut harness = harness(wizard, EguiTheme::Light, [1000.0, 500.0]);
    harness.run_steps(3);
    let title = |harness: &Harness<'_, Screen>| {
        let title = harness.get_by_role_and_label(Role::Heading, "Firewall and fixes");
        assert!(title.is_focused());
        title.rect().top()
    };
    let start = title(&harness);
    let mut last = start;
    for key in [Key::ArrowDown, Key::PageDown, Key::End] {
        harness.key_press(key);
        harness.run_steps(12);
        assert!(title(&harness) < last - 20.0, "{key:?}");
        last = title(&harness);
    }
    harness.key_press(Key::Home);
    harness.run_steps(12);
    assert!((title(&harness) - start).abs() < 1.0);
    harness.key_press(Key::Tab);
    harness.run_steps(3);
    let mut buttons = harness.get_all_by_role_and_label(Role::Button, "I did this, test again");
    assert!(buttons.next().unwrap().is_focused());
}

#[test]
fn the_step_with_the_fixes_shows_before_and_after() {
    let mut wizard = refused(Language::En);
    wizard.update(Action::GoTo(Step::Firewall));
    let mut harness = harness(wizard, EguiTheme::Light, [1000.0, 700.0]);
    harness.run_steps(3);
    harness
        .get_all_by_label("I did this, test again")
        .next()
        .unwrap()
        .click();
    harness.run_steps(3);
    // The card went with its button; the focus is where one reads on.
    let title = harness.get_by_role_and_label(Role::Heading, "Firewall and fixes");
    assert!(title.is_focused());
    harness.get_by_label("Before");
    harness.get_by_label("No service on port 8080");
    harness.get_by_label("After");
    harness.get_by_label("running");
}

#[test]
fn the_verdict_is_a_heading_and_the_path_has_words() {
    let mut harness = harness(refused(Language::En), EguiTheme::Light, [1000.0, 700.0]);
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::Heading, "No service on port 8080");
    let path = harness.get_by_role(Role::Image);
    let words = path.accesskit_node().label().unwrap();
    assert!(words.contains("Port 8080: broken"), "{words}");
}

#[test]
fn enter_goes_on_and_alt_left_goes_back() {
    let mut harness = harness(refused(Language::En), EguiTheme::Light, [1000.0, 700.0]);
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    assert_eq!(harness.state().wizard.step, Step::Listener);
    harness.key_press_modifiers(egui::Modifiers::ALT, Key::ArrowLeft);
    harness.run_steps(2);
    assert_eq!(harness.state().wizard.step, Step::Connection);
}

#[test]
fn the_language_switch_changes_the_words_at_once() {
    let mut harness = harness(refused(Language::En), EguiTheme::Light, [1000.0, 700.0]);
    harness.run_steps(2);
    harness.get_by_label("Language: Tiếng Việt").click();
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::Heading, "Không có dịch vụ ở cổng 8080");
    assert!(harness.state().effects.contains(&Effect::StorePreferences));
}

#[test]
fn hostile_text_is_spelt_out_in_the_window() {
    let mut wizard = fresh(Language::En);
    let process = Process {
        pid: 1,
        name: "evil\u{202e}\u{1b}[31m".to_owned(),
        command: None,
    };
    wizard.update(Action::ListenersRead(Fact::Known(vec![Listener {
        addr: "127.0.0.1:6666".parse().unwrap(),
        takes_ipv4: Fact::default(),
        process: Fact::Known(process),
        user: Fact::default(),
        queue: Fact::default(),
    }])));
    let mut harness = harness(wizard, EguiTheme::Light, [1000.0, 700.0]);
    harness.run_steps(3);
    let chip = harness.get_by_label_contains("127.0.0.1:6666");
    let label = chip.accesskit_node().label().unwrap();
    assert!(
        !label.contains('\u{202e}') && !label.contains('\u{1b}'),
        "{label:?}"
    );
}

/// As ibus-unikey and other Telex engines do it: the word changes while it is composed.
#[test]
fn an_input_method_composes_in_the_address_field() {
    let preedit = |text: &str| {
        egui::Event::Ime(egui::ImeEvent::Preedit {
            text: text.to_owned(),
            active_range_chars: None,
        })
    };
    let commit = |text: &str| egui::Event::Ime(egui::ImeEvent::Commit(text.to_owned()));
    let typed = |harness: &Harness<'_, Screen>| harness.state().wizard.entry.text.clone();
    let mut harness = harness(fresh(Language::Vi), EguiTheme::Light, [1000.0, 700.0]);
    harness.run_steps(3);
    for word in ["v", "vi", "vie", "viê", "việt"] {
        harness.event(preedit(word));
        harness.run_steps(1);
        assert_eq!(typed(&harness), word);
    }
    // The key that takes the word tests nothing, wherever in the frame it comes.
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    assert_eq!(harness.state().wizard.step, Step::Address);
    assert!(!harness.state().wizard.entry.submitted);
    harness.event(commit("việt"));
    harness.run_steps(1);
    assert_eq!(typed(&harness), "việt");
    harness.event(preedit(".v"));
    harness.run_steps(1);
    harness.event(commit(".vn"));
    harness.event(egui::Event::Text(":443".to_owned()));
    harness.run_steps(2);
    assert_eq!(typed(&harness), "việt.vn:443");
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    let wizard = &harness.state().wizard;
    assert_eq!(wizard.step, Step::Connection);
    let host = &wizard.runs[0].case.evidence().target.host;
    assert_eq!(host.to_string(), "việt.vn");
}

fn pressed(key: Key, modifiers: egui::Modifiers) -> egui::Event {
    egui::Event::Key {
        key,
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers,
    }
}

/// Press and release of the main button of the mouse at a point.
fn clicked_at(pos: egui::Pos2) -> Vec<egui::Event> {
    let button = |pressed| egui::Event::PointerButton {
        pos,
        button: egui::PointerButton::Primary,
        pressed,
        modifiers: egui::Modifiers::NONE,
    };
    vec![egui::Event::PointerMoved(pos), button(true), button(false)]
}

#[test]
fn what_is_pressed_shows_in_the_next_frame_at_the_latest() {
    let mut harness = harness(refused(Language::En), EguiTheme::Light, [1000.0, 700.0]);
    harness.run_steps(2);
    let shows = |harness: &mut Harness<'_, Screen>, events: Vec<egui::Event>, heading: &str| {
        let before = harness.query_by_role_and_label(Role::Heading, heading);
        assert!(before.is_none(), "{heading}: already there");
        harness.input_mut().events.extend(events);
        // The frame that takes the input, and the one that shows what came of it.
        harness.step();
        harness.step();
        harness.get_by_role_and_label(Role::Heading, heading);
    };
    let enter = vec![pressed(Key::Enter, egui::Modifiers::NONE)];
    shows(&mut harness, enter, "Port 8080 on this computer");
    let back = vec![pressed(Key::ArrowLeft, egui::Modifiers::ALT)];
    shows(&mut harness, back, "No service on port 8080");
    let vietnamese = harness.get_by_label("Language: Tiếng Việt").rect().center();
    let click = clicked_at(vietnamese);
    shows(&mut harness, click, "Không có dịch vụ ở cổng 8080");
    let again = vec![pressed(Key::F5, egui::Modifiers::NONE)];
    shows(&mut harness, again, "Đang kiểm tra 127.0.0.1:8080");
    let address = vec![pressed(Key::L, egui::Modifiers::COMMAND)];
    harness.input_mut().events.extend(address);
    harness.run_steps(2);
    harness
        .input_mut()
        .events
        .push(egui::Event::Text("a".to_owned()));
    harness.step();
    harness.step();
    let field = harness.query_all_by_value("a").next();
    assert!(field.is_some(), "what is typed is not shown");
}

#[test]
fn what_is_typed_in_the_frame_of_another_key_counts() {
    let letter = |text: &str| egui::Event::Text(text.to_owned());
    let mut harness = harness(fresh(Language::En), EguiTheme::Light, [1000.0, 700.0]);
    harness.run_steps(2);
    harness.event(letter("127.0.0.1:544"));
    harness.run_steps(2);
    let again = [
        pressed(Key::L, egui::Modifiers::COMMAND),
        letter("127.0.0.1:543"),
    ];
    harness.input_mut().events.extend(again);
    harness.run_steps(2);
    assert_eq!(harness.state().wizard.entry.text, "127.0.0.1:543");
    let last = [letter("2"), pressed(Key::Enter, egui::Modifiers::NONE)];
    harness.input_mut().events.extend(last);
    harness.run_steps(3);
    let runs = &harness.state().wizard.runs;
    assert_eq!(runs[0].case.evidence().target.port, 5432);
}

/// One interface with this address.
fn network_of(ip: &str) -> Fact<NetworkState> {
    let address = InterfaceAddress {
        ip: ip.parse().unwrap(),
        prefix: 24,
    };
    Fact::Known(NetworkState {
        interfaces: vec![Interface {
            name: "eth0".to_owned(),
            up: true,
            loopback: false,
            addresses: vec![address],
            link: Fact::default(),
        }],
        default_gateways: Fact::default(),
        routes: Vec::new(),
    })
}

#[test]
fn on_the_server_a_clients_report_makes_the_same_verdict() {
    let addr: SocketAddr = "10.0.0.5:5432".parse().unwrap();
    let refused = |source: &str| Attempt {
        addr,
        outcome: Outcome::Refused,
        took: Duration::from_micros(240),
        os_code: Some(111),
        at_once: false,
        source: Some(source.parse().unwrap()),
        icmp: None,
    };
    for language in Language::ALL {
        let words = Texts::of(language);
        let mut wizard = fresh(language);
        wizard.update(Action::Typed("10.0.0.5:5432".to_owned()));
        wizard.update(Action::Forward);
        let target = wizard.case().unwrap().evidence().target.clone();
        let run = wizard.runs[0].id;
        let local = Listener {
            addr: "127.0.0.1:5432".parse().unwrap(),
            takes_ipv4: Fact::default(),
            process: Fact::default(),
            user: Fact::default(),
            queue: Fact::default(),
        };
        for observation in [
            Observation::Network(network_of("10.0.0.5")),
            Observation::Listeners(Fact::Known(vec![local])),
            Observation::Attempt(refused("10.0.0.5")),
            Observation::Complete,
        ] {
            wizard.update(Action::Observed(run, observation));
        }
        wizard.update(Action::GoTo(Step::Listener));
        let mut harness = harness(wizard, EguiTheme::Light, [1000.0, 1400.0]);
        harness.run_steps(3);
        let line = "ketnoi check 10.0.0.5:5432 --output ketnoi-client.json";
        assert!(harness.query_by_label(line).is_none(), "it is folded");
        harness
            .get_by_label(&words.window.other_end.client_title)
            .click();
        harness.run_steps(8);
        harness.get_by_label(line);

        let mut client = Evidence::new(target.clone(), Os::Windows, Duration::from_secs(4));
        client.network = network_of("10.0.0.9");
        client.attempts = vec![refused("10.0.0.9")];
        client.complete = true;
        let report = |evidence| {
            Box::new(OtherReport {
                case: Case::new(evidence),
                watch: None,
                from: None,
                began: None,
                anonymised: false,
            })
        };
        let read = Action::OtherEndRead(Box::new(target.clone()), Ok(report(client)));
        harness.state_mut().wizard.update(read);
        harness.run_steps(3);
        let title = match language {
            Language::En => "The server listens for itself only",
            Language::Vi => "Máy chủ chỉ lắng nghe cho chính nó",
        };
        harness.get_by_label(title);
        // A report of this very computer is no client's.
        let own = harness.state().wizard.case().unwrap().evidence().clone();
        let read = Action::OtherEndRead(Box::new(target), Ok(report(own)));
        harness.state_mut().wizard.update(read);
        harness.run_steps(3);
        assert!(harness.query_by_label(title).is_none());
        harness.get_by_label(&words.window.other_end.not_clients);
    }
}

#[test]
fn a_saved_report_can_be_opened_from_step_five() {
    for language in Language::ALL {
        let mut wizard = fresh(language);
        wizard.update(Action::Typed("127.0.0.1:1".to_owned()));
        wizard.update(Action::Forward);
        wizard.update(Action::GoTo(Step::Report));
        let mut harness = harness(wizard, EguiTheme::Light, [1000.0, 900.0]);
        harness.run_steps(3);
        harness
            .get_by_label(&Texts::of(language).window.opened.open)
            .click();
        harness.run_steps(3);
        let opening = &harness.state().wizard.opening;
        assert_eq!(*opening, Opening::Choosing);
    }
}

#[test]
fn the_other_computers_report_makes_one_verdict_in_step_three() {
    for language in Language::ALL {
        let words = Texts::of(language);
        let mut wizard = fresh(language);
        wizard.update(Action::Typed("10.0.0.5:5432".to_owned()));
        wizard.update(Action::Forward);
        let target = wizard.case().unwrap().evidence().target.clone();
        let run = wizard.runs[0].id;
        let addr: SocketAddr = "10.0.0.5:5432".parse().unwrap();
        for observation in [
            Observation::Network(network_of("10.0.0.9")),
            Observation::Attempt(Attempt {
                addr,
                outcome: Outcome::Refused,
                took: Duration::from_micros(240),
                os_code: Some(111),
                at_once: false,
                source: Some("10.0.0.9".parse().unwrap()),
                icmp: None,
            }),
            Observation::Complete,
        ] {
            wizard.update(Action::Observed(run, observation));
        }
        wizard.update(Action::GoTo(Step::Listener));
        let mut harness = harness(wizard, EguiTheme::Light, [1000.0, 1400.0]);
        harness.run_steps(3);
        let line = "ketnoi local 5432 --watch 60 --from 10.0.0.9 --output ketnoi-server.json";
        harness.get_by_label(line);
        harness
            .get_by_label(&words.window.other_end.windows)
            .click();
        harness.run_steps(2);
        let of_windows = line.replace("ketnoi local", "ketnoi-cli local");
        let of_windows = of_windows.replace("10.0.0.9", "'10.0.0.9'");
        harness.get_by_label(&of_windows);

        let mut server = Evidence::new(LocalView::target(5432), Os::Linux, Duration::ZERO);
        server.network = network_of("10.0.0.5");
        server.listeners = Fact::Known(vec![Listener {
            addr: "127.0.0.1:5432".parse().unwrap(),
            takes_ipv4: Fact::default(),
            process: Fact::default(),
            user: Fact::default(),
            queue: Fact::default(),
        }]);
        server.complete = true;
        let report = Box::new(OtherReport {
            case: Case::new(server),
            watch: None,
            from: None,
            began: None,
            anonymised: false,
        });
        let read = Action::OtherEndRead(Box::new(target), Ok(report));
        harness.state_mut().wizard.update(read);
        harness.run_steps(3);
        let title = match language {
            Language::En => "The server listens for itself only",
            Language::Vi => "Máy chủ chỉ lắng nghe cho chính nó",
        };
        harness.get_by_label(title);
        harness
            .get_by_label(&words.window.other_end.put_away)
            .click();
        harness.run_steps(3);
        assert!(harness.query_by_label(title).is_none());
    }
}
