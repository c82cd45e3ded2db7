//! AIPerf's two exports of the server metrics: several engines, restarts, faults and hostile input.

mod support;

use perfbridge_guest::fault::Code;
use perfbridge_guest::files::MemoryTree;
use perfbridge_guest::server::{Conditions, resolve};
use perfbridge_guest::sources::read_bundle;
use support::{bundle, close, findings, load, real_text, refusal, resolved};

const JSON: &str = "aiperf-c4/server_metrics_export.json";
const CSV: &str = "aiperf-c4/server_metrics_export.csv";

/// An export with the given metrics, in AIPerf's shape.
fn export(metrics: &str) -> String {
    format!(
        "{{\n\"summary\": {{\"endpoints_configured\": []}},\n\"metrics_phase\": \"profiling\",\n\"metrics\": {{{metrics}}}\n}}\n"
    )
}

fn gauge(name: &str, series: &[(&str, f64, f64)]) -> String {
    let list: Vec<String> = series
        .iter()
        .map(|(engine, avg, max)| format!("{{\"labels\": {{\"engine\": \"{engine}\"}}, \"stats\": {{\"avg\": {avg}, \"max\": {max}}}}}"))
        .collect();
    format!(
        "\"{name}\": {{\"type\": \"gauge\", \"series\": [{}]}}",
        list.join(", ")
    )
}

#[test]
fn several_busy_engines_give_a_bound_and_say_so() {
    let text = export(&gauge(
        "vllm:num_requests_running",
        &[("0", 2.0, 8.0), ("1", 3.0, 6.0)],
    ));
    let found = resolved(&[(JSON, &text)]);
    assert_eq!(found.running_peak.value, Some(14.0));
    assert_eq!(
        findings(&found.findings, "PEAK_IS_UPPER_BOUND"),
        [
            "the export holds each engine's most running requests but not when they were: the peak of all engines is between 8 and 14, and 14 is shown"
        ]
    );
    // A sample that saw 10 at once is a measured number and above the lower bound.
    let sampled = resolved(&[
        (JSON, &text),
        (
            "5.prom",
            "vllm:num_requests_running{engine=\"0\"} 4\nvllm:num_requests_running{engine=\"1\"} 6\n",
        ),
    ]);
    assert_eq!(sampled.running_peak.value, Some(10.0));
    assert_eq!(sampled.findings, []);
    // A sample of 3 is below what one engine alone had.
    let low = resolved(&[
        (JSON, &text),
        ("5.prom", "vllm:num_requests_running{engine=\"0\"} 3\n"),
    ]);
    assert_eq!(low.running_peak.value, Some(14.0));
    // An idle second engine leaves no doubt.
    let idle = export(&gauge(
        "vllm:num_requests_running",
        &[("0", 2.0, 8.0), ("1", 0.0, 0.0)],
    ));
    assert_eq!(resolved(&[(JSON, &idle)]).running_peak.value, Some(8.0));
}

#[test]
fn usage_of_several_engines_is_the_fullest() {
    let text = export(&gauge(
        "vllm:kv_cache_usage_perc",
        &[("0", 0.1, 0.5), ("1", 0.1, 0.75)],
    ));
    assert_eq!(resolved(&[(JSON, &text)]).kv_usage_peak.value, Some(0.75));
    let off = export(&gauge("vllm:gpu_cache_usage_perc", &[("0", -1.0, -1.0)]));
    assert_eq!(
        resolved(&[(JSON, &off)]).kv_usage_peak.reason.as_deref(),
        Some("the KV cache usage gauge is -1, which means off")
    );
}

#[test]
fn a_restart_within_a_phase_leaves_no_throughput() {
    let total = |total: f64| {
        export(&format!(
            "\"vllm:generation_tokens\": {{\"series\": [{{\"stats\": {{\"total\": {total}}}}}]}}"
        ))
    };
    let run = bundle(&[(JSON, &total(-30.0))]).expect("readable");
    let ten = Conditions {
        loads: vec![load(4, 10.0)],
        ..Conditions::default()
    };
    let found = resolve(&run.server, &ten);
    let message = format!(
        "the server restarted during a measured phase: vllm:generation_tokens grew by -30 in {JSON}"
    );
    assert_eq!(
        found.generation_tps.reason.as_deref(),
        Some(message.as_str())
    );
    assert_eq!(findings(&found.findings, "COUNTER_RESET"), [message]);

    let start = export(
        "\"process_start_time_seconds\": {\"series\": [{\"stats\": {\"min\": 100.0, \"max\": 200.0}}]}, \"vllm:generation_tokens\": {\"series\": [{\"stats\": {\"total\": 5}}]}",
    );
    let run = bundle(&[(JSON, &start)]).expect("readable");
    assert_eq!(
        resolve(&run.server, &ten).generation_tps.reason.as_deref(),
        Some(format!("the server restarted during a measured phase: process_start_time_seconds went from 100 to 200 in {JSON}").as_str())
    );
    // Two engines are added up.
    let two = export(
        "\"vllm:generation_tokens\": {\"series\": [{\"labels\": {\"engine\": \"0\"}, \"stats\": {\"total\": 30}}, {\"labels\": {\"engine\": \"1\"}, \"stats\": {\"total\": 20}}]}",
    );
    let run = bundle(&[(JSON, &two)]).expect("readable");
    close(resolve(&run.server, &ten).generation_tps.value, 5.0);
}

