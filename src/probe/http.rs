//! One HTTP question: `GET /`, without path, query, cookies or credentials.
//!
//! What it learns is who answers and whether the port wants TLS or another host name; of the page
//! itself only what explains a refusal is read.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

use super::bytes::{heard_error, heard_plain, read_more, start_of};
use crate::evidence::{Heard, Page, PageSays};
use crate::target::Host;

/// The request, as it goes over the wire.
pub(super) fn question(host: &Host, port: u16, default_port: u16) -> Vec<u8> {
    let name = name_in_url(host);
    let port = if port == default_port {
        String::new()
    } else {
        format!(":{port}")
    };
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "GET / HTTP/1.1\r\nHost: {name}{port}\r\nUser-Agent: ketnoi/{version}\r\n\
         Accept: */*\r\nConnection: close\r\n\r\n"
    )
    .into_bytes()
}

/// The request for the same to a proxy (RFC 9112, 3.2.2 and 3.2.3).
pub(super) fn question_to_proxy(host: &Host, port: u16, tunnel: bool) -> Vec<u8> {
    let name = name_in_url(host);
    let version = env!("CARGO_PKG_VERSION");
    let (method, what) = if tunnel {
        ("CONNECT", format!("{name}:{port}"))
    } else {
        ("GET", format!("http://{name}:{port}/"))
    };
    format!(
        "{method} {what} HTTP/1.1\r\nHost: {name}:{port}\r\nUser-Agent: ketnoi/{version}\r\n\
         Accept: */*\r\nConnection: close\r\n\r\n"
    )
    .into_bytes()
}

fn name_in_url(host: &Host) -> String {
    match host {
        Host::Name { ascii, .. } => ascii.clone(),
        Host::V4(address) => address.to_string(),
        // A zone means something on this machine only (RFC 6874, 1).
        Host::V6 { address, .. } => format!("[{address}]"),
    }
}

/// Asks, and reads the head of the answer.
pub(super) async fn ask(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    question: &[u8],
    limit: Duration,
) -> Heard {
    let mut bytes = Vec::new();
    let ended = timeout(limit, exchange(stream, question, &mut bytes)).await;
    match (heard(&bytes), ended) {
        (Some(heard), _) => heard,
        (None, Err(_elapsed)) => Heard::Nothing,
        (None, Ok(Ok(()))) => Heard::Closed,
        (None, Ok(Err(error))) => heard_error(&error),
    }
}

/// Sends the question and reads until the answer is told, or the peer has no more to say.
async fn exchange(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    question: &[u8],
    bytes: &mut Vec<u8>,
) -> io::Result<()> {
    // A peer that spoke first and hung up can still be read when it can no longer be written to.
    let sent = stream.write_all(question).await;
    let sent = sent.and(stream.flush().await);
    loop {
        let count = read_more(stream, bytes).await?;
        match progress(bytes) {
            _ if count == 0 => return sent,
            Progress::Unfinished => {}
            Progress::BodyMatters => {
                let rest = async { while read_more(stream, bytes).await.is_ok_and(|n| n > 0) {} };
                let _ = timeout(BODY_PATIENCE, rest).await;
                return Ok(());
            }
            Progress::Told => return Ok(()),
        }
    }
}

/// How far an answer has come.
enum Progress {
    /// It may yet become an HTTP answer.
    Unfinished,
    /// The head is there, and the body may tell what the status does not.
    BodyMatters,
    /// Nothing more is to be learnt.
    Told,
}

fn progress(bytes: &[u8]) -> Progress {
    match Head::of(bytes) {
        Head::Partial { .. } => Progress::Unfinished,
        Head::Complete { status, .. } if EXPLAINED_IN_THE_BODY.contains(&status) => {
            Progress::BodyMatters
        }
        Head::Complete { .. } | Head::NotHttp => Progress::Told,
    }
}

/// What the bytes of an answer say; nothing when there are none.
fn heard(bytes: &[u8]) -> Option<Heard> {
    match Head::of(bytes) {
        _ if bytes.is_empty() => None,
        Head::Complete { status, headers }
        | Head::Partial {
            status: Some(status),
            headers,
        } => Some(Heard::Http {
            status,
            wants_tls: wants_tls(status, bytes),
            server: headers.server,
            page: Page {
                location: headers.location,
                date: headers.date,
                says: says(status, bytes),
            },
        }),
        Head::Partial { status: None, .. } | Head::NotHttp => Some(heard_plain(bytes)),
    }
}

/// The head of an HTTP answer, as far as it can be read.
enum Head {
    /// Whole, or as whole as it gets: a status line is enough, whatever is wrong with the rest.
    Complete { status: u16, headers: Headers },
    /// It may go on.
    Partial {
        status: Option<u16>,
        headers: Headers,
    },
    /// This is no HTTP.
    NotHttp,
}

