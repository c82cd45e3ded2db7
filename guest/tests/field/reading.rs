//! Results of AIPerf in the shapes that its versions and its users gave them. The expected numbers are those that the
//! files state.

use crate::support::{
    changed, document, holds, judged, of_files, of_finding, of_model, refused, row, text,
};
use perfbridge_guest::document::Document;
use perfbridge_guest::files::MemoryTree;
use perfbridge_guest::measure::Place;

const V02: &str = "01-aiperf-02-records-wrapper/run1";
const V010: &str = "02-aiperf-010-real-5090-c16/c16";
const EXPORT: &str = "profile_export_aiperf.json";

/// AIPerf 0.2: everything below `records`, TTFT as `ttft`. Of 100 requests 11 were cancelled, and so it was ordered.
#[test]
fn an_export_with_wrapped_records() {
    let document = document("01-aiperf-02-records-wrapper");
    holds(
        &document,
        "100",
        &[
            ("throughput_toks_per_s", Some(2320.7222350404572)),
            ("ttft_p50_ms", Some(2369.317693)),
            ("ttft_p95_ms", Some(3825.2778412)),
            ("ttft_p99_ms", Some(3833.38940004)),
            ("ttft_mean_ms", Some(2343.219436988764)),
            ("itl_p50_ms", Some(27.615130366666666)),
            ("tps_per_user", Some(36.68434853220158)),
            ("request_latency_p50_ms", Some(9097.345015)),
            ("errors", Some(0.0)),
            ("cancelled", Some(11.0)),
            ("requests", Some(89.0)),
            ("requests_planned", Some(100.0)),
            ("requests_per_s", Some(9.551622221540914)),
            ("isl_mean", Some(550.0)),
            ("osl_mean", Some(242.96629213483146)),
        ],
    );
    assert_eq!(document.model, "openai/gpt-oss-20b");
    let cell = document.cell(Place::Level(100)).expect("level 100");
    assert_eq!(cell.never_ended(), Some(0.0));
    // The CSV beside it counts 11 failed requests, which is no contradiction.
    assert_eq!(of_finding(&document, "SOURCES_DISAGREE"), Vec::<&_>::new());
    assert_eq!(of_finding(&document, "REQUESTS_MISSING"), Vec::<&_>::new());
    assert!(cell.samples.is_empty(), "its `count` is 1 for whatever");
}

/// What was not ordered is an error, whatever it is called.
#[test]
fn a_cancellation_that_nobody_ordered_is_an_error() {
    let unordered = changed(V02, EXPORT, |export| {
        let load = export["input_config"]["loadgen"].as_object_mut();
        load.expect("a load").remove("request_cancellation_rate");
    });
    let document = of_files(&[("c100/profile_export_aiperf.json", unordered)]).expect("read");
    let expected = [
        ("errors", Some(11.0)),
        ("cancelled", Some(0.0)),
        ("requests", Some(100.0)),
    ];
    holds(&document, "100", &expected);
    // Beside ordered ones the others are errors still.
    let both = changed(V02, EXPORT, |export| {
        let more = serde_json::json!({"error_details": {"type": "ClientPayloadError"}, "count": 2});
        export["error_summary"]
            .as_array_mut()
            .expect("a list")
            .push(more);
        export["records"]["error_request_count"]["avg"] = 13.0.into();
    });
    let document = of_files(&[("profile_export_aiperf.json", both)]).expect("read");
    let expected = [
        ("errors", Some(2.0)),
        ("cancelled", Some(11.0)),
        ("requests", Some(91.0)),
    ];
    holds(&document, "100", &expected);
}

/// A console log prints no more than how many failed. Its real table beside the export that counts both.
#[test]
fn a_log_of_a_run_with_ordered_cancellations_counts_its_successes() {
    let log = perfbridge_guest::files::read_text(
        &perfbridge_guest::files::native::NativeTree::new(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../tests/data/bundles/base-1-console"
        )),
        "aiperf-c16.log",
    );
    let log = log.expect("a log").replace(
        "--concurrency 16",
        "--concurrency 16 --request-cancellation-rate 30",
    );
    let document = of_files(&[("aiperf-c16.log", log)]).expect("read");
    holds(
        &document,
        "16",
        &[
            ("requests", Some(32.0)),
            ("errors", None),
            ("cancelled", None),
        ],
    );
    let method = &document.map["sources"]["16"]["requests"]["method"];
    assert!(
        method
            .as_str()
            .is_some_and(|said| said.starts_with("successful requests")),
        "{method}"
    );
}

