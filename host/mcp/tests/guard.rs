//! Nothing that was started for a client outlives it, however the client ends.

mod common;

use common::{CLIENT, Root, hello};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A client that has said hello to a server of its own, both idle.
struct Idle {
    client: Child,
    root: Root,
}

impl Idle {
    /// The server is deaf to its input, so that the guard alone can end it, and has started one more process.
    fn new() -> Self {
        let root = Root::new();
        let script = format!(
            "cd {}; echo $$ > server; sleep 1000 </dev/null & echo $! > started; {}; exec sleep 1000 </dev/null",
            root.path.display(),
            hello("2025-06-18")
        );
        let line = shlex::try_join(["sh", "-c", &script]).expect("quoted");
        let mut client = Command::new(CLIENT)
            .args(["--guarded", &line])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the client starts");
        let mut told = String::new();
        BufReader::new(client.stdout.take().expect("stdout"))
            .read_line(&mut told)
            .expect("a line");
        assert!(told.contains("\"name\":\"fake\""), "{told}");
        Self { client, root }
    }

    /// The process whose number the server wrote into a file.
    fn noted(&self, name: &str) -> Pid {
        let text = fs::read_to_string(self.root.path.join(name)).expect(name);
        let number = text.trim().parse().expect("a number");
        let pid = Pid::from_raw(number).expect("a process");
        assert!(lives(pid), "{name} runs");
        pid
    }

    fn kill(mut self) {
        self.client.kill().expect("killed");
        self.client.wait().expect("gone");
    }
}

/// State and parent of a process, the third and the fourth field behind its name in parentheses.
fn stat(pid: Pid) -> Option<(String, i32)> {
    let text = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    let mut fields = text.rsplit_once(") ")?.1.split(' ');
    Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
}

/// Whether a process runs; one that has ended and that nobody has asked for yet does not.
fn lives(pid: Pid) -> bool {
    stat(pid).is_some_and(|(state, _)| state != "Z" && state != "X")
}

fn ends(what: &str, pid: Pid) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while lives(pid) {
        assert!(Instant::now() < deadline, "{what} is still there");
        std::thread::yield_now();
    }
}

#[test]
fn a_client_that_is_killed_takes_the_server_and_what_it_started_along() {
    let idle = Idle::new();
    let (server, started) = (idle.noted("server"), idle.noted("started"));
    idle.kill();
    ends("the server", server);
    ends("what the server started", started);
}

/// `killall -9` finds both by the name of our program.
#[test]
fn the_server_ends_with_a_guard_that_is_killed() {
    let idle = Idle::new();
    let (server, started) = (idle.noted("server"), idle.noted("started"));
    let (_, guard) = stat(server).expect("it runs");
    kill_process(Pid::from_raw(guard).expect("a process"), Signal::KILL).expect("killed");
    ends("the server", server);
    // The client still has its group, and ends it when it ends by itself.
    let Idle { mut client, root } = idle;
    client.stdin.take();
    client.wait().expect("gone");
    ends("what the server started", started);
    drop(root);
}

fn told(args: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(CLIENT).args(args).output().expect("it ran");
    let words = [output.stdout, output.stderr].concat();
    (
        output.status.code(),
        String::from_utf8_lossy(&words).into_owned(),
    )
}

#[test]
fn a_guarded_server_that_is_not_there_is_named() {
    let (_, told) = told(&["--guarded", "/nowhere/server"]);
    let expected = "ended during initialize (exit status: 127)";
    assert!(told.contains(expected), "{told}");
    let expected = "cannot start /nowhere/server: No such file";
    assert!(told.contains(expected), "{told}");
}

/// How the server ended is told as if there were no guard.
#[test]
fn a_guard_ends_as_its_server_did() {
    for (script, expected) in [
        ("exit 3", "ended during initialize (exit status: 3)"),
        (
            "read line; kill -9 $$",
            "ended during initialize (signal: 9 (SIGKILL))",
        ),
    ] {
        let line = shlex::try_join(["sh", "-c", script]).expect("quoted");
        let (_, told) = told(&["--guarded", &line]);
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn a_start_of_the_guard_by_hand_is_refused() {
    for (args, words) in [
        (&["guarded-start"][..], "this start is for internal use"),
        (
            &["guarded-start", "start", "x", "true"],
            "this start is for internal use",
        ),
        (
            &["guarded-start", "wait", "1", "x"],
            "this start is for internal use",
        ),
        (
            &["guarded-start", "start", "1", "true"],
            "the process that wanted this server is gone",
        ),
        (
            &["guarded-start", "become", "1", "true"],
            "the process that wanted this server is gone",
        ),
    ] {
        let (code, told) = told(args);
        assert_eq!(code, Some(127), "{args:?}: {told}");
        assert!(told.contains(words), "{args:?}: {told}");
    }
}
