//! Real exports against AIPerf's own JSON export, and files that are cut or made up.

use super::SOURCE;
use crate::fault::Code;
use crate::measure::Quantity as Q;
use crate::run::Reading;
use crate::sources::text_samples::{
    self, assert_as_exported, bad, by_content, cut, only, sample, sample_text, value,
};

const NAME: &str = "profile_export_aiperf.csv";
const HEADER: &str = "Metric,avg,min,max,p50,p95,p99\r\n";
const TTFT: &str = "Time to First Token (ms),3.00,1.00,9.00,2.00,7.00,8.00\r\n";
const VALUES: &str = "\r\nMetric,Value\r\nOutput Token Throughput (tokens/sec),5006.07\r\nRequest Count,9.00\r\nRequest Throughput (requests/sec),1.00\r\n";

fn refuse(bytes: impl AsRef<[u8]>, code: Code, place: &str, pieces: &[&str]) {
    text_samples::refuse(&SOURCE, NAME, bytes, code, place, pieces);
}

fn errors_csv() -> String {
    sample_text("errors-1/aiperf-c16/profile_export_aiperf.csv")
}

fn small() -> String {
    format!("{HEADER}{TTFT}{VALUES}")
}

#[test]
fn real_exports_give_the_numbers_of_the_json_export() {
    const ALL: [Q; 18] = [
        Q::Throughput,
        Q::TtftP50,
        Q::TtftP95,
        Q::TtftP99,
        Q::ItlP50,
        Q::TpsPerUser,
        Q::RequestLatencyP50,
        Q::Errors,
        Q::Requests,
        Q::IslMean,
        Q::OslMean,
        Q::BenchmarkSeconds,
        Q::RequestRate,
        Q::RequestLatencyMean,
        Q::TtftMean,
        Q::ItlMean,
        Q::ChunkGapMean,
        Q::ChunkGapP75,
    ];
    for run in ["errors-1/aiperf-c16", "base-2/aiperf-c4"] {
        let level = only(&SOURCE, NAME, &sample(&format!("{run}/{NAME}")));
        assert_as_exported(&level, &format!("{run}/profile_export_aiperf.json"), &ALL);
        assert_eq!((level.place, level.model), (None, None));
    }
    let level = only(&SOURCE, NAME, errors_csv().as_bytes());
    // The row of error-adjusted values has 2027.05 at p25 and nothing at p50.
    assert_eq!(level.get(Q::TtftP50), Some(&Reading::printed(1518.81, 2)));
    assert_eq!(value(&level, Q::Errors), Some(47.0));
}

#[test]
fn only_aiperf_exports_are_recognised() {
    assert!((SOURCE.by_name)(NAME) && !(SOURCE.by_name)("server_metrics_export.csv"));
    assert!(by_content(&SOURCE, "renamed.csv", errors_csv().as_bytes()));
    let all_failed = "Metric,Value\r\nBenchmark Duration (sec),1.00\r\n";
    assert!(by_content(&SOURCE, "renamed.csv", all_failed.as_bytes()));
    for other in [
        "Metric,Value\r\nspeed,1\r\n",
        "Metric,avg,max\r\nspeed,1,2\r\n",
        "Endpoint,Metric,Value\r\nBenchmark Duration (sec),1\r\n",
    ] {
        assert!(
            !by_content(&SOURCE, "other.csv", other.as_bytes()),
            "{other}"
        );
    }
    for path in [
        "other-tools/guidellm.csv",
        "errors-1/aiperf-c16.log",
        "errors-1/aiperf-c16/profile_export_console.txt",
    ] {
        assert!(!by_content(&SOURCE, path, &sample(path)), "{path}");
    }
}

#[test]
fn columns_are_read_by_name_and_cells_may_be_quoted() {
    let swapped = "p99,Metric,avg,p50\r\n8.00,\"Time to First Token (ms)\",3.00,\"2.00\"\r\n4.00,\"Something, \"\"quoted\"\"\",1,1\r\n";
    let level = only(
        &SOURCE,
        NAME,
        format!("\u{feff}{swapped}{VALUES}").as_bytes(),
    );
    assert_eq!(value(&level, Q::TtftP50), Some(2.0));
    assert_eq!(value(&level, Q::TtftP99), Some(8.0));
    assert_eq!(value(&level, Q::TtftP95), None);
    assert_eq!(value(&level, Q::Throughput), Some(5006.07));
}

#[test]
fn a_table_of_gpu_telemetry_is_passed_over() {
    let gpu = "\r\n\r\nEndpoint,GPU_Index,GPU_Name,GPU_UUID,Metric,avg,p50\r\nx,0,H100,GPU-1,Time to First Token (ms),1.00,1.00\r\n";
    let level = only(&SOURCE, NAME, format!("{}{gpu}", small()).as_bytes());
    assert_eq!(value(&level, Q::TtftP50), Some(2.0));
    let cut = format!("{}{gpu}x,0,H100\r\n", small());
    refuse(
        cut,
        Code::Damaged,
        "profile_export_aiperf.csv:12: GPU_UUID",
        &["found 3 cells in this row; expected 7"],
    );
}

