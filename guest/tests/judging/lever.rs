//! The next lever, and the gate that proves or refutes it.

use crate::documents::{changed, document, judge, judge_as, level_set, tolerances};
use serde_json::{Value, json};

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

fn gates(current: &Value, changes: &[(&str, &str)]) -> Vec<String> {
    let judgement = judge_as(&document(), current, &tolerances(changes));
    let next = judgement.next_lever.expect("a lever");
    let rest = next.frontier.iter().map(|lever| lever.gate.clone());
    [next.first.gate.clone()].into_iter().chain(rest).collect()
}

/// A gate that quotes another number than the one that judges would be passed or failed by mistake.
#[test]
fn gates_quote_the_tolerances_in_force() {
    let worse = changed(&[
        ("/metrics/4/errors", json!(500)),
        ("/metrics/16/itl_p50_ms", json!(200.0)),
        ("/metrics/16/ttft_p50_ms", json!(200.0)),
        ("/metrics/16/throughput_toks_per_s", json!(50.0)),
        (
            "/server_metrics_delta/prefix_cache_hit_rate_post",
            json!(0.1),
        ),
        ("/kernel_class_gpu_pct/fp8_bmm", json!(90.0)),
        ("/cpu_spinpoll_pct", json!(50.0)),
    ]);
    let by_default = gates(&worse, &[]);
    assert_eq!(
        by_default[..7],
        [
            "error_rate of that level back within 1 point of the baseline",
            "prefix_cache_hit_rate_post back within 2 points, TTFT p50 within 5 %",
            "cpu_spinpoll_pct within 5 points of the baseline",
            "its kernel_class_gpu_pct row within 3 points",
            "throughput at the headline level within 3 % on a quiet node",
            "TTFT p50 within 5 % and TTFT p95 within 10 %",
            "ITL p50 and tok/s/user within 3 %",
        ]
    );
    let changed = gates(
        &worse,
        &[
            ("error_rate", "2"),
            ("hit-rate", "1.5"),
            ("ttft", "8"),
            ("cpu_spinpoll_pct", "7"),
            ("kernel_class_gpu_pct.fp8_bmm", "4"),
            ("tps", "6%"),
            ("itl", "8"),
        ],
    );
    assert_eq!(
        changed[..7],
        [
            "error_rate of that level back within 2 points of the baseline",
            "prefix_cache_hit_rate_post back within 1.5 points, TTFT p50 within 8 %",
            "cpu_spinpoll_pct within 7 points of the baseline",
            "its kernel_class_gpu_pct row within 4 points",
            "throughput at the headline level within 6 % on a quiet node",
            "TTFT p50 within 8 % and TTFT p95 within 10 %",
            "ITL p50 within 8 % and tok/s/user within 3 %",
        ]
    );
}
