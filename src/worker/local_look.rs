//! One port of this machine, looked at without connecting anywhere: its tables once, and the table
//! of connections again and again while it is watched.

use std::cell::RefCell;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep_until};

use super::investigation::asking::{Asked, here};
use super::investigation::{FIREWALL_PATIENCE, TABLE_PATIENCE};
use crate::evidence::{About, Evidence, Fact, Observation, Watch, Watcher, neighbour_ports};
use crate::platform::Platform;
use crate::platform::incoming::Incoming;
use crate::target::Target;

/// A port to be looked at.
#[derive(Clone, Debug)]
pub struct LocalJob {
    /// The port, as a target on this machine.
    pub target: Target,
    /// The client for which the firewalls are judged.
    pub from: Option<IpAddr>,
    /// How long arriving connections are watched.
    pub watch: Duration,
}

/// How long arriving connections are watched unless told otherwise.
pub const WATCH: Duration = Duration::from_secs(5);

/// Looks at the port; the tables are read while the watch goes on, so that nothing that arrives in
/// the meantime is missed. The watch ends early when `enough` does.
pub async fn look(
    job: &LocalJob,
    platform: Arc<dyn Platform>,
    enough: impl Future<Output = ()>,
) -> (Evidence, Watch) {
    let evidence = Evidence::new(job.target.clone(), platform.os(), Duration::ZERO);
    let evidence = RefCell::new(evidence);
    let emit = |observation| evidence.borrow_mut().record(observation);
    let (watch, ()) = tokio::join!(
        watch(job.target.port, job.watch, Arc::clone(&platform), enough),
        read_tables(job, platform, &emit),
    );
    emit(Observation::Complete);
    (evidence.into_inner(), watch)
}

async fn read_tables(job: &LocalJob, platform: Arc<dyn Platform>, emit: &dyn Fn(Observation)) {
    let start = Instant::now();
    let port = job.target.port;
    let asked = Asked::new(emit, About::Listeners, start);
    let others = neighbour_ports(port, job.target.service.as_deref());
    let table = Arc::clone(&platform);
    let listeners = here(TABLE_PATIENCE, move || table.listeners_near(port, &others)).await;
    drop(asked);
    emit(Observation::Listeners(listeners.clone()));
    if let Fact::Known(listeners) = listeners {
        let table = Arc::clone(&platform);
        let read = move || Fact::Known(table.backgrounds(port, &listeners));
        if let Fact::Known(backgrounds) = here(TABLE_PATIENCE, read).await {
            emit(Observation::Backgrounds(backgrounds));
        }
    }
    let asked = Asked::new(emit, About::PortUse, start);
    let table = Arc::clone(&platform);
    let port_use = here(TABLE_PATIENCE, move || table.port_use(port)).await;
    drop(asked);
    emit(Observation::PortUse(port_use));
    let asked = Asked::new(emit, About::Network, start);
    let table = Arc::clone(&platform);
    let network = here(TABLE_PATIENCE, move || table.network(&[])).await;
    drop(asked);
    emit(Observation::Network(network));
    let table = Arc::clone(&platform);
    let release = here(TABLE_PATIENCE, move || table.os_release()).await;
    emit(Observation::OsRelease(release));
    let asked = Asked::new(emit, About::Firewalls, start);
    let connection = Incoming {
        source: job.from,
        ..Incoming::to_port(port, job.from.is_some_and(|ip| ip.is_ipv6()))
    };
    let firewalls = here(FIREWALL_PATIENCE, move || platform.firewalls(&connection)).await;
    drop(asked);
    emit(Observation::Firewalls(firewalls));
}

/// Reads the table of connections until the time is over, at least once.
async fn watch(
    port: u16,
    limit: Duration,
    platform: Arc<dyn Platform>,
    enough: impl Future<Output = ()>,
) -> Watch {
    let (start, began) = (Instant::now(), Timestamp::now());
    let mut enough = pin!(enough);
    let mut end = start + limit;
    let mut watcher = Watcher::default();
    loop {
        let asked = Instant::now();
        let table = Arc::clone(&platform);
        match here(TABLE_PATIENCE, move || table.connections_on(port)).await {
            Fact::Known(seen) => watcher.poll(asked - start, &seen),
            Fact::Unknown(gap) => {
                return Watch {
                    arrivals: Fact::Unknown(gap),
                    ..watcher.watch(began, start.elapsed())
                };
            }
        }
        if Instant::now() >= end {
            return watcher.watch(began, start.elapsed());
        }
        // A long table takes its time, and must not keep a processor busy.
        let pause = INTERVAL.max(asked.elapsed() * 4);
        tokio::select! {
            () = sleep_until((asked + pause).min(end)) => {}
            () = &mut enough => end = Instant::now(),
        }
    }
}

/// How often the table is read.
const INTERVAL: Duration = Duration::from_millis(50);
