//! Two machines on two wires: this namespace, whose rules are tested, and its peer.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::IpAddr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};

use ketnoi::platform::ruleset::{Packet, Way};

use crate::chance::Chance;

/// The ports that something listens on, at both ends.
pub const PORTS: [u16; 5] = [22, 80, 443, 5432, 8080];

/// An interface: its name, its own addresses, and those of the peer on the same wire, of both
/// families each.
type Link = (&'static str, [&'static str; 2], [[&'static str; 2]; 2]);

/// The interfaces of this machine.
const LINKS: [Link; 2] = [
    (
        "eth0",
        ["10.9.0.1", "fd09::1"],
        [["10.9.0.2", "fd09::2"], ["10.9.0.130", "fd09::8:2"]],
    ),
    (
        "wlan0",
        ["10.9.1.1", "fd09:1::1"],
        [["10.9.1.2", "fd09:1::2"], ["10.9.1.130", "fd09:1::8:2"]],
    ),
];

/// Long enough for what is not dropped: nothing leaves this machine.
const WAIT_MILLIS: u32 = 40;

/// The two machines, while the test runs.
pub struct World {
    own: Endpoint,
    peer: Endpoint,
    used_ports: u16,
}

/// What became of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    Open,
    Refused,
    Silent,
}

impl World {
    /// Joins this namespace, which is the test's own, with a new one.
    pub fn new() -> Self {
        let own = Endpoint::start(&["/usr/bin/python3"]);
        let peer = Endpoint::start(&["unshare", "--net", "/usr/bin/python3"]);
        let mut world = Self {
            own,
            peer,
            used_ports: 0,
        };
        world.connect();
        let ports: Vec<String> = PORTS.iter().map(u16::to_string).collect();
        for end in [&mut world.own, &mut world.peer] {
            assert_eq!(end.ask(&format!("listen {}", ports.join(" "))), "listening");
        }
        world
    }

    fn connect(&self) {
        let pid = self.peer.process.id();
        let there = format!("nsenter --net --target {pid} ");
        let mut script = vec![
            "ip link set lo up".to_owned(),
            format!("{there} ip link set lo up"),
        ];
        for (number, (link, own, peers)) in LINKS.iter().enumerate() {
            let (here_mac, there_mac) = (
                format!("02:00:00:00:0{number}:01"),
                format!("02:00:00:00:0{number}:02"),
            );
            script.push(format!(
                "ip link add {link} address {here_mac} type veth peer name {link} address {there_mac} netns {pid}"
            ));
            for v6 in [0, 1] {
                let length = [24, 64][v6];
                script.push(format!(
                    "ip addr add {}/{length} dev {link} {}",
                    own[v6],
                    ["", "nodad"][v6]
                ));
                for peer in peers {
                    script.push(format!(
                        "{there} ip addr add {}/{length} dev {link} {}",
                        peer[v6],
                        ["", "nodad"][v6]
                    ));
                }
            }
            script.push(format!(
                "ip link set {link} up; {there} ip link set {link} up"
            ));
            // Rules may stop what asks for neighbours.
            for v6 in [0, 1] {
                for peer in peers {
                    script.push(format!(
                        "ip neigh replace {} lladdr {there_mac} dev {link} nud permanent",
                        peer[v6]
                    ));
                }
                script.push(format!(
                    "{there} ip neigh replace {} lladdr {here_mac} dev {link} nud permanent",
                    own[v6]
                ));
            }
        }
        let unlimited =
            "for f in ipv4/icmp_ratelimit ipv6/icmp/ratelimit; do echo 0 > /proc/sys/net/$f; done";
        script.push(unlimited.to_owned());
        script.push(format!("{there} sh -c '{unlimited}'"));
        run("sh", &["-ec", &script.join("\n")], "");
    }

    /// A packet that this world can really send.
    pub fn packet(&mut self, chance: &mut Chance) -> Packet {
        let way = *chance.one_of(&[Way::In, Way::In, Way::In, Way::In, Way::Out, Way::Within]);
        let v6 = chance.percent(35);
        let (link, own, peers) = chance.one_of(&LINKS);
        let loopback = ["127.0.0.1", "::1"][usize::from(v6)];
        let own = own[usize::from(v6)];
        let peer = chance.one_of(peers)[usize::from(v6)];
        let within = if chance.percent(50) { loopback } else { own };
        let (source, target) = match way {
            Way::In => (peer, own),
            Way::Out => (own, peer),
            Way::Within => (within, within),
        };
        let ip = |text: &str| -> IpAddr { text.parse().unwrap() };
        let addresses = LINKS.iter().flat_map(|(_, own, _)| own.map(ip));
        self.used_ports += 7;
        Packet {
            source_port: Some(20_000 + self.used_ports % 30_000),
            interface: Some(if way == Way::Within { "lo" } else { link }.to_owned()),
            user: (way != Way::In).then_some(0),
            own: addresses.collect(),
            returns: Some(true),
            ..Packet::between(way, Some(ip(source)), ip(target), *chance.one_of(&PORTS))
        }
    }

    /// Sends them all, and tells what became of each.
    pub fn send(&mut self, packets: &[Packet]) -> Vec<Seen> {
        let mut seen = vec![Seen::Silent; packets.len()];
        for from_peer in [true, false] {
            let mine = |packet: &Packet| (packet.way == Way::In) == from_peer;
            let (indices, words): (Vec<usize>, Vec<String>) = packets
                .iter()
                .enumerate()
                .filter(|(_, packet)| mine(packet))
                .map(|(index, packet)| (index, words(packet)))
                .unzip();
            let end = if from_peer {
                &mut self.peer
            } else {
                &mut self.own
            };
            let answer = end.ask(&format!("connect {WAIT_MILLIS} {}", words.join(" ")));
            for (index, word) in indices.into_iter().zip(answer.split(' ')) {
                seen[index] = match word {
                    "open" => Seen::Open,
                    "refused" => Seen::Refused,
                    _ => Seen::Silent,
                };
            }
        }
        seen
    }

    /// Ends what was opened.
    pub fn close(&mut self) {
        for end in [&mut self.own, &mut self.peer] {
            assert_eq!(end.ask("close"), "closed");
        }
    }
}

fn words(packet: &Packet) -> String {
    let (source, source_port) = (packet.source.unwrap(), packet.source_port.unwrap());
    let (target, port) = (packet.destination.unwrap(), packet.port.unwrap());
    format!("{source} {source_port} {target} {port}")
}

/// A Python process at one end; it ends with the test.
struct Endpoint {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Endpoint {
    fn start(command: &[&str]) -> Self {
        let mut process = program(command[0])
            .args(&command[1..])
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/tests/rulesets/endpoint.py"
            ))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = process.stdin.take().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let mut endpoint = Self {
            process,
            input,
            output,
        };
        // It answers once it runs, in its own namespace.
        assert_eq!(endpoint.ask("close"), "closed");
        endpoint
    }

    fn ask(&mut self, command: &str) -> String {
        writeln!(self.input, "{command}").unwrap();
        let mut answer = String::new();
        self.output.read_line(&mut answer).unwrap();
        answer.trim_end().to_owned()
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the rules are loaded by the system's own tools"
)]
pub fn program(name: &str) -> Command {
    Command::new(name)
}

/// Runs a program that must succeed, and gives what it printed.
pub fn run(name: &str, arguments: &[&str], input: &str) -> String {
    let output = feed(name, arguments, input);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name} {arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a program that may fail.
pub fn feed(name: &str, arguments: &[&str], input: &str) -> Output {
    let mut child = program(name)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}
