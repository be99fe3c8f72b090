//! One scenario from rules to undo.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::machine::{Machine, not_run, what_is_missing};

/// The port the service listens on, over both families.
pub const PORT: u16 = 5432;

/// The server's address over each family, as it stands in front of a port.
pub const V4: &str = "10.77.1.10";
pub const V6: &str = "[fd77:1::10]";

/// Another address of the server, on another network.
pub const OTHER_V4: &str = "10.77.2.10";

/// A firewall, its rules, and what becomes of the client's connection.
pub struct Scenario {
    /// The firewall as Ketnoi names it: `ufw`, `firewalld`, `nftables`, `iptables`.
    pub firewall: &'static str,
    /// What root types on the server to set it up.
    pub rules: &'static str,
    /// The server's address that the client asks for.
    pub asked: &'static str,
    /// What the kernel does: `allow`, `drop` or `reject`.
    pub fate: &'static str,
    /// A part of the rule that decides, as the firewall's own tool writes it.
    pub rule: &'static str,
}

impl Scenario {
    /// Carries the scenario out; nothing happens where machines cannot be made.
    pub fn play(&self) {
        if let Some(missing) = what_is_missing() {
            not_run(&missing);
            return;
        }
        let (client, mut server) = self.machines();
        let before = rules_of(&server);
        assert_eq!(self.fate_of(&client), self.fate, "the scenario is wrong");

        self.pasted_is_true(&client, &server);

        let root = self.ask_as_root(&server);
        let known = self.firewall_in(&root);
        assert_eq!(known["active"]["known"], true, "{known:#}");
        assert_eq!(known["port"]["known"], self.fate, "{known:#}");
        let rule = known["rule"]["text"].as_str().unwrap_or_default();
        assert!(rule.contains(self.rule), "{known:#}");
        self.is_witnessed(&client, &mut server, &known["rule"]);
        self.is_honest(&server);

        let fix = advice_in(&root, "allow-in-firewall");
        if self.fate == "allow" {
            assert!(fix.is_none(), "nothing to open: {root:#}");
            return;
        }
        let fix = fix.unwrap_or_else(|| panic!("no fix: {:#}", root["advice"]));
        let fix = (script(&fix["apply"]), script(&fix["undo"]));
        server.root(&fix.0);
        assert_eq!(self.fate_of(&client), "allow", "the fix failed: {}", fix.0);
        let after = self.ask_as_root(&server);
        assert_eq!(self.firewall_in(&after)["port"]["known"], "allow");
        server.root(&fix.1);
        assert_eq!(rules_of(&server), before, "the undo failed: {}", fix.1);
        assert_eq!(self.fate_of(&client), self.fate, "the undo failed");
    }

    pub fn machines(&self) -> (Machine, Machine) {
        let (client, mut server) = (Machine::new(), Machine::new());
        Machine::join(&client, &server);
        for (machine, host) in [(&client, "2"), (&server, "10")] {
            machine.root(&format!(
                "ip addr add 10.77.1.{host}/24 dev eth0
                 ip addr add 10.77.2.{host}/24 dev eth0
                 ip addr add fd77:1::{host}/64 dev eth0 nodad
                 ip link set eth0 up"
            ));
        }
        let this = std::env::current_exe().unwrap();
        let this = this.to_str().unwrap();
        let listen = format!("{LISTEN}={PORT}");
        let test = ["--exact", "scenario::listen", "--nocapture"];
        server.start(&[&["env", &listen, this], &test[..]].concat(), "listening");
        if self.firewall == "firewalld" {
            start_firewalld(&mut server);
        }
        server.root(self.rules);
        (client, server)
    }

