//! Listens to a peer that may speak first, and asks one that waits the harmless first question of
//! the protocol that is expected of it.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

use super::bytes::{heard_error, heard_plain, read_more};
use crate::evidence::{Heard, Spoke};

/// What the peer says of itself within `limit`.
pub(super) async fn listen(stream: &mut (impl AsyncRead + Unpin), limit: Duration) -> Heard {
    let mut bytes = Vec::with_capacity(FIRST_BYTES);
    match timeout(limit, read_more(stream, &mut bytes)).await {
        Err(_elapsed) => Heard::Nothing,
        Ok(Ok(0)) => Heard::Closed,
        Ok(Ok(_)) => heard_plain(&bytes),
        Ok(Err(error)) => heard_error(&error),
    }
}

/// Asks, and gives the first bytes of the answer.
pub(super) async fn ask(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    question: &[u8],
    limit: Duration,
) -> Heard {
    // What a peer said before it hung up can still be read when it can no longer be written to.
    let sent = timeout(limit, stream.write_all(question)).await;
    let sent = sent.unwrap_or(Ok(()));
    match (listen(stream, limit).await, sent) {
        (Heard::Closed, Err(error)) => heard_error(&error),
        (heard, _) => heard,
    }
}

/// Whether the peer closes within `limit`; what it still says is passed over.
pub(super) async fn closes(stream: &mut (impl AsyncRead + Unpin), limit: Duration) -> bool {
    let all = async {
        let mut bytes = Vec::with_capacity(FIRST_BYTES);
        while read_more(stream, &mut bytes).await.is_ok_and(|n| n > 0) {
            bytes.clear();
        }
    };
    timeout(limit, all).await.is_ok()
}

/// Closes our side, and gives what the peer says to that: whoever reads learns of it at once.
pub(super) async fn finish(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    limit: Duration,
) -> Heard {
    match timeout(limit, stream.shutdown()).await {
        Ok(Err(error)) => heard_error(&error),
        Ok(Ok(())) | Err(_) => listen(stream, limit).await,
    }
}

/// The bytes of a first question; none where the protocol has no harmless one.
///
/// `SSLRequest` (PostgreSQL, 55.2.11) names no user and is answered with one byte; `PING` (Redis)
/// is answered before any login, if only with `-NOAUTH`.
pub(super) fn question(spoke: Spoke) -> &'static [u8] {
    match spoke {
        Spoke::PostgresSslRequest => &[0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f],
        Spoke::RedisPing => b"PING\r\n",
        Spoke::Nothing
        | Spoke::TlsHello
        | Spoke::LargeTlsHello
        | Spoke::HttpGet
        | Spoke::HttpsGet => &[],
    }
}

/// As many as a greeting, or the head of an answer, takes.
const FIRST_BYTES: usize = 512;
