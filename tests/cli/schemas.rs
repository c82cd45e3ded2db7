//! Every JSON that is printed, against its schema in `schemas/`.

use crate::support::{Home, bundle, golden};
use boon::{Compiler, Schemas};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// The schema as it is published, and one that also refuses what it does not describe: additions are allowed
/// to the world, but here they have to be described.
fn schema(name: &str) -> [Value; 2] {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../schemas/{name}.schema.json"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    let open: Value = serde_json::from_str(&text).expect("JSON");
    let mut closed = open.clone();
    close(&mut closed);
    [open, closed]
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if map.get("properties").is_some_and(Value::is_object) && map.contains_key("required") {
                map.entry("additionalProperties").or_insert(json!(false));
            }
            map.values_mut().for_each(close);
        }
        Value::Array(list) => list.iter_mut().for_each(close),
        _ => {}
    }
}

pub fn check(name: &str, value: &Value) {
    for schema in schema(name) {
        if let Err(errors) = fits(name, &schema, value) {
            panic!("{name}: {errors}");
        }
    }
}

fn fits(name: &str, schema: &Value, value: &Value) -> Result<(), String> {
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler
        .add_resource("schema:published", schema.clone())
        .expect("a place");
    let index = compiler
        .compile("schema:published", &mut schemas)
        .unwrap_or_else(|error| panic!("{name}: {error:#}"));
    let fitting = schemas.validate(value, index);
    fitting.map_err(|errors| format!("{errors:#}"))
}

const BUNDLES: [&str; 8] = [
    "base-1",
    "errors-1",
    "old-vllm",
    "base-1-report",
    "base-2-unscraped",
    "aa-01",
    "noisy-1",
    "regressed-1",
];

#[test]
fn documents() {
    let home = Home::new();
    for name in BUNDLES {
        check(
            "inference_perfbench_v1",
            &home.json(&["ingest", "--source", &bundle(name)]),
        );
    }
    for name in ["base-1-csv", "base-1-records", "base-2-console"] {
        let words = [
            "ingest",
            "--source",
            &bundle(name),
            "--model",
            "m",
            "--profile",
            &bundle("zymtrace-before"),
        ];
        let words = if name == "base-1-records" {
            &words[..]
        } else {
            &words[..5]
        };
        let named = words
            .iter()
            .map(|word| if *word == "m" { "tinyllama-7m" } else { *word })
            .collect::<Vec<_>>();
        check("inference_perfbench_v1", &home.json(&named));
    }
    for run in ["run1", "run2", "run3"] {
        let text = fs::read_to_string(golden(run)).expect("text");
        check(
            "inference_perfbench_v1",
            &serde_json::from_str(&text).expect("JSON"),
        );
    }
    let words = [
        "ingest",
        "--source",
        &bundle("aa-01"),
        "--source",
        &bundle("aa-02"),
        "--source",
        &bundle("aa-03"),
    ];
    check("inference_perfbench_v1", &home.json(&words));
}

#[test]
fn judgements() {
    let home = Home::new();
    for current in BUNDLES {
        for more in [&[][..], &["--vary", "isl", "--vary", "osl"]] {
            let words = [
                &[
                    "diff",
                    "--baseline",
                    &bundle("base-1"),
                    "--current",
                    &bundle(current),
                    "--json",
                ],
                more,
            ];
            let ran = home.run(&words.concat());
            check(
                "perfbridge_judgement_v1",
                &serde_json::from_str(&ran.stdout).expect("JSON"),
            );
        }
    }
    let mut words = vec!["diff", "--json"];
    let trials = [1, 2, 3, 4, 5, 6].map(|n| bundle(&format!("aa-0{n}")));
    for (at, trial) in trials.iter().enumerate() {
        words.extend([if at < 3 { "--baseline" } else { "--current" }, trial]);
    }
    check("perfbridge_judgement_v1", &home.json(&words));
    // Request records on one side and on both.
    let records = bundle("aa-01-records");
    for current in ["aa-03-records", "aa-03"] {
        let current = bundle(current);
        let words = ["diff", "--json", "--model", "tinyllama-7m", "--baseline"];
        let words = [&words[..], &[&records, "--current", &current]].concat();
        let judgement: Value = serde_json::from_str(&home.run(&words).stdout).expect("JSON");
        assert_eq!(judgement["distributions"].as_array().map(Vec::len), Some(3));
        check("perfbridge_judgement_v1", &judgement);
    }
}

