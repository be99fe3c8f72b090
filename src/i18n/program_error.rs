//! The errors by which programs in common languages report how an attempt to connect ended, as
//! they print them. None of it is translated: this is what a person reads on the own screen.
//!
//! Sources: Python's `socket`, `ssl` and built-in exceptions; the Java API of `java.net` and
//! `javax.net.ssl`; Node's `errors` page; Windows Sockets Error Codes (MSDN).

use super::error_code;
use crate::case::lesson::Ending;
use crate::evidence::Os;

/// How one language reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramError {
    /// The language, or the system itself.
    pub language: &'static str,
    /// The error's name or line.
    pub text: String,
}

/// How programs on `os` report this ending; nothing where no error is reported.
#[must_use]
pub fn shown(ending: Ending, os: Os) -> Vec<ProgramError> {
    let Some(row) = row(ending) else {
        return Vec::new();
    };
    let code = row.system.and_then(|system| error_code::find(os, system));
    let mut shown = vec![
        ProgramError {
            language: "Python",
            text: python(row.python, code.as_ref(), os),
        },
        ProgramError {
            language: "Java",
            text: row.java.to_owned(),
        },
        ProgramError {
            language: "Node.js",
            text: row.node.to_owned(),
        },
    ];
    shown.extend(code.map(|(name, number)| ProgramError {
        language: system_name(os),
        text: format!("{name} ({number})"),
    }));
    shown
}

/// The exception that a Python program catches for this ending.
#[must_use]
pub fn python_exception(ending: Ending) -> Option<&'static str> {
    Some(match ending {
        Ending::NameUnknown | Ending::NameFailed => "socket.gaierror",
        Ending::Refused | Ending::Rejected => "ConnectionRefusedError",
        Ending::TimedOut | Ending::Stalled => "TimeoutError",
        Ending::HostUnreachable | Ending::NetworkUnreachable => "OSError",
        Ending::Denied => "PermissionError",
        Ending::Reset => "ConnectionResetError",
        Ending::BadCertificate => "ssl.SSLCertVerificationError",
        Ending::TlsFailed | Ending::NotTls => "ssl.SSLError",
        Ending::HttpError => "urllib.error.HTTPError",
        Ending::Closed => "EOFError",
        Ending::Works => return None,
    })
}

struct Row {
    python: &'static str,
    java: &'static str,
    node: &'static str,
    /// The POSIX name of the system's error.
    system: Option<&'static str>,
}

const fn row_of(
    python: &'static str,
    java: &'static str,
    node: &'static str,
    system: Option<&'static str>,
) -> Row {
    Row {
        python,
        java,
        node,
        system,
    }
}

const fn row(ending: Ending) -> Option<Row> {
    Some(match ending {
        Ending::NameUnknown => row_of(
            "socket.gaierror",
            "java.net.UnknownHostException",
            "ENOTFOUND",
            Some("EAI_NONAME"),
        ),
        Ending::NameFailed => row_of(
            "socket.gaierror",
            "java.net.UnknownHostException",
            "EAI_AGAIN",
            Some("EAI_AGAIN"),
        ),
        Ending::Refused | Ending::Rejected => row_of(
            "ConnectionRefusedError",
            "java.net.ConnectException: Connection refused",
            "ECONNREFUSED",
            Some("ECONNREFUSED"),
        ),
        Ending::TimedOut => row_of(
            "TimeoutError",
            "java.net.SocketTimeoutException: Connect timed out",
            "ETIMEDOUT",
            Some("ETIMEDOUT"),
        ),
        Ending::HostUnreachable => row_of(
            "OSError",
            "java.net.NoRouteToHostException",
            "EHOSTUNREACH",
            Some("EHOSTUNREACH"),
        ),
        Ending::NetworkUnreachable => row_of(
            "OSError",
            "java.net.ConnectException: Network is unreachable",
            "ENETUNREACH",
            Some("ENETUNREACH"),
        ),
        Ending::Denied => row_of(
            "PermissionError",
            "java.net.SocketException: Permission denied",
            "EACCES",
            Some("EACCES"),
        ),
        Ending::Reset => row_of(
            "ConnectionResetError",
            "java.net.SocketException: Connection reset",
            "ECONNRESET",
            Some("ECONNRESET"),
        ),
        Ending::Closed => row_of(
            "recv() -> b''",
            "java.io.EOFException",
            "Error: socket hang up",
            None,
        ),
        Ending::Stalled => row_of(
            "TimeoutError: timed out",
            "java.net.SocketTimeoutException: Read timed out",
            "timeout",
            None,
        ),
        Ending::BadCertificate => row_of(
            "ssl.SSLCertVerificationError: CERTIFICATE_VERIFY_FAILED",
            "javax.net.ssl.SSLHandshakeException",
            "CERT_HAS_EXPIRED, UNABLE_TO_VERIFY_LEAF_SIGNATURE, ERR_TLS_CERT_ALTNAME_INVALID",
            None,
        ),
        Ending::TlsFailed => row_of(
            "ssl.SSLError",
            "javax.net.ssl.SSLHandshakeException",
            "EPROTO, ERR_SSL_*",
            None,
        ),
        Ending::NotTls => row_of(
            "ssl.SSLError: WRONG_VERSION_NUMBER",
            "javax.net.ssl.SSLException: Unsupported or unrecognized SSL message",
            "EPROTO",
            None,
        ),
        Ending::HttpError | Ending::Works => return None,
    })
}

/// Python puts the number of the error behind the name of the exception, and on Windows calls it
/// by that system's name unless the resolver reported it.
fn python(exception: &str, code: Option<&(&'static str, i32)>, os: Os) -> String {
    match (code, os) {
        (Some((_, number)), Os::Windows) if exception != "socket.gaierror" => {
            format!("{exception}: [WinError {number}]")
        }
        (Some((_, number)), Os::Linux | Os::Macos | Os::Windows) => {
            format!("{exception}: [Errno {number}]")
        }
        (None, _) => exception.to_owned(),
    }
}

fn system_name(os: Os) -> &'static str {
    match os {
        Os::Linux => "Linux",
        Os::Macos => "macOS",
        Os::Windows => "Windows",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(ending: Ending, os: Os) -> Vec<String> {
        let shown = shown(ending, os).into_iter();
        shown.map(|error| error.text).collect()
    }

    #[test]
    fn a_refusal_has_the_number_of_its_system() {
        assert_eq!(
            texts(Ending::Refused, Os::Linux),
            [
                "ConnectionRefusedError: [Errno 111]",
                "java.net.ConnectException: Connection refused",
                "ECONNREFUSED",
                "ECONNREFUSED (111)"
            ]
        );
        let windows = texts(Ending::Refused, Os::Windows);
        assert_eq!(windows[0], "ConnectionRefusedError: [WinError 10061]");
        assert_eq!(windows[3], "WSAECONNREFUSED (10061)");
        let unknown = texts(Ending::NameUnknown, Os::Windows);
        assert_eq!(unknown[0], "socket.gaierror: [Errno 11001]");
        assert_eq!(unknown[3], "WSAHOST_NOT_FOUND (11001)");
        let macos = texts(Ending::TimedOut, Os::Macos);
        assert_eq!(macos[0], "TimeoutError: [Errno 60]");
    }

    #[test]
    fn what_works_is_no_error() {
        assert!(shown(Ending::Works, Os::Linux).is_empty());
        assert_eq!(python_exception(Ending::Works), None);
    }
}
