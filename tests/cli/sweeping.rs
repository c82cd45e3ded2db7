//! `sweep`: a made fleet, of which is known what fails by what.

use crate::fleet::{
    BEFORE, NOW, RUNS, SWEEP, copy, document, files, fleet, lines, models, of, register, run,
};
use crate::schemas::check;
use crate::support::{Home, bundle};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

#[test]
fn a_fleet_in_three_groups() {
    let home = fleet();
    let before = files(&home.path("repo"));
    let lines = lines(&home, &[], 1);
    assert_eq!(
        files(&home.path("repo")),
        before,
        "it writes nothing into the registry"
    );
    for line in &lines {
        check("perfbridge_sweep_v1", line);
    }
    let groups: Vec<&Value> = lines
        .iter()
        .filter(|line| line["kind"] == "group")
        .collect();
    let expected = [
        (json!({"deployment.vllm_version": "v0.12.0"}), models(0..6)),
        (
            json!({"provenance.profile_and_optimize_sha": "cccc"}),
            models(6..11),
        ),
        (json!({"context.hardware": "GB300"}), models(11..15)),
    ];
    assert_eq!(groups.len(), 3, "{groups:?}");
    for (group, (shared, members)) in groups.iter().zip(expected) {
        let mut found: Vec<String> =
            serde_json::from_value(group["members"].clone()).expect("names");
        found.sort();
        assert_eq!((&group["shared"], found), (&shared, members));
        assert_eq!(group["passing"], 0);
    }
    assert_eq!(lines.len(), 43);
    let first = of(&lines, "model", "m-00");
    assert_eq!(
        (&first["verdict"], &first["rule"]),
        (&json!("RED"), &json!("headline"))
    );
    assert_eq!(
        first["run"],
        "experiments/artifacts/inference-perf-bench/run-00"
    );
    assert_eq!(
        first["baseline"],
        "m-00-perfbench-v1@20261101T000000000000Z"
    );
    assert_eq!(of(&lines, "model", "m-15")["group"], Value::Null);
    assert_eq!(of(&lines, "model", "m-39")["verdict"], "GREEN");
    // The verdict of diff.
    let current = home.text(&format!("{RUNS}/run-00"));
    let diff = home.run(&[
        "diff",
        "--model",
        "m-00",
        "--current",
        &format!("{current}/inference_perfbench_v1.json"),
        "--repo-root",
        "repo",
        "--json",
    ]);
    let judged: Value = serde_json::from_str(&diff.stdout).expect("JSON");
    assert_eq!(
        (&judged["verdict"], &judged["reason"]),
        (&first["verdict"], &first["reason"])
    );
}

/// From the cache, without one, from a damaged one, with one job or many: the same bytes.
#[test]
fn the_cache_changes_no_byte() {
    let home = fleet();
    home.write("bundle", "");
    let copied = home.path(&format!("{RUNS}/a-bundle"));
    copy(Path::new(&bundle("base-1")), &copied);
    let print = |more: &[&str]| {
        let ran = home.run(&[&SWEEP[..], &["--json"], more].concat());
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        ran.stdout
    };
    let cold = print(&["--jobs", "1"]);
    let kept = files(&home.path(".cache/perfbridge/documents"));
    assert_eq!(kept.len(), 41);
    assert_eq!(print(&["--jobs", "7"]), cold);
    assert_eq!(print(&["--no-cache"]), cold);
    for (at, (path, bytes)) in kept.iter().enumerate() {
        match at % 3 {
            0 => fs::write(path, &bytes[..bytes.len() / 2]).expect("written"),
            1 => fs::write(path, String::from_utf8_lossy(bytes).replace("m-", "n-"))
                .expect("written"),
            _ => {}
        }
    }
    assert_eq!(print(&[]), cold);
    assert_eq!(
        files(&home.path(".cache/perfbridge/documents")),
        kept,
        "what was damaged is written anew"
    );
    assert_eq!(print(&["--cache", "elsewhere"]), cold);
    assert_eq!(files(&home.path("elsewhere/documents")), {
        let moved = kept.iter().map(|(path, bytes)| {
            let below = path
                .strip_prefix(home.path(".cache/perfbridge"))
                .expect("below");
            (home.path("elsewhere").join(below), bytes.clone())
        });
        moved.collect::<Vec<_>>()
    });
    // A run that changed is read anew.
    let mut better = document("m-00", NOW);
    better["deployment"]["vllm_version"] = json!("v0.12.0");
    run(&home, "run-00", &better);
    assert_eq!(
        of(&lines(&home, &[], 1), "model", "m-00")["verdict"],
        "GREEN"
    );
}

