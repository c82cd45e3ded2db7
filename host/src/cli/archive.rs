//! A ZIP archive in place of a directory, as AIPerf's operator and file managers make it: unpacked into a directory of our
//! own and read from there.
//!
//! An archive can claim anything. What it holds is bounded in number and bytes, is written below that directory alone, and
//! is refused whole where one part of it cannot be unpacked. The page has the same bounds.

use super::progress;
use super::scratch::scratch_dir;
use crate::error::{Error, Result};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions};
use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use zip::read::ZipFile;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

/// As many files as the component reads.
const MOST_FILES: usize = 25_000;
/// Entries that are looked at: directories are entries too.
const MOST_ENTRIES: u64 = 100_000;
/// More bytes than any real bundle has.
const MOST_BYTES: u64 = 8 << 30;
/// So many bytes for each of the archive, once it is more than [`FREE_BYTES`]: numbers and logs shrink to a twentieth.
const MOST_TIMES: u64 = 250;
const FREE_BYTES: u64 = 64 << 20;
/// How deep the folders are.
const MOST_DEEP: usize = 20;

/// What an archive holds, unpacked; removed when dropped.
pub struct Unpacked {
    dir: tempfile::TempDir,
    /// The folder that wraps everything in it, or nothing.
    wrapper: String,
}

impl Unpacked {
    /// Where the bundle lies.
    pub fn path(&self) -> PathBuf {
        self.dir.path().join(&self.wrapper)
    }

    /// What that is called, of the archive of this path.
    pub fn called(&self, archive: &Path) -> PathBuf {
        match self.wrapper.as_str() {
            "" => archive.to_owned(),
            wrapper => archive.join(wrapper),
        }
    }
}

/// Whether a file begins as such an archive does.
pub fn is_archive(path: &Path) -> bool {
    let mut start = [0; 4];
    // Only a file is opened: a named pipe without a writer would never come back.
    let mut read = || File::open(path).and_then(|mut file| file.read_exact(&mut start));
    path.is_file() && read().is_ok() && matches!(&start, b"PK\x03\x04" | b"PK\x05\x06")
}

/// Unpacks an archive.
///
/// # Errors
/// A name that leads out of it, a link, something encrypted or compressed otherwise, more than the bounds, damage: each
/// with the path of the archive and the one inside it.
pub fn unpack(path: &Path) -> Result<Unpacked> {
    let open = |error| Error::io("open the archive", path, &error);
    let mut file = File::open(path).map_err(open)?;
    let packed = file.metadata().map_err(open)?.len();
    let claimed = entries(&mut file, packed).map_err(open)?;
    if claimed.is_some_and(|entries| entries > MOST_ENTRIES) {
        return Err(limit(&format!("{MOST_ENTRIES} entries")).in_input(path));
    }
    let dir = scratch_dir()?;
    let target = Dir::open_ambient_dir(dir.path(), ambient_authority()).map_err(no_room)?;
    let mut archive = ZipArchive::new(file).map_err(|error| damaged(error).in_input(path))?;
    if archive.has_duplicate_names() {
        let message = "found two files of one name; expected each once. Pack it again";
        return Err(refused(message).in_input(path));
    }
    let mut unpacking = Unpacking {
        path,
        packed,
        target,
        bytes: 0,
        files: Vec::new(),
    };
    for at in 0..archive.len() {
        let entry = archive.by_index_data(at);
        let name = entry.and_then(|entry| entry.name().map(|name| name.into_owned()));
        let name = name.map_err(|error| damaged(error).in_input(path))?;
        unpacking
            .entry(&mut archive, at, &name)
            .map_err(|error| inside(error, &name).in_input(path))?;
    }
    let wrapper = wrapper(&unpacking.files);
    Ok(Unpacked { dir, wrapper })
}

