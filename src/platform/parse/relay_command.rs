//! The command lines of programs that only pass connections on: where to.
//!
//! Of most relays the command line says it; of some it does not, and then only that they are relays
//! is known.

use std::net::{IpAddr, SocketAddr};

use crate::evidence::{Process, Relay};

/// Where a relay that listens on `port` leads; nothing when the program is none that we know.
#[must_use]
pub fn relay(process: &Process, port: u16) -> Option<Relay> {
    let command = process.command.as_deref().unwrap_or_default();
    let words: Vec<&str> = command.split(' ').collect();
    let to = |to: Option<String>| Some(Relay::to(to));
    match program(process, &words) {
        name if is_docker_proxy(name) => to(docker_proxy(&words)),
        "socat" => to(socat(&words)),
        "ssh" => Some(ssh(&words, port)),
        // Whoever is served holds what its client asked for (`ssh -R`, `-X`); the one that listens for
        // clients calls itself `sshd: … [listener] …`.
        "sshd" | "sshd-session" if is_session(command) => to(None),
        "kubectl" | "oc" => kubectl(&words, port).and_then(|place| to(Some(place))),
        "systemd-socket-proxyd" => to(words.last().map(|place| (*place).to_owned())),
        "pasta" | "pasta.avx2" | "passt" | "passt.avx2" => to(pasta(&words, port)),
        "cloud-sql-proxy" | "cloud_sql_proxy" => to(first_value(&words)),
        // The ports from here on are those of services; its others are its own.
        "kube-proxy" if port >= FIRST_NODE_PORT => to(None),
        // Their command lines do not say it.
        "rootlessport" | "rootlessport-child" | "rootlesskit" | "slirp4netns" | "wslrelay"
        | "com.docker.backend" | "com.docker.vpnkit" | "haproxy" | "stunnel" | "stunnel4"
        | "gvproxy" | "conmon" => to(None),
        _ => None,
    }
}

/// Whether this is the program by which Docker publishes a port; rootless Docker has one of its own.
#[must_use]
pub fn is_docker_proxy(name: &str) -> bool {
    name == "docker-proxy" || name.starts_with("rootlesskit-doc")
}

/// The address that a docker-proxy listens on, and where it leads.
#[must_use]
pub fn published(proxy: &Process) -> Option<(SocketAddr, SocketAddr)> {
    let words: Vec<&str> = proxy.command.as_deref()?.split(' ').collect();
    let at = |ip: &str, port: &str| {
        let ip: IpAddr = option(&words, ip)?.parse().ok()?;
        Some(SocketAddr::new(ip, option(&words, port)?.parse().ok()?))
    };
    let is_tcp = option(&words, "-proto").is_none_or(|proto| proto == "tcp");
    let outside = at("-host-ip", "-host-port").filter(|_| is_tcp)?;
    Some((outside, at("-container-ip", "-container-port")?))
}

