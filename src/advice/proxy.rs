//! Commands for each place that may name a proxy: to go without it, and to exempt one target.

use super::command_line::CommandLine;
use super::{Fix, Placeholder, Risk, terminal};
use crate::evidence::{Os, ProxySource};

/// Makes programs go without the proxy at `endpoint`, which the place names.
#[must_use]
pub fn go_without(os: Os, place: ProxySource, endpoint: &str) -> Fix {
    match place {
        ProxySource::Environment { .. } => terminal::go_without_proxy(os),
        ProxySource::EtcEnvironment { .. } => Fix {
            check: vec![posix(GREP)],
            apply: vec![
                posix("sudo cp -p /etc/environment /etc/environment.ketnoi"),
                CommandLine::posix(["sudo", "sed", "-i", "-E", PROXY_LINES, "/etc/environment"]),
            ],
            undo: vec![posix("sudo cp -p /etc/environment.ketnoi /etc/environment")],
            needs_admin: true,
            ..changing(Os::Linux)
        },
        ProxySource::Gnome => Fix {
            check: vec![posix("gsettings get org.gnome.system.proxy mode")],
            apply: vec![posix("gsettings set org.gnome.system.proxy mode none")],
            undo: vec![posix("gsettings set org.gnome.system.proxy mode manual")],
            ..changing(Os::Linux)
        },
        ProxySource::Kde => Fix {
            check: vec![kde("kreadconfig6", "ProxyType", None)],
            apply: vec![kde("kwriteconfig6", "ProxyType", Some("0"))],
            undo: vec![kde("kwriteconfig6", "ProxyType", Some("1"))],
            ..changing(Os::Linux)
        },
        ProxySource::Windows => Fix {
            check: vec![CommandLine::power_shell([
                "Get-ItemProperty",
                "-Path",
                INTERNET_SETTINGS,
            ])],
            apply: vec![proxy_enable("0")],
            undo: vec![proxy_enable("1")],
            ..changing(Os::Windows)
        },
        ProxySource::WinHttp => Fix {
            check: vec![power_shell("netsh winhttp show proxy")],
            apply: vec![power_shell("netsh winhttp reset proxy")],
            undo: vec![CommandLine::power_shell([
                "netsh",
                "winhttp",
                "set",
                "proxy",
                plain(endpoint).unwrap_or(Placeholder::Proxy.text()),
            ])],
            needs_admin: true,
            ..changing(Os::Windows)
        },
        ProxySource::Macos => Fix {
            check: vec![
                posix("scutil --proxy"),
                posix("networksetup -listallnetworkservices"),
            ],
            apply: web_proxies("off"),
            undo: web_proxies("on"),
            needs_admin: true,
            ..changing(Os::Macos)
        },
    }
}

/// Lets `host` go without the proxy that the place names; where a list is to be added to, the
/// commands only show it.
#[must_use]
pub fn exempt(os: Os, place: ProxySource, host: &str) -> Fix {
    let list = match place {
        ProxySource::Environment { .. } => return terminal::add_proxy_bypass(os, host),
        ProxySource::EtcEnvironment { .. } => posix(GREP),
        ProxySource::Gnome => posix("gsettings get org.gnome.system.proxy ignore-hosts"),
        ProxySource::Kde => kde("kreadconfig6", "NoProxyFor", None),
        ProxySource::Windows => CommandLine::power_shell([
            "Get-ItemProperty",
            "-Path",
            INTERNET_SETTINGS,
            "-Name",
            "ProxyOverride",
        ]),
        ProxySource::WinHttp => power_shell("netsh winhttp show proxy"),
        ProxySource::Macos => CommandLine::posix([
            "networksetup",
            "-getproxybypassdomains",
            Placeholder::Interface.text(),
        ]),
    };
    Fix {
        check: vec![list],
        risk: Risk::None,
        ..changing(system_of(place))
    }
}

/// An endpoint that no program takes for an option; those of an opened report may be anything.
fn plain(endpoint: &str) -> Option<&str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    let begins_well = endpoint.starts_with(|c: char| c.is_ascii_alphanumeric());
    (begins_well && endpoint.chars().all(is_plain)).then_some(endpoint)
}

/// The system that has such a place.
fn system_of(place: ProxySource) -> Os {
    match place {
        ProxySource::Windows | ProxySource::WinHttp => Os::Windows,
        ProxySource::Macos => Os::Macos,
        ProxySource::Environment { .. }
        | ProxySource::EtcEnvironment { .. }
        | ProxySource::Gnome
        | ProxySource::Kde => Os::Linux,
    }
}

/// Lines of `/etc/environment` that name a proxy, in any letters.
const PROXY_LINES: &str = "/^(export )?(http|https|all)_proxy=/Id";

const GREP: &str = "grep -i proxy /etc/environment";

const INTERNET_SETTINGS: &str =
    r"HKCU:\Software\Microsoft\Windows\CurrentVersion\Internet Settings";

fn kde(program: &str, key: &str, value: Option<&str>) -> CommandLine {
    let words = [
        program,
        "--file",
        "kioslaverc",
        "--group",
        "Proxy Settings",
        "--key",
        key,
    ];
    CommandLine::posix(words.into_iter().chain(value))
}

fn proxy_enable(value: &str) -> CommandLine {
    let words = [
        "Set-ItemProperty",
        "-Path",
        INTERNET_SETTINGS,
        "-Name",
        "ProxyEnable",
        "-Value",
    ];
    CommandLine::power_shell(words.into_iter().chain([value]))
}

/// Both kinds that a web target may take, for one of the networks that are set up.
fn web_proxies(state: &str) -> Vec<CommandLine> {
    let network = Placeholder::Interface.text();
    ["-setwebproxystate", "-setsecurewebproxystate"]
        .map(|option| CommandLine::posix(["sudo", "networksetup", option, network, state]))
        .into()
}

fn changing(os: Os) -> Fix {
    Fix {
        os,
        firewall: None,
        check: Vec::new(),
        apply: Vec::new(),
        undo: Vec::new(),
        needs_admin: false,
        risk: Risk::ChangesSystem,
    }
}

fn posix(line: &str) -> CommandLine {
    CommandLine::posix(line.split(' '))
}

fn power_shell(line: &str) -> CommandLine {
    CommandLine::power_shell(line.split(' '))
}
