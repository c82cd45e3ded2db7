//! Why each row has its status, in the Markdown.

use super::documents::{changed, document, judge};
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
    let line = "- `REGRESSED` ttft_p50_ms at 16: 100.0 -&gt; 110.0 is a change of +10.0 % for the worse, beyond the tolerance of 5 % (default).\n";
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
