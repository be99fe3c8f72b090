//! Hosts and ports named in a line of an error message: by the known shapes of programs, by
//! URLs, and by words that look like `host:port`.
//!
//! Looks at one line at a time and judges nothing but the line; which of all the finds is meant
//! is decided by the caller.

use super::pattern::Pattern;
use crate::target::address::{endpoint_from_text, host_from_text, url_from_text};
use crate::target::known_port;
use crate::target::{Host, NotTcp, PortSource, Target, Understanding};

/// Something found in a line.
#[derive(Clone, Debug)]
pub enum Sight {
    /// A host with a port.
    Endpoint(Box<Target>),
    /// A host whose port is not beside it, and the service the message is about.
    Host(Host, Option<&'static str>),
    /// A port whose host is not beside it.
    Port(u16),
    /// The path of a local socket.
    Socket(String),
}

/// How surely a find is the endpoint meant, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// A program's own way of naming the peer that failed.
    Specific,
    /// `host:port` on a line that tells of a failure.
    Failing,
    /// A call in the source code.
    Source,
    /// A URL without a port on a line that tells of a failure.
    FailingUrl,
    /// `host:port` anywhere.
    Elsewhere,
    /// A single-word name with a port that may be one.
    Label,
}

/// The finds in a line by the shapes programs use; only those of the first shape that matches,
/// because a line often names one peer twice (`localhost` and its address).
pub fn by_shape(line: &str, lower: &str) -> Vec<Sight> {
    for pattern in &SHAPES {
        let Some(regex) = pattern.in_line(lower) else {
            continue;
        };
        let sights: Vec<Sight> = regex
            .captures_iter(line)
            .filter_map(|captures| sight(&captures, pattern.needle, lower))
            .collect();
        if !sights.is_empty() {
            return sights;
        }
    }
    Vec::new()
}

/// Words that make a line worth reading, in lower case.
pub fn signals() -> impl Iterator<Item = &'static str> {
    SHAPES
        .iter()
        .map(|pattern| pattern.needle)
        .filter(|needle| needle.len() > 4)
}

/// The URLs and `host:port` words of a line. `tells` says whether the line tells of a failure.
pub fn by_word(line: &str, tells: bool) -> Vec<(Tier, Sight)> {
    let urls = urls(line);
    let mut sights = Vec::new();
    let mut from = 0;
    for (range, understanding) in urls {
        plain_words(&line[from..range.start], tells, &mut sights);
        from = range.end;
        let after_reference = refers_to_reading(&line[..range.start]);
        sights.extend(of_url(understanding).filter_map(|sight| {
            let tier = match &sight {
                Sight::Endpoint(target) if target.port_from == PortSource::ErrorText => {
                    if tells {
                        Tier::Failing
                    } else {
                        Tier::Elsewhere
                    }
                }
                _ if after_reference => return None,
                _ if tells => Tier::FailingUrl,
                _ => Tier::Elsewhere,
            };
            Some((tier, sight))
        }));
    }
    plain_words(&line[from..], tells, &mut sights);
    sights
}

/// The first word of a line when it is a host alone, as on the error pages of browsers
/// (`localhost refused to connect.`) in every language.
pub fn leading_host(line: &str) -> Option<Host> {
    let word = line.split_whitespace().next()?;
    if !line.trim().contains(' ') {
        return None;
    }
    let word = word.trim_end_matches("'s").trim_end_matches("’s");
    let has_capitals = word.bytes().any(|byte| byte.is_ascii_uppercase());
    let host = host_from_text(word).filter(|_| !has_capitals && !is_file_name(word))?;
    distinct(&host).then_some(host)
}

