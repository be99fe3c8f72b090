//! The evidence told again, field by field.

use std::net::SocketAddr;

use super::Redactor;
use super::names::Kind;
use super::text::{LEFT_OUT, is_host_name};
use super::words::{is_known_program, is_known_service, is_known_unit};
use crate::evidence::{
    About, Arrival, Attempt, Background, Behind, Bypass, Certificate, Contained, Container,
    DecidingRule, Departure, DirectAnswer, DnsAnswer, Evidence, Exchange, Fact, Failure,
    FilterChain, Firewall, Gap, Heard, HopAttempt, IcmpError, Interface, InterfaceAddress,
    InventedName, KnownProgram, Listener, Lookup, LookupOutcome, MacAddress, NameSettings,
    Neighbour, NetworkState, Os, OsRelease, Outbound, Page, Ping, PortUse, Presented, Process,
    ProgramRule, Proxy, ProxyRule, ProxySetting, ProxyTest, Question, Relay, Remark, Repeat,
    RouteTo, ServiceSettings, ServiceState, ServiceUnit, SettingLine, UnreadFile, Via, Watch,
    ZoneEntry, ZoneEntryKind, inspecting_product, known_program, socket_port, socket_service,
};
use crate::target::known_port;
use crate::target::{Host, PortSource, Said, SaidDetail, Target};

impl Redactor {
    /// The evidence told again.
    pub(super) fn evidence(&mut self, evidence: &Evidence) -> Evidence {
        let Evidence {
            target,
            said,
            os,
            os_release,
            patience,
            lookup,
            direct_lookup,
            name_settings,
            invented_names,
            attempts,
            departures,
            neighbours,
            pings,
            hops,
            references,
            repeats,
            exchanges,
            listeners,
            backgrounds,
            port_use,
            service_settings,
            proxies,
            proxy_tests,
            bypasses,
            at_gateway,
            in_container,
            own_ports,
            service_states,
            network,
            firewalls,
            outbound,
            pasted_firewalls,
            pasted_ports,
            timeline,
            complete,
        } = evidence;
        Evidence {
            target: self.target(target),
            said: said.as_ref().map(|said| self.said(said)),
            os: *os,
            os_release: self.fact(os_release, Self::os_release),
            patience: *patience,
            lookup: self.fact(lookup, Self::lookup),
            direct_lookup: self.facts(direct_lookup, Self::direct_answer),
            name_settings: self.fact(name_settings, Self::name_settings),
            invented_names: self.facts(invented_names, Self::invented_name),
            attempts: self.all(attempts, Self::attempt),
            departures: self.all(departures, Self::departure),
            neighbours: self.all(neighbours, Self::neighbour),
            pings: self.all(pings, Self::ping),
            hops: self.all(hops, Self::hop),
            references: self.all(references, Self::attempt),
            repeats: self.all(repeats, Self::repeat),
            exchanges: self.all(exchanges, Self::exchange),
            listeners: self.facts(listeners, |this, one| this.listener(one, *os)),
            backgrounds: self.all(backgrounds, Self::background),
            port_use: self.fact(port_use, Self::port_use),
            service_settings: self.facts(service_settings, Self::service_settings),
            proxies: self.facts(proxies, Self::proxy_setting),
            proxy_tests: self.all(proxy_tests, Self::proxy_test),
            bypasses: self.all(bypasses, Self::bypass),
            at_gateway: at_gateway.as_ref().map(|attempt| self.attempt(attempt)),
            in_container: self.fact(in_container, |_, is_one| *is_one),
            own_ports: self.fact(own_ports, |_, ports| *ports),
            service_states: self.facts(service_states, Self::service_state),
            network: self.fact(network, Self::network),
            firewalls: self.facts(firewalls, Self::firewall),
            outbound: self.facts(outbound, Self::outbound),
            pasted_firewalls: self.all(pasted_firewalls, Self::firewall),
            // Numbers, and words of a policy that many machines have.
            pasted_ports: pasted_ports.clone(),
            timeline: self.all(timeline, Self::question),
            complete: *complete,
        }
    }

    /// The system by its usual names; its build as far as numbers go, as what stands behind them may
    /// name whoever built it.
    fn os_release(&mut self, release: &OsRelease) -> OsRelease {
        let OsRelease { name, build } = release;
        let numbers = |build: &String| {
            let is_number = |c: char| c.is_ascii_digit() || c == '.';
            let numbers = build.trim_start_matches(is_number);
            build[..build.len() - numbers.len()].to_owned()
        };
        OsRelease {
            name: self.text(name),
            build: build.as_ref().map(numbers),
        }
    }

    /// What was seen arriving, told again.
    pub(super) fn watch(&mut self, watch: &Watch) -> Watch {
        let Watch {
            began,
            lasted,
            polls,
            longest_gap,
            arrivals,
            untold,
        } = watch;
        Watch {
            began: *began,
            lasted: *lasted,
            polls: *polls,
            longest_gap: *longest_gap,
            arrivals: self.facts(arrivals, |this, arrival| {
                let Arrival {
                    from,
                    to,
                    connections,
                    stage,
                    half_open,
                    first,
                    last,
                    were_there,
                } = *arrival;
                Arrival {
                    from: this.addresses.address(from),
                    to: this.addresses.address(to),
                    connections,
                    stage,
                    half_open,
                    first,
                    last,
                    were_there,
                }
            }),
            untold: *untold,
        }
    }

