//! Well-known URL schemes and TCP ports: which port a scheme means, which service lives there,
//! and what may be spoken to it.
//!
//! Pure tables. Nothing here says that a service *is* there: a port number is a convention, and
//! the diagnosis treats it as one.

use super::Protocol;

/// What a URL scheme leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A TCP connection.
    Tcp,
    /// Datagrams: there is nothing to connect to.
    Udp,
    /// A Unix domain socket or a Windows named pipe.
    LocalSocket,
    /// A file, no network at all.
    File,
}

/// A URL scheme we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownScheme {
    /// The scheme, in lower case.
    pub name: &'static str,
    /// The default port; `None` when the scheme has none (`tcp`, `unix`).
    pub port: Option<u16>,
    /// The service behind it; empty when the scheme names none.
    pub service: &'static str,
    /// What may be spoken to it.
    pub protocol: Protocol,
    /// How it is reached.
    pub transport: Transport,
}

/// A port with a customary service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownPort {
    /// The port.
    pub port: u16,
    /// The service usually found there.
    pub service: &'static str,
    /// What may be spoken to it when only the port is known.
    pub protocol: Protocol,
}

/// The entry for a scheme, in lower case; `driver` parts are understood (`mysql+pymysql`).
#[must_use]
pub fn scheme(name: &str) -> Option<KnownScheme> {
    if let Some(known) = SCHEMES.iter().find(|known| known.name == name) {
        return Some(*known);
    }
    let (base, driver) = name.split_once('+')?;
    let base = scheme(base)?;
    Some(match driver {
        "ssh" => scheme("ssh")?,
        "unix" | "socket" => scheme("unix")?,
        "ssl" | "tls" if base.protocol == Protocol::ListenOnly => KnownScheme {
            protocol: Protocol::Tls,
            ..base
        },
        _ => base,
    })
}

/// The entry for a port.
#[must_use]
pub fn port(number: u16) -> Option<KnownPort> {
    PORTS.iter().find(|known| known.port == number).copied()
}

/// The customary port of a service or scheme, looked up by name (`postgresql`, `https`).
#[must_use]
pub fn port_of(service: &str) -> Option<u16> {
    PORTS
        .iter()
        .find(|known| known.service == service)
        .map(|known| known.port)
        .or_else(|| scheme(service).and_then(|known| known.port))
}

/// Whether a service, by name, is one that speaks UDP.
#[must_use]
pub fn speaks_udp(service: &str) -> bool {
    let is_it = |known: &KnownScheme| known.service == service;
    SCHEMES
        .iter()
        .any(|known| known.transport == Transport::Udp && is_it(known))
}

/// What may be spoken to a port when nothing but the port is known.
#[must_use]
pub fn protocol_of_port(number: u16) -> Protocol {
    let usual = port(number).map_or(Protocol::ListenOnly, |known| known.protocol);
    guarded(number, usual)
}

/// The protocol asked for, unless the port acts on bytes or on a silent connection: printers
/// print what they receive, controllers may stop. Those are connected to and left at once.
#[must_use]
pub fn guarded(port: u16, protocol: Protocol) -> Protocol {
    match port {
        // LPD, raw printing, ISO-TSAP (S7) and Modbus.
        515 | 9100..=9107 | 102 | 502 => Protocol::ConnectOnly,
        _ => protocol,
    }
}

/// The known scheme most like a mistyped one, when there is a close one.
#[must_use]
pub fn similar_scheme(name: &str) -> Option<&'static str> {
    if name.len() > 16 {
        return None;
    }
    let allowed = if name.len() < 4 { 1 } else { 2 };
    SCHEMES
        .iter()
        .filter(|known| known.transport == Transport::Tcp)
        .map(|known| (edits(name, known.name), known.name))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Levenshtein distance; both words are short.
