//! `history` against numpy (`tests/data/stats/commands.py`), and what it refuses.

use super::calibration::{close, expected};
use super::documents::{changed, document, without};
use perfbridge_guest::judge::history::{self, Entry};
use perfbridge_guest::render;
use serde_json::{Value, json};

fn entry(at: usize, document: Value) -> Entry {
    Entry {
        slug: format!("slug-{at}"),
        stamp: format!("stamp-{at}"),
        json: document.to_string(),
    }
}

/// The series of the vectors; from the change on another engine version.
fn entries() -> Vec<Entry> {
    let history = expected()["history"].clone();
    let values = history["values"].as_array().expect("values").clone();
    let one = |(at, value): (usize, Value)| {
        let version = if history["split"].as_u64() > Some(at as u64) {
            "0.32.0"
        } else {
            "0.33.0"
        };
        let changes = [
            ("/metrics/16/throughput_toks_per_s", value),
            ("/deployment/vllm_version", json!(version)),
        ];
        entry(at, changed(&changes))
    };
    values.into_iter().enumerate().map(one).collect()
}

fn series(entries: &[Entry], metric: Option<&str>, level: Option<&str>) -> (Value, String) {
    let report =
        history::Report::new(entries, metric, level).unwrap_or_else(|fault| panic!("{fault}"));
    let json = serde_json::from_str(&report.to_json()).expect("JSON");
    (json, render::history::render(&report))
}

#[test]
fn a_history_finds_the_split_of_the_brute_force_search() {
    let (json, text) = series(&entries(), None, None);
    let want = &expected()["history"];
    assert_eq!(json["searched"], true);
    let changes = json["change_points"].as_array().expect("a list");
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!(changes[0]["slug"], format!("slug-{}", want["split"]));
    assert_eq!(changes[0]["version"], "0.33.0");
    close(&changes[0]["before"], &want["before"], "before");
    close(&changes[0]["after"], &want["after"], "after");
    assert_eq!(json["entries"][0]["delta"], Value::Null);
    for (at, delta) in want["delta_pct"]
        .as_array()
        .expect("a list")
        .iter()
        .enumerate()
    {
        close(&json["entries"][at + 1]["delta_pct"], delta, "delta");
    }
    assert!(
        text.contains(&format!("  slug-{} (0.33.0): ", want["split"])),
        "{text}"
    );
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    // One star for each entry, one mark below the column where the change begins.
    let plot: Vec<&str> = text
        .lines()
        .filter(|line| line.get(12..13) == Some("|"))
        .collect();
    assert_eq!(plot.len(), 8, "{text}");
    assert_eq!(plot.concat().matches('*').count(), 15, "{text}");
    let mark = text
        .lines()
        .find(|line| line.get(12..13) == Some("+"))
        .expect("the axis");
    let split = want["split"].as_u64().expect("a number") as usize;
    assert_eq!(mark.find('^'), Some(14 + split * 65 / 14), "{text}");
}

#[test]
fn a_history_of_nine_says_what_it_lacks() {
    let (json, text) = series(&entries()[..9], None, None);
    assert_eq!(
        (&json["searched"], &json["change_points"]),
        (&json!(false), &json!([]))
    );
    assert!(
        text.contains("9 comparable entries; change points and the plot need 10\n"),
        "{text}"
    );
}

#[test]
fn a_steady_history_has_no_change_point() {
    let steady: Vec<Entry> = (0..12)
        .map(|at| {
            entry(
                at,
                changed(&[(
                    "/metrics/16/throughput_toks_per_s",
                    json!(250.0 + f64::from(at as u32 % 3) + 0.001 * at as f64),
                )]),
            )
        })
        .collect();
    let (json, text) = series(&steady, None, None);
    assert_eq!(json["change_points"], json!([]));
    assert!(
        text.contains("no change point (E-divisive, level 0.01)\n"),
        "{text}"
    );
}

#[test]
fn other_configurations_other_definitions_and_repeated_runs_are_excluded_with_the_reason() {
    let name = |value: f64| ("/metrics/16/throughput_toks_per_s", json!(value));
    let mut defined = changed(&[name(4.0)]);
    defined["definitions"] = json!({"throughput_toks_per_s": "other"});
    let mut newest = changed(&[name(5.0)]);
    newest["definitions"] = json!({"throughput_toks_per_s": "output-tokens"});
    let all = [
        entry(
            0,
            changed(&[name(1.0), ("/deployment/quantization", json!("NVFP4"))]),
        ),
        entry(1, changed(&[name(2.0)])),
        entry(2, changed(&[name(2.0)])),
        entry(
            3,
            changed(&[name(3.0), ("/metrics/16/osl_mean", json!(110.0))]),
        ),
        entry(4, without(document(), "/metrics", "16")),
        entry(5, defined),
        entry(6, newest),
    ];
    let (json, text) = series(&all, None, None);
    let excluded: Vec<&str> = json["excluded"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|entry| entry["reason"].as_str().expect("a reason"))
        .collect();
    assert_eq!(
        excluded,
        [
            "deployment.quantization is NVFP4, in the newest FP8",
            "the same run is registered earlier too",
            "metrics.16.osl_mean is 110.0, in the newest 100.0",
            "it has no such number",
            "definitions.throughput_toks_per_s is other, in the newest output-tokens",
        ]
    );
    assert_eq!(json["entries"][1]["delta"], 3.0);
    assert!(
        text.contains("excluded: stamp-0 slug-0: deployment.quantization is NVFP4"),
        "{text}"
    );
}

