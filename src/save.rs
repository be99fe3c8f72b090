//! Atomic writing of files: afterwards a file is either wholly new or wholly what it was.
//!
//! It knows nothing of what is written. The words for a [`SaveProblem`] in the person's language
//! live with the other texts; the `Display` here is for logs.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::NamedTempFile;

/// Why a file could not be saved. Whatever was there before is untouched.
#[derive(Debug, thiserror::Error)]
#[error("could not save, the old file is kept: {problem} ({source}): {}", path.display())]
pub struct SaveError {
    /// What stood in the way.
    pub problem: SaveProblem,
    /// The file that was to be written.
    pub path: PathBuf,
    /// The system's own words.
    pub source: io::Error,
}

/// What can stand in the way of saving. Each has its sentence, with what to do, in every language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SaveProblem {
    /// The folder is not there, or a part of the path is a file.
    #[error("the folder does not exist")]
    FolderMissing,
    /// The system does not let this user write there.
    #[error("writing is not allowed there")]
    NotAllowed,
    /// The file that is there is marked as not to be changed.
    #[error("the file is write-protected")]
    WriteProtected,
    /// The path names a folder.
    #[error("the path is a folder")]
    IsFolder,
    /// The path names a device, a pipe or a socket, which must not be replaced by a file.
    #[error("the path is not an ordinary file")]
    NotAFile,
    /// No room left, or the user's share of it is used up.
    #[error("the disk is full")]
    DiskFull,
    /// The whole volume is mounted read-only.
    #[error("the volume is read-only")]
    ReadOnlyVolume,
    /// The system does not accept this name: too long, or with characters it forbids.
    #[error("the file name is not allowed")]
    BadName,
    /// Another program has the file open, on a system where it can then not be replaced.
    #[error("another program has the file open")]
    InUse,
    /// Something else; the system's words tell.
    #[error("the system reported an error")]
    Other,
}

/// Writes `contents` to `path` in one step: a new file in the same folder is filled, put on the
/// disk, and renamed over the old one.
///
/// A symbolic link stays and the file it leads to is replaced. A new file gets the permissions
/// the user's umask gives, an old one keeps its own.
///
/// # Errors
/// [`SaveError`]; the file is then what it was before, and nothing else is left behind.
pub fn write_atomically(path: &Path, contents: &[u8]) -> Result<(), SaveError> {
    write_and_rename(path, contents).map_err(|(problem, source)| SaveError {
        problem,
        path: path.to_owned(),
        source,
    })
}

type Trouble = (SaveProblem, io::Error);

fn write_and_rename(path: &Path, contents: &[u8]) -> Result<(), Trouble> {
    let path = behind_links(path).map_err(explained)?;
    let old = existing_file(&path)?;
    let folder = match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => return Err(refusal(SaveProblem::BadName)),
    };
    let mut new = new_file_in(folder).map_err(explained)?;
    new.write_all(contents).map_err(explained)?;
    if let Some(old) = &old {
        new.as_file()
            .set_permissions(old.permissions())
            .map_err(explained)?;
    }
    new.as_file().sync_all().map_err(explained)?;
    let replaces = old.is_some();
    new.persist(&path)
        .map_err(|error| not_renamed(error.error, replaces))?;
    // The rename itself is on the disk only after the folder is. Not every system lets a folder
    // be opened for that; the file is whole either way.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    sweep(folder);
    Ok(())
}