/// AIPerf 0.10 says neither the kind of a phase nor whether the run is complete. Two foreign files lie beside it.
#[test]
fn phases_without_a_kind() {
    for (case, of_case) in [
        ("02-aiperf-010-real-5090-c16", 16),
        ("41-phases-without-kind-folder-run1", 16),
    ] {
        let document = document(case);
        assert_eq!(
            document.cell_places().collect::<Vec<_>>(),
            [Place::Level(of_case)],
            "{case}"
        );
        holds(
            &document,
            "16",
            &[
                ("throughput_toks_per_s", Some(1172.145991694937)),
                ("ttft_p50_ms", Some(177.785533)),
                ("ttft_p95_ms", Some(672.04779025)),
                ("ttft_p99_ms", Some(687.61987825)),
                ("itl_p50_ms", Some(12.245986588621273)),
                ("tps_per_user", Some(85.65691328980826)),
                ("request_latency_p50_ms", Some(6478.6263245)),
                ("errors", Some(0.0)),
                ("requests", Some(96.0)),
                ("requests_planned", Some(96.0)),
                ("isl_mean", Some(3761.3125)),
                ("osl_mean", Some(543.6145833333334)),
            ],
        );
        assert!(document.findings.is_empty(), "{:?}", document.findings);
    }
    // A warm-up of another size is not the level.
    let other = changed(V010, EXPORT, |export| {
        export["input_config"]["phases"][0]["concurrency"] = 4.into();
    });
    let document = of_files(&[("run1/profile_export_aiperf.json", other)]).expect("read");
    assert_eq!(
        document.cell_places().collect::<Vec<_>>(),
        [Place::Level(16)]
    );
}

/// A count is 0 only where the file counts it: an export without `error_summary` does not.
#[test]
fn what_nobody_counts_is_null() {
    let uncounted = changed(V010, EXPORT, |export| {
        export
            .as_object_mut()
            .expect("an object")
            .remove("error_summary");
    });
    let document = of_files(&[("run1/profile_export_aiperf.json", uncounted)]).expect("read");
    holds(
        &document,
        "16",
        &[
            ("errors", None),
            ("cancelled", None),
            ("requests", Some(96.0)),
        ],
    );
    let method = &document.map["sources"]["16"]["requests"]["method"];
    assert_eq!(
        method,
        "successful requests; failed ones are not counted in this file"
    );
    // Nor does a CSV export without a row for them; its empty third table is no damage.
    let document = of_model("03-aiperf-csv-empty-gpu-section", "qwen");
    holds(
        &document,
        "8",
        &[
            ("throughput_toks_per_s", Some(771.89)),
            ("ttft_p50_ms", Some(150.12)),
            ("ttft_p95_ms", Some(285.68)),
            ("ttft_p99_ms", Some(358.83)),
            ("itl_p50_ms", Some(9.21)),
            ("tps_per_user", Some(107.32)),
            ("request_latency_p50_ms", Some(2616.50)),
            ("requests", Some(96.0)),
            ("errors", None),
            ("isl_mean", Some(2977.44)),
            ("osl_mean", Some(365.36)),
        ],
    );
}

#[test]
fn a_known_format_without_a_known_number_is_an_error() {
    let renamed = text(V010, EXPORT)
        .replace("\"avg\"", "\"mean\"")
        .replace("\"p", "\"q");
    let path = "c16/profile_export_aiperf.json";
    let fault = refused(&MemoryTree::new([(path, renamed.as_bytes())]));
    assert!(
        fault.message.starts_with("found AIPerf's JSON export without a single known number; expected at least one of: output_token_throughput,"),
        "{fault}"
    );
    assert_eq!(fault.place.as_deref(), Some(path));
}

/// NaN and infinities name file, line and field.
#[test]
fn a_number_that_is_none_names_its_field() {
    for word in ["NaN", "Infinity", "-Infinity"] {
        let broken = text(V02, EXPORT).replace("2369.317693", word);
        let fault = refused(&MemoryTree::new([(
            "profile_export_aiperf.json",
            broken.as_bytes(),
        )]));
        assert!(
            fault
                .message
                .contains(&format!("found {word}; expected a finite number")),
            "{fault}"
        );
        let place = fault.place.unwrap_or_default();
        assert!(
            place.starts_with("profile_export_aiperf.json:") && place.ends_with(": p50"),
            "{place}"
        );
    }
}

