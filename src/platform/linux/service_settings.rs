//! Reads the files of settings of services: those that everybody may read, and what they include.
//!
//! A file may be anything: a device, a pipe, a loop of links, larger than memory. So only regular files
//! are read, each for its first part, and not more of them than a service has.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;

use crate::catalogue::Service;
use crate::evidence::{Gap, ServiceSettings, UnreadFile, printable};
use crate::platform::parse::service_settings::{self as parse, Include, Item, Said, Syntax};

/// A file of settings that is larger is cut, and what it says after that is not known.
const LARGEST: u64 = 1 << 20;

/// So many files of one service are read.
const MOST_FILES: usize = 64;

/// Files that include files that include files.
const DEEPEST: usize = 4;

/// So many names of a folder are looked at.
const MOST_NAMES: usize = 512;

/// More instances of one service are not told of.
const MOST_INSTANCES: usize = 4;

/// Where services are set to listen. `root` stands before every path: the root folder.
pub(super) fn of(root: &Path, services: &[&'static Service]) -> Vec<ServiceSettings> {
    let syntaxes = services.iter().flat_map(|service| parse::of(&service.id));
    syntaxes
        .flat_map(|syntax| {
            let patterns = syntax.files.iter();
            let files = patterns.flat_map(move |pattern| matching(root, pattern));
            let settings = move |file: PathBuf| settings(root, syntax, &file);
            files.take(MOST_INSTANCES).map(settings)
        })
        .collect()
}

fn settings(root: &Path, syntax: &Syntax, first: &Path) -> ServiceSettings {
    let mut reader = Reader {
        root,
        syntax,
        seen: HashSet::new(),
        said: Vec::new(),
        unread: Vec::new(),
    };
    reader.read(first, 0);
    for pattern in syntax.further {
        for file in matching(root, pattern) {
            reader.read(&file, 1);
        }
    }
    let file = reader.shown(first);
    let lines = syntax.settle(&file, &reader.said, reader.unread.is_empty());
    ServiceSettings {
        service: syntax.service.to_owned(),
        file,
        lines,
        unread: reader.unread,
    }
}

/// Reads a file and what it includes, in the order in which the service does.
struct Reader<'a> {
    root: &'a Path,
    syntax: &'a Syntax,
    seen: HashSet<PathBuf>,
    said: Vec<(String, Said)>,
    unread: Vec<UnreadFile>,
}

impl Reader<'_> {
    fn read(&mut self, path: &Path, depth: usize) {
        if !self.seen.insert(path.to_owned()) {
            return;
        }
        if depth > DEEPEST || self.seen.len() > MOST_FILES {
            self.miss(path, Gap::NotAsked);
            return;
        }
        let text = match text_of(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                return self.miss(path, Gap::NeedsAdmin);
            }
            Err(error) => {
                let what = format!("{}: {error}", self.shown(path));
                return self.miss(path, Gap::Unreadable { what });
            }
        };
        let shown = self.shown(path);
        for item in self.syntax.items(&text) {
            match item {
                Item::Said(said) => self.said.push((shown.clone(), said)),
                Item::Include(name, include) => {
                    for file in self.included(path, &name, include) {
                        self.read(&file, depth + 1);
                    }
                }
            }
        }
    }

    /// The files that a line of `from` includes.
    fn included(&self, from: &Path, name: &str, include: Include) -> Vec<PathBuf> {
        let folder = match self.syntax.root {
            "" => from.parent().unwrap_or(self.root).to_owned(),
            folder => below(self.root, folder),
        };
        let path = if name.starts_with('/') {
            below(self.root, name)
        } else {
            folder.join(name)
        };
        match include {
            Include::Files => expand(&path),
            Include::Folder(ending) => names(&path, |name| {
                name.ends_with(ending) && !name.starts_with('.')
            }),
        }
    }

    /// At most as many as are worth a word.
    fn miss(&mut self, path: &Path, gap: Gap) {
        if self.unread.len() < MOST_INSTANCES {
            let file = self.shown(path);
            self.unread.push(UnreadFile { file, gap });
        }
    }

    /// The path as the service names it.
    fn shown(&self, path: &Path) -> String {
        let inside = path.strip_prefix(self.root).unwrap_or(path);
        let whole = Path::new("/").join(inside);
        printable(&whole.to_string_lossy()).into_owned()
    }
}

