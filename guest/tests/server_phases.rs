//! AIPerf's statistics of the server's metrics by phase, where the run's own are lost.

mod support;

use perfbridge_guest::fault::Code;
use perfbridge_guest::server::{Conditions, Resolved, resolve};
use perfbridge_guest::sources::read_bundle;
use support::{bundle, close, load, real, real_text, refusal, stated};

const OWN: &str = "aiperf-c4/server_metrics_export.json";
const PHASE: &str = "aiperf-c4/phases/profiling/server_metrics.json";
const WARMUP: &str = "aiperf-c4/phases/warmup/server_metrics.json";

fn after_ten_seconds(files: &[(&str, &str)]) -> Resolved {
    let run = bundle(files).expect("readable");
    let ten = Conditions {
        loads: vec![load(4, 10.0)],
        ..Conditions::default()
    };
    resolve(&run.server, &ten)
}

/// The level as AIPerf left it, but for its own export: the warm-up is not read.
#[test]
fn the_measured_phase_stands_in_for_the_export() {
    let run = read_bundle(&real("base-1-phases")).expect("readable");
    assert_eq!(run.files_read, [PHASE]);
    assert_eq!(stated(&run, "context.num_gpu_blocks"), [96]);
    let phase = real_text("base-1-phases", PHASE);
    let found = after_ten_seconds(&[(PHASE, &phase)]);
    // 1024 tokens of that level, as in its export.
    close(found.generation_tps.value, 102.4);
    assert_eq!(found.running_peak.value, Some(1.0));
    let own = after_ten_seconds(&[(OWN, &real_text("base-1", OWN))]);
    let numbers = |found: &Resolved| {
        [
            &found.hit_rate_post,
            &found.kv_usage_peak,
            &found.running_peak,
            &found.generation_tps,
        ]
        .map(|measured| measured.value)
    };
    assert_eq!(numbers(&found), numbers(&own));
    assert_eq!(found.findings, own.findings);
}

#[test]
fn what_stands_twice_is_read_once() {
    let (phase, warmup) = (
        real_text("base-1-phases", PHASE),
        real_text("base-1-phases", WARMUP),
    );
    let csv = "aiperf-c4/server_metrics_export.csv";
    for own in [OWN, csv] {
        let text = real_text("base-1", own);
        let run = bundle(&[(own, &text), (PHASE, &phase), (WARMUP, &warmup)]).expect("readable");
        assert_eq!(run.files_read, [own]);
    }
}

/// Two servers behind one run are two series and are added up.
#[test]
fn endpoints_are_kept_apart() {
    let tokens = |url: &str, total: u32| {
        format!(
            "\"{url}\": {{\"endpoint_url\": \"http://{url}/metrics\", \"metrics\": {{\"vllm:generation_tokens\": {{\"series\": [{{\"labels\": {{\"engine\": \"0\"}}, \"stats\": {{\"total\": {total}}}}}]}}}}}}"
        )
    };
    let text = format!(
        "{{\"data\": {{\"endpoint_summaries\": {{{}, {}}}}}}}",
        tokens("a:1", 30),
        tokens("b:1", 20)
    );
    close(
        after_ten_seconds(&[(PHASE, &text)]).generation_tps.value,
        5.0,
    );
}

#[test]
fn wrong_ones_are_refused() {
    let warmup = refusal("server_metrics.json", real_text("base-1-phases", WARMUP));
    assert_eq!(warmup.code, Code::NotUnderstood);
    assert_eq!(
        warmup.message,
        "found \"warmup\"; expected \"profiling\", the measured phase"
    );
    for (text, place, message) in [
        (
            "{\"data\": {\n\"endpoint_summaries\": []}}",
            ":2: data.endpoint_summaries",
            "found a list; expected an object with one field for each endpoint",
        ),
        (
            "{\"data\": {\"endpoint_summaries\": {\n\"h\": {}}}}",
            ": data.endpoint_summaries.h.metrics",
            "found no such field; expected an object with one field for each metric",
        ),
        (
            "{\"data\": {\"endpoint_summaries\": {\"h\": {\"metrics\": {\n\"vllm:num_requests_running\": {}}}}}}",
            ":2: data.endpoint_summaries.h.metrics.vllm:num_requests_running",
            "found no list `series`; expected one for each metric",
        ),
    ] {
        let fault = refusal(PHASE, text);
        assert_eq!(fault.message, message);
        assert_eq!(fault.place, Some(format!("{PHASE}{place}")));
        assert_eq!(fault.code, Code::Damaged);
    }
    let whole = real_text("base-1-phases", PHASE);
    let cut = refusal(PHASE, &whole.as_bytes()[..whole.len() / 2]);
    assert_eq!(cut.code, Code::Damaged, "{cut}");
}