/// The same key of the same server, divided by other tokens: nothing got slower.
#[test]
fn the_divisor_of_usage_a_chunk_is_another_definition() {
    let case = "07-itl-definition-per-chunk-usage";
    let [baseline, current] =
        ["baseline", "current"].map(|side| document(&format!("{case}/{side}")));
    for (document, itl) in [(&baseline, "tpot-per-request"), (&current, "usage-chunks")] {
        let definitions = &document.map["definitions"];
        assert_eq!(definitions["itl_p50_ms"], itl);
        assert_eq!(definitions["tps_per_user"], itl);
        assert_eq!(definitions["output_tokens"], "server-usage");
        assert_eq!(definitions["request_latency_p50_ms"], "stream-end");
    }
    let judgement = judged(case);
    for level in ["8", "16"] {
        let itl = row(&judgement, "itl_p50_ms", level);
        assert_eq!(itl["status"], "DEFINITION_MISMATCH", "{level}");
        assert_eq!(row(&judgement, "ttft_p50_ms", level)["status"], "WITHIN");
    }
    // The echo of the option says the same as its flag on the command line.
    let dir = format!("{case}/current/aiperf-c16");
    let echoed = changed(&dir, EXPORT, |export| {
        export["run_info"]["cli_command"] = "aiperf profile".into();
        export["input_config"]["endpoint"]["per_chunk_usage"] = true.into();
        export["input_config"]["endpoint"]["use_server_token_count"] = false.into();
    });
    let document = of_files(&[("profile_export_aiperf.json", echoed)]).expect("read");
    assert_eq!(document.map["definitions"]["itl_p50_ms"], "usage-chunks");
    assert_eq!(
        document.map["definitions"]["output_tokens"],
        "client-tokenizer"
    );
}

/// Names over up to four rows, units that end in an ellipsis; only the rows below tell which one is meant.
#[test]
fn a_console_in_narrow_columns() {
    let document = document("26-aiperf-console-narrow-columns");
    holds(
        &document,
        "4",
        &[
            ("throughput_toks_per_s", Some(7.41)),
            ("ttft_p50_ms", Some(39609.67)),
            ("ttft_p95_ms", None),
            ("ttft_p99_ms", Some(118453.32)),
            ("itl_p50_ms", Some(168.13)),
            ("tps_per_user", Some(5.31)),
            ("request_latency_p50_ms", Some(123267.35)),
            ("requests", Some(10.0)),
            ("errors", None),
            ("requests_per_s", Some(0.03)),
            ("isl_mean", Some(9.70)),
            ("osl_mean", Some(228.60)),
        ],
    );
    assert_eq!(document.model, "Qwen/Qwen2-VL-2B-Instruct");
    // Cut inside its name, a row that may be one of those is refused.
    let cut = text("26-aiperf-console-narrow-columns", "aiperf-c4.log")
        .replace("│    Inter Token │", "│     Inter Tok… │");
    let cut = cut.replace("│   Latency (ms) │            │           │            │            │            │            │           │\n│   Output Token", "│   Output Token");
    let fault = refused(&MemoryTree::new([("aiperf-c4.log", cut.as_bytes())]));
    assert!(
        fault
            .message
            .contains("found the shortened name `Inter Tok…`"),
        "{fault}"
    );
}

/// A test runner logs what AIPerf prints, each line behind the logger's name and the time.
#[test]
fn a_console_behind_the_prefix_of_a_logger() {
    let plain = text("26-aiperf-console-narrow-columns", "aiperf-c4.log");
    let behind = |(at, line): (usize, &str)| {
        format!(
            "2026-01-07 10:11:{:02},{:03} INFO root:bench.py:126 {line}\n",
            at % 60,
            7 * at
        )
    };
    let logged: String = plain.lines().enumerate().map(behind).collect();
    let [plain, logged] =
        [plain, logged].map(|log| of_files(&[("aiperf-c4.log", log)]).expect("read"));
    for name in [
        "throughput_toks_per_s",
        "ttft_p50_ms",
        "tps_per_user",
        "requests",
    ] {
        let of = |document: &Document| document.map["metrics"]["4"][name].clone();
        assert!(of(&logged).is_number());
        assert_eq!(of(&logged), of(&plain), "{name}");
    }
    assert_eq!(logged.model, plain.model);
}

/// A run that its own tool calls invalid, with look-alikes of the judged numbers beside them.
#[test]
fn what_the_tool_says_against_its_run_is_kept() {
    for (side, throughput, said) in [
        ("baseline", 1800.0, vec![]),
        (
            "current",
            1812.0,
            vec!["runtime_submission_invalid_reasons: context_overflow_rate_exceeded"],
        ),
    ] {
        let document = document(&format!("27-aiperf-15-invalid-submission/{side}"));
        let expected = [
            ("throughput_toks_per_s", Some(throughput)),
            ("ttft_p50_ms", Some(75.0)),
            ("itl_p50_ms", Some(8.2)),
        ];
        holds(&document, "16", &expected);
        let cell = document.cell(Place::Level(16)).expect("level 16");
        assert_eq!(cell.validity, said);
        assert_eq!(
            cell.origin.start.as_deref(),
            Some("2026-11-20T10:00:00.000000")
        );
        assert_eq!(document.map["context"]["hardware"], "NVIDIA H100 80GB HBM3");
    }
}
