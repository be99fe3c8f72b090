//! Part of step 4: the commands that show what only administrators see, a field for what they
//! print, and what that says.

use egui::{Id, TextEdit, Ui};

use crate::advice::telling_command;
use crate::case::Case;
use crate::diagnosis::Clue;
use crate::evidence::{Fact, Firewall, FirewallKind, Os, printable};
use crate::i18n::{Texts, Wording};
use crate::ui::theme::{self, palette};
use crate::ui::widgets::command_block::command_block_ui;
use crate::ui::widgets::finding_card::bullet_ui;
use crate::ui::widgets::notice::inline_error_ui;
use crate::ui::widgets::text;
use crate::ui::widgets::text_area::text_area_ui;
use crate::wizard::{Action, Wizard};

/// Draws the card; nothing where every firewall of this machine was read.
pub fn pasted_output_ui(
    ui: &mut Ui,
    wizard: &Wizard,
    case: &Case,
    wording: &Wording<'_>,
    texts: &'static Texts,
) -> Option<Action> {
    let kinds = unread(case, case.evidence().os);
    let told = &case.evidence().pasted_firewalls;
    let is_of_port =
        |clue: &&Clue| matches!(clue, Clue::PastedReserved { .. } | Clue::PastedLabel { .. });
    let because = case.diagnosis().verdict.because.iter();
    let ports: Vec<&Clue> = because.filter(is_of_port).collect();
    if kinds.is_empty() && told.is_empty() && ports.is_empty() {
        return None;
    }
    let words = &texts.window.firewall;
    let mut action = None;
    theme::card(palette(ui)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        for firewall in told {
            told_ui(ui, firewall, wording, texts);
        }
        for clue in ports {
            bullet_ui(ui, &printable(&wording.clue(clue)));
        }
        text::header(ui, &words.paste, theme::body())
            .id_salt("paste")
            .default_open(!wizard.paste.text.is_empty())
            .show(ui, |ui| {
                text::body(ui, &words.paste_lead);
                action = commands_ui(ui, wizard, case, &kinds, texts);
                action = action.take().or(field_ui(ui, wizard, texts));
            });
    });
    action
}

/// The firewalls whose rules are not known: of this machine where the target is here, else those
/// that the target may have.
fn unread(case: &Case, os: Os) -> Vec<FirewallKind> {
    if case.target_is_here() != Some(true) {
        return USUAL.to_vec();
    }
    match &case.evidence().firewalls {
        Fact::Known(found) => {
            let unread = found
                .iter()
                .filter(|firewall| firewall.may_stop_port() && firewall.port.known().is_none());
            unread.map(|firewall| firewall.kind).collect()
        }
        Fact::Unknown(_) => USUAL.into_iter().filter(|kind| is_of(*kind, os)).collect(),
    }
}

fn is_of(kind: FirewallKind, os: Os) -> bool {
    let own = match kind {
        FirewallKind::Ufw
        | FirewallKind::Firewalld
        | FirewallKind::Nftables
        | FirewallKind::Iptables => Os::Linux,
        FirewallKind::WindowsDefender => Os::Windows,
        FirewallKind::MacosApplication | FirewallKind::Pf => Os::Macos,
    };
    own == os
}

fn told_ui(ui: &mut Ui, firewall: &Firewall, wording: &Wording<'_>, texts: &'static Texts) {
    let name = Wording::firewall_name(firewall.kind);
    let title = &texts.window.firewall.paste_from;
    text::heading(ui, &title.fill(&[("firewall", &name)]));
    bullet_ui(ui, &printable(&wording.firewall_state(firewall)));
    if let Some(rule) = &firewall.rule {
        text::mono(ui, &printable(&rule.text));
    }
    for remark in firewall.own_remarks() {
        bullet_ui(ui, &printable(&wording.remark(firewall.kind, &remark)));
    }
}

fn commands_ui(
    ui: &mut Ui,
    wizard: &Wizard,
    case: &Case,
    kinds: &[FirewallKind],
    texts: &'static Texts,
) -> Option<Action> {
    let mut addresses = case.addresses().into_iter();
    let v6 = addresses.next().is_some_and(|ip| ip.is_ipv6());
    let mut action = None;
    for kind in kinds {
        text::weak(ui, Wording::firewall_name(*kind));
        let command = telling_command(*kind, v6).display();
        let copied = wizard.copied.as_deref();
        let pressed = ui.push_id(kind, |ui| command_block_ui(ui, &command, copied, texts));
        action = action.or(pressed.inner);
    }
    action
}

fn field_ui(ui: &mut Ui, wizard: &Wizard, texts: &'static Texts) -> Option<Action> {
    let words = &texts.window.firewall;
    let mut pasted = wizard.paste.text.clone();
    let edit = TextEdit::multiline(&mut pasted)
        .id(Id::unique("pasted-output"))
        .font(theme::mono())
        .desired_rows(4)
        .char_limit(MOST_CHARACTERS);
    let is_open = !wizard.paste.is_being_read;
    let frame = theme::field(palette(ui));
    let field = text_area_ui(ui, edit, frame, &words.paste_field, is_open, 160.0, texts);
    let changed = field.changed();
    if wizard.paste.is_unknown {
        inline_error_ui(ui, &words.paste_not_understood);
    }
    if wizard.paste.is_being_read {
        let said = text::weak(ui, &words.paste_being_read);
        text::announce(ui, said.id);
    }
    let is_ready = !wizard.paste.is_being_read && !wizard.paste.text.trim().is_empty();
    if text::button(ui, &words.paste_read, is_ready).clicked() {
        return Some(Action::ReadOutput);
    }
    changed.then_some(Action::OutputPasted(pasted))
}

/// The firewalls that a machine we know nothing of may have.
const USUAL: [FirewallKind; 7] = [
    FirewallKind::Ufw,
    FirewallKind::Firewalld,
    FirewallKind::Nftables,
    FirewallKind::Iptables,
    FirewallKind::WindowsDefender,
    FirewallKind::MacosApplication,
    FirewallKind::Pf,
];

/// A long listing has some hundred thousand.
const MOST_CHARACTERS: usize = 4 << 20;
