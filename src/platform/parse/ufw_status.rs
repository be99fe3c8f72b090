//! What `ufw status`, `ufw status verbose` and `ufw status numbered` print in the C locale (ufw(8)).

use super::ufw;
use crate::evidence::Policy;
use crate::platform::incoming::{Applies, Incoming, Judgement, Network, Rule};

/// ufw's state and rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Whether it filters.
    pub active: bool,
    /// What happens to what no rule names; `verbose` alone tells.
    pub inbound_default: Option<Policy>,
    rows: Vec<String>,
}

impl Status {
    /// What becomes of a connection.
    #[must_use]
    pub fn judge(&self, connection: &Incoming) -> Judgement {
        let rows = self.rows.iter();
        let rules: Vec<Rule> = rows.filter_map(|row| read_row(row, connection)).collect();
        match self.inbound_default {
            Some(policy) => ufw::judge(&rules, ufw::Way::In, policy),
            None => Judgement::first_match(&rules, None, "default"),
        }
    }
}

/// Reads the listing; nothing when the text is none.
#[must_use]
pub fn status(listing: &str) -> Option<Status> {
    let mut lines = listing.lines().map(str::trim).skip_while(|l| l.is_empty());
    let active = match lines.next()?.strip_prefix("Status:")?.trim() {
        "active" => true,
        "inactive" => false,
        _ => return None,
    };
    let mut lines = lines.peekable();
    let mut inbound_default = None;
    for line in lines.by_ref() {
        if let Some(defaults) = line.strip_prefix("Default:") {
            inbound_default = incoming_default(defaults);
        }
        if line.trim_start_matches(['-', ' ']).is_empty() && line.starts_with("--") {
            break;
        }
    }
    let rows = lines.filter(|line| !line.is_empty());
    Some(Status {
        active,
        inbound_default,
        rows: rows.map(str::to_owned).collect(),
    })
}

/// `deny (incoming), allow (outgoing), disabled (routed)`.
fn incoming_default(defaults: &str) -> Option<Policy> {
    let mut all = defaults.split(',');
    let incoming = all.find_map(|one| one.trim().strip_suffix("(incoming)"))?;
    action(incoming.trim())
}

fn action(word: &str) -> Option<Policy> {
    match word.to_ascii_lowercase().as_str() {
        // `limit` lets in until the sender is too quick.
        "allow" | "limit" => Some(Policy::Allow),
        "deny" => Some(Policy::Drop),
        "reject" => Some(Policy::Reject),
        _ => None,
    }
}

/// `[ 1] TO  ACTION [IN|OUT|FWD]  FROM  # comment`. Nothing for rules about what leaves or is
/// forwarded, or for the other family.
fn read_row(row: &str, connection: &Incoming) -> Option<Rule> {
    let row = row.split(" # ").next().unwrap_or(row).trim();
    let bare = match row.strip_prefix('[') {
        Some(numbered) => numbered.split_once(']')?.1.trim(),
        None => row,
    };
    let is_v6 = bare.contains("(v6)");
    let bare = bare.replace("(v6)", "");
    let words: Vec<&str> = bare.split_ascii_whitespace().collect();
    let is_action = |word: &&str| matches!(*word, "ALLOW" | "DENY" | "REJECT" | "LIMIT");
    let at = words.iter().position(is_action)?;
    let (to, rest) = words.split_at(at);
    let (verb, mut from) = rest.split_first()?;
    match from.split_first() {
        Some((&"OUT" | &"FWD", _)) => return None,
        Some((&"IN", behind)) => from = behind,
        _ => {}
    }
    let sides = [
        side(to, connection, Side::To),
        side(from, connection, Side::From),
        // A row without an address is for the family it says.
        Applies::when(is_v6 == connection.v6 || bare.contains(['.', ':'])),
    ];
    Some(Rule {
        applies: sides.into_iter().min()?,
        does: action(verb),
        text: words.join(" "),
    })
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    To,
    From,
}

