//! What is said of whole comparisons: the verdict, its rule, and what explains it.

use crate::support::{change, close, document, holds, judged, of_files, row, text};
use perfbridge_guest::judge::policy::Policy;
use perfbridge_guest::judge::{Judgement, judge};
use perfbridge_guest::render::{Layout, form};

fn said(judgement: &Judgement) -> String {
    format!("{} {}", judgement.verdict.as_str(), judgement.rule.as_str())
}

fn status(judgement: &Judgement, metric: &str, level: &str) -> String {
    let row = row(judgement, metric, level);
    row["status"].as_str().expect("a status").to_owned()
}

fn codes(judgement: &Judgement) -> Vec<&str> {
    let all = judgement.findings.iter();
    all.map(|finding| finding.code.as_str()).collect()
}

/// A proxy holds streams back and lets them go in clumps: ITL p50 is not 0 and "better" by 71 %.
#[test]
fn a_proxy_that_buffers_is_red_and_no_faster_decode() {
    let judgement = judged("05-proxy-buffering-real-regression");
    assert_eq!(said(&judgement), "RED headline");
    assert_eq!(judgement.headline.place.key(), "8");
    close(
        &row(&judgement, "throughput_toks_per_s", "8")["delta_pct"],
        100.0 * (720.0 - 980.0) / 980.0,
    );
    close(
        &row(&judgement, "throughput_toks_per_s", "32")["delta_pct"],
        100.0 * (2235.0 - 3294.0) / 3294.0,
    );
    for level in ["8", "32"] {
        for metric in ["itl_p50_ms", "tps_per_user"] {
            assert_eq!(status(&judgement, metric, level), "UNRELIABLE");
        }
        for metric in ["ttft_p50_ms", "request_latency_p50_ms"] {
            assert_eq!(status(&judgement, metric, level), "REGRESSED");
        }
    }
    assert!(codes(&judgement).contains(&"COALESCED_STREAMS"));
    // Repaired, it is no regression of decode speed.
    let [buffered, direct] = ["current", "baseline"]
        .map(|side| document(&format!("05-proxy-buffering-real-regression/{side}")));
    let policy = Policy::default();
    let repaired = judge(&buffered, &direct, &[], &policy).expect("judged");
    assert_eq!(said(&repaired), "GREEN none");
}

/// One flag changes the divisor of ITL: another quantity under the same name, and no regression. What the baseline
/// could say of decode speed the current run does not say any more, so it is no GREEN either.
#[test]
fn another_divisor_is_another_quantity() {
    let judgement = judged("07-itl-definition-per-chunk-usage");
    assert_eq!(said(&judgement), "YELLOW lost");
    for level in ["8", "16"] {
        for metric in ["itl_p50_ms", "tps_per_user"] {
            assert_eq!(status(&judgement, metric, level), "DEFINITION_MISMATCH");
        }
        for metric in [
            "throughput_toks_per_s",
            "ttft_p50_ms",
            "request_latency_p50_ms",
        ] {
            assert_eq!(status(&judgement, metric, level), "WITHIN");
        }
    }
}

/// The first four of 64 requests waited for a compilation: all of the loss, and the warm-up sent two.
#[test]
fn a_cold_first_wave_is_named_before_anything_else() {
    let judgement = judged("09-cold-first-wave");
    assert_eq!(said(&judgement), "RED headline");
    let advice = &judgement.recommendation;
    assert!(
        advice.starts_with("at concurrency 4 the first 4 requests of the current run took "),
        "{advice}"
    );
    assert!(
        advice.contains("the warm-up sent 2 requests, fewer than the concurrency: repeat with a longer warm-up, of at least the concurrency"),
        "{advice}"
    );
    assert!(
        advice.contains(" % of its loss in mean latency"),
        "{advice}"
    );
    // On a terminal there is one line for findings, and it is this one that has to stand there.
    let text = form("text").expect("a form").render;
    let text = text(
        &judgement,
        Layout {
            width: 80,
            colour: false,
        },
    );
    let finding = text.lines().find(|line| line.starts_with("Findings"));
    assert!(finding.expect(&text).contains("COLD_START"), "{text}");
}

/// A warm cache against a cold one: red by its numbers, and the regime leads the advice.
#[test]
fn warm_against_cold_is_said_first() {
    let judgement = judged("17-warm-cache-baseline-cold-current");
    assert_eq!(said(&judgement), "RED headline");
    assert!(codes(&judgement).contains(&"REGIME_DIFFERS"));
    assert!(
        judgement
            .recommendation
            .starts_with("the baseline started warm, the current run cold"),
        "{}",
        judgement.recommendation
    );
    assert_eq!(
        status(&judgement, "prefix_cache_hit_rate_post", "server"),
        "REGRESSED"
    );
    assert_eq!(judgement.tier.as_str(), "DRAFT");
}

