//! Commands for Linux, as data.

use super::client_network::ClientNetwork;
use super::command_line::CommandLine;
use super::task::{Change, Look};
use super::{FIRST_UNPRIVILEGED, Fix, Placeholder, Risk};
use crate::catalogue::Service;
use crate::evidence::{
    DecidingRule, FilterChain, FirewallKind, Os, Outbound, Policy, Remark, ZoneEntry,
};

/// The firewalls worth a look when nothing is known, those with a tool of their own first: where
/// one is active, its rules are changed through it.
pub const FIREWALLS: [FirewallKind; 4] = [
    FirewallKind::Ufw,
    FirewallKind::Firewalld,
    FirewallKind::Nftables,
    FirewallKind::Iptables,
];

/// Ways to let `clients` in on `port`, in front of what is known to stop them.
#[must_use]
pub fn allow_port(
    kind: FirewallKind,
    port: u16,
    clients: ClientNetwork,
    stopped_by: Option<&DecidingRule>,
    remarks: &[Remark],
) -> Vec<Fix> {
    match kind {
        FirewallKind::Ufw => vec![ufw(port, clients, stopped_by)],
        FirewallKind::Firewalld => firewalld(port, clients, stopped_by, remarks),
        FirewallKind::Nftables => vec![nftables(port, clients, stopped_by)],
        FirewallKind::Iptables => vec![iptables(port, clients, stopped_by)],
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

/// Lets this machine's own connections to one address and port pass the rule that stops them;
/// nothing where it is the answers that are stopped, or where firewalld does it, which has no zones
/// for what leaves.
#[must_use]
pub fn allow_outbound(stopped: &Outbound) -> Option<Fix> {
    let (kind, rule) = (stopped.firewall?, stopped.rule.as_ref()?);
    // Where its rules are hidden, what it does by default is what is known.
    let is_stopped = match stopped.policy.known() {
        Some(policy) => *policy != Policy::Allow,
        None => rule.is_default,
    };
    if !is_stopped || stopped.stops_answer {
        return None;
    }
    let (ip, port) = (stopped.to.ip(), stopped.to.port());
    let family = if ip.is_ipv6() { "ip6" } else { "ip" };
    let (apply, undo) = match kind {
        FirewallKind::Ufw => {
            let allow = format!("allow out proto tcp from any to {ip} port {port}");
            let place = if rule.is_default { "" } else { "insert 1 " };
            (
                posix(&format!("sudo ufw {place}{allow} comment ketnoi-{port}")),
                posix(&format!("sudo ufw delete {allow}")),
            )
        }
        FirewallKind::Nftables => {
            let at = chain(Some(rule))?;
            let at = format!("{} {} {}", at.family, at.table, at.chain);
            let accept = format!("{family} daddr {ip} tcp dport {port} accept");
            insert_and_delete(&at, &accept, port)
        }
        FirewallKind::Iptables => {
            let at = chain(Some(rule))?;
            let accept = format!(
                "-p tcp -d {ip} --dport {port} -m comment --comment ketnoi-{port} -j ACCEPT"
            );
            let tool = iptables_tool(ip.is_ipv6(), Some(at));
            let (table, chain) = (&at.table, &at.chain);
            (
                posix(&format!("sudo {tool} -t {table} -I {chain} 1 {accept}")),
                posix(&format!("sudo {tool} -t {table} -D {chain} {accept}")),
            )
        }
        FirewallKind::Firewalld
        | FirewallKind::WindowsDefender
        | FirewallKind::MacosApplication
        | FirewallKind::Pf => return None,
    };
    Some(Fix {
        apply: vec![apply],
        undo: vec![undo],
        ..blank(Some(kind), Risk::ChangesSystem)
    })
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

/// Starting one unit that is known to be there, and not to run.
#[must_use]
pub fn start_unit(unit: &str, failed_too_often: bool) -> Fix {
    let mut apply = Vec::new();
    if failed_too_often {
        apply.push(systemctl("reset-failed", unit));
    }
    apply.push(systemctl("start", unit));
    Fix {
        check: vec![status(unit)],
        apply,
        undo: vec![systemctl("stop", unit)],
        ..blank(None, Risk::StartsService)
    }
}

/// Restarting one unit: what counts as active is not started by starting it.
#[must_use]
pub fn restart_unit(unit: &str) -> Fix {
    Fix {
        check: vec![status(unit)],
        apply: vec![systemctl("restart", unit)],
        ..blank(None, Risk::RestartsService)
    }
}

/// Having a unit started with the system.
#[must_use]
pub fn enable_unit(unit: &str) -> Fix {
    Fix {
        check: vec![CommandLine::posix(["systemctl", "is-enabled", unit])],
        apply: vec![systemctl("enable", unit)],
        undo: vec![systemctl("disable", unit)],
        ..blank(None, Risk::ChangesSystem)
    }
}

/// Letting a unit start that was masked, and starting it.
#[must_use]
pub fn unmask_unit(unit: &str) -> Fix {
    Fix {
        check: vec![status(unit)],
        apply: vec![systemctl("unmask", unit), systemctl("start", unit)],
        undo: vec![systemctl("stop", unit), systemctl("mask", unit)],
        ..blank(None, Risk::StartsService)
    }
}

/// Installing a service: distributions differ.
#[must_use]
pub fn install(service: &Service) -> Vec<Fix> {
    let packages = &service.linux.packages;
    let with = |tool: &str, look: &str, package: &Option<String>| {
        let package = package.as_deref()?;
        Some(Fix {
            check: vec![CommandLine::posix([tool, look, package])],
            apply: vec![CommandLine::posix(["sudo", tool, "install", package])],
            undo: vec![CommandLine::posix(["sudo", tool, "remove", package])],
            ..blank(None, Risk::StartsService)
        })
    };
    let debian = with("apt", "show", &packages.debian);
    let fedora = with("dnf", "info", &packages.fedora);
    debian.into_iter().chain(fedora).collect()
}

/// Commands that show how a unit fares and what it said.
#[must_use]
pub fn log_of(unit: &str) -> Vec<CommandLine> {
    let log = ["journalctl", "-u", unit, "-n", "50", "--no-pager"];
    vec![status(unit), CommandLine::posix(log)]
}

fn systemctl(verb: &str, unit: &str) -> CommandLine {
    CommandLine::posix(["sudo", "systemctl", verb, unit])
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

/// Restarting a service as it is.
#[must_use]
pub fn restart_as_it_is(service: &Service) -> Vec<Fix> {
    let fix = |unit: &String| Fix {
        check: vec![status(unit)],
        apply: vec![CommandLine::posix(["sudo", "systemctl", "restart", unit])],
        ..blank(None, Risk::RestartsService)
    };
    service.linux.units.iter().map(fix).collect()
}

/// Commands that show how a service fares, or what failed when it is not known.
#[must_use]
pub fn read_log(service: Option<&Service>) -> Vec<CommandLine> {
    let units = service.map_or(&[][..], |service| &service.linux.units);
    if units.is_empty() {
        return vec![
            posix("systemctl --failed"),
            posix("journalctl -p err -n 50 --no-pager"),
        ];
    }
    units.iter().flat_map(|unit| log_of(unit)).collect()
}

/// Commands that only look.
#[must_use]
pub fn look(look: Look) -> Vec<CommandLine> {
    match look {
        Look::Addresses => vec![posix("ip -brief address")],
        Look::Link => vec![posix("ip -brief link")],
        Look::Neighbours => vec![posix("ip neigh show")],
        Look::Gateway(ip) => vec![
            posix("ip neigh show"),
            CommandLine::posix(["ping", "-c", "3", &ip.to_string()]),
        ],
        Look::Way(to) => vec![CommandLine::posix(["tracepath", "-n", to])],
        Look::LocalNetworks => vec![posix("ip route"), posix("docker network ls")],
        Look::WayBack => {
            let mut commands = vec![
                posix("ip route"),
                posix("nstat -az TcpExtIPReversePathFilter"),
            ];
            commands.extend(read_outbound_rules());
            commands
        }
        Look::UdpListeners => vec![posix("ss -lun")],
        Look::SocketFiles => vec![posix("ss -lx")],
        Look::PortOwner(port) | Look::Heirs { port, .. } => {
            let mut commands = vec![posix("sudo ss -ltnp")];
            let limit = || posix("sysctl net.ipv4.ip_unprivileged_port_start");
            commands.extend((port < FIRST_UNPRIVILEGED).then(limit));
            commands
        }
        Look::Queue(_) => vec![posix("ss -ltn")],
        Look::Load => vec![posix("uptime"), posix("free -h"), posix("df -h")],
        Look::Connections => vec![posix("ss -s"), posix("ss -tnp")],
        Look::Forwarding => vec![posix("docker ps"), posix("sudo iptables -t nat -S")],
        Look::Upstream => vec![
            posix("sudo tail -n 50 /var/log/nginx/error.log"),
            posix("ss -ltn"),
        ],
        Look::Proxy => vec![
            posix("printenv http_proxy https_proxy all_proxy no_proxy"),
            posix("printenv HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY"),
            posix("gsettings get org.gnome.system.proxy mode"),
            posix("grep -i proxy /etc/environment"),
        ],
    }
}

/// Ways to change something; distributions differ.
#[must_use]
pub fn change(change: Change) -> Vec<Fix> {
    match change {
        Change::FlushDnsCache => vec![changing(
            Risk::ClearsCache,
            &[],
            &["sudo resolvectl flush-caches"],
            &[],
        )],
        Change::EditHostsFile(host) => vec![edit_hosts_file(host)],
        Change::EnableMdns => vec![
            changing(
                Risk::ChangesSystem,
                &["grep ^hosts: /etc/nsswitch.conf"],
                &["sudo apt install avahi-daemon libnss-mdns"],
                &["sudo apt remove libnss-mdns"],
            ),
            changing(
                Risk::ChangesSystem,
                &["grep ^hosts: /etc/nsswitch.conf"],
                &["sudo dnf install avahi nss-mdns"],
                &["sudo dnf remove nss-mdns"],
            ),
        ],
        Change::ResetDns => vec![restart_resolver(), ask_dns_again()],
        Change::RemoveDeadDnsServer => {
            let interface = Placeholder::Interface.text();
            let server = Placeholder::DnsServer.text();
            vec![changing(
                Risk::ChangesSystem,
                &["resolvectl status"],
                &[&format!("sudo resolvectl dns {interface} {server}")],
                &[&format!("sudo resolvectl revert {interface}")],
            )]
        }
        Change::DisconnectVpn => {
            let connection = Placeholder::Connection.text();
            vec![Fix {
                needs_admin: false,
                ..changing(
                    Risk::LeavesVpn,
                    &["nmcli connection show --active"],
                    &[&format!("nmcli connection down {connection}")],
                    &[&format!("nmcli connection up {connection}")],
                )
            }]
        }
        Change::LowerMtu => {
            let set = format!("sudo ip link set dev {} mtu", Placeholder::Interface.text());
            vec![changing(
                Risk::ChangesSystem,
                &["ip link show"],
                &[&format!("{set} 1400")],
                &[&format!("{set} 1500")],
            )]
        }
        Change::KeepAlive => vec![changing(
            Risk::ChangesSystem,
            &["sysctl net.ipv4.tcp_keepalive_time"],
            &["sudo sysctl -w net.ipv4.tcp_keepalive_time=120"],
            &["sudo sysctl -w net.ipv4.tcp_keepalive_time=7200"],
        )],
        Change::LiftBan(client) => vec![lift_ban(client)],
        Change::TurnOnIpv6Rules => vec![turn_on_ipv6_rules()],
        Change::AllowLowPort => {
            let program = Placeholder::Program.text();
            vec![changing(
                Risk::ChangesSystem,
                &[&format!("getcap {program}")],
                &[&format!("sudo setcap cap_net_bind_service=+ep {program}")],
                &[&format!("sudo setcap -r {program}")],
            )]
        }
        Change::SetClock => vec![changing(
            Risk::ChangesSystem,
            &["timedatectl status"],
            &["sudo timedatectl set-ntp true"],
            &["sudo timedatectl set-ntp false"],
        )],
        Change::RenewCertificate => vec![changing(
            Risk::RestartsService,
            &["sudo certbot certificates", "sudo certbot renew --dry-run"],
            &["sudo certbot renew"],
            &[],
        )],
        Change::TrustCertificate => trust_certificate(),
        Change::WidenPortRange => vec![widen_port_range()],
        Change::MarkNetworkPrivate => Vec::new(),
    }
}

fn edit_hosts_file(host: Option<&str>) -> Fix {
    let find = |host| CommandLine::posix(["grep", "-n", "-F", host, "/etc/hosts"]);
    Fix {
        check: host.map(find).into_iter().collect(),
        ..changing(
            Risk::ChangesSystem,
            &[],
            &[
                "sudo cp -p /etc/hosts /etc/hosts.ketnoi",
                "sudoedit /etc/hosts",
            ],
            &["sudo cp -p /etc/hosts.ketnoi /etc/hosts"],
        )
    }
}

/// With `IPV6=no` ufw keeps its rules from IPv6 altogether.
fn turn_on_ipv6_rules() -> Fix {
    Fix {
        firewall: Some(FirewallKind::Ufw),
        ..changing(
            Risk::ChangesSystem,
            &["grep ^IPV6= /etc/default/ufw"],
            &[
                "sudo cp -p /etc/default/ufw /etc/default/ufw.ketnoi",
                "sudo sed -i s/^IPV6=no/IPV6=yes/ /etc/default/ufw",
                "sudo ufw reload",
            ],
            &[
                "sudo cp -p /etc/default/ufw.ketnoi /etc/default/ufw",
                "sudo ufw reload",
            ],
        )
    }
}

fn restart_resolver() -> Fix {
    changing(
        Risk::RestartsService,
        &["ls -l /etc/resolv.conf", "cat /etc/resolv.conf"],
        &["sudo systemctl restart systemd-resolved"],
        &[],
    )
}

/// Names are looked up in files only when `dns` is missing from this line (nsswitch.conf(5)).
fn ask_dns_again() -> Fix {
    let line = "s/^hosts:.*/hosts: files dns/";
    let file = "/etc/nsswitch.conf";
    Fix {
        apply: vec![
            posix("sudo cp -p /etc/nsswitch.conf /etc/nsswitch.conf.ketnoi"),
            CommandLine::posix(["sudo", "sed", "-i", line, file]),
        ],
        ..changing(
            Risk::ChangesSystem,
            &["grep ^hosts: /etc/nsswitch.conf"],
            &[],
            &["sudo cp -p /etc/nsswitch.conf.ketnoi /etc/nsswitch.conf"],
        )
    }
}

fn lift_ban(client: &str) -> Fix {
    let jail = Placeholder::Jail.text();
    let set = |action| CommandLine::posix(["sudo", "fail2ban-client", "set", jail, action, client]);
    Fix {
        check: vec![posix("sudo fail2ban-client status")],
        apply: vec![set("unbanip")],
        undo: vec![set("banip")],
        ..blank(None, Risk::ChangesSystem)
    }
}

/// Debian and its kin keep a folder, Fedora and its kin have a tool.
fn trust_certificate() -> Vec<Fix> {
    let file = Placeholder::Certificate.text();
    let kept = "/usr/local/share/ca-certificates/ketnoi.crt";
    let show =
        format!("openssl x509 -noout -subject -issuer -dates -fingerprint -sha256 -in {file}");
    vec![
        changing(
            Risk::TrustsCertificate,
            &[&show],
            &[
                &format!("sudo cp {file} {kept}"),
                "sudo update-ca-certificates",
            ],
            &[
                &format!("sudo rm {kept}"),
                "sudo update-ca-certificates --fresh",
            ],
        ),
        changing(
            Risk::TrustsCertificate,
            &[&show],
            &[&format!("sudo trust anchor {file}")],
            &[&format!("sudo trust anchor --remove {file}")],
        ),
    ]
}

fn widen_port_range() -> Fix {
    let set = |range: &str| {
        let range = format!("net.ipv4.ip_local_port_range={range}");
        vec![CommandLine::posix(["sudo", "sysctl", "-w", &range])]
    };
    Fix {
        check: vec![posix("ss -s"), posix("sysctl net.ipv4.ip_local_port_range")],
        apply: set("10240 60999"),
        undo: set("32768 60999"),
        ..blank(None, Risk::ChangesSystem)
    }
}

fn status(unit: &str) -> CommandLine {
    CommandLine::posix(["systemctl", "status", "--no-pager", unit])
}

/// Behind a rule that stops the client another has no effect: then it goes to the front.
fn ufw(port: u16, clients: ClientNetwork, stopped_by: Option<&DecidingRule>) -> Fix {
    let rule = format!("allow proto tcp from {clients} to any port {port}");
    let is_by_rule = stopped_by.is_some_and(|rule| !rule.is_default);
    let place = if is_by_rule { "insert 1 " } else { "" };
    Fix {
        check: read_rules(FirewallKind::Ufw),
        apply: vec![posix(&format!(
            "sudo ufw {place}{rule} comment ketnoi-{port}"
        ))],
        undo: vec![posix(&format!("sudo ufw delete {rule}"))],
        ..allowing(FirewallKind::Ufw)
    }
}

/// First a rule that ends by itself, then the lasting one: without `--permanent` a rule is gone
/// after a reload, with it alone nothing happens before one. Rules that deny come before those that
/// allow, unless a priority says otherwise (firewalld.richlanguage(5)).
///
/// A reload ends what is in force only and brings what is saved only. Where it would so change more
/// than the port, the rule is made twice instead; then there is no trial, whose end would be the
/// end of that rule too. Where the port is saved already and nothing is lost, the reload is all.
fn firewalld(
    port: u16,
    clients: ClientNetwork,
    stopped_by: Option<&DecidingRule>,
    remarks: &[Remark],
) -> Vec<Fix> {
    let family = if clients.is_v6() { "ipv6" } else { "ipv4" };
    let is_by_rule = stopped_by.is_some_and(|rule| !rule.is_default);
    let priority = if is_by_rule { r#" priority="-1""# } else { "" };
    let rule = format!(
        r#"rule{priority} family="{family}" source address="{clients}" port port="{port}" protocol="tcp" accept"#
    );
    let (add, remove) = (
        format!("--add-rich-rule={rule}"),
        format!("--remove-rich-rule={rule}"),
    );
    let zone = stopped_by
        .and_then(|rule| rule.zone.as_deref())
        .filter(|zone| is_word(zone))
        .map(|zone| format!("--zone={zone}"));
    if let Some(reload) = reload(remarks) {
        return vec![reload];
    }
    let in_zone = |arguments: &[&str]| {
        let words = [&arguments[..1], zone.as_deref().as_slice(), &arguments[1..]].concat();
        firewall_cmd(&words)
    };
    let trial = Fix {
        check: read_rules(FirewallKind::Firewalld),
        apply: vec![in_zone(&[&add, "--timeout=5m"])],
        undo: vec![in_zone(&[&remove])],
        ..allowing(FirewallKind::Firewalld)
    };
    if remarks.iter().any(may_be_changed_by_reload) {
        return vec![Fix {
            apply: vec![in_zone(&["--permanent", &add]), in_zone(&[&add])],
            undo: vec![in_zone(&["--permanent", &remove]), in_zone(&[&remove])],
            ..trial
        }];
    }
    let lasting = Fix {
        check: Vec::new(),
        apply: vec![in_zone(&["--permanent", &add]), firewall_cmd(&["--reload"])],
        undo: vec![
            in_zone(&["--permanent", &remove]),
            firewall_cmd(&["--reload"]),
        ],
        ..allowing(FirewallKind::Firewalld)
    };
    vec![trial, lasting]
}

fn firewall_cmd(arguments: &[&str]) -> CommandLine {
    let words = ["sudo", "firewall-cmd"].iter().chain(arguments);
    CommandLine::posix(words.map(|word| (*word).to_owned()))
}

/// Loads the permanent configuration, where that lets the port in and takes nothing away. Taken
/// back, what it brought is gone until the next reload.
fn reload(remarks: &[Remark]) -> Option<Fix> {
    let only_brings = !remarks.iter().any(|remark| {
        matches!(
            remark,
            Remark::LostAtReload { .. } | Remark::ChangedByReload
        )
    });
    if !(only_brings && remarks.contains(&Remark::BeginsAtReload)) {
        return None;
    }
    let brought = remarks.iter().find_map(|remark| {
        let Remark::BroughtByReload { entries } = remark else {
            return None;
        };
        Some(entries)
    })?;
    let undo: Option<Vec<CommandLine>> = brought
        .iter()
        .map(|entry| zone_entry(None, "remove", entry))
        .collect();
    Some(Fix {
        check: vec![
            posix("sudo firewall-cmd --list-all"),
            posix("sudo firewall-cmd --permanent --list-all"),
        ],
        apply: vec![firewall_cmd(&["--reload"])],
        undo: undo?,
        ..allowing(FirewallKind::Firewalld)
    })
}

fn may_be_changed_by_reload(remark: &Remark) -> bool {
    matches!(
        remark,
        Remark::LostAtReload { .. }
            | Remark::BroughtByReload { .. }
            | Remark::ChangedByReload
            | Remark::SavedRulesUnread
    )
}

/// Saves what lets the port in: the very entry that decides, else all that is not saved of its
/// zone.
#[must_use]
pub fn keep_zone_entries(decides: &DecidingRule, remarks: &[Remark]) -> Option<Fix> {
    let unsaved = remarks.iter().find_map(|remark| {
        let Remark::LostAtReload { entries } = remark else {
            return None;
        };
        Some(entries)
    })?;
    let is_it = |entry: &&ZoneEntry| entry.text() == decides.text;
    let is_of_zone = |entry: &&ZoneEntry| Some(&entry.zone) == decides.zone.as_ref();
    let mut kept: Vec<&ZoneEntry> = unsaved.iter().filter(is_it).collect();
    if kept.is_empty() {
        kept = unsaved.iter().filter(is_of_zone).collect();
    }
    let commands = |verb| {
        let each = kept
            .iter()
            .map(|entry| zone_entry(Some("--permanent"), verb, entry));
        each.collect::<Option<Vec<_>>>()
            .filter(|all| !all.is_empty())
    };
    Some(Fix {
        check: vec![
            posix("sudo firewall-cmd --list-all"),
            posix("sudo firewall-cmd --permanent --list-all"),
        ],
        apply: commands("add")?,
        undo: commands("remove")?,
        ..blank(Some(FirewallKind::Firewalld), Risk::ChangesSystem)
    })
}

/// Adds an entry to its zone or removes it; nothing for a zone whose name, which may come from an
/// opened report, is no harmless word.
fn zone_entry(option: Option<&str>, verb: &str, entry: &ZoneEntry) -> Option<CommandLine> {
    let zone = is_word(&entry.zone).then(|| format!("--zone={}", entry.zone))?;
    let change = format!("--{verb}-{}={}", entry.kind.option(), entry.value);
    let words: Vec<&str> = option.into_iter().chain([zone.as_str(), &change]).collect();
    Some(firewall_cmd(&words))
}

/// `insert`, not `add`: behind a final drop a rule has no effect. An accept in one chain does not
/// overrule a drop in another (nft(8), "accept"), so it goes into the chain that decides.
fn nftables(port: u16, clients: ClientNetwork, stopped_by: Option<&DecidingRule>) -> Fix {
    let chain = match chain(stopped_by) {
        Some(at) => format!("{} {} {}", at.family, at.table, at.chain),
        None => "inet filter input".to_owned(),
    };
    let family = if clients.is_v6() { "ip6" } else { "ip" };
    let accept = format!("{family} saddr {clients} tcp dport {port} accept");
    let (apply, undo) = insert_and_delete(&chain, &accept, port);
    Fix {
        check: read_rules(FirewallKind::Nftables),
        apply: vec![apply],
        undo: vec![undo],
        ..allowing(FirewallKind::Nftables)
    }
}

/// Puts a rule to the front of a chain of nft, and takes it out again by its comment.
fn insert_and_delete(chain: &str, rule: &str, port: u16) -> (CommandLine, CommandLine) {
    let insert = format!("sudo nft insert rule {chain} {rule} comment \"ketnoi-{port}\"");
    let delete = format!(
        "nft delete rule {chain} handle $(nft -a list chain {chain} \
         | sed -n \"s/.*ketnoi-{port}. # handle //p\")"
    );
    (
        posix(&insert),
        CommandLine::posix(["sudo", "sh", "-c", &delete]),
    )
}

/// The tool that changes the chain: that of the back end which has it.
fn iptables_tool(v6: bool, chain: Option<&FilterChain>) -> String {
    let family = if v6 { "ip6tables" } else { "iptables" };
    let back_end = match chain {
        Some(chain) if chain.legacy => "-legacy",
        Some(chain) if chain.newer => "-nft",
        Some(_) | None => "",
    };
    format!("{family}{back_end}")
}

fn iptables(port: u16, clients: ClientNetwork, stopped_by: Option<&DecidingRule>) -> Fix {
    let tool = iptables_tool(clients.is_v6(), chain(stopped_by));
    let (table, chain) = match chain(stopped_by) {
        Some(at) if at.table == "filter" => (String::new(), at.chain.as_str()),
        Some(at) => (format!("-t {} ", at.table), at.chain.as_str()),
        None => (String::new(), "INPUT"),
    };
    let rule =
        format!("-p tcp -s {clients} --dport {port} -m comment --comment ketnoi-{port} -j ACCEPT");
    Fix {
        check: read_rules(FirewallKind::Iptables),
        apply: vec![posix(&format!("sudo {tool} {table}-I {chain} 1 {rule}"))],
        undo: vec![posix(&format!("sudo {tool} {table}-D {chain} {rule}"))],
        ..allowing(FirewallKind::Iptables)
    }
}

/// The label of the ports that a service may have; the names are those of the reference policy
/// (`semanage port -l`). Nothing where it is not known.
#[must_use]
pub fn label_of(service: Option<&str>) -> Option<&'static str> {
    Some(match service? {
        "http" | "https" => "http_port_t",
        "postgresql" => "postgresql_port_t",
        "mysql" => "mysqld_port_t",
        "redis" => "redis_port_t",
        "mongodb" => "mongod_port_t",
        "ssh" => "ssh_port_t",
        _ => return None,
    })
}

/// Adds the port to those that `SELinux` lets the service use.
#[must_use]
pub fn label_port(port: u16, service: Option<&str>) -> Fix {
    let label = label_of(service).unwrap_or(Placeholder::PortLabel.text());
    let list = format!("semanage port -l | grep -w {port}");
    Fix {
        check: vec![CommandLine::posix(["sudo", "sh", "-c", &list])],
        apply: vec![posix(&format!(
            "sudo semanage port -a -t {label} -p tcp {port}"
        ))],
        undo: vec![posix(&format!("sudo semanage port -d -p tcp {port}"))],
        ..blank(None, Risk::ChangesSystem)
    }
}

/// Docker asks the chain `DOCKER-USER` before its own rules, when the port is already the
/// container's: the asked one is the connection's original one (iptables-extensions(8),
/// "conntrack"; Docker, "Packet filtering and firewalls"). The interface keeps what containers
/// ask of others out of it.
#[must_use]
pub fn limit_published_port(port: u16, clients: ClientNetwork, interface: Option<&str>) -> Fix {
    let tool = if clients.is_v6() {
        "ip6tables"
    } else {
        "iptables"
    };
    let interface = interface
        .filter(|name| is_word(name))
        .unwrap_or(Placeholder::Interface.text());
    let rule = format!(
        "-i {interface} ! -s {clients} -p tcp -m conntrack --ctorigdstport {port} \
         --ctdir ORIGINAL -m comment --comment ketnoi-{port} -j DROP"
    );
    Fix {
        check: vec![
            posix("docker ps"),
            posix(&format!("sudo {tool} -S DOCKER-USER")),
        ],
        apply: vec![posix(&format!("sudo {tool} -I DOCKER-USER 1 {rule}"))],
        undo: vec![posix(&format!("sudo {tool} -D DOCKER-USER {rule}"))],
        ..blank(Some(FirewallKind::Iptables), Risk::ClosesPortToOthers)
    }
}

/// The chain that stops the port, where its names, which may come from an opened report, are
/// harmless words.
fn chain(stopped_by: Option<&DecidingRule>) -> Option<&FilterChain> {
    let chain = stopped_by?.chain.as_ref()?;
    let is_filter = matches!(chain.family.as_str(), "ip" | "ip6" | "inet");
    (is_filter && is_word(&chain.table) && is_word(&chain.chain)).then_some(chain)
}

/// Whether a name means nothing to a shell or a tool.
fn is_word(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-/".contains(c))
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

/// A fix of our own words.
fn changing(risk: Risk, check: &[&str], apply: &[&str], undo: &[&str]) -> Fix {
    let commands = |lines: &[&str]| lines.iter().map(|line| posix(line)).collect();
    Fix {
        check: commands(check),
        apply: commands(apply),
        undo: commands(undo),
        ..blank(None, risk)
    }
}

/// A command of our own words, taken apart at the spaces. Never for a word that came from outside.
fn posix(line: &str) -> CommandLine {
    CommandLine::posix(line.split(' '))
}
