//! `calibrate` against numpy and scipy (`tests/data/stats/commands.py`), and what it refuses.

use super::documents::{
    changed, document, judge_as, row, tolerances as tolerances_of, with, without,
};
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
        let start = format!("2026-11-25T10:{at:02}:00Z");
        let mut run = changed(&[("/provenance", json!({"captured_at": start}))]);
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
    let report = Report::new(&runs(), None).unwrap_or_else(|fault| panic!("{fault}"));
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
            close(&plan["shows"], &want[3], "shows");
        }
        assert_eq!(row["asked"], row["plans"][1], "three trials are asked for");
        if want["widened"].is_null() {
            assert_eq!(row["widened"], Value::Null);
        } else {
            close(&row["widened"]["tolerance"], &want["widened"][0], "wider");
            assert_eq!(row["widened"]["capped"], want["widened"][1]);
            close(&row["widened"]["shows"], &want["widened"][2], "shows");
        }
    }
    // Two levels of seven metrics, two of the server, three classes and the spin-poll share.
    assert_eq!(rows.len(), 20);
    let any = json["any_row_in_100"].as_f64().expect("a number");
    let want = 100.0 * (1.0 - 0.99_f64.powi(20));
    assert!((any - want).abs() < 1e-9, "{any}");
    assert_eq!(json["not_calibrated"], json!([]));
}

/// `1.234` as users write it, rounded up to two digits.
fn up(value: &Value) -> f64 {
    (100.0 * value.as_f64().expect("a number")).ceil() / 100.0
}

/// Only what identical runs would exceed too often is widened, each level by itself.
#[test]
fn the_policy_widens_for_the_trials_asked_for_level_by_level() {
    let (report, json) = calibrated();
    let policy = report.policy();
    assert!(
        policy.starts_with("# Made by Perfbridge from 5 runs of \"m\", for 3 trials a side.\n"),
        "{policy}"
    );
    let rows = expected()["calibration"].clone();
    let mut wider = 0;
    for want in rows.as_array().expect("rows") {
        let (metric, level) = (&want["metric"], want["level"].as_str().expect("level"));
        let metric = metric.as_str().expect("metric");
        // Points of a rate: 0.02 are 2.
        let (name, unit) = match level {
            "server" => (metric.to_owned(), 100.0),
            level => (format!("{metric}@c{level}"), 1.0),
        };
        let [tolerance, capped, shows] = [0, 1, 2].map(|at| want["widened"][at].clone());
        if tolerance.is_null() {
            assert!(!policy.contains(&name), "{policy}");
            continue;
        }
        wider += 1;
        let shows = unit * shows.as_f64().expect("a number");
        let tolerance = json!(unit * tolerance.as_f64().expect("a number"));
        let mut line = format!(
            "\"{name}\" = {:.2} # no longer sees a worsening below {shows:.1}",
            up(&tolerance)
        );
        if capped == json!(true) {
            line.push_str("; capped, identical runs exceed it more often");
        }
        assert!(
            policy.contains(&format!("{line}\n")),
            "{line} is not in {policy}"
        );
        assert_eq!(json["tolerance"][&name].as_f64(), Some(up(&tolerance)));
    }
    assert!(wider > 0, "some row of the vectors is noisy");
    let text = render::calibration::render(&report);
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    assert!(
        text.contains("With 3 trials a side identical runs would exceed these tolerances"),
        "{text}"
    );
}

/// More trials need no wider tolerance; one is capped at three times the default.
#[test]
fn trials_come_before_tolerances() {
    let report =
        |trials: u32| Report::new(&runs(), Some(trials)).unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(report(300).tolerances(), []);
    assert!(
        report(300).policy().contains(
            "Every default tolerance holds with them: nothing is widened.\n[tolerance]\n"
        )
    );
    let one = report(1).tolerances();
    let ttft = one
        .iter()
        .find(|(name, _)| name == "ttft_p50_ms@c16")
        .expect("noisy");
    assert_eq!(ttft.1, 15.0, "three times 5 %");
    // The policy is one that is taken, and for that level alone.
    let tolerances: Vec<(String, String)> = one
        .iter()
        .map(|(name, value)| (name.clone(), value.to_string()))
        .collect();
    let pairs: Vec<(&str, &str)> = tolerances
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    let judgement = judge_as(&document(), &document(), &tolerances_of(&pairs));
    assert_eq!(row(&judgement, "ttft_p50_ms", "16").tolerance, 15.0);
    assert_eq!(
        row(&judgement, "ttft_p99_ms", "16").tolerance,
        15.0,
        "the default"
    );
    assert_eq!(
        row(&judgement, "ttft_p99_ms", "16").applied.origin.as_str(),
        "default"
    );
    let text = render::calibration::render(&report(3));
    assert!(
        text.contains("Trials first: ") || text.contains("A quieter setting first: "),
        "{text}"
    );
    let refused = Report::new(&runs(), Some(0))
        .map(drop)
        .expect_err("refused");
    assert_eq!(
        refused.message,
        "found 0 trials a side to plan for; expected a whole number from 1 on"
    );
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
    let report = Report::new(&texts, None).unwrap_or_else(|fault| panic!("{fault}"));
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
        text.contains(&format!("not calibrated: ttft_p50_ms at c4: {coalesced}\n")),
        "{text}"
    );
}

#[test]
fn one_outlier_run_of_five_is_named() {
    let mut texts = runs();
    let slow: Value = serde_json::from_str(&texts[2]).expect("JSON");
    texts[2] = with(slow, &[("/metrics/16/throughput_toks_per_s", json!(120.0))]).to_string();
    let report = Report::new(&texts, None).unwrap_or_else(|fault| panic!("{fault}"));
    let text = render::calibration::render(&report);
    let line = "run 3 is an outlier in throughput_toks_per_s at c16 and left out of its noise\n";
    assert!(text.contains(line), "{text}");
}

#[test]
fn calibration_refuses_what_shows_no_noise() {
    let refused = |texts: &[String]| {
        Report::new(texts, None)
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
    assert!(
        refused(&texts).starts_with("trial 2: found the same run as trial 1: one run given twice;")
    );
}