/// The first part of a regular file. A pipe that somebody put there is not waited for.
fn text_of(path: &Path) -> io::Result<String> {
    let mut options = OpenOptions::new();
    let file: File = options
        .read(true)
        .custom_flags(OFlag::O_NONBLOCK.bits())
        .open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// An absolute path below `root`.
fn below(root: &Path, path: &str) -> PathBuf {
    root.join(path.trim_start_matches('/'))
}

fn matching(root: &Path, pattern: &str) -> Vec<PathBuf> {
    expand(&below(root, pattern))
}

/// The files that a pattern names, in the order of their names. A file that is there and cannot be
/// looked at counts as well: that it cannot be read is worth saying.
fn expand(pattern: &Path) -> Vec<PathBuf> {
    let mut paths = vec![PathBuf::new()];
    for part in pattern {
        let part = part.to_string_lossy();
        paths = match part.split_once('*') {
            None => paths.into_iter().map(|path| path.join(&*part)).collect(),
            Some((start, end)) => {
                let fits = |name: &str| {
                    let is_long_enough = name.len() >= start.len() + end.len();
                    is_long_enough
                        && name.starts_with(start)
                        && name.ends_with(end)
                        && !name.starts_with('.')
                };
                paths.iter().flat_map(|path| names(path, fits)).collect()
            }
        };
        paths.truncate(MOST_FILES);
    }
    paths.retain(|path| match fs::metadata(path) {
        Ok(metadata) => !metadata.is_dir(),
        Err(error) => error.kind() == io::ErrorKind::PermissionDenied,
    });
    paths
}

/// What stands in a folder and fits, in the order of the names.
fn names(folder: &Path, fits: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .take(MOST_NAMES)
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| fits(name))
        .collect();
    names.sort();
    names.truncate(MOST_FILES);
    names.into_iter().map(|name| folder.join(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;
    use std::os::unix::fs::symlink;

    /// A machine's files.
    fn machine(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = below(root.path(), path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    fn read(root: &tempfile::TempDir, service: &str) -> Vec<ServiceSettings> {
        of(root.path(), &[catalogue::known(service).unwrap()])
    }

    /// The lines, as `file:line text`.
    fn told(settings: &ServiceSettings) -> Vec<String> {
        let lines = settings.lines.iter();
        lines
            .map(|line| format!("{}:{} {}", line.file, line.line.unwrap_or(0), line.text))
            .collect()
    }

    #[test]
    fn every_cluster_of_postgresql_has_settings_of_its_own() {
        let root = machine(&[
            (
                "/etc/postgresql/15/main/postgresql.conf",
                "port = 5433\ninclude_dir = 'conf.d'\n",
            ),
            (
                "/etc/postgresql/15/main/conf.d/net.conf",
                "\nlisten_addresses = '127.0.0.1'\n",
            ),
            ("/etc/postgresql/15/main/conf.d/net.conf.old", "port = 1\n"),
            ("/etc/postgresql/13/main/postgresql.conf", "port = 5432\n"),
        ]);
        let all = read(&root, "postgresql");
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].file, "/etc/postgresql/13/main/postgresql.conf");
        assert_eq!(
            told(&all[1]),
            [
                "/etc/postgresql/15/main/postgresql.conf:1 port = 5433",
                "/etc/postgresql/15/main/conf.d/net.conf:2 listen_addresses = '127.0.0.1'",
            ]
        );
        assert!(all[1].loopback_only(5433).is_some() && all[1].other_port(5432, None).is_some());
    }

    #[test]
    fn a_later_file_of_mariadb_overrides_an_earlier_one() {
        let root = machine(&[
            (
                "/etc/mysql/mariadb.cnf",
                "[client-server]\n!includedir /etc/mysql/mariadb.conf.d/\n",
            ),
            (
                "/etc/mysql/mariadb.conf.d/50-server.cnf",
                "[mysqld]\nbind-address = 127.0.0.1\n",
            ),
            (
                "/etc/mysql/mariadb.conf.d/60-net.cnf",
                "[mysqld]\nbind-address = 0.0.0.0\n",
            ),
        ]);
        symlink("mariadb.cnf", below(root.path(), "/etc/mysql/my.cnf")).unwrap();
        let all = read(&root, "mysql");
        let lines = told(&all[0]);
        assert_eq!(
            lines[0],
            "/etc/mysql/mariadb.conf.d/60-net.cnf:2 bind-address = 0.0.0.0"
        );
    }

    #[test]
    fn what_is_no_file_or_no_end_is_left_alone() {
        let root = machine(&[
            (
                "/etc/redis/redis.conf",
                "include /etc/redis/redis.conf\ninclude /etc/redis/*.d\nport 6380\n",
            ),
            ("/etc/redis/more.d/x", ""),
        ]);
        let etc = below(root.path(), "/etc/redis");
        symlink("loop.d", etc.join("loop.d")).unwrap();
        nix::unistd::mkfifo(&etc.join("pipe.d"), nix::sys::stat::Mode::S_IRUSR).unwrap();
        let all = read(&root, "redis");
        let port = &all[0].lines[0];
        assert_eq!((port.port, port.line), (Some(6380), Some(3)));
        let pipe = &all[0].unread[0];
        assert_eq!(pipe.file, "/etc/redis/pipe.d");
        assert!(all[0].lines.iter().all(|line| !line.is_default));
    }

    #[test]
    fn files_that_include_each_other_for_ever_are_read_so_far() {
        let root = tempfile::tempdir().unwrap();
        let etc = below(root.path(), "/etc/redis");
        fs::create_dir_all(&etc).unwrap();
        for step in 0..9 {
            let text = format!("include /etc/redis/{}.conf\n", step + 1);
            fs::write(etc.join(format!("{step}.conf")), text).unwrap();
        }
        fs::rename(etc.join("0.conf"), etc.join("redis.conf")).unwrap();
        let all = read(&root, "redis");
        assert_eq!(all[0].unread.len(), 1);
        assert_eq!(all[0].unread[0].gap, Gap::NotAsked);
    }

    #[test]
    fn a_huge_file_of_bytes_is_cut_and_says_nothing() {
        let root = machine(&[("/etc/memcached.conf", "")]);
        let bytes: Vec<u8> = (0..=255).cycle().take(3 << 20).collect();
        fs::write(below(root.path(), "/etc/memcached.conf"), bytes).unwrap();
        let all = read(&root, "memcached");
        assert!(all[0].lines.iter().all(|line| line.is_default));
    }

    #[test]
    fn a_service_that_is_not_here_has_no_settings() {
        assert_eq!(read(&machine(&[]), "postgresql"), []);
    }
}
