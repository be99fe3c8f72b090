//! Commands that are the same wherever there is a terminal, and what they change lasts no longer
//! than it, but for the containers.

use super::command_line::CommandLine;
use super::{Fix, Placeholder, Risk};
use crate::evidence::Os;

/// Asks Ketnoi itself.
#[must_use]
pub fn check(os: Os, endpoint: &str) -> CommandLine {
    CommandLine::on(os, [os.terminal_program(), "check", endpoint])
}

/// Asks Ketnoi itself ten times.
#[must_use]
pub fn check_repeatedly(os: Os, endpoint: &str) -> CommandLine {
    CommandLine::on(
        os,
        [os.terminal_program(), "check", endpoint, "--repeat", "10"],
    )
}

/// Commands that show which containers run, what one of them says and where it listens.
#[must_use]
pub fn look_inside_container(os: Os) -> Vec<CommandLine> {
    let container = Placeholder::Container.text();
    vec![
        CommandLine::on(os, ["docker", "ps"]),
        CommandLine::on(os, ["docker", "logs", "--tail", "50", container]),
        CommandLine::on(os, ["docker", "exec", container, "netstat", "-ltn"]),
    ]
}

/// Takes a changed Compose file into use; the same command takes effect of putting it back.
#[must_use]
pub fn publish_port(os: Os) -> Fix {
    let up = || vec![CommandLine::on(os, ["docker", "compose", "up", "-d"])];
    Fix {
        check: vec![CommandLine::on(os, ["docker", "ps"])],
        apply: up(),
        undo: up(),
        ..blank(os, Risk::ExposesService)
    }
}

/// Forgets the proxies that programs are told of.
#[must_use]
pub fn go_without_proxy(os: Os) -> Fix {
    let forget = match os {
        Os::Linux | Os::Macos => CommandLine::posix([
            "unset",
            "http_proxy",
            "https_proxy",
            "all_proxy",
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "ALL_PROXY",
        ]),
        Os::Windows => CommandLine::power_shell(["Remove-Item", "-Path", "Env:*_PROXY"]),
    };
    in_this_terminal(os, vec![forget])
}

/// Tells programs of a proxy.
#[must_use]
pub fn set_proxy(os: Os) -> Fix {
    let proxy = Placeholder::Proxy.text();
    let names = match os {
        Os::Linux | Os::Macos => ["http_proxy", "https_proxy"],
        Os::Windows => ["HTTP_PROXY", "HTTPS_PROXY"],
    };
    let commands = names.map(|name| set(os, name, proxy));
    in_this_terminal(os, commands.to_vec())
}

/// Tells programs of a host that no proxy is for.
#[must_use]
pub fn add_proxy_bypass(os: Os, host: &str) -> Fix {
    let name = match os {
        Os::Linux | Os::Macos => "no_proxy",
        Os::Windows => "NO_PROXY",
    };
    in_this_terminal(os, vec![set(os, name, host)])
}

/// Allows more open files; on Windows there is no such limit to raise.
#[must_use]
pub fn raise_file_limit(os: Os) -> Option<Fix> {
    let fix = Fix {
        check: vec![CommandLine::posix(["ulimit", "-n"])],
        ..in_this_terminal(os, vec![CommandLine::posix(["ulimit", "-n", "4096"])])
    };
    match os {
        Os::Linux | Os::Macos => Some(fix),
        Os::Windows => None,
    }
}

fn set(os: Os, name: &str, value: &str) -> CommandLine {
    match os {
        Os::Linux | Os::Macos => CommandLine::posix(["export", &format!("{name}={value}")]),
        Os::Windows => {
            CommandLine::power_shell(["Set-Item", "-Path", &format!("Env:{name}"), "-Value", value])
        }
    }
}

fn in_this_terminal(os: Os, apply: Vec<CommandLine>) -> Fix {
    Fix {
        apply,
        ..blank(os, Risk::None)
    }
}

fn blank(os: Os, risk: Risk) -> Fix {
    Fix {
        os,
        firewall: None,
        check: Vec::new(),
        apply: Vec::new(),
        undo: Vec::new(),
        needs_admin: false,
        risk,
    }
}
