//! One typed address → the endpoints it names: `host:port`, IPv6 with zone, lists, URLs and
//! connection strings.
//!
//! Decides only what an address says. Running text with an address somewhere inside is left to
//! `pasted_error`; no regular expression is compiled on the way of a plain `host:port`.

mod cleaned;
mod host;
mod keywords;
mod url;

use std::net::{Ipv4Addr, Ipv6Addr};

pub(super) use cleaned::Cleaned;
use cleaned::Piece;
pub(super) use host::from_text as host_from_text;
pub use url::path_of_file_url;

use super::known_port;
use super::{
    AddressError, AddressProblem, Host, MOST_TARGETS, NotTcp, PortSource, Target, Understanding,
    pasted_error,
};

/// What a text is, seen as an address.
pub(super) enum Reading {
    /// An address, understood.
    Address(Understanding),
    /// Nothing at all.
    Empty,
    /// Written as an address, and wrong.
    Wrong(AddressError),
    /// Running text; the error says what is wrong if nothing is found inside.
    Prose {
        /// What to say then.
        fallback: Option<AddressError>,
    },
}

/// A host and the port beside it, if one was written.
pub(super) struct Endpoint {
    /// The machine.
    pub(super) host: Host,
    /// The port.
    pub(super) port: Option<u16>,
}

/// Longer single lines are treated as running text.
const LONGEST_ADDRESS: usize = 16 * 1024;

/// Assumed when nobody names a port.
const GUESSED_PORT: u16 = 443;

/// Reads a text as one address.
pub(super) fn read(text: &str) -> Reading {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Reading::Empty;
    }
    if trimmed.len() > LONGEST_ADDRESS || trimmed.contains('\n') {
        return Reading::Prose { fallback: None };
    }
    let cleaned = Cleaned::new(text);
    let piece = cleaned.whole().unwrapped();
    if cleaned.whole().trimmed().is_empty() {
        Reading::Empty
    } else if piece.is_empty() || pasted_error::is_bare_code(&piece) {
        Reading::Prose { fallback: None }
    } else if piece.contains(' ') {
        read_spaced(piece)
    } else {
        reading(one(piece))
    }
}

/// A host typed into a field of its own.
pub(super) fn host_alone(text: &str) -> Result<Host, AddressError> {
    let cleaned = Cleaned::new(text);
    let piece = cleaned.whole().unwrapped();
    host::parse(piece).or_else(|error| match one(piece) {
        Ok(Understanding::Targets { mut targets, .. }) => Ok(targets.swap_remove(0).host),
        Ok(Understanding::Incomplete { .. } | Understanding::NotTcp(_)) | Err(_) => Err(error),
    })
}

/// A port typed into a field of its own.
pub(super) fn port_alone(text: &str) -> Result<u16, AddressError> {
    let cleaned = Cleaned::new(text);
    let piece = cleaned.whole().unwrapped();
    let piece = piece.without_prefix(":").unwrap_or(piece).trimmed();
    if piece.is_empty() {
        return Err(piece.flaw(AddressProblem::PortMissing));
    }
    port(piece)
}

/// The endpoint in a single word of running text (`db:5432`, `[::1]:80`, `localhost/127.0.0.1:80`,
/// `::1:5432`), where a mistake means that it is none.
pub(super) fn endpoint_from_text(word: &str) -> Option<Endpoint> {
    let cleaned = Cleaned::new(word);
    let piece = cleaned.whole().unwrapped();
    if let Some((left, right)) = piece.split_at_last(':')
        && let Ok(address) = left.parse::<Ipv6Addr>()
    {
        let port = Some(port(right).ok()?);
        let host = Host::V6 {
            address,
            zone: None,
        };
        return Some(Endpoint { host, port });
    }
    if let Some(java) = socket_address_of_java(piece) {
        return Some(java);
    }
    let piece = match piece.split_at_last('@') {
        Some((_, right)) => right,
        None => piece,
    };
    endpoint(piece, None).ok()
}

