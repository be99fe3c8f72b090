//! `/proc/PID`: a process's name, command line, parent, and the sockets it holds.
//!
//! Names and command lines are chosen by the program: they stay as they are here, only bounded,
//! and are made printable where they are shown.

/// The longest command line we keep, in bytes of `/proc/PID/cmdline`.
pub const COMMAND_LIMIT: usize = 4096;

/// The inode of `socket:[INODE]`, the target of a link in `/proc/PID/fd`.
#[must_use]
pub fn socket_inode(link: &str) -> Option<u64> {
    link.strip_prefix("socket:[")?
        .strip_suffix(']')?
        .parse()
        .ok()
}

/// The name in `/proc/PID/comm`, without the line end the kernel adds.
#[must_use]
pub fn name(comm: &[u8]) -> String {
    String::from_utf8_lossy(comm.strip_suffix(b"\n").unwrap_or(comm)).into_owned()
}

/// The command line in `/proc/PID/cmdline`, its arguments joined by spaces and without the secrets
/// that may stand in them; nothing when it is empty, as a kernel thread's is.
#[must_use]
pub fn command(cmdline: &[u8]) -> Option<String> {
    let bounded = &cmdline[..cmdline.len().min(COMMAND_LIMIT)];
    let end = bounded.iter().rposition(|&byte| byte != 0)? + 1;
    let words = bounded[..end].split(|&byte| byte == 0);
    let words: Vec<String> = words
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect();
    Some(without_secrets(&words).join(" "))
}

/// What stands for a secret that was left out.
const LEFT_OUT: &str = "***";

/// Parts of the names of options and variables whose values are secret.
const SECRET_NAMES: [&str; 8] = [
    "pass",
    "pwd",
    "secret",
    "token",
    "key",
    "credential",
    "auth",
    "cookie",
];

/// Command lines are readable for everybody on the machine, but a report travels further: values
/// that an option's name calls secret, `user:password@` in URLs and the `-pPASSWORD` of MySQL are
/// left out. Rather too much than too little.
fn without_secrets(words: &[String]) -> Vec<String> {
    let mut is_secret = false;
    let mut harmless = Vec::with_capacity(words.len());
    for word in words {
        let is_value = std::mem::take(&mut is_secret);
        if is_value && !word.starts_with('-') {
            harmless.push(LEFT_OUT.to_owned());
            continue;
        }
        let (name, value) = word
            .split_once('=')
            .map_or((word.as_str(), None), |(n, v)| (n, Some(v)));
        let lower = name.to_ascii_lowercase();
        let names_secret = SECRET_NAMES.iter().any(|part| lower.contains(part));
        harmless.push(match value {
            Some(_) if names_secret => format!("{name}={LEFT_OUT}"),
            None if names_secret && name.starts_with('-') => {
                is_secret = true;
                word.clone()
            }
            _ if is_joined_password(word) => format!("-p{LEFT_OUT}"),
            _ => without_user_info(word),
        });
    }
    harmless
}

/// `-pPASSWORD`; what is only digits is a port.
fn is_joined_password(word: &str) -> bool {
    word.strip_prefix("-p")
        .is_some_and(|rest| !rest.is_empty() && !rest.bytes().all(|b| b.is_ascii_digit()))
}

/// A word without the user and password of the URL in it.
fn without_user_info(word: &str) -> String {
    let Some((scheme, rest)) = word.split_once("://") else {
        return word.to_owned();
    };
    let authority = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..authority].rfind('@') {
        Some(at) => format!("{scheme}://{LEFT_OUT}{}", &rest[at..]),
        None => word.to_owned(),
    }
}

/// The parent in `/proc/PID/stat`. The name in parentheses may itself hold parentheses and spaces.
#[must_use]
pub fn parent(stat: &str) -> Option<u32> {
    let (_, behind_name) = stat.rsplit_once(')')?;
    behind_name.split_ascii_whitespace().nth(1)?.parse().ok()
}

