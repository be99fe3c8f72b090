//! The runtime that investigations run on.

use std::io;

use tokio::runtime::{Builder, Runtime};

use crate::platform::descriptors;

/// What tokio opens: two to wait with, their copy, and a pair of sockets for signals with a copy.
const TAKES: usize = 6;

/// A runtime on the thread that drives it.
///
/// # Errors
/// When the system gives none of the descriptors that it takes.
pub fn runtime() -> io::Result<Runtime> {
    // Without the pair of sockets tokio panics.
    descriptors::make_sure_of(TAKES)?;
    Builder::new_current_thread().enable_all().build()
}