    fn all<T>(&mut self, all: &[T], mut one: impl FnMut(&mut Self, &T) -> T) -> Vec<T> {
        all.iter().map(|each| one(self, each)).collect()
    }

    fn fact<T>(&mut self, fact: &Fact<T>, one: impl FnOnce(&mut Self, &T) -> T) -> Fact<T> {
        match fact {
            Fact::Known(value) => Fact::Known(one(self, value)),
            Fact::Unknown(gap) => Fact::Unknown(self.gap(gap)),
        }
    }

    fn gap(&mut self, gap: &Gap) -> Gap {
        match gap {
            Gap::Unreadable { what } => Gap::Unreadable {
                what: self.text(what),
            },
            Gap::NotAsked
            | Gap::Pending
            | Gap::NeedsAdmin
            | Gap::TimedOut
            | Gap::ToolMissing
            | Gap::NoHolder
            | Gap::HolderEnded { .. }
            | Gap::Unsupported => gap.clone(),
        }
    }

    fn facts<T>(
        &mut self,
        fact: &Fact<Vec<T>>,
        one: impl FnMut(&mut Self, &T) -> T,
    ) -> Fact<Vec<T>> {
        self.fact(fact, |this, all| this.all(all, one))
    }

    fn target(&mut self, target: &Target) -> Target {
        let Target {
            input,
            host,
            port,
            port_from,
            scheme,
            service,
            protocol,
            srv,
            tls,
        } = target;
        let mut told = Target {
            input: String::new(),
            host: self.host(host),
            port: *port,
            port_from: *port_from,
            scheme: scheme.as_ref().map(|scheme| self.scheme(scheme)),
            service: service.as_ref().map(|service| self.service(service)),
            protocol: *protocol,
            srv: srv.as_ref().map(|prefix| self.names.host(prefix)),
            tls: *tls,
        };
        // As typed as far as it is told: with the scheme, and with the port where it was written.
        let start = match &told.scheme {
            Some(scheme) if input.contains("://") => format!("{scheme}://"),
            Some(_) | None => String::new(),
        };
        let is_port_typed = match port_from {
            PortSource::Typed | PortSource::ErrorText => true,
            PortSource::Scheme | PortSource::Guess => input.ends_with(&format!(":{port}")),
        };
        told.input = if is_port_typed {
            format!("{start}{}", told.endpoint())
        } else {
            format!("{start}{}", told.host)
        };
        told
    }

    /// A host's name or address.
    pub(super) fn host(&mut self, host: &Host) -> Host {
        match host {
            Host::Name { ascii, .. } => {
                let told = self.names.host(ascii);
                Host::Name {
                    ascii: told.clone(),
                    unicode: told,
                }
            }
            Host::V4(v4) => match self.addresses.address((*v4).into()) {
                std::net::IpAddr::V4(told) => Host::V4(told),
                std::net::IpAddr::V6(_) => host.clone(),
            },
            Host::V6 { address, zone } => match self.addresses.address((*address).into()) {
                std::net::IpAddr::V6(told) => Host::V6 {
                    address: told,
                    zone: zone.as_ref().map(|zone| self.interface(zone)),
                },
                std::net::IpAddr::V4(_) => host.clone(),
            },
        }
    }

    /// A host as text: an address, or a name.
    fn host_text(&mut self, host: &str) -> String {
        match host.parse() {
            Ok(ip) => self.addresses.address(ip).to_string(),
            Err(_) => self.names.host(host),
        }
    }

    fn scheme(&mut self, scheme: &str) -> String {
        let base = scheme.strip_prefix("jdbc:").unwrap_or(scheme);
        if known_port::scheme(scheme).is_some() || known_port::scheme(base).is_some() {
            return scheme.to_owned();
        }
        self.names.of(Kind::Scheme, scheme)
    }

    fn service(&mut self, service: &str) -> String {
        if is_known_service(service) {
            return service.to_owned();
        }
        self.names.of(Kind::Service, service)
    }

    fn said(&mut self, said: &Said) -> Said {
        let Said { kind, code, detail } = said;
        let is_code = |code: &&String| {
            let is_symbol = code.starts_with('E') || code.starts_with("WSAE");
            let is_short = code.len() <= 5;
            (is_short && code.bytes().all(|byte| byte.is_ascii_digit()))
                || (is_symbol && code.bytes().all(|b| b.is_ascii_uppercase() || b == b'_'))
        };
        Said {
            kind: *kind,
            code: code.as_ref().filter(is_code).cloned(),
            detail: detail.map(|detail| match detail {
                SaidDetail::SourceAddress { address } => SaidDetail::SourceAddress {
                    address: address.map(|ip| self.addresses.address(ip)),
                },
                SaidDetail::IdleConnection | SaidDetail::TlsDemanded => detail,
            }),
        }
    }

    fn lookup(&mut self, lookup: &Lookup) -> Lookup {
        let Lookup { outcome, took } = lookup;
        Lookup {
            outcome: match outcome {
                LookupOutcome::Found(found) => LookupOutcome::Found(self.endpoints(found)),
                LookupOutcome::NotFound { .. }
                | LookupOutcome::NoAddress { .. }
                | LookupOutcome::Failed { .. }
                | LookupOutcome::TimedOut => outcome.clone(),
            },
            took: *took,
        }
    }

    fn endpoints(&mut self, all: &[SocketAddr]) -> Vec<SocketAddr> {
        self.all(all, |this, addr| this.addresses.endpoint(*addr))
    }