/// The first IP address of a line that stands alone.
pub fn lone_address(line: &str) -> Option<Host> {
    line.split(|character: char| {
        character.is_whitespace() || "\"'`()<>,;={}|[]/@".contains(character)
    })
    .filter(|word| word.len() > 2 && word.contains(['.', ':']))
    .map(|word| word.trim_end_matches([':', '.']))
    .filter_map(host_from_text)
    .find(|host| {
        host.literal()
            .is_some_and(|address| !address.is_unspecified())
    })
}

/// A target read from a message.
pub fn target(host: Host, port: u16) -> Target {
    Target {
        port_from: PortSource::ErrorText,
        ..Target::new(host, port)
    }
}

fn sight(captures: &regex::Captures<'_>, needle: &str, lower: &str) -> Option<Sight> {
    let group = |name: &str| captures.name(name).map(|found| found.as_str());
    if let Some(path) = group("socket") {
        return Some(Sight::Socket(path.trim_end_matches(['.', ':']).to_owned()));
    }
    if let Some(url) = group("url") {
        if let Some((_, path)) = url.split_once("://unix:") {
            return Some(Sight::Socket(path.trim_end_matches(':').to_owned()));
        }
        return of_url(url_from_text(url)?).next();
    }
    if let Some(text) = group("addr") {
        return of_addr(text, needle, lower);
    }
    let port = group("port").and_then(|port| port.parse().ok().filter(|port| *port > 0));
    let Some(host) = group("host") else {
        return port.map(Sight::Port);
    };
    if NOT_HOSTS.contains(&host.to_ascii_lowercase().as_str()) {
        return None;
    }
    let host = host_from_text(host.trim_end_matches(['.', ':']))?;
    Some(match port {
        Some(port) => Sight::Endpoint(Box::new(target(host, port))),
        None => Sight::Host(host, service(needle, lower)),
    })
}

/// An address that may be `host:port`, a host, `:port` or the path of a socket.
fn of_addr(text: &str, needle: &str, lower: &str) -> Option<Sight> {
    let text = text.trim_end_matches([':', '.']);
    if text.starts_with("\\\\") || (text.starts_with('/') && !text.contains(':')) {
        return Some(Sight::Socket(text.to_owned()));
    }
    if let Some(port) = text.strip_prefix(':').and_then(|port| port.parse().ok()) {
        return (port > 0).then_some(Sight::Port(port));
    }
    let endpoint = endpoint_from_text(text)?;
    match endpoint.port {
        Some(port) => Some(Sight::Endpoint(Box::new(target(endpoint.host, port)))),
        None if HOST_IS_ENOUGH.contains(&needle) => {
            Some(Sight::Host(endpoint.host, service(needle, lower)))
        }
        None => None,
    }
}

/// The service a message is about, when its program tells.
fn service(needle: &str, lower: &str) -> Option<&'static str> {
    match needle {
        "unable to connect to " => return Some("git"),
        "ssh " => return Some("ssh"),
        _ => {}
    }
    PROGRAMS
        .iter()
        .find(|(word, _)| lower.contains(word))
        .map(|(_, service)| *service)
}

fn of_url(understanding: Understanding) -> impl Iterator<Item = Sight> {
    let (targets, socket) = match understanding {
        Understanding::Targets { targets, .. } => (targets, None),
        Understanding::NotTcp(NotTcp::LocalSocket { path }) => {
            (Vec::new(), Some(Sight::Socket(path)))
        }
        Understanding::NotTcp(NotTcp::Udp { .. } | NotTcp::File { .. })
        | Understanding::Incomplete { .. } => (Vec::new(), None),
    };
    targets
        .into_iter()
        .map(|mut target| {
            if target.port_from == PortSource::Typed {
                target.port_from = PortSource::ErrorText;
            }
            Sight::Endpoint(Box::new(target))
        })
        .chain(socket)
}

