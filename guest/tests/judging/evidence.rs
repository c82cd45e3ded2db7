//! Evidence from inside the runs: what it says, and that it decides nothing.

use super::documents::{
    changed, codes, document, judge, judge_as, level, parse, places, refusal, with,
};
use perfbridge_guest::fault::Code;
use perfbridge_guest::judge::Judgement;
use perfbridge_guest::judge::policy::Request;
use perfbridge_guest::render::markdown;
use serde_json::{Value, json};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../tests/data/stats/vectors.json")).expect("JSON")
}

/// `count` values of 100 to 105 ms, the first third `factor` times as long.
pub fn values(count: usize, factor: f64) -> Vec<f64> {
    let value = |at: usize| 100.0 + (at * 37 % 51) as f64 / 10.0;
    (0..count)
        .map(|at| value(at) * if 3 * at < count { factor } else { 1.0 })
        .collect()
}

pub fn samples(of: u64, ttft: &[f64]) -> Value {
    json!({"of": of, "ttft_ms": ttft, "request_latency_ms": ttft})
}

/// The document with the same requests at both levels.
pub fn sampled(ttft: &[f64]) -> Value {
    let level = samples(ttft.len() as u64, ttft);
    changed(&[("/request_samples", json!({"4": level, "16": level}))])
}

pub fn evidence<'a>(judgement: &'a Judgement, list: &str, level: &str) -> Vec<&'a Value> {
    let all = judgement.evidence[list].as_array().expect("a list").iter();
    all.filter(|one| one["level"] == level).collect()
}

/// Everything but what is said about the requests, as JSON.
fn rest(judgement: &Judgement) -> Value {
    let mut all: Value = serde_json::from_str(&judgement.to_json()).expect("JSON");
    let map = all.as_object_mut().expect("an object");
    map.shift_remove("distributions");
    map.shift_remove("evidence");
    let findings = map["findings"].as_array_mut().expect("a list");
    findings.retain(|finding| finding["code"] != "DRIFT");
    all
}

#[test]
fn evidence_changes_nothing_else() {
    let observed = Request {
        observe_tails: true,
        ..Request::default()
    };
    let slower = json!({"ttft_p50_ms": 130.0, "ttft_p95_ms": 130.0, "ttft_p99_ms": 130.0});
    let mut few = level();
    few["requests"] = json!(64);
    for changes in [
        vec![],
        vec![("/metrics/16/ttft_p50_ms", slower["ttft_p50_ms"].clone())],
        vec![("/metrics/16/throughput_toks_per_s", json!(80.0))],
        vec![("/metrics/16", few.clone()), ("/metrics/4", few)],
        vec![("/metrics/16/itl_p50_ms", json!(0.0))],
        vec![("/deployment/quantization", json!("INT4"))],
    ] {
        for request in [Request::default(), observed.clone()] {
            let plain = with(document(), &changes);
            let requests = json!({"16": samples(320, &values(320, 2.0))});
            let sampled = with(plain.clone(), &[("/request_samples", requests)]);
            let without = judge_as(&document(), &plain, &request);
            for (baseline, current) in [
                (document(), sampled.clone()),
                (self::sampled(&values(320, 1.0)), sampled.clone()),
                (self::sampled(&values(320, 3.0)), plain.clone()),
            ] {
                let with = judge_as(&baseline, &current, &request);
                assert!(codes(&with).contains(&"DRIFT"));
                assert_eq!(rest(&with), rest(&without));
            }
        }
    }
}

#[test]
fn without_samples_there_is_no_word_of_them() {
    let text = judge(&document(), &document()).to_json();
    assert!(!text.contains("distributions") && !text.contains("\"evidence\""));
}

/// Quantiles by numpy, superiority and p by scipy.
#[test]
fn numbers_are_those_of_numpy_and_scipy() {
    let of = &vectors()["requests"];
    let side = |name: &str| {
        let samples = json!({"of": of[name].as_array().map(Vec::len), "ttft_ms": of[name]});
        changed(&[("/request_samples", json!({"4": samples}))])
    };
    let judgement = judge(&side("baseline"), &side("current"));
    let [distribution] = judgement.distributions.as_array().unwrap().as_slice() else {
        panic!("{}", judgement.distributions);
    };
    assert_eq!(
        (&distribution["quantity"], &distribution["level"]),
        (&json!("ttft_ms"), &json!("4"))
    );
    for (at, name) in ["baseline", "current"].into_iter().enumerate() {
        let found = &distribution[name];
        assert_eq!(found["quantiles"], of["quantiles"][at], "{name}");
        assert_eq!(
            (&found["of"], &found["n"]),
            ([&json!(90), &json!(75)][at], [&json!(90), &json!(75)][at])
        );
    }
    let expected = json!({
        "quantity": "ttft_ms", "level": "4", "superiority": of["superiority"], "p_value": of["p"],
    });
    assert_eq!(evidence(&judgement, "locations", "4"), [&expected]);
}

