//! A pasted error message or stack trace → the endpoints it is about and what it said.
//!
//! Collects what each line names (`endpoint`, `source_line`) and says (`said`), then chooses: the
//! peer a program names as failed wins over an address on a failing line, that over a call in the
//! source code, that over an address somewhere else. What is read of a long text is in `excerpt`.

mod detail;
mod endpoint;
mod excerpt;
mod pattern;
mod said;
mod source_line;

use super::{
    Host, PortSource, Said, SaidDetail, SaidKind, Target, Understanding, address, known_port,
};
use endpoint::{Sight, Tier};
use excerpt::{excerpt, without_colours};
use said::{Clue, Trust};

/// A host and a port this many lines apart may belong together.
const REACH: usize = 4;

/// So many hosts are looked at for a port of their own.
const MOST_HALVES: usize = 200;

/// Reads a pasted text; `None` when it is neither about a failure nor names an endpoint.
pub(super) fn read(text: &str) -> Option<Understanding> {
    let text = without_colours(text);
    let lines = excerpt(&text);
    let mut notes = Notes::default();
    for (index, line) in lines.iter().enumerate() {
        notes.take(index, line);
    }
    notes.join_halves();
    notes.understanding(&lines)
}

/// What an error message said, when the text is one.
///
/// [`super::understand`] says it too; this is for texts that turn out to be about a local socket.
#[must_use]
pub fn said(text: &str) -> Option<Said> {
    let text = without_colours(text);
    excerpt(&text)
        .into_iter()
        .filter_map(|line| said::clue(line, &line.to_ascii_lowercase()))
        .filter(|clue| clue.trust < Trust::Marker)
        .min_by_key(|clue| clue.trust)
        .map(|clue| clue.said)
}

/// Whether a word is an error's code or the name of an exception, and so no host.
pub(super) fn is_bare_code(word: &str) -> bool {
    let word = word.trim_end_matches([':', ';']);
    let word = word.strip_prefix("net::").unwrap_or(word);
    let has_capitals = word.bytes().any(|byte| byte.is_ascii_uppercase());
    has_capitals
        && (word.ends_with("Error")
            || word.ends_with("Exception")
            || said::meaning_of_symbol(word).is_some())
}

/// A find, and the line it is on.
struct Note {
    line: usize,
    tier: Tier,
    sight: Sight,
}

#[derive(Default)]
struct Notes {
    finds: Vec<Note>,
    clues: Vec<(usize, Clue)>,
    detail: Option<SaidDetail>,
    /// PostgreSQL turned the client away with TLS as well.
    refused_with_tls: bool,
    leading_host: Option<Host>,
    lone_address: Option<Host>,
}

impl Notes {
    fn take(&mut self, index: usize, line: &str) {
        let lower = line.to_ascii_lowercase();
        let clue = said::clue(line, &lower);
        let tells = clue.is_some();
        let by_shape = endpoint::by_shape(line, &lower)
            .into_iter()
            .map(|sight| (Tier::Specific, sight));
        let by_word = endpoint::by_word(line, tells);
        let in_source = source_line::in_line(line, &lower)
            .into_iter()
            .map(|sight| (Tier::Source, sight));
        let finds = by_shape.chain(by_word).chain(in_source);
        self.finds.extend(finds.map(|(tier, sight)| Note {
            line: index,
            tier,
            sight,
        }));
        if self.leading_host.is_none() {
            self.leading_host = endpoint::leading_host(line);
        }
        if tells && self.lone_address.is_none() {
            self.lone_address = endpoint::lone_address(line);
        }
        self.clues.extend(clue.map(|clue| (index, clue)));
        self.detail = self.detail.or_else(|| detail::in_line(&lower));
        self.refused_with_tls |= detail::refuses_with_tls(&lower);
    }

    /// Brings together a host and a port named apart: on one line, or a few lines away.
    fn join_halves(&mut self) {
        let mut ports: Vec<(usize, u16)> = Vec::new();
        for note in &self.finds {
            if let Sight::Port(port) = note.sight
                && ports.len() < MOST_HALVES
            {
                ports.push((note.line, port));
            }
        }
        let halves = self.finds.iter_mut().filter_map(|note| match &note.sight {
            Sight::Host(host, _) => Some((host.clone(), note)),
            Sight::Endpoint(_) | Sight::Port(_) | Sight::Socket(_) => None,
        });
        for (host, note) in halves.take(MOST_HALVES) {
            let nearest = (0..ports.len())
                .filter(|index| ports[*index].0.abs_diff(note.line) <= REACH)
                .min_by_key(|index| {
                    let line = ports[*index].0;
                    (line.abs_diff(note.line), line < note.line)
                });
            if let Some(index) = nearest {
                let (_, port) = ports.remove(index);
                note.sight = Sight::Endpoint(Box::new(endpoint::target(host, port)));
            }
        }
    }

    fn understanding(self, lines: &[&str]) -> Option<Understanding> {
        if let Some(found) = self.targets(&[Tier::Specific]) {
            return Some(found);
        }
        let socket = self.finds.iter().find_map(|note| match &note.sight {
            Sight::Socket(path) => Some(path),
            Sight::Endpoint(_) | Sight::Host(..) | Sight::Port(_) => None,
        });
        if let Some(path) = socket {
            return Some(address::local_socket(path));
        }
        if let Some((host, service)) = self.host(Tier::Specific) {
            return Some(self.about_host(host, service));
        }
        if let Some(found) = self.targets(&[Tier::Failing, Tier::Source]) {
            return Some(found);
        }
        if let Some(target) = source_line::by_assignment(lines) {
            return Some(self.all([&target]));
        }
        self.targets(&[Tier::FailingUrl, Tier::Elsewhere, Tier::Label])
            .or_else(|| self.incomplete())
    }

