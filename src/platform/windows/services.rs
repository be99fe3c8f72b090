//! Asks Windows about its services by name, which every user may: what they are set to from the
//! registry, what they do from the service control manager.

use std::ffi::OsStr;
use std::os::windows::ffi::OsStrExt as _;
use std::ptr;

use windows_registry::LOCAL_MACHINE;
use windows_sys::Win32::System::Services::{
    CloseServiceHandle, OpenSCManagerW, OpenServiceW, QueryServiceStatusEx, SC_HANDLE,
    SC_MANAGER_CONNECT, SC_STATUS_PROCESS_INFO, SERVICE_QUERY_STATUS, SERVICE_STATUS_PROCESS,
};

use super::unreadable;
use crate::catalogue::Service;
use crate::evidence::{Fact, Gap, ServiceState};
use crate::platform::parse::windows_service::{KEY, Status, Told, unit};

/// So many services of one kind are told of, such as instances of a database.
const MOST: usize = 8;

/// What Windows says of services; those that are no Windows services are left out.
pub(super) fn states_of(services: &[&'static Service]) -> Fact<Vec<ServiceState>> {
    let is_kept = |service: &&&Service| !service.windows.services.is_empty();
    let mut services = services.iter().filter(is_kept).peekable();
    if services.peek().is_none() {
        return Fact::Unknown(Gap::NotAsked);
    }
    let Some(names) = names() else {
        return Fact::Unknown(unreadable(KEY));
    };
    let manager = Manager::open();
    let state = |service: &&Service| {
        let is_its = |name: &&String| service.is_windows_service(name);
        let units = names.iter().filter(is_its).take(MOST).map(|name| {
            unit(&Told {
                name: name.clone(),
                start: start(name),
                status: manager.as_ref().and_then(|manager| manager.status(name)),
            })
        });
        ServiceState {
            service: service.id.clone(),
            units: units.collect(),
        }
    };
    Fact::Known(services.map(state).collect())
}

/// The names of everything that Windows keeps as a service, drivers too.
fn names() -> Option<Vec<String>> {
    let root = LOCAL_MACHINE.open(KEY).ok()?;
    Some(root.keys().ok()?.collect())
}

fn start(name: &str) -> Option<u32> {
    let key = LOCAL_MACHINE.open(format!(r"{KEY}\{name}")).ok()?;
    key.get_u32("Start").ok()
}

/// A handle of the service control manager, closed in the end.
struct Manager(SC_HANDLE);

impl Manager {
    fn open() -> Option<Self> {
        #[expect(unsafe_code, reason = "no crate of ours wraps the manager")]
        // SAFETY: both names may be null: this machine, and the services that are active.
        let handle = unsafe { OpenSCManagerW(ptr::null(), ptr::null(), SC_MANAGER_CONNECT) };
        (!handle.is_null()).then_some(Self(handle))
    }

    fn status(&self, name: &str) -> Option<Status> {
        let wide: Vec<u16> = OsStr::new(name).encode_wide().chain([0]).collect();
        #[expect(unsafe_code, reason = "no crate of ours wraps the manager")]
        // SAFETY: the manager is open for as long as `self`, and the name ends in zero and outlives
        // the call.
        let handle = unsafe { OpenServiceW(self.0, wide.as_ptr(), SERVICE_QUERY_STATUS) };
        if handle.is_null() {
            return None;
        }
        let service = Self(handle);
        let mut status = SERVICE_STATUS_PROCESS::default();
        let size = u32::try_from(size_of::<SERVICE_STATUS_PROCESS>()).ok()?;
        let mut needed = 0;
        #[expect(unsafe_code, reason = "no crate of ours wraps the manager")]
        // SAFETY: the service is open, and the buffer is a whole structure of the kind that is asked
        // for, whose size is told.
        let done = unsafe {
            QueryServiceStatusEx(
                service.0,
                SC_STATUS_PROCESS_INFO,
                (&raw mut status).cast::<u8>(),
                size,
                &raw mut needed,
            )
        };
        (done != 0).then_some(Status {
            state: status.dwCurrentState,
            exit_code: status.dwWin32ExitCode,
            specific_exit_code: status.dwServiceSpecificExitCode,
        })
    }
}

impl Drop for Manager {
    fn drop(&mut self) {
        #[expect(unsafe_code, reason = "no crate of ours wraps the manager")]
        // SAFETY: the handle was given to us, and is closed once.
        let _closed = unsafe { CloseServiceHandle(self.0) };
    }
}
