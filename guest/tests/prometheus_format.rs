//! The exposition format: what is accepted, what is refused and with which words, and hostile input.

mod support;

use perfbridge_guest::fault::Code;
use perfbridge_guest::files::MemoryTree;
use perfbridge_guest::run::server::{Moment, Scrape};
use perfbridge_guest::sources::read_bundle;
use support::{bundle, findings, real_text, refusal, stated};

fn scrape(path: &str, text: &str) -> Scrape {
    let run = bundle(&[(path, text)]).expect("readable");
    run.server.scrapes.into_iter().next().expect("one scrape")
}

fn refused(text: impl AsRef<[u8]>, code: Code, place: &str, message: &str) {
    let fault = refusal("x-metrics-pre.prom", text);
    assert_eq!(fault.message, message);
    assert_eq!(fault.place.as_deref(), Some(place));
    assert_eq!(fault.code, code);
}

#[test]
fn the_whole_format_is_read() {
    let text = "# HELP vllm:generation_tokens Number of tokens.\r\n\
        # TYPE vllm:generation_tokens counter\r\n\
        vllm:generation_tokens_total { model_name = \"a\\\\b\\\"c\\nd}e\" , engine=\"0\",} +1.5e+03 1795489512880 # {trace_id=\"x\"} 1.0 1.7e9\r\n\
        vllm:generation_tokens_created{engine=\"0\"} 1.7e9\r\n\
        \tvllm_num_requests_running 2\r\n\
        go_gc_seconds{quantile=\"0\"} NaN\n\
        le_bucket{le=\"+Inf\"} +Inf\n\
        \n\
        # some words\n\
        # EOF\n";
    let found = scrape("m-metrics-post.prom", text);
    assert_eq!(found.moment, Moment::Post);
    let kept: Vec<(&str, f64)> = found
        .series
        .iter()
        .map(|one| (one.name.as_str(), one.value))
        .collect();
    assert_eq!(
        kept,
        [
            ("vllm:generation_tokens_total", 1500.0),
            ("vllm_num_requests_running", 2.0)
        ]
    );
    assert_eq!(
        found.series[0].labels.get("model_name"),
        Some("a\\b\"c\nd}e")
    );
    assert_eq!(found.series[0].labels.get("engine"), Some("0"));
}

#[test]
fn histograms_and_times_are_not_taken_for_counters() {
    // The real scrape holds the histogram iteration_tokens_total and the _created times.
    let found = scrape(
        "p.prom",
        &real_text("base-1", "tinyllama-7m-metrics-post.prom"),
    );
    let names: Vec<&str> = found.series.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "process_start_time_seconds",
            "vllm:num_requests_running",
            "vllm:kv_cache_usage_perc",
            "vllm:prefix_cache_queries_total",
            "vllm:prefix_cache_hits_total",
            "vllm:prompt_tokens_total",
            "vllm:generation_tokens_total"
        ]
    );
    // Old vLLM: lora_requests_info has a time as its value.
    let old = scrape(
        "p.prom",
        &real_text("old-vllm", "tinyllama-7m-metrics-post.prom"),
    );
    assert!(
        old.series
            .iter()
            .all(|one| !one.name.contains("lora") && !one.name.contains("iteration"))
    );
}

#[test]
fn the_file_name_says_when() {
    let of = |path: &str| {
        let found = scrape(path, "up 1\n");
        (found.moment, found.prefix, found.time)
    };
    let model = Some("kimi-k2.5".to_owned());
    assert_eq!(
        of("run/kimi-k2.5-metrics-pre.prom"),
        (Moment::Pre, model.clone(), None)
    );
    assert_eq!(
        of("run/kimi-k2.5-metrics-post.prom"),
        (Moment::Post, model, None)
    );
    assert_eq!(of("pre.prom"), (Moment::Pre, None, None));
    assert_eq!(of("metrics-post.prom"), (Moment::Post, None, None));
    assert_eq!(
        of("samples/1795489544.prom"),
        (Moment::Sample, None, Some(1795489544.0))
    );
    assert_eq!(of("express.prom"), (Moment::Sample, None, None));
    assert_eq!(of("inf.prom"), (Moment::Sample, None, None));
}

