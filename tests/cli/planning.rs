//! calibrate and history.

use crate::support::{Home, bundle, golden, snapshot};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;

fn runs() -> Vec<String> {
    (1..=6).map(|n| bundle(&format!("aa-0{n}"))).collect()
}

fn calibrate<'a>(runs: &'a [String], more: &[&'a str]) -> Vec<&'a str> {
    let mut words = vec!["calibrate", "--runs"];
    words.extend(runs.iter().map(String::as_str));
    words.extend(more);
    words
}

#[test]
fn a_written_policy_is_one_that_diff_takes() {
    let (home, runs) = (Home::new(), runs());
    let json = home.json(&calibrate(&runs, &["--write", "policy.toml", "--json"]));
    assert_eq!(
        (&json["runs"], &json["rows"].as_array().map(Vec::len)),
        (&json!(6), &Some(14))
    );
    let text = fs::read_to_string(home.path("policy.toml")).expect("written");
    let policy: toml::Table = text.parse().expect("TOML");
    let tolerance = policy["tolerance"].as_table().expect("a table");
    for (metric, value) in json["tolerance"].as_object().expect("an object") {
        assert_eq!(tolerance[metric].as_float(), value.as_f64(), "{metric}");
    }
    let judged = home.json(&[
        "diff",
        "--baseline",
        &runs[0],
        "--current",
        &runs[1],
        "--policy",
        "policy.toml",
        "--json",
    ]);
    let row = |metric: &str, place: &str| {
        let rows = judged["rows"].as_array().expect("rows");
        rows.iter()
            .find(|row| row["metric"] == metric && row["place"] == place)
            .expect("the row")
            .clone()
    };
    let quiet = row("throughput_toks_per_s", "c16");
    assert_eq!(quiet["tolerance_origin"], "policy");
    assert_eq!(
        quiet["tolerance"],
        json["tolerance"]["throughput_toks_per_s@c16"]
    );
    let noisy = &json["tolerance"]["throughput_toks_per_s@c4"];
    assert_eq!(row("throughput_toks_per_s", "c4")["tolerance"], *noisy);
    assert_eq!(row("error_rate", "c16")["tolerance_origin"], "default");
    // What the policy hides is said with both values.
    let findings = judged["findings"].as_array().expect("findings");
    let widened = findings
        .iter()
        .filter(|one| one["code"] == "TOLERANCE_WIDENED");
    // Each value of a metric once.
    let values: BTreeSet<(&str, String)> = tolerance
        .iter()
        .map(|(key, value)| (key.split('@').next().unwrap_or(key), value.to_string()))
        .collect();
    assert_eq!(widened.count(), values.len());
    // Nothing of the writing is left beside it.
    let left: Vec<_> = fs::read_dir(home.path(""))
        .expect("listed")
        .map(|file| file.expect("a file").file_name())
        .collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn a_policy_is_never_replaced() {
    let (home, runs) = (Home::new(), runs());
    home.write("policy.toml", "mine");
    std::os::unix::fs::symlink("nowhere", home.path("link.toml")).expect("linked");
    for name in ["policy.toml", "link.toml"] {
        home.run(&calibrate(&runs, &["--write", name])).refused(&format!(
            "{name}: found a file; expected a name that is free, since a policy is never replaced"
        ));
    }
    assert_eq!(
        fs::read_to_string(home.path("policy.toml")).expect("text"),
        "mine"
    );
    home.run(&calibrate(&runs, &["--write", "missing/policy.toml"]))
        .refused("missing/policy.toml: cannot write the policy: No such file or directory");
}

#[test]
fn calibration_as_text() {
    let (home, runs) = (Home::new(), runs());
    let text = home.ok(&calibrate(&runs, &[]));
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    snapshot("calibrate.txt", &text);
}

#[test]
fn calibration_refuses() {
    let (home, runs) = (Home::new(), runs());
    home.run(&calibrate(&runs[..2], &[]))
        .refused("found 2 runs; expected at least 3 repeated runs");
    let text = home.ok(&[
        "ingest",
        "--source",
        &runs[1],
        "--set",
        "deployment.quantization=FP8",
    ]);
    let fp8 = home.write("fp8.json", text);
    let text = home.ok(&[
        "ingest",
        "--source",
        &runs[2],
        "--set",
        "deployment.quantization=NVFP4",
    ]);
    let nvfp4 = home.write("nvfp4.json", text);
    let mixed = [fp8, runs[0].clone(), nvfp4.clone()];
    let ran = home.run(&calibrate(&mixed, &[]));
    ran.refused("trial 3: found deployment.quantization NVFP4, in the first trial FP8; expected repeated runs");
    assert!(
        ran.stderr.contains(&format!("trial 3 is {nvfp4}")),
        "{}",
        ran.stderr
    );
    home.run(&calibrate(
        &[runs[0].clone(), runs[1].clone(), runs[0].clone()],
        &[],
    ))
    .refused("trial 3: found the same run as trial 1");
    home.run(&calibrate(&["missing".to_owned()], &[]))
        .refused("missing: cannot open the input");
    home.run(&["calibrate"]).refused("--runs <PATH>...");
}

/// A registry of documents that differ in throughput at 16 and in the engine version.
fn registry(values: &[f64]) -> Home {
    let home = Home::with_registry();
    let text = fs::read_to_string(golden("run1")).expect("text");
    for (at, value) in values.iter().enumerate() {
        let mut document: Value = serde_json::from_str(&text).expect("JSON");
        document["metrics"]["16"]["throughput_toks_per_s"] = json!(value);
        document["deployment"]["vllm_version"] = json!(if at < 6 { "0.32.0" } else { "0.33.0" });
        let name = home.write(&format!("in/{at}.json"), document.to_string());
        home.record(&[&name], &[]);
    }
    home
}

const HISTORY: [&str; 5] = ["history", "--model", "tiny-llama", "--repo-root", "repo"];
const SERIES: [f64; 12] = [
    400.0, 401.0, 399.5, 400.5, 399.0, 401.5, 360.0, 361.0, 359.5, 360.5, 359.0, 361.5,
];

#[test]
fn history_finds_the_change_and_names_entry_and_version() {
    let home = registry(&SERIES);
    let json = home.json(&[&HISTORY[..], &["--json"]].concat());
    let listed = home.json(&["list", "--repo-root", "repo", "--json"]);
    let changes = json["change_points"].as_array().expect("a list");
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!(changes[0]["slug"], listed["entries"][6]["slug"]);
    assert_eq!(
        changes[0]["stamp"],
        listed["entries"][6]["baseline"]["registered_at_utc"]
    );
    assert_eq!(changes[0]["version"], "0.33.0");
    // Medians of six values by hand.
    assert_eq!(
        (&changes[0]["before"], &changes[0]["after"]),
        (&json!(400.25), &json!(360.25))
    );
    assert_eq!(json["entries"][6]["delta"], -41.5);
    let text = home.ok(&HISTORY);
    assert!(
        text.contains(" (0.33.0): 400.2 -> 360.2 (-10.0 %)"),
        "{text}"
    );
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    let by_measurement = [
        "history",
        "--measurement",
        "tiny-llama-perfbench-v1",
        "--repo-root",
        "repo",
    ];
    assert_eq!(home.ok(&by_measurement), text);
    let short = [
        &HISTORY[..],
        &["--metric", "ttft", "--level", "16", "--json"],
    ]
    .concat();
    assert_eq!(home.json(&short)["metric"], "ttft_p50_ms");
}

#[test]
fn history_shows_every_number_as_a_curve_and_writes_a_page() {
    let home = registry(&SERIES);
    let text = home.ok(&HISTORY);
    let head = format!(
        "{} BBBBBBBBBBBB  B baseline o observation\n",
        " ".repeat(40)
    );
    assert!(text.starts_with(&head), "{text}");
    // 399 to 401.5 before the change and 359 to 361.5 behind it, of 359 to 401.5: two steps of eight.
    let of = |text: &str, curve: &str| {
        let name = format!("{:<40}", "c16 throughput_toks_per_s");
        let line = format!("{name} {curve}  361.5 tok/s (+0.7 %)");
        assert!(text.lines().any(|one| one == line), "{line}\n{text}");
    };
    of(&text, "@@@@@@______");
    assert!(
        text.contains("tiny-llama: throughput_toks_per_s at c16, tok/s\n"),
        "{text}"
    );
    assert!(
        text.contains(": deployment.vllm_version 0.32.0 -> 0.33.0\n  c16 throughput_toks_per_s 400.2 -> 360.2\n"),
        "{text}"
    );
    for (name, value) in [("LANG", "C.UTF-8"), ("LC_ALL", "en_US.utf8")] {
        let mut command = home.command(&HISTORY);
        command.env(name, value);
        of(
            &crate::support::Ran::of(command.output().expect("it runs")).stdout,
            "██████▁▁▁▁▁▁",
        );
    }
    let one = home.ok(&[&HISTORY[..], &["--metric", "ttft"]].concat());
    assert!(
        one.starts_with("tiny-llama: ttft_p50_ms at c16, ms\n"),
        "{one}"
    );
    let ran = home.run(&[&HISTORY[..], &["--html", "out/history.html", "--json"]].concat());
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (0, "written: out/history.html\n")
    );
    let json: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(json["schema"], "perfbridge_history_v1");
    let page = fs::read_to_string(home.path("out/history.html")).expect("written");
    // Four levels of seven metrics and a rate of errors.
    assert!(
        page.starts_with("<!DOCTYPE html>") && page.matches("<figure>").count() >= 28,
        "{page}"
    );
}

#[test]
fn a_short_history_says_so_and_lists_what_is_excluded() {
    let home = registry(&SERIES[..3]);
    let text = fs::read_to_string(golden("run1")).expect("text");
    let mut document: Value = serde_json::from_str(&text).expect("JSON");
    document["deployment"]["quantization"] = json!("INT4");
    let other = home.write("in/other.json", document.to_string());
    home.record(&[&other], &[]);
    let text = home.ok(&HISTORY);
    assert!(
        text.contains("1 comparable entries; change points and the plot need 10"),
        "{text}"
    );
    assert_eq!(text.matches("excluded: ").count(), 3, "{text}");
    assert!(text.contains("in the newest INT4"), "{text}");
}

#[test]
fn history_leaves_an_edited_entry_out_with_a_note() {
    let home = registry(&SERIES[..2]);
    let listed = home.json(&["list", "--repo-root", "repo", "--json"]);
    let dir = listed["entries"][0]["dir"].as_str().expect("a directory");
    let snapshot = format!("{dir}/source-snapshot.json");
    let mut permissions = fs::metadata(&snapshot).expect("there").permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o644);
    fs::set_permissions(&snapshot, permissions).expect("set");
    fs::write(&snapshot, "{}").expect("edited");
    let ran = home.run(&HISTORY);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stderr.contains(&format!("note: left out: {dir}: ")),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stdout.contains("1 comparable entries"),
        "{}",
        ran.stdout
    );
}

#[test]
fn history_refuses() {
    let home = registry(&SERIES[..1]);
    let root = ["--repo-root", "repo"];
    let refused = |words: &[&str], why: &str| home.run(&[words, &root].concat()).refused(why);
    refused(&["history"], "--model <NAME>");
    refused(
        &["history", "--model", "other"],
        "no baseline of \"other\" is registered; there are: tiny-llama. Make one",
    );
    refused(
        &["history", "--model", "tiny-llama", "--measurement", "x"],
        "cannot be used with",
    );
    refused(
        &["history", "--model", "tiny-llama", "--metric", "tp"],
        "Did you mean tps?",
    );
    refused(
        &["history", "--model", "tiny-llama", "--level", "7"],
        "the newest baseline has no number for throughput_toks_per_s at \"7\"; it has the levels",
    );
}
