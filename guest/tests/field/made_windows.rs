//! More of them: what is inside the window of a run, and what the series imply.

use super::made::*;
use super::support::{close, of_finding};
use serde_json::{Value, json};

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
    // Each label numbers the parts of one size; one part alone says nothing about the others.
    for (label, size) in [
        ("engine", "data_parallel_size"),
        ("dp_rank", "data_parallel_size"),
        ("tp_rank", "tensor_parallel_size"),
        ("pp_rank", "pipeline_parallel_size"),
        ("moe_ep_rank", "expert_parallel_size"),
    ] {
        for (parts, expected) in [(4, json!(4)), (1, Value::Null)] {
            let rank = |at: u32| format!("sglang:num_running_reqs{{{label}=\"{at}\"}} 1\n");
            let scrape: String = (0..parts).map(rank).collect();
            let found = read(&[(RESULT, &result(16, 64, 0)), (POST, &scrape)]);
            assert_eq!(found.map["deployment"][size], expected, "{label}");
        }
    }
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

/// One counter of a pair is a scrape that was filtered, or names of two versions: no rate, and never 0. SGLang alone
/// shows its counter of hits from the first hit on.
#[test]
fn lookups_without_their_hits_are_no_rate() {
    for (queries, hits) in [
        ("vllm:prefix_cache_queries_total", "vllm:other"),
        (
            "vllm:gpu_prefix_cache_queries_total",
            "vllm:prefix_cache_hits_total",
        ),
        ("trtllm_kv_cache_missed_blocks_total", "trtllm_other"),
    ] {
        let page = |at: u32| format!("{queries} {at}\n{hits} {at}\n");
        let found = read(&[
            (RESULT, &result(16, 64, 0)),
            (PRE, &page(10)),
            (POST, &page(90)),
        ]);
        for name in ["prefix_cache_hit_rate_pre", "prefix_cache_hit_rate_post"] {
            assert_eq!(server(&found, name), &Value::Null, "{queries}");
        }
    }
    let page = |at: u32| format!("sglang:prompt_tokens_total {at}\n");
    let found = read(&[
        (RESULT, &result(16, 64, 0)),
        (PRE, &page(10)),
        (POST, &page(90)),
    ]);
    for name in ["prefix_cache_hit_rate_pre", "prefix_cache_hit_rate_post"] {
        // As text: a sum of nothing is -0.
        assert_eq!(server(&found, name).to_string(), "0.0");
    }
}

/// Whichever way somebody names the two scrapes; idle ones are no series of which a peak could be told.
#[test]
fn scrapes_by_other_names() {
    let page = |queries: u32, hits: u32| {
        format!(
            "vllm:prefix_cache_queries_total {queries}\nvllm:prefix_cache_hits_total {hits}\nvllm:num_requests_running 0\n"
        )
    };
    for [pre, post] in [
        ["pre_metrics.prom", "post_metrics.prom"],
        ["metrics-before.prom", "metrics-after.prom"],
        ["c16/before-c16.prom", "c16/after-c16.prom"],
    ] {
        let found = read(&[
            (RESULT, &result(16, 64, 0)),
            (pre, &page(100, 10)),
            (post, &page(300, 110)),
        ]);
        close(server(&found, "prefix_cache_hit_rate_pre"), 0.1);
        close(server(&found, "prefix_cache_hit_rate_post"), 0.5);
        assert_eq!(server(&found, "num_requests_running_peak"), &Value::Null);
    }
}

/// Prometheus 3 can write the name of a metric inside the braces.
#[test]
fn a_name_inside_the_braces_is_the_name() {
    let page = |queries: u32, hits: u32| {
        format!(
            "{{\"vllm:prefix_cache_queries_total\",engine=\"0\"}} {queries}\n{{\"vllm:prefix_cache_hits_total\" , engine=\"0\"}} {hits}\n{{\"other.name\"}} 1\n"
        )
    };
    let found = read(&[
        (RESULT, &result(16, 64, 0)),
        (PRE, &page(100, 10)),
        (POST, &page(300, 110)),
    ]);
    close(server(&found, "prefix_cache_hit_rate_post"), 0.5);
}

/// From one and a half times as many tokens on, most of what was looked up was not of this run either.
#[test]
fn a_hit_rate_of_other_traffic_is_none_of_this_run() {
    let page =
        |at: u32| format!("vllm:prefix_cache_queries_total {at}\nvllm:prefix_cache_hits_total 0\n");
    for (tokens, is_known) in [(9600.0, true), (9601.0, false)] {
        let text = export(&[("http://a/metrics", None, &[(tokens, 16.0, 0.5)])]);
        let found = read(&[
            (RESULT, &result(16, 64, 0)),
            (EXPORT, &text),
            (PRE, &page(0)),
            (POST, &page(8000)),
        ]);
        assert_eq!(codes(&found), ["OTHER_TRAFFIC"]);
        let rate = server(&found, "prefix_cache_hit_rate_post");
        assert_eq!(!rate.is_null(), is_known, "{tokens}");
    }
}

/// Between 0.9.2 and 0.11 vLLM showed its usage under both names; the newer one counts, and is named.
#[test]
fn the_newer_name_of_the_usage_counts() {
    let page = "vllm:gpu_cache_usage_perc 0.75\nvllm:kv_cache_usage_perc 0.5\n";
    let found = read(&[(RESULT, &result(16, 64, 0)), ("s/1795000001.prom", page)]);
    assert_eq!(server(&found, "gpu_cache_usage_perc_peak"), &json!(0.5));
    let source = &found.map["sources"]["server"]["gpu_cache_usage_perc_peak"];
    assert_eq!(source["metric"], "vllm:kv_cache_usage_perc");
}
