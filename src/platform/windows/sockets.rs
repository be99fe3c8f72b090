//! Asks Windows for its tables of sockets and for the programs that run. Every user is told of
//! everybody's, but not of the folders of everybody's programs.

use std::collections::{HashMap, HashSet};
use std::ffi::c_void;
use std::ptr;

use windows_sys::Win32::Foundation::{
    CloseHandle, ERROR_INSUFFICIENT_BUFFER, HANDLE, INVALID_HANDLE_VALUE, NO_ERROR,
};
use windows_sys::Win32::NetworkManagement::IpHelper::{
    GetExtendedTcpTable, GetExtendedUdpTable, TCP_TABLE_OWNER_PID_ALL, UDP_TABLE_OWNER_PID,
};
use windows_sys::Win32::Networking::WinSock::{AF_INET, AF_INET6};
use windows_sys::Win32::System::Diagnostics::ToolHelp::{
    CreateToolhelp32Snapshot, PROCESSENTRY32W, Process32FirstW, Process32NextW, TH32CS_SNAPPROCESS,
};
use windows_sys::Win32::System::Threading::{
    OpenProcess, PROCESS_NAME_WIN32, PROCESS_QUERY_LIMITED_INFORMATION, QueryFullProcessImageNameW,
};

use super::unreadable;
use crate::evidence::{Background, Fact, Gap, Listener, PortPart, PortUse, Process};
use crate::platform::owner_tables;
use crate::platform::parse::owner_tables::{
    Layout, OwnedSocket, Running, TCP, TCP6, UDP, UDP6, connections, heirs, sockets,
};

/// Every listener with its program.
pub(super) fn listeners() -> Result<Vec<Listener>, Gap> {
    let mut sockets = listening()?;
    let running = running()?;
    let pids: HashSet<u32> = running.iter().map(|one| one.pid).collect();
    let has_ended = |socket: &OwnedSocket| socket.is_owned() && !pids.contains(&socket.pid);
    if sockets.iter().any(has_ended) {
        // A program that ended between the two questions took its sockets with it.
        let again = listening()?;
        sockets.retain(|socket| !has_ended(socket) || again.contains(socket));
    }
    let programs: HashMap<u32, Process> = running
        .into_iter()
        .filter(|one| sockets.iter().any(|socket| socket.pid == one.pid))
        .map(|one| (one.pid, with_path(one)))
        .collect();
    let mut found: Vec<_> = sockets
        .iter()
        .map(|socket| describe(socket, &programs))
        .collect();
    found.sort_by_key(|listener| (listener.addr.port(), listener.addr));
    Ok(found)
}

/// What else has the port; whoever holds its listeners is told with those.
pub(super) fn port_use(port: u16) -> Result<PortUse, Gap> {
    let mut udp = owned_udp(AF_INET, UDP)?;
    udp.extend(owned_udp(AF_INET6, UDP6)?);
    let udp = udp.into_iter().map(|socket| socket.addr);
    let unread = vec![PortPart::Programs, PortPart::Containers];
    let mut found = owner_tables::port_use(port, udp, unread);
    match tcp() {
        Ok(tcp) => found.connections = connections(&tcp, port),
        Err(_) => found.unread.push(PortPart::Connections),
    }
    Ok(found)
}

/// Those who may have inherited the listeners on `port` from processes that have ended.
pub(super) fn inherited(port: u16, listeners: &[Listener]) -> Vec<Background> {
    let ended = |listener: &Listener| match listener.process {
        Fact::Unknown(Gap::HolderEnded { pid }) if listener.addr.port() == port => Some(pid),
        Fact::Known(_) | Fact::Unknown(_) => None,
    };
    let running = if listeners.iter().any(|one| ended(one).is_some()) {
        running().unwrap_or_default()
    } else {
        Vec::new()
    };
    let of = |listener: &Listener| {
        Some(Background {
            heirs: heirs(&running, ended(listener)?),
            ..Background::of(listener.addr)
        })
    };
    listeners.iter().filter_map(of).collect()
}

fn describe(socket: &OwnedSocket, programs: &HashMap<u32, Process>) -> Listener {
    Listener {
        addr: socket.addr,
        takes_ipv4: Fact::default(),
        process: match programs.get(&socket.pid) {
            Some(process) => Fact::Known(process.clone()),
            None if socket.is_owned() => Fact::Unknown(Gap::HolderEnded { pid: socket.pid }),
            None => Fact::Unknown(Gap::NoHolder),
        },
        user: Fact::Unknown(Gap::Unsupported),
        queue: Fact::Unknown(Gap::Unsupported),
    }
}

fn listening() -> Result<Vec<OwnedSocket>, Gap> {
    let mut all = tcp()?;
    all.retain(OwnedSocket::listens);
    Ok(all)
}

fn tcp() -> Result<Vec<OwnedSocket>, Gap> {
    let mut all = owned_tcp(AF_INET, TCP)?;
    all.extend(owned_tcp(AF_INET6, TCP6)?);
    Ok(all)
}