/// Every URL of a line, with the stretch it covers: nothing inside is looked at again, so that a
/// password or path never passes for a host.
fn urls(line: &str) -> Vec<(std::ops::Range<usize>, Understanding)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = line[from..].find("://").map(|at| at + from) {
        let scheme = line[from..at]
            .bytes()
            .rev()
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"+.-:".contains(byte))
            .take(40)
            .count();
        let start = at - scheme;
        let end = line[at..]
            .find(|character: char| character.is_whitespace() || "\"<>\\`“”«»".contains(character))
            .map_or(line.len(), |length| at + length);
        let url = without_closers(&line[start..end], at - start + 3);
        let url = url.trim_start_matches(|first: char| !first.is_ascii_alphabetic());
        if let Some(understanding) = url_from_text(url) {
            found.push((start..end, understanding));
        } else {
            found.push((
                start..end,
                Understanding::NotTcp(NotTcp::File {
                    scheme: String::new(),
                }),
            ));
        }
        from = end;
    }
    found
}

/// The URL without what closes the sentence or the bracket around it.
fn without_closers(url: &str, authority: usize) -> &str {
    let end = url[authority..]
        .find(['/', '?', '#'])
        .map_or(url.len(), |length| authority + length);
    let host = url[authority..end]
        .rfind('@')
        .map_or(authority, |at| authority + at + 1);
    let cut = url[host..end]
        .find(['\'', ')', '}', '|'])
        .map_or(url.len(), |length| host + length);
    url[..cut].trim_end_matches(['.', ',', ':', ';', ')', '\''])
}

/// Whether a URL is a place to read, not the place that failed.
fn refers_to_reading(before: &str) -> bool {
    let length = before.len();
    let tail = before.get(before.floor_char_boundary(length.saturating_sub(32))..);
    let tail = tail.unwrap_or_default().to_ascii_lowercase();
    READING.iter().any(|word| tail.contains(word))
}

fn plain_words(text: &str, tells: bool, sights: &mut Vec<(Tier, Sight)>) {
    let words = text
        .split(|character: char| {
            character.is_whitespace() || "\"'`‘’“”«»()<>,;={}|\\".contains(character)
        })
        .filter(|word| word.len() > 3 && word.contains(':'));
    for word in words {
        let word = word.trim_end_matches([':', '.', '!', '?', ']']);
        let word = word.rsplit('@').next().unwrap_or(word);
        let restored = restore_bracket(word);
        if let Some(found) = endpoint_word(&restored, tells) {
            sights.push(found);
        }
    }
}

/// `[::1]:80` keeps its bracket; `[db:80` of a log does not.
fn restore_bracket(word: &str) -> String {
    match word.strip_prefix('[') {
        Some(inner) if !word.contains(']') => inner.to_owned(),
        Some(_) | None => word.to_owned(),
    }
}

fn endpoint_word(word: &str, tells: bool) -> Option<(Tier, Sight)> {
    let (name, digits) = word.rsplit_once(':')?;
    let is_port = (1..=5).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    let looks_sound = is_port
        && name.len() < 254
        && (word.starts_with('[') || name.contains('/') || !name.contains(':'))
        && !is_file_name(name);
    if !looks_sound || word.starts_with("//") {
        return None;
    }
    let endpoint = endpoint_from_text(word)?;
    let port = endpoint.port?;
    let tier = if name.contains('/') {
        Tier::Specific
    } else if distinct(&endpoint.host) {
        if tells {
            Tier::Failing
        } else {
            Tier::Elsewhere
        }
    } else if port >= 1024 && (known_port::port(port).is_some() || tells && !is_count(name)) {
        Tier::Label
    } else {
        return None;
    };
    Some((tier, Sight::Endpoint(Box::new(target(endpoint.host, port)))))
}

/// Whether a host can be told from any other word: an address, `localhost`, a dotted name.
pub fn distinct(host: &Host) -> bool {
    match host {
        Host::V4(_) | Host::V6 { .. } => true,
        Host::Name { ascii, .. } => {
            let top = ascii.rsplit('.').next().unwrap_or_default();
            ascii == "localhost"
                || (ascii.contains('.')
                    && top.len() > 1
                    && top
                        .bytes()
                        .all(|byte| byte.is_ascii_lowercase() || byte == b'-'))
                || top.starts_with("xn--")
        }
    }
}

