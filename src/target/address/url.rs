//! URLs and what goes by that name: `scheme://user:password@host:port/path`, several hosts in
//! one, `jdbc:…`, SRV schemes, Unix sockets, schemes of UDP services and of files.
//!
//! Keeps the scheme, the endpoints and what is said about TLS. User names, passwords, paths,
//! queries and fragments are looked past and never copied.

use super::cleaned::{Cleaned, Piece};
use super::{
    Endpoint, all_or_mended, endpoint, endpoint_from_text, host, in_brackets, local_socket, port,
    understood,
};
use crate::target::known_port::{self, KnownScheme, Transport};
use crate::target::{
    AddressError, AddressProblem, Host, NotTcp, PortSource, Protocol, Target, TlsMode,
    Understanding,
};

/// Reads a URL; `None` when the text does not begin with a scheme.
pub fn read(piece: Piece<'_>) -> Option<Result<Understanding, AddressError>> {
    if let Some(inner) = without_java_prefix(piece) {
        return Some(java_database(piece, inner));
    }
    let (word, rest) = split_scheme(piece)?;
    let scheme = Scheme::new(word.to_ascii_lowercase());
    Some(match scheme.known.map(|known| known.transport) {
        Some(Transport::LocalSocket) => Ok(socket_behind(rest)),
        Some(Transport::File) => Ok(Understanding::NotTcp(NotTcp::File {
            scheme: scheme.name,
        })),
        Some(Transport::Udp) => datagrams(&scheme, rest),
        Some(Transport::Tcp) | None => match split_at_repeated_scheme(piece, word) {
            Some((first, others)) => both(first, others),
            None => network(&scheme, word, rest),
        },
    })
}

/// `nats://a:4222,nats://b:4222`, where each host has its own URL.
fn split_at_repeated_scheme<'a>(
    piece: Piece<'a>,
    word: Piece<'_>,
) -> Option<(Piece<'a>, Piece<'a>)> {
    let at = piece.find(&format!(",{}://", word.text()))?;
    Some((piece.before(at), piece.after(at + 1)))
}

fn both(first: Piece<'_>, others: Piece<'_>) -> Result<Understanding, AddressError> {
    let mut all = Vec::new();
    let mut rest = Some(others);
    let mut next = first;
    loop {
        let (word, location) = split_scheme(next).expect("both begin with the scheme");
        let scheme = Scheme::new(word.to_ascii_lowercase());
        match network(&scheme, word, location)? {
            Understanding::Targets { targets, .. } => all.extend(targets),
            other => return Ok(other),
        }
        let Some(remaining) = rest else {
            return Ok(understood(all));
        };
        (next, rest) = match split_at_repeated_scheme(remaining, word) {
            Some((next, others)) => (next, Some(others)),
            None => (remaining, None),
        };
    }
}

/// Whether the text begins with a scheme and `://`.
pub fn begins_like_one(text: &str) -> bool {
    text.find("://").is_some_and(|at| {
        text[..at]
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-' | b':'))
    })
}

/// What a connection option asks of TLS.
pub fn tls_mode(key: &str, value: &str) -> Option<TlsMode> {
    let (key, value) = (key.trim(), value.trim());
    let is = |names: &[&str], text: &str| names.iter().any(|name| name.eq_ignore_ascii_case(text));
    if !is(
        &[
            "sslmode", "ssl-mode", "ssl_mode", "ssl mode", "tls", "ssl", "usessl", "encrypt",
            "secure",
        ],
        key,
    ) {
        return None;
    }
    let disable = ["disable", "disabled", "false", "0", "no", "off", "none"];
    let prefer = ["allow", "prefer", "preferred", "optional"];
    let require = [
        "require",
        "required",
        "true",
        "1",
        "yes",
        "on",
        "mandatory",
        "strict",
        "skip-verify",
    ];
    if is(&disable, value) {
        Some(TlsMode::Disable)
    } else if is(&prefer, value) {
        Some(TlsMode::Prefer)
    } else if is(&require, value) {
        Some(TlsMode::Require)
    } else {
        let verifies = value.get(..6).is_some_and(|start| is(&["verify"], start));
        verifies.then_some(TlsMode::Verify)
    }
}

