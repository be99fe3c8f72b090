//! Words that say nothing of anybody: those of protocols, products and systems that many machines
//! have. A list of what may stay, so that what nobody thought of does not.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::catalogue::{self, Service};

/// Whether a word of running text may stay.
pub(super) fn is_plain(word: &str) -> bool {
    PLAIN.contains(word.to_ascii_lowercase().as_str())
}

/// Whether a program may be named: it serves what the table knows, or every system has it.
pub(super) fn is_known_program(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let name = [".exe", ".js", ".cmd"]
        .into_iter()
        .find_map(|ending| name.strip_suffix(ending))
        .unwrap_or(&name);
    let is_run = |service: &Service| service.processes.iter().any(|one| one == name);
    PROGRAMS.contains(&name) || catalogue::all().iter().any(is_run)
}

/// Whether a unit of the system's manager is one that comes with a service or a system.
pub(super) fn is_known_unit(unit: &str) -> bool {
    let name = [".service", ".socket"]
        .into_iter()
        .find_map(|ending| unit.strip_suffix(ending))
        .unwrap_or(unit);
    let comes_with = |service: &Service| {
        let is_version = |end: &str| end.chars().all(|c| c.is_ascii_digit() || "-.x".contains(c));
        let is_known = |one: &String| match one.strip_suffix('*') {
            Some(start) => name.strip_prefix(start).is_some_and(is_version),
            None => one == name,
        };
        let units = service.linux.units.iter();
        units.chain(&service.windows.services).any(is_known)
    };
    UNITS.contains(&name) || catalogue::all().iter().any(comes_with)
}

/// Whether an id is one of the table of services or of the known ports.
pub(super) fn is_known_service(id: &str) -> bool {
    catalogue::known(id).is_some() || crate::target::known_port::port_of(id).is_some()
}

static PLAIN: LazyLock<BTreeSet<&'static str>> =
    LazyLock::new(|| WORDS.split_ascii_whitespace().collect());

/// In lower case, by where they come from.
const WORDS: &str = "
a an and any are as at be because been but by can cannot could do does for from has have if in
into is it its may no none not of off on only or other out over so some than that the their then
there this to too until was were when which while will with within without would you your

ajp alpn amqp apop bgp capability dns doctype esmtp ftp get grpc head helo ehlo http https html
icmp imap imap4 imap4rev1 ip ipp ipv4 ipv6 kerberos ldap mqtt mux ntp options pong ping plain pop
pop3 post preauth protocol rdp rfb rpc rtsp sasl smb smtp smtps snmp socks spdy ssh ssl starttls
tcp telnet tls udp unix uri url utf vnc websocket ws wss xml json

apache apache2 caddy cassandra clickhouse cockroachdb consul couchdb courier cyrus debian django
docker dovecot dropbear elasticsearch envoy etcd exchange exim express fastapi fedora filezilla
flask freebsd gnu go grafana gunicorn haproxy httpd ibm iis influxdb java jetty kafka kestrel
kibana kubernetes lighttpd linux macos mariadb memcached microsoft minio mongodb mosquitto mysql
mysql_native_password native caching sha sha2 sha256 password nats netty nginx node nodejs openbsd
openresty openssh openssl opensearch oracle perl php postfix postgresql postgres proftpd prometheus
proxy proxmox pure pureftpd python rabbitmq redhat redis rhel ruby rust rustls samba sendmail
simplehttp basehttp spring squid sqlserver synology tengine tomcat traefik ubuntu ubu2204 ubu2404
maria deb deb11 deb12 deb13 uvicorn valkey varnish vite vsftpd webpack werkzeug windows winrm
wsgiserver zookeeper airtunes

