//! Numbers that cannot be true, copies and baselines that are no yardstick: never GREEN without a word.

use crate::documents::{
    another_run, changed, codes, document, judge, level, level_set, parse, places, row, said,
    status, with, without,
};
use crate::trials::{merged, runs};
use perfbridge_guest::judge::status::Status;
use perfbridge_guest::judge::tier::Tier;
use perfbridge_guest::judge::{self as judging, Judgement};
use serde_json::{Value, json};

const CODE: &str = "IMPOSSIBLE_NUMBERS";

fn message<'a>(judgement: &'a Judgement, code: &str) -> &'a str {
    let mut all = judgement.findings.iter();
    let found = all.find(|finding| finding.code.as_str() == code);
    &found.expect("the finding").message
}

/// The numbers are told to be impossible, and the judgement is a draft for it; the verdict is that of the rows.
fn is_impossible(judgement: &Judgement) -> bool {
    let asks = |line: &String| line == "numbers that can be true beside each other";
    let told = codes(judgement).contains(&CODE);
    assert_eq!(judgement.promote.iter().any(asks), told);
    assert!(!told || judgement.tier == Tier::Draft);
    told
}

/// A p99 may be a quarter below a p95, and no more.
#[test]
fn a_percentile_below_a_lower_one() {
    for (p99, odd) in [(75.0, false), (74.9, true)] {
        let run = level_set(document(), "16", &["ttft_p99_ms"], p99);
        assert_eq!(is_impossible(&judge(&run, &run)), odd, "{p99}");
    }
    let odd = level_set(document(), "16", &["ttft_p99_ms"], 74.9);
    let judgement = judge(&document(), &odd);
    assert_eq!(places(&judgement, CODE), ["metrics.16"]);
    assert_eq!(
        message(&judgement, CODE),
        "in the current run ttft_p95_ms is 100.00 and ttft_p99_ms only 74.90"
    );
    let promote = judgement.promote.join("\n");
    assert!(promote.contains("numbers that can be true beside each other"));
    // Without a p95 the median is held against the p99.
    let bare = with(odd, &[("/metrics/16/ttft_p95_ms", Value::Null)]);
    assert!(is_impossible(&judge(&bare, &bare)));
    // p50 above p95, both sides alike.
    let median = level_set(document(), "4", &["ttft_p50_ms"], 133.4);
    assert!(is_impossible(&judge(&median, &median)));
    let median = level_set(document(), "4", &["ttft_p50_ms"], 133.3);
    assert!(!is_impossible(&judge(&median, &median)));
}

/// Of streams that arrived whole TTFT is not judged, so that it contradicts nothing.
#[test]
fn numbers_that_are_not_judged_contradict_nothing() {
    let odd = level_set(document(), "16", &["ttft_p99_ms"], 50.0);
    let whole = level_set(odd, "16", &["itl_p50_ms"], 0.0);
    let judgement = judge(&whole, &document());
    assert!(places(&judgement, CODE).is_empty());
    assert_eq!(said(&judgement), "GREEN none");
}

/// The first token of a request does not come after its last; a latency to the first byte is another thing.
#[test]
fn a_first_token_after_the_end() {
    let of = |ttft: &str, latency: &str, value: f64| {
        let bare = without(document(), "/metrics/16", "osl_mean");
        let bare = level_set(bare, "16", &["ttft_p95_ms", "ttft_p99_ms"], 200.0);
        level_set(
            level_set(bare, "16", &[latency], 100.0),
            "16",
            &[ttft],
            value,
        )
    };
    for (ttft, latency) in [
        ("ttft_p50_ms", "request_latency_p50_ms"),
        ("ttft_mean_ms", "request_latency_mean_ms"),
    ] {
        for (value, odd) in [(133.3, false), (133.4, true)] {
            let run = of(ttft, latency, value);
            assert_eq!(is_impossible(&judge(&run, &run)), odd, "{ttft} {value}");
        }
        let first_byte = json!({"request_latency_p50_ms": "first-byte"});
        let run = with(of(ttft, latency, 150.0), &[("/definitions", first_byte)]);
        assert!(places(&judge(&run, &run), CODE).is_empty(), "{ttft}");
    }
}

