//! Everything that is asked of one address: the connect, and other ports of its host where they
//! decide. What is spoken once a connection stands is in `conversation`.

use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::asking::here;
use super::{Investigation, TABLE_PATIENCE, is_here};
use crate::evidence::{
    About, Attempt, Bypass, Counters, Departure, Heard, Interface, LinkKind, Neighbour,
    NetworkState, Observation, Os, Outcome, Ping, is_link_local,
};
use crate::probe::Network;
use crate::worker::reference_ports;

impl<N: Network> Investigation<'_, N> {
    /// Everything that is asked of one address: this machine's `own`, or one `beyond` a router.
    pub(super) async fn reach(&self, addr: SocketAddr, own: bool, beyond: bool) {
        let (attempt, stream) = self.connect(addr, own, beyond).await;
        let outcome = attempt.outcome;
        let by_reset = outcome == Outcome::Refused && attempt.icmp.is_none();
        let told = outcome == Outcome::Connected || by_reset;
        // An own address says what this machine does, not what others see of it.
        let decided = told && (is_here(addr.ip()) || (!own && outcome == Outcome::Connected));
        if !decided {
            self.report_trouble();
        }
        if outcome != Outcome::Connected {
            self.report_failure(addr);
        }
        let took = attempt.took;
        self.tell(Observation::Attempt(attempt));
        if outcome == Outcome::AddressNotAvailable {
            self.count_own_ports(addr).await;
        }
        if let Some(stream) = stream {
            let heard = self.converse(addr, stream, took).await;
            if own {
                self.look_behind(heard).await;
            }
        } else if own && (by_reset || outcome == Outcome::Silent) {
            self.port_use().await;
        } else if by_reset && !own {
            let service = self.job.target.service.as_deref();
            let ports = reference_ports::beside_refusal(addr.port(), service);
            let remaining = self.job.patience.saturating_sub(took);
            let is_enough = |outcome| outcome == Outcome::Connected;
            let until = Instant::now() + remaining;
            let answered = self.references(addr, &ports, remaining, is_enough).await;
            if let Some(other) = answered.filter(|_| beyond) {
                self.where_refused(addr, other, until).await;
            }
        }
    }

    /// Connects once; when the peer keeps silent, asks other ports of its host meanwhile.
    ///
    /// Counters are read before, and again as soon as there is trouble: by then the SYN has been
    /// sent twice, and nothing else has been sent to the host.
    async fn connect(
        &self,
        addr: SocketAddr,
        own: bool,
        beyond: bool,
    ) -> (Attempt, Option<N::Stream>) {
        let before = if own { None } else { self.counters().await };
        let _asked = self.ask(About::Connect(addr));
        self.may_connect();
        let mut connect = pin!(self.network.connect(addr, self.job.patience));
        let suspicion = self.suspicion();
        if let Ok(ended) = timeout(suspicion, &mut connect).await {
            let outcome = ended.0.outcome;
            if matches!(outcome, Outcome::Refused | Outcome::Silent) {
                self.departure(addr, before).await;
            }
            return ended;
        }
        self.report_trouble();
        self.report_failure(addr);
        if let Ok(ended) = timeout(QUIET.saturating_sub(suspicion), &mut connect).await {
            if ended.0.outcome == Outcome::Silent {
                self.departure(addr, before).await;
            }
            return ended;
        }
        self.departure(addr, before).await;
        let ports = reference_ports::beside_silence(addr.port());
        let began = Instant::now();
        let mut around = pin!(self.go_around_tunnel(addr));
        tokio::select! {
            biased;
            ended = &mut connect => return ended,
            () = &mut around => {}
        }
        let used = QUIET + LAST_WORD + began.elapsed();
        let remaining = self.job.patience.saturating_sub(used);
        let is_enough = |outcome| outcome != Outcome::Silent;
        let mut others = pin!(async {
            let until = Instant::now() + remaining;
            let (answered, ()) = tokio::join!(
                self.references(addr, &ports, remaining, is_enough),
                self.look_for(addr, own),
            );
            if let Some(other) = answered.filter(|_| beyond && !own) {
                self.where_dropped(addr, other, until).await;
            }
        });
        tokio::select! {
            biased;
            ended = &mut connect => return ended,
            () = &mut others => {}
        }
        connect.await
    }

    /// Looks for signs of life of a silent machine: the neighbour table, and a ping, which takes
    /// no connect.
    async fn look_for(&self, addr: SocketAddr, own: bool) {
        if own || self.job.target_only {
            return;
        }
        let ip = addr.ip().to_canonical();
        let asked = self.ask(About::Ping(ip));
        let answered = self.network.ping(addr, PING_PATIENCE).await;
        drop(asked);
        if let Some(answered) = answered {
            self.tell(Observation::Ping(Ping { to: ip, answered }));
        }
        let platform = Arc::clone(&self.platform);
        let neighbours = here(TABLE_PATIENCE, move || platform.neighbours()).await;
        let all = || neighbours.known().into_iter().flatten();
        for neighbour in all().filter(|neighbour| neighbour.ip == ip) {
            self.tell(Observation::Neighbour(*neighbour));
        }
        // Another one that lies as far out in a large network shows that the mask is right.
        let is_far = |ip| self.state.get().is_some_and(|s| s.is_far_neighbour(ip));
        let is_other = |n: &&Neighbour| n.ip != ip && n.is_there() && is_far(n.ip);
        if is_far(ip)
            && let Some(other) = all().find(is_other)
        {
            self.tell(Observation::Neighbour(*other));
        }
    }

    async fn counters(&self) -> Option<Counters> {
        let platform = Arc::clone(&self.platform);
        let counters = here(TABLE_PATIENCE, move || platform.counters()).await;
        counters.known().copied()
    }

    async fn departure(&self, addr: SocketAddr, before: Option<Counters>) {
        if let Some(before) = before
            && let Some(after) = self.counters().await
        {
            let departure = Departure::between(addr, &before, &after);
            self.tell(Observation::Departure(departure));
        }
    }

    /// Where the way to a silent target leads into a tunnel: connects once through the card on whose
    /// network the target is.
    async fn go_around_tunnel(&self, addr: SocketAddr) {
        if self.job.target_only {
            return;
        }
        let Some(card) = self.state.get().and_then(|state| around(state, addr.ip())) else {
            return;
        };
        if !self.may_connect() {
            return;
        }
        let asked = self.ask(About::Around(addr));
        let patience = AROUND_PATIENCE.min(self.job.patience / 4);
        let connect = self.network.connect_through(&card, addr, patience).await;
        drop(asked);
        if let Some(attempt) = connect {
            let interface = card;
            self.tell(Observation::Bypass(Bypass { interface, attempt }));
        }
    }

    /// Counts the ports in use towards the target, when there seems to be none left.
    async fn count_own_ports(&self, addr: SocketAddr) {
        let platform = Arc::clone(&self.platform);
        let asked = self.ask(About::OwnPorts);
        let ports = here(TABLE_PATIENCE, move || platform.own_ports(addr)).await;
        drop(asked);
        self.tell(Observation::OwnPorts(ports));
    }

    /// When this machine's loopback refused and nothing here is meant: is this a container, and
    /// does its host have the port open? The gateway is asked once.
    pub(super) async fn look_outside(&self, targets: Vec<IpAddr>) {
        let contained = self.platform.in_container();
        self.tell(Observation::InContainer(contained.clone()));
        if contained.known() != Some(&true) || self.job.target_only {
            return;
        }
        let state = self.network_state(targets).await;
        let gateway = state.known().and_then(NetworkState::namespace_gateway);
        let Some(ip) = gateway.filter(|ip| !is_link_local(*ip)) else {
            return;
        };
        let addr = SocketAddr::new(ip, self.endpoint().1);
        let asked = self.ask(About::Gateway(addr));
        let patience = GATEWAY_PATIENCE.min(self.job.patience);
        let (attempt, _hang_up) = self.network.connect(addr, patience).await;
        drop(asked);
        self.tell(Observation::AtGateway(attempt));
    }

    /// Asks other ports of the host, one by one, until an outcome is enough or `remaining` is used
    /// up. Gives the last that answered.
    async fn references(
        &self,
        addr: SocketAddr,
        ports: &[u16],
        remaining: Duration,
        is_enough: impl Fn(Outcome) -> bool,
    ) -> Option<SocketAddr> {
        if self.job.target_only {
            return None;
        }
        let mut answered = None;
        let until = Instant::now() + remaining;
        let share = u32::try_from(ports.len()).map_or(remaining, |n| remaining / n.max(1));
        let least = least_wait(self.os);
        for port in ports {
            let left = until.saturating_duration_since(Instant::now());
            // A shorter wait would take for silence what is none.
            if left < least {
                return answered;
            }
            let wait = share.clamp(least, left);
            let mut other = addr;
            other.set_port(*port);
            let asked = self.ask(About::Reference(other));
            let (attempt, _hang_up) = self.network.connect(other, wait).await;
            drop(asked);
            let outcome = attempt.outcome;
            if matches!(outcome, Outcome::Connected | Outcome::Refused) && attempt.icmp.is_none() {
                answered = Some(other);
            }
            self.tell(Observation::Reference(attempt));
            if is_enough(outcome) {
                break;
            }
        }
        answered
    }

    /// What is behind a port of this machine whose peer kept silent or hung up: the queue, which
    /// still holds our connection when the program does not accept any, and the programs.
    async fn look_behind(&self, heard: Option<Heard>) {
        match heard {
            Some(Heard::Nothing) => tokio::join!(self.listeners(), self.port_use()),
            Some(Heard::Closed | Heard::Reset) => (self.port_use().await, ()),
            Some(_) | None => ((), ()),
        };
    }
}