/// The name of a program. The system cuts it after fifteen characters; then the command line has the
/// rest.
fn program<'p>(process: &'p Process, words: &[&'p str]) -> &'p str {
    let name = process.name.strip_suffix(".exe").unwrap_or(&process.name);
    let path = words.first().copied().unwrap_or_default();
    let whole = path.rsplit('/').next().unwrap_or_default();
    if name.len() == 15 && whole.starts_with(name) {
        whole
    } else {
        name
    }
}

/// Where the ports of services begin that Kubernetes opens on every node, unless it is told
/// otherwise.
const FIRST_NODE_PORT: u16 = 30_000;

fn is_session(command: &str) -> bool {
    command.starts_with("sshd-session: ") || command.starts_with("sshd: ") && command.contains('@')
}

/// `docker-proxy … -container-ip 172.17.0.2 -container-port 80`.
fn docker_proxy(words: &[&str]) -> Option<String> {
    let (ip, port) = (
        option(words, "-container-ip")?,
        option(words, "-container-port")?,
    );
    Some(endpoint(ip, port))
}

/// `socat TCP-LISTEN:8080,fork TCP:10.0.0.1:80`: the address that does not listen (`-L` for short).
fn socat(words: &[&str]) -> Option<String> {
    let mut addresses = words.iter().skip(1).filter_map(|word| word.split_once(':'));
    let listens = |kind: &str| {
        let kind = kind.to_ascii_uppercase();
        kind.ends_with("-LISTEN") || kind.ends_with("-L")
    };
    let (_, place) = addresses.find(|(kind, _)| !listens(kind))?;
    Some(place.split(',').next()?.to_owned())
}

/// `ssh -L [address:]port:host:hostport destination` (ssh(1)); the forwards may be several, and may
/// be in its settings instead. A client that listens passes on, whatever its words are.
fn ssh(words: &[&str], port: u16) -> Relay {
    let mut rest = words.iter().skip(1);
    let mut relay = Relay::to(None);
    while let Some(word) = rest.next() {
        let (flag, joined) = word.split_at_checked(2).unwrap_or((word, ""));
        let letter = flag.strip_prefix('-').filter(|letter| letter.len() == 1);
        let takes_value = letter.is_some_and(|letter| WITH_VALUE.contains(letter));
        let value = match joined {
            "" if takes_value => rest.next().copied().unwrap_or_default(),
            joined => joined,
        };
        match flag {
            "-L" if relay.to.is_none() => relay.to = forward(value, port),
            flag if flag.starts_with('-') => {}
            _ => {
                // The destination may also be behind other flags.
                relay.through = word.rsplit('@').next().map(str::to_owned);
                break;
            }
        }
    }
    relay
}

/// The flags of ssh(1) whose value is a word of its own.
const WITH_VALUE: &str = "BbcDEeFIiJLlmOoPpQRSWw";

/// The place in `[address:]port:host:hostport` or `[address:]port:/socket`, when the port is the
/// asked one.
fn forward(value: &str, port: u16) -> Option<String> {
    let (rest, host_port) = value.rsplit_once(':')?;
    let listens_on = |listening: &str| {
        let number = listening.rsplit(':').next().unwrap_or_default();
        number.parse() == Ok(port)
    };
    if host_port.starts_with('/') {
        return listens_on(rest).then(|| host_port.to_owned());
    }
    let (listening, host) = match rest.strip_suffix(']') {
        Some(rest) => rest.rsplit_once(":[")?,
        None => rest.rsplit_once(':')?,
    };
    listens_on(listening).then(|| endpoint(host, host_port))
}

/// `kubectl port-forward svc/web 8080:80`: the ports stand behind what they belong to.
fn kubectl(words: &[&str], port: u16) -> Option<String> {
    let at = words.iter().position(|word| *word == "port-forward")?;
    let rest = &words[at + 1..];
    let is_port = |word: &str| word.parse::<u16>().is_ok();
    let ports = |word: &&str| word.split(':').all(is_port);
    let first = rest.iter().position(&ports)?;
    let place = first.checked_sub(1).map(|before| rest[before])?;
    let inside = rest[first..]
        .iter()
        .filter(|word| ports(word))
        .find_map(|word| {
            let (outside, inside) = word.split_once(':').unwrap_or((word, word));
            (outside.parse() == Ok(port)).then_some(inside)
        })?;
    Some(format!("{place}:{inside}"))
}

/// `pasta … -t 8080-8081:80-81 … --netns /run/user/1000/netns/netns-1` (pasta(1)): the port inside, in
/// that namespace.
fn pasta(words: &[&str], port: u16) -> Option<String> {
    let netns = option(words, "--netns")?.rsplit('/').next()?;
    let ports = words.iter().zip(words.iter().skip(1));
    let specs = ports.filter(|(flag, _)| matches!(**flag, "-t" | "--tcp-ports"));
    let mut ranges = specs.flat_map(|(_, spec)| {
        let ports = spec.rsplit('/').next().unwrap_or_default();
        ports.split(',')
    });
    let inside = ranges.find_map(|range| {
        let (outside, inside) = range.split_once(':').unwrap_or((range, range));
        let (first, last) = ends(outside)?;
        let (inside, _) = ends(inside)?;
        let is_in = (first..=last).contains(&port);
        is_in.then(|| inside.checked_add(port - first)).flatten()
    })?;
    Some(format!("{netns}:{inside}"))
}

fn ends(range: &str) -> Option<(u16, u16)> {
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    Some((first.parse().ok()?, last.parse().ok()?))
}

fn first_value(words: &[&str]) -> Option<String> {
    let mut values = words.iter().skip(1).filter(|word| !word.starts_with('-'));
    values.next().map(|place| (*place).to_owned())
}

fn option<'w>(words: &[&'w str], name: &str) -> Option<&'w str> {
    let at = words.iter().position(|word| *word == name)?;
    words.get(at + 1).copied()
}

