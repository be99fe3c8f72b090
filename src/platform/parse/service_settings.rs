//! The few lines of a service's settings that say where it listens, by its manual.
//!
//! Every file is read as lines of a key and a value, which is less than its real grammar: what is not
//! understood is left out, never guessed. Only known keys are kept, so nothing secret is.

use crate::evidence::{SettingLine, printable};

/// How the settings of one service are written, and what says where it listens.
pub struct Syntax {
    /// The service, by its id in the catalogue.
    pub service: &'static str,
    /// The files that it reads, each once for every instance; `*` stands for any name of a folder or file.
    pub files: &'static [&'static str],
    /// Files that it reads after the first one although that does not say so.
    pub further: &'static [&'static str],
    /// Where relative names of included files begin; in the folder of the file when it is empty.
    pub root: &'static str,
    style: Style,
    /// The sections that count, where there are any.
    sections: &'static [&'static str],
    includes: &'static [(&'static str, Include)],
    rules: &'static [Rule],
    /// What holds where no line says it, with the setting that would.
    default_port: Option<(u16, &'static str)>,
    default_address: Option<(&'static str, &'static str)>,
}

/// How lines are taken apart.
#[derive(Clone, Copy, PartialEq)]
enum Style {
    /// A key and its value, with a space or `=` between them.
    Lines,
    /// The same with `:` or `=` between them.
    Colons,
    /// Statements that end with `;`, in blocks in braces.
    Braces,
}

/// What an included name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Include {
    /// A file, or a pattern of files.
    Files,
    /// A folder, of which the files with this ending count.
    Folder(&'static str),
}

