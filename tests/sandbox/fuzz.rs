//! Damaged real files and random bytes, always the same ones: every answer is a document or a fault.

use crate::component::sandbox;
use crate::probe::{grant, options};
use perfbridge_guest::document::build::Options;
use perfbridge_guest::document::{self, Document};
use perfbridge_guest::files::MemoryTree;
use perfbridge_guest::judge::{self, policy::Policy};
use perfbridge_guest::render::{Layout, markdown, text};
use perfbridge_guest::sources;
use perfbridge_host::sandbox::Failure;
use std::fs;
use std::path::Path;

/// Steele and Vigna's SplitMix64: the same numbers on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}

/// Words that readers have to survive.
const WORDS: [&str; 24] = [
    "NaN",
    "-1",
    "1e999",
    "-0.0",
    "null",
    "{}",
    "[]",
    "\"",
    "{",
    "}",
    ",",
    "\n",
    "\r\n",
    "\u{1b}[31m",
    "|",
    "99999999999999999999999999",
    "0.1e-400",
    "\u{feff}",
    "\\u0000",
    "Infinity",
    "\t",
    "+Inf",
    "1,234.5",
    "é",
];

fn mutate(random: &mut Random, bytes: &[u8]) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(changed.len());
        match random.below(7) {
            0 => changed.truncate(at),
            1 if !changed.is_empty() => changed[at] ^= 1 << random.below(8),
            2 => {
                let end = (at + 1 + random.below(200)).min(changed.len());
                changed.drain(at.min(end)..end);
            }
            3 => {
                let end = (at + 1 + random.below(400)).min(changed.len());
                let piece = changed[at.min(end)..end].to_vec();
                changed.splice(at..at, piece);
            }
            4 => {
                let word = WORDS[random.below(WORDS.len())];
                changed.splice(at..at, word.bytes());
            }
            5 => number_to(random, &mut changed, at),
            _ => {
                let noise: Vec<u8> = (0..random.below(40)).map(|_| random.next() as u8).collect();
                changed.splice(at..at, noise);
            }
        }
    }
    changed
}

