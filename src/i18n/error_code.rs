//! Names of the error numbers that connecting and name lookup report, for every system.
//!
//! Numbers differ between systems (61 refuses on macOS and means something else on Linux), so the
//! system is always asked for. Words are not here: a name such as `ECONNREFUSED` is the same in
//! every language.

use crate::evidence::Os;

/// `ECONNREFUSED (111)`, or `os error 999` where the number has no name that we know.
#[must_use]
pub fn errno(os: Os, code: i32) -> String {
    named(table(os), code)
}

fn table(os: Os) -> &'static [(i32, &'static str)] {
    match os {
        Os::Linux => LINUX,
        Os::Macos => MACOS,
        Os::Windows => WINDOWS,
    }
}

/// `EAI_NONAME (-2)`, as getaddrinfo reports.
#[must_use]
pub fn eai(os: Os, code: i32) -> String {
    named(eai_table(os), code)
}

fn eai_table(os: Os) -> &'static [(i32, &'static str)] {
    match os {
        Os::Linux => LINUX_EAI,
        Os::Macos => MACOS_EAI,
        Os::Windows => WINDOWS,
    }
}

/// The name and number on `os` of an error, given by its POSIX name: `ECONNREFUSED`, `EAI_AGAIN`
/// (on Windows the resolver's errors have names of their own: MSDN, getaddrinfo).
#[must_use]
pub fn find(os: Os, posix: &str) -> Option<(&'static str, i32)> {
    let own_name = match (os, posix) {
        (Os::Windows, "EAI_NONAME") => "HOST_NOT_FOUND",
        (Os::Windows, "EAI_AGAIN") => "TRY_AGAIN",
        (Os::Linux | Os::Macos | Os::Windows, _) => posix,
    };
    let is_it = |name: &str| name == own_name || name.strip_prefix("WSA") == Some(own_name);
    let rows = table(os).iter().chain(eai_table(os));
    let mut found = rows.filter(|(_, name)| is_it(name));
    found.next().map(|(number, name)| (*name, *number))
}

/// The system whose error number this must be, judged by the number alone: what connecting
/// reports on one system means nothing of the kind on the others.
#[must_use]
pub fn system_of_errno(code: i32) -> Os {
    let knows = |table: &[(i32, &str)]| table.iter().any(|(known, _)| *known == code);
    if code >= 10_000 {
        Os::Windows
    } else if knows(LINUX) || !knows(MACOS) {
        Os::Linux
    } else {
        Os::Macos
    }
}

/// The system whose lookup error this must be: negative on Linux, small on macOS.
#[must_use]
pub fn system_of_eai(code: i32) -> Os {
    match code {
        ..=0 => Os::Linux,
        1..10_000 => Os::Macos,
        10_000.. => Os::Windows,
    }
}

fn named(table: &[(i32, &str)], code: i32) -> String {
    match table.iter().find(|(known, _)| *known == code) {
        Some((_, name)) => format!("{name} ({code})"),
        None => format!("os error {code}"),
    }
}

const LINUX: &[(i32, &str)] = &[
    (1, "EPERM"),
    (4, "EINTR"),
    (11, "EAGAIN"),
    (12, "ENOMEM"),
    (13, "EACCES"),
    (22, "EINVAL"),
    (23, "ENFILE"),
    (24, "EMFILE"),
    (32, "EPIPE"),
    (71, "EPROTO"),
    (90, "EMSGSIZE"),
    (92, "ENOPROTOOPT"),
    (95, "EOPNOTSUPP"),
    (97, "EAFNOSUPPORT"),
    (98, "EADDRINUSE"),
    (99, "EADDRNOTAVAIL"),
    (100, "ENETDOWN"),
    (101, "ENETUNREACH"),
    (102, "ENETRESET"),
    (103, "ECONNABORTED"),
    (104, "ECONNRESET"),
    (105, "ENOBUFS"),
    (110, "ETIMEDOUT"),
    (111, "ECONNREFUSED"),
    (112, "EHOSTDOWN"),
    (113, "EHOSTUNREACH"),
    (115, "EINPROGRESS"),
];

