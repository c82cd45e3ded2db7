//! The quality scores of both sides: how they are read, when they are compared, what is said of them.

use crate::documents::{codes, document, judge, level_set, parse, refusal, with};
use perfbridge_guest::document::evals::{NOTES, STATED, pair};
use perfbridge_guest::fault::{Code, Fault};
use perfbridge_guest::judge::Judgement;
use perfbridge_guest::judge::rule::Verdict;
use serde_json::{Value, json};

/// A result file of lm-evaluation-harness 0.4.9, cut: a group with its part, an error that is no number, a metric of which
/// less is better.
const HARNESS: &str = r#"{
  "results": {
    "gpqa_diamond_cot_zeroshot": {"alias": "gpqa", "exact_match,strict-match": 0.702, "exact_match_stderr,strict-match": 0.0326, "sample_len,none": 198},
    "mmlu": {"acc,none": 0.83, "acc_stderr,none": "N/A", "alias": "mmlu"},
    "mmlu_stem": {"acc,none": 0.79, "acc_stderr,none": 0.007, "alias": " - stem"},
    "wikitext": {"word_perplexity,none": 8.5, "word_perplexity_stderr,none": 0.1}
  },
  "group_subtasks": {"mmlu": ["mmlu_stem"], "wikitext": []},
  "versions": {"gpqa_diamond_cot_zeroshot": 1.0, "mmlu": 2, "wikitext": "2.0"},
  "n-shot": {"gpqa_diamond_cot_zeroshot": 0},
  "higher_is_better": {"wikitext": {"word_perplexity": false}},
  "lm_eval_version": "0.4.9"
}"#;

/// `results.yml` of NeMo Evaluator: a task, and a group that says the same again.
const NEMO: &str = "command: nemo-evaluator run_eval\nresults:\n  groups:\n    ifeval:\n      metrics:\n        prompt_level_strict_acc:\n          scores:\n            prompt_level_strict_acc:\n              stats:\n                stderr: 0.019\n              value: 0.81\n  tasks:\n    ifeval:\n      metrics:\n        prompt_level_strict_acc:\n          scores:\n            prompt_level_strict_acc:\n              stats:\n                stderr: 0.019\n              value: 0.81\ntarget:\n  api_endpoint:\n    model_id: m\n";

fn paired(document: &Value, given: &[(&str, &str)]) -> Result<Value, Fault> {
    let given: Vec<(String, String)> = given
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect();
    let (_, text) = pair(&document.to_string(), &given)?;
    Ok(serde_json::from_str(&text).expect("JSON"))
}

fn scores(document: &Value, text: &str) -> Value {
    paired(document, &[(STATED, text)]).unwrap_or_else(|fault| panic!("{fault}"))
}

fn readings(judgement: &Judgement) -> Vec<String> {
    let one = |eval: &Value| {
        let text = |key: &str| eval[key].as_str().expect("a text");
        format!("{} {}", text("task"), text("reading"))
    };
    judgement.evals.iter().map(one).collect()
}

fn message(judgement: &Judgement, code: &str) -> String {
    let found = judgement
        .findings
        .iter()
        .find(|one| one.code.as_str() == code);
    found.unwrap_or_else(|| panic!("no {code}")).message.clone()
}

#[test]
fn scores_are_read_from_the_specifications_notes() {
    let notes = "GPQA=0.71. MMLU-Pro=0.83. TP=8; batch=64";
    let made = paired(&document(), &[(NOTES, notes)]).expect("paired");
    let listed: Vec<Value> = made["evals"].as_array().expect("scores").clone();
    assert_eq!(listed.len(), 2);
    assert_eq!(
        listed[0],
        json!({"task": "GPQA", "metric": null, "version": null, "shots": null, "value": 0.71, "scale": "fraction",
            "stderr": null, "lower_is_better": false, "source": "notes"})
    );
    assert_eq!(
        (&listed[1]["task"], &listed[1]["value"]),
        (&json!("MMLU-Pro"), &json!(0.83))
    );
    // Notes without a score leave every byte.
    let text = document().to_string();
    let notes = (NOTES.to_owned(), "nightly, TP=8".to_owned());
    assert_eq!(pair(&text, &[notes]).expect("paired").1, text);
    // What was registered as a score stays.
    let again = paired(&scores(&document(), "GPQA=0.70"), &[(NOTES, "GPQA=0.71")]);
    assert_eq!(again.expect("paired")["evals"][0]["value"], 0.70);
}