/// `HOST=` and `PORT=` of a parenthesised description, as Oracle and Connector/J write them.
pub fn description(piece: Piece<'_>) -> Option<(Piece<'_>, Option<Piece<'_>>)> {
    let lower = piece.to_ascii_lowercase();
    let value = |key: &str| {
        let from = lower.find(key)? + key.len();
        let length = lower[from..].find([')', '(']).unwrap_or(lower.len() - from);
        Some(piece.part(from..from + length).trimmed())
    };
    Some((value("(host=")?, value("(port=")))
}

/// A scheme as written, and what we know of it.
struct Scheme {
    name: String,
    known: Option<KnownScheme>,
}

impl Scheme {
    fn new(name: String) -> Self {
        let inner = name.strip_prefix("jdbc:").unwrap_or(&name);
        let known = known_port::scheme(inner.split(':').next().unwrap_or(inner));
        Self { name, known }
    }

    fn service(&self) -> &'static str {
        self.known.map_or("", |known| known.service)
    }

    fn is_web(&self) -> bool {
        matches!(self.service(), "http" | "https")
    }

    fn default_port(&self) -> Option<u16> {
        self.known.and_then(|known| known.port)
    }

    /// The target for an endpoint under this scheme; the port must be known by now.
    fn target(&self, endpoint: Endpoint, tls: Option<TlsMode>) -> Option<Target> {
        let port = endpoint.port.or(self.default_port())?;
        let mut target = Target::new(endpoint.host, port);
        target.input = match endpoint.port {
            Some(_) => self.before(&target.endpoint()),
            None => self.before(&in_brackets(&target.host)),
        };
        if endpoint.port.is_none() {
            target.port_from = PortSource::Scheme;
        }
        if let Some(known) = self.known {
            if !known.service.is_empty() {
                target.service = Some(known.service.to_owned());
            }
            if !known.service.is_empty() || known.protocol != Protocol::ListenOnly {
                target.protocol = known.protocol;
            }
        }
        target.srv = self
            .name
            .strip_suffix("+srv")
            .map(|service| format!("_{service}._tcp"));
        let encrypts = match tls {
            Some(TlsMode::Require | TlsMode::Verify) => true,
            Some(TlsMode::Disable | TlsMode::Prefer) => false,
            None => target.srv.is_some(),
        };
        // MongoDB and Redis speak TLS from the first byte; SQL databases ask for it in band.
        if encrypts && matches!(self.service(), "mongodb" | "redis") {
            target.protocol = Protocol::Tls;
        }
        target.protocol = known_port::guarded(port, target.protocol);
        target.tls = tls;
        target.scheme = Some(self.name.clone());
        Some(target)
    }

    /// A URL of this scheme with nothing but its authority.
    fn before(&self, authority: &str) -> String {
        match self.service() {
            "oracle" => format!("{}:@//{authority}", self.name),
            _ => format!("{}://{authority}", self.name),
        }
    }

    fn prefix_mend(&self, mut flaw: AddressError) -> AddressError {
        let has_default = self.default_port().is_some();
        flaw.mend = flaw.mend.map(|mend| {
            let complete = mend.split(',').map(|part| {
                let port = endpoint_from_text(part).and_then(|found| found.port);
                if port.is_some() || has_default {
                    part.to_owned()
                } else {
                    format!("{part}:443")
                }
            });
            self.before(&complete.collect::<Vec<_>>().join(","))
        });
        flaw
    }
}

/// The scheme and what follows it, slips in the `://` forgiven for schemes we know.
fn split_scheme(piece: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let end = piece.find(|character: char| {
        !(character.is_ascii_alphanumeric() || matches!(character, '+' | '.' | '-'))
    })?;
    let (word, rest) = (piece.before(end), piece.after(end));
    if !word.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return None;
    }
    if let Some(rest) = rest.without_prefix("://") {
        return Some((word, rest));
    }
    let known = known_port::scheme(&word.to_ascii_lowercase())?;
    let slips: &[&str] = match known.transport {
        Transport::Tcp => &[":\\\\", ":/", ";//", "//"],
        Transport::LocalSocket | Transport::File | Transport::Udp => &[],
    };
    if let Some(rest) = slips.iter().find_map(|slip| rest.without_prefix(slip)) {
        return Some((word, rest));
    }
    let rest = rest.without_prefix(":")?;
    // A machine may be called redis, and even file.
    let is_a_port = match known.transport {
        Transport::Tcp | Transport::Udp => {
            let after = rest.trim_start_matches(|digit: char| digit.is_ascii_digit());
            after.len() < rest.len() && !after.starts_with(['.', ':'])
        }
        Transport::LocalSocket | Transport::File => rest.bytes().all(|byte| byte.is_ascii_digit()),
    };
    (!rest.is_empty() && !is_a_port).then_some((word, rest))
}

