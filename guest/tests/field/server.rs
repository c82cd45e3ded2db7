//! What was scraped of the server in the field. Values are summed by hand off the files.

use super::support::{change, close, document, judged, of_finding, row};
use perfbridge_guest::document::Document;
use serde_json::{Value, json};

fn server<'a>(document: &'a Document, name: &str) -> &'a Value {
    &document.map["server_metrics_delta"][name]
}

fn reason<'a>(document: &'a Document, name: &str) -> &'a str {
    let reason = &document.map["sources"]["server"][name]["reason"];
    reason.as_str().expect("a reason")
}

const HIT_RATE: &str = "prefix_cache_hit_rate_post";
const LIFETIME: &str = "prefix_cache_hit_rate_pre";
const USAGE: &str = "gpu_cache_usage_perc_peak";
const RUNNING: &str = "num_requests_running_peak";
const GENERATED: &str = "avg_generation_throughput_toks_per_s";

/// 64 requests of 128 tokens in 4.0 s; the current server was scraped under two addresses.
#[test]
fn one_server_under_two_addresses_counts_once() {
    for (side, said) in [("baseline", 0), ("current", 1)] {
        let document = document(&format!("10-server-metrics-same-server-twice/{side}"));
        assert_eq!(server(&document, GENERATED), &json!(2048.0), "{side}");
        assert_eq!(server(&document, RUNNING), &json!(16), "{side}");
        assert_eq!(server(&document, USAGE), &json!(0.35), "{side}");
        assert_eq!(of_finding(&document, "SAME_SERVER").len(), said, "{side}");
        assert_eq!(of_finding(&document, "OTHER_TRAFFIC").len(), 0, "{side}");
    }
    let judged = judged("10-server-metrics-same-server-twice");
    assert_eq!(judged.verdict.as_str(), "GREEN");
}

/// A frontend without an engine: the client is read, the server is null and says what was found in its place.
#[test]
fn metrics_of_no_known_engine_are_named() {
    let document = document("11-server-metrics-dynamo-frontend");
    let cell = &document.map["metrics"]["16"];
    assert_eq!(cell["throughput_toks_per_s"], 2048.0);
    assert_eq!(cell["ttft_p50_ms"], 80.0);
    for name in [HIT_RATE, LIFETIME, USAGE, RUNNING, GENERATED] {
        assert_eq!(server(&document, name), &Value::Null, "{name}");
        let reason = reason(&document, name);
        for found in [
            "aiperf-c16/server_metrics_export.json holds no metric of a known engine",
            "dynamo_component_kvstats_gpu_cache_usage_percent",
            "dynamo_frontend_output_tokens",
        ] {
            assert!(reason.contains(found), "{name}: {reason}");
        }
    }
    assert_eq!(document.map["context"]["serving_engine"], Value::Null);
}

/// Queries 32 -> 160032 and hits 0 -> 120000 under the old and the new name alike.
#[test]
fn old_and_new_names_together_count_once() {
    let document = document("12-prom-old-and-new-names-together");
    assert_eq!(server(&document, LIFETIME), &json!(0.0));
    assert_eq!(server(&document, HIT_RATE), &json!(0.75));
    assert_eq!(document.definitions["prefix_cache_hit_rate_post"], "tokens");
    for name in [USAGE, RUNNING, GENERATED] {
        assert_eq!(server(&document, name), &Value::Null, "{name}");
    }
    assert!(reason(&document, USAGE).starts_with("two idle scrapes cannot show a peak"));
    assert_eq!(document.map["context"]["regime"], "warm");
    assert_eq!(document.map["context"]["serving_engine"], "vLLM");
}

/// (40 + 20) / (100 + 50) before, (300 + 100) / (500 + 400) during the run; the external cache is another one.
#[test]
fn engines_are_summed_and_an_external_cache_is_not_theirs() {
    let document = document("13-prom-two-engines-and-external-cache");
    assert_eq!(server(&document, LIFETIME), &json!(0.4));
    close(server(&document, HIT_RATE), 400.0 / 900.0);
    assert_eq!(document.definitions["prefix_cache_hit_rate_post"], "tokens");
    assert_eq!(document.map["deployment"]["data_parallel_size"], 2);
    assert_eq!(document.map["deployment"]["kv_cache_dtype"], "auto");
    assert_eq!(document.map["context"]["prefix_caching"], "on");
}

/// Time stamps, exemplars, units, `NaN` of a summary that nobody asks for, CR LF, `# EOF`.
#[test]
fn open_metrics_is_read_whole() {
    let document = document("14-prom-openmetrics-syntax");
    close(server(&document, LIFETIME), 2_181_000.0 / 3_000_000.0);
    close(server(&document, HIT_RATE), 303_000.0 / 303_000_000.0);
    assert!(document.findings.is_empty(), "{:?}", document.findings);
}

