//! What GuideLLM printed before 0.8, made by its sources: up to 0.4 two tables of fixed columns.

use crate::support::{cell, of_files, places, text};
use perfbridge_guest::document::Document;
use perfbridge_guest::fault::Result;
use serde_json::{Value, json};

fn read(console: &str) -> Result<Document> {
    of_files(&[("bench.log", console)])
}

fn refused(console: &str) -> String {
    let fault = read(console).map(|made| made.to_json());
    fault.expect_err("refused").to_string()
}

const DIVIDER: &str = "-----------|-----------|---------\n";
const END: &str = "==================================\n";

/// Both tables of 0.3: strategy, its requests, and the numbers of the second table.
fn old(rows: &[(&str, &str, &str)]) -> String {
    let of = |index: usize| {
        let rows = rows.iter();
        rows.map(move |row| format!("{}|{}\n", row.0, [row.1, row.2][index]))
            .collect::<String>()
    };
    format!(
        "Benchmarks Metadata:\n    Run id:1\n    Worker:type_='generative_requests_worker' backend_model='tiny/m' backend_info={{}}\n\n\n\
         Benchmarks Info:\n{END}Metadata     |||| Requests Made  ||| Prompt Tok/Req ||| Output Tok/Req ||| Prompt Tok Total||| Output Tok Total  ||\n\
         Benchmark| Start Time| End Time| Duration (s)|  Comp|  Inc|  Err|  Comp|   Inc| Err|  Comp|   Inc| Err|  Comp|    Inc| Err|   Comp|    Inc|  Err\n{DIVIDER}{}{END}\n\n\
         Benchmarks Stats:\n{END}Metadata     | Request Stats         || Out Tok/sec| Tot Tok/sec| Req Latency (sec)||| TTFT (ms)   ||| ITL (ms)   ||| TPOT (ms)   ||\n\
         Benchmark| Per Second| Concurrency|        mean|        mean|  mean| median|   p99|   mean| median|    p99|  mean| median|   p99|  mean| median|   p99\n{DIVIDER}{}{END}",
        of(0),
        of(1)
    )
}

const INFO: &str = "   20:14:52| 20:15:05|         13.0|    30|    0|    0|  512.3|  0.0|  0.0|  256.0|  0.0|  0.0|  15369|    0|    0|   7680|     0|     0";
const EMPTY: &str = "   11:37:14| 11:37:44|         29.9|     0|  174|    0|   0.0| 256.0| 0.0|   0.0|  58.1| 0.0|     0|  44544|   0|      0|  10104|    0";
const STATS: &str = "       0.64|       16.19|        82.0|       410.9| 25.25|  25.21| 25.69|  230.9|  211.7|  426.9| 197.0|  196.3| 201.0| 195.5|  194.8| 199.4";
const ZEROS: &str = "       0.00|        0.00|         0.0|         0.0|  0.00|   0.00|  0.00|    0.0|    0.0|    0.0|   0.0|    0.0|   0.0|   0.0|    0.0|   0.0";

#[test]
fn the_console_of_0_3_is_read() {
    let made = read(&old(&[
        ("  synchronous", INFO, STATS),
        ("concurrent@16", INFO, &STATS.replace("82.0", "99.5")),
        ("constant@3.82", EMPTY, ZEROS),
    ]))
    .expect("read");
    assert_eq!(places(&made), ["1", "16", "3.82/s"]);
    assert_eq!(made.map["model"], "tiny/m");
    let expected = json!({
        "throughput_toks_per_s": 82.0, "requests_per_s": 0.64, "ttft_mean_ms": 230.9, "ttft_p50_ms": 211.7,
        "ttft_p99_ms": 426.9, "ttft_p95_ms": null, "itl_mean_ms": 197.0, "itl_p50_ms": 196.3,
        "request_latency_mean_ms": 25250.0, "request_latency_p50_ms": 25210.0, "requests": 30, "errors": 0,
        "isl_mean": 512.3, "osl_mean": 256.0
    });
    for (name, expected) in expected.as_object().expect("names") {
        assert_eq!(&cell(&made, "1")[name], expected, "{name}");
    }
    assert_eq!(cell(&made, "16")["throughput_toks_per_s"], 99.5);
    // No request was successful: zeros are no times.
    let none = cell(&made, "3.82/s");
    for name in [
        "throughput_toks_per_s",
        "ttft_p50_ms",
        "itl_p50_ms",
        "request_latency_p50_ms",
    ] {
        assert_eq!(none[name], Value::Null, "{name}");
    }
    assert_eq!(
        (&none["requests"], &none["cancelled"]),
        (&json!(0), &json!(174))
    );
}

/// It wrote seconds under a heading of milliseconds.
#[test]
fn the_latency_of_0_2_is_in_no_known_unit() {
    let made = read(&old(&[("synchronous", INFO, STATS)]).replace("(sec)", "(ms)")).expect("read");
    let cell = cell(&made, "1");
    assert_eq!(cell["request_latency_p50_ms"], Value::Null);
    assert_eq!(cell["request_latency_mean_ms"], Value::Null);
    assert_eq!(cell["ttft_p50_ms"], 211.7);
}

