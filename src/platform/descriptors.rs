//! What this process may still open. Libraries that wait for several things at once open
//! descriptors of their own, and some panic where they get a part of them and not all.

use std::io;

/// Makes sure that so many descriptors can be opened, by opening them and giving them back.
///
/// # Errors
/// When they cannot: the limit of this process (`ulimit -n`) or of the system is reached.
pub fn make_sure_of(count: usize) -> io::Result<()> {
    let pipes = (0..count.div_ceil(2)).map(|_| io::pipe());
    pipes.collect::<io::Result<Vec<_>>>().map(drop)
}
