//! Commands for Windows, as data. PowerShell throughout: `netsh` speaks the system's language.

use super::client_network::ClientNetwork;
use super::command_line::CommandLine;
use super::service::Service;
use super::{Fix, Risk};
use crate::evidence::{FirewallKind, Os};

/// Lets `clients` in on `port`.
#[must_use]
pub fn allow_port(port: u16, clients: ClientNetwork) -> Fix {
    let name = format!("ketnoi-{port}");
    let from = match clients {
        // The keyword follows the machine to another address.
        ClientNetwork::OnLink { .. } => "LocalSubnet".to_owned(),
        ClientNetwork::Client(_) | ClientNetwork::Unknown { .. } => clients.to_string(),
    };
    let port = port.to_string();
    let new_rule = [
        "New-NetFirewallRule",
        "-Name",
        &name,
        "-DisplayName",
        &name,
        "-Direction",
        "Inbound",
        "-Action",
        "Allow",
        "-Protocol",
        "TCP",
        "-LocalPort",
        &port,
        "-RemoteAddress",
        &from,
        "-Profile",
        "Private,Domain",
    ];
    Fix {
        os: Os::Windows,
        firewall: Some(FirewallKind::WindowsDefender),
        check: read_rules(&port),
        apply: vec![CommandLine::power_shell(new_rule)],
        undo: vec![CommandLine::power_shell([
            "Remove-NetFirewallRule",
            "-Name",
            &name,
        ])],
        needs_admin: true,
        risk: Risk::OpensPortToNetwork,
    }
}

/// Commands that show the network's profile, the firewall's state, the rules for the port, and
/// the block rules, which beat every allow rule.
#[must_use]
pub fn read_rules(port: &str) -> Vec<CommandLine> {
    let for_port = format!(
        "Get-NetFirewallPortFilter -Protocol TCP | Where-Object LocalPort -contains {port} | \
         Get-NetFirewallRule | Format-Table DisplayName, Enabled, Direction, Action, Profile"
    );
    vec![
        power_shell("Get-NetConnectionProfile"),
        power_shell("Get-NetFirewallProfile"),
        CommandLine::power_shell(["powershell", "-NoProfile", "-Command", &for_port]),
        power_shell("Get-NetFirewallRule -Direction Inbound -Action Block -Enabled True"),
    ]
}

/// Commands that show what is kept from leaving.
#[must_use]
pub fn read_outbound_rules() -> Vec<CommandLine> {
    vec![power_shell(
        "Get-NetFirewallRule -Direction Outbound -Action Block -Enabled True",
    )]
}

/// Commands that show and ask the DNS servers.
#[must_use]
pub fn check_dns(host: Option<&str>) -> Vec<CommandLine> {
    let mut commands = vec![power_shell("Get-DnsClientServerAddress")];
    commands.extend(host.map(|host| CommandLine::power_shell(["Resolve-DnsName", "-Name", host])));
    commands
}

/// Commands that show the way packets take.
#[must_use]
pub fn check_routes(ip: Option<&str>) -> Vec<CommandLine> {
    let mut commands = vec![power_shell("Get-NetRoute")];
    let find = |ip| CommandLine::power_shell(["Find-NetRoute", "-RemoteIPAddress", ip]);
    commands.extend(ip.map(find));
    commands
}

/// Starting a service.
#[must_use]
pub fn start(service: &Service) -> Vec<Fix> {
    let fix = |name: &String| Fix {
        check: vec![service_command("Get-Service", name)],
        apply: vec![service_command("Start-Service", name)],
        undo: vec![service_command("Stop-Service", name)],
        ..blank(Risk::StartsService)
    };
    service.windows.services.iter().map(fix).collect()
}

/// Restarting a service after its settings were changed.
#[must_use]
pub fn restart(service: &Service) -> Vec<Fix> {
    let fix = |name: &String| Fix {
        check: vec![power_shell("Get-NetTCPConnection -State Listen")],
        apply: vec![service_command("Restart-Service", name)],
        undo: vec![service_command("Restart-Service", name)],
        ..blank(Risk::ExposesService)
    };
    service.windows.services.iter().map(fix).collect()
}

fn service_command(command: &str, name: &str) -> CommandLine {
    CommandLine::power_shell([command, "-Name", name])
}

fn blank(risk: Risk) -> Fix {
    Fix {
        os: Os::Windows,
        firewall: None,
        check: Vec::new(),
        apply: Vec::new(),
        undo: Vec::new(),
        needs_admin: true,
        risk,
    }
}

fn power_shell(line: &str) -> CommandLine {
    CommandLine::power_shell(line.split(' '))
}
