//! Numbers that contradict each other, and runs that their own tool calls invalid.

use crate::documents::{changed, document, judge, places, said, status, with};
use perfbridge_guest::judge::Judgement;
use perfbridge_guest::judge::status::Status;
use serde_json::{Value, json};

fn told<'a>(judgement: &'a Judgement, code: &str) -> &'a str {
    let mut all = judgement.findings.iter();
    let found = all.find(|finding| finding.code.as_str() == code);
    &found.expect("the finding").message
}

/// 100 tok/s, 100 tokens: as many requests in flight as the latency has seconds.
fn in_flight(level: &str, seconds: f64) -> Value {
    let at = format!("/metrics/{level}/request_latency_mean_ms");
    changed(&[(&at, json!(1000.0 * seconds))])
}

/// At concurrency 16 up to 48 can be explained, from 0.16 on as well; below 5.33 the load was not reached.
#[test]
fn requests_in_flight_against_the_concurrency() {
    for (seconds, verdict, not_reached) in [
        (48.0, "GREEN none", false),
        (48.1, "NO_VERDICT invalid-run", false),
        (5.34, "GREEN none", false),
        (5.33, "GREEN none", true),
        (0.16, "GREEN none", true),
        (0.159, "NO_VERDICT invalid-run", false),
    ] {
        let run = in_flight("16", seconds);
        for (baseline, current) in [(&run, &document()), (&document(), &run)] {
            let judgement = judge(baseline, current);
            assert_eq!(said(&judgement), verdict, "{seconds}");
            let code = "CONCURRENCY_NOT_REACHED";
            let found = !places(&judgement, code).is_empty();
            assert_eq!(found, not_reached, "{seconds}");
            let needed = judgement.promote.join("\n");
            assert_eq!(needed.contains("reaches its concurrency"), not_reached);
        }
    }
    let judgement = judge(&document(), &in_flight("16", 60.0));
    assert_eq!(
        told(&judgement, "IMPLAUSIBLE"),
        "in the current run: 100.00 tok/s x mean latency 60000.00 ms / 100.00 output tokens = 60.00 requests in flight, but the concurrency is 16: one of these numbers is of another unit or another run"
    );
}

/// A median stands in for the mean; where more than a tenth failed, the equation is of too few.
#[test]
fn the_median_and_failed_requests() {
    let median = |errors: u64| {
        changed(&[
            ("/metrics/16/request_latency_p50_ms", json!(60_000.0)),
            ("/metrics/16/errors", json!(errors)),
        ])
    };
    let judged = |errors: u64| said(&judge(&median(errors), &median(errors)));
    assert_eq!(judged(100), "NO_VERDICT invalid-run");
    assert_eq!(judged(101), "YELLOW unhealthy");
}

/// On another level its throughput and latencies are not judged, its errors are.
#[test]
fn off_the_headline_its_rows_are_not_judged() {
    let run = with(in_flight("4", 60.0), &[("/metrics/4/errors", json!(20))]);
    let judgement = judge(&document(), &run);
    for metric in ["throughput_toks_per_s", "ttft_p50_ms", "itl_p50_ms"] {
        assert_eq!(status(&judgement, metric, "4"), Status::Unreliable);
    }
    assert_eq!(status(&judgement, "error_rate", "4"), Status::Regressed);
    assert_eq!(said(&judgement), "YELLOW few");
    let judgement = judge(&in_flight("4", 60.0), &document());
    assert_eq!(said(&judgement), "GREEN none");
    let judgement = judge(&document(), &in_flight("4", 60.0));
    assert_eq!(said(&judgement), "YELLOW lost");
}

/// 100 ms + 99 x 100 ms is 10 s: a latency is its parts within a factor of 3.
#[test]
fn a_latency_and_its_parts() {
    let of = |latency: f64, changes: &[(&str, Value)]| {
        let means = changed(&[
            ("/metrics/16/ttft_mean_ms", json!(100.0)),
            ("/metrics/16/itl_mean_ms", json!(100.0)),
            ("/metrics/16/request_latency_mean_ms", json!(latency)),
            ("/definitions", json!({"itl_p50_ms": "tpot-per-request"})),
        ]);
        with(means, changes)
    };
    let judged = |latency: f64, changes: &[(&str, Value)]| {
        let run = of(latency, changes);
        said(&judge(&run, &run))
    };
    let good = "GREEN none";
    let bad = "NO_VERDICT invalid-run";
    for (latency, expected) in [
        (3_333.4, good),
        (3_333.3, bad),
        (30_000.0, good),
        (30_000.1, bad),
    ] {
        assert_eq!(judged(latency, &[]), expected, "{latency}");
    }
    let run = of(30_001.0, &[]);
    assert_eq!(
        told(&judge(&run, &run), "IMPLAUSIBLE"),
        "in the baseline: mean TTFT 100.00 ms + (100.00 - 1) tokens x mean ITL 100.000 ms = 10000.00 ms, but the mean latency is 30001.00 ms"
    );
    // Gaps between chunks are not times a token, and means of two files are of two sets of requests.
    let gaps = ("/definitions", json!({"itl_p50_ms": "gap-pooled"}));
    assert_eq!(judged(30_001.0, &[gaps]), good);
    let source = |file: &str| json!({"file": file});
    let files = |other: &str| {
        let cell = json!({
            "ttft_mean_ms": source("a.json"),
            "itl_mean_ms": source("a.json"),
            "request_latency_mean_ms": source(other),
        });
        ("/sources", json!({ "16": cell }))
    };
    assert_eq!(judged(30_001.0, &[files("a.json")]), bad);
    assert_eq!(judged(30_001.0, &[files("b.json")]), good);
}

/// What the tool says against the headline's place or against the whole run is quoted; elsewhere its rows are not judged.
#[test]
fn what_the_tool_calls_invalid() {
    let statement = "runtime_submission_invalid_reasons: context_overflow_rate_exceeded";
    for pointer in ["/validity", "/metrics/16/validity"] {
        let run = changed(&[(pointer, json!([statement]))]);
        for (baseline, current, name) in [
            (&run, &document(), "baseline"),
            (&document(), &run, "current run"),
        ] {
            let judgement = judge(baseline, current);
            assert_eq!(said(&judgement), "NO_VERDICT invalid-run", "{pointer}");
            assert!(
                judgement
                    .reason
                    .starts_with(&format!("the {name} cannot be judged"))
            );
            assert!(
                judgement.reason.ends_with(statement),
                "{}",
                judgement.reason
            );
        }
    }
    // A rule that comes before it does not hide it.
    let dead = [
        ("/validity", json!([statement])),
        ("/metrics/4/errors", json!(1000)),
    ];
    let judgement = judge(&document(), &changed(&dead));
    assert_eq!(said(&judgement), "RED failed-level");
    assert_eq!(
        told(&judgement, "RUN_INVALID"),
        format!("the current run: the benchmark tool itself declares it invalid: {statement}")
    );
    let run = changed(&[("/metrics/4/validity", json!([statement]))]);
    let judgement = judge(&document(), &run);
    assert_eq!(said(&judgement), "YELLOW lost");
    assert_eq!(places(&judgement, "RUN_INVALID"), ["metrics.4"]);
    // A statement of another weight: a draft, or a word.
    let draft = changed(&[("/validity", json!(["was_cancelled: true"]))]);
    let judgement = judge(&draft, &document());
    assert_eq!(said(&judgement), "GREEN none");
    let needed = judgement.promote.join("\n");
    assert!(needed.contains("was_cancelled: true"), "{needed}");
}
