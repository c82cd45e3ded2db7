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
        "found the form \"yaml\"; expected one of json, text, text-all, markdown, markdown-explained, answer, policy, handoff, page, junit, sarif, github, summary, gitlab, openmetrics, csv, line, sweep"
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

/// An artefact and a number of one side are neither within nor beyond the tolerance.
#[test]
fn an_answer_counts_what_was_not_judged_apart() {
    let rest = |current: &Value| {
        let text = rendered(&judge(&document(), current), "answer");
        let last = text.lines().last().expect("a line").to_owned();
        last.split_once(" within, ").expect("counts").0.to_owned()
    };
    assert_eq!(rest(&document()), "rest: 0 not within tolerance, 22");
    let zero = ("/metrics/4/ttft_p99_ms", json!(0.0));
    let gone = ("/metrics/4/ttft_p95_ms", Value::Null);
    assert_eq!(
        rest(&changed(&[zero.clone(), gone.clone()])),
        "rest: 2 not judged, 20"
    );
    let slower = ("/metrics/4/itl_p50_ms", json!(110.0));
    assert_eq!(
        rest(&changed(&[zero, gone, slower])),
        "rest: 1 outside, 2 not judged, 19"
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

/// The lines of a form of a judgement whose headline is 10 % worse.
fn worse(name: &str) -> Vec<String> {
    let current = changed(&[("/metrics/16/throughput_toks_per_s", json!(90.0))]);
    let text = rendered(&judge(&document(), &current), name);
    text.lines().map(str::to_owned).collect()
}

/// Throughput is 10 % worse at a tolerance of 3, TTFT p50 12 % at 5, latency better: 3.3, 2.4 and no tolerances off.
#[test]
fn the_page_is_told_the_order_of_the_rows_and_what_was_not_measured() {
    let baseline = with(document(), &[("/metrics/4/errors", Value::Null)]);
    let current = with(
        baseline.clone(),
        &[
            ("/metrics/16/ttft_p50_ms", json!(112.0)),
            ("/metrics/4/throughput_toks_per_s", json!(90.0)),
        ],
    );
    let judgement = judge(&baseline, &current);
    let page: Value = serde_json::from_str(&rendered(&judgement, "page")).expect("JSON");
    let rows: Vec<String> = page["order"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|at| {
            judgement.rows[at.as_u64().expect("a position") as usize]
                .number
                .path()
        })
        .collect();
    assert_eq!(
        rows[..2],
        ["metrics.4.throughput_toks_per_s", "metrics.16.ttft_p50_ms"]
    );
    let measured = judgement.rows.iter().filter(|row| row.baseline.is_some());
    assert_eq!(rows.len(), measured.count());
    let missing = page["unmeasured"].as_str().expect("a text");
    assert!(
        missing.starts_with("not measured on either side: c4 errors"),
        "{missing}"
    );
    assert_eq!(page["uncounted"], "");
    let other = with(current, &[("/model", json!("another"))]);
    let page: Value =
        serde_json::from_str(&rendered(&judge(&baseline, &other), "page")).expect("JSON");
    assert_eq!(page["uncounted"], "without a verdict none counts");
}

#[test]
fn a_line_has_the_verdict_and_the_headline() {
    assert_eq!(
        worse("line"),
        [
            "RED (DRAFT) by rule headline for m: c16 throughput 100.0 -> 90.00 tok/s, -10.0 % (tolerance 3 %), n=1+1"
        ]
    );
    let named = |model: &str| {
        let of = |document| with(document, &[("/model", json!(model))]);
        let line = rendered(&judge(&of(document()), &of(document())), "line");
        let name = line.split(" for ").nth(1).expect("a name").to_owned();
        name.split(": c16").next().expect("a name").to_owned()
    };
    for (model, shown) in [
        ("meta-llama/Llama-3.1-8B_q4", "meta-llama/Llama-3.1-8B_q4"),
        ("*b* _i_ ~s~ `c`", "b i s c"),
        ("<!channel> @all #1 |x|", "channel all 1 x"),
        ("https://evil.example/x", "https evil example/x"),
        ("[a](b)\n::error::", "a b error"),
        ("\u{202e}\u{1b}[2J", "2J"),
        (":) ", "a model without a name"),
        (&"x".repeat(500), &format!("{}…", "x".repeat(47))),
    ] {
        assert_eq!(named(model), shown, "{model}");
    }
}

#[test]
fn workflow_commands_begin_with_the_verdict() {
    let lines = worse("github");
    assert!(
        lines[0].starts_with("::error title=RED by rule headline (DRAFT)::RED by rule headline (DRAFT): c16 throughput 100.0 -> 90.00 tok/s, -10.0 %25 (tolerance 3 %25), n=1+1. "),
        "{}",
        lines[0]
    );
    assert_eq!(
        lines[1],
        "::error title=c16 throughput regressed::c16 throughput regressed: 100.0 -> 90.00 tok/s, -10.0 %25 (tolerance 3 %25)"
    );
}

#[test]
fn a_row_of_csv_holds_the_numbers_of_the_json() {
    let lines = worse("csv");
    let wanted = "m,throughput_toks_per_s,c16,tok/s,higher-is-better,100.0,90.0,-10.0,-10.0,3.0,percent,default,REGRESSED,\"throughput_toks_per_s at c16: 100.0 -> 90.00 is a change of -10.0 % for the worse, beyond the tolerance of 3 % (default).\",RED,headline,DRAFT";
    assert!(lines.contains(&wanted.to_owned()), "{lines:#?}");
}

/// The page of rows with a sentence each is dropped where GitHub would drop it, and said to be.
#[test]
fn a_summary_fits_whatever_stands_in_it() {
    let long = "ü|".repeat(400_000);
    let current = changed(&[("/context/image", json!(long))]);
    let judgement = judge(&document(), &current);
    let text = rendered(&judgement, "summary");
    assert!(rendered(&judgement, "markdown").len() > 1024 * 1024);
    assert!(text.len() <= render::summary::MOST + 100, "{}", text.len());
    assert!(text.ends_with("The rest is too long for a summary.\n"));
    let plain = judge(&document(), &document());
    let explained = rendered(&plain, "markdown-explained");
    assert_eq!(rendered(&plain, "summary"), explained);
}
