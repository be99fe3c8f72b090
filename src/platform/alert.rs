//! A box with a sentence in it, from the system itself.

use rfd::{MessageDialog, MessageLevel};

/// Shows it and waits until it is closed.
pub(super) fn show(sentence: &str) {
    MessageDialog::new()
        .set_level(MessageLevel::Error)
        .set_title("Kết Nối")
        .set_description(sentence)
        .show();
}
