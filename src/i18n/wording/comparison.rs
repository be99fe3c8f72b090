//! Before and after in words: how it went, what that says of the fix, and each question with both
//! its answers.

use super::{Wording, chain, list};
use crate::advice::Advice;
use crate::advice::Place;
use crate::case::Tried;
use crate::case::comparison::{
    Answer, Caveat, Change, Comparison, Course, Row, Says, Suspect, Topic,
};
use crate::evidence::{About, DirectAnswer, DnsAnswer, Fact, Os, RouteTo, Spoke, printable};
use crate::i18n::texts::{ComparisonTexts, CourseTexts, SuspectTexts};

/// A question with both its answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowWords {
    /// What was asked.
    pub question: String,
    /// The earlier answer.
    pub before: String,
    /// The later one.
    pub after: String,
}

impl Wording<'_> {
    /// How the later test ended beside the earlier, as a title.
    #[must_use]
    pub fn course_title(&self, course: Course) -> &'static str {
        of_course(&self.comparison().course, course)
    }

    /// The same as a sentence.
    #[must_use]
    pub fn course_meaning(&self, course: Course) -> &'static str {
        of_course(&self.comparison().meaning, course)
    }

    /// What was tried, as the title of its advice.
    #[must_use]
    pub fn tried(&self, tried: &Tried) -> String {
        self.advice_title(&Advice {
            kind: tried.kind.clone(),
            place: tried.place,
            fixes: Vec::new(),
        })
    }

    /// What the two tests say of what was tried; nothing where nothing was, or nothing follows.
    #[must_use]
    pub fn insight(&self, comparison: &Comparison<'_>) -> Option<String> {
        let words = &self.comparison().insight;
        let tried = comparison.tried?;
        let Some(insight) = comparison.insight else {
            let in_vain = matches!(comparison.course, Course::SameCause | Course::Unchanged);
            return in_vain.then(|| words.untold.clone());
        };
        Some(match insight.says {
            Says::Mended => words.mended.clone(),
            Says::SomethingElse => words.something_else.clone(),
            Says::Unseen if tried.place == Place::Here => words.unseen_here.clone(),
            Says::Unseen => words.unseen_elsewhere.clone(),
            Says::NoEffect => self.of_suspect(&words.no_effect, insight.suspect),
            Says::RuledOut => self.of_suspect(&words.ruled_out, insight.suspect),
        })
    }

    /// Only a firewall that still stops the port is named.
    fn of_suspect(&self, words: &SuspectTexts, suspect: Suspect) -> String {
        let mut firewall = "";
        let words = match suspect {
            Suspect::Firewall(kind) => {
                firewall = kind.map_or("", Self::firewall_name);
                &words.firewall
            }
            Suspect::OutboundRules => &words.outbound_rules,
            Suspect::Service => &words.service,
            Suspect::Binding => &words.binding,
            Suspect::Program => &words.program,
            Suspect::HostsFile => &words.hosts_file,
            Suspect::Resolvers => &words.resolvers,
            Suspect::Vpn => &words.vpn,
            Suspect::Link => &words.link,
            Suspect::Proxy => &words.proxy,
            Suspect::Certificate => &words.certificate,
        };
        words.fill(&[
            ("firewall", &firewall),
            ("host", &self.host()),
            ("endpoint", &self.endpoint()),
            ("port", &self.target.port),
        ])
    }

    /// The heading of so many questions whose answers changed, or did not.
    #[must_use]
    pub fn change(&self, change: Change, count: usize) -> String {
        let words = self.comparison();
        match change {
            Change::Changed => words.changed.clone(),
            Change::Same => words.same.fill(count),
            Change::AskedOnce => words.asked_once.fill(count),
        }
    }

    /// In what the two tests were not the same.
    #[must_use]
    pub fn caveat(&self, caveat: Caveat) -> &'static str {
        let words = &self.comparison().caveat;
        match caveat {
            Caveat::OtherMachine => &words.other_machine,
            Caveat::OtherAddresses => &words.other_addresses,
            Caveat::OtherWay => &words.other_way,
            Caveat::OtherPatience => &words.other_patience,
            Caveat::OtherConnects => &words.other_connects,
        }
    }

    /// A question with both its answers. Where their words are the same and they are not, the
    /// system's own names tell them apart.
    #[must_use]
    pub fn row(&self, row: &Row<'_>, os: Os) -> RowWords {
        let (mut before, mut after) = (self.answer(row, &row.before), self.answer(row, &row.after));
        if before == after && row.change == Change::Changed {
            before = self.with_raw(before, &row.before, os);
            after = self.with_raw(after, &row.after, os);
        }
        RowWords {
            question: self.topic(&row.topic),
            before,
            after,
        }
    }

    fn with_raw(&self, words: String, answer: &Answer<'_>, os: Os) -> String {
        let raw = match answer {
            Answer::Attempt(attempt) => Self::raw_outcome(attempt, os),
            _ => String::new(),
        };
        if raw.is_empty() {
            return words;
        }
        let template = &self.comparison().answer.raw;
        template.fill(&[("words", &words), ("raw", &raw)])
    }

    fn topic(&self, topic: &Topic) -> String {
        let words = &self.comparison().topic;
        match topic {
            Topic::Lookup => self.about(&About::Name(self.target.host.to_string())),
            Topic::DnsServer(Some(server)) => self.about(&About::DnsServer(*server)),
            Topic::DnsServer(None) => self.dns_server(None).into_owned(),
            Topic::HostsFile => words.hosts_file.clone(),
            Topic::Resolvers => words.resolvers.clone(),
            Topic::Proxy(source) => {
                let source = self.proxy_source(*source);
                words.proxy.fill(&[("source", &source)])
            }
            Topic::ProxyTest(Some(addr)) => self.about(&About::Proxy(*addr)),
            Topic::ProxyTest(None) => words.proxy_test.clone(),
            Topic::Route(ip) => words.route.fill(&[("ip", ip)]),
            Topic::Neighbour(ip) => words.neighbour.fill(&[("ip", ip)]),
            Topic::Ping(ip) => self.about(&About::Ping(*ip)),
            Topic::Connect(addr) => self.about(&About::Connect(*addr)),
            Topic::Repeats(addr) => self.about(&About::Repeats(*addr)),
            Topic::Reference(addr) => self.about(&About::Reference(*addr)),
            Topic::Exchange {
                addr,
                small_segments: true,
                ..
            } => self.about(&About::Repeated(*addr)),
            Topic::Exchange { addr, spoke, .. } => self.about(&match spoke {
                Spoke::Nothing => About::Greeting(*addr),
                Spoke::TlsHello | Spoke::LargeTlsHello => About::Tls(*addr),
                Spoke::HttpGet | Spoke::HttpsGet => About::Http(*addr),
                Spoke::PostgresSslRequest | Spoke::RedisPing => About::FirstQuestion(*addr),
            }),
            Topic::Listeners => words.listeners.fill(&[("port", &self.target.port)]),
            Topic::Listener(addr) => words.listener.fill(&[("addr", addr)]),
            Topic::Firewalls => words.firewalls.clone(),
            Topic::Firewall(kind) => Self::firewall_name(*kind).to_owned(),
            Topic::Outbound(addr) => words.outbound.fill(&[("addr", addr)]),
        }
    }

    fn answer(&self, row: &Row<'_>, answer: &Answer<'_>) -> String {
        let words = &self.comparison().answer;
        match answer {
            Answer::NotAsked => words.not_asked.clone(),
            Answer::Unknown(gap) => self.gap(gap),
            Answer::Nothing => match row.topic {
                Topic::Listeners | Topic::Listener(_) => words.nobody.clone(),
                _ => words.none.clone(),
            },
            Answer::Lookup(lookup) => self.lookup(lookup),
            Answer::Dns(answer) => self.dns_answer(answer),
            Answer::Addresses(ips) => list(ips),
            Answer::Route(route) => self.route(route),
            Answer::Presence(true) => words.there.clone(),
            Answer::Presence(false) => words.away.clone(),
            Answer::Attempt(attempt) => self.outcome(attempt).to_owned(),
            Answer::Repeats { connected, total } => words
                .repeats
                .fill(&[("connected", connected), ("total", total)]),
            Answer::Exchange(exchange) => self.heard(exchange),
            Answer::Listener(listener) => self.listener_owner(listener),
            Answer::Firewall(firewall) => self.firewall_state(firewall),
            Answer::Outbound(outbound) => self.outbound_state(outbound),
            Answer::Proxy(setting) => self.proxy_rule(&setting.says),
            Answer::ProxyTest(test) => self.proxy_test(test),
        }
    }

    fn route(&self, route: &RouteTo) -> String {
        let words = &self.comparison().answer;
        match (&route.via, route.source) {
            (Fact::Known(via), _) => {
                let interface = printable(&via.interface);
                match via.gateway {
                    Some(gateway) => words
                        .via
                        .fill(&[("interface", &interface), ("gateway", &gateway)]),
                    None => words.direct.fill(&[("interface", &interface)]),
                }
            }
            (Fact::Unknown(_), Some(source)) => words.from.fill(&[("source", &source)]),
            (Fact::Unknown(_), None) => words.no_route.clone(),
        }
    }

    /// What a DNS server answered when asked directly, with the names that the asked one leads to.
    #[must_use]
    pub fn direct_answer(&self, direct: &DirectAnswer) -> String {
        let answer = self.dns_answer(&direct.answer);
        if direct.aliases.is_empty() {
            return answer;
        }
        format!("CNAME {}: {answer}", chain(&direct.aliases))
    }

    /// What a DNS server answered, in DNS's own words (RFC 1035, 4.1.1).
    #[must_use]
    pub fn dns_answer(&self, answer: &DnsAnswer) -> String {
        let words = &self.texts.report;
        match answer {
            DnsAnswer::Addresses(ips) => list(ips),
            DnsAnswer::NoRecords => "NODATA".to_owned(),
            DnsAnswer::NxDomain => "NXDOMAIN".to_owned(),
            DnsAnswer::ServerFailure => "SERVFAIL".to_owned(),
            DnsAnswer::Refused => "REFUSED".to_owned(),
            DnsAnswer::OtherCode(code) => format!("RCODE {code}"),
            DnsAnswer::Silent => words.dns_silent.clone(),
            DnsAnswer::Unreachable => words.dns_unreachable.clone(),
        }
    }

    fn comparison(&self) -> &'static ComparisonTexts {
        &self.texts.comparison
    }
}

fn of_course(words: &CourseTexts, course: Course) -> &str {
    match course {
        Course::WorksNow => &words.works_now,
        Course::ConnectsNow => &words.connects_now,
        Course::WorksInPart => &words.works_in_part,
        Course::StillWorks => &words.still_works,
        Course::Worse => &words.worse,
        Course::Further => &words.further,
        Course::OtherCause => &words.other_cause,
        Course::SameCause => &words.same_cause,
        Course::Unchanged => &words.unchanged,
        Course::Unfinished => &words.unfinished,
    }
}
