//! The database in which dconf keeps the settings of GNOME: a hash table of paths (gvdb), whose
//! values are serialised as `GLib` does (the `GVariant` specification).
//!
//! Only the kinds of value that proxy settings have are understood. Whatever the file holds, a
//! lookup touches each entry once and follows no more parents than a path may have.

/// A database.
#[derive(Clone, Copy, Debug)]
pub struct Database<'a> {
    bytes: &'a [u8],
    /// Written on a machine of the other byte order.
    swapped: bool,
    root: Table<'a>,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text (`s`).
    Text(String),
    /// A number (`i`).
    Number(i32),
    /// A list of texts (`as`).
    Texts(Vec<String>),
}

/// The entries of a table, one after the other.
#[derive(Clone, Copy, Debug)]
struct Table<'a> {
    entries: &'a [u8],
}

/// One entry of a table.
struct Entry<'a> {
    hash: u32,
    parent: u32,
    /// The last part of its path.
    part: &'a [u8],
    kind: u8,
    content: &'a [u8],
}

impl<'a> Database<'a> {
    /// The database in a file; nothing when it is none.
    #[must_use]
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let swapped = match bytes.get(..8)? {
            b"GVariant" => false,
            b"raVGtnai" => true,
            _ => return None,
        };
        let blank = Table { entries: &[] };
        let mut database = Self {
            bytes,
            swapped,
            root: blank,
        };
        let version = number(bytes, 8, swapped)?;
        database.root = database.table(database.slice(16)?)?;
        (version == 0).then_some(database)
    }

    /// The value at a path such as `/system/proxy/mode`.
    #[must_use]
    pub fn value(&self, path: &str) -> Option<Value> {
        let entry = self.find(self.root, path, b'v')?;
        value(entry.content, self.swapped)
    }

    /// Whether an administrator has fixed the value at a path, so that a user's own does not count.
    #[must_use]
    pub fn locks(&self, path: &str) -> bool {
        let locks = self.find(self.root, ".locks", b'H');
        let locks = locks.and_then(|entry| self.table(entry.content));
        locks.is_some_and(|locks| self.find(locks, path, b'v').is_some())
    }

    fn find(&self, table: Table<'a>, path: &str, kind: u8) -> Option<Entry<'a>> {
        let hash = hash(path.as_bytes());
        (0..table.len())
            .filter_map(|index| self.entry(table, index))
            .filter(|entry| entry.hash == hash && entry.kind == kind)
            .find(|entry| self.is_at(table, entry, path.as_bytes()))
    }

    /// Whether an entry's part, with those of its parents before it, is the path.
    fn is_at(&self, table: Table<'a>, entry: &Entry<'a>, path: &[u8]) -> bool {
        let Some(mut rest) = path.strip_suffix(entry.part) else {
            return false;
        };
        let mut parent = entry.parent;
        for _ in 0..MOST_PARENTS {
            if parent == NO_PARENT {
                return rest.is_empty();
            }
            let Ok(index) = usize::try_from(parent) else {
                return false;
            };
            let Some(above) = self.entry(table, index) else {
                return false;
            };
            let Some(shorter) = rest.strip_suffix(above.part) else {
                return false;
            };
            (rest, parent) = (shorter, above.parent);
        }
        false
    }

    /// A table: how many words its filter and its buckets have, those words, and its entries.
    fn table(&self, bytes: &'a [u8]) -> Option<Table<'a>> {
        let filter = number(bytes, 0, self.swapped)? & 0x07ff_ffff;
        let buckets = number(bytes, 4, self.swapped)?;
        let words = u64::from(filter) + u64::from(buckets);
        let start = usize::try_from(words.checked_mul(4)?.checked_add(8)?).ok()?;
        let entries = bytes.get(start..)?;
        Some(Table { entries })
    }

    fn entry(&self, table: Table<'a>, index: usize) -> Option<Entry<'a>> {
        let start = index.checked_mul(ENTRY_BYTES)?;
        let entry = table.entries.get(start..start.checked_add(ENTRY_BYTES)?)?;
        let part = usize::try_from(number(entry, 8, self.swapped)?).ok()?;
        let size = [entry[12], entry[13]];
        let size = if self.swapped {
            u16::from_be_bytes(size)
        } else {
            u16::from_le_bytes(size)
        };
        Some(Entry {
            hash: number(entry, 0, self.swapped)?,
            parent: number(entry, 4, self.swapped)?,
            part: self.bytes.get(part..part.checked_add(usize::from(size))?)?,
            kind: entry[14],
            content: self.slice_in(entry, 16)?,
        })
    }

    /// The bytes that the two numbers at `at` name the beginning and end of.
    fn slice(&self, at: usize) -> Option<&'a [u8]> {
        self.slice_in(self.bytes, at)
    }

    fn slice_in(&self, bytes: &[u8], at: usize) -> Option<&'a [u8]> {
        let start = usize::try_from(number(bytes, at, self.swapped)?).ok()?;
        let end = usize::try_from(number(bytes, at + 4, self.swapped)?).ok()?;
        self.bytes.get(start..end)
    }
}

impl Table<'_> {
    fn len(&self) -> usize {
        self.entries.len() / ENTRY_BYTES
    }
}

