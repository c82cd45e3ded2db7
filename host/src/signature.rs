//! Signatures of verdicts, made and checked by `ssh-keygen -Y`: everybody who can push has a key for it.

use crate::error::{Error, Result};
use perfbridge_registry::{write_aside, write_new_aside};
use std::ffi::OsString;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What a signature is for: one of another namespace is none of a verdict.
pub const NAMESPACE: &str = "perfbridge-verdict";

const PROGRAM: &str = "ssh-keygen";

/// Where the signature of a verdict stands: beside it, with `.sig` behind its name.
pub fn beside(verdict: &Path) -> PathBuf {
    let mut name = OsString::from(verdict);
    name.push(".sig");
    name.into()
}

/// Signs a verdict. One that is signed already is signed anew only where `replaces`, after the verdict itself was written
/// anew.
///
/// # Errors
/// No `ssh-keygen`, a key that it does not take, a signature that is there.
pub fn sign(verdict: &Path, key: &Path, replaces: bool) -> Result<PathBuf> {
    let place = beside(verdict);
    if place.exists() && !replaces {
        return Err(Error::usage(
            "found a signature; expected none: a verdict is signed once. Check it with --allowed-signers",
        )
        .in_input(&place));
    }
    let text = read(verdict)?;
    let mut command = keygen("sign");
    command.arg("-f").arg(key);
    let made = run(command, &text)?;
    if !made.status.success() || made.stdout.is_empty() {
        return Err(Error::usage(format!(
            "{PROGRAM} made no signature: {}. Expected a private key that it can use, as {PROGRAM} -t ed25519 makes one",
            said(&made)
        ))
        .in_input(key));
    }
    let write = if replaces {
        write_aside
    } else {
        write_new_aside
    };
    write(&place, &made.stdout).map_err(|error| Error::io("write", &place, &error))?;
    Ok(place)
}

/// What a signature says.
#[derive(Debug, PartialEq, Eq)]
pub enum Signed {
    /// By one of the allowed signers, who is called so.
    By(String),
    /// By none of them, or not of these bytes, with the words of `ssh-keygen`.
    Wrong(String),
    /// There is no signature.
    Missing,
}

/// Checks the signature of a verdict against a file of allowed signers; `signer` is the one that is expected, else any.
///
/// # Errors
/// No `ssh-keygen`, a file that cannot be read.
pub fn check(verdict: &Path, allowed: &Path, signer: Option<&str>) -> Result<Signed> {
    let signature = beside(verdict);
    read(allowed)?;
    if !signature.exists() {
        return Ok(Signed::Missing);
    }
    let text = read(verdict)?;
    let with_files = |mut command: Command| {
        command.arg("-f").arg(allowed).arg("-s").arg(&signature);
        command
    };
    let found = run(with_files(keygen("find-principals")), &[])?;
    let principals = String::from_utf8_lossy(&found.stdout).into_owned();
    let mut principals = principals
        .lines()
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let Some(principal) = principals.find(|name| signer.is_none_or(|signer| signer == *name))
    else {
        let why = match signer {
            Some(signer) => format!("the key is not that of {signer} in {}", allowed.display()),
            None => format!("the key is in no line of {}", allowed.display()),
        };
        return Ok(Signed::Wrong(why));
    };
    let mut command = with_files(keygen("verify"));
    command.arg("-I").arg(principal);
    let checked = run(command, &text)?;
    Ok(match checked.status.success() {
        true => Signed::By(principal.to_owned()),
        false => Signed::Wrong(said(&checked)),
    })
}

fn keygen(what: &str) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(["-Y", what]);
    if what != "find-principals" {
        command.args(["-n", NAMESPACE]);
    }
    command
}

fn run(mut command: Command, input: &[u8]) -> Result<Output> {
    let failed = |error: &std::io::Error| match error.kind() {
        ErrorKind::NotFound => Error::usage(format!(
            "found no {PROGRAM} on the PATH; expected it for signatures. It comes with the OpenSSH client (openssh-client)"
        )),
        _ => Error::usage(format!("cannot run {PROGRAM}: {error}")),
    };
    let pipes = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = pipes.spawn().map_err(|error| failed(&error))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that refuses its options reads nothing; its own words say why.
        let _ = stdin.write_all(input);
    }
    child.wait_with_output().map_err(|error| failed(&error))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| Error::io("read", path, &error))
}

/// The last line that a program said.
fn said(output: &Output) -> String {
    let both = [&output.stderr[..], &output.stdout].concat();
    let text = String::from_utf8_lossy(&both).into_owned();
    let last = text.lines().rev().find(|line| !line.trim().is_empty());
    last.unwrap_or("nothing was said").trim().to_owned()
}
