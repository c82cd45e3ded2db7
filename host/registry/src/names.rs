//! Names on disk: what may be a path segment, and the names that never are one.

use crate::refusal::Refusal;
use std::sync::atomic::{AtomicU64, Ordering};

/// What ends the name of a directory or file that is still being written.
const PARTIAL: &str = ".partial-";

/// Whether `name` may be a family, a measurement or a slug: ASCII letters, digits, `.`, `_`, `-`, and the first one
/// a letter or a digit. So it can neither climb out of the registry nor be hidden.
pub fn is_safe_segment(name: &str) -> bool {
    let bytes = name.as_bytes();
    bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(b))
}

/// Refuses a `family`, `measurement` or `slug` that is no safe segment.
///
/// # Errors
/// Names the field, in the words of the reference server.
pub fn require_safe(label: &str, name: &str) -> Result<(), Refusal> {
    if is_safe_segment(name) {
        return Ok(());
    }
    Err(Refusal::new(format!(
        "{label} must be one safe path segment"
    )))
}

/// A hidden name for something that will be called `name` once it is complete. The leading dot keeps it from
/// ever being taken for an entry.
pub fn partial(name: &str) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!(".{name}{PARTIAL}{}-{count}", std::process::id())
}

/// Whether `name` is one that `partial` gives.
pub fn is_partial(name: &str) -> bool {
    name.starts_with('.') && name.contains(PARTIAL)
}

/// What ends the name of a measurement of observations.
const OBSERVATIONS: &str = "-observations";

/// The measurement of the observations beside a measurement of baselines: runs that are part of its history, and that
/// nobody who asks for the newest baseline gets.
pub fn observations_of(measurement: &str) -> String {
    format!("{measurement}{OBSERVATIONS}")
}

/// The measurement of baselines that a measurement belongs to: itself, or that beside which it holds observations.
pub fn baselines_of(measurement: &str) -> &str {
    measurement
        .strip_suffix(OBSERVATIONS)
        .unwrap_or(measurement)
}

/// What ends the name of the measurement of a model.
const OF_MODEL: &str = "-perfbench-v1";

/// The measurement under which the runs of a model are kept: `<model>-perfbench-v1`.
///
/// Two models can share one name (`a/b` and `a-b`), so whoever compares has to look at the document's `model` too.
pub fn measurement_name(model: &str) -> String {
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() || "._-".contains(c) {
            c
        } else {
            '-'
        }
    };
    let name: String = model.chars().map(safe).chain(OF_MODEL.chars()).collect();
    if name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        name
    } else {
        format!("m{name}")
    }
}

/// The part of a measurement's name that is its model's, as [`measurement_name`] wrote it; all of any other name.
pub fn model_of(measurement: &str) -> &str {
    measurement.strip_suffix(OF_MODEL).unwrap_or(measurement)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_safe_segments() {
        let long = "f".repeat(300);
        for name in [
            "a",
            "0",
            "ok..name",
            "A.b_c-d",
            "20261124T024431681970Z",
            long.as_str(),
        ] {
            assert!(is_safe_segment(name), "{name}");
            assert!(!is_partial(name));
        }
        for name in [
            "",
            ".",
            "..",
            ".hidden",
            "-lead",
            "_lead",
            "a/b",
            "a\\b",
            "x\n",
            "a b",
            "tiny\u{e9}",
            "/abs",
        ] {
            assert!(!is_safe_segment(name), "{name}");
        }
    }

    #[test]
    fn partial_names_are_never_entries() {
        let (first, second) = (
            partial("20261124T024431681970Z"),
            partial("20261124T024431681970Z"),
        );
        assert!(is_partial(&first) && !is_safe_segment(&first));
        assert_ne!(first, second);
    }

    #[test]
    fn measurement_names_are_safe_whatever_the_model_is() {
        let cases = [
            ("glm-5-fp8", "glm-5-fp8-perfbench-v1"),
            (
                "deepseek-ai/DeepSeek-V3",
                "deepseek-ai-DeepSeek-V3-perfbench-v1",
            ),
            ("/models/llama 3", "m-models-llama-3-perfbench-v1"),
            ("_x", "m_x-perfbench-v1"),
            ("mod\u{e8}le", "mod-le-perfbench-v1"),
            ("", "m-perfbench-v1"),
            ("..", "m..-perfbench-v1"),
        ];
        for (model, name) in cases {
            assert_eq!(measurement_name(model), name);
            assert!(is_safe_segment(name));
        }
    }
}
