//! First bytes of a peer: what they are, and how they are shown. All of them are hostile.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio_rustls::rustls::{AlertDescription, Error as TlsError};

use crate::evidence::{Heard, printable_bytes};

/// The most we read from a peer.
pub(super) const MOST_BYTES: usize = 4096;

/// The most characters of a peer's text that are kept.
const MOST_CHARACTERS: usize = 256;

/// Reads once, and appends. Zero: the peer closed, or the most was read.
pub(super) async fn read_more(
    stream: &mut (impl AsyncRead + Unpin),
    into: &mut Vec<u8>,
) -> io::Result<usize> {
    let room = MOST_BYTES.saturating_sub(into.len());
    stream.take(room as u64).read_buf(into).await
}

/// What a peer's first bytes say to someone who did not speak TLS.
pub(super) fn heard_plain(bytes: &[u8]) -> Heard {
    match tls_alert(bytes) {
        Some(alert) => Heard::TlsAlert {
            alert,
            certificate_wanted: false,
        },
        None => Heard::Text {
            start: start_of(bytes),
        },
    }
}

/// What a failed read or write says; an alert when TLS was spoken.
pub(super) fn heard_error(error: &io::Error) -> Heard {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    match inner {
        Some(TlsError::AlertReceived(alert)) => {
            return Heard::TlsAlert {
                alert: alert_name(*alert),
                certificate_wanted: false,
            };
        }
        Some(TlsError::PeerIncompatible(why)) => {
            return Heard::TlsIncompatible {
                what: start_of(format!("{why:?}").as_bytes()),
            };
        }
        Some(_) | None => {}
    }
    match error.kind() {
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => Heard::Reset,
        // A TLS peer that closes without close_notify.
        io::ErrorKind::UnexpectedEof => Heard::Closed,
        _ => Heard::Failed {
            what: start_of(error.to_string().as_bytes()),
            os_code: error.raw_os_error(),
        },
    }
}

/// A failure without an error of the system.
pub(super) fn failure(what: &str) -> Heard {
    Heard::Failed {
        what: start_of(what.as_bytes()),
        os_code: None,
    }
}

/// The alert of a TLS record (RFC 8446, 5.1 and 6): type 21, version 3.x, two bytes.
fn tls_alert(bytes: &[u8]) -> Option<String> {
    match bytes {
        [0x15, 0x03, _, _, _, _level, description, ..] => {
            Some(alert_name(AlertDescription::from(*description)))
        }
        [0x15, 0x03, ..] => Some("unknown".to_owned()),
        _ => None,
    }
}

/// Whether these are the first bytes of a TLS record (RFC 8446, 5.1).
pub(super) fn is_tls(bytes: &[u8]) -> bool {
    matches!(bytes, [0x14..=0x18] | [0x14..=0x18, 0x03, ..])
}

/// The alert's name as the RFCs spell it, or its number.
fn alert_name(alert: AlertDescription) -> String {
    if let AlertDescription::Unknown(number) = alert {
        return number.to_string();
    }
    let mut name = String::new();
    let mut after_lower = false;
    for letter in format!("{alert:?}").chars() {
        if letter.is_ascii_uppercase() && after_lower {
            name.push('_');
        }
        after_lower = letter.is_ascii_lowercase();
        name.push(letter.to_ascii_lowercase());
    }
    name
}

/// The beginning of hostile bytes, printable and at most 256 characters long.
pub(super) fn start_of(bytes: &[u8]) -> String {
    (0..=MOST_CHARACTERS.min(bytes.len()))
        .rev()
        .map(|count| printable_bytes(bytes, count))
        .find(|text| text.chars().count() <= MOST_CHARACTERS)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_bytes_never_grow_beyond_the_limit() {
        let start = start_of(&[0x1b; 4096]);
        assert!(start.chars().count() <= 256, "{}", start.len());
        assert!(start.starts_with("\\x1b\\x1b"));
        assert!(start.ends_with('…'));
        assert_eq!(start_of(b"+PONG\r\n"), "+PONG\\r\\n");
    }

    #[test]
    fn an_alert_is_named_as_the_standard_names_it() {
        let alert = |number| heard_plain(&[0x15, 3, 1, 0, 2, 2, number]);
        let named = |name: &str| Heard::TlsAlert {
            alert: name.to_owned(),
            certificate_wanted: false,
        };
        assert_eq!(alert(70), named("protocol_version"));
        assert_eq!(alert(48), named("unknown_ca"));
        assert_eq!(alert(99), named("99"));
        assert_eq!(heard_plain(&[0x15, 3]), named("unknown"));
    }

    #[test]
    fn text_is_no_tls_and_a_record_is() {
        assert!(!is_tls(b"HTTP/1.1 400"));
        assert!(!is_tls(b""));
        assert!(!is_tls(&[0x16, b'x']));
        assert!(is_tls(&[0x16, 3, 3, 0, 60]));
        assert!(is_tls(&[0x16]));
    }
}
