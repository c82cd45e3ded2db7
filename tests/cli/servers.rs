//! The verbs on another server, chosen on the command line: our own server is the peer here; the official SDKs
//! are the peers in `tests/mcp`.

use crate::support::{Home, bundle};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// The command line of our own server at `repo`.
pub fn peer(home: &Home) -> String {
    format!(
        "{} mcp --repo-root {}",
        env!("CARGO_BIN_EXE_perfbridge"),
        home.text("repo")
    )
}

#[test]
fn record_and_diff_through_a_server_say_what_the_embedded_registry_says() {
    let (embedded, served) = (Home::with_registry(), Home::with_registry());
    let server = peer(&served);
    let through = ["--mcp-server", server.as_str()];
    let entry = embedded.record(&[&bundle("base-1")], &[]);
    let other = served.record(&[&bundle("base-1")], &through);
    assert!(
        other.starts_with(
            &served
                .path("repo")
                .canonicalize()
                .expect("a directory")
                .display()
                .to_string()
        ),
        "{other}"
    );
    let words = |entry: &str| {
        let current = bundle("regressed-1");
        ["diff", "--json", "--baseline", entry, "--current", &current].map(str::to_owned)
    };
    let plain = words(&entry);
    let plain = embedded.run(&plain.each_ref().map(String::as_str));
    let mut called = words(&other).to_vec();
    called.extend(through.map(str::to_owned));
    let called: Vec<&str> = called.iter().map(String::as_str).collect();
    let called = served.run(&called);
    assert_eq!((plain.code, called.code), (1, 1), "{}", called.stderr);
    assert!(plain.stdout.contains("\"seen_before\""), "{}", plain.stdout);
    assert_eq!(
        embedded.masked(&plain.stdout),
        served.masked(&called.stdout)
    );
    assert!(called.stderr.contains("seen before:"), "{}", called.stderr);
    let bundles = served
        .path("repo/experiments/artifacts/perf-baseline-diffs/inference/tinyllama-7m-perfbench-v1");
    let made = fs::read_dir(bundles)
        .expect("a bundle")
        .next()
        .expect("one")
        .expect("readable")
        .path();
    assert!(made.join("verdict.json").is_file());
}

/// Whoever calls our server finds the judgement beside the comparison, the page too, which stands on its own.
#[test]
fn a_bundle_of_our_server_holds_the_page() {
    let home = Home::with_registry();
    let entry = home.record(&[&bundle("base-1")], &[]);
    let document = home.ok(&["ingest", "--source", &bundle("regressed-1")]);
    let current = home.write("current.json", document);
    let call = |id: u64, method: &str, params: Value| {
        let call = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        call.to_string() + "\n"
    };
    let client = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "0"}});
    let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    let args = ["--baseline", &entry, "--current", &current];
    let diff = json!({"name": "perf_baseline_diff", "arguments": {"params": {"args": args}}});
    let asked = [
        call(0, "initialize", client),
        ready.to_string() + "\n",
        call(1, "tools/call", diff),
    ];
    let input = home.write("asked.jsonl", asked.concat());
    let mut server = home.command(&["mcp", "--repo-root", "repo"]);
    server.stdin(fs::File::open(input).expect("readable"));
    let answered = server.output().expect("it runs");
    let answers = String::from_utf8(answered.stdout).expect("text");
    let answers: Vec<Value> = answers
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let answer = answers.iter().find(|answer| answer["id"] == 1);
    let found = &answer.expect("an answer")["result"]["structuredContent"]["json"];
    assert_eq!(
        (&found["verdict"], &found["rule"]),
        (&json!("RED"), &json!("headline"))
    );
    let made = Path::new(found["diff_dir"].as_str().expect("a path"));
    assert!(
        !made.join("report.html").exists(),
        "a page is made when asked"
    );
    home.ok(&["report", &made.display().to_string()]);
    let page = fs::read_to_string(made.join("report.html")).expect("a page");
    assert!(page.starts_with("<!doctype html>") && page.len() < 2_000_000);
    assert!(page.contains("tinyllama-7m") && made.join("verdict.md").is_file());
}

/// What happened comes first, then where the document is kept, then the end of what the server said.
fn kept_document(stderr: &str, happened: &str, last_words: &str) {
    let (before, after) = stderr
        .split_once("The document is kept at ")
        .unwrap_or_else(|| panic!("{stderr}"));
    assert!(before.contains(happened), "{stderr}");
    let (kept, rest) = after.split_once('\n').expect("a line");
    assert_eq!(rest.trim_end(), last_words, "{stderr}");
    let document = fs::read_to_string(kept).unwrap_or_else(|error| panic!("{kept}: {error}"));
    assert!(document.contains("inference_perfbench_v1"));
}