/// What a URL inside running text leads to, whatever follows its authority.
pub(super) fn url_from_text(text: &str) -> Option<Understanding> {
    let cleaned = Cleaned::new(text);
    url::read(cleaned.whole())?.ok()
}

/// Targets in order, without doubles, no more than we are willing to contact.
pub(super) fn understood(targets: impl IntoIterator<Item = Target>) -> Understanding {
    let mut kept: Vec<Target> = Vec::new();
    for target in targets {
        let known = kept
            .iter()
            .any(|other| other.host == target.host && other.port == target.port);
        if !known && kept.len() < MOST_TARGETS {
            kept.push(target);
        }
    }
    Understanding::Targets {
        targets: kept,
        said: None,
    }
}

fn reading(result: Result<Understanding, AddressError>) -> Reading {
    match result {
        Ok(understanding) => Reading::Address(understanding),
        Err(error) => Reading::Wrong(error),
    }
}

/// A line with blanks: `10.0.0.5 5432`, `db : 5432`, `host=db port=5432`, or running text.
fn read_spaced(piece: Piece<'_>) -> Reading {
    if let Some(result) = keywords::read(piece) {
        return reading(result);
    }
    if url::begins_like_one(&piece) {
        let more_than_a_url =
            piece.matches("://").count() > 1 || pasted_error::said(&piece).is_some();
        return if more_than_a_url {
            Reading::Prose { fallback: None }
        } else {
            reading(one(piece))
        };
    }
    if let Some((left, right)) = host_and_port_apart(piece) {
        return reading(
            joined(left, right, None).map(|endpoint| understood([bare_target(endpoint)])),
        );
    }
    match stray_blank(piece) {
        Some(error) if is_torn(&piece) => Reading::Wrong(error),
        fallback => Reading::Prose { fallback },
    }
}

/// `10.0.0. 5:80`, `db:54 32`: a blank beside punctuation or between digits tears one word apart,
/// others part two words.
fn is_torn(text: &str) -> bool {
    const INSIDE_ADDRESSES: [char; 5] = ['.', '-', '_', '@', '/'];
    let is_digit = |character: char| character.is_ascii_digit();
    text.split_once(' ').is_some_and(|(left, right)| {
        left.ends_with(INSIDE_ADDRESSES)
            || right.starts_with(INSIDE_ADDRESSES)
            || (left.ends_with(is_digit) && right.starts_with(is_digit))
    })
}

/// `host port`, `host : port`, `"host", port`.
fn host_and_port_apart(piece: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    const NOT_HOSTS: [&str; 12] = [
        "errno", "winerror", "error", "port", "line", "http", "code", "exit", "os", "status",
        "err", "lỗi",
    ];
    let (left, right) = piece.split_at_last(' ')?;
    let left = left.trimmed();
    let left = match left.text().strip_suffix(':') {
        Some(shorter) => left.before(shorter.len()).trimmed(),
        None => left,
    };
    let right = right.without_prefix(":").unwrap_or(right);
    let left = left.unwrapped();
    let has_a_port = left.matches(':').count() == 1;
    let apart = is_digits(right.unwrapped().text())
        && !has_a_port
        && !left.is_empty()
        && !left.contains([' ', '/'])
        && !NOT_HOSTS.contains(&left.to_lowercase().as_str());
    apart.then_some((left, right))
}

/// An address with a blank in it that does not belong there.
fn stray_blank(piece: Piece<'_>) -> Option<AddressError> {
    if piece.split_whitespace().count() > 3 {
        return None;
    }
    let joined: String = piece.split_whitespace().collect();
    let cleaned = Cleaned::new(&joined);
    let Ok(Understanding::Targets { targets, .. }) = one(cleaned.whole()) else {
        return None;
    };
    let meant = targets.first()?;
    let plausible = meant.port_from == PortSource::Typed || matches!(meant.host, Host::V4(_));
    let at = piece.find(' ')?;
    plausible.then(|| AddressError {
        mend: Some(meant.input.clone()),
        ..piece.part(at..at + 1).flaw(AddressProblem::BadHostName)
    })
}