#[test]
fn differences_stand_for_each_percentile_row() {
    let faster = values(320, 1.0);
    let slower: Vec<f64> = faster.iter().map(|value| value * 1.5).collect();
    let judgement = judge(&sampled(&faster), &sampled(&slower));
    let found = evidence(&judgement, "differences", "16");
    let metrics: Vec<&str> = found
        .iter()
        .map(|one| one["metric"].as_str().unwrap())
        .collect();
    let rows = [
        "ttft_p50_ms",
        "ttft_p95_ms",
        "ttft_p99_ms",
        "request_latency_p50_ms",
    ];
    assert_eq!(metrics, rows);
    for one in found {
        // Medians of 100.0, 100.1 ... 105.0 are 102.5, half of which is 51.25; the p99 lies at most at 105.
        let [estimate, low, high] =
            ["estimate", "low", "high"].map(|key| one[key].as_f64().unwrap());
        assert!(
            low <= estimate && estimate <= high && low > 49.0 && high < 54.0,
            "{one}"
        );
        assert_eq!(one["requests"], json!([320, 320]));
    }
    let locations = evidence(&judgement, "locations", "16");
    assert_eq!(
        locations[0]["superiority"], 1.0,
        "every current request is slower"
    );
    assert!(!codes(&judgement).contains(&"DRIFT"));
}

fn ends(judgement: &Judgement, metric: &str, level: &str) -> [Option<f64>; 2] {
    let found = evidence(judgement, "differences", level);
    let one = found.iter().find(|one| one["metric"] == metric);
    ["low", "high"].map(|key| one.expect("a difference")[key].as_f64())
}

#[test]
fn fewer_than_four_blocks_have_no_interval() {
    let judgement = judge(&sampled(&values(63, 1.0)), &sampled(&values(64, 1.0)));
    assert_eq!(ends(&judgement, "ttft_p50_ms", "16"), [None, None]);
    assert!(ends(&judgement, "ttft_p50_ms", "4")[0].is_some());
    // Kept of 252 at concurrency 16, 63 requests are those of a concurrency of 4.
    let thinned = json!({"16": samples(252, &values(63, 1.0))});
    let thinned = changed(&[("/request_samples", thinned)]);
    let judgement = judge(&thinned, &thinned);
    assert!(ends(&judgement, "ttft_p50_ms", "16")[0].is_some());
    // A third of them is 19, four blocks of 4; of all 63 not one block of 16.
    assert!(evidence(&judgement, "drift", "16")[0]["low"].is_number());
}

/// p95 needs 59 requests, p99 299.
#[test]
fn percentiles_that_the_requests_cannot_carry_have_no_interval() {
    let judgement = judge(&sampled(&values(298, 1.0)), &sampled(&values(320, 1.0)));
    assert_eq!(ends(&judgement, "ttft_p99_ms", "4"), [None, None]);
    assert!(ends(&judgement, "ttft_p95_ms", "4")[0].is_some());
}

#[test]
fn a_slow_first_third_is_a_finding_and_a_steady_run_is_none() {
    let steady = sampled(&values(320, 1.0));
    let judgement = judge(&steady, &sampled(&values(320, 1.3)));
    assert_eq!(
        places(&judgement, "DRIFT"),
        ["current: metrics.4", "current: metrics.16"]
    );
    let finding = judgement
        .findings
        .iter()
        .find(|one| one.code.as_str() == "DRIFT");
    let message = &finding.expect("a finding").message;
    // 102.5 * 1.3, and 102.5.
    assert!(
        message.starts_with("between the first and the last third of its requests the median of ttft_ms went from 133.") && message.contains("of request_latency_ms went"),
        "{message}"
    );
    for one in evidence(&judgement, "drift", "16") {
        assert_eq!(one["drifted"], one["side"] == "current", "{one}");
    }
    // Of three blocks of 32 a third nobody can tell.
    let level = |factor| json!({"32": samples(320, &values(320, factor))});
    let side = |factor| {
        let metrics = json!({"32": self::level()});
        changed(&[("/metrics", metrics), ("/request_samples", level(factor))])
    };
    let judgement = judge(&side(1.3), &side(1.0));
    assert!(!codes(&judgement).contains(&"DRIFT"));
    assert!(
        evidence(&judgement, "drift", "32")
            .iter()
            .all(|one| one["low"].is_null())
    );
}

#[test]
fn one_side_alone_has_a_distribution_and_no_comparison() {
    let judgement = judge(&document(), &sampled(&values(320, 1.0)));
    for one in judgement.distributions.as_array().unwrap() {
        assert!(
            one["baseline"].is_null() && one["current"]["n"] == 320,
            "{one}"
        );
    }
    assert!(evidence(&judgement, "differences", "16").is_empty());
    assert!(evidence(&judgement, "locations", "16").is_empty());
    assert_eq!(evidence(&judgement, "drift", "16").len(), 2);
}

/// The records hold one value a request; gaps that are pooled over requests are another quantity.
#[test]
fn an_itl_of_another_definition_is_not_compared() {
    let side = |definition: &str| {
        let samples = json!({"of": 64, "itl_ms": values(64, 1.0)});
        changed(&[
            ("/request_samples", json!({"4": samples})),
            ("/definitions", json!({"itl_p50_ms": definition})),
        ])
    };
    let count = |definition| {
        let judgement = judge(&side(definition), &side(definition));
        evidence(&judgement, "differences", "4").len()
    };
    assert_eq!((count("tpot-per-request"), count("gap-pooled")), (1, 0));
}