/// `pid:2048` counts something.
fn is_count(name: &str) -> bool {
    COUNTS.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn is_file_name(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, ending)| {
        FILE_ENDINGS
            .iter()
            .any(|known| known.eq_ignore_ascii_case(ending))
    })
}

/// Words that stand before "port" without being a host.
const NOT_HOSTS: &[&str] = &[
    "on",
    "the",
    "to",
    "a",
    "an",
    "at",
    "server",
    "remote",
    "local",
    "using",
    "via",
    "and",
    "tcp",
    "udp",
    "for",
    "source",
    "destination",
    "same",
    "host",
    "this",
    "open",
    "with",
    "is",
    "from",
    "in",
    "of",
    "or",
    "your",
    "correct",
    "right",
    "service",
    "database",
    "default",
    "name",
    "http",
    "https",
    "specified",
    "target",
    "address",
    "any",
    "free",
    "available",
    "that",
    "by",
    "unix",
];

const COUNTS: &[&str] = &[
    "pid", "tid", "line", "error", "code", "errno", "id", "uid", "size", "count", "took", "offset",
    "length", "step", "epoch", "port", "exit", "status",
];

const READING: &[&str] = &[
    "see ",
    "see: ",
    "visit ",
    "learn more",
    "information",
    "documentation",
    "docs",
    "help",
    "refer to",
    "starting nmap",
    "homepage",
    "details",
    "debugging",
    "guide",
];

/// Endings of source and log files: `main.py:12` is a line number, not a port.
const FILE_ENDINGS: &[&str] = &[
    "py", "pyc", "pyx", "js", "mjs", "cjs", "jsx", "ts", "tsx", "vue", "java", "kt", "kts",
    "scala", "groovy", "clj", "rb", "erb", "go", "rs", "c", "cc", "cpp", "cxx", "h", "hpp", "m",
    "mm", "swift", "cs", "fs", "vb", "php", "pl", "pm", "sh", "bash", "ps1", "psm1", "lua", "ex",
    "exs", "erl", "hs", "ml", "dart", "r", "jl", "zig", "nim", "sql", "log", "txt", "conf", "cfg",
    "ini", "json", "yml", "yaml", "toml", "xml", "html", "css", "so", "dll", "exe", "jar", "s",
];

/// What the words of a message tell of the service behind it.
const PROGRAMS: &[(&str, &str)] = &[
    ("mysql", "mysql"),
    ("mariadb", "mysql"),
    ("(hy000)", "mysql"),
    ("psycopg", "postgresql"),
    ("psql", "postgresql"),
    ("postgres", "postgresql"),
    ("pgsql", "postgresql"),
    ("translate host name", "postgresql"),
    ("redis", "redis"),
    ("mongo", "mongodb"),
    ("sqlserver", "sqlserver"),
    ("amqp", "amqp"),
    ("kafka", "kafka"),
    ("smtp", "smtp"),
    ("memcache", "memcached"),
    ("ssh:", "ssh"),
];

/// Shapes in which an address without a port is still the peer.
const HOST_IS_ENOUGH: &[&str] = &["erver on '", "getaddrinfo e", "connect to address"];