/// The headers that tell something.
struct Headers {
    server: Option<String>,
    location: Option<String>,
    date: Option<i64>,
}

impl Headers {
    fn of(headers: &[httparse::Header<'_>]) -> Self {
        let value = |name: &str| {
            let found = headers.iter().find(|h| h.name.eq_ignore_ascii_case(name));
            found.map(|header| header.value)
        };
        Self {
            server: value("server").map(start_of),
            location: value("location").map(without_query),
            date: value("date").and_then(seconds),
        }
    }
}

/// A redirect's query, parameters and user name may carry what is nobody's business.
fn without_query(location: &[u8]) -> String {
    let end = location.iter().position(|byte| b"?#;".contains(byte));
    let location = String::from_utf8_lossy(&location[..end.unwrap_or(location.len())]).into_owned();
    let Some((scheme, rest)) = location.split_once("//") else {
        return start_of(location.as_bytes());
    };
    let authority = rest.find('/').unwrap_or(rest.len());
    let host = rest[..authority].rfind('@').map_or(0, |at| at + 1);
    start_of(format!("{scheme}//{}", &rest[host..]).as_bytes())
}

/// An HTTP date (RFC 9110, 5.6.7) in seconds since 1970.
fn seconds(date: &[u8]) -> Option<i64> {
    let date = std::str::from_utf8(date).ok()?;
    let zoned = jiff::fmt::rfc2822::parse(date).ok()?;
    Some(zoned.timestamp().as_second())
}

impl Head {
    fn of(bytes: &[u8]) -> Self {
        let mut headers = [httparse::EMPTY_HEADER; 128];
        let mut response = httparse::Response::new(&mut headers);
        let parsed = response.parse(bytes);
        let headers = Headers::of(response.headers);
        match (parsed, response.code) {
            (Ok(httparse::Status::Partial), status) => Self::Partial { status, headers },
            (Ok(httparse::Status::Complete(_)) | Err(_), Some(status)) => {
                Self::Complete { status, headers }
            }
            (Ok(httparse::Status::Complete(_)) | Err(_), None) => Self::NotHttp,
        }
    }
}

/// What servers say when plain HTTP reaches a port where TLS is due: nginx (its internal status
/// 497, sent as 400), Go, Apache, Tomcat, and those who copied them.
fn wants_tls(status: u16, answer: &[u8]) -> bool {
    let answer = String::from_utf8_lossy(answer).to_ascii_lowercase();
    status == 497
        || (status == BAD_REQUEST && TLS_IS_DUE.iter().any(|words| answer.contains(words)))
}

const TLS_IS_DUE: [&str; 4] = [
    "the plain http request was sent to https port",
    "client sent an http request to an https server",
    "speaking plain http to an ssl-enabled server port",
    "this combination of host and port requires tls",
];

/// What else the first bytes of an answer explain.
fn says(status: u16, answer: &[u8]) -> Option<PageSays> {
    let answer = String::from_utf8_lossy(answer).to_ascii_lowercase();
    let has = |words: &str| answer.contains(words);
    let refuses = matches!(status, BAD_REQUEST | FORBIDDEN | MISDIRECTED);
    if refuses && HOST_IS_REFUSED.into_iter().any(has) {
        return Some(PageSays::HostNotAllowed);
    }
    if refuses && SOME_HOST_IS_REFUSED.into_iter().any(has) {
        return Some(PageSays::SomeHostNotAllowed);
    }
    has(MONGODB).then_some(PageSays::MongoDb)
}

/// How servers refuse a host name: webpack, Starlette and Go ("invalid host header"), Vite
/// ("blocked request. this host (…) is not allowed"), Django, IIS ("invalid hostname"), Rails,
/// Jupyter, Werkzeug.
const HOST_IS_REFUSED: [&str; 7] = [
    "invalid host header",
    "blocked request. this host",
    "disallowedhost",
    "invalid http_host header",
    "invalid hostname",
    "blocked host:",
    "non-local 'host'",
];

/// Words that servers use for the host of the request, and for the one it comes from.
const SOME_HOST_IS_REFUSED: [&str; 2] = ["host not allowed", "host is not allowed"];

/// What `MongoDB` says to a web browser.
const MONGODB: &str = "trying to access mongodb over http";

/// Answers whose reason is in the body (RFC 9110, 15.5.1, 15.5.4, 15.5.20).
const EXPLAINED_IN_THE_BODY: [u16; 3] = [BAD_REQUEST, FORBIDDEN, MISDIRECTED];

const BAD_REQUEST: u16 = 400;
const FORBIDDEN: u16 = 403;
const MISDIRECTED: u16 = 421;

/// How long the body of a bad request is waited for: it usually comes with the head.
const BODY_PATIENCE: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use super::*;

