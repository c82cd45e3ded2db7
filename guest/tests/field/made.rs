//! Server metrics that are made small and hostile: one thing is wrong in each.

use super::support::{close, of_finding};
use perfbridge_guest::document::{Document, Options, build};
use perfbridge_guest::files::MemoryTree;
use perfbridge_guest::sources::read_bundle;
use serde_json::{Value, json};

const RESULT: &str = "aiperf-c16/profile_export_aiperf.json";
const EXPORT: &str = "aiperf-c16/server_metrics_export.json";
const PRE: &str = "m-metrics-pre.prom";
const POST: &str = "m-metrics-post.prom";

/// A level of `requests` requests of 100 tokens each in 10 s, of which `failed` failed.
fn result(level: u32, requests: u32, failed: u32) -> String {
    let ok = requests - failed;
    let errors = if failed > 0 {
        json!([{"error_details": {"code": 500, "type": "x", "message": "y"}, "count": failed}])
    } else {
        json!([])
    };
    json!({
        "schema_version": "1.4",
        "aiperf_version": "0.13.0",
        "output_token_throughput": {"unit": "tokens/sec", "avg": f64::from(ok) * 10.0},
        "request_latency": {"unit": "ms", "avg": 1000.0, "p50": 1000.0},
        "time_to_first_token": {"unit": "ms", "avg": 50.0, "p50": 50.0, "p95": 60.0, "p99": 70.0},
        "output_sequence_length": {"unit": "tokens", "avg": 100.0},
        "request_count": {"unit": "requests", "avg": ok},
        "completed_request_count": {"unit": "requests", "avg": requests},
        "error_request_count": {"unit": "requests", "avg": failed},
        "benchmark_duration": {"unit": "sec", "avg": 10.0},
        "input_config": {
            "models": {"items": [{"name": "m"}]},
            "endpoint": {"urls": ["http://a:8000"], "type": "chat", "streaming": true},
            "phases": [{"name": "profiling", "kind": "profiling", "type": "concurrency", "requests": requests, "concurrency": level}],
        },
        "was_cancelled": false,
        "error_summary": errors,
        "start_time": "2026-11-20T10:00:00.000000",
        "end_time": "2026-11-20T10:00:10.000000",
    })
    .to_string()
}

/// The address, its start and its engines, each with its generated tokens, peak of running requests and usage.
type Server<'a> = (&'a str, Option<f64>, &'a [(f64, f64, f64)]);

/// An export of AIPerf of the phase from 1795000000 to 1795000010.
fn export(servers: &[Server<'_>]) -> String {
    let (mut starts, mut tokens, mut running, mut usage) = (vec![], vec![], vec![], vec![]);
    for (address, start, engines) in servers {
        if let Some(start) = start {
            starts.push(json!({"endpoint_url": address, "stats": {"min": start, "max": start, "avg": start}}));
        }
        for (engine, (generated, most, full)) in engines.iter().enumerate() {
            let one = |stats: Value| {
                let labels = json!({"engine": engine.to_string(), "model_name": "m"});
                json!({"endpoint_url": address, "labels": labels, "stats": stats})
            };
            tokens.push(one(json!({"total": generated, "rate": generated / 10.0})));
            running.push(one(json!({"min": 0.0, "avg": most / 2.0, "max": most})));
            usage.push(one(json!({"min": 0.0, "avg": full / 2.0, "max": full})));
        }
    }
    let phase =
        json!({"start_ns": 1_795_000_000_000_000_000_u64, "end_ns": 1_795_000_010_000_000_000_u64});
    json!({
        "summary": {"endpoints_configured": [], "phase_time_ranges": {"profiling": phase}},
        "metrics_phase": "profiling",
        "metrics": {
            "process_start_time_seconds": {"type": "gauge", "series": starts},
            "vllm:generation_tokens": {"type": "counter", "series": tokens},
            "vllm:num_requests_running": {"type": "gauge", "series": running},
            "vllm:kv_cache_usage_perc": {"type": "gauge", "series": usage},
        },
    })
    .to_string()
}

fn read(files: &[(&str, &str)]) -> Document {
    let tree = MemoryTree::new(files.iter().map(|(path, text)| (*path, text.as_bytes())));
    let run = read_bundle(&tree).unwrap_or_else(|fault| panic!("{fault}"));
    build::build(&run, None, &Options::default()).unwrap_or_else(|fault| panic!("{fault}"))
}

/// One level of 64 requests, 6400 tokens, with these servers.
fn with(servers: &[Server<'_>]) -> Document {
    read(&[(RESULT, &result(16, 64, 0)), (EXPORT, &export(servers))])
}

fn server<'a>(document: &'a Document, name: &str) -> &'a Value {
    &document.map["server_metrics_delta"][name]
}