    fn direct_answer(&mut self, direct: &DirectAnswer) -> DirectAnswer {
        let DirectAnswer {
            server,
            answer,
            aliases,
            took,
        } = direct;
        DirectAnswer {
            server: server.map(|server| self.addresses.endpoint(server)),
            answer: match answer {
                DnsAnswer::Addresses(all) => {
                    DnsAnswer::Addresses(self.all(all, |this, ip| this.addresses.address(*ip)))
                }
                DnsAnswer::NoRecords
                | DnsAnswer::NxDomain
                | DnsAnswer::ServerFailure
                | DnsAnswer::Refused
                | DnsAnswer::OtherCode(_)
                | DnsAnswer::Silent
                | DnsAnswer::Unreachable => answer.clone(),
            },
            aliases: self.all(aliases, |this, name| this.names.host(name)),
            took: *took,
        }
    }

    fn name_settings(&mut self, settings: &NameSettings) -> NameSettings {
        let NameSettings {
            hosts_file,
            sources,
            resolvers,
            search,
            ndots,
        } = settings;
        NameSettings {
            hosts_file: self.facts(hosts_file, |this, ip| this.addresses.address(*ip)),
            sources: self.facts(sources, |this, source| this.source(source)),
            resolvers: self.facts(resolvers, |this, ip| this.addresses.address(*ip)),
            search: self.all(search, |this, domain| this.names.host(domain)),
            ndots: *ndots,
        }
    }

    fn source(&mut self, source: &str) -> String {
        let is_condition = source.starts_with('[')
            && source.ends_with(']')
            && CONDITIONS
                .iter()
                .any(|one| source.eq_ignore_ascii_case(one));
        if is_condition || SOURCES.contains(&source) {
            return source.to_owned();
        }
        self.names.of(Kind::Source, source)
    }

    fn invented_name(&mut self, invented: &InventedName) -> InventedName {
        let InventedName { name, answer } = invented;
        InventedName {
            name: self.names.host(name),
            answer: self.direct_answer(answer),
        }
    }

    fn attempt(&mut self, attempt: &Attempt) -> Attempt {
        let Attempt {
            addr,
            outcome,
            took,
            os_code,
            at_once,
            source,
            icmp,
        } = attempt;
        Attempt {
            addr: self.addresses.endpoint(*addr),
            outcome: *outcome,
            took: *took,
            os_code: *os_code,
            at_once: *at_once,
            source: source.map(|ip| self.addresses.address(ip)),
            icmp: icmp.map(|icmp| {
                let IcmpError {
                    v6,
                    kind,
                    code,
                    sender,
                    ttl,
                } = icmp;
                IcmpError {
                    v6,
                    kind,
                    code,
                    sender: sender.map(|ip| self.addresses.address(ip)),
                    ttl,
                }
            }),
        }
    }

    fn departure(&mut self, departure: &Departure) -> Departure {
        Departure {
            to: self.addresses.endpoint(departure.to),
            ..*departure
        }
    }

    fn neighbour(&mut self, neighbour: &Neighbour) -> Neighbour {
        let Neighbour { ip, state } = *neighbour;
        Neighbour {
            ip: self.addresses.address(ip),
            state,
        }
    }

    fn ping(&mut self, ping: &Ping) -> Ping {
        let Ping { to, answered } = *ping;
        Ping {
            to: self.addresses.address(to),
            answered,
        }
    }

    fn hop(&mut self, hop: &HopAttempt) -> HopAttempt {
        let HopAttempt { hops, attempt } = hop;
        HopAttempt {
            hops: *hops,
            attempt: self.attempt(attempt),
        }
    }

    fn repeat(&mut self, repeat: &Repeat) -> Repeat {
        let Repeat {
            start,
            attempt,
            mac,
        } = repeat;
        Repeat {
            start: *start,
            attempt: self.attempt(attempt),
            mac: mac.map(|mac| self.adapter(mac)),
        }
    }

    /// An adapter by a number, as an address that nobody made (IEEE 802: locally administered).
    fn adapter(&mut self, mac: MacAddress) -> MacAddress {
        let known = self.adapters.iter().position(|known| *known == mac);
        let number = known.unwrap_or_else(|| {
            self.adapters.push(mac);
            self.adapters.len() - 1
        });
        let [.., high, low] = (number + 1).to_be_bytes();
        MacAddress([2, 0, 0, 0, high, low])
    }

    fn bypass(&mut self, bypass: &Bypass) -> Bypass {
        let Bypass { interface, attempt } = bypass;
        Bypass {
            interface: self.interface(interface),
            attempt: self.attempt(attempt),
        }
    }

    fn exchange(&mut self, exchange: &Exchange) -> Exchange {
        let Exchange {
            addr,
            spoke,
            heard,
            took,
            transfer,
            small_segments,
            closed,
        } = exchange;
        Exchange {
            addr: self.addresses.endpoint(*addr),
            spoke: *spoke,
            heard: self.heard(heard),
            took: *took,
            transfer: self.fact(transfer, |_, transfer| *transfer),
            small_segments: *small_segments,
            closed: self.fact(closed, |_, closed| *closed),
        }
    }