struct Rule {
    /// In lower case, with `-` for `_`; ending with a full stop it stands for every key that begins so.
    key: &'static str,
    meaning: Meaning,
    /// Every line counts, not only the last.
    adds: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Meaning {
    Port,
    /// 0 turns TCP off.
    PortOrNone,
    Addresses,
    /// Without any address TCP is off.
    AddressesOrNone,
    /// A port, an address, or both with a colon between them.
    Endpoint,
    /// A port, and perhaps an address after it.
    PortThenAddress,
    /// Turns TCP off where it is not said to be off itself.
    NoTcp,
}

const fn last(key: &'static str, meaning: Meaning) -> Rule {
    Rule {
        key,
        meaning,
        adds: false,
    }
}

const fn each(key: &'static str, meaning: Meaning) -> Rule {
    Rule {
        key,
        meaning,
        adds: true,
    }
}

const PLAIN: Syntax = Syntax {
    service: "",
    files: &[],
    further: &[],
    root: "",
    style: Style::Lines,
    sections: &[],
    includes: &[],
    rules: &[],
    default_port: None,
    default_address: None,
};

/// Where each manual says so: postgresql.conf in “Connections and Authentication”, my.cnf in “Option
/// Files”, redis.conf in its own comments, `ngx_http_core_module`, `mpm_common` and core of Apache,
/// memcached(1), mosquitto.conf(5), `sshd_config(5)`, vsftpd.conf(5), dnsmasq(8), and the references of
/// NATS, MongoDB, RabbitMQ, Elasticsearch and Grafana.
const ALL: &[Syntax] = &[
    Syntax {
        service: "postgresql",
        files: &[
            "/etc/postgresql/*/*/postgresql.conf",
            "/var/lib/pgsql/data/postgresql.conf",
            "/var/lib/pgsql/*/data/postgresql.conf",
        ],
        includes: &[
            ("include-dir", Include::Folder(".conf")),
            ("include", Include::Files),
            ("include-if-exists", Include::Files),
        ],
        rules: &[
            last("port", Meaning::Port),
            last("listen-addresses", Meaning::AddressesOrNone),
        ],
        default_port: Some((5432, "port")),
        default_address: Some(("localhost", "listen_addresses")),
        ..PLAIN
    },
    Syntax {
        service: "mysql",
        files: &["/etc/mysql/my.cnf", "/etc/my.cnf"],
        sections: &["mysqld", "server", "mariadb", "mariadbd", "client-server"],
        includes: &[
            ("!includedir", Include::Folder(".cnf")),
            ("!include", Include::Files),
        ],
        rules: &[
            last("port", Meaning::Port),
            last("bind-address", Meaning::Addresses),
            last("skip-networking", Meaning::NoTcp),
        ],
        default_port: Some((3306, "port")),
        default_address: Some(("*", "bind-address")),
        ..PLAIN
    },
    Syntax {
        service: "redis",
        files: &[
            "/etc/redis/redis.conf",
            "/etc/redis.conf",
            "/etc/valkey/valkey.conf",
        ],
        includes: &[("include", Include::Files)],
        rules: &[
            last("port", Meaning::PortOrNone),
            last("bind", Meaning::Addresses),
        ],
        default_port: Some((6379, "port")),
        default_address: Some(("*", "bind")),
        ..PLAIN
    },
    Syntax {
        service: "nginx",
        files: &["/etc/nginx/nginx.conf"],
        root: "/etc/nginx",
        style: Style::Braces,
        includes: &[("include", Include::Files)],
        rules: &[each("listen", Meaning::Endpoint)],
        ..PLAIN
    },
    Syntax {
        service: "apache",
        files: &["/etc/apache2/apache2.conf"],
        root: "/etc/apache2",
        includes: &[
            ("include", Include::Files),
            ("includeoptional", Include::Files),
        ],
        rules: &[each("listen", Meaning::Endpoint)],
        ..PLAIN
    },
    Syntax {
        service: "apache",
        files: &["/etc/httpd/conf/httpd.conf"],
        root: "/etc/httpd",
        includes: &[
            ("include", Include::Files),
            ("includeoptional", Include::Files),
        ],
        rules: &[each("listen", Meaning::Endpoint)],
        ..PLAIN
    },
    Syntax {
        service: "ssh",
        files: &["/etc/ssh/sshd_config"],
        root: "/etc/ssh",
        includes: &[("include", Include::Files)],
        rules: &[
            each("port", Meaning::Port),
            each("listenaddress", Meaning::Endpoint),
        ],
        default_port: Some((22, "Port")),
        default_address: Some(("*", "ListenAddress")),
        ..PLAIN
    },
    Syntax {
        service: "memcached",
        files: &["/etc/memcached.conf"],
        rules: &[
            last("-p", Meaning::PortOrNone),
            last("-l", Meaning::Addresses),
        ],
        default_port: Some((11211, "-p")),
        default_address: Some(("*", "-l")),
        ..PLAIN
    },
    Syntax {
        service: "mosquitto",
        files: &["/etc/mosquitto/mosquitto.conf"],
        includes: &[("include-dir", Include::Folder(".conf"))],
        rules: &[
            each("listener", Meaning::PortThenAddress),
            last("port", Meaning::PortThenAddress),
            last("bind-address", Meaning::Addresses),
        ],
        default_port: Some((1883, "listener")),
        default_address: Some(("localhost", "listener")),
        ..PLAIN
    },
    Syntax {
        service: "ftp",
        files: &["/etc/vsftpd.conf", "/etc/vsftpd/vsftpd.conf"],
        rules: &[
            last("listen-port", Meaning::Port),
            last("listen-address", Meaning::Addresses),
            last("listen-address6", Meaning::Addresses),
        ],
        default_port: Some((21, "listen_port")),
        default_address: Some(("*", "listen_address")),
        ..PLAIN
    },
    Syntax {
        service: "dns",
        files: &["/etc/dnsmasq.conf"],
        further: &["/etc/dnsmasq.d/*"],
        includes: &[("conf-file", Include::Files)],
        rules: &[
            last("port", Meaning::PortOrNone),
            each("listen-address", Meaning::Addresses),
        ],
        default_port: Some((53, "port")),
        default_address: Some(("*", "listen-address")),
        ..PLAIN
    },
    Syntax {
        service: "nats",
        files: &["/etc/nats-server.conf", "/etc/nats/nats-server.conf"],
        style: Style::Colons,
        rules: &[
            last("port", Meaning::Port),
            last("host", Meaning::Addresses),
            last("net", Meaning::Addresses),
            last("listen", Meaning::Endpoint),
        ],
        default_port: Some((4222, "port")),
        default_address: Some(("*", "host")),
        ..PLAIN
    },
    Syntax {
        service: "mongodb",
        files: &["/etc/mongod.conf"],
        style: Style::Colons,
        rules: &[
            last("port", Meaning::Port),
            last("bindip", Meaning::Addresses),
        ],
        default_port: Some((27017, "port")),
        default_address: Some(("localhost", "bindIp")),
        ..PLAIN
    },
    Syntax {
        service: "elasticsearch",
        files: &["/etc/elasticsearch/elasticsearch.yml"],
        style: Style::Colons,
        rules: &[
            last("http.port", Meaning::Port),
            last("network.host", Meaning::Addresses),
            last("http.host", Meaning::Addresses),
        ],
        default_port: Some((9200, "http.port")),
        default_address: Some(("localhost", "network.host")),
        ..PLAIN
    },
    Syntax {
        service: "rabbitmq",
        files: &["/etc/rabbitmq/rabbitmq.conf"],
        further: &["/etc/rabbitmq/conf.d/*.conf"],
        rules: &[each("listeners.tcp.", Meaning::Endpoint)],
        default_port: Some((5672, "listeners.tcp.default")),
        default_address: Some(("*", "listeners.tcp.default")),
        ..PLAIN
    },
    Syntax {
        service: "grafana",
        files: &["/etc/grafana/grafana.ini"],
        sections: &["server"],
        rules: &[
            last("http-port", Meaning::Port),
            last("http-addr", Meaning::Addresses),
        ],
        default_port: Some((3000, "http_port")),
        default_address: Some(("*", "http_addr")),
        ..PLAIN
    },
];

/// How the settings of a service are written: one for each way in which it is packaged.
pub fn of(service: &str) -> impl Iterator<Item = &'static Syntax> {
    ALL.iter().filter(move |syntax| syntax.service == service)
}

