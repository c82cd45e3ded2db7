//! `gate`: the baseline it finds, what it writes, and how it ends.

use crate::support::{Home, Ran, bundle, golden};
use serde_json::Value;
use std::fs;

/// In the repository, as a job of a pipeline does it.
pub fn gate(home: &Home, words: &[&str]) -> Ran {
    let mut command = home.command(&[&["gate"], words].concat());
    Ran::of(
        command
            .current_dir(home.path("repo"))
            .output()
            .expect("it runs"),
    )
}

/// Verdict, option and tier that is asked for, and how that ends: one run a side is a draft.
#[test]
fn it_ends_by_what_the_policy_decides() {
    let home = Home::new();
    for (baseline, current, verdict, ends) in [
        ("base-1", "regressed-1", "RED", [1, 1, 1, 1]),
        ("base-1", "base-2", "YELLOW", [3, 0, 0, 0]),
        ("aa-02", "aa-06", "GREEN", [3, 0, 0, 0]),
        ("base-1", "base-1", "NO_VERDICT", [3, 0, 0, 3]),
    ] {
        let (baseline, current) = (bundle(baseline), bundle(current));
        let options = [
            &[][..],
            &["--inconclusive", "pass"],
            &["--inconclusive", "neutral"],
            &["--require-tier", "draft"],
        ];
        for (option, end) in options.into_iter().zip(ends) {
            let words = [&["gate", "--baseline", &baseline, &current], option].concat();
            let ran = home.run(&words);
            assert_eq!(ran.code, end, "{verdict} {option:?}: {}", ran.stdout);
            let last = ran.stdout.lines().last().expect("a verdict");
            assert!(last.contains(verdict), "{last}");
            let by_option = end == 0 && option[0] == "--inconclusive";
            assert_eq!(
                ran.stdout.contains("not judged, and"),
                by_option,
                "{}",
                ran.stdout
            );
        }
    }
    let (baseline, current) = (bundle("base-1"), bundle("base-2"));
    let words = [
        "gate",
        "--baseline",
        &baseline,
        &current,
        "--fail-on",
        "yellow",
    ];
    assert_eq!(home.run(&words).code, 1);
    // diff is what it was, whatever a policy says of gates.
    let strict = home.write(
        "strict.toml",
        "fail_on = \"yellow\"\nrequire_tier = \"verdict\"\n",
    );
    assert_eq!(
        home.run(&["diff", &baseline, &current, "--policy", &strict])
            .code,
        0
    );
}

#[test]
fn it_finds_the_baseline_of_the_run_s_model_and_writes_every_form() {
    let home = Home::with_registry();
    home.record(&[&bundle("base-1")], &[]);
    let words = [
        "--repo-root",
        ".",
        &bundle("regressed-1"),
        "--json",
        "--format",
        "junit=out/perf.xml",
        "--format",
        "markdown=out/perf.md",
    ];
    let ran = gate(&home, &words);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let judgement: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(judgement["gate"]["outcome"], "fail");
    assert_eq!(judgement["gate"]["exit"], 1);
    assert!(
        ran.stderr.contains("gate fails: RED by rule "),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("baseline: tinyllama-7m-perfbench-v1@"),
        "{}",
        ran.stderr
    );
    let written =
        |name: &str| fs::read_to_string(home.path("repo/out").join(name)).expect("written");
    assert!(written("perf.xml").contains("gate fails: RED by rule "));
    assert!(written("perf.md").contains("- **Gate:** gate fails: RED by rule "));
    // Nothing is registered by it, and no diff is kept.
    assert!(
        !home
            .path("repo/experiments/artifacts/perf-baseline-diffs/inference")
            .exists()
    );
    home.run(&["gate"]).refused("found no current run");
}

