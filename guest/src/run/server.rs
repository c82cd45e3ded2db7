//! What the sources found of the server's metrics: scrapes and exports, reduced to the kept metrics.

use super::labels::Labels;
use crate::text;
use std::collections::BTreeSet;

/// Everything that was scraped.
#[derive(Clone, Debug, Default)]
pub struct ServerMetrics {
    /// Single scrapes of `/metrics`.
    pub scrapes: Vec<Scrape>,
    /// AIPerf's own summaries, one for each concurrency level.
    pub exports: Vec<Export>,
    /// What stands in place of an engine's metrics.
    pub instead: Vec<Instead>,
}

/// A file that holds no metric of an engine.
#[derive(Clone, Debug)]
pub struct Instead {
    /// The file.
    pub file: String,
    /// Whether it is no scrape at all.
    pub no_scrape: bool,
    /// What is said of it behind its name: `is an HTML page`.
    pub what: String,
}

/// What stands in front of an engine or beside it, by what the names of its metrics begin with.
const COMPONENTS: &[(&str, &str)] = &[
    ("dynamo_frontend", "Dynamo's frontend"),
    ("dynamo_", "a component of Dynamo"),
    ("smg_", "SGLang's router"),
    ("sglang_router_", "SGLang's router"),
    ("sgl_router_", "SGLang's router"),
    ("vllm_router_", "a router of vLLM"),
    ("vllm:healthy_pods", "a router of vLLM"),
    ("vllm:current_qps", "a router of vLLM"),
    ("inference_", "a gateway's endpoint picker"),
    ("llm_d_", "llm-d's scheduler"),
    ("envoy_", "Envoy"),
    ("istio_", "Istio"),
    ("litellm_", "LiteLLM"),
    ("ray_", "Ray"),
    ("nv_inference_", "Triton without its TensorRT-LLM backend"),
    ("DCGM_", "the exporter of GPU metrics"),
];

/// How many files, and how many names of each, a reason lists.
const LISTED: usize = 4;

impl ServerMetrics {
    /// Notes the metrics of a file that has none of a known engine.
    pub fn note_strangers(&mut self, file: &str, names: &BTreeSet<String>) {
        let of_process = |name: &&String| {
            let common = ["python_", "process_", "go_", "promhttp_", "scrape_"];
            !common.iter().any(|prefix| name.starts_with(prefix))
        };
        let names: Vec<&str> = names
            .iter()
            .filter(of_process)
            .map(String::as_str)
            .collect();
        let listed = text::first_of(&names, LISTED);
        let what = if names.is_empty() {
            "holds no metric of an engine".to_owned()
        } else {
            let is_of = |start: &str| names.iter().any(|name| name.starts_with(start));
            let component = COMPONENTS.iter().find(|(start, _)| is_of(start));
            let component = component.map_or(String::new(), |(_, component)| {
                format!(": it is of {component}; scrape the port of the engine")
            });
            format!("holds no metric of a known engine, but {listed}{component}")
        };
        self.instead.push(Instead {
            file: file.to_owned(),
            no_scrape: false,
            what,
        });
    }

    /// Why something is missing, with what stands in its place.
    pub fn missing(&self, reason: &str) -> String {
        if self.instead.is_empty() {
            return reason.to_owned();
        }
        let first = self.instead.iter().take(LISTED);
        let listed: Vec<String> = first
            .map(|one| format!("{} {}", one.file, one.what))
            .collect();
        let listed = listed.join("; ");
        format!("{reason}: {listed}")
    }
}

/// When a scrape was taken, by its file name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before the run: `*-metrics-pre.prom`, `pre.prom`.
    Pre,
    /// After the run: `*-metrics-post.prom`, `post.prom`.
    Post,
    /// Any other name: one of a series taken during the run.
    Sample,
}

/// From here on a number is a time since 1970, below it the place in a series.
pub const EPOCH: f64 = 1e8;

/// One value of a kept metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What it is.
    pub family: Family,
    /// Its name as the file spells it.
    pub name: String,
    /// Its labels.
    pub labels: Labels,
    /// Its value; -1 of a fraction means "off".
    pub value: f64,
}

/// One scrape of `/metrics`, reduced to the kept metrics.
#[derive(Clone, Debug, PartialEq)]
pub struct Scrape {
    /// The file, relative to the bundle.
    pub file: String,
    /// When it was taken.
    pub moment: Moment,
    /// The folder and what the file name says before `-metrics-pre`: the same for a pre and its post.
    pub group: String,
    /// The model in the file name, `<model>-metrics-pre.prom`.
    pub prefix: Option<String>,
    /// Seconds since 1970, where the file name is that number.
    pub time: Option<f64>,
    /// The kept metrics.
    pub series: Vec<Series>,
    /// `blocks` or `tokens`, where the help text of vLLM's `gpu_prefix_cache_queries` says so.
    pub gpu_prefix_unit: Option<&'static str>,
}