/// Puts a word in the place of the next number: the damage that a syntax check does not find.
fn number_to(random: &mut Random, bytes: &mut Vec<u8>, from: usize) {
    let Some(start) = bytes[from..].iter().position(u8::is_ascii_digit) else {
        return;
    };
    let start = from + start;
    let length = bytes[start..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let word = WORDS[random.below(WORDS.len())];
    bytes.splice(start..start + length, word.bytes());
}

fn corpus() -> Vec<(String, Vec<u8>)> {
    let bundles = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/bundles");
    let paths = [
        "aa-01/aiperf-c16/profile_export_aiperf.json",
        "base-1/aiperf-c16/server_metrics_export.json",
        "base-1-csv/aiperf-c16/profile_export_aiperf.csv",
        "base-1-records/aiperf-c16/profile_export.jsonl",
        "errors-1-records/aiperf-c8/profile_export.jsonl",
        "base-1-console/aiperf-c16.log",
        "base-2-console/aiperf-c16.log",
        "base-1-report/perf-bench-report-2026-11-24.md",
        "base-1/tinyllama-7m-metrics-post.prom",
        "old-vllm/tinyllama-7m-metrics-post.prom",
        "zymtrace-before/gpu/response.json",
        "nsys-before/kernels_cuda_gpu_kern_sum.csv",
    ];
    let read = |path: &str| {
        let bytes = fs::read(bundles.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        let (_, below) = path.split_once('/').expect("a bundle");
        // The beginning of a file holds every kind of line; short inputs make more of them.
        (
            below.to_owned(),
            bytes[..bytes.len().min(24 * 1024)].to_vec(),
        )
    };
    paths.iter().map(|path| read(path)).collect()
}

fn model() -> Options {
    Options {
        model: Some("tinyllama-7m".to_owned()),
        ..Options::default()
    }
}

/// The library: a panic here would be a trap in the component.
#[test]
fn damaged_files_natively() {
    let mut random = Random(1);
    let (mut read, mut refused) = (0, 0);
    for _ in 0..400 {
        for (path, bytes) in corpus() {
            let tree = MemoryTree::new([(path, mutate(&mut random, &bytes))]);
            let document =
                sources::read_bundle(&tree).and_then(|run| document::build(&run, None, &model()));
            match document {
                Ok(_) => read += 1,
                Err(fault) => {
                    assert!(!fault.message.is_empty());
                    refused += 1;
                }
            }
        }
    }
    assert!(
        read > 100 && refused > 1000,
        "{read} read, {refused} refused"
    );
}

#[test]
fn damaged_files_in_the_component() {
    let mut random = Random(2);
    let folder = tempfile::tempdir().expect("a directory");
    let options = perfbridge_host::sandbox::ingest::Options {
        model: Some("tinyllama-7m".to_owned()),
        ..options()
    };
    for round in 0..40 {
        for (path, bytes) in corpus() {
            let bytes = if round % 8 == 7 {
                (0..random.below(4000))
                    .map(|_| random.next() as u8)
                    .collect()
            } else {
                mutate(&mut random, &bytes)
            };
            let full = folder.path().join(&path);
            fs::create_dir_all(full.parent().expect("a folder")).expect("made");
            fs::write(&full, bytes).expect("written");
            match sandbox().read_bundle(grant(folder.path(), "bundle"), "bundle", &options) {
                Ok(_) | Err(Failure::Fault(_)) => {}
                Err(failure) => panic!("round {round}, {path}: {failure}"),
            }
            fs::remove_file(full).expect("removed");
        }
    }
}

fn documents() -> Vec<String> {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/bundles/documents");
    let mut paths: Vec<_> = fs::read_dir(cases)
        .expect("documents")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| fs::read_to_string(path).expect("text"))
        .collect()
}

/// Whatever can be read can be judged and rendered, with finite numbers only.
#[test]
fn damaged_documents() {
    let (mut random, mut judged) = (Random(3), 0);
    let originals = documents();
    let parse =
        |text: &str| Document::parse("document", text).unwrap_or_else(|fault| panic!("{fault}"));
    for _ in 0..300 {
        for (at, text) in originals.iter().enumerate() {
            let changed =
                String::from_utf8_lossy(&mutate(&mut random, text.as_bytes())).into_owned();
            let Ok(document) = Document::parse("document", &changed) else {
                continue;
            };
            let other = parse(&originals[(at + 1) % originals.len()]);
            for (baseline, current) in [(&document, &other), (&other, &document)] {
                let judgement = judge::judge(baseline, current, &[], &Policy::default())
                    .unwrap_or_else(|fault| panic!("{fault}"));
                let json: serde_json::Value =
                    serde_json::from_str(&judgement.to_json()).expect("JSON");
                assert!(json["verdict"].is_string());
                // A word that the damage put into a name comes out again; a number never is one.
                let rendered = markdown::render(&judgement, false)
                    + &text::render(&judgement, Layout::default());
                assert!(changed.contains("NaN") || !rendered.contains("NaN"));
            }
            assert_eq!(parse(&document.to_json()).map, document.map);
            judged += 1;
        }
    }
    assert!(judged > 300, "only {judged} documents were judged");
}

#[test]
fn damaged_documents_in_the_component() {
    let mut random = Random(4);
    let policy = perfbridge_host::sandbox::Policy {
        tolerances: vec![],
        headline: None,
        vary: vec![],
        file: None,
        choices: vec![],
        observe_tails: true,
        baseline_max_age_days: None,
    };
    let originals = documents();
    for text in originals.iter().cycle().take(200) {
        let changed = String::from_utf8_lossy(&mutate(&mut random, text.as_bytes())).into_owned();
        let case = perfbridge_host::sandbox::Case {
            baseline: text,
            current: &changed,
            history: std::slice::from_ref(&changed),
            policy: &policy,
        };
        match sandbox().judge(&case, &[]) {
            Ok(_) | Err(Failure::Fault(_)) => {}
            Err(failure) => panic!("{failure}"),
        }
    }
}
