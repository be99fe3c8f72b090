//! Finds the programs that hold sockets, in `/proc/PID/fd` (proc(5)).
//!
//! This is the slow part of looking at listeners: it is made only for the sockets that matter, looks
//! first where programs keep such sockets, and ends when all of them are found. Nothing else is read
//! of a process that holds none.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::os::fd::AsFd as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{OFlag, readlinkat};
use nix::sys::stat::Mode;

use crate::evidence::Process;
use crate::platform::parse::{ListeningSocket, proc_pid};

/// Enough for thousands of processes; a machine where it is not is told so, not waited for.
const SEARCH_PATIENCE: Duration = Duration::from_millis(500);

/// The files that a program opens first, after the three that it is started with: a server has its
/// sockets among them, and to look there takes one system call for most of the others.
const FIRST_FILES: std::ops::Range<u32> = 3..11;

/// So many open files are read of a program that is found, or of a parent that may hold the same
/// socket under another number: enough for every port that is worth a word.
const FILES_OF_ONE: usize = 1024;

/// A search through the processes for the holders of sockets.
pub(super) struct Search<'a> {
    proc: &'a Path,
    /// Who holds which socket, by inode.
    holders: HashMap<u64, Process>,
    /// The sockets whose holders were looked for.
    sought: HashSet<u64>,
    /// Processes whose sockets we were not allowed to see.
    pub(super) some_were_hidden: bool,
    pub(super) ran_out_of_time: bool,
    /// The user we are; nothing when `/proc` does not tell.
    own_uid: Option<u32>,
}

impl<'a> Search<'a> {
    pub(super) fn new(proc: &'a Path) -> Self {
        Self {
            proc,
            holders: HashMap::new(),
            sought: HashSet::new(),
            some_were_hidden: false,
            ran_out_of_time: false,
            own_uid: fs::metadata(proc.join("self"))
                .ok()
                .map(|metadata| metadata.uid()),
        }
    }

    /// Looks for the holders of `wanted`, newest processes first: what a person has just started
    /// is found soonest, and a service before the manager that handed it the socket.
    pub(super) fn find(&mut self, wanted: &[ListeningSocket]) {
        self.sought.extend(wanted.iter().map(|socket| socket.inode));
        // Looking through everything for what we may not see anyway would only take time.
        let mut missing: HashSet<u64> = wanted
            .iter()
            .filter(|socket| !self.belongs_to_another_user(socket))
            .map(|socket| socket.inode)
            .collect();
        let start = Instant::now();
        let mut pids = pids(self.proc);
        pids.retain(|&pid| self.look_at(pid, Look::FirstFiles, &mut missing, start));
        for pid in pids {
            self.look_at(pid, Look::AllFiles, &mut missing, start);
        }
    }

    /// Looks for `missing` among the files of a process; whether more may be found in it.
    fn look_at(
        &mut self,
        pid: u32,
        look: Look,
        missing: &mut HashSet<u64>,
        start: Instant,
    ) -> bool {
        if missing.is_empty() {
            return false;
        }
        if start.elapsed() > SEARCH_PATIENCE {
            self.ran_out_of_time = true;
            return false;
        }
        let mut held = Vec::new();
        let looked = sockets_of(self.proc, pid, look, |inode| {
            if missing.contains(&inode) {
                held.push(inode);
            }
            held.len() < missing.len()
        });
        if let Err(error) = looked {
            self.some_were_hidden |= error.kind() == io::ErrorKind::PermissionDenied;
            return false;
        }
        for inode in held {
            let Some(process) = self.outermost_holder(pid, inode) else {
                continue;
            };
            // A manager keeps the sockets it hands out; the service itself may still come.
            if !hands_out_sockets(&process) {
                missing.remove(&inode);
            }
            self.holders.insert(inode, process);
        }
        true
    }

    /// The holders of `sockets` may hold others, also such that the worker, through which they were
    /// found, has not got. Whether any does. Those of a manager are of other services.
    pub(super) fn find_other_sockets_of_holders(
        &mut self,
        sockets: impl Iterator<Item = u64>,
    ) -> bool {
        let known = self.holders.len();
        let holders = sockets.filter_map(|inode| self.holders.get(&inode).cloned());
        let mut found: Vec<Process> = holders.collect();
        found.retain(|process| !hands_out_sockets(process));
        found.sort_unstable_by_key(|process| process.pid);
        found.dedup_by_key(|process| process.pid);
        for process in found {
            let mut looked_at = 0;
            // What cannot be read any more has ended.
            let _ = sockets_of(self.proc, process.pid, Look::AllFiles, |inode| {
                let holder = self.holders.entry(inode);
                holder.or_insert_with(|| process.clone());
                looked_at += 1;
                looked_at < FILES_OF_ONE
            });
        }
        self.holders.len() > known
    }

    /// The program that holds a socket, when it was found.
    pub(super) fn holder(&self, inode: u64) -> Option<&Process> {
        self.holders.get(&inode)
    }

    /// Whether the holder of a socket was looked for, found or not.
    pub(super) fn has_looked_for(&self, inode: u64) -> bool {
        self.sought.contains(&inode)
    }

