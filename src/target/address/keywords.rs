//! Connection strings made of `key=value`: libpq's (`host=a,b port=5432,5433`), ADO.NET's
//! (`Server=tcp:db,1433;…`) and PDO's (`mysql:host=db;port=3306`).
//!
//! Only the host, the port and the TLS mode are looked at; users, passwords and the rest are
//! stepped over.

use super::cleaned::Piece;
use super::{Endpoint, endpoint, host, local_socket, port, understood, url};
use crate::target::known_port;
use crate::target::{
    AddressError, AddressProblem, Host, PortSource, Target, TlsMode, Understanding,
};

/// Reads a connection string; `None` when the text is none.
pub fn read(piece: Piece<'_>) -> Option<Result<Understanding, AddressError>> {
    if !piece.contains('=') {
        return None;
    }
    let (prefix, body) = data_source_prefix(piece);
    let pairs = if piece.contains(';') {
        between_semicolons(body)?
    } else {
        between_blanks(body)?
    };
    let settings = Settings::of(&pairs);
    if settings.hosts.is_none() && settings.ports.is_none() {
        return None;
    }
    let service = match prefix {
        Some(prefix) => known_port::scheme(prefix.text()).map(|known| known.service),
        None => Some(settings.usual_service()),
    };
    Some(settings.targets(piece, service))
}

struct Pair<'a> {
    key: String,
    value: Piece<'a>,
}

/// PDO's `mysql:` in front of the keys.
fn data_source_prefix(piece: Piece<'_>) -> (Option<Piece<'_>>, Piece<'_>) {
    match piece.split_at_first(':') {
        Some((prefix, body))
            if !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_alphabetic()) =>
        {
            (Some(prefix), body)
        }
        Some(_) | None => (None, piece),
    }
}

fn between_semicolons(piece: Piece<'_>) -> Option<Vec<Pair<'_>>> {
    piece
        .split_all(&[';'])
        .filter(|part| !part.trimmed().is_empty())
        .map(|part| {
            let (key, value) = part.split_at_first('=')?;
            pair(key, value.trimmed())
        })
        .collect()
}

fn between_blanks(piece: Piece<'_>) -> Option<Vec<Pair<'_>>> {
    let mut pairs = Vec::new();
    let mut rest = piece.trimmed();
    while !rest.is_empty() {
        let (key, value) = rest.split_at_first('=')?;
        if key.trimmed().contains(' ') {
            return None;
        }
        let value = value.trimmed();
        let end = match value.without_prefix("'") {
            Some(quoted) => end_of_quoted(&quoted) + 1,
            None => value.find(' ').unwrap_or(value.len()),
        };
        pairs.push(pair(key, value.before(end))?);
        rest = value.after(end).trimmed();
        rest = rest.without_prefix("'").unwrap_or(rest).trimmed();
    }
    Some(pairs)
}

/// Where a quoted value ends; a backslash protects the character behind it.
fn end_of_quoted(text: &str) -> usize {
    let mut protected = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if protected => protected = false,
            '\\' => protected = true,
            '\'' => return at,
            _ => {}
        }
    }
    text.len()
}

fn pair<'a>(key: Piece<'a>, value: Piece<'a>) -> Option<Pair<'a>> {
    let key = key.trimmed().to_ascii_lowercase();
    let is_key = !key.is_empty()
        && key
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || " _-.".contains(character));
    is_key.then_some(Pair { key, value })
}

#[derive(Default)]
struct Settings<'a> {
    hosts: Option<Piece<'a>>,
    ports: Option<Piece<'a>>,
    tls: Option<TlsMode>,
    names_server: bool,
    names_uid: bool,
}

