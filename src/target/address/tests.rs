use super::*;
use crate::target::{Protocol, TlsMode, understand};

/// What a text is understood as, in one line.
fn seen(text: &str) -> String {
    match understand(text) {
        Ok(Understanding::Targets { targets, .. }) => targets
            .iter()
            .map(|target| {
                let source = match target.port_from {
                    PortSource::Typed => "",
                    PortSource::Scheme => " scheme",
                    PortSource::ErrorText => " error",
                    PortSource::Guess => " guess",
                };
                format!("{}{source}", target.endpoint())
            })
            .collect::<Vec<_>>()
            .join(", "),
        Ok(Understanding::NotTcp(NotTcp::LocalSocket { path })) => format!("socket {path}"),
        Ok(Understanding::NotTcp(NotTcp::Udp {
            host,
            port,
            service,
        })) => format!(
            "udp {} {port} {service}",
            host.map_or_else(|| "-".to_owned(), |host| host.to_string())
        ),
        Ok(Understanding::NotTcp(NotTcp::File { scheme })) => format!("file {scheme}"),
        Ok(Understanding::Incomplete { .. }) => "incomplete".to_owned(),
        Err(error) => format!("{:?} {:?} {:?}", error.problem, error.at, error.mend),
    }
}

fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(seen(text), *expected, "{text}");
    }
}