sfatal vfatal fatal error err warning notice info ok bad request unauthorized forbidden found moved
permanently temporarily gateway timeout unavailable internal server service host client user users
port ports address connection connections connect connected connecting closed close reset refused
blocked denied many too errors unblock mysqladmin flush hosts allowed permission rejected ready
running protected mode enabled disabled default bind interface interfaces loopback requirepass
noauth authentication required auth login welcome hello goodbye bye failed failure file files
directory such exist exists name unknown invalid unexpected end early eof broken pipe peer network
unreachable route down device busy resource resources temporarily memory limit access operation
supported interrupted system call socket timed time wait waiting handshake alert received message
certificate certificates verify verification issuer expired valid yet self signed chain cipher
ciphers version versions incompatible record layer data decode encode encoding illegal parameter
number type length content mac decrypt decryption protocolversion handshakefailure
serverdoesnotsupporttls12or13 serverdoesnotsupporttls12 nociphersuitesincommon
noapplicationprotocol peerincompatible peermisbehaved invalidmessage invalidcontenttype
invalidcertificate unsupported date gmt mon tue wed thu fri sat sun jan feb mar apr jun jul aug sep
oct nov dec connection: keep-alive keep alive text charset iso server: content-type content-length
cache control location set cookie nosniff index default accept reject drop return os errno code

input output forward prerouting postrouting docker docker-user ufw before after track ufw-user-input
ufw-before-input ufw-after-input filter nat mangle raw security inet table policy rule rules iifname
oifname iif oif saddr daddr sport dport ct state new established related untracked counter packets
bytes log prefix jump goto icmpx icmpv6 admin prohibited reject-with tcp-reset port-unreachable
admin-prohibited conntrack ctstate ctorigdstport comment ketnoi match multiport dports sports limit
burst minute second hour day src dst tcp-flags syn rst fin ack anywhere allow deny any v6 in out
from to proto family ipv rich public home work external dmz block trusted libvirt inbound outbound
profile domain private program accept

alma almalinux alpine amazon arch bookworm bullseye centos home jammy leap linux lts mint noble oracle
pro rocky server standard suse trixie tumbleweed ventura sonoma sequoia tahoe workstation
enterprise education edition release

proc sys etc run var tmp usr bin sbin lib net tcp6 udp6 raw6 fd stat status cmdline comm exe cgroup
hosts resolv conf nsswitch passwd group systemd resolve services default rules iptables ip6tables
nftables nft firewalld pfctl netsh lsof socketfilterfw powershell ss dbus bus root socket docker.sock
opt snap local share localhost
";

/// Programs that say nothing of whose machine it is, without those of the table of services.
const PROGRAMS: &[&str] = &[
    "apache2",
    "bash",
    "busybox",
    "caddy",
    "com.docker.backend",
    "conmon",
    "containerd",
    "containerd-shim",
    "containerd-shim-runc-v2",
    "cron",
    "cupsd",
    "dash",
    "deno",
    "dnsmasq",
    "docker",
    "docker-proxy",
    "dockerd",
    "dotnet",
    "dropbear",
    "fish",
    "gunicorn",
    "haproxy",
    "httpd",
    "inetd",
    "init",
    "java",
    "ketnoi",
    "keydb-server",
    "kubectl",
    "launchd",
    "lighttpd",
    "lsass",
    "mongod",
    "mongos",
    "nc",
    "ncat",
    "nginx",
    "node",
    "npm",
    "npx",
    "pasta",
    "perl",
    "pgbouncer",
    "php",
    "php-fpm",
    "podman",
    "postmaster",
    "python",
    "python3",
    "rootlesskit",
    "rootlessport",
    "rpcbind",
    "ruby",
    "screen",
    "services",
    "sh",
    "slirp4netns",
    "smbd",
    "socat",
    "ssh",
    "sshd",
    "sshd-session",
    "stunnel",
    "sudo",
    "supervisord",
    "svchost",
    "system",
    "systemd",
    "systemd-resolved",
    "tmux",
    "uvicorn",
    "uwsgi",
    "wininit",
    "wslrelay",
    "xinetd",
    "zsh",
];

/// Units without those of the table of services.
const UNITS: &[&str] = &[
    "apache2",
    "cron",
    "cups",
    "docker",
    "firewalld",
    "haproxy",
    "httpd",
    "init.scope",
    "nginx",
    "podman",
    "snap.docker.dockerd",
    "ssh",
    "sshd",
    "systemd-resolved",
    "ufw",
];