    /// What becomes of a connection that the client makes now.
    pub fn fate_of(&self, client: &Machine) -> &'static str {
        let report = report(&client.nobody(&self.check(&["--timeout", "1"])));
        let attempt = &report["evidence"]["attempts"][0];
        match attempt["outcome"].as_str() {
            Some("connected") => "allow",
            Some("silent") => "drop",
            Some("refused") => "reject",
            _ if attempt["icmp"].is_object() => "reject",
            _ => panic!("{attempt:#}"),
        }
    }

    /// What Ketnoi says on the server as root.
    pub fn ask_as_root(&self, server: &Machine) -> Value {
        let client = if self.asked == V6 {
            "fd77:1::2"
        } else {
            "10.77.1.2"
        };
        let client = if self.asked == OTHER_V4 {
            "10.77.2.2"
        } else {
            client
        };
        let check = self.check(&["--from", client]).join(" ");
        report(&server.root(&format!("{check} || true")))
    }

    /// Without rights: what is known is true, and what cannot be seen is said to be unknown.
    fn is_honest(&self, server: &Machine) {
        let report = report(&server.nobody(&self.check(&[])));
        let seen = self.firewall_in(&report);
        let port = &seen["port"];
        let is_true = port["known"] == self.fate && self.firewall == "ufw";
        assert!(is_true || port["unknown"] != Value::Null, "{seen:#}");
    }

    /// What the firewall's tool prints on the server, given to Ketnoi on the client, is recognised
    /// and never taken for its contrary; where it does not tell enough it is unknown.
    fn pasted_is_true(&self, client: &Machine, server: &Machine) {
        let output = server.root(match (self.firewall, self.asked) {
            ("ufw", _) => "ufw status verbose",
            ("firewalld", _) => "firewall-cmd --list-all-zones",
            ("nftables", _) => "nft list ruleset",
            ("iptables", V6) => "ip6tables-save; ip6tables-legacy-save",
            ("iptables", _) => "iptables-save; iptables-legacy-save",
            (other, _) => panic!("{other}"),
        });
        let folder = tempfile::tempdir().unwrap();
        let everybody = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(folder.path(), everybody).unwrap();
        let file = folder.path().join("output");
        std::fs::write(&file, &output).unwrap();
        let mut words = self.check(&["--timeout", "1", "--firewall-output"]);
        words.push(file.to_str().unwrap());
        let report = report(&client.nobody(&words));
        let pasted = &report["evidence"]["pasted_firewalls"][0];
        assert_eq!(pasted["kind"], self.firewall, "{output}");
        let port = &pasted["port"];
        let is_true = port["known"] == self.fate || port["unknown"] != Value::Null;
        assert!(is_true, "{pasted:#}\n{output}");
        let clues = report["verdict"]["because"].as_array().unwrap();
        let has = |id: &str| clues.iter().any(|clue| clue["clue"] == id);
        assert!(has("firewall-pasted"));
        assert!(!has("pasted-contradicts"), "{clues:#?}");
    }

    pub fn check<'a>(&self, options: &[&'a str]) -> Vec<&'a str> {
        let mut words = vec!["/run/bin/ketnoi", "check", self.endpoint(), "--json"];
        words.extend(options);
        words
    }

    /// The address that is asked for, as it stands alone.
    pub fn host(&self) -> &'static str {
        self.asked.trim_matches(['[', ']'])
    }

    fn endpoint(&self) -> &'static str {
        match self.asked {
            V4 => "10.77.1.10:5432",
            OTHER_V4 => "10.77.2.10:5432",
            _ => "[fd77:1::10]:5432",
        }
    }

    pub fn firewall_in<'a>(&self, report: &'a Value) -> &'a Value {
        let all = report["evidence"]["firewalls"]["known"].as_array();
        let mut all = all.unwrap_or_else(|| panic!("{report:#}")).iter();
        all.find(|one| one["kind"] == self.firewall)
            .unwrap_or_else(|| panic!("no {}: {report:#}", self.firewall))
    }
}

/// Set only in the server: the port to listen on.
const LISTEN: &str = "KETNOI_TEST_LISTEN";

/// The service: a PostgreSQL that has no TLS, as far as its first answer. Without an order it is a
/// test that passes.
#[test]
fn listen() {
    let Ok(port) = std::env::var(LISTEN) else {
        return;
    };
    let listener = TcpListener::bind(format!("[::]:{port}")).unwrap();
    writeln!(std::io::stdout(), "listening").unwrap();
    for mut stream in listener.incoming().map_while(Result::ok) {
        let mut question = [0; 8];
        if stream.read_exact(&mut question).is_ok() {
            let _ = stream.write_all(b"N");
        }
    }
}

/// A firewalld of the machine's own, on a system bus of its own.
fn start_firewalld(server: &mut Machine) {
    server.root(
        r#"cat >/run/bus.conf <<'END'
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=/run/dbus/system_bus_socket</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
  </policy>
</busconfig>
END
        dbus-daemon --config-file=/run/bus.conf --fork
        firewalld --nopid --log-file=/run/firewalld.log
        until firewall-cmd --state >/dev/null 2>&1; do sleep 0.1; done"#,
    );
}

/// Every rule the kernel has, without counters, and those that firewalld has saved. The tables that
/// iptables makes the first time it is used, empty, are not counted.
pub fn rules_of(server: &Machine) -> String {
    server.root(
        "nft -s list ruleset
         { iptables-legacy-save; ip6tables-legacy-save; } | grep -v '^#' | sed 's/ \\[[0-9:]*\\]$//'
         if [ -S /run/dbus/system_bus_socket ]; then firewall-cmd --permanent --list-all-zones; fi",
    )
}

pub fn report(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

pub fn advice_in<'a>(report: &'a Value, id: &str) -> Option<&'a Value> {
    report["advice"]
        .as_array()?
        .iter()
        .find(|one| one["id"] == id)
}

/// Commands as they are pasted, line by line.
pub fn script(commands: &Value) -> String {
    let lines = commands.as_array().unwrap().iter();
    let lines: Vec<&str> = lines.map(|line| line.as_str().unwrap()).collect();
    assert!(!lines.is_empty());
    lines.join("\n")
}
