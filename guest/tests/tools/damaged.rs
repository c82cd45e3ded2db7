//! Real samples, damaged in many ways, always the same: each gives a document or a clear error, and nothing traps.

use crate::support::{of_files, text};

const SAMPLES: &[&str] = &[
    "vllm-bench-0.10.2/rate/rates.json",
    "vllm-bench-0.32.0/append/all-levels.json",
    "vllm-bench-0.32.0/failures/too-long-c4.json",
    "sglang-0.5.23/levels/bench.jsonl",
    "sglang-0.5.23/details/c4-details.jsonl",
    "inference-perf-0.7.0/stage_1_lifecycle_metrics.json",
    "inference-perf-0.7.0/inference-perf.partial.stage_1.yaml",
    "inference-perf-0.7.0/validation.json",
    "genai-perf-0.0.16/c4/profile_export_genai_perf.json",
    "llmperf-f1d6bed/tinyllama-7m_160_32_summary.json",
    "guidellm-0.5.4/benchmarks.json",
];

/// What stands in place of some bytes.
const PIECES: &[&str] = &[
    "",
    "\"",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "NaN",
    "Infinity",
    "-1",
    "1e999",
    "\\",
    "\n",
    "\u{0}",
    "\u{e9}",
    "0",
    "\"x\"",
    "{\"a\": [1]}",
    "- ",
    "  ",
    "1.5",
];

/// Knuth's generator (MMIX).
struct Rng(u64);

impl Rng {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }
}

fn damaged(bytes: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=rng.below(3) {
        // Most of what is read stands near the beginning.
        let reach = if rng.below(2) == 0 {
            bytes.len()
        } else {
            bytes.len().min(3000)
        };
        let at = rng.below(reach);
        let end = (at + rng.below(12)).min(bytes.len());
        match rng.below(6) {
            0 => bytes.truncate(at),
            1 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << rng.below(8);
                }
            }
            2 => {
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
            _ => {
                let piece = PIECES[rng.below(PIECES.len())].bytes();
                bytes.splice(at..end, piece);
            }
        }
    }
    bytes
}

#[test]
fn damaged_samples_give_documents_or_clear_errors() {
    let mut rng = Rng(2026);
    let (mut read, mut refused) = (0, 0);
    for sample in SAMPLES {
        let whole = text(sample);
        let turns = if whole.len() > 40_000 { 20 } else { 120 };
        for _ in 0..turns {
            let bytes = damaged(whole.as_bytes(), &mut rng);
            match of_files(&[(*sample, &bytes)]) {
                Ok(_) => read += 1,
                Err(fault) => {
                    refused += 1;
                    let text = fault.to_string();
                    assert!(
                        fault.message.len() > 20 && text.len() < 2000,
                        "{sample}: {text}"
                    );
                    let clear = [
                        "found ",
                        "this bundle holds several models",
                        "nothing in this bundle",
                        "cannot tell",
                    ];
                    assert!(
                        clear.iter().any(|start| fault.message.starts_with(start)),
                        "{sample}: {text}"
                    );
                }
            }
        }
    }
    assert!(
        read > 100 && refused > 300,
        "{read} read, {refused} refused"
    );
}

/// Other encodings, and texts that are deep or wide.
#[test]
fn texts_that_are_no_results_are_refused() {
    let whole = text("vllm-bench-0.10.2/levels/c4.json");
    let wide: Vec<u8> = whole.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [vec![0xff, 0xfe], wide].concat();
    assert!(of_files(&[("a.json", &marked)]).is_err());
    let body = whole.trim_end().strip_suffix('}').expect("an object");
    let deep = format!("{body}, \"x\": {}", "[".repeat(100_000));
    let fault = of_files(&[("a.json", &deep)])
        .map(|made| made.to_json())
        .expect_err("deep");
    assert!(
        fault.message.contains("nesting of at most 128 levels"),
        "{fault}"
    );
    // 20 MB of times of single requests on one line.
    let times = "[0.00028,0.01840],".repeat(1_200_000);
    let long = format!("{body}, \"itls\": [{}]}}", times.trim_end_matches(','));
    assert!(of_files(&[("a.json", &long)]).is_ok());
    let marked = format!("\u{feff}{whole}\r\n");
    assert!(of_files(&[("a.json", &marked)]).is_ok());
}
