//! What is said to be read is what is read: `formats()` against real files, and `docs/formats.md` against it.

use perfbridge_guest::document::build::{Options, build};
use perfbridge_guest::files::MemoryTree;
use perfbridge_guest::files::native::NativeTree;
use perfbridge_guest::measure::Quantity;
use perfbridge_guest::sources::formats::formats;
use perfbridge_guest::sources::{SOURCES, read_bundle};
use serde_json::Value;
use std::fmt::Write as _;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn listed() -> Vec<Value> {
    let all: Value = serde_json::from_str(&formats()).expect("JSON");
    assert_eq!(all["schema"], "perfbridge_formats_v1");
    all["formats"].as_array().expect("a list").clone()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

#[test]
fn every_format_is_said_with_its_versions() {
    let all = listed();
    let names: Vec<&str> = all.iter().map(|format| text(format, "name")).collect();
    let rows: Vec<&str> = SOURCES.iter().map(|source| source.format.name).collect();
    assert_eq!(names, rows);
    for format in &all {
        assert_ne!(text(format, "versions"), "", "{}", format["name"]);
        for field in format["fields"].as_array().expect("fields") {
            assert!(Quantity::of(text(field, "metric")).is_some(), "{field}");
            assert_ne!(text(field, "field"), "");
        }
    }
}

/// A real file of each format whose fields are listed.
const SAMPLES: &[(&str, &[&str])] = &[
    (
        "aiperf-json",
        &["bundles/base-1/aiperf-c4/profile_export_aiperf.json"],
    ),
    (
        "sglang-bench-jsonl",
        &["tools/sglang-0.5.23/levels/bench.jsonl"],
    ),
    (
        "vllm-bench-json",
        &["tools/vllm-bench-0.10.2/levels/c4.json"],
    ),
    ("guidellm-json", &["tools/guidellm-0.8.1/benchmarks.json"]),
    ("guidellm-csv", &["tools/guidellm-0.8.1/benchmarks.csv"]),
    (
        "guidellm-console",
        &["tools/guidellm-0.8.1/concurrent.console.txt"],
    ),
    (
        "inference-perf-json",
        &["tools/inference-perf-0.7.0/stage_1_lifecycle_metrics.json"],
    ),
    (
        "genai-perf-json",
        &["tools/genai-perf-0.0.16/c4/profile_export_genai_perf.json"],
    ),
    (
        "aiperf-summary-json",
        &["tools/aiperf-0.12.0/profile_export_aiperf_sweep.json"],
    ),
    (
        "llmperf-json",
        &["tools/llmperf-f1d6bed/tinyllama-7m_160_32_summary.json"],
    ),
    (
        "trtllm-bench-json",
        &["field/38-trtllm-bench-gb10/bench_report.json"],
    ),
    (
        "evalscope-json",
        &[
            "tools/evalscope-1.14.1/parallel_4_number_32/benchmark_args.json",
            "tools/evalscope-1.14.1/parallel_4_number_32/benchmark_percentile.json",
            "tools/evalscope-1.14.1/parallel_4_number_32/benchmark_summary.json",
        ],
    ),
    (
        "vllm-bench-console",
        &["tools/vllm-bench-0.10.2/console/c4.console.txt"],
    ),
    (
        "sglang-bench-console",
        &["tools/sglang-0.5.23/console/c4.console.txt"],
    ),
];

/// Counts and means of sums are made of several fields; everything else stands in the list with its definition.
#[test]
fn numbers_of_real_files_are_of_listed_fields() {
    let made = [
        "errors",
        "requests",
        "requests_planned",
        "cancelled",
        "isl_mean",
        "osl_mean",
    ];
    let all = listed();
    for (format, files) in SAMPLES {
        let said = all.iter().find(|said| text(said, "name") == *format);
        let fields = said.expect(format)["fields"].as_array().expect("fields");
        let tree = NativeTree::new(format!("{ROOT}/tests/data"));
        let read = |file: &&str| {
            let text = perfbridge_guest::files::read_text(&tree, file).expect(file);
            let name = file.rsplit('/').next().unwrap_or(file);
            (name.to_owned(), text)
        };
        let files: Vec<(String, String)> = files.iter().map(read).collect();
        let files = files
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_bytes()));
        let run = read_bundle(&MemoryTree::new(files)).expect(format);
        let named = run.results.iter().any(|result| result.model.is_some());
        let options = Options {
            model: (!named).then(|| "m".to_owned()),
            ..Options::default()
        };
        let document = build(&run, None, &options).expect(format);
        let mut checked = 0;
        for (place, sources) in document.map["sources"].as_object().expect("sources") {
            for (metric, source) in sources.as_object().into_iter().flatten() {
                if source["format"] != **format || made.contains(&metric.as_str()) {
                    continue;
                }
                let found = fields.iter().find(|field| text(field, "metric") == metric);
                let found =
                    found.unwrap_or_else(|| panic!("{format} {place}: {metric} is not listed"));
                for is in found["definitions"].as_array().expect("a list") {
                    let stated = document.map["definitions"].as_object().expect("an object");
                    assert!(
                        stated.values().any(|value| value == is),
                        "{format}: {metric}: {is}"
                    );
                }
                checked += 1;
            }
        }
        assert!(checked >= 4, "{format}: {checked}");
    }
}

/// The page is made of `formats()`; where it differs, what it should be stands in the message.
#[test]
fn the_page_is_the_list() {
    let mut page = String::from(
        "# Formats\n\nWhat is read, the preferred first: of two files that state one number the earlier counts. Recognised by content,\nin a directory or alone. `perfbridge formats` prints the same list. A number without a definition is of the one quantity\nthat its name says, or the file says which it is; what a file does not have is null.\n",
    );
    for format in listed() {
        let tool = format["tool"]
            .as_str()
            .map_or(String::new(), |tool| format!("{tool}; "));
        write!(
            page,
            "\n## `{}`\n\n{}. {tool}read: {}. States {}.\n",
            text(&format, "name"),
            text(&format, "title"),
            text(&format, "versions"),
            text(&format, "states"),
        )
        .expect("a string");
        let fields = format["fields"].as_array().expect("fields");
        if !fields.is_empty() {
            page.push_str("\n| field | metric | unit | definition |\n|---|---|---|---|\n");
        }
        for field in fields {
            let is: Vec<&str> = field["definitions"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            writeln!(
                page,
                "| `{}` | `{}` | {} | {} |",
                text(field, "field"),
                text(field, "metric"),
                text(field, "unit"),
                is.join(", ")
            )
            .expect("a string");
        }
    }
    let path = format!("{ROOT}/docs/formats.md");
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    if std::env::var_os("WRITE_FORMATS").is_some() {
        std::fs::write(&path, &page).expect("written");
    } else {
        assert!(
            found == page,
            "docs/formats.md is not what formats() says; WRITE_FORMATS=1 writes it"
        );
    }
}
