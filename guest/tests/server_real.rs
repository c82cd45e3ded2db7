//! Real scrapes and exports of vLLM 0.32 and 0.8.5 under AIPerf 0.13, cut to the metrics in question.
//! Expected numbers were read off the files with a few lines of Python that sum the series by hand.

mod support;

use perfbridge_guest::server::{Conditions, Resolved, models, resolve};
use perfbridge_guest::sources::read_bundle;
use serde_json::json;
use support::{close, findings, load, real, real_without, stated};

fn answers(name: &str, conditions: &Conditions) -> Resolved {
    let run = read_bundle(&real(name)).expect("a real bundle");
    resolve(&run.server, conditions)
}

/// `benchmark_duration.avg` of the five levels of base-1, 35.192817664 s in all.
fn base_1() -> Conditions {
    let seconds = [
        (1, 10.778764288000001),
        (4, 5.082388224000001),
        (8, 4.410904576),
        (16, 3.937360384),
        (32, 10.983400192000001),
    ];
    Conditions {
        loads: seconds
            .map(|(level, seconds)| load(level, seconds))
            .to_vec(),
        ..Conditions::default()
    }
}

#[test]
fn hit_rate_is_the_increase_of_hits_over_the_increase_of_queries() {
    let found = answers("base-1", &base_1());
    // pre: hits 0, queries 0; post: hits 45952, queries 71020.
    close(found.hit_rate_post.value, 45952.0 / 71020.0);
    assert_eq!(found.hit_rate_definition.as_deref(), Some("tokens"));
    assert_eq!(
        found.hit_rate_post.metric.as_deref(),
        Some("vllm:prefix_cache_hits_total / vllm:prefix_cache_queries_total")
    );
    assert_eq!(
        found.hit_rate_post.files,
        [
            "tinyllama-7m-metrics-post.prom",
            "tinyllama-7m-metrics-pre.prom"
        ]
    );
    assert_eq!(found.hit_rate_pre.value, None);
    assert_eq!(
        found.hit_rate_pre.reason.as_deref(),
        Some("the server had looked nothing up in its prefix cache before the run")
    );
    assert_eq!(found.findings, []);
}

#[test]
fn peaks_are_the_maximum_over_the_series_and_the_exports() {
    let found = answers("base-1", &base_1());
    // Sample 1795489602 holds 16 requests at a usage of 33/95; the exports of c16 and c32 the same.
    assert_eq!(found.running_peak.value, Some(16.0));
    close(found.kv_usage_peak.value, 33.0 / 95.0);
    assert_eq!(
        found.running_peak.files,
        [
            "aiperf-c16/server_metrics_export.json",
            "aiperf-c32/server_metrics_export.json",
            "metrics-samples/1795489602.prom"
        ]
    );
    // Old vLLM: the samples saw 4 at most, the export of c16 saw 16 and a usage of 0.4791666….
    let old = answers("old-vllm", &Conditions::default());
    assert_eq!(old.running_peak.value, Some(16.0));
    assert_eq!(old.kv_usage_peak.value, Some(0.47916666666666663));
    assert_eq!(
        old.kv_usage_peak.metric.as_deref(),
        Some("vllm:gpu_cache_usage_perc")
    );
    assert_eq!(
        old.kv_usage_peak.files,
        ["aiperf-c16/server_metrics_export.json"]
    );
}

#[test]
fn a_series_alone_gives_the_peaks_too() {
    let run = read_bundle(&real_without("old-vllm", &["aiperf-c"])).expect("readable");
    let found = resolve(&run.server, &Conditions::default());
    // Highest of the kept samples: 4 requests, usage 0.11979… in 1795490843.
    assert_eq!(found.running_peak.value, Some(4.0));
    assert_eq!(found.kv_usage_peak.value, Some(0.11979166666666663));
    assert_eq!(
        found.kv_usage_peak.files,
        ["metrics-samples/1795490843.prom"]
    );
}

#[test]
fn two_idle_scrapes_show_no_peak() {
    let found = answers("regressed-1", &Conditions::default());
    let reason = "two idle scrapes cannot show a peak; give a scrape series or AIPerf's server metrics export";
    assert_eq!(found.kv_usage_peak.value, None);
    assert_eq!(found.kv_usage_peak.reason.as_deref(), Some(reason));
    assert_eq!(found.running_peak.reason.as_deref(), Some(reason));
}

#[test]
fn generation_throughput_is_the_tokens_of_all_exports_over_their_time() {
    let found = answers("base-1", &base_1());
    // Totals of the exports: c1 1024, c4 1024, c8 1024, c16 1023, c32 2048; warm-up is not among them.
    close(found.generation_tps.value, 6143.0 / 35.192817664);
    assert_eq!(
        found.generation_tps.metric.as_deref(),
        Some("vllm:generation_tokens")
    );
    assert_eq!(found.generation_tps.files.len(), 5);
}

#[test]
fn generation_throughput_needs_the_export_of_every_level_and_the_time() {
    let mut six = base_1();
    six.loads.push(load(64, 1.0));
    assert_eq!(
        answers("base-1", &six).generation_tps.reason.as_deref(),
        Some("5 of 6 levels have a server metrics export with generated tokens; all are needed")
    );
    let timeless = Conditions::default();
    assert_eq!(
        answers("base-1", &timeless)
            .generation_tps
            .reason
            .as_deref(),
        Some("the length of the measured phases is not known")
    );
    assert_eq!(
        answers("regressed-1", &base_1())
            .generation_tps
            .reason
            .as_deref(),
        Some(
            "the bundle holds no server metrics export of AIPerf; let AIPerf scrape the server (it does by default)"
        )
    );
}

