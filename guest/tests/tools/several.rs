//! A run of several models, several servers or several engines: what is stated of it is of none of them alone.

use crate::support::{findings, of_files, of_text, places, refused, text};
use perfbridge_guest::document::Document;
use perfbridge_guest::document::build::{Options, build};
use perfbridge_guest::files::native::NativeTree;
use perfbridge_guest::files::{MemoryTree, read_text};
use perfbridge_guest::judge::{Judgement, judge, policy::Policy};
use perfbridge_guest::sources::read_bundle;
use serde_json::{Value, json};

const EXPORT: &str = "aiperf-c16/profile_export_aiperf.json";

/// A real export of AIPerf at the concurrency 16, whose configuration is changed.
fn aiperf_text(change: impl FnOnce(&mut Value)) -> String {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/bundles/base-1");
    let text = read_text(&NativeTree::new(root), EXPORT).expect("a sample");
    let mut export: Value = serde_json::from_str(&text).expect("JSON");
    change(&mut export["input_config"]);
    export.to_string()
}

fn aiperf(change: impl FnOnce(&mut Value)) -> Document {
    of_files(&[(EXPORT, aiperf_text(change))]).unwrap_or_else(|fault| panic!("{fault}"))
}

fn models(items: Value) -> Document {
    aiperf(|config| config["models"] = json!({"items": items}))
}

/// A report of llm-d 0.2.1 with these components.
fn llm_d(stack: Value) -> Document {
    let load =
        json!({"metadata": {}, "standardized": {"tool": "vllm-benchmark", "concurrency": 16}});
    let report = json!({"version": "0.2.1", "run": {"uid": "r"}, "scenario": {"stack": stack, "load": load},
        "results": {"request_performance": {"aggregate": {"latency": {"request_latency": {"units": "s", "mean": 2.0, "p50": 1.5}}}}}});
    of_text(&report.to_string())
}

fn engine(role: &str, replicas: u64, hardware: &str, tensor: u64) -> Value {
    json!({"metadata": {"label": "l"}, "standardized": {"kind": "inference_engine", "role": role, "replicas": replicas,
        "model": {"name": "m/x"}, "accelerator": {"model": hardware, "count": tensor, "parallelism": {"tp": tensor, "dp": 1}}}})
}

fn judged(baseline: &Document, current: &Document) -> Judgement {
    judge(baseline, current, &[], &Policy::default()).expect("judged")
}

/// Fields that are listed as changed, with both values.
fn changed(baseline: &Document, current: &Document) -> Vec<(String, Value, Value)> {
    let changed = judged(baseline, current).changed.into_iter();
    changed
        .map(|change| (change.field, change.baseline, change.current))
        .collect()
}

#[test]
fn numbers_of_two_models_are_not_those_of_the_first() {
    let one = models(json!([{"name": "7m"}]));
    let two = models(json!([{"name": "7m"}, {"name": "70m"}]));
    let other_order = models(json!([{"name": "70m"}, {"name": "7m"}]));
    assert_eq!(one.map["model"], "7m");
    assert_eq!(two.map["model"], "70m,7m");
    assert_eq!(other_order.map["model"], "70m,7m");
    assert_eq!(judged(&one, &two).identity.mismatched, ["model"]);
    // Before 0.9 they stand elsewhere.
    let older = aiperf(|config| {
        config
            .as_object_mut()
            .expect("an object")
            .shift_remove("models");
        config["endpoint"]["model_names"] = json!(["7m", "70m"]);
    });
    assert_eq!(older.map["model"], "70m,7m");
    // As many requests of each, or as the weights say, is another run.
    let weighted = models(json!([{"name": "7m", "weight": 0.9}, {"name": "70m", "weight": 0.1}]));
    assert_eq!(weighted.map["model"], "70m=0.1,7m=0.9");
    let alone = models(json!([{"name": "7m", "weight": 1.0}, ]));
    assert_eq!(alone.map["model"], "7m");
    let random = aiperf(|config| {
        config["models"] =
            json!({"strategy": "random", "items": [{"name": "7m"}, {"name": "70m"}]});
    });
    let fields: Vec<String> = changed(&two, &random).into_iter().map(|it| it.0).collect();
    assert_eq!(fields, ["context.request_options"]);
}

/// One of several can be named, and has no numbers of its own.
#[test]
fn one_of_two_models_has_no_numbers() {
    let export =
        aiperf_text(|config| config["models"] = json!({"items": [{"name": "a"}, {"name": "b"}]}));
    let tree = MemoryTree::new([(EXPORT, export.as_bytes())]);
    let run = read_bundle(&tree).expect("read");
    let asked = |model: &str| {
        let options = Options {
            model: Some(model.to_owned()),
            ..Options::default()
        };
        build(&run, None, &options).map(|document| document.map["model"].clone())
    };
    assert_eq!(
        asked("a").expect_err("refused").message,
        "the model \"a\" was asked for, but this bundle holds: a,b"
    );
    assert_eq!(asked("a,b").expect("built"), "a,b");
}

