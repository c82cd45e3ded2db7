//! What a git ref holds: files of a tree, read by plumbing alone. Nothing is checked out, no hook or filter runs, and the
//! working tree is not looked at.

use crate::error::{Error, Result};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The most files that are taken from a ref.
const MOST_FILES: usize = 20_000;
/// The most bytes that they have together.
const MOST_BYTES: u64 = 512 << 20;
/// The most bytes of what git says about them.
const MOST_SAID: u64 = 16 << 20;

/// A commit of a repository.
#[derive(Debug)]
pub struct GitRef {
    /// As it was named, for messages.
    pub name: String,
    /// The top of the repository's working tree.
    pub top: PathBuf,
    commit: String,
}

/// A file of a tree.
struct Blob {
    path: String,
    oid: String,
    size: u64,
}

/// An absolute path below a directory as it is relative to it; the path need not be there. None for one that is outside.
///
/// # Errors
/// A directory that is not there.
pub fn below(top: &Path, path: &Path) -> Result<Option<String>> {
    let top = top
        .canonicalize()
        .map_err(|error| Error::io("find the repository", top, &error))?;
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    // The nearest directory that is there, with what is not behind it.
    let mut there = plain.as_path();
    while !there.exists() {
        match there.parent() {
            Some(parent) => there = parent,
            None => break,
        }
    }
    let rest = plain.strip_prefix(there).unwrap_or(Path::new(""));
    let whole = there.canonicalize().unwrap_or_default();
    let whole = match rest.as_os_str().is_empty() {
        true => whole,
        false => whole.join(rest),
    };
    let below = whole.strip_prefix(&top).ok().and_then(Path::to_str);
    Ok(below.map(str::to_owned))
}

impl GitRef {
    /// The commit of a name, in the repository that `within` lies in.
    ///
    /// # Errors
    /// A name that is an option or no name, no git, no repository, no such commit.
    pub fn of(name: &str, within: &Path) -> Result<GitRef> {
        let plain = |c: char| !c.is_control() && !c.is_whitespace() && !":^?*[\\".contains(c);
        if name.is_empty() || name.starts_with('-') || !name.chars().all(plain) {
            return Err(Error::usage(format!(
                "found {name:?} as a git ref; expected the name of a branch, a tag or a commit, as origin/main"
            )));
        }
        let top = said(within, &["rev-parse", "--show-toplevel"])?.ok_or_else(|| {
            Error::usage(format!(
                "there is no git repository at {}; a baseline of {name} needs one",
                within.display()
            ))
        })?;
        let top = PathBuf::from(top);
        let commit = format!("{name}^{{commit}}");
        let found = said(
            &top,
            &[
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                &commit,
            ],
        )?;
        let commit = found.ok_or_else(|| Error {
            code: "not-found",
            ..Error::usage(format!(
                "there is no commit {name} in this clone; fetch it first, for instance git fetch --depth=1 origin BRANCH"
            ))
        })?;
        Ok(GitRef {
            name: name.to_owned(),
            top,
            commit,
        })
    }

    /// A path of the repository as messages name it: `origin/main:perfbridge.toml`.
    pub fn shown(&self, path: &str) -> String {
        format!("{}:{path}", self.name)
    }

    /// The path below the top of the repository of a path in its working tree, which need not be there.
    ///
    /// # Errors
    /// One that is outside.
    pub fn inside(&self, path: &Path) -> Result<String> {
        below(&self.top, path)?.ok_or_else(|| {
            Error::usage(format!(
                "this is outside of the repository, so {} cannot have it",
                self.name
            ))
            .in_input(path)
        })
    }

    /// The bytes of one file; none where there is none. More than `most` bytes are cut behind the first of them.
    ///
    /// # Errors
    /// What git refuses.
    pub fn file(&self, path: &str, most: u64) -> Result<Option<Vec<u8>>> {
        let Some(oid) = self.object(path, "blob")? else {
            return Ok(None);
        };
        let mut child = start(&self.top, &["cat-file", "blob", &oid], Stdio::null())?;
        let mut bytes = Vec::new();
        read_from(&mut child)
            .take(most + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| broken(&error))?;
        let _ = child.kill();
        let _ = child.wait();
        Ok(Some(bytes))
    }

    /// Writes every file below `path` to `into`, which holds `path` then; whether there is such a directory.
    ///
    /// # Errors
    /// Links and submodules, paths that lead elsewhere, more than is read, and what git and the system refuse.
    pub fn extract(&self, path: &str, into: &Path) -> Result<bool> {
        let Some(tree) = self.object(path, "tree")? else {
            return Ok(false);
        };
        let blobs = self.list(&tree, path)?;
        self.write(&blobs, into)?;
        Ok(true)
    }

    fn object(&self, path: &str, kind: &str) -> Result<Option<String>> {
        let name = match path.is_empty() {
            true => format!("{}^{{{kind}}}", self.commit),
            false => format!("{}:{path}", self.commit),
        };
        let words = [
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &name,
        ];
        let Some(oid) = said(&self.top, &words)? else {
            return Ok(None);
        };
        let is = said(&self.top, &["cat-file", "-t", &oid])?;
        Ok((is.as_deref() == Some(kind)).then_some(oid))
    }

