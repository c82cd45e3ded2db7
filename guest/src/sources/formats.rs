//! What is read: each format with the versions that were seen or whose sources were read, its fields, and the number of a
//! document that each becomes. The fields are those of the tables that the readers go by.

use super::entry::Row;
use super::serving_console::{LINES, STATISTICS};
use super::{
    SOURCES, aiperf_json, aiperf_labels, evalscope, guidellm, guidellm_tables, inference_perf,
    inferencex, llm_d, llmperf, serving, sglang_bench, trtllm_bench, vllm_bench,
};
use crate::json::{put, word};
use crate::measure::definition::{OUTPUT_TOKENS, TOPICS};
use crate::measure::{Definition, Quantity};
use crate::run::States;
use serde_json::{Map, Value};

use Definition as D;

/// What is said of a format beside its row of [`SOURCES`].
struct Said {
    format: &'static str,
    versions: &'static str,
    fields: Fields,
    /// By the name of a topic: which quantity its numbers are. Where that depends on the file, nothing stands here.
    definitions: &'static [(&'static str, Definition)],
}

/// Where its fields stand.
enum Fields {
    /// In a text that says it, since there are no names to list.
    None,
    /// Those of the tables of a reader.
    Rows(&'static [&'static [Row]]),
    /// The rows of a JSON that the console was printed beside.
    Printed(&'static [&'static [Row]]),
    /// Those that the function lists.
    Listed(fn() -> Vec<(String, Quantity)>),
}

const ITL: &str = "itl_p50_ms";
const USER: &str = "tps_per_user";
const LATENCY: &str = "request_latency_p50_ms";

const OF_AIPERF: &[(&str, D)] = &[
    (ITL, D::TpotPerRequest),
    (USER, D::TpotPerRequest),
    (LATENCY, D::StreamEnd),
];
const SERVING: &[(&str, D)] = &[
    (ITL, D::TpotPerRequest),
    (OUTPUT_TOKENS, D::ServerUsage),
    (LATENCY, D::StreamEnd),
];
const OF_GUIDELLM: &[(&str, D)] = &[
    (ITL, D::TpotByToken),
    (OUTPUT_TOKENS, D::ServerUsage),
    (LATENCY, D::StreamEnd),
];
const OF_VLLM: &[&[Row]] = &[
    serving::RATES,
    serving::TIMES,
    serving::TPOT,
    vllm_bench::TIMES,
];
const OF_SGLANG: &[&[Row]] = &[
    serving::RATES,
    serving::TIMES,
    serving::TPOT,
    sglang_bench::TIMES,
];

const fn said(
    format: &'static str,
    versions: &'static str,
    fields: Fields,
    definitions: &'static [(&'static str, Definition)],
) -> Said {
    Said {
        format,
        versions,
        fields,
        definitions,
    }
}

use Fields::{Listed, Printed, Rows};

#[rustfmt::skip]
const SAID: &[Said] = &[
    said("server-metrics-json", "AIPerf 0.5 to 0.13", Fields::None, &[]),
    said("aiperf-json", "AIPerf 0.1 to 0.13, schemas 1.0 to 1.5", Listed(aiperf_json::export::fields), OF_AIPERF),
    said("server-metrics-csv", "AIPerf 0.5 to 0.13", Fields::None, &[]),
    said("aiperf-csv", "AIPerf 0.2 to 0.13", Listed(aiperf_labels::fields), OF_AIPERF),
    said("aiperf-records", "AIPerf 0.2 to 0.13", Fields::None, OF_AIPERF),
    said("aiperf-summary-json", "AIPerf 0.9 to 0.13, without `_collated.json`, which names no unit", Listed(aiperf_json::export::fields), OF_AIPERF),
    said("sglang-bench-jsonl", "SGLang 0.3 to 0.5.23", Rows(OF_SGLANG), SERVING),
    said("vllm-bench-json", "vLLM 0.6 to 0.32", Rows(OF_VLLM), SERVING),
    said("guidellm-json", "GuideLLM 0.3 to 0.8", Listed(guidellm::fields), OF_GUIDELLM),
    said("guidellm-yaml", "GuideLLM 0.3 to 0.8", Listed(guidellm::fields), OF_GUIDELLM),
    said("guidellm-csv", "GuideLLM 0.3 to 0.8", Listed(guidellm_tables::columns), OF_GUIDELLM),
    said("inference-perf-json", "inference-perf of 2025 to 0.7", Rows(&[inference_perf::RATES, inference_perf::TIMES, inference_perf::TPOT, inference_perf::LENGTHS]), &[(LATENCY, D::StreamEnd)]),
    said("llm-d-report", "0.1, 0.2 and 0.2.1", Listed(llm_d::fields), &[(LATENCY, D::StreamEnd)]),
    said("genai-perf-json", "GenAI-Perf up to 0.0.16", Listed(aiperf_json::export::fields), &[(ITL, D::TpotPerRequest), (USER, D::TpotPerRequest), (OUTPUT_TOKENS, D::ClientTokenizer), (LATENCY, D::StreamEnd)]),
    said("genai-perf-csv", "GenAI-Perf up to 0.0.16", Listed(aiperf_labels::fields), &[(ITL, D::TpotPerRequest), (USER, D::TpotPerRequest), (OUTPUT_TOKENS, D::ClientTokenizer), (LATENCY, D::StreamEnd)]),
    said("llmperf-json", "LLMPerf 2023-08-31", Rows(&[llmperf::RATES, llmperf::TIMES]), &[(ITL, D::TpotWithTtft), (USER, D::TpotWithTtft), (OUTPUT_TOKENS, D::ClientTokenizer), (LATENCY, D::StreamEnd)]),
    said("trtllm-bench-json", "TensorRT-LLM up to 1.3", Rows(&[trtllm_bench::RATES, trtllm_bench::TIMES]), &[(ITL, D::TpotPerRequest), (USER, D::TpotPerRequest), (OUTPUT_TOKENS, D::ServerUsage), (LATENCY, D::StreamEnd)]),
    said("evalscope-json", "evalscope 0.15 to 1.14", Rows(&[evalscope::RATES, evalscope::WHOLE, evalscope::STREAMED]), SERVING),
    said("evalscope-percentiles-json", "evalscope 0.15 to 1.14", Rows(&[evalscope::WHOLE_QUANTILES, evalscope::STREAMED_QUANTILES]), SERVING),
    said("inferencex-json", "files of 2025 and 2026", Rows(&[inferencex::TIMES, &[(Quantity::Throughput, inferencex::PER_GPU, 1.0)]]), &[(ITL, D::TpotPerRequest), (LATENCY, D::StreamEnd)]),
    said("zymtrace", "any", Fields::None, &[]),
    said("nsys", "Nsight Systems 2022 to 2026", Fields::None, &[]),
    said("guidellm-console", "GuideLLM 0.2 to 0.8", Listed(guidellm_tables::printed), OF_GUIDELLM),
    said("vllm-bench-console", "vLLM 0.6 to 0.32", Printed(OF_VLLM), SERVING),
    said("sglang-bench-console", "SGLang 0.3 to 0.5.23", Printed(OF_SGLANG), SERVING),
    said("aiperf-console", "AIPerf 0.2 to 0.13", Listed(aiperf_labels::fields), OF_AIPERF),
    said("report-markdown", "reports of `perf-bench`", Fields::None, &[]),
    said("prometheus", "text format 0.0.4, OpenMetrics 1.0", Fields::None, &[]),
    said("models-answer", "OpenAI's `/v1/models`", Fields::None, &[]),
];