fn tokens_per_second(document: &Document) -> &Value {
    server(document, "avg_generation_throughput_toks_per_s")
}

fn codes(document: &Document) -> Vec<&str> {
    let all = document.findings.iter();
    all.map(|finding| finding.code.as_str()).collect()
}

#[test]
fn one_server_is_known_by_its_start_though_its_scrapes_jitter() {
    let start = Some(1_794_000_000.25);
    let found = with(&[
        (
            "http://10.0.0.5:8000/metrics",
            start,
            &[(6400.0, 16.0, 0.5)],
        ),
        ("http://a:8000/metrics", start, &[(6330.0, 15.0, 0.49)]),
    ]);
    assert_eq!(codes(&found), ["SAME_SERVER"]);
    assert_eq!(tokens_per_second(&found), &json!(640.0));
    assert_eq!(server(&found, "num_requests_running_peak"), &json!(16));
}

/// Two replicas that share the load evenly have equal numbers; together they count what the client received.
#[test]
fn replicas_are_two_servers() {
    let half: &[(f64, f64, f64)] = &[(3200.0, 8.0, 0.25)];
    for starts in [
        [Some(1_794_000_000.0), Some(1_794_000_009.5)],
        [Some(1_794_000_000.0), Some(1_794_000_000.0)],
        [None, None],
    ] {
        let found = with(&[
            ("http://a/metrics", starts[0], half),
            ("http://b/metrics", starts[1], half),
        ]);
        assert_eq!(codes(&found), ["PEAK_IS_UPPER_BOUND"], "{starts:?}");
        assert_eq!(tokens_per_second(&found), &json!(640.0), "{starts:?}");
        assert_eq!(server(&found, "num_requests_running_peak"), &json!(16));
    }
}

/// Equal numbers of servers that started apart are two servers, and then their sum is not what the client received.
#[test]
fn a_multiple_is_never_the_throughput_of_this_run() {
    let whole: &[(f64, f64, f64)] = &[(6400.0, 16.0, 0.5)];
    let found = with(&[
        ("http://a/metrics", Some(1_794_000_000.0), whole),
        ("http://b/metrics", Some(1_794_000_500.0), whole),
    ]);
    assert_eq!(tokens_per_second(&found), &Value::Null);
    let said = of_finding(&found, "OTHER_TRAFFIC");
    assert_eq!(
        said[0].message,
        "the server generated 12800 tokens in the measured phase, the client received 6400 (2.00 times as many; no request failed): another load ran, or this is not the server that was measured"
    );
    assert_eq!(said[0].place.text().as_deref(), Some("metrics.16"));
}

/// The bound is 5 % of what the client received: 6720 of 6400 is not beyond it, 6721 is; 6080 is not short, 6079 is.
#[test]
fn the_bounds_of_the_servers_count() {
    for (tokens, expected) in [
        (6720.0, None),
        (6721.0, Some("OTHER_TRAFFIC")),
        (6080.0, None),
        (6079.0, Some("SERVER_SAMPLES_SHORT")),
    ] {
        let found = with(&[("http://a/metrics", None, &[(tokens, 16.0, 0.5)])]);
        let expected: Vec<&str> = expected.into_iter().collect();
        assert_eq!(codes(&found), expected, "{tokens}");
        let value = tokens_per_second(&found);
        assert_eq!(value.is_null(), !expected.is_empty(), "{tokens}");
    }
}