    fn heard(&mut self, heard: &Heard) -> Heard {
        match heard {
            Heard::Nothing | Heard::Closed | Heard::Reset => heard.clone(),
            Heard::Text { start } => Heard::Text {
                start: self.text(start),
            },
            Heard::Tls {
                version,
                certificates,
                presented,
            } => Heard::Tls {
                version: self.text(version),
                certificates: *certificates,
                presented: presented
                    .as_ref()
                    .map(|shown| Box::new(self.presented(shown))),
            },
            Heard::TlsAlert {
                alert,
                certificate_wanted,
            } => Heard::TlsAlert {
                alert: if ALERTS.contains(&alert.as_str()) {
                    alert.clone()
                } else {
                    self.text(alert)
                },
                certificate_wanted: *certificate_wanted,
            },
            Heard::TlsIncompatible { what } => Heard::TlsIncompatible {
                what: self.text(what),
            },
            Heard::NotTls { start } => Heard::NotTls {
                start: self.text(start),
            },
            Heard::Http {
                status,
                server,
                wants_tls,
                page:
                    Page {
                        location,
                        date,
                        says,
                    },
            } => Heard::Http {
                status: *status,
                server: server.as_ref().map(|server| self.text(server)),
                wants_tls: *wants_tls,
                page: Page {
                    location: location.as_ref().map(|location| self.text(location)),
                    date: *date,
                    says: *says,
                },
            },
            Heard::Failed { what, os_code } => Heard::Failed {
                what: self.text(what),
                os_code: *os_code,
            },
        }
    }

    fn presented(&mut self, presented: &Presented) -> Presented {
        let Presented {
            chain,
            name_fits,
            trusted,
            clock,
            certificate_wanted,
        } = presented;
        Presented {
            chain: self.all(chain, |this, one| this.certificate(one, *clock)),
            name_fits: self.fact(name_fits, |_, fits| *fits),
            trusted: self.fact(trusted, |_, trusted| *trusted),
            clock: *clock,
            certificate_wanted: *certificate_wanted,
        }
    }

    /// Public logs have every certificate with the second of its dates: only the days are kept, as
    /// long as that changes nothing about its validity.
    fn certificate(&mut self, certificate: &Certificate, clock: i64) -> Certificate {
        let Certificate {
            subject,
            issuer,
            names,
            not_before,
            not_after,
            self_signed,
        } = certificate;
        let day = |time: i64| time - time.rem_euclid(SECONDS_OF_A_DAY);
        let mut told = Certificate {
            subject: self.identity(subject),
            issuer: self.identity(issuer),
            names: self.all(names, |this, name| this.host_text(name)),
            not_before: day(*not_before),
            not_after: day(*not_after),
            self_signed: *self_signed,
        };
        if told.is_valid_at(clock) != certificate.is_valid_at(clock) {
            (told.not_before, told.not_after) = (*not_before, *not_after);
        }
        told
    }

    /// A distinguished name: that of a host where it is nothing else, else a number.
    fn identity(&mut self, identity: &str) -> String {
        let name = identity.strip_prefix("CN=").unwrap_or_default();
        let is_host = is_host_name(name.strip_prefix("*.").unwrap_or(name))
            || name.parse::<std::net::IpAddr>().is_ok()
            || self.names.known(name).is_some();
        if is_host {
            return format!("CN={}", self.host_text(name));
        }
        let told = self.names.of(Kind::Identity, identity);
        match inspecting_product(identity) {
            Some(product) => format!("{told} ({product})"),
            None => told,
        }
    }

    fn listener(&mut self, listener: &Listener, os: Os) -> Listener {
        let Listener {
            addr,
            takes_ipv4,
            process,
            user,
            queue,
        } = listener;
        // A program that many machines have is told by its name.
        let known = known_program(os, listener);
        Listener {
            addr: self.addresses.endpoint(*addr),
            takes_ipv4: self.fact(takes_ipv4, |_, takes| *takes),
            process: self.fact(process, |this, process| {
                let told = this.process(process);
                let name = match known {
                    None => return told,
                    Some(_) if told.name == process.name => return told,
                    // Known by how the name begins: the rest may be anything.
                    Some(KnownProgram::Editor) => "code".to_owned(),
                    Some(KnownProgram::DockerDesktop) => "com.docker.backend".to_owned(),
                    Some(_) => process.name.clone(),
                };
                Process { name, ..told }
            }),
            user: self.fact(user, |this, user| this.user_or_service(user)),
            queue: self.fact(queue, |_, queue| *queue),
        }
    }

    /// Services often run as a user of their own name.
    fn user_or_service(&mut self, user: &str) -> String {
        if is_known_service(user) || is_known_program(user) {
            return user.to_owned();
        }
        self.user(user)
    }

    /// A program by its name alone; of its command line what tells which service it is.
    fn process(&mut self, process: &Process) -> Process {
        let Process { pid, name, command } = process;
        Process {
            pid: *pid,
            name: if is_known_program(name) {
                name.clone()
            } else {
                self.names.of(Kind::Program, name)
            },
            command: command.as_ref().map(|command| known_programs_in(command)),
        }
    }

    fn background(&mut self, background: &Background) -> Background {
        let Background {
            addr,
            age_secs,
            unit,
            container,
            parents,
            is_activated_by_socket,
            is_stopped,
            interface,
            heirs,
            relay,
        } = background;
        Background {
            addr: self.addresses.endpoint(*addr),
            age_secs: *age_secs,
            unit: unit.as_ref().map(|unit| self.unit(unit)),
            container: container.as_ref().map(|one| self.container(one)),
            parents: self.all(parents, Self::process),
            is_activated_by_socket: *is_activated_by_socket,
            is_stopped: *is_stopped,
            interface: interface.as_ref().map(|name| self.interface(name)),
            heirs: self.all(heirs, Self::process),
            relay: relay.as_ref().map(|relay| self.relay(relay)),
        }
    }

