//! Which metrics are kept of a scrape, under every name that an engine has given them.
//!
//! The history behind the rows: vLLM renamed its prefix cache and KV cache metrics in 0.8, 0.9.2 and
//! 0.12 (pull requests 14136, 18354, 29330), removed its throughput gauges in 0.7 (12383) and states
//! usages as fractions in spite of `perc`; SGLang and TensorRT-LLM are spelled `engine:` or `engine_`
//! depending on the exporter. llama.cpp dropped its KV cache gauge in 2025. TGI has no counter of tokens: the sum of its
//! histogram grows when a request ends.

use crate::run::Labels;
use crate::run::server::Family;

/// How a metric behaves over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricType {
    /// Only grows while the server lives.
    Counter,
    /// A fraction 0..1, or 0..100 in a few versions, or -1 for "off".
    Fraction,
    /// A number of things right now.
    Gauge,
    /// A time or labels.
    Fact,
}

/// One row: a metric that is kept.
#[derive(Debug)]
pub struct Kept {
    /// What it is.
    pub family: Family,
    /// How it behaves.
    pub metric_type: MetricType,
    /// Its name with `_` after the engine's prefix and, for a counter, without `_total`.
    name: &'static str,
    /// Only series with this label are meant.
    only: Option<(&'static str, &'static str)>,
}

const fn row(family: Family, metric_type: MetricType, name: &'static str) -> Kept {
    Kept {
        family,
        metric_type,
        name,
        only: None,
    }
}

const fn labelled(
    family: Family,
    metric_type: MetricType,
    name: &'static str,
    only: (&'static str, &'static str),
) -> Kept {
    Kept {
        family,
        metric_type,
        name,
        only: Some(only),
    }
}

/// The engine whose metric a family is, by what its names begin with.
pub fn engine(family: Family) -> Option<&'static str> {
    const ENGINES: [(&str, &str); 6] = [
        ("vllm_", "vLLM"),
        ("sglang_", "SGLang"),
        ("trtllm_", "TensorRT-LLM"),
        ("nv_trt_llm_", "TensorRT-LLM"),
        ("llamacpp_", "llama.cpp"),
        ("tgi_", "TGI"),
    ];
    let states = |kept: &&Kept| kept.family == family && kept.metric_type != MetricType::Fact;
    let kept = CATALOG.iter().find(states)?;
    let of = ENGINES
        .iter()
        .find(|(start, _)| kept.name.starts_with(start));
    of.map(|(_, engine)| *engine)
}

/// Everything that is kept of a scrape or an export.
#[rustfmt::skip]
pub const CATALOG: &[Kept] = &[
    row(Family::VllmHits,        MetricType::Counter,  "vllm_prefix_cache_hits"),
    row(Family::VllmQueries,     MetricType::Counter,  "vllm_prefix_cache_queries"),
    row(Family::VllmGpuHits,     MetricType::Counter,  "vllm_gpu_prefix_cache_hits"),
    row(Family::VllmGpuQueries,  MetricType::Counter,  "vllm_gpu_prefix_cache_queries"),
    row(Family::SglangCached,    MetricType::Counter,  "sglang_cached_tokens"),
    row(Family::SglangPrompt,    MetricType::Counter,  "sglang_prompt_tokens"),
    row(Family::TrtllmReused,    MetricType::Counter,  "trtllm_kv_cache_reused_blocks"),
    row(Family::TrtllmMissed,    MetricType::Counter,  "trtllm_kv_cache_missed_blocks"),
    row(Family::VllmHitRate,     MetricType::Fraction, "vllm_prefix_cache_hit_rate"),
    row(Family::VllmGpuHitRate,  MetricType::Fraction, "vllm_gpu_prefix_cache_hit_rate"),
    row(Family::SglangHitRate,   MetricType::Fraction, "sglang_cache_hit_rate"),
    row(Family::TrtllmHitRate,   MetricType::Fraction, "trtllm_kv_cache_hit_rate"),
    row(Family::VllmKvUsage,     MetricType::Fraction, "vllm_kv_cache_usage_perc"),
    row(Family::VllmGpuUsage,    MetricType::Fraction, "vllm_gpu_cache_usage_perc"),
    row(Family::SglangUsage,     MetricType::Fraction, "sglang_token_usage"),
    row(Family::TrtllmUsage,     MetricType::Fraction, "trtllm_kv_cache_utilization"),
    row(Family::LlamaUsage,      MetricType::Fraction, "llamacpp_kv_cache_usage_ratio"),
    labelled(Family::TritonUsage, MetricType::Fraction, "nv_trt_llm_kv_cache_block_metrics", ("kv_cache_block_type", "fraction")),
    row(Family::VllmRunning,     MetricType::Gauge,    "vllm_num_requests_running"),
    row(Family::SglangRunning,   MetricType::Gauge,    "sglang_num_running_reqs"),
    row(Family::TrtllmRunning,   MetricType::Gauge,    "trtllm_num_requests_running"),
    row(Family::SglangRunning,   MetricType::Gauge,    "sglang_num_requests_running"),
    row(Family::LlamaRunning,    MetricType::Gauge,    "llamacpp_requests_processing"),
    row(Family::TgiRunning,      MetricType::Gauge,    "tgi_batch_current_size"),
    labelled(Family::TritonActive, MetricType::Gauge,  "nv_trt_llm_request_metrics", ("request_type", "active")),
    row(Family::VllmGenerated,   MetricType::Counter,  "vllm_generation_tokens"),
    row(Family::SglangGenerated, MetricType::Counter,  "sglang_generation_tokens"),
    row(Family::TrtllmGenerated, MetricType::Counter,  "trtllm_generation_tokens"),
    row(Family::LlamaGenerated,  MetricType::Counter,  "llamacpp_tokens_predicted"),
    row(Family::TgiGenerated,    MetricType::Counter,  "tgi_request_generated_tokens_sum"),
    row(Family::VllmPrompt,      MetricType::Counter,  "vllm_prompt_tokens"),
    row(Family::VllmDrafts,      MetricType::Counter,  "vllm_spec_decode_num_drafts"),
    row(Family::SglangAccepted,  MetricType::Gauge,    "sglang_spec_accept_length"),
    row(Family::ProcessStart,    MetricType::Fact,     "process_start_time_seconds"),
    row(Family::CacheConfig,     MetricType::Fact,     "vllm_cache_config_info"),
];