/// 60 of 64 received, 4 failed: their tokens may be 400, which is 6.7 % of 6000.
#[test]
fn failed_requests_had_tokens_too() {
    for (tokens, expected) in [(6400.0, 0), (6401.0, 1)] {
        let text = export(&[("http://a/metrics", None, &[(tokens, 16.0, 0.5)])]);
        let found = read(&[(RESULT, &result(16, 64, 4)), (EXPORT, &text)]);
        assert_eq!(
            of_finding(&found, "OTHER_TRAFFIC").len(),
            expected,
            "{tokens}"
        );
    }
}

/// 16 requests were under way when the time of the phase ended: 1600 tokens that the client never saw the end of.
#[test]
fn requests_under_way_at_the_end_had_tokens_too() {
    for (tokens, expected) in [(8000.0, 0), (8001.0, 1)] {
        let text = export(&[("http://a/metrics", None, &[(tokens, 16.0, 0.5)])]);
        let timed = result(16, 64, 0).replace("\"requests\":64", "\"duration\":10.0");
        assert!(timed.contains("duration\":10.0"));
        let found = read(&[(RESULT, &timed), (EXPORT, &text)]);
        assert_eq!(
            of_finding(&found, "OTHER_TRAFFIC").len(),
            expected,
            "{tokens}"
        );
    }
}

/// One engine of two began anew; the sum of both grew.
#[test]
fn a_reset_of_one_engine_is_not_hidden_by_the_other() {
    let text = export(&[(
        "http://a/metrics",
        None,
        &[(-100.0, 8.0, 0.2), (6500.0, 8.0, 0.2)],
    )]);
    let found = read(&[(RESULT, &result(16, 64, 0)), (EXPORT, &text)]);
    assert_eq!(tokens_per_second(&found), &Value::Null);
    let said = of_finding(&found, "COUNTER_RESET");
    assert_eq!(said.len(), 1);
    assert!(
        said[0].message.contains("engine=\"0\""),
        "{}",
        said[0].message
    );

    let engines = |queries: [f64; 2], hits: [f64; 2], generated: [f64; 2]| -> String {
        let mut text = String::new();
        for at in 0..2 {
            for (name, value) in [
                ("prefix_cache_queries_total", queries[at]),
                ("prefix_cache_hits_total", hits[at]),
                ("generation_tokens_total", generated[at]),
            ] {
                text += &format!("vllm:{name}{{engine=\"{at}\",model_name=\"m\"}} {value}\n");
            }
        }
        text
    };
    let pre = engines([1000.0, 1000.0], [500.0, 500.0], [100.0, 100.0]);
    let post = engines([9000.0, 400.0], [4500.0, 100.0], [6400.0, 50.0]);
    let found = read(&[(RESULT, &result(16, 64, 0)), (PRE, &pre), (POST, &post)]);
    assert_eq!(server(&found, "prefix_cache_hit_rate_post"), &Value::Null);
    let said = of_finding(&found, "COUNTER_RESET");
    assert!(
        said[0].message.contains("engine=\"1\""),
        "{}",
        said[0].message
    );
}

/// Each level is within one process, and the process was another one at the second level.
#[test]
fn a_restart_between_levels_is_a_reset() {
    let at = |start| export(&[("http://a/metrics", Some(start), &[(6400.0, 16.0, 0.5)])]);
    let found = read(&[
        ("aiperf-c4/profile_export_aiperf.json", &result(4, 64, 0)),
        ("aiperf-c4/server_metrics_export.json", &at(1_794_000_000.0)),
        (RESULT, &result(16, 64, 0)),
        (EXPORT, &at(1_794_000_900.0)),
    ]);
    assert_eq!(codes(&found), ["COUNTER_RESET"]);
    assert_eq!(tokens_per_second(&found), &Value::Null);
}

