//! Real mistakes of measuring, each of which once passed a gate or failed one: what is said of each.

use crate::documents::{
    another_run, changed, codes, document, judge, level_set, parse, row, said, status, with,
};
use crate::trials::{merged, runs};
use perfbridge_guest::judge::Judgement;
use perfbridge_guest::judge::policy::Policy;
use perfbridge_guest::judge::status::Status;
use perfbridge_guest::judge::tier::Tier;
use serde_json::{Value, json};

/// The directory of the baseline was given twice.
#[test]
fn a_run_compared_with_itself() {
    let twice = [parse(&document()), parse(&document())];
    let policy = Policy::default();
    let judgement = perfbridge_guest::judge::judge(&twice[0], &twice[1], &[], &policy);
    let judgement = judgement.unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(said(&judgement), "NO_VERDICT same-run");
    assert!(
        judgement
            .reason
            .contains("one and the same run on both sides")
    );
}

/// The server answers in one piece: TTFT is the latency, ITL is 0 and throughput is as ever.
#[test]
fn a_server_that_stopped_streaming() {
    let mut current = document();
    for level in ["4", "16"] {
        current = level_set(current, level, &["itl_p50_ms", "tps_per_user"], 0.0);
        let ttft = ["ttft_p50_ms", "ttft_p95_ms", "ttft_p99_ms"];
        current = level_set(current, level, &ttft, 10_000.0);
    }
    let judgement = judge(&document(), &current);
    assert_eq!(said(&judgement), "RED many");
    assert_eq!(status(&judgement, "ttft_p50_ms", "16"), Status::Regressed);
    assert_eq!(status(&judgement, "itl_p50_ms", "16"), Status::Unreliable);
    assert!(codes(&judgement).contains(&"COALESCED_STREAMS"));
    // Even with a first token as quick as ever the decode speed is lost.
    let itl_alone = level_set(document(), "16", &["itl_p50_ms"], 0.0);
    assert_eq!(said(&judge(&document(), &itl_alone)), "YELLOW lost");
}

/// 64 were planned, 20 ended, none with an error: the latencies are those of the lucky ones.
#[test]
fn requests_that_never_came_back() {
    let of = |ended: u64, planned: u64| {
        changed(&[
            ("/metrics/16/requests", json!(ended)),
            ("/metrics/16/requests_planned", json!(planned)),
        ])
    };
    let judgement = judge(&of(64, 64), &of(20, 64));
    assert_eq!(said(&judgement), "RED failed-level");
    assert_eq!(
        judgement.reason,
        "at concurrency 16 68.8 % of the requests failed or never ended"
    );
    let rate = row(&judgement, "error_rate", "16");
    assert_eq!(
        (rate.baseline, rate.current),
        (Some(0.0), Some(44.0 / 64.0))
    );
    let mut told = judgement.findings.iter();
    let told = told.find(|finding| finding.code.as_str() == "REQUESTS_FAILED");
    assert_eq!(
        told.expect("told").message,
        "44 of 64 requests of the current run failed or never ended (0 with an error) (68.8 %): latencies are those of the others"
    );
    // Those that the operator ordered to be cancelled are neither requests nor errors.
    let ordered = with(of(20, 64), &[("/metrics/16/cancelled", json!(44))]);
    let judgement = judge(&of(64, 64), &ordered);
    assert_eq!(row(&judgement, "error_rate", "16").current, Some(0.0));
    assert_eq!(said(&judgement), "GREEN none");
}

/// The median of five passes, and every fifth user waits.
#[test]
fn one_run_in_five_much_slower() {
    let steady = [100.0, 100.3, 99.8, 100.1, 99.9];
    let baseline = merged(&runs(&steady));
    let judgement = judge(
        &baseline,
        &merged(&runs(&[100.2, 60.0, 99.7, 100.4, 99.95])),
    );
    assert_eq!(said(&judgement), "YELLOW uneven");
    assert!(
        judgement
            .reason
            .starts_with("current trial 2: its metrics.16.throughput_toks_per_s is -40.0 %"),
        "{}",
        judgement.reason
    );
    assert!(!judgement.recommendation.contains("Safe to promote"));
    let well = [100.2, 100.0, 99.7, 100.4, 99.95];
    assert_eq!(said(&judge(&baseline, &merged(&runs(&well)))), "GREEN none");
}