/// The row of a metric name, with `:` or `_` after the engine's prefix and with or without `_total`.
///
/// Series such as `_created`, `_bucket`, `_sum` and `_count` have no row, so the histogram
/// `vllm:iteration_tokens_total` cannot be taken for a counter. Of TGI alone a sum is meant.
pub fn lookup(name: &str) -> Option<&'static Kept> {
    let known = [
        "vllm",
        "sglang",
        "trtllm",
        "nv_trt_llm",
        "llamacpp",
        "tgi",
        "process_start",
    ];
    if !known.iter().any(|prefix| name.starts_with(prefix)) {
        return None;
    }
    let base = name.strip_suffix("_total").unwrap_or(name);
    let colon = name.find(':');
    CATALOG.iter().find(|entry| {
        let given = if entry.metric_type == MetricType::Counter {
            base
        } else {
            name
        };
        given.len() == entry.name.len() && same_name(given, colon, entry.name)
    })
}

/// Whether two names of one length are equal where the engine's prefix ends in `:` at `colon` or in `_`.
fn same_name(given: &str, colon: Option<usize>, kept: &str) -> bool {
    let (given, kept) = (given.as_bytes(), kept.as_bytes());
    match colon {
        None => given == kept,
        Some(at) => {
            given[at + 1..] == kept[at + 1..] && kept[at] == b'_' && given[..at] == kept[..at]
        }
    }
}

/// Whether a metric only grows.
pub fn is_counter(family: Family) -> bool {
    let mut entries = CATALOG.iter();
    entries.any(|entry| entry.family == family && entry.metric_type == MetricType::Counter)
}

impl Kept {
    /// Whether a series with these labels is meant.
    pub fn takes(&self, labels: &Labels) -> bool {
        self.only
            .is_none_or(|(key, value)| labels.get(key) == Some(value))
    }

    /// Its place in [`CATALOG`].
    pub fn row(&self) -> Option<usize> {
        let is_this = |row: &Kept| (row.name, row.family) == (self.name, self.family);
        CATALOG.iter().position(is_this)
    }

    /// Why a value cannot be, if it cannot.
    pub fn refuse(&self, value: f64) -> Option<&'static str> {
        let off = value == -1.0 && self.metric_type == MetricType::Fraction;
        if self.family == Family::CacheConfig || off {
            return None;
        }
        if !value.is_finite() {
            Some("expected a finite number")
        } else if value < 0.0 {
            Some("expected a number that is not negative")
        } else if self.metric_type == MetricType::Fraction && value > 100.0 {
            Some("expected a fraction 0..1 or a percentage 0..100, or -1 for off")
        } else {
            None
        }
    }
}

/// One way to know the prefix cache hit rate.
#[derive(Debug)]
pub enum HitRate {
    /// Increase of hits over increase of queries.
    Ratio {
        /// What was found in the cache.
        hits: Family,
        /// What was looked up: this family, plus `hits` where `queries` counts misses only.
        queries: Family,
        /// Whether `queries` leaves out the hits.
        misses_only: bool,
        /// `tokens` or `blocks`.
        unit: &'static str,
    },
    /// The engine's own rate.
    Gauge(Family),
}

/// Ways to know the hit rate, the first that is present wins.
#[rustfmt::skip]
pub const HIT_RATES: &[HitRate] = &[
    HitRate::Ratio { hits: Family::VllmHits,     queries: Family::VllmQueries,    misses_only: false, unit: "tokens" },
    HitRate::Ratio { hits: Family::VllmGpuHits,  queries: Family::VllmGpuQueries, misses_only: false, unit: "blocks" },
    HitRate::Ratio { hits: Family::SglangCached, queries: Family::SglangPrompt,   misses_only: false, unit: "tokens" },
    HitRate::Ratio { hits: Family::TrtllmReused, queries: Family::TrtllmMissed,   misses_only: true,  unit: "blocks" },
    HitRate::Gauge(Family::VllmHitRate),
    HitRate::Gauge(Family::VllmGpuHitRate),
    HitRate::Gauge(Family::SglangHitRate),
    HitRate::Gauge(Family::TrtllmHitRate),
];

/// Ways to know the KV cache usage, the first that is present wins.
pub const KV_USAGE: &[Family] = &[
    Family::VllmKvUsage,
    Family::VllmGpuUsage,
    Family::SglangUsage,
    Family::TrtllmUsage,
    Family::TritonUsage,
    Family::LlamaUsage,
];

/// Ways to know the running requests, the first that is present wins.
pub const RUNNING: &[Family] = &[
    Family::VllmRunning,
    Family::SglangRunning,
    Family::TrtllmRunning,
    Family::TritonActive,
    Family::LlamaRunning,
    Family::TgiRunning,
];

/// Ways to count generated tokens, the first that is present wins.
pub const GENERATED: &[Family] = &[
    Family::VllmGenerated,
    Family::SglangGenerated,
    Family::TrtllmGenerated,
    Family::LlamaGenerated,
    Family::TgiGenerated,
];
