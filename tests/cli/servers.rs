//! The verbs on another server, chosen on the command line: our own server is the peer here; the official SDKs
//! are the peers in `tests/mcp`.

use crate::support::{Home, bundle};
use std::fs;

fn peer(home: &Home) -> String {
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
    assert_eq!(plain.stdout, called.stdout);
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

#[test]
fn runbooks_are_cited_for_what_regressed() {
    let home = Home::with_registry();
    home.write(
        "repo/runbooks/ttft.md",
        "# TTFT\nWhen ttft_p50_ms rises, look at the queue.\n",
    );
    let entry = home.record(&[&bundle("base-1")], &[]);
    let ran = home.run(&[
        "diff",
        "--baseline",
        &entry,
        "--current",
        &bundle("regressed-1"),
    ]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr
            .contains("runbooks/ttft.md:2:When ttft_p50_ms rises"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_server_that_dies_loses_nothing() {
    let home = Home::with_registry();
    let words = ["record", "--yes", "--repo-root", "repo", "--source"];
    let ran = home.run(&[&words[..], &[&bundle("base-1"), "--mcp-server", "false"]].concat());
    ran.refused("the MCP server `false` ended during initialize");
    let kept = ran
        .stderr
        .split("The document is kept at ")
        .nth(1)
        .expect("a path")
        .trim();
    assert!(
        fs::read_to_string(kept)
            .expect("kept")
            .contains("inference_perfbench_v1")
    );
    let entry = home.record(&[&bundle("base-1")], &[]);
    let words = ["diff", "--baseline", &entry, "--current", &bundle("base-1")];
    let ran = home.run(&[&words[..], &["--mcp-server", "false"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.starts_with("GREEN"), "{}", ran.stdout);
    assert!(
        ran.stderr.contains("no diff bundle was written"),
        "{}",
        ran.stderr
    );
    let kept = ran.stderr.split("The current document is kept at ").nth(1);
    let kept = kept.and_then(|rest| rest.lines().next()).expect("a path");
    assert!(
        fs::read_to_string(kept)
            .expect("kept")
            .contains("inference_perfbench_v1")
    );
}

#[test]
fn the_doctor_says_which_registry_and_whether_it_works() {
    let home = Home::with_registry();
    let embedded = home.json(&["doctor", "--json", "--repo-root", "repo"]);
    assert_eq!(embedded["registry"], "embedded");
    assert_eq!(embedded["healthy"], true);
    fs::create_dir_all(home.path("repo/runbooks")).expect("made");
    fs::create_dir_all(home.path("repo/docs")).expect("made");
    let served = home.json(&["doctor", "--json", "--mcp-server", &peer(&home)]);
    assert_eq!(served["registry"], "mcp-server");
    assert_eq!(served["generation"], "new");
    assert_eq!(served["healthy"], true, "{served}");
    let dead = home.run(&["doctor", "--mcp-server", "false"]);
    assert_eq!(dead.code, 1);
    assert!(dead.stdout.contains("FAILED"), "{}", dead.stdout);
    let none = home.run(&["doctor", "--mcp", "--repo-root", "repo"]);
    none.refused(".mcp.json");
}

/// Each earlier entry has one line, the newest first; what was just written has none.
#[test]
fn seen_before_is_one_line_for_each_entry() {
    let home = Home::with_registry();
    let entries = [
        home.record(&[&bundle("base-1")], &[]),
        home.record(&[&bundle("base-2")], &[]),
    ];
    let words = ["record", "--yes", "--repo-root", "repo", "--source"];
    let ran = home.run(&[&words[..], &[&bundle("regressed-1")]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let after = ran.stderr.split("seen before:\n").nth(1).expect("a list");
    let slugs: Vec<&str> = after
        .lines()
        .map_while(|line| line.strip_prefix("  experiments/"))
        .filter_map(|line| line.split(':').next()?.rsplit('/').nth(1))
        .collect();
    let mut expected: Vec<&str> = entries
        .iter()
        .filter_map(|entry| entry.rsplit('/').next())
        .collect();
    expected.sort_unstable();
    expected.reverse();
    assert_eq!(slugs, expected, "{}", ran.stderr);
}

/// A server that dies in a search has written its bundle before.
#[test]
fn a_search_that_kills_the_server_costs_the_hints_only() {
    let home = Home::with_registry();
    let script = home.path("server.py");
    let program = concat!(
        "import subprocess, sys\n",
        "peer = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE)\n",
        "for line in sys.stdin.buffer:\n",
        "    if b'search_' in line and b'tools/call' in line:\n",
        "        peer.kill(); sys.exit(3)\n",
        "    peer.stdin.write(line); peer.stdin.flush()\n",
        "peer.stdin.close(); peer.wait()\n",
    );
    fs::write(&script, program).expect("written");
    let server = format!("python3 {} {}", script.display(), peer(&home));
    let through = ["--mcp-server", server.as_str()];
    let entry = home.record(&[&bundle("base-1")], &through);
    assert!(fs::metadata(format!("{entry}/source-snapshot.json")).is_ok());
    let current = bundle("regressed-1");
    let words = ["diff", "--baseline", &entry, "--current", &current];
    let ran = home.run(&[&words[..], &through[..]].concat());
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let told = "note: search_evidence did not answer";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
    let bundles =
        "repo/experiments/artifacts/perf-baseline-diffs/inference/tinyllama-7m-perfbench-v1";
    let mut made = fs::read_dir(home.path(bundles)).expect("a bundle");
    let made = made.next().expect("one").expect("readable").path();
    assert!(made.join("verdict.json").is_file());
}