#[test]
fn scales_are_told_apart() {
    for (text, value, scale) in [
        ("GPQA=0.71", 0.71, "fraction"),
        ("GPQA=71%", 71.0, "percent"),
        ("GPQA=71 %", 71.0, "percent"),
        ("GPQA=0.5%", 0.5, "percent"),
        ("MT-Bench=8.9", 8.9, "points"),
        ("loss=-1.5", -1.5, "points"),
        ("GPQA=1", 1.0, "fraction"),
    ] {
        let made = scores(&document(), text);
        assert_eq!(made["evals"][0]["value"], value, "{text}");
        assert_eq!(made["evals"][0]["scale"], scale, "{text}");
    }
    let made = scores(&document(), "gsm8k:exact_match=0.9");
    assert_eq!(made["evals"][0]["metric"], "exact_match");
}

#[test]
fn result_files_are_read_by_what_is_in_them() {
    let made = paired(&document(), &[("results_x.json", HARNESS)]).expect("paired");
    let listed = made["evals"].as_array().expect("scores");
    let tasks: Vec<&str> = listed
        .iter()
        .filter_map(|one| one["task"].as_str())
        .collect();
    // Parts of a group that has a score, and lengths of samples, are no scores.
    assert_eq!(tasks, ["gpqa_diamond_cot_zeroshot", "mmlu", "wikitext"]);
    assert_eq!(
        listed[0],
        json!({"task": "gpqa_diamond_cot_zeroshot", "metric": "exact_match,strict-match", "version": "1.0", "shots": "0",
            "value": 0.702, "scale": "fraction", "stderr": 0.0326, "lower_is_better": false,
            "source": "lm-evaluation-harness"})
    );
    assert_eq!(listed[1]["stderr"], Value::Null);
    assert_eq!(
        (&listed[2]["lower_is_better"], &listed[2]["scale"]),
        (&json!(true), &json!("points"))
    );
    // The scores of another document.
    let again = paired(&document(), &[("promotion", &made.to_string())]).expect("paired");
    assert_eq!(again["evals"], made["evals"]);
    let fault = paired(&document(), &[("promotion", "{\"evals\": [1]}")]).expect_err("no score");
    assert!(
        fault.to_string().contains("found scores of another form"),
        "{fault}"
    );
    let made = paired(&document(), &[("results.yml", NEMO)]).expect("paired");
    assert_eq!(
        made["evals"],
        json!([{"task": "ifeval", "metric": "prompt_level_strict_acc/prompt_level_strict_acc", "version": null, "shots": null,
            "value": 0.81, "scale": "fraction", "stderr": 0.019, "lower_is_better": false, "source": "nemo-evaluator"}])
    );
}

#[test]
fn what_is_no_score_is_refused() {
    for (name, text, code, said) in [
        (STATED, "GPQA", Code::Usage, "expected NAME=NUMBER"),
        (STATED, "", Code::Usage, "expected NAME=NUMBER"),
        (STATED, "=0.7", Code::Usage, "expected NAME=NUMBER"),
        (STATED, "GPQA=NaN", Code::Usage, "expected NAME=NUMBER"),
        (STATED, "GPQA=inf", Code::Usage, "expected NAME=NUMBER"),
        (
            STATED,
            "GPQA=0.7 GPQA=0.8",
            Code::Conflict,
            "found two scores of GPQA: 0.7 (stated) and 0.8 (stated)",
        ),
        (
            "a.json",
            "{\"results\": {}}",
            Code::NotUnderstood,
            "found no score",
        ),
        (
            "a.json",
            "{\"results\": {\"x\": {\"acc,none\": NaN}}}",
            Code::BadValue,
            "NaN",
        ),
        (
            "a.yml",
            "results:\n  tasks:\n    x: 1\n",
            Code::NotUnderstood,
            "found no score",
        ),
    ] {
        let fault = paired(&document(), &[(name, text)]).expect_err(text);
        assert_eq!(fault.code, code, "{text}: {fault}");
        assert!(fault.to_string().contains(said), "{text}: {fault}");
    }
    let many: String = (0..65).map(|at| format!("t{at}=0.5 ")).collect();
    let fault = paired(&document(), &[(STATED, &many)]).expect_err("too many");
    assert_eq!(fault.code, Code::Limit);
    // A document of another hand.
    for evals in [
        json!({"GPQA": 0.7}),
        json!([{"task": "GPQA", "value": "0.7", "scale": "fraction"}]),
        json!([{"task": "GPQA", "value": 0.7, "scale": "parts"}]),
        json!([{"task": "", "value": 0.7, "scale": "fraction"}]),
        json!([{"task": "GPQA", "value": 0.7, "scale": "fraction", "stderr": -0.1}]),
    ] {
        let text = with(document(), &[("/evals", evals)]).to_string();
        let fault = refusal(&text);
        assert_eq!(fault.code, Code::BadValue, "{text}");
        assert!(fault.to_string().contains("evals"), "{fault}");
    }
    parse(&with(document(), &[("/evals", Value::Null)]));
}