#[test]
fn requests_without_a_value_are_left_out() {
    let mut ttft: Vec<Value> = values(80, 1.0).into_iter().map(Value::from).collect();
    ttft.iter_mut()
        .step_by(2)
        .for_each(|one| *one = Value::Null);
    let samples = json!({"4": {"of": 80, "ttft_ms": ttft}});
    let side = changed(&[("/request_samples", samples)]);
    let judgement = judge(&side, &side);
    let found = &judgement.distributions[0]["current"];
    assert_eq!((&found["of"], &found["n"]), (&json!(80), &json!(40)));
}

#[test]
fn samples_of_another_form_are_refused() {
    let good = json!({"of": 2, "ttft_ms": [1.0, null], "itl_ms": [1, 2]});
    let cases = [
        (json!([]), "", "found a list; expected an object of levels"),
        (
            json!({"8": good}),
            ".8",
            "found \"8\"; expected one of the levels of `metrics`",
        ),
        (
            json!({"4": 3}),
            ".4",
            "found a number; expected an object with `of` and lists",
        ),
        (
            json!({"4": {"of": 1, "ttft_ms": 1.0}}),
            ".4.ttft_ms",
            "found a number; expected a list of numbers and nulls",
        ),
        (
            json!({"4": {"of": 1, "itl_ms": ["1"]}}),
            ".4.itl_ms",
            "found \"1\"; expected numbers that are not negative, and nulls",
        ),
        (
            json!({"4": {"of": 1, "itl_ms": [-1.5]}}),
            ".4.itl_ms",
            "found -1.5; expected numbers",
        ),
        (
            json!({"4": {"of": 2, "ttft_ms": [1, 2], "itl_ms": [1]}}),
            ".4.itl_ms",
            "found 1 values; expected at most 512, in each list as many as in the first",
        ),
        (
            json!({"4": {"of": 900, "ttft_ms": vec![1; 513]}}),
            ".4.ttft_ms",
            "found 513 values",
        ),
        (
            json!({"4": {"of": 1, "ttft_ms": [1, 2]}}),
            ".4.of",
            "found 1; expected how many requests there were",
        ),
        (
            json!({"4": {"of": 2, "ttft_ms": [1, 2], "trials": [1, 2]}}),
            ".4.trials",
            "found [1,2]; expected whole numbers that make up the 2 requests",
        ),
        (
            json!({"4": {"of": 2, "ttft_ms": [1, 2], "trials": [0.5, 1.5]}}),
            ".4.trials",
            "found [0.5,1.5]; expected whole numbers",
        ),
        (
            json!({"4": {"ttft_ms": [1, 2]}}),
            ".4",
            "found no `of`; expected how many",
        ),
        (
            json!({"4": {"of": 2.5, "ttft_ms": [1, 2]}}),
            ".4.of",
            "found 2.5; expected how many",
        ),
    ];
    for (samples, place, message) in cases {
        let fault = refusal(&changed(&[("/request_samples", samples)]).to_string());
        assert_eq!(fault.code, Code::BadValue, "{fault}");
        assert_eq!(
            fault.place.as_deref(),
            Some(format!("x.json:1: request_samples{place}").as_str())
        );
        assert!(fault.message.starts_with(message), "{fault}");
    }
}

#[test]
fn what_is_unknown_there_survives_and_lists_stand_on_one_line() {
    let samples = json!({"4": {"of": 2, "ttft_ms": [1.0, null], "queue_ms": [0.5, -2], "node": "a"}, "16": {"of": 0}});
    let whole = changed(&[("/request_samples", samples.clone())]);
    let document = parse(&whole);
    assert_eq!(document.map["request_samples"], samples);
    let text = document.to_json();
    let expected = "
  \"request_samples\": {
    \"4\": {
      \"of\": 2,
      \"ttft_ms\": [1.0, null],
      \"queue_ms\": [0.5, -2],
      \"node\": \"a\"
    },
    \"16\": {
      \"of\": 0
    }
  }";
    assert!(text.contains(expected), "{text}");
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), whole);
    assert!(
        judge(&whole, &whole)
            .to_json()
            .contains("\"requests\": [1, 1],\n")
    );
}

#[test]
fn explained_markdown_adds_the_interval_where_there_is_one() {
    let faster = values(320, 1.0);
    let slower: Vec<f64> = faster.iter().map(|value| value + 7.0).collect();
    let judgement = judge(&sampled(&faster), &sampled(&slower));
    let text = markdown::render(&judgement, true);
    // Every request 7 ms slower; at 16 and at 4 three percentiles of TTFT and the median latency.
    let clause = " Within these runs: +7 ms, 95 % interval +";
    assert_eq!(text.matches(clause).count(), 8, "{text}");
    assert!(text.contains("; says nothing about the noise between runs.\n"));
    assert!(!markdown::render(&judgement, false).contains("Within these"));
}