/// An address without blanks.
fn one(piece: Piece<'_>) -> Result<Understanding, AddressError> {
    if !piece.contains("://")
        && let Some(result) = keywords::read(piece)
    {
        return result;
    }
    if let Some(value) = environment_value(piece) {
        return one(value.unwrapped());
    }
    if let Some(result) = url::read(piece) {
        return result;
    }
    if let Some(result) = path(piece) {
        return result;
    }
    if let Some(endpoint) = socket_address_of_java(piece) {
        return Ok(understood([bare_target(endpoint)]));
    }
    if let Some(flaw) = wrong_separator(piece) {
        return Err(flaw);
    }
    let end = piece.find(['/', '?', '#', '\\']).unwrap_or(piece.len());
    let authority = piece.before(end);
    if let Some(prefix) = piece.after(end).text().strip_prefix('/')
        && is_digits(prefix)
        && prefix.len() <= 2
        && let Ok(Host::V4(address)) = host::parse(authority)
    {
        let mut flaw = piece.after(end).flaw(AddressProblem::BadIpv4);
        flaw.mend = Some(address.to_string());
        return Err(flaw);
    }
    match authority.split_at_last('@') {
        Some((_, location)) => match secure_shell_copy(location) {
            Some(understanding) => Ok(understanding),
            None => list(location),
        },
        None => match behind_unescaped_credentials(piece, end) {
            Some(location) => list(location),
            None => list(authority),
        },
    }
}

/// `10.0.0.5/5432`, `10.0.0.5-5432`, `10.0.0.5.5432`: a port behind something else than a colon.
fn wrong_separator(piece: Piece<'_>) -> Option<AddressError> {
    let at = piece.rfind(|character: char| !character.is_ascii_digit())?;
    let (left, right) = (piece.before(at), piece.after(at + 1));
    let problem = match piece.as_bytes()[at] {
        b'.' => AddressProblem::BadIpv4,
        b'/' | b'-' | b'_' | b'|' => AddressProblem::BadHostName,
        _ => return None,
    };
    let address: Ipv4Addr = left.parse().ok()?;
    let number = port(right).ok().filter(|number| *number > 255)?;
    let mut flaw = piece.part(at..at + 1).flaw(problem);
    flaw.mend = Some(format!("{address}:{number}"));
    Some(flaw)
}