/// What a file says, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A line that says where the service listens, or would if it were not commented out.
    Said(Said),
    /// Other files that are read at this place.
    Include(String, Include),
}

/// A line with a known key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    rule: usize,
    line: usize,
    text: String,
    value: String,
    is_comment: bool,
}

impl Syntax {
    /// Takes a file apart.
    #[must_use]
    pub fn items(&self, text: &str) -> Vec<Item> {
        let mut items = Vec::new();
        let mut counts = self.sections.is_empty();
        // What stands in a block of its own is about something else: a cluster, a monitor.
        let mut depth = 0_usize;
        for (index, whole) in text.lines().enumerate() {
            let line = whole.trim();
            if let Some(section) = line.strip_prefix('[') {
                let name = section.split(']').next().unwrap_or_default().trim();
                counts = self.sections.is_empty() || self.sections.contains(&name);
                continue;
            }
            if self.style == Style::Colons && !line.starts_with('#') {
                let is_inside = depth > 0;
                depth =
                    (depth + line.matches('{').count()).saturating_sub(line.matches('}').count());
                if is_inside {
                    continue;
                }
            }
            let statements = match self.style {
                Style::Braces => line.split([';', '{', '}']).collect(),
                Style::Lines | Style::Colons => vec![line],
            };
            for statement in statements {
                // A comment goes to the end of the line, whatever stands in it.
                let is_comment = statement.trim_start().starts_with('#');
                if let Some(item) = self.item(statement, index + 1, counts) {
                    items.push(item);
                }
                if is_comment {
                    break;
                }
            }
        }
        items
    }

    fn item(&self, statement: &str, line: usize, counts: bool) -> Option<Item> {
        let statement = statement.trim();
        let bare = statement.strip_prefix('#');
        let is_comment = bare.is_some();
        let (key, value) = self.key_and_value(bare.unwrap_or(statement))?;
        let include = self.includes.iter().find(|(known, _)| *known == key);
        if let Some((_, include)) = include {
            return (!is_comment).then_some(Item::Include(value, *include));
        }
        let fits = |rule: &Rule| match rule.key.strip_suffix('.') {
            Some(start) => key
                .strip_prefix(start)
                .is_some_and(|rest| rest.starts_with('.')),
            None => rule.key == key,
        };
        let rule = self.rules.iter().position(fits).filter(|_| counts)?;
        Some(Item::Said(Said {
            rule,
            line,
            text: shown(&without_comment(statement)),
            value,
            is_comment,
        }))
    }