/// Behind a proxy that held streams back ITL was nearly nothing. Now it streams: ITL is "worse" and nothing is.
#[test]
fn a_proxy_that_was_repaired() {
    let buffered = |document: Value| {
        with(
            document,
            &[
                ("/metrics/4/itl_p50_ms", json!(3.0)),
                ("/metrics/4/tps_per_user", json!(3000.0)),
                ("/metrics/4/ttft_p50_ms", json!(9700.0)),
                ("/metrics/4/chunk_gap_mean_ms", json!(3.0)),
                ("/metrics/4/chunk_gap_p75_ms", json!(0.01)),
                ("/metrics/16/itl_p50_ms", json!(0.0)),
                ("/metrics/16/tps_per_user", json!(3000.0)),
                ("/metrics/16/ttft_p50_ms", json!(9700.0)),
            ],
        )
    };
    let judgement = judge(&buffered(document()), &document());
    assert_eq!(said(&judgement), "GREEN none");
    for level in ["4", "16"] {
        for metric in ["itl_p50_ms", "tps_per_user", "ttft_p50_ms"] {
            assert_eq!(status(&judgement, metric, level), Status::Unreliable);
        }
    }
}

/// The client's tokenizer counts other tokens than the server: neither faster nor slower.
#[test]
fn a_change_in_who_counts_tokens() {
    let counted = |by: &str| changed(&[("/definitions", json!({ "output_tokens": by }))]);
    let mut fewer = counted("client-tokenizer");
    for level in ["4", "16"] {
        fewer = level_set(
            fewer,
            level,
            &["throughput_toks_per_s", "tps_per_user"],
            80.0,
        );
    }
    let judgement = judge(&counted("server-usage"), &fewer);
    assert_eq!(said(&judgement), "NO_VERDICT headline-unmeasured");
    assert_eq!(
        status(&judgement, "tps_per_user", "4"),
        Status::DefinitionMismatch
    );
    // What does not rest on tokens stays judged.
    assert_eq!(status(&judgement, "ttft_p50_ms", "4"), Status::Within);
    assert!(
        judgement.recommendation.starts_with(
            "numbers of different definitions were not compared: definitions.output_tokens is server-usage in the baseline, client-tokenizer in the current run"
        ),
        "{}",
        judgement.recommendation
    );
}

/// Attention takes half as long, so that every other class has a larger share.
#[test]
fn a_kernel_that_got_faster() {
    let shares = json!({"fp8_bmm": 50.0, "tp_all_reduce": 14.0, "mla_attention": 10.0});
    let current = changed(&[
        ("/kernel_class_gpu_pct", shares),
        ("/cpu_spinpoll_pct", json!(16.0)),
    ]);
    let judgement = judge(&document(), &current);
    assert_eq!(said(&judgement), "YELLOW few");
    let faster = level_set(current, "16", &["throughput_toks_per_s"], 110.0);
    assert_eq!(said(&judge(&document(), &faster)), "YELLOW few");
}

/// Nobody says on which hardware, or another server answered: nothing of it is a verdict.
#[test]
fn what_is_unknown_on_both_sides() {
    let trials = |document: Value, values: [f64; 3]| {
        let all = runs(&values).into_iter().map(|run| {
            let mut of = document.clone();
            of["metrics"] = run["metrics"].clone();
            of
        });
        merged(&all.collect::<Vec<_>>())
    };
    let judged = |document: Value| {
        let baseline = trials(document.clone(), [100.0, 100.3, 99.8]);
        judge(&baseline, &trials(document, [100.1, 100.2, 99.9]))
    };
    let known = judged(document());
    assert_eq!(known.tier, Tier::Verdict, "{:?}", known.promote);
    assert_eq!(
        known.recommendation,
        "no inference perf regression detected. Safe to promote."
    );
    for (pointer, name) in [
        ("/context/hardware", "context.hardware"),
        ("/deployment/quantization", "deployment.quantization"),
    ] {
        let judgement = judged(changed(&[(pointer, Value::Null)]));
        assert_eq!(judgement.tier, Tier::Draft);
        assert_eq!(
            judgement.promote,
            [format!(
                "a context that says {name}: neither side states it"
            )]
        );
        assert!(!judgement.recommendation.contains("Safe to promote"));
    }
}

