//! Linux: listeners from netlink and `/proc`, interfaces from netlink, routes from `/proc`, firewalls from their
//! files, from D-Bus, and for root from the tools that list their rules.

mod backgrounds;
mod containers;
mod counters;
mod firewalld;
mod firewalls;
mod holders;
mod listeners;
pub(super) mod netlink;
mod packet_filters;
mod port_use;
mod proxies;
mod service_manager;
mod service_settings;
mod stillness;
mod surroundings;
mod system_bus;

use std::fs::File;
use std::io::{self, Read as _};
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::incoming::Incoming;
use super::outgoing::{self, Outgoing};
use super::parse::neighbours::Entry;
use super::parse::proxies::WebTarget;
use super::parse::{os_release, proc_route};
use super::{Platform, interfaces, name_files};
use crate::catalogue::Service;
use crate::evidence::{
    Background, Counters, Fact, Firewall, Gap, Listener, MacAddress, NameSettings, Neighbour,
    NetworkState, Os, OsRelease, Outbound, OwnPorts, PortUse, ProxySetting, SeenConnection,
    ServiceSettings, ServiceState,
};

/// This machine, running Linux.
pub struct Linux {
    /// `/proc`.
    proc: PathBuf,
    /// `/etc`.
    etc: PathBuf,
    /// Where the programs of the system are; never the folders that a user's `PATH` names.
    programs: Vec<PathBuf>,
    /// Whether the kernel is asked over netlink, or only `/proc` is read.
    netlink: bool,
}

impl Linux {
    pub fn new() -> Self {
        Self {
            proc: "/proc".into(),
            etc: "/etc".into(),
            programs: ["/usr/sbin", "/sbin", "/usr/bin"].map(PathBuf::from).into(),
            netlink: true,
        }
    }

    /// The path of one of the system's programs.
    fn program(&self, name: &str) -> Option<PathBuf> {
        let candidates = self.programs.iter().map(|folder| folder.join(name));
        candidates.into_iter().find(|path| path.is_file())
    }
}

impl Platform for Linux {
    fn os(&self) -> Os {
        Os::Linux
    }

    /// The file of `/etc` comes before the one that the distribution ships (os-release(5)).
    fn os_release(&self) -> Fact<OsRelease> {
        let files = [self.etc.join("os-release"), "/usr/lib/os-release".into()];
        let mut texts = files
            .iter()
            .filter_map(|path| std::fs::read_to_string(path).ok());
        let kernel = std::fs::read_to_string(self.proc.join("sys/kernel/osrelease"));
        let kernel = kernel.ok().map(|kernel| kernel.trim().to_owned());
        match texts.find_map(|text| os_release::pretty_name(&text)) {
            Some(name) => Fact::Known(OsRelease {
                name,
                build: kernel,
            }),
            None => Fact::Unknown(Gap::Unreadable {
                what: files[0].display().to_string(),
            }),
        }
    }

    fn listeners(&self) -> Fact<Vec<Listener>> {
        listeners::all(self)
    }

    fn wants_stillness(&self) -> Fact<bool> {
        stillness::wanted()
    }

    fn listeners_near(&self, port: u16, others: &[u16]) -> Fact<Vec<Listener>> {
        listeners::near(self, port, others)
    }

    fn backgrounds(&self, port: u16, listeners: &[Listener]) -> Vec<Background> {
        backgrounds::of(self, port, listeners)
    }

    fn port_use(&self, port: u16) -> Fact<PortUse> {
        match port_use::of(self, port) {
            Ok(port_use) => Fact::Known(port_use),
            Err(gap) => Fact::Unknown(gap),
        }
    }

    fn connections_on(&self, port: u16) -> Fact<Vec<SeenConnection>> {
        match netlink::arrivals_on(port) {
            Ok(seen) => Fact::Known(seen),
            Err(error) => Fact::Unknown(Gap::Unreadable {
                what: format!("sock_diag: {error}"),
            }),
        }
    }

