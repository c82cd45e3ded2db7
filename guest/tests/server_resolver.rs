//! Which metric answers which question: several engines, servers, models and engine makers.
//! Numbers are small enough to be checked in the head. The series have the shapes that vLLM, SGLang,
//! TensorRT-LLM and Triton expose.

mod support;

use perfbridge_guest::server::{Conditions, models, resolve};
use support::{POST, PRE, bundle, close, findings, pair, resolved};

#[test]
fn engines_are_summed() {
    let found = pair(
        "vllm:prefix_cache_hits_total{engine=\"0\",model_name=\"m\"} 10\n\
         vllm:prefix_cache_hits_total{engine=\"1\",model_name=\"m\"} 0\n\
         vllm:prefix_cache_queries_total{engine=\"0\",model_name=\"m\"} 40\n\
         vllm:prefix_cache_queries_total{engine=\"1\",model_name=\"m\"} 0\n",
        "vllm:prefix_cache_hits_total{engine=\"0\",model_name=\"m\"} 40\n\
         vllm:prefix_cache_hits_total{engine=\"1\",model_name=\"m\"} 30\n\
         vllm:prefix_cache_queries_total{engine=\"0\",model_name=\"m\"} 100\n\
         vllm:prefix_cache_queries_total{engine=\"1\",model_name=\"m\"} 60\n",
    );
    close(found.hit_rate_pre.value, 10.0 / 40.0);
    close(found.hit_rate_post.value, (30.0 + 30.0) / (60.0 + 60.0));
}

#[test]
fn a_restart_of_one_engine_of_two_is_seen_although_the_sum_grew() {
    let found = pair(
        "vllm:prefix_cache_queries_total{engine=\"0\"} 100\nvllm:prefix_cache_queries_total{engine=\"1\"} 100\n",
        "vllm:prefix_cache_queries_total{engine=\"0\"} 900\nvllm:prefix_cache_queries_total{engine=\"1\"} 50\n",
    );
    assert_eq!(found.hit_rate_post.value, None);
    assert_eq!(
        findings(&found.findings, "COUNTER_RESET"),
        [
            "the server restarted during the run: vllm:prefix_cache_queries_total{engine=\"1\"} went from 100 to 50 (m-metrics-pre.prom to m-metrics-post.prom)"
        ]
    );
}

#[test]
fn another_process_start_is_a_restart_even_when_every_counter_grew() {
    let found = pair(
        "process_start_time_seconds 1.7e+09\nvllm:prefix_cache_queries_total 10\nvllm:prefix_cache_hits_total 1\n",
        "process_start_time_seconds 1.700000100e+09\nvllm:prefix_cache_queries_total 90\nvllm:prefix_cache_hits_total 9\n",
    );
    assert_eq!(found.hit_rate_post.value, None);
    assert_eq!(
        findings(&found.findings, "COUNTER_RESET"),
        [
            "the server restarted during the run: process_start_time_seconds went from 1700000000 to 1700000100 (m-metrics-pre.prom to m-metrics-post.prom)"
        ]
    );
}

#[test]
fn a_restart_between_two_samples_is_seen() {
    let found = resolved(&[
        (PRE, "vllm:prefix_cache_queries_total 0\n"),
        (
            POST,
            "vllm:prefix_cache_queries_total 70\nvllm:prefix_cache_hits_total 7\n",
        ),
        ("s/100.prom", "vllm:prefix_cache_queries_total 60\n"),
        ("s/99.prom", "vllm:prefix_cache_queries_total 900\n"),
    ]);
    assert_eq!(found.hit_rate_post.value, None);
    assert_eq!(
        findings(&found.findings, "COUNTER_RESET"),
        [
            "the server restarted during the run: vllm:prefix_cache_queries_total went from 900 to 60 (s/99.prom to s/100.prom)"
        ]
    );
}

#[test]
fn a_counter_that_is_missing_before_counts_as_zero_and_missing_after_as_another_server() {
    let fresh = pair(
        "",
        "vllm:prefix_cache_queries_total 80\nvllm:prefix_cache_hits_total 20\n",
    );
    close(fresh.hit_rate_post.value, 0.25);
    let gone = pair(
        "vllm:prefix_cache_queries_total 80\nvllm:prefix_cache_hits_total 20\nvllm:generation_tokens_total 5\n",
        "vllm:prefix_cache_queries_total 90\nvllm:prefix_cache_hits_total 25\n",
    );
    assert_eq!(gone.hit_rate_post.value, None);
    let message = "the pre and the post scrape are not of the same servers: vllm:generation_tokens_total is 5 in m-metrics-pre.prom and missing in m-metrics-post.prom";
    assert_eq!(gone.hit_rate_post.reason.as_deref(), Some(message));
    assert_eq!(findings(&gone.findings, "SCRAPES_DIFFER"), [message]);
}