/// When a process began, in ticks since the system did: field 22 of `/proc/PID/stat`.
#[must_use]
pub fn started(stat: &str) -> Option<u64> {
    let (_, behind_name) = stat.rsplit_once(')')?;
    behind_name.split_ascii_whitespace().nth(19)?.parse().ok()
}

/// Whether `/proc/PID/stat` shows a stopped process: by a signal (T) or a debugger (t).
#[must_use]
pub fn is_stopped(stat: &str) -> bool {
    let state = stat
        .rsplit_once(')')
        .and_then(|(_, behind_name)| behind_name.split_ascii_whitespace().next());
    matches!(state, Some("T" | "t"))
}

/// Whether `/proc/PID/status` of this process shows a capability in its effective set
/// (capabilities(7)); `CAP_NET_ADMIN` is 12.
#[must_use]
pub fn has_capability(status: &str, number: u32) -> Option<bool> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("CapEff:"))?;
    let set = u64::from_str_radix(line.trim(), 16).ok()?;
    Some(set.checked_shr(number).unwrap_or(0) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_sockets_have_inodes() {
        assert_eq!(socket_inode("socket:[19283]"), Some(19283));
        assert_eq!(socket_inode("pipe:[19283]"), None);
        assert_eq!(socket_inode("/tmp/socket:[1]"), None);
        assert_eq!(socket_inode("socket:[99999999999999999999]"), None);
    }

    #[test]
    fn a_name_may_hold_parentheses_spaces_and_line_ends() {
        assert_eq!(parent("7 (a) (b\n) S 1 7 7 0 -1"), Some(1));
        assert!(is_stopped("7 (a) S) T 1 7 7 0 -1") && is_stopped("7 (a) t 1"));
        assert!(!is_stopped("7 (T) S 1 7 7 0 -1") && !is_stopped(""));
        assert_eq!(name(b"tmux: server\n"), "tmux: server");
        assert_eq!(name(b"odd\n\n"), "odd\n");
        assert_eq!(name(b"\xff"), "\u{fffd}");
    }

    #[test]
    fn arguments_are_joined_and_the_rest_is_cut() {
        assert_eq!(
            command(b"python3\0-m\0http.server\0").as_deref(),
            Some("python3 -m http.server")
        );
        assert_eq!(
            command(b"nginx: master process\0\0\0").as_deref(),
            Some("nginx: master process")
        );
        assert_eq!(command(b""), None);
        assert_eq!(command(b"\0\0"), None);
        let long = command(&[b'a'; 10_000]).unwrap();
        assert_eq!(long.len(), COMMAND_LIMIT);
    }

    #[test]
    fn secrets_are_left_out() {
        let of = |words: &str| command(words.replace(' ', "\0").as_bytes()).unwrap();
        assert_eq!(
            of("srv --password=hunter2 --port=80"),
            "srv --password=*** --port=80"
        );
        assert_eq!(of("srv --api-key k3y -v"), "srv --api-key *** -v");
        assert_eq!(of("srv --no-auth --port 80"), "srv --no-auth --port 80");
        assert_eq!(of("env PGPASSWORD=x psql"), "env PGPASSWORD=*** psql");
        assert_eq!(of("proxy http://me:pw@up:80/x"), "proxy http://***@up:80/x");
        assert_eq!(
            of("mysqld -uroot -phunter2 -p3306"),
            "mysqld -uroot -p*** -p3306"
        );
    }

    #[test]
    fn capabilities_are_read_from_the_effective_set() {
        let status = "Name:\tx\nCapPrm:\tffffffffffffffff\nCapEff:\t0000000000001000\n";
        assert_eq!(has_capability(status, 12), Some(true));
        assert_eq!(has_capability(status, 13), Some(false));
        assert_eq!(has_capability(status, 99), Some(false));
        assert_eq!(has_capability("Name:\tx\n", 12), None);
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>(), bytes in any::<Vec<u8>>()) {
            let _ = (socket_inode(&text), parent(&text), has_capability(&text, 12));
            let _ = (name(&bytes), command(&bytes));
        }
    }
}
