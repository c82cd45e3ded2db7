//! record, list, show, verify, diff against what was recorded.

use crate::support::{Home, bundle, golden, snapshot};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;

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
        listed.contains(&format!(
            "inference/tinyllama-7m-perfbench-v1@{slug}  -GPQA=0.31|x"
        )),
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
                &bundle("base-1"),
            ],
            &root[..],
        ]
        .concat(),
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stdout.starts_with("GREEN  none  (DRAFT)\n"),
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
        "verdict.md",
    ] {
        assert!(made.join(file).is_file(), "{file}");
    }
    assert_eq!(
        fs::read_to_string(made.join("verdict.json")).expect("text"),
        ran.stdout
    );
    // These documents have no flat mirror, so the umbrella has nothing to compare and the verb asks the component.
    assert!(
        ran.stderr
            .contains("perf_baseline_diff says GREEN, judged with the default tolerances"),
        "{}",
        ran.stderr
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
}

/// The history of a measurement is the noise of the later diffs.
#[test]
fn earlier_baselines_are_the_noise_of_later_ones() {
    let home = Home::with_registry();
    for n in 1..=6 {
        home.record(&[&bundle(&format!("aa-0{n}"))], &[]);
    }
    let diff = |name: &str| {
        let ran = home.run(&[
            "diff",
            "--model",
            "tinyllama-7m",
            "--current",
            &bundle(name),
            "--json",
            "--repo-root",
            "repo",
        ]);
        let judgement: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        let rows = judgement["rows"].as_array().expect("rows").clone();
        let headline = rows
            .into_iter()
            .find(|row| row["metric"] == "throughput_toks_per_s" && row["level"] == "16");
        (ran.code, headline.expect("the headline"))
    };
    let (code, headline) = diff("slow-01");
    assert_eq!(code, 1);
    assert_eq!(
        (
            headline["noise"]["method"].as_str(),
            headline["noise"]["n"].as_u64()
        ),
        (Some("history"), Some(5))
    );
    let (code, _) = diff("aa-06");
    assert_eq!(code, 0);
}