/// A URL whose authority names TCP endpoints.
fn network(
    scheme: &Scheme,
    word: Piece<'_>,
    rest: Piece<'_>,
) -> Result<Understanding, AddressError> {
    let (authority, tail) = split_authority(scheme, rest);
    let options = if scheme.is_web() {
        Options::default()
    } else {
        Options::read(tail)
    };
    if let Some(socket) = options.socket.filter(|_| scheme.service() == "mysql") {
        return Ok(local_socket(&decoded(&socket)));
    }
    if authority.is_empty() {
        return without_authority(scheme, rest, &options);
    }
    let usual = scheme.default_port();
    let parts: Vec<Piece<'_>> = authority
        .split_all(&[','])
        .filter(|part| !part.is_empty())
        .collect();
    let mut endpoints = Vec::new();
    for part in &parts {
        endpoints.push(match authority_part(scheme, *part, usual) {
            Ok(Location::Network(endpoint)) => Ok(endpoint),
            Ok(Location::Socket(path)) => return Ok(local_socket(&path)),
            Err(flaw) => Err(flaw),
        });
    }
    let endpoints = all_or_mended(endpoints).map_err(|flaw| scheme.prefix_mend(flaw))?;
    let mut targets = Vec::new();
    for (endpoint, part) in endpoints.into_iter().zip(parts) {
        let host = in_brackets(&endpoint.host);
        match scheme.target(endpoint, options.tls) {
            Some(target) => targets.push(target),
            None => return Err(port_unknown(scheme, word, part, &host)),
        }
    }
    if targets.is_empty() {
        return Err(scheme.host_missing(authority));
    }
    Ok(understood(targets))
}

/// The scheme has no default port, and the URL names none.
fn port_unknown(scheme: &Scheme, word: Piece<'_>, part: Piece<'_>, host: &str) -> AddressError {
    if scheme.known.is_some() {
        let mut flaw = part.flaw(AddressProblem::PortMissing);
        flaw.mend = Some(scheme.before(&format!("{host}:443")));
        return flaw;
    }
    let meant = known_port::similar_scheme(&scheme.name).unwrap_or("https");
    let mut flaw = word.flaw(AddressProblem::UnknownScheme);
    flaw.mend = Some(format!("{meant}://{host}"));
    flaw
}

impl Scheme {
    fn host_missing(&self, at: Piece<'_>) -> AddressError {
        let mut flaw = at.flaw(AddressProblem::HostMissing);
        flaw.mend = Some(match self.default_port() {
            Some(_) => self.before("localhost"),
            None => self.before("localhost:8080"),
        });
        flaw
    }
}

/// `postgresql:///db?host=db1&port=5433`: libpq takes the host from the query.
fn without_authority(
    scheme: &Scheme,
    rest: Piece<'_>,
    options: &Options<'_>,
) -> Result<Understanding, AddressError> {
    let Some(host) = options.host else {
        return Err(scheme.host_missing(rest.before(0)));
    };
    let host = decoded(&host);
    if host.starts_with('/') {
        return Ok(local_socket(&host));
    }
    let endpoint = Endpoint {
        host: host::from_text(&host).ok_or_else(|| scheme.host_missing(rest.before(0)))?,
        port: options.port.map(port).transpose()?,
    };
    scheme
        .target(endpoint, options.tls)
        .map(|target| understood([target]))
        .ok_or_else(|| scheme.host_missing(rest.before(0)))
}

/// Splits behind the authority and takes the credentials off its front.
fn split_authority<'a>(scheme: &Scheme, rest: Piece<'a>) -> (Piece<'a>, Piece<'a>) {
    let ends: &[char] = match scheme.service() {
        // An instance follows a backslash, options follow a semicolon.
        "sqlserver" => &['/', '?', '#', ';'],
        _ => &['/', '?', '#', '\\'],
    };
    let end = rest.find(ends).unwrap_or(rest.len());
    let (authority, tail) = (rest.before(end), rest.after(end));
    if let Some((_, location)) = authority.split_at_last('@') {
        return (location, tail);
    }
    // No credentials here, yet an @ further on: a password with an unescaped slash, unless this
    // is a web address, whose paths may contain an @.
    let query = if scheme.is_web() {
        rest.len()
    } else {
        rest.find('?').unwrap_or(rest.len())
    };
    let sound = endpoint(authority.before(authority.find(',').unwrap_or(end)), None).is_ok();
    let search = if sound {
        rest.before(query.max(end))
    } else {
        rest
    };
    match search.rfind('@') {
        Some(at) if at > end && !(scheme.is_web() && sound) => {
            let location = rest.after(at + 1);
            let end = location.find(ends).unwrap_or(location.len());
            (location.before(end), location.after(end))
        }
        _ => (authority, tail),
    }
}

