//! Commands for macOS, as data.

use super::client_network::ClientNetwork;
use super::command_line::CommandLine;
use super::service::Service;
use super::{Fix, Placeholder, Risk};
use crate::evidence::{FirewallKind, Os};

const APPLICATION_FIREWALL: &str = "/usr/libexec/ApplicationFirewall/socketfilterfw";

/// Lets a program be reached: the application firewall knows programs, not ports.
#[must_use]
pub fn allow_program() -> Fix {
    let program = Placeholder::Program.text();
    let run = |option| CommandLine::posix(["sudo", APPLICATION_FIREWALL, option, program]);
    Fix {
        check: read_application_rules(),
        apply: vec![run("--add"), run("--unblockapp")],
        undo: vec![run("--remove")],
        ..blank(
            Some(FirewallKind::MacosApplication),
            Risk::OpensPortToNetwork,
        )
    }
}

/// Lets `clients` in on `port` through pf, in an anchor of its own.
#[must_use]
pub fn allow_port_in_pf(port: u16, clients: ClientNetwork) -> Fix {
    let anchor = format!("com.apple/ketnoi-{port}");
    let load = format!(
        "echo \"pass in quick proto tcp from {clients} to any port {port}\" \
         | pfctl -a {anchor} -f -"
    );
    Fix {
        check: read_pf_rules(),
        apply: vec![CommandLine::posix(["sudo", "sh", "-c", &load])],
        undo: vec![CommandLine::posix([
            "sudo", "pfctl", "-a", &anchor, "-F", "rules",
        ])],
        ..blank(Some(FirewallKind::Pf), Risk::OpensPortToNetwork)
    }
}

/// Commands that show what the application firewall does.
#[must_use]
pub fn read_application_rules() -> Vec<CommandLine> {
    ["--getglobalstate", "--getblockall", "--listapps"]
        .map(|option| CommandLine::posix([APPLICATION_FIREWALL, option]))
        .to_vec()
}

/// Commands that show pf's rules.
#[must_use]
pub fn read_pf_rules() -> Vec<CommandLine> {
    vec![posix("sudo pfctl -s info"), posix("sudo pfctl -s rules")]
}

/// Commands that show and ask the DNS servers.
#[must_use]
pub fn check_dns(host: Option<&str>) -> Vec<CommandLine> {
    let mut commands = vec![posix("scutil --dns")];
    let ask = |host| CommandLine::posix(["dscacheutil", "-q", "host", "-a", "name", host]);
    commands.extend(host.map(ask));
    commands
}

/// Commands that show the way packets take.
#[must_use]
pub fn check_routes(ip: Option<&str>) -> Vec<CommandLine> {
    let mut commands = vec![posix("netstat -rn")];
    commands.extend(ip.map(|ip| CommandLine::posix(["route", "-n", "get", ip])));
    commands
}

/// Starting a service that Homebrew installed.
#[must_use]
pub fn start(service: &Service) -> Vec<Fix> {
    let fix = |formula: &String| Fix {
        check: vec![posix("brew services list")],
        apply: vec![brew_services("start", formula)],
        undo: vec![brew_services("stop", formula)],
        needs_admin: false,
        ..blank(None, Risk::StartsService)
    };
    service.macos.formulas.iter().map(fix).collect()
}

/// Restarting a service after its settings were changed.
#[must_use]
pub fn restart(service: &Service) -> Vec<Fix> {
    let fix = |formula: &String| Fix {
        check: vec![posix("netstat -an -p tcp")],
        apply: vec![brew_services("restart", formula)],
        undo: vec![brew_services("restart", formula)],
        needs_admin: false,
        ..blank(None, Risk::ExposesService)
    };
    service.macos.formulas.iter().map(fix).collect()
}

fn brew_services(action: &str, formula: &str) -> CommandLine {
    CommandLine::posix(["brew", "services", action, formula])
}

fn blank(firewall: Option<FirewallKind>, risk: Risk) -> Fix {
    Fix {
        os: Os::Macos,
        firewall,
        check: Vec::new(),
        apply: Vec::new(),
        undo: Vec::new(),
        needs_admin: true,
        risk,
    }
}

fn posix(line: &str) -> CommandLine {
    CommandLine::posix(line.split(' '))
}