    fn container(&mut self, container: &Container) -> Container {
        let Container {
            engine,
            id,
            name,
            image,
        } = container;
        Container {
            engine: engine.as_ref().map(|engine| self.text(engine)),
            id: self.names.of(Kind::Container, id),
            name: name
                .as_ref()
                .map(|name| self.names.of(Kind::Container, name)),
            image: image.as_ref().map(|image| {
                let name = image.split(':').next().unwrap_or_default();
                if is_known_service(name) {
                    name.to_owned()
                } else {
                    self.names.of(Kind::Image, image)
                }
            }),
        }
    }

    fn relay(&mut self, relay: &Relay) -> Relay {
        let Relay {
            to,
            through,
            behind,
        } = relay;
        Relay {
            to: to.as_ref().map(|to| self.place(to)),
            through: through.as_ref().map(|through| self.place(through)),
            behind: behind.as_ref().map(|behind| {
                let Behind {
                    is_listened_on,
                    process,
                    container,
                } = behind;
                Behind {
                    is_listened_on: *is_listened_on,
                    process: process.as_ref().map(|process| self.process(process)),
                    container: container.as_ref().map(|one| self.container(one)),
                }
            }),
        }
    }

    fn contained(&mut self, contained: &Contained) -> Contained {
        let Contained {
            process,
            addr,
            container,
            addresses,
            published,
        } = contained;
        Contained {
            process: self.process(process),
            addr: addr.map(|addr| self.addresses.endpoint(addr)),
            container: container.as_ref().map(|one| self.container(one)),
            addresses: self.all(addresses, |this, ip| this.addresses.address(*ip)),
            published: self.endpoints(published),
        }
    }

    /// `user@host:port`, any part of which may be missing.
    fn place(&mut self, place: &str) -> String {
        let (user, endpoint) = match place.rsplit_once('@') {
            Some((user, endpoint)) => (format!("{}@", self.user(user)), endpoint),
            None => (String::new(), place),
        };
        if let Ok(addr) = endpoint.parse::<SocketAddr>() {
            return format!("{user}{}", self.addresses.endpoint(addr));
        }
        let port = |text: &str| text.parse::<u16>().ok();
        if let Some(port) = port(endpoint) {
            return format!("{user}{port}");
        }
        match endpoint.rsplit_once(':') {
            Some((host, number)) if port(number).is_some() && !host.contains(['/', ' ']) => {
                format!("{user}{}:{number}", self.host_text(host))
            }
            _ if endpoint.contains(['/', ' ', ':']) => user + &self.text(endpoint),
            _ => user + &self.host_text(endpoint),
        }
    }

    fn unit(&mut self, unit: &str) -> String {
        if is_known_unit(unit) {
            return unit.to_owned();
        }
        let ending = ["service", "socket", "scope", "slice"]
            .into_iter()
            .find(|ending| unit.ends_with(&format!(".{ending}")));
        let told = self.names.of(Kind::Unit, unit);
        // An instance of a known unit: its own name may be anything, `15-main` in Debian.
        let told = match unit.split_once('@') {
            Some((base, _)) if is_known_unit(base) => format!("{base}@{told}"),
            Some(_) | None => told,
        };
        format!("{told}.{}", ending.unwrap_or("service"))
    }

    /// A service of Windows that many machines have by this name, or one of several of a kind, such as
    /// `postgresql-x64-16`; those are told by an ending of a unit from a unit.
    fn service_name(&mut self, name: &str) -> String {
        let is_unit = [".service", ".socket"]
            .iter()
            .any(|end| name.ends_with(end));
        if is_unit || is_known_unit(name) {
            return self.unit(name);
        }
        self.names.of(Kind::Unit, name)
    }

    fn service_state(&mut self, state: &ServiceState) -> ServiceState {
        let ServiceState { service, units } = state;
        ServiceState {
            service: self.service(service),
            units: self.all(units, |this, unit| {
                let ServiceUnit {
                    name,
                    state,
                    startup,
                    failure,
                    restarts,
                    since_secs,
                    may_use_low_ports,
                } = unit;
                ServiceUnit {
                    name: this.service_name(name),
                    state: *state,
                    startup: *startup,
                    failure: failure.as_ref().map(|failure| match failure {
                        Failure::Other { result } => Failure::Other {
                            result: this.text(result),
                        },
                        Failure::ExitStatus { .. }
                        | Failure::Command
                        | Failure::Signal { .. }
                        | Failure::Timeout
                        | Failure::OutOfMemory
                        | Failure::StartLimit => failure.clone(),
                    }),
                    restarts: *restarts,
                    since_secs: *since_secs,
                    may_use_low_ports: *may_use_low_ports,
                }
            }),
        }
    }

    fn port_use(&mut self, port_use: &PortUse) -> PortUse {
        let PortUse {
            udp,
            unix,
            connections,
            stopped,
            relays,
            in_containers,
            in_namespaces,
            has_labelled_ports,
            lent_to_clients,
            first_unprivileged,
            reserved,
            unread,
        } = port_use;
        PortUse {
            udp: self.endpoints(udp),
            unix: self.all(unix, |this, path| this.socket(path)),
            connections: *connections,
            stopped: self.all(stopped, Self::process),
            relays: self.all(relays, Self::process),
            in_containers: self.all(in_containers, Self::contained),
            in_namespaces: self.all(in_namespaces, Self::contained),
            has_labelled_ports: *has_labelled_ports,
            lent_to_clients: *lent_to_clients,
            first_unprivileged: *first_unprivileged,
            reserved: *reserved,
            unread: unread.clone(),
        }
    }

