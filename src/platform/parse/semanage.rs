//! What `semanage port -l` prints (semanage-port(8)): which ports carry which label of `SELinux`.
//!
//! Its heading is translated, so a row is known by its form: a label, a protocol, and ports.

/// The labels that TCP `port` carries, the one that decides first; nothing when the text is no such
/// listing. What is for fewer ports decides before what is for more: most labels stand beside one for
/// every port that is left.
#[must_use]
pub fn labels(listing: &str, port: u16) -> Option<Vec<String>> {
    let lines = listing.lines().map(str::trim);
    let mut rows = Vec::new();
    let mut others = 0;
    for line in lines.filter(|line| !line.is_empty()) {
        match row(line) {
            Some(row) => rows.push(row),
            None => others += 1,
        }
    }
    // The heading is the one line that may be something else.
    if rows.is_empty() || others > 1 {
        return None;
    }
    let mut found: Vec<(u32, &str)> = rows
        .iter()
        .filter(|row| row.protocol == "tcp")
        .flat_map(|row| row.ranges.iter().map(|range| (*range, row.label)))
        .filter(|((first, last), _)| (*first..=*last).contains(&port))
        .map(|((first, last), label)| (u32::from(last) - u32::from(first), label))
        .collect();
    found.sort_unstable();
    let mut labels: Vec<String> = found.iter().map(|(_, label)| (*label).to_owned()).collect();
    labels.dedup();
    labels.truncate(MOST);
    Some(labels)
}

/// More would tell no more.
const MOST: usize = 8;

struct Row<'a> {
    label: &'a str,
    protocol: &'a str,
    ranges: Vec<(u16, u16)>,
}

/// `http_port_t   tcp   80, 81, 8000-8010`.
fn row(line: &str) -> Option<Row<'_>> {
    let (label, rest) = line.split_once(char::is_whitespace)?;
    let (protocol, ports) = rest.trim_start().split_once(char::is_whitespace)?;
    let is_label = label.ends_with("_t")
        && label.len() < 64
        && label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !is_label || !matches!(protocol, "tcp" | "udp" | "dccp" | "sctp") {
        return None;
    }
    let range = |entry: &str| {
        let (first, last) = entry.split_once('-').unwrap_or((entry, entry));
        Some((first.parse().ok()?, last.parse().ok()?))
    };
    let ranges: Option<Vec<(u16, u16)>> = ports.split(',').map(|one| range(one.trim())).collect();
    let ranges = ranges?;
    let is_ordered = ranges.iter().all(|(first, last)| first <= last);
    is_ordered.then_some(Row {
        label,
        protocol,
        ranges,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LISTING: &str = "SELinux Port Type              Proto    Port Number\n\n\
        http_port_t                    tcp      80, 81, 443, 488, 8008, 8009, 8443, 9000\n\
        postgresql_port_t              tcp      5432, 9898\n\
        syslogd_port_t                 udp      514, 601, 20514\n\
        unreserved_port_t              tcp      61001-65535, 1024-32767\n\
        vnc_port_t                     tcp      5985-5999, 5900-5983\n";

    fn told(port: u16) -> Vec<String> {
        labels(LISTING, port).unwrap()
    }

    #[test]
    fn the_label_for_fewer_ports_comes_first() {
        assert_eq!(told(5432), ["postgresql_port_t", "unreserved_port_t"]);
        assert_eq!(told(5950), ["vnc_port_t", "unreserved_port_t"]);
        assert_eq!(told(5433), ["unreserved_port_t"]);
        assert_eq!(told(80), ["http_port_t"]);
        assert_eq!(told(514), [""; 0]);
    }

    #[test]
    fn one_row_is_enough_and_other_texts_are_none() {
        let one = "postgresql_port_t              tcp      5432\n";
        assert_eq!(labels(one, 5432).unwrap(), ["postgresql_port_t"]);
        for other in [
            "",
            "ssh_port_t tcp\n",
            "tcp LISTEN 0 128 0.0.0.0:22\n",
            "a_t tcp 9-1\n",
        ] {
            assert_eq!(labels(other, 22), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>(), port in any::<u16>()) {
            let _ = labels(&text, port);
            let _ = labels(&format!("x_t tcp {text}"), port);
        }
    }
}