/// The URL in `DATABASE_URL=postgres://…`.
fn environment_value(piece: Piece<'_>) -> Option<Piece<'_>> {
    let (name, value) = piece.split_at_first('=')?;
    let is_name = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (is_name && value.contains("://")).then_some(value)
}

/// What follows the last `@`, when the user or password before it contains a `/`, `?` or `#`.
fn behind_unescaped_credentials(piece: Piece<'_>, end: usize) -> Option<Piece<'_>> {
    let (_, rest) = piece.after(end).split_at_last('@')?;
    let rest = rest.before(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let location = endpoint(rest, None).ok()?;
    let authority_is_sound = endpoint(piece.before(end), None).is_ok();
    (location.port.is_some() || !authority_is_sound).then_some(rest)
}

/// `git@host:path`, as scp(1) and git write it.
fn secure_shell_copy(location: Piece<'_>) -> Option<Understanding> {
    let (machine, path) = location.split_at_first(':')?;
    let starts_a_path = path.starts_with(|first: char| !first.is_ascii_digit());
    if !starts_a_path || machine.starts_with('[') || location.matches(':').count() > 1 {
        return None;
    }
    let machine = host::parse(machine).ok()?;
    let mut target = Target::new(machine, 22);
    target.port_from = PortSource::Guess;
    Some(understood([target]))
}

/// A path of a local socket, or the network share that looks like one.
fn path(piece: Piece<'_>) -> Option<Result<Understanding, AddressError>> {
    let share = piece
        .without_prefix("\\\\")
        .or_else(|| piece.without_prefix("//"));
    match share {
        Some(share) if !share.starts_with(['.', '/']) => {
            let server = share.before(share.find(['\\', '/']).unwrap_or(share.len()));
            Some(endpoint(server, Some(445)).map(|server| {
                let mut target = Target::new(server.host, server.port.unwrap_or(445));
                if server.port.is_none() {
                    target.port_from = PortSource::Guess;
                }
                understood([target])
            }))
        }
        Some(_) => Some(Ok(local_socket(&piece))),
        None if piece.starts_with('/') && socket_address_of_java(piece).is_none() => {
            Some(Ok(local_socket(&piece)))
        }
        None => None,
    }
}

/// A socket file, shown without what could be a query.
pub(super) fn local_socket(path: &str) -> Understanding {
    let cleaned = Cleaned::new(path);
    let end = path_end(&cleaned.whole());
    let path = cleaned.whole().before(end).chars().take(256).collect();
    Understanding::NotTcp(NotTcp::LocalSocket { path })
}

fn path_end(path: &str) -> usize {
    path.find(['?', '#']).unwrap_or(path.len())
}

/// `localhost/127.0.0.1:8080` and `/10.0.0.5:8080`, as Java prints socket addresses.
fn socket_address_of_java(piece: Piece<'_>) -> Option<Endpoint> {
    let (name, location) = piece.split_at_first('/')?;
    let (address, number) = location.split_at_last(':')?;
    if location.contains('/') || !is_digits(number.text()) {
        return None;
    }
    let port = Some(port(number).ok()?);
    let literal = host::parse(address)
        .ok()
        .filter(|host| host.literal().is_some());
    let unresolved = address.text() == "<unresolved>" || address.is_empty();
    if literal.is_none() && !unresolved {
        return None;
    }
    let host = if name.is_empty() {
        literal?
    } else {
        host::parse(name).ok()?
    };
    Some(Endpoint { host, port })
}

/// One endpoint, or several between commas or semicolons.
fn list(piece: Piece<'_>) -> Result<Understanding, AddressError> {
    let piece = inside_call(piece);
    let parts: Vec<Piece<'_>> = piece
        .split_all(&[',', ';'])
        .filter(|part| !part.is_empty() && !part.contains('='))
        .collect();
    let endpoints = match parts.as_slice() {
        [only] => vec![endpoint(*only, None)?],
        [left, right] if is_digits(right.text()) => vec![around_comma(piece, *left, *right)?],
        [] => return Err(piece.flaw(AddressProblem::HostMissing)),
        _ => {
            let parts = parts.iter();
            all_or_mended(parts.map(|part| endpoint(*part, None)).collect())?
        }
    };
    Ok(understood(endpoints.into_iter().map(bare_target)))
}

/// All endpoints of a list; or the first flaw, with a mend for the whole list.
fn all_or_mended(
    results: Vec<Result<Endpoint, AddressError>>,
) -> Result<Vec<Endpoint>, AddressError> {
    let mended: Option<Vec<String>> = results
        .iter()
        .map(|result| match result {
            Ok(Endpoint { host, port: None }) => Some(in_brackets(host)),
            Ok(Endpoint {
                host,
                port: Some(port),
            }) => Some(format!("{}:{port}", in_brackets(host))),
            Err(flaw) => flaw.mend.clone(),
        })
        .collect();
    let all: Result<Vec<Endpoint>, AddressError> = results.into_iter().collect();
    all.map_err(|flaw| AddressError {
        mend: mended.map(|parts| parts.join(",")),
        ..flaw
    })
}

/// The inside of `tcp(10.0.0.5:3306)`, as Go's MySQL driver writes it.
fn inside_call(piece: Piece<'_>) -> Piece<'_> {
    match piece.without_prefix("tcp(") {
        Some(inner) => inner.before(inner.find(')').unwrap_or(inner.len())),
        None => piece,
    }
}

/// `10.0.0.5,1433` is SQL Server's way of writing a port; `192.168.1,5` is a slip.
fn around_comma(
    whole: Piece<'_>,
    left: Piece<'_>,
    right: Piece<'_>,
) -> Result<Endpoint, AddressError> {
    let as_dot = format!("{left}.{right}", left = left.text(), right = right.text());
    if let Some(meant) = host_from_text(&as_dot).filter(|host| matches!(host, Host::V4(_))) {
        let mut flaw = whole.flaw(AddressProblem::BadIpv4);
        flaw.mend = Some(meant.to_string());
        return Err(flaw);
    }
    joined(left, right, None)
}

/// Reads `host`, `host:port` or `[IPv6]:port`; `usual` is the port a mend proposes, where the service
/// is known.
fn endpoint(piece: Piece<'_>, usual: Option<u16>) -> Result<Endpoint, AddressError> {
    let piece = piece.unwrapped();
    if piece.starts_with('[') {
        return bracketed(piece, usual);
    }
    if is_digits(&piece)
        && let Ok(port) = port(piece)
    {
        let mut flaw = piece.flaw(AddressProblem::HostMissing);
        flaw.mend = Some(format!("localhost:{port}"));
        return Err(flaw);
    }
    match piece.matches(':').count() {
        0 => Ok(Endpoint {
            host: host::parse(piece)?,
            port: None,
        }),
        1 => {
            let (left, right) = piece.split_at_first(':').expect("there is one colon");
            joined(left, right, usual)
        }
        _ => with_many_colons(piece, usual),
    }
}

/// A host and a port, each in its place.
fn joined(left: Piece<'_>, right: Piece<'_>, usual: Option<u16>) -> Result<Endpoint, AddressError> {
    let right = right.unwrapped();
    let read_port = if right.is_empty() {
        Err(right.flaw(AddressProblem::PortMissing))
    } else {
        port(right)
    };
    let proposed_port = match &read_port {
        Ok(port) => Some(port.to_string()),
        Err(flaw) => flaw.mend.clone().or(usual.map(|port| port.to_string())),
    };
    let with_port = |host: String| Some(format!("{host}:{}", proposed_port.as_ref()?));
    let host = host::parse(left).map_err(|mut flaw| {
        if flaw.problem == AddressProblem::HostMissing {
            flaw.mend = Some("localhost".to_owned());
        }
        flaw.mend = flaw.mend.and_then(with_port);
        flaw
    })?;
    let port = read_port.map_err(|mut flaw| {
        flaw.mend = with_port(in_brackets(&host));
        flaw
    })?;
    Ok(Endpoint {
        host,
        port: Some(port),
    })
}

/// `[IPv6%zone]:port`.
fn bracketed(piece: Piece<'_>, usual: Option<u16>) -> Result<Endpoint, AddressError> {
    let Some(close) = piece.find(']') else {
        let inner = piece.after(1);
        let mut flaw = piece.flaw(AddressProblem::BadIpv6);
        flaw.mend =
            with_brackets(inner).or_else(|| host::parse(inner).ok().map(|host| in_brackets(&host)));
        return Err(flaw);
    };
    let (inside, tail) = (piece.part(1..close), piece.after(close + 1));
    if !inside.contains(':') {
        let mut flaw = piece.before(close + 1).flaw(AddressProblem::BadIpv6);
        flaw.mend = host::parse(inside)
            .ok()
            .map(|host| match port_behind(tail) {
                Some(port) => format!("{host}:{port}"),
                None => host.to_string(),
            });
        return Err(flaw);
    }
    if tail.is_empty() {
        return Ok(Endpoint {
            host: host::parse(inside)?,
            port: None,
        });
    }
    if let Some(port) = tail.without_prefix(":") {
        joined(inside, port, usual)
    } else {
        let mut flaw = tail.flaw(AddressProblem::PortNotANumber);
        let host = host::parse(inside)?;
        let port = port_behind(tail).or(usual);
        flaw.mend = port.map(|port| format!("{}:{port}", in_brackets(&host)));
        Err(flaw)
    }
}

fn port_behind(tail: Piece<'_>) -> Option<u16> {
    port(tail.without_prefix(":").unwrap_or(tail)).ok()
}

/// An IPv6 address without brackets, which may or may not have a port behind it.
fn with_many_colons(piece: Piece<'_>, usual: Option<u16>) -> Result<Endpoint, AddressError> {
    if let Some(mend) = with_brackets(piece) {
        let mut flaw = piece.flaw(AddressProblem::Ipv6NeedsBrackets);
        flaw.mend = Some(mend);
        return Err(flaw);
    }
    let has_its_shape = piece.contains("::") || piece.matches(':').count() > 2;
    let has_its_letters = piece
        .bytes()
        .take_while(|byte| *byte != b'%')
        .all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'));
    if has_its_shape && has_its_letters {
        let host = host::parse(piece)?;
        return Ok(Endpoint { host, port: None });
    }
    let (left, right) = piece.split_at_first(':').expect("there are colons");
    joined(left, right, usual)
}

/// `[address]:port` for an IPv6 address whose last group could well be a port.
fn with_brackets(piece: Piece<'_>) -> Option<String> {
    let (left, right) = piece.split_at_last(':')?;
    let address = host::parse(left).ok()?;
    if !matches!(address, Host::V6 { .. }) || !is_digits(&right) {
        return None;
    }
    let port = port(right).ok()?;
    let reads_two_ways = right.len() >= 4 || known_port::port(port).is_some();
    reads_two_ways.then(|| format!("[{address}]:{port}"))
}

/// Reads a port; the mend of an error is a port alone.
fn port(piece: Piece<'_>) -> Result<u16, AddressError> {
    let piece = piece.unwrapped();
    if !is_digits(&piece) {
        let mut flaw = piece.flaw(AddressProblem::PortNotANumber);
        flaw.mend = meant_port(&piece).map(|port| port.to_string());
        return Err(flaw);
    }
    let digits = piece.trim_start_matches('0');
    match digits.parse::<u16>() {
        Ok(port) => Ok(port),
        Err(_) if digits.is_empty() => Err(piece.flaw(AddressProblem::PortZero)),
        Err(_) => {
            let mut flaw = piece.flaw(AddressProblem::PortTooLarge);
            flaw.mend = (1..=5)
                .rev()
                .find_map(|length| digits.get(..length)?.parse::<u16>().ok())
                .map(|port| port.to_string());
            Err(flaw)
        }
    }
}

/// The port somebody meant by a service's name, or by letters that look like digits.
fn meant_port(text: &str) -> Option<u16> {
    if text.len() > 32 {
        return None;
    }
    if let Some(port) = known_port::port_of(&text.to_ascii_lowercase()) {
        return Some(port);
    }
    if let Some(port) = text.split(':').next().and_then(|first| first.parse().ok()) {
        return Some(port).filter(|port| *port > 0);
    }
    let digits: String = text
        .chars()
        .filter_map(|character| match character {
            'o' | 'O' => Some('0'),
            'l' | 'I' => Some('1'),
            _ => character.is_ascii_digit().then_some(character),
        })
        .collect();
    let mostly_digits = digits.len() * 2 >= text.chars().count();
    digits
        .parse()
        .ok()
        .filter(|port| mostly_digits && *port > 0)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The host as it stands before a colon.
fn in_brackets(host: &Host) -> String {
    match host {
        Host::V6 { .. } => format!("[{host}]"),
        Host::Name { .. } | Host::V4(_) => host.to_string(),
    }
}

/// The target of an endpoint without a scheme.
fn bare_target(endpoint: Endpoint) -> Target {
    if let Some(port) = endpoint.port {
        Target::new(endpoint.host, port)
    } else {
        let input = in_brackets(&endpoint.host);
        Target {
            input,
            port_from: PortSource::Guess,
            ..Target::new(endpoint.host, GUESSED_PORT)
        }
    }
}

#[cfg(test)]
mod tests;
