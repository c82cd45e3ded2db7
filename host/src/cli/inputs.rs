//! From paths on the command line to documents.

use super::args::{Additions, BundleArgs, is_stdin};
use super::output::Output;
use super::progress;
use super::runs::{self, Input};
use crate::bundle::Bundle;
use crate::ceilings;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::sandbox::{Failure, Grant, Hashes, Sandbox, Setting, ingest};
use cap_std::ambient_authority;
use cap_std::fs::Dir;
use std::cell::LazyCell;
use std::ffi::OsStr;
use std::io::Read as _;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};

/// Names of the preopens; the component sees these and no host path.
const BUNDLE: &str = "bundle";
const PROFILE: &str = "profile";
/// The name of a bundle that lies in the layout of experiments: from it the component knows the name of the profile.
const IN_LAYOUT: &str = "inference-perf-bench/run";

/// How one side is read.
#[derive(Default)]
pub struct Reading<'a> {
    pub model: Option<&'a str>,
    pub settings: &'a [String],
    pub profile: Option<&'a PathBuf>,
    pub sol: Option<(&'a PathBuf, &'a String)>,
    /// Commit of the registry's repository, for the provenance.
    pub root_sha: Option<String>,
    /// The run is kept as an observation.
    pub observe: bool,
}

impl<'a> From<&'a BundleArgs> for Reading<'a> {
    fn from(args: &'a BundleArgs) -> Self {
        Reading::of(args.model.as_deref(), &args.additions)
    }
}

impl<'a> Reading<'a> {
    /// A run of this model, with what is added to it.
    pub fn of(model: Option<&'a str>, additions: &'a Additions) -> Self {
        let sol = additions.sol_ceilings.as_ref();
        Reading {
            model,
            settings: &additions.settings,
            profile: additions.profile.as_ref(),
            sol: sol.zip(additions.sol_key.as_ref()),
            root_sha: None,
            observe: false,
        }
    }

    /// Refuses what can only be added while a bundle is read.
    pub fn refuse_additions(&self, path: &Path) -> Result<()> {
        let additions = [
            !self.settings.is_empty(),
            self.profile.is_some(),
            self.sol.is_some(),
            self.observe,
        ];
        if !additions.contains(&true) {
            return Ok(());
        }
        Err(Error::usage(
            "--set, --profile, --sol-ceilings and --observe add to a bundle while it is read; this is a finished document, which is never changed",
        )
        .in_input(path))
    }
}

/// Reads one path, or several as trials of one configuration; a directory of several runs is those runs.
pub fn read_all(
    sandbox: &Sandbox,
    paths: &[PathBuf],
    read_one: impl Fn(&Input) -> Result<ingest::Document>,
) -> Result<ingest::Document> {
    let runs = runs::expand(sandbox, paths)?;
    if let [only] = runs.as_slice() {
        return read_one(only);
    }
    let read = runs
        .iter()
        .map(|run| read_one(run).map(|document| document.json));
    let documents = read.collect::<Result<Vec<String>>>()?;
    sandbox
        .merge_trials(&documents)
        .map_err(|failure| naming(failure, &runs))
}

/// The same failure with the path of each trial, which the component knows by number only.
pub fn naming(failure: Failure, runs: &[Input]) -> Error {
    let listed = runs
        .iter()
        .enumerate()
        .map(|(at, run)| format!("trial {} is {}", at + 1, run.name));
    let listed = listed.collect::<Vec<_>>().join(", ");
    let error = Error::from(failure);
    Error {
        message: format!("{} ({listed})", error.message),
        ..error
    }
}

/// Reads a directory as a bundle, a file or standard input as a document, and a file that is none as a bundle of that
/// file alone: the result of a tool that writes one file.
pub fn read(
    sandbox: &Sandbox,
    run: &Input,
    reading: &Reading<'_>,
    output: &Output,
) -> Result<ingest::Document> {
    read_at(sandbox, run, reading, output).map_err(|error| run.in_archive(error))
}