#[test]
fn a_history_follows_any_metric() {
    let one = [entry(0, document())];
    for (metric, level, at, value) in [
        ("ttft", None, "16", 100.0),
        ("ttft_p50_ms", Some("4"), "4", 100.0),
        ("error_rate", None, "16", 0.0),
        ("errors", Some("4"), "4", 0.0),
        ("hit-rate", None, "server", 0.80),
        ("cpu_spinpoll_pct", None, "profile", 10.0),
        ("kernel_class_gpu_pct.fp8_bmm", None, "profile", 40.0),
    ] {
        let (json, _) = series(&one, Some(metric), level);
        assert_eq!(json["level"], at, "{metric}");
        assert_eq!(json["entries"][0]["value"], value, "{metric}");
    }
}

#[test]
fn a_history_refuses_what_does_not_exist() {
    let one = [entry(0, document())];
    let refused = |entries: &[Entry], metric: Option<&str>, level: Option<&str>| {
        history::Report::new(entries, metric, level)
            .map(drop)
            .expect_err("refused")
            .to_string()
    };
    assert_eq!(
        refused(&[], None, None),
        "found no baseline; expected at least one. Record one first"
    );
    assert_eq!(
        refused(&one, Some("tp"), None),
        "there is no metric \"tp\" with a tolerance. Did you mean tps?"
    );
    let more = ". Choose another metric or place";
    for (metric, level, words) in [
        (
            "tps",
            "8",
            "throughput_toks_per_s at \"8\"; it has the levels 4, 16",
        ),
        (
            "hit-rate",
            "16",
            "prefix_cache_hit_rate_post at \"16\"; it stands at the level server",
        ),
        (
            "cpu_spinpoll_pct",
            "4",
            "cpu_spinpoll_pct at \"4\"; it stands at the level profile",
        ),
        (
            "kernel_class_gpu_pct",
            "profile",
            "kernel_class_gpu_pct at \"profile\"; at the level profile it has the classes fp8_bmm, mla_attention, tp_all_reduce",
        ),
    ] {
        assert_eq!(
            refused(&one, Some(metric), Some(level)),
            format!("the newest baseline has no number for {words}{more}")
        );
    }
    let broken = [Entry {
        json: "{".to_owned(),
        ..one[0].clone()
    }];
    assert!(refused(&broken, None, None).starts_with("slug-0:1:"));
}

/// Twelve runs: 100 tok/s and a little, from the seventh on with another engine 80 and a little. Every fourth is an observation.
#[test]
fn bands_stand_around_the_newest_baseline_and_the_runs_since_the_change() {
    let values = [
        100.0, 100.4, 99.8, 100.2, 99.6, 100.0, 80.0, 80.4, 79.8, 80.2, 79.6, 80.0,
    ];
    let of = |(at, value): (usize, &f64)| {
        let version = if at < 6 { "0.32.0" } else { "0.33.0" };
        let start = format!("2026-11-{:02}T00:00:00Z", at + 1);
        entry(
            at,
            changed(&[
                ("/metrics/16/throughput_toks_per_s", json!(value)),
                ("/deployment/vllm_version", json!(version)),
                (
                    "/provenance",
                    json!({"observation": at % 4 == 3, "captured_at": start}),
                ),
            ]),
        )
    };
    let entries: Vec<Entry> = values.iter().enumerate().map(of).collect();
    let (json, _) = series(&entries, None, None);
    let ends = |key: &str| [0, 1].map(|at| json[key][at].as_f64().expect("an end"));
    let near = |found: [f64; 2], expected: [f64; 2]| {
        let off = [0, 1].map(|at| (found[at] - expected[at]).abs());
        assert!(off[0] < 1e-9 && off[1] < 1e-9, "{found:?} {expected:?}");
    };
    // The last run is an observation; the newest baseline is that of 79.6: 3 % to either side.
    near(ends("tolerance"), [77.212, 81.988]);
    // Mean 80; deviations 0, .4, -.2, .2, -.4, 0 square to .4; divided by 5 that is .08.
    let room = 2.0 * 0.08_f64.sqrt();
    near(ends("noise"), [80.0 - room, 80.0 + room]);
    assert_eq!(json["entries"][3]["observation"], true);
    assert_eq!(json["entries"][10]["observation"], false);
    let newest = &json["entries"][11];
    assert_eq!(
        (&newest["shown"], &newest["change"]),
        (&json!("80.00"), &json!("+0.5 %"))
    );
    let change = &json["change_points"][0];
    assert_eq!(
        change["changed"],
        "deployment.vllm_version 0.32.0 -> 0.33.0"
    );
    assert_eq!(change["shown"], "100.0 -> 80.00");
    // Four values are no noise.
    let (few, _) = series(&entries[..4], None, None);
    assert_eq!(few["noise"], Value::Null);
}
