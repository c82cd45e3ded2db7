//! The next lever: what to try, what it may unlock, and the gate that proves or refutes it.
//!
//! One table of rules, each with its source. A rule speaks when its condition holds for the rows; the
//! ranked rest follows so that a result never ends without a frontier.

use super::rows::{Row, Status};
use super::verdict::Verdict;
use crate::document::Document;
use crate::fields;
use crate::measure::metrics;
use serde::Serialize;

/// One lever.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Lever {
    /// What to try.
    pub lever: String,
    /// Direction and rough size.
    pub expected_unlock: String,
    /// The measurement that proves or refutes it.
    pub gate: String,
    /// Why it is named here.
    pub because: String,
    /// Where the rule comes from.
    pub source: String,
}

/// The lever to pull next and the ranked rest.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NextLever {
    /// The first.
    #[serde(flatten)]
    pub first: Lever,
    /// The others, most worth first.
    pub frontier: Vec<Lever>,
}

/// What the rules look at.
struct Signs<'a> {
    rows: &'a [Row],
    verdict: Verdict,
    current: &'a Document,
}

struct Rule {
    lever: &'static str,
    unlock: &'static str,
    gate: &'static str,
    source: &'static str,
    because: fn(&Signs<'_>) -> Option<String>,
}

/// Most valuable first: what explains a regression, then what is known to be left on the table.
const RULES: &[Rule] = &[
    Rule {
        lever: "find why requests fail at the level with the most errors",
        unlock: "throughput counts only successful requests: as many percent as requests fail",
        gate: "error_rate of that level back within 1 point of the baseline",
        source: "AIPerf computes latencies over successful requests only",
        because: |signs| {
            signs
                .regressed("error")
                .map(|row| format!("{} at {} regressed", row.metric, row.level))
        },
    },
    Rule {
        lever: "keep sessions on one replica (--connection-reuse-strategy sticky-user-sessions)",
        unlock: "TTFT down by about the share of prefill that the lost hits cost",
        gate: "prefix_cache_hit_rate_post back within 2 points, TTFT p50 within 5 %",
        source: "specification, Phase 5; vLLM documentation, automatic prefix caching",
        because: |signs| {
            signs
                .regressed(metrics::HIT_RATE)
                .map(|row| format!("hit rate {} points", row.points()))
        },
    },
    Rule {
        lever: "turn prefix caching on (--enable-prefix-caching)",
        unlock: "TTFT down by up to the shared share of the prompt",
        gate: "prefix_cache_hit_rate_post above 0 and TTFT p50 improved beyond 5 %",
        source: "vLLM documentation, automatic prefix caching",
        because: |signs| {
            let caching = fields::get(&signs.current.map, "context.prefix_caching")?;
            (fields::plain(caching) == "off")
                .then(|| "the current run served with prefix caching off".to_owned())
        },
    },
    Rule {
        lever: "block instead of spinning in the shared-memory broadcast (VLLM_USE_SHM_BROADCAST_BLOCKING=1)",
        unlock: "CPU samples in the spin-poll path down by more than 5 points",
        gate: "cpu_spinpoll_pct within 5 points of the baseline",
        source: "specification, rationale of cpu_spinpoll_pct",
        because: |signs| {
            signs
                .regressed("cpu_spinpoll_pct")
                .map(|row| format!("spin-poll share {} points", row.points()))
        },
    },
    Rule {
        lever: "profile the kernel class whose share of GPU time rose most",
        unlock: "up to the points that the share rose by",
        gate: "its kernel_class_gpu_pct row within 3 points",
        source: "specification, rationale of kernel_class_gpu_pct",
        because: |signs| {
            let row = signs.worst(|row| row.metric.starts_with(metrics::KERNEL_CLASS))?;
            Some(format!("{} {} points", row.metric, row.points()))
        },
    },
    Rule {
        lever: "look for cohort contention: vllm:num_requests_running over the window of the run, on the same node",
        unlock: "the whole loss, if another load ran beside the benchmark",
        gate: "throughput at the headline level within 3 % on a quiet node",
        source: "specification, Phase 5",
        because: |signs| {
            signs
                .regressed(metrics::HEADLINE)
                .map(|row| format!("throughput at {} {}", row.level, row.percent()))
        },
    },
    Rule {
        lever: "raise --max-num-batched-tokens, or look at queue depth and chunked prefill",
        unlock: "TTFT down by the time that requests wait for a prefill slot",
        gate: "TTFT p50 within 5 % and TTFT p95 within 10 %",
        source: "specification, Phase 5; vLLM documentation, optimization and tuning",
        because: |signs| {
            signs
                .regressed("ttft_")
                .map(|row| format!("{} at {} {}", row.metric, row.level, row.percent()))
        },
    },
    Rule {
        lever: "compare decode: CUDA graph mode, attention backend and speculative decoding of both runs",
        unlock: "ITL down and tok/s/user up by the same percentage",
        gate: "ITL p50 and tok/s/user within 3 %",
        source: "ITL is decode-bound: specification, tolerance table",
        because: |signs| {
            let row = signs
                .regressed("itl_")
                .or_else(|| signs.regressed("tps_per_user"))?;
            Some(format!("{} at {} {}", row.metric, row.level, row.percent()))
        },
    },
    Rule {
        lever: "try speculative decoding (eagle3 or mtp, where the model has a draft head)",
        unlock: "tok/s/user up, by the mean number of accepted tokens a step, at low concurrency",
        gate: "tps_per_user improved beyond 3 % at the lowest level with throughput at the headline within 3 %",
        source: "vLLM documentation, speculative decoding",
        because: |signs| {
            let stated = fields::get(&signs.current.map, "deployment.speculative_decoding")
                .map(fields::plain);
            match stated.as_deref() {
                Some("none") => {
                    Some("the current run served without speculative decoding".to_owned())
                }
                Some(_) => None,
                None => Some("speculative decoding is unrecorded".to_owned()),
            }
        },
    },
    Rule {
        lever: "sweep --max-num-seqs and --max-num-batched-tokens around today's values",
        unlock: "throughput at saturation up until the KV cache is full or ITL leaves its tolerance",
        gate: "throughput at the highest level improved beyond 3 % with ITL p50 within 3 %",
        source: "vLLM documentation, optimization and tuning",
        because: |signs| {
            let peak = signs.current.server.get("gpu_cache_usage_perc_peak");
            match peak {
                Some(peak) if *peak < 0.9 => {
                    Some(format!("the KV cache peaked at {:.0} %", 100.0 * peak))
                }
                Some(_) => None,
                None => Some("the KV cache peak is unrecorded".to_owned()),
            }
        },
    },
    Rule {
        lever: "repeat both runs three times on one node",
        unlock: "none by itself: it tells a change from noise, which one run a side cannot",
        gate: "the same verdict on medians of three",
        source: "one run a side is a DRAFT",
        because: |signs| {
            Some(format!(
                "{} rests on one run a side",
                signs.verdict.as_str()
            ))
        },
    },
];

impl Signs<'_> {
    fn regressed(&self, prefix: &str) -> Option<&Row> {
        self.worst(|row| row.metric.starts_with(prefix))
    }