/// The first run of each place is one run; nothing of the second overwrites it.
#[test]
fn two_runs_of_a_log_stay_apart() {
    let first = old(&[("concurrent@4", INFO, STATS)]);
    let second = first
        .replace("82.0", "71.0")
        .replace("concurrent@4", "concurrent@8");
    let made = read(&format!("{first}\n{second}")).expect("read");
    assert_eq!(places(&made), ["4", "8"]);
    assert_eq!(cell(&made, "4")["throughput_toks_per_s"], 82.0);
    assert_eq!(cell(&made, "8")["throughput_toks_per_s"], 71.0);
    let new = text("guidellm-0.6.0/concurrent.console.txt");
    let again = new
        .replace("streams=[1, 4, 16]", "streams=[2, 8, \n  32]")
        .replace("130.3", "140.5");
    let made = read(&format!("{new}\n{again}")).expect("read");
    assert_eq!(places(&made), ["1", "2", "4", "8", "16", "32"]);
    assert_eq!(cell(&made, "16")["throughput_toks_per_s"], 130.3);
    assert_eq!(cell(&made, "32")["throughput_toks_per_s"], 140.5);
}

/// A terminal of 80 columns breaks every row.
#[test]
fn a_table_broken_over_lines_is_refused() {
    let whole = old(&[("synchronous", INFO, STATS)]);
    let broken = whole.replace(
        "|  mean| median|   p99|   mean",
        "|  mean| median|   \np99|   mean",
    );
    let fault = refused(&broken);
    assert!(
        fault.contains("found a row of 8 cells under 17 headings")
            && fault.contains("broken over lines"),
        "{fault}"
    );
    let new = text("guidellm-0.6.0/concurrent.console.txt");
    let fault = refused(&new.replace("| 519.9  ", "| 519.9\n"));
    assert!(fault.contains("cells under 9 headings"), "{fault}");
}

/// Its number is not there, and nothing says how many streams there were: no place.
#[test]
fn a_strategy_without_its_number_has_no_place() {
    let new = text("guidellm-0.6.0/concurrent.console.txt");
    let fault = refused(&new.replace("streams=[1, 4, 16]", "streams=[1, 4]"));
    assert!(fault.contains("bench.log"), "{fault}");
    assert!(fault.contains("concurrency"), "{fault}");
}

/// What is counted of all requests is that of the successful ones only where there are no others.
#[test]
fn throughput_with_other_requests_in_it_is_none() {
    let new = text("guidellm-0.8.1/concurrent.console.txt");
    // The tables are printed twice.
    let row = "| 21.4 | 0.0  | 0.0  | 32   | 0   | 0   | 4320.0 | 0.0 | 0.0 | 1024.0 | 0.0 | 0.0 |";
    let other =
        "| 21.4 | 0.0  | 0.0  | 30   | 0   | 2   | 4320.0 | 0.0 | 9.0 | 1024.0 | 0.0 | 0.0 |";
    assert_eq!(new.matches(row).count(), 2);
    let made = read(&new.replace(row, other)).expect("read");
    let first = cell(&made, "1");
    assert_eq!(
        (&first["requests"], &first["errors"]),
        (&json!(32), &json!(2))
    );
    assert_eq!(first["requests_per_s"], Value::Null);
    assert_eq!(first["throughput_toks_per_s"], 47.8);
    let incomplete = other.replace("1024.0 | 0.0 |", "1024.0 | 12.0 |");
    let made = read(&new.replace(row, &incomplete)).expect("read");
    assert_eq!(cell(&made, "1")["throughput_toks_per_s"], Value::Null);
    assert_eq!(cell(&made, "4")["throughput_toks_per_s"], 86.1);
}

/// Seconds have one digit behind the point: of less than 10 s these are not three, which may decide no change of 5 %.
#[test]
fn a_digit_of_a_second_does_not_decide() {
    let console = text("guidellm-0.8.1/concurrent.console.txt");
    let made = read(&console).expect("read");
    let rounding = |made: &Document, level: &str, name: &str| {
        made.map["sources"][level][name]["rounding"].clone()
    };
    // 0.6 s, 1.3 s, 3.8 s; 47.8 tokens/s and 10.0 ms have three digits.
    let latency = "request_latency_p50_ms";
    for (level, printed) in [("1", 600.0), ("4", 1300.0), ("16", 3800.0)] {
        assert_eq!(cell(&made, level)[latency], printed);
        assert_eq!(rounding(&made, level, latency), 50.0);
    }
    assert_eq!(rounding(&made, "1", "itl_p50_ms"), Value::Null);
    assert_eq!(rounding(&made, "1", "throughput_toks_per_s"), Value::Null);
    // Two digits behind the point, before.
    let old = read(&old(&[("  synchronous", INFO, STATS)])).expect("read");
    assert_eq!(cell(&old, "1")[latency], 25210.0);
    assert_eq!(rounding(&old, "1", latency), Value::Null);
}