/// An edited entry of the past is not read, but it does not make every later diff impossible either.
#[test]
fn a_broken_earlier_baseline_is_named_and_left_out() {
    let home = Home::with_registry();
    let old = home.record(&[&golden("run1")], &[]);
    home.record(&[&golden("run2")], &[]);
    let file = Path::new(&old).join("source-snapshot.json");
    let edited = fs::read_to_string(&file)
        .expect("text")
        .replace("742.9", "900.0");
    fs::write(&file, edited).expect("written");
    let ran = home.run(&[
        "diff",
        "--model",
        "tiny-llama",
        "--current",
        &golden("run2"),
        "--repo-root",
        "repo",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let slug = Path::new(&old)
        .file_name()
        .expect("a name")
        .to_string_lossy();
    assert!(
        ran.stderr.contains("note: ") && ran.stderr.contains(&*slug),
        "{}",
        ran.stderr
    );
}

#[test]
fn an_edited_snapshot_is_refused() {
    let home = Home::with_registry();
    let entry = home.record(&[&golden("run1")], &[]);
    let file = Path::new(&entry).join("source-snapshot.json");
    let edited = fs::read_to_string(&file)
        .expect("text")
        .replace("742.9", "900.0");
    fs::write(&file, edited).expect("written");
    for words in [
        &["diff", "--baseline", &entry, "--current", &golden("run2")][..],
        &["diff", "--baseline", &golden("run2"), "--current", &entry],
        &[
            "diff",
            "--model",
            "tiny-llama",
            "--current",
            &golden("run2"),
            "--repo-root",
            "repo",
        ],
        &["show", &entry],
    ] {
        home.run(words).refused("SHA-256");
    }
    let ran = home.run(&["verify", "--repo-root", "repo"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stdout.contains("NOT sound: 1 entries"),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stdout.contains("source-snapshot.json"),
        "{}",
        ran.stdout
    );
}

#[test]
fn baselines_of_another_kind() {
    let home = Home::with_registry();
    let entry = home.record(&[&golden("run1")], &[]);
    let file = Path::new(&entry).join("baseline.json");
    let good = fs::read_to_string(&file).expect("text");
    for (from, to, words) in [
        (
            "\"inference\"",
            "\"training\"",
            "found the family \"training\"; expected \"inference\"",
        ),
        (
            "\"tiny-llama-perfbench-v1\"",
            "\"other-perfbench-v1\"",
            "found the measurement \"other-perfbench-v1\"",
        ),
    ] {
        assert!(good.contains(from), "{from}: {good}");
        fs::write(&file, good.replacen(from, to, 1)).expect("written");
        home.run(&["diff", "--baseline", &entry, "--current", &golden("run2")])
            .refused(words);
    }
    // What the reference server recorded: a scalar, a directory, a flat document of no schema.
    let registry = crate::support::corpus("golden/registry");
    let root = registry.display().to_string();
    for (name, words) in [
        ("tiny-llama-c16-throughput", "found a scalar baseline"),
        ("tiny-llama-bundle", "found a baseline of a directory"),
        (
            "tiny-llama-flat",
            "found the schema \"inference_perfbench_flat\"",
        ),
    ] {
        let ran = home.run(&[
            "diff",
            "--baseline",
            name,
            "--current",
            &golden("run2"),
            "--repo-root",
            &root,
        ]);
        ran.refused(words);
    }
}

/// Characters that no path may hold become `-`, so two models can share a measurement.
#[test]
fn models_that_share_a_measurement() {
    let home = Home::with_registry();
    let text = fs::read_to_string(golden("run1")).expect("text");
    let slash = home.write(
        "slash.json",
        text.replace("\"tiny-llama\"", "\"tiny/llama\""),
    );
    home.record(&[&golden("run1")], &[]);
    let newest = home.record(&[&slash], &[]);
    let slug = Path::new(&newest)
        .file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    let root = ["--repo-root", "repo"];
    let words = "of the model \"tiny/llama\", not of \"tiny-llama\"";
    let by_slug = format!("tiny-llama@{slug}");
    for choice in [
        &["--model", "tiny-llama"][..],
        &["--baseline", "tiny-llama"],
        &["--baseline", &by_slug],
        &["--baseline", &newest, "--model", "tiny-llama"],
    ] {
        let ran = home.run(&[&["diff", "--current", &golden("run2")], choice, &root].concat());
        ran.refused(words);
    }
    // The measurement itself names no model, and then the identity says it.
    let ran = home.run(
        &[
            &[
                "diff",
                "--current",
                &golden("run2"),
                "--baseline",
                "tiny-llama-perfbench-v1",
            ],
            &root[..],
        ]
        .concat(),
    );
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stdout.contains("not-comparable"), "{}", ran.stdout);
}

#[test]
fn speed_of_light() {
    let home = Home::new();
    let file = home.write(
        "c.yaml",
        "b200:\n  decode_toks_per_s: 1000\n  prefill: {peak: 500, unit: tok/s, sol_rigor: L2}\n",
    );
    let with = |key: &str| {
        home.json(&[
            "ingest",
            "--source",
            &bundle("base-1"),
            "--sol-ceilings",
            &file,
            "--sol-key",
            key,
        ])
    };
    // 259.79394365725085 of 1000 and of 500 tokens per second.
    let document = with("b200.decode_toks_per_s");
    assert_eq!(document["context"]["sol_pct"], 25.979_394_365_725_085);
    assert_eq!(document["context"]["sol_peak"], 1000.0);
    let document = with("b200.prefill");
    assert_eq!(document["context"]["sol_pct"], 51.958_788_731_450_17);
    assert_eq!(document["context"]["sol_rigor"], "L2");
    assert_eq!(document["context"]["sol_key"], "b200.prefill");
}