/// How many entries the end of an archive claims; none where it has no such end, which is found to be damage later.
fn entries(file: &mut File, length: u64) -> std::io::Result<Option<u64>> {
    const END: usize = 22;
    const COMMENT: u64 = 65_535;
    let start = length.saturating_sub(COMMENT + END as u64 + 20);
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(start))?;
    file.read_to_end(&mut tail)?;
    file.rewind()?;
    let found = tail
        .windows(END)
        .rposition(|end| end.starts_with(b"PK\x05\x06"));
    let Some(at) = found else {
        return Ok(None);
    };
    let few = u16::from_le_bytes([tail[at + 10], tail[at + 11]]);
    let large = at.checked_sub(20).map(|start| &tail[start..at]);
    match large.filter(|locator| locator.starts_with(b"PK\x06\x07")) {
        None => Ok(Some(few.into())),
        Some(locator) => {
            let offset: [u8; 8] = locator[8..16].try_into().unwrap_or_default();
            let mut end = [0; 56];
            file.seek(SeekFrom::Start(u64::from_le_bytes(offset)))?;
            let whole = file.read_exact(&mut end).is_ok() && end.starts_with(b"PK\x06\x06");
            file.rewind()?;
            let many: [u8; 8] = end[32..40].try_into().unwrap_or_default();
            Ok(whole.then(|| u64::from_le_bytes(many)))
        }
    }
}

/// An archive on its way.
struct Unpacking<'a> {
    path: &'a Path,
    packed: u64,
    target: Dir,
    bytes: u64,
    files: Vec<String>,
}

impl Unpacking<'_> {
    fn entry(&mut self, archive: &mut ZipArchive<File>, at: usize, name: &str) -> Result<()> {
        if name.starts_with("__MACOSX/") {
            return Ok(());
        }
        let path = checked(name)?;
        let stated = archive.by_index_data(at).map_err(damaged)?;
        if stated.is_dir() {
            return Ok(());
        }
        let kind = stated.unix_mode().map_or(0, |mode| mode & 0o170_000);
        if stated.is_symlink() || !matches!(kind, 0 | 0o100_000) {
            return Err(refused(
                "found a link or a special file; expected regular files. Pack what the link points to",
            ));
        }
        if stated.encrypted() {
            return Err(refused(
                "found encrypted data; expected an archive without a password. Unpack it and give the folder",
            ));
        }
        let method = stated.compression();
        if !matches!(
            method,
            CompressionMethod::Stored | CompressionMethod::Deflated
        ) {
            return Err(refused(&format!(
                "found the compression {method}; expected deflate, or none. Unpack it and give the folder"
            )));
        }
        if self.files.len() == MOST_FILES {
            return Err(limit(&format!("{MOST_FILES} files")));
        }
        // What it claims is refused before anything of it is written.
        self.within(self.bytes.saturating_add(stated.size()))?;
        let mut entry = archive.by_index(at).map_err(damaged)?;
        self.write(&mut entry, &path)?;
        self.files.push(path);
        Ok(())
    }

    fn write(&mut self, entry: &mut ZipFile<'_, File>, path: &str) -> Result<()> {
        if let Some((folder, _)) = path.rsplit_once('/') {
            self.target.create_dir_all(folder).map_err(cannot_write)?;
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        let mut file = self
            .target
            .open_with(path, &options)
            .map_err(cannot_write)?;
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = entry
                .read(&mut buffer)
                .map_err(ZipError::Io)
                .map_err(damaged)?;
            if read == 0 {
                return Ok(());
            }
            self.within(self.bytes + read as u64)?;
            self.bytes += read as u64;
            file.write_all(&buffer[..read]).map_err(cannot_write)?;
            progress::note(|| {
                format!(
                    "unpacking {}: {} MiB",
                    self.path.display(),
                    self.bytes >> 20
                )
            });
        }
    }

    /// Refuses more bytes than an archive of this size, or any, may hold.
    fn within(&self, bytes: u64) -> Result<()> {
        if bytes > MOST_BYTES {
            return Err(limit(&format!("{MOST_BYTES} bytes once unpacked")));
        }
        if bytes > FREE_BYTES && bytes / MOST_TIMES > self.packed {
            return Err(limit(&format!(
                "{MOST_TIMES} times its own size once unpacked"
            )));
        }
        Ok(())
    }
}

/// A name as a path below the archive.
fn checked(name: &str) -> Result<String> {
    let inner = name.strip_suffix('/').unwrap_or(name);
    let parts: Vec<&str> = inner.split('/').filter(|part| *part != ".").collect();
    let is_drive = |part: &str| part.len() == 2 && part.ends_with(':');
    let leads_out = parts.iter().any(|part| matches!(*part, "" | ".."))
        || name.contains(['\\', '\0'])
        || parts.first().is_some_and(|part| is_drive(part));
    if leads_out && !inner.is_empty() {
        return Err(refused(
            "found a name that is no path inside the archive; expected names such as run/aiperf-c16/x.json. Pack it again",
        ));
    }
    if parts.len() > MOST_DEEP {
        return Err(limit(&format!("{MOST_DEEP} folders below each other")));
    }
    Ok(parts.join("/"))
}

