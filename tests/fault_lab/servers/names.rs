//! A resolver that knows a few names below `lab.test`.
//!
//! `gone.lab.test` is an alias of a name that there is not. `dns:anything` answers for every name, `dns:servfail`, `dns:refused` and `dns:silent` fail for
//! every name.

use std::net::{IpAddr, UdpSocket};

/// The names and their addresses. Below `wild.test` every name exists.
const ZONE: [(&str, &[&str]); 9] = [
    ("db.lab.test", &["10.77.1.10"]),
    ("six.lab.test", &["2001:db8::10"]),
    ("two.lab.test", &["10.77.1.99", "10.77.1.10"]),
    ("both.lab.test", &["10.77.1.10", "fd77:1::10"]),
    ("dead6.lab.test", &["10.77.1.10", "fd77:1::99"]),
    ("far.lab.test", &["10.77.2.2", "fd77:2::2"]),
    ("moved.lab.test", &["10.77.1.99"]),
    ("ads.lab.test", &["0.0.0.0", "::"]),
    ("mail.lab.test", &[]),
];

/// An alias, and the first label of the name it leads to (in `lab.test` as well).
const ALIAS: (&str, &[u8]) = ("gone.lab.test", b"old");

/// `bücher.lab.test`, as it is asked for.
const INTERNATIONAL: &str = "xn--bcher-kva.lab.test";

const NO_ERROR: u8 = 0;
const SERVFAIL: u8 = 2;
const NXDOMAIN: u8 = 3;
const REFUSED: u8 = 5;

/// Answers questions for ever.
pub fn serve(address: &str, behaviour: &str) {
    let socket = UdpSocket::bind(address).unwrap();
    super::ready();
    let mut bytes = [0; 1500];
    loop {
        let (size, from) = socket.recv_from(&mut bytes).unwrap();
        if behaviour != "silent" {
            socket
                .send_to(&answer(&bytes[..size], behaviour), from)
                .unwrap();
        }
    }
}

/// RFC 1035, 4.1: header, question, and the records, whose name points at the question's.
fn answer(question: &[u8], behaviour: &str) -> Vec<u8> {
    let end = 12 + question[12..].iter().position(|byte| *byte == 0).unwrap() + 1;
    let name = read_name(&question[12..end]);
    let (code, addresses) = look_up(&name, behaviour);
    let wants_v4 = question[end..end + 2] == [0, 1];
    let wants_v6 = question[end..end + 2] == [0, 28];
    let fits = |ip: &IpAddr| if ip.is_ipv4() { wants_v4 } else { wants_v6 };
    let records: Vec<IpAddr> = addresses.into_iter().filter(fits).collect();
    let is_alias = name == ALIAS.0;
    let count = u8::try_from(records.len()).unwrap() + u8::from(is_alias);
    let mut answer = question[..2].to_vec();
    answer.extend([0x81, 0x80 | code, 0, 1, 0, count, 0, 0, 0, 0]);
    answer.extend(&question[12..end + 4]);
    if is_alias {
        let label = u8::try_from(ALIAS.1.len()).unwrap();
        answer.extend([0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, label + 3, label]);
        answer.extend(ALIAS.1);
        // A pointer to what stands behind the first label of the question.
        answer.extend([0xc0, 13 + question[12]]);
    }
    for ip in records {
        let (kind, bytes) = match ip {
            IpAddr::V4(ip) => (1, ip.octets().to_vec()),
            IpAddr::V6(ip) => (28, ip.octets().to_vec()),
        };
        let size = u8::try_from(bytes.len()).unwrap();
        answer.extend([0xc0, 12, 0, kind, 0, 1, 0, 0, 0, 60, 0, size]);
        answer.extend(bytes);
    }
    answer
}

fn read_name(mut labels: &[u8]) -> String {
    let mut name = Vec::new();
    while let [size, rest @ ..] = labels
        && *size > 0
    {
        let (label, behind) = rest.split_at(usize::from(*size));
        name.push(String::from_utf8_lossy(label).to_ascii_lowercase());
        labels = behind;
    }
    name.join(".")
}

fn look_up(name: &str, behaviour: &str) -> (u8, Vec<IpAddr>) {
    let server = || vec![IpAddr::from([10, 77, 1, 10])];
    let known = ZONE.iter().find(|(of, _)| *of == name);
    match (behaviour, known) {
        ("servfail", _) => (SERVFAIL, Vec::new()),
        ("refused", _) => (REFUSED, Vec::new()),
        (_, Some((_, all))) => (NO_ERROR, all.iter().map(|ip| ip.parse().unwrap()).collect()),
        ("anything", None) => (NO_ERROR, server()),
        _ if name == INTERNATIONAL || name.ends_with(".wild.test") => (NO_ERROR, server()),
        _ => (NXDOMAIN, Vec::new()),
    }
}