    /// The key in its plainest form, and the value without quotes and comments.
    fn key_and_value(&self, statement: &str) -> Option<(String, String)> {
        let separators: &[char] = match self.style {
            Style::Colons => &[':', '=', ' ', '\t'],
            Style::Lines | Style::Braces => &['=', ' ', '\t'],
        };
        let end = statement.find(separators).unwrap_or(statement.len());
        let (key, rest) = statement.split_at(end);
        if key.is_empty() || key.len() > LONGEST_KEY {
            return None;
        }
        let rest = rest.trim_start();
        // Not every colon separates: an address may begin with one.
        let rest = rest.strip_prefix(separators).unwrap_or(rest).trim();
        // Of options on a command line -p and -P are two.
        let key = if key.starts_with('-') {
            key.to_owned()
        } else {
            key.to_ascii_lowercase().replace('_', "-")
        };
        Some((key, value(rest).to_owned()))
    }

    /// The lines that hold, and what holds by default where none says it.
    ///
    /// Where not everything `was_read`, what is missing may stand elsewhere, and no default is told.
    #[must_use]
    pub fn settle(&self, first: &str, said: &[(String, Said)], was_read: bool) -> Vec<SettingLine> {
        let is_last = |at: usize, one: &Said| {
            let mut later = said.iter().skip(at + 1);
            !later.any(|(_, other)| other.rule == one.rule && !other.is_comment)
        };
        let hold = said.iter().enumerate().filter(|(at, (_, one))| {
            !one.is_comment && (self.rules[one.rule].adds || is_last(*at, one))
        });
        let mut lines: Vec<SettingLine> = hold
            .filter_map(|(_, (file, one))| {
                let line = SettingLine {
                    file: file.clone(),
                    line: Some(one.line),
                    text: one.text.clone(),
                    is_default: false,
                    port: None,
                    addresses: Vec::new(),
                    is_without_tcp: false,
                };
                understood(self.rules[one.rule].meaning, &one.value, line)
            })
            .take(MOST_LINES)
            .collect();
        if was_read && lines.iter().all(|line| !line.is_without_tcp) {
            if let Some((port, key)) = self.default_port
                && lines.iter().all(|line| line.port.is_none())
            {
                let line = self.default(first, said, key);
                lines.push(SettingLine {
                    port: Some(port),
                    ..line
                });
            }
            if let Some((address, key)) = self.default_address
                && lines.iter().all(|line| line.addresses.is_empty())
            {
                let line = self.default(first, said, key);
                lines.push(SettingLine {
                    addresses: vec![address.to_owned()],
                    ..line
                });
            }
        }
        lines
    }

    /// Where a setting would stand: often there is a line of it that is commented out.
    fn default(&self, first: &str, said: &[(String, Said)], key: &str) -> SettingLine {
        let plain = key.to_ascii_lowercase().replace('_', "-");
        let would_say = |(_, one): &&(String, Said)| {
            one.is_comment && self.rules[one.rule].key == plain && one.text.len() < LONGEST_KEY * 2
        };
        let comment = said.iter().find(would_say);
        SettingLine {
            file: comment.map_or(first, |(file, _)| file.as_str()).to_owned(),
            line: comment.map(|(_, one)| one.line),
            text: key.to_owned(),
            is_default: true,
            port: None,
            addresses: Vec::new(),
            is_without_tcp: false,
        }
    }
}

/// A line as it reads best: without the comment after it, and with single spaces.
fn without_comment(line: &str) -> String {
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or_default().to_owned();
    words
        .take_while(|word| !word.starts_with('#'))
        .fold(first, |text, word| format!("{text} {word}"))
}