/// `Anywhere`, `5432/tcp`, `10.0.0.0/8 5432/tcp`, `Anywhere on eth0`, `80,443/tcp (Nginx Full)`.
fn side(words: &[&str], connection: &Incoming, side: Side) -> Applies {
    let mut applies = Applies::Always;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let holds = if *word == "Anywhere" {
            Applies::Always
        } else if *word == "on" {
            words
                .next()
                .map_or(Applies::Sometimes, |i| connection.is_by(i))
        } else if word.starts_with('(') {
            // The name of a profile, whose ports stand before it.
            return applies;
        } else if let Some(network) = Network::parse(word) {
            match side {
                Side::To => connection.is_to(network),
                Side::From => connection.is_from(network),
            }
        } else if side == Side::To {
            ports(word, connection.port)
        } else {
            Applies::Sometimes
        };
        applies = applies.min(holds);
    }
    applies
}

/// `5432`, `5432/tcp`, `80,443/tcp`, `1000:2000/tcp`; a profile's name may stand for any port.
fn ports(word: &str, port: u16) -> Applies {
    let (ports, protocol) = word.split_once('/').unwrap_or((word, "tcp"));
    if protocol != "tcp" {
        return Applies::Never;
    }
    ufw::covers(ports, port).map_or(Applies::Sometimes, Applies::when)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const VERBOSE: &str = "\
Status: active
Logging: on (low)
Default: deny (incoming), allow (outgoing), disabled (routed)
New profiles: skip

To                         Action      From
--                         ------      ----
5432/tcp                   ALLOW IN    10.77.1.0/24               # ketnoi-5432
22/tcp (OpenSSH)           ALLOW IN    Anywhere
9000/tcp on eth9           ALLOW IN    Anywhere
Anywhere                   DENY IN     203.0.113.4
3306/tcp                   REJECT IN   Anywhere
25/tcp                     DENY OUT    Anywhere
22/tcp (OpenSSH (v6))      ALLOW IN    Anywhere (v6)
";

    fn judged(port: u16, source: &str) -> Option<Policy> {
        let source: std::net::IpAddr = source.parse().unwrap();
        let connection = Incoming {
            source: Some(source),
            interface: Some("eth0".to_owned()),
            ..Incoming::to_port(port, source.is_ipv6())
        };
        status(VERBOSE).unwrap().judge(&connection).policy
    }

    #[test]
    fn rows_and_the_default_decide() {
        assert_eq!(judged(5432, "10.77.1.2"), Some(Policy::Allow));
        assert_eq!(judged(5432, "10.77.2.2"), Some(Policy::Drop));
        assert_eq!(judged(22, "10.77.2.2"), Some(Policy::Allow));
        assert_eq!(judged(22, "fd00::1"), Some(Policy::Allow));
        assert_eq!(judged(3306, "10.77.2.2"), Some(Policy::Reject));
        assert_eq!(judged(9000, "10.77.2.2"), Some(Policy::Drop));
        assert_eq!(judged(25, "10.77.2.2"), Some(Policy::Drop));
        assert_eq!(judged(80, "203.0.113.4"), Some(Policy::Drop));
        assert_eq!(judged(5432, "fd00::1"), Some(Policy::Drop));
    }

    #[test]
    fn without_the_default_only_rules_tell() {
        let numbered = "Status: active\n\n     To    Action   From\n     --    ------   ----\n\
            [ 1] 5432/tcp   ALLOW IN   Anywhere\n";
        let read = status(numbered).unwrap();
        let policy = |port| read.judge(&Incoming::to_port(port, false)).policy;
        assert_eq!(policy(5432), Some(Policy::Allow));
        assert_eq!(policy(80), None);
        assert!(!status("Status: inactive\n").unwrap().active);
        assert_eq!(status("Trạng thái: hoạt động\n"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>()) {
            let _ = status(&text);
            if let Some(read) = status(&format!("Status: active\n--\n{text}")) {
                let _ = read.judge(&Incoming::to_port(80, false));
            }
        }
    }
}
