//! The server must not outlive us, not even if we are killed.
//!
//! Normally it ends because its standard input ends. A server that hangs does not notice that. On Linux a process can
//! ask to be killed with its parent, but only for itself, and between `fork` and `exec` nothing can be run without
//! `unsafe`. So the server is started through a second start of our own program, which asks for itself and then
//! becomes the server: the wish survives `exec`.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

/// Our own program and the arguments that make it call [`run_guarded`] with what follows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// The program, normally `std::env::current_exe()`.
    pub program: PathBuf,
    /// Its arguments, for example a hidden subcommand.
    pub args: Vec<OsString>,
}

/// Becomes the command: the number of the process that asked for it, the program, its arguments. The command will be
/// killed when that process ends.
///
/// Returns only if that failed, with what to say about it; the caller then ends with code 127.
pub fn run_guarded(command: impl IntoIterator<Item = OsString>) -> String {
    let mut words = command.into_iter();
    let parent = words.next().and_then(|word| word.to_str()?.parse().ok());
    let (Some(parent), Some(program)) = (parent, words.next()) else {
        return "this start is for internal use: PARENT PROGRAM [ARGS]...".to_owned();
    };
    if let Err(error) = die_with(parent) {
        return error;
    }
    let error = Command::new(&program).args(words).exec();
    format!("cannot start {}: {error}", program.display())
}

#[cfg(target_os = "linux")]
fn die_with(parent: i32) -> Result<(), String> {
    use rustix::process::{Signal, getppid, set_parent_process_death_signal};
    set_parent_process_death_signal(Some(Signal::KILL))
        .map_err(|error| format!("cannot ask to be ended with the parent: {error}"))?;
    // It may have ended before we asked.
    if getppid().map(|pid| pid.as_raw_nonzero().get()) != Some(parent) {
        return Err("the process that wanted this server is gone".to_owned());
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn die_with(_parent: i32) -> Result<(), String> {
    Ok(())
}
