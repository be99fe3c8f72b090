//! Programs that are known to hold a port for something that nobody looks for there, or to stand
//! between others, by the names that they run under; and products that sign certificates in the place
//! of others.
//!
//! A name is no proof: every program may call itself so. It is told as what usually runs under it.

use super::{Listener, Os};

/// What a program that listens is known to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownProgram {
    /// The receiver of macOS for `AirPlay`, in its control centre: ports 5000 and 7000 since macOS 12.
    AirPlay,
    /// The kernel of Windows (PID 4) as a web server, http.sys: for IIS, `WinRM`, and whoever asks it.
    HttpSys,
    /// The kernel of Windows (PID 4) as a file server: ports 139 and 445.
    WindowsFileSharing,
    /// A group of Windows' services in one process, of which the process does not say which.
    WindowsService,
    /// What Docker Desktop passes into its virtual machine.
    DockerDesktop,
    /// What the Windows Subsystem for Linux passes into its virtual machine.
    Wsl,
    /// An editor, which passes ports of the machine or container it works on to this one.
    Editor,
    /// A protection program, which stands between programs and the network.
    WebShield(&'static str),
}

/// What the program behind a listener is known to be; nothing for most.
#[must_use]
pub fn known_program(os: Os, listener: &Listener) -> Option<KnownProgram> {
    let process = listener.process.known()?;
    let name = process.name.to_ascii_lowercase();
    let name = name.strip_suffix(".exe").unwrap_or(&name);
    let port = listener.addr.port();
    let of_system = match (os, name) {
        // lsof and ps cut the name.
        (Os::Macos, "controlcenter" | "controlce") => {
            matches!(port, 5000 | 7000).then_some(KnownProgram::AirPlay)
        }
        (Os::Windows, "system") if process.pid == 4 => Some(match port {
            139 | 445 => KnownProgram::WindowsFileSharing,
            _ => KnownProgram::HttpSys,
        }),
        (Os::Windows, "svchost") => Some(KnownProgram::WindowsService),
        (Os::Windows, "wslrelay" | "wslhost") => Some(KnownProgram::Wsl),
        (Os::Windows | Os::Macos, name) if name.starts_with("com.docker") => {
            Some(KnownProgram::DockerDesktop)
        }
        _ => None,
    };
    let shield = || {
        let known = SHIELDS.iter().find(|(program, _)| *program == name)?;
        Some(KnownProgram::WebShield(known.1))
    };
    let editor = || {
        let is_one = EDITORS.iter().any(|start| name.starts_with(start));
        (is_one && listener.addr.ip().is_loopback()).then_some(KnownProgram::Editor)
    };
    of_system.or_else(shield).or_else(editor)
}

/// The product that signs certificates under this issuer's name in the place of the servers, to read
/// along.
#[must_use]
pub fn inspecting_product(issuer: &str) -> Option<&'static str> {
    let known = SIGNERS.iter().find(|(part, _)| issuer.contains(part));
    known.map(|(_, product)| *product)
}

/// Editors whose windows can work on another machine, and pass its ports on.
const EDITORS: [&str; 4] = ["code", "cursor", "windsurf", "jetbrains"];

/// The programs of products that filter connections, in lower case.
const SHIELDS: [(&str, &str); 9] = [
    ("avastsvc", "Avast"),
    ("avgsvc", "AVG"),
    ("avp", "Kaspersky"),
    ("ekrn", "ESET"),
    ("bdservicehost", "Bitdefender"),
    ("vsserv", "Bitdefender"),
    ("dwnetfilter", "Dr.Web"),
    ("adguardsvc", "AdGuard"),
    ("swi_fc", "Sophos"),
];

/// Parts of issuers' names, and whose they are.
const SIGNERS: [(&str, &str); 14] = [
    ("Avast Web/Mail Shield", "Avast"),
    ("AVG Web/Mail Shield", "AVG"),
    ("Norton Web/Mail Shield", "Norton"),
    ("Kaspersky Anti-Virus Personal Root", "Kaspersky"),
    ("ESET SSL Filter CA", "ESET"),
    ("Bitdefender Personal CA", "Bitdefender"),
    ("Bitdefender CA SSL", "Bitdefender"),
    ("Adguard Personal CA", "AdGuard"),
    ("Zscaler", "Zscaler"),
    ("FortiGate CA", "FortiGate"),
    ("Fortinet_CA_SSL", "FortiGate"),
    ("Cisco Umbrella", "Cisco Umbrella"),
    ("NetSpark", "NetSpark"),
    ("mitmproxy", "mitmproxy"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Fact, Process};

    fn listener(addr: &str, pid: u32, name: &str) -> Listener {
        Listener {
            addr: addr.parse().unwrap(),
            takes_ipv4: Fact::default(),
            process: Fact::Known(Process {
                pid,
                name: name.to_owned(),
                command: None,
            }),
            user: Fact::default(),
            queue: Fact::default(),
        }
    }

    #[test]
    fn squatters_are_known_by_name_port_and_system() {
        let known = |os, addr: &str, pid, name: &str| known_program(os, &listener(addr, pid, name));
        let airplay = known(Os::Macos, "[::]:5000", 500, "ControlCenter");
        assert_eq!(airplay, Some(KnownProgram::AirPlay));
        assert_eq!(known(Os::Macos, "[::]:5001", 500, "ControlCenter"), None);
        assert_eq!(known(Os::Linux, "[::]:5000", 500, "ControlCenter"), None);
        let kernel = |port: u16| known(Os::Windows, &format!("0.0.0.0:{port}"), 4, "System");
        assert_eq!(kernel(80), Some(KnownProgram::HttpSys));
        assert_eq!(kernel(445), Some(KnownProgram::WindowsFileSharing));
        assert_eq!(known(Os::Windows, "0.0.0.0:80", 900, "System"), None);
        let service = known(Os::Windows, "0.0.0.0:8080", 900, "svchost.exe");
        assert_eq!(service, Some(KnownProgram::WindowsService));
        let shield = known(Os::Windows, "127.0.0.1:12110", 900, "AvastSvc.exe");
        assert_eq!(shield, Some(KnownProgram::WebShield("Avast")));
    }

    #[test]
    fn an_editor_passes_ports_on_to_its_own_machine_alone() {
        let known = |addr: &str| known_program(Os::Linux, &listener(addr, 7, "code"));
        assert_eq!(known("127.0.0.1:3000"), Some(KnownProgram::Editor));
        assert_eq!(known("0.0.0.0:3000"), None);
    }

    #[test]
    fn products_that_read_along_sign_with_their_names() {
        let avast = "CN=Avast Web/Mail Shield Root, O=Avast Web/Mail Shield";
        assert_eq!(inspecting_product(avast), Some("Avast"));
        assert_eq!(inspecting_product("CN=R11, O=Let's Encrypt"), None);
    }
}
