//! Commands for Windows, as data. PowerShell throughout: `netsh` speaks the system's language.

use super::client_network::ClientNetwork;
use super::command_line::CommandLine;
use super::task::{Change, Look};
use super::{Fix, Placeholder, Risk};
use crate::catalogue::Service;
use crate::evidence::{FirewallKind, Os, ProgramRule};

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

/// Takes the rules out of force that keep programs from being reached, as a cancelled question of
/// Windows leaves them: no rule that allows has an effect beside them.
#[must_use]
pub fn disable_rules(rules: &[ProgramRule]) -> Fix {
    let each = |command: &str| {
        let ids = rules.iter().filter_map(|rule| rule.id.as_deref());
        ids.map(|id| CommandLine::power_shell([command, "-Name", id]))
            .collect::<Vec<_>>()
    };
    Fix {
        check: each("Get-NetFirewallRule"),
        apply: each("Disable-NetFirewallRule"),
        undo: each("Enable-NetFirewallRule"),
        firewall: Some(FirewallKind::WindowsDefender),
        ..blank(Risk::OpensPortToNetwork)
    }
}

/// The one command whose output tells all that is in force, in numbers and names that no language
/// changes.
#[must_use]
pub fn tell_all() -> CommandLine {
    let script = "@{profiles=@(Get-NetFirewallProfile -PolicyStore ActiveStore|Select-Object \
        Name,Enabled,DefaultInboundAction,AllowInboundRules,AllowLocalFirewallRules);\
        networks=@(Get-NetConnectionProfile|Select-Object InterfaceAlias,NetworkCategory);\
        rules=@(Get-NetFirewallRule -PolicyStore ActiveStore -Direction Inbound -Enabled True|\
        Select-Object InstanceID,Enabled,Direction,Action,Profile);\
        ports=@(Get-NetFirewallPortFilter -PolicyStore ActiveStore|\
        Select-Object InstanceID,Protocol,LocalPort,RemotePort);\
        programs=@(Get-NetFirewallApplicationFilter -PolicyStore ActiveStore|\
        Select-Object InstanceID,Program,Package);\
        services=@(Get-NetFirewallServiceFilter -PolicyStore ActiveStore|\
        Select-Object InstanceID,Service);\
        interfaces=@(Get-NetFirewallInterfaceTypeFilter -PolicyStore ActiveStore|\
        Select-Object InstanceID,InterfaceType);\
        addresses=@(Get-NetFirewallAddressFilter -PolicyStore ActiveStore|\
        Select-Object InstanceID,LocalAddress,RemoteAddress)}|ConvertTo-Json -Depth 4 -Compress";
    CommandLine::power_shell(["powershell", "-NoProfile", "-Command", script])
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
    let services = service.windows.services.iter();
    services.map(|name| start_service(name)).collect()
}

/// Starting one service by its name.
#[must_use]
pub fn start_service(name: &str) -> Fix {
    Fix {
        check: vec![service_command("Get-Service", name)],
        apply: vec![service_command("Start-Service", name)],
        undo: vec![service_command("Stop-Service", name)],
        ..blank(Risk::StartsService)
    }
}

/// Having a service started with the system.
#[must_use]
pub fn enable_service(name: &str) -> Fix {
    Fix {
        check: vec![service_command("Get-Service", name)],
        apply: vec![startup_type(name, "Automatic")],
        undo: vec![startup_type(name, "Manual")],
        ..blank(Risk::ChangesSystem)
    }
}

/// Letting a service start that is disabled, and starting it.
#[must_use]
pub fn allow_service(name: &str) -> Fix {
    Fix {
        check: vec![service_command("Get-Service", name)],
        apply: vec![
            startup_type(name, "Manual"),
            service_command("Start-Service", name),
        ],
        undo: vec![
            service_command("Stop-Service", name),
            startup_type(name, "Disabled"),
        ],
        ..blank(Risk::StartsService)
    }
}

/// What one service does, and what it has written: programs write to `Application`, the manager to
/// `System`.
#[must_use]
pub fn log_of(name: &str) -> Vec<CommandLine> {
    let mut commands = vec![service_command("Get-Service", name)];
    commands.extend(read_log(None));
    commands
}

