//! One target's investigation: what is asked, in which order, and for how long.
//!
//! The order is the one that decides soonest. Independent questions run side by side, except to
//! the same host: its rejects may be rate-limited (ICMP: six at once, then one a second on Linux),
//! so nothing else is asked of it until it has answered or been silent for 1.1 s (`reach`).

pub(super) mod asking;
mod conversation;
mod hops;
mod names;
mod proxies;
mod reach;
mod repeat;
mod survey;

use std::cell::{Cell, OnceCell, RefCell};
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot};
use tokio::time::{Instant, timeout};

use crate::catalogue::{self, Service};
use crate::evidence::{
    About, Background, Fact, Listener, NamedSettings, NetworkState, Observation, Os, Outbound,
    Process, ServiceSettings, ServiceUnit, UnitState, is_link_local, neighbour_ports,
};
use crate::platform::Platform;
use crate::platform::incoming::Incoming;
use crate::platform::outgoing::Outgoing;
use crate::probe::Network;
use crate::target::{Host, Target};
use asking::{Asked, here, together};

/// One target to be investigated.
#[derive(Clone, Debug)]
pub struct Job {
    /// Whose observations these are: a number the asker chooses.
    pub run: u64,
    /// What to reach.
    pub target: Target,
    /// How long a silent peer is given, per connect.
    pub patience: Duration,
    /// How many connects to the asked port: one, unless a row of them was asked for.
    pub connects: u16,
    /// Whether no other port of the target's host may be asked.
    pub target_only: bool,
    /// The machine for which the firewalls here are judged; any other one, unless it is told.
    pub from: Option<IpAddr>,
    /// How much is asked.
    pub depth: Depth,
}

/// How much is asked about a target.
#[derive(Clone, Debug)]
pub enum Depth {
    /// Whatever decides.
    Full,
    /// What is asked of each of many targets: its name, one connect to each address, and whether the
    /// peer greets. All tests that share the ration together have as many sockets open as it has
    /// permits, and no more.
    Survey(Arc<Semaphore>),
}

impl Job {
    /// One connect to each address of `target`, and other ports of its host where they decide.
    #[must_use]
    pub fn new(run: u64, target: Target, patience: Duration) -> Self {
        Self {
            run,
            target,
            patience,
            connects: 1,
            target_only: false,
            from: None,
            depth: Depth::Full,
        }
    }
}

/// How long a silent peer is given unless told otherwise: longer than the 3.1 s after which Linux
/// gives up on a neighbour that is off, and than the 2 s that a refusal takes on Windows.
pub const PATIENCE: Duration = Duration::from_secs(4);

/// Asks until the answer stands or there is nothing more to ask; everything that is seen is given
/// to `emit`, [`Observation::Complete`] last.
///
/// Dropping the future ends all questions; the system's resolver and this machine's tables, which
/// cannot be interrupted, are left to themselves.
pub async fn investigate<N: Network>(
    job: &Job,
    platform: Arc<dyn Platform>,
    network: &N,
    emit: impl Fn(Observation),
) {
    let (trouble, troubled) = oneshot::channel();
    let (doubt, doubted) = oneshot::channel();
    let investigation = Investigation {
        job,
        os: platform.os(),
        platform,
        network,
        emit: &emit,
        start: Instant::now(),
        endpoint: OnceCell::new(),
        trouble: Cell::new(Some(trouble)),
        port_use_asked: Cell::new(false),
        doubt: Cell::new(Some(doubt)),
        state: OnceCell::new(),
        listens_here: Cell::default(),
        holder: RefCell::default(),
        backgrounds: RefCell::default(),
        settings: RefCell::default(),
        failing: RefCell::default(),
        tried: RefCell::default(),
        connects: Cell::new(0),
    };
    match &job.depth {
        Depth::Full => {
            tokio::join!(
                investigation.conduct(troubled, doubted),
                investigation.os_release()
            );
        }
        Depth::Survey(ration) => investigation.survey(ration).await,
    }
    emit(Observation::Complete);
}

