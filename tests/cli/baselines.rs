//! What baselines of a registry are taken, refused, and used as history.

use crate::support::{Home, bundle, golden};
use serde_json::Value;
use std::fs;
use std::path::Path;

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

/// Changes one number of the document that an entry holds.
fn edit_snapshot(entry: &str) {
    let file = Path::new(entry).join("source-snapshot.json");
    let edited = fs::read_to_string(&file)
        .expect("text")
        .replace("742.9", "900.0");
    fs::write(&file, edited).expect("written");
}

/// An edited entry of the past is not read, but it does not make every later diff impossible either.
#[test]
fn a_broken_earlier_baseline_is_named_and_left_out() {
    let home = Home::with_registry();
    let old = home.record(&[&golden("run1")], &[]);
    home.record(&[&golden("run2")], &[]);
    edit_snapshot(&old);
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
    edit_snapshot(&entry);
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
    let registry = crate::support::corpus("data/golden/registry");
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

/// Observations tell the noise, are listed under a measurement of their own, and are no baseline unless they are named.
#[test]
fn observations_are_history_and_no_baseline() {
    let home = Home::with_registry();
    let baseline = home.record(&[&bundle("aa-01")], &[]);
    let observed: Vec<String> = (2..=6)
        .map(|n| home.record(&[&bundle(&format!("aa-0{n}"))], &["--observe"]))
        .collect();
    let listed = home.json(&["list", "--repo-root", "repo", "--json"]);
    let measurements: Vec<&str> = listed["entries"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|entry| entry["measurement"].as_str().expect("a name"))
        .collect();
    let name = "tinyllama-7m-perfbench-v1-observations";
    assert_eq!(measurements.iter().filter(|one| **one == name).count(), 5);
    let current = bundle("slow-01");
    let diff = [
        "diff",
        "--current",
        &current,
        "--json",
        "--repo-root",
        "repo",
    ];
    let by_model = home.run(&[&diff[..], &["--model", "tinyllama-7m"]].concat());
    assert_eq!(by_model.code, 1, "{}", by_model.stderr);
    let judgement: Value = serde_json::from_str(&by_model.stdout).expect("JSON");
    let rows = judgement["rows"].as_array().expect("rows");
    let headline = rows
        .iter()
        .find(|row| row["metric"] == "throughput_toks_per_s" && row["level"] == "16");
    let noise = &headline.expect("the headline")["noise"];
    assert_eq!(noise["method"], "history");
    assert_eq!(noise["n"], 5);
    let by_path = home.run(&[&diff[..], &["--baseline", &baseline]].concat());
    assert_eq!(by_path.stdout, by_model.stdout);
    // One that is named is a baseline like any other.
    let named = home.run(&[&diff[..], &["--baseline", &observed[0]]].concat());
    assert_eq!(named.code, 1, "{}", named.stderr);
    let history = [
        "history",
        "--model",
        "tinyllama-7m",
        "--repo-root",
        "repo",
        "--json",
    ];
    let series = home.json(&history);
    assert_eq!(series["entries"].as_array().map(Vec::len), Some(6));
    let document = golden("run1");
    home.run(&[
        "record",
        "--yes",
        "--observe",
        "--source",
        &document,
        "--repo-root",
        "repo",
    ])
    .refused("--observe add to a bundle while it is read");
}