#[test]
fn a_server_that_is_there_only_after_the_run_makes_no_increase() {
    let found = pair(
        "vllm:prefix_cache_queries_total{pod=\"a\"} 10\nvllm:prefix_cache_hits_total{pod=\"a\"} 1\n",
        "vllm:prefix_cache_queries_total{pod=\"a\"} 20\nvllm:prefix_cache_hits_total{pod=\"a\"} 2\n\
         vllm:prefix_cache_queries_total{pod=\"b\"} 9000\nvllm:prefix_cache_hits_total{pod=\"b\"} 2\n",
    );
    assert_eq!(found.hit_rate_post.value, None);
    assert!(
        findings(&found.findings, "SCRAPES_DIFFER")[0].contains(
            "vllm:prefix_cache_queries_total{pod=\"b\"} is 9000 in m-metrics-post.prom and its server is missing in m-metrics-pre.prom"
        )
    );
}

#[test]
fn one_half_of_a_pair_is_no_window() {
    let found = resolved(&[(
        POST,
        "vllm:prefix_cache_queries_total 80\nvllm:prefix_cache_hits_total 20\n",
    )]);
    assert_eq!(
        found.hit_rate_post.reason.as_deref(),
        Some(
            "m-metrics-post.prom has no pre scrape beside it; an increase needs a scrape before and one after the run"
        )
    );
    assert_eq!(
        found.hit_rate_pre.reason.as_deref(),
        Some("the bundle holds no scrape from before the run")
    );
    let found = resolved(&[(
        PRE,
        "vllm:prefix_cache_queries_total 80\nvllm:prefix_cache_hits_total 20\n",
    )]);
    close(found.hit_rate_pre.value, 0.25);
    assert_eq!(
        found.hit_rate_post.reason.as_deref(),
        Some(
            "m-metrics-pre.prom has no post scrape beside it; an increase needs a scrape before and one after the run"
        )
    );
}

#[test]
fn two_scrapes_for_one_moment_are_named() {
    let found = resolved(&[
        ("m-metrics-pre.prom", "vllm:prefix_cache_queries_total 1\n"),
        ("m-pre.prom", "vllm:prefix_cache_queries_total 2\n"),
    ]);
    assert_eq!(
        found.hit_rate_post.reason.as_deref(),
        Some("m-metrics-pre.prom and m-pre.prom are scrapes of the same moment; keep one of them")
    );
}

#[test]
fn no_known_metric_and_no_scrape_have_reasons() {
    let other = pair(
        "vllm:num_requests_running 0\n",
        "vllm:num_requests_running 0\n",
    );
    assert_eq!(
        other.hit_rate_post.reason.as_deref(),
        Some("neither scrape holds a prefix cache metric of vLLM, SGLang or TensorRT-LLM")
    );
    let series = resolved(&[("1.prom", "vllm:num_requests_running 3\n")]);
    assert_eq!(
        series.hit_rate_post.reason.as_deref(),
        Some(
            "the bundle holds no scrape from before or after the run; give `<model>-metrics-pre.prom` and `<model>-metrics-post.prom`"
        )
    );
    assert_eq!(series.running_peak.value, Some(3.0));
    assert_eq!(
        series.kv_usage_peak.reason.as_deref(),
        Some("no scrape and no export holds this metric under a known name")
    );
    let nothing = resolve(&Default::default(), &Conditions::default());
    assert_eq!(
        nothing.running_peak.reason.as_deref(),
        Some("the bundle holds no server metrics")
    );
}

#[test]
fn more_hits_than_lookups_are_refused() {
    let found = pair(
        "",
        "vllm:prefix_cache_queries_total 10\nvllm:prefix_cache_hits_total 11\n",
    );
    assert_eq!(
        found.hit_rate_post.reason.as_deref(),
        Some("11 hits of 10 lookups cannot be; the scrape mixes servers or moments")
    );
}

#[test]
fn running_requests_are_summed_at_one_instant_and_usage_is_the_fullest_engine() {
    let found = resolved(&[
        (
            "1.prom",
            "vllm:num_requests_running{engine=\"0\"} 8\nvllm:num_requests_running{engine=\"1\"} 1\nvllm:kv_cache_usage_perc{engine=\"0\"} 0.5\nvllm:kv_cache_usage_perc{engine=\"1\"} 0.1\n",
        ),
        (
            "2.prom",
            "vllm:num_requests_running{engine=\"0\"} 1\nvllm:num_requests_running{engine=\"1\"} 7\nvllm:kv_cache_usage_perc{engine=\"0\"} 0.1\nvllm:kv_cache_usage_perc{engine=\"1\"} 0.4\n",
        ),
    ]);
    // 8 + 1 at once; 8 and 7 never were.
    assert_eq!(found.running_peak.value, Some(9.0));
    assert_eq!(found.running_peak.files, ["1.prom"]);
    assert_eq!(found.kv_usage_peak.value, Some(0.5));
}

