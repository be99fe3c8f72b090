//! The worker's thread: run ids, cancelling, the listeners for examples.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use ketnoi::evidence::{
    Attempt, DirectAnswer, Fact, Heard, Lookup, Observation, Outcome, Spoke, Transfer,
};
use ketnoi::probe::{Handshake, Hello, Network, SrvRecord};
use ketnoi::target::{Host, Protocol};
use ketnoi::worker::{Job, Worker};

use crate::support::{Machine, literal, target};

/// A network where port 1 never answers and every other port refuses; it says which questions
/// were abandoned.
struct Stubborn {
    abandoned: Sender<SocketAddr>,
}

struct Pending<'a> {
    addr: SocketAddr,
    abandoned: &'a Sender<SocketAddr>,
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        let _ = self.abandoned.send(self.addr);
    }
}

impl Network for Stubborn {
    type Stream = ();

    async fn resolve(&self, _host: &str, _port: u16, _limit: Duration) -> Lookup {
        unreachable!("only literals are asked for")
    }

    async fn srv(
        &self,
        _question: &str,
        _limit: Duration,
    ) -> Result<Vec<SrvRecord>, Fact<Vec<DirectAnswer>>> {
        unreachable!("only literals are asked for")
    }

    fn dns_servers(&self) -> Fact<Vec<SocketAddr>> {
        unreachable!("only literals are asked for")
    }

    async fn ask_dns_server(&self, _: SocketAddr, _: &str, _: Duration) -> DirectAnswer {
        unreachable!("only literals are asked for")
    }

    async fn connect(&self, addr: SocketAddr, _patience: Duration) -> (Attempt, Option<()>) {
        if addr.port() == 1 {
            let abandoned = &self.abandoned;
            let _pending = Pending { addr, abandoned };
            std::future::pending::<()>().await;
        }
        let attempt = Attempt {
            addr,
            outcome: Outcome::Refused,
            took: Duration::ZERO,
            os_code: Some(111),
            at_once: false,
            source: None,
            icmp: None,
        };
        (attempt, None)
    }

    async fn listen(&self, _stream: &mut (), _limit: Duration) -> Heard {
        Heard::Nothing
    }

    async fn connect_small(&self, addr: SocketAddr, patience: Duration) -> (Attempt, Option<()>) {
        self.connect(addr, patience).await
    }

    async fn secure(&self, (): (), _: Hello<'_>, _: Duration) -> Handshake<()> {
        Handshake::without_stream(Heard::Nothing)
    }

    async fn say_large_hello(&self, (): &mut (), _: Hello<'_>, _: Duration) -> Heard {
        Heard::Nothing
    }

    async fn ask_first(&self, (): &mut (), _: Spoke, _: Duration) -> Heard {
        Heard::Nothing
    }

    fn transfer(&self, (): &()) -> Fact<Transfer> {
        Fact::default()
    }

    async fn request(&self, (): &mut (), _: &Host, _: u16, _: Duration) -> Heard {
        Heard::Nothing
    }
}

struct Bench {
    worker: Worker,
    woken: Receiver<()>,
    abandoned: Receiver<SocketAddr>,
}

fn bench() -> Bench {
    let (wake, woken) = channel();
    let (abandon, abandoned) = channel();
    let network = Stubborn { abandoned: abandon };
    let machine = Arc::new(Machine::default());
    let wake = move || {
        let _ = wake.send(());
    };
    let worker = Worker::start_with(machine, network, wake).unwrap();
    Bench {
        worker,
        woken,
        abandoned,
    }
}

fn job(run: u64, port: u16) -> Job {
    let target = target(literal("127.0.0.1"), port, Protocol::Http);
    Job::new(run, target, Duration::from_secs(4))
}

/// Long enough for any machine; only a failure waits for it.
const LIMIT: Duration = Duration::from_secs(20);

impl Bench {
    /// Drains until one observation is as wished; all that was drained.
    fn drain_until(&self, wished: impl Fn(&Observation) -> bool) -> Vec<(u64, Observation)> {
        let mut drained = Vec::new();
        while !drained.iter().any(|(_, o)| wished(o)) {
            self.woken.recv_timeout(LIMIT).expect("a wake-up");
            drained.extend(self.worker.drain());
        }
        drained
    }
}

#[test]
fn observations_arrive_with_their_run_and_end_with_completion() {
    let bench = bench();
    bench.worker.ask(job(7, 2));
    let drained = bench.drain_until(|o| *o == Observation::Complete);
    assert!(drained.iter().all(|(run, _)| *run == 7));
    let refused =
        |o: &Observation| matches!(o, Observation::Attempt(a) if a.outcome == Outcome::Refused);
    assert!(drained.iter().any(|(_, o)| refused(o)));
    assert_eq!(bench.worker.drain(), []);
}

#[test]
fn cancelling_abandons_the_questions_at_once() {
    let bench = bench();
    bench.worker.ask(job(1, 1));
    bench.drain_until(|o| matches!(o, Observation::Listeners(_)));
    bench.worker.cancel();
    let abandoned = bench.abandoned.recv_timeout(LIMIT).unwrap();
    assert_eq!(abandoned.port(), 1);
    bench.worker.ask(job(2, 2));
    let drained = bench.drain_until(|o| *o == Observation::Complete);
    assert!(
        drained
            .iter()
            .all(|(run, o)| *run == 2 || *o != Observation::Complete)
    );
}

#[test]
fn a_new_job_takes_the_place_of_the_one_under_way() {
    let bench = bench();
    bench.worker.ask(job(1, 1));
    bench.drain_until(|o| matches!(o, Observation::Listeners(_)));
    bench.worker.ask(job(2, 2));
    bench.abandoned.recv_timeout(LIMIT).unwrap();
    let drained = bench.drain_until(|o| *o == Observation::Complete);
    assert_eq!(drained.last().unwrap().0, 2);
}

#[test]
fn a_worker_that_goes_abandons_its_questions() {
    let bench = bench();
    bench.worker.ask(job(1, 1));
    bench.drain_until(|o| matches!(o, Observation::Listeners(_)));
    drop(bench.worker);
    bench.abandoned.recv_timeout(LIMIT).unwrap();
}

#[test]
fn listeners_are_listed_beside_a_job_without_disturbing_it() {
    let bench = bench();
    bench.worker.ask(job(1, 1));
    bench.drain_until(|o| matches!(o, Observation::Listeners(_)));
    assert_eq!(bench.worker.drain_listeners(), None);
    bench.worker.list_listeners();
    let listed = loop {
        bench.woken.recv_timeout(LIMIT).expect("a wake-up");
        if let Some(listed) = bench.worker.drain_listeners() {
            break listed;
        }
    };
    assert_eq!(listed, Fact::Known(Vec::new()));
    assert_eq!(bench.worker.drain_listeners(), None);
    assert!(bench.abandoned.try_recv().is_err(), "the job goes on");
}