/// Removes what saves of ours that were killed have left in the folder: ordinary files of the very
/// names that [`new_file_in`] gives, so old that nobody is filling them any more. What cannot be
/// looked at or removed stays.
fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.take(MOST_ENTRIES).flatten() {
        let name = entry.file_name();
        let is_named_so = name.to_str().is_some_and(is_name_of_new_file);
        if is_named_so && is_left_behind(&entry.path()) {
            // The name is removed, wherever it may lead by now.
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn is_name_of_new_file(name: &str) -> bool {
    let random = name
        .strip_prefix(NEW_PREFIX)
        .and_then(|name| name.strip_suffix(NEW_SUFFIX));
    random.is_some_and(|random| {
        random.len() == NEW_RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

fn is_left_behind(path: &Path) -> bool {
    let Ok(about) = fs::symlink_metadata(path) else {
        return false;
    };
    // A time in the future is that of another clock, which tells nothing.
    let age = about.modified().ok().and_then(|time| time.elapsed().ok());
    about.is_file() && age.is_some_and(|age| age > LONGEST_SAVE)
}

const NEW_PREFIX: &str = ".ketnoi-";
const NEW_SUFFIX: &str = ".part";
const NEW_RANDOM: usize = 6;

/// No save takes longer.
const LONGEST_SAVE: Duration = Duration::from_hours(1);

/// So many entries of a folder are looked at: more would take time that could be noticed.
const MOST_ENTRIES: usize = 10_000;

/// The path after following symbolic links at its end, also when they lead to a file that does
/// not exist yet. Forty is the kernel's own limit on Linux (`path_resolution(7)`).
fn behind_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..40 {
        match fs::read_link(&path) {
            // `join` with an absolute path replaces what is there.
            Ok(to) => path = path.parent().unwrap_or(Path::new("")).join(to),
            // No link: an ordinary file, or nothing yet. Anything worse shows when writing.
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::new(
        ErrorKind::InvalidFilename,
        "too many symbolic links",
    ))
}

/// What is at `path` now, if it is something that may be replaced.
fn existing_file(path: &Path) -> Result<Option<Metadata>, Trouble> {
    match fs::symlink_metadata(path) {
        Ok(old) if old.is_dir() => Err(refusal(SaveProblem::IsFolder)),
        Ok(old) if !old.is_file() => Err(refusal(SaveProblem::NotAFile)),
        Ok(old) if old.permissions().readonly() => Err(refusal(SaveProblem::WriteProtected)),
        Ok(old) => Ok(Some(old)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(explained(error)),
    }
}

/// A file of our own making in `folder`, removed again unless it is persisted. Opened the
/// ordinary way, so that the umask decides on its permissions.
fn new_file_in(folder: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new()
        .prefix(NEW_PREFIX)
        .rand_bytes(NEW_RANDOM)
        .suffix(NEW_SUFFIX)
        .make_in(folder, |path| {
            OpenOptions::new().write(true).create_new(true).open(path)
        })
}

fn refusal(problem: SaveProblem) -> Trouble {
    let kind = match problem {
        SaveProblem::IsFolder => ErrorKind::IsADirectory,
        SaveProblem::NotAFile => ErrorKind::Unsupported,
        SaveProblem::FolderMissing
        | SaveProblem::NotAllowed
        | SaveProblem::WriteProtected
        | SaveProblem::DiskFull
        | SaveProblem::ReadOnlyVolume
        | SaveProblem::BadName
        | SaveProblem::InUse
        | SaveProblem::Other => ErrorKind::PermissionDenied,
    };
    (problem, kind.into())
}

/// Why a file in a folder that takes new ones could not get its name. Windows refuses where the old
/// one is open: access denied (5), sharing violation (32), lock violation (33).
fn not_renamed(error: io::Error, replaces: bool) -> Trouble {
    let is_in_use = match (error.raw_os_error(), error.kind()) {
        (_, ErrorKind::ResourceBusy | ErrorKind::ExecutableFileBusy)
        | (Some(5), ErrorKind::PermissionDenied) => true,
        // Other systems mean something else by these numbers.
        (Some(32 | 33), kind) => kind != ErrorKind::BrokenPipe && kind != ErrorKind::InvalidInput,
        _ => false,
    };
    if is_in_use && replaces {
        (SaveProblem::InUse, error)
    } else {
        explained(error)
    }
}

fn explained(error: io::Error) -> Trouble {
    let problem = match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => SaveProblem::FolderMissing,
        ErrorKind::PermissionDenied => SaveProblem::NotAllowed,
        ErrorKind::IsADirectory => SaveProblem::IsFolder,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            SaveProblem::DiskFull
        }
        ErrorKind::ReadOnlyFilesystem => SaveProblem::ReadOnlyVolume,
        ErrorKind::InvalidFilename | ErrorKind::InvalidInput => SaveProblem::BadName,
        _ => SaveProblem::Other,
    };
    (problem, error)
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    fn problem(path: &Path) -> SaveProblem {
        write_atomically(path, b"new").unwrap_err().problem
    }

    fn names_in(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_new_file_is_written_whole_and_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("báo cáo.md");
        write_atomically(&path, "xin chào".as_bytes()).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "xin chào");
        assert_eq!(names_in(folder.path()), ["báo cáo.md"]);
    }

    #[test]
    fn an_old_file_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.md");
        fs::write(&path, "a much longer old text").unwrap();
        write_atomically(&path, b"new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(names_in(folder.path()), ["report.md"]);
    }

    #[test]
    fn what_a_killed_save_left_is_removed_by_the_next_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let old = SystemTime::now() - Duration::from_hours(2);
        let put = |name: &str, time: SystemTime| {
            let file = File::create(folder.path().join(name)).unwrap();
            file.set_modified(time).unwrap();
        };
        // As a save that ends before its rename leaves it.
        let left = new_file_in(folder.path()).unwrap();
        left.as_file().set_modified(old).unwrap();
        left.keep().unwrap();
        let kept = [
            ".ketnoi-abcde.part",
            ".ketnoi-abcdef",
            ".ketnoi-abcdef.part.md",
            ".ketnoi-a-c-ef.part",
            "ketnoi-abcdef.part",
        ];
        for name in kept {
            put(name, old);
        }
        put(".ketnoi-Fresh1.part", SystemTime::now());
        let future = SystemTime::now() + Duration::from_hours(2);
        put(".ketnoi-Future.part", future);
        fs::create_dir(folder.path().join(".ketnoi-Folder.part")).unwrap();
        assert_eq!(names_in(folder.path()).len(), kept.len() + 4);
        write_atomically(&folder.path().join("report.md"), b"new").unwrap();
        let mut expected = vec![
            ".ketnoi-Folder.part",
            ".ketnoi-Fresh1.part",
            ".ketnoi-Future.part",
            "report.md",
        ];
        expected.extend(kept);
        expected.sort_unstable();
        assert_eq!(names_in(folder.path()), expected);
    }

    #[test]
    fn a_path_below_a_file_or_a_missing_folder_is_said_to_have_no_folder() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "old").unwrap();
        assert_eq!(
            problem(&folder.path().join("file/report.md")),
            SaveProblem::FolderMissing
        );
        assert_eq!(
            problem(&folder.path().join("nowhere/report.md")),
            SaveProblem::FolderMissing
        );
        assert_eq!(names_in(folder.path()), ["file"]);
    }

    #[test]
    fn a_folder_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(problem(folder.path()), SaveProblem::IsFolder);
        assert_eq!(problem(Path::new("/")), SaveProblem::IsFolder);
        assert_eq!(problem(Path::new("")), SaveProblem::BadName);
    }

    #[test]
    fn a_name_that_is_too_long_is_said_to_be_a_bad_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x".repeat(300));
        assert_eq!(problem(&path), SaveProblem::BadName);
    }

    #[test]
    fn a_write_protected_file_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.md");
        fs::write(&path, "old").unwrap();
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        assert_eq!(problem(&path), SaveProblem::WriteProtected);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(names_in(folder.path()), ["report.md"]);
    }

    #[cfg(unix)]
    mod on_unix {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        use std::os::unix::net::UnixListener;

        use super::*;

        fn mode(path: &Path) -> u32 {
            fs::metadata(path).unwrap().permissions().mode() & 0o777
        }

        #[test]
        fn a_link_stays_a_link_and_what_it_leads_to_is_replaced() {
            let folder = tempfile::tempdir().unwrap();
            let real = folder.path().join("real.md");
            let link = folder.path().join("link.md");
            fs::write(&real, "old").unwrap();
            symlink("real.md", &link).unwrap();
            write_atomically(&link, b"new").unwrap();
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
            assert_eq!(fs::read_to_string(&real).unwrap(), "new");
        }

        #[test]
        fn a_link_to_a_file_that_is_not_there_yet_makes_that_file() {
            let folder = tempfile::tempdir().unwrap();
            let link = folder.path().join("link.md");
            symlink("later.md", &link).unwrap();
            write_atomically(&link, b"new").unwrap();
            assert_eq!(names_in(folder.path()), ["later.md", "link.md"]);
        }

        #[test]
        fn a_link_of_such_a_name_is_left_alone() {
            let folder = tempfile::tempdir().unwrap();
            let other = folder.path().join("other.md");
            fs::write(&other, "kept").unwrap();
            symlink("other.md", folder.path().join(".ketnoi-linked.part")).unwrap();
            write_atomically(&folder.path().join("new.md"), b"new").unwrap();
            assert_eq!(fs::read_to_string(&other).unwrap(), "kept");
            assert_eq!(names_in(folder.path()).len(), 3);
        }

        #[test]
        fn links_in_a_circle_end() {
            let folder = tempfile::tempdir().unwrap();
            let link = folder.path().join("link.md");
            symlink("link.md", &link).unwrap();
            assert_eq!(problem(&link), SaveProblem::BadName);
        }

        #[test]
        fn devices_and_sockets_are_never_replaced() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("socket");
            let _listener = UnixListener::bind(&path).unwrap();
            assert_eq!(problem(&path), SaveProblem::NotAFile);
            assert_eq!(problem(Path::new("/dev/null")), SaveProblem::NotAFile);
        }

        #[test]
        fn the_mode_of_an_old_file_is_kept_and_a_new_one_is_as_any_new_file() {
            let folder = tempfile::tempdir().unwrap();
            let ordinary = folder.path().join("ordinary");
            File::create(&ordinary).unwrap();
            let new = folder.path().join("new.md");
            write_atomically(&new, b"new").unwrap();
            assert_eq!(mode(&new), mode(&ordinary));

            fs::set_permissions(&new, fs::Permissions::from_mode(0o640)).unwrap();
            write_atomically(&new, b"newer").unwrap();
            assert_eq!(mode(&new), 0o640);
        }

        #[test]
        fn a_place_where_the_system_makes_no_files_is_an_error_with_the_systems_words() {
            if !Path::new("/proc/self").exists() {
                return;
            }
            let error = write_atomically(Path::new("/proc/report.md"), b"new").unwrap_err();
            assert!(!error.source.to_string().is_empty());
            assert!(error.to_string().ends_with("/proc/report.md"));
        }
    }
}
