//! The client against servers that behave, and against programs that are none.

mod common;

use common::{Root, SERVER, hello};
use perfbridge_mcp::{ClientOptions, Generation, McpVerbs, ServerCommand, doctor};
use perfbridge_registry::Verbs;
use std::io::Read;
use std::time::{Duration, Instant};

fn sh(script: &str) -> ServerCommand {
    ServerCommand {
        program: "sh".to_owned(),
        args: vec!["-c".to_owned(), script.to_owned()],
        env: Vec::new(),
        dir: None,
        source: "the test".to_owned(),
    }
}

fn ours(root: &Root) -> ServerCommand {
    let mut server = sh("");
    server.program = SERVER.to_owned();
    server.args = vec![root.path.to_str().expect("UTF-8").to_owned()];
    server
}

fn seconds(timeout: f64) -> ClientOptions {
    ClientOptions {
        timeout: Duration::from_secs_f64(timeout),
        guard: None,
    }
}

fn failure(script: &str, timeout: f64) -> String {
    match McpVerbs::start(sh(script), &seconds(timeout)) {
        Ok(_) => panic!("it should not have worked"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn it_calls_our_own_server() {
    let root = Root::new();
    let verbs = McpVerbs::start(ours(&root), &ClientOptions::default()).expect("a server");
    assert_eq!(verbs.hello().name, "perfbridge");
    assert_eq!(verbs.hello().protocol, "2025-11-25");
    assert_eq!(verbs.generation(), Ok(Generation::New));
    let mut args = root.record_args("m");
    args.truncate(6);
    let recorded = verbs.record(&args).expect("an envelope");
    assert_eq!((recorded.returncode, recorded.stderr.as_str()), (0, ""));
    let payload = recorded.json.expect("a payload");
    assert_eq!(payload["direction"], "two-sided");
    let entry = payload["entry_dir"].as_str().expect("a path").to_owned();
    let current = root.text("source.json");
    let args = ["--baseline", &entry, "--current", &current].map(str::to_owned);
    let compared = verbs.diff(&args).expect("an envelope");
    assert_eq!(compared.json.expect("a payload")["verdict"], "GREEN");
    assert_eq!(
        verbs
            .search_evidence("two-sided", 5)
            .expect("an envelope")
            .returncode,
        0
    );
    assert_eq!(
        verbs
            .search_runbooks("nothing", 5)
            .expect("an envelope")
            .returncode,
        1
    );
    let error = verbs.search_runbooks("x", 0).expect_err("out of range");
    assert_eq!(error.to_string(), "limit must be between 1 and 100");
    let refused = verbs.diff(&["--nope".to_owned()]).expect("an envelope");
    assert_eq!(refused.returncode, 2);
}

#[test]
fn several_threads_share_one_server() {
    let root = Root::new();
    let verbs = McpVerbs::start(ours(&root), &ClientOptions::default()).expect("a server");
    std::thread::scope(|scope| {
        for at in 0..8 {
            let (verbs, args) = (&verbs, root.record_args(&format!("m{at}")));
            scope.spawn(move || {
                let envelope = verbs.record(&args).expect("an envelope");
                assert_eq!(envelope.returncode, 0);
                assert!(
                    envelope.args.contains(&format!("m{at}")),
                    "the reply is its own"
                );
            });
        }
    });
}

#[test]
fn a_program_that_is_not_there() {
    let mut server = sh("");
    server.program = "/nowhere/to be found".to_owned();
    let error = McpVerbs::start(server, &ClientOptions::default())
        .err()
        .expect("an error");
    let expected =
        "cannot start the MCP server `'/nowhere/to be found' -c ''` (from the test): No such file";
    assert!(error.to_string().starts_with(expected), "{error}");
}

#[test]
fn a_server_that_ends_at_once() {
    let error = failure("echo last words >&2; exit 3", 20.0);
    assert!(
        error.contains("ended during initialize (exit status: 3)"),
        "{error}"
    );
    assert!(
        error.ends_with("\nThe end of the server's stderr:\nlast words"),
        "{error}"
    );
    let error = failure("read line; kill -9 $$", 20.0);
    assert!(
        error.contains("ended during initialize (signal: 9 (SIGKILL))"),
        "{error}"
    );
    assert!(
        error.ends_with("\nThe server said nothing on stderr"),
        "{error}"
    );
}

#[test]
fn a_server_that_hangs() {
    let start = Instant::now();
    let error = failure("read line; exec sleep 1000", 0.3);
    assert!(
        error.starts_with("the MCP server `sh -c 'read line; exec sleep 1000'`"),
        "{error}"
    );
    assert!(
        error.contains("did not answer initialize within 0.3 s and was ended"),
        "{error}"
    );
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_server_that_prints_on_stdout() {
    let error = failure("echo Welcome to my server; exec sleep 1000", 20.0);
    let expected = "printed something on stdout during initialize that is no MCP message: \"Welcome to my server\"";
    assert!(error.contains(expected), "{error}");
    let error = failure("printf 'half a li'; exit 0", 20.0);
    assert!(
        error.contains("a line that is cut off: \"half a li\""),
        "{error}"
    );
    let error = failure(
        "head -c 70000000 /dev/zero | tr '\\0' x; exec sleep 1000",
        20.0,
    );
    assert!(error.contains("a line of more than 64 MiB"), "{error}");
}

#[test]
fn a_server_that_floods_stderr() {
    let flood = "head -c 3000000 /dev/zero | tr '\\0' y >&2; echo the end >&2; exit 1";
    let error = failure(flood, 20.0);
    assert!(
        error.contains("\nThe end of the server's stderr:\n...yyyy"),
        "{error}"
    );
    assert!(
        error.ends_with("yyyy\nthe end") || error.ends_with("ythe end"),
        "{}",
        &error[error.len() - 60..]
    );
    assert!(error.len() < 6000, "{}", error.len());
    let error = failure("seq 1 20 >&2; exit 1", 20.0);
    assert!(
        error.ends_with("\nThe end of the server's stderr:\n...\n16\n17\n18\n19\n20"),
        "{error}"
    );
}

#[test]
fn another_protocol_version() {
    let error = failure(&format!("{}; exec sleep 1000", hello("3.14")), 20.0);
    let expected = "answered initialize with protocol version \"3.14\"; this client speaks 2024-11-05, 2025-03-26, \
                    2025-06-18, 2025-11-25";
    assert!(error.ends_with(expected), "{error}");
}

#[test]
fn a_server_that_ends_or_hangs_during_a_verb() {
    let script = format!("{}; read line; exit 7", hello("2025-06-18"));
    let verbs = McpVerbs::start(sh(&script), &seconds(20.0)).expect("a server");
    let error = verbs.diff(&[]).expect_err("no reply").to_string();
    assert!(
        error.contains("ended during perf_baseline_diff (exit status: 7)"),
        "{error}"
    );
    let warning = "Whether the comparison was written is not known: look below experiments/artifacts/perf-baseline-diffs";
    assert!(error.contains(warning), "{error}");
    let script = format!("{}; exec sleep 1000", hello("2025-06-18"));
    let verbs = McpVerbs::start(sh(&script), &seconds(0.3)).expect("a server");
    let error = verbs
        .search_evidence("x", 1)
        .expect_err("no reply")
        .to_string();
    assert!(
        error.contains("did not answer search_evidence within 0.3 s and was ended"),
        "{error}"
    );
    let again = verbs
        .search_evidence("x", 1)
        .expect_err("no server")
        .to_string();
    assert!(
        again.starts_with(
            "search_evidence was not answered because the MCP server was given up earlier: the MCP"
        ),
        "{again}"
    );
}

#[test]
fn a_server_without_the_verbs_is_diagnosed() {
    let tools = r#"read line; echo '{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}'"#;
    let script = format!("{}; {tools}; cat >&2", hello("2025-03-26"));
    let diagnosis = doctor(sh(&script), &seconds(20.0));
    let names: Vec<_> = diagnosis.steps.iter().map(|step| step.name).collect();
    assert_eq!(names, ["initialize", "tools/list"]);
    assert_eq!(
        diagnosis.steps[0].outcome,
        Ok("fake 1, protocol 2025-03-26".to_owned())
    );
    let missing = "0 tools, but not perf_baseline_diff, perf_baseline_record, search_runbooks, search_evidence";
    assert_eq!(diagnosis.steps[1].outcome, Err(missing.to_owned()));
    assert!(!diagnosis.is_healthy());
}

#[test]
fn a_sound_server_is_diagnosed() {
    let root = Root::new();
    let diagnosis = doctor(ours(&root), &ClientOptions::default());
    let found: Vec<_> = diagnosis
        .steps
        .iter()
        .map(|step| step.outcome.clone())
        .collect();
    let expected = [
        format!(
            "perfbridge {}, protocol 2025-11-25",
            env!("CARGO_PKG_VERSION")
        ),
        "4 tools, the four verbs among them".to_owned(),
        "new: record takes --direction".to_owned(),
        "diff --help answers".to_owned(),
        "search_runbooks works and finds nothing".to_owned(),
        "search_evidence works and finds nothing".to_owned(),
    ];
    assert_eq!(found, expected.map(Ok));
    assert_eq!(diagnosis.generation, Some(Generation::New));
    assert!(!root.has_baselines());
}

/// A team that has written no runbook yet has a server that works.
#[test]
fn missing_trees_are_no_failure() {
    let root = Root::new();
    for tree in ["runbooks", "docs"] {
        std::fs::remove_dir_all(root.path.join(tree)).expect(tree);
    }
    let diagnosis = doctor(ours(&root), &ClientOptions::default());
    let missing = |tree: &str| format!("{tree}: no such directory in {}", root.path.display());
    let expected = format!(
        "search_runbooks answers; reports will cite no runbook until there are some ({}; {})",
        missing("runbooks"),
        missing("docs")
    );
    let search = diagnosis
        .steps
        .iter()
        .find(|step| step.name == "search_runbooks");
    assert_eq!(search.map(|step| &step.outcome), Some(&Ok(expected)));
    assert!(diagnosis.is_healthy());
}

/// A server and a process it started, both of which hold a pipe open: its end is the end of both.
#[test]
fn neither_the_server_nor_what_it_started_outlives_the_client() {
    let root = Root::new();
    let fifo = root.fifo();
    let script = format!(
        "sleep 1000 & exec 3>{}; {}; exec sleep 1000",
        fifo.display(),
        hello("2025-06-18")
    );
    let verbs = std::thread::spawn(move || McpVerbs::start(sh(&script), &seconds(20.0)));
    let mut held = std::fs::File::open(&fifo).expect("the server opened it");
    let verbs = verbs.join().expect("no panic").expect("a server");
    drop(verbs);
    assert_eq!(held.read(&mut [0]).expect("the end"), 0);
}

#[test]
fn the_environment_and_the_directory_reach_the_server() {
    let root = Root::new();
    let mut server = sh("echo \"$EXTRA in $PWD, $PATH\" >&2; exit 1");
    server.env = vec![("EXTRA".to_owned(), "extra".to_owned())];
    server.dir = Some(root.path.clone());
    let error = McpVerbs::start(server, &seconds(20.0))
        .err()
        .expect("an error")
        .to_string();
    let path = std::env::var("PATH").expect("a path");
    let expected = format!("\nextra in {}, {path}", root.path.display());
    assert!(error.ends_with(&expected), "{error}");
}
