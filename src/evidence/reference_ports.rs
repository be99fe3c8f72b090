//! Which other ports of a host are worth a question when the asked one fails: those a person
//! means when they mistype, and those a service moves to when its usual port is taken. A handful,
//! never a scan. Pure arithmetic and a small table; who asks, and when, is decided elsewhere.

/// A service, the names it goes by, and the ports it is usually found on, the usual one first.
struct Usual {
    names: &'static [&'static str],
    ports: &'static [u16],
}

/// Only ports on which the same protocol is spoken: 5671 beside 5672 would be a different thing.
#[rustfmt::skip]
const USUAL: &[Usual] = &[
    Usual { names: &["http"], ports: &[80, 8080, 8000, 8081] },
    Usual { names: &["https"], ports: &[443, 8443] },
    Usual { names: &["ssh", "sftp"], ports: &[22, 2222] },
    Usual { names: &["postgresql", "postgres"], ports: &[5432, 5433, 6432] },
    Usual { names: &["mysql", "mariadb"], ports: &[3306, 3307, 3308] },
    Usual { names: &["redis", "valkey"], ports: &[6379, 6380] },
    Usual { names: &["mongodb", "mongo"], ports: &[27017, 27018] },
    Usual { names: &["smtp", "submission"], ports: &[25, 587, 2525] },
    Usual { names: &["ftp"], ports: &[21, 2121] },
    Usual { names: &["rdp"], ports: &[3389, 3390] },
    Usual { names: &["vnc"], ports: &[5900, 5901] },
    Usual { names: &["elasticsearch", "opensearch"], ports: &[9200, 9201] },
    Usual { names: &["kafka"], ports: &[9092, 9093, 9094] },
    Usual { names: &["mssql", "sqlserver"], ports: &[1433] },
    Usual { names: &["oracle"], ports: &[1521, 1522] },
    Usual { names: &["amqp", "rabbitmq"], ports: &[5672] },
    Usual { names: &["mqtt"], ports: &[1883] },
    Usual { names: &["nats"], ports: &[4222] },
    Usual { names: &["memcached"], ports: &[11211] },
    Usual { names: &["docker"], ports: &[2375] },
    Usual { names: &["smb"], ports: &[445] },
    Usual { names: &["ldap"], ports: &[389] },
    Usual { names: &["imap"], ports: &[143] },
    Usual { names: &["pop3"], ports: &[110] },
    Usual { names: &["telnet"], ports: &[23] },
];

/// The other ports where what was wanted on `port` may be, the likeliest first: the next one, to
/// which programs go when theirs is taken, then the service's other usual ports (2222 for 22), then
/// those before and beyond. Never `port` itself, never 0, none twice.
#[must_use]
pub fn neighbour_ports(port: u16, service: Option<&str>) -> Vec<u16> {
    let usual = usual(port, service).map_or(&[][..], |usual| usual.ports);
    let next = port.checked_add(1).into_iter();
    let near = [
        port.checked_sub(1),
        port.checked_add(2),
        port.checked_sub(2),
    ];
    let mut ports = Vec::new();
    for candidate in next
        .chain(usual.iter().copied())
        .chain(near.into_iter().flatten())
    {
        if candidate != 0 && candidate != port && !ports.contains(&candidate) {
            ports.push(candidate);
        }
    }
    ports
}

/// Whether `found` is the usual port of some other service than the one wanted on `port`, so that
/// an answer there says nothing about the wanted one.
///
/// Without a known service every port below 1024, which systems reserve (RFC 6335, section 6),
/// counts as another's.
#[must_use]
pub fn belongs_to_another_service(found: u16, port: u16, service: Option<&str>) -> bool {
    let Some(wanted) = usual(port, service) else {
        return found < 1024 || (service.is_some() && usual(found, None).is_some());
    };
    if wanted.ports.contains(&found) {
        return false;
    }
    found < 1024 || usual(found, None).is_some()
}

/// Whether `found` is one of the ports that the service wanted on `port` usually has.
#[must_use]
pub fn belongs_to_same_service(found: u16, port: u16, service: Option<&str>) -> bool {
    usual(port, service).is_some_and(|wanted| wanted.ports.contains(&found))
}

/// By the service's name; by the port when nobody named a service.
fn usual(port: u16, service: Option<&str>) -> Option<&'static Usual> {
    USUAL.iter().find(|usual| match service {
        Some(name) => usual.names.contains(&name),
        None => usual.ports.contains(&port),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_sought_on_the_next_port_and_its_other_usual_ones() {
        assert_eq!(neighbour_ports(5432, Some("postgresql"))[..2], [5433, 6432]);
        assert_eq!(neighbour_ports(5433, Some("postgresql"))[..2], [5434, 5432]);
        assert_eq!(neighbour_ports(22, Some("ssh"))[..2], [23, 2222]);
    }

    #[test]
    fn a_port_alone_tells_its_service() {
        assert_eq!(neighbour_ports(8080, None)[..3], [8081, 80, 8000]);
        assert_eq!(neighbour_ports(3306, None)[0], 3307);
    }

    #[test]
    fn an_unknown_port_has_only_its_neighbours() {
        assert_eq!(
            neighbour_ports(40_000, None),
            [40_001, 39_999, 40_002, 39_998]
        );
        assert_eq!(neighbour_ports(1, None), [2, 3]);
        assert_eq!(neighbour_ports(u16::MAX, None), [65_534, 65_533]);
    }

    #[test]
    fn no_port_is_named_twice_nor_itself_nor_zero() {
        for port in 1..=u16::MAX {
            let ports = neighbour_ports(port, None);
            assert!(ports.len() <= 7 && !ports.contains(&0) && !ports.contains(&port));
            assert!((1..ports.len()).all(|i| !ports[..i].contains(&ports[i])));
        }
    }

    #[test]
    fn another_services_port_is_told_from_a_spare_one() {
        assert!(belongs_to_another_service(22, 23, Some("telnet")));
        assert!(belongs_to_another_service(80, 81, None));
        assert!(belongs_to_another_service(3306, 3307, Some("redis")));
        assert!(!belongs_to_another_service(5433, 5432, Some("postgresql")));
        assert!(!belongs_to_another_service(5001, 5000, Some("something")));
        assert!(!belongs_to_another_service(40_001, 40_000, None));
    }
}