/// Never a pass, and never a baseline by itself.
#[test]
fn without_a_baseline_it_ends_with_3_and_says_what_makes_one() {
    let home = Home::with_registry();
    let current = bundle("base-1");
    let ran = gate(&home, &[&current, "--inconclusive", "pass"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{}", ran.stderr);
    assert!(
        ran.says("no baseline to judge against; nothing was judged"),
        "{}",
        ran.stderr
    );
    let command = format!("perfbridge record {current} --yes");
    assert!(ran.stderr.contains(&command), "{}", ran.stderr);
    let ran = gate(&home, &[&golden("run1"), "--json"]);
    let error: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(
        (ran.code, error["error"]["exit_code"].as_u64()),
        (3, Some(3))
    );
    assert_eq!(error["error"]["code"], "no-baseline");
    let ran = gate(&home, &["--baseline", "nothing@newest", &current]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert_eq!(
        home.ok(&["list", "--repo-root", "repo"])
            .matches("2026")
            .count(),
        0
    );
    // No registry at all.
    let empty = Home::new();
    let ran = empty.run(&["gate", &current]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let both = format!("perfbridge init && perfbridge record {current} --yes");
    assert!(ran.stderr.contains(&both), "{}", ran.stderr);
    // What it says makes one.
    home.ok(&["record", &current, "--yes", "--repo-root", "repo"]);
    assert_eq!(
        gate(&home, &[&bundle("base-2"), "--inconclusive", "pass"]).code,
        0
    );
}

/// A share of the ceiling that is demanded has to be known.
#[test]
fn a_missing_ceiling_is_an_error_and_no_pass() {
    let home = Home::new();
    let policy = home.write(
        "p.toml",
        "require_tier = \"draft\"\ninconclusive = \"pass\"\n[sol_pct]\nmin = 1\n",
    );
    let (baseline, current) = (bundle("aa-01"), bundle("aa-02"));
    let words = [
        "gate",
        "--baseline",
        &baseline,
        &current,
        "--policy",
        &policy,
    ];
    let ran = home.run(&words);
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(ran.stdout.contains("sol_pct is demanded"), "{}", ran.stdout);
}

/// A run can claim any start: this one says that it is of 2019, when the waiver held.
#[test]
fn a_waiver_ends_by_the_clock_of_the_machine_too() {
    let home = Home::new();
    let waiver = |expires: &str| {
        let text = format!(
            "require_tier = \"draft\"\n[[waiver]]\nmetric = \"tps\"\nplace = \"c16\"\nreason = \"r\"\nowner = \"ada\"\nexpires = {expires}\n"
        );
        home.write("p.toml", text)
    };
    let text = fs::read_to_string(golden("run1")).expect("a document");
    let mut old: Value = serde_json::from_str(&text).expect("JSON");
    old["provenance"]["captured_at"] = "2019-12-30T10:00:00Z".into();
    let old = home.write("old.json", old.to_string());
    let run = |expires: &str, more: &[&str]| {
        let policy = waiver(expires);
        let words = [
            "gate",
            "--baseline",
            &golden("run2"),
            &old,
            "--policy",
            &policy,
            "--json",
        ];
        let ran = home.run(&[&words, more].concat());
        let judgement: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        (judgement["gate"].clone(), ran.stdout)
    };
    let (gate, _) = run("2019-12-31", &[]);
    assert_eq!(gate["outcome"], "fail", "{gate}");
    let sentence = gate["sentence"].as_str().expect("a sentence");
    assert!(
        sentence.contains("by ada expired on 2019-12-31, today is 2"),
        "{sentence}"
    );
    let today = gate["today"].as_str().expect("a day");
    assert!(sentence.contains(today), "{sentence}");
    // On its own day it held, and a replay of that day has the bytes of that day.
    let (gate, first) = run("2019-12-31", &["--today", "2019-12-31"]);
    assert!(
        !gate["sentence"]
            .as_str()
            .expect("a sentence")
            .contains("expired"),
        "{gate}"
    );
    assert_eq!(run("2019-12-31", &["--today", "2019-12-31"]).1, first);
    assert_eq!(gate["today"], "2019-12-31");
    let (gate, _) = run("2999-12-31", &[]);
    assert!(
        !gate["sentence"]
            .as_str()
            .expect("a sentence")
            .contains("expired"),
        "{gate}"
    );
    let words = [
        "gate",
        "--baseline",
        &golden("run2"),
        &old,
        "--today",
        "tomorrow",
    ];
    home.run(&words)
        .refused("found \"tomorrow\" as today; expected a day such as 2027-01-31");
}