#[test]
fn commands() {
    let home = Home::new();
    check(
        "perfbridge_init_v1",
        &home.json(&["init", "repo", "--json"]),
    );
    let plan = ["plan", "--baseline", "a", "--current", "b", "--json"];
    check("perfbridge_plan_v1", &home.json(&plan));
    let root = ["--json", "--repo-root", "repo"];
    for source in [bundle("base-1"), golden("run1")] {
        let report = home.json(&[&["record", "--yes", "--source", &source], &root[..]].concat());
        check("perfbridge_record_v1", &report);
        let entry = report["entry_dir"].as_str().expect("entry_dir");
        check("perfbridge_show_v1", &home.json(&["show", entry, "--json"]));
    }
    home.write("repo/runbooks/slow.md", "ttft_p50_ms\n");
    let current = bundle("regressed-1");
    let words = ["diff", "--model", "tinyllama-7m", "--current", &current];
    let judged = home.run(&[&words[..], &root[..]].concat());
    let judged: Value = serde_json::from_str(&judged.stdout).expect("JSON");
    assert_eq!(judged["references"]["runbooks"][0]["line"], 1, "{judged}");
    assert_eq!(judged["references"]["seen_before"][0]["line"], 1);
    check("perfbridge_judgement_v1", &judged);
    let words = [&["doctor"], &root[..]].concat();
    check("perfbridge_doctor_v1", &home.json(&words));
    let dead = home.run(&[&words[..], &["--mcp-server", "false"]].concat());
    let dead: Value = serde_json::from_str(&dead.stdout).expect("JSON");
    assert_eq!(dead["healthy"], false);
    check("perfbridge_doctor_v1", &dead);
    let words = ["record", "--yes", "--mcp-server", "false", "--source"];
    let refused = home.run(&[&words[..], &[&current], &root[..]].concat());
    check(
        "perfbridge_error_v1",
        &serde_json::from_str(&refused.stdout).expect("JSON"),
    );
    check(
        "perfbridge_list_v1",
        &home.json(&[&["list"], &root[..]].concat()),
    );
    let tools = crate::support::corpus("data/tools");
    let tools = tools.display().to_string();
    check(
        "perfbridge_inspect_v1",
        &home.json(&["inspect", &tools, "--json"]),
    );
    check("perfbridge_formats_v1", &home.json(&["formats", "--json"]));
    for more in [&[][..], &["--label", "x"], &["--release"]] {
        let words = [&["pin", "tinyllama-7m"], more, &root[..]].concat();
        check("perfbridge_pin_v1", &home.json(&words));
    }
    check(
        "perfbridge_verify_v1",
        &home.json(&[&["verify", "--replay"], &root[..]].concat()),
    );
    let run = bundle("base-2");
    let words = [
        "promote",
        "--current",
        &run,
        "--reason",
        "r",
        "--eval",
        "GPQA=0.7",
    ];
    check(
        "perfbridge_promote_v1",
        &home.json(&[&words[..], &root[..]].concat()),
    );
    let refused = home.run(&[&words[..], &["--ratchet"], &root[..]].concat());
    let refused: Value = serde_json::from_str(&refused.stdout).expect("JSON");
    assert_eq!(refused["promoted"], false);
    check("perfbridge_promote_v1", &refused);
    for words in [&["promotions"][..], &["pin", "tinyllama-7m", "--role", "x"]] {
        let listed = home.json(&[words, &root[..]].concat());
        check(&format!("perfbridge_{}_v1", words[0]), &listed);
    }
    check(
        "perfbridge_promotions_v1",
        &home.json(&[&["promotions"], &root[..]].concat()),
    );
    check(
        "perfbridge_evidence_v1",
        &home.json(&[&["verify", "tinyllama-7m"], &root[..]].concat()),
    );
    let made = fs::read_dir(home.path(
        "repo/experiments/artifacts/perf-baseline-diffs/inference/tinyllama-7m-perfbench-v1",
    ));
    let made = made
        .expect("bundles")
        .next()
        .expect("one")
        .expect("readable")
        .path();
    check(
        "perfbridge_evidence_v1",
        &home.json(&["verify", &made.display().to_string(), "--json"]),
    );
    let words = ["plan", "--again", "tinyllama-7m"];
    check(
        "perfbridge_plan_v1",
        &home.json(&[&words[..], &root[..]].concat()),
    );
    let document = home.json(&["ingest", &run]);
    assert!(document["provenance"]["commands"][0].is_string());
    let words = [
        "diff",
        "--model",
        "tinyllama-7m",
        "--current",
        &current,
        "--eval",
        "GPQA=0.8",
    ];
    let judged = home.run(&[&words[..], &root[..]].concat());
    let judged: Value = serde_json::from_str(&judged.stdout).expect("JSON");
    assert_eq!(judged["evals"][0]["reading"], "gain");
    check("perfbridge_judgement_v1", &judged);
    let kept = crate::support::corpus("data/golden/registry")
        .display()
        .to_string();
    let root = ["--json", "--repo-root", &kept];
    check(
        "perfbridge_list_v1",
        &home.json(&[&["list"], &root[..]].concat()),
    );
    let ran = home.run(&[&["verify"], &root[..]].concat());
    check(
        "perfbridge_verify_v1",
        &serde_json::from_str(&ran.stdout).expect("JSON"),
    );
    let ran = home.run(&[&["show", "nothing"], &root[..]].concat());
    check(
        "perfbridge_error_v1",
        &serde_json::from_str(&ran.stdout).expect("JSON"),
    );
}

