//! Which machines there are and how they are wired. Addresses are written without what all have in
//! common: `1.2` stands for `10.77.1.2/24` and `fd77:1::2/64`.

use Machine::{Beyond, Client, Container, Far, Near, Server};

/// One of the machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Machine {
    /// Asks, as a rule.
    Client,
    /// A neighbour of the client.
    Server,
    /// The client's router, or the switch between its neighbours.
    Near,
    /// The router behind that.
    Beyond,
    /// What is behind both routers.
    Far,
    /// What runs inside the server.
    Container,
}

impl Machine {
    /// Every machine and what it is called.
    const NAMES: [(Self, &str); 6] = [
        (Client, "client"),
        (Server, "server"),
        (Near, "near"),
        (Beyond, "beyond"),
        (Far, "far"),
        (Container, "container"),
    ];

    /// The machine that is called so.
    pub fn named(name: &str) -> Option<Self> {
        let mut all = Self::NAMES.iter();
        all.find(|(_, of)| *of == name).map(|(machine, _)| *machine)
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        let mut all = Self::NAMES.iter();
        all.find(|(machine, _)| *machine == self).unwrap().1
    }
}

/// One end of a wire: the machine and its address. An end without one belongs to a switch.
type End = (Machine, &'static str);

/// Which machines there are. The wires of each are called eth0, eth1, … in the order of the plan;
/// who has two forwards.
pub struct Plan {
    /// All of them.
    pub machines: &'static [Machine],
    wires: &'static [(End, End)],
    /// On which machine, towards which network, over which address.
    routes: &'static [(Machine, &'static str, &'static str)],
}

/// Two machines that have nothing but themselves.
pub const ALONE: Plan = Plan {
    machines: &[Client, Server],
    wires: &[],
    routes: &[],
};

/// A client and a server on one wire.
pub const NEIGHBOURS: Plan = Plan {
    wires: &[((Client, "1.2"), (Server, "1.10"))],
    ..ALONE
};

/// A client and a server at a switch.
pub const SWITCHED: Plan = Plan {
    machines: &[Client, Server, Near],
    wires: &[
        ((Client, "1.2"), (Near, "")),
        ((Server, "1.10"), (Near, "")),
    ],
    routes: &[],
};

/// As [`SWITCHED`], and another machine at the switch that has the server's address too.
pub const DOUBLED: Plan = Plan {
    machines: &[Client, Server, Far, Near],
    wires: &[
        ((Client, "1.2"), (Near, "")),
        ((Server, "1.10"), (Near, "")),
        ((Far, "1.10"), (Near, "")),
    ],
    routes: &[],
};

/// Two routers between the client and what is far.
pub const ROUTED: Plan = Plan {
    machines: &[Client, Near, Beyond, Far],
    wires: &[
        ((Client, "1.2"), (Near, "1.1")),
        ((Near, "9.1"), (Beyond, "9.2")),
        ((Beyond, "2.1"), (Far, "2.2")),
    ],
    routes: &[
        (Client, "default", "1.1"),
        (Near, "default", "9.2"),
        (Beyond, "1.0", "9.1"),
        (Far, "default", "2.1"),
    ],
};

/// A server with a container in it.
pub const HOSTING: Plan = Plan {
    machines: &[Client, Server, Container],
    wires: &[
        ((Client, "1.2"), (Server, "1.10")),
        ((Server, "60.1"), (Container, "60.2")),
    ],
    routes: &[(Container, "default", "60.1")],
};

impl Plan {
    /// The commands for ip(8) that make the machines and their wires, one a line.
    pub fn world(&self, name: impl Fn(Machine) -> String) -> String {
        let machines = self.machines.iter();
        let mut commands: Vec<String> = machines
            .map(|machine| format!("netns add {}", name(*machine)))
            .collect();
        for (wire, ((one, _), (other, _))) in self.wires.iter().enumerate() {
            let end = |of| format!("{} netns {}", self.card(wire, of), name(of));
            let (one, other) = (end(*one), end(*other));
            commands.push(format!("link add {one} type veth peer name {other}"));
        }
        commands.join("\n")
    }

    /// The commands that give a machine its addresses and routes.
    pub fn inside(&self, machine: Machine) -> String {
        let mut commands = vec!["link set lo up".to_owned()];
        for (index, address) in self.addresses(machine).enumerate() {
            commands.extend(attach(&format!("eth{index}"), address));
        }
        let routes = self.routes.iter().filter(|(of, ..)| *of == machine);
        for (_, network, over) in routes {
            let [to_v4, to_v6] = match *network {
                "default" => ["default".to_owned(), "default".to_owned()],
                network => [v4(network) + "/24", v6(network) + "/64"],
            };
            commands.push(format!("route add {to_v4} via {}", v4(over)));
            commands.push(format!("route add {to_v6} via {}", v6(over)));
        }
        commands.join("\n")
    }

    /// Whether a machine passes on what is not for itself.
    pub fn forwards(&self, machine: Machine) -> bool {
        self.addresses(machine).count() > 1
    }

    fn addresses(&self, machine: Machine) -> impl Iterator<Item = &'static str> {
        let ends = self.wires.iter().flat_map(|(one, other)| [*one, *other]);
        ends.filter(move |(of, _)| *of == machine)
            .map(|(_, address)| address)
    }

    /// What the machine calls its end of this wire.
    fn card(&self, wire: usize, machine: Machine) -> String {
        let before = self.wires[..wire].iter();
        let own = before.filter(|(one, other)| [one.0, other.0].contains(&machine));
        format!("eth{}", own.count())
    }
}

/// What gives a card its addresses, or plugs it into the switch.
fn attach(card: &str, address: &str) -> Vec<String> {
    if address.is_empty() {
        let plugged = format!("link set {card} master br0 up");
        return match card {
            "eth0" => vec!["link add br0 up type bridge".to_owned(), plugged],
            _ => vec![plugged],
        };
    }
    vec![
        format!("addr add {}/24 dev {card}", v4(address)),
        format!("addr add {}/64 dev {card} nodad", v6(address)),
        format!("link set {card} up"),
    ]
}

fn v4(address: &str) -> String {
    format!("10.77.{address}")
}

fn v6(address: &str) -> String {
    let (network, host) = address.split_once('.').unwrap();
    let host = if host == "0" { "" } else { host };
    format!("fd77:{network}::{host}")
}