    pub(super) fn belongs_to_another_user(&self, socket: &ListeningSocket) -> bool {
        self.own_uid
            .is_some_and(|own| own != 0 && own != socket.uid)
    }

    /// Workers inherit a socket from the program that opened it: climbs to that program, but not
    /// to a manager that opened it for a service.
    fn outermost_holder(&self, pid: u32, inode: u64) -> Option<Process> {
        let mut holder = process(self.proc, pid)?;
        // Bounded, as a process may end and its number be taken by another meanwhile.
        for _ in 0..8 {
            let parent = parent(self.proc, holder.pid).filter(|&parent| parent > 1);
            let Some(parent) = parent.filter(|&parent| self.holds(parent, inode)) else {
                break;
            };
            match process(self.proc, parent) {
                Some(parent) if !hands_out_sockets(&parent) => holder = parent,
                _ => break,
            }
        }
        Some(holder)
    }

    /// Whether a process holds a socket; no, when that may not be seen.
    pub(super) fn holds(&self, pid: u32, wanted: u64) -> bool {
        [Look::FirstFiles, Look::AllFiles].into_iter().any(|look| {
            let (mut is_held, mut looked_at) = (false, 0);
            let looked = sockets_of(self.proc, pid, look, |inode| {
                is_held |= inode == wanted;
                looked_at += 1;
                !is_held && looked_at < FILES_OF_ONE
            });
            looked.is_ok() && is_held
        })
    }
}

/// How much of a process is looked at.
#[derive(Clone, Copy)]
enum Look {
    /// What it opened first, up to the first number that is free.
    FirstFiles,
    /// Everything.
    AllFiles,
}

/// Gives the inodes of the sockets of a process to `wants_more`, until that is content.
///
/// # Errors
/// When its files may not be seen, or the process has ended.
fn sockets_of(
    proc: &Path,
    pid: u32,
    look: Look,
    mut wants_more: impl FnMut(u64) -> bool,
) -> io::Result<()> {
    let folder = proc.join(format!("{pid}/fd"));
    match look {
        Look::FirstFiles => {
            for file in FIRST_FILES {
                let link = match fs::read_link(folder.join(file.to_string())) {
                    Ok(link) => link,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => break,
                    Err(error) => return Err(error),
                };
                let inode = link.to_str().and_then(proc_pid::socket_inode);
                if inode.is_some_and(|inode| !wants_more(inode)) {
                    break;
                }
            }
        }
        Look::AllFiles => {
            let mut files = Dir::open(
                &folder,
                OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC,
                Mode::empty(),
            )?;
            let names: Vec<_> = files.iter().flatten().collect();
            for name in names {
                let link = match readlinkat(files.as_fd(), name.file_name()) {
                    Ok(link) => link,
                    // `.` and `..`, and what was closed meanwhile.
                    Err(Errno::EINVAL | Errno::ENOENT) => continue,
                    Err(error) => return Err(error.into()),
                };
                let inode = link.to_str().and_then(proc_pid::socket_inode);
                if inode.is_some_and(|inode| !wants_more(inode)) {
                    break;
                }
            }
        }
    }
    Ok(())
}

/// Every process, the newest first.
pub(super) fn pids(proc: &Path) -> Vec<u32> {
    let Ok(entries) = fs::read_dir(proc) else {
        return Vec::new();
    };
    let name = |entry: fs::DirEntry| entry.file_name().to_str()?.parse().ok();
    let mut pids: Vec<u32> = entries.flatten().filter_map(name).collect();
    pids.sort_unstable_by(|a, b| b.cmp(a));
    pids
}

/// Whether everybody's processes are to be seen: `hidepid` hides those of others, also the first one,
/// which there is in every namespace (proc(5)).
pub(super) fn shows_all(proc: &Path) -> bool {
    fs::read(proc.join("1/comm")).is_ok()
}

/// A process by its number.
pub(super) fn process(proc: &Path, pid: u32) -> Option<Process> {
    let folder = proc.join(pid.to_string());
    let name = proc_pid::name(&fs::read(folder.join("comm")).ok()?);
    let cmdline = read_start(&folder.join("cmdline"));
    Some(Process {
        pid,
        name,
        command: cmdline.and_then(|bytes| proc_pid::command(&bytes)),
    })
}

/// The process that started another, or that took it over.
pub(super) fn parent(proc: &Path, pid: u32) -> Option<u32> {
    let stat = fs::read(proc.join(format!("{pid}/stat"))).ok()?;
    proc_pid::parent(&String::from_utf8_lossy(&stat))
}

/// Programs that open sockets for services and keep them.
pub(super) fn hands_out_sockets(process: &Process) -> bool {
    process.pid == 1
        || matches!(
            process.name.as_str(),
            "systemd" | "inetd" | "xinetd" | "s6-svscan"
        )
}

/// As much of a command line as we keep; its length is the program's choice.
fn read_start(path: &Path) -> Option<Vec<u8>> {
    use std::io::Read as _;
    let limit = u64::try_from(proc_pid::COMMAND_LIMIT).ok()?;
    let mut bytes = Vec::with_capacity(256);
    let file = fs::File::open(path).ok()?;
    file.take(limit).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}