#[test]
fn counts_follow_from_each_other() {
    // An older export has no row of completed requests, and none of errors: nothing in it counts them.
    let level = only(&SOURCE, NAME, small().as_bytes());
    assert_eq!(
        (value(&level, Q::Requests), value(&level, Q::Errors)),
        (Some(9.0), None)
    );
    let failed = small().replace(
        "Request Count,9.00",
        "Error Request Count,2\r\nRequest Count,9",
    );
    let level = only(&SOURCE, NAME, failed.as_bytes());
    assert_eq!(
        (value(&level, Q::Requests), value(&level, Q::Errors)),
        (Some(11.0), Some(2.0))
    );
    let all_failed = "Metric,Value\r\nCompleted Requests (Success + Error),64.00\r\nError Request Count,64.00\r\n";
    let level = only(&SOURCE, NAME, all_failed.as_bytes());
    assert_eq!(
        (value(&level, Q::Requests), value(&level, Q::Errors)),
        (Some(64.0), Some(64.0))
    );
    let wrong = errors_csv().replace("Request Count,17.00", "Request Count,18.00");
    refuse(
        wrong,
        Code::Damaged,
        "profile_export_aiperf.csv: Completed Requests (Success + Error)",
        &["64 completed, 18 successful and 47 failed"],
    );
}

#[test]
fn empty_cells_are_absent() {
    let text = small().replace("2.00,7.00,8.00", ",7.00,");
    let level = only(&SOURCE, NAME, text.as_bytes());
    assert_eq!(
        (
            value(&level, Q::TtftP50),
            value(&level, Q::TtftP95),
            value(&level, Q::TtftP99)
        ),
        (None, Some(7.0), None)
    );
}

#[test]
fn a_cut_file_is_refused_or_right() {
    let bytes = errors_csv().into_bytes();
    let (refused, accepted) = cut(&SOURCE, NAME, &bytes, 0..bytes.len());
    // Whole are only the seven line ends from `Request Throughput` on, the last one not counted.
    assert_eq!((refused, accepted), (bytes.len() - 7, 7));
    let text = errors_csv();
    let second = text.find("Metric,Value").unwrap_or(0);
    refuse(
        &text[..second],
        Code::Damaged,
        "profile_export_aiperf.csv:53",
        &["without its second table, `Metric,Value`"],
    );
    let last = text.find("Request Throughput").unwrap_or(0);
    refuse(
        &text[..last],
        Code::Damaged,
        "profile_export_aiperf.csv:63",
        &["ends before its row `Request Throughput`", "Copy it again"],
    );
    refuse(
        &text[..text.len() - 2],
        Code::Damaged,
        "profile_export_aiperf.csv:71",
        &["no line end", "its last number may be too"],
    );
    refuse(
        "",
        Code::Damaged,
        "profile_export_aiperf.csv:1",
        &["an empty file"],
    );
    refuse(
        "\r\n \r\n",
        Code::Damaged,
        "profile_export_aiperf.csv:1",
        &["an empty file"],
    );
}

#[test]
fn bad_values_are_refused_with_file_line_and_column() {
    let place = "profile_export_aiperf.csv:2: Time to First Token (ms) p50";
    for (cell, expected) in [
        ("nan", "a finite number"),
        ("-inf", "a finite number"),
        ("-2.00", "a number that is not negative"),
        ("2.0x", "a number such as"),
    ] {
        let text = small().replace(",2.00,", &format!(",{cell},"));
        refuse(
            text,
            Code::BadValue,
            place,
            &[expected, &format!("found `{cell}`"), "Copy the file again"],
        );
    }
    let unit = small().replace("(ms)", "(ns)");
    refuse(
        unit,
        Code::BadValue,
        "profile_export_aiperf.csv:2: Time to First Token",
        &["the unit `ns`"],
    );
    let short = small().replace(",2.00,7.00,8.00", "");
    refuse(
        short,
        Code::Damaged,
        "profile_export_aiperf.csv:2: p50",
        &["found 4 cells in this row; expected 7"],
    );
    let long = small().replace("8.00\r\n", "8.00,1\r\n");
    refuse(
        long,
        Code::Damaged,
        "profile_export_aiperf.csv:2: p99",
        &["found 8 cells"],
    );
    let twice = small().replace(TTFT, &TTFT.repeat(2));
    refuse(
        twice,
        Code::Conflict,
        "profile_export_aiperf.csv:3: Time to First Token (ms)",
        &["a second time, the first is on line 2"],
    );
    let columns = small().replace("p95", "p50");
    refuse(
        columns,
        Code::Conflict,
        "profile_export_aiperf.csv:1",
        &["the column `p50` twice"],
    );
    refuse(
        "a,b\r\n1,2\r\n",
        Code::NotUnderstood,
        "profile_export_aiperf.csv:1",
        &["found `a,b` first", "the column `Metric`"],
    );
}

#[test]
fn hostile_bytes_do_no_harm() {
    let mut bytes = small().into_bytes();
    bytes[HEADER.len() + 3] = 0xff;
    refuse(
        &bytes,
        Code::Damaged,
        "profile_export_aiperf.csv:2",
        &["not UTF-8"],
    );
    let quote = small().replace("3.00", "\"3.00");
    assert_eq!(bad(&SOURCE, NAME, quote.as_bytes()).code, Code::Damaged);
    let wide = format!("{HEADER}{}\r\n{VALUES}", "1,".repeat(1_000_000));
    refuse(
        wide,
        Code::Damaged,
        "profile_export_aiperf.csv:2: p99",
        &["found 1000001 cells"],
    );
}