    fn service_states(&self, services: &[&'static Service]) -> Fact<Vec<ServiceState>> {
        service_manager::states_of(services)
    }

    fn service_settings(&self, services: &[&'static Service]) -> Fact<Vec<ServiceSettings>> {
        Fact::Known(service_settings::of(Path::new("/"), services))
    }

    fn counters(&self) -> Fact<Counters> {
        match counters::now(self) {
            Ok(counters) => Fact::Known(counters),
            Err(gap) => Fact::Unknown(gap),
        }
    }

    fn neighbours(&self) -> Fact<Vec<Neighbour>> {
        match neighbours() {
            Ok(all) => Fact::Known(all.into_iter().map(|entry| entry.neighbour).collect()),
            Err(gap) => Fact::Unknown(gap),
        }
    }

    /// An address that two links know, as `fe80::1` may be, tells of neither.
    fn mac_of(&self, ip: IpAddr) -> Fact<Option<MacAddress>> {
        let all = match neighbours() {
            Ok(all) => all,
            Err(gap) => return Fact::Unknown(gap),
        };
        let of_ip = |entry: &&Entry| entry.neighbour.ip == ip && entry.neighbour.is_there();
        let mut found = all.iter().filter(of_ip).map(|entry| entry.mac);
        let first = found.next().flatten();
        Fact::Known(first.filter(|_| found.next().is_none()))
    }

    fn network(&self, targets: &[IpAddr]) -> Fact<NetworkState> {
        match interfaces::interfaces() {
            Ok(mut interfaces) => {
                let mut routes = interfaces::routes(targets);
                surroundings::complete(&mut interfaces, &mut routes);
                Fact::Known(NetworkState {
                    interfaces,
                    default_gateways: default_gateways(&self.proc),
                    routes,
                })
            }
            Err(error) => Fact::Unknown(Gap::Unreadable {
                what: format!("interfaces: {error}"),
            }),
        }
    }

    fn own_ports(&self, to: SocketAddr) -> Fact<OwnPorts> {
        match surroundings::own_ports(&self.proc, to) {
            Ok(ports) => Fact::Known(ports),
            Err(gap) => Fact::Unknown(gap),
        }
    }

    /// Every link but loopback is made by software (sysfs has no device for it), as in a network
    /// namespace. Where sysfs does not tell, the files of Docker and Podman do; they alone are no
    /// proof: a virtual machine made from an image has them too.
    fn in_container(&self) -> Fact<bool> {
        let links = Path::new("/sys/class/net");
        match made_up_links_only(links) {
            Ok(contained) => Fact::Known(contained),
            Err(error) => Fact::Unknown(unreadable(links, &error)),
        }
    }

    fn proxies(&self, target: &WebTarget) -> Fact<Vec<ProxySetting>> {
        let places = proxies::Places {
            etc: self.etc.clone(),
            variable: |name: &str| std::env::var(name).ok(),
        };
        Fact::Known(places.settings(target))
    }

    fn name_settings(&self, name: &str) -> Fact<NameSettings> {
        Fact::Known(name_files::from_folder(&self.etc, name))
    }

    fn firewalls(&self, connection: &Incoming) -> Fact<Vec<Firewall>> {
        Fact::Known(firewalls::found(self, connection))
    }

    fn outbound(&self, connections: &[Outgoing]) -> Fact<Vec<Outbound>> {
        let user = std::fs::metadata(self.proc.join("self"));
        let user = user.ok().map(|own| own.uid());
        match packet_filters::everything(self) {
            Ok(rules) => {
                let judged = connections.iter();
                Fact::Known(judged.map(|to| outgoing::judge(&rules, to, user)).collect())
            }
            Err(gap) => {
                let by_files = |to| firewalls::outbound_by_ufw(self, to);
                let told: Option<Vec<Outbound>> = connections.iter().map(by_files).collect();
                told.map_or(Fact::Unknown(gap), Fact::Known)
            }
        }
    }
}

fn neighbours() -> Result<Vec<Entry>, Gap> {
    netlink::neighbours().map_err(|error| Gap::Unreadable {
        what: format!("neighbours: {error}"),
    })
}

/// Whether there are links beside loopback, none of them with a device behind.
fn made_up_links_only(links: &Path) -> io::Result<bool> {
    let mut any = false;
    for link in std::fs::read_dir(links)? {
        let link = link?;
        if link.file_name() == "lo" {
            continue;
        }
        if link.path().join("device").exists() {
            return Ok(false);
        }
        any = true;
    }
    Ok(any)
}

/// From `/proc`, which shows default routes that netlink readers leave out: those without a gateway
/// and those over the other family's.
fn default_gateways(proc: &Path) -> Fact<Vec<IpAddr>> {
    match read_gateways(proc) {
        Ok(gateways) => Fact::Known(gateways),
        Err(gap) => Fact::Unknown(gap),
    }
}

fn read_gateways(proc: &Path) -> Result<Vec<IpAddr>, Gap> {
    let path = proc.join("net/route");
    let gateways = proc_route::default_gateways_v4(&read(&path)?);
    let mut gateways = gateways.map_err(|malformed| unreadable(&path, &malformed))?;
    let path = proc.join("net/ipv6_route");
    if let Some(table) = read_if_there(&path)? {
        let more = proc_route::default_gateways_v6(&table);
        gateways.extend(more.map_err(|malformed| unreadable(&path, &malformed))?);
    }
    Ok(gateways)
}

/// A file as text.
fn read(path: &Path) -> Result<String, Gap> {
    read_text(path).map_err(|error| unreadable(path, &error))
}

/// A file that not every machine has: a kernel without IPv6 has no tables for it.
fn read_if_there(path: &Path) -> Result<Option<String>, Gap> {
    match read_text(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(path, &error)),
    }
}

/// `/proc` tells no sizes, so room is made beforehand: fewer reads.
fn read_text(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::with_capacity(16 << 10);
    File::open(path)?.read_to_end(&mut bytes)?;
    String::from_utf8(bytes).map_err(io::Error::other)
}

fn unreadable(path: &Path, error: &dyn std::fmt::Display) -> Gap {
    Gap::Unreadable {
        what: format!("{}: {error}", path.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_machine_without_ipv6_still_has_its_gateways() {
        let proc = tempfile::tempdir().unwrap();
        fs::create_dir(proc.path().join("net")).unwrap();
        let table = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\n\
                     eth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n";
        fs::write(proc.path().join("net/route"), table).unwrap();
        let gateway: IpAddr = "192.168.1.1".parse().unwrap();
        assert_eq!(default_gateways(proc.path()), Fact::Known(vec![gateway]));
    }

    #[test]
    fn an_unreadable_route_table_is_not_an_empty_one() {
        let proc = tempfile::tempdir().unwrap();
        let gateways = default_gateways(proc.path());
        assert!(matches!(
            gateways,
            Fact::Unknown(Gap::Unreadable { what }) if what.contains("net/route")
        ));
    }

    #[test]
    fn this_machine_has_a_network() {
        let network = Linux::new().network(&[]);
        assert!(!network.known().unwrap().interfaces.is_empty());
    }
}