fn edits(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

const fn tcp(
    name: &'static str,
    port: u16,
    service: &'static str,
    protocol: Protocol,
) -> KnownScheme {
    KnownScheme {
        name,
        port: Some(port),
        service,
        protocol,
        transport: Transport::Tcp,
    }
}

const fn udp(name: &'static str, port: u16, service: &'static str) -> KnownScheme {
    KnownScheme {
        name,
        port: Some(port),
        service,
        protocol: Protocol::ListenOnly,
        transport: Transport::Udp,
    }
}

const fn portless(name: &'static str, transport: Transport) -> KnownScheme {
    KnownScheme {
        name,
        port: None,
        service: "",
        protocol: Protocol::ListenOnly,
        transport,
    }
}

const fn at(port: u16, service: &'static str, protocol: Protocol) -> KnownPort {
    KnownPort {
        port,
        service,
        protocol,
    }
}

use Protocol::{Http, Https, ListenOnly as Listen, Tls};

const SCHEMES: &[KnownScheme] = &[
    tcp("http", 80, "http", Http),
    tcp("ws", 80, "http", Http),
    tcp("https", 443, "https", Https),
    tcp("wss", 443, "https", Https),
    tcp("ftp", 21, "ftp", Listen),
    tcp("ftps", 990, "ftps", Tls),
    tcp("ssh", 22, "ssh", Listen),
    tcp("sftp", 22, "ssh", Listen),
    tcp("scp", 22, "ssh", Listen),
    tcp("git", 9418, "git", Listen),
    tcp("svn", 3690, "svn", Listen),
    tcp("telnet", 23, "telnet", Listen),
    tcp("smtp", 25, "smtp", Listen),
    tcp("submission", 587, "submission", Listen),
    tcp("smtps", 465, "smtps", Tls),
    tcp("pop3", 110, "pop3", Listen),
    tcp("pop", 110, "pop3", Listen),
    tcp("pop3s", 995, "pop3s", Tls),
    tcp("imap", 143, "imap", Listen),
    tcp("imaps", 993, "imaps", Tls),
    tcp("ldap", 389, "ldap", Listen),
    tcp("ldaps", 636, "ldaps", Tls),
    tcp("postgres", 5432, "postgresql", Listen),
    tcp("postgresql", 5432, "postgresql", Listen),
    tcp("psql", 5432, "postgresql", Listen),
    tcp("cockroachdb", 26257, "cockroachdb", Listen),
    tcp("mysql", 3306, "mysql", Listen),
    tcp("mysqlx", 33060, "mysqlx", Listen),
    tcp("mariadb", 3306, "mysql", Listen),
    tcp("sqlserver", 1433, "sqlserver", Listen),
    tcp("mssql", 1433, "sqlserver", Listen),
    tcp("oracle", 1521, "oracle", Listen),
    tcp("mongodb", 27017, "mongodb", Listen),
    tcp("redis", 6379, "redis", Listen),
    tcp("valkey", 6379, "redis", Listen),
    tcp("rediss", 6379, "redis", Tls),
    tcp("valkeys", 6379, "redis", Tls),
    tcp("memcached", 11211, "memcached", Listen),
    tcp("memcache", 11211, "memcached", Listen),
    tcp("amqp", 5672, "amqp", Listen),
    tcp("amqps", 5671, "amqps", Tls),
    tcp("mqtt", 1883, "mqtt", Listen),
    tcp("mqtts", 8883, "mqtts", Tls),
    tcp("kafka", 9092, "kafka", Listen),
    tcp("nats", 4222, "nats", Listen),
    tcp("stomp", 61613, "stomp", Listen),
    tcp("elasticsearch", 9200, "elasticsearch", Http),
    tcp("es", 9200, "elasticsearch", Http),
    tcp("cassandra", 9042, "cassandra", Listen),
    tcp("neo4j", 7687, "neo4j", Listen),
    tcp("neo4js", 7687, "neo4j", Tls),
    tcp("bolt", 7687, "neo4j", Listen),
    tcp("bolts", 7687, "neo4j", Tls),
    tcp("clickhouse", 9000, "clickhouse", Listen),
    tcp("influxdb", 8086, "influxdb", Http),
    tcp("rdp", 3389, "rdp", Listen),
    tcp("ms-rdp", 3389, "rdp", Listen),
    tcp("vnc", 5900, "vnc", Listen),
    tcp("smb", 445, "smb", Listen),
    tcp("cifs", 445, "smb", Listen),
    tcp("nfs", 2049, "nfs", Listen),
    tcp("afp", 548, "afp", Listen),
    tcp("rtsp", 554, "rtsp", Listen),
    tcp("rtsps", 322, "rtsps", Tls),
    tcp("rtmp", 1935, "rtmp", Listen),
    tcp("rtmps", 443, "rtmps", Tls),
    tcp("sip", 5060, "sip", Listen),
    tcp("sips", 5061, "sips", Tls),
    tcp("irc", 6667, "irc", Listen),
    tcp("ircs", 6697, "ircs", Tls),
    tcp("xmpp", 5222, "xmpp", Listen),
    tcp("rsync", 873, "rsync", Listen),
    tcp("dns", 53, "dns", Listen),
    tcp("ipp", 631, "ipp", Http),
    tcp("ipps", 631, "ipp", Https),
    tcp("lpd", 515, "lpd", Listen),
    tcp("modbus", 502, "modbus", Listen),
    tcp("docker", 2375, "docker", Listen),
    tcp("etcd", 2379, "etcd", Listen),
    tcp("consul", 8500, "consul", Http),
    tcp("vault", 8200, "vault", Listen),
    tcp("zookeeper", 2181, "zookeeper", Listen),
    tcp("zk", 2181, "zookeeper", Listen),
    tcp("socks", 1080, "socks", Listen),
    tcp("socks4", 1080, "socks", Listen),
    tcp("socks4a", 1080, "socks", Listen),
    tcp("socks5", 1080, "socks", Listen),
    tcp("socks5h", 1080, "socks", Listen),
    tcp("minecraft", 25565, "minecraft", Listen),
    tcp("winrm", 5985, "winrm", Listen),
    tcp("grpc", 50051, "grpc", Listen),
    tcp("grpcs", 443, "grpcs", Tls),
    tcp("adb", 5037, "adb", Listen),
    tcp("h2", 9092, "h2", Listen),
    tcp("firebird", 3050, "firebird", Listen),
    tcp("db2", 50000, "db2", Listen),
    tcp("derby", 1527, "derby", Listen),
    tcp("hsqldb", 9001, "hsqldb", Listen),
    tcp("redshift", 5439, "redshift", Listen),
    tcp("hive2", 10000, "hive2", Listen),
    portless("tcp", Transport::Tcp),
    portless("tcp4", Transport::Tcp),
    portless("tcp6", Transport::Tcp),
    KnownScheme {
        protocol: Tls,
        ..portless("tls", Transport::Tcp)
    },
    KnownScheme {
        protocol: Tls,
        ..portless("ssl", Transport::Tcp)
    },
    KnownScheme {
        port: None,
        ..udp("udp", 0, "")
    },
    udp("ntp", 123, "ntp"),
    udp("tftp", 69, "tftp"),
    udp("snmp", 161, "snmp"),
    udp("syslog", 514, "syslog"),
    udp("coap", 5683, "coap"),
    udp("coaps", 5684, "coap"),
    udp("stun", 3478, "stun"),
    udp("turn", 3478, "turn"),
    udp("mdns", 5353, "mdns"),
    udp("dhcp", 67, "dhcp"),
    udp("radius", 1812, "radius"),
    udp("wireguard", 51820, "wireguard"),
    udp("quic", 443, "quic"),
    udp("rtp", 5004, "rtp"),
    portless("unix", Transport::LocalSocket),
    portless("npipe", Transport::LocalSocket),
    portless("fd", Transport::LocalSocket),
    portless("file", Transport::File),
    portless("sqlite", Transport::File),
    portless("sqlite3", Transport::File),
    portless("duckdb", Transport::File),
    portless("data", Transport::File),
];

const PORTS: &[KnownPort] = &[
    at(20, "ftp-data", Listen),
    at(21, "ftp", Listen),
    at(22, "ssh", Listen),
    at(23, "telnet", Listen),
    at(25, "smtp", Listen),
    at(53, "dns", Listen),
    at(69, "tftp", Listen),
    at(80, "http", Http),
    at(88, "kerberos", Listen),
    at(102, "s7", Listen),
    at(110, "pop3", Listen),
    at(111, "rpcbind", Listen),
    at(123, "ntp", Listen),
    at(135, "msrpc", Listen),
    at(139, "netbios", Listen),
    at(143, "imap", Listen),
    at(161, "snmp", Listen),
    at(389, "ldap", Listen),
    at(443, "https", Https),
    at(445, "smb", Listen),
    at(465, "smtps", Tls),
    at(502, "modbus", Listen),
    at(514, "syslog", Listen),
    at(515, "lpd", Listen),
    at(548, "afp", Listen),
    at(554, "rtsp", Listen),
    at(587, "submission", Listen),
    at(631, "ipp", Http),
    at(636, "ldaps", Tls),
    at(853, "dns-over-tls", Tls),
    at(873, "rsync", Listen),
    at(990, "ftps", Tls),
    at(993, "imaps", Tls),
    at(995, "pop3s", Tls),
    at(1080, "socks", Listen),
    at(1194, "openvpn", Listen),
    at(1313, "http", Http),
    at(1433, "sqlserver", Listen),
    at(1521, "oracle", Listen),
    at(1883, "mqtt", Listen),
    at(1935, "rtmp", Listen),
    at(2049, "nfs", Listen),
    at(2181, "zookeeper", Listen),
    at(2375, "docker", Listen),
    at(2376, "docker", Tls),
    at(2379, "etcd", Listen),
    at(3000, "http", Http),
    at(3001, "http", Http),
    at(3128, "http-proxy", Listen),
    at(3306, "mysql", Listen),
    at(3389, "rdp", Listen),
    at(3690, "svn", Listen),
    at(4000, "http", Http),
    at(4173, "http", Http),
    at(4200, "http", Http),
    at(4222, "nats", Listen),
    at(5000, "http", Http),
    at(5037, "adb", Listen),
    at(5060, "sip", Listen),
    at(5061, "sips", Tls),
    at(5173, "http", Http),
    at(5174, "http", Http),
    at(5222, "xmpp", Listen),
    at(5432, "postgresql", Listen),
    at(5601, "http", Http),
    at(5671, "amqps", Tls),
    at(5672, "amqp", Listen),
    at(5900, "vnc", Listen),
    at(5901, "vnc", Listen),
    at(5984, "http", Http),
    at(5985, "winrm", Listen),
    at(5986, "winrm", Tls),
    at(6006, "http", Http),
    at(6379, "redis", Listen),
    at(6443, "kubernetes", Https),
    at(6667, "irc", Listen),
    at(6697, "ircs", Tls),
    at(7687, "neo4j", Listen),
    at(7860, "http", Http),
    at(8000, "http", Http),
    at(8008, "http", Http),
    at(8080, "http", Http),
    at(8081, "http", Http),
    at(8086, "influxdb", Http),
    at(8123, "http", Http),
    at(8200, "vault", Listen),
    at(8443, "https", Https),
    at(8500, "consul", Http),
    at(8501, "http", Http),
    at(8883, "mqtts", Tls),
    at(8888, "http", Http),
    at(9000, "clickhouse", Listen),
    at(9042, "cassandra", Listen),
    at(9050, "tor", Listen),
    at(9090, "http", Http),
    at(9092, "kafka", Listen),
    at(9100, "printer", Listen),
    at(9200, "elasticsearch", Http),
    at(9300, "elasticsearch-transport", Listen),
    at(9418, "git", Listen),
    at(9443, "https", Https),
    at(11211, "memcached", Listen),
    at(11434, "ollama", Http),
    at(15672, "http", Http),
    at(25565, "minecraft", Listen),
    at(26257, "cockroachdb", Listen),
    at(27017, "mongodb", Listen),
    at(33060, "mysqlx", Listen),
    at(50051, "grpc", Listen),
    at(51820, "wireguard", Listen),
    at(61613, "stomp", Listen),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_with_a_driver_means_its_database() {
        let known = scheme("mysql+pymysql").unwrap();
        assert_eq!((known.port, known.service), (Some(3306), "mysql"));
        assert_eq!(scheme("git+ssh").unwrap().service, "ssh");
        assert_eq!(
            scheme("http+unix").unwrap().transport,
            Transport::LocalSocket
        );
        assert_eq!(scheme("amqp+ssl").unwrap().protocol, Protocol::Tls);
        assert_eq!(scheme("gopher+x"), None);
    }

    #[test]
    fn printers_and_controllers_are_never_spoken_to() {
        for port in [102, 502, 515, 9100, 9107] {
            assert_eq!(guarded(port, Protocol::Http), Protocol::ConnectOnly);
            assert_eq!(protocol_of_port(port), Protocol::ConnectOnly);
        }
        assert_eq!(guarded(9108, Protocol::Http), Protocol::Http);
    }

    #[test]
    fn an_unknown_port_is_only_listened_to() {
        assert_eq!(protocol_of_port(40_001), Protocol::ListenOnly);
        assert_eq!(protocol_of_port(5432), Protocol::ListenOnly);
        assert_eq!(protocol_of_port(8443), Protocol::Https);
        assert_eq!(protocol_of_port(993), Protocol::Tls);
    }

    #[test]
    fn no_scheme_or_port_is_listed_twice() {
        for (index, known) in SCHEMES.iter().enumerate() {
            assert!(
                SCHEMES[..index]
                    .iter()
                    .all(|other| other.name != known.name),
                "{}",
                known.name
            );
        }
        for pair in PORTS.windows(2) {
            assert!(pair[0].port < pair[1].port, "{}", pair[1].port);
        }
    }

    #[test]
    fn a_mistyped_scheme_finds_its_neighbour() {
        assert_eq!(similar_scheme("htps"), Some("https"));
        assert_eq!(similar_scheme("postgress"), Some("postgres"));
        assert_eq!(similar_scheme("quidditch"), None);
    }
}