#[test]
fn a_server_that_dies_or_babbles_loses_nothing() {
    let home = Home::with_registry();
    let entry = home.record(&[&bundle("base-1")], &[]);
    let babbler = home.write(
        "babbler.py",
        concat!(
            "import sys\n",
            "for line in range(30): print('frame', line, file=sys.stderr)\n",
            "sys.stderr.flush(); print('INFO: ready', flush=True); sys.stdin.read()\n",
        ),
    );
    let babbler = format!("python3 {babbler}");
    for (server, happened, last_words) in [
        (
            "false",
            "the MCP server `false` ended during initialize (exit status: 1)",
            "The server said nothing on stderr",
        ),
        (
            &babbler,
            "that is no MCP message: \"INFO: ready\"",
            "The end of the server's stderr:\n...\nframe 25\nframe 26\nframe 27\nframe 28\nframe 29",
        ),
    ] {
        let words = ["record", "--yes", "--repo-root", "repo", "--source"];
        let through = ["--mcp-server", server];
        let ran = home.run(&[&words[..], &[&bundle("base-1")], &through].concat());
        ran.refused(happened);
        kept_document(&ran.stderr, happened, last_words);
        let words = ["diff", "--baseline", &entry, "--current", &bundle("base-2")];
        let ran = home.run(&[&words[..], &through].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(
            ran.stdout.contains("\n! YELLOW by rule few (DRAFT): "),
            "{}",
            ran.stdout
        );
        let told =
            "error: no diff bundle was written, and the judgement stands without it: the MCP";
        assert!(ran.stderr.contains(told), "{}", ran.stderr);
        kept_document(&ran.stderr, happened, last_words);
    }
}

/// Every file below a directory, with its bytes.
fn contents(dir: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
    for item in fs::read_dir(dir).expect("a directory") {
        let path = item.expect("an item").path();
        if path.is_dir() {
            found.push((path.clone(), Vec::new()));
            contents(&path, found);
        } else {
            found.push((path.clone(), fs::read(&path).expect("a file")));
        }
    }
    found.sort();
}

fn steps(report: &Value) -> Vec<(&str, &str)> {
    let steps = report["steps"].as_array().expect("steps").iter();
    steps
        .map(|step| {
            assert_eq!(step["ok"], true, "{report}");
            assert!(step["ms"].as_f64().is_some_and(|ms| ms > 0.0), "{report}");
            let text = |key: &str| step[key].as_str().expect("text");
            (text("step"), text("found"))
        })
        .collect()
}

#[test]
fn the_doctor_says_which_registry_and_what_works() {
    let home = Home::with_registry();
    home.record(&[&bundle("base-1")], &[]);
    home.write("repo/runbooks/perf.md", "perf\n");
    let (mut before, mut after) = (Vec::new(), Vec::new());
    contents(&home.path("repo"), &mut before);
    let embedded = home.json(&["doctor", "--json", "--repo-root", "repo"]);
    assert_eq!(embedded["registry"], "embedded");
    assert_eq!(embedded["healthy"], true);
    let root = home.path("repo").canonicalize().expect("a path");
    let root = root.display().to_string();
    let verbs = [
        ("diff", "diff --help answers"),
        ("search_runbooks", "search_runbooks works"),
        ("search_evidence", "search_evidence works"),
    ];
    let first = [
        ("root", root.as_str()),
        ("probe", "record --help answers"),
        ("read", "baselines of the family inference: 1"),
    ];
    assert_eq!(steps(&embedded), [first, verbs].concat());
    let served = home.json(&["doctor", "--json", "--mcp-server", &peer(&home)]);
    assert_eq!(served["registry"], "mcp-server");
    assert_eq!(served["generation"], "new");
    assert_eq!(served["healthy"], true, "{served}");
    assert_eq!(steps(&served)[3..], verbs);
    contents(&home.path("repo"), &mut after);
    assert!(before == after, "the doctor has written");
    let dead = home.run(&["doctor", "--mcp-server", "false"]);
    assert_eq!(dead.code, 1);
    assert!(dead.stdout.contains("FAILED"), "{}", dead.stdout);
    let none = home.run(&["doctor", "--mcp", "--repo-root", "repo"]);
    none.refused(".mcp.json");
}
