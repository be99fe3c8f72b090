//! Commands for Linux, as data.

use super::client_network::ClientNetwork;
use super::command_line::CommandLine;
use super::service::Service;
use super::{Fix, Risk};
use crate::evidence::{FirewallKind, Os};

/// The firewalls worth a look when nothing is known, those with a tool of their own first: where
/// one is active, its rules are changed through it.
pub const FIREWALLS: [FirewallKind; 4] = [
    FirewallKind::Ufw,
    FirewallKind::Firewalld,
    FirewallKind::Nftables,
    FirewallKind::Iptables,
];

/// Ways to let `clients` in on `port`.
#[must_use]
pub fn allow_port(kind: FirewallKind, port: u16, clients: ClientNetwork) -> Vec<Fix> {
    match kind {
        FirewallKind::Ufw => vec![ufw(port, clients)],
        FirewallKind::Firewalld => firewalld(port, clients),
        FirewallKind::Nftables => vec![nftables(port, clients)],
        FirewallKind::Iptables => vec![iptables(port, clients)],
        FirewallKind::WindowsDefender | FirewallKind::MacosApplication | FirewallKind::Pf => {
            Vec::new()
        }
    }
}

/// Commands that show what a firewall lets in.
#[must_use]
pub fn read_rules(kind: FirewallKind) -> Vec<CommandLine> {
    match kind {
        FirewallKind::Ufw => vec![posix("sudo ufw status numbered")],
        FirewallKind::Firewalld => vec![
            posix("firewall-cmd --get-active-zones"),
            posix("sudo firewall-cmd --list-all"),
        ],
        FirewallKind::Nftables => vec![posix("sudo nft -a list ruleset")],
        FirewallKind::Iptables => vec![
            posix("sudo iptables -L INPUT -n -v --line-numbers"),
            posix("sudo ip6tables -L INPUT -n -v --line-numbers"),
        ],
        FirewallKind::WindowsDefender | FirewallKind::MacosApplication | FirewallKind::Pf => {
            Vec::new()
        }
    }
}

/// Commands that show what is kept from leaving.
#[must_use]
pub fn read_outbound_rules() -> Vec<CommandLine> {
    vec![
        posix("sudo ufw status verbose"),
        posix("sudo nft list ruleset"),
        posix("sudo iptables -S OUTPUT"),
        posix("sudo ip6tables -S OUTPUT"),
    ]
}

/// Commands that show and ask the DNS servers.
#[must_use]
pub fn check_dns(host: Option<&str>) -> Vec<CommandLine> {
    let mut commands = vec![posix("cat /etc/resolv.conf"), posix("resolvectl status")];
    commands.extend(host.map(|host| CommandLine::posix(["getent", "ahosts", host])));
    commands
}

/// Commands that show the way packets take.
#[must_use]
pub fn check_routes(ip: Option<&str>) -> Vec<CommandLine> {
    let mut commands = vec![posix("ip route"), posix("ip -6 route")];
    commands.extend(ip.map(|ip| CommandLine::posix(["ip", "route", "get", ip])));
    commands
}

/// Starting a service: one way for each name its unit goes by.
#[must_use]
pub fn start(service: &Service) -> Vec<Fix> {
    let fix = |unit: &String| Fix {
        check: vec![CommandLine::posix(["systemctl", "status", unit])],
        apply: vec![CommandLine::posix(["sudo", "systemctl", "start", unit])],
        undo: vec![CommandLine::posix(["sudo", "systemctl", "stop", unit])],
        ..blank(None, Risk::StartsService)
    };
    service.linux.units.iter().map(fix).collect()
}

/// Restarting a service after its settings were changed; the same command takes effect of putting
/// them back.
#[must_use]
pub fn restart(service: &Service) -> Vec<Fix> {
    let restart = |unit: &String| vec![CommandLine::posix(["sudo", "systemctl", "restart", unit])];
    let fix = |unit: &String| Fix {
        check: vec![posix("ss -ltn")],
        apply: restart(unit),
        undo: restart(unit),
        ..blank(None, Risk::ExposesService)
    };
    service.linux.units.iter().map(fix).collect()
}