impl<'a> Settings<'a> {
    fn of(pairs: &[Pair<'a>]) -> Self {
        let mut settings = Self::default();
        for pair in pairs {
            match pair.key.as_str() {
                "server" | "data source" | "datasource" | "address" | "addr"
                | "network address" => {
                    settings.hosts = Some(pair.value);
                    settings.names_server = true;
                }
                "uid" => settings.names_uid = true,
                "host" => settings.hosts = Some(pair.value),
                key if key.ends_with("host") || key == "hostaddr" || key == "hostname" => {
                    settings.hosts = settings.hosts.or(Some(pair.value));
                }
                "unix_socket" => settings.hosts = Some(pair.value),
                key if key.ends_with("port") => settings.ports = Some(pair.value),
                key => settings.tls = settings.tls.or_else(|| url::tls_mode(key, &pair.value)),
            }
        }
        settings
    }

    fn usual_service(&self) -> &'static str {
        match (self.names_server, self.names_uid) {
            (true, true) => "mysql",
            (true, false) => "sqlserver",
            (false, _) => "postgresql",
        }
    }

    fn targets(
        self,
        whole: Piece<'_>,
        service: Option<&str>,
    ) -> Result<Understanding, AddressError> {
        let ports: Vec<Piece<'_>> = self
            .ports
            .map(|ports| ports.split_all(&[',']).collect())
            .unwrap_or_default();
        let Some(hosts) = self.hosts.filter(|hosts| !hosts.unwrapped().is_empty()) else {
            let mut flaw = whole.flaw(AddressProblem::HostMissing);
            let number = ports.first().and_then(|text| port(*text).ok());
            flaw.mend = Some(match number {
                Some(number) => format!("host=localhost port={number}"),
                None => "host=localhost".to_owned(),
            });
            return Err(flaw);
        };
        let machines: Vec<Piece<'_>> = if self.names_server {
            vec![hosts]
        } else {
            hosts.split_all(&[',']).collect()
        };
        let mut targets = Vec::new();
        for (index, part) in machines.iter().enumerate() {
            let Some(mut endpoint) = location(*part)? else {
                return Ok(local_socket(&part.unwrapped()));
            };
            let number = ports.get(index).or(ports.first());
            if let Some(number) = number.filter(|number| !number.trimmed().is_empty()) {
                endpoint.port = Some(port(*number).map_err(|flaw| beside(&endpoint.host, flaw))?);
            }
            targets.push(target(endpoint, service, self.tls));
        }
        Ok(understood(targets))
    }
}

fn beside(host: &Host, mut flaw: AddressError) -> AddressError {
    flaw.mend = flaw.mend.map(|port| format!("host={host} port={port}"));
    flaw
}

/// The endpoint of a host value; `None` when it is a local socket.
fn location(part: Piece<'_>) -> Result<Option<Endpoint>, AddressError> {
    let part = part.trimmed();
    let part = part.without_prefix("'").unwrap_or(part);
    if part.starts_with(['/', '@']) || part.starts_with("\\\\") || part.starts_with("np:") {
        return Ok(None);
    }
    let part = part.without_prefix("tcp:").unwrap_or(part);
    if matches!(part.text(), "." | "(local)") {
        let host = host::from_text("localhost").expect("localhost is a name");
        return Ok(Some(Endpoint { host, port: None }));
    }
    let (machine, number) = match part.split_at_first(',') {
        Some((machine, number)) => (machine, Some(number)),
        None => (part, None),
    };
    let machine = machine.before(machine.find('\\').unwrap_or(machine.len()));
    let mut found = match host::parse(machine) {
        Ok(host) => Endpoint { host, port: None },
        Err(_) => endpoint(machine, None)?,
    };
    if let Some(number) = number {
        found.port = Some(port(number).map_err(|flaw| beside(&found.host, flaw))?);
    }
    Ok(Some(found))
}

fn target(endpoint: Endpoint, service: Option<&str>, tls: Option<TlsMode>) -> Target {
    let usual = service.and_then(known_port::port_of).unwrap_or(443);
    let mut target = Target::new(endpoint.host, endpoint.port.unwrap_or(usual));
    if endpoint.port.is_none() {
        target.port_from = PortSource::Guess;
        target.input = target.host.to_string();
    }
    if target.service.is_none() {
        target.service = service.map(str::to_owned);
    }
    target.tls = tls;
    target
}
