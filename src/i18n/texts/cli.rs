//! The command line's words.

use serde::Deserialize;

use super::Template;

/// See the module.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "a key names its text; i18n/en.json is the reference"
)]
pub struct CliTexts {
    pub about: String,
    pub usage: String,
    pub usage_window: String,
    pub usage_check: String,
    pub target: String,
    pub seconds: String,
    pub file: String,
    pub target_help: String,
    pub options: String,
    pub option_json: String,
    pub option_lang: String,
    pub option_timeout: String,
    pub option_output: String,
    pub option_dry_run: String,
    pub option_help: String,
    pub option_version: String,
    pub exit_status: String,
    pub exit_works: String,
    pub exit_blocked: String,
    pub exit_failed: String,
    pub unknown_command: Template,
    pub unknown_option: Template,
    pub value_missing: Template,
    pub value_unexpected: Template,
    pub bad_timeout: Template,
    pub bad_language: Template,
    pub unknown_ending: Template,
    pub no_target: String,
    pub output_of_dry_run: String,
    pub see_help: String,
    pub mend: Template,
    pub no_host_no_port: Template,
    pub no_host: Template,
    pub no_port: Template,
    pub input_unreadable: Template,
    pub output_unwritable: Template,
    pub system_failed: Template,
    pub saved: Template,
    pub not_saved: Template,
    pub save_folder_missing: String,
    pub save_not_allowed: String,
    pub save_write_protected: String,
    pub save_is_folder: String,
    pub save_not_a_file: String,
    pub save_disk_full: String,
    pub save_read_only_volume: String,
    pub save_bad_name: String,
    pub save_other: String,
    pub certainty_and_time: Template,
    pub because: String,
    pub alternatives: String,
    pub decided_by: Template,
    pub advice: String,
    pub undo: String,
    pub needs_admin: String,
    pub understood: Template,
    pub understood_guess: Template,
    pub no_display: String,
}