    /// A Unix socket by the name that its service gives it, in a folder without a name.
    fn socket(&mut self, path: &str) -> String {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let name = match (socket_service(path), socket_port(path)) {
            (Some("postgresql"), Some(port)) => format!(".s.PGSQL.{port}"),
            (Some("mongodb"), Some(port)) => format!("mongodb-{port}.sock"),
            (Some("mysql"), _) => "mysqld.sock".to_owned(),
            (Some(service), _) => format!("{service}.sock"),
            (None, _) => "socket".to_owned(),
        };
        let folder = if SOCKET_FOLDERS.contains(&folder) {
            folder.to_owned()
        } else {
            format!("/{}", self.names.of(Kind::Folder, folder))
        };
        format!("{folder}/{name}")
    }

    fn proxy_setting(&mut self, setting: &ProxySetting) -> ProxySetting {
        let ProxySetting { from, says } = setting;
        ProxySetting {
            from: *from,
            says: self.fact(says, |this, rule| match rule {
                ProxyRule::Direct => ProxyRule::Direct,
                ProxyRule::Through(proxy) => ProxyRule::Through(this.proxy(proxy)),
                ProxyRule::Exempt(proxy) => ProxyRule::Exempt(this.proxy(proxy)),
                ProxyRule::Script { host } => ProxyRule::Script {
                    host: host.as_ref().map(|host| this.host_text(host)),
                },
                ProxyRule::Discovery => ProxyRule::Discovery,
            }),
        }
    }

    fn proxy(&mut self, proxy: &Proxy) -> Proxy {
        let Proxy { host, port, kind } = proxy;
        Proxy {
            host: self.host_text(host),
            port: *port,
            kind: *kind,
        }
    }

    fn proxy_test(&mut self, test: &ProxyTest) -> ProxyTest {
        let ProxyTest {
            proxy,
            attempt,
            heard,
        } = test;
        ProxyTest {
            proxy: self.proxy(proxy),
            attempt: attempt.as_ref().map(|attempt| self.attempt(attempt)),
            heard: heard.as_ref().map(|heard| self.heard(heard)),
        }
    }

    fn service_settings(&mut self, settings: &ServiceSettings) -> ServiceSettings {
        let ServiceSettings {
            service,
            file,
            lines,
            unread,
        } = settings;
        ServiceSettings {
            service: self.service(service),
            file: self.text(file),
            lines: self.all(lines, Self::setting_line),
            unread: self.all(unread, |this, unread| {
                let UnreadFile { file, gap } = unread;
                UnreadFile {
                    file: this.text(file),
                    gap: this.gap(gap),
                }
            }),
        }
    }

    fn setting_line(&mut self, line: &SettingLine) -> SettingLine {
        let SettingLine {
            file,
            line,
            text,
            is_default,
            port,
            addresses,
            is_without_tcp,
        } = line;
        SettingLine {
            file: self.text(file),
            line: *line,
            text: self.text(text),
            is_default: *is_default,
            port: *port,
            addresses: self.all(addresses, |this, address| this.text(address)),
            is_without_tcp: *is_without_tcp,
        }
    }

    fn network(&mut self, network: &NetworkState) -> NetworkState {
        let NetworkState {
            interfaces,
            default_gateways,
            routes,
        } = network;
        NetworkState {
            interfaces: self.all(interfaces, |this, interface| {
                let Interface {
                    name,
                    up,
                    loopback,
                    addresses,
                    link,
                } = interface;
                Interface {
                    name: this.interface(name),
                    up: *up,
                    loopback: *loopback,
                    addresses: this.all(addresses, |this, own| {
                        let InterfaceAddress { ip, prefix } = *own;
                        InterfaceAddress {
                            ip: this.addresses.address(ip),
                            prefix,
                        }
                    }),
                    link: this.fact(link, |_, link| *link),
                }
            }),
            default_gateways: self.facts(default_gateways, |this, ip| this.addresses.address(*ip)),
            routes: self.all(routes, |this, route| {
                let RouteTo {
                    to,
                    source,
                    os_code,
                    via,
                } = route;
                RouteTo {
                    to: this.addresses.address(*to),
                    source: source.map(|ip| this.addresses.address(ip)),
                    os_code: *os_code,
                    via: this.fact(via, |this, Via { interface, gateway }| Via {
                        interface: this.interface(interface),
                        gateway: gateway.map(|ip| this.addresses.address(ip)),
                    }),
                }
            }),
        }
    }

    /// An interface keeps a name that systems give; one that somebody gave may tell of whom it is,
    /// and one with a number in it may be made of a card's.
    pub(super) fn interface(&mut self, name: &str) -> String {
        let is_numbered = |start: &str| {
            let rest = name.strip_prefix(start);
            rest.is_some_and(|rest| rest.len() <= 2 && rest.bytes().all(|b| b.is_ascii_digit()))
        };
        // By where the card is: `enp0s31f6`.
        let is_placed = |start: &str| {
            let rest = name.strip_prefix(start);
            let is_place = |b: u8| b.is_ascii_digit() || b"spfnd".contains(&b);
            rest.is_some_and(|rest| rest.len() <= 8 && rest.bytes().all(is_place))
        };
        let is_usual = INTERFACES.into_iter().any(is_numbered) || PLACED.into_iter().any(is_placed);
        if is_usual || name.parse::<u32>().is_ok_and(|number| number < 1000) {
            return name.to_owned();
        }
        self.names.of(Kind::Interface, name)
    }

