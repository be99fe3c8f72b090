//! Names: the system's resolver, and direct questions to the DNS servers it is configured with.
//!
//! What the system's resolver says is what the person's programs see, so it alone decides where
//! we connect. A direct question knows neither the hosts file nor search domains; it is asked to
//! tell *why* the system has no answer, and for SRV records, for which systems have no resolver.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::proto::op::{Message, Query, ResponseCode};
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use hickory_resolver::system_conf::read_system_conf;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

use super::bytes::start_of;
use crate::evidence::{DirectAnswer, DnsAnswer, Fact, Gap, Lookup, LookupOutcome, Os};
use crate::platform::socket;

/// One SRV record (RFC 2782).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SrvRecord {
    /// The host: a plain name in ASCII, without the final dot.
    pub host: String,
    /// The port, never 0.
    pub port: u16,
    /// The lower, the earlier it is tried.
    pub priority: u16,
    /// The higher, the likelier it is chosen among equals.
    pub weight: u16,
}

/// Asks the system's resolver.
///
/// getaddrinfo(3) cannot be interrupted: it runs on a thread of its own, which is left to itself
/// when `limit` is over or the future is dropped, and never delays the end of the program.
pub(super) async fn resolve(os: Os, host: &str, port: u16, limit: Duration) -> Lookup {
    let start = Instant::now();
    let (answer, answered) = oneshot::channel();
    let name = host.to_owned();
    let asker = std::thread::Builder::new().name("ketnoi-resolver".to_owned());
    let begun = asker.spawn(move || {
        // Nobody may be waiting any more.
        let _ = answer.send(socket::lookup(os, &name, port));
    });
    let outcome = match begun {
        Ok(_left_to_itself) => match timeout(limit, answered).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => LookupOutcome::Failed { eai_code: 0 },
            Err(_elapsed) => LookupOutcome::TimedOut,
        },
        Err(_no_thread) => LookupOutcome::Failed { eai_code: 0 },
    };
    Lookup {
        outcome,
        took: start.elapsed(),
    }
}

/// The DNS servers of the system's configuration, in its order.
pub(super) fn configured_servers() -> Fact<Vec<SocketAddr>> {
    let config = match read_system_conf() {
        Ok((config, _)) => config,
        Err(error) => {
            return Fact::Unknown(Gap::Unreadable {
                what: start_of(error.to_string().as_bytes()),
            });
        }
    };
    let mut servers: Vec<SocketAddr> = Vec::new();
    for server in config.name_servers() {
        let port = server.connections.first().map_or(53, |c| c.port);
        let addr = SocketAddr::new(server.ip, port);
        if !servers.contains(&addr) {
            servers.push(addr);
        }
    }
    Fact::Known(servers)
}

/// Asks one server for the IPv4 and IPv6 addresses of `name`, both at once.
pub(super) async fn ask_for_addresses(
    server: SocketAddr,
    name: &str,
    limit: Duration,
) -> DirectAnswer {
    let start = Instant::now();
    let (v4, v6) = tokio::join!(
        ask(server, name, RecordType::A, limit),
        ask(server, name, RecordType::AAAA, limit)
    );
    DirectAnswer {
        server: Some(server),
        answer: both(v4.data.map(addresses), v6.data.map(addresses)),
        aliases: if v4.aliases.is_empty() {
            v6.aliases
        } else {
            v4.aliases
        },
        took: start.elapsed(),
    }
}

/// Asks the servers for SRV records, in their order; the first that has any decides.
pub(super) async fn srv(
    servers: Fact<Vec<SocketAddr>>,
    question: &str,
    limit: Duration,
) -> Result<Vec<SrvRecord>, Fact<Vec<DirectAnswer>>> {
    let servers = match servers {
        Fact::Known(servers) => servers,
        Fact::Unknown(gap) => return Err(Fact::Unknown(gap)),
    };
    let mut answers = Vec::new();
    for server in servers {
        let start = Instant::now();
        let asked = ask(server, question, RecordType::SRV, limit).await;
        let answer = match asked.data {
            Ok(records) => match srv_records(&records) {
                found if !found.is_empty() => return Ok(found),
                _ => DnsAnswer::NoRecords,
            },
            Err(answer) => answer,
        };
        answers.push(DirectAnswer {
            server: Some(server),
            answer,
            aliases: asked.aliases,
            took: start.elapsed(),
        });
    }
    Err(Fact::Known(answers))
}

/// What one server answered to one question.
struct Answer {
    /// The data of the records of the kind that was asked for, or why there are none.
    data: Result<Vec<RData>, DnsAnswer>,
    /// As in [`DirectAnswer::aliases`].
    aliases: Vec<String>,
}