    fn name(ascii: &str) -> Host {
        Host::Name {
            ascii: ascii.to_owned(),
            unicode: ascii.to_owned(),
        }
    }

    fn http(status: u16, server: Option<&str>, wants_tls: bool) -> Heard {
        let server = server.map(str::to_owned);
        Heard::Http {
            status,
            server,
            wants_tls,
            page: Page::default(),
        }
    }

    fn page(answer: &str) -> Page {
        match heard(answer.as_bytes()) {
            Some(Heard::Http { page, .. }) => page,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_redirect_is_kept_without_its_query_and_a_date_as_seconds() {
        let page = page(
            "HTTP/1.1 302 Found\r\nLocation: http://portal.example/login?token=secret#x\r\n\
             Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n",
        );
        assert_eq!(
            page.location.as_deref(),
            Some("http://portal.example/login")
        );
        assert_eq!(page.date, Some(784_111_777));
    }

    #[test]
    fn a_refused_host_name_is_understood_only_where_it_explains_the_status() {
        let body = "Blocked request. This host (\"x\") is not allowed.";
        for (status, expected) in [(403, Some(PageSays::HostNotAllowed)), (200, None)] {
            let answer = format!("HTTP/1.1 {status} X\r\n\r\n{body}");
            assert_eq!(page(&answer).says, expected, "{status}");
        }
        let answer = "HTTP/1.0 200 OK\r\n\r\nIt looks like you are trying to access MongoDB over HTTP on the native driver port.\r\n";
        assert_eq!(page(answer).says, Some(PageSays::MongoDb));
        assert_eq!(page("HTTP/1.1 403 Forbidden\r\n\r\nNo.").says, None);
    }

    #[test]
    fn the_question_has_no_path_and_names_the_port_only_when_it_is_unusual() {
        let question = |host: &Host, port| String::from_utf8(question(host, port, 80)).unwrap();
        let text = question(&name("db.example"), 80);
        assert!(
            text.starts_with("GET / HTTP/1.1\r\nHost: db.example\r\n"),
            "{text}"
        );
        assert!(text.ends_with("Connection: close\r\n\r\n"), "{text}");
        let host = Host::V6 {
            address: "fe80::1".parse().unwrap(),
            zone: Some("eth0".to_owned()),
        };
        assert!(question(&host, 8080).contains("\r\nHost: [fe80::1]:8080\r\n"));
    }

    #[test]
    fn servers_that_want_tls_are_understood_by_their_words() {
        for answer in [
            "HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n<center>The plain HTTP request was sent to HTTPS port</center>",
            "HTTP/1.0 400 Bad Request\r\nServer: nginx\r\n\r\nClient sent an HTTP request to an HTTPS server.\n",
            "HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\nReason: You're speaking plain HTTP to an SSL-enabled server port.<br />",
            "HTTP/1.1 400 \r\nServer: nginx\r\n\r\nBad Request\r\nThis combination of host and port requires TLS.\r\n",
        ] {
            assert_eq!(
                heard(answer.as_bytes()),
                Some(http(400, Some("nginx"), true)),
                "{answer}"
            );
        }
    }

    #[test]
    fn a_bad_request_for_another_reason_does_not_want_tls() {
        let answer = b"HTTP/1.1 400 Bad Request\r\n\r\nHost header is missing";
        assert_eq!(heard(answer), Some(http(400, None, false)));
        let page = b"HTTP/1.1 200 OK\r\n\r\nThe plain HTTP request was sent to HTTPS port";
        assert_eq!(heard(page), Some(http(200, None, false)));
    }

    #[test]
    fn a_cut_or_broken_head_still_tells_its_status() {
        assert_eq!(
            heard(b"HTTP/1.1 503 Busy\r\nServer: x\r\nX-Lo"),
            Some(http(503, Some("x"), false))
        );
        assert_eq!(
            heard(b"HTTP/1.1 200 OK\r\n\x00: y\r\n\r\n"),
            Some(http(200, None, false))
        );
    }

    #[test]
    fn what_is_no_http_is_told_as_text_and_nothing_as_nothing() {
        let text = |start: &str| {
            let start = start.to_owned();
            Some(Heard::Text { start })
        };
        assert_eq!(heard(b"SSH-2.0-x\r\n"), text("SSH-2.0-x\\r\\n"));
        assert_eq!(heard(b"HT"), text("HT"));
        assert_eq!(heard(b""), None);
    }

    #[test]
    fn a_hostile_server_header_is_escaped() {
        let answer = b"HTTP/1.1 200 OK\r\nServer: a\xe2\x80\xaeb\r\n\r\n";
        assert_eq!(
            heard(answer),
            Some(http(200, Some("a\\xe2\\x80\\xaeb"), false))
        );
    }
}
