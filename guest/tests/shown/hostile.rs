//! Text from outside: no output can be steered, broken or widened by it.

use super::{WIDTHS, shown};
use perfbridge_guest::document::Document;
use perfbridge_guest::judge::policy::Policy;
use perfbridge_guest::judge::{Judgement, judge};
use serde_json::{Value, json};

/// Two documents that differ in text which would clear a screen, end a table, mention people and never end.
fn judged() -> Judgement {
    let evil = "\u{1b}[2J\u{7}|</details>`@octocat #1\n\n# A\u{202e}b 模型模型 ".repeat(20);
    let document = |throughput: f64, text: &str| {
        let cell = json!({"throughput_toks_per_s": throughput, "ttft_p50_ms": 100.0, "requests": 100, "errors": 0});
        let value: Value = json!({
            "schema": "inference_perfbench_v1",
            "model": evil,
            "deployment": {"vllm_version": text, "quantization": evil},
            "workload": {"dataset": evil},
            "context": {"hardware": evil, "image": text},
            "metrics": {"16": cell},
            "kernel_class_gpu_pct": {(evil.as_str()): throughput / 2.0},
        });
        Document::parse("document", &value.to_string()).unwrap_or_else(|fault| panic!("{fault}"))
    };
    let (baseline, current) = (document(100.0, "1"), document(90.0, &evil));
    judge(&baseline, &current, &[], &Policy::default()).unwrap_or_else(|fault| panic!("{fault}"))
}

#[test]
fn a_terminal_is_not_steered_and_no_line_is_wider() {
    let judgement = judged();
    for width in WIDTHS {
        for name in ["text", "text-all"] {
            let text = shown(&judgement, name, width);
            let steers = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(!text.contains(steers), "{text:?}");
            for line in text.lines() {
                // A character of these takes two columns.
                let wide = line.chars().filter(|c| "模型".contains(*c)).count();
                assert!(line.chars().count() + wide <= width, "{width}: {line}");
            }
            let last = text.lines().last().expect("a line");
            assert!(
                last.starts_with("✕ RED by rule headline (DRAFT): c16 throughput "),
                "{last}"
            );
        }
        assert!(shown(&judgement, "text", width).lines().count() <= 12);
    }
}

#[test]
fn a_width_of_nothing_is_the_narrowest_that_is_written() {
    let text = shown(&judged(), "text", 0);
    assert!(text.lines().count() <= 12, "{text}");
    assert_eq!(text, shown(&judged(), "text", 40));
}

#[test]
fn a_comment_has_one_fold_and_mentions_nobody() {
    let text = shown(&judged(), "markdown", 80);
    assert_eq!(text.matches("</details>").count(), 1, "{text}");
    assert!(!text.contains("@octocat") && !text.contains("#1"), "{text}");
    assert!(text.lines().all(|line| !line.starts_with("# ")), "{text}");
    let rows = text.lines().filter(|line| line.starts_with("| 🔴"));
    for row in rows {
        assert_eq!(
            perfbridge_guest::text::markdown_cells(row).len(),
            5,
            "{row}"
        );
    }
}