#[test]
fn a_scrape_is_recognised_by_its_content_too() {
    let run = bundle(&[(
        "metrics.txt",
        "# TYPE vllm:num_requests_running gauge\nvllm:num_requests_running 1\n",
    )]);
    assert_eq!(run.expect("readable").server.scrapes.len(), 1);
}

#[test]
fn lines_that_are_no_series_are_refused() {
    use Code::Damaged;
    refused(
        "up 1\n<html>\n",
        Damaged,
        "x-metrics-pre.prom:2",
        "found `<html>` where a metric name should begin",
    );
    refused(
        "up 1\nup\n",
        Damaged,
        "x-metrics-pre.prom:2",
        "found a series without a value; expected `name{…} number`",
    );
    refused(
        "up 1\nup{a=\"b\" 1\n",
        Damaged,
        "x-metrics-pre.prom:2",
        "found `{` without its `}`; expected `name{label=\"value\"} number`",
    );
    refused(
        "up 1\nup one\n",
        Damaged,
        "x-metrics-pre.prom:2",
        "found `one`; expected a number such as `1.0`, `2e+09`, `NaN` or `+Inf`",
    );
    refused(
        "up 1\nup 1 soon\n",
        Damaged,
        "x-metrics-pre.prom:2",
        "found `soon`; expected a number such as `1.0`, `2e+09`, `NaN` or `+Inf`",
    );
    refused(
        "up 1\nup 1 2 3\n",
        Damaged,
        "x-metrics-pre.prom:2",
        "found `3` after the value and its timestamp; expected the end of the line",
    );
    refused(
        "up 1\nup 1 #x\n",
        Damaged,
        "x-metrics-pre.prom:2",
        "found `#x` after the value; expected an exemplar, `# {…} number`",
    );
    refused(
        "# EOF\nup 1\n",
        Damaged,
        "x-metrics-pre.prom:2",
        "found a line after `# EOF`; expected the end of the file. Keep each scrape in a file of its own",
    );
    refused(
        b"up 1\nup\xff 2\n",
        Damaged,
        "x-metrics-pre.prom:2",
        "found bytes that are not UTF-8; expected text",
    );
}

#[test]
fn wrong_labels_are_refused() {
    let with = |labels: &str| format!("vllm:num_requests_running{{{labels}}} 1\n");
    let place = "x-metrics-pre.prom:1: vllm:num_requests_running";
    for (labels, message) in [
        ("engine", "found `engine`; expected `label=\"value\"`"),
        (
            "en gine=\"0\"",
            "found `en gine` as the name of a label; expected letters, digits and `_`",
        ),
        (
            "engine=0",
            "found the value of label `engine` without quotes; expected `engine=\"value\"`",
        ),
        (
            "a=\"1\"b=\"2\"",
            "found `b=\"2\"` after the value of label `a`; expected `,` or `}`",
        ),
        (
            "a=\"\\t\"",
            "found an escape in label `a` that does not exist; expected `\\\\`, `\\\"` or `\\n`",
        ),
        ("a=\"1\",a=\"2\"", "found label `a` twice in one series"),
    ] {
        let fault = refusal("x-metrics-pre.prom", with(labels));
        assert_eq!(
            fault.message.replace("\\\"", "\""),
            message.replace("\\\"", "\"")
        );
        assert_eq!(fault.place.as_deref(), Some(place));
    }
}

