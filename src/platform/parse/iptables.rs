//! What `iptables-save` and `ip6tables-save` print (iptables-save(8), iptables-extensions(8)),
//! with or without counters.

use crate::evidence::{Policy, printable};
use crate::platform::ruleset::{
    Base, Chain, Element, End, Family, Hook, Kind, Lack, Listing, Mark, Match, Rule, Ruleset,
    Selector, Span, Statement, Table, Translation, Values, Verdict, parse_number,
};

/// The rules of a listing, for IPv4 ([`Family::Ip`]) or IPv6 ([`Family::Ip6`]); nothing when the
/// text is no such listing, or does not go to its end.
#[must_use]
pub fn from_save(text: &str, family: Family) -> Option<Ruleset> {
    if text.len() > MOST_BYTES {
        return None;
    }
    let mut ruleset = Ruleset::default();
    let mut open: Option<Table> = None;
    for (order, line) in text.lines().enumerate() {
        let line = without_counters(line.trim());
        if let Some(name) = line.strip_prefix('*') {
            if open
                .replace(Table::new(family, name, Listing::Iptables))
                .is_some()
            {
                return None;
            }
        } else if let Some(declaration) = line.strip_prefix(':') {
            let table = open.as_mut()?;
            let (name, chain) = read_chain(&table.name, declaration, order)?;
            table.chains.insert(name.to_owned(), chain);
        } else if let Some(rest) = line.strip_prefix("-A ") {
            let words = split_words(rest);
            let (chain, words) = words.split_first()?;
            let rule = Rule {
                handle: None,
                text: bounded(line),
                statements: Reader::new(words, family).rule(),
            };
            open.as_mut()?.chains.get_mut(chain)?.rules.push(rule);
        } else if line == "COMMIT" {
            ruleset.tables.push(open.take()?);
        } else if !(line.is_empty() || line.starts_with('#')) || line.ends_with(NOT_TOLD) {
            return None;
        }
    }
    open.is_none().then_some(ruleset)
}

/// How the line ends by which `iptables-nft-save` says that it cannot show a table.
const NOT_TOLD: &str = "is incompatible, use 'nft' tool.";

/// Longer listings are not read.
const MOST_BYTES: usize = 32 << 20;

/// Longer rules are cut where they are shown.
const MOST_CHARACTERS: usize = 400;

fn bounded(line: &str) -> String {
    let line: String = line.chars().take(MOST_CHARACTERS).collect();
    printable(&line).into_owned()
}

/// `iptables-save -c` writes `[PACKETS:BYTES]` before each rule.
fn without_counters(line: &str) -> &str {
    let rest = line
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("] "));
    rest.map_or(line, |(_, rule)| rule)
}

/// `NAME POLICY [packets:bytes]`; own chains have `-` for a policy.
fn read_chain<'a>(table: &str, declaration: &'a str, order: usize) -> Option<(&'a str, Chain)> {
    let mut words = declaration.split_ascii_whitespace();
    let (name, policy) = (words.next()?, words.next()?);
    let hook = match name {
        "PREROUTING" => Some(Hook::Prerouting),
        "INPUT" => Some(Hook::Input),
        "FORWARD" => Some(Hook::Forward),
        "OUTPUT" => Some(Hook::Output),
        "POSTROUTING" => Some(Hook::Postrouting),
        _ => None,
    };
    let base = hook.filter(|_| policy != "-").map(|hook| Base {
        kind: match (table, hook) {
            ("nat", _) => Kind::Nat,
            ("mangle", Hook::Output) => Kind::Route,
            _ => Kind::Filter,
        },
        hook,
        priority: match (table, hook) {
            ("raw", _) => -300,
            ("mangle", _) => -150,
            ("nat", Hook::Prerouting | Hook::Output) => -100,
            ("nat", _) => 100,
            ("security", _) => 50,
            _ => 0,
        },
        policy: match policy {
            "DROP" => Policy::Drop,
            _ => Policy::Allow,
        },
        devices: Vec::new(),
        order,
    });
    let rules = Vec::new();
    Some((name, Chain { base, rules }))
}