    fn worst(&self, of: impl Fn(&Row) -> bool) -> Option<&Row> {
        let regressed = self
            .rows
            .iter()
            .filter(|row| row.status == Status::Regressed && of(row));
        regressed.max_by(|a, b| a.badness().total_cmp(&b.badness()))
    }
}

impl Row {
    /// The change in percent, signed.
    pub fn percent(&self) -> String {
        self.delta_pct
            .map_or_else(String::new, |delta| format!("{delta:+.1} %"))
    }

    /// The change in points, signed.
    pub fn points(&self) -> String {
        let factor = if self.unit == "fraction" { 100.0 } else { 1.0 };
        self.delta
            .map_or_else(String::new, |delta| format!("{:+.1}", factor * delta))
    }
}

/// The levers for a judgement; never empty, since the last rule always speaks.
pub fn next(rows: &[Row], verdict: Verdict, current: &Document) -> Option<NextLever> {
    let signs = Signs {
        rows,
        verdict,
        current,
    };
    let mut levers = RULES.iter().filter_map(|rule| {
        (rule.because)(&signs).map(|because| Lever {
            lever: rule.lever.to_owned(),
            expected_unlock: rule.unlock.to_owned(),
            gate: rule.gate.to_owned(),
            because,
            source: rule.source.to_owned(),
        })
    });
    let first = levers.next()?;
    Some(NextLever {
        first,
        frontier: levers.collect(),
    })
}