/// A value without its quotes, and without a comment after it.
fn value(rest: &str) -> &str {
    for quote in ['\'', '"'] {
        if let Some(quoted) = rest.strip_prefix(quote) {
            return quoted.split(quote).next().unwrap_or_default().trim();
        }
    }
    let end = [" #", "\t#"]
        .iter()
        .filter_map(|mark| rest.find(mark))
        .min();
    let bare = &rest[..end.unwrap_or(rest.len())];
    if bare.starts_with('#') {
        ""
    } else {
        bare.trim()
    }
}

/// What the value says; nothing where it is not understood.
fn understood(meaning: Meaning, value: &str, line: SettingLine) -> Option<SettingLine> {
    match meaning {
        Meaning::Port => Some(SettingLine {
            port: Some(value.parse().ok().filter(|port| *port > 0)?),
            ..line
        }),
        Meaning::PortOrNone if value == "0" => Some(without_tcp(line)),
        Meaning::PortOrNone => understood(Meaning::Port, value, line),
        Meaning::AddressesOrNone if value.is_empty() => Some(without_tcp(line)),
        Meaning::Addresses | Meaning::AddressesOrNone => {
            let addresses: Vec<String> = value
                .split([',', ' ', '\t'])
                .map(plain_address)
                .filter(|address| !address.is_empty())
                .take(MOST_LINES)
                .collect();
            (!addresses.is_empty()).then_some(SettingLine { addresses, ..line })
        }
        Meaning::Endpoint => {
            let (address, port) = endpoint(value.split_whitespace().next()?)?;
            Some(SettingLine {
                port,
                addresses: vec![address],
                ..line
            })
        }
        Meaning::PortThenAddress => {
            let mut words = value.split_whitespace();
            let port = words.next()?.parse().ok()?;
            let address = words.next().map_or_else(|| "*".to_owned(), plain_address);
            let is_path = address.starts_with('/') || port == 0;
            (!is_path).then(|| SettingLine {
                port: Some(port),
                addresses: vec![address],
                ..line
            })
        }
        Meaning::NoTcp => {
            let is_off = ["0", "off", "false", "no"].contains(&value.to_ascii_lowercase().as_str());
            (!is_off).then(|| without_tcp(line))
        }
    }
}

fn without_tcp(line: SettingLine) -> SettingLine {
    SettingLine {
        is_without_tcp: true,
        ..line
    }
}

/// `80`, `127.0.0.1`, `127.0.0.1:80`, `[::]:80`, `::`, `*:80`, `name:80`. A Unix socket is no place on
/// the network.
fn endpoint(word: &str) -> Option<(String, Option<u16>)> {
    if word.starts_with("unix:") || word.starts_with('/') || word.starts_with('$') {
        return None;
    }
    if let Ok(port) = word.parse() {
        return Some(("*".to_owned(), Some(port)));
    }
    if let Some(rest) = word.strip_prefix('[') {
        let (address, rest) = rest.split_once(']')?;
        let port = match rest.strip_prefix(':') {
            Some(port) => Some(port.parse().ok()?),
            None => None,
        };
        return Some((plain_address(address), port));
    }
    match word.split_once(':') {
        Some((address, port)) if !port.contains(':') => {
            Some((plain_address(address), Some(port.parse().ok()?)))
        }
        Some(_) | None => Some((plain_address(word), None)),
    }
}

/// An address without brackets and quotes, and without the `-` with which Redis marks one that may be
/// missing.
fn plain_address(word: &str) -> String {
    let bare = word.trim_matches(['"', '\'', '[', ']']);
    let bare = bare.strip_prefix('-').unwrap_or(bare);
    shown(bare)
}

/// As it may be shown, and not longer than is worth reading.
fn shown(text: &str) -> String {
    let text = printable(text);
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    }
}

/// No key that we know is longer.
const LONGEST_KEY: usize = 64;

/// Longer lines are cut when they are shown.
const LONGEST_TEXT: usize = 120;