/// Whatever nothing was judged for is named, and a run that cannot be read hides no regression.
#[test]
fn nothing_is_dropped() {
    let home = Home::with_registry();
    for model in ["quiet", "idle", "edited"] {
        register(&home, &document(model, BEFORE), "20261101T000000000000Z");
    }
    run(&home, "quiet-1", &document("quiet", NOW));
    assert_eq!(
        of(&lines(&home, &["--model", "quiet"], 0), "model", "quiet")["rule"],
        "none"
    );
    // Brackets are no pattern.
    home.run(&[&SWEEP[..], &["--model", "[qi]*"]].concat())
        .refused("no model is like \"[qi]*\" (--model); 3 are registered");
    let idle = lines(&home, &["--model", "?????"], 0);
    assert_eq!(idle.len(), 1, "{idle:?}");
    run(&home, "new-1", &document("new", NOW));
    let told = lines(&home, &["--model", "*e*"], 3);
    for line in &told {
        check("perfbridge_sweep_v1", line);
    }
    assert_eq!(
        of(&told, "measurement", "idle-perfbench-v1")["rule"],
        "no-run"
    );
    let new = of(&told, "model", "new");
    assert_eq!(
        (&new["rule"], &new["measurement"]),
        (&json!("no-baseline"), &Value::Null)
    );
    assert!(
        new["reason"]
            .as_str()
            .expect("why")
            .ends_with("perfbridge record experiments/artifacts/inference-perf-bench/new-1 --yes"),
        "{new}"
    );
    // A torn document, an empty directory, and a baseline that somebody edited.
    home.write(
        &format!("{RUNS}/torn/inference_perfbench_v1.json"),
        "{\"schema\": \"inference_perfbench_v1\",",
    );
    fs::create_dir_all(home.path(&format!("{RUNS}/empty"))).expect("made");
    run(&home, "edited-1", &document("edited", NOW));
    let snapshot = "repo/experiments/artifacts/perf-baselines/inference/edited-perfbench-v1/20261101T000000000000Z/source-snapshot.json";
    home.write(snapshot, document("edited", NOW).to_string());
    let told = lines(&home, &[], 2);
    for (key, value, why) in [
        (
            "run",
            "experiments/artifacts/inference-perf-bench/torn",
            "found the end of the file inside a JSON value",
        ),
        (
            "run",
            "experiments/artifacts/inference-perf-bench/empty",
            "found no benchmark result",
        ),
        (
            "measurement",
            "edited-perfbench-v1",
            "the snapshot was changed after it was registered",
        ),
    ] {
        let line = of(&told, key, value);
        check("perfbridge_sweep_v1", line);
        assert_eq!(line["rule"], "unreadable");
        assert!(
            line["reason"].as_str().expect("why").contains(why),
            "{line}"
        );
    }
    let mut worse = document("quiet", "2026-11-29T00:00:00Z");
    worse["metrics"]["16"]["throughput_toks_per_s"] = json!(600.0);
    run(&home, "quiet-2", &worse);
    assert_eq!(
        of(&lines(&home, &[], 1), "model", "quiet")["verdict"],
        "RED"
    );
}

/// The run that began last, and how long none has passed.
#[test]
fn the_most_recent_run_is_the_one_that_began_last() {
    let home = Home::with_registry();
    register(&home, &document("m", BEFORE), "20261101T000000000000Z");
    let slow = |start: &str| {
        let mut slow = document("m", start);
        slow["metrics"]["16"]["throughput_toks_per_s"] = json!(600.0);
        slow
    };
    // Names say nothing. It passed on the 10th, failed from the 18th on, and once before that.
    run(&home, "z", &slow("2026-11-05T00:00:00Z"));
    run(&home, "y", &document("m", "2026-11-10T00:00:00Z"));
    run(&home, "c", &slow("2026-11-18T12:00:00Z"));
    run(&home, "b", &slow("2026-11-21T00:00:00Z"));
    run(&home, "a", &slow("2026-11-28T06:00:00+01:00"));
    let lines_now = lines(&home, &[], 1);
    let now = of(&lines_now, "model", "m");
    assert_eq!(now["run"], "experiments/artifacts/inference-perf-bench/a");
    // To the 28th at 05:00 UTC it is nine days and 16.5 hours.
    assert_eq!(
        (&now["failing_since"], &now["days_failing"]),
        (&json!("2026-11-18T12:00:00Z"), &json!(9))
    );
    let text = home.run(&SWEEP).stdout;
    assert!(
        text.contains("✕ RED headline m: failing for 9 days, since 2026-11-18; c16 throughput"),
        "{text}"
    );
    let since = |day: &str| {
        lines(
            &home,
            &["--since", day],
            if day < "2026-11-28T05:00:01Z" { 1 } else { 3 },
        )
    };
    assert_eq!(of(&since("2026-11-28"), "model", "m")["days_failing"], 9);
    let old = since("2026-11-28T05:00:01Z");
    let old = of(&old, "model", "m");
    assert_eq!(old["rule"], "no-run");
    assert_eq!(
        old["reason"],
        "its most recent run, experiments/artifacts/inference-perf-bench/a, began before --since"
    );
    home.run(&[&SWEEP[..], &["--since", "monday"]].concat())
        .refused("--since is given \"monday\"; expected a day as 2026-11-22");
    // A run that is named alone is the most recent, however old.
    let one = home.text(&format!("{RUNS}/y"));
    assert_eq!(
        of(&lines(&home, &["--runs", &one], 0), "model", "m")["verdict"],
        "GREEN"
    );
    // Of two baselines the newer, which is slow itself: only the ratchet against the older one still speaks.
    register(
        &home,
        &slow("2026-11-02T00:00:00Z"),
        "20261102T000000000000Z",
    );
    let told = lines(&home, &[], 0);
    let newer = of(&told, "model", "m");
    assert_eq!(
        (&newer["verdict"], &newer["rule"]),
        (&json!("YELLOW"), &json!("creep"))
    );
    // A pinned one is the one that counts.
    home.ok(&["pin", "m@20261101T000000000000Z", "--repo-root", "repo"]);
    assert_eq!(
        of(&lines(&home, &[], 1), "model", "m")["baseline"],
        "m-perfbench-v1@20261101T000000000000Z"
    );
}

