//! The forms in which a judgement can be had.

use crate::documents::{changed, document, judge, level, level_set, with};
use perfbridge_guest::fault::Sub;
use perfbridge_guest::judge::Judgement;
use perfbridge_guest::render::{self, FORMS, Layout, form};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn rendered(judgement: &Judgement, name: &str) -> String {
    let form = form(name).unwrap_or_else(|fault| panic!("{fault}"));
    (form.render)(judgement, Layout::default())
}

#[test]
fn each_form_has_its_name_and_its_text() {
    let names: BTreeSet<&str> = FORMS.iter().map(|form| form.name).collect();
    assert_eq!(names.len(), FORMS.len());
    let judgement = judge(
        &document(),
        &level_set(document(), "4", &["ttft_p50_ms"], 120.0),
    );
    for form in FORMS {
        assert!(!form.describes.is_empty() && !form.extension.contains('.'));
        assert!(form.media_type.contains('/'), "{}", form.media_type);
        let text = rendered(&judgement, form.name);
        assert!(text.contains("YELLOW"), "{}", form.name);
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"));
    }
    assert_eq!(rendered(&judgement, "json"), judgement.to_json());
    assert!(!rendered(&judgement, "markdown").contains("Why each row"));
    assert!(rendered(&judgement, "markdown-explained").contains("Why each row"));
    let coloured = Layout {
        width: 80,
        colour: true,
    };
    assert!((form("text").expect("a form").render)(&judgement, coloured).contains('\u{1b}'));
}

#[test]
fn an_unknown_form_is_refused_with_those_there_are() {
    let fault = form("yaml").expect_err("refused");
    assert_eq!(fault.sub, Some(Sub::FormUnknown));
    assert_eq!(
        fault.message,
        "found the form \"yaml\"; expected one of json, text, text-all, markdown, markdown-explained, answer, policy, handoff"
    );
}

#[test]
fn an_answer_says_what_decides() {
    let current = changed(&[
        ("/deployment/vllm_version", json!("0.33.0")),
        ("/metrics/16/throughput_toks_per_s", json!(90.0)),
        ("/metrics/4/ttft_p99_ms", json!(120.0)),
        (
            "/server_metrics_delta/prefix_cache_hit_rate_post",
            json!(0.6),
        ),
    ]);
    assert_eq!(
        rendered(&judge(&document(), &current), "answer"),
        "RED headline (DRAFT): throughput_toks_per_s at concurrency 16 changed by -10.0 %, tolerance 3 %
changed (1): vllm_version 0.32.0 -> 0.33.0
headline: c16 throughput 100.0 -> 90.00 tok/s, -10.0 % (tolerance 3 %), n=1+1
server prefix_cache_hit_rate_post regressed: 80.00 % -> 60.00 % (-20.00 pt, tolerance 2 pt)
c4 ttft_p99_ms regressed: 100.0 -> 120.0 ms (+20.0 %, tolerance 15 %)
advice: changed between the runs: deployment.vllm_version 0.32.0 -> 0.33.0; rule this out first. check for cohort contention via prometheus-anchored-query on vllm:num_requests_running for the same time window. the prefix cache hit rate dropped: try --connection-reuse-strategy sticky-user-sessions; a hit-rate drop is often a routing problem (cross-region hops breaking session affinity), not a model-side issue.
rest: 3 not within tolerance, 19 within, no finding, context and levers in the JSON judgement (verdict.json)
"
    );
}

/// Whatever stands in the documents, an answer is short, one line a fact and free of control characters.
#[test]
fn an_answer_is_at_most_a_kibibyte() {
    let long = "ä\n\u{1b}[31m".repeat(200);
    let levels: serde_json::Map<String, Value> =
        (1..60).map(|at| (at.to_string(), level())).collect();
    let baseline = with(document(), &[("/metrics", levels.clone().into())]);
    let mut worse = baseline.clone();
    for (_, cell) in worse["metrics"].as_object_mut().expect("levels") {
        for name in ["ttft_p50_ms", "ttft_p95_ms", "itl_p50_ms"] {
            cell[name] = json!(123456.789);
        }
    }
    for name in ["image", "vllm_commit", "prefix_caching"] {
        worse["context"][name] = json!(long);
    }
    worse["kernel_class_gpu_pct"] = json!({"fp8_bmm": 90.0, (long.as_str()): 99.0});
    let other = with(worse.clone(), &[("/model", json!(long))]);
    for current in [document(), baseline.clone(), worse, other] {
        let text = rendered(&judge(&baseline, &current), "answer");
        assert!(text.len() <= render::answer::MOST, "{}: {text}", text.len());
        assert!(text.lines().count() >= 4, "{text}");
        assert!(
            text.lines()
                .all(|line| !line.is_empty() && !line.contains('\u{1b}'))
        );
    }
}