impl Answer {
    fn without_records(why: DnsAnswer) -> Self {
        Self {
            data: Err(why),
            aliases: Vec::new(),
        }
    }
}

/// One question to one server.
async fn ask(server: SocketAddr, name: &str, kind: RecordType, limit: Duration) -> Answer {
    // Resolvers answer "no such name" to a name that DNS cannot carry; so do we.
    let Ok(mut name) = Name::from_ascii(name) else {
        return Answer::without_records(DnsAnswer::NxDomain);
    };
    name.set_fqdn(true);
    let query = Query::query(name.clone(), kind);
    let mut question = Message::query();
    question.metadata.recursion_desired = true;
    question.add_query(query.clone());
    let bytes = question
        .to_vec()
        .expect("a question with one name can be written");
    let asked = async {
        let answer = over_udp(server, &bytes, &question).await?;
        if answer.metadata.truncation {
            over_tcp(server, &bytes, &question).await
        } else {
            Ok(answer)
        }
    };
    match timeout(limit, asked).await {
        Err(_elapsed) => Answer::without_records(DnsAnswer::Silent),
        Ok(Err(_)) => Answer::without_records(DnsAnswer::Unreachable),
        Ok(Ok(answer)) => Answer {
            data: records(&answer, kind),
            aliases: aliases(&answer, name),
        },
    }
}

/// The names that `name` leads to. They come from the network: what is no plain name is escaped.
fn aliases(answer: &Message, mut name: Name) -> Vec<String> {
    let mut aliases = Vec::new();
    let alias_of = |name: &Name| {
        let mut of_name = answer.answers.iter().filter(|record| record.name == *name);
        of_name.find_map(|record| match &record.data {
            RData::CNAME(alias) => Some(alias.0.clone()),
            _ => None,
        })
    };
    while let Some(alias) = alias_of(&name)
        && aliases.len() < MOST_ALIASES
    {
        let text = alias.to_ascii().to_ascii_lowercase();
        aliases.push(start_of(text.trim_end_matches('.').as_bytes()));
        name = alias;
    }
    aliases
}

fn records(answer: &Message, kind: RecordType) -> Result<Vec<RData>, DnsAnswer> {
    match answer.metadata.response_code {
        ResponseCode::NoError => {}
        ResponseCode::NXDomain => return Err(DnsAnswer::NxDomain),
        ResponseCode::ServFail => return Err(DnsAnswer::ServerFailure),
        ResponseCode::Refused => return Err(DnsAnswer::Refused),
        other => return Err(DnsAnswer::OtherCode(other.into())),
    }
    let found = answer.answers.iter().map(|record| &record.data);
    let found: Vec<_> = found.filter(|d| d.record_type() == kind).cloned().collect();
    if found.is_empty() {
        return Err(DnsAnswer::NoRecords);
    }
    Ok(found)
}

/// Sends the question, and once more when no answer comes; returns the first fitting answer.
async fn over_udp(server: SocketAddr, bytes: &[u8], question: &Message) -> io::Result<Message> {
    let any = match server {
        SocketAddr::V4(_) => SocketAddr::from(([0; 4], 0)),
        SocketAddr::V6(_) => SocketAddr::from(([0; 16], 0)),
    };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(server).await?;
    socket.send(bytes).await?;
    let mut buffer = [0; MOST_UDP_BYTES];
    let mut repeated = false;
    loop {
        let received = if repeated {
            socket.recv(&mut buffer).await
        } else if let Ok(received) = timeout(REPEAT_AFTER, socket.recv(&mut buffer)).await {
            received
        } else {
            repeated = true;
            socket.send(bytes).await?;
            continue;
        };
        if let Some(answer) = fitting(&buffer[..received?], question) {
            return Ok(answer);
        }
    }
}