#[test]
fn forms_are_written_and_wrong_ones_refused() {
    let home = fleet();
    let words = [
        "--html",
        "out/fleet.html",
        "--format",
        "junit=out/fleet.xml",
        "--format",
        "markdown=out/fleet.md",
    ];
    let ran = home.run(&[&SWEEP[..], &words].concat());
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stdout.ends_with("✕ 40 measurements: 6 RED, 11 YELLOW, 23 GREEN\n✕ 3 causes for 15 of the 17 that do not pass\n"), "{}", ran.stdout);
    let read = |name: &str| fs::read_to_string(home.path(&format!("out/{name}"))).expect("written");
    assert!(
        read("fleet.html").starts_with("<!DOCTYPE html>\n")
            && read("fleet.html").matches("<section>").count() == 3
    );
    assert!(read("fleet.xml").contains(
        "<testsuite name=\"sweep\" tests=\"40\" failures=\"6\" errors=\"0\" skipped=\"0\">"
    ));
    assert!(read("fleet.md").contains("| 1 | deployment.vllm_version v0.11.0 -&gt; v0.12.0 | 6 measurements, failing since 2026-11-28: "));
    let refused = |more: &[&str], why: &str| home.run(&[&SWEEP[..], more].concat()).refused(why);
    refused(
        &["--format", "sarif"],
        "found the form \"sarif\" of a sweep; expected one of text, json, markdown, junit, page",
    );
    refused(
        &["--runs", "nothing/*"],
        "no path is like \"nothing/*\" (--runs); expected directories of runs or documents",
    );
    refused(
        &["--model", "x*"],
        "no model is like \"x*\" (--model); 40 are registered",
    );
    refused(&["--jobs", "0"], "--jobs <N>");
    refused(&["--cache", "c", "--no-cache"], "--no-cache");
    let empty = Home::with_registry();
    empty
        .run(&SWEEP)
        .refused("there is nothing to sweep: no baseline is registered and there is no run");
}

/// Where a cache cannot be made, everything is read anew and this is said.
#[test]
fn no_place_for_a_cache_is_no_error() {
    let home = Home::with_registry();
    register(&home, &document("m", BEFORE), "20261101T000000000000Z");
    run(&home, "m-1", &document("m", NOW));
    home.write("taken", "a file");
    let ran = home.run(&[&SWEEP[..], &["--cache", "taken"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stderr
            .starts_with("note: no documents are kept: cannot make taken/documents: "),
        "{}",
        ran.stderr
    );
    let program = |name: &str, value: &str| {
        let mut command = home.command(&SWEEP);
        command.env(name, value);
        command.output().expect("it runs")
    };
    let cache = home.text("xdg");
    assert!(program("XDG_CACHE_HOME", &cache).status.success());
    assert_eq!(files(&home.path("xdg/perfbridge/documents")).len(), 1);
}

/// A name from a run is text in every form.
#[test]
fn hostile_names_are_text() {
    let home = fleet();
    let name = "<script>x</script>|@all ##[error]\u{1b}[2J\n::error::";
    run(&home, "<b>", &document(name, NOW));
    for form in ["text", "markdown", "junit", "page"] {
        let ran = home.run(&[&SWEEP[..], &["--format", form]].concat());
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        let text = ran.stdout;
        assert!(text.contains("no-baseline"), "{form}: {text}");
        for steers in ["##[", "\u{1b}", "\n::", "\n ::"] {
            assert!(!text.contains(steers), "{form}: {text}");
        }
        assert!(
            form == "text" || !text.contains("<script"),
            "{form}: {text}"
        );
        assert!(
            form != "markdown" || !text.contains("@all"),
            "{form}: {text}"
        );
    }
    let coloured = home
        .run(&[&["--color", "always"], &SWEEP[..]].concat())
        .stdout;
    assert!(
        coloured.contains("\u{1b}[31m✕ RED headline m-00: ")
            || coloured.contains("\u{1b}[1m1. deployment"),
        "{coloured}"
    );
    assert!(!coloured.contains("\u{1b}[2J"), "{coloured}");
}