/// A source of tokens that the server did not know before the run began at 0.
#[test]
fn a_label_set_that_appears_during_the_run_counts_from_nothing() {
    let pre = "sglang:prompt_tokens_total{model_name=\"m\"} 1000\n\
        sglang:cached_tokens_total{model_name=\"m\",cache_source=\"device\"} 400\n\
        sglang:generation_tokens_total{model_name=\"m\"} 100\n";
    let post = "sglang:prompt_tokens_total{model_name=\"m\"} 3000\n\
        sglang:cached_tokens_total{model_name=\"m\",cache_source=\"device\"} 900\n\
        sglang:cached_tokens_total{model_name=\"m\",cache_source=\"host\"} 300\n\
        sglang:generation_tokens_total{model_name=\"m\"} 6500\n";
    let found = read(&[(RESULT, &result(16, 64, 0)), (PRE, pre), (POST, post)]);
    close(
        server(&found, "prefix_cache_hit_rate_post"),
        (500.0 + 300.0) / 2000.0,
    );
    assert_eq!(found.map["context"]["serving_engine"], "SGLang");
    assert_eq!(found.map["context"]["regime"], "warm");
    assert_eq!(codes(&found), [""; 0]);
}

/// An engine that had nothing to do is no restart, and its zero is a zero.
#[test]
fn an_idle_engine_takes_nothing_away() {
    let text = export(&[(
        "http://a/metrics",
        None,
        &[(6400.0, 16.0, 0.5), (0.0, 0.0, 0.0)],
    )]);
    let found = read(&[(RESULT, &result(16, 64, 0)), (EXPORT, &text)]);
    assert_eq!(codes(&found), [""; 0]);
    assert_eq!(tokens_per_second(&found), &json!(640.0));
    assert_eq!(server(&found, "num_requests_running_peak"), &json!(16));
    assert_eq!(found.map["deployment"]["data_parallel_size"], 2);
}

/// `_bucket`, `_sum`, `_count` and `_created` share the beginning of their names with counters.
#[test]
fn parts_of_a_histogram_are_no_counters() {
    let scrape = |tokens: u32| {
        format!(
            "# TYPE vllm:generation_tokens histogram\n\
             vllm:generation_tokens_bucket{{le=\"1\"}} 99999\n\
             vllm:generation_tokens_sum 99999\n\
             vllm:generation_tokens_count 99999\n\
             vllm:generation_tokens_created 1.7e9\n\
             vllm:generation_tokens_total {tokens}\n\
             vllm:request_generation_tokens_sum 88888\n\
             vllm:prefix_cache_queries_total {tokens}\n\
             vllm:prefix_cache_hits_total 0\n"
        )
    };
    let found = read(&[
        (RESULT, &result(16, 64, 0)),
        (PRE, &scrape(0)),
        (POST, &scrape(6400)),
    ]);
    assert_eq!(codes(&found), [""; 0]);
    assert_eq!(server(&found, "prefix_cache_hit_rate_post"), &json!(0.0));
}

/// Scrapes of the warm-up and of the time behind the phase say nothing about it; names in milliseconds are times too.
#[test]
fn peaks_are_of_the_measured_phase() {
    let busy = |most: u32| {
        format!(
            "vllm:num_requests_running{{model_name=\"m\"}} {most}\nvllm:kv_cache_usage_perc 0.{most}\n"
        )
    };
    let text = export(&[("http://a/metrics", None, &[(6400.0, 12.0, 0.25)])]);
    let found = read(&[
        (RESULT, &result(16, 64, 0)),
        (EXPORT, &text),
        ("s/1794999999.prom", &busy(64)),
        ("s/1795000005000.prom", &busy(14)),
        ("s/1795000006.5.prom", &busy(13)),
        ("s/metrics-1795000011.prom", &busy(63)),
    ]);
    assert_eq!(server(&found, "num_requests_running_peak"), &json!(14));
    assert_eq!(server(&found, "gpu_cache_usage_perc_peak"), &json!(0.25));
    // Where no phase is known, every scrape of the series counts.
    let found = read(&[
        (RESULT, &result(16, 64, 0)),
        ("s/1794999999.prom", &busy(64)),
        ("s/1795000005000.prom", &busy(14)),
    ]);
    assert_eq!(server(&found, "num_requests_running_peak"), &json!(64));
}

