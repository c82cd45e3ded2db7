//! Scrapes of another server process beside the exports of this run.

use super::made::*;
use super::support::{close, of_finding};
use perfbridge_guest::document::Document;
use serde_json::Value;

/// When the process that the scrapes saw began.
const SCRAPED: f64 = 1_794_000_000.25;

fn scrape(start: f64, queries: f64, hits: f64, generated: f64) -> String {
    format!(
        "process_start_time_seconds {start}\n\
        vllm:prefix_cache_queries_total{{engine=\"0\",model_name=\"m\"}} {queries}\n\
        vllm:prefix_cache_hits_total{{engine=\"0\",model_name=\"m\"}} {hits}\n\
        vllm:generation_tokens_total{{engine=\"0\",model_name=\"m\"}} {generated}\n"
    )
}

/// A run whose pre and post scrape are of one process, and its export of these servers.
fn beside(servers: &[Server<'_>]) -> Document {
    let pre = scrape(SCRAPED, 1000.0, 500.0, 100.0);
    let post = scrape(SCRAPED, 9000.0, 6500.0, 6500.0);
    read(&[
        (RESULT, &result(16, 64, 0)),
        (EXPORT, &export(servers)),
        (PRE, &pre),
        (POST, &post),
    ])
}

#[test]
fn scrapes_of_another_process_are_not_of_this_run() {
    let engine: &[(f64, f64, f64)] = &[(6400.0, 16.0, 0.5)];
    let found = beside(&[("http://a/metrics", Some(SCRAPED + 79.0), engine)]);
    let said = of_finding(&found, "SCRAPES_DIFFER");
    assert_eq!(
        said[0].message,
        "the scrapes are of another server process than the export: it started at 1794000000.25 in m-metrics-pre.prom and at 1794000079.25 in aiperf-c16/server_metrics_export.json"
    );
    for name in ["prefix_cache_hit_rate_pre", "prefix_cache_hit_rate_post"] {
        assert_eq!(server(&found, name), &Value::Null, "{name}");
    }
    assert_eq!(found.map["context"]["regime"], Value::Null);
    // The export is of this run, whatever the scrapes are.
    close(tokens_per_second(&found), 640.0);
}

/// A clock that is rounded, one engine of two that was scraped, and a gateway that AIPerf scraped in place of engines.
#[test]
fn scrapes_of_one_of_the_processes_are_of_this_run() {
    let half: &[(f64, f64, f64)] = &[(3200.0, 8.0, 0.25)];
    let whole: &[(f64, f64, f64)] = &[(6400.0, 16.0, 0.5)];
    let rounded: &[Server<'_>] = &[("http://a/metrics", Some(1_794_000_000.0), whole)];
    let two: &[Server<'_>] = &[
        ("http://a/metrics", Some(SCRAPED + 79.0), half),
        ("http://b/metrics", Some(SCRAPED), half),
    ];
    let gateway: &[Server<'_>] = &[("http://a/metrics", Some(SCRAPED + 79.0), &[])];
    let unstated: &[Server<'_>] = &[("http://a/metrics", None, whole)];
    for servers in [rounded, two, gateway, unstated] {
        let found = beside(servers);
        assert!(of_finding(&found, "SCRAPES_DIFFER").is_empty());
        // 6000 hits of 8000 lookups between the scrapes.
        close(server(&found, "prefix_cache_hit_rate_post"), 0.75);
        assert_eq!(found.map["context"]["regime"], "warm");
    }
}
