//! Hosts and ports in the source code that a traceback quotes or a person pastes along:
//! `s.connect(("127.0.0.1", 8080))`, `net.connect(5432, 'db')`, `new Socket("db", 5432)`, objects
//! and assignments that name a host and a port.
//!
//! Reads the shapes that many languages share; it is no parser of any of them.

use super::endpoint::{Sight, distinct, target};
use super::pattern::Pattern;
use crate::target::Target;
use crate::target::address::{endpoint_from_text, host_from_text};

/// The endpoints and their halves in one line of source code.
pub fn in_line(line: &str, lower: &str) -> Vec<Sight> {
    let mut sights = in_call(line, lower);
    if sights.is_empty() {
        sights.extend(halves(line, lower));
    }
    sights
}

/// The endpoint of a call whose arguments are names (`s.connect((HOST, PORT))`), looked up in the
/// assignments among the lines.
pub fn by_assignment(lines: &[&str]) -> Option<Target> {
    let (first, second) = lines.iter().find_map(|line| {
        let lower = line.to_ascii_lowercase();
        if !is_call(&lower) {
            return None;
        }
        let captures = NAMED_CALL.regex().captures(line)?;
        Some((captures.get(1)?.as_str(), captures.get(2)?.as_str()))
    })?;
    let host_of = |argument: &str| match unquoted(argument) {
        Some(text) => host_from_text(text),
        None => value_of(argument, lines).and_then(|value| host_from_text(unquoted(value)?)),
    };
    let port_of = |argument: &str| match argument.parse::<u16>() {
        Ok(port) => Some(port),
        Err(_) => value_of(argument, lines).and_then(leading_number),
    };
    let pair = |host: &str, port: &str| Some((host_of(host)?, port_of(port)?));
    let (host, port) = pair(first, second).or_else(|| pair(second, first))?;
    (port > 0).then(|| target(host, port))
}

/// Calls with a host and a port among their arguments.
fn in_call(line: &str, lower: &str) -> Vec<Sight> {
    if !is_call(lower) {
        return Vec::new();
    }
    [&HOST_THEN_PORT, &PORT_THEN_HOST]
        .into_iter()
        .flat_map(|pattern| pattern.regex().captures_iter(line))
        .filter_map(|captures| {
            let host = host_from_text(captures.name("host")?.as_str())?;
            let port = captures.name("port")?.as_str().parse().ok()?;
            (port > 0).then(|| Sight::Endpoint(Box::new(target(host, port))))
        })
        .collect()
}

/// `host: 'db'`, `PORT = 5432`: what names only one half.
fn halves(line: &str, lower: &str) -> Vec<Sight> {
    let mut sights = Vec::new();
    for pattern in [&NAMED_HOST, &NAMED_ADDRESS] {
        let Some(regex) = pattern.in_line(lower) else {
            continue;
        };
        for captures in regex.captures_iter(line) {
            let Some((whole, host)) = captures.get(0).zip(captures.name("host")) else {
                continue;
            };
            let is_prose = whole.as_str().ends_with(&format!(": {}", host.as_str()))
                && !line[..whole.start()]
                    .trim_matches([' ', '\t', '-', '{'])
                    .is_empty();
            if let Some(sight) = half_or_whole(host.as_str())
                && (!is_prose || names_clearly(&sight))
            {
                sights.push(sight);
            }
        }
    }
    if let Some(regex) = NAMED_PORT.in_line(lower) {
        sights.extend(regex.captures_iter(line).filter_map(|captures| {
            let port = captures.name("port")?.as_str().parse().ok()?;
            (port > 0).then_some(Sight::Port(port))
        }));
    }
    sights
}

/// The value of a key called host: a host, or an endpoint as in `Host: localhost:8080`.
fn half_or_whole(text: &str) -> Option<Sight> {
    if let Some(host) = host_from_text(text) {
        return Some(Sight::Host(host, None));
    }
    let endpoint = endpoint_from_text(text)?;
    Some(Sight::Endpoint(Box::new(target(
        endpoint.host,
        endpoint.port?,
    ))))
}

/// `remote host: Connection refused` names no host called Connection.
fn names_clearly(sight: &Sight) -> bool {
    match sight {
        Sight::Host(host, _) => distinct(host),
        Sight::Endpoint(_) | Sight::Port(_) | Sight::Socket(_) => true,
    }
}

fn is_call(lower: &str) -> bool {
    lower.contains('(') && CALLS.iter().any(|word| lower.contains(word))
}

/// What is assigned to a name, on any of the lines.
fn value_of<'a>(name: &str, lines: &[&'a str]) -> Option<&'a str> {
    let bare = name.rsplit('.').next().filter(|bare| !bare.is_empty())?;
    lines.iter().find_map(|line| {
        let at = line.find(bare)?;
        let stands_alone = !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let after = &line[at + bare.len()..];
        let equals = after.find('=')?;
        let declaration = after[..equals].trim_end_matches(':').trim();
        let is_assignment = declaration.is_empty() || declaration.starts_with(':');
        let value = after[equals + 1..].trim_start();
        (stands_alone && is_assignment && !value.starts_with('=')).then_some(value)
    })
}

/// The text between the quotes at the beginning.
fn unquoted(text: &str) -> Option<&str> {
    let quote = text
        .chars()
        .next()
        .filter(|first| matches!(first, '"' | '\'' | '`'))?;
    text[1..].split(quote).next()
}

fn leading_number(text: &str) -> Option<u16> {
    let text = text.trim_start_matches(['"', '\'']);
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    text[..length].parse().ok()
}