/// The shortest wait whose silence means silence: elsewhere a refusal takes a round trip, on
/// Windows two seconds, because it tries again after a reset.
fn least_wait(os: Os) -> Duration {
    match os {
        Os::Linux | Os::Macos => Duration::from_millis(500),
        Os::Windows => Duration::from_millis(2500),
    }
}

/// How long a silent host is left alone: a repeated SYN (after one second) has been answered by
/// then, if it is.
const QUIET: Duration = Duration::from_millis(1100);

/// How long a ping is waited for.
const PING_PATIENCE: Duration = Duration::from_secs(1);

/// The card through which `ip` is reached when the way that the system chooses leads into a tunnel.
fn around(state: &NetworkState, ip: IpAddr) -> Option<String> {
    let via = state
        .routes
        .iter()
        .find(|route| route.to == ip)?
        .via
        .known()?;
    if state.link(&via.interface)?.kind != LinkKind::Tunnel {
        return None;
    }
    let is_card = |interface: &&Interface| {
        let link = interface.link.known();
        let is_wire = link.is_some_and(|link| !link.kind.is_made_up());
        interface.up && !interface.loopback && is_wire
    };
    let has =
        |interface: &&Interface, ip: IpAddr| interface.addresses.iter().any(|own| own.contains(ip));
    let mut cards = state.interfaces.iter().filter(is_card);
    // Elsewhere a detour would show the target to a network it is hidden from.
    let at_home = cards.find(|card| has(card, ip));
    at_home.map(|card| card.name.clone())
}

/// How long a connection around a tunnel is given.
const AROUND_PATIENCE: Duration = Duration::from_secs(1);

/// How long the host of a container is given: it is next door.
const GATEWAY_PATIENCE: Duration = Duration::from_millis(500);

/// The last reference ends this long before the patience does.
const LAST_WORD: Duration = Duration::from_millis(50);