    fn firewall(&mut self, firewall: &Firewall) -> Firewall {
        let Firewall {
            kind,
            active,
            inbound_default,
            port,
            rule,
            remarks,
        } = firewall;
        Firewall {
            kind: *kind,
            active: self.fact(active, |_, active| *active),
            inbound_default: self.fact(inbound_default, |_, policy| *policy),
            port: self.fact(port, |_, policy| *policy),
            rule: rule.as_ref().map(|rule| self.rule_of_zone(rule, remarks)),
            remarks: self.all(remarks, Self::remark),
        }
    }

    fn remark(&mut self, remark: &Remark) -> Remark {
        match remark {
            Remark::PassedByDocker
            | Remark::Lasts
            | Remark::EndsAtReload
            | Remark::BeginsAtReload
            | Remark::VoidsLocalRules
            | Remark::IgnoresRules
            | Remark::AllowsOnPrivateNetworks
            | Remark::HidesClosedPorts
            | Remark::ChangedByReload
            | Remark::SavedRulesUnread => remark.clone(),
            Remark::BlocksPrograms { rules } => Remark::BlocksPrograms {
                rules: self.all(rules, |this, rule| {
                    let ProgramRule { id, program } = rule;
                    ProgramRule {
                        id: id.as_ref().map(|id| this.text(id)),
                        program: this.text(program),
                    }
                }),
            },
            Remark::LostAtReload { entries } => Remark::LostAtReload {
                entries: self.all(entries, Self::zone_entry),
            },
            Remark::BroughtByReload { entries } => Remark::BroughtByReload {
                entries: self.all(entries, Self::zone_entry),
            },
        }
    }

    fn zone_entry(&mut self, entry: &ZoneEntry) -> ZoneEntry {
        let ZoneEntry { zone, kind, value } = entry;
        ZoneEntry {
            zone: self.usual_or(Kind::Zone, zone, &ZONES),
            kind: *kind,
            value: match kind {
                ZoneEntryKind::Interface => self.interface(value),
                ZoneEntryKind::Source
                | ZoneEntryKind::Service
                | ZoneEntryKind::Port
                | ZoneEntryKind::Protocol
                | ZoneEntryKind::SourcePort
                | ZoneEntryKind::ForwardPort
                | ZoneEntryKind::RichRule => self.text(value),
            },
        }
    }

    /// A rule that is one of a zone's settings is still that one.
    fn rule_of_zone(&mut self, rule: &DecidingRule, remarks: &[Remark]) -> DecidingRule {
        let mut entries = remarks.iter().flat_map(|remark| match remark {
            Remark::LostAtReload { entries } | Remark::BroughtByReload { entries } => {
                entries.as_slice()
            }
            Remark::PassedByDocker
            | Remark::Lasts
            | Remark::EndsAtReload
            | Remark::BeginsAtReload
            | Remark::VoidsLocalRules
            | Remark::IgnoresRules
            | Remark::AllowsOnPrivateNetworks
            | Remark::BlocksPrograms { .. }
            | Remark::HidesClosedPorts
            | Remark::ChangedByReload
            | Remark::SavedRulesUnread => &[],
        });
        let mut told = self.rule(rule);
        if let Some(entry) = entries.find(|entry| entry.text() == rule.text) {
            told.text = self.zone_entry(entry).text();
        }
        told
    }

    fn outbound(&mut self, outbound: &Outbound) -> Outbound {
        let Outbound {
            to,
            policy,
            firewall,
            rule,
            stops_answer,
        } = outbound;
        Outbound {
            to: self.addresses.endpoint(*to),
            policy: self.fact(policy, |_, policy| *policy),
            firewall: *firewall,
            rule: rule.as_ref().map(|rule| self.rule(rule)),
            stops_answer: *stops_answer,
        }
    }

    fn rule(&mut self, rule: &DecidingRule) -> DecidingRule {
        let DecidingRule {
            text,
            chain,
            zone,
            is_default,
        } = rule;
        // The names first, so that they are known in the rule's text.
        let chain = chain.as_ref().map(|chain| {
            let FilterChain {
                family,
                table,
                chain,
                legacy,
                newer,
            } = chain;
            FilterChain {
                family: match family.as_str() {
                    "ip" | "ip6" | "inet" => family.clone(),
                    other => self.text(other),
                },
                table: self.usual_or(Kind::Table, table, &TABLES),
                chain: self.usual_or(Kind::Chain, chain, &CHAINS),
                legacy: *legacy,
                newer: *newer,
            }
        });
        let zone = zone
            .as_ref()
            .map(|zone| self.usual_or(Kind::Zone, zone, &ZONES));
        DecidingRule {
            text: self.text(text),
            chain,
            zone,
            is_default: *is_default,
        }
    }

    fn usual_or(&mut self, kind: Kind, name: &str, usual: &[&str]) -> String {
        if usual.contains(&name) {
            return name.to_owned();
        }
        self.names.of(kind, name)
    }

    fn question(&mut self, question: &Question) -> Question {
        let Question { about, start, took } = question;
        Question {
            about: self.about(about),
            start: *start,
            took: *took,
        }
    }