/// A server that lists one of them is no other server.
#[test]
fn a_server_of_one_of_two_models_is_the_one_that_was_measured() {
    let export =
        aiperf_text(|config| config["models"] = json!({"items": [{"name": "a"}, {"name": "b"}]}));
    let with = |served: &str| {
        let answer = json!({"object": "list", "data": [{"id": served, "object": "model"}]});
        let files = [
            (EXPORT, export.clone()),
            ("models.json", answer.to_string()),
        ];
        let made = of_files(&files).unwrap_or_else(|fault| panic!("{fault}"));
        findings(&made)
            .iter()
            .filter(|finding| finding.0 == "MODEL_NOT_SERVED")
            .count()
    };
    assert_eq!([with("a"), with("path/b"), with("c")], [0, 0, 1]);
}

#[test]
fn genai_perf_names_all_models() {
    let name = "genai-perf-0.0.16/c4/profile_export_genai_perf.json";
    let with = |names: Value| {
        let mut export: Value = serde_json::from_str(&text(name)).expect("JSON");
        export["input_config"]["model_names"] = names;
        of_text(&export.to_string())
    };
    let (one, two) = (with(json!(["a"])), with(json!(["b", "a"])));
    assert_eq!([&one.map["model"], &two.map["model"]], ["a", "a,b"]);
    assert_eq!(judged(&one, &two).identity.mismatched, ["model"]);
}

/// A second source of prompts makes another workload of the first one.
#[test]
fn two_data_sets_are_not_the_first() {
    let with = |datasets: Value| aiperf(|config| config["datasets"] = datasets);
    let one = with(json!([{"name": "sharegpt"}]));
    let two = with(json!([{"name": "sharegpt"}, {"name": "main", "type": "synthetic"}]));
    assert_eq!(two.map["workload"]["dataset"], "sharegpt,synthetic");
    assert_eq!(judged(&one, &two).identity.mismatched, ["dataset"]);
}

/// The number of servers is recorded, and nothing of their names.
#[test]
fn two_servers_are_a_change() {
    let with = |urls: Value| aiperf(|config| config["endpoint"]["urls"] = urls);
    let one = with(json!(["http://127.0.0.1:8000"]));
    let two = with(json!([
        "http://10.0.0.1:8000",
        "http://secret@10.0.0.2:8000"
    ]));
    let field = "context.endpoints".to_owned();
    assert_eq!(changed(&one, &two), [(field, json!(1), json!(2))]);
    assert!(!two.to_json().contains("10.0.0"));
    // One address twice is one server.
    let twice = with(json!(["http://10.0.0.1:8000", "http://10.0.0.1:8000"]));
    assert_eq!(twice.map["context"]["endpoints"], 1);
}

#[test]
fn more_replicas_of_an_engine_are_a_change() {
    let of = |replicas: u64| llm_d(json!([engine("decode", replicas, "H100", 8)]));
    let field = "deployment.replicas".to_owned();
    assert_eq!(changed(&of(2), &of(4)), [(field, json!("2"), json!("4"))]);
    assert_eq!(of(4).map["deployment"]["tensor_parallel_size"], 8);
    assert_eq!(of(4).map["context"]["hardware"], "H100");
    let two = llm_d(json!([
        engine("decode", 2, "H100", 8),
        engine("decode", 1, "H100", 8)
    ]));
    assert_eq!(two.map["deployment"]["replicas"], "3");
}

/// Engines that prefill and others that decode: the sizes in which they differ are those of neither.
#[test]
fn engines_of_two_kinds_are_told_apart() {
    let made = llm_d(json!([
        engine("prefill", 4, "H100", 2),
        engine("decode", 2, "H200", 8)
    ]));
    assert_eq!(
        made.map["deployment"]["replicas"],
        "2 decode H200 tp=8 dp=1, 4 prefill H100 tp=2 dp=1"
    );
    assert_eq!(made.map["deployment"]["tensor_parallel_size"], Value::Null);
    assert_eq!(made.map["deployment"]["data_parallel_size"], 1);
    assert_eq!(made.map["context"]["hardware"], "H100,H200");
    assert_eq!(made.map["model"], "m/x");
}

/// What `utils/collect_results.py` of InferenceX writes: a list of what stands in its files.
#[test]
fn a_list_of_inferencex_is_read_as_its_files() {
    let of = |level: u32, rate: f64| {
        json!({"hw": "h200", "conc": level, "model": "m", "tp": 2, "tput_per_gpu": 900.0,
            "output_tput_per_gpu": rate, "median_ttft": 0.25})
    };
    let list = json!([of(16, 100.0), of(32, 150.0)]);
    for text in [list.to_string(), format!("{list:#}\n")] {
        let made = of_text(&text);
        assert_eq!(places(&made), ["16", "32"]);
        assert_eq!(made.map["metrics"]["16"]["throughput_toks_per_s"], 200.0);
        assert_eq!(made.map["metrics"]["32"]["throughput_toks_per_s"], 300.0);
        assert_eq!(made.map["metrics"]["32"]["ttft_p50_ms"], 250.0);
    }
    let cut = list.to_string();
    let fault = refused(&cut[..cut.len() - 1]);
    assert!(fault.message.contains("The file was cut"), "{fault}");
    let twice = refused(&json!([of(16, 1.0), of(16, 2.0)]).to_string());
    assert!(
        twice.message.starts_with("found two results for"),
        "{twice}"
    );
}