/// A result of two weeks ago in the directory of today: the same file at the headline's level.
#[test]
fn a_stale_export_is_the_baselines_own() {
    let hash = "ab".repeat(32);
    let of = |id: &str| {
        changed(&[
            ("/metrics/16/result_sha256", json!(hash)),
            ("/metrics/4/run_id", json!(id)),
        ])
    };
    let judgement = perfbridge_guest::judge::judge(
        &parse(&of("november-20")),
        &another_run(&of("november-27")),
        &[],
        &Policy::default(),
    );
    let judgement = judgement.unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(said(&judgement), "NO_VERDICT same-run");
    assert!(
        judgement
            .recommendation
            .contains("leaves the export of the run before it")
    );
}

/// The tool says that it was stopped, and whoever wrote the document passed on that sentence alone.
#[test]
fn a_cancelled_run_without_a_finding() {
    let whole = |statement: &str| changed(&[("/validity", json!([statement]))]);
    let level = |statement: &str| changed(&[("/metrics/4/validity", json!([statement]))]);
    for statement in ["was_cancelled: true", "is_complete: false"] {
        for cut in [whole(statement), level(statement)] {
            let judgement = judge(&document(), &cut);
            assert_eq!(said(&judgement), "YELLOW lost");
            assert_eq!(
                judgement.reason,
                format!("the current run was cancelled or cut short: {statement}")
            );
            // Of the baseline it is a draft.
            let judgement = judge(&cut, &document());
            assert_eq!(said(&judgement), "GREEN none");
            let promote = judgement.promote.join("\n");
            assert!(promote.contains(&format!("does not call incomplete: {statement}")));
        }
    }
    for harmless in ["exit_errors: 1", "some_later_warning: x"] {
        assert_eq!(said(&judge(&document(), &whole(harmless))), "GREEN none");
    }
    // It comes after what is worse, and says nothing of it.
    let slower = level_set(
        whole("was_cancelled: true"),
        "16",
        &["throughput_toks_per_s"],
        90.0,
    );
    assert_eq!(said(&judge(&document(), &slower)), "RED headline");
}

/// The export of the baseline under another name at the headline, beside levels that were measured.
#[test]
fn the_headline_copied_and_renamed() {
    let of = |id: &str| changed(&[("/metrics/16/run_id", json!(id))]);
    let measured = |id: &str| {
        level_set(
            of(id),
            "4",
            &["throughput_toks_per_s", "ttft_p50_ms"],
            100.4,
        )
    };
    let told = |judgement: &Judgement| -> Vec<String> {
        let all = judgement.findings.iter();
        let same = all.filter(|one| one.code.as_str() == "SAME_NUMBERS");
        same.filter_map(|one| one.place.text()).collect()
    };
    let judgement = judge(&of("a"), &measured("b"));
    assert_eq!(told(&judgement), ["metrics.16"]);
    let promote = judgement.promote.join("\n");
    assert!(promote.contains("two runs that differ in more than their name"));
    // One digit of one number, and it may be another run.
    let other = level_set(measured("b"), "16", &["ttft_p99_ms"], 100.000_1);
    assert!(told(&judge(&of("a"), &other)).is_empty());
    // Where the runs bear no names nobody says that they are two.
    let bare = level_set(document(), "4", &["throughput_toks_per_s"], 100.4);
    assert!(told(&judge(&document(), &bare)).is_empty());
}