/// Hash, parent, place and size of the part, kind, a spare byte, beginning and end of the content.
const ENTRY_BYTES: usize = 24;

const NO_PARENT: u32 = u32::MAX;

/// No path of a proxy setting has more parts.
const MOST_PARENTS: usize = 16;

fn number(bytes: &[u8], at: usize, swapped: bool) -> Option<u32> {
    let bytes: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    Some(if swapped {
        u32::from_be_bytes(bytes)
    } else {
        u32::from_le_bytes(bytes)
    })
}

/// Bernstein's hash, over signed bytes.
fn hash(path: &[u8]) -> u32 {
    path.iter().fold(5381_u32, |hash, byte| {
        let byte = i32::from(i8::from_ne_bytes([*byte]));
        hash.wrapping_mul(33).wrapping_add_signed(byte)
    })
}

/// A value with its type behind it.
fn value(bytes: &[u8], swapped: bool) -> Option<Value> {
    let at = bytes.iter().rposition(|byte| *byte == 0)?;
    let (content, kind) = (&bytes[..at], &bytes[at + 1..]);
    match kind {
        b"s" => text(content).map(Value::Text),
        b"i" => {
            let number = number(content, 0, swapped)?;
            Some(Value::Number(i32::from_ne_bytes(number.to_ne_bytes())))
        }
        b"as" => texts(content, swapped).map(Value::Texts),
        _ => None,
    }
}

fn text(bytes: &[u8]) -> Option<String> {
    let text = bytes.strip_suffix(&[0])?;
    Some(String::from_utf8_lossy(text).into_owned())
}

/// Texts one after the other, and then where each of them ends, in as many bytes as the size of
/// the whole asks for.
fn texts(bytes: &[u8], swapped: bool) -> Option<Vec<String>> {
    if bytes.is_empty() {
        return Some(Vec::new());
    }
    let width = match bytes.len() {
        0..=0xff => 1,
        0x100..=0xffff => 2,
        _ => 4,
    };
    let end_at = |at: usize| {
        let bytes = bytes.get(at..at.checked_add(width)?)?;
        let add = |sum: usize, byte: &u8| (sum << 8) | usize::from(*byte);
        Some(if swapped {
            bytes.iter().fold(0, add)
        } else {
            bytes.iter().rev().fold(0, add)
        })
    };
    let ends = end_at(bytes.len().checked_sub(width)?)?;
    if ends >= bytes.len() {
        return None;
    }
    let mut found = Vec::new();
    let mut start = 0;
    let mut at = ends;
    while at < bytes.len() {
        let end = end_at(at)?;
        found.push(text(bytes.get(start..end)?)?);
        start = end;
        at += width;
    }
    Some(found)
}

/// The databases that a profile (`/etc/dconf/profile/user`) names, the first of which is the
/// user's own.
#[must_use]
pub fn profile(text: &str) -> Vec<Source<'_>> {
    text.lines().filter_map(source).take(MOST_SOURCES).collect()
}

fn source(line: &str) -> Option<Source<'_>> {
    let line = line.split_once('#').map_or(line, |(before, _)| before);
    let (kind, name) = line.trim().split_once(':')?;
    match kind {
        "user-db" => Some(Source::User(name)),
        "system-db" => Some(Source::System(name)),
        "file-db" => Some(Source::File(name)),
        _ => None,
    }
}

/// Where a database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source<'a> {
    /// Below the user's settings.
    User(&'a str),
    /// Below `/etc/dconf/db`.
    System(&'a str),
    /// A path.
    File(&'a str),
}

/// Longer profiles are nobody's.
const MOST_SOURCES: usize = 16;

/// The value at a path, where databases are stacked: the first that has it counts, unless one
/// further down locks it.
#[must_use]
pub fn stacked(databases: &[Database<'_>], path: &str) -> Option<Value> {
    let locked = databases.iter().rposition(|database| database.locks(path));
    let counting = &databases[locked.unwrap_or(0)..];
    counting.iter().find_map(|database| database.value(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_profile_names_its_databases() {
        let text = "# stacked\nuser-db:user\nsystem-db:local # ours\nservice-db:x\nfile-db:/a:b\n";
        assert_eq!(
            profile(text),
            [
                Source::User("user"),
                Source::System("local"),
                Source::File("/a:b")
            ]
        );
    }

    #[test]
    fn lists_are_framed_by_where_each_text_ends() {
        assert_eq!(texts(b"", false), Some(Vec::new()));
        let two = ["a".to_owned(), "bc".to_owned()];
        assert_eq!(texts(b"a\0bc\0\x02\x05", false), Some(two.to_vec()));
        // Ends that run backwards, beyond the list, or do not close a text.
        assert_eq!(texts(b"a\0bc\0\x05\x02", false), None);
        assert_eq!(texts(b"a\0\xff", false), None);
        assert_eq!(texts(b"ab\x02", false), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let mut file = b"GVariant\0\0\0\0\0\0\0\0".to_vec();
            file.extend(&bytes);
            if let Some(database) = Database::read(&file) {
                let _ = database.value("/system/proxy/mode");
                let _ = database.locks("/system/proxy/mode");
            }
            let _ = value(&bytes, false);
            let _ = texts(&bytes, true);
        }
    }
}