/// All formats as JSON, `perfbridge_formats_v1`, the preferred first: of each its name, title, tool, what it states, which
/// versions of it are read, and its fields, each with the number that it becomes, the unit of that and, where a name
/// stands for several quantities, which one it is.
pub fn formats() -> String {
    let all = SOURCES.iter().map(|source| {
        let format = &source.format;
        let said = SAID.iter().find(|said| said.format == format.name);
        let states = match format.states {
            States::Results => "results",
            States::Server => "server",
            States::Profile => "profile",
        };
        let mut map = Map::new();
        for (key, text) in [
            ("name", Some(format.name)),
            ("title", Some(format.title)),
            ("tool", format.tool),
            ("states", Some(states)),
            ("versions", said.map(|said| said.versions)),
        ] {
            put(&mut map, key, word(text));
        }
        put(
            &mut map,
            "fields",
            said.map(fields).unwrap_or_default().into(),
        );
        Value::Object(map)
    });
    let mut map = Map::new();
    put(&mut map, "schema", "perfbridge_formats_v1".into());
    put(&mut map, "formats", all.collect());
    Value::Object(map).to_string()
}

fn fields(said: &Said) -> Vec<Value> {
    let named = match said.fields {
        Fields::None => Vec::new(),
        Listed(list) => list(),
        Rows(tables) => rows(tables, str::to_owned),
        Printed(tables) => rows(tables, label),
    };
    let field = |(name, quantity): (String, Quantity)| {
        let topics = TOPICS
            .iter()
            .filter(|topic| topic.covers.contains(&quantity));
        let is = topics.filter_map(|topic| {
            said.definitions
                .iter()
                .find(|(name, _)| *name == topic.name)
        });
        let is: Vec<Value> = is.map(|(_, is)| is.as_str().into()).collect();
        let mut map = Map::new();
        put(&mut map, "field", name.into());
        put(&mut map, "metric", quantity.name().into());
        put(&mut map, "unit", quantity.unit().as_str().into());
        put(&mut map, "definitions", is.into());
        Value::Object(map)
    };
    named.into_iter().map(field).collect()
}

fn rows(tables: &[&[Row]], name: fn(&str) -> String) -> Vec<(String, Quantity)> {
    let all = tables.iter().copied().flatten();
    let named = all.map(|(quantity, path, _)| (name(path), *quantity));
    named.filter(|(name, _)| !name.is_empty()).collect()
}

/// The line of the console that becomes a field of the JSON; empty where there is none.
fn label(field: &str) -> String {
    if let Some((label, _)) = LINES.iter().find(|(_, key)| *key == field) {
        return (*label).to_owned();
    }
    let (statistic, end) = field.split_once('_').unwrap_or_default();
    let found = STATISTICS.iter().find(|(_, key)| *key == end);
    let words = statistic.get(..1).unwrap_or_default().to_uppercase();
    let rest = statistic.get(1..).unwrap_or_default();
    found.map_or(String::new(), |(label, _)| format!("{words}{rest} {label}"))
}