/// Words, with double quotes and backslashes as iptables-save writes them.
fn split_words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            '\\' if quoted => word.get_or_insert_default().extend(characters.next()),
            character if character.is_ascii_whitespace() && !quoted => words.extend(word.take()),
            character => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}

/// The words of one rule.
struct Reader<'a> {
    words: &'a [String],
    at: usize,
    v6: bool,
    /// The extension that the options belong to (`-m`).
    module: &'a str,
    negated: bool,
    statements: Vec<Statement>,
}

impl<'a> Reader<'a> {
    fn new(words: &'a [String], family: Family) -> Self {
        Self {
            words,
            at: 0,
            v6: family == Family::Ip6,
            module: "",
            negated: false,
            statements: Vec::new(),
        }
    }

    fn rule(mut self) -> Vec<Statement> {
        while let Some(word) = self.next() {
            match word {
                "!" => {
                    self.negated = true;
                    continue;
                }
                "-j" | "-g" => {
                    let target = self.next().unwrap_or_default();
                    self.target(word, target);
                    break;
                }
                "-m" => {
                    self.module = self.next().unwrap_or_default();
                    self.module();
                }
                _ => self.condition(word),
            }
            self.negated = false;
        }
        self.statements
    }

    fn next(&mut self) -> Option<&'a str> {
        let word = self.words.get(self.at)?;
        self.at += 1;
        Some(word)
    }

    fn value(&mut self) -> &'a str {
        self.next().unwrap_or_default()
    }

    /// The words up to the next option.
    fn skip_values(&mut self) {
        while let Some(word) = self.words.get(self.at)
            && !word.starts_with('-')
            && word != "!"
        {
            self.at += 1;
        }
    }

    /// An extension that says something by itself, or nothing that we understand.
    fn module(&mut self) {
        match self.module {
            "limit" | "hashlimit" | "connlimit" | "recent" | "statistic" | "time" | "quota"
            | "connbytes" | "rateest" => {
                self.statements.push(Statement::Sometimes(Lack::Moment));
            }
            "rpfilter" => self.reverse_path(),
            "tcp" | "udp" | "udplite" | "sctp" | "dccp" | "icmp" | "icmp6" | "multiport"
            | "comment" | "conntrack" | "state" | "addrtype" | "mark" | "connmark" | "iprange"
            | "owner" | "pkttype" => {}
            other => self.unread(other.to_owned()),
        }
    }

    /// `-m rpfilter --validmark --invert`.
    fn reverse_path(&mut self) {
        let mut inverted = false;
        while let Some(word) = self.words.get(self.at) {
            match word.as_str() {
                "--invert" => inverted = true,
                "--validmark" | "--accept-local" => {}
                "--loose" => self.unread("rpfilter --loose".to_owned()),
                _ => break,
            }
            self.at += 1;
        }
        self.negated = inverted;
        self.compare(Selector::ReturnRoute, vec![Span::Numbers(1, 1)]);
    }

    fn condition(&mut self, option: &str) {
        match option {
            "-p" => self.protocol(),
            "-s" => self.address(End::Source),
            "-d" => self.address(End::Destination),
            "-i" => self.interface(Selector::InName),
            "-o" => self.interface(Selector::OutName),
            "-f" => self.compare(Selector::Foreign, Vec::new()),
            "--comment" => self.at += 1,
            "--dport" | "--dports" => self.ports(End::Destination),
            "--sport" | "--sports" => self.ports(End::Source),
            "--state" | "--ctstate" => self.bits(Selector::State),
            "--ctstatus" => self.bits(Selector::Status),
            "--ctdir" => self.named(Selector::Direction),
            "--dst-type" => self.address_type(End::Destination),
            "--src-type" => self.address_type(End::Source),
            "--tcp-flags" => self.tcp_flags(),
            "--mark" if self.module == "mark" => self.mark(Selector::Mark),
            "--mark" if self.module == "connmark" => self.mark(Selector::ConnectionMark),
            "--uid-owner" => self.range(Selector::User),
            "--src-range" => self.address_range(End::Source),
            "--dst-range" => self.address_range(End::Destination),
            "--pkt-type" => self.named(Selector::PacketType),
            "--icmp-type" | "--icmpv6-type" => {
                self.at += 1;
                self.compare(Selector::Foreign, Vec::new());
            }
            _ if self.is_of_undecided_module() => self.skip_values(),
            _ => {
                let start = self.at;
                self.skip_values();
                let words = &self.words[start - 1..self.at];
                self.unread(words.join(" "));
            }
        }
    }

    /// Whether the options belong to an extension whose condition we leave open anyway.
    fn is_of_undecided_module(&self) -> bool {
        let open = |statement: &Statement| match statement {
            Statement::Sometimes(_) => true,
            Statement::Match(condition) => {
                condition.reads == [Selector::Unread(self.module.to_owned())]
            }
            _ => false,
        };
        !self.module.is_empty() && self.statements.last().is_some_and(open)
    }

    fn unread(&mut self, text: String) {
        self.compare(Selector::Unread(text), vec![Span::Numbers(0, 0)]);
    }

    /// Adds the condition that what is read is, or is not, one of some values.
    fn compare(&mut self, selector: Selector, spans: Vec<Span>) {
        let element = |span| Element {
            spans: vec![span],
            data: None,
        };
        self.statements.push(Statement::Match(Match {
            reads: vec![selector],
            values: Values::Written(spans.into_iter().map(element).collect()),
            negated: self.negated,
        }));
    }

    fn protocol(&mut self) {
        let word = self.value();
        if !matches!(word, "all" | "0") {
            let selector = Selector::Protocol;
            let span = selector.span(word);
            self.compare(selector, vec![span]);
        }
    }

    /// `ADDRESS`, `ADDRESS/LENGTH`, `ADDRESS/MASK`.
    fn address(&mut self, end: End) {
        let word = self.value();
        let selector = Selector::Address { end, v6: self.v6 };
        let span = selector.span(word);
        let masked = word.split_once('/').and_then(|(address, mask)| {
            let mask = single(&selector.span(mask))?;
            let address = single(&selector.span(address))? & mask;
            Some((Selector::Masked(Box::new(selector.clone()), mask), address))
        });
        match (span, masked) {
            (Span::Unread(_), Some((selector, address))) => {
                self.compare(selector, vec![Span::Numbers(address, address)]);
            }
            (span, _) => self.compare(selector, vec![span]),
        }
    }

    /// `eth0`, `eth+`.
    fn interface(&mut self, selector: Selector) {
        let name = self.value();
        let span = match name.strip_suffix('+') {
            Some(start) => Span::NameStart(start.to_owned()),
            None => Span::Name(name.to_owned()),
        };
        self.compare(selector, vec![span]);
    }

    /// `22`, `1024:`, `80,443,8000:8010`.
    fn ports(&mut self, end: End) {
        let list = self.value();
        let span = |part: &str| {
            let (from, to) = part.split_once(':').unwrap_or((part, part));
            let from = if from.is_empty() { "0" } else { from };
            let to = if to.is_empty() { "65535" } else { to };
            match (parse_number(from), parse_number(to)) {
                (Some(from), Some(to)) => Span::Numbers(from, to),
                _ => Span::Unread(part.to_owned()),
            }
        };
        self.compare(Selector::Port(end), list.split(',').map(span).collect());
    }

    /// `NEW,RELATED`: any of them.
    fn bits(&mut self, selector: Selector) {
        let list = self.value();
        let mut bits = list
            .split(',')
            .map(|word| single(&selector.span(&hyphened(word))));
        let bits = bits.try_fold(0, |all, bit| Some(all | bit?));
        match bits {
            Some(bits) => {
                self.negated = !self.negated;
                let selector = Selector::Masked(Box::new(selector), bits);
                self.compare(selector, vec![Span::Numbers(0, 0)]);
            }
            None => self.unread(list.to_owned()),
        }
    }

    fn named(&mut self, selector: Selector) {
        let span = selector.span(self.value());
        self.compare(selector, vec![span]);
    }

    fn address_type(&mut self, end: End) {
        let rest = &self.words[self.at.min(self.words.len())..];
        let on_interface = rest.iter().any(|word| word.starts_with("--limit-iface"));
        let selector = Selector::AddressType { end, on_interface };
        let types = self.value().split(',');
        // For IPv6, UNICAST is said of the address itself, which always is when it is TCP's, and
        // has to hold beside the other types (`xt_addrtype.c`).
        let told_by_routes: Vec<&str> = types
            .filter(|word| !(self.v6 && *word == "UNICAST"))
            .collect();
        if told_by_routes.is_empty() {
            self.compare(Selector::Family, vec![Selector::Family.span("ipv6")]);
        } else {
            let spans = told_by_routes
                .iter()
                .map(|word| selector.span(word))
                .collect();
            self.compare(selector, spans);
        }
        while let Some(word) = self.words.get(self.at)
            && word.starts_with("--limit-iface")
        {
            self.at += 1;
        }
    }

    /// `--tcp-flags MASK SET`.
    fn tcp_flags(&mut self) {
        let bits = |list: &str| match list {
            "ALL" => Some(0x3f),
            "NONE" => Some(0),
            list => {
                let mut flags = list.split(',');
                flags.try_fold(0, |all, flag| {
                    Some(all | single(&Selector::TcpFlags.span(flag))?)
                })
            }
        };
        let (mask, set) = (self.value(), self.value());
        match (bits(mask), bits(set)) {
            (Some(mask), Some(set)) => {
                let selector = Selector::Masked(Box::new(Selector::TcpFlags), mask);
                self.compare(selector, vec![Span::Numbers(set, set)]);
            }
            _ => self.unread(format!("--tcp-flags {mask} {set}")),
        }
    }

    /// `VALUE`, `VALUE/MASK`.
    fn mark(&mut self, selector: Selector) {
        let word = self.value();
        let (value, mask) = word.split_once('/').unwrap_or((word, "0xffffffff"));
        match (parse_number(value), parse_number(mask)) {
            (Some(value), Some(mask)) => {
                let selector = Selector::Masked(Box::new(selector), mask);
                self.compare(selector, vec![Span::Numbers(value, value)]);
            }
            _ => self.unread(word.to_owned()),
        }
    }

    fn range(&mut self, selector: Selector) {
        let word = self.value();
        let (first, last) = word.split_once('-').unwrap_or((word, word));
        let span = match (parse_number(first), parse_number(last)) {
            (Some(first), Some(last)) => Span::Numbers(first, last),
            _ => Span::Unread(word.to_owned()),
        };
        self.compare(selector, vec![span]);
    }

    fn address_range(&mut self, end: End) {
        let selector = Selector::Address { end, v6: self.v6 };
        let word = self.value();
        let (first, last) = word.split_once('-').unwrap_or((word, word));
        let span = match (single(&selector.span(first)), single(&selector.span(last))) {
            (Some(first), Some(last)) => Span::Numbers(first, last),
            _ => Span::Unread(word.to_owned()),
        };
        self.compare(selector, vec![span]);
    }

    fn target(&mut self, option: &str, target: &str) {
        let options = &self.words[self.at.min(self.words.len())..];
        let unseen = || Statement::Unseen(target.to_owned());
        let statement = match target {
            "ACCEPT" => Statement::Verdict(Verdict::Decide(Policy::Allow)),
            "DROP" => Statement::Verdict(Verdict::Decide(Policy::Drop)),
            "REJECT" => Statement::Verdict(Verdict::Decide(Policy::Reject)),
            "RETURN" => Statement::Verdict(Verdict::Return),
            "NOTRACK" => Statement::NoTrack,
            "CT" if options.iter().any(|word| word == "--notrack") => Statement::NoTrack,
            "MARK" => set_mark(false, options).unwrap_or_else(unseen),
            "CONNMARK" => set_mark(true, options).unwrap_or_else(unseen),
            "DNAT" => Statement::Translate(destination(options, self.v6)),
            "REDIRECT" => Statement::Translate(redirection(options)),
            "SNAT" | "MASQUERADE" => Statement::Translate(Translation::Source),
            "LOG" | "NFLOG" | "ULOG" | "AUDIT" | "TRACE" | "CT" | "TCPMSS" | "SET" | "TTL"
            | "HL" | "DSCP" | "TOS" | "CLASSIFY" | "CHECKSUM" | "SECMARK" | "CONNSECMARK"
            | "TCPOPTSTRIP" | "ECN" | "LED" | "IDLETIMER" | "RATEEST" | "TEE" => {
                Statement::Harmless
            }
            "TPROXY" | "NFQUEUE" | "QUEUE" | "NETMAP" | "SYNPROXY" => unseen(),
            chain if option == "-g" => Statement::Verdict(Verdict::Goto(chain.to_owned())),
            // An extension that is no chain is not found when it is followed, and so is not seen.
            chain => Statement::Verdict(Verdict::Jump(chain.to_owned())),
        };
        self.statements.push(statement);
    }
}