/// More lines of one service would tell no more.
const MOST_LINES: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    /// What holds by one file, as `line: text → port addresses`.
    fn read(service: &str, text: &str) -> Vec<String> {
        let syntax = of(service).next().unwrap();
        let said = syntax
            .items(text)
            .into_iter()
            .filter_map(|item| match item {
                Item::Said(said) => Some(("f".to_owned(), said)),
                Item::Include(..) => None,
            });
        let lines = syntax.settle("f", &said.collect::<Vec<_>>(), true);
        lines.iter().map(told).collect()
    }

    fn told(line: &SettingLine) -> String {
        let at = line.line.map_or("-".to_owned(), |line| line.to_string());
        let default = if line.is_default { " by default" } else { "" };
        let port = line.port.map(|port| format!(" {port}"));
        let off = if line.is_without_tcp { " no tcp" } else { "" };
        let mut addresses = vec![String::new()];
        addresses.extend(line.addresses.iter().cloned());
        format!(
            "{at}: {} →{}{}{off}{default}",
            line.text,
            port.unwrap_or_default(),
            addresses.join(" ")
        )
    }

    #[test]
    fn postgresql_as_debian_ships_it_listens_by_default_on_localhost() {
        let text = "# FILE LOCATIONS\nport = 5432\t\t\t\t# (change requires restart)\n\
                    #listen_addresses = 'localhost'\t\t# what IP address(es) to listen on;\n";
        let told = read("postgresql", text);
        assert!(
            told[0].starts_with("2: port = 5432") && told[0].ends_with("→ 5432"),
            "{told:?}"
        );
        assert_eq!(told[1], "3: listen_addresses → localhost by default");
    }

    #[test]
    fn a_later_line_of_postgresql_overrides_and_an_empty_list_turns_tcp_off() {
        let text =
            "port = 5432\nlisten_addresses = '*'\nport=5433\nlisten_addresses = 'a, 10.0.0.1'";
        assert_eq!(
            read("postgresql", text),
            [
                "3: port=5433 → 5433",
                "4: listen_addresses = 'a, 10.0.0.1' → a 10.0.0.1"
            ]
        );
        let off = read(
            "postgresql",
            "listen_addresses = ''  # sockets only\nport 5432",
        );
        assert!(off[0].ends_with("→ no tcp"), "{off:?}");
    }

    #[test]
    fn mariadb_counts_the_sections_of_the_server_only() {
        let text = "[client]\nport = 9\n[mysqld]\nbind_address            = 127.0.0.1\n\
                    skip-networking\n[mysqld_safe]\nport=7\n";
        let told = read("mysql", text);
        assert_eq!(told[0], "4: bind_address = 127.0.0.1 → 127.0.0.1");
        assert_eq!(told[1], "5: skip-networking → no tcp");
        let on = read(
            "mysql",
            "[server]\nskip-networking\nskip_networking = 0\nport=3307",
        );
        assert_eq!(
            on,
            ["4: port=3307 → 3307", "-: bind-address → * by default"]
        );
    }

    #[test]
    fn redis_names_several_addresses_and_marks_those_that_may_be_missing() {
        let told = read("redis", "bind 127.0.0.1 -::1\nport 6379\n");
        assert_eq!(
            told,
            [
                "1: bind 127.0.0.1 -::1 → 127.0.0.1 ::1",
                "2: port 6379 → 6379"
            ]
        );
        assert_eq!(read("redis", "port 0")[0], "1: port 0 → no tcp");
    }

    #[test]
    fn nginx_listens_where_every_server_block_says() {
        let text = "http { server { listen 80 default_server; listen [::]:80; } # listen 1;\n\
                    #listen 9;\nserver {\nlisten 127.0.0.1:8080;listen unix:/run/x;}}";
        let told = read("nginx", text);
        let ends: Vec<&str> = told
            .iter()
            .map(|one| one.rsplit('→').next().unwrap())
            .collect();
        assert_eq!(ends, [" 80 *", " 80 ::", " 8080 127.0.0.1"]);
    }

    #[test]
    fn apache_and_ssh_name_an_address_a_port_or_both() {
        let told = read(
            "apache",
            "Listen 127.0.0.1:80\n<IfModule ssl_module>\n\tListen 443 https\n",
        );
        assert_eq!(told[0], "1: Listen 127.0.0.1:80 → 80 127.0.0.1");
        assert_eq!(told[1], "3: Listen 443 https → 443 *");
        let told = read(
            "ssh",
            "#Port 22\nListenAddress ::1\nListenAddress [fd00::1]:2222\n",
        );
        assert_eq!(told[0], "2: ListenAddress ::1 → ::1");
        assert_eq!(told[1], "3: ListenAddress [fd00::1]:2222 → 2222 fd00::1");
        let default = read("ssh", "#Port 22\n#ListenAddress 0.0.0.0\n");
        assert_eq!(
            default,
            ["1: Port → 22 by default", "2: ListenAddress → * by default"]
        );
    }

    #[test]
    fn options_listeners_and_colons() {
        let told = read(
            "memcached",
            "-d\n-m 64\n-p 11212\n-l 127.0.0.1,::1\n-P /run/x.pid\n",
        );
        assert_eq!(
            told,
            ["3: -p 11212 → 11212", "4: -l 127.0.0.1,::1 → 127.0.0.1 ::1"]
        );
        let told = read(
            "mosquitto",
            "listener 1884\nlistener 8883 10.0.0.1\nlistener 0 /run/m\n",
        );
        assert_eq!(
            told,
            [
                "1: listener 1884 → 1884 *",
                "2: listener 8883 10.0.0.1 → 8883 10.0.0.1"
            ]
        );
        let none = read("mosquitto", "pid_file /run/mosquitto/mosquitto.pid\n");
        assert_eq!(
            none,
            [
                "-: listener → 1883 by default",
                "-: listener → localhost by default"
            ]
        );
        let told = read(
            "nats",
            "host: 127.0.0.1\nport: 4222\ncluster {\n  port: 6222\n}\n",
        );
        assert_eq!(
            told,
            ["1: host: 127.0.0.1 → 127.0.0.1", "2: port: 4222 → 4222"]
        );
        let told = read(
            "ftp",
            "listen=YES\nlisten_address=127.0.0.1\nlisten_port=2121\n",
        );
        assert_eq!(
            told,
            [
                "2: listen_address=127.0.0.1 → 127.0.0.1",
                "3: listen_port=2121 → 2121"
            ]
        );
        let told = read(
            "dns",
            "port=54\nlisten-address=127.0.0.1\nlisten-address=10.0.0.1\n",
        );
        assert_eq!(told.len(), 3);
        let told = read(
            "rabbitmq",
            "listeners.tcp.default = 5673\nlisteners.ssl.1 = 9\n",
        );
        assert_eq!(told, ["1: listeners.tcp.default = 5673 → 5673 *"]);
    }

    #[test]
    fn without_all_files_nothing_is_said_of_defaults() {
        let syntax = of("redis").next().unwrap();
        assert_eq!(syntax.settle("f", &[], false), []);
    }

    #[test]
    fn includes_are_named_with_what_they_mean() {
        let items = |service: &str, text: &str| of(service).next().unwrap().items(text);
        let folder = Include::Folder(".conf");
        assert_eq!(
            items("postgresql", "include_dir = 'conf.d'\n#include = 'x'"),
            [Item::Include("conf.d".to_owned(), folder)]
        );
        let sites = "/etc/nginx/sites-enabled/*";
        assert_eq!(
            items("nginx", &format!("http {{ include {sites}; }}")),
            [Item::Include(sites.to_owned(), Include::Files)]
        );
    }

    #[test]
    fn hostile_files_are_no_settings_and_paint_nothing() {
        let long = format!("listen_addresses = '{}'", "1.1.1.1,".repeat(9000));
        let told = read("postgresql", &long);
        assert!(told[0].len() < 400, "{}", told[0].len());
        let text = "port = 99999\nport = -1\nport =\nport = \u{1b}[31m7\n\u{0}\u{1}=\u{2}\n=\n'\n[";
        for line in read("postgresql", text) {
            assert!(
                line.ends_with("by default") && !line.contains('\u{1b}'),
                "{line}"
            );
        }
    }

    #[test]
    fn every_syntax_is_of_a_service_that_the_catalogue_has() {
        for syntax in ALL {
            assert!(
                crate::catalogue::known(syntax.service).is_some(),
                "{}",
                syntax.service
            );
            for file in syntax.files.iter().chain(syntax.further) {
                assert!(file.starts_with('/') && !file.ends_with('/'), "{file}");
            }
        }
    }
}