struct Investigation<'a, N> {
    job: &'a Job,
    os: Os,
    platform: Arc<dyn Platform>,
    network: &'a N,
    emit: &'a dyn Fn(Observation),
    start: Instant,
    /// Where the target really is: after an SRV question not what was typed.
    endpoint: OnceCell<(Host, u16)>,
    /// Sent when the first address is in trouble: then the firewalls of this machine matter.
    trouble: Cell<Option<oneshot::Sender<()>>>,
    port_use_asked: Cell<bool>,
    /// This machine's network, once it was read.
    state: OnceCell<NetworkState>,
    /// Whether something here listens on the asked port.
    listens_here: Cell<Option<bool>>,
    /// The program that listens on the asked port here, where it is known.
    holder: RefCell<Option<Process>>,
    /// What stands behind the listeners on the asked port.
    backgrounds: RefCell<Vec<Background>>,
    /// The settings of the expected services, once they were read.
    settings: RefCell<Vec<ServiceSettings>>,
    /// Sent when no address has connected so far: then the name itself is doubted.
    doubt: Cell<Option<oneshot::Sender<()>>>,
    /// The addresses that have not connected so far, though tried.
    failing: RefCell<Vec<SocketAddr>>,
    /// The addresses that are tried.
    tried: RefCell<Vec<SocketAddr>>,
    /// How often the asked port was connected to.
    connects: Cell<u32>,
}

