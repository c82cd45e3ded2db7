//! Every default tolerance at its edge, just inside and just outside, in both directions.

use crate::documents::{
    changed, document, judge, judge_as, row, status, tolerances, with, without,
};
use perfbridge_guest::judge::status::Status;
use serde_json::json;

/// The table of the specification, retyped: metric, where it stands, percent, whether more is better.
const PERCENT: [(&str, f64, bool); 7] = [
    ("throughput_toks_per_s", 3.0, true),
    ("ttft_p50_ms", 5.0, false),
    ("ttft_p95_ms", 10.0, false),
    ("ttft_p99_ms", 15.0, false),
    ("itl_p50_ms", 3.0, false),
    ("tps_per_user", 3.0, true),
    ("request_latency_p50_ms", 5.0, false),
];

/// Metric, level of its row, pointer, base, tolerance in the unit of the number, whether more is better.
const POINTS: [(&str, &str, &str, f64, f64, bool); 4] = [
    (
        "prefix_cache_hit_rate_post",
        "server",
        "/server_metrics_delta/prefix_cache_hit_rate_post",
        0.80,
        0.02,
        true,
    ),
    (
        "gpu_cache_usage_perc_peak",
        "server",
        "/server_metrics_delta/gpu_cache_usage_perc_peak",
        0.50,
        0.05,
        false,
    ),
    (
        "kernel_class_gpu_pct.tp_all_reduce",
        "profile",
        "/kernel_class_gpu_pct/tp_all_reduce",
        10.0,
        3.0,
        false,
    ),
    (
        "cpu_spinpoll_pct",
        "profile",
        "/cpu_spinpoll_pct",
        10.0,
        5.0,
        false,
    ),
];

/// The status when a number goes from `from` to `to`.
fn goes(pointer: &str, metric: &str, level: &str, from: f64, to: f64) -> Status {
    // Without a length no equation ties the numbers of the level to each other.
    let of = |value: f64| {
        let bare = without(document(), "/metrics/4", "osl_mean");
        with(bare, &[(pointer, json!(value))])
    };
    let judgement = judge(&of(from), &of(to));
    status(&judgement, metric, level)
}

fn expect(higher_is_better: bool, rises: bool) -> Status {
    if higher_is_better == rises {
        Status::Improved
    } else {
        Status::Regressed
    }
}

#[test]
fn percent_tolerances() {
    for (metric, percent, higher) in PERCENT {
        let pointer = format!("/metrics/4/{metric}");
        // Bases whose products with these percentages are not all representable.
        for base in [100.0, 20.0, 1.7, 3491.0, 3.3, 2.7e6] {
            for sign in [1.0, -1.0] {
                let at = |percent: f64| {
                    let to = base * (1.0 + sign * percent / 100.0);
                    goes(&pointer, metric, "4", base, to)
                };
                let name = format!("{metric} from {base}, sign {sign}");
                assert_eq!(at(percent), Status::Within, "{name}: at the edge");
                assert_eq!(at(percent * 0.999), Status::Within, "{name}: inside");
                assert_eq!(
                    at(percent * 1.001),
                    expect(higher, sign > 0.0),
                    "{name}: outside"
                );
            }
        }
    }
}

#[test]
fn absolute_tolerances() {
    for (metric, level, pointer, base, tolerance, higher) in POINTS {
        for sign in [1.0, -1.0] {
            let at = |change: f64| goes(pointer, metric, level, base, base + sign * change);
            let name = format!("{metric}, sign {sign}");
            assert_eq!(at(tolerance), Status::Within, "{name}: at the edge");
            assert_eq!(at(tolerance * 0.999), Status::Within, "{name}: inside");
            assert_eq!(
                at(tolerance * 1.001),
                expect(higher, sign > 0.0),
                "{name}: outside"
            );
        }
    }
}

/// Absolute points are not a percentage of the percentage: 40 -> 43 is 7.5 % and 3 points.
#[test]
fn points_do_not_scale_with_the_base() {
    let class = "/kernel_class_gpu_pct/fp8_bmm";
    let metric = "kernel_class_gpu_pct.fp8_bmm";
    assert_eq!(goes(class, metric, "profile", 40.0, 43.0), Status::Within);
    assert_eq!(goes(class, metric, "profile", 1.0, 4.0), Status::Within);
    assert_eq!(goes(class, metric, "profile", 0.0, 3.0), Status::Within);
    assert_eq!(goes(class, metric, "profile", 0.0, 3.1), Status::Regressed);
}

#[test]
fn the_named_edges() {
    let ttft = |from, to| goes("/metrics/4/ttft_p50_ms", "ttft_p50_ms", "4", from, to);
    assert_eq!(ttft(100.0, 105.0), Status::Within);
    assert_eq!(ttft(20.0, 21.0), Status::Within);
    assert_eq!(ttft(105.0, 100.0), Status::Within);
    let rate = "/server_metrics_delta/prefix_cache_hit_rate_post";
    let hit = |from, to| goes(rate, "prefix_cache_hit_rate_post", "server", from, to);
    assert_eq!(hit(0.80, 0.78), Status::Within);
    assert_eq!(hit(0.80, 0.77999), Status::Regressed);
    assert_eq!(hit(0.78, 0.80), Status::Within);
}

