//! record, list, show, verify, diff against what was recorded.

use crate::support::{Home, bundle, golden, snapshot};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

fn sha256(path: &Path) -> String {
    let digest = Sha256::digest(fs::read(path).expect("a file"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn record_then_list_show_verify_and_diff() {
    let home = Home::with_registry();
    let root = ["--repo-root", "repo"];
    let report = home.json(
        &[
            &[
                "record",
                "--yes",
                "--json",
                "--source",
                &bundle("base-1"),
                "--notes",
                "-GPQA=0.31|x",
            ],
            &root[..],
        ]
        .concat(),
    );
    let entry = report["entry_dir"].as_str().expect("entry_dir").to_owned();
    let slug = report["slug"].as_str().expect("slug").to_owned();
    assert_eq!(report["measurement"], "tinyllama-7m-perfbench-v1");
    let place =
        format!("experiments/artifacts/perf-baselines/inference/tinyllama-7m-perfbench-v1/{slug}");
    assert!(entry.ends_with(&place), "{entry}");
    let snapshot_file = Path::new(&entry).join("source-snapshot.json");
    assert_eq!(report["source_sha256"], sha256(&snapshot_file));
    // AIPerf's own throughput at concurrency 16.
    assert_eq!(report["headline"]["level"], "16");
    assert_eq!(
        report["headline"]["metrics"]["throughput_toks_per_s"],
        259.793_943_657_250_85
    );
    assert_eq!(
        report["next_command"],
        format!("perfbridge diff --baseline {entry} --current <new-run>")
    );
    let baseline: Value = serde_json::from_str(
        &fs::read_to_string(Path::new(&entry).join("baseline.json")).expect("text"),
    )
    .expect("JSON");
    assert_eq!(baseline["notes"], "-GPQA=0.31|x");
    assert_eq!(baseline["registered_by"]["operator_user"], "operator");

    let listed = home.ok(&[&["list"], &root[..]].concat());
    assert!(
        listed.contains(&format!("  tinyllama-7m@{slug}\n")) && listed.contains("  -GPQA=0.31|x  "),
        "{listed}"
    );
    let listed = home.json(&[&["list", "tinyllama-7m", "--json"], &root[..]].concat());
    assert_eq!(listed["entries"].as_array().map(Vec::len), Some(1));
    let none = home.json(&[&["list", "other", "--json"], &root[..]].concat());
    assert_eq!(none["entries"].as_array().map(Vec::len), Some(0));

    let named = format!("tinyllama-7m@{slug}");
    let by_measurement = format!("tinyllama-7m-perfbench-v1@{slug}");
    for name in [
        entry.as_str(),
        "tinyllama-7m",
        "tinyllama-7m-perfbench-v1",
        &named,
        &by_measurement,
    ] {
        let shown = home.json(&[&["show", name, "--json"], &root[..]].concat());
        assert_eq!(shown["document"]["model"], "tinyllama-7m", "{name}");
        let ran = home.run(
            &[
                &[
                    "diff",
                    "--baseline",
                    name,
                    "--current",
                    &bundle("regressed-1"),
                    "--json",
                ],
                &root[..],
            ]
            .concat(),
        );
        assert_eq!(ran.code, 1, "{name}: {}", ran.stderr);
    }
    let ran = home.run(
        &[
            &[
                "diff",
                "--model",
                "tinyllama-7m",
                "--current",
                &bundle("base-2"),
            ],
            &root[..],
        ]
        .concat(),
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let last = ran.stdout.lines().last().unwrap_or_default();
    assert!(
        last.starts_with("! YELLOW by rule few (DRAFT): "),
        "{}",
        ran.stdout
    );
    let verified = home.ok(&[&["verify"], &root[..]].concat());
    assert_eq!(
        verified,
        "sound: 1 entries, 1 index rows, 6 diff bundles, 0 problems\n"
    );
}

#[test]
fn what_somebody_wrote_of_a_lever_is_in_the_next_bundle() {
    let home = Home::with_registry();
    let entry = home.record(&[&bundle("base-1")], &[]);
    let diffs = "repo/experiments/artifacts/perf-baseline-diffs/inference";
    let made = |dir: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(dir).expect("readable");
        let mut paths: Vec<PathBuf> = entries.map(|made| made.expect("one").path()).collect();
        paths.sort();
        paths
    };
    let bundles = || made(&made(&home.path(diffs))[0]);
    let words = [
        "diff",
        "--baseline",
        &entry,
        "--current",
        &bundle("regressed-1"),
    ];
    home.run(&words);
    let first = bundles()[0].join("HANDOFF.md");
    let text = fs::read_to_string(&first).expect("written");
    assert!(text.contains("| open | |"), "{text}");
    let tried = text.replacen("| open | |", "| refuted | throughput +0.2 % |", 1);
    let own =
        "| swap the NIC | by hand | days | TTFT | ttft_p50_ms within 10 % | tried | nothing |\n";
    fs::write(&first, tried.clone() + own).expect("writable");
    home.run(&words);
    let second = bundles()[1].join("HANDOFF.md");
    assert_eq!(fs::read_to_string(second).expect("written"), tried + own);
}

#[test]
fn the_diff_bundle_holds_the_judgement_and_the_registry_stays_as_it_was() {
    let home = Home::with_registry();
    let entry = home.record(&[&golden("run1")], &[]);
    let baselines = home.path("repo/experiments/artifacts/perf-baselines");
    let before = listing(&baselines);
    let ran = home.run(&[
        "diff",
        "--baseline",
        &entry,
        "--current",
        &golden("run3"),
        "--json",
    ]);
    assert_eq!(listing(&baselines), before);
    let diffs = home
        .path("repo/experiments/artifacts/perf-baseline-diffs/inference/tiny-llama-perfbench-v1");
    let made: Vec<_> = fs::read_dir(diffs).expect("diffs").collect();
    assert_eq!(made.len(), 1);
    let made = made[0].as_ref().expect("an entry").path();
    for file in [
        "baseline-ref.txt",
        "current-snapshot.json",
        "diff.json",
        "diff.md",
        "HANDOFF.md",
        "verdict.md",
    ] {
        assert!(made.join(file).is_file(), "{file}");
    }
    assert_eq!(
        fs::read_to_string(made.join("verdict.json")).expect("text"),
        ran.stdout
    );
    // The verb has no verdict of its own beside the judgement, in none of its files.
    assert!(!ran.stderr.contains("umbrella"), "{}", ran.stderr);
}

/// No file of a bundle contradicts another, whatever the tolerances and the history.
#[test]
fn the_verb_says_the_verdict_of_the_judgement() {
    let home = Home::with_registry();
    let entry = home.record(&[&bundle("base-1")], &[]);
    let current = bundle("base-2");
    let words = ["diff", "--baseline", &entry, "--current", &current];
    // -2.5 % throughput and +49 % TTFT: RED by an umbrella of 5 %, YELLOW by the tolerances, GREEN by wide ones.
    let wide = [
        "ttft_p50_ms=60",
        "ttft_p95_ms=60",
        "ttft_p99_ms=60",
        "tps_per_user=60",
        "itl_p50_ms=60",
    ];
    let wide: Vec<&str> = wide.iter().flat_map(|pair| ["--tolerance", pair]).collect();
    for (more, verdict) in [(&[][..], "YELLOW"), (&wide[..], "GREEN")] {
        let ran = home.run(&[&words[..], more].concat());
        let diffs = home.path("repo/experiments/artifacts/perf-baseline-diffs/inference");
        let measurement = fs::read_dir(diffs).expect("diffs").next();
        let measurement = measurement.expect("one").expect("one").path();
        let made = fs::read_dir(measurement).expect("bundles");
        let newest = made.map(|made| made.expect("one").path()).max();
        let newest = newest.expect("a bundle");
        let read = |name: &str| fs::read_to_string(newest.join(name)).expect(name);
        let parsed = |name: &str| -> Value { serde_json::from_str(&read(name)).expect("JSON") };
        assert_eq!(parsed("verdict.json")["verdict"], verdict, "{}", ran.stderr);
        assert_eq!(parsed("diff.json")["verdict"], verdict);
        let said = format!("- Verdict: **{verdict}**\n");
        assert!(read("diff.md").contains(&said), "{}", read("diff.md"));
    }
}

/// Without a verdict the verb writes nothing, as in the contract.
#[test]
fn without_a_verdict_there_is_no_bundle() {
    let home = Home::with_registry();
    let entry = home.record(&[&bundle("base-1")], &[]);
    let ran = home.run(&["diff", "--baseline", &entry, "--current", &bundle("base-1")]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let note = "note: perf_baseline_diff wrote no bundle: no verdict: every common place is one and the same run";
    assert!(ran.stderr.contains(note), "{}", ran.stderr);
    assert!(
        !home
            .path("repo/experiments/artifacts/perf-baseline-diffs/inference")
            .exists()
    );
}

fn listing(path: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path).expect("readable") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(listing(&path));
        } else {
            found.push((path.display().to_string(), sha256(&path)));
        }
    }
    found.sort();
    found
}

#[test]
fn the_report_of_record() {
    let home = Home::with_registry();
    let ran = home.run(&[
        "record",
        "--yes",
        "--source",
        &bundle("base-2"),
        "--repo-root",
        "repo",
        "--set",
        "deployment.quantization=NVFP4",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let text = home.masked(&ran.stdout);
    let text: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with("sha-256"))
        .collect();
    snapshot("record.txt", &(text.join("\n") + "\n"));
}

#[test]
fn record_asks_nobody_off_a_terminal() {
    let home = Home::with_registry();
    home.run(&["record", "--source", &golden("run1"), "--repo-root", "repo"])
        .refused("record writes to the registry and nobody can be asked here (not a terminal); pass --yes");
    assert_eq!(
        home.json(&["list", "--json", "--repo-root", "repo"])["entries"],
        Value::Array(vec![])
    );
}

#[test]
fn the_root_is_found_in_the_documented_order() {
    let home = Home::with_registry();
    home.ok(&["init", "other"]);
    fs::create_dir_all(home.path("repo/deep/below")).expect("made");
    home.record(&[&golden("run1")], &[]);
    let entries = |command: &mut std::process::Command| {
        let output = command.output().expect("it runs");
        let listed: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        (
            listed["root"].as_str().map(str::to_owned),
            listed["entries"].as_array().map(Vec::len),
        )
    };
    let (repo, other) = (home.path("repo"), home.path("other"));
    let name = |path: &Path| {
        path.canonicalize()
            .ok()
            .map(|path| path.display().to_string())
    };
    let below = |command: &mut std::process::Command| {
        entries(command.current_dir(home.path("repo/deep/below")))
    };
    assert_eq!(
        below(&mut home.command(&["list", "--json"])),
        (name(&repo), Some(1))
    );
    let variable = "PROFILE_AND_OPTIMIZE_REPO_ROOT";
    assert_eq!(
        below(home.command(&["list", "--json"]).env(variable, &other)),
        (name(&other), Some(0))
    );
    assert_eq!(
        below(home.command(&["list", "--json"]).env(variable, "")),
        (name(&repo), Some(1))
    );
    let words = ["list", "--json", "--repo-root", &home.text("repo")];
    assert_eq!(
        below(home.command(&words).env(variable, &other)),
        (name(&repo), Some(1))
    );
    // No shell expands what stands in the configuration of an MCP client.
    let mut tilde = home.command(&["list", "--json"]);
    tilde.env("HOME", home.path("")).env(variable, "~/repo");
    assert_eq!(below(&mut tilde), (name(&repo), Some(1)));
}
