//! The command lines of programs that only pass connections on: where to.
//!
//! Of most relays the command line says it; of some it does not, and then only that they are relays
//! is known.

use crate::evidence::{Process, Relay};

/// Where a relay that listens on `port` leads; nothing when the program is none that we know.
#[must_use]
pub fn relay(process: &Process, port: u16) -> Option<Relay> {
    let words: Vec<&str> = process.command.as_deref()?.split(' ').collect();
    let name = process.name.as_str();
    let to = |to: Option<String>| Relay { to, through: None };
    match name.strip_suffix(".exe").unwrap_or(name) {
        "docker-proxy" => Some(to(docker_proxy(&words))),
        "socat" => Some(to(socat(&words))),
        "ssh" => ssh(&words, port),
        "kubectl" => kubectl(&words, port).map(|place| to(Some(place))),
        // Their command lines do not say it.
        "rootlessport" | "rootlessport-child" | "rootlesskit" | "slirp4netns" | "pasta"
        | "pasta.avx2" | "passt" | "kube-proxy" | "wslrelay" | "com.docker.backend" => {
            Some(to(None))
        }
        _ => None,
    }
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

/// `ssh -L [address:]port:host:hostport destination` (ssh(1)); the forwards may be several.
fn ssh(words: &[&str], port: u16) -> Option<Relay> {
    let mut rest = words.iter().skip(1);
    let (mut to, mut is_dynamic, mut through) = (None, false, None);
    while let Some(word) = rest.next() {
        let (flag, joined) = word.split_at_checked(2).unwrap_or((word, ""));
        let letter = flag.strip_prefix('-').filter(|letter| letter.len() == 1);
        let takes_value = letter.is_some_and(|letter| WITH_VALUE.contains(letter));
        let value = match joined {
            "" if takes_value => rest.next().copied().unwrap_or_default(),
            joined => joined,
        };
        match flag {
            "-L" if to.is_none() => to = forward(value, port),
            "-D" => is_dynamic |= value.rsplit(':').next()?.parse() == Ok(port),
            flag if flag.starts_with('-') => {}
            _ => {
                through = word.rsplit('@').next().map(str::to_owned);
                break;
            }
        }
    }
    // The destination may also be behind other flags; without a forward it is no relay.
    (to.is_some() || is_dynamic).then_some(Relay { to, through })
}

/// The flags of ssh(1) whose value is a word of its own.
const WITH_VALUE: &str = "BbcDEeFIiJLlmOoPpQRSWw";

/// The place in `[address:]port:host:hostport`, when the port is the asked one.
fn forward(value: &str, port: u16) -> Option<String> {
    let (rest, host_port) = value.rsplit_once(':')?;
    let (listening, host) = match rest.strip_suffix(']') {
        Some(rest) => rest.rsplit_once(":[")?,
        None => rest.rsplit_once(':')?,
    };
    let listens_on = listening.rsplit(':').next()?.parse::<u16>().ok()?;
    (listens_on == port).then(|| endpoint(host, host_port))
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

    fn unmask(command: &str, port: u16) -> Option<Relay> {
        let process = Process {
            pid: 1,
            name: command.split(' ').next().unwrap().to_owned(),
            command: Some(command.to_owned()),
        };
        relay(&process, port)
    }

    fn leads_to(command: &str, port: u16) -> String {
        unmask(command, port).and_then(|relay| relay.to).unwrap()
    }

    #[test]
    fn relays_say_on_their_command_line_where_they_lead() {
        let docker = "docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 \
                      -container-ip 172.17.0.2 -container-port 80";
        assert_eq!(leads_to(docker, 8080), "172.17.0.2:80");
        let socat = "socat TCP-LISTEN:8080,fork,reuseaddr TCP:10.0.0.1:80,nodelay";
        assert_eq!(leads_to(socat, 8080), "10.0.0.1:80");
        assert_eq!(
            leads_to("socat tcp-l:1,fork UNIX:/run/x.sock", 1),
            "/run/x.sock"
        );
        let kubectl = "kubectl port-forward -n shop svc/web 8080:80";
        assert_eq!(leads_to(kubectl, 8080), "svc/web:80");
        assert_eq!(unmask("rootlessport", 80).unwrap().to, None);
        assert_eq!(unmask("nginx -g daemon", 80), None);
        assert_eq!(unmask("kubectl proxy", 8001), None);
    }

    #[test]
    fn a_tunnel_of_ssh_leads_through_its_server() {
        let command = "ssh -N -p 2222 -L 5433:db:5432 -L127.0.0.1:8080:[fd00::1]:80 me@jump";
        let relay = unmask(command, 8080).unwrap();
        assert_eq!(relay.to.as_deref(), Some("[fd00::1]:80"));
        assert_eq!(relay.through.as_deref(), Some("jump"));
        assert_eq!(leads_to(command, 5433), "db:5432");
        assert_eq!(unmask(command, 22), None);
        assert_eq!(unmask("ssh -D 1080 jump", 1080).unwrap().to, None);
    }

    proptest! {
        #[test]
        fn any_command_line_is_answered(
            name in "ssh|socat|kubectl|docker-proxy",
            rest in "[-LD:0-9a-z@é\\[\\] ]{0,60}",
        ) {
            let _ = unmask(&format!("{name} {rest}"), 8080);
        }
    }
}