#[test]
fn a_restarted_server_has_no_hit_rate_although_its_negative_increases_make_a_ratio() {
    let found = answers("errors-1", &Conditions::default());
    // (5632 - 14080) / (15075 - 53892) would be 0.2176 and looks like a rate.
    assert_eq!(found.hit_rate_post.value, None);
    assert_eq!(
        found.hit_rate_post.reason.as_deref(),
        Some("the server restarted during the run, so its counters began anew")
    );
    // The lifetime before the run is not touched: 14080 of 53892.
    close(found.hit_rate_pre.value, 14080.0 / 53892.0);
    let messages = findings(&found.findings, "COUNTER_RESET");
    assert_eq!(messages.len(), 1);
    for part in [
        "vllm:prefix_cache_hits_total{engine=\"0\",model_name=\"tinyllama-7m\"} went from 14080 to 5632",
        "vllm:prefix_cache_queries_total{engine=\"0\",model_name=\"tinyllama-7m\"} went from 53892 to 15075",
        "process_start_time_seconds went from 1795488232.55 to 1795488859.53",
    ] {
        assert!(
            messages[0].contains(part),
            "{part} is not in {}",
            messages[0]
        );
    }
}

#[test]
fn no_lookups_are_no_rate() {
    let unknown = answers("regressed-1", &Conditions::default());
    assert_eq!(unknown.hit_rate_post.value, None);
    assert_eq!(
        unknown.hit_rate_post.reason.as_deref(),
        Some(
            "the server looked nothing up in its prefix cache during the run: prefix caching is off, or the scrapes are of another server"
        )
    );
    assert_eq!(unknown.findings, []);
    let off = Conditions {
        prefix_caching_off: true,
        ..Conditions::default()
    };
    let known = answers("regressed-1", &off);
    assert_eq!(
        known.hit_rate_post.reason.as_deref(),
        Some("prefix caching is off")
    );
    assert_eq!(
        findings(&known.findings, "PREFIX_CACHE_OFF"),
        [
            "the server looked nothing up in its prefix cache during the run, and its configuration says that prefix caching is off"
        ]
    );
}

#[test]
fn minus_one_of_the_old_gauge_means_off() {
    // vLLM 0.8.5: gpu_prefix_cache_hit_rate is missing before the first request and -1 after the run.
    let found = answers("old-vllm", &Conditions::default());
    assert_eq!(found.hit_rate_definition.as_deref(), Some("gauge"));
    assert_eq!(
        found.hit_rate_pre.reason.as_deref(),
        Some("the pre scrape does not hold the hit rate")
    );
    assert_eq!(
        found.hit_rate_post.reason.as_deref(),
        Some("prefix caching is off: the hit rate gauge is -1")
    );
    assert_eq!(findings(&found.findings, "PREFIX_CACHE_OFF").len(), 1);
}

#[test]
fn the_configuration_is_stated_once() {
    let run = read_bundle(&real("base-1")).expect("a real bundle");
    for (field, value) in [
        ("deployment.kv_cache_dtype", json!("auto")),
        ("context.prefix_caching", json!("on")),
        ("context.gpu_memory_utilization", json!(0.92)),
        ("context.block_size", json!(128)),
        ("context.num_gpu_blocks", json!(96)),
        ("context.kv_cache_size_tokens", json!(12288)),
    ] {
        assert_eq!(stated(&run, field), [value], "{field}");
    }
    let regressed = read_bundle(&real("regressed-1")).expect("a real bundle");
    assert_eq!(stated(&regressed, "context.prefix_caching"), [json!("off")]);
    // Old vLLM says enable_prefix_caching="None": nobody chose, so it is not stated.
    let old = read_bundle(&real("old-vllm")).expect("a real bundle");
    assert_eq!(
        stated(&old, "context.prefix_caching"),
        Vec::<serde_json::Value>::new()
    );
    assert_eq!(stated(&old, "context.num_gpu_blocks"), [json!(768)]);
    assert_eq!(models(&old.server), ["tinyllama-7m"]);
}

#[test]
fn the_csv_export_counts_only_where_the_json_is_missing() {
    // base-1 holds both for c4. Without its JSON the CSV gives the same 1024 tokens, so the sum stays.
    let csv = real_without("base-1", &["aiperf-c4/server_metrics_export.json"]);
    let run = read_bundle(&csv).expect("readable");
    let found = resolve(&run.server, &base_1());
    close(found.generation_tps.value, 6143.0 / 35.192817664);
    let c4 = "aiperf-c4/server_metrics_export.csv".to_owned();
    assert!(found.generation_tps.files.contains(&c4));
    assert_eq!(stated(&run, "context.num_gpu_blocks"), [json!(96)]);

    // Alone, its four decimals show: the usage of c4 is 0.0316 where the JSON has 0.03157894….
    let alone = real_without(
        "base-1",
        &[
            "aiperf-c4/server_metrics_export.json",
            "aiperf-c1",
            "aiperf-c8",
            "aiperf-c3",
            "samples",
        ],
    );
    let run = read_bundle(&alone).expect("readable");
    let found = resolve(&run.server, &Conditions::default());
    assert_eq!(found.kv_usage_peak.value, Some(0.0316));
    assert_eq!(found.running_peak.value, Some(1.0));
    assert_eq!(stated(&run, "deployment.kv_cache_dtype"), [json!("auto")]);
}
