//! `kill -9` in the middle of `record`, again and again: a whole entry or none, and nothing that an entry
//! before it would feel.

use crate::support::{Home, golden};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// Moments are spread over the time that one undisturbed record takes, so that they fall before, while and
/// after it writes, on a fast machine and on a slow one.
#[test]
fn an_entry_is_whole_or_not_there() {
    let home = Home::with_registry();
    let source = golden("run1");
    let words = [
        "record",
        "--yes",
        "--json",
        "--source",
        &source,
        "--repo-root",
        "repo",
    ];
    let started = Instant::now();
    home.ok(&words);
    let undisturbed = started.elapsed();
    let mut survivors = 1;
    let mut killed = 0;
    for round in 0..40_u32 {
        let mut child = silent(&home, &words);
        let until = Instant::now() + undisturbed * (round + 1) / 36;
        while Instant::now() < until {
            std::thread::yield_now();
        }
        let _ = child.kill();
        let status = child.wait().expect("it ends");
        killed += u32::from(status.code().is_none());
        let listed = home.json(&["list", "--json", "--repo-root", "repo"]);
        let entries = listed["entries"].as_array().expect("entries").clone();
        let grown = entries.len() - survivors;
        assert!(grown <= 1, "round {round}: {grown} entries more");
        // What says that it is done has its entry.
        assert!(!status.success() || grown == 1, "round {round}");
        survivors = entries.len();
        for entry in &entries {
            let dir = entry["dir"].as_str().expect("dir");
            let shown = home.json(&["show", dir, "--json"]);
            assert_eq!(shown["document"]["model"], "tiny-llama", "round {round}");
        }
        check(&home, round);
    }
    assert!(killed >= 10, "only {killed} of 40 were killed in time");
    // And it still works.
    home.ok(&words);
    let report: Value = home.json(&["verify", "--json", "--repo-root", "repo"]);
    assert_eq!(report["entries"], survivors + 1);
}

/// Sound, but for what an interrupted record may leave: a hidden partial directory, or an entry without its
/// row in the index, which are told as warnings.
fn check(home: &Home, round: u32) {
    let ran = home.run(&["verify", "--json", "--repo-root", "repo"]);
    let report: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let problems = report["problems"].as_array().expect("problems");
    let kinds: BTreeSet<&str> = problems
        .iter()
        .filter_map(|problem| problem["severity"].as_str())
        .collect();
    assert!(
        kinds.iter().all(|kind| *kind == "warning"),
        "round {round}: {problems:?}"
    );
    assert_eq!(
        (ran.code, &report["sound"]),
        (0, &Value::Bool(true)),
        "round {round}: {problems:?}"
    );
}

/// Starts a command of which nobody reads a word.
fn silent(home: &Home, words: &[&str]) -> Child {
    let mut command = home.command(words);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("it runs")
}

/// Looks again and again until there is something to see.
fn awaited<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < deadline, "{what}");
        std::thread::yield_now();
    }
}

/// A server that hangs, started through a shell and with a process of its own, ends with us all the same.
#[test]
fn nothing_of_a_server_outlives_a_command_that_is_killed() {
    let home = Home::with_registry();
    let script = home.write(
        "server.sh",
        "sleep 1000 & echo $! > started; sh -c 'echo $$ > below; exec sleep 1000' & wait\n",
    );
    let server = format!("sh {script}");
    let source = golden("run1");
    let words = ["record", "--yes", "--repo-root", "repo", "--source"];
    let words = [&words[..], &[&source, "--mcp-server", &server]].concat();
    let mut child = silent(&home, &words);
    let processes = ["started", "below"].map(|name| {
        awaited("the server runs", || {
            let text = fs::read_to_string(home.path(name)).ok()?;
            text.ends_with('\n').then(|| text.trim().to_owned())
        })
    });
    // One that has ended and that nobody has asked for yet is of state Z.
    let lives = |process: &str| {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        let state = stat.rsplit_once(") ").map(|(_, rest)| &rest[..1]);
        state.is_some_and(|state| state != "Z" && state != "X")
    };
    assert!(processes.iter().all(|process| lives(process)));
    child.kill().expect("killed");
    child.wait().expect("gone");
    for process in &processes {
        awaited("it has outlived the command", || {
            (!lives(process)).then_some(())
        });
    }
}
