//! Runs investigations beside the window, on a thread of its own.
//!
//! The window asks, is woken, and drains. It never waits, and the worker never names it. What is
//! asked and in which order is [`investigate`]'s business; the command line calls that directly.

mod investigation;
mod investigator;
mod local_look;
mod pasted_output;
mod reference_ports;
mod runtime;

pub use investigation::{Depth, Job, PATIENCE, investigate};
pub use investigator::Investigator;
pub use local_look::{LocalJob, WATCH};
pub use pasted_output::read_pasted_output;
pub use runtime::runtime;

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::{Handle, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::evidence::{Evidence, Fact, Listener, Observation};
use crate::platform::Platform;
use crate::probe::{Network, SystemNetwork};

/// A thread that investigates one job at a time.
///
/// Dropping it abandons whatever it does.
pub struct Worker {
    commands: UnboundedSender<Command>,
    outbox: Arc<Outbox>,
    platform: Arc<dyn Platform>,
    runtime: Handle,
}

/// What the window can tell the worker's thread.
enum Command {
    /// Drop what is being done and do this.
    Ask(Box<Job>),
    /// Drop what is being done.
    Cancel,
}

/// What is waiting for the window.
struct Outbox {
    observations: Mutex<Vec<(u64, Observation)>>,
    listeners: Mutex<Option<Fact<Vec<Listener>>>>,
    outputs: Mutex<Vec<(u64, Option<Observation>)>>,
    stillness: Mutex<Option<Fact<bool>>>,
    wake: Box<dyn Fn() + Send + Sync>,
}

impl Worker {
    /// Starts the thread; `wake` is called from it whenever there is something to drain.
    ///
    /// # Errors
    /// When the system gives no thread, or no descriptor to wait on.
    pub fn start(
        platform: Arc<dyn Platform>,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let network = SystemNetwork::new(platform.os());
        Self::start_with(platform, network, wake)
    }

    /// [`Worker::start`] with another network than the real one.
    ///
    /// # Errors
    /// As for [`Worker::start`].
    pub fn start_with<N: Network + Send + 'static>(
        platform: Arc<dyn Platform>,
        network: N,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let runtime = runtime()?;
        let (commands, received) = unbounded_channel();
        let outbox = Arc::new(Outbox {
            observations: Mutex::default(),
            listeners: Mutex::default(),
            outputs: Mutex::default(),
            stillness: Mutex::default(),
            wake: Box::new(wake),
        });
        let worker = Self {
            commands,
            outbox: Arc::clone(&outbox),
            platform: Arc::clone(&platform),
            runtime: runtime.handle().clone(),
        };
        std::thread::Builder::new()
            .name("ketnoi-worker".to_owned())
            .spawn(move || run(runtime, received, &platform, &network, &outbox))?;
        Ok(worker)
    }

    /// Begins `job`, and drops the one under way at once.
    pub fn ask(&self, job: Job) {
        self.send(Command::Ask(Box::new(job)));
    }

    /// Drops the job under way at once. What it has said already stays to be drained.
    pub fn cancel(&self) {
        self.send(Command::Cancel);
    }

    /// Takes what has been seen since the last call, each with the run it belongs to.
    #[must_use]
    pub fn drain(&self) -> Vec<(u64, Observation)> {
        std::mem::take(&mut *lock(&self.outbox.observations))
    }

    /// Asks for this machine's listeners, beside any job; see [`Worker::drain_listeners`].
    pub fn list_listeners(&self) {
        let platform = Arc::clone(&self.platform);
        let outbox = Arc::clone(&self.outbox);
        self.runtime.spawn_blocking(move || {
            *lock(&outbox.listeners) = Some(platform.listeners());
            (outbox.wake)();
        });
    }

    /// Takes the listeners that [`Worker::list_listeners`] asked for, once they are there.
    #[must_use]
    pub fn drain_listeners(&self) -> Option<Fact<Vec<Listener>>> {
        lock(&self.outbox.listeners).take()
    }

    /// Asks whether things may move on this machine's screen, beside any job.
    pub fn ask_for_stillness(&self) {
        let platform = Arc::clone(&self.platform);
        let outbox = Arc::clone(&self.outbox);
        self.runtime.spawn_blocking(move || {
            *lock(&outbox.stillness) = Some(platform.wants_stillness());
            (outbox.wake)();
        });
    }

    /// Takes what [`Worker::ask_for_stillness`] asked for, once it is there.
    #[must_use]
    pub fn drain_stillness(&self) -> Option<Fact<bool>> {
        lock(&self.outbox.stillness).take()
    }

    /// Reads a firewall's output for a run, beside any job: a long listing takes its time.
    pub fn read_output(&self, run: u64, text: String, evidence: Evidence) {
        let outbox = Arc::clone(&self.outbox);
        self.runtime.spawn_blocking(move || {
            let read = read_pasted_output(&text, &evidence);
            lock(&outbox.outputs).push((run, read));
            (outbox.wake)();
        });
    }

    /// Takes what [`Worker::read_output`] has read, each with its run; nothing where an output is
    /// not recognised.
    #[must_use]
    pub fn drain_outputs(&self) -> Vec<(u64, Option<Observation>)> {
        std::mem::take(&mut *lock(&self.outbox.outputs))
    }

    fn send(&self, command: Command) {
        // Fails only when the thread is gone, and then there is nobody to tell.
        let _ = self.commands.send(command);
    }
}

impl Outbox {
    fn put(&self, run: u64, observation: Observation) {
        lock(&self.observations).push((run, observation));
        (self.wake)();
    }
}

/// The thread: serves until the [`Worker`] is gone.
fn run<N: Network>(
    runtime: Runtime,
    commands: UnboundedReceiver<Command>,
    platform: &Arc<dyn Platform>,
    network: &N,
    outbox: &Outbox,
) {
    runtime.block_on(serve(commands, platform, network, outbox));
    // A firewall service that hangs must not keep the thread.
    runtime.shutdown_background();
}

async fn serve<N: Network>(
    mut commands: UnboundedReceiver<Command>,
    platform: &Arc<dyn Platform>,
    network: &N,
    outbox: &Outbox,
) {
    let mut waiting = None;
    loop {
        let command = match waiting.take() {
            None => commands.recv().await,
            Some(job) => tokio::select! {
                biased;
                command = commands.recv() => command,
                () = work_on(&job, platform, network, outbox) => continue,
            },
        };
        waiting = match command {
            Some(Command::Ask(job)) => Some(*job),
            Some(Command::Cancel) => None,
            None => return,
        };
    }
}

async fn work_on<N: Network>(
    job: &Job,
    platform: &Arc<dyn Platform>,
    network: &N,
    outbox: &Outbox,
) {
    let emit = |observation| outbox.put(job.run, observation);
    investigate(job, Arc::clone(platform), network, emit).await;
}

fn lock<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
