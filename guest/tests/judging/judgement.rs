//! What stands beside the rows of a judgement.

use crate::documents::{changed, document, judge};
use serde_json::json;

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

/// The headline with both numbers and its change; null where it was not measured.
#[test]
fn the_headline_carries_its_numbers() {
    let as_json = |current: &serde_json::Value| -> serde_json::Value {
        serde_json::from_str(&judge(&document(), current).to_json()).expect("JSON")
    };
    let slower = changed(&[("/metrics/16/throughput_toks_per_s", json!(99.0))]);
    assert_eq!(
        as_json(&slower)["headline"],
        json!({"metric": "throughput_toks_per_s", "level": "16", "baseline": 100.0, "current": 99.0, "delta_pct": -1.0})
    );
    let lost = changed(&[("/metrics/16/throughput_toks_per_s", json!(null))]);
    let headline = &as_json(&lost)["headline"];
    assert_eq!(
        (&headline["current"], &headline["delta_pct"]),
        (&json!(null), &json!(null))
    );
}

/// The context of a comparison says which baseline it is against: by the names of its runs, else by their hashes; a
/// name that somebody recorded stays, and where nothing names it the field is null.
#[test]
fn the_context_names_the_baseline() {
    let hash = json!({"bundle_sha256": "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"});
    let of_id = changed(&[
        ("/metrics/4/run_id", json!("b7f1")),
        ("/metrics/16/run_id", json!("b7f1")),
        ("/provenance", hash.clone()),
    ]);
    let of_hash = changed(&[("/provenance", hash)]);
    let named = |baseline: &serde_json::Value, current: &serde_json::Value| {
        let context = judge(baseline, current).context;
        [context.baseline, context.current].map(|side| side["context"]["baseline_named"].clone())
    };
    assert_eq!(named(&of_id, &document()), [json!("b7f1"), json!("b7f1")]);
    let short = json!("sha256:001122334455");
    assert_eq!(named(&of_hash, &document()), [short.clone(), short.clone()]);
    let recorded = changed(&[("/context/baseline_named", json!("november"))]);
    assert_eq!(named(&of_hash, &recorded), [short, json!("november")]);
    assert_eq!(named(&document(), &document()), [json!(null), json!(null)]);
}