#[test]
fn a_regression_that_a_gain_of_quality_may_explain_is_said() {
    let baseline = scores(&document(), "GPQA=0.71 MMLU-Pro=0.83");
    let slower = level_set(document(), "16", &["throughput_toks_per_s"], 90.0);
    let judgement = judge(&baseline, &scores(&slower, "GPQA=0.74 MMLU-Pro=0.835"));
    assert_eq!(judgement.verdict, Verdict::Red);
    assert_eq!(readings(&judgement), ["GPQA gain", "MMLU-Pro same"]);
    assert_eq!(
        message(&judgement, "QUALITY_SCORES"),
        "GPQA 0.71 -> 0.74 (gain); MMLU-Pro 0.83 -> 0.835 (same)"
    );
    let sentence = "Quality rose (GPQA 0.71 -> 0.74): the regression may be its price, of a better model or of less quantization; decide which of the two is wanted.";
    assert_eq!(message(&judgement, "QUALITY_DIFFERS"), sentence);
    assert!(judgement.recommendation.ends_with(sentence));
    let changed: Vec<&str> = judgement
        .changed
        .iter()
        .map(|one| one.field.as_str())
        .collect();
    assert_eq!(changed, ["evals.GPQA"]);
    // The verdict and its rule are those of the same numbers without scores.
    let bare = judge(&document(), &slower);
    assert_eq!(
        (bare.verdict, bare.rule),
        (judgement.verdict, judgement.rule)
    );
    assert!(bare.evals.is_empty() && !codes(&bare).iter().any(|code| code.starts_with("QUALITY")));
    assert!(!bare.to_json().contains("\"evals\""));
}

#[test]
fn the_other_ways_round_have_their_own_words() {
    let metric = &["throughput_toks_per_s"];
    let slower = level_set(document(), "16", metric, 90.0);
    let faster = level_set(document(), "16", metric, 110.0);
    for (run, before, after, said) in [
        (
            &faster,
            "GPQA=0.74",
            "GPQA=0.71",
            "Quality fell (GPQA 0.74 -> 0.71): the gain in speed may be paid for with it",
        ),
        (&slower, "GPQA=0.74", "GPQA=0.71", "Quality fell as well"),
        (
            &slower,
            "GPQA=0.71",
            "GPQA=0.71",
            "No quality score moved that could explain the regression.",
        ),
        (&faster, "GPQA=0.71", "GPQA=0.74", "Quality rose as well"),
        (
            &document(),
            "GPQA=0.74",
            "GPQA=0.71",
            "Quality fell (GPQA 0.74 -> 0.71), though the speed is held.",
        ),
        (
            &document(),
            "GPQA=71%",
            "GPQA=71.9%",
            "No quality score moved.",
        ),
        (
            &document(),
            "GPQA=71%",
            "GPQA=72%",
            "Quality rose as well (GPQA 71 % -> 72 %).",
        ),
        (
            &document(),
            "A=0.5 B=0.5",
            "A=0.6 B=0.4",
            "Quality moved both ways (better: A 0.5 -> 0.6; worse: B 0.5 -> 0.4)",
        ),
    ] {
        let judgement = judge(&scores(&document(), before), &scores(run, after));
        assert!(
            judgement.recommendation.contains(said),
            "{before} {after}: {}",
            judgement.recommendation
        );
    }
}