impl<N: Network> Investigation<'_, N> {
    async fn conduct(&self, troubled: oneshot::Receiver<()>, doubted: oneshot::Receiver<()>) {
        let Some(endpoint) = self.find_endpoint().await else {
            return;
        };
        let (host, port) = self.endpoint.get_or_init(|| endpoint);
        let Some(mut addresses) = self.addresses(host, *port).await else {
            return;
        };
        addresses.truncate(MOST_ADDRESSES);
        let ips: Vec<IpAddr> = addresses.iter().map(SocketAddr::ip).collect();
        let only_here = ips.iter().all(|ip| is_here(*ip));
        let targets = ips.clone();
        // Elsewhere the network tells which addresses are no endpoints, so it is asked first. An
        // answer that does not come delays nobody for long: the kernel knows them as well. On
        // loopback it has no part, unless this turns out to be a container.
        let mut network = pin!(self.network_state(ips));
        let early = if only_here {
            None
        } else {
            timeout(NETWORK_HEAD_START, &mut network).await.ok()
        };
        let state = early.as_ref().and_then(Fact::known);
        addresses.retain(|addr| is_endpoint(*addr, state));
        self.tried.replace(addresses.clone());
        let own = |addr: &SocketAddr| {
            is_here(addr.ip()) || state.is_some_and(|state| state.is_own(addr.ip()))
        };
        tokio::join!(
            async {
                if early.is_none() && !only_here {
                    network.await;
                }
            },
            async {
                if addresses.iter().any(own) {
                    self.listeners().await;
                }
            },
            async {
                let all = addresses.iter().map(|addr| async {
                    let beyond = state.is_some_and(|state| !state.is_on_link(addr.ip()));
                    self.reach(*addr, own(addr), beyond).await;
                    self.repeat(*addr).await;
                });
                together(all.map(Box::pin).collect()).await;
                self.trouble.take();
                self.doubt.take();
            },
            async {
                if !only_here {
                    self.try_proxies(&targets).await;
                }
            },
            async {
                if doubted.await.is_ok() {
                    self.doubt_name().await;
                }
            },
            async {
                if troubled.await.is_ok() {
                    self.firewalls().await;
                }
            },
        );
        let all_failed = self.failing.borrow().len() == addresses.len();
        let nobody = self.listens_here.get() == Some(false);
        if only_here && all_failed && nobody {
            self.look_outside(targets).await;
        }
        if addresses.iter().any(own) {
            if all_failed {
                self.service_settings().await;
            }
            if (all_failed && nobody) || self.is_held_by_another() {
                self.service_states().await;
            }
        }
    }

    async fn listeners(&self) {
        let platform = Arc::clone(&self.platform);
        let (_, port) = self.endpoint();
        let asked = self.ask(About::Listeners);
        let others = neighbour_ports(port, self.job.target.service.as_deref());
        let read = move || platform.listeners_near(port, &others);
        let listeners = here(TABLE_PATIENCE, read).await;
        drop(asked);
        let on_port = |all: &Vec<Listener>| all.iter().any(|l| l.addr.port() == port);
        let listens_here = listeners.known().map(on_port);
        self.listens_here.set(listens_here);
        let all = listeners.known().into_iter().flatten();
        let mut at_port = all.filter(|listener| listener.addr.port() == port);
        let holder = at_port.find_map(|listener| listener.process.known());
        self.holder.replace(holder.cloned());
        self.tell(Observation::Listeners(listeners.clone()));
        if let (Fact::Known(listeners), Some(true)) = (listeners, listens_here) {
            self.backgrounds(listeners).await;
        }
    }

    async fn backgrounds(&self, listeners: Vec<Listener>) {
        let platform = Arc::clone(&self.platform);
        let (_, port) = self.endpoint();
        let read = move || Fact::Known(platform.backgrounds(port, &listeners));
        if let Fact::Known(backgrounds) = here(TABLE_PATIENCE, read).await
            && !backgrounds.is_empty()
        {
            self.backgrounds.replace(backgrounds.clone());
            self.tell(Observation::Backgrounds(backgrounds));
        }
    }

    /// Once a run: what else of this machine has to do with the port.
    async fn port_use(&self) {
        if self.port_use_asked.replace(true) {
            return;
        }
        let platform = Arc::clone(&self.platform);
        let (_, port) = self.endpoint();
        let asked = self.ask(About::PortUse);
        let port_use = here(TABLE_PATIENCE, move || platform.port_use(port)).await;
        drop(asked);
        self.tell(Observation::PortUse(port_use));
    }

    /// Where the services are set to listen that are expected on the port.
    async fn service_settings(&self) {
        let services = self.expected_services();
        if services.is_empty() {
            return;
        }
        let platform = Arc::clone(&self.platform);
        let asked = self.ask(About::ServiceSettings);
        let read = move || platform.service_settings(&services);
        let settings = here(TABLE_PATIENCE, read).await;
        drop(asked);
        let settings = settings.map(|all| self.settings_of_holder(all));
        self.settings
            .replace(settings.known().cloned().unwrap_or_default());
        self.tell(Observation::ServiceSettings(settings));
    }

    /// Without those of other instances of the service, where the program on the port was told at its start
    /// which are its own.
    fn settings_of_holder(&self, mut all: Vec<ServiceSettings>) -> Vec<ServiceSettings> {
        let holder = self.holder.borrow();
        let command = holder.as_ref().and_then(|holder| holder.command.as_deref());
        let named = command.and_then(NamedSettings::of);
        if let (Some(holder), Some(named)) = (holder.as_ref(), named) {
            let is_of = |service: &str| {
                catalogue::known(service).is_some_and(|service| service.is_run_by(holder))
            };
            all.retain(|settings| !is_of(&settings.service) || settings.may_be(&named));
        }
        all
    }

    /// The service whose program listens on the port at another address, or those that may.
    fn expected_services(&self) -> Vec<&'static Service> {
        let target = &self.job.target;
        if self.is_held_by_another() {
            return catalogue::expected(target);
        }
        let holder = self.holder.borrow();
        match holder
            .as_ref()
            .and_then(|holder| catalogue::of(target, Some(holder)))
        {
            Some(service) => vec![service],
            None => catalogue::expected(target),
        }
    }

    /// Whether who listens on the port is surely none of the services that are expected there: a program
    /// or unit of another. What passes connections on, or hands its socket out, may lead to them.
    fn is_held_by_another(&self) -> bool {
        let backgrounds = self.backgrounds.borrow();
        let leads_on = |background: &Background| {
            background.relay.is_some() || background.is_activated_by_socket
        };
        let holder = self.holder.borrow();
        let unit = backgrounds.iter().find_map(|one| one.unit.as_deref());
        if backgrounds.iter().any(leads_on) || (holder.is_none() && unit.is_none()) {
            return false;
        }
        let is_another = |service: &&Service| {
            let is_known = holder.is_none() || !service.processes.is_empty();
            let is_its = holder.as_ref().is_some_and(|one| service.is_run_by(one))
                || unit.is_some_and(|unit| service.has_unit(unit));
            is_known && !is_its
        };
        let expected = catalogue::expected(&self.job.target);
        !expected.is_empty() && expected.iter().all(is_another)
    }

    /// How the services fare that are expected on the port, where those are services we know.
    async fn service_states(&self) {
        let services = catalogue::expected(&self.job.target);
        if services.is_empty() {
            return;
        }
        let platform = Arc::clone(&self.platform);
        let asked = self.ask(About::ServiceStates);
        let read = move || platform.service_states(&services);
        let states = here(TABLE_PATIENCE, read).await;
        drop(asked);
        let has_failed = |unit: &ServiceUnit| unit.state == UnitState::Failed;
        let mut units = states
            .known()
            .into_iter()
            .flatten()
            .flat_map(|state| &state.units);
        let failed = units.any(has_failed);
        self.tell(Observation::ServiceStates(states));
        if failed {
            self.look_at_wanted_ports().await;
        }
    }

    /// Who has the other ports that a service is set to, which failed: it starts with all or not at all.
    async fn look_at_wanted_ports(&self) {
        let (_, port) = self.endpoint();
        let mut others = neighbour_ports(port, self.job.target.service.as_deref());
        let known = others.len();
        let settings = self.settings.borrow().clone();
        let lines = settings.iter().flat_map(|settings| &settings.lines);
        let wanted = lines.filter_map(|line| line.port);
        others.extend(wanted.filter(|wanted| *wanted != port).take(MOST_WANTED));
        if others.len() == known {
            return;
        }
        let platform = Arc::clone(&self.platform);
        let read = move || platform.listeners_near(port, &others);
        if let listeners @ Fact::Known(_) = here(TABLE_PATIENCE, read).await {
            self.tell(Observation::Listeners(listeners));
        }
    }

    async fn os_release(&self) {
        let platform = Arc::clone(&self.platform);
        let release = here(TABLE_PATIENCE, move || platform.os_release()).await;
        self.tell(Observation::OsRelease(release));
    }

    async fn network_state(&self, targets: Vec<IpAddr>) -> Fact<NetworkState> {
        // What is read to explain a failed lookup knows no route to the target.
        let is_about_nothing = targets.is_empty();
        let platform = Arc::clone(&self.platform);
        let asked = self.ask(About::Network);
        let state = here(TABLE_PATIENCE, move || platform.network(&targets)).await;
        drop(asked);
        self.tell(Observation::Network(state.clone()));
        if let (Fact::Known(known), false) = (&state, is_about_nothing) {
            let _ = self.state.set(known.clone());
        }
        state
    }

    async fn firewalls(&self) {
        let platform = Arc::clone(&self.platform);
        let connection = self.incoming();
        // Trouble is reported at the latest when silence becomes suspicious, so this ends with the
        // longest connect or shortly after.
        let rest = self.job.patience.saturating_sub(self.suspicion()) + FIREWALL_OVERTIME;
        let limit = FIREWALL_PATIENCE.min(rest);
        let asked = self.ask(About::Firewalls);
        let firewalls = here(limit, move || platform.firewalls(&connection));
        let (firewalls, outbound) = tokio::join!(firewalls, self.outbound(limit));
        drop(asked);
        self.tell(Observation::Firewalls(firewalls));
        if let Some(outbound) = outbound {
            self.tell(Observation::Outbound(outbound));
        }
    }

    /// What the rules here do with connections to the target's addresses on other machines.
    async fn outbound(&self, limit: Duration) -> Option<Fact<Vec<Outbound>>> {
        let connections = self.outgoing();
        if connections.is_empty() {
            return None;
        }
        let platform = Arc::clone(&self.platform);
        Some(here(limit, move || platform.outbound(&connections)).await)
    }

    fn outgoing(&self) -> Vec<Outgoing> {
        let Some(state) = self.state.get() else {
            return Vec::new();
        };
        let tried = self.tried.borrow();
        let elsewhere = tried.iter().filter(|addr| !state.is_own(addr.ip()));
        elsewhere.map(|addr| Outgoing::new(*addr, state)).collect()
    }

    /// Whether the asked port may be connected to once more; if so, that is counted.
    fn may_connect(&self) -> bool {
        let connects = self.connects.get();
        self.connects.set((connects + 1).min(MOST_CONNECTS));
        connects < MOST_CONNECTS
    }

    /// The connection to this machine that its firewalls are asked about: to the target's own
    /// address, where that is one of this machine's.
    fn incoming(&self) -> Incoming {
        let (host, port) = self.endpoint();
        let state = self.state.get();
        let destination = host
            .literal()
            .map(|ip| ip.to_canonical())
            .filter(|ip| !is_here(*ip) && state.is_some_and(|state| state.is_own(*ip)));
        let v6 = destination.is_some_and(|ip| ip.is_ipv6());
        Incoming {
            source: self.job.from.filter(|ip| ip.is_ipv6() == v6),
            destination,
            interface: destination.and_then(|ip| state?.interface_of(ip)),
            ..Incoming::to_port(port, v6)
        }
    }

    fn endpoint(&self) -> (&Host, u16) {
        let (host, port) = self.endpoint.get().expect("set before anything is reached");
        (host, *port)
    }

    /// How long a peer may be silent before the firewalls here are looked at.
    fn suspicion(&self) -> Duration {
        SUSPICION.min(self.job.patience / 2)
    }

    fn report_trouble(&self) {
        if let Some(trouble) = self.trouble.take() {
            // Nobody listens when the investigation is being dropped.
            let _ = trouble.send(());
        }
    }

    /// Says that an address has not connected so far.
    fn report_failure(&self, addr: SocketAddr) {
        let mut failing = self.failing.borrow_mut();
        if !failing.contains(&addr) {
            failing.push(addr);
        }
        if failing.len() == self.tried.borrow().len()
            && let Some(doubt) = self.doubt.take()
        {
            let _ = doubt.send(());
        }
    }

    /// Asks, and says how long it took.
    async fn timed<T>(&self, about: About, question: impl Future<Output = T>) -> (T, Duration) {
        let asked = self.ask(about);
        let answer = question.await;
        (answer, asked.start.elapsed())
    }

    fn ask(&self, about: About) -> Asked<'_> {
        Asked::new(self.emit, about, self.start)
    }

    fn tell(&self, observation: Observation) {
        (self.emit)(observation);
    }
}

