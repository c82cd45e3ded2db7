//! The child process: its start, its end, and what it left behind for the error message.

use super::choose::ServerCommand;
use super::error::ClientError;
use super::options::ClientOptions;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use std::collections::VecDeque;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;

/// How much of stderr is kept, in bytes: the end of it.
const TAIL: usize = 4096;

/// How many lines of it are told: enough for the last error of a program, not for its whole traceback.
const LAST_LINES: usize = 5;

/// How long a server may take to end by itself once its input has ended.
const GRACE: Duration = Duration::from_millis(500);

/// How long the readers may take to read what is left in the pipes of a server that has ended. They are done at once
/// unless something that the server started escaped from its group and holds a pipe open.
const LEFTOVERS: Duration = Duration::from_millis(500);

/// How often a process is looked at while it ends.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// What is known about the server besides its answers.
#[derive(Debug, Default)]
pub(crate) struct Log {
    stderr: VecDeque<u8>,
    flooded: bool,
    /// Something on stdout that is no message of the protocol.
    pub garbage: Option<String>,
}

/// The log, shared with the tasks that fill it.
#[derive(Debug, Clone, Default)]
pub(crate) struct SharedLog(Arc<Mutex<Log>>);

impl SharedLog {
    fn with<T>(&self, work: impl FnOnce(&mut Log) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes the first thing on stdout that is no message.
    pub fn note_garbage(&self, what: String) {
        self.with(|log| log.garbage.get_or_insert(what).len());
    }

    /// The first thing on stdout that is no message.
    pub fn garbage(&self) -> Option<String> {
        self.with(|log| log.garbage.clone())
    }

    fn note_stderr(&self, bytes: &[u8]) {
        self.with(|log| {
            log.stderr.extend(bytes);
            let excess = log.stderr.len().saturating_sub(TAIL);
            log.flooded |= excess > 0;
            log.stderr.drain(..excess);
        });
    }

    /// What the server said last on stderr, for the end of an error message, on lines of its own.
    pub fn last_words(&self) -> String {
        self.with(|log| {
            let bytes: Vec<u8> = log.stderr.iter().copied().collect();
            let text = String::from_utf8_lossy(&bytes);
            let lines: Vec<&str> = text.trim_end().lines().collect();
            if lines.is_empty() {
                return "\nThe server said nothing on stderr".to_owned();
            }
            let cut = lines.len().saturating_sub(LAST_LINES);
            let lead = match (cut, log.flooded) {
                (0, false) => "",
                (0, true) => "...",
                _ => "...\n",
            };
            format!(
                "\nThe end of the server's stderr:\n{lead}{}",
                lines[cut..].join("\n")
            )
        })
    }
}

/// The pipes to a server.
pub(crate) struct Pipes {
    pub stdin: ChildStdin,
    pub stdout: ChildStdout,
}

/// A running server, in a process group of its own.
pub(crate) struct Process {
    child: Child,
    group: Option<Pid>,
    readers: Vec<JoinHandle<()>>,
    pub log: SharedLog,
}

impl Process {
    /// Starts the server. Its environment is ours and what its entry adds.
    pub fn start(
        server: &ServerCommand,
        options: &ClientOptions,
    ) -> Result<(Self, Pipes), ClientError> {
        let cannot = |why: String| {
            ClientError::new(format!(
                "cannot start the MCP server `{}` (from {}): {why}",
                server.text(),
                server.source
            ))
        };
        let mut child = command(server, options)
            .spawn()
            .map_err(|error| cannot(error.to_string()))?;
        let group = child
            .id()
            .and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        let (Some(stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(cannot("its pipes are missing".to_owned()));
        };
        let log = SharedLog::default();
        let process = Self {
            child,
            group,
            readers: vec![tokio::spawn(drain(stderr, log.clone()))],
            log,
        };
        Ok((process, Pipes { stdin, stdout }))
    }

    /// Adds a reader whose end is waited for once the server has ended.
    pub fn add_reader(&mut self, reader: JoinHandle<()>) {
        self.readers.push(reader);
    }

    /// Waits a moment for the server to end by itself, ends it if it does not, and everything it started. Tells how
    /// it ended if it did so by itself.
    pub async fn end(&mut self) -> Option<ExitStatus> {
        let by_itself = tokio::time::timeout(GRACE, self.ended()).await.is_ok();
        let status = self.kill().await;
        status.filter(|_| by_itself)
    }

    /// Ends the server at once, with everything it started, and reads what is left in its pipes.
    pub async fn kill(&mut self) -> Option<ExitStatus> {
        // The group is ended before the server is waited for: until then nobody else can have its number.
        if let Some(group) = self.group.take() {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let status = self.child.wait().await.ok();
        for reader in self.readers.drain(..) {
            let _ = tokio::time::timeout(LEFTOVERS, reader).await;
        }
        status
    }

    /// Returns once the server has ended, and leaves its status to be fetched.
    async fn ended(&self) {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        while let Some(pid) = self.group
            && matches!(waitid(WaitId::Pid(pid), options), Ok(None))
        {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

fn command(server: &ServerCommand, options: &ClientOptions) -> Command {
    let mut command = match &options.guard {
        None => Command::new(&server.program),
        Some(guard) => {
            let mut command = Command::from(guard.start(std::process::id()));
            command.arg(&server.program);
            command
        }
    };
    command
        .args(&server.args)
        .envs(server.env.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // A group of its own, so that it can be ended together with all it started.
        .process_group(0)
        .kill_on_drop(true);
    if let Some(dir) = &server.dir {
        command.current_dir(dir);
    }
    command
}

/// Reads stderr to its end, or the server would block on a full pipe.
async fn drain(mut stderr: ChildStderr, log: SharedLog) {
    let mut buffer = [0; 8192];
    while let Ok(count) = stderr.read(&mut buffer).await
        && count > 0
    {
        log.note_stderr(&buffer[..count]);
    }
}
