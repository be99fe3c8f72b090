//! Commands for macOS, as data.

use super::client_network::ClientNetwork;
use super::command_line::CommandLine;
use super::task::{Change, Look};
use super::{Fix, Placeholder, Risk};
use crate::catalogue::Service;
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

/// Restarting a service as it is.
#[must_use]
pub fn restart_as_it_is(service: &Service) -> Vec<Fix> {
    let fix = |formula: &String| Fix {
        check: vec![posix("brew services list")],
        apply: vec![brew_services("restart", formula)],
        needs_admin: false,
        ..blank(None, Risk::RestartsService)
    };
    service.macos.formulas.iter().map(fix).collect()
}

/// Commands that show how a service fares, or what the system said last when it is not known.
#[must_use]
pub fn read_log(service: Option<&Service>) -> Vec<CommandLine> {
    let formulas = service.map_or(&[][..], |service| &service.macos.formulas);
    if formulas.is_empty() {
        return vec![posix("log show --last 5m --style compact")];
    }
    let info = |formula: &String| brew_services("info", formula);
    formulas.iter().map(info).collect()
}

/// Commands that only look.
#[must_use]
pub fn look(look: Look) -> Vec<CommandLine> {
    match look {
        Look::Addresses | Look::Link => vec![
            posix("networksetup -listallhardwareports"),
            posix("ifconfig"),
        ],
        Look::Neighbours => vec![posix("arp -an")],
        Look::Gateway(ip) => vec![
            posix("arp -an"),
            CommandLine::posix(["ping", "-c", "3", &ip.to_string()]),
        ],
        Look::Way(to) => vec![CommandLine::posix(["traceroute", "-n", to])],
        Look::LocalNetworks => vec![posix("netstat -rn"), posix("docker network ls")],
        Look::WayBack => {
            let mut commands = vec![posix("netstat -rn")];
            commands.extend(read_pf_rules());
            commands
        }
        Look::UdpListeners => vec![posix("netstat -an -p udp")],
        Look::SocketFiles => vec![posix("netstat -an -f unix")],
        Look::PortOwner(port) | Look::Heirs { port, .. } => {
            vec![posix(&format!("sudo lsof -nP -iTCP:{port} -sTCP:LISTEN"))]
        }
        Look::Queue(_) => vec![posix("netstat -Lan")],
        Look::Load => vec![posix("uptime"), posix("vm_stat"), posix("df -h")],
        Look::Connections => vec![posix("netstat -an -p tcp")],
        Look::Forwarding => vec![posix("docker ps"), posix("sudo pfctl -s nat")],
        Look::Upstream => vec![
            posix("tail -n 50 /opt/homebrew/var/log/nginx/error.log"),
            posix("netstat -an -p tcp"),
        ],
        Look::Proxy => vec![
            posix("scutil --proxy"),
            posix("printenv http_proxy https_proxy all_proxy no_proxy"),
        ],
    }
}

/// Ways to change something.
#[must_use]
pub fn change(change: Change) -> Vec<Fix> {
    match change {
        Change::FlushDnsCache => vec![changing(
            Risk::ClearsCache,
            &[],
            &[
                "sudo dscacheutil -flushcache",
                "sudo killall -HUP mDNSResponder",
            ],
            &[],
        )],
        Change::EditHostsFile(host) => {
            let find = |host| CommandLine::posix(["grep", "-n", "-F", host, "/etc/hosts"]);
            vec![Fix {
                check: host.map(find).into_iter().collect(),
                ..changing(
                    Risk::ChangesSystem,
                    &[],
                    &[
                        "sudo cp -p /etc/hosts /etc/hosts.ketnoi",
                        "sudo nano /etc/hosts",
                    ],
                    &["sudo cp -p /etc/hosts.ketnoi /etc/hosts"],
                )
            }]
        }
        Change::ResetDns => vec![dns_servers("empty", Placeholder::DnsServer.text())],
        Change::RemoveDeadDnsServer => vec![dns_servers(Placeholder::DnsServer.text(), "empty")],
        Change::DisconnectVpn => {
            let connection = Placeholder::Connection.text();
            vec![Fix {
                needs_admin: false,
                ..changing(
                    Risk::LeavesVpn,
                    &["scutil --nc list"],
                    &[&format!("scutil --nc stop {connection}")],
                    &[&format!("scutil --nc start {connection}")],
                )
            }]
        }
        Change::LowerMtu => {
            let set = format!(
                "sudo networksetup -setMTU {}",
                Placeholder::Interface.text()
            );
            vec![changing(
                Risk::ChangesSystem,
                &["networksetup -listallhardwareports"],
                &[&format!("{set} 1400")],
                &[&format!("{set} 1500")],
            )]
        }
        // In milliseconds here, in seconds on Linux.
        Change::KeepAlive => vec![changing(
            Risk::ChangesSystem,
            &["sysctl net.inet.tcp.keepidle"],
            &["sudo sysctl -w net.inet.tcp.keepidle=120000"],
            &["sudo sysctl -w net.inet.tcp.keepidle=7200000"],
        )],
        Change::LiftBan(_) => vec![changing(
            Risk::None,
            &["sudo pfctl -s rules", "sudo pfctl -s Tables"],
            &[],
            &[],
        )],
        Change::SetClock => vec![changing(
            Risk::ChangesSystem,
            &["date", "sntp time.apple.com"],
            &["sudo systemsetup -setusingnetworktime on"],
            &["sudo systemsetup -setusingnetworktime off"],
        )],
        Change::TrustCertificate => {
            let file = Placeholder::Certificate.text();
            let keychain = "/Library/Keychains/System.keychain";
            vec![changing(
                Risk::TrustsCertificate,
                &[&format!(
                    "openssl x509 -noout -subject -issuer -dates -fingerprint -sha256 -in {file}"
                )],
                &[&format!(
                    "sudo security add-trusted-cert -d -r trustRoot -k {keychain} {file}"
                )],
                &[&format!("sudo security remove-trusted-cert -d {file}")],
            )]
        }
        Change::WidenPortRange => vec![changing(
            Risk::ChangesSystem,
            &["sysctl net.inet.ip.portrange.first"],
            &["sudo sysctl -w net.inet.ip.portrange.first=16384"],
            &["sudo sysctl -w net.inet.ip.portrange.first=49152"],
        )],
        // macOS looks up .local names by itself.
        Change::EnableMdns
        | Change::MarkNetworkPrivate
        | Change::TurnOnIpv6Rules
        | Change::AllowLowPort
        | Change::RenewCertificate => Vec::new(),
    }
}

fn dns_servers(apply: &str, undo: &str) -> Fix {
    let interface = Placeholder::Interface.text();
    changing(
        Risk::ChangesSystem,
        &[
            "networksetup -listallnetworkservices",
            &format!("networksetup -getdnsservers {interface}"),
        ],
        &[&format!(
            "sudo networksetup -setdnsservers {interface} {apply}"
        )],
        &[&format!(
            "sudo networksetup -setdnsservers {interface} {undo}"
        )],
    )
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

/// A fix of our own words.
fn changing(risk: Risk, check: &[&str], apply: &[&str], undo: &[&str]) -> Fix {
    let commands = |lines: &[&str]| lines.iter().map(|line| posix(line)).collect();
    Fix {
        check: commands(check),
        apply: commands(apply),
        undo: commands(undo),
        needs_admin: !apply.is_empty(),
        ..blank(None, risk)
    }
}

fn posix(line: &str) -> CommandLine {
    CommandLine::posix(line.split(' '))
}
