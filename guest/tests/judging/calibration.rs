//! `calibrate` against numpy and scipy (`tests/data/stats/commands.py`), and what it refuses.

use super::documents::{changed, document, with, without};
use perfbridge_guest::judge::calibration::Report;
use perfbridge_guest::render;
use serde_json::{Value, json};

pub fn expected() -> Value {
    serde_json::from_str(include_str!("../../../tests/data/stats/commands.json")).expect("JSON")
}

#[track_caller]
pub fn close(got: &Value, want: &Value, what: &str) {
    let (got, want) = (got.as_f64().expect(what), want.as_f64().expect(what));
    assert!(
        (got - want).abs() <= 1e-7 * want.abs(),
        "{what}: got {got}, scipy says {want}"
    );
}

/// The documents of the runs whose values stand in the vectors; every other number is the same in each run.
fn runs() -> Vec<String> {
    let rows = expected()["calibration"].clone();
    let run = |at: usize| {
        let mut run = document();
        for row in rows.as_array().expect("rows") {
            let (metric, level) = (row["metric"].as_str(), row["level"].as_str());
            let (metric, level) = (metric.expect("metric"), level.expect("level"));
            let pointer = if level == "server" {
                format!("/server_metrics_delta/{metric}")
            } else {
                format!("/metrics/{level}/{metric}")
            };
            run = with(run, &[(&pointer, row["values"][at].clone())]);
        }
        run.to_string()
    };
    (0..5).map(run).collect()
}

fn calibrated() -> (Report, Value) {
    let report = Report::new(&runs()).unwrap_or_else(|fault| panic!("{fault}"));
    let json = serde_json::from_str(&report.to_json()).expect("JSON");
    (report, json)
}

#[test]
fn noise_tolerances_and_detectable_effects_are_those_of_scipy() {
    let (_, json) = calibrated();
    let rows = json["rows"].as_array().expect("rows");
    for want in expected()["calibration"].as_array().expect("rows") {
        let same = |row: &&Value| row["metric"] == want["metric"] && row["level"] == want["level"];
        let row = rows.iter().find(same).expect("the row");
        for key in [
            "n",
            "mean",
            "median",
            "std_of_these_runs",
            "std",
            "degrees_of_freedom",
        ] {
            close(&row[key], &want[key], &format!("{} {key}", want["metric"]));
        }
        assert_eq!(row["outlier_run"], Value::Null);
        for (plan, want) in (0..4).map(|at| (&row["plans"][at], &want["plans"][at])) {
            close(&plan["trials"], &want[0], "trials");
            close(&plan["tolerance_once_in_100"], &want[1], "tolerance");
            close(&plan["detectable"], &want[2], "detectable");
        }
    }
    // Two levels of seven metrics, two of the server, three classes and the spin-poll share.
    assert_eq!(rows.len(), 20);
    let any = json["any_row_in_100"].as_f64().expect("a number");
    let want = 100.0 * (1.0 - 0.99_f64.powi(20));
    assert!((any - want).abs() < 1e-9, "{any}");
    assert_eq!(json["not_calibrated"], json!([]));
}

#[test]
fn the_policy_holds_the_noisiest_level_rounded_up_in_the_units_that_users_write() {
    let (report, _) = calibrated();
    let rows = expected()["calibration"].clone();
    let tolerance = |at: usize| rows[at]["plans"][0][1].as_f64().expect("a number");
    let up = |value: f64| (100.0 * value).ceil() / 100.0;
    let policy = report.policy();
    for (name, want) in [
        ("throughput_toks_per_s", up(tolerance(0).max(tolerance(1)))),
        ("ttft_p50_ms", up(tolerance(2).max(tolerance(3)))),
        // Points of a rate: 0.02 are 2.
        ("prefix_cache_hit_rate_post", up(100.0 * tolerance(4))),
    ] {
        let line = format!("\"{name}\" = {want:.2}\n");
        assert!(policy.contains(&line), "{line} is not in {policy}");
    }
    assert!(policy.contains("[tolerance]\n") && policy.contains("from 5 runs of \"m\""));
}

#[test]
fn artefacts_and_what_too_few_runs_have_are_left_out_with_the_reason() {
    let mut runs: Vec<Value> = runs()
        .iter()
        .map(|run| serde_json::from_str(run).expect("JSON"))
        .collect();
    runs[0] = with(runs[0].clone(), &[("/metrics/4/itl_p50_ms", json!(0.0))]);
    runs[1] = with(
        runs[1].clone(),
        &[("/metrics/16/request_latency_p50_ms", json!(0.0))],
    );
    for run in &mut runs[..3] {
        *run = without(run.clone(), "", "cpu_spinpoll_pct");
    }
    let texts: Vec<String> = runs.iter().map(Value::to_string).collect();
    let report = Report::new(&texts).unwrap_or_else(|fault| panic!("{fault}"));
    let json: Value = serde_json::from_str(&report.to_json()).expect("JSON");
    let left: Vec<String> = json["not_calibrated"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| {
            format!("{}@{}: {}", row["metric"], row["level"], row["reason"]).replace('"', "")
        })
        .collect();
    let coalesced = "streams arrived in one read, an artefact of measuring";
    let mut want: Vec<String> = [
        "ttft_p50_ms",
        "ttft_p95_ms",
        "ttft_p99_ms",
        "itl_p50_ms",
        "tps_per_user",
    ]
    .map(|name| format!("{name}@4: {coalesced}"))
    .into();
    want.push("request_latency_p50_ms@16: a run has 0, of which there is no percentage".to_owned());
    want.push("cpu_spinpoll_pct@profile: fewer than three runs have a number".to_owned());
    assert_eq!(left, want);
    let text = render::calibration::render(&report);
    assert!(
        text.contains(&format!("not calibrated: ttft_p50_ms at 4: {coalesced}\n")),
        "{text}"
    );
}

#[test]
fn one_outlier_run_of_five_is_named() {
    let mut texts = runs();
    let slow: Value = serde_json::from_str(&texts[2]).expect("JSON");
    texts[2] = with(slow, &[("/metrics/16/throughput_toks_per_s", json!(120.0))]).to_string();
    let report = Report::new(&texts).unwrap_or_else(|fault| panic!("{fault}"));
    let text = render::calibration::render(&report);
    let line = "run 3 is an outlier in throughput_toks_per_s at 16 and left out of its noise\n";
    assert!(text.contains(line), "{text}");
}

#[test]
fn calibration_refuses_what_shows_no_noise() {
    let refused = |texts: &[String]| {
        Report::new(texts)
            .map(drop)
            .expect_err("refused")
            .to_string()
    };
    let mut texts = runs();
    assert_eq!(
        refused(&texts[..2]),
        "found 2 runs; expected at least 3 repeated runs of one configuration, which is the least that shows noise"
    );
    texts[1] = changed(&[("/deployment/quantization", json!("NVFP4"))]).to_string();
    assert_eq!(
        refused(&texts),
        "trial 2: found deployment.quantization NVFP4, in the first trial FP8; expected repeated runs of one configuration"
    );
    texts[0] = changed(&[("/definitions", json!({"itl_p50_ms": "tpot-per-request"}))]).to_string();
    texts[1] = changed(&[("/definitions", json!({"itl_p50_ms": "gap-pooled"}))]).to_string();
    assert!(refused(&texts).starts_with(
        "trial 2: found definitions.itl_p50_ms gap-pooled, in trial 1 tpot-per-request;"
    ));
    texts[1] = texts[0].clone();
    assert!(refused(&texts).starts_with("trial 2: found the same run as trial 1;"));
}