/// nft writes `seen-reply` where iptables writes `SEEN_REPLY`.
fn hyphened(word: &str) -> String {
    word.replace('_', "-")
}

fn single(span: &Span) -> Option<u128> {
    match span {
        Span::Numbers(first, last) => (first == last).then_some(*first),
        Span::Name(_) | Span::NameStart(_) | Span::Unread(_) => None,
    }
}

fn option<'a>(options: &'a [String], name: &str) -> Option<&'a str> {
    let at = options.iter().position(|word| word == name)?;
    options.get(at + 1).map(String::as_str)
}

/// `--set-xmark VALUE/MASK`: the bits of the mask are cleared, then those of the value turned.
fn set_mark(of_connection: bool, options: &[String]) -> Option<Statement> {
    let set = |to| Some(Statement::SetMark { of_connection, to });
    if let Some(word) = option(options, "--set-xmark") {
        let (value, mask) = word.split_once('/').unwrap_or((word, "0xffffffff"));
        let mask = u32::try_from(parse_number(mask)?).ok()?;
        return set(Mark::Computed {
            keep: !mask,
            flip: u32::try_from(parse_number(value)?).ok()?,
        });
    }
    // Masks other than all bits are not understood.
    let is_whole = |mask| matches!(option(options, mask), None | Some("0xffffffff"));
    let plain = is_whole("--nfmask") && is_whole("--ctmask") && is_whole("--mask");
    match options.first().map(String::as_str) {
        Some("--save-mark") => set(if plain { Mark::Other } else { Mark::Unread }),
        Some("--restore-mark") => Some(Statement::SetMark {
            of_connection: false,
            to: if plain { Mark::Other } else { Mark::Unread },
        }),
        _ => None,
    }
}

