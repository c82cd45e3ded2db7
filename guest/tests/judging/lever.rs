//! The next lever, and the gate that proves or refutes it.

use crate::documents::{changed, document, judge, judge_as, level_set, tolerances, with};
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

/// A run that is worse in every family.
fn worse() -> Value {
    changed(&[
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
    ])
}

/// A gate that quotes another number than the one that judges would be passed or failed by mistake.
#[test]
fn gates_quote_the_tolerances_in_force() {
    let worse = worse();
    let by_default = gates(&worse, &[]);
    assert_eq!(
        by_default[..7],
        [
            "error_rate of that level back within 1 point of the baseline",
            "prefix_cache_hit_rate_post back within 2 points, TTFT p50 within 5 %",
            "cpu_spinpoll_pct within 5 points of the baseline",
            "throughput at the headline level within 3 % on a quiet node",
            "TTFT p50 within 5 % and TTFT p95 within 10 %",
            "ITL p50 and tok/s/user within 3 %",
            "its kernel_class_gpu_pct row within 3 points",
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
            "throughput at the headline level within 6 % on a quiet node",
            "TTFT p50 within 8 % and TTFT p95 within 10 %",
            "ITL p50 within 8 % and tok/s/user within 3 %",
            "its kernel_class_gpu_pct row within 4 points",
        ]
    );
}

/// What explains a loss is tried before contention, whatever was noticed; what changed comes first of all.
#[test]
fn what_explains_a_loss_is_the_next_lever() {
    let slow = || level_set(document(), "16", &["throughput_toks_per_s"], 80.0);
    let wave = json!({
        "warmup_requests": 2,
        "first": {"requests": 16, "request_latency_mean_ms": 6000.0},
        "rest": {"requests": 144, "request_latency_mean_ms": 1000.0},
    });
    let traffic = json!([{"code": "OTHER_TRAFFIC", "severity": "warning", "message": "as seen", "where": null}]);
    let version = ("/deployment/vllm_version", json!("0.33.0"));
    let cold = ("/metrics/16/first_wave", wave);
    let regime = ("/context/regime", json!("cold"));
    let other = ("/findings", traffic);
    let defined = ("/definitions", json!({"itl_p50_ms": "chunks"}));
    let baseline = with(
        document(),
        &[
            ("/context/regime", json!("warm")),
            (
                "/metrics/16/first_wave",
                json!({
                    "warmup_requests": 16,
                    "first": {"requests": 16, "request_latency_mean_ms": 1000.0},
                    "rest": {"requests": 144, "request_latency_mean_ms": 1000.0},
                }),
            ),
            ("/definitions", json!({"itl_p50_ms": "tpot-per-request"})),
        ],
    );
    let levers = |changes: &[(&str, Value)]| {
        let judgement = judge(&baseline, &with(slow(), changes));
        let next = judgement.next_lever.expect("a lever");
        [next.first]
            .into_iter()
            .chain(next.frontier)
            .collect::<Vec<_>>()
    };
    let alone = [
        (&version, "take back what changed"),
        (&cold, "warm up with at least as many requests"),
        (&regime, "start both sides from the same state"),
        (&other, "repeat with no other load"),
        (&defined, "measure both sides with one tool"),
    ];
    for (change, lever) in &alone {
        let found = levers(&[(*change).clone()]);
        assert!(found[0].lever.starts_with(lever), "{}", found[0].lever);
        assert!(
            found[1].lever.contains("cohort contention"),
            "{}",
            found[1].lever
        );
        assert_eq!(
            found[0].gate,
            "throughput_toks_per_s at c16 within 3 % of the baseline"
        );
    }
    let all = levers(&[&defined, &other, &regime, &cold, &version].map(Clone::clone));
    for (found, (_, lever)) in all.iter().zip(&alone) {
        assert!(found.lever.starts_with(lever), "{}", found.lever);
    }
}

/// Nothing was lost, or nothing is to be compared: nothing is to be explained.
#[test]
fn a_change_without_a_loss_is_no_lever() {
    let version = ("/deployment/vllm_version", json!("0.33.0"));
    for (current, rule) in [
        (changed(std::slice::from_ref(&version)), "none"),
        (
            changed(&[version, ("/model", json!("other"))]),
            "not-comparable",
        ),
    ] {
        let judgement = judge(&document(), &current);
        assert_eq!(judgement.rule.as_str(), rule);
        let next = judgement.next_lever.expect("a lever");
        assert!(
            !next.first.lever.contains("changed"),
            "{}",
            next.first.lever
        );
        assert!(!judgement.recommendation.contains("rule this out"));
    }
}

/// One number of trials: the last lever says that of the advice.
#[test]
fn the_lever_of_trials_says_the_number_of_the_advice() {
    let judgement = judge(&document(), &document());
    let next = judgement.next_lever.expect("a lever");
    let last = next.frontier.last().expect("a rest");
    assert!(judgement.recommendation.contains("Run 3 trials a side"));
    assert_eq!(
        last.lever,
        "run 3 trials a side in turns (A B B A) in one session"
    );
    assert_eq!(last.because, "GREEN rests on one run a side");
}

/// What explains a loss first, failures before speed, what is lost before what might be won, trials last; of equal value
/// the cheaper one.
#[test]
fn levers_say_their_cost_and_equals_stand_by_it() {
    let worse = with(
        worse(),
        &[
            ("/deployment/vllm_version", json!("0.33.0")),
            ("/context/prefix_caching", json!("off")),
        ],
    );
    let judgement = judge(&document(), &worse);
    let text = judgement.to_json();
    let next = &serde_json::from_str::<Value>(&text).expect("JSON")["next_lever"];
    let rest = next["frontier"].as_array().expect("a list");
    let all: Vec<(&str, &str)> = [next]
        .into_iter()
        .chain(rest)
        .map(|lever| {
            let text = |key: &str| lever[key].as_str().expect("a text");
            (text("lever"), text("cost"))
        })
        .collect();
    let expected = [
        ("take back what changed", "hours"),
        ("find why requests fail", "hours"),
        ("keep sessions on one replica", "minutes"),
        ("turn prefix caching on", "minutes"),
        ("block instead of spinning", "minutes"),
        ("look for cohort contention", "minutes"),
        ("raise --max-num-batched-tokens", "minutes"),
        ("compare decode", "hours"),
        ("profile the kernel class", "days"),
        ("try speculative decoding", "hours"),
        ("sweep --max-num-seqs", "hours"),
        ("run 3 trials a side", "hours"),
    ];
    assert_eq!(all.len(), expected.len(), "{all:?}");
    for ((lever, cost), (begins, takes)) in all.into_iter().zip(expected) {
        assert!(lever.starts_with(begins), "{lever}");
        assert_eq!(cost, takes, "{lever}");
    }
}
