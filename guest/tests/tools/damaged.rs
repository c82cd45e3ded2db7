//! Real samples, damaged in many ways, always the same: each gives a document or a clear error, and nothing traps.

use crate::support::{of_files, text};
use perfbridge_guest::document::Document;
use perfbridge_guest::fault::Result;
use serde_json::Value;

/// One of each reader, and of each of its shapes.
const SAMPLES: &[&str] = &[
    "vllm-bench-0.6.3/vllm-4.0qps-tinyllama-7m-20261128-201513.json",
    "vllm-bench-0.10.2/rate/rates.json",
    "vllm-bench-0.32.0/append/all-levels.json",
    "vllm-bench-0.32.0/failures/too-long-c4.json",
    "vllm-bench-0.10.2/console/c4.console.txt",
    "sglang-0.5.23/levels/bench.jsonl",
    "sglang-0.5.23/details/c4-details.jsonl",
    "sglang-0.5.23/console/cut-c4.console.txt",
    "guidellm-0.3.1/benchmarks.json",
    "guidellm-0.5.4/benchmarks.json",
    "guidellm-0.5.4/benchmarks.csv",
    "guidellm-0.8.1/benchmarks.json",
    "guidellm-0.8.1/benchmarks.csv",
    "guidellm-0.8.1/benchmarks.yaml",
    "guidellm-0.8.1/concurrent.console.txt",
    "guidellm-0.6.0/concurrent.console.txt",
    "inference-perf-0.1/stage_1_lifecycle_metrics.json",
    "inference-perf-0.7.0/stage_1_lifecycle_metrics.json",
    "inference-perf-0.7.0/inference-perf.partial.stage_1.yaml",
    "inference-perf-0.7.0/validation.json",
    "../field/35-inference-perf-stage-real/stage_6_lifecycle_metrics.json",
    "llm-d-0.1/report.json",
    "llm-d-0.1/report.yaml",
    "llm-d-0.2.1/report.yaml",
    "genai-perf-0.0.16/c4/profile_export_genai_perf.json",
    "genai-perf-0.0.16/c4/profile_export_genai_perf.csv",
    "llmperf-f1d6bed/tinyllama-7m_160_32_summary.json",
    "../field/34-llmperf-summary-strings/tinyLlama-TinyLlama-1-1B-Chat-v1-0_256_100_summary.json",
    "trtllm-bench-0.18/report.json",
    "trtllm-bench-1.1/report.json",
    "../field/38-trtllm-bench-gb10/bench_report.json",
    "inferencex-2025/agg_first.json",
    "inferencex-2026/agg_disagg.json",
    "evalscope-0.15/benchmark_summary.json",
    "evalscope-1.14.1/parallel_4_number_32/benchmark_summary.json",
    "evalscope-1.14.1/parallel_4_number_32/benchmark_percentile.json",
    "aiperf-0.12.0/profile_export_aiperf_sweep.json",
    "aiperf-0.12.0/concurrency_4/profile_export_aiperf_aggregate.json",
    "../bundles/base-1/aiperf-c4/profile_export_aiperf.json",
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
        let turns = if whole.len() > 40_000 { 6 } else { 24 };
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
                        "the last line has no line end",
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

/// Does something to the bytes of a file at a place.
type Kind = fn(&[u8], usize) -> Vec<u8>;

/// What can happen to a file on its way, done to each sample at each of these places.
const KINDS: [Kind; 11] = [
    |bytes, at| bytes[..at].to_vec(),
    |bytes, at| bytes[at..].to_vec(),
    |bytes, at| [&bytes[..at], &bytes[at / 2..]].concat(),
    |bytes, at| [&bytes[..at], &[0xff, 0xfe, 0x00, 0x80], &bytes[at..]].concat(),
    |bytes, at| [&bytes[..at], &vec![b'['; 50_000], &bytes[at..]].concat(),
    |bytes, at| [&bytes[..at], &vec![b' '; 2_000_000], &bytes[at..]].concat(),
    |bytes, at| {
        [
            &bytes[..at],
            b" NaN, -Infinity, 1e999, 9".repeat(9).as_slice(),
            &bytes[at..],
        ]
        .concat()
    },
    |bytes, _| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let wide = text.encode_utf16().flat_map(u16::to_le_bytes);
        [vec![0xff, 0xfe], wide.collect()].concat()
    },
    |bytes, _| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let wide = text.encode_utf16().flat_map(u16::to_be_bytes);
        [vec![0xfe, 0xff], wide.collect()].concat()
    },
    |bytes, _| {
        let digit = |byte: &u8| if byte.is_ascii_digit() { b'-' } else { *byte };
        bytes.iter().map(digit).collect()
    },
    |bytes, _| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        text.replace(": ", ": \"x\" ").into_bytes()
    },
];

/// 429 damaged files, of every tool: each gives a message that says what was found, or a document whose numbers are those
/// of the whole file, or fewer of them, or which says in a finding what is odd.
#[test]
fn a_corpus_of_damaged_files_is_refused_clearly() {
    let (mut files, mut refused) = (0, 0);
    for sample in SAMPLES {
        let whole = text(sample);
        let intact = of_files(&[("result.txt", whole.as_bytes())]);
        for (at, kind) in KINDS.iter().enumerate() {
            let bytes = kind(whole.as_bytes(), whole.len() / 3);
            files += 1;
            match of_files(&[("result.txt", &bytes)]) {
                Err(fault) => {
                    refused += 1;
                    assert!(
                        fault.message.len() > 20 && fault.to_string().len() < 2500,
                        "{sample}: {fault}"
                    );
                }
                Ok(made) => {
                    let odd = !made.findings.is_empty();
                    assert!(odd || is_part(&made, &intact), "{sample}, kind {at}");
                }
            }
        }
    }
    assert_eq!(files, 39 * 11);
    assert!(refused > 250, "{refused} refused");
}

/// Whether every number of the places of a document is also in the other one.
fn is_part(made: &Document, whole: &Result<Document>) -> bool {
    let Ok(whole) = whole else {
        return false;
    };
    let of = |document: &Document, section: &str| {
        let cells = document.map.get(section).and_then(Value::as_object);
        cells.cloned().unwrap_or_default()
    };
    let sections = ["metrics", "metrics_by_request_rate"];
    sections.iter().all(|section| {
        let all = of(whole, section);
        of(made, section).iter().all(|(place, cell)| {
            let numbers = cell.as_object().into_iter().flatten();
            // Where nobody counts failures, requests are those that succeeded.
            let counted = |name: &str| name != "requests" || !cell["errors"].is_null();
            let mut numbers = numbers.filter(|(name, value)| value.is_number() && counted(name));
            numbers
                .all(|(name, value)| all.get(place).and_then(|cell| cell.get(name)) == Some(value))
        })
    })
}