fn startup_type(name: &str, startup: &str) -> CommandLine {
    CommandLine::power_shell(["Set-Service", "-Name", name, "-StartupType", startup])
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

/// Restarting a service as it is.
#[must_use]
pub fn restart_as_it_is(service: &Service) -> Vec<Fix> {
    let fix = |name: &String| Fix {
        check: vec![service_command("Get-Service", name)],
        apply: vec![service_command("Restart-Service", name)],
        ..blank(Risk::RestartsService)
    };
    service.windows.services.iter().map(fix).collect()
}

/// Commands that show how a service fares, and what the system's logs say last.
#[must_use]
pub fn read_log(service: Option<&Service>) -> Vec<CommandLine> {
    let services = service.map_or(&[][..], |service| &service.windows.services);
    let mut commands: Vec<CommandLine> = services
        .iter()
        .map(|name| service_command("Get-Service", name))
        .collect();
    commands.extend(
        ["Application", "System"]
            .map(|log| power_shell(&format!("Get-WinEvent -LogName {log} -MaxEvents 50"))),
    );
    commands
}

/// Commands that only look.
#[must_use]
pub fn look(look: Look) -> Vec<CommandLine> {
    match look {
        Look::Addresses => vec![power_shell("Get-NetIPAddress")],
        Look::Link => vec![power_shell("Get-NetAdapter")],
        Look::Neighbours => vec![power_shell("Get-NetNeighbor")],
        Look::Gateway(ip) => {
            let ip = ip.to_string();
            let ping = ["Test-Connection", "-ComputerName", &ip, "-Count", "3"];
            vec![
                power_shell("Get-NetNeighbor"),
                CommandLine::power_shell(ping),
            ]
        }
        Look::Way(to) => vec![CommandLine::power_shell(["tracert", "-d", to])],
        Look::LocalNetworks => vec![
            power_shell("Get-NetRoute"),
            power_shell("docker network ls"),
        ],
        Look::WayBack => {
            let mut commands = vec![power_shell("Get-NetRoute")];
            commands.extend(read_outbound_rules());
            commands
        }
        Look::UdpListeners => vec![power_shell("Get-NetUDPEndpoint")],
        Look::SocketFiles => vec![
            power_shell(r"Get-ChildItem \\.\pipe\"),
            power_shell("Get-NetTCPConnection -State Listen"),
        ],
        Look::PortOwner(port) => {
            let listening = format!("Get-NetTCPConnection -State Listen -LocalPort {port}");
            vec![
                power_shell(&listening),
                power_shell("Get-Process"),
                power_shell("netsh interface ipv4 show excludedportrange protocol=tcp"),
            ]
        }
        Look::Heirs { port, parent } => {
            let children = format!("ParentProcessId={parent}");
            vec![
                power_shell(&format!(
                    "Get-NetTCPConnection -State Listen -LocalPort {port}"
                )),
                CommandLine::power_shell([
                    "Get-CimInstance",
                    "-ClassName",
                    "Win32_Process",
                    "-Filter",
                    &children,
                ]),
            ]
        }
        Look::Queue(port) => vec![power_shell(&format!(
            "Get-NetTCPConnection -LocalPort {port}"
        ))],
        Look::Load => vec![
            power_shell("Get-Process"),
            power_shell("Get-CimInstance -ClassName Win32_OperatingSystem"),
            power_shell("Get-Volume"),
        ],
        Look::Connections => vec![power_shell("Get-NetTCPConnection")],
        Look::Forwarding => vec![
            power_shell("docker ps"),
            power_shell("netsh interface portproxy show all"),
        ],
        Look::Upstream => vec![power_shell("Get-NetTCPConnection -State Listen")],
        Look::Proxy => {
            let settings = r"HKCU:\Software\Microsoft\Windows\CurrentVersion\Internet Settings";
            vec![
                power_shell("netsh winhttp show proxy"),
                CommandLine::power_shell(["Get-ItemProperty", "-Path", settings]),
                power_shell("Get-ChildItem Env:*_PROXY"),
            ]
        }
    }
}

/// Ways to change something.
#[must_use]
pub fn change(change: Change) -> Vec<Fix> {
    match change {
        Change::FlushDnsCache => vec![changing(
            Risk::ClearsCache,
            &[],
            &["Clear-DnsClientCache"],
            &[],
        )],
        Change::EditHostsFile(host) => vec![edit_hosts_file(host)],
        // Windows looks up .local names by itself, where its rules let the answers in.
        Change::EnableMdns => vec![changing(
            Risk::None,
            &["Get-NetFirewallRule -Name MDNS-*"],
            &[],
            &[],
        )],
        Change::ResetDns => vec![dns_servers(
            &["-ResetServerAddresses"],
            &["-ServerAddresses", Placeholder::DnsServer.text()],
        )],
        Change::RemoveDeadDnsServer => vec![dns_servers(
            &["-ServerAddresses", Placeholder::DnsServer.text()],
            &["-ResetServerAddresses"],
        )],
        Change::DisconnectVpn => {
            let connection = Placeholder::Connection.text();
            vec![Fix {
                needs_admin: false,
                ..changing(
                    Risk::LeavesVpn,
                    &["Get-VpnConnection"],
                    &[&format!("rasdial {connection} /disconnect")],
                    &[&format!("rasdial {connection}")],
                )
            }]
        }
        Change::LowerMtu => {
            let interface = Placeholder::Interface.text();
            let set = format!("Set-NetIPInterface -InterfaceAlias {interface} -NlMtuBytes");
            vec![changing(
                Risk::ChangesSystem,
                &["Get-NetIPInterface"],
                &[&format!("{set} 1400")],
                &[&format!("{set} 1500")],
            )]
        }
        Change::MarkNetworkPrivate => {
            let interface = Placeholder::Interface.text();
            let set =
                format!("Set-NetConnectionProfile -InterfaceAlias {interface} -NetworkCategory");
            vec![changing(
                Risk::TrustsNetwork,
                &["Get-NetConnectionProfile"],
                &[&format!("{set} Private")],
                &[&format!("{set} Public")],
            )]
        }
        Change::LiftBan(_) => vec![changing(
            Risk::None,
            &["Get-NetFirewallRule -Direction Inbound -Action Block -Enabled True"],
            &[],
            &[],
        )],
        Change::SetClock => vec![changing(
            Risk::ChangesSystem,
            &["Get-Date", "w32tm /query /status"],
            &["Start-Service -Name w32time", "w32tm /resync"],
            &["Stop-Service -Name w32time"],
        )],
        Change::TrustCertificate => {
            let file = Placeholder::Certificate.text();
            let kept = format!(r"Cert:\CurrentUser\Root\{}", Placeholder::Thumbprint.text());
            vec![Fix {
                needs_admin: false,
                ..changing(
                    Risk::TrustsCertificate,
                    &[&format!("Get-PfxCertificate -FilePath {file}")],
                    &[&format!(
                        r"Import-Certificate -FilePath {file} -CertStoreLocation Cert:\CurrentUser\Root"
                    )],
                    &[&format!("Remove-Item -Path {kept}")],
                )
            }]
        }
        Change::WidenPortRange => vec![changing(
            Risk::ChangesSystem,
            &["netsh int ipv4 show dynamicport tcp"],
            &["netsh int ipv4 set dynamicport tcp start=10240 num=55296"],
            &["netsh int ipv4 set dynamicport tcp start=49152 num=16384"],
        )],
        Change::KeepAlive
        | Change::TurnOnIpv6Rules
        | Change::AllowLowPort
        | Change::RenewCertificate => Vec::new(),
    }
}

fn edit_hosts_file(host: Option<&str>) -> Fix {
    let (file, kept) = (HOSTS_FILE, format!("{HOSTS_FILE}.ketnoi"));
    let find = |host| {
        let words = ["Select-String", "-Path", file, "-SimpleMatch", "-Pattern"];
        CommandLine::power_shell(words.into_iter().chain([host]))
    };
    let copy = |from: &str, to: &str| {
        CommandLine::power_shell(["Copy-Item", "-Path", from, "-Destination", to])
    };
    Fix {
        check: host.map(find).into_iter().collect(),
        apply: vec![
            copy(file, &kept),
            CommandLine::power_shell(["notepad.exe", file]),
        ],
        undo: vec![copy(&kept, file)],
        ..blank(Risk::ChangesSystem)
    }
}

fn dns_servers(apply: &[&str], undo: &[&str]) -> Fix {
    let set = |how: &[&str]| {
        let interface = Placeholder::Interface.text();
        let words = ["Set-DnsClientServerAddress", "-InterfaceAlias", interface];
        vec![CommandLine::power_shell(words.iter().chain(how).copied())]
    };
    Fix {
        check: vec![power_shell("Get-DnsClientServerAddress")],
        apply: set(apply),
        undo: set(undo),
        ..blank(Risk::ChangesSystem)
    }
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

/// A fix of our own words.
fn changing(risk: Risk, check: &[&str], apply: &[&str], undo: &[&str]) -> Fix {
    let commands = |lines: &[&str]| lines.iter().map(|line| power_shell(line)).collect();
    Fix {
        check: commands(check),
        apply: commands(apply),
        undo: commands(undo),
        needs_admin: !apply.is_empty(),
        ..blank(risk)
    }
}

const HOSTS_FILE: &str = r"C:\Windows\System32\drivers\etc\hosts";

fn power_shell(line: &str) -> CommandLine {
    CommandLine::power_shell(line.split(' '))
}
