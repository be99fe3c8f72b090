//! The window's words. A key names its text; `i18n/en.json` is the reference.

#![expect(
    missing_docs,
    reason = "a key names its text; i18n/en.json is the reference"
)]

use serde::Deserialize;

use super::verdict::CertaintyTexts;
use super::{Plural, Template};

/// The window's words, by place.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowTexts {
    pub shell: ShellTexts,
    pub path: PathTexts,
    pub address: AddressTexts,
    pub connection: ConnectionTexts,
    pub lesson: LessonTexts,
    pub listener: ListenerTexts,
    pub other_end: OtherEndTexts,
    pub firewall: FirewallTexts,
    pub opened: OpenedTexts,
    pub document: DocumentTexts,
}

/// One of the things that Ketnoi does, for whoever starts it for the first time.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WelcomeTexts {
    pub title: String,
    pub line: String,
}

/// What surrounds the steps.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShellTexts {
    pub window_title: String,
    pub steps: [String; 5],
    pub step_of: Template,
    pub state_todo: String,
    pub state_running: String,
    pub state_fine: String,
    pub state_problem: String,
    pub state_partly: String,
    pub state_not_needed: String,
    pub state_advice: String,
    pub state_cancelled: String,
    pub state_unknown: String,
    pub back: String,
    pub test_again: String,
    pub cancel: String,
    pub primary: [String; 5],
    pub language: String,
    pub theme: String,
    pub theme_system: String,
    pub theme_light: String,
    pub theme_dark: String,
    pub less_movement: String,
    pub copy: String,
    pub copied: String,
    pub details: String,
    pub scroll_bar: String,
    pub target_of: Template,
    pub toast_copied: String,
    pub toast_saved: String,
}

/// The path picture.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PathTexts {
    pub name: String,
    pub this_computer: String,
    pub name_lookup: String,
    pub own_firewall: String,
    pub network: String,
    pub target_firewall: String,
    pub host: String,
    pub port: Template,
    pub service: String,
    pub verified: String,
    pub partly: String,
    pub broken: String,
    pub unknown: String,
}

/// Step 1.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressTexts {
    pub title: String,
    pub lead: String,
    pub field: String,
    pub hint: String,
    pub paste: String,
    pub understood: String,
    pub host: String,
    pub port: String,
    pub port_typed: String,
    pub port_from_scheme: Template,
    pub port_from_error: String,
    pub port_guessed: String,
    pub service: String,
    pub service_unknown: String,
    pub whereabouts: String,
    pub this_computer: String,
    pub your_network: String,
    pub the_internet: String,
    pub by_name: String,
    pub several: Plural,
    pub use_instead: Template,
    pub missing_both: String,
    pub missing_host: String,
    pub missing_port: String,
    pub examples: String,
    pub examples_none: String,
    pub examples_waiting: String,
    pub recents: String,
    pub recents_keep: String,
    pub recents_none: String,
    pub recents_clear: String,
    pub welcome: [WelcomeTexts; 3],
}

/// Step 2.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectionTexts {
    pub testing: Template,
    pub testing_detail: Template,
    pub cancelled: String,
    pub cancelled_detail: String,
    pub why: String,
    pub certainty: CertaintyTexts,
    pub alternatives: String,
    pub decided_by: Template,
    pub addresses: String,
    pub timeline: String,
    pub timeline_open: String,
    pub timeline_stopped: String,
    pub next_step: String,
    pub said_outdated: Template,
}

/// What a verdict means, for whoever wants to learn.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LessonTexts {
    pub title: String,
    pub wire: String,
    pub resolver: String,
    pub from_device: Template,
    pub spoken: Template,
    pub ours: Template,
    pub theirs: Template,
    pub errors: String,
    pub code: String,
    pub ending: EndingTexts,
    pub message: MessageTexts,
}

