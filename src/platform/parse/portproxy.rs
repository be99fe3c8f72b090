//! What Windows passes on by itself (`netsh interface portproxy`): the values below a registry key,
//! and the listing of the tool. The service that does it is the IP helper, in a process of many.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The key below `HKEY_LOCAL_MACHINE`, which every user may read; each of [`FAMILIES`] may be below.
pub const KEY: &str = r"SYSTEM\CurrentControlSet\Services\PortProxy";

/// From and to which family: each key has one named `tcp` below.
pub const FAMILIES: [&str; 4] = ["v4tov4", "v4tov6", "v6tov4", "v6tov6"];

/// One port that is passed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forward {
    /// Where the IP helper listens; all addresses of a family where it was told `*`.
    pub listens: SocketAddr,
    /// Where it leads: an address or a name, and a port.
    pub to: String,
}

impl Forward {
    /// Whether a listener at `addr` is this one's.
    #[must_use]
    pub fn is_at(&self, addr: SocketAddr) -> bool {
        self.listens == addr
    }
}

/// One value of the registry: `0.0.0.0/8080` with `172.20.5.2/80`.
#[must_use]
pub fn value(family: &str, name: &str, data: &str) -> Option<Forward> {
    let (address, port) = name.split_once('/')?;
    let (to, to_port) = data.split_once('/')?;
    forward(family.starts_with("v6"), [address, port, to, to_port])
}

/// The listing of `netsh interface portproxy show all`: rows of an address and a port, twice. Its
/// headings are in the language of the system and not read; whatever else has four columns of that kind
/// is none of its.
#[must_use]
pub fn listing(output: &str) -> Vec<Forward> {
    let read = |line: &str| {
        let columns: Vec<&str> = line.split_ascii_whitespace().collect();
        let columns: [&str; 4] = columns.try_into().ok()?;
        let is_v6 = columns[0].contains(':');
        forward(is_v6, columns)
    };
    output.lines().filter_map(read).collect()
}

fn forward(is_v6: bool, [address, port, to, to_port]: [&str; 4]) -> Option<Forward> {
    let any: IpAddr = if is_v6 {
        Ipv6Addr::UNSPECIFIED.into()
    } else {
        Ipv4Addr::UNSPECIFIED.into()
    };
    let ip = match address {
        "*" => any,
        address => address.parse().ok()?,
    };
    let to_port: u16 = to_port.parse().ok()?;
    let to = match to.parse::<Ipv6Addr>() {
        Ok(ip) => format!("[{ip}]:{to_port}"),
        Err(_) => format!("{to}:{to_port}"),
    };
    Some(Forward {
        listens: SocketAddr::new(ip, port.parse().ok()?),
        to,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_of_the_registry_name_both_ends() {
        let one = value("v4tov4", "0.0.0.0/8080", "172.20.5.2/80").unwrap();
        assert_eq!(one.to, "172.20.5.2:80");
        assert!(one.is_at("0.0.0.0:8080".parse().unwrap()));
        let any = value("v6tov6", "*/443", "fd00::2/8443").unwrap();
        assert_eq!(
            (any.listens.to_string(), any.to.as_str()),
            ("[::]:443".to_owned(), "[fd00::2]:8443")
        );
        let named = value("v4tov4", "127.0.0.1/5432", "db.lan/5432").unwrap();
        assert_eq!(named.to, "db.lan:5432");
        assert_eq!(value("v4tov4", "0.0.0.0", "172.20.5.2/80"), None);
        assert_eq!(value("v4tov4", "0.0.0.0/99999", "172.20.5.2/80"), None);
    }

    #[test]
    fn the_listing_is_read_in_any_language() {
        let told = listing(include_str!(
            "../../../tests/captures/windows/netsh-portproxy-show-all.txt"
        ));
        let told: Vec<String> = told
            .iter()
            .map(|one| format!("{} {}", one.listens, one.to))
            .collect();
        assert_eq!(
            told,
            [
                "0.0.0.0:8080 172.20.5.2:80",
                "127.0.0.1:5432 db.lan:5432",
                "[::]:443 [fd00::2]:8443"
            ]
        );
        assert_eq!(listing(""), []);
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>(), name in "[*0-9.:/a-f]{0,40}") {
            let _ = (listing(&text), value("v6tov4", &name, &name), value(&text, &text, &text));
        }
    }
}