    fn about(&mut self, about: &About) -> About {
        let mut at = |addr: &SocketAddr| self.addresses.endpoint(*addr);
        match about {
            About::Name(name) => About::Name(self.names.host(name)),
            About::Srv(name) => About::Srv(self.names.host(name)),
            About::DnsServer(addr) => About::DnsServer(at(addr)),
            About::Connect(addr) => About::Connect(at(addr)),
            About::Repeats(addr) => About::Repeats(at(addr)),
            About::Hop { addr, hops } => About::Hop {
                addr: at(addr),
                hops: *hops,
            },
            About::Ping(ip) => About::Ping(self.addresses.address(*ip)),
            About::Reference(addr) => About::Reference(at(addr)),
            About::Proxy(addr) => About::Proxy(at(addr)),
            About::Around(addr) => About::Around(at(addr)),
            About::Gateway(addr) => About::Gateway(at(addr)),
            About::Greeting(addr) => About::Greeting(at(addr)),
            About::Tls(addr) => About::Tls(at(addr)),
            About::Http(addr) => About::Http(at(addr)),
            About::FirstQuestion(addr) => About::FirstQuestion(at(addr)),
            About::Repeated(addr) => About::Repeated(at(addr)),
            About::NameSettings
            | About::OwnPorts
            | About::Listeners
            | About::PortUse
            | About::Network
            | About::ServiceStates
            | About::ServiceSettings
            | About::Firewalls => about.clone(),
        }
    }
}

/// The programs of a command line that many machines have, without their folders and options.
fn known_programs_in(command: &str) -> String {
    let mut told = String::new();
    for word in command.split_whitespace() {
        let file = word.rsplit(['/', '\\']).next().unwrap_or(word);
        let word = if is_known_program(file) { file } else { "…" };
        if word == "…" && told.ends_with(LEFT_OUT) {
            continue;
        }
        if !told.is_empty() {
            told.push(' ');
        }
        told.push_str(word);
    }
    told
}

const SECONDS_OF_A_DAY: i64 = 86_400;

/// Sources of names of nsswitch.conf(5) and its modules.
const SOURCES: [&str; 16] = [
    "compat",
    "db",
    "dns",
    "files",
    "ldap",
    "mdns",
    "mdns4",
    "mdns4_minimal",
    "mdns6",
    "mdns6_minimal",
    "mdns_minimal",
    "myhostname",
    "mymachines",
    "nis",
    "resolve",
    "wins",
];

/// Conditions between them.
const CONDITIONS: [&str; 6] = [
    "[NOTFOUND=return]",
    "[!UNAVAIL=return]",
    "[UNAVAIL=return]",
    "[SUCCESS=return]",
    "[TRYAGAIN=return]",
    "[NOTFOUND=continue]",
];

/// Alerts of TLS (RFC 8446, 6, and older ones), as they are spelt in the evidence.
const ALERTS: [&str; 35] = [
    "access_denied",
    "bad_certificate",
    "bad_certificate_hash_value",
    "bad_certificate_status_response",
    "bad_record_mac",
    "certificate_expired",
    "certificate_required",
    "certificate_revoked",
    "certificate_unknown",
    "certificate_unobtainable",
    "close_notify",
    "decode_error",
    "decompression_failure",
    "decrypt_error",
    "decryption_failed",
    "export_restriction",
    "handshake_failure",
    "illegal_parameter",
    "inappropriate_fallback",
    "insufficient_security",
    "internal_error",
    "missing_extension",
    "no_application_protocol",
    "no_certificate",
    "no_renegotiation",
    "protocol_version",
    "record_overflow",
    "unexpected_message",
    "unknown_ca",
    "unknown_psk_identity",
    "unrecognised_name",
    "unrecognized_name",
    "unsupported_certificate",
    "unsupported_extension",
    "user_canceled",
];

/// Folders in which services put their sockets on many machines.
const SOCKET_FOLDERS: [&str; 10] = [
    "/run",
    "/run/mysqld",
    "/run/postgresql",
    "/run/redis",
    "/tmp",
    "/var/lib/mysql",
    "/var/run",
    "/var/run/mysqld",
    "/var/run/postgresql",
    "/var/run/redis",
];

/// How systems name interfaces that they number.
const INTERFACES: [&str; 24] = [
    "Ethernet",
    "Ethernet ",
    "Loopback Pseudo-Interface ",
    "Wi-Fi",
    "Wi-Fi ",
    "awdl",
    "bond",
    "br",
    "bridge",
    "docker",
    "dummy",
    "en",
    "eth",
    "lo",
    "ppp",
    "tailscale",
    "tap",
    "tun",
    "utun",
    "virbr",
    "vmnet",
    "wg",
    "wlan",
    "wwan",
];

/// How Linux begins the names of those that it names by their place.
const PLACED: [&str; 6] = ["eno", "enp", "ens", "wlo", "wlp", "wls"];

/// Tables of packet filters that tools make.
const TABLES: [&str; 7] = [
    "filter",
    "firewalld",
    "inet",
    "mangle",
    "nat",
    "raw",
    "security",
];

/// Their chains.
const CHAINS: [&str; 18] = [
    "DOCKER",
    "DOCKER-USER",
    "FORWARD",
    "INPUT",
    "OUTPUT",
    "POSTROUTING",
    "PREROUTING",
    "filter_INPUT",
    "filter_OUTPUT",
    "filter_FORWARD",
    "input",
    "output",
    "forward",
    "ufw-after-input",
    "ufw-before-input",
    "ufw-reject-input",
    "ufw-user-input",
    "ufw-user-output",
];

/// Zones that firewalld comes with.
const ZONES: [&str; 12] = [
    "block",
    "dmz",
    "docker",
    "drop",
    "external",
    "home",
    "internal",
    "libvirt",
    "nm-shared",
    "public",
    "trusted",
    "work",
];