#[test]
fn tokens_of_outputs_without_a_token() {
    let run = level_set(document(), "16", &["osl_mean"], 0.0);
    let judgement = judge(&run, &run);
    assert!(is_impossible(&judgement));
    assert_eq!(
        message(&judgement, CODE),
        "in the baseline 100.00 tok/s of outputs without a token"
    );
}

/// What is lost or regressed is said first; the finding stands beside it.
#[test]
fn anything_else_is_said_first() {
    let odd = level_set(document(), "16", &["ttft_p99_ms"], 50.0);
    let lost = with(odd.clone(), &[("/metrics/4/itl_p50_ms", Value::Null)]);
    let slower = level_set(odd, "16", &["throughput_toks_per_s"], 90.0);
    for (current, expected) in [(lost, "YELLOW lost"), (slower, "RED headline")] {
        let judgement = judge(&document(), &current);
        assert_eq!(said(&judgement), expected);
        assert!(codes(&judgement).contains(&CODE));
    }
}

/// Three trials, of which the third has a number that its median hides.
fn one_in_three(name: &str, value: f64) -> Value {
    let mut three = runs(&[100.1, 100.3, 99.8]);
    three[2] = level_set(three[2].clone(), "16", &[name], value);
    merged(&three)
}

#[test]
fn a_median_hides_no_number_that_cannot_be() {
    let steady = merged(&runs(&[100.0, 100.4, 99.7]));
    assert_eq!(
        said(&judge(&steady, &one_in_three("ttft_p99_ms", 101.0))),
        "GREEN none"
    );
    // 100 tok/s x 100 s / 100 tokens are 100 in flight of 16.
    for (name, value, words) in [
        ("ttft_p99_ms", 0.0, "ttft_p99_ms only 0.00"),
        ("ttft_p99_ms", 50.0, "ttft_p99_ms only 50.00"),
        ("itl_p50_ms", 0.0, "itl_p50_ms is 0"),
        ("requests", 0.0, "tok/s of no request that ended"),
        (
            "request_latency_p50_ms",
            100_000.0,
            "but the concurrency is 16",
        ),
    ] {
        let judgement = judge(&steady, &one_in_three(name, value));
        assert!(is_impossible(&judgement), "{name} {value}");
        let told = message(&judgement, CODE);
        assert!(told.starts_with("in trial "), "{told}");
        assert!(told.contains("of the current run"), "{told}");
        assert!(told.contains(words), "{told}");
        let judgement = judge(&one_in_three(name, value), &steady);
        assert!(is_impossible(&judgement), "{name} {value}");
    }
}

/// 2 s written as 2 ms: 500 to 2000 times better is another unit, and the number is lost.
#[test]
fn a_thousand_times_better_is_another_unit() {
    let of = |name: &str, value: f64| {
        let bare = without(document(), "/metrics/4", "osl_mean");
        let bare = level_set(bare, "4", &["request_latency_p50_ms"], 3000.0);
        let bare = level_set(bare, "4", &["ttft_p95_ms", "ttft_p99_ms"], 3000.0);
        level_set(bare, "4", &[name], value)
    };
    for (name, before, now, doubtful) in [
        ("ttft_p50_ms", 2000.0, 4.0, true),
        ("ttft_p50_ms", 2000.0, 4.01, false),
        ("ttft_p50_ms", 2400.0, 1.2, true),
        ("ttft_p50_ms", 2400.0, 1.19, false),
        ("itl_p50_ms", 50.0, 0.05, true),
        ("throughput_toks_per_s", 100.0, 50_000.0, true),
        ("throughput_toks_per_s", 100.0, 49_999.0, false),
    ] {
        let judgement = judge(&of(name, before), &of(name, now));
        let found = status(&judgement, name, "4");
        let told = places(&judgement, "UNIT_DOUBTFUL");
        if doubtful {
            assert_eq!(
                (found, said(&judgement).as_str()),
                (Status::Unreliable, "YELLOW lost")
            );
            assert_eq!(told, [format!("metrics.4.{name}")]);
        } else {
            assert_eq!((found, told.len()), (Status::Improved, 0), "{name} {now}");
        }
        // A loss of this size may be one: it is told, and judged.
        let judgement = judge(&of(name, now), &of(name, before));
        assert_eq!(status(&judgement, name, "4"), Status::Regressed);
        let told = places(&judgement, "UNIT_DOUBTFUL");
        assert_eq!(told.len(), usize::from(doubtful), "{name} {now}");
    }
    assert_eq!(
        message(
            &judge(&of("ttft_p50_ms", 2000.0), &of("ttft_p50_ms", 2.0)),
            "UNIT_DOUBTFUL"
        ),
        "the current run has 2 ms, the baseline 2000 ms, a thousand times better: hardly of one unit"
    );
}