/// 20 % faster by a flag: green, and the flag stands at the top of what is printed.
#[test]
fn a_flag_that_was_switched_on_is_said() {
    let judgement = judged("18-prefix-caching-switched-on");
    assert_eq!(said(&judgement), "GREEN none");
    change(&judgement, "prefix_caching");
    assert!(!judgement.recommendation.contains("Safe to promote"));
    assert_eq!(
        status(&judgement, "prefix_cache_hit_rate_post", "server"),
        "NULL_LEGACY_BASELINE"
    );
    for text in [
        perfbridge_guest::render::markdown::render(&judgement, false),
        perfbridge_guest::render::answer::render(&judgement),
    ] {
        let head: Vec<&str> = text.lines().take(8).collect();
        assert!(head.join("\n").contains("prefix_caching"), "{head:?}");
    }
}

/// Complete, without errors, and declared invalid by the tool that measured it.
#[test]
fn a_run_that_its_tool_calls_invalid_is_not_judged() {
    let judgement = judged("27-aiperf-15-invalid-submission");
    assert_eq!(said(&judgement), "NO_VERDICT invalid-run");
    assert!(
        judgement.reason.contains("context_overflow_rate_exceeded"),
        "{}",
        judgement.reason
    );
}

/// ISL 1024 against 8192 is another workload and no regression.
#[test]
fn two_workloads_are_not_comparable() {
    let sides =
        ["1k1k", "8k1k"].map(|side| document(&format!("29-two-workloads-one-level/{side}")));
    let [baseline, current] = &sides;
    let judgement = judge(baseline, current, &[], &Policy::default()).expect("judged");
    assert_eq!(said(&judgement), "NO_VERDICT not-comparable");
    assert!(judgement.identity.mismatched.contains(&"isl".to_owned()));
}

/// The results of one run, copied into a folder of another name and given as the other side.
#[test]
fn a_run_in_another_folder_is_the_same_run() {
    const DIR: &str = "02-aiperf-010-real-5090-c16/c16";
    let export = text(DIR, "profile_export_aiperf.json");
    let under = |path: &str, more: &[(&str, String)]| {
        let mut files = vec![(path, export.clone())];
        files.extend(more.iter().map(|(path, text)| (*path, text.clone())));
        of_files(&files).expect("read")
    };
    let baseline = under("c16/profile_export_aiperf.json", &[]);
    let summary = (
        "warm/phases/warmup/profile_export_aiperf.json",
        export.clone(),
    );
    for current in [
        under("november/aiperf-c16/profile_export_aiperf.json", &[]),
        // The statistics of the warm-up are no second result of the level.
        under("warm/profile_export_aiperf.json", &[summary]),
    ] {
        let judgement = judge(&baseline, &current, &[], &Policy::default()).expect("judged");
        assert_eq!(said(&judgement), "NO_VERDICT same-run");
    }
}

/// An endpoint without tokens has a latency and no token metric.
#[test]
fn embeddings_have_a_latency_alone() {
    for (side, latency) in [("baseline", 41.2), ("current", 41.5)] {
        let document = document(&format!("25-aiperf-embeddings/{side}"));
        holds(
            &document,
            "16",
            &[
                ("request_latency_p50_ms", Some(latency)),
                ("throughput_toks_per_s", None),
                ("ttft_p50_ms", None),
                ("itl_p50_ms", None),
                ("tps_per_user", None),
                ("osl_mean", None),
                ("errors", Some(0.0)),
                ("requests", Some(512.0)),
            ],
        );
        assert_eq!(document.map["context"]["endpoint_type"], "embeddings");
    }
    let judgement = judged("25-aiperf-embeddings");
    assert_eq!(judgement.verdict.as_str(), "NO_VERDICT");
    assert_eq!(judgement.rule.as_str(), "headline-unmeasured");
    let reason =
        "the headline, throughput_toks_per_s at concurrency 16, was measured on neither side";
    assert_eq!(judgement.reason, reason);
    assert!(
        judgement
            .recommendation
            .contains("An endpoint without output tokens (embeddings, rankings) has no headline")
    );
    let next = judgement.next_lever.as_ref().expect("a lever");
    let mut levers = [&next.first].into_iter().chain(&next.frontier);
    assert!(
        levers.all(|lever| !lever.lever.contains("speculative")),
        "{next:?}"
    );
    assert_eq!(
        row(&judgement, "request_latency_p50_ms", "16")["status"],
        "WITHIN"
    );
}