    /// The targets of the first tier that has any.
    fn targets(&self, tiers: &[Tier]) -> Option<Understanding> {
        tiers.iter().find_map(|wanted| {
            let mut targets = self
                .endpoints()
                .filter(|(tier, _)| tier == wanted)
                .map(|(_, target)| target)
                .peekable();
            targets.peek().is_some().then(|| self.all(targets))
        })
    }

    fn endpoints(&self) -> impl Iterator<Item = (Tier, &Target)> + Clone {
        self.finds.iter().filter_map(|note| match &note.sight {
            Sight::Endpoint(target) => Some((note.tier, target.as_ref())),
            Sight::Host(..) | Sight::Port(_) | Sight::Socket(_) => None,
        })
    }

    /// The first host of a tier that found no port.
    fn host(&self, wanted: Tier) -> Option<(&Host, Option<&'static str>)> {
        self.finds.iter().find_map(|note| match &note.sight {
            Sight::Host(host, service) if note.tier == wanted => Some((host, *service)),
            Sight::Host(..) | Sight::Endpoint(_) | Sight::Port(_) | Sight::Socket(_) => None,
        })
    }

    /// These targets and what was said, first of all on the line of the first target.
    fn all<'a>(&self, targets: impl IntoIterator<Item = &'a Target>) -> Understanding {
        let understood = address::understood(targets.into_iter().cloned());
        let Understanding::Targets { mut targets, .. } = understood else {
            return understood;
        };
        for target in &mut targets {
            if let Some(fuller) = self.as_url(target) {
                *target = fuller.clone();
            }
        }
        let said = self.said_of(targets.first());
        if said.is_none() {
            // No error, only addresses among words: as good as typed.
            for target in &mut targets {
                if target.port_from == PortSource::ErrorText {
                    target.port_from = PortSource::Typed;
                }
            }
        }
        Understanding::Targets { targets, said }
    }

    /// The same endpoint as a URL elsewhere in the text names it, which knows more.
    fn as_url(&self, target: &Target) -> Option<&Target> {
        let same = |other: &&Target| other.host == target.host && other.port == target.port;
        let mut urls = self.endpoints().map(|(_, other)| other).filter(same);
        urls.find(|other| other.scheme.is_some())
    }

    fn said_of(&self, target: Option<&Target>) -> Option<Said> {
        let line = self.finds.iter().find_map(|note| match &note.sight {
            Sight::Endpoint(found) if target.is_some_and(|target| same(target, found)) => {
                Some(note.line)
            }
            Sight::Endpoint(_) | Sight::Host(..) | Sight::Port(_) | Sight::Socket(_) => None,
        });
        let beside = self
            .clues
            .iter()
            .find(|(at, clue)| Some(*at) == line && clue.trust < Trust::Hidden)
            .map(|(_, clue)| clue.said.kind);
        self.clues
            .iter()
            .map(|(_, clue)| clue)
            .filter(|clue| beside.is_none_or(|kind| clue.said.kind == kind))
            .min_by_key(|clue| clue.trust)
            .map(|clue| Said {
                detail: self.detail.filter(|detail| {
                    !(self.refused_with_tls && *detail == SaidDetail::TlsDemanded)
                }),
                ..clue.said.clone()
            })
    }

    /// A message about a name, without its port: another line may tell it, or the program.
    fn about_host(&self, host: &Host, service: Option<&'static str>) -> Understanding {
        let mut elsewhere = self
            .endpoints()
            .map(|(_, target)| target)
            .filter(|target| target.host == *host)
            .peekable();
        if elsewhere.peek().is_some() {
            return self.all(elsewhere);
        }
        let said = self.said_of(None);
        match service.and_then(known_port::port_of) {
            Some(port) => Understanding::Targets {
                targets: vec![Target {
                    port_from: PortSource::Guess,
                    input: host.to_string(),
                    service: service.map(str::to_owned),
                    ..Target::new(host.clone(), port)
                }],
                said,
            },
            None => Understanding::Incomplete {
                host: Some(host.clone()),
                port: None,
                said: said.unwrap_or(NOTHING_SAID),
            },
        }
    }

    /// A failure without an address, or with half of one.
    fn incomplete(self) -> Option<Understanding> {
        let said = self.said_of(None)?;
        let page = self
            .clues
            .iter()
            .any(|(_, clue)| clue.trust < Trust::Marker);
        let host = self
            .host(Tier::Source)
            .map(|(host, _)| host.clone())
            .or(self.leading_host.filter(|_| page))
            .or(self.lone_address);
        let port = self.finds.iter().find_map(|note| match note.sight {
            Sight::Port(port) => Some(port),
            Sight::Endpoint(_) | Sight::Host(..) | Sight::Socket(_) => None,
        });
        Some(match (host, port) {
            (Some(host), Some(port)) => Understanding::Targets {
                targets: vec![endpoint::target(host, port)],
                said: Some(said),
            },
            (host, port) => Understanding::Incomplete { host, port, said },
        })
    }
}

const NOTHING_SAID: Said = Said {
    kind: SaidKind::Other,
    code: None,
    detail: None,
};

fn same(left: &Target, right: &Target) -> bool {
    left.host == right.host && left.port == right.port
}