/// The same page of a gateway, once by pod and once by service.
#[test]
fn one_server_in_one_scrape_by_two_jobs() {
    let page = |running: u32, queries: u32, hits: u32, generated: u32| {
        ["pods", "services"]
            .map(|job| {
                let labels =
                    format!("{{instance=\"10.0.0.5:8000\",job=\"{job}\",model_name=\"m\"}}");
                format!(
                    "vllm:num_requests_running{labels} {running}\n\
                     vllm:prefix_cache_queries_total{labels} {queries}\n\
                     vllm:prefix_cache_hits_total{labels} {hits}\n\
                     vllm:generation_tokens_total{labels} {generated}\n\
                     process_start_time_seconds{labels} 1794000000.5\n"
                )
            })
            .concat()
    };
    let found = read(&[
        (RESULT, &result(16, 64, 0)),
        (PRE, &page(0, 0, 0, 0)),
        (POST, &page(0, 8000, 2000, 6400)),
        ("s/1795000005.prom", &page(16, 4000, 1000, 3200)),
        ("s/1795000006.prom", &page(15, 5000, 1200, 3900)),
    ]);
    assert_eq!(server(&found, "num_requests_running_peak"), &json!(16));
    assert_eq!(server(&found, "prefix_cache_hit_rate_post"), &json!(0.25));
    assert_eq!(found.map["context"]["regime"], "cold");
    assert!(
        codes(&found).iter().all(|code| *code == "SAME_SERVER"),
        "{:?}",
        codes(&found)
    );
}

/// Scrapes around each level are of one server at different times, not of two servers.
#[test]
fn scrapes_around_each_level_are_windows_of_one_server() {
    let page = |queries: u32, hits: u32, generated: u32| {
        format!(
            "vllm:prefix_cache_queries_total 100000{queries:03}\n\
             vllm:prefix_cache_hits_total 50000{hits:03}\n\
             vllm:generation_tokens_total 70000{generated:04}\n\
             process_start_time_seconds 1794000000.5\n"
        )
    };
    let found = read(&[
        ("aiperf-c4/profile_export_aiperf.json", &result(4, 64, 0)),
        ("aiperf-c4/metrics-pre.prom", &page(0, 0, 0)),
        ("aiperf-c4/metrics-post.prom", &page(200, 100, 6400)),
        (RESULT, &result(16, 32, 0)),
        ("aiperf-c16/metrics-pre.prom", &page(200, 100, 6400)),
        ("aiperf-c16/metrics-post.prom", &page(400, 150, 9600)),
    ]);
    assert_eq!(codes(&found), [""; 0]);
    close(server(&found, "prefix_cache_hit_rate_post"), 150.0 / 400.0);
    assert_eq!(found.map["context"]["regime"], "warm");
}

/// A pre and a post scrape that saw half of the tokens are not of this run, or of one replica of two.
#[test]
fn scrapes_that_do_not_enclose_the_run_give_no_rate() {
    let page = |queries: u32, generated: u32| {
        format!(
            "vllm:prefix_cache_queries_total {queries}\nvllm:prefix_cache_hits_total 0\nvllm:generation_tokens_total {generated}\n"
        )
    };
    let found = read(&[
        (RESULT, &result(16, 64, 0)),
        (PRE, &page(0, 0)),
        (POST, &page(900, 3200)),
    ]);
    assert_eq!(codes(&found), ["SERVER_SAMPLES_SHORT"]);
    assert_eq!(server(&found, "prefix_cache_hit_rate_post"), &Value::Null);
    assert_eq!(
        of_finding(&found, "SERVER_SAMPLES_SHORT")[0].message,
        "the server generated 3200 tokens between the pre and the post scrape, the client received 6400: the scrapes do not enclose the run, or are of a part of the servers"
    );
}