fn read_at(
    sandbox: &Sandbox,
    run: &Input,
    reading: &Reading<'_>,
    output: &Output,
) -> Result<ingest::Document> {
    let path = &run.path;
    if !is_stdin(path) {
        let kind = std::fs::metadata(path)
            .map_err(|error| Error::io("open the input", &run.called, &error))?;
        if kind.is_dir() {
            return read_bundle(sandbox, run, reading, output);
        }
        if !kind.is_file() {
            return Err(
                Error::usage("found a special file; expected a directory or a document")
                    .in_input(&run.called),
            );
        }
    }
    let document = match read_document(sandbox, path) {
        Err(error) if error.exit == Exit::Usage => {
            return read_alone(sandbox, run, reading, output, error);
        }
        document => document?,
    };
    reading.refuse_additions(path)?;
    match reading.model {
        Some(model) if model != document.model => Err(Error::usage(format!(
            "--model names {model:?}, but this is a document of {:?}",
            document.model
        ))
        .in_input(path)),
        _ => Ok(document),
    }
}

/// The document of the run, the runs or the registry entry in a directory, for the verbs; none where nothing is recognised.
///
/// # Errors
/// Something is recognised and cannot be read.
pub fn document_of(
    sandbox: &Sandbox,
    dir: &Path,
    root_sha: Option<String>,
) -> Result<Option<String>> {
    let reading = Reading {
        root_sha,
        ..Reading::default()
    };
    let output = Output::silent();
    let read = read_all(sandbox, &[dir.to_owned()], |run| {
        read(sandbox, run, &reading, &output)
    });
    match read {
        Ok(document) => Ok(Some(document.json)),
        Err(error) if error.cause.as_deref() == Some("nothing-recognised") => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads a file that is no document, for the reason `no_document`, as a bundle of that file alone.
fn read_alone(
    sandbox: &Sandbox,
    run: &Input,
    reading: &Reading<'_>,
    output: &Output,
    no_document: Error,
) -> Result<ingest::Document> {
    let path = &run.path;
    let (Some(name), false) = (path.file_name().and_then(OsStr::to_str), is_stdin(path)) else {
        return Err(no_document);
    };
    let folder = runs::folder_of(path);
    let alone = Input {
        path: folder.to_owned(),
        folders: vec![name.to_owned()],
        name: run.name.clone(),
        called: runs::folder_of(&run.called).to_owned(),
        unpacked: run.unpacked.clone(),
    };
    read_bundle(sandbox, &alone, reading, output).map_err(|error| match error.cause.as_deref() {
        Some("nothing-recognised") => no_document,
        _ => error,
    })
}

/// At most so much is read as a document.
const LARGEST_DOCUMENT: u64 = 64 << 20;

/// The bytes of a document file or of standard input, up to one more than a document may have.
fn document_bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if is_stdin(path) {
        let input = std::io::stdin().lock();
        input.take(LARGEST_DOCUMENT + 1).read_to_end(&mut bytes)?;
    } else {
        let file = std::fs::File::open(path)?;
        bytes.reserve(file.metadata()?.len().min(LARGEST_DOCUMENT) as usize);
        file.take(LARGEST_DOCUMENT + 1).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// The text of a document file or of standard input.
///
/// # Errors
/// What the system refuses, too many bytes, bytes that are no text.
pub fn document_text(path: &Path) -> Result<String> {
    let bytes =
        document_bytes(path).map_err(|error| Error::io("read the document", path, &error))?;
    if bytes.len() as u64 > LARGEST_DOCUMENT {
        return Err(Error::usage(format!("found a file larger than {LARGEST_DOCUMENT} bytes; expected a document. Name the directory of a bundle")).in_input(path));
    }
    String::from_utf8(bytes).map_err(|_| {
        Error::usage("found bytes that are not UTF-8; expected a document in JSON").in_input(path)
    })
}

/// Reads a document file, or standard input.
pub fn read_document(sandbox: &Sandbox, path: &Path) -> Result<ingest::Document> {
    let text = document_text(path)?;
    let name = path
        .file_name()
        .map_or_else(|| "document".into(), |name| name.to_string_lossy());
    sandbox.check_document(&name, &text).map_err(|failure| {
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let error = Error::from(failure);
        match folder {
            Some(folder) => error.in_input(folder),
            None => error,
        }
    })
}

fn read_bundle(
    sandbox: &Sandbox,
    run: &Input,
    reading: &Reading<'_>,
    output: &Output,
) -> Result<ingest::Document> {
    let bundle = Bundle::open(&run.path, &run.folders)?;
    let profile = match reading.profile {
        Some(profile) => Some(Bundle::open(profile, &[])?),
        None => None,
    };
    let beside = match profile {
        Some(_) => None,
        None => profile_beside(sandbox, &run.path, output)?,
    };
    let name = if beside.is_some() { IN_LAYOUT } else { BUNDLE };
    let mut granted = vec![bundle.grant(name)?];
    granted.extend(beside);
    if let Some(profile) = &profile {
        granted.push(profile.grant(PROFILE)?);
    }
    let options = options(run, reading)?;
    let called = &run.name;
    let hash = || hashes_of(&bundle, profile.as_ref(), called);
    let (document, files) = std::thread::scope(|scope| {
        let hashing = std::thread::Builder::new().spawn_scoped(scope, hash);
        let made = LazyCell::new(|| match hashing {
            Ok(hashing) => hashing.join().unwrap_or_else(|panic| resume_unwind(panic)),
            // No thread can be had.
            Err(_) => hash(),
        });
        let hashes = || made.as_ref().map_err(Error::clone);
        let read = sandbox.read_unhashed(granted, name, &options, &hashes);
        // What cannot be hashed is said before what cannot be read.
        let files = hashes()?.files.len();
        let document = read.map_err(|failure| Error::from(failure).in_input(&run.called))??;
        Ok::<_, Error>((document, files))
    })?;
    let (path, model) = (run.called.display(), &document.model);
    output.detail(&format!("read {path}: {files} files, model {model}"));
    Ok(document)
}

fn hashes_of(bundle: &Bundle<'_>, profile: Option<&Bundle<'_>>, name: &str) -> Result<Hashes> {
    let mut progress = |bytes| {
        progress::note(|| format!("reading {name}: {} MiB hashed", bytes >> 20));
    };
    let files = bundle.hashes(&mut progress)?;
    let of_profile = match profile {
        Some(profile) => profile.hashes(&mut progress)?,
        None => vec![],
    };
    Ok(Hashes { files, of_profile })
}

/// What the host says of a bundle; its hashes follow.
fn options(run: &Input, reading: &Reading<'_>) -> Result<ingest::Options> {
    let ceiling = match reading.sol {
        Some((file, key)) => Some(ceilings::read(file, key)?),
        None => None,
    };
    Ok(ingest::Options {
        model: reading.model.map(str::to_owned),
        settings: settings(reading.settings)?,
        folders: run.folders.clone(),
        files: vec![],
        profile_dir: reading.profile.map(|_| PROFILE.to_owned()),
        profile_files: vec![],
        ceiling,
        operator: operator(),
        profile_and_optimize_sha: reading.root_sha.clone(),
        observation: reading.observe,
    })
}

/// The directory beside a run that bears its name, where the component says a profile would lie. Whether it is one is
/// seen when it is read.
fn profile_beside(sandbox: &Sandbox, run: &Path, output: &Output) -> Result<Option<Grant>> {
    // A path that is no text cannot be the layout's. Nor can one without the layout's folder: then the component is not
    // asked, which costs an instance.
    let real = run.canonicalize().ok();
    let folder = Path::new(IN_LAYOUT).parent().and_then(Path::file_name);
    let in_layout = |path: &&Path| path.iter().any(|part| Some(part) == folder);
    let Some(path) = real.as_deref().filter(in_layout).and_then(Path::to_str) else {
        return Ok(None);
    };
    let Some(found) = sandbox.profile_beside(path)? else {
        return Ok(None);
    };
    let Ok(dir) = Dir::open_ambient_dir(&found, ambient_authority()) else {
        return Ok(None);
    };
    output.say(&format!(
        "note: the profile of the same name is read too: {found}"
    ));
    let name = sandbox.profile_beside(IN_LAYOUT)?.unwrap_or_default();
    Ok(Some(Grant { name, dir }))
}

fn settings(settings: &[String]) -> Result<Vec<Setting>> {
    settings
        .iter()
        .map(|setting| match setting.split_once('=') {
            Some((path, value)) => Ok(Setting { path: path.trim().to_owned(), value: value.to_owned() }),
            None => Err(Error::usage(format!(
                "--set is given {setting:?}; expected FIELD=VALUE, for instance deployment.quantization=NVFP4"
            ))),
        })
        .collect()
}

/// The account that runs the command, as the registry records it.
fn operator() -> Option<String> {
    ["USER", "USERNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|user| !user.is_empty()))
}
