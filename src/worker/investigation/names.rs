//! From what was typed to addresses: SRV records, the system's resolver, and when that fails or
//! is slow, the DNS servers' own answers.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::asking::{here, together};
use super::{Investigation, TABLE_PATIENCE};
use crate::evidence::{
    About, DirectAnswer, DnsAnswer, Fact, InventedName, Lookup, LookupOutcome, NameSettings,
    Observation,
};
use crate::probe::Network;
use crate::target::{Host, Target};

impl<N: Network> Investigation<'_, N> {
    /// Host and port, after the SRV question where the scheme asks for one.
    pub(super) async fn find_endpoint(&self) -> Option<(Host, u16)> {
        let Target {
            host, port, srv, ..
        } = &self.job.target;
        let Some(prefix) = srv else {
            return Some((host.clone(), *port));
        };
        let question = format!("{prefix}.{}", host.ascii());
        let asked = self.ask(About::Srv(question.clone()));
        let answer = self.network.srv(&question, DIRECT_PATIENCE).await;
        drop(asked);
        match answer.map(|records| records.into_iter().next()) {
            Ok(Some(best)) => {
                let host = Host::Name {
                    unicode: best.host.clone(),
                    ascii: best.host,
                };
                let port = best.port;
                self.tell(Observation::SrvTarget {
                    host: host.clone(),
                    port,
                });
                Some((host, port))
            }
            Ok(None) => self.without_srv(host, Fact::Known(Vec::new())).await,
            Err(answers) => self.without_srv(host, answers).await,
        }
    }

    /// There is no endpoint then; whether there is such a name at all, the system tells.
    async fn without_srv(
        &self,
        host: &Host,
        answers: Fact<Vec<DirectAnswer>>,
    ) -> Option<(Host, u16)> {
        self.tell(Observation::DirectLookup(answers));
        let name = host.ascii();
        tokio::join!(
            self.resolve(&name, self.job.target.port),
            self.network_state(Vec::new())
        );
        None
    }

    /// The addresses to connect to; nothing when there are none, and why has been told.
    pub(super) async fn addresses(&self, host: &Host, port: u16) -> Option<Vec<SocketAddr>> {
        match host {
            Host::V4(ip) => Some(vec![(*ip, port).into()]),
            Host::V6 {
                address,
                zone: None,
            } => Some(vec![(*address, port).into()]),
            // The resolver turns a zone's name into its number; only its failure is worth telling.
            Host::V6 { zone: Some(_), .. } => {
                let literal = host.ascii();
                let lookup = self.network.resolve(&literal, port, LOOKUP_PATIENCE);
                match lookup.await {
                    Lookup {
                        outcome: LookupOutcome::Found(addresses),
                        ..
                    } => Some(addresses),
                    failed => {
                        self.tell(Observation::Lookup(Fact::Known(failed)));
                        self.network_state(Vec::new()).await;
                        None
                    }
                }
            }
            Host::Name { ascii, .. } => self.look_up(ascii, port).await,
        }
    }

    /// Asks the system's resolver; when it fails or is slow to, why.
    async fn look_up(&self, name: &str, port: u16) -> Option<Vec<SocketAddr>> {
        let mut lookup = pin!(self.resolve(name, port));
        let why = async {
            tokio::join!(
                self.ask_dns_servers(name),
                self.network_state(Vec::new()),
                self.name_settings(name)
            );
        };
        match timeout(SLOW_LOOKUP, &mut lookup).await {
            Ok(Some(found)) => Some(found),
            Ok(None) => {
                why.await;
                None
            }
            // Found or not, which server made it slow is worth the rest of their patience.
            Err(_slow) => tokio::join!(lookup, why).0,
        }
    }

    /// Asks the system's resolver and tells what it said.
    pub(super) async fn resolve(&self, name: &str, port: u16) -> Option<Vec<SocketAddr>> {
        let asked = self.ask(About::Name(name.to_owned()));
        let lookup = self.network.resolve(name, port, LOOKUP_PATIENCE).await;
        drop(asked);
        let found = match &lookup.outcome {
            LookupOutcome::Found(addresses) => Some(addresses.clone()),
            LookupOutcome::NotFound { .. }
            | LookupOutcome::NoAddress { .. }
            | LookupOutcome::Failed { .. }
            | LookupOutcome::TimedOut => None,
        };
        self.tell(Observation::Lookup(Fact::Known(lookup)));
        found
    }

    /// Asks whether the name's addresses are its own, when none of them connects: a line in the
    /// hosts file is compared with DNS, and names that do not exist show whether DNS answers for
    /// anything.
    pub(super) async fn doubt_name(&self) {
        let (Host::Name { ascii: name, .. }, _) = self.endpoint() else {
            return;
        };
        if name == "localhost" || name.ends_with(".localhost") {
            return;
        }
        let Fact::Known(settings) = self.name_settings(name).await else {
            return;
        };
        match settings.hosts_file.known() {
            Some(line) if !line.is_empty() => self.ask_dns_servers(name).await,
            Some(_) | None => {
                let completions = settings.completions(name);
                tokio::join!(
                    self.invent_names(completions),
                    // Of a short name DNS itself knows nothing.
                    self.ask_for_aliases(name.as_str(), completions.is_empty())
                );
            }
        }
    }

    /// Asks what the name is in DNS: an alias may lead somewhere else than the person believes.
    async fn ask_for_aliases(&self, name: &str, is_whole: bool) {
        if !is_whole {
            return;
        }
        if let Fact::Known(servers) = self.network.dns_servers() {
            let asked = Box::pin(self.ask_until_answered(&servers, name.to_owned())).await;
            let answers = asked.into_iter().map(|asked| asked.answer).collect();
            self.tell(Observation::DirectLookup(Fact::Known(answers)));
        }
    }

    async fn name_settings(&self, name: &str) -> Fact<NameSettings> {
        let platform = Arc::clone(&self.platform);
        let asked = self.ask(About::NameSettings);
        let for_whom = name.to_owned();
        let settings = here(TABLE_PATIENCE, move || platform.name_settings(&for_whom)).await;
        drop(asked);
        self.tell(Observation::NameSettings(settings.clone()));
        settings
    }

    /// Asks for a name that cannot exist, and for one below each domain that completes short
    /// names; of the servers the first that answers, because the system asks them that way too.
    async fn invent_names(&self, domains: &[String]) {
        let servers = match self.network.dns_servers() {
            Fact::Known(servers) => servers,
            Fact::Unknown(gap) => {
                self.tell(Observation::InventedNames(Fact::Unknown(gap)));
                return;
            }
        };
        let label = invented_label();
        let domains = domains.iter().take(MOST_DOMAINS).map(String::as_str);
        let names = domains.chain(["invalid"]).map(|d| format!("{label}.{d}"));
        let all = names.map(|name| self.ask_until_answered(&servers, name));
        let answers = together(all.map(Box::pin).collect()).await;
        let answers = answers.into_iter().flatten().collect();
        self.tell(Observation::InventedNames(Fact::Known(answers)));
    }

    async fn ask_until_answered(
        &self,
        servers: &[SocketAddr],
        name: String,
    ) -> Option<InventedName> {
        let mut last = None;
        for server in servers.iter().take(MOST_FOR_INVENTED) {
            let _asked = self.ask(About::DnsServer(*server));
            let question = self.network.ask_dns_server(*server, &name, DIRECT_PATIENCE);
            let answer = question.await;
            let is_mute = matches!(answer.answer, DnsAnswer::Silent | DnsAnswer::Unreachable);
            last = Some(InventedName {
                name: name.clone(),
                answer,
            });
            if !is_mute {
                break;
            }
        }
        last
    }

    /// Asks every configured server, side by side.
    async fn ask_dns_servers(&self, name: &str) {
        let answers = match self.network.dns_servers() {
            Fact::Unknown(gap) => Fact::Unknown(gap),
            Fact::Known(servers) => {
                let servers = servers.into_iter().take(MOST_DNS_SERVERS);
                let all = servers.map(|server| self.ask_dns_server(server, name));
                Fact::Known(together(all.map(Box::pin).collect()).await)
            }
        };
        self.tell(Observation::DirectLookup(answers));
    }

    async fn ask_dns_server(&self, server: SocketAddr, name: &str) -> DirectAnswer {
        let _asked = self.ask(About::DnsServer(server));
        self.network
            .ask_dns_server(server, name, DIRECT_PATIENCE)
            .await
    }
}

/// A label that nobody has given to anything: half of a random 64-bit number would do.
fn invented_label() -> String {
    let random = RandomState::new().build_hasher().finish();
    format!("ketnoi-{random:016x}")
}

/// As many domains complete a short name, for the question whether they answer for anything.
const MOST_DOMAINS: usize = 2;

/// As many servers are asked about an invented name, one after the other.
const MOST_FOR_INVENTED: usize = 2;

/// The system's resolver with one dead server takes 10 s (resolv.conf(5): two attempts of 5 s).
const LOOKUP_PATIENCE: Duration = Duration::from_millis(10_500);

/// After this long the resolver is slow enough to ask its servers why.
const SLOW_LOOKUP: Duration = Duration::from_secs(2);

/// How long a DNS server is given for a direct question.
const DIRECT_PATIENCE: Duration = Duration::from_millis(1500);

/// resolv.conf(5) has at most three; other systems list one per interface.
const MOST_DNS_SERVERS: usize = 4;