/// How programs name the peer that failed.
static SHAPES: [Pattern; 52] = [
    // aiohttp
    Pattern::new("connect to host ", "connect to host {addr} ssl"),
    // nginx
    Pattern::new("upstream: \"", r#"upstream: "(?P<url>[^"]+)""#),
    // requests, urllib3
    Pattern::new("host='", "host='{quoted}', port={port}"),
    // asyncio
    Pattern::new(
        "connect call failed",
        r"[Cc]onnect call failed \('{quoted}', {port}",
    ),
    // undici
    Pattern::new(
        "attempted address",
        r"(?:attempted address(?:es)?:|,) {addr}",
    ),
    // Go; the resolver behind "on" is not the target
    Pattern::new("lookup ", r"\blookup {host}(?: on \S+)?: "),
    Pattern::new(
        "tcp",
        r"\b(?:dial|read|write|listen) tcp[46]? (?:\S+->)?{addr}",
    ),
    Pattern::new("dial unix", r"dial unix (?P<socket>[^\s:]+)"),
    // Node
    Pattern::new("connect e", r"connect E[A-Z]+:? {addr}"),
    Pattern::new("listen e", r"listen E[A-Z]+:? (?:[a-z ]+ )?{addr}"),
    Pattern::new("bind e", r"bind E[A-Z]+:? (?:[a-z ]+ )?{addr}"),
    Pattern::new("getaddrinfo e", r"getaddrinfo E[A-Z_]+ {addr}"),
    // PostgreSQL
    Pattern::new(
        "server at \"",
        r#"server at "{quoted}"(?: \([^)]*\))?, port {port}"#,
    ),
    Pattern::new("host name \"", r#"host name "{quoted}""#),
    Pattern::new("running on host \"", r#"running on host "{quoted}""#),
    // SQL Server's JDBC driver
    Pattern::new("to the host ", r"to the host {host}, port {port}"),
    // git
    Pattern::new("look up ", r"look up {host} \(port {port}\)"),
    Pattern::new("unable to connect to ", r"unable to connect to {host}:\s*$"),
    // bash
    Pattern::new("/dev/tcp/", "/dev/tcp/{host}/{port}"),
    // PowerShell
    Pattern::new(
        "tcp connect to (",
        r"TCP connect to \((?P<host>\S+) : {port}\)",
    ),
    Pattern::new("computername", r"^\s*ComputerName\s*: (?P<host>\S+)"),
    Pattern::new("remoteaddress", r"^\s*RemoteAddress\s*: (?P<host>\S+)"),
    Pattern::new("remoteport", r"^\s*RemotePort\s*: {port}\b"),
    // wget
    Pattern::new("|:", r"Connecting to {host} \([^)]*\)\|[^|]*\|:{port}"),
    Pattern::new("resolving ", r"Resolving {host}(?: \([^)]*\))?\.\.\. "),
    // MySQL and MariaDB
    Pattern::new("erver on '", "erver on '(?P<addr>[^'\\s]+)'"),
    Pattern::new("server host '", r"server host '{quoted}'"),
    Pattern::new("redis at ", "Redis at {addr}"),
    // curl, ssh, nc, ruby and many more: "… to HOST port 80"
    Pattern::new(
        " port ",
        r#"(?:^|[\s"'(])["']?{bare}["']?(?: \([^)]*\))?,? port:? {port}\b"#,
    ),
    Pattern::new(
        "port ",
        r#"\bport {port} (?:on|of|at) (?:the )?(?:host |server )?["']?{host}"#,
    ),
    // names that were not found
    Pattern::new(
        "resolv",
        r#"resolve (?:(?:proxy )?(?:host(?: ?name)?(?: address)?|proxy|name):? *[‘'"“]?|[‘'"“]){host}"#,
    ),
    Pattern::new("unknownhostexception: ", "UnknownHostException: {host}"),
    Pattern::new(
        "getaddrinfo for",
        r#"getaddrinfo for (?:host )?"?{host}"?(?: port {port})?"#,
    ),
    Pattern::new("bad hostname", "Bad hostname '?{host}"),
    Pattern::new("connect to address ", "connect to address {addr}"),
    // docker, and servers that could not bind
    Pattern::new("bind for ", "Bind for {addr}"),
    Pattern::new("in use", "in use:? {addr}"),
    // Kafka
    Pattern::new("connection to node", r"node -?[0-9]+ \({addr}\)"),
    // local sockets
    Pattern::new("socket ", r#"socket ["'](?P<socket>/[^"']+)["']"#),
    Pattern::new("unix:", r#"unix:/*(?P<socket>/[^\s"'?,;)]+)"#),
    Pattern::new("npipe:", r#"npipe:/*(?P<socket>//[^\s"'?,;)]+)"#),
    Pattern::new("//./pipe/", r"(?P<socket>//\./pipe/[\w.-]+)"),
    Pattern::new(r"\\.\pipe\", r"(?P<socket>\\\\\.\\pipe\\[\w.-]+)"),
    // commands pasted with their message, or instead of it
    Pattern::new("telnet ", r"\btelnet (?:-\S+ )*{bare} {port}\b"),
    Pattern::new("nc ", r"\bnc (?:-\S+ )*{bare} {port}\b"),
    Pattern::new("-port ", r"(?i)-ComputerName {bare} (?:.* )?-Port {port}\b"),
    Pattern::new(
        "-h",
        r"\b(?:psql|redis-cli|pg_[a-z]+) (?:.* )?(?:-h|--host)[ =]?{bare} (?:.* )?(?:-p|--port)[ =]?{port}\b",
    ),
    // for these, a small p takes the password
    Pattern::new(
        "-h",
        r"\b(?:mysql|mariadb)[a-z]* (?:.* )?(?:-h|--host)[ =]?{bare} (?:.* )?(?:-P|--port)[ =]?{port}\b",
    ),
    Pattern::new("ssh -p ", r"\bssh -p ?{port} (?:[^\s@]+@)?{bare}"),
    Pattern::new("ssh ", r"\bssh (?:[^\s@]+@)?{bare} -p ?{port}\b"),
    Pattern::new("ssh ", r"\bssh (?:[^\s@]+@){bare}\s*$"),
    // browsers' pages
    Pattern::new("the server at ", r"the server at {host}\.?\s*$"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_compiles() {
        for pattern in &SHAPES {
            pattern.regex();
            assert_eq!(pattern.needle, pattern.needle.to_lowercase());
        }
    }

    fn words(line: &str) -> Vec<String> {
        by_word(line, true)
            .into_iter()
            .map(|(tier, sight)| match sight {
                Sight::Endpoint(target) => format!("{tier:?} {}", target.input),
                other => format!("{tier:?} {other:?}"),
            })
            .collect()
    }

    #[test]
    fn line_numbers_times_and_versions_are_no_endpoints() {
        for line in [
            "at Net.java:672 J.java:3 app.js:10:5 node:net:1611:16",
            "2026/01/12 10:15:02 [error] 812#812: memcache.go:265]",
            "image nginx:1.25 python:3 sha256:0123456789",
            "error:10 status:404 foo::bar",
        ] {
            assert_eq!(words(line), Vec::<String>::new(), "{line}");
        }
    }

    #[test]
    fn a_url_is_taken_out_of_its_quotes_and_its_secrets_stay_behind() {
        assert_eq!(
            words("failed: (http://me:se.cret@127.0.0.1:8080/pa.th:80?x=y.z:9): refused"),
            ["Failing http://127.0.0.1:8080"]
        );
        assert_eq!(
            words("at tcp://10.77.1.10:5432. Is it running?"),
            ["Failing tcp://10.77.1.10:5432"]
        );
        assert_eq!(
            words("(see https://curl.haxx.se/libcurl/errors.html)"),
            Vec::<String>::new()
        );
        assert_eq!(
            words("url: 'postgres://u:p@db.internal/app'"),
            ["FailingUrl postgres://db.internal"]
        );
    }

    #[test]
    fn brackets_of_ipv6_are_told_from_brackets_of_logs() {
        assert_eq!(
            words("refused [::1]:8080 [10.0.0.5:80]"),
            ["Failing [::1]:8080", "Failing 10.0.0.5:80"]
        );
    }
}