/// Fractions where percentages are expected sum to 1 and hide every change of 3 points.
#[test]
fn shares_of_kernels_in_another_unit() {
    let of = |a: f64, b: f64| {
        changed(&[(
            "/kernel_class_gpu_pct",
            json!({"fp8_bmm": a, "mla_attention": b}),
        )])
    };
    for (a, b, doubtful) in [
        (0.9, 0.6, false),
        (0.9, 0.59, true),
        (60.0, 45.1, false),
        (0.0, 0.0, false),
    ] {
        let judgement = judge(&of(a, b), &of(a, b));
        let told = places(&judgement, "UNIT_DOUBTFUL");
        let expected = if doubtful { vec!["profile"; 2] } else { vec![] };
        assert_eq!(told, expected, "{a} {b}");
        let found = status(&judgement, "kernel_class_gpu_pct.fp8_bmm", "profile");
        let expected = if doubtful {
            Status::Unreliable
        } else {
            Status::Within
        };
        assert_eq!(found, expected, "{a} {b}");
        assert_eq!(
            status(&judgement, "cpu_spinpoll_pct", "profile"),
            Status::Within
        );
    }
    let judgement = judge(&document(), &of(0.6, 0.3));
    assert_eq!(said(&judgement), "GREEN none");
    assert_eq!(
        message(&judgement, "UNIT_DOUBTFUL"),
        "the shares of kernels of the current run sum to 0.90 %, which is hardly of that unit"
    );
}

/// Half of the baseline's requests failed: its throughput is that of the other half, and easily reached.
#[test]
fn a_baseline_of_which_half_failed() {
    let failed = |errors: u64| changed(&[("/metrics/16/errors", json!(errors))]);
    let asked = |errors: u64| {
        let judgement = judge(&failed(errors), &document());
        assert_eq!(said(&judgement), "GREEN none");
        let of = |line: &&String| line.starts_with("a baseline of which");
        (judgement.tier, judgement.promote.iter().find(of).cloned())
    };
    assert_eq!(asked(100).1, None);
    let (tier, line) = asked(500);
    assert_eq!(tier, Tier::Draft);
    assert_eq!(
        line.as_deref(),
        Some("a baseline of which at most 10 % failed or never ended: concurrency 16 50.0 %")
    );
}

/// A place that only the current run has is not compared; that nothing succeeded there is said all the same.
#[test]
fn nothing_succeeded_at_a_new_place() {
    let of = |cell: Value| changed(&[("/metrics/64", cell)]);
    let dead = of(json!({"errors": 9, "requests": 9}));
    let judgement = judge(&document(), &dead);
    assert_eq!(said(&judgement), "YELLOW unhealthy");
    assert_eq!(
        judgement.reason,
        "at concurrency 64 nothing succeeded in the current run"
    );
    assert_eq!(said(&judge(&document(), &of(level()))), "GREEN none");
}

