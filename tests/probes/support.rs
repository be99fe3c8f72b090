//! What the probe tests share: targets, a machine that answers from memory, a run that collects.

use std::cell::RefCell;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ketnoi::evidence::{
    Evidence, Fact, Firewall, Interface, InterfaceAddress, Listener, NameSettings, NetworkState,
    Observation, Os, ProxySetting,
};
use ketnoi::platform::Platform;
use ketnoi::platform::incoming::Incoming;
use ketnoi::platform::parse::proxies::WebTarget;
use ketnoi::probe::Network;
use ketnoi::target::{Host, PortSource, Protocol, Target};
use ketnoi::worker::{Job, investigate};

pub fn target(host: Host, port: u16, protocol: Protocol) -> Target {
    Target {
        input: format!("{host}:{port}"),
        host,
        port,
        port_from: PortSource::Typed,
        scheme: None,
        service: None,
        protocol,
        srv: None,
        tls: None,
    }
}

pub fn literal(ip: &str) -> Host {
    match ip.parse().unwrap() {
        IpAddr::V4(address) => Host::V4(address),
        IpAddr::V6(address) => Host::V6 {
            address,
            zone: None,
        },
    }
}

pub fn name(ascii: &str) -> Host {
    Host::Name {
        ascii: ascii.to_owned(),
        unicode: ascii.to_owned(),
    }
}

pub fn job(target: Target, patience: Duration) -> Job {
    Job::new(1, target, patience)
}

/// A machine with one network, 192.168.7.2/24, that counts what it is asked.
#[derive(Default)]
pub struct Machine {
    pub asked_for_listeners: AtomicUsize,
    pub asked_for_firewalls: AtomicUsize,
    /// How it looks names up; nothing where that cannot be told.
    pub name_settings: Option<NameSettings>,
    /// Asking for the firewalls waits until the other end is gone.
    pub firewalls_hang: Mutex<Option<Receiver<()>>>,
    pub asked_for_proxies: AtomicUsize,
    /// What is set, and says so for every target.
    pub proxies: Vec<ProxySetting>,
}

impl Platform for Machine {
    fn os(&self) -> Os {
        Os::Linux
    }

    fn listeners(&self) -> Fact<Vec<Listener>> {
        self.asked_for_listeners.fetch_add(1, Ordering::SeqCst);
        Fact::Known(Vec::new())
    }

    fn network(&self, _targets: &[IpAddr]) -> Fact<NetworkState> {
        let address = InterfaceAddress {
            ip: "192.168.7.2".parse().unwrap(),
            prefix: 24,
        };
        Fact::Known(NetworkState {
            interfaces: vec![Interface {
                name: "eth0".to_owned(),
                up: true,
                loopback: false,
                addresses: vec![address],
                link: Fact::default(),
            }],
            default_gateways: Fact::Known(Vec::new()),
            routes: Vec::new(),
        })
    }

    fn name_settings(&self, _name: &str) -> Fact<NameSettings> {
        self.name_settings
            .clone()
            .map_or_else(Fact::default, Fact::Known)
    }

    fn proxies(&self, _: &WebTarget) -> Fact<Vec<ProxySetting>> {
        self.asked_for_proxies.fetch_add(1, Ordering::SeqCst);
        Fact::Known(self.proxies.clone())
    }

    fn firewalls(&self, _: &Incoming) -> Fact<Vec<Firewall>> {
        self.asked_for_firewalls.fetch_add(1, Ordering::SeqCst);
        let hang = self.firewalls_hang.lock().unwrap().take();
        let _ = hang.map(|until| until.recv());
        Fact::Known(Vec::new())
    }
}

/// A finished run.
pub struct Run {
    pub observations: Vec<Observation>,
    pub evidence: Evidence,
    pub machine: Arc<Machine>,
}

impl Run {
    pub fn firewalls_asked(&self) -> usize {
        self.machine.asked_for_firewalls.load(Ordering::SeqCst)
    }

    pub fn listeners_asked(&self) -> usize {
        self.machine.asked_for_listeners.load(Ordering::SeqCst)
    }

    pub fn proxies_asked(&self) -> usize {
        self.machine.asked_for_proxies.load(Ordering::SeqCst)
    }

    pub fn reference_ports(&self) -> Vec<u16> {
        let references = &self.evidence.references;
        references.iter().map(|a| a.addr.port()).collect()
    }
}

pub async fn run<N: Network>(network: &N, job: Job) -> Run {
    run_on(Arc::new(Machine::default()), network, job).await
}

pub async fn run_on<N: Network>(machine: Arc<Machine>, network: &N, job: Job) -> Run {
    let seen = RefCell::new(Vec::new());
    let platform = Arc::clone(&machine) as Arc<dyn Platform>;
    investigate(&job, platform, network, |o| seen.borrow_mut().push(o)).await;
    let observations = seen.into_inner();
    let mut evidence = Evidence::new(job.target, Os::Linux, job.patience);
    for observation in &observations {
        evidence.record(observation.clone());
    }
    Run {
        observations,
        evidence,
        machine,
    }
}

pub fn addr(text: &str) -> SocketAddr {
    text.parse().unwrap()
}