/// beyond means x > tol + 1e-9 * max(1, tol): for 5 % the slack is 5e-9 of a percent, for 0.02 it is 1e-9.
#[test]
fn the_slack_is_a_billionth() {
    let ttft = |to| goes("/metrics/4/ttft_p50_ms", "ttft_p50_ms", "4", 100.0, to);
    assert_eq!(ttft(105.0 + 4e-9), Status::Within);
    assert_eq!(ttft(105.0 + 6e-9), Status::Regressed);
    assert_eq!(ttft(95.0 - 4e-9), Status::Within);
    assert_eq!(ttft(95.0 - 6e-9), Status::Improved);
    let rate = "/server_metrics_delta/prefix_cache_hit_rate_post";
    let hit = |to| goes(rate, "prefix_cache_hit_rate_post", "server", 0.5, to);
    assert_eq!(hit(0.48 - 0.8e-9), Status::Within);
    assert_eq!(hit(0.48 - 1.2e-9), Status::Regressed);
}

#[test]
fn error_rates() {
    let rate = |baseline: (u64, u64), current: (u64, u64)| {
        let of = |(errors, requests): (u64, u64)| {
            changed(&[
                ("/metrics/4/errors", json!(errors)),
                ("/metrics/4/requests", json!(requests)),
            ])
        };
        status(&judge(&of(baseline), &of(current)), "error_rate", "4")
    };
    assert_eq!(rate((0, 1000), (10, 1000)), Status::Within);
    assert_eq!(rate((0, 1000), (11, 1000)), Status::Regressed);
    assert_eq!(rate((10, 1000), (0, 1000)), Status::Within);
    assert_eq!(rate((11, 1000), (0, 1000)), Status::Improved);
    assert_eq!(rate((70, 1000), (80, 1000)), Status::Within);
    // The rate counts, not the number: 3 of 300 is what 1 of 100 is.
    assert_eq!(rate((1, 100), (3, 300)), Status::Within);
    // One of 64 is more than a point and one request: two are a regression.
    assert_eq!(rate((0, 64), (1, 64)), Status::Within);
    assert_eq!(rate((0, 64), (2, 64)), Status::Regressed);
    // Two more than the baseline's rate lets one expect: 2 % of 150 are 3, so 5 are two more and 4 are one.
    assert_eq!(rate((2, 100), (5, 150)), Status::Regressed);
    assert_eq!(rate((2, 100), (4, 150)), Status::Within);
}

#[test]
fn overrides_are_in_percent_or_points() {
    let current = changed(&[
        ("/metrics/4/ttft_p50_ms", json!(107.0)),
        (
            "/server_metrics_delta/prefix_cache_hit_rate_post",
            json!(0.76),
        ),
        ("/kernel_class_gpu_pct/fp8_bmm", json!(44.0)),
        ("/kernel_class_gpu_pct/tp_all_reduce", json!(14.0)),
        ("/metrics/4/errors", json!(20)),
    ]);
    let judged = |pairs: &[(&str, &str)], metric: &str, level: &str| {
        let judgement = judge_as(&document(), &current, &tolerances(pairs));
        let row = row(&judgement, metric, level);
        (row.status, row.tolerance, row.applied.origin.as_str())
    };
    let line = "command-line";
    for value in ["7", "7%", " 7 % ", "7.0"] {
        assert_eq!(
            judged(&[("ttft", value)], "ttft_p50_ms", "4"),
            (Status::Within, 7.0, line)
        );
    }
    assert_eq!(
        judged(&[("ttft_p50_ms", "6.9")], "ttft_p50_ms", "4"),
        (Status::Regressed, 6.9, line)
    );
    // 4 points of a rate are 0.04.
    assert_eq!(
        judged(&[("hit-rate", "4")], "prefix_cache_hit_rate_post", "server"),
        (Status::Within, 0.04, line)
    );
    assert_eq!(
        judged(&[("error_rate", "2")], "error_rate", "4"),
        (Status::Within, 0.02, line)
    );
    // One class, or the whole family; the class wins wherever it stands.
    let (bmm, reduce) = (
        "kernel_class_gpu_pct.fp8_bmm",
        "kernel_class_gpu_pct.tp_all_reduce",
    );
    assert_eq!(judged(&[(bmm, "4")], bmm, "profile").0, Status::Within);
    assert_eq!(
        judged(&[(bmm, "4")], reduce, "profile"),
        (Status::Regressed, 3.0, "default")
    );
    let both = [(bmm, "0"), ("kernel_class_gpu_pct", "4")];
    assert_eq!(judged(&both, bmm, "profile").0, Status::Regressed);
    assert_eq!(judged(&both, reduce, "profile").0, Status::Within);
}

#[test]
fn a_tolerance_of_zero_lets_equal_numbers_pass() {
    let zero = tolerances(&[("ttft", "0")]);
    let same = judge_as(&document(), &document(), &zero);
    assert_eq!(status(&same, "ttft_p50_ms", "4"), Status::Within);
    let worse = with(document(), &[("/metrics/4/ttft_p50_ms", json!(100.001))]);
    let judgement = judge_as(&document(), &worse, &zero);
    assert_eq!(status(&judgement, "ttft_p50_ms", "4"), Status::Regressed);
}

#[test]
fn short_names_are_those_of_the_design() {
    for (short, metric, level) in [
        ("tps", "throughput_toks_per_s", "4"),
        ("user", "tps_per_user", "4"),
        ("ttft", "ttft_p50_ms", "4"),
        ("itl", "itl_p50_ms", "4"),
        ("latency", "request_latency_p50_ms", "4"),
        ("hit-rate", "prefix_cache_hit_rate_post", "server"),
    ] {
        let judgement = judge_as(&document(), &document(), &tolerances(&[(short, "1")]));
        let set: Vec<String> = judgement
            .rows
            .iter()
            .filter(|row| row.applied.origin.as_str() == "command-line")
            .map(|row| row.name())
            .collect();
        assert!(
            !set.is_empty() && set.iter().all(|name| *name == metric),
            "{short}: {set:?}"
        );
        assert_eq!(
            row(&judgement, metric, level).applied.origin.as_str(),
            "command-line"
        );
    }
}
