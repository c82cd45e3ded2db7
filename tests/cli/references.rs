//! What a report cites of the registry's searches, in each of its forms.

use crate::servers::peer;
use crate::support::{Home, bundle, golden};
use serde_json::{Value, json};
use std::fs;

const MEASUREMENT: &str = "tinyllama-7m-perfbench-v1";

/// A registry with runbooks about three metrics, and an entry of a golden document.
fn registry() -> (Home, String) {
    let home = Home::with_registry();
    home.write(
        "repo/runbooks/ttft.md",
        "# TTFT\nWhen `ttft_p50_ms` rises, look at the <queue>.\n",
    );
    home.write(
        "repo/docs/rates.md",
        "throughput_toks_per_s and itl_p50_ms\n",
    );
    let entry = home.record(&[&golden("run1")], &[]);
    (home, entry)
}

/// The golden document with another value.
fn changed(home: &Home, from: &str, to: &str) -> String {
    let text = fs::read_to_string(golden("run1")).expect("text");
    assert!(text.contains(from), "{from}");
    home.write("current.json", text.replacen(from, to, 1))
}

/// What is cited, in JSON and below the Markdown, for a golden document that became slower.
fn cited(from: &str, to: &str, verdict: &str, code: i32, runbooks: &Value, lines: &[&str]) {
    let (home, entry) = registry();
    let current = changed(&home, from, to);
    let words = ["diff", "--baseline", &entry, "--current", &current];
    let plain = ["diff", "--baseline", &golden("run1"), "--current", &current];
    let judged = home.run(&[&words[..], &["--json"]].concat());
    assert_eq!(judged.code, code, "{}", judged.stderr);
    let judgement: Value = serde_json::from_str(&judged.stdout).expect("JSON");
    assert_eq!(judgement["verdict"], verdict);
    assert_eq!(&judgement["references"]["runbooks"], runbooks);
    // The judgement itself is that of the same documents without a registry, to the byte.
    let (own, _) = judged
        .stdout
        .split_once(",\n  \"references\": ")
        .expect("references");
    let without = home.run(&[&plain[..], &["--json"]].concat()).stdout;
    assert_eq!(format!("{own}\n}}\n"), without);
    let made = home.made_diff("tiny-llama-perfbench-v1");
    let file = |name: &str| fs::read_to_string(made.join(name)).expect(name);
    assert_eq!(file("verdict.json"), judged.stdout);
    let of_component = home
        .run(&[&plain[..], &["--format", "markdown"]].concat())
        .stdout;
    let markdown = file("verdict.md");
    let below = markdown
        .strip_prefix(&of_component)
        .expect("the component's words first");
    let (runbooks, before) = below.split_once("\n## Seen before\n\n").expect(below);
    let found: Vec<&str> = runbooks.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(found, lines);
    let slug = entry.rsplit('/').next().expect("a slug");
    let place = format!(
        "- `experiments/artifacts/perf-baselines/inference/tiny-llama-perfbench-v1/{slug}/SOURCE.md:1` `# SOURCE: perf-baseline inference / tiny-llama-perfbench-v1`\n"
    );
    assert_eq!(before, place);
    // The page holds what it shows as data.
    home.ok(&["report", &made.display().to_string()]);
    let page = file("report.html");
    assert!(page.contains(&format!("\"seen_before\":[{{\"path\":\"{}", &place[3..20])));
    assert_eq!(page.contains("\"runbooks\":["), !lines.is_empty());
}

#[test]
fn red_cites_runbooks() {
    let hit = json!([{"path": "docs/rates.md", "line": 1, "text": "throughput_toks_per_s and itl_p50_ms"}]);
    let lines = [
        "## Runbooks",
        "- `docs/rates.md:1` `throughput_toks_per_s and itl_p50_ms`",
    ];
    cited("742.9", "500.0", "RED", 1, &hit, &lines);
}

#[test]
fn yellow_cites_runbooks() {
    let text = "When `ttft_p50_ms` rises, look at the <queue>.";
    let hit = json!([{"path": "runbooks/ttft.md", "line": 2, "text": text}]);
    let line = format!("- `runbooks/ttft.md:2` ``{text}``");
    cited("68.5", "90.5", "YELLOW", 0, &hit, &["## Runbooks", &line]);
}

/// Nothing regressed, so nothing is looked up, although the runbooks speak of every metric.
#[test]
fn green_cites_none() {
    cited("68.5", "68.6", "GREEN", 0, &Value::Null, &[]);
}

/// Without a registry there is nothing to search in.
#[test]
fn documents_alone_have_no_references() {
    let home = Home::new();
    let current = changed(&home, "742.9", "500.0");
    let words = ["diff", "--json", "--baseline", &golden("run1")];
    let ran = home.run(&[&words[..], &["--current", &current]].concat());
    let judgement: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(judgement["verdict"], "RED");
    assert!(judgement.get("references").is_none());
}

/// A verdict with references is explained as one without.
#[test]
fn a_verdict_with_references_is_explained() {
    let (home, entry) = registry();
    let current = changed(&home, "742.9", "500.0");
    let out = ["--out", "kept", "--format", "markdown"];
    let words = ["diff", "--baseline", &entry, "--current", &current];
    let ran = home.run(&[&words[..], &out].concat());
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let kept = fs::read_to_string(home.path("kept/verdict.md")).expect("written");
    assert_eq!(ran.stdout, kept);
    assert!(kept.contains("\n## Runbooks\n"), "{kept}");
    let row = "throughput_toks_per_s@16";
    let verdict = home.text("kept/verdict.json");
    let told = home.ok(&["explain", row, "--verdict", &verdict]);
    assert!(told.contains("742.9 -> 500.0"), "{told}");
}