fn only(text: &str) -> Target {
    match understand(text) {
        Ok(Understanding::Targets { mut targets, .. }) if targets.len() == 1 => targets.remove(0),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn a_host_and_a_port_are_read_in_every_spelling() {
    check(&[
        ("127.0.0.1:9", "127.0.0.1:9"),
        ("db:5432", "db:5432"),
        ("DB.Example.org:05432", "db.example.org:5432"),
        ("  db:5432\n", "db:5432"),
        ("“db:5432”", "db:5432"),
        ("« db:5432 »", "db:5432"),
        ("<db:5432>,", "db:5432"),
        ("(db:5432).", "db:5432"),
        ("[db:5432]", "db:5432"),
        ("ｄｂ：５４３２", "db:5432"),
        ("１０．０．０．５：８０", "10.0.0.5:80"),
        ("10。0。0。5:80", "10.0.0.5:80"),
        ("\u{feff}db\u{200b}:5432", "db:5432"),
        ("db.example.org.:5432", "db.example.org:5432"),
        ("10.0.0.5 5432", "10.0.0.5:5432"),
        ("db : 5432", "db:5432"),
        ("db: 5432", "db:5432"),
        ("db :5432", "db:5432"),
        ("(\"127.0.0.1\", 8080)", "127.0.0.1:8080"),
        ("10.0.0.5,1433", "10.0.0.5:1433"),
        ("localhost/127.0.0.1:8080", "localhost:8080"),
        ("db/<unresolved>:8080", "db:8080"),
        ("/192.168.1.50:25565", "192.168.1.50:25565"),
        ("máychủ.vn:80", "máychủ.vn:80"),
        ("gôgle.com:443", "gôgle.com:443"),
        ("tcp://db:5432", "db:5432"),
        ("user:secret@db:5432", "db:5432"),
        ("user:secret@tcp(10.0.0.5:3306)/app", "10.0.0.5:3306"),
        ("db:8080/path?token=x#y", "db:8080"),
        ("k1:9092,k2:9092,k1:9092,", "k1:9092, k2:9092"),
        ("10.0.0.5:80, 10.0.0.6:80", "10.0.0.5:80, 10.0.0.6:80"),
        ("tcp:10.0.0.5:1433", "10.0.0.5:1433"),
        ("//10.0.0.5:80", "10.0.0.5:80"),
        ("ssh root@lab.example", "lab.example:22 guess"),
        ("localhost:6379,password=x,ssl=true", "localhost:6379"),
        ("git@github.com:org/repo.git", "github.com:22 guess"),
        ("\\\\nas\\share", "nas:445 guess"),
        ("//nas/share", "nas:445 guess"),
    ]);
}

#[test]
fn a_lone_host_gets_a_port_that_is_called_a_guess() {
    check(&[
        ("example.com", "example.com:443 guess"),
        ("example.com.", "example.com:443 guess"),
        ("10.0.0.5", "10.0.0.5:443 guess"),
        ("::1", "[::1]:443 guess"),
        ("[2001:db8::7]", "[2001:db8::7]:443 guess"),
        ("fe80::1%eth0", "[fe80::1%eth0]:443 guess"),
        ("example.com/path", "example.com:443 guess"),
    ]);
    assert_eq!(only("example.com").protocol, Protocol::Https);
    assert_eq!(only("example.com").input, "example.com");
}

#[test]
fn ipv6_keeps_its_brackets_and_its_zone() {
    check(&[
        ("[::1]:8080", "[::1]:8080"),
        ("[fe80::1%eth0]:22", "[fe80::1%eth0]:22"),
        ("http://[fe80::1%25eth0]:8080/x", "[fe80::1%eth0]:8080"),
        (
            "2001:db8:1:2:3:4:5:5432",
            "[2001:db8:1:2:3:4:5:5432]:443 guess",
        ),
        ("::1:5432", "Ipv6NeedsBrackets 0..8 Some(\"[::1]:5432\")"),
        (
            "2001:db8:1:2:3:4:5:6:80",
            "Ipv6NeedsBrackets 0..23 Some(\"[2001:db8:1:2:3:4:5:6]:80\")",
        ),
        ("[::1:8080", "BadIpv6 0..9 Some(\"[::1]:8080\")"),
        ("[::1]8080", "PortNotANumber 5..9 Some(\"[::1]:8080\")"),
        ("[10.0.0.5]:80", "BadIpv6 0..10 Some(\"10.0.0.5:80\")"),
        ("2001:db8:::1", "BadIpv6 0..12 Some(\"[2001:db8::1]\")"),
        ("1:2:3:4", "BadIpv6 0..7 Some(\"[1:2:3:4::]\")"),
    ]);
}

#[test]
fn urls_bring_their_default_ports() {
    check(&[
        ("http://example.com", "example.com:80 scheme"),
        (
            "https://user:secret@example.com/a?b#c",
            "example.com:443 scheme",
        ),
        ("HTTPS://Example.com:8443", "example.com:8443"),
        ("ws://localhost", "localhost:80 scheme"),
        ("ssh://root@10.0.0.5", "10.0.0.5:22 scheme"),
        ("git+ssh://git@host/x", "host:22 scheme"),
        ("postgres://db", "db:5432 scheme"),
        ("postgresql+psycopg2://u:p@db/x", "db:5432 scheme"),
        ("mysql://u:p@db", "db:3306 scheme"),
        ("redis://:secret@cache/0", "cache:6379 scheme"),
        ("rediss://cache", "cache:6379 scheme"),
        ("mongodb://u:p@m1:27018,m2/db", "m1:27018, m2:27017 scheme"),
        ("amqps://mq", "mq:5671 scheme"),
        ("mqtts://mq", "mq:8883 scheme"),
        ("ldaps://dir", "dir:636 scheme"),
        ("smb://nas/share", "nas:445 scheme"),
        ("ftp://files", "files:21 scheme"),
        ("rdp://pc", "pc:3389 scheme"),
        ("vnc://pc", "pc:5900 scheme"),
        ("kafka://k1,k2", "k1:9092 scheme, k2:9092 scheme"),
        ("nats://n", "n:4222 scheme"),
        ("memcached://m", "m:11211 scheme"),
        (
            "nats://a:4222,nats://b:4222,nats://c",
            "a:4222, b:4222, c:4222 scheme",
        ),
        ("sip:alice@pbx", "pbx:5060 scheme"),
        ("DATABASE_URL=postgres://u:p@db/x", "db:5432 scheme"),
        ("http:localhost:8080", "localhost:8080"),
        ("http//localhost:8080", "localhost:8080"),
        ("http:\\\\localhost:8080", "localhost:8080"),
        ("redis:6379", "redis:6379"),
        ("foo://bar:1234", "bar:1234"),
        ("http://b%C3%BCcher.example", "bücher.example:80 scheme"),
        ("http://example.com/a b", "example.com:80 scheme"),
    ]);
}

#[test]
fn java_database_urls_are_read_from_inside() {
    check(&[
        (
            "jdbc:postgresql://h1:5433,h2/db?user=x",
            "h1:5433, h2:5432 scheme",
        ),
        ("jdbc:mysql://h1:3306,h2:3307/db", "h1:3306, h2:3307"),
        ("jdbc:mysql:loadbalance://h1/db", "h1:3306 scheme"),
        ("jdbc:mysql://address=(host=h1)(port=3307)/db", "h1:3307"),
        (
            "jdbc:sqlserver://db\\SQLEXPRESS:1434;user=sa;password=x",
            "db:1434",
        ),
        ("jdbc:sqlserver://db;databaseName=x", "db:1433 scheme"),
        ("jdbc:oracle:thin:@h:1521:sid", "h:1521"),
        ("jdbc:oracle:thin:scott/tiger@//h:1522/service", "h:1522"),
        (
            "jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=h)(PORT=1523)))",
            "h:1523",
        ),
        ("jdbc:h2:tcp://h/x", "h:9092 scheme"),
        ("jdbc:h2:mem:test", "file jdbc:h2"),
        ("jdbc:sqlite:/var/x.db", "file jdbc:sqlite"),
        (
            "jdbc:postgresql:db",
            "HostMissing 18..18 Some(\"jdbc:postgresql://localhost\")",
        ),
    ]);
    assert_eq!(
        only("jdbc:oracle:thin:@h:1521:sid").input,
        "jdbc:oracle:thin:@//h:1521"
    );
}

#[test]
fn connection_strings_name_their_hosts() {
    check(&[
        (
            "host=a,b port=5432,5433 user=u password='p q'",
            "a:5432, b:5433",
        ),
        ("host=a,b port=5432", "a:5432, b:5432"),
        ("host = db", "db:5432 guess"),
        (
            "host=/var/run/postgresql dbname=x",
            "socket /var/run/postgresql",
        ),
        (
            "Server=tcp:db.example.net,1433;User Id=sa;Password=x;",
            "db.example.net:1433",
        ),
        (
            "Data Source=db\\SQLEXPRESS;Initial Catalog=x",
            "db:1433 guess",
        ),
        ("Server=db;Port=3307;Uid=root;Pwd=x", "db:3307"),
        ("Host=db;Username=u;Password=p", "db:5432 guess"),
        ("mysql:host=db;port=3307;dbname=x", "db:3307"),
        ("mysql:host=db;dbname=x", "db:3306 guess"),
        ("DB_HOST=db", "db:5432 guess"),
        (
            "port=5432",
            "HostMissing 0..9 Some(\"host=localhost port=5432\")",
        ),
        ("host=db port=x", "PortNotANumber 13..14 None"),
    ]);
}

#[test]
fn what_tcp_does_not_reach_is_named() {
    check(&[
        ("unix:///var/run/docker.sock", "socket /var/run/docker.sock"),
        (
            "/var/run/mysqld/mysqld.sock",
            "socket /var/run/mysqld/mysqld.sock",
        ),
        (
            "npipe:////./pipe/docker_engine",
            "socket //./pipe/docker_engine",
        ),
        (
            "\\\\.\\pipe\\docker_engine",
            "socket \\\\.\\pipe\\docker_engine",
        ),
        ("http+unix://%2Frun%2Fd.sock/v1/info", "socket /run/d.sock"),
        ("postgresql://%2Fvar%2Frun/db", "socket /var/run"),
        ("postgresql:///db?host=/tmp", "socket /tmp"),
        (
            "mysql://u@localhost/db?unix_socket=/tmp/m.sock",
            "socket /tmp/m.sock",
        ),
        ("ntp://pool.ntp.org", "udp pool.ntp.org 123 ntp"),
        ("udp://10.0.0.5:53", "udp 10.0.0.5 53 dns"),
        ("syslog://logs", "udp logs 514 syslog"),
        ("tftp://boot/x", "udp boot 69 tftp"),
        ("snmp://switch:1161", "udp switch 1161 snmp"),
        ("sqlite:///x.db", "file sqlite"),
        ("file:///etc/hosts", "file file"),
        ("udp://host", "PortMissing 6..10 Some(\"udp://host:53\")"),
    ]);
}

#[test]
fn every_mistake_is_pointed_at_and_mended() {
    check(&[
        ("", "Empty 0..0 None"),
        (" \u{200b} ", "Empty 0..3 None"),
        ("???", "NothingFound 0..3 None"),
        (":8080", "HostMissing 0..0 Some(\"localhost:8080\")"),
        ("8080", "HostMissing 0..4 Some(\"localhost:8080\")"),
        (
            "http://:8080",
            "HostMissing 7..7 Some(\"http://localhost:8080\")",
        ),
        ("http://", "HostMissing 7..7 Some(\"http://localhost\")"),
        ("db:", "PortMissing 3..3 None"),
        ("db:abc", "PortNotANumber 3..6 None"),
        ("db:postgresql", "PortNotANumber 3..13 Some(\"db:5432\")"),
        ("db:8O80", "PortNotANumber 3..7 Some(\"db:8080\")"),
        ("db:+80", "PortNotANumber 3..6 Some(\"db:80\")"),
        ("db:80:", "PortNotANumber 3..6 Some(\"db:80\")"),
        ("  db:99999", "PortTooLarge 5..10 Some(\"db:9999\")"),
        ("db:0", "PortZero 3..4 None"),
        ("http://db:0/x", "PortZero 10..11 Some(\"http://db:80\")"),
        (
            "10.0.0.5:65536",
            "PortTooLarge 9..14 Some(\"10.0.0.5:6553\")",
        ),
        (
            "192.168.1.300:80",
            "BadIpv4 10..13 Some(\"192.168.1.30:80\")",
        ),
        ("10.77.266", "BadIpv4 0..9 Some(\"10.77.1.10\")"),
        ("172.18.010.1:80", "BadIpv4 7..10 Some(\"172.18.10.1:80\")"),
        ("192.168.1,5", "BadIpv4 0..11 Some(\"192.168.1.5\")"),
        ("10.0.0.5/5432", "BadHostName 8..9 Some(\"10.0.0.5:5432\")"),
        ("10.0.0.5-5432", "BadHostName 8..9 Some(\"10.0.0.5:5432\")"),
        ("10.0.0.5.5432", "BadIpv4 8..9 Some(\"10.0.0.5:5432\")"),
        (
            "10.0.0.5:54 32",
            "BadHostName 11..12 Some(\"10.0.0.5:5432\")",
        ),
        ("db:80:90", "PortNotANumber 3..8 Some(\"db:80\")"),
        ("a:1,b:x", "PortNotANumber 6..7 None"),
        (
            "mongodb://a:1,b:99999",
            "PortTooLarge 16..21 Some(\"mongodb://a:1,b:9999\")",
        ),
        ("10.0.0.0/24", "BadIpv4 8..11 Some(\"10.0.0.0\")"),
        (
            "lôcalhost:8080",
            "BadHostName 0..9 Some(\"localhost:8080\")",
        ),
        (
            "http://localhót:3000/",
            "BadHostName 7..15 Some(\"http://localhost:3000\")",
        ),
        (
            "example. com:80",
            "BadHostName 8..9 Some(\"example.com:80\")",
        ),
        ("my$host:80", "BadHostName 2..3 Some(\"myhost:80\")"),
        (
            "htp://example.com",
            "UnknownScheme 0..3 Some(\"http://example.com\")",
        ),
        (
            "quidditch://pitch",
            "UnknownScheme 0..9 Some(\"https://pitch\")",
        ),
        ("tcp://db", "PortMissing 6..8 Some(\"tcp://db:443\")"),
    ]);
}

#[test]
fn a_text_beyond_a_mebibyte_is_refused() {
    let error = understand(&"a".repeat(super::super::LONGEST_TEXT + 1)).unwrap_err();
    assert_eq!(error.problem, AddressProblem::TooLong);
}

#[test]
fn the_input_is_kept_without_anything_private() {
    for (text, input) in [
        (
            "https://me:hunter2@example.com:8443/a?b=c#d",
            "https://example.com:8443",
        ),
        ("postgres://me:hun/ter2@db/x", "postgres://db"),
        ("postgres://me:hun?ter2@db/x", "postgres://db"),
        ("postgres://me:hun#ter2@db/x", "postgres://db"),
        ("postgres://me:12/ter2@db/x", "postgres://db"),
        ("http://me:hun/ter2@example.com/x", "http://example.com"),
        ("me:hunter2@db:5432", "db:5432"),
        ("me:hun/ter2@db:5432", "db:5432"),
        ("me:12/ter2@db:5432", "db:5432"),
        ("https://example.com/@me", "https://example.com"),
        ("example.com:8080/@me", "example.com:8080"),
    ] {
        assert_eq!(only(text).input, input, "{text}");
    }
}

#[test]
fn a_mend_is_itself_understood() {
    for text in [
        ":8080",
        "8080",
        "db:postgresql",
        "db:99999",
        "http://db:0",
        "10.77.266",
        "lôcalhost:80",
        "[::1:80",
        "::1:5432",
        "htp://x",
        "tcp://x",
        "jdbc:oracle:thin:@",
        "jdbc:mysql:db",
        "http://u:p@:80/x",
        "jdbc:nosuch:x",
        "udp://h",
        "10.0.0. 5:80",
    ] {
        let mend = understand(text).unwrap_err().mend.expect(text);
        assert!(understand(&mend).is_ok(), "{text} -> {mend}");
    }
}

#[test]
fn scheme_service_and_protocol_follow_the_url() {
    for (text, service, protocol) in [
        ("http://h:3306", Some("http"), Protocol::Http),
        ("https://h:3000", Some("https"), Protocol::Https),
        ("redis://h:7000", Some("redis"), Protocol::ListenOnly),
        ("rediss://h:7000", Some("redis"), Protocol::Tls),
        ("redis://h:7000?ssl=true", Some("redis"), Protocol::Tls),
        ("tcp://h:8080", Some("http"), Protocol::Http),
        ("tls://h:7000", None, Protocol::Tls),
        ("http://printer:9100", Some("http"), Protocol::ConnectOnly),
        ("h:3000", Some("http"), Protocol::Http),
        ("h:993", Some("imaps"), Protocol::Tls),
        ("h:40000", None, Protocol::ListenOnly),
    ] {
        let target = only(text);
        assert_eq!(target.service.as_deref(), service, "{text}");
        assert_eq!(target.protocol, protocol, "{text}");
    }
}

#[test]
fn srv_schemes_carry_their_question() {
    let target = only("mongodb+srv://u:p@cluster.example.net/db");
    assert_eq!(target.srv.as_deref(), Some("_mongodb._tcp"));
    assert_eq!(target.protocol, Protocol::Tls);
    assert_eq!(target.scheme.as_deref(), Some("mongodb+srv"));
    assert_eq!(only("mongodb://h").srv, None);
}

#[test]
fn tls_options_survive_as_a_mode() {
    for (text, mode) in [
        ("postgres://db/x?sslmode=disable", Some(TlsMode::Disable)),
        (
            "postgres://db/x?a=b&sslmode=verify-full",
            Some(TlsMode::Verify),
        ),
        ("mysql://db/x?useSSL=true", Some(TlsMode::Require)),
        ("mysql://db/x?ssl-mode=PREFERRED", Some(TlsMode::Prefer)),
        ("jdbc:sqlserver://db;encrypt=false", Some(TlsMode::Disable)),
        ("host=db sslmode=require", Some(TlsMode::Require)),
        ("https://db/?ssl=true", None),
        ("postgres://db/x", None),
    ] {
        assert_eq!(only(text).tls, mode, "{text}");
    }
}

#[test]
fn two_fields_make_a_target() {
    let target = Target::from_parts(" “lab.example” ", "：５４３２").unwrap();
    assert_eq!(target.endpoint(), "lab.example:5432");
    assert_eq!(
        Target::from_parts("::1:5432", "80").unwrap().endpoint(),
        "[::1:5432]:80"
    );
    assert_eq!(
        Target::from_parts("http://u:p@db:80/x", "81")
            .unwrap()
            .input,
        "db:81"
    );
    let error = Target::from_parts("db", "70000").unwrap_err();
    assert!(error.problem.is_about_port());
    assert_eq!((error.at, error.mend.as_deref()), (0..5, Some("7000")));
    let error = Target::from_parts("10.0.0.300", "80").unwrap_err();
    assert!(!error.problem.is_about_port());
    assert_eq!(error.mend.as_deref(), Some("10.0.0.30"));
}

#[test]
fn a_file_url_names_a_path() {
    for (url, path) in [
        (
            "file:///tmp/b%C3%A1o%20c%C3%A1o.json",
            Some("/tmp/báo cáo.json"),
        ),
        ("file://localhost/tmp/a.json", Some("/tmp/a.json")),
        ("file:///C:/reports/a.json", Some("C:/reports/a.json")),
        ("/tmp/a%20b.json", None),
    ] {
        assert_eq!(path_of_file_url(url).as_deref(), path, "{url}");
    }
}