const MACOS: &[(i32, &str)] = &[
    (1, "EPERM"),
    (4, "EINTR"),
    (12, "ENOMEM"),
    (13, "EACCES"),
    (22, "EINVAL"),
    (23, "ENFILE"),
    (24, "EMFILE"),
    (32, "EPIPE"),
    (35, "EAGAIN"),
    (36, "EINPROGRESS"),
    (40, "EMSGSIZE"),
    (42, "ENOPROTOOPT"),
    (47, "EAFNOSUPPORT"),
    (48, "EADDRINUSE"),
    (49, "EADDRNOTAVAIL"),
    (50, "ENETDOWN"),
    (51, "ENETUNREACH"),
    (52, "ENETRESET"),
    (53, "ECONNABORTED"),
    (54, "ECONNRESET"),
    (55, "ENOBUFS"),
    (60, "ETIMEDOUT"),
    (61, "ECONNREFUSED"),
    (64, "EHOSTDOWN"),
    (65, "EHOSTUNREACH"),
];

const WINDOWS: &[(i32, &str)] = &[
    (10004, "WSAEINTR"),
    (10013, "WSAEACCES"),
    (10022, "WSAEINVAL"),
    (10024, "WSAEMFILE"),
    (10035, "WSAEWOULDBLOCK"),
    (10040, "WSAEMSGSIZE"),
    (10042, "WSAENOPROTOOPT"),
    (10047, "WSAEAFNOSUPPORT"),
    (10048, "WSAEADDRINUSE"),
    (10049, "WSAEADDRNOTAVAIL"),
    (10050, "WSAENETDOWN"),
    (10051, "WSAENETUNREACH"),
    (10052, "WSAENETRESET"),
    (10053, "WSAECONNABORTED"),
    (10054, "WSAECONNRESET"),
    (10055, "WSAENOBUFS"),
    (10060, "WSAETIMEDOUT"),
    (10061, "WSAECONNREFUSED"),
    (10064, "WSAEHOSTDOWN"),
    (10065, "WSAEHOSTUNREACH"),
    (11001, "WSAHOST_NOT_FOUND"),
    (11002, "WSATRY_AGAIN"),
    (11003, "WSANO_RECOVERY"),
    (11004, "WSANO_DATA"),
];

const LINUX_EAI: &[(i32, &str)] = &[
    (-2, "EAI_NONAME"),
    (-3, "EAI_AGAIN"),
    (-4, "EAI_FAIL"),
    (-5, "EAI_NODATA"),
    (-6, "EAI_FAMILY"),
    (-8, "EAI_SERVICE"),
    (-9, "EAI_ADDRFAMILY"),
    (-10, "EAI_MEMORY"),
    (-11, "EAI_SYSTEM"),
];

const MACOS_EAI: &[(i32, &str)] = &[
    (2, "EAI_AGAIN"),
    (4, "EAI_FAIL"),
    (5, "EAI_FAMILY"),
    (6, "EAI_MEMORY"),
    (7, "EAI_NODATA"),
    (8, "EAI_NONAME"),
    (9, "EAI_SERVICE"),
    (11, "EAI_SYSTEM"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_number_means_different_things_on_different_systems() {
        assert_eq!(errno(Os::Linux, 111), "ECONNREFUSED (111)");
        assert_eq!(errno(Os::Macos, 61), "ECONNREFUSED (61)");
        assert_eq!(errno(Os::Linux, 61), "os error 61");
        assert_eq!(errno(Os::Windows, 10061), "WSAECONNREFUSED (10061)");
    }

    #[test]
    fn a_number_tells_its_system() {
        assert_eq!(system_of_errno(113), Os::Linux);
        assert_eq!(system_of_errno(65), Os::Macos);
        assert_eq!(system_of_errno(10060), Os::Windows);
        assert_eq!(system_of_eai(-2), Os::Linux);
        assert_eq!(system_of_eai(8), Os::Macos);
        assert_eq!(system_of_eai(11001), Os::Windows);
    }
}