fn endpoint(host: &str, port: &str) -> String {
    if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn named(name: &str, command: &str) -> Process {
        Process {
            pid: 1,
            name: name.to_owned(),
            command: Some(command.to_owned()),
        }
    }

    fn unmask(command: &str, port: u16) -> Option<Relay> {
        relay(&named(command.split(' ').next().unwrap(), command), port)
    }

    fn leads_to(command: &str, port: u16) -> String {
        unmask(command, port).and_then(|relay| relay.to).unwrap()
    }

    #[test]
    fn relays_say_on_their_command_line_where_they_lead() {
        let docker = "docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 \
                      -container-ip 172.17.0.2 -container-port 80";
        assert_eq!(leads_to(docker, 8080), "172.17.0.2:80");
        let (outside, inside) = published(&named("docker-proxy", docker)).unwrap();
        assert_eq!(outside.to_string(), "0.0.0.0:8080");
        assert_eq!(inside.to_string(), "172.17.0.2:80");
        let datagrams = docker.replace("tcp", "udp");
        assert_eq!(published(&named("docker-proxy", &datagrams)), None);
        let socat = "socat TCP-LISTEN:8080,fork,reuseaddr TCP:10.0.0.1:80,nodelay";
        assert_eq!(leads_to(socat, 8080), "10.0.0.1:80");
        assert_eq!(
            leads_to("socat tcp-l:1,fork UNIX:/run/x.sock", 1),
            "/run/x.sock"
        );
        let kubectl = "kubectl port-forward -n shop svc/web 8080:80";
        assert_eq!(leads_to(kubectl, 8080), "svc/web:80");
        let oc = "oc port-forward pod/web 8080:80";
        assert_eq!(leads_to(oc, 8080), "pod/web:80");
        let sql = "cloud-sql-proxy --port=5432 project:region:db";
        assert_eq!(leads_to(sql, 5432), "project:region:db");
        assert_eq!(unmask("nginx -g daemon", 80), None);
        assert_eq!(unmask("kubectl proxy", 8001), None);
    }

    #[test]
    fn relays_that_keep_it_to_themselves_are_relays_all_the_same() {
        for name in ["rootlessport", "wslrelay.exe", "haproxy", "conmon"] {
            assert_eq!(unmask(name, 80).unwrap().to, None, "{name}");
        }
        assert_eq!(unmask("kube-proxy", 30_080).unwrap().to, None);
        assert_eq!(unmask("kube-proxy", 10_256), None);
    }

    #[test]
    fn a_name_that_was_cut_is_completed() {
        let command = "/lib/systemd/systemd-socket-proxyd --exit-idle-time=5min 127.0.0.1:9999";
        let proxyd = relay(&named("systemd-socket-", command), 80).unwrap();
        assert_eq!(proxyd.to.as_deref(), Some("127.0.0.1:9999"));
        assert_eq!(relay(&named("systemd-socket-", "/bin/other x"), 80), None);
    }

    #[test]
    fn podmans_ports_lead_into_a_namespace() {
        let pasta = "/usr/bin/pasta --config-net -t 127.0.0.1/8080-8081:80-81 -t 9000 --dns-forward \
                     169.254.1.1 -u none --netns /run/user/1000/netns/netns-5f";
        let to = |port| relay(&named("pasta.avx2", pasta), port).unwrap().to;
        assert_eq!(to(8081).as_deref(), Some("netns-5f:81"));
        assert_eq!(to(9000).as_deref(), Some("netns-5f:9000"));
        assert_eq!(to(9001), None);
    }

    #[test]
    fn a_tunnel_of_ssh_leads_through_its_server() {
        let command = "ssh -N -p 2222 -L 5433:db:5432 -L127.0.0.1:8080:[fd00::1]:80 \
                       -L 3307:/run/mysqld/mysqld.sock me@jump";
        let tunnel = unmask(command, 8080).unwrap();
        assert_eq!(tunnel.to.as_deref(), Some("[fd00::1]:80"));
        assert_eq!(tunnel.through.as_deref(), Some("jump"));
        assert_eq!(leads_to(command, 5433), "db:5432");
        assert_eq!(leads_to(command, 3307), "/run/mysqld/mysqld.sock");
        assert_eq!(unmask("ssh -D 1080 jump", 1080).unwrap().to, None);
        let from_settings = unmask("ssh jump", 5433).unwrap();
        assert_eq!(
            (from_settings.to, from_settings.through.as_deref()),
            (None, Some("jump"))
        );
    }

    #[test]
    fn an_ssh_server_passes_on_for_its_client_only() {
        let session = relay(&named("sshd", "sshd: me@notty"), 8080).unwrap();
        assert_eq!(session, Relay::to(None));
        let listener = "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups";
        assert_eq!(relay(&named("sshd", listener), 22), None);
    }

    proptest! {
        #[test]
        fn any_command_line_is_answered(
            name in "ssh|socat|kubectl|docker-proxy|pasta|systemd-socket-|cloud-sql-proxy|sshd",
            rest in "[-LDt:/0-9a-z@é,\\[\\] ]{0,60}",
        ) {
            let process = named(&name, &format!("{name} {rest}"));
            let _ = (relay(&process, 8080), published(&process));
        }
    }
}
