//! Every engine by the names that it gives its metrics, and what is no engine. Numbers are small enough to be checked in
//! the head.

mod support;

use support::{POST, PRE, close, findings, pair, resolved};

#[test]
fn sglang_is_understood() {
    let found = resolved(&[
        (
            "s-metrics-pre.prom",
            "sglang:cache_hit_rate{model_name=\"s\",tp_rank=\"0\"} 0.0\n",
        ),
        (
            "s-metrics-post.prom",
            "sglang:prompt_tokens_total{is_streaming=\"true\",model_name=\"s\"} 600\nsglang:prompt_tokens_total{is_streaming=\"false\",model_name=\"s\"} 400\n\
             sglang:cached_tokens_total{cache_source=\"device\",model_name=\"s\"} 300\nsglang:cached_tokens_total{cache_source=\"host\",model_name=\"s\"} 100\n\
             sglang:cached_tokens_total{cache_source=\"total\",model_name=\"s\"} 400\nsglang:cache_hit_rate{model_name=\"s\",tp_rank=\"0\"} 0.9\n",
        ),
        (
            "5.prom",
            "sglang:num_running_reqs{model_name=\"s\",tp_rank=\"0\"} 4\nsglang:num_running_reqs{model_name=\"s\",tp_rank=\"1\"} 4\n\
             sglang:token_usage{model_name=\"s\",tp_rank=\"0\"} 0.25\nsglang:token_usage{model_name=\"s\",tp_rank=\"1\"} 0.25\n",
        ),
    ]);
    // (300 + 100) / (600 + 400): the fallback row `total` is not added, and the last batch's 0.9 not used.
    close(found.hit_rate_post.value, 0.4);
    assert_eq!(found.hit_rate_definition.as_deref(), Some("tokens"));
    // Two tensor ranks of one scheduler report the same four requests.
    assert_eq!(found.running_peak.value, Some(4.0));
    assert_eq!(found.kv_usage_peak.value, Some(0.25));
}

#[test]
fn sglang_priorities_are_parts_of_the_row_without_one() {
    let found = resolved(&[(
        "5.prom",
        "sglang:num_running_reqs{priority=\"\"} 14\nsglang:num_running_reqs{priority=\"-1\"} 4\nsglang:num_running_reqs{priority=\"0\"} 10\n",
    )]);
    assert_eq!(found.running_peak.value, Some(14.0));
}

#[test]
fn tensorrt_llm_and_triton_are_understood() {
    for spelling in ["trtllm_", "trtllm:"] {
        let post = format!(
            "{spelling}kv_cache_reused_blocks_total 30\n{spelling}kv_cache_missed_blocks_total 10\n"
        );
        let found = pair("", &post);
        close(found.hit_rate_post.value, 30.0 / 40.0);
        assert_eq!(found.hit_rate_definition.as_deref(), Some("blocks"));
    }
    let found = resolved(&[(
        "7.prom",
        "nv_trt_llm_request_metrics{model=\"tensorrt_llm\",request_type=\"max\",version=\"1\"} 512\n\
         nv_trt_llm_request_metrics{model=\"tensorrt_llm\",request_type=\"active\",version=\"1\"} 6\n\
         nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type=\"max\",model=\"tensorrt_llm\",version=\"1\"} 6239\n\
         nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type=\"fraction\",model=\"tensorrt_llm\",version=\"1\"} 0.75\n",
    )]);
    assert_eq!(found.running_peak.value, Some(6.0));
    assert_eq!(found.kv_usage_peak.value, Some(0.75));
}

/// llama.cpp names no model and no engine; its gauge of the cache is gone since 2025.
#[test]
fn llama_cpp_is_understood() {
    let found = resolved(&[
        (PRE, "llamacpp:tokens_predicted_total 10\n"),
        (
            "s/1795489544.prom",
            "llamacpp:tokens_predicted_total 20\nllamacpp:requests_processing 3\nllamacpp:kv_cache_usage_ratio 0.5\nllamacpp:requests_deferred 9\n",
        ),
        (POST, "llamacpp:tokens_predicted_total 30\n"),
    ]);
    close(found.running_peak.value, 3.0);
    close(found.kv_usage_peak.value, 0.5);
    assert_eq!(found.hit_rate_post.value, None);
}

/// TGI has a sum of a histogram in place of a counter.
#[test]
fn tgi_is_understood() {
    let found = resolved(&[
        (PRE, "tgi_request_generated_tokens_sum 900\n"),
        (
            "s/1795489544.prom",
            "tgi_request_generated_tokens_sum 950\ntgi_request_generated_tokens_bucket{le=\"8\"} 5\ntgi_batch_current_size 7\ntgi_queue_size 2\n",
        ),
        (POST, "tgi_request_generated_tokens_sum 100\n"),
    ]);
    close(found.running_peak.value, 7.0);
    assert_eq!(
        findings(&found.findings, "COUNTER_RESET"),
        [
            "the server restarted during the run: tgi_request_generated_tokens_sum went from 900 to 100 (m-metrics-pre.prom to m-metrics-post.prom)"
        ]
    );
}

/// Metrics of what stands in front of an engine are named for what they are of.
#[test]
fn a_router_is_no_engine() {
    for (metric, component) in [
        ("dynamo_frontend_requests_total 5", "Dynamo's frontend"),
        ("dynamo_component_requests_total 5", "a component of Dynamo"),
        ("smg_http_requests_total 5", "SGLang's router"),
        (
            "vllm:healthy_pods_total{server=\"a\"} 2",
            "a router of vLLM",
        ),
        ("inference_pool_ready_pods 3", "a gateway's endpoint picker"),
        ("litellm_requests_metric_total 4", "LiteLLM"),
    ] {
        let found = pair(&format!("{metric}\n"), &format!("{metric}\n"));
        let reason = found.hit_rate_post.reason.expect("a reason");
        assert!(
            reason.contains(&format!(
                ": it is of {component}; scrape the port of the engine"
            )),
            "{reason}"
        );
    }
}