/// Words of calls that open connections, in lower case.
const CALLS: &[&str] = &[
    "connect",
    "fsock",
    "socket",
    "dial",
    "client",
    "inetsocketaddress",
    "redis",
    "mysqli",
    "smtp",
    "imap",
    "ftp",
    "ldap",
    "telnet",
    "tcp",
    "server_address",
    "httplib",
    "jedis",
    "tunnel",
    "listen",
    "bind",
];

static HOST_THEN_PORT: Pattern = Pattern::new(
    ",",
    r#"["'`](?P<host>[^"'`\s]+)["'`]\s*,\s*(?:port\s*[=:]\s*)?(?P<port>[0-9]{1,5})\b"#,
);

static PORT_THEN_HOST: Pattern = Pattern::new(
    ",",
    r#"[cC]onnect(?:ion)?\(\s*(?P<port>[0-9]{1,5})\s*,\s*["'`](?P<host>[^"'`\s]+)["'`]"#,
);

static NAMED_CALL: Pattern = Pattern::new(
    "(",
    r#"\(\s*([A-Za-z_][\w.]*|"[^"]*"|'[^']*')\s*,\s*([A-Za-z_][\w.]*|[0-9]{1,5}|'[^']*'|"[^"]*")\s*[,)]"#,
);

static NAMED_HOST: Pattern = Pattern::new(
    "host",
    r#"(?:(?:^|[^A-Za-z])(?:[Hh]ost(?:[Nn]ame)?|HOST(?:NAME)?)|[a-z]Host(?:[Nn]ame)?)["']?\s*(?::\s*&?(?:'static )?[A-Za-z]\w*\s*=|=>|:=|=|:)\s*["'`]?(?P<host>[^\s"'`,;(){}]+)"#,
);

static NAMED_ADDRESS: Pattern = Pattern::new(
    "address",
    r#"(?:^|[^A-Za-z])["']?address["']?:\s*["'](?P<host>[^\s"']+)["']"#,
);

static NAMED_PORT: Pattern = Pattern::new(
    "port",
    r#"(?:(?:^|[^A-Za-z])(?:[Pp]ort|PORT)|(?:erver|emote|db|ysql|edis)Port)["']?\s*(?::\s*&?(?:'static )?[A-Za-z]\w*\s*=|=>|:=|=|:|\s)\s*["'`]?(?P<port>[0-9]{1,5})\b"#,
);

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(line: &str) -> Vec<String> {
        in_line(line, &line.to_ascii_lowercase())
            .into_iter()
            .map(|sight| match sight {
                Sight::Endpoint(target) => target.endpoint(),
                Sight::Host(host, _) => format!("{host}:?"),
                Sight::Port(port) => format!("?:{port}"),
                Sight::Socket(path) => path,
            })
            .collect()
    }

    #[test]
    fn calls_of_many_languages_name_their_endpoint() {
        for (line, expected) in [
            (r#"    s.connect(("127.0.0.1", 8080))"#, "127.0.0.1:8080"),
            (
                "sock = socket.create_connection(('db', 5432), timeout=3)",
                "db:5432",
            ),
            ("const s = net.connect(5432, 'db');", "db:5432"),
            ("net.createConnection(6379, \"cache\")", "cache:6379"),
            (
                r#"Socket s = new Socket("localhost", 8080);"#,
                "localhost:8080",
            ),
            (
                r#"new InetSocketAddress("10.0.0.5", 1433)"#,
                "10.0.0.5:1433",
            ),
            (r#"var c = new TcpClient("db", 5432);"#, "db:5432"),
            (r#"$fp = fsockopen("db", 3306, $errno);"#, "db:3306"),
            ("TCPSocket.new('db', 5432)", "db:5432"),
            (
                "net.createConnection({ host: 'db', port: 5432 })",
                "db:5432",
            ),
            ("redis.Redis(host=\"db\", port=6379)", "db:6379"),
            (r#"TcpStream::connect(("::1", 8080))"#, "[::1]:8080"),
        ] {
            assert_eq!(seen(line), [expected], "{line}");
        }
    }

    #[test]
    fn keys_name_one_half_each() {
        for (line, expected) in [
            ("{ port: 5432, host: 'db' }", vec!["db:?", "?:5432"]),
            ("  address: '10.77.1.10',", vec!["10.77.1.10:?"]),
            ("  port: 5432", vec!["?:5432"]),
            ("const PORT: u16 = 8080;", vec!["?:8080"]),
            ("DB_HOST=db.internal", vec!["db.internal:?"]),
            ("Host: localhost:8080", vec!["localhost:8080"]),
        ] {
            assert_eq!(seen(line), expected, "{line}");
        }
        for line in [
            "export 5",
            "transport: 7",
            "localPort: 50000",
            "ghost: x",
            "localhost: x",
        ] {
            assert_eq!(seen(line), Vec::<String>::new(), "{line}");
        }
    }

    #[test]
    fn names_in_a_call_are_looked_up() {
        for lines in [
            vec![
                "HOST = '127.0.0.1'",
                "PORT = 8080",
                "s.connect((HOST, PORT))",
            ],
            vec!["addr = \"127.0.0.1\"  # here", "s.connect((addr, 8080))"],
            vec!["int where = 8080;", "new Socket(\"127.0.0.1\", where);"],
            vec![
                "net.connect(p, h)",
                "const h = '127.0.0.1';",
                "const p = 8080",
            ],
        ] {
            let found = by_assignment(&lines);
            assert_eq!(found.unwrap().endpoint(), "127.0.0.1:8080", "{lines:?}");
        }
    }
}
