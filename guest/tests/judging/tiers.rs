//! How much a judgement can carry, tails, speed of light, and the next lever.

use crate::documents::{
    changed, document, judge, judge_as, level_set, places, row, said, status, tolerances, with,
};
use perfbridge_guest::judge::policy::Request;
use perfbridge_guest::judge::status::Status;
use serde_json::{Value, json};

#[test]
fn one_run_a_side_is_a_draft_that_says_what_it_lacks() {
    let judgement = judge(&document(), &document());
    assert_eq!(judgement.tier.as_str(), "DRAFT");
    let promote = judgement.promote.join("\n");
    for needed in [
        "at least 3 trials of the baseline (it has 1); repeat --baseline",
        "at least 3 trials of the current run (it has 1); repeat --current",
        "a known noise of the headline",
    ] {
        assert!(promote.contains(needed), "{promote}");
    }
    for row in &judgement.rows {
        assert_eq!(row.known.noise, None);
    }
    // The same cluster is the same cohort; without one it is asked for.
    assert!(!promote.contains("same node"), "{promote}");
    let nowhere = changed(&[("/deployment/cluster", Value::Null)]);
    let promote = judge(&nowhere, &nowhere).promote.join("\n");
    assert!(
        promote.contains("--set context.same_node=true"),
        "{promote}"
    );
}

/// p99 needs 299 requests and p95 59: the smallest n with q^n <= 0.05.
#[test]
fn tails_that_the_sample_cannot_carry() {
    let few = |requests: u64| {
        with(
            document(),
            &[
                ("/metrics/4/requests", json!(requests)),
                ("/metrics/16/requests", json!(requests)),
            ],
        )
    };
    let observe = Request {
        observe_tails: true,
        ..Request::default()
    };
    for (requests, p95, p99) in [
        (58, Status::Observed, Status::Observed),
        (59, Status::Regressed, Status::Observed),
        (298, Status::Regressed, Status::Observed),
        (299, Status::Regressed, Status::Regressed),
    ] {
        let worse = level_set(few(requests), "4", &["ttft_p95_ms", "ttft_p99_ms"], 150.0);
        let judged = judge(&few(requests), &worse);
        assert_eq!(said(&judged), "YELLOW few");
        let marked = places(&judged, "LOW_SAMPLES").contains(&"metrics.4.ttft_p99_ms".to_owned());
        assert_eq!(marked, p99 == Status::Observed, "{requests}");
        let judged = judge_as(&few(requests), &worse, &observe);
        assert_eq!(status(&judged, "ttft_p95_ms", "4"), p95, "{requests}");
        assert_eq!(status(&judged, "ttft_p99_ms", "4"), p99, "{requests}");
        // Fifty per cent is nothing that the median hides behind.
        assert_eq!(status(&judged, "ttft_p50_ms", "4"), Status::Within);
    }
    let worse = level_set(few(58), "4", &["ttft_p95_ms", "ttft_p99_ms"], 150.0);
    assert_eq!(said(&judge_as(&few(58), &worse, &observe)), "GREEN none");
}

#[test]
fn speed_of_light_stands_beside_where_both_sides_have_it() {
    let sol = |percent: f64, rigor: &str| {
        changed(&[
            ("/context/sol_pct", json!(percent)),
            ("/context/sol_key", json!("b200.decode")),
            ("/context/sol_rigor", json!(rigor)),
        ])
    };
    let judgement = judge(&sol(40.0, "L2"), &sol(43.5, "L3"));
    let light = judgement.sol.expect("both sides have it");
    assert_eq!(
        (light.baseline, light.current, light.delta),
        (40.0, 43.5, 3.5)
    );
    assert_eq!(
        light.sol_rigor,
        [Some("L2".to_owned()), Some("L3".to_owned())]
    );
    assert_eq!(judge(&document(), &sol(43.5, "L3")).sol, None);
    assert_eq!(judge(&sol(40.0, "L2"), &document()).sol, None);
}

#[test]
fn every_result_ends_with_a_next_lever() {
    let cases = [
        (document(), "speculative decoding"),
        (
            level_set(document(), "16", &["throughput_toks_per_s"], 50.0),
            "cohort contention",
        ),
        (
            changed(&[(
                "/server_metrics_delta/prefix_cache_hit_rate_post",
                json!(0.1),
            )]),
            "sticky-user-sessions",
        ),
        (
            changed(&[("/cpu_spinpoll_pct", json!(50.0))]),
            "VLLM_USE_SHM_BROADCAST_BLOCKING=1",
        ),
        (
            changed(&[("/kernel_class_gpu_pct/tp_all_reduce", json!(15.0))]),
            "kernel class",
        ),
        (
            changed(&[("/metrics/4/errors", json!(500))]),
            "requests fail",
        ),
        (
            changed(&[("/model", json!("other"))]),
            "speculative decoding",
        ),
    ];
    for (current, lever) in cases {
        let judgement = judge(&document(), &current);
        let next = judgement.next_lever.expect("a lever");
        assert!(next.first.lever.contains(lever), "{}", next.first.lever);
        for text in [
            &next.first.expected_unlock,
            &next.first.gate,
            &next.first.source,
        ] {
            assert!(!text.is_empty());
        }
        assert!(!next.frontier.is_empty());
    }
}

/// Nothing depends on where or when: the operator is in the document and not in the judgement.
#[test]
fn a_judgement_names_no_operator_and_no_host() {
    let secret = changed(&[(
        "/provenance",
        json!({"operator": "somebody", "bundle_sha256": "ab", "files": [{"path": "x"}]}),
    )]);
    let text = judge(&secret, &secret).to_json();
    assert!(!text.contains("somebody"), "{text}");
    assert!(text.contains("\"bundle_sha256\": \"ab\""));
}

#[test]
fn explanations_carry_numbers_tolerance_and_origin() {
    let current = changed(&[("/metrics/4/ttft_p50_ms", json!(120.0))]);
    let judgement = judge_as(&document(), &current, &tolerances(&[("ttft", "7")]));
    assert_eq!(
        row(&judgement, "ttft_p50_ms", "4").explanation,
        "ttft_p50_ms at 4: 100.0 -> 120.0 is a change of +20.0 % for the worse, beyond the tolerance of 7 % (command-line)."
    );
    assert!(
        judgement
            .rows
            .iter()
            .all(|row| row.explanation.ends_with('.'))
    );
}
