//! Real logs against AIPerf's own JSON export, and the variants that other versions print.

use super::SOURCE;
use crate::measure::{Place, Quantity as Q};
use crate::run::Reading;
use crate::sources::text_samples::{
    assert_as_exported, by_content, good, only, sample, sample_text, value,
};

const LOG: [Q; 16] = [
    Q::Throughput,
    Q::TtftP50,
    Q::TtftP99,
    Q::ItlP50,
    Q::TpsPerUser,
    Q::RequestLatencyP50,
    Q::Errors,
    Q::Requests,
    Q::IslMean,
    Q::OslMean,
    Q::BenchmarkSeconds,
    Q::RequestsPlanned,
    Q::RequestRate,
    Q::RequestLatencyMean,
    Q::TtftMean,
    Q::ItlMean,
];

/// A table as Rich draws it.
pub fn table(header: &[&str], rows: &[&[&str]]) -> String {
    let rule = |left: char, fill: &str, middle: &str, right: char| {
        format!(
            "{left}{}{right}\n",
            vec![fill.repeat(12); header.len()].join(middle)
        )
    };
    let row =
        |cells: &[&str], bar: &str| format!("{bar} {} {bar}\n", cells.join(&format!(" {bar} ")));
    let mut text = format!(
        "            NVIDIA AIPerf | LLM Metrics\n{}",
        rule('┏', "━", "┳", '┓')
    );
    text.push_str(&row(header, "┃"));
    text.push_str(&rule('┡', "━", "╇", '┩'));
    rows.iter()
        .for_each(|cells| text.push_str(&row(cells, "│")));
    text + &rule('└', "─", "┴", '┘')
}

#[test]
fn a_log_with_failed_requests_gives_the_numbers_of_the_json_export() {
    let level = only(
        &SOURCE,
        "aiperf-c16.log",
        &sample("errors-1/aiperf-c16.log"),
    );
    assert_as_exported(
        &level,
        "errors-1/aiperf-c16/profile_export_aiperf.json",
        &LOG,
    );
    assert_eq!(level.place, Some(Place::Level(16)));
    assert_eq!(level.model.as_deref(), Some("tinyllama-7m"));
    assert!(level.complete);
    // 64 completed of which 17 succeeded; the error-adjusted p50 of a TTFT is printed as N/A.
    assert_eq!(value(&level, Q::Errors), Some(47.0));
    assert_eq!(level.get(Q::TtftP50), Some(&Reading::printed(1518.81, 2)));
}

#[test]
fn a_log_of_a_terminal_gives_the_numbers_of_the_json_export() {
    let bytes = sample("base-2/aiperf-c4.log");
    assert!(bytes.contains(&0x1b) && bytes.windows(2).any(|pair| pair == b"\r\n"));
    let level = only(&SOURCE, "aiperf-c4.log", &bytes);
    assert_as_exported(&level, "base-2/aiperf-c4/profile_export_aiperf.json", &LOG);
    assert_eq!(level.place, Some(Place::Level(4)));
    assert_eq!(level.model.as_deref(), Some("tinyllama-7m"));
    assert_eq!(value(&level, Q::BenchmarkSeconds), Some(4.89));
}

#[test]
fn the_exported_console_text_gives_the_same_numbers_and_no_level() {
    let name = "profile_export_console.txt";
    let level = only(
        &SOURCE,
        name,
        &sample("errors-1/aiperf-c16/profile_export_console.txt"),
    );
    let quantities: Vec<Q> = LOG
        .into_iter()
        .filter(|q| ![Q::BenchmarkSeconds, Q::RequestsPlanned].contains(q))
        .collect();
    assert_as_exported(
        &level,
        "errors-1/aiperf-c16/profile_export_aiperf.json",
        &quantities,
    );
    assert_eq!((level.place, level.model), (None, None));
}

#[test]
fn only_aiperf_console_output_is_recognised() {
    let ours = [
        "errors-1/aiperf-c16.log",
        "base-2/aiperf-c4.log",
        "errors-1/aiperf-c16/profile_export_console.txt",
        "aiperf-aborted/aiperf-c16.log",
    ];
    for path in ours {
        assert!(by_content(&SOURCE, "renamed.txt", &sample(path)), "{path}");
    }
    for path in [
        "base-2/aiperf-c4/logs/aiperf.log",
        "other-tools/vllm-bench-c8.txt",
        "other-tools/guidellm-console.txt",
        "errors-1/aiperf-c16/profile_export_aiperf.csv",
        "errors-1/aiperf-c16/profile_export_aiperf.json",
        "errors-1/perf-bench-report-2026-11-24.md",
    ] {
        assert!(!by_content(&SOURCE, path, &sample(path)), "{path}");
    }
    let quoted = sample("errors-1/aiperf-c16/profile_export_console.txt");
    assert!(
        !by_content(&SOURCE, "NOTES.md", &quoted),
        "notes that quote a table are no result"
    );
    assert!((SOURCE.by_name)("aiperf-c16.log") && (SOURCE.by_name)("profile_export_console.txt"));
    assert!(!(SOURCE.by_name)("aiperf.log") && !(SOURCE.by_name)("aiperf-cx.log"));
}