enum Location {
    Network(Endpoint),
    Socket(String),
}

/// One host of an authority, percent signs decoded.
fn authority_part(
    scheme: &Scheme,
    part: Piece<'_>,
    usual: Option<u16>,
) -> Result<Location, AddressError> {
    if scheme.service() == "sqlserver"
        && let Some((machine, instance)) = part.split_at_first('\\')
    {
        let number = instance.split_at_first(':').map(|(_, number)| port(number));
        return Ok(Location::Network(Endpoint {
            host: host::parse(machine)?,
            port: number.transpose()?,
        }));
    }
    if !part.contains('%') || part.starts_with('[') || part.matches(':').count() > 1 {
        return endpoint(part, usual).map(Location::Network);
    }
    let plain = decoded(&part);
    if plain.starts_with('/') {
        return Ok(Location::Socket(plain));
    }
    let cleaned = Cleaned::new(&plain);
    endpoint(cleaned.whole(), usual)
        .map(Location::Network)
        .map_err(|error| AddressError {
            mend: error.mend,
            ..part.flaw(error.problem)
        })
}

/// The few options that matter to reaching a server.
#[derive(Default)]
struct Options<'a> {
    tls: Option<TlsMode>,
    host: Option<Piece<'a>>,
    port: Option<Piece<'a>>,
    socket: Option<Piece<'a>>,
}

impl<'a> Options<'a> {
    fn read(tail: Piece<'a>) -> Self {
        let mut options = Self::default();
        let Some(start) = tail.find(['?', ';']) else {
            return options;
        };
        let query = tail.after(start + 1);
        let query = query.before(query.find('#').unwrap_or(query.len()));
        for option in query.split_all(&['&', ';']) {
            let Some((key, value)) = option.split_at_first('=') else {
                continue;
            };
            match key.text() {
                "host" | "hostaddr" | "serverName" => options.host = Some(value),
                "port" | "portNumber" => options.port = Some(value),
                "unix_socket" | "unixSocket" | "socket" => options.socket = Some(value),
                _ => options.tls = options.tls.or_else(|| tls_mode(&key, &value)),
            }
        }
        options
    }
}

/// The path that a `file:` URL names, as it is copied from a file manager (RFC 8089).
#[must_use]
pub fn path_of_file_url(url: &str) -> Option<String> {
    let rest = url.strip_prefix("file://")?;
    let path = decoded(rest.strip_prefix("localhost").unwrap_or(rest));
    // A drive of Windows: `/C:/reports`.
    let is_drive = |path: &str| {
        let [b'/', letter, b':', ..] = path.as_bytes() else {
            return false;
        };
        letter.is_ascii_alphabetic()
    };
    Some(if is_drive(&path) {
        path[1..].to_owned()
    } else {
        path
    })
}