/// The folder that wraps everything, as `zip -r run.zip run` makes it. One that is named like a concurrency level stays,
/// since its name says which level was measured, and so does that of AIPerf's repeated runs.
fn wrapper(files: &[String]) -> String {
    let top = |path: &String| path.split_once('/').map(|(top, _)| top.to_owned());
    let Some(Some(only)) = files.first().map(top) else {
        return String::new();
    };
    let wraps = files.iter().all(|path| top(path).as_ref() == Some(&only));
    match wraps && only != "profile_runs" && !is_level(&only) {
        true => only,
        false => String::new(),
    }
}

/// Whether a folder is named like a level: `aiperf-c16`, `concurrency_4`, `c1`.
fn is_level(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let word = lower.trim_end_matches(|letter: char| letter.is_ascii_digit());
    if word.len() == lower.len() {
        return false;
    }
    let word = word.strip_suffix(['-', '_']).unwrap_or(word);
    let last = word.rsplit(['-', '_']).next();
    matches!(last, Some("c" | "concurrency"))
}

fn refused(message: &str) -> Error {
    Error {
        code: "not-understood",
        ..Error::usage(message)
    }
}

fn limit(bound: &str) -> Error {
    Error {
        code: "limit",
        ..Error::usage(format!(
            "found more than {bound}; expected one benchmark bundle. Unpack it and give the folder"
        ))
    }
}

fn damaged(error: ZipError) -> Error {
    let why = match error {
        ZipError::Io(error) => error.to_string(),
        error => error.to_string(),
    };
    Error {
        code: "damaged",
        ..Error::usage(format!(
            "found an archive that cannot be unpacked to its end; expected a whole .zip ({why}). Pack or copy it again"
        ))
    }
}

fn cannot_write(error: std::io::Error) -> Error {
    match error.kind() {
        ErrorKind::AlreadyExists | ErrorKind::NotADirectory | ErrorKind::IsADirectory => {
            refused("found a file and a folder of one name; expected each once. Pack it again")
        }
        ErrorKind::InvalidFilename => refused("found a name that is too long. Pack it again"),
        _ => no_room(error),
    }
}

fn no_room(error: std::io::Error) -> Error {
    Error {
        code: "unreadable",
        ..Error::usage(format!(
            "cannot unpack the archive here: {}. Set TMPDIR to a directory with room",
            error.kind()
        ))
    }
}

/// The same error at a path inside the archive.
fn inside(error: Error, name: &str) -> Error {
    Error {
        place: Some(name.escape_debug().take(200).collect()),
        ..error
    }
}

#[cfg(test)]
mod tests {
    use super::{checked, wrapper};

    #[test]
    fn names_stay_inside() {
        for name in ["a.json", "run/aiperf-c4/a.json", "./a", "run/", "12:30/a"] {
            assert!(checked(name).is_ok(), "{name}");
        }
        assert_eq!(checked("./run/./a").expect("inside"), "run/a");
        for name in [
            "../a",
            "run/../../a",
            "/etc/a",
            "C:/a",
            "a\\b",
            "..\\a",
            "a//b",
            "a\0b",
        ] {
            let error = checked(name).expect_err(name);
            assert!(
                error.message.starts_with("found a name that is no path"),
                "{name}"
            );
        }
        let deep = vec!["a"; 21].join("/");
        let error = checked(&deep).expect_err("deep");
        assert_eq!(error.code, "limit");
    }

    #[test]
    fn one_folder_around_everything_is_taken_off() {
        let of = |paths: &[&str]| {
            wrapper(
                &paths
                    .iter()
                    .map(|path| (*path).to_owned())
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(of(&["run/a", "run/b/c"]), "run");
        assert_eq!(of(&["run/a", "b"]), "");
        assert_eq!(of(&["run/a", "run2/b"]), "");
        for level in [
            "aiperf-c16",
            "c1",
            "concurrency_4",
            "concurrency4",
            "x-concurrency-8",
            "profile_runs",
        ] {
            assert_eq!(of(&[&format!("{level}/a")]), "", "{level}");
        }
        for other in ["run-1", "abc4", "c", "doc16"] {
            assert_eq!(of(&[&format!("{other}/a")]), other);
        }
        assert_eq!(of(&[]), "");
    }
}