fn ufw(port: u16, clients: ClientNetwork) -> Fix {
    let rule = format!("allow proto tcp from {clients} to any port {port}");
    Fix {
        check: read_rules(FirewallKind::Ufw),
        apply: vec![posix(&format!("sudo ufw {rule} comment ketnoi-{port}"))],
        undo: vec![posix(&format!("sudo ufw delete {rule}"))],
        ..allowing(FirewallKind::Ufw)
    }
}

/// First a rule that ends by itself, then the lasting one: without `--permanent` a rule is gone
/// after a reload, with it alone nothing happens before one.
fn firewalld(port: u16, clients: ClientNetwork) -> Vec<Fix> {
    let family = if clients.is_v6() { "ipv6" } else { "ipv4" };
    let rule = format!(
        r#"rule family="{family}" source address="{clients}" port port="{port}" protocol="tcp" accept"#
    );
    let (add, remove) = (
        format!("--add-rich-rule={rule}"),
        format!("--remove-rich-rule={rule}"),
    );
    let firewall_cmd = |arguments: &[&str]| {
        CommandLine::posix(["sudo", "firewall-cmd"].iter().chain(arguments).copied())
    };
    let trial = Fix {
        check: read_rules(FirewallKind::Firewalld),
        apply: vec![firewall_cmd(&[&add, "--timeout=5m"])],
        undo: vec![firewall_cmd(&[&remove])],
        ..allowing(FirewallKind::Firewalld)
    };
    let lasting = Fix {
        check: Vec::new(),
        apply: vec![
            firewall_cmd(&["--permanent", &add]),
            firewall_cmd(&["--reload"]),
        ],
        undo: vec![
            firewall_cmd(&["--permanent", &remove]),
            firewall_cmd(&["--reload"]),
        ],
        ..allowing(FirewallKind::Firewalld)
    };
    vec![trial, lasting]
}

/// `insert`, not `add`: behind a final drop a rule has no effect.
fn nftables(port: u16, clients: ClientNetwork) -> Fix {
    let family = if clients.is_v6() { "ip6" } else { "ip" };
    let insert = format!(
        "sudo nft insert rule inet filter input {family} saddr {clients} \
         tcp dport {port} accept comment \"ketnoi-{port}\""
    );
    let delete = format!(
        "nft delete rule inet filter input handle $(nft -a list chain inet filter input \
         | sed -n \"s/.*ketnoi-{port}. # handle //p\")"
    );
    Fix {
        check: read_rules(FirewallKind::Nftables),
        apply: vec![posix(&insert)],
        undo: vec![CommandLine::posix(["sudo", "sh", "-c", &delete])],
        ..allowing(FirewallKind::Nftables)
    }
}

fn iptables(port: u16, clients: ClientNetwork) -> Fix {
    let tool = if clients.is_v6() {
        "ip6tables"
    } else {
        "iptables"
    };
    let rule =
        format!("-p tcp -s {clients} --dport {port} -m comment --comment ketnoi-{port} -j ACCEPT");
    Fix {
        check: read_rules(FirewallKind::Iptables),
        apply: vec![posix(&format!("sudo {tool} -I INPUT 1 {rule}"))],
        undo: vec![posix(&format!("sudo {tool} -D INPUT {rule}"))],
        ..allowing(FirewallKind::Iptables)
    }
}

fn allowing(kind: FirewallKind) -> Fix {
    blank(Some(kind), Risk::OpensPortToNetwork)
}

fn blank(firewall: Option<FirewallKind>, risk: Risk) -> Fix {
    Fix {
        os: Os::Linux,
        firewall,
        check: Vec::new(),
        apply: Vec::new(),
        undo: Vec::new(),
        needs_admin: true,
        risk,
    }
}

/// A command of our own words, taken apart at the spaces. Never for a word that came from outside.
fn posix(line: &str) -> CommandLine {
    CommandLine::posix(line.split(' '))
}
