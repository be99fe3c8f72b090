//! Services as Debian installs them, each in a machine of its own: stopped, on loopback only, and on
//! another port. The real program tells them apart and names the file and the line that say so, and
//! what it advises, done as it says, makes the connection work.
//!
//! A machine is made of namespaces (network, mounts, processes) whose folders are copies on write,
//! so nothing of this machine is touched. Needs root on Linux, overlayfs, and the packages; where
//! they are missing the tests say so and pass; with `CI=true` they fail.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "test code")]
#![expect(
    clippy::disallowed_methods,
    reason = "the test starts a bus for the programs"
)]
#![expect(clippy::needless_pass_by_value, reason = "so the bus hands them over")]

#[path = "../fake_systemd/mod.rs"]
mod fake_systemd;
mod machine;

use fake_systemd::{Bus, STOPPED, Unit};
use machine::{Machine, Verdict};

/// A service as its package sets it up.
struct Service {
    /// What shows that its package is installed.
    program: &'static str,
    /// The unit that its package has for it, where it is kept by systemd.
    unit: Option<&'static str>,
    /// Its usual port.
    port: u16,
    /// Starts it, as its package's unit does.
    start: &'static str,
    /// Makes its settings so that it listens on 127.0.0.1 only, where the package has not done so.
    on_loopback: &'static str,
    /// Makes its settings so that it listens on this port instead, on every address.
    other_port: u16,
    move_away: &'static str,
    /// The file that holds the setting, and how its line begins; nothing for what is set by an
    /// option of its command line.
    setting: Option<(&'static str, &'static str)>,
    /// The file that is named for its serving this machine only, and what the named line has in it;
    /// where no line says so the file alone.
    kept_by: Option<(&'static str, Option<&'static str>)>,
    /// The same for the other port.
    moved_by: Option<(&'static str, &'static str)>,
}

/// The address of a machine in its network.
const ADDRESS: &str = "10.77.1.10";

#[test]
fn postgresql() {
    check(&Service {
        program: "/usr/bin/pg_ctlcluster",
        unit: Some("postgresql@15-main.service"),
        port: 5432,
        start: "pg_ctlcluster $(ls /etc/postgresql) main start",
        on_loopback: "",
        other_port: 5433,
        move_away: "sed -i -E \"s/^#?port = .*/port = 5433/; s/^#?listen_addresses.*/listen_addresses = '*'/\" \
                    /etc/postgresql/*/main/postgresql.conf",
        setting: Some(("/etc/postgresql/*/main/postgresql.conf", "listen_addresses")),
        kept_by: Some((
            "/etc/postgresql/*/main/postgresql.conf",
            Some("^#listen_addresses"),
        )),
        moved_by: Some(("/etc/postgresql/*/main/postgresql.conf", "^port = 5433")),
    });
}

#[test]
fn mariadb() {
    check(&Service {
        program: "/usr/sbin/mariadbd",
        unit: Some("mariadb.service"),
        port: 3306,
        start: "install -d -o mysql /run/mysqld; mariadbd --user=mysql & ",
        on_loopback: "",
        other_port: 3307,
        move_away: "printf '[mysqld]\\nport = 3307\\nbind-address = 0.0.0.0\\n' \
                    > /etc/mysql/mariadb.conf.d/60-moved.cnf",
        setting: Some(("/etc/mysql/mariadb.conf.d/50-server.cnf", "bind-address")),
        kept_by: Some((
            "/etc/mysql/mariadb.conf.d/50-server.cnf",
            Some("^bind-address.*127.0.0.1"),
        )),
        moved_by: Some(("/etc/mysql/mariadb.conf.d/60-moved.cnf", "^port = 3307")),
    });
}

#[test]
fn redis() {
    check(&Service {
        program: "/usr/bin/redis-server",
        unit: Some("redis-server.service"),
        port: 6379,
        start: "install -d -o redis /run/redis; setpriv --reuid redis --regid redis --clear-groups \
                redis-server /etc/redis/redis.conf --supervised no",
        on_loopback: "",
        other_port: 6380,
        move_away: "sed -i 's/^port .*/port 6380/; s/^bind .*/bind 0.0.0.0/' /etc/redis/redis.conf",
        setting: Some(("/etc/redis/redis.conf", "bind ")),
        kept_by: Some(("/etc/redis/redis.conf", Some("^bind 127.0.0.1"))),
        moved_by: Some(("/etc/redis/redis.conf", "^port 6380")),
    });
}

