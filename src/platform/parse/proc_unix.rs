//! `/proc/net/unix` (proc(5)): the paths of Unix sockets that listen.

use super::Malformed;

/// `SO_ACCEPTCON` among the flags: somebody called listen(2).
const LISTENS: u32 = 1 << 16;

/// The paths of the listening sockets, in their order, none twice. Abstract names (`@…`) are left
/// out: they are no files.
///
/// # Errors
/// When a row is not in the known format.
pub fn listening_paths(table: &str) -> Result<Vec<&str>, Malformed> {
    let mut lines = table.lines().enumerate();
    match lines.next() {
        Some((_, heading)) if heading.contains("RefCount") => {}
        _ => return Err(Malformed { line: 1 }),
    }
    let mut paths = Vec::new();
    for (index, row) in lines {
        let path = read_row(row).ok_or(Malformed { line: index + 1 })?;
        paths.extend(path.filter(|path| !paths.contains(path)));
    }
    Ok(paths)
}

/// `Num: RefCount Protocol Flags Type St Inode Path`, the path only where there is one.
#[expect(
    clippy::option_option,
    reason = "a row without a path is as good as one with it, unlike a broken row"
)]
fn read_row(row: &str) -> Option<Option<&str>> {
    let mut rest = row.split_once(':')?.1;
    let mut fields = [""; 6];
    for field in &mut fields {
        rest = rest.trim_start_matches(' ');
        let end = rest.find(' ').unwrap_or(rest.len());
        (*field, rest) = rest.split_at(end);
    }
    let flags = u32::from_str_radix(fields[2], 16).ok()?;
    // A path may hold spaces.
    let path = rest.strip_prefix(' ').unwrap_or_default();
    Some((flags & LISTENS != 0 && path.starts_with('/')).then_some(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEADING: &str = "Num       RefCount Protocol Flags    Type St Inode Path\n";

    #[test]
    fn sockets_that_listen_are_told_by_their_flags() {
        let table = format!(
            "{HEADING}\
             0000000000000000: 00000002 00000000 00010000 0001 01 19283 /run/a b/.s.PGSQL.5432\n\
             0000000000000000: 00000003 00000000 00000000 0001 03 19290 /run/a b/.s.PGSQL.5432\n\
             0000000000000000: 00000002 00000000 00010000 0001 01    77 @/tmp/abstract\n\
             0000000000000000: 00000003 00000000 00000000 0001 03 19291\n"
        );
        let paths = listening_paths(&table).unwrap();
        assert_eq!(paths, ["/run/a b/.s.PGSQL.5432"]);
        assert_eq!(listening_paths(""), Err(Malformed { line: 1 }));
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>(), rows in "[ 0-9a-f:/\n]{0,200}") {
            let _ = listening_paths(&text);
            let _ = listening_paths(&format!("{HEADING}{rows}"));
        }
    }
}