/// Two runs never agree in every digit: the same result under another name.
#[test]
fn a_copy_under_another_name() {
    let of = |id: &str, ttft: f64| {
        let named = changed(&[("/metrics/16/run_id", json!(id))]);
        level_set(named, "16", &["ttft_p50_ms"], ttft)
    };
    let copied = judge(&of("a", 100.0), &of("b", 100.0));
    assert_eq!(places(&copied, "SAME_NUMBERS"), ["metrics.16"]);
    let promote = copied.promote.join("\n");
    assert!(promote.contains("two runs that differ in more than their name"));
    let other = judge(&of("a", 100.0), &of("b", 100.000_000_1));
    assert!(places(&other, "SAME_NUMBERS").is_empty());
    // One trial of each side.
    let merge = |values: [f64; 3], first: usize| {
        let hair = |at: usize, value: f64| {
            let run = level_set(document(), "4", &["itl_p50_ms"], 100.0 + value * 1e-3);
            let run = level_set(run, "16", &["throughput_toks_per_s"], value);
            let id = json!(format!("r{}", first + at));
            with(run, &[("/metrics/16/run_id", id)])
        };
        merged(
            &values
                .iter()
                .enumerate()
                .map(|(at, value)| hair(at, *value))
                .collect::<Vec<_>>(),
        )
    };
    let steady = merge([100.0, 100.4, 99.7], 0);
    for (values, copies) in [([100.1, 100.3, 99.8], 0), ([100.1, 100.4, 99.8], 1)] {
        let judgement = judge(&steady, &merge(values, 3));
        assert_eq!(places(&judgement, "SAME_NUMBERS").len(), copies);
        assert_eq!(judgement.tier.as_str() == "DRAFT", copies == 1);
    }
    // Two numbers may be equal by chance, three hardly.
    let small = |names: &[&str]| {
        let mut cell = json!({"errors": 0, "requests": 10});
        for name in names {
            cell[*name] = json!(100.0);
        }
        changed(&[("/metrics", json!({"16": cell}))])
    };
    for (names, copies) in [
        (&["throughput_toks_per_s", "tps_per_user"][..], 0),
        (&["throughput_toks_per_s", "tps_per_user", "ttft_p50_ms"], 1),
    ] {
        let judgement = judge(&small(names), &small(names));
        assert_eq!(places(&judgement, "SAME_NUMBERS").len(), copies);
    }
}

/// Exactly half as many are no word worth; trials are counted one by one.
#[test]
fn runs_of_very_different_lengths() {
    let of = |requests: u64| changed(&[("/metrics/16/requests", json!(requests))]);
    let told = |a: &Value, b: &Value| places(&judge(a, b), "REQUESTS_DIFFER");
    for (requests, differs) in [(500, false), (499, true), (2000, false), (2001, true)] {
        let expected = if differs {
            vec!["metrics.16.requests"]
        } else {
            vec![]
        };
        assert_eq!(told(&document(), &of(requests)), expected, "{requests}");
    }
    let three = merged(&runs(&[100.0, 100.4, 99.7]));
    assert!(told(&three, &document()).is_empty());
}

/// An empty list of trials hides no run id.
#[test]
fn an_empty_list_of_trials() {
    let of = |hair: f64| {
        let run = changed(&[
            ("/metrics/16/run_id", json!("b7f1")),
            ("/trials", json!({"n": 0, "runs": []})),
        ]);
        level_set(run, "4", &["ttft_p50_ms"], hair)
    };
    let judgement = judging::judge(
        &parse(&of(100.0)),
        &another_run(&of(100.1)),
        &[],
        &Default::default(),
    );
    let judgement = judgement.unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(said(&judgement), "NO_VERDICT same-run");
}

/// A number that nobody tells apart from a good one by itself, and its row.
#[test]
fn what_is_read_of_a_doubtful_number_is_said_in_its_row() {
    let current = level_set(document(), "4", &["ttft_p50_ms"], 0.5);
    let judgement = judge(&document(), &current);
    let because = row(&judgement, "ttft_p50_ms", "4").because.clone();
    assert_eq!(
        because.as_deref(),
        Some(
            "the current run has 0.5 ms, which is hardly of that unit: expected 1 to 3600000 ms; read as seconds it would be 500 ms. Nothing was converted"
        )
    );
}
