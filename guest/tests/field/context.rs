//! What the inputs imply about the context, and the saved answer of `/v1/models`.

use crate::support::{changed, document, of_files, of_finding, refused, text};
use perfbridge_guest::files::MemoryTree;
use serde_json::json;

const DIR: &str = "02-aiperf-010-real-5090-c16/c16";
const PATH: &str = "c16/profile_export_aiperf.json";

fn with_answer(answer: serde_json::Value) -> [(&'static str, String); 2] {
    let export = text(DIR, "profile_export_aiperf.json");
    [(PATH, export), ("models.json", answer.to_string())]
}

#[test]
fn one_run_and_its_prompts_are_implied() {
    let context = &document("02-aiperf-010-real-5090-c16").map["context"];
    assert_eq!(context["trials"], 1);
    assert_eq!(context["num_prompts"], 96);
    assert_eq!(context["streaming"], true);
    assert_eq!(context["bench_backend"], "AIPerf 0.10.0");
}

#[test]
fn the_answer_of_the_server_names_the_model() {
    let model = |id: &str| {
        json!({"object": "list", "data": [{
            "id": id, "object": "model", "owned_by": "vllm", "root": "/models/qwen", "max_model_len": 40960,
        }]})
    };
    let served = of_files(&with_answer(model("qwen3.6-nvfp4"))).expect("read");
    assert!(of_finding(&served, "MODEL_NOT_SERVED").is_empty());
    assert_eq!(served.map["context"]["serving_engine"], "vLLM");
    assert_eq!(served.map["context"]["max_model_len"], 40960);
    assert_eq!(served.map["model_path"], "/models/qwen");
    let other = of_files(&with_answer(model("qwen3.6-bf16"))).expect("read");
    let said = of_finding(&other, "MODEL_NOT_SERVED");
    assert_eq!(said.len(), 1);
    assert_eq!(
        said[0].message,
        "the server lists qwen3.6-bf16; the run names the model \"qwen3.6-nvfp4\""
    );
    assert_eq!(said[0].place.text().as_deref(), Some("models.json"));
    assert!(
        other.map["context"]["max_model_len"].is_null(),
        "it is another model's"
    );
}

/// A version of vLLM is one of vLLM, unless somebody says otherwise; where nobody names one the engine is not known.
#[test]
fn a_version_names_the_engine() {
    let export = || text(DIR, "profile_export_aiperf.json");
    let of = |lines: &str| {
        const TABLE: &str = "| Concurrency | Throughput (tok/s) |\n|---:|---:|\n| 16 | 1172.1 |\n";
        let report = format!("# Report\n\n## qwen3.6-nvfp4\n\n{lines}\n\n{TABLE}");
        let files = [(PATH, export()), ("perf-bench-report-1.md", report)];
        let document = of_files(&files).unwrap_or_else(|fault| panic!("{fault}"));
        document.map["context"]["serving_engine"].clone()
    };
    assert_eq!(of("- vLLM version: 0.32.0"), "vLLM");
    let other = of("- vLLM version: 0.32.0\n- Serving engine: dynamo");
    assert_eq!(other, "dynamo");
    assert!(of("- TP: 8").is_null());
}

/// The list alone, the answer about one model, several models, a model without a name of its own, an adapter.
#[test]
fn the_answer_has_several_shapes() {
    let own = "qwen3.6-nvfp4";
    let model =
        |id: &str| json!({"id": id, "object": "model", "owned_by": "vllm", "max_model_len": 40960});
    let list = |models: serde_json::Value| json!({"object": "list", "data": models});
    let adapter = json!({
        "id": own, "object": "model", "owned_by": "vllm", "root": "/adapters/sql", "parent": "base", "max_model_len": null,
    });
    for (answer, path) in [
        (json!([model(own)]), None),
        (model(own), None),
        (list(json!([model("other"), model(own)])), None),
        (list(json!([model("/models/qwen3.6-nvfp4")])), None),
        (list(json!([model("./qwen3.6-nvfp4/")])), None),
        (list(json!([model("base"), adapter])), Some("/adapters/sql")),
        (list(json!([adapter, model("base")])), Some("/adapters/sql")),
    ] {
        let served = of_files(&with_answer(answer.clone())).expect("read");
        assert!(
            of_finding(&served, "MODEL_NOT_SERVED").is_empty(),
            "{answer}"
        );
        let context = &served.map["context"];
        assert_eq!(context["max_model_len"], 40960, "{answer}");
        assert_eq!(context["serving_engine"], "vLLM", "{answer}");
        assert_eq!(served.map["model_path"].as_str(), path, "{answer}");
    }
    for (answer, listed) in [
        (
            list(json!([model("not-qwen3.6-nvfp4")])),
            "not-qwen3.6-nvfp4",
        ),
        (
            list(json!([model("qwen3.6-nvfp4/other")])),
            "qwen3.6-nvfp4/other",
        ),
        (json!([model("a"), model("b")]), "a, b"),
    ] {
        let served = of_files(&with_answer(answer.clone())).expect("read");
        let said = of_finding(&served, "MODEL_NOT_SERVED");
        let expected = format!("the server lists {listed}; the run names the model {own:?}");
        assert_eq!(said.len(), 1, "{answer}");
        assert_eq!(said[0].message, expected);
        assert!(served.map["context"]["max_model_len"].is_null(), "{answer}");
    }
}

/// A CSV export names no model; the server that served one does.
#[test]
fn the_only_model_of_the_server_is_the_model_of_a_run_that_names_none() {
    let csv = text(
        "03-aiperf-csv-empty-gpu-section",
        "aiperf-c8/profile_export_aiperf.csv",
    );
    let answer = json!({"object": "list", "data": [{"id": "demo", "object": "model"}]});
    let document = of_files(&[
        ("aiperf-c8/profile_export_aiperf.csv", csv),
        ("v1.json", answer.to_string()),
    ]);
    assert_eq!(document.expect("read").model, "demo");
}

#[test]
fn an_answer_without_names_is_refused() {
    let answer = "{\"object\": \"list\", \"data\": [{\"object\": \"model\"}]}";
    let fault = refused(&MemoryTree::new([("models.json", answer)]));
    assert_eq!(
        fault.message,
        "found a list without the `id` of each model; expected the answer of /v1/models"
    );
    assert_eq!(fault.place.as_deref(), Some("models.json"));
}

/// GPU telemetry names the hardware where all GPUs are alike, whatever else it holds of each of them.
#[test]
fn telemetry_names_the_hardware() {
    let of = |names: [&str; 2]| {
        let gpu = |name: &str| json!({"gpu_name": name, "metrics": {"power": {"avg": 1.0}}});
        let export = changed(DIR, "profile_export_aiperf.json", |export| {
            let gpus = json!({"gpu_0": gpu(names[0]), "gpu_1": gpu(names[1])});
            export["telemetry_data"] = json!({
                "summary": {"endpoints_configured": ["a:9400"]},
                "endpoints": {"a:9400": {"gpus": gpus}},
            });
        });
        of_files(&[(PATH, export)]).expect("read").map["context"]["hardware"].clone()
    };
    assert_eq!(of(["B200", "B200"]), "B200");
    assert!(of(["B200", "H200"]).is_null());
}