/// Each earlier entry and each earlier diff has one line, the newest first; what was just written has none.
#[test]
fn seen_before_is_one_line_for_each_entry() {
    let home = Home::with_registry();
    let first = home.record(&[&bundle("base-1")], &[]);
    home.record(&[&bundle("base-2")], &[]);
    let words = ["diff", "--baseline", &first, "--current", &bundle("base-2")];
    assert_eq!(home.run(&words).code, 0);
    let words = ["record", "--yes", "--json", "--repo-root", "repo"];
    let source = bundle("regressed-1");
    let ran = home.run(&[&words[..], &["--source", &source]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let after = ran.stderr.split("seen before:\n").nth(1).expect("a list");
    let told: Vec<&str> = after
        .lines()
        .map_while(|line| line.strip_prefix("  "))
        .collect();
    let report: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let own = report["slug"].as_str().expect("slug");
    let listed: Vec<String> = report["references"]["seen_before"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|hit| {
            let text = |key: &str| hit[key].as_str().expect("text");
            format!("{}:{}:{}", text("path"), hit["line"], text("text"))
        })
        .collect();
    let slugs: Vec<&str> = listed
        .iter()
        .filter_map(|line| line.split(':').next()?.rsplit('/').nth(1))
        .collect();
    // On stderr each by its kind and its name, which other commands take.
    let kinds = ["diff     ", "baseline ", "baseline "];
    let named: Vec<String> = kinds
        .into_iter()
        .zip(&slugs)
        .map(|(kind, slug)| format!("{kind} inference/{MEASUREMENT}@{slug}"))
        .collect();
    assert_eq!(told, named);
    let below = home.path("repo/experiments/artifacts");
    let mut expected = Vec::new();
    for kind in ["perf-baselines", "perf-baseline-diffs"] {
        let dir = below.join(kind).join("inference").join(MEASUREMENT);
        for item in fs::read_dir(dir).expect("a directory") {
            let name = item.expect("an item").file_name();
            expected.push(name.into_string().expect("UTF-8"));
        }
    }
    expected.retain(|name| name != "INDEX.md" && name != own);
    expected.sort_unstable();
    expected.reverse();
    assert_eq!(slugs, expected, "{}", ran.stderr);
    assert_eq!(slugs.len(), 3);
    let titles: Vec<&str> = listed
        .iter()
        .filter_map(|line| line.split(":1:# ").nth(1))
        .collect();
    let diff = format!("Performance baseline diff: inference / {MEASUREMENT}");
    let entry = format!("SOURCE: perf-baseline inference / {MEASUREMENT}");
    assert_eq!(titles, [&diff, &entry, &entry]);
}

/// Evidence that somebody left beside the registry counts where the registry itself has nothing of the model.
#[test]
fn other_evidence_is_found_by_the_name_of_the_model() {
    let home = Home::with_registry();
    let note = "repo/experiments/artifacts/spring/notes.md";
    home.write(note, "first look at tinyllama-7m\n");
    let words = ["record", "--yes", "--repo-root", "repo", "--source"];
    let ran = home.run(&[&words[..], &[&bundle("base-1")]].concat());
    let line = "experiments/artifacts/spring/notes.md:1:first look at tinyllama-7m";
    assert!(ran.stderr.contains(line), "{}", ran.stderr);
}

/// A server that dies in a search has written its bundle before, and the judgement stands in it by then.
#[test]
fn a_search_that_kills_the_server_costs_the_hints_only() {
    let home = Home::with_registry();
    let script = home.path("server.py");
    let program = concat!(
        "import pathlib, subprocess, sys\n",
        "repo, *command = sys.argv[1:]\n",
        "peer = subprocess.Popen(command, stdin=subprocess.PIPE)\n",
        "for line in sys.stdin.buffer:\n",
        "    if b'search_' in line and b'tools/call' in line:\n",
        "        there = sorted(path.name for path in pathlib.Path(repo).rglob('verdict.*'))\n",
        "        pathlib.Path(repo, 'there').write_text(' '.join(there))\n",
        "        peer.kill(); sys.exit(3)\n",
        "    peer.stdin.write(line); peer.stdin.flush()\n",
        "peer.stdin.close(); peer.wait()\n",
    );
    fs::write(&script, program).expect("written");
    let (script, repo) = (script.display(), home.text("repo"));
    let server = format!("python3 {script} {repo} {}", peer(&home));
    let through = ["--mcp-server", server.as_str()];
    let entry = home.record(&[&bundle("base-1")], &through);
    assert!(fs::metadata(format!("{entry}/source-snapshot.json")).is_ok());
    let current = bundle("regressed-1");
    let words = [
        "diff",
        "--json",
        "--baseline",
        &entry,
        "--current",
        &current,
    ];
    let ran = home.run(&[&words[..], &through[..]].concat());
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let told = "note: search_evidence did not answer";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
    let there = fs::read_to_string(home.path("repo/there")).expect("written");
    assert_eq!(there, "verdict.json verdict.md");
    let made = home.made_diff(MEASUREMENT);
    let written = fs::read_to_string(made.join("verdict.json")).expect("written");
    assert_eq!(written, ran.stdout);
    assert!(!written.contains("\"references\""), "{written}");
}
