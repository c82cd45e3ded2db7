//! A run compared with itself says nothing.

use crate::documents::{changed, document, judge, parse, places, said, status, with};
use crate::trials::merged;
use perfbridge_guest::judge::policy::Policy;
use perfbridge_guest::judge::status::Status;
use serde_json::{Value, json};

const HASH: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

fn at(level: &str, key: &str, value: &str) -> Value {
    changed(&[(&format!("/metrics/{level}/{key}"), json!(value))])
}

/// The same bytes, and the same bundle read with other settings, are the same run everywhere.
#[test]
fn the_same_document_or_bundle_on_both_sides() {
    let policy = Policy::default();
    let twice = |a: &Value, b: &Value| {
        let judgement = perfbridge_guest::judge::judge(&parse(a), &parse(b), &[], &policy);
        judgement.unwrap_or_else(|fault| panic!("{fault}"))
    };
    let judgement = twice(&document(), &document());
    assert_eq!(said(&judgement), "NO_VERDICT same-run");
    assert_eq!(places(&judgement, "SAME_RUN"), ["metrics.4", "metrics.16"]);
    let of = |image: &str| {
        changed(&[
            ("/provenance", json!({"bundle_sha256": HASH})),
            ("/context/image", json!(image)),
        ])
    };
    assert_eq!(said(&twice(&of("a"), &of("b"))), "NO_VERDICT same-run");
}

#[test]
fn one_result_file_or_one_run_id() {
    for (key, value) in [("result_sha256", HASH), ("run_id", "b7f1")] {
        let same = at("16", key, value);
        assert_eq!(said(&judge(&same, &same)), "NO_VERDICT same-run", "{key}");
    }
    let other = at("16", "run_id", "b7f2");
    let judgement = judge(&at("16", "run_id", "b7f1"), &other);
    assert_eq!(said(&judgement), "GREEN none");
}

/// Two starts of one id are two runs; a start that only one side states is none that differs.
#[test]
fn an_id_with_two_starts_is_two_runs() {
    let started = |time: Value| {
        with(
            at("16", "run_id", "b7f1"),
            &[("/metrics/16/start_time", time)],
        )
    };
    let first = started(json!("2026-11-20T08:00:00"));
    let second = started(json!("2026-11-27T08:00:00"));
    assert_eq!(said(&judge(&first, &second)), "GREEN none");
    assert_eq!(said(&judge(&first, &first)), "NO_VERDICT same-run");
    let unstated = started(Value::Null);
    assert_eq!(said(&judge(&first, &unstated)), "NO_VERDICT same-run");
}

/// Off the headline the level counts as lost by the current side, and none of its rows is judged.
#[test]
fn off_the_headline_it_is_lost() {
    let same = at("4", "run_id", "b7f1");
    let judgement = judge(&same, &same);
    assert_eq!(said(&judgement), "YELLOW lost");
    assert_eq!(places(&judgement, "SAME_RUN"), ["metrics.4"]);
    assert_eq!(places(&judgement, "LOST_MEASUREMENT"), ["metrics.4"]);
    for metric in ["throughput_toks_per_s", "ttft_p99_ms", "error_rate"] {
        assert_eq!(status(&judgement, metric, "4"), Status::Unreliable);
        assert_eq!(status(&judgement, metric, "16"), Status::Within);
    }
}

/// The headline is another run, every other common place is the same: its place decides.
#[test]
fn every_common_place_without_the_headline() {
    let same = at("4", "run_id", "b7f1");
    let mut current = same.clone();
    current["metrics"]
        .as_object_mut()
        .expect("levels")
        .remove("16");
    assert_eq!(said(&judge(&same, &current)), "NO_VERDICT same-run");
}

#[test]
fn one_shared_trial_is_enough() {
    let run = |id: &str, throughput: f64| {
        with(
            at("16", "run_id", id),
            &[("/metrics/16/throughput_toks_per_s", json!(throughput))],
        )
    };
    let baseline = merged(&[run("a", 100.0), run("b", 100.3), run("c", 99.8)]);
    let apart = merged(&[run("d", 100.1), run("e", 100.2), run("f", 99.9)]);
    assert_eq!(said(&judge(&baseline, &apart)), "GREEN none");
    let shared = merged(&[run("d", 100.1), run("b", 100.3), run("f", 99.9)]);
    assert_eq!(said(&judge(&baseline, &shared)), "NO_VERDICT same-run");
}

/// The baseline's profile given again with another run; the query that both were made with is of every profile.
#[test]
fn one_profile_on_both_sides() {
    let of = |hash: &str, throughput: f64| {
        let files = json!([
            {"path": "gpu/query.sql", "sha256": HASH},
            {"path": "gpu/response.json", "sha256": hash.repeat(32)},
        ]);
        changed(&[
            ("/provenance", json!({"profile_files": files})),
            (
                "/sources",
                json!({"profile": {"kernel_class_gpu_pct": {"files": ["gpu/response.json"]}}}),
            ),
            ("/metrics/16/throughput_toks_per_s", json!(throughput)),
        ])
    };
    let trials =
        |hash: &str, first: f64| merged(&[0.0, 0.1, 0.2].map(|more| of(hash, first + more)));
    for (baseline, current, is_shared) in [
        (of("ab", 100.0), of("ab", 100.1), true),
        (of("ab", 100.0), of("cd", 100.1), false),
        (trials("ab", 100.0), trials("ab", 100.05), true),
        (trials("ab", 100.0), trials("cd", 100.05), false),
    ] {
        let judgement = judge(&baseline, &current);
        assert_eq!(said(&judgement), "GREEN none");
        let expected = match is_shared {
            true => Status::Unreliable,
            false => Status::Within,
        };
        let of_kernels = status(&judgement, "kernel_class_gpu_pct.fp8_bmm", "profile");
        assert_eq!(of_kernels, expected);
        assert_eq!(
            status(&judgement, "cpu_spinpoll_pct", "profile"),
            Status::Within
        );
        assert_eq!(
            places(&judgement, "SAME_RUN"),
            vec!["profile"; usize::from(is_shared)]
        );
    }
}