/// Each way in which an attempt can end.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndingTexts {
    pub name_unknown: EndingText,
    pub name_failed: EndingText,
    pub refused: EndingText,
    pub rejected: EndingText,
    pub timed_out: EndingText,
    pub host_unreachable: EndingText,
    pub network_unreachable: EndingText,
    pub denied: EndingText,
    pub reset: EndingText,
    pub closed: EndingText,
    pub stalled: EndingText,
    pub bad_certificate: EndingText,
    pub tls_failed: EndingText,
    pub not_tls: EndingText,
    pub http_error: EndingText,
    pub works: EndingText,
}

/// How an attempt ended, in words.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndingText {
    pub meaning: Template,
    /// What a program had better do, as a comment in its code; nothing where nothing failed.
    pub handling: Option<String>,
}

/// Captions of messages on the wire.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageTexts {
    pub query: Template,
    pub no_such_name: String,
    pub lookup_failed: String,
    pub syn: String,
    pub syn_ack: String,
    pub rst: String,
    pub icmp: Template,
    pub stopped_here: String,
    pub silence: String,
    pub tls_hello: String,
    pub tls_done: String,
    pub tls_alert: String,
    pub request: String,
    pub answer: String,
    pub status: Template,
    pub fin: String,
}

/// The report of the other computer, in step 3.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherEndTexts {
    pub lead: Template,
    pub lead_without_watch: Template,
    pub system: String,
    pub unix: String,
    pub windows: String,
    pub admin_hint: String,
    pub title: String,
    pub bring: Template,
    pub field: String,
    pub read: String,
    pub being_read: String,
    pub pasted: String,
    pub put_away: String,
    pub not_servers: String,
    pub wait: String,
    pub client_title: String,
    pub client_lead: String,
    pub not_clients: String,
    pub drop_here: String,
}

/// Step 3.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListenerTexts {
    pub title_here: Template,
    pub title_elsewhere: Template,
    pub title_unsure: String,
    pub title_pending: String,
    pub elsewhere_lead: Template,
    pub none: Template,
    pub answered_all_the_same: String,
    pub none_detail: String,
    pub on_port: Plural,
    pub program: String,
    pub address: String,
    pub near: String,
    pub same_program: String,
    pub elsewhere_here: String,
    pub beside: Template,
    pub unknown: Template,
    pub not_asked: String,
    pub pending: String,
    pub stopped: String,
}

/// Step 4.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirewallTexts {
    pub title: String,
    pub title_fine: String,
    pub title_fine_here: String,
    pub firewalls_here: String,
    pub firewalls_none: String,
    pub firewalls_unknown: Template,
    pub firewalls_not_asked: String,
    pub firewalls_pending: String,
    pub firewalls_stopped: String,
    pub paste: String,
    pub paste_lead: String,
    pub paste_field: String,
    pub paste_read: String,
    pub paste_being_read: String,
    pub paste_not_understood: String,
    pub paste_from: Template,
    pub fixes: String,
    pub fixes_if: String,
    pub fixes_none: String,
    pub fixes_none_detail: String,
    pub fixes_waiting: String,
    pub fixes_stopped: String,
    pub check: String,
    pub apply: String,
    pub undo: String,
    pub risk: String,
    pub needs_admin: String,
    pub fix_trial: String,
    pub fix_lasting: String,
    pub done: String,
    pub shown_only: String,
}

/// Saved reports on the screen.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenedTexts {
    pub open: String,
    pub choosing: String,
    pub reading: Template,
    pub no_dialog: String,
    pub lead: Template,
    pub lead_from: Template,
    pub test_here: String,
    pub anonymised: String,
    pub drop_here: String,
    pub file_kind: String,
}

/// Step 5.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentTexts {
    pub title: String,
    pub lead: String,
    pub lead_running: String,
    pub lead_stopped: String,
    pub format: String,
    pub markdown: String,
    pub html: String,
    pub json: String,
    pub text: String,
    pub anonymise: String,
    pub anonymise_help: String,
    pub preview: String,
    pub copy: String,
    pub choosing: String,
    pub beside_dialog: String,
    pub saving: Template,
    pub saved: Template,
    pub failed: Template,
    pub failed_kept: String,
    pub no_choice: String,
    pub no_dialog: String,
    pub occupied: Template,
    pub replace: String,
    pub path: String,
    pub save_here: String,
}