fn redirection(options: &[String]) -> Translation {
    let port = option(options, "--to-ports").map(port);
    match port {
        Some(None) => Translation::Unread("REDIRECT".to_owned()),
        Some(port) => Translation::Redirect { port },
        None => Translation::Redirect { port: None },
    }
}

/// `--to-destination ADDRESS:PORT`, `[ADDRESS]:PORT`, `ADDRESS`, `:PORT`.
fn destination(options: &[String], v6: bool) -> Translation {
    let read = || {
        let word = option(options, "--to-destination")?;
        let (address, to_port) = match word.strip_prefix('[').and_then(|rest| rest.split_once(']'))
        {
            Some((address, rest)) => (address, rest.strip_prefix(':')),
            None if v6 => (word, None),
            None => word
                .split_once(':')
                .map_or((word, None), |(a, p)| (a, Some(p))),
        };
        let selector = Selector::Address {
            end: End::Destination,
            v6,
        };
        let address = match address {
            "" => None,
            address => Some(selector.span(address)),
        };
        let unread = matches!(address, Some(Span::Unread(_)));
        let port = match to_port {
            Some(word) => Some(port(word)?),
            None => None,
        };
        (!unread).then_some(Translation::Destination { address, port })
    };
    read().unwrap_or_else(|| Translation::Unread("DNAT".to_owned()))
}

fn port(word: &str) -> Option<Span> {
    let number = u128::from(word.parse::<u16>().ok()?);
    Some(Span::Numbers(number, number))
}
