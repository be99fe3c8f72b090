//! Listens to a peer that may speak first, and says nothing.

use std::time::Duration;

use tokio::io::AsyncRead;
use tokio::time::timeout;

use super::bytes::{heard_error, heard_plain, read_more};
use crate::evidence::Heard;

/// What the peer says of itself within `limit`.
pub(super) async fn listen(stream: &mut (impl AsyncRead + Unpin), limit: Duration) -> Heard {
    let mut bytes = Vec::new();
    match timeout(limit, read_more(stream, &mut bytes)).await {
        Err(_elapsed) => Heard::Nothing,
        Ok(Ok(0)) => Heard::Closed,
        Ok(Ok(_)) => heard_plain(&bytes),
        Ok(Err(error)) => heard_error(&error),
    }
}
