//! Tolerances as typed: who wins, and what is refused.

use crate::documents::{document, judge_as, level, row, tolerances};
use perfbridge_guest::fault::Code;
use perfbridge_guest::judge::policy::{Origin, Policy, Request, Written};
use serde_json::json;

fn refused(metric: &str, value: &str) -> String {
    let fault = Policy::new(&tolerances(&[(metric, value)])).expect_err("refused");
    assert_eq!(fault.code, Code::Usage);
    fault.message
}

#[test]
fn the_command_line_wins_over_the_policy_and_the_later_over_the_earlier() {
    let written = |metric: &str, value: &str, origin| Written {
        metric: metric.to_owned(),
        value: value.to_owned(),
        origin,
    };
    let of = |tolerances: Vec<Written>| {
        let request = Request {
            tolerances,
            ..Request::default()
        };
        let judgement = judge_as(&document(), &document(), &request);
        let row = row(&judgement, "ttft_p50_ms", "4");
        (row.tolerance, row.applied.origin.as_str())
    };
    let (line, policy) = (Origin::CommandLine, Origin::Policy);
    // The short and the full name are one metric, whoever comes first.
    assert_eq!(
        of(vec![
            written("ttft", "7", line),
            written("ttft_p50_ms", "8", policy)
        ]),
        (7.0, "command-line")
    );
    assert_eq!(
        of(vec![
            written("ttft", "7", line),
            written("ttft_p50_ms", "8", line)
        ]),
        (8.0, "command-line")
    );
    assert_eq!(of(vec![written("ttft", "9", policy)]), (9.0, "policy"));
    assert_eq!(of(vec![]), (5.0, "default"));
}

#[test]
fn values_that_are_no_tolerance() {
    for value in [
        "",
        "x",
        "-1",
        "-0.5%",
        "nan",
        "NaN",
        "inf",
        "infinity",
        "1e999",
        "5 percent",
        "5%%",
        "%",
        "1,5",
    ] {
        let message = refused("ttft", value);
        assert!(
            message
                .contains("expected a finite number from 0 on, in percent, for instance 5 or 5%"),
            "{value:?}: {message}"
        );
        assert!(message.starts_with("tolerance.ttft: "), "{message}");
    }
    let message = refused("hit-rate", "x");
    assert!(message.contains("in points, for instance 2"), "{message}");
}

/// A percentage of a share would be a percent of a percent.
#[test]
fn shares_take_no_percent_sign() {
    for metric in [
        "hit-rate",
        "gpu_cache_usage_perc_peak",
        "cpu_spinpoll_pct",
        "kernel_class_gpu_pct.fp8_bmm",
        "error_rate",
        "errors",
    ] {
        let message = refused(metric, "2%");
        assert!(message.contains("compared in absolute points"), "{message}");
    }
}

#[test]
fn names_that_are_no_metric() {
    for (name, hint) in [
        ("tp", "Did you mean tps?"),
        ("ttft_p50", "Did you mean ttft_p50_ms?"),
        ("throughput", "The metrics are: tps, throughput_toks_per_s"),
        (
            "prefix_cache_hit_rate_pre",
            "Did you mean prefix_cache_hit_rate_post?",
        ),
        ("TTFT", "no metric \"TTFT\""),
        ("kernel_class_gpu_pct.", "no metric"),
        ("cpu_spinpoll_pct.x", "no metric"),
        ("", "no metric"),
    ] {
        let message = refused(name, "5");
        assert!(message.contains(hint), "{name}: {message}");
    }
}

/// A tolerance of one place is of that place in whatever form it is written, and of no other.
#[test]
fn a_tolerance_is_of_one_place_in_every_form() {
    let mut run = document();
    run["metrics_by_request_rate"] = json!({"0.8": level()});
    for (written, place) in [
        ("ttft@16", "16"),
        ("ttft@c16", "16"),
        ("ttft_p50_ms@C16", "16"),
        ("ttft@0.8/s", "0.8/s"),
        ("ttft@0.80/s", "0.8/s"),
        ("ttft@ 0.8 /s", "0.8/s"),
    ] {
        let judgement = judge_as(&run, &run, &tolerances(&[(written, "9")]));
        for level in ["4", "16", "0.8/s"] {
            let expected = if level == place { 9.0 } else { 5.0 };
            let row = row(&judgement, "ttft_p50_ms", level);
            assert_eq!(row.tolerance, expected, "{written} at {level}");
        }
    }
    let message = refused("ttft@16/m", "9");
    assert!(
        message.contains("found the place \"16/m\"; expected a concurrency"),
        "{message}"
    );
}