#[test]
fn nginx() {
    check(&Service {
        program: "/usr/sbin/nginx",
        unit: Some("nginx.service"),
        port: 80,
        start: "nginx",
        on_loopback: "sed -i -E '/listen \\[::\\]/d; s/listen 80/listen 127.0.0.1:80/' \
                      /etc/nginx/sites-enabled/default",
        other_port: 8080,
        move_away: "sed -i -E 's/listen .*/listen 8080;/' /etc/nginx/sites-enabled/default",
        setting: Some(("/etc/nginx/sites-enabled/default", "listen ")),
        kept_by: Some((
            "/etc/nginx/sites-enabled/default",
            Some("listen 127.0.0.1:80"),
        )),
        moved_by: Some(("/etc/nginx/sites-enabled/default", "listen 8080")),
    });
}

#[test]
fn apache() {
    check(&Service {
        program: "/usr/sbin/apache2",
        unit: Some("apache2.service"),
        port: 80,
        start: "apachectl start",
        on_loopback: "sed -i 's/^Listen 80/Listen 127.0.0.1:80/' /etc/apache2/ports.conf",
        other_port: 8080,
        move_away: "sed -i 's/^Listen .*/Listen 8080/' /etc/apache2/ports.conf",
        setting: Some(("/etc/apache2/ports.conf", "Listen ")),
        kept_by: Some(("/etc/apache2/ports.conf", Some("^Listen 127.0.0.1:80"))),
        moved_by: Some(("/etc/apache2/ports.conf", "^Listen 8080")),
    });
}

#[test]
fn memcached() {
    check(&Service {
        program: "/usr/bin/memcached",
        unit: Some("memcached.service"),
        port: 11211,
        start: "install -d -o memcache /run/memcached; \
                /usr/share/memcached/scripts/systemd-memcached-wrapper /etc/memcached.conf &",
        on_loopback: "",
        other_port: 11212,
        move_away: "sed -i 's/^-p .*/-p 11212/; s/^-l .*/-l 0.0.0.0/' /etc/memcached.conf",
        setting: Some(("/etc/memcached.conf", "-l ")),
        kept_by: Some(("/etc/memcached.conf", Some("^-l 127.0.0.1"))),
        moved_by: Some(("/etc/memcached.conf", "^-p 11212")),
    });
}

#[test]
fn mosquitto() {
    check(&Service {
        program: "/usr/sbin/mosquitto",
        unit: Some("mosquitto.service"),
        port: 1883,
        start: "install -d -o mosquitto /run/mosquitto; mosquitto -c /etc/mosquitto/mosquitto.conf &",
        on_loopback: "",
        other_port: 1884,
        move_away: "echo 'listener 1884 0.0.0.0' > /etc/mosquitto/conf.d/local.conf",
        setting: Some(("/etc/mosquitto/conf.d/local.conf", "listener ")),
        kept_by: Some(("/etc/mosquitto/mosquitto.conf", None)),
        moved_by: Some(("/etc/mosquitto/conf.d/local.conf", "^listener 1884")),
    });
}

#[test]
fn nats() {
    check(&Service {
        program: "/usr/sbin/nats-server",
        unit: Some("nats-server.service"),
        port: 4222,
        start: "setpriv --reuid nats --regid nats --clear-groups nats-server -c /etc/nats-server.conf &",
        on_loopback: "",
        other_port: 4223,
        move_away: "sed -i 's/^port: .*/port: 4223/; s/^host: .*/host: 0.0.0.0/' /etc/nats-server.conf",
        setting: Some(("/etc/nats-server.conf", "host:")),
        kept_by: Some(("/etc/nats-server.conf", Some("^host: 127.0.0.1"))),
        moved_by: Some(("/etc/nats-server.conf", "^port: 4223")),
    });
}

#[test]
fn ssh() {
    check(&Service {
        program: "/usr/sbin/sshd",
        unit: Some("ssh.service"),
        port: 22,
        start: "install -d /run/sshd; /usr/sbin/sshd",
        on_loopback: "echo 'ListenAddress 127.0.0.1' >> /etc/ssh/sshd_config",
        other_port: 2222,
        move_away: "sed -i '/^ListenAddress/d; s/^#Port 22/Port 2222/' /etc/ssh/sshd_config",
        setting: Some(("/etc/ssh/sshd_config", "ListenAddress ")),
        kept_by: Some(("/etc/ssh/sshd_config", Some("^ListenAddress 127.0.0.1"))),
        moved_by: Some(("/etc/ssh/sshd_config", "^Port 2222")),
    });
}