/// Asks again where a long answer fits (RFC 7766).
async fn over_tcp(server: SocketAddr, bytes: &[u8], question: &Message) -> io::Result<Message> {
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(bytes.len()).expect("a question is short");
    stream.write_u16(length).await?;
    stream.write_all(bytes).await?;
    let mut answer = vec![0; stream.read_u16().await?.into()];
    stream.read_exact(&mut answer).await?;
    fitting(&answer, question).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// The message, when it answers this very question.
fn fitting(bytes: &[u8], question: &Message) -> Option<Message> {
    let answer = Message::from_vec(bytes).ok()?;
    let fits = answer.metadata.id == question.metadata.id
        && (answer.queries.is_empty() || answer.queries == question.queries);
    fits.then_some(answer)
}

fn addresses(records: Vec<RData>) -> Vec<IpAddr> {
    let ip = |data| match data {
        RData::A(a) => Some(IpAddr::V4(a.0)),
        RData::AAAA(aaaa) => Some(IpAddr::V6(aaaa.0)),
        _ => None,
    };
    records.into_iter().filter_map(ip).collect()
}

/// The answers for both families as one: addresses if any, else the one that says most.
fn both(v4: Result<Vec<IpAddr>, DnsAnswer>, v6: Result<Vec<IpAddr>, DnsAnswer>) -> DnsAnswer {
    match (v4, v6) {
        (Ok(mut v4), Ok(v6)) => {
            v4.extend(v6);
            DnsAnswer::Addresses(v4)
        }
        (Ok(some), Err(_)) | (Err(_), Ok(some)) => DnsAnswer::Addresses(some),
        (Err(v4), Err(v6)) if says_most(&v6) < says_most(&v4) => v6,
        (Err(v4), Err(_)) => v4,
    }
}

/// The lower, the more an answer says.
fn says_most(answer: &DnsAnswer) -> u8 {
    match answer {
        DnsAnswer::Addresses(_) => 0,
        DnsAnswer::NoRecords => 1,
        DnsAnswer::NxDomain => 2,
        DnsAnswer::ServerFailure => 3,
        DnsAnswer::Refused => 4,
        DnsAnswer::OtherCode(_) => 5,
        DnsAnswer::Unreachable => 6,
        DnsAnswer::Silent => 7,
    }
}

/// The usable records, the best first. Names come from the network: only plain ones pass.
fn srv_records(records: &[RData]) -> Vec<SrvRecord> {
    let usable = |data: &RData| {
        let RData::SRV(srv) = data else { return None };
        let host = srv.target.to_ascii().to_ascii_lowercase();
        let host = host.trim_end_matches('.');
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let is_usable = srv.port != 0 && !host.is_empty() && host.chars().all(is_plain);
        is_usable.then(|| SrvRecord {
            host: host.to_owned(),
            port: srv.port,
            priority: srv.priority,
            weight: srv.weight,
        })
    };
    let mut usable: Vec<_> = records.iter().filter_map(usable).collect();
    usable.sort_by(|a, b| (a.priority, b.weight, &a.host).cmp(&(b.priority, a.weight, &b.host)));
    usable
}

/// What fits a UDP answer to a question that offers no more (RFC 1035, 4.2.1), and then some.
const MOST_UDP_BYTES: usize = 4096;

/// More would be a loop, or a server that makes fun of us; resolvers give up there too.
const MOST_ALIASES: usize = 8;

/// A datagram may be lost.
const REPEAT_AFTER: Duration = Duration::from_millis(700);

#[cfg(test)]
mod tests {
    use super::*;
    use hickory_resolver::proto::rr::Record;
    use hickory_resolver::proto::rr::rdata::CNAME;

    fn name(text: &str) -> Name {
        Name::from_ascii(text).unwrap()
    }

    fn answer(records: &[(&str, &str)]) -> Message {
        let mut answer = Message::query();
        for (of, alias) in records {
            let data = RData::CNAME(CNAME(name(alias)));
            answer.add_answer(Record::from_rdata(name(of), 60, data));
        }
        answer
    }

    #[test]
    fn aliases_are_followed_in_their_order_whatever_the_order_of_the_records() {
        let answer = answer(&[
            ("b.test.", "c.test."),
            ("WWW.test.", "b.Test."),
            ("other.test.", "z.test."),
        ]);
        assert_eq!(aliases(&answer, name("www.test.")), ["b.test", "c.test"]);
        assert_eq!(aliases(&answer, name("c.test.")), [] as [&str; 0]);
    }

    #[test]
    fn aliases_that_lead_in_a_circle_come_to_an_end() {
        let circle = answer(&[("a.test.", "b.test."), ("b.test.", "a.test.")]);
        assert_eq!(aliases(&circle, name("a.test.")).len(), MOST_ALIASES);
    }

    #[test]
    fn an_alias_that_is_no_plain_name_is_escaped() {
        let mut odd = answer(&[]);
        let label: &[u8] = b"a\x1b[31m\xff";
        let alias = Name::from_labels([label, b"test"]).unwrap();
        odd.add_answer(Record::from_rdata(
            name("www.test."),
            60,
            RData::CNAME(CNAME(alias)),
        ));
        let [shown] = &aliases(&odd, name("www.test."))[..] else {
            panic!("one alias");
        };
        assert!(shown.bytes().all(|byte| byte.is_ascii_graphic()), "{shown}");
    }
}