/// Drafts are there only where speculative decoding is on; ranks number the parts of a server.
#[test]
fn what_the_series_imply_about_the_configuration() {
    let found = read(&[
        (RESULT, &result(16, 64, 0)),
        (
            POST,
            "vllm:spec_decode_num_drafts_total{engine=\"0\"} 0\nvllm:generation_tokens_total{engine=\"0\"} 6400\n",
        ),
    ]);
    assert_eq!(found.map["deployment"]["speculative_decoding"], "on");
    assert_eq!(found.map["deployment"]["data_parallel_size"], Value::Null);
    let ranks: String = (0..8)
        .map(|rank| format!("sglang:num_running_reqs{{tp_rank=\"{rank}\",pp_rank=\"0\"}} 1\n"))
        .collect();
    let ranks = ranks + "sglang:spec_accept_length{tp_rank=\"0\",pp_rank=\"0\"} 0\n";
    let found = read(&[(RESULT, &result(16, 64, 0)), (POST, &ranks)]);
    assert_eq!(found.map["deployment"]["tensor_parallel_size"], 8);
    assert_eq!(
        found.map["deployment"]["pipeline_parallel_size"],
        Value::Null
    );
    assert_eq!(found.map["deployment"]["speculative_decoding"], Value::Null);
    assert_eq!(found.map["context"]["serving_engine"], "SGLang");
}

/// A server that was away answered a whole series with its error page: one finding, and the scrapes that are some count.
#[test]
fn many_pages_in_a_series_are_one_finding() {
    let page = "<html><body>502 Bad Gateway</body></html>";
    let found = read(&[
        (RESULT, &result(16, 64, 0)),
        ("s/1795000001.prom", page),
        ("s/1795000002.prom", page),
        ("s/1795000003.prom", "vllm:num_requests_running 5\n"),
        ("s/1795000004.prom", page),
        (PRE, page),
    ]);
    let said: Vec<(Option<String>, bool)> = of_finding(&found, "NOT_A_SCRAPE")
        .iter()
        .map(|one| {
            let many = "found an HTML page in s/1795000004.prom, the last of 3 files of the series";
            (one.place.text(), one.message.starts_with(many))
        })
        .collect();
    assert_eq!(
        said,
        [(Some(PRE.to_owned()), false), (Some("s".to_owned()), true)]
    );
    assert_eq!(server(&found, "num_requests_running_peak"), &json!(5));
}

/// A version that does not count lookups while prefix caching is off, and one that says nothing about it.
#[test]
fn prefix_caching_that_is_off_is_said_without_a_counter() {
    let page = |tokens: u32, info: &str| format!("vllm:generation_tokens_total {tokens}\n{info}");
    let info = "vllm:cache_config_info{enable_prefix_caching=\"False\"} 1\n";
    for (info, codes_expected, reason) in [
        (info, vec!["PREFIX_CACHE_OFF"], "prefix caching is off"),
        (
            "",
            vec![],
            "neither scrape holds a prefix cache metric of vLLM, SGLang or TensorRT-LLM",
        ),
    ] {
        let (pre, post) = (page(0, info), page(6400, info));
        let found = read(&[(RESULT, &result(16, 64, 0)), (PRE, &pre), (POST, &post)]);
        assert_eq!(codes(&found), codes_expected);
        let said = &found.map["sources"]["server"]["prefix_cache_hit_rate_post"]["reason"];
        assert_eq!(said, reason);
    }
}