/// Which of AIPerf's two exports was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// `server_metrics_export.json`: full precision.
    Json,
    /// `server_metrics_export.csv`: four decimals.
    Csv,
}

/// One series of an export: statistics over the measured phase.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// What it is.
    pub family: Family,
    /// Its name as the file spells it.
    pub name: String,
    /// Its labels, with the scraped endpoint as `endpoint`.
    pub labels: Labels,
    /// Lowest value of a gauge.
    pub min: Option<f64>,
    /// Mean over time of a gauge.
    pub avg: Option<f64>,
    /// Highest value of a gauge.
    pub max: Option<f64>,
    /// Increase of a counter; negative when the server restarted.
    pub total: Option<f64>,
}

impl Summary {
    /// The statistics of a series, each as `stat` reads it by its name in AIPerf's exports.
    pub fn read<E>(
        family: Family,
        name: &str,
        labels: Labels,
        stat: impl Fn(&str) -> Result<Option<f64>, E>,
    ) -> Result<Self, E> {
        Ok(Summary {
            family,
            name: name.to_owned(),
            labels,
            min: stat("min")?,
            avg: stat("avg")?,
            max: stat("max")?,
            total: stat("total")?,
        })
    }
}

/// AIPerf's summary of the server metrics of one level.
#[derive(Clone, Debug, PartialEq)]
pub struct Export {
    /// The file, relative to the bundle.
    pub file: String,
    /// Which export it is.
    pub format: ExportFormat,
    /// When the measured phase began and ended, in seconds since 1970, where it says so.
    pub phase: Option<(f64, f64)>,
    /// The kept metrics.
    pub series: Vec<Summary>,
}

/// What a kept metric counts or measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// vLLM from 0.9.2: tokens found in the prefix cache.
    VllmHits,
    /// vLLM from 0.9.2: tokens looked up in the prefix cache.
    VllmQueries,
    /// vLLM 0.8 to 0.11: the same, in blocks until 0.9.1.
    VllmGpuHits,
    /// vLLM 0.8 to 0.11: the same, in blocks until 0.9.1.
    VllmGpuQueries,
    /// SGLang: prompt tokens that came from a cache.
    SglangCached,
    /// SGLang: all prompt tokens.
    SglangPrompt,
    /// TensorRT-LLM: KV cache blocks that were reused.
    TrtllmReused,
    /// TensorRT-LLM: KV cache blocks that had to be computed.
    TrtllmMissed,
    /// A name that no vLLM release had but that is widely asked for.
    VllmHitRate,
    /// vLLM 0.4 to 0.8, V0 engine; -1 while prefix caching is off.
    VllmGpuHitRate,
    /// SGLang: hit rate of the last prefill batch.
    SglangHitRate,
    /// TensorRT-LLM: hit rate.
    TrtllmHitRate,
    /// vLLM from 0.9.2: fraction of the KV cache in use.
    VllmKvUsage,
    /// vLLM until 0.11: fraction of the KV cache in use.
    VllmGpuUsage,
    /// SGLang: fraction of the KV cache in use.
    SglangUsage,
    /// TensorRT-LLM: fraction of the KV cache in use.
    TrtllmUsage,
    /// Triton's TensorRT-LLM backend: fraction of the KV cache blocks in use.
    TritonUsage,
    /// llama.cpp until 2025: fraction of the KV cache in use.
    LlamaUsage,
    /// vLLM: requests in the running batch.
    VllmRunning,
    /// SGLang: requests in the running batch.
    SglangRunning,
    /// TensorRT-LLM: requests in the running batch.
    TrtllmRunning,
    /// Triton's TensorRT-LLM backend: active requests.
    TritonActive,
    /// llama.cpp: requests that are processed.
    LlamaRunning,
    /// TGI: requests in the running batch.
    TgiRunning,
    /// vLLM: generated tokens.
    VllmGenerated,
    /// SGLang: generated tokens.
    SglangGenerated,
    /// TensorRT-LLM: generated tokens.
    TrtllmGenerated,
    /// llama.cpp: generated tokens.
    LlamaGenerated,
    /// TGI: generated tokens of the requests that ended.
    TgiGenerated,
    /// vLLM: prompt tokens; kept because it also tells of a restart.
    VllmPrompt,
    /// vLLM: rounds of speculative decoding; there only where it is switched on.
    VllmDrafts,
    /// SGLang: tokens accepted a round of speculative decoding; 0 where it is switched off.
    SglangAccepted,
    /// When the server process started, in seconds since 1970.
    ProcessStart,
    /// vLLM: its cache configuration, as labels.
    CacheConfig,
}