#[test]
fn values_that_cannot_be_are_refused_where_they_are_used() {
    use Code::BadValue;
    let at = |name: &str| format!("x-metrics-pre.prom:1: {name}");
    refused(
        "vllm:num_requests_running NaN\n",
        BadValue,
        &at("vllm:num_requests_running"),
        "found NaN; expected a finite number",
    );
    refused(
        "vllm:generation_tokens_total +Inf\n",
        BadValue,
        &at("vllm:generation_tokens_total"),
        "found inf; expected a finite number",
    );
    refused(
        "vllm:num_requests_running -1\n",
        BadValue,
        &at("vllm:num_requests_running"),
        "found -1; expected a number that is not negative",
    );
    refused(
        "vllm:kv_cache_usage_perc 101\n",
        BadValue,
        &at("vllm:kv_cache_usage_perc"),
        "found 101; expected a fraction 0..1 or a percentage 0..100, or -1 for off",
    );
    refused(
        "vllm:kv_cache_usage_perc -0.5\n",
        BadValue,
        &at("vllm:kv_cache_usage_perc"),
        "found -0.5; expected a number that is not negative",
    );
}

#[test]
fn a_series_stands_once() {
    refused(
        "vllm:num_requests_running{a=\"1\",b=\"2\"} 1\nvllm:num_requests_running{b=\"2\",a=\"1\"} 1\n",
        Code::Conflict,
        "x-metrics-pre.prom:2: vllm:num_requests_running",
        "found the series vllm:num_requests_running{a=\"1\",b=\"2\"} twice; expected each series once in a scrape. Keep each scrape in a file of its own",
    );
}

#[test]
fn a_cut_scrape_is_refused_at_every_byte_inside_a_line() {
    let text = real_text("base-1", "tinyllama-7m-metrics-post.prom");
    let cut = "found a last line without its line end; expected one, as every scrape has. The file was cut: copy it again";
    for end in (1..text.len()).step_by(7) {
        let tree = MemoryTree::new([("x-metrics-pre.prom", &text.as_bytes()[..end])]);
        match read_bundle(&tree) {
            Ok(_) => assert!(text[..end].ends_with('\n'), "read up to byte {end}"),
            Err(fault) => assert_eq!(fault.message, cut),
        }
    }
}

#[test]
fn hostile_sizes_are_read_in_bounded_time() {
    let huge = "x".repeat(3_000_000);
    let found = scrape(
        "1.prom",
        &format!("vllm:num_requests_running{{a=\"{huge}\"}} 1\n"),
    );
    assert_eq!(found.series.len(), 1);
    let fault = refusal("1.prom", format!("up 1\n{huge}! 1\n"));
    assert!(fault.message.len() < 400, "{}", fault.message.len());

    let many: String = (0..100_000)
        .map(|engine| format!("vllm:num_requests_running{{engine=\"{engine}\"}} 1\n"))
        .collect();
    let found = support::resolved(&[("1.prom", &many)]);
    assert_eq!(found.running_peak.value, Some(100_000.0));

    let fault = refusal("1.prom", format!("# {}\n", "x".repeat(17 * 1024 * 1024)));
    assert_eq!(fault.code, Code::Limit);
}

#[test]
fn a_changed_configuration_is_said_once_and_the_first_stays() {
    let info = |caching: &str, blocks: u32| {
        format!(
            "vllm:cache_config_info{{enable_prefix_caching=\"{caching}\",num_gpu_blocks=\"{blocks}\",gpu_memory_utilization=\"nan\",cache_dtype=\"None\"}} 1.0\n"
        )
    };
    let run = bundle(&[
        ("a-metrics-post.prom", &info("True", 5)),
        ("a-metrics-pre.prom", &info("False", 5)),
        ("s/1.prom", &info("False", 5)),
    ])
    .expect("readable");
    assert_eq!(stated(&run, "context.prefix_caching"), ["on"]);
    assert_eq!(stated(&run, "context.num_gpu_blocks"), [5]);
    assert_eq!(stated(&run, "context.gpu_memory_utilization").len(), 0);
    assert_eq!(stated(&run, "deployment.kv_cache_dtype").len(), 0);
    assert_eq!(
        findings(&run.findings, "SERVER_CONFIG_DIFFERS"),
        [
            "the server's cache_config_info says \"on\" in a-metrics-post.prom and \"off\" in a-metrics-pre.prom; \"on\" is kept"
        ]
    );
}
