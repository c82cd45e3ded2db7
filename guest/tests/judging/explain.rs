//! Why each row has its status, in the Markdown.

use super::documents::{changed, document, judge, judge_as, row, tolerances};
use perfbridge_guest::render;
use serde_json::json;

#[test]
fn markdown_explains_each_row_on_request_only() {
    let judgement = judge(
        &document(),
        &changed(&[("/metrics/16/ttft_p50_ms", json!(110.0))]),
    );
    let plain = render::markdown::render(&judgement, false);
    let explained = render::markdown::render(&judgement, true);
    let line = "- `REGRESSED` ttft_p50_ms at c16: 100.0 -&gt; 110.0 is a change of +10.0 % for the worse, beyond the tolerance of 5 % (default).\n";
    assert!(explained.contains(line), "{explained}");
    let section = explained
        .split("## Why each row has its status\n\n")
        .nth(1)
        .expect("the section");
    let sentences = section
        .lines()
        .take_while(|line| line.starts_with("- "))
        .count();
    assert_eq!(sentences, judgement.rows.len());
    assert!(!plain.contains("Why each row"));
}

#[test]
fn explanations_carry_numbers_tolerance_and_origin() {
    let current = changed(&[("/metrics/4/ttft_p50_ms", json!(120.0))]);
    let judgement = judge_as(&document(), &current, &tolerances(&[("ttft", "7")]));
    assert_eq!(
        row(&judgement, "ttft_p50_ms", "4").explanation,
        "ttft_p50_ms at c4: 100.0 -> 120.0 is a change of +20.0 % for the worse, beyond the tolerance of 7 % (command-line)."
    );
    assert!(
        judgement
            .rows
            .iter()
            .all(|row| row.explanation.ends_with('.'))
    );
}