#[test]
fn what_is_not_the_same_score_is_not_compared() {
    for (before, after, why) in [
        (
            "GPQA=0.71",
            "GPQA=71%",
            "the scale differs (fraction and percent)",
        ),
        (
            "GPQA=0.71",
            "GPQA=71",
            "the scale differs (fraction and points)",
        ),
        (
            "GPQA:acc=0.71",
            "gpqa:exact_match=0.74",
            "the metric differs (acc and exact_match)",
        ),
        (
            "GPQA=0.71",
            "GPQA:acc=0.74",
            "the metric differs (unrecorded and acc)",
        ),
    ] {
        let judgement = judge(&scores(&document(), before), &scores(&document(), after));
        assert!(
            message(&judgement, "QUALITY_NOT_COMPARED").contains(why),
            "{before} {after}"
        );
        assert!(
            !codes(&judgement).contains(&"QUALITY_DIFFERS"),
            "{before} {after}"
        );
        assert!(
            !judgement.recommendation.contains("uality"),
            "{before} {after}"
        );
    }
    // Of another version of the task, or with other examples.
    let file = |from: &str, to: &str| HARNESS.replace(from, to);
    let of = |text: &str| paired(&document(), &[("results.json", text)]).expect("paired");
    for (other, why) in [
        (
            file(
                "\"gpqa_diamond_cot_zeroshot\": 1.0",
                "\"gpqa_diamond_cot_zeroshot\": 1.1",
            ),
            "the version of the task differs (1.0 and 1.1)",
        ),
        (
            file(
                "\"gpqa_diamond_cot_zeroshot\": 0}",
                "\"gpqa_diamond_cot_zeroshot\": 5}",
            ),
            "the number of examples differs (0 and 5)",
        ),
    ] {
        let judgement = judge(&of(HARNESS), &of(&other));
        assert!(message(&judgement, "QUALITY_NOT_COMPARED").contains(why));
    }
    // Another benchmark is no other score.
    let judgement = judge(
        &scores(&document(), "GPQA=0.7"),
        &scores(&document(), "AIME=0.5"),
    );
    assert_eq!(readings(&judgement), ["GPQA one-sided", "AIME one-sided"]);
    assert_eq!(
        message(&judgement, "QUALITY_SCORES"),
        "GPQA 0.7 -> unrecorded (one-sided); AIME unrecorded -> 0.5 (one-sided)"
    );
}

/// 1.96 * sqrt(0.0326^2 + 0.0326^2) = 0.09036.
#[test]
fn a_difference_within_its_error_is_none() {
    let with_score = |score: &str| {
        let text = HARNESS.replace("0.702", score);
        paired(&document(), &[("results.json", &text)]).expect("paired")
    };
    for (score, reading) in [
        ("0.79", "same"),
        ("0.793", "gain"),
        ("0.611", "loss"),
        ("0.613", "same"),
    ] {
        let judgement = judge(&with_score("0.702"), &with_score(score));
        assert_eq!(judgement.evals[0]["reading"], reading, "{score}");
    }
    // Of perplexity less is better; 1.96 * sqrt(2 * 0.1^2) = 0.277.
    let with_perplexity = |value: &str| {
        let text = HARNESS.replace("8.5", value);
        paired(&document(), &[("results.json", &text)]).expect("paired")
    };
    for (value, reading) in [("8.1", "gain"), ("8.9", "loss"), ("8.7", "same")] {
        let judgement = judge(&with_perplexity("8.5"), &with_perplexity(value));
        assert_eq!(judgement.evals[2]["reading"], reading, "{value}");
    }
}

#[test]
fn trials_have_the_mean_of_their_scores() {
    use perfbridge_guest::document::trials::merge;
    let run = |throughput: f64, text: &str| {
        let one = level_set(document(), "16", &["throughput_toks_per_s"], throughput);
        scores(&one, text).to_string()
    };
    let merged = merge(&[
        run(100.0, "GPQA=0.70 AIME=0.5"),
        run(101.0, "GPQA=0.74 AIME=0.5"),
    ]);
    let merged = merged.unwrap_or_else(|fault| panic!("{fault}"));
    let of = |task: &str| {
        let found = merged.evals.iter().find(|eval| eval.task == task);
        found.map(|eval| eval.value).expect("a score")
    };
    assert!((of("GPQA") - 0.72).abs() < 1e-12);
    assert_eq!(of("AIME"), 0.5);
}