#[test]
fn ftp() {
    check(&Service {
        program: "/usr/sbin/vsftpd",
        unit: Some("vsftpd.service"),
        port: 21,
        start: "install -d /run/vsftpd/empty; vsftpd /etc/vsftpd.conf &",
        on_loopback: "sed -i 's/^listen=.*/listen=YES/; s/^listen_ipv6=.*/listen_ipv6=NO/' /etc/vsftpd.conf; \
                      echo listen_address=127.0.0.1 >> /etc/vsftpd.conf",
        other_port: 2121,
        move_away: "sed -i /^listen_address=/d /etc/vsftpd.conf; echo listen_port=2121 >> /etc/vsftpd.conf",
        setting: Some(("/etc/vsftpd.conf", "listen_address=")),
        kept_by: Some(("/etc/vsftpd.conf", Some("^listen_address=127.0.0.1"))),
        moved_by: Some(("/etc/vsftpd.conf", "^listen_port=2121")),
    });
}

#[test]
fn dns() {
    check(&Service {
        program: "/usr/sbin/dnsmasq",
        unit: Some("dnsmasq.service"),
        port: 53,
        start: "dnsmasq",
        on_loopback: "echo 'bind-interfaces\nlisten-address=127.0.0.1' >> /etc/dnsmasq.conf",
        other_port: 54,
        move_away: "sed -i /^listen-address=/d /etc/dnsmasq.conf; echo port=54 >> /etc/dnsmasq.conf",
        setting: Some(("/etc/dnsmasq.conf", "listen-address=")),
        kept_by: Some(("/etc/dnsmasq.conf", Some("^listen-address=127.0.0.1"))),
        moved_by: Some(("/etc/dnsmasq.conf", "^port=54")),
    });
}

#[test]
fn python_development_server() {
    check(&Service {
        program: "/usr/bin/python3",
        unit: None,
        port: 8000,
        start: "python3 -m http.server $(cat /run/options 2>/dev/null || echo 8000 --bind 127.0.0.1) &",
        on_loopback: "",
        other_port: 8001,
        move_away: "echo 8001 > /run/options",
        setting: None,
        kept_by: None,
        moved_by: None,
    });
}

/// Whether the three states of a service are told apart, and the advice for the second works.
fn check(service: &Service) {
    let Some(machine) = Machine::new(service.program) else {
        return;
    };
    let asked = format!("{ADDRESS}:{}", service.port);
    let expect = |said: &Verdict, cause: &str| assert_eq!(said.cause, cause, "{}", said.line);

    for user in ["root", "nobody"] {
        expect(&machine.check(&asked, user), "nothing-listening");
    }
    if let Some(name) = service.unit {
        let Some(bus) = Bus::new() else { return };
        let bus = bus.with(&[Unit { name, ..STOPPED }]);
        for user in ["root", "nobody"] {
            let said = machine.check_on(&bus.address, &asked, user);
            expect(&said, "nothing-listening");
            let unit = said.clue("service-unit");
            assert!(unit.contains(&format!("{name}: stopped")), "{unit}");
            let start = format!("sudo systemctl start {name}");
            assert!(said.applies("start-service", &start), "{}", said.line);
        }
    }

    machine.run(service.on_loopback);
    machine.start(service.start, service.port);
    expect(&machine.check(&asked, "nobody"), "loopback-only");
    let said = machine.check(&asked, "root");
    expect(&said, "loopback-only");
    if let Some((file, text)) = service.kept_by {
        machine.expect_named(&said, file, text);
    }
    let line = said.setting(service.setting.map(|(file, _)| file));
    match service.setting {
        Some((file, key)) => machine.set(file, key, &line),
        None => machine.run(&format!("echo '{} {line}' > /run/options", service.port)),
    }
    machine.stop();
    machine.start(service.start, service.port);
    assert!(machine.check(&asked, "nobody").reachable, "{line}: no help");

    machine.stop();
    machine.run(service.move_away);
    machine.start(service.start, service.other_port);
    let said = machine.check(&asked, "root");
    expect(&said, "wrong-port");
    let found = format!(":{}", service.other_port);
    assert!(said.line.contains(&found), "{}", said.line);
    if let Some((file, text)) = service.moved_by {
        machine.expect_named(&said, file, Some(text));
    }
}