#[test]
fn planning() {
    let home = Home::with_registry();
    let runs = [1, 2, 3, 4, 5, 6].map(|n| bundle(&format!("aa-0{n}")));
    let mut words = vec!["calibrate", "--json", "--runs"];
    words.extend(runs.iter().map(String::as_str));
    check("perfbridge_calibration_v1", &home.json(&words));
    // A coalesced level: some rows are left out.
    let source = fs::read_to_string(golden("run1")).expect("text");
    for at in 0..11 {
        let mut run: Value = serde_json::from_str(&source).expect("JSON");
        run["metrics"]["16"]["throughput_toks_per_s"] =
            json!(if at < 5 { 400 + at } else { 300 + at });
        run["metrics"]["16"]["itl_p50_ms"] = json!(if at == 0 { 0 } else { 20 });
        run["deployment"]["quantization"] = json!(if at == 0 { "INT4" } else { "FP8" });
        let name = home.write(&format!("{at}.json"), run.to_string());
        home.record(&[&name], &[]);
        let row = [
            "explain",
            "ttft_p50_ms@16",
            "--json",
            "--baseline",
            &name,
            "--current",
            &name,
        ];
        check("perfbridge_explain_v1", &home.json(&row));
        let root = ["--model", "tiny-llama", "--repo-root", "repo", "--json"];
        check(
            "perfbridge_history_v1",
            &home.json(&[&["history"], &root[..]].concat()),
        );
    }
}

/// A schema that took everything would prove nothing.
#[test]
fn the_schemas_refuse_what_is_wrong() {
    let document =
        serde_json::from_str::<Value>(&fs::read_to_string(golden("run1")).expect("text"))
            .expect("JSON");
    let name = "inference_perfbench_v1";
    let [open, _] = schema(name);
    for (pointer, wrong) in [
        ("/schema", json!("inference_perfbench_v2")),
        ("/model", json!("")),
        ("/metrics", json!({})),
        ("/metrics/16/ttft_p50_ms", json!(-1)),
        ("/metrics/16/errors", json!(0.5)),
        (
            "/server_metrics_delta/prefix_cache_hit_rate_post",
            json!(41.2),
        ),
        ("/cpu_spinpoll_pct", json!("11")),
    ] {
        let mut changed = document.clone();
        *changed.pointer_mut(pointer).expect("a place") = wrong;
        assert!(fits(name, &open, &changed).is_err(), "{pointer}");
    }
    for wrong in [
        json!({"ttft_ms": [1.0]}),
        json!({"of": 1, "itl_ms": [-1.0]}),
    ] {
        let mut changed = document.clone();
        changed["request_samples"] = json!({"16": wrong});
        assert!(fits(name, &open, &changed).is_err(), "{wrong}");
    }
}

#[test]
fn policies_and_gates() {
    let home = Home::new();
    let page = fs::read_to_string(crate::support::corpus("../docs/policy.md")).expect("the page");
    let example = page.split("```").nth(1).expect("an example");
    let policy = home.write("p.toml", example.trim_start_matches("toml\n"));
    let checked = home.json(&["policy", "check", &policy, "--json"]);
    check("perfbridge_policy_check_v1", &checked);
    check("perfbridge_policy_v1", &checked["policy"]);
    let (baseline, current) = (bundle("base-1"), bundle("regressed-1"));
    let sides = [&baseline[..], &current, "--policy", &policy];
    let words = [&["policy", "explain", "--json"], &sides[..]].concat();
    check("perfbridge_policy_explain_v1", &home.json(&words));
    let words = [&["gate", "--json", "--baseline"], &sides[..]].concat();
    let ran = home.run(&words);
    let judgement: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    check("perfbridge_judgement_v1", &judgement);
    assert_eq!(judgement["gate"]["exit"], json!(ran.code));
    let state = home.text("state.json");
    let notify = [
        "--notify",
        "true",
        "--notify-on",
        "change",
        "--notify-state",
        &state,
    ];
    home.run(&[&words[..], &notify].concat());
    let state = fs::read_to_string(state).expect("a state");
    check(
        "perfbridge_notified_v1",
        &serde_json::from_str(&state).expect("JSON"),
    );
    let rows = judgement["rows"].as_array().expect("rows");
    let raised = rows.iter().any(|row| row["tolerance_source"].is_string());
    assert!(raised, "the budget of the example is in force");
    for wrong in [
        json!({"tolerances": {}}),
        json!({"waiver": [{"metric": "ttft", "place": "c4", "reason": "r", "owner": "o"}]}),
        json!({"inconclusive": "maybe"}),
        json!({"sol_pct": {}}),
    ] {
        let [open, _] = schema("perfbridge_policy_v1");
        assert!(
            fits("perfbridge_policy_v1", &open, &wrong).is_err(),
            "{wrong}"
        );
    }
}