/// Percent signs resolved; bytes that are no UTF-8 become replacement characters.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escape = (*first == b'%')
            .then(|| tail.get(..2))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let Some(byte) = escape {
            bytes.push(byte);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// `unix:///run/x.sock`, `npipe:////./pipe/x`, `http+unix://%2Frun%2Fx.sock/path`.
fn socket_behind(rest: Piece<'_>) -> Understanding {
    let rest = match rest.split_at_last('@') {
        Some((user, path)) if !user.is_empty() => path,
        Some(_) | None => rest,
    };
    if rest.to_ascii_lowercase().starts_with("%2f") {
        let end = rest.find('/').unwrap_or(rest.len());
        return local_socket(&decoded(&rest.before(end)));
    }
    local_socket(&rest)
}

/// A service that TCP does not reach.
fn datagrams(scheme: &Scheme, rest: Piece<'_>) -> Result<Understanding, AddressError> {
    let (authority, _) = split_authority(scheme, rest);
    let usual = scheme.default_port().unwrap_or(53);
    let endpoint = if authority.is_empty() {
        None
    } else {
        Some(endpoint(authority, Some(usual)).map_err(|flaw| scheme.prefix_mend(flaw))?)
    };
    let written = endpoint.as_ref().and_then(|endpoint| endpoint.port);
    let host: Option<Host> = endpoint.map(|endpoint| endpoint.host);
    let Some(port) = written.or(scheme.default_port()) else {
        let mut flaw = authority.flaw(AddressProblem::PortMissing);
        let host = host.as_ref().map_or("localhost".to_owned(), in_brackets);
        flaw.mend = Some(scheme.before(&format!("{host}:{usual}")));
        return Err(flaw);
    };
    let service = match scheme.service() {
        "" => known_port::port(port).map_or("udp", |known| known.service),
        service => service,
    };
    Ok(Understanding::NotTcp(NotTcp::Udp {
        host,
        port,
        service: service.to_owned(),
    }))
}

fn without_java_prefix(piece: Piece<'_>) -> Option<Piece<'_>> {
    let (prefix, inner) = piece.split_at_first(':')?;
    let is_java = prefix.eq_ignore_ascii_case("jdbc") || prefix.eq_ignore_ascii_case("r2dbc");
    // A machine may be called jdbc.
    let is_port = inner.starts_with(|first: char| first.is_ascii_digit());
    (is_java && !is_port).then_some(inner)
}

/// What follows `jdbc:`.
fn java_database(whole: Piece<'_>, inner: Piece<'_>) -> Result<Understanding, AddressError> {
    let base_end = inner.find(':').unwrap_or(inner.len());
    let base = inner.before(base_end);
    let name = base.to_ascii_lowercase();
    if name == "oracle" {
        return oracle(inner);
    }
    let scheme = Scheme::new(format!("jdbc:{name}"));
    let embedded = match name.as_str() {
        "h2" | "hsqldb" | "derby" => !inner.contains("//"),
        _ => scheme
            .known
            .is_some_and(|known| known.transport == Transport::File),
    };
    if embedded {
        return Ok(Understanding::NotTcp(NotTcp::File {
            scheme: scheme.name,
        }));
    }
    if let Some((host, number)) = description(inner) {
        return described(&scheme, host, number);
    }
    match inner.find("//") {
        Some(at) => network(&scheme, base, inner.after(at + 2)),
        None if scheme.known.is_some() => Err(scheme.host_missing(inner.after(inner.len()))),
        None => {
            let mut flaw = whole.flaw(AddressProblem::UnknownScheme);
            flaw.mend = Some("jdbc:postgresql://localhost".to_owned());
            Err(flaw)
        }
    }
}

/// `jdbc:oracle:thin:user/password@//host:1521/service` and its older forms.
fn oracle(inner: Piece<'_>) -> Result<Understanding, AddressError> {
    let driver = match inner.split(':').nth(1) {
        Some("oci") => "oci",
        _ => "thin",
    };
    let scheme = Scheme {
        name: format!("jdbc:oracle:{driver}"),
        known: known_port::scheme("oracle"),
    };
    let Some((_, location)) = inner.split_at_last('@') else {
        return Err(scheme.host_missing(inner.after(inner.len())));
    };
    if let Some((host, number)) = description(location) {
        return described(&scheme, host, number);
    }
    let location = match location.find("//") {
        Some(at) => location.after(at + 2),
        None => location,
    };
    let end = location.find(['/', '?']).unwrap_or(location.len());
    let location = location.before(end);
    // host:port:sid
    let location = match location.match_indices(':').nth(1) {
        Some((at, _)) if !location.starts_with('[') => location.before(at),
        Some(_) | None => location,
    };
    if location.is_empty() {
        return Err(scheme.host_missing(location));
    }
    let endpoint = endpoint(location, Some(1521)).map_err(|flaw| scheme.prefix_mend(flaw))?;
    let target = scheme.target(endpoint, None);
    Ok(understood(target))
}

fn described(
    scheme: &Scheme,
    host: Piece<'_>,
    number: Option<Piece<'_>>,
) -> Result<Understanding, AddressError> {
    let host = host::parse(host).map_err(|flaw| scheme.prefix_mend(flaw))?;
    let port = number.map(port).transpose().map_err(|mut flaw| {
        flaw.mend = flaw
            .mend
            .map(|port| scheme.before(&format!("{}:{port}", in_brackets(&host))));
        flaw
    })?;
    let endpoint = Endpoint { host, port };
    Ok(understood(scheme.target(endpoint, None)))
}