#[test]
fn columns_are_read_by_name() {
    let text = table(
        &["Metric", "std", "p50", "avg", "p99"],
        &[
            &["Time to First Token (ms)", "1.00", "2.00", "3.00", "4.00"],
            &[
                "Output Token Throughput (tokens/sec)",
                "N/A",
                "N/A",
                "5,006.00",
                "N/A",
            ],
        ],
    );
    let level = only(&SOURCE, "profile_export_console.txt", text.as_bytes());
    assert_eq!(value(&level, Q::TtftP50), Some(2.0));
    assert_eq!(value(&level, Q::TtftP99), Some(4.0));
    assert_eq!(value(&level, Q::Throughput), Some(5006.0));
    assert_eq!(value(&level, Q::TtftMean), Some(3.0));
    assert_eq!(level.readings.len(), 4);
}

#[test]
fn an_older_table_without_p50_has_no_p50() {
    let text = table(
        &[
            "Metric", "avg", "min", "max", "p99", "p90", "p75", "std", "count",
        ],
        &[
            &[
                "Time to First Token (ms)",
                "18.26",
                "11.22",
                "106.32",
                "68.82",
                "27.76",
                "16.62",
                "12.07",
                "711",
            ],
            &[
                "Request Count (requests)",
                "711",
                "N/A",
                "N/A",
                "N/A",
                "N/A",
                "N/A",
                "N/A",
                "N/A",
            ],
        ],
    );
    let level = only(&SOURCE, "profile_export_console.txt", text.as_bytes());
    let expected = [
        (Q::TtftMean, Reading::printed(18.26, 2)),
        (Q::TtftP99, Reading::printed(68.82, 2)),
        (Q::Requests, Reading::only_successes(711.0)),
    ];
    assert_eq!(level.readings, expected);
}

#[test]
fn seconds_become_milliseconds_with_their_decimals() {
    let text = table(
        &["Metric", "p50", "p99"],
        &[&["Time to First Token (sec)", "0.33641", "1.5"]],
    );
    let level = only(&SOURCE, "profile_export_console.txt", text.as_bytes());
    assert_eq!(level.get(Q::TtftP50), Some(&Reading::printed(336.41, 2)));
    assert_eq!(level.get(Q::TtftP99), Some(&Reading::printed(1500.0, -2)));
}

#[test]
fn a_table_of_plain_characters_is_read() {
    let text = "NVIDIA AIPerf | LLM Metrics\n+---------+-----+\n| Metric  | p50 |\n|---------+-----|\n| Request |     |\n| Latency |     |\n+---------+-----+\n";
    // `Request` without a value is no row, so this is a name broken over two rows.
    let fault =
        crate::sources::text_samples::bad(&SOURCE, "profile_export_console.txt", text.as_bytes());
    assert!(fault.message.contains("a piece of another"), "{fault}");
    let text = text.replace(
        "| Request |     |\n| Latency |     |",
        "| Request | 7.5 |\n| Latency |     |\n| (ms)    |     |",
    );
    let level = only(&SOURCE, "profile_export_console.txt", text.as_bytes());
    assert_eq!(value(&level, Q::RequestLatencyP50), Some(7.5));
}

#[test]
fn a_cancelled_run_is_not_complete() {
    let log = sample_text("errors-1/aiperf-c16.log");
    let marked = log.trim_end().to_owned()
        + "\nThe profile run was cancelled early. Results shown may be incomplete or inaccurate.\n";
    assert!(!only(&SOURCE, "aiperf-c16.log", marked.as_bytes()).complete);
    let marked = log.replace("4.66 sec", "4.66 sec (cancelled early)");
    assert!(!only(&SOURCE, "aiperf-c16.log", marked.as_bytes()).complete);
}

#[test]
fn several_runs_in_one_log_are_several_levels() {
    let first = sample_text("errors-1/aiperf-c16.log");
    let second = first
        .replace("--concurrency 16", "--concurrency 8")
        .replace("1,518.81", "1,400.00");
    let run = good(&SOURCE, "sweep.log", (first + &second).as_bytes());
    let found: Vec<_> = run
        .results
        .iter()
        .map(|level| (level.place, value(level, Q::TtftP50)))
        .collect();
    let level = |concurrency| Some(Place::Level(concurrency));
    assert_eq!(
        found,
        [(level(16), Some(1518.81)), (level(8), Some(1400.0))]
    );
}