    fn list(&self, tree: &str, path: &str) -> Result<Vec<Blob>> {
        let words = ["ls-tree", "-r", "-z", "-l", "--full-tree", tree];
        let mut child = start(&self.top, &words, Stdio::null())?;
        let mut text = Vec::new();
        read_from(&mut child)
            .take(MOST_SAID + 1)
            .read_to_end(&mut text)
            .map_err(|error| broken(&error))?;
        let _ = child.kill();
        let _ = child.wait();
        let lines: Vec<&[u8]> = text
            .split(|byte| *byte == 0)
            .filter(|line| !line.is_empty())
            .collect();
        let too_much = || Error {
            code: "limit",
            place: Some(self.shown(path)),
            ..Error::usage(format!(
                "found more than is read from a ref; expected at most {MOST_FILES} files of together {} MiB",
                MOST_BYTES >> 20
            ))
        };
        if text.len() as u64 > MOST_SAID || lines.len() > MOST_FILES {
            return Err(too_much());
        }
        let blobs = lines
            .into_iter()
            .map(|line| self.blob(line, path))
            .collect::<Result<Vec<Blob>>>()?;
        let bytes: u64 = blobs.iter().map(|blob| blob.size).sum();
        match bytes > MOST_BYTES {
            true => Err(too_much()),
            false => Ok(blobs),
        }
    }

    /// `100644 blob OID SIZE<tab>PATH`.
    fn blob(&self, line: &[u8], below: &str) -> Result<Blob> {
        let wrong = |path: &str, what: &str| Error {
            place: Some(self.shown(path)),
            ..Error::usage(format!(
                "found {what}; expected the plain files of a registry"
            ))
        };
        let text =
            std::str::from_utf8(line).map_err(|_| wrong(below, "a path that is not UTF-8"))?;
        let (about, path) = text
            .split_once('\t')
            .ok_or_else(|| broken(&"a line without a path"))?;
        let path = format!("{below}/{path}");
        let words: Vec<&str> = about.split_whitespace().collect();
        let [mode, "blob", oid, size] = words.as_slice() else {
            return Err(wrong(&path, "a submodule"));
        };
        if *mode == "120000" {
            return Err(wrong(&path, "a symbolic link"));
        }
        let leads_elsewhere = path
            .split('/')
            .any(|part| matches!(part, "" | "." | "..") || part.contains('\\'));
        if leads_elsewhere {
            return Err(wrong(&path, "a path that leads elsewhere"));
        }
        Ok(Blob {
            oid: (*oid).to_owned(),
            size: size.parse().map_err(|_| broken(&"no size"))?,
            path,
        })
    }

    fn write(&self, blobs: &[Blob], into: &Path) -> Result<()> {
        // Handed over as a file: a pipe that is full on both ends would wait for itself.
        let mut asked = tempfile::tempfile().map_err(|error| broken(&error))?;
        for blob in blobs {
            writeln!(asked, "{}", blob.oid).map_err(|error| broken(&error))?;
        }
        std::io::Seek::rewind(&mut asked).map_err(|error| broken(&error))?;
        let mut child = start(&self.top, &["cat-file", "--batch"], Stdio::from(asked))?;
        let mut answers = BufReader::new(read_from(&mut child));
        for blob in blobs {
            let mut head = String::new();
            (&mut answers)
                .take(256)
                .read_line(&mut head)
                .map_err(|error| broken(&error))?;
            if head.trim_end() != format!("{} blob {}", blob.oid, blob.size) {
                return Err(Error {
                    code: "unreadable",
                    place: Some(self.shown(&blob.path)),
                    ..Error::usage(
                        "git does not have this file here; expected a clone with the files of the ref: fetch it without --filter",
                    )
                });
            }
            let file = into.join(&blob.path);
            self.write_one(&mut answers, blob, &file).map_err(|error| {
                Error::io(
                    "write what the ref holds",
                    Path::new(&self.shown(&blob.path)),
                    &error,
                )
            })?;
        }
        let _ = child.wait();
        Ok(())
    }

    fn write_one(&self, from: &mut impl Read, blob: &Blob, to: &Path) -> std::io::Result<()> {
        if let Some(parent) = to.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let mut file = File::options().write(true).create_new(true).open(to)?;
        let copied = std::io::copy(&mut from.take(blob.size), &mut file)?;
        let mut end = [0];
        from.read_exact(&mut end)?;
        if copied != blob.size || end != *b"\n" {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let mut rights = file.metadata()?.permissions();
        rights.set_readonly(true);
        file.set_permissions(rights)
    }
}

fn broken(why: &dyn std::fmt::Display) -> Error {
    Error {
        code: "unreadable",
        ..Error::usage(format!("cannot read what git says: {why}"))
    }
}

fn read_from(child: &mut Child) -> Box<dyn Read> {
    match child.stdout.take() {
        Some(stdout) => Box::new(stdout),
        None => Box::new(std::io::empty()),
    }
}

/// Starts git so that it reads its own objects and does nothing else: it fetches nothing, asks nobody, runs nothing.
fn start(within: &Path, words: &[&str], stdin: Stdio) -> Result<Child> {
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(within)
        .args([
            "-c",
            "core.fsmonitor=false",
            "-c",
            "core.hooksPath=/dev/null",
        ])
        .args(words)
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C")
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().map_err(|error| Error {
        code: "not-found",
        ..Error::usage(format!(
            "cannot start git: {error}; a baseline of a git ref needs it on the PATH"
        ))
    })
}

/// What git answers in one line; none where it refuses.
fn said(within: &Path, words: &[&str]) -> Result<Option<String>> {
    let child = start(within, words, Stdio::null())?;
    let output = child.wait_with_output().map_err(|error| broken(&error))?;
    // A repository of somebody else is refused in words that say what to do.
    let stderr = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() && stderr.contains("dubious ownership") {
        let line = stderr.lines().next().unwrap_or_default();
        return Err(Error::usage(format!(
            "git refuses this repository: {}; git config --global --add safe.directory DIR allows it",
            line.trim_start_matches("fatal: ")
        )));
    }
    let text = String::from_utf8_lossy(&output.stdout)
        .trim_end_matches('\n')
        .to_owned();
    Ok((output.status.success() && !text.is_empty()).then_some(text))
}