fn owned_tcp(family: u16, layout: Layout) -> Result<Vec<OwnedSocket>, Gap> {
    let read = |buffer: *mut c_void, size: *mut u32| {
        #[expect(
            unsafe_code,
            reason = "no crate tells of sockets whose process has ended"
        )]
        // SAFETY: `size` is that of the buffer, which is aligned for the numbers of the table; a
        // null buffer is allowed where it is nought.
        unsafe {
            GetExtendedTcpTable(buffer, size, 0, family.into(), TCP_TABLE_OWNER_PID_ALL, 0)
        }
    };
    table(read, layout, "GetExtendedTcpTable")
}

fn owned_udp(family: u16, layout: Layout) -> Result<Vec<OwnedSocket>, Gap> {
    let read = |buffer: *mut c_void, size: *mut u32| {
        #[expect(
            unsafe_code,
            reason = "no crate tells of sockets whose process has ended"
        )]
        // SAFETY: as for TCP.
        unsafe {
            GetExtendedUdpTable(buffer, size, 0, family.into(), UDP_TABLE_OWNER_PID, 0)
        }
    };
    table(read, layout, "GetExtendedUdpTable")
}

/// Asks how large the table is, and for the table, which may have grown meanwhile.
fn table(
    read: impl Fn(*mut c_void, *mut u32) -> u32,
    layout: Layout,
    name: &str,
) -> Result<Vec<OwnedSocket>, Gap> {
    let mut size = 0;
    let mut outcome = read(ptr::null_mut(), &raw mut size);
    for _ in 0..TRIES {
        if outcome != ERROR_INSUFFICIENT_BUFFER {
            break;
        }
        size = size.saturating_add(ROOM);
        let mut buffer = vec![0_u32; size.div_ceil(4) as usize];
        outcome = read(buffer.as_mut_ptr().cast::<c_void>(), &raw mut size);
        if outcome == NO_ERROR {
            let bytes: Vec<u8> = buffer.iter().flat_map(|one| one.to_le_bytes()).collect();
            return sockets(&bytes, layout).ok_or_else(|| unreadable(name));
        }
    }
    Err(unreadable(&format!("{name}: {outcome}")))
}

/// How often a table may grow while it is asked for.
const TRIES: usize = 5;

/// So many bytes more than were needed a moment ago.
const ROOM: u32 = 4096;

/// All programs that run.
fn running() -> Result<Vec<Running>, Gap> {
    let snapshot = Owned::snapshot().ok_or_else(|| unreadable("CreateToolhelp32Snapshot"))?;
    let mut entry = PROCESSENTRY32W {
        dwSize: u32::try_from(size_of::<PROCESSENTRY32W>()).unwrap_or_default(),
        ..PROCESSENTRY32W::default()
    };
    let mut found = Vec::new();
    #[expect(unsafe_code, reason = "no crate of ours lists programs")]
    // SAFETY: the snapshot is open, and the entry tells its own size.
    let mut has_one = unsafe { Process32FirstW(snapshot.0, &raw mut entry) } != 0;
    while has_one {
        let length = entry.szExeFile.iter().position(|letter| *letter == 0);
        let name = &entry.szExeFile[..length.unwrap_or(entry.szExeFile.len())];
        found.push(Running {
            pid: entry.th32ProcessID,
            parent: entry.th32ParentProcessID,
            name: String::from_utf16_lossy(name),
        });
        #[expect(unsafe_code, reason = "no crate of ours lists programs")]
        // SAFETY: as above.
        let next = unsafe { Process32NextW(snapshot.0, &raw mut entry) };
        has_one = next != 0;
    }
    if found.is_empty() {
        return Err(unreadable("Process32FirstW"));
    }
    Ok(found)
}

fn with_path(one: Running) -> Process {
    Process {
        pid: one.pid,
        command: path(one.pid),
        name: one.name,
    }
}

/// Where the file of a program is, which is told of one's own programs and of some others.
fn path(pid: u32) -> Option<String> {
    let process = Owned::process(pid)?;
    let mut buffer = vec![0_u16; LONGEST_PATH];
    let mut length = u32::try_from(buffer.len()).ok()?;
    #[expect(unsafe_code, reason = "no crate of ours tells the file of a program")]
    // SAFETY: the process is open, and `length` is that of the buffer.
    let done = unsafe {
        QueryFullProcessImageNameW(
            process.0,
            PROCESS_NAME_WIN32,
            buffer.as_mut_ptr(),
            &raw mut length,
        )
    };
    let path = buffer.get(..usize::try_from(length).ok()?)?;
    (done != 0 && !path.is_empty()).then(|| String::from_utf16_lossy(path))
}

/// As long as paths of Windows may be.
const LONGEST_PATH: usize = 32_768;

/// A handle that is ours, closed in the end.
struct Owned(HANDLE);

impl Owned {
    fn snapshot() -> Option<Self> {
        #[expect(unsafe_code, reason = "no crate of ours lists programs")]
        // SAFETY: takes numbers only.
        let handle = unsafe { CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0) };
        (handle != INVALID_HANDLE_VALUE).then_some(Self(handle))
    }

    fn process(pid: u32) -> Option<Self> {
        #[expect(unsafe_code, reason = "no crate of ours tells the file of a program")]
        // SAFETY: takes numbers only.
        let handle = unsafe { OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, 0, pid) };
        (!handle.is_null()).then_some(Self(handle))
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        #[expect(unsafe_code, reason = "no crate of ours closes handles")]
        // SAFETY: the handle was given to us, and is closed once.
        let _closed = unsafe { CloseHandle(self.0) };
    }
}
