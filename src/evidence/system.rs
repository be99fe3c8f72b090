//! The system that a test ran on.

use serde::{Deserialize, Serialize};

/// Which release of its operating system a machine runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OsRelease {
    /// As it is called, with its version: `Debian GNU/Linux 13 (trixie)`, `Windows 11 Pro 24H2`.
    pub name: String,
    /// The kernel of a Linux, the build of another system; nothing where it is not told.
    #[serde(default)]
    pub build: Option<String>,
}