/// Loopback, and the unspecified address, which connects to this machine.
fn is_here(ip: IpAddr) -> bool {
    let ip = ip.to_canonical();
    ip.is_loopback() || ip.is_unspecified()
}

/// Whether a TCP connection to the address can exist at all.
fn is_endpoint(addr: SocketAddr, network: Option<&NetworkState>) -> bool {
    let ip = addr.ip().to_canonical();
    let is_reserved = matches!(ip, IpAddr::V4(v4) if v4.octets()[0] >= 240);
    let lacks_zone = matches!(addr, SocketAddr::V6(v6) if is_link_local(ip) && v6.scope_id() == 0);
    let is_broadcast = network.is_some_and(|network| network.is_broadcast(ip));
    !(ip.is_multicast() || is_reserved || lacks_zone || is_broadcast)
}

/// How long connects wait for the network's state, which tells broadcast addresses.
const NETWORK_HEAD_START: Duration = Duration::from_millis(250);

/// So many other ports of a service are looked at.
const MOST_WANTED: usize = 16;

/// How long this machine's tables are given; they take milliseconds.
pub(super) const TABLE_PATIENCE: Duration = Duration::from_secs(2);

/// A peer that has not answered by now is far away, or in trouble.
const SUSPICION: Duration = Duration::from_millis(500);

/// How long the firewalls are given: a system service may have to start.
pub(super) const FIREWALL_PATIENCE: Duration = Duration::from_millis(2200);

/// How much longer than a silent connect they may take.
const FIREWALL_OVERTIME: Duration = Duration::from_millis(400);

/// A port is connected to no more often than this, packets that do not get there included: fail2ban,
/// rate limits and MySQL's `max_connect_errors` count connections, and devices on the way do too.
const MOST_CONNECTS: u32 = 3;

/// A name with more addresses is tested on these.
const MOST_ADDRESSES: usize = 16;