#[test]
fn wrong_exports_are_refused() {
    let refused = |text: &str, code: Code, place: &str, message: &str| {
        let fault = refusal(JSON, text);
        assert_eq!(fault.message, message);
        assert_eq!(fault.place, Some(format!("{JSON}:{place}")));
        assert_eq!(fault.code, code);
    };
    let ours = |series: &str| export(&format!("\"vllm:num_requests_running\": {series}"));
    refused(
        &export("").replace("profiling", "warmup"),
        Code::NotUnderstood,
        "3: metrics_phase",
        "found \"warmup\"; expected \"profiling\", the measured phase",
    );
    refused(
        "{\n\"metrics\": 3}",
        Code::Damaged,
        "2: metrics",
        "found a number; expected an object with one field for each metric",
    );
    let missing = refusal(JSON, "{}");
    assert_eq!(
        missing.message,
        "found no such field; expected an object with one field for each metric"
    );
    refused(
        &ours("{}"),
        Code::Damaged,
        "4: metrics.vllm:num_requests_running",
        "found no list `series`; expected one for each metric",
    );
    let place = "4: metrics.vllm:num_requests_running.series";
    refused(
        &ours("{\"series\": [{\"labels\": 3}]}"),
        Code::Damaged,
        place,
        "found `labels` that is a number in a series; expected text",
    );
    refused(
        &ours("{\"series\": [{\"labels\": {\"engine\": 0}}]}"),
        Code::Damaged,
        place,
        "found label `engine` that is a number in a series; expected text",
    );
    refused(
        &ours("{\"series\": [{\"stats\": {\"max\": \"4\"}}]}"),
        Code::Damaged,
        place,
        "found `max` that is a string; expected a number",
    );
    refused(
        &ours("{\"series\": [{\"stats\": {\"max\": -4}}]}"),
        Code::BadValue,
        place,
        "found `max` of -4; expected a number that is not negative",
    );
    let nan = refusal(JSON, ours("{\"series\": [{\"stats\": {\"max\": NaN}}]}"));
    assert_eq!(nan.message, "found NaN; expected a finite number or null");
}

#[test]
fn a_cut_json_is_refused_at_every_byte() {
    let text = real_text("old-vllm", "aiperf-c16/server_metrics_export.json");
    let text = text.trim_end();
    for end in (1..text.len()).step_by(97) {
        let tree = MemoryTree::new([(JSON, &text.as_bytes()[..end])]);
        let fault = read_bundle(&tree).expect_err("refused");
        assert_eq!(fault.code, Code::Damaged, "at byte {end}: {fault}");
    }
}

#[test]
fn wrong_csv_rows_are_refused() {
    let head =
        "# AIPerf Server Metrics Export (CSV)\nEndpoint,Type,Metric,Unit,avg,max,Description\n";
    let refused = |row: &str, code: Code, place: &str, message: &str| {
        let fault = refusal(CSV, format!("{head}{row}\n"));
        assert_eq!(fault.message, message);
        assert_eq!(fault.place, Some(format!("{CSV}:{place}")));
        assert_eq!(fault.code, code);
    };
    refused(
        "h,gauge,vllm:num_requests_running,",
        Code::Damaged,
        "3",
        "found a row of 4 fields; expected 7, as in the header. The file was cut: copy it again from the run",
    );
    refused(
        "h,\"gauge",
        Code::Damaged,
        "3",
        "found a quoted field without its closing quote; expected one CSV row a line",
    );
    refused(
        "h,\"gauge\"x",
        Code::Damaged,
        "3",
        "found text between a closing quote and the next comma; expected one CSV row a line",
    );
    refused(
        "h,gauge,vllm:num_requests_running,,1,lots,d",
        Code::Damaged,
        "3: vllm:num_requests_running: max",
        "found `lots`; expected a number",
    );
    refused(
        "h,gauge,vllm:num_requests_running,,1,-4,d",
        Code::BadValue,
        "3: vllm:num_requests_running: max",
        "found -4; expected a number that is not negative",
    );
    refused(
        "h,gauge,vllm:num_requests_running,,nan,4,d",
        Code::BadValue,
        "3: vllm:num_requests_running: avg",
        "found nan; expected a finite number",
    );
    let twice = "# AIPerf Server Metrics Export (CSV)\nEndpoint,Type,Metric,Unit,max,engine,engine,Description\nh,gauge,vllm:num_requests_running,,1,0,1,d\n";
    assert_eq!(
        refusal(CSV, twice).message,
        "found the column `engine` twice; expected each once"
    );
    let empty = refusal(CSV, "# AIPerf Server Metrics Export (CSV)\n");
    assert_eq!(
        empty.message,
        "found no table; expected a header line that begins with `Endpoint,`. The file was cut: copy it again from the run"
    );
    assert_eq!(
        refusal(CSV, b"# AIPerf Server Metrics Export (CSV)\n\xff\n").message,
        "found bytes that are not UTF-8; expected text"
    );
}

#[test]
fn a_cut_csv_never_makes_another_number() {
    let text = real_text("base-1", "aiperf-c4/server_metrics_export.csv");
    let ten = Conditions {
        loads: vec![load(4, 10.0)],
        ..Conditions::default()
    };
    for end in (1..text.len()).step_by(53) {
        let tree = MemoryTree::new([(CSV, &text.as_bytes()[..end])]);
        let Ok(run) = read_bundle(&tree) else {
            continue;
        };
        // What is left is whole rows: each number is the real one (1024 tokens, a peak of 1) or missing.
        let found = resolve(&run.server, &ten);
        assert!(
            matches!(found.generation_tps.value, None | Some(102.4)),
            "{end}"
        );
        assert!(
            matches!(found.running_peak.value, None | Some(1.0)),
            "{end}"
        );
    }
}