#[test]
fn what_is_no_scrape_is_named_for_what_it_is() {
    let (pre, post) = ("demo-8b-metrics-pre.prom", "demo-8b-metrics-post.prom");
    for (variant, kinds) in [
        ("json-empty-array", ["a JSON array"; 2]),
        ("json-iteration-stats", ["a JSON array"; 2]),
        ("html-404", ["an HTML page"; 2]),
        ("gzip", ["gzip data"; 2]),
        ("empty", ["an empty file"; 2]),
        ("curl-error", ["the error text of a shell", ""]),
    ] {
        let document = document(&format!("15-prom-that-is-none/{variant}"));
        let cell = &document.map["metrics"]["16"];
        assert_eq!(cell["throughput_toks_per_s"], 1800.0, "{variant}");
        assert_eq!(cell["ttft_p50_ms"], 75.0, "{variant}");
        for name in [HIT_RATE, LIFETIME, USAGE, RUNNING, GENERATED] {
            assert_eq!(server(&document, name), &Value::Null, "{variant} {name}");
        }
        let said = of_finding(&document, "NOT_A_SCRAPE");
        let expected: Vec<(String, &str)> = [(post, kinds[1]), (pre, kinds[0])]
            .iter()
            .filter(|(_, kind)| !kind.is_empty())
            .map(|(file, kind)| ((*file).to_owned(), *kind))
            .collect();
        assert_eq!(said.len(), expected.len(), "{variant}");
        for (found, (file, kind)) in said.iter().zip(&expected) {
            assert_eq!(found.place.text().as_ref(), Some(file), "{variant}");
            let begin = format!("found {kind}; expected a scrape of the server's /metrics.");
            assert!(found.message.starts_with(&begin), "{}", found.message);
            let named = format!("{file} is {kind}");
            assert!(reason(&document, HIT_RATE).contains(&named), "{variant}");
        }
        assert_eq!(document.map["context"]["regime"], Value::Null, "{variant}");
    }
}

/// (2464000 - 1231872) / 1310720 on a server that already held the prompts, 0 on a fresh one.
#[test]
fn a_warm_and_a_cold_cache_are_told_apart() {
    let case = "17-warm-cache-baseline-cold-current";
    let [warm, cold] = ["baseline", "current"].map(|side| document(&format!("{case}/{side}")));
    close(server(&warm, HIT_RATE), 1_232_128.0 / 1_310_720.0);
    close(server(&warm, LIFETIME), 1_231_872.0 / 2_621_440.0);
    assert_eq!(server(&cold, HIT_RATE), &json!(0.0));
    assert_eq!(server(&cold, LIFETIME), &Value::Null);
    assert_eq!(warm.map["context"]["regime"], "warm");
    assert_eq!(cold.map["context"]["regime"], "cold");
    let judged = judged(case);
    assert_eq!(
        (judged.verdict.as_str(), judged.rule.as_str()),
        ("RED", "headline")
    );
    for (metric, percent) in [
        ("throughput_toks_per_s", -34.92),
        ("ttft_p50_ms", 37.71),
        ("itl_p50_ms", 42.34),
    ] {
        let row = row(&judged, metric, "16");
        let found = row["delta_pct"].as_f64().expect("a change");
        assert!((found - percent).abs() < 0.005, "{metric}: {found}");
        assert_eq!(row["status"], "REGRESSED", "{metric}");
    }
    assert_eq!(row(&judged, HIT_RATE, "server")["status"], "REGRESSED");
}

/// A gain of 20 % by a flag: the rate that one side does not have is not 0, and the flag is in plain sight.
#[test]
fn prefix_caching_that_was_switched_on_is_said() {
    let case = "18-prefix-caching-switched-on";
    let off = document(&format!("{case}/baseline"));
    assert_eq!(server(&off, HIT_RATE), &Value::Null);
    assert_eq!(of_finding(&off, "PREFIX_CACHE_OFF").len(), 1);
    assert_eq!(off.map["context"]["prefix_caching"], "off");
    let judged = judged(case);
    assert_eq!(judged.verdict.as_str(), "GREEN");
    assert_eq!(
        row(&judged, "throughput_toks_per_s", "16")["status"],
        "IMPROVED"
    );
    let status = &row(&judged, HIT_RATE, "server")["status"];
    assert_eq!(status, "NULL_LEGACY_BASELINE");
    assert_eq!(
        change(&judged, "prefix_caching"),
        [json!("off"), json!("on")]
    );
}