#[test]
fn options_are_taken_from_the_command_alone() {
    let log = sample_text("errors-1/aiperf-c16.log");
    let level = |from: &str, to: &str| {
        assert!(log.contains(from), "{from}");
        only(&SOURCE, "x.log", log.replace(from, to).as_bytes())
    };
    let quoted = level(
        "--concurrency 16",
        "--extra-inputs 'a --concurrency 99 b' --concurrency 16",
    );
    assert_eq!(quoted.place, Some(Place::Level(16)));
    assert_eq!(
        level("--concurrency 16", "--concurrency=12").place,
        Some(Place::Level(12))
    );
    assert_eq!(
        level("--concurrency 16", "--prefill-concurrency 16").place,
        None
    );
    assert_eq!(level("--concurrency 16", "--concurrency 1,2,4").place, None);
    assert_eq!(
        level("--concurrency 16", "--concurrency 16 --concurrency 8").place,
        None
    );
    assert_eq!(level("--concurrency 16", "--concurrency 0").place, None);
    assert_eq!(
        level("--concurrency 16", "--concurrency\n16").place,
        Some(Place::Level(16))
    );
    let ramp = |options: &str| {
        let load = level("--concurrency 16", &format!("--concurrency 16 {options}")).load;
        load.expect("a load").ramp
    };
    assert_eq!(
        ramp("--concurrency-ramp-duration 30").as_deref(),
        Some("concurrency over 30 s")
    );
    assert_eq!(ramp("--concurrency-ramp-duration 0"), None);
    assert_eq!(level("--model 'tinyllama-7m'", "--model 'a,b'").model, None);
    assert_eq!(
        level("--model 'tinyllama-7m'", "--model-names \"org/m\"")
            .model
            .as_deref(),
        Some("org/m")
    );
}

#[test]
fn the_phase_line_stands_in_for_rows_that_are_missing() {
    let log = sample_text("errors-1/aiperf-c16.log");
    let lines: Vec<&str> = log
        .lines()
        .filter(|line| {
            !line.contains("Completed Requests") && !line.contains("(requests) │          │")
        })
        .collect();
    let level = only(
        &SOURCE,
        "aiperf-c16.log",
        (lines.join("\n") + "\n").as_bytes(),
    );
    assert_eq!(
        (value(&level, Q::Requests), value(&level, Q::Errors)),
        (Some(64.0), Some(47.0))
    );
    // Broken over two lines within a word, as a narrow terminal does.
    let broken = (lines.join("\n") + "\n").replace(
        "cancelled=0, errors=47 | sess",
        "canc\n                      elled=0, errors=47 | sess",
    );
    let level = only(&SOURCE, "aiperf-c16.log", broken.as_bytes());
    assert_eq!(value(&level, Q::Errors), Some(47.0));
}

#[test]
fn a_run_in_which_every_request_failed_has_its_counts() {
    let rows: &[&[&str]] = &[
        &["Completed Requests (Success + Error) (requests)", "64.00"],
        &["Request Error Rate (%)", "100.00"],
    ];
    let level = only(
        &SOURCE,
        "profile_export_console.txt",
        table(&["Metric", "avg"], rows).as_bytes(),
    );
    assert_eq!(
        (value(&level, Q::Requests), value(&level, Q::Errors)),
        (Some(64.0), Some(64.0))
    );

    // Without a table: the phase line and the error summary.
    let log = sample_text("errors-1/aiperf-c16.log").replace("errors=47", "errors=64");
    let table = log
        .find("NVIDIA AIPerf | LLM Metrics: Effective")
        .unwrap_or(0);
    let run = good(&SOURCE, "aiperf-c16.log", &log.as_bytes()[..table]);
    let level = &run.results[0];
    assert_eq!(
        (value(level, Q::Requests), value(level, Q::Errors)),
        (Some(64.0), Some(64.0))
    );
    assert_eq!(level.readings.len(), 2);
}

#[test]
fn the_dated_log_beside_a_result_is_left_alone() {
    let tree = crate::files::MemoryTree::new([
        ("aiperf-c4.log", sample("base-2/aiperf-c4.log")),
        (
            "aiperf-c4/logs/aiperf.log",
            sample("base-2/aiperf-c4/logs/aiperf.log"),
        ),
    ]);
    let run = crate::sources::read_bundle(&tree).unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(run.files_read, ["aiperf-c4.log"]);
}