#[test]
fn servers_scraped_at_the_same_second_are_one_instant() {
    let found = resolved(&[
        ("a/100.prom", "vllm:num_requests_running 5\n"),
        ("b/100.prom", "vllm:num_requests_running 6\n"),
        ("b/103.prom", "vllm:num_requests_running 7\n"),
    ]);
    assert_eq!(found.running_peak.value, Some(11.0));
    assert_eq!(found.running_peak.files, ["a/100.prom", "b/100.prom"]);
}

#[test]
fn the_old_names_of_vllm_count_blocks_until_their_help_says_tokens() {
    let series = "vllm:gpu_prefix_cache_queries_total 10\nvllm:gpu_prefix_cache_hits_total 5\n";
    let blocks = pair("", series);
    close(blocks.hit_rate_post.value, 0.5);
    assert_eq!(blocks.hit_rate_definition.as_deref(), Some("blocks"));
    // vLLM 0.10 prints its help text with a missing space.
    let help = "# HELP vllm:gpu_prefix_cache_queries_total GPU prefix cache queries, in terms of number of queriedtokens.\n";
    let tokens = pair("", &format!("{help}{series}"));
    assert_eq!(tokens.hit_rate_definition.as_deref(), Some("tokens"));
    // vLLM 0.9.2 has both: the new name wins and nothing is counted twice.
    let both = pair(
        "",
        &format!("{series}vllm:prefix_cache_queries_total 160\nvllm:prefix_cache_hits_total 40\n"),
    );
    close(both.hit_rate_post.value, 0.25);
}

#[test]
fn a_gauge_gives_both_rates_and_percentages_are_converted() {
    let found = pair(
        "vllm:prefix_cache_hit_rate 0.8\n",
        "vllm:prefix_cache_hit_rate 62.5\n",
    );
    // The same family is in percent everywhere: 0.8 is 0.8 %.
    close(found.hit_rate_pre.value, 0.008);
    close(found.hit_rate_post.value, 0.625);
    assert_eq!(found.hit_rate_definition.as_deref(), Some("gauge"));
    assert_eq!(
        findings(&found.findings, "UNIT_CONVERTED"),
        [
            "vllm:prefix_cache_hit_rate is 62.5, above 1, so its values are taken for percent and divided by 100"
        ]
    );
}

#[test]
fn several_models_are_told_apart() {
    let scrape = |a: u32, b: u32| {
        format!(
            "vllm:prefix_cache_queries_total{{model_name=\"a\"}} {a}\nvllm:prefix_cache_hits_total{{model_name=\"a\"}} {b}\n"
        )
    };
    let other = "vllm:prefix_cache_queries_total{model_name=\"b\"} 10\nvllm:prefix_cache_hits_total{model_name=\"b\"} 9\n";
    let run = bundle(&[
        ("a-metrics-pre.prom", &scrape(0, 0)),
        ("a-metrics-post.prom", &scrape(8, 2)),
        ("b-metrics-pre.prom", "# nothing yet\n"),
        ("b-metrics-post.prom", other),
    ])
    .expect("readable");
    assert_eq!(models(&run.server), ["a", "b"]);
    let of = |model: Option<&str>| {
        let model = model.map(str::to_owned);
        resolve(
            &run.server,
            &Conditions {
                model,
                ..Conditions::default()
            },
        )
        .hit_rate_post
    };
    close(of(Some("a")).value, 0.25);
    close(of(Some("b")).value, 0.9);
    assert_eq!(
        of(None).reason.as_deref(),
        Some("the server metrics are of several models (a, b); choose one of them")
    );
    assert_eq!(
        of(Some("c")).reason.as_deref(),
        Some("the server metrics are of a, b and not of `c`; choose one of them")
    );
    assert_eq!(
        of(Some("a,b")).reason.as_deref(),
        Some(
            "the run is of several models (a,b), and each series of the server metrics of one (a, b)"
        )
    );
}

#[test]
fn another_name_for_the_only_model_is_taken_and_said() {
    let run = bundle(&[(
        "9.prom",
        "vllm:num_requests_running{model_name=\"org/Model\"} 3\n",
    )])
    .expect("readable");
    let wanted = Conditions {
        model: Some("kimi".to_owned()),
        ..Conditions::default()
    };
    let found = resolve(&run.server, &wanted);
    assert_eq!(found.running_peak.value, Some(3.0));
    assert_eq!(
        findings(&found.findings, "SERVER_MODEL_NAME"),
        [
            "the server metrics are those of `org/Model` and the run is of `kimi`; taken for the same, since no other model is in the metrics"
        ]
    );
}
