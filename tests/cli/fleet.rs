//! A made registry and made runs, of which is known what fails by what.

use crate::support::{Home, golden};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

pub const RUNS: &str = "repo/experiments/artifacts/inference-perf-bench";

pub fn document(model: &str, start: &str) -> Value {
    let text = fs::read_to_string(golden("run1")).expect("text");
    let mut document: Value = serde_json::from_str(&text).expect("JSON");
    document["model"] = json!(model);
    document["context"] = json!({"hardware": "H100"});
    document["provenance"] = json!({"captured_at": start, "profile_and_optimize_sha": "aaaa"});
    document
}

/// An entry of the registry as the verb writes it, without the files that nothing here reads.
pub fn register(home: &Home, document: &Value, slug: &str) {
    let model = document["model"].as_str().expect("a model");
    let dir =
        format!("repo/experiments/artifacts/perf-baselines/inference/{model}-perfbench-v1/{slug}");
    let text = document.to_string();
    let digest = Sha256::digest(text.as_bytes());
    let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    home.write(&format!("{dir}/source-snapshot.json"), &text);
    let baseline = json!({
        "family": "inference",
        "measurement": format!("{model}-perfbench-v1"),
        "direction": "two-sided",
        "source_sha256": hash,
        "registered_at_utc": "2026-11-01T00:00:00Z",
    });
    home.write(&format!("{dir}/baseline.json"), baseline.to_string());
}

pub fn run(home: &Home, name: &str, document: &Value) {
    let path = format!("{RUNS}/{name}/inference_perfbench_v1.json");
    home.write(&path, document.to_string());
}

pub const BEFORE: &str = "2026-11-01T00:00:00Z";
pub const NOW: &str = "2026-11-28T06:00:00Z";

/// Forty models: 0..6 fail by an engine version, 6..11 by a commit, 11..15 by hardware, 15 and 16 alone; the others pass.
pub fn fleet() -> Home {
    let home = Home::with_registry();
    for at in 0..40 {
        let mut before = document(&format!("m-{at:02}"), BEFORE);
        if (11..15).contains(&at) {
            before["context"]["hardware"] = json!("GB300");
        }
        register(&home, &before, "20261101T000000000000Z");
        let mut now = before.clone();
        now["provenance"] = json!({"captured_at": NOW, "profile_and_optimize_sha": "bbbb"});
        match at {
            0..6 => {
                now["deployment"]["vllm_version"] = json!("v0.12.0");
                now["metrics"]["16"]["throughput_toks_per_s"] = json!(600.0);
                now["metrics"]["16"]["tps_per_user"] = json!(37.5);
            }
            6..11 => {
                now["provenance"]["profile_and_optimize_sha"] = json!("cccc");
                now["metrics"]["4"]["ttft_p50_ms"] = json!(60.0);
            }
            11..15 => now["metrics"]["64"]["ttft_p50_ms"] = json!(10_000.0),
            15 => now["metrics"]["1"]["ttft_p50_ms"] = json!(50.0),
            16 => now["metrics"]["1"]["itl_p50_ms"] = json!(18.0),
            _ => {}
        }
        run(&home, &format!("run-{at:02}"), &now);
    }
    home
}

pub const SWEEP: [&str; 3] = ["sweep", "--repo-root", "repo"];

pub fn lines(home: &Home, more: &[&str], code: i32) -> Vec<Value> {
    let ran = home.run(&[&SWEEP[..], &["--json"], more].concat());
    assert_eq!(ran.code, code, "{}", ran.stderr);
    let line =
        |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    ran.stdout.lines().map(line).collect()
}

pub fn models(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|at| format!("m-{at:02}")).collect()
}

pub fn of<'a>(lines: &'a [Value], key: &str, value: &str) -> &'a Value {
    let found = lines
        .iter()
        .find(|line| line["kind"] == "measurement" && line[key] == value);
    found.unwrap_or_else(|| panic!("no {key} {value}"))
}

/// Every file below a directory with its bytes.
pub fn files(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for item in fs::read_dir(dir).expect("listed") {
        let path = item.expect("readable").path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push((path.clone(), fs::read(&path).expect("read"))),
        }
    }
    found.sort();
    found
}

pub fn copy(from: &Path, to: &Path) {
    for (path, bytes) in files(from) {
        let to = to.join(path.strip_prefix(from).expect("below"));
        fs::create_dir_all(to.parent().expect("a folder")).expect("made");
        fs::write(to, bytes).expect("written");
    }
}
