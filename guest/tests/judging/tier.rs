//! How much a judgement can carry, tails, speed of light, and the next lever.

use crate::documents::{changed, document, judge};
use serde_json::Value;

#[test]
fn one_run_a_side_is_a_draft_that_says_what_it_lacks() {
    let judgement = judge(&document(), &document());
    assert_eq!(judgement.tier.as_str(), "DRAFT");
    let promote = judgement.promote.join("\n");
    for needed in [
        "at least 3 trials of the baseline (it has 1); give each run of it",
        "at least 3 trials of the current run (it has 1); give each run of it",
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
        promote.contains("state context.same_node=true"),
        "{promote}"
    );
}
