//! A scrape says the same alone and behind another: what is known of the lines of the one before changes nothing.

mod support;

use perfbridge_guest::fault::Fault;
use perfbridge_guest::run::server::Scrape;
use support::{bundle, real_text};

/// Every kind of line.
const SCRAPE: &str =
    "# HELP vllm:gpu_prefix_cache_queries_total Queries, in terms of number of queried tokens.
# TYPE vllm:gpu_prefix_cache_queries_total counter
python_gc_total{generation=\"0\"} 12.0
vllm:gpu_prefix_cache_queries_total{engine=\"0\",model_name=\"m\"} 20.0
vllm:iteration_tokens_total_bucket{engine=\"0\",le=\"1.0\"} 3.0
vllm:iteration_tokens_total_bucket{engine=\"0\",le=\"+Inf\"} 4.0 1795489544000

nv_trt_llm_request_metrics{request_type=\"waiting\"} 1
nv_trt_llm_request_metrics{request_type=\"active\"} 2
process_start_time_seconds 1.79548953e+09
vllm:kv_cache_usage_perc{engine=\"0\"}\t0.5
vllm:cache_config_info{block_size=\"16\"} 1.0
{\"up\",a=\"b\"} 1 # {x=\"}\"} 2
# EOF
";

/// What is read of the last of some scrapes, or why it is refused.
fn last(texts: &[&str]) -> Result<(Scrape, Vec<String>), Fault> {
    let paths = ["s/1.prom", "s/2.prom"];
    let own = &paths[paths.len() - texts.len()..];
    let files: Vec<(&str, &str)> = own.iter().copied().zip(texts.iter().copied()).collect();
    let run = bundle(&files)?;
    let instead = run.server.instead.iter();
    let instead = instead.filter(|one| one.file == "s/2.prom");
    let instead = instead.map(|one| one.what.clone()).collect();
    let last = run.server.scrapes.into_iter().last();
    Ok((last.expect("a scrape"), instead))
}

fn same(before: &str, text: &str) {
    assert_eq!(last(&[before, text]), last(&[text]), "{text}");
}

#[test]
fn whichever_byte_is_another() {
    for at in 0..SCRAPE.len() {
        for mark in [" ", "\"", "{", "}", "#", "\n", "9", "-", "_"] {
            let text = [&SCRAPE[..at], mark, &SCRAPE[at + 1..]].concat();
            same(SCRAPE, &text);
        }
        same(SCRAPE, &[&SCRAPE[..at], &SCRAPE[at + 1..]].concat());
    }
}

#[test]
fn whichever_line_is_gone_or_elsewhere() {
    let lines: Vec<&str> = SCRAPE.split_inclusive('\n').collect();
    for (at, line) in lines.iter().enumerate() {
        let mut other = lines.clone();
        other.remove(at);
        same(SCRAPE, &other.concat());
        same(&other.concat(), SCRAPE);
        for to in 0..lines.len() {
            let mut moved = other.clone();
            moved.insert(to, line);
            same(SCRAPE, &moved.concat());
            let mut twice = lines.clone();
            twice.insert(to, line);
            same(SCRAPE, &twice.concat());
        }
    }
}

#[test]
fn names_that_are_not_kept_are_listed_behind_a_scrape_of_an_engine() {
    let engine = "a_total 1\nvllm:num_requests_running 1\nb_total 1\nc_total 1\n";
    let none = engine.replace("vllm:", "other:");
    same(engine, &none);
    same(&none, engine);
    same(engine, "b_total 1\nc_total 2\n");
}

#[test]
fn real_scrapes_of_two_moments() {
    let pre = real_text("base-1", "tinyllama-7m-metrics-pre.prom");
    let post = real_text("base-1", "tinyllama-7m-metrics-post.prom");
    same(&pre, &post);
    same(&post, &pre);
    let (found, _) = last(&[&pre, &post]).expect("a scrape");
    assert!(!found.series.is_empty());
}
