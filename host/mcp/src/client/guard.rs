//! The server must not outlive us, not even if we are killed, and neither may what it started.
//!
//! Normally it ends because its standard input ends, and we end its process group. A server that hangs does not notice
//! the former, and the latter is not done by a client that was killed. So the server is started through a second start
//! of our own program, the guard, which leads the group, waits for us and for the server, and ends the group when we
//! are gone. A server that was started through `sh -c`, `uv run` or `npx` is some processes, and all of them are in it.
//!
//! Whoever kills us may kill the guard with us, as `killall -9` does. On Linux a process can ask to be killed with its
//! parent, but only for itself, and between `fork` and `exec` nothing can be run without `unsafe`. So the server's
//! process begins as our own program too, asks for itself, and then becomes the server: the wish survives `exec`.

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

/// What the guard does first: starts the server. `start PARENT PROGRAM [ARGS]...`
const START: &str = "start";
/// What the server's process does first. `become PARENT PROGRAM [ARGS]...`
const BECOME: &str = "become";
/// What the guard does then. `wait PARENT SERVER`
const WAIT: &str = "wait";

impl Guard {
    /// A start of the guard for a server of the process `parent`; the program and its arguments are still to be added.
    pub(crate) fn start(&self, parent: u32) -> Command {
        self.step(START, parent)
    }

    fn step(&self, step: &str, parent: u32) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.args).arg(step).arg(parent.to_string());
        command
    }
}

/// Does what a guard has to do, until the server or the process that asked for it has ended, and ends as the server
/// did. `guard` is how this program was started, `command` the words behind its arguments.
///
/// Returns only if something failed, with what to say about it; the caller then ends with code 127.
pub fn run_guarded(guard: &Guard, command: impl IntoIterator<Item = OsString>) -> String {
    let words: Vec<OsString> = command.into_iter().collect();
    let number = |at: usize| words.get(at)?.to_str()?.parse::<u32>().ok();
    let step = words.first().and_then(|word| word.to_str());
    match (step, number(1), words.get(2)) {
        (Some(START), Some(parent), Some(_)) => start(guard, parent, &words[2..]),
        (Some(BECOME), Some(parent), Some(_)) => become_server(parent, &words[2..]),
        #[cfg(target_os = "linux")]
        (Some(WAIT), Some(parent), Some(_)) => match number(2) {
            Some(server) => linux::wait(parent, server),
            None => MISUSED.to_owned(),
        },
        _ => MISUSED.to_owned(),
    }
}

const MISUSED: &str = "this start is for internal use: start PARENT PROGRAM [ARGS]...";
const GONE: &str = "the process that wanted this server is gone";

/// Starts the server and goes on without its pipes, so that their ends are the server's alone.
#[cfg(target_os = "linux")]
fn start(guard: &Guard, parent: u32, server: &[OsString]) -> String {
    use std::process::Stdio;
    if !linux::is_child_of(parent) {
        return GONE.to_owned();
    }
    // The client has made us the leader of a group already; then this changes nothing.
    let _ = rustix::process::setpgid(None, None);
    let started = guard.step(BECOME, std::process::id()).args(server).spawn();
    let server = match started {
        Ok(server) => server.id(),
        Err(error) => return format!("cannot start {}: {error}", guard.program.display()),
    };
    let error = guard
        .step(WAIT, parent)
        .arg(server.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .exec();
    format!("cannot guard the server: {error}")
}

/// Without a way to wait for a parent there is nothing to guard.
#[cfg(not(target_os = "linux"))]
fn start(_guard: &Guard, parent: u32, server: &[OsString]) -> String {
    become_server(parent, server)
}

fn become_server(parent: u32, server: &[OsString]) -> String {
    #[cfg(target_os = "linux")]
    if let Err(error) = linux::die_with(parent) {
        return error;
    }
    let _ = parent;
    let (program, args) = (&server[0], &server[1..]);
    let error = Command::new(program).args(args).exec();
    format!("cannot start {}: {error}", program.display())
}

#[cfg(target_os = "linux")]
mod linux {
    use super::GONE;
    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::io::Errno;
    use rustix::process::{
        Pid, PidfdFlags, Signal, WaitOptions, getpid, getppid, kill_current_process_group,
        kill_process, pidfd_open, set_parent_process_death_signal, waitpid,
    };

    pub fn is_child_of(parent: u32) -> bool {
        getppid().map(|pid| pid.as_raw_nonzero().get()) == i32::try_from(parent).ok()
    }

    pub fn die_with(parent: u32) -> Result<(), String> {
        set_parent_process_death_signal(Some(Signal::KILL))
            .map_err(|error| format!("cannot ask to be ended with the parent: {error}"))?;
        // It may have ended before we asked.
        is_child_of(parent)
            .then_some(())
            .ok_or_else(|| GONE.to_owned())
    }

    fn pid(number: u32) -> Option<Pid> {
        Pid::from_raw(i32::try_from(number).ok()?)
    }

    /// Waits for either, ends the group if it is the parent, and ends as the server did.
    pub fn wait(parent: u32, server: u32) -> String {
        let (Some(parent_pid), Some(server)) = (pid(parent), pid(server)) else {
            return super::MISUSED.to_owned();
        };
        match parent_ends_first(parent_pid, server) {
            Ok(false) => {}
            // The number of the parent may be another's by now; that we are its child no more says the same.
            Ok(true) => return end_group(),
            // A kernel without these descriptors: then the server at least ends with us, and we with the parent.
            Err(_) if die_with(parent).is_err() => return end_group(),
            Err(_) => {}
        }
        loop {
            match waitpid(Some(server), WaitOptions::empty()) {
                Err(Errno::INTR) | Ok(None) => {}
                Err(error) => return format!("cannot wait for the server: {error}"),
                Ok(Some((_, status))) => {
                    if let Some(code) = status.exit_status() {
                        std::process::exit(code);
                    }
                    let signal = status.terminating_signal().unwrap_or_default();
                    if let Some(named) = Signal::from_named_raw(signal) {
                        let _ = kill_process(getpid(), named);
                    }
                    std::process::exit(128 + signal);
                }
            }
        }
    }

    fn parent_ends_first(parent: Pid, server: Pid) -> Result<bool, Errno> {
        let parent_end = match pidfd_open(parent, PidfdFlags::empty()) {
            Err(Errno::SRCH) => return Ok(true),
            other => other?,
        };
        if getppid() != Some(parent) {
            return Ok(true);
        }
        let server_end = pidfd_open(server, PidfdFlags::empty())?;
        let mut ends = [&parent_end, &server_end].map(|end| PollFd::new(end, PollFlags::IN));
        loop {
            match poll(&mut ends, None) {
                Err(Errno::INTR) => {}
                Err(error) => return Err(error),
                Ok(_) => return Ok(!ends[0].revents().is_empty()),
            }
        }
    }

    /// Ends everything in the group, this process included.
    fn end_group() -> String {
        match kill_current_process_group(Signal::KILL) {
            Ok(()) => GONE.to_owned(),
            Err(error) => format!("{GONE}, and its processes cannot be ended: {error}"),
        }
    }
}
